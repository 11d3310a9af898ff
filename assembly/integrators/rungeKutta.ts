/**
 * Heun's method (order 2) and the classical Runge-Kutta method (order 4).
 *
 * Models without exponentials run in registers, all stages of a pair of vectors in one go. The others run stage by stage
 * over the block, because their exponentials do: stage states, slopes and sums live in scratch columns.
 * Each stage sees the input current at its own time: start (I0), middle (I1) or end (I2) of the step.
 */
import { add, get, put, scale, width } from "../lanes";
import { block, column, Pack, SLOPE, STAGE, SUM } from "../pack";
import { at, current0, current1, current2, exponential, exponential2, exponentials, extent, finish2, handle, Jumps, unlessHeld } from "./step";

// @ts-ignore: decorator
@inline export function heun<M, S, T, V>(k: Pack): void {
  if (isDefined(changetype<M>(k).exponent)) staged<M, S, T, V>(k, 2);
  else direct<M, S, T, V>(k, false);
}

// @ts-ignore: decorator
@inline export function rk4<M, S, T, V>(k: Pack): void {
  if (isDefined(changetype<M>(k).exponent)) staged<M, S, T, V>(k, 4);
  else direct<M, S, T, V>(k, true);
}

// @ts-ignore: decorator
@inline function direct<M, S, T, V>(k: Pack, four: bool): void {
  const v = at(k, k.x0);
  const w = at(k, k.x1);
  const end = extent(k);
  let seen: u32 = 0;
  let i: usize = 0;
  do {
    const j = i + width<T>();
    const a = four ? rk4Vector<M, T, V>(k, v, w, i) : heunVector<M, T, V>(k, v, w, i);
    const b = four ? rk4Vector<M, T, V>(k, v, w, j) : heunVector<M, T, V>(k, v, w, j);
    seen |= finish2<M, T, V, Jumps>(k, v, i, a, b);
    i += 2 * width<T>();
  } while (i < end);
  if (seen) handle<S>(k);
}

// @ts-ignore: decorator
@inline function slopeW<M, T>(m: M, v: T, w: T): T {
  if (isDefined(m.dw)) return m.dw(v, w, v, v);
  return w;
}

// @ts-ignore: decorator
@inline function heunVector<M, T, V>(k: Pack, v: usize, w: usize, i: usize): T {
  const m = changetype<M>(block<T, V>(k, i));
  const dt = k.dt;
  const v0 = get<T>(v + i);
  const w0 = isDefined(m.dw) ? get<T>(w + i) : v0;

  const a1 = unlessHeld<M, T>(k, i, m.dv(v0, w0, current0<T, V>(i, v0), v0, v0));
  const b1 = slopeW<M, T>(m, v0, w0);
  const v1 = add<T>(v0, scale<T>(dt, a1));
  const w1 = add<T>(w0, scale<T>(dt, b1));
  const a2 = m.dv(v1, w1, current2<T, V>(i, v1), v1, v1);
  const b2 = slopeW<M, T>(m, v1, w1);

  if (isDefined(m.dw)) put<T>(w + i, add<T>(w0, scale<T>(0.5 * dt, add<T>(b1, b2))));
  return add<T>(v0, scale<T>(0.5 * dt, add<T>(a1, a2)));
}

// @ts-ignore: decorator
@inline function rk4Vector<M, T, V>(k: Pack, v: usize, w: usize, i: usize): T {
  const m = changetype<M>(block<T, V>(k, i));
  const dt = k.dt;
  const half = 0.5 * dt;
  const v0 = get<T>(v + i);
  const w0 = isDefined(m.dw) ? get<T>(w + i) : v0;

  const a1 = unlessHeld<M, T>(k, i, m.dv(v0, w0, current0<T, V>(i, v0), v0, v0));
  const b1 = slopeW<M, T>(m, v0, w0);
  const v1 = add<T>(v0, scale<T>(half, a1));
  const w1 = add<T>(w0, scale<T>(half, b1));
  const a2 = unlessHeld<M, T>(k, i, m.dv(v1, w1, current1<T, V>(i, v1), v1, v1));
  const b2 = slopeW<M, T>(m, v1, w1);
  const v2 = add<T>(v0, scale<T>(half, a2));
  const w2 = add<T>(w0, scale<T>(half, b2));
  const a3 = unlessHeld<M, T>(k, i, m.dv(v2, w2, current1<T, V>(i, v2), v2, v2));
  const b3 = slopeW<M, T>(m, v2, w2);
  const v3 = add<T>(v0, scale<T>(dt, a3));
  const w3 = add<T>(w0, scale<T>(dt, b3));
  const a4 = m.dv(v3, w3, current2<T, V>(i, v3), v3, v3);
  const b4 = slopeW<M, T>(m, v3, w3);

  const sixth = dt / 6.0;
  const a = add<T>(add<T>(a1, a4), scale<T>(2, add<T>(a2, a3)));
  if (isDefined(m.dw)) {
    const b = add<T>(add<T>(b1, b4), scale<T>(2, add<T>(b2, b3)));
    put<T>(w + i, add<T>(w0, scale<T>(sixth, b)));
  }
  return add<T>(v0, scale<T>(sixth, a));
}

/** Both methods, in one function for each model. */
function staged<M, S, T, V>(k: Pack, stages: i32): void {
  const end = extent(k);
  const dt = k.dt;
  for (let s = 0; s < stages; s++) {
    // Weight of the previous slope in this stage's state, and of this slope in the sum: the methods' Butcher tableaux.
    const reach = stages == 2 || s == 3 ? dt : 0.5 * dt;
    const share = stages == 2 ? 0.5 * dt : s == 0 || s == 3 ? dt / 6.0 : dt / 3.0;
    let i: usize = 0;
    do {
      stageState<M, T>(k, k.x0, 0, i, s, reach);
      if (isDefined(changetype<M>(k).dw)) stageState<M, T>(k, k.x1, 1, i, s, reach);
      if (isDefined(changetype<M>(k).dh)) {
        stageState<M, T>(k, k.x1, 1, i, s, reach);
        stageState<M, T>(k, k.x2, 2, i, s, reach);
        stageState<M, T>(k, k.x3, 3, i, s, reach);
      }
      i += width<T>();
    } while (i < end);

    exponentials<M, T, V>(k, column(STAGE, 0));

    i = 0;
    do {
      const m = changetype<M>(block<T, V>(k, i));
      const v = get<T>(column(STAGE, 0) + i);
      const I = s == 0 ? current0<T, V>(i, v) : stages == 4 && s < 3 ? current1<T, V>(i, v) : current2<T, V>(i, v);
      const p = exponential<M, T>(i, v);
      const q = exponential2<M, T>(i, v);
      if (isDefined(m.dh)) {
        const a = get<T>(column(STAGE, 1) + i);
        const b = get<T>(column(STAGE, 2) + i);
        const c = get<T>(column(STAGE, 3) + i);
        slope<T>(0, i, s, share, m.dv(v, a, b, c, I));
        slope<T>(1, i, s, share, m.dm(v, a, p, q));
        slope<T>(2, i, s, share, m.dh(v, b, p, q));
        slope<T>(3, i, s, share, m.dn(v, c, p, q));
      } else if (isDefined(m.dw)) {
        const w = get<T>(column(STAGE, 1) + i);
        slope<T>(0, i, s, share, unlessHeld<M, T>(k, i, m.dv(v, w, I, p, q)));
        slope<T>(1, i, s, share, m.dw(v, w, p, q));
      } else {
        slope<T>(0, i, s, share, m.dv(v, v, I, p, q));
      }
      i += width<T>();
    } while (i < end);
  }

  let seen: u32 = 0;
  let i: usize = 0;
  do {
    const j = i + width<T>();
    if (isDefined(changetype<M>(k).dh)) {
      advance<T>(k, k.x1, 1, i), advance<T>(k, k.x2, 2, i), advance<T>(k, k.x3, 3, i);
      advance<T>(k, k.x1, 1, j), advance<T>(k, k.x2, 2, j), advance<T>(k, k.x3, 3, j);
    } else if (isDefined(changetype<M>(k).dw)) {
      advance<T>(k, k.x1, 1, i), advance<T>(k, k.x1, 1, j);
    }
    const v = at(k, k.x0);
    const a = add<T>(get<T>(v + i), get<T>(column(SUM, 0) + i));
    const b = add<T>(get<T>(v + j), get<T>(column(SUM, 0) + j));
    seen |= finish2<M, T, V, Jumps>(k, v, i, a, b);
    i += 2 * width<T>();
  } while (i < end);
  if (seen) handle<S>(k);
}

/** State j of a stage: its value plus `reach` times the slope of the stage before. */
// @ts-ignore: decorator
@inline function stageState<M, T>(k: Pack, states: usize, j: i32, i: usize, s: i32, reach: f64): void {
  const x = get<T>(at(k, states) + i);
  put<T>(column(STAGE, j) + i, s == 0 ? x : add<T>(x, scale<T>(reach, get<T>(column(SLOPE, j) + i))));
}

/** Keeps a slope for the next stage and adds its share to the sum. */
// @ts-ignore: decorator
@inline function slope<T>(j: i32, i: usize, s: i32, share: f64, f: T): void {
  put<T>(column(SLOPE, j) + i, f);
  const part = scale<T>(share, f);
  put<T>(column(SUM, j) + i, s == 0 ? part : add<T>(get<T>(column(SUM, j) + i), part));
}

// @ts-ignore: decorator
@inline function advance<T>(k: Pack, states: usize, j: i32, i: usize): void {
  const x = at(k, states) + i;
  put<T>(x, add<T>(get<T>(x), get<T>(column(SUM, j) + i)));
}
