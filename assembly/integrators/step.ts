/**
 * What every method does around the integration of a vector: the exponentials ahead of it, the input current of a
 * stage, and after it the arriving jumps, refractoriness, the test for events and the events themselves.
 *
 * Type arguments of a kernel: M the model on lanes of type T, S the same model on f64 (for single neurons), T the lane
 * type, V the variant (pack.ts). Byte offsets `i` count from the block's first neuron and are the same in every column.
 */
import { add, and, andnot, bits, ge, get, lanes, lt, mul, or, put, select, splat, sub, width } from "../lanes";
import { expBlock } from "../math";
import { BEFORE, block, conducts, EVENTS, G0, G1, G2, I0, I1, I2, P, Pack, Q } from "../pack";
import { runaway } from "../guard";

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
 * Evaluates the model's exponentials for the membrane states in column v, into P and Q. They are staged through a column
 * because one tuned routine over an L1-resident column beats exponentials inlined into each kernel, and is small.
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

/** Value of the model's first exponential; what it is given where the model has none (a load would not be optimised away). */
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
@inline export function refractory<T>(k: Pack, i: usize): T {
  return ge<T>(get<T>(at(k, k.until) + i), splat<T>(k.now));
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
 * held at its reset value (and its input discarded). Keeps the value before the step in BEFORE.
 */
// @ts-ignore: decorator
@inline export function settle<M, T>(k: Pack, m: M, i: usize, before: T, y: T): T {
  put<T>(BEFORE + i, before);
  const v = add<T>(y, get<T>(k.jumps + i));
  if (isDefined(m.resetV)) return select<T>(m.resetV(), v, refractory<T>(k, i));
  return v;
}

/**
 * One bit per lane where something happened: v at or above the threshold (for membrane models: crossed it upwards while
 * armed), out of bounds or not a number. The test is "not safely between", so that NaN counts as an event.
 */
// @ts-ignore: decorator
@inline export function found<M, T>(k: Pack, m: M, i: usize, v: T): i32 {
  const all: i32 = isVector<T>() ? 3 : 1;
  const low = splat<T>(k.lowest);
  if (isDefined(m.resetV)) {
    return bits<T>(and<T>(lt<T>(v, threshold<M, T>(m)), ge<T>(v, low))) ^ all;
  } else {
    const armed = get<T>(at(k, k.armed) + i);
    const above = ge<T>(v, m.V_th);
    put<T>(at(k, k.armed) + i, or<T>(andnot<T>(armed, above), lt<T>(v, m.rearm)));
    const inside = and<T>(ge<T>(v, low), lt<T>(v, splat<T>(k.highest)));
    return bits<T>(and<T>(above, armed)) | (bits<T>(inside) ^ all);
  }
}

/** The value of v that counts as a spike. */
// @ts-ignore: decorator
@inline export function threshold<M, T>(m: M): T {
  if (isDefined(m.V_peak)) return m.V_peak;
  return m.V_th;
}

/**
 * Keeps the event bits of the group of neurons that starts at byte i, and gives them back. A kernel's loop makes no call:
 * around calls the engine keeps nothing in registers. What was noted is handled when the block is done.
 */
// @ts-ignore: decorator
@inline export function note(i: usize, events: u32): u32 {
  store<u8>(EVENTS + (i >> 3), events);
  return events;
}

/**
 * Handles what was noted of the block, in groups of so many bytes: writes spikes to the log and resets, or reports a
 * runaway. Rare, hence on single neurons. Bit j stands for neuron j of its group.
 */
export function handle<S>(k: Pack, group: usize): void {
  const end = extent(k);
  for (let i: usize = 0; i < end; i += group) {
    let events = <u32>load<u8>(EVENTS + (i >> 3));
    while (events) {
      const n = k.first + <i32>(i >> 3) + <i32>ctz(events);
      if (n < k.size) event<S>(k, n);
      events &= events - 1;
    }
  }
}

function event<S>(k: Pack, n: i32): void {
  const offset = (<usize>n) << 3;
  const pair = <usize>(ASC_FEATURE_SIMD ? n >> 1 : n);
  const m = changetype<S>(k.params + pair * k.stride + (ASC_FEATURE_SIMD ? (<usize>n & 1) << 3 : 0));
  const v = load<f64>(k.x0 + offset);
  const before = load<f64>(BEFORE + ((<usize>(n - k.first)) << 3));
  if (!(v >= k.lowest && v <= k.highest)) {
    runaway(k, n, before);
    return;
  }
  store<u32>(k.log, n);
  k.log += 4;
  if (k.fractions) {
    const level = threshold<S, f64>(m);
    // Linear interpolation of the crossing between the two grid points; a jump of the level itself gives the end.
    let fraction = v > before ? (level - before) / (v - before) : 1.0;
    fraction = fraction > 0.0 ? (fraction < 1.0 ? fraction : 1.0) : 0.0;
    store<f64>(k.fractions, fraction);
    k.fractions += 8;
  }
  if (isDefined(m.resetV)) {
    store<f64>(k.x0 + offset, m.resetV());
    if (isDefined(m.resetW)) store<f64>(k.x1 + offset, m.resetW(load<f64>(k.x1 + offset)));
    store<f64>(k.until + offset, k.now + m.hold);
  }
}

/** Events of the two vectors at i, for neurons in the order of the lanes. */
// @ts-ignore: decorator
@inline export function found2<M, T>(k: Pack, m: M, n: M, i: usize, a: T, b: T): u32 {
  return found<M, T>(k, m, i, a) | (found<M, T>(k, n, i + width<T>(), b) << lanes<T>());
}
