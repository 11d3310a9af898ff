/**
 * Recordings against a model of a few lines: of all spikes of a run (step and neuron, in order) those count whose
 * neuron and step one of the entries names. What the API, csv, npz, streamed csv, run.json and the figures say must be
 * that.
 */
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { meanRate, Simulation, SpikeStatistics } from "../../src/index.js";
import { readNpz } from "../../src/io/npz.js";
import { Bench, called } from "../cli/spikelet.js";
import { elements } from "../plot/reading.js";
import { holds, type Loose } from "./networks.js";

const bench = new Bench();
afterAll(() => bench.remove());

/** Steps of 0.1 ms, times in twentieths of a ms: on the grid and between its points. */
const STEP = 2;

interface Entry {
  readonly neurons?: readonly number[];
  /** Twentieths of a ms. */
  readonly from?: number;
}

interface Case {
  readonly size: number;
  readonly steps: number;
  readonly seed: number;
  readonly fast: boolean;
  readonly entries: readonly Entry[];
  readonly others: readonly Entry[];
}

const cases: fc.Arbitrary<Case> = fc.integer({ min: 1, max: 40 }).chain((size) =>
  fc.integer({ min: 1, max: 300 }).chain((steps) => {
    const entry = fc.record(
      {
        neurons: fc.uniqueArray(fc.nat(size - 1), { minLength: 1, maxLength: size }),
        from: fc.integer({ min: 0, max: STEP * steps + 4 }),
      },
      { requiredKeys: [] },
    );
    return fc.record({
      size: fc.constant(size),
      steps: fc.constant(steps),
      seed: fc.nat(1000),
      // Sources may fire several times in a step.
      fast: fc.boolean(),
      entries: fc.array(entry, { minLength: 1, maxLength: 4 }),
      others: fc.array(entry, { maxLength: 2 }),
    });
  }),
);

function documentOf({ size, steps, seed, fast, entries, others }: Case): Loose {
  const record = (population: string, { neurons, from }: Entry): Loose => ({
    population,
    variables: ["spikes"],
    ...(neurons && { neurons }),
    ...(from !== undefined && { from: from / 20 }),
  });
  return {
    name: "recorded",
    dt: 0.1,
    duration: steps / 10,
    seed,
    populations: [
      { name: "2", model: "poisson", size, params: { rate: fast ? 12_000 : 300 } },
      { name: "1", model: "lif", size: 25, background: [{ kind: "constant", amplitude: { uniform: [300, 2000] } }] },
    ],
    record: [
      ...entries.map((entry) => record("2", entry)),
      ...others.map((entry) => record("1", { from: entry.from ?? 0 })),
    ],
  };
}

type Spike = readonly [step: number, neuron: number];

/** All spikes of a population, in order. */
async function allSpikes(document: Loose, population: string): Promise<Spike[]> {
  const simulation = await Simulation.fromDocument(
    { ...document, record: [{ population, variables: ["spikes"] }] },
    { threads: 1 },
  );
  simulation.runSync(document.duration);
  const { times, neurons } = simulation.recordings.spikes.get(population) as Loose;
  return Array.from(times as Float64Array, (time, i): Spike => [Math.round(10 * time), neurons[i]]);
}

const isIn = ({ neurons, from = 0 }: Entry, [step, neuron]: Spike): boolean =>
  STEP * step > from && (neurons === undefined || neurons.includes(neuron));

/** Spikes that entries record, by step and neuron; steps of all recorded neurons together. */
function expected(
  spikes: readonly Spike[],
  entries: readonly Entry[],
  size: number,
  steps: number,
): { spikes: Spike[]; neuronSteps: number; neurons: number } {
  const kept = spikes
    .filter((spike) => entries.some((entry) => isIn(entry, spike)))
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let [neuronSteps, neurons] = [0, 0];
  for (let n = 0; n < size; n++) {
    let own = 0;
    for (let step = 1; step <= steps; step++) if (entries.some((entry) => isIn(entry, [step, n]))) own++;
    neuronSteps += own;
    if (own > 0) neurons++;
  }
  return { spikes: kept, neuronSteps, neurons };
}

const text = ([step, neuron]: Spike, population: string): string => `${step / 10},${population},${neuron}`;

describe("recorded spikes are those of the entries", () => {
  it("each recording of the API: spikes, rate, intervals; any chunks and threads", async () => {
    await holds(
      fc.asyncProperty(
        cases,
        fc.constantFrom(1, 2, 3),
        fc.integer({ min: 1, max: 50 }),
        async (drawn, threads, chunk) => {
        const { size, steps } = drawn;
        const document = documentOf(drawn);
        const spikes = await allSpikes(document, "2");
        const simulation = await Simulation.fromDocument({ ...document, record: [] }, { threads });
        const population = simulation.populations.get("2") as Loose;
        const recordings = drawn.entries.map(({ neurons, from }) =>
            simulation.record(population, "spikes", {
              ...(neurons && { neurons }),
              ...(from !== undefined && { from: from / 20 }),
            }),
        );
        await simulation.run(document.duration, { chunk: chunk / 10 });
        simulation.close();
        for (const [k, recording] of recordings.entries()) {
          const entry = drawn.entries[k] as Entry;
          const own = spikes.filter((spike) => isIn(entry, spike));
          expect(Array.from(recording.times)).toEqual(own.map(([step]) => step / 10));
          expect(Array.from(recording.neurons)).toEqual(own.map(([, neuron]) => neuron));
          const { neuronSteps, neurons } = expected(spikes, [entry], size, steps);
          const rate = neuronSteps === 0 ? 0 : (10_000 * own.length) / neuronSteps;
          expect(recording.rate()).toBeCloseTo(rate, 8);
          if (neurons > 0) expect(meanRate(recording, size, document.duration)).toBeCloseTo(rate, 8);
          const last = new Map<number, number>();
          const intervals: number[][] = Array.from({ length: size }, () => []);
          for (const [step, neuron] of own) {
            if (last.has(neuron)) intervals[neuron]?.push(step - (last.get(neuron) as number));
            last.set(neuron, step);
          }
          const isi = Array.from(recording.isi().intervals, (interval) => Math.round(10 * interval));
          expect(isi).toEqual(intervals.flat());
        }
      }),
      40,
    );
  });

  it("csv, npz and streamed csv hold each spike once, run.json counts all, figures show the recorded ones", async () => {
    let number = 0;
    await holds(
      fc.asyncProperty(
        cases,
        fc.constantFrom("1", "2"),
        fc.integer({ min: 1, max: 20 }),
        async (drawn, threads, every) => {
        const { size, steps, entries, others } = drawn;
        const document = documentOf(drawn);
        const folder = `run-${number++}`;
        const file = bench.file(`${folder}.json`, document);
        const run = async (out: string, ...words: string[]): Promise<void> => {
            const { status } = await called(["run", file, "--out", out, "--quiet", "--threads", threads, ...words], {
              cwd: bench.folder,
            });
          expect(status).toBe(0);
        };
        await run(folder);
        await run(`${folder}-npz`, "--format", "npz", "--no-plots");
        await run(`${folder}-stream`, "--stream", "--snapshot-every", String(every));

        const sources = await allSpikes(document, "2");
        const two = expected(sources, entries, size, steps);
        const whole = others.map(({ from = 0 }) => ({ from }));
        const one = expected(await allSpikes(document, "1"), whole, 25, steps);
          const lines = [
            ...two.spikes.map((spike) => ({ spike, name: "2" })),
            ...one.spikes.map((spike) => ({ spike, name: "1" })),
          ]
            .sort((a, b) => a.spike[0] - b.spike[0] || Number(b.name) - Number(a.name))
          .map(({ spike, name }) => text(spike, name));
        const csv = await bench.read(folder, "spikes.csv");
        expect(csv).toBe(["time_ms,population,neuron", ...lines, ""].join("\n"));
        expect(await bench.read(`${folder}-stream`, "spikes.csv")).toBe(csv);

        const { arrays } = await readNpz(await readFile(bench.path(`${folder}-npz`, "spikes.npz")));
        expect(Array.from(arrays["2/spikes/times"]?.data ?? [])).toEqual(two.spikes.map(([step]) => step / 10));
        expect(Array.from(arrays["2/spikes/neurons"]?.data ?? [])).toEqual(two.spikes.map(([, neuron]) => neuron));

        const content = (await bench.run(folder)) as Loose;
        expect(content.populations["2"].spikes).toBe(sources.length);
        const statistics = new SpikeStatistics(size);
          statistics.add(
            Float64Array.from(sources, ([step]) => step / 10),
            Uint32Array.from(sources, ([, neuron]) => neuron),
          );
        expect(content.populations["2"].rate).toBe(statistics.rate(steps / 10));
        // What run.json says was recorded is what a reader needs for rates.
        const said = (content.recorded.spikes as Loose[]).filter(({ population }) => population === "2");
        const time = said.reduce((sum, { neurons, spans }) => {
            const own = spans.reduce(
              (all: number, [from, to]: number[]) => all + Math.round(10 * ((to as number) - (from as number))),
              0,
            );
          return sum + (neurons?.length ?? size) * own;
        }, 0);
        expect(time).toBe(two.neuronSteps);

        const raster = await bench.read(folder, "raster.svg");
        elements(raster);
        const shown = two.neurons === 0 ? size : two.neurons;
        const count = (n: number, noun: string): string => `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
        expect(plain(raster)).toContain(`: ${count(shown, "neuron")}, ${count(two.spikes.length, "spike")}`);
        const rate = await bench.read(folder, "rate.svg");
        elements(rate);
        sameRate(rate, two);

        expect((await called(["plot", folder], { cwd: bench.folder })).status).toBe(0);
        const activity = await bench.read(folder, "activity.svg");
        elements(activity);
        expect(plain(activity)).toContain(`: ${count(shown, "neuron")}, ${count(two.spikes.length, "spike")}`);
      }),
      25,
    );
  });
});

/** A figure's text without marks in large numbers. */
function plain(svg: string): string {
  return svg.replace(/(\d)[\u202f\u00a0\u2009 ](?=\d{3}\b)/g, "$1,");
}

/** The mean rate that the figure of rates states for the first population. */
function sameRate(
  svg: string,
  { spikes, neuronSteps }: { readonly spikes: readonly Spike[]; readonly neuronSteps: number },
): void {
  const stated = Number(/: ([\d,.]+) Hz on average/.exec(plain(svg))?.[1]?.replaceAll(",", ""));
  const rate = neuronSteps === 0 ? 0 : (10_000 * spikes.length) / neuronSteps;
  expect(Math.abs(stated - rate)).toBeLessThanOrEqual(0.006 * rate);
}

