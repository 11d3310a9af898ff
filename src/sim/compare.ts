/** Is the time step small enough? The same network at dt and dt/2, side by side. */
import { checkKeys, readObject } from "../model/check.js";
import { parseDocument } from "../model/parse.js";
import type { NetworkSpec } from "../model/spec.js";
import { Simulation } from "./simulation.js";

/** How much the spikes of one population move when the time step is halved. */
export interface TimeStepComparison {
  readonly population: string;
  /** Spikes at dt and at dt/2. */
  readonly spikes: readonly [atDt: number, atHalf: number];
  /** Rates in Hz at dt and at dt/2. */
  readonly rates: readonly [atDt: number, atHalf: number];
  /** Median and largest shift in ms between a neuron's k-th spikes, over all that both runs have; NaN without any. */
  readonly medianShift: number;
  readonly largestShift: number;
  /** Shift in ms of the first spike of the run; NaN without any. */
  readonly firstShift: number;
}

/**
 * Runs a document at its dt and at half of it and reports how far the spikes move. For a deterministic, non-chaotic
 * network the shift estimates the error of the time step; in a chaotic network trust the first spikes and the rates
 * only. Noise is drawn per step, so noisy runs differ by more than their error.
 *
 * @param document a model file's content
 * @param options `duration` in ms shortens the runs
 */
export async function compareTimeSteps(
  document: unknown,
  options: { readonly duration?: number } = {},
): Promise<TimeStepComparison[]> {
  checkKeys(readObject(options, "compareTimeSteps"), "compareTimeSteps", ["duration"], "option");
  const spec = parseDocument(document);
  const duration = options.duration ?? spec.duration;
  const coarse = await spikesAt(spec, spec.dt, duration);
  const fine = await spikesAt(spec, spec.dt / 2, duration);
  return spec.populations.map(({ name, size }) => {
    const a = coarse.get(name) as SpikeTrain;
    const b = fine.get(name) as SpikeTrain;
    const shifts = pairShifts(a, b, size);
    const hz = (count: number): number => (duration > 0 ? (1000 * count) / size / duration : 0);
    return {
      population: name,
      spikes: [a.times.length, b.times.length],
      rates: [hz(a.times.length), hz(b.times.length)],
      medianShift: shifts.length === 0 ? Number.NaN : (shifts[shifts.length >> 1] as number),
      largestShift: shifts.length === 0 ? Number.NaN : (shifts[shifts.length - 1] as number),
      firstShift: Math.abs((a.times[0] ?? Number.NaN) - (b.times[0] ?? Number.NaN)),
    };
  });
}

interface SpikeTrain {
  readonly times: Float64Array;
  readonly neurons: Uint32Array;
}

async function spikesAt(spec: NetworkSpec, dt: number, duration: number): Promise<Map<string, SpikeTrain>> {
  const record = spec.populations.map(({ name }) => ({ population: name, variables: ["spikes"], from: 0 }));
  const simulation = await Simulation.fromSpec({ ...spec, dt, record });
  await simulation.run(duration);
  return new Map([...simulation.recordings.spikes].map(([name, r]) => [name, { times: r.times, neurons: r.neurons }]));
}

/** Shifts between the k-th spikes of each neuron, ascending. */
function pairShifts(a: SpikeTrain, b: SpikeTrain, size: number): Float64Array {
  const trains: number[][] = Array.from({ length: size }, () => []);
  for (let i = 0; i < b.times.length; i++) trains[b.neurons[i] as number]?.push(b.times[i] as number);
  const next = new Uint32Array(size);
  const shifts: number[] = [];
  for (let i = 0; i < a.times.length; i++) {
    const neuron = a.neurons[i] as number;
    const k = next[neuron] as number;
    next[neuron] = k + 1;
    const other = trains[neuron]?.[k];
    if (other !== undefined) shifts.push(Math.abs((a.times[i] as number) - other));
  }
  return Float64Array.from(shifts).sort();
}
