/**
 * For models with an exponential spike onset: a linearly implicit (Rosenbrock) step of one stage, order 2, and a spike
 * that is followed in closed form, with the reset at the time of its crossing.
 *
 * (1 - dt/2 J) k = f(x) with the Jacobian J of the two equations needs no exponential beside that of f. Above `takeOff`
 * this one grows too fast for it. There, one neuron at a time, everything else is frozen at its mean over the step:
 * dv/dt = A + (g_L Delta_T/C_m) exp((v - V_T)/Delta_T) has a solution by logarithms, and with it the time of the
 * crossing. The rest of the step starts from the reset.
 */
import { add, and, andnot, bits, ge, get, lanes, lt, mul, put, scale, select, splat, sub, width } from "../lanes";
import { exp, exprel, expm1, log1p } from "../math";
import { runaway } from "../guard";
import { BEFORE, EVENTS, I0, Pack, SUM } from "../abi";
import { block, column } from "../pack";
import { conductance } from "./relaxation";
import {
  ALL, at, current0, exponential, exponentials, extent, Jumps, jumpsArrive, NoJumps, note, single,
} from "./step";
import { logSpike } from "../spikes";

// @ts-ignore: decorator
@inline export function rosenbrock<M, S, T, V>(k: Pack): void {
  exponentials<M, T, V>(k, at(k, k.x0));
  if (jumpsArrive(k)) steps<M, S, T, V, Jumps>(k);
  else steps<M, S, T, V, NoJumps>(k);
}

// @ts-ignore: decorator
@inline function steps<M, S, T, V, J>(k: Pack): void {
  const end = extent(k);
  const v = at(k, k.x0), w = at(k, k.x1), until = at(k, k.until);
  const dt = k.dt, now = k.now, lowest = k.lowest;
  let seen: u32 = 0;
  let i: usize = 0;
  do {
    const m = changetype<M>(block<T, V>(k, i));
    const x = get<T>(v + i);
    const y = isDefined(m.dw) ? get<T>(w + i) : x;
    const p = exponential<M, T>(i, x);
    const last = get<T>(until + i);
    const held = ge<T>(last, splat<T>(now));
    const released = andnot<T>(lt<T>(splat<T>(now - 1), last), held);
    let f = m.dv(x, y, current0<T, V>(i, x), p, p);
    let rise = y;
    if (isDefined(m.dw)) {
      rise = m.dw(x, y, p, p);
      f = sub<T>(f, mul<T>(m.drain, rise));
    }
    const gain = m.implicit(scale<T>(dt, f), p, conductance<T, V>(i, x));
    const reached = add<T>(x, gain);
    const after = select<T>(m.resetV(), sizeof<J>() == 8 ? add<T>(reached, get<T>(k.jumps + i)) : reached, held);
    // Done is who stays below takeOff from the start to the end, is not released in between, and lies within the bounds
    // and below the threshold after the jumps. NaN is none of it.
    let done = and<T>(
      and<T>(lt<T>(x, m.takeOff), lt<T>(reached, m.takeOff)),
      andnot<T>(ge<T>(after, splat<T>(lowest)), released),
    );
    if (sizeof<J>() == 8) done = and<T>(done, lt<T>(after, m.cut));
    if (bits<T>(done) != ALL<T>()) {
      note(i, bits<T>(done), lanes<T>());
      put<T>(BEFORE + i, x);
      if (isDefined(m.dw)) put<T>(column(SUM, 0) + i, y);
      put<T>(column(SUM, 1) + i, conductance<T, V>(i, x));
      seen = 1;
    }
    // (1 + dt/(2 tau_w)) k_w = dw + a/(2 tau_w) dt k_v; v gains nothing while it is held.
    if (isDefined(m.dw)) {
      put<T>(w + i, add<T>(y, mul<T>(m.shareW, add<T>(scale<T>(dt, rise), mul<T>(m.feed, andnot<T>(gain, held))))));
    }
    put<T>(v + i, after);
    i += width<T>();
  } while (i < end);
  if (seen) followAll<S>(k);
}

/** The noted neurons one by one, as `handle` of step.ts does; notes are zero again afterwards. */
function followAll<S>(k: Pack): void {
  for (let i = 0; i < k.count; i++) {
    const events = <u32>load<u8>(EVENTS + i);
    if (!events) continue;
    store<u8>(EVENTS + i, 0);
    for (let left = events; left; left &= left - 1) {
      const n = k.first + i + <i32>ctz(left);
      if (n < k.size) follow<S>(k, n);
    }
  }
}

/** The neuron that `follow` advances. */
@unmanaged
class Followed {
  v: f64;
  w: f64;
  /** Input: the current is I - G v. */
  I: f64;
  G: f64;
}

const one = changetype<Followed>(memory.data(32, 16));

/**
 * Advances one neuron by a step from what the kernel has kept of its start: v in BEFORE, w and the conductance in SUM.
 */
function follow<S>(k: Pack, n: i32): void {
  const m = single<S>(k, n);
  const offset = (<usize>n) << 3;
  const place = (<usize>(n - k.first)) << 3;
  const before = load<f64>(BEFORE + place);
  one.v = before;
  one.w = isDefined(m.dw) ? load<f64>(column(SUM, 0) + place) : 0;
  one.I = load<f64>(I0 + place);
  one.G = load<f64>(column(SUM, 1) + place);
  const dt = k.dt;
  let passed = 0.0;
  const until = load<f64>(k.until + offset);
  if (until > k.now - 1) {
    // Released within this step, as far from its start as the spike was.
    passed = min(1.0, until - (k.now - 1)) * dt;
    standStill<S>(m, passed);
  }
  let fired = false;
  let held = false;
  while (true) {
    const left = dt - passed;
    const crossing = advance<S>(m, left);
    if (crossing < 0) break;
    if (fired) {
      // One spike in a step: the second waits at the threshold for the next one.
      one.v = m.cut;
      break;
    }
    fired = true;
    passed += crossing;
    logSpike(k, n, passed < dt ? passed / dt : 1.0);
    one.v = m.resetV();
    if (isDefined(m.resetW)) one.w = m.resetW(one.w);
    if (m.hold > 0) {
      held = true;
      store<f64>(k.until + offset, k.now - 1 + min(1.0, passed / dt) + m.hold);
      standStill<S>(m, dt - passed);
      break;
    }
  }
  if (!held) {
    one.v += load<f64>(k.jumps + place);
    if (!fired && one.v >= m.cut && one.v <= k.highest) {
      logSpike(k, n, 1.0);
      one.v = m.resetV();
      if (isDefined(m.resetW)) one.w = m.resetW(one.w);
      store<f64>(k.until + offset, k.now + m.hold);
    }
  }
  store<f64>(k.x0 + offset, one.v);
  if (isDefined(m.dw)) store<f64>(k.x1 + offset, one.w);
  if (!(one.v >= k.lowest && one.v <= k.highest)) runaway(k, n, 0, one.v, before);
}

/** v stands still for a time t. */
function standStill<S>(m: S, t: f64): void {
  one.v = m.resetV();
  if (isDefined(m.dw)) relaxW<S>(m, one.v, t);
}

/** w after a time t at a potential v. */
function relaxW<S>(m: S, v: f64, t: f64): void {
  if (isDefined(m.dw)) {
    const target = m.a * (v - m.E_L);
    one.w -= (target - one.w) * expm1(-t / m.tau_w);
  }
}

/** Advances by a time t, or to the crossing of the threshold: the time until then, -1 if there is none. */
function advance<S>(m: S, t: f64): f64 {
  const v = one.v, w = one.w;
  if (v < m.takeOff && small<S>(m, t)) return -1;
  one.v = v;
  one.w = w;
  const slopeW = isDefined(m.dw) ? (m.a * (v - m.E_L) - w) / m.tau_w : 0;
  // At first with everything at its value at the start, then at its mean over the way that this gives.
  let rise = riseAt<S>(m, v, w);
  let crossing = upstroke<S>(m, v, rise, t);
  // An exponential that blows up after a time s is on average Delta_T above where it started.
  const mean = crossing < 0 ? 0.5 * (v + one.v) : min(v + m.Delta_T + 0.5 * rise * crossing, 0.5 * (v + m.cut));
  const span = crossing < 0 ? t : crossing;
  rise = riseAt<S>(m, mean, w + 0.5 * span * slopeW);
  crossing = upstroke<S>(m, v, rise, t);
  relaxW<S>(m, mean, crossing < 0 ? t : crossing);
  return crossing;
}

/** dv/dt without the exponential. */
// @ts-ignore: decorator
@inline function riseAt<S>(m: S, v: f64, w: f64): f64 {
  return (m.g_L * (m.E_L - v) + (one.I - one.G * v - w)) * m.perC;
}

/** The Rosenbrock step of a time t; false if it leads above `takeOff`. */
function small<S>(m: S, t: f64): bool {
  const v = one.v, w = one.w;
  const p = m.Delta_T > 0 ? exp((v - m.V_T) * m.perDelta) : 0;
  const z = t * m.g_L * m.perC * p;
  const half = 0.5 * t;
  let f = riseAt<S>(m, v, w) + m.onset * p * m.perC;
  let D = 1.0 + half * m.perC * (m.g_L + one.G) - z * (0.5 + z * 0.08333333333333333);
  if (isDefined(m.dw)) {
    const slopeW = (m.a * (v - m.E_L) - w) / m.tau_w;
    const share = 1.0 / (1.0 + half / m.tau_w);
    const feed = half * m.a / m.tau_w;
    const drain = half * m.perC * share;
    f -= drain * slopeW;
    D += drain * feed;
    const gain = t * f / D;
    one.v = v + gain;
    one.w = w + share * (t * slopeW + feed * gain);
  } else {
    one.v = v + t * f / D;
  }
  return one.v < m.takeOff;
}

/** How many Delta_T below V_T the exponential is nothing yet. */
// @ts-ignore: decorator
@inline const NOTHING: f64 = -40;

/**
 * v after a time t with dv/dt = A + (g_L Delta_T/C_m) exp((v - V_T)/Delta_T), from v on; the time of its crossing of
 * the threshold, -1 if that is later. U = (C_m/g_L) exp(-(v - V_T)/Delta_T) obeys dU/dt = -1 - (A/Delta_T) U.
 */
function upstroke<S>(m: S, v: f64, A: f64, t: f64): f64 {
  if (v >= m.cut) return 0;
  const width = m.Delta_T;
  const foot = width > 0 ? m.V_T + NOTHING * width : m.cut;
  let passed = 0.0;
  if (v < foot) {
    // A straight line up to there.
    passed = A > 0 ? (foot - v) / A : Infinity;
    if (!(passed < t)) {
      one.v = v + A * t;
      return -1;
    }
    if (!(width > 0)) return passed;
    v = foot;
  }
  const left = t - passed;
  const tau = m.C_m / m.g_L;
  const start = tau * exp(-(v - m.V_T) / width);
  const end = tau * exp(-(m.V_peak - m.V_T) / width);
  const rate = A / width;
  const rest = 1.0 + rate * end;
  const x = rate * (start - end) / rest;
  if (rest > 0 && x > -1) {
    const crossing = (start - end) / rest * (x == 0 ? 1.0 : log1p(x) / x);
    if (crossing <= left) return passed + crossing;
  }
  const used = left * exprel(rate * left) / start;
  one.v = v + A * left - width * log1p(-min(used, 1.0));
  return -1;
}
