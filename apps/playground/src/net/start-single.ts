/** In place of start.ts where all of the page is one file: the text of the workers' program is in it, once. */
import Program from "./single-worker.js?worker&inline";

export function startWorker(name: "spikelet" | "jobs" = "spikelet"): Worker {
  return new Program({ name });
}

export function startTools(): Worker {
  return new Program({ name: "tools" });
}
