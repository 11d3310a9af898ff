/**
 * Sources beside the plain Poisson train: a rate as a text, renewal trains, and trains that share spikes.
 *
 * The first part counts what the trains are: the rate in the halves of a cycle, the coefficient of variation of the
 * intervals, the correlation of counts; each has a closed form. The second part gives 200 trains of one rate to a leaky
 * neuron: what it fires depends on how many of them come together (Kuhn, Aertsen and Rotter 2003, Neural Comput
 * 15:67-101, doi:10.1162/089976603321043702).
 *
 *   npx tsx examples/20-trains.ts
 */
import { correlated, cvPerNeuron, lif, meanRate, poisson, receptor, renewal, Simulation } from "spikelet";

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;
const duration = 20_000;
const size = 100;

const sim = await Simulation.create({ dt: 0.1, seed: 1 });
const waves = sim.population("waves", poisson, size, { params: { rate: "20*Hz*(1 + sin(2*pi*8*Hz*t))" } });
const gamma = sim.population("gamma", renewal, size, { params: { kind: "gamma", rate: 20, shape: 4 } });
const rests = sim.population("rests", renewal, size, { params: { kind: "refractory", rate: 20, dead: 10 } });
const shared = sim.population("shared", correlated, size, {
  params: { kind: "multiple", rate: 20, correlation: 0.2, tau: 2 },
});
const ofWaves = sim.record(waves, "spikes");
const ofGamma = sim.record(gamma, "spikes");
const ofRests = sim.record(rests, "spikes");
const ofShared = sim.record(shared, "spikes");
await sim.run(duration);

const up = ofWaves.times.filter((t) => (t / 125) % 1 < 0.5).length / ofWaves.count;
console.log("trains            what                              found   closed form");
const row = (name: string, what: string, found: number, expected: number): void =>
  console.log(`${name.padEnd(17)} ${what.padEnd(31)} ${found.toFixed(3).padStart(7)} ${expected.toFixed(3).padStart(13)}`);
row("rate as a text", "share in the first half cycle", up, 0.5 + 1 / Math.PI);
row("gamma, shape 4", "CV of intervals", mean(cvPerNeuron(ofGamma, size)), 0.5);
row("dead time 10 ms", "CV of intervals", mean(cvPerNeuron(ofRests, size)), 1 - 0.02 * 10);

/** Mean correlation of the counts in bins of 100 ms, from the variance of their sum. */
const bins = duration / 100;
const counts = Array.from({ length: size }, () => new Float64Array(bins));
for (const [k, t] of ofShared.times.entries()) {
  const own = counts[ofShared.neurons[k] ?? 0] as Float64Array;
  const bin = Math.min(bins - 1, Math.floor(t / 100));
  own[bin] = (own[bin] ?? 0) + 1;
}
const variance = (values: ArrayLike<number>): number => mean(Array.from(values, (x) => x * x)) - mean(values) ** 2;
const sums = Float64Array.from({ length: bins }, (_, k) => counts.reduce((sum, one) => sum + (one[k] ?? 0), 0));
const correlation = (variance(sums) / counts.reduce((sum, one) => sum + variance(one), 0) - 1) / (size - 1);
row("multiple, 0.2", "correlation of counts", correlation, 0.2 * (1 - 2 / 100));

console.log("\n200 trains of 10 Hz onto a leaky neuron");
console.log("shared     correlation   rate (Hz)     CV");
const cases = [["multiple", 0.001], ["multiple", 0.02], ["single", 0.02], ["multiple", 0.1], ["single", 0.1]] as const;
for (const [kind, c] of cases) {
  const net = await Simulation.create({ dt: 0.1, seed: 2 });
  const inputs = net.population("inputs", correlated, 200, { params: { kind, rate: 10, correlation: c, tau: 1 } });
  const cell = net.population("cell", lif, 1, { receptors: { exc: receptor.exponential({ tau: 2 }) } });
  net.connect(inputs, cell, { rule: "allToAll", weight: 85, delay: 1 });
  const spikes = net.record(cell, "spikes");
  await net.run(duration);
  const rate = meanRate(spikes, 1, duration);
  const [cv = NaN] = cvPerNeuron(spikes, 1);
  console.log(
    `${kind.padEnd(10)} ${String(c).padStart(11)} ${rate.toFixed(1).padStart(11)} ${cv.toFixed(2).padStart(6)}`,
  );
}
