#!/usr/bin/env bash
# PyNN: connectors of a fixed number draw without replacement, that of a fixed total number with it.
# One expects one convention, or that of NEST below it, whose fixed_indegree allows a pair several times. In PyNN 0.13.0 (NEST 3.10.0,
# Python 3.13, 2026-11-28) FixedNumberPreConnector and FixedNumberPostConnector never repeat a pair; FixedTotalNumberConnector does, with
# the same number of synapses among the same cells.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3}" -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install -q --disable-pip-version-check PyNN==0.13.0 nest-simulator==3.10.0
cat >"$dir/run.py" <<'PY'
import pyNN.nest as sim


def drawn(connector):
    sim.setup(timestep=0.1)
    cells = sim.Population(20, sim.IF_curr_exp())
    projection = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))
    pairs = [(i, j) for i, j, _ in projection.get("weight", format="list", with_address=True)]
    sim.end()
    repeated = len(pairs) - len(set(pairs))
    return f"{len(pairs)} synapses, {'some' if repeated > 0 else 'no'} pair repeated"


print(": FixedNumberPreConnector(15):   ", drawn(sim.FixedNumberPreConnector(15)))
print(": FixedNumberPostConnector(15):  ", drawn(sim.FixedNumberPostConnector(15)))
print(": FixedTotalNumberConnector(300):", drawn(sim.FixedTotalNumberConnector(300)))
PY
cat >"$dir/expected" <<'TEXT'
FixedNumberPreConnector(15):    300 synapses, no pair repeated
FixedNumberPostConnector(15):   300 synapses, no pair repeated
FixedTotalNumberConnector(300): 300 synapses, some pair repeated
TEXT
(cd "$dir" && venv/bin/python -W ignore run.py 2>log | grep '^: ' | cut -c 3- >seen) || { cat "$dir/log"; exit 1; }
echo "expected:"
cat "$dir/expected"
echo "seen:"
cat "$dir/seen"
diff -q "$dir/expected" "$dir/seen" >/dev/null
