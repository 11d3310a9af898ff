#!/usr/bin/env bash
# NEURON: the charge of an ExpSyn event depends on the time step.
# One expects an error of the time course, not of its integral, which a decaying exponential has in closed form. In NEURON 9.0.2
# (wheel, Python 3.13, 2026-11-28), fixed step, every step uses the conductance of its start: the charge is dt/(2 tau) too large, so
# 2.5 % for tau 2 ms at dt 0.1. A weight fitted at one dt is another weight at the next; with CVODE it is right.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check neuron==9.0.2
cat >"$dir/run.py" <<'PY'
from neuron import h

h.load_file("stdrun.hoc")


def highest(dt, tau=2.0):
    """Highest potential after one event of a synapse that is a current in effect, onto a membrane without a leak."""
    cell = h.Section(name="cell")
    cell.L = cell.diam = 20
    synapse = h.ExpSyn(cell(0.5))
    synapse.tau, synapse.e = tau, 1e9
    source = h.NetStim()
    source.start, source.number = 10, 1
    event = h.NetCon(source, synapse)
    event.weight[0], event.delay = 1e-9, 0
    v = h.Vector().record(cell(0.5)._ref_v)
    h.dt, h.steps_per_ms = dt, 1 / dt
    h.finitialize(0)
    h.continuerun(60)
    return v.max()


exact = highest(0.001)
for dt in (0.1, 0.05, 0.025):
    print(f": dt {dt}: charge {100 * (highest(dt) / exact - 1):.1f} % too large, dt/(2 tau) is {100 * dt / 4:.1f} %")
PY
cat >"$dir/expected" <<'TEXT'
dt 0.1: charge 2.5 % too large, dt/(2 tau) is 2.5 %
dt 0.05: charge 1.2 % too large, dt/(2 tau) is 1.2 %
dt 0.025: charge 0.6 % too large, dt/(2 tau) is 0.6 %
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
