/** The page's side: a simulation that runs in a worker. */
// A page that only shows what a worker computes loads nothing of the library: types alone are imported.
import { type Endpoint, type ErrorData, type Frame, hear, type Reply } from "./protocol.js";
import type { Operation, Operations } from "./serve.js";

/**
 * An error of the worker: `name`, `code`, `message` and the facts of a `SpikeletError` are those that it had there. It
 * is none
 * itself, because the page need not load the library.
 */
export class RemoteError extends Error {
  override readonly name: string;
  /** Stable identifier of the kind of mistake; `worker` when the worker itself is gone. */
  readonly code: string;
  /** Where, what stood there, what may stand there, the nearest known name; as in `SpikeletError`. */
  readonly path: string | undefined;
  readonly value: unknown;
  readonly allowed: string | readonly string[] | undefined;
  readonly nearest: string | undefined;
  /** All fields of the error that are data, such as `remedy`, `diagnostics` or the `report` of the run that ended. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor({ name, code, message, facts }: ErrorData) {
    super(message);
    this.name = name;
    this.code = code;
    this.facts = facts;
    const { path, value, allowed, nearest } = facts as Partial<RemoteError>;
    this.path = path;
    this.value = value;
    this.allowed = allowed;
    this.nearest = nearest;
  }
}

type Asked<O> = O extends (session: never, ...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;

/** What happens without being asked for. */
export interface Events {
  /**
   * A stretch of simulated time. The network waits while the page has two frames that it is not done with: a frame is
   * given back
   * when this returns, or when the promise that it may return is settled.
   */
  onFrame?(frame: Frame): void | Promise<void>;
  /** The network is being built: done part, from 0 to 1. */
  onBuilding?(fraction: number): void;
  /**
   * It does not play any more: by `pause`, at the end of `until`, or because of an error, after which `open` begins
   * anew.
   */
  onPaused?(paused: { readonly time: number; readonly error?: RemoteError }): void;
  /** The worker itself is gone: nothing can be asked any more. Make a new one, and `open` a snapshot. */
  onCrash?(error: RemoteError): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Failing {
  addEventListener?(type: "error" | "messageerror", listener: (event: { readonly message?: string }) => void): void;
  on?(type: "error" | "exit", listener: (what: unknown) => void): void;
  terminate?(): unknown;
}

/**
 * A simulation in a worker whose program calls `serve`. Calls are done one after another, each when those before it
 * are.
 */
export class RemoteSimulation {
  private readonly endpoint: Endpoint;
  private readonly events: Events;
  private readonly waiting = new Map<number, Waiting>();
  private calls = 0;
  private crashed: RemoteError | undefined;

  /** @param endpoint the worker, or a port to it */
  constructor(endpoint: Endpoint, events: Events = {}) {
    this.endpoint = endpoint;
    this.events = events;
    hear(endpoint, (message) => this.take(message as Reply));
    const { addEventListener, on } = endpoint as Failing;
    if (addEventListener)
      addEventListener.call(endpoint, "error", ({ message }) => this.crash(message ?? "it could not be loaded"));
    else on?.call(endpoint, "error", (error) => this.crash(String((error as Error).message ?? error)));
  }

  /**
   * Asks the worker: any of its operations, with data that structured clones can carry.
   *
   * @throws RemoteError what the operation threw
   */
  ask<O extends Operation>(call: O, ...args: Parameters<Asked<Operations[O]>>): ReturnType<Asked<Operations[O]>> {
    return new Promise((resolve, reject) => {
      if (this.crashed) return reject(this.crashed);
      const id = ++this.calls;
      this.waiting.set(id, { resolve, reject });
      try {
        this.endpoint.postMessage({ id, call, args });
      } catch (error) {
        this.waiting.delete(id);
        const message = `${call}: what is sent to a worker must be data, without functions: ${(error as Error).message}`;
        reject(new RemoteError({ name: "ValueTypeError", code: "value-type", message, facts: {} }));
      }
    }) as ReturnType<Asked<Operations[O]>>;
  }

  /** Ends the worker at once; what was asked for is rejected. */
  terminate(): void {
    this.end("it was ended");
    (this.endpoint as Failing).terminate?.();
  }

  private end(why: string): RemoteError {
    const error = new RemoteError({
      name: "FailedRunError",
      code: "worker",
      message: `the simulation's worker is gone: ${why}.`,
      facts: {},
    });
    this.crashed = error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    return error;
  }

  private crash(why: string): void {
    if (this.crashed) return;
    this.events.onCrash?.(this.end(why));
  }

  private take(reply: Reply): void {
    if ("frame" in reply) void this.show(reply.frame);
    else if ("building" in reply) this.events.onBuilding?.(reply.building);
    else if ("paused" in reply) {
      const { time, error } = reply.paused;
      this.events.onPaused?.({ time, ...(error && { error: new RemoteError(error) }) });
    } else {
      const waiting = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if ("error" in reply) waiting?.reject(new RemoteError(reply.error));
      else waiting?.resolve(reply.value);
    }
  }

  private async show(frame: Frame): Promise<void> {
    try {
      await this.events.onFrame?.(frame);
    } finally {
      if (!this.crashed) this.endpoint.postMessage({ taken: 1 });
    }
  }
}
