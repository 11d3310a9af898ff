/**
 * Evaluates the equations of model records. Written for the tests alone, apart from src/lang, so that each can judge
 * the other.
 */

/** Values of the names in an expression. */
export type Scope = Readonly<Record<string, number>>;
/** An expression ready to be evaluated often. */
export type Compiled = (scope: Scope) => number;

const FUNCTIONS: Readonly<Record<string, (...x: number[]) => number>> = {
  exp: (x = NaN) => Math.exp(x),
  log: (x = NaN) => Math.log(x),
  sqrt: (x = NaN) => Math.sqrt(x),
  abs: (x = NaN) => Math.abs(x),
  tanh: (x = NaN) => Math.tanh(x),
  cosh: (x = NaN) => Math.cosh(x),
  round: (x = NaN) => Math.round(x),
  min: (...x) => Math.min(...x),
  max: (...x) => Math.max(...x),
  exprel: (x = NaN) => (x === 0 ? 1 : Math.expm1(x) / x),
};

function tokens(text: string): string[] {
  const found = text.match(/\d+\.?\d*(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|[-+*/^(),]|\S/g) ?? [];
  return [...found];
}

/** The names of variables in an expression, functions excluded. */
export function names(text: string): string[] {
  const list = tokens(text);
  return [...new Set(list.filter((token, i) => /^[A-Za-z_]/.test(token) && list[i + 1] !== "("))];
}

/** The names of functions in an expression. */
export function calls(text: string): string[] {
  const list = tokens(text);
  return [...new Set(list.filter((token, i) => /^[A-Za-z_]/.test(token) && list[i + 1] === "("))];
}

/** Turns the text of an expression into nested functions. `^` binds tightest and to the right: -x^2 is -(x^2). */
export function compile(text: string): Compiled {
  const list = tokens(text);
  let at = 0;
  const take = (wanted: string): void => {
    if (list[at] !== wanted) throw new Error(`expected ${wanted} but found ${list[at]} in ${text}`);
    at++;
  };
  const sum = (): Compiled => {
    let left = product();
    while (list[at] === "+" || list[at] === "-") {
      const plus = list[at++] === "+";
      const a = left;
      const b = product();
      left = plus ? (s) => a(s) + b(s) : (s) => a(s) - b(s);
    }
    return left;
  };
  const product = (): Compiled => {
    let left = signed();
    while (list[at] === "*" || list[at] === "/") {
      const times = list[at++] === "*";
      const a = left;
      const b = signed();
      left = times ? (s) => a(s) * b(s) : (s) => a(s) / b(s);
    }
    return left;
  };
  const signed = (): Compiled => {
    if (list[at] !== "-") return power();
    at++;
    const inner = signed();
    return (s) => -inner(s);
  };
  const power = (): Compiled => {
    const base = atom();
    if (list[at] !== "^") return base;
    at++;
    const exponent = signed();
    return (s) => base(s) ** exponent(s);
  };
  const atom = (): Compiled => {
    const token = list[at++];
    if (token === undefined) throw new Error(`${text} ends too soon`);
    if (token === "(") {
      const inner = sum();
      take(")");
      return inner;
    }
    if (/^\d/.test(token)) {
      const number = Number(token);
      return () => number;
    }
    if (!/^[A-Za-z_]/.test(token)) throw new Error(`unexpected ${token} in ${text}`);
    if (list[at] !== "(") {
      return (s) => {
        const value = s[token];
        if (value === undefined) throw new Error(`unknown name ${token} in ${text}`);
        return value;
      };
    }
    at++;
    const call = FUNCTIONS[token];
    if (!call) throw new Error(`unknown function ${token} in ${text}`);
    const args = [sum()];
    while (list[at] === ",") {
      at++;
      args.push(sum());
    }
    take(")");
    const [first] = args as [Compiled];
    return args.length === 1 ? (s) => call(first(s)) : (s) => call(...args.map((arg) => arg(s)));
  };
  const whole = sum();
  if (at !== list.length) throw new Error(`unexpected ${list[at]} in ${text}`);
  return whole;
}
