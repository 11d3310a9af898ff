import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printAssignment, printEquation, printExpression } from "../../src/lang/ast.js";
import { Diagnostics } from "../../src/lang/diagnostics.js";
import { tokenize } from "../../src/lang/lexer.js";
import { MAX_DEPTH, MAX_STATEMENTS } from "../../src/lang/limits.js";
import { parseAssignments, parseEquations, parseExpression } from "../../src/lang/parser.js";
import { Source } from "../../src/lang/source.js";
import { assignments, bare, equations, expressions } from "./texts.js";

/** Codes of what is said of an expression. */
function complaints(text: string): string[] {
  const diagnostics = new Diagnostics();
  parseExpression(new Source("threshold", text), diagnostics);
  return [...diagnostics.errors, ...diagnostics.warnings].map((one) => one.code);
}

/** The expression with all brackets. */
function grouped(text: string, caret = false): string {
  const diagnostics = new Diagnostics();
  const node = parseExpression(new Source("threshold", text), diagnostics, { caret });
  expect(diagnostics.errors).toEqual([]);
  const show = (e: ReturnType<typeof bare>): string => {
    const parts = (e.parts as ReturnType<typeof bare>[] | undefined)?.map(show) ?? [];
    if (e.kind === "binary") return `(${parts[0]} ${e.operator} ${parts[1]})`;
    if (e.kind === "unary") return `(${e.operator} ${parts[0]})`;
    if (e.kind === "conditional") return `(${parts[0]} if ${parts[1]} else ${parts[2]})`;
    return e.kind === "call" ? `${e.name}(${parts.join(", ")})` : String(e.value ?? e.name);
  };
  return node === undefined ? "" : show(bare(node));
}

describe("tokens", () => {
  const kinds = (text: string): string[] =>
    tokenize(new Source("equations", text), new Diagnostics()).map((one) => `${one.kind} ${one.text}`);

  it.each([
    ["1.5e-3*mV", ["number 1.5e-3", "operator *", "name mV", "end "]],
    [".5 5. 1e3", ["number .5", "number 5.", "number 1e3", "end "]],
    ["a**b ^ c", ["name a", "operator **", "name b", "operator **", "name c", "end "]],
    ["u += d # more\nv", ["name u", "operator +=", "name d", "newline \n", "name v", "end "]],
    ["a>=b!=c", ["name a", "operator >=", "name b", "operator !=", "name c", "end "]],
    ["uA/cm² 2μm", ["name uA", "operator /", "name cm²", "number 2", "name µm", "end "]],
    ["", ["end "]],
  ])("of %j", (text, expected) => expect(kinds(text)).toEqual(expected));
});

describe("precedence", () => {
  it.each([
    ["a + b*c", "(a + (b * c))"],
    ["a - b - c", "((a - b) - c)"],
    ["a/b*c", "((a / b) * c)"],
    ["-a*b", "((- a) * b)"],
    ["2**-b", "(2 ** (- b))"],
    ["-(a**2)", "(- (a ** 2))"],
    ["a**(b**c)", "(a ** (b ** c))"],
    ["not a < b and c > d", "((not (a < b)) and (c > d))"],
    ["a < b or (c and d)", "((a < b) or (c and d))"],
    ["a if b else c if d else e", "(a if b else (c if d else e))"],
    ["x + 1 if t > 5 else x - 1", "((x + 1) if (t > 5) else (x - 1))"],
    ["max(a, b + 1, -c)", "max(a, (b + 1), (- c))"],
    ["a +\n  b", "(a + b)"],
    ["(a\n + b)", "(a + b)"],
    ["a # first\n + b", "(a + b)"],
  ])("of %j is %s", (text, expected) => expect(grouped(text)).toBe(expected));

  it("reads ^ as the power where records are read", () => {
    expect(grouped("k_2 * v^2 - n^4", true)).toBe("((k_2 * (v ** 2)) - (n ** 4))");
    expect(grouped("-x^2", true)).toBe("(- (x ** 2))");
  });

  it.each([
    ["-a**b", ["signed-power"]],
    ["(-a)**b", []],
    ["-(a**b)", []],
    ["a - b**c", []],
    ["a**b**c", ["power-chain"]],
    ["a < b < c", ["comparison-chain"]],
    ["(a < b) == (c < d)", []],
    ["a or b and c", ["and-or"]],
    ["a or b or c", []],
    ["a / b*c", ["loose-division"]],
    ["a/b * c", []],
    ["a / b * c", []],
    ["(a / b)*c", []],
  ])("of %j has the warnings %j", (text, expected) => expect(complaints(text)).toEqual(expected));
});

describe("lines", () => {
  const names = (text: string): string[] => {
    const diagnostics = new Diagnostics();
    const list = parseEquations(new Source("equations", text), diagnostics);
    return [
      ...list.map(
        (one) => `${one.kind[0]} ${one.name} ${one.unit?.text ?? "-"} ${one.flags.map((f) => f.flag).join()}`,
      ),
      ...diagnostics.errors.map((one) => one.code),
    ];
  };

  it("hold one equation each, with comments and empty lines between", () => {
    expect(names("# a neuron\n\ndv/dt = -v/tau : mV # leak\n\n  w : pA (constant)\nx = 1 : 1")).toEqual([
      "d v mV ",
      "v w pA constant",
      "i x 1 ",
    ]);
  });

  it("may be separated by semicolons and end as in Windows", () => {
    expect(names("dv/dt = -v/tau : mV; x = 1 : 1\r\ny = 2 : ms\r\n")).toEqual(["d v mV ", "i x 1 ", "i y ms "]);
  });

  it("go on inside of brackets, behind an operator and before one", () => {
    expect(names("dv/dt = (a\n  + b)/tau : mV\nx = a +\n  b : 1\ny = a\n  * b : 1\nz = a\n  : 1")).toEqual([
      "d v mV ",
      "i x 1 ",
      "i y 1 ",
      "i z 1 ",
    ]);
  });

  it("begin anew behind a bracket that was forgotten", () => {
    expect(names("dv/dt = (a + b : mV\nx = 1 : 1")).toEqual(["i x 1 ", "unclosed"]);
  });

  it("tell units from flags", () => {
    expect(
      names(
        "dv/dt = a : pA*sqrt(ms) (unless refractory)\nx = 1 : 1/(ms*mV)\n" +
          "y = 2 : mV(shared)\nz = 3 : 1 (constant, shared)",
      ),
    ).toEqual(["d v pA*sqrt(ms) unless refractory", "i x 1/(ms*mV) ", "i y mV shared", "i z 1 constant,shared"]);
  });
});

describe("a text that is printed and read again", () => {
  it("is the same expression, without a warning", () => {
    fc.assert(
      fc.property(expressions, (node) => {
        const text = printExpression(node);
        const diagnostics = new Diagnostics();
        const again = parseExpression(new Source("x", text), diagnostics);
        expect(diagnostics.errors).toEqual([]);
        expect(diagnostics.warnings).toEqual([]);
        expect(again && bare(again)).toEqual(bare(node));
        expect(again && printExpression(again)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it("is the same equations", () => {
    fc.assert(
      fc.property(fc.array(equations, { maxLength: 5 }), (list) => {
        const diagnostics = new Diagnostics();
        const again = parseEquations(new Source("x", list.map(printEquation).join("\n")), diagnostics);
        expect(diagnostics.errors).toEqual([]);
        const plain = (one: (typeof list)[number]): unknown => [
          one.kind,
          one.name,
          one.value && bare(one.value),
          one.unit?.text,
          one.flags.map(({ flag }) => flag),
        ];
        expect(again.map(plain)).toEqual(list.map(plain));
      }),
      { numRuns: 200 },
    );
  });

  it("is the same reset", () => {
    fc.assert(
      fc.property(fc.array(assignments, { maxLength: 5 }), (list) => {
        const diagnostics = new Diagnostics();
        const again = parseAssignments(new Source("x", list.map(printAssignment).join("\n")), diagnostics);
        expect(diagnostics.errors).toEqual([]);
        const plain = (one: (typeof list)[number]): unknown => [one.name, one.operator, bare(one.value)];
        expect(again.map(plain)).toEqual(list.map(plain));
      }),
      { numRuns: 200 },
    );
  });
});

describe("limits", () => {
  it.each([
    ["brackets", "(".repeat(20_000)],
    ["brackets that close", `${"(".repeat(MAX_DEPTH)}x${")".repeat(MAX_DEPTH)}`],
    ["signs", "-".repeat(20_000)],
    ["powers", "x**".repeat(9000)],
    ["calls", "exp(".repeat(9000)],
    ["words", "not ".repeat(9000)],
    ["terms", `x${"+x".repeat(20_000)}`],
    ["choices", "x if x else ".repeat(5000)],
  ])("of nesting: %s", (_, text) => expect(complaints(text)).toEqual(["too-deep"]));

  it("leave room for what is written", () => {
    expect(complaints(`x${" + x".repeat(MAX_DEPTH - 1)}`)).toEqual([]);
    expect(complaints(`${"(".repeat(100)}x${")".repeat(100)}`)).toEqual([]);
  });

  it("of lines", () => {
    const diagnostics = new Diagnostics();
    const list = parseEquations(new Source("equations", "x = 1 : 1\n".repeat(MAX_STATEMENTS + 1)), diagnostics);
    expect(list).toHaveLength(MAX_STATEMENTS);
    expect(diagnostics.errors.map((one) => one.code)).toEqual(["too-many"]);
  });
});
