import type { LibraryEntry } from "./entry.js";

/** @internal */
export const thetaNeuron = {
  definition: {
    name: "thetaNeuron",
    title: "Theta neuron",
    text: "The normal form of neurons that start to fire at rate 0 (type I): a phase on a circle. With x = tan(v/2) it is the quadratic neuron dx/dt = x**2 + I, whose spike from minus to plus infinity is the way through pi. Below I = 0 there is a rest, v = -arccos((1 + I)/(1 - I)), and a threshold at the same angle above 0; above, it fires with the period pi tau/sqrt(I). Jumps of v by synapses are jumps of the phase.",
    references: [
      "Ermentrout GB, Kopell N (1986). Parabolic bursting in an excitable system coupled with a slow oscillation. SIAM J Appl Math 46:233-253. doi:10.1137/0146017",
    ],
    current: "1",
    equations: ["dv/dt = (1 - cos(v) + (1 + cos(v))*I)/tau : 1"],
    params: { tau: { default: "1 ms", range: "> 0", text: "unit of time" } },
    threshold: "v > pi",
    reset: "v -= 2*pi",
    init: { v: 0 },
  },
  states: { v: "phase in rad: 0 near rest, pi at the spike" },
  example: { current: 0.05, dt: 0.05, duration: 100 },
} as const satisfies LibraryEntry;
