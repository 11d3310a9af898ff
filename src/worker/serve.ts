/** The worker's side: a simulation that does what messages say. */
import {
  compareTimeSteps,
  defineModel,
  latexOf,
  type ModelDefinition,
  type ModelRecord,
  models,
  parseDuration,
  parseModelFile,
  type Population,
  type Projection,
  restingState,
  rheobase,
  Simulation,
  SpikeletError,
  StateError,
  toDocument,
  type TraceRecording,
  vectorField,
} from "../index.js";
import {
  checkKeys,
  itemPath,
  readInteger,
  readList,
  readName,
  readNumber,
  readObject,
  requiredField,
} from "../model/check.js";
import { libraryModel, libraryNames } from "../model/library.js";
import { pause } from "../sim/work.js";
import {
  type Endpoint,
  type ErrorData,
  type Frame,
  type FrameState,
  hear,
  type ModelFacts,
  type NetworkFacts,
  type OpenOptions,
  type PlayOptions,
  type Reply,
  type Request,
  type Standing,
  type Watch,
} from "./protocol.js";

/** Frames that may be on their way or in the page's hands; the network waits when there are so many. */
const MOST_FRAMES = 2;
/** Wall ms of a frame, and at most where the page draws more slowly than that. */
const FRAME = 12;
const LONGEST_FRAME = 50;
/** Wall ms by which a clock may be behind and still comes back. */
const MADE_UP = 200;
/** Wall ms between two looks at the clock while it is too early. */
const NAP = 2;

const nap = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What an error is, as data. */
function errorData(error: unknown): ErrorData {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const code = error instanceof SpikeletError ? error.code : "internal";
  const facts: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error instanceof Error ? error : {})) {
    if (["name", "code", "message", "stack", "cause"].includes(key)) continue;
    try {
      facts[key] = structuredClone(value);
    } catch {
      // A value that no message can carry: the text of the error has it.
    }
  }
  return { name, code, message, facts };
}

/** A named thing of a network. */
function named<T>(all: ReadonlyMap<string, T>, name: unknown, what: string): T {
  return all.get(readName(name, what, what, [...all.keys()])) as T;
}

/** The options of a call, none of which is unknown. */
function optionsOf(given: unknown, call: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  const options = readObject(given, call, "an object of options");
  checkKeys(options, call, known, "option");
  return options;
}

/** Speed, end and length of frames; what is left out is a number too large to matter, or the usual one. */
function readPlay(given: unknown): Required<PlayOptions> {
  const options = optionsOf(given, "play", ["speed", "until", "frame"]);
  const number = (key: string, unit: string, otherwise: number): number =>
    options[key] === undefined
      ? otherwise
      : readNumber(options[key], `play.${key}`, unit, key === "until" ? undefined : "> 0");
  return {
    speed: number("speed", "", Number.POSITIVE_INFINITY),
    until: number("until", "ms", Number.POSITIVE_INFINITY),
    frame: number("frame", "ms", FRAME),
  };
}

function modelFacts(model: ModelRecord): ModelFacts {
  const { id, current, states, params, methods, example } = model;
  return {
    id,
    current,
    states: Object.fromEntries(Object.entries(states).map(([name, { unit }]) => [name, unit])),
    params: Object.fromEntries(
      Object.entries(params).map(([name, one]) => [name, { default: one.default, unit: one.unit }]),
    ),
    methods: [...methods],
    ...(example && { example }),
    latex: latexOf(model),
  };
}

/** States, receptors' states and the background current of a population. */
function variablesOf({ recordable, description: { background } }: Population): string[] {
  return recordable.filter((name) => name !== "spikes" && (name !== "I_background" || background.length > 0));
}

/** What plays between `play` and `pause`. */
interface Play {
  stopped: boolean;
}

class Session {
  private readonly endpoint: Endpoint;
  private simulation: Simulation | undefined;
  private readonly watched = new Map<number, readonly TraceRecording[]>();
  private readonly shown = new Map<string, readonly [population: string, variable: string]>();
  private watches = 0;
  private playing: Play | undefined;
  /** Frames that the page has not given back. */
  private out = 0;
  private wake: (() => void) | undefined;
  /** The end of what was asked for last: one thing after another. */
  private last: Promise<unknown> = Promise.resolve();
  private lastFrame = 0;
  /** Simulated ms that fit into a frame. */
  private stretch = 1;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    hear(endpoint, (message) => this.take(message as Request));
  }

  private take(message: Request): void {
    if ("taken" in message) {
      this.out -= message.taken;
      this.wake?.();
      return;
    }
    const { id, call, args } = message;
    // pauses at once, not when what plays has its turn
    if (this.playing && ["pause", "play", "open", "close", "reset", "advance"].includes(call))
      this.playing.stopped = true;
    this.wake?.();
    void this.inTurn(async () => {
      const operation = OPERATIONS[readName(call, "ask", "call", Object.keys(OPERATIONS) as Operation[])];
      return (operation as (session: Session, ...args: unknown[]) => unknown)(this, ...args);
    }).then(
      (value) =>
        this.send({ id, value }, value instanceof Uint8Array || value instanceof Float64Array ? [value.buffer] : []),
      (error: unknown) => this.send({ id, error: errorData(error) }),
    );
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  private send(reply: Reply, transfer: readonly unknown[] = []): void {
    this.endpoint.postMessage(reply, transfer as never[]);
  }

  get sim(): Simulation {
    if (this.simulation === undefined) throw new StateError("no network is open: call open first.");
    return this.simulation;
  }

  population(name: unknown): Population {
    return named(this.sim.populations, name, "population");
  }

  projection(name: unknown): Projection {
    return named(new Map(this.sim.projections.map((one) => [one.name, one])), name, "projection");
  }

  async open(source: object | Uint8Array, options: OpenOptions = {}): Promise<NetworkFacts> {
    optionsOf(options, "open", ["seed", "threads", "core", "worker"]);
    const { seed, threads, core, worker } = options;
    const execution = { ...(core !== undefined && { core: new URL(core) }), ...(worker !== undefined && { worker }) };
    const next =
      source instanceof Uint8Array
        ? await Simulation.restore(source, { ...execution, ...(seed !== undefined && { seed }) })
        : await Simulation.fromDocument(seed === undefined ? source : { ...source, seed }, {
            ...execution,
            ...(threads !== undefined && { threads }),
          });
    this.close();
    this.simulation = next;
    const findings = next.check();
    // built in pieces, so that the page can show it
    if (!next.isBuilt)
      await next.run(0, {
        onProgress: ({ phase, fraction }) => phase === "building" && this.send({ building: fraction }),
      });
    // what was recorded before a snapshot was shown then
    if (source instanceof Uint8Array) next.results.take();
    return {
      name: next.name,
      dt: next.dt,
      seed: next.seed,
      time: next.time,
      shards: next.shards,
      populations: [...next.populations.values()].map((population) => ({
        name: population.name,
        model: population.description.model.id,
        size: population.size,
        variables: variablesOf(population),
      })),
      projections: next.projections.map(({ name, synapses, description: { source, target } }) => ({
        name,
        source,
        target,
        synapses,
      })),
      findings,
    };
  }

  close(): void {
    this.simulation?.close();
    this.simulation = undefined;
    this.watched.clear();
    this.shown.clear();
    this.stretch = 1;
  }

  /** Runs to a time, and sends what happened until there as a frame. */
  private async compute(until: number): Promise<void> {
    const { sim } = this;
    const [from, started] = [sim.time, performance.now()];
    try {
      // all steps at once: a frame is short
      await sim.run(until - from, { report: false, chunk: until - from });
    } finally {
      if (sim.time > from) this.sendFrame(from, started);
    }
  }

  private sendFrame(from: number, started: number): void {
    const { sim } = this;
    const { spikes, traces } = sim.results.take();
    const now = performance.now();
    const states: FrameState[] = [...this.shown.values()].map(([population, variable]) => ({
      population,
      variable,
      values: this.population(population).state(variable as never),
    }));
    const frame: Frame = {
      from,
      time: sim.time,
      spikes: spikes.map(({ name, size, spikes: { times, neurons } }) => ({
        population: name,
        size,
        times: Float64Array.from(times),
        neurons: Uint32Array.from(neurons),
      })),
      traces: traces.flatMap(({ population, variable, unit, neurons, time, values }) =>
        time.length === 0
          ? []
          : [
              {
                population,
                variable,
                unit,
                neurons: neurons.slice(),
                time: time.slice(),
                values: Array.from(neurons, (_, k) => values(k).slice()),
              },
            ],
      ),
      states,
      computing: now - started,
      passed: now - this.lastFrame,
    };
    this.lastFrame = now;
    this.out++;
    this.send({ frame }, [
      ...frame.spikes.flatMap(({ times, neurons }) => [times.buffer, neurons.buffer]),
      ...frame.traces.flatMap(({ neurons, time, values }) => [
        neurons.buffer,
        time.buffer,
        ...values.map((one) => one.buffer),
      ]),
      ...states.map(({ values }) => values.buffer),
    ]);
  }

  /** Waits until the page has given a frame back; wall ms that it took. */
  private async room(play: Play): Promise<number> {
    const began = performance.now();
    while (this.out >= MOST_FRAMES && !play.stopped) await new Promise<void>((resolve) => (this.wake = resolve));
    this.wake = undefined;
    return performance.now() - began;
  }

  async play(options: PlayOptions = {}): Promise<void> {
    const play: Play = { stopped: false };
    const { sim } = this;
    const wanted = readPlay(options);
    this.playing = play;
    void this.keepPlaying(sim, play, wanted);
  }

  private async keepPlaying(
    sim: Simulation,
    play: Play,
    { speed, until, frame }: Required<PlayOptions>,
  ): Promise<void> {
    let [origin, begun] = [performance.now(), sim.time];
    this.lastFrame = origin;
    let error: ErrorData | undefined;
    // A clock that is behind because frames are drawn more slowly than they are made gets longer ones.
    let length = frame;
    while (!play.stopped && sim.time < until) {
      const waited = await this.room(play);
      const due = Number.isFinite(speed) ? begun + speed * (performance.now() - origin) : Number.POSITIVE_INFINITY;
      if (due - sim.time < sim.dt || performance.now() - this.lastFrame < NAP) {
        await nap(NAP);
        continue;
      }
      const isBehind = due - sim.time > 2 * this.stretch;
      // what cannot be made up for soon is let go: the clock is behind, and says so
      if (isBehind && !(due - sim.time < speed * MADE_UP))
        [origin, begun] = [performance.now(), sim.time + this.stretch];
      length = Math.max(frame, isBehind && waited > NAP ? Math.min(LONGEST_FRAME, length + waited) : 0.95 * length);
      const target = Math.min(until, sim.time + Math.max(sim.dt, Math.min(this.stretch, due - sim.time)));
      try {
        await this.inTurn(async () => {
          if (play.stopped) return;
          const started = performance.now();
          const from = sim.time;
          await this.compute(target);
          this.adapt(sim.time - from, performance.now() - started, length);
        });
      } catch (thrown) {
        error = errorData(thrown);
        break;
      }
      // messages have their turn; a timer of 0 ms would take 4
      await pause();
    }
    if (this.playing === play) this.playing = undefined;
    this.send({ paused: { time: sim.time, ...(error && { error }) } });
  }

  /** Stretches are made so long that one takes about `frame` ms of wall time. */
  private adapt(simulated: number, took: number, frame: number): void {
    if (!(simulated > 0) || !(took > 0)) return;
    const fitting = (simulated * frame) / took;
    this.stretch = Math.max(this.sim.dt, Math.min(2 * this.stretch, (this.stretch + fitting) / 2));
  }

  /** Runs for a stretch of simulated time, with frames as when it plays. */
  async advance(duration: number | string): Promise<number> {
    const { sim } = this;
    const end = sim.time + parseDuration(duration, "advance");
    const play: Play = { stopped: false };
    this.playing = play;
    this.lastFrame = performance.now();
    while (sim.time < end - sim.dt / 2 && !play.stopped) {
      await this.room(play);
      if (play.stopped) break;
      const [from, started] = [sim.time, performance.now()];
      await this.compute(Math.min(end, from + this.stretch));
      this.adapt(sim.time - from, performance.now() - started, FRAME);
      await pause();
    }
    this.playing = undefined;
    return sim.time;
  }

  watch(given: Watch): number {
    const options = optionsOf(given, "watch", ["population", "variables", "neurons", "every"]);
    const cells = this.population(requiredField(options, "population", "watch", "the name of a population"));
    const variables = readList(
      requiredField(options, "variables", "watch", "a list of names of states, receptors' states or I_background"),
      "watch.variables",
    );
    const chosen = { neurons: options.neurons, ...(options.every !== undefined && { every: options.every }) };
    // all names first: what cannot be watched as a whole leaves nothing
    const known = [...new Set([...variablesOf(cells), "I_background"])];
    const names = Array.from(variables, (name, k) => readName(name, itemPath("watch.variables", k), "variable", known));
    const record = this.sim.record.bind(this.sim) as (...given: readonly unknown[]) => unknown;
    const made = names.map((name) => record(cells, name, chosen) as TraceRecording);
    this.watched.set(++this.watches, made);
    return this.watches;
  }

  unwatch(id: number): void {
    readInteger(id, "unwatch", 1, this.watches);
    for (const recording of this.watched.get(id) ?? []) recording.pause();
    this.watched.delete(id);
  }

  show(population: string, variable: string, shown = true): void {
    const key = `${population}.${variable}`;
    if (!shown) return void this.shown.delete(key);
    this.population(population).state(variable as never);
    this.shown.set(key, [population, variable]);
  }

  model(given: unknown): ModelRecord {
    if (typeof given === "object" && given !== null) return defineModel(given as ModelDefinition);
    const own = (this.simulation?.toSpec().models ?? []).map((model) => [model.id, model] as const);
    const known = new Map<string, ModelRecord>([...Object.entries(models), ...own]);
    const library = libraryNames().filter((name) => !known.has(name));
    const name = readName(given, "model", "model", [...known.keys(), ...library]);
    return known.get(name) ?? (libraryModel(name) as ModelRecord);
  }
}

/** What can be asked for. Each is done when what was asked for before is done. */
const OPERATIONS = {
  open: (session: Session, source: object | Uint8Array, options?: OpenOptions): Promise<NetworkFacts> =>
    session.open(source, options),
  close: (session: Session): void => session.close(),
  play: (session: Session, options?: PlayOptions): Promise<void> => session.play(options),
  pause: (session: Session): number => session.sim.time,
  advance: (session: Session, duration: number | string): Promise<number> => session.advance(duration),
  reset: (session: Session, options: { readonly seed?: number } = {}): void => session.sim.reset(options),
  watch: (session: Session, watch: Watch): number => session.watch(watch),
  unwatch: (session: Session, id: number): void => session.unwatch(id),
  show: (session: Session, population: string, variable: string, shown?: boolean): void =>
    session.show(population, variable, shown),
  set: (session: Session, population: string, params: object): void =>
    session.population(population).set(params as never),
  setBackground: (session: Session, population: string, entries: readonly object[]): void =>
    session.population(population).setBackground(entries as never),
  setReceptor: (session: Session, population: string, receptor: string, changes: object): void =>
    session.population(population).setReceptor(receptor as never, changes as never),
  setState: (session: Session, population: string, variable: string, values: number | ArrayLike<number>): void =>
    session.population(population).setState(variable as never, values),
  setWeight: (session: Session, projection: string, weight: number): void =>
    session.projection(projection).setWeight(weight),
  setDelay: (session: Session, projection: string, delay: number | string): void =>
    session.projection(projection).setDelay(delay),
  setPlasticity: (session: Session, projection: string, changes: object): void =>
    session.projection(projection).setPlasticity(changes as never),
  setRule: (session: Session, projection: string, changes: Readonly<Record<string, number | string>>): void =>
    session.projection(projection).set(changes),
  setValues: (session: Session, projection: string, variable: string, values: number | ArrayLike<number>): void =>
    session.projection(projection).setValues(variable, values),
  values: (session: Session, projection: string, variable: string): Float64Array =>
    session.projection(projection).values(variable),
  freeze: (session: Session, projection: string): void => session.projection(projection).freeze(),
  learn: (session: Session, projection: string): void => session.projection(projection).learn(),
  weights: (session: Session, projection: string): Float64Array => session.projection(projection).weights(),
  state: (session: Session, population: string, variable: string): Float64Array =>
    session.population(population).state(variable as never),
  snapshot: (session: Session): Uint8Array => session.sim.snapshot(),
  document: (session: Session): object => session.sim.toDocument(),
  check: (session: Session) => session.sim.check(),
  report: (session: Session) => session.sim.report(),
  reached: (session: Session): Standing => {
    const { duration, populations } = session.sim.reached;
    return { time: duration, populations };
  },
  parse: (_: Session, text: string): object => toDocument(parseModelFile(text)),
  model: (session: Session, model: string | ModelDefinition): ModelFacts => modelFacts(session.model(model)),
  rheobase: (session: Session, model: string | ModelDefinition, choice?: object): Promise<number> =>
    rheobase(session.model(model), choice),
  restingState: (session: Session, model: string | ModelDefinition, choice?: object): Promise<Record<string, number>> =>
    restingState(session.model(model), choice),
  vectorField: (session: Session, model: string | ModelDefinition, options: object) =>
    vectorField(session.model(model), options as never),
  compareTimeSteps: (_: Session, document: object) => compareTimeSteps(document),
};

/** What a `RemoteSimulation` can ask for. */
export type Operations = typeof OPERATIONS;
/** The name of an operation. */
export type Operation = keyof Operations;

/**
 * Makes a worker simulate what a `RemoteSimulation` in another thread says. A worker's program is one line:
 *
 *     import { serve } from "spikelet/worker"; serve();
 *
 * @param endpoint where messages come from: the worker's own scope, or in Node `parentPort`, when left out `globalThis`
 */
export function serve(endpoint: Endpoint = globalThis as unknown as Endpoint): void {
  new Session(endpoint);
}
