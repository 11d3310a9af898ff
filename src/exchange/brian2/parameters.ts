/** Parameters and other numbers of a group: constants of its namespace, or variables. */
import { isDistribution, merged } from "../../kinds/value.js";
import { type Expression, namesIn } from "../../lang/ast.js";
import type { Distribution, Value } from "../../model/spec.js";
import { type Draft, nameOf } from "./group.js";
import { baseUnitText, factor, inUnit, numeral, quantity } from "./text.js";

/** Writes the parameters that the equations use. */
export function parametersOf(draft: Draft): void {
  for (const { name, unit } of draft.checked.params) {
    if (name === "t_ref" || isUnused(draft, name)) continue;
    setParameter(
      draft,
      nameOf(draft, name),
      merged(draft.spec.params[name] ?? 0),
      unit,
      `${draft.path}.params.${name}`,
    );
  }
}

/** Parameters that nothing in the checked equations uses, such as Delta_T of a sharp adex. */
function isUnused(draft: Draft, name: string): boolean {
  const { states, intermediates, threshold, reset, refractory, events } = draft.checked;
  const texts: (Expression | undefined)[] = [
    ...states.map(({ derivative }) => derivative),
    ...states.map(({ init }) => (init?.kind === "expression" ? init.value : undefined)),
    ...intermediates.map(({ value }) => value),
    threshold,
    ...[reset, ...events.map((event) => event.reset)].flat().map(({ value }) => value),
    ...events.map(({ condition }) => condition),
    refractory.kind !== "none" && typeof refractory.value !== "number" ? refractory.value : undefined,
  ];
  return !texts.some((one) => one !== undefined && [...namesIn(one)].some((node) => node.name === name));
}

/** A number for all is a constant of the namespace, else a variable. */
export function setParameter(draft: Draft, name: string, value: Value, unit: string, path: string): void {
  if (typeof value === "number") {
    draft.namespace.push([name, quantity(value, unit)]);
    return;
  }
  draft.equations.push(`${name} : ${baseUnitText(unit)} (constant)`);
  draft.settings.push(`${draft.variable}.${name} = ${valueText(draft, value, name, unit)}`);
  if (isDistribution(value)) draft.shared.report.approximate(path, "drawn by numpy from the same distribution: other numbers");
}

/** What a variable of the group is set to. */
export function valueText(draft: Draft, value: Value, name: string, unit: string): string {
  const { shared, spec, variable } = draft;
  if (typeof value === "number") return quantity(value, unit);
  if (isDistribution(value)) return inUnit(drawnText(value, String(spec.size), shared.helpers), unit);
  return inUnit(shared.arrays.of(`${variable}_${name}`, value, "np.array").text, unit);
}

/** A factor in an expression: a number in its unit, or a variable. */
export function amplitudeOf(draft: Draft, wanted: string, value: Value, unit: string, path: string): string {
  const one = merged(value);
  if (typeof one === "number") return factor(quantity(one, unit));
  const name = draft.names.of(wanted);
  setParameter(draft, name, one, unit, path);
  return name;
}

/** Numbers of the exact method, one for all or one for each neuron. */
export function numbersText(draft: Draft, wanted: string, values: readonly number[], unit: string): string {
  const name = draft.names.of(wanted);
  const first = values[0] ?? 0;
  if (values.every((x) => x === first)) draft.namespace.push([name, quantity(first, unit)]);
  else setParameter(draft, name, Float64Array.from(values), unit, draft.path);
  return name;
}

/** Numbers that numpy draws from a distribution. */
export function drawnText(value: Distribution, size: string, helpers: Set<string>): string {
  if ("uniform" in value) return `rng.uniform(${value.uniform.map(numeral).join(", ")}, ${size})`;
  if ("normal" in value) return `rng.normal(${value.normal.map(numeral).join(", ")}, ${size})`;
  if ("lognormal" in value) return `rng.lognormal(${value.lognormal.map(numeral).join(", ")}, ${size})`;
  if ("exponential" in value) return `rng.exponential(${numeral(value.exponential)}, ${size})`;
  if ("gamma" in value) return `rng.gamma(${value.gamma.map(numeral).join(", ")}, ${size})`;
  helpers.add("truncated_normal");
  return `truncated_normal(${value.truncatedNormal.map(numeral).join(", ")}, ${size})`;
}
