/** What a kernel is compiled for, and what it reads: what compilers of kernels and those who use them must agree on. */
import type { Core } from "../core/core.js";
import type { Method } from "../model/record.js";
import type { Numbers, Slice } from "./values.js";

/** What a kernel depends on beside its model. */
export interface Variant {
  readonly method: Method;
  /** Parameters with a number per neuron, in the order of the record. */
  readonly differing: readonly string[];
  /** Synaptic conductances come beside the current, in the columns G0 to G2. */
  readonly conducts: boolean;
}

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
}

/** A kernel as a WebAssembly module, and the numbers that it reads (KernelRecord says how they lie in memory). */
export interface KernelModule {
  readonly module: Uint8Array;
  /** How many numbers are the same for all neurons, and how many have a column. */
  readonly uniforms: number;
  readonly columns: number;
  /** The numbers of a population. */
  numbers(population: Laid): { readonly uniforms: ArrayLike<number>; readonly columns: readonly Numbers[] };
}
