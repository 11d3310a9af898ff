"""Models of the library as Brian2 2.11 computes them: the references of test/library/brian2.test.ts.

The equations are written here once more, from the papers and in the form that they have there (rates as fractions, units of
Brian2), not taken from src/library. Brian2 integrates them by rk4 at a step of 5 us; spike times lie between the steps, where the
line of v crosses the threshold.

    python -m venv venv && venv/bin/pip install "brian2==2.11.*"
    venv/bin/python scripts/exchange/library-brian2.py > test/library/brian2.json
"""

import json

import brian2
from brian2 import (
    Network, NeuronGroup, SpikeMonitor, StateMonitor, cm, defaultclock, ms, mV, msiemens, nS, pA, pF, prefs, uA, ufarad,
)

prefs.codegen.target = "numpy"
DT = 0.005 * ms
defaultclock.dt = DT

CONNOR_STEVENS = """
dv/dt = (J - gL*(v - EL) - gNa*m*m*m*h*(v - ENa) - gK*n*n*n*n*(v - EK) - gA*a*a*a*b*(v - EA))/Cm : volt
dm/dt = am*(1 - m) - bm*m : 1
dh/dt = ah*(1 - h) - bh*h : 1
dn/dt = an*(1 - n) - bn*n : 1
da/dt = (ainf - a)/taua : 1
db/dt = (binf - b)/taub : 1
x = v/mV : 1
am = 0.38*(x + 29.7)/(1 - exp(-0.1*(x + 29.7)))/ms : Hz
bm = 15.2*exp(-0.0556*(x + 54.7))/ms : Hz
ah = 0.266*exp(-0.05*(x + 48))/ms : Hz
bh = 3.8/(1 + exp(-0.1*(x + 18)))/ms : Hz
an = 0.02*(x + 45.7)/(1 - exp(-0.1*(x + 45.7)))/ms : Hz
bn = 0.25*exp(-0.0125*(x + 55.7))/ms : Hz
ainf = (0.0761*exp(0.0314*(x + 94.22))/(1 + exp(0.0346*(x + 1.17))))**(1.0/3.0) : 1
taua = 0.3632*ms + 1.158*ms/(1 + exp(0.0497*(x + 55.96))) : second
binf = 1/(1 + exp(0.0688*(x + 53.3)))**4 : 1
taub = 1.24*ms + 2.678*ms/(1 + exp(0.0624*(x + 50))) : second
J : amp/meter**2
"""

POSPISCHIL = """
dv/dt = (J - gL*(v - EL) - gNa*m**3*h*(v - ENa) - gKd*n**4*(v - EK) - gM*p*(v - EK) - gT*sinf**2*u*(v - ECa))/Cm : volt
dm/dt = (-0.32*(y - 13)/(exp(-(y - 13)/4) - 1)*(1 - m) - 0.28*(y - 40)/(exp((y - 40)/5) - 1)*m)/ms : 1
dh/dt = (0.128*exp(-(y - 17)/18)*(1 - h) - 4/(1 + exp(-(y - 40)/5))*h)/ms : 1
dn/dt = (-0.032*(y - 15)/(exp(-(y - 15)/5) - 1)*(1 - n) - 0.5*exp(-(y - 10)/40)*n)/ms : 1
dp/dt = (1/(1 + exp(-(x + 35)/10)) - p)/taup : 1
du/dt = (1/(1 + exp((x + Vx + 81)/4)) - u)/tauu : 1
x = v/mV : 1
y = (v - VT)/mV : 1
taup = taumax/(3.3*exp((x + 35)/20) + exp(-(x + 35)/20)) : second
sinf = 1/(1 + exp(-(x + Vx + 57)/6.2)) : 1
tauu = (30.8 + (211.4 + exp((x + Vx + 113.2)/5))/(1 + exp((x + Vx + 84)/3.2)))/3.7*ms : second
J : amp/meter**2
"""

IZHIKEVICH = """
dv/dt = (k*(v - vr)*(v - vt) - u + J)/C : volt
du/dt = a*(U - u) : amp
U = {U} : amp
J : amp
"""

PINSKY_RINZEL = """
dv/dt = (-gL*(v - EL) - gNa*minf**2*h*(v - ENa) - gKDR*n*(v - EK) + gc/p*(vd - v) + J/p)/Cm : volt
dvd/dt = (-gL*(vd - EL) - ICa - gKAHP*q*(vd - EK) - gKC*c*chi*(vd - EK) + gc/(1 - p)*(v - vd))/Cm : volt
dh/dt = (0.128*exp((17 - x)/18)*(1 - h) - 4/(1 + exp((40 - x)/5))*h)/ms : 1
dn/dt = (0.016*(35.1 - x)/(exp((35.1 - x)/5) - 1)*(1 - n) - 0.25*exp(0.5 - 0.025*x)*n)/ms : 1
ds/dt = (1.6/(1 + exp(-0.072*(y - 65)))*(1 - s) - 0.02*(y - 51.1)/(exp((y - 51.1)/5) - 1)*s)/ms : 1
dc/dt = (ac*(1 - c) - bc*c)/ms : 1
dq/dt = (clip(0.00002*Ca, 0, 0.01)*(1 - q) - 0.001*q)/ms : 1
dCa/dt = (-0.13*ICa/(uA/cm**2) - 0.075*Ca)/ms : 1
x = v/mV + 60 : 1
y = vd/mV + 60 : 1
am = 0.32*(13.1 - x)/(exp((13.1 - x)/4) - 1) : 1
bm = 0.28*(x - 40.1)/(exp((x - 40.1)/5) - 1) : 1
minf = am/(am + bm) : 1
ICa = gCa*s*s*(vd - ECa) : amp/meter**2
chi = clip(Ca/250, 0, 1) : 1
low = int(y <= 50) : 1
ac = low*exp((y - 10)/11 - (y - 6.5)/27)/18.975 + (1 - low)*2*exp((6.5 - y)/27) : 1
bc = low*(2*exp((6.5 - y)/27) - ac) : 1
J : amp/meter**2
"""

HILL_TONONI = """
dv/dt = (J - gNaL*(v - ENa) - gKL*(v - EK) - INaP - IDK - IT - Ih)/taum - spiking*(v - EK)/tauspike : volt
dtheta/dt = -(theta - thetaeq)/tautheta : volt
dD/dt = 0.025/ms/(1 + exp(-(x + 10)/5)) - (D - 0.001)/(1250*ms) : 1
dmT/dt = (1/(1 + exp(-(x + 59)/6.2)) - mT)/(0.13*ms + 0.22*ms/(exp(-(x + 132)/16.7) + exp((x + 16.8)/18.2))) : 1
dhT/dt = (1/(1 + exp((x + 83)/4)) - hT)/tauh : 1
dmh/dt = (1/(1 + exp((x + 75)/5.5)) - mh)*(exp(-14.59 - 0.086*x) + exp(-1.87 + 0.0701*x))/ms : 1
x = v/mV : 1
tauh = 8.2*ms + (56.6*ms + 0.27*ms*exp((x + 115.2)/5))/(1 + exp((x + 86)/3.2)) : second
INaP = gNaP*(1/(1 + exp(-(x + 55.7)/7.7)))**3*(v - 30*mV) : volt
IDK = gDK/(1 + (0.25/D)**3.5)*(v - EK) : volt
IT = gT*mT**2*hT*v : volt
Ih = gh*mh*(v + 40*mV) : volt
spiking = int(not not_refractory) : 1
J : volt
"""

area = cm**2
mS = msiemens / area


def run(equations, threshold, reset, currents, unit, duration, names, start, refractory=None):
    """Spike times in ms of one neuron for each current, interpolated where nothing is reset."""
    refractory = refractory or (False if reset else threshold)
    group = NeuronGroup(
        len(currents), equations, threshold=threshold, reset=reset, refractory=refractory, method="rk4", dt=DT, namespace=names
    )
    group.J = currents * unit
    for name, value in start.items():
        setattr(group, name, value)
    level = names["level"]
    spikes = SpikeMonitor(group)
    trace = StateMonitor(group, "v", record=True, dt=DT, when="start")
    Network(group, spikes, trace).run(duration * ms)
    step = float(DT / ms)
    found = []
    for i in range(len(currents)):
        times = []
        for t in spikes.spike_trains()[i] / ms:
            # the spike is noted at the start of the step whose end is beyond
            k = int(round(float(t) / step))
            if reset:
                times.append(round(float(t) + step, 4))
                continue
            v = trace.v[i] / mV
            times.append(round((k + (level - v[k]) / (v[k + 1] - v[k])) * step, 4))
        found.append({"current": float(currents[i]), "times": times})
    return found


def connor_stevens(gA, EL):
    def start(v):
        am = 0.38 * (v + 29.7) / (1 - brian2.exp(-0.1 * (v + 29.7)))
        bm = 15.2 * brian2.exp(-0.0556 * (v + 54.7))
        ah, bh = 0.266 * brian2.exp(-0.05 * (v + 48)), 3.8 / (1 + brian2.exp(-0.1 * (v + 18)))
        an = 0.02 * (v + 45.7) / (1 - brian2.exp(-0.1 * (v + 45.7)))
        bn = 0.25 * brian2.exp(-0.0125 * (v + 55.7))
        a = (0.0761 * brian2.exp(0.0314 * (v + 94.22)) / (1 + brian2.exp(0.0346 * (v + 1.17)))) ** (1 / 3)
        b = 1 / (1 + brian2.exp(0.0688 * (v + 53.3))) ** 4
        return {"v": v * mV, "m": am / (am + bm), "h": ah / (ah + bh), "n": an / (an + bn), "a": a, "b": b}

    names = {
        "Cm": 1 * ufarad / area, "gL": 0.3 * mS, "gNa": 120 * mS, "gK": 20 * mS, "gA": gA * mS, "EL": EL * mV,
        "ENa": 55 * mV, "EK": -72 * mV, "EA": -75 * mV, "level": 0.0,
    }
    currents = brian2.array([9.0, 12.0, 20.0])
    return run(CONNOR_STEVENS, "v > 0*mV", None, currents, uA / area, 200, names, start(-68.0))


def pospischil(gL, gNa, gKd, gM, gT, EL, VT, taumax, Vx, currents):
    v = EL
    y = v - VT
    am, bm = -0.32 * (y - 13) / (brian2.exp(-(y - 13) / 4) - 1), 0.28 * (y - 40) / (brian2.exp((y - 40) / 5) - 1)
    ah, bh = 0.128 * brian2.exp(-(y - 17) / 18), 4 / (1 + brian2.exp(-(y - 40) / 5))
    an, bn = -0.032 * (y - 15) / (brian2.exp(-(y - 15) / 5) - 1), 0.5 * brian2.exp(-(y - 10) / 40)
    start = {
        "v": v * mV, "m": am / (am + bm), "h": ah / (ah + bh), "n": an / (an + bn),
        "p": 1 / (1 + brian2.exp(-(v + 35) / 10)), "u": 1 / (1 + brian2.exp((v + Vx + 81) / 4)),
    }
    names = {
        "Cm": 1 * ufarad / area, "gL": gL * mS, "gNa": gNa * mS, "gKd": gKd * mS, "gM": gM * mS, "gT": gT * mS,
        "EL": EL * mV, "ENa": 50 * mV, "EK": -90 * mV, "ECa": 120 * mV, "VT": VT * mV, "taumax": taumax * ms, "Vx": Vx,
        "level": -10.0,
    }
    return run(POSPISCHIL, "v > -10*mV", None, brian2.array(currents), uA / area, 200, names, start)


def izhikevich(C, k, vr, vt, a, U, threshold, reset, currents, **more):
    names = {
        "C": C * pF, "k": k * nS / mV, "vr": vr * mV, "vt": vt * mV, "a": a / ms, "level": 0.0, **more,
    }
    start = {"v": vr * mV, "u": 0 * pA}
    return run(IZHIKEVICH.format(U=U), threshold, reset, brian2.array(currents), pA, 300, names, start)


def pinsky_rinzel():
    names = {
        "Cm": 3 * ufarad / area, "p": 0.5, "gc": 2.1 * mS, "gL": 0.1 * mS, "gNa": 30 * mS, "gKDR": 15 * mS,
        "gCa": 10 * mS, "gKAHP": 0.8 * mS, "gKC": 15 * mS, "EL": -60 * mV, "ENa": 60 * mV, "EK": -75 * mV,
        "ECa": 80 * mV, "level": -20.0,
    }
    start = {"v": -64.6 * mV, "vd": -64.5 * mV, "h": 0.999, "n": 0.001, "s": 0.009, "c": 0.007, "q": 0.01, "Ca": 0.2}
    currents = brian2.array([0.75, 1.5, 2.5])
    return run(PINSKY_RINZEL, "v > -20*mV", None, currents, uA / area, 600, names, start)


def hill_tononi(taum, thetaeq, tautheta, tauspike, tspike, gNaP, gDK, gT, gh):
    names = {
        "taum": taum * ms, "thetaeq": thetaeq * mV, "tautheta": tautheta * ms, "tauspike": tauspike * ms, "gNaL": 0.2,
        "gKL": 1.0, "gNaP": gNaP, "gDK": gDK, "gT": gT, "gh": gh, "ENa": 30 * mV, "EK": -90 * mV, "level": 0.0,
    }
    x = -70.0
    start = {
        "v": x * mV, "theta": thetaeq * mV, "D": 0.001 + 1250 * 0.025 / (1 + brian2.exp(-(x + 10) / 5)),
        "mT": 1 / (1 + brian2.exp(-(x + 59) / 6.2)), "hT": 1 / (1 + brian2.exp((x + 83) / 4)),
        "mh": 1 / (1 + brian2.exp((x + 75) / 5.5)),
    }
    reset = "v = ENa; theta = ENa"
    currents = brian2.array([20.0, 30.0])
    # Brian2 counts the step of the spike among those that are refractory
    return run(HILL_TONONI, "v >= theta", reset, currents, mV, 200, names, start, refractory=tspike * ms + DT)


def line(b, at):
    return f"{b}*nS*(v - {at}*mV)".replace("- -", "+ ")


result = {
    "made": f"Brian2 {brian2.__version__}, rk4, dt 0.005 ms",
    "connorStevens": connor_stevens(47.7, -17.0),
    "connorStevens withoutA": connor_stevens(0.0, -72.8),
    "pospischil RS": pospischil(0.0205, 56.0, 6.0, 0.075, 0.0, -70.3, -56.2, 608.0, 2.0, [1.0, 5.0, 8.44]),
    "pospischil FS": pospischil(0.038, 58.0, 3.9, 0.0787, 0.0, -70.4, -57.9, 502.0, 2.0, [1.5, 5.0, 8.44]),
    "pospischil LTS": pospischil(0.019, 50.0, 4.0, 0.028, 0.4, -50.0, -50.0, 4000.0, -7.0, [0.5, 2.0, 5.0]),
    "pinskyRinzel": pinsky_rinzel(),
    "hillTononi corticalExcitatory": hill_tononi(16, -51, 2, 1.75, 2, 0.5, 0.5, 0, 0),
    "hillTononi thalamic": hill_tononi(8, -53, 0.75, 0.75, 1, 0.5, 0, 1, 1),
    "izhikevich2007 RS": izhikevich(
        100, 0.7, -60, -40, 0.03, line(-2, -60), "v >= 35*mV", "v = -50*mV; u += 100*pA", [70, 85, 100]
    ),
    "izhikevich2007 IB": izhikevich(
        150, 1.2, -75, -45, 0.01, line(5, -75), "v >= 50*mV", "v = -56*mV; u += 130*pA", [370, 500, 550]
    ),
    "izhikevich2007 CH": izhikevich(
        50, 1.5, -60, -40, 0.03, line(1, -60), "v >= 25*mV", "v = -40*mV; u += 150*pA", [200, 300, 400]
    ),
    "izhikevich2007 LTS": izhikevich(
        100, 1.0, -56, -42, 0.03, line(8, -56), "v >= 40*mV - 0.1*mV/pA*u",
        "v = -53*mV + 0.04*mV/pA*u; u = clip(u + 20*pA, -1e9*pA, 670*pA)", [125, 200, 300],
    ),
    "izhikevich2007 FS": izhikevich(
        20, 1.0, -55, -40, 0.2, "0.025*nS/mV**2*int(v > -55*mV)*(v + 55*mV)**3", "v >= 25*mV", "v = -45*mV",
        [100, 200, 400],
    ),
    "izhikevich2007 TC": izhikevich(
        200, 1.6, -60, -50, 0.01, "15*nS*int(v <= -65*mV)*(v + 65*mV)", "v >= 35*mV + 0.1*mV/pA*u",
        "v = -60*mV - 0.1*mV/pA*u; u += 10*pA", [50, 100, 150],
    ),
    "izhikevich2007 RTN": izhikevich(
        40, 0.25, -65, -45, 0.015, "(10*int(v <= -65*mV) + 2*int(v > -65*mV))*nS*(v + 65*mV)", "v >= 0*mV",
        "v = -55*mV; u += 50*pA", [50, 70, 90],
    ),
}
lines = [f'  {json.dumps(key)}: {json.dumps(value)}' for key, value in result.items()]
print("{\n" + ",\n".join(lines) + "\n}")
