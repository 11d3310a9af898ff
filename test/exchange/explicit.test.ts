/** A network with everything drawn, which runs to the same spikes as the one that it was drawn from. */
import { describe, expect, it } from "vitest";
import { parseDocument, Simulation, toDocument } from "../../src/index.js";

const document = {
  name: "explicit",
  dt: 0.1,
  duration: 200,
  seed: 7,
  populations: [
    {
      name: "exc",
      model: "adex",
      size: 60,
      params: { tau_w: { uniform: [100, 150] }, b: { normal: [60, 5] } },
      init: { v: { uniform: [-70, -55] } },
      receptors: { ampa: { kernel: "exponential", tau: 3, E_rev: 0 }, gaba: { kernel: "alpha", tau: 5, E_rev: -80 } },
      background: [
        { kind: "rheobase", fraction: { uniform: [1.1, 1.4] }, neurons: [0, 3, 4] },
        { kind: "constant", amplitude: { normal: [550, 50] } },
        { kind: "whiteNoise", sigma: { uniform: [20, 40] }, neurons: [1, 5, 7] },
        { kind: "poisson", rate: { gamma: [2, 200] }, weight: 1, receptor: "ampa" },
        { kind: "sine", amplitude: { normal: [50, 5] }, frequency: 8, start: 20 },
        { kind: "expression", I: "10*pA*(i < 5)" },
      ],
      positions: { disc: { radius: 2 } },
    },
    {
      name: "inh",
      model: "lif",
      size: 20,
      receptors: { ampa: { kernel: "exponential", tau: 3 }, jump: { kernel: "delta" } },
      positions: { line: { length: 3 } },
    },
    { name: "drive", model: "poisson", size: 30, params: { rate: { uniform: [5, 60] } } },
  ],
  projections: [
    {
      source: "exc",
      target: "inh",
      receptor: "ampa",
      rule: "distance",
      kernel: "gaussian",
      scale: 1,
      weight: { normal: [60, 6] },
      delay: { uniform: [0.3, 3] },
    },
    { source: "inh", target: "exc", receptor: "gaba", rule: "fixedIndegree", k: 5, weight: 2, delay: 0.5 },
    { source: "exc", target: "exc", gapJunction: true, rule: "fixedProbability", p: 0.05, weight: 0.2 },
    {
      source: "drive",
      target: "inh",
      receptor: "jump",
      rule: "fixedTotalNumber",
      n: 200,
      weight: 1.5,
      delay: 1,
      shortTerm: { U: 0.5, tau_rec: 100 },
    },
    {
      source: "drive",
      target: "exc",
      receptor: "ampa",
      rule: "allToAll",
      weight: 0.3,
      delay: 1,
      plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.012, tau_plus: 20, tau_minus: 20, w_max: 0.6 },
    },
  ],
};

async function spikesOf(simulation: Simulation): Promise<unknown> {
  const recordings = [...simulation.populations.values()].map((population) => simulation.record(population, "spikes"));
  await simulation.run(document.duration);
  const spikes = recordings.map(({ times, neurons }) => [[...times], [...neurons]]);
  simulation.close();
  return spikes;
}

describe("an explicit network", () => {
  it("has numbers in place of all that is drawn, and runs to the same spikes", async () => {
    const drawn = await Simulation.fromDocument(document);
    const network = drawn.explicit();
    expect(network.projections.map(({ rule }) => rule.rule)).toEqual(document.projections.map(() => "list"));
    const text = JSON.stringify(toDocument(network));
    expect(text).not.toMatch(/"(uniform|normal|gamma|disc|rheobase)"/);
    const again = await Simulation.fromSpec(parseDocument(JSON.parse(text)));
    const spikes = await spikesOf(drawn);
    expect((spikes as unknown[][][]).flatMap(([times]) => times).length).toBeGreaterThan(200);
    expect(await spikesOf(again)).toEqual(spikes);
  });

  it("has the same bits for any number of shards", async () => {
    const texts = await Promise.all(
      [1, 3].map(async (threads) => {
        const simulation = await Simulation.fromDocument(document, { threads });
        const text = JSON.stringify(toDocument(simulation.explicit()));
        simulation.close();
        return text;
      }),
    );
    expect(texts[1]).toBe(texts[0]);
  });

  it("is that of the start", async () => {
    const simulation = await Simulation.fromDocument(document);
    await simulation.run(1);
    expect(() => simulation.explicit()).toThrow("this simulation has run for 1 ms");
    simulation.reset();
    expect(simulation.explicit().populations).toHaveLength(3);
    simulation.close();
  });
});
