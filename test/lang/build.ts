/** Models as the back end gets them, from the records of the built-in ones: enough of a parser for their equations. */
import { type Expr, type FunctionName, FUNCTIONS, Ir, type IrModel, type Mathematics } from "../../src/lang/ir.js";
import type { ModelRecord } from "../../src/model/record.js";

/** An expression with + - * / ^, functions and names; `^` binds tightest and to the right. */
export function expression(ir: Ir, text: string, names: ReadonlyMap<string, Expr>): Expr {
  const list = text.match(/\d+\.?\d*(?:e[+-]?\d+)?|[A-Za-z_]\w*|\S/g) ?? [];
  let at = 0;
  const sum = (): Expr => {
    let left = product();
    while (list[at] === "+" || list[at] === "-")
      left = list[at++] === "+" ? ir.add(left, product()) : ir.sub(left, product());
    return left;
  };
  const product = (): Expr => {
    let left = signed();
    while (list[at] === "*" || list[at] === "/")
      left = list[at++] === "*" ? ir.mul(left, signed()) : ir.div(left, signed());
    return left;
  };
  const signed = (): Expr => {
    if (list[at] !== "-") return power();
    at++;
    return ir.neg(signed());
  };
  const power = (): Expr => {
    const base = atom();
    if (list[at] !== "^") return base;
    at++;
    return ir.power(base, signed());
  };
  const atom = (): Expr => {
    const token = list[at++] ?? "";
    if (token === "(") {
      const inner = sum();
      at++;
      return inner;
    }
    if (/^\d/.test(token)) return ir.const(Number(token));
    if (list[at] !== "(") {
      const named = names.get(token);
      if (named === undefined) throw new Error(`unknown name ${token} in ${text}`);
      return named;
    }
    const args: Expr[] = [];
    do {
      at++;
      args.push(sum());
    } while (list[at] === ",");
    at++;
    if (token in FUNCTIONS) return ir.call(token as FunctionName, ...args);
    return ir.make(token as "sqrt" | "abs" | "min" | "max", ...args);
  };
  return sum();
}

/** The model of a record. In eif and adex v is clipped at V_peak inside of the equations, as the records say. */
export function model(record: ModelRecord, math: Mathematics): { readonly ir: Ir; readonly model: IrModel } {
  const ir = new Ir(math);
  const states = Object.keys(record.states);
  const params = Object.keys(record.params);
  const names = new Map<string, Expr>([["I", ir.input]]);
  for (const [i, name] of params.entries()) names.set(name, ir.param(i));
  for (const [i, name] of states.entries()) names.set(name, ir.state(i));
  const v = ir.state(0);
  const level = names.get(record.threshold) as Expr;
  const outside = new Map(names);
  if (record.clipped) names.set("v", ir.min(v, level));
  for (const [name, text] of Object.entries(record.functions ?? {})) names.set(name, expression(ir, text, names));
  const rearm = names.get("hysteresis");
  const built: IrModel = {
    name: record.id,
    currentUnit: record.current,
    states: Object.entries(record.states).map(([name, { unit, bounds }]) => ({
      name,
      unit,
      factor: 1,
      bounds,
      derivative: expression(ir, record.equations[name] as string, names),
      flags: { unlessRefractory: false },
      noise: [],
    })),
    params: Object.entries(record.params).map(([name, { unit }]) => ({ name, unit, factor: 1 })),
    intermediates: [],
    threshold: ir.compare("ge", v, level),
    crossing: record.reset === undefined,
    reset: Object.entries(record.reset ?? {}).map(([name, text]) => ({
      state: states.indexOf(name),
      value: expression(ir, text, outside),
    })),
    refractory:
      rearm === undefined
        ? { kind: "time", value: names.get("t_ref") as Expr }
        : { kind: "condition", value: ir.compare("ge", v, ir.sub(level, rearm)) },
    events: [],
    init: [],
  };
  return { ir, model: built };
}

/** A model with nothing but what is given; one state v that stands still. */
export function bare(ir: Ir, given: Partial<IrModel> = {}): IrModel {
  return {
    name: "own",
    currentUnit: "1",
    states: [state("v", ir.const(0))],
    params: [],
    intermediates: [],
    threshold: undefined,
    crossing: false,
    reset: [],
    refractory: { kind: "none" },
    events: [],
    init: [],
    ...given,
  };
}

export function state(
  name: string,
  derivative: Expr | undefined,
  more: Partial<IrModel["states"][number]> = {},
): IrModel["states"][number] {
  return { name, unit: "", factor: 1, derivative, flags: { unlessRefractory: false }, noise: [], ...more };
}
