/** Cells of NeuroML as models: parameters, start, and what a current into them is here. */
import { amount, plain } from "./attributes.js";
import { unitsOf } from "./cells.js";
import { MEMBRANE } from "./mapping.js";
import { computed } from "./quantity.js";
import type { Node } from "./read-xml.js";

export interface Model {
  readonly model: string;
  readonly params: Readonly<Record<string, number>>;
  readonly init?: Readonly<Record<string, number>>;
  /** A constant current of the cell itself, in the model's unit. */
  readonly current?: number;
  /** A current of 1 pA, or a conductance of 1 nS, here. */
  readonly perCurrent: number;
  /** Takes currents without a unit, and no synapses. */
  readonly dimensionless?: boolean;
}

type Reader = (node: Node) => Model;

/** Attributes with their units, by our names. */
function read(node: Node, type: string, names: Readonly<Record<string, string>>): Record<string, number> {
  const units = unitsOf(type) ?? {};
  return Object.fromEntries(
    Object.entries(names).map(([ours, theirs]) => [ours, amount(node, theirs, units[theirs] as string)]),
  );
}

const leaky: Reader = (node) => {
  const { g, ...rest } = read(node, "iafCell", {
    C_m: "C",
    g: "leakConductance",
    E_L: "leakReversal",
    V_th: "thresh",
    V_reset: "reset",
  }) as Record<string, number>;
  const t_ref = node.name === "iafRefCell" ? amount(node, "refract", "ms") : 0;
  return {
    model: "lif",
    params: { ...rest, tau_m: computed((rest.C_m as number) / (g as number)), t_ref },
    perCurrent: 1,
  };
};

/** Cells of PyNN have numbers in mV, ms, nF, nA, uS. */
function membrane(node: Node): Record<string, number> {
  return Object.fromEntries(
    Object.entries(MEMBRANE).map(([ours, theirs]) => {
      const { name, factor = 1 } = typeof theirs === "string" ? { name: theirs } : theirs;
      return [ours, computed(plain(node, name) / factor)];
    }),
  );
}

function offset(node: Node): { readonly current?: number } {
  const current = computed(1000 * plain(node, "i_offset"));
  return current === 0 ? {} : { current };
}

const pynnLeaky: Reader = (node) => ({
  model: "lif",
  params: membrane(node),
  init: { v: plain(node, "v_init") },
  ...offset(node),
  perCurrent: 1,
});

const pynnAdaptive: Reader = (node) => {
  const Delta_T = plain(node, "delta_T");
  const { V_th, tau_m, ...rest } = membrane(node) as Record<string, number>;
  const adaptation = {
    a: computed(1000 * plain(node, "a")),
    b: computed(1000 * plain(node, "b")),
    tau_w: plain(node, "tau_w"),
  };
  const start = { init: { v: plain(node, "v_init"), w: 0 }, ...offset(node), perCurrent: 1 };
  if (Delta_T === 0)
    return {
      model: "adaptiveLif",
      params: { ...rest, tau_m: tau_m as number, V_th: V_th as number, ...adaptation },
      ...start,
    };
  const g_L = computed((rest.C_m as number) / (tau_m as number));
  return {
    model: "adex",
    params: { ...rest, g_L, V_T: V_th as number, Delta_T, V_peak: plain(node, "v_spike"), ...adaptation },
    ...start,
  };
};

const exponential: Reader = (node) => {
  const names = {
    C_m: "C",
    g_L: "gL",
    E_L: "EL",
    V_T: "VT",
    Delta_T: "delT",
    V_peak: "thresh",
    V_reset: "reset",
    t_ref: "refract",
    a: "a",
    b: "b",
    tau_w: "tauw",
  };
  const { a, b, tau_w, ...rest } = read(node, "adExIaFCell", names) as Record<string, number>;
  if (a === 0 && b === 0) return { model: "eif", params: rest, perCurrent: 1 };
  return { model: "adex", params: { ...rest, a: a as number, b: b as number, tau_w: tau_w as number }, perCurrent: 1 };
};

/**
 * With u over C as u, C dv/dt = k (v - vr)(v - vt) - u + I is a polynomial of 2003. u may be shifted by s = b/C vr, so
 * that it is measured as in 2003: then V_u is 0.
 */
const izhikevich2007: Reader = (node) => {
  const names = { v0: "v0", C: "C", k: "k", vr: "vr", vt: "vt", V_peak: "vpeak", a: "a", b: "b", c: "c", d: "d" };
  const { v0, C, k, vr, vt, V_peak, a, b, c, d } = read(node, "izhikevich2007Cell", names) as Record<
    keyof typeof names,
    number
  >;
  if (b === 0 && d === 0) {
    return {
      model: "qif",
      params: { C_m: C, k, V_r: vr, V_t: vt, V_peak, V_reset: c },
      init: { v: v0 },
      perCurrent: 1,
    };
  }
  const s = computed((b / C) * vr);
  const k_2 = computed(k / C);
  const params = {
    a,
    b: computed(b / C),
    c,
    d: computed(d / C),
    V_peak,
    k_2,
    k_1: computed(-k_2 * (vr + vt)),
    k_0: computed(k_2 * vr * vt + s),
  };
  return { model: "izhikevich", params, init: { v: v0, u: s }, perCurrent: 1 / C };
};

const izhikevich2003: Reader = (node) => {
  const { v0, V_peak } = read(node, "izhikevichCell", { v0: "v0", V_peak: "thresh" }) as Record<
    "v0" | "V_peak",
    number
  >;
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => plain(node, name)) as [number, number, number, number];
  return {
    model: "izhikevich",
    params: { a, b, c, d, V_peak },
    init: { v: v0, u: computed(b * v0) },
    perCurrent: 1,
    dimensionless: true,
  };
};

/** Readers by type of cell. */
const READERS: Readonly<Record<string, Reader>> = {
  iafCell: leaky,
  iafRefCell: leaky,
  izhikevichCell: izhikevich2003,
  izhikevich2007Cell: izhikevich2007,
  adExIaFCell: exponential,
  IF_curr_alpha: pynnLeaky,
  IF_curr_exp: pynnLeaky,
  IF_cond_alpha: pynnLeaky,
  IF_cond_exp: pynnLeaky,
  EIF_cond_exp_isfa_ista: pynnAdaptive,
  EIF_cond_alpha_isfa_ista: pynnAdaptive,
};

/** Types of cells that are read. */
export const CELL_TYPES: readonly string[] = Object.keys(READERS);

/** The model of a cell; undefined where its type is another one. */
export function modelOf(node: Node): Model | undefined {
  return Object.hasOwn(READERS, node.name) ? (READERS[node.name] as Reader)(node) : undefined;
}
