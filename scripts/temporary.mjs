/** Folders and packages that are needed for a moment only. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Calls `use` with a new folder inside of `parent`, which is removed afterwards. */
export function inTemporaryFolder(use, parent = tmpdir()) {
  const folder = mkdtempSync(join(parent, "spikelet-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installs packages of npm into a folder, without running their scripts. */
export function install(folder, ...packages) {
  console.log(`Installing ${packages.join(" ")} ...`);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const stdio = ["ignore", "ignore", "inherit"];
  execFileSync("npm", ["install", ...options, ...packages], { cwd: folder, stdio, shell: process.platform === "win32" });
}
