import { add, get, mul, put, splat, width } from "../lanes";
import { block, Pack } from "../pack";
import { at, current0, exponential, exponential2, exponentials, extent, found2, handle, note, settle } from "./step";

/** Forward Euler: x(t + dt) = x(t) + dt f(x(t)); order 1. */
// @ts-ignore: decorator
@inline export function euler<M, S, T, V>(k: Pack): void {
  exponentials<M, T, V>(k, at(k, k.x0));
  const v = at(k, k.x0);
  const w = at(k, k.x1);
  const x = at(k, k.x2);
  const y = at(k, k.x3);
  const end = extent(k);
  let seen: u32 = 0;
  let i: usize = 0;
  do {
    let events = eulerPair<M, T, V>(k, v, w, x, y, i);
    events |= eulerPair<M, T, V>(k, v, w, x, y, i + 2 * width<T>()) << (isVector<T>() ? 4 : 2);
    seen |= note(i, events);
    i += 4 * width<T>();
  } while (i < end);
  if (seen) handle<S>(k, 4 * width<T>());
}

/** Two vectors, their statements interleaved so that the processor can overlap them; stores last, so that shared
 * parameters are loaded once. Returns the event bits of its neurons. */
// @ts-ignore: decorator
@inline function eulerPair<M, T, V>(k: Pack, v: usize, w: usize, x: usize, y: usize, i: usize): u32 {
  const j = i + width<T>();
  const m = changetype<M>(block<T, V>(k, i));
  const n = changetype<M>(block<T, V>(k, j));
  const dt = splat<T>(k.dt);
  const v1 = get<T>(v + i), v2 = get<T>(v + j);
  const I1 = current0<T, V>(i, v1), I2 = current0<T, V>(j, v2);
  const p1 = exponential<M, T>(i, v1), p2 = exponential<M, T>(j, v2);
  const q1 = exponential2<M, T>(i, v1), q2 = exponential2<M, T>(j, v2);
  let a: T, b: T;
  if (isDefined(m.dh)) {
    // Hodgkin-Huxley type: gates m, h, n.
    const m1 = get<T>(w + i), m2 = get<T>(w + j);
    const h1 = get<T>(x + i), h2 = get<T>(x + j);
    const n1 = get<T>(y + i), n2 = get<T>(y + j);
    a = add<T>(v1, mul<T>(dt, m.dv(v1, m1, h1, n1, I1)));
    b = add<T>(v2, mul<T>(dt, n.dv(v2, m2, h2, n2, I2)));
    put<T>(w + i, add<T>(m1, mul<T>(dt, m.dm(v1, m1, p1, q1))));
    put<T>(w + j, add<T>(m2, mul<T>(dt, n.dm(v2, m2, p2, q2))));
    put<T>(x + i, add<T>(h1, mul<T>(dt, m.dh(v1, h1, p1, q1))));
    put<T>(x + j, add<T>(h2, mul<T>(dt, n.dh(v2, h2, p2, q2))));
    put<T>(y + i, add<T>(n1, mul<T>(dt, m.dn(v1, n1, p1, q1))));
    put<T>(y + j, add<T>(n2, mul<T>(dt, n.dn(v2, n2, p2, q2))));
  } else if (isDefined(m.dw)) {
    const w1 = get<T>(w + i), w2 = get<T>(w + j);
    a = add<T>(v1, mul<T>(dt, m.dv(v1, w1, I1, p1, q1)));
    b = add<T>(v2, mul<T>(dt, n.dv(v2, w2, I2, p2, q2)));
    const wa = add<T>(w1, mul<T>(dt, m.dw(v1, w1, p1, q1)));
    const wb = add<T>(w2, mul<T>(dt, n.dw(v2, w2, p2, q2)));
    put<T>(w + i, wa);
    put<T>(w + j, wb);
  } else {
    a = add<T>(v1, mul<T>(dt, m.dv(v1, v1, I1, p1, q1)));
    b = add<T>(v2, mul<T>(dt, n.dv(v2, v2, I2, p2, q2)));
  }
  a = settle<M, T>(k, m, i, v1, a);
  b = settle<M, T>(k, n, j, v2, b);
  put<T>(v + i, a);
  put<T>(v + j, b);
  return found2<M, T>(k, m, n, i, a, b);
}
