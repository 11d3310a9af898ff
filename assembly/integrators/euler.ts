import { add, get, mul, put, splat, width } from "../lanes";
import { Pack } from "../abi";
import { block } from "../pack";
import {
  at,
  current0,
  exponential,
  exponential2,
  exponentials,
  extent,
  finish2,
  finish4,
  handle,
  Jumps,
  jumpsArrive,
  NoJumps,
} from "./step";

/** Forward Euler: x(t + dt) = x(t) + dt f(x(t)); order 1. */
// @ts-ignore: decorator
@inline export function euler<M, S, T, V>(k: Pack): void {
  if (isDefined(changetype<M>(k).exponent)) {
    exponentials<M, T, V>(k, at(k, k.x0));
    steps<M, S, T, V, Jumps>(k);
  } else if (jumpsArrive(k)) {
    steps<M, S, T, V, Jumps>(k);
  } else {
    steps<M, S, T, V, NoJumps>(k);
  }
}

// @ts-ignore: decorator
@inline function steps<M, S, T, V, J>(k: Pack): void {
  const end = extent(k);
  const v = at(k, k.x0);
  let seen: u32 = 0;
  let i: usize = 0;
  do {
    if (isDefined(changetype<M>(k).dh)) {
      seen |= gatedPair<M, T, V>(k, v, i);
      i += 2 * width<T>();
    } else {
      const o1 = width<T>(), o2 = o1 + o1, o3 = o2 + o1;
      const a = nextV<M, T, V>(k, i, 0), b = nextV<M, T, V>(k, i, o1);
      const c = nextV<M, T, V>(k, i, o2), d = nextV<M, T, V>(k, i, o3);
      if (isDefined(changetype<M>(k).dw)) {
        const w = at(k, k.x1) + i;
        const wa = nextW<M, T, V>(k, i, 0), wb = nextW<M, T, V>(k, i, o1);
        const wc = nextW<M, T, V>(k, i, o2), wd = nextW<M, T, V>(k, i, o3);
        put<T>(w, wa);
        put<T>(w + o1, wb);
        put<T>(w + o2, wc);
        put<T>(w + o3, wd);
      }
      seen |= finish4<M, T, V, J>(k, v, i, a, b, c, d);
      i += 4 * width<T>();
    }
  } while (i < end);
  if (seen) handle<S>(k);
}

/** v of one vector after the step. */
// @ts-ignore: decorator
@inline function nextV<M, T, V>(k: Pack, i: usize, o: usize): T {
  const m = changetype<M>(block<T, V>(k, i + o));
  const v = get<T>(at(k, k.x0) + i + o);
  const w = isDefined(m.dw) ? get<T>(at(k, k.x1) + i + o) : v;
  const slope = m.dv(v, w, current0<T, V>(i + o, v), exponential<M, T>(i + o, v), exponential2<M, T>(i + o, v));
  return add<T>(v, mul<T>(splat<T>(k.dt), slope));
}

/** w of one vector after the step. */
// @ts-ignore: decorator
@inline function nextW<M, T, V>(k: Pack, i: usize, o: usize): T {
  const m = changetype<M>(block<T, V>(k, i + o));
  const v = get<T>(at(k, k.x0) + i + o);
  const w = get<T>(at(k, k.x1) + i + o);
  return add<T>(w, mul<T>(splat<T>(k.dt), m.dw(v, w, exponential<M, T>(i + o, v), exponential2<M, T>(i + o, v))));
}

/** Hodgkin-Huxley type: gates m, h, n; two vectors, because four would not fit the registers. */
// @ts-ignore: decorator
@inline function gatedPair<M, T, V>(k: Pack, v: usize, i: usize): u32 {
  const j = i + width<T>();
  const a = gatedV<M, T, V>(k, i), b = gatedV<M, T, V>(k, j);
  gates<M, T, V>(k, i);
  gates<M, T, V>(k, j);
  return finish2<M, T, V, Jumps>(k, v, i, a, b);
}

// @ts-ignore: decorator
@inline function gatedV<M, T, V>(k: Pack, i: usize): T {
  const model = changetype<M>(block<T, V>(k, i));
  const v = get<T>(at(k, k.x0) + i);
  const m = get<T>(at(k, k.x1) + i), h = get<T>(at(k, k.x2) + i), n = get<T>(at(k, k.x3) + i);
  return add<T>(v, mul<T>(splat<T>(k.dt), model.dv(v, m, h, n, current0<T, V>(i, v))));
}

// @ts-ignore: decorator
@inline function gates<M, T, V>(k: Pack, i: usize): void {
  const model = changetype<M>(block<T, V>(k, i));
  const dt = splat<T>(k.dt);
  const v = get<T>(at(k, k.x0) + i);
  const p = exponential<M, T>(i, v), q = exponential2<M, T>(i, v);
  const atM = at(k, k.x1) + i, atH = at(k, k.x2) + i, atN = at(k, k.x3) + i;
  const m = get<T>(atM), h = get<T>(atH), n = get<T>(atN);
  const nextM = add<T>(m, mul<T>(dt, model.dm(v, m, p, q)));
  const nextH = add<T>(h, mul<T>(dt, model.dh(v, h, p, q)));
  const nextN = add<T>(n, mul<T>(dt, model.dn(v, n, p, q)));
  put<T>(atM, nextM);
  put<T>(atH, nextH);
  put<T>(atN, nextN);
}
