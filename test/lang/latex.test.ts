import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BinaryOperator, Expression } from "../../src/lang/ast.js";
import { Diagnostics } from "../../src/lang/diagnostics.js";
import { latexAssignment, latexExpression, latexName } from "../../src/lang/latex.js";
import { parseAssignments, parseExpression } from "../../src/lang/parser.js";
import { Source } from "../../src/lang/source.js";
import { cases } from "../cases.js";
import { compile } from "../contract/expression.js";

const UNITS = ["mV", "ms", "uA", "cm2", "degC"];
const isUnit = (name: string): boolean => UNITS.includes(name);
const latex = (text: string): string => {
  const diagnostics = new Diagnostics();
  const node = parseExpression(new Source("threshold", text), diagnostics, { caret: true });
  expect(diagnostics.errors).toEqual([]);
  return latexExpression(node as Expression, isUnit);
};

describe("names", () => {
  it.each([
    ["v", "v"],
    ["tau_m", "\\tau_{m}"],
    ["V_th", "V_{\\mathrm{th}}"],
    ["Delta_T", "\\Delta_{T}"],
    ["h_T_inf", "h_{T,\\infty}"],
    ["Ca", "\\mathrm{Ca}"],
    ["g_Na", "g_{\\mathrm{Na}}"],
    ["k2", "k_{2}"],
    ["alpha1_m", "\\alpha_{1,m}"],
    ["_x_", "x"],
    ["η", "η"],
    ["not_refractory", "\\text{not refractory}"],
  ])("%s is %s", (name, expected) => expect(latexName(name)).toBe(expected));
});

describe("expressions", () => {
  it.each([
    ["a/b*c", "\\frac{a}{b} c"],
    ["a/(b*c)", "\\frac{a}{b c}"],
    ["a/b/c", "\\frac{a}{b c}"],
    ["a/(b + c)", "\\frac{a}{b + c}"],
    ["(a + b)*c", "\\left(a + b\\right) c"],
    ["a*(b*c)", "a b c"],
    ["a - (b - c)", "a - \\left(b - c\\right)"],
    ["a + (b - c)", "a + b - c"],
    ["a*(-b)", "a \\left(-b\\right)"],
    ["-u/18", "-\\frac{u}{18}"],
    ["-(a + b)", "-\\left(a + b\\right)"],
    ["-(-a)", "-\\left(-a\\right)"],
    ["m^3*h", "m^{3} h"],
    ["-x^2", "-x^{2}"],
    ["(-x)^2", "\\left(-x\\right)^{2}"],
    ["(a/b)**2", "\\left(\\frac{a}{b}\\right)^{2}"],
    ["(a**b)**c", "\\left(a^{b}\\right)^{c}"],
    ["a**b**c", "a^{b^{c}}"],
    ["2*3*x", "2 \\cdot 3 x"],
    ["2*(1/3)", "2 \\cdot \\frac{1}{3}"],
    ["1e-9*x", "10^{-9} x"],
    ["2.5e21", "2.5 \\cdot 10^{21}"],
    ["exp((v - V_T)/Delta_T)", "\\exp\\left(\\frac{v - V_{T}}{\\Delta_{T}}\\right)"],
    ["log(x) + log10(x)", "\\ln\\left(x\\right) + \\log_{10}\\left(x\\right)"],
    ["2*expm1(x)", "2 \\left(\\exp\\left(x\\right) - 1\\right)"],
    ["log1p(x)", "\\ln\\left(1 + x\\right)"],
    ["pow(x, y)", "x^{y}"],
    ["sqrt(x + 1)", "\\sqrt{x + 1}"],
    ["abs(x)", "\\left| x \\right|"],
    ["floor(x)", "\\left\\lfloor x \\right\\rfloor"],
    ["max(0, x)", "\\max\\left(0, x\\right)"],
    ["atan(x)", "\\arctan\\left(x\\right)"],
    ["rand()", "\\mathrm{rand}\\left(\\right)"],
  ])("%s is %s", (text, expected) => expect(latex(text)).toBe(expected));

  it.each([
    ["v >= 35*mV", "v \\ge 35 \\thinspace \\mathrm{mV}"],
    ["v > -50*mV", "v \\gt -50 \\thinspace \\mathrm{mV}"],
    ["10*uA/cm2", "\\frac{10 \\thinspace \\mathrm{\\mu A}}{\\mathrm{cm}^{2}}"],
    ["T/degC", "\\frac{T}{\\mathrm{^\\circ C}}"],
    ["a < b and not c == d", "a \\lt b \\land \\lnot c = d"],
    ["(a or b) and c", "\\left(a \\lor b\\right) \\land c"],
    ["(i < 100)*5", "\\left[i \\lt 100\\right] \\cdot 5"],
  ])("units and conditions: %s is %s", (text, expected) => expect(latex(text)).toBe(expected));

  it("has rows for the cases of a conditional expression", () => {
    const rows = "a & \\text{if } x \\lt 0 \\\\ b & \\text{if } x \\lt 1 \\\\ c & \\text{otherwise}";
    const text = `\\begin{cases} ${rows} \\end{cases}`;
    expect(latex("a if x < 0 else b if x < 1 else c")).toBe(text);
    expect(latex("2*(a if x < 0 else b if x < 1 else c)")).toBe(`2 \\left(${text}\\right)`);
  });

  it("writes what a statement makes of its variable", () => {
    const lines = parseAssignments(new Source("reset", "v = c\nu += d\nw -= a + b\nx *= 2"), new Diagnostics());
    expect(lines.map((one) => latexAssignment(one))).toEqual([
      "v \\leftarrow c",
      "u \\leftarrow u + d",
      "w \\leftarrow w - \\left(a + b\\right)",
      "x \\leftarrow x \\cdot 2",
    ]);
  });
});

/** LaTeX as a text that the evaluator of the tests reads: what stands side by side is multiplied. */
function plain(text: string): string {
  let left = text;
  const fraction = /\\frac\{([^{}]*)\}\{([^{}]*)\}/;
  const power = /\^\{([^{}]*)\}/;
  left = left.replace(/\\left|\\right/g, "");
  while (fraction.test(left) || power.test(left)) left = left.replace(power, "^($1)").replace(fraction, "(($1)/($2))");
  const tokens = left.replace(/\\cdot/g, "*").match(/\\?[a-z]+|\d+(?:\.\d+)?|\S/g) ?? [];
  const closes = (token = ""): boolean => /^(?:\d.*|[a-z]|\))$/.test(token);
  const opens = (token: string): boolean => /^(?:\d.*|\\?[a-z]+|\()$/.test(token);
  const joined = tokens.map((token, i) => (closes(tokens[i - 1]) && opens(token) ? `*${token}` : token)).join("");
  return joined.replace(/\\/g, "");
}

const at = { start: 0, end: 0, depth: 1 };
const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(
      fc.constantFrom("a", "b", "c").map((name): Expression => ({ kind: "name", name, ...at })),
      fc.constantFrom(1, 2, 2.5, 1e-7).map((value): Expression => ({ kind: "number", value, ...at })),
    ),
    fc
      .tuple(fc.constantFrom<BinaryOperator>("+", "-", "*", "/", "**"), tie("tree"), tie("tree"))
      .map(([operator, left, right]): Expression => ({ kind: "binary", operator, left, right, ...at })),
    tie("tree").map((operand): Expression => ({ kind: "unary", operator: "-", operand, ...at })),
    fc
      .tuple(fc.constantFrom("exp", "tanh", "expm1"), tie("tree"))
      .map(([name, arg]): Expression => ({ kind: "call", name, at, args: [arg], ...at })),
  ),
}));

const SCOPE = { a: 1.25, b: 0.75, c: 1.5 };

function valueOf(node: Expression): number {
  if (node.kind === "number") return node.value;
  if (node.kind === "name") return SCOPE[node.name as "a"];
  if (node.kind === "unary") return -valueOf(node.operand);
  if (node.kind === "call") return Math[node.name as "exp"](valueOf(node.args[0] as Expression));
  if (node.kind !== "binary") return Number.NaN;
  const [x, y] = [valueOf(node.left), valueOf(node.right)];
  return { "+": x + y, "-": x - y, "*": x * y, "/": x / y, "**": x ** y }[node.operator as "+"];
}

describe("any expression", () => {
  it("has the value of its LaTeX", () => {
    fc.assert(
      fc.property(tree, (node) => {
        const [value, read] = [valueOf(node), compile(plain(latexExpression(node)))(SCOPE)];
        // Sums whose terms cancel say nothing, and what is hardly a number.
        fc.pre(Number.isFinite(value) && Math.abs(value) > 1e-3 && Math.abs(value) < 1e6);
        expect(read / value).toBeCloseTo(1, 4);
      }),
      { numRuns: cases(1000) },
    );
  });
});
