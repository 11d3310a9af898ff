/**
 * `--install`: the simulators of requirements.txt from PyPI, in an environment of their own in build/peers, where the
 * benchmarks look first. Each is installed by itself: one that cannot be does not cost the others.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Failed, run } from "./process.js";
import { ENVIRONMENT, pythonOf } from "./python.js";

/** The oldest Python that has wheels of all, and the names it may have. */
const OLDEST = [3, 13] as const;
const NAMES = ["python3", "python3.14", "python3.13"];
export const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));

export interface Requirement {
  readonly name: string;
  readonly version: string;
  /** What Python imports; undefined where others need it and it is no simulator. */
  readonly module: string | undefined;
}

/** `NAME==VERSION  # import MODULE` a line; what names no module is a constraint of the others. */
export function requirementsOf(text: string): Requirement[] {
  const lines = text.split("\n").filter((line) => /^\w/.test(line));
  return lines.map((line) => {
    const [, name, version, module] = /^([\w-]+)==([\w.]+)(?:\s+# import (\w+))?$/.exec(line) ?? [];
    if (name === undefined || version === undefined) {
      throw new Error(`requirements.txt: "${line}" is not NAME==VERSION.`);
    }
    return { name, version, module };
  });
}

/** The version of a Python with the module venv, or why there is none. */
function versionOf(command: string): { readonly version: readonly number[] } | { readonly why: string } {
  const code = "import sys, venv; print(*sys.version_info[:3])";
  const { status, stdout, stderr, error } = spawnSync(command, ["-c", code], { encoding: "utf8" });
  if (error) return { why: (error as NodeJS.ErrnoException).code === "ENOENT" ? "is not there" : error.message };
  if (status !== 0) return { why: `fails: ${stderr.trim().split("\n").at(-1)}` };
  return { version: stdout.trim().split(" ").map(Number) };
}

/**
 * A Python that is new enough: the one that PYTHON names, or else the first on the search path. An error says what was
 * found instead.
 */
export function newPython(named: string | undefined = process.env.PYTHON, names: readonly string[] = NAMES): string {
  const seen: string[] = [];
  for (const command of named ? [named] : names) {
    const found = versionOf(command);
    if ("why" in found) {
      seen.push(`${command} ${found.why}`);
      continue;
    }
    const [major = 0, minor = 0] = found.version;
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return command;
    seen.push(`${command} is ${found.version.join(".")}`);
  }
  throw new Error(
    `The simulators need Python ${OLDEST.join(".")} or newer with the module venv: ${seen.join(", ")}. ` +
      "The variable PYTHON may name one, such as PYTHON=/usr/local/bin/python3.13.",
  );
}

export interface InstallOptions {
  readonly python: string;
  /** Folder of the environment, which is made anew. */
  readonly folder: string;
  readonly requirements: string;
  say(line: string): void;
}

/** Makes the environment; gives the names of what could not be installed. */
export async function install({ python, folder, requirements, say }: InstallOptions): Promise<string[]> {
  const wanted = requirementsOf(readFileSync(requirements, "utf8"));
  rmSync(folder, { recursive: true, force: true });
  await run(python, ["-m", "venv", folder], 120);
  const own = pythonOf(folder);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", requirements];
  const missing: string[] = [];
  for (const { name, version, module } of wanted) {
    if (module === undefined) continue;
    try {
      await run(own, [...pip, `${name}==${version}`], 600);
      // A wheel may be there and lack a library of the system.
      await run(own, ["-W", "ignore", "-c", `import ${module}`], 120, folder);
      say(`${name} ${version}: installed`);
    } catch (error) {
      missing.push(name);
      const why = error instanceof Failed ? error.last : (error as Error).message;
      say(`${name} ${version}: could not be installed: ${why}`);
    }
  }
  return missing;
}

/** `--install`; gives the exit status: 0 all are there; 1 some could not be installed; 2 no Python is new enough. */
export async function installPeers(): Promise<number> {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  let python: string;
  try {
    python = newPython();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  say(`Installing the peers with ${python} into ${join("build", "peers")} ...`);
  try {
    const missing = await install({ python, folder: ENVIRONMENT, requirements: REQUIREMENTS, say });
    if (missing.length === 0) return 0;
    say(`Without ${missing.join(" and ")}: the benchmarks leave out what is not installed.`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
  }
  return 1;
}
