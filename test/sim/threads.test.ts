/** Threads that cannot be had, that are too many, that fall silent; memories that the system does not give. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { FailedRunError, MemoryError, Simulation } from "../../src/index.js";
import { fingerprint, type Loose } from "../property/networks.js";

interface Worker {
  terminate(): Promise<number>;
  removeAllListeners(): void;
}
/** What tests reach in for. */
interface Inside {
  crew: {
    workers: Worker[];
    control: {
      patience: number;
      order: { from: number };
      command(kind: number, steps: number, interval: number): number;
      claim(shard: number, phase: number): boolean;
    };
    pace: { next(): { beside: boolean; ms: number } };
  };
}

/** Its threads; none once it is closed. */
function inside(simulation: Simulation): Inside["crew"] {
  return (simulation as unknown as { engine: Inside }).engine.crew;
}

/** Neurons that keep each other busy, with delays of at least 3 steps. */
function network(size = 60): Loose {
  return {
    dt: 0.1,
    seed: 5,
    duration: 30,
    populations: [
      {
        name: "cells", model: "lif", size, receptors: { in: { kernel: "exponential", tau: 5 } },
        background: [{ kind: "constant", amplitude: { uniform: [400, 700] } }, { kind: "whiteNoise", sigma: 200 }],
      },
    ],
    projections: [
      { source: "cells", target: "cells", rule: "fixedProbability", p: 0.2, weight: 5, delay: { uniform: [0.3, 4] } },
    ],
    record: [{ population: "cells", variables: ["spikes", "v"], neurons: [3, 50] }],
  };
}

async function result(threads: number): Promise<object> {
  const simulation = await Simulation.fromDocument(network(), { threads });
  await simulation.run(30);
  simulation.close();
  return fingerprint(simulation);
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Makes this process look like a page: no modules of Node, and workers as the page has them. */
function likePage(Worker: unknown): void {
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  vi.stubGlobal("Worker", Worker);
}

/** A browser's worker to which something happens soon after its start. */
function pageWorker(happens: (worker: { onerror?: (event: object) => void }) => void): {
  new (url: string): object;
  addresses: string[];
} {
  return class {
    static readonly addresses: string[] = [];
    onerror?: (event: object) => void;
    constructor(url: string) {
      (this.constructor as unknown as { addresses: string[] }).addresses.push(url);
      setImmediate(() => happens(this));
    }
    postMessage(): void {}
    terminate(): void {}
  };
}

describe("threads that cannot be started", () => {
  const policy = pageWorker((worker) => worker.onerror?.({}));
  const thrown = class {
    constructor() {
      throw new DOMException("Refused by the policy of the page", "SecurityError");
    }
  };
  it.each([
    ["a policy that refuses the program later", policy, /2 threads: one does the work, because worker 1 did not start \(its program cannot be loaded from blob:/],
    ["a policy that refuses it at once", thrown, /because worker 1 did not start \(Refused by the policy of the page\)/],
    ["a program that throws", pageWorker((worker) => worker.onerror?.({ message: "no module" })), /because worker 1 did not start \(no module\)/],
  ])("%s: one thread does the work, which a note says", async (_, Worker, note) => {
    const expected = await result(1);
    likePage(Worker);
    const simulation = await Simulation.fromDocument(network(), { threads: 2 });
    const report = await simulation.run(20);
    const { findings } = await simulation.run(10);
    expect(fingerprint(simulation)).toEqual(expected);
    for (const list of [report.findings, findings]) {
      expect(list).toMatchObject([
        { level: "note", code: "fewer-threads", message: expect.stringMatching(note), value: 2, limit: 1 },
      ]);
    }
  });

  it("silent ones", async () => {
    const expected = await result(1);
    likePage(pageWorker(() => undefined));
    const simulation = await Simulation.fromDocument(network(), { threads: 2 });
    const running = simulation.run(30);
    inside(simulation).control.patience = 30;
    const { findings } = await running;
    expect(findings[0]?.message).toContain("worker 1 did not start (no answer for 0 s)");
    expect(fingerprint(simulation)).toEqual(expected);
  });

  it("in a page that is not isolated, and with a core given as a module", async () => {
    const expected = await result(1);
    const { readFileSync } = await import("node:fs");
    const core = await WebAssembly.compile(readFileSync("build/core.wasm"));
    const given = await Simulation.fromDocument(network(), { threads: 3, core });
    expect((await given.run(30)).findings[0]?.message).toMatch(/^3 threads: one does the work, because the core was given as a compiled module; the results are the same bits/);
    expect(fingerprint(given)).toEqual(expected);
    vi.stubGlobal("SharedArrayBuffer", undefined);
    vi.stubGlobal("crossOriginIsolated", false);
    const page = await Simulation.fromDocument(network(), { threads: 2 });
    expect((await page.run(30)).findings[0]?.message).toContain("because this page is not cross-origin isolated");
    expect(fingerprint(page)).toEqual(expected);
  });

  it("of an address of the page's own: it is asked there", async () => {
    const Worker = pageWorker((worker) => worker.onerror?.({}));
    likePage(Worker);
    for (const worker of ["https://example.org/shard.js", new URL("https://example.org/shard.js")]) {
      const simulation = await Simulation.fromDocument(network(), { threads: 2, worker });
      const { findings } = await simulation.run(1);
      const note = findings.find(({ code }) => code === "fewer-threads");
      expect(note?.message).toContain("its program cannot be loaded from https://example.org/shard.js");
    }
    expect(Worker.addresses).toEqual(["https://example.org/shard.js", "https://example.org/shard.js"]);
    for (const worker of [3, "", {}]) {
      await expect(Simulation.create({ dt: 0.1, worker: worker as string })).rejects.toThrow(/worker/);
    }
  });
});

describe("a thread that falls silent", () => {
  /** A simulation after 20 ms whose worker is gone without a word. */
  async function silent(): Promise<Simulation> {
    const simulation = await Simulation.fromDocument(network(), { threads: 2 });
    await simulation.run(20);
    const crew = inside(simulation);
    crew.control.patience = 50;
    // On a busy machine it might not be asked for anything.
    crew.pace.next = () => ({ beside: true, ms: 1000 });
    const [worker] = crew.workers;
    worker?.removeAllListeners();
    await worker?.terminate();
    return simulation;
  }

  it("is not missed where it has begun nothing: the first one makes what lies there", async () => {
    const simulation = await silent();
    await simulation.run(10);
    expect(fingerprint(simulation)).toEqual(await result(1));
    simulation.close();
  });

  it("in the middle of an interval fails the run, which says how far it came and keeps what it has", async () => {
    const simulation = await silent();
    const { control } = inside(simulation);
    const command = control.command.bind(control);
    // As if it had begun the third interval of the run.
    vi.spyOn(control, "command").mockImplementation((kind, steps, interval) => {
      const number = command(kind, steps, interval);
      const { from } = control.order;
      const claim = control.claim.bind(control);
      vi.spyOn(control, "claim").mockImplementation((shard, phase) => {
        return !(shard === 1 && phase === from + 3) && claim(shard, phase);
      });
      return number;
    });
    const error = await simulation.run(10).then(() => undefined, (e: unknown) => e);
    if (!(error instanceof FailedRunError)) throw new Error(`no failure: ${String(error)}`);
    expect(error.message).toMatch(/^shard 1 of 2 stopped in the run after 20 ms \(no answer for 0 s\)\. What was recorded until then is whole/);
    expect(error.time).toBe(20);
    expect(simulation.time).toBe(20);
    const spikes = simulation.recordings.spikes.get("cells");
    const { report } = error;
    expect(report).toMatchObject({ status: "failed", duration: 20 });
    expect(report.findings[0]).toMatchObject({ level: "error", code: "failed", message: error.message });
    expect(simulation.recordings.traces[0]?.length).toBe(201);
    const other = await Simulation.fromDocument(network(), { threads: 1 });
    const { populations } = await other.run(20);
    expect(report.populations).toEqual(populations);
    expect(spikes?.times).toEqual(other.recordings.spikes.get("cells")?.times);
    await expect(simulation.run(1)).rejects.toThrow(/cannot go on/);
  });
});

describe("threads and one thread in turn", () => {
  it("may change at any exchange: the same bits", async () => {
    const expected = await result(1);
    let turn = 0;
    for (const ms of [0, 0.05, 1000]) {
      const simulation = await Simulation.fromDocument(network(), { threads: 3 });
      simulation.build();
      inside(simulation).pace.next = () => ({ beside: turn++ % 3 !== 0, ms });
      await simulation.run(10);
      simulation.runSync(5);
      await simulation.run(15, { chunk: 0.7 });
      expect(fingerprint(simulation)).toEqual(expected);
      simulation.close();
    }
    expect(turn).toBeGreaterThan(60);
  });
});

describe("simulations that nobody closes", () => {
  it("keep few threads between runs, and get new ones when they run again", async () => {
    const expected = await result(1);
    const all: Simulation[] = [];
    for (let k = 0; k < 12; k++) {
      const simulation = await Simulation.fromDocument(network(), { threads: 3 });
      await simulation.run(20);
      all.push(simulation);
    }
    const workers = (): number => all.reduce((sum, simulation) => sum + (inside(simulation)?.workers.length ?? 0), 0);
    const { availableParallelism } = await import("node:os");
    expect(workers()).toBeGreaterThanOrEqual(2);
    expect(workers()).toBeLessThanOrEqual(Math.max(8, availableParallelism()));
    expect(inside(all[0] as Simulation).workers).toHaveLength(0);
    await Promise.all(all.map((simulation) => simulation.run(10)));
    for (const simulation of all) expect(fingerprint(simulation)).toEqual(expected);
    expect(workers()).toBeLessThanOrEqual(Math.max(8, availableParallelism()));
    for (const simulation of all) simulation.close();
    expect(workers()).toBe(0);
  });
});

describe("memories that the system does not give", () => {
  const { Memory } = WebAssembly;

  /** A system that gives at most so many memories, and none of more than `most` pages. */
  function system(count: number, most: number): { maxima: number[] } {
    const given = { maxima: [] as number[] };
    vi.spyOn(WebAssembly, "Memory").mockImplementation(function (options) {
      if (given.maxima.length >= count || (options.maximum as number) > most) {
        throw new RangeError("WebAssembly.Memory(): could not allocate memory");
      }
      given.maxima.push(options.maximum as number);
      return new Memory(options);
    });
    return given;
  }

  it("smaller ones do where they have to, as on a phone", async () => {
    const expected = await result(1);
    const given = system(Number.POSITIVE_INFINITY, 20_000);
    const simulation = await Simulation.fromDocument(network(), { threads: 2 });
    await simulation.run(30);
    expect(fingerprint(simulation)).toEqual(expected);
    expect(new Set(given.maxima)).toEqual(new Set([16_384]));
    simulation.close();
  });

  it("there are fewer shards where there are not enough, which a note says", async () => {
    const expected = await result(1);
    system(5, 65_536);
    const simulation = await Simulation.fromDocument(network(), { threads: 8 });
    await expect(Simulation.create({ dt: 0.1 }).then((s) => s.close())).resolves.toBeUndefined();
    simulation.build();
    expect(simulation.shards).toBeLessThan(8);
    vi.restoreAllMocks();
    const { findings } = await simulation.run(30);
    expect(fingerprint(simulation)).toEqual(expected);
    expect(findings).toMatchObject([
      { code: "fewer-threads", message: expect.stringContaining("the system gives no memory for more") },
    ]);
    simulation.close();
  });

  it("a MemoryError says what helps where there is none at all", async () => {
    system(0, 65_536);
    const error = await Simulation.create({ dt: 0.1 }).then(() => undefined, (e: unknown) => e);
    expect(error).toBeInstanceOf(MemoryError);
    expect((error as Error).message).toMatch(/no further WebAssembly memory.*ulimit -v/);
    expect((error as Error).cause).toBeInstanceOf(RangeError);
  });
});
