/** The simulation: a network under construction, then one that runs. It is a door to network, engine and results. */
import { Core, type CoreSource } from "../core/core.js";
import type { Address } from "../core/platform.js";
import type { ModelDocument } from "../io/document.js";
import { checkKeys, readInteger, readObject, wrongType } from "../model/check.js";
import { StateError } from "../model/errors.js";
import { parseDocument, parseNetworkName, type ParseOptions, parseSeed, parseTimeStep } from "../model/parse.js";
import type { EventName, ModelRecord, StateName } from "../model/record.js";
import type { NetworkSpec } from "../model/spec.js";
import { Engine } from "./engine.js";
import type { Finding } from "../model/findings.js";
import type { ConnectOptions, PopulationOptions, Quantity, ReceptorInput, RecordOptions } from "./options.js";
import { Live } from "./live.js";
import { Network } from "./network.js";
import type { Population } from "./population.js";
import type { Projection } from "./projection.js";
import { SpikeRecording, type TraceRecording, type WeightRecording, type WeightRecordOptions } from "./recording.js";
import type { Report, RunOptions } from "./report.js";
import { Results, type SampledTrace } from "./results.js";
import { restoreImage, type Saved, saveImage } from "./saved.js";
import { Shards } from "./shards.js";

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
   * Threads that share the work, 1 to 64: shards with part of the neurons each. Results do not depend on it. By default
   * as many as the machine has for large networks, else one. See docs/threads.md.
   */
  readonly threads?: number | undefined;
  /**
   * For pages whose Content-Security-Policy does not let workers come from `blob:`: the address of the package's
   * `shard.js` on the page's own server. See docs/threads.md.
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

type Variable<M extends ModelRecord, R extends string> = StateName<M> | `${string}_${R}` | "I_background";

/** Most threads that may be asked for. */
const MOST_THREADS = 64;

/**
 * A network that is built, run and read out. Populations and projections are added before the first run; recordings can
 * be added, and parameters and background currents be changed, at any time between runs.
 */
export class Simulation {
  /** Time step in ms. */
  readonly dt: number;
  readonly name: string;
  /** What is recorded, as tables: all that is here, or what has come since the last look. */
  readonly results: Results;
  /** A text of the program's own that snapshots keep, such as what it needs to go on beside the network. */
  note: string | undefined;
  private readonly network: Network;
  private readonly engine: Engine;
  private readonly live: Live;

  private constructor({ network, results, live, engine, note }: Saved) {
    this.dt = network.dt;
    this.name = network.name;
    this.network = network;
    this.results = results;
    this.live = live;
    this.engine = engine;
    this.note = note;
  }

  /** A simulation of a network that has nothing in it yet. */
  private static async empty(
    given: Pick<NetworkSpec, "name" | "dt" | "seed"> & { readonly duration?: number },
    { core, threads, worker }: ExecutionOptions,
    created: number,
  ): Promise<Simulation> {
    const address = readAddress(worker);
    const live = new Live(given.seed);
    const network = new Network(given, live);
    const results = new Results(network);
    const shards = new Shards(await Core.create(core), network.dt, live, readThreads(threads));
    shards.setWorker(address);
    const engine = new Engine(network, results, live, shards, created);
    return new Simulation({ network, results, live, engine, note: undefined });
  }

  /** An empty simulation. Loads the core, hence a promise. */
  static async create(options: SimulationOptions): Promise<Simulation> {
    const created = performance.now();
    checkKeys(
      readObject(options, "create", "an object with at least dt"),
      "create",
      ["dt", "seed", "name", "core", "threads", "worker"],
      "option",
    );
    const dt = parseTimeStep(options.dt, "dt");
    const seed = options.seed === undefined ? 1 : parseSeed(options.seed, "seed");
    const name = options.name === undefined ? "network" : parseNetworkName(options.name, "name");
    return Simulation.empty({ name, dt, seed }, options, created);
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

  /**
   * A simulation of checked data: what `parseDocument` and `parseModelFile` give, an importer, `toSpec` or `explicit`.
   *
   * @throws SpikeletError when a model brings no kernels, or a method does not go with the receptors
   */
  static async fromSpec(spec: NetworkSpec, options: ExecutionOptions = {}): Promise<Simulation> {
    const simulation = await Simulation.empty(spec, options, performance.now());
    const { network, results } = simulation;
    for (const population of spec.populations) network.addPopulation(population);
    for (const projection of spec.projections) network.addProjection(projection);
    for (const record of spec.record) results.add(record, undefined);
    for (const record of spec.recordWeights) results.keep(record, results.sampleWeights(record, undefined));
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
    this.engine.mustNotRun("a population");
    const spec = this.network.readPopulation(name, model, size, options);
    return this.network.addPopulation(spec) as unknown as Population<M, Extract<keyof R, string>>;
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
    this.engine.mustNotRun("a projection");
    const [from, to] = [source as unknown as Population, target as unknown as Population];
    return this.network.addProjection(this.network.readProjection(from, to, options));
  }

  /** Records the spikes of a population, before the first run or between runs. */
  record<M extends ModelRecord, R extends string>(
    population: Population<M, R>,
    variable: "spikes",
    options?: RecordOptions,
  ): SpikeRecording;
  /** Records when an event of an own model happens: as if it were a spike, without `interpolate`. */
  record<M extends ModelRecord, R extends string>(
    population: Population<M, R>,
    variable: EventName<M>,
    options?: RecordOptions,
  ): SpikeRecording;
  /**
   * Records a state, a receptor's conductance or current (`g_NAME`, `i_NAME`), a state of a receptor with a kernel of
   * one's own (`STATE_NAME`), or the background current (`I_background`).
   */
  record<M extends ModelRecord, R extends string>(
    population: Population<M, R>,
    variable: Variable<M, NoInfer<R>>,
    options?: RecordOptions,
  ): TraceRecording;
  record(population: unknown, variable: string, options: RecordOptions = {}): SpikeRecording | TraceRecording {
    this.mayRecord();
    const { stepsDone } = this.engine;
    const { spec, window, event } = this.network.readRecord(population as Population, variable, options, stepsDone);
    if (event !== undefined) return this.results.addSpikes(event, spec, window);
    const [made] = this.results.add(spec, window) as [SpikeRecording | SampledTrace];
    if (made instanceof SpikeRecording) return made;
    if (this.engine.built) this.engine.join(made);
    return made.recording;
  }

  /**
   * Records weights of a plastic projection, before the first run or between runs.
   *
   * @throws StateError when the weights do not change; ValueRangeError for a synapse that there is not: before the
   *   first run, at the first run
   */
  recordWeights(projection: Projection, options: WeightRecordOptions = {}): WeightRecording {
    this.mayRecord();
    const { spec, window } = this.network.readWeightRecord(projection, options, this.engine.stepsDone);
    const made = this.results.sampleWeights(spec, window);
    // Refuses a synapse that there is not.
    if (this.engine.built) this.engine.join(made);
    this.results.keep(spec, made);
    return made.recording;
  }

  /**
   * Seed of the random numbers from now on: that of the network (`toDocument` has it), or what `restore` or `reset` was
   * given.
   */
  get seed(): number {
    return this.live.seed;
  }

  /** The populations by name. */
  get populations(): ReadonlyMap<string, Population> {
    return this.network.populations;
  }

  /** The projections, in the order of their making. */
  get projections(): readonly Projection[] {
    return this.network.projections;
  }

  /**
   * First spike recording of each population that has one, all recorded traces and weights. `results` has tables of
   * them.
   */
  get recordings(): {
    readonly spikes: ReadonlyMap<string, SpikeRecording>;
    readonly traces: readonly TraceRecording[];
    readonly weights: readonly WeightRecording[];
  } {
    const { firstSpikes, traces, weightTraces } = this.results;
    return {
      spikes: firstSpikes,
      traces: traces.map(({ recording }) => recording),
      weights: weightTraces.map(({ recording }) => recording),
    };
  }

  /** Simulated time in ms: steps done times dt. */
  get time(): number {
    return this.engine.time;
  }

  /** The time in ms that runs were asked for: `time` but for its rounding to steps. */
  get timeAsked(): number {
    return this.engine.timeAsked;
  }

  /** Whether the network is laid out in memory, as the first run, `build` or `snapshot` does it. */
  get isBuilt(): boolean {
    return this.engine.built;
  }

  /** Number of shards: threads, or parts of the work where threads cannot be had; 1 before the network is built. */
  get shards(): number {
    return this.engine.cores.length;
  }

  /** Findings on the network as it stands, before any run; the worst first. */
  check(): Finding[] {
    return this.network.check();
  }

  /** The network as checked data, with the changes since: what `fromSpec` and exporters take. */
  toSpec(): NetworkSpec {
    return this.network.spec;
  }

  /** The network as a model file's content: `fromDocument` of it gives the same simulation. */
  toDocument(): ModelDocument {
    return this.network.document;
  }

  /**
   * The network with all that is drawn from its seed: each synapse of each projection in a list, a number for each
   * distribution, the initial values. `toDocument` makes a model file of it, which runs to the same spikes. The network
   * is built for that, if it is not yet.
   *
   * @throws StateError when the simulation has run: what spikes are under way could not be said
   */
  explicit(): NetworkSpec {
    this.build();
    if (this.time > 0) {
      throw new StateError(`an explicit network is that of the start; this simulation has run for ${this.time} ms. Reset it, or take a snapshot.`);
    }
    return this.network.drawn;
  }

  /**
   * The simulation as bytes, between two runs: everything that what follows depends on, and the recordings so far.
   * Going on from `Simulation.restore` of it equals never having stopped, bit for bit; restoring it several times
   * branches. The first run is started if there was none. See docs/snapshots.md.
   */
  snapshot(): Uint8Array {
    this.engine.prepareSnapshot();
    const { network, results, live, engine, note } = this;
    return saveImage({ network, results, live, engine, note });
  }

  /**
   * The simulation of a snapshot, with all its populations, projections and recordings under their names.
   *
   * @param options with a `seed` the future is another one: noise, Poisson input and sources, release and what is drawn
   *   from now on. States, weights, connections and all that was drawn before stay. See docs/snapshots.md
   * @throws SnapshotError when the bytes are no snapshot, are damaged, or come from another version of the package
   */
  static async restore(bytes: Uint8Array, options: RestoreOptions = {}): Promise<Simulation> {
    checkKeys(readObject(options, "restore"), "restore", ["core", "seed", "worker"], "option");
    const seed = options.seed === undefined ? undefined : parseSeed(options.seed, "restore.seed");
    const worker = readAddress(options.worker);
    const simulation = new Simulation(await restoreImage(bytes, options.core));
    const { shards } = simulation.engine;
    shards.setWorker(worker);
    if (seed !== undefined) shards.reseed(seed);
    return simulation;
  }

  /**
   * Begins again at time 0, for another trial with the same network: states, receptors, refractoriness and noise start
   * as they did, no spike is on its way, traces of plasticity, resources of short-term plasticity and recordings are
   * empty. Weights, connections, parameters and background currents stay as they are.
   *
   * Without a seed the same random numbers come again; with another one initial values are drawn anew, and noise,
   * Poisson input and sources, and release are others.
   *
   * @throws StateError during a run, and after one that cannot go on
   */
  reset(options: { readonly seed?: number } = {}): void {
    checkKeys(readObject(options, "reset"), "reset", ["seed"], "option");
    const seed = options.seed === undefined ? undefined : parseSeed(options.seed, "reset.seed");
    this.engine.reset(seed);
  }

  /** Lays the network out in memory; the first run does it otherwise. */
  build(): void {
    this.engine.build();
  }

  /** Ends the threads of a simulation that is not needed any more; it cannot run again. */
  close(): void {
    this.engine.close();
  }

  /**
   * Runs for `duration` ms. Call it again to go on: run(a) then run(b) equals run(a + b) bit for bit. Parameters and
   * background currents may be changed in between.
   *
   * A run ends at the step that is nearest to the sum of all durations so far: what one that is no whole number of
   * steps of dt leaves over counts towards the next (1000 runs of 0.04 ms at dt 0.1 end at 40 ms). The report has a
   * finding then.
   *
   * @throws InstabilityError when a state leaves its bounds; its `report` and all recordings hold the results so far
   * @throws StateError when a run is under way already
   */
  async run(duration: Quantity, options: RunOptions & { readonly report: false }): Promise<undefined>;
  async run(duration: Quantity, options?: RunOptions & { readonly report?: true }): Promise<Report>;
  async run(duration: Quantity, options: RunOptions): Promise<Report | undefined>;
  async run(duration: Quantity, options: RunOptions = {}): Promise<Report | undefined> {
    return this.engine.run(duration, options);
  }

  /** Like `run` without interruptions: blocks until done; no progress, no cancelling. For measurements and workers. */
  runSync(duration: Quantity, options: { readonly report: false }): undefined;
  runSync(duration: Quantity): Report;
  runSync(duration: Quantity, options: Pick<RunOptions, "report"> = {}): Report | undefined {
    return this.engine.runSync(duration, options);
  }

  /**
   * The report of the runs so far, as `run` gives it; also after an error ended one, whose `duration` is then the time
   * up to which results are recorded, and its status `failed` where it was not the guard.
   */
  report(): Report {
    return this.engine.report();
  }

  /** Time and spikes of each population, as far as they are recorded: the part of `report()` that costs nothing. */
  get reached(): Pick<Report, "duration" | "populations"> {
    return this.engine.reached;
  }

  private mayRecord(): void {
    this.engine.mustRest();
    this.engine.mustWork();
  }
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
