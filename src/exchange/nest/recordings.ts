/** Recorders of spikes and multimeters. */
import { receptorVariable } from "../../kinds/receptors.js";
import { firstStepAfter, firstStepFrom, intervalSteps, stepsOf, timeOf } from "../../model/grid.js";
import type { PopulationSpec, ReceptorSpec, RecordSpec } from "../../model/spec.js";
import { comment, float, literal, type PythonValue, text } from "../python.js";
import { nodesOf, sorted } from "./devices.js";
import type { Plan, Script } from "./script.js";

/** Writes the recorders. */
export function recordingsOf(script: Script): void {
  const { record, recordWeights } = script.network;
  const lines = script.sections.recordings;
  const entries = record.map((entry, i) => ({ entry, path: `$.record[${i}]` }));
  const none = !record.some(({ variables }) => variables.includes("spikes"));
  if (none) {
    lines.push(comment("No spikes are recorded in the network, so all are."));
    for (const plan of script.plans)
      recordSpikes(script, plan, { population: plan.spec.name, variables: ["spikes"], from: 0 }, "$.record");
  }
  for (const { entry, path } of entries) {
    const plan = script.plans.find(({ spec }) => spec.name === entry.population) as Plan;
    if (entry.variables.includes("spikes")) recordSpikes(script, plan, entry, path);
    const variables = entry.variables.filter((name) => name !== "spikes");
    if (variables.length > 0) recordTraces(script, plan, entry, variables, path);
  }
  for (const i of recordWeights.keys()) {
    script.report.dropped(
      `$.record[${record.length + i}]`,
      "weights over time: NEST's weight_recorder notes a weight when a spike passes, not at given times",
    );
  }
  for (const [name, list] of Object.entries(script.lists)) {
    if (list.length > 0 || name === "recorders")
      lines.push(`${name} = [${list.length === 0 ? "" : `\n    ${list.join(",\n    ")},\n`}]`);
  }
}

function recordSpikes(script: Script, plan: Plan, { neurons, from, interpolate }: RecordSpec, path: string): void {
  const lines = script.sections.recordings;
  const { spec, variable } = plan;
  const chosen = sorted(neurons);
  if (interpolate === true) script.report.approximate(path, "spike times are those of the grid");
  else script.report.exact(path, "spike_recorder");
  if (plan.plays) {
    const source = spec.source as Extract<PopulationSpec["source"], { kind: "spikeTrain" }>;
    const kept = Uint32Array.from(source.times.keys()).filter(
      (i) => chosen?.includes(source.neurons[i] as number) ?? true,
    );
    const at = Float64Array.from(kept, (i) =>
      timeOf(Math.max(1, stepsOf(source.times[i] as number, script.dt)), script.dt),
    );
    const of = Uint32Array.from(kept, (i) => source.neurons[i] as number);
    script.uses.given = true;
    script.lists.given.push(
      `(${text(spec.name)}, ${script.arrays.of(`${variable}_recorded_times`, at).text}, ${script.arrays.of(`${variable}_recorded_neurons`, of).text}, ${float(from)})`,
    );
    return;
  }
  const params = from > 0 ? `, params={"start": ${float(timeOf(firstStepAfter(from, script.dt) - 1, script.dt))}}` : "";
  const recorder = script.names.of(`${variable}_spikes`);
  lines.push(
    `${recorder} = nest.Create("spike_recorder"${params})`,
    `nest.Connect(${nodesOf(script, plan, chosen)}, ${recorder})`,
  );
  script.lists.recorders.push(`(${text(spec.name)}, ${variable}, ${recorder})`);
}

function recordTraces(
  script: Script,
  plan: Plan,
  { neurons, every, from }: RecordSpec,
  variables: readonly string[],
  path: string,
): void {
  const lines = script.sections.recordings;
  const { spec, variable, cell } = plan;
  const shown: Record<string, PythonValue> = {};
  const asked = new Set<string>();
  for (const name of variables) {
    const there = shownAs(plan, name);
    if (there === undefined) {
      script.report.dropped(path, `${name}: ${cell === undefined ? "a source" : cell.name} of NEST does not show it`);
      continue;
    }
    const [factor, ...theirs] = there;
    for (const one of theirs) asked.add(one);
    shown[name] = [factor, ...theirs];
  }
  if (asked.size === 0) return;
  script.uses.meters = true;
  const step = every === undefined ? 1 : intervalSteps(every, script.dt);
  const first = firstStepFrom(from, script.dt);
  const params: Record<string, PythonValue> = { record_from: [...asked], interval: timeOf(step, script.dt) };
  if (first > 0) params.start = timeOf(first - 1, script.dt);
  if (first % step > 0) params.offset = timeOf(first % step, script.dt);
  const nodes = nodesOf(script, plan, sorted(neurons));
  const meter = script.names.of(`${variable}_meter`);
  lines.push(
    `${meter} = nest.Create("multimeter", params=${literal(params, 0, meter.length + 36)})`,
    `nest.Connect(${meter}, ${nodes})`,
  );
  script.lists.meters.push(
    `(${text(spec.name)}, ${variable}, ${nodes}, ${meter}, ${literal(shown, 4)}, ${first === 0 ? "True" : "False"})`,
  );
  script.report.exact(path, "multimeter");
}

function shownAs({ spec, cell, ports }: Plan, name: string): readonly [number, ...string[]] | undefined {
  const state = cell?.states[name];
  if (state !== undefined) return [1, state];
  const receptor = Object.keys(spec.receptors).find(
    (key) => receptorVariable(key, spec.receptors[key] as ReceptorSpec) === name,
  );
  return receptor === undefined
    ? undefined
    : (ports.get(receptor)?.shown as readonly [number, ...string[]] | undefined);
}
