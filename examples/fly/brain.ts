/**
 * The neurons of Shiu et al. 2024, "A Drosophila computational brain model reveals sensorimotor processing", Nature
 * 634:210-219, doi:10.1038/s41586-024-07763-9, in any graph of signed synapse counts.
 */
import type { Method, Population, Simulation, SpikeRecording } from "spikelet";
import { type Graph, silence } from "./graph.js";

/**
 * How neurons are advanced: the one place where it is chosen. By events, silent ones cost nothing; where most of the
 * brain fires "exact" is faster. Both have each spike in the same step.
 */
export const METHOD: Method = "eventDriven";

/** ms */
export const DT = 0.1;

const PARAMS = {
  v_0: "-52 mV", v_rst: "-52 mV", v_th: "-45 mV",
  t_mbr: "20 ms", tau: "5 ms", w_syn: "0.275 mV",
  t_rfc: { default: "2.2 ms", range: ">= 0" },
} as const;
const references = ["Shiu et al. (2024) Nature 634:210-219, doi:10.1038/s41586-024-07763-9"];

/** Weights are numbers of synapses, which float32 holds exactly; g counts synapses, and w_syn g is the paper's g. */
export const NEURON = {
  name: "fly",
  equations: [
    "dv/dt = (v_0 - v + w_syn*g)/t_mbr : mV (unless refractory)",
    "dg/dt = -g/tau : 1 (unless refractory)",
  ],
  params: PARAMS,
  threshold: "v > v_th",
  reset: ["v = v_rst", "g = 0"],
  refractory: "t_rfc",
  init: { v: "v_0", g: 0 },
  references,
} as const;

/**
 * A neuron that is stimulated. A stimulus moves v, as in Brian2 behind the step's threshold test, so that the spike
 * comes in the next step, and a stimulus in the step of a spike is lost: it waits as `kick`, all of which goes into v
 * at the next step's beginning.
 */
export const STIMULATED = {
  ...NEURON,
  name: "flyStimulated",
  equations: [
    "dv/dt = (v_0 - v + w_syn*g)/t_mbr + w_syn*kick/t_kick : mV",
    "dg/dt = -g/tau : 1",
    "dkick/dt = -kick/t_kick : 1",
  ],
  params: {
    v_0: PARAMS.v_0, v_rst: PARAMS.v_rst, v_th: PARAMS.v_th, t_mbr: PARAMS.t_mbr, tau: PARAMS.tau, w_syn: PARAMS.w_syn,
    t_kick: "0.001 ms",
  },
  reset: [...NEURON.reset, "kick = 0"],
  refractory: "0 ms",
  init: { ...NEURON.init, kick: 0 },
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
  /** Refractory period in ms, as Brian2 counts it, which holds a neuron for a step less: 2.2 by default. */
  readonly t_rfc?: number;
  readonly method?: Method;
  readonly seed?: number;
  readonly threads?: number;
}

/** Spikes in the order of their times, in ms. */
export interface Spikes {
  readonly times: Float64Array;
  readonly neurons: Uint32Array;
}

export interface Brain {
  readonly simulation: Simulation;
  /** All neurons; those that are stimulated have no synapses here and stay at rest, since they are in `stimulated`. */
  readonly neurons: Population;
  /** What is recorded of both. */
  readonly recordings: readonly SpikeRecording[];
  /** The spikes of all neurons under their own numbers. */
  spikes(): Spikes;
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
  const synapses = receptor.delta({ state: "g" });
  const neurons = simulation.population("brain", defineModel(NEURON), graph.size, {
    method,
    // Rounded, since a difference of decimal fractions is none.
    params: { w_syn, t_rfc: Math.max(0, Number((t_rfc - DT).toFixed(6))) },
    receptors: { synapses },
  }) as unknown as Population;
  const recordings = [simulation.record(neurons, "spikes")];
  const heard = silence(graph, silenced);
  const among = (from: Population, to: Population, { sources, targets, counts }: Pairs): void => {
    const rule = { rule: "list", receptor: "synapses", delay: DELAY } as const;
    if (counts.length > 0) simulation.connect(from, to, { ...rule, pairs: { sources, targets }, weight: counts });
  };
  if (stimulated.length === 0) {
    among(neurons, neurons, heard);
  } else {
    const driven = simulation.population("stimulated", defineModel(STIMULATED), stimulated.length, {
      params: { w_syn },
      receptors: { synapses, stimulus: receptor.delta({ state: "kick" }) },
    }) as unknown as Population;
    recordings.push(simulation.record(driven, "spikes"));
    const place = new Int32Array(graph.size).fill(-1);
    for (let i = 0; i < stimulated.length; i++) place[stimulated[i] as number] = i;
    const [rest, onto, from, within] = split(heard, place);
    among(neurons, neurons, rest);
    among(neurons, driven, onto);
    among(driven, neurons, from);
    among(driven, driven, within);
    const size = stimulated.length;
    const source = (typeof stimulus === "number"
      ? simulation.population("stimulus", poisson, size, { params: { rate: stimulus } })
      : simulation.population("stimulus", spikeTrain, size, {
          params: { times: Array.from(stimulus.times), neurons: Array.from(stimulus.neurons) },
        })) as unknown as Population;
    simulation.connect(source, driven, { rule: "oneToOne", receptor: "stimulus", weight: STIMULUS, delay: DT });
  }
  return { simulation, neurons, recordings, spikes: () => merged(recordings, stimulated) };
}

type Pairs = Pick<Graph, "sources" | "targets" | "counts">;

/**
 * Pairs by whether their ends are stimulated: neither, the target, the source, both; these ends by their place among
 * the stimulated.
 */
function split(graph: Pairs, place: Int32Array): [Pairs, Pairs, Pairs, Pairs] {
  const { sources, targets, counts } = graph;
  const kindOf = (pair: number): number =>
    ((place[sources[pair] as number] as number) < 0 ? 0 : 2) + ((place[targets[pair] as number] as number) < 0 ? 0 : 1);
  const lengths = [0, 0, 0, 0];
  for (let pair = 0; pair < counts.length; pair++) (lengths[kindOf(pair)] as number)++;
  return [0, 1, 2, 3].map((kind) => {
    const length = lengths[kind] as number;
    const part = { sources: new Uint32Array(length), targets: new Uint32Array(length), counts: new Int32Array(length) };
    for (let pair = 0, i = 0; i < length; pair++) {
      if (kindOf(pair) !== kind) continue;
      const [source, target] = [sources[pair] as number, targets[pair] as number];
      part.sources[i] = kind >= 2 ? (place[source] as number) : source;
      part.targets[i] = kind % 2 === 1 ? (place[target] as number) : target;
      part.counts[i++] = counts[pair] as number;
    }
    return part;
  }) as [Pairs, Pairs, Pairs, Pairs];
}

/** Spikes of both populations by time. */
function merged(recordings: readonly SpikeRecording[], stimulated: ArrayLike<number>): Spikes {
  const [rest, driven] = recordings.map((recording) => recording.view());
  if (!rest) return { times: new Float64Array(), neurons: new Uint32Array() };
  if (!driven) return { times: Float64Array.from(rest.times), neurons: Uint32Array.from(rest.neurons) };
  const count = rest.times.length + driven.times.length;
  const [times, neurons] = [new Float64Array(count), new Uint32Array(count)];
  for (let i = 0, a = 0, b = 0; i < count; i++) {
    const [mine, other] = [rest.times[a] ?? Infinity, driven.times[b] ?? Infinity];
    if (mine <= other) [times[i], neurons[i]] = [mine, rest.neurons[a++] as number];
    else [times[i], neurons[i]] = [other, stimulated[driven.neurons[b++] as number] as number];
  }
  return { times, neurons };
}
