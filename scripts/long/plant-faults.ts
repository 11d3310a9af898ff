/**
 * Plants single faults in the sources, runs the tests on each, and lists those that no test sees.
 *
 *   npx tsx scripts/long/plant-faults.ts [--count 100] [--seed 1] [--only src/sim] [--jobs 2] [--tests test/sim]
 *   [--near] [--work FOLDER] [--list]
 *
 * Which faults are planted follows from the sources, the seed and `--only`: more of a larger `--count` come after the
 * same first ones. Faults that the compilers refuse do not count. Each job has a copy of the tree in a folder of its
 * own; the core is compiled anew for faults in assembly only. Tests that are likely to see a fault run first, the
 * others follow until one fails (`--tests`: of these folders only; `--near`: only the likely ones of at most nine
 * seconds, for a first look), and at last the check of generated files that continuous integration runs too. What hangs
 * is killed and counts as seen. Results are kept in WORK/results.json as they come: the same command goes on where it
 * was ended; another state of the sources begins anew. Status 1 when a fault survives whose reason is not in
 * scripts/faults-known.json.
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import ts from "typescript";
import { type Fault, faultsOf, planted } from "./faults.js";

const { values: given } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    only: { type: "string", multiple: true, default: ["src", "assembly"] },
    jobs: { type: "string", default: "2" },
    tests: { type: "string", multiple: true, default: ["test"] },
    near: { type: "boolean", default: false },
    work: { type: "string", default: join(tmpdir(), "spikelet-faults") },
    list: { type: "boolean", default: false },
  },
});
const work = resolve(given.work);
const root = process.cwd();

/** Made by generators, or without behaviour. */
const LEFT_OUT = [/^assembly\/generated\//, /^src\/core\/generated\//, /^src\/version\.ts$/, /\.d\.ts$/];

/** Tests that look at the package and the sources rather than at what they do, or need the registry. */
const NOT_RUN = [/^test\/package\//, /^test\/types\//, /^test\/bench\//, /^test\/architecture\.test\.ts$/];

/** Folders of tests that are likely to see faults of a folder of sources: the first entry that fits. */
const NEAR: readonly (readonly [sources: string, tests: readonly string[]])[] = [
  ["src/analysis/", ["test/analysis/", "test/property/statistics"]],
  ["src/plot/", ["test/plot/"]],
  ["src/io/", ["test/io/", "test/plot/", "test/cli/"]],
  ["src/cli", ["test/cli/", "test/plot/"]],
  ["src/models/", ["test/contract/", "test/models/"]],
  ["src/model/", ["test/model/", "test/contract/", "test/sim/simulation"]],
  ["src/core/", ["test/core/", "test/property/shards", "test/sim/"]],
  ["src/sim/", ["test/sim/", "test/property/equivalence", "test/property/live", "test/models/inputs"]],
  ["assembly/models/", ["test/contract/", "test/golden/", "test/models/"]],
  ["assembly/integrators/", ["test/contract/", "test/golden/", "test/models/"]],
  [
    "assembly/synapses/",
    ["test/golden/", "test/sim/synapses", "test/sim/plasticity", "test/sim/gap", "test/sim/features", "test/sim/slots"],
  ],
  ["assembly/receptors/", ["test/golden/", "test/sim/synapses", "test/sim/features", "test/sim/slots"]],
  ["assembly/inputs/", ["test/golden/", "test/models/inputs", "test/models/noise", "test/sim/sources"]],
  ["assembly/random", ["test/core/", "test/golden/"]],
  ["assembly/math", ["test/core/", "test/golden/"]],
  ["assembly/", ["test/golden/", "test/sim/", "test/property/"]],
];

/** Sources whose faults are likely to be seen in generated files and figures. */
const DRAWN = /^src\/(plot|models|analysis)\//;

interface Result extends Fault {
  readonly id: string;
  readonly outcome: "killed" | "hung" | "survived" | "refused";
  /** First test that failed. */
  readonly by?: string;
  readonly seconds: number;
}

function* walk(folder: string): Generator<string> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

/** A generator of random numbers in [0, 1) (mulberry32). */
function dice(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** All faults of the chosen sources in an order of chance. */
function shuffled(): Fault[] {
  const files = [
    ...new Set(given.only.flatMap((path) => (path.endsWith(".ts") ? [path] : [...walk(path.replace(/\/$/, ""))]))),
  ];
  const sources = files.filter((file) => file.endsWith(".ts") && !LEFT_OUT.some((x) => x.test(file))).sort();
  const all = sources.flatMap((file) => faultsOf(file, readFileSync(file, "utf8")));
  const random = dice(Number(given.seed));
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j] as Fault, all[i] as Fault];
  }
  return all;
}

function idOf({ file, start, kind, to }: Fault): string {
  return createHash("sha256").update(`${file}\0${start}\0${kind}\0${to}`).digest("hex").slice(0, 12);
}

/** Says whether TypeScript accepts a file with another text; `strict` is not needed, only what has no meaning. */
class Checker {
  private readonly texts = new Map<string, string>();
  private readonly versions = new Map<string, number>();
  private readonly service: ts.LanguageService;

  constructor() {
    const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
    const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    // What is not used any more is a fault like others.
    options.noUnusedLocals = options.noUnusedParameters = false;
    this.service = ts.createLanguageService({
      getScriptFileNames: () => fileNames,
      getScriptVersion: (file) => String(this.versions.get(file) ?? 0),
      getScriptSnapshot: (file) => {
        const text = this.texts.get(file) ?? ts.sys.readFile(file);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => root,
      getCompilationSettings: () => options,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
  }

  accepts(file: string, text: string): boolean {
    const path = join(root, file);
    this.set(path, text);
    const wrong = this.service.getSyntacticDiagnostics(path).length + this.service.getSemanticDiagnostics(path).length;
    this.set(path, undefined);
    return wrong === 0;
  }

  private set(path: string, text: string | undefined): void {
    if (text === undefined) this.texts.delete(path);
    else this.texts.set(path, text);
    this.versions.set(path, (this.versions.get(path) ?? 0) + 1);
  }
}

interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly hung: boolean;
}

/** Runs a program; it is killed when it has printed nothing for `silenceMs`. */
function run(
  cwd: string,
  silenceMs: number,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let hung = false;
    const stop = (): void => {
      hung = true;
      // With its workers.
      process.kill(-(child.pid as number), "SIGKILL");
    };
    let timer = setTimeout(stop, silenceMs);
    const take = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-200_000);
      clearTimeout(timer);
      timer = setTimeout(stop, silenceMs);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("close", (status) => {
      clearTimeout(timer);
      done({ status, output, hung });
    });
  });
}

/** Vitest's configuration in a copy: the files in the given order, one line per test. */
const CONFIG = `import { defineConfig } from "vitest/config"; import { ALONE } from "./vitest.config.ts";
const order = process.env.FAULT_TESTS.split(",");
class Sequencer {
  async sort(files) { return [...files].sort((a, b) => place(a) - place(b)); }
  async shard(files) { return files; }
}
function place(file) { return order.findIndex((name) => file.moduleId.endsWith("/" + name)); }
class Reporter {
  onTestCaseResult(test) { console.log((test.result().state === "failed" ? "FAILED " : ".") + (test.result().state === "failed" ? test.module.relativeModuleId + " > " + test.fullName : "")); }
  onTestModuleEnd(module) {
    console.log("TOOK " + module.relativeModuleId + " " + Math.round(module.diagnostic().duration));
    if (module.errors().length > 0) console.log("FAILED " + module.relativeModuleId);
  }
}
const project = (name, include, isolate) => ({ extends: true, test: { name, include, isolate } });
const projects = [
  project("shared", order.filter((name) => !ALONE.includes(name)), false),
  project("alone", order.filter((name) => ALONE.includes(name)), true),
];
export default defineConfig({
  test: {
    setupFiles: ["test/setup.ts"], testTimeout: 240000, hookTimeout: 240000, bail: 1, maxWorkers: 1, fileParallelism: false,
    sequence: { sequencer: Sequencer }, reporters: [new Reporter()],
    projects: projects.filter(({ test }) => test.include.length > 0),
  },
});
`;

/** A copy of the tree in which faults are planted. */
class Copy {
  readonly folder: string;
  private readonly clean: string;

  constructor(number: number) {
    this.folder = join(work, `tree-${number}`);
    this.clean = join(work, `clean-${number}`);
  }

  /** Copies the files that git knows, and builds a core that is quick to compile. */
  async make(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    const known = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" });
    for (const file of known.split("\n").filter((name) => name !== "" && existsSync(name))) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      cpSync(file, join(this.folder, file));
    }
    for (const folder of ["build", "dist"]) cpSync(folder, join(this.folder, folder), { recursive: true });
    rmSync(join(this.folder, "build/docs"), { recursive: true, force: true });
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"), "dir");
    const config = JSON.parse(readFileSync("asconfig.json", "utf8"));
    for (const target of Object.values<Record<string, unknown>>(config.targets)) {
      Object.assign(target, { converge: false, optimizeLevel: 1, textFile: undefined });
    }
    writeFileSync(join(this.folder, "asconfig.json"), JSON.stringify(config));
    writeFileSync(join(this.folder, "vitest.faults.mjs"), CONFIG);
    for (const step of ["release", "scalar"] as const) {
      const { status, output } = await this.compile(step);
      if (status !== 0) throw new Error(output);
    }
    const { status, output } = await this.bundle();
    if (status !== 0) throw new Error(output);
    rmSync(this.clean, { recursive: true, force: true });
    for (const part of ["build", "dist", "src/core/generated"]) {
      cpSync(join(this.folder, part), join(this.clean, part), { recursive: true });
    }
  }

  /** Undoes what a fault left behind. */
  restore(file: string): void {
    cpSync(join(root, file), join(this.folder, file));
    for (const part of ["build", "dist", "src/core/generated"]) {
      rmSync(join(this.folder, part), { recursive: true, force: true });
      cpSync(join(this.clean, part), join(this.folder, part), { recursive: true });
    }
  }

  compile(target: "release" | "scalar"): Promise<Ended> {
    return run(this.folder, 300_000, ["node_modules/assemblyscript/bin/asc.js", "--target", target]);
  }

  bundle(): Promise<Ended> {
    return run(this.folder, 120_000, ["scripts/build/build.mjs", "--code"]);
  }

  generated(): Promise<Ended> {
    return run(this.folder, 300_000, ["node_modules/tsx/dist/cli.mjs", "scripts/generate/index.ts", "--check"]);
  }

  test(files: readonly string[], silenceMs: number): Promise<Ended> {
    const env = { ...process.env, FAULT_TESTS: files.join(","), NO_COLOR: "1" };
    return run(this.folder, silenceMs, ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.faults.mjs"], env);
  }
}

function failureIn(output: string): string | undefined {
  return /^FAILED (.*)$/m.exec(output)?.[1];
}

const tests = [...new Set(given.tests.flatMap((folder) => [...walk(folder.replace(/\/$/, ""))]))]
  .filter((file) => file.endsWith(".test.ts") && !NOT_RUN.some((x) => x.test(file)))
  .sort();
/** Tests that compare with the scalar core: it is compiled for them alone, when all others saw nothing. */
const scalarTests = tests.filter((file) => readFileSync(file, "utf8").includes("core.scalar"));

/** The state of everything that matters: results of another one say nothing. */
function treeHash(): string {
  const hash = createHash("sha256");
  for (const file of ["assembly", "src", "test"]
    .flatMap((folder) => [...walk(folder)])
    .filter((f) => !f.includes("generated"))
    .sort()) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest("hex");
}

interface Kept {
  tree: string;
  /** Milliseconds of each file of tests without a fault. */
  took: Record<string, number>;
  results: Result[];
}

const store = join(work, "results.json");
const kept: Kept = existsSync(store) ? JSON.parse(readFileSync(store, "utf8")) : { tree: "", took: {}, results: [] };
const keep = (): void => writeFileSync(store, `${JSON.stringify(kept, null, 2)}\n`);

/** Files of tests, those first that have seen most faults of this folder, then those near it, then the quick ones. */
function ordered(file: string): string[] {
  const near = NEAR.find(([sources]) => file.startsWith(sources))?.[1] ?? [];
  const folder = dirname(file);
  const seen = (test: string): number =>
    kept.results.filter((r) => dirname(r.file) === folder && r.by?.startsWith(test)).length;
  const rank = (test: string): number => (near.some((prefix) => test.startsWith(prefix)) ? 0 : 1);
  const took = (test: string): number => kept.took[test] ?? 0;
  const chosen = given.near ? tests.filter((test) => rank(test) === 0 && took(test) < 9_000) : tests;
  return [...chosen].sort((a, b) => rank(a) - rank(b) || seen(b) - seen(a) || took(a) - took(b) || (a < b ? -1 : 1));
}

async function tryFault(
  copy: Copy,
  fault: Fault,
  checker: Checker,
): Promise<Omit<Result, keyof Fault | "id" | "seconds">> {
  const text = planted(readFileSync(fault.file, "utf8"), fault);
  const core = fault.file.startsWith("assembly/");
  if (!core && !checker.accepts(fault.file, text)) return { outcome: "refused" };
  writeFileSync(join(copy.folder, fault.file), text);
  try {
    if (core && (await copy.compile("release")).status !== 0) return { outcome: "refused" };
    const built = await copy.bundle();
    if (built.status !== 0) return { outcome: "killed", by: "the build" };
    const drawn = DRAWN.test(fault.file);
    if (drawn && (await copy.generated()).status !== 0) return { outcome: "killed", by: "generated files" };
    // A test may take longer on a slower core and beside another job.
    const silenceMs = 60_000 + 3 * Math.max(0, ...Object.values(kept.took));
    const order = ordered(fault.file);
    const groups = core
      ? [order.filter((t) => !scalarTests.includes(t)), order.filter((t) => scalarTests.includes(t))]
      : [order];
    for (const [i, group] of groups.entries()) {
      if (group.length === 0) continue;
      if (i === 1 && (await copy.compile("scalar")).status !== 0) return { outcome: "refused" };
      const { status, output, hung } = await copy.test(group, silenceMs);
      if (hung) return { outcome: "hung" };
      if (status !== 0) return { outcome: "killed", by: failureIn(output) ?? output.slice(-300) };
    }
    if (!drawn && (await copy.generated()).status !== 0) return { outcome: "killed", by: "generated files" };
    return { outcome: "survived" };
  } finally {
    copy.restore(fault.file);
  }
}

function report(): void {
  const counted = kept.results.filter((r) => r.outcome !== "refused");
  const folders = [...new Set(counted.map((r) => dirname(r.file)))].sort();
  const number = (rows: Result[], ...outcomes: string[]): string =>
    String(rows.filter((r) => outcomes.includes(r.outcome)).length).padStart(9);
  console.log(`\n${"folder".padEnd(24)}  planted   killed     hung survived`);
  for (const folder of [...folders, "all"]) {
    const rows = counted.filter((r) => folder === "all" || dirname(r.file) === folder);
    console.log(
      folder.padEnd(24) +
        String(rows.length).padStart(9) +
        number(rows, "killed") +
        number(rows, "hung") +
        number(rows, "survived"),
    );
  }
  const known: { file: string; text: string; to: string; reason: string }[] = JSON.parse(
    readFileSync("scripts/faults-known.json", "utf8"),
  );
  let unexplained = 0;
  for (const r of counted.filter(({ outcome }) => outcome === "survived")) {
    const text = (readFileSync(r.file, "utf8").split("\n")[r.line - 1] as string).trim();
    const reason = known.find((k) => k.file === r.file && k.text === text && k.to === r.to)?.reason;
    if (reason === undefined) unexplained++;
    console.log(`\nsurvived: ${r.file}:${r.line} (${r.kind})\n  ${text}\n  ${short(r.from)}  ->  ${short(r.to)}\n  ${reason ?? "no reason is known"}`);
  }
  if (unexplained > 0) process.exitCode = 1;
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}

async function main(): Promise<void> {
  const candidates = shuffled();
  if (given.list) {
    for (const f of candidates.slice(0, Number(given.count))) console.log(`${f.file}:${f.line} ${f.kind}: ${short(f.from)} -> ${short(f.to)}`);
    return void console.log(`${candidates.length} faults could be planted`);
  }
  mkdirSync(work, { recursive: true });
  execFileSync(process.execPath, ["scripts/build/setup.mjs", "--tests"], { stdio: "inherit" });
  const tree = `${treeHash()} ${given.tests.join(" ")}${given.near ? " near" : ""}`;
  if (kept.tree !== tree) Object.assign(kept, { tree, took: {}, results: [] });

  const copies = Array.from({ length: Math.max(1, Number(given.jobs)) }, (_, i) => new Copy(i));
  console.log("Copying the tree and compiling its core ...");
  await Promise.all(copies.map((copy) => copy.make()));
  if (Object.keys(kept.took).length === 0) {
    console.log("Running the tests without a fault ...");
    const parts = copies.map((copy, i) => copy.test(tests.filter((_, k) => k % copies.length === i), 600_000));
    for (const { status, output } of await Promise.all(parts)) {
      if (status !== 0) throw new Error(`the tests fail without a fault: ${failureIn(output) ?? output.slice(-2000)}`);
      for (const [, file, ms] of output.matchAll(/^TOOK (\S+) (\d+)$/gm)) kept.took[file as string] = Number(ms);
    }
    keep();
  }

  const checker = new Checker();
  const wanted = Number(given.count);
  const ids = new Set<string>();
  let next = 0;
  let counted = 0;
  const already = new Map(kept.results.map((r) => [r.id, r]));
  async function job(copy: Copy): Promise<void> {
    while (counted < wanted && next < candidates.length) {
      const fault = candidates[next++] as Fault;
      const id = idOf(fault);
      if (ids.has(id)) continue;
      ids.add(id);
      const known = already.get(id);
      if (known) {
        if (known.outcome !== "refused") counted++;
        continue;
      }
      // Taken before it is known whether it counts, so that jobs do not do more than is wanted.
      counted++;
      const started = performance.now();
      const result = {
        ...fault,
        id,
        ...(await tryFault(copy, fault, checker)),
        seconds: Math.round((performance.now() - started) / 1000),
      };
      if (result.outcome === "refused") counted--;
      kept.results.push(result);
      keep();
      const by = result.by === undefined ? "" : `by ${short(result.by)}`;
      console.log(`${String(counted).padStart(4)} ${result.outcome} in ${result.seconds} s ${by}\n     ${fault.file}:${fault.line} ${short(fault.from)} -> ${short(fault.to)}`);
    }
  }
  await Promise.all(copies.map(job));
  kept.results = kept.results.filter(({ id }) => ids.has(id));
  report();
  console.log(`\nAll results: ${store}`);
}

await main();
