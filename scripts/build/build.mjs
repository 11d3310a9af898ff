/**
 * Builds everything from the sources: generated files, the core (asc, where its sources changed), its inlined form, and
 * dist: typings by tsc, code by esbuild in few files, because loading a hundred modules takes longer than running them.
 *
 *   node scripts/build/build.mjs [--code]     --code: the core that is there, inlined, and the code only
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { build } from "esbuild";
import { compileCore } from "./compile-core.mjs";
import { writeSingles } from "./single.mjs";
import { stamp } from "./stamp.mjs";

/** Runs a tool of the project's own node_modules. */
function tool(name, ...args) {
  const script = { tsc: "typescript/bin/tsc", tsx: "tsx/dist/cli.mjs" }[name];
  execFileSync(process.execPath, [`node_modules/${script}`, ...args], { stdio: "inherit" });
}

const whole = !process.argv.includes("--code");
mkdirSync("build", { recursive: true });
if (whole) {
  tool("tsx", "scripts/generate/index.ts");
  await compileCore("release");
}
const sources = stamp.of("dist");
tool("tsx", "scripts/build/inline.mjs");
if (whole) {
  rmSync("dist", { recursive: true, force: true });
  tool("tsc", "-p", "tsconfig.json", "--emitDeclarationOnly");
  for (const name of readdirSync("dist", { recursive: true }).filter((name) => name.endsWith(".d.ts"))) {
    const text = readFileSync(`dist/${name}`, "utf8");
    // Inferred types have the default written out, which TypeScript before 5.7 does not know.
    const plain = text.replaceAll("Array<ArrayBufferLike>", "Array");
    if (plain !== text) writeFileSync(`dist/${name}`, plain);
  }
}
const { dependencies, engines, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
// Those of another build have other names.
for (const name of existsSync("dist") ? readdirSync("dist") : [])
  if (/-[A-Z0-9]{8}\.js$/.test(name)) rmSync(`dist/${name}`);
const { outputFiles } = await build({
  // the page's side of workers stands in a file of its own: a page that imports it alone does not load the library
  entryPoints: [
    "src/index.ts",
    "src/exchange/index.ts",
    "src/library/index.ts",
    "src/dynamics/index.ts",
    "src/worker.ts",
    "src/worker/remote.ts",
    "src/elements/index.ts",
    "src/cli.ts",
  ],
  outdir: "dist",
  bundle: true,
  // What is loaded lazily, or by one entry only, stays in files of its own.
  splitting: true,
  format: "esm",
  platform: "neutral",
  target: [`node${engines.node.replace(/\D/g, "")}`, "es2022"],
  external: [...Object.keys({ ...dependencies, ...peerDependencies }).flatMap((name) => [name, `${name}/*`]), "node:*"],
  logLevel: "warning",
  write: false,
});
for (const { path, text } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  // Files that are loaded for nothing: no module of the package does anything when it is loaded, and bundlers warn of
  // it.
  writeFileSync(path, text.replace(/^import "[./]+\/chunk-\w+\.js";\n/gm, ""));
}
await writeSingles();
chmodSync("dist/cli.js", 0o755);
copyFileSync("build/core.wasm", "dist/core.wasm");
copyFileSync("build/shard.js", "dist/shard.js");
if (whole) stamp.write("dist", sources);
