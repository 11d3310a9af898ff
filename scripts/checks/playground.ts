/**
 * The built playground in Chromium, under its own Content Security Policy: each check opens pages and says what is
 * wrong.
 *
 *   npm run site:build && npx tsx scripts/checks/playground.ts [--only NAME,NAME] [--shots FOLDER]
 *
 * Needs Chromium: the variable CHROMIUM, or one of the usual names on the PATH. `--shots` keeps a picture of the page
 * after each check.
 *
 * Exit status: 0 done; 1 something is wrong; 3 no browser could be had.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Download, type Page } from "playwright-core";
import { readLink, writeLink } from "../../apps/playground/src/link.js";
import { BALANCE, type Balance, balanceDocument } from "../../apps/playground/src/net/balance.js";
import { parseModelFile, resultFormats, Simulation } from "../../src/index.js";

const ROOT = "apps/playground/dist";
/** ms within which anything that a page does must have happened. */
const PATIENCE = 60_000;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

/** What a check is given. */
interface Place {
  readonly browser: Browser;
  /** Address of the page, ending in a slash. */
  readonly address: string;
  /** Opens the page at a fragment; what it says on the console and what fails is a mistake of its own. */
  open(fragment?: string, size?: { readonly width: number; readonly height: number }): Promise<Page>;
}

/** A check: it throws what is wrong, and may return what was seen, in words. */
type Check = (place: Place) => Promise<string>;

function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** What a click saves. */
async function saved(page: Page, name: string): Promise<{ readonly name: string; readonly content: Buffer }> {
  const [download] = (await Promise.all([page.waitForEvent("download"), button(page, name).click()])) as [
    Download,
    unknown,
  ];
  return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
}

/** The view that the page shows, in the page. */
interface Shown {
  readonly session?: { readonly time: number };
}

/** Waits until the clock of the page is at so many simulated ms or later. */
async function runsUntil(page: Page, ms: number): Promise<void> {
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
async function csvOf(sim: Simulation, until: number): Promise<string> {
  sim.results.take();
  await sim.run(until - sim.time);
  const { spikes } = sim.results.take();
  const tables = { spikes, traces: [], weightTraces: [], weights: [] };
  const run = { name: sim.name, dt: sim.dt, duration: until };
  return [...(resultFormats.csv.write("spikes.csv", tables, run) as Iterable<string>)].join("");
}

const rows = (csv: string): number => csv.trimEnd().split("\n").length - 1;
const lastTime = (csv: string): number => Number(csv.trimEnd().split("\n").at(-1)?.split(",")[0]);
/** The rows up to a time: the page was paused some time after its last spike. */
const until = (csv: string, time: number): string =>
  csv
    .split("\n")
    .filter((row, k) => k === 0 || (row !== "" && Number(row.split(",")[0]) <= time))
    .join("\n");

const SEED = 11;
const small = Object.fromEntries(
  Object.entries(BALANCE).map(([key, { value }]) => [key, key === "size" ? 500 : value]),
) as unknown as Balance;

/** A link with the state of a network that runs, made by the page itself, its spikes so far, and when it was made. */
async function linkWithState({ open }: Place): Promise<{ readonly fragment: string; readonly csv: string }> {
  const page = await open(`#${await writeLink({ view: "network", state: { ...small, seed: SEED } })}`);
  await runsUntil(page, 150);
  await button(page, "Pause").click();
  const { content } = await saved(page, "CSV");
  await button(page, "Link with state").click();
  await page.waitForFunction(() => location.hash.split("/").length === 3, undefined, { timeout: PATIENCE });
  const fragment = await page.evaluate(() => location.hash);
  await page.close();
  return { fragment, csv: content.toString() };
}

const CHECKS: Readonly<Record<string, Check>> = {
  /** A network from a link's settings, and from a link's state: the same spikes as in Node. */
  async link(place) {
    const { fragment, csv } = await linkWithState(place);
    const { snapshot } = (await readLink(fragment)) ?? {};
    assert(snapshot !== undefined, "the link with state has no state");
    // in Node: the whole run from the settings, and what follows the state of the link
    const whole = await Simulation.fromDocument(balanceDocument(small, SEED));
    const gone = await Simulation.restore(snapshot);
    const made = gone.time;
    const before = await csvOf(whole, made);
    assert(rows(csv) > 100, `the page saved ${rows(csv)} spikes`);
    assert(sha256(until(csv, made)) === sha256(until(before, made)), "the spikes before the link are not those of Node");

    const page = await place.open(fragment);
    await runsUntil(page, made + 150);
    await button(page, "Pause").click();
    const after = (await saved(page, "CSV")).content.toString();
    const [end, first] = [lastTime(after), Number(after.split("\n")[1]?.split(",")[0])];
    assert(first > made, `the restored page has spikes of ${first} ms; the link is of ${made} ms`);
    assert(rows(after) > 100, `the restored page saved ${rows(after)} spikes`);
    const [restored, unbroken] = [await csvOf(gone, end + 1), await csvOf(whole, end + 1)];
    const found = sha256(until(after, end));
    assert(found === sha256(until(restored, end)), "the spikes after the link are not those of Node's restore");
    assert(found === sha256(until(unbroken, end)), "the spikes after the link are not those of an unbroken run in Node");
    await page.close();
    return `${rows(after)} spikes after ${made.toFixed(1)} ms, SHA-256 ${found.slice(0, 16)}, in a link of ${fragment.length} characters`;
  },

  /** Damaged links say what is wrong, and the page runs. */
  async damage(place) {
    const fragment = await writeLink({ view: "network", state: small });
    const none = new TextEncoder().encode("SPIKELET, or not");
    const cases: readonly (readonly [string, RegExp])[] = [
      [`#${fragment.slice(0, -8)}`, /damaged: its settings/],
      [`#${fragment}/AAAA`, /damaged: its saved state/],
      ["#nowhere", /no view "nowhere"/],
      [
        `#${await writeLink({ view: "network", state: small, snapshot: none })}`,
        /cannot be gone on from: .*snapshot/,
      ],
    ];
    for (const [link, words] of cases) {
      const page = await place.open(link);
      const alert = page.getByRole("alert");
      await alert.first().waitFor({ timeout: PATIENCE });
      const said = (await alert.allInnerTexts()).join(" ");
      assert(words.test(said), `the page says: ${said}`);
      await runsUntil(page, 1);
      await page.close();
    }
    return `${cases.length} damaged links`;
  },

  /** What the page saves is what the library reads. */
  async files({ open }) {
    const page = await open(`#${await writeLink({ view: "network", state: { ...small, seed: SEED } })}`);
    await runsUntil(page, 100);
    await button(page, "Pause").click();
    const begins: readonly (readonly [string, string, string])[] = [
      ["CSV", ".csv", "time_ms,population,neuron"],
      ["npz", ".npz", "PK"],
      ["SVG", ".svg", "<svg"],
      ["PNG", ".png", "\x89PNG"],
      ["Snapshot", ".spikelet", "SPIKELET"],
    ];
    for (const [name, ending, start] of begins) {
      const file = await saved(page, name);
      assert(file.name.endsWith(ending), `${name} is saved as ${file.name}`);
      const begin = file.content.subarray(0, start.length).toString("latin1");
      assert(begin === start, `${file.name} begins with ${JSON.stringify(begin)}`);
    }
    const { content } = await saved(page, "Model file");
    const { populations } = parseModelFile(content.toString());
    assert(populations.length === 2, `the model file has ${populations.length} populations`);
    await button(page, "As code").click();
    for (const shape of ["TypeScript", "Command line", "NEST", "Brian2", "PyNN"]) {
      await button(page, shape).click();
      await page.locator("pre").first().waitFor({ timeout: PATIENCE });
      const text = (await page.locator("pre").first().textContent()) ?? "";
      assert(text.length > 60, `${shape} is ${JSON.stringify(text)}`);
    }
    await page.close();
    return `${begins.length + 1} files, 5 shapes of code`;
  },

  /** A model file and a snapshot that are dropped run; one that is wrong says where, and leaves what runs. */
  async drop({ open }) {
    const page = await open("#document");
    await runsUntil(page, 10);
    const drop = (name: string, bytes: readonly number[]): Promise<void> =>
      page.evaluate(
        ([file, content]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(content as number[])], file as string));
          dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
        },
        [name, [...bytes]] as const,
      );
    const text = (model: string): readonly number[] => [
      ...Buffer.from(
        JSON.stringify({ name: "dropped", dt: 0.1, duration: 1, populations: [{ name: "cells", model, size: 3 }] }),
      ),
    ];
    await drop("wrong.json", text("liff"));
    const refused = /wrong\.json cannot be opened: .*populations\[0\]\.model.*"lif"/;
    await page.getByText(refused).waitFor({ timeout: PATIENCE });
    await drop("dropped.json", text("lif"));
    await page.getByRole("heading", { name: "dropped" }).waitFor({ timeout: PATIENCE });
    await runsUntil(page, 5);
    const sim = await Simulation.fromDocument(balanceDocument(small, SEED));
    await sim.run(200);
    await drop("balance.spikelet", [...sim.snapshot()]);
    await page.getByRole("heading", { name: "balance" }).waitFor({ timeout: PATIENCE });
    await runsUntil(page, 205);
    await page.close();
    return "a model file, a wrong one and a snapshot";
  },

  /** Two branches are the same until one is changed. */
  async branches({ open }) {
    const page = await open(`#${await writeLink({ view: "network", state: { ...small, seed: SEED } })}`);
    await runsUntil(page, 100);
    await button(page, "Branch").click();
    const status = page.getByText(/All spikes are the same until|They went different ways/);
    const agreed = async (): Promise<number> =>
      Number(/until ([\d.]+) ms/.exec((await status.textContent()) ?? "")?.[1]);
    const wait = async (least: number): Promise<number> => {
      for (let k = 0; k < 300; k++) {
        const until = (await status.count()) === 0 ? 0 : await agreed();
        assert(!Number.isNaN(until), "the branches differ by themselves");
        if (until >= least) return until;
        await page.waitForTimeout(200);
      }
      throw new Error(`the branches did not come to ${least} ms`);
    };
    const until = await wait(200);
    await page.getByLabel("Delay in ms").last().fill("3");
    await page.getByLabel("Delay in ms").last().press("Enter");
    await page.getByText(/They went different ways/).waitFor({ timeout: PATIENCE });
    await page.close();
    return `the same until ${until.toFixed(0)} ms, different after a change`;
  },

  /** Each lesson opens and runs; the first is done. */
  async lessons({ open }) {
    const page = await open("#lessons");
    const choice = page.getByLabel("Lesson", { exact: true });
    await choice.locator("option").first().waitFor({ state: "attached", timeout: PATIENCE });
    const options = choice.locator("option");
    const names = await options.evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value));
    assert(names.length >= 10, `there are ${names.length} lessons`);
    await runsUntil(page, 1200);
    await page.getByLabel("Your answer in mV").fill("-58");
    await page.getByLabel("Your answer in mV").press("Enter");
    await page.getByText("Done. That is right.").waitFor({ timeout: PATIENCE });
    await button(page, "Check").nth(1).click();
    await page.getByText("The rate of cell is 0 Hz; asked for: 5 to 40 Hz.").waitFor({ timeout: PATIENCE });
    for (const name of names.slice(1)) {
      await choice.selectOption(name);
      const title = (await choice.locator("option:checked").textContent())?.trim().replace(/^\d+\. /, "") ?? "";
      await page.getByRole("heading", { name: title, exact: true, level: 2 }).waitFor({ timeout: PATIENCE });
      await runsUntil(page, 5);
    }
    await page.close();
    return `${names.length} lessons`;
  },

  /** Each entry of the gallery is a link that runs. */
  async gallery({ open }) {
    const page = await open("#gallery");
    const links = page.locator("sp-gallery li a");
    await links.first().waitFor({ timeout: PATIENCE });
    const all = await links.evaluateAll((list) => list.map((one) => (one as HTMLAnchorElement).hash));
    await page.close();
    for (const hash of all) {
      const entry = await open(hash);
      await runsUntil(entry, 2);
      await entry.close();
    }
    // another one in the same page: what is traced is one of its own
    const second = await open("#document");
    await runsUntil(second, 2);
    await second.getByLabel("From the gallery").selectOption("one-neuron");
    await second.getByRole("heading", { name: "One neuron that bursts" }).waitFor({ timeout: PATIENCE });
    await second.waitForFunction(
      () => {
        const view = document.querySelector("sp-app")?.shadowRoot?.querySelector("main > *");
        const { chosen } = view?.shadowRoot?.querySelector("sp-live") as unknown as { chosen?: { population: string } };
        return chosen?.population === "cell";
      },
      undefined,
      { timeout: PATIENCE },
    );
    await second.close();
    return `${all.length} entries`;
  },

  /** axe-core finds nothing serious, in the light and in the dark, on a wide page and on a phone. */
  async people({ open }) {
    const cases = ["network", "document", "branches", "lessons", "gallery"];
    for (const view of cases) {
      for (const [colorScheme, size] of [
        ["light", { width: 1280, height: 900 }],
        ["dark", { width: 390, height: 800 }],
      ] as const) {
        const page = await open(`#${view}`, size);
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(1500);
        const mistakes = await mistakesOf(page);
        assert(mistakes.length === 0, `${view}, ${colorScheme}: ${mistakes.join("\n    ")}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert(wide <= 0, `${view} is ${wide} px wider than a page of ${size.width} px`);
        await page.close();
      }
    }
    return `${cases.length} views`;
  },
};

/** Serious mistakes that axe-core finds in a page. */
async function mistakesOf(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync("node_modules/axe-core/axe.min.js", "utf8"));
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run(),
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join("; ")}`);
}
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

function browserPath(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const all = [process.env["CHROMIUM"] ?? "", ...folders.flatMap((folder) => names.map((name) => join(folder, name)))];
  return all.find((path) => path !== "" && existsSync(path));
}

/** Serves the built page. */
async function serve(): Promise<{ readonly address: string; close(): void }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = join(ROOT, normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}/`, close: () => (server.close(), server.closeAllConnections()) };
}

async function main(): Promise<number> {
  const { values: given } = parseArgs({ options: { only: { type: "string" }, shots: { type: "string" } } });
  const names = given.only?.split(",") ?? Object.keys(CHECKS);
  const unknown = names.find((name) => !Object.hasOwn(CHECKS, name));
  if (unknown !== undefined) {
    console.error(`There is no check ${unknown}; there are: ${Object.keys(CHECKS).join(", ")}.`);
    return 1;
  }
  if (!existsSync(join(ROOT, "index.html"))) {
    console.error("The page is not built: npm run site:build.");
    return 1;
  }
  const executablePath = browserPath();
  if (executablePath === undefined) {
    console.error("No browser could be had: install Chromium (Debian: apt-get install chromium), or set CHROMIUM to its path.");
    return 3;
  }
  if (given.shots !== undefined) mkdirSync(given.shots, { recursive: true });
  const server = await serve();
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  let failed = 0;
  try {
    for (const name of names) {
      const wrong: string[] = [];
      let last: Page | undefined;
      const place: Place = {
        browser,
        address: server.address,
        async open(fragment = "", viewport = { width: 1280, height: 900 }) {
          const page = await browser.newPage({ viewport });
          page.setDefaultTimeout(PATIENCE);
          page.on("console", (message) => {
            if (["error", "warning"].includes(message.type())) wrong.push(`console: ${message.text()}`);
          });
          page.on("pageerror", ({ message }) => wrong.push(`error: ${message}`));
          page.on("request", (request) => {
            const url = request.url();
            if (!url.startsWith(server.address) && !/^(data|blob):/.test(url)) wrong.push(`asks for ${url}`);
          });
          await page.goto(server.address + fragment);
          last = page;
          return page;
        },
      };
      let seen = "";
      try {
        seen = await (CHECKS[name] as Check)(place);
      } catch (error) {
        wrong.push(error instanceof Error ? error.message : String(error));
      }
      if (last && !last.isClosed()) {
        if (given.shots !== undefined) await last.screenshot({ path: join(given.shots, `${name}.png`) });
        await last.close();
      }
      console.log(`${name}: ${wrong.length === 0 ? seen : "wrong"}`);
      for (const one of wrong) console.error(`  ${one}`);
      if (wrong.length > 0) failed++;
    }
  } finally {
    await browser.close();
    server.close();
  }
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
