/**
 * Izhikevich's published scheme (2003, net.m): v in two steps of dt/2 with the same input, then u with dt from the new v.
 * Meant for dt = 1 ms. Not a consistent method of any order in the usual sense: it belongs to the published results.
 */
import { add, get, mul, put, splat, width } from "../lanes";
import { block, Pack } from "../pack";
import { at, current0, extent, found2, handle, note, settle } from "./step";

// @ts-ignore: decorator
@inline export function halfStep<M, S, T, V>(k: Pack): void {
  const end = extent(k);
  const v = at(k, k.x0);
  const u = at(k, k.x1);
  let seen: u32 = 0;
  let i: usize = 0;
  do {
    const j = i + width<T>();
    const m = changetype<M>(block<T, V>(k, i));
    const n = changetype<M>(block<T, V>(k, j));
    const a = halfSteps<M, T, V>(k, m, v, u, i);
    const b = halfSteps<M, T, V>(k, n, v, u, j);
    seen |= note(i, found2<M, T>(k, m, n, i, a, b));
    i += 2 * width<T>();
  } while (i < end);
  if (seen) handle<S>(k, 2 * width<T>());
}

// @ts-ignore: decorator
@inline function halfSteps<M, T, V>(k: Pack, m: M, v: usize, u: usize, i: usize): T {
  const half = splat<T>(0.5 * k.dt);
  const v0 = get<T>(v + i);
  const u0 = get<T>(u + i);
  const I = current0<T, V>(i, v0);
  let y = add<T>(v0, mul<T>(half, m.publishedV(v0, u0, I)));
  y = add<T>(y, mul<T>(half, m.publishedV(y, u0, I)));
  y = settle<M, T>(k, m, i, v0, y);
  put<T>(u + i, add<T>(u0, mul<T>(splat<T>(k.dt), m.publishedU(y, u0))));
  put<T>(v + i, y);
  return y;
}
