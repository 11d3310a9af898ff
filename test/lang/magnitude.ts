/** The size of what an expression adds up: the unit in which two ways to round it may differ by a few ulp. */
import { type Environment, type Expr, evaluate } from "../../src/lang/ir.js";

/** |e| with every difference taken for a sum; a function amplifies what its argument is uncertain by. */
export function magnitude(
  e: Expr,
  env: Environment,
  values = new Map<Expr, number>(),
  known = new Map<Expr, number>(),
): number {
  const done = known.get(e);
  if (done !== undefined) return done;
  const value = (x: Expr): number => Math.abs(evaluate(x, env, values));
  const of = (x: Expr): number => magnitude(x, env, values, known);
  const size = ((): number => {
    const [a, b, c] = e.args as [Expr, Expr, Expr];
    switch (e.op) {
      case "add":
      case "sub":
        return of(a) + of(b);
      case "mul":
        return of(a) * of(b);
      case "div":
        return (of(a) / value(b)) * (of(b) / value(b));
      case "call":
        return value(e) * (1 + of(a));
      case "select":
        return value(a) === 1 ? of(b) : of(c);
      case "min":
      case "max":
        return value(e) === value(a) ? of(a) : of(b);
      case "neg":
      case "abs":
        return of(a);
      default:
        return value(e);
    }
  })();
  known.set(e, size);
  return size;
}
