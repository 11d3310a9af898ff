/** Networks that exports are checked with: a small one for each sort of kind, and three from the literature. */
import { readFileSync } from "node:fs";
import { microcircuit, POPULATIONS } from "../../examples/microcircuit/network.js";

type Json = Record<string, unknown>;

export interface NestNetwork {
  readonly name: string;
  readonly document: Json;
  /** Exported with all that is drawn. */
  readonly explicit: boolean;
  /** Each spike must be in the same step. */
  readonly same: boolean;
  /** Spikes that there must be at least, so that something was compared. */
  readonly least: number;
  /** Where spikes are not the same: allowed difference of the number of each population, absolute and relative. */
  readonly spikes?: number;
  readonly share?: number;
  /** Largest difference of traces, and of weights at the end. */
  readonly traces?: number;
  readonly weights?: number;
  /** The same for one projection, where NEST's rule is another one. */
  readonly loose?: Readonly<Record<string, number>>;
}

/** Numbers from 0 to 1 that are the same on each machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

/** Irregular spikes of some neurons. */
function train(size: number, spikes: number, duration: number, seed: number): Json {
  const next = numbers(seed);
  const list = Array.from(
    { length: spikes },
    () => [Math.round((1 + next() * (duration - 2)) * 10) / 10, Math.floor(next() * size)] as const,
  );
  return { times: list.map(([t]) => t), neurons: list.map(([, i]) => i) };
}

const spikes = (...populations: readonly string[]): Json[] =>
  populations.map((population) => ({ population, variables: ["spikes"] }));
const traces = (population: string, ...variables: readonly string[]): Json => ({
  population,
  variables,
  neurons: [0, 1],
});
const from = (source: string, target: string, receptor: string, weight: unknown, more: Json = {}): Json => ({
  source,
  target,
  receptor,
  rule: "fixedProbability",
  p: 0.5,
  weight,
  delay: 1.5,
  ...more,
});

export function small(): NestNetwork[] {
  return [
    currents(),
    jumps(),
    kernels(),
    devices(),
    adaptive(),
    conductances(),
    membranes(),
    gaps(),
    plastic(),
    noisy(),
    rules(),
  ];
}

/** Exponential and alpha currents onto lif, told apart by sign and by number; recurrent. */
function currents(): NestNetwork {
  const params = { tau_m: 12, V_reset: -68, t_ref: 1.3 };
  const exp = (tau: number): Json => ({ kernel: "exponential", tau });
  const alpha = (tau: number): Json => ({ kernel: "alpha", tau });
  return {
    name: "currents",
    explicit: true,
    same: true,
    least: 400,
    traces: 1e-8,
    document: {
      dt: 0.1,
      duration: 300,
      seed: 3,
      populations: [
        { name: "drive", model: "spikeTrain", size: 20, params: train(20, 1200, 300, 5) },
        {
          name: "signed",
          model: "lif",
          size: 10,
          params: { ...params, C_m: { uniform: [200, 300] } },
          init: { v: { uniform: [-70, -60] } },
          receptors: { exc: exp(2), inh: exp(5) },
          background: [{ kind: "constant", amplitude: 300 }],
        },
        {
          name: "listed",
          model: "lif",
          size: 10,
          params,
          receptors: { fast: exp(1), slow: exp(8), third: exp(3) },
          background: [{ kind: "constant", amplitude: { uniform: [250, 350] } }],
        },
        {
          name: "alphas",
          model: "lif",
          size: 10,
          params: { ...params, E_L: { uniform: [-70, -65] } },
          receptors: { exc: alpha(2), inh: alpha(4) },
          background: [{ kind: "constant", amplitude: 250, neurons: [1, 2, 5] }],
        },
        {
          name: "four alphas",
          model: "lif",
          size: 10,
          params,
          receptors: { a: alpha(2), b: alpha(4), c: alpha(1) },
          background: [{ kind: "constant", amplitude: 320 }],
        },
      ],
      projections: [
        from("drive", "signed", "exc", { uniform: [50, 150] }),
        from("drive", "signed", "inh", -40),
        from("signed", "signed", "inh", -60, { delay: { uniform: [0.5, 2.5] } }),
        from("drive", "listed", "fast", 90),
        from("drive", "listed", "slow", { normal: [5, 20] }),
        from("listed", "listed", "third", -30),
        from("drive", "alphas", "exc", 60),
        from("drive", "alphas", "inh", -30),
        from("signed", "alphas", "exc", 50, { delay: 0.1 }),
        from("drive", "four alphas", "a", 40),
        from("drive", "four alphas", "b", 20),
        from("alphas", "four alphas", "c", -80),
      ],
      record: [
        ...spikes("drive", "signed", "listed", "alphas", "four alphas"),
        traces("signed", "v", "i_exc", "i_inh"),
        traces("listed", "v", "i_slow"),
        traces("alphas", "v", "i_inh"),
        { ...traces("four alphas", "v"), every: 0.7, from: 20.4 },
      ],
    },
  };
}

/** Jumps of v: lif and izhikevich under Euler, with excitation and inhibition. */
function jumps(): NestNetwork {
  return {
    name: "jumps",
    explicit: true,
    same: true,
    least: 300,
    traces: 1e-8,
    document: {
      dt: 0.1,
      duration: 150,
      seed: 4,
      populations: [
        { name: "drive", model: "spikeTrain", size: 20, params: train(20, 600, 150, 9) },
        {
          name: "lif",
          model: "lif",
          size: 20,
          params: { V_th: { uniform: [-56, -54] } },
          init: { v: { uniform: [-70, -56] } },
          receptors: { jump: { kernel: "delta" } },
          background: [{ kind: "constant", amplitude: 380 }],
        },
        {
          name: "izh",
          model: "izhikevich",
          size: 20,
          method: "euler",
          params: { d: { uniform: [2, 8] } },
          receptors: { jump: { kernel: "delta" } },
          background: [{ kind: "constant", amplitude: { uniform: [5, 12] } }],
        },
      ],
      projections: [
        from("drive", "lif", "jump", 1.5),
        from("lif", "lif", "jump", { uniform: [-0.5, 0.5] }, { delay: { uniform: [0.1, 3] } }),
        from("drive", "izh", "jump", 2),
        from("izh", "lif", "jump", -0.4),
        from("lif", "izh", "jump", 0.3),
      ],
      record: [...spikes("lif", "izh"), traces("lif", "v"), traces("izh", "v", "u")],
    },
  };
}

/** The published scheme of izhikevich, and short-term plasticity: nothing else that differs. */
function kernels(): NestNetwork {
  return {
    name: "half-steps",
    explicit: true,
    same: true,
    least: 60,
    traces: 1e-8,
    document: {
      dt: 1,
      duration: 400,
      seed: 4,
      populations: [
        {
          name: "izh",
          model: "izhikevich",
          size: 10,
          method: "halfStep",
          background: [{ kind: "constant", amplitude: { uniform: [5, 12] } }],
        },
        {
          name: "drive",
          model: "spikeTrain",
          size: 5,
          params: { times: [10, 30, 50, 55, 100, 101, 102, 200, 210, 220], neurons: [0, 1, 0, 0, 1, 2, 2, 3, 3, 3] },
        },
        {
          name: "cells",
          model: "lif",
          size: 10,
          receptors: { exc: { kernel: "exponential", tau: 5 } },
          background: [{ kind: "constant", amplitude: 360 }],
        },
      ],
      projections: [
        from("drive", "cells", "exc", 200, { delay: 2, shortTerm: { U: 0.3, tau_rec: 80, tau_facil: 40 } }),
        from("izh", "cells", "exc", 40, { delay: 1, shortTerm: { U: 0.5, tau_rec: 300 } }),
      ],
      record: [...spikes("izh", "cells"), traces("izh", "v", "u"), traces("cells", "v")],
    },
  };
}

/** Currents that change in time, into a neuron that is solved exactly. */
function devices(): NestNetwork {
  const lif = (name: string, background: readonly Json[]): Json => ({ name, model: "lif", size: 4, background });
  return {
    name: "devices",
    explicit: true,
    same: true,
    least: 100,
    traces: 1e-8,
    document: {
      dt: 0.1,
      duration: 200,
      seed: 3,
      populations: [
        lif("steps", [
          {
            kind: "piecewise",
            points: [
              [0, 300],
              [20, 500],
              [50, -100],
              [80, 600],
            ],
          },
          { kind: "constant", amplitude: 100, start: 10, stop: 30, neurons: [1, 3] },
        ]),
        lif("slopes", [
          {
            kind: "piecewise",
            points: [
              [5, 300, 2],
              [60, 100, 8],
            ],
          },
          { kind: "ramp", start: 20, end: 120, from: 100, to: { uniform: [200, 300] } },
        ]),
        lif("pulses", [
          { kind: "pulses", amplitude: { uniform: [500, 900] }, start: 10, width: 5, period: 20, count: 6 },
          { kind: "constant", amplitude: 200, stop: 100 },
        ]),
        lif("waves", [
          { kind: "sine", amplitude: 200, frequency: 40, phase: 0.5, offset: 350, start: 10 },
          { kind: "samples", dt: 12.5, values: [0, 50, 100, -50, 30, 70] },
        ]),
        lif("written", [{ kind: "expression", I: "(400 + 20*i)*pA*(t > 7*ms) + 50*pA*sin(2*pi*20*Hz*t)", start: 5 }]),
      ],
      record: [
        ...spikes("steps", "slopes", "pulses", "waves", "written"),
        ...["steps", "slopes", "pulses", "waves", "written"].map((name) => traces(name, "v")),
      ],
    },
  };
}

/** The family aeif_*. */
function adaptive(): NestNetwork {
  const drive = { kind: "constant", amplitude: 900 };
  const alpha = (tau: number, E_rev: number): Json => ({ kernel: "alpha", tau, E_rev });
  const cell = (name: string, model: string, receptors: Json, amplitude = 900): Json => ({
    name,
    model,
    size: 5,
    params: { V_reset: -60, ...(model === "adaptiveLif" ? {} : { V_peak: 0 }) },
    receptors,
    background: [{ ...drive, amplitude }],
  });
  return {
    name: "adaptive",
    explicit: true,
    same: false,
    least: 10,
    spikes: 3,
    share: 0.02,
    document: {
      dt: 0.1,
      duration: 300,
      seed: 8,
      populations: [
        { name: "drive", model: "spikeTrain", size: 20, params: train(20, 800, 300, 6) },
        cell("conductances", "adex", {
          exc: { kernel: "exponential", tau: 3, E_rev: 0 },
          inh: { kernel: "exponential", tau: 6, E_rev: -80 },
        }),
        cell("alphas", "adex", { exc: alpha(2, 0), inh: alpha(4, -80) }),
        cell("three", "adex", {
          exc: alpha(2, 0),
          inh: { kernel: "dualExponential", tau_rise: 1, tau_decay: 8, E_rev: -80 },
          more: alpha(5, -10),
        }),
        cell("currents", "eif", { exc: { kernel: "exponential", tau: 3 }, inh: { kernel: "exponential", tau: 5 } }),
        cell("jumps", "eif", { jump: { kernel: "delta" } }),
        cell("leaky", "adaptiveLif", { exc: { kernel: "exponential", tau: 3, E_rev: 0 } }, 700),
      ],
      projections: [
        from("drive", "conductances", "exc", 3),
        from("drive", "conductances", "inh", 4),
        from("drive", "alphas", "exc", 2),
        from("drive", "alphas", "inh", 3),
        from("drive", "three", "exc", 1),
        from("drive", "three", "inh", 2),
        from("drive", "three", "more", 0.5),
        from("drive", "currents", "exc", 60),
        from("drive", "currents", "inh", -40),
        from("drive", "jumps", "jump", 0.5),
        from("drive", "leaky", "exc", 2),
      ],
      record: spikes("conductances", "alphas", "three", "currents", "jumps", "leaky"),
    },
  };
}

/** Conductances onto lif: the same steps in short runs, though not the same bits. */
function conductances(): NestNetwork {
  const cell = (name: string, exc: Json, inh: Json): Json => ({
    name,
    model: "lif",
    size: 5,
    receptors: { inh: { ...inh, E_rev: -85 }, exc: { ...exc, E_rev: 0 } },
    background: [{ kind: "constant", amplitude: 300 }],
  });
  return {
    name: "conductances",
    explicit: true,
    same: false,
    least: 15,
    spikes: 3,
    traces: 0.01,
    document: {
      dt: 0.1,
      duration: 300,
      seed: 8,
      populations: [
        { name: "drive", model: "spikeTrain", size: 20, params: train(20, 1000, 300, 11) },
        cell("exponential", { kernel: "exponential", tau: 2 }, { kernel: "exponential", tau: 5 }),
        cell("alpha", { kernel: "alpha", tau: 2 }, { kernel: "alpha", tau: 5 }),
        cell(
          "beta",
          { kernel: "dualExponential", tau_rise: 1, tau_decay: 4 },
          { kernel: "dualExponential", tau_rise: 2, tau_decay: 6 },
        ),
        {
          name: "mixed",
          model: "lif",
          size: 5,
          receptors: {
            a: { kernel: "alpha", tau: 2, E_rev: 0 },
            b: { kernel: "exponential", tau: 5, E_rev: -85 },
            c: { kernel: "dualExponential", tau_rise: 1, tau_decay: 3, E_rev: 0 },
          },
          background: [{ kind: "constant", amplitude: 300 }],
        },
      ],
      projections: [
        ...["exponential", "alpha", "beta"].flatMap((name) => [
          from("drive", name, "exc", 3),
          from("drive", name, "inh", 3),
        ]),
        from("drive", "mixed", "a", 2),
        from("drive", "mixed", "b", 3),
        from("drive", "mixed", "c", 1),
      ],
      record: [
        ...spikes("exponential", "alpha", "beta", "mixed"),
        ...["exponential", "alpha", "beta"].map((name) => traces(name, "v", "g_exc", "g_inh")),
      ],
    },
  };
}

/** Hodgkin-Huxley and Traub-Miles. */
function membranes(): NestNetwork {
  return {
    name: "membranes",
    explicit: true,
    same: false,
    least: 20,
    spikes: 5,
    share: 0.02,
    document: {
      dt: 0.025,
      duration: 200,
      seed: 8,
      populations: [
        { name: "drive", model: "spikeTrain", size: 20, params: train(20, 300, 200, 12) },
        {
          name: "squid",
          model: "hodgkinHuxley",
          size: 5,
          method: "rk4",
          receptors: { exc: { kernel: "alpha", tau: 2 } },
          background: [{ kind: "constant", amplitude: 10 }],
        },
        {
          name: "traub",
          model: "traubMiles",
          size: 5,
          method: "rk4",
          receptors: {
            exc: { kernel: "exponential", tau: 5, E_rev: 0 },
            inh: { kernel: "exponential", tau: 10, E_rev: -80 },
          },
          background: [{ kind: "constant", amplitude: 200 }],
        },
      ],
      projections: [
        from("drive", "squid", "exc", 0.8),
        from("drive", "traub", "exc", 4),
        from("drive", "traub", "inh", 6),
      ],
      record: spikes("squid", "traub"),
    },
  };
}

/** Gap junctions between Traub-Miles neurons: one is driven, the other one follows. */
function gaps(): NestNetwork {
  return {
    name: "gaps",
    explicit: true,
    same: false,
    least: 20,
    spikes: 2,
    document: {
      dt: 0.025,
      duration: 200,
      seed: 8,
      populations: [
        {
          name: "driven",
          model: "traubMiles",
          size: 4,
          method: "rk4",
          background: [{ kind: "constant", amplitude: 300 }],
        },
        {
          name: "following",
          model: "traubMiles",
          size: 4,
          method: "rk4",
          receptors: { exc: { kernel: "dualExponential", tau_rise: 0.5, tau_decay: 5, E_rev: 0 } },
        },
      ],
      projections: [
        { source: "driven", target: "following", gapJunction: true, rule: "oneToOne", weight: 5 },
        { source: "driven", target: "following", receptor: "exc", rule: "allToAll", weight: 1, delay: 1 },
      ],
      record: spikes("driven", "following"),
    },
  };
}

/**
 * Rules of plasticity: what the potential of the targets shows of their weights. Targets fire when they are kicked, in
 * even steps as the sources do, so that no pair meets at a synapse in one step: there NEST differs.
 */
function plastic(): NestNetwork {
  const rule = (kind: string, more: Json): Json => ({ plasticity: { kind, dendriticDelayFraction: 1, ...more } });
  const stdp = { A_plus: 0.02, A_minus: 0.025, tau_plus: 15, tau_minus: 20, w_max: 30 };
  const fast = { kernel: "exponential", tau: 0.1 };
  const lif = (name: string): Json => ({
    name,
    model: "lif",
    size: 5,
    receptors: { exc: { kernel: "exponential", tau: 4 }, kick: fast },
  });
  const input = (target: string, more: Json, weight = 12, receptor = "exc"): Json => ({
    source: "drive",
    target,
    receptor,
    rule: "allToAll",
    weight,
    delay: 1.5,
    ...more,
  });
  // NEST's weights are those of the last spike of their source, so each source has one at the end.
  const even = ({ times, neurons }: Json, last: readonly number[]): Json => ({
    times: [...(times as number[]).map((t) => Math.round(5 * t) / 5), ...last.map(() => 398)],
    neurons: [...(neurons as number[]), ...last],
  });
  const names = ["additive", "multiplicative", "nearest", "triplets"];
  return {
    name: "plastic",
    explicit: true,
    same: true,
    least: 250,
    weights: 1e-9,
    loose: { "drive -> nearest (exc)": 1.5 },
    document: {
      dt: 0.1,
      duration: 400,
      seed: 8,
      populations: [
        {
          name: "drive",
          model: "spikeTrain",
          size: 10,
          params: even(
            train(10, 600, 395, 13),
            Array.from({ length: 10 }, (_, i) => i),
          ),
        },
        { name: "kicks", model: "spikeTrain", size: 5, params: even(train(5, 60, 390, 14), []) },
        ...names.map(lif),
        {
          name: "conductance",
          model: "lif",
          size: 5,
          receptors: { inh: { kernel: "exponential", tau: 4, E_rev: -80 }, kick: { ...fast, E_rev: 0 } },
        },
      ],
      projections: [
        input("additive", rule("stdp", stdp)),
        input("multiplicative", rule("stdp", { ...stdp, weightDependence: "multiplicative" })),
        input("nearest", rule("stdp", { ...stdp, pairing: "nearest" })),
        input(
          "triplets",
          rule("tripletStdp", {
            A2_plus: 0.01,
            A3_plus: 0.02,
            A2_minus: 0.01,
            A3_minus: 0.01,
            tau_plus: 15,
            tau_minus: 20,
            tau_x: 100,
            tau_y: 120,
            w_max: 30,
          }),
        ),
        input("conductance", rule("inhibitoryStdp", { eta: 0.02, rho_0: 20, tau: 20, w_max: 4 }), 0.2, "inh"),
        ...names.map((name) => ({
          source: "kicks",
          target: name,
          receptor: "kick",
          rule: "oneToOne",
          weight: 1e5,
          delay: 1.5,
        })),
        { source: "kicks", target: "conductance", receptor: "kick", rule: "oneToOne", weight: 3000, delay: 1.5 },
      ],
      record: spikes("additive", "multiplicative", "nearest", "triplets", "conductance"),
    },
  };
}

/** Random input. */
function noisy(): NestNetwork {
  const lif = (
    name: string,
    background: readonly Json[],
    receptors: Json = { exc: { kernel: "exponential", tau: 5 } },
  ): Json => ({ name, model: "lif", size: 200, receptors, background });
  return {
    name: "noisy",
    explicit: false,
    same: false,
    least: 500,
    share: 0.1,
    document: {
      dt: 0.1,
      duration: 500,
      seed: 8,
      populations: [
        lif("white", [
          { kind: "constant", amplitude: 340 },
          { kind: "whiteNoise", sigma: 300, mean: 10 },
        ]),
        lif("each", [
          { kind: "constant", amplitude: { normal: [340, 20] } },
          { kind: "whiteNoise", sigma: { uniform: [200, 400] } },
        ]),
        lif("bombarded", [{ kind: "poisson", rate: 2000, weight: 40, receptor: "exc" }]),
        lif("changing", [
          {
            kind: "poisson",
            rate: {
              points: [
                [0, 1500],
                [200, 2500],
                [300, 500, 10],
              ],
            },
            weight: 40,
            receptor: "exc",
          },
        ]),
        lif("own rates", [
          { kind: "poisson", rate: { uniform: [1500, 2500] }, weight: { normal: [40, 2] }, receptor: "exc", start: 50 },
        ]),
        { name: "trains", model: "poisson", size: 100, params: { rate: { gamma: [4, 5] } } },
        { name: "waxing", model: "poisson", size: 100, params: { rate: { points: [[0, 5, 0.1]] } } },
        lif("heard", [{ kind: "constant", amplitude: 300 }]),
        lif("unreliable", [{ kind: "constant", amplitude: 300 }]),
      ],
      projections: [
        from("trains", "heard", "exc", { lognormal: [3.4, 0.3] }, { p: 0.3 }),
        from("waxing", "heard", "exc", { exponential: 20 }, { p: 0.1, delay: { normal: [1.5, 0.5] } }),
        from("trains", "unreliable", "exc", 60, { p: 0.3, release: 0.5 }),
      ],
      record: spikes("white", "each", "bombarded", "changing", "own rates", "trains", "waxing", "heard", "unreliable"),
    },
  };
}

/** NEST's connection rules; the rate of a target shows how many synapses it has. */
function rules(): NestNetwork {
  const options: Record<string, Json> = {
    allToAll: { rule: "allToAll", weight: 2, autapses: false },
    probability: { rule: "fixedProbability", p: 0.2, weight: 10 },
    indegree: { rule: "fixedIndegree", k: 20, weight: 10 },
    single: { rule: "fixedIndegree", k: 20, weight: 10, multapses: false, autapses: false },
    outdegree: { rule: "fixedOutdegree", k: 20, weight: 10 },
    total: { rule: "fixedTotalNumber", n: 2000, weight: 10 },
    gaussian: { rule: "distance", kernel: "gaussian", scale: 2, p: 0.8, weight: { truncatedNormal: [10, 2, 0, 20] } },
    periodic: { rule: "distance", kernel: "linear", scale: 4, p: 0.9, periodic: true, weight: 10 },
    box: { rule: "distance", kernel: "box", scale: 0.5, weight: 10 },
    decaying: { rule: "distance", kernel: "exponential", scale: 2, p: 0.9, weight: 10 },
  };
  const layouts: Record<string, Json> = {
    gaussian: { grid: { columns: 10, spacing: 1 } },
    periodic: { grid: { columns: 10, spacing: 1 } },
    box: { disc: { radius: 1 } },
    decaying: { line: { length: 10 } },
  };
  const names = Object.keys(options);
  return {
    name: "rules",
    explicit: false,
    same: false,
    least: 200,
    share: 0.06,
    spikes: 20,
    document: {
      dt: 0.1,
      duration: 300,
      seed: 8,
      populations: names.map((name) => ({
        name,
        model: "lif",
        size: 100,
        receptors: { exc: { kernel: "exponential", tau: 3 } },
        init: { v: { uniform: [-70, -56] } },
        background: [{ kind: "constant", amplitude: 390 }],
        ...(layouts[name] && { positions: layouts[name] }),
      })),
      projections: names.map((name) => ({ source: name, target: name, receptor: "exc", delay: 1.5, ...options[name] })),
      record: spikes(...names),
    },
  };
}

export function coba(): NestNetwork {
  const document = JSON.parse(readFileSync(new URL("../../examples/coba.json", import.meta.url), "utf8")) as Json;
  return {
    name: "coba",
    document: { ...document, duration: 500 },
    explicit: false,
    same: false,
    least: 1000,
    share: 0.15,
  };
}

/** Brunel's network in its asynchronous irregular state, at the size of examples/10-brunel.ts. */
export function brunel(): NestNetwork {
  const [N, J, g] = [4000, 0.25, 5];
  const cell = (name: string, size: number): Json => ({
    name,
    model: "lif",
    size,
    params: { tau_m: 20, E_L: 0, V_th: 20, V_reset: 10, t_ref: 2 },
    init: { v: { uniform: [0, 20] } },
    receptors: { jump: { kernel: "delta" } },
    background: [{ kind: "poisson", rate: (1000 * 2 * 20) / (J * 20), weight: J, receptor: "jump" }],
  });
  const synapses = (source: string, target: string, k: number, weight: number): Json => ({
    source,
    target,
    receptor: "jump",
    rule: "fixedIndegree",
    k,
    weight,
    delay: 1.5,
  });
  return {
    name: "brunel",
    explicit: false,
    same: false,
    least: 1000,
    share: 0.1,
    document: {
      dt: 0.1,
      duration: 300,
      seed: 11,
      populations: [cell("exc", N), cell("inh", N / 4)],
      projections: ["exc", "inh"].flatMap((target) => [
        synapses("exc", target, N / 10, J),
        synapses("inh", target, N / 40, -g * J),
      ]),
      record: spikes("exc", "inh"),
    },
  };
}

/** The microcircuit of Potjans and Diesmann at a tenth of its size, with Poisson trains as its background. */
export function column(): NestNetwork {
  return {
    name: "column",
    explicit: false,
    same: false,
    least: 10,
    share: 0.2,
    spikes: 60,
    document: {
      ...microcircuit({ scale: 0.1, seed: 57 }),
      duration: 600,
      record: POPULATIONS.map((population) => ({ population, variables: ["spikes"], from: 200 })),
    },
  };
}
