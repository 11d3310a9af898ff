/** Timing: contestants take turns in one process, and every round gives one number for each. */
import { Worker } from "node:worker_threads";
import { Bench } from "tinybench";
import type { Entrant } from "./contestants.js";
import type { Answer, Question } from "./worker.js";

export interface MeasureOptions {
  readonly rounds: number;
  /** Running time of each contestant before the first sample: the engine compiles a loop in several stages. */
  readonly warmUpMs: number;
  /** Length of a sample. */
  readonly sampleMs: number;
  /** Fewest steps of a sample: what a call costs beside its steps must not show. */
  readonly minSteps?: number;
}

export interface Measurement {
  /** Nanoseconds per neuron and step in each round. */
  readonly rounds: readonly number[];
  /** What the contestant says about itself in the end. */
  readonly facts: Readonly<Record<string, number>>;
}

/**
 * A contestant in a thread of its own, hence with a JavaScript heap and compiler of its own. In a common one the
 * contestants disturb each other: once a WebAssembly memory has grown, V8 checks at each access of a typed array
 * whether its buffer is still there, which slows plain JavaScript by up to 40 %.
 */
class Thread {
  readonly #worker: Worker;
  #settle: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  constructor(entrant: Entrant) {
    this.#worker = new Worker(new URL("./worker.mjs", import.meta.url), { workerData: entrant });
    this.#worker.on("message", (answer: Answer) => this.#settle?.resolve(answer));
    this.#worker.on("error", (error: Error) => this.#settle?.reject(error));
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.postMessage(question);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/**
 * Measures the contestants in turns: round by round one sample of each, so that drifts of the machine hit all of
 * them.
 */
export async function measure(entrants: readonly Entrant[], options: MeasureOptions): Promise<Measurement[]> {
  const { rounds, warmUpMs, sampleMs, minSteps = 1 } = options;
  const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true });
  const threads: Thread[] = [];
  const samples = entrants.map((): number[] => []);
  try {
    for (const [i, entrant] of entrants.entries()) {
      const thread = new Thread(entrant);
      threads.push(thread);
      const { size, steps } = await thread.ask({ kind: "warmUp", warmUpMs, sampleMs, minSteps });
      // Only the thread knows when its sample starts and ends.
      const sample = async () => {
        const { ms } = await thread.ask({ kind: "sample", steps });
        (samples[i] as number[]).push((ms * 1e6) / (steps * size));
        return { overriddenDuration: ms };
      };
      bench.add(`${i}`, sample, { async: true });
    }
    for (let round = 0; round < rounds; round++) {
      bench.reset();
      await bench.run();
    }
    const measurements: Measurement[] = [];
    for (const [i, thread] of threads.entries()) {
      const { facts } = await thread.ask({ kind: "facts" });
      measurements.push({ rounds: samples[i] as number[], facts });
    }
    return measurements;
  } finally {
    for (const thread of threads) await thread.close();
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

/**
 * How many times faster `fast` is than `slow`, by rounds: both numbers of a quotient saw the same state of the
 * machine.
 */
export function ratio(slow: Pick<Measurement, "rounds">, fast: Pick<Measurement, "rounds">): Summary {
  return summary(slow.rounds.map((x, i) => x / (fast.rounds[i] as number)));
}
