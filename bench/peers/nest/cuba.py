"""CUBA of Brette et al. 2007: integrate-and-fire neurons with exponential currents."""
from peer import first, job, nest, params, recurrent, simulate

cells = nest.Create("iaf_psc_exp", job["size"], {
    **{name: params[name] for name in ("C_m", "tau_m", "E_L", "V_th", "V_reset", "t_ref")},
    "tau_syn_ex": params["tau_exc"], "tau_syn_in": params["tau_inh"],
})
cells.V_m = first("v")
recurrent(cells, lambda _: {"rule": "pairwise_bernoulli", "p": job["p"]})
simulate(cells)
