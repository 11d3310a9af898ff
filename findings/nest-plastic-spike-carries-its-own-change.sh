#!/usr/bin/env bash
# NEST: the spike that changes a plastic synapse is transmitted with the weight after that change.
# One expects a spike to be transmitted with the weight that the synapse has, and to change it for the next one, as Brian2's examples
# of STDP do, where `g += w` stands before `w = clip(w + ...)`. In NEST 3.10.0 (wheel, Python 3.13, 2026-11-29) depression comes first:
# the very first spike through a vogels_sprekeler_synapse of weight 5 carries 4.98, though nothing has happened before. The pages of
# the models give no order. The second case has one spike of the target, at 30 ms, between two of the source: the second one carries
# the weight with its own depression in it (4.9963), not the one of after the potentiation (5.0366).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check nest-simulator==3.10.0
cat >"$dir/run.py" <<'PY'
import nest

nest.verbosity = nest.VerbosityLevel.ERROR


def sent(model, source_times, target_times, rule):
    """The weights that spikes of the source carry."""
    nest.ResetKernel()
    source, target = nest.Create("parrot_neuron"), nest.Create("parrot_neuron")
    for cell, times in ((source, source_times), (target, target_times)):
        nest.Connect(nest.Create("spike_generator", params={"spike_times": times}), cell, syn_spec={"delay": 1.0})
    target.tau_minus = 20.0
    recorder = nest.Create("weight_recorder")
    nest.CopyModel(model, "recorded", {"weight_recorder": recorder})
    synapse = {"synapse_model": "recorded", "weight": 5.0, "delay": 1.0, "receptor_type": 1, "Wmax": 10.0}
    nest.Connect(source, target, syn_spec=synapse | rule)
    nest.Simulate(200.0)
    return " ".join(f"{weight:.4f}" for weight in recorder.events["weights"])


stdp = {"lambda": 0.01, "alpha": 1.0, "tau_plus": 20.0, "mu_plus": 0.0, "mu_minus": 0.0}
print(": vogels_sprekeler_synapse:", sent("vogels_sprekeler_synapse", [10.0], [], {"eta": 0.1, "alpha": 0.2, "tau": 20.0}))
print(": stdp_synapse:", sent("stdp_synapse", [10.0, 50.0], [30.0], stdp))
PY
cat >"$dir/expected" <<'TEXT'
vogels_sprekeler_synapse: 4.9800
stdp_synapse: 5.0000 4.9963
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
