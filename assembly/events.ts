/**
 * Populations that are advanced by events (the method eventDriven). A neuron stands at the step in which it was
 * touched last, in a record of the kernel's; the columns are what was there when somebody asked. It is touched in
 * steps in which something arrives for it, and in those in which it may cross its threshold without that. Which these
 * are its kernel says, from bounds on where its linear equations can lead: a WATCH. Neurons wait in bitmaps, one for
 * each, and are touched in their order; which steps that is depends on the numbers of the steps and on what has
 * arrived, not on chunks, shards or other neurons.
 */
import { SLOPE, WATCH } from "./abi";
import { exists } from "./memory";
import { columnAhead } from "./receptors/receptor";
import { callBegin, callLook, callSettle, callTouch } from "./slots";
import { addToSums, beginStep, beginSums, claim, distrustAll, Summed, takeSums } from "./sums";

/** What a population has for it. */
@unmanaged
export class Watched extends Summed {
  /** Table index of the kernel: its `touch`. */
  kernel: i32;
  /** Size rounded up to a multiple of PADDING. */
  padded: i32;
  /** The bitmaps, one for each WATCH but the last; 0 where the population is not advanced by events. */
  watch: usize;
  /** Bytes that the kernel keeps of a neuron. */
  recordBytes: usize;
  /** Slots of the kernel. */
  begin: i32;
  settle: i32;
  look: i32;
}

/** Bytes of a bitmap of a population: whole words of 16. */
// @ts-ignore: decorator
@inline export function bitmapBytes(padded: i32): usize {
  return ((<usize>padded >> 3) + 15) & ~15;
}

/** Where a neuron stands is known to 32 bits: all are touched in steps whose number is a multiple of one more. */
const RECALLED: i64 = 0x3fffffff;

/** Sets the bits of all neurons in the first bitmap. */
function watchAll(k: Watched): void {
  for (let n: usize = 0; n < <usize>k.size; n++) {
    const at = k.watch + (n >> 3);
    store<u8>(at, load<u8>(at) | (<u8>1 << (<u8>n & 7)));
  }
}

/** Ahead of all that arrives in step `now`. */
export function beginDue(k: Watched): void {
  if (((<i64>k.now) & RECALLED) == 0) {
    watchAll(k);
    distrustAll(k);
  }
  beginStep(k);
}

/** What has come by rings claims its part of the slack of those that it has come for. */
export function claimRings(k: Watched): void {
  if (k.span == 0) return;
  const bytes = bitmapBytes(k.padded);
  for (let r = k.receptors; exists(r); r = r.next) {
    if (!r.fed) continue;
    const column = columnAhead(r, 0);
    const marks = column + r.marks;
    for (let at = marks; at < marks + bytes; at += 8) {
      const first = <u32>((at - marks) << 3);
      for (let bits = load<u64>(at); bits != 0; bits &= bits - 1) {
        const n = first + <u32>ctz(bits);
        claim(r, n, load<f64>(column + ((<usize>n) << 3)));
      }
    }
  }
}

/** One step of all that are to be touched in it. */
export function touchDue(k: Watched): void {
  const bytes = bitmapBytes(k.padded);
  const due = k.watch;
  const step = <i64>k.now;
  if ((step & 3) == 0) pass(due + bytes, due, bytes);
  if ((step & 31) == 0) pass(due + 2 * bytes, due, bytes);
  if ((step & 255) == 0) pass(due + 3 * bytes, due, bytes);
  for (let r = k.receptors; exists(r); r = r.next) if (r.fed) pass(columnAhead(r, 0) + r.marks, due, bytes);
  let count = 0;
  for (let at = due; at < due + bytes; at += 16) {
    if ((load<u64>(at) | load<u64>(at, 8)) == 0) continue;
    count = take(k, at, bytes, count);
    count = take(k, at + 8, bytes, count);
  }
  touchTaken(k, count, bytes);
}

/** Adds the bits of a bitmap to those of another one, and takes them away. */
function pass(from: usize, to: usize, bytes: usize): void {
  const end = from + bytes;
  for (; from < end; from += 16, to += 16) {
    const a = load<u64>(from), b = load<u64>(from, 8);
    if ((a | b) == 0) continue;
    store<u64>(to, load<u64>(to) | a);
    store<u64>(to, load<u64>(to, 8) | b, 8);
    store<u64>(from, 0);
    store<u64>(from, 0, 8);
  }
}

/** Neurons that are touched together, and room for those of one more word. */
const TOGETHER: i32 = 64;
const TAKEN: usize = memory.data(4 * 128, 16);

/**
 * Takes the neurons whose bits stand at an address of the first bitmap; touches those that were taken before if they
 * are many.
 */
function take(k: Watched, at: usize, bytes: usize, count: i32): i32 {
  let bits = load<u64>(at);
  if (bits == 0) return count;
  if (count > TOGETHER) {
    touchTaken(k, count, bytes);
    count = 0;
  }
  store<u64>(at, 0);
  // Those that something has come for may wait elsewhere too.
  for (let w: usize = 1; w < <usize>WATCH.never; w++) {
    const other = at + w * bytes;
    store<u64>(other, load<u64>(other) & ~bits);
  }
  const first = <i32>(at - k.watch) << 3;
  for (; bits != 0; bits &= bits - 1) {
    store<i32>(TAKEN + ((<usize>count) << 2), first + <i32>ctz(bits));
    count++;
  }
  return count;
}

/** What was loaded ahead of its use, so that a compiler cannot leave it out. */
const SEEN: usize = memory.data(8, 8);

/** Takes in what has come for those that need not be touched, and leaves the others; answers their number. */
function sumUp(k: Watched, count: i32): i32 {
  const end = TAKEN + ((<usize>count) << 2);
  let left = TAKEN;
  for (let at = TAKEN; at < end; at += 4) {
    const n = load<u32>(at);
    store<u32>(left, n);
    left += 4;
    if (!(load<f64>(k.sums + <usize>n * k.sumBytes) >= 0)) continue;
    left -= 4;
    for (let r = k.receptors; exists(r); r = r.next) {
      if (!r.fed) continue;
      const place = columnAhead(r, 0) + ((<usize>n) << 3);
      addToSums(r, n, load<f64>(place));
      store<f64>(place, 0);
    }
  }
  return <i32>((left - TAKEN) >> 2);
}

/** Touches the neurons that were taken, in their order. */
function touchTaken(k: Watched, count: i32, bytes: usize): void {
  if (k.span > 0) count = sumUp(k, count);
  const end = TAKEN + ((<usize>count) << 2);
  // Each waits for memory: here all do so at the same time.
  let seen: u64 = 0;
  for (let at = TAKEN; at < end; at += 4) seen |= load<u64>(k.records + <usize>load<u32>(at) * k.recordBytes);
  for (let r = k.receptors; exists(r); r = r.next) {
    if (!r.fed) continue;
    const column = columnAhead(r, 0);
    for (let at = TAKEN; at < end; at += 4) seen |= load<u64>(column + ((<usize>load<u32>(at)) << 3));
  }
  store<u64>(SEEN, seen);
  for (let at = TAKEN; at < end; at += 4) {
    const n = load<i32>(at);
    const w = callTouch(k.kernel, k, n);
    if (w == WATCH.never) continue;
    const place = k.watch + <usize>w * bytes + (<usize>n >> 3);
    store<u8>(place, load<u8>(place) | (<u8>1 << <u8>(n & 7)));
  }
}

/** Brings all columns to the start of step `now`. */
export function bringAllUp(k: Watched, now: f64): void {
  beginLooks(k, now);
  for (let n = 0; n < k.size; n++) callSettle(k.settle, k, n);
}

/** The columns are those of the start of step `now`, whatever they were; all neurons are touched in it. */
export function beginAll(k: Watched, now: f64): void {
  k.now = now;
  memory.fill(k.watch, 0, <usize>WATCH.never * bitmapBytes(k.padded));
  for (let n = 0; n < k.size; n++) callBegin(k.begin, k, n);
  beginSums(k, now);
  watchAll(k);
}

/** Looks are at the start of step `now`. */
export function beginLooks(k: Watched, now: f64): void {
  k.now = now;
  takeSums(k, now);
}

/** State number j, counted on through those of the receptors, of neuron n. */
export function lookAt(k: Watched, n: i32, j: i32): f64 {
  callLook(k.look, k, n, SLOPE);
  return load<f64>(SLOPE + ((<usize>j) << 3));
}
