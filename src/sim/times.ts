/**
 * The check of times: what is no whole number of steps is used as the nearest one, which is said once for each place.
 */
import { quantityText } from "../model/errors.js";
import { firstStepAfter, firstStepFrom, intervalSteps, isOnGrid, roundedText, stepsOf, timeOf } from "../model/grid.js";
import { projectionName } from "../model/projection.js";
import type {
  BackgroundSpec,
  Distribution,
  NetworkSpec,
  Points,
  PopulationSpec,
  ProjectionSpec,
  SynapseValue,
} from "../model/spec.js";
import type { Finding } from "../model/findings.js";
import { backgroundOf } from "../kinds/backgrounds.js";
import { responseOf } from "../kinds/receptors.js";
import { isPoints } from "../kinds/value.js";
import { extreme } from "./values.js";

/** A time that is not on the grid. */
interface Rounded {
  readonly parameter: string;
  /** ms */
  readonly given: number;
  /** What is used in its place, in ms. */
  readonly used: number;
  readonly population: string | null;
  /** What the parameter belongs to, where that is not the population. */
  readonly place?: string;
  /** What follows from it, if that is more than the rounding. */
  readonly lost?: string | undefined;
  /** What else is to be said of it. */
  readonly more?: string;
}

/** The finding on a time that is rounded: a note, or a warning where something is lost by it. */
function roundedFinding({ parameter, given, used, population, place, lost, more = "" }: Rounded, dt: number): Finding {
  return {
    level: lost === undefined ? "note" : "warning",
    code: "time-rounded",
    message:
      `${place === undefined ? "" : `${place}: `}${roundedText(parameter, given, used, dt)}` +
      `${lost === undefined ? "" : `: ${lost}`}.${more}`,
    population,
    parameter,
    value: given,
    limit: used,
  };
}

/**
 * @internal The finding on the time that one or more runs were asked for, if there is one; with the rest a further run
 *   begins.
 */
export function durationFindings(given: number, dt: number): Finding[] {
  if (isOnGrid(given, dt)) return [];
  const more = " What is left over counts in a further run.";
  return [
    roundedFinding({ parameter: "duration", given, used: timeOf(stepsOf(given, dt), dt), population: null, more }, dt),
  ];
}

type Add = (time: Rounded) => void;

/**
 * The findings on all times of a network but its duration; intervals of recordings and scaling are multiples of dt
 * already.
 */
export function checkTimes(spec: NetworkSpec): Finding[] {
  const { dt } = spec;
  const findings: Finding[] = [];
  const add: Add = (time) => findings.push(roundedFinding(time, dt));
  for (const population of spec.populations) {
    const { name, receptors, background } = population;
    checkRefractory(population, dt, add);
    checkSource(population, dt, add);
    for (const [receptor, kernel] of Object.entries(receptors)) {
      const { duration } = responseOf(kernel);
      if (duration !== undefined) checkInterval(`${receptor}.duration`, duration, name, dt, add);
    }
    for (const [i, entry] of background.entries()) {
      const edge = firstEdge(entry, dt);
      if (edge) add({ ...edge, parameter: `background[${i}].${edge.parameter}`, population: name });
    }
  }
  for (const projection of spec.projections) checkProjection(projection, dt, findings, add);
  for (const { population, from } of spec.record) checkStart(`record ${population}`, population, from, dt, add);
  for (const { projection, from } of spec.recordWeights) {
    const recorded = spec.projections[projection] as ProjectionSpec;
    checkStart(`record ${projectionName(recorded)}`, recorded.target, from, dt, add);
  }
  return findings;
}

/** Whether a time that takes one step at least is used as it is. */
function isInterval(ms: number, dt: number): boolean {
  return isOnGrid(ms, dt) && stepsOf(ms, dt) >= 1;
}

function checkInterval(
  parameter: string,
  given: number,
  population: string,
  dt: number,
  add: Add,
  place?: string,
): void {
  if (isInterval(given, dt)) return;
  const used = timeOf(intervalSteps(given, dt), dt);
  add({ parameter, given, used, population, ...(place !== undefined && { place }) });
}

function checkStart(place: string, population: string, from: number, dt: number, add: Add): void {
  if (isOnGrid(from, dt)) return;
  add({ parameter: "from", given: from, used: timeOf(firstStepFrom(from, dt), dt), population, place });
}

/** The first number of a value that a test finds, with its index; nothing is drawn for it. */
function firstOf(
  value: SynapseValue,
  test: (ms: number) => boolean,
): { readonly ms: number; readonly index: string } | undefined {
  if (typeof value === "number") return test(value) ? { ms: value, index: "" } : undefined;
  if (!(value instanceof Float64Array)) return undefined;
  const i = value.findIndex(test);
  return i < 0 ? undefined : { ms: value[i] as number, index: `[${i}]` };
}

function isDrawn(value: SynapseValue): value is Distribution {
  return typeof value === "object" && !(value instanceof Float64Array);
}

/** What is drawn is rounded with the draw; but no period may vanish without a word. */
function checkRefractory({ name, params }: PopulationSpec, dt: number, add: Add): void {
  const { t_ref } = params;
  if (t_ref === undefined) return;
  const vanishes = (ms: number): boolean => ms > 0 && stepsOf(ms, dt) === 0;
  const least = isDrawn(t_ref) ? extreme(t_ref, -1) : t_ref;
  const found = firstOf(least, vanishes) ?? (isDrawn(t_ref) ? undefined : firstOf(t_ref, (ms) => !isOnGrid(ms, dt)));
  if (!found) return;
  const used = timeOf(stepsOf(found.ms, dt), dt);
  const lost =
    used === 0 ? `there is no refractory period${isDrawn(t_ref) ? " where so little is drawn" : ""}` : undefined;
  add({ parameter: `t_ref${found.index}`, given: found.ms, used, population: name, lost });
}

function checkSource({ name, source }: PopulationSpec, dt: number, add: Add): void {
  if (source?.kind === "poisson") {
    const row = isPoints(source.rate) ? offRow("rate.points", source.rate, dt) : undefined;
    if (row) add({ ...row, population: name });
  } else if (source?.kind === "spikeTrain") {
    // A spike lies at the end of a step, so the earliest is one step after the start.
    const i = source.times.findIndex((ms) => !isInterval(ms, dt));
    if (i >= 0) checkInterval(`times[${i}]`, source.times[i] as number, name, dt, add);
  }
}

type Edge = Omit<Rounded, "population">;

/** The first row whose time is between two steps. */
function offRow(parameter: string, rows: Points, dt: number): Edge | undefined {
  const i = rows.findIndex(([t]) => !isOnGrid(t, dt));
  const given = rows[i]?.[0];
  return given === undefined
    ? undefined
    : { parameter: `${parameter}[${i}][0]`, given, used: timeOf(stepsOf(given, dt), dt) };
}

/** The first time of a background entry at which something changes at once, and which is between two steps. */
function firstEdge(entry: BackgroundSpec, dt: number): Edge | undefined {
  const { start, stop } = entry.scope ?? {};
  const { fields, times: timesOf, span: spanOf } = backgroundOf(entry);
  const on = (ms: number): boolean => isOnGrid(ms, dt);
  const span = stop === undefined ? spanOf?.(entry as never, on) : ([start ?? 0, stop] as const);
  const times: readonly (readonly [string, number | undefined])[] = [
    ...(timesOf?.(entry as never, on) ?? []),
    ["start", start],
    ["stop", stop],
  ];
  for (const [parameter, given] of times) {
    if (given === undefined || isOnGrid(given, dt)) continue;
    const empty = span !== undefined && stepsOf(span[0], dt) === stepsOf(span[1], dt);
    return {
      parameter,
      given,
      used: timeOf(stepsOf(given, dt), dt),
      lost: empty ? "the current acts in no step" : undefined,
    };
  }
  for (const [key, { type }] of Object.entries(fields)) {
    const rows = (entry as unknown as Readonly<Record<string, unknown>>)[key];
    if ((type === "points" || type === "rate") && isPoints(rows))
      return offRow(type === "rate" ? `${key}.points` : key, rows, dt);
  }
  return undefined;
}

function checkProjection(spec: ProjectionSpec, dt: number, findings: Finding[], add: Add): void {
  const { delay, target } = spec;
  const place = projectionName(spec);
  if (spec.gapJunction) return;
  const found = firstOf(delay, (ms) => !isInterval(ms, dt));
  if (found) checkInterval(`delay${found.index}`, found.ms, target, dt, add, place);
  const least = isDrawn(delay) ? extreme(delay, -1) : Number.POSITIVE_INFINITY;
  if (firstStepAfter(least, dt) > 1) return;
  findings.push({
    level: "note",
    code: "time-rounded",
    message:
      `${place}: drawn delays may be as short as ${quantityText(Number(least.toPrecision(3)), "ms")}, below one step of ` +
      `dt = ${dt} ms; one step is the least delay.`,
    population: target,
    parameter: "delay",
    value: least,
    limit: dt,
  });
}
