/**
 * Scripts for NEST: their lines, a report of every kind, refusals, and spikes of NEST itself (scripts/exchange/nest.ts
 * made them).
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exportNetwork, type Export, type ReportEntry } from "../../src/exchange/index.js";
import type { BackgroundName, KernelName, PlasticityName, RuleName } from "../../src/exchange/mapping.js";
import { mapping } from "../../src/exchange/nest/mapping.js";
import { models, parseDocument, Simulation } from "../../src/index.js";
import { OWN } from "./kernel.js";

type Json = Record<string, unknown>;

async function exported(document: Json, strict = false): Promise<Export> {
  const network = parseDocument({ dt: 0.1, duration: 100, receptorKernels: [OWN], ...document });
  return exportNetwork(network, { to: "nest", strict });
}

const scriptOf = ({ files }: Export): string => files[0]?.content as string;
const entriesAt = ({ report }: Export, path: string): ReportEntry[] =>
  report.filter((entry) => entry.path.startsWith(path));

const exc = { kernel: "exponential", tau: 2 };
const cells = (more: Json = {}): Json => ({ name: "cells", model: "lif", size: 3, receptors: { exc }, ...more });
const onto = (more: Json): Json => ({
  populations: [cells()],
  projections: [
    { source: "cells", target: "cells", receptor: "exc", rule: "allToAll", weight: 20, delay: 1.5, ...more },
  ],
});

describe("a script for NEST", () => {
  it("has populations, devices, connections and recordings by name, in NEST's words", async () => {
    const made = await exported({
      name: "small",
      seed: 5,
      populations: [
        {
          name: "L2-3 E",
          model: "lif",
          size: 40,
          params: { C_m: 200, t_ref: 0.25, tau_m: 12 },
          init: { v: { uniform: [-70, -60] } },
          receptors: { exc, inh: { kernel: "exponential", tau: 5 } },
          background: [
            { kind: "constant", amplitude: 300 },
            { kind: "constant", amplitude: 50, start: 10, stop: 20 },
          ],
        },
        {
          name: "lambda",
          model: "lif",
          size: 10,
          receptors: { exc: { ...exc, E_rev: 0 }, inh: { kernel: "exponential", tau: 5, E_rev: -80 } },
          background: [{ kind: "poisson", rate: 900, weight: 2, receptor: "exc" }],
        },
      ],
      projections: [
        {
          source: "L2-3 E",
          target: "lambda",
          receptor: "exc",
          rule: "fixedProbability",
          p: 0.2,
          weight: 3,
          delay: 0.35,
        },
        {
          source: "lambda",
          target: "L2-3 E",
          receptor: "inh",
          rule: "fixedIndegree",
          k: 4,
          weight: { truncatedNormal: [-40, 4, -80, 0] },
          delay: 1.5,
        },
        {
          source: "lambda",
          target: "lambda",
          receptor: "inh",
          rule: "fixedTotalNumber",
          n: 30,
          weight: 5,
          delay: 1.5,
          autapses: false,
        },
      ],
      record: [{ population: "lambda", variables: ["spikes", "v", "g_inh"], neurons: [0, 1], every: 0.5, from: 20 }],
    });
    const script = scriptOf(made);
    for (const line of [
      '"""small: a network for NEST 3.10, written by Spikelet',
      "DT, DURATION, SEED = 0.1, 100.0, 5  # ms, ms",
      'L2_3_E = nest.Create("iaf_psc_exp", 40, params={',
      '    "t_ref": 0.3,',
      '    "V_m": nest.random.uniform(min=-70.0, max=-60.0),',
      '    "I_e": 300.0,',
      'lambda_ = nest.Create("iaf_cond_exp", 10, params={',
      '    "g_L": 25.0,',
      'L2_3_E_current_1 = nest.Create("dc_generator", params={"amplitude": 50.0, "start": 9.6, "stop": 19.6})',
      'nest.Connect(L2_3_E_current_1, L2_3_E, "all_to_all", {"delay": 0.4})',
      'lambda__input_0 = nest.Create("poisson_generator", params={"rate": 900.0})',
      'nest.Connect(L2_3_E, lambda_, {"rule": "pairwise_bernoulli", "p": 0.2}, {"weight": 3.0, "delay": 0.4})',
      'nest.Connect(lambda_, lambda_, {"rule": "fixed_total_number", "N": 30, "allow_autapses": False}, {"weight": -5.0, "delay": 1.5})',
      "nest.Connect(lambda_[[0, 1]], lambda__spikes)",
      '    "record_from": ["V_m", "g_in"],',
      '    "start": 19.9,',
      "nest.random.normal(mean=-40.0, std=4.0), min=-80.0, max=0.0)",
    ])
      expect(script).toContain(line);
    expect(made.files.map(({ path }) => path)).toEqual(["network.py"]);
  });

  it("takes explicit networks as arrays, short ones in the script and long ones beside it", async () => {
    const simulation = await Simulation.fromDocument({
      dt: 0.1,
      duration: 10,
      ...onto({ rule: "fixedProbability", p: 0.9, weight: { uniform: [10, 20] }, autapses: true }),
      seed: 2,
    });
    const network = simulation.explicit();
    simulation.close();
    const small = scriptOf(await exportNetwork(network, { to: "nest", strict: true }));
    expect(small).toMatch(/connect_pairs\(cells, cells, \[[\d, ]+\], \[[\d, ]+\], \{/);
    const many = parseDocument({
      dt: 0.1,
      duration: 10,
      populations: [cells({ size: 30, init: { v: Array.from({ length: 30 }, (_, i) => -70 + i / 10) } })],
      projections: [
        {
          source: "cells",
          target: "cells",
          receptor: "exc",
          rule: "list",
          pairs: Array.from({ length: 30 }, (_, i) => [i, (i + 1) % 30]),
          weight: 5,
          delay: 1,
        },
      ],
    });
    const { files } = await exportNetwork(many, { to: "nest", strict: true });
    expect(files.map(({ path }) => path).sort()).toEqual([
      "arrays/cells_V_m.npy",
      "arrays/cells_cells_sources.npy",
      "arrays/cells_cells_targets.npy",
      "network.py",
    ]);
    expect(files[0]?.content).toContain('{"V_m": load("cells_V_m.npy")}');
  });

  it("is Python whatever names and texts hold", async () => {
    const script = scriptOf(
      await exported({
        name: '""" import os',
        populations: [cells({ name: "np" }), cells({ name: "4 + 5" })],
        record: [{ population: "4 + 5", variables: ["spikes"] }],
      }),
    );
    expect(script).toContain("'''");
    expect(script).not.toMatch(/^import os/m);
    expect(script).toContain('np_ = nest.Create("iaf_psc_exp", 3');
    expect(script).toContain('("4 + 5", _4_5, _4_5_spikes)');
  });
});

describe("the report", () => {
  it("says what became of each model, or refuses it by name", async () => {
    for (const name of Object.keys(models)) {
      const document = { dt: 0.01, populations: [{ name: "p", model: name, size: 2 }] };
      const counterpart = mapping.models[name as keyof typeof mapping.models];
      if ("absent" in counterpart)
        await expect(exported(document), name).rejects.toThrow(`$.populations[0].model: ${name}: NEST has no`);
      else expect(entriesAt(await exported(document), "$.populations[0]"), name).not.toEqual([]);
    }
    const sources: Json[] = [
      { name: "p", model: "poisson", size: 2 },
      { name: "p", model: "spikeTrain", size: 2, params: { times: [1], neurons: [0] } },
    ];
    for (const population of sources)
      expect(entriesAt(await exported({ populations: [population] }), "$.populations[0]")).toHaveLength(1);
  });

  it("says what became of each receptor", async () => {
    const receptors: Record<KernelName, Json> = {
      delta: {},
      exponential: { tau: 2 },
      alpha: { tau: 2 },
      dualExponential: { tau_rise: 1, tau_decay: 5, E_rev: 0 },
      step: { duration: 3 },
      nmda: {},
      own: {},
    };
    for (const [kernel, more] of Object.entries(receptors)) {
      const made = await exported({
        populations: [cells({ receptors: { exc: { kernel, ...more } } })],
        projections: onto({}).projections,
      });
      const there = !("absent" in mapping.receptors[kernel as KernelName]);
      expect(
        made.report.some(({ fidelity, path }) => fidelity === "dropped" && path === "$.populations[0].receptors.exc"),
        kernel,
      ).toBe(!there);
      expect(
        made.report.some(({ fidelity, path }) => fidelity === "dropped" && path === "$.projections[0]"),
        kernel,
      ).toBe(!there);
    }
  });

  it("says what became of each background current", async () => {
    const backgrounds: Record<BackgroundName, Json> = {
      constant: { amplitude: 10 },
      piecewise: {
        points: [
          [0, 1],
          [5, 2],
        ],
      },
      pulses: { amplitude: 10, start: 5, width: 2 },
      ramp: { start: 1, end: 5, from: 0, to: 10 },
      sine: { amplitude: 5, frequency: 10 },
      whiteNoise: { sigma: 3 },
      ornsteinUhlenbeck: { sigma: 3, tau: 5, mean: 7 },
      poisson: { rate: 100, weight: 1, receptor: "exc" },
      expression: { I: "5*pA*sin(t/ms)" },
      samples: { dt: 5, values: [1, 2, 3] },
      rheobase: { fraction: 0.5 },
    };
    for (const [kind, more] of Object.entries(backgrounds)) {
      const made = await exported({ populations: [cells({ background: [{ kind, ...more }] })] });
      const entries = entriesAt(made, "$.populations[0].background[0]");
      expect(entries, kind).not.toEqual([]);
      expect(
        entries.some(({ fidelity }) => fidelity === "dropped"),
        kind,
      ).toBe("absent" in mapping.backgrounds[kind as BackgroundName]);
    }
  });

  it("says what became of each connection rule", async () => {
    const rules: Record<RuleName, Json> = {
      allToAll: {},
      oneToOne: {},
      fixedProbability: { p: 0.5 },
      fixedIndegree: { k: 2 },
      fixedOutdegree: { k: 2 },
      fixedTotalNumber: { n: 5 },
      distance: { kernel: "gaussian", scale: 1 },
      list: { pairs: [[0, 1]] },
    };
    for (const [rule, more] of Object.entries(rules)) {
      const made = await exported({
        ...onto({ rule, ...more }),
        populations: [cells({ positions: { line: { length: 3 } } })],
      });
      const counterpart = mapping.rules[rule as RuleName];
      const exact = !("absent" in counterpart) && counterpart.differs === undefined;
      expect(
        entriesAt(made, "$.projections[0]").map(({ fidelity }) => fidelity),
        rule,
      ).toEqual([exact ? "exact" : "approximate"]);
    }
  });

  it("says what became of each kind of plasticity", async () => {
    const stdp = { tau_plus: 20, tau_minus: 20, w_max: 50 };
    const kinds: Record<PlasticityName, Json> = {
      stdp: { plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.01, ...stdp } },
      tripletStdp: {
        plasticity: {
          kind: "tripletStdp",
          A2_plus: 0.01,
          A3_plus: 0.01,
          A2_minus: 0.01,
          A3_minus: 0.01,
          tau_x: 100,
          tau_y: 100,
          ...stdp,
        },
      },
      inhibitoryStdp: { plasticity: { kind: "inhibitoryStdp", eta: 0.1, rho_0: 5, tau: 20, w_max: 50 } },
      shortTerm: { shortTerm: { U: 0.5, tau_rec: 100 } },
      scaling: { scaling: { rho_0: 5, rate: 0.1, interval: 10, w_max: 50 } },
      release: { release: 0.5 },
    };
    for (const [kind, more] of Object.entries(kinds)) {
      const made = await exported(onto(more));
      const absent = "absent" in mapping.plasticity[kind as PlasticityName];
      const entries = entriesAt(made, "$.projections[0].");
      expect(entries, kind).not.toEqual([]);
      expect(
        entries.some(({ fidelity }) => fidelity === "dropped"),
        kind,
      ).toBe(absent);
    }
    const both = await exported(onto({ ...kinds.stdp, ...kinds.shortTerm }));
    expect(both.report).toContainEqual({
      fidelity: "dropped",
      path: "$.projections[0].shortTerm",
      message: "a synapse of NEST changes in one way only; this one has plasticity",
    });
    const two = await exported({
      ...onto(kinds.stdp as Json),
      projections: [
        ...(onto(kinds.stdp as Json).projections as Json[]),
        ...(onto({ plasticity: { ...(kinds.stdp?.plasticity as Json), tau_minus: 30 } }).projections as Json[]),
      ],
    });
    expect(two.report.map(({ message }) => message)).toContain(
      "all synapses onto cells have one tau_minus in NEST: 20 ms, not 30",
    );
  });
});

describe("what cannot be said", () => {
  it("is refused with its place and what helps", async () => {
    const refused: readonly (readonly [Json, string])[] = [
      [
        {
          models: [
            {
              name: "own",
              current: "pA",
              equations: "dv/dt = (I/pF)/ms*pF/nS - v/(5*ms) : mV",
              params: {},
              threshold: "v > 1*mV",
              reset: "v = 0*mV",
            },
          ],
          populations: [{ name: "p", model: "own", size: 1 }],
        },
        "$.populations[0].model: own is a model of the network's own",
      ],
      [
        { populations: [cells({ receptors: { exc, jump: { kernel: "delta" } } })] },
        "$.populations[0].receptors: lif with the receptors exc (exponential current), jump (delta) has no neuron in NEST",
      ],
      [
        { dt: 0.01, populations: [{ name: "p", model: "traubMiles", size: 1, params: { phi: 2 } }] },
        "$.populations[0].params.phi: hh_cond_exp_traub of NEST has 1 for it",
      ],
      [
        onto({ weight: { gamma: [2, 5] } }),
        "$.projections[0].weight: NEST has no gamma distribution for synapses. With --explicit",
      ],
      [
        {
          dt: 0.01,
          populations: [{ name: "p", model: "izhikevich", size: 2, params: { b: { uniform: [0.1, 0.2] } } }],
        },
        "$.populations[0].init.v: it follows from parameters that are drawn (b)",
      ],
    ];
    for (const [document, message] of refused) {
      const doc =
        document.models === undefined
          ? document
          : {
              ...document,
              models: [
                {
                  name: "own",
                  current: "pA",
                  equations: "dv/dt = (-v + I/(10*nS))/(5*ms) : mV",
                  threshold: "v > 1*mV",
                  reset: "v = 0*mV",
                },
              ],
            };
      await expect(exported(doc)).rejects.toThrow(message);
    }
  });

  it("is refused by strict, unless all is exact", async () => {
    await exported(onto({}), true);
    await expect(exported(onto({ rule: "fixedProbability", p: 0.5 }), true)).rejects.toThrow(
      "the network is not exact in NEST 3.10:\n  $.projections[0]: approximate: pairwise_bernoulli",
    );
    await expect(
      exported({ populations: [cells({ receptors: { exc: { ...exc, E_rev: 0 } } })] }, true),
    ).rejects.toThrow("$.populations[0]: approximate: iaf_cond_exp");
    await expect(
      exported({ populations: [cells({ background: [{ kind: "ornsteinUhlenbeck", sigma: 1, tau: 5 }] })] }, true),
    ).rejects.toThrow("dropped: NEST has no generator of Ornstein-Uhlenbeck");
  });
});

describe("spikes of NEST", () => {
  it("are those of Spikelet, each in the same step", async () => {
    const file = new URL("nest.json", import.meta.url);
    expect(existsSync(file)).toBe(true);
    const { document, spikes } = JSON.parse(readFileSync(file, "utf8")) as { document: Json; spikes: string[] };
    const simulation = await Simulation.fromDocument(document);
    const recordings = ["lif", "izh"].map(
      (name) => [name, simulation.record(simulation.populations.get(name) as never, "spikes")] as const,
    );
    await simulation.run(document.duration as number);
    const ours = recordings.flatMap(([name, { times, neurons }]) =>
      Array.from(times, (t, i) => `${t},${name},${neurons[i]}`),
    );
    simulation.close();
    expect(ours.length).toBeGreaterThan(300);
    expect(ours.sort()).toEqual([...spikes].sort());
  });
});

describe("currents, starts and recordings of a script for NEST", () => {
  const background = (...list: Json[]): Json => ({ populations: [cells({ background: list })] });

  it("adds currents of which one is drawn once", async () => {
    const { files } = await exported(
      background(
        { kind: "ramp", start: 0, end: 0.1, from: { uniform: [1, 2] }, to: 0 },
        { kind: "pulses", amplitude: { uniform: [10, 20] }, start: 0, width: 10, period: 20 },
      ),
    );
    expect(files[0]?.content).toMatch(/cells_I_e\[:\] \+= cells_current_1\n/);
  });

  it("does not take a scope for a distribution", async () => {
    const made = await exported(background({ kind: "constant", amplitude: 100, start: 10, stop: 20 }), true);
    expect(entriesAt(made, "$.populations[0].background[0]").map(({ fidelity }) => fidelity)).toEqual(["exact"]);
  });

  it("draws an amplitude that NEST has no distribution for once for each neuron", async () => {
    const { files } = await exported(background({ kind: "sine", amplitude: { gamma: [2, 10] }, frequency: 10 }));
    expect(files[0]?.content).toContain("rng.gamma(2.0, 10.0, 3).reshape(-1, 1)");
  });

  it("turns the start of an inhibitory current where NEST subtracts it", async () => {
    const receptors = { inh: { kernel: "exponential", tau: 5 } };
    const { files } = await exported({
      populations: [{ name: "cells", model: "adex", size: 2, receptors, init: { i_inh: -50 } }],
      projections: [{ source: "cells", target: "cells", rule: "allToAll", weight: -20, delay: 1.5 }],
    });
    expect(files[0]?.content).toContain('"I_syn_in": 50.0');
  });

  it("records from a time that is not on the grid as Spikelet does", async () => {
    const { files } = await exported({
      populations: [cells()],
      record: [
        { population: "cells", variables: ["spikes"], from: 10.06 },
        { population: "cells", variables: ["v"], from: 10.04 },
      ],
    });
    expect(files[0]?.content).toContain('nest.Create("spike_recorder", params={"start": 10.0})');
    expect(files[0]?.content).toContain('"start": 10.0}');
    expect(files[0]?.content).not.toContain('"start": 9.9}');
  });
});
