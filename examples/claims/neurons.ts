/**
 * The detailed neuron of the first claim, the noise that it gets, and the models that are fitted to it.
 *
 * The neuron is `traubMiles` with a rest of its own: a Hodgkin-Huxley neuron with hippocampal kinetics, by rk4 at 0.05
 * ms, whose spike times are within 0.01 % there.
 */
import {
  adex,
  background,
  defineModel,
  eif,
  fit,
  type FitOptions,
  type FitResult,
  lif,
  type ModelRecord,
  qif,
  rheobase,
  Simulation,
  traubMiles,
} from "spikelet";

/** Parameters with which the cell has a stable rest. */
export const cell = { E_L: -67, V_T: -55 } as const;

/** Rheobase of the cell in pA. */
export const onset = await rheobase(traubMiles, { params: cell });

/**
 * Izhikevich's equations of 2003, whose current has no unit: here it is one in pA, which `g` turns into mV/ms.
 */
export const inPicoampere = defineModel({
  name: "izhikevichInPA",
  current: "pA",
  equations: `
    dv/dt = 0.04/(mV*ms)*v**2 + 5/ms*v + 140*mV/ms - u + g*I : mV
    du/dt = a*(b*v - u) : mV/ms
  `,
  params: { a: "0.02 1/ms", b: "0.2 1/ms", c: "-65 mV", d: "8 mV/ms", g: "0.05 mV/ms/pA" },
  threshold: "v >= 30*mV",
  reset: "v = c\nu += d",
  init: { v: "(b - 5/ms - sqrt((b - 5/ms)**2 - 4*0.04/(mV*ms)*140*mV/ms))/(2*0.04/(mV*ms))", u: "b*v" },
});

/** A neuron, or a model of it, ready to be run. */
export interface Neuron {
  readonly name: string;
  readonly model: ModelRecord;
  readonly params: Readonly<Record<string, number>>;
  readonly method: string;
  readonly dt: number;
}

export const detailed: Neuron = {
  name: "traubMiles",
  model: traubMiles,
  params: cell,
  method: "rk4",
  dt: 0.05,
};

/** Values of a current, each held for 0.5 ms. */
export const HELD = 0.5;

/** Currents in pA of an Ornstein-Uhlenbeck process, one for each seed. */
export async function noises(
  seeds: readonly number[],
  mean: number,
  sigma: number,
  duration: number,
): Promise<Float64Array[]> {
  return Promise.all(
    seeds.map(async (seed) => {
      const sim = await Simulation.create({ dt: HELD, seed });
      const source = sim.population("noise", lif, 1, {
        background: [background.ornsteinUhlenbeck({ mean, sigma, tau: 5 })],
      });
      const current = sim.record(source, "I_background");
      await sim.run(duration);
      return current.values(0).slice(0, Math.round(duration / HELD));
    }),
  );
}

/** Spike times in ms of a neuron under each of several sampled currents. */
export async function underNoise(neuron: Neuron, currents: readonly Float64Array[]): Promise<Float64Array[]> {
  const { model, params, method, dt } = neuron;
  const sim = await Simulation.create({ dt });
  const recordings = currents.map((values, k) => {
    const input = background.samples({ dt: HELD, values });
    const population = sim.population(`n${k}`, model, 1, { params, method, background: [input] } as object);
    return sim.record(population, "spikes", { interpolate: true });
  });
  await sim.run(HELD * (currents[0]?.length ?? 0));
  return recordings.map(({ times }) => times);
}

/** Spike times in ms of a neuron under each of several constant currents that are switched on at 0. */
export async function underSteps(
  neuron: Neuron,
  currents: readonly number[],
  duration: number,
): Promise<Float64Array[]> {
  const { model, params, method, dt } = neuron;
  const sim = await Simulation.create({ dt });
  const population = sim.population("n", model, currents.length, {
    params,
    method,
    background: [background.constant(currents)],
  } as object);
  const spikes = sim.record(population, "spikes", { interpolate: true });
  await sim.run(duration);
  return currents.map((_, i) => spikes.of(i));
}

interface Choice {
  readonly model: ModelRecord;
  readonly params?: Readonly<Record<string, number>>;
  readonly method?: string;
  readonly vary: Readonly<Record<string, readonly [number, number]>>;
}

/** What is varied of each model. Where only differences of potentials matter, one of them is fixed. */
const CHOICES: Readonly<Record<string, Choice>> = {
  lif: {
    model: lif,
    params: { E_L: -67, V_th: -50 },
    vary: { C_m: [50, 800], tau_m: [3, 60], V_reset: [-150, -51], t_ref: [0, 15] },
  },
  qif: {
    model: qif,
    params: { V_r: -67, V_t: -50 },
    method: "rk4",
    vary: { C_m: [20, 800], k: [0.1, 5], V_reset: [-150, -51], t_ref: [0, 15] },
  },
  izhikevich: {
    model: inPicoampere,
    method: "rk4",
    vary: { a: [0.005, 0.5], b: [0.05, 0.25], c: [-85, -45], d: [-2, 12], g: [0.005, 0.2] },
  },
  eif: {
    model: eif,
    params: { E_L: -67, V_T: -50, V_peak: 0 },
    vary: { C_m: [50, 800], g_L: [2, 40], Delta_T: [0.2, 6], V_reset: [-150, -51], t_ref: [0, 15] },
  },
  adex: {
    model: adex,
    params: { E_L: -67, V_T: -50, V_peak: 0 },
    vary: {
      C_m: [50, 800],
      g_L: [2, 40],
      Delta_T: [0.2, 6],
      V_reset: [-150, -51],
      t_ref: [0, 15],
      a: [-5, 15],
      b: [0, 100],
      tau_w: [5, 300],
    },
  },
};

export const MODELS = Object.keys(CHOICES);

export interface Fitted extends Neuron {
  readonly result: FitResult;
}

/** What the models are fitted to: rates under steps, and spikes under one noisy current that no test uses. */
export interface Training {
  readonly rates: readonly (readonly [current: number, rate: number])[];
  readonly current: Float64Array;
  readonly times: Float64Array;
}

/** Currents of the f-I curve, in rheobases. */
const LEVELS = [0.9, 1.1, 1.5, 2, 3, 4];
const TRIAL = 400;

export async function training(duration: number, mean: number, sigma: number): Promise<Training> {
  const [current] = (await noises([1000], mean * onset, sigma * onset, duration)) as [Float64Array];
  const [times] = (await underNoise(detailed, [current])) as [Float64Array];
  const trains = await underSteps(
    detailed,
    LEVELS.map((x) => x * onset),
    TRIAL,
  );
  const rates = trains.map((train, i) => {
    const late = train.filter((t) => t > 100);
    const rate = late.length < 2 ? 0 : (1000 * (late.length - 1)) / ((late.at(-1) as number) - (late[0] as number));
    return [(LEVELS[i] as number) * onset, rate] as const;
  });
  return { rates, current, times };
}

/** Fits a model to the cell; `start` is where the search begins beside its random places. */
export async function fitted(
  name: string,
  { rates, current, times }: Training,
  generations: number,
  start?: Readonly<Record<string, number>>,
): Promise<Fitted> {
  const { model, ...choice } = CHOICES[name] as Choice;
  const count = Object.keys(choice.vary).length;
  const result = await fit(model, {
    ...choice,
    to: {
      fi: { points: rates, duration: TRIAL, from: 100 },
      spikes: { times, current: { dt: HELD, values: current } },
    },
    ...(start !== undefined && { start }),
    seed: 1,
    // more parameters take longer
    search: { population: 40, generations: Math.round((generations * count) / 4), refinements: 60 },
  } as unknown as FitOptions<ModelRecord>);
  const params = { ...choice.params, ...result.params };
  return { name, model, params, method: choice.method ?? (model.methods[0] as string), dt: 0.1, result };
}
