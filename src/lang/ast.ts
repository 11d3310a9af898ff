/** What the parser makes of a text, and the way back. */
import type { Span } from "./source.js";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "**";
export type ComparisonOperator = "<" | "<=" | ">" | ">=" | "==" | "!=";
export type LogicalOperator = "and" | "or";
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | LogicalOperator;
export type UnaryOperator = "-" | "+" | "not";

interface Node extends Span {
  /** Longest way down to a leaf; bounded by MAX_DEPTH, so that passes may recurse. */
  readonly depth: number;
}

export interface NumberNode extends Node {
  readonly kind: "number";
  readonly value: number;
}

export interface NameNode extends Node {
  readonly kind: "name";
  readonly name: string;
}

export interface UnaryNode extends Node {
  readonly kind: "unary";
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

export interface BinaryNode extends Node {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `then if condition else otherwise` */
export interface ConditionalNode extends Node {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

export interface CallNode extends Node {
  readonly kind: "call";
  readonly name: string;
  readonly at: Span;
  readonly args: readonly Expression[];
}

export type Expression = NumberNode | NameNode | UnaryNode | BinaryNode | ConditionalNode | CallNode;

export type Flag =
  "unless refractory" | "constant" | "shared" | "source" | "target" | "event-driven" | "clock-driven";
/** Flags of neuron models, and of rules of plasticity. */
export const FLAGS: readonly Flag[] = ["unless refractory", "constant", "shared"];
export const RULE_FLAGS: readonly Flag[] = [
  "source", "target", "shared", "constant", "event-driven", "clock-driven",
];

/** `dX/dt = value : unit`, `x = value : unit`, or `x : unit` for a variable that only resets change. */
export interface Equation extends Span {
  readonly kind: "differential" | "intermediate" | "variable";
  readonly name: string;
  readonly at: Span;
  /** Absent in a variable. */
  readonly value?: Expression;
  /** Absent where it is forgotten. */
  readonly unit?: { readonly text: string } & Span;
  readonly flags: readonly ({ readonly flag: Flag } & Span)[];
}

/** `x = value`, or `x += value` with the operator "+". */
export interface Assignment extends Span {
  readonly name: string;
  readonly at: Span;
  readonly operator?: "+" | "-" | "*" | "/";
  readonly value: Expression;
}

/** Strength of binding, as in Python; a conditional expression binds least. */
export const STRENGTH: Readonly<Record<BinaryOperator, number>> = {
  or: 2,
  and: 3,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  "==": 5,
  "!=": 5,
  "+": 6,
  "-": 6,
  "*": 7,
  "/": 7,
  "**": 9,
};
export const CONDITIONAL = 1;
export const NOT = 4;
export const SIGN = 8;

export function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return STRENGTH[operator] === 5;
}

/** The operands of an expression, from left to right. */
export function children(node: Expression): readonly Expression[] {
  if (node.kind === "unary") return [node.operand];
  if (node.kind === "binary") return [node.left, node.right];
  if (node.kind === "conditional") return [node.then, node.condition, node.otherwise];
  return node.kind === "call" ? node.args : [];
}

/** Every name in an expression that is not called. */
export function* namesIn(node: Expression): Generator<NameNode> {
  const stack: Expression[] = [node];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.kind === "name") yield next;
    stack.push(...[...children(next)].reverse());
  }
}

/** The text of an expression with the fewest brackets that give the same tree and no warning of precedence. */
export function printExpression(node: Expression): string {
  return print(node, 0);
}

function print(node: Expression, least: number): string {
  const [text, strength] = parts(node);
  return strength < least ? `(${text})` : text;
}

function parts(node: Expression): readonly [text: string, strength: number] {
  switch (node.kind) {
    case "number":
      return [String(node.value), 10];
    case "name":
      return [node.name, 10];
    case "call":
      return [`${node.name}(${node.args.map((arg) => print(arg, 0)).join(", ")})`, 10];
    case "unary": {
      if (node.operator === "not") return [`not ${print(node.operand, NOT)}`, NOT];
      // a sign that does nothing is taken for a mistake behind an operator
      if (node.operator === "+") return [`+${print(node.operand, 10)}`, CONDITIONAL];
      // -(a**b), though -a**b is the same
      return [`${node.operator}${print(node.operand, 10)}`, SIGN];
    }
    case "conditional": {
      const head = `${print(node.then, CONDITIONAL + 1)} if ${print(node.condition, CONDITIONAL + 1)}`;
      return [`${head} else ${print(node.otherwise, CONDITIONAL)}`, CONDITIONAL];
    }
    case "binary": {
      const { operator, left, right } = node;
      const strength = STRENGTH[operator];
      if (operator === "**") return [`${print(left, 10)}**${print(right, 10)}`, strength];
      const chained = isComparison(operator);
      // brackets where `and` and `or` meet
      const inner = operator === "or" ? NOT : strength;
      const side = (child: Expression, leftmost: boolean): string => {
        const same = child.kind === "binary" && child.operator === operator && leftmost && !chained;
        return print(
          child,
          same ? strength : leftmost && !chained ? Math.max(inner, strength) : Math.max(inner, strength + 1),
        );
      };
      const text = operator === "*" || operator === "/" ? operator : ` ${operator} `;
      return [`${side(left, true)}${text}${side(right, false)}`, strength];
    }
  }
}

/** The text of an equation on one line. */
export function printEquation(equation: Equation): string {
  const left = equation.kind === "differential" ? `d${equation.name}/dt` : equation.name;
  const value = equation.value === undefined ? "" : ` = ${printExpression(equation.value)}`;
  const unit = equation.unit === undefined ? "" : ` : ${equation.unit.text}`;
  const flags = equation.flags.length === 0 ? "" : ` (${equation.flags.map((one) => one.flag).join(", ")})`;
  return `${left}${value}${unit}${flags}`;
}

/** The text of a statement of a reset. */
export function printAssignment(statement: Assignment): string {
  return `${statement.name} ${statement.operator ?? ""}= ${printExpression(statement.value)}`;
}
