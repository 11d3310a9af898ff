/** The formats of results: a further one is an object of its own and a line here. See docs/adding-a-format.md. */
import { csv } from "./csv-format.js";
import type { ResultFormat } from "./format.js";
import { npz } from "./npz-format.js";
import { nwb } from "./nwb-format.js";
import { sonata } from "./sonata-format.js";

/** The formats by their names; the first one is the default. */
export const resultFormats = { csv, npz, nwb, sonata } as const satisfies Readonly<Record<string, ResultFormat>>;

/** All formats, the default first. */
export const FORMATS = Object.values<ResultFormat>(resultFormats) as [ResultFormat, ...ResultFormat[]];
