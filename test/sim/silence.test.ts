/** The finding on a population that never fired, against closed forms and against what the network does. */
import { describe, expect, it } from "vitest";
import { type Finding, Simulation } from "../../src/index.js";

type Part = Readonly<Record<string, unknown>>;

interface Parts {
  readonly populations: readonly Part[];
  readonly projections?: readonly Part[];
  readonly duration?: number;
}

async function run(
  { duration = 1000, ...parts }: Parts,
  threads = 1,
): Promise<{ silent: Finding[]; spikes: Record<string, number> }> {
  const sim = await Simulation.fromDocument({ dt: 0.1, duration, seed: 3, ...parts }, { threads });
  const { findings, populations } = await sim.run(duration);
  sim.close();
  const spikes = Object.fromEntries(Object.entries(populations).map(([name, p]) => [name, p.spikes]));
  return { silent: findings.filter(({ code }) => code === "silent"), spikes };
}

/** Rheobase of the default lif: (V_th - E_L) C_m / tau_m. */
const RHEOBASE = (15 * 250) / 10;

/** A train of 10 neurons that fire every 10 ms, 100 Hz, from 10 ms on. */
const train = {
  name: "train",
  model: "spikeTrain",
  size: 10,
  params: {
    times: Array.from({ length: 1000 }, (_, i) => 10 * (1 + Math.floor(i / 10))).filter((t) => t < 1000),
    neurons: Array.from({ length: 990 }, (_, i) => i % 10),
  },
};
const SPIKES = 990;

describe("a population that never fired", () => {
  it("is told with the part of the rheobase that a constant current is", async () => {
    const background = [{ kind: "constant", amplitude: 0.4 * RHEOBASE }];
    const { silent } = await run({ populations: [{ name: "layer", model: "lif", size: 3, background }] });
    expect(silent).toEqual([
      expect.objectContaining({ level: "note", population: "layer", parameter: "I", value: 150, limit: RHEOBASE }),
    ]);
    expect(silent[0]?.message).toMatch(/^layer never fired; its input reaches 0\.4 of the rheobase \(150 pA of 375 pA:/);
  });

  it("is not told where it fired, where nothing reaches it, of sources and of runs of no time", async () => {
    const alone = { name: "alone", model: "lif", size: 2 };
    const firing = {
      name: "firing",
      model: "lif",
      size: 2,
      background: [{ kind: "constant", amplitude: 1.1 * RHEOBASE }],
    };
    const still = { ...alone, name: "still", background: [{ kind: "constant", amplitude: 0 }] };
    const mute = { name: "mute", model: "poisson", size: 2, params: { rate: 0 } };
    expect((await run({ populations: [alone, still, firing, mute] })).silent).toEqual([]);
    const driven = { ...alone, background: [{ kind: "constant", amplitude: 1 }] };
    expect((await run({ populations: [driven], duration: 0 })).silent).toEqual([]);
  });

  it.each([
    ["exponential", { kernel: "exponential", tau: 5 }, 5],
    ["alpha", { kernel: "alpha", tau: 2 }, 2 * Math.E],
    ["step", { kernel: "step", duration: 3 }, 3],
    ["delta", { kernel: "delta" }, 250],
    ["dualExponential", { kernel: "dualExponential", tau_rise: 1, tau_decay: 5 }, 4 / (5 ** (-1 / 4) - 5 ** (-5 / 4))],
    ["conductance", { kernel: "exponential", tau: 5, E_rev: 0 }, 5 * 55],
  ])("counts what spikes bring through %s", async (_, receptor, charge) => {
    const weight = 0.3 / charge;
    const projections = [{ source: "train", target: "layer", receptor: "r", rule: "allToAll", weight }];
    const { silent } = await run({
      populations: [train, { name: "layer", model: "lif", size: 4, receptors: { r: receptor } }],
      projections,
    });
    expect(silent).toHaveLength(1);
    expect((silent[0]?.value as number) / ((SPIKES * 0.3) / 1000)).toBeCloseTo(1, 5);
  });

  it("the measure is the limit at which a population begins to fire, and threads do not change it", async () => {
    // Many weak inputs at a high rate are nearly a constant current.
    const at = async (part: number, threads: number): ReturnType<typeof run> => {
      const weight = (part * RHEOBASE) / (5 * 200);
      const receptors = { r: { kernel: "exponential", tau: 5 } };
      return run(
        {
          populations: [
            { name: "source", model: "spikeTrain", size: 200, params: regular(200) },
            { name: "layer", model: "lif", size: 40, receptors },
          ],
          projections: [{ source: "source", target: "layer", receptor: "r", rule: "allToAll", weight }],
          duration: 200,
        },
        threads,
      );
    };
    const [below, split, above] = [await at(0.97, 1), await at(0.97, 2), await at(1.06, 1)];
    expect(below.spikes.layer).toBe(0);
    expect(below.silent[0]?.value).toBeGreaterThan(0.95 * RHEOBASE);
    expect(below.silent[0]?.value).toBeLessThan(RHEOBASE);
    expect(split.silent).toEqual(below.silent);
    expect(above.spikes.layer).toBeGreaterThan(0);
    expect(above.silent).toEqual([]);
  });

  it("names the sources that never fired, and of models without a closed form says that it did not fire", async () => {
    const receptors = { r: { kernel: "exponential", tau: 5 } };
    const one = (name: string, model: string, current: number): Part => ({
      name, model, size: 2, receptors, background: current === 0 ? [] : [{ kind: "constant", amplitude: current }],
    });
    const join = (source: string, target: string): Part => ({
      source,
      target,
      receptor: "r",
      rule: "allToAll",
      weight: 1,
    });
    const { silent } = await run({
      populations: [one("first", "lif", 100), one("second", "lif", 0), one("third", "adex", 0)],
      projections: [join("first", "second"), join("second", "second"), join("second", "third")],
      duration: 50,
    });
    expect(silent.map(({ population }) => population)).toEqual(["first", "second", "third"]);
    expect(silent[1]?.message).toContain("nothing came from first, which never fired either.");
    expect(silent[2]).toMatchObject({ parameter: null, value: null, limit: null });
    expect(silent[2]?.message).toMatch(/^third never fired; something reaches it, but not enough; nothing came from second,/);
  });

  it("counts Poisson background with its mean, within its scope", async () => {
    const background = [{ kind: "poisson", rate: 1000, weight: 10, receptor: "r", start: 0, stop: 50 }];
    const { silent } = await run({
      populations: [
        { name: "layer", model: "lif", size: 4, receptors: { r: { kernel: "exponential", tau: 5 } }, background },
      ],
      duration: 100,
    });
    expect(silent[0]?.value).toBeCloseTo(25, 9);
  });
});

/** Each neuron once per ms, at its own place in it. */
function regular(size: number): { times: number[]; neurons: number[] } {
  const spikes = Array.from({ length: 199 * size }, (_, i) => ({
    time: 0.1 * (10 * Math.floor(i / size) + (i % 10) + 1),
    neuron: i % size,
  }));
  spikes.sort((a, b) => a.time - b.time);
  return { times: spikes.map(({ time }) => time), neurons: spikes.map(({ neuron }) => neuron) };
}
