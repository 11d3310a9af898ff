/** The parts of a NEST script that are the same for each network. */

/** What stands above the network; `arrays` when it loads some, `draws` when NumPy draws something. */
export function preamble({
  dt,
  duration,
  seed,
  populations,
  arrays,
  draws,
  truncated,
  distance,
}: {
  readonly dt: string;
  readonly duration: string;
  readonly seed: string;
  /** A list of texts, as Python. */
  readonly populations: string;
  readonly arrays: boolean;
  readonly draws: boolean;
  readonly truncated: boolean;
  readonly distance: boolean;
}): string {
  return `import argparse
import csv
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
DT, DURATION, SEED = ${dt}, ${duration}, ${seed}  # ms, ms
POPULATIONS = ${populations}
HEADERS = {
    "spikes": ["time_ms", "population", "neuron"],
    "traces": ["time_ms", "population", "neuron", "variable", "value"],
    "weights": ["projection", "source", "target", "weight"],
}

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--threads", type=int, default=1, help="threads of each process (1)")
parser.add_argument("--time", type=float, default=DURATION, help="time to simulate in ms (%(default)s)")
parser.add_argument("--seed", type=int, default=SEED, help="seed of NEST's random numbers (%(default)s)")
parser.add_argument("--out", type=Path, default=HERE / "results", help="folder for the results")
parser.add_argument("--merge", action="store_true", help="make one table of those of several processes")
args = parser.parse_args()


def write(path, kind, rows):
    """Writes a table: spikes and traces by time, population and neuron, weights by projection, source and target."""
    order = {name: i for i, name in enumerate(POPULATIONS)}
    by_time = lambda row: (float(row[0]), order[row[1]], int(row[2]))  # noqa: E731
    by_synapse = lambda row: (row[0], int(row[1]), int(row[2]))  # noqa: E731
    with open(path, "w", newline="") as file:
        table = csv.writer(file, lineterminator="\\n")
        table.writerow(HEADERS[kind])
        table.writerows(sorted(rows, key=by_synapse if kind == "weights" else by_time))


def merge(folder):
    """Makes spikes.csv of spikes-0.csv, spikes-1.csv and so on, which the processes wrote; likewise the others."""
    for kind in HEADERS:
        parts = sorted(folder.glob(f"{kind}-*.csv"))
        rows = []
        for part in parts:
            with open(part, newline="") as file:
                rows += list(csv.reader(file))[1:]
        if parts:
            write(folder / f"{kind}.csv", kind, rows)
            print(f"{folder / kind}.csv: {len(rows)} rows of {len(parts)} files")


if args.merge:
    merge(args.out)
    raise SystemExit

import nest  # noqa: E402

nest.verbosity = nest.VerbosityLevel.WARNING
nest.ResetKernel()
nest.set(resolution=DT, local_num_threads=args.threads, rng_seed=args.seed)
${draws ? "# Each process draws the same numbers.\nrng = np.random.default_rng(args.seed)\n" : ""}${arrays ? LOAD : ""}${truncated ? TRUNCATED : ""}${distance ? DISTANCE : ""}`;
}

const LOAD = `

def load(name):
    """An array that is stored beside this script."""
    return np.load(HERE / "arrays" / name)
`;

const TRUNCATED = `

def truncated_normal(mean, std, low, high, size):
    """Normal numbers between low and high."""
    numbers = rng.normal(mean, std, size)
    while (outside := (numbers < low) | (numbers > high)).any():
        numbers[outside] = rng.normal(mean, std, outside.sum())
    return numbers
`;

const DISTANCE = `

def pairs_by_distance(sources, targets, probability, period, autapses):
    """Draws pairs by their distance; positions are rows of x and y, period is that of the targets, 0 for none."""
    pairs, width = [[], []], np.where(np.array(period) > 0, period, np.inf)
    for j, position in enumerate(targets):
        away = np.abs(sources - position)
        away = np.minimum(away, width - away)
        chosen = rng.random(len(sources)) < probability(np.hypot(away[:, 0], away[:, 1]))
        if not autapses:
            chosen[j] = False
        pairs[0].append(np.flatnonzero(chosen))
        pairs[1].append(np.full(chosen.sum(), j))
    return np.concatenate(pairs[0]), np.concatenate(pairs[1])
`;

/** Neurons whose numbers differ. */
export const CREATE = `

def create(model, size, common, each):
    """Nodes with common parameters, and with arrays that have a number for each node."""
    nodes = nest.Create(model, size)
    rows = zip(*(np.asarray(values).tolist() for values in each.values()))
    nodes.set([{**common, **dict(zip(each, row))} for row in rows])
    return nodes
`;

/** Synapses from arrays. */
export const CONNECT_PAIRS = `

def connect_pairs(pre, post, sources, targets, synapse):
    """Connects neuron sources[i] of pre with neuron targets[i] of post."""
    if len(sources) == 0:
        return
    ids = [np.array(population.tolist())[np.asarray(indices, dtype=int)]
           for population, indices in ((pre, sources), (post, targets))]
    for key in ("weight", "delay", "receptor_type"):
        if key in synapse:
            synapse[key] = np.broadcast_to(synapse[key], len(sources)).copy()
    nest.Connect(*ids, "one_to_one", synapse)
`;

/** Given spikes. */
export const PLAY = `

def play(generators, times, neurons, sooner=0.0):
    """Gives each spike generator its times."""
    order = np.lexsort((times, neurons))
    times, neurons = np.asarray(times)[order] - sooner, np.asarray(neurons)[order]
    parts = np.split(times, np.searchsorted(neurons, np.arange(1, len(generators))))
    generators.set([{"spike_times": np.round(part / DT) * DT} for part in parts])
`;

/**
 * Runs it and writes what was recorded; `traces` when there are multimeters, `given` when given spikes are recorded.
 */
export function ending({
  traces,
  given,
  weights,
}: {
  readonly traces: boolean;
  readonly given: boolean;
  readonly weights: boolean;
}): string {
  return `
# Simulation
steps = round(args.time / DT)
${traces ? "meters = [(*meter, start_of(*meter)) for meter in meters]\n" : ""}nest.Simulate(steps * DT)
${traces ? "nest.Simulate(nest.min_delay)  # brings the last samples; what is after the end is left out\n" : ""}end = (steps + 0.5) * DT


def in_ms(time):
    return np.format_float_positional(round(time, 9), trim="-")


def spikes():
    """What this process recorded: each neuron is in one process."""
    rows = set() if len({name for name, *_ in recorders}) < len(recorders) else []
    add = rows.update if isinstance(rows, set) else rows.extend
    for name, population, recorder in recorders:
        events, first = recorder.events, min(population.tolist())
        rows_of = zip(events["times"], events["senders"])
        add((in_ms(time), name, sender - first) for time, sender in rows_of if time < end)
${given ? GIVEN : ""}    return rows

${traces ? TRACES : ""}${weights ? WEIGHTS : ""}
def clear(folder, processes):
    """Removes tables of processes that an earlier run had and this one has not: they would be merged with its own."""
    for old in (part for kind in HEADERS for part in folder.glob(f"{kind}-*.csv")):
        number = old.stem.rpartition("-")[2]
        if number.isdigit() and (processes == 1 or int(number) >= processes):
            old.unlink()


args.out.mkdir(parents=True, exist_ok=True)
if nest.Rank() == 0:
    clear(args.out, nest.num_processes)
suffix = "" if nest.num_processes == 1 else f"-{nest.Rank()}"
write(args.out / f"spikes{suffix}.csv", "spikes", spikes())
${traces ? 'write(args.out / f"traces{suffix}.csv", "traces", traces())\n' : ""}${weights ? 'write(args.out / f"weights{suffix}.csv", "weights", weights())\n' : ""}if nest.Rank() == 0:
    print(f"{nest.network_size} nodes, {nest.num_connections} connections, {steps * DT:g} ms; results in {args.out}")
`;
}

const GIVEN = `    if nest.Rank() == 0:
        for name, times, neurons, start in given:
            add((in_ms(time), name, int(neuron)) for time, neuron in zip(times, neurons) if start < time < end)
`;

/**
 * A meter is (name, population, its nodes, the multimeter, { our variable: [factor, theirs, ...] }, whether it samples
 * at 0).
 */
export const START_OF = `

def start_of(name, population, nodes, meter, variables, from_start):
    """Rows of the sample at time 0, which a multimeter does not take."""
    rows, first = [], min(population.tolist())
    for node in (node for node in nodes if from_start and node.local):
        state = node.get()
        for variable, (factor, *theirs) in variables.items():
            value = factor * sum(state.get(one, 0.0) for one in theirs)
            rows.append(("0", name, node.tolist()[0] - first, variable, value))
    return rows
`;

/**
 * A plastic projection is (name, sources, targets, the model of its synapses, what ours are NEST's weights divided by).
 */
const WEIGHTS = `
def weights():
    """Weights of synapses that change, as they were when a spike last passed; a process has those onto its own neurons."""
    rows = []
    for name, pre, post, model, factor in plastic:
        synapses, starts = nest.GetConnections(synapse_model=model), (min(pre.tolist()), min(post.tolist()))
        if len(synapses) > 0:
            found = zip(*(np.atleast_1d(synapses.get(key)) for key in ("source", "target", "weight")))
            rows += ((name, source - starts[0], target - starts[1], float(weight / factor)) for source, target, weight in found)
    return rows

`;

const TRACES = `
def traces():
    """What this process sampled."""
    rows = []
    for name, population, nodes, meter, variables, from_start, start in meters:
        events, first = meter.events, min(population.tolist())
        rows += start
        for variable, (factor, *theirs) in variables.items():
            values = factor * sum(np.asarray(events[one]) for one in theirs)
            rows_of = zip(events["times"], events["senders"], values)
            rows += ((in_ms(time), name, sender - first, variable, float(value)) for time, sender, value in rows_of if time < end)
    return rows

`;
