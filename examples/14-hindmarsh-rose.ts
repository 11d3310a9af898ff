/**
 * A bursting neuron as text: the three equations of Hindmarsh and Rose (1984).
 *
 * The equations, their numbers and the meaning of the variables are those of the paper (Proc R Soc Lond B 221:87-102,
 * doi:10.1098/rspb.1984.0024): v is a membrane without units, y recovers from each spike, z adapts slowly and ends the
 * burst. One unit of the paper's time is 1 ms here.
 *
 * Bursts are compared with an integration that is not this project's: SciPy 1.17, `solve_ivp(method="DOP853")`, rtol
 * and atol 1e-12, over 6000 units of time; spikes are roots of v = 1, bursts begin where more than 60 units lie
 * between two spikes. The numbers are those on which all later bursts agree.
 *
 * Prints the bursts at three currents and writes results/examples/14-hindmarsh-rose.svg.
 *
 *   npx tsx examples/14-hindmarsh-rose.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { background, defineModel, Simulation, tracesFigure } from "spikelet";

const hindmarshRose = defineModel({
  name: "hindmarshRose",
  current: "1",
  equations: `
    dv/dt = (y - a*v**3 + b*v**2 - z + I)/ms : 1    # membrane
    dy/dt = (c - d*v**2 - y)/ms : 1                 # recovery
    dz/dt = r*(s*(v - v_R) - z)/ms : 1              # slow adaptation
  `,
  params: { a: 1, b: 3, c: 1, d: 5, r: 0.001, s: 4, v_R: -1.6 },
  threshold: "v > 1",
  refractory: "v > 0.5",
  init: { v: "v_R", y: "c - d*v**2", z: 0 },
});

/** Current, spikes per burst, time from burst to burst, by DOP853. */
const reference = [
  [1.5, 6, 509.27260588],
  [2, 9, 430.77561173],
  [2.5, 13, 452.11748889],
] as const;

const sim = await Simulation.create({ dt: 0.02 });
const cells = sim.population("cells", hindmarshRose, reference.length, {
  background: [background.constant(reference.map(([current]) => current))],
});
const spikes = sim.record(cells, "spikes", { interpolate: true });
const v = sim.record(cells, "v", { neurons: [1], from: 2500, every: 0.2 });
const z = sim.record(cells, "z", { neurons: [1], from: 2500, every: 0.2 });
await sim.run(4000);

console.log("   I   spikes per burst   period   by DOP853");
for (const [i, [current, count, period]] of reference.entries()) {
  const times = spikes.of(i);
  const starts = [...times.keys()].filter((k) => k > 0 && (times[k] as number) - (times[k - 1] as number) > 60);
  const [first, second] = starts.slice(-2) as [number, number];
  const measured = (times[second] as number) - (times[first] as number);
  if (second - first !== count || Math.abs(measured - period) > 1e-3) {
    const found = `${second - first} spikes every ${measured} ms`;
    throw new Error(`bursts at ${current} are not those of the reference: ${found}`);
  }
  const row = [current.toFixed(1), `${second - first} (${count})`.padStart(16), measured.toFixed(4), period.toFixed(4)];
  console.log(row.join("   "));
}

const folder = new URL("../results/examples/", import.meta.url);
mkdirSync(folder, { recursive: true });
const figure = tracesFigure({
  title: "Hindmarsh-Rose, I = 2",
  traces: [v, z],
  start: 2500,
  duration: 1500,
});
writeFileSync(new URL("14-hindmarsh-rose.svg", folder), figure);
console.log("wrote results/examples/14-hindmarsh-rose.svg");
