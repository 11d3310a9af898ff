/** Where compiled kernels find what the core has. */
import { PACK, SCRATCH } from "../core/abi.js";
import type { Core } from "../core/core.js";
import type { Layout } from "../lang/emit.js";

/** Addresses that kernels know, the same in every instance of a core. */
export function layoutOf({ exports }: Core): Layout {
  const at = (number: number): number => exports.scratchColumn(number) >>> 0;
  const { I0, I1, I2, G0, G1, G2 } = SCRATCH;
  return {
    pack: PACK,
    columns: { I0: at(I0), I1: at(I1), I2: at(I2), G0: at(G0), G1: at(G1), G2: at(G2) },
    scratch: at(SCRATCH.OWN),
    pairs: at(SCRATCH.PAIRS),
    events: at(SCRATCH.EVENTS),
  };
}
