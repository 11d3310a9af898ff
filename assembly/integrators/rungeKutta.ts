/**
 * Heun's method (order 2) and the classical Runge-Kutta method (order 4).
 *
 * Models without exponentials run in registers, all stages of a pair of vectors in one go. The others run stage by
 * stage over the block, because their exponentials do: stage states, slopes and sums live in scratch columns.
 * Each stage sees the input current at its own time: start (I0), middle (I1) or end (I2) of the step.
 */
import { add, get, mul, put, scale, splat, width } from "../lanes";
import { Pack, SLOPE, STAGES, SUM } from "../abi";
import { block, column } from "../pack";
import {
  at,
  current0,
  current1,
  current2,
  exponential,
  exponential2,
  exponentials,
  extent,
  finish2,
  handle,
  Jumps,
  unlessHeld,
} from "./step";

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
  // One or two states: the others are integrated stage by stage.
  if (isDefined(changetype<M>(k).dh)) ERROR("direct is for one or two states");
  const v = at(k, k.x0);
  const w = at(k, k.x1);
  const end = extent(k);
  let seen: u32 = 0;
  let i: usize = 0;
  do {
    if (four) {
      seen |= rk4Pair<M, T, V>(k, v, w, i);
    } else {
      const j = i + width<T>();
      const a = heunVector<M, T, V>(k, v, w, i), b = heunVector<M, T, V>(k, v, w, j);
      seen |= finish2<M, T, V, Jumps>(k, v, i, a, b);
    }
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

/** Two vectors, x and y, side by side: each stage waits for the one before, and the other vector fills the pauses. */
// @ts-ignore: decorator
@inline function rk4Pair<M, T, V>(k: Pack, v: usize, w: usize, i: usize): u32 {
  const j = i + width<T>();
  const m = changetype<M>(block<T, V>(k, i)), n = changetype<M>(block<T, V>(k, j));
  const dt = splat<T>(k.dt);
  const half = splat<T>(0.5 * k.dt);
  const vx = get<T>(v + i), vy = get<T>(v + j);
  const wx = isDefined(m.dw) ? get<T>(w + i) : vx, wy = isDefined(m.dw) ? get<T>(w + j) : vy;

  let ax = unlessHeld<M, T>(k, i, m.dv(vx, wx, current0<T, V>(i, vx), vx, vx));
  let ay = unlessHeld<M, T>(k, j, n.dv(vy, wy, current0<T, V>(j, vy), vy, vy));
  let bx = slopeW<M, T>(m, vx, wx), by = slopeW<M, T>(n, vy, wy);
  let px = add<T>(vx, mul<T>(half, ax)), py = add<T>(vy, mul<T>(half, ay));
  let qx = add<T>(wx, mul<T>(half, bx)), qy = add<T>(wy, mul<T>(half, by));
  const ax1 = ax, ay1 = ay, bx1 = bx, by1 = by;

  ax = unlessHeld<M, T>(k, i, m.dv(px, qx, current1<T, V>(i, px), px, px));
  ay = unlessHeld<M, T>(k, j, n.dv(py, qy, current1<T, V>(j, py), py, py));
  bx = slopeW<M, T>(m, px, qx), by = slopeW<M, T>(n, py, qy);
  px = add<T>(vx, mul<T>(half, ax)), py = add<T>(vy, mul<T>(half, ay));
  qx = add<T>(wx, mul<T>(half, bx)), qy = add<T>(wy, mul<T>(half, by));
  const ax2 = ax, ay2 = ay, bx2 = bx, by2 = by;

  ax = unlessHeld<M, T>(k, i, m.dv(px, qx, current1<T, V>(i, px), px, px));
  ay = unlessHeld<M, T>(k, j, n.dv(py, qy, current1<T, V>(j, py), py, py));
  bx = slopeW<M, T>(m, px, qx), by = slopeW<M, T>(n, py, qy);
  px = add<T>(vx, mul<T>(dt, ax)), py = add<T>(vy, mul<T>(dt, ay));
  qx = add<T>(wx, mul<T>(dt, bx)), qy = add<T>(wy, mul<T>(dt, by));
  ax = add<T>(ax2, ax), ay = add<T>(ay2, ay), bx = add<T>(bx2, bx), by = add<T>(by2, by);

  const ax4 = m.dv(px, qx, current2<T, V>(i, px), px, px), ay4 = n.dv(py, qy, current2<T, V>(j, py), py, py);
  const bx4 = slopeW<M, T>(m, px, qx), by4 = slopeW<M, T>(n, py, qy);
  const two = splat<T>(2), sixth = splat<T>(k.dt / 6.0);
  if (isDefined(m.dw)) {
    put<T>(w + i, add<T>(wx, mul<T>(sixth, add<T>(add<T>(bx1, bx4), mul<T>(two, bx)))));
    put<T>(w + j, add<T>(wy, mul<T>(sixth, add<T>(add<T>(by1, by4), mul<T>(two, by)))));
  }
  const x = add<T>(vx, mul<T>(sixth, add<T>(add<T>(ax1, ax4), mul<T>(two, ax))));
  const y = add<T>(vy, mul<T>(sixth, add<T>(add<T>(ay1, ay4), mul<T>(two, ay))));
  return finish2<M, T, V, Jumps>(k, v, i, x, y);
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

    exponentials<M, T, V>(k, column(STAGES, 0));

    i = 0;
    do {
      const m = changetype<M>(block<T, V>(k, i));
      const v = get<T>(column(STAGES, 0) + i);
      const I = s == 0 ? current0<T, V>(i, v) : stages == 4 && s < 3 ? current1<T, V>(i, v) : current2<T, V>(i, v);
      const p = exponential<M, T>(i, v);
      const q = exponential2<M, T>(i, v);
      if (isDefined(m.dh)) {
        const a = get<T>(column(STAGES, 1) + i);
        const b = get<T>(column(STAGES, 2) + i);
        const c = get<T>(column(STAGES, 3) + i);
        slope<T>(0, i, s, share, m.dv(v, a, b, c, I));
        slope<T>(1, i, s, share, m.dm(v, a, p, q));
        slope<T>(2, i, s, share, m.dh(v, b, p, q));
        slope<T>(3, i, s, share, m.dn(v, c, p, q));
      } else if (isDefined(m.dw)) {
        const w = get<T>(column(STAGES, 1) + i);
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
  put<T>(column(STAGES, j) + i, s == 0 ? x : add<T>(x, scale<T>(reach, get<T>(column(SLOPE, j) + i))));
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
