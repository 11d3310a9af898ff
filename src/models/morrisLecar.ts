import { defineModel } from "../model/record.js";

const rinzel =
  "Rinzel J, Ermentrout GB (1998). Analysis of neural excitability and oscillations. In: Koch C, Segev I (eds) Methods in Neuronal Modeling, 2nd ed, pp 251-291. MIT Press. ISBN 978-0-262-11231-4";

/** Morris-Lecar neuron. */
export const morrisLecar = defineModel({
  id: "morrisLecar",
  title: "Morris-Lecar",
  family: "membrane",
  summary: "Calcium and potassium currents of a muscle fibre: a conductance-based action potential in two equations.",
  text: "Calcium channels open at once with the potential and make the upstroke, potassium channels follow with the gate `w` and end it; there is no sodium. The model was made for the giant muscle fibre of the barnacle and is the standard example of how excitability depends on the bifurcation at the onset of firing: the preset `hopf` starts at a finite rate, `snic` at arbitrarily low rates, `homoclinic` fires beside a stable rest. The currents are per area of membrane. There is no reset: a spike is an upward crossing of `V_th`.",
  current: "uA/cm2",
  conductance: "mS/cm2",
  states: {
    v: { unit: "mV", bounds: [-1e3, 1e3], text: "membrane potential" },
    w: { unit: "", bounds: [-10, 10], text: "open fraction of the potassium channels" },
  },
  params: {
    C_m: { default: 20, unit: "uF/cm2", range: "> 0", text: "membrane capacitance" },
    g_Ca: { default: 4.4, unit: "mS/cm2", range: ">= 0", text: "calcium conductance" },
    g_K: { default: 8, unit: "mS/cm2", range: ">= 0", text: "potassium conductance" },
    g_L: { default: 2, unit: "mS/cm2", range: "> 0", text: "leak conductance" },
    E_Ca: { default: 120, unit: "mV", text: "calcium reversal potential" },
    E_K: { default: -84, unit: "mV", text: "potassium reversal potential" },
    E_L: { default: -60, unit: "mV", text: "leak reversal potential" },
    V_1: { default: -1.2, unit: "mV", text: "potential at which half of the calcium channels are open" },
    V_2: { default: 18, unit: "mV", range: "> 0", text: "width of the calcium activation" },
    V_3: { default: 2, unit: "mV", text: "potential at which half of the potassium channels are open" },
    V_4: { default: 30, unit: "mV", range: "> 0", text: "width of the potassium activation" },
    phi: { default: 0.04, unit: "1/ms", range: "> 0", text: "speed of the potassium gate" },
    V_th: { default: 0, unit: "mV", text: "level whose upward crossing is a spike" },
    hysteresis: {
      default: 5,
      unit: "mV",
      range: ">= 0",
      text: "depth below V_th to which v must fall before the next spike counts",
    },
  },
  coefficients: {
    perC: "1 / C_m",
    slopeM: "-2 / V_2",
    slopeW: "-1 / (2 * V_4)",
    rearm: "V_th - hysteresis",
  },
  functions: {
    m_inf: "(1 + tanh((v - V_1) / V_2)) / 2",
    w_inf: "(1 + tanh((v - V_3) / V_4)) / 2",
  },
  equations: {
    v: "(I - g_L * (v - E_L) - g_Ca * m_inf * (v - E_Ca) - g_K * w * (v - E_K)) / C_m",
    w: "phi * cosh((v - V_3) / (2 * V_4)) * (w_inf - w)",
  },
  threshold: "V_th",
  init: "rest",
  methods: ["rk4", "heun", "euler", "exponentialEuler"],
  exponentials: 2,
  maxStep: { rk4: 7.5, heun: 5, euler: 5 },
  presets: {
    hopf: {
      params: { g_Ca: 4.4, V_3: 2, V_4: 30, phi: 0.04 },
      text: "type II excitability: firing starts at a finite rate, between about 94 and 212 uA/cm2",
      source: rinzel,
    },
    snic: {
      params: { g_Ca: 4, V_3: 12, V_4: 17.4, phi: 1 / 15 },
      text: "type I excitability: arbitrarily low rates above 39.96 uA/cm2",
      source: rinzel,
    },
    homoclinic: {
      params: { g_Ca: 4, V_3: 12, V_4: 17.4, phi: 0.23 },
      text: "firing beside a stable rest from about 35.0 to 40.0 uA/cm2; from the default start it stays at rest there",
      source: rinzel,
    },
  },
  example: { current: 100, dt: 0.1, duration: 1000 },
  references: [
    "Morris C, Lecar H (1981). Voltage oscillations in the barnacle giant muscle fiber. Biophys J 35:193-213. doi:10.1016/S0006-3495(81)84782-0",
    rinzel,
  ],
});
