/**
 * Blocks at rest. A step is a function of a block's columns, of the currents of the step and of what arrives. Where a
 * step has not changed a bit of them, the next one with the same currents will not either, so that it need not be made
 * until something arrives: leaving it out is the identity, and all results have the same bits.
 *
 * Every so many steps a few numbers of each block are looked at ahead of the step and behind it. A block in which these
 * stood still is compared as a whole with what it was in the next step: if nothing of it has changed, no neuron is
 * refractory and nothing is on its way, it rests. Spikes wake the blocks of their targets; other currents, and
 * whatever the host changes (`wakeBlocks` of build.ts), wake all.
 */
import { BLOCK } from "./abi";
import { Watched } from "./events";
import { Background, STEADY, steady } from "./inputs/background";
import { exists } from "./memory";
import { Projection } from "./synapses/projection";

/** What decides whether blocks of a population can rest. */
@unmanaged
export class Cells extends Watched {
  /** Number of states. */
  stateCount: i32;
  backgrounds: Background;
  /** Column of the current through gap junctions; 0 without any. */
  gapCurrent: usize;
  /** Its kernel depends on neither time nor random numbers. */
  autonomous: bool;
  /** A number (u64) for each block, made of a few of its own; what each block is (u8). 0: none rests. */
  samples: usize;
  marks: usize;
  /** Number of blocks that rest, and of those that are to be compared in the coming step. */
  resting: i32;
  still: i32;
  /** The step in which samples are taken next, whether that is the present one, and the steps from one to the next. */
  lookAt: f64;
  looks: bool;
  period: f64;
  /** Synapses that were looked through for blocks to wake, and steps of blocks that were left out. */
  searched: f64;
  spared: f64;
}

/** What a block is. */
const AWAKE: u8 = 0;
/** To be compared in the coming step. */
const STILL: u8 = 1;
const RESTS: u8 = 2;

/** Steps from one look to the next; the longest time where looking is in vain, or blocks wake too often. */
const PERIOD: f64 = 64;
const SELDOM: f64 = 1024;
/** Synapses whose targets can be looked up in the time that a block takes for a step, about. */
const WORTH: f64 = 256;

/** Columns that a population with blocks at rest may have: their addresses (u32), and what a block of them was. */
const COLUMNS: i32 = 32;
const LIST: usize = memory.data(128, 16);
const KEPT: usize = memory.data(65536, 16);

/** Numbers but zeros below this become zero some time (`flushTiny` of network.ts). */
export const TINY: f64 = 1e-150;

// @ts-ignore: decorator
@inline function blocksOf(k: Cells): i32 {
  return (k.padded + BLOCK - 1) / BLOCK;
}

/** Gives a population the memory for `samples` and `marks`. */
export function letRest(k: Cells, address: usize): void {
  k.samples = address;
  k.marks = address + ((<usize>blocksOf(k)) << 3);
}

/** No block rests any more; from step number `step` on they are looked at again, if they can rest at all. */
export function wakeUp(k: Cells, step: f64): void {
  k.lookAt = canRest(k) ? step + 2 : Infinity;
  k.period = PERIOD;
  if (k.marks) wakeAll(k);
}

function canRest(k: Cells): bool {
  if (!k.marks || !k.autonomous || k.watch != 0 || k.gapCurrent != 0 || k.events != 0 || k.size == 0) return false;
  for (let r = k.receptors; exists(r); r = r.next) if (r.restless) return false;
  return listColumns(k) <= COLUMNS;
}

export function wakeAll(k: Cells): void {
  memory.fill(k.marks, AWAKE, <usize>blocksOf(k));
  k.resting = k.still = 0;
  k.searched = k.spared = 0;
}

/** Lists the columns that a step changes; their number, which may be more than fit. */
function listColumns(k: Cells): i32 {
  let n = 0;
  for (let j = 0; j < k.stateCount; j++) n = listed(n, <usize>load<u32>(k.states + ((<usize>j) << 2)));
  n = listed(n, k.armed);
  for (let r = k.receptors; exists(r); r = r.next) {
    n = listed(n, r.state);
    n = listed(n, r.rise);
    for (let j = 0; j < r.columnCount; j++) n = listed(n, <usize>load<u32>(r.columns + ((<usize>j) << 2)));
  }
  return n;
}

function listed(n: i32, column: usize): i32 {
  if (column == 0) return n;
  if (n < COLUMNS) store<u32>(LIST + ((<usize>n) << 2), <u32>column);
  return n + 1;
}

/**
 * Whether blocks rest or are looked at in this step, whose currents are known; else all are to be stepped and nothing
 * else is to be done.
 */
// @ts-ignore: decorator
@inline export function beginBlocks(k: Cells): bool {
  return (k.resting > 0 || k.still > 0 || k.now >= k.lookAt) && beginLooking(k);
}

function beginLooking(k: Cells): bool {
  const currents = steady(k.backgrounds);
  if (currents != STEADY.same && (k.resting > 0 || k.still > 0)) wakeAll(k);
  k.looks = k.now >= k.lookAt;
  if (currents == STEADY.varies) {
    k.lookAt = k.now + SELDOM;
    return (k.looks = false);
  }
  k.spared += <f64>k.resting;
  if (k.looks) takeSamples(k, false);
  return k.looks || k.resting > 0 || k.still > 0;
}

/** Takes samples of the blocks that are awake; `behind` the step it marks those in which it finds nothing new. */
function takeSamples(k: Cells, behind: bool): void {
  const columns = listColumns(k);
  const turn = <i32>(<i64>k.now & 0xffff) / <i32>PERIOD;
  let block: usize = 0;
  for (let first = 0; first < k.padded; first += BLOCK, block++) {
    if (load<u8>(k.marks + block) != AWAKE) continue;
    const at = k.samples + (block << 3);
    const sample = sampleOf(columns, first, min(BLOCK, k.padded - first), turn);
    if (!behind) store<u64>(at, sample);
    else if (load<u64>(at) == sample) {
      store<u8>(k.marks + block, STILL);
      k.still++;
    }
  }
}

/** A number made of the bits of four neurons' numbers in each column: others in each turn. */
function sampleOf(columns: i32, first: i32, count: i32, turn: i32): u64 {
  const quarter = count >> 2;
  const o = (<usize>quarter) << 3;
  const at = (<usize>(first + turn % quarter)) << 3;
  let sample: u64 = 0;
  for (let n = 0; n < columns; n++) {
    const a = <usize>load<u32>(LIST + ((<usize>n) << 2)) + at;
    sample = rotl<u64>(sample, 5) ^ load<u64>(a) ^ rotl<u64>(load<u64>(a + o), 16);
    sample ^= rotl<u64>(load<u64>(a + 2 * o), 32) ^ rotl<u64>(load<u64>(a + 3 * o), 48);
  }
  return sample;
}

/** The end of a step in which `beginBlocks` held, and in which `before` blocks rested when it began. */
export function endBlocks(k: Cells, before: i32): void {
  if (k.still > 0) {
    // What is compared in vain costs more than a look.
    k.period = k.resting > before ? PERIOD : min(2 * k.period, SELDOM);
    k.lookAt = k.now + k.period;
    k.still = 0;
  }
  if (k.looks) {
    k.lookAt = k.now + k.period;
    if (k.searched > WORTH * k.spared) {
      // Spikes come so often that waking costs more than resting gains.
      wakeAll(k);
      k.lookAt = k.now + SELDOM;
    } else {
      takeSamples(k, true);
    }
    k.searched = k.spared = 0;
    k.looks = false;
  }
}

/** Whether the block is stepped like any other. */
// @ts-ignore: decorator
@inline export function isAwake(k: Cells, first: i32): bool {
  return load<u8>(k.marks + ((<usize>first) >> 8)) == AWAKE;
}

// @ts-ignore: decorator
@inline export function isResting(k: Cells, first: i32): bool {
  return load<u8>(k.marks + ((<usize>first) >> 8)) == RESTS;
}

/** Keeps a block of all columns ahead of a step. */
export function keepBlock(k: Cells, first: i32, count: i32): void {
  const columns = listColumns(k);
  const bytes = (<usize>count) << 3;
  for (let n = 0; n < columns; n++) {
    const column = <usize>load<u32>(LIST + ((<usize>n) << 2));
    memory.copy(KEPT + <usize>n * (BLOCK << 3), column + ((<usize>first) << 3), bytes);
  }
}

/** After the step of a block that was kept: it rests or is awake. `log` is where the population's log stood. */
export function judgeBlock(k: Cells, first: i32, count: i32, log: usize): void {
  const rests = k.log == log && isSame(k, first, count) && noneHeld(k, first, count) && isBlank(k, first, count);
  store<u8>(k.marks + ((<usize>first) >> 8), rests ? RESTS : AWAKE);
  if (rests) k.resting++;
}

/** The columns are what they were, and nothing in them will be taken for zero. */
function isSame(k: Cells, first: i32, count: i32): bool {
  const columns = listColumns(k);
  const bytes = (<usize>count) << 3;
  for (let n = 0; n < columns; n++) {
    const column = <usize>load<u32>(LIST + ((<usize>n) << 2)) + ((<usize>first) << 3);
    const kept = KEPT + <usize>n * (BLOCK << 3);
    for (let i: usize = 0; i < bytes; i += 8) {
      const x = load<u64>(column + i);
      if (x != load<u64>(kept + i)) return false;
      if (x != 0 && NativeMath.abs(reinterpret<f64>(x)) < TINY) return false;
    }
  }
  return true;
}

/** No neuron is refractory. */
function noneHeld(k: Cells, first: i32, count: i32): bool {
  if (!k.until) return true;
  const end = min(first + count, k.size);
  for (let n = first; n < end; n++) if (load<f64>(k.until + ((<usize>n) << 3)) >= k.now) return false;
  return true;
}

/** Nothing is on its way to the block, and nothing in it has yet to end. */
function isBlank(k: Cells, first: i32, count: i32): bool {
  for (let r = k.receptors; exists(r); r = r.next) {
    if (r.ring && !isZero(r.ring, r.slots, r.slotBytes, first, count)) return false;
    if (r.ending && !isZero(r.ending, r.endingSlots, r.slotBytes, first, count)) return false;
  }
  return true;
}

function isZero(ring: usize, slots: i32, slotBytes: usize, first: i32, count: i32): bool {
  const bytes = (<usize>count) << 3;
  let column = ring + ((<usize>first) << 3);
  for (let slot = 0; slot < slots; slot++, column += slotBytes) {
    for (let i: usize = 0; i < bytes; i += 16) if (load<u64>(column + i) | load<u64>(column + i, 8)) return false;
  }
  return true;
}

/** Wakes the blocks of the targets of all synapses of the sources listed at [from, to) (u32). */
export function wakeTargets(k: Cells, p: Projection, from: usize, to: usize): void {
  for (let spike = from; spike < to && k.resting > 0; spike += 4) {
    const row = p.rows + ((<usize>load<u32>(spike)) << 2);
    const first = <usize>load<u32>(row);
    const end = <usize>load<u32>(row, 4);
    k.searched += <f64>(end - first);
    if (p.wide) for (let j = first; j < end; j++) wakeOne(k, load<u32>(p.targets + (j << 2)));
    else for (let j = first; j < end; j++) wakeOne(k, <u32>load<u16>(p.targets + (j << 1)));
  }
}

// @ts-ignore: decorator
@inline function wakeOne(k: Cells, target: u32): void {
  const mark = k.marks + ((<usize>target) >> 8);
  if (load<u8>(mark) != RESTS) return;
  store<u8>(mark, AWAKE);
  k.resting--;
}
