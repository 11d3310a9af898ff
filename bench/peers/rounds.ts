/** Measuring a case: all contestants are made ready, then take turns, one sample of each per round. */
import { cpus } from "node:os";
import type { Machine } from "../machine.js";
import { ratio, type Summary, summary } from "../measure.js";
import type { PeerCase } from "./cases.js";
import type { Contestant, Limits, Ready } from "./contestants.js";
import type { CaseResult, Entry } from "./results.js";
import type { Sample } from "./sample.js";

/**
 * Another contestant than Spikelet takes no further sample, from the third on, that would bring its samples of a case
 * above so many seconds: what needs long is uncertain by less.
 */
const ENOUGH = 20;
const FEWEST = 2;

/** Seconds that may be spent, in all, on waiting for others to leave the cores. */
const waiting = { left: 240 };

/** Cores that nobody uses, over a third of a second. */
async function idleCores(): Promise<number> {
  const read = () =>
    cpus().map(({ times }) => ({ idle: times.idle, all: Object.values(times).reduce((a, b) => a + b, 0) }));
  const before = read();
  await new Promise((resolve) => setTimeout(resolve, 333));
  return read().reduce((sum, { idle, all }, i) => {
    const { idle: idleBefore = 0, all: allBefore = 0 } = before[i] ?? {};
    return sum + (idle - idleBefore) / Math.max(1, all - allBefore);
  }, 0);
}

/**
 * Threads that wait for each other say nothing about a contestant where others use the cores: waits for idle ones, and
 * says how many there are if they do not become so.
 */
async function busy(threads: number, patience: number): Promise<string | undefined> {
  if (threads < 2) return undefined;
  const began = performance.now();
  for (;;) {
    const free = await idleCores();
    const waited = (performance.now() - began) / 1000;
    const enough = free >= threads - 0.3;
    if (enough || waited >= Math.min(patience, waiting.left)) {
      waiting.left -= waited;
      return enough ? undefined : `needs ${threads} idle cores, had ${free.toFixed(1)}`;
    }
  }
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * By how much the rate of samples differs from that of others. Neurons without noise fire nearly together, so the count
 * of a short time may differ by a spike per neuron at the same rate: intervals say more, where both know them.
 */
function difference(
  list: readonly Sample[],
  others: readonly Sample[],
  rateOf: (samples: readonly Sample[]) => number,
): number {
  if (others.length === 0) return NaN;
  const intervals = [list, others].map((samples) => samples.flatMap(({ interval }) => interval ?? []));
  const [a = [], b = []] = intervals;
  if (a.length > 0 && b.length > 0) return summary(b).median / summary(a).median - 1;
  return rateOf(list) / rateOf(others) - 1;
}

interface Taking {
  readonly contestant: Contestant;
  ready?: Ready;
  /** By round; a first one may come from the preparation. What had no idle cores in a round has no sample of it. */
  readonly samples: Map<number, Sample>;
  spent: number;
  error?: string;
}

/** One sample, unless there have been enough, or the cores are not idle. */
async function take(one: Taking, round: number, rounds: number): Promise<void> {
  const { contestant, ready, samples } = one;
  if (!ready || one.error !== undefined || samples.has(round)) return;
  const next = one.spent / samples.size;
  if (contestant.id !== "spikelet" && samples.size >= FEWEST && one.spent + next > ENOUGH) return;
  const why = await busy(contestant.threads, 10);
  if (why !== undefined) {
    // Two samples say something; none does not.
    if (round === rounds - 1 && samples.size === 0) one.error = why;
    return;
  }
  const began = performance.now();
  try {
    samples.set(round, await ready.sample());
  } catch (error) {
    one.error = reason(error);
  }
  one.spent += (performance.now() - began) / 1000;
}

export interface MeasureOptions {
  readonly rounds: number;
  /** ms */
  readonly duration: number;
  readonly limits: Limits;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** Told who is made ready. */
  say?(line: string): void;
}

export async function measureCase(
  entry: PeerCase,
  contestants: readonly Contestant[],
  { rounds, duration, limits, say, ...where }: MeasureOptions,
): Promise<CaseResult> {
  const began = performance.now();
  const all = contestants
    .filter((one) => one.runs(entry))
    .map((contestant): Taking => ({ contestant, samples: new Map(), spent: 0 }));
  for (const one of all) {
    const { contestant } = one;
    say?.(`${entry.name}: ${contestant.id} ...`);
    try {
      const why = await busy(contestant.threads, 30);
      if (why !== undefined) throw new Error(why);
      const start = performance.now();
      const ready = await contestant.prepare(entry, duration, limits);
      one.ready = ready;
      if (ready.first) {
        one.samples.set(0, ready.first);
        one.spent = (performance.now() - start) / 1000;
      }
    } catch (error) {
      one.error = reason(error);
    }
  }
  const idle: number[] = [];
  for (let round = 0; round < rounds; round++) {
    idle.push(await idleCores());
    for (const one of all) await take(one, round, rounds);
  }
  for (const { ready } of all) ready?.close?.();
  const seconds = duration / 1000;
  const scale = entry.group === "network" ? 1 / seconds : (1e9 * entry.dt) / (duration * entry.size);
  const rateOf = (list: readonly Sample[]) => summary(list.map(({ spikes }) => spikes / entry.size / seconds)).median;
  const mine = all.find(({ contestant }) => contestant.id === "spikelet")?.samples ?? new Map<number, Sample>();
  const rounded = (x: number) => Number(x.toPrecision(4));
  const short = ({ median, p25, p75 }: Summary) => ({ median: rounded(median), p25: rounded(p25), p75: rounded(p75) });
  const entries = all.map(({ contestant: { id }, ready, samples, error }): Entry => {
    if (error !== undefined || samples.size === 0) return { id, error: error ?? "no samples" };
    const list = [...samples.values()];
    const times = list.map(({ simulate }) => simulate * scale);
    const rate = rateOf(list);
    const off = difference(list, [...mine.values()], rateOf);
    const differs = Math.abs(off) > (entry.tolerances?.[id] ?? entry.tolerance);
    const common = [...samples.keys()].filter((round) => mine.has(round));
    const of = (from: ReadonlyMap<number, Sample>) => ({
      rounds: common.map((round) => (from.get(round) as Sample).simulate),
    });
    const perEvent =
      entry.fanOut === undefined
        ? {}
        : { perEvent: rounded((summary(times).median * 1e9 * seconds) / (rate * seconds * entry.size * entry.fanOut)) };
    return {
      id,
      time: short(summary(times)),
      ...(differs || common.length === 0 ? {} : { ratio: short(ratio(of(samples), of(mine))) }),
      ...(list.length < rounds ? { samples: list.length } : {}),
      setup: rounded(summary(list.map(({ setup }) => setup)).median),
      ...(ready?.command === undefined ? {} : { command: rounded(ready.command) }),
      rate: rounded(rate),
      ...perEvent,
      ...(differs ? { error: `its rate differs from Spikelet's by ${(100 * off).toFixed(0)} %` } : {}),
    };
  });
  const ids = all.map(({ contestant }) => contestant.id);
  return {
    name: entry.name,
    date: new Date().toISOString().slice(0, 10),
    machine: where.machine,
    versions: Object.fromEntries(Object.entries(where.versions).filter(([id]) => ids.includes(id))),
    free: Number(summary(idle).median.toFixed(1)),
    rounds,
    simulated: entry.warmUp + duration,
    took: Math.round((performance.now() - began) / 1000),
    entries,
  };
}
