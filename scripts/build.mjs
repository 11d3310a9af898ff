/** Builds everything from the sources: generated files, the core (asc), its inlined form, and dist (tsc). */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { stamp } from "./stamp.mjs";

/** Runs a tool of the project's own node_modules. */
function tool(name, ...args) {
  const script = { asc: "assemblyscript/bin/asc.js", tsc: "typescript/bin/tsc", tsx: "tsx/dist/cli.mjs" }[name];
  execFileSync(process.execPath, [`node_modules/${script}`, ...args], { stdio: "inherit" });
}

mkdirSync("build", { recursive: true });
tool("tsx", "scripts/generate.ts");
tool("asc", "--target", "release");
tool("tsx", "scripts/inline.mjs");
rmSync("dist", { recursive: true, force: true });
tool("tsc", "-p", "tsconfig.json");
copyFileSync("build/core.wasm", "dist/core.wasm");
stamp.write("dist");
