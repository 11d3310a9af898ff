/** What the kinds of Spikelet are called in PyNN 0.13. Its units are nF, nA, uS, mV, ms; `a` of EIF cells is in nS. */
import type { Mapping, ModelName, Renamed } from "../mapping.js";

/** Simulators that a script of PyNN is run by, the first one unless another is named. */
export const BACKENDS = ["nest", "neuron", "brian2"] as const;
export type Backend = (typeof BACKENDS)[number];

/** What is nF, nA or uS there is pF, pA or nS here. */
export const MILLI = 0.001;

const milli = (name: string): Renamed => ({ name, factor: MILLI });

/** Parameters of cells that are leaky, but for the threshold. */
const LEAKY = { C_m: milli("cm"), E_L: "v_rest", V_reset: "v_reset", t_ref: "tau_refrac" } as const;

const NO_CELL = "PyNN has no standard cell with these equations";
const ONE_STEP = "the first two steps are without it in NEST, whose generators start so late";

/** Parameters for which a cell has no name, with the value that they have in it. */
export const ASSUMED: Readonly<Partial<Record<ModelName, Readonly<Record<string, number>>>>> = {
  izhikevich: { V_peak: 30, k_2: 0.04, k_1: 5, k_0: 140, V_u: 0, k_u: 1, t_ref: 0 },
  traubMiles: { phi: 1 },
};

export const pynn: Mapping = {
  tool: "PyNN 0.13",
  models: {
    lif: {
      name: "IF_curr_exp, IF_curr_alpha, IF_cond_exp, IF_cond_alpha or IF_curr_delta, by the receptors",
      params: { ...LEAKY, tau_m: "tau_m", V_th: "v_thresh" },
      checked: "run",
    },
    adaptiveLif: {
      name: "EIF_cond_exp_isfa_ista or EIF_cond_alpha_isfa_ista with delta_T 0",
      params: { ...LEAKY, tau_m: "tau_m", V_th: "v_thresh", a: "a", b: milli("b"), tau_w: "tau_w" },
      fixed: { delta_T: 0 },
      differs: "integrated with adaptive steps by NEST, exactly here; the spike is at v_thresh, since delta_T is 0",
      checked: "run",
    },
    qif: { absent: NO_CELL },
    eif: {
      name: "EIF_cond_exp_isfa_ista or EIF_cond_alpha_isfa_ista without adaptation",
      params: { ...LEAKY, V_T: "v_thresh", Delta_T: "delta_T", V_peak: "v_spike" },
      fixed: { a: 0, b: 0, tau_w: 144 },
      differs: "NEST integrates with adaptive steps",
      checked: "run",
    },
    adex: {
      name: "EIF_cond_exp_isfa_ista or EIF_cond_alpha_isfa_ista",
      params: {
        ...LEAKY,
        V_T: "v_thresh",
        Delta_T: "delta_T",
        V_peak: "v_spike",
        a: "a",
        b: milli("b"),
        tau_w: "tau_w",
      },
      differs: "NEST integrates with adaptive steps",
      checked: "run",
    },
    izhikevich: { name: "Izhikevich", params: { a: "a", b: "b", c: "c", d: "d" }, checked: "run" },
    fitzhughNagumo: { absent: NO_CELL },
    morrisLecar: { absent: NO_CELL },
    hodgkinHuxley: { absent: "PyNN's HH_cond_exp has the rates of Traub and Miles, not those of the squid; traubMiles is that cell" },
    traubMiles: {
      name: "HH_cond_exp",
      params: {
        C_m: milli("cm"),
        g_Na: milli("gbar_Na"),
        g_K: milli("gbar_K"),
        g_L: milli("g_leak"),
        E_Na: "e_rev_Na",
        E_K: "e_rev_K",
        E_L: "e_rev_leak",
        V_T: "v_offset",
      },
      differs: "NEST integrates with adaptive steps and reports a spike at the peak, NEURON at 10 mV; here it is the upward crossing of V_th",
      checked: "run",
    },
    poisson: { name: "SpikeSourcePoisson", params: { rate: "rate" }, checked: "run" },
    spikeTrain: { name: "SpikeSourceArray", params: { times: "spike_times" }, checked: "run" },
  },
  receptors: {
    delta: { name: "IF_curr_delta or Izhikevich: weights in mV", checked: "run" },
    exponential: { name: "..._exp: tau_syn_E, tau_syn_I", params: { tau: "tau_syn", E_rev: "e_rev" }, checked: "run" },
    alpha: { name: "..._alpha: tau_syn_E, tau_syn_I", params: { tau: "tau_syn", E_rev: "e_rev" }, checked: "run" },
    dualExponential: { absent: "the standard cells have exponential and alpha synapses only" },
    step: { absent: "the standard cells have exponential and alpha synapses only" },
    nmda: { absent: "the standard cells have no synapse with a magnesium block" },
    own: { absent: "the standard cells have no receptors that are made of equations" },
  },
  backgrounds: {
    constant: {
      name: "i_offset, DCSource where it starts or stops",
      params: { amplitude: milli("amplitude") },
      checked: "run",
    },
    piecewise: { name: "StepCurrentSource", checked: "run" },
    pulses: { name: "StepCurrentSource", checked: "run" },
    ramp: { name: "StepCurrentSource with one value a step", checked: "run" },
    sine: {
      name: "ACSource, its phase in degrees and counted from its start",
      params: {
        amplitude: milli("amplitude"),
        offset: milli("offset"),
        frequency: "frequency",
        phase: { name: "phase", factor: 180 / Math.PI },
      },
      differs: ONE_STEP,
      checked: "run",
    },
    samples: { name: "StepCurrentSource", checked: "run" },
    whiteNoise: {
      name: "NoisyCurrentSource, one for each cell, with stdev = sigma/sqrt(dt)",
      params: { mean: milli("mean"), sigma: milli("stdev") },
      differs: ONE_STEP,
      checked: "run",
    },
    ornsteinUhlenbeck: {
      name: "StepCurrentSource, one for each cell, with numbers that the script draws",
      params: { mean: milli("mean"), sigma: milli("sigma"), tau: "tau" },
      differs: ONE_STEP,
      checked: "run",
    },
    expression: { absent: "PyNN has no current that is a text" },
    poisson: { name: "SpikeSourcePoisson, one for each cell", params: { rate: "rate" }, checked: "run" },
    rheobase: { absent: "PyNN finds no rheobase; an explicit network has the current as a number" },
  },
  rules: {
    allToAll: { name: "AllToAllConnector", checked: "run" },
    oneToOne: { name: "OneToOneConnector", checked: "run" },
    fixedProbability: { name: "FixedProbabilityConnector", params: { p: "p_connect" }, checked: "run" },
    fixedIndegree: {
      name: "FixedNumberPreConnector, with_replacement as multapses says",
      params: { k: "n" },
      checked: "run",
    },
    fixedOutdegree: {
      name: "FixedNumberPostConnector, with_replacement as multapses says",
      params: { k: "n" },
      checked: "run",
    },
    fixedTotalNumber: { name: "FixedTotalNumberConnector", params: { n: "n" }, checked: "run" },
    distance: { name: "DistanceDependentProbabilityConnector", params: { p: "d_expression" }, checked: "run" },
    list: { name: "FromListConnector", checked: "run" },
  },
  plasticity: {
    stdp: {
      name: "STDPMechanism with SpikePairRule and AdditiveWeightDependence or MultiplicativeWeightDependence",
      params: {
        A_plus: "A_plus",
        A_minus: "A_minus",
        tau_plus: "tau_plus",
        tau_minus: "tau_minus",
        w_min: milli("w_min"),
        w_max: milli("w_max"),
      },
      differs: "a spike is transmitted with the weight after its own depression there, before it here; two spikes that meet at the synapse change nothing in NEST",
      checked: "run",
    },
    tripletStdp: { absent: "PyNN has no triplet rule" },
    inhibitoryStdp: {
      name: "STDPMechanism with Vogels2011Rule, which only pyNN.neuron has",
      params: { eta: milli("eta"), rho_0: milli("rho"), tau: "tau" },
      differs: "the weight changes with the source's spikes only, and both spikes count as they reach the synapse",
      checked: "names",
    },
    shortTerm: {
      name: "TsodyksMarkramSynapse",
      params: { U: "U", tau_rec: "tau_rec", tau_facil: "tau_facil" },
      differs: "what a spike has released comes back by way of an active share that lasts as long as the synaptic current: 0.4 % were seen for tau_rec 100 ms",
      checked: "run",
    },
    release: { name: "SimpleStochasticSynapse", params: { release: "p" }, checked: "names" },
    scaling: { absent: "PyNN has no synaptic scaling" },
  },
};
