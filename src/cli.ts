#!/usr/bin/env node
/** The command line: `spikelet run`, `check` and `models`. See docs/command-line.md. */
import { startCore } from "./cli/core.js";

// A reader that stops early (`| head`) is no fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

// The core is compiled on other threads while this one loads the rest of the program.
const core = process.argv[2] === "run" ? startCore() : undefined;
const { main } = await import("./cli/main.js");
process.exitCode = await main(process.argv.slice(2), core);
