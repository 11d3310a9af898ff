/** Compiles the core with asc, the compiler of AssemblyScript, where its sources changed. */
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { stamp } from "./stamp.mjs";

/** The optimiser's remark that its last round, of which it always does one too many, won nothing. */
const REMARK = /^Last converge was suboptimal\.\s*$/;

const stderr = {
  write(text) {
    if (!REMARK.test(text)) process.stderr.write(text);
  },
};

/** Name of the section that tells two builds apart (src/core/core.ts). */
const SECTION = "spikelet";

/** Appends a hash of the code as a custom section (WebAssembly specification 5.5.3), which engines pass over. */
function seal(file) {
  const name = Buffer.from(SECTION);
  const content = Buffer.concat([
    Buffer.of(name.length),
    name,
    createHash("sha256").update(readFileSync(file)).digest(),
  ]);
  appendFileSync(file, Buffer.concat([Buffer.of(0, content.length), content]));
}

/**
 * Compiles one core of asconfig.json, unless it is of the present sources.
 *
 * @param target name in asconfig.json: `release`, the core, or `scalar`, which only tests use
 */
export async function compileCore(target) {
  const [name, file] = { release: ["core", "build/core.wasm"], scalar: ["scalar", "build/core.scalar.wasm"] }[target];
  if (stamp.fresh(name, file)) return;
  const sources = stamp.of(name);
  const { error } = await asc.main(["--target", target], { stdout: process.stdout, stderr });
  // The compiler has printed what is wrong.
  if (error) process.exit(1);
  seal(file);
  stamp.write(name, sources);
}
