/** Inputs of neurons against the same in JavaScript: spikes that arrive after delays, and background currents. */
import { beforeAll, describe, expect, it } from "vitest";
import { background, type ModelRecord, models, type Population, receptor, Simulation } from "../../src/index.js";
import { parameters } from "../contract/dynamics.js";
import { forcedSource } from "../reference/harness.js";
import { random } from "../reference/random.js";
import { type Arrivals, type ReceptorState, type Stages, Stepper } from "../reference/stepper.js";
import { stepped } from "../methods.js";

interface Synapse {
  readonly receptor: "jump" | "curr" | "cond";
  readonly weight: number;
  readonly delay: number;
}

describe("arriving spikes", () => {
  const dt = 0.1;
  const total = 400;
  const next = random(7);
  const sourceSteps = Array.from({ length: total }, (_, k) => k).filter((k) => k < 3 || next() < 0.06);
  const delays = [1, 2, 3, 17, 90, 250];
  const tau = { curr: 0.8, cond: 2.5 };
  /** Current in a step of the targets, sizes of the weights, E_rev: near threshold, so that jumps make spikes. */
  const cases: readonly {
    model: ModelRecord;
    current: number;
    jump: number;
    curr: number;
    cond: number;
    E_rev: number;
    t_ref?: number;
  }[] = [
    { model: models.lif, current: 330, jump: 3, curr: 300, cond: 5, E_rev: 0, t_ref: 1.3 },
    { model: models.adaptiveLif, current: 340, jump: 3, curr: 300, cond: 5, E_rev: 0, t_ref: 0.7 },
    { model: models.qif, current: 40, jump: 3, curr: 50, cond: 1, E_rev: 0, t_ref: 1 },
    { model: models.eif, current: 500, jump: 3, curr: 300, cond: 5, E_rev: 0, t_ref: 0.5 },
    { model: models.adex, current: 560, jump: 3, curr: 300, cond: 5, E_rev: 0, t_ref: 2 },
    { model: models.izhikevich, current: 4, jump: 5, curr: 5, cond: 0.1, E_rev: 0, t_ref: 0.6 },
    { model: models.fitzhughNagumo, current: 0.3, jump: 0.6, curr: 0.4, cond: 0.1, E_rev: 2 },
    { model: models.morrisLecar, current: 80, jump: 8, curr: 100, cond: 2, E_rev: 0 },
  ];
  const rows = cases.flatMap((row) =>
    stepped<ModelRecord>(row.model).flatMap((method) =>
      (method === "exact" ? [false] : [false, true]).map((conducts) => ({ ...row, method, conducts })),
    ),
  );
  const label = (row: (typeof rows)[number]): string =>
    `${row.model.id} ${row.method}${row.conducts ? " conductance" : ""}`;
  const outcome = new Map<
    string,
    { v: number; receptors: number; spikes: number[]; wanted: number[]; discarded: number; sameStep: number }
  >();

  beforeAll(async () => {
    const simulation = await Simulation.create({ dt });
    const source = forcedSource(simulation, sourceSteps, total);
    const sourceSpikes = simulation.record(source, "spikes");
    const built = rows.map((row) => {
      const kinds: Synapse["receptor"][] = row.conducts ? ["jump", "curr", "cond"] : ["jump", "curr"];
      const synapses = kinds.flatMap((kind) =>
        delays.map((delay): Synapse => ({
          receptor: kind,
          weight: row[kind] * (kind === "cond" ? next() : 1.5 * next() - 0.5),
          delay,
        })),
      );
      const receptors = {
        jump: receptor.delta(),
        curr: receptor.exponential({ tau: tau.curr }),
        ...(row.conducts ? { cond: receptor.exponential({ tau: tau.cond, E_rev: row.E_rev }) } : {}),
      };
      const params = row.t_ref === undefined ? {} : { t_ref: row.t_ref };
      const population = simulation.population(label(row), row.model as ModelRecord, 3, {
        method: row.method,
        params,
        receptors,
        background: [background.constant(row.current)],
      }) as unknown as Population;
      for (const kind of kinds) {
        const own = synapses.filter((s) => s.receptor === kind);
        simulation.connect(source, population, {
          rule: "list",
          receptor: kind,
          multapses: true,
          pairs: own.map(() => [0, 1] as const),
          weight: own.map((s) => s.weight),
          delay: own.map((s) => s.delay * dt),
          weightPrecision: "float64",
        });
      }
      const v = simulation.record(population, "v", { neurons: [1] });
      const others = kinds
        .slice(1)
        .map((kind) => simulation.record(population, kind === "curr" ? "i_curr" : "g_cond", { neurons: [1] }));
      const spikes = simulation.record(population, "spikes", { neurons: [1] });
      return { row, synapses, population, v, others, spikes };
    });
    simulation.build();
    const starts = built.map(({ population, row }) =>
      Object.fromEntries(Object.keys(row.model.states).map((name) => [name, population.state(name)[1] ?? NaN])),
    );
    simulation.runSync(total * dt);
    expect(Array.from(sourceSpikes.times, (t) => Math.round(t / dt) - 1)).toEqual(sourceSteps);

    for (const [n, { row, synapses, v, others, spikes }] of built.entries()) {
      const params = parameters(row.model, undefined, row.t_ref === undefined ? {} : { t_ref: row.t_ref });
      const trace = v.values(0);
      const receptors: Record<string, ReceptorState> = { curr: { tau: tau.curr, value: 0 } };
      if (row.conducts) receptors.cond = { tau: tau.cond, E_rev: row.E_rev, value: 0 };
      const stepper = new Stepper(row.model, row.method, dt, params, starts[n] ?? {}, receptors);
      const wanted: number[] = [];
      let worstV = 0;
      let worstReceptor = 0;
      let discarded = 0;
      let sameStep = 0;
      for (let k = 0; k < total; k++) {
        const arriving = synapses.filter((s) => sourceSteps.includes(k - s.delay));
        const sum = (kind: Synapse["receptor"]): number =>
          arriving.filter((s) => s.receptor === kind).reduce((x, s) => x + s.weight, 0);
        const arrivals: Arrivals = { jump: sum("jump"), receptors: { curr: sum("curr"), cond: sum("cond") } };
        const before = stepper.v;
        const spiked = stepper.step([row.current, row.current, row.current], arrivals);
        if (spiked) wanted.push(k + 1);
        if (spiked && arrivals.jump !== 0) sameStep++;
        if (arrivals.jump !== 0 && stepper.v === before && before === params.V_reset) discarded++;
        worstV = Math.max(worstV, Math.abs((trace[k + 1] ?? NaN) - stepper.v));
        for (const [j, name] of Object.keys(receptors).entries()) {
          const difference = Math.abs((others[j]?.values(0)[k + 1] ?? NaN) - (receptors[name]?.value ?? NaN));
          worstReceptor = Math.max(worstReceptor, difference / (row[name as "curr" | "cond"] || 1));
        }
      }
      outcome.set(label(row), {
        v: worstV,
        receptors: worstReceptor,
        spikes: Array.from(spikes.times, (t) => Math.round(t / dt)),
        wanted,
        discarded,
        sameStep,
      });
    }
  });

  it.each(rows.map((row) => [label(row)] as const))("%s", (name) => {
    const { v, receptors, spikes, wanted } = outcome.get(name) ?? expect.fail(name);
    expect(spikes).toEqual(wanted);
    expect(spikes.length).toBeGreaterThan(0);
    expect(v).toBeLessThan(1e-8);
    expect(receptors).toBeLessThan(1e-13);
  });

  it("the cases hold jumps that make a spike in their own step, and jumps that fall into a refractory period", () => {
    const all = [...outcome.values()];
    expect(all.reduce((sum, x) => sum + x.sameStep, 0)).toBeGreaterThan(20);
    expect(all.reduce((sum, x) => sum + x.discarded, 0)).toBeGreaterThan(20);
  });
});

describe("background currents", () => {
  const dt = 0.1;
  const total = 300;
  type Shape = (t: number) => Stages;
  const stages =
    (f: (t: number, middle: number) => number): Shape =>
    (t) => {
      const middle = t + dt / 2;
      return [f(t, middle), f(middle, middle), f(t + dt, middle)];
    };
  const values = [3, 100, -50, 400, 250, 0, 120];
  const points = [
    [2, 300],
    [5.03, 100, 20],
    [9.96, -50, -5],
    [20, 500],
  ] as const;
  const kinds: Readonly<
    Record<string, { readonly entry: Parameters<Population["setBackground"]>[0][number]; readonly shape: Shape }>
  > = {
    constant: { entry: background.constant(321.5), shape: stages(() => 321.5) },
    piecewise: {
      entry: background.piecewise(points),
      // The row that a step belongs to is the one in force in its middle.
      shape: stages((t, middle) => {
        const [start, A, slope] = points.filter(([begin]) => begin <= middle).pop() ?? [0, 0];
        return A + (slope ?? 0) * (t - start);
      }),
    },
    pulses: {
      entry: background.pulses({ amplitude: 400, start: 1.23, width: 2.5, period: 6.1, count: 4 }),
      shape: stages((_, middle) => {
        const n = Math.floor((middle - 1.23) / 6.1);
        return n >= 0 && n < 4 && middle - 1.23 - n * 6.1 < 2.5 ? 400 : 0;
      }),
    },
    pulse: {
      entry: background.pulses({ amplitude: 400, start: 3, width: 5 }),
      shape: stages((_, middle) => (middle > 3 && middle < 8 ? 400 : 0)),
    },
    ramp: {
      entry: background.ramp({ start: 4.04, end: 17, from: -100, to: 500 }),
      shape: stages((t) => -100 + 600 * Math.min(1, Math.max(0, (t - 4.04) / 12.96))),
    },
    sine: {
      entry: background.sine({ amplitude: 300, frequency: 85, phase: 1, offset: 200 }),
      shape: stages((t) => 200 + 300 * Math.sin(2 * Math.PI * 0.085 * t + 1)),
    },
    samples: {
      entry: background.samples({ dt: 3.33, values }),
      // 16.65 ms is the middle of a step: halves go up, so the value acts from the next one on.
      shape: stages((_, middle) => values[Math.min(values.length - 1, Math.floor((middle - 1e-9) / 3.33))] ?? NaN),
    },
  };
  const names = Object.keys(kinds);

  it.each(stepped(models.lif))("lif %s sees each kind at the times of its stages", async (method) => {
    const simulation = await Simulation.create({ dt });
    const built = names.map((name) => {
      const entry = kinds[name]?.entry ?? expect.fail(name);
      const cell = simulation.population(name, models.lif, 1, { method, background: [entry] });
      return {
        v: simulation.record(cell, "v"),
        I: simulation.record(cell, "I_background"),
        spikes: simulation.record(cell, "spikes"),
      };
    });
    simulation.runSync(total * dt);
    for (const [j, name] of names.entries()) {
      const { v, I, spikes } = built[j] ?? expect.fail(name);
      const shape = kinds[name]?.shape ?? expect.fail(name);
      const stepper = new Stepper(models.lif, method, dt, parameters(models.lif), { v: -70 });
      const wanted: number[] = [];
      const potential = v.values(0);
      const current = I.values(0);
      for (let k = 0; k < total; k++) {
        const now = shape(k * dt);
        expect(Math.abs((current[k] ?? NaN) - now[0]), `${name} at ${k * dt} ms`).toBeLessThan(1e-11);
        if (stepper.step(now)) wanted.push(k + 1);
        expect(Math.abs((potential[k + 1] ?? NaN) - stepper.v), `${name}: v at ${(k + 1) * dt} ms`).toBeLessThan(1e-11);
      }
      expect(
        Array.from(spikes.times, (t) => Math.round(t / dt)),
        name,
      ).toEqual(wanted);
    }
  });

  it("currents of a population add up, one number for all or one for each", async () => {
    const simulation = await Simulation.create({ dt });
    const each = [10, 20, 30];
    const cells = simulation.population("cells", models.lif, 3, {
      background: [
        background.constant(each),
        background.constant(5),
        background.sine({ amplitude: each, frequency: 50 }),
        background.ramp({ end: 10, from: [1, 2, 3], to: 4 }),
        background.pulses({ amplitude: [7, 8, 9], start: 2, width: 3 }),
      ],
    });
    const I = simulation.record(cells, "I_background");
    simulation.runSync(20);
    for (const [i, a] of each.entries()) {
      for (const [k, x] of I.values(i).entries()) {
        const t = k * dt;
        const pulse = t > 1.95 && t < 4.95 ? 7 + i : 0;
        const ramp = i + 1 + (3 - i) * Math.min(1, t / 10);
        expect(x).toBeCloseTo(a + 5 + a * Math.sin(2 * Math.PI * 0.05 * t) + ramp + pulse, 10);
      }
    }
  });

  it.each(["whiteNoise", "ornsteinUhlenbeck"] as const)(
    "%s: the trace is what acts in the step that follows",
    async (kind) => {
      const simulation = await Simulation.create({ dt });
      const entry =
        kind === "whiteNoise"
          ? background.whiteNoise({ sigma: 40, mean: 10 })
          : background.ornsteinUhlenbeck({ sigma: 40, mean: 10, tau: 5 });
      const cells = simulation.population("cells", models.lif, 5, { method: "euler", background: [entry] });
      const I = simulation.record(cells, "I_background");
      const v = simulation.record(cells, "v");
      simulation.runSync(total * dt);
      for (let i = 0; i < 5; i++) {
        const current = I.values(i);
        const potential = v.values(i);
        expect(new Set(current).size).toBe(total + 1);
        for (let k = 0; k < total; k++) {
          const before = potential[k] ?? NaN;
          expect(potential[k + 1]).toBeCloseTo(before + dt * ((-70 - before) / 10 + (current[k] ?? NaN) / 250), 11);
        }
      }
    },
  );

  // More neurons than a block of the core has, and an odd number of them.
  const size = 333;
  const entries: Record<string, (x: (number: number) => unknown) => Record<string, unknown>> = {
    constant: (x) => ({ amplitude: x(600) }),
    pulses: (x) => ({ amplitude: x(900), start: 2.5, width: 2.3, period: 3 }),
    ramp: (x) => ({ from: x(100), to: x(700), start: 1, end: 12 }),
    sine: (x) => ({ amplitude: x(300), frequency: 80, offset: x(600) }),
    whiteNoise: (x) => ({ sigma: x(900), mean: x(250) }),
    ornsteinUhlenbeck: (x) => ({ sigma: x(200), mean: x(300), tau: 3 }),
    poisson: (x) => ({ rate: x(3000), weight: x(60), receptor: "r" }),
  };

  it.each(Object.entries(entries))(
    "%s: a number and as many equal ones are the same, and neurons' noise is their own",
    async (kind, fields) => {
    const run = async (x: (number: number) => unknown) => {
      const simulation = await Simulation.fromDocument({
        dt,
        duration: 20,
        seed: 3,
        populations: [
            {
              name: "cells",
              model: "lif",
              method: "exponentialEuler",
              size,
              receptors: { r: { kernel: "exponential", tau: 3 } },
              background: [{ kind, ...fields(x) }],
            },
        ],
        record: [{ population: "cells", variables: ["v"] }],
      });
      const report = await simulation.run(20);
      const [v] = simulation.recordings.traces;
      return { spikes: report.populations.cells?.spikes, v: Array.from({ length: size }, (_, i) => v?.values(i)) };
    };
    const one = await run((number) => number);
    expect(one.spikes).toBeGreaterThan(0);
    expect(await run((number) => new Float64Array(size).fill(number))).toEqual(one);
      expect(new Set(one.v.map(String)).size).toBe(
        ["poisson", "whiteNoise", "ornsteinUhlenbeck"].includes(kind) ? size : 1,
      );
  });
});
