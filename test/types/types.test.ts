/** Compiles correct.ts, misuse.ts and kinds.ts as a user's compiler would: names of a model are part of its type. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";

const CORRECT = "test/types/correct.ts";
const MISUSE = "test/types/misuse.ts";
const KINDS = "test/types/kinds.ts";
const MARK = /^\s*\/\/ @ts-expect-error (.*)$/;

interface Problem {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** Errors of the compiler in the two files. The marks are taken out, so that the errors behind them are seen. */
function problems(): Problem[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    "tsconfig.tools.json",
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (d) => {
        throw new Error(ts.flattenDiagnosticMessageText(d.messageText, "\n"));
      },
    },
  ) as ts.ParsedCommandLine;
  const host = ts.createCompilerHost(config.options);
  const { readFile } = host;
  host.readFile = (path) => {
    const text = readFile(path);
    return path.endsWith(MISUSE) ? text?.replaceAll("@ts-expect-error", "wrong:") : text;
  };
  const program = ts.createProgram([CORRECT, MISUSE, KINDS], { ...config.options, noEmit: true }, host);
  // What is wrong in the files that these import, `npm run types` says.
  const sources = [CORRECT, MISUSE, KINDS].map((name) => program.getSourceFile(name) as ts.SourceFile);
  const found = [program.getOptionsDiagnostics(), program.getGlobalDiagnostics()].flat();
  for (const file of sources) {
    found.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
  }
  return found.map((d) => ({
    file: d.file?.fileName.replace(/.*\/(?=test\/types\/)/, "") ?? "",
    line: d.file ? d.file.getLineAndCharacterOfPosition(d.start ?? 0).line + 1 : 0,
    text: ts.flattenDiagnosticMessageText(d.messageText, "\n"),
  }));
}

describe("the compiler", () => {
  const lines = readFileSync(MISUSE, "utf8").split("\n");
  const marked = lines.flatMap((line, i) =>
    MARK.test(line) ? [{ line: i + 2, mistake: MARK.exec(line)?.[1] as string }] : [],
  );
  let found: Problem[];

  beforeAll(() => {
    found = problems();
  });

  it("accepts correct uses, and the types of kinds are what they are written out as", () => {
    expect(found.filter((p) => p.file !== MISUSE)).toEqual([]);
  });

  it.each(marked)("finds line $line: $mistake", ({ line }) => {
    expect(found.filter((p) => p.file === MISUSE && p.line === line)).not.toEqual([]);
  });

  it("finds nothing else", () => {
    const allowed = new Set(marked.map(({ line }) => line));
    expect(found.filter((p) => p.file === MISUSE && !allowed.has(p.line))).toEqual([]);
    expect(marked.length).toBeGreaterThan(30);
  });

  it("suggests the name that was meant", () => {
    const at = (mistake: string): string => {
      const line = marked.find((m) => m.mistake === mistake)?.line;
      return found.find((p) => p.line === line)?.text ?? "";
    };
    expect(at("misspelt parameter")).toContain("'tau_m'");
    expect(at("unknown preset")).toContain('"tonic"');
    expect(at("receptor that the target does not have")).toContain('"ampa" | "gaba"');
  });
});
