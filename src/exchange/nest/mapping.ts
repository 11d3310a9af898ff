/** What NEST 3.10 calls each kind, and what differs there; the neurons it has for each model and set of receptors. */
import type { Counterpart, KernelName, Mapping, ModelName, Renamed } from "../mapping.js";

/** How spikes reach the receptors of a neuron there. */
export type Ports =
  /** One receptor, which takes both signs. */
  | "one"
  /** Two, told apart by the sign of the weight; for conductances a negative one goes to the second. */
  | "signed"
  /** Any number, told apart by `receptor_type`. */
  | "listed";

/** A neuron of NEST that can stand for one of ours. */
export interface Cell {
  readonly name: string;
  /** Kernels of the receptors that it has; empty for any neuron without receptors. */
  readonly kernels: readonly KernelName[];
  /** Whether they are conductances. */
  readonly conductance: boolean;
  readonly ports: Ports;
  /** Our parameters by name, see `Present`; g_L of models that have tau_m is C_m/tau_m. */
  readonly params: Readonly<Record<string, string | Renamed>>;
  readonly fixed?: Readonly<Record<string, number | boolean>>;
  /** Parameters that NEST has as a constant: with other values there is no counterpart. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Our states by name. */
  readonly states: Readonly<Record<string, string>>;
  /** Our currents, conductances and weights there: times this. */
  readonly factor?: number;
  /** Methods here under which both compute the same numbers. */
  readonly same: readonly string[];
  /** What differs where the method is another one, or always. */
  readonly differs: string;
  /** States of the receptors that can be given a value: of the first and second. */
  readonly synapticStates?: readonly [string, string];
  /** Takes gap junctions. */
  readonly gaps?: true;
}

const ADAPTIVE = "NEST solves its equations with adaptive steps (fourth and fifth order), Spikelet with fixed ones";
const WITHIN = `${ADAPTIVE}, and resets within a step`;

const lifParams = { C_m: "C_m", E_L: "E_L", V_th: "V_th", V_reset: "V_reset", t_ref: "t_ref" } as const;
const lifExact = {
  conductance: false,
  params: { ...lifParams, tau_m: "tau_m" },
  states: { v: "V_m" },
  same: ["exact"],
  differs:
    "NEST solves the equation exactly on the grid of time steps; so does the method exact here, this one does not",
} as const;
const lifConductance = {
  conductance: true,
  params: { ...lifParams, tau_m: "g_L" },
  states: { v: "V_m" },
  same: [],
  differs: `${ADAPTIVE}: potentials differ by up to 1e-3 mV under exponentialEuler and rk4, a response by 0.3 % under euler`,
} as const;

const aeifCommon = { C_m: "C_m", E_L: "E_L", V_reset: "V_reset", t_ref: "t_ref" } as const;
const adexBase = {
  params: {
    ...aeifCommon,
    g_L: "g_L",
    V_T: "V_th",
    Delta_T: "Delta_T",
    V_peak: "V_peak",
    a: "a",
    b: "b",
    tau_w: "tau_w",
  },
  states: { v: "V_m", w: "w" },
  same: [],
  differs: WITHIN,
} as const;
const eifBase = {
  params: { ...aeifCommon, g_L: "g_L", V_T: "V_th", Delta_T: "Delta_T", V_peak: "V_peak" },
  fixed: { a: 0, b: 0 },
  states: { v: "V_m" },
  same: [],
  differs: WITHIN,
} as const;
/** Without an exponential the neuron fires at V_th; V_peak must not lie below it. */
const adaptiveBase = {
  params: { ...aeifCommon, tau_m: "g_L", V_th: "V_th", a: "a", b: "b", tau_w: "tau_w" },
  fixed: { Delta_T: 0 },
  states: { v: "V_m", w: "w" },
  same: [],
  differs: WITHIN,
} as const;
const lifListed = {
  params: { ...aeifCommon, tau_m: "g_L", V_th: "V_th" },
  fixed: { Delta_T: 0, a: 0, b: 0 },
  states: { v: "V_m" },
  same: [],
  differs: WITHIN,
} as const;

/** The family aeif_*: the same equations with each set of receptors. */
function aeif(base: Pick<Cell, "params" | "fixed" | "states" | "same" | "differs">): Cell[] {
  return [
    {
      ...base,
      name: "aeif_cond_exp",
      kernels: ["exponential"],
      conductance: true,
      ports: "signed",
      synapticStates: ["g_ex", "g_in"],
    },
    { ...base, name: "aeif_cond_alpha", kernels: ["alpha"], conductance: true, ports: "signed" },
    {
      ...base,
      name: "aeif_psc_exp",
      kernels: ["exponential"],
      conductance: false,
      ports: "signed",
      synapticStates: ["I_syn_ex", "I_syn_in"],
    },
    { ...base, name: "aeif_psc_alpha", kernels: ["alpha"], conductance: false, ports: "signed" },
    { ...base, name: "aeif_psc_delta", kernels: ["delta"], conductance: false, ports: "one" },
    { ...base, name: BETA, kernels: ["alpha", "dualExponential", "exponential"], conductance: true, ports: "listed" },
  ];
}

/** Takes any mixture of conductances; has no instantaneous rise. */
export const BETA = "aeif_cond_beta_multisynapse";

const izhikevich = {
  kernels: ["delta"],
  conductance: false,
  ports: "one",
  params: { a: "a", b: "b", c: "c", d: "d", V_peak: "V_th" },
  constants: { k_2: 0.04, k_1: 5, k_0: 140, V_u: 0, k_u: 1, t_ref: 0 },
  states: { v: "V_m", u: "U_m" },
} as const;

const gates = { v: "V_m", m: "Act_m", h: "Inact_h", n: "Act_n" } as const;
const traubParams = {
  C_m: "C_m",
  g_Na: "g_Na",
  g_K: "g_K",
  g_L: "g_L",
  E_Na: "E_Na",
  E_K: "E_K",
  E_L: "E_L",
  V_T: "V_T",
} as const;
const traub = {
  conductance: true,
  ports: "signed",
  params: traubParams,
  constants: { phi: 1 },
  states: gates,
  same: [],
  differs: `${ADAPTIVE}; its spike is the step after the peak above V_T + 30 mV, here it is the upward crossing of V_th, about 0.15 ms sooner`,
} as const;

/** Capacitance and conductances of 1e-4 cm2: what is uF/cm2, mS/cm2, uA/cm2 here is 100 pF, nS, pA there. */
const PER_AREA = 100;
const perArea = (name: string): Renamed => ({ name, factor: PER_AREA });

/** The neurons of NEST for each model: the first one that has all receptors of a population is taken. */
export const cells: Readonly<Record<ModelName, readonly Cell[]>> = {
  lif: [
    { ...lifExact, name: "iaf_psc_exp", kernels: ["exponential"], ports: "signed" },
    { ...lifExact, name: "iaf_psc_delta", kernels: ["delta"], ports: "one" },
    { ...lifExact, name: "iaf_psc_alpha", kernels: ["alpha"], ports: "signed" },
    { ...lifExact, name: "iaf_psc_exp_multisynapse", kernels: ["exponential"], ports: "listed" },
    { ...lifExact, name: "iaf_psc_alpha_multisynapse", kernels: ["alpha"], ports: "listed" },
    {
      ...lifConductance,
      name: "iaf_cond_exp",
      kernels: ["exponential"],
      ports: "signed",
      synapticStates: ["g_ex", "g_in"],
    },
    { ...lifConductance, name: "iaf_cond_alpha", kernels: ["alpha"], ports: "signed" },
    { ...lifConductance, name: "iaf_cond_beta", kernels: ["dualExponential"], ports: "signed" },
    {
      ...lifListed,
      name: BETA,
      kernels: ["alpha", "dualExponential", "exponential"],
      conductance: true,
      ports: "listed",
    },
  ],
  adaptiveLif: aeif(adaptiveBase),
  eif: aeif(eifBase),
  adex: aeif(adexBase),
  qif: [],
  izhikevich: [
    {
      ...izhikevich,
      name: "izhikevich",
      fixed: { consistent_integration: true },
      same: ["euler"],
      differs: "NEST takes Euler steps",
    },
  ],
  fitzhughNagumo: [],
  morrisLecar: [],
  hodgkinHuxley: [
    {
      name: "hh_psc_alpha",
      kernels: ["alpha"],
      conductance: false,
      ports: "signed",
      params: {
        C_m: perArea("C_m"),
        g_Na: perArea("g_Na"),
        g_K: perArea("g_K"),
        g_L: perArea("g_L"),
        E_Na: "E_Na",
        E_K: "E_K",
        E_L: "E_L",
      },
      constants: { V_rest: -65, phi: 1 },
      states: gates,
      factor: PER_AREA,
      same: [],
      differs:
        `${ADAPTIVE}; its spike is the step after the peak above 0 mV, here it is the upward crossing of V_th; ` +
        "an area of 1e-4 cm2 is taken, so that 1 uF/cm2 is 100 pF and 1 uA/cm2 is 100 pA",
    },
  ],
  traubMiles: [
    { ...traub, name: "hh_cond_exp_traub", kernels: ["exponential"] },
    { ...traub, name: "hh_cond_beta_gap_traub", kernels: ["dualExponential", "alpha", "exponential"], gaps: true },
  ],
};

/**
 * `halfStep` is the scheme that NEST has with consistent_integration false; weights are a current of one step there.
 */
export const halfStep: Cell = {
  ...izhikevich,
  name: "izhikevich",
  fixed: { consistent_integration: false },
  same: ["halfStep"],
  differs: "a weight is a current of one step there, and a jump of v here",
};

/** What is said of everything that is drawn. */
export const OTHER_NUMBERS = "NEST draws other random numbers from the same distribution";

const SENT =
  "a spike carries the weight after the change that it makes itself, here the one before; a pair that meets at the synapse in one step changes nothing in NEST";

function model(name: ModelName, why?: string): Counterpart {
  const [first, ...more] = cells[name];
  if (first === undefined) return { absent: why ?? "NEST has no such neuron" };
  return {
    name: [...new Set([first, ...more].map((cell) => cell.name))].join(", "),
    params: { ...first.params, v: "V_m" },
    ...(first.fixed && { fixed: first.fixed }),
    ...(first.same.length === 0 && { differs: first.differs }),
    checked: "run",
  };
}

export const mapping: Mapping = {
  tool: "NEST 3.10",
  models: {
    lif: model("lif"),
    adaptiveLif: model("adaptiveLif"),
    qif: model(
      "qif",
      "NEST has no quadratic integrate-and-fire neuron with a capacitance; izhikevich is another equation",
    ),
    eif: model("eif"),
    adex: model("adex"),
    izhikevich: model("izhikevich"),
    fitzhughNagumo: model("fitzhughNagumo"),
    morrisLecar: model("morrisLecar"),
    hodgkinHuxley: model("hodgkinHuxley"),
    traubMiles: model("traubMiles"),
    poisson: {
      name: "parrot_neuron, poisson_generator or inhomogeneous_poisson_generator",
      params: { rate: "rate" },
      differs: OTHER_NUMBERS,
      checked: "run",
    },
    spikeTrain: { name: "spike_generator", params: { times: "spike_times" }, checked: "run" },
  },
  receptors: {
    delta: { name: "*_delta, izhikevich", checked: "run" },
    exponential: { name: "*_exp", params: { tau: "tau_syn_ex", E_rev: "E_ex" }, checked: "run" },
    alpha: { name: "*_alpha", params: { tau: "tau_syn_ex", E_rev: "E_ex" }, checked: "run" },
    dualExponential: {
      name: `iaf_cond_beta, ${BETA}`,
      params: { tau_rise: "tau_rise_ex", tau_decay: "tau_decay_ex", E_rev: "E_ex" },
      differs: "NEST has no such current, only the conductance",
      checked: "run",
    },
    step: { absent: "NEST has no synapse that is constant for a time" },
    nmda: { absent: "NEST has no magnesium block for these neurons" },
    own: { absent: "NEST has no receptors that are made of equations" },
  },
  backgrounds: {
    constant: { name: "I_e, step_current_generator", params: { amplitude: "I_e" }, checked: "run" },
    piecewise: { name: "step_current_generator", params: { points: "amplitude_times" }, checked: "run" },
    pulses: { name: "step_current_generator", checked: "run" },
    ramp: { name: "step_current_generator", checked: "run" },
    sine: {
      name: "ac_generator",
      params: {
        amplitude: "amplitude",
        frequency: "frequency",
        phase: { name: "phase", factor: 180 / Math.PI },
        offset: "offset",
      },
      checked: "run",
    },
    whiteNoise: {
      name: "noise_generator",
      params: { sigma: "std", mean: "mean" },
      differs: OTHER_NUMBERS,
      checked: "run",
    },
    ornsteinUhlenbeck: { absent: "NEST has no generator of Ornstein-Uhlenbeck currents" },
    poisson: {
      name: "poisson_generator or inhomogeneous_poisson_generator",
      params: { rate: "rate" },
      differs: OTHER_NUMBERS,
      checked: "run",
    },
    expression: {
      name: "step_current_generator",
      differs: "the current is sampled at the start of each step",
      checked: "run",
    },
    samples: { name: "step_current_generator", params: { values: "amplitude_values" }, checked: "run" },
    rheobase: {
      absent: "a share of the rheobase is a number of Spikelet's; an explicit network has it as a constant current",
    },
  },
  rules: {
    allToAll: { name: "all_to_all", checked: "run" },
    oneToOne: { name: "one_to_one", checked: "run" },
    fixedProbability: { name: "pairwise_bernoulli", params: { p: "p" }, differs: OTHER_NUMBERS, checked: "run" },
    fixedIndegree: { name: "fixed_indegree", params: { k: "indegree" }, differs: OTHER_NUMBERS, checked: "run" },
    fixedOutdegree: { name: "fixed_outdegree", params: { k: "outdegree" }, differs: OTHER_NUMBERS, checked: "run" },
    fixedTotalNumber: { name: "fixed_total_number", params: { n: "N" }, differs: OTHER_NUMBERS, checked: "run" },
    distance: {
      name: "arrays of pairs",
      differs: "pairs are drawn by NumPy in the script, from the same probabilities",
      checked: "run",
    },
    list: { name: "arrays of pairs", checked: "run" },
  },
  plasticity: {
    stdp: {
      name: "stdp_synapse, stdp_nn_symm_synapse",
      params: { A_plus: "lambda", tau_plus: "tau_plus", w_max: "Wmax" },
      differs: SENT,
      checked: "run",
    },
    tripletStdp: {
      name: "stdp_triplet_synapse",
      params: { tau_plus: "tau_plus", tau_x: "tau_plus_triplet", w_max: "Wmax" },
      differs: SENT,
      checked: "run",
    },
    inhibitoryStdp: {
      name: "vogels_sprekeler_synapse",
      params: { eta: "eta", tau: "tau", w_max: "Wmax" },
      differs: SENT,
      checked: "run",
    },
    shortTerm: {
      name: "tsodyks2_synapse",
      params: { U: "U", tau_rec: "tau_rec", tau_facil: "tau_fac" },
      checked: "run",
    },
    release: { name: "bernoulli_synapse", params: { release: "p_transmit" }, differs: OTHER_NUMBERS, checked: "run" },
    scaling: { absent: "NEST has no synaptic scaling" },
  },
};
