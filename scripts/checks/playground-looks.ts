/** How every view looks, and whether people can use it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { writeLink } from "../../apps/playground/src/link.js";
import { assert, button, PATIENCE, type Place, WIDE } from "./playground-place.js";

const SHAPES = [
  { colorScheme: "light", size: WIDE },
  { colorScheme: "dark", size: { width: 390, height: 800 } },
] as const;
/** Views that draw nothing. */
const STILL: readonly string[] = ["gallery"];
/** The neuron of the first lesson is silent, and its raster empty. */
const FIRING = { view: "lessons", state: { lesson: "05-bursting" } };
/** Pages that are open at the same time. */
const AT_ONCE = 2;
/** ms that a view goes on before its picture is taken. */
const SEEN = 1000;
/** Colours that a picture of a view has at least: text alone has more, an empty page one. */
const COLORS = 30;

/** A serious mistake of axe-core. */
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}
type WithAxe = typeof globalThis & {
  axe: { run(options: object): Promise<{ readonly violations: readonly Violation[] }> };
};

/** Serious mistakes that axe-core finds in a page. */
async function mistakesOf(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync("node_modules/axe-core/axe.min.js", "utf8"));
  const { violations } = await page.evaluate(() =>
    (globalThis as WithAxe).axe.run({ resultTypes: ["violations"], preload: false }),
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join("; ")}`);
}

/** Waits until so many canvases can be seen, or more, and none of them is of one colour. */
export async function drawn(page: Page, least: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const all: HTMLCanvasElement[] = [];
      const roots: ParentNode[] = [document];
      for (let root = roots.pop(); root !== undefined; root = roots.pop()) {
        all.push(...root.querySelectorAll("canvas"));
        for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) roots.push(shadowRoot);
      }
      const seen = all.filter((canvas) => canvas.getClientRects().length > 0 && canvas.width * canvas.height > 0);
      const full = seen.filter((canvas) => {
        // a copy: reading the canvas itself makes the browser keep it elsewhere from then on
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
        copy?.drawImage(canvas, 0, 0);
        const { data } = copy?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: new Uint8ClampedArray(4) };
        const pixels = new Uint32Array(data.buffer);
        return pixels.some((pixel) => pixel !== pixels[0]);
      });
      return seen.length >= wanted && full.length === seen.length;
    },
    least,
    { timeout: PATIENCE, polling: 200 },
  );
}

/** Number of colours of a picture, up to so many, found by a page of the browser. */
async function colorsOf(reader: Page, picture: Buffer, most: number): Promise<number> {
  return reader.evaluate(
    async ([base64, enough]) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      context?.drawImage(bitmap, 0, 0);
      const { data } = context?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: new Uint8ClampedArray(4) };
      const colors = new Set<number>();
      for (const pixel of new Uint32Array(data.buffer)) if (colors.add(pixel).size >= enough) break;
      return colors.size;
    },
    [picture.toString("base64"), most] as const,
  );
}

/** One view in one shape. */
async function look({ open, shots }: Place, reader: Page, view: string, shape: (typeof SHAPES)[number]): Promise<void> {
  const { colorScheme, size } = shape;
  const page = await open(`#${view === "lessons" ? await writeLink(FIRING) : view}`, shape);
  await drawn(page, STILL.includes(view) ? 0 : 1).catch((error: Error) => {
    throw new Error(`a canvas is empty: ${error.message}`);
  });
  await page.waitForTimeout(SEEN);
  // what stands is faster to look at
  await button(page, "Pause").evaluateAll((all) => all.forEach((one) => (one as HTMLButtonElement).click()));
  const path = shots === undefined ? undefined : join(shots, `${view}-${colorScheme}-${size.width}.png`);
  const picture = await page.screenshot({ fullPage: true, ...(path !== undefined && { path }) });
  const colors = await colorsOf(reader, picture, COLORS);
  assert(colors >= COLORS, `the page has ${colors} colours`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert(over <= 0, `${over} px wider than the page`);
  const mistakes = await mistakesOf(page);
  assert(mistakes.length === 0, `${mistakes.join("\n    ")}`);
  await page.close();
}

/**
 * Every view, in the light on a wide page and in the dark on a phone: it draws something, is not wider than its page,
 * and axe-core finds nothing serious.
 */
export async function looks(place: Place): Promise<string> {
  const page = await place.open("#gallery");
  const links = page.locator("nav a");
  await links.first().waitFor({ timeout: PATIENCE });
  const views = await links.evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).hash.slice(1)));
  await page.close();
  assert(views.length > 5, `the page has ${views.length} views`);
  const reader = await place.browser.newPage();
  const waiting = views.flatMap((view) => SHAPES.map((shape) => ({ view, shape })));
  const wrong: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { view, shape } = next;
      const name = `${view}, ${shape.colorScheme}, ${shape.size.width} px`;
      await look(place, reader, view, shape).catch((error: Error) => wrong.push(`${name}: ${error.message}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await reader.close();
  assert(wrong.length === 0, wrong.join("\n  "));
  return `${views.length} views in ${SHAPES.length} shapes`;
}
