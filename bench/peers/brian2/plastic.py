"""10,000 neurons with 1000 plastic synapses onto each: STDP of pairs as Brian2's documentation writes it."""
import numpy as np

from peer import Synapses, job, ms, neurons, params, simulate

cells = neurons(
    """
    dv/dt = ((E_L - v)/tau_m + (I_0 + g)/C_m)/ms + sigma/C_m*xi/ms**0.5 : 1 (unless refractory)
    dg/dt = -g/(tau_exc*ms) : 1
    """
)
synapses = Synapses(
    cells, cells,
    """
    w : 1
    dx/dt = -x/(tau_plus*ms) : 1 (event-driven)
    dy/dt = -y/(tau_minus*ms) : 1 (event-driven)
    """,
    on_pre="g_post += w\nx += A_plus\nw = clip(w - y, 0, 1)",
    on_post="y += A_minus\nw = clip(w + x, 0, 1)",
    delay=job["delay"] * ms, namespace=params, name="plastic",
)
N, indegree = job["size"], job["indegree"]
draw = np.random.default_rng(job["seed"])
synapses.connect(i=draw.integers(0, N, size=N * indegree), j=np.repeat(np.arange(N), indegree))
synapses.w = params["w_0"]
simulate(cells, synapses)
