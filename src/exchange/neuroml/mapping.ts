/** What the kinds are called in NeuroML 2, and what differs there: the names that the writer and the reader take. */
import type { Mapping, Present } from "../mapping.js";

/** The cells with a refractory period, and those of two regimes. */
const REGIMES =
  "starts to integrate a step late, and holds v from the step of the spike on for up to a step longer than t_ref";
/** Conductances and currents of synapses. */
const EULER = "its states are stepped by forward Euler, and a spike acts a step earlier";
const EDGES = "an edge later than 0 acts a step earlier";
const GENERATOR = "other random numbers";
const CONDUCTANCES_ONLY = "NeuroML's core types have no such current";

/** What PyNN's leaky cells call the parameters of lif and adaptiveLif. */
export const MEMBRANE: NonNullable<Present["params"]> = {
  C_m: { name: "cm", factor: 0.001 },
  tau_m: "tau_m",
  E_L: "v_rest",
  V_th: "v_thresh",
  V_reset: "v_reset",
  t_ref: "tau_refrac",
};

export const mapping: Mapping = {
  tool: "NeuroML 2.3, run by jNeuroML 0.14.0",
  models: {
    lif: {
      name: "iafCell",
      params: { C_m: "C", E_L: "leakReversal", V_th: "thresh", V_reset: "reset", t_ref: "refract" },
      differs:
        "tau_m is C_m over leakConductance; with t_ref it is iafRefCell, with an initial v other than E_L IF_curr_exp: " +
        `that ${REGIMES}`,
      checked: "run",
    },
    adaptiveLif: {
      name: "EIF_cond_exp_isfa_ista",
      params: {
        ...MEMBRANE,
        a: { name: "a", factor: 0.001 },
        b: { name: "b", factor: 0.001 },
        tau_w: "tau_w",
      },
      fixed: { delta_T: 0, i_offset: 0, tau_syn_E: 1, tau_syn_I: 1, e_rev_E: 0, e_rev_I: 0 },
      differs: `it starts with w = 0, ${REGIMES}`,
      checked: "run",
    },
    qif: {
      name: "izhikevich2007Cell",
      params: { C_m: "C", k: "k", V_r: "vr", V_t: "vt", V_peak: "vpeak", V_reset: "c" },
      fixed: { a: "1per_ms", b: "0nS", d: "0pA" },
      differs: "there is no refractory period",
      checked: "run",
    },
    eif: {
      name: "adExIaFCell",
      params: {
        C_m: "C",
        g_L: "gL",
        E_L: "EL",
        V_T: "VT",
        Delta_T: "delT",
        V_peak: "thresh",
        V_reset: "reset",
        t_ref: "refract",
      },
      fixed: { a: "0nS", b: "0pA", tauw: "1ms" },
      differs: `with Delta_T = 0 or an initial v other than E_L it is EIF_cond_exp_isfa_ista; ${REGIMES}`,
      checked: "run",
    },
    adex: {
      name: "adExIaFCell",
      params: {
        C_m: "C",
        g_L: "gL",
        E_L: "EL",
        V_T: "VT",
        Delta_T: "delT",
        V_peak: "thresh",
        V_reset: "reset",
        t_ref: "refract",
        a: "a",
        b: "b",
        tau_w: "tauw",
      },
      differs:
        "with Delta_T = 0 or an initial v other than E_L it is EIF_cond_exp_isfa_ista; it starts with w = 0, " +
        `${REGIMES}; with a its threshold is where V_peak is a step away`,
      checked: "run",
    },
    izhikevich: {
      name: "izhikevich2007Cell",
      params: { a: "a", b: "b", c: "c", d: "d", V_peak: "vpeak" },
      fixed: { C: "1pF" },
      differs:
        "a current of 1 is 1 pA into 1 pF; u is measured from its rest, where it starts; there is no refractory period " +
        "and no k_u other than 1",
      checked: "run",
    },
    fitzhughNagumo: { absent: "fitzHughNagumoCell has other equations and no spikes" },
    morrisLecar: { absent: "there is no such cell; channels of a cell are not written" },
    hodgkinHuxley: { absent: "there is no such cell; channels of a cell are not written" },
    traubMiles: {
      absent: "HH_cond_exp starts elsewhere and has no spikes of its own; channels of a cell are not written",
    },
    poisson: { name: "spikeGeneratorPoisson", params: { rate: "averageRate" }, differs: GENERATOR, checked: "run" },
    spikeTrain: {
      name: "spikeArray",
      differs: "a spike comes in the step that a running sum of dt reaches, which may be one later",
      checked: "run",
    },
  },
  receptors: {
    delta: { absent: "no NeuroML cell takes jumps of v" },
    exponential: {
      name: "expOneSynapse",
      params: { tau: "tauDecay", E_rev: "erev" },
      differs: `a current is expCurrSynapse; ${EULER}`,
      checked: "run",
    },
    alpha: {
      name: "alphaSynapse",
      params: { tau: "tau", E_rev: "erev" },
      differs: `a current is alphaCurrentSynapse; ${EULER}`,
      checked: "run",
    },
    dualExponential: {
      name: "expTwoSynapse",
      params: { tau_rise: "tauRise", tau_decay: "tauDecay", E_rev: "erev" },
      differs: `conductances only; ${EULER}`,
      checked: "run",
    },
    step: { absent: "there is no such synapse" },
    nmda: {
      name: "blockingPlasticSynapse",
      params: { tau_rise: "tauRise", tau_decay: "tauDecay", E_rev: "erev" },
      differs: `the block is a voltageConcDepBlockMechanism; ${EULER}`,
      checked: "run",
    },
    own: { absent: "equations of receptors are not written" },
  },
  backgrounds: {
    poisson: {
      name: "poissonFiringSynapse",
      params: { rate: "averageRate" },
      differs: `${GENERATOR}; with start and stop it is transientPoissonFiringSynapse`,
      checked: "run",
    },
    constant: { name: "pulseGenerator", params: { amplitude: "amplitude" }, differs: EDGES, checked: "run" },
    piecewise: {
      name: "pulseGenerator",
      differs: `one for each row, rampGenerator where it has a slope; ${EDGES}`,
      checked: "run",
    },
    pulses: {
      name: "pulseGenerator",
      params: { amplitude: "amplitude", width: "duration" },
      differs: `one for each pulse; ${EDGES}`,
      checked: "run",
    },
    ramp: {
      name: "rampGenerator",
      params: { from: "startAmplitude", to: "finishAmplitude" },
      differs: `pulseGenerator before and after it; ${EDGES}`,
      checked: "run",
    },
    sine: {
      name: "sineGenerator",
      params: { amplitude: "amplitude" },
      differs: "it acts a step earlier; pi has nine digits; the offset is a pulseGenerator",
      checked: "run",
    },
    expression: { absent: "a current as a text has no core type" },
    whiteNoise: { absent: "there is no noise among the core types" },
    ornsteinUhlenbeck: { absent: "there is no noise among the core types" },
    samples: { name: "pulseGenerator", differs: `one for each run of equal samples; ${EDGES}`, checked: "run" },
    rheobase: { name: "pulseGenerator", differs: "its current, when all that is drawn is numbers", checked: "run" },
  },
  rules: {
    allToAll: { name: "connectionWD", checked: "run" },
    oneToOne: { name: "connectionWD", checked: "run" },
    fixedProbability: { name: "connectionWD", differs: "the synapses that were drawn, one by one", checked: "run" },
    fixedIndegree: { name: "connectionWD", differs: "the synapses that were drawn, one by one", checked: "run" },
    fixedOutdegree: { name: "connectionWD", differs: "the synapses that were drawn, one by one", checked: "run" },
    fixedTotalNumber: { name: "connectionWD", differs: "the synapses that were drawn, one by one", checked: "run" },
    distance: { name: "connectionWD", differs: "the synapses that were drawn, one by one", checked: "run" },
    list: { name: "connectionWD", checked: "run" },
  },
  plasticity: {
    stdp: { absent: "stdpSynapse of the core types does not work yet, as it says itself" },
    tripletStdp: { absent: "there is no such synapse" },
    inhibitoryStdp: { absent: "there is no such synapse" },
    shortTerm: {
      name: "tsodyksMarkramDepFacMechanism",
      params: { U: "initReleaseProb", tau_rec: "tauRec", tau_facil: "tauFac" },
      differs:
        "of a blockingPlasticSynapse, so onto dualExponential and nmda receptors only; without tau_facil it is " +
        "tsodyksMarkramDepMechanism; forward Euler",
      checked: "run",
    },
    scaling: { absent: "there is no such thing" },
    release: { absent: "there is no synapse that transmits by chance" },
  },
};

/** Said of all that a synapse or a current is written as, where jNeuroML computes it otherwise. */
export const DIFFERS = {
  regimes: REGIMES,
  synapse: EULER,
  edges: EDGES,
  generator: GENERATOR,
  noCurrent: CONDUCTANCES_ONLY,
} as const;
