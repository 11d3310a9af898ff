/** What the view of one neuron makes of models, of links that nobody vouches for, and of spikes. */
import { describe, expect, it } from "vitest";
import { Simulation } from "../../src/index.js";
import {
  backgroundKinds,
  beginning,
  currentBounds,
  every,
  models,
  neuronDocument,
  newEntry,
  orbitDocument,
  paramsOf,
  settingsFrom,
  settingsState,
  sliderBounds,
  sweepDocument,
  twoWayDocument,
} from "../../apps/playground/src/net/neuron.js";

const ids = Object.keys(models);

describe("sliders from a model's record", () => {
  const unit = "mV";
  it("lie around the default, within the range, on round steps", () => {
    expect(sliderBounds({ default: 250, unit: "pF", range: "> 0", text: "" })).toEqual({ min: 5, max: 750, step: 5 });
    expect(sliderBounds({ default: 0, unit: "ms", range: ">= 0", text: "" })).toEqual({ min: 0, max: 20, step: 0.1 });
    expect(sliderBounds({ default: -70, unit, text: "" })).toEqual({ min: -110, max: -30, step: 0.5 });
    expect(sliderBounds({ default: 0.02, unit: "1/ms", text: "" })).toEqual({ min: -0.02, max: 0.06, step: 0.0005 });
  });

  it("are so wide that the present value lies within", () => {
    expect(sliderBounds({ default: -70, unit, text: "" }, 50).max).toBe(50);
    expect(sliderBounds({ default: 2, unit: "ms", range: ">= 0", text: "" }, 100).max).toBe(100);
  });

  it.each(ids)("hold the defaults and presets of %s", (id) => {
    const model = models[id]!;
    for (const preset of ["", ...Object.keys(model.presets)]) {
      for (const [name, value] of Object.entries(paramsOf(model, preset))) {
        const { min, max, step } = sliderBounds(model.params[name]!, value);
        expect(step).toBeGreaterThan(0);
        expect(value).toBeGreaterThanOrEqual(min - step);
        expect(value).toBeLessThanOrEqual(max);
      }
    }
  });
});

describe("documents", () => {
  it.each(ids)("of %s run with what they begin with, and with every kind of current", async (id) => {
    const first = beginning(id);
    const model = models[id]!;
    const all = backgroundKinds(model);
    expect(all.map(({ name }) => name)).toEqual(
      ["constant", "pulses", "ramp", "sine", "whiteNoise", "ornsteinUhlenbeck", "rheobase"],
    );
    for (const kind of all) {
      const entry = newEntry(kind, model);
      for (const { min, max } of Object.values(currentBounds(kind, model, entry))) expect(max).toBeGreaterThan(min);
      if (kind.name === "rheobase" && id !== "lif") continue;
      const simulation = await Simulation.fromDocument(neuronDocument({ ...first, background: [entry] }));
      await simulation.run(5);
    }
    const simulation = await Simulation.fromDocument(neuronDocument(first));
    await simulation.run(100);
    expect(simulation.recordings.spikes.get("neuron")!.times.length).toBeGreaterThan(0);
  });

  const preset = ids.filter((id) => Object.keys(models[id]!.presets).length > 0);
  it.each(preset)("of %s's presets stay stable", async (id) => {
    for (const preset of Object.keys(models[id]!.presets)) {
      const settings = beginning(id, preset);
      expect(settings.preset).toBe(preset);
      const simulation = await Simulation.fromDocument(neuronDocument(settings));
      await simulation.run(settings.span);
    }
  });

  it("of a sweep hold a neuron for each current, with the noise but not with its mean", async () => {
    const [noise] = [newEntry(backgroundKinds(models.lif!).find(({ name }) => name === "whiteNoise")!, models.lif!)];
    const settings = { ...beginning("lif"), background: [{ kind: "constant", amplitude: 1 }, noise!] };
    const document = sweepDocument(settings, [0, 300, 600]) as { populations: { background: object[] }[] };
    expect(document.populations[0]).toMatchObject({ size: 3 });
    expect(document.populations[0]!.background).toEqual([
      { kind: "constant", amplitude: [0, 300, 600] },
      { kind: "whiteNoise", sigma: noise!.sigma },
    ]);
    const still = { ...settings, background: [] };
    const simulation = await Simulation.fromDocument(sweepDocument(still, [0, 300, 600]));
    await simulation.run(100);
    const { neurons } = simulation.recordings.spikes.get("neuron")!;
    expect(new Set(neurons)).toEqual(new Set([2]));
  });

  it("of a sweep both ways show that hodgkinHuxley rests or fires at one current, and lif does not", async () => {
    const firing = async (id: string, currents: readonly number[]): Promise<number[]> => {
      const settings = { ...beginning(id), background: [] };
      const sim = await Simulation.fromDocument(twoWayDocument(settings, currents, 50, 100));
      await sim.run(250);
      sim.results.take();
      await sim.run(100);
      const { neurons } = sim.results.take().spikes[0]!.spikes;
      return [...new Set(neurons)].sort((a, b) => a - b);
    };
    // neurons 0 to 2 are on the way up, 3 to 5 on the way down
    expect(await firing("hodgkinHuxley", [0, 8, 12])).toEqual([2, 4, 5]);
    expect(await firing("lif", [300, 360, 500])).toEqual([2, 5]);
  });

  it("of an orbit begin at its point", async () => {
    const simulation = await Simulation.fromDocument(orbitDocument(beginning("fitzhughNagumo"), { v: 1, w: 0.5 }, 0));
    await simulation.run(0);
    const population = simulation.populations.get("neuron")!;
    expect([population.state("v" as never)[0], population.state("w" as never)[0]]).toEqual([1, 0.5]);
  });

  it("are sampled at multiples of dt, not more often than is seen", () => {
    expect(every({ dt: 0.1, span: 200 })).toBe(0.1);
    expect(every({ dt: 0.025, span: 200 })).toBe(0.1);
    expect(every({ dt: 0.3, span: 2000 })).toBe(0.9);
  });
});

describe("a link's state", () => {
  it.each(ids)("of %s comes back as it was", (id) => {
    for (const preset of ["", ...Object.keys(models[id]!.presets)]) {
      const settings = { ...beginning(id, preset), init: { v: -60 }, seed: 5, dt: 0.02 };
      const [name] = Object.keys(settings.params);
      const changed = { ...settings, params: { ...settings.params, [name!]: settings.params[name!]! + 1 } };
      expect(settingsFrom(JSON.parse(JSON.stringify(settingsState(changed))))).toEqual(changed);
    }
  });

  it.each([
    [undefined],
    [null],
    [[]],
    ["lif"],
    [{ model: "__proto__" }],
    [{ model: "constructor", params: 3 }],
    [{ model: 7, preset: "toString", method: "rk5", dt: -1, span: 1e300, seed: "x", init: { v: "a" } }],
    [{ params: { C_m: -1, tau_m: Number.NaN, E_L: "x", other: 3, __proto__: { V_th: 0 } } }],
    [{ init: { v: 1e99, __proto__: null } }],
  ])("that is not trusted is the beginning: %j", (given) => {
    expect(settingsFrom(given)).toEqual(beginning("lif"));
  });

  it("takes of the currents what is known and allowed", () => {
    const background = [
      { kind: "constant", amplitude: "x", other: 1 },
      { kind: "expression", I: "1" },
      { kind: "ornsteinUhlenbeck", sigma: -1, tau: 0, mean: 3, start: 10 },
      { kind: "pulses", amplitude: 1, width: 2, count: 1.5, period: 5 },
      7,
    ];
    expect(settingsFrom({ background }).background).toEqual([
      { kind: "constant", amplitude: 500 },
      { kind: "ornsteinUhlenbeck", sigma: 200, tau: 5, mean: 3, start: 10 },
      { kind: "pulses", amplitude: 1, width: 2, period: 5 },
    ]);
    expect(settingsFrom({ background: Array.from({ length: 1000 }, () => background[0]) }).background.length).toBe(6);
    expect(settingsFrom({ background: [] }).background).toEqual([]);
  });
});
