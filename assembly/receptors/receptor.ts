/**
 * Receptors: what a synapse's spike does to its target. The state is one number per neuron and receptor, because the
 * kernels are linear: all synapses onto a receptor add up. Arriving spikes wait in a ring of columns, one per step of
 * delay; the column of a step is consumed in that step and zeroed.
 */
import { add, get, mul, put, splat, sub, width } from "../lanes";
import { G0, G1, G2, I0, I1, I2, JUMPS } from "../pack";

/** Kernels; the host uses the same numbers (src/core/abi.ts). */
export const DELTA: i32 = 0;
export const EXPONENTIAL: i32 = 1;

@unmanaged
export class Receptor {
  kernel: i32;
  /** The state is a conductance with the reversal potential E, else a current. */
  conductance: bool;
  next: Receptor;
  /** Column of the state (none for delta). */
  state: usize;
  /** Factor of the state per step: exp(-dt/tau). */
  decay: f64;
  E: f64;
  /** What the state at the start of the step contributes at the start, middle and end: 1, exp(-dt/(2 tau)), exp(-dt/tau);
   * for the exact method what acts on v and on w. A column in its place where it differs between neurons. */
  f0: f64;
  f1: f64;
  f2: f64;
  f0Column: usize;
  f1Column: usize;
  /** Ring of `slots` columns, `slotBytes` apart; the current step's column is number `slot`. */
  ring: usize;
  slots: i32;
  slot: i32;
  slotBytes: usize;
}

/** Adds the receptor's current to the block's stage columns, lets its state decay and takes in what arrives in this step. */
export function receive<T>(r: Receptor, v: usize, offset: usize, bytes: usize, stages: i32, folds: bool): void {
  const arriving = r.ring ? r.ring + <usize>r.slot * r.slotBytes + offset : 0;
  if (r.kernel == DELTA) {
    if (arriving) takeJumps<T>(arriving, bytes);
    return;
  }
  const g = r.state + offset;
  if (!r.conductance) {
    contribute<T>(I0, g, bytes, r.f0, r.f0Column ? r.f0Column + offset : 0);
    if (stages & 2) contribute<T>(I1, g, bytes, r.f1, r.f1Column ? r.f1Column + offset : 0);
    if (stages & 4) contribute<T>(I2, g, bytes, r.f2, 0);
  } else if (folds) {
    fold<T>(g, v + offset, bytes, r.E);
  } else {
    conduct<T>(I0, G0, g, bytes, r.f0, r.E);
    if (stages & 2) conduct<T>(I1, G1, g, bytes, r.f1, r.E);
    if (stages & 4) conduct<T>(I2, G2, g, bytes, r.f2, r.E);
  }
  decay<T>(g, arriving, bytes, r.decay);
}

/** I += f x */
function contribute<T>(I: usize, x: usize, bytes: usize, f: f64, column: usize): void {
  const common = splat<T>(f);
  let i: usize = 0;
  do {
    const factor = column ? get<T>(column + i) : common;
    put<T>(I + i, add<T>(get<T>(I + i), mul<T>(factor, get<T>(x + i))));
    i += width<T>();
  } while (i < bytes);
}

/** I += g (E - v): all that a method needs which looks at the start of the step only. */
function fold<T>(g: usize, v: usize, bytes: usize, E: f64): void {
  const reversal = splat<T>(E);
  let i: usize = 0;
  do {
    const a = mul<T>(get<T>(g + i), sub<T>(reversal, get<T>(v + i)));
    const b = mul<T>(get<T>(g + i + width<T>()), sub<T>(reversal, get<T>(v + i + width<T>())));
    put<T>(I0 + i, add<T>(get<T>(I0 + i), a));
    put<T>(I0 + i + width<T>(), add<T>(get<T>(I0 + i + width<T>()), b));
    i += 2 * width<T>();
  } while (i < bytes);
}

/** I += f g E and G += f g: the current is I - G v. */
function conduct<T>(I: usize, G: usize, g: usize, bytes: usize, f: f64, E: f64): void {
  const factor = splat<T>(f);
  const reversal = splat<T>(E);
  let i: usize = 0;
  do {
    const now = mul<T>(factor, get<T>(g + i));
    put<T>(G + i, add<T>(get<T>(G + i), now));
    put<T>(I + i, add<T>(get<T>(I + i), mul<T>(now, reversal)));
    i += width<T>();
  } while (i < bytes);
}

/** g <- g decay + arriving; the ring's column becomes zero again. */
function decay<T>(g: usize, arriving: usize, bytes: usize, factor: f64): void {
  const d = splat<T>(factor);
  const zero = splat<T>(0);
  let i: usize = 0;
  if (arriving) {
    do {
      const a = add<T>(mul<T>(get<T>(g + i), d), get<T>(arriving + i));
      const b = add<T>(mul<T>(get<T>(g + i + width<T>()), d), get<T>(arriving + i + width<T>()));
      put<T>(g + i, a);
      put<T>(g + i + width<T>(), b);
      put<T>(arriving + i, zero);
      put<T>(arriving + i + width<T>(), zero);
      i += 2 * width<T>();
    } while (i < bytes);
  } else {
    do {
      put<T>(g + i, mul<T>(get<T>(g + i), d));
      i += width<T>();
    } while (i < bytes);
  }
}

/** Jumps of v: JUMPS += arriving, which becomes zero again. */
function takeJumps<T>(arriving: usize, bytes: usize): void {
  const zero = splat<T>(0);
  let i: usize = 0;
  do {
    put<T>(JUMPS + i, add<T>(get<T>(JUMPS + i), get<T>(arriving + i)));
    put<T>(arriving + i, zero);
    i += width<T>();
  } while (i < bytes);
}

/** Moves the ring on by one step. */
// @ts-ignore: decorator
@inline export function turn(r: Receptor): void {
  const slot = r.slot + 1;
  r.slot = slot < r.slots ? slot : 0;
}
