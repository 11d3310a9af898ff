/** The core, compiled as early as possible. */
import { readFileSync } from "node:fs";

/** Compiles the core that lies beside the program; undefined where that fails: the built-in copy is used then. */
export async function startCore(): Promise<WebAssembly.Module | undefined> {
  try {
    return await WebAssembly.compile(readFileSync(new URL("../core.wasm", import.meta.url)));
  } catch {
    return undefined;
  }
}
