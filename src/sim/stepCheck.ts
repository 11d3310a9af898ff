/**
 * The check of a time step against the equations of any model: its neuron is followed with small steps and with those
 * of the method. By the host's functions: findings are no results.
 */
import { millivolts } from "../lang/dimensions.js";
import { evaluate, type Expr } from "../lang/ir.js";
import { driveOf } from "../model/drive.js";
import { quantityText, UnavailableError } from "../model/errors.js";
import type { Finding } from "../model/findings.js";
import { HOST } from "../model/own.js";
import type { ModelRecord } from "../model/record.js";
import type { NetworkSpec, PopulationSpec } from "../model/spec.js";
import { EXPLICIT_LIMIT } from "./limits.js";
import { courseFrom, stateLimit, tried } from "./step.js";
import { System } from "./system.js";
import { extreme } from "./values.js";

/** What is found for a model with some numbers. */
interface Verdict {
  /** The largest dt at which all that decays does so along the way. */
  readonly stable: number;
  /** How the method left the model's bounds where the equations do not, and whether only a push brought it there. */
  readonly blown: { readonly text: string; readonly pushed: boolean } | undefined;
}

const verdicts = new WeakMap<ModelRecord, Map<string, Verdict>>();
const MOST_KNOWN = 1000;

/** ms that a neuron is followed, and the pushes of v from where it starts: in mV, or without a unit. */
const TIME = 50;
const PUSHES = { mV: [0, 20, 60], none: [0, 0.5, 1] } as const;

/** Whether dt is small enough for an explicit method. */
export function checkStep(spec: NetworkSpec, population: PopulationSpec): Omit<Finding, "population">[] {
  const { model, method } = population;
  const { dt, duration } = spec;
  // What models that reset do at large steps has rules of its own, unless they are one's own.
  if (EXPLICIT_LIMIT[method] === undefined || (model.definition === undefined && model.family === "resets")) return [];
  const params = Object.keys(model.params).map((name) => {
    const value = population.params[name];
    return value === undefined || typeof value === "function"
      ? Number.NaN
      : 0.5 * (extreme(value, -1) + extreme(value, 1));
  });
  if (params.some(Number.isNaN)) return [];
  const drive = driveOf(population, 0, [0, Math.max(duration, dt)], Number.NaN);
  const input = drive?.current ?? 0;
  const known = verdicts.get(model) ?? new Map<string, Verdict>();
  verdicts.set(model, known);
  const key = [method, dt, input, ...params].join();
  let verdict = known.get(key);
  if (verdict === undefined) {
    verdict = judged(population, params, input, dt);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, verdict);
  }
  return findings(population, dt, verdict);
}

function findings(
  { model, method }: PopulationSpec,
  dt: number,
  { stable, blown }: Verdict,
): Omit<Finding, "population">[] {
  const bounded = model.methods.find((one) => EXPLICIT_LIMIT[one] === undefined);
  const other = bounded === undefined ? "" : `, or the method ${bounded}, which has no such limit`;
  const round = (x: number): number => {
    const unit = 10 ** (Math.floor(Math.log10(x)) - 1);
    return Number((Math.floor(x / unit) * unit).toPrecision(2));
  };
  const least = stable < dt ? round(0.9 * stable) : round(0.5 * dt);
  if (blown !== undefined) {
    const message = `dt = ${dt} ms: ${method} of ${model.id} blows up: ${blown.text}, where the equations stay finite. Use dt <= ${least} ms${other}.`;
    const level = blown.pushed ? "warning" : "error";
    return [{ level, code: "dt-unstable", message, parameter: "dt", value: dt, limit: least }];
  }
  if (!(stable < dt)) return [];
  const message =
    `dt = ${dt} ms: ${method} of ${model.id} is stable up to ${quantityText(Number(stable.toPrecision(3)), "ms")} only ` +
    `where its equations are stiffest: deviations grow there that should decay. Use dt <= ${least} ms${other}.`;
  return [{ level: "warning", code: "dt-above-stable-step", message, parameter: "dt", value: dt, limit: least }];
}

function judged({ model, method }: PopulationSpec, params: readonly number[], input: number, dt: number): Verdict {
  let system: System;
  try {
    system = new System(model, params, input, HOST);
    system.resets();
  } catch (error) {
    // equations or thresholds over time or chance
    if (error instanceof UnavailableError) return { stable: Number.POSITIVE_INFINITY, blown: undefined };
    throw error;
  }
  // a map: no state moves between its events
  const [unit] = system.units;
  if (unit === undefined) return { stable: Number.POSITIVE_INFINITY, blown: undefined };
  const inMillivolts = millivolts(unit);
  const pushes = model.family === "resets"
    ? [0]
    : inMillivolts === undefined
      ? PUSHES.none
      : PUSHES.mV.map((x) => x / inMillivolts);
  let stable = Number.POSITIVE_INFINITY;
  let blown: Verdict["blown"];
  for (const push of pushes) {
    const start = startOf(system);
    start[0] = (start[0] as number) + push;
    const course = courseFrom(system, start, TIME);
    for (const x of course.states) stable = Math.min(stable, stateLimit(system, method, x, true).dt);
    if (!course.whole || blown !== undefined) continue;
    const left = tried(system, method, start, dt, course.time);
    if (left === undefined) continue;
    const unit = left.variable === system.names[0] ? (system.units[0] as string) : "";
    const short = (value: number, digits: number, one: string): string =>
      quantityText(Number(value.toPrecision(digits)), one);
    const after = push === 0 ? "" : `, pushed by ${short(push, 3, system.units[0] as string)},`;
    const text = `${left.variable} = ${short(left.value, 3, unit)} after ${short(left.time, 6, "ms")} at I = ${short(input, 6, model.current)}${after}`;
    blown = { text, pushed: push !== 0 };
  }
  // what was measured of a built-in model as it is counts more than its linearisation
  const isUsual = Object.values(model.params).every((one, k) => one.default === params[k]);
  const measured = isUsual ? (model.maxStep?.[method] ?? 0) : 0;
  return { stable: measured >= dt ? Number.POSITIVE_INFINITY : stable, blown };
}

/** About where a neuron starts. */
function startOf({ model, record, params, moving, names, math }: System): Float64Array {
  if (record.definition !== undefined) {
    const env = { params, index: 0, size: 1, random: () => 0.5, math };
    return Float64Array.from(moving, (j) => evaluate(model.init[j] as Expr, env));
  }
  return Float64Array.from(names, (name, k) => {
    const text = typeof record.init === "string" ? "" : (record.init[name] ?? "");
    const place = Object.keys(record.params).indexOf(text);
    if (place >= 0) return params[place] as number;
    if (text !== "" && Number.isFinite(Number(text))) return Number(text);
    return k > 0 ? 0 : record.states[name]?.unit === "mV" ? -65 : -1;
  });
}
