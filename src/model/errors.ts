/**
 * The errors a user can meet. Each kind of mistake has a class; the message names the place, the value, what is allowed
 * and the nearest known name, and the same facts are fields. Programs should test the class or `code`, never the
 * message.
 */

/** The facts of a mistake, as far as they apply. */
export interface ErrorDetails {
  /** Where: a JSON path (`$.populations[0].size`) for model files, a name (`exc.tau_m[17]`) for calls. */
  readonly path?: string;
  /** What stood there. */
  readonly value?: unknown;
  /** What may stand there: a phrase, or the list of known names. */
  readonly allowed?: string | readonly string[];
  /** The known name closest to the given one. */
  readonly nearest?: string;
}

/** Base of every error that the library throws on purpose. */
export class SpikeletError extends Error {
  override readonly name: string = "SpikeletError";
  /** Stable identifier of the kind of mistake. */
  readonly code: string = "error";
  readonly path: string | undefined;
  readonly value: unknown;
  readonly allowed: string | readonly string[] | undefined;
  readonly nearest: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message);
    this.path = details.path;
    this.value = details.value;
    this.allowed = details.allowed;
    this.nearest = details.nearest;
  }
}

/** A name that must be a known one (model, preset, population, receptor, rule, kind, ...) is not. */
export class UnknownNameError extends SpikeletError {
  override readonly name = "UnknownNameError";
  override readonly code = "unknown-name";
}

/** An object has a key that nothing reads. */
export class UnknownKeyError extends SpikeletError {
  override readonly name = "UnknownKeyError";
  override readonly code = "unknown-key";
}

/** A required key is absent. */
export class MissingKeyError extends SpikeletError {
  override readonly name = "MissingKeyError";
  override readonly code = "missing-key";
}

/** A value is of the wrong kind: text for a number, an object for a list, ... */
export class ValueTypeError extends SpikeletError {
  override readonly name = "ValueTypeError";
  override readonly code = "value-type";
}

/** A number is outside of what is allowed, or not finite. */
export class ValueRangeError extends SpikeletError {
  override readonly name = "ValueRangeError";
  override readonly code = "value-range";
}

/** An array has the wrong number of elements. */
export class LengthError extends SpikeletError {
  override readonly name = "LengthError";
  override readonly code = "length";
}

/** A quantity has no unit, an unknown one, or one of another dimension. */
export class UnitError extends SpikeletError {
  override readonly name = "UnitError";
  override readonly code = "unit";
}

/** A name is used twice. */
export class DuplicateNameError extends SpikeletError {
  override readonly name = "DuplicateNameError";
  override readonly code = "duplicate-name";
}

/** A model file as a whole: not JSON, too large, too deep, or its text cannot be read. */
export class DocumentError extends SpikeletError {
  override readonly name = "DocumentError";
  override readonly code = "document";
}

/** A projection that cannot be made from these two populations. */
export class ConnectionError extends SpikeletError {
  override readonly name = "ConnectionError";
  override readonly code = "connection";
}

/** Something that the format knows and this version does not offer. */
export class UnavailableError extends SpikeletError {
  override readonly name = "UnavailableError";
  override readonly code = "unavailable";
}

/** A call that does not fit the state of the simulation, such as a new population after the first run. */
export class StateError extends SpikeletError {
  override readonly name: string = "StateError";
  override readonly code: string = "state";
}

/** What is known of a run that was stopped by the guard. */
export interface InstabilityDetails {
  readonly population: string;
  /** Index of the neuron in its population. */
  readonly neuron: number;
  /** The state that left its bounds. */
  readonly variable: string;
  /** Where it is, if it is no neuron of a population. */
  readonly place?: string;
  /** ms */
  readonly time: number;
  /** The value that was found: NaN, an infinity or a runaway number. */
  readonly value: number;
  /** Last value of the variable within its bounds; NaN where it is not known. */
  readonly lastFinite: number;
  readonly unit?: string;
  /** What to do about it, a full sentence without the final stop. */
  readonly remedy: string;
}

/** A state became NaN, infinite or left its bounds during a run. Results up to `time` are kept. */
export class InstabilityError extends SpikeletError {
  override readonly name = "InstabilityError";
  override readonly code = "instability";
  readonly population: string;
  readonly neuron: number;
  readonly variable: string;
  readonly time: number;
  readonly lastFinite: number;
  readonly remedy: string;
  // `report`, the results up to `time`, is declared in sim/report.ts, where reports are known.

  constructor(details: InstabilityDetails) {
    const { population, neuron, variable, time, value, lastFinite, unit = "", remedy } = details;
    const { place = `${population}.${variable}[${neuron}]` } = details;
    const after = Number.isNaN(lastFinite) ? "" : `, after ${quantityText(lastFinite, unit)}`;
    super(
      `${place} = ${quantityText(value, unit)} at ${quantityText(time, "ms")}${after}: the run is unstable. ${remedy}.`,
      { path: place, value },
    );
    this.population = population;
    this.neuron = neuron;
    this.variable = variable;
    this.time = time;
    this.lastFinite = lastFinite;
    this.remedy = remedy;
  }
}

/**
 * A run stopped for a reason outside of the model: a thread died, threw or fell silent, or the core trapped. Results up
 * to `time` are whole, and this simulation cannot go on.
 */
export class FailedRunError extends StateError {
  override readonly name = "FailedRunError";
  override readonly code = "failed";
  /** ms that are simulated and recorded. */
  readonly time: number;
  // `report`, the results up to `time`, is declared in sim/report.ts, where reports are known.

  constructor(message: string, time: number) {
    super(message);
    this.time = time;
  }
}

/** A number with its unit, as messages write it. Rounding noise beyond 12 digits is cut. */
export function quantityText(value: number, unit = ""): string {
  const rounded = Number(value.toPrecision(12));
  const text = String(Object.is(rounded, -0) ? 0 : rounded);
  return unit === "" ? text : `${text} ${unit}`;
}

/** Joins a place and what is wrong there: `$.dt: -1 ms` in model files, `exc.tau_m = -5 ms` in calls. */
export function placeText(path: string, value: string): string {
  return path.startsWith("$") ? `${path}: ${value}` : `${path} = ${value}`;
}

/** Any value in a few words, safe for values of any size, depth and kind. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === "number") return Object.is(value, -0) ? "0" : String(value);
  if (typeof value === "bigint") return "a bigint";
  if (value === null || value === undefined || typeof value === "boolean") return String(value);
  if (Array.isArray(value))
    return value.length === 1 ? "an array of 1 element" : `an array of ${value.length} elements`;
  if (ArrayBuffer.isView(value)) return "a typed array";
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  return "an object";
}
