"""CUBA of Brette et al. 2007: integrate-and-fire neurons with exponential currents."""
from peer import job, neurons, recurrent, simulate

cells = neurons(
    """
    dv/dt = ((E_L - v)/tau_m + (i_exc + i_inh)/C_m)/ms : 1 (unless refractory)
    di_exc/dt = -i_exc/(tau_exc*ms) : 1
    di_inh/dt = -i_inh/(tau_inh*ms) : 1
    """
)
simulate(cells, *recurrent(cells, "i_{}", lambda _: {"p": job["p"]}))
