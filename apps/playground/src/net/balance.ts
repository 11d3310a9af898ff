/** The network of the first view: excitation, inhibition and a background current near rheobase. */

/** What its sliders set. */
export interface Balance {
  /** Number of neurons; four fifths of them excite. */
  readonly size: number;
  /** Background current in multiples of the rheobase. */
  readonly background: number;
  /** Standard deviation of the background between neurons, in multiples of the rheobase. */
  readonly spread: number;
  /** Peak current of an excitatory synapse in pA, and how many times as strong an inhibitory one is. */
  readonly weight: number;
  readonly inhibition: number;
  /** ms */
  readonly delay: number;
}

export const BALANCE: Readonly<
  Record<
    keyof Balance,
    { value: number; min: number; max: number; step: number; label: string; unit: string; hint: string }
  >
> = {
  background: {
    value: 1.05,
    min: 0,
    max: 2,
    step: 0.01,
    label: "Background",
    unit: "x rheobase",
    hint: "Constant current into each neuron. At 1 a neuron by itself just fires.",
  },
  inhibition: {
    value: 5,
    min: 0,
    max: 12,
    step: 0.1,
    label: "Inhibition",
    unit: "x excitation",
    hint: "Strength of an inhibitory synapse over that of an excitatory one.",
  },
  weight: {
    value: 20,
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

const SHARE = 0.8;
/** Synapses onto each neuron. */
const INPUTS = { exc: 80, inh: 20 };

/** The background of both populations. */
export function backgroundOf({ background, spread }: Balance): object[] {
  return [{ kind: "rheobase", fraction: spread > 0 ? { normal: [background, spread] } : background }];
}

/** The weights of the projections in their order. */
export function weightsOf({ weight, inhibition }: Balance): number[] {
  return [weight, weight, -weight * inhibition, -weight * inhibition];
}

/** The model file. */
export function balanceDocument(balance: Balance, seed: number): object {
  const exc = Math.round(SHARE * balance.size);
  const population = (name: string, size: number): object => ({
    name,
    model: "lif",
    size,
    params: { t_ref: 3 },
    init: { v: { uniform: [-70, -50] } },
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
