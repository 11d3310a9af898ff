/**
 * What a network computes does not depend on how it is written down: the order of neurons, the borders between
 * populations, the order of synapses. Weights are dyadic, so that their sums are exact in any order.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Method, type ModelRecord, Simulation } from "../../src/index.js";
import { cases } from "../cases.js";
import { holds, isStable, type Loose, MODELS, recordAll, strongCurrent, weakConductance } from "./networks.js";
import { stepped } from "../methods.js";

const dt = 0.05;
const STEPS = 800;

interface Synapse {
  readonly source: number;
  readonly target: number;
  readonly weight: number;
  readonly steps: number;
}

/** A network of one model with everything given neuron by neuron. */
interface Listed {
  readonly model: ModelRecord;
  readonly method: Method;
  readonly receptor: "delta" | "current" | "conductance";
  readonly current: readonly number[];
  readonly offset: readonly number[];
  readonly start: readonly number[];
  readonly synapses: readonly Synapse[];
}

/** The largest power of two that is not larger. */
function dyadic(x: number): number {
  return 2 ** Math.floor(Math.log2(x));
}

const listed: fc.Arbitrary<Listed> = fc
  .record({
    model: fc.constantFrom(...MODELS),
    size: fc.integer({ min: 2, max: 40 }),
    receptor: fc.constantFrom("delta", "current", "conductance" as const),
  })
  .chain(({ model, size, receptor }) => {
    const methods = stepped(model).filter(
      (m) => isStable(model, m, dt) && !(m === "exact" && receptor === "conductance"),
    );
    const strong = strongCurrent(model);
    const weak = { delta: 0.5, current: strong / 20, conductance: weakConductance(model) / 4 }[receptor];
    const unit = dyadic(weak);
    const [lowest, highest] = model.states.v?.unit === "mV" ? [-72, -66] : [-1.3, -1.1];
    const perNeuron = (min: number, max: number): fc.Arbitrary<number[]> =>
      fc.array(fc.double({ min, max, noNaN: true }), { minLength: size, maxLength: size });
    const index = fc.nat(size - 1);
    return fc.record({
      model: fc.constant(model),
      method: fc.constantFrom(...methods),
      receptor: fc.constant(receptor as Listed["receptor"]),
      current: perNeuron(0.5 * strong, 1.2 * strong),
      offset: perNeuron(0, 0.1 * strong),
      start: perNeuron(lowest, highest),
      synapses: fc.array(
        fc.record({
          source: index,
          target: index,
          weight: fc.integer({ min: receptor === "conductance" ? 0 : -3, max: 6 }).map((n) => n * unit),
          steps: fc.integer({ min: 1, max: 30 }),
        }),
        { minLength: size, maxLength: 6 * size },
      ),
    });
  });

const kernels = {
  delta: { kernel: "delta" },
  current: { kernel: "exponential", tau: 5 },
  conductance: { kernel: "exponential", tau: 5, E_rev: 0 },
};

/**
 * Runs the network with its neurons spread over populations: `place[n]` says where neuron n goes.
 *
 * @returns per neuron the number of its spikes, their times, then all samples of its states
 */
async function results(
  network: Listed,
  place: readonly (readonly [population: number, index: number])[],
): Promise<number[][]> {
  const { model, method, receptor, current, offset, start, synapses } = network;
  const count = Math.max(...place.map(([p]) => p)) + 1;
  const members = Array.from({ length: count }, (_, p) => {
    const of: number[] = [];
    for (const [n, [population, index]] of place.entries()) if (population === p) of[index] = n;
    return of;
  });
  const pick = (of: readonly number[], x: readonly number[]): number[] => of.map((n) => x[n] as number);
  const projections: Loose[] = [];
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      const some = synapses.filter((s) => place[s.source]?.[0] === a && place[s.target]?.[0] === b);
      projections.push({
        source: `p${a}`,
        target: `p${b}`,
        receptor: "in",
        rule: "list",
        pairs: some.map((s) => [place[s.source]?.[1], place[s.target]?.[1]]),
        weight: some.map((s) => s.weight),
        delay: some.map((s) => s.steps * dt),
        multapses: true,
      });
    }
  }
  const populations = members.map((of, p) => ({
    name: `p${p}`,
    model: model.id,
    method,
    size: of.length,
    init: { v: pick(of, start) },
    receptors: { in: kernels[receptor] },
    background: [
      { kind: "sine", amplitude: pick(of, current), frequency: 30, offset: pick(of, offset) },
      { kind: "constant", amplitude: pick(of, current) },
    ],
  }));
  const record = populations.flatMap((p) => recordAll(p, dt).slice(0, 1));
  const simulation = await Simulation.fromDocument({ dt, duration: STEPS * dt, populations, projections, record });
  await simulation.run(STEPS * dt);
  return place.map(([p, index]) => {
    const name = `p${p}`;
    const traces = simulation.recordings.traces.filter((t) => t.population === name);
    const spikes = simulation.recordings.spikes.get(name)?.of(index) ?? [];
    return [spikes.length, ...spikes, ...traces.flatMap((t) => [...t.values(index)])];
  });
}

const inOrder = (size: number): [number, number][] => Array.from({ length: size }, (_, n) => [0, n]);

/** A permutation of 0 ... size - 1. */
const permutation = (size: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: size }, (_, n) => n),
    { minLength: size, maxLength: size },
  );

const permuted = listed.chain((network) => fc.tuple(fc.constant(network), permutation(network.current.length)));

describe("without noise and with exact sums, bit for bit", () => {
  it("permuted neurons give permuted results", async () => {
    let spikes = 0;
    let arrived = 0;
    await holds(
      fc.asyncProperty(permuted, async ([network, order]) => {
        const size = network.current.length;
        const plain = await results(network, inOrder(size));
        expect(
          await results(
            network,
            order.map((index) => [0, index]),
          ),
        ).toEqual(plain);
        spikes += plain.reduce((sum, [count]) => sum + (count as number), 0);
        if (JSON.stringify(await results({ ...network, synapses: [] }, inOrder(size))) !== JSON.stringify(plain))
          arrived++;
      }),
      25,
    );
    // The networks fire, and their synapses matter.
    expect(spikes).toBeGreaterThan(cases(300));
    expect(arrived).toBeGreaterThan(cases(12));
  });

  it("a population cut in two or three gives the same", async () => {
    const cut = listed.chain((network) =>
      fc.tuple(
        fc.constant(network),
        fc.array(fc.nat(2), { minLength: network.current.length, maxLength: network.current.length }),
      ),
    );
    await holds(
      fc.asyncProperty(cut, async ([network, into]) => {
        // Populations are numbered as they occur, their members in the order of the neurons.
        const numbers = [...new Set(into)];
        const next = numbers.map(() => 0);
        const place = into.map((x): [number, number] => {
          const p = numbers.indexOf(x);
          const index = next[p] as number;
          next[p] = index + 1;
          return [p, index];
        });
        expect(await results(network, place)).toEqual(await results(network, inOrder(into.length)));
      }),
      25,
    );
  });

  it("the order in which synapses are listed does not matter", async () => {
    const reordered = listed.chain((network) => fc.tuple(fc.constant(network), permutation(network.synapses.length)));
    await holds(
      fc.asyncProperty(reordered, async ([network, order]) => {
        const synapses = order.map((k) => network.synapses[k] as Synapse);
        const place = inOrder(network.current.length);
        expect(await results({ ...network, synapses }, place)).toEqual(await results(network, place));
      }),
      20,
    );
  });

  it("neurons without synapses are the same alone and in a crowd", async () => {
    await holds(
      fc.asyncProperty(listed, fc.nat(), async (network, choice) => {
        const alone = { ...network, synapses: [] };
        const n = choice % network.current.length;
        const crowd = await results(alone, inOrder(network.current.length));
        const one = {
          ...alone,
          current: [network.current[n] as number],
          offset: [network.offset[n] as number],
          start: [network.start[n] as number],
        };
        expect(await results(one, inOrder(1))).toEqual([crowd[n]]);
      }),
      20,
    );
  });
});
