/** Analysis of spike trains: pure functions over typed arrays, without any other part of Spikelet. */
export { type FanoOptions, fanoPerNeuron, meanFano } from "./fano.js";
export { cvPerNeuron, type InterspikeIntervals, interspikeIntervals, meanCv } from "./intervals.js";
export {
  firingRates,
  meanRate,
  type PopulationRate,
  type PopulationRateOptions,
  populationRate,
  smoothRate,
  spikeCounts,
} from "./rates.js";
export { SpikeStatistics } from "./statistics.js";
export type { PopulationSpikes, PopulationTrace, Spikes } from "./types.js";
