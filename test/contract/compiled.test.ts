/**
 * Built-in models as text, by a user and by their records: compiled kernels beside those of the core, from the same
 * random states and parameters.
 */
import { describe, expect, it } from "vitest";
import {
  background,
  izhikevich,
  type Method,
  type ModelRecord,
  receptor,
  type ReceptorInput,
  Simulation,
} from "../../src/index.js";
import { STEP_METHODS } from "../../src/lang/integrate.js";
import { readModelDefinition, usesTables } from "../../src/model/own.js";
import { uncompiled } from "../../src/sim/kernels.js";
import { records, withUnits } from "../lang/builtin.js";
import { random } from "../reference/random.js";

const SIZE = 278;

/** Random states: wide, and so that some neurons spike at once. */
const RANGES: Readonly<
  Record<string, { dt: number; current: [number, number]; states: Record<string, [number, number]>; terms?: number }>
> = {
  lif: { dt: 0.1, states: { v: [-90, -56] }, current: [-200, 2000] },
  adaptiveLif: { dt: 0.1, states: { v: [-90, -56], w: [-100, 200] }, current: [-200, 2000] },
  qif: { dt: 0.1, states: { v: [-90, 25] }, current: [-50, 300] },
  // Their exponentials reach thousands of mV.
  eif: { dt: 0.1, states: { v: [-90, -35] }, current: [-200, 2000], terms: 3600 },
  adex: { dt: 0.1, terms: 3600, states: { v: [-90, -35], w: [-100, 300] }, current: [-200, 2000] },
  izhikevich: { dt: 0.1, states: { v: [-85, 25], u: [-20, 20] }, current: [-5, 30] },
  fitzhughNagumo: { dt: 0.1, states: { v: [-2.2, 2.2], w: [-1, 2] }, current: [-0.5, 1.5] },
  morrisLecar: { dt: 0.2, states: { v: [-70, 50], w: [0, 1] }, current: [-50, 200] },
  hodgkinHuxley: { dt: 0.02, states: { v: [-90, 40], m: [0, 0.6], h: [0, 0.6], n: [0, 1] }, current: [-5, 40] },
  traubMiles: { dt: 0.02, states: { v: [-90, 40], m: [0, 0.6], h: [0, 0.6], n: [0, 1] }, current: [-50, 400] },
};

interface Case {
  readonly record: ModelRecord;
  readonly own: ModelRecord;
  readonly method: Method;
  readonly perNeuron: boolean;
}

const cases = records.flatMap((record) => {
  const own = readModelDefinition({ ...withUnits(record), name: `${record.id}Text` });
  const methods = STEP_METHODS.filter((method) => record.methods.includes(method) && own.methods.includes(method));
  return methods.flatMap((method) => [false, true].map((perNeuron): Case => ({ record, own, method, perNeuron })));
});

describe("a step of a built-in model as text", () => {
  it.each(
    cases.map(
      (one) => [`${one.record.id} ${one.method}${one.perNeuron ? ", parameters per neuron" : ""}`, one] as const,
    ),
  )("%s", async (_, { record, own, method, perNeuron }) => {
      const { dt, current, states, terms } = RANGES[record.id] as (typeof RANGES)[string];
      const next = random(record.id.length + method.length);
    const column = ([low, high]: readonly [number, number]): number[] =>
      Array.from({ length: SIZE }, () => low + (high - low) * next());
      const params = Object.fromEntries(
        Object.entries(record.params).map(([name, { default: value }]) => {
          const near = column([0.95, 1.05]).map((x) => x * value);
          return [name, perNeuron && name !== "t_ref" ? near : (near[0] as number)];
        }),
      );
      const init = Object.fromEntries(Object.entries(states).map(([name, range]) => [name, column(range)]));
      const drive = [background.constant(column(current))];
      const receptors = { syn: receptor.exponential({ tau: 3 }) };
      const i_syn = column([0, current[1] / 10]);
      const simulation = await Simulation.create({ dt });
      const core = uncompiled(record);
      const shown = [core, own, ...(record.compiled?.methods.includes(method) ? [record] : [])];
      const [built, ...texts] = shown.map((model, i) =>
        simulation.population(`${model.id}${i}`, model, SIZE, {
          method,
          ...(record.rates || (model === own && usesTables(own)) ? { rates: "exact" as never } : {}),
          params,
          init: { ...init, i_syn } as never,
          receptors,
          background: drive,
        }),
      );
      const spikes = [built, ...texts].map((p) => simulation.record(p as never, "spikes"));
      simulation.runSync(dt);
      for (const [name, text] of Object.keys(states).flatMap((state) => texts.map((one) => [state, one] as const))) {
        const [a, b] = [built?.state(name) ?? [], text.state(name)];
        // Of a spike one has the reset, the other may miss the threshold by a rounding; then the lists below differ.
        // Of what goes into a value, its own size and that of the largest term.
        const size = Math.max(1, ...(states[name] as number[]).map(Math.abs), name === "v" ? (terms ?? 0) : 0);
      const worst =
        Math.max(...Array.from(a, (x, i) => Math.abs(x - (b[i] ?? NaN)) / Math.max(size, Math.abs(x)))) /
        Number.EPSILON;
        expect(worst, name).toBeLessThanOrEqual(4);
      }
      simulation.runSync(20 * dt);
      for (const other of spikes.slice(1)) {
        expect(other.neurons).toEqual(spikes[0]?.neurons);
        expect(other.times).toEqual(spikes[0]?.times);
      }
      expect(spikes[0]?.neurons.length).toBeGreaterThan(0);
    },
  );
});

describe("halfStep of izhikevich, compiled", () => {
  // At steps of 1 ms another rounding moves whole spikes.
  const kinds: Readonly<Record<string, ReceptorInput>> = {
    current: receptor.exponential({ tau: 3 }),
    conductance: receptor.exponential({ tau: 3, E_rev: 0 }),
    alpha: receptor.alpha({ tau: 2 }),
    step: receptor.step({ duration: 1 }),
    delta: receptor.delta(),
  };
  it.each(
    Object.entries(kinds).flatMap(([kind, syn]) =>
      [false, true].flatMap((perNeuron) =>
        [0, 3].map(
          (t_ref) =>
            [
              `${kind}, ${perNeuron ? "parameters per neuron" : "common parameters"}, t_ref ${t_ref}`,
              syn,
              perNeuron,
              t_ref,
            ] as const,
        ),
      ),
    ),
  )("gives the bits of the core's kernel: %s", async (_, syn, perNeuron, t_ref) => {
    const runs = await Promise.all(
      [izhikevich, uncompiled(izhikevich) as typeof izhikevich].map(async (model) => {
        const simulation = await Simulation.create({ dt: 1, seed: 3, threads: 1 });
        const r = (i: number) => (i * 0.618033988749895) % 1;
        const cells = simulation.population("cells", model, 70, {
          method: "halfStep",
          params: {
            t_ref,
            ...(perNeuron && {
              a: (i) => 0.02 + 0.08 * r(i),
              b: (i) => 0.25 - 0.05 * r(i),
              c: (i) => -65 + 15 * r(i) ** 2,
              d: (i) => 8 - 6 * r(i),
              k_2: (i) => 0.04 + 0.001 * r(i),
            }),
          },
          init: { v: -65, u: -13 },
          receptors: { syn },
          background: [background.whiteNoise({ sigma: 5, mean: 2 })],
        });
        simulation.connect(cells, cells, { rule: "allToAll", weight: { uniform: [0, 0.02] } });
        const [spikes, u] = [simulation.record(cells, "spikes"), simulation.record(cells, "u")];
        simulation.runSync(400);
        return { neurons: spikes.neurons, times: spikes.times, v: cells.state("v"), u: u.view().slice() };
      }),
    );
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]?.neurons.length).toBeGreaterThan(100);
  });
});
