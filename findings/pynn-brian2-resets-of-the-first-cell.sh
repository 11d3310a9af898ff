#!/usr/bin/env bash
# PyNN with Brian2: the reset of a whole population is that of its first cell.
# One expects each cell to have the parameters that it was given, as in pyNN.nest, and an error where a simulator cannot do so, as
# pyNN.brian2 has it for refractory periods that differ. With PyNN 0.13.0 and Brian2 2.11.0 (Python 3.13, 2026-11-29) two Izhikevich
# cells with d 2 and 8 fire alike, as often as two with d 2; in the other order, as two with d 8. c is taken so too, and
# b, v_reset, v_thresh and delta_T of EIF_cond_exp_isfa_ista. Nothing is said of it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check PyNN==0.13.0 brian2==2.11.0
echo 'codegen.target = "numpy"' >"$dir/brian_preferences"
cat >"$dir/run.py" <<'PY'
import pyNN.brian2 as sim


def counts(*d):
    """How often cells with these d fire within 300 ms."""
    sim.setup(timestep=0.1, min_delay=0.1)
    cells = sim.Population(len(d), sim.Izhikevich(a=0.02, b=0.2, c=-65.0, d=list(d), i_offset=0.01))
    cells.record("spikes")
    sim.run(300.0)
    trains = cells.get_data("spikes").segments[0].spiketrains
    return " ".join(str(len(train)) for train in trains)


print(": d 2 and 2:", counts(2.0, 2.0))
print(": d 8 and 8:", counts(8.0, 8.0))
print(": d 2 and 8:", counts(2.0, 8.0))
print(": d 8 and 2:", counts(8.0, 2.0))
PY
cat >"$dir/expected" <<'TEXT'
d 2 and 2: 18 18
d 8 and 8: 8 8
d 2 and 8: 18 18
d 8 and 2: 8 8
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
