#!/usr/bin/env node
/** The command line: `spikelet run`, `check`, `plot` and `models`. See docs/command-line.md. */
import { readFile } from "node:fs/promises";

// A reader that stops early (`| head`) is no fault, and a terminal that was closed none either.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });
}

// The core lies beside this file once it is built; the copy inside the package, which takes longer to load, does otherwise.
const beside = new URL("./core.wasm", import.meta.url);
const core = process.argv[2] === "run" ? readFile(beside).then((bytes) => new Uint8Array(bytes), () => undefined) : undefined;
const { main } = await import("./cli/main.js");
process.exitCode = await main(process.argv.slice(2), core);
