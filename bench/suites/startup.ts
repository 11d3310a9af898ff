/** From the start of a process to its first spike. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { digits, spreadOf } from "../format.js";
import { summary } from "../measure.js";
import type { Section, Settings, Suite } from "./suite.js";

const TARGET_MS = 150;

interface Start {
  /** From the call that starts the process to its first line of output, in ms of wall time. */
  readonly total: number;
  readonly imported: number;
}

function file(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

function start(script: string): Promise<Start> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", (line: Buffer) => {
      const total = performance.now() - began;
      const { imported } = JSON.parse(line.toString()) as { imported: number };
      child.once("exit", () => resolve({ total, imported }));
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code !== 0) reject(new Error(`${script} ended with status ${code}.`));
    });
  });
}

export const startup: Suite = {
  names: ["startup"],
  async run(_selected, settings: Settings): Promise<Section> {
    const title = "From the start of the process to the first spike of 1000 neurons, ms of wall time";
    if (!existsSync(file("../../dist/index.js"))) {
      const rows = [["not measured: dist/ is missing, run `npm run build` first"]];
      return { id: "startup", title, header: [""], rows, failures: [], shortfalls: [], data: null };
    }
    const script = file("../startup/first-spike.mjs");
    const nothing = file("../startup/nothing.mjs");
    await start(script); // fills the file cache
    const spikes: Start[] = [];
    const bare: Start[] = [];
    for (let round = 0; round < (settings.quick ? 5 : 15); round++) {
      spikes.push(await start(script));
      bare.push(await start(nothing));
    }
    const total = summary(spikes.map((run) => run.total));
    const imported = summary(spikes.map((run) => run.imported));
    const node = summary(bare.map((run) => run.total));
    const reached = total.median <= TARGET_MS;
    return {
      id: "startup",
      title,
      header: ["", "ms", "target"],
      rows: [
        ["process start to first spike", spreadOf(total), `${TARGET_MS}: ${reached ? "yes" : "short"}`],
        ["of it the import of the package", spreadOf(imported), ""],
        ["Node alone, one line of output", spreadOf(node), ""],
      ],
      failures: [],
      shortfalls: reached ? [] : [`startup: ${digits(total.median)} ms to the first spike, target ${TARGET_MS}.`],
      data: { total, imported, node },
    };
  },
};
