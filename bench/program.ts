/** Programs in processes of their own. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether the package is built; the programs import it as users do. */
export function built(): boolean {
  return existsSync(fileURLToPath(new URL("../dist/index.js", import.meta.url)));
}

export interface Ended {
  /** From the call that started the process to its first line of output, in ms of wall time. */
  readonly total: number;
  /** What the line said. */
  readonly said: Readonly<Record<string, number>>;
}

/** Runs a program of programs/ in Node and reads its one line of output, JSON. */
export function program(name: string, flags: readonly string[] = [], args: readonly string[] = []): Promise<Ended> {
  const file = fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url));
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, [...flags, file, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", (line: Buffer) => {
      const total = performance.now() - began;
      child.once("exit", () => resolve({ total, said: JSON.parse(line.toString()) as Record<string, number> }));
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code !== 0) reject(new Error(`${name} ended with status ${code}.`));
    });
  });
}
