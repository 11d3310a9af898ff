#!/usr/bin/env bash
# Brian2: a duration that is no multiple of dt is rounded up, however little is over.
# One expects the nearest number of steps, or an error as from NEST. Brian2 2.11.0 (wheel, Python 3.13, 2026-11-28) makes one more step
# for 0.001 ms, without a word: a loop of many short runs becomes longer than the sum of its durations.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check brian2==2.11.0
cat >"$dir/run.py" <<'PY'
from brian2 import NeuronGroup, StateMonitor, defaultclock, ms, prefs, run

prefs.codegen.target = "numpy"
defaultclock.dt = 0.1 * ms
for duration in (10.0, 10.001, 10.04, 0.001):
    group = NeuronGroup(1, "v : 1")
    monitor = StateMonitor(group, "v", record=True)
    run(duration * ms)
    print(f": {duration} ms: {len(monitor.t)} steps of 0.1 ms")
PY
cat >"$dir/expected" <<'TEXT'
10.0 ms: 100 steps of 0.1 ms
10.001 ms: 101 steps of 0.1 ms
10.04 ms: 101 steps of 0.1 ms
0.001 ms: 1 steps of 0.1 ms
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
