/**
 * Rows of consecutive targets are added as vectors, several of them together (assembly/synapses/projection.ts): the
 * same bits as where each synapse is added by itself.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lif, type Projection, receptor, type ReceptorInput, Simulation, spikeTrain } from "../../src/index.js";
import { cases } from "../cases.js";
import { holds } from "./networks.js";

const scalar = await WebAssembly.compile(readFileSync("build/core.scalar.wasm"));

const kernels: Record<string, ReceptorInput> = {
  exponential: receptor.exponential({ tau: 3 }),
  alpha: receptor.alpha({ tau: 2 }),
  step: receptor.step({ duration: 0.2 }),
  conductance: receptor.exponential({ tau: 3, E_rev: -40 }),
};

const network = fc.record({
  size: fc.integer({ min: 1, max: 40 }),
  sources: fc.integer({ min: 1, max: 12 }),
  /** Neuron number and step of each spike from outside; many in one step. */
  spikes: fc.array(fc.tuple(fc.nat(11), fc.nat(20)), { minLength: 1, maxLength: 80 }),
  kernel: fc.constantFrom(...Object.keys(kernels)),
  autapses: fc.boolean(),
  own: fc.constantFrom("common", "float32", "float64"),
  delay: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0.1, 0.5) },
    { weight: 1, arbitrary: fc.constant({ uniform: [0.1, 0.3] }) },
  ),
  changes: fc.constantFrom("nothing", "nothing", "shortTerm", "release", "plasticity"),
  threads: fc.integer({ min: 1, max: 3 }),
});
type Network = (typeof network) extends fc.Arbitrary<infer N> ? N : never;

type Table = ReturnType<Projection["read"]>;

/** What a projection of the dense network is in the other one: the same synapses with every second neuron as target. */
function apart(
  { sources, targets, weights, delays }: Table,
  common: boolean,
  oneDelay: number | undefined,
  factor: number,
): object {
  return {
    rule: "list",
    pairs: Array.from(sources, (s, j) => [s * factor, 2 * (targets[j] as number)]),
    weight: common ? (weights[0] ?? 0) : [...weights],
    delay: oneDelay ?? Array.from(delays, (steps) => steps * 0.1),
  };
}

/**
 * Runs a network: dense, or with neurons between its own that get nothing, so that no two targets follow one another.
 */
async function run(
  n: Network,
  threads: number,
  dense?: readonly Table[],
  core?: WebAssembly.Module,
): Promise<{ tables: Table[]; state: Float64Array[] }> {
  const every = dense ? 2 : 1;
  const sim = await Simulation.create({ dt: 0.1, seed: 3, threads, ...(core && { core }) });
  const own = n.spikes.map(([s, k]) => [s % n.sources, k] as const);
  const source = sim.population("source", spikeTrain, n.sources, {
    params: { times: own.map(([, k]) => (k + 1) * 0.1), neurons: own.map(([s]) => s) },
  });
  const v = Array.from({ length: n.size * every }, (_, i) => (i % every === 0 ? -65 + ((i / every) * 7) % 14 : -65));
  const cells = sim.population("cells", lif, n.size * every, {
    method: "euler", params: { t_ref: 0.3 }, receptors: { in: kernels[n.kernel] as ReceptorInput }, init: { v },
  });
  const strength = n.kernel === "conductance" ? 30 : 500;
  const more = {
    weightPrecision: n.own === "float64" ? "float64" : "float32",
    ...(n.changes === "shortTerm" && { shortTerm: { U: 0.4, tau_rec: 50, tau_facil: 20 } }),
    ...(n.changes === "release" && { release: 0.6 }),
    ...(n.changes === "plasticity" && n.own === "float64" && {
        plasticity: {
          kind: "stdp",
          A_plus: 0.01 * strength,
          A_minus: 0.012 * strength,
          tau_plus: 20,
          tau_minus: 20,
          w_min: 0,
          w_max: 2 * strength,
        },
    }),
  };
  const projections = [source, cells].map((from, i) => {
    const common = n.own === "common";
    const oneDelay = typeof n.delay === "number" ? n.delay : undefined;
    const links = dense
      ? apart(dense[i] as Table, common, oneDelay, from === cells ? 2 : 1)
      : {
          rule: "allToAll",
          autapses: n.autapses,
          weight: common ? strength : { uniform: [0, 2 * strength] },
          delay: n.delay,
        };
    return sim.connect(from as never, cells, { ...more, ...links } as never);
  });
  const traces = [sim.record(cells, "v"), sim.record(cells, n.kernel === "conductance" ? "g_in" : "i_in")];
  sim.build();
  const tables = projections.map((p) => p.read());
  await sim.run(4);
  const weights = projections.map((p) => p.read().weights);
  const state = traces.map((trace) => trace.view().filter((_, i) => i % every === 0));
  sim.close();
  return { tables, state: [...state, ...weights] };
}

describe("synapses onto consecutive targets", () => {
  it("act like the same synapses in a list, one by one: all weights, delays and kinds of change, 1 to 3 threads", async () => {
    let busy = 0;
    await holds(
      // Chance depends on the numbers of the targets, which differ here; with one weight for all plasticity is none.
      fc.asyncProperty(
        network.filter(({ changes, own }) => changes !== "release" && (changes !== "plasticity" || own === "float64")),
        async (n) => {
        const one = await run(n, n.threads);
        const other = await run(n, 1, one.tables);
        expect(one.state).toEqual(other.state);
        expect((await run(n, 1, undefined, scalar)).state).toEqual(one.state);
        if (one.state[1]?.some((x) => x !== 0)) busy++;
      }),
      60,
    );
    expect(busy).toBeGreaterThan(cases(30));
  });

  it("transmit by chance as often, with any number of threads and lanes", async () => {
    await holds(
      fc.asyncProperty(network.map((n) => ({ ...n, changes: "release" as const })), async (n) => {
        const one = await run(n, 1);
        expect((await run(n, n.threads)).state).toEqual(one.state);
        expect((await run(n, 1, undefined, scalar)).state).toEqual(one.state);
      }),
      15,
    );
  });
});

describe("what is no run", () => {
  it.each([
    ["a target twice", [0, 1, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]],
    [
      "a target three times, as many as their span",
      [0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
    ],
    [
      "two runs",
      [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
        31, 32,
      ],
    ],
  ])("%s: each weight comes where it belongs", async (_, targets) => {
    const sim = await Simulation.create({ dt: 0.1, threads: 1 });
    const source = sim.population("source", spikeTrain, 2, { params: { times: [0.1, 0.1], neurons: [0, 1] } });
    const cells = sim.population("cells", lif, 40, { receptors: { in: receptor.step({ duration: 1 }) } });
    const pairs = [0, 1].flatMap((s) => targets.map((t) => [s, t] as [number, number]));
    sim.connect(source, cells, {
      rule: "list",
      pairs,
      multapses: true,
      weight: pairs.map((_, j) => 2 ** (j % 20)),
      delay: 0.1,
    });
    const trace = sim.record(cells, "i_in");
    sim.runSync(0.5);
    const expected = new Float64Array(40);
    for (const [j, [, t]] of pairs.entries()) expected[t] = (expected[t] as number) + 2 ** (j % 20);
    expect(trace.view().slice(4 * 40, 5 * 40)).toEqual(expected);
    sim.close();
  });
});
