/** Devices: what they do reaches neurons a delay later, so it is written earlier by that delay. */
import { isDistribution, isPoints, merged } from "../../kinds/value.js";
import { stepsOf, timeOf } from "../../model/grid.js";
import type { BackgroundSpec, Points, PopulationSpec, Value } from "../../model/spec.js";
import { windowOf } from "../courses.js";
import { type Code, code, literal, text } from "../python.js";
import { isTimed, partsOf, ratesOf, type Staircase } from "./currents.js";
import { type Base, numpyDraw, numpyEach, type Plan, type Script, type Synapse } from "./script.js";
import { isCode, nestDistribution, numbersCode, rangeOf } from "./values.js";

/**
 * The delay of devices: as long as the shortest one of the network, which NEST's processes and threads exchange spikes
 * by, unless something happens sooner.
 */
export function leadOf(base: Base, plans: readonly Plan[]): number {
  let lead = Infinity;
  for (const { delay, gapJunction } of base.network.projections) {
    if (gapJunction === true) continue;
    lead = Math.min(lead, typeof delay === "function" ? 0 : isDistribution(delay) ? 1 : rangeOf(delay)[0] / base.dt);
  }
  let first = Infinity;
  for (const { spec, plays } of plans) {
    for (const entry of spec.background) first = Math.min(first, firstEdge(base, entry, spec));
    if (spec.source?.kind === "spikeTrain" && !plays) {
      for (const t of spec.source.times) first = Math.min(first, Math.max(1, stepsOf(t, base.dt)));
    }
  }
  const steps = Number.isFinite(lead) ? Math.max(1, stepsOf(lead * base.dt, base.dt)) : 1;
  return Math.max(1, Math.min(steps, first - 1));
}

/** The first step that a device acts from, where that matters. */
function firstEdge(base: Base, entry: BackgroundSpec, spec: PopulationSpec): number {
  if (entry.kind === "sine") return windowOf(entry.scope ?? {}, base.dt)[0];
  const parts = isTimed(entry) ? (partsOf(entry, entry.scope ?? {}, spec, base.grid) ?? []) : [];
  return parts.reduce((least, { stairs }) => Math.min(least, stairs.steps.find((k) => k > 0) ?? Infinity), Infinity);
}

/** Times at which a device must do what shall act from these steps on. */
export function deviceTimes(script: Script, steps: Float64Array, name: string): Code {
  return script.arrays.of(
    `${name}_times`,
    steps.map((k) => timeOf(Math.max(1, k - script.lead), script.dt)),
  );
}

/** When a device is on that acts from one step to before another. */
export function deviceWindow(script: Script, first: number, last: number): Record<string, number> {
  return {
    ...(first > script.lead && { start: timeOf(first - script.lead, script.dt) }),
    ...(Number.isFinite(last) && { stop: timeOf(Math.max(0, last - script.lead), script.dt) }),
  };
}

/** A device and its connection to the neurons that it acts on. */
export function connectDevice(
  script: Script,
  plan: Plan,
  create: string,
  weight: Value | Code,
  neurons: Uint32Array | undefined,
  name: string,
  more: Synapse = {},
  rule = "all_to_all",
): void {
  const { currents } = script.sections;
  const variable = script.names.of(name);
  const synapse: Synapse = {
    ...deviceWeight(script, weight, name, rule, neurons?.length ?? plan.spec.size),
    delay: script.leadMs,
    ...more,
  };
  currents.push(
    `${variable} = ${create}`,
    `nest.Connect(${variable}, ${nodesOf(script, plan, neurons)}, ${text(rule)}, ${literal(synapse, 0, 40 + 2 * variable.length)})`,
  );
}

function deviceWeight(script: Script, weight: Value | Code, name: string, rule: string, size: number): Synapse {
  if (weight === 1) return {};
  if (typeof weight === "number") return { weight };
  const column = rule === "all_to_all" ? ".reshape(-1, 1)" : "";
  if (weight instanceof Float64Array)
    return { weight: code(`${script.arrays.of(`${name}_weight`, weight, "np.array").text}${column}`) };
  if (isCode(weight)) return { weight: code(`${weight.text}${column}`) };
  return { weight: code(nestDistribution(weight) ?? `${numpyDraw(script, weight, String(size))}${column}`) };
}

/** A generator of a current that changes at some steps. */
export function stepGenerator(
  script: Script,
  changes: readonly (readonly [step: number, value: number])[],
  name: string,
): string {
  const [[on, amplitude], off] = changes as [readonly [number, number], (readonly [number, number])?];
  if (changes.length === 1 || (changes.length === 2 && off?.[1] === 0)) {
    const params = { amplitude, ...deviceWindow(script, on, off?.[0] ?? Infinity) };
    return `nest.Create("dc_generator", params=${literal(params, 0, 45)})`;
  }
  const params = {
    amplitude_times: deviceTimes(
      script,
      Float64Array.from(changes, ([k]) => k),
      name,
    ),
    amplitude_values: script.arrays.of(
      `${name}_values`,
      Float64Array.from(changes, ([, value]) => value),
    ),
  };
  return `nest.Create("step_current_generator", params=${literal(params, 0, 55)})`;
}

/** Generators of Poisson spikes: one that sends each target its own, or one for each neuron. */
export function poissonGenerators(
  script: Script,
  rate: Value | Points,
  window: { start?: number; stop?: number },
  size: number,
  name: string,
): { create: string; oneEach: boolean } {
  const [first, last] = windowOf(window, script.dt);
  if (isPoints(rate)) {
    // What begins before a device can act begins when it can: only the last of those rates is left.
    const { steps, values } = lastOf(ratesOf(rate, window, script.grid), script.lead + 1);
    const params = {
      rate_times: deviceTimes(script, steps, name),
      rate_values: script.arrays.of(`${name}_values`, values),
    };
    return {
      create: `nest.Create("inhomogeneous_poisson_generator", params=${literal(params, 0, 60)})`,
      oneEach: false,
    };
  }
  const value = merged(rate);
  const when = deviceWindow(script, first, last);
  if (typeof value === "number")
    return {
      create: `nest.Create("poisson_generator", params=${literal({ rate: value, ...when }, 0, 50)})`,
      oneEach: false,
    };
  script.uses.each = true;
  const rates = isDistribution(value) ? numpyEach(script, value, size, 1) : numbersCode(value, name, script.arrays);
  return { create: `create("poisson_generator", ${size}, ${literal(when)}, {"rate": ${rates.text}})`, oneEach: true };
}

/** Steps with what comes before the first that is possible put there. */
function lastOf({ steps, values }: Staircase, first: number): Staircase {
  const early = steps.filter((k) => k <= first).length;
  const from = Math.max(0, early - 1);
  return { steps: steps.slice(from).map((k) => Math.max(k, first)), values: values.slice(from) };
}

/** A population or some of its neurons, in Python. */
export function nodesOf(script: Script, { variable }: Plan, neurons: Uint32Array | undefined): string {
  if (neurons === undefined) return variable;
  const list = script.arrays.of(`${variable}_neurons`, neurons).text;
  return `${variable}[${list.startsWith("[") ? list : `${list}.tolist()`}]`;
}

/** The neurons in their order, as NEST has them. */
export function sorted(neurons: Uint32Array | undefined): Uint32Array | undefined {
  return neurons && Uint32Array.from(new Set(neurons)).sort();
}
