/** The network that checks and tests of SONATA write. */

/** Parameters of its cells. */
export const CELL = { C_m: 250, E_L: -70, V_th: -55, V_reset: -70, t_ref: 2 };

/** Two populations, all weights and delays by hand. */
export const small = {
  name: "small",
  dt: 0.1,
  duration: 50,
  populations: [
    {
      name: "cortex",
      model: "lif",
      size: 4,
      params: { ...CELL, tau_m: [20, 20, 20, 10] },
      receptors: { syn: { kernel: "exponential", tau: 4 } },
    },
    { name: "ext", model: "spikeTrain", size: 3, params: { times: [5, 10, 20, 30, 31], neurons: [0, 1, 0, 1, 1] } },
  ],
  projections: [
    {
      source: "cortex",
      target: "cortex",
      receptor: "syn",
      rule: "list",
      pairs: [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 0],
        [0, 2],
      ],
      weight: [1.5, 2.5, 3, 4.25, -8.5],
      delay: [1, 1.5, 2, 1.2, 1],
    },
    {
      source: "ext",
      target: "cortex",
      receptor: "syn",
      rule: "list",
      pairs: [
        [0, 0],
        [0, 1],
        [1, 2],
        [1, 3],
      ],
      weight: [900, 800, 700, 600],
      delay: [1, 1.5, 2, 1.2],
    },
  ],
  record: [
    { population: "cortex", variables: ["spikes"] },
    { population: "cortex", variables: ["v"], neurons: [2] },
  ],
};
