"""The microcircuit of Potjans and Diesmann (2014), scaled down, with Poisson background."""
from peer import dt, job, nest, params, simulate

populations = {}
for entry in job["populations"]:
    cells = nest.Create("iaf_psc_exp", entry["size"], {
        **{name: params[name] for name in ("C_m", "tau_m", "E_L", "V_th", "V_reset", "t_ref")},
        "tau_syn_ex": params["tau_syn"], "tau_syn_in": params["tau_syn"],
        "I_e": entry["current"], "V_m": nest.random.normal(*entry["v"]),
    })
    noise = nest.Create("poisson_generator", params={"rate": entry["rate"]})
    nest.Connect(noise, cells, syn_spec={"weight": entry["weight"], "delay": 1.5})
    populations[entry["name"]] = cells
for entry in job["projections"]:
    nest.Connect(
        populations[entry["source"]], populations[entry["target"]],
        {"rule": "fixed_total_number", "N": entry["n"]},
        {
            name: nest.math.redraw(nest.random.normal(mean, sd), least, most)
            for name, (mean, sd, least, most) in (("weight", entry["weight"]), ("delay", entry["delay"]))
        },
    )
simulate(*populations.values())
