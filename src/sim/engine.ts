/**
 * What carries a network out: lays it out in the cores' memories, advances it by chunks of steps, copies spikes and
 * samples out of the cores after each, and ends a run whose states leave their bounds.
 */
import { LONGEST_CHUNK, STATUS } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { buildInTurn, type Crew, ShardFailure } from "../core/crew.js";
import { reasonOf } from "../core/shard.js";
import { checkKeys, readBoolean, readInteger, readObject, wrongType } from "../model/check.js";
import { FailedRunError, InstabilityError, quantityText, StateError, ValueRangeError } from "../model/errors.js";
import { inAll, intervalSteps, plus, stepsOf, timeOf, type TimeSum } from "../model/grid.js";
import { parseDuration, parseTimeStep } from "../model/parse.js";
import { VERSION } from "../version.js";
import type { Finding } from "../model/findings.js";
import type { Quantity } from "./options.js";
import { remedyFor } from "./limits.js";
import type { Together } from "./connect.js";
import type { Live } from "./live.js";
import type { Network } from "./network.js";
import type { Population } from "./population.js";
import { makeProfile, setProfiling } from "./profile.js";
import type { Listened, Projection } from "./projection.js";
import { activityFindings, makeReport, populationReports } from "./report.js";
import type { Progress, Report, RunOptions } from "./report.js";
import type { Results, SampledTrace, SampledWeights } from "./results.js";
import type { Shards } from "./shards.js";
import { silenceFindings } from "./silence.js";
import { checkStability } from "./stability.js";
import { separateLabels } from "./streams.js";
import { type Probed, Tap } from "./tap.js";
import { durationFindings } from "./times.js";
import { patiently, pause, settle, sincePause } from "./work.js";

/**
 * Wall time that a chunk aims at, and from one report on building to the next, in ms: often enough for progress and
 * cancelling, too long to matter.
 */
const CHUNK_MS = 40;

/** Most steps between two exchanges of spikes, and most spikes that a log must hold for it. */
const LONGEST_INTERVAL = 32;
const LONGEST_LOG = 4_000_000;

/** Recorded bytes that are gathered for a sink, unless told otherwise. */
const GATHER = 1 << 20;

/** How runs ended: what the report says of them. */
interface Ending {
  readonly status: Report["status"];
  readonly findings: readonly Finding[];
}

/** A run that has not come to its end. */
const BROKEN_OFF: Ending = { status: "failed", findings: [] };

export class Engine {
  private readonly network: Network;
  private readonly results: Results;
  private readonly live: Live;
  readonly shards: Shards;
  /** Steps between two exchanges of spikes. */
  private interval = 1;
  private readonly created: number;
  /** The samples of all traces, once the network is built. */
  private taps: Tap[] = [];
  /** The network is laid out in memory. */
  built = false;
  private running = false;
  /**
   * Populations and projections whose random streams would be those of others, with the labels that these have instead.
   */
  labels: ReadonlyMap<string, string> = new Map();
  /** Why the simulation cannot run any more. */
  private broken: string | undefined;
  /** Steps that are whole, when a run failed in the middle of others. */
  private wholeSteps: number | undefined;
  /** What runs were asked for so far, in ms: they end at the step nearest to it. */
  private asked: TimeSum = { total: 0, rest: 0 };
  private ending: Ending = { status: "done", findings: [] };
  private setupMs = 0;
  private simulateMs = 0;
  /** The run is profiled; steps of all runs that were, and ms that copying out of the cores took in them. */
  private profiles = false;
  private profiledSteps = 0;
  private recordingMs = 0;

  /** @param created when the simulation was asked for */
  constructor(network: Network, results: Results, live: Live, shards: Shards, created: number) {
    this.network = network;
    this.results = results;
    this.live = live;
    this.shards = shards;
    this.created = created;
  }

  get cores(): readonly Core[] {
    return this.shards.cores;
  }

  private get crew(): Crew | undefined {
    return this.shards.crew;
  }

  /** Simulated time in ms. */
  get time(): number {
    return timeOf(this.stepsDone, this.network.dt);
  }

  /** The time in ms that runs were asked for. */
  get timeAsked(): number {
    return inAll(this.sumAsked());
  }

  private sumAsked(): TimeSum {
    // A run that did not come to its end leaves nothing over.
    return stepsOf(inAll(this.asked), this.network.dt) === this.stepsDone ? this.asked : { total: this.time, rest: 0 };
  }

  /** Steps that all shards have done. */
  get stepsDone(): number {
    return this.wholeSteps ?? Math.min(...this.cores.map((core) => core.exports.stepsDone()));
  }

  /** Takes up a recording of a network that is built; the present state is its first sample where that is due. */
  join(made: SampledTrace | SampledWeights): void {
    const taps = this.taps.length + 1;
    const tap = "population" in made ? this.tapTrace(made, taps) : this.tapWeights(made, taps, locator());
    this.taps.push(tap);
    // All recorders take a sample that is due now; the others have theirs already, and their buffers are emptied.
    for (const core of this.cores) core.exports.record();
    tap.drain(this.stepsDone);
    for (const core of this.cores) core.exports.drained();
  }

  /** Begins again at time 0. */
  reset(seed: number | undefined): void {
    this.mustRest();
    this.mustWork();
    this.build();
    if (seed !== undefined) this.shards.reseed(seed);
    for (const core of this.cores) core.exports.rewind();
    this.asked = { total: 0, rest: 0 };
    this.ending = { status: "done", findings: [] };
    this.live.stand(0);
    for (const population of this.network.emitters) population.reset();
    for (const projection of this.network.projections) projection.reset();
    this.results.restart();
    for (const tap of this.taps) tap.restart();
    this.sampleStart();
  }

  /** Lays the network out in memory. */
  build(): void {
    if (this.built) return;
    try {
      settle(this.recruit(false));
      settle(this.layOut(false));
    } finally {
      this.crew?.rest();
    }
  }

  /** Ends the threads. */
  close(): void {
    this.mustRest();
    this.shards.stop();
    this.broken ??= "is closed.";
  }

  mustRest(): void {
    if (this.running) throw new StateError("a run is under way; wait for its promise first.");
  }

  mustWork(): void {
    if (this.broken !== undefined) throw new StateError(`this simulation ${this.broken}`);
  }

  mustNotRun(what: string): void {
    if (this.built || this.broken !== undefined) {
      throw new StateError(
        `${what} cannot be added after the first run: the network's layout in memory is fixed then.`,
      );
    }
  }

  /** Builds the network and leaves it as a snapshot can have it. */
  prepareSnapshot(): void {
    if (this.running) throw new StateError("a run is under way; take the snapshot when its promise has settled.");
    if (this.broken) throw new StateError(`this simulation cannot be saved: it ${this.broken}`);
    this.build();
  }

  private *recruit(patient: boolean): Generator<undefined, void> {
    this.mustWork();
    yield* this.shards.recruit(this.network, this.built, patient);
  }

  /**
   * @param patient this thread can let its events have their turn, without which the threads of a browser do not start
   * @param watch is told how far building is
   */
  private *layOut(patient: boolean, watch: Watch = { fraction: () => 0 }): Generator<undefined, void> {
    if (this.built) return;
    if (this.network.populations.size === 0) {
      throw new StateError("the simulation has no population yet; add one with population().");
    }
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
    this.shards.unbuild();
    for (const population of this.network.emitters) population.unbuild();
    for (const projection of this.network.projections) projection.unbuild();
    this.live.lazy = [];
  }

  private *layOutParts(patient: boolean, watch: Watch): Generator<undefined, void> {
    const { cores, crew, network, results } = this;
    const { emitters: populations, projections } = network;
    this.labels = separateLabels(
      network.spec,
      projections.map(({ name }) => name),
    );
    for (const core of cores) core.labels = this.labels;
    for (const population of populations) yield* population.build(cores);
    for (const [name, population] of network.populations) population.sendEvents(network.eventsOf(name));
    const ends = projections.map((projection) => network.endsOf(projection));
    const listened = projections.map((projection) => network.listenedBy(projection));
    const heard = new Set([
      ...ends.map(([source]) => source),
      ...listened.flatMap(({ events, modulator }) => [...events.values(), ...(modulator ? [modulator] : [])]),
    ]);
    for (const [i, projection] of projections.entries()) projection.announce(...(ends[i] as [Population, Population]));
    for (const population of populations) yield* population.foresee();
    // With the kernels that they will need: a worker that lacks one has to be replaced.
    if (crew) yield* crew.start(patient);
    const work = projections.map((projection, i) => projection.expected(...(ends[i] as [Population, Population])));
    const all = work.reduce((sum, w) => sum + w, 0);
    let before = 0;
    for (const [i, projection] of projections.entries()) {
      const own = work[i] as number;
      const start = before;
      watch.fraction = () => (start + own * mean(cores.map((core) => core.exports.graphProgress()))) / all;
      const [from, to] = ends[i] as [Population, Population];
      const together: Together = (step) => (crew ? crew.build(step) : buildInTurn(cores, step));
      const others = { ...(listened[i] as Omit<Listened, "late">), late: LONGEST_INTERVAL };
      yield* projection.build(from, to, network.dt, together, others);
      before += own;
    }
    this.interval = this.exchangeInterval();
    for (const population of populations) {
      yield* population.finish(this.interval, heard.has(population));
    }
    const taps = results.traces.length + results.weightTraces.length;
    const locate = locator();
    this.taps = [
      ...results.traces.map((trace) => this.tapTrace(trace, taps)),
      ...results.weightTraces.map((trace) => this.tapWeights(trace, taps, locate)),
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
    const shortest = Math.min(LONGEST_INTERVAL, ...this.network.projections.map((p) => p.delays.shortest));
    const neurons = Math.max(...[...this.network.populations.values()].map((p) => p.size));
    return Math.max(1, Math.min(shortest, Math.floor(LONGEST_LOG / neurons)));
  }

  private tapTrace({ recording, population, times }: SampledTrace, taps: number): Tap {
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
      const { column, output, looked } = isBackground
        ? { column: core.allocate(padded * 8, label) }
        : population.columnOf(variable, core);
      return {
        core,
        column,
        backgroundOf: isBackground ? address : 0,
        ...(output && { outputOf: [address, output.address] as const }),
        ...(looked !== undefined && { lookAt: [address, looked] as const }),
        places: own.map((i) => (neurons[i] as number) - slice.first),
        positions: own,
      };
    });
    return new Tap(recording, probed, { ...times, late: false }, this.interval, taps, label);
  }

  private tapWeights({ recording, projection, times }: SampledWeights, taps: number, locate: Locator): Tap {
    const total = projection.synapses;
    const given = recording.synapses;
    const chosen = given.length > 0 ? given : Uint32Array.from({ length: total }, (_, j) => j);
    const beyond = chosen.find((j) => j >= total);
    const label = `recordWeights ${projection.name}`;
    if (beyond !== undefined) {
      const allowed = total === 0 ? "left out: the projection has no synapses" : `an integer from 0 to ${total - 1}`;
      throw new ValueRangeError(`${label}: synapse ${beyond}; it must be ${allowed}.`, {
        path: label,
        value: beyond,
        allowed,
      });
    }
    recording.start(chosen);
    const { part, index } = locate(projection)(chosen);
    const probed = projection.inCores.map((synapses, k): Probed => {
      const own = Uint32Array.from(chosen, (_, i) => i).filter((i) => part[i] === k);
      const places = own.map((i) => index[i] as number);
      return { core: synapses.core, backgroundOf: 0, positions: own, ...synapses.probed(recording.variable, places) };
    });
    return new Tap(recording, probed, { ...times, late: true }, 2 * this.interval, taps, label);
  }

  /** Runs, letting events have their turn. */
  async run(duration: Quantity, options: RunOptions): Promise<Report | undefined> {
    const session = this.plan(duration, options);
    this.start();
    try {
      const report = await this.carryOut(session, options);
      await this.deliver(session);
      return report;
    } catch (error) {
      // A sink may fail when time is over.
      if (this.ending.status === "done" || this.ending.status === "cancelled") this.ending = BROKEN_OFF;
      // What was recorded until then is whole.
      await this.deliver(session).catch((reason: unknown) => {
        if (error instanceof Error) error.cause ??= reason;
      });
      throw error;
    } finally {
      this.running = false;
      this.crew?.rest();
    }
  }

  private async carryOut(session: Session, options: RunOptions): Promise<Report | undefined> {
    await patiently(this.recruit(true));
    if (!(await this.layOutPatiently(session, options))) return this.end(session, true);
    this.begin(session);
    let chunk = session.firstChunk;
    while (session.left > 0 && !options.signal?.aborted) {
      const started = performance.now();
      await patiently(this.advance(session, Math.min(chunk, session.left)));
      const elapsed = performance.now() - started;
      if (session.adapts) chunk = nextChunk(chunk, elapsed);
      options.onProgress?.(this.progress(session));
      if (session.sink && this.results.bytes >= session.gather) await this.deliver(session);
      // Not of this run alone: a program may make one short run after the other.
      if (sincePause() > 20) await pause();
    }
    return this.end(session, options.signal?.aborted === true && session.left > 0);
  }

  /** Gives the sink what is recorded, and forgets it when the sink has it; one that fails is given nothing more. */
  private async deliver(session: Session): Promise<void> {
    const { sink } = session;
    if (sink === undefined) return;
    session.sink = undefined;
    await sink(this.results.tables());
    this.results.forget();
    session.sink = sink;
  }

  private start(): void {
    this.running = true;
    this.ending = BROKEN_OFF;
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
      for (let { done } = work.throw(error); !done; { done } = work.next()) await pause();
    } catch (end) {
      if (end !== error) throw end;
    }
  }

  private buildingProgress(session: Session, fraction: number): Progress {
    const elapsedMs = performance.now() - session.started;
    const remainingMs = fraction === 0 ? Number.POSITIVE_INFINITY : (elapsedMs * (1 - fraction)) / fraction;
    return { phase: "building", time: 0, fraction, elapsedMs, remainingMs, spikes: 0 };
  }

  /** Runs and blocks until it is done. */
  runSync(duration: Quantity, options: Pick<RunOptions, "report">): Report | undefined {
    const session = this.plan(duration, options);
    this.start();
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
    const end = stepsOf(inAll(asked), this.network.dt);
    if (end > Number.MAX_SAFE_INTEGER / 2) {
      const sum = this.stepsDone === 0 ? "is" : "ends after";
      throw new ValueRangeError(`duration = ${ms} ms ${sum} ${end} steps; it must be fewer than 2^52 steps.`, {
        path: "duration",
        value: ms,
      });
    }
    const steps = end - this.stepsDone;
    const known = ["onProgress", "sink", "gather", "signal", "chunk", "profile", "report"];
    checkKeys(readObject(options, "run"), "run", known, "option");
    for (const name of ["onProgress", "sink"] as const) {
      const { [name]: given } = options;
      if (given !== undefined && typeof given !== "function") wrongType(given, `run.${name}`, "a function");
    }
    const { gather: bytes = GATHER } = options;
    const gather = readInteger(bytes, "run.gather", 1, Number.MAX_SAFE_INTEGER);
    if (options.signal !== undefined && typeof options.signal?.aborted !== "boolean") {
      wrongType(options.signal, "run.signal", "an AbortSignal");
    }
    const profile = options.profile !== undefined && readBoolean(options.profile, "run.profile");
    const reports = options.report === undefined || readBoolean(options.report, "run.report");
    const chunkMs = options.chunk === undefined ? undefined : parseTimeStep(options.chunk, "chunk");
    const firstChunk = chunkMs === undefined ? 16 : intervalSteps(chunkMs, this.network.dt);
    const chunks = { total: steps, left: steps, firstChunk, adapts: chunkMs === undefined };
    return { asked, ...chunks, profile, reports, gather, sink: options.sink, started: performance.now() };
  }

  private begin(session: Session): void {
    this.profiles = session.profile;
    const sizes = [...this.network.populations.values()].map((p) => p.size);
    const neurons = sizes.reduce((sum, size) => sum + size, 0);
    setProfiling(this.cores, session.profile, neurons, sizes.length + this.network.projections.length);
    session.started = performance.now();
    this.makeRoom(session);
  }

  /** Makes the logs hold what may fire in the rest of a run, and tells the threads where they are. */
  private makeRoom(session: Session): void {
    const { time, crew } = this;
    this.live.takeChanged();
    this.interval = Math.min(this.interval, this.live.shortest);
    for (const [p, population] of this.network.emitters.entries()) {
      population.expect(time, time + session.left * this.network.dt);
      for (const [shard, part] of population.parts.entries())
        crew?.wire(p, shard, [...part.addresses, part.slice.first]);
    }
    for (const core of this.cores) core.exports.wakeBlocks();
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
      for (const population of this.network.populations.values()) population.checkStates(this.time);
    } catch (error) {
      this.simulateMs += performance.now() - started;
      this.fail(error as InstabilityError);
    }
    this.simulateMs += performance.now() - started;
  }

  /**
   * Lets the core run; whether a neuron ran away. A trap leaves it in the middle of a step: what was recorded until
   * then is all there is.
   */
  private *step(steps: number, before: number): Generator<undefined, boolean> {
    const { crew } = this;
    try {
      return crew ? yield* crew.run(steps, this.interval) : this.shards.first.exports.run(steps) === STATUS.unstable;
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
    const finding: Finding = {
      level: "error",
      code: error.code,
      message,
      population: null,
      parameter: null,
      value: null,
      limit: null,
    };
    error.report = this.endRun("failed", [finding]);
    return error;
  }

  private drain(): void {
    const started = this.profiles ? performance.now() : 0;
    // A neuron that ran away may have stopped its shard while others went on to the end of the interval.
    const steps = Math.min(...this.cores.map((core) => core.exports.stepsSinceDrain()));
    const done = this.stepsDone;
    for (const population of this.network.emitters) population.drain(done - steps, steps);
    for (const tap of this.taps) tap.drain(done);
    for (const core of this.cores) core.exports.drained();
    if (this.profiles) this.recordingMs += performance.now() - started;
  }

  private instability(): InstabilityError {
    const { exports: first } = this.cores.find(({ exports }) => exports.guardPopulation() !== 0) ?? {};
    if (!first) return this.ruleRunaway();
    // The first of several: by step, then population, then neuron, as one shard would have met them.
    const populations = [...this.network.populations.values()];
    const all = this.cores
      .filter(({ exports }) => exports.guardPopulation() !== 0 && exports.stepsDone() === this.stepsDone)
      .map((core) => {
        const address = core.exports.guardPopulation() >>> 0;
        const place = populations.findIndex((p) =>
          p.parts.some((part) => part.core === core && part.address === address),
        );
        const population = populations[place] as Population;
        return { core, place, population, neuron: population.partIn(core).slice.first + core.exports.guardNeuron() };
      })
      .sort((a, b) => a.place - b.place || a.neuron - b.neuron);
    const { core, population, neuron } = all[0] as (typeof all)[number];
    const { exports } = core;
    const states = Object.entries(population.model.states);
    const receptor = exports.guardReceptor() >>> 0;
    const [variable, record] = states[exports.guardState()] ?? ["", { unit: "" }];
    const own = receptor === 0 ? undefined : population.receptorState(core, receptor, exports.guardState());
    const found = { population: population.name, neuron, time: this.time };
    const values = { value: exports.guardValue(), lastFinite: exports.guardLastFinite() };
    if (own !== undefined) return new InstabilityError({ ...found, ...values, ...own });
    return new InstabilityError({
      ...found,
      ...values,
      variable,
      unit: record.unit,
      remedy: remedyFor(population.model, population.description.method, this.network.dt, exports.guardValue()),
    });
  }

  /** A synapse, or what belongs to an end of a projection, ran away: the first of the first projection. */
  private ruleRunaway(): InstabilityError {
    for (const projection of this.network.projections) {
      const found = projection.runaway(this.time);
      if (found) return found;
    }
    throw new RangeError("a rule stopped the run, and all its values are numbers");
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
    error.report = this.endRun("unstable", [finding]);
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
      spikes: [...this.network.populations.values()].reduce((sum, p) => sum + p.statistics.spikes, 0),
    };
  }

  private end({ asked, reports }: Session, cancelled: boolean): Report | undefined {
    if (!cancelled) this.asked = asked;
    const findings = cancelled ? [] : durationFindings(inAll(asked), this.network.dt);
    this.ending = { status: cancelled ? "cancelled" : "done", findings };
    return reports ? this.reportOf(this.ending, this.time) : undefined;
  }

  private endRun(status: Report["status"], findings: readonly Finding[]): Report {
    this.ending = { status, findings };
    return this.reportOf(this.ending, this.time);
  }

  /** What runs have done so far, as far as it is recorded. */
  get reached(): Pick<Report, "duration" | "populations"> {
    const duration = this.drainedTime;
    return { duration, populations: populationReports([...this.network.populations.values()], duration) };
  }

  /** The report of the runs so far. */
  report(): Report {
    return this.reportOf(this.ending, this.drainedTime);
  }

  /** Time in ms up to which spikes and samples have left the cores: all of it, but for a run that broke off. */
  private get drainedTime(): number {
    const steps = Math.min(...this.cores.map(({ exports }) => exports.stepsDone() - exports.stepsSinceDrain()));
    return timeOf(steps, this.network.dt);
  }

  private reportOf({ status, findings: more }: Ending, time: number): Report {
    const { spec, name, dt, projections } = this.network;
    const populations = [...this.network.populations.values()];
    // What a run that broke off has not done says nothing of its input.
    const broken = status === "unstable" || status === "failed";
    const silence = broken ? [] : silenceFindings(populations, projections, time);
    const checked = [...checkStability(spec), ...activityFindings(populations, time, dt)];
    const findings = [...more, ...checked, ...silence, ...this.shards.findings()];
    return makeReport({
      status,
      name,
      version: VERSION,
      seed: this.live.seed,
      dt,
      duration: time,
      populations,
      synapses: projections.reduce((sum, p) => sum + p.synapses, 0),
      setupMs: this.setupMs,
      simulateMs: this.simulateMs,
      ...(this.profiles && {
        profile: makeProfile(this.cores, populations, projections, this.profiledSteps, this.recordingMs),
      }),
      findings,
    });
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
  readonly reports: boolean;
  /** Recorded bytes that are gathered for a sink. */
  readonly gather: number;
  /** What takes the results while running, as long as it can. */
  sink: RunOptions["sink"];
  started: number;
}

/** The next chunk's steps, so that it takes about CHUNK_MS. */
function nextChunk(steps: number, elapsed: number): number {
  const factor = Math.min(4, Math.max(0.25, CHUNK_MS / Math.max(elapsed, 0.01)));
  return Math.max(1, Math.min(LONGEST_CHUNK, Math.round(steps * factor)));
}
