/**
 * Exponential Euler (Rush & Larsen 1978): each state relaxes to the value it would reach with everything else frozen,
 * x(t + dt) = x_inf + (x - x_inf) exp(-b dt), where dx/dt = b (x_inf - x). Order 1, bounded at any dt.
 * Three passes over the block: targets x_inf and exponents -b dt; their exponentials; the update.
 */
import { bits, get, lt, or, splat, width } from "../lanes";
import { expDecays } from "../math";
import { Pack, STAGES } from "../abi";
import { block, column } from "../pack";
import { RateTable, stepGates } from "./rateTable";
import { conductance, gateRelaxation, relax2, relaxation, relaxed, SLOW, slowDecays } from "./relaxation";
import { at, current0, exponential, exponential2, exponentials, extent, finish2, handle, Jumps } from "./step";

// @ts-ignore: decorator
@inline export function exponentialEuler<M, S, T, V>(k: Pack): void {
  const v = at(k, k.x0);
  const w = at(k, k.x1);
  const x = at(k, k.x2);
  const y = at(k, k.x3);
  const end = extent(k);
  const dt = k.dt;
  // Gates come from a table, or from exponentials here; only models with gates have one.
  const tabled = k.rates != 0;
  if (!isDefined(changetype<M>(k).dh) || !tabled) exponentials<M, T, V>(k, v);
  const slow = splat<T>(SLOW);
  let slowest = lt<T>(slow, slow);
  let i: usize = 0;
  do {
    const m = changetype<M>(block<T, V>(k, i));
    const v0 = get<T>(v + i);
    const I = current0<T, V>(i, v0);
    const p = exponential<M, T>(i, v0);
    const q = exponential2<M, T>(i, v0);
    if (isDefined(m.dh)) {
      const m0 = get<T>(w + i), h0 = get<T>(x + i), n0 = get<T>(y + i);
      relaxation<T>(0, i, dt, v0, m.dv(v0, m0, h0, n0, I), m.bv(m0, h0, n0, conductance<T, V>(i, v0)));
      if (!tabled) {
        gateRelaxation<T>(1, i, dt, m.alphaM(v0, p, q), m.betaM(v0, p, q));
        gateRelaxation<T>(2, i, dt, m.alphaH(v0, p, q), m.betaH(v0, p, q));
        gateRelaxation<T>(3, i, dt, m.alphaN(v0, p, q), m.betaN(v0, p, q));
      }
    } else if (isDefined(m.dw)) {
      const w0 = get<T>(w + i);
      relaxation<T>(0, i, dt, v0, m.dv(v0, w0, I, p, q), m.bv(v0, w0, conductance<T, V>(i, v0), p, q));
      relaxation<T>(1, i, dt, w0, m.dw(v0, w0, p, q), m.bw(v0, w0, p, q));
    } else {
      relaxation<T>(0, i, dt, v0, m.dv(v0, v0, I, p, q), m.bv(v0, v0, conductance<T, V>(i, v0), p, q));
    }
    slowest = or<T>(slowest, lt<T>(slow, get<T>(column(STAGES, 0) + i)));
    i += width<T>();
  } while (i < end);

  if (bits<T>(slowest)) slowDecays(k, v);
  expDecays(column(STAGES, 0), k.count);
  if (isDefined(changetype<M>(k).dw)) expDecays(column(STAGES, 1), k.count);
  if (isDefined(changetype<M>(k).dh)) {
    if (tabled) {
      stepGates<T>(k, changetype<RateTable>(k.rates), v);
    } else {
      expDecays(column(STAGES, 1), k.count);
      expDecays(column(STAGES, 2), k.count);
      expDecays(column(STAGES, 3), k.count);
    }
  }

  let seen: u32 = 0;
  i = 0;
  do {
    const j = i + width<T>();
    const a = relaxed<T>(0, i, get<T>(v + i)), b = relaxed<T>(0, j, get<T>(v + j));
    if (isDefined(changetype<M>(k).dh)) {
      if (!tabled) {
        relax2<T>(1, w, i);
        relax2<T>(2, x, i);
        relax2<T>(3, y, i);
      }
    } else if (isDefined(changetype<M>(k).dw)) {
      relax2<T>(1, w, i);
    }
    seen |= finish2<M, T, V, Jumps>(k, v, i, a, b);
    i += 2 * width<T>();
  } while (i < end);
  if (seen) handle<S>(k);
}
