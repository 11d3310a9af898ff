/** Random expressions. */
import fc from "fast-check";
import {
  type Arithmetic,
  type Comparison,
  type Expr,
  type FunctionName,
  FUNCTIONS,
  type Ir,
} from "../../src/lang/ir.js";

const UNARY: readonly Arithmetic[] = ["neg", "abs", "sqrt", "floor", "ceil", "trunc"];
const BINARY: readonly Arithmetic[] = ["add", "sub", "mul", "div", "min", "max"];
const COMPARISONS: readonly Comparison[] = ["lt", "le", "gt", "ge", "eq", "ne"];

/** An expression is drawn as a list of choices; the nodes before a node are what it may be made of. */
export type Choices = readonly {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly value: number;
}[];

export const VALUES: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, 2, 3, 1e-300, 1e300, -1e-310, Infinity, -Infinity, NaN),
  fc.double({ min: -100, max: 100 }),
  fc.double(),
);

export const choices: fc.Arbitrary<Choices> = fc.array(
  fc.record({ kind: fc.nat(1000), a: fc.nat(1000), b: fc.nat(1000), c: fc.nat(1000), value: VALUES }),
  { minLength: 4, maxLength: 40, size: "large" },
);

/** A number over some leaves, with the functions that are named. */
export function build(ir: Ir, list: Choices, leaves: readonly Expr[], functions: readonly FunctionName[]): Expr {
  const numbers: Expr[] = [...leaves];
  const conditions: Expr[] = [ir.boolean(true)];
  const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;
  for (const { kind, a, b, c, value } of list) {
    // Late nodes are preferred, so that expressions are deep.
    const recent = (n: number): Expr =>
      n % 3 === 0 ? pick(numbers, n) : (numbers.at(-1 - (n % Math.min(4, numbers.length))) as Expr);
    const [x, y] = [recent(a), recent(b)];
    switch (kind % 10) {
      case 0:
        numbers.push(ir.const(value));
        break;
      case 1:
        numbers.push(ir.make(pick(UNARY, c), x));
        break;
      case 2:
        conditions.push(ir.compare(pick(COMPARISONS, c), x, y));
        break;
      case 3:
        conditions.push(
          c % 3 === 0
            ? ir.not(pick(conditions, a))
            : ir.make(c % 3 === 1 ? "and" : "or", pick(conditions, a), pick(conditions, b)),
        );
        break;
      case 4:
        numbers.push(ir.select(pick(conditions, c), x, y));
        break;
      case 5:
        if (functions.length > 0) {
          const name = pick(functions, c);
          numbers.push(FUNCTIONS[name] === 2 ? ir.call(name, x, y) : ir.call(name, x));
          break;
        }
      // falls through
      default:
        numbers.push(ir.make(pick(BINARY, c), x, y));
    }
  }
  return numbers.at(-1) as Expr;
}
