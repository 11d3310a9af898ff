/** All to all: delivery along rows of consecutive targets, core against twin. */
import { disagreement } from "../agree.js";
import { DENSE, denseStart, DenseTwin } from "../baseline/dense.js";
import { denseSimulation } from "../cases/dense.js";
import { CAPACITY } from "../contestants.js";
import { digits, spreadOf, verdict } from "../format.js";
import { measure, ratio, type Summary, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const TARGET = 2;

/** Runs core and twin from the same start; returns what is wrong with the twin. */
export async function checkDense(own: boolean, duration: number): Promise<string[]> {
  const start = denseStart(own);
  const { simulation, spikes } = await denseSimulation(start);
  simulation.runSync(duration);
  const twin = new DenseTwin(start, CAPACITY);
  twin.run(Math.round(duration / DENSE.dt));
  const { times, neurons, count } = twin.spikes;
  const found = { times: times.subarray(0, count), neurons: neurons.subarray(0, count) };
  const wrong = disagreement("step", spikes.view(), found, DENSE);
  return wrong === undefined ? [] : [`dense, ${own ? "own weights" : "common weight"}: ${wrong} in ${duration} ms.`];
}

export const dense: Suite = {
  names: ["dense"],
  async run(_selected, settings: Settings): Promise<Section> {
    const rows: string[][] = [];
    const failures: string[] = [];
    const shortfalls: string[] = [];
    const data: unknown[] = [];
    for (const own of [false, true]) {
      const title = own ? "weights of their own" : "one weight";
      failures.push(...(await checkDense(own, settings.quick ? 100 : 300)));
      const [mine, twin] = await measure([{ kind: "dense", own }, { kind: "denseTwin", own }], settings);
      if (!mine || !twin) throw new Error("nothing measured");
      // Every spike is as many events as there are neurons.
      const events = ((mine.facts.rate ?? 0) / 1000) * DENSE.dt * DENSE.size ** 2;
      const perEvent = ({ median, p25, p75 }: Summary): Summary => ({
        median: median / events,
        p25: p25 / events,
        p75: p75 / events,
      });
      const faster = ratio(twin, mine);
      if (faster.median < TARGET) shortfalls.push(`dense, ${title}: ${digits(faster.median)} times faster than the twin, target ${TARGET}.`);
      const [ours, theirs] = [perEvent(summary(mine.rounds)), perEvent(summary(twin.rounds))];
      rows.push([
        title,
        digits(events),
        spreadOf(ours),
        spreadOf(theirs),
        digits(faster.median),
        verdict(faster.median, TARGET),
      ]);
      data.push({ own, events, core: ours, plain: theirs, ratio: faster });
    }
    return {
      id: "dense",
      title: `All to all (${DENSE.size} lif neurons, dt ${DENSE.dt}), ns per synaptic event with the neurons included`,
      header: ["", "events per step", "Spikelet", "plain JS", "faster", "target"],
      rows,
      failures,
      shortfalls,
      data,
    };
  },
};
