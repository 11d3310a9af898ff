/**
 * The cortical microcircuit of Potjans & Diesmann, of examples/microcircuit, with its thalamic input: what the page
 * lets a user choose of it.
 */
import { FULL_RATES, microcircuit, POPULATIONS, THALAMUS } from "../../../../examples/microcircuit/network.js";

export { FULL_RATES, POPULATIONS, THALAMUS };

/** The scales that the slider has; the whole column is 1. */
export const SCALE = {
  value: 0.1,
  min: 0.05,
  max: 0.2,
  step: 0.01,
} as const;

/**
 * Rate in Hz of the thalamic neurons in a pulse: 120 as in the paper, and more at a smaller scale, where there are
 * fewer of them by the scale, but their weights are larger by its root only.
 */
export const pulseRate = (scale: number): number => 120 / Math.sqrt(scale);

/** The model file. */
export const microcircuitDocument = (scale: number, seed: number) => ({
  ...microcircuit({ scale, seed, thalamus: true }),
  record: POPULATIONS.map((population) => ({ population, variables: ["spikes"] })),
});

/** Numbers of neurons of the column, and of synapses onto them, at a scale. */
export function sizeAt(scale: number): { readonly neurons: number; readonly synapses: number } {
  const { populations, projections } = microcircuit({ scale, thalamus: true }) as unknown as {
    readonly populations: readonly { readonly name: string; readonly size: number }[];
    readonly projections: readonly { readonly n: number }[];
  };
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b);
  return {
    neurons: sum(populations.filter(({ name }) => name !== THALAMUS).map(({ size }) => size)),
    synapses: sum(projections.map(({ n }) => n)),
  };
}
