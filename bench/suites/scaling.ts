/** Cost and memory as the population grows. */
import { background, izhikevich, Simulation } from "../../src/index.js";
import { spread } from "../cases/models.js";
import { digits, spreadOf } from "../format.js";
import { type Contestant, measure, ratio, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const SIZES = [1000, 10_000, 100_000, 1_000_000];
/** The cost of a neuron may grow by so much from the smallest population to the largest: its columns leave the caches. */
const GROWTH = 2;

/** Bytes that this process holds. */
function held(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

async function population(size: number): Promise<Simulation> {
  const simulation = await Simulation.create({ dt: 0.1, seed: 42 });
  simulation.population("neurons", izhikevich, size, {
    params: { t_ref: 2 },
    init: { v: spread(size, -70, -60), u: -13 },
    background: [background.constant(10)],
  });
  simulation.runSync(0.1);
  return simulation;
}

export const scaling: Suite = {
  names: ["scaling"],
  async run(_selected, settings: Settings): Promise<Section> {
    const sizes = settings.quick ? SIZES.slice(0, 3) : SIZES;
    const contestants: Contestant[] = [];
    const bytes: number[] = [];
    for (const size of sizes) {
      const before = held();
      const simulation = await population(size);
      bytes.push((held() - before) / size);
      contestants.push({ name: `${size}`, size, run: (steps) => void simulation.runSync(steps * 0.1) });
    }
    const measured = measure(contestants, settings);
    const [smallest] = measured;
    if (!smallest) throw new Error("nothing measured");
    const growth = measured.map((measurement) => ratio(measurement, smallest).median);
    const last = growth.at(-1) ?? 1;
    return {
      id: "scaling",
      title: "Size of the population (Izhikevich, euler, dt 0.1): ns per neuron and step",
      header: ["neurons", "Spikelet", "ratio to 1000", "resident bytes per neuron"],
      rows: measured.map(({ name, rounds }, i) => [
        name,
        spreadOf(summary(rounds)),
        digits(growth[i] as number),
        // Below 100,000 neurons the pages of the process' own start hide what the neurons take.
        (sizes[i] as number) < 100_000 ? "" : digits(bytes[i] as number),
      ]),
      failures: [],
      shortfalls: last > GROWTH ? [`scaling: a neuron costs ${digits(last)} times as much in the largest population.`] : [],
      data: measured.map(({ rounds }, i) => ({ size: sizes[i], ...summary(rounds), growth: growth[i], bytes: bytes[i] })),
    };
  },
};
