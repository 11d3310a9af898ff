/**
 * Runs exported networks in the tools that they are exported for, and compares: `npm run test:exchange -- [NAME ...]`.
 * The tools are installed from PyPI, in the versions that the checks name, into build/exchange, one environment for
 * each set of requirements. What this machine cannot install or run is said at the end.
 *
 * Exit status: 0 all that could be compared agrees; 1 something does not; 2 the call is wrong; 3 nothing could be
 * compared.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Bench, type Check, NotHere } from "../exchange/check.js";

const ROOT = fileURLToPath(new URL("../../build/exchange", import.meta.url));
const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const CHECKS = fileURLToPath(new URL("../exchange/", import.meta.url));
const LONGEST_OUTPUT = 2 ** 28;
/** Without a network this fails within half a minute. */
const PIP = ["--quiet", "--disable-pip-version-check", "--timeout", "10", "--retries", "2"];

function run(command: string, args: readonly string[], options: Parameters<Bench["run"]>[2] = {}): string {
  const { seconds = 600, cwd, env } = options;
  const done = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: LONGEST_OUTPUT,
    timeout: 1000 * seconds,
  });
  if (done.status === 0) return done.stdout;
  const why = done.error?.message ?? (done.status === null ? `ended by ${done.signal}` : `status ${done.status}`);
  const last = `${done.stdout ?? ""}\n${done.stderr ?? ""}`.trim().split("\n").slice(-12).join("\n");
  throw new Error(`${command} ${args.join(" ")}: ${why}\n${last}`);
}

function isThere(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** The Python of an environment that has the requirements, which is made where it is missing. */
function environment({ requirements, pythons, installSeconds = 1200 }: Check): string {
  const name = createHash("sha256").update(JSON.stringify([requirements, pythons])).digest("hex").slice(0, 12);
  const folder = join(ROOT, "environments", name);
  const python = join(folder, "bin", "python3");
  const mark = join(folder, "installed");
  if (existsSync(mark)) return python;
  const names = [...(process.env.PYTHON ? [process.env.PYTHON] : []), ...pythons.map((v) => `python${v}`), "python3"];
  const fits = pythons.map((v) => `(${v.replace(".", ", ")})`).join(", ");
  const test = `import sys, venv; sys.exit(sys.version_info[:2] not in (${fits},))`;
  const base = names.find((one) => isThere(one, "-c", test));
  if (base === undefined) throw new NotHere(`no Python ${pythons.join(" or ")} with the module venv among ${names.join(", ")}`);
  rmSync(folder, { recursive: true, force: true });
  try {
    run(base, ["-m", "venv", folder], { seconds: 120 });
    if (requirements.length > 0) {
      run(python, ["-m", "pip", "install", ...PIP, ...requirements], { seconds: installSeconds });
    }
  } catch (error) {
    throw new NotHere(`${requirements.join(", ")} cannot be installed: ${(error as Error).message}`);
  }
  writeFileSync(mark, `${requirements.join("\n")}\n`);
  return python;
}

async function make(check: Check): Promise<boolean> {
  for (const program of check.programs ?? []) {
    if (!isThere("which", program)) throw new NotHere(`there is no ${program}`);
  }
  const python = environment(check);
  const folder = join(ROOT, check.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const spikelet = (...args: readonly string[]): string => run(process.execPath, [CLI, ...args], { cwd: folder });
  let good = true;
  for await (const { what, ok, text } of check.run({ folder, python, run, spikelet })) {
    good &&= ok;
    process.stdout.write(`${ok ? "ok  " : "FAIL"} ${check.name}: ${what}: ${text}\n`);
  }
  return good;
}

const files = readdirSync(CHECKS).filter((file) => file.endsWith(".ts") && file !== "check.ts");
const loaded = await Promise.all(
  files.map(
    async (file) =>
      ((await import(pathToFileURL(join(CHECKS, file)).href)) as { readonly checks?: readonly Check[] }).checks ?? [],
  ),
);
const all = loaded.flat();
const asked = process.argv.slice(2);
for (const name of asked) {
  if (all.some((check) => check.name === name)) continue;
  process.stderr.write(`unknown check ${name}. Known: ${all.map((check) => check.name).join(", ")}.\n`);
  process.exit(2);
}
const missed: string[] = [];
let failed = 0;
const chosen = all.filter(({ name, part }) => (asked.length === 0 ? !part : asked.includes(name)));
for (const check of chosen) {
  try {
    if (!(await make(check))) failed++;
  } catch (error) {
    if (error instanceof NotHere) missed.push(`${check.name}: ${error.message}`);
    else {
      failed++;
      process.stdout.write(`FAIL ${check.name}: ${(error as Error).message}\n`);
    }
  }
}
for (const line of missed) process.stdout.write(`not run: ${line}\n`);
process.exit(failed > 0 ? 1 : missed.length === chosen.length ? 3 : 0);
