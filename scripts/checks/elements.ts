/**
 * The elements in pages of other people, opened in Chromium: by one line, from a disk, under strict policies, in an app,
 * in what a notebook does. Each check opens pages and says what is wrong.
 *
 *   npx tsx scripts/checks/elements.ts [--only NAME,NAME] [--shots FOLDER]
 *
 * Needs the built package, and Chromium: the variable CHROMIUM, or one of the usual names on the PATH. `--shots` keeps
 * pictures.
 *
 * Exit status: 0 done; 1 something is wrong; 3 no browser could be had.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { Simulation } from "../../src/index.js";
import { chromiumPath, TYPES } from "./chromium.js";

/** ms within which anything that a page does must have happened. */
const PATIENCE = 60_000;
const LINE = '<script type="module" src="/elements.js"></script>';
const ALL = "spikelet-neuron, spikelet-network";
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 800 };

interface Asked {
  /** Content-Security-Policy of the page. */
  readonly policy?: string;
  readonly context?: BrowserContextOptions;
  /** An address of its own. */
  readonly url?: string;
  /** What the console may say. */
  readonly expected?: RegExp;
}

/** Opens a page with this content; what it says on the console and what fails is a mistake of its own. */
type Open = (body: string, asked?: Asked) => Promise<Page>;

/** A check: it throws what is wrong, and returns what was seen, in words. */
type Check = (open: Open, shot: (page: Page, name: string) => Promise<void>) => Promise<string>;

/** An element, as pages know it. */
interface Shown extends HTMLElement {
  readonly time: number;
  readonly playing: boolean;
  readonly facts?: { readonly populations: readonly { readonly name: string }[] };
  document?: unknown;
  play(): void;
  pause(): void;
  reset(): void;
  snapshot(): Promise<Uint8Array>;
}

function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Waits until an element's time is that or later, by its place among all elements. */
async function runsUntil(page: Page, ms: number, which = 0): Promise<number> {
  await page.waitForFunction(
    ([all, k, least]) => ((document.querySelectorAll(all)[k] as Shown | undefined)?.time ?? 0) >= least,
    [ALL, which, ms] as const,
    { timeout: PATIENCE },
  );
  return timeOf(page, which);
}

const timeOf = (page: Page, which = 0): Promise<number> =>
  page.evaluate(([all, k]) => (document.querySelectorAll(all)[k] as Shown).time, [ALL, which] as const);

/** What an element says is wrong. */
const errorOf = (page: Page, which = 0): Promise<string> =>
  page.evaluate(
    ([all, k]) => document.querySelectorAll(all)[k]?.shadowRoot?.querySelector("[role=alert]")?.textContent ?? "",
    [ALL, which] as const,
  );

async function says(page: Page, words: RegExp, which = 0): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (!words.test(await errorOf(page, which))) {
    assert(Date.now() < end, `an element says ${JSON.stringify(await errorOf(page, which))}, not ${String(words)}`);
    await page.waitForTimeout(50);
  }
}

const NETWORK = {
  name: "pair",
  dt: 0.1,
  seed: 9,
  duration: 100,
  populations: [
    {
      name: "exc",
      model: "izhikevich",
      preset: "RS",
      size: 160,
      receptors: { in: { kernel: "exponential", tau: 5 } },
      background: [{ kind: "whiteNoise", sigma: 10, mean: 5 }],
    },
    {
      name: "inh",
      model: "lif",
      size: 40,
      receptors: { in: { kernel: "exponential", tau: 5 } },
      background: [{ kind: "rheobase", fraction: { normal: [1.2, 0.2] } }],
    },
  ],
  projections: [
    { source: "exc", target: "inh", rule: "fixedIndegree", k: 20, weight: 20, delay: 1.5 },
    { source: "inh", target: "exc", rule: "fixedIndegree", k: 5, weight: -2, delay: 1 },
  ],
  record: ["exc", "inh"].map((population) => ({ population, variables: ["spikes"] })),
};
const DURATION = 400;

const inPage = (content: object, attributes = ""): string =>
  `<spikelet-network ${attributes}><script type="application/json">${JSON.stringify(content)}</script></spikelet-network>`;

const hashOf = (rows: readonly string[]): string => createHash("sha256").update(rows.join("\n")).digest("hex");

interface Train {
  readonly population: string;
  readonly times: ArrayLike<number>;
  readonly neurons: ArrayLike<number>;
}

/** For each population, in Node: its spikes until `until`. */
async function nodeHash(until: number): Promise<string> {
  const sim = await Simulation.fromDocument(NETWORK);
  await sim.run(until);
  return hashOf(
    sim.results
      .take()
      .spikes.flatMap(({ name, spikes: { times, neurons } }) =>
        Array.from(times, (t, k) => `${name} ${t} ${neurons[k]}`),
      ),
  );
}

/** A script that keeps the spikes of a network, in the page or not. */
const KEEP = `<script>
  window.kept = [];
  addEventListener("DOMContentLoaded", () => {
    const network = document.querySelector("spikelet-network");
    network.addEventListener("spikelet-frame", ({ detail }) => kept.push(...detail.spikes));
  });
</script>`;

/** The hash of what a page has kept. */
async function pageHash(page: Page): Promise<{ readonly hash: string; readonly count: number }> {
  const kept = await page.evaluate(() =>
    (window as unknown as { kept: Train[] }).kept.map(({ population, times, neurons }) => ({
      population,
      times: [...(times as Float64Array)],
      neurons: [...(neurons as Uint32Array)],
    })),
  );
  const rows = ["exc", "inh"].flatMap((name) =>
    kept
      .filter(({ population }) => population === name)
      .flatMap(({ times, neurons }) => times.map((t, k) => `${name} ${t} ${neurons[k]}`)),
  );
  return { hash: hashOf(rows), count: rows.length };
}

/** Policies, what a page under them is allowed, and what the browser says of what it is not. */
const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'";
const REFUSED = /violates the following Content Security Policy/i;

const CHECKS: Readonly<Record<string, Check>> = {
  /** One line: a neuron and a network run, a slider changes them, a mistake is shown and what ran goes on. */
  async line(open, shot) {
    const page = await open(
      `${LINE}<spikelet-neuron variables="v w"></spikelet-neuron><spikelet-network></spikelet-network>`,
    );
    await runsUntil(page, 100);
    await runsUntil(page, 100, 1);
    const slider = page.getByLabel("Background current in pA");
    await slider.focus();
    const before = Number(await slider.inputValue());
    await page.keyboard.press("ArrowRight");
    const attribute = Number(await page.locator("spikelet-neuron").getAttribute("current"));
    assert(attribute > before, `the arrow key moved the current from ${before} to ${attribute}`);
    await page.locator("spikelet-neuron").evaluate((element) => element.setAttribute("current", "5 mV"));
    await says(page, /^current.*"5 mV".*pA/);
    const time = await timeOf(page);
    await runsUntil(page, time + 20);
    await page.locator("spikelet-neuron").evaluate((element) => element.setAttribute("model", "lyf"));
    await says(page, /^model: .*"lif"/);
    await runsUntil(page, time + 40);
    await page.locator("spikelet-neuron").evaluate((element) => {
      element.removeAttribute("variables");
      element.setAttribute("current", "600");
      element.setAttribute("model", "lif");
    });
    await page.waitForFunction(
      (all) => (document.querySelector(all) as Shown & { model: string }).model === "lif",
      ALL,
    );
    await says(page, /^$/);
    await page.getByRole("button", { name: "Pause" }).first().click();
    await page.waitForFunction((all) => !(document.querySelector(all) as Shown).playing, ALL);
    await page.locator("spikelet-network").evaluate((element) => element.setAttribute("drive", "exc = 0; inh = 0"));
    await runsUntil(page, 300, 1);
    await shot(page, "line");
    return "a neuron and a network";
  },

  /** The spikes of a network are those of Node, bit for bit, in workers, in the page, from a disk, and after a move. */
  async spikes(open) {
    const wanted = await nodeHash(DURATION);
    const network = inPage(NETWORK, `duration="${DURATION}" speed="4"`);
    const pages: Readonly<Record<string, [string, Asked, number]>> = {
      "in a worker": [KEEP + LINE + network, {}, 1],
      "in the page": [`<script src="/keep.js"></script>${LINE}${network}`, { policy: STRICT, expected: REFUSED }, 0],
      "in a worker of the file itself": [
        `<script src="/keep.js"></script><script src="/elements.js" defer></script>${network}`,
        { policy: STRICT, expected: REFUSED },
        1,
      ],
    };
    const seen: string[] = [];
    for (const [name, [body, asked, workers]] of Object.entries(pages)) {
      const page = await open(body, asked);
      await page.waitForFunction((all) => (document.querySelector(all) as Shown).time >= 50, ALL, {
        timeout: PATIENCE,
      });
      assert(page.workers().length === workers, `${name}: there are ${page.workers().length} workers`);
      if (name === "in a worker") {
        // moved, then out of the page for a while: it goes on
        await page.evaluate((all) => document.body.append(document.querySelector(all) as Element), ALL);
        await page.evaluate(async (all) => {
          const element = document.querySelector(all) as Element;
          element.remove();
          await new Promise((after) => setTimeout(after, 1000));
          document.body.append(element);
        }, ALL);
      }
      await runsUntil(page, DURATION);
      const { hash, count } = await pageHash(page);
      assert(count > 100, `${name}: ${count} spikes`);
      assert(hash === wanted, `${name}: the ${count} spikes are not those of Node`);
      seen.push(`${count} spikes ${name}`);
      await page.close();
    }
    return `${seen.join(", ")}: SHA-256 ${wanted.slice(0, 16)}`;
  },

  /** The example, opened from a disk. */
  async disk(open, shot) {
    const page = await open("", { url: String(pathToFileURL(resolve("examples/embed.html"))) });
    await runsUntil(page, 50);
    for (const k of [1, 2, 3]) {
      await page.locator(ALL).nth(k).scrollIntoViewIfNeeded();
      await runsUntil(page, 50, k);
      assert((await errorOf(page, k)) === "", `element ${k}: ${await errorOf(page, k)}`);
    }
    await shot(page, "disk");
    return "examples/embed.html";
  },

  /** A page that may not compile says what it lacks. */
  async policy(open) {
    const policy = "default-src 'self'; script-src 'self'";
    const page = await open(`${LINE}<spikelet-neuron></spikelet-neuron>`, { policy, expected: REFUSED });
    await says(page, /'wasm-unsafe-eval' in its script-src/);
    return "what is missing is said";
  },

  /** Twenty elements: those begin that are seen; when all are gone, so are the workers. */
  async many(open) {
    const models = ["lif", "adex", "izhikevich", "hodgkinHuxley"];
    const elements = Array.from(
      { length: 20 },
      (_, k) => `<p>${k}</p><spikelet-neuron model="${models[k % 4]}" span="100"></spikelet-neuron>`,
    );
    const page = await open(LINE + elements.join(""), { context: { viewport: DESK } });
    await runsUntil(page, 5);
    const begun = (): Promise<number> =>
      page.evaluate((all) => [...document.querySelectorAll(all)].filter((one) => (one as Shown).facts).length, ALL);
    const atFirst = await begun();
    assert(atFirst >= 1 && atFirst <= 6, `${atFirst} of 20 begin at once`);
    let most = 0;
    for (let k = 0; k < 20; k++) {
      await page.locator(ALL).nth(k).scrollIntoViewIfNeeded();
      await runsUntil(page, 5, k);
      most = Math.max(most, page.workers().length);
    }
    assert(most >= 1 && most <= 3, `${most} workers`);
    await page.waitForFunction(
      (all) => [...document.querySelectorAll(all)].filter((one) => (one as Shown).playing).length <= 6,
      ALL,
    );
    // the first one, which was asleep meanwhile, goes on
    const before = await timeOf(page, 0);
    await page.locator(ALL).nth(0).scrollIntoViewIfNeeded();
    await runsUntil(page, before + 10, 0);
    await page.evaluate((all) => document.querySelectorAll(all).forEach((one) => one.remove()), ALL);
    const end = Date.now() + PATIENCE;
    while (page.workers().length > 0) {
      assert(Date.now() < end, `${page.workers().length} workers are left`);
      await page.waitForTimeout(50);
    }
    return `${atFirst} begin at once, ${most} workers at most, none in the end`;
  },

  /** Where people want less motion, elements stand until they are played. */
  async motion(open) {
    const page = await open(`${LINE}<spikelet-neuron></spikelet-neuron>`, { context: { reducedMotion: "reduce" } });
    const first = await runsUntil(page, 50);
    await page.waitForTimeout(500);
    const before = await timeOf(page);
    await page.waitForTimeout(500);
    assert((await timeOf(page)) === before, `it moves by itself, from ${first} ms on`);
    await page.getByRole("button", { name: "Play" }).click();
    await runsUntil(page, before + 10);
    return `it stands at ${before} ms`;
  },

  /** Properties, methods and events. */
  async script(open) {
    const page = await open(`${LINE}<spikelet-network paused></spikelet-network>`);
    await runsUntil(page, 100);
    const seen = await page.evaluate(async (content) => {
      const network = document.querySelector("spikelet-network") as Shown & { seed: unknown; drive: unknown };
      const event = (name: string): Promise<Event> =>
        new Promise((done) => network.addEventListener(name, done, { once: true }));
      let ready = event("spikelet-ready");
      network.document = content;
      await ready;
      const names = network.facts?.populations.map(({ name }) => name);
      ready = event("spikelet-ready");
      network.seed = 5;
      await ready;
      const { seed } = network.document as { readonly seed: number };
      const failed = event("spikelet-error") as Promise<CustomEvent<{ readonly message: string }>>;
      network.document = { ...content, populations: [{ ...content.populations[0], model: "izhikewich" }] };
      const { message } = (await failed).detail;
      const still = network.facts?.populations.length;
      network.document = content;
      await event("spikelet-ready");
      network.drive = 2;
      network.play();
      await event("spikelet-playing");
      network.pause();
      await event("spikelet-paused");
      return { names, seed, message, still, bytes: [...(await network.snapshot())] };
    }, NETWORK);
    assert(
      String(seen.names) === "exc,inh" && seen.seed === 5 && seen.still === 2,
      JSON.stringify({ ...seen, bytes: 0 }),
    );
    assert(/populations\[0\]\.model.*"izhikevich"/.test(seen.message), seen.message);
    const sim = await Simulation.restore(Uint8Array.from(seen.bytes));
    const { populations } = sim.toDocument() as typeof NETWORK;
    const [entry] = (populations[0]?.background ?? []) as { sigma?: number; mean?: number }[];
    assert(entry?.sigma === 20 && entry?.mean === 10, `the drive has left ${JSON.stringify(entry)}`);
    return `a snapshot of ${seen.bytes.length} bytes goes on in Node from ${sim.time.toFixed(1)} ms`;
  },

  /** An app with a bundler and a worker of its own. */
  async app(open) {
    const page = await open('<script type="module" src="/app.js"></script><spikelet-neuron></spikelet-neuron>');
    await runsUntil(page, 20);
    assert(page.workers().length === 1, `there are ${page.workers().length} workers`);
    const alone = await open('<script type="module" src="/alone.js"></script><spikelet-neuron></spikelet-neuron>');
    await runsUntil(alone, 20);
    assert(alone.workers().length === 0, `there are ${alone.workers().length} workers`);
    return "spikelet/elements with a worker and without";
  },

  /** What a notebook does with the module for it. */
  async widget(open, shot) {
    const page = await open('<div id="view"></div>');
    const seen = await page.evaluate(async (content) => {
      const state: Record<string, unknown> = {
        element: "spikelet-network",
        attributes: { duration: 200, speed: 4 },
        document: JSON.stringify(content),
        playing: true,
        time: 0,
        spikes: {},
        error: "",
      };
      const listeners: (readonly [string, () => void])[] = [];
      const model = {
        get: (name: string) => state[name],
        set: (name: string, value: unknown) => {
          state[name] = value;
          for (const [event, listener] of listeners) if (event === `change:${name}`) listener();
        },
        save_changes: () => undefined,
        on: (event: string, listener: () => void) => listeners.push([event, listener]),
        off: () => undefined,
      };
      const address = "/widget.js";
      const { default: widget } = (await import(address)) as {
        default: { render(view: object): () => void };
      };
      const el = document.querySelector("#view") as HTMLElement;
      const close = widget.render({ model, el });
      const until = async (done: () => boolean): Promise<void> => {
        for (let k = 0; k < 600 && !done(); k++) await new Promise((after) => setTimeout(after, 50));
      };
      await until(() => state["playing"] === false);
      const spikes = state["spikes"] as Record<string, { times: Float64Array; neurons: Uint32Array }>;
      model.set("document", "{");
      await until(() => state["error"] !== "");
      const error = state["error"];
      const columns = Object.entries(spikes).map(
        ([name, { times, neurons }]) => [name, [...times], [...neurons]] as const,
      );
      return { columns, error, time: state["time"], close: (close(), el.childElementCount) };
    }, NETWORK);
    const rows = seen.columns.flatMap(([name, times, neurons]) => times.map((t, k) => `${name} ${t} ${neurons[k]}`));
    assert(seen.time === 200 && rows.length > 50, `${rows.length} spikes until ${String(seen.time)} ms`);
    assert(hashOf(rows) === (await nodeHash(200)), "the spikes in the trait are not those of Node");
    assert(/JSON|line 1|end/.test(String(seen.error)), `the error is ${JSON.stringify(seen.error)}`);
    assert(seen.close === 0, "the view is left in the page");
    await shot(page, "widget");
    return `${rows.length} spikes as in Node`;
  },

  /** axe-core finds nothing serious, in the light and in the dark, on a wide page and on a phone. */
  async people(open, shot) {
    const body = `${LINE}<style>:root { color-scheme: light dark; }</style><main><h1>Elements</h1>
      <spikelet-neuron variables="v w"></spikelet-neuron><spikelet-network></spikelet-network>
      <spikelet-neuron model="wrong"></spikelet-neuron></main>`;
    for (const [colorScheme, viewport] of [
      ["light", DESK],
      ["dark", PHONE],
    ] as const) {
      const page = await open(body, { context: { colorScheme, viewport } });
      await runsUntil(page, 20);
      await page.locator(ALL).nth(1).scrollIntoViewIfNeeded();
      await runsUntil(page, 200, 1);
      const mistakes = await mistakesOf(page);
      assert(mistakes.length === 0, `${colorScheme}: ${mistakes.join("\n    ")}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert(wide <= 0, `the page is ${wide} px wider than ${viewport.width} px`);
      await shot(page, colorScheme);
    }
    return "light and dark, wide and narrow";
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

/** The programs of the app: as a bundler makes them of the package. */
async function appFiles(): Promise<Record<string, string>> {
  const programs = {
    "app.js": `import { defineElements } from "spikelet/elements"; defineElements({ worker: "/worker.js" });`,
    "alone.js": `import { defineElements } from "spikelet/elements"; defineElements();`,
    "worker.js": `import { serve } from "spikelet/worker"; serve();`,
  };
  const files = Object.entries(programs).map(async ([name, contents]) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: process.cwd() },
      alias: {
        "spikelet/elements": resolve("dist/elements/index.js"),
        "spikelet/worker": resolve("dist/worker.js"),
      },
      bundle: true,
      format: "esm",
      write: false,
    });
    return [name, outputFiles[0]?.text ?? ""] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

/** Serves pages that were asked for, and the files of the package. */
async function serve(pages: ReadonlyMap<string, { readonly body: string; readonly policy?: string | undefined }>) {
  const files: Record<string, string> = {
    ...(await appFiles()),
    "keep.js": KEEP.replaceAll(/<\/?script>/g, ""),
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const page = pages.get(pathname);
    const name = pathname.slice(1);
    const headers = { "Content-Type": TYPES[page ? ".html" : extname(name)] ?? "text/plain" };
    if (page) {
      response.writeHead(200, { ...headers, ...(page.policy && { "Content-Security-Policy": page.policy }) });
      response.end(page.body);
    } else if (Object.hasOwn(files, name) || ["elements.js", "widget.js"].includes(name)) {
      response.writeHead(200, headers).end(files[name] ?? readFileSync(join("dist", name)));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, close: () => (server.close(), server.closeAllConnections()) };
}

/** What a page waits for in vain is wrong too. */
const tooLong = (): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error("it takes too long")), 4 * PATIENCE).unref());

const pageOf = (body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,">
  <meta name="viewport" content="width=device-width, initial-scale=1"></head><body>${body}</body></html>`;

async function main(): Promise<number> {
  const { values: given } = parseArgs({ options: { only: { type: "string" }, shots: { type: "string" } } });
  const names = given.only?.split(",") ?? Object.keys(CHECKS);
  const unknown = names.find((name) => !Object.hasOwn(CHECKS, name));
  if (unknown !== undefined) {
    console.error(`There is no check ${unknown}; there are: ${Object.keys(CHECKS).join(", ")}.`);
    return 1;
  }
  if (!existsSync("dist/elements.js")) {
    console.error("The package is not built: npm run build.");
    return 1;
  }
  const executablePath = chromiumPath();
  if (given.shots !== undefined) mkdirSync(given.shots, { recursive: true });
  const pages = new Map<string, { readonly body: string; readonly policy?: string | undefined }>();
  const server = await serve(pages);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  let failed = 0;
  try {
    for (const name of names) {
      const wrong: string[] = [];
      const opened: Page[] = [];
      const open: Open = async (body, { policy, context, url, expected } = {}) => {
        const path = `/${name}-${pages.size}`;
        pages.set(path, { body: pageOf(body), policy });
        const page = await browser.newPage({ viewport: DESK, ...context });
        opened.push(page);
        page.setDefaultTimeout(PATIENCE);
        page.on("console", (message) => {
          const text = message.text();
          if (["error", "warning"].includes(message.type()) && !expected?.test(text)) wrong.push(`console: ${text}`);
        });
        page.on("pageerror", ({ message }) => wrong.push(`error: ${message}`));
        page.on("request", (request) => {
          const asked = request.url();
          if (!asked.startsWith(server.address) && !/^(data|blob|file):/.test(asked)) wrong.push(`asks for ${asked}`);
        });
        // tsx gives functions their names by it, those too that run in the page
        await page.addInitScript("globalThis.__name = (one) => one;");
        await page.goto(url ?? server.address + path);
        return page;
      };
      const shot = async (page: Page, picture: string): Promise<void> => {
        if (given.shots) await page.screenshot({ path: join(given.shots, `${picture}.png`), fullPage: true });
      };
      let seen = "";
      try {
        seen = await Promise.race([(CHECKS[name] as Check)(open, shot), tooLong()]);
      } catch (error) {
        wrong.push(error instanceof Error ? error.message : String(error));
      }
      for (const page of opened) await page.close();
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
