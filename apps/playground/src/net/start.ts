/** Where the workers' programs are: their sources while developing, their files beside the page's own otherwise. */

/** A worker that runs a network. */
export function startWorker(): Worker {
  const file = import.meta.env.DEV ? "./worker.ts" : "./worker.js";
  return new Worker(new URL(file, import.meta.url), { type: "module", name: "spikelet" });
}

/** The worker that reads files and writes results. */
export function startTools(): Worker {
  const file = import.meta.env.DEV ? "./tools-worker.ts" : "./tools.js";
  return new Worker(new URL(file, import.meta.url), { type: "module", name: "tools" });
}
