/** Models as text in simulations. */
import { describe, expect, it } from "vitest";
import {
  adex,
  background,
  defineModel,
  DuplicateNameError,
  EquationError,
  InstabilityError,
  lif,
  type Method,
  type ModelRecord,
  models,
  parseDocument,
  receptor,
  rheobase,
  restingState,
  Simulation,
  toDocument,
  ValueRangeError,
  vectorField,
} from "../../src/index.js";
import { methodNotes, readModelDefinition } from "../../src/model/own.js";
import { STEP_METHODS } from "../../src/lang/integrate.js";
import { withUnits } from "../lang/builtin.js";
import { hindmarshRose, mihalasNiebur, wangBuzsaki } from "../lang/published.js";
import { random } from "../reference/random.js";

const izhikevich2007 = {
  name: "izhikevich2007",
  current: "pA",
  equations: "dv/dt = (k*(v - v_r)*(v - v_t) - u + I)/C : mV\ndu/dt = a*(b*(v - v_r) - u) : pA",
  params: { C: "100 pF", k: "0.7 nS/mV", v_r: "-60 mV", v_t: "-40 mV", a: "0.03 1/ms", b: "-2 nS" },
  threshold: "v >= 35*mV",
  reset: "v = -50*mV\nu += 100*pA",
  refractory: "2 ms",
  init: { v: "v_r", u: "0 pA" },
} as const;

const document = () => ({
  name: "own",
  dt: 0.05,
  duration: 300,
  seed: 1,
  models: [structuredClone(izhikevich2007)],
  populations: [
    {
      name: "p",
      model: "izhikevich2007",
      size: 100,
      method: "rk4",
      params: { b: { normal: [-2, 0.1] } },
      background: [{ kind: "constant", amplitude: 110 }],
    },
  ],
});

/** A built-in model as text, under another name. */
function asText(record: ModelRecord): ModelRecord {
  return readModelDefinition({ ...withUnits(record), name: `${record.id}Text` });
}

const records = (Object.values(models) as readonly ModelRecord[]).filter(({ family }) => family !== "source");

describe("a built-in model as text", () => {
  it.each(records.map((record) => [record.id, record] as const))(
    "%s spikes as the built-in one does for 1 s",
    async (_, record) => {
    const text = asText(record);
    const dt = record.family === "membrane" && record.current !== "" && !record.id.startsWith("morris") ? 0.02 : 0.1;
    const method = STEP_METHODS.find((m) => record.methods.includes(m) && text.methods.includes(m)) as Method;
    const simulation = await Simulation.create({ dt });
    const next = random(record.id.length);
    const strength = (record.example?.current ?? 1) * 1.2;
    const amplitude = Array.from({ length: 20 }, () => strength * (0.8 + next()));
    const start = await restingState(record);
    const made = [record, text].map((model) =>
      simulation.population(model.id, model, 20, {
        method,
        ...(record.rates ? (model === record ? { rates: "exact" as never } : {}) : {}),
        init: start,
        background: [background.constant(amplitude)],
      }),
    );
    const [built, own] = made.map((p) => simulation.record(p, "spikes"));
    simulation.runSync(1000);
    expect(own?.neurons.length).toBeGreaterThan(20);
    expect(own?.neurons).toEqual(built?.neurons);
    expect(own?.times).toEqual(built?.times);
  });
});

describe("a model as text", () => {
  it("runs from a document, and is written back into one", async () => {
    const simulation = await Simulation.fromDocument(document());
    const report = await simulation.run(document().duration);
    expect(Object.values(report.populations)[0]?.rate).toBeGreaterThan(5);
    const spec = parseDocument(document());
    const again = toDocument(spec);
    expect(again.models).toEqual([izhikevich2007]);
    expect(toDocument(parseDocument(again))).toEqual(again);
  });

  it("takes one number only for a parameter that a shared equation depends on, at any time", async () => {
    const model = defineModel({
      name: "driven",
      equations: ["dv/dt = (A - v)/ms : 1", "A = B + b : 1 (shared)", "B = a*sin(2*pi*t/(5*ms)) : 1 (shared)"],
      params: { a: 1, b: 0 },
      init: { v: 0 },
    });
    const simulation = await Simulation.create({ dt: 0.1 });
    const message = "p.params.a: a number per neuron; it must be one for all, since A of driven is (shared) and depends on it.";
    simulation.population("p", model, 3, { params: { a: [1, 2, 3] } });
    await expect(simulation.run(1)).rejects.toThrow(message);
    const again = await Simulation.create({ dt: 0.1 });
    const cells = again.population("p", model, 3, { params: { a: 2 } });
    await again.run(1);
    expect(() => cells.set({ a: [1, 2, 3] })).toThrow(message);
    await again.run(1);
    expect(cells.parameters.a).toBe(2);
  });

  it("spikes and is refractory as the equations say", async () => {
    const model = defineModel(izhikevich2007);
    const dt = 0.1;
    const simulation = await Simulation.create({ dt });
    const cell = simulation.population("p", model, 1, { method: "euler", background: [background.constant(110)] });
    const trace = simulation.record(cell, "v");
    const spikes = simulation.record(cell, "spikes");
    simulation.runSync(300);
    let [v, u, until] = [-60, 0, -1];
    const times: number[] = [];
    for (let step = 0; step < 3000; step++) {
      const dv = (0.7 * (v + 60) * (v + 40) - u + 110) / 100;
      const du = 0.03 * (-2 * (v + 60) - u);
      if (until < step) v += dt * dv;
      u += dt * du;
      if (v >= 35) {
        times.push(step + 1);
        [v, u, until] = [-50, u + 100, step + 20];
      }
      expect(Math.abs((trace.values(0)[step + 1] ?? NaN) - v)).toBeLessThan(1e-6);
    }
    expect([...spikes.times].map((t) => Math.round(t / dt))).toEqual(times);
    expect(times.length).toBeGreaterThan(2);
  });

  const network = async (threads: number): Promise<Simulation> => {
    const simulation = await Simulation.create({ dt: 0.1, seed: 7, threads });
    const model = defineModel({
      ...izhikevich2007,
      name: "noisy",
      equations: "dv/dt = (k*(v - v_r)*(v - v_t) - u + I)/C + s*xi : mV\ndu/dt = a*(b*(v - v_r) - u) : pA",
      params: { ...izhikevich2007.params, s: "1 mV/sqrt(ms)" },
      init: { v: "v_r + 5*mV*randn()", u: "0.1*pA*i" },
    });
    const cells = simulation.population("cells", model, 300, {
      params: { k: { uniform: [0.6, 0.8] } },
      receptors: {
        exc: receptor.exponential({ tau: 5, E_rev: 0 }),
        jump: receptor.delta(),
        slow: receptor.alpha({ tau: 8 }),
      },
      background: [
        background.whiteNoise({ sigma: 200, mean: 60 }),
        background.poisson({ rate: 100, weight: 2, receptor: "exc" }),
      ],
    });
    for (const [name, weight] of [["exc", 0.5], ["jump", 0.3], ["slow", 4]] as const) {
      simulation.connect(cells, cells, { rule: "fixedIndegree", k: 5, receptor: name, weight, delay: 1 });
    }
    simulation.record(cells, "spikes");
    return simulation;
  };
  const told = (simulation: Simulation) => {
    const cells = simulation.populations.get("cells");
    return { v: cells?.state("v"), u: cells?.state("u"), spikes: cells?.recordings[0]?.times };
  };

  it("gives the same bits for any threads, chunks, and from a snapshot", async () => {
    const whole = await network(1);
    await whole.run(60);
    const expected = told(whole);
    expect(expected.spikes?.length).toBeGreaterThan(50);
    const two = await network(2);
    await two.run(20);
    await two.run(40);
    expect(told(two)).toEqual(expected);
    two.close();
    const begun = await network(1);
    begun.runSync(25);
    const restored = await Simulation.restore(begun.snapshot());
    restored.runSync(35);
    expect(told(restored)).toEqual(expected);
  });

  it("takes other parameters and states between runs", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const cells = simulation.population("p", defineModel(izhikevich2007), 3, { method: "euler" });
    simulation.runSync(1);
    cells.set({ b: [-2, -1, 0], C: 50 });
    cells.setState("u", [1, 2, 3]);
    cells.setState("v", -60);
    simulation.runSync(0.1);
    expect(cells.state("u")).toEqual(Float64Array.of(1, 2, 3).map((u) => u + 0.1 * (0.03 * (0 - u))));
    expect([...cells.state("v")].map((v) => v + 60)).toEqual([1, 2, 3].map((u) => expect.closeTo((0.1 * -u) / 50, 12)));
  });

  it("starts where its expressions say, the same in a population of any number of threads", async () => {
    const model = defineModel({
      name: "start",
      equations: "dv/dt = -v/tau : 1\nw : 1\nz : 1",
      params: { tau: "10 ms", x: 3 },
      init: { v: "x*i/N", w: "2*v", z: "rand()" },
    });
    const simulation = await Simulation.create({ dt: 0.1 });
    const cells = simulation.population("p", model, 4);
    simulation.runSync(0);
    expect([...cells.state("v")]).toEqual([0, 0.75, 1.5, 2.25]);
    expect([...cells.state("w")]).toEqual([0, 1.5, 3, 4.5]);
    expect(new Set(cells.state("z")).size).toBe(4);
  });

  it("has a detector that any state may arm", async () => {
    const model = defineModel({ ...wangBuzsaki, name: "fast" });
    expect(model.methods[0]).toBe("exponentialEuler");
    const simulation = await Simulation.create({ dt: 0.01 });
    const cells = simulation.population("p", model, 2, {
      method: "rk4",
      init: { v: [-64, 20] },
      background: [background.constant(1)],
    });
    const spikes = simulation.record(cells, "spikes");
    simulation.runSync(100);
    const first = [spikes.of(0), spikes.of(1)];
    expect(first[0]?.length).toBeGreaterThan(3);
    // The second one starts above the threshold: that is no crossing.
    expect(first[1]?.[0]).toBeGreaterThan(5);
  });

  it.each([
    [mihalasNiebur, "exact"],
    [hindmarshRose, "rk4"],
    [izhikevich2007, "rk4"],
  ] as const)("%o has a method of its own", (definition, method) => {
    expect(defineModel({ ...definition, name: "x" }).methods[0]).toBe(method);
  });

  it("has euler where v rises exponentially and nothing clips it, with which it spikes as the built-in AdEx", async () => {
    const g = {
      g_L: "30 nS",
      E_L: "-70.6 mV",
      D: "2 mV",
      V_T: "-50.4 mV",
      C: "281 pF",
      a: "4 nS",
      tau_w: "144 ms",
    } as const;
    const text = (v: string): ModelRecord =>
      defineModel({
        name: "exponential",
        current: "pA",
        equations: [`dv/dt = (-g_L*(${v} - E_L) + g_L*D*exp((${v} - V_T)/D) - w + I)/C : mV`, `dw/dt = (a*(${v} - E_L) - w)/tau_w : pA`],
        params: g,
        threshold: "v >= 0*mV",
        reset: ["v = -70.6*mV", "w += 80.5*pA"],
        init: { v: "-70.6*mV" },
      });
    expect(text("v").methods[0]).toBe("euler");
    expect(text("min(v, 0*mV)").methods[0]).toBe("rk4");
    const simulation = await Simulation.create({ dt: 0.05 });
    const drive = { background: [background.constant(1000)] };
    const shared = {
      g_L: 30,
      E_L: -70.6,
      Delta_T: 2,
      V_T: -50.4,
      C_m: 281,
      a: 4,
      tau_w: 144,
      b: 80.5,
      V_reset: -70.6,
      V_peak: 0,
      t_ref: 0,
    };
    const built = simulation.population("built", adex, 1, {
      method: "euler",
      params: shared,
      init: { v: -70.6, w: 0 },
      ...drive,
    });
    const own = simulation.population("own", text("v"), 1, drive);
    const [a, b] = [simulation.record(built, "spikes"), simulation.record(own, "spikes")];
    simulation.runSync(500);
    expect(b.times.length).toBeGreaterThan(12);
    expect(b.times).toEqual(a.times);
  });

  it("is looked at once, however often it runs", () => {
    const model = defineModel({ ...wangBuzsaki, name: "often" });
    expect(methodNotes(model, "rk4")).toBe(methodNotes(model, "rk4"));
  });

  it("says why a method is not for it", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const model: ModelRecord = defineModel(izhikevich2007);
    expect(() => simulation.population("p", model, 1, { method: "exact" })).toThrow(ValueRangeError);
    expect(() => simulation.population("p", model, 1, { method: "exact" })).toThrow(/not linear in v, u, I.*izhikevich2007 offers: rk4, euler/s);
  });

  it("answers for its rheobase and its vector field", async () => {
    const own = asText(lif);
    expect(await rheobase(own)).toBeCloseTo(375, 3);
    const field = await vectorField(defineModel(izhikevich2007), { v: [-60, -50], w: [0, 10], points: 2 });
    expect(field.dv[0]).toBeCloseTo(0, 8);
    expect(field.dw[3]).toBeCloseTo(0.03 * (-2 * 10 - 10), 8);
  });

  it("is stopped when it runs away, by name", async () => {
    const model = defineModel({
      name: "growing",
      equations: "dv/dt = v*v/ms : 1",
      init: { v: 1 },
      threshold: "v > 1e300",
    });
    const simulation = await Simulation.create({ dt: 0.1 });
    simulation.population("p", model, 1, { method: "euler" });
    expect(() => simulation.runSync(100)).toThrow(InstabilityError);
  });

  it("names what may have had no value when it finds NaN, and says nothing of its input then", async () => {
    const equations = "dv/dt = (E - v)/tau + 1e-9*mV/ms*log(v/mV) + I/C + (v/mV)**0.5*x**2/s*mV : mV\nx = tau/(t + 1*ms) : 1";
    const params = { E: "-60 mV", tau: "10 ms", C: "100 pF" };
    const model = defineModel({
      name: "m",
      current: "pA",
      equations,
      params,
      init: { v: "-60 mV" },
      threshold: "v > 0*mV",
    });
    const simulation = await Simulation.create({ dt: 0.1 });
    simulation.population("p", model, 1, { method: "rk4", background: [background.constant(10)] });
    const error = (await simulation.run(1).catch((reason: unknown) => reason)) as InstabilityError;
    expect(error).toBeInstanceOf(InstabilityError);
    expect(error.message).toMatch(
      /use a smaller dt.* Or an expression had no value: log\(v\/mV\), \(v\/mV\)\*\*0\.5, tau\/\(t \+ 1\*ms\) where an argument/,
    );
    expect(error.report?.findings.map(({ code }) => code)).not.toContain("silent");
  });

  it("keeps units that are words by their symbols, which values may have", async () => {
    const equations = "dv/dt = (E - v)/tau + I/C : volt\ng : siemens/meter**2 (constant)";
    const params = { E: "-60 mvolt", tau: "10 msecond", C: "100 pfarad" };
    const model = defineModel({
      name: "m",
      current: "namp",
      equations,
      params,
      init: { v: "-60 mvolt" },
      threshold: "v > 0*mV",
    });
    expect([model.current, model.conductance]).toEqual(["nA", "uS"]);
    const units = [...Object.values(model.states), ...Object.values(model.params)].map(({ unit }) => unit);
    expect(units).toEqual(["V", "S/m2", "mV", "ms", "pF"]);
    const simulation = await Simulation.create({ dt: 0.1 });
    const p = simulation.population("p", model, 1, {
      params: { C: "0.2 nF" },
      init: { v: "-50 mV" },
      receptors: { e: receptor.exponential({ tau: 5, E_rev: "10 mV" as unknown as number }) },
      background: [background.constant("200 pA")],
    });
    expect(p.description).toMatchObject({ params: { C: 200 }, init: { v: -0.05 }, receptors: { e: { E_rev: 0.01 } } });
  });

  it("tells a state and an intermediate equation among parameters from others", async () => {
    const equations = "dv/dt = (I_ext + I)/C + x*mV/ms : mV\nI_ext : amp (constant)\nx = v/mV : 1";
    const model = defineModel({ name: "m", current: "pA", equations, params: { C: "100 pF" }, init: { v: "-60 mV" } });
    const simulation = await Simulation.create({ dt: 0.1 });
    const given = (params: object) => () => simulation.population("p", model, 1, { params: params as { C: number } });
    expect(given({ I_ext: 1 })).toThrow('"I_ext" is a state of m, not a parameter; its start is set by "init": { "I_ext": ... }.');
    expect(given({ x: 1 })).toThrow('"x" is an intermediate equation of m, not a parameter; to set it, make it one in the "params"');
  });
});

describe("a document with wrong models", () => {
  it("tells the place of a mistake", () => {
    const wrong = document();
    const text = { ...wrong, models: [{ ...izhikevich2007, equations: "dv/dt = (v_r - v)/C : mV" }] };
    const found = (): unknown => {
      try {
        return parseDocument(text);
      } catch (error) {
        return error;
      }
    };
    const error = found();
    expect(error).toBeInstanceOf(EquationError);
    expect((error as EquationError).path).toBe("$.models[0]");
    expect((error as EquationError).diagnostics[0]).toMatchObject({ line: 1, source: "equations" });
  });

  it("refuses names that are taken", () => {
    const twice = { ...document(), models: [izhikevich2007, izhikevich2007] };
    expect(() => parseDocument(twice)).toThrow(DuplicateNameError);
    expect(() => parseDocument({ ...document(), models: [{ ...izhikevich2007, name: "lif" }] })).toThrow(
      /models\[0\].name = "lif"/,
    );
  });
});
