#!/usr/bin/env bash
# NEST: a neuron that is given another resting potential does not start there.
# One expects V_m to start at E_L, as it does with the defaults (both -70 mV). In NEST 3.10.0 (wheel, Python 3.13, 2026-11-28)
# V_m is a state with a default of its own: with E_L -65 the neuron starts at -70 and its first spike is 3.5 ms late. Give V_m too.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check nest-simulator==3.10.0
cat >"$dir/run.py" <<'PY'
import nest

nest.verbosity = nest.VerbosityLevel.ERROR


def spikes(**params):
    nest.ResetKernel()
    cell = nest.Create("iaf_psc_exp", params=params)
    recorder = nest.Create("spike_recorder")
    nest.Connect(cell, recorder)
    nest.Simulate(100.0)
    return " ".join(f"{t:.1f}" for t in recorder.events["times"])


print(": E_L -65:          ", spikes(E_L=-65.0, I_e=300.0))
print(": E_L -65, V_m -65: ", spikes(E_L=-65.0, V_m=-65.0, I_e=300.0))
PY
cat >"$dir/expected" <<'TEXT'
E_L -65:           21.5 45.0 68.5 92.0
E_L -65, V_m -65:  18.0 41.5 65.0 88.5
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
