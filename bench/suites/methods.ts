/** All methods of all models side by side. */
import type { Method } from "../../src/index.js";
import { MODEL_CASES, MORE_MODELS } from "../cases/models.js";
import { digits } from "../format.js";
import { type Contestant, measure, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const SIZE = 10_000;
const METHODS: readonly Method[] = ["exact", "euler", "heun", "rk4", "exponentialEuler", "halfStep"];

export const methods: Suite = {
  names: ["methods"],
  async run(_selected, settings: Settings): Promise<Section> {
    const rows: string[][] = [];
    const data: Record<string, Record<string, unknown>> = {};
    for (const entry of [...MODEL_CASES.filter(({ name }) => name !== "noise"), ...MORE_MODELS]) {
      const contestants: Contestant[] = [];
      for (const method of entry.model.methods) {
        const { simulation } = await entry.simulation(SIZE, method);
        contestants.push({ name: method, size: SIZE, run: (steps) => void simulation.runSync(steps * entry.dt) });
      }
      const options = { ...settings, warmUpMs: Math.min(settings.warmUpMs, 200), rounds: Math.ceil(settings.rounds / 2) };
      const measured = new Map(measure(contestants, options).map(({ name, rounds }) => [name, summary(rounds)]));
      rows.push([entry.name, ...METHODS.map((method) => digitsOf(measured.get(method)?.median))]);
      data[entry.name] = Object.fromEntries(measured);
    }
    return {
      id: "methods",
      title: `Methods, ns per neuron and step (${SIZE} neurons)`,
      header: ["model", ...METHODS],
      rows,
      failures: [],
      shortfalls: [],
      data,
    };
  },
};

function digitsOf(x: number | undefined): string {
  return x === undefined ? "" : digits(x);
}
