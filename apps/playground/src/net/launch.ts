/** What Vite adds; said here too for those who read this file without it. */
type Meta = ImportMeta & { readonly env: { readonly DEV: boolean } };

/** The workers' programs: a simulation, jobs beside one, and what reads files and writes results. */
const PROGRAMS = {
  spikelet: ["./worker.ts", "./worker.js"],
  jobs: ["./jobs-worker.ts", "./jobs.js"],
  tools: ["./tools-worker.ts", "./tools.js"],
} as const;

/** A worker: its sources while developing, its file beside the page's own otherwise. */
export function launch(name: keyof typeof PROGRAMS): Worker {
  const [source, built] = PROGRAMS[name];
  return new Worker(new URL((import.meta as Meta).env.DEV ? source : built, import.meta.url), { type: "module", name });
}
