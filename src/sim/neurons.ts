/**
 * A population in the core's memory: its parameters, state columns, bounds and kernel. Knows nothing of currents,
 * receptors and recordings, so that probe.ts can use it for single evaluations too.
 */
import { COLUMN, PADDING } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { FOLDS, stagesOf, TABULATES } from "../core/methods.js";
import { ValueRangeError } from "../model/errors.js";
import { sharedParameters } from "../model/own.js";
import type { Method, ModelRecord } from "../model/record.js";
import { type Detection, detectorOf } from "./compiled.js";
import { addTable, around, clearTables, fillTable, gateTableBytes } from "./gateTables.js";
import { type Kernel, type Kernels, kernelsOf, probedBy } from "./kernels.js";
import { explicitFloor } from "./limits.js";
import type { Change } from "./live.js";
import { numberAt, type Numbers, type Slice, streamOf } from "./values.js";
import { type Laid, UNKNOWN_INPUTS, type VariantInputs } from "./variant.js";
import { settle } from "./work.js";

export class Neurons implements Laid {
  readonly core: Core;
  readonly model: ModelRecord;
  readonly method: Method;
  /** The neurons of the population that are here, and their number. */
  readonly slice: Slice;
  readonly size: number;
  readonly padded: number;
  /** Address of the population in the core. */
  readonly address: number;
  /** Addresses of the state columns by name. */
  readonly columns: Readonly<Record<string, number>>;
  /** Current parameters by name. */
  readonly params: Record<string, Numbers>;
  readonly dt: number;
  /** What the kernel in use was chosen for. */
  inputs: VariantInputs = UNKNOWN_INPUTS;
  /** Column of the steps until which neurons are refractory; 0 in models that have none. */
  readonly until: number;
  /** Of populations that are advanced by events: their bitmaps, and a column for the constant background. */
  readonly watch: number | undefined;
  readonly currentColumn: number | undefined;
  /** A column that takes the present values of a variable of such a population, once one is asked for. */
  private lookedColumn = 0;
  private readonly isProbed: boolean;
  /** It has a kernel. */
  private adapted = false;
  private readonly conducts: boolean;
  /** The states for which jumps arrive, and where, once a receptor has asked; the list of these addresses. */
  private readonly landings: readonly number[];
  private readonly landingColumns = new Map<number, number>();
  private landingList = 0;
  private readonly label: string;
  private common: Whole;
  private readonly armed: number;
  /** v has been written. */
  private placed = false;
  /** Memory for the parameters by the index of the kernel that reads them; made when it is first needed and kept. */
  private readonly blocks = new Map<number, number>();
  /** Table of the gates' rates and the parameters that it was made of. */
  private table = 0;
  private tabulated: readonly (number | undefined)[] = [];

  /**
   * @param conducts the population has conductance receptors
   * @param whole what depends on the parameters of the whole population
   * @param label what the population is called in errors
   */
  constructor(
    core: Core,
    model: ModelRecord,
    slice: Slice,
    method: Method,
    dt: number,
    params: Readonly<Record<string, Numbers>>,
    conducts: boolean,
    whole: Whole,
    label: string,
    { isProbed = true, landings = [] }: Membership = {},
  ) {
    this.core = core;
    this.isProbed = isProbed;
    this.model = model;
    this.method = method;
    const { first, size } = slice;
    this.slice = slice;
    this.size = size;
    this.dt = dt;
    this.params = { ...params };
    this.conducts = conducts;
    this.landings = Object.keys(model.states).flatMap((name, j) => (landings.includes(name) ? [j] : []));
    this.common = whole;
    this.label = label;
    const { exports } = core;
    this.padded = Math.ceil(size / PADDING) * PADDING;
    const names = Object.keys(model.states);
    const address = exports.addPopulation(size, first, names.length, this.stages, FOLDS.includes(method));
    if (address === 0) core.exhausted(label);
    this.address = address >>> 0;
    const columns: Record<string, number> = {};
    for (const [j, name] of names.entries()) {
      const column = core.allocate(this.padded * 8, `${label}: ${name} of ${size} neurons`);
      columns[name] = column;
      exports.setState(this.address, j, column);
    }
    this.columns = columns;
    const { holds, arms } = detectionOf(model, core);
    this.until = 0;
    this.armed = 0;
    if (holds) {
      const until = core.allocate(this.padded * 8, `${label}: refractoriness of ${size} neurons`);
      const view = core.f64.subarray(until / 8, until / 8 + this.padded);
      view.fill(-1, 0, size);
      // Padding is refractory for ever: it never spikes.
      view.fill(Number.POSITIVE_INFINITY, size);
      exports.setColumn(this.address, COLUMN.until, until);
      this.until = until;
    }
    if (arms) {
      this.armed = core.allocate(this.padded * 8, `${label}: spike detection of ${size} neurons`);
      exports.setColumn(this.address, COLUMN.armed, this.armed);
    }
    if (method === "eventDriven") {
      const what = `${label}: ${size} neurons that are advanced by events`;
      this.watch = core.allocate(exports.watchBytes(this.padded), what);
      this.currentColumn = core.allocate(this.padded * 8, what);
    }
    const rest = exports.restBytes(size);
    const canRest = !isProbed && resting.isAllowed && rest > 0;
    if (canRest) exports.setRest(this.address, core.allocate(rest, `${label}: blocks`));
    if (model.definition !== undefined) exports.setStream(this.address, streamOf(core, label, "equations"));
    this.checkShared(this.params);
    if (isProbed) settle(this.adapt(UNKNOWN_INPUTS));
  }

  /**
   * Takes the kernel that fits the inputs, ahead of the first step and whenever something has changed. It yields where
   * that takes long.
   */
  *adapt(inputs: VariantInputs): Generator<undefined, void> {
    if (this.adapted && JSON.stringify(inputs) === JSON.stringify(this.inputs)) return;
    // Where memory is short, or building is cancelled, the next one begins anew.
    this.adapted = false;
    this.inputs = inputs;
    this.makeRoom(this.params, this.common);
    yield* this.writeParams();
    this.adapted = true;
  }

  /**
   * Populations that are advanced by events: brings all columns to the present, ahead of any change; the kernel's
   * numbers are written anew before the next step.
   */
  bringUp(): void {
    if (this.watch === undefined || !this.adapted) return;
    this.core.exports.bringUp(this.address);
    this.adapted = false;
  }

  /** The columns hold the present values, whatever was there. */
  restart(): void {
    if (this.watch !== undefined) this.core.exports.wake(this.address);
  }

  /** Address of a column with the present values of number j of its states and those of its receptors, in order. */
  lookedAt(j: number): number {
    const { address, core, label, padded } = this;
    this.lookedColumn ||= core.allocate(padded * 8, `${label}: values of a variable`);
    core.exports.lookAtAll(address, j, this.lookedColumn);
    return this.lookedColumn;
  }

  /** Replaces parameters. */
  prepare(changes: Readonly<Record<string, Numbers>>, whole: Whole): Change {
    const params = { ...this.params, ...changes };
    this.checkShared(params);
    this.makeRoom(params, whole);
    const accept = (): (() => void) => {
      Object.assign(this.params, changes);
      this.common = whole;
      return () => {
        settle(this.writeParams());
        if (this.armed !== 0) this.moveLine();
      };
    };
    // Memory that was not needed in the end is kept for the next change.
    return { accept, cancel: () => undefined };
  }

  /**
   * Writes a state; the padding gets the last neuron's. A refractory neuron is held at its reset value: one that is
   * given another v goes on from that.
   */
  writeState(name: string, values: Numbers): void {
    const address = this.columns[name] as number;
    if (this.until !== 0 && name === Object.keys(this.model.states)[0]) {
      const { f64 } = this.core;
      for (let i = 0; i < this.size; i++)
        if (f64[address / 8 + i] !== numberAt(values, i)) f64[this.until / 8 + i] = -1;
    }
    const view = this.core.f64.subarray(address / 8, address / 8 + this.padded);
    const defined = this.model.definition !== undefined;
    if (this.armed !== 0 && !defined && name === Object.keys(this.model.states)[0]) this.arm(view, values);
    const before = this.armed !== 0 && defined ? view.slice() : undefined;
    if (typeof values === "number") view.fill(values);
    else {
      view.set(values);
      view.fill(values[this.size - 1] as number, this.size);
    }
    if (before !== undefined) this.rearm(name, before, view);
  }

  /** The same for a model with equations, whose detector may depend on any state; they are written in their order. */
  private rearm(name: string, before: Float64Array, now: Float64Array): void {
    const names = Object.keys(this.model.states);
    const detector = detectorOf(this.model, this.core);
    const watched = detector.watches.includes(names.indexOf(name)) || name === names[0];
    for (let i = 0; watched && i < this.size; i++) {
      if (!this.placed || before[i] !== now[i]) this.setArmed(i, !detector.isAbove(this.standing(i)));
    }
    if (name === names.at(-1)) this.placed = true;
  }

  /** A neuron as its detector sees it between two steps. */
  private standing(i: number): Parameters<ReturnType<typeof detectorOf>["isReady"]>[0] {
    const { columns, core, dt, model, params, slice } = this;
    return {
      states: Object.keys(model.states).map((name) => core.f64[(columns[name] as number) / 8 + i] as number),
      params: Object.keys(model.params).map((name) => numberAt(params[name] as Numbers, i)),
      index: slice.first + i,
      size: this.whole,
      dt,
      t: core.exports.stepsDone() * dt,
    };
  }

  /** Ends all refractoriness; the next v that is written is a start. */
  release(): void {
    this.placed = false;
    if (this.until !== 0) this.core.f64.fill(-1, this.until / 8, this.until / 8 + this.size);
  }

  /** A copy of a state. */
  readState(name: string): Float64Array {
    return this.core.readF64(this.columns[name] as number, this.size);
  }

  /**
   * A neuron that is put at or above the threshold has not crossed it: it is armed once it has fallen below. One that
   * stays where it is keeps its detector.
   */
  private arm(before: Float64Array, v: Numbers): void {
    const threshold = this.params[this.model.threshold] as Numbers;
    for (let i = 0; i < this.size; i++) {
      if (this.placed && before[i] === numberAt(v, i)) continue;
      this.setArmed(i, numberAt(v, i) < numberAt(threshold, i));
    }
    this.placed = true;
  }

  /**
   * The threshold or the hysteresis has changed: by that alone no neuron crosses the line. The detectors become what
   * the end of a step would make of them (assembly/integrators/step.ts), so that a change of other parameters does
   * nothing.
   */
  private moveLine(): void {
    const { core, model, params, size } = this;
    if (model.definition !== undefined) {
      const detector = detectorOf(model, core);
      for (let i = 0; i < size; i++) {
        const neuron = this.standing(i);
        const armed = core.u32[this.armed / 4 + 2 * i] !== 0 && !detector.isAbove(neuron);
        this.setArmed(i, armed || detector.isReady(neuron));
      }
      return;
    }
    const v = core.f64.subarray((this.columns[Object.keys(model.states)[0] as string] as number) / 8);
    for (let i = 0; i < size; i++) {
      const level = numberAt(params[model.threshold] as Numbers, i);
      const armed = core.u32[this.armed / 4 + 2 * i] !== 0 && !((v[i] as number) >= level);
      this.setArmed(i, armed || (v[i] as number) < level - numberAt(params.hysteresis as Numbers, i));
    }
  }

  private setArmed(i: number, armed: boolean): void {
    const words = this.core.u32;
    const word = armed ? 0xffffffff : 0;
    words[this.armed / 4 + 2 * i] = word;
    words[this.armed / 4 + 2 * i + 1] = word;
  }

  get stateColumns(): readonly number[] {
    return Object.keys(this.model.states).map((name) => this.columns[name] as number);
  }

  /** Neurons of the whole population. */
  get whole(): number {
    return this.common.size;
  }

  /** When the method looks at its input: bits of STAGE. */
  get stages(): number {
    return stagesOf(this.method, Object.keys(this.model.states).length);
  }

  private get kernels(): Kernels {
    return (this.isProbed ? probedBy(this.model) : kernelsOf(this.model)) as Kernels;
  }

  /** The kernel that fits these parameters, with gates from tables or without. */
  private kernelFor(params: Readonly<Record<string, Numbers>>, tabulates: boolean): Kernel {
    const { core, inputs, kernels, landings, method, model } = this;
    const names = Object.keys(model.params);
    const differing = names.filter((name) => typeof params[name] !== "number");
    const zero = names.filter((name) => params[name] === 0);
    const conducts = this.conducts && !FOLDS.includes(method);
    return kernels.kernel(core, { method, differing, zero, conducts, landings, inputs, tabulates });
  }

  private checkShared(params: Readonly<Record<string, Numbers>>): void {
    for (const [name, equation] of sharedParameters(this.model)) {
      if (typeof params[name] === "number") continue;
      const path = `${this.label}.params.${name}`;
      const message = `${path}: a number per neuron; it must be one for all, since ${equation} of ${this.model.id} is (shared) and depends on it.`;
      throw new ValueRangeError(message, { path, allowed: "one number" });
    }
  }

  /** Where jumps of a state other than v arrive; the first who asks for it is to clear it in each step. */
  landing(name: string): {
    readonly list: number;
    readonly state: number;
    readonly column: number;
    readonly isFirst: boolean;
  } {
    const { core, label, landingColumns, model, padded } = this;
    const states = Object.keys(model.states);
    const state = states.indexOf(name);
    const known = landingColumns.get(state);
    const column = known ?? core.allocate(padded * 8, `${label}: jumps of ${name}`);
    landingColumns.set(state, column);
    this.landingList ||= core.allocate(4 * states.length, `${label}: jumps`);
    return { list: this.landingList, state, column, isFirst: known === undefined };
  }

  /** Takes the memory that parameters need. */
  private makeRoom(params: Readonly<Record<string, Numbers>>, whole: Whole): void {
    const { core, label, size } = this;
    this.blockOf(this.kernelFor(params, whole.tabulates));
    const { rates } = this.model;
    if (rates !== undefined && whole.tabulates && size > 0) {
      this.table ||= core.allocate(
        gateTableBytes(core, { states: this.gates, span: around(0) }),
        `${label}: table of the rates`,
      );
    }
  }

  /** The memory of a kernel. */
  private blockOf({ index, bytes }: Kernel): number {
    const { blocks, core, label, size } = this;
    const block = blocks.get(index) ?? core.allocate(bytes(size), `${label}: parameters of ${size} neurons`);
    blocks.set(index, block);
    return block;
  }

  private *writeParams(): Generator<undefined, void> {
    const { core, model, params } = this;
    const kernel = this.kernelFor(params, this.common.tabulates);
    if (!(yield* kernel.write(this, this.blockOf(kernel)))) {
      const exact = this.kernelFor(params, false);
      yield* exact.write(this, this.blockOf(exact));
    }
    this.restart();
    if (model.rates !== undefined) this.writeRates();
    const [lowest, highest] = (Object.values(model.states)[0] as { bounds: readonly [number, number] }).bounds;
    core.exports.setBounds(this.address, Math.max(lowest, this.common.floor), highest);
  }

  /**
   * Makes the table of the gates' rates, again when a parameter of theirs has changed. They must be common to all
   * neurons.
   */
  private writeRates(): void {
    const { address, core, gates, kernels, model, size, table } = this;
    clearTables(core, address);
    if (!this.common.tabulates || size === 0) return;
    const values = (model.rates ?? []).map((name) => numberAt(this.params[name] as Numbers, 0));
    const pairs = kernels.pairs?.(core) ?? 0;
    addTable(core, address, table, { pairs, states: gates, span: around(values[0] as number), unit: 1 });
    if (values.every((x, i) => x === this.tabulated[i])) return;
    fillTable(core, address, table);
    this.tabulated = values;
  }

  /** States of a built-in model's gates: all but v. */
  private get gates(): readonly number[] {
    return Object.keys(this.model.states).flatMap((_, j) => (j === 0 ? [] : [j]));
  }
}

/** Blocks that are at rest are left out (assembly/rest.ts): tests compare what comes out with what does without. */
export const resting = { isAllowed: true };

/** What neurons are part of. */
export interface Membership {
  /** They are looked at alone and ready; those of a network have yet to `adapt` to their inputs. */
  readonly isProbed?: boolean;
  /** Names of the states other than v for which jumps arrive. */
  readonly landings?: readonly string[];
}

/** What a model's neurons have beside their states. */
function detectionOf(model: ModelRecord, core: Core): Detection {
  if (model.definition !== undefined) return detectorOf(model, core);
  return { holds: model.family === "resets", arms: model.family === "membrane" };
}

/** The number of all neurons is the same. */
function isCommon(numbers: Numbers): boolean {
  return typeof numbers === "number" || numbers.every((x) => x === numbers[0]);
}

/** What depends on the parameters of a whole population: its part in a shard must not decide by its own. */
export interface Whole {
  /** Its number of neurons. */
  readonly size: number;
  /** The rates of its gates come from a table. */
  readonly tabulates: boolean;
  /** Values of v below this are a runaway of an explicit method. */
  readonly floor: number;
}

/** @param exact the rates are to be evaluated in any case */
export function wholeOf(
  model: ModelRecord,
  size: number,
  method: Method,
  dt: number,
  params: Readonly<Record<string, Numbers>>,
  exact: boolean,
): Whole {
  const { definition, rates } = model;
  // The compiler finds the gates of models with equations.
  const could =
    rates === undefined ? definition !== undefined : rates.every((name) => isCommon(params[name] as Numbers));
  const tabulates = !exact && TABULATES.includes(method) && could;
  return { size, tabulates, floor: explicitFloor(model, method, dt, params) };
}
