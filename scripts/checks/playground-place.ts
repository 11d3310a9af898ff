/** What the checks of the playground share: the page as it is served, opened and read. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type { Browser, Download, Page } from "playwright-core";
import { BALANCE, type Balance } from "../../apps/playground/src/net/balance.js";
import { resultFormats, type Simulation } from "../../src/index.js";
import { ISOLATED, TYPES } from "./chromium.js";

export const ROOT = "apps/playground/dist";
/** ms within which anything that a page does must have happened. */
export const PATIENCE = 60_000;

export interface Size {
  readonly width: number;
  readonly height: number;
}
export const WIDE: Size = { width: 1280, height: 900 };

/** How a page is opened. */
export interface Opening {
  readonly size?: Size;
  /** Cross-origin isolated: with threads. */
  readonly isolated?: boolean;
  /** What runs in the page before anything of its own. */
  readonly probe?: () => void;
  /** What the console may say. */
  readonly expected?: RegExp;
  readonly colorScheme?: "light" | "dark";
}

/** What a check is given. */
export interface Place {
  readonly browser: Browser;
  /** Address of the page, ending in a slash. */
  readonly address: string;
  /** Folder for pictures, where they are kept. */
  readonly shots: string | undefined;
  /** Seconds over which frames are measured. */
  readonly seconds: number;
  /** Opens the page at a fragment; what it says on the console and what fails is a mistake of its own. */
  open(fragment?: string, opening?: Opening): Promise<Page>;
}

/** A check: it throws what is wrong, and returns what was seen, in words. */
export type Check = (place: Place) => Promise<string>;

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
export const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** What a click saves; buttons of the same name stand in groups. */
export async function saved(
  page: Page,
  name: string,
  group?: string,
): Promise<{ readonly name: string; readonly content: Buffer }> {
  const place = group === undefined ? page : page.getByRole("group", { name: group, exact: true });
  const click = place.getByRole("button", { name, exact: true }).click();
  const [download] = (await Promise.all([page.waitForEvent("download"), click])) as [Download, unknown];
  return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
}

/** The view that the page shows, in the page. */
export interface Shown {
  readonly session?: { readonly time: number };
}

/** Waits until the clock of the page is at so many simulated ms or later. */
export async function runsUntil(page: Page, ms: number): Promise<void> {
  await page.waitForFunction(
    (least) => {
      const view = document.querySelector("sp-app")?.shadowRoot?.querySelector("main > *") as unknown as Shown;
      return (view?.session?.time ?? 0) >= least;
    },
    ms,
    { timeout: PATIENCE },
  );
}

/** The spikes of a simulation from now on, as the page saves them. */
export async function csvOf(sim: Simulation, until: number): Promise<string> {
  sim.results.take();
  await sim.run(until - sim.time);
  const { spikes } = sim.results.take();
  const tables = { spikes, traces: [], weightTraces: [], weights: [] };
  const run = { name: sim.name, dt: sim.dt, duration: until };
  return [...(resultFormats.csv.write("spikes.csv", tables, run) as Iterable<string>)].join("");
}

export const rows = (csv: string): number => csv.trimEnd().split("\n").length - 1;
export const lastTime = (csv: string): number => Number(csv.trimEnd().split("\n").at(-1)?.split(",")[0]);
/** The rows up to a time: the page was paused some time after its last spike. */
export const until = (csv: string, time: number): string =>
  csv
    .split("\n")
    .filter((row, k) => k === 0 || (row !== "" && Number(row.split(",")[0]) <= time))
    .join("\n");

export const SEED = 11;
/** The first view's network, of fewer neurons. */
export const small = Object.fromEntries(
  Object.entries(BALANCE).map(([key, { value }]) => [key, key === "size" ? 500 : value]),
) as unknown as Balance;

/** Folder of the address under which pages are cross-origin isolated. */
export const ISOLATED_FOLDER = "isolated/";

/** Serves the built page: with the two headers of threads below `isolated/`, without them elsewhere. */
export async function serve(): Promise<{ readonly address: string; close(): void }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const isolated = pathname.startsWith(`/${ISOLATED_FOLDER}`);
    const path = isolated ? pathname.slice(ISOLATED_FOLDER.length) : pathname;
    const file = join(ROOT, normalize(path.endsWith("/") ? `${path}index.html` : path));
    if (!existsSync(file)) return void response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, ...(isolated && ISOLATED) });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}/`, close: () => (server.close(), server.closeAllConnections()) };
}
