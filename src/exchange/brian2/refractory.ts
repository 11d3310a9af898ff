/** Refractoriness, resets and conditions of events. */
import { isDistribution, merged } from "../../kinds/value.js";
import { type Expression, namesIn } from "../../lang/ast.js";
import type { CheckedModel } from "../../lang/check.js";
import { stepsOf, timeOf } from "../../model/grid.js";
import { text } from "../python.js";
import { type Draft, nameOf, writerOf } from "./group.js";
import { setParameter } from "./parameters.js";
import { numeral, type Writer } from "./text.js";

/** How long or under which condition a neuron is refractory, in Python. */
export function refractoryOf(draft: Draft): string | undefined {
  const { checked, spec, path } = draft;
  const { refractory, threshold } = checked;
  if (threshold === undefined) return undefined;
  if (refractory.kind === "none")
    return checked.crossing ? text(conditionText(draft, threshold, writerOf(draft))) : undefined;
  if (refractory.kind === "condition") return text(conditionText(draft, refractory.value, writerOf(draft)));
  const { value } = refractory;
  const { dt } = draft.shared;
  if (
    typeof value === "object" &&
    value.kind === "name" &&
    value.name === "t_ref" &&
    spec.model.definition === undefined
  ) {
    const given = merged(spec.params.t_ref ?? 0);
    if (typeof given === "number") return fixedHold(draft, stepsOf(given, dt));
    draft.held = true;
    const name = draft.names.of("t_ref");
    const rounded = given instanceof Float64Array ? given.map((x) => timeOf(stepsOf(x, dt), dt)) : given;
    setParameter(draft, name, rounded, "ms", `${path}.params.t_ref`);
    if (isDistribution(given)) draft.settings.push(`${draft.variable}.${name} = (np.floor(${draft.variable}.${name}/defaultclock.dt + 0.5))*defaultclock.dt`);
    return text(`${name} + dt`);
  }
  if (typeof value === "number") return fixedHold(draft, stepsOf(value, dt));
  draft.held = true;
  const writer = writerOf(draft);
  const steps = `(floor((${writer.text(value)})/dt + 0.5 + 1e-9) + 1)*dt`;
  const changes = [...namesIn(value)].some(({ name }) =>
    ["state", "intermediate", "time", "input"].includes(checked.scope.lookup(name)?.kind ?? ""),
  );
  if (!changes) return text(steps);
  const name = draft.names.of("hold");
  draft.equations.push(`${name} : second`);
  draft.holdStatement = `${name} = ${steps}`;
  return text(name);
}

function fixedHold(draft: Draft, steps: number): string | undefined {
  if (steps === 0) return undefined;
  draft.held = true;
  const { dt } = draft.shared;
  draft.namespace.push(["t_ref", `${numeral(timeOf(steps, dt))}*ms`]);
  draft.names.of("t_ref");
  // Brian2 holds from step k + 1 to k + n - 1 where n steps are asked for, Spikelet to k + n.
  return text("t_ref + dt");
}

/** A condition in Brian2's words. */
export function conditionText(draft: Draft, node: Expression, writer: Writer): string {
  if ([...namesIn(node)].some(({ name }) => draft.checked.scope.lookup(name)?.kind === "input")) {
    draft.shared.report.approximate(`${draft.path}.model`, "a condition sees I at the end of the step in Brian2, at its start in Spikelet");
  }
  return writer.text(node);
}

export function statementText(draft: Draft, one: CheckedModel["reset"][number], writer: Writer): string {
  const dimension = draft.checked.scope.lookup(one.name)?.dimension;
  const value = writer.text(
    one.value,
    one.operator === undefined || one.operator === "+" || one.operator === "-" ? dimension : undefined,
  );
  return `${nameOf(draft, one.name)} ${one.operator ?? ""}= ${value}`;
}

/** What a spike does, line by line. */
export function resetOf(draft: Draft, writer: Writer): string | undefined {
  const { checked, extras } = draft;
  const lines = [
    ...checked.reset.map((one) => statementText(draft, one, writer)),
    ...(draft.holdStatement === undefined ? [] : [draft.holdStatement]),
    ...extras.counters.map((name) => `${name} += 1`),
  ];
  return lines.length === 0 ? undefined : lines.join("\n");
}
