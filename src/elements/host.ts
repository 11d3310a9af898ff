/**
 * Where the networks of a page's elements run: in a few workers that they share, in a worker of the page's own, or in
 * the page itself where it may have no workers.
 */
import type { Endpoint } from "../worker/protocol.js";
import { type Events, RemoteError, RemoteSimulation } from "../worker/remote.js";

/** A worker whose program calls `serve`: its address, or a function that makes it. */
export type WorkerSource = string | URL | (() => Worker);

/** What networks can run with. */
export interface Means {
  /** Address of a program that serves ports, for workers that are shared; it may be used once. */
  program?(): string;
  /** The same program at an address of the page's own server, for pages that may have no others. */
  readonly address?: string | undefined;
  /** Serves an endpoint in the page itself. */
  serve(endpoint: Endpoint): void;
}

/** A place where one network runs. */
export interface Place {
  readonly remote: RemoteSimulation;
  /** It shares the thread of the page. */
  readonly inPage: boolean;
  /** Ends it. */
  close(): void;
}

const goneError = (why: string): RemoteError =>
  new RemoteError({
    name: "FailedRunError",
    code: "worker",
    message: `the simulation's worker is gone: ${why}.`,
    facts: {},
  });

/** The first message of a shared worker. */
export const GREETING = "spikelet: here";
/** ms in which a worker must greet; without it the page is taken to have none. */
const PATIENCE = 15_000;

/** A worker that several networks share. */
interface Shared {
  readonly worker: Worker;
  readonly ready: Promise<boolean>;
  /** For each of its networks what is called when it is gone. */
  readonly tenants: Set<(why: string) => void>;
}

const shared: Shared[] = [];
/** The first one that was begun: whether there may be any, it shows. */
let first: Promise<Shared | undefined> | undefined;

/** Most workers of a page: one processor is left to the page. */
export function mostWorkers(processors: number): number {
  return Math.max(1, Math.min(3, processors - 1));
}

/** Which of the workers with so many networks takes the next one; -1 for a new one. */
export function nextWorker(tenants: readonly number[], most: number): number {
  if (tenants.length < most && tenants.every((count) => count > 0)) return -1;
  return tenants.indexOf(Math.min(...tenants));
}

function begin(address: string): Shared {
  const worker = new Worker(address, { name: "spikelet" });
  const tenants = new Set<(why: string) => void>();
  const one: Shared = {
    worker,
    tenants,
    ready: new Promise((resolve) => {
      let greeted = false;
      setTimeout(() => resolve(greeted), PATIENCE);
      worker.onmessage = ({ data }) => {
        greeted ||= data === GREETING;
        resolve(greeted);
      };
      worker.onerror = (event) => {
        // before the greeting: a Content Security Policy, or a program that cannot be loaded
        if (!greeted) event.preventDefault();
        end(one);
        resolve(greeted);
        if (greeted) for (const lost of [...tenants]) lost(event.message || "it could not go on");
      };
    }),
  };
  shared.push(one);
  return one;
}

function end(one: Shared): void {
  one.worker.terminate();
  const at = shared.indexOf(one);
  if (at >= 0) shared.splice(at, 1);
}

/** Starts a shared worker; undefined where none may be. */
async function start(means: Means): Promise<Shared | undefined> {
  const addresses = [means.program?.(), means.address].filter((address) => address !== undefined);
  for (const address of addresses) {
    try {
      const one = begin(address);
      if (await one.ready) return one;
      end(one);
    } catch {
      // refused at once
    } finally {
      if (address.startsWith("blob:")) URL.revokeObjectURL(address);
    }
  }
  return undefined;
}

/** A shared worker for one more network; undefined where none may be. */
async function sharedWorker(means: Means): Promise<Shared | undefined> {
  first ??= start(means);
  if ((await first) === undefined) return undefined;
  const tenants = shared.map((one) => one.tenants.size);
  const at = nextWorker(tenants, mostWorkers(navigator.hardwareConcurrency ?? 2));
  return at >= 0 ? shared[at] : start(means);
}

function ownWorker(source: WorkerSource, events: Events): Place {
  const worker = typeof source === "function" ? source() : new Worker(source, { type: "module", name: "spikelet" });
  const remote = new RemoteSimulation(worker as unknown as Endpoint, events);
  return { remote, inPage: false, close: () => remote.terminate() };
}

/** A place at the other end of a port. */
function placeAt(port: MessagePort, inPage: boolean, events: Events, left?: () => void): Place {
  const remote = new RemoteSimulation(port as unknown as Endpoint, events);
  return {
    remote,
    inPage,
    close() {
      // the other end has what was sent before the port is closed
      remote.ask("close").catch(() => undefined);
      remote.terminate();
      port.close();
      left?.();
    },
  };
}

/**
 * Finds a place for a network.
 *
 * @param own a worker that the page has chosen
 */
export async function findPlace(means: Means, own: WorkerSource | undefined, events: Events): Promise<Place> {
  if (own !== undefined) return ownWorker(own, events);
  const one = await sharedWorker(means);
  const { port1, port2 } = new MessageChannel();
  if (one === undefined) {
    means.serve(port1 as unknown as Endpoint);
    return placeAt(port2, true, events);
  }
  let place: Place | undefined = undefined;
  const lost = (why: string): void => {
    place?.remote.terminate();
    events.onCrash?.(goneError(why));
  };
  one.tenants.add(lost);
  // those that came at the same time wait for the same worker
  if (!(await one.ready)) {
    one.tenants.delete(lost);
    return findPlace(means, own, events);
  }
  one.worker.postMessage(undefined, [port1]);
  place = placeAt(port2, false, events, () => {
    one.tenants.delete(lost);
    if (one.tenants.size === 0) end(one);
  });
  return place;
}
