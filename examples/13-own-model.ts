/**
 * A model of one's own as text: the fast-spiking interneuron of Wang and Buzsaki (1996), and the gamma rhythm that a
 * network of it makes by inhibition alone.
 *
 * The equations are those of the paper (J Neurosci 16:6402-6413, doi:10.1523/JNEUROSCI.16-20-06402.1996). Its network:
 * 100 cells, each with inhibitory synapses from 60 others on average, a drive of 1 uA/cm2; reversal potential
 * -75 mV, time constant 10 ms. Figure 5 of the paper has a coherent rhythm in the gamma range there.
 *
 *   npx tsx examples/13-own-model.ts
 */
import { background, defineModel, receptor, Simulation } from "spikelet";

const wangBuzsaki = defineModel({
  name: "wangBuzsaki",
  current: "uA/cm2",
  equations: `
    dv/dt = (I - g_Na*m_inf**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_L*(v - E_L))/C_m : mV
    dh/dt = phi*(alpha_h*(1 - h) - beta_h*h) : 1
    dn/dt = phi*(alpha_n*(1 - n) - beta_n*n) : 1
    m_inf = alpha_m/(alpha_m + beta_m) : 1
    alpha_m = 1/exprel(-(v + 35*mV)/(10*mV))/ms : 1/ms
    beta_m = 4*exp(-(v + 60*mV)/(18*mV))/ms : 1/ms
    alpha_h = 0.07*exp(-(v + 58*mV)/(20*mV))/ms : 1/ms
    beta_h = 1/(exp(-(v + 28*mV)/(10*mV)) + 1)/ms : 1/ms
    alpha_n = 0.1/exprel(-(v + 34*mV)/(10*mV))/ms : 1/ms
    beta_n = 0.125*exp(-(v + 44*mV)/(80*mV))/ms : 1/ms`,
  params: {
    C_m: "1 uF/cm2", g_Na: "35 mS/cm2", g_K: "9 mS/cm2", g_L: "0.1 mS/cm2",
    E_Na: "55 mV", E_K: "-90 mV", E_L: "-65 mV", phi: 5,
  },
  threshold: "v > 0*mV",
  refractory: "v > -10*mV",
  init: { v: "-70*mV + 20*mV*rand()", h: "alpha_h/(alpha_h + beta_h)", n: "alpha_n/(alpha_n + beta_n)" },
});

// One cell: its rate at some currents

const currents = [0.2, 0.5, 1, 2, 4];
const single = await Simulation.create({ dt: 0.01 });
const cells = single.population("cells", wangBuzsaki, currents.length, {
  method: "rk4",
  background: [background.constant(currents)],
});
const trains = single.record(cells, "spikes");
await single.run(1200);
console.log("I (uA/cm2)    rate (Hz)");
for (const [i, current] of currents.entries()) {
  const count = trains.of(i).filter((t) => t > 200).length;
  console.log(`${String(current).padStart(10)}    ${String(count).padStart(9)}`);
}

// The network, without and with inhibition: how far the spikes of all cells fall together

for (const conductance of [0, 0.1]) {
  const sim = await Simulation.create({ dt: 0.02, seed: 1 });
  const network = sim.population("network", wangBuzsaki, 100, {
    method: "rk4",
    receptors: { gaba: receptor.exponential({ tau: 10, E_rev: -75 }) },
    background: [background.constant(1)],
  });
  if (conductance > 0) {
    sim.connect(network, network, { rule: "fixedProbability", p: 0.6, weight: conductance / 60, delay: 0.5 });
  }
  const spikes = sim.record(network, "spikes");
  await sim.run(600);
  const late = spikes.times.filter((t) => t > 300);
  const perMs = new Float64Array(300);
  for (const t of late) {
    const ms = Math.min(299, Math.floor(t - 300));
    perMs[ms] = (perMs[ms] ?? 0) + 1;
  }
  const mean = late.length / perMs.length;
  const variance = perMs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / perMs.length;
  const rate = late.length / 100 / 0.3;
  console.log(
    `inhibition ${conductance} mS/cm2: ${rate.toFixed(1)} Hz per cell, ` +
      `variance over mean of the spikes per ms ${(variance / mean).toFixed(1)}`,
  );
}
