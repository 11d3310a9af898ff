/** The guard's finding: the first neuron whose membrane state left its bounds or stopped being a number. */
import { Pack } from "./abi";

@unmanaged
class Finding {
  population: usize;
  neuron: i32;
  value: f64;
  lastFinite: f64;
}

const found = changetype<Finding>(memory.data(32, 16));

/**
 * Called by a kernel for neuron n, whose v was `before` ahead of the step. The first report wins, because later ones may be
 * its consequences.
 */
export function runaway(k: Pack, n: i32, before: f64): void {
  if (found.population != 0) return;
  found.population = changetype<usize>(k);
  found.neuron = n;
  found.value = load<f64>(k.x0 + ((<usize>n) << 3));
  found.lastFinite = before;
}

/** Address of the population that ran away, or 0. */
export function guardPopulation(): usize {
  return found.population;
}

export function guardNeuron(): i32 {
  return found.neuron;
}

/** The offending value of v. */
export function guardValue(): f64 {
  return found.value;
}

/** v of that neuron one step earlier. */
export function guardLastFinite(): f64 {
  return found.lastFinite;
}
