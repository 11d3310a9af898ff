/**
 * Writes what follows from the model records (AssemblyScript field classes and kernel registry, model pages), from the
 * records of kinds (JSON Schema, tables of the model file's page), from the mappings of exporters (tables of the page
 * on other simulators), from the attributes of elements (tables of their page), from what host and core share (the
 * host's side of it), and from the stored results of the benchmarks (the roofline figure, README.md's table of speed).
 * `--check` writes nothing and fails when a file is not what it would be.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { libraryModels } from "../../src/model/library.js";
import { models, sources } from "../../src/models/index.js";
import { abiFiles, readTable } from "./abi.js";
import { fieldClasses, kernelRegistry } from "./assembly.js";
import { libraryPage, modelIndex, modelPage, modelSchema, withKindTables } from "./docs.js";
import { withAttributes } from "./elements.js";
import { withMappings } from "./exchange.js";
import { readResults } from "../../bench/peers/results.js";
import { withSpeed } from "../../bench/peers/speed.js";
import { NO_ROOFS, rooflineFigure } from "../../bench/roofline/figure.js";

const check = process.argv.includes("--check");
const list = Object.values(models);
const others = Object.values(sources);
// What scripts/pages/measure-accuracy.ts has measured.
const accuracy = readFileSync("docs/numerics.md", "utf8").split(/<!-- accuracy: (?:start|end) -->/)[1] ?? "";
const read = (path: string): string => readFileSync(path, "utf8");
const table = readTable(read);
const assembly = new Map([
  ["assembly/generated/fields.ts", fieldClasses(list, table)],
  ["assembly/generated/kernels.ts", kernelRegistry(list, table)],
]);
const files = new Map<string, string>([
  ...assembly,
  ...abiFiles(table, (path) => assembly.get(path) ?? read(path)),
  ...[...list, ...others].map((model): [string, string] => [`docs/models/${model.id}.md`, modelPage(model, accuracy)]),
  ...libraryModels().map((model): [string, string] => [`docs/models/${model.id}.md`, libraryPage(model)]),
  ["docs/models/README.md", modelIndex(list, others, libraryModels())],
  ["docs/model-file.md", withKindTables(read("docs/model-file.md"))],
  ["docs/elements.md", withAttributes(read("docs/elements.md"))],
  ["README.md", withSpeed(read("README.md"), readResults())],
  ["docs/other-simulators.md", await withMappings(read("docs/other-simulators.md"))],
  ["schema/model.schema.json", `${JSON.stringify(modelSchema(list, others), null, 2)}\n`],
]);

const figure = rooflineFigure(JSON.parse(readFileSync("bench/results/latest.json", "utf8")));
if (figure === undefined) console.warn(NO_ROOFS);
else files.set("docs/images/roofline.svg", figure);

let stale = 0;
for (const [file, text] of files) {
  const current = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  if (current === text) continue;
  stale++;
  if (check) {
    console.error(`${file} is not up to date: run npm run generate`);
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${file}`);
  }
}
if (check && stale > 0) process.exit(1);
