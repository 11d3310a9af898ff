/** Links of the playground: what is written is read, a snapshot too, and damage is said. */
import { describe, expect, it } from "vitest";
import { LinkError, readLink, SNAPSHOT_PACKED, writeLink } from "../../apps/playground/src/link.js";
import { BALANCE, type Balance, balanceDocument } from "../../apps/playground/src/net/balance.js";
import { Simulation } from "../../src/index.js";

const state = { background: 1.05, chosen: { population: "exc", neuron: 3 }, text: "µV ≥ 0" };
const small = Object.fromEntries(
  Object.entries(BALANCE).map(([key, { value }]) => [key, key === "size" ? 200 : value]),
) as unknown as Balance;

describe("links", () => {
  it("hold the view and its state", async () => {
    expect(await readLink(`#${await writeLink({ view: "network", state })}`)).toEqual({ view: "network", state });
    expect(await readLink("#network")).toEqual({ view: "network", state: undefined });
    expect(await readLink("")).toBeUndefined();
  });

  it("hold a network as it was: what follows is bit for bit what would have followed", async () => {
    const sim = await Simulation.fromDocument(balanceDocument(small, 7));
    await sim.run(80);
    sim.results.take();
    const fragment = await writeLink({ view: "network", state, snapshot: sim.snapshot() });
    expect(fragment).toMatch(/^network\/[\w-]+\/[\w-]+$/);
    const link = await readLink(fragment);
    expect(link?.state).toEqual(state);
    const again = await Simulation.restore(link?.snapshot as Uint8Array);
    expect(again.time).toBe(sim.time);
    await Promise.all([sim.run(60), again.run(60)]);
    const [expected, found] = [sim, again].map((one) => one.results.take().spikes);
    expect(expected?.[0]?.spikes.times.length).toBeGreaterThan(50);
    expect(found).toEqual(expected);
  });

  it("are refused where a snapshot is too large, with the sizes", async () => {
    const noise = new Uint8Array(2 * SNAPSHOT_PACKED);
    let x = 1;
    for (let k = 0; k < noise.length; k++) noise[k] = x = (x * 16807) % 2147483647;
    await expect(writeLink({ view: "network", state, snapshot: noise })).rejects.toThrow(
      /The state is \d+ kB, too large for a link \(200 kB at most\): save it as a file/,
    );
  });

  it.each([
    ["a part of the settings is missing", (text: string) => text.replace(/(\/.{8}).*/, "$1"), /its settings cannot/],
    ["the settings are no base64", () => "network/###", /its settings cannot/],
    ["the settings are no JSON", (text: string) => text.replace(/\/.{8}/, "/AAAAAAAA"), /its settings cannot/],
    ["the view is no text", (text: string) => text.replace("network", "%E0%A4%A"), /its view cannot/],
    ["too long", (text: string) => text + "A".repeat(2_000_000), /too long/],
  ])("are refused where %s", async (_, damage, message) => {
    const text = await writeLink({ view: "network", state });
    await expect(readLink(damage(text))).rejects.toThrow(message);
    await expect(readLink(damage(text))).rejects.toBeInstanceOf(LinkError);
  });

  it("are refused where the saved state is damaged or cut off", async () => {
    const snapshot = new TextEncoder().encode("something that repeats, something that repeats".repeat(50));
    const text = await writeLink({ view: "network", state, snapshot });
    for (const damaged of [text.slice(0, -6), text.replace(/.{4}$/, "AAAA")]) {
      await expect(readLink(damaged)).rejects.toThrow(/its saved state of the network cannot be read/);
    }
  });

  it("do not unpack without end", async () => {
    const bomb = await writeLink({ view: "network", state: "a".repeat(9_000_000) });
    expect(bomb.length).toBeLessThan(20_000);
    await expect(readLink(bomb)).rejects.toThrow(/more than a page should read/);
  });
});
