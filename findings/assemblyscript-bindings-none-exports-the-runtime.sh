#!/usr/bin/env bash
# AssemblyScript: asking for no bindings adds to a module what only bindings need.
# `--bindings none` (also "bindings": "none" in asconfig.json) looks like the default written out: no JavaScript is made either
# way. But where an exported function takes a class, even an unmanaged one, it lets the compiler export the runtime's __new, __pin,
# __unpin, __collect and __rtti_base, and with them the module imports env.abort, which an instance must then be given. Without
# the option the module has neither. AssemblyScript 0.28.20, Node 20, 2026-11-28.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts assemblyscript@0.28.20 >log 2>&1 || { cat log; exit 1; }
cat >lib.ts <<'TS'
@unmanaged
class Point {
  x: i32;
}

export function xOf(point: Point): i32 {
  return point.x;
}
TS
cat >list.mjs <<'JS'
import { readFileSync } from "node:fs";

const module = new WebAssembly.Module(readFileSync("out.wasm"));
const names = (list) => list.map((entry) => entry.name).sort().join(" ") || "nothing";
console.log(`${process.argv[2]}: exports ${names(WebAssembly.Module.exports(module))}; imports ${names(WebAssembly.Module.imports(module))}`);
JS
for options in "" "--bindings none"; do
  # shellcheck disable=SC2086
  node node_modules/assemblyscript/bin/asc.js lib.ts --runtime stub $options -o out.wasm
  node list.mjs "${options:-no option}" >>seen
done
cat >expected <<'TEXT'
no option: exports memory xOf; imports nothing
--bindings none: exports __collect __new __pin __rtti_base __unpin memory xOf; imports abort
TEXT
echo "expected:"
cat expected
echo "seen:"
cat seen
diff -q expected seen >/dev/null
