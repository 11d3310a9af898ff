/**
 * Computes the hashes on this Node and compares them with golden.json; with `--write` writes them there instead.
 *
 *   npx tsx test/golden/verify.ts [--write]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { compute } from "./networks.js";

const file = new URL("golden.json", import.meta.url);
const computed = await compute();
if (process.argv.includes("--write")) {
  writeFileSync(file, `${JSON.stringify(computed, null, 2)}\n`);
  console.log("wrote golden.json");
} else {
  const golden = JSON.parse(readFileSync(file, "utf8"));
  let different = 0;
  let same = 0;
  for (const [network, hashes] of Object.entries(computed)) {
    for (const [name, hash] of Object.entries(hashes)) {
      if (golden[network]?.[name] === hash) same++;
      else {
        different++;
        console.error(`${network}, ${name}: ${hash}; golden.json has ${golden[network]?.[name]}`);
      }
    }
  }
  console.log(`Node ${process.versions.node}: ${same} hashes as in golden.json, ${different} different`);
  if (different > 0 || same === 0) process.exit(1);
}
