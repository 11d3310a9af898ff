"""COBA of Brette et al. 2007: integrate-and-fire neurons with exponential conductances."""
from peer import decay, job, neurons, params, recurrent, share, simulate

cells = neurons(
    """
    dv/dt = ((E_L - v)/tau_m + (s_exc*g_exc*(E_exc - v) + s_inh*g_inh*(E_inh - v))/C_m)/ms : 1 (unless refractory)
    dg_exc/dt = -g_exc/(t_exc*ms) : 1
    dg_inh/dt = -g_inh/(t_inh*ms) : 1
    """,
    s_exc=share(params["tau_exc"]), s_inh=share(params["tau_inh"]),
    t_exc=decay(params["tau_exc"]), t_inh=decay(params["tau_inh"]),
)
simulate(cells, *recurrent(cells, "g_{}", lambda _: {"p": job["p"]}))
