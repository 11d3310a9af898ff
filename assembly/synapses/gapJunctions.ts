/**
 * Gap junctions: ohmic currents g (v_source - v_target) between membranes, from the potentials at the start of the
 * step. The currents of all junctions are summed before any neuron is integrated, so that no one sees a neighbour's new
 * value.
 */

@unmanaged
export class GapJunctions {
  next: GapJunctions;
  /** Synapses by source, as in a projection. */
  rows: usize;
  targets: usize;
  sources: u32;
  /** Conductance of all junctions, or the column of each (f64). */
  conductance: f64;
  conductances: usize;
  /** What a difference of potentials is multiplied by to go with the conductances: the stored unit of v in mV. */
  unit: f64;
  /** Columns of v of both populations, and the column of the target's gap current with its length in bytes. */
  sourceV: usize;
  targetV: usize;
  current: usize;
  bytes: usize;
  /** Profile: ms in timed steps. */
  time: f64;
}

export function gapCurrents(gap: GapJunctions): void {
  const unit = gap.unit;
  let junction = load<u32>(gap.rows);
  for (let source: usize = 0; source < <usize>gap.sources; source++) {
    const end = load<u32>(gap.rows + (source << 2), 4);
    const v = load<f64>(gap.sourceV + (source << 3));
    for (; junction < end; junction++) {
      const target = (<usize>load<u32>(gap.targets + ((<usize>junction) << 2))) << 3;
      const g = gap.conductances ? load<f64>(gap.conductances + ((<usize>junction) << 3)) : gap.conductance;
      const I = gap.current + target;
      store<f64>(I, load<f64>(I) + g * ((v - load<f64>(gap.targetV + target)) * unit));
    }
  }
}
