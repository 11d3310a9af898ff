/** One step of current into six models: what is run, what is measured, what it says. No part of the page itself. */

/** What the controls set. */
export interface Comparison {
  /** The step in multiples of each model's own rheobase. */
  readonly fraction: number;
  /** ms */
  readonly dt: number;
  /** ms after the onset that are drawn. */
  readonly shown: number;
  /** 1: one membrane for all that can have it, 0: each model's default parameters. */
  readonly same: number;
}

export const COMPARISON: Readonly<
  Record<
    keyof Comparison,
    { value: number; min: number; max: number; step: number; label: string; unit: string; hint: string }
  >
> = {
  fraction: {
    value: 2,
    min: 0.5,
    max: 6,
    step: 0.05,
    label: "Step",
    unit: "x rheobase",
    hint: "Into each model so many times the current at which it just fires.",
  },
  dt: {
    value: 0.1,
    min: 0.01,
    max: 1,
    step: 0.01,
    label: "Time step",
    unit: "ms",
    hint: "A spike lies at the end of a step, so no latency is finer than this.",
  },
  shown: {
    value: 80,
    min: 10,
    max: 300,
    step: 5,
    label: "Shown after the onset",
    unit: "ms",
    hint: "All runs are 300 ms long after the onset.",
  },
  same: { value: 1, min: 0, max: 1, step: 1, label: "Same membrane", unit: "", hint: "" },
};

/** ms before the step, and after its onset. */
export const ONSET = 20;
export const LASTS = 300;
/** Time step in ms of the run that the others are held against. */
export const FINE = 0.01;

/** The membrane that models share: that of `adex` with its default parameters. */
const C = 281;
const G_L = 30;
const E_L = -70.6;
const V_T = -50.4;
const DELTA_T = 2;
const V_PEAK = 20;
/** Rheobase of `eif` on it: g_L (V_T - E_L - Delta_T). */
const RHEOBASE = G_L * (V_T - E_L - DELTA_T);
/** V_t - V_r of a parabola with the slope of this leak at rest and this rheobase, k (V_t - V_r)^2 / 4. */
const REACH = (4 * RHEOBASE) / G_L;
const K = G_L / REACH;
const ADAPTATION = { a: 4, b: 80.5, tau_w: 144 };

export interface Compared {
  readonly id: string;
  /** Unit of its current, for people. */
  readonly unit: string;
  /** With which it has the membrane of the others; undefined where it keeps its own. */
  readonly same?: Readonly<Record<string, number>>;
}

export const COMPARED: readonly Compared[] = [
  {
    id: "lif",
    unit: "pA",
    same: { C_m: C, tau_m: C / G_L, E_L, V_th: E_L + RHEOBASE / G_L, V_reset: E_L, t_ref: 0 },
  },
  { id: "qif", unit: "pA", same: { C_m: C, k: K, V_r: E_L, V_t: E_L + REACH, V_peak: V_PEAK, V_reset: E_L } },
  {
    id: "izhikevich",
    unit: "mV/ms",
    // qif with the adaptation of adex, divided by the capacitance
    same: {
      k_2: K / C,
      k_1: (-K * (2 * E_L + REACH)) / C,
      k_0: (K * E_L * (E_L + REACH)) / C,
      a: 1 / ADAPTATION.tau_w,
      b: ADAPTATION.a / C,
      c: E_L,
      d: ADAPTATION.b / C,
      V_u: E_L,
      V_peak: V_PEAK,
    },
  },
  { id: "eif", unit: "pA", same: { C_m: C, g_L: G_L, E_L, V_T, Delta_T: DELTA_T, V_peak: V_PEAK, V_reset: E_L } },
  {
    id: "adex",
    unit: "pA",
    same: { C_m: C, g_L: G_L, E_L, V_T, Delta_T: DELTA_T, V_peak: V_PEAK, V_reset: E_L, ...ADAPTATION },
  },
  { id: "hodgkinHuxley", unit: "uA/cm2" },
];

/** Those whose rheobase has a closed form: there is no search, and they can be shown at once. */
export const AT_ONCE: readonly Compared[] = COMPARED.filter(({ id }) => ["lif", "qif", "eif"].includes(id));

/** Parameters of a model that are not its defaults. */
export function parametersOf({ same }: Compared, chosen: Pick<Comparison, "same">): Readonly<Record<string, number>> {
  return chosen.same === 1 && same ? same : {};
}

/** How a comparison is run, where it is not as chosen. */
export interface RunOptions {
  /** ms */
  readonly dt?: number;
  /** Whether potentials are recorded. */
  readonly traces?: boolean;
  readonly models?: readonly Compared[];
}

/** The model file: a population of one neuron for each model. */
export function comparisonDocument(
  chosen: Comparison,
  { dt = chosen.dt, traces = true, models = COMPARED }: RunOptions = {},
): object {
  const populations = models.map((one) => ({
    name: one.id,
    model: one.id,
    size: 1,
    params: parametersOf(one, chosen),
    background: [{ kind: "rheobase", fraction: chosen.fraction, start: ONSET }],
  }));
  const variables = traces ? ["spikes", "v"] : ["spikes"];
  // samples for the eye
  const every = Number((dt * Math.max(1, Math.floor(0.1 / dt + 1e-9))).toPrecision(12));
  return {
    name: "compare",
    dt,
    seed: 1,
    duration: ONSET + LASTS,
    populations,
    record: models.map(({ id }) => ({ population: id, variables, ...(traces && { every }) })),
  };
}

/** What is measured of one model; undefined where it has too few spikes. */
export interface Measured {
  readonly id: string;
  readonly spikes: number;
  /** ms from the onset to the first spike. */
  readonly latency?: number;
  /** ms between the first two. */
  readonly interval?: number;
  /** Hz: of the mean interval. */
  readonly rate?: number;
}

export function measured(id: string, times: ArrayLike<number>): Measured {
  const [first, second, last] = [times[0], times[1], times[times.length - 1]];
  return {
    id,
    spikes: times.length,
    ...(first !== undefined && { latency: first - ONSET }),
    ...(first !== undefined &&
      second !== undefined && {
        interval: second - first,
        rate: (1000 * (times.length - 1)) / ((last as number) - first),
      }),
  };
}

/** A number of ms with the digits that it is worth. */
export function shortMs(ms: number): string {
  return ms.toFixed(ms < 10 ? 2 : 1);
}

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** How a latency stands to that of adex. */
function besides({ id, latency }: Measured, than: number): string {
  const difference = (latency ?? 0) - than;
  if (Math.abs(difference) < 1e-9) return `${id} together with it`;
  return `${id} ${shortMs(Math.abs(difference))} ms ${difference < 0 ? "before" : "after"} it`;
}

/** What the numbers of a run show, in sentences. */
export function wordsOf(all: readonly Measured[], { fraction, same }: Pick<Comparison, "fraction" | "same">): string[] {
  const fired = all
    .filter((one): one is Measured & { latency: number } => one.latency !== undefined)
    .sort((a, b) => a.latency - b.latency);
  const silent = all.filter(({ latency }) => latency === undefined).map(({ id }) => id);
  const [first, last] = [fired[0], fired.at(-1)];
  const said: string[] = [];
  if (silent.length > 0)
    said.push(`${list(silent)} ${silent.length === 1 ? "does" : "do"} not fire at ${fraction} x rheobase within ${LASTS} ms.`);
  if (!first || !last || first === last) return said;
  said.push(
    `${first.id} fires first, ${shortMs(first.latency)} ms after the onset; ${last.id} last, after ${shortMs(last.latency)} ms: ` +
      `${(last.latency / first.latency).toFixed(1)} times as long.`,
  );
  const of = (id: string): (Measured & { latency: number }) | undefined => fired.find((one) => one.id === id);
  const adex = of("adex");
  const others = ["lif", "qif", "izhikevich"].flatMap((id) => of(id) ?? []);
  if (adex && others.length > 0)
    said.push(`adex fires after ${shortMs(adex.latency)} ms: ${list(others.map((one) => besides(one, adex.latency)))}.`);
  if (adex && others.length === 3) {
    const [lif, qif, izhikevich] = others as [typeof adex, typeof adex, typeof adex];
    const claim = lif.latency < adex.latency && qif.latency > adex.latency && izhikevich.latency > adex.latency;
    said.push(
      claim
        ? "So, measured by adex, integrate-and-fire spikes too soon and the quadratic models too late, as is often said."
        : "It is often said that integrate-and-fire spikes too soon and the quadratic models too late: measured by adex, not so here.",
    );
  }
  if (same !== 1)
    said.push(
      "Each model has its own membrane here, slow or fast: that moves a latency as much as the equations do. Choose the same membrane to see the equations alone.",
    );
  return said;
}

/** What dt costs: how far a run is from the fine one. */
export function costWords(all: readonly Measured[], fine: readonly Measured[], dt: number): string {
  const pairs = all.flatMap((one) => {
    const other = fine.find(({ id }) => id === one.id);
    return other ? [{ id: one.id, one, other }] : [];
  });
  const far = (
    key: "latency" | "rate",
    between: (x: number, y: number) => number,
  ): { readonly id: string; readonly by: number } | undefined =>
    pairs
      .flatMap(({ id, one, other }) => {
        const [x, y] = [one[key], other[key]];
        return x === undefined || y === undefined ? [] : [{ id, by: between(x, y) }];
      })
      .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))[0];
  const latency = far("latency", (x, y) => x - y);
  if (!latency) return "";
  const rate = far("rate", (x, y) => 100 * (x / y - 1));
  const rates = rate ? `, a rate by at most ${Math.abs(rate.by).toFixed(1)} % (${rate.id})` : "";
  const lost = pairs.filter(({ one, other }) => one.spikes !== other.spikes).map(({ id }) => id);
  const counts = lost.length === 0 ? "" : ` ${list(lost)} ${lost.length === 1 ? "has" : "have"} another number of spikes.`;
  return (
    `Between dt ${dt} ms and ${FINE} ms a first spike moves by at most ${shortMs(Math.abs(latency.by))} ms (${latency.id})` +
    `${rates}.${counts}`
  );
}
