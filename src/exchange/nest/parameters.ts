/** Parameters of neurons, as numbers, arrays and distributions. */
import { isDistribution, merged } from "../../kinds/value.js";
import { stepsOf, timeOf } from "../../model/grid.js";
import type { Value } from "../../model/spec.js";
import { type Code, float, type PythonValue } from "../python.js";
import { drawnEach, numpyDraw, type Plan, type Script } from "./script.js";
import { Each, numbersCode, times } from "./values.js";

/** A parameter's number, array or distribution; one that several places need is drawn once, by NumPy. */
export function parameter(script: Script, plan: Plan, key: string, factor = 1): PythonValue {
  const { spec, variable } = plan;
  const value = merged(spec.params[key] as Value);
  if (key === "t_ref") return refractory(script, plan, value);
  const known = script.shared.get(`${variable} ${key}`);
  if (known) return known;
  if (isDistribution(value)) {
    const sharedHere = (key === "E_L" && spec.init.v === undefined) || key === "C_m" || key === "tau_m";
    if (sharedHere) return sharedDraw(script, plan, key);
    return drawnEach(script, value, spec.size, factor);
  }
  return numbersCode(times(value, factor), `${variable}_${key}`, script.arrays);
}

function sharedDraw(script: Script, plan: Plan, key: string): Code {
  const { spec, variable } = plan;
  const place = `${variable} ${key}`;
  const known = script.shared.get(place);
  if (known) return known;
  const value = merged(spec.params[key] as Value);
  const name = script.names.of(`${variable}_${key}`);
  const drawn = isDistribution(value)
    ? numpyDraw(script, value, String(spec.size))
    : typeof value === "number"
      ? `np.full(${spec.size}, ${float(value)})`
      : numbersCode(value, name, script.arrays).text;
  script.sections.populations.push(`${name} = ${drawn}`);
  const made = new Each(name);
  script.shared.set(place, made);
  return made;
}

function refractory(script: Script, { path, variable, spec }: Plan, value: Value): PythonValue {
  if (isDistribution(value)) {
    script.report.approximate(
      `${path}.params.t_ref`,
      "NEST takes the next larger whole number of steps, Spikelet the nearest",
    );
    return drawnEach(script, value, spec.size, 1);
  }
  const onGrid =
    typeof value === "number"
      ? timeOf(stepsOf(value, script.dt), script.dt)
      : value.map((t) => timeOf(stepsOf(t, script.dt), script.dt));
  return numbersCode(onGrid, `${variable}_t_ref`, script.arrays);
}

/** g_L of a model that has tau_m. */
export function leakConductance(script: Script, plan: Plan): PythonValue {
  const [C, tau] = [merged(plan.spec.params.C_m as Value), merged(plan.spec.params.tau_m as Value)];
  if (isDistribution(C) || isDistribution(tau)) {
    return new Each(`${sharedDraw(script, plan, "C_m").text} / ${sharedDraw(script, plan, "tau_m").text}`);
  }
  const at = (x: number | Float64Array, i: number): number => (typeof x === "number" ? x : (x[i] as number));
  if (typeof C === "number" && typeof tau === "number") return C / tau;
  return numbersCode(
    Float64Array.from({ length: plan.spec.size }, (_, i) => at(C, i) / at(tau, i)),
    `${plan.variable}_g_L`,
    script.arrays,
  );
}
