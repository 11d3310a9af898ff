"""Brunel's network (2000): integrate-and-fire neurons with jumps of the potential, driven by Poisson input or a current."""
from peer import first, job, nest, params, recurrent, simulate

cells = nest.Create("iaf_psc_delta", job["size"], {
    **{name: params[name] for name in ("C_m", "tau_m", "E_L", "V_th", "V_reset", "t_ref")},
    # mV to pA
    "I_e": params["drive"] * params["C_m"] / params["tau_m"],
})
cells.V_m = first("v")
recurrent(cells, lambda name: {"rule": "fixed_indegree", "indegree": job[f"k_{name}"]})
if job["poisson"]:
    # One generator gives each target a train of its own.
    noise = nest.Create("poisson_generator", params={"rate": job["poisson"]})
    nest.Connect(noise, cells, syn_spec={"weight": params["w_exc"], "delay": job["delay"]})
simulate(cells)
