/** A population's part in one shard: its neurons or its source, their inputs and their spike log in the core. */
import { isConductance, landingOf, receptorVariables } from "../kinds/receptors.js";
import type { Core } from "../core/core.js";
import type { PopulationSpec, Value } from "../model/spec.js";
import { Backgrounds } from "./background.js";
import type { Planned } from "./currents.js";
import { type Block, type Change, Pool, prepareAll } from "./live.js";
import { Neurons, type Whole } from "./neurons.js";
import { startStates } from "./probe.js";
import { builtReceptor } from "./ownReceptors.js";
import type { BuiltReceptor } from "./receptors.js";
import { BuiltSource } from "./sources.js";
import { type Numbers, numbersOf, part, type Slice, streamOf } from "./values.js";
import { type TakenReceptor, UNKNOWN_INPUTS } from "./variant.js";
import { settle } from "./work.js";

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
  private readonly pool: Pool;
  /** Spike log and its room in spikes. */
  private log: Block | undefined;
  private capacity = 0;
  /** Positions of spikes within their steps; undefined unless they are recorded. */
  private fractions: Block | undefined;
  /**
   * Spikes of the whole population in an interval, from all shards; none if nobody here listens, or without other
   * shards.
   */
  private inbox: Block | undefined;
  private inboxRoom = 0;
  private inboxCounts = 0;
  /** Steps for which spikes of the whole population are kept, and where; none if no projection lets them wait. */
  private waiting = 0;
  private kept: { readonly block: Block; readonly steps: number; readonly room: number } | undefined;

  /** @param params the checked parameters of the whole population */
  constructor(
    core: Core,
    slice: Slice,
    spec: PopulationSpec,
    params: Readonly<Record<string, Numbers>>,
    whole: Whole,
    dt: number,
  ) {
    this.core = core;
    this.slice = slice;
    this.label = spec.name;
    this.pool = new Pool(core);
    this.source = spec.source && new BuiltSource(core, spec.source, slice, spec.size, this.pool, spec.name, dt);
    this.cells = spec.source ? undefined : this.buildCells(spec, params, whole, dt);
    this.address = (this.source ?? (this.cells as Cells).neurons).address;
  }

  private buildCells(spec: PopulationSpec, params: Readonly<Record<string, Numbers>>, whole: Whole, dt: number): Cells {
    const { core, slice } = this;
    const { name, model } = spec;
    const own = Object.fromEntries(Object.entries(params).map(([key, numbers]) => [key, part(numbers, slice)]));
    const conducts = Object.values(spec.receptors).some(isConductance);
    const landings = Object.values(spec.receptors).flatMap((receptor) => landingOf(receptor) ?? []);
    const neurons = new Neurons(core, model, slice, spec.method, dt, own, conducts, whole, name, {
      isProbed: false,
      landings,
    });
    const receptors: Record<string, BuiltReceptor> = {};
    for (const [key, receptor] of Object.entries(spec.receptors)) {
      receptors[key] = builtReceptor(neurons, receptor, `${name}.${key}`, dt);
    }
    const cells = { neurons, receptors, backgrounds: new Backgrounds(neurons, receptors, this.pool, name) };
    this.writeStates(cells, spec);
    return cells;
  }

  /** Computes what receptors contribute, ahead of the first step. It yields where that takes long. */
  *writeFactors(): Generator<undefined, void> {
    for (const receptor of Object.values(this.cells?.receptors ?? {})) yield* receptor.updateFactors();
  }

  /** Gives all states their first values. */
  private writeStates({ neurons, receptors }: Cells, { name, model, init }: PopulationSpec): void {
    const { core, slice } = this;
    const draw = (variable: string): Numbers =>
      numbersOf(core, init[variable] as Value, slice, streamOf(core, name, `init ${variable}`));
    const states = Object.keys(model.states);
    const complete = states.every((state) => Object.hasOwn(init, state));
    const start = complete
      ? {}
      : startStates(core, model, neurons.params, slice.size, { slice, whole: neurons.whole, label: name });
    for (const state of states)
      neurons.writeState(state, Object.hasOwn(init, state) ? draw(state) : (start[state] as Numbers));
    for (const [key, receptor] of Object.entries(receptors)) {
      receptor.start();
      for (const [i, variable] of receptorVariables(key, receptor.spec, model).entries())
        if (Object.hasOwn(init, variable.name)) receptor.writeState(draw(variable.name), i);
    }
  }

  /** Puts everything back to where it starts: states, receptors with what is on its way, noise processes. */
  reset(spec: PopulationSpec): void {
    const { cells } = this;
    this.checked.clear();
    this.source?.restart();
    if (!cells) return;
    cells.neurons.release();
    for (const receptor of Object.values(cells.receptors)) receptor.clear();
    this.writeStates(cells, spec);
    cells.neurons.restart();
    cells.backgrounds.restart();
  }

  /** Other parameters, given for the whole population, and the currents that depend on them. */
  prepareParams(changes: Readonly<Record<string, Numbers>>, whole: Whole, background: readonly Planned[]): Change {
    const { neurons, receptors, backgrounds } = this.cells as Cells;
    const own = Object.fromEntries(Object.entries(changes).map(([key, numbers]) => [key, part(numbers, this.slice)]));
    const built = Object.values(receptors);
    for (const receptor of built) receptor.makeRoom({ ...neurons.params, ...own });
    return prepareAll([
      () => neurons.prepare(own, whole),
      () => updating(built),
      () => backgrounds.prepare(background),
    ], (prepare) => prepare());
  }

  /** Lays out what depends on the projections. */
  finish(): void {
    const { cells } = this;
    if (!cells) return;
    for (const receptor of Object.values(cells.receptors)) {
      receptor.allocateRing();
      receptor.attachRing();
    }
    cells.backgrounds.live = true;
  }

  /**
   * Takes the kernel that fits what the population gets as input by now, or will get once its rings are there. It
   * yields where that takes long.
   */
  *adapt(foreseen = false): Generator<undefined, void> {
    const { cells } = this;
    if (!cells) return;
    const { neurons, receptors, backgrounds } = cells;
    if (neurons.watch !== undefined) {
      const events = Object.values(receptors).map((receptor) => receptor.byEvents(foreseen));
      return yield* neurons.adapt({ current: backgrounds.current, events });
    }
    const taken = Object.values(receptors).map((receptor) => receptor.taken(foreseen));
    const all = this.gapCurrent === 0 && taken.every((one) => one !== undefined);
    yield* neurons.adapt(
      all ? { current: backgrounds.current, receptors: taken as TakenReceptor[] } : UNKNOWN_INPUTS,
    );
  }

  /** Spikes that a step may bring, in the time from `from` to `to` ms. */
  mostSpikes(from: number, to: number): number {
    return this.source ? this.source.mostSpikes(from, to) : this.slice.size;
  }

  /** Makes the log, which is empty, hold `perStep` spikes in each of `steps` steps, and some more. */
  makeRoom(perStep: number, steps: number, interpolates: boolean): void {
    const { core, label, pool } = this;
    this.source?.reserve(perStep);
    const most = perStep * steps;
    const roomy = this.capacity >= most + 1024;
    // Positions within steps may be wanted late.
    if (roomy && (!interpolates || this.fractions)) return;
    // A log that has to grow again and again grows by more than it must.
    const capacity = roomy
      ? this.capacity
      : Math.max(most + Math.min(most, LOG_RESERVE) + 1024, Math.ceil(1.5 * this.capacity));
    const log = pool.take(capacity * 4, `${label}: spike log`);
    const fractions = interpolates ? pool.take(capacity * 8, `${label}: spike log`) : undefined;
    for (const block of [this.log, this.fractions]) if (block) pool.give(block);
    this.log = log;
    this.fractions = fractions;
    this.capacity = capacity;
    core.exports.setLog(this.address, log.address, capacity, fractions?.address ?? 0);
  }

  /** Makes room for `most` spikes from all shards, in `steps` steps. */
  listen(most: number, steps: number): void {
    const { core, label, pool } = this;
    if (this.inboxRoom >= most) return;
    const room = Math.max(most, Math.ceil(1.5 * this.inboxRoom));
    const inbox = pool.take(room * 4, `${label}: spikes of an interval`);
    if (this.inbox) pool.give(this.inbox);
    this.inbox = inbox;
    this.inboxRoom = room;
    this.inboxCounts ||= core.allocate(steps * 4, `${label}: spikes of an interval`);
    core.exports.setInbox(this.address, inbox.address, this.inboxCounts);
  }

  /** Lets the spikes of the last `steps` steps be kept, for a projection in which they wait. */
  keep(steps: number): void {
    this.waiting = Math.max(this.waiting, steps);
  }

  /** Makes room for `most` spikes of the whole population in each step that is kept. */
  keepMost(most: number): void {
    const room = this.kept?.room ?? 0;
    if (this.waiting > 0 && most > room) this.moveKept(this.waiting, Math.max(most, Math.ceil(1.5 * room))).accept()();
  }

  /** Keeps spikes for as many steps, while the network runs. */
  prepareKept(steps: number): Change {
    const { kept } = this;
    if (kept === undefined || steps <= kept.steps) return { accept: () => () => undefined, cancel: () => undefined };
    // A delay that grows again and again moves what is kept a few times only.
    return this.moveKept(2 ** Math.ceil(Math.log2(steps)), kept.room);
  }

  private moveKept(steps: number, room: number): Change {
    const { core, label, pool, address, kept: old } = this;
    const bytes = 4 * (1 + room);
    const block = pool.take(steps * bytes, `${label}: ${steps} steps of delay for up to ${room} spikes each`);
    const accept = (): (() => void) => {
      this.waiting = steps;
      this.kept = { block, steps, room };
      return () => {
        core.exports.keepSpikes(address, block.address, steps, bytes);
        if (old) pool.give(old.block);
      };
    };
    return { accept, cancel: () => pool.give(block) };
  }

  /**
   * Addresses of the log, the steps' spike numbers, the inbox and the inbox' spike numbers, as the exchange of spikes
   * needs them.
   */
  get addresses(): readonly [log: number, counts: number, inbox: number, inboxCounts: number] {
    const { log, inbox, inboxCounts } = this;
    return [log?.address ?? 0, this.core.exports.stepCounts(this.address) >>> 0, inbox?.address ?? 0, inboxCounts];
  }

  /** The spikes of the first `steps` steps since the last drain (views, valid until the next allocation or step). */
  logged(steps: number): Logged {
    const { core } = this;
    const log = this.log?.address ?? 0;
    const fractions = this.fractions?.address ?? 0;
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
  runaway(
    variable: string,
    [low, high]: readonly [number, number],
  ): { neuron: number; value: number; before: number } | undefined {
    const { core, cells, slice, checked } = this;
    const address = cells?.neurons.columns[variable];
    if (address === undefined) return undefined;
    const values = core.f64.subarray(address / 8, address / 8 + slice.size);
    const before = checked.get(variable);
    for (let n = 0; n < values.length; n++) {
      const value = values[n] as number;
      if (!(value >= low && value <= high))
        return { neuron: slice.first + n, value, before: before ? (before[n] as number) : 0 };
    }
    if (before) before.set(values);
    else checked.set(variable, values.slice());
    return undefined;
  }
}

/** The change of what receptors contribute once the parameters have changed. */
function updating(receptors: readonly BuiltReceptor[]): Change {
  const write = (): void => {
    for (const receptor of receptors) settle(receptor.updateFactors());
  };
  return { accept: () => write, cancel: () => undefined };
}
