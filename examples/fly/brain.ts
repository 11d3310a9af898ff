/**
 * The neurons of Shiu et al. 2024, "A Drosophila computational brain model reveals sensorimotor processing", Nature
 * 634:210-219, doi:10.1038/s41586-024-07763-9, in any graph of signed synapse counts.
 */
import type { Method, Population, Simulation, SpikeRecording } from "spikelet";
import { type Graph, silence } from "./graph.js";

/** The way of stepping: the one place where it is chosen. */
export const METHOD: Method = "exact";

/** ms */
export const DT = 0.1;

/** Weights are numbers of synapses, which float32 holds exactly; g counts synapses, and w_syn g is the paper's g. */
export const NEURON = {
  name: "fly",
  equations: [
    "dv/dt = (v_0 - v + w_syn*g)/t_mbr : mV (unless refractory)",
    "dg/dt = -g/tau : 1 (unless refractory)",
  ],
  params: {
    v_0: "-52 mV", v_rst: "-52 mV", v_th: "-45 mV",
    t_mbr: "20 ms", tau: "5 ms", w_syn: "0.275 mV",
    t_rfc: { default: "2.2 ms", range: ">= 0" },
  },
  threshold: "v > v_th",
  reset: ["v = v_rst", "g = 0"],
  refractory: "t_rfc",
  init: { v: "v_0", g: 0 },
  references: ["Shiu et al. (2024) Nature 634:210-219, doi:10.1038/s41586-024-07763-9"],
} as const;

/** ms */
const DELAY = 1.8;
/** A stimulus is worth so many synapses, at once and on v: enough for a spike. */
const STIMULUS = 250;

/** What is done to a brain. */
export interface Experiment {
  /** Neurons that are made to fire; they have no refractory period. */
  readonly stimulated: ArrayLike<number>;
  /** Hz of the Poisson stimuli, 150 by default; or the stimuli themselves, by time in ms and place in `stimulated`. */
  readonly stimulus?: number | { readonly times: ArrayLike<number>; readonly neurons: ArrayLike<number> };
  /** Neurons whose spikes reach nobody. */
  readonly silenced?: ArrayLike<number>;
  /** Weight of a synapse in mV, the model's free parameter: 0.275 by default. */
  readonly w_syn?: number;
  /** Refractory period in ms as Brian2 counts it, which holds a neuron for a step less than Spikelet: 2.2 by default. */
  readonly t_rfc?: number;
  readonly method?: Method;
  readonly seed?: number;
  readonly threads?: number | "auto";
}

export interface Brain {
  readonly simulation: Simulation;
  readonly neurons: Population;
  readonly spikes: SpikeRecording;
}

/** The package, as this program or a benchmark imports it. */
export type Spikelet = Pick<
  typeof import("spikelet"),
  "defineModel" | "poisson" | "receptor" | "Simulation" | "spikeTrain"
>;

/**
 * A brain that is ready to run. Every spike comes in the step in which the paper's program has it, given the same
 * stimuli: docs/fly.md.
 */
export async function flyBrain(spikelet: Spikelet, graph: Graph, experiment: Experiment): Promise<Brain> {
  const { defineModel, poisson, receptor, Simulation, spikeTrain } = spikelet;
  const { stimulated, stimulus = 150, silenced = [], w_syn = 0.275, t_rfc = 2.2 } = experiment;
  const { method = METHOD, seed = 1, threads = 1 } = experiment;
  const simulation = await Simulation.create({ dt: DT, seed, threads, name: "fly" });
  // Nothing else differs between neurons. Rounded, since a difference of decimal fractions is none.
  const held = new Float64Array(graph.size).fill(t_rfc === 0 ? 0 : Math.max(0, Number((t_rfc - DT).toFixed(6))));
  for (let i = 0; i < stimulated.length; i++) held[stimulated[i] as number] = 0;
  const neurons = simulation.population("brain", defineModel(NEURON), graph.size, {
    method,
    params: { t_rfc: held, w_syn },
    receptors: { synapses: receptor.delta({ state: "g" }), stimulus: receptor.delta() },
  } as never) as unknown as Population;
  const { sources, targets, counts } = silence(graph, silenced);
  simulation.connect(neurons, neurons, {
    rule: "list",
    receptor: "synapses",
    pairs: { sources, targets },
    weight: counts as unknown as readonly number[],
    delay: DELAY,
  } as never);
  if (stimulated.length > 0) {
    const source =
      typeof stimulus === "number"
        ? simulation.population("stimulus", poisson, stimulated.length, { params: { rate: stimulus } })
        : simulation.population("stimulus", spikeTrain, stimulated.length, {
            params: { times: Array.from(stimulus.times), neurons: Array.from(stimulus.neurons) },
          });
    simulation.connect(source as unknown as Population, neurons, {
      rule: "list",
      receptor: "stimulus",
      pairs: { sources: Uint32Array.from(stimulated, (_, i) => i), targets: Uint32Array.from(stimulated) },
      weight: STIMULUS * w_syn,
      delay: DT,
    } as never);
  }
  return { simulation, neurons, spikes: simulation.record(neurons, "spikes") };
}
