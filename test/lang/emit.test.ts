/** Emitted kernels against one neuron in plain JavaScript, and all forms of a kernel against each other. */
import { beforeAll, describe, expect, it } from "vitest";
import { integrate, STEP_METHODS, type StepMethod } from "../../src/lang/integrate.js";
import { type PerNeuron, type Plan, plan } from "../../src/lang/plan.js";
import { models } from "../../src/models/index.js";
import type { ModelRecord } from "../../src/model/record.js";
import { random } from "../reference/random.js";
import { type ReceptorState, Stepper } from "../reference/stepper.js";
import { cases as count, some } from "../cases.js";
import { parameters } from "../contract/dynamics.js";
import { model } from "./build.js";
import { type Form, Machine, type Neurons, type Outcome } from "./machine.js";
import { magnitude } from "./magnitude.js";

/** Random states: wide, and so that some neurons spike at once. */
const RANGES: Readonly<
  Record<string, { dt: number; current: [number, number]; states: Record<string, [number, number]> }>
> = {
  lif: { dt: 0.1, states: { v: [-90, -55] }, current: [-200, 2000] },
  adaptiveLif: { dt: 0.1, states: { v: [-90, -55], w: [-100, 200] }, current: [-200, 2000] },
  qif: { dt: 0.1, states: { v: [-90, 30] }, current: [-50, 300] },
  eif: { dt: 0.1, states: { v: [-90, -35] }, current: [-200, 2000] },
  adex: { dt: 0.1, states: { v: [-90, -35], w: [-100, 300] }, current: [-200, 2000] },
  izhikevich: { dt: 0.1, states: { v: [-85, 30], u: [-20, 20] }, current: [-5, 30] },
  fitzhughNagumo: { dt: 0.1, states: { v: [-2.2, 2.2], w: [-1, 2] }, current: [-0.5, 1.5] },
  morrisLecar: { dt: 0.2, states: { v: [-70, 50], w: [0, 1] }, current: [-50, 200] },
  hodgkinHuxley: { dt: 0.02, states: { v: [-90, 40], m: [0, 0.6], h: [0, 0.6], n: [0, 1] }, current: [-5, 40] },
  traubMiles: { dt: 0.02, states: { v: [-90, 40], m: [0, 0.6], h: [0, 0.6], n: [0, 1] }, current: [-50, 400] },
};

const simd = await Machine.create();
const records = Object.values(models).filter((record) => record.id in RANGES) as ModelRecord[];
const cases = records.flatMap((record) => {
  const methods = record.methods.filter((m) => (STEP_METHODS as readonly string[]).includes(m)) as StepMethod[];
  return methods.flatMap((method) => [true, false].map((perNeuron) => ({ record, method, perNeuron })));
});

/** Time constant and reversal potential of a conductance. */
const TAU = 3;
const E_REV = 10;

interface Drawn extends Neurons {
  /** The conductance at the start of the step, and the current without its share, per stage. */
  readonly g: readonly number[];
  readonly background: readonly (readonly number[])[];
}

/** Neurons of a model with random states, currents and parameters; with a conductance too if `conducts` is a method. */
function draw(record: ModelRecord, size: number, perNeuron: boolean, conducts?: StepMethod): Drawn {
  const ranges = RANGES[record.id] as (typeof RANGES)[string];
  const next = random(size + record.id.length);
  const between = ([low, high]: readonly [number, number]): number => low + (high - low) * next();
  const column = (f: () => number): number[] => Array.from({ length: size }, f);
  const defaults = parameters(record);
  const params = Object.entries(defaults).map(([name, value]): PerNeuron => {
    const one = (): number =>
      name === "t_ref" ? 0.3 * next() : value === 0 ? 0.2 * next() - 0.1 : value * (0.95 + 0.1 * next());
    return perNeuron ? column(one) : one();
  });
  const current = column(() => between(ranges.current));
  const step = column(() => 0.1 * between(ranges.current));
  const states = Object.values(ranges.states).map((range) => column(() => between(range)));
  const { dt } = ranges;
  const g = column(() => (conducts === undefined ? 0 : (0.01 * next() * ranges.current[1]) / 100));
  // Methods that look at the start only take the mean over the step.
  const left = (stage: number): number =>
    conducts === "exponentialEuler" ? (-Math.expm1(-dt / TAU) * TAU) / dt : Math.exp((-stage * dt) / (2 * TAU));
  const conductance = (stage: number): number[] => g.map((x) => x * left(stage));
  const background = [0, 1, 2].map((stage) => current.map((x, n) => x + stage * (step[n] as number)));
  const input = (stage: number): number[] =>
    conductance(stage).map((x, n) => (background[stage]?.[n] as number) + x * E_REV);
  const inputs = {
    I0: input(0),
    I1: input(1),
    I2: input(2),
    ...(conducts === undefined ? {} : { G0: conductance(0), G1: conductance(1), G2: conductance(2) }),
  };
  const level = params[Object.keys(record.params).indexOf(record.threshold)] as PerNeuron;
  const armed = (states[0] as number[]).map((v, n) => v < at(level, n));
  const { bounds } = Object.values(record.states)[0] as { bounds: readonly [number, number] };
  return { size, dt, params, states, inputs, armed, bounds, g, background };
}

const at = (x: PerNeuron, n: number): number => (typeof x === "number" ? x : (x[n] as number));

function build(record: ModelRecord, method: StepMethod, neurons: Neurons, lists = false): Plan {
  const { ir, model: own } = model(record, simd.math);
  const perNeuron = neurons.params.flatMap((p, i) => (typeof p === "number" ? [] : [i]));
  const conducts = neurons.inputs?.G0 !== undefined;
  return plan(integrate(ir, own, method, { conducts, jumps: false }), { perNeuron, lists });
}

describe("one step of random neurons against the equations of the records", () => {
  const own = cases.filter((c) => c.perNeuron);
  const conducting = own.filter((c) => ["heun", "rk4", "exponentialEuler"].includes(c.method));
  it.each([
    ...own.map((c) => [c.record.id, c.method, "a current", c.record] as const),
    ...conducting.map((c) => [c.record.id, c.method, "a conductance", c.record] as const),
  ])("%s %s under %s", (_id, method, kind, record) => {
    const neurons = draw(record, count(600), true, kind === "a current" ? undefined : method);
    if (method === "exact") Object.assign(neurons, { inputs: { I0: neurons.inputs?.I0, I1: neurons.inputs?.I0 } });
    const built = build(record, method, neurons);
    const got = simd.within(() => simd.load(built, neurons, "simd").run());
    const names = { states: Object.keys(record.states), params: Object.keys(record.params) };
    const wanted: number[] = [];
    let worst = 0;
    for (let n = 0; n < neurons.size; n++) {
      const params = Object.fromEntries(names.params.map((name, i) => [name, at(neurons.params[i] as PerNeuron, n)]));
      const state = Object.fromEntries(names.states.map((name, j) => [name, at(neurons.states[j] as PerNeuron, n)]));
      const columns = Object.fromEntries(
        Object.entries(neurons.inputs ?? {}).map(([name, x]) => [name, at(x as PerNeuron, n)]),
      );
      const value = neurons.g[n] as number;
      const receptors: Record<string, ReceptorState> =
        kind === "a current" ? {} : { cond: { tau: TAU, E_rev: E_REV, value } };
      const stepper = new Stepper(record, method, neurons.dt, params, state, receptors);
      const [start = NaN, middle = NaN, end = NaN] = neurons.background.map((x) => x[n]);
      if (stepper.step([start, middle, end])) wanted.push(n);
      const environment = {
        states: Object.values(state),
        params: Object.values(params),
        dt: neurons.dt,
        columns,
        math: simd.math,
        refractory: false,
        armed: true,
      };
      const { derivation } = built.program;
      const derived = derivation?.compute(derivation.sources.map((e) => magnitude(e, environment)));
      for (const [j, name] of names.states.entries()) {
        const scale = magnitude(built.program.next[j] as never, { ...environment, ...(derived && { derived }) });
        const difference = Math.abs((got.states[j]?.[n] as number) - (stepper.state[name] as number));
        worst = Math.max(worst, difference / (scale * 2 ** -52));
      }
    }
    // A function of a stage amplifies all roundings of the stage before it.
    expect(worst).toBeLessThan(method === "heun" || method === "rk4" ? 8 : 4);
    expect(got.spikes).toEqual(wanted);
    expect(got.runaways).toEqual([]);
  });
});

/** Everything that a run has done, as text: NaN is equal to itself, and zeros have signs. */
function bits(outcome: Outcome): string {
  const number = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));
  const { states, receptors, until, armed, spikes, fractions, events, runaways } = outcome;
  const inOrder = spikes.map((n, i) => `${n} ${number(fractions[i] as number)}`);
  return JSON.stringify([
    [...states, ...receptors].map((x) => Array.from(x, number)),
    Array.from(until),
    armed,
    inOrder,
    events,
    runaways,
  ]);
}

describe("all forms of a kernel give the same bits", () => {
  const scalars: { machine?: Machine } = {};
  beforeAll(async () => {
    scalars.machine = await Machine.create(true);
  });
  it.each(
    some(cases).map(
      (c) => [c.record.id, c.method, c.perNeuron ? "a number per neuron" : "common parameters", c] as const,
    ),
  )("%s %s, %s", (_id, method, _variant, { record, perNeuron }) => {
    const neurons = draw(record, 278, perNeuron);
    const built = build(record, method, neurons);
    const run = (form: Form, machine = simd): string =>
      machine.within(() => bits(machine.load(built, neurons, form).run(20)));
    const wanted = run("simd");
    expect(run("scalar")).toBe(wanted);
    expect(run("twin")).toBe(wanted);
    expect(run("checked")).toBe(wanted);
    expect(run("scalar", scalars.machine)).toBe(wanted);
    const listing = build(record, method, neurons, true);
    if (listing.listed.size === 0) return;
    for (const form of ["simd", "scalar", "checked", "twin"] as const) {
      expect(
        simd.within(() => bits(simd.load(listing, neurons, form).run(20))),
        `${form}, lists`,
      ).toBe(wanted);
    }
  });

  const taking = cases.filter((c) => !c.perNeuron && ["euler", "exact", "exponentialEuler"].includes(c.method));
  it.each(taking.map((c) => [c.record.id, c.method, c] as const))(
    "%s %s, with receptors and a common current",
    (_id, method, { record }) => {
    const drawn = draw(record, 600, false);
    const next = random(600);
    const kinds = ["current", method === "exact" ? "current" : "conductance", "jumps"] as const;
    const numbers = [[0.9, 0.8, 0], [0.95, 0.7, 0], [0, 0, 0]];
    const column = (scale: number): number[] => Array.from({ length: 600 }, () => scale * next());
    const neurons: Neurons = {
      ...drawn,
      params: [...drawn.params, ...numbers.flat()],
      inputs: { I0: at(drawn.inputs?.I0 ?? 0, 0), I1: at(drawn.inputs?.I0 ?? 0, 0) },
      receptors: kinds.map(() => ({ state: column(1), arriving: column(0.5) })),
    };
    const { ir, model: own } = model(record, simd.math);
    const receptors = kinds.map((kind) => ({ kind, arrives: true }));
    const program = integrate(ir, own, method, { conducts: false, jumps: false, receptors });
    const forms = [["simd"], ["scalar"], ["checked"], ["twin"]] as const;
    const wanted: string[] = [];
    // A current in a column, the same in a scalar; lists of refractory neurons or masks.
    for (const options of [{}, { uniform: ["I0", "I1"] as const }, { lists: true }]) {
      const built = plan(program, options);
      for (const [form] of forms) wanted.push(simd.within(() => bits(simd.load(built, neurons, form).run(20))));
    }
    expect(new Set(wanted).size).toBe(1);
    // A current of its own for each neuron: in the columns of a block after the other, and in one column of all.
    const different = column(20);
    const differing: Neurons = { ...neurons, inputs: { I0: different, I1: different } };
    const built = plan(program, { lists: true });
    const each = [false, true].flatMap((still) =>
      forms.map(([form]) => simd.within(() => bits(simd.load(built, { ...differing, still }, form).run(3)))),
    );
    expect(new Set(each).size).toBe(1);
    expect(each[0]).not.toBe(wanted[0]);
  });
});
