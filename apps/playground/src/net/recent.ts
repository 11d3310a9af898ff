/** The last frames of a network, to draw them anew: for another size or other colours. */
import type { Frame, FrameSpikes, FrameTrace } from "spikelet/worker";

/** Simulated ms and frames that are kept. */
const SPAN = 1000;
const MOST = 2000;

export class Recent {
  private frames: Frame[] = [];

  clear(): void {
    this.frames = [];
  }

  /** Takes a frame, which follows the one before. */
  add(frame: Frame): void {
    this.frames.push(frame);
    let old = 0;
    while ((this.frames[old] as Frame).time < frame.time - SPAN) old++;
    // not each time
    if (old > MOST / 20 || this.frames.length > MOST) this.frames.splice(0, Math.max(old, this.frames.length - MOST));
  }

  /** Draws the last `span` ms anew: `lay` begins at a time, or now where nothing is kept; `show` takes what came. */
  redraw(span: number, lay: (from?: number) => void, show: (frame: Frame) => void): void {
    const frame = this.last(span);
    lay(frame?.from);
    if (frame) show(frame);
  }

  /** The last `span` ms, or what is kept of them, as one frame; undefined where nothing is. */
  last(span: number): Frame | undefined {
    const end = this.frames.at(-1);
    if (end === undefined) return undefined;
    const frames = this.frames.filter(({ time }) => time > end.time - span);
    const [first] = frames;
    if (first === undefined) return undefined;
    return {
      ...end,
      from: first.from,
      spikes: end.spikes.map((one) => joinedSpikes(one, frames)),
      traces: namedOnce(frames.flatMap(({ traces }) => traces)),
      states: end.states,
    };
  }
}

function joinedSpikes(like: FrameSpikes, frames: readonly Frame[]): FrameSpikes {
  const parts = frames.flatMap(({ spikes }) => spikes.filter(({ population }) => population === like.population));
  const length = parts.reduce((sum, { times }) => sum + times.length, 0);
  const joined = { ...like, times: new Float64Array(length), neurons: new Uint32Array(length) };
  let at = 0;
  for (const { times, neurons } of parts) {
    joined.times.set(times, at);
    joined.neurons.set(neurons, at);
    at += times.length;
  }
  return joined;
}

/** Traces of the same neurons as one, in their order. */
function namedOnce(traces: readonly FrameTrace[]): FrameTrace[] {
  const groups = new Map<string, FrameTrace[]>();
  for (const trace of traces) {
    const key = JSON.stringify([trace.population, trace.variable, [...trace.neurons]]);
    groups.set(key, [...(groups.get(key) ?? []), trace]);
  }
  return [...groups.values()].map((parts) => {
    const all = (list: (part: FrameTrace) => Float64Array): Float64Array =>
      Float64Array.from(parts.flatMap((part) => [...list(part)]));
    const [first] = parts as [FrameTrace];
    return {
      ...first,
      time: all(({ time }) => time),
      values: first.values.map((_, k) => all(({ values }) => values[k] as Float64Array)),
    };
  });
}
