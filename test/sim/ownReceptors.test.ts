/** Receptor kernels as text: equal to the built-in ones where they say the same, and what only they can do. */
import { describe, expect, it } from "vitest";
import {
  adaptiveLif,
  adex,
  background,
  defineModel,
  defineReceptorKernel,
  type Finding,
  fitzhughNagumo,
  hodgkinHuxley,
  InstabilityError,
  izhikevich,
  lif,
  morrisLecar,
  type ModelRecord,
  parseModelFile,
  poisson,
  receptor,
  type ReceptorKernel,
  type ReceptorKernelDefinition,
  Simulation,
  spikeTrain,
  StateError,
  toDocument,
} from "../../src/index.js";

type Definition = ReceptorKernelDefinition;

/** By what a rise starts so that the decay that it feeds peaks at 1. */
function gain(rise: number, decay: number): number {
  const peak = (Math.log(decay / rise) * rise * decay) / (decay - rise);
  const difference = peak * (1 / decay - 1 / rise);
  return 1 / (peak * Math.exp(-peak / decay) * (Math.expm1(difference) / difference));
}

/** What the built-in kernels say, as text; `unit` is that of the weights. */
const exponentialText = (unit: string, current: string, output = "x"): Definition => ({
  name: "exponentialOwn",
  current,
  weight: unit,
  params: { tau: "3 ms", ...(output === "x" ? {} : { E_rev: "0 mV" }) },
  equations: `dx/dt = -x/tau : ${unit}`,
  onSpike: "x += w",
  output,
});

const riseText = (unit: string, current: string, output = "x", more: Partial<Definition> = {}): Definition => ({
  name: "riseOwn",
  current,
  weight: unit,
  params: {
    tau_rise: "2 ms",
    tau_decay: "5 ms",
    peak: gain(2, 5),
    ...(output === "x" ? {} : { E_rev: "0 mV" }),
    ...more.params,
  },
  equations: [
    `dx/dt = -x/tau_decay + y : ${unit}`,
    `dy/dt = -y/tau_rise : ${unit}/ms`,
    ...[more.equations ?? []].flat(),
  ],
  onSpike: "y += w*peak/ms",
  output,
});

const nmdaText = (unit: string, current: string): Definition =>
  riseText(unit, current, "x*B*(E_rev - v)", {
    params: { tau_rise: "2 ms", tau_decay: "100 ms", peak: gain(2, 100), Mg: 1 },
    equations: "B = 1/(1 + Mg/3.57*exp(-0.062*v/mV)) : 1",
  });

interface Case {
  readonly model: ModelRecord;
  readonly method: string;
  readonly drive: number;
  readonly weight: number;
  /** Another one than the model's. */
  readonly unit: string;
  readonly current: string;
}

/** Neurons that Poisson sources reach through one receptor, and an inhibition of the core's beside it. */
async function network(
  { model, method, drive, weight }: Case,
  kernel: object,
  { threads = 1, beside = false, more = {} }: { threads?: number; beside?: boolean; more?: object } = {},
) {
  const sim = await Simulation.create({ dt: 0.1, seed: 5, threads });
  const source = sim.population("source", poisson, 40, { params: { rate: 50 } });
  const cells = sim.population("cells", model, 300, {
    method: method as never,
    background: [background.constant(drive)],
    receptors: { syn: kernel as never, ...(beside ? { inh: receptor.exponential({ tau: 6, E_rev: -80 }) } : {}) },
    ...more,
  });
  const common = { rule: "fixedIndegree", k: 12, receptor: "syn", weight } as const;
  sim.connect(source, cells, { ...common, delay: { uniform: [0.5, 2] } });
  sim.connect(source, cells, { ...common, delay: 1 });
  const inhibition = { rule: "fixedIndegree", k: 5, receptor: "inh", weight: weight / 2, delay: 1.5 } as const;
  if (beside) sim.connect(cells, cells, inhibition);
  return { sim, cells };
}

async function traces(given: Case, kernel: object, duration = 200, how: Parameters<typeof network>[2] = {}) {
  const { sim, cells } = await network(given, kernel, how);
  const v = sim.record(cells, "v", { neurons: [0, 1, 2, 150, 299] });
  const spikes = sim.record(cells, "spikes");
  await sim.run(duration);
  const result = {
    v: [0, 1, 2, 3, 4].map((n) => v.values(n)),
    spikes: [...spikes.times].map((t, i) => `${t} ${spikes.neurons[i]}`),
  };
  sim.close();
  return result;
}

/** The largest difference between columns. */
function furthest(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  const differences = a.flatMap((x, n) => Array.from(x, (y, k) => Math.abs(y - (b[n]?.[k] ?? Number.NaN))));
  return differences.reduce((most, one) => (one <= most ? most : one), 0);
}

const METHODS = ["exponentialEuler", "euler", "heun", "rk4"] as const;
const CURRENT = { unit: "pA", current: "pA", weight: 30 };
const CONDUCTANCE = { unit: "nS", current: "pA", weight: 0.6 };

const membrane = defineModel({
  name: "inVolts",
  current: "nA",
  equations: "dv/dt = (E_L - v)/tau + I/C : V",
  params: { E_L: "-70 mV", tau: "10 ms", C: "0.25 nF" },
  threshold: "v > -55*mV",
  reset: "v = -70*mV",
  refractory: "2 ms",
  init: { v: "-70 mV" },
});

type Named = readonly [string, Case, Definition, object];

const RISE = { tau_rise: 2, tau_decay: 5 };
const [CURRENT_EXPONENTIAL, CURRENT_RISE] = [exponentialText("pA", "pA"), riseText("pA", "pA")];
const CONDUCTING_EXPONENTIAL = exponentialText("nS", "pA", "x*(E_rev - v)");
const CONDUCTING_RISE = riseText("nS", "pA", "x*(E_rev - v)");
const NMDA = nmdaText("nS", "pA");

const currents = (model: ModelRecord, method: string): Named[] => [
  [
    `current, exponential, ${model.id}, ${method}`,
    { model, method, drive: 350, ...CURRENT },
    CURRENT_EXPONENTIAL,
    receptor.exponential({ tau: 3 }),
  ],
  [
    `current, rise and decay, ${model.id}, ${method}`,
    { model, method, drive: 350, ...CURRENT, weight: 20 },
    CURRENT_RISE,
    receptor.dualExponential(RISE),
  ],
];

const conductances = (method: string): Named[] => [
  [
    `conductance, exponential, lif, ${method}`,
    { model: lif, method, drive: 200, ...CONDUCTANCE },
    CONDUCTING_EXPONENTIAL,
    receptor.exponential({ tau: 3, E_rev: 0 }),
  ],
  [
    `conductance, rise and decay, adex, ${method}`,
    { model: adex, method, drive: 700, ...CONDUCTANCE, weight: 0.4 },
    CONDUCTING_RISE,
    receptor.dualExponential({ ...RISE, E_rev: 0 }),
  ],
  [
    `nmda, adex, ${method}`,
    { model: adex, method, drive: 700, ...CONDUCTANCE, weight: 0.1 },
    NMDA,
    receptor.nmda(),
  ],
];

/** Models in other units. */
const elsewhere = (model: ModelRecord, method: string, drive: number, weight: number): Named => [
  `nmda, ${model.id}, ${method}`,
  { model, method, drive, weight, unit: model.conductance, current: model.current },
  model === membrane ? nmdaText("uS", "pA") : nmdaText(model.conductance, model.current === "" ? "1" : model.current),
  receptor.nmda(),
];

const cases: readonly Named[] = [
  ...["exact", ...METHODS].flatMap((method) => currents(lif, method)),
  ...currents(adaptiveLif, "exact"),
  ...[...METHODS, "rosenbrock"].flatMap((method) => conductances(method).slice(method === "rosenbrock" ? 1 : 0)),
  elsewhere(izhikevich, "halfStep", 4, 0.004),
  elsewhere(izhikevich, "euler", 4, 0.004),
  elsewhere(hodgkinHuxley, "strangSplitting", 3, 0.003),
  elsewhere(morrisLecar, "rk4", 120, 0.02),
  elsewhere(membrane, "rk4", 0.25, 0.0005),
];

describe("a kernel that says what a built-in one says", () => {
  it.each(cases)("equals it: %s", async (_, given, text, builtIn) => {
    const own = defineReceptorKernel(text) as ReceptorKernel;
    const a = await traces(given, builtIn);
    const b = await traces(given, own());
    expect(a.spikes.length).toBeGreaterThan(100);
    expect(b.spikes).toEqual(a.spikes);
    const unit = given.model === membrane ? 1e-3 : 1;
    // The upstroke of adex makes a hundredfold of what the last bit of a conductance is.
    const most = given.model === adex ? 2e-12 : 1e-12;
    expect(furthest(a.v, b.v)).toBeLessThan(most * 70 * unit);
  });
});

/** One spike at 1 ms, or more, into one neuron. */
async function one(
  kernel: object,
  { times = [1], dt = 0.1, model = lif, method, weight = 1, clamp = true }: {
    times?: number[]; dt?: number; model?: ModelRecord; method?: string; weight?: number; clamp?: boolean;
  } = {},
) {
  const sim = await Simulation.create({ dt, seed: 1 });
  const source = sim.population("source", spikeTrain, 1, { params: { times, neurons: times.map(() => 0) } });
  const cell = sim.population("cell", model, 1, {
    ...(method === undefined ? {} : { method: method as never }),
    // The membrane stays where it is.
    ...(clamp && model === lif ? { params: { C_m: 1e12 } as never } : {}),
    receptors: { syn: kernel as never },
  });
  sim.connect(source, cell, { rule: "oneToOne", weight, delay: dt });
  return { sim, cell };
}

const saturating = defineReceptorKernel({
  name: "saturating",
  params: { tau: "100 ms", a: { default: 0.6, range: ">= 0" }, g_max: "2 nS", E_rev: "0 mV" },
  equations: "ds/dt = -s/tau : 1",
  onSpike: "s += a*(1 - s)",
  output: "g_max*s*(E_rev - v)",
});

describe("closed forms", () => {
  it("a receptor that saturates follows its map from spike to spike, whatever the weight and dt", async () => {
    for (const dt of [0.1, 0.05]) {
      const times = Array.from({ length: 10 }, (_, k) => 5 + 8 * k);
      const { sim, cell } = await one(saturating(), { times, dt, weight: 3 });
      const s = sim.record(cell, "s_syn");
      const g = sim.record(cell, "g_syn");
      await sim.run(100);
      let state = 0;
      for (const [k, t] of times.entries()) {
        state = (k === 0 ? 0 : state * Math.exp(-8 / 100)) + 0.6 * (1 - (k === 0 ? 0 : state * Math.exp(-8 / 100)));
        const sample = Math.round(t / dt) + 1;
        expect(s.values(0)[sample]).toBeCloseTo(state, 12);
        expect(g.values(0)[sample]).toBeCloseTo(2 * state, 12);
      }
      expect(Math.max(...s.values(0))).toBeLessThan(1);
      sim.close();
    }
  });

  it("linear equations with a drive and a coupling both ways are solved exactly at any dt", async () => {
    const coupled = (method?: "rk4"): ReceptorKernel =>
      defineReceptorKernel({
        name: "coupled",
        weight: "1",
        params: { a: "0.2 1/ms", b: "0.5 1/ms", c: "0.05 1/ms" },
        equations: ["dx/dt = -a*x + b*y : 1", "dy/dt = -b*x - a*y + c : 1"],
        onSpike: "x += w",
        output: "x*pA",
        ...(method && { method }),
      });
    // x + i y: dz/dt = (-a - i b) z + i c
    const exact = (t: number, from: readonly [number, number]): [number, number] => {
      const [a, b, c] = [0.2, 0.5, 0.05];
      const norm = a * a + b * b;
      const rest = [(b * c) / norm, (a * c) / norm] as const;
      const [x, y] = [from[0] - rest[0], from[1] - rest[1]];
      const [e, cos, sin] = [Math.exp(-a * t), Math.cos(b * t), Math.sin(b * t)];
      return [rest[0] + e * (x * cos + y * sin), rest[1] + e * (y * cos - x * sin)];
    };
    for (const dt of [0.1, 2]) {
      const { sim, cell } = await one(coupled(), { times: [10], dt });
      const [x, y] = [sim.record(cell, "x_syn"), sim.record(cell, "y_syn")];
      await sim.run(40);
      const arrival = exact(10 + dt, [0, 0]);
      const [u, v] = exact(40 - 10 - dt, [arrival[0] + 1, arrival[1]]);
      expect(x.values(0).at(-1)).toBeCloseTo(u, 12);
      expect(y.values(0).at(-1)).toBeCloseTo(v, 12);
      sim.close();
    }
    const { sim, cell } = await one(coupled("rk4"), { times: [10] });
    const x = sim.record(cell, "x_syn");
    await sim.run(40);
    const [u] = exact(29.9, [exact(10.1, [0, 0])[0] + 1, exact(10.1, [0, 0])[1]]);
    expect(Math.abs((x.values(0).at(-1) as number) - u)).toBeLessThan(1e-8);
    expect(Math.abs((x.values(0).at(-1) as number) - u)).toBeGreaterThan(1e-15);
    sim.close();
  });

  it.each([["rk4", 4], ["heun", 2], ["exponentialEuler", 1], ["euler", 1]] as const)(
    "equations that are not linear converge by %s with order %d",
    async (method, order) => {
      // ds/dt = -s^2/tau: s = 1/(1 + t/tau) after a spike of 1
      const quadratic = defineReceptorKernel({
        name: "quadratic",
        params: { tau: "3 ms" },
        equations: "ds/dt = -s**2/tau : 1",
        onSpike: "s += w",
        output: "s*pA",
        method,
      });
      const error = async (dt: number): Promise<number> => {
        const { sim, cell } = await one(quadratic(), { times: [2], dt });
        await sim.run(2 + dt + 8);
        const s = cell.state("s_syn")[0] as number;
        sim.close();
        return Math.abs(s - 1 / (1 + 8 / 3));
      };
      const [coarse, fine] = [await error(0.5), await error(0.25)];
      expect(Math.log2(coarse / fine)).toBeGreaterThan(order - 0.35);
      expect(Math.log2(coarse / fine)).toBeLessThan(order + 0.7);
    },
  );

  it("t, i and N have their meanings, and init is computed of parameters and the neuron's number", async () => {
    const clock = defineReceptorKernel({
      name: "clock",
      params: { start: 0.25 },
      equations: ["last : ms", "n : 1", "dx/dt = (i + N)/(1*second) : 1"],
      onSpike: ["last = t", "n += 1"],
      output: "x*pA + 0*pA*t/ms",
      init: { x: "start + i", last: "-1 ms" },
    });
    const sim = await Simulation.create({ dt: 0.5, seed: 1 });
    const source = sim.population("source", spikeTrain, 20, { params: { times: [3, 7], neurons: [17, 17] } });
    const cells = sim.population("cells", lif, 20, { receptors: { syn: clock() } });
    sim.connect(source, cells, { rule: "oneToOne", weight: 5, delay: 0.5 });
    await sim.run(10);
    const x = cells.state("x_syn");
    expect([...x]).toEqual(Array.from({ length: 20 }, (_, i) => expect.closeTo(0.25 + i + 0.01 * (i + 20), 12)));
    // A spike at 7 ms with a delay of 0.5 ms arrives at the end of the step that begins at 7 ms.
    expect([...cells.state("last_syn")]).toEqual(Array.from({ length: 20 }, (_, i) => (i === 17 ? 7 : -1)));
    expect([...cells.state("n_syn")]).toEqual(Array.from({ length: 20 }, (_, i) => (i === 17 ? 2 : 0)));
    expect([...cells.state("i_syn")]).toEqual([...x]);
    sim.close();
  });

  it("reads states of the neuron in their units", async () => {
    const calcium = defineModel({
      name: "withCalcium",
      current: "pA",
      equations: ["dv/dt = -(v + 60*mV)/(10*ms) + I/(200*pF) : mV", "dCa/dt = -Ca/(1000*second) : mM"],
      init: { v: "-60 mV", Ca: "0.002 mM" },
    });
    const kernel = defineReceptorKernel({
      name: "byCalcium",
      reads: { Ca: "uM" },
      params: { K: "2 uM" },
      equations: "dx/dt = -x/(10*ms) : 1",
      onSpike: "x += w",
      output: "x*Ca/(Ca + K)*10*pA",
    });
    const { sim, cell } = await one(kernel(), { model: calcium, method: "rk4", weight: 4 });
    await sim.run(1.1);
    expect(cell.state("i_syn")[0]).toBeCloseTo(20, 4);
    sim.close();
    expect(() => kernel({ K: 1 })).not.toThrow();
    await expect(one(kernel(), { model: lif })).rejects.toThrow('cell.receptors.syn.kernel = "byCalcium"; the kernel reads Ca, and lif has the states v.');
  });
});

describe("GABA_B of Destexhe and others, with four G proteins to open a channel", () => {
  const numbers = { K1: 0.52, K2: 0.0013, K3: 0.098, K4: 0.033, K_d: 100, T: 0.5, pulse: 0.3 };
  const gabaB = defineReceptorKernel({
    name: "gabaB",
    references: ["Destexhe A, Bal T, McCormick DA, Sejnowski TJ (1996). J Neurophysiol 76:2049"],
    params: {
      K1: "0.52 1/(mM*ms)", K2: "0.0013 1/ms", K3: "0.098 uM/ms", K4: "0.033 1/ms", K_d: "100 uM**4",
      T: "0.5 mM", pulse: "0.3 ms", g_max: "1 nS", E_K: "-95 mV",
    },
    equations: [
      "dr/dt = -K2*r : 1",
      "ds/dt = K3*r - K4*s : uM",
      "taken = 1 - exp(-K1*T*pulse) : 1",
    ],
    // What a pulse of transmitter binds; r decays all the time.
    onSpike: "r += (1 - r)*taken",
    output: "g_max*s**4/(s**4 + K_d)*(E_K - v)",
  });

  /** The equations with pulses that take their time, by the method of Runge and Kutta. */
  function reference(times: readonly number[], until: number): { t: number[]; g: number[] } {
    const { K1, K2, K3, K4, K_d, T, pulse } = numbers;
    const dt = 0.005;
    const slopes = (t: number, r: number, s: number): [number, number] => {
      const open = times.some((from) => t >= from && t < from + pulse) ? T : 0;
      return [K1 * open * (1 - r) - K2 * r, K3 * r - K4 * s];
    };
    let [r, s] = [0, 0];
    const [t, g]: [number[], number[]] = [[], []];
    for (let k = 0; k * dt < until; k++) {
      const now = (k + 0.5) * dt;
      const a = slopes(now, r, s);
      const b = slopes(now, r + (dt / 2) * a[0], s + (dt / 2) * a[1]);
      r += dt * b[0];
      s += dt * b[1];
      t.push((k + 1) * dt);
      g.push(s ** 4 / (s ** 4 + K_d));
    }
    return { t, g };
  }

  const course = async (times: readonly number[], until = 1500): Promise<Float64Array> => {
    const { sim, cell } = await one(gabaB(), { times: [...times] });
    const g = sim.record(cell, "g_syn");
    await sim.run(until);
    const values = g.values(0);
    sim.close();
    return values;
  };
  const burst = (spikes: number): number[] => Array.from({ length: spikes }, (_, k) => 10 + 5 * k);
  const peak = (g: ArrayLike<number>): number => Math.max(...Array.from(g));

  it("follows them, but for the length of the pulse", async () => {
    for (const spikes of [1, 10]) {
      const g = await course(burst(spikes), 600);
      // The pulse begins where the spike arrives; what it leaves is there at once, so half of it earlier.
      const { t, g: wanted } = reference(burst(spikes).map((time) => time + 0.1 - numbers.pulse / 2), 600);
      const largest = peak(wanted);
      let worst = 0;
      for (let k = 200; k < t.length; k += 200) {
        const error = Math.abs((g[k / 20] as number) - (wanted[k - 1] as number));
        worst = Math.max(worst, error);
      }
      expect(worst / largest).toBeLessThan(2e-3);
    }
  });

  it("peaks a tenth of a second after a spike, and fades with a quarter of the receptor's time constant", async () => {
    const g = await course([10]);
    const at = g.indexOf(peak(g));
    const exact = Math.log(numbers.K4 / numbers.K2) / (numbers.K4 - numbers.K2);
    expect(at * 0.1 - 10.1).toBeGreaterThan(exact - 0.2);
    expect(at * 0.1 - 10.1).toBeLessThan(exact + 0.2);
    const late = Math.log((g[8000] as number) / (g[12000] as number)) / 400;
    expect(late).toBeCloseTo(4 * numbers.K2, 4);
  });

  it("answers bursts far beyond the sum of their spikes, and is bounded", async () => {
    const peaks = [];
    for (const spikes of [1, 2, 5, 10, 40]) peaks.push(peak(await course(burst(spikes))));
    const [single, double, five, ten, forty] = peaks as [number, number, number, number, number];
    expect(double / single).toBeGreaterThan(10);
    expect(five / single).toBeGreaterThan(100);
    expect(ten / five).toBeGreaterThan(2);
    expect(forty / ten).toBeGreaterThan(4);
    // What s can reach at most, with r at 1.
    const most = (numbers.K3 / numbers.K4) ** 4;
    const endless = peak(await course(burst(200))) / (most / (most + numbers.K_d));
    expect(endless).toBeGreaterThan(0.75);
    expect(endless).toBeLessThan(1);
  });
});

/** A kernel with a function of v and a state that is not linear. */
const bent = defineReceptorKernel({
  name: "bent",
  weight: "nS",
  params: { tau: "8 ms", E_rev: "0 mV", K: "2 nS", Mg: 1 },
  equations: ["dx/dt = -x/tau - x**2/(K*tau)*0.01 : nS", "B = 1/(1 + Mg/3.57*exp(-0.062*v/mV)) : 1"],
  onSpike: "x += w*(1 + 0.1*B)",
  output: "x*B*(E_rev - v)",
});
const BENT: Case = { model: adex, method: "exponentialEuler", drive: 600, ...CONDUCTANCE, weight: 0.3 };

describe("the same bits", () => {
  const outcome = async (threads: number, how: "run" | "runSync", pieces: readonly number[]) => {
    const { sim, cells } = await network(BENT, bent(), { threads, beside: true });
    const spikes = sim.record(cells, "spikes");
    const g = sim.record(cells, "g_syn", { neurons: [0, 17, 299], every: 1 });
    for (const ms of pieces) await sim[how](ms);
    const result = [spikes.view(), g.view(), cells.state("v"), cells.state("x_syn"), cells.state("g_syn")];
    sim.close();
    return result;
  };

  it("for any threads and pieces", async () => {
    const alone = await outcome(1, "run", [150]);
    expect((alone[0] as { times: Float64Array }).times.length).toBeGreaterThan(200);
    for (const threads of [2, 3]) expect(await outcome(threads, "run", [150])).toEqual(alone);
    expect(await outcome(2, "runSync", [40, 0.1, 109.9])).toEqual(alone);
  });

  it("after a snapshot, with other numbers given to the restored network", async () => {
    const run = async (threads: number, stop: boolean) => {
      let { sim, cells } = await network(BENT, bent(), { threads });
      sim.record(cells, "spikes");
      sim.record(cells, "x_syn", { neurons: [3], every: 0.5 });
      sim.record(cells, "g_syn", { neurons: [3], every: 0.5 });
      await sim.run(60);
      if (stop) {
        const restored = await Simulation.restore(sim.snapshot());
        sim.close();
        sim = restored;
        cells = sim.populations.get("cells") as unknown as typeof cells;
      }
      await sim.run(20);
      cells.setReceptor("syn", { tau: "4 ms", K: 3 });
      await sim.run(60);
      const result = [...sim.recordings.traces].map((trace) => [trace.variable, [...trace.values(0)]]);
      const document = sim.toDocument();
      sim.close();
      return [result, document, cells.name];
    };
    const one = await run(1, false);
    for (const threads of [1, 2]) expect(await run(threads, true)).toEqual(one);
  });
});

describe("in networks", () => {
  it("the output is recorded from any time on, with any threads", async () => {
    const run = async (threads: number) => {
      const { sim, cells } = await network(BENT, bent(), { threads });
      const x = sim.record(cells, "x_syn", { neurons: [5, 290] });
      await sim.run(30);
      const g = sim.record(cells, "g_syn", { neurons: [5, 290] });
      const v = sim.record(cells, "v", { neurons: [5, 290] });
      await sim.run(30);
      const result = [x, g, v].map((trace) => [trace.values(0), trace.values(1)]);
      sim.close();
      return result;
    };
    const one = await run(1);
    const [x, g, v] = one as [Float64Array[], Float64Array[], Float64Array[]];
    for (const n of [0, 1]) {
      const late = (x[n] as Float64Array).slice(-(g[n] as Float64Array).length);
      const block = (k: number): number => 1 + (1 / 3.57) * Math.exp(-0.062 * ((v[n] as Float64Array)[k] as number));
      const wanted = late.map((y, k) => y / block(k));
      expect(furthest([g[n] as Float64Array], [wanted])).toBeLessThan(1e-14);
      expect(Math.max(...wanted)).toBeGreaterThan(0.01);
    }
    for (const threads of [2, 3]) expect(await run(threads)).toEqual(one);
  });

  it("reset puts everything back to where it starts", async () => {
    const kernel = defineReceptorKernel({
      name: "started",
      weight: "pA",
      equations: "dx/dt = -x/(5*ms) : pA",
      onSpike: "x += w",
      output: "x",
      init: { x: 40 },
    });
    const { sim, cells } = await network({ ...BENT, ...CURRENT, method: "euler" }, kernel());
    await sim.run(30);
    const first = cells.state("x_syn");
    sim.reset();
    expect(new Set(cells.state("x_syn"))).toEqual(new Set([40]));
    await sim.run(30);
    expect(cells.state("x_syn")).toEqual(first);
    sim.close();
  });

  it("initial values of states are given by their names, and are those of the document", async () => {
    const { sim, cells } = await network(BENT, bent(), { more: { init: { x_syn: { uniform: [1, 2] } } } });
    sim.build();
    const x = cells.state("x_syn");
    expect(Math.min(...x)).toBeGreaterThan(1);
    expect(new Set(x).size).toBe(300);
    const again = Simulation.fromDocument(sim.toDocument() as never);
    sim.close();
    const other = await again;
    other.build();
    expect((other.populations.get("cells") as typeof cells).state("x_syn")).toEqual(x);
    other.close();
  });

  it("a network with all that is drawn has the kernel, the states and the same spikes", async () => {
    const init = { x_syn: { uniform: [1, 2] }, v: { uniform: [-70, -60] } };
    const { sim } = await network(BENT, bent({ tau: 6 }), { more: { init } });
    const explicit = toDocument(sim.explicit());
    const run = async (one: Simulation): Promise<string> => {
      const cells = one.populations.get("cells");
      const spikes = one.record(cells as never, "spikes");
      await one.run(50);
      const text = `${spikes.times.join()} ${spikes.neurons.join()}`;
      one.close();
      return text;
    };
    const again = await Simulation.fromDocument(explicit as never);
    expect(explicit).toMatchObject({ receptorKernels: [{ name: "bent" }] });
    const spikes = await run(sim);
    expect(spikes.length).toBeGreaterThan(1000);
    expect(await run(again)).toBe(spikes);
  });

  it("Poisson bombardment arrives with one weight per event", async () => {
    const kernel = defineReceptorKernel(exponentialText("pA", "pA"));
    const run = async (receptors: object) => {
      const sim = await Simulation.create({ dt: 0.1, seed: 3 });
      const cells = sim.population("cells", lif, 50, {
        method: "rk4",
        receptors: { syn: receptors as never },
        background: [background.poisson({ rate: 800, weight: 20, receptor: "syn" })],
      });
      await sim.run(100);
      const v = cells.state("v");
      sim.close();
      return v;
    };
    const [a, b] = [await run(receptor.exponential({ tau: 3 })), await run(kernel())];
    expect(furthest([a], [b])).toBeLessThan(1e-10);
    expect(Math.max(...a)).toBeGreaterThan(-69);
  });

  it("several receptors, own and built in, act together in their order", async () => {
    const own = defineReceptorKernel(exponentialText("pA", "pA"));
    const run = async (a: object, b: object) => {
      const sim = await Simulation.create({ dt: 0.1, seed: 3 });
      const source = sim.population("source", poisson, 40, { params: { rate: 50 } });
      const cells = sim.population("cells", lif, 100, {
        method: "exponentialEuler",
        background: [background.constant(340)],
        receptors: { a: a as never, b: b as never, c: receptor.exponential({ tau: 7 }), d: receptor.delta() },
      });
      const common = { rule: "fixedIndegree", k: 8, delay: 1 } as const;
      for (const [key, weight] of [["a", 20], ["b", 10], ["c", -12], ["d", 0.1]] as const)
        sim.connect(source, cells, { ...common, receptor: key as never, weight });
      await sim.run(100);
      const v = cells.state("v");
      sim.close();
      return v;
    };
    const built = await run(receptor.exponential({ tau: 3 }), receptor.exponential({ tau: 4 }));
    expect(furthest([built], [await run(own(), receptor.exponential({ tau: 4 }))])).toBeLessThan(1e-10);
    expect(furthest([built], [await run(own(), own({ tau: 4 }))])).toBeLessThan(1e-10);
  });

  it("a state that dies away becomes zero", async () => {
    const { sim, cell } = await one(saturating({ tau: 1 }), { times: [1] });
    await sim.run(400);
    expect(cell.state("s_syn")[0]).toBe(0);
    sim.close();
  });

  it("the guard names population, receptor, state, neuron and step", async () => {
    const grows = defineReceptorKernel({
      name: "grows",
      params: { tau: "0.05 ms" },
      equations: ["ds/dt = s**2/tau : 1", "dr/dt = -r/(5*ms) : 1"],
      onSpike: ["s += w", "r += w"],
      output: "r*pA",
    });
    for (const threads of [1, 2]) {
      const sim = await Simulation.create({ dt: 0.1, seed: 1, threads });
      const source = sim.population("source", spikeTrain, 100, { params: { times: [5], neurons: [77] } });
      const cells = sim.population("cells", lif, 100, { receptors: { syn: grows() } });
      sim.connect(source, cells, { rule: "oneToOne", weight: 1, delay: 0.1 });
      const run = sim.run(20);
      await expect(run).rejects.toThrow(InstabilityError);
      const error = (await run.catch((e: unknown) => e)) as InstabilityError;
      expect(error).toMatchObject({ population: "cells", neuron: 77, variable: "s_syn" });
      expect(error.message).toContain("the kernel grows of the receptor syn is advanced by rk4");
      expect(Number.isFinite(error.lastFinite)).toBe(true);
      expect(error.lastFinite).toBeGreaterThan(1);
      expect(error.time).toBeLessThan(6);
      sim.close();
    }
  });

  it("a parameter with which nothing can be computed is refused before the run, or leaves all as it was", async () => {
    const own = defineReceptorKernel(exponentialText("pA", "pA"));
    const given = { ...BENT, ...CURRENT, method: "euler" };
    const { sim } = await network(given, own({ tau: 0 }));
    expect(() => sim.build()).toThrow("cells.syn: the parameters of the kernel exponentialOwn lead to a number that is none, or is infinite; a time constant may be 0.");
    sim.close();
    const { sim: other, cells: standing } = await network(given, own());
    await other.run(10);
    expect(() => standing.setReceptor("syn", { tau: 0 })).toThrow("cells.syn: the parameters");
    expect(() => standing.setReceptor("syn", { tua: 4 })).toThrow('unknown key "tua" of a receptor with the kernel exponentialOwn; did you mean "tau"?');
    expect(() => standing.setReceptor("syn", { tau: "4 mV" })).toThrow(/ms/);
    expect(standing.description.receptors.syn).toMatchObject({ tau: 3 });
    standing.setReceptor("syn", { tau: "4 ms" });
    await other.run(10);
    other.close();
  });

  it("a kernel with the name of a built-in one is refused, where two of one name come into a document too", async () => {
    const text = exponentialText("pA", "pA");
    const sim = await Simulation.create({ dt: 0.1 });
    const alpha = defineReceptorKernel({ ...text, name: "alpha" });
    expect(() => sim.population("a", lif, 1, { receptors: { s: alpha() } })).toThrow(
      'a.receptors.s.kernel = "alpha"; a built-in kernel has this name.',
    );
    sim.population("a", lif, 1, { receptors: { s: defineReceptorKernel(text)() } });
    sim.population("b", lif, 1, { receptors: { s: defineReceptorKernel({ ...text, text: "another" })() } });
    expect(() => sim.toDocument()).toThrow('two different receptor kernels have the name "exponentialOwn"');
    sim.close();
  });

  it("the exact method of neurons takes linear currents; others are refused, or change the default", async () => {
    const squared = defineReceptorKernel({ ...exponentialText("pA", "pA"), name: "squared", output: "x**2/pA" });
    const sim = await Simulation.create({ dt: 0.1 });
    const linear = defineReceptorKernel(exponentialText("pA", "pA"));
    const methodWith = (name: string, s: object): string =>
      sim.population(name, lif, 1, { receptors: { s: s as never } }).description.method;
    expect(methodWith("a", linear())).toBe("exact");
    expect(methodWith("b", squared())).toBe("exponentialEuler");
    expect(() => sim.population("c", lif, 1, { method: "exact", receptors: { s: squared() } })).toThrow(
      'c.method = "exact"; the current of the receptor s is not linear in its states with constant coefficients. Use one of:',
    );
    sim.close();
  });

  it("parameters of neurons that change, or differ, are seen by exact steps", async () => {
    const own = defineReceptorKernel(riseText("pA", "pA"));
    const run = async (kernel: object) => {
      const sim = await Simulation.create({ dt: 0.1, seed: 3 });
      const source = sim.population("source", poisson, 40, { params: { rate: 50 } });
      const cells = sim.population("cells", adaptiveLif, 60, {
        method: "exact",
        params: { tau_m: { uniform: [8, 20] }, a: 2 },
        background: [background.constant(300)],
        receptors: { syn: kernel as never },
      });
      sim.connect(source, cells, { rule: "fixedIndegree", k: 8, weight: 20, delay: 1 });
      await sim.run(50);
      const first = cells.state("v");
      cells.set({ tau_m: 15 });
      await sim.run(50);
      const result = [first, cells.state("v"), cells.state("w")];
      sim.close();
      return result;
    };
    const [a, b] = [await run(receptor.dualExponential({ tau_rise: 2, tau_decay: 5 })), await run(own())];
    expect(furthest(a, b)).toBeLessThan(1e-10);
  });
});

const FILE = {
  name: "file",
  dt: 0.1,
  duration: 50,
  seed: 3,
  receptorKernels: [
    nmdaText("nS", "pA"),
    { name: "unused", equations: "ds/dt = -s/ms : 1", onSpike: "s += w", output: "s*pA" },
  ],
  populations: [
    { name: "in", model: "poisson", size: 50, params: { rate: 40 } },
    {
      name: "p",
      model: "adex",
      size: 20,
      init: { y_slow: 0.5 },
      receptors: { slow: { kernel: "riseOwn", tau_decay: "80 ms", E_rev: 0 } },
    },
  ],
  projections: [{ source: "in", target: "p", rule: "allToAll", receptor: "slow", weight: 0.1, delay: 0.5 }],
  record: [{ population: "p", variables: ["v", "x_slow", "g_slow"], neurons: [0], every: 1 }],
};

describe("model files", () => {
  it("name kernels, and what is written is read as the same network", async () => {
    const spec = parseModelFile(JSON.stringify(FILE));
    expect(spec.receptorKernels?.map(({ id }) => id)).toEqual(["riseOwn", "unused"]);
    const document = toDocument(spec);
    expect(document).toMatchObject({ receptorKernels: FILE.receptorKernels });
    expect((document.populations as { receptors: object }[])[1]?.receptors).toEqual({
      slow: { kernel: "riseOwn", tau_rise: 2, tau_decay: 80, peak: gain(2, 100), Mg: 1, E_rev: 0 },
    });
    expect(toDocument(parseModelFile(JSON.stringify(document)))).toEqual(document);
    const sim = await Simulation.fromDocument(document as never);
    await sim.run(50);
    const g = [...sim.recordings.traces].find(({ variable }) => variable === "g_slow");
    expect(g?.unit).toBe("nS");
    expect(Math.max(...(g?.values(0) ?? []))).toBeGreaterThan(0);
    expect(sim.toDocument()).toMatchObject({ receptorKernels: [{ name: "riseOwn" }] });
    sim.close();
  });

  const mistaken = (change: (file: any) => void): string => {
    const file = JSON.parse(JSON.stringify(FILE));
    change(file);
    try {
      parseModelFile(JSON.stringify(file));
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  it.each([
    ["an unknown kernel", (f: any) => (f.populations[1].receptors.slow.kernel = "riseOwm"), '$.populations[1].receptors.slow.kernel: unknown kernel "riseOwm"; did you mean "riseOwn"? Known: delta, exponential, alpha, dualExponential, step, nmda, riseOwn, unused.'],
    ["an unknown parameter", (f: any) => (f.populations[1].receptors.slow.tau_rize = 1), '$.populations[1].receptors.slow: unknown key "tau_rize" of a receptor with the kernel riseOwn; did you mean "tau_rise"? Known: kernel, tau_rise, tau_decay, peak, E_rev, Mg.'],
    ["a unit", (f: any) => (f.populations[1].receptors.slow.tau_decay = "80 mV"), "$.populations[1].receptors.slow.tau_decay"],
    ["a built-in name", (f: any) => (f.receptorKernels[1].name = "alpha"), '$.receptorKernels[1].name: "alpha"; a built-in kernel has this name.'],
    ["a name twice", (f: any) => (f.receptorKernels[1].name = "riseOwn"), '$.receptorKernels[1].name: "riseOwn"; another receptor kernel has this name.'],
    ["no output", (f: any) => delete f.receptorKernels[1].output, '$.receptorKernels[1]: the key "output" is missing; it must be the current into the cell, such as g*(E_rev - v).'],
    ["an unknown key", (f: any) => (f.receptorKernels[1].onspike = "s += w"), '$.receptorKernels[1]: unknown key "onspike" of a receptor kernel; did you mean "onSpike"?'],
    ["an object instead of a name", (f: any) => (f.populations[1].receptors.slow.kernel = f.receptorKernels[0]), "$.populations[1].receptors.slow.kernel: an object; it must be the name of a kernel"],
    ["a method that is not for it", (f: any) => Object.assign(f.receptorKernels[1], { method: "exact", equations: "ds/dt = -s**2/ms : 1" }), '$.receptorKernels[1].method: "exact"; the equation of s is not linear in s. unused offers: rk4, exponentialEuler, heun, euler.'],
    ["an unknown method", (f: any) => (f.receptorKernels[1].method = "rk5"), '$.receptorKernels[1].method: "rk5"; a receptor\'s method is one of: exact, exponentialEuler, rk4, heun, euler.'],
    ["a model with another current", (f: any) => (f.populations[1].model = "hodgkinHuxley"), '$.populations[1].receptors.slow.kernel: "riseOwn"; the kernel is for models whose current is pA, and that of hodgkinHuxley is uA/cm2: the kernel says so with "current": "uA/cm2".'],
    ["a model whose v is a pure number", (f: any) => Object.assign(f.populations[1], { model: "fitzhughNagumo" }) && (f.receptorKernels[0].current = "1") && (f.receptorKernels[0].weight = "1/mV") && (f.receptorKernels[0].equations = ["dx/dt = -x/tau_decay + y : 1/mV", "dy/dt = -y/tau_rise : 1/mV/ms", "B = 1/(1 + Mg/3.57*exp(-0.062*v/mV)) : 1"]), 'the kernel reads v in mV, and that of fitzhughNagumo is a pure number: the kernel says so with "reads": { "v": "1" }.'],
    [
      "a background in a wrong unit",
      (f: any) => (f.populations[1].background = [{ kind: "poisson", rate: 10, weight: "1 mV", receptor: "slow" }]),
      "nS",
    ],
  ])("refuse %s", (_, change, message) => {
    expect(mistaken(change)).toContain(message);
  });

  it("text with a mistake has its place in the message", () => {
    expect(mistaken((f) => (f.receptorKernels[1].equations = "ds/dt = -s/theta : 1"))).toBe(
      'Receptor kernel unused: 1 mistake.\n\nequations:1:12: unknown name "theta". It must be a state, a parameter or an intermediate equation.\n  1 | ds/dt = -s/theta : 1\n    |            ^^^^^',
    );
  });

  it("two states of one name are refused", () => {
    const message = mistaken((f) => {
      f.populations[1].receptors.b = { kernel: "unused" };
      f.populations[1].receptors.a_b = { kernel: "unused" };
      f.receptorKernels[1].equations = ["ds/dt = -s/ms : 1", "ds_a/dt = -s_a/ms : 1"];
    });
    expect(message).toBe("$.populations[1].receptors.a_b: its variable would be called s_a_b, and the receptor b has one of that name already; give the receptor another name.");
  });
});
void [StateError, fitzhughNagumo];
export type { Finding };
