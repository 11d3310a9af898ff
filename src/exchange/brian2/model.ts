/** Equations of a model as Brian2 takes them. */
import { children, type Expression, namesIn } from "../../lang/ast.js";
import { over, parseUnit } from "../../lang/dimensions.js";
import { methodNotes } from "../../model/own.js";
import { type Draft, freeze, freezeNamed, nameOf, stands, writerOf } from "./group.js";
import { baseUnitText, Writer } from "./text.js";

/** Writes the equations of the states and intermediates. */
export function modelEquations(draft: Draft): void {
  const { checked, method } = draft;
  const relaxing = method === "exponentialEuler";
  const notes = relaxing ? methodNotes(draft.spec.model, method) : [];
  const still = relaxing ? stillIntermediates(draft) : new Set<string>();
  for (const [j, state] of checked.states.entries()) {
    const name = nameOf(draft, state.name);
    const unit = baseUnitText(state.unit);
    draft.recorded[state.name] = { variable: name, unit: state.unit };
    if (state.derivative === undefined) {
      draft.equations.push(`${name} : ${unit}`);
      continue;
    }
    const slope = over(
      checked.scope.lookup(state.name)?.dimension ?? parseUnit("1")!.dimension,
      parseUnit("ms")!.dimension,
    );
    const byEuler = notes.some((note) => note.startsWith(`${state.name}: `) && note.includes("by euler"));
    const noisy = hasNoise(draft, state.derivative);
    const own = new Writer(checked.scope, {
      name: (one) =>
        checked.scope.lookup(one)?.kind === "noise"
          ? noiseName(draft, one, state.name, state.derivative as Expression)
          : draft.renamed.get(one),
      node: (node) => frozenNode(draft, node, relaxing && !byEuler ? state.name : undefined, still),
    });
    let rhs = own.text(state.derivative, slope);
    if (byEuler) rhs = freeze(draft, `slope_${name}`, rhs, slope);
    if (noisy && method === "exponentialEuler") {
      draft.shared.report.approximate(`${draft.path}.method`, `the noise of ${state.name} is integrated with its relaxation; Spikelet adds it whole at the end of the step`);
    }
    draft.equations.push(`d${name}/dt = ${rhs} : ${unit}${stands(draft, j) ? " (unless refractory)" : ""}`);
  }
  for (const one of checked.intermediates) {
    const name = nameOf(draft, one.name);
    const own = writerOf(draft, (node) => frozenNode(draft, node, undefined, still));
    const dimension = checked.scope.lookup(one.name)?.dimension;
    const unit = one.condition ? "boolean" : baseUnitText(one.unit);
    draft.equations.push(`${name} = ${own.text(one.value, dimension)} : ${unit}${still.has(one.name) ? " (constant over dt)" : ""}`);
  }
}

function hasNoise(draft: Draft, node: Expression): boolean {
  return [...namesIn(node)].some(({ name }) => draft.checked.scope.lookup(name)?.kind === "noise");
}

/**
 * xi where Brian2's method can have it; else a number that is held for the step, which is what the methods here have.
 */
function noiseName(draft: Draft, name: string, state: string, derivative: Expression): string {
  const { method, shared, path } = draft;
  shared.report.approximate(`${path}.model`, "noise with random numbers of its own");
  const own = name === "xi" ? `xi_${nameOf(draft, state)}` : name;
  const depends = [...namesIn(derivative)].some((one) => one.name === state);
  const others = draft.checked.states.some(
    (s) => s.name !== state && [...namesIn(derivative)].some((one) => one.name === s.name),
  );
  if (method === "euler" && !others && (!depends || isAdditive(draft, derivative))) return own;
  return freezeNamed(draft, own.replace(/^xi/, "noise"), "randn()/sqrt(dt)", "hertz**0.5");
}

/** Whether noise stands in terms with parameters and numbers only. */
function isAdditive(draft: Draft, node: Expression): boolean {
  if (node.kind === "binary" && (node.operator === "+" || node.operator === "-"))
    return isAdditive(draft, node.left) && isAdditive(draft, node.right);
  if (!hasNoise(draft, node)) return true;
  return [...namesIn(node)].every(({ name }) =>
    ["noise", "parameter", "constant"].includes(draft.checked.scope.lookup(name)?.kind ?? ""),
  );
}

/**
 * Intermediate equations whose functions of a state stand still in a step of exponentialEuler, so that nothing else is
 * left of it.
 */
function stillIntermediates(draft: Draft): Set<string> {
  const { checked } = draft;
  const found = new Set<string>();
  for (const { name, value, condition } of checked.intermediates) {
    if (condition) continue;
    const users = checked.states.filter(
      ({ name: state, derivative }) =>
        derivative && dependsOn(draft, value, state) && dependsOn(draft, derivative, name),
    );
    if (users.length > 0 && users.every(({ name: state }) => onlyInCalls(draft, value, state, found))) found.add(name);
  }
  return found;
}

/** Whether an expression has a name in it, by way of intermediate equations as well. */
export function dependsOn(draft: Draft, node: Expression, intermediate: string): boolean {
  return [...namesIn(node)].some(({ name }) => {
    if (name === intermediate) return true;
    const value = draft.checked.intermediates.find((one) => one.name === name)?.value;
    return value !== undefined && dependsOn(draft, value, intermediate);
  });
}

/** Whether an expression depends on a state, and through functions alone. */
function onlyInCalls(draft: Draft, node: Expression, state: string, still: ReadonlySet<string>): boolean {
  if (!dependsOn(draft, node, state)) return true;
  if (node.kind === "call") return node.name !== "min" && node.name !== "max";
  if (node.kind === "name") {
    if (still.has(node.name)) return true;
    const value = draft.checked.intermediates.find((one) => one.name === node.name)?.value;
    return value !== undefined && onlyInCalls(draft, value, state, still);
  }
  return children(node).every((child) => onlyInCalls(draft, child, state, still));
}

/** Random numbers, and under exponentialEuler functions of the state itself, are the same for the whole step. */
function frozenNode(
  draft: Draft,
  node: Expression,
  state: string | undefined,
  still: ReadonlySet<string>,
): string | undefined {
  const { checked } = draft;
  if (node.kind === "call" && (node.name === "randn" || node.name === "rand")) {
    draft.shared.report.approximate(`${draft.path}.model`, `${node.name}() with random numbers of its own`);
    return freezeNamed(draft, draft.names.of(`${node.name}_${draft.frozen.length + 1}`), `${node.name}()`, "1");
  }
  if (state === undefined || !dependsOn(draft, node, state)) return undefined;
  if (node.kind === "call" && node.name !== "min" && node.name !== "max") {
    const text = writerOf(draft).text(node);
    const dimension = writerOf(draft).dimension(node);
    return freeze(draft, `${node.name}_${nameOf(draft, state)}`, text, dimension);
  }
  if (node.kind === "call" && node.args.some((arg) => arg.kind === "name" && arg.name === state)) {
    const others = node.args.filter((arg) => !(arg.kind === "name" && arg.name === state));
    if (others.every((arg) => !dependsOn(draft, arg, state))) return nameOf(draft, state);
  }
  if (node.kind === "name" && !still.has(node.name)) {
    const value = checked.intermediates.find((one) => one.name === node.name)?.value;
    if (value === undefined) return undefined;
    const inlined = writerOf(draft, (one) => frozenNode(draft, one, state, still)).text(value);
    const asIs = writerOf(draft).text(value);
    return inlined === asIs ? undefined : /^\w+$/.test(inlined) ? inlined : `(${inlined})`;
  }
  return undefined;
}
