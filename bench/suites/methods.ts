/** All methods of all models side by side. */
import type { Method } from "../../src/index.js";
import { MODEL_CASES, MORE_MODELS } from "../cases/models.js";
import { digits } from "../format.js";
import { measure, type Summary, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const SIZE = 10_000;
const METHODS: readonly Method[] = [
  "exact",
  "euler",
  "rosenbrock",
  "heun",
  "rk4",
  "exponentialEuler",
  "strangSplitting",
  "halfStep",
];

export const methods: Suite = {
  names: ["methods"],
  async run(_selected, settings: Settings): Promise<Section> {
    const options = { ...settings, warmUpMs: Math.min(settings.warmUpMs, 300), rounds: Math.ceil(settings.rounds / 2) };
    const rows: string[][] = [];
    const data: Record<string, Record<string, Summary>> = {};
    for (const entry of [...MODEL_CASES.filter(({ name }) => name !== "noise"), ...MORE_MODELS]) {
      const known = METHODS.filter((method) => entry.model.methods.includes(method));
      const entrants = known.map((method) => ({ kind: "core", case: entry.name, size: SIZE, method }) as const);
      const measured = await measure(entrants, options);
      const results = Object.fromEntries(known.map((method, i) => [method, summary(measured[i]?.rounds ?? [])]));
      rows.push([entry.name, ...METHODS.map((method) => (results[method] ? digits(results[method].median) : ""))]);
      data[entry.name] = results;
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
