/**
 * A network that runs in a worker, and how fast its clock goes. Frames come with the screen's: what is not drawn is
 * not computed.
 */
import type { Frame, NetworkFacts, OpenOptions, Watch } from "spikelet/worker";
import { type RemoteError, RemoteSimulation } from "spikelet/worker";
import { Recent } from "./recent.js";
import { startWorker } from "./start.js";

/** Wall ms over which the speed of the clock is taken. */
const CLOCK = 1000;
/** Wall ms after which a worker that is gone is replaced once more. */
const AGAIN = 5000;
/** Wall ms between two changes of the clock that are told: digits that change with each frame are not read. */
const TICK = 100;

export type Status = "empty" | "opening" | "paused" | "playing" | "unstable" | "crashed";

/** What can go wrong, for people. */
export interface Trouble {
  readonly message: string;
  readonly remedy?: string;
  readonly path?: string;
}

/** What views listen to: `change` for status and clock, `frame` for what happened. */
export class Session extends EventTarget {
  private connected: RemoteSimulation | undefined;
  private readonly frames: { readonly frame: Frame; readonly done: () => void }[] = [];
  private drawing = false;
  /** Plays that have begun and of which no end was heard. */
  private plays = 0;
  private clocked: [simulated: number, passed: number][] = [];
  /** What happened last. */
  readonly recent = new Recent();
  /** Wall time when the clock was told last. */
  private said = 0;
  /** What was opened, or a snapshot that was made of it later. */
  private saved: readonly [source: object | Uint8Array, options: OpenOptions] | undefined;
  /** What is watched, by the number that was given for it, with the worker's own number. */
  private readonly watches = new Map<number, { readonly watch: Watch; readonly own: Promise<number> }>();
  private watched = 0;
  private crashedAt = Number.NEGATIVE_INFINITY;
  facts: NetworkFacts | undefined;
  status: Status = "empty";
  private closed = false;
  /** Done part of building, where it shows. */
  building: number | undefined;
  trouble: Trouble | undefined;
  time = 0;
  /** Simulated ms per ms, over the last second of playing. */
  realTime = 0;
  /** What playing is asked for: simulated ms per ms; as fast as possible when undefined. */
  speed: number | undefined = 1;

  /** The worker begins when it is asked for something. */
  private get remote(): RemoteSimulation {
    return (this.connected ??= this.connect());
  }

  private connect(): RemoteSimulation {
    this.plays = 0;
    return new RemoteSimulation(startWorker() as never, {
      onFrame: (frame) => this.take(frame),
      onBuilding: (fraction) => this.update({ building: fraction }),
      onPaused: ({ time, error }) => {
        // each play ends once: the end of an earlier one says nothing about the last
        this.plays = Math.max(0, this.plays - 1);
        if (this.plays > 0) return;
        if (error) this.fail(error);
        else if (this.status === "playing") this.update({ status: "paused", time });
      },
      onCrash: (error) => void this.recover(error),
    });
  }

  /**
   * A worker that is gone is replaced, and its network begins again as it was opened or saved last. One that is gone
   * again at once is left alone.
   */
  private async recover({ message }: RemoteError): Promise<void> {
    const [now, before] = [performance.now(), this.crashedAt];
    this.crashedAt = now;
    this.connected = undefined;
    this.update({ status: "crashed", trouble: { message } });
    const { saved } = this;
    if (saved === undefined || now - before < AGAIN) return;
    const watches = [...this.watches];
    try {
      const { time } = await this.open(...saved);
      const key = ({ watch }: { readonly watch: Watch }): string => JSON.stringify(watch);
      // who heard of the opening may watch again by itself
      const again = new Set([...this.watches.values()].map(key));
      for (const [id, one] of watches)
        if (!again.has(key(one))) this.watches.set(id, { watch: one.watch, own: this.ask("watch", one.watch) });
      this.warn(`${message} The network is back as it was at ${Math.round(time)} ms.`);
    } catch {
      this.update({ status: "crashed", trouble: { message } });
    }
  }

  private fail(error: RemoteError): void {
    const { remedy } = error.facts as { readonly remedy?: string };
    const status = error.code === "instability" ? "unstable" : "paused";
    this.update({ status, trouble: { message: error.message, ...(remedy !== undefined && { remedy }) } });
  }

  /** Says something without changing anything. */
  warn(message: string): void {
    this.update({ trouble: { message } });
  }

  private update(changes: Partial<Pick<Session, "status" | "building" | "trouble" | "time" | "facts">>): void {
    Object.assign(this, changes);
    this.dispatchEvent(new Event("change"));
  }

  private take(frame: Frame): Promise<void> {
    return new Promise((resolve) => {
      this.frames.push({ frame, done: resolve });
      if (this.drawing) return;
      this.drawing = true;
      requestAnimationFrame(() => this.draw());
    });
  }

  private draw(): void {
    this.drawing = false;
    for (const { frame, done } of this.frames.splice(0)) {
      this.time = frame.time;
      this.recent.add(frame);
      this.clocked.push([frame.time - frame.from, frame.passed]);
      this.dispatchEvent(new CustomEvent<Frame>("frame", { detail: frame }));
      done();
    }
    let passed = 0;
    let k = this.clocked.length;
    while (k > 0 && passed < CLOCK) passed += (this.clocked[--k] as [number, number])[1];
    this.clocked = this.clocked.slice(k);
    const simulated = this.clocked.reduce((sum, [ms]) => sum + ms, 0);
    this.realTime = passed > 0 ? simulated / passed : 0;
    const now = performance.now();
    if (now - this.said < TICK) return;
    this.said = now;
    this.dispatchEvent(new Event("change"));
  }

  /** Opens a document or a snapshot; what ran before is closed. A mistake leaves it as it is, and is thrown. */
  async open(source: object | Uint8Array, options: OpenOptions = {}): Promise<NetworkFacts> {
    const before = this.status;
    // what is sent may be moved to the worker
    const kept = source instanceof Uint8Array ? source.slice() : source;
    this.update({ status: "opening" });
    try {
      const facts = await this.ask("open", source as never, options);
      this.clocked = [];
      this.recent.clear();
      this.trouble = undefined;
      this.saved = [kept, options];
      this.watches.clear();
      this.update({ status: "paused", facts, time: facts.time });
      this.building = undefined;
      this.dispatchEvent(new Event("opened"));
      return facts;
    } catch (error) {
      this.update({ status: before === "playing" ? "paused" : before });
      throw error;
    }
  }

  /** Asks the worker. */
  ask: RemoteSimulation["ask"] = (call, ...args) =>
    this.remote.ask(call, ...args).catch((error: unknown) => {
      // nobody waits for an answer any more
      if (this.closed) return new Promise<never>(() => undefined);
      throw error;
    }) as ReturnType<typeof this.ask<typeof call>>;

  /** Watches neurons; the number of what is watched. */
  async watch(watch: Watch): Promise<number> {
    const id = ++this.watched;
    const own = this.ask("watch", watch);
    this.watches.set(id, { watch, own });
    await own.catch((error: unknown) => {
      this.watches.delete(id);
      throw error;
    });
    return id;
  }

  async unwatch(id: number): Promise<void> {
    const found = this.watches.get(id);
    this.watches.delete(id);
    if (found) await this.ask("unwatch", await found.own);
  }

  async play(): Promise<void> {
    if (this.facts === undefined || this.status === "unstable") return;
    this.clocked = [];
    this.update({ status: "playing" });
    this.plays++;
    try {
      await this.ask("play", this.speed === undefined ? {} : { speed: this.speed });
    } catch (error) {
      this.plays = Math.max(0, this.plays - 1);
      throw error;
    }
  }

  async pause(): Promise<void> {
    const time = await this.ask("pause");
    this.update({ status: "paused", time });
  }

  async toggle(): Promise<void> {
    await (this.status === "playing" ? this.pause() : this.play());
  }

  /** Goes on for so many ms, then stands. */
  async step(ms: number): Promise<void> {
    if (this.status === "playing") await this.pause();
    await this.ask("advance", ms).catch((error: RemoteError) => this.fail(error));
    this.dispatchEvent(new Event("change"));
  }

  async setSpeed(speed: number | undefined): Promise<void> {
    this.speed = speed;
    if (this.status === "playing") await this.play();
    else this.update({});
  }

  /** Begins again at time 0. */
  async reset(seed?: number): Promise<void> {
    const playing = this.status === "playing";
    await this.ask("reset", seed === undefined ? {} : { seed });
    this.trouble = undefined;
    this.recent.clear();
    this.update({ status: "paused", time: 0 });
    this.dispatchEvent(new Event("opened"));
    if (playing) await this.play();
  }

  /** The simulation as bytes; kept, so that a worker that is lost goes on from here. */
  async snapshot(): Promise<Uint8Array> {
    const playing = this.status === "playing";
    if (playing) await this.pause();
    const bytes = await this.ask("snapshot");
    this.saved = [bytes.slice(), {}];
    if (playing) await this.play();
    return bytes;
  }

  /** Ends the worker. */
  close(): void {
    this.closed = true;
    this.connected?.terminate();
  }
}
