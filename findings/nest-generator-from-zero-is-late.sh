#!/usr/bin/env bash
# NEST: a current generator that starts at 0 acts one step later than its start and delay say.
# One expects the potential to move in the step that follows start + delay, so first at start + delay + 0.1 (resolution 0.1 ms),
# and generators with other starts to differ by their starts. In NEST 3.10.0 (wheel, Python 3.13, 2026-11-28) a dc_generator with
# start 0 and one with start 0.1 give the same potential; from 0.1 on all is as expected. The delay is that of a current, which has
# no axon: the default of 1 ms shifts every stimulus protocol by 1 ms.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check nest-simulator==3.10.0
cat >"$dir/run.py" <<'PY'
import nest

nest.verbosity = nest.VerbosityLevel.ERROR


def first_change(start, delay):
    nest.ResetKernel()
    cell = nest.Create("iaf_psc_exp")
    generator = nest.Create("dc_generator", params={"amplitude": 100.0, "start": start})
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": 0.1})
    nest.Connect(generator, cell, syn_spec={"delay": delay})
    nest.Connect(meter, cell)
    nest.Simulate(5.0)
    events = meter.events
    return min(t for t, v in zip(events["times"], events["V_m"]) if v != -70.0)


for start in (0.0, 0.1, 0.2):
    print(": start", start, *(f"delay {d}: {first_change(start, d):.1f}" for d in (0.1, 1.0)), sep="  ")
PY
cat >"$dir/expected" <<'TEXT'
start  0.0  delay 0.1: 0.3  delay 1.0: 1.2
start  0.1  delay 0.1: 0.3  delay 1.0: 1.2
start  0.2  delay 0.1: 0.4  delay 1.0: 1.3
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
