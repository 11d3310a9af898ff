/** Cost and memory as the population grows. */
import { digits, spreadOf } from "../format.js";
import { measure, ratio, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const SIZES = [1000, 10_000, 100_000, 1_000_000];
/**
 * The cost of a neuron may grow by so much from the smallest population to the largest: its columns leave the caches.
 */
const GROWTH = 2;

export const scaling: Suite = {
  names: ["scaling"],
  async run(_selected, settings: Settings): Promise<Section> {
    const sizes = settings.quick ? SIZES.slice(0, 3) : SIZES;
    const measured = await measure(
      sizes.map((size) => ({ kind: "growth", size }) as const),
      settings,
    );
    const [smallest] = measured;
    if (!smallest) throw new Error("nothing measured");
    const results = measured.map((measurement, i) => ({
      size: sizes[i] as number,
      ...summary(measurement.rounds),
      growth: ratio(measurement, smallest).median,
      bytes: measurement.facts.bytes ?? 0,
    }));
    const last = results.at(-1)?.growth ?? 1;
    return {
      id: "scaling",
      title: "Size of the population (Izhikevich, euler, dt 0.1): ns per neuron and step",
      header: ["neurons", "Spikelet", "ratio to 1000", "resident bytes per neuron"],
      rows: results.map((result) => [
        `${result.size}`,
        spreadOf(result),
        digits(result.growth),
        // In small populations the pages of the thread's own start hide what the neurons take.
        result.size < 100_000 ? "" : digits(result.bytes),
      ]),
      failures: [],
      shortfalls:
        last > GROWTH ? [`scaling: a neuron costs ${digits(last)} times as much in the largest population.`] : [],
      data: results,
    };
  },
};
