"""Bifurcations of four models by PyDSTool's PyCont, as JSON: for scripts/checks/dynamics.ts, which compares them.

PyDSTool 0.91 needs Python 3.9 or earlier and numpy before 1.20: pip install "numpy<1.20" "scipy<1.8" PyDSTool
"""

import json
import os
import sys

# what the package prints while it is loaded and works is no part of the answer
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from PyDSTool import ContClass, Generator, args  # noqa: E402


def points(name, parameters, equations, functions, start, ends, largest):
    """Folds and Hopf points on the branch through a start, over I."""
    model = args(name=name, pars=parameters, varspecs=equations, fnspecs=functions, ics=start, tdomain=[0, 1])
    continued = ContClass(Generator.Vode_ODEsystem(model))
    curve = args(name="curve", type="EP-C", freepars=["I"])
    curve.StepSize, curve.MaxStepSize, curve.MinStepSize = 0.1, largest, 1e-6
    curve.MaxNumPoints, curve.LocBifPoints, curve.SaveEigen = 600, "all", True
    curve.VarTol = curve.FuncTol = 1e-10
    curve.TestTol = 1e-9
    found = {"hopf": [], "fold": []}
    continued.newCurve(curve)
    for direction in ("forward", "backward"):
        getattr(continued["curve"], direction)()
    for kind, label in (("hopf", "H"), ("fold", "LP")):
        for k in range(1, 9):
            point = continued["curve"].getSpecialPoint(label + str(k))
            if point is not None and ends[0] <= point["I"] <= ends[1]:
                found[kind].append(float(point["I"]))
        found[kind].sort()
    return found


def gate(name):
    return f"a{name}(v)*(1-{name})-b{name}(v)*{name}"


squid = points(
    "squid",
    {"I": 0},
    {
        "v": "I-120*pow(m,3)*h*(v-50)-36*pow(n,4)*(v+77)-0.3*(v+54.387)",
        "m": gate("m"),
        "h": gate("h"),
        "n": gate("n"),
    },
    {
        "am": (["v"], "0.1*(v+40)/(1-exp(-(v+40)/10))"),
        "bm": (["v"], "4*exp(-(v+65)/18)"),
        "ah": (["v"], "0.07*exp(-(v+65)/20)"),
        "bh": (["v"], "1/(1+exp(-(v+35)/10))"),
        "an": (["v"], "0.01*(v+55)/(1-exp(-(v+55)/10))"),
        "bn": (["v"], "0.125*exp(-(v+65)/80)"),
    },
    {"v": -64.99637933, "m": 0.05295509, "h": 0.59599412, "n": 0.3177324},
    (0, 200),
    1,
)


def morris_lecar(name, g_ca, v3, v4, phi):
    minf, winf = "(1+tanh((v+1.2)/18))/2", f"(1+tanh((v-{v3})/{v4}))/2"
    return points(
        name,
        {"I": 0},
        {
            "v": f"(I-{g_ca}*{minf}*(v-120)-8*w*(v+84)-2*(v+60))/20",
            "w": f"{phi}*({winf}-w)*cosh((v-{v3})/(2*{v4}))",
        },
        {},
        {"v": -60.8554, "w": 0.0149 if v3 == 2 else 0.0},
        (-60, 250),
        1,
    )


answer = {
    "hodgkinHuxley": squid,
    "morrisLecar hopf": morris_lecar("hopf", 4.4, 2, 30, 0.04),
    "morrisLecar snic": morris_lecar("snic", 4, 12, 17.4, 0.0666666666666666667),
    "morrisLecar homoclinic": morris_lecar("homoclinic", 4, 12, 17.4, 0.23),
    "fitzhughNagumo": points(
        "fhn",
        {"I": 0},
        {"v": "v-v*v*v/3-w+I", "w": "(v+0.7-0.8*w)/12.5"},
        {},
        {"v": -1.1994080352440348, "w": -0.62426},
        (0, 2),
        0.05,
    ),
}
json.dump(answer, out)
out.flush()
sys.exit(0)
