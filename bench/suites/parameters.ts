/** What it costs that parameters or currents differ between neurons; who has one value for all must not pay for it. */
import { VARIANT_SIZE, type Variant } from "../contestants.js";
import { digits, spreadOf } from "../format.js";
import { measure, ratio, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const VARIANTS: readonly Variant[] = ["nothing", "current", "parameters"];
const LABELS = {
  lif: { nothing: "one value for all", current: "a current per neuron", parameters: "tau_m per neuron" },
  izhikevich: { nothing: "one value for all", current: "a current per neuron", parameters: "a, c and d per neuron" },
} as const;

export const parameters: Suite = {
  names: ["parameters"],
  async run(_selected, settings: Settings): Promise<Section> {
    const rows: string[][] = [];
    const data: unknown[] = [];
    const shortfalls: string[] = [];
    for (const model of ["lif", "izhikevich"] as const) {
      const entrants = VARIANTS.map((variant) => ({ kind: "variant", model, variant }) as const);
      const measured = await measure(entrants, settings);
      const [uniform] = measured;
      if (!uniform) throw new Error("nothing measured");
      for (const [i, measurement] of measured.entries()) {
        const variant = VARIANTS[i] as Variant;
        const label = `${model}: ${LABELS[model][variant]}`;
        const { median } = ratio(measurement, uniform);
        if (median < 0.97) shortfalls.push(`${label} is faster than one value for all.`);
        rows.push([label, spreadOf(summary(measurement.rounds)), digits(median)]);
        data.push({ model, variant, ...summary(measurement.rounds), ratio: median });
      }
    }
    return {
      id: "parameters",
      title: `One value for all or one per neuron, ns per neuron and step (${VARIANT_SIZE} neurons)`,
      header: ["", "Spikelet", "ratio to one value"],
      rows,
      failures: [],
      shortfalls,
      data,
    };
  },
};
