// A complete program: 1000 neurons up to the first spike. Prints the time of the import in ms and the time of the spike.
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
process.stdout.write(`${JSON.stringify({ imported, spike: spikes.times[0] })}\n`);
