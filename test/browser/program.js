/** One network, run with one and with two threads, in whatever loads this file. */
import { background, izhikevich, lif, receptor, Simulation } from "spikelet";

/** A network whose every bit depends on what came before. */
export async function network(threads) {
  const sim = await Simulation.create({ dt: 0.1, seed: 42, threads });
  const exc = sim.population("exc", izhikevich, 400, {
    params: { d: (i) => 8 - 6 * (i / 400) ** 2 },
    receptors: { ampa: receptor.exponential({ tau: 5, E_rev: 0 }) },
    background: [background.constant(4), background.whiteNoise({ sigma: 5 })],
  });
  const inh = sim.population("inh", lif, 100, {
    receptors: { exc: receptor.exponential({ tau: 5 }) },
    background: [background.rheobase({ uniform: [0.9, 1.2] })],
  });
  sim.connect(exc, exc, { rule: "fixedProbability", p: 0.1, weight: 0.02, delay: { uniform: [1, 5] } });
  sim.connect(exc, inh, { rule: "fixedIndegree", k: 20, weight: 40, delay: 1.5 });
  sim.record(exc, "spikes");
  sim.record(inh, "spikes");
  return sim;
}

/** ms that it runs. */
export const DURATION = 200;

/** SHA-256 of spikes: the times and the neurons of each population. */
export async function hashOf(populations) {
  const bytes = new Blob(populations.flatMap(({ times, neurons }) => [times, neurons]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await bytes.arrayBuffer()));
  return [...digest].map((b) => b.toString(16).padStart(2, "0")).join("");
}

async function spikesHash(threads) {
  const sim = await network(threads);
  await sim.run(DURATION);
  const spikes = [...sim.recordings.spikes.values()];
  const hash = await hashOf(spikes);
  sim.close();
  return { count: spikes[0].count + spikes[1].count, hash };
}

/** The hashes with one and with two threads, and how many workers the library started for each. */
export async function hashes() {
  let started = 0;
  const { Worker } = globalThis;
  if (Worker) {
    globalThis.Worker = class extends Worker {
      constructor(...given) {
        super(...given);
        started++;
      }
    };
  }
  const one = await spikesHash(1);
  const two = await spikesHash(2);
  if (Worker) globalThis.Worker = Worker;
  return { ...one, hashOfTwo: two.hash, workers: started };
}
