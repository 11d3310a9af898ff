/** Remembers from which sources something was built, so that nothing is built twice. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";

/** What the core is compiled from, once the generated files are written: a change of the host alone leaves it alone. */
const CORE = {
  paths: ["assembly", "asconfig.json", "scripts/build/compile-core.mjs"],
  packages: ["assemblyscript", "binaryen"],
};

/** What each target is built from: files and folders, and packages with the version that package-lock.json pins. */
const SOURCES = {
  core: CORE,
  scalar: CORE,
  dist: {
    paths: [
      ...CORE.paths,
      "src",
      "scripts/build",
      ...["index", "abi", "assembly", "docs"].map((name) => `scripts/generate/${name}.ts`),
      "package.json",
      "tsconfig.json",
    ],
    packages: [...CORE.packages, "esbuild", "typescript"],
  },
  site: {
    paths: [
      ...[
        "apps/playground",
        "assembly",
        "bench/results",
        "docs",
        "examples",
        "scripts/build",
        "scripts/pages/site",
        "src",
      ],
      ...["README", "CHANGELOG", "CONTRIBUTING", "bench/README", "findings/README"].map((name) => `${name}.md`),
      ...["LICENSE", "CITATION.cff", "package.json", "tsconfig.json"],
    ],
    packages: ["katex", "lit", "typedoc", "typescript", "uplot", "vite"],
  },
};

function* files(path) {
  if (["src/core/generated", "apps/playground/dist"].includes(path) || !existsSync(path)) return;
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) yield* files(`${path}/${name}`);
  } else {
    yield path;
  }
}

/** Hash of the content of everything that the build of `target` reads. */
function sourcesHash(target) {
  const { paths, packages } = SOURCES[target];
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => [...files(path)])) {
    hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  }
  const locked = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
  for (const name of packages) hash.update(`${name} ${locked[`node_modules/${name}`].version}\0`);
  return hash.digest("hex");
}

export const stamp = {
  /** What `target` is about to be built from: taken before the build, so that a change made meanwhile is not missed. */
  of: sourcesHash,
  /** Notes that `target` (core, scalar, dist or site) has been built from `sources`, which `of` gave. */
  write(target, sources) {
    mkdirSync("build", { recursive: true });
    writeFileSync(`build/${target}.stamp`, sources);
  },
  /** Whether `target` was built from the present sources, and `file`, which the build makes, is there. */
  fresh(target, file) {
    const noted = `build/${target}.stamp`;
    return existsSync(file) && existsSync(noted) && readFileSync(noted, "utf8") === sourcesHash(target);
  },
};
