/**
 * Exact propagation of a linear model over a step with constant input (Rotter & Diesmann 1999). I0 holds the input as
 * the equation of v sees it, I1 as the equation of w does: the host folds each receptor's decay within the step into
 * them.
 */
import { get, put, select, width } from "../lanes";
import { I0, I1, Pack } from "../abi";
import { block } from "../pack";
import { at, extent, finish4, handle, Jumps, jumpsArrive, NoJumps, refractory } from "./step";

// @ts-ignore: decorator
@inline export function exact<M, S, T, V>(k: Pack): void {
  if (jumpsArrive(k)) steps<M, S, T, V, Jumps>(k);
  else steps<M, S, T, V, NoJumps>(k);
}

// @ts-ignore: decorator
@inline function steps<M, S, T, V, J>(k: Pack): void {
  const end = extent(k);
  const v = at(k, k.x0);
  let seen: u32 = 0;
  let i: usize = 0;
  do {
    const o1 = width<T>(), o2 = o1 + o1, o3 = o2 + o1;
    const a = nextV<M, T, V>(k, i, 0), b = nextV<M, T, V>(k, i, o1);
    const c = nextV<M, T, V>(k, i, o2), d = nextV<M, T, V>(k, i, o3);
    if (isDefined(changetype<M>(k).exactW)) {
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
  } while (i < end);
  if (seen) handle<S>(k);
}

/** v of one vector after the step. */
// @ts-ignore: decorator
@inline function nextV<M, T, V>(k: Pack, i: usize, o: usize): T {
  const m = changetype<M>(block<T, V>(k, i + o));
  const v = get<T>(at(k, k.x0) + i + o);
  const w = isDefined(m.exactW) ? get<T>(at(k, k.x1) + i + o) : v;
  return m.exactV(v, w, get<T>(I0 + i + o));
}

/** w of one vector after the step. */
// @ts-ignore: decorator
@inline function nextW<M, T, V>(k: Pack, i: usize, o: usize): T {
  const m = changetype<M>(block<T, V>(k, i + o));
  const v = get<T>(at(k, k.x0) + i + o);
  const w = get<T>(at(k, k.x1) + i + o);
  return select<T>(m.heldW(v, w), m.exactW(v, w, get<T>(I1 + i + o)), refractory<T>(k, i, o));
}
