/** Models to begin with, as texts to change. */
import type { Draft } from "./draft.js";

export interface Start {
  readonly title: string;
  /** What it is, and what to try. */
  readonly text: string;
  readonly draft: Draft;
  /** Background of the neuron in the middle, and how far that of the first and the last lies from it. */
  readonly current: number;
  readonly spread: number;
  /** ms */
  readonly dt: number;
}

const rows = (texts: Readonly<Record<string, string>>): Draft["params"] =>
  Object.entries(texts).map(([name, value]) => ({ name, value }));

const NOTHING = { threshold: "", reset: "", refractory: "" };

export const STARTS: readonly [Start, ...Start[]] = [
  {
    title: "Leaky integrate-and-fire",
    text:
      "A leak pulls v to E_L, the current pushes it away, and a rule ends what the equation cannot: at V_th a spike is " +
      "counted and v is put back. Try: add a state w that each spike raises, with dw/dt = -w/tau_w : pA, w += b " +
      "in the reset, and - w beside I.",
    draft: {
      name: "leaky",
      current: "pA",
      equations: "dv/dt = (g_L*(E_L - v) + I)/C_m : mV",
      threshold: "v >= V_th",
      reset: "v = V_reset",
      refractory: "t_ref",
      params: rows({
        C_m: "200 pF",
        g_L: "10 nS",
        E_L: "-70 mV",
        V_th: "-50 mV",
        V_reset: "-60 mV",
        t_ref: "2 ms",
      }),
      init: rows({ v: "E_L" }),
    },
    current: 260,
    spread: 150,
    dt: 0.1,
  },
  {
    title: "Quadratic",
    text:
      "Between V_r and V_t the current pulls v back, above V_t it drives it away, ever faster: the spike takes off by " +
      "itself. Try: move V_t down and see which neurons of the raster begin to fire.",
    draft: {
      name: "quadratic",
      current: "pA",
      equations: "dv/dt = (k*(v - V_r)*(v - V_t) + I)/C_m : mV",
      threshold: "v >= V_peak",
      reset: "v = V_reset",
      refractory: "",
      params: rows({
        C_m: "100 pF",
        k: "0.7 nS/mV",
        V_r: "-60 mV",
        V_t: "-40 mV",
        V_peak: "30 mV",
        V_reset: "-50 mV",
      }),
      init: rows({ v: "V_r" }),
    },
    current: 100,
    spread: 80,
    dt: 0.1,
  },
  {
    title: "Izhikevich",
    text:
      "The quadratic neuron with a recovery u. With c = -50 mV and d = 2 mV/ms it chatters in bursts, with " +
      "a = 0.1 1/ms and d = 2 mV/ms it fires fast.",
    draft: {
      name: "izhikevich2003",
      current: "mV/ms",
      equations: [
        "dv/dt = 0.04*v**2/(ms*mV) + 5*v/ms + 140*mV/ms - u + I : mV   # membrane",
        "du/dt = a*(b*v - u) : mV/ms                                   # recovery",
      ].join("\n"),
      threshold: "v >= 30*mV",
      reset: "v = c\nu += d",
      refractory: "",
      params: rows({ a: "0.02 1/ms", b: "0.2 1/ms", c: "-65 mV", d: "8 mV/ms" }),
      init: rows({ v: "-70 mV", u: "b*v" }),
    },
    current: 10,
    spread: 8,
    dt: 0.1,
  },
  {
    title: "Adaptive exponential (AdEx)",
    text:
      "An exponential makes the spike take off near V_T; w follows v (a) and grows with each spike (b). Try: b = 0, then " +
      "V_reset = -47 mV with b = 80 pA.",
    draft: {
      name: "adaptive",
      current: "pA",
      equations: [
        "dv/dt = (g_L*(E_L - v_c) + g_L*Delta_T*exp((v_c - V_T)/Delta_T) - w + I)/C_m : mV",
        "dw/dt = (a*(v_c - E_L) - w)/tau_w : pA",
        "v_c = min(v, V_peak) : mV   # v as the right-hand sides see it",
      ].join("\n"),
      threshold: "v >= V_peak",
      reset: "v = V_reset\nw += b",
      refractory: "",
      params: rows({
        C_m: "281 pF",
        g_L: "30 nS",
        E_L: "-70.6 mV",
        V_T: "-50.4 mV",
        Delta_T: "2 mV",
        V_peak: "20 mV",
        V_reset: "-70.6 mV",
        a: "4 nS",
        b: "80.5 pA",
        tau_w: "144 ms",
      }),
      init: rows({ v: "E_L", w: "0 pA" }),
    },
    current: 800,
    spread: 300,
    dt: 0.05,
  },
  {
    title: "FitzHugh-Nagumo",
    text:
      "The geometry of an action potential in two equations without units: no reset, v comes back by itself. Too much " +
      "current silences it: look for the neurons at the top of the raster.",
    draft: {
      ...NOTHING,
      name: "fitzhughNagumoText",
      current: "1",
      equations: "dv/dt = (v - v**3/3 - w + I)/ms : 1\ndw/dt = (v + a - b*w)/tau : 1",
      threshold: "v > 0",
      refractory: "v > -0.2",
      params: rows({ a: "0.7", b: "0.8", tau: "12.5 ms" }),
      init: rows({ v: "-1.2", w: "-0.6" }),
    },
    current: 0.8,
    spread: 0.8,
    dt: 0.1,
  },
  {
    title: "Morris-Lecar",
    text:
      "Calcium makes the upstroke at once, potassium (w) follows and ends it. With V_3 = 12 mV, V_4 = 17.4 mV, g_Ca = " +
      "4 mS/cm2 and phi = 0.067 1/ms it can fire as slowly as one likes.",
    draft: {
      ...NOTHING,
      name: "morrisLecarText",
      current: "uA/cm2",
      equations: [
        "dv/dt = (I - g_L*(v - E_L) - g_Ca*m_inf*(v - E_Ca) - g_K*w*(v - E_K))/C_m : mV",
        "dw/dt = phi*cosh((v - V_3)/(2*V_4))*(w_inf - w) : 1",
        "m_inf = (1 + tanh((v - V_1)/V_2))/2 : 1",
        "w_inf = (1 + tanh((v - V_3)/V_4))/2 : 1",
      ].join("\n"),
      threshold: "v > 0*mV",
      refractory: "v > -5*mV",
      params: rows({
        C_m: "20 uF/cm2",
        g_Ca: "4.4 mS/cm2",
        g_K: "8 mS/cm2",
        g_L: "2 mS/cm2",
        E_Ca: "120 mV",
        E_K: "-84 mV",
        E_L: "-60 mV",
        V_1: "-1.2 mV",
        V_2: "18 mV",
        V_3: "2 mV",
        V_4: "30 mV",
        phi: "0.04 1/ms",
      }),
      init: rows({ v: "-60 mV", w: "w_inf" }),
    },
    current: 100,
    spread: 60,
    dt: 0.1,
  },
  {
    title: "Hindmarsh-Rose",
    text:
      "Three equations that burst: y ends each spike, the slow z ends the burst. Try: r = 0.005 for shorter bursts, and " +
      "look along the raster for where bursts become single spikes.",
    draft: {
      ...NOTHING,
      name: "hindmarshRose",
      current: "1",
      equations: [
        "dv/dt = (y - a*v**3 + b*v**2 - z + I)/ms : 1    # membrane",
        "dy/dt = (c - d*v**2 - y)/ms : 1                 # recovery",
        "dz/dt = r*(s*(v - v_R) - z)/ms : 1              # slow adaptation",
      ].join("\n"),
      threshold: "v > 1",
      refractory: "v > 0.5",
      params: rows({ a: "1", b: "3", c: "1", d: "5", r: "0.001", s: "4", v_R: "-1.6" }),
      init: rows({ v: "v_R", y: "c - d*v**2", z: "0" }),
    },
    current: 2,
    spread: 1.5,
    dt: 0.05,
  },
  {
    title: "Wang-Buzsáki",
    text:
      "A fast-spiking interneuron with the gates of Hodgkin and Huxley: rates alpha and beta for each gate. Try: phi = 2, " +
      "slower gates, broader spikes.",
    draft: {
      ...NOTHING,
      name: "wangBuzsaki",
      current: "uA/cm2",
      equations: [
        "dv/dt = (I - g_Na*m_inf**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_L*(v - E_L))/C_m : mV",
        "dh/dt = phi*(alpha_h*(1 - h) - beta_h*h) : 1",
        "dn/dt = phi*(alpha_n*(1 - n) - beta_n*n) : 1",
        "m_inf = alpha_m/(alpha_m + beta_m) : 1",
        "alpha_m = 1/exprel(-(v + 35*mV)/(10*mV))/ms : 1/ms",
        "beta_m = 4*exp(-(v + 60*mV)/(18*mV))/ms : 1/ms",
        "alpha_h = 0.07*exp(-(v + 58*mV)/(20*mV))/ms : 1/ms",
        "beta_h = 1/(exp(-(v + 28*mV)/(10*mV)) + 1)/ms : 1/ms",
        "alpha_n = 0.1/exprel(-(v + 34*mV)/(10*mV))/ms : 1/ms",
        "beta_n = 0.125*exp(-(v + 44*mV)/(80*mV))/ms : 1/ms",
      ].join("\n"),
      threshold: "v > 0*mV",
      refractory: "v > -10*mV",
      params: rows({
        C_m: "1 uF/cm2",
        g_Na: "35 mS/cm2",
        g_K: "9 mS/cm2",
        g_L: "0.1 mS/cm2",
        E_Na: "55 mV",
        E_K: "-90 mV",
        E_L: "-65 mV",
        phi: "5",
      }),
      init: rows({ v: "-64 mV", h: "alpha_h/(alpha_h + beta_h)", n: "alpha_n/(alpha_n + beta_n)" }),
    },
    current: 0.6,
    spread: 0.6,
    dt: 0.05,
  },
];
