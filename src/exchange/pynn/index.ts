/** A network as a script for PyNN 0.13, which runs in NEST, NEURON or Brian2. */
import { keyPath } from "../../model/check.js";
import { stepsOf, timeOf } from "../../model/grid.js";
import type { NetworkSpec, PopulationSpec } from "../../model/spec.js";
import type { Export, ExportOptions, Format } from "../format.js";
import { type Cell, cellOf, type Receptors } from "./cells.js";
import { inputsOf, poissonLines, rateOf, type RateChange } from "./inputs.js";
import { longestDelay, positionLines, projectionLines, weightFactor } from "./projections.js";
import { recordingsOf } from "./recording.js";
import { code, folded, type Helper, populationPath, type Script, scriptOf, text, variableOf } from "./script.js";
import { type Backend, BACKENDS, pynn as pynnMapping } from "./mapping.js";
import { comment, header, literal, float } from "../python.js";
import { models } from "../../models/index.js";

const PATH = "network.py";

export const pynn: Format = {
  name: "pynn",
  title: "PyNN 0.13 script",
  summary: "A Python script with PyNN's standard cells, run by NEST, NEURON or Brian2; a flavour names the simulator that the report is for.",
  flavours: BACKENDS,
  mapping: pynnMapping,
  write: (network, options) => Promise.resolve(write(network, options)),
};

const SIMULATORS: Readonly<Record<Backend, string>> = { nest: "NEST", neuron: "NEURON", brian2: "Brian2" };
const WHEELS: Readonly<Record<Backend, string>> = {
  nest: "nest-simulator==3.10.0",
  neuron: "neuron==9.0.2",
  brian2: "brian2==2.11.0",
};

function write(network: NetworkSpec, { flavour = "nest" }: ExportOptions): Export {
  const backend = flavour as Backend;
  const script = scriptOf(network, backend);
  const receptors = new Map<string, Receptors>();
  const changes: RateChange[] = [];
  const populations: string[] = [];
  for (const population of network.populations) populations.push(
    ...populationLines(script, population, receptors, changes),
    "",
  );
  const projections = network.projections.flatMap((projection, i) => projectionLines(script, projection, i, receptors));
  const { functions, record, write: writing } = recordingsOf(script, receptors);
  const { dt, seed, name } = network;
  if (stepsOf(network.duration, dt) * dt !== network.duration && timeOf(script.steps, dt) !== network.duration) {
    script.report.approximate(
      "$.duration",
      `${network.duration} ms are no whole number of steps: ${timeOf(script.steps, dt)} ms are run`,
    );
  }
  const usage = [`pip install PyNN==0.13.0 ${WHEELS[backend]}`, `python3 ${PATH}`];
  const body = [
    `DT = ${float(dt)}`,
    `DURATION = ${float(timeOf(script.steps, dt))}`,
    `SEED = ${seedOf(seed)}`,
    "",
    `backend = sys.argv[1] if len(sys.argv) > 1 else ${text(backend)}`,
    'out = Path(sys.argv[2] if len(sys.argv) > 2 else ".")',
    'sim = importlib.import_module(f"pyNN.{backend}")',
    "rng = NumpyRNG(seed=SEED)",
    ...(
      script.helpers.has("native") ? [
        "",
        comment("PyNN 0.13 hands these numbers to NEST as they are: in pA, where a script of PyNN has nA."),
        'NATIVE = 1000.0 if backend == "nest" else 1.0',
      ] : []
    ),
    ...(
      script.helpers.has("held") ? [
        "",
        comment("Brian2 holds a cell that has fired for a step less than its refractory period."),
        'HELD = DT if backend == "brian2" else 0.0',
      ] : []
    ),
    ...(script.helpers.has("deltaNames") ? ["", ...DELTA_NAMES] : []),
    "",
    ...[...functionsOf(script.helpers), ...functions].flatMap((one) => ["", one]),
    "",
    comment(
      "Spikes on the grid in NEST, whose cells differ in that by default. The least delay is given, because PyNN needs it for the times of spike sources and currents.",
    ),
    "extra = {",
    '    "nest": {"spike_precision": "on_grid", "rng_seed": SEED},',
    '    "neuron": {"native_rng_baseseed": SEED},',
    "}",
    `sim.setup(timestep=DT, min_delay=DT, max_delay=${float(longestDelay(script))}, **extra.get(backend, {}))`,
    ...(
      backend === "brian2" && dt !== 0.1 ? [
        'if backend == "brian2":  # whose spike sources do not follow the time step of PyNN',
        "    import brian2",
        "",
        "    brian2.defaultclock.dt = DT * brian2.ms",
      ] : []
    ),
    "",
    ...[
      ...populations,
      ...projections,
      ...(projections.length > 0 ? [""] : []),
      ...record,
      "",
      ...runLines(changes),
      "",
      ...writing,
    ].flatMap(folded),
    "sim.end()",
  ];
  const { entries } = script.report;
  const lines = [
    header(`${name === "" ? "A network" : name}, as a script for PyNN 0.13, written by Spikelet.`, {
      Usage: [
        `python3 ${PATH} [${BACKENDS.join("|")}] [FOLDER]: runs in ${SIMULATORS[backend]} if nothing is named, writes spikes.csv into the folder`,
      ],
      Units: [
        "ms, mV, nF, nA, uS, those of PyNN; a of EIF cells in nS; the tables that are written are in ms, mV, pA, nS",
      ],
      [`What differs in ${SIMULATORS[backend]}`]: entries.filter(({ fidelity }) => fidelity !== "exact").map(
        ({ fidelity, path, message }) => `${path}: ${fidelity}: ${message}`,
      ),
    }),
    ...imports(script),
    "",
    ...body,
  ];
  return {
    files: [{ path: PATH, content: `${lines.join("\n").replace(/\n{4,}/g, "\n\n\n")}\n` }, ...script.arrays.files],
    report: entries,
    usage,
  };
}

/** A seed that NEST and NumPy take. */
function seedOf(seed: number): number {
  return seed >= 1 && seed < 2 ** 32 - 1 ? seed : 1 + (seed % (2 ** 32 - 3));
}

function imports(script: Script): string[] {
  return [
    "import csv",
    "import importlib",
    "import sys",
    "from pathlib import Path",
    "",
    "import numpy as np",
    ...(script.helpers.has("trains") ? ["from pyNN.parameters import Sequence"] : []),
    "from pyNN.random import NumpyRNG, RandomDistribution",
    ...(
      script.network.projections.some(
        ({ rule }) => rule.rule === "distance" && rule.periodic,
      ) ? ["from pyNN.space import Space"] : []
    ),
  ];
}

function populationLines(
  script: Script,
  population: PopulationSpec,
  receptors: Map<string, Receptors>,
  changes: RateChange[],
): string[] {
  const variable = variableOf(script, population.name);
  const label = `label=${text(population.name)}`;
  const { size, source } = population;
  if (source !== undefined) {
    return [
      `${variable} = sim.Population(${size}, ${sourceText(script, population, changes)}, ${label})`,
      ...positionLines(script, population),
    ];
  }
  const inputs = inputsOf(script, population);
  const cell: Cell = cellOf(script, population, inputs.offset);
  receptors.set(population.name, cell.receptors);
  const params = Object.entries(cell.params).map(([key, value]) => `${key}=${value.text}`);
  const initial = Object.entries(cell.initial).map(([key, value]) => `${text(key)}: ${value.text}`);
  return [
    ...inputs.before,
    ...cell.before,
    `${variable} = sim.Population(`,
    `    ${size},`,
    ...wrapped(`sim.${cell.type}(`, params, ")"),
    ...(initial.length > 0 ? [`    initial_values={${initial.join(", ")}},`] : []),
    `    ${label},`,
    ")",
    ...cell.after,
    ...positionLines(script, population),
    ...inputs.sources,
    ...poissonLines(script, population, cell.receptors, weightFactor(cell.receptors), changes),
  ];
}

/** Arguments on one line where they fit, else four a line. */
function wrapped(open: string, args: readonly string[], close: string): string[] {
  const line = `    ${open}${args.join(", ")}${close},`;
  if (line.length <= 100) return [line];
  const rows: string[] = [];
  let row = "";
  for (const arg of args) {
    if (row !== "" && 8 + row.length + arg.length + 2 > 100) {
      rows.push(row);
      row = "";
    }
    row += `${row === "" ? "" : " "}${arg},`;
  }
  if (row !== "") rows.push(row);
  return [`    ${open}`, ...rows.map((one) => `        ${one}`), `    ${close},`];
}

function sourceText(script: Script, population: PopulationSpec, changes: RateChange[]): string {
  const { source, size, name } = population;
  const { dt } = script.network;
  const path = populationPath(script, population);
  const variable = variableOf(script, name);
  if (source?.kind === "poisson") {
    const rate = rateOf(script, variable, source.rate, keyPath(keyPath(path, "params"), "rate"), changes);
    script.report.exact(path, `${size} SpikeSourcePoisson: the same law, numbers of the simulator's own`);
    return `sim.SpikeSourcePoisson(rate=${rate.text})`;
  }
  if (source?.kind !== "spikeTrain") throw new Error(`a source without a kind: ${name}`);
  script.helpers.add("trains");
  const steps = Array.from(source.times, (time) => Math.max(1, stepsOf(time, dt)));
  if (script.backend === "nest" && steps.includes(1)) script.report.approximate(
    path,
    "spikes of the first step are one step late: NEST's spike_generator has none at 0",
  );
  else if (script.backend === "brian2" && twice(steps, source.neurons)) script.report.dropped(
    path,
    "Brian2 takes one spike of a cell in a step: further ones are left out",
  );
  else script.report.exact(path, `${size} SpikeSourceArray`);
  const times = script.arrays.of(`${variable}_times`, Float64Array.from(steps, (k) => timeOf(k, dt)), "np.array");
  const neurons = script.arrays.of(`${variable}_neurons`, source.neurons, "np.array");
  return `sim.SpikeSourceArray(spike_times=trains(${times.text}, ${neurons.text}, ${size}))`;
}

/** Whether a cell has two spikes in one step. */
function twice(steps: readonly number[], cells: Uint32Array): boolean {
  return new Set(steps.map((step, i) => `${step} ${cells[i]}`)).size < steps.length;
}

function runLines(changes: readonly RateChange[]): string[] {
  if (changes.length === 0) return ["sim.run(DURATION)"];
  const sorted = [...changes].sort((a, b) => a.time - b.time);
  const list = literal(
    sorted.map(({ time, source, rate }) => code(`(${float(time)}, ${source}, ${float(rate)})`)),
    0,
    7,
  );
  return [
    `rates = ${list}`,
    "for time, source, rate in rates:",
    "    sim.run_until(time)",
    "    source.set(rate=rate)",
    "sim.run_until(DURATION)",
  ];
}

const DELTA_NAMES = [
  comment("PyNN 0.13 does not know what v of this cell is called in NEST, and would neither set nor record it."),
  'if backend == "nest":',
  '    sim.IF_curr_delta.variable_map = {"v": "V_m"}',
  '    sim.IF_curr_delta.scale_factors = {"v": 1}',
];

const FUNCTIONS: Readonly<Record<Exclude<Helper, "gates" | "native" | "held" | "deltaNames">, string>> = {
  load: `def load(name):
    return np.load(Path(__file__).parent / "arrays" / name)
`,
  trains: `def trains(times, cells, size):
    """The spike times of each cell; a little early, since PyNN's rounding moves some to the next step."""
    early = 1e-6
    if backend == "nest":
        times = np.maximum(times, 2 * DT)
    if backend == "brian2":  # whose spikes have the time at which their step begins
        return [Sequence(np.unique(np.maximum(times[cells == cell] - DT, 0.0))) for cell in range(size)]
    return [Sequence(times[cells == cell] - early) for cell in range(size)]
`,
  ornsteinUhlenbeck: `def ornstein_uhlenbeck(cells, steps, mean, sigma, tau):
    """A course of noise for each cell, one number a step, from its stationary law on."""
    decay = np.exp(-DT / tau)
    x = np.asarray(rng.next(cells, "normal", {"mu": 0.0, "sigma": 1.0})) * sigma
    course = np.empty((steps, cells))
    for step in range(steps):
        course[step] = x
        fresh = np.asarray(rng.next(cells, "normal", {"mu": 0.0, "sigma": 1.0}))
        x = decay * x + sigma * np.sqrt(1 - decay**2) * fresh
    return mean + course.T
`,
};

function functionsOf(helpers: ReadonlySet<Helper>): string[] {
  const used = Object.entries(FUNCTIONS).filter(([name]) => helpers.has(name as Helper));
  return [...used.map(([, body]) => body), ...(helpers.has("gates") ? [gates()] : [])];
}

/** The equilibrium of the gates as a function of Python, from the model's own rates. */
function gates(): string {
  const { functions } = models.traubMiles;
  const rates = Object.entries(functions).map(([name, body]) => `    ${name} = ${body.replaceAll("^", "**").replace(/\bexp\(/g, "np.exp(")}`);
  const each = ["m", "h", "n"].map((gate) => `"${gate}": alpha_${gate} / (alpha_${gate} + beta_${gate})`);
  return `def exprel(x):
    x = np.asarray(x, float)
    return np.where(x == 0, 1.0, np.expm1(x) / np.where(x == 0, 1.0, x))


def gates(v, V_T):
    """The gates that stand still at v (mV), by the rates of Traub and Miles."""
${rates.join("\n")}
    return {${each.join(", ")}}
`;
}

