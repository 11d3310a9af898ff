#!/usr/bin/env node
/** The command line: its commands are in `cli/main.ts`. See docs/command-line.md. */
import { readFileSync } from "node:fs";

/** Why standard output could not be written. */
let lost: string | undefined;

// Nothing that cannot be printed may end a run. A reader that stops early (`| head`) is no fault; a terminal that is
// gone has nobody who reads. In older versions of Node `write` itself throws where a file cannot be written.
for (const stream of [process.stdout, process.stderr]) {
  const failed = ({ code, message }: NodeJS.ErrnoException): void => {
    if (stream === process.stdout && code !== "EPIPE" && code !== "EIO")
      lost ??= code === "ENOSPC" ? "no space left" : message;
  };
  const write = stream.write.bind(stream) as (...words: readonly unknown[]) => boolean;
  stream.write = (...words: readonly unknown[]): boolean => {
    try {
      return write(...words);
    } catch (error) {
      failed(error as NodeJS.ErrnoException);
      return false;
    }
  };
  stream.on("error", failed);
}
process.on("exit", () => {
  if (lost === undefined) return;
  process.stderr.write(`error: standard output cannot be written (${lost}).\n`);
  process.exitCode ||= 2;
});

/** Node's modules that older versions lack something of. */
interface NodeModule {
  enableCompileCache?(): unknown;
}
// From Node 22.8 on the next call finds the code of these files compiled (NODE_DISABLE_COMPILE_CACHE=1 turns it off).
(process.getBuiltinModule?.("node:module") as NodeModule | undefined)?.enableCompileCache?.();

// The core lies beside this file once it is built; the copy inside the package, which takes longer to load, does
// otherwise.
function besides(): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(readFileSync(new URL("./core.wasm", import.meta.url)));
  } catch {
    return undefined;
  }
}
const core = process.argv[2] === "run" ? Promise.resolve(besides()) : undefined;
const { main } = await import("./cli/main.js");
process.exitCode = await main(process.argv.slice(2), core);
