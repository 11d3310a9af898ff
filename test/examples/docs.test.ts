/**
 * What the pages show is true: code blocks compile, run and print what stands below them, model files can be read,
 * links lead somewhere. A block is run as a file of its own with the built package, as a reader would (programs.ts says
 * how).
 *
 * A `text` block right after a `ts` or `js` block is its output; one after a comment `output of FILE` is that of a
 * file, whose numbers may have moved by a fifth: statistics of networks change with every change of a last bit.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { parseModelFile } from "../../src/index.js";
import { some } from "../cases.js";
import type { Outcome } from "./programs.js";

const OUT = "build/docs";

/** Pages written by hand; the pages of the models have a test of their own. */
const PAGES = [
  ...readdirSync(".").filter((name) => name.endsWith(".md")),
  ...readdirSync("docs").filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
  "examples/README.md",
  "examples/claims/README.md",
];

interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** File that the block is written to. */
  readonly file: string;
  readonly output: string | undefined;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(page, "utf8");
  const blocks: Block[] = [];
  for (const match of text.matchAll(/^```(\w+)\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm)) {
    const [, language = "", code = "", output] = match;
    const line = text.slice(0, match.index).split("\n").length;
    const extension = { ts: "ts", js: "mjs", json: "json" }[language];
    const file = `${OUT}/${page.replace(/\W/g, "-")}-${line}.${extension}`;
    blocks.push({ page, line, language, text: code, file, output });
  }
  return blocks;
}

const blocks = PAGES.flatMap(blocksOf);
const programs = blocks.filter(({ language }) => language === "ts" || language === "js");

/** A program that does not end is known as one after so long, even on a busy machine. */
const PATIENCE_MS = 240_000;

/** Runs files and says what became of each; those after one that does not end are missing. */
function run(files: readonly string[]): Promise<ReadonlyMap<string, Outcome>> {
  return new Promise((resolve, reject) => {
    const words = ["node_modules/tsx/dist/cli.mjs", "test/examples/programs.ts", ...files];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    let guard: NodeJS.Timeout | undefined;
    const wait = (): void => {
      clearTimeout(guard);
      guard = setTimeout(() => child.kill(), PATIENCE_MS);
    };
    wait();
    child.stdout.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      wait();
    });
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(guard);
      const lines = text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Outcome);
      resolve(new Map(lines.map((outcome) => [outcome.file, outcome])));
    });
  });
}

/** Outputs of files that a page shows. */
const outputs = some(
  PAGES.flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/^<!-- output of (\S+) -->\n```text\n([\s\S]*?)^```/gm)].map(
      ([, file = "", text = ""]) => ({ page, file, text }),
    ),
  ),
);

const NUMBER = /-?\d+(?:\.\d+)?/g;

/** A text without its numbers and the spaces around them. */
function words(text: string): string {
  return text.replace(NUMBER, "#").replace(/ +/g, " ");
}

function numbers(text: string): number[] {
  return (text.match(NUMBER) ?? []).map(Number);
}

describe("code blocks", () => {
  let outcomes: ReadonlyMap<string, Outcome>;

  beforeAll(async () => {
    rmSync(OUT, { recursive: true, force: true });
    mkdirSync(OUT, { recursive: true });
    for (const { file, text } of programs) writeFileSync(file, text);
    outcomes = await run([...programs, ...outputs].map(({ file }) => file));
  }, 10 * PATIENCE_MS);

  /** What a file printed, which ended as it should. */
  function printed(file: string): string {
    const { status, stdout, stderr } = outcomes.get(file) ?? expect.fail(`${file} does not end, or was not run because of one that did not`);
    expect(status, stderr).toBe(0);
    return stdout;
  }

  it("are there", () => {
    expect(programs.filter(({ page }) => page === "README.md").length).toBeGreaterThan(3);
  });

  it("compile", () => {
    const { config } = ts.readConfigFile("tsconfig.tools.json", ts.sys.readFile);
    const parsed = ts.parseJsonConfigFileContent({ ...config, include: [`${OUT}/*.ts`] }, ts.sys, ".");
    const program = ts.createProgram(parsed.fileNames, { ...parsed.options, noUnusedLocals: false });
    const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const where = file ? `${file.fileName}:${file.getLineAndCharacterOfPosition(start ?? 0).line + 1}` : "";
      return `${where} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
    expect(parsed.fileNames.length).toBe(programs.filter(({ language }) => language === "ts").length);
    expect(problems).toEqual([]);
  });

  it.each(programs.map((block) => [`${block.page}:${block.line}`, block] as const))("run: %s", (_, block) => {
    const stdout = printed(block.file);
    if (block.output !== undefined) expect(stdout).toBe(block.output);
  });

  it.each(outputs.map((output) => [`${output.page}: ${output.file}`, output] as const))("output: %s", (_, shown) => {
    const stdout = printed(shown.file);
    expect(words(stdout)).toEqual(words(shown.text));
    const [now, then] = [numbers(stdout), numbers(shown.text)];
    const moved = now.filter((x, i) => Math.abs(x - (then[i] as number)) > Math.max(1, 0.2 * Math.abs(x)));
    expect(moved, `the page is out of date; the output is now\n${stdout}`).toEqual([]);
  });

  const files = blocks.filter(({ language, text }) => language === "json" && text.includes('"populations"'));
  it.each(files.map((block) => [`${block.page}:${block.line}`, block] as const))("model file: %s", (_, { text }) => {
    expect(parseModelFile(text).populations.length).toBeGreaterThan(0);
  });
});

/** The address of a heading within its page. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/`/g, "").replace(/[^\p{L}\p{N} _-]/gu, "").replace(/ /g, "-");
}

describe.each(PAGES)("%s", (page) => {
  const text = readFileSync(page, "utf8").replace(/^```[\s\S]*?^```/gm, "");

  it("has links that lead somewhere", () => {
    const broken: string[] = [];
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = "", part] = target.split("#");
      const file = path === "" ? page : posix.join(posix.dirname(page), path);
      if (!existsSync(file)) broken.push(target);
      else if (part !== undefined) {
        const headings = [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
          anchor(heading),
        );
        if (!headings.includes(part)) broken.push(target);
      }
    }
    expect(broken).toEqual([]);
  });
});

describe("bundling for the browser", () => {
  it("needs no plugin, no extra file and nothing of Node", async () => {
    const first = programs.find(({ page }) => page === "README.md") as Block;
    const { build } = await import("esbuild");
    const { outputFiles, errors, warnings } = await build({
      stdin: { contents: first.text, resolveDir: ".", loader: "ts" },
      bundle: true,
      format: "esm",
      platform: "browser",
      write: false,
    });
    expect([...errors, ...warnings]).toEqual([]);
    expect(outputFiles.length).toBe(1);
    const file = `${OUT}/bundle.mjs`;
    writeFileSync(file, outputFiles[0]?.text ?? "");
    expect((await run([file])).get(file)).toMatchObject({ status: 0, stdout: first.output });
  });
});
