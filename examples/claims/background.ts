/**
 * Claim: without a background current it takes a lot of input to make a neuron fire; close below the rheobase a small
 * input does.
 *
 * 500 `adex` neurons and 500 of the detailed cell, each with a little noise of its own, at backgrounds from 0 to the
 * rheobase, get a short pulse of current. Measured: how many fire within 30 ms because of it (beyond those that fire in
 * 30 ms anyhow), how soon, and the least pulse that makes half of them fire.
 *
 *   npx tsx examples/claims/background.ts
 */
import { adex, background, latencyPerNeuron, type ModelRecord, rheobase, Simulation, traubMiles } from "spikelet";
import { lineChart } from "./chart.js";
import { cell } from "./neurons.js";
import { mean, publish, type Results, tableOf } from "./page.js";

const [WARM, AFTER, WIDTH] = [300, 30, 2];

interface Kind {
  readonly name: string;
  readonly model: ModelRecord;
  readonly params: Readonly<Record<string, number>>;
  readonly method: string;
  readonly dt: number;
}

export const kinds: readonly Kind[] = [
  { name: "adex", model: adex, params: {}, method: "rosenbrock", dt: 0.1 },
  { name: "detailed neuron", model: traubMiles, params: cell, method: "rk4", dt: 0.05 },
];

export interface Row {
  /** Background in rheobases. */
  readonly fraction: number;
  /** Share of the neurons that fire in 30 ms without the pulse. */
  readonly spontaneous: number;
  /** Share of those that do not fire by themselves which the pulse makes fire. */
  readonly evoked: number;
  /** Mean time from the pulse to the spike in ms; NaN where fewer than 20 fire. */
  readonly latency: number;
  /** Least pulse that makes half of them fire, in rheobases. */
  readonly least: number;
}

async function response(
  kind: Kind,
  size: number,
  fraction: number,
  pulse: number,
): Promise<Omit<Row, "fraction" | "least">> {
  const { model, params, method, dt } = kind;
  const unit = await rheobase(model, { params });
  const sim = await Simulation.create({ dt, seed: 7 });
  const noise = background.ornsteinUhlenbeck({ sigma: 0.1 * unit, tau: 5 });
  const add = (name: string, amplitude: number) => {
    const input = background.pulses({ amplitude, start: WARM, width: WIDTH });
    const population = sim.population(name, model, size, {
      params,
      method,
      background: [background.rheobase(fraction), noise, input],
    } as object);
    return sim.record(population, "spikes", { from: WARM, interpolate: true });
  };
  const [quiet, pushed] = [add("quiet", 0), add("pushed", pulse * unit)];
  await sim.run(WARM + AFTER);
  const share = (spikes: typeof quiet): number => new Set(spikes.neurons).size / size;
  const [spontaneous, all] = [share(quiet), share(pushed)];
  const latencies = [...latencyPerNeuron(pushed, size, WARM)].filter((t) => !Number.isNaN(t));
  const evoked = spontaneous === 1 ? 0 : Math.max(0, (all - spontaneous) / (1 - spontaneous));
  return { spontaneous, evoked, latency: latencies.length < 20 ? Number.NaN : mean(latencies) };
}

/** Rows for a kind of neuron; `pulse` in rheobases, for 2 ms. */
export async function measure(kind: Kind, size: number, fractions: readonly number[], pulse = 2.5): Promise<Row[]> {
  const rows: Row[] = [];
  for (const fraction of fractions) {
    let [low, high] = [0, 64];
    while (high - low > 0.25) {
      const middle = (low + high) / 2;
      if ((await response(kind, 100, fraction, middle)).evoked >= 0.5) high = middle;
      else low = middle;
    }
    rows.push({ fraction, ...(await response(kind, size, fraction, pulse)), least: high });
  }
  return rows;
}

async function run(): Promise<Results> {
  const fractions = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1];
  const all: { readonly name: string; readonly rows: readonly Row[] }[] = [];
  for (const kind of kinds) all.push({ name: kind.name, rows: await measure(kind, 500, fractions) });
  const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
  const cells = all.flatMap(({ name, rows }) =>
    rows.map(({ fraction, spontaneous, evoked, latency, least }) => [
      name,
      fraction.toFixed(2),
      percent(spontaneous),
      percent(evoked),
      Number.isNaN(latency) ? "-" : latency.toFixed(1),
      least.toFixed(2),
    ]),
  );
  const head = [
    "neuron",
    "background / rheobase",
    "fire anyhow",
    "fire by a pulse of 2.5 rheobases",
    "latency (ms)",
    "least pulse for half of them (rheobases)",
  ];
  const lines = (key: "evoked" | "least") =>
    all.map(({ name, rows }) => ({ name, points: rows.map((row) => [row.fraction, row[key]] as const) }));
  const x = "background / rheobase";
  return {
    text: tableOf(head, cells),
    figures: {
      "background-response.svg": lineChart(
        { title: "Response to a pulse of 2.5 rheobases for 2 ms", x, y: "probability of a spike", range: [0, 1] },
        lines("evoked"),
      ),
      "background-least.svg": lineChart(
        { title: "Least pulse that makes half of the neurons fire", x, y: "pulse / rheobase" },
        lines("least"),
      ),
    },
  };
}

await publish(import.meta.url, "background", run);
