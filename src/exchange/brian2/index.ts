/** Networks as scripts for Brian2 2.11. */
import { isDistribution } from "../../kinds/value.js";
import { firstStepAfter, firstStepFrom, intervalSteps, stepsOf, timeOf } from "../../model/grid.js";
import type { NetworkSpec, PopulationSpec, ProjectionSpec, RecordSpec, SourceSpec, Value } from "../../model/spec.js";
import { brian2Mapping } from "./mapping.js";
import type { Extras, Group, Shared } from "./group.js";
import { groupOf } from "./neurons.js";
import { drawnText } from "./parameters.js";
import { SynapseBuilder, type Connection, type End } from "./synapses.js";
import { isTaken, numeral, quantity, unitText } from "./text.js";
import type { Export, Format } from "../format.js";
import { Arrays, comment, header, int, literal, Names, text } from "../python.js";
import { Report } from "../report.js";

export const brian2: Format = {
  name: "brian2",
  title: "Brian2 2.11 script",
  summary: "A script of Python with the network's equations; it runs by itself and writes spikes as CSV.",
  mapping: brian2Mapping,
  write: (network) => Promise.resolve(scriptOf(network)),
};

const SCRIPT = "network.py";

/** Names that the script has for itself. */
const OWN_NAMES = (
  "NeuronGroup Synapses PoissonGroup SpikeGeneratorGroup SpikeMonitor StateMonitor Network TimedArray ExplicitStateUpdater network rng " +
  "seed load HERE defaultclock prefs collect set_device times rows writer file spikes traces sources targets size parser recorded e inf pi"
).split(" ");

/** Python that some networks need. */
const HELPERS: Readonly<Record<string, string>> = {
  heun: `heun = ExplicitStateUpdater("""
    k = dt*f(x, t)
    x_new = x + 0.5*(k + dt*f(x + k, t + dt))
""")
`,
  half_step: `def half_step(equations, variables, method_options=None):
    """v in two steps of dt/2, then u with dt, by the input of the start."""
    slopes = {x: rhs.code for x, rhs in equations.get_substituted_expressions(variables)}
    (u,) = [x for x in slopes if x != "v"]
    return "\\n".join([
        f"v_half = v + 0.5*dt*({slopes['v']})",
        f"v_new = v_half + 0.5*dt*({word_substitute(slopes['v'], {'v': 'v_half'})})",
        f"u_new = {u} + dt*({word_substitute(slopes[u], {'v': 'v_new'})})",
        "v = v_new",
        f"{u} = u_new",
    ])
`,
  strang_splitting: `def strang_splitting(equations, variables, method_options=None):
    """v over dt/2, gates over dt, v over dt/2, each exactly with the others frozen (Strang 1968)."""
    linear = get_conditionally_linear_system(equations, variables)

    def relaxed(x, start, span, names):
        rate, offset = (word_substitute(sympy_to_str(part), names) for part in linear[x])
        return f"({start} + ({offset})/({rate}))*exp(({rate})*{span}) - ({offset})/({rate})"

    gates = [x for x in linear if x != "v"]
    lines = [f"v_half = {relaxed('v', 'v', '0.5*dt', {})}"]
    lines += [f"{x}_new = {relaxed(x, x, 'dt', {'v': 'v_half'})}" for x in gates]
    lines += [f"v_new = {relaxed('v', 'v_half', '0.5*dt', {x: x + '_new' for x in gates})}", "v = v_new"]
    return "\\n".join(lines + [f"{x} = {x}_new" for x in gates])
`,
  truncated_normal: `def truncated_normal(mean, sd, low, high, size):
    """Normal numbers within [low, high]: those outside are drawn again."""
    x = rng.normal(mean, sd, size)
    while (outside := (x < low) | (x > high)).any():
        x[outside] = rng.normal(mean, sd, outside.sum())
    return x
`,
  with_probability: `def with_probability(sources, targets, p, autapses):
    """Each pair with a probability."""
    pairs = rng.random((sources, targets)) < p
    if not autapses:
        np.fill_diagonal(pairs, False)
    return np.nonzero(pairs)
`,
  fixed_degree: `def fixed_degree(sources, targets, k, autapses, multapses):
    """k sources for each target."""
    i = np.empty((targets, k), int)
    for j in range(targets):
        others = np.arange(sources) if autapses else np.delete(np.arange(sources), j)
        i[j] = rng.choice(others, k, replace=multapses)
    return i.ravel(), np.repeat(np.arange(targets), k)
`,
  fixed_number: `def fixed_number(sources, targets, n, autapses):
    """n synapses, both ends drawn anew for each."""
    i, j = rng.integers(sources, size=n), rng.integers(targets, size=n)
    while not autapses and (same := i == j).any():
        i[same], j[same] = rng.integers(sources, size=same.sum()), rng.integers(targets, size=same.sum())
    return i, j
`,
  by_distance: `def by_distance(sources, targets, kernel, scale, p, period, autapses):
    """Each pair with the probability p K(distance/scale)."""
    K = {
        "box": lambda d: d <= 1,
        "linear": lambda d: np.maximum(0, 1 - d),
        "gaussian": lambda d: np.exp(-d**2/2),
        "exponential": lambda d: np.exp(-d),
    }[kernel]
    squares = 0
    for a, b, length in zip(sources, targets, period):
        gap = np.abs(a[:, np.newaxis] - b)
        squares = squares + (np.minimum(gap % length, -gap % length) if length > 0 else gap)**2
    pairs = rng.random(squares.shape) < p*K(np.sqrt(squares)/scale)
    if not autapses:
        np.fill_diagonal(pairs, False)
    return np.nonzero(pairs)
`,
  disc: `places = {}


def disc(population, radius, size):
    """Coordinates drawn from a disc, once for a population."""
    if population not in places:
        r, angle = radius*np.sqrt(rng.random(size)), 2*np.pi*rng.random(size)
        places[population] = r*np.cos(angle), r*np.sin(angle)
    return places[population]
`,
};

const WRITER = `

def csv_of_spikes(path):
    """Spikes as time_ms,population,neuron: a spike found in the step from t on has the time t + dt, the step's end."""
    rows = []
    for place, (name, monitor, chosen, first) in enumerate(recorded):
        steps = np.rint(np.asarray(monitor.t/defaultclock.dt)).astype(int) + 1
        for step, neuron in zip(steps, np.asarray(monitor.i)):
            if step >= first and (chosen is None or neuron in chosen):
                rows.append((step, place, name, int(neuron)))
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\\n")
        writer.writerow(["time_ms", "population", "neuron"])
        writer.writerows((f"{step*DT:.12g}", name, neuron) for step, _, name, neuron in sorted(rows))
    print(f"{len(rows)} spikes in {path}")
`;

const TRACES = `

def csv_of_traces(path):
    """Traces as time_ms,population,neuron,variable,value."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\\n")
        writer.writerow(["time_ms", "population", "neuron", "variable", "value"])
        for name, monitor, neurons, first, every, variables in traced:
            steps = np.rint(np.asarray(monitor.t/defaultclock.dt)).astype(int)
            for variable, (shown, unit) in variables.items():
                values = np.asarray(getattr(monitor, variable)/unit)
                for place, neuron in enumerate(neurons):
                    for step, value in zip(steps, values[place]):
                        if step >= first and (step - first) % every == 0:
                            writer.writerow([f"{step*DT:.12g}", name, neuron, shown, repr(float(value))])
    print(f"traces in {path}")
`;

/** A projection's weights: `w` of its synapses. */
const WEIGHTS = `

def csv_of_weights(path):
    """Recorded weights as time_ms,projection,synapse,weight."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\\n")
        writer.writerow(["time_ms", "projection", "synapse", "weight"])
        for name, monitor, synapses, first, every, variable, unit in weighed:
            steps = np.rint(np.asarray(monitor.t/defaultclock.dt)).astype(int)
            values = np.asarray(getattr(monitor, variable)/unit)
            for place in range(len(values)):
                synapse = place if synapses is None else synapses[place]
                for step, value in zip(steps, values[place]):
                    if step >= first and (step - first) % every == 0:
                        writer.writerow([f"{step*DT:.12g}", name, synapse, repr(float(value))])
    print(f"weights in {path}")
`;

function scriptOf(network: NetworkSpec): Export {
  const report = Report.of(network);
  const helpers = new Set<string>();
  const arrays = new Arrays();
  const names = new Names(OWN_NAMES);
  const variableOf = (wanted: string): string => names.of(isTaken(wanted) ? `${wanted}_` : wanted);
  const shared: Shared = { dt: network.dt, report, arrays, helpers, early: hasJumps(network) };
  const extras = extrasOf(network);
  const ends = new Map<string, End>();
  const groups: string[] = [];
  for (const [p, spec] of network.populations.entries()) {
    const path = `$.populations[${p}]`;
    const variable = variableOf(spec.name);
    if (spec.source) {
      groups.push(
        "",
        comment(`${spec.name}: ${sourceTitle(spec.source)}`),
        ...sourceLines(spec, spec.source, variable, path, shared),
      );
      ends.set(spec.name, { variable, spec, group: undefined });
    } else {
      const group = groupOf(spec, path, variable, shared, extras.of(spec.name));
      groups.push("", comment(`${spec.name}: ${spec.size} neurons, ${spec.model.title}`), ...group.lines);
      ends.set(spec.name, { variable, spec, group });
    }
    positionsReport(network, spec, path, report);
  }
  const connections = network.projections.map((spec, k) => {
    const both = [ends.get(spec.source) as End, ends.get(spec.target) as End] as const;
    const variable = variableOf(`${both[0].variable}_${both[1].variable}`);
    return {
      spec,
      made: new SynapseBuilder(spec, `$.projections[${k}]`, variable, both, shared, extras.needs(k)).build(),
    };
  });
  const synapses = connections.flatMap(({ spec, made }) => ["", comment(projectionTitle(spec)), ...made.lines]);
  const records = recordings(network, ends, connections.map(({ made }) => made), report);
  const body = [
    ...groups,
    ...synapses,
    "",
    ...records.lines,
    "",
    "network = Network(collect())",
    ...(shared.early
      ? [
          "# Jumps come before the threshold test of their step; a spike is then handed on in the step after its own, so delays",
          "# are a step shorter above.",
          'network.schedule = ["start", "groups", "synapses", "thresholds", "resets", "end"]',
        ]
      : []),
    "network.run(args.time*ms, report=\"stderr\" if args.report else None)",
    'csv_of_spikes(args.out)',
    ...(records.traces ? ['csv_of_traces(args.traces)'] : []),
    ...(records.weights ? ['csv_of_weights(args.weights)'] : []),
  ];
  report.exact("$.seed", "Brian2's own random numbers from the same seed, where any are drawn");
  const parts = [head(network, report), options(network, records), imports(helpers), start(network, arrays), WRITER];
  if (records.traces) parts.push(TRACES);
  if (records.weights) parts.push(WEIGHTS);
  for (const name of Object.keys(HELPERS)) if (helpers.has(name)) parts.push(`\n\n${HELPERS[name] as string}`);
  const script = `${parts.join("")}\n${body.join("\n").replace(/\n{3,}/g, "\n\n\n")}\n`;
  return {
    files: [{ path: SCRIPT, content: script }, ...arrays.files],
    report: report.entries,
    usage: ["pip install brian2==2.11.0", `python3 ${SCRIPT}`, `python3 ${SCRIPT} --standalone  # as a program of C++`],
  };
}

function head(network: NetworkSpec, report: Report): string {
  const loose = report.entries.filter(({ fidelity }) => fidelity !== "exact");
  return header(`${network.name}: a network of Spikelet for Brian2 2.11.`, {
    Run: [`python3 ${SCRIPT} [--time MS] [--seed N] [--target numpy] [--standalone] [--out FILE]`],
    "What differs": loose.map(({ fidelity, path, message }) => `${path}: ${fidelity}: ${message}`),
  });
}

function options(network: NetworkSpec, { traces, weights }: Recordings): string {
  return `import argparse
import csv
import os

parser = argparse.ArgumentParser(description=${text(network.name)})
parser.add_argument("--time", type=float, default=${numeral(network.duration)}, help="duration in ms")
parser.add_argument("--seed", type=int, default=${network.seed})
parser.add_argument("--target", default="auto", help="how Brian2 makes code: auto, numpy or cython")
parser.add_argument("--standalone", action="store_true", help="make a program of C++, build and run it")
parser.add_argument("--report", action="store_true", help="say how far the run is")
parser.add_argument("--out", default="spikes.csv", help="file for the spikes")
${traces ? 'parser.add_argument("--traces", default="traces.csv", help="file for the traces")\n' : ""}${weights ? 'parser.add_argument("--weights", default="weights.csv", help="file for the weights")\n' : ""}args = parser.parse_args()

`;
}

function imports(helpers: ReadonlySet<string>): string {
  const strang = helpers.has("strang_splitting");
  const lines = [
    "import numpy as np",
    "from brian2 import *",
    ...(strang
      ? [
          "from brian2.parsing.sympytools import sympy_to_str",
          "from brian2.stateupdaters.exponential_euler import get_conditionally_linear_system",
        ]
      : []),
    ...(strang || helpers.has("half_step") ? ["from brian2.utils.stringtools import word_substitute"] : []),
  ];
  return `${lines.join("\n")}\n\n`;
}

function start(network: NetworkSpec, arrays: Arrays): string {
  const lines = [
    "if args.standalone:",
    '    set_device("cpp_standalone", directory=None)',
    "else:",
    "    prefs.codegen.target = args.target",
    `DT = ${numeral(network.dt)}  # ms`,
    "defaultclock.dt = DT*ms",
    "seed(args.seed)",
    "rng = np.random.default_rng(args.seed)",
    ...(arrays.files.length === 0
      ? []
      : ['HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "arrays")', "", "", "def load(name):", "    numbers = np.load(os.path.join(HERE, name))", '    return numbers.astype(int) if numbers.dtype.kind == "u" else numbers']),
  ];
  return `${lines.join("\n")}\n`;
}

/** Whether anything jumps, ahead of the threshold test. */
function hasJumps({ populations, projections }: NetworkSpec): boolean {
  const isDelta = (population: string, receptor: string): boolean =>
    populations.find(({ name }) => name === population)?.receptors[receptor]?.kernel === "delta";
  return (
    projections.some(({ target, receptor }) => isDelta(target, receptor)) ||
    populations.some(({ name, background }) =>
      background.some((entry) => entry.kind === "poisson" && isDelta(name, entry.receptor)),
    )
  );
}

/** Variables that projections need in their targets. */
function extrasOf({ projections }: NetworkSpec): {
  of(population: string): Extras;
  needs(k: number): { current?: string; counter?: string };
} {
  const needs = projections.map(({ gapJunction, scaling }, k) => ({
    ...(gapJunction === true ? { current: `I_gap_${k}` } : {}),
    ...(scaling ? { counter: `spikes_${k}` } : {}),
  }));
  const defined = (population: string, key: "current" | "counter"): string[] =>
    projections.flatMap(({ target }, k) =>
      target === population ? ((needs[k] as { current?: string; counter?: string })[key] ?? []) : [],
    );
  return {
    of: (population) => ({ currents: defined(population, "current"), counters: defined(population, "counter") }),
    needs: (k) => needs[k] ?? {},
  };
}

function projectionTitle({ source, event, target, receptor, gapJunction, rule, plasticity }: ProjectionSpec): string {
  const from = event === undefined ? source : `${source}.${event}`;
  return `${from} -> ${target} (${gapJunction === true ? "gap junctions" : receptor}): ${rule.rule}${plasticity ? `, ${plasticity.kind}` : ""}`;
}

function positionsReport(network: NetworkSpec, spec: PopulationSpec, path: string, report: Report): void {
  if (spec.positions === undefined) return;
  const used = network.projections.some(
    ({ rule, source, target }) => rule.rule === "distance" && (source === spec.name || target === spec.name),
  );
  if (!used) report.dropped(`${path}.positions`, "no projection of the script asks for them");
  else if (spec.positions.kind === "disc") report.approximate(`${path}.positions`, "drawn by numpy from the same disc: other places");
  else report.exact(`${path}.positions`, "in the connection by distance");
}

// Sources

function sourceTitle(source: SourceSpec): string {
  return source.kind === "poisson" ? "Poisson spike trains" : "given spikes";
}

function sourceLines(
  spec: PopulationSpec,
  source: SourceSpec,
  variable: string,
  path: string,
  shared: Shared,
): string[] {
  if (source.kind === "poisson") {
    shared.report.approximate(`${path}.model`, "PoissonGroup: random numbers of its own, and one spike in a step at most, with the probability rate dt");
    return poissonLines(spec, source.rate, variable, shared);
  }
  // others are refused ahead
  if (source.kind !== "spikeTrain") return [];
  const seen = new Set<string>();
  const kept: [neuron: number, step: number][] = [];
  source.times.forEach((ms, i) => {
    const step = Math.max(1, stepsOf(ms, shared.dt)) - 1;
    const key = `${source.neurons[i]} ${step}`;
    if (seen.has(key)) return;
    seen.add(key);
    kept.push([source.neurons[i] as number, step]);
  });
  const lost = source.times.length - kept.length;
  if (lost > 0) shared.report.dropped(`${path}.params.times`, `${lost} spikes of neurons that have another one in the same step, of which Brian2 takes one`);
  shared.report.exact(`${path}.model`, "SpikeGeneratorGroup: a spike at the end of a step belongs to the step that begins a dt before");
  const neurons = Uint32Array.from(kept, ([neuron]) => neuron);
  const steps = Uint32Array.from(kept, ([, step]) => step);
  return [
    `${variable} = SpikeGeneratorGroup(`,
    `    ${spec.size},`,
    `    ${shared.arrays.of(`${variable}_neurons`, neurons, "np.array").text},`,
    `    ${shared.arrays.of(`${variable}_steps`, steps, "np.array").text}*defaultclock.dt,`,
    ")",
  ];
}

function poissonLines(
  spec: PopulationSpec,
  rate: Value | readonly (readonly [number, number, number])[],
  variable: string,
  shared: Shared,
): string[] {
  if (typeof rate === "number") return [`${variable} = PoissonGroup(${spec.size}, rates=${quantity(rate, "Hz")})`];
  if (rate instanceof Float64Array) {
    return [
      `${variable} = PoissonGroup(${spec.size}, rates=${shared.arrays.of(`${variable}_rates`, rate, "np.array").text}*Hz)`,
    ];
  }
  if (isDistribution(rate)) {
    return [`${variable} = PoissonGroup(${spec.size}, rates=${drawnText(rate, String(spec.size), shared.helpers)}*Hz)`];
  }
  // The mean rate of each step, from a TimedArray with a value for each.
  const points = rate;
  const { dt } = shared;
  const lines: string[] = [];
  const pieces = points.map(([t, value, slope], i) => {
    const next = points[i + 1];
    const at = (ms: number): string => `${numeral(timeOf(stepsOf(ms, dt), dt))}*ms`;
    const window = `int(t + 0.5*dt >= ${at(t)}${next ? ` and t + 0.5*dt < ${at(next[0])}` : ""})`;
    const now = slope === 0 ? `${numeral(value)}*Hz` : `(${numeral(value)}*Hz + ${numeral(slope)}*Hz/ms*(t + 0.5*dt - ${numeral(t)}*ms))`;
    return `${now}*${window}`;
  });
  lines.push(
    `${variable} = PoissonGroup(`,
    `    ${spec.size},`,
    `    rates=${pieces.length === 0 ? "0*Hz" : text(pieces.join(" + "))},`,
    ")",
  );
  return lines;
}

// Recordings

interface Recordings {
  readonly lines: readonly string[];
  readonly traces: boolean;
  readonly weights: boolean;
}

function recordings(
  network: NetworkSpec,
  ends: ReadonlyMap<string, End>,
  connections: readonly Connection[],
  report: Report,
): Recordings {
  const { dt } = network;
  const lines: string[] = [];
  const spikes: string[] = [];
  const wanted = spikeRecords(network);
  for (const { population, neurons, from, interpolate, path } of wanted) {
    const { variable, spec, group } = ends.get(population) as End;
    if (group && !group.spikes) continue;
    const monitor = `spikes_of_${variable}`;
    if (!lines.some((line) => line.startsWith(`${monitor} =`))) lines.push(`${monitor} = SpikeMonitor(${variable})`);
    const chosen = neurons ? `{${Array.from(neurons, String).join(", ")}}` : "None";
    spikes.push(`    (${text(spec.name)}, ${monitor}, ${chosen}, ${firstStepAfter(from, dt)}),`);
    if (interpolate === true) report.approximate(path, "spike times on the grid: Brian2 does not interpolate");
    else report.exact(path, "SpikeMonitor; its times are those of the step's start, the CSV's of its end");
  }
  lines.push("recorded = [", ...spikes, "]");
  const traces: string[] = [];
  for (const [r, record] of network.record.entries()) traces.push(...traceOf(record, r, ends, dt, lines, report));
  if (traces.length > 0) lines.push("traced = [", ...traces, "]");
  const weights: string[] = [];
  for (const [r, record] of network.recordWeights.entries()) {
    const { variable, unit, records, weight } = connections[record.projection] as Connection;
    const path = `$.record (weights ${r})`;
    if (!records) {
      report.dropped(path, "the weights of this projection do not change");
      continue;
    }
    const chosen = record.synapses ? literal(Array.from(record.synapses, int)) : "True";
    const { steps, clock } = sampling(record, dt);
    lines.push(`weights_${r} = StateMonitor(${variable}, ${text(weight)}, record=${chosen}${clock})`);
    weights.push(`    (${text(variable)}, weights_${r}, ${record.synapses ? chosen : "None"}, ${steps}, ${text(weight)}, ${unitOr1(unit)}),`);
    report.exact(path, "StateMonitor of w");
  }
  if (weights.length > 0) lines.push("weighed = [", ...weights, "]");
  return { lines, traces: traces.length > 0, weights: weights.length > 0 };
}

/**
 * The steps that samples are taken at, as `first, every`, and the clock of a monitor that takes them. A monitor with a
 * clock of its own takes multiples of its interval: where the first step is none, it takes each step, and the script
 * what is wanted of them.
 */
function sampling({ from, every }: { readonly from: number; readonly every?: number }, dt: number) {
  const first = firstStepFrom(from, dt);
  const interval = every === undefined ? 1 : intervalSteps(every, dt);
  const clock = interval > 1 && first % interval === 0 ? `, dt=${numeral(timeOf(interval, dt))}*ms` : "";
  return { steps: `${first}, ${interval}`, clock };
}

function unitOr1(unit: string): string {
  return unitText(unit) === "1" ? "1" : unitText(unit);
}

interface SpikeRecord {
  readonly population: string;
  readonly neurons?: Uint32Array | undefined;
  readonly from: number;
  readonly interpolate?: boolean | undefined;
  readonly path: string;
}

/** The recordings of spikes; all populations where none asks for any. */
function spikeRecords({ record, populations }: NetworkSpec): SpikeRecord[] {
  const asked = record.flatMap(({ population, variables, neurons, from, interpolate }, r) =>
    variables.includes("spikes") ? [{ population, neurons, from, interpolate, path: `$.record[${r}]` }] : [],
  );
  if (asked.length > 0) return asked;
  return populations.map(({ name }) => ({ population: name, from: 0, path: "$.record" }));
}

function traceOf(
  record: RecordSpec,
  r: number,
  ends: ReadonlyMap<string, End>,
  dt: number,
  lines: string[],
  report: Report,
): string[] {
  const { variable, spec, group } = ends.get(record.population) as End;
  const shown = record.variables.filter((name) => name !== "spikes");
  const found = shown.flatMap((name) => {
    const there = (group as Group | undefined)?.recorded[name];
    if (there === undefined || there.variable === "") {
      report.dropped(`$.record[${r}]`, `${name} is not a variable of the script`);
      return [];
    }
    return [{ name, ...there }];
  });
  if (found.length === 0) return [];
  const neurons = record.neurons ?? Uint32Array.from({ length: spec.size }, (_, i) => i);
  const { steps, clock } = sampling(record, dt);
  const chosen = record.neurons ? literal(Array.from(neurons, int)) : "True";
  lines.push(`traces_${r} = StateMonitor(${variable}, ${literal(found.map((one) => one.variable))}, record=${chosen}${clock})`);
  report.exact(`$.record[${r}]`, "StateMonitor, from the step's start; the sample of the run's end is not there");
  const variables = found.map((one) => `${text(one.variable)}: (${text(one.name)}, ${unitOr1(one.unit)})`).join(", ");
  return [`    (${text(spec.name)}, traces_${r}, ${record.neurons ? chosen : `range(${spec.size})`}, ${steps}, {${variables}}),`];
}
