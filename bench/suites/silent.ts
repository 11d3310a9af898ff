/** Networks of which few neurons are active: stepped, and advanced by events. */
import { digits } from "../format.js";
import { built, program } from "../program.js";
import type { Section, Settings, Suite } from "./suite.js";

const CASES = [
  { name: "few", title: "140,000 `lif`, 1 % driven, no synapses", ms: 2000, target: 8 },
  { name: "fewConnected", title: "the same with 100 inputs each", ms: 2000, target: 8 },
  { name: "all", title: "Vogels-Abbott, 20,000, all active", ms: 1000 },
] as const;

const METHODS = ["exact", "eventDriven"] as const;

const median = (x: readonly number[]): number => [...x].sort((a, b) => a - b)[x.length >> 1] as number;

/** What bench/programs/silent.mjs prints. */
interface Said {
  readonly simulate: number;
  readonly neurons: number;
  readonly spikes: number;
  readonly events: number;
  readonly hash: string;
}

export const silent: Suite = {
  names: ["silent"],
  async run(_selected, settings: Settings): Promise<Section> {
    if (!built()) throw new Error("dist/ is missing; `npm run build` makes it");
    const rounds = settings.quick ? 1 : 5;
    const rows: string[][] = [];
    const data: object[] = [];
    const failures: string[] = [];
    const shortfalls: string[] = [];
    for (const { name, title, ms, ...more } of CASES) {
      const duration = settings.quick ? ms / 4 : ms;
      const said: Said[][] = METHODS.map(() => []);
      // The contestants take turns; the spikes must be the same.
      for (let round = 0; round < rounds; round++) {
        for (const [i, method] of METHODS.entries()) {
          said[i]?.push((await program("silent", [], [name, method, `${duration}`])).said as unknown as Said);
        }
      }
      const [stepped = [], byEvents = []] = said;
      const first = stepped[0] as Said;
      if (![...stepped, ...byEvents].every(({ hash }) => hash === first.hash))
        failures.push(`silent: ${title} fires differently.`);
      const perSecond = (list: readonly Said[]): number =>
        (1000 * median(list.map(({ simulate }) => simulate))) / duration;
      const gain = median(byEvents.map((one, i) => (stepped[i] as Said).simulate / one.simulate));
      const target = "target" in more ? more.target : undefined;
      if (target !== undefined && gain < target)
        shortfalls.push(`silent: ${title} is ${digits(gain)} times faster by events, target ${target}.`);
      rows.push([
        title,
        digits((1000 * first.spikes) / first.neurons / duration),
        digits(first.events / first.neurons / duration / 10),
        digits(perSecond(stepped)),
        digits(perSecond(byEvents)),
        digits(gain),
      ]);
      data.push({ name, stepped, byEvents, gain });
    }
    return {
      id: "silent",
      title: "Silent neurons: s of CPU time per biological second, one thread",
      header: ["network", "rate, Hz", "events per neuron and step", "exact", "eventDriven", "gain"],
      rows,
      failures,
      shortfalls,
      data,
    };
  },
};
