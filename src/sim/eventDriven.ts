/**
 * What a population must be for the method eventDriven: its neurons are left alone until something arrives, so that
 * nothing else may act on them as time goes on, and those of one population share the coefficients of their equations.
 */
import { backgroundOf } from "../kinds/backgrounds.js";
import { isConductance, isOwn, kernelName, kernelOf, responseOf } from "../kinds/receptors.js";
import { Ir } from "../lang/ir.js";
import { eventForm } from "../lang/events.js";
import { ValueRangeError } from "../model/errors.js";
import type { ModelRecord } from "../model/record.js";
import { checkedRule, ruleAt } from "../model/ownRule.js";
import type { BackgroundSpec, PopulationSpec, ProjectionSpec, ReceptorSpec } from "../model/spec.js";
import { lowered } from "./compiled.js";

const RECEPTORS = "delta, exponential, alpha, dualExponential without E_rev";
const BACKGROUNDS = "constant, rheobase, poisson";

function refuse(path: string, what: string, allowed: string, value?: string): never {
  throw new ValueRangeError(`${path}: ${what}; the method eventDriven takes ${allowed}. Or use the method exact.`, {
    path,
    ...(value === undefined ? {} : { value }),
    allowed,
  });
}

/** @throws ValueRangeError where a population cannot be advanced by events */
export function checkEventDriven(spec: PopulationSpec): void {
  if (spec.method !== "eventDriven") return;
  const { name, model, params, receptors, background } = spec;
  for (const [key, receptor] of Object.entries(receptors)) {
    if (isTaken(receptor)) continue;
    const kind = isConductance(receptor) ? "a conductance" : `a receptor of the kind ${kernelName(receptor)}`;
    refuse(`${name}.receptors.${key}`, kind, RECEPTORS, kernelName(receptor));
  }
  for (const [i, entry] of background.entries()) {
    if (isSteady(entry)) continue;
    const when = backgroundOf(entry).core === "constant" ? " that begins or ends" : "";
    refuse(
      `${name}.background[${i}]`,
      `${entry.kind}${when}`,
      `backgrounds that do not change while it runs: ${BACKGROUNDS}`,
      entry.kind,
    );
  }
  for (const parameter of sharedByEvents(model)) {
    if (typeof params[parameter] === "number") continue;
    refuse(
      `${name}.params.${parameter}`,
      "a number per neuron",
      `one number for all neurons where it multiplies states or I`,
    );
  }
}

/** @throws ValueRangeError where a projection reads states of neurons that do not keep up with time */
export function checkReadByProjection(end: PopulationSpec, projection: ProjectionSpec, label: string): void {
  if (end.method !== "eventDriven") return;
  const allowed = "projections that read no states of its neurons";
  if (projection.gapJunction) refuse(label, `gap junctions with ${end.name}, which is advanced by events`, allowed);
  const rule = ruleAt(projection)?.rule;
  const variables = rule === undefined ? [] : checkedRule(rule).variables;
  const read = variables.find(
    ({ kind, level }) => kind === "read" && end.name === projection[level as "source" | "target"],
  );
  if (!read) return;
  refuse(
    `${label}.plasticity`,
    `its rule reads ${read.name} of ${end.name}, which is advanced by events`,
    allowed,
    read.name,
  );
}

function isTaken(receptor: ReceptorSpec): boolean {
  if (isConductance(receptor) || isOwn(receptor)) return false;
  const { core } = kernelOf(receptor);
  return (
    core === "delta" || core === "exponential" || (core === "riseAndDecay" && responseOf(receptor).block === undefined)
  );
}

/** Spikes that are background arrive like others. */
function isSteady(entry: BackgroundSpec): boolean {
  const record = backgroundOf(entry);
  return (
    record.events || (record.core === "constant" && entry.scope?.start === undefined && entry.scope?.stop === undefined)
  );
}

const known = new WeakMap<ModelRecord, readonly string[]>();

/** Parameters on which the coefficients of a linear model depend, and the sensitivity of its threshold. */
export function sharedByEvents(model: ModelRecord): readonly string[] {
  const before = known.get(model);
  if (before !== undefined) return before;
  const ir = new Ir();
  const { rows, line } = eventForm(ir, lowered(model, ir), []);
  const coefficients = [...rows.flatMap(({ slopes }) => slopes), ...(line?.slopes ?? [])];
  const used = new Set(
    coefficients.flatMap((e) => [...ir.leaves(e)]).flatMap((leaf) => (leaf.op === "param" ? [leaf.value] : [])),
  );
  const names = Object.keys(model.params).filter((_, i) => used.has(i));
  known.set(model, names);
  return names;
}
