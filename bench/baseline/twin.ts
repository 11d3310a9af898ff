/** What the pure-JavaScript twins have in common. */

/** Spikes in the order in which they were found, in arrays allocated once. */
export class SpikeList {
  /** Times in ms: the end of the step in which the spike was found. */
  readonly times: Float64Array;
  readonly neurons: Uint32Array;
  /**
   * Spikes since the last `clear`. A typed array drops what lies beyond its end: spikes that do not fit are only
   * counted.
   */
  count = 0;

  constructor(capacity: number) {
    this.times = new Float64Array(capacity);
    this.neurons = new Uint32Array(capacity);
  }

  clear(): void {
    this.count = 0;
  }
}

/** What every twin is made from. */
export interface TwinOptions<Params, State extends string = "v"> {
  /** Time step in ms. */
  readonly dt: number;
  readonly params: Params;
  /** Constant background current of all neurons, in the unit of the model's current. */
  readonly current: number;
  /** Starting values of each state, copied; their number is the size of the population. */
  readonly init: Readonly<Record<State, Float64Array>>;
  /** Most spikes between two calls of `spikes.clear`. */
  readonly capacity: number;
}

/**
 * A population in plain JavaScript that repeats the steps of one of the core's kernels. Each twin keeps its states in
 * Float64Arrays and has one loop over neurons, in `advance`, with every constant in a local variable; nothing is
 * allocated there. A step is a call: an engine compiles a function that is called often better than a loop that it is
 * caught in.
 */
export abstract class Twin<Params = unknown> {
  readonly size: number;
  /** Membrane states. */
  readonly v: Float64Array;
  readonly spikes: SpikeList;
  protected readonly params: Params;
  protected readonly dt: number;
  protected readonly current: number;
  #step = 0;

  constructor({ dt, params, current, init, capacity }: TwinOptions<Params>) {
    this.size = init.v.length;
    this.v = init.v.slice();
    this.spikes = new SpikeList(capacity);
    this.params = params;
    this.dt = dt;
    this.current = current;
  }

  /** Advances all neurons by so many steps of dt. */
  run(steps: number): void {
    for (const last = this.#step + steps; this.#step < last; this.#step++) this.advance(this.#step);
  }

  /** Advances all neurons by the step that covers (step dt, (step + 1) dt]. */
  protected abstract advance(step: number): void;
}

/** For models that reset: the last step in which each neuron is held at its reset value. */
export function notRefractory(size: number): Int32Array {
  return new Int32Array(size).fill(-1);
}

/** For membrane models: 1 where the next upward crossing of the threshold is a spike. */
export function armedBelow(V_th: number, v: Float64Array): Uint8Array {
  return Uint8Array.from(v, (x) => (x < V_th ? 1 : 0));
}

/** Refractory steps: `t_ref` in whole steps. */
export function holdSteps(t_ref: number, dt: number): number {
  return Math.round(t_ref / dt);
}
