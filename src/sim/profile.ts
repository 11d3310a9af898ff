/** Where the time of runs went: what the core's stopwatch noted, scaled from the timed steps to all. */
import { POPULATION_PHASE, PROFILE, PROJECTION_PHASE } from "../core/abi.js";
import type { Core } from "../core/core.js";
import type { Population } from "./population.js";
import type { Projection } from "./projection.js";

/** A part of the time. */
export interface TimeShare {
  /** Estimated wall time in ms; with several threads the sum over them. */
  readonly ms: number;
  /** Part of the profile's total, from 0 to 1. */
  readonly share: number;
}

/**
 * Where the time of all runs with `profile: true` went. One step in 127 (in small networks in 509) is timed and stands
 * for the others; exchange, and the host's part of recording, are measured throughout. Building, and what `onProgress`
 * does, do not count. See docs/performance.md.
 */
export interface Profile {
  /** Steps that were timed. */
  readonly steps: number;
  /** Steps that they stand for: all of the runs with a profile. */
  readonly stepsRun: number;
  /** Sum of all parts in ms. Of less than 31 steps none is timed: nothing but recording and exchange is in it then. */
  readonly total: number;
  /**
   * By name: background currents and bombardment; receptors and what arrives there; equations, thresholds and resets.
   */
  readonly populations: Readonly<
    Record<string, { readonly background: TimeShare; readonly receptors: TimeShare; readonly integration: TimeShare }>
  >;
  /**
   * By name: spikes (or gap junctions' currents) on their way to the targets; changes of weights by plasticity and
   * scaling.
   */
  readonly projections: Readonly<Record<string, { readonly delivery: TimeShare; readonly plasticity: TimeShare }>>;
  /** Samples of traces; copying of spikes and samples out of the core, and the statistics of spikes. */
  readonly recording: TimeShare;
  /** Several shards: waiting for each other and copying each other's spikes; 0 with one. */
  readonly exchange: TimeShare;
}

/**
 * Steps from one timed step to the next: so many that reading the clock costs about 1 %. Primes, so that samples,
 * scalings or a network's own rhythm do not always or never fall on a timed step.
 */
const PERIOD = 127;
const LONG_PERIOD = 509;
/** Neurons for each population and projection from which the shorter period is cheap enough. */
const WORK = 500;

/**
 * Turns the stopwatches of the cores on or off.
 *
 * @param neurons of all populations
 * @param parts number of populations and projections, each of which is timed
 */
export function setProfiling(cores: readonly Core[], on: boolean, neurons: number, parts: number): void {
  const period = neurons < WORK * parts ? LONG_PERIOD : PERIOD;
  for (const { exports } of cores) exports.setProfiling(on, period);
}

/**
 * @param steps done in all runs with a profile
 * @param recorded ms that the host spent on recording in them
 */
export function makeProfile(
  cores: readonly Core[],
  populations: readonly Population[],
  projections: readonly Projection[],
  steps: number,
  recorded: number,
): Profile {
  const total = (core: Core, which: keyof typeof PROFILE): number => core.exports.profileTotal(PROFILE[which]);
  const scales = new Map(
    cores.map((core) => [core, total(core, "timed") === 0 ? 0 : steps / total(core, "timed")]),
  );
  /** Noise of the clock may leave less than nothing of a phase that is empty. */
  const estimate = (parts: readonly { readonly core: Core; readonly ms: number }[]): number =>
    Math.max(0, parts.reduce((sum, { core, ms }) => sum + ms * (scales.get(core) as number), 0));
  const phases = <P extends string>(
    names: Readonly<Record<P, number>>,
    parts: readonly { readonly core: Core; time(phase: number): number }[],
  ): [P, number][] =>
    (Object.keys(names) as P[]).map((name) => [
      name,
      estimate(parts.map((part) => ({ core: part.core, ms: part.time(names[name]) }))),
    ]);

  const ofPopulations = populations.map(({ name, parts }) => [name, phases(POPULATION_PHASE, parts)] as const);
  const ofProjections = projections.map(({ name, inCores }) => [name, phases(PROJECTION_PHASE, inCores)] as const);
  const recording = recorded + estimate(cores.map((core) => ({ core, ms: total(core, "recording") })));
  const exchange = cores.reduce((sum, core) => sum + total(core, "exchange"), 0);
  const parts = [...ofPopulations, ...ofProjections].flatMap(([, times]) => times.map(([, ms]) => ms));
  const whole = [...parts, recording, exchange].reduce((sum, ms) => sum + ms, 0);
  const shareOf = (ms: number): TimeShare => ({ ms, share: whole > 0 ? ms / whole : 0 });
  const table = <P extends string>(times: readonly (readonly [string, readonly [P, number][]])[]) =>
    Object.fromEntries(
      times.map(([name, list]) => [
        name,
        Object.fromEntries(list.map(([phase, ms]) => [phase, shareOf(ms)])) as Record<P, TimeShare>,
      ]),
    );
  const first = cores[0] as Core;
  return {
    steps: total(first, "timed"),
    stepsRun: steps,
    total: whole,
    populations: table(ofPopulations),
    projections: table(ofProjections),
    recording: shareOf(recording),
    exchange: shareOf(exchange),
  };
}
