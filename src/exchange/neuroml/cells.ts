/**
 * Neurons as cells of NeuroML: which type, its attributes, and what differs. One neuron's numbers at a time; no state.
 */
import type { Present } from "../mapping.js";
import { isPresent, translated } from "../mapping.js";
import { DIFFERS, mapping, MEMBRANE } from "./mapping.js";
import { computed, decimal, quantity } from "./quantity.js";

export type Numbers = Readonly<Record<string, number>>;

/** A cell without its id. */
export interface Cell {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** What differs from the neuron, beside the method. */
  readonly differs: readonly string[];
  /** Its membrane has no capacitance: currents have no unit, and synapses do not act. */
  readonly dimensionless?: boolean;
  /** What its variable `u` is less than ours. */
  readonly offset?: number;
}

/** Why a neuron has no cell. */
export interface NoCell {
  readonly refused: string;
}

/** A neuron: its parameters, and where it starts, as far as that was said. */
export interface Neuron {
  readonly params: Numbers;
  readonly init: Numbers;
  /** Whether it has receptors that something acts on. */
  readonly receives: boolean;
  /** ms */
  readonly dt: number;
}

type Writer = (neuron: Neuron) => Cell | NoCell;

/** Relative size of what is rounding noise between two numbers that shall be the same. */
const NOISE = 1e-9;

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= NOISE * Math.max(1, Math.abs(a), Math.abs(b));
}

/** Units of attributes that have one, by the type of cell; PyNN's cells have none. */
const UNITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  iafCell: { C: "pF", leakConductance: "nS", leakReversal: "mV", thresh: "mV", reset: "mV", refract: "ms" },
  adExIaFCell: {
    C: "pF",
    gL: "nS",
    EL: "mV",
    VT: "mV",
    delT: "mV",
    thresh: "mV",
    reset: "mV",
    tauw: "ms",
    refract: "ms",
    a: "nS",
    b: "pA",
  },
  izhikevich2007Cell: {
    v0: "mV",
    C: "pF",
    k: "nS/mV",
    vr: "mV",
    vt: "mV",
    vpeak: "mV",
    a: "1/ms",
    b: "nS",
    c: "mV",
    d: "pA",
  },
  izhikevichCell: { v0: "mV", thresh: "mV" },
};

function attributesOf(type: string, numbers: Numbers): Record<string, string> {
  const units = UNITS[type === "iafRefCell" ? "iafCell" : type] ?? {};
  return Object.fromEntries(
    Object.entries(numbers).map(([key, x]) => [key, units[key] === undefined ? decimal(x) : quantity(x, units[key])]),
  );
}

/** The attributes that a mapping lists, from a neuron's parameters. */
function mapped(present: Present, params: Numbers): Numbers {
  const numbers = translated(present, params) as Numbers;
  return Object.fromEntries(Object.entries(numbers).map(([name, x]) => [name, computed(x)]));
}

function presentOf(model: keyof typeof mapping.models): Present {
  const counterpart = mapping.models[model];
  if (!isPresent(counterpart)) throw new RangeError(`${model} has no cell`);
  return counterpart;
}

/** Parameters of a model that its record lists. */
function get(params: Numbers, name: string): number {
  const x = params[name];
  if (x === undefined) throw new RangeError(`no parameter ${name}`);
  return x;
}

function fixedOf({ fixed = {} }: Present): Record<string, string> {
  return Object.fromEntries(Object.entries(fixed).map(([key, x]) => [key, String(x)]));
}

const startOf = (name: string, start: number | undefined, there: number): string[] =>
  start === undefined || near(start, there) ? [] : [`starts with ${name} = ${decimal(there)}, here ${decimal(start)}`];

const lif: Writer = ({ params, init }) => {
  const [C_m, tau_m, t_ref] = ["C_m", "tau_m", "t_ref"].map((name) => get(params, name)) as [number, number, number];
  if (init.v !== undefined && init.v !== get(params, "E_L")) {
    const type = "IF_curr_exp";
    const numbers = mapped({ name: type, params: MEMBRANE, checked: "run" }, params);
    return {
      type,
      attributes: attributesOf(type, { ...numbers, i_offset: 0, tau_syn_E: 1, tau_syn_I: 1, v_init: init.v }),
      differs: [DIFFERS.regimes],
    };
  }
  const { refract, ...rest } = mapped(presentOf("lif"), params);
  const type = t_ref > 0 ? "iafRefCell" : "iafCell";
  const numbers = { ...rest, leakConductance: computed(C_m / tau_m), ...(t_ref > 0 && { refract: refract as number }) };
  return { type, attributes: attributesOf(type, numbers), differs: t_ref > 0 ? [DIFFERS.regimes] : [] };
};

/**
 * Where a spike is detected. jNeuroML leaves a spiking cell above its threshold for a step, in which w follows v; the
 * exponential may have carried v to 1e10 mV by then, from any threshold that is high and at any dt. So with adaptation
 * to v it is the potential from which V_peak is one step away, where the exponential adds Delta_T in a step.
 */
function detection(params: Numbers, dt: number): { readonly at: number; readonly differs: readonly string[] } {
  const [C_m, g_L, V_T, V_peak, Delta_T] = ["C_m", "g_L", "V_T", "V_peak", "Delta_T"].map((name) =>
    get(params, name),
  ) as [number, number, number, number, number];
  const near = computed(
    Math.max(V_T + Delta_T * Math.max(1, Math.log(C_m / (g_L * dt))), get(params, "V_reset") + Delta_T),
  );
  if ((params.a ?? 0) === 0 || near >= V_peak) return { at: V_peak, differs: [] };
  return {
    at: near,
    differs: [
      `its threshold is ${quantity(near, "mV")}, a step before V_peak: what v overshoots by in jNeuroML gets into w`,
    ],
  };
}

/** PyNN's AdEx cell: it starts where it is told, and may be leaky. */
function isfa(params: Numbers, init: Numbers, V_T: number, V_peak: number, Delta_T: number): Cell {
  const type = "EIF_cond_exp_isfa_ista";
  const present = presentOf("adaptiveLif");
  const numbers = {
    ...mapped(present, { ...params, V_th: V_T }),
    delta_T: Delta_T,
    v_spike: V_peak,
    v_init: init.v ?? get(params, "E_L"),
  };
  return {
    type,
    attributes: { ...fixedOf(present), ...attributesOf(type, numbers) },
    differs: [DIFFERS.regimes, ...startOf("w", init.w, 0)],
  };
}

const adaptiveLif: Writer = ({ params, init }) => isfa(params, init, get(params, "V_th"), get(params, "V_th"), 0);

function exponential(model: "eif" | "adex", { params, init, dt }: Neuron): Cell {
  const Delta_T = get(params, "Delta_T");
  const full = { a: 0, b: 0, tau_w: 1, ...params, tau_m: computed(get(params, "C_m") / get(params, "g_L")) };
  if (Delta_T === 0) return isfa(full, init, get(params, "V_T"), get(params, "V_T"), 0);
  const { at, differs } = detection(params, dt);
  if (init.v !== undefined && init.v !== get(params, "E_L")) {
    const cell = isfa(full, init, get(params, "V_T"), at, Delta_T);
    return { ...cell, differs: [...cell.differs, ...differs] };
  }
  const present = presentOf(model);
  const type = present.name;
  const attributes = { ...attributesOf(type, mapped(present, { ...params, V_peak: at })), ...fixedOf(present) };
  return { type, attributes, differs: [DIFFERS.regimes, ...startOf("w", init.w, 0), ...differs] };
}

const REFRACTORY = "a refractory period (t_ref): NeuroML's Izhikevich cells have none";

const qif: Writer = ({ params, init }) => {
  if (get(params, "t_ref") > 0) return { refused: REFRACTORY };
  const present = presentOf("qif");
  const type = present.name;
  return {
    type,
    attributes: {
      ...attributesOf(type, { v0: init.v ?? get(params, "V_r"), ...mapped(present, params) }),
      ...fixedOf(present),
    },
    differs: [],
  };
};

/** The polynomial of 2003, which izhikevichCell has in it. */
function isStandard(params: Numbers): boolean {
  return params.k_2 === 0.04 && params.k_1 === 5 && params.k_0 === 140 && params.V_u === 0 && params.k_u === 1;
}

/**
 * k_2 v^2 + k_1 v + k_0 - u is k_2 (v - vr)(v - vt) - (u - s) for vt = -k_1/k_2 - vr and s = k_0 - k_2 vr vt, and the
 * equation of u is that of u - s where s = b (vr - V_u): so vr is an equilibrium, and u - s starts at 0 where u starts
 * in it. Both roots of k_2 vr^2 + (k_1 - b) vr + k_0 + b V_u, the stable one first.
 */
export function rests(params: Numbers): { readonly vr: number; readonly vt: number; readonly s: number }[] {
  const [k_2, k_1, k_0, b, V_u] = ["k_2", "k_1", "k_0", "b", "V_u"].map((name) => get(params, name)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const slope = k_1 - b;
  const root = slope ** 2 - 4 * k_2 * (k_0 + b * V_u);
  if (k_2 === 0 || root < 0) return [];
  // no difference of two large numbers
  const far = -(slope + (slope < 0 ? -1 : 1) * Math.sqrt(root)) / 2;
  const roots = far === 0 ? [0] : [far / k_2, (k_0 + b * V_u) / far];
  const sorted = roots.sort((x, y) => (k_2 > 0 ? x - y : y - x));
  return sorted.map((vr) => ({ vr: computed(vr), vt: computed(-k_1 / k_2 - vr), s: computed(b * (vr - V_u)) }));
}

const izhikevich: Writer = ({ params, init, receives }) => {
  if (get(params, "t_ref") > 0) return { refused: REFRACTORY };
  if (params.k_u !== 1) return { refused: "k_u other than 1: u decays in NeuroML's cells" };
  const found = rests(params);
  const b = get(params, "b");
  const rest = found[0];
  const v0 = init.v ?? rest?.vr;
  const u0 = init.u ?? rest?.s;
  if (v0 === undefined || u0 === undefined)
    return { refused: "a neuron without a rest, whose start (init) is not given" };
  const same = found.find(({ s }) => near(s, u0));
  if (!same && isStandard(params) && near(u0, b * v0) && !receives) {
    const type = "izhikevichCell";
    const { a, c, d, V_peak } = params as Record<"a" | "c" | "d" | "V_peak", number>;
    return {
      type,
      attributes: attributesOf(type, { v0, thresh: V_peak, a, b, c, d }),
      differs: [],
      dimensionless: true,
    };
  }
  const form = same ?? rest;
  if (!form)
    return {
      refused:
        "a neuron without a rest that has receptors: izhikevich2007Cell cannot start there, and izhikevichCell takes no synapses",
    };
  const type = "izhikevich2007Cell";
  const { vr, vt, s } = form;
  const present = presentOf("izhikevich");
  const numbers = { v0, k: get(params, "k_2"), vr, vt, ...mapped(present, params) };
  return {
    type,
    attributes: { ...attributesOf(type, numbers), ...fixedOf(present) },
    differs: startOf("u", u0, s),
    offset: s,
  };
};

const WRITERS: Readonly<Record<string, Writer>> = {
  lif,
  adaptiveLif,
  qif,
  eif: (neuron) => exponential("eif", neuron),
  adex: (neuron) => exponential("adex", neuron),
  izhikevich,
};

/** The cell of a neuron of a built-in model. */
export function cellOf(model: string, neuron: Neuron): Cell | NoCell {
  const writer = WRITERS[model];
  if (writer) return writer(neuron);
  const counterpart = (mapping.models as Readonly<Record<string, (typeof mapping.models)["lif"]>>)[model];
  return { refused: counterpart && !isPresent(counterpart) ? counterpart.absent : "own models have no cell" };
}

/** Units by type and attribute, for those who read. */
export function unitsOf(type: string): Readonly<Record<string, string>> | undefined {
  return UNITS[type];
}
