/** The guard's finding: the first neuron of which a state left its bounds or stopped being a number. */
import { Pack } from "./abi";

@unmanaged
class Finding {
  population: usize;
  neuron: i32;
  state: i32;
  value: f64;
  lastFinite: f64;
}

const found = changetype<Finding>(memory.data(32, 16));

/**
 * Called by a kernel for neuron n: state number `state` has this value, and had another one before the step. The first
 * report wins, because later ones may be its consequences.
 */
export function runaway(k: Pack, n: i32, state: i32, value: f64, before: f64): void {
  if (found.population != 0) return;
  found.population = changetype<usize>(k);
  found.neuron = n;
  found.state = state;
  found.value = value;
  found.lastFinite = before;
}

/** Address of the population that ran away, or 0. */
export function guardPopulation(): usize {
  return found.population;
}

export function guardNeuron(): i32 {
  return found.neuron;
}

/** Number of the state that ran away. */
export function guardState(): i32 {
  return found.state;
}

/** Its offending value. */
export function guardValue(): f64 {
  return found.value;
}

/** Its value one step earlier. */
export function guardLastFinite(): f64 {
  return found.lastFinite;
}
