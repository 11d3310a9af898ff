/** Largest sizes of what users get. The library is what its entry loads, without the other entries' files. */
import { readFileSync } from "node:fs";

/** The files of dist that a file loads when it is loaded, and itself. */
function loadedWith(file, known = new Set()) {
  const path = `dist/${file}`;
  if (known.has(path)) return known;
  known.add(path);
  const text = readFileSync(path, "utf8");
  for (const [, name] of text.matchAll(/^(?:import|export)\b[^"';]*?(?:from\s*)?["']\.\/([^"']+)["'];?$/gm))
    loadedWith(name, known);
  return known;
}

export default [
  { name: "core, as WebAssembly", path: "dist/core.wasm", limit: "288 kB", brotli: false },
  { name: "core, as sent to a browser", path: "dist/core.wasm", limit: "62 kB" },
  { name: "library and core, as sent to a browser", path: [...loadedWith("index.js")], limit: "392 kB" },
  { name: "elements with all they need, as sent to a browser", path: "dist/elements.js", limit: "292 kB" },
];
