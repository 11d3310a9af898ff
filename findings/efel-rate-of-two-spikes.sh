#!/usr/bin/env bash
# eFEL: mean_frequency is not spikes per duration, and ISI_values lacks the first interval.
# Two spikes in a stimulus of 100 ms are 20 Hz. eFEL 5.7.34 (NumPy 2.5.5, Python 3.13, 2026-11-29) divides the number of spikes by the time
# from the start of the stimulus to the last of them, so two early ones are 66.7 Hz, more than five that fill the stimulus (55.6 Hz).
# ISI_values leaves the first interval out: two spikes have none, and ISI_CV is None. f-I curves and variabilities made with it do not
# compare with those of a simulator's own counts. spike_count_stimint over the duration gives the rate; inv_first_ISI knows the first interval.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check efel==5.7.34 numpy==2.5.5
cat >"$dir/run.py" <<'PY'
import efel
import numpy as np

time = np.arange(0, 200, 0.1)
for spikes in ((60, 80), (60, 80, 100, 120, 140)):
    v = np.full_like(time, -65.0)
    for t in spikes:
        v[10 * t] = 30
    trace = {"T": time, "V": v, "stim_start": [50.0], "stim_end": [150.0]}
    names = ["spike_count_stimint", "mean_frequency", "ISI_values", "inv_first_ISI"]
    seen = efel.get_feature_values([trace], names)[0]
    count, mean, intervals, first = (seen[name] for name in names)
    rate = 10 * count[0]
    print(f"{count[0]} spikes in 100 ms, {rate} Hz: mean_frequency {mean[0]:.1f}, {len(intervals)} intervals, first 1/{1000 / first[0]:.0f} ms")
PY
cat >"$dir/expected" <<'TEXT'
2 spikes in 100 ms, 20 Hz: mean_frequency 66.7, 0 intervals, first 1/20 ms
5 spikes in 100 ms, 50 Hz: mean_frequency 55.6, 3 intervals, first 1/20 ms
TEXT
"$dir/venv/bin/python" -W ignore "$dir/run.py" >"$dir/seen"
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
