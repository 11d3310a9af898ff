#!/usr/bin/env bash
# Brian2: a monitor of an event-driven variable of a synapse records what the last spike has left, not what it is.
# One expects a decaying trace, as of a clock-driven variable with the same equation: both have the same weights. Brian2 2.11.0 (wheel,
# Python 3.13, 2026-11-29) records steps without a word, and reading the variable after the run gives the value of the last spike too.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check brian2==2.11.0
cat >"$dir/run.py" <<'PY'
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, StateMonitor, Synapses, defaultclock, ms, prefs

prefs.codegen.target = "numpy"
defaultclock.dt = 0.1 * ms
source = SpikeGeneratorGroup(1, [0, 0], [10, 60] * ms)
target = NeuronGroup(1, "v : 1")
made = {}
for kind in ("event-driven", "clock-driven"):
    synapses = Synapses(source, target, f"dx/dt = -x/(20*ms) : 1 ({kind})\nw : 1", on_pre="x += 1\nw = x", method="exact")
    synapses.connect()
    made[kind] = synapses, StateMonitor(synapses, "x", record=True)
Network(source, target, *(one for pair in made.values() for one in pair)).run(100 * ms)
for kind, (synapses, monitor) in made.items():
    recorded = [float(monitor.x[0][round(10 * t)]) for t in (11, 30, 59, 61)]
    values = " ".join(f"{x:.3f}" for x in recorded)
    print(f": {kind}: x at 11, 30, 59 and 61 ms {values}; read at 100 ms {float(synapses.x[0]):.3f}; w {float(synapses.w[0]):.3f}")
PY
cat >"$dir/expected" <<'TEXT'
event-driven: x at 11, 30, 59 and 61 ms 1.000 1.000 1.000 1.082; read at 100 ms 1.082; w 1.082
clock-driven: x at 11, 30, 59 and 61 ms 0.956 0.370 0.087 1.034; read at 100 ms 0.147; w 1.082
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
