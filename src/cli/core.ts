/** The core, read as early as possible. */
import { readFile } from "node:fs/promises";

/** The core that lies beside the program; undefined where that fails: the built-in copy is used then. */
export async function startCore(): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(new URL("../core.wasm", import.meta.url)));
  } catch {
    return undefined;
  }
}
