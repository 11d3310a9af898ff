/** Networks that run to an end in a worker of their own, one after another: curves, orbits, ranges. */
import { type Endpoint, type Frame, RemoteSimulation } from "spikelet/worker";
import { startWorker } from "./start.js";

export interface Experiment {
  readonly document: object;
  /** ms */
  readonly duration: number;
  readonly variables: readonly string[];
  readonly neurons: readonly number[];
  readonly every: number;
}

export class Lab {
  private remote: RemoteSimulation | undefined;
  private take: ((frame: Frame) => void) | undefined;
  private turn = 0;
  private last: Promise<unknown> = Promise.resolve();
  private readonly start: () => Endpoint;

  /** @param start makes the worker, when it is first needed */
  constructor(start: () => Endpoint = startWorker as never) {
    this.start = start;
  }

  private get worker(): RemoteSimulation {
    this.remote ??= new RemoteSimulation(this.start(), {
      onFrame: (frame) => this.take?.(frame),
      onCrash: () => (this.remote = undefined),
    });
    return this.remote;
  }

  ask: RemoteSimulation["ask"] = (call, ...args) => this.worker.ask(call, ...args);

  /**
   * Runs an experiment; one that still runs is given up.
   *
   * @param take gets all frames
   * @returns whether it came to its end
   */
  async run(experiment: Experiment, take: (frame: Frame) => void): Promise<boolean> {
    const turn = ++this.turn;
    const before = this.last;
    const done = (async () => {
      // ends what runs
      if (turn > 1) await this.ask("pause").catch(() => undefined);
      await before.catch(() => undefined);
      if (turn !== this.turn) return false;
      const { document, duration, variables, neurons, every } = experiment;
      await this.ask("open", document);
      if (variables.length > 0) await this.ask("watch", { population: "neuron", variables, neurons, every });
      this.take = (frame) => turn === this.turn && take(frame);
      if (turn === this.turn) await this.ask("advance", duration);
      return turn === this.turn;
    })();
    this.last = done;
    return done;
  }

  close(): void {
    this.turn++;
    this.remote?.terminate();
    this.remote = undefined;
  }
}
