/** A population as a NeuronGroup: its equations, numbers, start and what is done in each step. */
import type { PopulationSpec } from "../../model/spec.js";
import { text } from "../python.js";
import { backgroundOf } from "./backgrounds.js";
import { type Draft, draftOf, type Extras, freezeNamed, type Group, type Shared, writerOf } from "./group.js";
import { methodText } from "./integration.js";
import { modelEquations } from "./model.js";
import { parametersOf } from "./parameters.js";
import { receptorsOf } from "./receptors.js";
import { conditionText, refractoryOf, resetOf, statementText } from "./refractory.js";
import { startOf } from "./starts.js";
import { baseUnitText, unitText } from "./text.js";

/** The group of a population; projections add what `extras` says. */
export function groupOf(spec: PopulationSpec, path: string, variable: string, shared: Shared, extras: Extras): Group {
  const draft = draftOf(spec, path, variable, shared, extras);
  const { checked } = draft;
  parametersOf(draft);
  const refractory = refractoryOf(draft);
  const writer = writerOf(draft);
  modelEquations(draft);
  receptorsOf(draft);
  backgroundOf(draft);
  inputOf(draft);
  for (const name of extras.counters) draft.equations.push(`${name} : 1`);
  const reset = resetOf(draft, writer);
  const threshold = checked.threshold && conditionText(draft, checked.threshold, writer);
  const { method, lines: methodLines } = methodText(draft);
  const events = checked.events.map((event) => ({
    name: event.name,
    condition: conditionText(draft, event.condition, writer),
    reset: event.reset.map((one) => statementText(draft, one, writer)),
  }));
  startOf(draft);
  if (checked.crossing && threshold !== undefined) {
    draft.settings.push(`${variable}.not_refractory = ${text(`not (${threshold})`)}  # who starts above it has not crossed it`);
  }
  const all = [...draft.equations, ...draft.frozen];
  const options = [
    ...(threshold === undefined ? [] : [`threshold=${text(threshold)}`]),
    ...(reset === undefined ? [] : [`reset=${text(reset)}`]),
    ...(refractory === undefined ? [] : [`refractory=${refractory}`]),
    ...(events.length === 0
      ? []
      : [`events={${events.map(({ name, condition }) => `${text(name)}: ${text(condition)}`).join(", ")}}`]),
    ...(checked.states.some(({ derivative }) => derivative) ? [`method=${method}`] : []),
    "namespace=" + (draft.namespace.length === 0 ? "{}" : `${variable}_params`),
  ];
  const dictionary =
    draft.namespace.length === 0
      ? []
      : [`${variable}_params = dict(`, ...draft.namespace.map(([name, value]) => `    ${name}=${value},`), ")"];
  const lines = [
    ...draft.before,
    ...methodLines,
    ...dictionary,
    `${variable} = NeuronGroup(`,
    `    ${spec.size},`,
    '    """',
    ...all.map((line) => `    ${line}`),
    '    """,',
    `    ${options.join(",\n    ")},`,
    ")",
    ...draft.settings,
    ...draft.runners,
    ...events.flatMap(({ name, reset: code }) => (code.length === 0 ? [] : [`${variable}.run_on_event(${text(name)}, ${text(code.join("\n"))})`])),
  ];
  shared.report.exact(`${path}.model`, `NeuronGroup with the equations of ${spec.model.id}`);
  return {
    variable: variable,
    spec,
    lines,
    landings: draft.landings,
    recorded: draft.recorded,
    spikes: threshold !== undefined,
    taken: draft.names.taken,
  };
}

/** Writes I, the sum of all currents. */
function inputOf(draft: Draft): void {
  const { checked, extras, method } = draft;
  const unit = baseUnitText(draft.currentUnit);
  for (const name of extras.currents) draft.equations.push(`${name} : ${unit}`);
  if (!checked.usesInput) return;
  const frozen = method === "halfStep" && draft.terms.some((term) => term !== "I_background");
  const all = [...draft.terms, ...extras.currents];
  if (frozen) {
    const synaptic = freezeNamed(draft, draft.names.of("I_start"), draft.terms.join(" + "), unit);
    draft.equations.push(`I = ${[synaptic, ...extras.currents].join(" + ")} : ${unit}`);
    return;
  }
  const zero = draft.currentUnit === "1" ? "0" : `0*${unitText(draft.currentUnit)}`;
  draft.equations.push(`I = ${all.length === 0 ? zero : all.join(" + ")} : ${unit}`);
}
