import { describe, expect, it } from "vitest";
import { type PeerCase, peerCase } from "../../bench/peers/cases.js";
import type { Contestant } from "../../bench/peers/contestants.js";
import { entryOf } from "../../bench/peers/results.js";
import { measureCase } from "../../bench/peers/rounds.js";
import type { Sample } from "../../bench/peers/sample.js";

const entry: PeerCase = { ...peerCase("brunelDrive"), size: 100, dt: 0.1, warmUp: 100, fanOut: 10, tolerance: 0.05 };
const machine = {
  cpu: "Some processor",
  cores: 2,
  os: "Linux",
  node: "20.0.0",
  v8: "11",
  spikelet: "0.1.0",
  clock: "CPU time",
  load: 0,
  date: "2026-11-29",
};

interface Said {
  readonly samples: readonly Partial<Sample>[];
  readonly first?: Sample;
}

/** A contestant that says what it is told to; it fails when it is asked for more. */
function contestant(id: string, { samples, first }: Said): Contestant {
  const left = [...samples];
  return {
    id,
    title: id,
    threads: 1,
    version: () => Promise.resolve(`${id} 1`),
    runs: () => true,
    prepare: () =>
      Promise.resolve({
        command: 7,
        ...(first && { first }),
        sample: () => {
          const next = left.shift();
          const said = { setup: 1, simulate: 1, spikes: 1000, ...next };
          return next ? Promise.resolve(said) : Promise.reject(new Error("no more"));
        },
      }),
  };
}

const times = (...list: readonly number[]) => list.map((simulate) => ({ simulate }));

describe("measuring a case", () => {
  it("pairs samples by rounds, and reports what failed, fires otherwise or is not there", async () => {
    const missing: Contestant = {
      ...contestant("missing", { samples: [] }),
      prepare: () => Promise.reject(new Error("not installed: nrnivmodl")),
    };
    const result = await measureCase(
      entry,
      [
        contestant("spikelet", { samples: times(1, 2, 4) }),
        // Twice, three times and four times as long, whatever the rounds were.
        contestant("slower", { samples: times(2, 6, 16) }),
        contestant("scripted", { samples: times(10, 20), first: { setup: 2, simulate: 5, spikes: 1010 } }),
        contestant("fails", { samples: times(1, 1) }),
        contestant("differs", { samples: [1, 2, 3].map(() => ({ simulate: 1, spikes: 1100 })) }),
        missing,
      ],
      {
        rounds: 3,
        duration: 500,
        limits: { prepare: 1, sample: 1 },
        machine,
        versions: { spikelet: "Node 20", slower: "slower 1", other: "other 1" },
      },
    );
    expect(result.simulated).toBe(600);
    expect(result.versions).toEqual({ spikelet: "Node 20", slower: "slower 1" });
    const one = { median: 1 };
    expect(entryOf(result, "spikelet")).toMatchObject({ time: { median: 4 }, ratio: one, rate: 20, command: 7 });
    expect(entryOf(result, "slower")).toMatchObject({ time: { median: 12 }, ratio: { median: 3, p25: 2.5, p75: 3.5 } });
    // 12 s for a second in which 2000 spikes go to 10 targets each.
    expect(entryOf(result, "slower")?.perEvent).toBe(600_000);
    // The run of its preparation is its first sample.
    expect(entryOf(result, "scripted")).toMatchObject({ time: { median: 20 }, ratio: { median: 5 } });
    expect(entryOf(result, "fails")).toEqual({ id: "fails", error: "no more" });
    expect(entryOf(result, "differs")).toMatchObject({ rate: 22, error: "its rate differs from Spikelet's by 10 %" });
    expect(entryOf(result, "differs")?.ratio).toBeUndefined();
    expect(entryOf(result, "missing")).toEqual({ id: "missing", error: "not installed: nrnivmodl" });
  });
});
