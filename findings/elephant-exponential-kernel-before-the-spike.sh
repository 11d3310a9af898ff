#!/usr/bin/env bash
# Elephant: the rate of a causal kernel rises before the spike.
# An exponential kernel is chosen because it is causal: the rate jumps at a spike and decays, so that nothing is known before it
# happens. In Elephant 1.2.1 (Neo 0.14.6, Python 3.13, 2026-11-29) instantaneous_rate moves every kernel so that half of its area
# lies before the spike (center_kernel is True unless said otherwise): with 10 ms the rate is highest 6 ms before the only spike.
# Onsets and latencies taken from it are early by ln(2) of the time constant. With center_kernel=False the rate is 0 before the spike.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check neo==0.14.6 elephant==1.2.1 numpy==2.5.5
cat >"$dir/run.py" <<'PY'
import numpy as np
import quantities as pq
from elephant.kernels import ExponentialKernel
from elephant.statistics import instantaneous_rate
from neo import SpikeTrain

train = SpikeTrain([50.0], units="ms", t_stop=100 * pq.ms)
for options in ({}, {"center_kernel": False}):
    rate = instantaneous_rate(train, sampling_period=1 * pq.ms, kernel=ExponentialKernel(10 * pq.ms), **options)
    values = rate.magnitude.flatten()
    before = values[:50].sum() / values.sum()
    print(f"{options or 'default'}: highest at {np.argmax(values)} ms, {100 * before:.0f} % before the spike at 50 ms")
PY
cat >"$dir/expected" <<'TEXT'
default: highest at 44 ms, 45 % before the spike at 50 ms
{'center_kernel': False}: highest at 50 ms, 0 % before the spike at 50 ms
TEXT
"$dir/venv/bin/python" -W ignore "$dir/run.py" >"$dir/seen"
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
