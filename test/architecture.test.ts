/**
 * Who may import whom, by reading import statements. Each rule takes a set of files and gives its violations, so that
 * it is tried twice: on the repository, where it must find nothing, and on the same files with a planted violation.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import * as dynamics from "../src/dynamics/index.js";
import * as elements from "../src/elements/index.js";
import * as exchange from "../src/exchange/index.js";
import * as entry from "../src/index.js";
import * as libraryEntry from "../src/library/index.js";
import { library } from "../src/library/list.js";
import * as worker from "../src/worker.js";

/** Texts by path, as seen from the root of the repository. */
type Files = ReadonlyMap<string, string>;

function* walk(path: string): Generator<string> {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return void (yield path);
  for (const name of readdirSync(path).sort()) {
    const isMade = name === "node_modules" || (name === "dist" && path.startsWith("apps/"));
    if (!isMade) yield* walk(`${path}/${name}`);
  }
}

function readAll(folders: readonly string[]): Files {
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const path of walk(folder)) if (/\.(ts|mjs|tsx|js)$/.test(path)) files.set(path, readFileSync(path, "utf8"));
  }
  return files;
}

interface Import {
  readonly from: string;
  /** The path of a file of the repository, or the name of a package as it is written. */
  readonly to: string;
  /** The word `type` stands before all names: nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

/** Static and dynamic imports and re-exports of a file. */
function importsOf(files: Files, path: string): Import[] {
  const found: Import[] = [];
  const text = (files.get(path) as string).replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const add = (specifier: string, typeOnly: boolean): void => {
    found.push({ from: path, to: resolve(files, path, specifier), typeOnly });
  };
  const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^;"']*?\sfrom\s*)?["']([^"']+)["']/gm;
  for (const [, type, specifier] of text.matchAll(statement)) add(specifier as string, type !== undefined);
  for (const [, specifier] of text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)) add(specifier as string, false);
  return found;
}

function resolve(files: Files, from: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  // a bundler's wishes stand behind the name
  const path = posix.join(posix.dirname(from), specifier.replace(/\?.*$/, ""));
  const candidates = [path, path.replace(/\.js$/, ".ts"), `${path}.ts`, `${path}/index.ts`];
  return candidates.find((candidate) => files.has(candidate)) ?? path;
}

function allImports(files: Files, inside = ""): Import[] {
  return [...files.keys()].filter((path) => path.startsWith(inside)).flatMap((path) => importsOf(files, path));
}

/** Violations of: files in `folder` import nothing but what `allowed` says. */
function only(files: Files, folder: string, allowed: (i: Import) => boolean): string[] {
  return allImports(files, folder)
    .filter((i) => !allowed(i))
    .map((i) => `${i.from} imports ${i.to}`);
}

const within =
  (...folders: string[]) =>
  (i: Import): boolean =>
    folders.some((folder) => i.to.startsWith(folder));

/** Import cycles, each as the path that comes back to its start. */
function cycles(files: Files, folder: string): string[] {
  const edges = new Map<string, string[]>();
  for (const i of allImports(files, folder)) edges.set(i.from, [...(edges.get(i.from) ?? []), i.to]);
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) return void found.push([...trail.slice(at), path].join(" -> "));
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}

/** All files that are loaded with `entries`. */
function reachable(files: Files, entries: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const stack = [...entries];
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    if (files.has(path)) stack.push(...importsOf(files, path).map((i) => i.to));
  }
  return seen;
}

/** Names of the core that nothing uses; its public list and its table of what the host shares are for the host. */
function unusedInAssembly(files: Files): string[] {
  const texts = new Map<string, string>();
  for (const [path, text] of files) {
    if (path.startsWith("assembly/")) texts.set(path, text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ""));
  }
  const imported = new Set<string>();
  for (const [path, text] of texts) {
    for (const [, names, from] of text.matchAll(/^(?:import|export) \{([^}]*)\} from "([^"]+)"/gm)) {
      const to = resolve(files, path, from as string);
      for (const name of (names as string).split(",")) imported.add(`${to} ${name.trim()}`);
    }
  }
  const declared = /^(?:@inline )?(export )?(?:function|const enum|const|class|type|let) (\w+)/gm;
  return [...texts].flatMap(([path, text]) =>
    path === "assembly/index.ts" || path === "assembly/abi.ts"
      ? []
      : [...text.matchAll(declared)].flatMap(([, exported, name = ""]) => {
          if (exported)
            return imported.has(`${path} ${name}`) ? [] : [`${path} exports ${name}, which nothing imports`];
          return (text.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length > 1
            ? []
            : [`${path} does not use ${name}`];
        }),
  );
}

/** The compiler's own functions, which are code of the core then, are for equations only, in a file of their own. */
const LIBRARY = "assembly/functions.ts";
const mayUse = (path: string, name: string): boolean => path === LIBRARY || SINGLE_INSTRUCTIONS.includes(name);

const SINGLE_INSTRUCTIONS = ["abs", "sqrt", "floor", "ceil", "trunc", "nearest", "min", "max", "copysign"];

interface Rule {
  readonly name: string;
  readonly violations: (files: Files) => string[];
  /** A file (new or replaced) that breaks the rule, and what the rule must then say. */
  readonly planted: readonly [path: string, text: string, violation: string];
}

/** What the command line imports: the public entries, formats, and what is a single fact of the model's. */
const OPEN_TO_CLI = [
  ...["src/index.ts", "src/dynamics/index.ts", "src/exchange/index.ts", "src/exchange/names.ts", "src/io/", "src/cli"],
  ...["drive", "findings", "grid", "library"].map((name) => `src/model/${name}.ts`),
];

/** The entries that a program imports, but for the workers. */
const PUBLIC = ["index", "dynamics/index", "exchange/index", "library/index"].map((name) => `src/${name}.ts`);

/** The entry with the elements, and what is built to files of one piece. */
const ELEMENTS = ["index", "library", "global", "widget"].map((name) => `src/elements/${name}.ts`);

const RULES: readonly Rule[] = [
  {
    name: "assembly/models never sees the integrators",
    violations: (files) => only(files, "assembly/models/", (i) => !within("assembly/integrators/")(i)),
    planted: [
      "assembly/models/lif.ts",
      'import { euler } from "../integrators/euler";',
      "assembly/models/lif.ts imports assembly/integrators/euler.ts",
    ],
  },
  {
    name: "assembly/integrators never sees the models",
    violations: (files) => only(files, "assembly/integrators/", (i) => !within("assembly/models/")(i)),
    planted: [
      "assembly/integrators/euler.ts",
      'import {\n  Lif,\n} from "../models/lif";',
      "assembly/integrators/euler.ts imports assembly/models/lif.ts",
    ],
  },
  {
    name: "only assembly/generated joins models and integrators",
    violations: (files) =>
      allImports(files, "assembly/")
        .filter((i) => !i.from.startsWith("assembly/generated/"))
        .filter((i) => within("assembly/models/", "assembly/integrators/")(i))
        .filter((i) => posix.dirname(i.from) !== posix.dirname(i.to))
        .map((i) => `${i.from} imports ${i.to}`),
    planted: [
      "assembly/network.ts",
      'import { euler } from "./integrators/euler";',
      "assembly/network.ts imports assembly/integrators/euler.ts",
    ],
  },
  {
    name: "src/models is pure data: its files import model/record.js, its index imports its files",
    violations: (files) =>
      only(files, "src/models/", (i) =>
        i.from === "src/models/index.ts" ? posix.dirname(i.to) === "src/models" : i.to === "src/model/record.ts",
      ),
    planted: [
      "src/models/lif.ts",
      'import { Core } from "../core/core.js";',
      "src/models/lif.ts imports src/core/core.ts",
    ],
  },
  {
    name: "src/library is pure data: its files know the type of entries, its index the records made of them",
    violations: (files) =>
      only(files, "src/library/", (i) =>
        i.from === "src/library/index.ts"
          ? posix.dirname(i.to) === "src/library" || i.to === "src/model/library.ts"
          : posix.dirname(i.to) === "src/library" || (i.to === "src/model/definition.ts" && i.typeOnly),
      ),
    planted: [
      "src/library/glif.ts",
      'import { defineModel } from "../model/own.js";',
      "src/library/glif.ts imports src/model/own.ts",
    ],
  },
  {
    name: "src/model knows the lists of models, the kinds, the compiler of equations and nothing else of src",
    violations: (files) =>
      only(
        files,
        "src/model/",
        (i) =>
          within("src/model/", "src/kinds/", "src/lang/")(i) ||
          ["src/models/index.ts", "src/library/entry.ts", "src/library/list.ts"].includes(i.to),
      ),
    planted: [
      "src/model/parse.ts",
      'import { toDocument } from "../io/document.js";',
      "src/model/parse.ts imports src/io/document.ts",
    ],
  },
  {
    name: "src/kinds are records: of the rest they know the small readers, errors, texts of currents, and units",
    violations: (files) =>
      only(
        files,
        "src/kinds/",
        within(
          "src/kinds/",
          ...["dimensions", "limits"].map((name) => `src/lang/${name}.ts`),
          ...["check", "errors", "files", "own", "points", "receptorKernel", "record"].map(
            (name) => `src/model/${name}.ts`,
          ),
        ),
      ),
    planted: [
      "src/kinds/backgrounds.ts",
      'import { BACKGROUND } from "../core/abi.js";',
      "src/kinds/backgrounds.ts imports src/core/abi.ts",
    ],
  },
  {
    name: "src/lang compiles texts: of the rest it knows the errors, near names, readers, matrices and definitions of src/model",
    violations: (files) =>
      only(
        files,
        "src/lang/",
        within(
          "src/lang/",
          ...["errors", "suggest", "check", "matrix", "definition"].map((name) => `src/model/${name}.ts`),
        ),
      ),
    planted: [
      "src/lang/check.ts",
      'import { Core } from "../core/core.js";',
      "src/lang/check.ts imports src/core/core.ts",
    ],
  },
  {
    name: "src/core imports the loader, what unpacks the core and, of src/model, the errors and the types of records only",
    violations: (files) =>
      only(
        files,
        "src/core/",
        (i) =>
          within("src/core/")(i) ||
          ["@assemblyscript/loader", "fflate"].includes(i.to) ||
          i.to === "src/model/errors.ts" ||
          (i.to === "src/model/record.ts" && i.typeOnly),
      ),
    planted: [
      "src/core/core.ts",
      'import { defineModel } from "../model/record.js";',
      "src/core/core.ts imports src/model/record.ts",
    ],
  },
  {
    name: "one file knows the loader",
    violations: (files) =>
      allImports(files)
        .filter((i) => i.to.startsWith("@assemblyscript/") && i.from !== "src/core/core.ts")
        .map((i) => `${i.from} imports ${i.to}`),
    planted: [
      "src/sim/probe.ts",
      'import { instantiate } from "@assemblyscript/loader";',
      "src/sim/probe.ts imports @assemblyscript/loader",
    ],
  },
  {
    name: "src/analysis works on arrays: of the rest it knows the errors only",
    violations: (files) => only(files, "src/analysis/", within("src/analysis/", "src/model/errors.ts")),
    planted: [
      "src/analysis/rates.ts",
      'import type { Population } from "../sim/population.js";',
      "src/analysis/rates.ts imports src/sim/population.ts",
    ],
  },
  {
    name: "src/plot draws arrays: it knows src/analysis and, for images, the compression and the check sum",
    violations: (files) =>
      only(files, "src/plot/", within("src/plot/", "src/analysis/", "fflate", "src/model/crc32.ts")),
    planted: [
      "src/plot/raster.ts",
      'export { Core } from "../core/core.js";',
      "src/plot/raster.ts imports src/core/core.ts",
    ],
  },
  {
    name: "src/io knows formats: neither the simulation nor the core",
    violations: (files) =>
      only(files, "src/io/", (i) => !within("src/sim/", "src/core/", "src/cli", "src/index.ts", "src/worker")(i)),
    planted: [
      "src/io/npz.ts",
      'import { Simulation } from "../sim/simulation.js";',
      "src/io/npz.ts imports src/sim/simulation.ts",
    ],
  },
  {
    name: "src/exchange writes and reads checked data: of the rest it knows the model, equations and model files",
    violations: (files) =>
      only(
        files,
        "src/exchange/",
        within(
          "src/exchange/",
          "src/kinds/",
          "src/model/",
          "src/models/index.ts",
          "src/lang/",
          "src/io/",
          "src/version.ts",
          "h5wasm",
          "fflate",
          "saxes",
        ),
      ),
    planted: [
      "src/exchange/report.ts",
      'import { Simulation } from "../sim/simulation.js";',
      "src/exchange/report.ts imports src/sim/simulation.ts",
    ],
  },
  {
    name: "src/sim joins model, kinds, core, analysis and model files, and knows neither figures nor programs",
    violations: (files) =>
      only(
        files,
        "src/sim/",
        within(
          "src/sim/",
          "src/kinds/",
          "src/model/",
          "src/models/index.ts",
          "src/core/",
          "src/lang/",
          "src/analysis/",
          "src/io/document.ts",
          "src/version.ts",
        ),
      ),
    planted: [
      "src/sim/report.ts",
      'import { rasterFigure } from "../plot/index.js";',
      "src/sim/report.ts imports src/plot/index.ts",
    ],
  },
  {
    name: "src/dynamics asks equations: it knows src/sim and what that knows, and of figures its own; src/sim does not know it",
    violations: (files) =>
      only(
        files,
        "src/dynamics/",
        within(
          ...["src/dynamics/", "src/sim/", "src/model/", "src/lang/", "src/core/core.ts", "src/analysis/"],
          "src/plot/bifurcation.ts",
        ),
      ),
    planted: [
      "src/dynamics/cycles.ts",
      'import { toDocument } from "../io/document.js";',
      "src/dynamics/cycles.ts imports src/io/document.ts",
    ],
  },
  {
    name: "the command line uses the public entry and the adapters of src/io",
    violations: (files) =>
      allImports(files, "src/cli")
        .filter((i) => i.to.startsWith("src/") && !within(...OPEN_TO_CLI)(i))
        .map((i) => `${i.from} imports ${i.to}`),
    planted: ["src/cli.ts", 'import { Core } from "./core/core.js";', "src/cli.ts imports src/core/core.ts"],
  },
  {
    name: "src/elements shows what workers compute: of the rest it knows the readers of what users give",
    violations: (files) =>
      only(
        files,
        "src/elements/",
        (i) => within("src/elements/", "src/worker/")(i) || /^src\/model\/(check|errors)\.ts$/.test(i.to),
      ),
    planted: [
      "src/elements/chart.ts",
      'import { Simulation } from "../index.js";',
      "src/elements/chart.ts imports src/index.ts",
    ],
  },
  {
    name: "of src/elements, only the entry and what is put into files of one piece load the library",
    violations: (files) =>
      allImports(files, "src/elements/")
        .filter((i) => i.to === "src/worker/serve.ts" && !/\/(index|library)\.ts$/.test(i.from))
        .map((i) => `${i.from} imports ${i.to}`),
    planted: [
      "src/elements/host.ts",
      'import { serve } from "../worker/serve.js";',
      "src/elements/host.ts imports src/worker/serve.ts",
    ],
  },
  {
    name: "workers, examples, benchmarks and apps use the public entry",
    violations: (files) =>
      ["src/worker", "examples/", "bench/", "apps/"]
        .flatMap((folder) => allImports(files, folder))
        .filter(
          (i) =>
            i.to.startsWith("src/") &&
            !["index", "worker"].includes(i.to.slice(4, -3)) &&
            !/^src\/(dynamics|elements|exchange|library)\/index\.ts$/.test(i.to) &&
            !i.from.startsWith("src/cli"),
        )
        // The figure of the pages is drawn with what the package draws its own with.
        .filter((i) => !(i.from === "bench/roofline/figure.ts" && i.to.startsWith("src/plot/")))
        // A worker is called by messages: it reads what users give with the readers of calls, and lets messages have
        // their turn.
        .filter(
          (i) =>
            !(
              i.from.startsWith("src/worker") &&
              (i.to.startsWith("src/worker/") ||
                ["src/model/check.ts", "src/model/library.ts", "src/sim/work.ts"].includes(i.to))
            ),
        )
        .map((i) => `${i.from} imports ${i.to}`),
    planted: [
      "examples/00-planted.ts",
      'import { lif } from "../src/models/lif.js";',
      "examples/00-planted.ts imports src/models/lif.ts",
    ],
  },
  {
    name: "scripts are programs: nothing else imports them, and of one folder's another folder uses what is named here",
    violations: (files) =>
      allImports(files)
        .filter((i) => files.has(i.to) && i.to.startsWith("scripts/"))
        .filter((i) => i.from.split("/", 2).join("/") !== i.to.split("/", 2).join("/"))
        .filter((i) => !(i.from === "scripts/checks/test-exchange.ts" && i.to === "scripts/exchange/check.ts"))
        .filter((i) => !(i.from === "scripts/checks/site.ts" && i.to === "scripts/pages/site/links.ts"))
        .filter((i) => !(i.from === "scripts/pages/site/index.ts" && i.to === "scripts/build/stamp.mjs"))
        .map((i) => `${i.from} imports ${i.to}`),
    planted: [
      "bench/index.ts",
      'import { stamp } from "../scripts/build/stamp.mjs";',
      "bench/index.ts imports scripts/build/stamp.mjs",
    ],
  },
  {
    name: "a fresh clone is set up with Node alone",
    violations: (files) =>
      only(
        files,
        "scripts/build/setup.mjs",
        within("node:", "scripts/build/stamp.mjs", "scripts/build/compile-core.mjs"),
      ).concat(only(files, "scripts/build/stamp.mjs", within("node:"))),
    planted: [
      "scripts/build/stamp.mjs",
      'import { build } from "esbuild";',
      "scripts/build/stamp.mjs imports esbuild",
    ],
  },
  {
    name: "bench has no import cycle",
    violations: (files) => cycles(files, "bench/"),
    planted: [
      "bench/roofline/figure.ts",
      'import { options } from "../index.js";',
      "bench/index.ts -> bench/roofline/figure.ts -> bench/index.ts",
    ],
  },
  {
    name: "src has no import cycle",
    violations: (files) => cycles(files, "src/"),
    planted: [
      "src/model/units.ts",
      'import { parseDocument } from "./parse.js";',
      "src/model/units.ts -> src/model/parse.ts -> ",
    ],
  },
  {
    name: "assembly has no import cycle",
    violations: (files) => cycles(files, "assembly/"),
    planted: [
      "assembly/memory.ts",
      'import { network } from "./network";',
      "assembly/memory.ts -> assembly/network.ts -> assembly/memory.ts",
    ],
  },
  {
    name: "in src, node: is for the command line and the folder adapter",
    violations: (files) =>
      allImports(files, "src/")
        .filter((i) => i.to.startsWith("node:") && !/^src\/(cli(\.ts|\/.*)|io\/folder\.ts)$/.test(i.from))
        .map((i) => `${i.from} imports ${i.to}`),
    planted: ["src/sim/report.ts", 'import { cpus } from "node:os";', "src/sim/report.ts imports node:os"],
  },
  {
    name: "what the public entry loads runs in a browser: no node:",
    violations: (files) =>
      [...reachable(files, [...PUBLIC, ...ELEMENTS])].filter((path) => path.startsWith("node:")),
    planted: ["src/io/csv.ts", 'export { readFile } from "node:fs/promises";', "node:fs/promises"],
  },
  {
    name: "what the public entry loads needs the two dependencies and no other library, lazily neither",
    violations: (files) =>
      [...reachable(files, [...PUBLIC.filter((path) => !/exchange/.test(path)), "src/worker.ts", ...ELEMENTS])].filter(
        (path) => !path.startsWith("src/") && !["@assemblyscript/loader", "fflate"].includes(path),
      ),
    planted: ["src/io/csv-format.ts", 'const h5 = await import("h5wasm");', "h5wasm"],
  },
  {
    name: "every file of assembly is part of the core",
    violations: (files) => {
      const used = reachable(files, ["assembly/index.ts"]);
      return [...files.keys()].filter((path) => path.startsWith("assembly/") && !used.has(path));
    },
    planted: ["assembly/models/forgotten.ts", "export const x: i32 = 1;", "assembly/models/forgotten.ts"],
  },
  {
    name: "every file of src belongs to the entry, the command line, the worker or the elements",
    violations: (files) => {
      const used = reachable(files, [...PUBLIC, "src/cli.ts", "src/worker.ts", ...ELEMENTS]);
      return [...files.keys()].filter((path) => path.startsWith("src/") && !used.has(path));
    },
    planted: ["src/sim/forgotten.ts", "export const x = 1;", "src/sim/forgotten.ts"],
  },
  {
    name: "nothing in assembly is there for nobody: what is exported is imported, and what is not is used",
    violations: unusedInAssembly,
    planted: ["assembly/noise.ts", "export function whistle(): void {}", "assembly/noise.ts exports whistle, which nothing imports"],
  },
  {
    name: "kernels use no Math of the host: NativeMath for single instructions, and for the functions of equations, only",
    violations: (files) =>
      [...files]
        .filter(([path]) => path.startsWith("assembly/"))
        .flatMap(([path, text]) =>
          [...text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "").matchAll(/\b((?:Native|JS)?Mathf?)\.(\w+)/g)]
            .filter(([, object, name]) => object !== "NativeMath" || !mayUse(path, name as string))
            .map(([call]) => `${path} uses ${call}`),
        ),
    planted: [
      "assembly/models/lif.ts",
      "export function f(x: f64): f64 { return NativeMath.exp(x) + NativeMath.abs(x); }",
      "assembly/models/lif.ts uses NativeMath.exp",
    ],
  },
];

const FOLDERS = ["assembly", "src", "examples", "bench", "apps", "scripts"];

describe("imports", () => {
  const files = readAll(FOLDERS);

  it("reads import statements of all kinds, and none out of comments and texts", () => {
    const text = [
      '/** import { a } from "./comment.js"; */',
      '// import { b } from "./line.js";',
      'import x, { y } from "./value.js";',
      'import type { T } from "./types.js";',
      "import {\n  first,\n  type Second,\n} from './several.js';",
      'export * from "./star.js";',
      'export type { U } from "./reexport.js";',
      'import "./effect.js";',
      'const text = "import nothing";',
      'const later = import("./dynamic.js");',
    ].join("\n");
    const names = importsOf(new Map([["src/a.ts", text]]), "src/a.ts").map((i) => [i.to, i.typeOnly]);
    expect(names).toEqual([
      ["src/value.js", false],
      ["src/types.js", true],
      ["src/several.js", false],
      ["src/star.js", false],
      ["src/reexport.js", true],
      ["src/effect.js", false],
      ["src/dynamic.js", false],
    ]);
  });

  it("resolves every relative import to a file", () => {
    const built = (i: Import): boolean => i.to.startsWith("src/core/generated/") || i.to.startsWith("dist/");
    const relative = allImports(files).filter((i) => /^(assembly|src|examples|bench|apps|scripts|dist)\//.test(i.to));
    expect(relative.length).toBeGreaterThan(200);
    // Generators hold the import statements of what they write.
    const own = relative.filter((i) => !i.from.startsWith("scripts/generate/"));
    expect(own.filter((i) => !files.has(i.to) && !built(i))).toEqual([]);
  });

  for (const rule of RULES) {
    describe(rule.name, () => {
      it("holds", () => {
        expect(rule.violations(files)).toEqual([]);
      });

      it("is broken by a planted violation", () => {
        const [path, text, violation] = rule.planted;
        const planted = new Map(files).set(path, `${text}\n${files.get(path) ?? ""}`);
        const found = rule.violations(planted);
        expect(found.filter((x) => x.includes(violation))).not.toEqual([]);
      });
    });
  }
});

/** Most characters of a line. */
const WIDTH = 120;

/**
 * A text of so many characters may make its line longer, if nothing but what closes it comes behind: it can be searched
 * for.
 */
const LONG_TEXT = 40;

/** Numbers of the lines of a file that are too long; generated ones are as they come. */
function longLines(path: string, text: string): number[] {
  const lines = text.split("\n");
  if (text.startsWith("// Generated by") || !lines.some((line) => line.length > WIDTH)) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const isText = (node: ts.Node): boolean =>
    node.getWidth(source) >= LONG_TEXT &&
    (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || ts.isRegularExpressionLiteral(node));
  const inText = (node: ts.Node, at: number): boolean =>
    ts.forEachChild(node, (child) => {
      if (at < child.getStart(source) || at >= child.getEnd()) return undefined;
      return isText(child) || inText(child, at);
    }) ?? false;
  return lines.flatMap((line, i) => {
    const end = line.replace(/(?:[)\]},;{+ ]|as const|(?:async )?\(\) =>)*$/, "").length - 1;
    return line.length > WIDTH && !inText(source, source.getPositionOfLineAndCharacter(i, end)) ? [i + 1] : [];
  });
}

describe("lines", () => {
  it("have at most 120 characters, but for a text that reaches beyond", () => {
    const files = readAll([...FOLDERS, "test", "eslint.config.js", "vitest.config.ts", ".size-limit.mjs"]);
    const found = [...files].flatMap(([path, text]) => longLines(path, text).map((line) => `${path}:${line}`));
    expect(found).toEqual([]);
  });

  it("are found where they are longer", () => {
    const words = "word ".repeat(30);
    const text = [
      `// ${words}`,
      `const a = "${words}";`,
      `const b = [${'"word", '.repeat(20)}];`,
      `f("a", b); // ${words}`,
    ].join("\n");
    expect(longLines("src/planted.ts", text)).toEqual([1, 3, 4]);
  });
});

describe("the core's module", () => {
  const modules = ["build/core.wasm", "build/core.scalar.wasm", "dist/core.wasm"];

  it.each(modules)("%s imports its memory and a clock only", async (file) => {
    const module = await WebAssembly.compile(readFileSync(file));
    expect(foreign(module)).toEqual([]);
  });

  it("is caught when it imports something else", async () => {
    // (module (import "env" "Math.exp" (func (param f64) (result f64))))
    const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 124, 1, 124, 2, 16, 1, 3, 101, 110, 118];
    const name = [...new TextEncoder().encode("Math.exp")];
    const module = await WebAssembly.compile(Uint8Array.from([...bytes, name.length, ...name, 0, 0]));
    expect(foreign(module)).toEqual(["env.Math.exp"]);
  });
});

function foreign(module: WebAssembly.Module): string[] {
  const names = WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`);
  return names.filter((name) => name !== "env.memory" && name !== "env.now");
}

describe("the package", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    version: string;
    dependencies: object;
    peerDependencies: object;
  };

  it("has one version", () => {
    expect(entry.VERSION).toBe(manifest.version);
    const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
    expect(packages[""].version).toBe(manifest.version);
  });

  /** Packages that src/exchange loads when they are installed. */
  const OPTIONAL = ["h5wasm", "saxes"];

  it("lists exactly the packages that src imports, and those that are loaded when they are installed", () => {
    const files = readAll(["src"]);
    const packages = allImports(files)
      .map((i) => i.to)
      .filter((to) => !to.startsWith("src/") && !to.startsWith("node:"))
      .map((to) => /^(@[^/]+\/)?[^/]+/.exec(to)?.[0]);
    expect([...new Set(packages)].sort()).toEqual([...Object.keys(manifest.dependencies), ...OPTIONAL].sort());
    expect(Object.keys(manifest.peerDependencies)).toEqual(expect.arrayContaining(OPTIONAL));
  });

  it("loads optional packages in one file each, and lazily", () => {
    const files = readAll(["src"]);
    for (const name of OPTIONAL) {
      const places = new Set(allImports(files).filter(({ to }) => to === name).map(({ from }) => from));
      expect(places.size).toBe(1);
      const text = files.get([...places][0] as string) as string;
      expect(text).toContain(`import("${name}")`);
      expect(text).not.toMatch(new RegExp(`^import .*"${name}"`, "m"));
    }
  });
});

/** Uses in some files of what is marked @internal. */
function internalUses(program: ts.Program, paths: readonly string[]): string[] {
  const checker = program.getTypeChecker();
  const isInternal = (symbol: ts.Symbol | undefined): boolean => {
    const aliased = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const { declarations = [] } = (aliased ? checker.getAliasedSymbol(symbol) : symbol) ?? {};
    return declarations.some((one) => ts.getJSDocTags(one).some(({ tagName }) => tagName.text === "internal"));
  };
  const meant = (name: ts.Identifier): ts.Symbol | undefined => {
    const { parent } = name;
    if (!ts.isBindingElement(parent) || !ts.isObjectBindingPattern(parent.parent))
      return checker.getSymbolAtLocation(name);
    // What is taken out of an object has another symbol than where it is declared.
    const key = parent.propertyName ?? parent.name;
    return ts.isIdentifier(key) ? checker.getTypeAtLocation(parent.parent).getProperty(key.text) : undefined;
  };
  return paths.flatMap((path) => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && isInternal(meant(node))) found.push(`${path} uses ${node.text}`);
      ts.forEachChild(node, visit);
    };
    visit(program.getSourceFile(path) as ts.SourceFile);
    return found;
  });
}

describe("the command line", () => {
  const planted = "src/cli/planted.ts";
  const text = `import { spikesTogether, type Simulation } from "../index.js";
    export function planted(simulation: Simulation, spikes: never): unknown {
      const [first] = simulation.populations.values();
      const { name, recordings } = first as NonNullable<typeof first>;
      simulation.results.forget();
      return [name, recordings, first?.description, simulation.toSpec(), spikesTogether(spikes, 1)];
    }`;
  let program: ts.Program;
  let paths: string[];

  beforeAll(() => {
    paths = [...readAll(["src/cli", "src/cli.ts"]).keys()];
    const module = ts.ModuleKind.NodeNext;
    const options: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2022,
      module,
      strict: true,
      skipLibCheck: true,
      types: [],
    };
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists } = host;
    const source = ts.createSourceFile(planted, text, ts.ScriptTarget.ES2022, true);
    host.getSourceFile = (name, ...rest) => (name === planted ? source : getSourceFile(name, ...rest));
    host.fileExists = (name) => name === planted || fileExists(name);
    program = ts.createProgram([...paths, planted], options, host);
  });

  it("uses nothing that is internal: any program can do what it does", () => {
    expect(paths.length).toBeGreaterThan(10);
    expect(internalUses(program, paths)).toEqual([]);
  });

  it("is caught when it does", () => {
    const uses = ["recordings", "forget", "recordings", "description"].map((name) => `${planted} uses ${name}`);
    expect(internalUses(program, [planted]).filter((use, i, all) => all.indexOf(use) === i)).toEqual([
      ...new Set(uses),
    ]);
  });
});

interface PublicName {
  readonly name: string;
  readonly doc: string;
}

/** The names that a module exports, with their documentation. */
function publicNames(path: string, host?: ts.CompilerHost): PublicName[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    noLib: true,
    types: [],
  };
  const program = ts.createProgram([path], options, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path) as ts.SourceFile;
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol);
  return exported.map((symbol) => {
    const aliased = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const target = aliased ? checker.getAliasedSymbol(symbol) : symbol;
    const doc = ts.displayPartsToString(target.getDocumentationComment(checker));
    return { name: symbol.name, doc };
  });
}

/** Adding a name here is a promise, taking one away breaks programs: both belong into the change log. */
const VALUES: readonly string[] = [
  "ConnectionError",
  "DocumentError",
  "DuplicateNameError",
  "EquationError",
  "FailedRunError",
  "InstabilityError",
  "LengthError",
  "MemoryError",
  "MissingKeyError",
  "PALETTE",
  "RheobaseError",
  "Simulation",
  "SnapshotError",
  "SpikeStatistics",
  "SpikeletError",
  "StateError",
  "UnavailableError",
  "UnitError",
  "UnknownKeyError",
  "UnknownNameError",
  "VERSION",
  "ValueRangeError",
  "ValueTypeError",
  "activityFigure",
  "adaptiveLif",
  "adex",
  "background",
  "coincidenceFactor",
  "commonSpan",
  "compareTimeSteps",
  "correlated",
  "cv2PerNeuron",
  "cvPerNeuron",
  "defineModel",
  "definePlasticityRule",
  "defineReceptorKernel",
  "eif",
  "equilibria",
  "fanoPerNeuron",
  "fiCurveFigure",
  "findBursts",
  "firingRates",
  "fit",
  "fitErrors",
  "fitzhughNagumo",
  "histogram",
  "hodgkinHuxley",
  "interspikeIntervals",
  "isiFigure",
  "isiHistogram",
  "izhikevich",
  "jacobian",
  "kinds",
  "kindsNamed",
  "latencyPerNeuron",
  "latexOf",
  "lif",
  "lvPerNeuron",
  "meanCorrelation",
  "meanCv",
  "meanCv2",
  "meanFano",
  "meanLv",
  "meanRate",
  "membraneFigure",
  "models",
  "morrisLecar",
  "nullclines",
  "observedPopulation",
  "observedTime",
  "pairCorrelations",
  "parseDocument",
  "parseDuration",
  "parseModelFile",
  "parseTimeStep",
  "phasePlaneFigure",
  "poisson",
  "populationRate",
  "populationSpectrum",
  "powerSpectrum",
  "qif",
  "rasterFigure",
  "rateFigure",
  "receptor",
  "renewal",
  "restingState",
  "resultFormats",
  "rheobase",
  "smoothRate",
  "sources",
  "spectralPeak",
  "spectrumFigure",
  "spikeCounts",
  "spikeSynchrony",
  "spikeTrain",
  "spikesTogether",
  "spikesWithin",
  "toDocument",
  "traceSynchrony",
  "tracesFigure",
  "traubMiles",
  "vectorField",
  "weightHistogram",
  "weightsFigure",
  "withColours",
];
const TYPES: readonly string[] = [
  "ActivityOptions",
  "BackgroundInput",
  "BinOptions",
  "Burst",
  "BurstOptions",
  "Bursts",
  "CoincidenceOptions",
  "ConnectOptions",
  "CoreSource",
  "Curve",
  "DefinedRecord",
  "Diagnostic",
  "Equilibrium",
  "EventDefinition",
  "ExecutionOptions",
  "Family",
  "FanoOptions",
  "FiCurveOptions",
  "Finding",
  "FitErrors",
  "FitOptions",
  "FitProgress",
  "FitRates",
  "FitResult",
  "FitSearch",
  "FitSpikes",
  "FitTargets",
  "FittedRates",
  "FittedSpikes",
  "Histogram",
  "HistogramOptions",
  "InterspikeIntervals",
  "IsiOptions",
  "Jacobian",
  "JacobianOptions",
  "KernelRecord",
  "Kind",
  "KindField",
  "KindSort",
  "KindSortName",
  "Level",
  "MembraneOptions",
  "Method",
  "ModelDefinition",
  "ModelDocument",
  "ModelRecord",
  "NetworkSpec",
  "Nullclines",
  "Observed",
  "ObservedGroup",
  "OwnPlasticitySpec",
  "OwnReceptorChange",
  "OwnReceptorInput",
  "PairCorrelationOptions",
  "PairCorrelations",
  "ParameterDefinition",
  "ParseOptions",
  "PhasePlaneOptions",
  "PlasticityChange",
  "PlasticityRule",
  "PlasticityRuleDefinition",
  "Population",
  "PopulationOptions",
  "PopulationRate",
  "PopulationRateOptions",
  "PopulationReport",
  "PopulationSpikes",
  "PopulationTrace",
  "PresetDefinition",
  "Profile",
  "Progress",
  "Projection",
  "ProjectionWeights",
  "Quantity",
  "RasterOptions",
  "RateOptions",
  "ReceptorChange",
  "ReceptorInput",
  "ReceptorKernel",
  "ReceptorKernelDefinition",
  "ReceptorKernelRecord",
  "RecordOptions",
  "RecordedScope",
  "Report",
  "RestoreOptions",
  "ResultFormat",
  "ResultTables",
  "Results",
  "RuleVariableRecord",
  "RunOptions",
  "RunTables",
  "SimulationOptions",
  "Span",
  "SpectralPeak",
  "Spectrum",
  "SpectrumFigureOptions",
  "SpectrumOptions",
  "SpikeRecording",
  "Spikes",
  "SynapseInput",
  "TimeShare",
  "TimeStepComparison",
  "TraceRecording",
  "TracesOptions",
  "Trajectory",
  "ValueInput",
  "VectorField",
  "VectorFieldOptions",
  "WeightHistogram",
  "WeightRecordOptions",
  "WeightRecording",
  "WeightSamples",
  "WeightTrace",
  "WeightsOptions",
];

describe("the public entry", () => {
  let names: PublicName[];

  beforeAll(() => {
    names = publicNames("src/index.ts");
  });

  it("exports these values", () => {
    expect(Object.keys(entry).sort()).toEqual(VALUES);
  });

  it("exports these types, and classes as types that only the library makes", () => {
    const types = names.map((n) => n.name).filter((name) => !Object.hasOwn(entry, name));
    expect(types.sort()).toEqual(TYPES);
  });

  it("documents every export", () => {
    expect(names.filter((n) => n.doc.trim().length < 10).map((n) => n.name)).toEqual([]);
  });

  it("an export without documentation is found", () => {
    const text = "/** Says what it is. */\nexport const good = 1;\nexport const bare = 2;\nexport interface Shape {}";
    const planted = ts.createSourceFile("planted.ts", text, ts.ScriptTarget.ES2022, true);
    const host = ts.createCompilerHost({});
    const { getSourceFile, fileExists } = host;
    host.getSourceFile = (name, ...rest) => (name === "planted.ts" ? planted : getSourceFile(name, ...rest));
    host.fileExists = (name) => name === "planted.ts" || fileExists(name);
    expect(publicNames("planted.ts", host)).toEqual([
      { name: "good", doc: "Says what it is." },
      { name: "bare", doc: "" },
      { name: "Shape", doc: "" },
    ]);
  });
});

describe("the entry spikelet/dynamics", () => {
  it("exports these values, and documents every export", () => {
    const values = [
      "CycleError",
      "bifurcationDiagram",
      "bifurcationFigure",
      "continueBifurcation",
      "continueCycles",
      "continueEquilibria",
      "fiCurve",
      "fixedPoints",
      "largestStableStep",
      "limitCycle",
      "phaseResponse",
      "phaseResponseFigure",
      "separatrix",
    ];
    expect(Object.keys(dynamics).sort()).toEqual(values);
    const names = publicNames("src/dynamics/index.ts");
    expect(names.filter((n) => n.doc.trim().length < 10).map((n) => n.name)).toEqual([]);
  });
});

describe("the entry spikelet/exchange", () => {
  it("exports these values, and documents every export", () => {
    const values = [
      "ExchangeError",
      "FIDELITIES",
      "exportNetwork",
      "formatNames",
      "formatOf",
      "hdf5Formats",
      "importNetwork",
      "nwbFile",
    ];
    expect(Object.keys(exchange).sort()).toEqual(values);
    const names = publicNames("src/exchange/index.ts");
    expect(names.filter((n) => n.doc.trim().length < 10).map((n) => n.name)).toEqual([]);
  });
});

describe("the entry spikelet/models", () => {
  it("exports the models of the library, and documents every one", () => {
    expect(Object.keys(libraryEntry).sort()).toEqual(Object.keys(library).sort());
    for (const [name, { id }] of Object.entries(libraryEntry)) expect(id).toBe(name);
    const names = publicNames("src/library/index.ts");
    expect(names.filter((n) => n.doc.trim().length < 10).map((n) => n.name)).toEqual([]);
  });
});

describe("the entry spikelet/worker", () => {
  it("exports these values, and documents every export", () => {
    expect(Object.keys(worker).sort()).toEqual(["RemoteError", "RemoteSimulation", "serve"]);
    const names = publicNames("src/worker.ts");
    expect(names.filter((n) => n.doc.trim().length < 10).map((n) => n.name)).toEqual([]);
  });
});

describe("the entry spikelet/elements", () => {
  it("exports these values, and documents every export", () => {
    expect(Object.keys(elements).sort()).toEqual(["SpikeletNetwork", "SpikeletNeuron", "defineElements"]);
    const names = publicNames("src/elements/index.ts");
    expect(names.filter((n) => n.doc.trim().length < 10).map((n) => n.name)).toEqual([]);
  });

  it("can be loaded where there is no page, and does nothing there", () => {
    expect(elements.defineElements()).toBe(undefined);
  });
});
