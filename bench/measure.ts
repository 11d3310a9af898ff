/** Timing: contestants take turns in one process, and every round gives one number for each. */
import { Bench } from "tinybench";

/** Something that advances by steps. */
export interface Contestant {
  readonly name: string;
  /** Neurons that a step advances (1 to measure whole steps). */
  readonly size: number;
  run(steps: number): void;
  /** What happens between two samples and is not measured. */
  rest?(): void;
}

export interface MeasureOptions {
  readonly rounds: number;
  /** Running time of each contestant before the first sample: the engine compiles a loop in several stages. */
  readonly warmUpMs: number;
  /** Length of a sample. */
  readonly sampleMs: number;
}

export interface Measurement {
  readonly name: string;
  /** Nanoseconds per neuron and step in each round. */
  readonly rounds: readonly number[];
}

/**
 * CPU time of this process in ms: on a quiet machine the same as wall time, and unlike it not disturbed by what else runs.
 * Where the system counts it in ticks of 16 ms, wall time is taken.
 */
export const now: () => number =
  process.platform === "win32"
    ? () => performance.now()
    : () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      };

export const CLOCK = process.platform === "win32" ? "wall time" : "CPU time";

/** Measures the contestants in turns: round by round one sample of each, so that drifts of the machine hit all of them. */
export function measure(contestants: readonly Contestant[], options: MeasureOptions): Measurement[] {
  const bench = new Bench({ now, iterations: 1, time: 0, warmup: false, throws: true });
  const steps = contestants.map((contestant) => warmUp(contestant, options));
  contestants.forEach((contestant, i) => {
    const count = steps[i] as number;
    const rest = contestant.rest ? { afterEach: () => contestant.rest?.() } : {};
    bench.add(`${i}: ${contestant.name}`, () => contestant.run(count), rest);
  });
  const rounds = contestants.map((): number[] => []);
  for (let round = 0; round < options.rounds; round++) {
    bench.reset();
    bench.runSync().forEach((task, i) => {
      const { result } = task;
      if (result.state !== "completed") throw new Error(`${task.name}: the measurement ended as ${result.state}.`);
      const { size } = contestants[i] as Contestant;
      (rounds[i] as number[]).push((result.latency.mean * 1e6) / ((steps[i] as number) * size));
    });
  }
  return contestants.map(({ name }, i) => ({ name, rounds: rounds[i] as number[] }));
}

/** Runs the contestant for a while and returns the number of steps that fill a sample. */
function warmUp(contestant: Contestant, { warmUpMs, sampleMs }: MeasureOptions): number {
  const start = now();
  let steps = 1;
  for (;;) {
    const before = now();
    contestant.run(steps);
    const after = now();
    contestant.rest?.();
    const elapsed = after - before;
    if (after - start >= warmUpMs && elapsed > 0.2 * sampleMs) {
      return Math.max(1, Math.round((steps * sampleMs) / elapsed));
    }
    // Many short calls first: the function itself must become hot, not only the loop in it.
    if (elapsed < 0.5 * sampleMs) steps = Math.ceil(steps * 1.5);
  }
}

/** The p-th part of sorted numbers, interpolated. */
function quantile(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (place - below) * (high - low);
}

/** Median and the middle half. */
export interface Summary {
  readonly median: number;
  readonly p25: number;
  readonly p75: number;
}

export function summary(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), p25: quantile(sorted, 0.25), p75: quantile(sorted, 0.75) };
}

/** How many times faster `fast` is than `slow`, by rounds: both numbers of a quotient saw the same state of the machine. */
export function ratio(slow: Measurement, fast: Measurement): Summary {
  return summary(slow.rounds.map((x, i) => x / (fast.rounds[i] as number)));
}
