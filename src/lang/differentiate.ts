/**
 * Derivatives of expressions, as expressions. Where a function has a kink (`abs`, `min`, `max`, a condition) it is the
 * derivative of the branch that the value comes from; steps (`floor`, `ceil`, `trunc`) have the derivative 0.
 */
import type { Expr, FunctionName, Ir } from "./ir.js";

/** Below this the slope of exprel comes from its series: the quotient would cancel. */
const SMALL = 1e-3;

/** d e / d leaf. */
export function derivative(ir: Ir, e: Expr, leaf: Expr): Expr {
  return new Differentiation(ir, leaf).of(e);
}

class Differentiation {
  private readonly ir: Ir;
  private readonly leaf: Expr;
  private readonly done = new Map<Expr, Expr>();

  constructor(ir: Ir, leaf: Expr) {
    this.ir = ir;
    this.leaf = leaf;
  }

  of(e: Expr): Expr {
    const known = this.done.get(e);
    if (known !== undefined) return known;
    const found = e === this.leaf ? this.ir.const(1) : this.slope(e);
    this.done.set(e, found);
    return found;
  }

  private slope(e: Expr): Expr {
    const { ir } = this;
    const zero = ir.const(0);
    if (e.type === "boolean") throw new RangeError("a condition has no derivative");
    if (e.op === "select") {
      const [condition, a, b] = e.args as [Expr, Expr, Expr];
      return this.either(condition, this.of(a), this.of(b));
    }
    const slopes = e.args.map((arg) => this.of(arg));
    // nothing of it moves, be it defined there or not
    if (slopes.every((slope) => slope === zero)) return zero;
    const [a, b] = e.args as [Expr, Expr];
    const [da, db] = slopes as [Expr, Expr];
    switch (e.op) {
      case "neg":
        return ir.neg(da);
      case "add":
        return ir.add(da, db);
      case "sub":
        return ir.sub(da, db);
      case "mul":
        return ir.add(this.times(da, b), this.times(db, a));
      case "div":
        return ir.div(ir.sub(da, this.times(db, e)), b);
      case "abs":
        return this.either(ir.compare("lt", a, zero), ir.neg(da), da);
      case "sqrt":
        return ir.div(da, ir.mul(ir.const(2), e));
      case "min":
        return this.either(ir.compare("lt", b, a), db, da);
      case "max":
        return this.either(ir.compare("lt", a, b), db, da);
      case "call":
        return e.name === "pow" ? this.power(e, da, db) : this.times(da, this.inner(e.name as FunctionName, a, e));
      default:
        // floor, ceil, trunc
        return zero;
    }
  }

  private either(condition: Expr, a: Expr, b: Expr): Expr {
    return a === b ? a : this.ir.select(condition, a, b);
  }

  /** A product whose first factor is 0 where nothing moves. */
  private times(slope: Expr, x: Expr): Expr {
    const { ir } = this;
    return slope === ir.const(0) ? slope : slope === ir.const(1) ? x : ir.mul(slope, x);
  }

  /** The derivative of a function of one number at x, where its value is y. */
  private inner(name: FunctionName, x: Expr, y: Expr): Expr {
    const { ir } = this;
    const one = ir.const(1);
    const square = ir.mul(x, x);
    const over = (below: Expr): Expr => ir.div(one, below);
    switch (name) {
      case "exp":
        return y;
      case "expm1":
        return ir.add(y, one);
      case "log":
        return over(x);
      case "log10":
        return over(ir.mul(x, ir.const(Math.LN10)));
      case "log1p":
        return over(ir.add(one, x));
      case "sin":
        return ir.call("cos", x);
      case "cos":
        return ir.neg(ir.call("sin", x));
      case "tan":
        return ir.add(one, ir.mul(y, y));
      case "asin":
        return over(ir.sqrt(ir.sub(one, square)));
      case "acos":
        return ir.neg(over(ir.sqrt(ir.sub(one, square))));
      case "atan":
        return over(ir.add(one, square));
      case "sinh":
        return ir.call("cosh", x);
      case "cosh":
        return ir.call("sinh", x);
      case "tanh":
        return ir.sub(one, ir.mul(y, y));
      case "exprel": {
        // ((e^x - 1)/x)' = (e^x - y)/x = 1/2 + x/3 + x^2/8 + ...
        const near = ir.add(ir.const(0.5), ir.mul(x, ir.add(ir.div(one, ir.const(3)), ir.div(x, ir.const(8)))));
        const far = ir.div(ir.sub(ir.call("exp", x), y), x);
        return ir.select(ir.compare("lt", ir.abs(x), ir.const(SMALL)), near, far);
      }
      case "pow":
        throw new RangeError("pow has two arguments");
    }
  }

  private power(e: Expr, da: Expr, db: Expr): Expr {
    const { ir } = this;
    const [x, y] = e.args as [Expr, Expr];
    const base = this.times(da, ir.mul(y, ir.power(x, ir.sub(y, ir.const(1)))));
    return db === ir.const(0) ? base : ir.add(base, this.times(db, ir.mul(e, ir.call("log", x))));
  }
}
