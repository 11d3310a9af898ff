/** Numbers, arrays and distributions as NEST's Python takes them. */
import { isDistribution } from "../../kinds/value.js";
import type { Distribution, Value } from "../../model/spec.js";
import { type Arrays, Code, code, float } from "../python.js";

/** An array of NumPy with a number for each neuron. */
export class Each extends Code {}

/** A distribution that NEST draws from; times a number. */
export class Drawn extends Code {
  readonly distribution: Distribution;
  readonly factor: number;

  constructor(text: string, distribution: Distribution, factor: number) {
    super(factor === 1 ? text : `${text} * ${float(factor)}`);
    this.distribution = distribution;
    this.factor = factor;
  }
}

/** Numbers times a number. */
export function times(value: number | Float64Array, factor: number): number | Float64Array {
  if (factor === 1) return value;
  return typeof value === "number" ? value * factor : value.map((x) => x * factor);
}

/** A weight times a number, drawn by NEST for each connection; undefined where NEST has no such distribution. */
export function scaledDraw(value: Value, factor: number): number | Float64Array | Code | undefined {
  if (!isDistribution(value)) return times(value, factor);
  const drawn = nestDistribution(value);
  return drawn === undefined ? undefined : code(factor === 1 ? drawn : `${drawn} * ${float(factor)}`);
}

/** Whether a value is Python already. */
export function isCode(value: unknown): value is Code {
  return value instanceof Code;
}

/** The least and greatest number that a value may have. */
export function rangeOf(value: Value): readonly [low: number, high: number] {
  if (typeof value === "number") return [value, value];
  if (value instanceof Float64Array) {
    return value.reduce<[number, number]>(
      ([low, high], x) => [Math.min(low, x), Math.max(high, x)],
      [Infinity, -Infinity],
    );
  }
  if ("uniform" in value) return value.uniform;
  if ("truncatedNormal" in value) return [value.truncatedNormal[2], value.truncatedNormal[3]];
  if ("normal" in value) return value.normal[1] === 0 ? [value.normal[0], value.normal[0]] : [-Infinity, Infinity];
  return [0, Infinity];
}

/** A distribution of `nest.random`; undefined for one that it does not have. */
export function nestDistribution(d: Distribution): string | undefined {
  if ("uniform" in d) return `nest.random.uniform(min=${float(d.uniform[0])}, max=${float(d.uniform[1])})`;
  if ("normal" in d) return `nest.random.normal(mean=${float(d.normal[0])}, std=${float(d.normal[1])})`;
  if ("lognormal" in d) return `nest.random.lognormal(mean=${float(d.lognormal[0])}, std=${float(d.lognormal[1])})`;
  if ("exponential" in d) return `nest.random.exponential(beta=${float(d.exponential)})`;
  if ("truncatedNormal" in d) {
    const [mean, sd, low, high] = d.truncatedNormal;
    const normal = nestDistribution({ normal: [mean, sd] }) as string;
    return `nest.math.redraw(${normal}, min=${float(low)}, max=${float(high)})`;
  }
  return undefined;
}

/** Numbers of a distribution by NumPy's generator `rng`; `truncated` when the script's own function is needed. */
export function numpyDistribution(
  d: Distribution,
  size: string,
): { readonly text: string; readonly truncated: boolean } {
  const of = (name: string, ...args: readonly number[]): string =>
    `rng.${name}(${args.map(float).join(", ")}, ${size})`;
  const plain = (text: string) => ({ text, truncated: false });
  if ("uniform" in d) return plain(of("uniform", ...d.uniform));
  if ("normal" in d) return plain(of("normal", ...d.normal));
  if ("lognormal" in d) return plain(of("lognormal", ...d.lognormal));
  if ("exponential" in d) return plain(of("exponential", d.exponential));
  if ("gamma" in d) return plain(of("gamma", ...d.gamma));
  return { text: `truncated_normal(${d.truncatedNormal.map(float).join(", ")}, ${size})`, truncated: true };
}

/** A number or an array, by its name. */
export function numbersCode(value: number | Float64Array, name: string, arrays: Arrays): Code {
  return typeof value === "number" ? code(float(value)) : new Each(arrays.of(name, value, "np.array").text);
}
