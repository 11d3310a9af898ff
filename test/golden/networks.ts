/** The networks whose results are pinned by hashes, and the hashes of what they give. */
import { type Method, type ModelRecord, models, Simulation } from "../../src/index.js";
import { stepped } from "../methods.js";

/** Hashes by what they are taken of, with the number of spikes: a change of it is seen at a glance. */
export type Hashes = Readonly<Record<string, string>>;

/** Conductance-based excitation and inhibition, 400 neurons, 200 ms; drawn weights, delays and initial states. */
const coba = {
  name: "coba",
  dt: 0.1,
  duration: 200,
  seed: 42,
  populations: [
    { name: "exc", size: 320 },
    { name: "inh", size: 80 },
  ].map((p) => ({
    ...p,
    model: "lif",
    method: "exponentialEuler",
    params: { C_m: 200, tau_m: 20, E_L: -60, V_th: -50, V_reset: -60, t_ref: 5 },
    init: { v: { normal: [-55, 4] }, g_exc: { exponential: 8 }, g_inh: { uniform: [0, 10] } },
    receptors: {
      exc: { kernel: "exponential", tau: 5, E_rev: 0 },
      inh: { kernel: "exponential", tau: 10, E_rev: -80 },
    },
    background: [{ kind: "constant", amplitude: { normal: [90, 20] } }],
  })),
  projections: ["exc", "inh"].flatMap((source) =>
    ["exc", "inh"].map((target) => ({
      source,
      target,
      receptor: source,
      rule: "fixedProbability",
      p: 0.1,
      weight: source === "exc" ? { lognormal: [1.2, 0.5] } : { uniform: [20, 60] },
      delay: { normal: [1.5, 0.5] },
    })),
  ),
};

/** Three kinds of model with noise, Ornstein-Uhlenbeck and sine currents and all kinds of receptor, 300 ms. */
const mixed = {
  name: "mixed",
  dt: 0.05,
  duration: 300,
  seed: 2 ** 40 + 7,
  populations: [
    {
      name: "izhikevich",
      model: "izhikevich",
      preset: "CH",
      size: 50,
      params: { a: { uniform: [0.018, 0.022] } },
      receptors: { kick: { kernel: "delta" } },
      background: [{ kind: "whiteNoise", sigma: 3, mean: 6 }],
    },
    {
      name: "adex",
      model: "adex",
      preset: "adapting",
      size: 40,
      method: "rk4",
      receptors: { in: { kernel: "exponential", tau: 4 }, g: { kernel: "exponential", tau: 7, E_rev: -75 } },
      background: [
        { kind: "ornsteinUhlenbeck", mean: { uniform: [300, 500] }, sigma: 120, tau: 8 },
        { kind: "sine", amplitude: 100, frequency: 12, phase: 0.7, offset: 50 },
      ],
    },
    {
      name: "hodgkinHuxley",
      model: "hodgkinHuxley",
      size: 30,
      receptors: { g: { kernel: "exponential", tau: 3, E_rev: 0 } },
      background: [
        { kind: "sine", amplitude: { normal: [6, 1] }, frequency: 40 },
        { kind: "whiteNoise", sigma: 2, mean: 4 },
      ],
    },
  ],
  projections: [
    {
      source: "izhikevich",
      target: "adex",
      receptor: "in",
      rule: "fixedIndegree",
      k: 8,
      weight: 40,
      delay: { uniform: [0.5, 6] },
    },
    {
      source: "adex",
      target: "adex",
      receptor: "g",
      rule: "fixedProbability",
      p: 0.2,
      weight: { exponential: 2 },
      delay: 1.5,
    },
    {
      source: "adex",
      target: "izhikevich",
      receptor: "kick",
      rule: "fixedIndegree",
      k: 5,
      multapses: false,
      weight: { normal: [1, 0.3] },
    },
    {
      source: "hodgkinHuxley",
      target: "hodgkinHuxley",
      receptor: "g",
      rule: "fixedProbability",
      p: 0.3,
      weight: 0.02,
      delay: 2,
      weightPrecision: "float64",
    },
    { source: "izhikevich", target: "hodgkinHuxley", receptor: "g", rule: "allToAll", weight: { uniform: [0, 0.01] } },
  ],
};

const names = Object.values<ModelRecord>(models).flatMap((model) =>
  stepped(model).map((method): readonly [ModelRecord, Method] => [model, method]),
);

/** Every model with every method it offers, 6 neurons each, 100 ms, once with common and once with own parameters. */
const kernels = {
  name: "kernels",
  dt: 0.05,
  duration: 100,
  seed: 3,
  populations: names.flatMap(([model, method]) => {
    const strong = model.example?.current ?? 10;
    const [first] = Object.keys(model.params) as [string];
    const middle = model.params[first]?.default as number;
    const tabulates = model.rates !== undefined && (method === "exponentialEuler" || method === "strangSplitting");
    return ["common", "own", ...(tabulates ? ["exact"] : [])].map((kind) => ({
      name: `${model.id} ${method} ${kind}`,
      model: model.id,
      method,
      size: 6,
      ...(kind === "exact" ? { rates: "exact" } : {}),
      params: kind === "own" ? { [first]: [1, 1.01, 0.99, 1.02, 0.98, 1].map((x) => x * middle) } : {},
      background: [
        { kind: "constant", amplitude: [0.6, 0.8, 1, 1.2, 1.4, 0].map((x) => x * strong) },
        { kind: "whiteNoise", sigma: strong / 4 },
      ],
    }));
  }),
};

interface Pinned {
  readonly duration: number;
  readonly seed: number;
  readonly populations: readonly { readonly name: string }[];
}

async function finished(document: Pinned): Promise<Simulation> {
  const record = document.populations.map(({ name }) => ({ population: name, variables: ["spikes"] }));
  const simulation = await Simulation.fromDocument({ ...document, record });
  await simulation.run(document.duration);
  return simulation;
}

/** The two networks of many neurons. */
export const pinned = { coba, mixed };

/** Number of spikes, hash of their times and neurons, hash of all final states. */
async function hashes(simulation: Simulation, name: string): Promise<string> {
  const spikes = simulation.recordings.spikes.get(name);
  const population = simulation.populations.get(name);
  if (!spikes || !population) throw new Error(`no population ${name}`);
  const states = Object.keys(population.model.states).map((state) => population.state(state as "v"));
  const receptors = Object.entries(population.description.receptors)
    .filter(([, r]) => r.kernel === "exponential")
    .map(([key, r]) => population.state(`${"E_rev" in r ? "g" : "i"}_${key}`));
  const [fired, ended] = [await sha(spikes.times, spikes.neurons), await sha(...states, ...receptors)];
  return `${spikes.count} spikes ${fired}, states ${ended}`;
}

/** In Node and in browsers. */
async function sha(...arrays: readonly (Float64Array | Uint32Array)[]): Promise<string> {
  const bytes = await new Blob(arrays as never).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Runs the networks, with `more` added to their seeds; the hashes of one population stand under its name. */
export async function compute(more = 0): Promise<Readonly<Record<"coba" | "mixed" | "kernels", Hashes>>> {
  const of = async (document: Pinned): Promise<Hashes> => {
    const simulation = await finished({ ...document, seed: document.seed + more });
    const found: Record<string, string> = {};
    for (const { name } of document.populations) found[name] = await hashes(simulation, name);
    return found;
  };
  return { coba: await of(coba), mixed: await of(mixed), kernels: await of(kernels) };
}
