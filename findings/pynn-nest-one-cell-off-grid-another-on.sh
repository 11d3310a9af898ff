#!/usr/bin/env bash
# PyNN on NEST: by default one kind of cell fires between the steps, its neighbour on them.
# One expects the spikes of all cells to be on the grid of the timestep, as in pyNN.neuron and pyNN.brian2, or none. In PyNN 0.13.0 with
# NEST 3.10.0 (wheels, Python 3.13, 2026-11-28) IF_curr_exp becomes iaf_psc_exp_ps, whose spikes have exact times; IF_curr_alpha, for
# which no such model is listed, stays on the grid. setup(spike_precision="on_grid") makes both the same.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check PyNN==0.13.0 nest-simulator==3.10.0
cat >"$dir/run.py" <<'PY'
import pyNN.nest as sim


def spikes(cell, **setup):
    sim.setup(timestep=0.1, **setup)
    population = sim.Population(1, cell(i_offset=1.0))
    population.record("spikes")
    sim.run(100.0)
    times = population.get_data().segments[0].spiketrains[0].times
    sim.end()
    return " ".join(f"{float(t):.4f}" for t in times)


print(": IF_curr_exp:            ", spikes(sim.IF_curr_exp))
print(": IF_curr_exp, on_grid:   ", spikes(sim.IF_curr_exp, spike_precision="on_grid"))
print(": IF_curr_alpha:          ", spikes(sim.IF_curr_alpha))
PY
cat >"$dir/expected" <<'TEXT'
IF_curr_exp:             27.7259 55.5518 83.3777
IF_curr_exp, on_grid:    27.8000 55.7000 83.6000
IF_curr_alpha:           27.8000 55.7000 83.6000
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
