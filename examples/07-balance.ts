/**
 * Balance: from silence through irregular activity to seizure, as the background and the inhibition change.
 *
 * 800 excitatory and 200 inhibitory lif neurons. The background is a fraction of the rheobase with some noise; the
 * inhibition is its weight relative to the excitation. For each pair of them: the rate of the excitatory cells and the
 * CV of their intervals, which is 1 for Poisson trains and 0 for a clock. The region with brain-like activity (few
 * Hz, irregular) is a small one.
 *
 *   npx tsx examples/07-balance.ts
 */
import { background, lif, meanCv, receptor, Simulation } from "spikelet";

const warmUp = 100;
const duration = 800;

/** Rate in Hz of the excitatory neurons and CV of their intervals, after the warm-up. */
async function activity(drive: number, inhibition: number): Promise<{ rate: number; cv: number }> {
  const sim = await Simulation.create({ dt: 0.1, seed: 5 });
  const options = {
    params: { tau_m: 20, E_L: -70, V_th: -50, V_reset: -65, t_ref: 2 },
    receptors: { jump: receptor.delta() },
    background: [background.rheobase(drive), background.whiteNoise({ sigma: 250 })],
  };
  const exc = sim.population("exc", lif, 800, options);
  const inh = sim.population("inh", lif, 200, options);
  const weight = 1; // mV
  for (const target of [exc, inh]) {
    sim.connect(exc, target, { rule: "fixedProbability", p: 0.1, weight, delay: 1.5 });
    sim.connect(inh, target, { rule: "fixedProbability", p: 0.1, weight: -inhibition * weight, delay: 1.5 });
  }
  const spikes = sim.record(exc, "spikes", { from: warmUp });
  await sim.run(warmUp + duration);
  return { rate: spikes.rate(), cv: meanCv(spikes, exc.size) };
}

/** What a rate and a CV look like from outside. */
function state(rate: number, cv: number): string {
  if (rate < 1) return "silent";
  if (rate > 100) return "seizure";
  return rate <= 20 && cv > 0.6 ? "* brain-like (up to 20 Hz, CV above 0.6)" : "too fast or too regular";
}

const drives = [0.3, 0.6, 0.8, 0.95, 1.2, 2];
const inhibitions = [0, 2, 3, 4, 5, 6, 8];

console.log("rate of the excitatory cells in Hz / CV of their intervals\n");
console.log(`inhibition   background / rheobase`);
console.log(`/ excitation ${drives.map((drive) => drive.toFixed(2).padStart(13)).join("")}`);
const counts = new Map<string, number>();
for (const inhibition of inhibitions) {
  const cells: string[] = [];
  for (const drive of drives) {
    const { rate, cv } = await activity(drive, inhibition);
    const what = state(rate, cv);
    counts.set(what, (counts.get(what) ?? 0) + 1);
    const shown = `${rate.toFixed(1)} / ${Number.isNaN(cv) ? " -  " : cv.toFixed(2)}`;
    cells.push(`${what.startsWith("*") ? "*" : ""}${shown}`.padStart(13));
  }
  console.log(`${String(inhibition).padStart(6)}       ${cells.join("")}`);
}
console.log(`\nof ${drives.length * inhibitions.length} networks`);
for (const [what, count] of counts) console.log(`${String(count).padStart(4)}  ${what}`);
