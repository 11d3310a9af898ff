#!/usr/bin/env bash
# NEST: spikes that meet at an STDP synapse change nothing, and the whole delay decides which ones meet.
# One expects the weight to depend on the times of the two spikes, and a pair at the same time to count as one or the other. In NEST
# 3.10.0 (wheel, Python 3.13, 2026-11-28) the target's spike is as late as the synapse's delay (all of it is dendritic): a target
# that fires 1 ms BEFORE its source strengthens a synapse with a delay of 3 ms. A pair that meets exactly changes nothing at all.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check nest-simulator==3.10.0
cat >"$dir/run.py" <<'PY'
import nest

nest.verbosity = nest.VerbosityLevel.ERROR


def change(difference, delay):
    """Change of a weight by one pair of spikes: the target's is `difference` ms after the source's."""
    nest.ResetKernel()
    source, target = nest.Create("parrot_neuron"), nest.Create("parrot_neuron")
    # The source's second spike closes the pair: weights are updated when a spike of the source is sent.
    for cell, times in ((source, [50.0, 500.0]), (target, [50.0 + difference])):
        nest.Connect(nest.Create("spike_generator", params={"spike_times": times}), cell, syn_spec={"delay": 0.1})
    target.tau_minus = 30.0
    rule = {"synapse_model": "stdp_synapse", "weight": 5.0, "delay": delay, "receptor_type": 1, "Wmax": 10.0}
    rule |= {"lambda": 0.01, "alpha": 1.0, "tau_plus": 15.0, "mu_plus": 0.0, "mu_minus": 0.0}
    nest.Connect(source, target, syn_spec=rule)
    nest.Simulate(600.0)
    return float(nest.GetConnections(source, target).weight) - 5.0


for delay in (0.1, 1.0, 3.0):
    changes = {d: change(d, delay) for d in (-3.0, -1.0, -0.1, 0.0, 1.0)}
    print(f": delay {delay}:", *(f"{d} {'0' if abs(c) < 1e-4 else '+' if c > 0 else '-'}" for d, c in changes.items()), sep="  ")
PY
cat >"$dir/expected" <<'TEXT'
delay 0.1:  -3.0 -  -1.0 -  -0.1 0  0.0 +  1.0 +
delay 1.0:  -3.0 -  -1.0 0  -0.1 +  0.0 +  1.0 +
delay 3.0:  -3.0 0  -1.0 +  -0.1 +  0.0 +  1.0 +
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
