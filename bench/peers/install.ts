/**
 * Installs the simulators of requirements.txt from PyPI into build/peers, where the benchmarks look first:
 * `npx tsx bench/peers/install.ts`. Their newest releases need a newer Python than some systems have as `python3`; the
 * variable PYTHON may name one.
 *
 * Exit status: 0 installed; 1 pip failed; 2 no Python that is new enough.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run } from "./process.js";
import { INSTALLED } from "./python.js";

/** The oldest Python that has wheels of all, and the names it may have. */
const OLDEST = [3, 13] as const;
const NAMES = [...(process.env.PYTHON ? [process.env.PYTHON] : []), "python3", "python3.14", "python3.13"];

const TEST = `import sys, venv; sys.exit(sys.version_info < (${OLDEST.join(", ")}))`;

const python = NAMES.find((name) => spawnSync(name, ["-c", TEST], { stdio: "ignore" }).status === 0);
if (python === undefined) {
  process.stderr.write(`No Python ${OLDEST.join(".")} or newer with the module venv among ${NAMES.join(", ")}.\n`);
  process.exit(2);
}
const folder = fileURLToPath(new URL("../../build/peers", import.meta.url));
const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
try {
  rmSync(folder, { recursive: true, force: true });
  await run(python, ["-m", "venv", folder], 120);
  process.stdout.write("Installing the peers ...\n");
  await run(INSTALLED, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements], 1200);
  const { stdout } = await run(INSTALLED, ["-m", "pip", "freeze"], 60);
  process.stdout.write(stdout);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
