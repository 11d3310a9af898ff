/**
 * Installs and builds what is missing or out of date, and nothing else. `--tests` also builds the scalar core that the
 * tests compare with, `--site` the playground and the documentation. Needs nothing but Node and npm.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { stamp } from "./stamp.mjs";

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Spikelet needs Node 20 or newer; this is Node ${process.versions.node}.`);
  process.exit(2);
}

/** Whether node_modules holds what package-lock.json says: npm keeps a copy of the lock it installed. */
function installed() {
  const kept = "node_modules/.package-lock.json";
  if (!existsSync(kept)) return false;
  const wanted = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
  const present = JSON.parse(readFileSync(kept, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || optional === true || present[path]?.version === version,
  );
}

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
}

if (!installed()) {
  console.log("Installing dependencies ...");
  run("npm", "ci", "--no-audit", "--no-fund");
}
if (!stamp.fresh("dist", "dist/cli.js")) {
  console.log("Building ...");
  execFileSync(process.execPath, ["scripts/build/build.mjs"], { stdio: "inherit" });
}
if (process.argv.includes("--tests") && !stamp.fresh("scalar", "build/core.scalar.wasm")) {
  console.log("Building the scalar core for the tests ...");
  // Not before the packages are installed.
  const { compileCore } = await import("./compile-core.mjs");
  await compileCore("scalar");
}
if (process.argv.includes("--site") && !stamp.fresh("site", "apps/playground/dist/docs/index.html")) {
  console.log("Building the playground and the documentation, a minute ...");
  const words = ["node_modules/tsx/dist/cli.mjs", "scripts/pages/site/index.ts"];
  execFileSync(process.execPath, words, { stdio: "inherit" });
}
