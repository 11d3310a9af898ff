/**
 * A delay that is divided between axon and dendrite, against the sums over pairs and triplets of spikes as they meet.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Simulation } from "../../src/index.js";
import { holds, type Loose } from "./networks.js";

const PRE = 3;
const POST = 24;
const DT = 0.5;
const STEPS = 160;

const rules: Loose[] = [
  { kind: "stdp", A_plus: 0.02, A_minus: 0.03, tau_plus: 12, tau_minus: 25, w_max: 4 },
  {
    kind: "stdp",
    A_plus: 0.05,
    A_minus: 0.04,
    tau_plus: 12,
    tau_minus: 25,
    w_max: 4,
    weightDependence: "multiplicative",
  },
  { kind: "stdp", A_plus: 0.05, A_minus: 0.04, tau_plus: 12, tau_minus: 25, w_max: 4, w_min: 1.9, pairing: "nearest" },
  {
    kind: "tripletStdp",
    A2_plus: 0.01,
    A3_plus: 0.02,
    A2_minus: 0.02,
    A3_minus: 0.01,
    tau_plus: 17,
    tau_minus: 34,
    tau_x: 100,
    tau_y: 125,
    w_max: 4,
  },
  { kind: "inhibitoryStdp", eta: 0.05, rho_0: 10, tau: 20, w_max: 4 },
];

/** The weight of one synapse from the steps at which its spikes reach it; spikes of the source come first. */
function model(rule: Loose, sources: number[], targets: number[]): number {
  const events = [
    ...sources.map((step) => ({ step, order: 0 })),
    ...targets.map((step) => ({ step, order: 1 })),
  ].sort((a, b) => a.step - b.step || a.order - b.order);
  const seen: [number[], number[]] = [[], []];
  let w = 2;
  for (const { step, order } of events) {
    const trace = (side: 0 | 1, tau: number): number => {
      const earlier = rule.pairing === "nearest" ? seen[side].slice(-1) : seen[side];
      return earlier.reduce((sum, s) => sum + Math.exp(((s - step) * DT) / tau), 0);
    };
    const { w_max } = rule;
    const [plus, minus] = rule.kind === "inhibitoryStdp" ? [rule.tau, rule.tau] : [rule.tau_plus, rule.tau_minus];
    const other = order === 0 ? trace(1, minus) : trace(0, plus);
    if (rule.kind === "inhibitoryStdp")
      w += rule.eta * (other - (order === 0 ? (2 * rule.rho_0 * rule.tau) / 1000 : 0));
    else if (rule.kind === "tripletStdp") {
      w += order === 0
        ? -w_max * other * (rule.A2_minus + rule.A3_minus * trace(0, rule.tau_x))
        : w_max * other * (rule.A2_plus + rule.A3_plus * trace(1, rule.tau_y));
    } else {
      const size = rule.weightDependence === "multiplicative" ? [w, w_max - w] : [w_max, w_max];
      w += order === 0 ? -rule.A_minus * (size[0] as number) * other : rule.A_plus * (size[1] as number) * other;
    }
    w = Math.max(rule.w_min ?? 0, Math.min(w_max, w));
    seen[order as 0 | 1].push(step);
  }
  return w;
}

const spikes = (size: number): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(fc.integer({ min: 2, max: STEPS - 2 }), fc.integer({ min: 0, max: size - 1 })), {
    minLength: 6 * size,
    maxLength: 9 * size,
  });

const cases = fc.record({
  pre: spikes(PRE),
  post: spikes(POST),
  rule: fc.constantFrom(...rules),
  delay: fc.integer({ min: 1, max: 12 }),
  fraction: fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  threads: fc.integer({ min: 1, max: 3 }),
  stop: fc.integer({ min: 1, max: STEPS - 1 }),
  chunk: fc.integer({ min: 1, max: 20 }),
  scaled: fc.boolean(),
});

function network({ pre, post, rule, delay, fraction }: Loose, more: Loose = {}): Loose {
  const train = (name: string, size: number, list: [number, number][]): Loose => ({
    name,
    model: "spikeTrain",
    size,
    params: { times: list.map(([step]) => step * DT), neurons: list.map(([, n]) => n) },
  });
  return {
    dt: DT, duration: STEPS * DT,
    populations: [
      train("source", PRE, pre),
      train("forcing", POST, post),
      {
        name: "target", model: "lif", size: POST, params: { t_ref: 0 },
        receptors: { force: { kernel: "delta" }, in: { kernel: "exponential", tau: 5, E_rev: -70 } },
      },
    ],
    projections: [
      { source: "forcing", target: "target", rule: "oneToOne", receptor: "force", weight: 100 },
      {
        source: "source", target: "target", rule: "allToAll", receptor: "in", weight: 2, delay: delay * DT,
        plasticity: { ...rule, dendriticDelayFraction: fraction }, ...more,
      },
    ],
    record: [{ population: "source", variables: ["spikes"] }, { population: "target", variables: ["spikes"] }],
  };
}

/** The weights and spikes at the end. */
async function played(document: Loose, { threads, stop, chunk }: Loose): Promise<Loose> {
  let simulation = await Simulation.fromDocument(document, { threads });
  await simulation.run(stop * DT, { chunk: chunk * DT });
  const bytes = simulation.snapshot();
  simulation.close();
  simulation = await Simulation.restore(bytes);
  await simulation.run((STEPS - stop) * DT);
  const { sources, targets, weights } = (simulation.projections[1] as Loose).read();
  const trains = [0, 1].map((k) => {
    const record = [...simulation.recordings.spikes.values()][k] as Loose;
    return Array.from({ length: [PRE, POST][k] as number }, (_, n) =>
      Array.from(record.of(n) as Float64Array, (t) => Math.round(t / DT)),
    );
  });
  const { shards } = simulation;
  simulation.close();
  return { sources, targets, weights, trains, shards };
}

describe("a delay that is divided", () => {
  it("lets spikes of the source wait in the axon, those of the target in the dendrite", async () => {
    let changed = 0;
    let shared = 0;
    await holds(
      fc.asyncProperty(cases, async (drawn) => {
        const { sources, targets, weights, trains, shards } = await played(network(drawn), drawn);
        if (shards > 1) shared++;
        const dendritic = Math.floor(drawn.fraction * drawn.delay + 0.5);
        const reach = (train: number[], late: number): number[] => train.map((s) => s + late).filter((s) => s <= STEPS);
        for (const [j, w] of (weights as Float64Array).entries()) {
          const [pre, post] = [trains[0][sources[j]], trains[1][targets[j]]] as [number[], number[]];
          const expected = model(drawn.rule, reach(pre, drawn.delay - dendritic), reach(post, dendritic));
          expect(Math.abs(w - expected)).toBeLessThan(1e-12);
          if (w !== 2) changed++;
        }
      }),
      20,
    );
    expect(changed).toBeGreaterThan(500);
    expect(shared).toBeGreaterThan(5);
  });

  it("gives the same bits for any threads, chunks and snapshots, with scaling and release", async () => {
    await holds(
      fc.asyncProperty(cases, async (drawn) => {
        const document = network(drawn, {
          release: 0.7,
          weight: 3.5,
          ...(drawn.scaled ? { scaling: { rho_0: 50, rate: 0.1, interval: 10 } } : {}),
        });
        const { shards: _, ...some } = await played(document, drawn);
        const { shards: __, ...one } = await played(document, { threads: 1, stop: 1, chunk: STEPS });
        expect(some).toEqual(one);
      }),
      12,
    );
  });
});
