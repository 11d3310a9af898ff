/** What the cells of NEST and PyNN in a SONATA network are here. */
import type { KernelName, ModelName, Renamed } from "../mapping.js";
import { type Cell, cells } from "../nest/mapping.js";
import { MILLI } from "../pynn/mapping.js";

/** A cell there as a model here. */
export interface Here {
  readonly model: ModelName;
  readonly kernel: KernelName | undefined;
  readonly conductance: boolean;
  /** One receptor for both signs where it says so; two otherwise. */
  readonly ports: Cell["ports"];
  /** Numbers of the cell with which they are left out. */
  readonly defaults: Readonly<Record<string, number>>;
  /** Parameters here, of those there. */
  params(there: (name: string) => number): Record<string, number>;
  /** States at the start, of those there. */
  states(there: (name: string) => number | undefined): Record<string, number>;
  /** Time constants and reversal potentials of a receptor. */
  receptor(there: (name: string) => number, slot: "ex" | "in"): Record<string, number>;
  /** Constant current, of the cell. */
  readonly current: string;
  /** Currents, conductances and weights here are those there times this. */
  readonly factor: number;
}

/** NEST 3.10's numbers where a file has none; the names that SONATA files leave out. */
const IAF = { C_m: 250, E_L: -70, V_reset: -70, V_th: -55, t_ref: 2, I_e: 0, V_m: -70 } as const;
const IAF_PSC = { ...IAF, tau_m: 10, tau_syn_ex: 2, tau_syn_in: 2 } as const;
const IAF_COND = { ...IAF, V_reset: -60, g_L: 16.6667, E_ex: 0, E_in: -85 } as const;
const AEIF = {
  C_m: 281,
  g_L: 30,
  E_L: -70.6,
  V_reset: -60,
  V_th: -50.4,
  Delta_T: 2,
  V_peak: 0,
  a: 4,
  b: 80.5,
  tau_w: 144,
  t_ref: 0,
  I_e: 0,
  V_m: -70.6,
  w: 0,
} as const;
const NEST_DEFAULTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  iaf_psc_exp: IAF_PSC,
  iaf_psc_alpha: IAF_PSC,
  iaf_psc_delta: { ...IAF, tau_m: 10 },
  iaf_cond_exp: { ...IAF_COND, tau_syn_ex: 0.2, tau_syn_in: 2 },
  iaf_cond_alpha: { ...IAF_COND, tau_syn_ex: 0.2, tau_syn_in: 2 },
  aeif_cond_exp: { ...AEIF, tau_syn_ex: 0.2, tau_syn_in: 2, E_ex: 0, E_in: -85 },
  aeif_cond_alpha: { ...AEIF, tau_syn_ex: 0.2, tau_syn_in: 2, E_ex: 0, E_in: -85 },
  izhikevich: { a: 0.02, b: 0.2, c: -65, d: 8, V_th: 30, I_e: 0, V_m: -65, U_m: -13 },
};

const ORDER: readonly ModelName[] = ["lif", "adex", "izhikevich"];

/** The names of cells that are read. */
export const nestCells = Object.keys(NEST_DEFAULTS);

/** A cell of NEST. */
export function nestCell(name: string): Here | undefined {
  const defaults = NEST_DEFAULTS[name];
  const model = ORDER.find((id) => cells[id].some((cell) => cell.name === name));
  const cell = model && cells[model].find((one) => one.name === name);
  if (defaults === undefined || model === undefined || cell === undefined) return undefined;
  return {
    model,
    kernel: cell.kernels[0],
    conductance: cell.conductance,
    ports: cell.ports,
    defaults,
    current: "I_e",
    factor: 1,
    params: (there) =>
      Object.fromEntries([
        ...Object.entries(cell.params).map(([ours, theirs]) => {
          if (ours === "tau_m" && theirs === "g_L") return [ours, there("C_m") / there("g_L")];
          return [ours, there(nameOf(theirs)) / factorOf(theirs)];
        }),
        ...Object.entries(cell.constants ?? {}),
      ]) as Record<string, number>,
    states: (there) =>
      Object.fromEntries(
        Object.entries(cell.states)
          .map(([ours, theirs]) => [ours, there(theirs)])
          .filter(([, value]) => value !== undefined),
      ) as Record<string, number>,
    receptor: (there, slot) => {
      if (cell.kernels[0] === "delta") return {};
      return { tau: there(`tau_syn_${slot}`), ...(cell.conductance && { E_rev: there(`E_${slot}`) }) };
    },
  };
}

const nameOf = (renamed: string | Renamed): string => (typeof renamed === "string" ? renamed : renamed.name);
const factorOf = (renamed: string | Renamed): number => (typeof renamed === "string" ? 1 : (renamed.factor ?? 1));

/** PyNN 0.13's numbers where a file has none. */
const IF = {
  v_rest: -65,
  cm: 1,
  tau_m: 20,
  tau_refrac: 0.1,
  tau_syn_E: 5,
  tau_syn_I: 5,
  i_offset: 0,
  v_reset: -65,
  v_thresh: -50,
} as const;
const IF_COND = { ...IF, e_rev_E: 0, e_rev_I: -70 } as const;
const EIF = {
  cm: 0.281,
  tau_refrac: 0.1,
  v_spike: -40,
  v_reset: -70.6,
  v_rest: -70.6,
  tau_m: 9.3667,
  i_offset: 0,
  a: 4,
  b: 0.0805,
  delta_T: 2,
  tau_w: 144,
  v_thresh: -50.4,
  e_rev_E: 0,
  tau_syn_E: 5,
  e_rev_I: -80,
  tau_syn_I: 5,
} as const;
const PYNN_DEFAULTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  IF_curr_exp: IF,
  IF_curr_alpha: { ...IF, tau_syn_E: 0.5, tau_syn_I: 0.5 },
  IF_cond_exp: IF_COND,
  IF_cond_alpha: { ...IF_COND, tau_syn_E: 0.3, tau_syn_I: 0.5 },
  EIF_cond_exp_isfa_ista: EIF,
  EIF_cond_alpha_isfa_ista: EIF,
};

export const pynnCells = Object.keys(PYNN_DEFAULTS);

/** A standard cell of PyNN. */
export function pynnCell(name: string): Here | undefined {
  const defaults = PYNN_DEFAULTS[name];
  if (defaults === undefined) return undefined;
  const adex = name.startsWith("EIF");
  const conductance = name.includes("_cond_");
  return {
    model: adex ? "adex" : "lif",
    kernel: name.includes("_alpha") ? "alpha" : "exponential",
    conductance,
    ports: "signed",
    defaults,
    current: "i_offset",
    factor: 1 / MILLI,
    params: (there) => {
      const leaky = {
        C_m: there("cm") / MILLI,
        E_L: there("v_rest"),
        V_reset: there("v_reset"),
        t_ref: there("tau_refrac"),
      };
      if (!adex) return { ...leaky, tau_m: there("tau_m"), V_th: there("v_thresh") };
      const spike = { V_T: there("v_thresh"), Delta_T: there("delta_T"), V_peak: there("v_spike") };
      return {
        ...leaky,
        ...spike,
        g_L: there("cm") / MILLI / there("tau_m"),
        a: there("a"),
        b: there("b") / MILLI,
        tau_w: there("tau_w"),
      };
    },
    // PyNN starts cells at their default, whatever their rest is.
    states: () => ({ v: adex ? -70.6 : -65 }),
    receptor: (there, slot) => {
      const letter = slot === "ex" ? "E" : "I";
      return { tau: there(`tau_syn_${letter}`), ...(conductance && { E_rev: there(`e_rev_${letter}`) }) };
    },
  };
}
