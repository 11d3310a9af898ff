#!/usr/bin/env bash
# NEST and Brian2: a refractory time that is no multiple of the step is rounded, in opposite directions.
# One expects both to take the nearest number of steps. NEST 3.10.0 takes the next larger one (0.21 ms: 3 steps of 0.1 ms), Brian2
# 2.11.0 the next smaller one (0.29 ms: 2 steps). Neither says so when it runs. Wheels, Python 3.13, 2026-11-28.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check nest-simulator==3.10.0 brian2==2.11.0
cat >"$dir/run.py" <<'PY'
import nest
from brian2 import NeuronGroup, SpikeMonitor, defaultclock, ms, prefs, run

prefs.codegen.target = "numpy"
nest.verbosity = nest.VerbosityLevel.ERROR
defaultclock.dt = 0.1 * ms


def in_nest(t_ref):
    nest.ResetKernel()
    # 100 nA: the neuron fires in the first step in which it may.
    cell = nest.Create("iaf_psc_delta", params={"I_e": 1e5, "t_ref": t_ref})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cell, recorder)
    nest.Simulate(10.0)
    times = recorder.events["times"]
    return round((times[2] - times[1]) / 0.1) - 1


def in_brian2(t_ref):
    cell = NeuronGroup(1, "dv/dt = 100/ms : 1 (unless refractory)", threshold="v > 1", reset="v = 0", refractory=t_ref * ms, method="euler")
    spikes = SpikeMonitor(cell)
    run(10 * ms)
    times = spikes.t / ms
    # A refractory time of n steps holds v for n - 1 steps after that of the spike: intervals say n.
    return round((times[2] - times[1]) / 0.1)


for t_ref in (0.21, 0.25, 0.29):
    print(f": {t_ref} ms: NEST {in_nest(t_ref)} steps, Brian2 {in_brian2(t_ref)}")
PY
cat >"$dir/expected" <<'TEXT'
0.21 ms: NEST 3 steps, Brian2 2
0.25 ms: NEST 3 steps, Brian2 2
0.29 ms: NEST 3 steps, Brian2 2
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
