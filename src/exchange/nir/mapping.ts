/** What the kinds are in NIR 1.0. */
import type { Mapping } from "../mapping.js";

const FIXED = "NIR's neurons are leaky or perfect integrators with a fixed threshold";
const CURRENT = "NIR has no conductances";
const SHAPE = "NIR's synapses are jumps (LIF, IF) or exponential currents (CubaLIF)";
const IN_TIME = "a current that changes in time is no part of a NIR graph; it is fed to its Input by whoever runs it";
const NOISE = "NIR has no noise";
const CHANGING = "weights of a NIR graph are constant";
const MATRIX = "its synapses, one by one, make a matrix";

/** NIR 1.0, as the packages nir, snnTorch and SpikingJelly read it. */
export const nirMapping: Mapping = {
  tool: "NIR 1.0",
  models: {
    lif: {
      name: "LIF, CubaLIF or IF",
      params: { tau_m: { name: "tau", factor: 1e-3 }, V_th: "v_threshold", V_reset: "v_reset" },
      differs:
        "without a refractory period; potentials in mV above E_L, time constants in s; a neuron fires where v > v_threshold, here where v >= V_th",
      checked: "run",
    },
    adaptiveLif: { absent: `${FIXED}, without adaptation` },
    qif: { absent: FIXED },
    eif: { absent: FIXED },
    adex: { absent: `${FIXED}, without adaptation` },
    izhikevich: { absent: FIXED },
    fitzhughNagumo: { absent: FIXED },
    morrisLecar: { absent: `${FIXED}, without gates` },
    hodgkinHuxley: { absent: `${FIXED}, without gates` },
    traubMiles: { absent: `${FIXED}, without gates` },
    poisson: {
      name: "Input",
      differs: "its rate is not in the graph; spikes are fed by whoever runs it",
      checked: "run",
    },
    spikeTrain: {
      name: "Input",
      differs: "its spikes are not in the graph; whoever runs it feeds them",
      checked: "run",
    },
  },
  receptors: {
    delta: { name: "LIF or IF", differs: "as a jump of v by the weight in mV: r = tau / dt", checked: "run" },
    exponential: {
      name: "CubaLIF",
      params: { tau: { name: "tau_syn", factor: 1e-3 } },
      differs: `as a current: ${CURRENT}; one time constant for all synapses of a neuron`,
      checked: "run",
    },
    alpha: { absent: SHAPE },
    dualExponential: { absent: SHAPE },
    step: { absent: SHAPE },
    nmda: { absent: CURRENT },
    own: { absent: "NIR has no receptors that are made of equations" },
  },
  backgrounds: {
    constant: { name: "bias of an Affine, or v_leak of a CubaLIF", checked: "run" },
    poisson: { absent: NOISE },
    whiteNoise: { absent: NOISE },
    ornsteinUhlenbeck: { absent: NOISE },
    piecewise: { absent: IN_TIME },
    pulses: { absent: IN_TIME },
    ramp: { absent: IN_TIME },
    sine: { absent: IN_TIME },
    samples: { absent: IN_TIME },
    expression: { absent: IN_TIME },
    rheobase: { absent: "it is a constant current in an explicit network" },
  },
  rules: {
    list: { name: "weight of an Affine", checked: "run" },
    allToAll: { name: "weight of an Affine", differs: MATRIX, checked: "run" },
    oneToOne: { name: "weight of an Affine", differs: MATRIX, checked: "run" },
    fixedProbability: { name: "weight of an Affine", differs: MATRIX, checked: "run" },
    fixedIndegree: { name: "weight of an Affine", differs: MATRIX, checked: "run" },
    fixedOutdegree: { name: "weight of an Affine", differs: MATRIX, checked: "run" },
    fixedTotalNumber: { name: "weight of an Affine", differs: MATRIX, checked: "run" },
    distance: { name: "weight of an Affine", differs: MATRIX, checked: "run" },
  },
  plasticity: {
    stdp: { absent: CHANGING },
    tripletStdp: { absent: CHANGING },
    inhibitoryStdp: { absent: CHANGING },
    shortTerm: { absent: CHANGING },
    scaling: { absent: CHANGING },
    release: { absent: "a synapse of a NIR graph transmits each spike" },
  },
};
