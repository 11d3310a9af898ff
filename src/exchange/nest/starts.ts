/** Where the states of neurons start. */
import { receptorVariable } from "../../kinds/receptors.js";
import { isDistribution, merged } from "../../kinds/value.js";
import type { ModelRecord } from "../../model/record.js";
import type { ReceptorSpec, Value } from "../../model/spec.js";
import type { PythonValue } from "../python.js";
import { ExchangeError } from "../report.js";
import { startingStates } from "../start.js";
import type { Cell } from "./mapping.js";
import { parameter } from "./parameters.js";
import { sideOf } from "./receptors.js";
import { drawnEach, EXPLICIT, type Plan, type Script } from "./script.js";
import { numbersCode, times } from "./values.js";

/** Where the states of a population start, by NEST's names. */
export function startsOf(script: Script, plan: Plan, cell: Cell): Record<string, PythonValue> {
  const { spec, path, variable } = plan;
  const out: Record<string, PythonValue> = {};
  const defaults = defaultStarts(script, plan);
  for (const [ours, theirs] of Object.entries(cell.states)) {
    const given = startOf(plan, ours);
    if (given === undefined) out[theirs] = defaults(ours);
    else if (isDistribution(given)) out[theirs] = drawnEach(script, given, spec.size, 1);
    else out[theirs] = numbersCode(given, `${variable}_${theirs}`, script.arrays);
  }
  for (const [name, port] of plan.ports) {
    const key = receptorVariable(name, spec.receptors[name] as ReceptorSpec);
    const given = key === undefined ? undefined : startOf(plan, key);
    if (given === undefined || given === 0) continue;
    const side = sideOf(port) === "in" ? 1 : 0;
    const theirs = cell.synapticStates?.[side];
    const where = `${path}.init.${key}`;
    const factor = 1 / (port.shown?.[0] ?? 1);
    if (theirs === undefined) script.report.dropped(where, `${cell.name} of NEST starts without synaptic input`);
    else if (isDistribution(given)) out[theirs] = drawnEach(script, given, spec.size, factor);
    else out[theirs] = numbersCode(times(given, factor), `${variable}_${theirs}`, script.arrays);
  }
  return out;
}

/** The value that was given for the start of a state. */
function startOf({ spec }: Plan, state: string): Value | undefined {
  const value = spec.init[state];
  return value === undefined ? undefined : merged(value);
}

/** Where the states start that nothing is said of. */
function defaultStarts(script: Script, plan: Plan): (state: string) => PythonValue {
  const { spec, path, variable } = plan;
  const record: ModelRecord = spec.model;
  const params = Object.entries(spec.params).map(([key, value]) => [key, merged(value)] as const);
  const drawn = params.find(([, value]) => isDistribution(value));
  const differ = params.some(([, value]) => value instanceof Float64Array);
  let neurons: Record<string, number>[] | undefined;
  return (state) => {
    const written = record.init === "rest" ? undefined : (record.init[state] as string);
    if (written !== undefined && spec.params[written] !== undefined) return parameter(script, plan, written);
    if (written !== undefined && Number.isFinite(Number(written))) return Number(written);
    if (drawn) {
      const where = `${path}.init.${state}`;
      throw new ExchangeError(
        `${where}: it follows from parameters that are drawn (${drawn[0]}), and NEST has none for it. ${EXPLICIT}`,
        [],
        { path: where },
      );
    }
    neurons ??= Array.from({ length: differ ? spec.size : 1 }, (_, i) =>
      startingStates(
        record,
        Object.fromEntries(
          params.map(([key, value]) => [key, value instanceof Float64Array ? value[i] : value]),
        ) as Record<string, number>,
      ),
    );
    const values = Float64Array.from(neurons, (one) => one[state] as number);
    return differ ? numbersCode(values, `${variable}_${state}`, script.arrays) : (values[0] as number);
  };
}
