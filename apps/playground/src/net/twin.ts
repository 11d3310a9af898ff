/** A network in a second worker that follows the first one: it computes what that has computed, and no more. */
import { type Endpoint, type Frame, RemoteError, RemoteSimulation } from "spikelet/worker";
import { startWorker } from "./start.js";

export class Twin {
  private readonly remote: RemoteSimulation;
  private readonly onError: (error: RemoteError) => void;
  private last: Promise<void> = Promise.resolve();
  /** Where it is, and where it was told to go, in ms. */
  private time = 0;
  private target = 0;
  /** The last thing that waits, if it is to follow. */
  private waiting: { time: number } | undefined;

  constructor(
    onFrame: (frame: Frame) => void,
    onError: (error: RemoteError) => void,
    worker: Endpoint = startWorker() as never,
  ) {
    this.onError = onError;
    this.remote = new RemoteSimulation(worker, { onFrame, onCrash: onError });
  }

  /** ms of simulated time that it is behind. */
  get behind(): number {
    return this.target - this.time;
  }

  /** Begins anew with a document, and with what of it is watched. */
  open(document: object, variables: readonly string[], every: number): Promise<void> {
    this.target = 0;
    this.waiting = undefined;
    return this.inTurn(async () => {
      await this.remote.ask("open", document);
      await this.remote.ask("watch", { population: "neuron", variables, neurons: [0], every });
      this.time = 0;
    });
  }

  reset(): Promise<void> {
    this.target = 0;
    this.waiting = undefined;
    return this.inTurn(async () => {
      await this.remote.ask("reset");
      this.time = 0;
    });
  }

  /** Computes until `time`, when it is done with what it was told before; what still waits becomes one. */
  follow(time: number): Promise<void> {
    this.target = Math.max(this.target, time);
    if (this.waiting) {
      this.waiting.time = Math.max(this.waiting.time, time);
      return this.last;
    }
    const waiting = { time };
    this.waiting = waiting;
    return this.inTurn(() => {
      if (this.waiting === waiting) this.waiting = undefined;
      return this.advance(waiting.time);
    });
  }

  /** Does something when it is at a time. */
  at(time: number, work: (remote: RemoteSimulation) => Promise<unknown>): Promise<void> {
    this.target = Math.max(this.target, time);
    this.waiting = undefined;
    return this.inTurn(async () => {
      await this.advance(time);
      await work(this.remote);
    });
  }

  private async advance(time: number): Promise<void> {
    if (time - this.time > 1e-9) this.time = await this.remote.ask("advance", time - this.time);
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.last = this.last.then(work).catch((error: unknown) => {
      if (!(error instanceof RemoteError)) throw error;
      this.target = this.time;
      if (error.code !== "worker") this.onError(error);
    });
    return this.last;
  }

  close(): void {
    this.remote.terminate();
  }
}
