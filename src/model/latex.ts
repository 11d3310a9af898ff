/** The equations of a model in LaTeX, from the texts of its record or of its definition. */
import type { Assignment, Expression } from "../lang/ast.js";
import { Diagnostics } from "../lang/diagnostics.js";
import { type IsUnit, latexAssignment, latexDerivative, latexExpression, latexName } from "../lang/latex.js";
import { parseExpression } from "../lang/parser.js";
import type { CheckedKernel } from "../lang/receptor.js";
import { Source } from "../lang/source.js";
import type { CheckedModel } from "../lang/check.js";
import { equationsOf } from "./own.js";
import { kernelEquations, kernelRecord, type ReceptorKernelRecord } from "./receptorKernel.js";
import type { ModelRecord } from "./record.js";

/**
 * The equations of a model, its condition of a spike and its reset as LaTeX, or those of a receptor kernel: the rows of
 * an `aligned` environment, to be put between `$$` and `$$` on lines of their own. Empty for sources of spikes.
 */
export function latexOf(model: ModelRecord | ReceptorKernelRecord): string {
  const kernel = kernelRecord(model);
  const rows = kernel ? kernelRows(kernelEquations(kernel)) : modelRows(model as ModelRecord);
  if (rows.length === 0) return "";
  return `\\begin{aligned}\n${rows.join(" \\\\\n")}\n\\end{aligned}`;
}

function modelRows(model: ModelRecord): string[] {
  const checked = equationsOf(model);
  return checked ? ownRows(checked) : recordRows(model);
}

function equal(left: string, right: string): string {
  return `${left} &= ${right}`;
}

/** `condition: statements`. */
function rule(word: string, condition: string, reset: readonly string[]): string {
  const statements = reset.length === 0 ? "" : `:\\quad ${reset.join(",\\quad ")}`;
  return `&\\text{${word} } ${condition}${statements}`;
}

const EXPREL = equal("\\mathrm{exprel}\\left(x\\right)", "\\frac{\\exp\\left(x\\right) - 1}{x}");

/** What a function is that is no common one. */
function withExplained(rows: readonly string[]): string[] {
  return rows.some((row) => row.includes("exprel")) ? [...rows, EXPREL] : [...rows];
}

function recordRows(model: ModelRecord): string[] {
  const { equations, functions = {}, reset, threshold } = model;
  if (threshold === "") return [];
  // Right-hand sides use v as it is clipped, resets do not.
  const v = model.clipped === true ? `\\min\\left(v, ${latexName(threshold)}\\right)` : undefined;
  const side = (text: string): string => latexExpression(parsed(text));
  const rows = [
    ...Object.entries(equations).map(([name, text]) => equal(latexDerivative(name), side(text))),
    ...Object.entries(functions).map(([name, text]) => equal(latexName(name), side(text))),
  ];
  const clipped = v === undefined ? [] : [`&\\text{with } ${v} \\text{ for } v \\text{ on the right-hand sides}`];
  const assigned = Object.entries(reset ?? {}).map(([name, text]) => `${latexName(name)} \\leftarrow ${side(text)}`);
  return [
    ...withExplained(rows),
    ...clipped,
    reset
      ? rule("spike at", `v \\ge ${latexName(threshold)}`, assigned)
      : rule("spike where", `v \\text{ crosses } ${latexName(threshold)} \\text{ upward}`, []),
  ];
}

function parsed(text: string): Expression {
  const diagnostics = new Diagnostics();
  const node = parseExpression(new Source("equations", text), diagnostics, { caret: true });
  diagnostics.check(text);
  return node as Expression;
}

/** How the expressions of a definition are written. */
function writer({ scope }: CheckedModel): {
  side(node: Expression): string;
  assigned(statements: readonly Assignment[]): string[];
} {
  const isUnit: IsUnit = (name) => name !== "pi" && scope.lookup(name)?.kind === "constant";
  return {
    side: (node) => latexExpression(node, isUnit),
    assigned: (statements) => statements.map((one) => latexAssignment(one, isUnit)),
  };
}

function equationRows(model: CheckedModel): string[] {
  const { side } = writer(model);
  return withExplained([
    ...model.states.map(({ name, derivative }) => equal(latexDerivative(name), derivative ? side(derivative) : "0")),
    ...model.intermediates.map(({ name, value }) => equal(latexName(name), side(value))),
  ]);
}

/** A receptor: its states, its current, and what the sum w of the weights that arrive does. */
function kernelRows(kernel: CheckedKernel): string[] {
  const { side, assigned } = writer(kernel);
  const arrives = rule("when", "w \\text{ arrives}", assigned(kernel.reset));
  return [...equationRows(kernel), equal("I", side(kernel.written)), arrives];
}

function ownRows(model: CheckedModel): string[] {
  const { side, assigned } = writer(model);
  const { threshold, crossing, events, refractory } = model;
  const rows = equationRows(model);
  const taken = crossing ? "spike when this becomes true:" : "spike at";
  if (threshold) rows.push(rule(taken, side(threshold), assigned(model.reset)));
  if (refractory.kind === "condition") rows.push(rule("refractory while", side(refractory.value), []));
  else if (refractory.kind === "time") {
    const { value } = refractory;
    const time = typeof value === "number" ? `${value} \\thinspace \\mathrm{ms}` : side(value);
    rows.push(rule("refractory for", time, []));
  }
  for (const { condition, reset } of events) rows.push(rule("at", side(condition), assigned(reset)));
  return rows;
}
