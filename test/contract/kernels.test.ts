/** Every kernel, of the core and compiled, against the equations of its model's record, evaluated in JavaScript. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  background,
  type Method,
  type ModelRecord,
  models,
  type Population,
  receptor,
  Simulation,
} from "../../src/index.js";
import { uncompiled } from "../../src/sim/kernels.js";
import { random } from "../reference/random.js";
import { forcedSource } from "../reference/harness.js";
import { Stepper } from "../reference/stepper.js";
import { parameters } from "./dynamics.js";
import type { Scope } from "./expression.js";
import { stepped } from "../methods.js";

/** More than a block of 256 neurons, and no multiple of the padding. */
const SIZE = 278;
/** The neurons that are compared: every lane, the edges of the block and of the population. */
const WATCHED: readonly number[] = [
  0, 1, 2, 3, 4, 5, 6, 7, 62, 63, 64, 65, 252, 253, 254, 255, 256, 257, 258, 259, 273, 274, 275, 276, 277,
];
const STEPS = 20;

interface Ranges {
  readonly dt: number;
  readonly states: Readonly<Record<string, readonly [number, number]>>;
  readonly current: readonly [number, number];
  /** Scale of conductances and reversal potential. */
  readonly conductance: number;
  readonly E_rev: number;
}

/** Where the random states lie: wide, and so that some neurons spike at once. */
const RANGES: Readonly<Record<string, Ranges>> = {
  lif: { dt: 0.1, states: { v: [-90, -56] }, current: [-200, 2000], conductance: 20, E_rev: 0 },
  adaptiveLif: { dt: 0.1, states: { v: [-90, -56], w: [-100, 200] }, current: [-200, 2000], conductance: 20, E_rev: 0 },
  qif: { dt: 0.1, states: { v: [-90, 25] }, current: [-50, 300], conductance: 2, E_rev: 0 },
  eif: { dt: 0.1, states: { v: [-90, -35] }, current: [-200, 2000], conductance: 20, E_rev: 0 },
  adex: { dt: 0.1, states: { v: [-90, -35], w: [-100, 300] }, current: [-200, 2000], conductance: 20, E_rev: 0 },
  izhikevich: { dt: 0.1, states: { v: [-85, 25], u: [-20, 20] }, current: [-5, 30], conductance: 0.2, E_rev: -70 },
  fitzhughNagumo: { dt: 0.1, states: { v: [-2.2, 2.2], w: [-1, 2] }, current: [-0.5, 1.5], conductance: 0.1, E_rev: 2 },
  morrisLecar: { dt: 1, states: { v: [-70, 50], w: [0, 1] }, current: [-50, 200], conductance: 2, E_rev: 0 },
  hodgkinHuxley: {
    dt: 0.02,
    states: { v: [-90, 40], m: [0, 0.6], h: [0, 0.6], n: [0, 1] },
    current: [-5, 40],
    conductance: 1,
    E_rev: 0,
  },
  traubMiles: {
    dt: 0.02,
    states: { v: [-90, 40], m: [0, 0.6], h: [0, 0.6], n: [0, 1] },
    current: [-50, 400],
    conductance: 50,
    E_rev: -80,
  },
};

type Inputs = "none" | "current" | "conductance";
const TAU = { cond: 3, curr: 1.7 } as const;
const FREQUENCY = 130;

interface Variant {
  readonly method: Method;
  readonly perNeuron: boolean;
  readonly inputs: Inputs;
  /** The background is the same for all neurons. */
  readonly common: boolean;
}

/** Conductances first: a kernel that has none must not see what the population before it left in the scratch memory. */
function variantsOf(model: ModelRecord): Variant[] {
  const out: Variant[] = [];
  for (const perNeuron of [false, true]) {
    for (const inputs of ["conductance", "none", "current"] as const) {
      for (const method of stepped(model)) {
        if (inputs === "conductance" && method === "exact") continue;
        for (const common of perNeuron ? [false] : [false, true]) out.push({ method, perNeuron, inputs, common });
      }
    }
  }
  return out;
}

const nameOf = ({ method, perNeuron, inputs, common }: Variant): string =>
  `${method} ${perNeuron ? "perNeuron" : "uniform"} ${inputs}${common ? " common background" : ""}`;

/** A population in the core and its watched neurons in JavaScript. */
interface Twin {
  readonly population: Population;
  readonly steppers: readonly Stepper[];
  readonly input: (i: number, t: number) => number;
}

function twin(simulation: Simulation, model: ModelRecord, variant: Variant, seed: number): Twin {
  const ranges = RANGES[model.id] as Ranges;
  const next = random(seed);
  const between = ([low, high]: readonly [number, number]): number => low + (high - low) * next();
  const column = (f: () => number): number[] => Array.from({ length: SIZE }, f);
  const defaults = parameters(model);
  const params: Record<string, number | number[]> = {};
  for (const [name, value] of Object.entries(defaults)) {
    const draw = (): number => {
      if (name === "t_ref") return next();
      return value === 0 ? 0.2 * next() - 0.1 : value * (0.95 + 0.1 * next());
    };
    params[name] = variant.perNeuron ? column(draw) : draw();
  }
  const init = Object.fromEntries(
    Object.entries(ranges.states).map(([name, range]) => [name, column(() => between(range))]),
  );
  const receptors: Record<string, { tau: number; E_rev?: number }> = {};
  if (variant.inputs !== "none") receptors.curr = { tau: TAU.curr };
  if (variant.inputs === "conductance") receptors.cond = { tau: TAU.cond, E_rev: ranges.E_rev };
  const scale = Math.max(...ranges.current.map(Math.abs)) / 4;
  const first: Record<string, number[]> = {};
  if (receptors.curr) first.i_curr = column(() => between([-scale, scale]));
  if (receptors.cond) first.g_cond = column(() => ranges.conductance * next());
  const drawn = variant.common ? (f: () => number): number => f() : column;
  const constant = drawn(() => between(ranges.current));
  const sine = drawn(() => between([0, scale]));

  const population = simulation.population(nameOf(variant), model as ModelRecord, SIZE, {
    method: variant.method,
    // The table of rates has a test of its own, with a bound of its own: test/models/rates.test.ts.
    ...(model.rates ? { rates: "exact" as never } : {}),
    params,
    init: { ...init, ...first },
    receptors: Object.fromEntries(Object.entries(receptors).map(([name, r]) => [name, receptor.exponential(r)])),
    background: [background.constant(constant), background.sine({ amplitude: sine, frequency: FREQUENCY, phase: 0.5 })],
  });
  const at = (x: number | number[] | undefined, i: number): number => (typeof x === "number" ? x : (x?.[i] ?? NaN));
  const steppers = WATCHED.map((i) => {
    const own: Scope = Object.fromEntries(Object.keys(params).map((name) => [name, at(params[name], i)]));
    const state: Scope = Object.fromEntries(Object.keys(init).map((name) => [name, at(init[name], i)]));
    const states = Object.fromEntries(
      Object.entries(receptors).map(([name, r]) => [
        name,
        { ...r, value: at(first[name === "curr" ? "i_curr" : "g_cond"], i) },
      ]),
    );
    return new Stepper(model, variant.method, ranges.dt, own, state, states);
  });
  const input = (i: number, t: number): number =>
    at(constant, i) + at(sine, i) * Math.sin(2 * Math.PI * (FREQUENCY / 1000) * t + 0.5);
  return { population: population as unknown as Population, steppers, input };
}

/** Largest difference over the watched neurons, relative to the size of the numbers (at least `floor`). */
function worst(got: Float64Array, wanted: readonly number[], floor: number): number {
  let most = 0;
  for (const [j, x] of wanted.entries()) {
    const difference = Math.abs((got[WATCHED[j] ?? NaN] ?? NaN) - x) / Math.max(floor, Math.abs(x));
    most = Math.max(most, difference);
  }
  return most;
}

interface Result {
  readonly afterOne: Record<string, number>;
  readonly afterAll: Record<string, number>;
  readonly spikes: string[];
  readonly wantedSpikes: string[];
}

/** Built-in models, and once more with the core's kernels where compiled ones come in their place. */
const all: readonly (readonly [string, ModelRecord])[] = Object.values<ModelRecord>(models).flatMap((model) => [
  [model.id, model] as const,
  ...(model.compiled ? [[`${model.id} in the core`, uncompiled(model)] as const] : []),
]);

describe.each(all)("%s", (_, model) => {
  const { dt } = RANGES[model.id] as Ranges;
  const variants = variantsOf(model);
  const results = new Map<string, Result>();

  beforeAll(async () => {
    const simulation = await Simulation.create({ dt });
    const twins = variants.map((variant, i) => twin(simulation, model, variant, 100 * i + model.id.length));
    const recordings = twins.map(({ population }) => simulation.record(population, "spikes", { neurons: WATCHED }));
    const spikes: string[][] = twins.map(() => []);
    const states = Object.keys(model.states);
    const compare = ({ population, steppers }: Twin): Record<string, number> => {
      const names = [
        ...states,
        ...Object.entries(steppers[0]?.receptors ?? {}).map(([n, r]) => (r.E_rev === undefined ? `i_${n}` : `g_${n}`)),
      ];
      return Object.fromEntries(
        names.map((name) => {
          const wanted = steppers.map((s) => s.state[name] ?? s.receptors[name.slice(2)]?.value ?? NaN);
          return [name, worst(population.state(name), wanted, name === "v" ? 1 : 0.01)];
        }),
      );
    };
    const one: Record<string, number>[] = [];
    for (let k = 0; k < STEPS; k++) {
      simulation.runSync(dt);
      for (const [j, { steppers, input }] of twins.entries()) {
        for (const [n, stepper] of steppers.entries()) {
          const i = WATCHED[n] ?? NaN;
          const stages = [input(i, k * dt), input(i, (k + 0.5) * dt), input(i, (k + 1) * dt)] as const;
          if (stepper.step(stages)) spikes[j]?.push(`${k + 1}: ${i}`);
        }
      }
      if (k === 0) one.push(...twins.map(compare));
    }
    for (const [j, variant] of variants.entries()) {
      const recording = recordings[j];
      const times = recording?.times ?? new Float64Array(0);
      const neurons = recording?.neurons ?? new Uint32Array(0);
      results.set(nameOf(variant), {
        afterOne: one[j] ?? {},
        afterAll: compare(twins[j] as Twin),
        spikes: Array.from(times, (t, i) => `${Math.round(t / dt)}: ${neurons[i]}`),
        wantedSpikes: spikes[j] ?? [],
      });
    }
  });

  it.each(variants.map((variant) => [nameOf(variant)] as const))("%s", (name) => {
    const { afterOne, afterAll, spikes, wantedSpikes } = results.get(name) as Result;
    for (const [state, difference] of Object.entries(afterOne))
      expect(difference, `${state} after one step`).toBeLessThan(1e-12);
    for (const [state, difference] of Object.entries(afterAll))
      expect(difference, `${state} after ${STEPS} steps`).toBeLessThan(1e-10);
    expect(spikes).toEqual(wantedSpikes);
  });

  it("neurons spike in the comparison, so that thresholds and resets are compared too", () => {
    // With one current for all, all may be silent.
    const drawn = variants.filter(({ common }) => !common);
    const spiking = drawn.filter((variant) => (results.get(nameOf(variant)) as Result).spikes.length > 0);
    expect(spiking.length).toBeGreaterThan(0.7 * drawn.length);
  });
});

describe("refractory period", () => {
  const dt = 0.1;
  const periods = [0, 0.04, 0.06, 0.1, 0.14, 1, 2.06, 5];
  it.each(models.lif.methods)("lif %s holds v for exactly round(t_ref / dt) steps", async (method) => {
    const simulation = await Simulation.create({ dt });
    const cells = simulation.population("cells", models.lif, periods.length, {
      method,
      params: { t_ref: periods, V_reset: -66 },
      background: [background.constant(1e5)],
    });
    const v = simulation.record(cells, "v");
    const spikes = simulation.record(cells, "spikes");
    simulation.runSync(20);
    for (const [i, t_ref] of periods.entries()) {
      // The current lifts v over the threshold in any step in which it is free to move.
      const interval = Math.round(t_ref / dt) + 1;
      const steps = Array.from(spikes.of(i), (t) => Math.round(t / dt));
      expect(steps).toEqual(Array.from({ length: Math.ceil(200 / interval) }, (_, k) => 1 + k * interval));
      expect([...v.values(i).slice(1)].every((x) => x === -66)).toBe(true);
    }
  });

  const adapting = [models.adaptiveLif, models.adex, models.izhikevich] as readonly ModelRecord[];
  it.each(adapting.flatMap((model) => model.methods.map((method) => [model.id, method, model] as const)))(
    "%s %s: the second state goes on while v is held",
    async (_id, method, model) => {
      const simulation = await Simulation.create({ dt });
      const t_ref = 3;
      const strong = model.id === "izhikevich" ? 2000 : 4e5;
      const cell = simulation.population("cell", model, 1, {
        method,
        params: { t_ref },
        background: [background.constant(strong)],
      });
      const second = Object.keys(model.states)[1] ?? "";
      simulation.runSync(dt);
      const params = parameters(model, undefined, { t_ref });
      const held = cell.state("v")[0] ?? NaN;
      const start = { v: held, [second]: cell.state(second)[0] ?? NaN };
      // Exactly: with v held the equation is linear, x' = f0 + slope x.
      const at = (x: number): number =>
        new Stepper(model, "euler", 1, params, { v: held, [second]: x }).derivatives(0)[second] ?? NaN;
      const slope = at(1) - at(0);
      const rest = -at(0) / slope;
      // Not to the end: rosenbrock releases v within a step, as far from its start as the spike was.
      const since = t_ref - dt;
      simulation.runSync(since);
      expect(cell.state("v")[0]).toBe(held);
      const got = cell.state(second)[0] ?? NaN;
      const wanted = rest + ((start[second] ?? NaN) - rest) * Math.exp(slope * since);
      const order = {
        euler: 1,
        halfStep: 1,
        heun: 2,
        rk4: 4,
        exponentialEuler: 9,
        exact: 9,
        eventDriven: 9,
        strangSplitting: 9,
        rosenbrock: 2,
      }[method];
      const allowed =
        Math.abs((start[second] ?? NaN) - rest) *
        Math.max(1e-13, 2 * t_ref * Math.abs(slope) * (Math.abs(slope) * dt) ** order);
      expect(Math.abs(got - wanted)).toBeLessThan(allowed);
      expect(Math.abs(got - (start[second] ?? NaN))).toBeGreaterThan(100 * allowed);
    },
  );
});

describe("crossing detection of membrane models", () => {
  const membrane = (Object.values(models) as readonly ModelRecord[]).filter((model) => model.family === "membrane");

  it.each(membrane.flatMap((model) => model.methods.map((method) => [model.id, method, model] as const)))(
    "%s %s: upward, once, re-armed below V_th - hysteresis",
    async (_id, method, model) => {
      // Jumps put v where it is wanted; in such short steps the equations move it by far less than the depth.
      const dt = 1e-3;
      const jumps = [3, -1.5, 1.5, -2.5, 2.5, 1];
      const level = model.params.V_th?.default ?? NaN;
      const depth = model.params.hysteresis?.default ?? NaN;
      const simulation = await Simulation.create({ dt });
      const source = forcedSource(simulation, [0], 20);
      const gates = Object.fromEntries(
        Object.keys(model.states)
          .slice(1)
          .map((name) => [name, 0]),
      );
      // In units of the depth above V_th: armed, above (who starts there has not crossed), and armed within the depth.
      const starts = [-2, 0.5, -0.2];
      const cells = simulation.population("cells", model, starts.length, {
        method,
        init: { ...gates, v: starts.map((x) => level + x * depth) },
        receptors: { jump: receptor.delta() },
      });
      const pairs = starts.flatMap((_, i) => jumps.map(() => [0, i] as const));
      simulation.connect(source, cells, {
        rule: "list",
        receptor: "jump",
        multapses: true,
        pairs,
        weight: pairs.map((_, j) => (jumps[j % jumps.length] ?? NaN) * depth),
        delay: pairs.map((_, j) => ((j % jumps.length) + 1) * dt),
      });
      const spikes = simulation.record(cells, "spikes");
      const v = simulation.record(cells, "v");
      simulation.runSync(10 * dt);
      const steps = starts.map((_, i) => Array.from(spikes.of(i), (t) => Math.round(t / dt)));
      // Neuron 0 goes to +1 (a spike), -0.5, +1 (none: not below -1 since), -1.5, +1 (a spike), +2.
      expect(steps).toEqual([[2, 6], [], [2]]);
      const places = [-2, -2, 1, -0.5, 1, -1.5, 1, 2];
      for (const [k, x] of places.entries()) expect(((v.values(0)[k] ?? NaN) - level) / depth).toBeCloseTo(x, 0.5);
    },
  );
});
