/**
 * Measures spike-time errors of every model and method at several time steps, against reference spike times of the
 * equations (test/reference/spike-times.json: Dormand-Prince 5(4) with a tolerance of 1e-13, checked with DOP853 at
 * 1e-12; they agree to 1e-6 ms or better). Prints Markdown tables; `--write` puts them into docs/numerics.md.
 *
 *   npx tsx scripts/pages/measure-accuracy.ts [--write]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { background, InstabilityError, type Method, type ModelRecord, models, Simulation } from "../../src/index.js";
import { currentOf, entryOf, type SpikeEntry, translate } from "../../test/reference/harness.js";

const STEPS = [0.1, 0.05, 0.025, 0.01];

/** Rows of the tables: a name, the entry of the references, the model if it is not the entry's. */
const ROWS: readonly (readonly [name: string, id: string, model?: ModelRecord])[] = [
  ["lif", "open-lif-tref"],
  ["qif", "open-qif"],
  ["eif", "open-eif-step", models.eif],
  ["adex, Brette & Gerstner", "open-adex-bg2005-1nA"],
  ["adex, tonic", "open-adex-naud-tonic"],
  ["adex, regularBursting", "open-adex-naud-regular_bursting"],
  ["izhikevich, RS", "open-izh2003-RS"],
  ["izhikevich, CH", "open-izh2003-CH"],
  ["fitzhughNagumo", "open-fhn-0.5"],
  ["morrisLecar, hopf", "open-ml-hopf-100"],
  ["morrisLecar, snic", "open-ml-snic-45"],
  ["hodgkinHuxley", "open-hh-10"],
  ["traubMiles", "open-hht-200"],
];

interface Reference {
  readonly name: string;
  readonly model: ModelRecord;
  readonly params: Readonly<Record<string, number>>;
  readonly init: Readonly<Record<string, number>>;
  readonly drive: ReturnType<typeof currentOf>;
  readonly duration: number;
  /** Spike times of the equations in ms. */
  readonly spikes: readonly number[];
}

const references = ROWS.map(([name, id, as]): Reference => {
  const entry = entryOf<SpikeEntry>("spike-times", id);
  const { protocol, expected } = entry;
  const translated = translate(entry);
  const model = as ?? translated.model;
  const known = Object.entries(translated.params).filter(([parameter]) => Object.hasOwn(model.params, parameter));
  const level = protocol.spike_threshold ?? null;
  const params = { ...Object.fromEntries(known), ...(level === null ? {} : { V_th: level }) };
  const init = Object.fromEntries(Object.keys(model.states).map((state, i) => [state, entry.init?.[i] ?? Number.NaN]));
  const spikes = (expected.spike_times_ms ?? []).slice(0, expected.valid_spikes);
  return { name, model, params, init, drive: currentOf(protocol.current), duration: protocol.T_ms, spikes };
});

/** Spike times, on the grid or interpolated; undefined when the run became unstable. */
async function run(
  reference: Reference,
  method: Method,
  dt: number,
  interpolate: boolean,
): Promise<Float64Array | undefined> {
  const sim = await Simulation.create({ dt });
  const { model, params, init, drive, duration } = reference;
  const cell = sim.population("cell", model, 1, { method, params, init, background: [drive] });
  const spikes = sim.record(cell, "spikes", { interpolate });
  try {
    await sim.run(duration);
  } catch (error) {
    if (error instanceof InstabilityError) return undefined;
    throw error;
  }
  return spikes.times;
}

/** The largest error in ms over the spikes that both have. */
function largestError(times: Float64Array, expected: readonly number[]): number {
  let most = 0;
  for (let i = 0; i < Math.min(times.length, expected.length); i++) {
    most = Math.max(most, Math.abs((times[i] as number) - (expected[i] as number)));
  }
  return most;
}

/** Relative error in % of the mean interval over the spikes that both have. */
function intervalError(times: Float64Array, expected: readonly number[]): number {
  const n = Math.min(times.length, expected.length);
  if (n < 2) return Number.NaN;
  const mean = (t: ArrayLike<number>): number => ((t[n - 1] as number) - (t[0] as number)) / (n - 1);
  return 100 * (mean(times) / mean(expected) - 1);
}

/** Two or three digits; what is below 0.0001 counts as that. */
function short(x: number): string {
  if (x < 0.00005) return "< 0.0001";
  return x.toFixed(x >= 9.95 ? 1 : x >= 0.995 ? 2 : x >= 0.0995 ? 3 : 4);
}

async function cells(reference: Reference, method: Method, dt: number): Promise<[error: string, interval: string]> {
  const grid = await run(reference, method, dt, false);
  const between = await run(reference, method, dt, true);
  if (grid === undefined || between === undefined) return ["unstable", "unstable"];
  const { spikes } = reference;
  const missing = grid.length - spikes.length;
  const count = missing === 0 ? "" : ` [${missing > 0 ? "+" : ""}${missing}]`;
  const error = `${short(largestError(grid, spikes))} / ${short(largestError(between, spikes))}${count}`;
  const interval = intervalError(between, spikes);
  const sign = Math.abs(interval) < 0.00005 ? "" : interval > 0 ? "+" : "-";
  return [error, `${sign}${short(Math.abs(interval))} %`];
}

function table(rows: readonly (readonly string[])[]): string {
  const head = ["neuron", "method", ...STEPS.map((dt) => `dt ${dt}`)];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

const errors: string[][] = [];
const intervals: string[][] = [];
for (const reference of references) {
  for (const method of reference.model.methods) {
    if (method === "halfStep") continue; // not a method for the equations
    const row = await Promise.all(STEPS.map((dt) => cells(reference, method, dt)));
    const head = [`${reference.name} (${reference.spikes.length})`, `\`${method}\``];
    errors.push([...head, ...row.map(([error]) => error)]);
    intervals.push([...head, ...row.map(([, interval]) => interval)]);
  }
}
/** Rates of lif under white noise in Hz (Siegert 1951, with 30 digits): tau_m 10 ms, 15 mV from reset to V_th. */
const SIEGERT = [
  { mean: 15, sigma: 1.224744871391589, rate: 27.10959344 },
  { mean: 20, sigma: 3, rate: 65.87438314 },
  { mean: 10, sigma: 5, rate: 16.76020925 },
] as const;

/** Measured rate in Hz: `mean` and `sigma` in mV, the noise moves v by sigma/sqrt(2). */
async function noisyRate(mean: number, sigma: number, dt: number): Promise<number> {
  const sim = await Simulation.create({ dt, seed: 5 });
  const cells = sim.population("cells", models.lif, 1000, {
    params: { C_m: 10, tau_m: 10, E_L: 0, V_th: 15, V_reset: 0, t_ref: 2 },
    background: [background.whiteNoise({ mean, sigma: sigma * Math.sqrt(10) })],
  });
  const spikes = sim.record(cells, "spikes", { from: 200 });
  await sim.run(5200);
  return spikes.rate();
}

const rates: string[][] = [];
for (const { mean, sigma, rate } of SIEGERT) {
  const row = [`${mean} mV`, `${sigma.toFixed(2)} mV`, `${rate.toFixed(2)} Hz`];
  for (const dt of STEPS) {
    const measured = await noisyRate(mean, sigma, dt);
    const off = 100 * (measured / rate - 1);
    row.push(`${measured.toFixed(2)} Hz (${off > 0 ? "+" : "-"}${Math.abs(off).toFixed(1)} %)`);
  }
  rates.push(row);
}
const ratesHead = ["mean", "sigma", "theory", ...STEPS.map((dt) => `dt ${dt}`)];
const noiseTable = [ratesHead, ratesHead.map(() => "---"), ...rates].map((row) => `| ${row.join(" | ")} |`).join("\n");

const text = `### Largest error of a spike time

${table(errors)}

### Error of the mean interval

${table(intervals)}

### Rate under white noise

${noiseTable}`;

if (process.argv.includes("--write")) {
  const file = "docs/numerics.md";
  const [start, end] = ["<!-- accuracy: start -->", "<!-- accuracy: end -->"];
  const page = readFileSync(file, "utf8");
  if (!page.includes(start) || !page.includes(end)) throw new Error(`${file} has lost its markers`);
  const [before, after] = [page.slice(0, page.indexOf(start)), page.slice(page.indexOf(end))];
  writeFileSync(file, `${before}${start}\n${text}\n\n${after}`);
  console.log(`wrote ${file}`);
} else {
  console.log(text);
}
