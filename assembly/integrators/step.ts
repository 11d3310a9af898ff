/**
 * What every method does around the integration of a vector: the exponentials ahead of it, the input current of a
 * stage, and after it the arriving jumps, refractoriness, the test for events and the events themselves.
 *
 * Type arguments of a kernel: M the model on lanes of type T, S the same model on f64 (for single neurons), T the lane
 * type, V the variant (pack.ts). Byte offsets `i` count from the block's first neuron and are the same in every column;
 * `o` is a vector's constant offset from there, which costs no addition: it goes into the instruction.
 */
import { add, and, andnot, bits, ge, get, lanes, lt, mul, or, put, select, splat, sub, width } from "../lanes";
import { expBlock } from "../math";
import { BEFORE, EVENTS, G0, G1, G2, I0, I1, I2, P, Pack, Q, ZEROS } from "../abi";
import { block, conducts } from "../pack";
import { runaway } from "../guard";
import { logSpike } from "../spikes";

/** Start of the block in a state's column. */
// @ts-ignore: decorator
@inline export function at(k: Pack, states: usize): usize {
  return states + ((<usize>k.first) << 3);
}

/** Bytes of the block in a column. */
// @ts-ignore: decorator
@inline export function extent(k: Pack): usize {
  return (<usize>k.count) << 3;
}

/**
 * Evaluates the model's exponentials for the membrane states in column v, into P and Q. They are staged through a
 * column because one tuned routine over an L1-resident column beats exponentials inlined into each kernel, and is
 * small.
 */
// @ts-ignore: decorator
@inline export function exponentials<M, T, V>(k: Pack, v: usize): void {
  if (isDefined(changetype<M>(k).exponent)) {
    const end = extent(k);
    let i: usize = 0;
    do {
      const m = changetype<M>(block<T, V>(k, i));
      const x = get<T>(v + i);
      put<T>(P + i, m.exponent(x));
      if (isDefined(m.exponent2)) put<T>(Q + i, m.exponent2(x));
      i += width<T>();
    } while (i < end);
    expBlock(P, k.count);
    if (isDefined(changetype<M>(k).exponent2)) expBlock(Q, k.count);
  }
}

/**
 * Value of the model's first exponential; what it is given where the model has none (a load would not be optimised
 * away).
 */
// @ts-ignore: decorator
@inline export function exponential<M, T>(i: usize, none: T): T {
  if (isDefined(changetype<M>(i).exponent)) return get<T>(P + i);
  return none;
}

/** Value of the model's second exponential. */
// @ts-ignore: decorator
@inline export function exponential2<M, T>(i: usize, none: T): T {
  if (isDefined(changetype<M>(i).exponent2)) return get<T>(Q + i);
  return none;
}

/** Input current at the start of the step. */
// @ts-ignore: decorator
@inline export function current0<T, V>(i: usize, v: T): T {
  const I = get<T>(I0 + i);
  return conducts<V>() ? sub<T>(I, mul<T>(get<T>(G0 + i), v)) : I;
}

/** Input current in the middle of the step. */
// @ts-ignore: decorator
@inline export function current1<T, V>(i: usize, v: T): T {
  const I = get<T>(I1 + i);
  return conducts<V>() ? sub<T>(I, mul<T>(get<T>(G1 + i), v)) : I;
}

/** Input current at the end of the step. */
// @ts-ignore: decorator
@inline export function current2<T, V>(i: usize, v: T): T {
  const I = get<T>(I2 + i);
  return conducts<V>() ? sub<T>(I, mul<T>(get<T>(G2 + i), v)) : I;
}

/** Mask of the neurons that are refractory in this step. */
// @ts-ignore: decorator
@inline export function refractory<T>(k: Pack, i: usize, o: usize = 0): T {
  return ge<T>(get<T>(at(k, k.until) + i + o), splat<T>(k.now));
}

/** A slope of v in a stage: none while v is held, so that the other states see the held value. */
// @ts-ignore: decorator
@inline export function unlessHeld<M, T>(k: Pack, i: usize, slope: T): T {
  const m = changetype<M>(k);
  // A model without a second state has nobody who would look at v between the stages.
  if (isDefined(m.resetV) && isDefined(m.dw)) return andnot<T>(slope, refractory<T>(k, i));
  return slope;
}

/**
 * From the integrated y to the membrane state at the end of the step: arriving jumps are added, a refractory neuron is
 * held at its reset value (and its input discarded). J says whether jumps can arrive.
 */
// @ts-ignore: decorator
@inline export function settled<M, T, V, J>(k: Pack, i: usize, y: T, o: usize = 0): T {
  const m = changetype<M>(block<T, V>(k, i + o));
  const v = sizeof<J>() == 8 ? add<T>(y, get<T>(k.jumps + i + o)) : y;
  if (isDefined(m.resetV)) return select<T>(m.resetV(), v, refractory<T>(k, i, o));
  return v;
}

/**
 * Mask of the lanes where nothing happened: v is below the threshold (for membrane models: has not crossed it upwards
 * while armed) and within its bounds. The test is "safely between", so that NaN is an event.
 */
// @ts-ignore: decorator
@inline function quiet<M, T, V>(k: Pack, i: usize, v: T, o: usize = 0): T {
  const m = changetype<M>(block<T, V>(k, i + o));
  const high = ge<T>(v, splat<T>(k.lowest));
  if (isDefined(m.resetV)) return and<T>(lt<T>(v, threshold<M, T>(m)), high);
  const crossed = and<T>(ge<T>(v, m.V_th), get<T>(at(k, k.armed) + i + o));
  return andnot<T>(and<T>(high, lt<T>(v, splat<T>(k.highest))), crossed);
}

/** Stores v, and arms or disarms the detector of a membrane model. */
// @ts-ignore: decorator
@inline function conclude<M, T, V>(k: Pack, v: usize, armed: usize, i: usize, x: T, o: usize = 0): void {
  const m = changetype<M>(block<T, V>(k, i + o));
  if (!isDefined(m.resetV)) {
    put<T>(armed + i + o, or<T>(andnot<T>(get<T>(armed + i + o), ge<T>(x, m.V_th)), lt<T>(x, m.rearm)));
  }
  put<T>(v + i + o, x);
}

/**
 * Ends the step of four vectors from byte i on, whose integrated membrane states are a to d; 1 if there are events. All
 * loads come ahead of all stores, so that what the vectors share is loaded once. `v` is the column of v from the block
 * on.
 */
// @ts-ignore: decorator
@inline export function finish4<M, T, V, J>(k: Pack, v: usize, i: usize, a: T, b: T, c: T, d: T): u32 {
  const armed = at(k, k.armed);
  const o1 = width<T>(), o2 = o1 + o1, o3 = o2 + o1;
  const v0 = settled<M, T, V, J>(k, i, a), v1 = settled<M, T, V, J>(k, i, b, o1);
  const v2 = settled<M, T, V, J>(k, i, c, o2), v3 = settled<M, T, V, J>(k, i, d, o3);
  const q0 = quiet<M, T, V>(k, i, v0), q1 = quiet<M, T, V>(k, i, v1, o1);
  const q2 = quiet<M, T, V>(k, i, v2, o2), q3 = quiet<M, T, V>(k, i, v3, o3);
  let seen: u32 = 0;
  if (bits<T>(and<T>(and<T>(q0, q1), and<T>(q2, q3))) != ALL<T>()) {
    const n = lanes<T>();
    note(i, bits<T>(q0) | (bits<T>(q1) << n) | (bits<T>(q2) << (2 * n)) | (bits<T>(q3) << (3 * n)), 4 * n);
    keep<T>(v, i), keep<T>(v, i + o1), keep<T>(v, i + o2), keep<T>(v, i + o3);
    seen = 1;
  }
  conclude<M, T, V>(k, v, armed, i, v0), conclude<M, T, V>(k, v, armed, i, v1, o1);
  conclude<M, T, V>(k, v, armed, i, v2, o2), conclude<M, T, V>(k, v, armed, i, v3, o3);
  return seen;
}

/** The same for two vectors. */
// @ts-ignore: decorator
@inline export function finish2<M, T, V, J>(k: Pack, v: usize, i: usize, a: T, b: T): u32 {
  const j = i + width<T>();
  const armed = at(k, k.armed);
  const v0 = settled<M, T, V, J>(k, i, a), v1 = settled<M, T, V, J>(k, j, b);
  const q0 = quiet<M, T, V>(k, i, v0), q1 = quiet<M, T, V>(k, j, v1);
  let seen: u32 = 0;
  if (bits<T>(and<T>(q0, q1)) != ALL<T>()) {
    note(i, bits<T>(q0) | (bits<T>(q1) << lanes<T>()), 2 * lanes<T>());
    keep<T>(v, i), keep<T>(v, j);
    seen = 1;
  }
  conclude<M, T, V>(k, v, armed, i, v0), conclude<M, T, V>(k, v, armed, j, v1);
  return seen;
}

/** Keeps v before the step where `event` will want to see it. */
// @ts-ignore: decorator
@inline function keep<T>(v: usize, i: usize): void {
  put<T>(BEFORE + i, get<T>(v + i));
}

/**
 * Marker types: jumps of v may arrive, or none can. The fastest kernels have a loop for each; types, because the
 * optimiser would fold two loops that differ in a constant only into one. */
export type Jumps = i64;
export type NoJumps = i32;

// @ts-ignore: decorator
@inline export function jumpsArrive(k: Pack): bool {
  return k.jumps != ZEROS;
}

/** The bits of a mask that is set in all lanes. */
// @ts-ignore: decorator
@inline export function ALL<T>(): i32 {
  return (1 << lanes<T>()) - 1;
}

/**
 * Keeps which of the `count` neurons from byte i on have events, given the bits of those that have none. A kernel's
 * loop makes no call: around calls the engine keeps nothing in registers. What was noted is handled when the block is
 * done.
 */
// @ts-ignore: decorator
@inline export function note(i: usize, quiet: i32, count: i32): void {
  store<u8>(EVENTS + (i >> 3), quiet ^ ((1 << count) - 1));
}

/** The value of v that counts as a spike. */
// @ts-ignore: decorator
@inline function threshold<M, T>(m: M): T {
  if (isDefined(m.cut)) return m.cut;
  if (isDefined(m.V_peak)) return m.V_peak;
  return m.V_th;
}

/**
 * Handles what was noted of the block: writes spikes to the log and resets, or reports a runaway. Rare, hence on single
 * neurons. Bit j of a note stands for the j-th neuron from its place on; notes are zero again afterwards.
 */
export function handle<S>(k: Pack): void {
  for (let i = 0; i < k.count; i++) {
    // Eight places at once where nothing is noted: most of the block.
    if ((i & 7) == 0 && load<u64>(EVENTS + i) == 0) {
      i += 7;
      continue;
    }
    let events = <u32>load<u8>(EVENTS + i);
    if (!events) continue;
    store<u8>(EVENTS + i, 0);
    do {
      const n = k.first + i + <i32>ctz(events);
      if (n < k.size) event<S>(k, n);
      events &= events - 1;
    } while (events);
  }
}

/** The parameters of one neuron. */
// @ts-ignore: decorator
@inline export function single<S>(k: Pack, n: i32): S {
  const pair = <usize>(ASC_FEATURE_SIMD ? n >> 1 : n);
  return changetype<S>(k.params + pair * k.stride + (ASC_FEATURE_SIMD ? (<usize>n & 1) << 3 : 0));
}

function event<S>(k: Pack, n: i32): void {
  const offset = (<usize>n) << 3;
  const m = single<S>(k, n);
  const v = load<f64>(k.x0 + offset);
  const before = load<f64>(BEFORE + ((<usize>(n - k.first)) << 3));
  if (!(v >= k.lowest && v <= k.highest)) {
    runaway(k, n, 0, v, before);
    return;
  }
  const level = threshold<S, f64>(m);
  // Linear interpolation of the crossing between the two grid points; a jump of the level itself gives the end.
  const fraction = v > before ? (level - before) / (v - before) : 1.0;
  logSpike(k, n, fraction > 0.0 ? (fraction < 1.0 ? fraction : 1.0) : 0.0);
  if (isDefined(m.resetV)) {
    store<f64>(k.x0 + offset, m.resetV());
    if (isDefined(m.resetW)) store<f64>(k.x1 + offset, m.resetW(load<f64>(k.x1 + offset)));
    store<f64>(k.until + offset, k.now + m.hold);
  }
}
