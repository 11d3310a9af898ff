/**
 * Izhikevich's published scheme (2003, net.m): v in two steps of dt/2 with the same input, then u with dt from the new
 * v. Meant for dt = 1 ms. Not a consistent method of any order in the usual sense: it belongs to the published results.
 */
import { add, get, mul, put, splat, width } from "../lanes";
import { Pack } from "../abi";
import { block } from "../pack";
import { at, current0, extent, finish2, handle, Jumps, settled } from "./step";

// @ts-ignore: decorator
@inline export function halfStep<M, S, T, V>(k: Pack): void {
  const end = extent(k);
  const v = at(k, k.x0);
  const u = at(k, k.x1);
  let seen: u32 = 0;
  let i: usize = 0;
  do {
    const j = i + width<T>();
    const a = halfSteps<M, T, V>(k, i), b = halfSteps<M, T, V>(k, j);
    const ua = nextU<M, T, V>(k, i, a), ub = nextU<M, T, V>(k, j, b);
    put<T>(u + i, ua);
    put<T>(u + j, ub);
    seen |= finish2<M, T, V, Jumps>(k, v, i, a, b);
    i += 2 * width<T>();
  } while (i < end);
  if (seen) handle<S>(k);
}

/** v of one vector after both halves. */
// @ts-ignore: decorator
@inline function halfSteps<M, T, V>(k: Pack, i: usize): T {
  const m = changetype<M>(block<T, V>(k, i));
  const half = splat<T>(0.5 * k.dt);
  const v = get<T>(at(k, k.x0) + i);
  const u = get<T>(at(k, k.x1) + i);
  const I = current0<T, V>(i, v);
  const y = add<T>(v, mul<T>(half, m.publishedV(v, u, I)));
  return add<T>(y, mul<T>(half, m.publishedV(y, u, I)));
}

/** u of one vector, from what v will be when the step ends. */
// @ts-ignore: decorator
@inline function nextU<M, T, V>(k: Pack, i: usize, y: T): T {
  const m = changetype<M>(block<T, V>(k, i));
  const u = get<T>(at(k, k.x1) + i);
  return add<T>(u, mul<T>(splat<T>(k.dt), m.publishedU(settled<M, T, V, Jumps>(k, i, y), u)));
}
