/**
 * Branching: one past, several futures.
 *
 * A network runs until it has settled. A snapshot of it is restored several times: once to go on undisturbed, which
 * gives the same bits as a run without a stop, once with one more spike in one neuron, once with a stimulus to a group
 * of cells, and once with the stimulus inhibited. What differs between the branches is the stimulus and nothing else,
 * noise included, so an effect of one spike can be seen that an average over trials would hide.
 *
 *   npx tsx examples/12-branching.ts
 */
import { background, lif, receptor, Simulation, type SpikeRecording } from "spikelet";

const settle = 500;
const window = 100;
const stimulated = Array.from({ length: 80 }, (_, i) => i);
const drive = [background.rheobase(0.9), background.whiteNoise({ sigma: 400 })];

const sim = await Simulation.create({ dt: 0.1, seed: 12 });
const options = {
  params: { tau_m: 20, E_L: -70, V_th: -50, V_reset: -60 },
  receptors: { exc: receptor.exponential({ tau: 3 }), inh: receptor.exponential({ tau: 6 }) },
  background: drive,
};
const exc = sim.population("exc", lif, 800, options);
const inh = sim.population("inh", lif, 200, options);
for (const target of [exc, inh]) {
  sim.connect(exc, target, { rule: "fixedProbability", p: 0.1, receptor: "exc", weight: 20, delay: 1.5 });
  sim.connect(inh, target, { rule: "fixedProbability", p: 0.1, receptor: "inh", weight: -60, delay: 1.5 });
}
sim.record(exc, "spikes");
await sim.run(settle);
const past = sim.snapshot();
console.log(`snapshot at ${sim.time} ms: ${(past.length / 1024).toFixed(0)} kB\n`);

/** Spikes of the excitatory cells after the snapshot, with what `change` does to it. */
async function branch(change: (restored: Simulation) => void): Promise<SpikeRecording> {
  const restored = await Simulation.restore(past);
  change(restored);
  await restored.run(window);
  return restored.recordings.spikes.get("exc") as SpikeRecording;
}

const pulse = (amplitude: number) => background.pulses({ amplitude, start: settle + 20, width: 20 });
const branches = {
  "undisturbed": await branch(() => {}),
  "one spike more": await branch((restored) => {
    const cells = restored.populations.get("exc");
    const v = cells?.state("v");
    if (!cells || !v) return;
    v[0] = -40; // above threshold
    cells.setState("v", v);
  }),
  "80 cells driven": await branch((restored) => {
    restored.populations.get("exc")?.setBackground([...drive, { ...pulse(300), neurons: stimulated }]);
  }),
  "and inhibition with them": await branch((restored) => {
    restored.populations.get("exc")?.setBackground([...drive, { ...pulse(300), neurons: stimulated }]);
    restored.populations.get("inh")?.setBackground([...drive, pulse(100)]);
  }),
};

await sim.run(window);
const [whole] = sim.recordings.spikes.values();
const going = branches.undisturbed;
const same = whole?.count === going.count && parted(whole, going) === "-";
console.log(`undisturbed branch and the run without a stop: ${same ? "the same spikes" : "different spikes"}\n`);

/** The first time at which two trains differ. */
function parted(a: SpikeRecording, b: SpikeRecording): string {
  const k = a.times.findIndex((t, i) => t !== b.times[i] || a.neurons[i] !== b.neurons[i]);
  return k < 0 ? "-" : `${Math.min(a.times[k] as number, b.times[k] ?? Infinity).toFixed(1)} ms`;
}

console.log(`excitatory spikes in 20 ms from ${settle} ms on        parted at`);
for (const [name, { times }] of Object.entries(branches)) {
  const counts = Array.from({ length: window / 20 }, (_, k) => {
    const from = settle + 20 * k;
    return times.filter((t) => t > from + 1e-9 && t <= from + 20 + 1e-9).length;
  });
  const cells = counts.map((n) => String(n).padStart(5)).join("");
  console.log(`${name.padEnd(26)}${cells}   ${parted(going, branches[name as keyof typeof branches])}`);
}
