/**
 * Brunel's network (J. Comput. Neurosci. 8:183, 2000): sparse excitation and inhibition under Poisson input, and the
 * states that it has by the strength of its inhibition, g, and its drive from outside.
 *
 * 4000 + 1000 neurons with 200 + 50 inputs each in place of 10000 + 2500 with 1000 + 250, and weights of 0.5 mV in
 * place of 0.1 mV: the mean input is the paper's, its variance five times as large. In smaller networks all neurons
 * share so much input that what is asynchronous looks synchronous.
 */

const [EXC, INH] = [4000, 1000];
const INPUTS = 200;
const WEIGHT = 0.5; // mV
const [THETA, TAU_M] = [20, 20]; // mV, ms

/** A place of the map. */
export interface Place {
  /** Strength of an inhibitory synapse over that of an excitatory one. */
  readonly g: number;
  /** Rate of the input from outside over the rate that alone brings a neuron to threshold. */
  readonly external: number;
}

/** Columns and rows of the map, ascending. */
export const GS: readonly number[] = Array.from({ length: 12 }, (_, k) => 2.5 + k / 2);
export const EXTERNALS: readonly number[] = [0.5, 0.9, 1.2, 1.5, 2, 2.5, 3, 4];

/** Where a place may be that a link says. */
export const PLACE = {
  g: { value: 5, min: 0, max: 12 },
  external: { value: 2, min: 0, max: 8 },
} as const;

/** ms that are not looked at, and ms that are. */
export const CELL = { warmUp: 150, measured: 350, bin: 2 } as const;

/** The input from outside: events per second of all trains together. */
export function driveOf({ external }: Place): object[] {
  return [{ kind: "poisson", rate: (1000 * external * THETA) / (WEIGHT * TAU_M), weight: WEIGHT }];
}

/** Weights of the projections in their order. */
export function brunelWeights({ g }: Place): number[] {
  return [WEIGHT, WEIGHT, -g * WEIGHT, -g * WEIGHT];
}

/** The model file. */
export function brunelDocument(place: Place, seed: number): object {
  const population = (name: string, size: number): object => ({
    name,
    model: "lif",
    size,
    params: { tau_m: TAU_M, E_L: 0, V_th: THETA, V_reset: 10, t_ref: 2 },
    init: { v: { uniform: [0, THETA] } },
    receptors: { jump: { kernel: "delta" } },
    background: driveOf(place),
  });
  const weights = brunelWeights(place);
  const pairs = (["exc", "inh"] as const).flatMap((source) =>
    (["exc", "inh"] as const).map((target) => ({ source, target })),
  );
  return {
    name: "brunel",
    dt: 0.1,
    seed,
    duration: 1000,
    populations: [population("exc", EXC), population("inh", INH)],
    projections: pairs.map(({ source, target }, k) => ({
      source,
      target,
      rule: "fixedIndegree",
      k: source === "exc" ? INPUTS : (INPUTS * INH) / EXC,
      weight: weights[k],
      delay: 1.5,
    })),
    record: [
      { population: "exc", variables: ["spikes"] },
      { population: "inh", variables: ["spikes"] },
    ],
  };
}

/** What the excitatory neurons do in a short run. */
export interface Activity {
  /** Hz */
  readonly rate: number;
  /** Mean CV of their intervals; not a number when they have too few. */
  readonly cv: number;
  /** Chi of their counts in bins of 2 ms: 1 when all fire together, about 1/sqrt(4000) when each does for itself. */
  readonly synchrony: number;
}

/** Synchronous or asynchronous, regular or irregular; and quiet. */
export type State = "SR" | "SI" | "AR" | "AI" | "Q";

/**
 * The borders between the states. Irregular networks of the paper have a CV from 0.4 to 0.8, regular ones fire like
 * clocks; its oscillations have a chi of 0.11 and more in a network of this size, its asynchronous states up to 0.1.
 */
export const BORDERS = { rate: 0.5, cv: 0.35, synchrony: 0.105 } as const;

/** The state of an activity. */
export function stateOf({ rate, cv, synchrony }: Activity): State {
  if (!(rate >= BORDERS.rate)) return "Q";
  const together = synchrony >= BORDERS.synchrony;
  // with too few spikes for intervals there is no regularity
  if (cv < BORDERS.cv) return together ? "SR" : "AR";
  return together ? "SI" : "AI";
}

export const STATES: Readonly<Record<State, string>> = {
  SR: "synchronous, regular: nearly all fire together, like clocks",
  SI: "synchronous, irregular: the network oscillates, a neuron joins in now and then",
  AR: "asynchronous, regular: each is a clock of its own",
  AI: "asynchronous, irregular: each fires for itself, like noise",
  Q: "quiet: below half a spike per second",
};

/** All cells as [column, row]: first every second of every second row, so that the map is coarse and then fine. */
export function fillOrder(columns: number, rows: number): [column: number, row: number][] {
  const all = Array.from({ length: columns * rows }, (_, k): [number, number] => [
    k % columns,
    Math.floor(k / columns),
  ]);
  const level = ([column, row]: [number, number]): number => 2 * ((column + row) % 2) + (row % 2);
  return all.sort((a, b) => level(a) - level(b));
}
