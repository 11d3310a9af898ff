/** What was watched: the latest samples of each trace, to be saved. */
import type { FrameTrace } from "spikelet/worker";

/** Times that are kept of a trace, and traces that are kept: who looks at many neurons begins many. */
export const MOST_TIMES = 200_000;
const MOST_TRACES = 50;

/** Samples of a trace that grow. */
interface Growing extends Pick<FrameTrace, "population" | "variable" | "unit" | "neurons"> {
  readonly time: number[];
  readonly values: readonly number[][];
}

/** The latest samples of what was watched; the oldest go where there are too many. */
export class KeptTraces {
  private readonly most: number;
  private readonly traces = new Map<string, Growing>();

  constructor(most = MOST_TIMES) {
    this.most = most;
  }

  /** Forgets all. */
  clear(): void {
    this.traces.clear();
  }

  /** Takes what comes with a frame. */
  add(traces: readonly FrameTrace[]): void {
    for (const { population, variable, unit, neurons, time, values } of traces) {
      const key = JSON.stringify([population, variable, [...neurons]]);
      let mine = this.traces.get(key);
      if (mine === undefined) {
        mine = { population, variable, unit, neurons, time: [], values: values.map(() => []) };
        this.traces.set(key, mine);
        if (this.traces.size > MOST_TRACES) this.traces.delete(this.traces.keys().next().value as string);
      }
      // a watch that begins anew gives its first time once more
      const last = mine.time.at(-1) ?? Number.NEGATIVE_INFINITY;
      for (let k = 0; k < time.length; k++) {
        if ((time[k] as number) <= last) continue;
        mine.time.push(time[k] as number);
        mine.values.forEach((list, i) => list.push(values[i]?.[k] as number));
      }
      const extra = mine.time.length - this.most;
      // not each time
      if (extra > this.most / 4) for (const list of [mine.time, ...mine.values]) list.splice(0, extra);
    }
  }

  /** Samples that are kept. */
  get count(): number {
    return [...this.traces.values()].reduce((sum, { time, values }) => sum + time.length * values.length, 0);
  }

  /** The traces, as copies. */
  get tables(): FrameTrace[] {
    return [...this.traces.values()].map(({ time, values, ...facts }) => ({
      ...facts,
      time: Float64Array.from(time),
      values: values.map((list) => Float64Array.from(list)),
    }));
  }
}
