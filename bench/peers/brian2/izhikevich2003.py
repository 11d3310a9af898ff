"""Izhikevich's network (2003): 1000 neurons, all connected, steps of 1 ms, by the scheme of the publication."""
from peer import NeuronGroup, Synapses, job, simulate

N, exc = job["size"], job["exc"]
cells = NeuronGroup(
    N,
    """
    v : 1
    u : 1
    input : 1
    a : 1 (constant)
    b : 1 (constant)
    c : 1 (constant)
    d : 1 (constant)
    strength : 1 (constant)
    """,
    threshold="v >= 30", reset="v = c\nu += d", name="cells",
)
cells.run_regularly(
    """
    I = strength*randn() + input
    input = 0
    v += 0.5*(0.04*v**2 + 5*v + 140 - u + I)
    v += 0.5*(0.04*v**2 + 5*v + 140 - u + I)
    u += a*(b*v - u)
    """,
    when="groups",
)
first, second = cells[:exc], cells[exc:]
first.a, first.b, first.strength = 0.02, 0.2, 5
first.c = "-65 + 15*rand()**2"
first.d = "8 - 6*(c + 65)/15"
second.c, second.d, second.strength = -65, 2, 2
second.a = "0.02 + 0.08*rand()"
second.b = "0.25 - 0.05*(a - 0.02)/0.08"
cells.v = -65
cells.u = "b*v"
from_exc = Synapses(first, cells, "w : 1 (constant)", on_pre="input_post += w", name="exc")
from_exc.connect()
from_exc.w = "0.5*rand()"
from_inh = Synapses(second, cells, "w : 1 (constant)", on_pre="input_post += w", name="inh")
from_inh.connect()
from_inh.w = "-rand()"
simulate(cells, from_exc, from_inh)
