/**
 * Writes what follows from the model records: AssemblyScript field classes and kernel registry, model pages, JSON Schema.
 * `--check` writes nothing and fails when a file is not what it would be.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { models } from "../src/models/index.js";
import { fieldClasses, kernelRegistry } from "./generate-assembly.js";
import { modelIndex, modelPage, modelSchema } from "./generate-docs.js";

const check = process.argv.includes("--check");
const list = Object.values(models);
const files = new Map<string, string>([
  ["assembly/generated/fields.ts", fieldClasses(list)],
  ["assembly/generated/kernels.ts", kernelRegistry(list)],
  ...list.map((model): [string, string] => [`docs/models/${model.id}.md`, modelPage(model)]),
  ["docs/models/README.md", modelIndex(list)],
  ["schema/model.schema.json", `${JSON.stringify(modelSchema(list), null, 2)}\n`],
]);

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
