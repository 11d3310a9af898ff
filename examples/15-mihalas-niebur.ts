/**
 * One neuron, many behaviours: the generalised integrate-and-fire model of Mihalas and Niebur (2009).
 *
 * The equations are linear; what makes the behaviours are a threshold that follows v and two currents that spikes
 * leave (Neural Comput 21:704-718, doi:10.1162/neco.2008.12-07-680). Parameters and currents, all over C, are those of
 * the paper's table 1; how long the steps last stands in no table and follows the reproduction by Detorakis (2017,
 * ReScience 3), who read it off figure 1. Fourteen of the twenty panels are here, each with what makes it that
 * behaviour.
 *
 * The spikes are compared with an integration that is not this project's: SciPy 1.17, `solve_ivp(method="DOP853")` with
 * rtol 1e-12, atol 1e-14 V, each spike a root of v = theta where the integration ends and starts again after the reset.
 *
 * Prints a table and writes results/examples/15-mihalas-niebur.svg.
 *
 *   npx tsx examples/15-mihalas-niebur.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { background, defineModel, type PopulationTrace, Simulation, tracesFigure } from "spikelet";

const mihalasNiebur = defineModel({
  name: "mihalasNiebur",
  current: "V/s", // of currents over C
  equations: `
    dv/dt = I + I_1 + I_2 - G*(v - E_L) : mV
    dtheta/dt = a*(v - E_L) - b*(theta - theta_inf) : mV    # threshold
    dI_1/dt = -k_1*I_1 : V/s
    dI_2/dt = -k_2*I_2 : V/s
  `,
  params: {
    G: "50 Hz", E_L: "-70 mV", b: "10 Hz", k_1: "200 Hz", k_2: "20 Hz",
    theta_inf: "-50 mV", theta_reset: "-60 mV", v_reset: "-70 mV", R_1: 0, R_2: 1,
    a: "0 Hz", A_1: "0 V/s", A_2: "0 V/s",
  },
  threshold: "v >= theta",
  reset: `
    I_1 = R_1*I_1 + A_1
    I_2 = R_2*I_2 + A_2
    v = v_reset
    theta = max(theta_reset, theta)
  `,
  init: { v: "E_L", theta: "theta_inf" },
});

const intervals = (times: readonly number[]): number[] => times.slice(1).map((t, i) => t - (times[i] as number));

/** Numbers of spikes in bursts: groups between which much more time lies than within. */
function bursts(times: readonly number[], gap: number): number[] {
  const sizes = [1];
  for (const interval of intervals(times)) {
    if (interval > gap) sizes.push(0);
    sizes[sizes.length - 1] = (sizes.at(-1) as number) + 1;
  }
  return sizes;
}

interface Behaviour {
  /** Panel of the paper's figure 1. */
  readonly panel: string;
  readonly name: string;
  /** In 1/s, V/s, V/s. */
  readonly a: number;
  readonly A: readonly [number, number];
  /** Current in V/s and how long, in ms. */
  readonly steps: readonly (readonly [current: number, duration: number])[];
  /** By DOP853: how many spikes, the first and the last in ms. */
  readonly reference: readonly [count: number, first: number, last: number];
  /** What makes it this behaviour. */
  readonly is: (times: readonly number[]) => boolean;
}

const none: readonly [number, number] = [0, 0];
const bursting: readonly [number, number] = [10, -0.6];

const behaviours: readonly Behaviour[] = [
  {
    panel: "A", name: "tonic spiking", a: 0, A: none, steps: [[1.5, 200]], reference: [9, 21.9722, 197.7502],
    is: (t) => intervals(t).every((x) => Math.abs(x - 21.9722) < 0.02),
  },
  {
    panel: "C", name: "spike frequency adaptation", a: 5, A: none, steps: [[2, 200]],
    reference: [10, 14.6947, 181.6326],
    is: (t) => intervals(t).every((x, i, all) => i === 0 || x > (all[i - 1] as number)),
  },
  {
    panel: "D", name: "phasic spiking", a: 5, A: none, steps: [[1.5, 500]], reference: [5, 25.2, 177.0583],
    is: (t) => t.every((x) => x < 200), // silent for 300 ms of the same current
  },
  {
    panel: "E", name: "accommodation", a: 5, A: none,
    steps: [[1.5, 100], [0, 500], [0.5, 100], [1, 100], [1.5, 100], [0, 100]], reference: [3, 25.2, 87.8579],
    is: (t) => t.every((x) => x < 100), // a step makes spikes, a staircase of the same height none
  },
  {
    panel: "G", name: "rebound spike", a: 5, A: none, steps: [[0, 50], [-3.5, 750], [0, 200]],
    reference: [1, 849.1131, 849.1131],
    is: (t) => t.every((x) => x > 800),
  },
  {
    panel: "I", name: "integrator", a: 5, A: none,
    steps: [[1.5, 20], [0, 10], [1.5, 20], [0, 250], [1.5, 20], [0, 30], [1.5, 20], [0, 30]],
    reference: [1, 49.3183, 49.3183],
    is: (t) => t.length === 1 && (t[0] as number) < 50, // two pulses 10 ms apart, not 30
  },
  {
    panel: "K", name: "hyperpolarization-induced spiking", a: 30, A: none, steps: [[-1, 400]],
    reference: [3, 131.9371, 366.6811],
    is: (t) => bursts(t, 10).every((n) => n === 1),
  },
  {
    panel: "L", name: "hyperpolarization-induced bursting", a: 30, A: bursting, steps: [[-1, 400]],
    reference: [13, 131.9371, 326.4794],
    is: (t) => bursts(t, 20).join() === "5,4,4",
  },
  {
    panel: "M", name: "tonic bursting", a: 5, A: bursting, steps: [[2, 500]], reference: [24, 14.6947, 424.364],
    is: (t) => bursts(t, 20).join() === "8,6,5,5",
  },
  {
    panel: "N", name: "phasic bursting", a: 5, A: bursting, steps: [[1.5, 500]], reference: [7, 25.2, 48.89],
    is: (t) => bursts(t, 20).join() === "7",
  },
  {
    panel: "O", name: "rebound burst", a: 5, A: bursting, steps: [[0, 100], [-3.5, 500], [0, 400]],
    reference: [7, 652.4461, 663.5345],
    is: (t) => bursts(t, 20).length === 1 && t.every((x) => x > 600),
  },
  {
    panel: "P", name: "mixed mode", a: 5, A: [5, -0.3], steps: [[2, 500]], reference: [19, 14.6947, 486.9471],
    is: (t) => bursts(t.slice(0, 8), 20).join() === "7,1" && intervals(t.slice(9)).every((x) => x > 20),
  },
  {
    panel: "R", name: "basal bistability", a: 0, A: [8, -0.1], steps: [[5, 10], [0, 90], [5, 10], [0, 90]],
    reference: [25, 4.4629, 111.9903],
    // one pulse starts it, the next ends it
    is: (t) => t.filter((x) => x > 15 && x < 100).length > 10 && t.every((x) => x < 115),
  },
  {
    panel: "T", name: "spike latency", a: -80, A: none, steps: [[8, 2], [0, 48]], reference: [1, 16.1769, 16.1769],
    is: ([t = Number.NaN]) => t - 2 > 10, // long after the pulse
  },
];

const sim = await Simulation.create({ dt: 0.005 });
const cells = behaviours.map(({ panel, a, A: [A_1, A_2], steps }) => {
  let time = 0;
  const points = steps.map(([current, duration]): [number, string] => {
    const from = time;
    time += duration;
    return [from, `${current} V/s`];
  });
  const cell = sim.population(panel, mihalasNiebur, 1, {
    params: { a: `${a} Hz`, A_1: `${A_1} V/s`, A_2: `${A_2} V/s` },
    background: [background.piecewise(points)],
  });
  const spikes = sim.record(cell, "spikes");
  const variables = (["v", "theta"] as const).map((variable) => {
    return { variable, trace: sim.record(cell, variable, { every: 0.5 }) };
  });
  return { spikes, panel, variables, duration: time };
});
await sim.run(1000);

console.log("panel  behaviour                           spikes  first (ms)   last (ms)");
for (const [i, { panel, name, reference, is }] of behaviours.entries()) {
  const { spikes, duration } = cells[i] as (typeof cells)[number];
  const times = Array.from(spikes.times).filter((t) => t <= duration);
  const [count, first, last] = reference;
  const [begin = Number.NaN, end = Number.NaN] = [times[0], times.at(-1)];
  const late = Math.max(Math.abs(begin - first), Math.abs(end - last));
  if (times.length !== count || late > 0.1) throw new Error(`${name}: the spikes are not those of the reference`);
  if (!is(times)) throw new Error(`${name}: the spikes at ${times.join(", ")} ms do not have what makes it that`);
  const row = [panel.padEnd(5), name.padEnd(34), String(count).padStart(6)];
  console.log([...row, begin.toFixed(2).padStart(10), end.toFixed(2).padStart(10)].join("  "));
}

// One panel per behaviour, named as in the paper, with both variables.
const traces = cells.flatMap(({ panel, variables }) =>
  variables.map(({ variable, trace }): PopulationTrace => {
    const { unit, neurons, time } = trace;
    return { population: variable, variable: panel, unit, neurons, time, values: (position) => trace.values(position) };
  }),
);
const folder = new URL("../results/examples/", import.meta.url);
mkdirSync(folder, { recursive: true });
const figure = tracesFigure({
  title: "Mihalas-Niebur: fourteen behaviours of one model",
  traces,
  duration: 1000,
  panelHeight: 90,
});
writeFileSync(new URL("15-mihalas-niebur.svg", folder), figure);
console.log("wrote results/examples/15-mihalas-niebur.svg");
