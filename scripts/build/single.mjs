/**
 * Writes the files of one piece, which import nothing: dist/elements.js, a script and a module alike, and
 * dist/widget.js, a module. Each holds the library once, as a function: called in the page it is the library, and its
 * text is the program of workers.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const { version, license } = JSON.parse(readFileSync("package.json", "utf8"));
/** What stands in them has licences of its own. */
const HEAD = `/*! Spikelet ${version}, ${license}. With fflate, MIT, and @assemblyscript/loader, Apache-2.0. */\n`;
/** The name that src/elements/program.ts knows the library by. */
const NAME = "spikeletLibrary";

async function bundle(entry, options) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    legalComments: "none",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    logLevel: "warning",
    write: false,
    ...options,
  });
  return outputFiles[0].text.trim();
}

export async function writeSingles() {
  const library = await bundle("src/elements/library.ts", { format: "iife", globalName: "exported" });
  const head = `function ${NAME}(){${library}return exported}\n`;
  const elements = await bundle("src/elements/global.ts", { format: "iife" });
  writeFileSync("dist/elements.js", `${HEAD}(()=>{"use strict";\n${head}${elements}\n})();\n`);
  const widget = await bundle("src/elements/widget.ts", { format: "esm" });
  writeFileSync("dist/widget.js", `${HEAD}${head}${widget}\n`);
}
