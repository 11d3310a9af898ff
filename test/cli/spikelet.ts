/** Calls the command line: in this process, which is fast, or as built in a process of its own, as a user does. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { main } from "../../src/cli/main.js";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CallOptions {
  readonly cwd?: string;
  /** Standard input. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** What a shell does before it becomes the process. */
  readonly shell?: string;
  /** Called with the running process. */
  readonly during?: (child: ChildProcess) => unknown;
}

/** Lines that a run prints where it takes more than a few seconds, as it may on a busy machine. */
const PROGRESS = /^ *\d+ % .* left\n/gm;

/** A process that does not end: what is known of it is the failure of the test, well before its time is over. */
const PATIENCE_MS = 120_000;

/** Waits for something that a process brings about; ends with the process. */
export async function until(child: ChildProcess, condition: () => boolean): Promise<void> {
  while (!condition()) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the process ended with ${child.exitCode ?? child.signalCode}`);
    await setTimeout(5);
  }
}

/** Runs `spikelet WORDS...` in a process of its own and gives the exit status with what was printed. */
export function spikelet(words: readonly string[], options: CallOptions = {}): Promise<Outcome> {
  const { cwd = tmpdir(), input = "", env = {}, node = [], shell, during } = options;
  const call = [process.execPath, ...node, CLI, ...words];
  const [program, ...rest] = shell === undefined ? call : ["/bin/sh", "-c", `${shell}; exec "$@"`, "sh", ...call];
  return new Promise((resolve, reject) => {
    const child = spawn(program as string, rest, { cwd, env: { ...process.env, ...env } });
    let out = "";
    let err = "";
    let exited: unknown = "still running";
    const guard = globalThis.setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`spikelet ${words.join(" ")} (${exited}) has not closed its output; so far:\n${out}\n${err}`));
    }, PATIENCE_MS);
    child.on("exit", (status, signal) => {
      exited = `ended with ${status ?? signal}`;
    });
    child.stdout.on("data", (text: Buffer) => {
      out += text.toString();
    });
    child.stderr.on("data", (text: Buffer) => {
      err += text.toString();
    });
    // The process may end before it has read its input.
    child.stdin.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(guard);
      resolve({ status, out, err: err.replace(PROGRESS, "") });
    });
    child.stdin.end(input);
    Promise.resolve(during?.(child)).catch(reject);
  });
}

/** The call before, which must have ended: there is one standard output. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs `spikelet WORDS...` within this process, one call at a time, and gives the exit status with what was printed.
 */
export function called(words: readonly string[], options: Pick<CallOptions, "cwd" | "env"> = {}): Promise<Outcome> {
  const call = last.then(() => callNow(words, options));
  last = call.catch(() => undefined);
  return call;
}

async function callNow(
  words: readonly string[],
  { cwd, env = {} }: Pick<CallOptions, "cwd" | "env">,
): Promise<Outcome> {
  const home = process.cwd();
  const before = { ...process.env };
  if (cwd !== undefined) process.chdir(cwd);
  Object.assign(process.env, env);
  const texts = { stdout: "", stderr: "" };
  const originals = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = (text: string | Uint8Array) => {
      texts[name] += String(text);
      return true;
    };
  }
  try {
    return { status: await main(words), out: texts.stdout, err: texts.stderr.replace(PROGRESS, "") };
  } finally {
    process.stdout.write = originals.stdout;
    process.stderr.write = originals.stderr;
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    process.chdir(home);
  }
}

/** A folder of its own for a test, with model files in it. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "spikelet-cli-"));

  /** Writes a file and gives its path. A value that is no text is written as JSON. */
  file(name: string, content: unknown): string {
    const path = join(this.folder, name);
    const raw = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(path, raw ? content : JSON.stringify(content));
    return path;
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  read(...names: readonly string[]): Promise<string> {
    return readFile(this.path(...names), "utf8");
  }

  has(...names: readonly string[]): boolean {
    return existsSync(this.path(...names));
  }

  async run(...names: readonly string[]): Promise<RunFile> {
    return JSON.parse(await this.read(...names, "run.json")) as RunFile;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Content of run.json as far as tests look at it. */
export interface RunFile {
  readonly name: string;
  readonly version: string;
  readonly status: string;
  readonly seed: number;
  readonly dt: number;
  readonly duration: number;
  readonly document: Record<string, unknown>;
  readonly populations: Record<string, { size: number; spikes: number; rate: number; cv: number | null }>;
  readonly synapses: number;
  readonly wallMs: { setup: number; simulate: number };
  readonly realTimeFactor: number;
  readonly findings: { level: string; code: string; message: string; parameter: string | null; value: number | null }[];
}

/** A small network of two populations that fires at random. */
export function network(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: "pair",
    dt: 0.1,
    duration: 100,
    seed: 5,
    populations: [
      {
        name: "exc",
        model: "lif",
        size: 40,
        receptors: { syn: { kernel: "exponential", tau: 5 } },
        background: [
          { kind: "constant", amplitude: 330 },
          { kind: "whiteNoise", sigma: 300 },
        ],
      },
      {
        name: "inh",
        model: "izhikevich",
        size: 10,
        preset: "FS",
        background: [{ kind: "whiteNoise", sigma: 10, mean: 8 }],
      },
    ],
    projections: [
      { source: "exc", target: "exc", rule: "fixedProbability", p: 0.1, weight: 20, delay: 1 },
      { source: "inh", target: "exc", rule: "fixedIndegree", k: 2, weight: -50 },
    ],
    record: [
      { population: "exc", variables: ["spikes"] },
      { population: "inh", variables: ["spikes"] },
      { population: "exc", variables: ["v", "i_syn"], neurons: [3, 1], every: 0.5 },
      { population: "inh", variables: ["v"], neurons: [0], every: 1 },
    ],
    ...changes,
  };
}

/** One population, without connections. */
export function single(
  population: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    name: "single",
    dt: 0.1,
    duration: 50,
    populations: [{ name: "p", model: "lif", size: 3, ...population }],
    record: [{ population: "p", variables: ["spikes", "v"], every: 0.5 }],
    ...changes,
  };
}

/** Rows of a CSV file without its header. */
export function rows(text: string): string[][] {
  return text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
}
