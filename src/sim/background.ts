/** Background currents of a population in one core. */
import type { BackgroundScope, BackgroundSpec } from "../model/spec.js";
import { PADDING } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { backgroundOf } from "../kinds/backgrounds.js";
import { ACTS } from "./compiled.js";
import type { Planned, Written } from "./currents.js";
import { align, type Kernel } from "./kernels.js";
import type { Block, Change, Pool } from "./live.js";
import type { Neurons } from "./neurons.js";
import type { BuiltReceptor } from "./receptors.js";
import { numberAt, type Numbers, part, type Slice } from "./values.js";
import { UNKNOWN_INPUTS, type VariantInputs } from "./variant.js";
import { settle } from "./work.js";

/** An entry in the core's memory. */
interface Attached {
  readonly spec: BackgroundSpec;
  /** The core's object. */
  readonly entry: Block;
  /** Columns for a and b, if they ever were per neuron. */
  readonly a: Block | undefined;
  readonly b: Block | undefined;
  /** Numbers for all neurons, where it has no column. */
  readonly common: readonly [a: number, b: number];
  readonly inColumn: readonly [a: boolean, b: boolean];
  readonly table: Block | undefined;
  /** Values of an Ornstein-Uhlenbeck process. */
  readonly process: Block | undefined;
  /** What the kernel of an expression gets; whether that computes a current for each neuron. */
  readonly laid: Block | undefined;
  readonly differs: boolean;
}

/** There is one kernel of an expression. */
const UNCHANGING = { method: "euler", differing: [], conducts: false, zero: [], inputs: UNKNOWN_INPUTS } as const;

/** The list of an expression's columns: the current at the start, the middle and the end of a step. */
const STAGES = 3;

export class Backgrounds {
  private readonly neurons: Neurons;
  private readonly receptors: Readonly<Record<string, BuiltReceptor>>;
  private readonly pool: Pool;
  private readonly label: string;
  private entries: readonly Attached[] = [];
  /** @internal The network runs: changes come between runs, when the projections' needs are known. */
  live = false;

  constructor(neurons: Neurons, receptors: Readonly<Record<string, BuiltReceptor>>, pool: Pool, label: string) {
    this.neurons = neurons;
    this.receptors = receptors;
    this.pool = pool;
    this.label = label;
  }

  /** What a kernel may know of the current; spikes that are background are none. */
  get current(): VariantInputs["current"] {
    const currents = this.entries.filter(({ spec }) => !backgroundOf(spec).events);
    const isCommon = ({ spec, inColumn: [a, b], differs }: Attached): boolean =>
      !backgroundOf(spec).noise && !differs && !a && !b;
    const isStill = ({ spec: { scope, ...spec } }: Attached): boolean =>
      backgroundOf(spec as BackgroundSpec).core === "constant" &&
      scope?.start === undefined &&
      scope?.stop === undefined;
    return currents.every(isCommon) ? "common" : currents.every(isStill) ? "still" : "any";
  }

  /** Puts these currents in place of the present ones. */
  prepare(planned: readonly Planned[]): Change {
    const { pool, entries } = this;
    const taken: Block[] = [];
    const take = (block: Block): Block => {
      taken.push(block);
      return block;
    };
    const cancel = (): void => {
      for (const block of taken) pool.give(block);
    };
    let next: Attached[];
    try {
      next = planned.map((p) => this.attach(p, p.before === undefined ? undefined : entries[p.before], take));
    } catch (error) {
      cancel();
      throw error;
    }
    const accept = (): (() => void) => {
      this.entries = next;
      return () => {
        this.write(planned, entries, next);
        const kept = new Set(next.flatMap(blocksOf));
        for (const block of entries.flatMap(blocksOf)) if (!kept.has(block)) pool.give(block);
      };
    };
    return { accept, cancel };
  }

  /** The receptor that the events of an entry go to. */
  private bombarded(spec: BackgroundSpec): BuiltReceptor | undefined {
    return backgroundOf(spec).events ? this.receptors[(spec as unknown as { receptor: string }).receptor] : undefined;
  }

  /** The memory of an entry: that of the one which goes on in it, and what it needs beyond. */
  private attach(p: Planned, old: Attached | undefined, take: (block: Block) => Block): Attached {
    const { neurons, pool, label } = this;
    const bytes = neurons.padded * 8;
    const column = (known: Block | undefined, numbers: Numbers): Block | undefined =>
      known ?? (typeof numbers === "number" ? undefined : take(pool.take(bytes, `${label}: background amplitudes`)));
    const table = (known: Block | undefined): Block | undefined => {
      if (p.table.length * 8 <= (known?.bytes ?? 0)) return known;
      return take(pool.takeTable(p.table.length * 8, `${label}: background of ${p.table.length} numbers`));
    };
    const onto = this.bombarded(p.spec);
    onto?.reserve(1);
    // Before the first run the projections may ask for more.
    if (this.live) onto?.allocateRing();
    const noisy = backgroundOf(p.spec).noise === "process";
    return {
      spec: p.spec,
      entry: old?.entry ?? take(pool.take(neurons.core.exports.backgroundBytes(), `${label}: background`)),
      a: column(old?.a, p.a),
      b: column(old?.b, p.b),
      common: [numberOr(p.a), numberOr(p.b)],
      inColumn: [typeof p.a !== "number", typeof p.b !== "number"],
      table: table(old?.table),
      differs: p.written?.differs === true,
      laid: p.written ? this.layOut(p.written, old?.laid, take) : old?.laid,
      process:
        old?.process ??
        (noisy ? take(pool.take(bytes, `${label}: background process of ${neurons.size} neurons`)) : undefined),
    };
  }

  /** The memory of an expression's kernel: Pack, list of columns, columns, parameters. */
  private layOut(written: Written, known: Block | undefined, take: (block: Block) => Block): Block {
    const { bytes } = this.plotOf(written);
    if (bytes <= (known?.bytes ?? 0)) return known as Block;
    return take(this.pool.takeTable(bytes, `${this.label}: background of ${this.neurons.size} neurons`));
  }

  private plotOf(written: Written): Plot {
    const { core, padded, slice } = this.neurons;
    return plotExpression(core, written, padded, slice);
  }

  private writeExpression(entry: number, block: Block, { written, stream }: Planned): void {
    const { core, dt, slice: here, whole } = this.neurons;
    const { differs, acts } = written as Written;
    const plot = this.plotOf(written as Written);
    layExpression(core, entry, block, plot, { differs, dt, whole, stream, acts: differs ? part(acts, here) : 1 });
  }

  private write(planned: readonly Planned[], old: readonly Attached[], next: readonly Attached[]): void {
    const { core, address } = this.neurons;
    const { exports } = core;
    exports.clearBackground(address);
    for (const [i, p] of planned.entries()) {
      const attached = next[i] as Attached;
      const before = p.before === undefined ? undefined : old[p.before];
      const at = attached.entry.address;
      const { start = Number.NEGATIVE_INFINITY, stop = Number.POSITIVE_INFINITY } = p.spec.scope ?? {};
      // What the process was made with is read before it is overwritten.
      const was = before?.process && this.amplitudes(before);
      exports.linkBackground(address, at, p.kind, p.stream);
      exports.setWindow(at, start, stop);
      if (attached.table) core.f64.set(p.table, attached.table.address / 8);
      if (p.written) this.writeExpression(at, attached.laid as Block, p);
      exports.setShape(at, ...p.shape, attached.table?.address ?? 0, p.rows);
      this.writeAmplitudes(attached, p);
      const onto = this.bombarded(p.spec);
      onto?.attachRing();
      if (onto) exports.setBombarded(at, onto.address);
      if (attached.process) {
        exports.setProcess(at, attached.process.address);
        this.goOn(attached, was && { ...was, scope: before?.spec.scope });
      }
    }
  }

  /** Starts all processes anew. */
  restart(): void {
    for (const attached of this.entries) if (attached.process) this.goOn(attached, undefined);
  }

  /** Numbers a and b as they stand in the core (copies). */
  private amplitudes({ a, b, common, inColumn }: Attached): { readonly a: Numbers; readonly b: Numbers } {
    const { core, size } = this.neurons;
    const read = (block: Block | undefined, k: 0 | 1): Numbers =>
      block && inColumn[k] ? core.readF64(block.address, size) : common[k];
    return { a: read(a, 0), b: read(b, 1) };
  }

  private writeAmplitudes({ entry, a, b, common, inColumn }: Attached, p: Planned): void {
    const { core, slice } = this.neurons;
    const put = (block: Block | undefined, numbers: Numbers): void => {
      if (block && typeof numbers !== "number") core.f64.set(part(numbers, slice), block.address / 8);
    };
    put(a, p.a);
    put(b, p.b);
    const address = (block: Block | undefined, used: boolean): number => (block && used ? block.address : 0);
    core.exports.setAmplitude(entry.address, address(a, inColumn[0]), common[0], address(b, inColumn[1]), common[1]);
  }

  /**
   * Lets an Ornstein-Uhlenbeck process go on with a new mean and deviation: its distance from the mean, in deviations,
   * stays. So a change acts at once and leaves the process stationary. Where it did not act before it starts from its
   * stationary distribution; where it does not act any more it is 0.
   */
  private goOn(
    attached: Attached,
    was: { readonly a: Numbers; readonly b: Numbers; readonly scope: BackgroundScope | undefined } | undefined,
  ): void {
    const { core, address, slice, size } = this.neurons;
    const { entry, process } = attached;
    const now = this.amplitudes(attached);
    const acts = inScope(attached.spec.scope, slice.first, size);
    const acted = was ? inScope(was.scope, slice.first, size) : new Uint8Array(size);
    const values = core.f64.subarray((process as Block).address / 8, (process as Block).address / 8 + size);
    for (let n = 0; n < size; n++) {
      if (acts[n] === 0) {
        values[n] = 0;
        continue;
      }
      const sigma = numberAt(now.a, n);
      const before = was && acted[n] !== 0 ? numberAt(was.a, n) : 0;
      if (was === undefined || acted[n] === 0 || (before === 0 && sigma !== 0)) {
        core.exports.startProcess(entry.address, address, n, 1);
        continue;
      }
      const [mean, meanBefore] = [numberAt(now.b, n), numberAt(was.b, n)];
      if (mean === meanBefore && sigma === before) continue;
      values[n] = mean + (before === 0 ? 0 : ((values[n] as number) - meanBefore) * (sigma / before));
    }
  }
}

function numberOr(numbers: Numbers): number {
  return typeof numbers === "number" ? numbers : 0;
}

/** Where what an expression's kernel gets stands, from the start of its memory on. */
export interface Plot {
  readonly kernel: Kernel;
  /** The neurons that it computes the current of. */
  readonly slice: Slice;
  readonly list: number;
  readonly columns: number;
  /** Bytes of a column. */
  readonly column: number;
  readonly params: number;
  readonly bytes: number;
}

/** How the memory of an expression's kernel is divided. */
export function plotExpression(
  core: Core,
  { kernels, differs }: Pick<Written, "kernels" | "differs">,
  padded: number,
  slice: Slice,
): Plot {
  const kernel = kernels.kernel(core, UNCHANGING);
  const own = differs ? slice : { first: 0, size: 1 };
  const list = align(core.exports.packBytes());
  const columns = align(list + 4 * STAGES);
  const column = 8 * (differs ? padded : PADDING);
  const params = columns + STAGES * column;
  return { kernel, slice: own, list, columns, column, params, bytes: params + kernel.bytes(own.size) };
}

/** Makes an entry an expression, whose kernel gets what is written into the block. */
export function layExpression(
  core: Core,
  entry: number,
  { address }: Block,
  { kernel, slice, list, columns, column, params }: Plot,
  { differs, dt, whole, stream, acts }: Laying,
): void {
  for (let j = 0; j < STAGES; j++) core.u32[(address + list) / 4 + j] = address + columns + j * column;
  core.exports.setExpression(entry, address, kernel.index, address + list, slice.size, slice.first, stream, differs);
  const none = { inputs: UNKNOWN_INPUTS, until: 0, stateColumns: [] };
  settle(kernel.write({ core, address, slice, whole, dt, params: { [ACTS]: acts }, ...none }, address + params));
}

interface Laying {
  readonly differs: boolean;
  readonly dt: number;
  /** Neurons of the whole population. */
  readonly whole: number;
  readonly stream: number;
  readonly acts: Numbers;
}

function blocksOf({ entry, a, b, table, process, laid }: Attached): Block[] {
  return [entry, a, b, table, process, laid].filter((block) => block !== undefined);
}

/** 1 for the neurons of a slice that an entry acts on. */
function inScope(scope: BackgroundScope | undefined, first: number, size: number): Uint8Array {
  if (!scope?.neurons) return new Uint8Array(size).fill(1);
  const acts = new Uint8Array(size);
  for (const i of scope.neurons) if (i >= first && i < first + size) acts[i - first] = 1;
  return acts;
}
