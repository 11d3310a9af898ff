/** How much memory recordings may take in a run that keeps them until its end. */
import type { Simulation } from "../index.js";
import type { Model } from "./input.js";
import { grouped, timeText } from "./terminal.js";

/** Recorded bytes up to which memory is used without --stream. */
const RECORD_BYTES = 2 ** 31;

export const REMEDY =
  'use --stream, which writes to disk while running, or record fewer neurons, or less often with "every"';

export function bytesAllowed(): number {
  const given = Number(process.env.SPIKELET_RECORD_BYTES ?? "");
  return given > 0 ? given : RECORD_BYTES;
}

export function bytesText(bytes: number): string {
  return `${grouped(bytes)} bytes`;
}

/** Why the traces do not fit, whose size is known ahead: they are refused before hours of simulation. */
export function excessText({ spec }: Model, simulation: Simulation): string | undefined {
  let bytes = simulation.results.bytes;
  const left = spec.duration - simulation.time;
  const sizes = new Map(spec.populations.map(({ name, size }) => [name, size]));
  for (const { variables, neurons, every, from, population } of spec.record) {
    const size = neurons?.length ?? sizes.get(population) ?? 0;
    const samples = Math.max(0, Math.min(left, spec.duration - from)) / Math.max(spec.dt, every ?? 0);
    bytes += 8 * samples * size * variables.filter((name) => name !== "spikes").length;
  }
  // Of all synapses the number is not known yet: they are counted while the network runs.
  for (const { synapses, every, from } of spec.recordWeights) {
    const samples = Math.max(0, Math.min(left, spec.duration - from)) / Math.max(spec.dt, every ?? 0);
    bytes += 8 * samples * (synapses?.length ?? 0);
  }
  const most = bytesAllowed();
  if (bytes <= most) return undefined;
  const held = `the traces of ${timeText(spec.duration)} need ${bytesText(bytes)} of memory`;
  return `${held}; at most ${bytesText(most)} are used: ${REMEDY}`;
}
