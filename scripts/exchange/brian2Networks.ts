/** Small networks that are run here and in Brian2: all kinds, as model files. */
import type { ModelDefinition } from "../../src/model/definition.js";
import { hindmarshRose, mihalasNiebur, thalamicRelay, wangBuzsaki } from "../../test/lang/published.js";

export interface Case {
  /** Whether every spike is the same, or numbers of spikes within a part of them are. */
  readonly compare: "spikes" | { readonly within: number };
  readonly document: Readonly<Record<string, unknown>>;
}

const given = {
  name: "given",
  model: "spikeTrain",
  size: 3,
  params: {
    times: [5, 8, 12.5, 20, 21, 33, 47, 48.2, 60, 71, 72, 90, 103, 120, 121, 122, 150, 166, 180],
    neurons: [0, 1, 0, 2, 0, 1, 2, 0, 1, 0, 2, 1, 0, 2, 1, 0, 2, 0, 1],
  },
};
const currents = [
  { kind: "constant", amplitude: 420 },
  { kind: "sine", amplitude: 60, frequency: 20, start: 50, stop: 200, phase: 0.5, offset: 10 },
  { kind: "pulses", amplitude: 100, start: 20, width: 5, period: 30, count: 4 },
  { kind: "piecewise", points: [[0, 10], [100, 20, 0.2], [150, 0]] },
  { kind: "ramp", start: 10, end: 90, from: 5, to: 50, neurons: [0, 3, 5] },
  { kind: "expression", I: "10*pA*(i < 5)" },
  { kind: "samples", dt: 10, values: [1, 2, 3, 50, 5] },
  { kind: "rheobase", fraction: 0.1 },
];
const all = (source: string, target: string, receptor: string, more: object): object => ({
  source,
  target,
  receptor,
  rule: "allToAll",
  delay: 1,
  ...more,
});

/** A population of a model under a method, fed by the given spikes. */
const driven = (name: string, model: string, method: string, amplitude: number, more: object = {}): object => ({
  name,
  model,
  size: 6,
  method,
  background: [
    { kind: "constant", amplitude: { uniform: [0.9 * amplitude, 1.2 * amplitude] } },
    { kind: "sine", amplitude: 0.1 * amplitude, frequency: 12, start: 20.3, stop: 150 },
  ],
  ...more,
});
const adexReceptors = {
  ampa: { kernel: "exponential", tau: 3, E_rev: 0 },
  gaba: { kernel: "dualExponential", tau_rise: 1, tau_decay: 7, E_rev: -80 },
  slow: { kernel: "nmda" },
  alpha: { kernel: "alpha", tau: 4, E_rev: 0 },
  hold: { kernel: "step", duration: 3, E_rev: -20 },
};
const onto = (name: string, size = 1): object[] => [
  all("given", name, "ampa", { weight: 6 * size, delay: { uniform: [0.4, 2] } }),
  all("given", name, "gaba", { weight: 3 * size }),
  all("given", name, "slow", { weight: 4 * size }),
  all("given", name, "alpha", { weight: 2 * size, delay: 0.3 }),
  all("given", name, "hold", { weight: 1 * size, delay: 2.1 }),
];

const fly: ModelDefinition = {
  name: "fly",
  equations: ["dv/dt = (v_0 - v + g)/t_m : mV (unless refractory)", "dg/dt = -g/tau : mV (unless refractory)"],
  params: { v_0: "-52 mV", t_m: "20 ms", tau: "5 ms", v_th: "-45 mV" },
  threshold: "v > v_th",
  reset: "v = v_0\ng = 0*mV",
  refractory: "2.2 ms",
  init: { v: "-52 mV" },
};
const burster: ModelDefinition = {
  name: "burster",
  current: "pA",
  equations: [
    "dv/dt = (k*(v - v_r)*(v - v_t) - u + I)/C : mV",
    "du/dt = a*(b*(v - v_r) - u) : pA",
    "last : ms",
    "count : 1",
  ],
  params: {
    C: "100 pF",
    k: "0.7 nS/mV",
    v_r: "-60 mV",
    v_t: "-40 mV",
    a: "0.03 1/ms",
    b: "-2 nS",
    c: "-50 mV",
    d: "100 pA",
    e: "3 ms",
  },
  threshold: "v >= 35*mV",
  reset: "count = count + 1 if t - last < 20*ms else 0\nlast = t\nv = c\nu += d",
  refractory: "e*(1 + 0.2*count)",
  events: [{ name: "burst", condition: "count > 1.5", reset: "count = 0" }],
  init: { v: "v_r", u: "b*(v - v_r)" },
};
const clipped: ModelDefinition = {
  name: "clipped",
  current: "pA",
  equations: [
    "dv/dt = (g_L*(E_L - v_c) + g_L*Delta_T*exp((v_c - V_T)/Delta_T) - w + I)/C_m : mV",
    "dw/dt = (a*(v_c - E_L) - w)/tau_w : pA",
    "v_c = min(v, V_peak) : mV",
  ],
  params: {
    C_m: "281 pF",
    g_L: "30 nS",
    E_L: "-70.6 mV",
    V_T: "-50.4 mV",
    Delta_T: "2 mV",
    V_peak: "20 mV",
    a: "4 nS",
    b: "80.5 pA",
    tau_w: "144 ms",
  },
  threshold: "v >= V_peak",
  reset: "v = E_L\nw += b",
  init: { v: "E_L", w: "0 pA" },
};
const noisy: ModelDefinition = {
  name: "noisy",
  equations: "dv/dt = (E_L - v)/tau_m + D*xi : mV",
  params: { E_L: "-60 mV", tau_m: "20 ms", D: "0.5 mV/sqrt(ms)" },
  threshold: "v > -58*mV",
  reset: "v = E_L",
  init: { v: "E_L" },
};

const jumps = { in: { kernel: "delta" } };
const membrane = { ampa: { kernel: "exponential", tau: 3, E_rev: 0 } };
const plastic = (kind: object, more: object = {}): object => ({
  source: "given",
  target: "cells",
  receptor: "exc",
  rule: "allToAll",
  weight: { uniform: [1, 6] },
  delay: 1.5,
  plasticity: { w_max: 10, ...kind },
  ...more,
});
const stdp = { kind: "stdp", A_plus: 0.05, A_minus: 0.04, tau_plus: 15, tau_minus: 25 };

const CASES: Readonly<Record<string, Case>> = {
  currents: {
    compare: "spikes",
    document: {
      dt: 0.1, duration: 200, seed: 3,
      populations: [
        {
          name: "exc",
          model: "lif",
          size: 40,
          params: { tau_m: { uniform: [10, 20] } },
          init: { v: { uniform: [-70, -56] } },
          receptors: {
            ampa: { kernel: "exponential", tau: 5 },
            slow: { kernel: "alpha", tau: 3 },
            hold: { kernel: "step", duration: 2 },
          },
          background: currents,
        },
        given,
      ],
      projections: [
        {
          source: "exc",
          target: "exc",
          receptor: "ampa",
          rule: "fixedProbability",
          p: 0.2,
          weight: { uniform: [10, 40] },
          delay: { uniform: [0.1, 3] },
        },
        { source: "exc", target: "exc", receptor: "slow", rule: "fixedIndegree", k: 3, weight: -30, delay: 1.5 },
        all("given", "exc", "hold", { weight: 30, delay: 1.5 }),
      ],
      record: [
        { population: "exc", variables: ["spikes", "v", "i_slow", "I_background"], neurons: [0, 1, 2, 3, 4, 5, 6, 7] },
      ],
    },
  },
  coba: {
    compare: "spikes",
    document: {
      dt: 0.1, duration: 200, seed: 5,
      populations: ["exponentialEuler", "euler", "rk4", "heun"].map((method) => ({
        name: `p_${method}`, model: "lif", size: 60, method,
        params: { C_m: 200, tau_m: 20, E_L: -49, V_th: -50, V_reset: -60, t_ref: 5 },
        init: { v: { uniform: [-65, -50] }, g_ampa: { uniform: [0, 10] } },
        receptors: {
          ampa: { kernel: "exponential", tau: 5, E_rev: 0 },
          gaba: { kernel: "exponential", tau: 10, E_rev: -80 },
        },
      })),
      projections: ["exponentialEuler", "euler", "rk4", "heun"].flatMap((method, k, list) => [
        {
          source: `p_${method}`,
          target: `p_${method}`,
          receptor: "ampa",
          rule: "fixedProbability",
          p: 0.2,
          weight: 1,
          delay: 0.1,
        },
        {
          source: `p_${method}`,
          target: `p_${list[(k + 1) % 4] as string}`,
          receptor: "gaba",
          rule: "fixedTotalNumber",
          n: 300,
          weight: 4,
          delay: { uniform: [0.1, 2] },
        },
      ]),
    },
  },
  adaptive: {
    compare: "spikes",
    document: {
      dt: 0.1, duration: 150, seed: 5,
      populations: [
        {
          name: "cells",
          model: "adaptiveLif",
          size: 20,
          params: { tau_w: { uniform: [50, 150] } },
          receptors: {
            ampa: { kernel: "alpha", tau: 4 },
            slow: { kernel: "exponential", tau: 9 },
            hold: { kernel: "step", duration: 4 },
          },
          background: [
            { kind: "constant", amplitude: { uniform: [500, 800] } },
            { kind: "sine", amplitude: 50, frequency: 30 },
          ],
        },
        {
          name: "same",
          model: "adaptiveLif",
          size: 5,
          params: { tau_w: 10, t_ref: 3, a: 20 },
          receptors: { ampa: { kernel: "exponential", tau: 10 } },
          background: [{ kind: "constant", amplitude: 900 }],
        },
        given,
      ],
      projections: [
        { source: "cells", target: "cells", receptor: "ampa", rule: "fixedProbability", p: 0.3, weight: 20, delay: 2 },
        all("given", "cells", "slow", { weight: 80 }),
        all("given", "cells", "hold", { weight: 50 }),
        all("given", "same", "ampa", { weight: 60 }),
        { source: "cells", target: "cells", gapJunction: true, rule: "fixedProbability", p: 0.2, weight: 1.5 },
      ],
      record: [
        { population: "cells", variables: ["spikes"] },
        { population: "same", variables: ["spikes"] },
        { population: "cells", variables: ["w", "v"], from: 10.3, every: 0.5, neurons: [0, 4] },
      ],
    },
  },
  jumps: {
    compare: "spikes",
    document: {
      dt: 0.1, duration: 200, seed: 9,
      populations: [
        {
          name: "a",
          model: "lif",
          size: 40,
          params: { C_m: 250, tau_m: 20, E_L: 0, V_th: 20, V_reset: 10, t_ref: 2 },
          init: { v: { uniform: [0, 20] } },
          receptors: jumps,
          background: [{ kind: "constant", amplitude: 260 }],
        },
        driven("b", "qif", "euler", 90, { receptors: jumps }),
        driven("c", "eif", "euler", 750, { receptors: jumps, params: { t_ref: 1.5 } }),
        driven("d", "izhikevich", "halfStep", 10, { receptors: { cond: { kernel: "exponential", tau: 4, E_rev: 0 } } }),
        driven("e", "fitzhughNagumo", "rk4", 0.8, { receptors: jumps }),
        given,
      ],
      projections: [
        {
          source: "a",
          target: "a",
          receptor: "in",
          rule: "fixedProbability",
          p: 0.2,
          weight: 0.8,
          delay: { uniform: [0.1, 3] },
        },
        { source: "a", target: "a", receptor: "in", rule: "fixedOutdegree", k: 4, weight: -1.5, delay: 0.1 },
        { source: "a", target: "b", receptor: "in", rule: "fixedProbability", p: 0.2, weight: 1 },
        { source: "a", target: "c", receptor: "in", rule: "fixedProbability", p: 0.2, weight: 1, delay: 1.5 },
        all("given", "d", "cond", { weight: 0.02 }),
        all("given", "e", "in", { weight: 0.4 }),
      ],
    },
  },
  models: {
    compare: "spikes",
    document: {
      dt: 0.05, duration: 80, seed: 2,
      populations: [
        driven("qif_rk4", "qif", "rk4", 90),
        driven("qif_heun", "qif", "heun", 90),
        driven("eif_euler", "eif", "euler", 750),
        driven("eif_relax", "eif", "exponentialEuler", 750),
        driven("adex_euler", "adex", "euler", 900),
        driven("adex_relax", "adex", "exponentialEuler", 900),
        driven("adex_heun", "adex", "heun", 900),
        driven("adex_rk4", "adex", "rk4", 900, { params: { t_ref: 1 } }),
        driven("sharp", "adex", "euler", 900, { params: { Delta_T: 0 } }),
        driven("izh_euler", "izhikevich", "euler", 10),
        driven("izh_rk4", "izhikevich", "rk4", 10),
        driven("izh_half", "izhikevich", "halfStep", 10),
        driven("fhn_rk4", "fitzhughNagumo", "rk4", 0.7), driven("fhn_euler", "fitzhughNagumo", "euler", 0.7),
        driven("ml_rk4", "morrisLecar", "rk4", 110), driven("ml_relax", "morrisLecar", "exponentialEuler", 110),
        driven("hh_strang", "hodgkinHuxley", "strangSplitting", 12),
        driven("hh_relax", "hodgkinHuxley", "exponentialEuler", 12),
        driven("hh_rk4", "hodgkinHuxley", "rk4", 12),
        driven("tm_strang", "traubMiles", "strangSplitting", 300),
        driven("tm_rk4", "traubMiles", "rk4", 300),
        driven("lif_heun", "lif", "heun", 450),
        driven("adaptive_euler", "adaptiveLif", "euler", 600),
        driven("adaptive_rk4", "adaptiveLif", "rk4", 600),
        driven("adaptive_relax", "adaptiveLif", "exponentialEuler", 600),
      ],
    },
  },
  receptors: {
    compare: "spikes",
    document: {
      dt: 0.05, duration: 80, seed: 4,
      populations: [
        given,
        driven("rk4", "adex", "rk4", 500, { receptors: adexReceptors }),
        driven("heun", "adex", "heun", 500, { receptors: adexReceptors }),
        driven("euler", "adex", "euler", 500, { receptors: adexReceptors }),
        driven("relax", "adex", "exponentialEuler", 500, { receptors: adexReceptors }),
        driven("strang", "hodgkinHuxley", "strangSplitting", 3, { receptors: adexReceptors }),
        driven("membrane", "morrisLecar", "rk4", 60, { receptors: membrane }),
      ],
      projections: [
        ...["rk4", "heun", "euler", "relax"].flatMap((name) => onto(name)),
        ...onto("strang", 0.02),
        all("given", "membrane", "ampa", { weight: 2 }),
      ],
      record: ["rk4", "heun", "euler", "relax", "strang", "membrane"].map((population) => ({
        population,
        variables: ["spikes"],
      })),
    },
  },
  own: {
    compare: "spikes",
    document: {
      dt: 0.05, duration: 80, seed: 6,
      models: [wangBuzsaki, hindmarshRose, mihalasNiebur, thalamicRelay, fly, burster, clipped],
      populations: [
        given,
        driven("wb", "wangBuzsaki", "exponentialEuler", 2),
        driven("wb_rk4", "wangBuzsaki", "rk4", 2),
        driven("hr", "hindmarshRose", "rk4", 3),
        driven("mn", "mihalasNiebur", "rk4", 1.5), driven("mn_exact", "mihalasNiebur", "exact", 1.5),
        driven("relay", "thalamicRelay", "exponentialEuler", 2), driven("relay_euler", "thalamicRelay", "euler", 2),
        { name: "flies", model: "fly", size: 8, method: "exact", receptors: { syn: { kernel: "delta", state: "g" } } },
        driven("bursting", "burster", "rk4", 200, { receptors: { in: { kernel: "exponential", tau: 4 } } }),
        driven("clip", "clipped", "rk4", 900), driven("clip_relax", "clipped", "exponentialEuler", 900),
      ],
      projections: [
        all("given", "flies", "syn", { weight: 9 }),
        { source: "flies", target: "flies", receptor: "syn", rule: "fixedProbability", p: 0.4, weight: 4, delay: 1.8 },
        {
          source: "bursting",
          event: "burst",
          target: "bursting",
          receptor: "in",
          rule: "fixedProbability",
          p: 0.5,
          weight: -200,
          delay: 2,
        },
      ],
    },
  },
  plasticity: {
    compare: "spikes",
    document: {
      dt: 0.1, duration: 200, seed: 8,
      populations: [
        given,
        {
          name: "cells",
          model: "lif",
          size: 4,
          params: { tau_m: 10 },
          receptors: { exc: { kernel: "exponential", tau: 5, E_rev: 0 } },
          background: [{ kind: "constant", amplitude: { uniform: [380, 460] } }],
        },
      ],
      projections: [
        plastic(stdp),
        plastic({ ...stdp, pairing: "nearest" }),
        plastic({ ...stdp, weightDependence: "multiplicative" }),
        plastic({ ...stdp, dendriticDelayFraction: 1 }), plastic({ ...stdp, dendriticDelayFraction: 0.4 }),
        plastic(
          {
            kind: "tripletStdp",
            A2_plus: 0.01,
            A3_plus: 0.05,
            A2_minus: 0.04,
            A3_minus: 0.01,
            tau_plus: 16,
            tau_minus: 30,
            tau_x: 80,
            tau_y: 100,
          },
          { delay: 0.1 },
        ),
        plastic({ kind: "inhibitoryStdp", eta: 0.3, rho_0: 20, tau: 20 }),
        plastic(stdp, { shortTerm: { U: 0.4, tau_rec: 60, tau_facil: 30 } }),
        all("given", "cells", "exc", { weight: 4, shortTerm: { U: 0.5, tau_rec: 100 } }),
        all("given", "cells", "exc", { weight: 3, scaling: { rho_0: 20, rate: 0.2, interval: 50, w_max: 12 } }),
      ],
      record: [{ population: "cells", variables: ["spikes", "v"] }],
    },
  },
  jumpingPlasticity: {
    compare: "spikes",
    document: {
      dt: 0.1, duration: 200, seed: 8,
      populations: [
        given,
        {
          name: "cells",
          model: "lif",
          size: 4,
          receptors: jumps,
          background: [{ kind: "constant", amplitude: { uniform: [380, 460] } }],
        },
      ],
      projections: [
        {
          source: "given",
          target: "cells",
          receptor: "in",
          rule: "allToAll",
          weight: { uniform: [1, 4] },
          delay: 0.1,
          plasticity: { ...stdp, w_max: 6 },
        },
        {
          source: "given",
          target: "cells",
          receptor: "in",
          rule: "allToAll",
          weight: { uniform: [1, 4] },
          delay: 0.8,
          plasticity: { ...stdp, w_max: 6 },
          shortTerm: { U: 0.4, tau_rec: 60 },
        },
      ],
    },
  },
  noise: {
    compare: { within: 0.12 },
    document: {
      dt: 0.1, duration: 400, seed: 8, models: [noisy],
      populations: [
        {
          name: "white",
          model: "lif",
          size: 100,
          background: [
            { kind: "constant", amplitude: 350 },
            { kind: "whiteNoise", sigma: 400 },
          ],
        },
        {
          name: "slow",
          model: "adex",
          method: "euler",
          size: 100,
          background: [{ kind: "ornsteinUhlenbeck", mean: 500, sigma: 150, tau: 10 }],
        },
        {
          name: "bombarded",
          model: "lif",
          size: 100,
          receptors: jumps,
          background: [{ kind: "poisson", rate: 4000, weight: 0.45 }],
        },
        { name: "text", model: "noisy", size: 100 },
        { name: "sources", model: "poisson", size: 200, params: { rate: { points: [[0, 10], [200, 20]] } } },
        {
          name: "listening",
          model: "lif",
          size: 100,
          receptors: { in: { kernel: "exponential", tau: 5 } },
          background: [{ kind: "constant", amplitude: 360 }],
        },
      ],
      projections: [
        {
          source: "sources",
          target: "listening",
          receptor: "in",
          rule: "fixedIndegree",
          k: 40,
          weight: { lognormal: [2.5, 0.4] },
          delay: { gamma: [2, 1] },
          release: 0.7,
        },
      ],
    },
  },
};

/** The networks by name; spikes of all populations are recorded. */
export const NETWORKS: Readonly<Record<string, Case>> = Object.fromEntries(
  Object.entries(CASES).map(([name, { compare, document }]) => {
    const populations = document.populations as readonly { readonly name: string; readonly size: number }[];
    const record = populations.map((population) => ({ population: population.name, variables: ["spikes"] }));
    return [name, { compare, document: { name, record, ...document } }];
  }),
);
