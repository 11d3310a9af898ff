/** Numbers that the host and the core agree on; assembly/ names the same ones beside what they mean. */
import type { Method } from "../model/record.js";

/** Kernel variants: one parameter block for all neurons, the same with synaptic conductances, one block per vector. */
export const VARIANT = { uniform: 0, uniformConductance: 1, perNeuron: 2 } as const;

/**
 * Stage times that a method looks at (bits 1 start, 2 middle, 4 end of the step; 8: the middle means the start; 16: the
 * start means the middle, for what is a function of time).
 */
export const STAGES: Readonly<Record<Method, number>> = {
  euler: 1,
  heun: 1 | 4,
  rk4: 1 | 2 | 4,
  exponentialEuler: 1,
  exact: 1 | 2 | 8,
  halfStep: 1,
  strangSplitting: 1 | 16,
  rosenbrock: 1 | 16,
};

/** Methods that take conductances as a current at the start of the step. */
export const FOLDS: readonly Method[] = ["euler", "halfStep"];

/** Methods under which the step of a gate depends on v alone, so that a table can have it. */
export const TABULATES: readonly Method[] = ["exponentialEuler", "strangSplitting"];

/** Bytes of one parameter or coefficient in a parameter block. */
export const SLOT_BYTES = 16;

/** Background kinds of assembly/inputs/background.ts. */
export const BACKGROUND = {
  constant: 0,
  piecewise: 1,
  pulses: 2,
  ramp: 3,
  sine: 4,
  samples: 5,
  whiteNoise: 6,
  ornsteinUhlenbeck: 7,
  poisson: 8,
} as const;

/** Kinds of source populations, see setSource. */
export const SOURCE = { poisson: 0, spikeTrain: 1 } as const;

/** Receptor kernels of assembly/receptors/receptor.ts. */
export const RECEPTOR = { delta: 0, exponential: 1, riseAndDecay: 2, step: 3 } as const;

/** Rules and distributions of assembly/synapses/connect.ts. */
export const RULE = {
  allToAll: 0,
  oneToOne: 1,
  fixedProbability: 2,
  fixedIndegree: 3,
  list: 4,
  fixedOutdegree: 5,
  fixedTotalNumber: 6,
  distance: 7,
} as const;
export const DISTANCE_KERNEL = { box: 0, linear: 1, gaussian: 2, exponential: 3 } as const;
export const DISTRIBUTION = { uniform: 0, normal: 1, lognormal: 2, exponential: 3, truncatedNormal: 4, gamma: 5 } as const;

/** Where weights or delays of synapses come from (assembly/synapses/connect.ts). */
export const ORIGIN = { notHere: 0, drawn: 1, given: 2 } as const;
/** A segment of synapses: its delay in the lower bits, above them the number of synapses (assembly/synapses/projection.ts). */
export const SEGMENT = { bits: 20, mask: 0xfffff } as const;

/** Rules of assembly/synapses/plasticity.ts. */
export const PLASTICITY = { pairAdditive: 0, pairMultiplicative: 1, triplet: 2, inhibitory: 3, scaled: 4 } as const;

/** How a projection's weights are stored. */
export const WEIGHTS = { common: 0, float32: 1, float64: 2 } as const;

/** Columns of a population beside its states. */
export const COLUMN = { until: 4, armed: 5 } as const;

/** What `run` answers. */
export const STATUS = { done: 0, full: 1, unstable: 2 } as const;

/** What the core's profile tells (assembly/stopwatch.ts), and the phases of a population and of a projection (build.ts). */
export const PROFILE = { timed: 0, recording: 1, exchange: 2 } as const;
export const POPULATION_PHASE = { background: 0, receptors: 1, integration: 2 } as const;
export const PROJECTION_PHASE = { delivery: 0, plasticity: 1 } as const;
