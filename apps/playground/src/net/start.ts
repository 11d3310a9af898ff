/** What Vite adds; said here too for those who read this file without it. */
type Meta = ImportMeta & { readonly env: { readonly DEV: boolean } };

/**
 * Where the workers' program is: its sources while developing, its file beside the page's own otherwise. It does what
 * its name says: a simulation, or jobs beside one.
 */
export function startWorker(name: "spikelet" | "jobs" = "spikelet"): Worker {
  const file = (import.meta as Meta).env.DEV ? "./worker.ts" : "./worker.js";
  return new Worker(new URL(file, import.meta.url), { type: "module", name });
}

/** The worker that reads files and writes results. */
export function startTools(): Worker {
  const file = (import.meta as Meta).env.DEV ? "./tools-worker.ts" : "./tools.js";
  return new Worker(new URL(file, import.meta.url), { type: "module", name: "tools" });
}
