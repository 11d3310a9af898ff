/**
 * The built documentation, and the playground as one file, in Chromium under their own Content Security Policies.
 *
 *   npm run site:build && npx tsx scripts/checks/site.ts [--only NAME,NAME] [--shots FOLDER]
 *
 * Needs Chromium: the variable CHROMIUM, or one of the usual names on the PATH. `--shots` keeps pictures of some pages.
 *
 * Exit status: 0 done; 1 something is wrong; 3 no browser could be had.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { writeLink } from "../../apps/playground/src/link.js";
import { models } from "../../src/index.js";
import { brokenLinks, type Folder, readFolder } from "../pages/site/links.js";
import { chromiumPath } from "./chromium.js";
import { drawn } from "./playground-looks.js";
import { assert, button, PATIENCE, ROOT, runsUntil, serve, type Size, WIDE } from "./playground-place.js";

/** Pages that are open at the same time. */
const AT_ONCE = 2;
const PHONE = { width: 390, height: 800 };
/** The single file on the disk. */
const SINGLE = pathToFileURL(resolve(ROOT, "spikelet.html")).href;
const MODELS = Object.keys(models);
/** Pages of the reference that stand for those of their kind: there are hundreds. */
const REFERENCE =
  /^docs\/api\/(modules\/.*|classes\/spikelet\.Simulation|types\/spikelet\.ConnectOptions|functions\/spikelet\.defineModel|interfaces\/spikelet\.RunOptions|variables\/spikelet\.adex)\.html$/;

/** What a check is given. */
interface Site {
  /** Address of the playground, ending in a slash. */
  readonly address: string;
  readonly folder: Folder;
  /** Opens an address; what it says on the console, and what it asks others for, is a mistake of its own. */
  open(url: string, size?: Size): Promise<Page>;
  /** Keeps a picture, where pictures are kept. */
  picture(page: Page, name: string): Promise<void>;
}

/** Does the same at many addresses, at some of them at a time. */
async function each<T>(
  all: readonly T[],
  { open }: Site,
  address: (one: T) => string,
  what: (page: Page, one: T) => Promise<void>,
  size?: Size,
): Promise<void> {
  const waiting = [...all];
  const worker = async (): Promise<void> => {
    let page: Page | undefined;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      page ??= await open("about:blank", size);
      // another fragment alone would not open the page anew
      await page.goto("about:blank");
      await page.goto(address(next), { waitUntil: "domcontentloaded" });
      await what(page, next).catch((error: Error) => {
        throw new Error(`${address(next as T)}: ${error.message}`);
      });
    }
    await page?.close();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Waits until a neuron of a page has computed so many ms. */
async function firesOn(page: Page, ms: number): Promise<void> {
  await page.waitForFunction(
    (least) =>
      Number.parseFloat(
        document.querySelector("spikelet-neuron")?.shadowRoot?.querySelector(".clock")?.textContent ?? "",
      ) >= least,
    ms,
    { timeout: PATIENCE, polling: 100 },
  );
}

const CHECKS: Readonly<Record<string, (site: Site) => Promise<string>>> = {
  /** All links lead somewhere. */
  async links({ folder }) {
    const broken = brokenLinks(folder);
    assert(broken.length === 0, broken.join("\n  "));
    return `${folder.pages.size} pages`;
  },

  /** Every document, and a page of the reference of each kind, opens, and none is wider than a phone. */
  async pages(site) {
    const { folder, address, picture } = site;
    const all = [...folder.pages.keys()].filter((path) => !/^docs\/(api|source)\//.test(path) || REFERENCE.test(path));
    assert(all.length > 70, `there are ${all.length} pages`);
    const look = async (page: Page, path: string): Promise<void> => {
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert(over <= 0, `${path} is ${over} px wider than a phone`);
      if (path === "docs/index.html") await picture(page, "start");
    };
    await each(all, site, (path) => address + path, look, PHONE);
    return `${all.length} pages`;
  },

  /** The search finds words of documents and names of the reference, and what it finds opens. */
  async search({ address, open, picture }) {
    const page = await open(`${address}docs/index.html`);
    for (const [words, path] of [
      ["Elephant", /reading-results\.html/],
      ["compareTimeSteps", /functions\/spikelet\.compareTimeSteps\.html/],
    ] as const) {
      await page.getByRole("button", { name: "Search" }).click();
      await page.getByRole("combobox").fill(words);
      const results = page.getByRole("option").locator("a");
      await results.first().waitFor({ timeout: PATIENCE });
      const found = await results.evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href));
      const wanted = found.find((url) => path.test(url));
      assert(wanted !== undefined, `${words} is found at ${found.join(", ")}`);
      await picture(page, `search-${words}`);
      await page.goto(wanted);
      assert((await page.locator("body").innerText()).includes(words), `${wanted} does not hold ${words}`);
    }
    await page.close();
    return "a word and a name";
  },

  /** A neuron runs in the page of each model, and goes on when its current is moved. */
  async live(site) {
    const look = async (page: Page, model: string): Promise<void> => {
      await firesOn(page, 5);
      if (model !== "adex") return;
      await page.locator("spikelet-neuron input[type=range]").first().press("ArrowRight");
      await firesOn(page, 30);
      await drawn(page, 1);
      await site.picture(page, model);
    };
    await each(MODELS, site, (model) => `${site.address}docs/models/${model}.html`, look);
    return `${MODELS.length} models`;
  },

  /** From the playground to the documentation and back. */
  async ways({ address, open }) {
    const page = await open(address);
    await page.getByRole("link", { name: "Docs", exact: true }).click();
    await page.waitForURL(`${address}docs/index.html`);
    await page.getByRole("link", { name: "Playground", exact: true }).click();
    await page.waitForURL(`${address}index.html`);
    await runsUntil(page, 1);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "This page as one file" }).click(),
    ]);
    assert(download.suggestedFilename() === "spikelet.html", `the file is ${download.suggestedFilename()}`);
    await page.close();
    return "both ways, and a file to keep";
  },

  /** The single file, opened from the disk: every view draws, and a result is saved. */
  async single(site) {
    const { open, picture } = site;
    const first = await open(SINGLE);
    await runsUntil(first, 50);
    await drawn(first, 2);
    const [download] = await Promise.all([first.waitForEvent("download"), button(first, "CSV").first().click()]);
    assert(download.suggestedFilename().endsWith(".csv"), `the file is ${download.suggestedFilename()}`);
    await picture(first, "single");
    const hashes = await first.locator("nav a").evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).hash));
    assert(hashes.length > 5, `the page has ${hashes.length} views`);
    await first.close();
    const look = async (page: Page, hash: string): Promise<void> => {
      if (hash === "#gallery") await page.locator("sp-gallery li a").first().waitFor({ timeout: PATIENCE });
      else await drawn(page, 1);
    };
    // the neuron of the first lesson is silent, and its raster empty
    const lesson = `#${await writeLink({ view: "lessons", state: { lesson: "05-bursting" } })}`;
    await each(hashes, site, (hash) => SINGLE + (hash === "#lessons" ? lesson : hash), look);
    return `${hashes.length} views`;
  },
};

async function runChecks(names: readonly string[], shots: string | undefined): Promise<number> {
  const folder = readFolder(ROOT, "docs");
  const server = await serve();
  const args = ["--no-sandbox", "--disable-dev-shm-usage"];
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath(), args });
  /** What a page may ask for: files of the site, the single file itself, and what it holds in memory. */
  const own = (url: string): boolean =>
    /^(data|blob):|^about:blank$/.test(url) || url.startsWith(server.address) || url.split("#")[0] === SINGLE;
  let failed = 0;
  try {
    for (const name of names) {
      const wrong = new Set<string>();
      const site: Site = {
        folder,
        address: server.address,
        async open(url, size = WIDE) {
          const page = await browser.newPage({ viewport: size });
          const at = (): string => page.url().slice(page.url().lastIndexOf("/") + 1);
          page.on("console", (message) => {
            if (["error", "warning"].includes(message.type())) wrong.add(`${at()} console: ${message.text()}`);
          });
          page.on("pageerror", ({ message }) => wrong.add(`${at()} error: ${message}`));
          page.on("request", (request) => {
            const asked = request.url();
            if (!own(asked)) wrong.add(`${at()} asks for ${asked}`);
          });
          await page.goto(url);
          return page;
        },
        async picture(page, picture) {
          if (shots !== undefined) await page.screenshot({ path: join(shots, `site-${picture}.png`) });
        },
      };
      const started = performance.now();
      let seen = "";
      try {
        seen = await (CHECKS[name] as (site: Site) => Promise<string>)(site);
      } catch (error) {
        wrong.add(error instanceof Error ? error.message : String(error));
      }
      const took = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`${name} (${took} s): ${wrong.size === 0 ? seen : "wrong"}`);
      for (const one of wrong) console.error(`  ${one}`);
      if (wrong.size > 0) failed++;
    }
  } finally {
    await browser.close();
    server.close();
  }
  return failed;
}

async function main(): Promise<number> {
  const { values: given } = parseArgs({ options: { only: { type: "string" }, shots: { type: "string" } } });
  const names = given.only?.split(",") ?? Object.keys(CHECKS);
  const unknown = names.find((name) => !Object.hasOwn(CHECKS, name));
  if (unknown !== undefined) {
    console.error(`There is no check ${unknown}; there are: ${Object.keys(CHECKS).join(", ")}.`);
    return 1;
  }
  if (![join(ROOT, "docs/index.html"), join(ROOT, "spikelet.html")].every((path) => existsSync(path))) {
    console.error("The site is not built: npm run site:build.");
    return 1;
  }
  if (given.shots !== undefined) mkdirSync(given.shots, { recursive: true });
  return (await runChecks(names, given.shots)) === 0 ? 0 : 1;
}

process.exitCode = await main();
