/** The formats of results in HDF5, which need the optional library h5wasm: those of `spikelet/exchange`. */
import type { ResultFormat } from "./format.js";
import { nwb } from "./nwb-format.js";
import { sonata } from "./sonata-format.js";

/** The formats by their names. */
export const hdf5Formats = { nwb, sonata } as const satisfies Readonly<Record<string, ResultFormat>>;
