/** Progress of a run on standard error: a bar on a terminal, a line every few seconds elsewhere. */
import type { Progress } from "../index.js";
import { brief, dim, grouped, reachedText, wallText } from "./terminal.js";

/** Wall time between two drawings of the bar, in ms. */
const BAR_EVERY = 100;
/** Wall time between two lines, in ms. */
const LINE_EVERY = 5000;

/** Where a run is, which may have begun in an earlier process. */
export interface Shown extends Progress {
  /** Simulated time in ms since this process began. */
  readonly simulated: number;
}

export interface ProgressView {
  update(progress: Shown): void;
  /** Takes the bar away, so that other text can be written. */
  clear(): void;
}

/**
 * @param stream where to write
 * @param duration simulated time of the whole run in ms
 */
export function progressView(stream: NodeJS.WriteStream, duration: number): ProgressView {
  const start = performance.now();
  const bar = stream.isTTY === true;
  let last = bar ? start - BAR_EVERY : start;
  let drawn = false;
  return {
    update(progress) {
      const now = performance.now();
      // A run that ends at once needs no bar.
      if (now - last < (bar ? BAR_EVERY : LINE_EVERY) || now - start < 2 * BAR_EVERY) return;
      last = now;
      if (bar) {
        stream.write(`\r\u001b[2K${barText(progress, duration, stream.columns ?? 80)}`);
        drawn = true;
      } else {
        stream.write(`${percent(progress)} ${factsOf(progress, duration).join(", ")}\n`);
      }
    },
    clear() {
      if (drawn) stream.write("\r\u001b[2K");
      drawn = false;
    },
  };
}

function percent(progress: Progress): string {
  return `${Math.floor(100 * progress.fraction)} %`.padStart(5);
}

function factsOf(progress: Shown, duration: number): string[] {
  const { phase, time, simulated, elapsedMs, remainingMs, spikes } = progress;
  const left = `${wallText(Math.ceil(remainingMs / 1000) * 1000).replace(".0 s", " s")} left`;
  if (phase === "building") return ["building the network", left];
  return [
    reachedText(Math.round(time), duration),
    `${grouped(spikes)} spikes`,
    `${brief(simulated / elapsedMs)}x real time`,
    left,
  ];
}

/** One line that fits the terminal: facts from the right are left out where it is too narrow. */
function barText(progress: Shown, duration: number, columns: number): string {
  const facts = factsOf(progress, duration);
  let width = Math.min(30, columns - 1);
  let text = facts.join("  ");
  while (facts.length > 0 && 7 + width + text.length > columns - 1) {
    if (width > 10) width = Math.max(10, columns - 8 - text.length);
    else {
      facts.pop();
      text = facts.join("  ");
    }
  }
  const full = Math.round(width * progress.fraction);
  return `${percent(progress)} ${"█".repeat(full)}${dim("░".repeat(width - full))} ${text}`;
}
