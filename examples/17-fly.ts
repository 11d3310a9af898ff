/**
 * The neurons of a whole-brain model of the fly, as text: leaky integrate-and-fire cells whose synapses act on a state
 * g of their own, in a graph of signed synapse counts. Shiu et al. 2024, "A Drosophila computational brain model
 * reveals sensorimotor processing", Nature 634:210-219, doi:10.1038/s41586-024-07763-9; constants from its Methods.
 *
 * The paper's graph is the connectome, 127,400 neurons; here it is a small one with the same rules: sugar neurons that
 * Poisson input makes fire, two layers behind them with inhibition in between, and two motor neurons. Two numbers
 * follow from the equations alone, and the run is checked against them: the time course of a postsynaptic potential,
 * and how many synapses two neurons must share for one spike to cause the next. (The paper's simulator, Brian2, holds a
 * neuron for one step of dt less: docs/other-simulators.md.)
 *
 *   npx tsx examples/17-fly.ts
 */
import { background, defineModel, receptor, Simulation, spikeTrain } from "spikelet";

const fly = defineModel({
  name: "fly",
  equations: [
    "dv/dt = (v_0 - v + g)/t_mbr : mV (unless refractory)",
    "dg/dt = -g/tau : mV (unless refractory)",
  ],
  params: {
    v_0: "-52 mV", v_rst: "-52 mV", v_th: "-45 mV",
    t_mbr: "20 ms", tau: "5 ms",
    t_rfc: { default: "2.2 ms", range: ">= 0" },
  },
  threshold: "v > v_th",
  reset: ["v = v_rst", "g = 0*mV"],
  refractory: "t_rfc",
  init: { v: "v_0", g: 0 },
  references: ["Shiu et al. (2024) Nature 634:210-219, doi:10.1038/s41586-024-07763-9"],
});

/** Weight of one synapse in mV, and the delay in ms. */
const w_syn = 0.275;
const t_dly = 1.8;
const receptors = { synapses: receptor.delta({ state: "g" }), stimulus: receptor.delta() };

// 1. One spike through n synapses: v - v_0 = n w_syn tau/(t_mbr - tau) (exp(-t/t_mbr) - exp(-t/tau))

const counts = Array.from({ length: 200 }, (_, n) => n + 1);
const single = await Simulation.create({ dt: 0.1 });
const trigger = single.population("trigger", spikeTrain, 1, { params: { times: [1], neurons: [0] } });
const cells = single.population("cells", fly, counts.length, { receptors });
const weight = (_: number, target: number): number => w_syn * (target + 1);
single.connect(trigger, cells, { rule: "allToAll", receptor: "synapses", weight, delay: t_dly });
const v = single.record(cells, "v", { neurons: [99] });
const fired = single.record(cells, "spikes");
await single.run(60);
let largest = 0;
for (const [k, t] of v.time.entries()) {
  const since = Math.max(0, t - 1 - t_dly);
  const expected = -52 + 100 * w_syn * (5 / 15) * (Math.exp(-since / 20) - Math.exp(-since / 5));
  largest = Math.max(largest, Math.abs((v.values(0)[k] as number) - expected));
}
// The peak is 4^(-4/3) of the jump, when t = t_mbr tau/(t_mbr - tau) ln(t_mbr/tau).
const needed = Math.ceil((-45 - -52) / (w_syn * 4 ** (-4 / 3)));
const least = Math.min(...fired.neurons) + 1;
console.log(`potential of 100 synapses: at most ${largest.toExponential(0)} mV from the closed form`);
console.log(`one spike makes the next from ${least} synapses on; the closed form says ${needed}`);
if (largest > 1e-12 || least !== needed) throw new Error("the run is not what the equations say");

// 2. A small graph: 20 sugar neurons, 12 behind them, 6 of these inhibitory, 2 motor neurons

const sugar = Array.from({ length: 20 }, (_, i) => i);
const middle = Array.from({ length: 12 }, (_, i) => 20 + i);
const motor = [32, 33];
const edges: { readonly pre: number; readonly post: number; readonly count: number }[] = [];
const join = (from: readonly number[], to: readonly number[], count: (i: number, j: number) => number): void => {
  for (const [i, pre] of from.entries()) {
    for (const [j, post] of to.entries()) {
      const n = pre === post ? 0 : count(i, j);
      if (n !== 0) edges.push({ pre, post, count: n });
    }
  }
};
join(sugar, middle, (i, j) => ((i + j) % 3 === 0 ? 8 + ((5 * i + 3 * j) % 9) : 0));
join(middle.slice(0, 6), motor, (i, j) => 30 + 7 * ((i + j) % 3));
join(middle.slice(6), motor, (i, j) => -10 - 5 * ((i + j) % 2));
join(middle.slice(6), middle.slice(0, 6), (i, j) => ((i + j) % 2 === 0 ? -6 : 0));

/** Rates of the motor neurons in Hz at a rate of the stimulus, with synapses of the inhibitory cells or without. */
async function rates(stimulus: number, inhibition: boolean): Promise<{ motor: number; middle: number }> {
  const sim = await Simulation.create({ dt: 0.1, seed: 1 });
  const brain = sim.population("brain", fly, 34, {
    // A stimulated neuron fires at each event: it has no refractory period.
    params: { t_rfc: (neuron) => (sugar.includes(neuron) ? 0 : 2.2) },
    receptors,
    background: [background.poisson({ rate: stimulus, weight: 250 * w_syn, receptor: "stimulus", neurons: sugar })],
  });
  const used = edges.filter(({ count }) => inhibition || count > 0);
  sim.connect(brain, brain, {
    rule: "list",
    receptor: "synapses",
    pairs: used.map(({ pre, post }) => [pre, post]),
    weight: used.map(({ count }) => count * w_syn),
    delay: t_dly,
  });
  const spikes = sim.record(brain, "spikes");
  const duration = 5000;
  await sim.run(duration);
  const rate = (neurons: readonly number[]): number =>
    neurons.reduce((sum, n) => sum + spikes.of(n).length, 0) / neurons.length / (duration / 1000);
  return { motor: rate(motor), middle: rate(middle) };
}

console.log("\nsugar neurons (Hz)    behind them    motor neurons    the same without inhibition");
for (const stimulus of [0, 25, 50, 100, 150, 200]) {
  const whole = await rates(stimulus, true);
  const without = await rates(stimulus, false);
  const cells = [whole.middle, whole.motor, without.motor].map((rate) => rate.toFixed(1));
  console.log(
    `${String(stimulus).padStart(18)}${cells[0]?.padStart(15)}${cells[1]?.padStart(17)}${cells[2]?.padStart(31)}`,
  );
}
