"""What the scripts of this folder share. Each is started with the path of a job: a JSON file written by ../python.ts.

Numbers are those of Spikelet's model. NEST has the same units, but its inhibitory weights are negative for conductances
too, and the membrane starts where V_m is, whatever E_L is.
"""

import json
import os
import sys
import time

os.environ["PYNEST_QUIET"] = "1"

import nest  # noqa: E402
import numpy as np  # noqa: E402

IMPORTED = {1: time.process_time(), 2: time.perf_counter()}

with open(sys.argv[1]) as file:
    job = json.load(file)
params = job["params"]
dt, threads = job["dt"], job["threads"]
# Of several threads the CPU time would be their sum.
clock = time.process_time if threads == 1 else time.perf_counter

nest.verbosity = nest.VerbosityLevel.ERROR
nest.resolution = dt
nest.local_num_threads = threads
nest.rng_seed = job["seed"]
rng = np.random.default_rng(job["seed"])


def first(name):
    """First values of a state: the job has an expression of random numbers."""
    size = job["size"]
    functions = {"rand": lambda: rng.random(size), "randn": lambda: rng.standard_normal(size)}
    return np.broadcast_to(eval(job["init"][name], functions), size)


def recurrent(cells, rule):
    """Excitatory and inhibitory synapses among the cells by a rule of `exc` or `inh`."""
    parts = {"exc": cells[: job["exc"]], "inh": cells[job["exc"] :]}
    signs = {"exc": 1, "inh": -1}
    for name, part in parts.items():
        weight = signs[name] * abs(params[f"w_{name}"])
        nest.Connect(part, cells, rule(name), {"weight": weight, "delay": max(job["delay"], dt)})


def simulate(*populations):
    """Runs, writes `times` and `neurons` of all spikes, then says on one line how long it took."""
    recorder = nest.Create("spike_recorder")
    # The shortest delay of all, that of recorders too, is how often NEST hands spikes on.
    delay = max(job.get("delay", dt), dt)
    for cells in populations:
        nest.Connect(cells, recorder, syn_spec={"delay": delay})
    nest.Prepare()
    built = clock()
    nest.Run(job["warmUp"])
    warm = clock()
    nest.Run(job["duration"])
    ended = clock()
    nest.Cleanup()
    events = recorder.events
    events["times"].tofile(f"{job['out']}/times")
    events["senders"].astype("int32").tofile(f"{job['out']}/neurons")
    spikes = int((events["times"] > job["warmUp"] + dt / 2).sum())
    print(json.dumps({"setup": built - IMPORTED[min(threads, 2)], "simulate": ended - warm, "spikes": spikes}))
