/** What it costs that parameters or currents differ between neurons; who has one value for all must not pay for it. */
import { background, izhikevich, lif, type ModelRecord, Simulation } from "../../src/index.js";
import { spread } from "../cases/models.js";
import { digits, spreadOf } from "../format.js";
import { type Contestant, measure, ratio, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const SIZE = 10_000;

interface Variant {
  readonly label: string;
  readonly params?: Readonly<Record<string, Float64Array>>;
  readonly current: number | Float64Array;
}

const around = (value: number) => spread(SIZE, 0.95 * value, 1.05 * value);

const CASES: readonly { readonly model: ModelRecord; readonly variants: readonly Variant[] }[] = [
  {
    model: lif,
    variants: [
      { label: "one value for all", current: 400 },
      { label: "a current per neuron", current: around(420) },
      { label: "a time constant per neuron", params: { tau_m: around(10) }, current: 400 },
    ],
  },
  {
    model: izhikevich,
    variants: [
      { label: "one value for all", current: 10 },
      { label: "a current per neuron", current: around(10) },
      { label: "a, c and d per neuron", params: { a: around(0.02), c: around(-65), d: around(8) }, current: 10 },
    ],
  },
];

async function contestant(model: ModelRecord, { label, params, current }: Variant): Promise<Contestant> {
  const simulation = await Simulation.create({ dt: 0.1, seed: 42 });
  const population = simulation.population<ModelRecord>(model.id, model, SIZE, {
    params: { t_ref: 2, ...params },
    init: { v: spread(SIZE, -70, -60) },
    background: [background.constant(current)],
  });
  simulation.record(population, "spikes");
  return { name: label, size: SIZE, run: (steps) => void simulation.runSync(steps * 0.1) };
}

export const parameters: Suite = {
  names: ["parameters"],
  async run(_selected, settings: Settings): Promise<Section> {
    const rows: string[][] = [];
    const data: unknown[] = [];
    const shortfalls: string[] = [];
    for (const { model, variants } of CASES) {
      const contestants: Contestant[] = [];
      for (const variant of variants) contestants.push(await contestant(model, variant));
      const measured = measure(contestants, settings);
      const [uniform] = measured;
      if (!uniform) throw new Error("nothing measured");
      for (const measurement of measured) {
        const { median } = ratio(measurement, uniform);
        if (median < 0.97) shortfalls.push(`${model.id}: ${measurement.name} is faster than one value for all.`);
        rows.push([`${model.id}: ${measurement.name}`, spreadOf(summary(measurement.rounds)), digits(median)]);
        data.push({ model: model.id, variant: measurement.name, ...summary(measurement.rounds), ratio: median });
      }
    }
    return {
      id: "parameters",
      title: `One value for all or one per neuron, ns per neuron and step (${SIZE} neurons)`,
      header: ["", "Spikelet", "ratio to one value"],
      rows,
      failures: [],
      shortfalls,
      data,
    };
  },
};
