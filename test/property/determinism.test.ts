/**
 * Twelve networks that have everything of the format among them, each run in several ways: not a bit may differ in
 * spikes, states, weights, traces and the numbers of the report.
 */
import { describe, expect, it, test } from "vitest";
import { models, type Report, Simulation } from "../../src/index.js";
import { fingerprint, type Loose, recordAll, reportNumbers, strongCurrent } from "./networks.js";

const STEPS = 1500;
/** Chunks in steps; undefined: all in one, without interruption. */
const CHUNKS = [1, 7, 1000, undefined] as const;
/** Steps at which a snapshot is taken and gone on from. */
const CUTS = [1, 640, STEPS - 1] as const;

const drive = (id: keyof typeof models): number => strongCurrent(models[id]);
const stdp = { kind: "stdp", A_plus: 0.05, A_minus: 0.06, tau_plus: 20, tau_minus: 15 };

interface Plan {
  readonly dt: number;
  readonly populations: Loose[];
  readonly projections: Loose[];
}

const noise = (size: number, rate: unknown): Loose => ({ name: "noise", model: "poisson", size, params: { rate } });
const PLANS: Readonly<Record<string, Plan>> = {
  "lif: currents of every kernel, exact": {
    dt: 0.1,
    populations: [
      {
        name: "cells",
        model: "lif",
        size: 21,
        method: "exact",
        receptors: {
          exponential: { kernel: "exponential", tau: 5 },
          alpha: { kernel: "alpha", tau: 2 },
          dual: { kernel: "dualExponential", tau_rise: 1, tau_decay: 6 },
          step: { kernel: "step", duration: 1.5 },
          jump: { kernel: "delta" },
        },
        background: [{ kind: "constant", amplitude: { uniform: [350, 500] } }],
      },
    ],
    projections: [
      { rule: "allToAll", receptor: "exponential", weight: 2, delay: 1 },
      { rule: "oneToOne", receptor: "alpha", weight: -40, delay: 0.1 },
      { rule: "fixedProbability", p: 0.2, receptor: "dual", weight: { normal: [5, 2] }, delay: { uniform: [0.5, 3] } },
      { rule: "fixedIndegree", k: 3, receptor: "step", weight: { uniform: [-9, 9] }, delay: 1.7 },
      { rule: "fixedOutdegree", k: 2, receptor: "jump", weight: 0.3, delay: { exponential: 1 } },
    ].map((p) => ({ source: "cells", target: "cells", ...p })),
  },
  "adaptiveLif: conductances of every kernel, exponentialEuler": {
    dt: 0.1,
    populations: [
      noise(30, { points: [[0, 40], [60, 80, -0.5], [120, 20]] }),
      {
        name: "cells",
        model: "adaptiveLif",
        size: 17,
        method: "exponentialEuler",
        params: { tau_m: { uniform: [8, 20] } },
        receptors: {
          exponential: { kernel: "exponential", tau: 5, E_rev: 0 },
          alpha: { kernel: "alpha", tau: 2, E_rev: -80 },
          dual: { kernel: "dualExponential", tau_rise: 1, tau_decay: 6, E_rev: 0 },
          step: { kernel: "step", duration: 1.5, E_rev: 0 },
          nmda: { kernel: "nmda" },
        },
        init: { g_nmda: { gamma: [2, 0.5] }, g_alpha: 1 },
        background: [
          { kind: "poisson", rate: 800, weight: 1, receptor: "exponential" },
          { kind: "constant", amplitude: 300, start: 20, stop: 90 },
        ],
      },
    ],
    projections: [
      { source: "noise", receptor: "exponential", rule: "fixedTotalNumber", n: 90, weight: { lognormal: [0.5, 0.3] } },
      { source: "noise", receptor: "nmda", rule: "fixedProbability", p: 0.3, weight: 0.4, delay: { gamma: [3, 0.5] } },
      { source: "cells", receptor: "alpha", rule: "allToAll", autapses: false, weight: 1, delay: 2 },
      { source: "cells", receptor: "dual", rule: "fixedIndegree", k: 3, multapses: false, weight: 1 },
      { source: "cells", receptor: "step", rule: "fixedOutdegree", k: 3, weight: { truncatedNormal: [1, 1, 0, 2] } },
    ].map((p) => ({ target: "cells", ...p })),
  },
  "qif: parameters of each neuron, gap junctions, rk4": {
    dt: 0.1,
    populations: [
      {
        name: "cells",
        model: "qif",
        size: 19,
        method: "rk4",
        params: { C_m: Array.from({ length: 19 }, (_, i) => 90 + i) },
        background: [{ kind: "constant", amplitude: 1.2 * drive("qif") }],
      },
    ],
    projections: [
      { source: "cells", target: "cells", gapJunction: true, rule: "fixedProbability", p: 0.3, weight: 0.5 },
    ],
  },
  "eif: coloured noise, heun": {
    dt: 0.05,
    populations: [
      {
        name: "cells",
        model: "eif",
        size: 33,
        method: "heun",
        params: { Delta_T: { truncatedNormal: [2, 0.5, 1.5, 3] } },
        receptors: { in: { kernel: "exponential", tau: 5 } },
        background: [
          { kind: "ornsteinUhlenbeck", mean: drive("eif"), sigma: 50, tau: 5 },
          { kind: "ornsteinUhlenbeck", mean: 0, sigma: { exponential: 20 }, tau: 1, neurons: [0, 32], start: 10 },
        ],
      },
    ],
    projections: [
      {
        source: "cells",
        target: "cells",
        rule: "fixedProbability",
        p: 0.1,
        weight: { uniform: [-20, 20] },
        weightPrecision: "float64",
      },
    ],
  },
  "adex: STDP of all kinds by pairs, rosenbrock": {
    dt: 0.1,
    populations: [
      noise(40, 30),
      {
        name: "cells",
        model: "adex",
        size: 9,
        method: "rosenbrock",
        receptors: { exc: { kernel: "exponential", tau: 3, E_rev: 0 } },
        background: [{ kind: "rheobase", fraction: 1.1 }, { kind: "whiteNoise", sigma: 100 }],
      },
    ],
    projections: (
      [
        ["additive", "all"],
        ["additive", "nearest"],
        ["multiplicative", "all"],
        ["multiplicative", "nearest"],
      ] as const
    ).map(([weightDependence, pairing]) => ({
      source: "noise",
      target: "cells",
      rule: "allToAll",
      weight: { uniform: [0, 1] },
      plasticity: { ...stdp, w_max: 1, weightDependence, pairing },
    })),
  },
  "izhikevich: the published scheme": {
    dt: 1,
    populations: [
      {
        name: "exc",
        model: "izhikevich",
        preset: "RS",
        size: 24,
        method: "halfStep",
        receptors: { in: { kernel: "delta" } },
        background: [{ kind: "whiteNoise", sigma: 5, mean: 4 }],
      },
      {
        name: "inh",
        model: "izhikevich",
        preset: "FS",
        size: 6,
        method: "halfStep",
        receptors: { in: { kernel: "delta" } },
        background: [{ kind: "whiteNoise", sigma: 2, mean: 2 }],
      },
    ],
    projections: [
      { source: "exc", target: "inh", rule: "allToAll", weight: { uniform: [0, 0.5] }, delay: { uniform: [1, 20] } },
      { source: "inh", target: "exc", rule: "allToAll", weight: { uniform: [-1, 0] } },
    ],
  },
  "fitzhughNagumo: a list with weights and delays, rk4": {
    dt: 0.2,
    populations: [
      {
        name: "cells",
        model: "fitzhughNagumo",
        size: 5,
        method: "rk4",
        receptors: { in: { kernel: "alpha", tau: 3 }, g: { kernel: "exponential", tau: 3, E_rev: -2 } },
        background: [
          { kind: "constant", amplitude: 0.4 },
          { kind: "sine", amplitude: 0.2, frequency: 40, phase: 1, offset: [0, 0.1, 0, 0.1, 0] },
        ],
      },
    ],
    projections: [
      {
        ...{ source: "cells", target: "cells", receptor: "in", rule: "list", multapses: true },
        pairs: [[0, 1], [0, 1], [1, 2], [4, 0]],
        weight: [0.1, 0.2, -0.1, 0.3],
        delay: [0.2, 5, 1, 12.6],
      },
      { source: "cells", target: "cells", receptor: "g", rule: "oneToOne", weight: 0.02, delay: 0.4 },
    ],
  },
  "morrisLecar: samples and gap junctions, heun": {
    dt: 0.1,
    populations: [
      {
        name: "cells",
        model: "morrisLecar",
        size: 16,
        method: "heun",
        receptors: { in: { kernel: "step", duration: 4, E_rev: 0 } },
        background: [
          {
            kind: "samples",
            dt: 0.7,
            values: Array.from({ length: 60 }, (_, i) => drive("morrisLecar") * (1 + 0.01 * i)),
          },
          { kind: "piecewise", points: [[0, 0], [30, 20, -0.5], [60, 0]] },
        ],
      },
    ],
    projections: [
      { source: "cells", target: "cells", rule: "fixedOutdegree", k: 4, weight: 0.05, delay: 3 },
      { source: "cells", target: "cells", gapJunction: true, rule: "oneToOne", weight: 0.1 },
    ],
  },
  "hodgkinHuxley: pulses and ramps, strangSplitting": {
    dt: 0.025,
    populations: [
      {
        name: "cells",
        model: "hodgkinHuxley",
        size: 12,
        method: "strangSplitting",
        receptors: { in: { kernel: "dualExponential", tau_rise: 0.5, tau_decay: 3, E_rev: 0 } },
        background: [
          { kind: "pulses", amplitude: 10, start: 2, width: 1, period: 9 },
          { kind: "ramp", start: 0, end: 30, from: 0, to: { uniform: [5, 20] } },
        ],
      },
    ],
    projections: [
      { source: "cells", target: "cells", rule: "fixedTotalNumber", n: 60, weight: { exponential: 0.05 }, delay: 0.7 },
    ],
  },
  "traubMiles: distances and magnesium, rk4": {
    dt: 0.025,
    populations: [
      {
        name: "cells",
        model: "traubMiles",
        size: 15,
        method: "rk4",
        positions: { grid: { columns: 5, spacing: 1 } },
        receptors: { in: { kernel: "nmda", Mg: 0.5 } },
        background: [{ kind: "whiteNoise", sigma: { uniform: [10, 200] }, mean: drive("traubMiles") }],
      },
    ],
    projections: (["box", "linear", "gaussian", "exponential"] as const).map((kernel) => ({
      ...{ source: "cells", target: "cells", rule: "distance", kernel, scale: 2, p: 0.5 },
      ...{ periodic: kernel === "gaussian", weight: { lognormal: [0, 0.3] }, delay: { uniform: [0.1, 4] } },
    })),
  },
  "sources, short-term plasticity, release, triplets, scaling": {
    dt: 0.1,
    populations: [
      noise(20, Array.from({ length: 20 }, (_, i) => 10 * i)),
      {
        name: "played",
        model: "spikeTrain",
        size: 8,
        params: {
          times: Array.from({ length: 200 }, (_, i) => 0.73 * i),
          neurons: Array.from({ length: 200 }, (_, i) => i % 8),
        },
      },
      {
        name: "cells",
        model: "lif",
        size: 11,
        method: "heun",
        receptors: { in: { kernel: "exponential", tau: 4 } },
        background: [{ kind: "constant", amplitude: 380 }],
      },
    ],
    projections: [
      { source: "noise", rule: "allToAll", weight: 20, shortTerm: { U: 0.5, tau_rec: 50 }, release: 0.4 },
      {
        source: "played",
        rule: "allToAll",
        weight: { uniform: [0, 60] },
        shortTerm: { U: 0.1, tau_rec: 20, tau_facil: 100 },
      },
      {
        ...{ source: "noise", rule: "fixedIndegree", k: 5, weight: { uniform: [0, 40] }, delay: 1.1, release: 0.8 },
        plasticity: {
          ...{ kind: "tripletStdp", A2_plus: 0.01, A3_plus: 0.02, A2_minus: 0.02, A3_minus: 0.01 },
          ...{ tau_plus: 17, tau_minus: 34, tau_x: 100, tau_y: 125, w_max: 40 },
        },
        scaling: { rho_0: 30, rate: 0.1, interval: 13 },
      },
      {
        source: "cells",
        rule: "fixedProbability",
        p: 0.4,
        weight: 5,
        scaling: { rho_0: 40, rate: 0.2, interval: 7, w_max: 9 },
      },
    ].map((p) => ({ target: "cells", ...p })),
  },
  "inhibitory STDP among two populations, euler and exact": {
    dt: 0.1,
    populations: [
      {
        name: "exc",
        model: "izhikevich",
        size: 20,
        method: "euler",
        init: { v: { normal: [-65, 5] } },
        receptors: { gaba: { kernel: "exponential", tau: 8, E_rev: -75 }, jump: { kernel: "delta" } },
        background: [{ kind: "constant", amplitude: { lognormal: [2, 0.3] } }],
      },
      {
        name: "inh",
        model: "adaptiveLif",
        size: 10,
        method: "exact",
        receptors: { in: { kernel: "exponential", tau: 3 } },
        background: [{ kind: "constant", amplitude: drive("adaptiveLif") }, { kind: "whiteNoise", sigma: 50 }],
      },
    ],
    projections: [
      { source: "exc", target: "inh", receptor: "in", rule: "fixedProbability", p: 0.3, weight: 30, delay: 1 },
      {
        ...{ source: "inh", target: "exc", receptor: "gaba", rule: "fixedIndegree", k: 4, weight: 0.02, delay: 1.5 },
        plasticity: { kind: "inhibitoryStdp", eta: 0.01, rho_0: 10, tau: 20, w_max: 1 },
      },
      {
        source: "exc",
        target: "exc",
        receptor: "jump",
        rule: "fixedOutdegree",
        k: 3,
        weight: 0.2,
        delay: { uniform: [1, 9] },
      },
    ],
  },
};

/**
 * The model file of a plan, with everything recorded: all of it for some neurons and times, weights that change too.
 */
function documentOf(name: string, { dt, populations, projections }: Plan): Loose {
  const plastic = projections.flatMap((p, k) => ("plasticity" in p || "scaling" in p ? [k] : []));
  return {
    name,
    dt,
    duration: STEPS * dt,
    seed: 77,
    populations,
    projections,
    record: [
      ...populations.flatMap((p) => recordAll(p, dt)),
      ...plastic.map((projection) => ({ projection, variables: ["weight"], every: 25 * dt })),
    ],
  };
}

const NETWORKS = Object.entries(PLANS).map(([name, plan]) => [name, documentOf(name, plan)] as const);

type Results = readonly [fingerprint: ReturnType<typeof fingerprint>, numbers: ReturnType<typeof reportNumbers>];

function resultsOf(simulation: Simulation, report: Report): Results {
  return [fingerprint(simulation), reportNumbers(report)];
}

async function chunked(document: Loose, chunk: number | undefined): Promise<Results> {
  const simulation = await Simulation.fromDocument(document);
  const { dt, duration } = document;
  const report =
    chunk === undefined ? simulation.runSync(duration) : await simulation.run(duration, { chunk: chunk * dt });
  return resultsOf(simulation, report);
}

async function cutAt(document: Loose, step: number): Promise<Results> {
  const first = await Simulation.fromDocument(document);
  const { dt } = document;
  first.runSync(step * dt);
  const second = await Simulation.restore(first.snapshot());
  const report = second.runSync((STEPS - step) * dt);
  return resultsOf(second, report);
}

describe("twelve networks give the same bits", () => {
  it.each(NETWORKS)("%s", async (_name, document) => {
    const [expected, numbers] = await chunked(document, undefined);
    expect(Object.values(numbers.populations).some(({ spikes }) => spikes > 10)).toBe(true);
    for (const chunk of CHUNKS)
      expect(await chunked(document, chunk), `chunks of ${chunk} steps`).toEqual([expected, numbers]);
    for (const step of CUTS)
      expect(await cutAt(document, step), `snapshot after ${step} steps`).toEqual([expected, numbers]);
  });
});

test("the twelve networks have every part of the format", () => {
  const seen = new Set<string>();
  const note = (...names: string[]): void => void names.forEach((name) => seen.add(name));
  const distributions = (value: unknown): void => {
    if (Array.isArray(value)) note("array");
    else if (typeof value === "object" && value !== null) note(...Object.keys(value));
  };
  for (const [, { populations, projections }] of NETWORKS) {
    for (const p of populations) {
      note(p.model, p.method ?? "source");
      for (const r of Object.values<Loose>(p.receptors ?? {})) note(`${r.kernel} ${"E_rev" in r || r.kernel === "nmda" ? "conductance" : "current"}`);
      for (const b of p.background ?? [])
        note(`background ${b.kind}`, ...("neurons" in b ? ["neurons"] : []), ...("stop" in b ? ["stop"] : []));
      for (const value of Object.values(p.params ?? {})) distributions(value);
    }
    for (const p of projections) {
      note(p.gapJunction ? "gap junctions" : `rule ${p.rule}`);
      if (p.rule === "distance") note(`distance ${p.kernel}`);
      if (p.plasticity)
        note(["plasticity", p.plasticity.kind, p.plasticity.weightDependence, p.plasticity.pairing].join(" "));
      for (const key of ["shortTerm", "release", "scaling"]) if (key in p) note(key);
      for (const key of ["weight", "delay"]) {
        distributions(p[key]);
        if (typeof p[key] === "object") note(`${key}s of their own`);
      }
    }
  }
  const kernels = ["exponential", "alpha", "dualExponential", "step"];
  const kinds = "constant piecewise pulses ramp sine whiteNoise ornsteinUhlenbeck poisson samples rheobase".split(" ");
  const rules = "allToAll oneToOne fixedProbability fixedIndegree fixedOutdegree fixedTotalNumber distance list".split(
    " ",
  );
  const wanted = [
    ...Object.keys(models),
    ...["poisson", "spikeTrain", "source"],
    ...["euler", "heun", "rk4", "exponentialEuler", "exact", "halfStep", "strangSplitting", "rosenbrock"],
    ...kernels.flatMap((kernel) => [`${kernel} current`, `${kernel} conductance`]),
    ...["delta current", "nmda conductance"],
    ...kinds.map((kind) => `background ${kind}`),
    ...["neurons", "stop"],
    ...rules.map((rule) => `rule ${rule}`),
    ...["box", "linear", "gaussian", "exponential"].map((kernel) => `distance ${kernel}`),
    ...["additive", "multiplicative"].flatMap((w) =>
      ["all", "nearest"].map((pairs) => `plasticity stdp ${w} ${pairs}`),
    ),
    ...["plasticity tripletStdp  ", "plasticity inhibitoryStdp  "],
    ...["gap junctions", "shortTerm", "release", "scaling"],
    ...["array", "uniform", "normal", "lognormal", "exponential", "truncatedNormal", "gamma", "points"],
    ...["weights of their own", "delays of their own"],
  ];
  expect(wanted.filter((name) => !seen.has(name))).toEqual([]);
});
