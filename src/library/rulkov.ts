import type { LibraryEntry } from "./entry.js";

/** The paper draws the borders of the regimes; these are points within them. */
const REGIMES = "Numbers of this library within the regimes of Rulkov NF (2002), section III";

/** @internal */
export const rulkov = {
  definition: {
    name: "rulkov",
    title: "Rulkov map",
    text: "A map, not an equation: each step is one iteration, and its two numbers make spikes and bursts. A map is written as an event that happens in every step and whose reset is the iteration; dt only says what time the axis shows, and a spike is told one iteration after v has risen above 0. With x for v: x becomes alpha/(1 - x) + y for x <= 0, alpha + y up to there, and -1 beyond; y follows slowly, by -mu (x + 1 - sigma). Below sigma = 2 - sqrt(alpha/(1 - mu)) it rests at x = sigma - 1; above it fires, in single spikes for alpha below about 4, in bursts for larger ones. I enters as in the paper, through beta = beta_e I and sigma + sigma_e I.",
    references: [
      "Rulkov NF (2002). Modeling of spiking-bursting neural behavior using two-dimensional map. Phys Rev E 65:041922. doi:10.1103/PhysRevE.65.041922",
      "Rulkov NF, Timofeev I, Bazhenov M (2004). Oscillations in large-scale cortical networks: map-based model. J Comput Neurosci 17:203-223. doi:10.1023/B:JCNS.0000037683.55688.7e",
    ],
    current: "1",
    equations: ["v : 1", "y : 1", "x : 1"],
    params: {
      alpha: { default: 4.5, range: "> 0", text: "form of the spikes: single ones below about 4, bursts above" },
      mu: { default: 0.001, range: "> 0", text: "rate of the slow number" },
      sigma: { default: 0, text: "where the slow number leads: x = sigma - 1" },
      beta_e: { default: 1, text: "what I adds to the fast number" },
      sigma_e: { default: 1, text: "what I adds to sigma" },
    },
    presets: {
      spiking: { params: { alpha: 4, sigma: 0.1 }, text: "single spikes in a rhythm", source: REGIMES },
      bursting: { params: { alpha: 6, sigma: -0.1 }, text: "bursts of spikes", source: REGIMES },
      silent: { params: { alpha: 4, sigma: -0.05 }, text: "rest, near the threshold", source: REGIMES },
    },
    threshold: "v > 0",
    events: [
      {
        name: "iteration",
        condition: "True",
        reset: [
          "x = v",
          "v = y + beta_e*I",
          "v = alpha/(1 - min(x, 0)) + v if x <= 0 else (alpha + v if x < alpha + v else -1)",
          "y -= mu*(x + 1 - sigma - sigma_e*I)",
        ],
      },
    ],
    init: { v: -1, y: -3, x: -1 },
  },
  states: { v: "fast number, x of the paper", y: "slow number", x: "v before the last iteration" },
  example: { current: 0, dt: 1, duration: 2000 },
} as const satisfies LibraryEntry;
