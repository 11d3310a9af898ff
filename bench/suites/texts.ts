/** Models as text beside a built-in one of their kind, with their gates from tables and evaluated. */
import { TEXT_NAMES, TEXT_STEP } from "../cases/texts.js";
import { digits, spreadOf } from "../format.js";
import { measure, ratio, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const SIZE = 4000;

export const texts: Suite = {
  names: ["texts"],
  async run(_selected, settings: Settings): Promise<Section> {
    const entrants = TEXT_NAMES.flatMap((name) =>
      (["table", "exact"] as const).map((rates) => ({ kind: "text", name, rates, size: SIZE }) as const),
    );
    const measured = await measure(entrants, settings);
    const [builtIn] = measured;
    if (!builtIn) throw new Error("nothing measured");
    const rows: string[][] = [];
    const data: unknown[] = [];
    const shortfalls: string[] = [];
    for (const [i, name] of TEXT_NAMES.entries()) {
      const [table, exact] = measured.slice(2 * i, 2 * i + 2) as [typeof builtIn, typeof builtIn];
      const toBuiltIn = ratio(table, builtIn).median;
      const gain = ratio(exact, table).median;
      if (name === "hodgkinHuxley as text" && toBuiltIn > 1.2) shortfalls.push(`${name} takes ${digits(toBuiltIn)} times as long as built in; at most 1.2 is wanted.`);
      rows.push([
        name,
        spreadOf(summary(table.rounds)),
        spreadOf(summary(exact.rounds)),
        digits(gain),
        digits(toBuiltIn),
      ]);
      data.push({
        name,
        table: summary(table.rounds),
        exact: summary(exact.rounds),
        gain,
        toBuiltIn,
        rate: table.facts.rate,
      });
    }
    return {
      id: "texts",
      title: `Gates of models as text, exponentialEuler, dt ${TEXT_STEP} ms, ns per neuron and step (${SIZE} neurons)`,
      header: ["", "from a table", "evaluated", "evaluated / table", "table / built in"],
      rows,
      failures: [],
      shortfalls,
      data,
    };
  },
};
