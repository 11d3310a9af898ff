/** Generators of NeuroML as background currents. */
import { amount, plain } from "./attributes.js";
import { computed } from "./quantity.js";
import type { Node } from "./read-xml.js";

/** A background as in a model file, for a weight; its amplitudes are in the unit of the model. */
export type Background = Readonly<Record<string, unknown>>;

/**
 * A current into cells: what 1 pA is there, or that they take numbers without a unit, and how long the run is in ms.
 */
export interface Into {
  readonly perCurrent: number;
  readonly dimensionless: boolean;
  readonly duration: number;
}

type Reader = (node: Node, weight: number, into: Into) => Background[];

function current(node: Node, name: string, weight: number, { perCurrent, dimensionless }: Into): number {
  return computed((dimensionless ? plain(node, name) : amount(node, name, "pA") * perCurrent) * weight);
}

interface Times {
  readonly from: number;
  readonly to: number;
}

function times(node: Node): Times {
  const from = amount(node, "delay", "ms");
  return { from, to: computed(from + amount(node, "duration", "ms")) };
}

/** When it acts, without what is the whole run. */
function scope({ from, to }: Times, duration: number): Record<string, number> {
  return { ...(from > 0 && { start: from }), ...(to < duration && { stop: to }) };
}

/** A current within the run. */
function within(span: Times, into: Into, make: () => Background): Background[] {
  return span.to <= Math.max(span.from, 0) || span.from >= into.duration ? [] : [make()];
}

const pulse: Reader = (node, weight, into) => {
  const span = times(node);
  return within(span, into, () => ({
    kind: "constant",
    amplitude: current(node, "amplitude", weight, into),
    ...scope(span, into.duration),
  }));
};

const sine: Reader = (node, weight, into) => {
  const span = times(node);
  const period = amount(node, "period", "ms");
  // the phase is that at the delay there, that at 0 here
  const phase = computed(plain(node, "phase") - (2 * Math.PI * span.from) / period);
  return within(span, into, () => ({
    kind: "sine",
    amplitude: current(node, "amplitude", weight, into),
    frequency: computed(1000 / period),
    phase,
    ...scope(span, into.duration),
  }));
};

const ramp: Reader = (node, weight, into) => {
  const { from, to } = times(node);
  const [first, last, base] = ["startAmplitude", "finishAmplitude", "baselineAmplitude"].map((name) =>
    current(node, name, weight, into),
  ) as [number, number, number];
  const rows: number[][] = base !== 0 && from > 0 ? [[0, base]] : [];
  if (to > from) rows.push([from, first, computed((last - first) / (to - from))]);
  return [{ kind: "piecewise", points: [...rows, [to, base]] }];
};

const READERS: Readonly<Record<string, Reader>> = { pulseGenerator: pulse, sineGenerator: sine, rampGenerator: ramp };

/** Types of generators that are read, without the DL of those whose current has no unit. */
export const GENERATOR_TYPES: readonly string[] = [...Object.keys(READERS), "compoundInput"];

/** The type without DL, and whether it had it. */
export function generatorType(name: string): { readonly type: string; readonly dimensionless: boolean } | undefined {
  const dimensionless = name.endsWith("DL");
  const type = dimensionless ? name.slice(0, -2) : name;
  return GENERATOR_TYPES.includes(type) ? { type, dimensionless } : undefined;
}

/** The currents of a generator, or of all within one that is their sum. */
export function currentsOf(node: Node, weight: number, into: Into): Background[] {
  const type = generatorType(node.name)?.type ?? "";
  if (type === "compoundInput")
    return node.children.filter(({ name }) => generatorType(name)).flatMap((child) => currentsOf(child, weight, into));
  return (READERS[type] as Reader)(node, weight, into);
}
