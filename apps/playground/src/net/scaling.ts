/** A document as the page runs it: what is recorded, and backgrounds turned up and down. */

type Fields = Readonly<Record<string, unknown>>;

/** Fields of background kinds that are currents, or multiples of one: all are scaled together. */
const CURRENTS: Readonly<Record<string, readonly string[]>> = {
  constant: ["amplitude"],
  rheobase: ["fraction"],
  pulses: ["amplitude"],
  ramp: ["from", "to"],
  sine: ["amplitude", "offset"],
  whiteNoise: ["mean"],
  ornsteinUhlenbeck: ["mean"],
  poisson: ["rate"],
};

/** A number, a text with a unit, a list or a distribution, so many times; undefined where that is not simple. */
export function scaledValue(value: unknown, factor: number): unknown {
  if (typeof value === "number") return value * factor;
  if (typeof value === "string") {
    const [, number, unit] = /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(\D.*)$/i.exec(value) ?? [];
    return number === undefined ? undefined : `${Number(number) * factor} ${unit}`;
  }
  const list = (items: readonly unknown[]): unknown[] | undefined => {
    const all = items.map((one) => scaledValue(one, factor));
    return all.includes(undefined) ? undefined : all;
  };
  if (Array.isArray(value)) return list(value);
  if (typeof value !== "object" || value === null) return undefined;
  const [[kind, content] = ["", undefined], ...others] = Object.entries(value);
  if (others.length > 0) return undefined;
  if (kind === "uniform" || kind === "normal") {
    const all = Array.isArray(content) ? list(content) : undefined;
    return all && { [kind]: all };
  }
  if (kind === "exponential") {
    const mean = scaledValue(content, factor);
    return mean === undefined ? undefined : { [kind]: mean };
  }
  return undefined;
}

/** Rows [time, current, slope] with currents and slopes so many times. */
function scaledPoints(points: unknown, factor: number): unknown[] | undefined {
  if (!Array.isArray(points)) return undefined;
  const rows = points.map((row: unknown) => {
    if (!Array.isArray(row)) return undefined;
    const all = row.map((one: unknown, k) => (k === 0 ? one : scaledValue(one, factor)));
    return all.includes(undefined) ? undefined : all;
  });
  return rows.includes(undefined) ? undefined : rows;
}

/** A population's background with its currents so many times; undefined where none of it can be scaled simply. */
export function scaledBackground(background: unknown, factor: number): Fields[] | undefined {
  if (!Array.isArray(background)) return undefined;
  let any = false;
  const all = background.map((entry: Fields) => {
    if (entry.kind === "piecewise") {
      const points = scaledPoints(entry.points, factor);
      any ||= points !== undefined;
      return points === undefined ? entry : { ...entry, points };
    }
    const fields = CURRENTS[String(entry.kind)] ?? [];
    const changes = fields.flatMap((field) => {
      const made = Object.hasOwn(entry, field) ? scaledValue(entry[field], factor) : undefined;
      return made === undefined ? [] : [[field, made] as const];
    });
    any ||= changes.length > 0;
    return { ...entry, ...Object.fromEntries(changes) };
  });
  return any ? all : undefined;
}

/** Populations of a checked document with their backgrounds. */
export function backgroundsOf(document: object): ReadonlyMap<string, unknown> {
  const { populations = [] } = document as { readonly populations?: readonly Fields[] };
  return new Map(populations.map(({ name, background }) => [String(name), background]));
}

/** The document with the spikes of all populations recorded, and nothing else: the page watches what it shows. */
export function forPage(document: object): object {
  const names = [...backgroundsOf(document).keys()];
  return { ...document, record: names.map((population) => ({ population, variables: ["spikes"] })) };
}

/** The document with its backgrounds so many times. */
export function withFactors(document: object, factors: Readonly<Record<string, number>>): object {
  const { populations = [] } = document as { readonly populations?: readonly Fields[] };
  return {
    ...document,
    populations: populations.map((population) => {
      const factor = Object.hasOwn(factors, String(population.name)) ? factors[String(population.name)] : undefined;
      const background = factor === undefined ? undefined : scaledBackground(population.background, factor);
      return background === undefined ? population : { ...population, background };
    }),
  };
}
