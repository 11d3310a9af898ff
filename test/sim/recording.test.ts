/** Recordings between runs: added late, paused, handed out, kept for a while; each against one whole recording. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Population,
  type Projection,
  Simulation,
  type SpikeRecording,
  StateError,
  type TraceRecording,
  ValueRangeError,
} from "../../src/index.js";
import { holds, type Loose } from "../property/networks.js";

const DT = 0.1;

async function network(
  threads: number,
  seed: number,
): Promise<{ simulation: Simulation; cells: Population; source: Population }> {
  const simulation = await Simulation.fromDocument(
    {
      dt: DT,
      duration: 1000,
      seed,
      populations: [
        {
          name: "cells",
          model: "lif",
          size: 40,
          receptors: { in: { kernel: "exponential", tau: 5 } },
          background: [
            { kind: "constant", amplitude: { uniform: [400, 900] } },
            { kind: "whiteNoise", sigma: 200 },
          ],
        },
        { name: "source", model: "poisson", size: 20, params: { rate: 9000 } },
      ],
      projections: [
        {
          source: "cells",
          target: "cells",
          rule: "fixedProbability",
          p: 0.2,
          weight: { uniform: [1, 5] },
          delay: { uniform: [0.3, 2] },
          plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_max: 20 },
        },
      ],
      record: [],
    },
    { threads },
  );
  const [cells, source] = ["cells", "source"].map((name) => simulation.populations.get(name) as Population);
  return { simulation, cells: cells as Population, source: source as Population };
}

const steps = (time: number): number => Math.round(time / DT);

/** Spikes of a recording as texts of step and neuron. */
const list = ({ times, neurons }: Loose): string[] =>
  Array.from(times as Float64Array, (time, i) => `${steps(time)} ${neurons[i]}`);

interface Act {
  readonly run: number;
  readonly act: "add" | "pause" | "resume" | "flush" | "snapshot" | "none";
}

const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.record({
    run: fc.integer({ min: 0, max: 60 }),
    act: fc.constantFrom("add", "pause", "resume", "flush", "snapshot", "none" as const),
  }),
  { minLength: 2, maxLength: 8 },
);

describe("recordings between runs", () => {
  it("any order of adding, pausing, resuming, flushing and snapshots records what a whole recording has in that time", async () => {
    await holds(
      fc.asyncProperty(
        acts,
        fc.nat(100),
        fc.constantFrom(1, 2),
        fc.integer({ min: 1, max: 5 }),
        async (script, seed, threads, every) => {
          const total = script.reduce((sum, { run }) => sum + run, 0);
          const whole = await network(1, seed);
          const all = whole.simulation.record(whole.source, "spikes");
          const v = whole.simulation.record(whole.cells, "v");
          const w = whole.simulation.recordWeights(whole.simulation.projections[0] as Loose);
          whole.simulation.runSync(total * DT);

          // The model: which steps each recording has, as a set of spans, and where its grid of samples begins.
          interface Tracked {
            spikes: SpikeRecording;
            trace: TraceRecording;
            weights: Loose;
            start: number;
            kept: number[];
            out: string[];
            samples: number[];
          }
          let { simulation, cells, source } = await network(threads, seed);
          const interval = every * DT;
          const make = (start: number): Tracked => ({
            spikes: simulation.record(source, "spikes", { neurons: [3, 7, 11] }),
            trace: simulation.record(cells, "v", { neurons: [31, 2], every: interval }) as unknown as TraceRecording,
            weights: simulation.recordWeights(simulation.projections[0] as Loose, {
              synapses: [5, 1],
              every: interval,
            }),
            start,
            kept: [],
            out: [],
            samples: [start],
          });
          const tracked: Tracked[] = [make(0)];
          let paused = false;
          let now = 0;
          for (const { run, act } of script) {
            simulation.runSync(run * DT);
            if (!paused || tracked.length > 1) {
              for (const [k, one] of tracked.entries()) {
                if (k === 0 && paused) continue;
                for (let step = now + 1; step <= now + run; step++) {
                  one.kept.push(step);
                  if ((step - one.start) % every === 0) one.samples.push(step);
                }
              }
            }
            now += run;
            const [first] = tracked as [Tracked];
            if (act === "add") tracked.push(make(now));
            else if (act === "pause" || act === "resume") {
              paused = act === "pause";
              for (const one of [first.spikes, first.trace, first.weights] as Loose[]) one[act]();
              expect(first.spikes.paused).toBe(paused);
            } else if (act === "flush") {
              first.out.push(...list(first.spikes.flush()));
              const trace = first.trace.flush();
              expect(Array.from(trace.time, steps)).toEqual(first.samples);
              expect(Array.from(trace.values(1))).toEqual(first.samples.map((step) => v.values(2)[step]));
              first.weights.flush();
              first.samples = [];
            } else if (act === "snapshot") {
              const before = tracked.map(({ spikes, trace, weights }) => [spikes, trace, weights]);
              const restored = await Simulation.restore(simulation.snapshot());
              simulation.close();
              simulation = restored;
              [cells, source] = ["cells", "source"].map((name) => simulation.populations.get(name) as Population) as [
                Population,
                Population,
              ];
              const spikes = source.recordings;
              for (const [k, one] of tracked.entries()) {
                one.spikes = spikes[k] as SpikeRecording;
                one.trace = simulation.recordings.traces[k] as TraceRecording;
                one.weights = simulation.recordings.weights[k];
                expect(list(one.spikes)).toEqual(list(before[k]?.[0]));
              }
            }
          }
          for (const one of tracked) {
            const kept = new Set(one.kept);
            const expected = list(all).filter((text) => {
              const [step, neuron] = text.split(" ").map(Number) as [number, number];
              return kept.has(step) && [3, 7, 11].includes(neuron);
            });
            expect([...one.out, ...list(one.spikes)]).toEqual(expected);
            expect(Array.from(one.trace.time, steps)).toEqual(one.samples);
            for (const [k, neuron] of [31, 2].entries()) {
              expect(Array.from(one.trace.values(k))).toEqual(one.samples.map((step) => v.values(neuron)[step]));
            }
            expect(Array.from(one.weights.time as Float64Array, steps)).toEqual(one.samples);
            for (const [k, synapse] of [5, 1].entries()) {
              expect(Array.from(one.weights.values(k))).toEqual(one.samples.map((step) => w.values(synapse)[step]));
            }
          }
          simulation.close();
        },
      ),
      30,
    );
  });

  it("rates leave pauses out, and no interval spans one", async () => {
    const { simulation, source } = await network(1, 4);
    const spikes = simulation.record(source, "spikes", { neurons: [0, 1] });
    simulation.runSync(20);
    spikes.pause();
    simulation.runSync(30);
    spikes.resume();
    simulation.runSync(10);
    expect(spikes.observed).toEqual([
      {
        neurons: Uint32Array.of(0, 1),
        spans: [
          [0, 20],
          [50, 60],
        ],
      },
    ]);
    expect(spikes.rate()).toBeCloseTo((1000 * spikes.count) / 2 / 30, 9);
    expect(Math.max(...spikes.isi().intervals)).toBeLessThan(30);
    expect(spikes.isi().intervals.length).toBe(spikes.count - 4);
  });

  it("a window keeps the last part of the run, in memory that does not grow", async () => {
    const { simulation, cells, source } = await network(1, 5);
    const all = simulation.record(source, "spikes");
    const last = simulation.record(source, "spikes", { window: 10 });
    const v = simulation.record(cells, "v", { neurons: [0] });
    const trace = simulation.record(cells, "v", { neurons: [0], every: 0.5, window: "10 ms" });
    for (let k = 0; k < 20; k++) {
      simulation.runSync(7.3);
      const end = simulation.time;
      expect(list(last)).toEqual(list(all).filter((text) => Number(text.split(" ")[0]) > steps(end) - 100));
      expect(last.rate()).toBeCloseTo((1000 * last.count) / 20 / Math.min(10, end), 9);
      expect(trace.length).toBe(Math.min(20, Math.floor(steps(end) / 5) + 1));
      expect(Array.from(trace.values(0))).toEqual(Array.from(trace.time, (time) => v.values(0)[steps(time)]));
      expect(last.view().times.buffer.byteLength).toBeLessThan(8 * 8192);
    }
  });

  it("a recording of the past, and one during a run, are refused", async () => {
    const { simulation, cells } = await network(1, 6);
    simulation.runSync(5);
    expect(() => simulation.record(cells, "spikes", { from: 4.9 })).toThrow(ValueRangeError);
    expect(() => simulation.record(cells, "spikes", { from: 4.9 })).toThrow(
      "record cells.from = 4.9 ms; it must be at least the present time, 5 ms",
    );
    expect(simulation.record(cells, "spikes").from).toBe(5);
    let error: unknown;
    const onProgress = (): void => {
      try {
        simulation.record(cells, "v");
      } catch (caught) {
        error = caught;
      }
    };
    await simulation.run(1, { onProgress });
    expect(error).toBeInstanceOf(StateError);
  });

  it("interpolated times can be recorded late", async () => {
    const { simulation, cells } = await network(1, 7);
    const grid = simulation.record(cells, "spikes", { from: 20 });
    simulation.runSync(20);
    const exact = simulation.record(cells, "spikes", { interpolate: true });
    simulation.runSync(30);
    expect(exact.count).toBe(grid.count);
    expect(exact.count).toBeGreaterThan(10);
    expect(Array.from(exact.times, (time) => Math.ceil(time / DT - 1e-9))).toEqual(Array.from(grid.times, steps));
    expect(exact.times.some((time, i) => time !== grid.times[i])).toBe(true);
  });
});

describe("the memory of recordings", () => {
  it("is that of all spikes and samples", async () => {
    const { simulation, cells, source } = await network(1, 1);
    const spikes = [cells, source].map((population) => simulation.record(population, "spikes"));
    const trace = simulation.record(cells, "v", { neurons: [0, 1, 2] });
    const weights = simulation.recordWeights(simulation.projections[0] as Projection, { every: 1 });
    await simulation.run(20);
    expect(spikes.every(({ count }) => count > 10)).toBe(true);
    // A time and a neuron; a number.
    const bytes =
      12 * spikes.reduce((sum, { count }) => sum + count, 0) + 8 * (trace.view().length + weights.view().length);
    expect(simulation.results.bytes).toBe(bytes);
  });
});
