/** The simulation: a network under construction, then a network that runs. */
import { isConductance, receptorVariable } from "../kinds/receptors.js";
import { SpikeStatistics } from "../analysis/index.js";
import { ABI_VERSION, LONGEST_CHUNK, STATUS } from "../core/abi.js";
import { Core, type CoreSource, MemoryError } from "../core/core.js";
import { buildInTurn, canShare, Crew, freeProcessors, ShardFailure } from "../core/crew.js";
import type { Address } from "../core/platform.js";
import { reasonOf } from "../core/shard.js";
import { firstStepAfter, firstStepFrom, inAll, intervalSteps, plus, stepsOf, timeOf, type TimeSum } from "../model/grid.js";
import { FailedRunError, InstabilityError, quantityText, StateError, UnavailableError, ValueRangeError } from "../model/errors.js";
import { checkKeys, readBoolean, readInteger, readNumber, readObject, wrongType } from "../model/check.js";
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
import { eventsOf, readModelDefinition } from "../model/own.js";
import type { EventName, ModelRecord, StateName } from "../model/record.js";
import { models, sources } from "../models/index.js";
import type { NetworkSpec, PopulationSpec, ProjectionSpec, RecordSpec, WeightRecordSpec } from "../model/spec.js";
import { projectionName } from "../model/projection.js";
import { type ModelDocument, toDocument } from "../io/document.js";
import { VERSION } from "../version.js";
import { type Finding, sortFindings } from "./findings.js";
import { Backgrounds } from "./background.js";
import { type Graph, readGraph, SnapshotError, writeGraph } from "./graph.js";
import type { ConnectOptions, PopulationOptions, Quantity, ReceptorInput, RecordOptions } from "./options.js";
import { kernelsOf } from "./kernels.js";
import { remedyFor } from "./limits.js";
import { Live, Pool } from "./live.js";
import { Part } from "./part.js";
import { Population } from "./population.js";
import { makeProfile, setProfiling } from "./profile.js";
import { Projection } from "./projection.js";
import { Neurons } from "./neurons.js";
import { BuiltReceptor } from "./receptors.js";
import { RECORDING_CLASSES, type SampleTimes, SpikeRecording, TraceRecording, WeightRecording } from "./recording.js";
import type { Progress, Report, RunOptions } from "./report.js";
import { activityFindings, makeReport, populationReports } from "./report.js";
import { silenceFindings } from "./silence.js";
import { BuiltSource } from "./sources.js";
import { packSnapshot, restorePages, type SnapshotHeader, unpackSnapshot } from "./snapshot.js";
import { checkStability } from "./stability.js";
import { Synapses } from "./synapses.js";
import { type Probed, Tap } from "./tap.js";
import { durationFindings } from "./times.js";
import { separateLabels } from "./streams.js";
import { seedWords } from "./values.js";
import { patiently, pause, settle } from "./work.js";

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
  /**
   * Threads that share the work, 1 to 64: shards with part of the neurons each. Results do not depend on it. By default as
   * many as the machine has for large networks, else one. See docs/threads.md.
   */
  readonly threads?: number | undefined;
  /**
   * For pages whose Content-Security-Policy does not let workers come from `blob:`: the address of the package's `shard.js` on the
   * page's own server. See docs/threads.md.
   */
  readonly worker?: string | Address | undefined;
}

/** How a simulation is carried out; nothing of it changes a result. */
export interface ExecutionOptions {
  /** Where the core's code comes from; the one built into the package by default. */
  readonly core?: CoreSource | undefined;
  /** As in SimulationOptions. */
  readonly threads?: number | undefined;
  /** As in SimulationOptions. */
  readonly worker?: string | Address | undefined;
}

/** How a snapshot is gone on from. */
export interface RestoreOptions {
  /** Where the core's code comes from; the one built into the package by default. */
  readonly core?: CoreSource | undefined;
  /** Seed of the random numbers from now on, instead of that of the snapshot. */
  readonly seed?: number | undefined;
  /** As in SimulationOptions. */
  readonly worker?: string | Address | undefined;
}

/** Every model that populations may have. */
const KNOWN = { ...models, ...sources } as const;

/** Wall time that a chunk aims at, and from one report on building to the next, in ms: often enough for progress and cancelling, too long to matter. */
const CHUNK_MS = 40;

/** Weights to record. */
interface WeightTrace {
  readonly recording: WeightRecording;
  readonly projection: Projection;
  readonly times: SampleTimes;
}

/** Which weights to record, and when. */
export interface WeightRecordOptions {
  /** Synapses by their place in `Projection.read()`; all by default. */
  readonly synapses?: ArrayLike<number>;
  /** Sampling interval in ms; dt by default. */
  readonly every?: Quantity;
  /** Start of the recording in ms; the present time by default, and not before it. */
  readonly from?: Quantity;
  /** Keeps the last so many ms only, so that memory stays the same however long the run is; all by default. */
  readonly window?: Quantity;
}

interface Trace {
  readonly recording: TraceRecording;
  readonly population: Population;
  readonly times: SampleTimes;
}

type Variable<M extends ModelRecord, R extends string> = StateName<M> | `g_${R}` | `i_${R}` | "I_background";

/**
 * A network that is built, run and read out. Populations and projections are added before the first run; recordings can be
 * added, and parameters and background currents be changed, at any time between runs.
 */
export class Simulation {
  /** Time step in ms. */
  readonly dt: number;
  readonly name: string;
  /** The seed that the network was made with. */
  private readonly networkSeed: number;
  /** The core's instances, one for each shard. */
  private cores: readonly Core[];
  /** Threads that were asked for. */
  private readonly threads: number | undefined;
  /** Steps between two exchanges of spikes. */
  private interval = 1;
  private readonly created: number;
  private readonly populationsByName = new Map<string, Population>();
  /** What stands for the events of populations with own models: by population, then by event. */
  private readonly eventsByName = new Map<string, ReadonlyMap<string, Population>>();
  private readonly projectionList: Projection[] = [];
  /** Number of projections between the same two populations and receptor. */
  private readonly alike = new Map<string, number>();
  private readonly recordSpecs: RecordSpec[] = [];
  private readonly weightRecordSpecs: WeightRecordSpec[] = [];
  private readonly traces: Trace[] = [];
  private readonly weightTraces: WeightTrace[] = [];
  /** The samples of all traces, once the network is built. */
  private taps: Tap[] = [];
  /** The recordings of each document entry, by population and variable. */
  private readonly recordedSpikes = new Map<string, SpikeRecording>();
  /** @internal A text that the command line keeps with its snapshots. */
  note: string | undefined;
  private built = false;
  private running = false;
  private readonly live: Live;
  /** Populations and projections whose random streams would be those of others, with the labels that these have instead. */
  private labels: ReadonlyMap<string, string> = new Map();
  /** Why the simulation cannot run any more. */
  private broken: string | undefined;
  /** Steps that are whole, when a run failed in the middle of others. */
  private wholeSteps: number | undefined;
  /** Why there are fewer shards than there should be. */
  private fewer: string | undefined;
  /** Of the document, ms. */
  private duration: number | undefined;
  /** What runs were asked for so far, in ms: they end at the step nearest to it. */
  private asked: TimeSum = { total: 0, rest: 0 };
  private setupMs = 0;
  private simulateMs = 0;
  /** The run is profiled; steps of all runs that were, and ms that copying out of the cores took in them. */
  private profiles = false;
  private profiledSteps = 0;
  private recordingMs = 0;

  private constructor(core: Core, created: number, dt: number, seed: number, name: string, threads: number | undefined) {
    this.cores = [core];
    this.threads = threads;
    this.created = created;
    this.dt = dt;
    this.networkSeed = seed;
    this.live = new Live(seed);
    this.name = name;
    this.configure(core);
  }

  /** An empty simulation. Loads the core, hence a promise. */
  static async create(options: SimulationOptions): Promise<Simulation> {
    const created = performance.now();
    checkKeys(readObject(options, "create", "an object with at least dt"), "create", ["dt", "seed", "name", "core", "threads", "worker"], "option");
    const dt = parseTimeStep(options.dt, "dt");
    const seed = options.seed === undefined ? 1 : parseSeed(options.seed, "seed");
    const name = options.name === undefined ? "network" : parseNetworkName(options.name, "name");
    const worker = readAddress(options.worker);
    const simulation = new Simulation(await Core.create(options.core), created, dt, seed, name, readThreads(options.threads));
    if (worker !== undefined) workerAddresses.set(simulation, worker);
    return simulation;
  }

  /**
   * A simulation of a model file's content (an object, as JSON.parse gives it).
   *
   * @throws SpikeletError with the JSON path of the first mistake
   */
  static async fromDocument(document: unknown, options: ParseOptions & ExecutionOptions = {}): Promise<Simulation> {
    // A document is data: it names models, it does not bring them.
    return Simulation.fromSpec(parseDocument(document, { ...options, namesOnly: true }), options);
  }

  /** @internal A simulation of checked data. */
  static async fromSpec(spec: NetworkSpec, { core, threads, worker }: ExecutionOptions = {}): Promise<Simulation> {
    const created = performance.now();
    const address = readAddress(worker);
    const simulation = new Simulation(await Core.create(core), created, spec.dt, spec.seed, spec.name, readThreads(threads));
    if (address !== undefined) workerAddresses.set(simulation, address);
    simulation.duration = spec.duration;
    for (const population of spec.populations) simulation.addPopulation(population);
    for (const projection of spec.projections) simulation.addProjection(projection);
    for (const record of spec.record) simulation.addRecord(record, undefined);
    for (const record of spec.recordWeights) simulation.addWeightRecord(record, undefined);
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
    if (!spec.source && kernelsOf(spec.model) === undefined) {
      throw new UnavailableError(
        `${spec.name}: the model ${JSON.stringify(spec.model.id)} is not one of the built-in models and brings no kernels; ` +
          `without kernels there are those only: ${Object.keys(KNOWN).join(", ")}.`,
        { path: spec.name, value: spec.model.id, allowed: Object.keys(KNOWN) },
      );
    }
    const population = new Population(withMethodForReceptors(spec), this.dt, this.live);
    this.populationsByName.set(spec.name, population);
    const events = eventsOf(spec.model).map((event) => [event, this.eventPopulation(spec, event)] as const);
    this.eventsByName.set(spec.name, new Map(events));
    return population;
  }

  private eventPopulation({ name, size }: PopulationSpec, event: string): Population {
    const none = { method: "exact", methodIsDefault: true, params: {}, init: {}, receptors: {}, background: [] } as const;
    const source = { kind: "event" } as const;
    return new Population({ name: `${name}.${event}`, model: sources.spikeTrain, size, ...none, source }, this.dt, this.live);
  }

  /** All that has spikes, in the order in which the cores have it: events are logged by the population behind them. */
  private get emitters(): readonly Population[] {
    return [...this.populationsByName].flatMap(([name, population]) => [...this.eventsOf(name), population]);
  }

  private eventsOf(name: string): readonly Population[] {
    return [...(this.eventsByName.get(name)?.values() ?? [])];
  }

  /** What a projection listens to. */
  private sourceOf({ source, event }: ProjectionSpec): Population {
    const found = event === undefined ? this.populationsByName.get(source) : this.eventsByName.get(source)?.get(event);
    return found as Population;
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
    const projection = new Projection(spec, number === 1 ? name : `${name} #${number}`, target, this.dt, this.live);
    this.projectionList.push(projection);
    return projection;
  }

  /** Records the spikes of a population, before the first run or between runs. */
  record<M extends ModelRecord, R extends string>(population: Population<M, R>, variable: "spikes", options?: RecordOptions): SpikeRecording;
  /** Records when an event of an own model happens: as if it were a spike, without `interpolate`. */
  record<M extends ModelRecord, R extends string>(population: Population<M, R>, variable: EventName<M>, options?: RecordOptions): SpikeRecording;
  /** Records a state, a receptor's state (`g_NAME`, `i_NAME`) or the background current (`I_background`). */
  record<M extends ModelRecord, R extends string>(population: Population<M, R>, variable: Variable<M, NoInfer<R>>, options?: RecordOptions): TraceRecording;
  record(population: unknown, variable: string, options: RecordOptions = {}): SpikeRecording | TraceRecording {
    this.mayRecord();
    const owner = population as Population;
    this.mustOwn(owner);
    const path = `record ${owner.name}`;
    const { window, from = this.time, ...rest } = readObject(options, path) as RecordOptions;
    const event = this.eventsByName.get(owner.name)?.get(variable);
    const input = { ...rest, from, population: owner.name, variables: [event === undefined ? variable : "spikes"] };
    const spec = parseRecord(input, path, this.specs(), { dt: this.dt });
    this.mustCome(spec.from, path);
    if (event !== undefined) return recordEvent(event, spec, path, readWindow(window, path), this.dt);
    return this.addRecord(spec, readWindow(window, path))[0] as SpikeRecording | TraceRecording;
  }

  private addRecord(spec: RecordSpec, window: number | undefined): (SpikeRecording | TraceRecording)[] {
    const { dt } = this;
    this.recordSpecs.push(spec);
    const { interpolate: interpolated = false } = spec;
    const population = this.populationsByName.get(spec.population) as Population;
    return spec.variables.map((variable) => {
      const { from, neurons } = spec;
      if (variable === "spikes") {
        const recording = new SpikeRecording(population.name, population.size, { from, neurons, interpolated, window, dt });
        population.recordings.push(recording);
        if (interpolated) population.interpolates = true;
        if (!this.recordedSpikes.has(population.name)) this.recordedSpikes.set(population.name, recording);
        return recording;
      }
      const all = neurons ?? Uint32Array.from({ length: population.size }, (_, i) => i);
      const times = sampleTimes(spec, window, dt);
      const recording = new TraceRecording(population.name, variable, unitOf(population, variable), all, times);
      const trace = { recording, population, times };
      this.traces.push(trace);
      if (this.built) this.join(this.tapTrace(trace, this.taps.length + 1));
      return recording;
    });
  }

  /**
   * Records weights of a plastic projection, before the first run or between runs.
   *
   * @throws StateError when the weights do not change; ValueRangeError for a synapse that there is not: before the first run, at
   *   the first run
   */
  recordWeights(projection: Projection, options: WeightRecordOptions = {}): WeightRecording {
    this.mayRecord();
    if (!this.projectionList.includes(projection)) {
      throw new StateError(`the projection ${JSON.stringify(projection?.name)} belongs to another simulation.`);
    }
    const path = `recordWeights ${projection.name}`;
    if (!projection.plastic) {
      throw new StateError(`${path}: the weights do not change; give the projection "plasticity" or "scaling".`);
    }
    const { synapses, every, from = this.time, window, ...unknown } = readObject(options, path) as WeightRecordOptions;
    checkKeys(unknown, path, ["synapses", "every", "from", "window"], "option");
    const place = this.projectionList.indexOf(projection);
    const input = { synapses, every, from, projection: place, variables: ["weight"] };
    const specs = this.projectionList.map((p) => p.description);
    const spec = parseWeightRecord(input, path, specs, { dt: this.dt });
    this.mustCome(spec.from, path);
    return this.addWeightRecord(spec, readWindow(window, path));
  }

  private addWeightRecord(spec: WeightRecordSpec, window: number | undefined): WeightRecording {
    const projection = this.projectionList[spec.projection] as Projection;
    const times = sampleTimes(spec, window, this.dt);
    const trace = { recording: new WeightRecording(projection.name, projection.unit, spec.synapses, times), projection, times };
    if (this.built) this.join(this.tapWeights(trace, this.taps.length + 1, locator()));
    this.weightRecordSpecs.push(spec);
    this.weightTraces.push(trace);
    return trace.recording;
  }

  /** Takes up a recording of a network that is built; the present state is its first sample where that is due. */
  private join(tap: Tap): void {
    this.taps.push(tap);
    // All recorders take a sample that is due now; the others have theirs already, and their buffers are emptied.
    for (const core of this.cores) core.exports.record();
    tap.drain(this.stepsDone);
    for (const core of this.cores) core.exports.drained();
  }

  /**
   * Seed of the random numbers from now on: that of the network (`toDocument` has it), or what `restore` or `reset` was given.
   */
  get seed(): number {
    return this.live.seed;
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
    for (const { recordings } of this.emitters) {
      for (const { count } of recordings) bytes += count * (Float64Array.BYTES_PER_ELEMENT + Uint32Array.BYTES_PER_ELEMENT);
    }
    for (const { recording } of [...this.traces, ...this.weightTraces]) bytes += recording.view().byteLength;
    return bytes;
  }

  /** @internal Forgets what is recorded so far, which has gone elsewhere; recording goes on. */
  flushRecordings(): void {
    for (const { recordings } of this.emitters) for (const recording of recordings) recording.flush();
    for (const { recording } of [...this.traces, ...this.weightTraces]) recording.forget();
  }

  /** Simulated time in ms: steps done times dt. */
  get time(): number {
    return timeOf(this.stepsDone, this.dt);
  }

  /** @internal The time in ms that runs were asked for: `time` but for its rounding to steps. */
  get timeAsked(): number {
    return inAll(this.sumAsked());
  }

  private sumAsked(): TimeSum {
    // A run that did not come to its end leaves nothing over.
    return stepsOf(inAll(this.asked), this.dt) === this.stepsDone ? this.asked : { total: this.time, rest: 0 };
  }

  /** Steps that all shards have done. */
  private get stepsDone(): number {
    return this.wholeSteps ?? Math.min(...this.cores.map((core) => core.exports.stepsDone()));
  }

  /** @internal Whether the network is laid out in memory. */
  get isBuilt(): boolean {
    return this.built;
  }

  /** Number of shards: threads, or parts of the work where threads cannot be had; 1 before the network is built. */
  get shards(): number {
    return this.cores.length;
  }

  /** Findings on the network as it stands, before any run; the worst first. */
  check(): Finding[] {
    const planned = this.duration === undefined ? [] : durationFindings(this.duration, this.dt);
    return sortFindings([...checkStability(this.toSpec()), ...planned]);
  }

  /** @internal The network as checked data. */
  toSpec(): NetworkSpec {
    return {
      name: this.name,
      dt: this.dt,
      duration: this.duration ?? 1000,
      seed: this.networkSeed,
      populations: [...this.populationsByName.values()].map((p) => p.description),
      projections: this.projectionList.map((p) => p.description),
      record: this.recordSpecs,
      recordWeights: this.weightRecordSpecs,
    };
  }

  /** The network as a model file's content: `fromDocument` of it gives the same simulation. */
  toDocument(): ModelDocument {
    return toDocument({ ...this.toSpec(), projections: this.projectionList.map((p) => p.written) });
  }

  /**
   * The network with all that is drawn from its seed: each synapse of each projection in a list, a number for each distribution, the
   * initial values. `toDocument` makes a model file of it, which runs to the same spikes. The network is built for that, if
   * it is not yet.
   *
   * @throws StateError when the simulation has run: what spikes are under way could not be said
   */
  explicit(): NetworkSpec {
    this.build();
    if (this.stepsDone > 0) {
      throw new StateError(`an explicit network is that of the start; this simulation has run for ${this.time} ms. Reset it, or take a snapshot.`);
    }
    return {
      ...this.toSpec(),
      populations: [...this.populationsByName.values()].map((p) => p.drawn),
      projections: this.projectionList.map((p) => p.drawn),
    };
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
    const root: Root = { simulation: this, kernels: this.firstCore.kernels.bytes };
    const { text, binary } = writeGraph(root, graphWith(this.cores));
    return packSnapshot(
      { version: VERSION, abi: ABI_VERSION, core: this.firstCore.identity, name: this.name, time: this.time },
      text,
      binary,
      this.cores.map((core) => ({ allocated: core.exports.allocated(), memory: new Uint8Array(core.memory.buffer) })),
    );
  }

  /**
   * The simulation of a snapshot, with all its populations, projections and recordings under their names.
   *
   * @param options with a `seed` the future is another one: noise, Poisson input and sources, release and what is drawn from now
   *   on. States, weights, connections and all that was drawn before stay. See docs/snapshots.md
   * @throws SnapshotError when the bytes are no snapshot, are damaged, or come from another version of the package
   */
  static async restore(bytes: Uint8Array, options: RestoreOptions = {}): Promise<Simulation> {
    checkKeys(readObject(options, "restore"), "restore", ["core", "seed", "worker"], "option");
    const seed = options.seed === undefined ? undefined : parseSeed(options.seed, "restore.seed");
    const worker = readAddress(options.worker);
    const { header, table, arrays, memories } = unpackSnapshot(bytes);
    const core = await Core.create(options.core);
    const here = { version: VERSION, abi: ABI_VERSION, core: core.identity };
    if (builtText(header) !== builtText(here)) {
      throw new SnapshotError(
        `the snapshot was written by ${builtText(header)}; this is ${builtText(here)}. ` +
          "Snapshots are exact images and fit the version that wrote them only.",
        { value: header.version, allowed: VERSION },
      );
    }
    const cores = memories.length === 1 ? [core] : core.shards(memories.length, canShare());
    for (const [i, image] of memories.entries()) {
      const { exports } = cores[i] as Core;
      if (!exports.restore(image.bytes)) core.exhausted("snapshot", image.bytes);
      const memory = new Uint8Array(exports.memory.buffer);
      // What a fresh instance has written by itself goes: the memory must be the snapshot's, page for page.
      memory.fill(0);
      restorePages(image, memory);
    }
    const { simulation, kernels } = readGraph(table, arrays, graphWith(cores)) as Partial<Root>;
    if (!(simulation instanceof Simulation) || !Array.isArray(kernels)) {
      throw new SnapshotError("the snapshot holds no simulation.");
    }
    addKernels(cores[0] as Core, kernels);
    if (worker !== undefined) workerAddresses.set(simulation, worker);
    for (const one of cores) one.labels = simulation.labels;
    if (seed !== undefined) simulation.reseed(seed);
    return simulation;
  }

  /**
   * Begins again at time 0, for another trial with the same network: states, receptors, refractoriness and noise start as they
   * did, no spike is on its way, traces of plasticity, resources of short-term plasticity and recordings are empty. Weights,
   * connections, parameters and background currents stay as they are.
   *
   * Without a seed the same random numbers come again; with another one initial values are drawn anew, and noise, Poisson input
   * and sources, and release are others.
   *
   * @throws StateError during a run, and after one that cannot go on
   */
  reset(options: { readonly seed?: number } = {}): void {
    checkKeys(readObject(options, "reset"), "reset", ["seed"], "option");
    const seed = options.seed === undefined ? undefined : parseSeed(options.seed, "reset.seed");
    this.mustRest();
    this.mustWork();
    this.build();
    if (seed !== undefined) this.reseed(seed);
    for (const core of this.cores) core.exports.rewind();
    this.asked = { total: 0, rest: 0 };
    this.live.stand(0);
    for (const population of this.emitters) population.reset();
    for (const projection of this.projectionList) projection.reset();
    for (const { recording } of [...this.traces, ...this.weightTraces]) recording.restart();
    for (const tap of this.taps) tap.restart();
    this.sampleStart();
  }

  /** Lays the network out in memory; the first run does it otherwise. */
  build(): void {
    if (this.built) return;
    try {
      settle(this.recruit(false));
      settle(this.layOut(false));
    } finally {
      this.crew?.rest();
    }
  }

  /** Ends the threads of a simulation that is not needed any more; it cannot run again. */
  close(): void {
    this.mustRest();
    this.crew?.stop();
    crews.delete(this);
    this.broken ??= "is closed.";
  }

  private mustRest(): void {
    if (this.running) throw new StateError("a run is under way; wait for its promise first.");
  }

  private get crew(): Crew | undefined {
    return crews.get(this);
  }

  private get firstCore(): Core {
    return this.cores[0] as Core;
  }

  private configure(core: Core): void {
    core.exports.configure(this.dt, ...seedWords(this.seed));
  }

  private reseed(seed: number): void {
    this.live.seed = seed;
    for (const core of this.cores) core.exports.reseed(...seedWords(seed));
  }

  /** Makes the shards and, once the network is built, starts their threads. */
  private *recruit(patient: boolean): Generator<undefined, void> {
    this.mustWork();
    if (!this.built) {
      const count = this.countShards();
      if (count > this.cores.length) {
        this.cores = this.makeShards(count);
        for (const core of this.cores) this.configure(core);
      }
    }
    if (this.cores.length === 1) return;
    const crew = this.crew ?? new Crew(this.cores, this.emitters.length, workerAddresses.get(this));
    crews.set(this, crew);
    if (this.built) yield* crew.start(patient);
  }

  /** So many shards, or fewer where the system does not give their memories: addresses may be short. */
  private makeShards(count: number): readonly Core[] {
    const { firstCore } = this;
    for (let n = count; n > 1; n--) {
      try {
        return firstCore.shards(n, canShare());
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error;
        this.fewer = "the system gives no memory for more";
      }
    }
    return [firstCore];
  }

  /** Fewer threads than asked for, or none where the network would have some. */
  private threadFindings(): Finding[] {
    const { crew, fewer, threads, shards } = this;
    const wanted = threads ?? shards;
    const alone = crew?.alone;
    if (alone === undefined && fewer === undefined) return [];
    const done = alone === undefined && shards > 1 ? `${shards} do the work` : "one does the work";
    const message = `${fewer ? "Threads" : `${wanted} threads`}: ${done}, because ${alone ?? fewer}; the results are the same bits for any number.`;
    return [{ level: "note", code: "fewer-threads", message, population: null, parameter: "threads", value: wanted, limit: alone === undefined ? shards : 1 }];
  }

  private countShards(): number {
    const neurons = [...this.populationsByName.values()].reduce((sum, p) => sum + p.size, 0);
    // Currents of gap junctions need the neighbours' potentials in every step: one shard has them all.
    if (this.projectionList.some((p) => p.description.gapJunction)) return 1;
    if (this.threads !== undefined) return this.threads;
    return neurons >= LARGE && canShare() ? Math.min(freeProcessors(), 8, Math.floor(neurons / (LARGE / 2))) : 1;
  }

  /**
   * @param patient this thread can let its events have their turn, without which the threads of a browser do not start
   * @param watch is told how far building is
   */
  private *layOut(patient: boolean, watch: Watch = { fraction: () => 0 }): Generator<undefined, void> {
    if (this.built) return;
    if (this.populationsByName.size === 0) throw new StateError("the simulation has no population yet; add one with population().");
    this.live.build();
    try {
      yield* this.layOutParts(patient, watch);
    } catch (error) {
      if ("givenUp" in watch && error === watch.givenUp) {
        this.unbuild();
        throw error;
      }
      // A half-built network cannot be completed: the error is final for this instance.
      this.broken = `could not be built and cannot run: ${reasonOf(error)}`;
      throw error instanceof ShardFailure ? this.stopped("while the network was built", error, 0) : error;
    } finally {
      this.live.stand(0);
    }
    this.built = true;
    this.setupMs = performance.now() - this.created;
  }

  /** Puts everything back to before it was built. */
  private unbuild(): void {
    this.crew?.stop();
    crews.delete(this);
    this.cores = this.firstCore.shards(1, false);
    this.configure(this.firstCore);
    for (const population of this.emitters) population.unbuild();
    for (const projection of this.projectionList) projection.unbuild();
  }

  private *layOutParts(patient: boolean, watch: Watch): Generator<undefined, void> {
    const { cores, crew, projectionList } = this;
    this.labels = separateLabels(
      this.toSpec(),
      projectionList.map(({ name }) => name),
    );
    for (const core of cores) core.labels = this.labels;
    const populations = this.emitters;
    for (const population of populations) yield* population.build(cores);
    for (const [name, population] of this.populationsByName) population.sendEvents(this.eventsOf(name));
    const ends = projectionList.map(({ description }): [Population, Population] => {
      return [this.sourceOf(description), this.populationsByName.get(description.target) as Population];
    });
    const heard = new Set(ends.map(([source]) => source));
    for (const [i, projection] of projectionList.entries()) projection.announce(...(ends[i] as [Population, Population]));
    for (const population of populations) yield* population.foresee();
    // With the kernels that they will need: a worker that lacks one has to be replaced.
    if (crew) yield* crew.start(patient);
    const work = projectionList.map((projection, i) => projection.expected(...(ends[i] as [Population, Population])));
    const all = work.reduce((sum, w) => sum + w, 0);
    let before = 0;
    for (const [i, projection] of projectionList.entries()) {
      const own = work[i] as number;
      const start = before;
      watch.fraction = () => (start + own * mean(cores.map((core) => core.exports.graphProgress()))) / all;
      yield* projection.build(...(ends[i] as [Population, Population]), this.dt, (step) => (crew ? crew.build(step) : buildInTurn(cores, step)));
      before += own;
    }
    this.interval = this.exchangeInterval();
    for (const population of populations) {
      yield* population.finish(this.interval, heard.has(population));
    }
    const taps = this.traces.length + this.weightTraces.length;
    const locate = locator();
    this.taps = [
      ...this.traces.map((trace) => this.tapTrace(trace, taps)),
      ...this.weightTraces.map((trace) => this.tapWeights(trace, taps, locate)),
    ];
    this.sampleStart();
  }

  /** The initial state is the first sample. */
  private sampleStart(): void {
    for (const core of this.cores) core.exports.record();
    this.drain();
  }

  /** With shards: the shortest delay in steps, or less where spike logs would become too long. */
  private exchangeInterval(): number {
    if (this.cores.length === 1) return 1;
    // Samples of weights are due after every step's delivery, whose weights then depend on the spikes of all.
    const shortest = Math.min(LONGEST_INTERVAL, ...this.projectionList.map((p) => p.delays.shortest));
    const neurons = Math.max(...[...this.populationsByName.values()].map((p) => p.size));
    return Math.max(1, Math.min(shortest, Math.floor(LONGEST_LOG / neurons)));
  }

  private tapTrace({ recording, population, times }: Trace, taps: number): Tap {
    const { variable, neurons } = recording;
    const label = `${population.name}.${variable}: trace of ${neurons.length} neurons`;
    const isBackground = variable === "I_background";
    const probed = population.parts.map((part): Probed => {
      const { core, slice } = part;
      const { padded, address } = population.cellsIn(core).neurons;
      const own = Uint32Array.from(neurons, (_, i) => i).filter((i) => {
        const n = neurons[i] as number;
        return n >= slice.first && n < slice.first + slice.size;
      });
      return {
        core,
        column: isBackground ? core.allocate(padded * 8, label) : population.columnOf(variable, core),
        backgroundOf: isBackground ? address : 0,
        places: own.map((i) => (neurons[i] as number) - slice.first),
        positions: own,
      };
    });
    return new Tap(recording, probed, { ...times, late: false }, this.interval, taps, label);
  }

  private tapWeights({ recording, projection, times }: WeightTrace, taps: number, locate: Locator): Tap {
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
    const { part, index } = locate(projection)(chosen);
    const probed = projection.inCores.map(({ core, laid }, k): Probed => {
      const own = Uint32Array.from(chosen, (_, i) => i).filter((i) => part[i] === k);
      return { core, column: laid.weights, backgroundOf: 0, places: own.map((i) => index[i] as number), positions: own };
    });
    return new Tap(recording, probed, { ...times, late: true }, 2 * this.interval, taps, label);
  }

  /**
   * Runs for `duration` ms. Call it again to go on: run(a) then run(b) equals run(a + b) bit for bit. Parameters and
   * background currents may be changed in between.
   *
   * A run ends at the step that is nearest to the sum of all durations so far: what one that is no whole number of steps of
   * dt leaves over counts towards the next (1000 runs of 0.04 ms at dt 0.1 end at 40 ms). The report has a finding then.
   *
   * @throws InstabilityError when a state leaves its bounds; its `report` and all recordings hold the results so far
   * @throws StateError when a run is under way already
   */
  async run(duration: Quantity, options: RunOptions = {}): Promise<Report> {
    const session = this.plan(duration, options);
    this.running = true;
    try {
      await patiently(this.recruit(true));
      if (!(await this.layOutPatiently(session, options))) return this.end(session, true);
      this.begin(session);
      let chunk = session.firstChunk;
      let breath = performance.now();
      while (session.left > 0 && !options.signal?.aborted) {
        const started = performance.now();
        await patiently(this.advance(session, Math.min(chunk, session.left)));
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
      this.crew?.rest();
    }
  }

  /** Builds the network, if it is not yet, while events have their turn; false when that was cancelled. */
  private async layOutPatiently(session: Session, { signal, onProgress }: RunOptions): Promise<boolean> {
    const watch: Watch = { fraction: () => 0 };
    const work = this.layOut(true, watch);
    let breath = performance.now();
    let { done } = work.next();
    while (!done) {
      const now = performance.now();
      if (now - breath < CHUNK_MS) {
        if (this.crew?.isStarting) await pause();
        ({ done } = work.next());
        continue;
      }
      breath = now;
      try {
        onProgress?.(this.buildingProgress(session, watch.fraction()));
        await pause();
      } catch (error) {
        await this.giveUp(work, watch, error);
        throw error;
      }
      if (signal?.aborted) {
        await this.giveUp(work, watch, new StateError("building was cancelled."));
        return false;
      }
      ({ done } = work.next());
    }
    return true;
  }

  /** Ends building at the end of all shards' slices, with everything as it was before it. */
  private async giveUp(work: Generator<undefined, void>, watch: Watch, error: unknown): Promise<void> {
    watch.givenUp = error;
    try {
      for (let { done } = work.throw(error); !done; ({ done } = work.next())) await pause();
    } catch (end) {
      if (end !== error) throw end;
    }
  }

  private buildingProgress(session: Session, fraction: number): Progress {
    const elapsedMs = performance.now() - session.started;
    const remainingMs = fraction === 0 ? Number.POSITIVE_INFINITY : (elapsedMs * (1 - fraction)) / fraction;
    return { phase: "building", time: 0, fraction, elapsedMs, remainingMs, spikes: 0 };
  }

  /** Like `run` without interruptions: blocks until done; no progress, no cancelling. For measurements and workers. */
  runSync(duration: Quantity): Report {
    const session = this.plan(duration, {});
    this.running = true;
    try {
      settle(this.recruit(false));
      settle(this.layOut(false));
      this.begin(session);
      while (session.left > 0) settle(this.advance(session, Math.min(LONGEST_CHUNK, session.left)));
      return this.end(session, false);
    } finally {
      this.running = false;
      this.crew?.rest();
    }
  }

  private plan(duration: Quantity, options: RunOptions): Session {
    if (this.running) throw new StateError("a run is under way; wait for its promise before the next one.");
    this.mustWork();
    const ms = parseDuration(duration, "duration");
    const asked = plus(this.sumAsked(), ms);
    const end = stepsOf(inAll(asked), this.dt);
    if (end > Number.MAX_SAFE_INTEGER / 2) {
      const sum = this.stepsDone === 0 ? "is" : "ends after";
      throw new ValueRangeError(`duration = ${ms} ms ${sum} ${end} steps; it must be fewer than 2^52 steps.`, { path: "duration", value: ms });
    }
    const steps = end - this.stepsDone;
    checkKeys(readObject(options, "run"), "run", ["onProgress", "signal", "chunk", "profile"], "option");
    if (options.onProgress !== undefined && typeof options.onProgress !== "function") {
      wrongType(options.onProgress, "run.onProgress", "a function");
    }
    if (options.signal !== undefined && typeof options.signal?.aborted !== "boolean") {
      wrongType(options.signal, "run.signal", "an AbortSignal");
    }
    const profile = options.profile !== undefined && readBoolean(options.profile, "run.profile");
    const chunkMs = options.chunk === undefined ? undefined : parseTimeStep(options.chunk, "chunk");
    const firstChunk = chunkMs === undefined ? 16 : intervalSteps(chunkMs, this.dt);
    return { asked, total: steps, left: steps, firstChunk, adapts: chunkMs === undefined, profile, started: performance.now(), elapsed: 0 };
  }

  private begin(session: Session): void {
    this.profiles = session.profile;
    const sizes = [...this.populationsByName.values()].map((p) => p.size);
    const neurons = sizes.reduce((sum, size) => sum + size, 0);
    setProfiling(this.cores, session.profile, neurons, sizes.length + this.projectionList.length);
    session.started = performance.now();
    this.makeRoom(session);
  }

  /** Makes the logs hold what may fire in the rest of a run, and tells the threads where they are. */
  private makeRoom(session: Session): void {
    const { time, crew } = this;
    this.live.takeChanged();
    this.interval = Math.min(this.interval, this.live.shortest);
    for (const [p, population] of this.emitters.entries()) {
      population.expect(time, time + session.left * this.dt);
      for (const [shard, part] of population.parts.entries()) crew?.wire(p, shard, [...part.addresses, part.slice.first]);
    }
  }

  /** Advances by `steps` steps, draining as often as the core asks for it. */
  private *advance(session: Session, total: number): Generator<undefined, void> {
    const started = performance.now();
    let left = total;
    while (left > 0) {
      const before = this.stepsDone;
      const steps = Math.min(left, LONGEST_CHUNK);
      if (this.live.takeChanged()) this.makeRoom(session);
      this.live.compute(before + steps);
      const unstable = yield* this.step(steps, before);
      const done = this.stepsDone - before;
      left -= done;
      session.left -= done;
      if (this.profiles) this.profiledSteps += done;
      this.drain();
      this.live.stand(this.stepsDone);
      if (unstable) {
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

  /** Lets the core run; whether a neuron ran away. A trap leaves it in the middle of a step: what was recorded until then is all there is. */
  private *step(steps: number, before: number): Generator<undefined, boolean> {
    const { crew } = this;
    try {
      return crew ? yield* crew.run(steps, this.interval) : this.firstCore.exports.run(steps) === STATUS.unstable;
    } catch (cause) {
      throw this.stopped("in the run", cause, before);
    }
  }

  /** Ends the simulation for a fault in the core or in a thread, after so many whole steps. */
  private stopped(when: string, cause: unknown, steps: number): FailedRunError {
    this.wholeSteps = steps;
    const of = cause instanceof ShardFailure;
    const where = of ? `shard ${cause.shard} of ${this.cores.length}` : "the core";
    const after = quantityText(this.time, "ms");
    const fault = `${where} stopped ${when} after ${after} (${reasonOf(cause)})${of ? "" : "; this is a fault of Spikelet, please report it"}`;
    this.broken = `cannot go on: ${fault}.`;
    this.live.stop();
    const message = `${fault}. What was recorded until then is whole; other simulations are not concerned.`;
    const error = new FailedRunError(message, this.time);
    error.cause = cause;
    const finding: Finding = { level: "error", code: error.code, message, population: null, parameter: null, value: null, limit: null };
    error.report = this.report("failed", [finding]);
    return error;
  }

  private drain(): void {
    const started = this.profiles ? performance.now() : 0;
    // A neuron that ran away may have stopped its shard while others went on to the end of the interval.
    const steps = Math.min(...this.cores.map((core) => core.exports.stepsSinceDrain()));
    const done = this.stepsDone;
    for (const population of this.emitters) population.drain(done - steps, steps);
    for (const tap of this.taps) tap.drain(done);
    for (const core of this.cores) core.exports.drained();
    if (this.profiles) this.recordingMs += performance.now() - started;
  }

  private instability(): InstabilityError {
    // The first of several: by step, then population, then neuron, as one shard would have met them.
    const populations = [...this.populationsByName.values()];
    const found = this.cores
      .filter(({ exports }) => exports.guardPopulation() !== 0 && exports.stepsDone() === this.stepsDone)
      .map((core) => {
        const address = core.exports.guardPopulation() >>> 0;
        const place = populations.findIndex((p) => p.parts.some((part) => part.core === core && part.address === address));
        const population = populations[place] as Population;
        return { core, place, population, neuron: population.partIn(core).slice.first + core.exports.guardNeuron() };
      })
      .sort((a, b) => a.place - b.place || a.neuron - b.neuron);
    const { core, population, neuron } = found[0] as (typeof found)[number];
    const { exports } = core;
    const states = Object.entries(population.model.states);
    const [variable, record] = states[exports.guardState()] as [string, { unit: string }];
    return new InstabilityError({
      population: population.name,
      neuron,
      variable,
      time: this.time,
      value: exports.guardValue(),
      lastFinite: exports.guardLastFinite(),
      unit: record.unit,
      remedy: remedyFor(population.model, population.description.method, this.dt, exports.guardValue()),
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
      phase: "simulating",
      time: this.time,
      fraction: session.total === 0 ? 1 : done / session.total,
      elapsedMs: elapsed,
      remainingMs: done === 0 ? Number.POSITIVE_INFINITY : (elapsed * session.left) / done,
      spikes: [...this.populationsByName.values()].reduce((sum, p) => sum + p.statistics.spikes, 0),
    };
  }

  private end({ asked }: Session, cancelled: boolean): Report {
    if (cancelled) return this.report("cancelled", []);
    this.asked = asked;
    return this.report("done", durationFindings(inAll(asked), this.dt));
  }

  /** @internal What is recorded so far of a run that failed, which may be less than the core has done. */
  failure(findings: readonly Finding[]): Report {
    return this.report("failed", findings, this.drainedTime);
  }

  /** @internal What has been done so far, as far as it is recorded. */
  get reached(): Pick<Report, "duration" | "populations"> {
    const duration = this.drainedTime;
    return { duration, populations: populationReports([...this.populationsByName.values()], duration) };
  }

  /** Time in ms up to which spikes and samples have left the cores: all of it, but for a run that broke off. */
  private get drainedTime(): number {
    const steps = Math.min(...this.cores.map(({ exports }) => exports.stepsDone() - exports.stepsSinceDrain()));
    return timeOf(steps, this.dt);
  }

  private report(status: Report["status"], more: readonly Finding[], time = this.time): Report {
    const spec = this.toSpec();
    const populations = [...this.populationsByName.values()];
    // What a run that broke off has not done says nothing of its input.
    const broken = status === "unstable" || status === "failed";
    const silence = broken ? [] : silenceFindings(populations, this.projectionList, time);
    const findings = [...more, ...checkStability(spec), ...activityFindings(populations, time, this.dt), ...silence, ...this.threadFindings()];
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
      ...(this.profiles && {
        profile: makeProfile(this.cores, populations, this.projectionList, this.profiledSteps, this.recordingMs),
      }),
      findings,
    });
  }

  private specs(): Map<string, PopulationSpec> {
    return new Map([...this.populationsByName].map(([name, p]) => [name, p.description]));
  }

  private mustWork(): void {
    if (this.broken !== undefined) throw new StateError(`this simulation ${this.broken}`);
  }

  private mayRecord(): void {
    this.mustRest();
    this.mustWork();
  }

  /** Refuses a recording that begins before the present time. */
  private mustCome(from: number, path: string): void {
    if (firstStepAfter(from, this.dt) > this.stepsDone) return;
    const allowed = `at least the present time, ${this.time} ms`;
    throw new ValueRangeError(`${path}.from = ${from} ms; it must be ${allowed}: what was not recorded is gone.`, {
      path: `${path}.from`,
      value: from,
      allowed,
    });
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

/** The version of everything that an image of the memory depends on. */
function builtText({ version, abi, core }: Pick<SnapshotHeader, "version" | "abi" | "core">): string {
  return `version ${version} (layout ${abi.toString(16)}, core ${core})`;
}

/** What a snapshot holds. */
interface Root {
  readonly simulation: Simulation;
  /**
   * Modules of kernels of own models, in the order in which the cores have them: the memory holds indices of their
   * functions.
   */
  readonly kernels: readonly Uint8Array[];
}

/** Gives the cores of a snapshot's simulation the kernels that it had. */
function addKernels(core: Core, kernels: readonly unknown[]): void {
  for (const bytes of kernels) {
    try {
      core.addKernels(bytes as Uint8Array);
    } catch (error) {
      throw new SnapshotError(`the snapshot is damaged: it holds a kernel that does not fit (${reasonOf(error)}).`);
    }
  }
}

/** Where synapses of a projection lie. */
type Locator = (projection: Projection) => ReturnType<Projection["locator"]>;

/** Looks through the synapses of each projection once. */
function locator(): Locator {
  const known = new Map<Projection, ReturnType<Projection["locator"]>>();
  return (projection) => {
    const found = known.get(projection) ?? projection.locator();
    known.set(projection, found);
    return found;
  };
}

/** Stands ahead of the definition of a model as text. */
const DEFINED = "equations ";

/** The classes of a snapshot's objects, and what stands for the core and the models. */
function graphWith(cores: readonly Core[]): Graph {
  const defined = new Map<string, ModelRecord>();
  return {
    classes: {
      Simulation,
      Population,
      Projection,
      Neurons,
      Backgrounds,
      BuiltReceptor,
      BuiltSource,
      Live,
      Pool,
      Synapses,
      Part,
      Tap,
      SpikeStatistics,
      ...RECORDING_CLASSES,
    },
    nameOf: (object) => {
      const shard = cores.indexOf(object as Core);
      if (shard >= 0) return `core ${shard}`;
      const model = Object.values<ModelRecord>(KNOWN).find((m) => m === object);
      if (model !== undefined) return `model ${model.id}`;
      const { definition } = object as Partial<ModelRecord>;
      return definition === undefined ? undefined : `${DEFINED}${JSON.stringify(definition)}`;
    },
    named: (name) => {
      if (name.startsWith("core ")) return cores[Number(name.slice("core ".length))];
      if (name.startsWith(DEFINED)) {
        const model = defined.get(name) ?? readModelDefinition(JSON.parse(name.slice(DEFINED.length)));
        defined.set(name, model);
        return model;
      }
      const id = name.slice("model ".length);
      return name.startsWith("model ") && Object.hasOwn(KNOWN, id) ? KNOWN[id as keyof typeof KNOWN] : undefined;
    },
  };
}

/** The threads of simulations, and where their program comes from; they are not part of the state that a snapshot saves. */
const crews = new WeakMap<Simulation, Crew>();
const workerAddresses = new WeakMap<Simulation, string>();

/** Networks of so many neurons are shared out over the machine's threads unless told otherwise. */
const LARGE = 10_000;

/** Most steps between two exchanges of spikes, and most spikes that a log must hold for it. */
const LONGEST_INTERVAL = 32;
const LONGEST_LOG = 4_000_000;

/** Most threads that may be asked for. */
const MOST_THREADS = 64;

/** A recording of an event, which is no entry of a document. */
function recordEvent(event: Population, { from, neurons, interpolate }: RecordSpec, path: string, window: number | undefined, dt: number): SpikeRecording {
  if (interpolate) {
    const message = `${path}.interpolate = true; ${event.name} is an event, which happens at the end of a step.`;
    throw new ValueRangeError(message, { path: `${path}.interpolate`, value: true, allowed: "false" });
  }
  const recording = new SpikeRecording(event.name, event.size, { from, neurons, interpolated: false, window, dt });
  event.recordings.push(recording);
  return recording;
}

/** The time that a recording keeps, in ms. */
function readWindow(value: unknown, path: string): number | undefined {
  return value === undefined ? undefined : readNumber(value, `${path}.window`, "ms", "> 0");
}

function sampleTimes({ from, every }: { readonly from: number; readonly every?: number }, window: number | undefined, dt: number): SampleTimes {
  const steps = every === undefined ? 1 : intervalSteps(every, dt);
  const most = window === undefined ? undefined : Math.max(1, Math.floor(stepsOf(window, dt) / steps));
  return { first: firstStepFrom(from, dt), every: steps, dt, most };
}

function readThreads(value: unknown): number | undefined {
  return value === undefined ? undefined : readInteger(value, "threads", 1, MOST_THREADS);
}

function readAddress(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value instanceof URL) return value.href;
  if (typeof value !== "string" || value === "") wrongType(value, "worker", "a URL, the address of the package's shard.js");
  return value;
}

/** How far building is; told from within. */
interface Watch {
  fraction: () => number;
  /** The error with which building is given up, to be built anew by the next run. */
  givenUp?: unknown;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

interface Session {
  /** All that was asked for when this run is done. */
  readonly asked: TimeSum;
  readonly total: number;
  left: number;
  readonly firstChunk: number;
  readonly adapts: boolean;
  readonly profile: boolean;
  started: number;
  elapsed: number;
}

/** The next chunk's steps, so that it takes about CHUNK_MS. */
function nextChunk(steps: number, elapsed: number): number {
  const factor = Math.min(4, Math.max(0.25, CHUNK_MS / Math.max(elapsed, 0.01)));
  return Math.max(1, Math.min(LONGEST_CHUNK, Math.round(steps * factor)));
}

/**
 * With conductance receptors the exact method does not exist: the default changes, a choice is refused. The same where an
 * own model has more than two states and receptors whose current changes within a step.
 */
function withMethodForReceptors(spec: PopulationSpec): PopulationSpec {
  const receptors = Object.values(spec.receptors);
  const conducts = receptors.some(isConductance);
  const many = spec.model.definition !== undefined && Object.keys(spec.model.states).length > 2;
  const changing = many && receptors.some(({ kernel }) => kernel !== "delta" && kernel !== "step");
  if (spec.method !== "exact" || !(conducts || changing)) return spec;
  if (spec.methodIsDefault) return { ...spec, method: "exponentialEuler" };
  const allowed = spec.model.methods.filter((method) => method !== "exact");
  const why = conducts
    ? "with conductance receptors (E_rev) the equation is not linear with constant coefficients"
    : "a model with more than two states has no exact step for receptors";
  throw new ValueRangeError(
    `${spec.name}.method = "exact"; ${why}. Use one of: ${allowed.join(", ")}.`,
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
