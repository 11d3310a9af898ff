/** Networks that the tests of model files start from. Each call gives a fresh object, free to be changed. */

export type Loose = any;

/** The network of the documentation. */
export function coba(): Loose {
  return {
    name: "coba",
    dt: 0.1,
    duration: 1000,
    seed: 42,
    populations: [
      {
        name: "exc",
        model: "lif",
        size: 3200,
        method: "euler",
        params: { C_m: 200, tau_m: 20, E_L: -60, V_th: -50, V_reset: -60, t_ref: 5 },
        init: { v: { normal: [-60, 5] } },
        receptors: {
          exc: { kernel: "exponential", tau: 5, E_rev: 0 },
          inh: { kernel: "exponential", tau: 10, E_rev: -80 },
        },
        background: [{ kind: "constant", amplitude: 0 }],
      },
    ],
    projections: [
      { source: "exc", target: "exc", receptor: "exc", rule: "fixedProbability", p: 0.02, weight: 6, delay: 0.1 },
    ],
    record: [
      { population: "exc", variables: ["spikes"] },
      { population: "exc", variables: ["v"], neurons: [0, 1], every: 0.5 },
    ],
  };
}

/** As little as a network can be. */
export function least(): Loose {
  return { dt: 0.1, duration: 10, populations: [{ name: "a", model: "lif", size: 3 }] };
}

/** Sources, all receptors, rules of space and number, synapses that change, gap junctions. */
export function synapses(): Loose {
  const grid = { grid: { columns: 2, spacing: 50 } };
  return {
    dt: 0.1,
    duration: 10,
    populations: [
      { name: "noise", model: "poisson", size: 6, params: { rate: "0.02 kHz" }, positions: grid },
      {
        name: "steps",
        model: "poisson",
        size: 2,
        params: {
          rate: {
            points: [
              [0, 10],
              ["50 ms", "20 Hz", -0.4],
              [100, 0],
            ],
          },
        },
      },
      { name: "quiet", model: "poisson", size: 2 },
      { name: "own", model: "poisson", size: 2, params: { rate: [1, 2] }, positions: { line: { length: 3 } } },
      { name: "played", model: "spikeTrain", size: 3, params: { times: [3, "1 ms", 3, 2], neurons: [2, 1, 0, 2] } },
      {
        name: "exc",
        model: "lif",
        size: 6,
        params: { V_th: { truncatedNormal: [-50, 2, "-55 mV", -45] }, tau_m: { gamma: [4, "5 ms"] } },
        init: { g_ampa: 1, g_slow: 2, i_kick: -3, g_nmda: 4 },
        receptors: {
          ampa: { kernel: "alpha", tau: 2, E_rev: 0 },
          slow: { kernel: "dualExponential", tau_rise: "1 ms", tau_decay: 5, E_rev: -80 },
          kick: { kernel: "step", duration: 2 },
          nmda: { kernel: "nmda" },
          full: { kernel: "nmda", tau_rise: 3, tau_decay: 80, E_rev: "5 mV", Mg: 0.5 },
          jump: { kernel: "delta" },
          wave: { kernel: "alpha", tau: 4 },
        },
        background: [
          { kind: "poisson", rate: 100, weight: 0.5, receptor: "ampa", neurons: [0, 2], start: "10 ms", stop: 20 },
          { kind: "poisson", rate: { points: [[0, 5], [10, 6]] }, weight: { uniform: [-1, "1 pA"] }, receptor: "wave" },
          { kind: "poisson", rate: [1, 2, 3, 4, 5, 6], weight: "0.1 mV", receptor: "jump", stop: 5 },
          { kind: "constant", amplitude: 100, start: 5 },
          { kind: "pulses", amplitude: 100, start: 5, width: 1, neurons: [1], stop: 50 },
          { kind: "ramp", end: 10, from: 0, to: 5, stop: 8 },
        ],
        positions: grid,
      },
      {
        name: "hh",
        model: "hodgkinHuxley",
        size: 6,
        receptors: { in: { kernel: "exponential", tau: 3, E_rev: 0 } },
        positions: { disc: { radius: 2 } },
      },
      { name: "placed", model: "lif", size: 2, receptors: { in: { kernel: "delta" } }, positions: [[0, 1], [2.5, -3]] },
    ],
    projections: [
      {
        source: "noise",
        target: "exc",
        receptor: "ampa",
        rule: "fixedOutdegree",
        k: 9,
        weight: 1,
        shortTerm: { U: 0.5, tau_rec: "0.8 s" },
      },
      {
        source: "noise",
        target: "exc",
        receptor: "ampa",
        rule: "fixedOutdegree",
        k: 2,
        multapses: false,
        weight: { gamma: [2, 0.5] },
        shortTerm: { U: 1, tau_rec: 100, tau_facil: 50 },
      },
      { source: "steps", target: "exc", receptor: "slow", rule: "fixedTotalNumber", n: 20, weight: 1, release: 0.3 },
      {
        source: "noise",
        target: "exc",
        receptor: "jump",
        rule: "distance",
        kernel: "gaussian",
        scale: 100,
        periodic: true,
        weight: -1,
      },
      {
        source: "exc",
        target: "hh",
        rule: "distance",
        kernel: "box",
        scale: 1,
        p: 0.5,
        weight: { truncatedNormal: [1, 1, 0, 3] },
        autapses: false,
      },
      {
        source: "played",
        target: "exc",
        receptor: "ampa",
        rule: "allToAll",
        weight: { uniform: [0, "2 nS"] },
        plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.012, tau_plus: 20, tau_minus: "20 ms", w_max: "0.003 uS" },
        scaling: { rho_0: 5, rate: 0.1, interval: "1 s" },
      },
      {
        source: "exc",
        target: "exc",
        receptor: "nmda",
        rule: "fixedIndegree",
        k: 2,
        weight: 1,
        plasticity: {
          kind: "stdp",
          A_plus: 0,
          A_minus: 1,
          tau_plus: 1,
          tau_minus: 1,
          w_min: 0.5,
          w_max: 2,
          weightDependence: "multiplicative",
          pairing: "nearest",
        },
      },
      {
        source: "exc",
        target: "exc",
        receptor: "full",
        rule: "oneToOne",
        weight: 0.5,
        plasticity: {
          kind: "tripletStdp",
          A2_plus: 5e-10,
          A3_plus: 6.2e-3,
          A2_minus: 7e-3,
          A3_minus: 2.3e-4,
          tau_plus: 16.8,
          tau_minus: 33.7,
          tau_x: 101,
          tau_y: 125,
          w_max: 1,
        },
        weightPrecision: "float64",
      },
      {
        source: "exc",
        target: "exc",
        receptor: "slow",
        rule: "allToAll",
        weight: 0,
        plasticity: { kind: "inhibitoryStdp", eta: "1 pS", rho_0: 3, tau: 20, w_max: 5 },
      },
      {
        source: "quiet",
        target: "placed",
        rule: "list",
        pairs: [
          [0, 1],
          [1, 0],
        ],
        weight: [1, 2],
        scaling: { rho_0: "5 Hz", rate: 1, interval: 10, w_min: 0.5, w_max: 2 },
      },
      { source: "exc", target: "hh", rule: "oneToOne", gapJunction: true, weight: 0.01 },
      { source: "exc", target: "exc", rule: "fixedProbability", p: 0.5, gapJunction: true, weight: "1 nS" },
      { source: "exc", target: "placed", rule: "allToAll", gapJunction: false, weight: 1 },
    ],
    record: [
      { population: "noise", variables: ["spikes"] },
      { population: "played", variables: ["spikes"], neurons: [2], from: 1 },
      { population: "exc", variables: ["g_ampa", "g_slow", "i_kick", "g_nmda", "i_wave"] },
      { projection: 5, variables: ["weight"], synapses: [3, 0], every: "1 ms", from: 2 },
      { projection: "exc -> exc (nmda)", variables: ["weight"] },
    ],
  };
}

/** Everything that the format offers, in small. */
export function everything(): Loose {
  return {
    $schema: "model.schema.json",
    version: 1,
    name: "everything at once",
    dt: "100 us",
    duration: "0.2 s",
    seed: 0,
    populations: [
      {
        name: "L2-3 e",
        model: "adex",
        preset: "regularBursting",
        size: 4,
        method: "rk4",
        params: {
          C_m: "0.2 nF",
          V_reset: [-46, -47, "-48 mV", -49],
          tau_w: { uniform: ["100 ms", 140] },
          b: { lognormal: [4, 0.1] },
        },
        init: { v: [-60, -61, -62, -63], w: { exponential: 3 }, g_exc: "1 nS", i_slow: -2 },
        receptors: {
          exc: { kernel: "exponential", tau: "5 ms", E_rev: "0 V" },
          slow: { kernel: "exponential", tau: 100 },
          kick: { kernel: "delta" },
        },
        background: [
          { kind: "constant", amplitude: "0.1 nA" },
          { kind: "piecewise", points: [[0, 10], ["50 ms", 20, 0.5], [60, 0, "-1 pA/ms"]] },
          { kind: "pulses", amplitude: [1, 2, 3, 4], start: 10, width: 1, period: 5, count: 3 },
          { kind: "pulses", amplitude: 1, width: 2 },
          { kind: "pulses", amplitude: 1, width: 2, period: 20 },
          { kind: "ramp", start: 5, end: 50, from: 0, to: { normal: [100, 10] } },
          { kind: "sine", amplitude: 5, frequency: "0.04 kHz", phase: "90 deg", offset: 2 },
          { kind: "whiteNoise", sigma: "20 pA*sqrt(ms)", mean: 1 },
          { kind: "ornsteinUhlenbeck", mean: 3, sigma: 2, tau: 10 },
          { kind: "samples", dt: 1, values: [1, 2, "3 pA"] },
          { kind: "rheobase", fraction: { uniform: [0.8, 1.2] } },
        ],
      },
      {
        name: "izh",
        model: "izhikevich",
        preset: "FS",
        size: 3,
        method: "halfStep",
        receptors: { in: { kernel: "delta" } },
        background: [{ kind: "whiteNoise", sigma: 5 }],
      },
      {
        name: "hh",
        model: "hodgkinHuxley",
        size: 2,
        params: { phi: 3 },
        receptors: { in: { kernel: "exponential", tau: 3, E_rev: 0 } },
        background: [{ kind: "constant", amplitude: "10 uA/cm2" }],
      },
    ],
    projections: [
      { source: "izh", target: "L2-3 e", receptor: "exc", rule: "allToAll", weight: "2 nS" },
      { source: "L2-3 e", target: "L2-3 e", receptor: "slow", rule: "oneToOne", weight: -3, delay: 1.5 },
      {
        source: "L2-3 e",
        target: "L2-3 e",
        receptor: "kick",
        rule: "fixedProbability",
        p: 0.5,
        weight: { normal: ["0.5 mV", 0.1] },
        autapses: true,
      },
      { source: "hh", target: "izh", rule: "fixedIndegree", k: 7, weight: 1, delay: { uniform: [1, "2 ms"] } },
      { source: "izh", target: "hh", rule: "fixedIndegree", k: 2, weight: 0.01, multapses: false },
      {
        source: "izh",
        target: "hh",
        rule: "list",
        pairs: [
          [0, 1],
          [2, 0],
        ],
        weight: [0.1, 0.2],
        delay: [1, 2],
        weightPrecision: "float64",
      },
      { source: "izh", target: "izh", rule: "list", pairs: [[0, 0], [0, 0]], weight: 1, multapses: true },
    ],
    record: [
      { population: "hh", variables: ["spikes", "v", "m", "I_background", "g_in"], every: "0.2 ms", from: "10 ms" },
      { population: "L2-3 e", variables: ["w", "g_exc", "i_slow"], neurons: [3, 1] },
    ],
  };
}
