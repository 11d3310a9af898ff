/** Published networks over several seeds: the second part of `npm run test:long`, minutes in all. */
import { synapseEntry } from "../../test/reference/entries.js";
import { moments } from "../../test/reference/harness.js";
import { statisticsOf } from "../../test/reference/networks.js";
import { brunel, izhikevich2003, STDP_MAX, stdpCell } from "../../test/reference/published.js";

export interface Reference {
  readonly mean: number;
  readonly sd: number;
  readonly n_runs: number;
}

/** One figure of a network over the seeds, with the reference's where it has one. */
export interface Figure {
  readonly mean: number;
  /** Over seeds, divided by their number less one. */
  readonly sd: number;
  /** In the order of the seeds. */
  readonly values: readonly number[];
  readonly reference?: Reference;
}

/** What was demanded, and whether it holds. */
interface Check {
  readonly what: string;
  readonly holds: boolean;
}

/** A network over several seeds, as the file keeps it. */
export interface PublishedResult {
  readonly name: string;
  /** The reference's entry in test/reference/synapses.json. */
  readonly entry?: string;
  readonly dt: number;
  readonly seeds: readonly number[];
  /** What is looked at, in ms. */
  readonly from: number;
  readonly to: number;
  readonly statistics: Readonly<Record<string, Figure>>;
  readonly checks: readonly Check[];
}

const round = (x: number): number => Number(x.toPrecision(6));

type Head = Pick<PublishedResult, "name" | "entry" | "dt" | "from" | "to">;

async function over(
  seeds: readonly number[],
  head: Head,
  run: (seed: number) => Promise<Readonly<Record<string, number>>>,
  judge: (figures: Readonly<Record<string, Figure>>) => readonly Check[],
): Promise<PublishedResult> {
  const expected =
    head.entry === undefined ? undefined : synapseEntry<unknown, Record<string, Reference>>(head.entry).expected;
  const runs: Readonly<Record<string, number>>[] = [];
  for (const seed of seeds) {
    runs.push(await run(seed));
    process.stderr.write(".");
  }
  const statistics: Record<string, Figure> = {};
  for (const key of Object.keys(runs[0] ?? {})) {
    const values = runs.map((one) => one[key] as number);
    const { mean, sd } = moments(values);
    const spread = values.length > 1 ? sd * Math.sqrt(values.length / (values.length - 1)) : 0;
    const found = expected?.[key];
    const n_runs = Number(expected?.n_runs);
    const reference = found && { mean: found.mean, sd: found.sd, n_runs };
    statistics[key] = {
      mean: round(mean),
      sd: round(spread),
      values: values.map(round),
      ...(reference && { reference }),
    };
  }
  return { ...head, seeds, statistics, checks: judge(statistics) };
}

function near(figures: Readonly<Record<string, Figure>>, key: string, expected: number, tolerance: number): Check {
  const { mean } = figures[key] as Figure;
  return {
    what: `mean ${key} ${expected} +- ${round(tolerance)}: ${mean}`,
    holds: Math.abs(mean - expected) <= tolerance,
  };
}

const referenceOf = (figures: Readonly<Record<string, Figure>>, key: string): number =>
  figures[key]?.reference?.mean ?? NaN;

/** Brunel 2000, Fig. 8 A: synchronous regular; rate in Hz of an independent simulator with the same parameters. */
const SYNCHRONOUS_REGULAR = 334.97;

/** Runs all of them. */
export async function publishedNetworks(seeds: readonly number[]): Promise<PublishedResult[]> {
  const state = (g: number, eta: number, from: number, to: number) => async (seed: number) => {
    const network = await brunel({ seed, g, eta, from });
    network.simulation.runSync(to);
    return { ...statisticsOf(network, from, to) };
  };
  const learning = (dt: number, from: number, to: number) => async (seed: number) => {
    const { simulation, learned, spikes } = await stdpCell(seed, dt, from);
    simulation.runSync(to);
    const weights = learned.weights().map((w) => w / STDP_MAX);
    const part = (which: (w: number) => boolean): number => weights.filter(which).length / weights.length;
    return {
      rate_late: spikes.rate(),
      cv_late: spikes.cv(),
      mean_w: moments(weights).mean,
      "frac_below_0.1": part((w) => w < 0.1),
      "frac_above_0.9": part((w) => w > 0.9),
    };
  };
  const few = seeds.slice(0, 4);
  const out: PublishedResult[] = [];
  out.push(
    await over(
      few,
      { name: "Brunel, asynchronous irregular", entry: "open-net-brunel-AI", dt: 0.1, from: 200, to: 1200 },
      state(5, 2, 200, 1200),
      (f) => [
        near(f, "rate", referenceOf(f, "rate"), 0.03 * referenceOf(f, "rate")),
        near(f, "cv", referenceOf(f, "cv"), 0.03 * referenceOf(f, "cv")),
      ],
    ),
    await over(
      few,
      { name: "Brunel, synchronous regular", dt: 0.1, from: 200, to: 700 },
      state(3, 2, 200, 700),
      (f) => [
        near(f, "rate", SYNCHRONOUS_REGULAR, 0.02 * SYNCHRONOUS_REGULAR),
        { what: `cv below 0.01: ${f.cv?.mean}`, holds: (f.cv?.mean ?? NaN) < 0.01 },
      ],
    ),
    await over(
      seeds,
      { name: "Izhikevich 2003", entry: "open-net-izh2003-1000", dt: 1, from: 200, to: 1000 },
      async (seed) => {
        const network = await izhikevich2003(seed, 200);
        network.simulation.runSync(1000);
        return { ...statisticsOf(network, 200, 1000) };
      },
      (f) => [near(f, "rate", referenceOf(f, "rate"), 0.4)],
    ),
    await over(
      seeds,
      { name: "STDP", entry: "open-net-stdp-brian15", dt: 0.1, from: 50_000, to: 100_000 },
      learning(0.1, 50_000, 100_000),
      (f) => [
        near(f, "rate_late", referenceOf(f, "rate_late"), 2),
        near(f, "mean_w", referenceOf(f, "mean_w"), 0.03),
        near(f, "frac_below_0.1", referenceOf(f, "frac_below_0.1"), 0.05),
        near(f, "frac_above_0.9", referenceOf(f, "frac_above_0.9"), 0.05),
      ],
    ),
    await over(
      few,
      { name: "STDP at a coarse step", dt: 0.5, from: 50_000, to: 100_000 },
      learning(0.5, 50_000, 100_000),
      // What the finding stdp-dt-above-0.1 says.
      (f) => [near(f, "rate_late", 50, 5)],
    ),
  );
  return out;
}
