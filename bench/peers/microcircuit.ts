/**
 * The microcircuit of Potjans & Diesmann (Cereb. Cortex 24:785, 2014) at a scale, as examples/11-column.ts makes it.
 *
 * Numbers of neurons and of inputs per neuron are multiplied by the scale, weights by 1/sqrt(scale). The mean input
 * that this loses is given back as a constant current (van Albada, Helias & Diesmann, PLoS Comput. Biol. 11:e1004490,
 * 2015).
 */
import { lif, Simulation, type SpikeRecording } from "../../src/index.js";
import type { NestJob } from "./nest.js";

const NAMES = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"];
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
/** Inputs from outside per neuron, each a Poisson train of so many Hz. */
const EXTERNAL = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100];
const EXTERNAL_RATE = 8;
/** Rates of the full network in Hz that NEST's example takes for the current that replaces lost input. */
const REPLACED = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829];
const [WEIGHT, G, TAU] = [87.8, -4, 0.5]; // pA, -, ms
const CELL = { E_L: -65, V_th: -50, V_reset: -65 };
/** Mean and standard deviation of v at the start. */
const START = [-58, 5] as const;
const DT = 0.1;

const at = <T>(list: readonly T[], i: number): T => list[i] as T;

/** A normal distribution that is cut off. */
interface Cut {
  readonly mean: number;
  readonly sd: number;
  readonly min: number;
  readonly max: number;
}

interface Microcircuit {
  /** Weight in pA of an input from outside. */
  readonly weight: number;
  readonly populations: readonly {
    readonly name: string;
    readonly size: number;
    /** Hz of all inputs from outside, and the current in pA that replaces lost input. */
    readonly rate: number;
    readonly current: number;
  }[];
  readonly projections: readonly {
    readonly source: string;
    readonly target: string;
    /** Synapses in all; pairs may have several. */
    readonly n: number;
    readonly weight: Cut;
    readonly delay: Cut;
  }[];
}

export function microcircuit(scale: number): Microcircuit {
  /** Weight in pA from source s to target t, at full scale. */
  const full = (t: number, s: number) => (s % 2 === 1 ? G : t === 0 && s === 2 ? 2 : 1) * WEIGHT;
  /** Synapses from s onto one neuron of t, at full scale. */
  const indegree = (t: number, s: number) =>
    Math.log1p(-at(at(PROBABILITIES, t), s)) / Math.log1p(-1 / (at(SIZES, s) * at(SIZES, t))) / at(SIZES, t);
  const sizes = SIZES.map((size) => Math.round(size * scale));
  const populations = NAMES.map((name, t) => {
    // Mean input of the full network in pA: of each train rate (1/ms) times weight (pA) times tau (ms).
    const mean = NAMES.reduce(
      (sum, _, s) => sum + (indegree(t, s) * full(t, s) * at(REPLACED, s) * TAU) / 1000,
      (at(EXTERNAL, t) * WEIGHT * EXTERNAL_RATE * TAU) / 1000,
    );
    const rate = at(EXTERNAL, t) * scale * EXTERNAL_RATE;
    return { name, size: at(sizes, t), rate, current: mean * (1 - Math.sqrt(scale)) };
  });
  const projections = NAMES.flatMap((target, t) =>
    NAMES.map((source, s) => {
      const mean = full(t, s) / Math.sqrt(scale);
      const delay = s % 2 === 0 ? 1.5 : 0.75;
      return {
        source,
        target,
        n: Math.round(indegree(t, s) * scale * at(sizes, t)),
        weight: { mean, sd: 0.1 * Math.abs(mean), min: Math.min(0, 2 * mean), max: Math.max(0, 2 * mean) },
        delay: { mean: delay, sd: delay / 2, min: DT, max: 10 },
      };
    }).filter(({ n }) => n > 0),
  );
  return { weight: WEIGHT / Math.sqrt(scale), populations, projections };
}

/** The same as a model file's content, without recordings. */
export function microcircuitDocument(scale: number, seed: number, duration: number): Record<string, unknown> {
  const { weight, populations, projections } = microcircuit(scale);
  const cut = ({ mean, sd, min, max }: Cut) => ({ truncatedNormal: [mean, sd, min, max] });
  return {
    dt: DT,
    duration,
    seed,
    populations: populations.map(({ name, size, rate, current }) => ({
      name,
      model: "lif",
      size,
      params: CELL,
      init: { v: { normal: START } },
      receptors: { syn: { kernel: "exponential", tau: TAU } },
      background: [
        { kind: "poisson", rate, weight, receptor: "syn" },
        { kind: "constant", amplitude: current },
      ],
    })),
    projections: projections.map((entry) => ({
      ...entry,
      receptor: "syn",
      rule: "fixedTotalNumber",
      weight: cut(entry.weight),
      delay: cut(entry.delay),
    })),
  };
}

export const microcircuitSize = (scale: number): number =>
  microcircuit(scale).populations.reduce((sum, { size }) => sum + size, 0);

export async function microcircuitHere(
  scale: number,
  seed: number,
  threads: number,
): Promise<{ simulation: Simulation; spikes: SpikeRecording[] }> {
  const simulation = await Simulation.fromDocument(microcircuitDocument(scale, seed, 1000), { threads });
  return { simulation, spikes: [...simulation.populations.values()].map((one) => simulation.record(one, "spikes")) };
}

export function microcircuitJob(
  scale: number,
  seed: number,
  options: Pick<NestJob, "duration" | "warmUp" | "threads">,
): NestJob {
  const { C_m, tau_m, t_ref } = lif.params;
  return {
    ...options,
    script: "microcircuit",
    params: { C_m: C_m.default, tau_m: tau_m.default, t_ref: t_ref.default, ...CELL, tau_syn: TAU },
    size: microcircuitSize(scale),
    dt: DT,
    seed,
    init: {},
    more: { v: START, ...microcircuit(scale) },
  };
}
