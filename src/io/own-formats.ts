/** The formats of results that need nothing beside the package: those of the public entry. */
import { csv } from "./csv-format.js";
import type { ResultFormat } from "./format.js";
import { npz } from "./npz-format.js";

/** The formats by their names; the first one is the default. Those in HDF5 are `hdf5Formats` of `spikelet/exchange`. */
export const resultFormats = { csv, npz } as const satisfies Readonly<Record<string, ResultFormat>>;
