"""What the scripts of this folder share. Each is started with the path of a job: a JSON file written by ../python.ts.

Numbers are those of Spikelet's model, in its units; a script converts them to NEURON's.
"""

import json
import sys
import time

import numpy as np
from neuron import h

IMPORTED = time.process_time()

with open(sys.argv[1]) as file:
    job = json.load(file)
params = job["params"]
size, dt = job["size"], job["dt"]
rng = np.random.default_rng(job["seed"])
FUNCTIONS = {"rand": lambda: rng.random(size), "randn": lambda: rng.standard_normal(size)}


def first(name):
    """First values of a state: an array of the job's folder, or an expression."""
    text = job["init"][name]
    if text is None:
        return np.fromfile(f"{job['arrays']}/init_{name}")
    return np.broadcast_to(eval(text, FUNCTIONS), size)


def compartments(area):
    """Single compartments of an area in um2."""
    made = []
    for i in range(size):
        cell = h.Section(name=f"cell{i}")
        cell.nseg = 1
        cell.L = cell.diam = (area / np.pi) ** 0.5
        made.append(cell)
    return made


def simulate(cells, start):
    """Runs, writes `times` and `neurons` of all spikes, then says on one line how long it took.

    `start` sets first values, which finitialize overwrites.
    """
    times, neurons = h.Vector(), h.Vector()
    detectors = []
    for i, cell in enumerate(cells):
        detector = h.NetCon(cell(0.5)._ref_v, None, sec=cell)
        detector.threshold = params["V_th"]
        detector.record(times, neurons, i)
        detectors.append(detector)
    context = h.ParallelContext()
    context.set_maxstep(10)
    h.CVode().cache_efficient(1)
    h.secondorder = 0
    h.dt = dt
    h.finitialize(-65)
    start()
    built = time.process_time()
    context.psolve(job["warmUp"])
    before = times.size()
    warm = time.process_time()
    context.psolve(job["warmUp"] + job["duration"])
    ended = time.process_time()
    t, i = times.as_numpy(), neurons.as_numpy().astype("int32")
    t.tofile(f"{job['out']}/times")
    i.tofile(f"{job['out']}/neurons")
    spikes = int(times.size() - before)
    said = {"setup": built - IMPORTED, "simulate": ended - warm, "spikes": spikes}
    t, i = t[before:], i[before:]
    order = np.lexsort((t, i))
    intervals = np.diff(t[order])[np.diff(i[order]) == 0]
    if len(intervals) > 0:
        said["interval"] = float(intervals.mean())
    print(json.dumps(said))
