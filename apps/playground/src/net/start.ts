/** The page's workers. */
import { launch } from "./launch.js";

let prepared: Worker | undefined;

/** Starts a worker for the simulation that is asked for next. */
export function prepareWorker(): void {
  prepared ??= launch("spikelet");
}

/** A worker for a simulation. */
export function startWorker(): Worker {
  const worker = prepared ?? launch("spikelet");
  prepared = undefined;
  return worker;
}

/** A worker for jobs beside a simulation. */
export const startJobs = (): Worker => launch("jobs");

/** The worker that reads files and writes results. */
export const startTools = (): Worker => launch("tools");
