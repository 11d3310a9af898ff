/** Reference results as simulations: an entry becomes a population, its spikes are compared with the entry's. */
import { readFileSync } from "node:fs";
import { background, type Method, type ModelRecord, models, type Population, Simulation } from "../../src/index.js";

/** A current of an entry: a number, or rows [start, value, slope]. */
export type Current = number | readonly (readonly number[])[];

/** What a plain fixed-step implementation of a scheme makes of an entry. */
export interface NaiveError {
  readonly bounded: boolean;
  readonly n: number;
  readonly max_err_ms: number;
}

/** An entry whose result is the spike train of one neuron. */
export interface SpikeEntry {
  readonly id: string;
  readonly model: string;
  readonly params: Readonly<Record<string, number>>;
  readonly init?: readonly number[];
  readonly protocol: {
    readonly current: Current;
    readonly T_ms: number;
    readonly spike_threshold?: number | null;
    readonly V0?: number;
    readonly u0?: number;
  };
  readonly expected: {
    readonly n_spikes?: number;
    readonly n_ode?: number | null;
    readonly spike_times_ms: readonly number[] | null;
    readonly valid_spikes?: number;
    readonly izh2003_spike_times_ms?: readonly number[];
    readonly scheme_counts?: Readonly<Record<string, number>>;
    readonly ode_diverges?: boolean;
  };
  readonly tolerance: {
    readonly naive_fixed_step_errors?: Readonly<Record<string, Readonly<Record<string, NaiveError>>>>;
  };
}

/** The entries of a file of this folder. */
export function load<T>(file: string): T[] {
  return JSON.parse(readFileSync(new URL(`${file}.json`, import.meta.url), "utf8")) as T[];
}

/** The entry with this id. */
export function entryOf<T>(file: string, id: string): T {
  const found = load<{ id: string }>(file).find((entry) => entry.id === id);
  if (!found) throw new RangeError(`no entry ${id} in ${file}.json`);
  return found as T;
}

/** The entries' names of the methods. */
export const METHOD_OF: Readonly<Record<string, Method>> = {
  euler: "euler",
  heun: "heun",
  rk4: "rk4",
  expeuler: "exponentialEuler",
};

interface Translation {
  readonly model: ModelRecord;
  readonly names: Readonly<Record<string, string>>;
}

const conductances = { C: "C_m", gNa: "g_Na", gK: "g_K", gL: "g_L", ENa: "E_Na", EK: "E_K", EL: "E_L" };

/** The entries' letters for models and parameters. Letters not named are the same on both sides. */
const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  ADEX: {
    model: models.adex,
    names: {
      C: "C_m",
      gL: "g_L",
      EL: "E_L",
      VT: "V_T",
      DT: "Delta_T",
      tauw: "tau_w",
      Vr: "V_reset",
      Vpeak: "V_peak",
    },
  },
  IZH: { model: models.izhikevich, names: { Vpeak: "V_peak", k2: "k_2", k1: "k_1", k0: "k_0" } },
  FHN: { model: models.fitzhughNagumo, names: {} },
  ML: {
    model: models.morrisLecar,
    names: {
      C: "C_m",
      gK: "g_K",
      gL: "g_L",
      gCa: "g_Ca",
      VCa: "E_Ca",
      VK: "E_K",
      VL: "E_L",
      V1: "V_1",
      V2: "V_2",
      V3: "V_3",
      V4: "V_4",
    },
  },
  HH: { model: models.hodgkinHuxley, names: { ...conductances, Vrest: "V_rest", Q: "phi" } },
  HHT: { model: models.traubMiles, names: { ...conductances, VT: "V_T", Q: "phi" } },
  LIF: {
    model: models.lif,
    names: { tau: "tau_m", EL: "E_L", Vth: "V_th", Vr: "V_reset", tref: "t_ref" },
  },
  QIF: { model: models.qif, names: { C: "C_m", Vr: "V_r", Vc: "V_t", Vpeak: "V_peak", Vreset: "V_reset" } },
};

/** The model of an entry and its parameters under the model's names. */
export function translate(entry: Pick<SpikeEntry, "model" | "params">): {
  readonly model: ModelRecord;
  readonly params: Record<string, number>;
} {
  const translation = TRANSLATIONS[entry.model];
  if (!translation) throw new RangeError(`unknown model ${entry.model}`);
  const { model, names } = translation;
  const params: Record<string, number> = {};
  for (const [letter, value] of Object.entries(entry.params)) {
    // R of the leaky neuron: C_m = tau / R, with R in mV/pA.
    if (entry.model === "LIF" && letter === "R") params.C_m = (entry.params.tau ?? NaN) / value;
    // Izhikevich 2004, panel R: the recovery follows v + 65 and does not decay.
    else if (letter === "accflag") Object.assign(params, value === 0 ? {} : { V_u: -65, k_u: 0 });
    else params[names[letter] ?? letter] = value;
  }
  return { model, params };
}

/** The background current of an entry. */
export function currentOf(current: Current): ReturnType<typeof background.constant | typeof background.piecewise> {
  return typeof current === "number" ? background.constant(current) : background.piecewise(current);
}

/** An entry as a model, its parameters and first states. */
interface Cell {
  readonly model: ModelRecord;
  readonly params: Readonly<Record<string, number>>;
  readonly init: Readonly<Record<string, number>>;
}

function cellOf(entry: SpikeEntry, as?: Run["as"]): Cell {
  const { model, params } = as ?? translate(entry);
  const { protocol } = entry;
  const start = entry.init ?? [protocol.V0 ?? NaN, protocol.u0 ?? NaN];
  const init = Object.fromEntries(Object.keys(model.states).map((state, i) => [state, start[i] ?? NaN]));
  const threshold = protocol.spike_threshold ?? null;
  return { model, params: { ...params, ...(threshold === null ? {} : { V_th: threshold }) }, init };
}

/** The population of one neuron that an entry describes. */
export function populationOf(simulation: Simulation, entry: SpikeEntry, name: string, method: Method): Population {
  const { model, params, init } = cellOf(entry);
  const input = [currentOf(entry.protocol.current)];
  return simulation.population(name, model, 1, { method, params, init, background: input }) as unknown as Population;
}

/** One run of an entry that is to be made. */
export interface Run {
  readonly name: string;
  readonly entry: SpikeEntry;
  readonly method: Method;
  readonly dt: number;
  /** The equations under another model's name. */
  readonly as?: { readonly model: ModelRecord; readonly params: Readonly<Record<string, number>> };
}

/**
 * Makes runs, those of one dt and duration side by side in one simulation; spike times in ms by the run's name. Entries
 * of one model with constant currents share a population, each a neuron with parameters of its own.
 */
export async function spikeTimes(runs: readonly Run[], interpolate = false): Promise<Map<string, Float64Array>> {
  const out = new Map<string, Float64Array>();
  const together = new Map<string, Run[]>();
  for (const run of runs) {
    const key = `${run.dt} ${run.entry.protocol.T_ms}`;
    together.set(key, [...(together.get(key) ?? []), run]);
  }
  for (const alike of together.values()) {
    const [{ dt, entry: { protocol: { T_ms: duration } } }] = alike as [Run];
    const simulation = await Simulation.create({ dt });
    const groups = new Map<string, Run[]>();
    for (const run of alike) {
      const constant = typeof run.entry.protocol.current === "number";
      const key = constant ? `${(run.as ?? translate(run.entry)).model.id} ${run.method}` : run.name;
      groups.set(key, [...(groups.get(key) ?? []), run]);
    }
    const recordings = [...groups].map(([key, group]) => {
      const population = populationOfAll(simulation, key, group);
      return { group, recording: simulation.record(population, "spikes", { interpolate }) };
    });
    // The last step may begin in time and end after it.
    simulation.runSync(duration + dt);
    for (const { group, recording } of recordings) {
      // Times are multiples of dt up to rounding.
      const last = duration + 1e-6 * dt;
      for (const [i, run] of group.entries()) out.set(run.name, recording.of(i).filter((t) => t <= last));
    }
  }
  return out;
}

function populationOfAll(simulation: Simulation, name: string, group: readonly Run[]): Population {
  const [first] = group;
  if (!first) throw new RangeError("no runs");
  const cells = group.map((run) => cellOf(run.entry, run.as));
  const columns = (of: (cell: Cell) => Readonly<Record<string, number>>): Record<string, number[]> => {
    const names = Object.keys(of(cells[0] as Cell));
    return Object.fromEntries(names.map((key) => [key, cells.map((cell) => of(cell)[key] ?? NaN)]));
  };
  const currents = group.map(({ entry }) => entry.protocol.current);
  const [current] = currents;
  return simulation.population(name, (cells[0] as Cell).model, group.length, {
    method: first.method,
    params: columns((cell) => cell.params),
    init: columns((cell) => cell.init),
    background: [typeof current === "number" ? background.constant(currents as number[]) : currentOf(current ?? NaN)],
  }) as unknown as Population;
}

/** A single neuron that spikes in the given steps (counted from 0): one pulse lifts it over its threshold in each. */
export function forcedSource(simulation: Simulation, steps: readonly number[], total: number): Population {
  const { dt } = simulation;
  const values = new Float64Array(total + 1);
  for (const k of steps) values[k] = 1e4 / dt;
  return simulation.population("source", models.lif, 1, {
    params: { t_ref: 0 },
    background: [background.samples({ dt, values })],
  }) as unknown as Population;
}

/** Slope of the least-squares line through the logarithms: the order of an error in dt. */
export function orderOf(steps: readonly number[], errors: readonly number[]): number {
  const x = steps.map(Math.log);
  const y = errors.map(Math.log);
  const mean = (a: readonly number[]): number => a.reduce((sum, b) => sum + b, 0) / a.length;
  const [mx, my] = [mean(x), mean(y)];
  const top = x.reduce((sum, xi, i) => sum + (xi - mx) * ((y[i] ?? NaN) - my), 0);
  return top / x.reduce((sum, xi) => sum + (xi - mx) ** 2, 0);
}

/** Mean and standard deviation (divided by the number) of numbers. */
export function moments(values: ArrayLike<number>): { readonly mean: number; readonly sd: number } {
  let mean = 0;
  let square = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number;
    const delta = x - mean;
    mean += delta / (i + 1);
    square += delta * (x - mean);
  }
  return { mean, sd: Math.sqrt(square / values.length) };
}
