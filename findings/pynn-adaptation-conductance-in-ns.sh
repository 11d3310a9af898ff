#!/usr/bin/env bash
# PyNN: one conductance is in nS where all others are in uS.
# Units of PyNN are nF, nA, mV, ms and uS, so one multiplies by 1000 to get pF, pA and nS. In PyNN 0.13.0 (NEST 3.10.0, Python 3.13,
# 2026-11-28) the parameter a of EIF_cond_exp_isfa_ista is an exception: 4.0 is 4 nS and goes to NEST as it is. Times 1000 it would be
# 133 times the leak.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check PyNN==0.13.0 nest-simulator==3.10.0
cat >"$dir/run.py" <<'PY'
import nest
import pyNN.nest as sim

sim.setup(timestep=0.1)
cell = sim.Population(1, sim.EIF_cond_exp_isfa_ista(cm=0.281, tau_m=9.3667, a=4.0, b=0.0805))[0]
native = nest.NodeCollection([int(cell)]).get(["C_m", "g_L", "a", "b"])
print(f": C_m {native['C_m']:.0f} pF of cm 0.281 nF, g_L {native['g_L']:.1f} nS, b {native['b']:.1f} pA of 0.0805 nA")
print(f": a {native['a']:.1f} nS of a 4.0")
PY
cat >"$dir/expected" <<'TEXT'
C_m 281 pF of cm 0.281 nF, g_L 30.0 nS, b 80.5 pA of 0.0805 nA
a 4.0 nS of a 4.0
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
