/** What the parts of a PyNN script share: names, numbers and distributions as Python, helpers, and the report. */
import { isDistribution } from "../../kinds/value.js";
import { stepsOf, timeOf } from "../../model/grid.js";
import { itemPath } from "../../model/check.js";
import type { Distribution, NetworkSpec, PopulationSpec, Value } from "../../model/spec.js";
import { Arrays, type Code, code, float, int, literal, Names, type PythonValue, text } from "../python.js";
import { type Backend, MILLI } from "./mapping.js";
import { ExchangeError, Report } from "../report.js";

/** Functions that a script defines where it needs them. */
export type Helper = "load" | "trains" | "gates" | "native" | "held" | "deltaNames" | "ornsteinUhlenbeck";

/** A script while it is written. */
export interface Script {
  readonly network: NetworkSpec;
  readonly backend: Backend;
  readonly report: Report;
  readonly arrays: Arrays;
  /** Variables of Python by the names of populations. */
  readonly variables: ReadonlyMap<string, string>;
  readonly names: Names;
  readonly helpers: Set<Helper>;
  /** Steps of the whole run. */
  readonly steps: number;
}

export function scriptOf(network: NetworkSpec, backend: Backend): Script {
  const names = new Names(
    [
      "DT",
      "DURATION",
      "SEED",
      "NATIVE",
      "HELD",
      "Path",
      "rng",
      "backend",
      "extra",
      "load",
      "trains",
      "gates",
      "exprel",
      "ornstein_uhlenbeck",
      "out",
      "rates",
      "source",
      "rate",
      "time",
      "cell",
      "current",
      "amplitude",
      "offset",
      "mean",
      "stdev",
      "importlib",
      "Sequence",
      "Space",
      "NumpyRNG",
      "RandomDistribution",
      "write_spikes",
      "write_traces",
    ],
  );
  const helpers = new Set<Helper>();
  return {
    network,
    backend,
    report: Report.of(network),
    arrays: new Arrays("arrays", (name) => {
      helpers.add("load");
      return `load(${name})`;
    }),
    variables: new Map(network.populations.map(({ name }) => [name, names.of(name)])),
    names,
    helpers,
    steps: stepsOf(network.duration, network.dt),
  };
}

/** The variable of a population. */
export function variableOf(script: Script, population: string): string {
  return script.variables.get(population) as string;
}

export function populationPath(script: Script, population: PopulationSpec): string {
  return itemPath("$.populations", script.network.populations.indexOf(population));
}

/** A network that cannot be said in PyNN at all. */
export function refuse(path: string, message: string, value?: unknown): never {
  throw new ExchangeError(`${path}: ${message}`, [], { path, ...(value === undefined ? {} : { value }) });
}

/** Times a factor; thousandths by a division, which keeps the digits: 3.3 nS are 0.0033 uS. */
export function scaled(value: number, factor: number): number {
  return factor === MILLI ? value / 1000 : value * factor;
}

/** A distribution under PyNN's name, with its parameters times `factor`, which is positive. */
export function distributionOf(
  distribution: Distribution,
  factor: number,
): { readonly name: string; readonly params: Readonly<Record<string, number>> } {
  const f = (x: number): number => scaled(x, factor);
  if ("uniform" in distribution) return {
    name: "uniform",
    params: { low: f(distribution.uniform[0]), high: f(distribution.uniform[1]) },
  };
  if ("normal" in distribution) return {
    name: "normal",
    params: { mu: f(distribution.normal[0]), sigma: f(distribution.normal[1]) },
  };
  if ("lognormal" in distribution) {
    const [mu, sigma] = distribution.lognormal;
    return { name: "lognormal", params: { mu: factor === 1 ? mu : mu + Math.log(factor), sigma } };
  }
  if ("exponential" in distribution) return { name: "exponential", params: { beta: f(distribution.exponential) } };
  if ("gamma" in distribution) return {
    name: "gamma",
    params: { k: distribution.gamma[0], theta: f(distribution.gamma[1]) },
  };
  const [mu, sigma, low, high] = distribution.truncatedNormal;
  return { name: "normal_clipped", params: { mu: f(mu), sigma: f(sigma), low: f(low), high: f(high) } };
}

export function call(
  what: string,
  args: Readonly<Record<string, PythonValue>>,
  first: readonly PythonValue[] = [],
): string {
  const all = [
    ...first.map((value) => literal(value)),
    ...Object.entries(args).map(([key, value]) => `${key}=${literal(value)}`),
  ];
  const line = `${what}(${all.join(", ")})`;
  return line;
}

export function randomDistribution({ name, params }: ReturnType<typeof distributionOf>): Code {
  return code(call("RandomDistribution", { ...params, rng: code("rng") }, [name]));
}

/** A value as PyNN takes parameters: a number, an array, or a distribution to draw from. */
export function valueOf(script: Script, name: string, value: Value, factor = 1): Code {
  if (typeof value === "number") return code(float(scaled(value, factor)));
  if (value instanceof Float64Array) return script.arrays.of(name, value.map((x) => scaled(x, factor)), "np.array");
  return randomDistribution(distributionOf(value, factor));
}

/** The same as a number or an array: distributions are drawn from, `count` numbers. */
export function numbersOf(script: Script, name: string, value: Value, count: number, factor = 1): Code {
  const made = valueOf(script, name, value, factor);
  return isDistribution(value) ? code(`${made.text}.next(${count})`) : made;
}

/** Neurons as an index of Python. */
export function indexOf(script: Script, name: string, neurons: Uint32Array): Code {
  const consecutive = neurons.length > 2 && neurons.every(
    (neuron, i) => i === 0 || neuron === (neurons[i - 1] as number) + 1,
  );
  if (consecutive) return code(`${neurons[0]}:${(neurons.at(-1) as number) + 1}`);
  return script.arrays.of(name, neurons);
}

/** A time on the grid. */
export function onGrid(script: Script, ms: number): number {
  return timeOf(stepsOf(ms, script.network.dt), script.network.dt);
}

/** The least and the greatest number that a value may have; far quantiles where there is none. */
export function boundsOf(value: Value): readonly [low: number, high: number] {
  if (typeof value === "number") return [value, value];
  if (value instanceof Float64Array) return [
    value.reduce((a, b) => Math.min(a, b), Infinity),
    value.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  if ("uniform" in value) return value.uniform;
  if ("normal" in value) return [value.normal[0] - 7 * value.normal[1], value.normal[0] + 7 * value.normal[1]];
  if ("lognormal" in value) return [0, Math.exp(value.lognormal[0] + 7 * value.lognormal[1])];
  if ("exponential" in value) return [0, 30 * value.exponential];
  if ("gamma" in value) return [0, value.gamma[1] * (value.gamma[0] + 8 * Math.sqrt(value.gamma[0]) + 30)];
  return [value.truncatedNormal[2], value.truncatedNormal[3]];
}

/** Longest line of a script. */
const WIDTH = 100;

/** A statement whose line is too long, with the arguments of its first call on lines of their own. */
export function folded(line: string): string[] {
  if (line.length <= WIDTH || line.includes("\n") || line.trimStart().startsWith("#")) return [line];
  const indent = /^ */.exec(line)?.[0] ?? "";
  const opening = /[([]/.exec(line);
  if (opening === null) return [line];
  const args: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = opening.index + 1;
  for (let i = opening.index; i < line.length; i++) {
    const sign = line[i] as string;
    if (quoted) {
      if (sign === "\\") i++;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = true;
    else if ("([{".includes(sign)) depth++;
    else if (")]}".includes(sign)) depth--;
    if (quoted) continue;
    if (depth === 0) {
      args.push(line.slice(start, i));
      const rest = args.map((arg) => arg.trim()).filter((arg) => arg !== "");
      const [first = ""] = rest;
      if (rest.length === 1 && !/[([]/.test(first)) return [line];
      const inner = packed(rest, `${indent}    `);
      return [line.slice(0, opening.index + 1), ...inner, ...folded(`${indent}${line.slice(i)}`)];
    }
    if (depth === 1 && sign === ",") {
      args.push(line.slice(start, i));
      start = i + 1;
    }
  }
  return [line];
}

/** Arguments: short ones share a line, long ones are folded themselves. */
function packed(args: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  const end = (): void => {
    if (line !== "") lines.push(`${indent}${line}`);
    line = "";
  };
  for (const arg of args) {
    const more = `${line === "" ? "" : `${line} `}${arg},`;
    if (indent.length + more.length <= WIDTH) {
      line = more;
      continue;
    }
    end();
    if (indent.length + arg.length + 1 <= WIDTH) line = `${arg},`;
    else lines.push(...folded(`${indent}${arg},`));
  }
  end();
  return lines;
}

export { isDistribution } from "../../kinds/value.js";
export { code, type Code, float, int, literal, text };
