// What a population of so many Izhikevich neurons holds after its first step, in bytes. Run with --expose-gc.
import { background, izhikevich, Simulation } from "../../dist/index.js";

const size = Number(process.argv[2]);
const held = () => {
  globalThis.gc();
  return process.memoryUsage.rss();
};

// A small one first: code and caches of the package are there from then on.
const grown = async (count) => {
  const simulation = await Simulation.create({ dt: 0.1, threads: 1 });
  simulation.population("neurons", izhikevich, count, { background: [background.constant(10)] });
  simulation.runSync(0.1);
  return simulation;
};
const first = await grown(1000);
const before = held();
const second = await grown(size);
const bytes = held() - before;
process.stdout.write(`${JSON.stringify({ bytes, alive: first.time + second.time })}\n`);
