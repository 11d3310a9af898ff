/** Large networks: what synapses cost as networks grow, and what a second thread gives. */
import { availableParallelism } from "node:os";
import { digits } from "../format.js";
import { BYTES_PER_EVENT } from "../roofline/bytes.js";
import { built, program } from "../program.js";
import type { Section, Settings, Suite } from "./suite.js";

const CASES = [
  { name: "vogelsAbbott4k", title: "Vogels-Abbott, 4000", ms: 1000 },
  { name: "vogelsAbbott20k", title: "Vogels-Abbott, 20,000", ms: 400 },
  { name: "vogelsAbbott100k", title: "Vogels-Abbott, 100,000", ms: 100 },
  { name: "brunelDrive", title: "Brunel, constant drive", ms: 100 },
  { name: "izhikevich100k", title: "Izhikevich with noise, 100,000", ms: 100 },
] as const;

/** Two threads on two free cores are to be so much faster. */
const SPEEDUP = 1.7;

const median = (x: readonly number[]): number => [...x].sort((a, b) => a - b)[x.length >> 1] as number;

/** The rate in bytes per s at which this process reads and writes a large array, for comparison. */
function bandwidth(): number {
  const array = new Float64Array(16e6);
  const rates = Array.from({ length: 5 }, () => {
    const began = performance.now();
    array.fill(began);
    return (array.byteLength / (performance.now() - began)) * 1000;
  });
  return median(rates);
}

export const networks: Suite = {
  names: ["networks"],
  async run(_selected, settings: Settings): Promise<Section> {
    if (!built()) throw new Error("dist/ is missing; `npm run build` makes it");
    const rounds = settings.quick ? 1 : 3;
    const threads = availableParallelism() > 1 ? [1, 2] : [1];
    const rows: string[][] = [];
    const data: object[] = [];
    const shortfalls: string[] = [];
    for (const { name, title, ms } of CASES) {
      const said: Readonly<Record<string, number>>[][] = threads.map(() => []);
      // The contestants take turns; the spikes must be the same.
      for (let round = 0; round < rounds; round++) {
        for (const [i, n] of threads.entries()) {
          said[i]?.push((await program("network", [], [name, `${n}`, `${settings.quick ? ms / 4 : ms}`])).said);
        }
      }
      const [one = [], two = []] = said;
      const [first] = one;
      if (!first) continue;
      const field = (list: typeof one, key: string): number => median(list.map((x) => x[key] as number));
      const speedups = two.map((x, i) => (one[i]?.simulate as number) / (x.simulate as number));
      const same = [...one, ...two].every((x) => x.spikes === first.spikes);
      const biological = (settings.quick ? ms / 4 : ms) / 1000;
      const simulate = field(one, "simulate");
      const { neurons = 0, synapses = 0, spikes = 0, events = 0 } = first;
      const speedup = speedups.length > 0 ? median(speedups) : Number.NaN;
      rows.push([
        title,
        digits(spikes / neurons / biological),
        `${synapses}`,
        digits(field(one, "setup")),
        digits(simulate / biological),
        digits((1e9 * simulate) / (neurons * biological * 1e4)),
        events > 0 ? digits(events / simulate / 1e6) : "",
        events > 0 ? digits((events * BYTES_PER_EVENT) / simulate / 1e9) : "",
        Number.isNaN(speedup) ? "" : digits(field(two, "simulate") / biological),
        Number.isNaN(speedup) ? "" : digits(speedup),
      ]);
      data.push({ name, neurons, synapses, spikes, events, one, two, speedup });
      if (!same) shortfalls.push(`networks: ${title} fires differently with two threads.`);
      if (neurons >= 10_000 && !(speedup >= SPEEDUP)) shortfalls.push(`networks: ${title} is ${digits(speedup)} times faster with two threads, target ${SPEEDUP}.`);
    }
    return {
      id: "networks",
      title: `Networks, s per biological second (memory is filled at ${digits(bandwidth() / 1e9)} GB/s here)`,
      header: [
        "network",
        "rate, Hz",
        "synapses",
        "build, s",
        "1 thread",
        "ns per neuron and step",
        "M events/s",
        "GB/s of events",
        "2 threads",
        "gain",
      ],
      rows,
      failures: shortfalls.filter((x) => x.includes("fires differently")),
      shortfalls: shortfalls.filter((x) => !x.includes("fires differently")),
      data,
    };
  },
};
