/** Documents with very many recordings: each has its due, and what they take grows in proportion. */
import { describe, expect, it } from "vitest";
import { parseDocument, Simulation } from "../../src/index.js";

/** More than buffers of 1 MB each would find room for in the 4 GiB of a core. */
const NUMBER = 5000;
const SIZE = 50;

const stdp = { kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_max: 2 };

function document(entry: (i: number) => object): object {
  const receptors = { r: { kernel: "exponential", tau: 5 } };
  const background = [{ kind: "constant", amplitude: Array.from({ length: SIZE }, (_, i) => 600 + 10 * i) }];
  return {
    dt: 0.1,
    duration: 10,
    populations: [{ name: "p", model: "lif", size: SIZE, receptors, background }],
    projections: [{ source: "p", target: "p", receptor: "r", rule: "allToAll", weight: 1, plasticity: stdp }],
    record: Array.from({ length: NUMBER }, (_, i) => entry(i)),
  };
}

async function run(input: object, threads: number): Promise<Simulation> {
  const sim = await Simulation.fromDocument(input, { threads });
  await sim.run(2);
  await sim.run(8);
  return sim;
}

/** The same recordings, each neuron or synapse once. */
async function few(entry: (i: number) => object): Promise<Simulation> {
  return run({ ...document(entry), record: Array.from({ length: SIZE }, (_, i) => entry(i)) }, 1);
}

describe(`${NUMBER} recordings`, () => {
  it.each([1, 2])("of v hold what a few hold, on %i threads", async (threads) => {
    const entry = (i: number): object => ({ population: "p", variables: ["v"], neurons: [i % SIZE], every: 0.5 });
    const [many, some] = [await run(document(entry), threads), await few(entry)];
    const { traces } = many.recordings;
    expect(traces).toHaveLength(NUMBER);
    const right = some.recordings.traces.map((trace) => trace.values(0));
    expect(right[0]).toHaveLength(21);
    for (const [i, trace] of traces.entries())
      if (i % 97 === 0 || i > NUMBER - SIZE) expect(trace.values(0)).toEqual(right[i % SIZE]);
  });

  it("of weights name their projection, and memory is that of one interval", async () => {
    const name = "p -> p (r)";
    const entry = (i: number): object => ({
      projection: i % 2 ? 0 : name,
      variables: ["weight"],
      synapses: [i % SIZE],
      every: 10,
    });
    const many = await run(document(entry), 1);
    expect(many.toSpec().recordWeights).toHaveLength(NUMBER);
  });

  it("of projections by name: each is looked up, not searched", () => {
    const projections = Array.from({ length: NUMBER }, () => ({
      source: "p",
      target: "p",
      receptor: "r",
      rule: "oneToOne",
      weight: 1,
      plasticity: stdp,
    }));
    const record = Array.from({ length: NUMBER }, (_, i) => ({
      projection: `p -> p (r)${i === 0 ? "" : ` #${i + 1}`}`,
      variables: ["weight"],
    }));
    const spec = parseDocument({ ...document(() => ({})), projections, record });
    expect(spec.recordWeights.every(({ projection }, i) => projection === i)).toBe(true);
  });
});
