/** Cells of PyNN: which standard cell a population is, with which parameters, receptors and initial values. */
import { keyPath } from "../../model/check.js";
import { isConductance, kernelKind, kernelName } from "../../kinds/receptors.js";
import { stepsOf, timeOf } from "../../model/grid.js";
import { models } from "../../models/index.js";
import type { PopulationSpec, ProjectionSpec, ReceptorSpec, SynapseValue, Value } from "../../model/spec.js";
import { isPresent, type ModelName, type Present } from "../mapping.js";
import { brian2Difference, oneOf } from "./brian2.js";
import { ASSUMED, MILLI, pynn } from "./mapping.js";
import { startingStates } from "../start.js";
import {
  boundsOf,
  code,
  type Code,
  float,
  isDistribution,
  numbersOf,
  populationPath,
  refuse,
  type Script,
  valueOf,
  variableOf,
} from "./script.js";

export type Slot = "excitatory" | "inhibitory";
type Shape = "exp" | "alpha" | "delta";

/** The receptors of a cell: one kind, and two slots. */
export interface Receptors {
  readonly shape: Shape | undefined;
  readonly conductance: boolean;
  /** Parameters of the slots, where the kind has any. */
  readonly slots: Partial<Readonly<Record<Slot, ReceptorSpec & { readonly tau: number }>>>;
  /** The slot that a weight of this sign onto this receptor goes to. */
  slotOf(receptor: string, sign: Sign): Slot;
}

/** Of all weights: 1 where none is negative, -1 where none is positive, 0 else. */
export type Sign = -1 | 0 | 1;

export function signOf(weight: SynapseValue): Sign {
  if (typeof weight === "function") return 0;
  const [low, high] = boundsOf(weight);
  return low >= 0 ? 1 : high <= 0 ? -1 : 0;
}

/** The slot for currents: by the sign, or that of the mean where weights have both. */
function slotOfSign(sign: Sign): Slot {
  return sign < 0 ? "inhibitory" : "excitatory";
}

/** The signs of all that reaches a receptor. */
function signsOf(population: PopulationSpec, projections: readonly ProjectionSpec[]): Map<string, Set<Sign>> {
  const found = new Map<string, Set<Sign>>();
  const add = (receptor: string, weight: SynapseValue): void => {
    found.set(receptor, (found.get(receptor) ?? new Set()).add(signOf(weight)));
  };
  for (const { target, receptor, weight, gapJunction } of projections)
    if (target === population.name && !gapJunction) add(receptor, weight);
  for (const entry of population.background) if (entry.kind === "poisson") add(entry.receptor, entry.weight);
  return found;
}

const SHAPES: Readonly<Partial<Record<ReturnType<typeof kernelKind>, Shape>>> = {
  delta: "delta",
  exponential: "exp",
  alpha: "alpha",
};

const spoken = (name: string, receptor: ReceptorSpec): string =>
  `${name} (${kernelName(receptor)}${receptor.kernel === "delta" ? "" : isConductance(receptor) ? ", conductance" : ", current"})`;

/**
 * The receptors of a population as the two of a standard cell.
 *
 * @throws ExchangeError when those that synapses reach are more than two, or of different kinds
 */
export function receptorsOf(script: Script, population: PopulationSpec): Receptors {
  const path = keyPath(populationPath(script, population), "receptors");
  const signs = signsOf(population, script.network.projections);
  const all = Object.entries(population.receptors);
  const used = all.filter(([name]) => signs.has(name));
  for (const [name] of all.filter(([one]) => !signs.has(one))) {
    script.report.exact(keyPath(path, name), "no synapse reaches it: left out");
  }
  for (const [name, receptor] of used) {
    const kernel = kernelName(receptor);
    const counterpart = pynn.receptors[kernelKind(receptor)];
    if (!isPresent(counterpart)) refuse(
      keyPath(path, name),
      `the kernel "${kernel}" has no counterpart in PyNN: ${counterpart.absent}.`,
      kernel,
    );
  }
  const kinds = new Set(used.map(([, receptor]) => `${kernelName(receptor)} ${isConductance(receptor)}`));
  if (kinds.size > 1) {
    refuse(
      path,
      `${used.map(([name, receptor]) => spoken(name, receptor)).join(", ")}; the two receptors of a standard cell of PyNN are of one kind.`,
    );
  }
  const [first] = used;
  if (first === undefined) return { shape: undefined, conductance: false, slots: {}, slotOf: () => "excitatory" };
  const shape = SHAPES[kernelKind(first[1])] as Shape;
  if (shape === "delta") return { shape, conductance: false, slots: {}, slotOf: (_, sign) => slotOfSign(sign) };
  const timed = used as [string, ReceptorSpec & { readonly tau: number; readonly E_rev?: number }][];
  const groups = new Map<string, typeof timed>();
  for (const entry of timed) {
    const numbers = `${entry[1].tau} ${entry[1].E_rev}`;
    groups.set(numbers, [...(groups.get(numbers) ?? []), entry]);
  }
  const conductance = isConductance(first[1]);
  if (groups.size > 2) {
    const list = used.map(([name]) => name).join(", ");
    refuse(
      path,
      `${list}: ${groups.size} receptors with different numbers; a standard cell of PyNN has two, excitatory and inhibitory.`,
    );
  }
  const members = [...groups.values()];
  const slots = conductance ? byReversal(members, population) : bySign(members, signs, path);
  const own = new Map(slots.flatMap(([slot, group]) => group.map(([name]) => [name, slot] as const)));
  const numbers = Object.fromEntries(slots.map(([slot, group]) => [slot, (group[0] as (typeof timed)[number])[1]]));
  const only = members.length === 1 && !conductance ? (members[0] as typeof timed)[0]?.[1] : undefined;
  const slotNumbers = only === undefined ? numbers : { excitatory: only, inhibitory: only };
  for (const [name] of used) {
    const where = only === undefined ? `the ${own.get(name)} one` : "both, positive weights excitatory and negative ones inhibitory";
    script.report.exact(keyPath(path, name), `${where} of PyNN's receptors`);
  }
  return {
    shape,
    conductance,
    slots: slotNumbers,
    slotOf: (receptor, sign) => (only === undefined ? (own.get(receptor) as Slot) : slotOfSign(sign)),
  };
}

type Group = readonly (readonly [
  name: string,
  receptor: ReceptorSpec & { readonly tau: number; readonly E_rev?: number },
])[];

/** Conductances: the one with the higher reversal potential is excitatory; a single one, if it lies above the rest. */
function byReversal(groups: readonly Group[], population: PopulationSpec): readonly (readonly [Slot, Group])[] {
  const reversal = (group: Group): number => group[0]?.[1].E_rev ?? 0;
  const [a, b] = [...groups].sort((x, y) => reversal(y) - reversal(x));
  const rest = population.params.E_L;
  if (b === undefined) return [
    [reversal(a as Group) > (typeof rest === "number" ? rest : -60) ? "excitatory" : "inhibitory", a as Group],
  ];
  return [
    ["excitatory", a as Group],
    ["inhibitory", b],
  ];
}

/** Currents: NEST sends weights to one or the other by their sign, so each must have one sign. */
function bySign(
  groups: readonly Group[],
  signs: ReadonlyMap<string, ReadonlySet<Sign>>,
  path: string,
): readonly (readonly [Slot, Group])[] {
  if (groups.length < 2) return groups.map((group) => ["excitatory", group]);
  const found = groups.map((group) => {
    const all = new Set(group.flatMap(([name]) => [...(signs.get(name) ?? [])]));
    return all.size === 1 ? ([...all][0] as Sign) : 0;
  });
  const listed = groups.map((group) => group.map(([name]) => name).join(", "));
  if (found[0] === 0 || found[1] === 0 || found[0] === found[1]) {
    refuse(
      path,
      `${listed.join(" and ")} have different time constants, so all weights onto the one must be positive and all onto the other negative: ` +
        "the currents of a standard cell of PyNN are told apart by the sign.",
    );
  }
  return groups.map((group, i) => [slotOfSign(found[i] as Sign), group]);
}

/** A standard cell, or a source of spikes. */
export interface Cell {
  readonly type: string;
  readonly params: Readonly<Record<string, Code>>;
  readonly initial: Readonly<Record<string, Code>>;
  /** Lines before the population is made. */
  readonly before: readonly string[];
  /** Lines behind it. */
  readonly after: readonly string[];
  readonly receptors: Receptors;
}

/**
 * The name of the standard cell.
 *
 * @throws ExchangeError for models that have none, alone or with these receptors
 */
function typeOf(script: Script, population: PopulationSpec, { shape, conductance }: Receptors): string {
  const { model } = population;
  const path = populationPath(script, population);
  const only = (allowed: string): never =>
    refuse(
      keyPath(path, "receptors"),
      `PyNN's cell for ${model.id} has ${allowed} only; these receptors are ${shape === "delta" ? "jumps" : "currents"}.`,
      population.name,
    );
  switch (model.id) {
    case "lif":
      if (shape === undefined) return "IF_curr_exp";
      if (shape !== "delta") return `IF_${conductance ? "cond" : "curr"}_${shape}`;
      if (script.backend === "neuron") refuse(
        keyPath(path, "receptors"),
        "pyNN.neuron has no IF_curr_delta: the kernel \"delta\" of lif cannot be run by NEURON.",
      );
      return "IF_curr_delta";
    case "izhikevich":
      return shape === undefined || shape === "delta" ? "Izhikevich" : refuse(
        keyPath(path, "receptors"),
        `PyNN's Izhikevich has jumps of v only, kernel "delta".`,
      );
    case "traubMiles":
      if (shape !== undefined && !conductance) only("conductances");
      return shape === "alpha"
        ? refuse(keyPath(path, "receptors"), `PyNN's HH_cond_exp has exponential conductances only.`)
        : "HH_cond_exp";
    default:
      if (shape !== undefined && !conductance) only("conductances");
      return `EIF_cond_${shape ?? "exp"}_isfa_ista`;
  }
}

/** What a method does that the simulator does not, or undefined where both compute the same. */
function difference(
  script: Script,
  population: PopulationSpec,
  type: string,
  receptors: Receptors,
): string | undefined {
  const { shape, conductance } = receptors;
  const { model, method } = population;
  if (script.backend === "neuron") {
    const synapses = shape === "exp" || shape === "alpha" ? " Its synaptic charge is larger by dt/(2 tau)." : "";
    const lost = type.startsWith("EIF")
      ? " Where the take-off is too fast for a step, spikes are lost: at dt 0.1 ms 540 of 900 with V_peak 0 mV, 9 of 898 with -40 mV."
      : "";
    return `NEURON integrates implicitly, with an error of first order in dt, so spikes are some steps off.${synapses}${lost}`;
  }
  if (script.backend === "brian2") return brian2Difference(script, population, receptors);
  if (model.id === "lif" && !conductance) return method === "exact" ? undefined : `NEST's step is exact; here it is that of "${method}"`;
  if (model.id === "izhikevich") return method === "euler" ? undefined : `NEST's step is that of "euler"; here it is that of "${method}"`;
  if (model.id === "lif") return "NEST integrates conductances with adaptive steps; with exponentialEuler or rk4 here, spikes were in the same steps where it was tried";
  const { differs = "NEST integrates with adaptive steps" } = pynn.models[model.id as ModelName] as Present;
  return differs;
}

/** A value that must be what the cell has it to be. */
function assume(path: string, name: string, value: Value, wanted: number, type: string): void {
  const [low, high] = boundsOf(value);
  if (low === wanted && high === wanted) return;
  refuse(path, `${type} of PyNN has ${name} = ${wanted}, and no parameter for it.`, value);
}

/** A population of neurons as a standard cell. `offset` is the current that is always there. */
export function cellOf(script: Script, population: PopulationSpec, offset: Code | undefined): Cell {
  const { model, params, name } = population;
  const path = populationPath(script, population);
  const counterpart = model.definition === undefined ? pynn.models[model.id as ModelName] : undefined;
  if (counterpart === undefined || models[model.id as keyof typeof models] !== model) {
    refuse(
      keyPath(path, "model"),
      `${model.id} is a model of its own; PyNN has its standard cells only, those of ${hasCells()}.`,
      model.id,
    );
  }
  if (!isPresent(counterpart)) refuse(
    keyPath(path, "model"),
    `${model.id}: ${counterpart.absent}. It has cells for ${hasCells()}.`,
    model.id,
  );
  const receptors = receptorsOf(script, population);
  const type = typeOf(script, population, receptors);
  for (const [key, wanted] of Object.entries(ASSUMED[model.id as ModelName] ?? {})) assume(
    keyPath(keyPath(path, "params"), key),
    key,
    params[key] as Value,
    wanted,
    type,
  );

  const before: string[] = [];
  const shared: Record<string, Code> = {};
  const variable = variableOf(script, name);
  /** What enters two parameters is drawn once. */
  const once = (key: string): void => {
    const value = params[key] as Value;
    if (!isDistribution(value)) return;
    const drawn = script.names.of(`${variable}_${key}`);
    before.push(`${drawn} = ${numbersOf(script, drawn, value, population.size).text}`);
    shared[key] = code(drawn);
  };
  const leaky = "g_L" in params && "Delta_T" in params;
  if (leaky) for (const key of ["C_m", "g_L"]) once(key);
  const made: Record<string, Code> = {};
  for (const [ours, theirs] of Object.entries(counterpart.params ?? {})) {
    const { name: key, factor = 1 } = typeof theirs === "string" ? { name: theirs } : theirs;
    const own = ours === "t_ref" ? gridded(script, path, params.t_ref as Value) : (params[ours] as Value);
    // pyNN.brian2 cannot take an array of one number for what it takes from the first cell
    const value = script.backend === "brian2" ? (oneOf(own) ?? own) : own;
    const drawn = shared[ours];
    made[key] = drawn === undefined ? valueOf(script, `${variable}_${key}`, value, factor) : code(
      factor === 1 ? drawn.text : `${drawn.text} * ${factor}`,
    );
    if (ours === "t_ref" && script.backend === "brian2") {
      script.helpers.add("held");
      made[key] = code(`${made[key]?.text} + HELD`);
    }
    if (ours === "C_m" && leaky) made.tau_m = timeConstant(script, variable, params, shared);
  }
  for (const [key, value] of Object.entries(counterpart.fixed ?? {})) made[key] = code(float(value as number));
  if (model.id === "adaptiveLif") made.v_spike = made.v_thresh as Code;
  for (const [slot, letter] of [["excitatory", "E"], ["inhibitory", "I"]] as const) {
    const numbers = receptors.slots[slot];
    if (numbers === undefined) continue;
    made[`tau_syn_${letter}`] = code(float(numbers.tau));
    if ("E_rev" in numbers && numbers.E_rev !== undefined) made[`e_rev_${letter}`] = code(float(numbers.E_rev));
  }
  if (offset !== undefined) made.i_offset = offset;

  const differs = difference(script, population, type, receptors);
  if (differs === undefined) script.report.exact(path, `${population.size} ${type}`);
  else script.report.approximate(path, `${type}: ${differs}`);
  return { type, params: made, before, receptors, ...startOf(script, population, variable, type) };
}

function hasCells(): string {
  return Object.keys(models).filter((id) => isPresent(pynn.models[id as ModelName])).join(", ");
}

/** cm/g_L. */
function timeConstant(
  script: Script,
  variable: string,
  params: Readonly<Record<string, Value>>,
  shared: Readonly<Record<string, Code>>,
): Code {
  const { C_m, g_L } = params as { C_m: Value; g_L: Value };
  if (shared.C_m === undefined && shared.g_L === undefined) {
    if (typeof C_m === "number" && typeof g_L === "number") return code(float(C_m / g_L));
    const size = C_m instanceof Float64Array ? C_m.length : (g_L as Float64Array).length;
    const at = (value: Value, i: number): number =>
      typeof value === "number" ? value : ((value as Float64Array)[i] as number);
    return valueOf(
      script,
      `${variable}_tau_m`,
      Float64Array.from({ length: size }, (_, i) => at(C_m, i) / at(g_L, i)),
    );
  }
  const part = (key: "C_m" | "g_L", value: Value): string => shared[key]?.text ?? valueOf(
    script,
    `${variable}_${key}`,
    value,
  ).text;
  return code(`${part("C_m", C_m)} / ${part("g_L", g_L)}`);
}

/** A refractory period in whole steps, which NEST would round up. */
function gridded(script: Script, path: string, value: Value): Value {
  const { dt } = script.network;
  const whole = (ms: number): number => timeOf(stepsOf(ms, dt), dt);
  if (typeof value === "number") return whole(value);
  if (value instanceof Float64Array) return value.map(whole);
  script.report.approximate(
    keyPath(keyPath(path, "params"), "t_ref"),
    "NEST rounds refractory periods up to whole steps, here they go to the nearest",
  );
  return value;
}

type Start = Pick<Cell, "initial" | "after">;

/** Initial values: those that were given, else the rest, which PyNN does not know. */
function startOf(script: Script, population: PopulationSpec, variable: string, type: string): Start {
  const { model, init, params, size, name } = population;
  const path = keyPath(populationPath(script, population), "init");
  for (const [key, value] of Object.entries(init)) {
    if (key in model.states) continue;
    const [low, high] = boundsOf(value);
    if (low !== 0 || high !== 0) script.report.dropped(
      keyPath(path, key),
      "PyNN starts without synaptic currents and conductances",
    );
  }
  const named = (key: string): string => `${variable}_${key}`;
  const given = (key: string, factor = 1): Code | undefined =>
    init[key] === undefined ? undefined : valueOf(script, named(key), init[key], factor);
  switch (model.id) {
    case "izhikevich": {
      const rest = init.v === undefined ? restOf(population, path) : undefined;
      const v = init.v ?? (rest as { readonly v: Value }).v;
      const u = init.u ?? rest?.u ?? product(params.b as Value, v, path, name);
      if (script.backend === "neuron" && !(boundsOf(u)[0] === -14 && boundsOf(u)[1] === -14)) {
        script.report.dropped(keyPath(path, "u"), "pyNN.neuron starts with u = -14, whatever it is given");
      }
      return { initial: { v: valueOf(script, named("v"), v), u: valueOf(script, named("u"), u) }, after: [] };
    }
    case "traubMiles": {
      script.helpers.add("gates");
      const start = script.names.of(`${variable}_v`);
      const v = numbersOf(script, start, init.v ?? (params.E_L as Value), size);
      const gates = Object.fromEntries(
        ["m", "h", "n"].flatMap((key) => (init[key] === undefined ? [] : [[key, given(key) as Code]])),
      );
      const first =
        init.v === undefined && isDistribution(params.E_L as Value)
          ? `${start} = ${variable}.get("e_rev_leak")`
          : `${start} = ${v.text}`;
      const rest = Object.keys(gates).length === 3 ? "" : `**gates(${start}, ${variable}.get("v_offset"))`;
      const own = Object.entries(gates).map(([key, value]) => `${key}=${value.text}`);
      if (script.backend === "neuron") script.report.dropped(path, "pyNN.neuron starts with all gates at 0");
      const all = own.length === 3 ? own : [rest];
      if (own.length > 0 && own.length < 3) script.report.approximate(
        path,
        "gates start in equilibrium with v; give all of m, h and n to start elsewhere",
      );
      return { initial: {}, after: [first, `${variable}.initialize(v=${start}, ${all.join(", ")})`] };
    }
    default: {
      const rest = params.E_L as Value;
      if (type === "IF_curr_delta") script.helpers.add("deltaNames");
      const after = init.v === undefined && isDistribution(rest) ? [
        `${variable}.initialize(v=${variable}.get("v_rest"))`,
      ] : [];
      const v = after.length > 0 ? undefined : valueOf(script, named("v"), init.v ?? rest);
      const w =
        init.w === undefined || (boundsOf(init.w)[0] === 0 && boundsOf(init.w)[1] === 0)
          ? undefined
          : numbersOf(script, named("w"), init.w, size, MILLI);
      if (w !== undefined) {
        script.helpers.add("native");
        if (script.backend === "neuron") script.report.dropped(keyPath(path, "w"), "pyNN.neuron starts with w = 0");
      }
      return { initial: { ...(v && { v }), ...(w && { w: code(`NATIVE * ${w.text}`) }) }, after };
    }
  }
}

const EXPLICIT = "give initial values in init, or export the network with --explicit, which has them as numbers.";

/** Izhikevich's cell at rest, for each b; drawn numbers are not known here. */
function restOf({ model, params, name }: PopulationSpec, path: string): { readonly v: Value; readonly u: Value } {
  const b = params.b as Value;
  const start = (slope: number): { v: number; u: number } => {
    const { v, u } = startingStates(model, { ...ASSUMED.izhikevich, a: 1, c: 0, d: 0, b: slope });
    return { v: rounded(v as number), u: rounded(u as number) };
  };
  if (typeof b === "number") return start(b);
  if (!(b instanceof Float64Array)) return refuse(
    path,
    `the rest of ${name} depends on b, which is drawn; ${EXPLICIT}`,
  );
  const all = Array.from(b, start);
  return { v: Float64Array.from(all, ({ v }) => v), u: Float64Array.from(all, ({ u }) => u) };
}

/** Without what a search left: -70, not -69.99999999999999. */
function rounded(value: number): number {
  return Number(value.toPrecision(14));
}

/** b v, where u is in equilibrium. */
function product(b: Value, v: Value, path: string, name: string): Value {
  if (isDistribution(b) || isDistribution(v)) return refuse(
    path,
    `u of ${name} starts at b v, of which one is drawn; ${EXPLICIT}`,
  );
  if (typeof b === "number" && typeof v === "number") return rounded(b * v);
  const size = b instanceof Float64Array ? b.length : (v as Float64Array).length;
  const at = (value: number | Float64Array, i: number): number =>
    typeof value === "number" ? value : (value[i] as number);
  return Float64Array.from({ length: size }, (_, i) => at(b, i) * at(v, i));
}
