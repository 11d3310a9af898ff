/**
 * Figures as they were looked at and found right, as files: `npx vitest run test/plot/figures.test.ts -u` draws them
 * anew. Look at them before they are kept.
 */
import { describe, expect, it } from "vitest";
import type { PopulationTrace } from "../../src/analysis/index.js";
import {
  activityFigure,
  fiCurveFigure,
  isiFigure,
  membraneFigure,
  phasePlaneFigure,
  rasterFigure,
  rateFigure,
  spectrumFigure,
  tracesFigure,
  weightsFigure,
} from "../../src/plot/index.js";
import { field, random, train } from "../analysis/generators.js";

/** Spikes of `size` neurons within 200 ms, on a grid of 0.5 ms. */
function spikes(size: number, count: number, seed: number) {
  const next = random(seed);
  return train(Array.from({ length: count }, () => [Math.floor(next() * 400) / 2, Math.floor(next() * size)] as const));
}

const exc = { name: "exc", size: 40, spikes: spikes(40, 90, 1) };
const inh = { name: "inh", size: 10, spikes: spikes(10, 60, 2) };
const silent = { name: "silent", size: 5, spikes: spikes(5, 0, 3) };
const populations = [exc, inh, silent];

/** A ramp that is reset every 40 ms, and its square, of two neurons. */
function trace(
  population: string,
  variable: string,
  unit: string,
  of: (k: number, neuron: number) => number,
): PopulationTrace {
  const time = Float64Array.from({ length: 101 }, (_, k) => 2 * k);
  return {
    population,
    variable,
    unit,
    neurons: Uint32Array.of(0, 3),
    time,
    values: (p) => time.map((_, k) => of(k, p)),
  };
}
const v = trace("exc", "v", "mV", (k, neuron) => -70 + ((k + 7 * neuron) % 20) * 0.75);
const w = trace("exc", "w", "pA", (k, neuron) => (k % 20) ** 2 / 8 + 10 * neuron);
const resets = {
  name: "exc",
  size: 40,
  spikes: train(
    [1, 2, 3, 4, 5].flatMap(
      (k) =>
        [
          [40 * k, 0],
          [40 * k - 14, 3],
        ] as const,
    ),
  ),
};

const current = [0, 50, 100, 150, 200, 250, 300];
const frequency = Float64Array.from({ length: 60 }, (_, k) => 2 * k);
const spectrum = (peak: number) => ({ frequency, power: frequency.map((f) => 100 / (1 + ((f - peak) / 10) ** 2) + 1) });

const FIGURES: Readonly<Record<string, () => string>> = {
  raster: () => rasterFigure({ populations, duration: 200 }),
  "raster-densities": () => rasterFigure({ populations, duration: 200, start: 20, maxMarks: 50, title: "Densities" }),
  rate: () => rateFigure({ populations, duration: 200, bin: 5 }),
  "rate-smooth": () => rateFigure({ populations: [exc], duration: 150, start: 50, smooth: 8, width: 600, height: 240 }),
  "rate-panels": () =>
    rateFigure({ populations: Array.from({ length: 7 }, (_, i) => ({ ...inh, name: `layer ${i}` })), duration: 200 }),
  activity: () => activityFigure({ populations, duration: 200, order: "rate" }),
  "activity-densities": () =>
    activityFigure({ populations: [exc, inh], duration: 200, order: "firstSpike", maxMarks: 10 }),
  traces: () => tracesFigure({ traces: [v, w], spikes: [resets], duration: 200 }),
  "traces-apart": () => tracesFigure({ traces: [v, w], duration: 120, start: 20, panels: "trace" }),
  membrane: () => membraneFigure({ traces: [v], spikes: [resets], duration: 200 }),
  isi: () => isiFigure({ populations }),
  "isi-logarithmic": () => isiFigure({ populations: [exc, inh], scale: "log" }),
  weights: () =>
    weightsFigure({
      projections: [1, 2].map((k) => ({ name: `p${k}`, weights: spikes(40, 80, k).times.map((t) => (t * k) / 100) })),
      unit: "nS",
    }),
  "fi-curve": () =>
    fiCurveFigure({
      curves: [
        { name: "lif", current, rate: current.map((x) => Math.max(0, x - 100) / 4) },
        { name: "silent", current, rate: current.map(() => 0) },
      ],
      unit: "pA",
    }),
  spectrum: () => spectrumFigure({ spectra: [{ name: "exc", ...spectrum(20) }, { name: "inh", ...spectrum(60) }] }),
  "phase-plane": () =>
    phasePlaneFigure({
      field: field((x, y) => x - (x * x * x) / 3 - y + 0.5, (x, y) => 0.08 * (x + 0.7 - 0.8 * y), [-2.5, 2.5], 41),
      trajectories: [{ name: "a", v: v.values(0).map((x) => (x + 62) / 4), w: w.values(0).map((x) => x / 30) }],
    }),
};

describe("figures are what they were", () => {
  it.each(Object.entries(FIGURES))("%s", async (name, draw) => {
    await expect(draw()).toMatchFileSnapshot(`figures/${name}.svg`);
  });
});
