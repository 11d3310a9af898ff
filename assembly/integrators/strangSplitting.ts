/**
 * Strang's splitting (1968) of the Hodgkin-Huxley type: with the gates frozen the equation of v is linear and has an
 * exact solution, with v frozen those of the gates have. Half a step of v, a step of the gates, half a step of v: order
 * 2, bounded at any dt, all states on the grid. Chen, Raman & Stern 2020 compare it with others for these equations.
 */
import { bits, get, lt, or, put, splat, width } from "../lanes";
import { expDecays } from "../math";
import { Pack, STAGES, SUM } from "../abi";
import { block, column } from "../pack";
import { RateTable, stepGates } from "./rateTable";
import { conductance, gateRelaxation, relax2, relaxation, relaxed, SLOW, slowDecays } from "./relaxation";
import { at, current0, exponential, exponential2, exponentials, extent, finish2, handle, Jumps } from "./step";

// @ts-ignore: decorator
@inline export function strangSplitting<M, S, T, V>(k: Pack): void {
  const v = at(k, k.x0);
  const end = extent(k);
  halfTargets<M, T, V>(k, v);
  expDecays(column(STAGES, 0), k.count);
  const middle = column(SUM, 0);
  let i: usize = 0;
  do {
    put<T>(middle + i, relaxed<T>(0, i, get<T>(v + i)));
    i += width<T>();
  } while (i < end);

  if (k.rates != 0) stepGates<T>(k, changetype<RateTable>(k.rates), middle);
  else gates<M, T, V>(k, middle);

  halfTargets<M, T, V>(k, middle);
  expDecays(column(STAGES, 0), k.count);
  let seen: u32 = 0;
  i = 0;
  do {
    const j = i + width<T>();
    const a = relaxed<T>(0, i, get<T>(middle + i)), b = relaxed<T>(0, j, get<T>(middle + j));
    seen |= finish2<M, T, V, Jumps>(k, v, i, a, b);
    i += 2 * width<T>();
  } while (i < end);
  if (seen) handle<S>(k);
}

/** Target and exponent of half a step of v from what stands in column v, with the gates as they are. */
// @ts-ignore: decorator
@inline function halfTargets<M, T, V>(k: Pack, v: usize): void {
  const end = extent(k);
  const half = 0.5 * k.dt;
  const atM = at(k, k.x1), atH = at(k, k.x2), atN = at(k, k.x3);
  const slow = splat<T>(SLOW);
  let slowest = lt<T>(slow, slow);
  let i: usize = 0;
  do {
    const model = changetype<M>(block<T, V>(k, i));
    const x = get<T>(v + i);
    const m = get<T>(atM + i), h = get<T>(atH + i), n = get<T>(atN + i);
    const b = model.bv(m, h, n, conductance<T, V>(i, x));
    relaxation<T>(0, i, half, x, model.dv(x, m, h, n, current0<T, V>(i, x)), b);
    slowest = or<T>(slowest, lt<T>(slow, get<T>(column(STAGES, 0) + i)));
    i += width<T>();
  } while (i < end);
  if (bits<T>(slowest)) slowDecays(k, v);
}

/** The gates over a step at the v in a column, their rates evaluated. */
function gates<M, T, V>(k: Pack, v: usize): void {
  const end = extent(k);
  const dt = k.dt;
  exponentials<M, T, V>(k, v);
  let i: usize = 0;
  do {
    const model = changetype<M>(block<T, V>(k, i));
    const x = get<T>(v + i);
    const p = exponential<M, T>(i, x), q = exponential2<M, T>(i, x);
    gateRelaxation<T>(1, i, dt, model.alphaM(x, p, q), model.betaM(x, p, q));
    gateRelaxation<T>(2, i, dt, model.alphaH(x, p, q), model.betaH(x, p, q));
    gateRelaxation<T>(3, i, dt, model.alphaN(x, p, q), model.betaN(x, p, q));
    i += width<T>();
  } while (i < end);
  for (let j = 1; j < 4; j++) expDecays(column(STAGES, j), k.count);
  const m = at(k, k.x1), h = at(k, k.x2), n = at(k, k.x3);
  for (i = 0; i < end; i += 2 * width<T>()) {
    relax2<T>(1, m, i);
    relax2<T>(2, h, i);
    relax2<T>(3, n, i);
  }
}
