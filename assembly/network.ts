/**
 * The network in memory and its time loop. The host builds it with the functions of build.ts, then calls `run` once per
 * chunk of steps; only the stopwatch of profiles calls the host. A step does, for each population and block of it:
 * background current, receptor currents, integration with arriving jumps, threshold and reset; then it adds what has
 * waited, delivers the step's spikes and records.
 */
import { BACKGROUND, BASE, BLOCK, G0, G1, G2, I0, I1, I2, JUMPS, LONGEST_CHUNK, STAGE, STATUS } from "./abi";
import { exists } from "./memory";
import { addColumn, fillBackground, forgetHeld, shape } from "./inputs/background";
import { bombard } from "./inputs/poisson";
import { beginDue, beginLooks, claimRings, lookAt, touchDue } from "./events";
import { guardPopulation, guardRule } from "./guard";
import { arrivals, columnAhead, receiveTogether, Receptor, takeLeft, together, turn } from "./receptors/receptor";
import { due, neuronOf, Recorder, room, sample } from "./recording";
import {
  beginBlocks, Cells, endBlocks, isAwake, isResting, judgeBlock, keepBlock, TINY, wakeAll, wakeTargets,
} from "./rest";
import { callEveryStep, callOnPost, callOutput, callReceive, callStep } from "./slots";
import { addRecording, interrupted, lap, lapOf, observe, start, timing } from "./stopwatch";
import {
  afterAxon, afterDendrite, homeostasis, keepWatched, Plasticity, showWatched, whenFired,
} from "./synapses/plasticity";
import { arrive, arriveIn, claimAll, deliver, everyRow, Projection, sumAll } from "./synapses/projection";
import { GapJunctions, gapCurrents } from "./synapses/gapJunctions";

/** A Pack and what the time loop needs around it. */
@unmanaged
export class Population extends Cells {
  next: Population;
  /** When the method looks at its input: bits of STAGE. */
  stages: i32;
  /** The method takes conductances as a current at the start of the step. */
  folds: bool;
  /** Has conductance receptors; has delta receptors. */
  conducts: bool;
  jumpsIn: bool;
  /** Its kernel goes through the blocks itself: no column of a block has to be filled ahead of it. */
  whole: bool;
  /** Its kernel takes the receptors itself. */
  takes: bool;
  /** Has no inputs: its kernel makes spikes by itself. */
  source: bool;
  /** Spikes that one step may add: the size, or more for a Poisson source. */
  reserve: i32;
  /** The spike log: its start, the start of this step's spikes, and its end. */
  logStart: usize;
  stepStart: usize;
  logEnd: usize;
  /** Number of spikes (u32) in each step since the host drained the log. */
  counts: usize;
  /** Spikes of the step in delivery: those of the whole population, by number in it, and the own ones. */
  heard: usize;
  heardEnd: usize;
  own: usize;
  ownEnd: usize;
  /**
   * Shards: all spikes of an interval (u32, in steps and by number), and how many in each step; 0 if nobody listens.
   */
  inbox: usize;
  inboxCounts: usize;
  /**
   * The spikes of the whole population in the last `keptSlots` steps, for projections in which they wait: a list per
   * step, `keptBytes` apart, of their number (u32) and the neurons (u32). The present step's is number `keptSlot`. 0 if
   * none wait.
   */
  kept: usize;
  keptSlots: i32;
  keptSlot: i32;
  keptBytes: usize;
  /** Profile: ms in timed steps. */
  backgroundTime: f64;
  receptorTime: f64;
  integrationTime: f64;
}

/** A projection in the order of their creation, with its source. */
@unmanaged
export class Link extends Projection {
  source: Population;
  target: Population;
  nextLink: Link;
}

@unmanaged
class Network {
  populations: Population;
  links: Link;
  recorders: Recorder;
  gaps: GapJunctions;
  /** Steps since the host drained the logs. */
  since: i32;
  /** Steps done. */
  step: f64;
  dt: f64;
  seedLow: u32;
  seedHigh: u32;
}

/** The instance's one network, zeroed. */
export const network = changetype<Network>(memory.data(64, 16));

/** Advances by at most `steps` steps; `stepsDone` tells how far it came. Answers a STATUS. */
export function run(steps: i32): i32 {
  holdCurrents();
  for (; steps > 0; steps--) {
    if (!roomFor(1, 0)) return STATUS.full;
    integrateStep();
    for (let k = network.populations; exists(k); k = k.next) {
      k.heard = k.own = k.stepStart;
      k.heardEnd = k.ownEnd = k.log;
    }
    arriveAll();
    transmitStep(network.step, 0);
    endStep();
    record();
    if (guardPopulation() || guardRule()) return STATUS.unstable;
  }
  return STATUS.done;
}

/*
 * Shards: the neurons are spread over several instances, each with all synapses onto its own. An interval of steps, at
 * most as many as the shortest delay, is advanced by each alone; then all learn all spikes of it and deliver them. The
 * order of additions is that of `run`, hence so are the bits: by step, projection, source.
 */

/**
 * Delivers the spikes of the last `pending` steps, which lie in the populations' inboxes, and advances by `steps`
 * steps, for which there must be room. Answers a STATUS: `full` when there is none for `next` steps more.
 */
export function turnOver(pending: i32, steps: i32, next: i32): i32 {
  holdCurrents();
  if (pending > 0) transmitInterval(pending);
  if (guardRule()) return STATUS.unstable;
  for (let s = 0; s < steps; s++) {
    integrateStep();
    for (let link = network.links; exists(link); link = link.nextLink) {
      if (exists(link.plasticity)) keepWatched(link.plasticity, network.step);
    }
    arriveAll();
    endStep();
    sampleDue(false, network.step);
    if (guardPopulation()) return STATUS.unstable;
  }
  return roomFor(next, steps) ? STATUS.done : STATUS.full;
}

function transmitInterval(steps: i32): void {
  for (let k = network.populations; exists(k); k = k.next) {
    k.heardEnd = k.inbox;
    let own: usize = 0;
    for (let s = 1; s <= steps; s++) own += <usize>load<u32>(k.counts + ((<usize>(network.since - s)) << 2));
    k.ownEnd = k.log - (own << 2);
  }
  for (let s = 0; s < steps; s++) {
    for (let k = network.populations; exists(k); k = k.next) {
      k.heard = k.heardEnd;
      if (k.inbox) k.heardEnd += (<usize>load<u32>(k.inboxCounts + ((<usize>s) << 2))) << 2;
      k.own = k.ownEnd;
      k.ownEnd += (<usize>load<u32>(k.counts + ((<usize>(network.since - steps + s)) << 2))) << 2;
    }
    const step = network.step - <f64>(steps - s);
    observe(step, false);
    transmitStep(step, steps - s);
    sampleDue(true, step + 1);
  }
}

/** Whether logs and trace buffers hold what `steps` more steps may bring; `pending` ones have yet to be delivered. */
function roomFor(steps: i32, pending: i32): bool {
  if (network.since + steps > LONGEST_CHUNK) return false;
  for (let k = network.populations; exists(k); k = k.next) {
    if (k.log + ((<usize>k.reserve * <usize>steps) << 2) > k.logEnd) return false;
  }
  for (let r = network.recorders; exists(r); r = r.next) {
    if (!room(r, r.late ? steps + pending : steps)) return false;
  }
  return true;
}

function integrateStep(): void {
  observe(network.step, true);
  for (let gap = network.gaps; exists(gap); gap = gap.next) memory.fill(gap.current, 0, gap.bytes);
  if (timing() && exists(network.gaps)) start();
  for (let gap = network.gaps; exists(gap); gap = gap.next) {
    gapCurrents(gap);
    if (timing()) gap.time += lapOf(<f64>load<u32>(gap.rows + ((<usize>gap.sources) << 2)));
  }
  for (let k = network.populations; exists(k); k = k.next) {
    if (ASC_FEATURE_SIMD) integrate<v128>(k);
    else integrate<f64>(k);
  }
}

/** The list of a population's spikes from `ago` steps before the present one: their number, then the neurons. */
// @ts-ignore: decorator
@inline export function keptList(k: Population, ago: i32): usize {
  let slot = k.keptSlot - ago;
  if (slot < 0) slot += k.keptSlots;
  return k.kept + <usize>slot * k.keptBytes;
}

/**
 * Spikes whose delay ends with this step act, where they have waited for it. All receptors' passes are done: to a state
 * that has decayed and taken in what the ring held, weights are added by projection, then source, however many shards
 * there are.
 */
function arriveAll(): void {
  if (timing()) start();
  for (let k = network.populations; exists(k); k = k.next) {
    for (let r = k.receptors; exists(r); r = r.next) if (r.left > 0) takeLeft(r, (<usize>k.padded) << 3);
  }
  for (let link = network.links; exists(link); link = link.nextLink) {
    if (!link.waits || link.target.watch) continue;
    const from = waiting(link);
    if (from == 0) continue;
    const to = from + ((<usize>load<u32>(from - 4)) << 2);
    arrive(link, from, to);
    if (link.target.resting > 0) wakeTargets(link.target, link, from, to);
    if (timing()) delivered(link, from, to);
  }
}

/** The list of the spikes whose delay ends with this step, whose number stands ahead of it; 0 without any. */
// @ts-ignore: decorator
@inline function waiting(link: Link): usize {
  const list = keptList(link.source, link.delay);
  return load<u32>(list) == 0 || network.step - <f64>link.delay < link.since ? 0 : list + 4;
}

/** Spikes that have waited for a population that is advanced by events claim what they will take. */
function claimFor(k: Population): void {
  for (let link = network.links; exists(link); link = link.nextLink) {
    if (!link.waits || link.target != k || link.receptor.sums == 0) continue;
    const from = waiting(link);
    if (from == 0) continue;
    const to = from + ((<usize>load<u32>(from - 4)) << 2);
    claimAll(link, from, to);
    if (timing()) delivered(link, from, to);
  }
}

/** Spikes that have waited for a population that is advanced by events arrive ahead of its touches, with all others. */
function arriveFor(k: Population): void {
  for (let link = network.links; exists(link); link = link.nextLink) {
    if (!link.waits || link.target != k) continue;
    const from = waiting(link);
    if (from == 0) continue;
    const to = from + ((<usize>load<u32>(from - 4)) << 2);
    if (link.receptor.sums) sumAll(link, from, to);
    else arriveIn(link, from, to, columnAhead(link.receptor, 0));
    if (timing()) delivered(link, from, to);
  }
}

/**
 * Spikes of a step, as each population's `heard` and `own` list them, act; the rings have turned `lag` times since it
 * began.
 */
function transmitStep(step: f64, lag: i32): void {
  if (timing()) start();
  for (let k = network.populations; exists(k); k = k.next) {
    if (k.kept == 0) continue;
    const list = keptList(k, lag);
    const bytes = k.heardEnd - k.heard;
    store<u32>(list, <u32>(bytes >> 2));
    memory.copy(list + 4, k.heard, bytes);
  }
  for (let link = network.links; exists(link); link = link.nextLink) {
    const source = link.source;
    if (exists(link.plasticity)) showWatched(link.plasticity, step, lag > 0);
    if (source.heardEnd > source.heard && !link.waits) {
      deliver(link, source.heard, source.heardEnd, step, network.dt, lag);
      if (link.target.resting > 0) wakeTargets(link.target, link, source.heard, source.heardEnd);
      if (timing()) delivered(link, source.heard, source.heardEnd);
    }
    if (exists(link.plasticity)) {
      const p = link.plasticity;
      const own = link.target.own;
      const ownEnd = link.target.ownEnd;
      const dt = network.dt;
      if (p.axonal > 0) afterAxon(p, link.rows, source.heard, source.heardEnd, link.targets, link.weights, step, dt);
      if (p.dendritic > 0) afterDendrite(p, own, ownEnd, link.weights, step, dt);
      if (ownEnd > own) whenFired(p, own, ownEnd, link.weights, step, dt);
      hear(p, link.weights, step, dt);
      if (p.scalingSteps > 0) homeostasis(p, link.weights, step);
      if (p.onRow) everyRow(link, step, dt, lag);
      if (p.rowTransmits && link.target.resting > 0) wakeAll(link.target);
      if (p.everyStep) callEveryStep(p.everyStep, p, link.weights, step);
      if (timing()) link.plasticityTime += lapOf(<f64>load<u32>(p.incomingRows + ((<usize>p.targetCount) << 2)));
    }
  }
}

/** A rule hears the events that it listens to beside the spikes of its ends. */
function hear(p: Plasticity, weights: usize, step: f64, dt: f64): void {
  for (let hook = p.hooks; exists(hook); hook = hook.next) {
    const k = changetype<Population>(hook.population);
    const end = hook.all ? k.heardEnd : k.ownEnd;
    for (let spike = hook.all ? k.heard : k.own; spike < end; spike += 4) {
      callOnPost(hook.slot, p, load<u32>(spike), weights, (step + 1) * dt);
    }
  }
}

/**
 * Notes the time of a delivery of the spikes listed at [from, to), unless it is too long for the number of synapses.
 */
function delivered(link: Link, from: usize, to: usize): void {
  const ms = lap();
  if (interrupted(ms, 0)) {
    let synapses: f64 = 0;
    for (let spike = from; spike < to; spike += 4) {
      const row = link.rows + ((<usize>load<u32>(spike)) << 2);
      synapses += <f64>(load<u32>(row, 4) - load<u32>(row));
    }
    if (interrupted(ms, synapses)) return;
  }
  link.deliveryTime += ms;
}

function endStep(): void {
  for (let k = network.populations; exists(k); k = k.next) {
    store<u32>(k.counts + ((<usize>network.since) << 2), <u32>((k.log - k.stepStart) >> 2));
    for (let r = k.receptors; exists(r); r = r.next) turn(r);
    const slot = k.keptSlot + 1;
    k.keptSlot = slot < k.keptSlots ? slot : 0;
  }
  network.since++;
  network.step += 1;
  if ((<i64>network.step & (FLUSH_EVERY - 1)) == 0) flushTiny();
}

/** Steps, a power of 2, after which numbers that have died away become zero. */
const FLUSH_EVERY: i64 = 256;

/**
 * What decays and gets no input any more ends as subnormal numbers, with which a processor takes some hundred times as
 * long. So states far below anything that has an effect become zero, in steps that depend on nothing else.
 */
function flushTiny(): void {
  for (let k = network.populations; exists(k); k = k.next) {
    // Where nothing is computed nothing can become subnormal.
    if (k.source || k.watch) continue;
    if (k.resting == 0) flushStates(k, 0, k.padded);
    else for (let first = 0; first < k.padded; first += BLOCK) {
      if (!isResting(k, first)) flushStates(k, first, min(BLOCK, k.padded - first));
    }
  }
}

function flushStates(k: Population, first: i32, count: i32): void {
  for (let j = 0; j < k.stateCount; j++) flush(<usize>load<u32>(k.states + ((<usize>j) << 2)), first, count);
  for (let r = k.receptors; exists(r); r = r.next) {
    for (let j = 0; j < r.columnCount; j++) flush(<usize>load<u32>(r.columns + ((<usize>j) << 2)), first, count);
    if (!r.fades) continue;
    flush(r.state, first, count);
    if (r.rise) flush(r.rise, first, count);
  }
}

/** Zeros in the place of tiny numbers; what is not a number stays. */
function flush(column: usize, first: i32, count: i32): void {
  column += (<usize>first) << 3;
  const end = column + ((<usize>count) << 3);
  for (; column < end; column += 8) if (NativeMath.abs(load<f64>(column)) < TINY) store<f64>(column, 0);
}

/** Tells a kernel that takes the receptors where their columns are: for events that of a second state too. */
export function listReceptors(k: Population): void {
  let place = k.receptorColumns;
  for (let r = k.receptors; exists(r); r = r.next, place += 8) {
    store<u32>(place, <u32>r.state);
    store<u32>(place, <u32>arrivals(r, 0), 4);
    if (k.watch == 0) continue;
    store<u32>(place, <u32>r.rise, 8);
    place += 4;
  }
}

/** One step of a population, block by block; a source's neurons take one call for all. */
function integrate<T>(k: Population): void {
  k.now = network.step;
  k.stepStart = k.log;
  const timed = timing();
  if (timed) start();
  if (k.watch) {
    beginDue(k);
    claimFor(k);
  }
  // A phase with nothing to do counts as part of the next: a reading of the clock would take longer.
  const timesBackground = timed && exists(k.backgrounds);
  const timesReceptors = timed && (exists(k.receptors) || k.gapCurrent != 0);
  for (let b = k.backgrounds; exists(b); b = b.next) {
    shape(b, network.step, network.dt);
    if (k.stages & STAGE.middleIsStart) b.s1 = b.s0;
    if (k.stages & STAGE.startIsMiddle) b.s0 = b.s1;
  }
  if (k.takes) listReceptors(k);
  if (k.source) {
    stepBlocks<T>(k, 0, k.padded, false, false);
    return;
  }
  if (k.whole) {
    fillWhole<T>(k);
    if (timesBackground) k.backgroundTime += lapOf(<f64>k.padded);
  }
  if (k.watch) {
    claimRings(k);
    arriveFor(k);
    touchDue(k);
    if (timed) k.integrationTime += lapOf(<f64>k.padded);
  } else if (beginBlocks(k)) stepSome<T>(k, timesBackground, timesReceptors);
  else stepBlocks<T>(k, 0, k.padded, timesBackground, timesReceptors);
}

/** Steps the blocks that do not rest. */
function stepSome<T>(k: Population, timesBackground: bool, timesReceptors: bool): void {
  const rested = k.resting;
  let from = 0;
  for (let first = 0; first < k.padded; first += BLOCK) {
    if (isAwake(k, first)) continue;
    const end = min(first + BLOCK, k.padded);
    if (first > from) stepBlocks<T>(k, from, first, timesBackground, timesReceptors);
    from = end;
    if (isResting(k, first)) continue;
    const log = k.log;
    keepBlock(k, first, end - first);
    stepBlocks<T>(k, first, end, timesBackground, timesReceptors);
    judgeBlock(k, first, end - first, log);
  }
  if (from < k.padded) stepBlocks<T>(k, from, k.padded, timesBackground, timesReceptors);
  endBlocks(k, rested);
}

/** One step of the neurons [from, to). */
function stepBlocks<T>(k: Population, from: i32, to: i32, timesBackground: bool, timesReceptors: bool): void {
  const timed = timing();
  if (k.whole || k.source) {
    k.first = from;
    k.count = to - from;
    callStep(k.kernel, k);
    if (timed) k.integrationTime += lapOf(<f64>(to - from));
    return;
  }
  const joint = together(k.receptors, k.stages);
  for (let first = from; first < to; first += BLOCK) {
    k.first = first;
    k.count = min(BLOCK, to - first);
    if (k.takes) {
      fillBackgrounds<T>(k, I0);
      if (timesBackground) k.backgroundTime += lapOf(<f64>k.count);
    } else {
      fillBackgrounds<T>(k, joint > 0 ? BASE : I0);
      if (timesBackground) k.backgroundTime += lapOf(<f64>k.count);
      receiveAll<T>(k, joint);
      if (timesReceptors) k.receptorTime += lapOf(<f64>k.count);
    }
    callStep(k.kernel, k);
    if (timed) k.integrationTime += lapOf(<f64>k.count);
  }
}

/** Writes the currents that stand still until the host has its next turn. */
function holdCurrents(): void {
  for (let k = network.populations; exists(k); k = k.next) {
    if (k.currents) currentsInto(changetype<usize>(k), k.currents);
  }
}

/** Writes the background current that acts at the present into a column of all neurons. */
export function currentsInto(population: usize, into: usize): void {
  if (ASC_FEATURE_SIMD) fillAll<v128>(changetype<Population>(population), into);
  else fillAll<f64>(changetype<Population>(population), into);
}

/** Writes the background current that acts at the present time (from now on) into a column of all neurons. */
function fillAll<T>(k: Population, into: usize): void {
  for (let b = k.backgrounds; exists(b); b = b.next) shape(b, network.step, network.dt);
  for (let first = 0; first < k.padded; first += BLOCK) {
    const count = min(BLOCK, k.padded - first);
    const offset = (<usize>first) << 3;
    fillBackground<T>(
      k.backgrounds,
      I0,
      first,
      k.offset + first,
      count,
      STAGE.start,
      network.step,
      network.seedLow,
      network.seedHigh,
      true,
    );
    memory.copy(into + offset, I0, (<usize>count) << 3);
  }
}

/** The backgrounds of a population whose kernel goes through the blocks itself. */
function fillWhole<T>(k: Population): void {
  if (!k.currents)
    fillBackground<T>(k.backgrounds, I0, 0, k.offset, BLOCK, k.stages, k.now, network.seedLow, network.seedHigh, false);
  for (let b = k.backgrounds; exists(b); b = b.next) {
    if (b.kind != BACKGROUND.poisson) continue;
    for (let first = 0; first < k.padded; first += BLOCK) {
      const count = min(BLOCK, k.padded - first);
      bombard<T>(b, first, k.offset + first, count, k.size, k.now, network.seedLow, network.seedHigh);
    }
  }
}

/** Fills the block's input columns with its background currents; spikes that are background join what arrives. */
function fillBackgrounds<T>(k: Population, into: usize): void {
  fillBackground<T>(
    k.backgrounds,
    into,
    k.first,
    k.offset + k.first,
    k.count,
    k.stages,
    k.now,
    network.seedLow,
    network.seedHigh,
    false,
  );
  for (let b = k.backgrounds; exists(b); b = b.next) {
    if (b.kind != BACKGROUND.poisson) continue;
    bombard<T>(b, k.first, k.offset + k.first, k.count, k.size, k.now, network.seedLow, network.seedHigh);
  }
}

/** Adds what the block's receptors, of which the first `joint` run together, and gap junctions contribute. */
function receiveAll<T>(k: Population, joint: i32): void {
  const offset = (<usize>k.first) << 3;
  const bytes = (<usize>k.count) << 3;
  if (exists(k.receptors) || k.gapCurrent) forgetHeld();
  // Kernels with parameters per neuron read the conductances always; the columns hold those of the population before.
  if ((k.conducts && !k.folds) || k.stride) {
    if (joint == 0 || k.folds || !k.receptors.conductance) memory.fill(G0, 0, bytes);
    if (k.stages & STAGE.middle) memory.fill(G1, 0, bytes);
    if (k.stages & STAGE.end) memory.fill(G2, 0, bytes);
  }
  if (k.jumpsIn) memory.fill(JUMPS, 0, bytes);
  let r = k.receptors;
  if (joint > 0) {
    receiveTogether<T>(joint, r, k.x0, offset, bytes, k.folds);
    for (let n = 0; n < joint; n++) r = r.next;
  }
  for (; exists(r); r = r.next) callReceive(r.receive, r, k, arrivals(r, offset), k.stages, k.folds);
  if (k.gapCurrent) {
    addColumn<T>(I0, k.gapCurrent + offset, bytes);
    if (k.stages & STAGE.middle) addColumn<T>(I1, k.gapCurrent + offset, bytes);
    if (k.stages & STAGE.end) addColumn<T>(I2, k.gapCurrent + offset, bytes);
  }
}

/** Takes the samples that are due now; the host calls it for the initial state. */
export function record(): void {
  sampleDue(false, network.step);
  sampleDue(true, network.step);
}

/** Writes the output of a receptor's present state into a column of all neurons. */
export function fillOutput(k: Population, r: Receptor, into: usize): void {
  for (let first = 0; first < k.padded; first += BLOCK) {
    k.first = first;
    k.count = min(BLOCK, k.padded - first);
    callOutput(r.output, r, k, into + ((<usize>first) << 3));
  }
}

function sampleDue(late: bool, step: f64): void {
  if (timing() && exists(network.recorders)) start();
  for (let r = network.recorders; exists(r); r = r.next) {
    if (r.late != late || !due(r, step)) continue;
    if (r.backgroundOf) {
      if (ASC_FEATURE_SIMD) fillAll<v128>(changetype<Population>(r.backgroundOf), r.source);
      else fillAll<f64>(changetype<Population>(r.backgroundOf), r.source);
    }
    if (r.lookedAt) {
      const k = changetype<Population>(r.lookedAt);
      beginLooks(k, step);
      for (let i = 0; i < r.count; i++, r.cursor += 8) store<f64>(r.cursor, lookAt(k, neuronOf(r, i), r.state));
      if (timing()) addRecording(lapOf(<f64>r.count));
      continue;
    }
    if (r.outputOf) fillOutput(changetype<Population>(r.population), changetype<Receptor>(r.outputOf), r.source);
    sample(r);
    const filled = r.backgroundOf || (r.outputOf ? r.population : 0);
    const whole = filled ? changetype<Population>(filled).size : 0;
    if (timing()) addRecording(lapOf(<f64>(r.count + whole)));
  }
}
