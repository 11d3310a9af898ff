/** Cost and memory as the population grows. */
import { digits, spreadOf } from "../format.js";
import { measure, ratio, summary } from "../measure.js";
import { built, program } from "../program.js";
import type { Section, Settings, Suite } from "./suite.js";

const SIZES = [1000, 10_000, 100_000, 1_000_000];
/**
 * The cost of a neuron may grow by so much from the smallest population to the largest: its columns leave the caches.
 */
const GROWTH = 2;

/** Bytes per neuron that a process holds for a population of this size; in small ones whole pages hide them. */
async function bytesPerNeuron(size: number): Promise<number | undefined> {
  if (!built() || size < 100_000) return undefined;
  const { said } = await program("memory", ["--expose-gc"], [`${size}`]);
  return (said.bytes ?? 0) / size;
}

export const scaling: Suite = {
  names: ["scaling"],
  async run(_selected, settings: Settings): Promise<Section> {
    const sizes = settings.quick ? SIZES.slice(0, 3) : SIZES;
    const entrants = sizes.map((size) => ({ kind: "growth", size }) as const);
    const measured = await measure(entrants, { ...settings, rounds: Math.ceil(settings.rounds / 3), minSteps: 200 });
    const [smallest] = measured;
    if (!smallest) throw new Error("nothing measured");
    const results = [];
    for (const [i, measurement] of measured.entries()) {
      const size = sizes[i] as number;
      const growth = ratio(measurement, smallest).median;
      results.push({ size, ...summary(measurement.rounds), growth, bytes: await bytesPerNeuron(size) });
    }
    const last = results.at(-1)?.growth ?? 1;
    return {
      id: "scaling",
      title: "Size of the population (Izhikevich, euler, dt 0.1): ns per neuron and step",
      header: ["neurons", "Spikelet", "ratio to 1000", "bytes per neuron"],
      rows: results.map((result) => [
        `${result.size}`,
        spreadOf(result),
        digits(result.growth),
        result.bytes === undefined ? "" : digits(result.bytes),
      ]),
      failures: [],
      shortfalls:
        last > GROWTH ? [`scaling: a neuron costs ${digits(last)} times as much in the largest population.`] : [],
      data: results,
    };
  },
};
