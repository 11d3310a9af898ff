import type { LibraryEntry } from "./entry.js";

const REFERENCES = [
  "Teeter C, Iyer R, Menon V, Gouwens N, Feng D, Berg J, Szafer A, Cain N, Zeng H, Hawrylycz M, Koch C, Mihalas S (2018). Generalized leaky integrate-and-fire models classify multiple neuron types. Nat Commun 9:709. doi:10.1038/s41467-017-02717-4",
  "Mihalas S, Niebur E (2009). A generalized linear integrate-and-fire neural model produces diverse spiking behaviors. Neural Comput 21:704-718. doi:10.1162/neco.2008.12-07-680",
] as const;

// Entries are made in functions, so that bundlers can leave out those that nobody imports: spreads keep them from it.

/** What all levels say of their numbers. */
const CELL =
  "Defaults are those of one cell of the Allen Cell Types Database (490626718), as NEST's glif_psc has them; a cell's own are in the database.";

const MEMBRANE = {
  C_m: { default: "58.72 pF", range: "> 0", text: "membrane capacitance" },
  g_L: { default: "9.43 nS", range: "> 0", text: "leak conductance" },
  E_L: { default: "-78.85 mV", text: "potential at rest" },
  theta_inf: { default: "-51.68 mV", text: "threshold at rest" },
  t_ref: { default: "3.75 ms", range: ">= 0", text: "refractory period; nothing moves meanwhile" },
} as const;

const FIXED_RESET = { V_reset: { default: "-78.85 mV", text: "potential after a spike" } } as const;

const RESET_RULES = {
  f_v: { default: 0.2, text: "share of the potential above rest that is left after a spike" },
  V_add: { default: "18.51 mV", text: "what is added to it" },
  delta_s: { default: "0.37 mV", text: "what a spike adds to the threshold" },
  b_s: { default: "0.009 1/ms", range: ">= 0", text: "rate at which that decays" },
} as const;

const AFTER_SPIKE = {
  A_1: { default: "-9.18 pA", text: "what a spike adds to the first after-spike current" },
  A_2: { default: "-198.94 pA", text: "what a spike adds to the second after-spike current" },
  k_1: { default: "0.003 1/ms", range: ">= 0", text: "rate at which the first after-spike current decays" },
  k_2: { default: "0.1 1/ms", range: ">= 0", text: "rate at which the second after-spike current decays" },
  R_1: { default: 1, text: "share of the first after-spike current that a spike leaves" },
  R_2: { default: 1, text: "share of the second after-spike current that a spike leaves" },
} as const;

const ADAPTING = {
  a_v: { default: "0.005 1/ms", text: "how fast the threshold follows the potential" },
  b_v: { default: "0.09 1/ms", range: ">= 0", text: "rate at which it comes back" },
} as const;

const LEAK = "dv/dt = (I - g_L*(v - E_L))/C_m : mV (unless refractory)";
const LEAK_AND_CURRENTS = "dv/dt = (I + I_1 + I_2 - g_L*(v - E_L))/C_m : mV (unless refractory)";
const SPIKE_THRESHOLD = "dtheta_s/dt = -b_s*theta_s : mV (unless refractory)";
const CURRENTS = ["dI_1/dt = -k_1*I_1 : pA (unless refractory)", "dI_2/dt = -k_2*I_2 : pA (unless refractory)"] as const;
const VOLTAGE_THRESHOLD = "dtheta_v/dt = a_v*(v - E_L) - b_v*theta_v : mV (unless refractory)";

const RESET_BY_RULES = ["v = E_L + f_v*(v - E_L) + V_add", "theta_s = theta_s*exp(-b_s*t_ref) + delta_s"] as const;
const RESET_CURRENTS = ["I_1 = A_1 + R_1*I_1*exp(-k_1*t_ref)", "I_2 = A_2 + R_2*I_2*exp(-k_2*t_ref)"] as const;

const V = "membrane potential";
const THETA_S = "what spikes have added to the threshold";
const CURRENT_STATES = { I_1: "first after-spike current, slow", I_2: "second after-spike current, fast" } as const;

/** @internal */
export const glif1 = /* @__PURE__ */ (() => ({
  definition: {
    name: "glif1",
    title: "GLIF 1: leaky integrate-and-fire",
    text: `The first of five levels of generalised leaky integrate-and-fire neurons of the Allen Institute: a leak, a threshold, a reset to one potential. Each level adds to the one before: GLIF 2 rules of reset and a threshold that spikes raise, GLIF 3 after-spike currents instead, GLIF 4 both, GLIF 5 a threshold that follows the potential too. All are linear between spikes and solved exactly. ${CELL}`,
    references: REFERENCES,
    current: "pA",
    equations: [LEAK],
    params: { ...MEMBRANE, ...FIXED_RESET },
    threshold: "v > theta_inf",
    reset: ["v = V_reset"],
    refractory: "t_ref",
    init: { v: "E_L" },
  },
  states: { v: V },
  example: { current: 300, dt: 0.05, duration: 300 },
} as const satisfies LibraryEntry))();

/** @internal */
export const glif2 = /* @__PURE__ */ (() => ({
  definition: {
    name: "glif2",
    title: "GLIF 2: with reset rules and a spike-induced threshold",
    text: `GLIF 1 with biological reset rules: after a spike the potential depends on that before it, v = E_L + f_v (v - E_L) + V_add, and the threshold is raised by delta_s, which decays. ${CELL}`,
    references: REFERENCES,
    current: "pA",
    equations: [LEAK, SPIKE_THRESHOLD],
    params: { ...MEMBRANE, ...RESET_RULES },
    threshold: "v > theta_inf + theta_s",
    reset: RESET_BY_RULES,
    refractory: "t_ref",
    init: { v: "E_L", theta_s: 0 },
  },
  states: { v: V, theta_s: THETA_S },
  example: { current: 300, dt: 0.05, duration: 300 },
} as const satisfies LibraryEntry))();

/** @internal */
export const glif3 = /* @__PURE__ */ (() => ({
  definition: {
    name: "glif3",
    title: "GLIF 3: with after-spike currents",
    text: `GLIF 1 with two currents that each spike sets off and that decay: most often they hold the neuron back, and its intervals grow. ${CELL}`,
    references: REFERENCES,
    current: "pA",
    equations: [LEAK_AND_CURRENTS, ...CURRENTS],
    params: { ...MEMBRANE, ...FIXED_RESET, ...AFTER_SPIKE },
    threshold: "v > theta_inf",
    reset: ["v = V_reset", ...RESET_CURRENTS],
    refractory: "t_ref",
    init: { v: "E_L", I_1: 0, I_2: 0 },
  },
  states: { v: V, ...CURRENT_STATES },
  example: { current: 400, dt: 0.05, duration: 300 },
} as const satisfies LibraryEntry))();

/** @internal */
export const glif4 = /* @__PURE__ */ (() => ({
  definition: {
    name: "glif4",
    title: "GLIF 4: with reset rules, a spike-induced threshold and after-spike currents",
    text: `The reset rules and the threshold of GLIF 2 with the after-spike currents of GLIF 3. ${CELL}`,
    references: REFERENCES,
    current: "pA",
    equations: [LEAK_AND_CURRENTS, SPIKE_THRESHOLD, ...CURRENTS],
    params: { ...MEMBRANE, ...RESET_RULES, ...AFTER_SPIKE },
    threshold: "v > theta_inf + theta_s",
    reset: [...RESET_BY_RULES, ...RESET_CURRENTS],
    refractory: "t_ref",
    init: { v: "E_L", theta_s: 0, I_1: 0, I_2: 0 },
  },
  states: { v: V, theta_s: THETA_S, ...CURRENT_STATES },
  example: { current: 400, dt: 0.05, duration: 300 },
} as const satisfies LibraryEntry))();

/** @internal */
export const glif5 = /* @__PURE__ */ (() => ({
  definition: {
    name: "glif5",
    title: "GLIF 5: with an adapting threshold too",
    text: `GLIF 4 with a second part of the threshold, which follows the potential: slow depolarisation raises it. ${CELL}`,
    references: REFERENCES,
    current: "pA",
    equations: [LEAK_AND_CURRENTS, SPIKE_THRESHOLD, ...CURRENTS, VOLTAGE_THRESHOLD],
    params: { ...MEMBRANE, ...RESET_RULES, ...AFTER_SPIKE, ...ADAPTING },
    threshold: "v > theta_inf + theta_s + theta_v",
    reset: [...RESET_BY_RULES, ...RESET_CURRENTS],
    refractory: "t_ref",
    init: { v: "E_L", theta_s: 0, I_1: 0, I_2: 0, theta_v: 0 },
  },
  states: { v: V, theta_s: THETA_S, ...CURRENT_STATES, theta_v: "what the potential has added to the threshold" },
  example: { current: 400, dt: 0.05, duration: 300 },
} as const satisfies LibraryEntry))();
