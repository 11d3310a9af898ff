/** Remembers from which sources something was built, so that nothing is built twice. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";

/** What the build depends on. */
const SOURCES = ["assembly", "src", "scripts", "asconfig.json", "tsconfig.json", "package-lock.json"];

function* files(path) {
  if (path === "src/core/generated" || !existsSync(path)) return;
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) yield* files(`${path}/${name}`);
  } else {
    yield path;
  }
}

/** Hash of the content of everything that the build reads. */
function sourcesHash() {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    for (const file of files(source)) hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

export const stamp = {
  /** Notes that `target` has been built from the present sources. */
  write(target) {
    mkdirSync("build", { recursive: true });
    writeFileSync(`build/${target}.stamp`, sourcesHash());
  },
  /** Whether `target` was built from the present sources. */
  fresh(target) {
    const file = `build/${target}.stamp`;
    return existsSync(file) && readFileSync(file, "utf8") === sourcesHash();
  },
};
