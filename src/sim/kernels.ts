/**
 * How the neurons of a model are computed. Built-in models have kernels in the core; models of one's own bring compiled ones.
 * `Neurons` does not see the difference: it asks for the kernel of a variant, gives it memory, and lets it write what it reads.
 */
import { BLOCK, PADDING, SLOT_BYTES, STAGE, VARIANT } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { FOLDS, METHODS, STAGES } from "../core/methods.js";
import { UnavailableError } from "../model/errors.js";
import type { KernelRecord, Method, ModelRecord } from "../model/record.js";
import { models } from "../models/index.js";
import { numberAt, type Numbers } from "./values.js";

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
  readonly size: number;
  readonly dt: number;
  /** The parameters by name. */
  readonly params: Readonly<Record<string, Numbers>>;
}

/** A kernel in a core. */
export interface Kernel {
  /** Its place in the core's function table. */
  readonly index: number;
  /** Bytes of memory that it needs for a population of so many neurons. */
  bytes(size: number): number;
  /** Writes the parameters, and what follows from them and dt, into that memory, and makes the population's kernel this one. */
  write(population: Laid, memory: number): void;
}

/** The kernels of a model. */
export interface Kernels {
  /** When a method looks at its input: bits of STAGE. */
  stages(method: Method): number;
  /** The method takes conductances as a current at the start of the step; `conducts` is never wanted then. */
  folds(method: Method): boolean;
  /** The kernel of a variant, made where it is not in the core yet. It must be the same in all cores of a network. */
  kernel(core: Core, variant: Variant): Kernel;
  /** Makes the table of the gates' rates, for records with `rates`: `memory` is what `write` was given. */
  tabulate?(core: Core, memory: number, table: number, first: number, dt: number): void;
}

/** The kernels of a model; undefined for a record that has none. */
export function kernelsOf(model: ModelRecord): Kernels | undefined {
  const known = all.get(model);
  if (known !== undefined || model.kernels === undefined) return known;
  const { kernels } = model;
  const own = new OwnKernels(model, (variant) => kernels.find((record) => fits(record, variant)));
  all.set(model, own);
  return own;
}

/** Bytes of the columns of a population of so many neurons. */
export function columnBytes(size: number): number {
  return Math.ceil(size / PADDING) * PADDING * 8;
}

/** Kernels of the core: a parameter block for all neurons, or one for each vector of them. */
class BuiltInKernels implements Kernels {
  private readonly model: ModelRecord;
  private readonly number: number;

  constructor(model: ModelRecord, number: number) {
    this.model = model;
    this.number = number;
  }

  stages(method: Method): number {
    // With one state the exact method needs the input of one equation only.
    return method === "exact" && Object.keys(this.model.states).length === 1 ? STAGE.start : STAGES[method];
  }

  folds(method: Method): boolean {
    return FOLDS.includes(method);
  }

  kernel(core: Core, { method, differing, conducts }: Variant): Kernel {
    const { model, number } = this;
    const { exports } = core;
    const perNeuron = differing.length > 0;
    const variant = perNeuron ? VARIANT.perNeuron : conducts ? VARIANT.uniformConductance : VARIANT.uniform;
    const index = exports.kernelIndex(number, METHODS.indexOf(method), variant);
    if (index === 0) throw new RangeError(`no kernel for ${model.id}, ${method}, variant ${variant}`);
    const names = Object.keys(model.params);
    const stride = (names.length + Object.keys(model.coefficients).length) * SLOT_BYTES;
    const lanes = exports.neuronsPerVector();
    const count = (size: number): number => (perNeuron ? columnBytes(size) / 8 : lanes);
    return {
      index,
      bytes: (size) => (count(size) / lanes) * stride,
      write: ({ address, size, dt, params }, memory) => {
        const view = core.f64;
        for (let i = 0; i < count(size); i++) {
          const lane = memory + Math.floor(i / lanes) * stride + (i % lanes) * 8;
          // Padding gets the last neuron's.
          const neuron = Math.min(i, size - 1);
          for (const [k, name] of names.entries()) {
            view[(lane + k * SLOT_BYTES) / 8] = numberAt(params[name] as Numbers, neuron);
          }
          exports.prepareModel(number, lane, dt);
        }
        exports.setParams(address, index, memory, perNeuron ? stride : 0);
      },
    };
  }

  tabulate(core: Core, memory: number, table: number, first: number, dt: number): void {
    core.exports.fillRates(this.number, memory, table, first, dt);
  }
}

/**
 * Kernels that came as WebAssembly modules. They read one parameter block of SLOT_BYTES a number, which stands there twice, for
 * both lanes of a vector; for a number per neuron the address of its column (u32) stands there.
 */
class OwnKernels implements Kernels {
  private readonly model: ModelRecord;
  private readonly find: (variant: Variant) => KernelRecord | undefined;

  constructor(model: ModelRecord, find: (variant: Variant) => KernelRecord | undefined) {
    this.model = model;
    this.find = find;
  }

  stages(method: Method): number {
    return method === "exact" ? STAGE.start : STAGES[method];
  }

  folds(method: Method): boolean {
    return FOLDS.includes(method);
  }

  kernel(core: Core, variant: Variant): Kernel {
    const { model } = this;
    const record = this.find(variant);
    if (record === undefined) throw missing(model, variant);
    const { step, prepare } = core.addKernels(record.module);
    if (step === undefined) throw new UnavailableError(`a kernel of the model ${JSON.stringify(model.id)} exports no step.`);
    const { derived = [], columns = [], scratch = 0 } = record;
    const names = [...Object.keys(model.params), ...derived];
    const columnsAt = names.length * SLOT_BYTES;
    const scratchAt = (size: number): number => columnsAt + columns.length * columnBytes(size);
    return {
      index: step,
      bytes: (size) => scratchAt(size) + scratch * BLOCK * 8,
      write: ({ address, size, params }, memory) => {
        const { exports, f64, u32 } = core;
        for (const [k, name] of names.entries()) {
          const slot = memory + k * SLOT_BYTES;
          const numbers = params[name];
          const place = columns.indexOf(name);
          if (place < 0) {
            if (numbers !== undefined) f64.fill(numberAt(numbers, 0), slot / 8, (slot + SLOT_BYTES) / 8);
            continue;
          }
          const column = memory + columnsAt + place * columnBytes(size);
          u32[slot / 4] = column;
          if (numbers === undefined) continue;
          // Padding gets the last neuron's.
          for (let i = 0; i < columnBytes(size) / 8; i++) f64[column / 8 + i] = numberAt(numbers, Math.min(i, size - 1));
        }
        exports.setParams(address, step, memory, 0);
        exports.setScratch(address, memory + scratchAt(size));
        if (prepare !== undefined) core.call(prepare, address);
      },
    };
  }
}

/** A kernel that takes a parameter from a column takes one number for all neurons too. */
function fits({ method, conducts = false, columns = [] }: KernelRecord, wanted: Variant): boolean {
  return method === wanted.method && conducts === wanted.conducts && wanted.differing.every((name) => columns.includes(name));
}

function missing({ id }: ModelRecord, { method, differing, conducts }: Variant): UnavailableError {
  const values = differing.length === 0 ? "" : `, with a value per neuron of ${differing.join(", ")}`;
  const receptors = conducts ? ", with conductance receptors" : "";
  return new UnavailableError(`the model ${JSON.stringify(id)} has no kernel for ${method}${values}${receptors}.`, { value: id });
}

/** The kernels by model; own ones when they are first asked for. */
const all = new WeakMap<ModelRecord, Kernels>(
  Object.values<ModelRecord>(models).map((model, number) => [model, new BuiltInKernels(model, number)]),
);
