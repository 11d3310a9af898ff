/** Projections: rules or lists of pairs, their weights and delays. */
import { isDistribution, merged } from "../../kinds/value.js";
import { intervalSteps, timeOf } from "../../model/grid.js";
import type { ProjectionSpec, SynapseValue } from "../../model/spec.js";
import { isPresent } from "../mapping.js";
import { type Code, code, float, int, literal, type PythonValue } from "../python.js";
import { ExchangeError } from "../report.js";
import { pairsByDistance } from "./distance.js";
import { mapping, OTHER_NUMBERS } from "./mapping.js";
import { synapseModel } from "./plasticity.js";
import { receptorOf } from "./receptors.js";
import { EXPLICIT, numpyDraw, type Plan, type Script, type Synapse } from "./script.js";
import { nestDistribution, rangeOf } from "./values.js";

/** Writes a projection. */
export function connect(script: Script, projection: ProjectionSpec, path: string): void {
  const plan = (name: string): Plan => script.plans.find(({ spec }) => spec.name === name) as Plan;
  const [source, target] = [plan(projection.source), plan(projection.target)];
  const { connections } = script.sections;
  if (projection.gapJunction === true) return connectGaps(script, projection, source, target, path);
  const port = target.ports.get(projection.receptor);
  if (port === undefined) return script.report.dropped(path, `its receptor ${projection.receptor} is not there`);
  const model = synapseModel(script, projection, port, source, target, path);
  const { rule } = projection;
  if (rule.rule === "list" || rule.rule === "distance") {
    const arrays =
      rule.rule === "list"
        ? listedPairs(script, rule, source, target)
        : pairsByDistance(script, projection, rule, source, target, path);
    const synapse = {
      ...model,
      weight: listedValue(
        script,
        projection.weight,
        port.factor,
        arrays.count,
        `${source.variable}_${target.variable}_weight`,
        `${path}.weight`,
      ),
      ...delayOf(script, projection, arrays.count, source, target, path),
      ...receptorOf(port),
    };
    script.uses.pairs = true;
    connections.push(
      ...arrays.lines,
      `connect_pairs(${source.variable}, ${target.variable}, ${arrays.sources}, ${arrays.targets}, ${literal(synapse, 0, 60)})`,
    );
  } else {
    const least = target.cell?.conductance === true ? 0 : undefined;
    const weight = drawnValue(projection.weight, port.factor, least, `${path}.weight`);
    const synapse = {
      ...model,
      weight,
      ...delayOf(script, projection, undefined, source, target, path),
      ...receptorOf(port),
    };
    const connection = ruleOf(script, projection, path);
    connections.push(
      `nest.Connect(${source.variable}, ${target.variable}, ${literal(connection)}, ${literal(synapse, 0, 50)})`,
    );
  }
  reportRule(script, projection, path);
}

function reportRule(script: Script, projection: ProjectionSpec, path: string): void {
  const { rule, weight, delay } = projection;
  const counterpart = mapping.rules[rule.rule];
  if (!isPresent(counterpart)) return;
  const drawn = isDistribution(weight) || isDistribution(delay);
  if (counterpart.differs !== undefined) script.report.approximate(path, `${counterpart.name}: ${counterpart.differs}`);
  if (drawn) script.report.approximate(path, `${counterpart.name}: weights or delays: ${OTHER_NUMBERS}`);
  if (counterpart.differs === undefined && !drawn) script.report.exact(path, counterpart.name);
}

/** A rule of NEST. */
function ruleOf(
  script: Script,
  { rule, source, target, autapses, multapses }: ProjectionSpec,
  path: string,
): PythonValue {
  const own = source === target && !autapses ? { allow_autapses: false } : {};
  const several = multapses ? {} : { allow_multapses: false };
  switch (rule.rule) {
    case "allToAll":
      return source === target && !autapses ? { rule: "all_to_all", ...own } : "all_to_all";
    case "oneToOne":
      return "one_to_one";
    case "fixedProbability":
      return { rule: "pairwise_bernoulli", p: rule.p, ...own };
    case "fixedIndegree":
      return { rule: "fixed_indegree", indegree: int(rule.k), ...own, ...several };
    case "fixedOutdegree":
      return { rule: "fixed_outdegree", outdegree: int(rule.k), ...own, ...several };
    case "fixedTotalNumber":
      if (!multapses)
        script.report.approximate(
          path,
          "fixed_total_number makes several synapses between two neurons where they are drawn",
        );
      return { rule: "fixed_total_number", N: int(rule.n), ...own };
    default:
      throw new ExchangeError(`${path}.rule: ${rule.rule}`);
  }
}

/** A weight or delay for a rule of NEST. */
function drawnValue(value: SynapseValue, factor: number, least: number | undefined, path: string): PythonValue {
  if (typeof value === "number") return value * factor;
  if (typeof value === "function" || value instanceof Float64Array) {
    throw new ExchangeError(
      `${path}: it is computed for each synapse, and NEST draws the synapses. ${EXPLICIT}`,
      [],
      { path },
    );
  }
  const drawn = nestDistribution(value);
  if (drawn === undefined)
    throw new ExchangeError(`${path}: NEST has no gamma distribution for synapses. ${EXPLICIT}`, [], { path, value });
  const bounded =
    least !== undefined && rangeOf(value)[0] < least ? `nest.math.max(${drawn}, ${float(least)})` : drawn;
  return code(factor === 1 ? bounded : `${bounded} * ${float(factor)}`);
}

/** A weight or delay for a list. */
function listedValue(
  script: Script,
  value: SynapseValue,
  factor: number,
  count: string,
  name: string,
  path: string,
): PythonValue {
  if (typeof value === "function")
    throw new ExchangeError(`${path}: it is computed for each synapse. ${EXPLICIT}`, [], { path });
  const one = merged(value);
  if (typeof one === "number") return one * factor;
  if (one instanceof Float64Array)
    return script.arrays.of(name, factor === 1 ? one : one.map((x) => x * factor), "np.array");
  const drawn = numpyDraw(script, one, count);
  return code(factor === 1 ? drawn : `${drawn} * ${float(factor)}`);
}

function delayOf(
  script: Script,
  { delay }: ProjectionSpec,
  count: string | undefined,
  source: Plan,
  target: Plan,
  path: string,
): Synapse {
  const onGrid = (ms: number): number => timeOf(intervalSteps(ms, script.dt), script.dt);
  if (typeof delay === "number") return { delay: onGrid(delay) };
  if (delay instanceof Float64Array) {
    const name = `${source.variable}_${target.variable}_delay`;
    return { delay: listedValue(script, delay.map(onGrid), 1, "", name, `${path}.delay`) };
  }
  if (count === undefined) return { delay: drawnValue(delay, 1, script.dt, `${path}.delay`) };
  const drawn = listedValue(script, delay, 1, count, "", `${path}.delay`) as Code;
  return { delay: code(`np.maximum(${drawn.text}, DT)`) };
}

function listedPairs(
  script: Script,
  rule: Extract<ProjectionSpec["rule"], { rule: "list" }>,
  source: Plan,
  target: Plan,
) {
  const base = `${source.variable}_${target.variable}`;
  const [sources, targets] = [
    script.arrays.of(`${base}_sources`, rule.sources),
    script.arrays.of(`${base}_targets`, rule.targets),
  ];
  return { lines: [] as string[], sources: sources.text, targets: targets.text, count: String(rule.sources.length) };
}

function connectGaps(script: Script, projection: ProjectionSpec, source: Plan, target: Plan, path: string): void {
  if (source.cell?.gaps !== true || target.cell?.gaps !== true) {
    return script.report.dropped(
      path,
      "NEST has gap junctions between neurons of hh_cond_beta_gap_traub only (traubMiles here)",
    );
  }
  const { rule, weight } = projection;
  if (rule.rule !== "list")
    throw new ExchangeError(
      `${path}.rule: gap junctions of NEST must be symmetric where it draws them. ${EXPLICIT}`,
      [],
      { path: `${path}.rule` },
    );
  const { sources, targets, count } = listedPairs(script, rule, source, target);
  const synapse = {
    synapse_model: "gap_junction",
    weight: listedValue(script, weight, 1, count, `${source.variable}_${target.variable}_gap`, `${path}.weight`),
  };
  script.uses.pairs = true;
  script.sections.connections.push(
    `connect_pairs(${source.variable}, ${target.variable}, ${sources}, ${targets}, ${literal(synapse, 0, 60)})`,
  );
  script.report.approximate(
    path,
    "gap_junction: NEST iterates over the potentials within a step, Spikelet takes those of its start",
  );
}
