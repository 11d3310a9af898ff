#!/usr/bin/env bash
# PyNN on NEST: initial values keep NEST's units where parameters and recordings have PyNN's.
# One expects initial_values={"w": 0.02, "gsyn_exc": 0.003}, in nA and uS as PyNN documents w and gsyn_exc and as it records them, to be
# read back at the first sample. In PyNN 0.13.0 with NEST 3.10.0 (wheels, Python 3.13, 2026-11-29) they go to NEST as they are, as pA
# and nS: the cell starts with a thousandth of both. The recording hides it, because PyNN puts the given value in as its first sample.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check PyNN==0.13.0 nest-simulator==3.10.0
cat >"$dir/run.py" <<'PY'
import nest
import pyNN.nest as sim

sim.setup(timestep=0.1)
cells = sim.Population(1, sim.EIF_cond_exp_isfa_ista(), initial_values={"w": 0.02, "gsyn_exc": 0.003})
cells.record(["w", "gsyn_exc"])
native = nest.NodeCollection([int(cells[0])]).get(["w", "g_ex"])
sim.run(1.0)
print(f": given w 0.02 nA, gsyn_exc 0.003 uS; NEST has w {native['w']:.3f} pA, g_ex {native['g_ex']:.3f} nS")
for signal in sorted(cells.get_data().segments[0].analogsignals, key=lambda one: one.name):
    print(f": {signal.name} recorded at 0.0 and 0.1 ms:", *(f"{float(x):.7f}" for x in signal.magnitude[:2, 0]))
PY
cat >"$dir/expected" <<'TEXT'
given w 0.02 nA, gsyn_exc 0.003 uS; NEST has w 0.020 pA, g_ex 0.003 nS
gsyn_exc recorded at 0.0 and 0.1 ms: 0.0030000 0.0000029
w recorded at 0.0 and 0.1 ms: 0.0200000 0.0000200
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
