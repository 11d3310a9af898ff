/** The neurons of Shiu et al. 2024 (examples/17-fly.ts) against a loop of their own. */
import { describe, expect, it } from "vitest";
import { defineModel, receptor, Simulation, spikeTrain } from "../../src/index.js";
import { random } from "../reference/random.js";

const fly = defineModel({
  name: "fly",
  equations: "dv/dt = (v_0 - v + g)/t_mbr : mV (unless refractory)\ndg/dt = -g/tau : mV (unless refractory)",
  params: { v_0: "-52 mV", v_rst: "-52 mV", v_th: "-45 mV", t_mbr: "20 ms", tau: "5 ms", t_rfc: "2.2 ms" },
  threshold: "v > v_th",
  reset: "v = v_rst\ng = 0*mV",
  refractory: "t_rfc",
  init: { v: "v_0" },
});

const [dt, steps, size] = [0.1, 20_000, 60];
const delay = 18;
const next = random(24);

/** Which neuron is stimulated in which step, and a graph of signed synapse counts. */
const stimuli = Array.from({ length: 2500 }, () => ({
  step: Math.floor(next() * steps),
  neuron: Math.floor(next() * 12),
}));
const edges = Array.from({ length: 900 }, () => {
  const pre = Math.floor(next() * size);
  const count = Math.ceil(next() * 30) * (pre % 5 === 4 ? -2 : 1);
  return { pre, post: Math.floor(next() * size), weight: count * 0.275 };
});
/** Steps in which a spike keeps a neuron as it is: none for those that are stimulated. */
const held = (neuron: number): number => (neuron < 12 ? 0 : 22);

/** The equations by hand: between two steps v and g have closed forms. */
function loop(): { spikes: [step: number, neuron: number][]; v: Float64Array; lost: number } {
  const [a, b] = [Math.exp(-dt / 20), Math.exp(-dt / 5)];
  const v = new Float64Array(size).fill(-52);
  const g = new Float64Array(size);
  const until = new Int32Array(size).fill(-1);
  const ring = Array.from({ length: delay + 1 }, () => new Float64Array(size));
  const kicks = new Map<number, number[]>();
  for (const { step, neuron } of stimuli) kicks.set(step, [...(kicks.get(step) ?? []), neuron]);
  const out = Array.from({ length: size }, (_, n) => edges.filter(({ pre }) => pre === n));
  const spikes: [number, number][] = [];
  let lost = 0;
  for (let k = 0; k < steps; k++) {
    const arriving = ring[k % ring.length] as Float64Array;
    const jump = new Float64Array(size);
    // A spike of a source in step k acts a step later.
    for (const neuron of kicks.get(k - 1) ?? []) jump[neuron] = (jump[neuron] as number) + 68.75;
    const fired: number[] = [];
    for (let n = 0; n < size; n++) {
      if ((until[n] as number) >= k) {
        if (arriving[n] !== 0) lost++;
        continue;
      }
      const [x, y] = [(v[n] as number) + 52, g[n] as number];
      v[n] = -52 + x * a + (y / 3) * (a - b) + (jump[n] as number);
      g[n] = y * b + (arriving[n] as number);
      if (!((v[n] as number) > -45)) continue;
      fired.push(n);
      v[n] = -52;
      g[n] = 0;
      until[n] = k + held(n);
    }
    arriving.fill(0);
    for (const n of fired) {
      spikes.push([k + 1, n]);
      for (const { post, weight } of out[n] ?? []) {
        const later = ring[(k + delay) % ring.length] as Float64Array;
        later[post] = (later[post] as number) + weight;
      }
    }
  }
  return { spikes, v, lost };
}

describe("the fly's neurons", () => {
  it("fire in the steps in which a loop by hand has them fire, and lose what comes while they are refractory", async () => {
    const simulation = await Simulation.create({ dt });
    const order = [...stimuli].sort((p, q) => p.step - q.step || p.neuron - q.neuron);
    const times = order.map(({ step }) => (step + 1) * dt);
    const neurons = order.map(({ neuron }) => neuron);
    const stimulus = simulation.population("stimulus", spikeTrain, 12, { params: { times, neurons } });
    const brain = simulation.population("brain", fly, size, {
      params: { t_rfc: (n) => held(n) * dt },
      receptors: { synapses: receptor.delta({ state: "g" }), stimulus: receptor.delta() },
    });
    const pairs = Array.from({ length: 12 }, (_, n): [number, number] => [n, n]);
    simulation.connect(stimulus, brain, { rule: "list", pairs, receptor: "stimulus", weight: 68.75 });
    simulation.connect(brain, brain, {
      rule: "list",
      pairs: edges.map(({ pre, post }): [number, number] => [pre, post]),
      receptor: "synapses",
      weight: edges.map(({ weight }) => weight),
      multapses: true,
      weightPrecision: "float64",
      delay: delay * dt,
    });
    const recorded = simulation.record(brain, "spikes");
    await simulation.run(steps * dt);
    expect(brain.description.method).toBe("exact");
    const expected = loop();
    const found = Array.from(recorded.times, (t, i): [number, number] => [
      Math.round(t / dt),
      recorded.neurons[i] as number,
    ]);
    expect(found).toEqual(expected.spikes);
    expect(found.filter(([, n]) => n >= 12).length).toBeGreaterThan(2000);
    expect(expected.lost).toBeGreaterThan(500);
    const v = brain.state("v");
    for (const [n, x] of expected.v.entries()) expect(Math.abs((v[n] as number) - x)).toBeLessThan(1e-10);
  });
});
