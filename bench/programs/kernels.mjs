/**
 * The cost of one step of every kernel, for two or more builds side by side, on any Node:
 *
 *   node bench/programs/kernels.mjs [--build FOLDER]... [--rounds N] [NAME]...
 *
 * A build is a `dist` folder (default: this one's); a name is a part of a line's label. The builds take turns in one
 * process; the numbers are medians of CPU time in ns per neuron and step (coba: seconds per biological second), and the
 * median ratio of each build to the first.
 */
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const SIZE = 10_000;
const SAMPLE_MS = 15;
const own = fileURLToPath(new URL("../../dist", import.meta.url));
const { values, positionals } = parseArgs({
  options: { build: { type: "string", multiple: true, default: [own] }, rounds: { type: "string", default: "15" } },
  allowPositionals: true,
});

const spread = (size, low, high) =>
  Float64Array.from({ length: size }, (_, i) => low + ((i * 0.618033988749895) % 1) * (high - low));

/** Currents and starting values of bench/cases/models.ts; the first method is the one of the main table. */
const CASES = {
  lif: { current: 400, init: { v: [-70, -55] }, params: { t_ref: 2 }, methods: ["exact", "euler", "exponentialEuler"] },
  qif: { current: 55, init: { v: [-65, -50] }, params: { t_ref: 2 }, methods: ["euler"] },
  izhikevich: {
    current: 10,
    init: { v: [-70, -60], u: [-13, -13] },
    params: { t_ref: 2 },
    methods: ["euler", "halfStep"],
  },
  adaptiveLif: { current: 500, init: { v: [-70, -55], w: [0, 0] }, params: { t_ref: 2 }, methods: ["exact"] },
  adex: { current: 1000, init: { v: [-70, -55], w: [0, 0] }, params: { t_ref: 2 }, methods: ["euler", "rk4"] },
  eif: { current: 800, init: { v: [-70, -55] }, params: { t_ref: 2 }, methods: ["euler"] },
  fitzhughNagumo: { current: 0.5, init: { v: [-1.5, -0.5], w: [-0.6, -0.6] }, methods: ["rk4", "euler"] },
  morrisLecar: { current: 100, init: { v: [-40, -20], w: [0.1, 0.1] }, methods: ["rk4", "euler"] },
  hodgkinHuxley: {
    dt: 0.05,
    current: 10,
    init: { v: [-70, -60], m: [0.05, 0.05], h: [0.6, 0.6], n: [0.32, 0.32] },
    methods: ["exponentialEuler", "euler", "rk4"],
  },
  traubMiles: {
    dt: 0.05,
    current: 50,
    init: { v: [-70, -60], m: [0.02, 0.02], h: [0.9, 0.9], n: [0.05, 0.05] },
    methods: ["exponentialEuler", "euler", "rk4"],
  },
};

async function modelCase(api, name, method, more = []) {
  const { dt = 0.1, current, init, params = {} } = CASES[name];
  const simulation = await api.Simulation.create({ dt, seed: 42, threads: 1 });
  simulation.population(name, api[name], SIZE, {
    method,
    params,
    init: Object.fromEntries(Object.entries(init).map(([key, [low, high]]) => [key, spread(SIZE, low, high)])),
    background: [api.background.constant(current), ...more.map((kind) => kind(api))],
  });
  return { size: SIZE, run: (steps) => simulation.runSync(steps * dt) };
}

/**
 * COBA with a graph that the core draws; larger ones have as many synapses per neuron. It starts as examples/coba.json
 * does, from where it keeps firing: in a silent one conductances sink to subnormal numbers after 3.5 s, which take
 * twenty times as long.
 */
async function coba(api, size = 4000, delay = 0.1) {
  const simulation = await api.Simulation.create({ dt: 0.1, seed: 42, threads: 1 });
  const gaussian = () => ({ normal: [-60, 5] });
  const populations = [["exc", 0.8 * size], ["inh", 0.2 * size]].map(([name, count]) =>
    simulation.population(name, api.lif, count, {
      method: "euler",
      params: { C_m: 200, tau_m: 20, E_L: -60, V_th: -50, V_reset: -60, t_ref: 5 },
      init: {
        v: gaussian(),
        g_exc: { truncatedNormal: [40, 15, 0, 200] },
        g_inh: { truncatedNormal: [200, 120, 0, 900] },
      },
      receptors: {
        exc: api.receptor.exponential({ tau: 5, E_rev: 0 }),
        inh: api.receptor.exponential({ tau: 10, E_rev: -80 }),
      },
    }),
  );
  for (const [i, source] of populations.entries()) {
    for (const target of populations) {
      simulation.connect(source, target, {
        receptor: i ? "inh" : "exc",
        weight: i ? 67 : 6,
        delay,
        rule: "fixedProbability",
        p: 80 / size,
      });
    }
  }
  // 1e-9 s per step of 1e-4 s
  return { size: 1e5, run: (steps) => simulation.runSync(steps * 0.1), sampleMs: 60 };
}

/** Poisson bombardment of more than one event per neuron and step, as in the microcircuit of Potjans & Diesmann. */
async function bombarded(api) {
  const simulation = await api.Simulation.create({ dt: 0.1, seed: 42, threads: 1 });
  simulation.population("lif", api.lif, SIZE, {
    params: { C_m: 250, tau_m: 10, E_L: -65, V_th: -50, V_reset: -65, t_ref: 2 },
    init: { v: spread(SIZE, -65, -50) },
    receptors: { syn: api.receptor.exponential({ tau: 0.5 }) },
    background: [api.background.poisson({ rate: 16_000, weight: 50 })],
  });
  return { size: SIZE, run: (steps) => simulation.runSync(steps * 0.1) };
}

/**
 * Synapses with weights and delays of their own: a population of that network on 10,000 targets, 700 synapses of each
 * of 20,000 Poisson sources of 5 Hz, whose delays are 1.5 +- 0.75 ms. Per event.
 */
async function scattered(api) {
  const simulation = await api.Simulation.create({ dt: 0.1, seed: 42, threads: 1 });
  const source = simulation.population("source", api.poisson, 20_000, { params: { rate: 5 } });
  const receptors = { syn: api.receptor.exponential({ tau: 0.5 }) };
  const target = simulation.population("target", api.lif, SIZE, { receptors });
  simulation.connect(source, target, {
    rule: "fixedTotalNumber",
    n: 14_000_000,
    weight: { truncatedNormal: [0.1, 0.01, 0, 0.2] },
    delay: { truncatedNormal: [1.5, 0.75, 0.05, 15] },
  });
  // 10 spikes in a step
  return { size: 7000, run: (steps) => simulation.runSync(steps * 0.1), sampleMs: 60 };
}

/**
 * 140,000 neurons of which the first `active` get Poisson input of `rate` Hz each, by spikes that wait and by a ring;
 * the others are at rest.
 */
async function silent(api, active, rate) {
  const size = 140_000;
  const simulation = await api.Simulation.create({ dt: 0.1, seed: 3, threads: 1 });
  const cells = simulation.population("cells", api.lif, size, {
    method: "exact",
    params: { tau_m: 20, C_m: 200, E_L: -52, V_th: -45, V_reset: -52, t_ref: 2.2 },
    init: { v: -52 },
    receptors: { in: api.receptor.exponential({ tau: 5 }) },
  });
  const source = simulation.population("source", api.poisson, active, { params: { rate } });
  const pairs = Array.from({ length: active }, (_, j) => [j, j]);
  for (const [weight, delay] of [[400, 1.8], [100, pairs.map((_, j) => 1 + 0.1 * (j % 9))]]) {
    simulation.connect(source, cells, { receptor: "in", rule: "list", pairs, weight, delay });
  }
  return { size, run: (steps) => simulation.runSync(steps * 0.1), sampleMs: 60 };
}

const lines = [
  ...Object.entries(CASES).flatMap(([name, { methods }]) =>
    methods.map((method) => ({ label: `${name} ${method}`, make: (api) => modelCase(api, name, method) }))),
  {
    label: "noise lif",
    make: (api) => modelCase(api, "lif", "exact", [(a) => a.background.whiteNoise({ sigma: 400 })]),
  },
  {
    label: "noise izhikevich",
    make: (api) => modelCase(api, "izhikevich", "euler", [(a) => a.background.whiteNoise({ sigma: 2 })]),
  },
  ...["lif", "izhikevich"].map((name) => ({
    label: `${name}, a current per neuron`,
    make: (api) => {
      const amplitude = spread(SIZE, 0, 0.1 * CASES[name].current);
      return modelCase(api, name, CASES[name].methods[0], [(a) => a.background.constant(amplitude)]);
    },
  })),
  { label: "lif, dense Poisson", make: bombarded },
  { label: "delays of their own, per event", make: scattered },
  { label: "140,000 lif, 1 % active", make: (api) => silent(api, 1400, 100) },
  { label: "140,000 lif, all active", make: (api) => silent(api, 140_000, 10) },
  { label: "coba", make: (api) => coba(api) },
  { label: "coba 1.5 ms", make: (api) => coba(api, 4000, 1.5) },
  { label: "coba 40000, 1.5 ms", make: (api) => coba(api, 40_000, 1.5) },
];

const now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

const builds = await Promise.all(values.build.map((folder) => import(pathToFileURL(resolve(folder, "index.js")).href)));
process.stdout.write(`Node ${process.versions.node}\n`);
for (const { label, make } of lines) {
  if (positionals.length > 0 && !positionals.some((part) => label.includes(part))) continue;
  const contestants = await Promise.all(builds.map(make));
  const steps = contestants.map(({ run, sampleMs = SAMPLE_MS }) => {
    let count = 20;
    for (const start = now(); now() - start < 250; ) run(count);
    for (;;) {
      const start = now();
      run(count);
      const took = now() - start;
      if (took > sampleMs / 2) return Math.max(1, Math.round((count * sampleMs) / took));
      count *= 2;
    }
  });
  const rounds = contestants.map(() => []);
  for (let r = 0; r < Number(values.rounds); r++) {
    for (const [i, { run, size }] of contestants.entries()) {
      const start = now();
      run(steps[i]);
      rounds[i].push(((now() - start) * 1e6) / (steps[i] * size));
    }
  }
  const cells = rounds.map((list, i) => {
    const ratio = i === 0 ? "" : ` (${median(list.map((x, r) => x / rounds[0][r])).toFixed(2)})`;
    return (median(list).toFixed(label.startsWith("coba") ? 4 : 2) + ratio).padStart(15);
  });
  process.stdout.write(`${label.padEnd(32)}${cells.join("")}\n`);
}
