/**
 * The stopwatch of profiles. One step in a hundred or more, by its number, is timed phase by phase; all others pay a
 * test. It is the one place from which the core calls the host, for a clock, and nothing that it measures goes into a
 * result.
 *
 * All of it lies in memory, not in globals: several instances may work on one shared memory in turn (shards).
 */

import { PROFILE } from "./abi";

/** The host's clock in ms. */
@external("env", "now")
declare function now(): f64;

/** A step's spikes are delivered before so many further steps: an interval of shards is shorter. No period is. */
const SOON: f64 = 63;
/** The first step that is timed: not the very first ones, in which the engine compiles and memory is fetched. */
const FIRST: f64 = 30;

/**
 * ms; longer than any phase takes, but for the ms of each neuron or synapse in it. Beyond it other programs had the
 * processor.
 */
const PAUSE: f64 = 0.5;
const PAUSE_EACH: f64 = 0.0002;

/** Readings in a timed step that tell what a reading takes, and their part in the mean. */
const READINGS: i32 = 4;
const LEARNING: f64 = 0.125;

@unmanaged
class Stopwatch {
  /** A profile is wanted; the present step is timed. */
  on: bool;
  timing: bool;
  /** Steps from one timed step to the next. */
  period: f64;
  /** The latest step that was chosen to be timed, or the next; the number of timed ones. */
  chosen: f64;
  timed: f64;
  /** Time of the last reading; what one reading takes, on the average. */
  last: f64;
  cost: f64;
  /** ms in timed steps for samples of traces; ms in all intervals for the exchange of spikes with other shards. */
  recording: f64;
  exchange: f64;
}

const watch = changetype<Stopwatch>(memory.data(64, 8));

/** Lets every `period`-th of the coming steps be timed, or none. */
export function setProfiling(on: bool, period: f64): void {
  watch.on = on;
  watch.period = period;
  watch.timing = false;
  watch.chosen = -Infinity;
}

/** Whether a profile is wanted. */
export function profiling(): bool {
  return watch.on;
}

/** A total of the profile, by PROFILE. */
export function profileTotal(which: i32): f64 {
  if (which == PROFILE.timed) return watch.timed;
  return which == PROFILE.recording ? watch.recording : watch.exchange;
}

/** Adds ms of exchange, which the host measures. */
export function addExchange(ms: f64): void {
  watch.exchange += ms;
}

/** Adds ms of recording in a timed step. */
export function addRecording(ms: f64): void {
  watch.recording += ms;
}

/** Decides whether step number `step` is timed, when it is computed and again when its spikes are delivered. */
export function observe(step: f64, computed: bool): void {
  if (!watch.on) return;
  // No division in every step.
  if (step - watch.chosen > SOON) watch.chosen = FIRST + ceil((step - FIRST) / watch.period) * watch.period;
  watch.timing = step == watch.chosen;
  if (!watch.timing || !computed) return;
  watch.timed += 1;
  calibrate();
}

/**
 * Learns what a reading of the clock takes: here, because that changes with the engine's compiling; as the least of
 * some, because the first ones fetch the clock's code into the caches.
 */
function calibrate(): void {
  let least = Infinity;
  let before = now();
  for (let i = 0; i < READINGS; i++) {
    const time = now();
    least = min(least, time - before);
    before = time;
  }
  watch.cost += watch.timed == 1 ? least : (least - watch.cost) * LEARNING;
}

/** Whether the present step is timed. */
// @ts-ignore: decorator
@inline export function timing(): bool {
  return watch.timing;
}

/** A phase begins. */
export function start(): void {
  watch.last = now();
}

/** A phase ends, and the next begins: its ms without the clock's own. */
export function lap(): f64 {
  const time = now();
  const ms = time - watch.last - watch.cost;
  watch.last = time;
  return ms;
}

/** Whether a phase with so many neurons or synapses cannot have taken `ms`. */
export function interrupted(ms: f64, work: f64): bool {
  return ms > PAUSE + work * PAUSE_EACH;
}

/** The lap of a phase with so many neurons or synapses; 0 if it was interrupted: one lap of many is missing then. */
export function lapOf(work: f64): f64 {
  const ms = lap();
  return interrupted(ms, work) ? 0 : ms;
}
