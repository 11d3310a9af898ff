"""COBAHH of Brette et al. 2007, with the mechanism of traubMiles.mod."""
import numpy as np
from peer import compartments, dt, first, h, job, params, rng, simulate, size

AREA = 100 * params["C_m"]  # um2: 1 uF/cm2 is 0.01 pF/um2

for name in ("E_Na", "E_K", "E_L", "V_T"):
    setattr(h, f"{name}_traubMiles", params[name])
cells = compartments(AREA)
synapses = {"exc": [], "inh": []}
for cell in cells:
    cell.cm = 1
    cell.insert("traubMiles")
    for name in ("g_Na", "g_K", "g_L"):
        setattr(cell(0.5).traubMiles, name, 0.1 * params[name] / AREA)  # nS/um2 to S/cm2
    for kind, made in synapses.items():
        synapse = h.ExpSyn(cell(0.5))
        synapse.tau, synapse.e = params[f"tau_{kind}"], params[f"E_{kind}"]
        made.append(synapse)

connections = []
for i, cell in enumerate(cells):
    kind = "exc" if i < job["exc"] else "inh"
    for target in np.flatnonzero(rng.random(size) < job["p"]):
        made = h.NetCon(cell(0.5)._ref_v, synapses[kind][target], sec=cell)
        made.delay = max(job["delay"], dt)
        made.weight[0] = params[f"w_{kind}"] / 1000  # nS to uS
        connections.append(made)


def start():
    for cell, *values in zip(cells, *(first(name) for name in "vmhn")):
        middle = cell(0.5)
        middle.v, middle.traubMiles.m, middle.traubMiles.h, middle.traubMiles.n = values
    for kind, made in synapses.items():
        for synapse, g in zip(made, first(f"g_{kind}")):
            synapse.g = g / 1000


simulate(cells, start)
