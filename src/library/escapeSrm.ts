import type { LibraryEntry } from "./entry.js";

/** @internal */
export const escapeSrm = {
  definition: {
    name: "escapeSrm",
    title: "Spike response model with escape noise",
    text: "A neuron without a sharp threshold: it fires by chance, at a rate that rises exponentially with its potential. The potential is an input potential v, filtered by the membrane and not reset, plus the after-potential eta of the last spike (SRM0). The escape rate is rho_0 exp((v + eta - theta)/Delta_u): in a step of dt it fires with the probability 1 - exp(-rho dt), so results do not depend on dt where the rate hardly changes within it. With a constant input the intervals are independent (a renewal process) and their distribution follows from the rate alone. rho_0 and Delta_u are those that Jolivet et al. found for pyramidal cells, at a theta that is put to rest.",
    references: [
      "Gerstner W, Kistler WM, Naud R, Paninski L (2014). Neuronal Dynamics: From Single Neurons to Networks and Models of Cognition, chapter 9 (pages 224-242). Cambridge University Press, Cambridge.",
      "Jolivet R, Rauch A, Luescher HR, Gerstner W (2006). Predicting spike timing of neocortical pyramidal neurons by simple threshold models. J Comput Neurosci 21:35-49. doi:10.1007/s10827-006-7074-5",
    ],
    current: "pA",
    equations: [
      "dv/dt = (E_L - v + R*I)/tau_m : mV",
      "deta/dt = -eta/tau_eta : mV (unless refractory)",
      "rho = rho_0*exp((v + eta - theta)/Delta_u) : Hz",
    ],
    params: {
      E_L: { default: "-70 mV", text: "potential at rest" },
      R: { default: "40 MOhm", range: "> 0", text: "membrane resistance" },
      tau_m: { default: "10 ms", range: "> 0", text: "membrane time constant" },
      theta: { default: "-70 mV", text: "potential at which the escape rate is rho_0" },
      rho_0: { default: "1.238 Hz", range: "> 0", text: "escape rate at theta" },
      Delta_u: { default: "4 mV", range: "> 0", text: "softness of the threshold" },
      eta_0: { default: "7 mV", text: "depth of the after-potential" },
      tau_eta: { default: "34 ms", range: "> 0", text: "time constant of the after-potential" },
      t_ref: { default: "1 ms", range: ">= 0", text: "absolute refractory period" },
    },
    threshold: "rand() < 1 - exp(-rho*dt)",
    reset: "eta = -eta_0",
    refractory: "t_ref",
    init: { v: "E_L", eta: 0 },
  },
  states: { v: "input potential", eta: "after-potential of the last spike" },
  example: { current: 500, dt: 0.1, duration: 500 },
} as const satisfies LibraryEntry;
