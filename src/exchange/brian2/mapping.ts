/** What kinds are in Brian2 2.11: equations for models and receptors, expressions for currents, code for plasticity. */
import type { Mapping, ModelName } from "../mapping.js";

/**
 * Equations and functions of records with the units that Brian2 wants, where the record's are numbers in mV and ms. The
 * others fit as they stand.
 */
export const EQUATIONS: Readonly<Partial<Record<ModelName, Readonly<Record<string, string>>>>> = {
  izhikevich: {
    v: "(k_2*(v/mV)**2 + k_1*v/mV + k_0 - u + I)*mV/ms",
    u: "a*(b*(v - V_u)/mV - k_u*u)",
  },
  fitzhughNagumo: {
    v: "(v - v**3/3 - w + I)/ms",
  },
  hodgkinHuxley: gates("(v - V_rest)/mV"),
  traubMiles: gates("(v - V_T)/mV"),
};

function gates(u: string): Record<string, string> {
  return {
    u,
    m: "phi*(alpha_m*(1 - m) - beta_m*m)/ms",
    h: "phi*(alpha_h*(1 - h) - beta_h*h)/ms",
    n: "phi*(alpha_n*(1 - n) - beta_n*n)/ms",
  };
}

/**
 * How Brian2 integrates what a method integrates here; those that are not named are made by a function of the script.
 */
export const METHODS = {
  euler: "euler",
  rk4: "rk4",
  exponentialEuler: "exponential_euler",
} as const;

const neurons = { name: "NeuronGroup", checked: "run" } as const;
const equation = { name: "equations", checked: "run" } as const;
const expression = { name: "expression", checked: "run" } as const;

export const brian2Mapping: Mapping = {
  tool: "Brian2 2.11",
  models: {
    lif: neurons,
    adaptiveLif: neurons,
    qif: neurons,
    eif: neurons,
    adex: neurons,
    izhikevich: neurons,
    fitzhughNagumo: neurons,
    morrisLecar: neurons,
    hodgkinHuxley: neurons,
    traubMiles: neurons,
    poisson: {
      name: "PoissonGroup",
      params: { rate: "rates" },
      differs: "random numbers of its own, and one spike in a step at most, with the probability rate dt",
      checked: "run",
    },
    spikeTrain: { name: "SpikeGeneratorGroup", params: { neurons: "indices", times: "times" }, checked: "run" },
  },
  receptors: {
    delta: { name: "on_pre='v += w'", checked: "run" },
    exponential: equation,
    alpha: equation,
    dualExponential: equation,
    step: { name: "on_pre with an end", checked: "run" },
    nmda: equation,
    own: { absent: "equations of receptors are not written" },
  },
  backgrounds: {
    constant: expression,
    piecewise: { name: "expression or TimedArray", checked: "run" },
    pulses: expression,
    ramp: expression,
    sine: expression,
    expression,
    samples: { name: "TimedArray", checked: "run" },
    whiteNoise: { name: "randn()", differs: "random numbers of its own", checked: "run" },
    ornsteinUhlenbeck: { name: "run_regularly", differs: "random numbers of its own", checked: "run" },
    poisson: { name: "run_regularly with poisson()", differs: "random numbers of its own", checked: "run" },
    rheobase: { absent: "it is found by simulation: export with --explicit (Simulation.explicit), which gives each neuron its current" },
  },
  rules: {
    allToAll: { name: "connect()", checked: "run" },
    oneToOne: { name: "connect(j='i')", checked: "run" },
    fixedProbability: { name: "connect(p=...)", differs: "another graph of the same distribution", checked: "run" },
    fixedIndegree: { name: "connect(i=..., j=...)", differs: "another graph of the same distribution", checked: "run" },
    fixedOutdegree: {
      name: "connect(i=..., j=...)",
      differs: "another graph of the same distribution",
      checked: "run",
    },
    fixedTotalNumber: {
      name: "connect(i=..., j=...)",
      differs: "another graph of the same distribution",
      checked: "run",
    },
    distance: { name: "connect(i=..., j=...)", differs: "another graph of the same distribution", checked: "run" },
    list: { name: "connect(i=..., j=...)", checked: "run" },
  },
  plasticity: {
    stdp: { name: "on_pre, on_post", checked: "run" },
    tripletStdp: { name: "on_pre, on_post", checked: "run" },
    inhibitoryStdp: { name: "on_pre, on_post", checked: "run" },
    shortTerm: { name: "on_pre", checked: "run" },
    scaling: { name: "run_regularly", checked: "run" },
    release: { name: "on_pre with rand()", differs: "random numbers of its own", checked: "run" },
  },
};
