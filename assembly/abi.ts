/**
 * What host and core share, in one table: numbers of kinds, the fields of what kernels get, the scratch columns. From
 * it, and from the functions that index.ts exports, `npm run generate` makes the host's side, src/core/abi.ts, with a
 * version that changes with any of them. What one side alone uses is not here.
 */

/** Neurons per block: its scratch columns (2 kB each) stay in the L1 cache while all phases of a step work on them. */
export const BLOCK: i32 = 256;

/** Populations are padded to a multiple of this: the number of neurons that one call of the random generator serves. */
export const PADDING: i32 = 16;

/** Steps that may pass between two drains: the length of each population's `counts`. */
export const LONGEST_CHUNK: i32 = 4096;

/** Scratch columns that kernels may have which are not the core's own. */
export const OWN_COLUMNS: i32 = 128;

/** Bytes of one number in a parameter block: both lanes of a vector. */
export const SLOT_BYTES: i32 = 16;

/** Kernel variants: one parameter block for all neurons, the same with synaptic conductances, one block per vector. */
export const enum VARIANT {
  uniform = 0,
  uniformConductance = 1,
  perNeuron = 2,
}

/**
 * Times in a step at which a method looks at its input, as bits. `middleIsStart`: the column of the middle means the
 * start too (the exact method uses it for the second equation). `startIsMiddle`: what is a function of time is taken in
 * the middle.
 */
export const enum STAGE {
  start = 1,
  middle = 2,
  end = 4,
  middleIsStart = 8,
  startIsMiddle = 16,
}

/** Columns of a population beside its states, see `setColumn`. */
export const enum COLUMN {
  until = 0,
  armed = 1,
}

/**
 * Populations that are advanced by events: in what steps a neuron is looked at, as the functions `touch` of their
 * kernels answer. In all; in those whose number is a multiple of 4, 32 or 256; in none before something arrives.
 */
export const enum WATCH {
  always = 0,
  each4 = 1,
  each32 = 2,
  each256 = 3,
  never = 4,
}

/**
 * Kinds of source populations: Poisson trains, given spikes, an event of another population, whose kernel logs it,
 * renewal trains, and trains that share spikes.
 */
export const enum SOURCE {
  poisson = 0,
  spikeTrain = 1,
  event = 2,
  renewal = 3,
  correlated = 4,
}

/** Distributions of the intervals of renewal trains. */
export const enum INTERVALS_OF {
  gamma = 0,
  lognormal = 1,
  refractory = 2,
}

/** Kinds of background currents; `poisson` is no current but spikes onto a receptor. */
export const enum BACKGROUND {
  constant = 0,
  piecewise = 1,
  pulses = 2,
  ramp = 3,
  sine = 4,
  samples = 5,
  expression = 6,
  whiteNoise = 7,
  ornsteinUhlenbeck = 8,
  poisson = 9,
}

/**
 * Receptor kernels: a jump of v; one state that jumps and decays; a rise that feeds a decay (alpha, dualExponential,
 * nmda); constant for a while after each spike; a kernel that comes as a module, with states of its own.
 */
export const enum RECEPTOR {
  delta = 0,
  exponential = 1,
  riseAndDecay = 2,
  step = 3,
  own = 4,
}

/** Connection rules. */
export const enum RULE {
  allToAll = 0,
  oneToOne = 1,
  fixedProbability = 2,
  fixedIndegree = 3,
  list = 4,
  fixedOutdegree = 5,
  fixedTotalNumber = 6,
  distance = 7,
}

/** Probability of a pair as a function of its distance over their scale. */
export const enum DISTANCE_KERNEL {
  box = 0,
  linear = 1,
  gaussian = 2,
  exponential = 3,
}

/** Distributions of parameters, weights and delays. */
export const enum DISTRIBUTION {
  uniform = 0,
  normal = 1,
  lognormal = 2,
  exponential = 3,
  truncatedNormal = 4,
  gamma = 5,
}

/**
 * Where the weights or delays of synapses come from: nowhere (one for all, or the host fills them in), a distribution,
 * an array by number of the pair.
 */
export const enum ORIGIN {
  notHere = 0,
  drawn = 1,
  given = 2,
}

/** How the weights of a projection are stored: one for all, or one per synapse. */
export const enum WEIGHTS {
  common = 0,
  float32 = 1,
  float64 = 2,
}

/**
 * A segment of synapses is a u16 where no delay of the projection is longer than 255 steps, else a u32: the delay in
 * steps in so many lower bits, above them the number of synapses.
 */
export const SHORT_DELAY_BITS: u32 = 8;
export const DELAY_BITS: u32 = 20;

/** What a slice of building a projection answers: memory is exhausted, it is done, there is more to do. */
export const enum BUILD {
  exhausted = 0,
  done = 1,
  more = 2,
}

/**
 * Why `run` and `turnOver` come back: all steps are done; a spike log or a trace buffer has no room for the next (drain
 * and call again); the guard found a runaway in the step just done.
 */
export const enum STATUS {
  done = 0,
  full = 1,
  unstable = 2,
}

/** Totals of a profile: number of timed steps; ms of recording and of exchange. */
export const enum PROFILE {
  timed = 0,
  recording = 1,
  exchange = 2,
}

/** Phases of a population's step, and of a projection's, that a profile tells apart. */
export const enum POPULATION_PHASE {
  background = 0,
  receptors = 1,
  integration = 2,
}
export const enum PROJECTION_PHASE {
  delivery = 0,
  plasticity = 1,
}

/**
 * What a kernel gets: one pointer to a Pack. The host lays the memory out through the functions of build.ts; kernels
 * allocate nothing and call nobody back. A Pack belongs to one population; the time loop sets its first three fields
 * before each call and the kernel advances that block of neurons by one step. Kernels that are compiled elsewhere know
 * its layout too (src/core/abi.ts).
 */
@unmanaged
export class Pack {
  /** Index of the block's first neuron. */
  first: i32;
  /** Neurons in the block, a multiple of PADDING; those at or beyond `size` are padding and must never spike. */
  count: i32;
  /** Index k of the step that covers (k dt, (k+1) dt]; an integer. */
  now: f64;
  dt: f64;

  size: i32;
  /** First parameter block: the lanes of the model's parameters and coefficients, SLOT_BYTES each. */
  params: usize;
  /** Bytes from one vector's parameter block to the next; 0 when all neurons share one. */
  stride: usize;

  /** Columns of the first four states, in the order of the model's record. */
  x0: usize;
  x1: usize;
  x2: usize;
  x3: usize;
  /** Models with a reset: index of the last step in which v is held at its reset value. */
  until: usize;
  /** Membrane models: mask, set where the next crossing of the threshold is a spike. */
  armed: usize;
  /** v outside [lowest, highest] is a runaway. */
  lowest: f64;
  highest: f64;

  /** First table of gates (integrators/rateTable.ts), 0 where their rates are evaluated. */
  rates: usize;

  /** Jumps of v that arrive in this step (scratch column, or zeros). */
  jumps: usize;

  /** Where the next spike's neuron index (u32) goes. */
  log: usize;
  /** Where the next spike's position within the step (f64 in (0, 1]) goes; 0 when nobody asks for it. */
  fractions: usize;

  /** Lists (u32) of columns: of all states; of the numbers per neuron that a kernel wants beside its parameters. */
  states: usize;
  columns: usize;

  /** Number of the first neuron in the whole population, of which a shard has a part; the seed. */
  offset: i32;
  seedLow: u32;
  seedHigh: u32;
  /** From what the streams of the kernel's random numbers follow: another number in each population. */
  stream: u32;

  /** Kernels that keep refractory neurons in lists: lists of them by block (src/lang/emit.ts). */
  held: usize;
  /** Kernels of a current that differs between neurons and never changes: its column. */
  currents: usize;
  /** Kernels that take receptors: for each of these the column of its state, and of what arrives in this step (u32). */
  receptorColumns: usize;

  /** List (u32), by state, of the columns of jumps that arrive in this step for a state other than v; 0 without any. */
  landings: usize;
  /**
   * List (u32), by event, of the addresses of the fields `log` that events go to, 0 for one nobody asks for; 0 without
   * any.
   */
  events: usize;

  /** Populations that are advanced by events (events.ts): what their kernel keeps of each neuron; 0 elsewhere. */
  records: usize;
  /** What has arrived for each neuron since it was touched (sums.ts). */
  sums: usize;
}

/** What the kernel of a receptor gets beside its population's Pack (slots.ts): the head of a receptor. */
@unmanaged
export class ReceptorPack {
  /** Column of the state (none for delta), and of what rises (for `step`: of the number of steps that are on). */
  state: usize;
  rise: usize;
  /** What `setReceive` was given for a kernel that comes later, and `setOutput`. */
  params: usize;
  outputParams: usize;
}

/** What a rule of plasticity gets (slots.ts): its head. */
@unmanaged
export class RulePack {
  /** Weights change; traces go on either way. */
  learning: bool;
  /** Least and largest weight. */
  least: f64;
  most: f64;
  /** Incoming synapses by target: first entry of each target, the synapses, and the source of each of them (u32). */
  incomingRows: usize;
  incoming: usize;
  sources: usize;
  targetCount: u32;
  /** What `setRuleSlots` was given for a rule that comes later. */
  params: usize;
  /** Column of numbers (f64) of a row, where a rule says what its synapses transmit; 0 where they transmit weights. */
  effects: usize;
}

/*
 * Scratch columns of the block in work, at addresses known to the compiler: a load from them costs no pointer.
 * They hold nothing from one block to the next.
 */
/** Current at the start, the middle and the end of the step (what a method's stages see). */
export const I0: usize = memory.data(2048, 16);
export const I1: usize = memory.data(2048, 16);
export const I2: usize = memory.data(2048, 16);
/** The background at the start of the step, where the receptors' pass writes I0. */
export const BASE: usize = memory.data(2048, 16);
/** Synaptic conductance at the same times; the current is I - G v. */
export const G0: usize = memory.data(2048, 16);
export const G1: usize = memory.data(2048, 16);
export const G2: usize = memory.data(2048, 16);
/** Arguments, then values, of the exponentials in a model's equations. */
export const P: usize = memory.data(2048, 16);
export const Q: usize = memory.data(2048, 16);
/** Stage states, slopes and sums of the methods that need them: four columns each. */
export const STAGES: usize = memory.data(8192, 16);
export const SLOPE: usize = memory.data(8192, 16);
export const SUM: usize = memory.data(8192, 16);
/** v before the step where there are events: for the guard's report and the interpolation of spike times. */
export const BEFORE: usize = memory.data(2048, 16);
/** Sum of the jumps that arrive in this step, and a column of zeros for populations that get none. */
export const JUMPS: usize = memory.data(2048, 16);
export const ZEROS: usize = memory.data(2048, 16);
/** a and b of the gates of one neuron, see integrators/rateTable.ts. */
export const PAIRS: usize = memory.data(2048, 16);
/** Event bits (u8) of a group of neurons, at the place of its first neuron (integrators/step.ts). */
export const EVENTS: usize = memory.data(256, 16);
/** Random numbers of the block. */
export const NOISE: usize = memory.data(2048, 16);
/** OWN_COLUMNS columns, one behind the other, for kernels that come later. */
export const OWN: usize = memory.data(262144, 16);
