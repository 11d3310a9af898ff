/** The clock of the measurements. */

/** Whether the system counts CPU time finely enough; Windows does it in ticks of 16 ms. */
const FINE = process.platform !== "win32";

/** What `now` measures. */
export const CLOCK = FINE ? "CPU time" : "wall time";

/**
 * CPU time of this process in ms: on a quiet machine the same as wall time, and unlike it not disturbed by what else
 * runs. While a contestant works, the other threads of the process sleep.
 */
export function now(): number {
  if (!FINE) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
