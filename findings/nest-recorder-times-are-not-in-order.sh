#!/usr/bin/env bash
# NEST: the times of a spike recorder are not in ascending order.
# One expects them to be, as they are in networks with delays of one step and in most small tests: np.searchsorted then cuts windows,
# np.diff gives intervals. NEST 3.10.0 (wheel, Python 3.13, 2026-11-29) advances each neuron through a whole shortest delay before the
# next one, so that within that time spikes come neuron by neuron. A window that is cut by searchsorted has other spikes in it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check nest-simulator==3.10.0
cat >"$dir/run.py" <<'PY'
import nest
import numpy as np

nest.verbosity = nest.VerbosityLevel.FATAL
for delay in (0.1, 1.5):
    nest.ResetKernel()
    cells = nest.Create("iaf_psc_delta", 20, {"I_e": np.linspace(1000.0, 600.0, 20)})
    nest.Connect(cells, cells, "all_to_all", {"weight": 0.0, "delay": delay})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder, syn_spec={"delay": delay})
    nest.Simulate(200.0)
    times = recorder.events["times"]
    sooner = int((np.diff(times) < 0).sum())
    cuts = np.arange(10.0, 200.0, 10.0)
    wrong = sum(int(np.searchsorted(times, cut)) != int((times < cut).sum()) for cut in cuts)
    print(f": delay {delay}: {len(times)} spikes, {sooner} sooner than the one listed before; searchsorted is wrong at {wrong} of {len(cuts)} times")
PY
cat >"$dir/expected" <<'TEXT'
delay 0.1: 467 spikes, 0 sooner than the one listed before; searchsorted is wrong at 0 of 19 times
delay 1.5: 467 spikes, 133 sooner than the one listed before; searchsorted is wrong at 10 of 19 times
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
