/**
 * Rules of plasticity, and synapses, of eight papers as text, and the neurons that some of them need. ruleRuns.ts has
 * the papers' protocols, docs/rules-of-papers.md the figures.
 */
import { defineModel, definePlasticityRule } from "spikelet";

/**
 * Calcium above two thresholds moves the efficacy rho, in the mean: the paper's noise is left out. The variables
 * above_d and above_p count the time above the thresholds, from which the paper's formulas follow. The weight is 1 at
 * rho = 0 and b at rho = 1. Parameters are those of the paper's DP curve.
 */
export const calcium = definePlasticityRule({
  name: "calciumPlasticity",
  references: ["Graupner & Brunel (2012) PNAS 109:3991-3996, doi:10.1073/pnas.1109359109"],
  params: {
    tau_Ca: "20 ms", C_pre: 1, C_post: 2, theta_d: 1, theta_p: 1.3,
    gamma_d: 200, gamma_p: 321.808, rho_star: 0.5, tau: "150 s", b: 5,
  },
  synapse: [
    "dc/dt = -c/tau_Ca : 1",
    "drho/dt = (-rho*(1 - rho)*(rho_star - rho) + gamma_p*(1 - rho)*high - gamma_d*rho*low)/tau : 1 (clock-driven)",
    "low = step(c - theta_d) : 1",
    "high = step(c - theta_p) : 1",
    "above_d : ms",
    "above_p : ms",
  ],
  onPre: "c += C_pre",
  onPost: "c += C_post",
  onStep: ["above_d += low*dt", "above_p += high*dt", "w = 1 + (b - 1)*rho"],
});

/**
 * The same with the paper's noise. Rules have no random numbers, but they read the states of the neurons: the target
 * makes the noise, a Wiener process W, of which the synapse takes what came since the last step. Synapses onto one
 * target share it, so each needs a target of its own.
 */
export const noisyCalcium = definePlasticityRule({
  ...calcium.definition,
  name: "noisyCalciumPlasticity",
  params: { ...calcium.definition.params, sigma: 2.8284 },
  synapse: [
    "dc/dt = -c/tau_Ca : 1",
    "drho/dt = (-rho*(1 - rho)*(rho_star - rho) + gamma_p*(1 - rho)*high - gamma_d*rho*low)/tau : 1 (clock-driven)",
    "low = step(c - theta_d) : 1",
    "high = step(c - theta_p) : 1",
    "seen : 1",
  ],
  onStep: ["rho += sigma*sqrt((low + high)*ms/tau)*(W_post - seen)", "seen = W_post", "w = 1 + (b - 1)*rho"],
});

/** A cell that fires when it is made to, with a Wiener process W of variance t/ms. */
export const noisyCell = defineModel({
  name: "noisyCell",
  equations: ["dv/dt = -v/(10*ms) : mV", "dW/dt = xi/sqrt(ms) : 1"],
  threshold: "v > 50*mV",
  reset: "v = 0*mV",
  init: { v: 0, W: 0 },
});

/**
 * Depression at spikes of the source where the target's filtered voltage is high, potentiation while its voltage is
 * above theta_plus. The filtered voltages act after 4 ms, which the spike itself lasts: four numbers, moved on each ms.
 */
export const voltageBased = definePlasticityRule({
  name: "voltageBased",
  references: ["Clopath, Buesing, Vasilaki & Gerstner (2010) Nat Neurosci 13:344-352, doi:10.1038/nn.2479"],
  params: {
    A_LTD: "0.00014 1/mV", A_LTP: "0.00008 1/mV**2", theta_minus: "-70.6 mV", theta_plus: "-45.3 mV",
    tau_minus: "10 ms", tau_plus: "7 ms", tau_x: "15 ms",
  },
  synapse: [
    "dx/dt = -x/tau_x : 1 (source)",
    "du_minus/dt = (v_post - u_minus)/tau_minus : mV (target)",
    "du_plus/dt = (v_post - u_plus)/tau_plus : mV (target)",
    ...["m1", "m2", "m3", "m4", "p1", "p2", "p3", "p4"].map((name) => `${name} : mV (target)`),
  ],
  // x is in 1/ms in the paper, where a spike adds 1/tau_x.
  onPre: ["w -= A_LTD*max(m4 - theta_minus, 0*mV)", "x += ms/tau_x"],
  onStep: "w += A_LTP*x*max(v_post - theta_plus, 0*mV)*max(p4 - theta_minus, 0*mV)*dt/ms",
  interval: "1 ms",
  onInterval: ["m4 = m3", "m3 = m2", "m2 = m1", "m1 = u_minus", "p4 = p3", "p3 = p2", "p2 = p1", "p1 = u_plus"],
  init: Object.fromEntries(
    ["u_minus", "u_plus", "m1", "m2", "m3", "m4", "p1", "p2", "p3", "p4"].map((name) => [name, -70.6]),
  ),
});

/**
 * The paper's neuron: adex with a threshold that a spike raises and a depolarizing current after it. A spike is held
 * for 2 ms at 31.131 mV, the mean of the two values that the authors' program has there; `age` is the time since it
 * began.
 */
export const clopathCell = defineModel({
  name: "clopathCell",
  current: "pA",
  equations: `
    dv/dt = (-g_L*(v_c - E_L) + g_L*Delta_T*exp((v_c - V_T)/Delta_T) - w + z + I)/C_m : mV (unless refractory)
    dw/dt = (a*(v_c - E_L) - w)/tau_w : pA (unless refractory)
    dz/dt = -z/tau_z : pA
    dV_T/dt = (V_rest - V_T)/tau_T : mV
    dage/dt = 1 : ms
    v_c = min(v, V_peak) : mV`,
  params: {
    C_m: "281 pF", g_L: "30 nS", E_L: "-70.6 mV", Delta_T: "2 mV", V_rest: "-50.4 mV", V_max: "-30.4 mV",
    V_peak: "20 mV", V_spike: "31.131 mV", V_after: "-49.5016 mV",
    a: "4 nS", b: "0.0805 pA", tau_w: "144 ms", tau_z: "40 ms", I_sp: "400 pA", tau_T: "50 ms",
  },
  threshold: "v > V_peak",
  reset: ["v = V_spike", "age = 0*ms"],
  refractory: "2 ms",
  events: [
    {
      name: "end",
      condition: "age > 2*ms - dt/2 and age < 2*ms + dt/2",
      reset: ["v = V_after", "w += b", "z = I_sp", "V_T = V_max"],
    },
  ],
  init: { v: "E_L", w: 0, z: 0, V_T: "V_rest", age: 1000 },
});

/**
 * A pair of spikes leaves the eligibility c at its synapse for a second; dopamine D, one number for all synapses, turns
 * it into weight, dw/dt = c (D_0 + D)/tau_w. Amplitudes, D_0 and the update every 10 ms are those of the author's
 * program.
 */
export const dopamine = definePlasticityRule({
  name: "dopamineStdp",
  references: ["Izhikevich (2007) Cereb Cortex 17:2443-2452, doi:10.1093/cercor/bhl152"],
  params: {
    A_plus: 0.1, A_minus: 0.15, tau_plus: "20 ms", tau_minus: "20 ms", tau_c: "1 s", tau_D: "200 ms",
    tau_w: "10 ms", every: "10 ms", D_0: 0.002, dose: 0.5, w_max: 4,
  },
  synapse: [
    "dx/dt = -x/tau_plus : 1 (source)",
    "dy/dt = -y/tau_minus : 1 (target)",
    "dc/dt = -c/tau_c : 1",
    "dD/dt = -D/tau_D : 1 (shared)",
  ],
  onPre: ["c -= A_minus*y", "x += 1"],
  onPost: ["c += A_plus*x", "y += 1"],
  interval: "every",
  onInterval: "w += c*(D_0 + D)*every/tau_w",
  onModulator: "D += dose",
  bounds: { w: [0, "w_max"] },
});

/** Potentiation grows with the weight to the power mu, depression in proportion to it. Numbers of NEST's benchmark. */
export const powerLaw = definePlasticityRule({
  name: "powerLawStdp",
  references: ["Morrison, Aertsen & Diesmann (2007) Neural Comput 19:1437-1467, doi:10.1162/neco.2007.19.6.1437"],
  params: { lambda: 0.1, alpha: 0.0513, mu: 0.4, w_0: "1 pA", tau_plus: "15 ms", tau_minus: "30 ms" },
  synapse: ["w : pA", "dx/dt = -x/tau_plus : 1 (source)", "dy/dt = -y/tau_minus : 1 (target)"],
  onPre: ["w -= lambda*alpha*w*y", "x += 1"],
  onPost: ["w += lambda*w_0*(w/w_0)**mu*x", "y += 1"],
});

/**
 * Triplets, heterosynaptic decay towards a reference weight at bursts of the target, a little growth at each spike of
 * the source, and the slow consolidation of the reference, which has two stable values.
 */
export const orchestrated = definePlasticityRule({
  name: "orchestratedPlasticity",
  references: ["Zenke, Agnes & Gerstner (2015) Nat Commun 6:6922, doi:10.1038/ncomms7922"],
  params: {
    A: 0.001, beta: 0.05, delta: 0.00002, tau_plus: "20 ms", tau_minus: "20 ms", tau_slow: "100 ms",
    tau_cons: "1200 s", P: 20, w_P: 0.5, w_max: 5, every: "1.2 s",
  },
  synapse: [
    "dx/dt = -x/tau_plus : 1 (source)",
    "dy/dt = -y/tau_minus : 1 (target)",
    "dy_slow/dt = -y_slow/tau_slow : 1 (target)",
    "ref : 1",
  ],
  onPre: ["w += delta - A*y", "x += 1"],
  onPost: ["w += A*x*y_slow - beta*(w - ref)*y**3", "y += 1", "y_slow += 1"],
  interval: "every",
  onInterval: "ref += (w - ref - P*ref*(w_P/2 - ref)*(w_P - ref))*every/tau_cons",
  bounds: { w: [0, "w_max"] },
});

/** Depression and facilitation of what a spike releases, with the names of cortical fits: U, D (recovery), F. */
export const releaseUDF = definePlasticityRule({
  name: "releaseUDF",
  references: [
    "Tsodyks, Pawelzik & Markram (1998) Neural Comput 10:821-835, doi:10.1162/089976698300017502",
    "Markram, Wang & Tsodyks (1998) PNAS 95:5323-5328, doi:10.1073/pnas.95.9.5323",
  ],
  params: { U: 0.05, D: "130 ms", F: "530 ms" },
  synapse: ["du/dt = (U - u)/F : 1 (source)", "dR/dt = (1 - R)/D : 1 (source)"],
  // This form has the utilisation ahead of the spike: it begins at U, and a spike raises it for the next one.
  onPre: ["transmitted = w*u*R", "R -= u*R", "u += U*(1 - u)"],
  init: { u: "U", R: 1 },
});

/** A synapse without spikes: what is open follows the presynaptic potential at once. */
export const graded = definePlasticityRule({
  name: "gradedSynapse",
  references: ["Wang & Rinzel (1992) Neural Comput 4:84-97, doi:10.1162/neco.1992.4.1.84"],
  params: { theta_syn: "-44 mV", k_syn: "2 mV" },
  onStep: "transmitted = w/(1 + exp((theta_syn - v_pre)/k_syn))",
});

/** The paper's neuron: an inward current that inhibition makes ready, and a leak. */
export const reboundCell = defineModel({
  name: "reboundCell",
  current: "uA/cm2",
  equations: `
    dv/dt = (-g_pir*m**3*h*(v - V_pir) - g_L*(v - V_L) + I)/C : mV
    dh/dt = phi*(h_inf - h)/tau_h : 1
    m = 1/(1 + exp(-(v + 65*mV)/(7.8*mV))) : 1
    h_inf = 1/(1 + exp((v + 81*mV)/(11*mV))) : 1
    tau_h = h_inf*exp((v + 162.3*mV)/(17.8*mV))*ms : ms`,
  params: {
    C: "1 uF/cm2", g_pir: "0.3 mS/cm2", V_pir: "120 mV", g_L: "0.1 mS/cm2", V_L: "-60 mV", phi: 3,
  },
  threshold: "v > -44*mV",
  refractory: "v > -50*mV",
  init: { v: -60, h: 0 },
});

/**
 * A gap junction whose current knows of the other side after the delay of the projection: w (v_pre(t - d) - v_post(t)).
 * The part of v_pre goes to a receptor that is a current, with a weight in its unit for each mV (pA/mV is nS);
 * `leakOfGap`, onto a conductance with E_rev 0, is the rest.
 */
export const farSideOfGap = definePlasticityRule({ name: "farSideOfGap", onStep: "transmitted = w*v_pre/mV" });
export const leakOfGap = definePlasticityRule({ name: "leakOfGap", onStep: "transmitted = w" });

/** A gap junction of which both sides are late: w (v_pre(t - d) - v_post(t - d)). */
export const lateGap = definePlasticityRule({ name: "lateGap", onStep: "transmitted = w*(v_pre - v_post)/mV" });

/** The oscillator of van der Pol, nearly a sine wave of period 2 pi ms and amplitude 2 mV. */
export const vanDerPol = defineModel({
  name: "vanDerPol",
  current: "mV/ms",
  equations: ["dv/dt = (eps*v*(1 - (v/mV)**2/3) - y)/ms + I : mV", "dy/dt = v/ms : mV"],
  params: { eps: 0.1 },
  threshold: "v > 0*mV",
  refractory: "v > -0.5*mV",
  init: { v: 2, y: 0 },
});
