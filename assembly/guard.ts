/** The guard's finding: the first neuron whose membrane state left its bounds or stopped being a number. */
import { Pack } from "./pack";

let found: usize = 0;
let neuron: i32 = 0;
let value: f64 = 0;
let lastFinite: f64 = 0;

/** Called by a kernel; the first report wins, because later ones may be its consequences. */
export function runaway(k: Pack, n: i32, before: f64): void {
  if (found != 0) return;
  found = changetype<usize>(k);
  neuron = n;
  value = load<f64>(k.x0 + ((<usize>n) << 3));
  lastFinite = before;
}

/** Address of the population that ran away, or 0. */
export function guardPopulation(): usize {
  return found;
}

export function guardNeuron(): i32 {
  return neuron;
}

/** The offending value of v. */
export function guardValue(): f64 {
  return value;
}

/** v of that neuron one step earlier. */
export function guardLastFinite(): f64 {
  return lastFinite;
}
