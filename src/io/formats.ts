/**
 * All formats of results, for the command line: a further one is an object of its own and a line in one of the two
 * lists. See docs/adding-a-format.md.
 */
import type { ResultFormat } from "./format.js";
import { hdf5Formats } from "./hdf5-formats.js";
import { resultFormats } from "./own-formats.js";

/** All formats, the default first. */
export const FORMATS = Object.values<ResultFormat>({ ...resultFormats, ...hdf5Formats }) as [
  ResultFormat,
  ...ResultFormat[],
];
