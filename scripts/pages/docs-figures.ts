/**
 * Draws the figures of README.md and docs/ with the product itself: docs/images/*.svg. Run it after a change of the
 * figures or of the numerics: npx tsx scripts/pages/docs-figures.ts
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import {
  background,
  type BackgroundInput,
  defineReceptorKernel,
  hodgkinHuxley,
  izhikevich,
  lif,
  morrisLecar,
  type PopulationTrace,
  poisson,
  rasterFigure,
  rateFigure,
  receptor,
  type ReceptorInput,
  Simulation,
  spikeTrain,
  tracesFigure,
  weightsFigure,
} from "../../src/index.js";
import { bifurcationDiagram, bifurcationFigure, phaseResponse, phaseResponseFigure } from "../../src/dynamics/index.js";

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
    expression: background.expression("50*pA*(1 + sin(2*pi*t**2/(8000*ms**2)))"),
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

/** What one spike does through each kernel: weight 1, arriving at 5 ms. */
async function kernels(): Promise<void> {
  const kinds: Readonly<Record<string, ReceptorInput>> = {
    exponential: receptor.exponential({ tau: 3 }),
    alpha: receptor.alpha({ tau: 3 }),
    dualExponential: receptor.dualExponential({ tau_rise: 1, tau_decay: 8 }),
    step: receptor.step({ duration: 10 }),
    nmda: receptor.nmda({ tau_rise: 2, tau_decay: 100 }),
  };
  const sim = await Simulation.create({ dt: 0.1 });
  const source = sim.population("source", spikeTrain, 1, { params: { times: [4], neurons: [0] } });
  const traces = Object.entries(kinds).map(([kind, kernel]) => {
    const cell = sim.population(kind, lif, 1, { receptors: { r: kernel } });
    sim.connect(source, cell, { rule: "oneToOne", weight: 1, delay: 1 });
    return sim.record(cell, "E_rev" in kernel || kind === "nmda" ? "g_r" : "i_r");
  });
  await sim.run(60);
  const panels = traces.map((trace): PopulationTrace => ({
    population: trace.population,
    variable: trace.population,
    unit: "",
    neurons: trace.neurons,
    time: trace.time,
    values: (position) => trace.values(position),
  }));
  const title = "One spike of weight 1 through each kernel";
  write("receptor-kernels", tracesFigure({ title, traces: panels, duration: 60, panelHeight: 100 }));
}

/** GABA_B as text, of docs/own-receptors.md, after bursts. */
async function gabaB(): Promise<void> {
  const kernel = defineReceptorKernel({
    name: "gabaB",
    params: {
      K1: "0.52 1/(mM*ms)", K2: "0.0013 1/ms", K3: "0.098 uM/ms", K4: "0.033 1/ms", K_d: "100 uM**4",
      T: "0.5 mM", pulse: "0.3 ms", g_max: "1 nS", E_K: "-95 mV",
    },
    equations: ["dr/dt = -K2*r : 1", "ds/dt = K3*r - K4*s : uM"],
    onSpike: "r += (1 - r)*(1 - exp(-K1*T*pulse))",
    output: "g_max*s**4/(s**4 + K_d)*(E_K - v)",
  });
  const sim = await Simulation.create({ dt: 0.1 });
  const traces = [1, 5, 10, 20].map((count) => {
    const times = Array.from({ length: count }, (_, k) => 10 + 5 * k);
    const train = sim.population(`train ${count}`, spikeTrain, 1, { params: { times, neurons: times.map(() => 0) } });
    const cell = sim.population(`${count} ${count === 1 ? "spike" : "spikes"}`, lif, 1, { receptors: { r: kernel() } });
    sim.connect(train, cell, { rule: "oneToOne", weight: 1, delay: 1 });
    return sim.record(cell, "g_r", { every: 0.5 });
  });
  await sim.run(600);
  const panels = traces.map((trace): PopulationTrace => ({
    population: trace.population,
    variable: trace.population,
    unit: "pS",
    neurons: trace.neurons,
    time: trace.time,
    values: (position) => trace.values(position).map((x) => 1000 * x),
  }));
  const title = "GABA_B after spikes at 200 Hz";
  write("gaba-b", tracesFigure({ title, traces: panels, duration: 600, panelHeight: 100 }));
}

/** The same trains through depressing and facilitating synapses. */
async function shortTerm(): Promise<void> {
  const times = [...Array.from({ length: 10 }, (_, i) => 50 * (i + 1)), 1000];
  const sim = await Simulation.create({ dt: 0.1 });
  const source = sim.population("source", spikeTrain, 1, { params: { times, neurons: times.map(() => 0) } });
  const kinds = {
    depressing: { U: 0.5, tau_rec: 800 },
    facilitating: { U: 0.05, tau_rec: 130, tau_facil: 530 },
  };
  const traces = Object.entries(kinds).map(([name, rule]) => {
    const cell = sim.population(name, lif, 1, { receptors: { exc: receptor.exponential({ tau: 10 }) } });
    sim.connect(source, cell, { rule: "oneToOne", weight: 100, delay: 1, shortTerm: rule });
    return sim.record(cell, "i_exc", { every: 0.5 });
  });
  await sim.run(1100);
  const title = "Ten spikes at 20 Hz and one 500 ms later, weight 100 pA";
  write("short-term", tracesFigure({ title, traces, panels: "trace", duration: 1100, panelHeight: 130 }));
}

/** Change of a weight by one pair of spikes, over the time from the source's to the target's. */
async function stdpWindow(): Promise<void> {
  const shifts = Float64Array.from({ length: 121 }, (_, i) => i - 60);
  const sim = await Simulation.create({ dt: 0.1 });
  const neurons = Array.from(shifts, (_, i) => i);
  const source = sim.population("source", spikeTrain, shifts.length, {
    params: { times: neurons.map(() => 100), neurons },
  });
  const driver = sim.population("driver", spikeTrain, shifts.length, {
    params: { times: Array.from(shifts, (shift) => 100 + shift - 0.1), neurons },
  });
  const cells = sim.population("cells", lif, shifts.length, {
    receptors: { exc: receptor.exponential({ tau: 5 }), force: receptor.delta() },
  });
  sim.connect(driver, cells, { rule: "oneToOne", receptor: "force", weight: 100, delay: 0.1 });
  const stdp = { kind: "stdp", A_plus: 0.01, A_minus: 0.0105, tau_plus: 20, tau_minus: 20, w_max: 1 } as const;
  const rules = {
    additive: stdp,
    multiplicative: { ...stdp, weightDependence: "multiplicative" },
    inhibitoryStdp: { kind: "inhibitoryStdp", eta: 0.01, rho_0: 5, tau: 20, w_max: 1 },
  } as const;
  const changes = Object.entries(rules).map(([name, plasticity]) => {
    const weight = 0.3;
    const projection = sim.connect(source, cells, { rule: "oneToOne", receptor: "exc", weight, plasticity });
    return { name, weight, projection };
  });
  await sim.run(250);
  const traces = changes.map(({ name, weight, projection }): PopulationTrace => ({
    population: name,
    variable: "change / w_max",
    unit: "",
    neurons: Uint32Array.of(0),
    time: shifts,
    values: () => projection.weights().map((w) => w - weight),
  }));
  const title = "Change of a weight of 0.3 w_max, over the time from the source's spike to the target's";
  write("stdp-window", tracesFigure({ title, traces, start: -60, duration: 120, panelHeight: 320 }));
}

/** Additive STDP on Poisson inputs: examples/08-stdp.ts, before and after. */
async function stdpWeights(): Promise<void> {
  const w_max = 0.2;
  const sim = await Simulation.create({ dt: 0.1, seed: 8 });
  const cell = sim.population("cell", lif, 1, {
    params: { C_m: 200, tau_m: 10, E_L: -74, V_th: -54, V_reset: -60, t_ref: 0 },
    receptors: { exc: receptor.exponential({ tau: 5, E_rev: 0 }) },
  });
  const inputs = sim.population("inputs", poisson, 1000, { params: { rate: 15 } });
  const stdp = { kind: "stdp", A_plus: 0.01, A_minus: 0.0105, tau_plus: 20, tau_minus: 20, w_max } as const;
  const learned = sim.connect(inputs, cell, { rule: "allToAll", weight: { uniform: [0, w_max] }, plasticity: stdp });
  sim.build();
  const projections = [{ name: "at the start", weights: learned.weights() }];
  await sim.run(100_000);
  projections.push({ name: "after 100 s", weights: learned.weights() });
  const title = "Weights of 1000 Poisson inputs under additive STDP";
  write("stdp-weights", weightsFigure({ projections, unit: "nS", title, bins: 20, low: 0, high: w_max, height: 300 }));
}

/** How neurons begin to fire, from their equations. */
async function bifurcations(): Promise<void> {
  const squid = await bifurcationDiagram(hodgkinHuxley, { from: 0, to: 180 });
  const figure = { diagram: squid, unit: "mV", title: "hodgkinHuxley", height: 420 };
  write("bifurcation-hodgkin-huxley", bifurcationFigure(figure));
  for (const [name, preset, title] of [
    ["circle", "snic", "morrisLecar: firing begins on an invariant circle"],
    ["saddle", "homoclinic", "morrisLecar: firing begins at a saddle"],
  ] as const) {
    const diagram = await bifurcationDiagram(morrisLecar, { preset, from: -20, to: 130 });
    write(`bifurcation-${name}`, bifurcationFigure({ diagram, unit: "mV", title, height: 360 }));
  }
  const neurons = [
    ["morrisLecar, snic, I = 42", await phaseResponse(morrisLecar, { preset: "snic", current: 42 })],
    ["hodgkinHuxley, I = 10", await phaseResponse(hodgkinHuxley, { current: 10 })],
  ] as const;
  const curves = neurons.map(([name, { period, time, response }]) => {
    const v = response.v as Float64Array;
    const most = v.reduce((a, x) => Math.max(a, Math.abs(x)), 0);
    return { name, period, time, response: v.map((x) => x / most) };
  });
  write("phase-response", phaseResponseFigure({ curves, unit: "of the largest", height: 320 }));
}

await coba();
await backgrounds();
await schemes();
await kernels();
await gabaB();
await shortTerm();
await stdpWindow();
await stdpWeights();
await bifurcations();
