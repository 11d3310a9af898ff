/** The network COBA, core against twin. */
import { disagreement, type SpikeTrain } from "../agree.js";
import { COBA, cobaStart, CobaTwin } from "../baseline/coba.js";
import { type CobaSimulation, cobaSimulation } from "../cases/coba.js";
import { digits, spreadOf, verdict } from "../format.js";
import { now } from "../clock.js";
import { CAPACITY } from "../contestants.js";
import { measure, ratio, type Summary, summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const SIZE = COBA.excitatory + COBA.inhibitory;
const TARGET = 3;
/** Times faster than the biological network. */
const REAL_TIME_TARGET = 2;

/** The spikes of both populations, numbered as in the twin. */
function allSpikes({ excitatory, inhibitory }: CobaSimulation): SpikeTrain {
  const [a, b] = [excitatory.view(), inhibitory.view()];
  return {
    times: Float64Array.from([...a.times, ...b.times]),
    neurons: Uint32Array.from([...a.neurons, ...b.neurons.map((n) => n + COBA.excitatory)]),
  };
}

/** Runs core and twin on the same graph; returns what is wrong with the twin. */
export async function checkCoba(duration: number): Promise<string[]> {
  const start = cobaStart(1);
  const network = await cobaSimulation(start, "given");
  network.simulation.runSync(duration);
  const twin = new CobaTwin(start, CAPACITY);
  twin.run(Math.round(duration / COBA.dt));
  const { times, neurons, count } = twin.spikes;
  const found = { times: times.subarray(0, count), neurons: neurons.subarray(0, count) };
  const wrong = disagreement("bits", allSpikes(network), found, { size: SIZE, dt: COBA.dt });
  return wrong === undefined ? [] : [`coba: ${wrong} in ${duration} ms.`];
}

/** Seconds of computing per second of biological time from nanoseconds per step. */
function perBiologicalSecond({ median, p25, p75 }: Summary): Summary {
  const factor = 1e-6 / COBA.dt;
  return { median: median * factor, p25: p25 * factor, p75: p75 * factor };
}

export const coba: Suite = {
  names: ["coba"],
  async run(_selected, settings: Settings): Promise<Section> {
    const failures = await checkCoba(settings.quick ? 200 : 1000);
    // The activity fluctuates: samples must be long enough to average over it.
    const options = { ...settings, sampleMs: Math.max(settings.sampleMs, 50) };
    const [mine, other] = await measure([{ kind: "cobaCore" }, { kind: "cobaTwin" }], options);
    if (!mine || !other) throw new Error("nothing measured");
    const faster = ratio(other, mine);
    const seconds = perBiologicalSecond(summary(mine.rounds));
    const twinSeconds = perBiologicalSecond(summary(other.rounds));
    const realTime = 1 / seconds.median;
    const start = cobaStart(1);
    const before = now();
    const drawn = await cobaSimulation(start, "drawn");
    drawn.simulation.runSync(COBA.dt);
    const setup = now() - before;
    const rate = mine.facts.rate ?? 0;
    const shortfalls: string[] = [];
    if (faster.median < TARGET) {
      shortfalls.push(`coba: ${digits(faster.median)} times faster than the twin, target ${TARGET}.`);
    }
    if (realTime < REAL_TIME_TARGET) {
      shortfalls.push(`coba: ${digits(realTime)} times real time, target ${REAL_TIME_TARGET}.`);
    }
    return {
      id: "coba",
      title: "COBA (4000 neurons, 2 % connected, dt 0.1 ms): seconds per biological second",
      header: ["", "Spikelet", "plain JS", "ratio", "target", "spikes"],
      rows: [
        [
          `simulate, ${rate.toFixed(0)} Hz`,
          spreadOf(seconds),
          spreadOf(twinSeconds),
          digits(faster.median),
          verdict(faster.median, TARGET),
          failures.length === 0 ? "identical" : "FAILED",
        ],
        [
          "times real time",
          digits(realTime),
          digits(1 / twinSeconds.median),
          "",
          verdict(realTime, REAL_TIME_TARGET),
          "",
        ],
        ["set-up with a drawn graph, ms", digits(setup), "", "", "", ""],
      ],
      failures,
      shortfalls,
      data: { rate, core: seconds, plain: twinSeconds, ratio: faster, realTime, setupMs: setup },
    };
  },
};
