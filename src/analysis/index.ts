/** Analysis of spike trains: pure functions over typed arrays, without any other part of Spikelet. */
export type { BinOptions } from "./bins.js";
export { type Burst, type BurstOptions, type Bursts, findBursts } from "./bursts.js";
export { coincidenceFactor, type CoincidenceOptions, latencyPerNeuron } from "./coincidence.js";
export {
  meanCorrelation,
  type PairCorrelationOptions,
  type PairCorrelations,
  pairCorrelations,
} from "./correlation.js";
export { type FanoOptions, fanoPerNeuron, meanFano } from "./fano.js";
export { type Histogram, type HistogramOptions, histogram, isiHistogram } from "./histogram.js";
export { cvPerNeuron, type InterspikeIntervals, interspikeIntervals, meanCv } from "./intervals.js";
export { cv2PerNeuron, lvPerNeuron, meanCv2, meanLv } from "./irregularity.js";
export {
  type Curve,
  type Equilibrium,
  equilibria,
  type Nullclines,
  nullclines,
  type VectorField,
} from "./phase-plane.js";
export { commonSpan, observedPopulation, observedTime, spikesTogether, spikesWithin } from "./observed.js";
export {
  firingRates,
  meanRate,
  type PopulationRate,
  type PopulationRateOptions,
  populationRate,
  smoothRate,
  spikeCounts,
} from "./rates.js";
export {
  populationSpectrum,
  powerSpectrum,
  type SpectralPeak,
  type Spectrum,
  type SpectrumOptions,
  spectralPeak,
} from "./spectrum.js";
export { SpikeStatistics } from "./statistics.js";
export { spikeSynchrony, traceSynchrony } from "./synchrony.js";
export type { Observed, ObservedGroup, PopulationSpikes, PopulationTrace, Span, Spikes } from "./types.js";
export type { ProjectionWeights, RecordedScope, ResultTables, WeightTrace } from "./tables.js";
