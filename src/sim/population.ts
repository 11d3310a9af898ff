/** A population: what the caller holds, and its parts in the core once the network is built. */
import { parseBackground } from "../kinds/backgrounds.js";
import { defined } from "../kinds/plasticity.js";
import {
  isConductance,
  kernelName,
  landingOf,
  parseReceptor,
  receptorVariables,
  responseOf,
} from "../kinds/receptors.js";
import { isDrawn } from "../kinds/layouts.js";
import { isPoints } from "../kinds/value.js";
import { itemPath, readList, readName, readNumber, readNumbers, readObject } from "../model/check.js";
import { InstabilityError, quantityText, StateError, ValueRangeError } from "../model/errors.js";
import { firstStepFrom, timeOf } from "../model/grid.js";
import { checkParameters, parseParameter } from "../model/population.js";
import type { ModelRecord, StateName } from "../model/record.js";
import { rateBounds } from "../model/own.js";
import { recordableVariables } from "../model/parse.js";
import { checkRate } from "../model/points.js";
import { checkDead, parseSource } from "../model/source.js";
import type { BackgroundSpec, PopulationSpec, ReceptorSpec, SourceSpec, Value } from "../model/spec.js";
import { type Observed, SpikeStatistics, type Spikes } from "../analysis/index.js";
import { observedTogether, spikesTogether } from "../analysis/observed.js";
import { PADDING } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { drawnEntry, type Entry, planBackground, type Planned, type Setting } from "./currents.js";
import { checkEventDriven } from "./eventDriven.js";
import type { BackgroundInput, OwnReceptorChange, ParametersInput, ReceptorChange } from "./options.js";
import { receptorRemedy, remedyFor } from "./limits.js";
import { type Live, prepareAll } from "./live.js";
import { type Whole, wholeOf } from "./neurons.js";
import { type Cells, Part } from "./part.js";
import { type Positions, positionsOf } from "./positions.js";
import type { SpikeChunk, SpikeRecording } from "./recording.js";
import { rheobase, type Searching } from "./rheobase.js";
import { OwnReceptor } from "./ownReceptors.js";
import type { BuiltReceptor } from "./receptors.js";
import { type BuiltSource, type Play, stepOf } from "./sources.js";
import { merged } from "../kinds/value.js";
import { type Numbers, numbersOf, part, type Slice, streamOf } from "./values.js";
import { settle } from "./work.js";

type Params = Readonly<Record<string, Numbers>>;

/** What a population has once the network is built. */
interface Built {
  readonly parts: readonly Part[];
  positions: Positions | undefined;
  /** Steps between two exchanges of spikes; 1 without other shards. */
  interval: number;
  /** Some projection starts here. */
  heard: boolean;
}

/** Neurons of one model with common receptors and background currents. Made by `Simulation.population`. */
export class Population<M extends ModelRecord = ModelRecord, R extends string = string> {
  readonly name: string;
  readonly model: M;
  readonly size: number;
  /** @internal Names of the receptors, for the typings only. */
  declare readonly receptorNames: R;
  private spec: PopulationSpec;
  private readonly dt: number;
  private readonly live: Live;
  private built: Built | undefined;
  /** The background currents that are there, once the network is built. */
  private entries: readonly Entry[] = [];
  /** @internal */
  statistics: SpikeStatistics;
  /** @internal */
  readonly recordings: SpikeRecording[] = [];
  /** @internal Spike recordings with positions between the grid points are wanted. */
  interpolates = false;

  /** @internal */
  constructor(spec: PopulationSpec, dt: number, live: Live) {
    this.spec = spec;
    this.live = live;
    this.name = spec.name;
    this.model = spec.model as M;
    this.size = spec.size;
    this.dt = dt;
    this.statistics = new SpikeStatistics(spec.size);
  }

  /** @internal Names of everything that can be recorded. */
  get recordable(): readonly string[] {
    return recordableVariables(this.spec);
  }

  /** @internal The population as checked data, changes included. */
  get description(): PopulationSpec {
    return this.spec;
  }

  /**
   * @internal The population with all that was drawn for it, its present states as initial values, and the content of
   *   files.
   */
  get drawn(): PopulationSpec {
    const { spec } = this;
    const { parts } = this.inCore;
    const where = this.positions;
    const positions =
      where === undefined || spec.positions === undefined || !isDrawn(spec.positions)
        ? {}
        : { positions: { kind: "given" as const, ...where } };
    if (spec.source)
      return { ...spec, source: drawnSource(spec.source, (rate, of) => this.rateNumbers(rate, of)), ...positions };
    const params = this.parameters;
    const rheobases = settle(this.rheobases(spec.background, params));
    const setting = this.setting(params, rheobases);
    const cells = (parts[0] as Part).cells as Cells;
    const receptors = Object.entries(cells.receptors).flatMap(([key, r]) =>
      receptorVariables(key, r.spec, spec.model).flatMap((one) => (one.isState ? one.name : [])),
    );
    const variables = [...Object.keys(spec.model.states), ...receptors] as `g_${R}`[];
    const init = variables.map((variable) => [variable, merged(this.state(variable))]);
    return {
      ...spec,
      params: Object.fromEntries(Object.entries(params).map(([key, numbers]) => [key, copied(numbers)])),
      init: Object.fromEntries(init) as Record<string, Value>,
      background: this.entries.map((entry) => drawnEntry(entry, setting)),
      ...positions,
    };
  }

  /** @internal */
  get inCore(): Built {
    if (!this.built)
      throw new StateError(`${this.name}: the network is not built yet; it is at the first run.`, { path: this.name });
    return this.built;
  }

  /**
   * Changes parameters, or what a source plays, before the first run or between runs.
   *
   * @throws SpikeletError when a name is unknown, a value is out of range or of the wrong length; nothing is changed
   *   then
   */
  set(params: ParametersInput<M>): void {
    const { model, size, name } = this;
    this.live.mustBeLaidOut(name);
    if (this.spec.source) return this.setSource(params as Readonly<Record<string, unknown>>);
    const changed: Record<string, Value> = {};
    for (const [key, value] of Object.entries(readObject(params, `set ${name}`, "an object with parameters"))) {
      if (value === undefined) continue;
      readName(key, name, "parameter", Object.keys(model.params));
      changed[key] = parseParameter(value, `${name}.${key}`, model, key, size);
    }
    const all = { ...this.spec.params, ...changed };
    checkEventDriven({ ...this.spec, params: all });
    const { built, live } = this;
    if (!built) {
      checkParameters(model, all, size, name);
      this.spec = { ...this.spec, params: all };
      return;
    }
    const numbers = this.numbers(this.firstCore, changed);
    const complete = { ...this.parameters, ...numbers };
    checkParameters(model, complete, size, name);
    const whole = this.wholeOf(complete);
    // Noise under the exact method and rheobase currents depend on the parameters.
    const background = this.plan(
      this.spec.background,
      complete,
      settle(this.rheobases(this.spec.background, complete)),
    );
    const write = prepareAll(built.parts, (p) => p.prepareParams(numbers, whole, background)).accept();
    this.spec = { ...this.spec, params: all };
    this.entries = entriesOf(background);
    live.make(write);
  }

  /** A source: another rate, or other spikes. */
  private setSource(params: Readonly<Record<string, unknown>>): void {
    const source = parseSource(params, this.name, this.name, this.model, this.size, { dt: this.dt });
    if (this.built) this.putSource(source);
    this.spec = { ...this.spec, source };
  }

  /** Rates of a source in Hz. */
  private rateNumbers(rate: Value, of = "rate"): Numbers {
    const core = this.firstCore;
    return numbersOf(core, rate, { first: 0, size: this.size }, streamOf(core, this.name, of));
  }

  private playOf(source: SourceSpec): Play {
    if (source.kind === "renewal") {
      const rate = this.rateNumbers(source.rate);
      const form = this.rateNumbers(source.form, "form");
      const numbers = { intervals: source.intervals, rate, form };
      checkDead(numbers, `${this.name}.dead`);
      return { spec: source, rate, form };
    }
    const isDrawn = source.kind === "poisson" && !isPoints(source.rate);
    return { spec: source, rate: isDrawn ? this.rateNumbers(source.rate) : 0 };
  }

  private putSource(source: SourceSpec): void {
    const old = this.parts.length > 0 ? this.spec.source : undefined;
    if (source.kind === "spikeTrain" && old?.kind === "spikeTrain") this.refusePast(source, old);
    const play = this.playOf(source);
    this.live.make(prepareAll(this.parts, (p) => (p.source as BuiltSource).prepare(play)).accept());
  }

  /** Refuses spikes that can be played no more, unless they were in the list before. */
  private refusePast(now: Train, before: Train): void {
    const { dt, name, live } = this;
    const isPast = (t: number): boolean => stepOf(t, dt) < live.step;
    let j = 0;
    // Both are sorted by time, then neuron.
    for (let i = 0; i < now.times.length && isPast(now.times[i] as number); i++) {
      const [time, neuron] = [now.times[i] as number, now.neurons[i] as number];
      while (
        j < before.times.length &&
        compareSpikes(before.times[j] as number, before.neurons[j] as number, time, neuron) < 0
      )
        j++;
      if (j < before.times.length && before.times[j] === time && before.neurons[j] === neuron) {
        j++;
        continue;
      }
      const present = quantityText(timeOf(live.step, dt), "ms");
      throw new ValueRangeError(
        `${name}.times: ${quantityText(time, "ms")} (neuron ${neuron}) is past and cannot be played any more; new spikes must be later than ${present}.`,
        { path: `${name}.times`, value: time, allowed: `later than ${present}` },
      );
    }
  }

  /**
   * Changes time constants, the reversal potential or the magnesium of a receptor, or parameters of a kernel of one's
   * own, before the first run or between runs. Its state stays: what is open closes with the new time constants.
   *
   * @throws SpikeletError when there is no such receptor or number, or a value is out of range; StateError for the
   *   duration of a step and for what would make a current of a conductance, which the layout fixes; nothing is changed
   *   then
   */
  setReceptor(receptor: R, changes: ReceptorChange | OwnReceptorChange): void {
    const { name, model, live } = this;
    live.mustBeLaidOut(name);
    const key = readName(receptor, name, "receptor", Object.keys(this.spec.receptors));
    const path = `${name}.${key}`;
    const old = this.spec.receptors[key] as ReceptorSpec;
    const given = readObject(changes, path, "an object with time constants");
    const spec = parseReceptor({ ...old, ...defined(given) }, path, model);
    const fixed = (what: string): never => {
      throw new StateError(`${path}: ${what} is fixed when the population is made.`, { path });
    };
    if (spec.kernel !== old.kernel) fixed(`the kernel ${kernelName(old)}`);
    if (landingOf(spec) !== landingOf(old)) fixed(`the state that jumps, ${landingOf(old) ?? "v"},`);
    if (isConductance(spec) !== isConductance(old)) fixed(`whether it is a conductance, with E_rev, or a current`);
    if (responseOf(spec).duration !== responseOf(old).duration) fixed(`the duration of a ${kernelName(spec)}`);
    if (this.built) {
      const { parts } = this.built;
      live.make(prepareAll(parts, (p) => ((p.cells as Cells).receptors[key] as BuiltReceptor).prepare(spec)).accept());
    }
    this.spec = { ...this.spec, receptors: { ...this.spec.receptors, [key]: spec } };
  }

  /** @internal Puts everything back to where it starts; parameters and currents stay as they were set. */
  reset(): void {
    for (const p of this.parts) p.reset(this.spec);
    this.statistics = new SpikeStatistics(this.size);
    for (const recording of this.recordings) recording.restart();
  }

  /**
   * Replaces the background currents, before the first run or between runs. An entry of the present list goes on in one
   * of the same kind: that with which it has most values in common, then that whose place is nearest. It keeps its
   * noise.
   *
   * @throws SpikeletError when an entry is wrong or a rheobase does not exist; nothing is changed then
   */
  setBackground(entries: readonly BackgroundInput[]): void {
    this.live.mustBeLaidOut(this.name);
    if (this.spec.source) {
      throw new StateError(`${this.name}: the source ${this.model.id} has no background currents.`, {
        path: this.name,
      });
    }
    const path = `${this.name}.background`;
    const list = readList(entries, path, "an array of background currents");
    const options = { receptors: this.spec.receptors, dt: this.dt };
    const background: BackgroundSpec[] = Array.from(list, (entry, i) =>
      parseBackground(entry, itemPath(path, i), this.model, this.size, options),
    );
    checkEventDriven({ ...this.spec, background });
    if (this.built) {
      const { parameters } = this;
      this.putBackground(background, parameters, settle(this.rheobases(background, parameters)));
    }
    this.spec = { ...this.spec, background };
  }

  private putBackground(background: readonly BackgroundSpec[], params: Params, rheobases: Numbers | undefined): void {
    const planned = this.plan(background, params, rheobases);
    const write = prepareAll(this.parts, (p) => (p.cells as Cells).backgrounds.prepare(planned)).accept();
    this.entries = entriesOf(planned);
    this.live.make(write);
  }

  private plan(background: readonly BackgroundSpec[], params: Params, rheobases: Numbers | undefined): Planned[] {
    return planBackground(background, this.entries, this.setting(params, rheobases));
  }

  private setting(params: Params, rheobases: Numbers | undefined): Setting {
    const { size, dt, name: label } = this;
    const { seed } = this.live;
    const { method, model } = this.spec;
    return { core: this.firstCore, method, model, dt, seed, size, label, params, rheobases };
  }

  /**
   * The rheobases of the neurons that are driven in parts of them; undefined where none is. Of the whole population, so
   * that what is searched, and an error, does not depend on the shards.
   */
  private *rheobases(background: readonly BackgroundSpec[], params: Params): Searching<Numbers | undefined> {
    const scopes = background.filter(({ kind }) => kind === "rheobase").map(({ scope }) => scope?.neurons);
    if (scopes.length === 0) return undefined;
    const chosen = new Set(scopes.flatMap((neurons) => [...(neurons ?? [])]));
    const some = scopes.includes(undefined) ? undefined : Uint32Array.from(chosen).sort();
    return yield* rheobase(this.firstCore, this.model, params, this.size, this.name, some);
  }

  /**
   * The present values of a state, of a receptor's conductance or current (`g_NAME`, `i_NAME`) or of a state of a
   * kernel of one's own (`STATE_NAME`), one per neuron (a copy).
   */
  state(variable: StateName<M> | `${string}_${R}`): Float64Array {
    this.live.mustStand(this.name);
    const out = new Float64Array(this.size);
    for (const { core, slice } of this.inCore.parts) {
      const { column, output, looked } = this.columnOf(variable, core);
      output?.fillOutput();
      const from = looked === undefined ? column : this.cellsIn(core).neurons.lookedAt(looked);
      out.set(core.readF64(from, slice.size), slice.first);
    }
    return out;
  }

  /**
   * Overwrites a state between runs.
   *
   * @throws SpikeletError when there is no such state, the number of values is wrong or one is not finite
   */
  setState(variable: StateName<M>, values: number | ArrayLike<number>): void {
    this.live.mustBeLaidOut(this.name);
    const parts = this.cellParts;
    const name = readName(variable, this.name, "state", Object.keys(this.model.states));
    const path = `${this.name}.${name}`;
    const unit = this.model.states[name]?.unit ?? "";
    const count = { length: this.size, meaning: "one per neuron of the population" };
    const numbers =
      typeof values === "number" ? readNumber(values, path, unit) : readNumbers(values, path, unit, count);
    this.live.make(() => {
      for (const { cells, slice } of parts) cells.neurons.writeState(name, part(numbers, slice));
    });
  }

  /**
   * @internal Address of the column of a variable in one of the cores; with the receptor where it is an output, which
   *   has to be asked for, and with the number under which it is looked at where columns are behind the present.
   */
  columnOf(
    variable: string,
    core: Core,
  ): { readonly column: number; readonly output?: OwnReceptor; readonly looked?: number } {
    const { neurons, receptors } = this.cellsIn(core);
    const names = Object.keys(neurons.columns);
    const looked = (number: number): { looked?: number } => (neurons.watch === undefined ? {} : { looked: number });
    const column =
      typeof variable === "string" && Object.hasOwn(neurons.columns, variable) ? neurons.columns[variable] : undefined;
    if (column !== undefined) return { column, ...looked(names.indexOf(variable)) };
    let place = names.length;
    const found = Object.entries(receptors).flatMap(([name, receptor]) => {
      const first = place;
      place += neurons.watch === undefined ? 0 : vectorStates(receptor.spec);
      return receptorVariables(name, receptor.spec, this.model).map((one, i) => ({ ...one, receptor, i, first }));
    });
    const own = found.find(({ name }) => name === variable);
    if (own?.isState) return { column: own.receptor.states[own.i] as number, ...looked(own.first) };
    if (own?.receptor instanceof OwnReceptor) return { column: own.receptor.outputColumn(), output: own.receptor };
    const known = [...names, ...found.map(({ name }) => name)];
    readName(variable, this.name, "state", known);
    throw new RangeError(`no column of ${variable}`);
  }

  /** @internal State number `state` of the receptor at an address of a core, as the report of a runaway has it. */
  receptorState(
    core: Core,
    address: number,
    state: number,
  ): { readonly variable: string; readonly unit: string; readonly remedy: string } | undefined {
    const found = Object.entries(this.cellsIn(core).receptors).find(([, receptor]) => receptor.address === address);
    if (found === undefined) return undefined;
    const [key, { spec }] = found;
    const { name, unit } = receptorVariables(key, spec, this.model)[state] as { name: string; unit: string };
    return { variable: name, unit, remedy: receptorRemedy(key, spec) };
  }

  /** @internal The parts in the cores; none before the network is built. */
  get parts(): readonly Part[] {
    return this.built?.parts ?? [];
  }

  /** The parts of a population that is not a source. */
  private get cellParts(): readonly (Part & { readonly cells: Cells })[] {
    const { parts } = this.inCore;
    if (this.spec.source) {
      const message = `${this.name}: a population of the source ${this.model.id} has spikes only, no states.`;
      throw new StateError(message, { path: this.name });
    }
    return parts as readonly (Part & { readonly cells: Cells })[];
  }

  /** @internal The part in one of the cores. */
  partIn(core: Core): Part {
    return this.inCore.parts.find((p) => p.core === core) as Part;
  }

  /** @internal Neurons, receptors and currents in one of the cores. */
  cellsIn(core: Core): Cells {
    return (this.cellParts.find((p) => p.core === core) as Part).cells as Cells;
  }

  /** Coordinates of the neurons (copies); undefined without positions and before the network is built. */
  get positions(): { readonly x: Float64Array; readonly y: Float64Array } | undefined {
    const positions = this.built?.positions;
    return positions && { x: positions.x.slice(), y: positions.y.slice() };
  }

  /**
   * @internal The present numbers of a parameter, once the network is built; undefined if the model has none of the
   *   name.
   */
  parameter(name: string): Numbers | undefined {
    const parts = this.cellParts.map(({ slice, cells }) => ({ slice, numbers: cells.neurons.params[name] }));
    const first = parts[0]?.numbers;
    if (first === undefined || typeof first === "number") return first;
    const all = new Float64Array(this.size);
    for (const { slice, numbers } of parts) all.set(numbers as Float64Array, slice.first);
    return all;
  }

  /** @internal The present numbers of all parameters. */
  get parameters(): Record<string, Numbers> {
    return Object.fromEntries(Object.keys(this.model.params).map((name) => [name, this.parameter(name) as Numbers]));
  }

  private get firstCore(): Core {
    return (this.inCore.parts[0] as Part).core;
  }

  private wholeOf(params: Readonly<Record<string, Numbers>>): Whole {
    const { spec, model, size, dt } = this;
    if (spec.source) return { size, tabulates: false, floor: 0 };
    return wholeOf(model, size, spec.method, dt, params, spec.rates === "exact");
  }

  private numbers(core: Core, values: Readonly<Record<string, Value>>): Record<string, Numbers> {
    const all = { first: 0, size: this.size };
    const numbers: Record<string, Numbers> = {};
    for (const [key, value] of Object.entries(values))
      numbers[key] = numbersOf(core, value, all, streamOf(core, this.name, key));
    return numbers;
  }

  /** @internal Lays the population out in the cores, which share its neurons. */
  *build(cores: readonly Core[]): Searching<void> {
    const { spec, name, size, model, dt } = this;
    const first = cores[0] as Core;
    const params = this.numbers(first, spec.params);
    // Drawn numbers may be out of range.
    if (!spec.source) checkParameters(model, params, size, name);
    const whole = this.wholeOf(params);
    const parts = cores.map((core, s) => new Part(core, sliceOf(size, s, cores.length), spec, params, whole, dt));
    for (const one of parts) yield* one.writeFactors();
    for (const { cells } of parts) if (cells?.neurons.watch !== undefined) this.live.lazy.push(cells.neurons);
    this.built = { parts, positions: spec.positions && positionsOf(first, spec), interval: 1, heard: false };
    if (spec.source?.kind === "event") return;
    if (spec.source) this.putSource(spec.source);
    else this.putBackground(spec.background, params, yield* this.rheobases(spec.background, params));
  }

  /** @internal Sends the events of its model, in their order, to these populations, which were built before it. */
  sendEvents(events: readonly Population[]): void {
    if (events.length === 0) return;
    for (const to of events) to.inCore.positions = this.inCore.positions;
    for (const { core, address } of this.inCore.parts) {
      const list = core.allocate(4 * events.length, `${this.name}: events`);
      const words = events.map((to) => core.exports.eventLog(to.partIn(core).address) >>> 0);
      core.u32.set(words, list / 4);
      core.exports.setEvents(address, list);
    }
  }

  /** @internal Forgets what was built. */
  unbuild(): void {
    this.built = undefined;
    this.entries = [];
  }

  /** @internal Takes the kernels that the population will have, as far as that is known ahead of the graph. */
  *foresee(): Generator<undefined, void> {
    for (const p of this.parts) yield* p.adapt(true);
  }

  /**
   * @internal Lays out what depends on the projections; spikes are exchanged every `interval` steps, if they are
   *   `heard`.
   */
  *finish(interval: number, heard: boolean): Generator<undefined, void> {
    const built = this.inCore;
    built.interval = interval;
    built.heard = heard && built.parts.length > 1;
    for (const p of built.parts) p.finish();
    for (const p of built.parts) yield* p.adapt();
    this.expect(0, 0);
  }

  /** @internal Makes the logs long enough for what may fire in the time from `from` to `to` ms. */
  expect(from: number, to: number): void {
    const { parts, interval, heard } = this.inCore;
    const { source } = this.spec;
    // What rises after the last row was not refused before: the end of the run was not known.
    if (source?.kind === "poisson") checkRate(source.rate, `${this.name}.rate`, this.size, this.dt, true, to);
    if (source?.kind === "poissonText") {
      const [, most] = rateBounds(source.rate, this.size, from, to);
      checkRate(most, `${this.name}.rate`, this.size, this.dt, true);
    }
    let most = 0;
    for (const p of parts) {
      settle(p.adapt());
      const perStep = p.mostSpikes(from, to);
      p.makeRoom(perStep, interval, this.interpolates);
      most += perStep;
    }
    if (heard) for (const p of parts) p.listen(most * interval, interval);
    for (const p of parts) p.keepMost(most);
  }

  /** @internal Copies the spikes of the last `steps` steps, the first of which was number `first`, out of the cores. */
  drain(first: number, steps: number): void {
    const { dt } = this;
    const parts = this.inCore.parts.map((p) => ({ slice: p.slice, ...p.logged(steps) }));
    const count = parts.reduce((sum, p) => sum + p.neurons.length, 0);
    const times = new Float64Array(count);
    const ids = new Uint32Array(count);
    const within = parts[0]?.fractions && new Float64Array(count);
    // The shards' neurons follow each other: step by step, part by part they are in order.
    const taken = parts.map(() => 0);
    const upTo = new Float64Array(steps + 1);
    let i = 0;
    for (let s = 0; s < steps; s++) {
      const time = timeOf(first + s + 1, dt);
      for (let k = 0; k < parts.length; k++) {
        const { slice, neurons, perStep, fractions } = parts[k] as (typeof parts)[number];
        const from = taken[k] as number;
        const to = from + (perStep[s] as number);
        for (let j = from; j < to; j++, i++) {
          times[i] = time;
          ids[i] = (neurons[j] as number) + slice.first;
          if (within && fractions) within[i] = fractions[j] as number;
        }
        taken[k] = to;
      }
      upTo[s + 1] = i;
    }
    if (count > 0) this.statistics.add(times, ids);
    const chunk: SpikeChunk = { before: first, steps, times, neurons: ids, upTo };
    if (within === undefined || count === 0) {
      for (const recording of this.recordings) recording.take(chunk);
      return;
    }
    const exact = times.map((t, j) => t - (1 - (within[j] as number)) * dt);
    const order = Uint32Array.from({ length: count }, (_, j) => j);
    // Interpolation reorders the spikes of a step only.
    order.sort((a, b) => (exact[a] as number) - (exact[b] as number) || a - b);
    const sortedTimes = Float64Array.from(order, (j) => exact[j] as number);
    const sortedIds = Uint32Array.from(order, (j) => ids[j] as number);
    const sorted: SpikeChunk = { ...chunk, times: sortedTimes, neurons: sortedIds };
    for (const recording of this.recordings) recording.take(recording.interpolated ? sorted : chunk);
  }

  /**
   * @internal What all spike recordings hold together, each spike once; undefined without any. If some have times
   *   within the
   * steps and others have not, none has: a spike would stand there twice.
   */
  recordedSpikes(): Spikes | undefined {
    const { recordings, size, dt } = this;
    if (recordings.length === 0) return undefined;
    const mixed =
      recordings.some(({ interpolated }) => interpolated) && recordings.some(({ interpolated }) => !interpolated);
    const parts = recordings.map((recording): Spikes => {
      const spikes = recording.view();
      if (!mixed || !recording.interpolated) return spikes;
      return { ...spikes, times: spikes.times.map((time) => timeOf(firstStepFrom(time, dt), dt)) };
    });
    return spikesTogether(parts, size);
  }

  /**
   * @internal What spike recordings have observed since the start, be it here or not any more; undefined without any.
   */
  get recordedTime(): Observed | undefined {
    return this.recordings.length === 0
      ? undefined
      : observedTogether(
          this.recordings.flatMap(({ recorded }) => recorded),
          this.size,
        );
  }

  /**
   * @internal The guard's second look: the kernel watches v in every step, this watches all other states between
   *   chunks.
   *
   * @throws InstabilityError when one is not finite or out of its bounds
   */
  checkStates(time: number): void {
    for (const [variable, record] of Object.entries(this.model.states).slice(1)) {
      for (const p of this.parts) {
        const found = p.runaway(variable, record.bounds);
        if (!found) continue;
        throw new InstabilityError({
          population: this.name,
          neuron: found.neuron,
          variable,
          time,
          value: found.value,
          lastFinite: found.before,
          unit: record.unit,
          remedy: remedyFor(this.model, this.spec.method, this.dt, found.value),
        });
      }
    }
  }
}

/** Elements that a receptor has in the vector of a neuron that is advanced by events (lang/events.ts). */
function vectorStates(spec: ReceptorSpec): number {
  const { rise, decay } = responseOf(spec);
  return decay === undefined ? 0 : rise === undefined ? 1 : 2;
}

type Train = Extract<SourceSpec, { kind: "spikeTrain" }>;

function compareSpikes(t: number, n: number, u: number, m: number): number {
  return t - u || n - m;
}

/** A source that plays numbers. */
function drawnSource(source: SourceSpec, numbers: (rate: Value, of?: string) => Numbers): SourceSpec {
  if (source.kind === "renewal")
    return { ...source, rate: merged(numbers(source.rate)), form: merged(numbers(source.form, "form")) };
  if (source.kind === "spikeTrain") return { kind: source.kind, times: source.times, neurons: source.neurons };
  if (source.kind !== "poisson" || isPoints(source.rate)) return source;
  return { ...source, rate: merged(numbers(source.rate)) };
}

function copied(numbers: Numbers): Numbers {
  return typeof numbers === "number" ? numbers : numbers.slice();
}

function entriesOf(planned: readonly Planned[]): Entry[] {
  return planned.map(({ spec, id, seed }) => ({ spec, id, seed }));
}

/**
 * The neurons of a population that shard `s` of `shards` has: whole blocks of PADDING, because a call of the random
 * generator serves so many.
 */
function sliceOf(size: number, s: number, shards: number): Slice {
  const blocks = Math.ceil(size / PADDING);
  const edge = (k: number): number => Math.min(size, Math.floor((k * blocks) / shards) * PADDING);
  return { first: edge(s), size: edge(s + 1) - edge(s) };
}
