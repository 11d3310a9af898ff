/** A population: what the caller holds, and its parts in the core once the network is built. */
import { itemPath, readList, readName, readNumber, readNumbers, readObject } from "../model/check.js";
import { InstabilityError, StateError } from "../model/errors.js";
import {
  checkParameters,
  isConductance,
  parseBackground,
  parseParameter,
  receptorVariable,
} from "../model/population.js";
import type { ModelRecord, StateName } from "../model/record.js";
import { parseSource } from "../model/source.js";
import type { BackgroundSpec, PopulationSpec, Value } from "../model/spec.js";
import { SpikeStatistics } from "../analysis/index.js";
import type { Core } from "../core/core.js";
import { Backgrounds } from "./background.js";
import type { BackgroundInput, ParametersInput } from "./inputs.js";
import { Neurons } from "./neurons.js";
import { type Positions, positionsOf } from "./positions.js";
import { startStates } from "./probe.js";
import { BuiltReceptor } from "./receptors.js";
import type { SpikeRecording } from "./recording.js";
import { BuiltSource } from "./sources.js";
import { numberAt, type Numbers, numbersOf, streamNumber } from "./values.js";

/** Spikes that a population's log holds beyond one per neuron before the host has to drain it. */
const LOG_RESERVE = 65536;

/** A population as it lies in the core. */
interface Built {
  readonly core: Core;
  readonly address: number;
  /** What the population consists of: neurons with their inputs, or a source. */
  readonly cells: Cells | undefined;
  readonly source: BuiltSource | undefined;
  /** Spike log and its room in spikes. */
  log: number;
  capacity: number;
  /** Positions of spikes within their steps; 0 unless they are recorded. */
  fractions: number;
  positions: Positions | undefined;
  /** Column of the current through gap junctions; 0 without any. */
  gapCurrent: number;
  /** States at the last check, for the report of a runaway. */
  readonly checked: Map<string, Float64Array>;
}

interface Cells {
  readonly neurons: Neurons;
  readonly receptors: Readonly<Record<string, BuiltReceptor>>;
  readonly backgrounds: Backgrounds;
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
  private built: Built | undefined;
  /** @internal */
  readonly statistics: SpikeStatistics;
  /** @internal */
  readonly recordings: SpikeRecording[] = [];
  /** @internal Spike recordings with positions between the grid points are wanted. */
  interpolates = false;

  /** @internal */
  constructor(spec: PopulationSpec, dt: number) {
    this.spec = spec;
    this.name = spec.name;
    this.model = spec.model as M;
    this.size = spec.size;
    this.dt = dt;
    this.statistics = new SpikeStatistics(spec.size);
  }

  /** @internal The population as checked data, changes included. */
  get description(): PopulationSpec {
    return this.spec;
  }

  /** @internal */
  get core(): Built {
    if (!this.built) throw new StateError(`${this.name}: the network is not built yet; it is at the first run.`, { path: this.name });
    return this.built;
  }

  /**
   * Changes parameters, or what a source plays, before the first run or between runs.
   *
   * @throws SpikeletError when a name is unknown, a value is out of range or of the wrong length; nothing is changed then
   */
  set(params: ParametersInput<M>): void {
    const { model, size, name } = this;
    if (this.spec.source) return this.setSource(params as Readonly<Record<string, unknown>>);
    const changed: Record<string, Value> = {};
    for (const [key, value] of Object.entries(readObject(params, `set ${name}`, "an object with parameters"))) {
      if (value === undefined) continue;
      readName(key, name, "parameter", Object.keys(model.params));
      changed[key] = parseParameter(value, `${name}.${key}`, model, key, size);
    }
    const all = { ...this.spec.params, ...changed };
    const { built } = this;
    if (!built) {
      checkParameters(model, all, size, name);
      this.spec = { ...this.spec, params: all };
      return;
    }
    const numbers: Record<string, Numbers> = {};
    for (const [key, value] of Object.entries(changed)) numbers[key] = this.numbers(built.core, value, key);
    const { neurons, receptors, backgrounds } = this.cells;
    checkParameters(model, { ...neurons.params, ...numbers }, size, name);
    this.spec = { ...this.spec, params: all };
    neurons.setParams(numbers);
    for (const receptor of Object.values(receptors)) receptor.updateFactors();
    // Noise under the exact method and rheobase currents depend on the parameters.
    backgrounds.set(this.spec.background);
  }

  /** A source: another rate, or other spikes. */
  private setSource(params: Readonly<Record<string, unknown>>): void {
    const source = parseSource(params, this.name, this.model, this.size);
    this.spec = { ...this.spec, source };
    this.built?.source?.set(source);
  }

  /** Replaces the background currents, before the first run or between runs. */
  setBackground(entries: readonly BackgroundInput[]): void {
    if (this.spec.source) {
      throw new StateError(`${this.name}: the source ${this.model.id} has no background currents.`, { path: this.name });
    }
    const path = `${this.name}.background`;
    const list = readList(entries, path, "an array of background currents");
    const options = { receptors: this.spec.receptors };
    const background: BackgroundSpec[] = Array.from(list, (entry, i) =>
      parseBackground(entry, itemPath(path, i), this.model, this.size, options),
    );
    this.spec = { ...this.spec, background };
    this.built?.cells?.backgrounds.set(background);
  }

  /** The present values of a state or receptor state (`g_NAME`, `i_NAME`), one per neuron (a copy). */
  state(variable: StateName<M> | `g_${R}` | `i_${R}`): Float64Array {
    const { core } = this.core;
    return core.readF64(this.columnOf(variable), this.size);
  }

  /**
   * Overwrites a state between runs.
   *
   * @throws SpikeletError when there is no such state, the number of values is wrong or one is not finite
   */
  setState(variable: StateName<M>, values: number | ArrayLike<number>): void {
    const { neurons } = this.cells;
    const name = readName(variable, this.name, "state", Object.keys(neurons.columns));
    const path = `${this.name}.${name}`;
    const unit = this.model.states[name]?.unit ?? "";
    const count = { length: this.size, meaning: "one per neuron of the population" };
    neurons.writeState(name, typeof values === "number" ? readNumber(values, path, unit) : readNumbers(values, path, unit, count));
  }

  /** @internal Address of the column of a variable. */
  columnOf(variable: string): number {
    const { neurons, receptors } = this.cells;
    const column = typeof variable === "string" && Object.hasOwn(neurons.columns, variable) ? neurons.columns[variable] : undefined;
    if (column !== undefined) return column;
    for (const [name, receptor] of Object.entries(receptors)) {
      if (receptorVariable(name, receptor.spec) === variable) return receptor.column;
    }
    const receptorStates = Object.entries(receptors).map(([name, r]) => receptorVariable(name, r.spec));
    const known = [...Object.keys(neurons.columns), ...receptorStates.filter((x) => x !== undefined)];
    readName(variable, this.name, "state", known);
    throw new RangeError(`no column of ${variable}`);
  }

  /** @internal Neurons, receptors and currents. */
  get cells(): Cells {
    const { cells } = this.core;
    if (!cells) {
      const message = `${this.name}: a population of the source ${this.model.id} has spikes only, no states.`;
      throw new StateError(message, { path: this.name });
    }
    return cells;
  }

  /** Coordinates of the neurons (copies); undefined without positions and before the network is built. */
  get positions(): { readonly x: Float64Array; readonly y: Float64Array } | undefined {
    const positions = this.built?.positions;
    return positions && { x: positions.x.slice(), y: positions.y.slice() };
  }

  /** @internal Column of the current through gap junctions, made when the first one asks for it. */
  gapColumn(): number {
    const built = this.core;
    built.gapCurrent ||= built.core.allocate(this.cells.neurons.padded * 8, `${this.name}: gap currents`);
    return built.gapCurrent;
  }

  private numbers(core: Core, value: Value, what: string): Numbers {
    return numbersOf(core, value, this.size, streamNumber(this.name, what));
  }

  /** @internal Lays the population out in the core. */
  build(core: Core): void {
    const { spec, name, dt } = this;
    const cells = spec.source ? undefined : this.buildCells(core);
    const source = spec.source && new BuiltSource(core, spec.source, spec.size, name, dt);
    const address = (source ?? (cells as Cells).neurons).address;
    const positions = spec.positions && positionsOf(core, spec);
    const rest = { log: 0, capacity: 0, fractions: 0, gapCurrent: 0, checked: new Map<string, Float64Array>() };
    this.built = { core, address, cells, source, positions, ...rest };
    this.makeRoom(spec.size);
  }

  /** @internal Lays out what depends on the projections. */
  finish(): void {
    const { cells } = this.core;
    if (!cells) return;
    for (const receptor of Object.values(cells.receptors)) receptor.allocateRing();
    cells.backgrounds.live = true;
  }

  /** @internal Makes the log of a source long enough for what it fires in the time from `from` to `to` ms. */
  expect(from: number, to: number): void {
    const { source } = this.core;
    if (!source) return;
    const most = source.mostSpikes(from, to);
    this.makeRoom(most);
    source.reserve(most);
  }

  /** Makes the spike log hold the spikes of a step and some more. */
  private makeRoom(perStep: number): void {
    const { built, name } = this;
    if (!built || built.capacity >= perStep + 1024) return;
    const { core } = built;
    built.capacity = perStep + Math.min(perStep, LOG_RESERVE) + 1024;
    built.log = core.allocate(built.capacity * 4, `${name}: spike log`);
    built.fractions = this.interpolates ? core.allocate(built.capacity * 8, `${name}: spike log`) : 0;
    core.exports.setLog(built.address, built.log, built.capacity, built.fractions);
  }

  private buildCells(core: Core): Cells {
    const { spec, name, size, model, dt } = this;
    const params: Record<string, Numbers> = {};
    for (const [key, value] of Object.entries(spec.params)) params[key] = this.numbers(core, value, key);
    // Drawn numbers may be out of range.
    checkParameters(model, params, size, name);
    const conducts = Object.values(spec.receptors).some(isConductance);
    const neurons = new Neurons(core, model, size, spec.method, dt, params, conducts, spec.rates !== "exact", name);
    const given = spec.init;
    const complete = Object.keys(model.states).every((state) => Object.hasOwn(given, state));
    const start = complete ? {} : startStates(core, model, params, size);
    for (const state of Object.keys(model.states)) {
      const value = Object.hasOwn(given, state) ? this.numbers(core, given[state] as Value, `init ${state}`) : (start[state] as Numbers);
      neurons.writeState(state, value);
    }
    const receptors: Record<string, BuiltReceptor> = {};
    for (const [key, receptor] of Object.entries(spec.receptors)) {
      const built = new BuiltReceptor(neurons, receptor, `${name}.${key}`, dt);
      const variable = receptorVariable(key, receptor);
      if (variable !== undefined && Object.hasOwn(given, variable)) {
        built.writeState(this.numbers(core, given[variable] as Value, `init ${variable}`));
      }
      receptors[key] = built;
    }
    const backgrounds = new Backgrounds(neurons, receptors, name, dt);
    backgrounds.set(spec.background);
    return { neurons, receptors, backgrounds };
  }

  /** @internal Copies the spikes of the last `steps` steps, the first of which was number `first`, out of the core. */
  drain(first: number, steps: number): void {
    const { core, address, log, fractions } = this.core;
    const count = core.exports.spikesLogged(address);
    const end = (first + steps) * this.dt;
    if (count === 0) {
      for (const recording of this.recordings) recording.take(new Float64Array(0), new Uint32Array(0), end);
      return;
    }
    const ids = core.readU32(log, count);
    const perStep = core.u32.subarray((core.exports.stepCounts(address) >>> 0) / 4);
    const times = new Float64Array(count);
    let i = 0;
    for (let s = 0; s < steps; s++) {
      const until = i + (perStep[s] as number);
      times.fill((first + s + 1) * this.dt, i, until);
      i = until;
    }
    this.statistics.add(times, ids);
    if (this.recordings.length === 0) return;
    if (fractions !== 0) {
      const within = core.f64.subarray(fractions / 8, fractions / 8 + count);
      const exact = times.map((t, j) => t - (1 - (within[j] as number)) * this.dt);
      const order = Uint32Array.from({ length: count }, (_, j) => j);
      // Interpolation reorders the spikes of a step only.
      order.sort((a, b) => (exact[a] as number) - (exact[b] as number) || a - b);
      const sortedTimes = Float64Array.from(order, (j) => exact[j] as number);
      const sortedIds = Uint32Array.from(order, (j) => ids[j] as number);
      for (const recording of this.recordings) {
        if (recording.interpolated) recording.take(sortedTimes, sortedIds, end);
        else recording.take(times, ids, end);
      }
      return;
    }
    for (const recording of this.recordings) recording.take(times, ids, end);
  }

  /**
   * @internal The guard's second look: the kernel watches v in every step, this watches all other states between chunks.
   *
   * @throws InstabilityError when one is not finite or out of its bounds
   */
  checkStates(time: number): void {
    const { core, cells, checked } = this.core;
    if (!cells) return;
    const { neurons } = cells;
    for (const [variable, record] of Object.entries(this.model.states).slice(1)) {
      const address = neurons.columns[variable] as number;
      const values = core.f64.subarray(address / 8, address / 8 + this.size);
      const [low, high] = record.bounds;
      for (let n = 0; n < values.length; n++) {
        const value = values[n] as number;
        if (value >= low && value <= high) continue;
        const before = checked.get(variable);
        throw new InstabilityError({
          population: this.name,
          neuron: n,
          variable,
          time,
          value,
          lastFinite: before ? (before[n] as number) : numberAt(0, n),
          unit: record.unit,
          remedy: "Use a smaller dt, check the signs of the parameters, or lower the input",
        });
      }
      const copy = checked.get(variable);
      if (copy) copy.set(values);
      else checked.set(variable, values.slice());
    }
  }
}
