/** The package as npm would publish it: what is in it, that it installs, imports, runs and is sound. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilerErrors, SETTINGS } from "./typings.js";

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const windows = process.platform === "win32";
const manifest = JSON.parse(readFileSync("package.json", "utf8"));

let folder: string;
let packed: Packed;
let tarball: string;
/** An empty project with nothing but the package. */
let project: string;

/** Runs a program and gives what it prints; a failure has all of it as its message. */
function run(command: string, args: readonly string[], cwd: string): string {
  const shell = windows && command !== process.execPath;
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", shell });
  if (status !== 0)
    throw new Error(`${command} ended with status ${status}: ${error?.message ?? ""}\n${stdout}${stderr}`);
  return stdout;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "spikelet-package-"));
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  [packed] = JSON.parse(run("npm", pack, process.cwd())) as [Packed];
  tarball = join(folder, packed.filename);
  project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "name": "project", "private": true, "type": "module" }\n');
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball], project);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs lines of a module in the project and gives what they print. */
function script(lines: string): string {
  const file = join(project, "script.mjs");
  writeFileSync(file, lines);
  return run(process.execPath, [file], project);
}

describe("the content", () => {
  const paths = (): string[] => packed.files.map((f) => f.path);

  it("is smaller than 1.8 MB packed and 5.7 MB unpacked, two files of one piece among it", () => {
    console.log(
      `package: ${Math.round(packed.size / 1e3)} kB packed, ${Math.round(packed.unpackedSize / 1e3)} kB unpacked`,
    );
    expect(packed.size).toBeLessThan(1_800_000);
    expect(packed.unpackedSize).toBeLessThan(5_700_000);
  });

  it("is the built library, the schema and the texts, and nothing else", () => {
    const texts = ["package.json", "README.md", "CHANGELOG.md", "LICENSE", "CITATION.cff", "schema/model.schema.json"];
    const allowed = (path: string): boolean => /^dist\/.*\.(js|d\.ts|wasm)$/.test(path) || texts.includes(path);
    expect(paths().filter((path) => !allowed(path))).toEqual([]);
    const wanted = [
      "dist/index.js",
      "dist/index.d.ts",
      "dist/cli.js",
      "dist/core.wasm",
      "dist/shard.js",
      "README.md",
      "LICENSE",
      "CHANGELOG.md",
    ];
    expect(wanted.filter((path) => !paths().includes(path))).toEqual([]);
  });

  it("has every file that package.json points to", () => {
    const { exports, bin, main, types } = manifest;
    const leaves = (x: unknown): string[] => (typeof x === "string" ? [x] : Object.values(x as object).flatMap(leaves));
    const files = leaves([exports, bin, main, types]).map((path) => path.replace(/^\.\//, ""));
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((path) => !paths().includes(path))).toEqual([]);
  });

  it("is the build of these sources", () => {
    expect(
      readFileSync(join(project, "node_modules/spikelet/dist/core.wasm")).equals(readFileSync("build/core.wasm")),
    ).toBe(true);
    expect(script('import { VERSION } from "spikelet"; console.log(VERSION);')).toBe(`${manifest.version}\n`);
  });

  it("names the path of no machine", () => {
    const root = process.cwd();
    const text = paths()
      .filter((path) => /\.(js|ts|json|md)$/.test(path))
      .filter((path) => readFileSync(join(project, "node_modules/spikelet", path), "utf8").includes(root));
    expect(text).toEqual([]);
  });

  it("brings its dependencies and no others", () => {
    const installed = Object.keys(JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")).packages)
      .filter((path) => path !== "")
      .map((path) => path.replace("node_modules/", ""));
    expect(installed.sort()).toEqual([...Object.keys(manifest.dependencies), "spikelet"].sort());
  });
});

describe("an installed package", () => {
  it("runs a network in twenty lines", () => {
    const output = script(`
      import { background, izhikevich, receptor, Simulation } from "spikelet";

      const sim = await Simulation.create({ dt: 0.1, seed: 42 });
      const exc = sim.population("exc", izhikevich, 80, {
        params: { d: (i) => 8 - 6 * (i / 80) ** 2 },
        receptors: { ampa: receptor.exponential({ tau: 5, E_rev: 0 }) },
        background: [background.constant(4), background.whiteNoise({ sigma: 5 })],
      });
      sim.connect(exc, exc, { rule: "fixedProbability", p: 0.1, weight: 0.02, delay: 1.5 });
      const spikes = sim.record(exc, "spikes");
      const v = sim.record(exc, "v", { neurons: [0, 1], every: 0.5 });
      const report = await sim.run(500);
      console.log(JSON.stringify({
        status: report.status,
        same: spikes.count === report.populations.exc.spikes,
        fires: spikes.rate() > 1 && spikes.rate() < 100,
        samples: v.values(1).length,
      }));
    `);
    expect(JSON.parse(output)).toEqual({ status: "done", same: true, fires: true, samples: 1001 });
  });

  it("gives the core and the schema as files of their own", () => {
    const output = script(`
      import { readFileSync } from "node:fs";
      import { lif, Simulation } from "spikelet";
      const core = readFileSync(new URL(import.meta.resolve("spikelet/core.wasm")));
      const schema = JSON.parse(readFileSync(new URL(import.meta.resolve("spikelet/model.schema.json")), "utf8"));
      const { version } = JSON.parse(readFileSync(new URL(import.meta.resolve("spikelet/package.json")), "utf8"));
      const sim = await Simulation.create({ dt: 0.1, core });
      sim.population("a", lif, 3);
      console.log((await sim.run(1)).status, typeof schema.properties, version);
    `);
    expect(output).toBe(`done object ${manifest.version}\n`);
  });

  it("keeps what is inside inside", () => {
    expect(() => script('import "spikelet/dist/sim/simulation.js";')).toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });

  it("has a command line", () => {
    const bin = join("node_modules", ".bin", windows ? "spikelet.cmd" : "spikelet");
    expect(existsSync(join(project, bin))).toBe(true);
    const models = run("npx", ["--no-install", "spikelet", "models"], project);
    for (const name of ["lif", "izhikevich", "adex", "hodgkinHuxley"]) expect(models).toContain(name);
    expect(run("npx", ["--no-install", "spikelet", "--version"], project)).toContain(manifest.version);
  });

  // The other settings are tried with several versions of TypeScript in continuous integration.
  it.each(SETTINGS.filter(({ name }) => ["a bundler and the DOM library", "neither"].includes(name)))(
    "has typings that a strict project with $name compiles, the library's types checked",
    (setting) => {
    expect(compilerErrors(setting, project)).toBe("");
  });
});

describe("the checkers of packages", () => {
  const tool = (path: string, ...args: string[]): string =>
    run(process.execPath, [join(process.cwd(), "node_modules", path), ...args], process.cwd());

  it("publint finds nothing", () => {
    const output = tool("publint/src/cli.js", tarball, "--strict");
    expect(output).toMatch(/All good!/);
  });

  it("attw finds the typings sound for ESM", () => {
    // The core, programs that pages load by themselves and the schema are files without typings.
    const files = ["--exclude-entrypoints", "core.wasm", "shard.js", "model.schema.json", "elements.js", "widget.js"];
    const plain = ["--format", "ascii", "--no-emoji"];
    const output = tool("@arethetypeswrong/cli/dist/index.js", tarball, "--profile", "esm-only", ...plain, ...files);
    expect(output).toMatch(/node16 \(from ESM\): OK \(ESM\)/);
    expect(output).toMatch(/bundler: OK/);
  });
});
