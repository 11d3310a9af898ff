/**
 * Expressions as a list of operations on numbered registers: to evaluate the same ones often, from the host. What is
 * shared is computed once. Bits are those of `evaluate`.
 */
import {
  type Environment,
  type Expr,
  type FunctionName,
  inOrder,
  isLeaf,
  leafValue,
  type Mathematics,
  type Op,
} from "./ir.js";

const CODES: readonly Op[] = [
  "neg",
  "abs",
  "sqrt",
  "floor",
  "ceil",
  "trunc",
  "add",
  "sub",
  "mul",
  "div",
  "min",
  "max",
  "lt",
  "le",
  "gt",
  "ge",
  "eq",
  "ne",
  "and",
  "or",
  "not",
  "select",
  "call",
];

/** What an evaluation is for: the leaves that change between evaluations. */
export interface Point {
  readonly states: ArrayLike<number>;
  readonly params: ArrayLike<number>;
  readonly input: number;
}

/** A list of operations that ends with the values of some expressions. */
export class Tape {
  /** Code, and the registers of three operands, for each operation; of a call the first is the function. */
  private readonly code: Int32Array;
  private readonly registers: Float64Array;
  private readonly first: number;
  private readonly functions: readonly ((x: number, y: number) => number)[];
  private readonly roots: Int32Array;
  private readonly states: readonly (readonly [register: number, index: number])[];
  private readonly params: readonly (readonly [register: number, index: number])[];
  private readonly input: number;

  /** @param fixed values of the leaves that are the same in all evaluations */
  constructor(roots: readonly Expr[], math: Mathematics, fixed: Environment = {}) {
    const order = inOrder(roots);
    const leaves = order.filter(isLeaf);
    const inner = order.filter((e) => !isLeaf(e));
    const place = new Map<Expr, number>([...leaves, ...inner].map((e, register) => [e, register]));
    const at = (e: Expr | undefined): number => (e === undefined ? 0 : (place.get(e) as number));
    const named = (op: Op): (readonly [number, number])[] =>
      leaves.filter((e) => e.op === op).map((e) => [at(e), e.value] as const);
    const names = [...new Set(inner.filter((e) => e.op === "call").map((e) => e.name as FunctionName))];
    this.functions = names.map((name) => {
      const f = math[name];
      if (f === undefined) throw new RangeError(`no function ${name}`);
      return f;
    });
    this.registers = new Float64Array(order.length);
    this.first = leaves.length;
    this.code = Int32Array.from(
      inner.flatMap((e) => {
        const [a, b, c] = e.args;
        const own = e.op === "call" ? [names.indexOf(e.name as FunctionName), at(a), at(b)] : [at(a), at(b), at(c)];
        return [CODES.indexOf(e.op), ...own];
      }),
    );
    this.roots = Int32Array.from(roots, at);
    this.states = named("state");
    this.params = named("param");
    const input = leaves.find((e) => e.op === "input");
    this.input = input === undefined ? -1 : at(input);
    for (const leaf of leaves) {
      if (!["state", "param", "input"].includes(leaf.op)) this.registers[at(leaf)] = leafValue(leaf, fixed);
    }
  }

  /** The values of the expressions, in their order. */
  run({ states, params, input }: Point, out: Float64Array): Float64Array {
    const { code, registers: r, functions, roots } = this;
    for (const [register, index] of this.states) r[register] = states[index] as number;
    for (const [register, index] of this.params) r[register] = params[index] as number;
    if (this.input >= 0) r[this.input] = input;
    let to = this.first;
    for (let k = 0; k < code.length; k += 4) {
      const a = r[code[k + 1] as number] as number;
      const b = r[code[k + 2] as number] as number;
      let y: number;
      switch (code[k]) {
        case 0:
          y = -a;
          break;
        case 1:
          y = Math.abs(a);
          break;
        case 2:
          y = Math.sqrt(a);
          break;
        case 3:
          y = Math.floor(a);
          break;
        case 4:
          y = Math.ceil(a);
          break;
        case 5:
          y = Math.trunc(a);
          break;
        case 6:
          y = a + b;
          break;
        case 7:
          y = a - b;
          break;
        case 8:
          y = a * b;
          break;
        case 9:
          y = a / b;
          break;
        case 10:
          y = b < a ? b : a;
          break;
        case 11:
          y = a < b ? b : a;
          break;
        case 12:
          y = a < b ? 1 : 0;
          break;
        case 13:
          y = a <= b ? 1 : 0;
          break;
        case 14:
          y = a > b ? 1 : 0;
          break;
        case 15:
          y = a >= b ? 1 : 0;
          break;
        case 16:
          y = a === b ? 1 : 0;
          break;
        case 17:
          y = a !== b ? 1 : 0;
          break;
        case 18:
          y = a !== 0 && b !== 0 ? 1 : 0;
          break;
        case 19:
          y = a !== 0 || b !== 0 ? 1 : 0;
          break;
        case 20:
          y = a === 0 ? 1 : 0;
          break;
        case 21:
          y = a !== 0 ? b : (r[code[k + 3] as number] as number);
          break;
        default: {
          const f = functions[code[k + 1] as number] as (x: number, y: number) => number;
          y = f(b, r[code[k + 3] as number] as number);
        }
      }
      r[to++] = y;
    }
    for (let i = 0; i < roots.length; i++) out[i] = r[roots[i] as number] as number;
    return out;
  }
}
