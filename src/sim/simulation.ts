/** The simulation: a network under construction, then a network that runs. */
import { SpikeStatistics } from "../analysis/index.js";
import { STATUS } from "../core/abi.js";
import { Core, type CoreSource } from "../core/core.js";
import { InstabilityError, StateError, UnavailableError, ValueRangeError } from "../model/errors.js";
import { checkKeys, readBoolean, readObject, wrongType } from "../model/check.js";
import {
  parseDocument,
  parseDuration,
  parseNetworkName,
  parsePopulation,
  parseProjection,
  parseRecord,
  parseSeed,
  parseTimeStep,
  parseWeightRecord,
  type ParseOptions,
} from "../model/parse.js";
import type { ModelRecord, StateName } from "../model/record.js";
import { models, sources } from "../models/index.js";
import type { NetworkSpec, PopulationSpec, ProjectionSpec, RecordSpec, WeightRecordSpec } from "../model/spec.js";
import { projectionName } from "../model/projection.js";
import { isConductance, receptorVariable } from "../model/population.js";
import { type ModelDocument, toDocument } from "../io/document.js";
import { VERSION } from "../version.js";
import type { Finding } from "./findings.js";
import { Backgrounds } from "./background.js";
import { type Graph, readGraph, SnapshotError, writeGraph } from "./graph.js";
import type { ConnectOptions, PopulationOptions, Quantity, ReceptorInput, RecordOptions } from "./inputs.js";
import { Population } from "./population.js";
import { Projection } from "./projection.js";
import { Neurons } from "./neurons.js";
import { BuiltReceptor } from "./receptors.js";
import { RECORDING_CLASSES, SpikeRecording, TraceRecording, WeightRecording } from "./recording.js";
import type { Progress, Report, RunOptions } from "./report.js";
import { activityFindings, makeReport } from "./report.js";
import { BuiltSource } from "./sources.js";
import { packSnapshot, restorePages, unpackSnapshot } from "./snapshot.js";
import { checkStability } from "./stability.js";
import { Synapses } from "./synapses.js";

/** What a new simulation is made with. */
export interface SimulationOptions {
  /** Time step in ms. */
  readonly dt: Quantity;
  /** Integer from 0 to 2^53 - 1; everything random follows from it. 1 by default. */
  readonly seed?: number;
  /** Name for reports. */
  readonly name?: string;
  /** Where the core's code comes from; the one built into the package by default. */
  readonly core?: CoreSource;
}

/** Every model that populations may have. */
const KNOWN = { ...models, ...sources } as const;

/** Numbers of samples that a trace buffer holds, over all its neurons. */
const TRACE_ROOM = 131072;

/** Wall time that a chunk aims at, in ms: often enough for progress and cancelling, too long to matter. */
const CHUNK_MS = 40;

/** Weights to record. */
interface WeightTrace {
  readonly recording: WeightRecording;
  readonly projection: Projection;
  readonly every: number;
  readonly first: number;
  recorder: number;
  buffer: number;
}

/** Which weights to record, and when. */
export interface WeightRecordOptions {
  /** Synapses by their place in `Projection.read()`; all by default. */
  readonly synapses?: ArrayLike<number>;
  /** Sampling interval in ms; dt by default. */
  readonly every?: Quantity;
  /** Start of the recording in ms. */
  readonly from?: Quantity;
}

interface Trace {
  readonly recording: TraceRecording;
  readonly population: Population;
  readonly spec: RecordSpec;
  recorder: number;
  buffer: number;
}

type Variable<M extends ModelRecord, R extends string> = StateName<M> | `g_${R}` | `i_${R}` | "I_background";

/**
 * A network that is built, run and read out. Populations, projections and recordings are added before the first run;
 * parameters and background currents can be changed at any time between runs.
 */
export class Simulation {
  /** Time step in ms. */
  readonly dt: number;
  readonly seed: number;
  readonly name: string;
  private readonly core: Core;
  private readonly created: number;
  private readonly populationsByName = new Map<string, Population>();
  private readonly projectionList: Projection[] = [];
  /** Number of projections between the same two populations and receptor. */
  private readonly alike = new Map<string, number>();
  private readonly recordSpecs: RecordSpec[] = [];
  private readonly weightRecordSpecs: WeightRecordSpec[] = [];
  private readonly traces: Trace[] = [];
  private readonly weightTraces: WeightTrace[] = [];
  /** The recordings of each document entry, by population and variable. */
  private readonly recordedSpikes = new Map<string, SpikeRecording>();
  /** @internal A text that the command line keeps with its snapshots. */
  note: string | undefined;
  private built = false;
  private running = false;
  /** Why the simulation cannot run any more. */
  private broken: string | undefined;
  private duration = 1000;
  private setupMs = 0;
  private simulateMs = 0;

  private constructor(core: Core, created: number, dt: number, seed: number, name: string) {
    this.core = core;
    this.created = created;
    this.dt = dt;
    this.seed = seed;
    this.name = name;
    core.exports.configure(dt, seed >>> 0, Math.floor(seed / 2 ** 32));
  }

  /** An empty simulation. Loads the core, hence a promise. */
  static async create(options: SimulationOptions): Promise<Simulation> {
    const created = performance.now();
    checkKeys(readObject(options, "create", "an object with at least dt"), "create", ["dt", "seed", "name", "core"], "option");
    const dt = parseTimeStep(options.dt, "dt");
    const seed = options.seed === undefined ? 1 : parseSeed(options.seed, "seed");
    const name = options.name === undefined ? "network" : parseNetworkName(options.name, "name");
    return new Simulation(await Core.create(options.core), created, dt, seed, name);
  }

  /**
   * A simulation of a model file's content (an object, as JSON.parse gives it).
   *
   * @throws SpikeletError with the JSON path of the first mistake
   */
  static async fromDocument(document: unknown, options: ParseOptions & { readonly core?: CoreSource } = {}): Promise<Simulation> {
    // A document is data: it names models, it does not bring them.
    return Simulation.fromSpec(parseDocument(document, { ...options, namesOnly: true }), options.core);
  }

  /** @internal A simulation of checked data. */
  static async fromSpec(spec: NetworkSpec, core?: CoreSource): Promise<Simulation> {
    const created = performance.now();
    const simulation = new Simulation(await Core.create(core), created, spec.dt, spec.seed, spec.name);
    simulation.duration = spec.duration;
    for (const population of spec.populations) simulation.addPopulation(population);
    for (const projection of spec.projections) simulation.addProjection(projection);
    for (const record of spec.record) simulation.addRecord(record, false);
    for (const record of spec.recordWeights) simulation.addWeightRecord(record);
    return simulation;
  }

  /**
   * Adds a population.
   *
   * @param model a model record, such as `lif`
   * @param size number of neurons
   * @throws SpikeletError when a name is unknown or taken, a value out of range; StateError after the first run
   */
  population<M extends ModelRecord, const R extends Record<string, ReceptorInput> = Record<never, ReceptorInput>>(
    name: string,
    model: M,
    size: number,
    options: PopulationOptions<M, R> = {},
  ): Population<M, Extract<keyof R, string>> {
    this.mustNotRun("a population");
    const taken = new Set(this.populationsByName.keys());
    const path = typeof name === "string" ? name : "population";
    const spec = parsePopulation({ ...readObject(options, path), name, model, size }, path, { taken, dt: this.dt });
    return this.addPopulation(spec) as unknown as Population<M, Extract<keyof R, string>>;
  }

  private addPopulation(spec: PopulationSpec): Population {
    if ((KNOWN as Readonly<Record<string, ModelRecord>>)[spec.model.id] !== spec.model) {
      throw new UnavailableError(
        `${spec.name}: the model ${JSON.stringify(spec.model.id)} is not one of the built-in models; this version runs those only: ${Object.keys(KNOWN).join(", ")}.`,
        { path: spec.name, value: spec.model.id, allowed: Object.keys(KNOWN) },
      );
    }
    const population = new Population(withMethodForReceptors(spec), this.dt);
    this.populationsByName.set(spec.name, population);
    return population;
  }

  /**
   * Connects two populations of this simulation.
   *
   * @throws SpikeletError when the rule does not fit or a value is out of range; StateError after the first run
   */
  connect<S extends ModelRecord, T extends ModelRecord, Q extends string, R extends string>(
    source: Population<S, Q>,
    target: Population<T, R>,
    options: ConnectOptions<NoInfer<R>>,
  ): Projection {
    this.mustNotRun("a projection");
    this.mustOwn(source as unknown as Population);
    this.mustOwn(target as unknown as Population);
    const path = `${source.name} -> ${target.name}`;
    const given = { ...readObject(options, path), source: source.name, target: target.name };
    return this.addProjection(parseProjection(given, path, this.specs(), { dt: this.dt }));
  }

  private addProjection(spec: ProjectionSpec): Projection {
    // Several projections between the same two populations and receptor have random streams of their own.
    const name = projectionName(spec);
    const number = (this.alike.get(name) ?? 0) + 1;
    this.alike.set(name, number);
    const target = this.populationsByName.get(spec.target) as Population;
    const projection = new Projection(spec, number === 1 ? name : `${name} #${number}`, target);
    this.projectionList.push(projection);
    return projection;
  }

  /** Records the spikes of a population. */
  record<M extends ModelRecord, R extends string>(population: Population<M, R>, variable: "spikes", options?: RecordOptions): SpikeRecording;
  /** Records a state, a receptor's state (`g_NAME`, `i_NAME`) or the background current (`I_background`). */
  record<M extends ModelRecord, R extends string>(population: Population<M, R>, variable: Variable<M, NoInfer<R>>, options?: RecordOptions): TraceRecording;
  record(population: unknown, variable: string, options: RecordOptions = {}): SpikeRecording | TraceRecording {
    this.mustNotRun("a recording");
    const owner = population as Population;
    this.mustOwn(owner);
    const path = `record ${owner.name}`;
    const { interpolate, ...rest } = readObject(options, path) as RecordOptions;
    const input = { ...rest, population: owner.name, variables: [variable] };
    const spec = parseRecord(input, path, this.specs(), { dt: this.dt });
    const interpolated = interpolate !== undefined && readBoolean(interpolate, `${path}.interpolate`);
    return this.addRecord(spec, interpolated)[0] as SpikeRecording | TraceRecording;
  }

  private addRecord(spec: RecordSpec, interpolate: boolean): (SpikeRecording | TraceRecording)[] {
    this.recordSpecs.push(spec);
    const population = this.populationsByName.get(spec.population) as Population;
    return spec.variables.map((variable) => {
      if (variable === "spikes") {
        const recording = new SpikeRecording(population.name, population.size, spec.from, spec.neurons, interpolate);
        population.recordings.push(recording);
        if (interpolate) population.interpolates = true;
        if (!this.recordedSpikes.has(population.name)) this.recordedSpikes.set(population.name, recording);
        return recording;
      }
      const neurons = spec.neurons ?? Uint32Array.from({ length: population.size }, (_, i) => i);
      const every = spec.every === undefined ? 1 : Math.max(1, Math.round(spec.every / this.dt));
      const first = Math.ceil(spec.from / this.dt - 1e-9);
      const unit = unitOf(population, variable);
      const recording = new TraceRecording(population.name, variable, unit, neurons, first, every, this.dt);
      this.traces.push({ recording, population, spec, recorder: 0, buffer: 0 });
      return recording;
    });
  }

  /**
   * Records weights of a plastic projection.
   *
   * @throws StateError when the weights do not change; ValueRangeError, at the first run, for a synapse that there is not
   */
  recordWeights(projection: Projection, options: WeightRecordOptions = {}): WeightRecording {
    this.mustNotRun("a recording");
    if (!this.projectionList.includes(projection)) {
      throw new StateError(`the projection ${JSON.stringify(projection?.name)} belongs to another simulation.`);
    }
    const path = `recordWeights ${projection.name}`;
    if (!projection.plastic) {
      throw new StateError(`${path}: the weights do not change; give the projection "plasticity" or "scaling".`);
    }
    const { synapses, every, from, ...unknown } = readObject(options, path) as WeightRecordOptions;
    checkKeys(unknown, path, ["synapses", "every", "from"], "option");
    const place = this.projectionList.indexOf(projection);
    const input = { synapses, every, from, projection: place, variables: ["weight"] };
    const specs = this.projectionList.map((p) => p.description);
    return this.addWeightRecord(parseWeightRecord(input, path, specs, { dt: this.dt }));
  }

  private addWeightRecord(spec: WeightRecordSpec): WeightRecording {
    this.weightRecordSpecs.push(spec);
    const projection = this.projectionList[spec.projection] as Projection;
    const every = spec.every === undefined ? 1 : Math.max(1, Math.round(spec.every / this.dt));
    const first = Math.ceil(spec.from / this.dt - 1e-9);
    const recording = new WeightRecording(projection.name, projection.unit, spec.synapses, first, every, this.dt);
    this.weightTraces.push({ recording, projection, every, first, recorder: 0, buffer: 0 });
    return recording;
  }

  /** The populations by name. */
  get populations(): ReadonlyMap<string, Population> {
    return this.populationsByName;
  }

  /** The projections, in the order of their making. */
  get projections(): readonly Projection[] {
    return this.projectionList;
  }

  /**
   * First spike recording of each population that has one, all recorded traces and weights: what files and figures
   * show.
   */
  get recordings(): {
    readonly spikes: ReadonlyMap<string, SpikeRecording>;
    readonly traces: readonly TraceRecording[];
    readonly weights: readonly WeightRecording[];
  } {
    return {
      spikes: this.recordedSpikes,
      traces: this.traces.map((trace) => trace.recording),
      weights: this.weightTraces.map((trace) => trace.recording),
    };
  }

  /** @internal Bytes that the recordings hold. */
  get recordedBytes(): number {
    let bytes = 0;
    for (const { recordings } of this.populationsByName.values()) {
      for (const { count } of recordings) bytes += count * (Float64Array.BYTES_PER_ELEMENT + Uint32Array.BYTES_PER_ELEMENT);
    }
    for (const { recording } of [...this.traces, ...this.weightTraces]) bytes += recording.view().byteLength;
    return bytes;
  }

  /** @internal Forgets what is recorded so far, which has gone elsewhere; recording goes on. */
  flushRecordings(): void {
    for (const { recordings } of this.populationsByName.values()) for (const recording of recordings) recording.flush();
    for (const { recording } of [...this.traces, ...this.weightTraces]) recording.flush();
  }

  /** Simulated time in ms: steps done times dt. */
  get time(): number {
    return this.core.exports.stepsDone() * this.dt;
  }

  /** Findings on the network as it stands, before any run; the worst first. */
  check(): Finding[] {
    return checkStability(this.toSpec());
  }

  /** @internal The network as checked data. */
  toSpec(): NetworkSpec {
    return {
      name: this.name,
      dt: this.dt,
      duration: this.duration,
      seed: this.seed,
      populations: [...this.populationsByName.values()].map((p) => p.description),
      projections: this.projectionList.map((p) => p.description),
      record: this.recordSpecs,
      recordWeights: this.weightRecordSpecs,
    };
  }

  /** The network as a model file's content: `fromDocument` of it gives the same simulation. */
  toDocument(): ModelDocument {
    return toDocument(this.toSpec());
  }

  /**
   * The simulation as bytes, between two runs: everything that what follows depends on, and the recordings so far.
   * Going on from `Simulation.restore` of it equals never having stopped, bit for bit; restoring it several times
   * branches. The first run is started if there was none. See docs/snapshots.md.
   */
  snapshot(): Uint8Array {
    if (this.running) throw new StateError("a run is under way; take the snapshot when its promise has settled.");
    if (this.broken) throw new StateError(`this simulation cannot be saved: it ${this.broken}`);
    this.build();
    const { text, binary } = writeGraph(this, graphWith(this.core));
    const { memory } = this.core.exports;
    return packSnapshot(
      {
        version: VERSION,
        core: this.core.identity,
        name: this.name,
        time: this.time,
        memoryBytes: memory.buffer.byteLength,
        allocated: this.core.exports.allocated(),
      },
      text,
      binary,
      new Uint8Array(memory.buffer),
    );
  }

  /**
   * The simulation of a snapshot, with all its populations, projections and recordings under their names.
   *
   * @throws SnapshotError when the bytes are no snapshot, are damaged, or come from another version of the package
   */
  static async restore(bytes: Uint8Array, options: { readonly core?: CoreSource } = {}): Promise<Simulation> {
    const { header, table, arrays, pages } = unpackSnapshot(bytes);
    const core = await Core.create(options.core);
    if (header.version !== VERSION || header.core !== core.identity) {
      throw new SnapshotError(
        `the snapshot was written by version ${header.version} (core ${header.core}); this is version ${VERSION} (core ${core.identity}). Snapshots are exact images and fit the version that wrote them only.`,
        { value: header.version, allowed: VERSION },
      );
    }
    if (!core.exports.restore(header.memoryBytes, header.allocated)) core.exhausted("snapshot", header.memoryBytes);
    const memory = new Uint8Array(core.exports.memory.buffer);
    // What a fresh instance has written by itself goes: the memory must be the snapshot's, page for page.
    memory.fill(0);
    restorePages(header, pages, memory);
    const simulation = readGraph(table, arrays, graphWith(core));
    if (!(simulation instanceof Simulation)) throw new SnapshotError("the snapshot holds no simulation.");
    return simulation;
  }

  /** Lays the network out in memory; the first run does it otherwise. */
  build(): void {
    if (this.built) return;
    this.mustWork();
    if (this.populationsByName.size === 0) throw new StateError("the simulation has no population yet; add one with population().");
    try {
      this.layOut();
    } catch (error) {
      // A half-built network cannot be completed: the error is final for this instance.
      this.broken = `could not be built and cannot run: ${(error as Error).message}`;
      throw error;
    }
    this.built = true;
    this.setupMs = performance.now() - this.created;
  }

  private layOut(): void {
    const { core } = this;
    for (const population of this.populationsByName.values()) population.build(core);
    for (const projection of this.projectionList) {
      const source = this.populationsByName.get(projection.description.source) as Population;
      const target = this.populationsByName.get(projection.description.target) as Population;
      projection.build(core, source, target, this.dt);
    }
    for (const population of this.populationsByName.values()) population.finish();
    for (const trace of this.traces) this.buildTrace(trace);
    for (const trace of this.weightTraces) this.buildWeightTrace(trace);
    // The initial state is the first sample.
    core.exports.record();
    this.drain();
  }

  private buildTrace(trace: Trace): void {
    const { core } = this;
    const { recording, population, spec } = trace;
    const count = recording.neurons.length;
    const samples = Math.max(2, Math.floor(TRACE_ROOM / count));
    const label = `${population.name}.${recording.variable}: trace of ${count} neurons`;
    trace.buffer = core.allocate(samples * count * 8, label);
    const neurons = spec.neurons === undefined ? 0 : core.indices(spec.neurons, label);
    const { neurons: target } = population.cells;
    const isBackground = recording.variable === "I_background";
    const source = isBackground ? core.allocate(target.padded * 8, label) : population.columnOf(recording.variable);
    const every = spec.every === undefined ? 1 : Math.max(1, Math.round(spec.every / this.dt));
    const first = Math.ceil(spec.from / this.dt - 1e-9);
    const recorder = core.exports.addRecorder(source, isBackground ? target.address : 0, neurons, count, every, first, trace.buffer, samples);
    if (recorder === 0) core.exhausted(label);
    trace.recorder = recorder >>> 0;
  }

  private buildWeightTrace(trace: WeightTrace): void {
    const { core } = this;
    const { recording, projection } = trace;
    const total = projection.synapses;
    const given = recording.synapses;
    const chosen = given.length > 0 ? given : Uint32Array.from({ length: total }, (_, j) => j);
    const beyond = chosen.find((j) => j >= total);
    const label = `recordWeights ${projection.name}`;
    if (beyond !== undefined) {
      const allowed = total === 0 ? "left out: the projection has no synapses" : `an integer from 0 to ${total - 1}`;
      throw new ValueRangeError(`${label}: synapse ${beyond}; it must be ${allowed}.`, { path: label, value: beyond, allowed });
    }
    recording.start(chosen);
    const count = chosen.length;
    if (count === 0) return;
    const samples = Math.max(2, Math.floor(TRACE_ROOM / count));
    trace.buffer = core.allocate(samples * count * 8, label);
    const synapses = given.length > 0 ? core.indices(chosen, label) : 0;
    const { every, first, buffer } = trace;
    const recorder = core.exports.addRecorder(projection.weightColumn, 0, synapses, count, every, first, buffer, samples);
    if (recorder === 0) core.exhausted(label);
    trace.recorder = recorder >>> 0;
  }

  /**
   * Runs for `duration` ms (rounded to whole steps). Call it again to go on: run(a) then run(b) equals run(a + b) bit for
   * bit. Parameters and background currents may be changed in between.
   *
   * @throws InstabilityError when a state leaves its bounds; its `report` and all recordings hold the results so far
   * @throws StateError when a run is under way already
   */
  async run(duration: Quantity, options: RunOptions = {}): Promise<Report> {
    const session = this.begin(duration, options);
    try {
      let chunk = session.firstChunk;
      let breath = performance.now();
      while (session.left > 0 && !options.signal?.aborted) {
        const started = performance.now();
        this.advance(session, Math.min(chunk, session.left));
        const elapsed = performance.now() - started;
        if (session.adapts) chunk = nextChunk(chunk, elapsed);
        options.onProgress?.(this.progress(session));
        if (performance.now() - breath > 20) {
          await pause();
          breath = performance.now();
        }
      }
      return this.end(session, options.signal?.aborted === true && session.left > 0);
    } finally {
      this.running = false;
    }
  }

  /** Like `run` without interruptions: blocks until done; no progress, no cancelling. For measurements and workers. */
  runSync(duration: Quantity): Report {
    const session = this.begin(duration, {});
    try {
      while (session.left > 0) this.advance(session, Math.min(this.core.exports.longestChunk(), session.left));
      return this.end(session, false);
    } finally {
      this.running = false;
    }
  }

  private begin(duration: Quantity, options: RunOptions): Session {
    if (this.running) throw new StateError("a run is under way; wait for its promise before the next one.");
    this.mustWork();
    const ms = parseDuration(duration, "duration");
    const steps = Math.round(ms / this.dt);
    if (steps > Number.MAX_SAFE_INTEGER / 2) {
      throw new ValueRangeError(`duration = ${ms} ms is ${steps} steps; it must be fewer than 2^52 steps.`, { path: "duration", value: ms });
    }
    checkKeys(readObject(options, "run"), "run", ["onProgress", "signal", "chunk"], "option");
    if (options.onProgress !== undefined && typeof options.onProgress !== "function") {
      wrongType(options.onProgress, "run.onProgress", "a function");
    }
    if (options.signal !== undefined && typeof options.signal?.aborted !== "boolean") {
      wrongType(options.signal, "run.signal", "an AbortSignal");
    }
    const chunkMs = options.chunk === undefined ? undefined : parseTimeStep(options.chunk, "chunk");
    this.build();
    this.running = true;
    const { time } = this;
    for (const population of this.populationsByName.values()) population.expect(time, time + steps * this.dt);
    const firstChunk = chunkMs === undefined ? 16 : Math.max(1, Math.round(chunkMs / this.dt));
    return { total: steps, left: steps, firstChunk, adapts: chunkMs === undefined, started: performance.now(), elapsed: 0 };
  }

  /** Advances by `steps` steps, draining as often as the core asks for it. */
  private advance(session: Session, steps: number): void {
    const { exports } = this.core;
    const started = performance.now();
    let left = steps;
    while (left > 0) {
      const before = exports.stepsDone();
      const status = this.step(Math.min(left, exports.longestChunk()), before);
      const done = exports.stepsDone() - before;
      left -= done;
      session.left -= done;
      this.drain();
      if (status === STATUS.unstable) {
        this.simulateMs += performance.now() - started;
        this.fail(this.instability());
      }
    }
    try {
      for (const population of this.populationsByName.values()) population.checkStates(this.time);
    } catch (error) {
      this.simulateMs += performance.now() - started;
      this.fail(error as InstabilityError);
    }
    this.simulateMs += performance.now() - started;
  }

  /** Lets the core run. A trap leaves it in the middle of a step: what was recorded until then is all there is. */
  private step(steps: number, before: number): number {
    try {
      return this.core.exports.run(steps);
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : String(cause);
      const fault = `the core stopped in the run after ${before * this.dt} ms (${what}); this is a fault of Spikelet, please report it`;
      this.broken = `cannot go on: ${fault}.`;
      const error = new StateError(`${fault}. What was recorded until then is whole; other simulations are not concerned.`);
      error.cause = cause;
      throw error;
    }
  }

  private drain(): void {
    const { exports } = this.core;
    const steps = exports.stepsSinceDrain();
    const first = exports.stepsDone() - steps;
    for (const population of this.populationsByName.values()) population.drain(first, steps);
    for (const { recording, recorder, buffer } of this.traces) {
      const count = exports.recorded(recorder);
      if (count > 0) recording.take(this.core.readF64(buffer, count));
    }
    for (const { recording, recorder, buffer } of this.weightTraces) {
      const count = recorder === 0 ? 0 : exports.recorded(recorder);
      if (count > 0) recording.take(this.core.readF64(buffer, count));
    }
    exports.drained();
  }

  private instability(): InstabilityError {
    const { exports } = this.core;
    const address = exports.guardPopulation() >>> 0;
    const population = [...this.populationsByName.values()].find((p) => p.core.address === address) as Population;
    const [variable, record] = Object.entries(population.model.states)[0] as [string, { unit: string }];
    const { method } = population.description;
    const implicit = population.model.methods.find((m) => m === "exact" || m === "exponentialEuler");
    const other = implicit !== undefined && implicit !== method ? `, or the method ${implicit}` : "";
    return new InstabilityError({
      population: population.name,
      neuron: exports.guardNeuron(),
      variable,
      time: this.time,
      value: exports.guardValue(),
      lastFinite: exports.guardLastFinite(),
      unit: record.unit,
      remedy: `${method} cannot follow this neuron with dt = ${this.dt} ms: use a smaller dt${other}, or less input`,
    });
  }

  private fail(error: InstabilityError): never {
    this.broken = `became unstable and cannot go on: ${error.message}`;
    const finding: Finding = {
      level: "error",
      code: "unstable",
      message: error.message,
      population: error.population,
      parameter: error.variable,
      value: null,
      limit: null,
    };
    error.report = this.report("unstable", [finding]);
    throw error;
  }

  private progress(session: Session): Progress {
    const elapsed = performance.now() - session.started;
    const done = session.total - session.left;
    return {
      time: this.time,
      fraction: session.total === 0 ? 1 : done / session.total,
      elapsedMs: elapsed,
      remainingMs: done === 0 ? Number.POSITIVE_INFINITY : (elapsed * session.left) / done,
      spikes: [...this.populationsByName.values()].reduce((sum, p) => sum + p.statistics.spikes, 0),
    };
  }

  private end(_session: Session, cancelled: boolean): Report {
    return this.report(cancelled ? "cancelled" : "done", []);
  }

  private report(status: Report["status"], more: readonly Finding[]): Report {
    const spec = this.toSpec();
    const time = this.time;
    const populations = [...this.populationsByName.values()];
    const findings = [...more, ...checkStability(spec), ...activityFindings(populations, time, this.dt)];
    return makeReport({
      status,
      name: this.name,
      version: VERSION,
      seed: this.seed,
      dt: this.dt,
      duration: time,
      populations,
      synapses: this.projectionList.reduce((sum, p) => sum + p.synapses, 0),
      setupMs: this.setupMs,
      simulateMs: this.simulateMs,
      findings,
    });
  }

  private specs(): Map<string, PopulationSpec> {
    return new Map([...this.populationsByName].map(([name, p]) => [name, p.description]));
  }

  private mustWork(): void {
    if (this.broken !== undefined) throw new StateError(`this simulation ${this.broken}`);
  }

  private mustNotRun(what: string): void {
    if (this.built || this.broken !== undefined) {
      throw new StateError(`${what} cannot be added after the first run: the network's layout in memory is fixed then.`);
    }
  }

  private mustOwn(population: Population | undefined): void {
    const name = population?.name;
    if (name === undefined) throw new StateError("a population is needed here: what population() of this simulation gave.");
    if (this.populationsByName.get(name) !== population) {
      throw new StateError(`the population ${JSON.stringify(name)} belongs to another simulation.`);
    }
  }
}

/** The classes of a snapshot's objects, and what stands for the core and the models. */
function graphWith(core: Core): Graph {
  return {
    classes: {
      Simulation,
      Population,
      Projection,
      Neurons,
      Backgrounds,
      BuiltReceptor,
      BuiltSource,
      Synapses,
      SpikeStatistics,
      ...RECORDING_CLASSES,
    },
    nameOf: (object) => {
      if (object === core) return "core";
      const model = Object.values<ModelRecord>(KNOWN).find((m) => m === object);
      return model === undefined ? undefined : `model ${model.id}`;
    },
    named: (name) => {
      if (name === "core") return core;
      const id = name.slice("model ".length);
      return name.startsWith("model ") && Object.hasOwn(KNOWN, id) ? KNOWN[id as keyof typeof KNOWN] : undefined;
    },
  };
}

interface Session {
  readonly total: number;
  left: number;
  readonly firstChunk: number;
  readonly adapts: boolean;
  readonly started: number;
  elapsed: number;
}

/** The next chunk's steps, so that it takes about CHUNK_MS. */
function nextChunk(steps: number, elapsed: number): number {
  const factor = Math.min(4, Math.max(0.25, CHUNK_MS / Math.max(elapsed, 0.01)));
  return Math.max(1, Math.min(4096, Math.round(steps * factor)));
}

/** Lets timers, input and painting have their turn. */
function pause(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(0);
  });
}

/** With conductance receptors the exact method does not exist: the default changes, a choice is refused. */
function withMethodForReceptors(spec: PopulationSpec): PopulationSpec {
  const conducts = Object.values(spec.receptors).some(isConductance);
  if (spec.method !== "exact" || !conducts) return spec;
  if (spec.methodIsDefault) return { ...spec, method: "exponentialEuler" };
  const allowed = spec.model.methods.filter((method) => method !== "exact");
  throw new ValueRangeError(
    `${spec.name}.method = "exact"; with conductance receptors (E_rev) the equation is not linear with constant coefficients. Use one of: ${allowed.join(", ")}.`,
    { path: `${spec.name}.method`, value: "exact", allowed },
  );
}

function unitOf(population: Population, variable: string): string {
  const { model, receptors } = population.description;
  const state = Object.hasOwn(model.states, variable) ? model.states[variable] : undefined;
  if (state) return state.unit;
  for (const [name, receptor] of Object.entries(receptors)) {
    if (receptorVariable(name, receptor) === variable) return variable.startsWith("g_") ? model.conductance : model.current;
  }
  return model.current;
}
