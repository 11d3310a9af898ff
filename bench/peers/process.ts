/** Programs of contestants: each is a process of its own with a time limit. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface Ended {
  readonly stdout: string;
  /** From the call that started the process to its end, in seconds of wall time. */
  readonly wall: number;
}

/** A program that failed. */
export class Failed extends Error {
  /** The last line of what it said. */
  readonly last: string;

  constructor(command: string, code: number | null, said: string) {
    const lines = said.trim().split("\n");
    super(`${command}: status ${code}. ${lines.slice(-4).join(" | ")}`);
    this.last = lines.at(-1) as string;
  }
}

/** Runs a program; rejects when it fails or takes longer than `limit` seconds, with the end of what it said. */
export function run(command: string, args: readonly string[], limit: number, cwd?: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    // A group of its own, so that what the program started ends with it.
    watch();
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, ...(cwd ? { cwd } : {}) });
    if (child.pid !== undefined) children.add(child.pid);
    child.once("exit", () => children.delete(child.pid as number));
    let stdout = "";
    let stderr = "";
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, 1000 * limit);
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => (stderr = (stderr + text.toString()).slice(-4000)));
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      const wall = (performance.now() - began) / 1000;
      if (late) reject(new Error(`${command}: no end within ${limit} s`));
      else if (code !== 0) reject(new Failed(command, code, stderr));
      else resolve({ stdout, wall });
    });
  });
}

/** The last line of a program's output, which is JSON. */
export function lastLine<T>(stdout: string): T {
  return JSON.parse(stdout.trim().split("\n").at(-1) as string) as T;
}

/** All programs of this name on the search path. */
export function found(name: string): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return [...new Set(folders.filter(Boolean).map((folder) => join(folder, name)))].filter((path) => existsSync(path));
}

const folders = new Set<string>();
const children = new Set<number>();
let watching = false;

/** However this process ends: nothing goes on, nothing stays. */
function watch(): void {
  if (watching) return;
  watching = true;
  process.once("exit", () => {
    for (const pid of children) process.kill(-pid, "SIGKILL");
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
}

/** A new temporary folder; it is removed by `discard` or at the end. */
export function temporary(): string {
  watch();
  const folder = mkdtempSync(join(tmpdir(), "spikelet-peers-"));
  folders.add(folder);
  return folder;
}

export function discard(folder: string): void {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}
