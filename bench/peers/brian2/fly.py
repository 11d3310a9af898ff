"""The network of Shiu et al. 2024 (doi:10.1038/s41586-024-07763-9) with the equations and the order of its Brian2 model.

Nothing is matched to Spikelet here: it is Spikelet that takes over Brian2's way to count a refractory period.
"""
from peer import Hz, NeuronGroup, PoissonGroup, SpikeGeneratorGroup, Synapses, dt, given, job, ms, np, params, simulate

cells = NeuronGroup(
    job["size"],
    """
    dv/dt = (v_0 - v + g)/(t_mbr*ms) : 1 (unless refractory)
    dg/dt = -g/(tau*ms) : 1 (unless refractory)
    rfc : second
    """,
    threshold="v > v_th", reset="v = v_rst; g = 0", refractory="rfc", method=job["method"], namespace=params,
    name="cells",
)
stimulated = given("stimulated", "int32")
cells.v = params["v_0"]
hold = np.full(job["size"], params["t_rfc"])
hold[stimulated] = 0
cells.rfc = hold * ms

synapses = Synapses(cells, cells, "w : 1", on_pre="g += w", delay=params["t_dly"] * ms, name="synapses")
synapses.connect(i=given("sources", "int32"), j=given("targets", "int32"))
synapses.w = given("counts", "int32") * params["w_syn"]

if "list" in job:
    source = SpikeGeneratorGroup(
        len(stimulated), given("stimulus_neurons", "int32"), given("stimulus_steps", "int32") * dt * ms, name="stimulus",
    )
else:
    source = PoissonGroup(len(stimulated), params["r_poi"] * Hz, name="stimulus")
stimulus = Synapses(source, cells, on_pre="v += f_poi*w_syn", namespace=params, name="stimuli")
stimulus.connect(i=np.arange(len(stimulated)), j=stimulated)
simulate(cells, synapses, source, stimulus)
