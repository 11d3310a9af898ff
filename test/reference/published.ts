/** Published networks of sources, plasticity and many synapses, with the parameters of their references. */
import {
  background,
  izhikevich,
  lif,
  poisson,
  type Projection,
  receptor,
  Simulation,
  type SpikeRecording,
} from "../../src/index.js";
import type { Network } from "./networks.js";

interface BrunelOptions {
  readonly seed: number;
  /** Strength of inhibition. */
  readonly g: number;
  /** External rate in units of the rate that reaches the threshold. */
  readonly eta: number;
  /** Start of the recordings in ms. */
  readonly from: number;
}

/** Brunel 2000, Fig. 8: 12 500 neurons with delta receptors, multapses and autapses. dt 0.1 ms. */
export async function brunel({ seed, g, eta, from }: BrunelOptions): Promise<Network> {
  const simulation = await Simulation.create({ dt: 0.1, seed });
  const options = {
    params: { C_m: 250, tau_m: 20, E_L: 0, V_th: 20, V_reset: 10, t_ref: 2 },
    init: { v: { uniform: [0, 20] as const } },
    receptors: { in: receptor.delta() },
    background: [background.poisson({ rate: 10_000 * eta, weight: 0.1 })],
  };
  const exc = simulation.population("exc", lif, 10_000, options);
  const inh = simulation.population("inh", lif, 2500, options);
  for (const target of [exc, inh]) {
    simulation.connect(exc, target, { rule: "fixedIndegree", k: 1000, weight: 0.1, delay: 1.5 });
    simulation.connect(inh, target, { rule: "fixedIndegree", k: 250, weight: -0.1 * g, delay: 1.5 });
  }
  return {
    simulation,
    exc: simulation.record(exc, "spikes", { from }),
    inh: simulation.record(inh, "spikes", { from }),
  };
}

/**
 * Izhikevich 2003, net.m: 1000 neurons, all to all; noise per ms, and each weight as a current that lasts 1 ms. Its own
 * order (a spike acts in the next millisecond) needs no delay; here it is one step longer, because a spike acts after
 * at least one step. dt 1 ms.
 */
export async function izhikevich2003(seed: number, from: number): Promise<Network> {
  const simulation = await Simulation.create({ dt: 1, seed });
  // One number stands in two parameters of a neuron: drawn here, evenly spread.
  const spread = (size: number): number[] =>
    Array.from({ length: size }, (_, i) => ((i + 1) * 0.618034 + 0.1 * seed) % 1);
  const [re, ri] = [spread(800), spread(200)];
  const receptors = { in: receptor.step({ duration: 1 }) };
  const exc = simulation.population("exc", izhikevich, 800, {
    method: "halfStep",
    params: { a: 0.02, b: 0.2, c: re.map((r) => -65 + 15 * r * r), d: re.map((r) => 8 - 6 * r * r) },
    init: { v: -65, u: -13 },
    receptors,
    background: [background.whiteNoise({ sigma: 5 })],
  });
  const inh = simulation.population("inh", izhikevich, 200, {
    method: "halfStep",
    params: { a: ri.map((r) => 0.02 + 0.08 * r), b: ri.map((r) => 0.25 - 0.05 * r), c: -65, d: 2 },
    init: { v: -65, u: ri.map((r) => -65 * (0.25 - 0.05 * r)) },
    receptors,
    background: [background.whiteNoise({ sigma: 2 })],
  });
  for (const target of [exc, inh]) {
    simulation.connect(exc, target, { rule: "allToAll", weight: { uniform: [0, 0.5] }, delay: 1 });
    simulation.connect(inh, target, { rule: "allToAll", weight: { uniform: [-1, 0] }, delay: 1 });
  }
  return {
    simulation,
    exc: simulation.record(exc, "spikes", { from }),
    inh: simulation.record(inh, "spikes", { from }),
  };
}

/** Largest weight of the STDP network, in units of the leak conductance. */
export const STDP_MAX = 0.01;

/** Song, Miller & Abbott 2000 as in Brian's example: one cell, 1000 Poisson inputs whose synapses learn. */
export async function stdpCell(
  seed: number,
  dt: number,
  from: number,
): Promise<{ readonly simulation: Simulation; readonly learned: Projection; readonly spikes: SpikeRecording }> {
  const simulation = await Simulation.create({ dt, seed });
  const input = simulation.population("input", poisson, 1000, { params: { rate: 15 } });
  // Conductances in units of the leak, which is C_m/tau_m = 1.
  const cell = simulation.population("cell", lif, 1, {
    params: { C_m: 10, tau_m: 10, E_L: -74, V_th: -54, V_reset: -60, t_ref: 0 },
    receptors: { exc: receptor.exponential({ tau: 5, E_rev: 0 }) },
  });
  const learned = simulation.connect(input, cell, {
    rule: "allToAll",
    weight: { uniform: [0, STDP_MAX] },
    plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.0105, tau_plus: 20, tau_minus: 20, w_max: STDP_MAX },
  });
  return { simulation, learned, spikes: simulation.record(cell, "spikes", { from }) };
}
