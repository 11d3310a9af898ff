/** One step of one neuron, core against twins. */
import { disagreement } from "../agree.js";
import { MODEL_CASES, type ModelCase } from "../cases/models.js";
import { CAPACITY } from "../contestants.js";
import { digits, spreadOf, verdict } from "../format.js";
import { measure, ratio, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const SIZE = 10_000;

/** Length of the check in ms, and its number of neurons. */
const CHECK_MS = 200;
const CHECK_SIZE = 1000;

/** Runs the core and the case's twins from the same start; returns what is wrong with the twins. */
export async function checkModel(entry: ModelCase, size = CHECK_SIZE, duration = CHECK_MS): Promise<string[]> {
  const { simulation, spikes } = await entry.simulation(size);
  simulation.runSync(duration);
  return entry.which.flatMap((which) => {
    const twin = entry.twin(which, size, CAPACITY);
    twin.run(Math.round(duration / entry.dt));
    const { times, neurons, count } = twin.spikes;
    const found = { times: times.subarray(0, count), neurons: neurons.subarray(0, count) };
    const wrong = disagreement(entry.agreement, spikes.view(), found, { size, dt: entry.dt });
    return wrong === undefined ? [] : [`${entry.name}, ${which} twin: ${wrong} in ${duration} ms.`];
  });
}

const AGREEMENTS = { bits: "identical", step: "within a step", rate: "same rate" };

export const models: Suite = {
  names: MODEL_CASES.map(({ name }) => name),
  async run(selected, settings: Settings): Promise<Section> {
    const failures: string[] = [];
    const shortfalls: string[] = [];
    const rows: string[][] = [];
    const data: unknown[] = [];
    for (const entry of MODEL_CASES.filter(({ name }) => selected.has(name))) {
      const wrong = await checkModel(entry);
      failures.push(...wrong);
      const twins = entry.which.map((which) => ({ kind: "twin", case: entry.name, size: SIZE, which }) as const);
      const [mine, plain, trick] = await measure([{ kind: "core", case: entry.name, size: SIZE }, ...twins], settings);
      if (!mine || !plain) throw new Error(`${entry.name} has no plain twin.`);
      const rate = mine.facts.rate ?? 0;
      const faster = ratio(plain, mine);
      const fasterThanTrick = trick && ratio(trick, mine);
      const { target } = entry;
      if (target !== undefined && faster.median < target) {
        shortfalls.push(`${entry.name}: ${digits(faster.median)} times faster than the plain twin, target ${target}.`);
      }
      rows.push([
        `${entry.name} (${entry.method}, dt ${entry.dt})`,
        rate.toFixed(0),
        spreadOf(summary(mine.rounds)),
        spreadOf(summary(plain.rounds)),
        digits(faster.median),
        verdict(faster.median, target),
        trick ? `${spreadOf(summary(trick.rounds))}: ${entry.trickLabel}` : "",
        fasterThanTrick ? digits(fasterThanTrick.median) : "",
        wrong.length === 0 ? AGREEMENTS[entry.agreement] : "FAILED",
      ]);
      data.push({
        name: entry.name,
        method: entry.method,
        dt: entry.dt,
        size: SIZE,
        rate,
        core: summary(mine.rounds),
        plain: summary(plain.rounds),
        ratio: faster,
        target: target ?? null,
        trick: trick ? { label: entry.trickLabel, ...summary(trick.rounds), ratio: fasterThanTrick } : null,
        check: wrong.length === 0 ? entry.agreement : wrong,
      });
    }
    return {
      id: "models",
      title: `One step of one neuron, in ns (${SIZE} neurons, one thread)`,
      header: ["model", "rate, Hz", "Spikelet", "plain JS", "ratio", "target", "JS with a trick", "ratio", "spikes"],
      rows,
      failures,
      shortfalls,
      data,
    };
  },
};
