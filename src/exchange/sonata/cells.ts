/** Which cell of NEST or PyNN a population is, and its numbers there: pure, from the mappings of these tools. */
import { stepsOf, timeOf } from "../../model/grid.js";
import { kernelKind, kernelName } from "../../kinds/receptors.js";
import type { NetworkSpec, PopulationSpec, ReceptorSpec } from "../../model/spec.js";
import { models } from "../../models/index.js";
import { isPresent, type ModelName, translated } from "../mapping.js";
import { type Cell, cells } from "../nest/mapping.js";
import { MILLI, pynn } from "../pynn/mapping.js";
import { ExchangeError, type Report } from "../report.js";

export const FLAVOURS = ["nest", "pynn"] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** A number for all cells, or one for each. */
export type Column = number | Float64Array;

/** Signs that the weights onto a receptor have. */
export interface Signs {
  positive: boolean;
  negative: boolean;
}

/** Where spikes for a receptor go: weights there are those here times `factor`. */
export interface Port {
  readonly factor: number;
  /** PyNN's word for the receptor; undefined where the sign of the weight says it. */
  readonly type?: "excitatory" | "inhibitory";
}

/** A population in the other tool. */
export interface Planned {
  /** Such as nest:iaf_psc_exp. */
  readonly template: string;
  readonly params: Readonly<Record<string, Column | boolean>>;
  readonly ports: ReadonlyMap<string, Port>;
}

/** A population and what it is called in errors and reports. */
export interface Context {
  readonly network: NetworkSpec;
  readonly population: PopulationSpec;
  /** Its place in the model file. */
  readonly path: string;
  readonly report: Report;
  /** Signs of the weights onto each receptor. */
  readonly signs: ReadonlyMap<string, Signs>;
}

function refuse({ path }: { readonly path: string }, what: string): never {
  throw new ExchangeError(`${path}: ${what}.`, [{ fidelity: "dropped", path, message: what }], { path });
}

/** The cell of a population that is no source. */
export function plan(context: Context, flavour: Flavour): Planned {
  const { population } = context;
  const id = population.model.id as ModelName;
  if ((models as Readonly<Record<string, unknown>>)[id] !== population.model) {
    return refuse(context, `the model ${JSON.stringify(id)} is this network's own; SONATA names models of a simulator`);
  }
  return flavour === "nest" ? planNest(context, id) : planPynn(context, id);
}

// ----------------------------------------------------------------------------------------------------------- receptors

/** The two receptors that a cell has there. */
interface Slots {
  readonly ex?: ReceptorSpec;
  readonly in?: ReceptorSpec;
  /** Our receptors, by which of the two they are; "both" where the sign of each weight says it. */
  readonly of: ReadonlyMap<string, "ex" | "in" | "both">;
}

function slotsOf(context: Context): Slots {
  const { population, signs } = context;
  const entries = Object.entries(population.receptors);
  const [first, second] = entries;
  if (first === undefined) return { of: new Map() };
  if (entries.length > 2) return refuse(context, `${entries.length} receptors; its cell has two there`);
  if (conductance(first[1])) {
    if (second === undefined) return { ex: first[1], of: new Map([[first[0], "ex"]]) };
    const [low, high] = reversal(first[1]) < reversal(second[1]) ? [first, second] : [second, first];
    return {
      ex: high[1],
      in: low[1],
      of: new Map([
        [high[0], "ex"],
        [low[0], "in"],
      ]),
    };
  }
  const same = second === undefined || JSON.stringify(first[1]) === JSON.stringify(second[1]);
  if (same) return { ex: first[1], in: first[1], of: new Map(entries.map(([name]) => [name, "both"])) };
  const sign = ([name]: [string, ReceptorSpec]): "ex" | "in" | "none" => {
    const { positive = false, negative = false } = signs.get(name) ?? {};
    if (positive && negative) {
      return refuse(
        context,
        `weights onto receptor ${name} have both signs, and each of its two receptors takes one there`,
      );
    }
    return positive ? "ex" : negative ? "in" : "none";
  };
  const [one, two] = [sign(first), sign(second)];
  if (one !== "none" && one === two) {
    return refuse(
      context,
      `weights onto ${first[0]} and ${second[0]} have the same sign, by which receptors are told apart there`,
    );
  }
  const swapped = one === "in" || two === "ex";
  const [ex, inhibitory] = swapped ? [second, first] : [first, second];
  return {
    ex: ex[1],
    in: inhibitory[1],
    of: new Map([
      [ex[0], "ex"],
      [inhibitory[0], "in"],
    ]),
  };
}

function conductance(receptor: ReceptorSpec): boolean {
  return "E_rev" in receptor && receptor.E_rev !== undefined;
}

function reversal(receptor: ReceptorSpec): number {
  return (receptor as { readonly E_rev: number }).E_rev;
}

// ---------------------------------------------------------------------------------------------------------------- NEST

function fits(cell: Cell, receptors: readonly ReceptorSpec[]): boolean {
  if (cell.ports === "listed") return false;
  if (receptors.length === 0) return true;
  if (new Set(receptors.map(({ kernel }) => kernel)).size > 1 || (cell.ports === "one" && receptors.length > 1))
    return false;
  return receptors.every((r) => cell.kernels.includes(kernelKind(r)) && conductance(r) === cell.conductance);
}

function planNest(context: Context, id: ModelName): Planned {
  const { population, report, path } = context;
  const receptors = Object.values(population.receptors);
  const cell = cells[id].find((one) => fits(one, receptors));
  if (cell === undefined) {
    const has =
      receptors.map((r) => `${kernelName(r)}${conductance(r) ? " (conductance)" : ""}`).join(" and ") || "no receptors";
    return refuse(context, `NEST has no neuron for the model ${id} with ${has} that SONATA can name`);
  }
  const { factor = 1, fixed = {}, constants = {} } = cell;
  const ours = population.params as Readonly<Record<string, Column>>;
  for (const [name, value] of Object.entries(constants)) {
    if (!every(ours[name], (x) => x === value))
      refuse(context, `${name} must be ${value}, which is a constant of ${cell.name}`);
  }
  const params: Record<string, Column | boolean> = { ...fixed };
  for (const [name, value] of Object.entries(
    translated({ name: cell.name, params: withoutLeak(cell), checked: "run" }, ours),
  )) {
    params[name] = value;
  }
  if (cell.params.tau_m === "g_L") params.g_L = combined(ours.C_m, ours.tau_m, (c, tau) => c / tau);
  if (params.t_ref !== undefined) params.t_ref = refractory(context, ours.t_ref as Column);
  const slots = slotsOf(context);
  for (const slot of cell.ports === "signed" ? (["ex", "in"] as const) : []) {
    const receptor = slots[slot];
    if (receptor === undefined) continue;
    if ("tau" in receptor) params[`tau_syn_${slot}`] = receptor.tau;
    if ("tau_rise" in receptor)
      Object.assign(params, { [`tau_rise_${slot}`]: receptor.tau_rise, [`tau_decay_${slot}`]: receptor.tau_decay });
    if (cell.conductance) params[`E_${slot}`] = reversal(receptor);
  }
  for (const [state, name] of Object.entries(cell.states)) {
    const start = population.init[state];
    if (start !== undefined) params[name] = start as Column;
  }
  receptorStarts(context);
  const current = constantCurrent(context);
  if (!every(current, (x) => x === 0)) params.I_e = scaled(current, factor);
  if (cell.same.includes(population.method)) report.exact(path, `nest:${cell.name}`);
  else report.approximate(path, `nest:${cell.name}: ${cell.differs}`);
  const ports = new Map(
    [...slots.of].map(([name, slot]) => [
      name,
      { factor: cell.conductance && slot === "in" ? -factor : id === "hodgkinHuxley" ? factor : 1 },
    ]),
  );
  return { template: `nest:${cell.name}`, params, ports };
}

function withoutLeak(cell: Cell): Cell["params"] {
  const { tau_m, ...others } = cell.params;
  return tau_m === "g_L" || tau_m === undefined ? others : cell.params;
}

// ---------------------------------------------------------------------------------------------------------------- PyNN

/** Standard cells by model, form of the receptor and kernel. */
const PYNN_CELLS: Readonly<Partial<Record<ModelName, Readonly<Record<string, string>>>>> = {
  lif: {
    "curr exponential": "IF_curr_exp",
    "curr alpha": "IF_curr_alpha",
    "cond exponential": "IF_cond_exp",
    "cond alpha": "IF_cond_alpha",
  },
  adaptiveLif: { "cond exponential": "EIF_cond_exp_isfa_ista", "cond alpha": "EIF_cond_alpha_isfa_ista" },
  eif: { "cond exponential": "EIF_cond_exp_isfa_ista", "cond alpha": "EIF_cond_alpha_isfa_ista" },
  adex: { "cond exponential": "EIF_cond_exp_isfa_ista", "cond alpha": "EIF_cond_alpha_isfa_ista" },
};

/** Where PyNN starts the cells of a SONATA file, in mV. */
const pynnStart = (name: string): number => (name.startsWith("EIF") ? -70.6 : -65);

function planPynn(context: Context, id: ModelName): Planned {
  const { population, report, path } = context;
  const counterpart = pynn.models[id];
  const receptors = Object.values(population.receptors);
  const forms = new Set(receptors.map((r) => `${conductance(r) ? "cond" : "curr"} ${kernelName(r)}`));
  const form = [...forms][0] ?? (id === "lif" ? "curr exponential" : "cond exponential");
  const name = PYNN_CELLS[id]?.[form];
  if (name === undefined || forms.size > 1 || !isPresent(counterpart)) {
    const why = isPresent(counterpart)
      ? `no cell for the model ${id} with ${[...forms].join(" and ")}`
      : counterpart.absent;
    return refuse(context, `PyNN's reader of SONATA has ${why}`);
  }
  const ours = population.params as Readonly<Record<string, Column>>;
  const params: Record<string, Column | boolean> = {
    ...(counterpart.fixed as Record<string, number>),
    ...translated(counterpart, ours),
  };
  if (params.tau_m === undefined) params.tau_m = combined(ours.C_m, ours.g_L, (c, g) => c / g);
  params.tau_refrac = refractory(context, ours.t_ref as Column);
  const slots = slotsOf(context);
  for (const [slot, letter] of [
    ["ex", "E"],
    ["in", "I"],
  ] as const) {
    const receptor = slots[slot];
    if (receptor === undefined) continue;
    if ("tau" in receptor) params[`tau_syn_${letter}`] = receptor.tau;
    if (conductance(receptor)) params[`e_rev_${letter}`] = reversal(receptor);
  }
  receptorStarts(context);
  params.i_offset = scaled(constantCurrent(context), MILLI);
  const start = population.init.v as Column | undefined;
  const starts = every(start ?? ours.E_L, (v) => v === pynnStart(name));
  if (!starts) report.approximate(path, `pyNN:${name}: PyNN starts all cells at ${pynnStart(name)} mV`);
  if (name === "IF_curr_exp")
    report.approximate(
      path,
      `pyNN:${name}: off the grid of time steps under pyNN.nest unless spike_precision is "on_grid"`,
    );
  else if (counterpart.differs !== undefined) report.approximate(path, `pyNN:${name}: ${counterpart.differs}`);
  else if (starts) report.exact(path, `pyNN:${name}`);
  const ports = new Map(
    [...slots.of].map(([receptor, slot]): [string, Port] => [
      receptor,
      { factor: MILLI, ...(slot !== "both" && { type: slot === "ex" ? "excitatory" : "inhibitory" }) },
    ]),
  );
  return { template: `pyNN:${name}`, params, ports };
}

// --------------------------------------------------------------------------------------------------------- their parts

/** The refractory time that is taken here, which is on the grid. */
function refractory(context: Context, t_ref: Column): Column {
  const { dt } = context.network;
  return mapped(t_ref, (ms) => timeOf(stepsOf(ms, dt), dt));
}

/** Receptors start at 0 there. */
function receptorStarts(context: Context): void {
  const { population, path, report } = context;
  for (const name of Object.keys(population.receptors)) {
    for (const state of [`i_${name}`, `g_${name}`]) {
      if (!every((population.init[state] as Column | undefined) ?? 0, (x) => x === 0)) {
        report.dropped(`${path}.init.${state}`, "receptors start without a current or conductance there");
      }
    }
  }
}

/** The sum of all constant currents of each neuron; others have no place in SONATA's tables. */
function constantCurrent(context: Context): Column {
  const { population, path } = context;
  let sum: Column = 0;
  population.background.forEach((entry, i) => {
    const place = `${path}.background[${i}]`;
    if (entry.kind !== "constant")
      return refuse(
        { path: place },
        `SONATA has no input of the kind ${entry.kind} that these readers run; constant currents are written`,
      );
    const { neurons, start, stop } = entry.scope ?? {};
    if (start !== undefined || stop !== undefined)
      return refuse({ path: place }, "a constant current that starts or stops is written for no reader");
    const amplitude = entry.amplitude as Column;
    const mine: Column = neurons === undefined ? amplitude : new Float64Array(population.size);
    if (neurons !== undefined)
      neurons.forEach(
        (n, k) =>
          ((mine as Float64Array)[n] =
            typeof amplitude === "number"
              ? amplitude
              : (amplitude[amplitude.length === population.size ? n : k] as number)),
      );
    sum = combined(sum, mine, (a, b) => a + b);
  });
  return sum;
}

export function every(column: Column | undefined, holds: (x: number) => boolean): boolean {
  if (column === undefined) return true;
  return typeof column === "number" ? holds(column) : column.every(holds);
}

function mapped(column: Column, change: (x: number) => number): Column {
  return typeof column === "number" ? change(column) : column.map(change);
}

const scaled = (column: Column, factor: number): Column => mapped(column, (x) => x * factor);

function combined(a: Column | undefined, b: Column | undefined, join: (a: number, b: number) => number): Column {
  const [x, y] = [a ?? 0, b ?? 0];
  if (typeof x === "number") return mapped(y, (value) => join(x, value));
  return x.map((value, i) => join(value, typeof y === "number" ? y : (y[i] as number)));
}
