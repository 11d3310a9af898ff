/**
 * Tries the built package on other versions of Node: the golden networks must have the hashes of
 * test/golden/golden.json, the same bits on every engine, and the command line must run a network on two threads and
 * write it.
 *
 *   npx tsx scripts/checks/other-node.ts [VERSION ...]    versions as npm writes them: 24, 22.11.0; `oldest` is the
 *   lowest of
 *                                                 package.json's engines; 24 by default
 *
 * Each Node (about 100 MB) is installed into a temporary folder and removed again; it is never a dependency.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { install, inTemporaryFolder } from "./temporary.js";

const windows = process.platform === "win32";
const name = `node-${windows ? "win" : process.platform}-${process.arch}`;

/** `>=20` is 20.0.0. */
function oldest(): string {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8"));
  const [major = "0", minor = "0", patch = "0"] = engines.node.replace(/[^\d.]/g, "").split(".");
  return `${major}.${minor}.${patch}`;
}

let failed = 0;
const versions = process.argv.slice(2).map((version) => (version === "oldest" ? oldest() : version));
for (const version of versions.length > 0 ? versions : ["24"]) {
  await inTemporaryFolder(async (folder) => {
    install(folder, `${name}@${version}`);
    const node = join(folder, "node_modules", name, "bin", windows ? "node.exe" : "node");
    const check = (what: string, ...args: string[]): void => {
      const { status, error } = spawnSync(node, args, { stdio: "inherit" });
      if (error) console.error(error.message);
      if (status === 0) return;
      failed++;
      console.error(`Node ${version}: ${what} ended with status ${status}`);
    };
    // One file made beforehand: the hooks by which tsx loads modules take Node 20.0 anything from seconds to gigabytes.
    const verify = join(folder, "verify.mjs");
    await build({
      entryPoints: ["test/golden/verify.ts"],
      outfile: verify,
      bundle: true,
      platform: "node",
      format: "esm",
    });
    copyFileSync("test/golden/golden.json", join(folder, "golden.json"));
    check("the golden networks", verify);
    const out = join(folder, "results");
    check("a run", "dist/cli.js", "run", "examples/coba.json", "--threads", "2", "--format", "npz", "--out", out);
    check("a plot", "dist/cli.js", "plot", out);
  });
}
process.exit(failed === 0 ? 0 : 1);
