/** What runs have left (../results/peers.json), and what becomes of it with a new run. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Machine } from "../machine.js";
import type { Summary } from "../measure.js";

/** What a contestant did in a case. */
export interface Entry {
  readonly id: string;
  /** Seconds per biological second, or nanoseconds per neuron and step. */
  readonly time?: Summary;
  /** Times as long as Spikelet; missing when the rates differ. */
  readonly ratio?: Summary;
  /** Samples, where there are fewer than rounds. */
  readonly samples?: number;
  readonly setup?: number;
  readonly command?: number;
  /** Hz */
  readonly rate?: number;
  /** Nanoseconds per synaptic event, all of the time counted. */
  readonly perEvent?: number;
  readonly error?: string;
  /** Of which run it is, where the last one of the case had no time for it, and why. */
  readonly earlier?: {
    readonly date: string;
    readonly cpu: string;
    readonly version: string | undefined;
    readonly why: string;
  };
}

export interface CaseResult {
  readonly name: string;
  readonly date: string;
  readonly machine: Machine;
  /** Of the contestants that took part, by id. */
  readonly versions: Readonly<Record<string, string>>;
  /** Idle cores between the rounds, when the contestants are not at work. */
  readonly free: number;
  readonly rounds: number;
  /** Simulated in all by each sample, in ms. */
  readonly simulated: number;
  /** How long the case took, in s of wall time. */
  readonly took?: number;
  readonly entries: readonly Entry[];
}

export interface Results {
  readonly cases: readonly CaseResult[];
}

const FILE = new URL("../results/peers.json", import.meta.url);

export function readResults(): Results {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Results) : { cases: [] };
}

export function writeResults(results: Results): void {
  mkdirSync(new URL(".", FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(results, null, 1)}\n`);
}

export const entryOf = (result: CaseResult | undefined, id: string): Entry | undefined =>
  result?.entries.find((entry) => entry.id === id);

/** Whether others were at work while a case was measured. */
export const disturbed = ({ free, machine }: CaseResult): boolean => free < machine.cores - 0.3;

/** Why a new run of a case is not to be written: it has no time of Spikelet, or the one before was on idle cores. */
export function refused(old: CaseResult | undefined, fresh: CaseResult, busy: boolean): string | undefined {
  if (old === undefined) return undefined;
  if (entryOf(fresh, "spikelet")?.time === undefined) return "Spikelet has no time";
  if (busy || !disturbed(fresh) || disturbed(old)) return undefined;
  return `others were at work, ${fresh.free} of ${fresh.machine.cores} cores were idle (--busy writes it all the same)`;
}

/**
 * A case with what a new run has of it. A contestant that failed, was kept from its cores or is not installed this time
 * keeps the numbers of the run before, marked as such. `ids` are the contestants that the case has: others are
 * dropped.
 */
export function mergedCase(old: CaseResult | undefined, fresh: CaseResult, ids: readonly string[]): CaseResult {
  if (old === undefined) return fresh;
  const entries = ids.flatMap((id): Entry[] => {
    const [before, now] = [entryOf(old, id), entryOf(fresh, id)];
    if (now?.time !== undefined || before?.time === undefined) return now ? [now] : [];
    const { date, machine, versions } = old;
    const origin = before.earlier ?? { date, cpu: machine.cpu, version: versions[id] };
    return [{ ...before, earlier: { ...origin, why: now?.error ?? "not installed" } }];
  });
  return { ...fresh, entries };
}

/**
 * All cases in the order of `order`, new ones in the place of old ones unless they are refused, with the contestants
 * that they have there. `busy` takes cases during which others were at work, too.
 */
export function merged(
  old: Results,
  fresh: readonly CaseResult[],
  order: readonly { readonly name: string; readonly ids: readonly string[] }[],
  busy = false,
): Results {
  const of = (list: readonly CaseResult[], name: string) => list.find((entry) => entry.name === name);
  const cases = order.flatMap(({ name, ids }) => {
    const [before, now] = [of(old.cases, name), of(fresh, name)];
    if (now && refused(before, now, busy) === undefined) return [mergedCase(before, now, ids)];
    return before ? [{ ...before, entries: before.entries.filter(({ id }) => ids.includes(id)) }] : [];
  });
  return { cases };
}
