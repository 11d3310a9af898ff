/** Additive STDP of Poisson inputs onto one neuron (Song, Miller and Abbott 2000), as in Brian2's example. */
import {
  lif,
  poisson,
  type Population,
  type Projection,
  receptor,
  Simulation,
  type SpikeRecording,
  spikeTrain,
} from "../../src/index.js";
import { DIFFERENCES, type Job } from "./brian2.js";
import { lcg } from "./lcg.js";

export const DT = 0.1;
/** Hz */
export const RATE = 15;

/** Conductances are in units of the leak, which is C_m / tau_m = 1. */
const CELL = { C_m: 10, tau_m: 10, E_L: -74, V_th: -54, V_reset: -60, t_ref: 0 };
const RULE = { A_plus: 0.01, A_minus: 0.0105, tau_plus: 20, tau_minus: 20 };

/** Given spikes and weights: what the inputs do does not depend on a simulator's random numbers. */
export interface Inputs {
  readonly size: number;
  readonly steps: Int32Array;
  readonly neurons: Int32Array;
  readonly weights: Float64Array;
  readonly w_max: number;
}

/** Inputs that fire in each step with the probability of their rate. `w_max` keeps the total drive at any size. */
export function inputs(seed: number, size: number, duration: number): Inputs {
  const random = lcg(seed);
  const w_max = 10 / size;
  const weights = Float64Array.from({ length: size }, () => w_max * random());
  const steps: number[] = [];
  const neurons: number[] = [];
  const p = (RATE * DT) / 1000;
  for (let step = 0; step < Math.round(duration / DT); step++) {
    for (let neuron = 0; neuron < size; neuron++) {
      if (random() >= p) continue;
      steps.push(step);
      neurons.push(neuron);
    }
  }
  return { size, steps: Int32Array.from(steps), neurons: Int32Array.from(neurons), weights, w_max };
}

export interface Learning {
  readonly simulation: Simulation;
  readonly spikes: SpikeRecording;
  readonly projection: Projection;
}

/** In Spikelet, with given inputs or with its own: 1000 Poisson trains from a seed. */
export async function learning(from: Inputs | number): Promise<Learning> {
  const own = typeof from === "number";
  const w_max = own ? 0.01 : from.w_max;
  const simulation = await Simulation.create({ dt: DT, seed: own ? from : 1, name: "stdp", threads: 1 });
  const cell = simulation.population("cell", lif, 1, {
    params: CELL,
    receptors: { exc: receptor.exponential({ tau: 5, E_rev: 0 }) },
  });
  const source = own
    ? simulation.population("inputs", poisson, 1000, { params: { rate: RATE } })
    : simulation.population("inputs", spikeTrain, from.size, {
        // A spike of step k has the time (k + 1) dt.
        params: { times: Array.from(from.steps, (k) => (k + 1) * DT), neurons: Array.from(from.neurons) },
      });
  const projection = simulation.connect(source as unknown as Population, cell, {
    rule: "allToAll",
    receptor: "exc",
    weight: own ? { uniform: [0, w_max] } : (i: number) => from.weights[i] as number,
    plasticity: { kind: "stdp", ...RULE, w_max },
  });
  return { simulation, spikes: simulation.record(cell, "spikes"), projection };
}

/** In Brian2. */
export function learningJob(
  from: Inputs | number,
  options: Pick<Job, "duration" | "warmUp" | "flags" | "threads"> & Partial<Pick<Job, "matched">>,
): Job {
  const own = typeof from === "number";
  const params = { ...CELL, ...RULE, w_max: own ? 0.01 : from.w_max, tau_exc: 5, E_exc: 0, rate: RATE };
  return {
    script: "stdp",
    params,
    size: 1,
    // Spikelet takes exponentialEuler where conductances forbid `exact`; Brian2's example takes Euler's method.
    method: own ? "euler" : "exponentialEuler",
    dt: DT,
    seed: own ? from : 1,
    matched: own ? [] : DIFFERENCES,
    init: { v: "E_L" },
    arrays: own ? {} : { input_neurons: from.neurons, input_steps: from.steps, w_0: from.weights },
    more: { inputs: own ? 1000 : from.size, ...(own ? {} : { list: true }) },
    ...options,
  };
}
