/** The method that a group is integrated by. */
import type { CheckedModel } from "../../lang/check.js";
import { parseUnit, same } from "../../lang/dimensions.js";
import { text } from "../python.js";
import { ExchangeError } from "../report.js";
import { type Draft, nameOf, stands } from "./group.js";
import { type Propagator, propagators } from "./linear.js";
import { METHODS } from "./mapping.js";
import { numbersText } from "./parameters.js";
import { dimensionText, numeral } from "./text.js";

/** The method in Python, and lines that it needs. */
export function methodText(draft: Draft): { method: string; lines: string[] } {
  const { method, shared, path, checked } = draft;
  const at = `${path}.method`;
  switch (method) {
    case "euler":
    case "rk4":
    case "exponentialEuler":
      shared.report.exact(at, `method "${METHODS[method]}"`);
      return { method: text(METHODS[method]), lines: [] };
    case "heun":
    case "halfStep":
    case "strangSplitting": {
      const name = { heun: "heun", halfStep: "half_step", strangSplitting: "strang_splitting" }[method];
      shared.helpers.add(name);
      if (method === "halfStep" && Object.values(draft.spec.receptors).some(({ kernel }) => kernel === "delta")) {
        shared.report.approximate(at, "u does not see the jumps of v of its own step");
      } else {
        shared.report.exact(at, `${name}, a state updater of the script${method === "strangSplitting" ? "; gates are evaluated, not taken from tables (1e-10)" : ""}`);
      }
      return { method: name, lines: [] };
    }
    case "rosenbrock":
      shared.report.approximate(
        at,
        "rk4 with resets at the end of a step: Brian2 has no Rosenbrock step that resets within it; spikes come up to some steps later",
      );
      return { method: text("rk4"), lines: [] };
    // exportNetwork has written exact for it.
    case "eventDriven":
    case "exact":
      if (checked.states.length === 1) {
        shared.report.exact(at, 'method "exponential_euler", which is the exact solution of one linear equation');
        return { method: text("exponential_euler"), lines: [] };
      }
      shared.report.exact(at, "propagators, a state updater of the script");
      return linearMethod(draft);
  }
}

/** One for each neuron, or one for all. */
export function propagated(draft: Draft): readonly Propagator[] {
  if (draft.propagatorsFound) return draft.propagatorsFound;
  const { checked, spec, shared, numbers, path } = draft;
  if (numbers.includes(undefined)) {
    throw new ExchangeError(
      `${path}.params: under the method exact numbers of the script depend on parameters that are drawn; export with --explicit (Simulation.explicit), which has their values.`,
      [],
      { path: `${path}.params` },
    );
  }
  const still = [...checked.states.keys()].filter((j) => stands(draft, j));
  const of = propagators(checked, still, shared.dt);
  const same = numbers.every((x) => typeof x === "number");
  const at = (i: number): number[] =>
    numbers.map((x) => (typeof x === "number" ? x : ((x as Float64Array)[i] as number)));
  draft.propagatorsFound = Array.from({ length: same ? 1 : spec.size }, (_, i) => of(at(i)));
  return draft.propagatorsFound;
}

/** x gains K x + q I + r, by numbers that are computed here. */
function linearMethod(draft: Draft): { method: string; lines: string[] } {
  const { checked, extras } = draft;
  const all = propagated(draft);
  const { states } = checked;
  const n = states.length;
  const held = (all[0]?.held.length ?? 0) > 0;
  const background = [...(draft.terms.includes("I_background") ? ["I_background"] : []), ...extras.currents];
  const steps = draft.terms.filter(
    (term) => term !== "I_background" && !draft.exactTerms.some(([v]) => term === v || term === `(${v})`),
  );
  const inputs = [0, 1].map((i) =>
    [...background, ...steps, ...draft.exactTerms.map((pair) => pair[i] as string)].join(" + "),
  );
  const usedInput = inputs.some((input) => input !== "");
  const code: string[] =
    usedInput && checked.usesInput
      ? inputs.slice(0, Math.min(2, n)).map((input, i) => `I_${nameOf(draft, states[i]?.name ?? "")}_in = ${input}`)
      : [];
  const row = (i: number, which: "free" | "held"): string => {
    const state = states[i] as CheckedModel["states"][number];
    const unitFor = (j: number): string =>
      ratio(state.unit, j < n ? (states[j] as CheckedModel["states"][number]).unit : j === n ? draft.currentUnit : "1");
    const terms: string[] = [];
    for (let j = 0; j < n + 2; j++) {
      const values = all.map((p) => (p[which][i] as readonly number[])[j] as number);
      if (values.every((x) => x === 0)) continue;
      const to = j < n ? nameOf(draft, states[j]?.name ?? "") : j === n ? "I" : "1";
      const k = numbersText(
        draft,
        `${which === "held" ? "H" : "K"}_${nameOf(draft, state.name)}_${to}`,
        values,
        unitFor(j),
      );
      if (j < n) terms.push(`${k}*${to}`);
      else if (j > n) terms.push(k);
      else if (code.length > 0) terms.push(`${k}*I_${nameOf(draft, states[Math.min(i, 1)]?.name ?? "")}_in`);
    }
    return terms.length === 0
      ? `0*${dimensionText((parseUnit(state.unit) ?? parseUnit("mV")!).dimension)}`
      : terms.join(" + ");
  };
  const moving = states.flatMap((state, i) => (state.derivative === undefined ? [] : [i]));
  for (const i of moving) {
    const name = nameOf(draft, (states[i] as CheckedModel["states"][number]).name);
    const free = row(i, "free");
    const gain =
      held && !stands(draft, i) ? `int(not_refractory)*(${free}) + int(not not_refractory)*(${row(i, "held")})` : free;
    code.push(`${name}_gain = ${gain}`);
  }
  for (const i of moving) {
    const name = nameOf(draft, (states[i] as CheckedModel["states"][number]).name);
    code.push(`${name} += ${name}_gain`);
  }
  const name = `exact_${draft.variable}`;
  const lines = [
    "",
    `def ${name}(equations, variables, method_options=None):`,
    `    """The exact solution of the linear equations over a step of ${numeral(draft.shared.dt)} ms, by propagators."""`,
    '    return "\\n".join([',
    ...code.map((line) => `        ${text(line)},`),
    "    ])",
    "",
    "",
  ];
  return { method: name, lines };
}

/** A unit over another. */
function ratio(a: string, b: string): string {
  const [x, y] = [parseUnit(a), parseUnit(b)];
  if (x && y && same(x.dimension, y.dimension) && x.power === y.power) return "1";
  if (b === "1" || b === "") return a;
  return `${a === "" ? "1" : a}/(${b})`;
}
