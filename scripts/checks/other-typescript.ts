/**
 * Compiles a program that uses the package's typings with other versions of TypeScript.
 *
 *   npx tsx scripts/checks/other-typescript.ts [VERSION ...]     versions as npm writes them; by default the oldest
 *   that
 *                                                         README names, the project's own and the newest
 *
 * Each is installed into a temporary folder and removed again.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compilerErrors, SETTINGS } from "../../test/package/typings.js";
import { install, inTemporaryFolder } from "./temporary.js";

const oldest = /TypeScript (\d+\.\d+) or newer/.exec(readFileSync("README.md", "utf8"))?.[1] as string;
const given = process.argv.slice(2);
let failed = 0;
const { typescript: own } = JSON.parse(readFileSync("package.json", "utf8")).devDependencies as { typescript: string };
for (const version of given.length > 0 ? given : [oldest, own, "latest"]) {
  await inTemporaryFolder(async (folder) => {
    install(folder, `typescript@${version}`);
    const typescript = join(folder, "node_modules/typescript");
    for (const setting of SETTINGS) {
      // Inside of the package its own name leads to it.
      const errors = await inTemporaryFolder((project) => compilerErrors(setting, project, typescript), "build");
      console.log(`TypeScript ${version}, ${setting.name}: ${errors === "" ? "compiles" : `\n${errors}`}`);
      if (errors !== "") failed++;
    }
  });
}
process.exit(failed === 0 ? 0 : 1);
