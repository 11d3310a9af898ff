/**
 * The cortical microcircuit of Potjans & Diesmann (Cereb. Cortex 24:785, 2014): a square millimetre of cortex in eight
 * populations, with its thalamic input, at a scale.
 *
 * Numbers of neurons and of inputs per neuron are multiplied by the scale, weights by 1/sqrt(scale), so that the
 * variance of the input stays. The mean that this loses is given back as a constant current (van Albada, Helias &
 * Diesmann, PLoS Comput. Biol. 11:e1004490, 2015).
 */

/** Excitatory and inhibitory populations of four layers, by turns. */
export const LAYERS = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"] as const;
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
/** Inputs from outside per neuron, each a Poisson train of 8 Hz. */
const EXTERNAL = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100];
const EXTERNAL_RATE = 8;
/** Thalamic neurons, and the probability that one is connected to a neuron of each population. */
const THALAMIC = { size: 902, probabilities: [0, 0, 0.0983, 0.0619, 0, 0, 0.0512, 0.0196] };
export const THALAMUS = "TC";
/** Rates in Hz of the full network, as they are published with its implementation for NEST. */
export const FULL_RATES = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829] as const;
const [WEIGHT, G, TAU_SYN] = [87.8, -4, 0.5]; // pA, -, ms
const DELAYS = { exc: [1.5, 0.75, 0.1, 10], inh: [0.75, 0.375, 0.1, 10] };

/** The scales that the slider has; the whole column is 1. */
export const SCALE = {
  value: 0.1,
  min: 0.05,
  max: 0.2,
  step: 0.01,
} as const;

const at = <T>(list: readonly T[], k: number): T => list[k] as T;

/** Weight in pA from source s to target t, at full scale. */
const fullWeight = (t: number, s: number): number => (s % 2 === 1 ? G : t === 0 && s === 2 ? 2 : 1) * WEIGHT;

/** Synapses onto one neuron of a target at full scale, from `size` neurons: pairs may be connected several times. */
function indegree(probability: number, size: number, target: number): number {
  return Math.log1p(-probability) / Math.log1p(-1 / (size * target)) / target;
}

const indegreeOf = (t: number, s: number): number =>
  indegree(at(at(PROBABILITIES, t), s), at(SIZES, s), at(SIZES, t));

/** Numbers of neurons and synapses at a scale. */
export function sizeAt(scale: number): { readonly neurons: number; readonly synapses: number } {
  const sizes = SIZES.map((size) => Math.round(size * scale));
  const synapses = sizes.map(
    (size, t) => size * scale * LAYERS.reduce((sum, _, s) => sum + indegreeOf(t, s), thalamicIndegree(t)),
  );
  return {
    neurons: sizes.reduce((a, b) => a + b),
    synapses: Math.round(synapses.reduce((a, b) => a + b)),
  };
}

const thalamicIndegree = (t: number): number =>
  indegree(at(THALAMIC.probabilities, t), THALAMIC.size, at(SIZES, t));

/** Mean input of the full network in pA: of each train rate (1/ms) times weight (pA) times tau (ms). */
function meanInput(t: number): number {
  const trains = LAYERS.map((_, s) => (indegreeOf(t, s) * fullWeight(t, s) * at(FULL_RATES, s) * TAU_SYN) / 1000);
  return trains.reduce((a, b) => a + b) + (at(EXTERNAL, t) * WEIGHT * EXTERNAL_RATE * TAU_SYN) / 1000;
}

/**
 * Rate in Hz of the thalamic neurons in a pulse: 120 as in the paper, and more at a smaller scale, where there are
 * fewer of them by the scale, but their weights are larger by its root only.
 */
export const pulseRate = (scale: number): number => 120 / Math.sqrt(scale);

/** The model file. */
export function microcircuitDocument(scale: number, seed: number): object {
  const sizes = SIZES.map((size) => Math.round(size * scale));
  const strength = 1 / Math.sqrt(scale);
  const weightFrom = (w: number): object => ({
    truncatedNormal: [w, 0.1 * Math.abs(w), w > 0 ? 0 : 2 * w, w > 0 ? 2 * w : 0],
  });
  const projection = (source: string, target: string, n: number, w: number, excites: boolean): object => ({
    source,
    target,
    rule: "fixedTotalNumber",
    n,
    weight: weightFrom(w * strength),
    delay: { truncatedNormal: excites ? DELAYS.exc : DELAYS.inh },
  });
  const inside = LAYERS.flatMap((target, t) =>
    LAYERS.map((source, s) => {
      const n = Math.round(indegreeOf(t, s) * scale * at(sizes, t));
      return projection(source, target, n, fullWeight(t, s), s % 2 === 0);
    }),
  );
  const thalamic = LAYERS.map((target, t) => {
    const n = Math.round(thalamicIndegree(t) * scale * at(sizes, t));
    return projection(THALAMUS, target, n, WEIGHT, true);
  });
  return {
    name: "microcircuit",
    dt: 0.1,
    seed,
    duration: 1000,
    populations: [
      ...LAYERS.map((name, t) => ({
        name,
        model: "lif",
        size: at(sizes, t),
        params: { E_L: -65, V_th: -50, V_reset: -65 },
        init: { v: { normal: [-58, 5] } },
        receptors: { syn: { kernel: "exponential", tau: TAU_SYN } },
        background: [
          {
            kind: "poisson",
            rate: at(EXTERNAL, t) * scale * EXTERNAL_RATE,
            weight: WEIGHT * strength,
          },
          { kind: "constant", amplitude: meanInput(t) * (1 - Math.sqrt(scale)) },
        ],
      })),
      { name: THALAMUS, model: "poisson", size: Math.max(1, Math.round(THALAMIC.size * scale)), params: { rate: 0 } },
    ],
    projections: [...inside, ...thalamic].filter((one) => (one as { readonly n: number }).n > 0),
    record: LAYERS.map((population) => ({ population, variables: ["spikes"] })),
  };
}
