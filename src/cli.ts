#!/usr/bin/env node
/** The command line: `spikelet run`, `check`, `plot` and `models`. See docs/command-line.md. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

// A reader that stops early (`| head`) is no fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

// Node has it from 20.16 on; without it there are no threads (core/crew.ts).
process.getBuiltinModule ??= createRequire(import.meta.url) as typeof process.getBuiltinModule;

// The core lies beside this file once it is built; the copy inside the package, which takes longer to load, does otherwise.
const beside = new URL("./core.wasm", import.meta.url);
const core = process.argv[2] === "run" ? readFile(beside).then((bytes) => new Uint8Array(bytes), () => undefined) : undefined;
const { main } = await import("./cli/main.js");
process.exitCode = await main(process.argv.slice(2), core);
