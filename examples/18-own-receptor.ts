/**
 * Receptors as text. Three kernels that are equations of one's own:
 *
 * - NMDA, as it is built in: the same spikes, which shows what a kernel means.
 * - A conductance that saturates: spikes open what is still closed, so that a train does not add up without bounds.
 * - GABA_B of Destexhe et al. (J. Neurophysiol. 76:2049, 1996): a receptor r sets G proteins s free, four of which open
 *   a potassium channel. Single spikes do next to nothing, bursts do.
 *
 * What follows from the equations alone is checked: the map of the saturating receptor from spike to spike, and when
 * GABA_B peaks.
 *
 *   npx tsx examples/18-own-receptor.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import {
  background,
  defineReceptorKernel,
  lif,
  poisson,
  receptor,
  type ReceptorInput,
  Simulation,
  spikeTrain,
  tracesFigure,
} from "spikelet";

// 1. NMDA: dualExponential times the magnesium block. y starts with what makes x peak at the weight.

const rise = 2;
const decay = 100;
const peakTime = ((rise * decay) / (decay - rise)) * Math.log(decay / rise);
const nmda = defineReceptorKernel({
  name: "nmdaOwn",
  weight: "nS",
  params: {
    tau_rise: `${rise} ms`,
    tau_decay: `${decay} ms`,
    peak: (Math.exp(-peakTime / decay) - Math.exp(-peakTime / rise)) / (1 / rise - 1 / decay),
    Mg: 1,
    E_rev: "0 mV",
  },
  equations: [
    "dx/dt = -x/tau_decay + y : nS",
    "dy/dt = -y/tau_rise : nS/ms",
    "B = 1/(1 + Mg/3.57*exp(-0.062*v/mV)) : 1",
  ],
  onSpike: "y += w/(peak*ms)",
  output: "x*B*(E_rev - v)",
});

async function spikesWith(name: string, kernel: ReceptorInput): Promise<string> {
  const sim = await Simulation.create({ dt: 0.1, seed: 7 });
  const inputs = sim.population("inputs", poisson, 100, { params: { rate: 20 } });
  const cells = sim.population("cells", lif, 200, {
    background: [background.constant(365)],
    receptors: { slow: kernel },
  });
  sim.connect(inputs, cells, { rule: "fixedIndegree", k: 20, weight: 0.1, delay: { uniform: [1, 3] } });
  const spikes = sim.record(cells, "spikes");
  await sim.run(500);
  console.log(`NMDA, ${name.padEnd(8)}: ${spikes.times.length} spikes`);
  return `${spikes.times.join()} ${spikes.neurons.join()}`;
}

const same = (await spikesWith("built in", receptor.nmda())) === (await spikesWith("as text", nmda()));
if (!same) throw new Error("the spikes are not the same");

// 2. A receptor that saturates: s <- s + a (1 - s) at each spike, exp(-t/tau) between them.

const saturating = defineReceptorKernel({
  name: "saturating",
  params: { tau: "100 ms", a: 0.5, g_max: "2 nS", E_rev: "0 mV" },
  equations: "ds/dt = -s/tau : 1",
  onSpike: "s += a*(1 - s)",
  output: "g_max*s*(E_rev - v)",
});

// 3. GABA_B: what a pulse of transmitter binds, then two steps and a fourth power.

const gabaB = defineReceptorKernel({
  name: "gabaB",
  references: ["Destexhe A, Bal T, McCormick DA, Sejnowski TJ (1996). J Neurophysiol 76:2049"],
  params: {
    K1: "0.52 1/(mM*ms)", K2: "0.0013 1/ms", K3: "0.098 uM/ms", K4: "0.033 1/ms", K_d: "100 uM**4",
    T: "0.5 mM", pulse: "0.3 ms", g_max: "1 nS", E_K: "-95 mV",
  },
  equations: ["dr/dt = -K2*r : 1", "ds/dt = K3*r - K4*s : uM"],
  onSpike: "r += (1 - r)*(1 - exp(-K1*T*pulse))",
  output: "g_max*s**4/(s**4 + K_d)*(E_K - v)",
});

const counts = [1, 2, 5, 10, 20];
const sim = await Simulation.create({ dt: 0.1 });
const traces = counts.map((count) => {
  const times = Array.from({ length: count }, (_, k) => 10 + 5 * k);
  const train = sim.population(`${count} spikes`, spikeTrain, 1, { params: { times, neurons: times.map(() => 0) } });
  const cell = sim.population(`onto ${count}`, lif, 1, { receptors: { fast: saturating(), slow: gabaB() } });
  for (const name of ["fast", "slow"] as const)
    sim.connect(train, cell, { rule: "oneToOne", receptor: name, weight: 1, delay: 1 });
  return { count, g: sim.record(cell, "g_slow"), s: sim.record(cell, "s_fast") };
});
await sim.run(600);

console.log("\nspikes at 200 Hz    saturating, largest s    GABA_B, largest g (pS)    at (ms)");
for (const { count, g, s } of traces) {
  const values = g.values(0);
  const largest = Math.max(...values);
  const at = (g.time[values.indexOf(largest)] as number) - 11;
  let state = 0;
  for (let k = 0; k < count; k++) {
    const before = k === 0 ? 0 : state * Math.exp(-5 / 100);
    state = before + 0.5 * (1 - before);
  }
  const most = Math.max(...s.values(0));
  if (Math.abs(most - state) > 1e-12) throw new Error("the saturating receptor leaves its map");
  const row = [String(count).padStart(16), most.toFixed(4).padStart(25), (1000 * largest).toPrecision(3).padStart(26)];
  console.log(`${row.join("")}${at.toFixed(1).padStart(11)}`);
  // r decays by K2 and s by K4: after one spike s is largest at ln(K4/K2)/(K4 - K2).
  if (count === 1 && Math.abs(at - Math.log(0.033 / 0.0013) / (0.033 - 0.0013)) > 0.1) throw new Error("a wrong peak");
}

const folder = new URL("../results/examples/", import.meta.url);
mkdirSync(folder, { recursive: true });
const panels = traces.map(({ count, g }) => ({
  population: `${count} ${count === 1 ? "spike" : "spikes"}`,
  variable: "g (nS)",
  unit: "",
  neurons: g.neurons,
  time: g.time,
  values: (position: number) => g.values(position),
}));
const title = "GABA_B after spikes at 200 Hz";
writeFileSync(
  new URL("18-own-receptor.svg", folder),
  tracesFigure({ title, traces: panels, duration: 600, panelHeight: 110 }),
);
console.log("\nwrote results/examples/18-own-receptor.svg");
