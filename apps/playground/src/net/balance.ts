/** The network of the first view: excitation, inhibition and a background current near rheobase. */
import type { Watch } from "spikelet/worker";

/** What its sliders set. */
export interface Balance {
  /** Number of neurons; four fifths of them excite. */
  readonly size: number;
  /** Background current in multiples of the rheobase. */
  readonly background: number;
  /** Standard deviation of the background between neurons, in multiples of the rheobase. */
  readonly spread: number;
  /** Peak current of an excitatory synapse in the model's unit, and how many times as strong an inhibitory one is. */
  readonly weight: number;
  readonly inhibition: number;
  /** ms */
  readonly delay: number;
}

/** A slider: its value at the beginning, its range, and words. */
export interface SliderFacts {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly label: string;
  readonly unit: string;
  readonly hint: string;
}

type Sliders = Readonly<Record<keyof Balance, SliderFacts>>;

/** The sliders with `lif`. At their values it fires irregularly with some 8 Hz, each neuron for itself. */
export const BALANCE: Sliders = {
  background: {
    value: 1.1,
    min: 0,
    max: 2,
    step: 0.01,
    label: "Background",
    unit: "x rheobase",
    hint: "Constant current into each neuron. At 1 a neuron by itself just fires.",
  },
  inhibition: {
    value: 6,
    min: 0,
    max: 12,
    step: 0.1,
    label: "Inhibition",
    unit: "x excitation",
    hint: "Strength of an inhibitory synapse over that of an excitatory one.",
  },
  weight: {
    value: 60,
    min: 0,
    max: 100,
    step: 1,
    label: "Weight",
    unit: "pA",
    hint: "Peak current of an excitatory synapse.",
  },
  delay: {
    value: 1.5,
    min: 0.1,
    max: 10,
    step: 0.1,
    label: "Delay",
    unit: "ms",
    hint: "From a spike to its effect, at all synapses.",
  },
  spread: {
    value: 0.1,
    min: 0,
    max: 0.5,
    step: 0.01,
    label: "Spread of the background",
    unit: "x rheobase",
    hint: "How much the background differs between neurons.",
  },
  size: {
    value: 10_000,
    min: 100,
    max: 40_000,
    step: 100,
    label: "Neurons",
    unit: "",
    hint: "A network of another size is built anew.",
  },
};

/** What a population has of its own. */
export interface Cells {
  readonly preset?: string;
  readonly params: Readonly<Record<string, number>>;
}

/** A variable of a phase plane. */
export interface PlaneAxis {
  readonly variable: string;
  readonly unit: string;
  readonly range: readonly [low: number, high: number];
}

/** A model that the network may have. */
export interface NetworkModel {
  readonly id: string;
  readonly title: string;
  readonly exc: Cells;
  readonly inh: Cells;
  /** Range of `v` in mV at the beginning. */
  readonly start: readonly [low: number, high: number];
  /** Unit of a current. */
  readonly current: string;
  /** What its sliders have of their own. */
  readonly sliders: Partial<Record<keyof Balance, Partial<SliderFacts>>>;
  /** Its two variables; a model with one has no phase plane. */
  readonly plane?: readonly [v: PlaneAxis, w: PlaneAxis];
}

/** Without it a network that only excites itself fires at every step. */
const HOLD = { t_ref: 3 };

export const LIF: NetworkModel = {
  id: "lif",
  title: "Leaky integrate-and-fire (lif)",
  exc: { params: HOLD },
  inh: { params: HOLD },
  start: [-70, -50],
  current: "pA",
  sliders: {},
};

/**
 * Two variables adapt: with the adaptation of regular spiking neurons (a step of 8) the intervals are all alike, so
 * the excitatory ones have a smaller step; the inhibitory `adex` has none, as fast spiking cells.
 */
export const NETWORK_MODELS: readonly [NetworkModel, ...NetworkModel[]] = [
  LIF,
  {
    id: "izhikevich",
    title: "Izhikevich",
    exc: { preset: "RS", params: { d: 3, ...HOLD } },
    inh: { preset: "FS", params: HOLD },
    start: [-70, -60],
    current: "mV/ms",
    sliders: {
      background: { value: 2, max: 4 },
      weight: { value: 1.8, max: 3, step: 0.05, unit: "mV/ms" },
      spread: { value: 0.2 },
    },
    plane: [
      { variable: "v", unit: "mV", range: [-105, 35] },
      { variable: "u", unit: "mV/ms", range: [-30, 25] },
    ],
  },
  {
    id: "adex",
    title: "Adaptive exponential (adex)",
    exc: { params: HOLD },
    inh: { params: { a: 0, b: 0, ...HOLD } },
    start: [-70, -52],
    current: "pA",
    sliders: {
      background: { value: 1.5, max: 3 },
      weight: { value: 160, max: 300 },
      size: { value: 2000, max: 20_000 },
    },
    plane: [
      { variable: "v", unit: "mV", range: [-115, 25] },
      { variable: "w", unit: "pA", range: [-150, 400] },
    ],
  },
];

/** The model of an untrusted name; `lif` where there is none such. */
export function networkModel(id: unknown): NetworkModel {
  return NETWORK_MODELS.find((model) => model.id === id) ?? LIF;
}

/** The sliders with a model. */
export function slidersOf({ sliders }: NetworkModel): Sliders {
  const keys = Object.keys(BALANCE) as (keyof Balance)[];
  return Object.fromEntries(keys.map((key) => [key, { ...BALANCE[key], ...sliders[key] }])) as unknown as Sliders;
}

const SHARE = 0.8;
/** Synapses onto each neuron. */
const INPUTS = { exc: 80, inh: 20 };

/** A neuron that is looked at. */
export interface Chosen {
  readonly population: string;
  readonly neuron: number;
}

/** The neuron that a link chose, where a network of so many neurons has it; the first one otherwise. */
export function chosenFrom(given: unknown, size: number): Chosen {
  const { population, neuron } = (given ?? {}) as Partial<Chosen>;
  const exc = Math.round(SHARE * size);
  const count = population === "exc" ? exc : population === "inh" ? size - exc : 0;
  return Number.isInteger(neuron) && (neuron as number) >= 0 && (neuron as number) < count
    ? { population: population as string, neuron: neuron as number }
    : { population: "exc", neuron: 0 };
}

/** What flows into a neuron of these networks. */
export const CURRENTS = { background: "I_background", excitation: "i_exc", inhibition: "i_inh" } as const;
/** ms between samples of the chosen neuron. */
const EVERY = 0.2;

/** What is watched of the chosen neuron: its potential, or what its phase plane shows. */
export function watchOf({ plane }: NetworkModel, { population, neuron }: Chosen): Watch {
  const variables = plane ? [...plane.map(({ variable }) => variable), ...Object.values(CURRENTS)] : ["v"];
  return { population, variables, neurons: [neuron], every: EVERY };
}

/** The background of both populations. */
export function backgroundOf({ background, spread }: Balance): object[] {
  return [{ kind: "rheobase", fraction: spread > 0 ? { normal: [background, spread] } : background }];
}

/** The weights of the projections in their order. */
export function weightsOf({ weight, inhibition }: Balance): number[] {
  return [weight, weight, -weight * inhibition, -weight * inhibition];
}

/** The model file. */
export function balanceDocument(balance: Balance, seed: number, model: NetworkModel = LIF): object {
  const exc = Math.round(SHARE * balance.size);
  const population = (name: "exc" | "inh", size: number): object => ({
    name,
    model: model.id,
    size,
    ...model[name],
    init: { v: { uniform: [...model.start] } },
    receptors: { exc: { kernel: "exponential", tau: 4 }, inh: { kernel: "exponential", tau: 8 } },
    background: backgroundOf(balance),
  });
  const weights = weightsOf(balance);
  const projections = (["exc", "inh"] as const).flatMap((source) =>
    (["exc", "inh"] as const).map((target) => ({ source, target })),
  );
  return {
    name: "balance",
    dt: 0.1,
    seed,
    duration: 1000,
    populations: [population("exc", exc), population("inh", balance.size - exc)],
    projections: projections.map(({ source, target }, k) => ({
      source,
      target,
      receptor: source,
      rule: "fixedIndegree",
      k: Math.min(INPUTS[source], source === "exc" ? exc : balance.size - exc),
      weight: weights[k],
      delay: balance.delay,
    })),
    record: [
      { population: "exc", variables: ["spikes"] },
      { population: "inh", variables: ["spikes"] },
    ],
  };
}
