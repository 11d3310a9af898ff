// Vogels & Abbott 2005 with current-based synapses, 80 inputs per neuron at any size (CUBA of Brette et al. 2007).
import { lif, receptor } from "../../dist/index.js";

/** Adds the network to a simulation; `cell` adds to the descriptions of its populations. */
export function vogelsAbbott(sim, size, cell = {}) {
  const description = {
    params: { tau_m: 20, C_m: 200, E_L: -49, V_th: -50, V_reset: -60, t_ref: 5 },
    init: { v: { uniform: [-60, -50] } },
    receptors: { exc: receptor.exponential({ tau: 5 }), inh: receptor.exponential({ tau: 10 }) },
    ...cell,
  };
  const exc = sim.population("exc", lif, 0.8 * size, description);
  const inh = sim.population("inh", lif, 0.2 * size, description);
  // 1.62 mV and -9 mV in units of the current: times C_m / tau_m.
  for (const target of [exc, inh]) {
    sim.connect(exc, target, { receptor: "exc", rule: "fixedIndegree", k: 64, weight: 16.2, delay: 0.1 });
    sim.connect(inh, target, { receptor: "inh", rule: "fixedIndegree", k: 16, weight: -90, delay: 0.1 });
  }
}
