#!/usr/bin/env bash
# Brian2: the method "heun" takes the equations without noise by Euler's method; only the noise has two stages.
# Heun's method is of order 2, for stochastic equations in Stratonovich's sense too: one step of dx/dt = -x/2 from 1 is 0.625. Brian2
# 2.11.0 (wheel, Python 3.13, 2026-11-29) takes 0.5 for it, that of "euler", without a word where there is no noise at all. "rk2"
# (the midpoint) is of order 2.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check brian2==2.11.0
cat >"$dir/run.py" <<'PY'
from brian2 import Network, NeuronGroup, defaultclock, ms, prefs

prefs.codegen.target = "numpy"
defaultclock.dt = 1 * ms
noise = " + 1e-9*xi/sqrt(ms)"
for method, more in (("euler", ""), ("heun", ""), ("heun", noise), ("rk2", ""), ("rk4", "")):
    group = NeuronGroup(1, f"dx/dt = -x/(2*ms){more} : 1", method=method)
    group.x = 1
    Network(group).run(1 * ms)
    print(f": {method}{', noise of 1e-9' if more else ''}: {group.x[0]:.6f}")
PY
cat >"$dir/expected" <<'TEXT'
euler: 0.500000
heun: 0.500000
heun, noise of 1e-9: 0.500000
rk2: 0.625000
rk4: 0.606771
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
