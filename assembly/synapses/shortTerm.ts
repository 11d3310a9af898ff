/**
 * Short-term plasticity of Tsodyks & Markram (1997; Tsodyks, Pawelzik & Markram 1998): a spike raises the utilisation
 * u, a fraction u x of the resources x is released and used up; between spikes u falls to 0 and x recovers to 1. All
 * synapses of a source along a projection share the state, because they see the same spikes; it is updated at spikes
 * only.
 */
import { exp } from "../math";

@unmanaged
export class Depression {
  U: f64;
  tauRec: f64;
  /** 0: no facilitation, u = U at every spike. */
  tauFacil: f64;
  /** Columns by source: u, x and the time of the last spike in ms (negative: none yet). */
  u: usize;
  x: usize;
  last: usize;
}

/** What a spike of `source` at time t (ms) releases: the fraction of the weight that acts. */
export function released(d: Depression, source: u32, t: f64): f64 {
  const at = (<usize>source) << 3;
  const last = load<f64>(d.last + at);
  let u = load<f64>(d.u + at);
  let x = load<f64>(d.x + at);
  if (last >= 0) {
    const since = last - t;
    u = d.tauFacil > 0 ? u * exp(since / d.tauFacil) : 0;
    x = 1 - (1 - x) * exp(since / d.tauRec);
  }
  u += d.U * (1 - u);
  const used = u * x;
  store<f64>(d.u + at, u);
  store<f64>(d.x + at, x - used);
  store<f64>(d.last + at, t);
  return used;
}
