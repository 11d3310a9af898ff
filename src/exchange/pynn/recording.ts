/** What a PyNN script records, and the tables that it writes. */
import { itemPath, keyPath } from "../../model/check.js";
import { firstStepAfter, firstStepFrom, intervalSteps, timeOf } from "../../model/grid.js";
import type { PopulationSpec, RecordSpec } from "../../model/spec.js";
import type { Receptors } from "./cells.js";
import { code, type Code, indexOf, int, literal, refuse, type Script, text, variableOf } from "./script.js";

export interface Recordings {
  /** Functions that write tables. */
  readonly functions: readonly string[];
  /** Before the run. */
  readonly record: readonly string[];
  /** Behind it. */
  readonly write: readonly string[];
}

/** A recorded variable there, and what its numbers are multiplied by to be in our unit. */
interface Recorded {
  readonly name: string;
  readonly factor: number;
}

const STATES: Readonly<Record<string, Readonly<Record<string, Recorded>>>> = {
  lif: { v: { name: "v", factor: 1 } },
  eif: { v: { name: "v", factor: 1 } },
  adaptiveLif: { v: { name: "v", factor: 1 }, w: { name: "w", factor: 1000 } },
  adex: { v: { name: "v", factor: 1 }, w: { name: "w", factor: 1000 } },
  izhikevich: { v: { name: "v", factor: 1 }, u: { name: "u", factor: 1 } },
  traubMiles: { v: { name: "v", factor: 1 } },
};

/** What a variable is called there, or undefined where PyNN cannot record it. */
function recordedAs(
  population: PopulationSpec,
  variable: string,
  receptors: Receptors | undefined,
): Recorded | undefined {
  const state = STATES[population.model.id]?.[variable];
  if (state !== undefined) return state;
  const receptor = variable.startsWith("g_") ? variable.slice(2) : undefined;
  if (receptor === undefined || !receptors?.conductance || population.receptors[receptor] === undefined)
    return undefined;
  return { name: receptors.slotOf(receptor, 1) === "excitatory" ? "gsyn_exc" : "gsyn_inh", factor: 1000 };
}

interface Spikes {
  readonly population: PopulationSpec;
  neurons: Set<number> | undefined;
  from: number;
}

/** The lines for all recordings of a network; without any of spikes, those of all populations are recorded. */
export function recordingsOf(script: Script, receptors: ReadonlyMap<string, Receptors>): Recordings {
  const { network, report } = script;
  const { dt, populations } = network;
  const find = (entry: RecordSpec): PopulationSpec =>
    populations.find(({ name }) => name === entry.population) ??
    refuse("$.record", `there is no population ${entry.population}.`);
  const spikes = new Map<string, Spikes>();
  const traces: {
    readonly population: PopulationSpec;
    readonly entry: RecordSpec;
    readonly variables: readonly (readonly [string, Recorded])[];
  }[] = [];
  for (const [i, entry] of network.record.entries()) {
    const path = itemPath("$.record", i);
    const population = find(entry);
    const analog: [string, Recorded][] = [];
    for (const variable of entry.variables) {
      if (variable === "spikes") {
        const known = spikes.get(population.name);
        const neurons =
          entry.neurons === undefined || (known !== undefined && known.neurons === undefined)
            ? undefined
            : new Set([...(known?.neurons ?? []), ...entry.neurons]);
        spikes.set(
          population.name,
          { population, neurons, from: Math.min(known?.from ?? Infinity, firstStepAfter(entry.from, dt)) },
        );
        if (entry.interpolate) report.dropped(keyPath(path, "interpolate"), "spikes are on the grid there");
        continue;
      }
      const recorded = recordedAs(population, variable, receptors.get(population.name));
      if (recorded === undefined) report.dropped(
        keyPath(path, "variables"),
        `PyNN does not record ${variable} of this cell`,
      );
      else analog.push([variable, recorded]);
    }
    if (analog.length > 0) traces.push({ population, entry, variables: analog });
  }
  for (const [i] of network.recordWeights.entries()) report.dropped(
    "$.record",
    `PyNN records no weights over time: entry ${i + 1} of those with a projection`,
  );
  if (spikes.size === 0) for (const population of populations) spikes.set(
    population.name,
    { population, neurons: undefined, from: 0 },
  );

  const record: string[] = [];
  const rows: Code[] = [];
  for (const { population, neurons, from } of spikes.values()) {
    const variable = variableOf(script, population.name);
    record.push(`${viewOf(script, variable, "spikes", neurons && Uint32Array.from(neurons).sort())}.record("spikes")`);
    rows.push(code(`(${text(population.name)}, ${variable}, ${from})`));
  }
  // one interval for a population: NEST has no more
  const intervals = new Map<string, number>();
  for (const { population, entry } of traces) {
    const every = intervalSteps(entry.every ?? dt, dt);
    const known = intervals.get(population.name);
    intervals.set(population.name, known === undefined || known === every ? every : 1);
  }
  const columns: Code[] = [];
  for (const [n, { population, entry, variables }] of traces.entries()) {
    const variable = variableOf(script, population.name);
    const interval = intervals.get(population.name) as number;
    const names = [...new Set(variables.map(([, { name }]) => name))];
    record.push(
      `${viewOf(script, variable, `record_${n}`, entry.neurons)}.record(${literal(names)}, sampling_interval=${timeOf(interval, dt)})`,
    );
    const thin = intervalSteps(entry.every ?? dt, dt) / interval;
    const neurons = entry.neurons === undefined ? code("None") : script.arrays.of(
      `${variable}_record_${n}`,
      entry.neurons,
    );
    for (const [ours, { name, factor }] of variables) {
      columns.push(
        code(
          `(${[text(population.name), variable, neurons.text, text(ours), text(name), int(factor).text, interval, thin, firstStepFrom(entry.from, dt)].join(", ")})`,
        ),
      );
    }
  }
  const write = [
    `write_spikes(${literal(rows)})`,
    ...(columns.length > 0 ? [`write_traces(${literal(columns)})`] : []),
  ];
  return { functions: [SPIKES, ...(columns.length > 0 ? [TRACES] : [])], record, write };
}

function viewOf(script: Script, variable: string, name: string, neurons: Uint32Array | undefined): string {
  return neurons === undefined ? variable : `${variable}[${indexOf(script, `${variable}_${name}`, neurons).text}]`;
}

const SPIKES = `def write_spikes(populations):
    """spikes.csv: the end of the step that each spike lies in, its population, its cell."""
    rows, late = [], 1 if backend == "brian2" else 0
    for order, (label, population, first) in enumerate(populations):
        for train in population.get_data("spikes").segments[0].spiketrains:
            cell = int(train.annotations["source_index"])
            steps = (round(float(time) / DT) + late for time in train.magnitude)
            rows += [(step, order, label, cell) for step in steps if step >= first]
    if sim.rank() > 0:
        return
    with open(out / "spikes.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\\n")
        table.writerow(["time_ms", "population", "neuron"])
        table.writerows((f"{step * DT:.10g}", label, cell) for step, _, label, cell in sorted(rows))
`;

const TRACES = `def write_traces(variables):
    """traces.csv: what was recorded of single cells, in the units of Spikelet."""
    rows = []
    for order, entry in enumerate(variables):
        label, population, cells, name, signal, factor, interval, thin, first = entry
        values = population.get_data(signal).segments[0].filter(name=signal)[0]
        for column, cell in enumerate(values.array_annotations["channel_index"]):
            if cells is not None and cell not in cells:
                continue
            for n, value in enumerate(values.magnitude[::thin, column]):
                step = n * thin * interval
                if step >= first:
                    rows.append((step, order, int(cell), label, name, float(value) * factor))
    if sim.rank() > 0:
        return
    with open(out / "traces.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\\n")
        table.writerow(["time_ms", "population", "neuron", "variable", "value"])
        for step, _, cell, label, name, value in sorted(rows):
            table.writerow([f"{step * DT:.10g}", label, cell, name, value])
`;
