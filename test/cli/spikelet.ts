/** Calls the built command line in a process of its own, as a user does. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  /** Called with the running process. */
  readonly during?: (child: ChildProcess) => void;
}

/** Runs `spikelet WORDS...` and gives the exit status with what was printed. */
export function spikelet(words: readonly string[], options: CallOptions = {}): Promise<Outcome> {
  const { cwd = tmpdir(), input = "", env = {}, node = [], during } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...node, CLI, ...words], { cwd, env: { ...process.env, ...env } });
    let out = "";
    let err = "";
    child.stdout.on("data", (text: Buffer) => {
      out += text.toString();
    });
    child.stderr.on("data", (text: Buffer) => {
      err += text.toString();
    });
    // The process may end before it has read its input.
    child.stdin.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, out, err }));
    child.stdin.end(input);
    during?.(child);
  });
}

/** Runs `spikelet WORDS...` within this process; not at the same time as another. */
export async function called(words: readonly string[]): Promise<Outcome> {
  const texts = { stdout: "", stderr: "" };
  const originals = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = (text: string | Uint8Array) => {
      texts[name] += String(text);
      return true;
    };
  }
  try {
    return { status: await main(words), out: texts.stdout, err: texts.stderr };
  } finally {
    process.stdout.write = originals.stdout;
    process.stderr.write = originals.stderr;
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
