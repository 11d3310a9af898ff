// The networks of bench/peers/networks.ts as documents, for programs that know nothing but the built package.
/** Excitation and inhibition of one kind of cell, each onto both. */
function balanced(size, cell, rule, weight, delay) {
  const names = ["exc", "inh"];
  return {
    dt: 0.1,
    seed: 1,
    populations: names.map((name) => ({ name, model: "lif", size: size[name], ...cell })),
    projections: names.flatMap((source) =>
      names.map((target) => ({ source, target, ...rule(source), weight: weight[source], delay })),
    ),
    record: names.map((population) => ({ population, variables: ["spikes"] })),
  };
}

const VOGELS_ABBOTT = { C_m: 200, tau_m: 20, E_L: -60, V_th: -50, V_reset: -60, t_ref: 5 };
const onto = (receptor) => ({ receptor, rule: "fixedProbability", p: 0.02 });

/** The networks of bench/peers/networks.ts: a delay of one step, and of 15. */
export const NETWORKS = {
  coba: balanced(
    { exc: 3200, inh: 800 },
    {
      method: "exponentialEuler",
      params: VOGELS_ABBOTT,
      receptors: {
        exc: { kernel: "exponential", tau: 5, E_rev: 0 },
        inh: { kernel: "exponential", tau: 10, E_rev: -80 },
      },
      init: { v: { normal: [-65, 5] }, g_exc: { normal: [40, 15] }, g_inh: { normal: [200, 120] } },
    },
    onto,
    { exc: 6, inh: 67 },
    0.1,
  ),
  cuba: balanced(
    { exc: 3200, inh: 800 },
    {
      method: "exact",
      params: { ...VOGELS_ABBOTT, E_L: -49 },
      receptors: { exc: { kernel: "exponential", tau: 5 }, inh: { kernel: "exponential", tau: 10 } },
      init: { v: { uniform: [-60, -50] } },
    },
    onto,
    { exc: 16.2, inh: -90 },
    0.1,
  ),
  brunel: balanced(
    { exc: 10_000, inh: 2500 },
    {
      method: "exact",
      params: { C_m: 250, tau_m: 20, E_L: 0, V_th: 20, V_reset: 10, t_ref: 2 },
      receptors: { in: { kernel: "delta" } },
      background: [{ kind: "constant", amplitude: 500 }],
      init: { v: { uniform: [0, 20] } },
    },
    (source) => ({ receptor: "in", rule: "fixedIndegree", k: source === "exc" ? 1000 : 250 }),
    { exc: 0.1, inh: -0.5 },
    1.5,
  ),
};
