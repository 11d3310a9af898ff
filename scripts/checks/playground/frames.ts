/**
 * How soon the first spikes are drawn, and how smooth the page is while 10,000 neurons run. Machines differ and are
 * shared: figures are told beside their aims, and only what is far from them is a mistake.
 */
import type { Page } from "playwright-core";
import { assert, type Place, PATIENCE } from "./place.js";

/** Aims in ms, and what is a mistake whatever the machine. */
const FIRST = { aim: 1000, most: 5000 };
const FRAME = { aim: 50, most: 500 };
const TRIES = 3;
/** ms after the first spikes before which frames are not counted: the page is still being laid out. */
const WARM = 1000;

/** What the probe leaves in the page: times in ms since navigation began. */
interface Probe {
  /** When pixels of spikes were first on a canvas. */
  first: number | undefined;
  /** Ends of frames. */
  readonly frames: number[];
  /** Long tasks of the main thread. */
  readonly tasks: { readonly start: number; readonly ms: number }[];
}
type Probed = typeof globalThis & { probe: Probe };

/** Runs in the page before its own program. An image of one colour is a raster without spikes. */
function probe(): void {
  const found: Probe = { first: undefined, frames: [], tasks: [] };
  (globalThis as Probed).probe = found;
  const context = CanvasRenderingContext2D.prototype;
  const { putImageData } = context;
  context.putImageData = function (...given: readonly unknown[]): void {
    Reflect.apply(putImageData, this, given);
    const [{ data }] = given as [ImageData];
    const pixels = new Uint32Array(data.buffer);
    if (!pixels.some((pixel) => pixel !== pixels[0])) return;
    found.first = performance.now();
    context.putImageData = putImageData;
  };
  const frame = (): void => {
    found.frames.push(performance.now());
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) found.tasks.push({ start: startTime, ms: duration });
  }).observe({ type: "longtask", buffered: true });
}

/** ms from the beginning of navigation to the first spikes. */
async function firstSpikes(page: Page): Promise<number> {
  await page.waitForFunction(() => (globalThis as Probed).probe.first !== undefined, undefined, { timeout: PATIENCE });
  return page.evaluate(() => (globalThis as Probed).probe.first as number);
}

const ms = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`;

/** The first spikes of the first view, each time with nothing kept from before. */
export async function first({ open }: Place): Promise<string> {
  const found: number[] = [];
  for (let k = 0; k < TRIES; k++) {
    const page = await open("", { probe });
    found.push(await firstSpikes(page));
    await page.close();
  }
  const best = Math.min(...found);
  assert(best < FIRST.most, `the first spikes were drawn ${found.map(ms).join(", ")} after navigation began`);
  const aim = `the aim of ${FIRST.aim} ms is ${best < FIRST.aim ? "met" : "not met"}`;
  return `first spikes ${found.map(ms).join(", ")} after navigation began; ${aim}`;
}

/** What the page shows, in the page. */
interface Running {
  readonly session: {
    readonly time: number;
    readonly facts: { readonly shards: number; readonly populations: readonly { readonly size: number }[] };
  };
}

/** Frames of the page while it runs. */
async function smoothness(page: Page, seconds: number): Promise<string> {
  const begin = (await firstSpikes(page)) + WARM;
  const now = (): Promise<{ at: number; time: number; neurons: number; shards: number; isolated: boolean }> =>
    page.evaluate(() => {
      const view = document.querySelector("sp-app")?.shadowRoot?.querySelector("main > *") as unknown as Running;
      const { time, facts } = view.session;
      const neurons = facts.populations.reduce((sum, { size }) => sum + size, 0);
      return { at: performance.now(), time, neurons, shards: facts.shards, isolated: crossOriginIsolated };
    });
  await page.waitForFunction((least) => performance.now() >= least, begin);
  const before = await now();
  await page.waitForTimeout(1000 * seconds);
  const after = await now();
  const { frames, tasks } = await page.evaluate(() => (globalThis as Probed).probe);
  const within = frames.filter((at) => at >= before.at && at <= after.at);
  const gaps = within
    .slice(1)
    .map((at, k) => at - (within[k] as number))
    .sort((a, b) => a - b);
  assert(gaps.length > 0, "no frame was drawn");
  const at = (part: number): number => gaps[Math.min(gaps.length - 1, Math.floor(part * gaps.length))] as number;
  const long = tasks.filter(({ start }) => start >= before.at && start <= after.at).map((task) => task.ms);
  const over = gaps.filter((gap) => gap > FRAME.aim).length;
  const factor = (after.time - before.time) / (after.at - before.at);
  assert(factor > 0, "the network stood still");
  assert(at(0.5) < FRAME.most, `half of the frames took longer than ${ms(at(0.5))}`);
  const threads = after.shards === 1 ? "one thread" : `${after.shards} threads`;
  return (
    `${after.isolated ? "isolated" : "not isolated"}, ${after.neurons} neurons on ${threads}, ${seconds} s: ` +
    `${factor.toFixed(2)} x real time; frames: median ${ms(at(0.5))}, 99 % below ${ms(at(0.99))}, longest ${ms(at(1))}, ` +
    `${over} of ${gaps.length} over ${FRAME.aim} ms; long tasks: ${long.length}, longest ${ms(Math.max(0, ...long))}`
  );
}

/** The first view with its 10,000 neurons, not isolated and isolated. */
export async function frames({ open, seconds }: Place): Promise<string> {
  const found: string[] = [];
  for (const isolated of [false, true]) {
    const page = await open("", { probe, isolated });
    found.push(await smoothness(page, seconds));
    await page.close();
  }
  return found.join("\n  ");
}
