"""Neurons without synapses under a constant current, with or without white noise."""
from peer import job, neurons, simulate

# Noise is one number per neuron and step in both simulators; here it stands in the equation.
noise = " + sigma*xi*sqrt(ms)" if job["noise"] else ""
HELD = "(unless refractory)" if job["params"].get("t_ref", 0) > 0 else ""
MODELS = {
    "lif": f"dv/dt = (E_L - v)/(tau_m*ms) + (I{noise})/(C_m*ms) : 1 {HELD}",
    "izhikevich": f"""
    dv/dt = (0.04*v**2 + 5*v + 140 - u + I{noise})/ms : 1 {HELD}
    du/dt = a*(b*v - u)/ms : 1
    """,
    "adex": f"""
    dv/dt = (g_L*(E_L - v) + g_L*Delta_T*exp((v - V_T)/Delta_T) - w + I{noise})/(C_m*ms) : 1 {HELD}
    dw/dt = (a*(v - E_L) - w)/(tau_w*ms) : 1
    """,
    "hodgkinHuxley": f"""
    dv/dt = (g_L*(E_L - v) + g_Na*m**3*h*(E_Na - v) + g_K*n**4*(E_K - v) + I{noise})/(C_m*ms) : 1
    dm/dt = (alpha_m*(1 - m) - beta_m*m)/ms : 1
    dh/dt = (alpha_h*(1 - h) - beta_h*h)/ms : 1
    dn/dt = (alpha_n*(1 - n) - beta_n*n)/ms : 1
    alpha_m = 1/exprel((25 - v + V_rest)/10) : 1
    beta_m = 4*exp((V_rest - v)/18) : 1
    alpha_h = 0.07*exp((V_rest - v)/20) : 1
    beta_h = 1/(1 + exp((30 - v + V_rest)/10)) : 1
    alpha_n = 0.1/exprel((10 - v + V_rest)/10) : 1
    beta_n = 0.125*exp((V_rest - v)/80) : 1
    """,
}
EVENTS = {
    "lif": {},
    "izhikevich": {"threshold": "v > V_peak", "reset": "v = c\nu += d"},
    "adex": {"threshold": "v > V_peak", "reset": "v = V_reset\nw += b"},
    "hodgkinHuxley": {"reset": "", "refractory": "v >= V_th - hysteresis"},
}
simulate(neurons(MODELS[job["model"]], **EVENTS[job["model"]]))
