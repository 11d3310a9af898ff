/** What a kernel is compiled for, and what it reads: what compilers of kernels and those who use them must agree on. */
import type { Core } from "../core/core.js";
import type { EventReceptor, ReceptorTimes } from "../lang/events.js";
import type { ReceptorInput } from "../lang/integrate.js";
import type { Method } from "../model/record.js";
import type { Numbers, Slice } from "./values.js";

/** What a kernel depends on beside its model. */
export interface Variant {
  readonly method: Method;
  /** Parameters with a number per neuron, in the order of the record. */
  readonly differing: readonly string[];
  /** Synaptic conductances come beside the current, in the columns G0 to G2. */
  readonly conducts: boolean;
  /** Parameters that are 0 for all neurons, in the order of the record. */
  readonly zero: readonly string[];
  readonly inputs: VariantInputs;
  /** Gates may come from tables; for kernels of equations. */
  readonly tabulates?: boolean;
  /** Indices of the states other than v for which jumps arrive, in ascending order; for kernels of equations. */
  readonly landings?: readonly number[];
}

/** What is known of a population's inputs. A kernel need not make use of it. */
export interface VariantInputs {
  /**
   * The current in I0 to I2: `common` to all neurons; `still` where it differs between neurons, but not from step to
   * step: the column `currents` has it; or `any`, in the columns of the block.
   */
  readonly current: "common" | "still" | "any";
  /** All receptors, if a kernel can take them itself: then no other jumps and currents come from receptors. */
  readonly receptors?: readonly TakenReceptor[];
  /** All receptors, for a kernel that is advanced by events. */
  readonly events?: readonly TakenByEvents[];
}

/** A receptor of a population that is advanced by events. */
export interface TakenByEvents extends EventReceptor {
  readonly times: ReceptorTimes;
}

/** A receptor that a kernel can take. */
export interface TakenReceptor extends ReceptorInput {
  /** What its state contributes in a step, its decay in a step, its reversal potential. */
  readonly numbers: readonly [share: number, decay: number, reversal: number];
}

/** Nothing is known. */
export const UNKNOWN_INPUTS: VariantInputs = { current: "any" };

/** A population in a core, for a kernel that writes what it reads of it. */
export interface Laid {
  readonly core: Core;
  /** Address of the population. */
  readonly address: number;
  /** The neurons of the population that are here, and the number of all of them. */
  readonly slice: Slice;
  readonly whole: number;
  readonly dt: number;
  /** The parameters by name, of the neurons here. */
  readonly params: Readonly<Record<string, Numbers>>;
  readonly inputs: VariantInputs;
  /** Address of the column of the last refractory steps; 0 in models that have none. */
  readonly until: number;
  /** Addresses of the states' columns. */
  readonly stateColumns: readonly number[];
  /** A column for the constant background, of populations that are advanced by events. */
  readonly currentColumn?: number | undefined;
  /** Bitmaps of such a population (assembly/events.ts). */
  readonly watch?: number | undefined;
}

/** A kernel as a WebAssembly module, and the numbers that it reads (KernelRecord says how they lie in memory). */
export interface KernelModule {
  readonly module: Uint8Array;
  /** How many numbers are the same for all neurons, and how many have a column. */
  readonly uniforms: number;
  readonly columns: number;
  /** It goes through all blocks in one call: no column of a block has to be filled ahead of it. */
  readonly whole?: boolean;
  /** It takes the receptors that the variant names. */
  readonly takes?: boolean;
  /** It reads the current from the column `currents`. */
  readonly still?: boolean;
  /**
   * It is advanced by events: its functions are `touch`, `begin`, `settle` and `look` in place of `step`, and it keeps
   * so many bytes of each neuron.
   */
  readonly recordBytes?: number;
  /** And sums of what arrives: so many, of a vector of so many elements, whose numbers begin at a uniform. */
  readonly sums?: { readonly modes: number; readonly elements: number; readonly at: number };
  /** It depends on neither time nor random numbers. */
  readonly autonomous?: boolean;
  /** It keeps lists of refractory neurons with these states; none, then no lists. */
  readonly lists?: readonly number[];
  /** Tables of gates and functions of a potential that it wants, by the number of what computes one. */
  readonly tables?: readonly TableRecord[];
  /** The numbers of a population; it yields where they take long. */
  numbers(
    population: Laid,
  ): Generator<undefined, { readonly uniforms: ArrayLike<number>; readonly columns: readonly Numbers[] }>;
}

/** A table: the states of its gates, or how many functions it has, and the stored unit of their potential, in mV. */
export interface TableRecord {
  readonly states: readonly number[];
  readonly functions: number;
  readonly unit: number;
}
