/**
 * Builds a page with other people's bundlers, opens it in Chromium, and compares the spikes with those of Node: in the
 * page, in a worker and by `spikelet/worker`, with one and with two threads, cross-origin isolated and not, and under
 * the Content Security Policy of the README. Keeps the table of docs/browsers.md.
 *
 *   npx tsx scripts/checks/browsers.ts [--write] [--only vite-7,esbuild]
 *
 * `--write` writes the table; otherwise one that says anything else is a failure. Needs Chromium: the variable
 * CHROMIUM, or one of the usual names on the PATH. Bundlers are installed into a temporary folder; they are no
 * dependencies.
 *
 * Exit status: 0 done; 1 something differs; 3 no browser could be had.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { chromiumPath, ISOLATED, TYPES } from "./chromium.js";
import { install, inTemporaryFolder } from "./temporary.js";

const { values: given } = parseArgs({
  options: { write: { type: "boolean", default: false }, only: { type: "string" } },
});

const FILES = "test/browser";
const DOCS = "docs/browsers.md";
const VERSIONS: Readonly<Record<string, string>> = JSON.parse(readFileSync(`${FILES}/versions.json`, "utf8"));

/** What one loading of the program found. */
interface Found {
  readonly count: number;
  readonly hash: string;
  readonly hashOfTwo: string;
  readonly workers: number;
  readonly error?: string;
}
interface Result {
  readonly at: string;
  readonly isolated?: boolean;
  readonly page?: Found;
  readonly worker?: Found;
  /** Hashes by `spikelet/worker`, with one and with two threads. */
  readonly remote?: string;
  readonly remoteOfTwo?: string;
  readonly error?: string;
}

/** A way to bring the library into a page. */
interface Way {
  readonly id: string;
  readonly title: string;
  /** What is served as its page, made in a project that has the package and the program. */
  build(project: string): string;
  /** Modules of a worker see no import map, and a policy would have to name the map's hash. */
  readonly pageOnly?: boolean;
}

function node(project: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with status ${status}:\n${stdout}${stderr}`);
}

/** A module for Node that a bundler is called from. */
function script(project: string, name: string, text: string): void {
  writeFileSync(join(project, name), text);
  node(project, name);
}

function withPage(project: string, folder: string, html = readFileSync(join(FILES, "index.html"), "utf8")): string {
  writeFileSync(join(project, folder, "index.html"), html);
  return folder;
}

const vite = (major: number): Way => ({
  id: `vite-${major}`,
  title: `Vite ${VERSIONS[`vite-${major}`]}`,
  build(project) {
    node(
      project,
      `node_modules/vite-${major}/bin/vite.js`,
      "build",
      "--base",
      "./",
      "--outDir",
      `out-vite-${major}`,
      "--logLevel",
      "warn",
    );
    return `out-vite-${major}`;
  },
});

const WAYS: readonly Way[] = [
  ...[5, 6, 7, 8].map(vite),
  {
    id: "webpack",
    title: `webpack ${VERSIONS["webpack"]}`,
    build(project) {
      script(
        project,
        "webpack.mjs",
        `import webpack from "webpack";
        webpack({ mode: "production", entry: "./page.js", performance: false,
          output: { path: process.cwd() + "/out-webpack", filename: "page.js", publicPath: "auto" } }, (error, stats) => {
          if (error || stats.hasErrors() || stats.hasWarnings()) { console.error(error ?? stats.toString()); process.exit(1); }
        });`,
      );
      return withPage(project, "out-webpack");
    },
  },
  {
    id: "rollup",
    title: `Rollup ${VERSIONS["rollup"]}`,
    build(project) {
      script(
        project,
        "rollup.mjs",
        `import { rollup } from "rollup";
        import resolve from "@rollup/plugin-node-resolve";
        const bundle = await rollup({ input: ["page.js", "worker.js", "remote.js"], plugins: [resolve({ browser: true })] });
        await bundle.write({ dir: "out-rollup", format: "es" });`,
      );
      return withPage(project, "out-rollup");
    },
  },
  {
    id: "esbuild",
    title: `esbuild ${VERSIONS["esbuild"]}`,
    build(project) {
      script(
        project,
        "esbuild.mjs",
        `import { build } from "esbuild";
        await build({ entryPoints: ["page.js", "worker.js", "remote.js"], bundle: true, format: "esm", platform: "browser", outdir: "out-esbuild" });`,
      );
      return withPage(project, "out-esbuild");
    },
  },
  {
    id: "import-map",
    title: "no bundler, an import map",
    pageOnly: true,
    build(project) {
      const map = {
        spikelet: "./node_modules/spikelet/dist/index.js",
        "spikelet/worker": "./node_modules/spikelet/dist/worker.js",
        "@assemblyscript/loader": "./node_modules/@assemblyscript/loader/index.js",
        fflate: "./node_modules/fflate/esm/browser.js",
      };
      const html = readFileSync(join(FILES, "index.html"), "utf8")
        .replace("<body>", '<body data-workers="no">')
        .replace("<script", `<script type="importmap">${JSON.stringify({ imports: map })}</script>\n  <script`);
      return withPage(project, ".", html);
    },
  },
];

/** Other programs that run JavaScript, as npm ships them for this machine. */
const RUNTIMES = [
  { title: "Bun", package: "@oven/bun-linux-x64", program: "bin/bun", words: ["run"] },
  { title: "Deno", package: "@deno/linux-x64-glibc", program: "deno", words: ["run", "-A"] },
] as const;

/** The header of the README, word by word. */
function policy(): string {
  const text = /^Content-Security-Policy: (.*)$/m.exec(readFileSync("README.md", "utf8"))?.[1];
  if (text === undefined) throw new Error("README.md has no line that begins with Content-Security-Policy:");
  return text;
}

const CASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  isolated: ISOLATED,
  plain: {},
  policy: { ...ISOLATED, "Content-Security-Policy": policy() },
  "policy-plain": { "Content-Security-Policy": policy() },
  // One thread must do everything then.
  "policy-without-blob": { ...ISOLATED, "Content-Security-Policy": policy().replace(" blob:", "") },
};

/** Opens one page after the other, as the pages ask for the next; the results in the order of `urls`. */
async function visit(
  browser: string,
  project: string,
  folders: ReadonlyMap<string, string>,
  urls: readonly string[],
): Promise<Map<string, Result>> {
  const results = new Map<string, Result>();
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/done") {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        const result = JSON.parse(body) as Result;
        results.set(result.at, result);
        const next = urls[urls.indexOf(result.at) + 1] ?? "";
        response.end(next);
        if (next === "") finish();
      });
      return;
    }
    serve(pathname, response);
  });
  function serve(pathname: string, response: ServerResponse): void {
    const [, way = "", kind = "", ...rest] = normalize(pathname).split("/");
    const folder = folders.get(way);
    const name = rest.join("/") || "index.html";
    const file = folder === undefined ? undefined : join(project, folder, name);
    if (file === undefined || !existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, {
      "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
      "Cache-Control": "no-store",
      ...CASES[kind],
    });
    response.end(readFileSync(file));
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const child = spawn(
    browser,
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--enable-logging=stderr",
      `--user-data-dir=${join(project, "profile")}`,
      `http://127.0.0.1:${port}${urls[0]}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  child.stderr.on("data", (chunk) => (log = (log + String(chunk)).slice(-4000)));
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  let timer: NodeJS.Timeout | undefined;
  // A page that is never done keeps those after it from being opened.
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, 60_000 + 30_000 * urls.length)));
  await Promise.race([finished, ended, late]);
  clearTimeout(timer);
  child.kill();
  await ended;
  server.close();
  server.closeAllConnections();
  if (results.size < urls.length) {
    console.error(`The browser stopped at ${urls[results.size]}. The last that it said:\n${log}`);
  }
  return results;
}

/** What is wrong with a result; nothing if it is as it should be. */
function wrong(result: Result | undefined, kind: string, pageOnly: boolean, expected: Found): string {
  if (result === undefined) return "no result";
  if (result.error !== undefined) return result.error;
  const isolated = "Cross-Origin-Opener-Policy" in (CASES[kind] as object);
  if (result.isolated !== isolated) return `crossOriginIsolated is ${result.isolated}`;
  for (const where of pageOnly ? (["page"] as const) : (["page", "worker"] as const)) {
    const found = result[where];
    if (found === undefined) return `${where}: no result`;
    if (found.error !== undefined) return `${where}: ${found.error}`;
    if (found.hash !== expected.hash) return `${where}: other spikes than Node's with one thread`;
    if (found.hashOfTwo !== expected.hash) return `${where}: other spikes than Node's with two threads`;
    if (kind !== "policy-without-blob" && found.workers !== (isolated ? 1 : 0)) return `${where}: ${found.workers} workers were started`;
  }
  if (pageOnly) return "";
  if (result.remote !== expected.hash) return "spikelet/worker: other spikes than Node's with one thread";
  if (result.remoteOfTwo !== expected.hash) return "spikelet/worker: other spikes than Node's with two threads";
  return "";
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

async function check(project: string, browser: string): Promise<number> {
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  const ways = WAYS.filter(({ id }) => given.only === undefined || given.only.split(",").includes(id));
  const bundlers = Object.entries(VERSIONS).map(([name, version]) => {
    const real = name.replace(/^(vite)-\d+$/, "$1");
    return real === name ? `${name}@${version}` : `${name}@npm:${real}@${version}`;
  });
  install(project, join(project, packed.filename), ...bundlers);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  cpSync(FILES, project, { recursive: true });

  const main = join(project, "main.js");
  writeFileSync(main, 'import { hashes } from "./program.js";\nconsole.log(JSON.stringify(await hashes()));\n');
  const outside = (program: string, ...words: string[]): Found =>
    JSON.parse(execFileSync(program, [...words, main], { cwd: project, encoding: "utf8" })) as Found;
  const expected = outside(process.execPath);
  if (expected.count < 100 || expected.hash !== expected.hashOfTwo) throw new Error(`Node's spikes: ${JSON.stringify(expected)}`);

  let failed = 0;
  for (const runtime of given.only === undefined ? RUNTIMES : []) {
    const { hash, hashOfTwo } = outside(
      join(project, "node_modules", runtime.package, runtime.program),
      ...runtime.words,
    );
    const same = hash === expected.hash && hashOfTwo === expected.hash;
    console.log(`${runtime.title}: ${same ? "the same spikes as Node" : "other spikes than Node's"}`);
    if (!same) failed++;
  }
  const folders = new Map<string, string>();
  for (const way of ways) {
    try {
      folders.set(way.id, way.build(project));
    } catch (error) {
      failed++;
      console.error(`${way.title}: does not build: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const kindsOf = ({ pageOnly }: Way): string[] =>
    Object.keys(CASES).filter((kind) => !pageOnly || !kind.startsWith("policy"));
  const pages = ways
    .filter(({ id }) => folders.has(id))
    .flatMap((way) => kindsOf(way).map((kind) => ({ way, kind, url: `/${way.id}/${kind}/` })));
  const results = await visit(browser, project, folders, pages.map(({ url }) => url));
  for (const { way, kind, url } of pages) {
    const problem = wrong(results.get(url), kind, way.pageOnly === true, expected);
    console.log(`${way.title}, ${kind}: ${problem || "the same spikes as Node"}`);
    if (problem !== "") failed++;
  }
  if (given.only !== undefined || failed > 0) return failed;

  const rows = [
    ...WAYS.map(({ title, pageOnly }) => [
      title,
      pageOnly ? "page" : "page and worker",
      pageOnly ? "not tried" : "yes",
    ]),
    ...RUNTIMES.map((runtime) => [`${runtime.title} ${VERSIONS[runtime.package]}`, "program", ""]),
  ];
  const text = table([["with", "in", "under the policy above"], ["---", "---", "---"], ...rows]);
  const [before, after] = ["<!-- scripts/checks/browsers.ts -->\n", "\n<!-- end -->"];
  const page = readFileSync(DOCS, "utf8");
  const [head = "", rest = ""] = page.split(before);
  if (!rest.includes(after)) throw new Error(`${DOCS} has no place for the table`);
  const wanted = head + before + text + after + rest.slice(rest.indexOf(after) + after.length);
  if (given.write) writeFileSync(DOCS, wanted);
  else if (page !== wanted) {
    failed++;
    console.error(`${DOCS} says something else: npx tsx scripts/checks/browsers.ts --write`);
  }
  return failed;
}

const browser = chromiumPath();
console.log(execFileSync(browser, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim());
let failed = 1;
try {
  failed = await inTemporaryFolder((project) => check(project, browser));
} catch (error) {
  console.error(error);
}
process.exit(failed === 0 ? 0 : 1);
