/** A second worker of a view, for what is computed beside the network that runs. It starts when it is first asked. */
import type { JobDone, Jobs } from "./jobs.js";
import { startJobs } from "./start.js";

interface Waiting {
  resolve(found: never): void;
  reject(error: Error): void;
}

export class SecondWorker {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private jobs = 0;

  /** Asks for a job; those before it are done first. Fails with the worker's error, or when it is stopped. */
  ask<J extends keyof Jobs>(job: J, asked: Parameters<Jobs[J]>[0]): Promise<Awaited<ReturnType<Jobs[J]>>> {
    this.worker ??= this.start();
    const { worker } = this;
    return new Promise((resolve, reject) => {
      const id = ++this.jobs;
      this.waiting.set(id, { resolve, reject });
      worker.postMessage({ id, job, asked });
    });
  }

  private start(): Worker {
    const worker = startJobs();
    worker.addEventListener("message", ({ data }: MessageEvent<JobDone>) => {
      const waiting = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if ("error" in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data.found as never);
    });
    worker.addEventListener("error", ({ message }) => this.stop(message || "it could not be loaded"));
    return worker;
  }

  /** Ends what is being computed; what is asked later starts it anew. */
  stop(why = "it was stopped"): void {
    this.worker?.terminate();
    this.worker = undefined;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(new Error(`The second worker is gone: ${why}.`));
  }
}
