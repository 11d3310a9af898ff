/** In place of launch.ts where all of the page is one file: the text of the workers' program is in it, once. */
import Program from "./single-worker.js?worker&inline";

export function launch(name: "spikelet" | "jobs" | "tools"): Worker {
  return new Program({ name });
}
