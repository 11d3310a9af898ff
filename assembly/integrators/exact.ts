/**
 * Exact propagation of a linear model over a step with constant input (Rotter & Diesmann 1999). I0 holds the input as the
 * equation of v sees it, I1 as the equation of w does: the host folds each receptor's decay within the step into them.
 */
import { get, put, select, width } from "../lanes";
import { block, I0, I1, Pack } from "../pack";
import { at, extent, found2, handle, note, refractory, settle } from "./step";

// @ts-ignore: decorator
@inline export function exact<M, S, T, V>(k: Pack): void {
  const end = extent(k);
  const v = at(k, k.x0);
  const w = at(k, k.x1);
  let seen: u32 = 0;
  let i: usize = 0;
  do {
    let events = exactPair<M, T, V>(k, v, w, i);
    events |= exactPair<M, T, V>(k, v, w, i + 2 * width<T>()) << (isVector<T>() ? 4 : 2);
    seen |= note(i, events);
    i += 4 * width<T>();
  } while (i < end);
  if (seen) handle<S>(k, 4 * width<T>());
}

// @ts-ignore: decorator
@inline function exactPair<M, T, V>(k: Pack, v: usize, w: usize, i: usize): u32 {
  const j = i + width<T>();
  const m = changetype<M>(block<T, V>(k, i));
  const n = changetype<M>(block<T, V>(k, j));
  const v1 = get<T>(v + i), v2 = get<T>(v + j);
  const current1 = get<T>(I0 + i), current2 = get<T>(I0 + j);
  let a: T, b: T;
  if (isDefined(m.exactW)) {
    const w1 = get<T>(w + i), w2 = get<T>(w + j);
    a = m.exactV(v1, w1, current1);
    b = n.exactV(v2, w2, current2);
    const wa = select<T>(m.heldW(v1, w1), m.exactW(v1, w1, get<T>(I1 + i)), refractory<T>(k, i));
    const wb = select<T>(n.heldW(v2, w2), n.exactW(v2, w2, get<T>(I1 + j)), refractory<T>(k, j));
    put<T>(w + i, wa);
    put<T>(w + j, wb);
  } else {
    a = m.exactV(v1, v1, current1);
    b = n.exactV(v2, v2, current2);
  }
  a = settle<M, T>(k, m, i, v1, a);
  b = settle<M, T>(k, n, j, v2, b);
  put<T>(v + i, a);
  put<T>(v + j, b);
  return found2<M, T>(k, m, n, i, a, b);
}
