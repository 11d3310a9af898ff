/** Folders and packages that are needed for a moment only. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Calls `use` with a new folder inside of `parent`, which is removed afterwards. */
export async function inTemporaryFolder<T>(use: (folder: string) => T | Promise<T>, parent = tmpdir()): Promise<T> {
  const folder = mkdtempSync(join(parent, "spikelet-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installs packages of npm into a folder, without running their scripts. */
export function install(folder: string, ...packages: string[]): void {
  console.log(`Installing ${packages.join(" ")} ...`);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  execFileSync("npm", ["install", ...options, ...packages], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
}
