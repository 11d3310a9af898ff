/** Threads in the page: the same spikes as with one and as in Node, and how fast. */
import { writeLink } from "../../../apps/playground/src/link.js";
import { BALANCE, type Balance, balanceDocument } from "../../../apps/playground/src/net/balance.js";
import { Simulation } from "../../../src/index.js";
import { assert, button, csvOf, lastTime, type Place, rows, runsUntil, saved, SEED, sha256, until } from "./place.js";

/** Simulated ms that are run. */
const DURATION = 1000;

interface Ran {
  readonly csv: string;
  readonly shards: number;
  /** ms that the worker computed for a simulated second. */
  readonly computing: number;
}

/** What the page shows, in the page. */
interface Running {
  readonly session: EventTarget & { readonly facts: { readonly shards: number } };
}
type Measured = typeof globalThis & { computing: number; simulated: number };

/** Runs the first view's network from time 0 as fast as it goes. */
async function run({ open }: Place, fragment: string, isolated: boolean): Promise<Ran> {
  const page = await open(fragment, { isolated });
  await runsUntil(page, 1);
  await button(page, "Pause").click();
  await button(page, "Reset").click();
  await page.getByLabel("Speed").selectOption({ label: "as fast as it goes" });
  const shards = await page.evaluate(() => {
    const view = document.querySelector("sp-app")?.shadowRoot?.querySelector("main > *") as unknown as Running;
    const measured = globalThis as Measured;
    [measured.computing, measured.simulated] = [0, 0];
    view.session.addEventListener("frame", (event) => {
      const { from, time, computing } = (event as CustomEvent<{ from: number; time: number; computing: number }>)
        .detail;
      measured.computing += computing;
      measured.simulated += time - from;
    });
    return view.session.facts.shards;
  });
  await button(page, "Play").click();
  await runsUntil(page, DURATION);
  await button(page, "Pause").click();
  const computing = await page.evaluate(() => {
    const measured = globalThis as Measured;
    return (1000 * measured.computing) / measured.simulated;
  });
  const { content } = await saved(page, "CSV", "Save spikes");
  await page.close();
  return { csv: content.toString(), shards, computing };
}

/** The first view's 10,000 neurons with the headers of threads, without them, and in Node with one thread. */
export async function threads(place: Place): Promise<string> {
  const balance = Object.fromEntries(
    Object.entries(BALANCE).map(([key, { value }]) => [key, value]),
  ) as unknown as Balance;
  const fragment = `#${await writeLink({ view: "network", state: { ...balance, seed: SEED } })}`;
  const [one, more] = [await run(place, fragment, false), await run(place, fragment, true)];
  const sim = await Simulation.fromDocument(balanceDocument(balance, SEED), { threads: 1 });
  const node = until(await csvOf(sim, DURATION), DURATION);
  assert(rows(node) > 10_000, `Node has ${rows(node)} spikes`);
  assert(one.shards === 1, `a page that is not isolated has ${one.shards} threads`);
  assert(more.shards > 1, "an isolated page has one thread");
  for (const [name, { csv }] of [
    ["one thread", one],
    [`${more.shards} threads`, more],
  ] as const) {
    assert(lastTime(csv) >= lastTime(node), `with ${name} the page has spikes until ${lastTime(csv)} ms only`);
    assert(sha256(until(csv, DURATION)) === sha256(node), `with ${name} the page's spikes are not those of Node`);
  }
  const each = [one, more]
    .map(({ shards, computing }) => `${(computing / 1000).toFixed(2)} s with ${shards}`)
    .join(", ");
  return `${rows(node)} spikes, SHA-256 ${sha256(node).slice(0, 16)} with 1 and ${more.shards} threads and in Node; a second takes ${each}`;
}
