/** A population's part in one shard: its neurons or its source, their inputs and their spike log in the core. */
import type { Core } from "../core/core.js";
import { receptorVariable, isConductance } from "../model/population.js";
import type { PopulationSpec, Value } from "../model/spec.js";
import { Backgrounds } from "./background.js";
import { Neurons, type Whole } from "./neurons.js";
import { startStates } from "./probe.js";
import { BuiltReceptor } from "./receptors.js";
import { BuiltSource } from "./sources.js";
import { type Numbers, numbersOf, part, type Slice, streamNumber } from "./values.js";

/** Spikes that a log holds beyond those of an interval, before the host has to drain it. */
const LOG_RESERVE = 65536;

/** Neurons with their inputs. */
export interface Cells {
  readonly neurons: Neurons;
  readonly receptors: Readonly<Record<string, BuiltReceptor>>;
  readonly backgrounds: Backgrounds;
}

/** Spikes as a core has logged them: neurons of the part, and how many in each step. */
export interface Logged {
  readonly neurons: Uint32Array;
  readonly perStep: Uint32Array;
  /** Positions within the steps; undefined unless they are recorded. */
  readonly fractions: Float64Array | undefined;
}

export class Part {
  readonly core: Core;
  /** The neurons of the population that are here. */
  readonly slice: Slice;
  /** Address of the population in the core. */
  readonly address: number;
  /** What the population consists of: neurons with their inputs, or a source. */
  readonly cells: Cells | undefined;
  readonly source: BuiltSource | undefined;
  /** Column of the current through gap junctions; 0 without any. */
  gapCurrent = 0;
  /** States at the last check, for the report of a runaway. */
  readonly checked = new Map<string, Float64Array>();
  private readonly label: string;
  /** Spike log and its room in spikes. */
  log = 0;
  private capacity = 0;
  /** Positions of spikes within their steps; 0 unless they are recorded. */
  private fractions = 0;
  /** Spikes of the whole population in an interval, from all shards; 0 if nobody here listens, or without other shards. */
  private inbox = 0;
  private inboxRoom = 0;
  private inboxCounts = 0;

  /**
   * @param params the checked parameters of the whole population
   * @param rheobases of the neurons that are here, where the background is given in them
   */
  constructor(
    core: Core,
    slice: Slice,
    spec: PopulationSpec,
    params: Readonly<Record<string, Numbers>>,
    rheobases: Numbers | undefined,
    whole: Whole,
    dt: number,
  ) {
    this.core = core;
    this.slice = slice;
    this.label = spec.name;
    this.source = spec.source && new BuiltSource(core, spec.source, slice, spec.name, dt);
    this.cells = spec.source ? undefined : this.buildCells(spec, params, rheobases, whole, dt);
    this.address = (this.source ?? (this.cells as Cells).neurons).address;
  }

  private buildCells(
    spec: PopulationSpec,
    params: Readonly<Record<string, Numbers>>,
    rheobases: Numbers | undefined,
    whole: Whole,
    dt: number,
  ): Cells {
    const { core, slice } = this;
    const { name, model, init } = spec;
    const own = Object.fromEntries(Object.entries(params).map(([key, numbers]) => [key, part(numbers, slice)]));
    const conducts = Object.values(spec.receptors).some(isConductance);
    const neurons = new Neurons(core, model, slice, spec.method, dt, own, conducts, whole, name);
    const draw = (variable: string): Numbers =>
      numbersOf(core, init[variable] as Value, slice, streamNumber(name, `init ${variable}`));
    const states = Object.keys(model.states);
    const complete = states.every((state) => Object.hasOwn(init, state));
    const start = complete ? {} : startStates(core, model, own, slice.size);
    for (const state of states) neurons.writeState(state, Object.hasOwn(init, state) ? draw(state) : (start[state] as Numbers));
    const receptors: Record<string, BuiltReceptor> = {};
    for (const [key, receptor] of Object.entries(spec.receptors)) {
      const built = new BuiltReceptor(neurons, receptor, `${name}.${key}`, dt);
      const variable = receptorVariable(key, receptor);
      if (variable !== undefined && Object.hasOwn(init, variable)) built.writeState(draw(variable));
      receptors[key] = built;
    }
    const backgrounds = new Backgrounds(neurons, receptors, name, dt);
    backgrounds.set(spec.background, rheobases);
    return { neurons, receptors, backgrounds };
  }

  /** Lays out what depends on the projections. */
  finish(): void {
    const { cells } = this;
    if (!cells) return;
    for (const receptor of Object.values(cells.receptors)) receptor.allocateRing();
    cells.backgrounds.live = true;
  }

  /** Spikes that a step may bring, in the time from `from` to `to` ms. */
  mostSpikes(from: number, to: number): number {
    return this.source ? this.source.mostSpikes(from, to) : this.slice.size;
  }

  /** Makes the log hold `perStep` spikes in each of `steps` steps, and some more. */
  makeRoom(perStep: number, steps: number, interpolates: boolean): void {
    const { core, label } = this;
    this.source?.reserve(perStep);
    const most = perStep * steps;
    if (this.capacity >= most + 1024) return;
    this.capacity = most + Math.min(most, LOG_RESERVE) + 1024;
    this.log = core.allocate(this.capacity * 4, `${label}: spike log`);
    this.fractions = interpolates ? core.allocate(this.capacity * 8, `${label}: spike log`) : 0;
    core.exports.setLog(this.address, this.log, this.capacity, this.fractions);
  }

  /** Makes room for `most` spikes from all shards, in `steps` steps. */
  listen(most: number, steps: number): void {
    const { core, label } = this;
    if (this.inboxRoom >= most) return;
    this.inbox = core.allocate(most * 4, `${label}: spikes of an interval`);
    this.inboxRoom = most;
    this.inboxCounts ||= core.allocate(steps * 4, `${label}: spikes of an interval`);
    core.exports.setInbox(this.address, this.inbox, this.inboxCounts);
  }

  /** Addresses of the log, the steps' spike numbers, the inbox and the inbox' spike numbers, as the exchange of spikes needs them. */
  get addresses(): readonly [log: number, counts: number, inbox: number, inboxCounts: number] {
    return [this.log, this.core.exports.stepCounts(this.address) >>> 0, this.inbox, this.inboxCounts];
  }

  /** The spikes of the first `steps` steps since the last drain (views, valid until the next allocation or step). */
  logged(steps: number): Logged {
    const { core, log, fractions } = this;
    const counts = (core.exports.stepCounts(this.address) >>> 0) / 4;
    const perStep = core.u32.subarray(counts, counts + steps);
    const count = perStep.reduce((sum, n) => sum + n, 0);
    return {
      neurons: core.u32.subarray(log / 4, log / 4 + count),
      perStep,
      fractions: fractions === 0 ? undefined : core.f64.subarray(fractions / 8, fractions / 8 + count),
    };
  }

  /** ms of a phase in timed steps. */
  time(phase: number): number {
    return this.core.exports.populationTime(this.address, phase);
  }

  /** Column of the current through gap junctions, made when the first one asks for it. */
  gapColumn(): number {
    this.gapCurrent ||= this.core.allocate((this.cells as Cells).neurons.padded * 8, `${this.label}: gap currents`);
    return this.gapCurrent;
  }

  /** The first value of a state that is out of its bounds, and what it was at the last check that found none. */
  runaway(variable: string, [low, high]: readonly [number, number]): { neuron: number; value: number; before: number } | undefined {
    const { core, cells, slice, checked } = this;
    const address = cells?.neurons.columns[variable];
    if (address === undefined) return undefined;
    const values = core.f64.subarray(address / 8, address / 8 + slice.size);
    const before = checked.get(variable);
    for (let n = 0; n < values.length; n++) {
      const value = values[n] as number;
      if (!(value >= low && value <= high)) return { neuron: slice.first + n, value, before: before ? (before[n] as number) : 0 };
    }
    if (before) before.set(values);
    else checked.set(variable, values.slice());
    return undefined;
  }
}
