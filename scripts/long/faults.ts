/** Single faults of a source text, as a hurried hand makes them: what `plant-faults.ts` plants. */
import ts from "typescript";

/** A piece of a file and what stands there instead. */
export interface Fault {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
}

const K = ts.SyntaxKind;

/** Operators that are mistaken for each other. */
const OPERATORS = new Map<ts.SyntaxKind, readonly string[]>([
  [K.LessThanToken, ["<=", ">"]],
  [K.LessThanEqualsToken, ["<", ">="]],
  [K.GreaterThanToken, [">=", "<"]],
  [K.GreaterThanEqualsToken, [">", "<="]],
  [K.EqualsEqualsToken, ["!="]],
  [K.ExclamationEqualsToken, ["=="]],
  [K.EqualsEqualsEqualsToken, ["!=="]],
  [K.ExclamationEqualsEqualsToken, ["==="]],
  [K.PlusToken, ["-"]],
  [K.MinusToken, ["+"]],
  [K.AsteriskToken, ["/"]],
  [K.SlashToken, ["*"]],
  [K.AmpersandAmpersandToken, ["||"]],
  [K.BarBarToken, ["&&"]],
  [K.LessThanLessThanToken, [">>"]],
  [K.GreaterThanGreaterThanToken, ["<<"]],
  [K.AmpersandToken, ["|"]],
  [K.BarToken, ["&"]],
  [K.PlusEqualsToken, ["-=", "="]],
  [K.MinusEqualsToken, ["+="]],
  [K.AsteriskEqualsToken, ["/="]],
]);

/** Functions of two arguments whose order says nothing. */
const COMMUTATIVE = new Set(["add", "mul", "min", "max"]);

/** Functions that are mistaken for each other, of Math or of the core. */
const FUNCTIONS = new Map([
  ["min", "max"],
  ["max", "min"],
  ["floor", "ceil"],
  ["ceil", "floor"],
  ["round", "floor"],
]);

function isMath(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isCallExpression(parent)) return parent.expression === node;
  return (
    ts.isPropertyAccessExpression(parent) && parent.name === node && /^(Native)?Math$/.test(parent.expression.getText())
  );
}

/** A statement that only leaves: `if (...) return`, `throw` or the like. */
function leaves(node: ts.Statement): boolean {
  if (ts.isBlock(node)) return node.statements.length > 0 && leaves(node.statements.at(-1) as ts.Statement);
  return [K.ReturnStatement, K.ThrowStatement, K.ContinueStatement, K.BreakStatement].includes(node.kind);
}

/** All faults that may be planted in a file; the core is close enough to TypeScript to be parsed as such. */
export function faultsOf(file: string, text: string): Fault[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: Fault[] = [];

  function put(kind: string, node: { getStart(): number; end: number }, to: string): void {
    const start = node.getStart();
    const from = text.slice(start, node.end);
    if (from === to) return;
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    found.push({ file, line, start, end: node.end, kind, from, to });
  }

  function visit(node: ts.Node): void {
    // Types and imports are nothing at run time; the texts of errors are not what is tried here.
    if (
      ts.isTypeNode(node) ||
      ts.isImportDeclaration(node) ||
      ts.isExportDeclaration(node) ||
      ts.isThrowStatement(node)
    )
      return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const texts = [node.left, node.right].some((x) => ts.isStringLiteralLike(x) || ts.isTemplateExpression(x));
      if (!texts)
        for (const to of OPERATORS.get(node.operatorToken.kind) ?? []) put("operator", node.operatorToken, to);
    } else if (ts.isNumericLiteral(node)) {
      if (/^\d+$/.test(node.text) && node.text.length < 10) {
        put("constant", node, String(Number(node.text) + 1));
      } else if (/^\d*\.\d+$/.test(node.text)) {
        put("constant", node, String(2 * Number(node.text)));
      }
    } else if (node.kind === K.TrueKeyword || node.kind === K.FalseKeyword) {
      put("constant", node, node.kind === K.TrueKeyword ? "false" : "true");
    } else if (ts.isIfStatement(node)) {
      put("condition", node.expression, `!(${node.expression.getText()})`);
      if (!node.elseStatement && leaves(node.thenStatement)) put("guard removed", node, ";");
    } else if (ts.isConditionalExpression(node)) {
      put("condition", node.condition, `!(${node.condition.getText()})`);
    } else if (ts.isExpressionStatement(node)) {
      if (ts.isCallExpression(node.expression) || ts.isBinaryExpression(node.expression))
        put("statement removed", node, ";");
    } else if (
      ts.isPrefixUnaryExpression(node) &&
      node.operator === K.MinusToken &&
      !ts.isNumericLiteral(node.operand)
    ) {
      put("operator", node, node.operand.getText());
    } else if (ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken) {
      put("condition", node, node.operand.getText());
    } else if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const [first, second] = node.arguments ?? [];
      if (first && second && !ts.isSpreadElement(second) && !COMMUTATIVE.has(calledName(node))) {
        put("arguments swapped", { getStart: () => first.getStart(), end: second.end }, `${second.getText()}, ${first.getText()}`);
      }
    } else if (ts.isIdentifier(node) && FUNCTIONS.has(node.text) && isMath(node)) {
      put("function", node, FUNCTIONS.get(node.text) as string);
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  return found;
}

/** What is called: the last name of it. */
function calledName({ expression }: ts.CallExpression | ts.NewExpression): string {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

/** The text with the fault. */
export function planted(text: string, { start, end, to }: Fault): string {
  return text.slice(0, start) + to + text.slice(end);
}
