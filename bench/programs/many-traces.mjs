// A small network with many recordings, built and run again and again: 25 populations of 133 neurons, two traces of
// each, 15 ms. Prints what one takes in ms, and the CPU time.
const { Simulation } = await import("../../dist/index.js");
const names = Array.from({ length: 25 }, (_, k) => `p${k}`);
const network = {
  dt: 0.1,
  duration: 15,
  seed: 5,
  populations: names.map((name) => ({
    name,
    model: "adex",
    size: 133,
    background: [{ kind: "constant", amplitude: 900 }],
  })),
  record: names.map((population) => ({ population, variables: ["v", "w"], every: 0.1 })),
};
async function one() {
  const simulation = await Simulation.fromDocument(network, { threads: 1 });
  simulation.runSync(network.duration);
}
for (let k = 0; k < 3; k++) await one();
const before = process.cpuUsage();
const start = performance.now();
const rounds = 10;
for (let k = 0; k < rounds; k++) await one();
const wall = (performance.now() - start) / rounds;
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${JSON.stringify({ wall, cpu: (user + system) / 1000 / rounds })}\n`);
