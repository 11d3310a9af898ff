/** Pairs that are drawn by the distance of neurons. */
import type { ProjectionSpec } from "../../model/spec.js";
import { periodOf, placesOf } from "../positions.js";
import { code, float, literal } from "../python.js";
import { ExchangeError } from "../report.js";
import type { Plan, Script } from "./script.js";

/** The line that draws the pairs, and the names of their ends. */
export function pairsByDistance(
  script: Script,
  { autapses }: ProjectionSpec,
  rule: Extract<ProjectionSpec["rule"], { rule: "distance" }>,
  source: Plan,
  target: Plan,
  path: string,
) {
  script.uses.distance = true;
  script.uses.draws = true;
  const [sources, targets] = [
    script.names.of(`${source.variable}_sources`),
    script.names.of(`${target.variable}_targets`),
  ];
  const d = `d / ${float(rule.scale)}`;
  const kernel = {
    box: `(${d} <= 1)`,
    linear: `np.maximum(1 - ${d}, 0)`,
    gaussian: `np.exp(-((${d}) ** 2) / 2)`,
    exponential: `np.exp(-${d})`,
  }[rule.kernel];
  const period = rule.periodic ? periodOf(target.spec.positions, target.spec.size) : [0, 0];
  const own = source !== target || autapses ? "True" : "False";
  const call = `pairs_by_distance(${positionsOf(script, source, path)}, ${positionsOf(script, target, path)}, lambda d: ${float(rule.p)} * ${kernel}, ${literal(period)}, ${own})`;
  return { lines: [`${sources}, ${targets} = ${call}`], sources, targets, count: `len(${sources})` };
}

/** Where neurons are, as the name of an array with a row each. */
function positionsOf(script: Script, plan: Plan, path: string): string {
  const key = `${plan.variable} positions`;
  const known = script.shared.get(key);
  if (known) return known.text;
  const { spec, variable } = plan;
  if (spec.positions === undefined) throw new ExchangeError(`${path}: ${spec.name} has no positions.`);
  const name = script.names.of(`${variable}_positions`);
  const { positions } = spec;
  if (positions.kind === "disc") {
    script.uses.draws = true;
    script.sections.populations.push(
      `${name}_angle, ${name}_radius = 2 * np.pi * rng.random(${spec.size}), ${float(positions.radius)} * np.sqrt(rng.random(${spec.size}))`,
      `${name} = np.column_stack((${name}_radius * np.cos(${name}_angle), ${name}_radius * np.sin(${name}_angle)))`,
    );
  } else {
    const { x, y } = placesOf(positions, spec.size);
    script.sections.populations.push(
      `${name} = np.column_stack((${script.arrays.of(`${name}_x`, x).text}, ${script.arrays.of(`${name}_y`, y).text}))`,
    );
  }
  script.shared.set(key, code(name));
  return name;
}
