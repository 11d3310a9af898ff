/** Poisson sources, core against a loop with one `Math.random` per source and step. */
import { SOURCES, type SourcesCase } from "../contestants.js";
import { digits, spreadOf, verdict } from "../format.js";
import { measure, ratio, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

/** Rates in Hz with the least that the core should be faster, and whether all sources have one rate. */
const CASES: readonly (SourcesCase & { readonly title: string; readonly target?: number })[] = [
  { title: "15 Hz", rate: 15, own: false, target: 20 },
  { title: "15 Hz, rates of their own", rate: 15, own: true },
  { title: "150 Hz", rate: 150, own: false },
];

export const sources: Suite = {
  names: ["sources"],
  async run(_selected, settings: Settings): Promise<Section> {
    const rows: string[][] = [];
    const failures: string[] = [];
    const shortfalls: string[] = [];
    const data: unknown[] = [];
    for (const { title, target, rate, own } of CASES) {
      const entrants = [{ kind: "sources", rate, own }, { kind: "sourcesTwin", rate, own }] as const;
      const [mine, twin] = await measure(entrants, settings);
      if (!mine || !twin) throw new Error("nothing measured");
      for (const [who, found] of [["Spikelet", mine.facts.rate], ["twin", twin.facts.rate]] as const) {
        if (Math.abs((found ?? 0) / rate - 1) > 0.05) failures.push(`sources, ${title}: the ${who} fires at ${found} Hz.`);
      }
      const { median } = ratio(twin, mine);
      if (target !== undefined && median < target) {
        shortfalls.push(`sources, ${title}: ${digits(median)} times faster than the plain twin, target ${target}.`);
      }
      const [ours, theirs] = [summary(mine.rounds), summary(twin.rounds)];
      rows.push([title, spreadOf(ours), spreadOf(theirs), digits(median), verdict(median, target)]);
      data.push({ rate, own, core: ours, plain: theirs, ratio: median });
    }
    return {
      id: "sources",
      title: `Poisson sources, ns per source and step (${SOURCES} sources, dt 0.1)`,
      header: ["", "Spikelet", "plain JS", "faster", "target"],
      rows,
      failures,
      shortfalls,
      data,
    };
  },
};
