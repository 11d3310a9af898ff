/**
 * Rebound bursts of a thalamic relay cell: the one-compartment model of Destexhe, Bal, McCormick and Sejnowski (1996).
 *
 * Hyperpolarisation makes the calcium channels of the T current (Huguenard & McCormick 1992, J Neurophysiol
 * 68:1373-1383, doi:10.1152/jn.1992.68.4.1373) available again; when it ends they open, and the calcium spike carries
 * a burst of sodium spikes. The longer the hyperpolarisation, the more channels have recovered: 20 ms make no burst,
 * 200 ms make nine spikes, and without the T current there is none. The h current, which calcium regulates through a
 * binding protein, depolarises during long ones: the burst comes sooner.
 *
 * Equations and numbers are those of the paper (J Neurophysiol 76:2049-2070, doi:10.1152/jn.1996.76.3.2049) and of its
 * program in ModelDB (accession 3343): 36 degrees, an area of 29,000 um2, over which the conductance of 4 nS of the
 * potassium leak is taken; voltages of the T current are shifted by 2 mV.
 *
 * The bursts are compared with an integration that is not this project's: SciPy 1.17, `solve_ivp(method="DOP853")` with
 * rtol 1e-12, atol 1e-14, from the equations in the units of NEURON (mA/cm2, S/cm2), spikes as roots of v = 0.
 *
 * Prints a table and writes results/examples/16-thalamic-relay.svg.
 *
 *   npx tsx examples/16-thalamic-relay.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { background, defineModel, type PopulationTrace, Simulation, tracesFigure } from "spikelet";

const thalamicRelay = defineModel({
  name: "thalamicRelay",
  current: "uA/cm2",
  equations: `
    dv/dt = (I - g_L*(v - E_L) - g_KL*(v - E_K) - I_T - I_h - I_Na - I_K)/C_m : mV

    # low-threshold calcium; activation is instant
    I_T = g_T*m_T**2*h_T*(v - E_Ca) : uA/cm2
    m_T = 1/(1 + exp(-(v + 59*mV)/(6.2*mV))) : 1
    dh_T/dt = (h_T_inf - h_T)/tau_T : 1
    h_T_inf = 1/(1 + exp((v + 83*mV)/(4*mV))) : 1
    tau_T = (30.8 + (211.4 + exp((v + 115.2*mV)/(5*mV)))/(1 + exp((v + 86*mV)/(3.2*mV))))/q_T*ms : ms
    q_T = 3**((T - 24*degC)/(10*degC)) : 1 (constant)

    # calcium below the membrane, and the reversal potential that follows from it
    dCa/dt = max(0, -I_T/(2*F*depth)) + (Ca_inf - Ca)/tau_Ca : mM
    E_Ca = R*(T/degC + 273.15)*kelvin/(2*F)*log(Ca_out/Ca) : mV

    # h current: closed, open (O), and locked open (O_2) by a protein that has bound calcium (P)
    I_h = g_h*(O + 2*O_2)*(v - E_h) : uA/cm2
    dO/dt = (S_inf*(1 - O - O_2) - (1 - S_inf)*O)/tau_S - lock : 1
    dO_2/dt = lock : 1
    lock = k_4*(P/0.01*O - O_2) : 1/ms
    dP/dt = k_2*((Ca/(2*uM))**4*(1 - P) - P) : 1
    S_inf = 1/(1 + exp((v + 75*mV)/(5.5*mV))) : 1
    tau_S = (20 + 1000/(exp((v + 71.5*mV)/(14.2*mV)) + exp(-(v + 89*mV)/(11.6*mV))))*ms : ms

    # spikes: sodium and potassium of Traub and Miles
    I_Na = g_Na*m**3*h*(v - E_Na) : uA/cm2
    I_K = g_K*n**4*(v - E_K) : uA/cm2
    u = (v - V_T)/mV : 1
    dm/dt = (1.28/exprel((13 - u)/4)*(1 - m) - 1.4/exprel((u - 40)/5)*m)/ms : 1
    dh/dt = (0.128*exp((17 - u)/18)*(1 - h) - 4/(1 + exp((40 - u)/5))*h)/ms : 1
    dn/dt = (0.16/exprel((15 - u)/5)*(1 - n) - 0.5*exp((10 - u)/40)*n)/ms : 1`,
  params: {
    C_m: "1 uF/cm2", g_L: "0.01 mS/cm2", E_L: "-70 mV",
    g_KL: `${4 / 290} mS/cm2`, E_K: "-100 mV", // 4 nS over 29,000 um2
    g_T: "2 mS/cm2", T: "36 degC", F: "96489 C/mol", R: "8.3134 J/(mol*K)",
    depth: "1 um", Ca_inf: "0.24 uM", Ca_out: "2 mM", tau_Ca: "5 ms",
    g_h: "0.02 mS/cm2", E_h: "-40 mV", k_2: "0.4 Hz", k_4: "1 Hz",
    g_Na: "90 mS/cm2", E_Na: "50 mV", g_K: "10 mS/cm2", V_T: "-25 mV",
  },
  threshold: "v > 0*mV",
  refractory: "v > -10*mV",
  init: { v: "-62 mV", h_T: "h_T_inf", Ca: "Ca_inf", O: "S_inf", m: 0, h: 1, n: 0 },
});

/** How long the hyperpolarisation lasts in ms; by DOP853: spikes of the burst, and the first one's delay in ms. */
const reference = [
  [20, 0, undefined],
  [50, 4, 40.322177],
  [100, 7, 37.286683],
  [200, 9, 26.117544],
  [400, 8, 13.934547],
] as const;

const from = 1000;
const widths = [...reference.map(([width]) => width), 200];
const sim = await Simulation.create({ dt: 0.02 });
const cells = sim.population("cells", thalamicRelay, widths.length, {
  method: "rk4",
  params: { g_T: [...reference.map(() => 2), 0] }, // the last has no T current
  background: [
    background.constant(0.3),
    ...widths.map((width, n) => background.constant(-0.6, { neurons: [n], start: from, stop: from + width })),
  ],
});
const spikes = sim.record(cells, "spikes", { interpolate: true });
const v = sim.record(cells, "v", { from: 900, every: 0.1 });
await sim.run(1700);

console.log("at -0.3 uA/cm2 for   spikes   first after   by DOP853");
for (const [i, [width, count, latency]] of reference.entries()) {
  const times = Array.from(spikes.of(i)).filter((t) => t < from + width + 300);
  const first = times[0] === undefined ? undefined : times[0] - from - width;
  if (times.length !== count || Math.abs((first ?? 0) - (latency ?? 0)) > 0.005) {
    throw new Error(`after ${width} ms: ${times.length} spikes, the first at ${first} ms: not those of the reference`);
  }
  const show = (time: number | undefined): string => (time === undefined ? "" : `${time.toFixed(3)} ms`);
  const row = [`${width} ms`.padStart(18), String(count).padStart(8)];
  console.log([...row, show(first).padStart(13), show(latency).padStart(11)].join(" ").trimEnd());
}
if (spikes.of(reference.length).length > 0) throw new Error("a burst without the T current");
console.log("without the T current: no spike");

// A panel for each, named by how long its hyperpolarisation lasts.
const traces = widths.map((width, n): PopulationTrace => ({
  population: n < reference.length ? "cell" : "no T current",
  variable: `${width} ms`,
  unit: v.unit,
  neurons: Uint32Array.of(n),
  time: v.time,
  values: () => v.values(n),
}));
const folder = new URL("../results/examples/", import.meta.url);
mkdirSync(folder, { recursive: true });
const figure = tracesFigure({
  title: "Thalamic relay cell: hyperpolarisation, and the burst after it",
  traces,
  panels: "trace",
  start: 900,
  duration: 800,
});
writeFileSync(new URL("16-thalamic-relay.svg", folder), figure);
console.log("wrote results/examples/16-thalamic-relay.svg");
