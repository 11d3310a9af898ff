/** Numbers that the host and the core agree on. The core's side is generated from here or named in assembly/. */
import type { Method } from "../model/record.js";

/** Order of the methods in the kernel registry. */
export const METHODS: readonly Method[] = ["euler", "heun", "rk4", "exponentialEuler", "exact", "halfStep"];
