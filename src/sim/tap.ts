/**
 * Samples on their way from the cores' buffers to a recording: shards have their neurons' or synapses' share of each.
 */
import type { Core } from "../core/core.js";

/** Where samples go. */
interface Sink {
  /** Takes samples of which the first is number `first` since the start. */
  take(samples: Float64Array, first: number): void;
}

/** What is sampled in one core. */
export interface Probed {
  readonly core: Core;
  /** Address of the column, and of the population if it is that of its background current. */
  readonly column: number;
  readonly backgroundOf: number;
  /** Addresses of the population and of its receptor, if the column takes the output of one. */
  readonly outputOf?: readonly [population: number, receptor: number];
  /** Address of a population that is advanced by events, and number of the state that is looked at. */
  readonly lookAt?: readonly [population: number, state: number];
  /** Places in the column, and of their numbers in a sample. */
  readonly places: Uint32Array;
  readonly positions: Uint32Array;
  /** The numbers are rest + factor y: address of the factor, which is sampled too. */
  readonly scaled?: { readonly factor: number; readonly rest: number };
}

interface Piece {
  /** What numbers are added to once they are multiplied by the last of their sample. */
  readonly rest: number | undefined;
  readonly core: Core;
  readonly positions: Uint32Array;
  readonly recorder: number;
  readonly buffer: number;
}

/** When samples are taken: after the steps number first, first + every, ... */
export interface Sampling {
  readonly first: number;
  readonly every: number;
  /** What is sampled changes when spikes are delivered. */
  readonly late: boolean;
}

/**
 * Numbers that a buffer holds, over all its neurons: so few as a rule, which stay in the cache, more for wide samples.
 */
const ROOM = 16384;
const MOST_ROOM = 8 * ROOM;

/** Samples that even a buffer of wide ones holds, so that looking at it costs little beside taking them. */
const SAMPLES = 16;

/** Numbers that the buffers of all taps hold together, where each has room for what it must. */
const ALL_ROOM = 64 * MOST_ROOM;

export class Tap {
  private readonly sink: Sink;
  private readonly width: number;
  private readonly sampling: Sampling;
  private readonly pieces: readonly Piece[];
  private taken = 0;

  /**
   * @param steps steps that may pass between two looks at the buffer
   * @param taps how many there are, this one included
   */
  constructor(sink: Sink, probed: readonly Probed[], sampling: Sampling, steps: number, taps: number, label: string) {
    this.sink = sink;
    this.sampling = sampling;
    this.width = probed.reduce((sum, { places }) => sum + places.length, 0);
    const room = Math.min(MOST_ROOM, Math.max(ROOM, SAMPLES * this.width), Math.floor(ALL_ROOM / taps));
    this.pieces = probed
      .filter(({ places }) => places.length > 0)
      .map(({ core, column, backgroundOf, outputOf, lookAt, places: chosen, positions, scaled }) => {
        // A place before the column is reached around the end of the addresses.
        const places = scaled ? appended(chosen, (scaled.factor - column) >> 3) : chosen;
        const count = places.length;
        const samples = Math.max(2, Math.ceil(steps / sampling.every) + 1, Math.floor(room / count));
        const buffer = core.allocate(samples * count * 8, label);
        const inOrder = places.every((place, i) => place === i);
        const indices = inOrder ? 0 : core.indices(places, label);
        const { first, every, late } = sampling;
        const recorder = core.exports.addRecorder(
          column,
          backgroundOf,
          late,
          indices,
          count,
          every,
          first,
          buffer,
          samples,
        );
        if (recorder === 0) core.exhausted(label);
        if (outputOf) core.exports.recordOutput(recorder, ...outputOf);
        if (lookAt) core.exports.recordLook(recorder, ...lookAt);
        return { core, positions, recorder: recorder >>> 0, buffer, rest: scaled?.rest };
      });
  }

  /** Begins again with the first sample. */
  restart(): void {
    this.taken = 0;
  }

  /** Hands over what has been sampled until `step` steps were done. */
  drain(step: number): void {
    const { sink, width, pieces, sampling } = this;
    const { first, every } = sampling;
    // A shard may be some steps ahead of one in which a neuron ran away.
    const due = step < first ? 0 : Math.floor((step - first) / every) + 1 - this.taken;
    if (due <= 0 || pieces.length === 0) return;
    const number = this.taken;
    this.taken += due;
    const [only] = pieces;
    if (only && pieces.length === 1 && only.rest === undefined && only.positions.every((p, i) => p === i)) {
      sink.take(only.core.readF64(only.buffer, due * width), number);
      return;
    }
    const samples = new Float64Array(due * width);
    for (const { core, positions, buffer, rest } of pieces) {
      const count = positions.length + (rest === undefined ? 0 : 1);
      const own = core.f64.subarray(buffer / 8, buffer / 8 + due * count);
      for (let j = 0, from = 0; j < due; j++, from += count) {
        const factor = own[from + count - 1] as number;
        for (let k = 0; k < positions.length; k++) {
          const y = own[from + k] as number;
          samples[j * width + (positions[k] as number)] = rest === undefined ? y : rest + y * factor;
        }
      }
    }
    sink.take(samples, number);
  }
}

function appended(places: Uint32Array, last: number): Uint32Array {
  const all = new Uint32Array(places.length + 1);
  all.set(places);
  all[places.length] = last;
  return all;
}
