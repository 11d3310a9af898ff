/**
 * How the neurons of a model are computed. Built-in models have kernels in the core, and for the methods that their
 * records name compiled ones, which are faster; models of one's own have compiled ones only. `Neurons` does not see the
 * difference: it asks for the kernel of a variant, gives it memory, and lets it write what it reads.
 */
import { BLOCK, PADDING, SLOT_BYTES, VARIANT } from "../core/abi.js";
import type { Core } from "../core/core.js";
import type { Indices } from "../core/kernels.js";
import { heldBytes, pairsName, savedAt } from "../lang/emit.js";
import { SpikeletError, UnavailableError } from "../model/errors.js";
import { type KernelRecord, METHODS, type ModelRecord } from "../model/record.js";
import { models } from "../models/index.js";
import { compileKernel } from "./compiled.js";
import { compileEvents } from "./eventKernel.js";
import { addTable, ANYWHERE, clearTables, fillTable, gateTableBytes, type Tabulated } from "./gateTables.js";
import { numberAt, type Numbers } from "./values.js";
import type { KernelModule, Laid, Variant } from "./variant.js";

/** A kernel in a core. */
export interface Kernel {
  /** Its place in the core's function table. */
  readonly index: number;
  /** Bytes of memory that it needs for a population of so many neurons. */
  bytes(size: number): number;
  /**
   * Writes the parameters, and what follows from them and dt, there, and makes this the population's kernel. It yields
   * where that takes long. False where a table of gates cannot stand for their rates: then another kernel is needed,
   * without.
   */
  write(population: Laid, memory: number): Generator<undefined, boolean>;
}

/** The kernels of a model. */
export interface Kernels {
  /** The kernel of a variant, made where it is not in the core yet. It must be the same in all cores of a network. */
  kernel(core: Core, variant: Variant): Kernel;
  /** Table index of the function that computes the steps of the gates, for records with `rates`. */
  pairs?(core: Core): number;
}

/** The kernels of a model; undefined for a record that has none. */
export function kernelsOf(model: ModelRecord): Kernels | undefined {
  const builtIn = inCore.get(model);
  const known = all.get(model);
  if (known !== undefined || builtIn === undefined) return known ?? probedBy(model);
  const compiled = new ModuleKernels(model.id, compiler(model, false));
  const both = new ChosenKernels(model, compiled, builtIn);
  all.set(model, both);
  return both;
}

/**
 * The same to probe the equations with: of built-in models those of the core, since compiling takes longer than most
 * probes.
 */
export function probedBy(model: ModelRecord): Kernels | undefined {
  const known = inCore.get(model) ?? all.get(model);
  if (known !== undefined) return known;
  if (model.definition !== undefined) {
    const defined = new ModuleKernels(model.id, compiler(model, silentModels.has(model)));
    all.set(model, defined);
    return defined;
  }
  if (model.kernels === undefined) return undefined;
  const { kernels } = model;
  const own = new ModuleKernels(model.id, (_, variant) => {
    const record = kernels.find((k) => fits(k, variant));
    if (record === undefined) throw missing(model, variant);
    return readBy(record);
  });
  all.set(model, own);
  return own;
}

/** What compiles the kernels of a model. */
function compiler(model: ModelRecord, silent: boolean): (core: Core, variant: Variant) => KernelModule {
  return (core, variant) =>
    variant.method === "eventDriven"
      ? compileEvents(model, core, variant)
      : compileKernel(model, core, variant, silent);
}

/** A built-in model whose kernels are those of the core under every method: to compare them with compiled ones. */
export function uncompiled(model: ModelRecord): ModelRecord {
  const copy = { ...model, compiled: { methods: [] } };
  inCore.set(copy, inCore.get(model) as Kernels);
  return copy;
}

/** Models that are made by `silentOf`. */
const silentModels = new WeakSet<ModelRecord>();
const silents = new WeakMap<ModelRecord, ModelRecord>();

/** A model with the same equations whose neurons never spike and have no noise. It has a definition. */
export function silentOf(model: ModelRecord): ModelRecord {
  const known = silents.get(model);
  if (known !== undefined) return known;
  const silent = { ...model };
  silents.set(model, silent);
  silentModels.add(silent);
  return silent;
}

/** Bytes of a column of a population of so many neurons. */
function columnBytes(size: number): number {
  return Math.ceil(size / PADDING) * PADDING * 8;
}

/** Compiled kernels where the record names the method, those of the core elsewhere. */
class ChosenKernels implements Kernels {
  private readonly model: ModelRecord;
  private readonly compiled: Kernels;
  private readonly others: Kernels;

  constructor(model: ModelRecord, compiled: Kernels, others: Kernels) {
    this.model = model;
    this.compiled = compiled;
    this.others = others;
  }

  kernel(core: Core, variant: Variant): Kernel {
    const { methods = [], unlessZero = [] } = this.model.compiled ?? {};
    const { method, inputs: { receptors = [] } } = variant;
    // The core's kernel takes g (E - v), a compiled one g E and g v apart: under halfStep that moves whole spikes.
    const rounds = method === "halfStep" && receptors.some(({ kind }) => kind === "conductance");
    const refused =
      rounds || unlessZero.some((name) => variant.zero.includes(name) || variant.differing.includes(name));
    return (methods.includes(method) && !refused ? this.compiled : this.others).kernel(core, variant);
  }

  pairs(core: Core): number {
    return this.others.pairs?.(core) ?? 0;
  }
}

/** Kernels of the core: a parameter block for all neurons, or one for each vector of them. */
class BuiltInKernels implements Kernels {
  private readonly model: ModelRecord;
  private readonly number: number;

  constructor(model: ModelRecord, number: number) {
    this.model = model;
    this.number = number;
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
      *write({ address, slice: { size }, dt, params }, memory) {
        const view = core.f64;
        for (let i = 0; i < count(size); i++) {
          const lane = memory + Math.floor(i / lanes) * stride + (i % lanes) * 8;
          // Padding gets the last neuron's.
          const neuron = Math.min(i, size - 1);
          for (let k = 0; k < names.length; k++) {
            view[(lane + k * SLOT_BYTES) / 8] = numberAt(params[names[k] as string] as Numbers, neuron);
          }
          exports.prepareModel(number, lane, dt);
        }
        exports.setParams(address, index, memory, perNeuron ? stride : 0);
        exports.setFusion(address, false, false, 0, 0, 0);
        exports.setAutonomous(address, true);
        return true;
      },
    };
  }

  pairs(core: Core): number {
    return core.exports.pairsIndex(this.number);
  }
}

/** A table: the numbers that it was made of, and whether it comes near enough. */
interface Filled {
  readonly from: Float64Array;
  readonly isGood: boolean;
}

type FilledTables = WeakMap<Laid, Map<number, Filled>>;

function filledIn(all: FilledTables, population: Laid): Map<number, Filled> {
  const known = all.get(population) ?? new Map<number, Filled>();
  all.set(population, known);
  return known;
}

/** Kernels that come as WebAssembly modules. */
export class ModuleKernels implements Kernels {
  private readonly compile: (core: Core, variant: Variant) => KernelModule;
  /** What was compiled, by the code of the core and the variant. */
  private readonly compiled = new WeakMap<object, Map<string, KernelModule>>();
  /** Tables that were filled, by population and address. */
  private readonly filled: FilledTables = new WeakMap();

  private readonly model: string;

  /**
   * @param model what the model is called in errors
   * @param compile is called once for a variant and a build of the core, whose addresses it may use
   */
  constructor(model: string, compile: (core: Core, variant: Variant) => KernelModule) {
    this.model = model;
    this.compile = compile;
  }

  kernel(core: Core, variant: Variant): Kernel {
    const made = this.moduleFor(core, variant);
    const indices = this.installed(core, variant, made.module);
    const { whole = false, takes = false, still = false, autonomous = false, recordBytes = 0, sums } = made;
    const { lists = [], tables = [] } = made;
    const { prepare, begin = 0, settle: brings = 0, look = 0 } = indices;
    const byEvents = recordBytes > 0;
    const step = byEvents ? indices.touch : indices.step;
    if (step === undefined) throw this.unfit(variant, "it exports no function step");
    const tabulated = tables.map((table, t): Tabulated => ({
      ...table,
      pairs: indices[pairsName(t)] as number,
      span: ANYWHERE,
    }));
    const listAt = 8 * made.uniforms;
    const receptorsAt = listAt + 4 * made.columns;
    const { receptors = [], events = [] } = variant.inputs;
    // Lists of addresses (u32): two for a receptor, three for one of those that are advanced by events.
    const columnsAt = align(receptorsAt + (byEvents ? 12 * events.length : takes ? 8 * receptors.length : 0));
    const isListing = lists.length > 0;
    const listBytes = (size: number): number => (isListing ? Math.ceil(size / BLOCK) * heldBytes(lists.length) : 0);
    const currentsAt = (size: number): number => columnsAt + made.columns * columnBytes(size);
    const heldAt = (size: number): number => currentsAt(size) + (still ? columnBytes(size) : 0);
    // Records do not lie across lines of the cache.
    const recordsAt = (size: number): number => Math.ceil(heldAt(size) / 64) * 64;
    const sumsAt = (size: number): number => recordsAt(size) + Math.ceil((size * recordBytes) / 64) * 64;
    const modes = sums?.modes ?? 0;
    const sumBytes = modes > 0 ? 8 * (1 + modes) : 0;
    const tablesAt = (size: number): number =>
      byEvents ? sumsAt(size) + 64 + size * sumBytes : align(heldAt(size) + listBytes(size));
    const bytesOf = (table: Tabulated): number => align(gateTableBytes(core, table));
    const allFilled = this.filled;
    return {
      index: step,
      bytes: (size) => tablesAt(size) + tabulated.reduce((sum, table) => sum + bytesOf(table), 0),
      *write(population, memory) {
        const { address, slice: { size } } = population;
        const { uniforms, columns } = yield* made.numbers(population);
        const { exports, f64, u32 } = core;
        f64.set(uniforms, memory / 8);
        for (const [j, numbers] of columns.entries()) {
          const column = memory + columnsAt + j * columnBytes(size);
          u32[(memory + listAt) / 4 + j] = column;
          // Padding gets the last neuron's.
          for (let i = 0; i < columnBytes(size) / 8; i++) {
            f64[column / 8 + i] = numberAt(numbers, Math.min(i, size - 1));
          }
        }
        exports.setParams(address, step, memory, 0);
        exports.setColumns(address, memory + listAt);
        const held = isListing ? memory + heldAt(size) : 0;
        if (isListing) listHeld(population, lists, held);
        const currents = still ? memory + currentsAt(size) : 0;
        exports.setFusion(address, whole, takes, held, memory + receptorsAt, currents);
        exports.setAutonomous(address, autonomous && !byEvents);
        if (byEvents) {
          const records = Math.ceil((memory + recordsAt(size)) / 64) * 64;
          exports.advanceByEvents(
            address,
            population.watch ?? 0,
            records,
            recordBytes,
            begin,
            brings,
            look,
            modes > 0 ? records + sumsAt(size) - recordsAt(size) : 0,
            modes,
            sums?.elements ?? 0,
            memory + 8 * (sums?.at ?? 0),
          );
        }
        if (prepare !== undefined) core.call(prepare, address);
        clearTables(core, address);
        const filled = filledIn(allFilled, population);
        let table = memory + tablesAt(size);
        let good = true;
        for (const one of tabulated) {
          addTable(core, address, table, one);
          const known = filled.get(table);
          const isKnown = known !== undefined && equalNumbers(known.from, uniforms);
          // A shard without a neuron has no parameters either.
          const isGood = isKnown ? known.isGood : size === 0 || fillTable(core, address, table);
          filled.set(table, { from: Float64Array.from(uniforms), isGood });
          good &&= isGood;
          table += bytesOf(one);
        }
        return good;
      },
    };
  }

  /** Puts a module into the core; the engine's own words on one that does not fit name neither model nor method. */
  private installed(core: Core, variant: Variant, module: Uint8Array): Indices {
    if (!((module as unknown) instanceof Uint8Array)) throw this.unfit(variant, "it is no Uint8Array");
    try {
      return core.addKernels(module);
    } catch (error) {
      if (error instanceof SpikeletError || !(error instanceof Error)) throw error;
      throw this.unfit(variant, error.message);
    }
  }

  private unfit({ method }: Variant, reason: string): UnavailableError {
    return new UnavailableError(
      `the model ${JSON.stringify(this.model)} has a kernel for ${method} that cannot be used (${reason}). A kernel is the bytes of ` +
        'a WebAssembly module that exports "step" and imports, as "core", the core\'s memory and functions.',
      { value: this.model },
    );
  }

  private moduleFor(core: Core, variant: Variant): KernelModule {
    const known = this.compiled.get(core.build) ?? new Map<string, KernelModule>();
    this.compiled.set(core.build, known);
    const key = keyOf(variant);
    const made = known.get(key) ?? this.compile(core, variant);
    known.set(key, made);
    return made;
  }
}

/** What tells variants from each other; of numbers of receptors only whether they are 0. */
function keyOf({
  method,
  conducts,
  differing,
  zero,
  landings = [],
  tabulates = false,
  inputs: { current, receptors, events },
}: Variant): string {
  const taken = receptors?.map(({ kind, arrives, numbers }) => [kind, arrives, ...numbers.map((x) => x === 0)]);
  const byEvents = events?.map(({ kind, state, arrives }) => [kind, state, arrives]);
  return JSON.stringify([method, conducts, differing, zero, landings, current, tabulates, taken, byEvents]);
}

/** Writes the lists of the neurons that are refractory or may be, with the states that they keep. */
function listHeld({ core, until, stateColumns, slice: { size } }: Laid, states: readonly number[], held: number): void {
  const { f64, u32, memory } = core;
  const numbers = new Uint16Array(memory.buffer);
  for (let first = 0; first < size; first += BLOCK) {
    const record = held + (first / BLOCK) * heldBytes(states.length);
    let count = 0;
    for (let n = first; n < Math.min(size, first + BLOCK); n++) {
      if (!((f64[until / 8 + n] as number) >= 0)) continue;
      numbers[record / 2 + 2 + count] = n - first;
      for (const [k, state] of states.entries()) {
        f64[(record + savedAt(k)) / 8 + count] = f64[(stateColumns[state] as number) / 8 + n] as number;
      }
      count++;
    }
    u32[record / 4] = count;
  }
}

function equalNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((x, i) => Object.is(x, b[i]));
}

/** The next multiple of 16 bytes. */
export function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

/** The numbers that a record's kernel reads: parameters by name, and 0 for what it writes itself. */
function readBy({ module, uniforms, columns = [] }: KernelRecord): KernelModule {
  return {
    module,
    uniforms: uniforms.length,
    columns: columns.length,
    *numbers({ params }) {
      return {
        uniforms: uniforms.map((name) => numberAt(params[name] ?? 0, 0)),
        columns: columns.map((name) => params[name] ?? 0),
      };
    },
  };
}

/** A kernel that takes a parameter from a column takes one number for all neurons too. */
function fits({ method, conducts = false, columns = [] }: KernelRecord, wanted: Variant): boolean {
  if (method !== wanted.method || conducts !== wanted.conducts) return false;
  return wanted.differing.every((name) => columns.includes(name));
}

function missing({ id }: ModelRecord, { method, differing, conducts }: Variant): UnavailableError {
  const values = differing.length === 0 ? "" : `, with a value per neuron of ${differing.join(", ")}`;
  const receptors = conducts ? ", with conductance receptors" : "";
  const message = `the model ${JSON.stringify(id)} has no kernel for ${method}${values}${receptors}.`;
  return new UnavailableError(message, { value: id });
}

/** The kernels by model, made when they are first asked for. */
const all = new WeakMap<ModelRecord, Kernels>();

/** Those of the core. */
const inCore = new WeakMap<ModelRecord, Kernels>(
  Object.values<ModelRecord>(models).map((model, number) => [model, new BuiltInKernels(model, number)]),
);
