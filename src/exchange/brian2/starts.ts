/** Where the states of a group start. */
import { receptorVariable } from "../../kinds/receptors.js";
import { isDistribution, merged } from "../../kinds/value.js";
import { children, type Expression, namesIn } from "../../lang/ast.js";
import type { CheckedModel } from "../../lang/check.js";
import type { Value } from "../../model/spec.js";
import { text } from "../python.js";
import { startingStates } from "../start.js";
import { type Draft, nameOf, writerOf } from "./group.js";
import { valueText } from "./parameters.js";

/** Writes where the states start. */
export function startOf(draft: Draft): void {
  const { spec, checked, path } = draft;
  const given = Object.entries(spec.init);
  const set = new Set<string>();
  const computed = restOf(draft);
  for (const { name, unit } of checked.states) {
    const value = spec.init[name];
    if (value !== undefined) setStart(draft, nameOf(draft, name), merged(value), unit, `${path}.init.${name}`);
    else if (computed?.[name] !== undefined)
      setStart(draft, nameOf(draft, name), merged(computed[name] as Value), unit, path);
    else continue;
    set.add(name);
  }
  // Those that are texts, each behind the states that it needs.
  const open = checked.states.filter(({ name, init }) => !set.has(name) && init !== undefined);
  const writer = writerOf(draft);
  while (open.length > 0) {
    const names = new Set(open.map(({ name }) => name));
    const i = Math.max(
      0,
      open.findIndex(
        ({ init }) => init?.kind === "number" || !needs(draft, (init as { value: Expression }).value, names),
      ),
    );
    const [state] = open.splice(i, 1) as [CheckedModel["states"][number]];
    const { init } = state;
    if (init?.kind === "number") setStart(draft, nameOf(draft, state.name), init.value, state.unit, path);
    else if (init) {
      const dimension = checked.scope.lookup(state.name)?.dimension;
      draft.settings.push(`${draft.variable}.${nameOf(draft, state.name)} = ${text(writer.text(init.value, dimension))}`);
      const random = [...callsIn(init.value)].some((name) => name === "rand" || name === "randn");
      if (random) draft.shared.report.approximate(`${path}.init.${state.name}`, "drawn with random numbers of its own");
    }
  }
  for (const [name, value] of given) {
    const receptor = draft.recorded[name];
    if (receptor === undefined || checked.states.some((state) => state.name === name)) continue;
    const one = merged(value);
    if (one === 0) continue;
    const kernel = Object.entries(spec.receptors).find(([key, r]) => receptorVariable(key, r) === name)?.[1].kernel;
    if (kernel === "step") {
      draft.shared.report.dropped(`${path}.init.${name}`, "what a step receptor starts with would never end in Brian2: it starts at 0");
      continue;
    }
    setStart(draft, receptor.variable, one, receptor.unit, `${path}.init.${name}`);
  }
}

function needs(draft: Draft, node: Expression, names: ReadonlySet<string>): boolean {
  return [...namesIn(node)].some(({ name }) => {
    if (names.has(name)) return true;
    const value = draft.checked.intermediates.find((one) => one.name === name)?.value;
    return value !== undefined && needs(draft, value, names);
  });
}

function setStart(draft: Draft, name: string, value: Value, unit: string, path: string): void {
  if (value === 0) return;
  draft.settings.push(`${draft.variable}.${name} = ${valueText(draft, value, `${name}_start`, unit)}`);
  if (isDistribution(value)) draft.shared.report.approximate(path, "drawn by numpy from the same distribution: other numbers");
}

/** Where built-in models start that begin at rest or with states in equilibrium. */
function restOf(draft: Draft): Record<string, Value> | undefined {
  const { spec, checked, numbers, path } = draft;
  const { model } = spec;
  const names = checked.states.map(({ name }) => name);
  const waits = model.init === "rest" || Object.values(model.init).includes("equilibrium");
  if (model.definition !== undefined || !waits || names.every((name) => spec.init[name] !== undefined))
    return undefined;
  if (numbers.includes(undefined)) {
    draft.shared.report.approximate(`${path}.init`, "the rest of neurons whose parameters are drawn is not known: they start at that of the default parameters");
  }
  const same = numbers.every((x) => typeof x === "number" || x === undefined);
  const at = (i: number): number[] =>
    numbers.map((x, j) =>
      x === undefined ? (checked.params[j]?.default ?? 0) : typeof x === "number" ? x : (x[i] as number),
    );
  const rows = Array.from({ length: same ? 1 : spec.size }, (_, i) =>
    startingStates(model, Object.fromEntries(at(i).map((x, j) => [checked.params[j]?.name ?? "", x]))),
  );
  return Object.fromEntries(names.map((name) => [name, merged(Float64Array.from(rows, (row) => row[name] as number))]));
}

function* callsIn(node: Expression): Generator<string> {
  if (node.kind === "call") yield node.name;
  for (const child of children(node)) yield* callsIn(child);
}
