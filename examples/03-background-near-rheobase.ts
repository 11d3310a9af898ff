/**
 * A small input counts only with a background near rheobase.
 *
 * The natural state of neurons is not rest: averaged activity from elsewhere keeps them excited below threshold.
 * Without such a background current it takes a lot of input to make a spike, and the gain that this needs makes a
 * network explode. Both halves of that claim in numbers:
 * 1. AdEx neurons that differ only in their background (a fraction of the rheobase, and a little noise): the least
 *    volley of synaptic input that makes half of them fire.
 * 2. A network of 1000 lif neurons in which 40 cells are forced to fire: the least synaptic weight at which this is
 *    noticed at all (100 more spikes within 30 ms), and how many spikes it then sets off.
 *
 *   npx tsx examples/03-background-near-rheobase.ts
 */
import { adex, background, lif, receptor, rheobase, Simulation, type SpikeRecording } from "spikelet";

/** Spikes in (from, to] ms. */
function count({ times }: SpikeRecording, from: number, to: number): number {
  return times.filter((t) => t > from && t <= to).length;
}

// 1. One volley onto independent neurons

const size = 500;

/** Share of the neurons that fire in the 30 ms before and in the 30 ms after a volley of a conductance in nS. */
async function response(fraction: number, volley: number): Promise<{ before: number; after: number }> {
  const sim = await Simulation.create({ dt: 0.1, seed: 7 });
  const cells = sim.population("cells", adex, size, {
    params: { t_ref: 30 }, // one spike per neuron and volley at most
    receptors: { exc: receptor.exponential({ tau: 3, E_rev: 0 }) },
    background: [background.rheobase(fraction), background.ornsteinUhlenbeck({ sigma: 15, tau: 5 })],
  });
  // Fires once, soon after 300 ms, and reaches everybody.
  const pacemaker = sim.population("pacemaker", adex, 1, {
    params: { t_ref: 100 },
    background: [background.pulses({ amplitude: "20 nA", start: 300, width: 1 })],
  });
  sim.connect(pacemaker, cells, { rule: "allToAll", weight: volley });
  const spikes = sim.record(cells, "spikes");
  await sim.run(330);
  return { before: count(spikes, 270, 300) / size, after: count(spikes, 300, 330) / size };
}

/** The least volley in nS, to 0.5 nS, after which half of the neurons fire. */
async function leastVolley(fraction: number): Promise<number> {
  let [low, high] = [0, 256];
  while (high - low > 0.5) {
    const middle = (low + high) / 2;
    if ((await response(fraction, middle)).after >= 0.5) high = middle;
    else low = middle;
  }
  return high;
}

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
console.log(`1. adex, rheobase ${(await rheobase(adex)).toFixed(1)} pA\n`);
console.log("background    fire without    fire after a    least volley for");
console.log("/ rheobase    any (30 ms)     12 nS volley    half of them");
for (const fraction of [0, 0.5, 0.8, 0.9, 0.95]) {
  const { before, after } = await response(fraction, 12);
  const volley = `${(await leastVolley(fraction)).toFixed(1)} nS`;
  const cells = [fraction.toFixed(2).padEnd(10), percent(before).padEnd(12), percent(after).padEnd(12), volley];
  console.log(cells.join("    "));
}

// 2. A network that is pushed

/** Spikes that 40 forced ones set off within 30 ms, and the rate in Hz 100 to 400 ms later; weight in mV. */
async function cascade(fraction: number, sigma: number, weight: number): Promise<{ evoked: number; later: number }> {
  const sim = await Simulation.create({ dt: 0.1, seed: 1 });
  const options = {
    params: { tau_m: 20, E_L: -70, V_th: -50, V_reset: -60, t_ref: 3 },
    receptors: { jump: receptor.delta() },
    background: [background.rheobase(fraction), background.whiteNoise({ sigma })],
  };
  const exc = sim.population("exc", lif, 800, options);
  const inh = sim.population("inh", lif, 200, options);
  for (const target of [exc, inh]) {
    sim.connect(exc, target, { rule: "fixedProbability", p: 0.1, weight, delay: 1.5 });
    sim.connect(inh, target, { rule: "fixedProbability", p: 0.1, weight: -5 * weight, delay: 1.5 });
  }
  const recordings = [sim.record(exc, "spikes"), sim.record(inh, "spikes")];
  const spikes = (from: number, to: number): number => recordings.reduce((sum, r) => sum + count(r, from, to), 0);
  await sim.run(300);
  const v = exc.state("v");
  exc.setState("v", v.fill(-40, 0, 40)); // above threshold: these 40 fire in the next step
  await sim.run(400);
  const expected = (30 / 200) * spikes(100, 300);
  return { evoked: spikes(300, 330) - 40 - expected, later: spikes(400, 700) / 0.3 / 1000 };
}

const noise = (4 * 250) / Math.sqrt(20); // pA sqrt(ms): makes v fluctuate by 4 / sqrt(2) mV
console.log("\n2. network of 1000 lif, 40 cells forced to fire\n");
console.log("background    noise    least weight    spikes set off,    rate 100 to 400 ms");
console.log("/ rheobase             to notice it    per forced one     later");
for (const [fraction, sigma] of [[0, 0], [0, noise], [0.5, noise]] as const) {
  for (const weight of [0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1, 1.5, 2, 2.5, 3, 4, 5]) {
    const { evoked, later } = await cascade(fraction, sigma, weight);
    if (evoked < 100) continue;
    const cells = [
      fraction.toFixed(2).padEnd(10),
      (sigma > 0 ? "yes" : "no").padEnd(5),
      `${weight} mV`.padEnd(12),
      (evoked / 40).toFixed(1).padEnd(15),
      `${later.toFixed(1)} Hz`,
    ];
    console.log(cells.join("    "));
    break;
  }
}
