/** A worker that fails is replaced: the page says so, and its network runs again, with what was watched. */
import type { Page } from "playwright-core";
import { assert, button, PATIENCE, type Place, runsUntil, type Shown } from "./playground-place.js";

const VIEWS = ["network", "neuron", "equations", "document", "microcircuit"];
/** Those that show a trace of a neuron. */
const WATCHING = VIEWS.filter((view) => view !== "microcircuit");
const PLANTED = "a planted mistake";

type Noting = typeof globalThis & { watched: number };

/** Notes which frames have samples, in the page. */
function note(): void {
  const view = document.querySelector("sp-app")?.shadowRoot?.querySelector("main > *") as unknown as {
    readonly session: EventTarget;
  };
  (globalThis as Noting).watched = 0;
  view.session.addEventListener("frame", (event) => {
    const { traces } = (event as CustomEvent<{ readonly traces: readonly { readonly variable: string }[] }>).detail;
    const names = traces.map(({ variable }) => variable);
    // one recording of each
    if (names.length > 0 && new Set(names).size === names.length) (globalThis as Noting).watched++;
  });
}

const time = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const view = document.querySelector("sp-app")?.shadowRoot?.querySelector("main > *") as unknown as Shown;
    return view.session?.time ?? 0;
  });

export async function crash({ open }: Place): Promise<string> {
  for (const view of VIEWS) {
    const page = await open(`#${view}`, { expected: new RegExp(PLANTED) });
    await runsUntil(page, 20);
    const workers = page.workers().filter((one) => one.url().includes("/worker"));
    assert(workers.length > 0, `${view} has no worker`);
    for (const worker of workers) {
      await worker.evaluate((message) => {
        setTimeout(() => {
          throw new Error(message);
        });
      }, PLANTED);
    }
    await page.getByRole("alert").filter({ hasText: "The network is back" }).waitFor({ timeout: PATIENCE });
    const begin = await time(page);
    await page.evaluate(note);
    await button(page, "Play").click();
    await runsUntil(page, begin + 20);
    const watched = await page.evaluate(() => (globalThis as Noting).watched);
    assert(watched > 0 || !WATCHING.includes(view), `${view} does not watch its neuron any more`);
    await page.close();
  }
  return `${VIEWS.length} views go on`;
}
