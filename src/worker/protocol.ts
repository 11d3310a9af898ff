/**
 * What a page and a worker say to each other. Everything is data that structured clones can carry; arrays are moved,
 * not copied.
 */
import type { Finding, PopulationReport } from "../index.js";

/** What messages are sent through: a `Worker`, a worker's own scope, a `MessagePort`, in browsers and in Node. */
export interface Endpoint {
  postMessage(message: unknown, transfer?: readonly never[]): void;
}

/** A population, as the page is told of it. */
export interface PopulationFacts {
  readonly name: string;
  readonly model: string;
  readonly size: number;
  /** Names of states and receptors that can be watched. */
  readonly variables: readonly string[];
}

/** What is known of a network once it is open. */
export interface NetworkFacts {
  readonly name: string;
  readonly dt: number;
  readonly seed: number;
  /** Simulated time in ms: that of the snapshot, or 0. */
  readonly time: number;
  /** Threads that share the work. */
  readonly shards: number;
  readonly populations: readonly PopulationFacts[];
  readonly projections: readonly {
    readonly name: string;
    readonly source: string;
    readonly target: string;
    readonly synapses: number;
  }[];
  readonly findings: readonly Finding[];
}

/** A model, as the page is told of it. */
export interface ModelFacts {
  readonly id: string;
  /** Unit of its current; "" for a pure number, here and below. */
  readonly current: string;
  /** Units of its states, `v` first. */
  readonly states: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, { readonly default: number; readonly unit: string }>>;
  /** Methods that are for it, the default first. */
  readonly methods: readonly string[];
  /** A constant current that makes its default neuron fire, with a dt and a duration in ms to see it, where known. */
  readonly example?: { readonly current: number; readonly dt: number; readonly duration: number };
  /** Its equations, as `latexOf` writes them. */
  readonly latex: string;
}

/** The spikes of a population in a frame. */
export interface FrameSpikes {
  readonly population: string;
  readonly size: number;
  /** ms, ascending, and the neurons beside them. */
  readonly times: Float64Array;
  readonly neurons: Uint32Array;
}

/** Samples of a variable in a frame. */
export interface FrameTrace {
  readonly population: string;
  readonly variable: string;
  readonly unit: string;
  readonly neurons: Uint32Array;
  /** ms */
  readonly time: Float64Array;
  /** For each of `neurons` its samples. */
  readonly values: readonly Float64Array[];
}

/** The present values of a variable of a whole population. */
export interface FrameState {
  readonly population: string;
  readonly variable: string;
  readonly values: Float64Array;
}

/** What happened in a stretch of simulated time. */
export interface Frame {
  /** Start and end in ms. */
  readonly from: number;
  readonly time: number;
  readonly spikes: readonly FrameSpikes[];
  readonly traces: readonly FrameTrace[];
  readonly states: readonly FrameState[];
  /** Wall time in ms that computing it took. */
  readonly computing: number;
  /** Wall time in ms since the frame before; with `from` and `time` it says how fast the clock of the network goes. */
  readonly passed: number;
}

/** How to open a network. */
export interface OpenOptions {
  /** As in `SimulationOptions`. */
  readonly threads?: number;
  readonly core?: string;
  readonly worker?: string;
  /** For documents: in place of theirs. For snapshots: of the random numbers from there on. */
  readonly seed?: number;
}

/** How to play. */
export interface PlayOptions {
  /** Simulated ms per ms of wall time, such as 1 for real time; as fast as possible when left out. */
  readonly speed?: number;
  /** Time in ms at which it pauses by itself. */
  readonly until?: number;
  /** Wall ms that a frame should take to compute, and at least lies between two; 12 by default. */
  readonly frame?: number;
}

/** What to watch: samples that come with each frame. */
export interface Watch {
  readonly population: string;
  readonly variables: readonly string[];
  readonly neurons: readonly number[];
  /** ms between samples; dt when left out. */
  readonly every?: number;
}

/** Where a network is. */
export interface Standing {
  readonly time: number;
  readonly populations: Readonly<Record<string, PopulationReport>>;
}

/** An error, as data. */
export interface ErrorData {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  /** All its other fields that are data. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** From the page. */
export type Request =
  { readonly id: number; readonly call: string; readonly args: readonly unknown[] } | { readonly taken: number };

/** From the worker. */
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorData }
  | { readonly frame: Frame }
  | { readonly building: number }
  | { readonly paused: { readonly time: number; readonly error?: ErrorData } };

interface Listening {
  addEventListener?(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  on?(type: "message", listener: (data: unknown) => void): void;
  start?(): void;
}

/** Hears messages, in browsers and in Node. */
export function hear(endpoint: Endpoint, listener: (message: unknown) => void): void {
  const { addEventListener, on } = endpoint as Listening;
  if (addEventListener) addEventListener.call(endpoint, "message", ({ data }) => listener(data));
  else on?.call(endpoint, "message", listener);
  (endpoint as Listening).start?.();
}
