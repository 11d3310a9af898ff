/** What a run reports: the content of run.json, without the document. */
import type { ResultTables } from "../analysis/tables.js";
import type { Signal } from "../core/platform.js";
import type { Finding } from "../model/findings.js";
import { sortFindings } from "../model/findings.js";
import type { Quantity } from "./options.js";
import type { Population } from "./population.js";
import type { Profile } from "./profile.js";
import type { Numbers } from "./values.js";

declare module "../model/errors.js" {
  interface InstabilityError {
    /** What the run reports of its results up to `time`. */
    report: Report;
  }
  interface FailedRunError {
    /** What the run reports of its results up to `time`. */
    report: Report;
  }
}

/** What a report says of a population. */
export interface PopulationReport {
  readonly size: number;
  /** Number of spikes since the start. */
  readonly spikes: number;
  /** Spikes per second and neuron. */
  readonly rate: number;
  /** Mean coefficient of variation of the interspike intervals; null when no neuron has two intervals. */
  readonly cv: number | null;
}

/** Results of all runs of a simulation so far. */
export interface Report {
  /**
   * `cancelled`: the signal was aborted; `unstable`: the guard stopped the run; `failed`: a thread died, the core
   * trapped, or an error ended the run (as `Simulation.report` says it). Results so far are whole in each case.
   */
  readonly status: "done" | "cancelled" | "unstable" | "failed";
  readonly name: string;
  /** Version of the package. */
  readonly version: string;
  readonly seed: number;
  /** ms */
  readonly dt: number;
  /** Simulated time in ms. */
  readonly duration: number;
  readonly populations: Readonly<Record<string, PopulationReport>>;
  readonly synapses: number;
  readonly wallMs: { readonly setup: number; readonly simulate: number };
  /** Wall seconds of simulation per biological second. */
  readonly realTimeFactor: number;
  /** Where the time went; undefined unless the last run was asked for it. */
  readonly profile?: Profile;
  readonly findings: readonly Finding[];
}

/** Where a run is. */
export interface Progress {
  /** The network is built first, if that takes long enough to be shown. */
  readonly phase: "building" | "simulating";
  /** Simulated time in ms. */
  readonly time: number;
  /** Done part of building, then of this run, from 0 to 1. */
  readonly fraction: number;
  readonly elapsedMs: number;
  /** Expected rest of the phase's wall time. */
  readonly remainingMs: number;
  /** Spikes so far, all populations. */
  readonly spikes: number;
}

/** How to watch and stop a run. */
export interface RunOptions {
  /** Called about every 40 ms while the network is built, then after each chunk. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Takes what is recorded while the run goes on, so that a run of any length needs no more memory than `gather` and
   * what one chunk records. It is called after a chunk when so much has come together, and with the rest at the end of
   * the run, also of one that is cancelled or becomes unstable. The run goes on when the promise is fulfilled that it
   * may return; the recordings are empty then. If it throws, the run ends with its error and the recordings keep what
   * it was given.
   */
  readonly sink?: (tables: ResultTables) => void | Promise<void>;
  /** Recorded bytes that are gathered for `sink`; 1 MiB by default. */
  readonly gather?: number;
  /**
   * Stops the run after the chunk in work; the results so far are kept and the report's status is `cancelled`. A
   * network that is being built is then as it was before: the next run builds it.
   */
  readonly signal?: Signal;
  /** Simulated time between two calls of `onProgress` and looks at `signal`, in ms; chosen by wall time otherwise. */
  readonly chunk?: Quantity;
  /** Measures where the time goes, for the report's `profile`; costs about 1 % and changes no result. */
  readonly profile?: boolean;
  /**
   * `false`: the run gives no report, which takes the time of a look at each neuron. For many short runs; `report()` is
   * there whenever it is wanted.
   */
  readonly report?: boolean;
}

interface Facts extends Omit<Report, "populations" | "wallMs" | "realTimeFactor"> {
  readonly populations: readonly Population[];
  readonly setupMs: number;
  readonly simulateMs: number;
}

/** @internal What populations have done in `duration` ms. */
export function populationReports(populations: readonly Population[], duration: number): Report["populations"] {
  const entries = populations.map((p): [string, PopulationReport] => {
    const cv = p.statistics.cv();
    const rate = duration > 0 ? p.statistics.rate(duration) : 0;
    return [p.name, { size: p.size, spikes: p.statistics.spikes, rate, cv: Number.isNaN(cv) ? null : cv }];
  });
  return Object.fromEntries(entries);
}

/** @internal */
export function makeReport(facts: Facts): Report {
  const { populations, setupMs, simulateMs, findings, ...rest } = facts;
  return {
    ...rest,
    populations: populationReports(populations, rest.duration),
    wallMs: { setup: setupMs, simulate: simulateMs },
    realTimeFactor: rest.duration > 0 ? simulateMs / rest.duration : 0,
    findings: sortFindings(findings),
  };
}

/** Part of the refractory ceiling above which activity is called seizure-like. */
const SEIZURE = 0.5;
/** Ceiling in Hz of neurons without a refractory period. */
const FAST = 500;

/** The highest mean rate in Hz of neurons with these refractory periods, and whether one of them has any. */
function ceilingOf(t_ref: Numbers | undefined, dt: number): { ceiling: number; refractory: boolean } {
  const one = (period: number): number => (period > 0 ? 1000 / (period + dt) : FAST);
  if (t_ref === undefined) return { ceiling: FAST, refractory: false };
  if (typeof t_ref === "number") return { ceiling: one(t_ref), refractory: t_ref > 0 };
  const ceiling = t_ref.reduce((sum, period) => sum + one(period), 0) / t_ref.length;
  return { ceiling, refractory: t_ref.some((period) => period > 0) };
}

/** @internal Findings on what a run did: a population that fires near its ceiling. */
export function activityFindings(populations: readonly Population[], time: number, dt: number): Finding[] {
  const findings: Finding[] = [];
  if (!(time > 0)) return findings;
  for (const population of populations) {
    // A source fires as it is told.
    if (population.description.source) continue;
    const rate = population.statistics.rate(time);
    const { ceiling, refractory } = ceilingOf(population.parameter("t_ref"), dt);
    if (rate < SEIZURE * ceiling) continue;
    findings.push({
      level: "warning",
      code: "seizure",
      message: `${population.name} fires at ${rate.toFixed(1)} Hz, ${refractory ? `its refractory ceiling is ${ceiling.toFixed(1)} Hz` : `above ${SEIZURE * FAST} Hz`}: seizure-like activity or an overshooting method. Lower the background or the excitation, add inhibition, or use a smaller dt.`,
      population: population.name,
      parameter: "rate",
      value: rate,
      limit: SEIZURE * ceiling,
    });
  }
  return findings;
}
