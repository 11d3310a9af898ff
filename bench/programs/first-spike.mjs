// A complete program: 1000 neurons up to the first spike. Prints what the import took and the CPU time so far, in ms.
const start = performance.now();
const { Simulation, lif, background } = await import("../../dist/index.js");
const imported = performance.now() - start;
const simulation = await Simulation.create({ dt: 0.1 });
const neurons = simulation.population("neurons", lif, 1000, {
  init: { v: { uniform: [-70, -55] } },
  background: [background.constant(400)],
});
const spikes = simulation.record(neurons, "spikes");
while (spikes.count === 0) simulation.runSync(1);
const { user, system } = process.cpuUsage();
process.stdout.write(`${JSON.stringify({ imported, cpu: (user + system) / 1000 })}\n`);
