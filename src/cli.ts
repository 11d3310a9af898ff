#!/usr/bin/env node
/** The command line: `spikelet run`, `check` and `models`. See docs/command-line.md. */
import { main } from "./cli/main.js";

process.exitCode = await main(process.argv.slice(2));
