/** Background currents as generators of NeuroML, which add up. */
import { isPresent } from "../mapping.js";
import type { BackgroundSpec, Points, Value } from "../../model/spec.js";
import { mapping } from "./mapping.js";
import { computed, currentText, decimal, quantity } from "./quantity.js";

/** A generator without its id, and what its current is multiplied by, which may be one number per neuron. */
export interface Current {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly weight: number | Float64Array;
  /** Whether it is switched later than at 0, or off. */
  readonly edges: boolean;
}

export interface NoCurrent {
  readonly refused: string;
}

/** Longer than any run: a current without an end. */
export const ALWAYS = 1e9;

/** Most generators that one entry becomes. */
export const MAX_GENERATORS = 10_000;

/** From when to when, in ms; Infinity for no end. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Setting {
  /** Cells without a unit of current take generators of their own. */
  readonly dimensionless: boolean;
  /** End of the run in ms. */
  readonly duration: number;
}

function isNumbers(value: Value): value is number | Float64Array {
  return typeof value === "number" || value instanceof Float64Array;
}

/** The generators of an entry; poisson is the business of whoever knows the synapses. */
export function currentsOf(entry: BackgroundSpec, setting: Setting): readonly Current[] | NoCurrent {
  const counterpart = mapping.backgrounds[entry.kind];
  if (!isPresent(counterpart)) return { refused: counterpart.absent };
  const { start = 0, stop = Number.POSITIVE_INFINITY } = entry.scope ?? {};
  const scope: Span = { from: start, to: stop };
  const made = [...parts(entry, scope, setting)].flatMap((part) => generator(part, scope, setting));
  return made.length > MAX_GENERATORS
    ? {
        refused: `${made.length} steps of the current; ${MAX_GENERATORS} generators are the most that one entry becomes`,
      }
    : made;
}

/** A piece of a current, of amplitude `value`; with `to` it changes on the way. */
type Piece =
  | { readonly shape: "pulse"; readonly span: Span; readonly value: Value }
  | {
      readonly shape: "ramp";
      readonly span: Span;
      readonly value: Value;
      readonly first: number;
      readonly last: number;
    }
  | {
      readonly shape: "sine";
      readonly span: Span;
      readonly value: Value;
      readonly frequency: number;
      readonly phase: number;
    };

function* parts(entry: BackgroundSpec, scope: Span, { duration }: Setting): Generator<Piece> {
  const endless = Number.POSITIVE_INFINITY;
  switch (entry.kind) {
    case "constant":
      yield { shape: "pulse", span: scope, value: entry.amplitude };
      return;
    case "piecewise":
      yield* rows(entry.points, duration);
      return;
    case "pulses":
      for (let k = 0; k < entry.count; k++) {
        const from = computed(entry.start + k * entry.period);
        if (from >= Math.min(duration, scope.to) || k > MAX_GENERATORS) return;
        yield { shape: "pulse", span: { from, to: computed(from + entry.width) }, value: entry.amplitude };
      }
      return;
    case "ramp": {
      const { start, end } = entry;
      const between = { from: start, to: end };
      yield { shape: "pulse", span: { from: 0, to: start }, value: entry.from };
      yield { shape: "ramp", span: between, value: entry.from, first: 1, last: 0 };
      yield { shape: "ramp", span: between, value: entry.to, first: 0, last: 1 };
      yield { shape: "pulse", span: { from: end, to: endless }, value: entry.to };
      return;
    }
    case "sine":
      if (!isNumbers(entry.offset) || entry.offset !== 0) yield { shape: "pulse", span: scope, value: entry.offset };
      yield { shape: "sine", span: scope, value: entry.amplitude, frequency: entry.frequency, phase: entry.phase };
      return;
    case "samples": {
      const { values, dt } = entry;
      for (let from = 0; from < values.length; ) {
        let to = from + 1;
        while (to < values.length && values[to] === values[from]) to++;
        yield {
          shape: "pulse",
          span: { from: computed(from * dt), to: to === values.length ? endless : computed(to * dt) },
          value: values[from] as number,
        };
        from = to;
      }
      return;
    }
  }
}

/** Rows [time, amplitude, slope]; a slope without an end ends with the run. */
function* rows(points: Points, duration: number): Generator<Piece> {
  for (const [i, [from, value, slope]] of points.entries()) {
    const to = points[i + 1]?.[0] ?? Number.POSITIVE_INFINITY;
    if (slope === 0) yield { shape: "pulse", span: { from, to }, value };
    else {
      const end = Math.min(to, Math.max(duration, from) + 1);
      if (end > from)
        yield {
          shape: "ramp",
          span: { from, to: end },
          value: 1,
          first: value,
          last: computed(value + slope * (end - from)),
        };
    }
  }
}

/** A piece within the time in which its entry acts. */
function generator(piece: Piece, scope: Span, { dimensionless }: Setting): Current[] {
  const from = Math.max(piece.span.from, scope.from);
  const to = Math.min(piece.span.to, scope.to);
  if (!(to > from) || piece.value === 0) return [];
  if (!isNumbers(piece.value)) throw new RangeError("a current that is still to be drawn");
  const endless = to === Number.POSITIVE_INFINITY;
  const edges = from > 0 || !endless;
  const common = typeof piece.value === "number";
  const weight = typeof piece.value === "number" ? 1 : piece.value;
  const amplitude = (x: number): string =>
    currentText(computed(x * (typeof piece.value === "number" ? piece.value : 1)), dimensionless);
  const times = { delay: quantity(from, "ms"), duration: quantity(endless ? ALWAYS : computed(to - from), "ms") };
  const make = (type: string, attributes: Readonly<Record<string, string>>): Current[] => [
    { type: dimensionless ? `${type}DL` : type, attributes, weight, edges },
  ];
  switch (piece.shape) {
    case "pulse":
      return make("pulseGenerator", {
        ...times,
        amplitude: common ? currentText(piece.value as number, dimensionless) : amplitude(1),
      });
    case "ramp": {
      const { span, first, last } = piece;
      const at = (t: number): number => first + ((last - first) * (t - span.from)) / (span.to - span.from);
      const ends = { startAmplitude: amplitude(at(from)), finishAmplitude: amplitude(at(to)) };
      return make("rampGenerator", { ...times, ...ends, baselineAmplitude: currentText(0, dimensionless) });
    }
    case "sine": {
      const turn = 2 * Math.PI;
      const phase = piece.phase + turn * (piece.frequency / 1000) * from;
      if (piece.frequency === 0) {
        const still = { shape: "pulse", span: piece.span, value: scaled(piece.value, Math.sin(phase)) } as const;
        return generator(still, scope, { dimensionless, duration: 0 });
      }
      // between 0 and a turn, as the type demands
      const within = computed(phase - turn * Math.floor(phase / turn));
      return make("sineGenerator", {
        phase: decimal(within),
        ...times,
        amplitude: amplitude(1),
        period: quantity(computed(1000 / piece.frequency), "ms"),
      });
    }
  }
}

function scaled(value: number | Float64Array, factor: number): number | Float64Array {
  return typeof value === "number" ? value * factor : value.map((x) => x * factor);
}
