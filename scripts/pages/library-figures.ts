/**
 * Draws a figure for each model of the library with the product itself: docs/images/library/*.svg. Run it after a
 * change of a model: npx tsx scripts/pages/library-figures.ts [NAME...]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import {
  background,
  type BackgroundInput,
  type ModelRecord,
  type PopulationTrace,
  Simulation,
  tracesFigure,
} from "../../src/index.js";
import * as library from "../../src/library/index.js";

/** A panel: one neuron. */
interface Panel {
  readonly label: string;
  readonly preset?: string;
  readonly params?: Readonly<Record<string, number>>;
  readonly current?: number;
  /** In place of the constant current. */
  readonly background?: readonly BackgroundInput[];
  /** v unless given. */
  readonly variable?: string;
}

interface Figure {
  readonly title: string;
  readonly duration: number;
  readonly from?: number;
  readonly dt: number;
  readonly panels: readonly Panel[];
}

/** A current that changes at a time. */
const switched = (before: number, at: number, after: number): readonly BackgroundInput[] => [
  background.piecewise([[0, before], [at, after]]),
];

const glif = (name: string): Figure => ({
  title: `${name}: v at 300 and 500 pA from 20 to 220 ms`,
  duration: 260,
  dt: 0.05,
  panels: [300, 500].map((current) => ({
    label: `${current} pA`,
    background: [background.pulses({ amplitude: current, start: 20, width: 200, period: 1000, count: 1 })],
  })),
});

const FIGURES: Readonly<Record<keyof typeof library, Figure>> = {
  glif1: glif("GLIF 1"),
  glif2: glif("GLIF 2"),
  glif3: glif("GLIF 3"),
  glif4: glif("GLIF 4"),
  glif5: glif("GLIF 5"),
  escapeSrm: {
    title: "Escape noise: after-potentials of the spikes at 250, 500 and 600 pA",
    duration: 500,
    dt: 0.1,
    panels: [250, 500, 600].map((current) => ({ label: `${current} pA`, current, variable: "eta" })),
  },
  thetaNeuron: {
    title: "Theta neuron: phase at I = 0.01, 0.05 and 0.2",
    duration: 100,
    dt: 0.05,
    panels: [0.01, 0.05, 0.2].map((current) => ({ label: `I = ${current}`, current })),
  },
  izhikevich2007: {
    title: "Izhikevich 2007: seven types of cells",
    duration: 450,
    dt: 0.05,
    panels: [
      { label: "RS, 100 pA", preset: "RS", background: switched(0, 50, 100) },
      { label: "IB, 500 pA", preset: "IB", background: switched(0, 50, 500) },
      { label: "CH, 300 pA", preset: "CH", background: switched(0, 50, 300) },
      { label: "LTS, 200 pA", preset: "LTS", background: switched(0, 50, 200) },
      { label: "FS, 100 pA", preset: "FS", background: switched(0, 50, 100) },
      { label: "TC, -1200 to 0 pA", preset: "TC", background: switched(-1200, 150, 0) },
      { label: "RTN, -350 to 50 pA", preset: "RTN", background: switched(-350, 150, 50) },
    ],
  },
  hillTononi: {
    title: "Hill-Tononi: cortical cells at 25 mV, a thalamic one after hyperpolarisation",
    duration: 400,
    dt: 0.05,
    panels: [
      { label: "excitatory", preset: "corticalExcitatory", background: switched(0, 50, 25) },
      { label: "inhibitory", preset: "corticalInhibitory", background: switched(0, 50, 25) },
      { label: "thalamic", preset: "thalamic", background: switched(-60, 200, 8) },
    ],
  },
  rulkov: {
    title: "Rulkov map: silence, spikes and bursts",
    from: 1000,
    duration: 1500,
    dt: 1,
    panels: ["silent", "spiking", "bursting"].map((preset) => ({ label: preset, preset })),
  },
  connorStevens: {
    title: "Connor-Stevens: 10 uA/cm2 from rest and from hyperpolarisation, and without the A current",
    duration: 150,
    dt: 0.02,
    panels: [
      { label: "from rest", background: switched(0, 50, 10) },
      { label: "from -10 uA/cm2", background: switched(-10, 50, 10) },
      { label: "without A", preset: "withoutA", background: switched(0, 50, 10) },
    ],
  },
  pospischil: {
    title: "Pospischil et al.: RS, FS, IB and LTS",
    duration: 500,
    dt: 0.02,
    panels: [
      { label: "RS, 1.5 uA/cm2", preset: "RS", background: switched(0, 50, 1.5) },
      { label: "FS, 3 uA/cm2", preset: "FS", background: switched(0, 50, 3) },
      { label: "IB, 1 uA/cm2", preset: "IB", background: switched(0, 50, 1) },
      { label: "LTS, -1 to 0 uA/cm2", preset: "LTS", background: switched(-1, 250, 0) },
    ],
  },
  pinskyRinzel: {
    title: "Pinsky-Rinzel: bursts at 0.75, spikes at 2.5 uA/cm2 into the soma",
    from: 900,
    duration: 1000,
    dt: 0.02,
    panels: [
      { label: "soma, 0.75", current: 0.75 },
      { label: "dendrite, 0.75", current: 0.75, variable: "v_d" },
      { label: "soma, 2.5", current: 2.5 },
      { label: "dendrite, 2.5", current: 2.5, variable: "v_d" },
    ],
  },
  wilsonCowan: {
    title: "Wilson-Cowan: a cycle, and a switch between two states by pulses at 50 and 150 ms",
    duration: 250,
    dt: 0.1,
    panels: [
      { label: "E, limitCycle", preset: "limitCycle", current: 1.25 },
      { label: "I, limitCycle", preset: "limitCycle", current: 1.25, variable: "w" },
      {
        label: "E, hysteresis",
        preset: "hysteresis",
        background: [background.piecewise([[50, 2], [80, 0], [150, -4], [180, 0]])],
      },
    ],
  },
};

async function draw(name: string, model: ModelRecord, figure: Figure): Promise<void> {
  const { title, duration, from = 0, dt, panels } = figure;
  const sim = await Simulation.create({ dt, seed: 1 });
  const traces = panels.map((panel, k): PopulationTrace => {
    const { label, preset, params, current = 0, variable = "v" } = panel;
    const cell = sim.population(`cell${k}`, model, 1, {
      ...(preset !== undefined && { preset }),
      ...(params !== undefined && { params }),
      background: panel.background ?? [background.constant(current)],
    });
    const trace = sim.record(cell, variable, { from, every: dt * Math.max(1, Math.round(duration / 2000 / dt)) });
    const { unit, neurons } = trace;
    // arrays that grow: they are read when the figure is drawn
    return {
      population: label,
      variable,
      unit,
      neurons,
      get time() {
        return trace.time;
      },
      values: (i) => trace.values(i),
    };
  });
  await sim.run(from + duration);
  mkdirSync("docs/images/library", { recursive: true });
  const svg = tracesFigure({ title, traces, panels: "trace", start: from, duration, panelHeight: 96 });
  writeFileSync(`docs/images/library/${name}.svg`, svg);
  console.log(`docs/images/library/${name}.svg  ${(svg.length / 1024).toFixed(0)} kB`);
}

const wanted = process.argv.slice(2);
for (const [name, model] of Object.entries(library)) {
  if (wanted.length === 0 || wanted.includes(name)) await draw(name, model, FIGURES[name as keyof typeof library]);
}
