/** What Vite adds; said here too for those who read this file without it. */
type Meta = ImportMeta & { readonly env: { readonly DEV: boolean } };

/** The workers' programs: a simulation, jobs beside one, and what reads files and writes results. */
const PROGRAMS = {
  spikelet: ["./worker.ts", "./worker.js"],
  jobs: ["./jobs-worker.ts", "./jobs.js"],
  tools: ["./tools-worker.ts", "./tools.js"],
} as const;

/** A worker: its sources while developing, its file beside the page's own otherwise. */
function start(name: keyof typeof PROGRAMS): Worker {
  const [source, built] = PROGRAMS[name];
  return new Worker(new URL((import.meta as Meta).env.DEV ? source : built, import.meta.url), { type: "module", name });
}

let prepared: Worker | undefined;

/** Starts a worker for the simulation that is asked for next. */
export function prepareWorker(): void {
  prepared ??= start("spikelet");
}

/** A worker for a simulation. */
export function startWorker(): Worker {
  const worker = prepared ?? start("spikelet");
  prepared = undefined;
  return worker;
}

/** A worker for jobs beside a simulation. */
export const startJobs = (): Worker => start("jobs");

/** The worker that reads files and writes results. */
export const startTools = (): Worker => start("tools");
