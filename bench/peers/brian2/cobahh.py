"""COBAHH of Brette et al. 2007: COBA's graph with cells of the Hodgkin-Huxley type (Traub and Miles)."""
from peer import job, matched, ms, neurons, params, recurrent, share, simulate

cells = neurons(
    """
    dv/dt = (g_L*(E_L - v) + g_Na*m**3*h*(E_Na - v) + g_K*n**4*(E_K - v)
             + s_exc*g_exc*(E_exc - v) + s_inh*g_inh*(E_inh - v))/(C_m*ms) : 1
    dm/dt = (alpha_m*(1 - m) - beta_m*m)/ms : 1
    dh/dt = (alpha_h*(1 - h) - beta_h*h)/ms : 1
    dn/dt = (alpha_n*(1 - n) - beta_n*n)/ms : 1
    dg_exc/dt = -g_exc/(tau_exc*ms) : 1
    dg_inh/dt = -g_inh/(tau_inh*ms) : 1
    alpha_m = 1.28/exprel((13 - v + V_T)/4) : 1
    beta_m = 1.4/exprel((v - V_T - 40)/5) : 1
    alpha_h = 0.128*exp((17 - v + V_T)/18) : 1
    beta_h = 4/(1 + exp((40 - v + V_T)/5)) : 1
    alpha_n = 0.16/exprel((15 - v + V_T)/5) : 1
    beta_n = 0.5*exp((10 - v + V_T)/40) : 1
    """,
    reset="",
    # Spikelet's detector waits until v has fallen by the hysteresis; Brian2's example waits 3 ms.
    refractory="v >= V_th - hysteresis" if "hysteresis" in matched else 3 * ms,
    s_exc=share(params["tau_exc"]), s_inh=share(params["tau_inh"]),
)
simulate(cells, *recurrent(cells, "g_{}", lambda _: {"p": job["p"]}))
