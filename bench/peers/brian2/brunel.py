"""Brunel's network (2000): integrate-and-fire neurons with jumps of the potential, driven by Poisson input or a current.

Brian2 tests the threshold before the jumps of a step, Spikelet after them. `order` turns Brian2's order round; then a
spike is handed on in the step after its own, so a delay is one step shorter.
"""
from peer import Hz, PoissonInput, job, matched, neurons, params, recurrent, simulate

# Jumps in the refractory time are lost: Brian2 does not write to a variable that is `unless refractory`.
cells = neurons("dv/dt = (E_L + drive - v)/(tau_m*ms) : 1 (unless refractory)")
synapses = recurrent(
    cells, "v", lambda name: {"i": f"k for k in sample(N_pre, size={job['k_' + name]})"},
    delay=round(job["delay"] / job["dt"]), shift=-1 if "order" in matched else 0,
)
if job["poisson"]:
    # The job's k_exc inputs of a neuron, each with its share of the rate.
    synapses.append(PoissonInput(cells, "v", N=job["k_exc"], rate=job["poisson"] / job["k_exc"] * Hz, weight=params["w_exc"]))
order = ["start", "groups", "synapses", "thresholds", "resets", "end"] if "order" in matched else None
simulate(cells, *synapses, schedule=order)
