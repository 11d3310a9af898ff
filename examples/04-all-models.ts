/**
 * All models side by side.
 *
 * Shows: the table of models as data, default methods, how a figure takes any traces. Each model gets the constant
 * current of the example on its reference page, in its own unit. Prints a table and writes
 * results/examples/04-all-models.svg.
 *
 *   npx tsx examples/04-all-models.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { background, type ModelRecord, models, type PopulationTrace, Simulation, tracesFigure } from "spikelet";

const duration = 300;
const sim = await Simulation.create({ dt: 0.025 });

const cells = Object.values(models).map((model: ModelRecord) => {
  const current = model.example?.current ?? 0;
  const population = sim.population(model.id, model, 1, { background: [background.constant(current)] });
  const spikes = sim.record(population, "spikes");
  const v = sim.record(population, "v");
  return { model, current, spikes, v };
});
const report = await sim.run(duration);

const head = ["model".padEnd(15), "family".padEnd(9), "method".padEnd(17), "current".padEnd(15), "spikes", " first at"];
console.log([...head, "mean interval", "range of v"].join("  "));
for (const { model, current, spikes, v } of cells) {
  const { times } = spikes;
  const intervals = times.subarray(1).map((t, i) => t - (times[i] as number));
  const mean = intervals.length === 0 ? Number.NaN : intervals.reduce((a, b) => a + b, 0) / intervals.length;
  const trace = v.values(0);
  const low = trace.reduce((a, b) => Math.min(a, b));
  const high = trace.reduce((a, b) => Math.max(a, b));
  const row = [
    model.id.padEnd(15),
    model.family.padEnd(9),
    (model.methods[0] as string).padEnd(17),
    `${current} ${model.current}`.padEnd(15),
    String(spikes.count).padStart(6),
    `${times[0]?.toFixed(2)} ms`.padStart(9),
    `${mean.toFixed(2)} ms`.padStart(13),
    `${low.toFixed(1)} to ${high.toFixed(1)} ${v.unit}`.trimEnd(),
  ];
  console.log(row.join("  "));
  if (spikes.count === 0) throw new Error(`${model.id} did not fire`);
}
for (const { level, population, message } of report.findings) console.log(`${level}: ${population}: ${message}`);

// One panel per variable: give each trace its model's name instead of "v".
const panel = ({ model, v }: (typeof cells)[number]): PopulationTrace => ({
  population: v.population,
  variable: model.id,
  unit: v.unit,
  neurons: v.neurons,
  time: v.time,
  values: (position) => v.values(position),
});
const traces = cells.map(panel);
const figure = tracesFigure({ title: "All models, constant current", traces, duration, panelHeight: 104 });
const folder = new URL("../results/examples/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("04-all-models.svg", folder), figure);
console.log("wrote results/examples/04-all-models.svg");
