"""What the scripts of this folder share. Each is started with the path of a job: a JSON file written by ../brian2.ts.

A job names everything that must be the same in all simulators: sizes, parameters, method, dt, duration. Numbers are
without units: mV, pF, nS, pA as in Spikelet; only time has its unit, `ms`.

`matched` names the differences between the simulators that a script takes away, so that it repeats Spikelet's scheme to
the last step; without them it is written as Brian2's own examples write the network.
"""

import json
import sys
import time

STARTED = time.perf_counter()

import brian2 as b2  # noqa: E402
import numpy as np  # noqa: E402
from brian2 import (  # noqa: E402, F401
    Hz, NeuronGroup, Network, PoissonGroup, PoissonInput, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms, second,
)

IMPORTED = time.perf_counter()

with open(sys.argv[1]) as file:
    job = json.load(file)
params = job["params"]
dt = job["dt"]
matched = job["matched"]

# What Brian2 gives the compiler by default, the same without its exception for infinities, which keeps the compiler
# from using vector exponentials, and arithmetic as it is written: no reordering, no fused multiply-add.
FLAGS = {
    "default": None,
    "fast": ["-w", "-O3", "-ffast-math", "-march=native", "-std=c++17"],
    "strict": ["-w", "-O2", "-ffp-contract=off", "-std=c++17"],
}
if FLAGS[job["flags"]] is not None:
    b2.prefs.codegen.cpp.extra_compile_args_gcc = FLAGS[job["flags"]]
b2.prefs.devices.cpp_standalone.openmp_threads = job["threads"]
b2.set_device("cpp_standalone", build_on_run=False, directory=job["build"])
b2.defaultclock.dt = dt * ms
b2.seed(job["seed"])


def given(name, dtype="float64"):
    """An array of the job's folder."""
    return np.fromfile(f"{job['arrays']}/{name}", dtype)


def share(tau):
    """Mean of exp(-t/tau) over a step: Spikelet lets a decaying conductance act with its mean, Brian2 with its start."""
    return -np.expm1(-dt / tau) * tau / dt if "share" in matched else 1.0


def decay(tau):
    """The time constant with which a decay is exp(-dt/tau) per step. Spikelet decays exactly; Brian2's Euler does not."""
    return -dt / np.expm1(-dt / tau) if "decay" in matched and job["method"] == "euler" else tau


def neurons(equations, threshold="v > V_th", reset="v = V_reset", refractory=None, size=None, **more):
    """The job's neurons with their first states."""
    if "threshold" in matched:
        threshold = threshold.replace(">", ">=")
    if refractory is None:
        # n refractory steps: a neuron that fires in step k integrates again in step k + n here, in k + n + 1 in Spikelet.
        hold = params["t_ref"] + (dt if "refractory" in matched and params["t_ref"] > 0 else 0)
        refractory = hold * ms if hold > 0 else False
    group = NeuronGroup(
        job["size"] if size is None else size, equations, threshold=threshold, reset=reset, refractory=refractory,
        method=job["method"], namespace={**params, **more}, name="cells",
    )
    for name, value in job["init"].items():
        # An expression, or null for an array of the job's folder.
        setattr(group, name, given(f"init_{name}") if value is None else value)
    return group


def recurrent(cells, variable, rule, delay=0, shift=0):
    """Excitatory and inhibitory synapses among the cells that add to `variable`, where {} stands for exc or inh.

    Where the job has lists, theirs, each delay moved by `shift` steps; else those of `rule` with a delay in steps.
    """
    made = []
    for name, part in {"exc": cells[: job["exc"]], "inh": cells[job["exc"] :]}.items():
        on_pre = f"{variable.format(name)}_post += "
        if "list" in job:
            synapses = Synapses(cells, cells, "w : 1", on_pre=on_pre + "w", name=name)
            synapses.connect(i=given(f"{name}_sources", "int32"), j=given(f"{name}_targets", "int32"))
            synapses.w = given(f"{name}_weights")
            synapses.delay = (given(f"{name}_delays", "int32") + shift) * dt * ms
        else:
            synapses = Synapses(part, cells, on_pre=f"{on_pre}w_{name}", name=name, namespace=params)
            synapses.connect(**rule(name))
            if delay > 0:
                synapses.delay = delay * dt * ms
        made.append(synapses)
    return made


def simulate(cells, *objects, schedule=None, more=None):
    """Builds and runs; writes `steps` and `neurons` of all spikes, then says on one line what took how long."""
    device = b2.get_device()
    spikes = SpikeMonitor(cells, name="spikes")
    network = Network(cells, spikes, *objects)
    if schedule:
        network.schedule = schedule
    # CPU time of set-up and measured run; Brian2 itself tells the wall time.
    device.insert_code("before_network_run", 'std::ofstream("results/setup.txt") << double(clock()) / CLOCKS_PER_SEC;')
    if job["warmUp"] > 0:
        network.run(job["warmUp"] * ms)
        # Lines stay for later runs, and set-up would include this one.
        device.code_lines["before_network_run"].clear()
    device.insert_code("before_network_run", "const clock_t cpu_before = clock();")
    device.insert_code(
        "after_network_run",
        'std::ofstream("results/cpu.txt") << double(clock() - cpu_before) / CLOCKS_PER_SEC;',
    )
    network.run(job["duration"] * ms)
    described = time.perf_counter()
    device.build(directory=job["build"], compile=True, run=False)
    built = time.perf_counter()
    device.run(job["build"], with_output=False, run_args=[])
    ran = time.perf_counter()
    np.rint(np.asarray(spikes.t / ms) / dt).astype("int32").tofile(f"{job['out']}/steps")
    np.asarray(spikes.i, dtype="int32").tofile(f"{job['out']}/neurons")
    for name, values in (more() if more else {}).items():
        np.asarray(values, dtype="float64").tofile(f"{job['out']}/{name}")
    names = {key: device.get_array_filename(spikes.variables[key]) for key in ("i", "t")}
    seconds = {
        "import": IMPORTED - STARTED, "describe": described - IMPORTED, "compile": built - described,
        "run": ran - built, "simulate": device._last_run_time,
    }
    versions = {"brian2": b2.__version__, "numpy": np.__version__, "python": sys.version.split()[0]}
    print(json.dumps({"seconds": seconds, "versions": versions, "files": names}))
