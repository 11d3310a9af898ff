import { defineModel } from "../model/record.js";

/** FitzHugh-Nagumo neuron. */
export const fitzhughNagumo = defineModel({
  id: "fitzhughNagumo",
  title: "FitzHugh-Nagumo",
  family: "membrane",
  summary: "Two polynomial equations that keep the geometry of the action potential: excitation, saturation, recovery.",
  text: "A reduction of Hodgkin-Huxley to the least that makes an action potential: `v` excites itself and saturates (the cubic term), `w` follows slowly and brings it back. All quantities are pure numbers; one unit of time is 1 ms. There is no threshold in the equations and no reset: an action potential is counted where `v` crosses `V_th` upward, and the next one only after `v` has fallen below `V_th - hysteresis`. With the default parameters the neuron fires repetitively for a constant current between about 0.33 and 1.42 and is silent at both sides; release from inhibition makes it fire once.",
  current: "",
  conductance: "",
  states: {
    v: { unit: "", bounds: [-100, 100], text: "membrane state" },
    w: { unit: "", bounds: [-100, 100], text: "recovery" },
  },
  params: {
    a: { default: 0.7, unit: "", text: "offset of the recovery" },
    b: { default: 0.8, unit: "", text: "decay of the recovery" },
    tau: { default: 12.5, unit: "ms", range: "> 0", text: "time constant of the recovery" },
    V_th: { default: 0, unit: "", text: "level whose upward crossing is a spike" },
    hysteresis: {
      default: 0.2,
      unit: "",
      range: ">= 0",
      text: "depth below V_th to which v must fall before the next spike counts",
    },
  },
  coefficients: {
    perTau: "1 / tau",
    rearm: "V_th - hysteresis",
  },
  equations: {
    v: "v - v^3 / 3 - w + I",
    w: "(v + a - b * w) / tau",
  },
  threshold: "V_th",
  init: "rest",
  methods: ["rk4", "heun", "euler"],
  compiled: { methods: ["rk4", "heun", "euler"] },
  exponentials: 0,
  maxStep: { rk4: 2, heun: 1, euler: 1 },
  presets: {},
  example: { current: 0.5, dt: 0.1, duration: 200 },
  references: [
    "FitzHugh R (1961). Impulses and physiological states in theoretical models of nerve membrane. Biophys J 1:445-466. doi:10.1016/S0006-3495(61)86902-6",
    "Nagumo J, Arimoto S, Yoshizawa S (1962). An active pulse transmission line simulating nerve axon. Proc IRE 50:2061-2070. doi:10.1109/JRPROC.1962.288235",
  ],
});
