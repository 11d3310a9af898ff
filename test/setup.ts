/**
 * Random cases are the same in each run, so that a failure belongs to the change that it came with. Others are tried by
 * `SEED=7 npm test`.
 */
import fc from "fast-check";
import "./equality.js";

fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
