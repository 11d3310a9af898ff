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
        receptors: { exc: { kernel: "exponential", tau: 5, E_rev: 0 }, inh: { kernel: "exponential", tau: 10, E_rev: -80 } },
        background: [{ kind: "constant", amplitude: 0 }],
      },
    ],
    projections: [{ source: "exc", target: "exc", receptor: "exc", rule: "fixedProbability", p: 0.02, weight: 6, delay: 0.1 }],
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
        params: { C_m: "0.2 nF", V_reset: [-46, -47, "-48 mV", -49], tau_w: { uniform: ["100 ms", 140] }, b: { lognormal: [4, 0.1] } },
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
      { name: "izh", model: "izhikevich", preset: "FS", size: 3, method: "halfStep", receptors: { in: { kernel: "delta" } }, background: [{ kind: "whiteNoise", sigma: 5 }] },
      { name: "hh", model: "hodgkinHuxley", size: 2, params: { phi: 3 }, receptors: { in: { kernel: "exponential", tau: 3, E_rev: 0 } }, background: [{ kind: "constant", amplitude: "10 uA/cm2" }] },
    ],
    projections: [
      { source: "izh", target: "L2-3 e", receptor: "exc", rule: "allToAll", weight: "2 nS" },
      { source: "L2-3 e", target: "L2-3 e", receptor: "slow", rule: "oneToOne", weight: -3, delay: 1.5 },
      { source: "L2-3 e", target: "L2-3 e", receptor: "kick", rule: "fixedProbability", p: 0.5, weight: { normal: ["0.5 mV", 0.1] }, autapses: true },
      { source: "hh", target: "izh", rule: "fixedIndegree", k: 7, weight: 1, delay: { uniform: [1, "2 ms"] } },
      { source: "izh", target: "hh", rule: "fixedIndegree", k: 2, weight: 0.01, multapses: false },
      { source: "izh", target: "hh", rule: "list", pairs: [[0, 1], [2, 0]], weight: [0.1, 0.2], delay: [1, 2], weightPrecision: "float64" },
      { source: "izh", target: "izh", rule: "list", pairs: [[0, 0], [0, 0]], weight: 1, multapses: true },
    ],
    record: [
      { population: "hh", variables: ["spikes", "v", "m", "I_background", "g_in"], every: "0.2 ms", from: "10 ms" },
      { population: "L2-3 e", variables: ["w", "g_exc", "i_slow"], neurons: [3, 1] },
    ],
  };
}
