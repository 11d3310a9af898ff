"""The squid's axon under a constant current: NEURON's own `hh`."""
from peer import compartments, first, h, params, simulate

AREA = 100
h.celsius = 6.3  # where hh's rates are those of 1952: phi is 1

cells = compartments(AREA)
clamps = []
for cell in cells:
    cell.cm = params["C_m"]
    cell.insert("hh")
    cell.ena, cell.ek = params["E_Na"], params["E_K"]
    membrane = cell(0.5).hh
    # mS/cm2 to S/cm2
    membrane.gnabar, membrane.gkbar, membrane.gl = params["g_Na"] / 1000, params["g_K"] / 1000, params["g_L"] / 1000
    membrane.el = params["E_L"]
    clamp = h.IClamp(cell(0.5))
    clamp.delay, clamp.dur = 0, 1e9
    clamp.amp = params["I"] * AREA * 1e-5  # uA/cm2 times um2, in nA
    clamps.append(clamp)


def start():
    for cell, *values in zip(cells, *(first(name) for name in "vmhn")):
        middle = cell(0.5)
        middle.v, middle.hh.m, middle.hh.h, middle.hh.n = values


simulate(cells, start)
