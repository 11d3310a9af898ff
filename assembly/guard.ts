/** The guard's finding: the first neuron of which a state left its bounds or stopped being a number. */
import { Pack, ReceptorPack, RulePack } from "./abi";

@unmanaged
class Finding {
  population: usize;
  rule: usize;
  neuron: i32;
  state: i32;
  receptor: usize;
  value: f64;
  lastFinite: f64;
}

const found = changetype<Finding>(memory.data(48, 16));

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

/** Called by a rule when it has stored a value that is no finite number, or a weight out of its bounds. */
export function ruleRunaway(p: RulePack): void {
  if (found.rule == 0) found.rule = changetype<usize>(p);
}

/** Address of the plasticity whose rule stored it, or 0. */
export function guardRule(): usize {
  return found.rule;
}

/** Called by the kernel of a receptor that comes as a module: state number `state` of the receptor is not finite. */
export function receptorRunaway(r: ReceptorPack, k: Pack, n: i32, state: i32, value: f64, before: f64): void {
  if (found.population != 0) return;
  runaway(k, n, state, value, before);
  found.receptor = changetype<usize>(r);
}

/** Address of the population that ran away, or 0. */
export function guardPopulation(): usize {
  return found.population;
}

export function guardNeuron(): i32 {
  return found.neuron;
}

/** Address of the receptor whose state ran away; 0 where it is a state of the neuron. */
export function guardReceptor(): usize {
  return found.receptor;
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
