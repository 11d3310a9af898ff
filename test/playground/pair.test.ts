/** The two snapshots of a link of two branches. */
import { expect, it } from "vitest";
import { branchesOf, pairOf } from "../../apps/playground/src/share/pair.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it("gives both snapshots of a pair, wherever the pair lies in memory", () => {
  const pair = pairOf(bytes("SPIKELET one"), bytes("SPIKELET the other"));
  const within = new Uint8Array(pair.length + 5);
  within.set(pair, 5);
  for (const one of [pair, within.subarray(5)]) {
    expect(branchesOf(one).map((part) => new TextDecoder().decode(part))).toEqual([
      "SPIKELET one",
      "SPIKELET the other",
    ]);
  }
});

it("takes anything else as the snapshot of both", () => {
  for (const text of ["SPIKELET one", "SPIKPAIR", ""]) expect(branchesOf(bytes(text))).toEqual([bytes(text), bytes(text)]);
});

it("leaves what is cut off to who opens it", () => {
  const [a, b] = branchesOf(pairOf(bytes("SPIKELET one"), bytes("x")).subarray(0, 16));
  expect([a.length, b.length]).toEqual([4, 0]);
});
