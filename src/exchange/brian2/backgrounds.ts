/** Background currents as expressions, and Poisson inputs. */
import { isDistribution, merged } from "../../kinds/value.js";
import { isComparison } from "../../lang/ast.js";
import { parseUnit } from "../../lang/dimensions.js";
import { checkCurrent } from "../../model/own.js";
import type { BackgroundSpec, Value } from "../../model/spec.js";
import { text } from "../python.js";
import { ExchangeError } from "../report.js";
import { type Draft, freezeNamed, type Landing } from "./group.js";
import { propagated } from "./integration.js";
import { amplitudeOf, drawnText, numbersText, valueText } from "./parameters.js";
import { piecewise, table, windowText } from "./pieces.js";
import { baseUnitText, numeral, unitText, Writer } from "./text.js";

/** Writes the background currents and inputs. */
export function backgroundOf(draft: Draft): void {
  const { spec, path, looks } = draft;
  const terms: string[] = [];
  let varies = false;
  for (const [k, entry] of spec.background.entries()) {
    const where = `${path}.background[${k}]`;
    if (entry.kind === "poisson") {
      poissonInput(draft, entry, k, where);
      continue;
    }
    const term = termOf(draft, entry, k, where);
    const scoped = scopedTerm(draft, entry, k, term.text, looks === "stages");
    const changes = term.varies || scoped !== term.text;
    varies ||= changes;
    const many = spec.background.filter(({ kind }) => kind !== "poisson").length > 1;
    if (!changes || !many || /^\w+$/.test(scoped)) {
      terms.push(scoped);
      continue;
    }
    const name = draft.names.of(`I_${entry.kind}_${k}`);
    const unit = baseUnitText(draft.currentUnit);
    draft.equations.push(`${name} = ${scoped} : ${unit}${looks === "stages" ? "" : " (constant over dt)"}`);
    terms.push(name);
  }
  if (terms.length === 0) {
    draft.recorded.I_background = { variable: "", unit: draft.currentUnit };
    return;
  }
  const frozen = varies && looks !== "stages";
  draft.recorded.I_background = { variable: "I_background", unit: draft.currentUnit };
  const line = `I_background = ${terms.join(" + ")} : ${baseUnitText(draft.currentUnit)}`;
  draft.equations.push(frozen ? `${line} (constant over dt)` : line);
  draft.terms.unshift("I_background");
  if (!draft.checked.usesInput) draft.shared.report.exact(path, "the equations leave I out, so background currents do nothing");
}

function termOf(
  draft: Draft,
  entry: Exclude<BackgroundSpec, { kind: "poisson" }>,
  k: number,
  where: string,
): { text: string; varies: boolean } {
  const { shared } = draft;
  const unit = draft.currentUnit;
  const { dt } = shared;
  const amount = (key: string, value: Value): string =>
    amplitudeOf(draft, `I_${key}_${k}`, value, unit, `${where}.${key}`);
  const staged = draft.looks === "stages";
  const exact = (what: string): void => shared.report.exact(where, what);
  switch (entry.kind) {
    case "constant":
      exact("a constant");
      return { text: amount("amplitude", entry.amplitude), varies: false };
    case "rheobase":
      throw new ExchangeError(
        `${where}: rheobase is found by simulation; export with --explicit (Simulation.explicit), which has each neuron's current.`,
        [],
        { path: where },
      );
    case "piecewise":
      exact("an expression of t");
      return { text: piecewise(draft, entry.points, unit, `${draft.variable}_piecewise_${k}`, staged), varies: true };
    case "samples": {
      exact("a TimedArray");
      const rows = Array.from(entry.values, (value, n) => [n * entry.dt, value, 0] as const);
      return { text: table(draft, rows, unit, `${draft.variable}_samples_${k}`, staged), varies: true };
    }
    case "pulses": {
      exact("an expression of t");
      const { start, width, period, count } = entry;
      const since = `(t + 0.5*dt - ${numeral(start)}*ms)`;
      const limit =
        Number.isFinite(count) && period > 0 ? ` and ${since} < ${numeral(count)}*${numeral(period)}*ms` : "";
      const phase = period > 0 ? `${since} - floor(${since}/(${numeral(period)}*ms))*${numeral(period)}*ms` : since;
      const on = `int(${since} >= 0*ms${limit} and ${phase} < ${numeral(width)}*ms)`;
      const acts = staged ? freezeNamed(draft, draft.names.of(`on_${k}`), on, "1") : on;
      return { text: `${amount("amplitude", entry.amplitude)}*${acts}`, varies: true };
    }
    case "ramp": {
      exact("an expression of t");
      const { start, end } = entry;
      const from = amount("from", entry.from);
      const to = amount("to", entry.to);
      const rising = entry.from === 0 ? [to] : [from, `(${to} - ${from})`];
      return {
        text: `${rising.join(" + ")}*clip((${draft.time} - ${numeral(start)}*ms)/(${numeral(end - start)}*ms), 0, 1)`,
        varies: true,
      };
    }
    case "sine": {
      exact("an expression of t");
      const offset = merged(entry.offset) === 0 ? "" : `${amount("offset", entry.offset)} + `;
      const phase = entry.phase === 0 ? "" : ` + ${numeral(entry.phase)}`;
      return {
        text: `${offset}${amount("amplitude", entry.amplitude)}*sin(2*pi*${numeral(entry.frequency)}*Hz*${draft.time}${phase})`,
        varies: true,
      };
    }
    case "expression": {
      const current = checkCurrent(draft.spec.model, entry.I, `${where}.I`);
      let random = false;
      const writer = new Writer(current.scope, {
        name: (name) => (name === "t" ? draft.time : undefined),
        node: (node) => {
          if (node.kind !== "call" || (node.name !== "rand" && node.name !== "randn")) return undefined;
          random = true;
          return staged ? freezeNamed(draft, draft.names.of(`${node.name}_${k}`), `${node.name}()`, "1") : undefined;
        },
      });
      const written = writer.text(current.value, parseUnit(unit)?.dimension);
      if (random) shared.report.approximate(where, "random numbers of its own");
      else exact("an expression");
      const isCondition = current.value.kind === "binary" && isComparison(current.value.operator);
      return {
        text: isCondition ? `int(${written})` : / [+-] /.test(written) ? `(${written})` : written,
        varies: true,
      };
    }
    case "whiteNoise": {
      shared.report.approximate(where, "random numbers of its own, of the same distribution");
      const root = unit === "1" ? "ms**0.5" : `${unitText(unit)}*ms**0.5`;
      const mean = merged(entry.mean) === 0 ? "" : `${amount("mean", entry.mean)} + `;
      const sigma = noiseAmplitude(draft, entry.sigma, k, where, root);
      const noise = `${sigma}*randn()/sqrt(${noiseTime(draft)})`;
      return {
        text: `${mean}${staged ? freezeNamed(draft, draft.names.of(`noise_${k}`), noise, baseUnitText(unit)) : noise}`,
        varies: true,
      };
    }
    case "ornsteinUhlenbeck": {
      shared.report.approximate(where, "random numbers of its own, of the same process");
      const x = draft.names.of(`I_noise_${k}`);
      const mean = amount("mean", entry.mean);
      const sigma = amount("sigma", entry.sigma);
      draft.equations.push(`${x} : ${baseUnitText(unit)}`);
      const kept = Math.exp(-dt / entry.tau);
      draft.settings.push(`${draft.variable}.${x} = ${text(`${mean} + ${sigma}*randn()`)}  # from its stationary distribution`);
      draft.runners.push(
        `${draft.variable}.run_regularly(  # exact update`,
        `    ${text(`${x} = ${mean} + (${x} - ${mean})*${numeral(kept)} + ${sigma}*${numeral(Math.sqrt(-Math.expm1((-2 * dt) / entry.tau)))}*randn()`)},`,
        '    when="end",',
        ")",
      );
      return { text: x, varies: true };
    }
  }
}

/** The term where and when the entry acts. */
function scopedTerm(draft: Draft, { scope }: BackgroundSpec, k: number, term: string, staged: boolean): string {
  const { spec } = draft;
  let out = term;
  const wrap = (): string => (/ [+-] /.test(out) ? `(${out})` : out);
  if (scope?.start !== undefined || scope?.stop !== undefined) {
    const window = windowText(draft, scope.start, scope.stop);
    out = `${wrap()}*${staged ? freezeNamed(draft, draft.names.of(`acts_${k}`), window, "1") : window}`;
  }
  if (scope?.neurons) {
    const acts = new Float64Array(spec.size);
    for (const i of scope.neurons) acts[i] = 1;
    const name = draft.names.of(`has_${k}`);
    draft.equations.push(`${name} : 1 (constant)`);
    draft.settings.push(`${draft.variable}.${name} = ${valueText(draft, acts, name, "1")}`);
    out = `${wrap()}*${name}`;
  }
  return out;
}

function noiseAmplitude(draft: Draft, sigma: Value, k: number, where: string, unit: string): string {
  const one = merged(sigma);
  if (typeof one === "number") return `${numeral(one)}*${unit}`;
  const name = draft.names.of(`sigma_${k}`);
  const { spec, shared } = draft;
  const base = draft.currentUnit === "1" ? "second**0.5" : `${baseUnitText(draft.currentUnit)}*second**0.5`;
  draft.equations.push(`${name} : ${base} (constant)`);
  const data = isDistribution(one)
    ? drawnText(one, String(spec.size), shared.helpers)
    : shared.arrays.of(`${draft.variable}_${name}`, one, "np.array").text;
  draft.settings.push(`${draft.variable}.${name} = ${data}*${unit}`);
  if (isDistribution(one)) shared.report.approximate(`${where}.sigma`, "drawn by numpy from the same distribution: other numbers");
  return name;
}

/**
 * What a random current that is held for a step is divided by the root of, so that its effect does not depend on dt.
 */
function noiseTime(draft: Draft): string {
  if (draft.method !== "exact") return "dt";
  const { dt } = draft.shared;
  const times = propagated(draft).map(({ tau }) =>
    tau > 0 && Number.isFinite(tau) ? 2 * tau * Math.tanh(dt / (2 * tau)) : dt,
  );
  return numbersText(draft, "noise_time", times, "ms");
}

function poissonInput(
  draft: Draft,
  entry: Extract<BackgroundSpec, { kind: "poisson" }>,
  k: number,
  where: string,
): void {
  const { shared } = draft;
  const landing = draft.landings[entry.receptor] as Landing;
  if (landing.ends !== undefined) {
    throw new ExchangeError(
      `${where}: Poisson input onto the receptor ${entry.receptor} of kernel step has no counterpart in Brian2; a population poisson has.`,
      [],
      { path: where },
    );
  }
  const rate = Array.isArray(entry.rate)
    ? piecewiseRate(draft, entry.rate as readonly (readonly [number, number, number])[], `${draft.variable}_rate_${k}`)
    : amplitudeOf(draft, `rate_${k}`, entry.rate as Value, "Hz", `${where}.rate`);
  const weight = amplitudeOf(draft, `weight_${k}`, entry.weight, landing.unit, `${where}.weight`);
  const scoped = scopedTerm(
    draft,
    { ...entry, kind: "constant", amplitude: 0 } as BackgroundSpec,
    k,
    `${weight}*poisson(${rate}*dt)`,
    false,
  );
  draft.runners.push(`${draft.variable}.run_regularly(${text(`${landing.variable} += ${scoped}`)}, when="synapses")`);
  shared.report.approximate(where, "random numbers of its own: counts of the same distribution");
}

function piecewiseRate(draft: Draft, points: readonly (readonly [number, number, number])[], name: string): string {
  if (points.length > 8) return table(draft, points, "Hz", name, false).replaceAll("(t - ", "(t + 0.5*dt - ");
  return piecewise(draft, points, "Hz", name, false).replaceAll("(t - ", "(t + 0.5*dt - ");
}
