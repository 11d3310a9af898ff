/** What Vite adds; said here too for those who read this file without it. */
type Meta = ImportMeta & { readonly env: { readonly DEV: boolean } };

/** Where the worker's program is: its sources while developing, its file beside the page's own otherwise. */
export function startWorker(): Worker {
  const file = (import.meta as Meta).env.DEV ? "./worker.ts" : "./worker.js";
  return new Worker(new URL(file, import.meta.url), { type: "module", name: "spikelet" });
}
