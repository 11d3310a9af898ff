/** What runs record, as tables with names and units: what files, figures and programs of the user's own are given. */
import type { PopulationSpikes, PopulationTrace, Span } from "./types.js";

/** Weights of some synapses of a named projection over time. */
export interface WeightTrace {
  /** Name of the projection. */
  readonly name: string;
  /** Unit of the weights, "" when they have no dimension. */
  readonly unit: string;
  /** Places of the synapses in their projection; sources and targets stand beside them. */
  readonly synapses: Uint32Array;
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  /** Sample times in ms, ascending. */
  readonly time: Float64Array;
  /** Samples of the synapse at a position of `synapses`. */
  values(position: number): Float64Array;
}

/** The synapses of a named projection. All arrays have the same length. */
export interface ProjectionWeights {
  readonly name: string;
  /** Unit of the weights, "" when they have no dimension. */
  readonly unit: string;
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights: Float64Array;
}

/** What was recorded and has not been taken away yet. */
export interface ResultTables {
  /** Spikes of each population that records some, each spike once, however many recordings have it. */
  readonly spikes: readonly PopulationSpikes[];
  readonly traces: readonly PopulationTrace[];
  readonly weightTraces: readonly WeightTrace[];
}

/** Which spikes, traces and weights the tables of a run hold: what nobody can see in them. */
export interface RecordedScope {
  /** Neurons of a population (all where left out) with the spans of ms over which their spikes were recorded. */
  readonly spikes: readonly {
    readonly population: string;
    readonly neurons?: readonly number[];
    readonly spans: readonly Span[];
  }[];
  readonly traces: readonly { readonly population: string; readonly variable: string; readonly unit: string }[];
  /** Projections whose weights change. */
  readonly weights: readonly { readonly projection: string; readonly unit: string }[];
}
