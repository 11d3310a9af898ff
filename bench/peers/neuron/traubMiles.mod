TITLE Membrane currents of docs/models/traubMiles.md, phi 1

NEURON {
    SUFFIX traubMiles
    NONSPECIFIC_CURRENT i
    RANGE g_Na, g_K, g_L
    GLOBAL E_Na, E_K, E_L, V_T
    GLOBAL mInf, mTau, hInf, hTau, nInf, nTau
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    g_Na = 0.1 (S/cm2)
    g_K = 0.03 (S/cm2)
    g_L = 5e-5 (S/cm2)
    E_Na = 50 (mV)
    E_K = -90 (mV)
    E_L = -60 (mV)
    V_T = -63 (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    mInf
    hInf
    nInf
    mTau (ms)
    hTau (ms)
    nTau (ms)
}

STATE { m h n }

INITIAL {
    rates(v)
    m = mInf
    h = hInf
    n = nInf
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    : products, since m^3 becomes a call of pow
    i = g_Na*m*m*m*h*(v - E_Na) + g_K*n*n*n*n*(v - E_K) + g_L*(v - E_L)
}

DERIVATIVE gates {
    rates(v)
    m' = (mInf - m)/mTau
    h' = (hInf - h)/hTau
    n' = (nInf - n)/nTau
}

PROCEDURE rates(v (mV)) {
    LOCAL u, alpha, beta
    TABLE mInf, mTau, hInf, hTau, nInf, nTau DEPEND V_T FROM -120 TO 80 WITH 2000
UNITSOFF
    u = v - V_T
    alpha = 1.28/exprel((13 - u)/4)
    beta = 1.4/exprel((u - 40)/5)
    mTau = 1/(alpha + beta)
    mInf = alpha*mTau
    alpha = 0.128*exp((17 - u)/18)
    beta = 4/(1 + exp((40 - u)/5))
    hTau = 1/(alpha + beta)
    hInf = alpha*hTau
    alpha = 0.16/exprel((15 - u)/5)
    beta = 0.5*exp((10 - u)/40)
    nTau = 1/(alpha + beta)
    nInf = alpha*nTau
UNITSON
}

FUNCTION exprel(x) {
    if (fabs(x) < 1e-5) {
        exprel = 1 + x/2
    } else {
        exprel = (exp(x) - 1)/x
    }
}
