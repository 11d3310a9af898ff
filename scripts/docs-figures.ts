/**
 * Draws the figures of README.md and docs/ with the product itself: docs/images/*.svg. Run it after a change of the
 * figures or of the numerics: npx tsx scripts/docs-figures.ts
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import {
  background,
  type BackgroundInput,
  izhikevich,
  lif,
  type PopulationTrace,
  rasterFigure,
  rateFigure,
  Simulation,
  tracesFigure,
} from "../src/index.js";

function write(name: string, svg: string): void {
  mkdirSync("docs/images", { recursive: true });
  writeFileSync(`docs/images/${name}.svg`, svg);
  console.log(`docs/images/${name}.svg  ${(svg.length / 1024).toFixed(0)} kB`);
}

/** COBA, the network of `npm start`: a raster of a quarter second and the rates of one second. */
async function coba(): Promise<void> {
  const sim = await Simulation.fromDocument(JSON.parse(readFileSync("examples/coba.json", "utf8")));
  await sim.run(1000);
  const recordings = [...sim.recordings.spikes.values()];
  const populations = recordings.map((r) => ({ name: r.population, size: r.size, spikes: r.view() }));
  const raster = { title: "COBA network", populations, start: 500, duration: 250, height: 380 };
  write("coba-raster", rasterFigure(raster));
  write("coba-rate", rateFigure({ title: "Population rates", populations, duration: 1000, bin: 5, height: 240 }));
}

/** Every kind of background current, as a neuron gets it. */
async function backgrounds(): Promise<void> {
  const kinds: Readonly<Record<string, BackgroundInput>> = {
    constant: background.constant(100),
    piecewise: background.piecewise([[20, 50], [80, 150, -2], [140, 0]]),
    pulses: background.pulses({ amplitude: 100, start: 20, width: 10, period: 40, count: 4 }),
    ramp: background.ramp({ start: 20, end: 150, from: 0, to: 100 }),
    sine: background.sine({ amplitude: 50, frequency: 20, offset: 50 }),
    samples: background.samples({ dt: 25, values: [0, 40, 20, 80, 60, 100, 0] }),
    whiteNoise: background.whiteNoise({ mean: 50, sigma: 10 }),
    ornsteinUhlenbeck: background.ornsteinUhlenbeck({ mean: 50, sigma: 20, tau: 10 }),
  };
  const sim = await Simulation.create({ dt: 0.1, seed: 1 });
  const traces = Object.entries(kinds).map(([kind, entry]) => {
    const population = sim.population(kind, lif, 1, { background: [entry] });
    return sim.record(population, "I_background");
  });
  await sim.run(200);
  const panels = traces.map((trace): PopulationTrace => ({
    population: trace.population,
    variable: trace.population,
    unit: "",
    neurons: trace.neurons,
    time: trace.time,
    values: (position) => trace.values(position),
  }));
  const title = "Background currents in pA";
  write("background-kinds", tracesFigure({ title, traces: panels, duration: 200, panelHeight: 106 }));
}

/** The published scheme and the equations: the same neuron, two answers. */
async function schemes(): Promise<void> {
  const traces: PopulationTrace[] = [];
  const choices = [["halfStep dt 1 ms", 1, "halfStep"], ["rk4 dt 0.01 ms", 0.01, "rk4"]] as const;
  for (const [name, dt, method] of choices) {
    const sim = await Simulation.create({ dt });
    const options = { method, preset: "CH", background: [background.constant(10)] } as const;
    const cell = sim.population(name, izhikevich, 1, options);
    traces.push(sim.record(cell, "v", { every: Math.max(dt, 0.1) }));
    await sim.run(150);
  }
  const title = "izhikevich, preset CH, I = 10";
  write("izhikevich-schemes", tracesFigure({ title, traces, duration: 150, panelHeight: 180 }));
}

await coba();
await backgrounds();
await schemes();
