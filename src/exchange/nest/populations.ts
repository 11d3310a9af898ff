/** Populations of neurons: their parameters, and the current that is always there. */
import { isDistribution, merged } from "../../kinds/value.js";
import type { Value } from "../../model/spec.js";
import { type Code, literal, type PythonValue, text } from "../python.js";
import { ExchangeError } from "../report.js";
import { type Cell, halfStep, OTHER_NUMBERS } from "./mapping.js";
import { leakConductance, parameter } from "./parameters.js";
import { receptorParameters } from "./receptors.js";
import { drawnEach, type Level, numpyDraw, numpyEach, type Plan, type Script } from "./script.js";
import { startsOf } from "./starts.js";
import { Drawn, Each, isCode, numbersCode } from "./values.js";

/** Writes a population of neurons; what acts on them must have been written before. */
export function createNeurons(script: Script, plan: Plan, cell: Cell): void {
  const { spec, path, variable } = plan;
  const { populations } = script.sections;
  const params = parametersOf(script, plan, cell);
  const before = variable.length + cell.name.length + 30;
  if (Object.values(params).some((value) => value instanceof Each)) {
    // Numbers of each neuron are given node by node, so that each process can take those of its own.
    script.uses.each = true;
    const entries = Object.entries(params).map(
      ([name, value]) =>
        [
          name,
          value instanceof Drawn ? numpyEach(script, value.distribution, spec.size, value.factor) : value,
        ] as const,
    );
    const [common, each] = [false, true].map((own) =>
      Object.fromEntries(entries.filter(([, value]) => value instanceof Each === own)),
    );
    populations.push(
      `${variable} = create(${text(cell.name)}, ${spec.size}, ${literal(common as never, 0, before)}, ${literal(each as never, 0, before)})`,
    );
  } else
    populations.push(
      `${variable} = nest.Create(${text(cell.name)}, ${spec.size}, params=${literal(params, 0, before)})`,
    );
  const drawn = [...Object.values(spec.params), ...Object.values(spec.init)].some(isDistribution);
  const same =
    cell.same.includes(spec.method) && cell !== halfStep ? true : cell === halfStep && plan.ports.size === 0;
  if (!same) script.report.approximate(path, `${cell.name}: ${cell.differs}`);
  if (drawn) script.report.approximate(path, `${cell.name}: ${OTHER_NUMBERS}`);
  if (same && !drawn) script.report.exact(path, cell.name);
}

function parametersOf(script: Script, plan: Plan, cell: Cell): Record<string, PythonValue> {
  const { spec, path } = plan;
  const out: Record<string, PythonValue> = {};
  for (const [name, needed] of Object.entries(cell.constants ?? {})) {
    const value = merged(spec.params[name] as Value);
    if (value === needed) continue;
    throw new ExchangeError(`${path}.params.${name}: ${cell.name} of NEST has ${needed} for it, as a constant.`, [], {
      path: `${path}.params.${name}`,
      value,
    });
  }
  for (const [ours, to] of Object.entries(cell.params)) {
    const { name, factor = 1 } = typeof to === "string" ? { name: to } : to;
    out[name] =
      ours === "tau_m" && name === "g_L" ? leakConductance(script, plan) : parameter(script, plan, ours, factor);
  }
  Object.assign(out, cell.fixed);
  if (cell.fixed?.Delta_T === 0) out.V_peak = out.V_th as PythonValue;
  Object.assign(out, receptorParameters(script, plan, cell), startsOf(script, plan, cell), plan.traces);
  const level = constantCurrent(script, plan);
  if (level !== undefined) out.I_e = level;
  return out;
}

/** The sum of the currents that are always there. */
function constantCurrent(script: Script, { spec, levels, variable }: Plan): PythonValue | undefined {
  if (levels.length === 0) return undefined;
  const plain = levels.every(({ value }) => typeof value === "number" || value instanceof Float64Array);
  if (plain) {
    const sum = new Float64Array(spec.size);
    for (const { value, neurons } of levels) {
      const of = (i: number, j: number): number =>
        typeof value === "number" ? value : ((value as Float64Array)[neurons ? j : i] as number);
      if (neurons) neurons.forEach((i, j) => (sum[i] = (sum[i] as number) + of(i, j)));
      else for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + of(i, i);
    }
    return numbersCode(merged(sum) as number | Float64Array, `${variable}_I_e`, script.arrays);
  }
  const [only] = levels as [Level];
  if (levels.length === 1 && only.neurons === undefined) return valueCode(script, only.value, variable, spec.size);
  const name = script.names.of(`${variable}_I_e`);
  const lines = [`${name} = np.zeros(${spec.size})`];
  for (const { value, neurons } of levels) {
    const place = neurons ? `[${script.arrays.of(`${variable}_neurons`, neurons).text}]` : "[:]";
    lines.push(
      `${name}${place} += ${!isCode(value) && isDistribution(value) ? numpyDraw(script, value, String(neurons?.length ?? spec.size)) : valueCode(script, value, variable, spec.size).text}`,
    );
  }
  script.sections.populations.push(...lines);
  return new Each(name);
}

function valueCode(script: Script, value: Value | Code, name: string, size: number): Code {
  if (typeof value === "number" || value instanceof Float64Array)
    return numbersCode(value, `${name}_I_e`, script.arrays);
  return isCode(value) ? value : drawnEach(script, value, size, 1);
}
