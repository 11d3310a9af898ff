/** The thread of a contestant: warms up and runs samples when asked to. */
import { setFlagsFromString } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { now } from "./clock.js";
import { contestant, type Contestant, type Entrant } from "./contestants.js";

export type Question =
  | { readonly kind: "warmUp"; readonly warmUpMs: number; readonly sampleMs: number; readonly minSteps: number }
  | { readonly kind: "sample"; readonly steps: number }
  | { readonly kind: "facts" };

/** One shape for all answers; what was not asked for is 0 or empty. */
export interface Answer {
  readonly size: number;
  /** Steps that fill a sample. */
  readonly steps: number;
  /** Time that a sample took. */
  readonly ms: number;
  readonly facts: Readonly<Record<string, number>>;
}

// V8 may replace a running function's code in the middle of a loop, and may then keep code that was made for this
// moment, which is up to 60 % slower. Steps are calls: without that replacement they get the code made for whole calls.
setFlagsFromString("--no-use-osr");

const NOTHING: Answer = { size: 0, steps: 0, ms: 0, facts: {} };

/** Runs the contestant for a while and returns the number of steps that fill a sample. */
function warmUp(entry: Contestant, warmUpMs: number, sampleMs: number): number {
  const start = now();
  let steps = 1;
  for (;;) {
    const before = now();
    entry.run(steps);
    const after = now();
    entry.rest?.();
    const elapsed = after - before;
    if (after - start >= warmUpMs && elapsed > 0.2 * sampleMs) {
      return Math.max(1, Math.round((steps * sampleMs) / elapsed));
    }
    // Many short calls first: the functions themselves must become hot, not only the loops in them.
    if (elapsed < 0.5 * sampleMs) steps = Math.ceil(steps * 1.5);
  }
}

function answer(entry: Contestant, question: Question): Answer {
  if (question.kind === "warmUp") {
    const steps = warmUp(entry, question.warmUpMs, question.sampleMs);
    return { ...NOTHING, size: entry.size, steps: Math.max(steps, question.minSteps) };
  }
  if (question.kind === "facts") return { ...NOTHING, facts: entry.facts?.() ?? {} };
  const before = now();
  entry.run(question.steps);
  const ms = now() - before;
  entry.rest?.();
  return { ...NOTHING, ms };
}

if (!parentPort) throw new Error("worker.ts is started by measure.ts.");
const port = parentPort;
const made = contestant(workerData as Entrant);
port.on("message", async (question: Question) => {
  port.postMessage(answer(await made, question));
});
