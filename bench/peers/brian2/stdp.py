"""Additive STDP of Poisson inputs onto one neuron (Song, Miller and Abbott 2000; Brian2's example STDP)."""
from peer import (
    Hz, PoissonGroup, SpikeGeneratorGroup, Synapses, dt, given, job, matched, ms, neurons, params, share, simulate,
)

inputs = job["inputs"]
cell = neurons(
    """
    dv/dt = ((E_L - v)/tau_m + s_exc*g_exc*(E_exc - v)/C_m)/ms : 1
    dg_exc/dt = -g_exc/(tau_exc*ms) : 1
    """,
    s_exc=share(params["tau_exc"]),
)
if "list" in job:
    source = SpikeGeneratorGroup(inputs, given("input_neurons", "int32"), given("input_steps", "int32") * dt * ms)
else:
    source = PoissonGroup(inputs, params["rate"] * Hz)

model = """
    w : 1
    sent : 1
    dx/dt = -x/(tau_plus*ms) : 1 (event-driven)
    dy/dt = -y/(tau_minus*ms) : 1 (event-driven)
    """
learn = "x += A_plus*w_max\nw = clip(w - y, 0, w_max)"
on_post = "y += A_minus*w_max\nw = clip(w + x, 0, w_max)"
if "delay" in matched:
    # A delay of on_pre would delay the plasticity too. Spikelet's delay, one step at least, is that of the transmission
    # alone, and it sends the weight of the time of the spike.
    on_pre = {"transmit": "g_exc_post += sent", "learn": f"sent = w\n{learn}"}
    synapses = Synapses(
        source, cell, model, on_pre=on_pre, on_post=on_post, delay={"transmit": dt * ms}, namespace=params, name="inputs",
    )
    synapses.transmit.order = -2
    synapses.learn.order = -1
else:
    synapses = Synapses(source, cell, model, on_pre=f"g_exc_post += w\n{learn}", on_post=on_post, namespace=params, name="inputs")
synapses.connect()
synapses.w = given("w_0") if "list" in job else "rand()*w_max"
simulate(cell, source, synapses, more=lambda: {"weights": synapses.w})
