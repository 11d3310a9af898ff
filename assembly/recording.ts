/** Traces: chosen neurons of a column, copied every so many steps into a buffer that the host drains. */

@unmanaged
export class Recorder {
  next: Recorder;
  /** The column, and the population if it is the column of its background current, which is filled for the sample. */
  source: usize;
  backgroundOf: usize;
  /** The receptor whose output the column takes for the sample, and its population; 0 for other columns. */
  outputOf: usize;
  population: usize;
  /** A population that is advanced by events, in place of a column, and the number of the state (events.ts). */
  lookedAt: usize;
  state: i32;
  /** Neuron indices (u32), or 0 for the first `count`. */
  neurons: usize;
  count: i32;
  /** The column changes at the delivery of spikes (weights): sampled after it. */
  late: bool;
  /** Sampled after the steps number from, from + every, ... (step 0 is the initial state). */
  every: f64;
  from: f64;
  /** Buffer of f64, where the next sample goes and where it ends. */
  buffer: usize;
  cursor: usize;
  end: usize;
}

/** The neuron that number i of a sample is of. */
// @ts-ignore: decorator
@inline export function neuronOf(r: Recorder, i: i32): i32 {
  return r.neurons ? load<i32>(r.neurons + ((<usize>i) << 2)) : i;
}

/** Whether the recorder samples when `step` steps are done. */
export function due(r: Recorder, step: f64): bool {
  const since = step - r.from;
  return since >= 0 && since - floor(since / r.every) * r.every == 0;
}

/** Whether the buffer holds the samples of `steps` more steps. */
// @ts-ignore: decorator
@inline export function room(r: Recorder, steps: i32): bool {
  return r.cursor + ((<usize>r.count * <usize>steps) << 3) <= r.end;
}

export function sample(r: Recorder): void {
  let into = r.cursor;
  if (r.neurons == 0) {
    memory.copy(into, r.source, (<usize>r.count) << 3);
    into += (<usize>r.count) << 3;
  } else {
    const last = r.neurons + ((<usize>r.count) << 2);
    for (let n = r.neurons; n < last; n += 4, into += 8) {
      store<f64>(into, load<f64>(r.source + ((<usize>load<u32>(n)) << 3)));
    }
  }
  r.cursor = into;
}
