/**
 * The playground, the same as one file, and the documentation, as static pages in apps/playground/dist: `npm run
 * site:build`. A link that leads nowhere is an error.
 */
import { build } from "vite";
// @ts-expect-error plain JavaScript
import { stamp } from "../../build/stamp.mjs";
import { writeDocumentation } from "./documentation.js";
import { brokenLinks, readFolder } from "./links.js";

const ROOT = "apps/playground/dist";

const sources = stamp.of("site");
for (const name of ["vite", "single"])
  await build({ configFile: `apps/playground/${name}.config.ts`, logLevel: "warn" });
await writeDocumentation(`${ROOT}/docs`);
const folder = readFolder(ROOT, "docs");
const broken = brokenLinks(folder);
for (const one of broken) console.error(one);
if (broken.length > 0) throw new Error(`${broken.length} links lead nowhere`);
stamp.write("site", sources);
console.log(`${ROOT}: the playground, spikelet.html (the same as one file), and ${folder.pages.size} pages in docs`);
