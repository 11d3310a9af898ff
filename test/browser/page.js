/** Runs the program here, in a worker of this page and by `spikelet/worker`, tells the server, and goes where it says. */
import { RemoteSimulation } from "spikelet/worker";
import { DURATION, hashes, hashOf, network } from "./program.js";

async function tell(result) {
  const answer = await fetch("/done", { method: "POST", body: JSON.stringify({ at: location.pathname, ...result }) });
  const next = await answer.text();
  if (next !== "") location.href = next;
}

function inWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(`worker: ${event.message}`));
  });
}

/** The hash of the same network out of the frames of a worker, with so many threads. */
async function remotely(threads) {
  const sim = await network(1);
  const document = sim.toDocument();
  sim.close();
  const worker = new Worker(new URL("./remote.js", import.meta.url), { type: "module" });
  const frames = [];
  let crash;
  const crashed = new Promise((_, reject) => (crash = reject));
  const remote = new RemoteSimulation(worker, { onFrame: (frame) => void frames.push(frame), onCrash: crash });
  const run = async () => {
    const { populations } = await remote.ask("open", document, { threads });
    await remote.ask("advance", DURATION);
    return populations;
  };
  const populations = await Promise.race([run(), crashed]);
  worker.terminate();
  const all = populations.map(({ name }) => {
    const mine = frames.flatMap(({ spikes }) => spikes.filter(({ population }) => population === name));
    const joined = (key, Kind) => Kind.from(mine.flatMap((one) => [...one[key]]));
    return { times: joined("times", Float64Array), neurons: joined("neurons", Uint32Array) };
  });
  return hashOf(all);
}

async function everywhere() {
  const page = await hashes();
  const isolated = crossOriginIsolated;
  if (document.body.dataset.workers === "no") return { isolated, page };
  const worker = await inWorker();
  return { isolated, page, worker, remote: await remotely(1), remoteOfTwo: await remotely(2) };
}

// Not awaited here: older targets of bundlers have no await outside of functions.
everywhere().then(tell, (error) => tell({ error: String(error?.stack ?? error) }));
