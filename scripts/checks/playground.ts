/**
 * The built playground in Chromium, under its own Content Security Policy: each check opens pages and says what is
 * wrong.
 *
 *   npm run site:build && npx tsx scripts/checks/playground.ts [--only NAME,NAME] [--shots FOLDER] [--seconds N]
 *
 * Needs Chromium: the variable CHROMIUM, or one of the usual names on the PATH. `--shots` keeps pictures of all views,
 * and one of a page where a check failed. `--seconds` is how long frames are measured.
 *
 * Exit status: 0 done; 1 something is wrong; 3 no browser could be had.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright-core";
import { readLink, writeLink } from "../../apps/playground/src/link.js";
import { balanceDocument } from "../../apps/playground/src/net/balance.js";
import { branchesOf } from "../../apps/playground/src/share/pair.js";
import { parseModelFile, Simulation } from "../../src/index.js";
import { chromiumPath } from "./chromium.js";
import { crash } from "./playground-crash.js";
import { first, frames } from "./playground-frames.js";
import { golden } from "./playground-golden.js";
import { looks } from "./playground-looks.js";
import {
  assert,
  button,
  type Check,
  csvOf,
  ISOLATED_FOLDER,
  lastTime,
  PATIENCE,
  type Place,
  ROOT,
  rows,
  runsUntil,
  saved,
  SEED,
  serve,
  sha256,
  small,
  until,
  WIDE,
} from "./playground-place.js";
import { threads } from "./playground-threads.js";

/** A link with the state of a network that runs, made by the page itself, its spikes so far, and when it was made. */
async function linkWithState({ open }: Place): Promise<{ readonly fragment: string; readonly csv: string }> {
  const page = await open(`#${await writeLink({ view: "network", state: { ...small, seed: SEED } })}`);
  await runsUntil(page, 150);
  await button(page, "Pause").click();
  const { content } = await saved(page, "CSV", "Save spikes");
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
    const after = (await saved(page, "CSV", "Save spikes")).content.toString();
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
    const begins: readonly (readonly [string, string, string, string?])[] = [
      ["CSV", "-spikes.csv", "time_ms,population,neuron\n", "Save spikes"],
      ["npz", "-spikes.npz", "PK", "Save spikes"],
      ["CSV", "-traces.csv", "time_ms,population,neuron,variable,value\n", "Save traces"],
      ["npz", "-traces.npz", "PK", "Save traces"],
      ["SVG", ".svg", "<svg"],
      ["PNG", ".png", "\x89PNG"],
      ["Snapshot", ".spikelet", "SPIKELET"],
    ];
    for (const [name, ending, start, group] of begins) {
      const file = await saved(page, name, group);
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
    await button(page, "Link with both states").click();
    await page.waitForFunction(() => location.hash.split("/").length === 3, undefined, { timeout: PATIENCE });
    const fragment = await page.evaluate(() => location.hash);
    await page.close();
    const { snapshot } = (await readLink(fragment)) ?? {};
    assert(snapshot !== undefined, "the link has no states");
    const both = await Promise.all(branchesOf(snapshot).map((one) => Simulation.restore(one)));
    const delays = both.map(({ projections }) => projections.map((one) => one.read().delays[0]).join());
    assert(delays[0] !== delays[1], `both branches of the link have delays of ${delays[0]} ms`);
    const again = await open(fragment);
    await again.getByText(/They went different ways at/).waitFor({ timeout: PATIENCE });
    await again.close();
    return `the same until ${until.toFixed(0)} ms, different after a change, and in a link of ${fragment.length} characters`;
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
      if (!name.startsWith("06")) continue;
      // one that is graded by the settings of its view too
      await runsUntil(page, 310);
      await button(page, "Check").first().click();
      await page.getByText("background.0.amplitude is 0.5; asked for: less than 0.4.").waitFor({ timeout: PATIENCE });
      await button(page, "Check").nth(1).click();
      await page.getByText(/Done\. The rate of neuron is/).waitFor({ timeout: PATIENCE });
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

  first,
  crash,
  frames,
  threads,
  golden,
  looks,
};

/** Runs the checks of these names; how many failed. */
async function runChecks(names: readonly string[], shots: string | undefined, seconds: number): Promise<number> {
  const server = await serve();
  const args = ["--no-sandbox", "--disable-dev-shm-usage"];
  const browser = await chromium.launch({ executablePath: chromiumPath(), args });
  let failed = 0;
  try {
    for (const name of names) {
      const wrong: string[] = [];
      let last: Page | undefined;
      const place: Place = {
        browser,
        shots,
        seconds,
        address: server.address,
        async open(fragment = "", { size = WIDE, isolated = false, probe, expected, colorScheme = "light" } = {}) {
          const page = await browser.newPage({ viewport: size, colorScheme });
          const at = fragment.slice(0, 40);
          page.setDefaultTimeout(PATIENCE);
          page.on("console", (message) => {
            if (!["error", "warning"].includes(message.type()) || expected?.test(message.text())) return;
            wrong.push(`${at} console: ${message.text()}`);
          });
          page.on("pageerror", ({ message }) => expected?.test(message) || wrong.push(`${at} error: ${message}`));
          page.on("request", (request) => {
            const url = request.url();
            if (!url.startsWith(server.address) && !/^(data|blob):/.test(url)) wrong.push(`${at} asks for ${url}`);
          });
          if (probe !== undefined) {
            // the compiler of these files names functions by calling this
            await page.addInitScript("globalThis.__name ??= (named) => named");
            await page.addInitScript(probe);
          }
          await page.goto(`${server.address}${isolated ? ISOLATED_FOLDER : ""}${fragment}`);
          last = page;
          return page;
        },
      };
      const started = performance.now();
      let seen = "";
      try {
        seen = await (CHECKS[name] as Check)(place);
      } catch (error) {
        wrong.push(error instanceof Error ? error.message : String(error));
      }
      if (last && !last.isClosed()) {
        if (shots !== undefined) await last.screenshot({ path: join(shots, `${name}.png`) });
        await last.close();
      }
      const took = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`${name} (${took} s): ${wrong.length === 0 ? seen : "wrong"}`);
      for (const one of wrong) console.error(`  ${one}`);
      if (wrong.length > 0) failed++;
    }
  } finally {
    await browser.close();
    server.close();
  }
  return failed;
}

async function main(): Promise<number> {
  const { values: given } = parseArgs({
    options: {
      only: { type: "string" },
      shots: { type: "string" },
      seconds: { type: "string", default: "60" },
    },
  });
  const names = given.only?.split(",") ?? Object.keys(CHECKS);
  const unknown = names.find((name) => !Object.hasOwn(CHECKS, name));
  if (unknown !== undefined) {
    console.error(`There is no check ${unknown}; there are: ${Object.keys(CHECKS).join(", ")}.`);
    return 1;
  }
  const seconds = Number(given.seconds);
  if (!(seconds > 0 && seconds <= 3600)) {
    console.error(`--seconds is ${given.seconds}; it must be above 0 and at most 3600.`);
    return 1;
  }
  if (!existsSync(join(ROOT, "index.html"))) {
    console.error("The page is not built: npm run site:build.");
    return 1;
  }
  if (given.shots !== undefined) mkdirSync(given.shots, { recursive: true });
  return (await runChecks(names, given.shots, seconds)) === 0 ? 0 : 1;
}

process.exitCode = await main();
