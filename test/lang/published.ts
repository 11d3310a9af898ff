/** Models of papers that are not built in, as a user would write them. Each checks without a warning. */
import type { ModelDefinition } from "../../src/model/definition.js";

/** Fast-spiking interneuron of the hippocampus: gamma rhythms by mutual inhibition. */
export const wangBuzsaki: ModelDefinition = {
  name: "wangBuzsaki",
  text: "Fast-spiking interneuron of the hippocampus, with instant activation of sodium.",
  references: [
    "Wang XJ, Buzsáki G (1996). Gamma oscillation by synaptic inhibition in a hippocampal interneuronal network " +
      "model. J Neurosci 16:6402-6413. doi:10.1523/JNEUROSCI.16-20-06402.1996",
  ],
  current: "uA/cm2",
  equations: `
    dv/dt = (I - g_Na*m_inf**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_L*(v - E_L))/C_m : mV
    dh/dt = phi*(alpha_h*(1 - h) - beta_h*h) : 1
    dn/dt = phi*(alpha_n*(1 - n) - beta_n*n) : 1
    m_inf = alpha_m/(alpha_m + beta_m) : 1
    alpha_m = 1/exprel(-(v + 35*mV)/(10*mV))/ms : 1/ms
    beta_m = 4*exp(-(v + 60*mV)/(18*mV))/ms : 1/ms
    alpha_h = 0.07*exp(-(v + 58*mV)/(20*mV))/ms : 1/ms
    beta_h = 1/(exp(-(v + 28*mV)/(10*mV)) + 1)/ms : 1/ms
    alpha_n = 0.1/exprel(-(v + 34*mV)/(10*mV))/ms : 1/ms
    beta_n = 0.125*exp(-(v + 44*mV)/(80*mV))/ms : 1/ms
  `,
  params: {
    C_m: { default: "1 uF/cm2", range: "> 0", text: "membrane capacitance" },
    g_Na: { default: "35 mS/cm2", range: ">= 0", text: "sodium conductance" },
    g_K: { default: "9 mS/cm2", range: ">= 0", text: "potassium conductance" },
    g_L: { default: "0.1 mS/cm2", range: "> 0", text: "leak conductance" },
    E_Na: { default: "55 mV", text: "sodium reversal potential" },
    E_K: { default: "-90 mV", text: "potassium reversal potential" },
    E_L: { default: "-65 mV", text: "leak reversal potential" },
    phi: { default: 5, range: "> 0", text: "speed of the gates" },
  },
  threshold: "v > 0*mV",
  refractory: "v > -10*mV",
  init: { v: "-64 mV", h: "alpha_h/(alpha_h + beta_h)", n: "alpha_n/(alpha_n + beta_n)" },
};

/** Three equations that burst, in numbers without units. */
export const hindmarshRose: ModelDefinition = {
  name: "hindmarshRose",
  text: "Bursting neuron in three equations; all quantities are pure numbers, one unit of time is 1 ms.",
  references: [
    "Hindmarsh JL, Rose RM (1984). A model of neuronal bursting using three coupled first order differential " +
      "equations. Proc R Soc Lond B 221:87-102. doi:10.1098/rspb.1984.0024",
  ],
  current: "1",
  equations: `
    dv/dt = (y - a*v**3 + b*v**2 - z + I)/ms : 1    # membrane
    dy/dt = (c - d*v**2 - y)/ms : 1                 # spiking variable
    dz/dt = r*(s*(v - v_R) - z)/ms : 1              # slow adaptation
  `,
  params: {
    a: 1,
    b: 3,
    c: 1,
    d: 5,
    r: { default: 0.001, range: "> 0", text: "speed of the adaptation" },
    s: { default: 4, text: "strength of the adaptation" },
    v_R: { default: -1.6, text: "v at rest" },
  },
  threshold: "v > 1",
  refractory: "v > 0.5",
  init: { v: "v_R", y: "c - d*v**2", z: 0 },
};

/** Linear equations with rules at the spike that change currents and the threshold. */
export const mihalasNiebur: ModelDefinition = {
  name: "mihalasNiebur",
  text: "Generalised integrate-and-fire: linear equations, a threshold that moves, two spike-induced currents.",
  references: [
    "Mihalas S, Niebur E (2009). A generalized linear integrate-and-fire neural model produces diverse spiking " +
      "behaviors. Neural Comput 21:704-718. doi:10.1162/neco.2008.12-07-680",
  ],
  current: "mV/ms",
  equations: [
    "dv/dt = I + I_1 + I_2 - G*(v - E_L) : mV",
    "dI_1/dt = -k_1*I_1 : mV/ms",
    "dI_2/dt = -k_2*I_2 : mV/ms",
    "dtheta/dt = a*(v - E_L) - b*(theta - theta_inf) : mV",
  ],
  params: {
    G: { default: "50 Hz", range: "> 0", text: "leak conductance over capacitance" },
    E_L: "-70 mV",
    k_1: { default: "200 Hz", range: "> 0", text: "decay of the first current" },
    k_2: { default: "20 Hz", range: "> 0", text: "decay of the second current" },
    a: { default: "5 Hz", text: "how v moves the threshold" },
    b: { default: "10 Hz", range: "> 0", text: "decay of the threshold" },
    theta_inf: { default: "-50 mV", text: "threshold at rest" },
    theta_reset: { default: "-60 mV", text: "least threshold after a spike" },
    v_reset: "-70 mV",
    R_1: { default: 0, text: "share of the first current that a spike leaves" },
    R_2: { default: 1, text: "share of the second current that a spike leaves" },
    A_1: { default: "10 V/s", text: "what a spike adds to the first current" },
    A_2: { default: "-0.6 V/s", text: "what a spike adds to the second current" },
  },
  threshold: "v >= theta",
  reset: `
    I_1 = R_1*I_1 + A_1
    I_2 = R_2*I_2 + A_2
    v = v_reset
    theta = max(theta_reset, theta)
  `,
  init: { v: "E_L", theta: "theta_inf", I_1: "0 V/s", I_2: "0 V/s" },
};

/** Thalamocortical relay cell with the T current and the calcium that it lets in. */
export const thalamicRelay: ModelDefinition = {
  name: "thalamicRelay",
  text: "Relay cell of the thalamus: a calcium current of low threshold makes bursts after inhibition.",
  references: [
    "Destexhe A, Bal T, McCormick DA, Sejnowski TJ (1996). Ionic mechanisms underlying synchronized oscillations " +
      "and propagating waves in a model of ferret thalamic slices. J Neurophysiol 76:2049-2070. doi:10.1152/jn.1996.76.3.2049",
    "Huguenard JR, McCormick DA (1992). Simulation of the currents involved in rhythmic oscillations in thalamic " +
      "relay neurons. J Neurophysiol 68:1373-1383. doi:10.1152/jn.1992.68.4.1373",
  ],
  current: "uA/cm2",
  equations: `
    dv/dt = (I - g_L*(v - E_L) - g_KL*(v - E_K) - I_T - I_Na - I_K)/C_m : mV

    # low-threshold calcium; activation is instant
    I_T = g_T*m_T**2*h_T*(v - E_Ca) : uA/cm2
    m_T = 1/(1 + exp(-(v + 59*mV)/(6.2*mV))) : 1
    dh_T/dt = (1/(1 + exp((v + 83*mV)/(4*mV))) - h_T)/tau_T : 1
    tau_T = (30.8 + (211.4 + exp((v + 115.2*mV)/(5*mV)))/(1 + exp((v + 86*mV)/(3.2*mV))))/q_T*ms : ms
    q_T = 3**((T - 24*degC)/(10*degC)) : 1 (constant)

    # calcium below the membrane, and what it does to the reversal potential
    dCa/dt = max(0, -I_T/(2*F*depth)) + (Ca_inf - Ca)/tau_Ca : mM
    E_Ca = R*(T/degC + 273.15)*kelvin/(2*F)*log(Ca_out/Ca) : mV

    # spikes: sodium and potassium of Traub and Miles
    I_Na = g_Na*m**3*h*(v - E_Na) : uA/cm2
    I_K = g_K*n**4*(v - E_K) : uA/cm2
    u = (v - V_T)/mV : 1
    dm/dt = (1.28/exprel((13 - u)/4)*(1 - m) - 1.4/exprel((u - 40)/5)*m)/ms : 1
    dh/dt = (0.128*exp((17 - u)/18)*(1 - h) - 4/(1 + exp((40 - u)/5))*h)/ms : 1
    dn/dt = (0.16/exprel((15 - u)/5)*(1 - n) - 0.5*exp((10 - u)/40)*n)/ms : 1
  `,
  params: {
    C_m: { default: "1 uF/cm2", range: "> 0", text: "membrane capacitance" },
    g_L: { default: "0.01 mS/cm2", range: "> 0", text: "leak conductance" },
    E_L: "-70 mV",
    g_KL: { default: "0.0138 mS/cm2", range: ">= 0", text: "potassium leak, which arousal closes" },
    E_K: "-100 mV",
    g_T: { default: "2 mS/cm2", range: ">= 0", text: "conductance of the T current" },
    T: { default: "36 degC", text: "temperature" },
    F: { default: "96489 coulomb/mol", text: "Faraday's constant" },
    R: { default: "8.3134 J/(mol*K)", text: "gas constant" },
    depth: { default: "1 um", range: "> 0", text: "depth of the shell below the membrane" },
    Ca_inf: { default: "240 nM", range: "> 0", text: "calcium at rest" },
    Ca_out: { default: "2 mM", range: "> 0", text: "calcium outside" },
    tau_Ca: { default: "5 ms", range: "> 0", text: "time constant of the calcium pump" },
    g_Na: { default: "90 mS/cm2", range: ">= 0", text: "sodium conductance" },
    E_Na: "50 mV",
    g_K: { default: "10 mS/cm2", range: ">= 0", text: "potassium conductance" },
    V_T: { default: "-25 mV", text: "potential from which the rates of the spikes measure v" },
  },
  threshold: "v > -20*mV",
  refractory: "v > -30*mV",
  init: { v: "-75 mV", h_T: "1/(1 + exp((v + 83*mV)/(4*mV)))", Ca: "Ca_inf", m: 0, h: 1, n: 0 },
};

/** Neuron of the model of the whole fly brain. */
export const flyNeuron: ModelDefinition = {
  name: "flyNeuron",
  text: "Leaky neuron with an exponential synaptic variable g that a spike clears; while refractory, both stand still.",
  references: [
    "Shiu PK, Sterne GR, Spiller N, Franconville R, Sandoval A, et al. (2024). A Drosophila computational brain " +
      "model reveals sensorimotor processing. Nature 634:210-219. doi:10.1038/s41586-024-07763-9",
  ],
  current: "mV",
  equations: `
    dv/dt = (v_0 - v + g + I)/t_mbr : mV (unless refractory)
    dg/dt = -g/tau : mV (unless refractory)
  `,
  params: {
    v_0: { default: "-52 mV", text: "resting potential" },
    v_rst: { default: "-52 mV", text: "potential after a spike" },
    v_th: { default: "-45 mV", text: "threshold" },
    t_mbr: { default: "20 ms", range: "> 0", text: "membrane time constant" },
    tau: { default: "5 ms", range: "> 0", text: "synaptic time constant" },
    t_rfc: { default: "2.2 ms", range: ">= 0", text: "refractory period" },
  },
  threshold: "v > v_th",
  reset: "v = v_rst\ng = 0*mV",
  refractory: "t_rfc",
  init: { v: "v_0", g: 0 },
};

export const published: readonly ModelDefinition[] = [
  wangBuzsaki,
  hindmarshRose,
  mihalasNiebur,
  thalamicRelay,
  flyNeuron,
];
