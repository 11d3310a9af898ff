/** Scripts for Brian2: lines of small networks, a report for every kind, refusals, and what Brian2 made of one. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { brian2Mapping } from "../../src/exchange/brian2/mapping.js";
import { unitText } from "../../src/exchange/brian2/text.js";
import { type Export, ExchangeError, exportNetwork } from "../../src/exchange/index.js";
import { isPresent } from "../../src/exchange/mapping.js";
import { models } from "../../src/models/index.js";
import { parseDocument, Simulation } from "../../src/index.js";
import { OWN } from "./kernel.js";
import { NETWORKS } from "../../scripts/exchange/brian2Networks.js";

const lif = (more: object = {}): object => ({ name: "cells", model: "lif", size: 3, ...more });
const written = (document: object, strict = false): Promise<Export> =>
  exportNetwork(parseDocument({ dt: 0.1, duration: 100, receptorKernels: [OWN], ...document }), {
    to: "brian2",
    strict,
  });
const scriptOf = async (document: object): Promise<string> => (await written(document)).files[0]?.content as string;
const entriesAt = async (document: object, path: string): Promise<string[]> =>
  (await written(document)).report.filter((entry) => entry.path.startsWith(path)).map(({ fidelity }) => fidelity);

describe("a script for Brian2", () => {
  it("has the equations, numbers with units, threshold, reset and refractoriness of a population", async () => {
    const script = await scriptOf({
      populations: [
        lif({
          params: { t_ref: 2.5 },
          receptors: { exc: { kernel: "exponential", tau: 5, E_rev: 0 } },
          background: [{ kind: "constant", amplitude: 500 }],
        }),
      ],
    });
    for (const line of [
      "    C_m=250*pF,",
      "    t_ref=2.5*ms,",
      "    E_exc=0*mV,",
      "    dv/dt = (-(C_m/tau_m)*(v - E_L) + I)/C_m : volt (unless refractory)",
      "    dg_exc/dt = -g_exc/tau_exc : siemens",
      "    I_background = 500*pA : amp",
      "    I = I_background + share_exc*g_exc*(E_exc - v) : amp",
      '    threshold="v >= V_th",',
      '    reset="v = V_reset",',
      '    refractory="t_ref + dt",',
      '    method="exponential_euler",',
      "cells.v = -70*mV".replace("-70*mV", '"E_L"'),
    ]) {
      expect(script).toContain(`${line}\n`);
    }
    expect(script).not.toContain("network.schedule");
  });

  it("rounds times as they are rounded here", async () => {
    const script = await scriptOf({
      populations: [
        lif({ params: { t_ref: 0.25 } }),
        { name: "given", model: "spikeTrain", size: 1, params: { times: [0.35, 10], neurons: [0, 0] } },
        lif({
          name: "b",
          receptors: { r: { kernel: "alpha", tau: 2 } },
          background: [{ kind: "constant", amplitude: 1, start: 10.05 }],
        }),
      ],
      projections: [{ source: "given", target: "b", rule: "allToAll", weight: 1, delay: 0.35 }],
    });
    expect(script).toContain("t_ref=0.3*ms,");
    expect(script).toContain("np.array([3, 99])*defaultclock.dt");
    expect(script).toContain(".pre.delay = 0.4*ms");
    expect(script).toContain("t + 0.5*dt >= 10.1*ms");
  });

  it("samples where it is sampled here, also from a time that is no multiple of the interval", async () => {
    const sampled = (more: object): Promise<string> =>
      scriptOf({ populations: [lif()], record: [{ population: "cells", variables: ["v"], neurons: [0], ...more }] });
    const even = await sampled({ from: 5, every: 0.5 });
    expect(even).toContain("StateMonitor(cells, ['v'], record=[0], dt=0.5*ms)".replaceAll("'", '"'));
    expect(even).toMatch(/\("cells", traces_0, \[0\], 50, 5, /);
    const odd = await sampled({ from: 0.3, every: 0.5 });
    expect(odd).toContain("StateMonitor(cells, ['v'], record=[0])".replaceAll("'", '"'));
    expect(odd).toMatch(/\("cells", traces_0, \[0\], 3, 5, /);
    expect(odd).toContain("if step >= first and (step - first) % every == 0:");
  });

  it("lets jumps come before thresholds, with delays that are a step shorter", async () => {
    const script = await scriptOf({
      populations: [lif({ receptors: { in: { kernel: "delta" } } })],
      projections: [{ source: "cells", target: "cells", rule: "fixedProbability", p: 0.5, weight: 2, delay: 1.5 }],
    });
    expect(script).toContain('network.schedule = ["start", "groups", "synapses", "thresholds", "resets", "end"]');
    expect(script).toContain("cells_cells.pre.delay = 1.4*ms");
    expect(script).toContain('cells_cells.connect(condition="i != j", p=0.5)');
    expect(script).toContain('on_pre="v_post += w"');
  });

  it("takes own models with their units, names and functions", async () => {
    const model = {
      name: "own",
      current: "uA/cm2",
      equations: [
        "dv/dt = (I - g*(v - e))/C + max(0*mV, v - 2*mV)/(5*ms) : mV",
        "dm/dt = (1 - m)/ms if v > 0*mV else 0/ms : 1",
        "x = int(i < 3)*asin(0.5) : 1",
        "k : mV",
      ],
      params: { g: "0.3 mS/cm2", e: "-70 mV", C: "1 uF/cm2" },
      threshold: "v > -50*mV and x >= 0",
      reset: "v = 0\nk += 1*mV",
      events: [{ name: "far", condition: "k > 3*mV", reset: "k = 0" }],
      refractory: "2 ms",
      init: { v: "e + 2*mV" },
    };
    const script = await scriptOf({ models: [model], populations: [{ name: "p", model: "own", size: 2 }] });
    for (const line of [
      "dv/dt = (I - g*(v - e_var))/C + clip(0*mV, v - 2*mV, inf*volt)/(5*ms) : volt (unless refractory)",
      "dm/dt = int(v > 0*mV)*((1 - m)/ms) + int(not (v > 0*mV))*(0/ms) : 1",
      "x = int(i < 3)*arcsin(0.5) : 1",
      "k : volt",
      "g=0.3*msiemens/cm**2,",
      'reset="v = 0*volt\\nk += 1*mV"',
      'events={"far": "k > 3*mV"}',
      'p.run_on_event("far", "k = 0*volt")',
      'p.v = "e_var + 2*mV"',
    ]) {
      expect(script).toContain(line);
    }
  });

  it("names what functions of a state stand still under exponentialEuler", async () => {
    const script = await scriptOf({
      populations: [{ name: "p", model: "morrisLecar", size: 1, method: "exponentialEuler" }],
    });
    expect(script).toMatch(/m_inf = \(1 \+ tanh\(\(v - V_1\)\/V_2\)\)\/2 : 1 \(constant over dt\)/);
    const eif = await scriptOf({ populations: [{ name: "p", model: "eif", size: 1, method: "exponentialEuler" }] });
    expect(eif).toContain("exp_v = exp((v_c - V_T)/Delta_T) : 1 (constant over dt)");
    expect(eif).toContain("dv/dt = (-g_L*(v - E_L) + g_L*Delta_T*exp_v + I)/C_m : volt");
  });

  it("keeps the synapses' names apart from those of the target", async () => {
    const script = await scriptOf({
      populations: [{ name: "a", model: "adaptiveLif", size: 2, receptors: { r: { kernel: "exponential", tau: 2 } } }],
      projections: [{ source: "a", target: "a", rule: "allToAll", weight: 3 }],
    });
    expect(script).toContain('on_pre="i_r_post += w_syn"');
    expect(script).toContain("namespace=dict(w_syn=3*pA)");
  });

  it("transmits the weight of the time of the spike where learning is delayed", async () => {
    const learning = (delay: number, kernel: string): Promise<string> =>
      scriptOf({
        populations: [lif({ receptors: { r: kernel === "delta" ? { kernel } : { kernel, tau: 2, E_rev: 0 } } })],
        projections: [{
          source: "cells", target: "cells", rule: "allToAll", weight: 1, delay, shortTerm: { U: 0.5, tau_rec: 50 },
            plasticity: {
              kind: "stdp",
              A_plus: 0.1,
              A_minus: 0.1,
              tau_plus: 10,
              tau_minus: 10,
              w_max: 2,
              dendriticDelayFraction: 0.25,
            },
        }],
      });
    const pathways = (script: string): string[] =>
      [...script.matchAll(/^ {8}"(\w+)":|^cells_cells\.(\w+)\.delay = (.*)$/gm)].map(
        ([, name, delayed, ms]) => name ?? `${delayed} ${ms}`,
      );
    expect(pathways(await learning(2, "exponential"))).toEqual([
      "transmit",
      "send",
      "learn",
      "transmit 2*ms",
      "learn 1.5*ms",
      "post 0.5*ms",
    ]);
    expect(pathways(await learning(2, "delta"))).toEqual([
      "transmit",
      "send",
      "learn",
      "transmit 1.9*ms",
      "learn 1.5*ms",
      "post 0.5*ms",
    ]);
    expect(pathways(await learning(0.1, "delta"))).toEqual(["send", "learn", "learn 0.1*ms"]);
  });

  it("writes nothing for a source that never fires", async () => {
    const script = await scriptOf({
      models: [{ name: "still", equations: "dv/dt = -v/(5*ms) : mV", init: { v: 0 } }],
      populations: [{ name: "p", model: "still", size: 1, receptors: { r: { kernel: "exponential", tau: 2 } } }],
      projections: [{ source: "p", target: "p", rule: "allToAll", weight: 1 }],
    });
    expect(script).toContain("# Its source never fires.");
    expect(script).not.toMatch(/Synapses\(|SpikeMonitor\(|threshold=/);
  });

  it("writes units in Brian2's words", () => {
    expect(
      [
        "mV",
        "nS",
        "uA/cm2",
        "mS/cm2",
        "1/ms",
        "pA*sqrt(ms)",
        "coulomb/mol",
        "degC",
        "/ms",
        "mM",
        "MOhm",
        "V/s",
        "µm²",
      ].map(unitText),
    ).toEqual([
      "mV",
      "nS",
      "uA/cm**2",
      "msiemens/cm**2",
      "1/ms",
      "pA*sqrt(ms)",
      "coulomb/mole",
      "kelvin",
      "1/ms",
      "mM",
      "Mohm",
      "volt/second",
      "umetre**2",
    ]);
  });
});

const receptorOf = {
  delta: {},
  exponential: { tau: 2 },
  alpha: { tau: 2 },
  dualExponential: { tau_rise: 1, tau_decay: 3 },
  step: { duration: 2 },
  nmda: {},
} as const;
const backgroundOf = {
  constant: { amplitude: 1 },
  piecewise: {
    points: [
      [0, 1],
      [5, 2, 0.1],
    ],
  },
  pulses: { amplitude: 1, start: 1, width: 2, period: 5 },
  ramp: { start: 0, end: 5, from: 0, to: 1 },
  sine: { amplitude: 1, frequency: 5 },
  whiteNoise: { sigma: 1 },
  ornsteinUhlenbeck: { mean: 0, sigma: 1, tau: 5 },
  expression: { I: "1*pA" },
  samples: { dt: 1, values: [1, 2] }, poisson: { rate: 5, weight: 1 }, rheobase: { fraction: 0.5 },
} as const;
const ruleOf = {
  allToAll: {},
  oneToOne: {},
  fixedProbability: { p: 0.5 },
  fixedIndegree: { k: 1 },
  fixedOutdegree: { k: 1 },
  fixedTotalNumber: { n: 2 },
  distance: { kernel: "gaussian", scale: 1 }, list: { pairs: [[0, 1]] },
} as const;
const plasticityOf = {
  stdp: { plasticity: { kind: "stdp", A_plus: 0.1, A_minus: 0.1, tau_plus: 10, tau_minus: 10, w_max: 2 } },
  tripletStdp: {
    plasticity: {
      kind: "tripletStdp",
      A2_plus: 0.1,
      A3_plus: 0.1,
      A2_minus: 0.1,
      A3_minus: 0.1,
      tau_plus: 10,
      tau_minus: 10,
      tau_x: 10,
      tau_y: 10,
      w_max: 2,
    },
  },
  inhibitoryStdp: { plasticity: { kind: "inhibitoryStdp", eta: 0.1, rho_0: 5, tau: 20, w_max: 2 } },
  shortTerm: { shortTerm: { U: 0.5, tau_rec: 100 } },
  scaling: { scaling: { rho_0: 5, rate: 0.1, interval: 10, w_max: 2 } },
  release: { release: 0.5 },
} as const;

/** What the report says of a kind: exact, or approximate where the mapping says that something differs. */
function expected(kind: { readonly differs?: string } | object): string[] {
  return ["differs" in kind ? "approximate" : "exact"];
}

describe("the report has an entry for every kind", () => {
  const named = <T extends object>(kinds: T): (keyof T & string)[] => Object.keys(kinds) as (keyof T & string)[];
  const twoLif = {
    populations: [
      lif({ receptors: { r: { kernel: "exponential", tau: 2, E_rev: 0 } }, positions: { line: { length: 3 } } }),
    ],
  };

  it.each(named(brian2Mapping.models))("model %s", async (model) => {
    const params = model === "spikeTrain" ? { params: { times: [1], neurons: [0] } } : {};
    expect(
      await entriesAt({ populations: [{ name: "p", model, size: 2, ...params }] }, "$.populations[0].model"),
    ).toEqual(expected(brian2Mapping.models[model]));
  });

  it.each(Object.values(models).flatMap(({ id, methods }) => methods.map((method) => [id, method])))(
    "%s under %s",
    async (model, method) => {
      const entries = await entriesAt(
        { populations: [{ name: "p", model, method, size: 2 }] },
        "$.populations[0].method",
      );
    expect(entries).toEqual([method === "rosenbrock" ? "approximate" : "exact"]);
  });

  it("receptor own: refused by its name", async () => {
    const document = { populations: [lif({ receptors: { r: { kernel: "own" } } })] };
    await expect(entriesAt(document, "$")).rejects.toThrow(
      '$.populations[0].receptors.r: the kernel "own" is one of the network\'s own, as text, and equations of receptors are not written.',
    );
  });

  it.each(Object.keys(receptorOf) as (keyof typeof receptorOf)[])("receptor %s", async (kernel) => {
    const document = { populations: [lif({ receptors: { r: { kernel, ...receptorOf[kernel] } } })] };
    expect(await entriesAt(document, "$.populations[0].receptors.r")).toEqual(
      expected(brian2Mapping.receptors[kernel]),
    );
  });

  it.each(named(brian2Mapping.backgrounds).filter((kind) => isPresent(brian2Mapping.backgrounds[kind])))(
    "background %s",
    async (kind) => {
      const document = {
        populations: [
          lif({ receptors: { r: { kernel: "alpha", tau: 2 } }, background: [{ kind, ...backgroundOf[kind] }] }),
        ],
      };
      expect(await entriesAt(document, "$.populations[0].background[0]")).toEqual(
        expected(brian2Mapping.backgrounds[kind]),
      );
  });

  it.each(named(brian2Mapping.rules))("rule %s", async (rule) => {
    const document = {
      ...twoLif,
      projections: [{ source: "cells", target: "cells", rule, weight: 1, ...ruleOf[rule] }],
    };
    expect(await entriesAt(document, "$.projections[0].rule")).toEqual(expected(brian2Mapping.rules[rule]));
  });

  it.each(named(brian2Mapping.plasticity))("plasticity %s", async (kind) => {
    const document = {
      ...twoLif,
      projections: [{ source: "cells", target: "cells", rule: "allToAll", weight: 1, ...plasticityOf[kind] }],
    };
    const key = "plasticity" in plasticityOf[kind] ? "plasticity" : kind;
    expect(await entriesAt(document, `$.projections[0].${key}`)).toEqual(expected(brian2Mapping.plasticity[kind]));
  });
});

describe("what is not the same", () => {
  it("is refused with strict, by its place", async () => {
    const document = {
      populations: [lif({ background: [{ kind: "whiteNoise", sigma: 5 }] }), { name: "e", model: "eif", size: 1 }],
    };
    const error = await written(document, true).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ExchangeError);
    expect((error as ExchangeError).entries.map(({ path }) => path)).toEqual([
      "$.populations[0].background[0]",
      "$.populations[1].method",
    ]);
  });

  it("passes strict where all is exact", async () => {
    await expect(
      written({ populations: [lif({ background: [{ kind: "constant", amplitude: 5 }] })] }, true),
    ).resolves.toBeDefined();
  });

  it.each([
    ["rheobase", [lif({ background: [{ kind: "rheobase", fraction: 1 }] })], "export with --explicit"],
    [
      "Poisson input onto a step",
      [
        lif({
          receptors: { s: { kernel: "step", duration: 2 } },
          background: [{ kind: "poisson", rate: 5, weight: 1 }],
        }),
      ],
      "no counterpart",
    ],
    [
      "sharp neurons beside others",
      [{ name: "p", model: "adex", size: 2, params: { Delta_T: [0, 2] } }],
      "Delta_T 0 beside others",
    ],
    [
      "drawn parameters under exact",
      [{ name: "p", model: "adaptiveLif", size: 2, params: { tau_w: { uniform: [10, 20] } } }],
      "export with --explicit",
    ],
  ])("cannot be said: %s", async (_, populations, message) => {
    const error = await written({ populations }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ExchangeError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain("$.populations[0]");
  });

  it("is named where spikes and starts are lost", async () => {
    const entries = (await written({
      populations: [
        { name: "s", model: "spikeTrain", size: 1, params: { times: [1, 1.01], neurons: [0, 0] } },
          lif({
            receptors: { h: { kernel: "step", duration: 2 } },
            init: { i_h: 3 },
            positions: { line: { length: 1 } },
          }),
      ],
    })).report.filter(({ fidelity }) => fidelity === "dropped");
    expect(entries.map(({ path }) => path)).toEqual([
      "$.populations[0].params.times",
      "$.populations[1].init.i_h",
      "$.populations[1].positions",
    ]);
  });
});

describe("a recording of spikes in Brian2", () => {
  it("leaves out those at the time that it begins at, as here", async () => {
    const script = await scriptOf({
      populations: [lif()],
      record: [{ population: "cells", variables: ["spikes"], from: 20 }],
    });
    expect(script).toContain('    ("cells", spikes_of_cells, None, 201),\n');
  });
});

describe("networks that were run in both", () => {
  // The others have the same kinds.
  it.each(["own", "receptors", "plasticity", "noise"])(
    "%s: its explicit form is exact but for what the case says",
    async (name) => {
    const { compare, document } = NETWORKS[name] as (typeof NETWORKS)[string];
    const simulation = await Simulation.fromDocument(document);
    const { report, files } = await exportNetwork(simulation.explicit(), { to: "brian2" });
    simulation.close();
    expect(report.filter(({ fidelity }) => fidelity !== "exact").length > 0).toBe(compare !== "spikes");
    const script = files[0]?.content as string;
    expect(script).not.toMatch(/undefined|NaN|\[object/);
      expect(
        script
          .split("\n")
          .filter((line) => line.includes("load("))
          .every((line) => /load\("[^"]+\.npy"\)/.test(line) || line.includes("def load") || line.includes("np.load")),
      ).toBe(true);
  });

  it("Brian2 2.11.0 found these spikes", async () => {
    const stored = JSON.parse(readFileSync(new URL("brian2.json", import.meta.url), "utf8")) as {
      readonly name: string;
      readonly spikes: readonly (readonly [number, string, number])[];
    };
    const { document } = NETWORKS[stored.name] as (typeof NETWORKS)[string];
    const simulation = await Simulation.fromDocument(document);
    const names = new Set(stored.spikes.map(([, name]) => name));
    const populations = [...simulation.populations.values()].filter(({ name }) => names.has(name));
    const recordings = populations.map(
      (population) => [population.name, simulation.record(population, "spikes")] as const,
    );
    simulation.runSync(document.duration as number);
    const found = recordings.flatMap(([name, { times, neurons }]) =>
      Array.from(times, (t, i) => [t, name, neurons[i]]),
    );
    simulation.close();
    const sorted = (spikes: readonly (readonly unknown[])[]): string[] => spikes.map((spike) => spike.join(" ")).sort();
    expect(sorted(found)).toEqual(sorted(stored.spikes));
    expect(found.length).toBeGreaterThan(100);
  });
});
