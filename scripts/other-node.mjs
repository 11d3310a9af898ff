/**
 * Runs the golden networks on another version of Node and compares their hashes with test/golden/golden.json: the
 * results are the same bits on every engine, or this fails.
 *
 *   node scripts/other-node.mjs [VERSION ...]     versions as npm writes them: 24, 22.11.0; 24 by default
 *
 * Each Node (about 100 MB) is installed into a temporary folder and removed again; it is never a dependency.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const versions = process.argv.slice(2);
const windows = process.platform === "win32";
const name = `node-${windows ? "win" : process.platform}-${process.arch}`;

let failed = 0;
for (const version of versions.length > 0 ? versions : ["24"]) {
  const folder = mkdtempSync(join(tmpdir(), "spikelet-node-"));
  try {
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    console.log(`Installing ${name}@${version} ...`);
    const install = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", `${name}@${version}`];
    execFileSync("npm", install, { cwd: folder, stdio: ["ignore", "inherit", "inherit"], shell: windows });
    const node = join(folder, "node_modules", name, "bin", windows ? "node.exe" : "node");
    const { status, error } = spawnSync(node, ["node_modules/tsx/dist/cli.mjs", "test/golden/verify.ts"], {
      stdio: "inherit",
    });
    if (error) console.error(error.message);
    if (status !== 0) failed++;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exit(failed === 0 ? 0 : 1);
