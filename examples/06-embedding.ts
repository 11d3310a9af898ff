/**
 * Embedding: an app that owns the loop, changes parameters while the network runs, shows progress and can be stopped.
 *
 * Shows: run() called frame by frame, set(), setBackground(), setWeight(), state(), onProgress, AbortSignal, the report
 * of a run that was cut short, errors that say what is wrong. In a browser a frame would be requestAnimationFrame, and
 * the changes would come from sliders.
 *
 *   npx tsx examples/06-embedding.ts
 */
import { adaptiveLif, background, InstabilityError, izhikevich, receptor, Simulation, SpikeletError } from "spikelet";

const sim = await Simulation.create({ dt: 0.1, seed: 3, name: "embedded" });
const exc = sim.population("exc", adaptiveLif, 800, {
  receptors: { e: receptor.exponential({ tau: 5 }), i: receptor.exponential({ tau: 8 }) },
  background: [background.rheobase(0.9), background.ornsteinUhlenbeck({ sigma: 60, tau: 5 })],
});
const inh = sim.population("inh", adaptiveLif, 200, {
  params: { a: 0, b: 0 }, // no adaptation
  receptors: { e: receptor.exponential({ tau: 5 }) },
  background: [background.rheobase(0.9), background.ornsteinUhlenbeck({ sigma: 60, tau: 5 })],
});
const sparse = { rule: "fixedProbability", p: 0.1, delay: 1.5 } as const;
const recurrent = sim.connect(exc, exc, { ...sparse, receptor: "e", weight: 4 });
sim.connect(exc, inh, { ...sparse, receptor: "e", weight: 4 });
sim.connect(inh, exc, { ...sparse, receptor: "i", weight: -20 });
const spikes = sim.record(exc, "spikes");

// What a user does at the sliders, by frame.
const actions = new Map<number, [what: string, change: () => void]>([
  [4, ["background up to 1.1 rheobase", () => setDrive(1.1)]],
  [8, ["stronger adaptation", () => exc.set({ b: 200 })]],
  [12, ["adaptation back, recurrent weights doubled", restoreAndDouble]],
  [16, ["background down to 0.8 rheobase", () => setDrive(0.8)]],
]);

function restoreAndDouble(): void {
  exc.set({ b: 40 });
  recurrent.setWeight(8);
}

function setDrive(fraction: number): void {
  exc.setBackground([background.rheobase(fraction), background.ornsteinUhlenbeck({ sigma: 60, tau: 5 })]);
}

const frame = 50; // ms of simulated time
let before = 0;
for (let k = 0; k < 20; k++) {
  const [what, change] = actions.get(k) ?? [];
  if (what) console.log(`          ${what}`);
  change?.();
  await sim.run(frame);
  const rate = (1000 * (spikes.count - before)) / exc.size / frame;
  before = spikes.count;
  const w = exc.state("w").reduce((a, b) => a + b, 0) / exc.size;
  const bar = "#".repeat(Math.round(rate));
  const time = `${sim.time.toFixed(0).padStart(5)} ms`;
  console.log(`${time}  w ${w.toFixed(0).padStart(4)} pA  ${rate.toFixed(1).padStart(5)} Hz ${bar}`.trimEnd());
}

// A long run that the user stops. The results so far are whole, and the simulation can go on.
const stop = new AbortController();
const report = await sim.run(3_600_000, {
  signal: stop.signal,
  chunk: 100,
  onProgress: ({ time, fraction, elapsedMs }) => {
    if (elapsedMs < 300 && fraction < 1) return;
    console.log(`stopping at ${time.toFixed(0)} ms, ${(100 * fraction).toFixed(3)} % of an hour`);
    stop.abort();
  },
});
const total = report.populations.exc?.spikes;
console.log(`status ${report.status}: ${report.duration.toFixed(0)} ms simulated, ${total} spikes`);
await sim.run(frame);
console.log(`and on to ${sim.time.toFixed(0)} ms`);

// A mistake is an error with a class; nothing has been changed.
try {
  exc.set({ tau_m: "-5 ms" });
} catch (error) {
  if (!(error instanceof SpikeletError)) throw error;
  console.log(`${error.name}: ${error.message}`);
}

// A run that cannot be right stops: an explicit method overshoots far below rest.
const wild = await Simulation.create({ dt: 0.1 });
wild.population("cell", izhikevich, 1, { background: [background.constant(-5000)] });
try {
  await wild.run(100);
} catch (error) {
  if (!(error instanceof InstabilityError)) throw error;
  console.log(`${error.name}: ${error.message}`);
}
