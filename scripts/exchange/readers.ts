/** The readers of docs for NumPy, pandas, Neo and Elephant, run on a folder of results and compared with its run.json. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench, Check, Seen } from "./check.js";

const PAGES = ["exchange-readers.part.md", "exchange.md"].map((page) => new URL(`../../docs/${page}`, import.meta.url));

/** The blocks of Python of the section on readers. */
function blocks(): string[] {
  const texts = PAGES.map((page) => {
    try {
      return readFileSync(page, "utf8");
    } catch {
      return "";
    }
  });
  const page = texts.find((text) => text.includes("## Reading results in Python"));
  if (page === undefined) throw new Error("no page has the section Reading results in Python");
  const section = page.slice(page.indexOf("## Reading results in Python")).replace(/\n## (?!Reading)[\s\S]*/, "");
  return [...section.matchAll(/```python\n([\s\S]*?)```/g)].map(([, block]) => block as string);
}

/** Steps of 1 ms: all times are whole numbers, which is where Neo would cut. */
const document = {
  name: "readers",
  dt: 1,
  duration: 501,
  seed: 1,
  populations: ["exc", "NA"].map(
    (name) => ({ name, model: "izhikevich", method: "halfStep", size: 5, background: [{ kind: "constant", amplitude: { uniform: [0, 20] } }] }),
  ),
  record: ["exc", "NA"].map((population) => ({ population, variables: ["spikes", "v"] })),
};

const REPORT = `
import json
print(json.dumps({
    "numpy": [len(times), len(neurons), list(v.shape), len(v_times)],
    "pandas": [int((spikes.population == "exc").sum()), int((spikes.population == "NA").sum()), list(traces.shape)],
    "neo": [len(trains), sum(len(train) for train in trains), float(trains[0].t_stop)],
    "elephant": [sum(rates) / len(rates), int(binned.to_array().sum())],
}))
`;

function* run({ folder, python, run: call, spikelet }: Bench): Generator<Seen> {
  const file = join(folder, "network.json");
  writeFileSync(file, JSON.stringify(document));
  const results = join(folder, "results");
  for (const format of ["csv", "npz"]) spikelet(
    "run",
    file,
    "--out",
    join(folder, format),
    "--format",
    format,
    "--quiet",
    "--no-plots",
  );
  mkdirSync(results);
  for (const name of ["run.json", "spikes.csv", "traces.csv"]) cpSync(join(folder, "csv", name), join(results, name));
  for (const name of ["spikes.npz", "traces.npz"]) cpSync(join(folder, "npz", name), join(results, name));
  const script = join(folder, "readers.py");
  writeFileSync(script, blocks().join("\n") + REPORT);
  const seen = JSON.parse(
    call(python, [script], { cwd: folder, env: { PYTHONWARNINGS: "ignore" } }).trim().split("\n").at(-1) as string,
  ) as Record<string, unknown[]>;
  const { populations } = JSON.parse(readFileSync(join(results, "run.json"), "utf8")) as { populations: Record<string, { spikes: number; rate: number }> };
  const exc = populations.exc as { spikes: number; rate: number };
  const last = readFileSync(join(results, "spikes.csv"), "utf8").match(/^501,exc,/gm)?.length ?? 0;
  const expected: Record<string, unknown[]> = {
    numpy: [exc.spikes, exc.spikes, [5, 502], 502],
    pandas: [exc.spikes, populations.NA?.spikes, [502, 10]],
    neo: [5, exc.spikes, 501],
    elephant: [exc.rate, exc.spikes - last],
  };
  for (const [name, numbers] of Object.entries(expected)) {
    const found = seen[name] as unknown[];
    const ok = exc.spikes > 0 && numbers.every(
      (wanted, i) => (typeof wanted === "number" ? Math.abs(wanted - (found[i] as number)) < 1e-9 * Math.max(1, wanted) : JSON.stringify(wanted) === JSON.stringify(found[i])),
    );
    yield { what: name, ok, text: `${JSON.stringify(found)}, expected ${JSON.stringify(numbers)}` };
  }
}

export const checks: readonly Check[] = [
  {
    name: "readers",
    requirements: ["numpy==2.5.5", "pandas==3.1.1", "neo==0.14.6", "elephant==1.2.1"],
    pythons: ["3.13", "3.12"],
    run,
  },
];
