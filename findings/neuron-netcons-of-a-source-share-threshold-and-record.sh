#!/usr/bin/env bash
# NEURON: threshold and recording vector of a NetCon belong to its source: the last one set holds for all NetCons from there.
# One expects those of an object to be its own: two NetCons from one point with thresholds of -40 and 30 mV, each with a vector of its
# own. In NEURON 9.0.2 (wheel, Python 3.13, 2026-11-29) both have the threshold that was set last, and the vector that was given first
# stays empty. So a detector that is added for recording moves the spikes of all synapses from that point.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check neuron==9.0.2
cat >"$dir/run.py" <<'PY'
from neuron import h

h.load_file("stdrun.hoc")
cell = h.Section(name="cell")
cell.insert("hh")
cell.L = cell.diam = 20
clamp = h.IClamp(cell(0.5))
clamp.delay, clamp.dur, clamp.amp = 5, 1, 0.5
for thresholds in ([-40], [30], [-40, 30], [30, -40]):
    made = []
    for threshold in thresholds:
        detector, times = h.NetCon(cell(0.5)._ref_v, None, sec=cell), h.Vector()
        detector.threshold = threshold
        detector.record(times)
        made.append((detector, times))
    h.finitialize(-65)
    h.continuerun(30)
    seen = ", ".join(f"{detector.threshold:.0f} mV {[round(t, 3) for t in times]}" for detector, times in made)
    print(f": set {' and '.join(map(str, thresholds))} mV: {seen}")
    del made, detector, times
PY
cat >"$dir/expected" <<'TEXT'
set -40 mV: -40 mV [5.625]
set 30 mV: 30 mV [6.0]
set -40 and 30 mV: 30 mV [], 30 mV [6.0]
set 30 and -40 mV: -40 mV [], -40 mV [5.625]
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
