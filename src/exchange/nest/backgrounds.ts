/** Background entries: a level from the start on, or a device. */
import { isDistribution, isPoints, merged } from "../../kinds/value.js";
import { timeOf } from "../../model/grid.js";
import type { BackgroundScope, BackgroundSpec, Value } from "../../model/spec.js";
import { windowOf } from "../courses.js";
import { isPresent } from "../mapping.js";
import { type Code, code, float, literal } from "../python.js";
import { ExchangeError } from "../report.js";
import { type Part, partsOf, type TimedKind } from "./currents.js";
import { connectDevice, deviceWindow, poissonGenerators, sorted, stepGenerator } from "./devices.js";
import { type Cell, mapping, OTHER_NUMBERS } from "./mapping.js";
import { receptorOf } from "./receptors.js";
import { drawnOnce, EXPLICIT, type Plan, type Script } from "./script.js";
import { isCode, scaledDraw, times } from "./values.js";

/** Writes a background entry: as a level from the start on, or as a device. */
export function backgroundOf(script: Script, plan: Plan, entry: BackgroundSpec, path: string, place: number): void {
  const counterpart = mapping.backgrounds[entry.kind];
  if (entry.kind === "ornsteinUhlenbeck") {
    timedCurrent(script, plan, { kind: "constant", amplitude: entry.mean }, entry.scope ?? {}, path, place);
    return script.report.dropped(
      path,
      `${(counterpart as { absent: string }).absent}; its mean goes in as a constant current`,
    );
  }
  if (!isPresent(counterpart)) return script.report.dropped(path, counterpart.absent);
  switch (entry.kind) {
    case "poisson":
      return poissonInput(script, plan, entry, path, place);
    case "whiteNoise":
      return whiteNoise(script, plan, entry, path, place);
    case "sine":
      return sineCurrent(script, plan, entry, path, place);
    case "rheobase":
      return;
    default:
      return timedCurrent(script, plan, entry, entry.scope ?? {}, path, place);
  }
}

function timedCurrent(
  script: Script,
  plan: Plan,
  entry: TimedKind,
  scope: BackgroundScope,
  path: string,
  place: number,
): void {
  const written = addCurrent(script, plan, entry, scope, `${plan.variable}_current_${place}`);
  if (written === undefined) {
    return script.report.dropped(
      path,
      "the expression has random numbers, or differs between too many neurons and steps to be written one by one",
    );
  }
  const drawn = Object.entries(entry).some(([key, value]) => key !== "scope" && isDistribution(value));
  const sampled =
    entry.kind === "expression" ||
    (entry.kind === "piecewise" && entry.points.some(([, , slope]) => slope !== 0)) ||
    entry.kind === "ramp";
  const { method } = plan.spec;
  const differs = [
    ...(drawn ? [OTHER_NUMBERS] : []),
    ...(written.late ? ["what changes in the second step changes one step later, since a device has a delay"] : []),
    ...(sampled && method !== "exact"
      ? [`sampled at the start of each step; ${method} looks at other times within a step`]
      : []),
    ...(entry.kind === "expression" ? ["sampled at the start of each step, with the host's functions"] : []),
  ];
  const name = written.device ? "step_current_generator" : "I_e";
  for (const one of differs) script.report.approximate(path, `${name}: ${one}`);
  if (differs.length === 0) script.report.exact(path, name);
}

/**
 * Writes a current that is a function of time: whether it needs a device, and whether a change of it is late; undefined
 * where it cannot be written.
 */
function addCurrent(
  script: Script,
  plan: Plan,
  entry: TimedKind,
  scope: BackgroundScope,
  name: string,
): { readonly device: boolean; readonly late: boolean } | undefined {
  const parts = partsOf(entry, scope, plan.spec, script.grid);
  if (parts === undefined) return undefined;
  const each = parts.length === plan.spec.size && entry.kind === "expression" && /\bi\b/.test(entry.I);
  let late = false;
  for (const [i, part] of parts.entries()) {
    if (each && scope.neurons && !scope.neurons.includes(i)) continue;
    late = addPart(script, plan, part, each ? Uint32Array.of(i) : sorted(scope.neurons), name) || late;
  }
  return { device: !parts.every(({ stairs }) => stairs.steps.length === 1 && stairs.steps[0] === 0), late };
}

/** A part of a current; true when a change of it is late. */
function addPart(
  script: Script,
  plan: Plan,
  { scale, stairs }: Part,
  neurons: Uint32Array | undefined,
  name: string,
): boolean {
  const { factor = 1 } = plan.cell as Cell;
  const { steps, values } = stairs;
  if (steps.length === 0) return false;
  const start = steps[0] === 0 ? (values[0] as number) * factor : 0;
  const changes = Array.from(steps, (k, i) => [k, (values[i] as number) * factor - start] as const).filter(
    ([k]) => k > 0,
  );
  let weight: Value | Code = merged(ofNeurons(scale, neurons));
  if (isDistribution(weight) && (changes.length > 0 || start !== 1))
    weight = drawnOnce(script, weight, neurons?.length ?? plan.spec.size, name);
  if (start !== 0) plan.levels.push({ value: product(weight, start), neurons });
  if (changes.length === 0) return false;
  const first = script.lead + 1;
  const early = changes.filter(([k]) => k < first).length;
  const kept = changes
    .slice(Math.max(0, early - (changes[early]?.[0] === first ? 0 : 1)))
    .map(([k, value]) => [Math.max(k, first), value] as const);
  connectDevice(script, plan, stepGenerator(script, kept, name), weight, neurons, name);
  return early > 0;
}

function sineCurrent(
  script: Script,
  plan: Plan,
  entry: Extract<BackgroundSpec, { kind: "sine" }>,
  path: string,
  place: number,
): void {
  const { amplitude, frequency, phase, offset, scope = {} } = entry;
  const { factor = 1 } = plan.cell as Cell;
  const name = `${plan.variable}_current_${place}`;
  if (offset !== 0) addCurrent(script, plan, { kind: "constant", amplitude: offset }, scope, name);
  const [first, last] = windowOf(scope, script.dt);
  // The generator's time is that of its sending: what arrives now is its sine of a delay ago.
  const degrees = ((phase * 180) / Math.PI + 0.36 * frequency * script.leadMs) % 360;
  const number = typeof amplitude === "number";
  const params = {
    amplitude: number ? amplitude * factor : factor,
    frequency,
    phase: degrees,
    ...deviceWindow(script, first, last),
  };
  const neurons = sorted(scope.neurons);
  const weight = number ? 1 : merged(ofNeurons(amplitude, neurons));
  connectDevice(script, plan, `nest.Create("ac_generator", params=${literal(params, 0, 45)})`, weight, neurons, name);
  const acts = Math.max(first, script.lead + 1);
  if (isDistribution(amplitude) || isDistribution(offset))
    script.report.approximate(path, `ac_generator: ${OTHER_NUMBERS}`);
  if (acts > first)
    script.report.approximate(
      path,
      `ac_generator: it acts from ${float(timeOf(acts, script.dt))} ms on, since a device has a delay`,
    );
  if (plan.spec.method !== "exact")
    script.report.approximate(
      path,
      `ac_generator: NEST takes the value at the start of a step; ${plan.spec.method} looks at other times within it`,
    );
  else if (acts === first && !isDistribution(amplitude) && !isDistribution(offset))
    script.report.exact(path, "ac_generator");
}

function whiteNoise(
  script: Script,
  plan: Plan,
  entry: Extract<BackgroundSpec, { kind: "whiteNoise" }>,
  path: string,
  place: number,
): void {
  const { sigma, mean, scope = {} } = entry;
  const { factor = 1 } = plan.cell as Cell;
  const tau = plan.spec.params.tau_m;
  // As here, so that the deviation of v does not depend on dt where the equation is solved exactly.
  const exact = plan.cell?.same.includes("exact") === true && typeof tau === "number";
  const perStep = factor / Math.sqrt(exact ? 2 * tau * Math.tanh(script.dt / (2 * tau)) : script.dt);
  if (mean !== 0)
    addCurrent(script, plan, { kind: "constant", amplitude: mean }, scope, `${plan.variable}_current_${place}`);
  const number = typeof sigma === "number";
  const params = {
    std: number ? sigma * perStep : perStep,
    dt: script.dt,
    ...deviceWindow(script, ...windowOf(scope, script.dt)),
  };
  const neurons = sorted(scope.neurons);
  const weight = number ? 1 : merged(ofNeurons(sigma, neurons));
  connectDevice(
    script,
    plan,
    `nest.Create("noise_generator", params=${literal(params, 0, 45)})`,
    weight,
    neurons,
    `${plan.variable}_noise_${place}`,
  );
  script.report.approximate(path, "noise_generator with the resolution as its dt: other random numbers");
}

function poissonInput(
  script: Script,
  plan: Plan,
  entry: Extract<BackgroundSpec, { kind: "poisson" }>,
  path: string,
  place: number,
): void {
  const { rate, receptor, scope = {} } = entry;
  const port = plan.ports.get(receptor);
  if (port === undefined) return script.report.dropped(path, `its receptor ${receptor} is not there`);
  const neurons = sorted(scope.neurons);
  const size = neurons?.length ?? plan.spec.size;
  const chosen = isPoints(rate) ? rate : ofNeurons(rate, neurons);
  const name = `${plan.variable}_input_${place}`;
  const { create, oneEach } = poissonGenerators(script, chosen, scope, size, `${name}_rate`);
  const weight = scaledDraw(merged(ofNeurons(entry.weight, neurons)), port.factor);
  if (weight === undefined)
    throw new ExchangeError(`${path}.weight: NEST has no gamma distribution for weights. ${EXPLICIT}`, [], {
      path: `${path}.weight`,
    });
  connectDevice(script, plan, create, weight, neurons, name, receptorOf(port), oneEach ? "one_to_one" : "all_to_all");
  script.report.approximate(
    path,
    `poisson_generator: other random numbers, and the first events come ${float(script.leadMs)} ms later`,
  );
}

/** A value of a whole population as one of some of its neurons. */
function ofNeurons(value: Value, neurons: Uint32Array | undefined): Value {
  return neurons && value instanceof Float64Array ? Float64Array.from(neurons, (i) => value[i] as number) : value;
}

/** A value times a number. */
function product(value: Value | Code, factor: number): Value | Code {
  if (factor === 1) return value;
  if (isCode(value)) return code(`${value.text} * ${float(factor)}`);
  if (isDistribution(value)) throw new RangeError("a distribution is drawn before it is multiplied");
  return times(value, factor);
}
