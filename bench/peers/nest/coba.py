"""COBA of Brette et al. 2007: integrate-and-fire neurons with exponential conductances."""
from peer import first, job, nest, params, recurrent, simulate

cells = nest.Create("iaf_cond_exp", job["size"], {
    "C_m": params["C_m"], "g_L": params["C_m"] / params["tau_m"], "E_L": params["E_L"],
    "V_th": params["V_th"], "V_reset": params["V_reset"], "t_ref": params["t_ref"],
    "E_ex": params["E_exc"], "E_in": params["E_inh"],
    "tau_syn_ex": params["tau_exc"], "tau_syn_in": params["tau_inh"],
})
cells.V_m = first("v")
cells.g_ex = first("g_exc")
cells.g_in = first("g_inh")
recurrent(cells, lambda _: {"rule": "pairwise_bernoulli", "p": job["p"]})
simulate(cells)
