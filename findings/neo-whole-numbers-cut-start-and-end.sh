#!/usr/bin/env bash
# Neo: an array of whole numbers as spike times changes when the recording begins and ends.
# Times of spikes are often whole: steps, samples, ms. One expects that they may be integers, and that t_start and t_stop, which
# are given beside them with a fraction, stay. Neo 0.14.6 (NumPy 2.5.5, Python 3.13, 2026-11-29) keeps the integers and turns t_start and t_stop
# into integers too, towards 0 and without a word: 0.5 to 9.7 ms becomes 0 to 9 ms. Rates of Elephant 1.2.1 are those of the other
# duration. The same numbers as a list, or as float64, are right. Where units are small the effect is large: t_stop 0.9 s is 0 s.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check neo==0.14.6 elephant==1.2.1 numpy==2.5.5
cat >"$dir/run.py" <<'PY'
import numpy as np
import quantities as pq
from elephant.statistics import mean_firing_rate
from neo import SpikeTrain

for name, times in (
    ("list", [1, 2, 5]),
    ("float64", np.array([1.0, 2.0, 5.0])),
    ("int64", np.array([1, 2, 5])),
):
    train = SpikeTrain(times, units="ms", t_start=0.5 * pq.ms, t_stop=9.7 * pq.ms)
    rate = float(mean_firing_rate(train).rescale("Hz"))
    print(f"{name}: {train.t_start} to {train.t_stop}, {rate:.1f} Hz")
PY
cat >"$dir/expected" <<'TEXT'
list: 0.5 ms to 9.7 ms, 326.1 Hz
float64: 0.5 ms to 9.7 ms, 326.1 Hz
int64: 0 ms to 9 ms, 333.3 Hz
TEXT
"$dir/venv/bin/python" -W ignore "$dir/run.py" >"$dir/seen"
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
