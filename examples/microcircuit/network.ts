/**
 * The microcircuit of Potjans & Diesmann (Cereb. Cortex 24:785, 2014): the neurons below one square millimetre of
 * cortex, 77,169 of them in eight populations, and their 299 million synapses; as a model file's content, at any scale.
 *
 * Numbers and rules are those of the reference implementation (INM-6/microcircuit-PD14-model, version 1.0), whose
 * default starts ("optimized") spare the network a burst at its beginning. The background is a Poisson train for each
 * input from outside, or the constant current that is their mean.
 *
 * Numbers of neurons and of inputs per neuron are multiplied by the scale, weights by 1/sqrt(scale), so that the
 * variance of the input stays. The mean that this loses is given back as a constant current, computed from the rates of
 * the full network (van Albada, Helias & Diesmann, PLoS Comput. Biol. 11:e1004490, 2015). Rates keep their order of
 * size that way down to a tenth, below which excitation in layers 2/3 and 6 falls silent; the correlations of a small
 * network are larger than the full one's.
 */
import type { ModelDocument } from "spikelet";

export const POPULATIONS = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"] as const;
const SIZES = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948];
/** Probability that a pair of neurons is connected: rows are targets, columns sources. */
const PROBABILITIES = [
  [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0, 0.0076, 0],
  [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0, 0.0042, 0],
  [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0],
  [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0, 0.1057, 0],
  [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0],
  [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0],
  [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
  [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
];
/** Inputs from outside per neuron, each a train of 8 Hz. */
const EXTERNAL = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100];
const EXTERNAL_RATE = 8;
/** Relay neurons of the thalamus, and the probabilities that one is connected to a neuron of each population. */
const THALAMIC = { size: 902, probabilities: [0, 0, 0.0983, 0.0619, 0, 0, 0.0512, 0.0196] };
export const THALAMUS = "TC";
/** Rates of the full network in Hz, of one run of the reference implementation: for the current that replaces input. */
export const FULL_RATES = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829];
/** Mean and standard deviation of v at the start, mV. */
const STARTS = {
  optimized: [
    [-68.28, 5.36], [-63.16, 4.57], [-63.33, 4.74], [-63.45, 4.94],
    [-63.11, 4.94], [-61.66, 4.55], [-66.72, 5.46], [-61.43, 4.48],
  ],
  original: SIZES.map(() => [-58, 10]),
} as const;
/** pA, which makes a potential of 0.15 mV; of inhibition relative to that; ms. */
const [WEIGHT, G, TAU_SYN] = [87.8085, -4, 0.5];
/** Mean delays in ms; their standard deviations are half of that. */
const [DELAY_EXC, DELAY_INH] = [1.5, 0.75];
const DT = 0.1;

/** What the inputs from outside are. */
export type Drive = "poisson" | "dc";

export interface MicrocircuitOptions {
  /** Part of the neurons, and of the inputs of each; 1 is the full network. */
  readonly scale?: number;
  readonly drive?: Drive;
  /** Potentials at the start: of each population, or the same normal distribution for all. */
  readonly start?: "optimized" | "original";
  readonly seed?: number;
  /** With the relay neurons of the thalamus: a population of the model poisson, which is silent until it has a rate. */
  readonly thalamus?: boolean;
}

const at = <T>(list: readonly T[], i: number): T => list[i] as T;

/** Synapses between so many neurons at full scale, of a probability for each pair: some are connected several times. */
const between = (probability: number, sources: number, targets: number): number =>
  Math.log1p(-probability) / Math.log1p(-1 / (sources * targets));

/** Synapses from s onto t, at full scale. */
const synapses = (t: number, s: number): number => between(at(at(PROBABILITIES, t), s), at(SIZES, s), at(SIZES, t));

/** Mean weight in pA from s to t, at full scale. */
function meanWeight(t: number, s: number): number {
  return (s % 2 === 1 ? G : t === 0 && s === 2 ? 2 : 1) * WEIGHT;
}

/** Delays are drawn again until they round to a step at least; the upper bound is that of 18 standard deviations. */
const delays = (mean: number) => ({ truncatedNormal: [mean, mean / 2, DT / 2, 10 * mean] });

/** Mean current in pA of synapses of a weight (pA) that get `rate` spikes per second. */
const meanCurrent = (weight: number, rate: number): number => (weight * rate * TAU_SYN) / 1000;

/** The network as a model file's content: `Simulation.fromDocument` takes it. */
export function microcircuit(options: MicrocircuitOptions = {}): ModelDocument {
  const { scale = 1, drive = "poisson", start = "optimized", seed = 55, thalamus = false } = options;
  const kept = Math.sqrt(scale);
  const populations = POPULATIONS.map((name, t) => {
    const local = POPULATIONS.reduce(
      (sum, _, s) => sum + meanCurrent(meanWeight(t, s), (synapses(t, s) / at(SIZES, t)) * at(FULL_RATES, s)),
      0,
    );
    const outside = meanCurrent(WEIGHT, at(EXTERNAL, t) * EXTERNAL_RATE);
    const trains = { kind: "poisson", rate: at(EXTERNAL, t) * scale * EXTERNAL_RATE, weight: WEIGHT / kept };
    const constant = drive === "dc" ? outside + local * (1 - kept) : (outside + local) * (1 - kept);
    return {
      name,
      model: "lif",
      size: Math.round(at(SIZES, t) * scale),
      params: { C_m: 250, tau_m: 10, E_L: -65, V_th: -50, V_reset: -65, t_ref: 2 },
      init: { v: { normal: at<readonly number[]>(STARTS[start], t) } },
      receptors: { syn: { kernel: "exponential", tau: TAU_SYN } },
      background: [
        ...(drive === "dc" ? [] : [trains]),
        ...(constant === 0 ? [] : [{ kind: "constant", amplitude: constant }]),
      ],
    };
  });
  const projection = (source: string, target: string, n: number, weight: number) => ({
    source,
    target,
    receptor: "syn",
    rule: "fixedTotalNumber",
    n,
    // drawn again until they have their sign
    weight: { truncatedNormal: [weight, 0.1 * Math.abs(weight), Math.min(0, 2 * weight), Math.max(0, 2 * weight)] },
    delay: delays(weight > 0 ? DELAY_EXC : DELAY_INH),
  });
  const projections = POPULATIONS.flatMap((target, t) => {
    const local = POPULATIONS.map((source, s) =>
      projection(source, target, Math.round(synapses(t, s) * scale * scale), meanWeight(t, s) / kept),
    );
    if (!thalamus) return local;
    const n = between(at(THALAMIC.probabilities, t), THALAMIC.size, at(SIZES, t)) * scale * scale;
    return [...local, projection(THALAMUS, target, Math.round(n), WEIGHT / kept)];
  }).filter(({ n }) => n > 0);
  const relays = { name: THALAMUS, model: "poisson", size: Math.max(1, Math.round(THALAMIC.size * scale)) };
  return {
    name: "microcircuit",
    dt: DT,
    duration: 10_000,
    seed,
    populations: thalamus ? [...populations, { ...relays, params: { rate: 0 } }] : populations,
    projections,
  };
}
