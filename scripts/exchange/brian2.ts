/** Exported networks in Brian2 2.11: spike by spike where they are the same, else numbers of spikes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NETWORKS } from "./brian2Networks.js";
import type { Bench, Check, Seen } from "./check.js";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));

/** Spikes as texts "population neuron step", by population. */
function spikesOf(file: string, dt: number): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of readFileSync(file, "utf8").trim().split("\n").slice(1)) {
    const [time, population = "", neuron] = line.split(",");
    const list = found.get(population) ?? [];
    found.set(population, list);
    list.push(`${neuron} ${Math.round(Number(time) / dt)}`);
  }
  return found;
}

/** Runs a network here and there. */
function both(
  { folder, python, run, spikelet }: Bench,
  name: string,
  file: string,
  dt: number,
  ...options: string[]
): [Map<string, string[]>, Map<string, string[]>] {
  const [here, there] = [`${name}-here`, `${name}-there`];
  spikelet("run", file, "--out", here, "--no-plots", "--quiet", ...options.filter((one) => one !== "--explicit"));
  spikelet("export", file, "--to", "brian2", "--out", there, ...options);
  run(python, ["-W", "ignore", "network.py", "--target", "numpy"], { cwd: join(folder, there), seconds: 900 });
  return [spikesOf(join(folder, here, "spikes.csv"), dt), spikesOf(join(folder, there, "spikes.csv"), dt)];
}

function* compared(bench: Bench): Generator<Seen> {
  for (const [name, { compare, document }] of Object.entries(NETWORKS)) {
    const file = join(bench.folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(document));
    const [here, there] = both(bench, name, file, document.dt as number, "--explicit");
    const rows = [...new Set([...here.keys(), ...there.keys()])].map((population) => {
      const [a, b] = [here.get(population) ?? [], there.get(population) ?? []];
      const known = new Set(b);
      const same = a.filter((spike) => known.has(spike)).length;
      const ok =
        compare === "spikes"
          ? same === a.length && same === b.length
          : Math.abs(a.length - b.length) <= compare.within * Math.max(a.length, b.length);
      return { ok, population, a: a.length, b: b.length, same };
    });
    const total = (key: "a" | "b" | "same"): number => rows.reduce((sum, row) => sum + row[key], 0);
    const wrong = rows.filter(({ ok }) => !ok).map(({ population, a, b, same }) => `${population} ${a}/${b}/${same}`);
    const what = compare === "spikes" ? `${total("same")} of ${total("a")} and ${total("b")} spikes are the same` : `${total("a")} and ${total("b")} spikes`;
    yield {
      what: name,
      ok: wrong.length === 0 && total("a") > 0,
      text: `${what}${wrong.length > 0 ? `; not: ${wrong.join(", ")}` : ""}`,
    };
  }
}

/** Networks that Brian2 draws itself. */
function* drawn(bench: Bench): Generator<Seen> {
  for (const name of ["coba", "cuba"]) {
    const counts = both(bench, `${name}-compact`, join(EXAMPLES, `${name}.json`), 0.1, "--duration", "400").map(
      (spikes) => [...spikes.values()].reduce((sum, list) => sum + list.length, 0),
    );
    const [here = 0, there = 0] = counts;
    yield { what: `${name}, compact`, ok: here > 0 && Math.abs(here - there) < 0.2 * Math.max(here, there), text: `${here} and ${there} spikes of graphs of their own` };
  }
}

export const checks: readonly Check[] = [
  {
    name: "brian2",
    requirements: ["brian2==2.11.0"],
    pythons: ["3.12", "3.13"],
    *run(bench) {
      yield* compared(bench);
      yield* drawn(bench);
    },
  },
];
