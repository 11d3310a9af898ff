import { describe, expect, it } from "vitest";
import { type Drive, driveOf } from "../../src/model/drive.js";
import { adex, parseDocument, rheobase, Simulation } from "../../src/index.js";

type Entry = Readonly<Record<string, unknown>>;

/** The drive of neuron 1 of 3 that the text of a figure is made of. */
async function drive(background: readonly Entry[], from: number, to: number): Promise<Drive | undefined> {
  const population = parseDocument(document(background)).populations[0];
  return population && driveOf(population, 1, [from, to], await rheobase(adex));
}

function document(background: readonly Entry[]): object {
  return {
    dt: 0.1,
    duration: 100,
    populations: [{ name: "p", model: "adex", size: 3, background }],
    record: [{ population: "p", variables: ["I_background"], neurons: [1] }],
  };
}

const CASES: Readonly<Record<string, readonly Entry[]>> = {
  "others' entries and other times": [
    { kind: "constant", amplitude: 500 },
    { kind: "constant", amplitude: 5000, neurons: [2] },
    { kind: "constant", amplitude: -2000, start: 20, stop: 21 },
    { kind: "constant", amplitude: [1, 2, 3] },
  ],
  rheobase: [{ kind: "rheobase", fraction: 0.9 }, { kind: "rheobase", fraction: 5, neurons: [0] }],
  pulses: [
    { kind: "pulses", amplitude: 100, start: 10, width: 2, period: 10, count: 5 },
    { kind: "constant", amplitude: 7 },
  ],
  rows: [{ kind: "piecewise", points: [[10, 5], [30, -5], [90, 0]] }],
  slopes: [{ kind: "piecewise", points: [[10, 5, 0.5], [50, -5], [70, 3, -0.1]] }],
  ramp: [{ kind: "ramp", start: 20, end: 80, from: 10, to: 40 }],
  sine: [{ kind: "sine", amplitude: 10, frequency: 50, offset: 3 }],
  expression: [
    { kind: "expression", I: "(i + 1)*pA*exp(-t/(20*ms))*cos(t/(5*ms))**2" },
    { kind: "constant", amplitude: 2 },
  ],
};

describe("the input of a phase plane", () => {
  it.each(Object.entries(CASES))("%s: that of the run", async (name, background) => {
    const sim = await Simulation.fromDocument(document(background));
    await sim.run(100);
    const [trace] = sim.recordings.traces;
    for (const [from, to] of [[0, 100], [0, 20], [20, 21], [35, 65]] as const) {
      const found = (await drive(background, from, to)) as Drive;
      const inside = (trace?.values(0) as Float64Array).filter((_, k) => 0.1 * k >= from - 1e-9 && 0.1 * k < to - 1e-9);
      const [least, most] = [Math.min(...inside), Math.max(...inside)];
      const stepped = !["slopes", "ramp", "sine", "expression"].includes(name);
      const near = stepped ? 1e-9 : 2;
      expect(Math.abs(found.least - least)).toBeLessThanOrEqual(near);
      expect(Math.abs(found.most - most)).toBeLessThanOrEqual(near);
      const counts = new Map<number, number>();
      for (const x of inside) counts.set(x, (counts.get(x) ?? 0) + 1);
      const [level, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
      expect(found.holds).toBe(count > inside.length / 2);
      const mean = inside.reduce((sum, x) => sum + x, 0) / inside.length;
      expect(Math.abs(found.current - (found.holds ? level : mean))).toBeLessThanOrEqual(near);
    }
  });

  it("noise counts with its mean, events do not; what is drawn is not known", async () => {
    const noise = [
      { kind: "ornsteinUhlenbeck", sigma: 10, tau: 5, mean: 200 },
      { kind: "whiteNoise", sigma: 5, mean: [1, 2, 3] },
    ];
    expect(await drive(noise, 0, 100)).toEqual({ current: 202, holds: true, least: 202, most: 202 });
    expect(await drive([], 0, 100)).toEqual({ current: 0, holds: true, least: 0, most: 0 });
    expect(await drive([{ kind: "constant", amplitude: { normal: [1, 1] } }], 0, 100)).toBeUndefined();
  });
});
