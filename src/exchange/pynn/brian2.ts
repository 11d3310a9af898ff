/**
 * What pyNN.brian2 of PyNN 0.13 computes otherwise than PyNN says: what cannot be right there is refused, the rest is
 * said.
 */
import { keyPath } from "../../model/check.js";
import type { PopulationSpec, Value } from "../../model/spec.js";
import { boundsOf, populationPath, refuse, type Script } from "./script.js";

/** The receptors of a cell, as far as it matters here. */
interface Receptors {
  readonly shape: string | undefined;
  readonly conductance: boolean;
  readonly slots: { readonly excitatory?: { readonly tau: number }; readonly inhibitory?: { readonly tau: number } };
}

/** Parameters that it takes from the first cell of a population. */
const OF_THE_FIRST: Readonly<Record<string, readonly string[]>> = {
  izhikevich: ["c", "d"],
  adex: ["V_T", "Delta_T", "V_reset", "b", "t_ref"],
  eif: ["V_T", "Delta_T", "V_reset", "t_ref"],
  lif: ["t_ref"],
};

/** The number that all neurons have; undefined where they differ. */
export function oneOf(value: Value): number | undefined {
  const [low, high] = boundsOf(value);
  return low === high ? low : undefined;
}

function has(value: Value | undefined, number: number): boolean {
  return value instanceof Float64Array ? value.includes(number) : value === number;
}

/**
 * What differs for a population.
 *
 * @throws ExchangeError where pyNN.brian2 would run another cell
 */
export function brian2Difference(
  script: Script,
  population: PopulationSpec,
  { shape, conductance, slots }: Receptors,
): string {
  const { model, method, params, name } = population;
  const path = populationPath(script, population);
  if (model.id === "traubMiles") {
    refuse(keyPath(path, "model"), "pyNN.brian2 takes each step of HH_cond_exp above -40 mV for a spike.", model.id);
  }
  if (model.id === "adaptiveLif") {
    refuse(keyPath(path, "model"), "pyNN.brian2 divides by delta_T, which is 0 for adaptiveLif.", model.id);
  }
  for (const key of OF_THE_FIRST[model.id] ?? []) {
    const value = params[key] as Value;
    if (oneOf(value) !== undefined) continue;
    refuse(
      keyPath(keyPath(path, "params"), key),
      `pyNN.brian2 has one ${key} for all cells of a population; those of ${name} differ.`,
    );
  }
  const { excitatory, inhibitory } = slots;
  if (shape === "alpha" && !conductance && excitatory && inhibitory && excitatory.tau !== inhibitory.tau) {
    refuse(
      keyPath(path, "receptors"),
      `pyNN.brian2 gives the inhibitory current of IF_curr_alpha the time constant of the excitatory one: ${inhibitory.tau} ms would be ${excitatory.tau}.`,
    );
  }
  const equal = [excitatory, inhibitory].find((slot) => slot && !conductance && has(params.tau_m, slot.tau));
  if (model.id === "lif" && equal !== undefined) {
    refuse(
      keyPath(path, "receptors"),
      `Brian2's exact solution divides by the difference of time constants, and tau_m is ${equal.tau} ms like that of a receptor.`,
    );
  }
  if (model.id === "izhikevich") return "Brian2 steps by Euler, and a jump comes after the test of the threshold there";
  if (model.id !== "lif") {
    return "Brian2 steps by its method rk2, and a cell fires 5 delta_T above v_thresh there, whatever v_spike is";
  }
  if (conductance) return "Brian2 steps conductances by Euler";
  if (shape === "delta") return "Brian2 tests the threshold before jumps arrive, here after it";
  if (method !== "exact") return `Brian2's step is exact; here it is that of "${method}"`;
  return "a cell fires at v > v_thresh there, here at v >= V_th: only an exact hit differs";
}
