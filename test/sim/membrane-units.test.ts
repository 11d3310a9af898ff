/** Conductances of own models whose v is kept in another unit than mV: the same network, whatever the unit. */
import { describe, expect, it } from "vitest";
import {
  background,
  defineModel,
  type Method,
  type ModelDefinition,
  type ModelRecord,
  type Population,
  receptor,
  type ReceptorInput,
  Simulation,
  type SimulationOptions,
  ValueRangeError,
} from "../../src/index.js";

/** Units of v, and how many of them make a mV. */
const UNITS = { mV: 1, V: 1e-3, volt: 1e-3, uV: 1e3, mvolt: 1 } as const;
type UnitText = keyof typeof UNITS;

/** A leaky membrane; with `adapts` it has a second equation, with `bends` it is not linear. */
function cell(unit: UnitText, { bends = false, adapts = false } = {}): ModelRecord {
  return defineModel({
    name: `cell_${unit}${bends ? "_bent" : ""}${adapts ? "_adapting" : ""}`,
    equations: [
      `dv/dt = (E_L - v)/tau + ${bends ? "(2*mV/ms)*exp((v + 50*mV)/(2*mV))/20 + " : ""}(I${adapts ? " - w" : ""})/C : ${unit}`,
      ...(adapts ? ["dw/dt = (2*nS*(v - E_L) - w)/(50*ms) : pA"] : []),
    ],
    current: "pA",
    params: { E_L: "-70 mV", tau: "20 ms", C: "200 pF" },
    threshold: `v > ${bends ? "-40" : "-50"}*mV`,
    reset: "v = -65*mV",
    refractory: "2 ms",
    init: { v: "-70 mV" },
  });
}

interface Outcome {
  readonly spikes: { readonly times: readonly number[]; readonly neurons: readonly number[] };
  /** mV */
  readonly v: Float64Array;
  readonly g: Float64Array | undefined;
}

interface Setting {
  readonly kernel?: ReceptorInput;
  readonly kernels?: Readonly<Record<string, ReceptorInput>>;
  readonly weight?: string;
  readonly method?: Method;
  readonly model?: (unit: UnitText) => ModelRecord;
  readonly gap?: string | readonly string[];
  readonly change?: boolean;
  readonly options?: Partial<SimulationOptions>;
}

async function outcome(
  unit: UnitText,
  { kernel, kernels, weight = "1 nS", method, model = cell, gap, change, options }: Setting,
): Promise<Outcome> {
  const simulation = await Simulation.create({ dt: 0.1, seed: 4, ...options });
  const receptors: Record<string, ReceptorInput> = kernels ?? (kernel ? { e: kernel } : {});
  const n = 5;
  const neurons = simulation.population("p", model(unit), n, {
    ...(method === undefined ? {} : { method }),
    receptors,
    background: [
      background.constant(gap === undefined ? "50 pA" : [150, 420, 450, 300, 100]),
      ...Object.keys(receptors).map((name) => background.poisson({ rate: 1000, weight, receptor: name })),
    ],
    ...(kernel && "E_rev" in kernel ? { init: { g_e: "2 nS" } } : {}),
  });
  if (gap !== undefined) {
    simulation.connect(neurons, neurons, {
      rule: "list",
      pairs: Array.from({ length: n }, (_, i) => [i, (i + 1) % n]),
      weight: gap,
      gapJunction: true,
    });
  }
  const spikes = simulation.record(neurons, "spikes");
  const v = simulation.record(neurons, "v");
  const g = kernel && "E_rev" in kernel ? simulation.record(neurons, "g_e") : undefined;
  await simulation.run(150);
  if (change) neurons.setReceptor("e", { E_rev: "-10 mV" });
  await simulation.run(150);
  const { times, neurons: who } = spikes;
  return {
    spikes: { times: [...times], neurons: [...who] },
    v: Float64Array.from(Array.from({ length: n }, (_, i) => [...v.values(i)]).flat(), (x) => x / UNITS[unit]),
    g: g?.values(0),
  };
}

function largest(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}

async function expectSame(setting: Setting, units: readonly UnitText[] = ["V", "uV"], fewest = 5): Promise<void> {
  const wanted = await outcome("mV", setting);
  expect(wanted.spikes.times.length).toBeGreaterThan(fewest);
  for (const unit of units) {
    const found = await outcome(unit, setting);
    expect(found.spikes, unit).toEqual(wanted.spikes);
    expect(largest(found.v, wanted.v), unit).toBeLessThan(1e-9);
    if (wanted.g) expect(largest(found.g as Float64Array, wanted.g), unit).toBe(0);
  }
}

const KERNELS: Readonly<Record<string, ReceptorInput>> = {
  exponential: receptor.exponential({ tau: 5, E_rev: "1 mV" }),
  alpha: receptor.alpha({ tau: 3, E_rev: "1 mV" }),
  dualExponential: receptor.dualExponential({ tau_rise: 1, tau_decay: 6, E_rev: "1 mV" }),
  step: receptor.step({ duration: 6, E_rev: "1 mV" }),
  nmda: receptor.nmda({ tau_rise: 1, tau_decay: 30, E_rev: "1 mV" }),
};

describe("conductances where v is not in mV", () => {
  describe.each(Object.keys(KERNELS))("%s", (name) => {
    const kernel = KERNELS[name] as ReceptorInput;
    it.each(["euler", "heun", "rk4", "exponentialEuler"] as const)("%s: the same spikes and states", async (method) => {
      await expectSame({ kernel, method });
    });

    it("the default method, and the names of units as words", async () => {
      await expectSame({ kernel }, ["volt", "mvolt"]);
    });

    it("of a model that is not linear, in two threads", async () => {
      await expectSame({ kernel, model: (unit) => cell(unit, { bends: true }), options: { threads: 2 } });
    });

    it("halfStep", async () => {
      await expectSame({ kernel, method: "halfStep", model: (unit) => cell(unit, { adapts: true }) });
    });
  });

  it("excitation and inhibition together, one E_rev after the other", async () => {
    const kernels = { e: KERNELS.exponential as ReceptorInput, i: receptor.exponential({ tau: 8, E_rev: "-75 mV" }) };
    await expectSame({ kernels, weight: "1.2 nS", method: "euler" });
    await expectSame({ kernels: { ...kernels, n: KERNELS.nmda as ReceptorInput } });
    await expectSame({ kernel: KERNELS.exponential as ReceptorInput, change: true });
    await expectSame({ kernel: KERNELS.nmda as ReceptorInput, change: true });
  });

  it("what has a look at I in its threshold takes no receptors itself", async () => {
    const model = (unit: UnitText): ModelRecord =>
      defineModel({
        ...(cell(unit).definition as ModelDefinition),
        name: `seeing_${unit}`,
        threshold: "v > -50*mV and I > 0*pA",
      });
    await expectSame({ kernel: KERNELS.exponential as ReceptorInput, model });
  });

  it.each([["exact"], ["euler"], ["rk4"], ["exponentialEuler"]] as const)("%s: gap junctions", async (method) => {
    await expectSame({ gap: "6 nS", method }, ["V", "uV"], 2);
    await expectSame({ gap: ["6 nS", "7 nS", "8 nS", "9 nS", "3 nS"], method }, ["uV"], 2);
  });

  it("currents and jumps of v, which have no such factor", async () => {
    for (const method of ["exact", "euler"] as const) {
      await expectSame({ kernel: receptor.exponential({ tau: 5 }), weight: "60 pA", method });
      await expectSame({ kernel: receptor.delta(), weight: "1.3 mV", method });
    }
  });

  it("the unit of conductances is that of the current over mV", () => {
    expect((["mV", "V", "uV", "volt"] as const).map((unit) => cell(unit).conductance)).toEqual([
      "nS",
      "nS",
      "nS",
      "nS",
    ]);
    const pure = { name: "pure", equations: "dv/dt = (-v + I)/(10*ms) : 1", threshold: "v > 1", reset: "v = 0" };
    expect(defineModel(pure).conductance).toBe("");
    expect(
      defineModel({ ...pure, equations: "dv/dt = -v/(10*ms) + I/(200*pA*ms) : 1", current: "pA" }).conductance,
    ).toBe("pA");
    expect(
      defineModel({ ...pure, equations: "dv/dt = (-v + I*mV)/(10*ms) : volt", threshold: "v > 1*mV" }).conductance,
    ).toBe("1/mV");
  });

  it("a snapshot goes on with the same bits", async () => {
    const made = async (): Promise<Simulation> => {
      const simulation = await Simulation.create({ dt: 0.1, seed: 2 });
      const p = simulation.population("p", cell("V"), 3, {
        receptors: { n: receptor.nmda(), e: KERNELS.exponential as ReceptorInput },
        background: ["n", "e"].map((name) => background.poisson({ rate: 800, weight: "1 nS", receptor: name })),
      });
      simulation.connect(p, p, { rule: "list", pairs: [[0, 1], [1, 2]], weight: ["4 nS", "2 nS"], gapJunction: true });
      return simulation;
    };
    const states = (simulation: Simulation): Float64Array[] => {
      const p = simulation.populations.get("p") as Population;
      return ["v", "g_n", "g_e"].map((name) => p.state(name));
    };
    const simulation = await made();
    await simulation.run(50);
    const snapshot = simulation.snapshot();
    await simulation.run(50);
    const restored = await Simulation.restore(snapshot);
    await restored.run(50);
    expect(states(restored)).toEqual(states(simulation));
  });

  it("the check knows how strong gap junctions are", async () => {
    const codes = async (unit: UnitText, weight: string): Promise<string[]> => {
      const simulation = await Simulation.create({ dt: 0.1 });
      const p = simulation.population("p", cell(unit), 5);
      simulation.connect(p, p, { rule: "allToAll", weight, gapJunction: true });
      return simulation.check().map(({ level, code }) => `${level} ${code}`);
    };
    for (const unit of ["mV", "V", "uV"] as const) {
      // 5 g dt / C of 200 pF
      expect(await codes(unit, "150 nS"), unit).toEqual([]);
      expect(await codes(unit, "250 nS"), unit).toEqual(["warning gap-junctions-too-strong"]);
      expect(await codes(unit, "450 nS"), unit).toEqual(["error gap-junctions-too-strong"]);
    }
  });

  it("Poisson spikes onto a leaky membrane: as many spikes in volts", async () => {
    const counts = ["mV", "volt", "uV"].map(async (unit) => {
      const model = defineModel({
        name: "leaky",
        equations: `dv/dt = (E_L - v)/tau + I/C : ${unit}`,
        current: "pA",
        params: { E_L: "-70 mV", tau: "20 ms", C: "200 pF" },
        threshold: "v > -50*mV",
        reset: "v = -70*mV",
        init: { v: "-70 mV" },
      });
      const simulation = await Simulation.create({ dt: 0.1, seed: 1 });
      const p = simulation.population("p", model, 3, {
        receptors: { e: receptor.exponential({ tau: 5, E_rev: 0 }) },
        background: [background.poisson({ rate: 1000, weight: "1 nS" })],
      });
      await simulation.run(500);
      return p.statistics.spikes;
    });
    const [a, b, c] = await Promise.all(counts);
    expect(a).toBeGreaterThan(20);
    expect([b, c]).toEqual([a, a]);
  });

  it("gap junctions join potentials in one unit, whatever its name", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const [a, b, c] = (["V", "volt", "mV"] as const).map((unit) => simulation.population(unit, cell(unit), 1));
    const options = { rule: "allToAll", weight: 1, gapJunction: true } as const;
    simulation.connect(a as never, b as never, options as never);
    expect(() => simulation.connect(a as never, c as never, options as never)).toThrow("gap junctions need potentials in one unit");
  });

  it("nmda is refused where v is no potential, with its unit", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const model = (unit: string): ModelRecord =>
      defineModel({
        name: "m",
        equations: `dv/dt = (-v)/(10*ms) + I*k : ${unit}`,
        params: { k: { default: 1, unit: unit === "1" ? "1/ms" : "mM/ms" } },
      });
    const add = (unit: string) => () =>
      simulation.population("q", model(unit), 1, { receptors: { n: receptor.nmda() } });
    expect(add("1")).toThrow(ValueRangeError);
    expect(add("1")).toThrow("needs a membrane potential in mV, and v of m is a pure number.");
    expect(add("mM")).toThrow("needs a membrane potential in mV, and v of m is in mM.");
  });
});
