/**
 * Statistics of the reference networks over several seeds, compared with the references: too long for the test suite.
 *
 *   npm run test:long             prints a table; status 1 when a network is out of tolerance
 *   npm run test:long -- --write  also keeps the results in test/reference/long-results.json and long-published.json
 *   npm run test:long -- --seeds 3
 *   npm run test:long -- --part published   only the networks of scripts/long/test-long-networks.ts; or: --part
 *   benchmarks
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { VERSION } from "../../src/index.js";
import { type Figure, type PublishedResult, publishedNetworks, type Reference } from "./test-long-networks.js";
import { entryOf, moments } from "../../test/reference/harness.js";
import {
  coba,
  cobahh,
  cuba,
  type Network,
  type Response,
  type Statistics,
  statisticsOf,
  volley,
  VOLLEY,
} from "../../test/reference/networks.js";

const { values: given } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    seeds: { type: "string", default: "8" },
    part: { type: "string" },
  },
});
const PARTS = ["benchmarks", "published"];
if (given.part !== undefined && !PARTS.includes(given.part)) {
  throw new RangeError(`--part: "${given.part}"; it must be ${PARTS.join(" or ")}`);
}
const SEEDS = Array.from({ length: Math.max(1, Number(given.seeds)) }, (_, i) => i + 1);

/** A figure with the reference's. */
type Compared = Required<Figure>;

interface NetworkResult {
  readonly name: string;
  readonly entry: string;
  readonly from: number;
  readonly to: number;
  readonly statistics: Readonly<Record<string, Compared>>;
  /** What was demanded, and whether it holds. */
  readonly checks: readonly { readonly what: string; readonly holds: boolean }[];
}

const NAMES = ["rateE", "rateI", "rate", "cv", "fano1ms", "fpeak"] as const;
type Figures = Readonly<Record<keyof Statistics, Compared>>;

const round = (x: number): number => Number(x.toPrecision(6));

async function measure(
  name: string,
  entry: string,
  make: (seed: number) => Promise<Network>,
  window: readonly [from: number, to: number],
  seeds: readonly number[],
  judge: (figures: Figures, last: readonly number[]) => NetworkResult["checks"],
): Promise<NetworkResult> {
  const { expected } = entryOf<{ expected: { n_runs: number } & Record<string, Reference> }>("networks", entry);
  const [from, to] = window;
  const runs: Statistics[] = [];
  const last: number[] = [];
  for (const seed of seeds) {
    const network = await make(seed);
    network.simulation.runSync(to);
    runs.push(statisticsOf(network, from, to));
    last.push(statisticsOf(network, to - 100, to).rate);
    process.stderr.write(".");
  }
  const figures = Object.fromEntries(
    NAMES.map((key): [string, Compared] => {
      const values = runs.map((run) => run[key]);
      const { mean, sd } = moments(values);
      const spread = values.length > 1 ? sd * Math.sqrt(values.length / (values.length - 1)) : 0;
      const { mean: m, sd: s } = expected[key] ?? { mean: NaN, sd: NaN };
      const reference = { mean: m, sd: s, n_runs: expected.n_runs };
      return [key, { mean: round(mean), sd: round(spread), values: values.map(round), reference }];
    }),
  ) as Figures;
  return { name, entry, from, to, statistics: figures, checks: judge(figures, last) };
}

/** Every run of COBA and of COBAHH within its range of rates, active to the end. */
function selfSustained(low: number, high: number, rates: readonly number[], last: readonly number[]) {
  const alive = last.filter((rate) => rate > 5).length;
  const inside = rates.filter((rate) => rate > low && rate < high).length;
  return [
    { what: `rate ${low} to ${high} Hz: ${inside} of ${rates.length} seeds`, holds: inside === rates.length },
    { what: `active to the end: ${alive} of ${last.length} seeds`, holds: alive >= (7 / 8) * last.length },
  ];
}

/** Means over seeds agree to 3 %, or as far as two such small samples can tell. */
function sameMean(key: string, { mean, sd, values, reference }: Compared): NetworkResult["checks"][number] {
  const se = Math.sqrt(sd ** 2 / values.length + reference.sd ** 2 / reference.n_runs) / reference.mean;
  const off = mean / reference.mean - 1;
  const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
  return {
    what: `mean ${key} within 3 % or three standard errors of ${percent(se)}: ${percent(off)}`,
    holds: Math.abs(off) < Math.max(0.03, 3 * se),
  };
}

async function networks(): Promise<NetworkResult[]> {
  const out: NetworkResult[] = [];
  for (const method of ["euler", "exponentialEuler"] as const) {
    out.push(
      await measure(
        `COBA ${method}`,
        "open-net-coba",
        (seed) => coba({ seed, method }),
        [200, 1000],
        SEEDS,
        (f, last) => [
          ...selfSustained(15, 25, f.rate.values, last),
          { what: `CV 1.4 to 1.8: ${f.cv.mean}`, holds: f.cv.values.every((x) => x > 1.4 && x < 1.8) },
        ],
      ),
    );
  }
  for (const method of ["exact", "euler"] as const) {
    out.push(
      await measure(
        `CUBA ${method}`,
        "open-net-cuba",
        (seed) => cuba({ seed, method }),
        [200, 2000],
        SEEDS,
        (f) =>
          NAMES.map((key) => {
            const { values, reference } = f[key];
            const allowed = Math.max(4 * reference.sd, 0.06 * reference.mean);
            const inside = values.filter((x) => Math.abs(x - reference.mean) < allowed).length;
            return {
              what: `${key} within four standard deviations or 6 %: ${inside} of ${values.length} seeds`,
              holds: inside === values.length,
            };
          }).concat(sameMean("rate", f.rate), sameMean("rateI", f.rateI)),
      ),
    );
  }
  for (const dt of [0.1, 0.05]) {
    const seeds = SEEDS.slice(0, 4);
    out.push(
      await measure(
        `COBAHH dt ${dt} ms`,
        "open-net-cobahh",
        (seed) => cobahh({ seed, dt }),
        [200, 1000],
        seeds,
        (f, last) => selfSustained(25, 50, f.rate.values, last),
      ),
    );
  }
  return out;
}

/** Strengths at which the volley is tried, in mV. */
const STRENGTHS = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9, 10];

interface BackgroundRow {
  readonly Ibg_mV: number;
  readonly sigma: number;
  readonly Jmin_mV: number;
  readonly base_rate: number;
  readonly evoked_30ms: number;
  readonly tail_rate_100_400ms: number;
  readonly peak_1ms: number;
}

interface VolleyResult extends Response {
  readonly Ibg_mV: number;
  readonly sigma: number;
  readonly Jmin_mV: number;
  readonly reference: BackgroundRow;
}

/** The weakest synapses with which a volley makes a tenth of the cells fire beside it. */
async function weakest(row: BackgroundRow): Promise<VolleyResult> {
  const { Ibg_mV, sigma } = row;
  for (const J of STRENGTHS) {
    const found: Response[] = [];
    for (const seed of [1, 2]) found.push(await volley({ J, Ibg: Ibg_mV, sigma, seed, end: 700 }));
    const mean = (key: keyof Response): number => round(found.reduce((sum, r) => sum + r[key], 0) / found.length);
    if (mean("evoked") < VOLLEY.size / 10) continue;
    process.stderr.write(".");
    return {
      Ibg_mV,
      sigma,
      Jmin_mV: J,
      baseRate: mean("baseRate"),
      evoked: mean("evoked"),
      tailRate: mean("tailRate"),
      peak: mean("peak"),
      reference: row,
    };
  }
  throw new RangeError(`no response at any strength with a background of ${Ibg_mV} mV`);
}

async function volleys(): Promise<{ rows: VolleyResult[]; checks: NetworkResult["checks"] }> {
  const { expected } = entryOf<{ expected: BackgroundRow[] }>("networks", "open-claim-background");
  const rows: VolleyResult[] = [];
  for (const row of expected) rows.push(await weakest(row));
  const silent = rows.find((r) => r.Ibg_mV === 0 && r.sigma === 0);
  const lively = rows.find((r) => r.Ibg_mV === 10 && r.sigma === 4);
  const ratio = (silent?.Jmin_mV ?? NaN) / (lively?.Jmin_mV ?? NaN);
  const gain = (row: VolleyResult | undefined): number => (row?.evoked ?? NaN) / VOLLEY.cells;
  return {
    rows,
    checks: [
      { what: `weakest synapses without / with background >= 2: ${ratio.toFixed(2)}`, holds: ratio >= 2 },
      {
        what: `spikes per volley spike without background >= 20: ${gain(silent).toFixed(1)}`,
        holds: gain(silent) >= 20,
      },
      { what: `with background <= 6: ${gain(lively).toFixed(1)}`, holds: gain(lively) <= 6 },
    ],
  };
}

const cell = (text: string | number, width: number): string => String(text).padStart(width);

function show(results: readonly NetworkResult[], background: Awaited<ReturnType<typeof volleys>>): void {
  for (const { name, from, to, statistics, checks } of results) {
    console.log(`\n${name}, ${from} to ${to} ms`);
    console.log(
      `${" ".repeat(10)}${cell("mean", 9)}${cell("sd", 9)}${cell("reference", 12)}${cell("sd", 9)}${cell("off by", 9)}`,
    );
    for (const [key, { mean, sd, reference }] of Object.entries(statistics)) {
      const off = `${(100 * (mean / reference.mean - 1)).toFixed(1)} %`;
      const numbers = [
        cell(mean.toFixed(3), 9),
        cell(sd.toFixed(3), 9),
        cell(reference.mean, 12),
        cell(reference.sd, 9),
        cell(off, 9),
      ];
      console.log(key.padEnd(10) + numbers.join(""));
    }
    for (const { what, holds } of checks) console.log(`  ${holds ? "holds" : "FAILS"}  ${what}`);
  }
  console.log("\nA volley into a network: weakest synapses (mV) and spikes within 30 ms, ours and the reference's");
  for (const r of background.rows) {
    const ours = [
      cell(r.Jmin_mV, 6),
      cell(r.reference.Jmin_mV, 6),
      cell(r.evoked.toFixed(0), 8),
      cell(r.reference.evoked_30ms.toFixed(0), 8),
    ];
    console.log(`background ${cell(r.Ibg_mV, 3)} mV, noise ${r.sigma} mV ${ours.join("")}`);
  }
  for (const { what, holds } of background.checks) console.log(`  ${holds ? "holds" : "FAILS"}  ${what}`);
}

function showPublished(results: readonly PublishedResult[]): void {
  for (const { name, dt, seeds, from, to, statistics, checks } of results) {
    console.log(`\n${name}, ${from} to ${to} ms, dt ${dt} ms, ${seeds.length} seeds`);
    for (const [key, { mean, sd, reference }] of Object.entries(statistics)) {
      const other = reference ? [cell(reference.mean, 12), cell(reference.sd, 9)] : [];
      console.log(key.padEnd(16) + [cell(mean.toFixed(3), 9), cell(sd.toFixed(3), 9), ...other].join(""));
    }
    for (const { what, holds } of checks) console.log(`  ${holds ? "holds" : "FAILS"}  ${what}`);
  }
}

function keep(file: string, content: object): void {
  const note = "Written by npm run test:long -- --write. Rates in Hz; sd over seeds, divided by their number less one.";
  const text = JSON.stringify({ note, version: VERSION, node: process.version, ...content }, undefined, 1);
  writeFileSync(new URL(`../../test/reference/${file}`, import.meta.url), `${text}\n`);
}

const checks: NetworkResult["checks"][number][] = [];
if (given.part !== "published") {
  const results = await networks();
  const background = await volleys();
  process.stderr.write("\n");
  show(results, background);
  checks.push(...[...results, background].flatMap((result) => result.checks));
  if (given.write) keep("long-results.json", { seeds: SEEDS.length, networks: results, volley: background });
}
if (given.part !== "benchmarks") {
  const results = await publishedNetworks(SEEDS);
  process.stderr.write("\n");
  showPublished(results);
  checks.push(...results.flatMap((result) => result.checks));
  if (given.write) keep("long-published.json", { networks: results });
}
process.exitCode = checks.every(({ holds }) => holds) ? 0 : 1;
