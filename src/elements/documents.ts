/** The model files that the elements run. */

/** What is chosen of a neuron. */
export interface NeuronChoice {
  /** Name of a built-in model, or a model as equations. */
  readonly model: string | Readonly<Record<string, unknown>>;
  readonly preset?: string | undefined;
  readonly params?: Readonly<Record<string, number | string>> | undefined;
  readonly init?: Readonly<Record<string, number | string>> | undefined;
  readonly method?: string | undefined;
  /** In the unit of the model, or a text with a unit. */
  readonly current: number | string;
  /** More background currents. */
  readonly background?: readonly object[] | undefined;
  readonly variables: readonly string[];
  /** ms */
  readonly dt: number;
  readonly seed: number;
  /** ms that are drawn. */
  readonly span: number;
}

/** Name of the only population of a neuron's network. */
export const NEURON = "neuron";
/** Samples over the time that is drawn, at most. */
const SAMPLES = 3000;

/** ms between two samples: a multiple of dt, so that what is drawn has not more of them than a screen. */
export function every(dt: number, span: number): number {
  return Number((dt * Math.max(1, Math.ceil(span / SAMPLES / dt - 1e-9))).toPrecision(12));
}

/** The background of a neuron: its constant current, and what there is beside. */
export function neuronBackground({ current, background = [] }: Pick<NeuronChoice, "current" | "background">): object[] {
  return [{ kind: "constant", amplitude: current }, ...background];
}

/** The model file of a neuron. */
export function neuronDocument(choice: NeuronChoice): object {
  const { model, preset, params, init, method, variables, dt, seed, span } = choice;
  const own = typeof model === "object";
  return {
    name: NEURON,
    dt,
    seed,
    duration: 1000,
    ...(own && { models: [model] }),
    populations: [
      {
        name: NEURON,
        model: own ? model["name"] : model,
        size: 1,
        ...(preset !== undefined && { preset }),
        ...(method !== undefined && { method }),
        ...(params !== undefined && { params }),
        ...(init !== undefined && { init }),
        background: neuronBackground(choice),
      },
    ],
    record: [
      { population: NEURON, variables: ["spikes"] },
      { population: NEURON, variables, every: every(dt, span) },
    ],
  };
}

/** Where an error is, as the attributes of a neuron have it. */
export function asAttributes(message: string): string {
  return message
    .replaceAll(/\bpopulations\[0\]\.background\[0\]\.amplitude\b/g, "current")
    .replaceAll(/\bpopulations\[0\]\.background\[(\d+)\]/g, (_, k: string) => `background[${Number(k) - 1}]`)
    .replaceAll(/\bpopulations\[0\]\.?/g, "")
    .replaceAll(/\brecord\[1\]\.variables\b/g, "variables")
    .replaceAll(/\bmodels\[0\]\.?/g, "");
}

/** The network without a model file: excitation, inhibition and a background near rheobase; it fires irregularly. */
export function defaultNetwork(): object {
  const [exc, inh] = [1600, 400];
  const population = (name: string, size: number): object => ({
    name,
    model: "lif",
    size,
    params: { t_ref: 3 },
    init: { v: { uniform: [-70, -50] } },
    receptors: { exc: { kernel: "exponential", tau: 4 }, inh: { kernel: "exponential", tau: 8 } },
    background: [{ kind: "rheobase", fraction: { normal: [1.1, 0.1] } }],
  });
  const projection = (source: string, target: string, k: number, weight: number): object => ({
    source,
    target,
    receptor: source,
    rule: "fixedIndegree",
    k,
    weight,
    delay: 1.5,
  });
  return {
    name: "excitation and inhibition",
    dt: 0.1,
    seed: 1,
    duration: 1000,
    populations: [population("exc", exc), population("inh", inh)],
    projections: ["exc", "inh"].flatMap((target) => [
      projection("exc", target, 80, 60),
      projection("inh", target, 20, -360),
    ]),
  };
}

interface Entry {
  readonly kind?: unknown;
  readonly [key: string]: unknown;
}

interface PopulationEntry {
  readonly name: string;
  readonly background?: readonly Entry[];
}

/** A checked model file, of which these are looked at. */
export interface CheckedDocument {
  readonly populations?: readonly PopulationEntry[];
  readonly seed?: number;
  readonly [key: string]: unknown;
}

/** A checked model file as an element runs it: all spikes are seen, and nothing else. */
export function shownDocument(document: CheckedDocument, seed?: number): CheckedDocument {
  const { populations = [] } = document;
  return {
    ...document,
    ...(seed !== undefined && { seed }),
    record: populations.map(({ name }) => ({ population: name, variables: ["spikes"] })),
  };
}

/** The background of each population that has one. */
export function backgroundsOf({ populations = [] }: CheckedDocument): Record<string, readonly Entry[]> {
  return Object.fromEntries(
    populations.flatMap(({ name, background = [] }) => (background.length > 0 ? [[name, background] as const] : [])),
  );
}

/** The fields of each kind of background that grow with it. */
export const DRIVEN: Readonly<Record<string, readonly string[]>> = {
  constant: ["amplitude"],
  piecewise: ["points"],
  pulses: ["amplitude"],
  ramp: ["from", "to"],
  sine: ["amplitude", "offset"],
  expression: ["I"],
  whiteNoise: ["sigma", "mean"],
  ornsteinUhlenbeck: ["mean", "sigma"],
  poisson: ["rate"],
  samples: ["values"],
  rheobase: ["fraction"],
};

/** A value of a checked document times a factor: a number, one per neuron, a distribution, a text. */
function times(value: unknown, factor: number): unknown {
  if (typeof value === "number") return factor * value;
  if (typeof value === "string") return `(${value})*${factor}`;
  if (Array.isArray(value)) return value.map((one) => times(one, factor));
  const [[name, numbers] = ["", undefined]] = Object.entries((value ?? {}) as object);
  if (name === "lognormal") {
    const [mu, sigma] = numbers as readonly [number, number];
    return factor > 0 ? { lognormal: [mu + Math.log(factor), sigma] } : 0;
  }
  return { [name]: times(numbers, factor) };
}

/** Background currents times a factor: means, noise and rates. */
export function timesBackground(entries: readonly Entry[], factor: number): Entry[] {
  if (factor === 1) return [...entries];
  return entries.map((entry) => {
    const driven = DRIVEN[String(entry.kind)] ?? [];
    const scaled = driven
      .filter((key) => entry[key] !== undefined)
      .map((key) => {
        const value = entry[key];
        // a row is a time, a current and a slope
        if (key === "points")
          return [key, (value as number[][]).map(([t, ...rest]) => [t, ...(times(rest, factor) as number[])])];
        return [key, times(value, factor)];
      });
    return { ...entry, ...Object.fromEntries(scaled) };
  });
}
