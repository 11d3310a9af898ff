/**
 * A simulation on the other side of messages: the same spikes, in frames, and never more of them than the page takes.
 */
import { MessageChannel } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { Simulation } from "../../src/index.js";
import { type Events, type Frame, RemoteError, RemoteSimulation, serve } from "../../src/worker.js";

const network = {
  name: "pair",
  dt: 0.1,
  seed: 7,
  duration: 100,
  populations: [
    {
      name: "exc",
      model: "izhikevich",
      preset: "RS",
      size: 80,
      receptors: { in: { kernel: "exponential", tau: 5 } },
      background: [{ kind: "whiteNoise", sigma: 10, mean: 5 }],
    },
    {
      name: "inh",
      model: "lif",
      size: 20,
      receptors: { in: { kernel: "exponential", tau: 5 } },
      background: [{ kind: "constant", amplitude: 300 }],
    },
  ],
  projections: [
    { source: "exc", target: "inh", rule: "fixedIndegree", k: 20, weight: 20, delay: 1.5 },
    { source: "inh", target: "exc", rule: "fixedIndegree", k: 5, weight: -2, delay: 1 },
  ],
  record: [
    { population: "exc", variables: ["spikes"] },
    { population: "inh", variables: ["spikes"] },
    { population: "inh", variables: ["v"], neurons: [0, 1], every: 1 },
  ],
};

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

function remote(events: Events = {}): RemoteSimulation {
  const { port1, port2 } = new MessageChannel();
  serve(port1 as never);
  open.push(() => port1.close());
  return new RemoteSimulation(port2 as never, events);
}

/** `time population neuron` of each spike. */
function rows(frames: readonly Frame[]): string[] {
  return frames.flatMap(({ spikes }) =>
    spikes.flatMap(({ population, times, neurons }) =>
      Array.from(times, (t, k) => `${t.toFixed(6)} ${population} ${neurons[k]}`),
    ),
  );
}

async function direct(duration: number): Promise<{ rows: string[]; v: number[] }> {
  const sim = await Simulation.fromDocument(network);
  await sim.run(duration);
  const { spikes, traces } = sim.results.tables();
  const found = spikes.flatMap(({ name, spikes: { times, neurons } }) =>
    Array.from(times, (t, k) => `${t.toFixed(6)} ${name} ${neurons[k]}`),
  );
  return { rows: found, v: Array.from(traces[0]?.values(1) ?? []) };
}

describe("a remote simulation", () => {
  it("gives the spikes and samples of a run in frames that follow each other", async () => {
    const frames: Frame[] = [];
    const sim = remote({ onFrame: (frame) => void frames.push(frame) });
    const facts = await sim.ask("open", network);
    expect(facts).toMatchObject({ name: "pair", dt: 0.1, seed: 7, time: 0, shards: 1 });
    expect(facts.populations[0]).toEqual({
      name: "exc",
      model: "izhikevich",
      size: 80,
      variables: ["v", "u", "i_in", "I_background"],
    });
    expect(facts.projections[0]).toMatchObject({ source: "exc", target: "inh", synapses: 400 });
    expect(await sim.ask("advance", 100)).toBeCloseTo(100, 9);
    const expected = await direct(100);
    expect(frames.length).toBeGreaterThan(1);
    expect(rows(frames).sort()).toEqual(expected.rows.sort());
    expect(frames.flatMap(({ traces }) => Array.from(traces[0]?.values[1] ?? []))).toEqual(expected.v);
    frames.forEach(({ from }, k) => expect(from).toBe(k === 0 ? 0 : frames[k - 1]?.time));
  });

  it("reads and sets what a rule of its own has", async () => {
    const rule = {
      name: "fading",
      params: { tau: "10 ms" },
      synapse: "dx/dt = -x/tau : 1\nD : 1 (shared)",
      onPre: "w += D*x",
    };
    const [exc, inh] = network.projections;
    const plastic = { ...exc, plasticity: { kind: "fading", tau: 20 } };
    const sim = remote();
    const facts = await sim.ask("open", { ...network, plasticityRules: [rule], projections: [plastic, inh] });
    const name = facts.projections[0]?.name as string;
    await sim.ask("advance", 10);
    await sim.ask("setValues", name, "x", 2);
    await sim.ask("setRule", name, { tau: 5 });
    await sim.ask("advance", 10);
    const x = await sim.ask("values", name, "x");
    expect(x).toHaveLength(400);
    expect(x[0]).toBeCloseTo(2 * Math.exp(-2), 12);
    await expect(sim.ask("values", name, "y")).rejects.toThrow(/unknown variable "y" of its rule/);
  });

  it("never gives a slow page more than two frames", async () => {
    let [inHand, most] = [0, 0];
    const sim = remote({
      async onFrame() {
        most = Math.max(most, ++inHand);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inHand--;
      },
    });
    await sim.ask("open", network);
    await sim.ask("advance", 200);
    expect(most).toBeLessThanOrEqual(2);
  });

  it("does not go on while the page holds its frames", async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const times: number[] = [];
    let second: () => void = () => {};
    const two = new Promise<void>((resolve) => (second = resolve));
    const sim = remote({ onFrame: ({ time }) => (times.push(time) === 2 && second(), held) });
    await sim.ask("open", network);
    await sim.ask("play");
    await two;
    const before = (await sim.ask("reached")).time;
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect((await sim.ask("reached")).time).toBe(before);
    expect(times.length).toBe(2);
    const time = await sim.ask("pause");
    expect(time).toBe(before);
    release();
  });

  it("plays until a time, is paused, and goes on to the same spikes", async () => {
    const frames: Frame[] = [];
    const ends: number[] = [];
    let ended: () => void = () => {};
    const end = new Promise<void>((resolve) => (ended = resolve));
    const sim = remote({
      onFrame: (frame) => void frames.push(frame),
      onPaused: ({ time }) => (ends.push(time), time > 299 && ended()),
    });
    await sim.ask("open", network);
    await sim.ask("play", { until: 300 });
    await new Promise((resolve) => setTimeout(resolve, 10));
    await sim.ask("pause");
    await sim.ask("play", { until: 300 });
    await end;
    expect(ends.at(-1)).toBeCloseTo(300, 9);
    expect(rows(frames).sort()).toEqual((await direct(300)).rows.sort());
  });

  it("does not go faster than it is told to", async () => {
    const sim = remote();
    await sim.ask("open", network);
    const start = performance.now();
    await sim.ask("play", { speed: 0.5 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const time = await sim.ask("pause");
    expect(time).toBeGreaterThan(0);
    expect(time).toBeLessThanOrEqual(0.5 * (performance.now() - start) + 0.2);
  });

  it("takes changes while it plays, one after another", async () => {
    const frames: Frame[] = [];
    const sim = remote({ onFrame: (frame) => void frames.push(frame) });
    await sim.ask("open", network);
    await sim.ask("play");
    await sim.ask("setBackground", "exc", [{ kind: "constant", amplitude: -10 }]);
    await sim.ask("setBackground", "inh", [{ kind: "constant", amplitude: 0 }]);
    await sim.ask("pause");
    await sim.ask("advance", 100);
    frames.length = 0;
    await sim.ask("advance", 50);
    expect(rows(frames)).toEqual([]);
    const document = (await sim.ask("document")) as typeof network;
    expect(document.populations[1]?.background).toEqual([{ kind: "constant", amplitude: 0 }]);
  });

  it("samples what is watched and shown, and stops", async () => {
    const frames: Frame[] = [];
    const sim = remote({ onFrame: (frame) => void frames.push(frame) });
    await sim.ask("open", network);
    const id = await sim.ask("watch", { population: "exc", variables: ["v", "u"], neurons: [3], every: 0.5 });
    await sim.ask("show", "exc", "v");
    await sim.ask("advance", 20);
    const traces = frames.flatMap((frame) => frame.traces).filter(({ population }) => population === "exc");
    expect(traces.filter(({ variable }) => variable === "u").reduce((n, { time }) => n + time.length, 0)).toBe(41);
    expect(frames.at(-1)?.states).toEqual([
      { population: "exc", variable: "v", values: await sim.ask("state", "exc", "v") },
    ]);
    await sim.ask("unwatch", id);
    await sim.ask("show", "exc", "v", false);
    frames.length = 0;
    await sim.ask("advance", 20);
    expect(frames.flatMap((frame) => frame.traces).some(({ population }) => population === "exc")).toBe(false);
    expect(frames.at(-1)?.states).toEqual([]);
  });

  it("watches receptors with kernels of the document's own", async () => {
    const frames: Frame[] = [];
    const sim = remote({ onFrame: (frame) => void frames.push(frame) });
    const kernel = { name: "own", equations: "ds/dt = -s/(5*ms) : 1", onSpike: "s += w", output: "2*nS*s*(0*mV - v)" };
    const facts = await sim.ask("open", {
      dt: 0.1,
      duration: 50,
      receptorKernels: [kernel],
      populations: [
        { name: "in", model: "poisson", size: 20, params: { rate: 100 } },
        { name: "p", model: "lif", size: 4, receptors: { r: { kernel: "own" } } },
      ],
      projections: [{ source: "in", target: "p", rule: "allToAll", weight: 1, delay: 1 }],
    });
    expect(facts.populations[1]?.variables).toEqual(["v", "s_r", "g_r"]);
    await sim.ask("watch", { population: "p", variables: ["s_r", "g_r"], neurons: [1], every: 1 });
    await sim.ask("show", "p", "g_r");
    await sim.ask("advance", 20);
    const traces = frames.flatMap((frame) => frame.traces);
    const of = (name: string): number[] =>
      traces.filter(({ variable }) => variable === name).flatMap(({ values }) => Array.from(values[0] ?? []));
    expect(Math.max(...of("s_r"))).toBeGreaterThan(1);
    expect(of("g_r")).toEqual(of("s_r").map((s) => 2 * s));
    expect(frames.at(-1)?.states[0]?.values.length).toBe(4);
  });

  it("goes on from its snapshot, in another worker too", async () => {
    const sim = remote();
    await sim.ask("open", network);
    await sim.ask("advance", 50);
    const bytes = await sim.ask("snapshot");
    const frames: Frame[] = [];
    const branch = remote({ onFrame: (frame) => void frames.push(frame) });
    expect((await branch.ask("open", bytes)).time).toBeCloseTo(50, 9);
    await branch.ask("advance", 50);
    const expected = (await direct(100)).rows.filter((row) => Number(row.split(" ")[0]) > 50.05);
    expect(rows(frames).sort()).toEqual(expected.sort());
  });

  it("tells errors with their facts, and is usable afterwards", async () => {
    const sim = remote();
    await expect(sim.ask("advance", 1)).rejects.toThrow(/no network is open/);
    const wrong = { ...network, populations: [{ ...network.populations[0], model: "izhikevic" }] };
    const error = await sim.ask("open", wrong).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({
      name: "UnknownNameError",
      code: "unknown-name",
      path: "$.populations[0].model",
      nearest: "izhikevich",
    });
    await sim.ask("open", network);
    await expect(sim.ask("set", "exc", { tau: 1 })).rejects.toMatchObject({ code: "unknown-name", path: "exc" });
    await expect(sim.ask("set", "excc", {})).rejects.toThrow(
      /unknown population "excc"; did you mean "exc"\? Known: exc, inh/,
    );
    await expect(sim.ask("watch", { population: "exc", variables: ["w"], neurons: [0] })).rejects.toMatchObject({
      name: "UnknownNameError",
    });
    await expect(
      sim.ask("setBackground", "exc", [{ kind: "constant", amplitude: (() => 1) as never }]),
    ).rejects.toThrow(/must be data, without functions/);
    await expect((sim.ask as (call: string) => Promise<unknown>).call(sim, "toString")).rejects.toThrow(
      /unknown call "toString"/,
    );
    expect(await sim.ask("advance", 1)).toBeCloseTo(1, 9);
  });

  it.each([
    ["opne", [], /unknown call "opne"; did you mean "open"\?/],
    ["play", [{ sped: 1 }], /play: unknown option "sped"; did you mean "speed"\?/],
    ["play", [{ speed: -1 }], /play\.speed = -1; it must be > 0/],
    ["play", [1], /play = 1; it must be an object of options/],
    ["open", [network, { thread: 2 }], /open: unknown option "thread"; did you mean "threads"\?/],
    ["watch", [{ population: "exc" }], /watch: the key "variables" is missing/],
    ["watch", [{ population: "exc", variables: "v", neurons: [0] }], /watch\.variables = "v"; it must be an array/],
    [
      "watch",
      [{ population: "exc", variables: [3], neurons: [0] }],
      /watch\.variables\[0\] = 3; it must be the name of a variable: v, u, i_in, I_background/,
    ],
    ["watch", [{ population: "exc", variables: ["v"], neuron: [0] }], /watch: unknown option "neuron"/],
    ["unwatch", [77], /unwatch = 77; it must be an integer from 1 to/],
    ["setWeight", ["nope", 1], /unknown projection "nope"\. Known: /],
    ["rheobase", ["lift"], /unknown model "lift"; did you mean "lif"\?/],
  ])("refuses a mistake in %s: %j", async (call, args, message) => {
    const sim = remote();
    await sim.ask("open", network);
    const asked = (sim.ask as (call: string, ...args: unknown[]) => Promise<unknown>).call(sim, call, ...args);
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.not.toMatchObject({ code: "internal" });
    expect(await sim.ask("advance", 1)).toBeCloseTo(1, 9);
  });

  it("keeps nothing of what could not be watched as a whole", async () => {
    const frames: Frame[] = [];
    const sim = remote({ onFrame: (frame) => void frames.push(frame) });
    await sim.ask("open", network);
    await expect(sim.ask("watch", { population: "exc", variables: ["v", "w"], neurons: [0] })).rejects.toThrow(/"w"/);
    await sim.ask("advance", 5);
    expect(frames.flatMap(({ traces }) => traces).filter(({ population }) => population === "exc")).toEqual([]);
  });

  it("is paused by an instability, with the remedy and what was computed until then", async () => {
    const paused = new Promise<{ time: number; error?: RemoteError }>((resolve) => {
      const sim = remote({ onPaused: resolve });
      const unstable = {
        dt: 5,
        seed: 1,
        duration: 100,
        populations: [
          {
            name: "x",
            model: "hodgkinHuxley",
            method: "euler",
            size: 1,
            background: [{ kind: "constant", amplitude: 10 }],
          },
        ],
      };
      void sim.ask("open", unstable).then(() => sim.ask("play"));
    });
    const { error } = await paused;
    expect(error).toMatchObject({ code: "instability", name: "InstabilityError" });
    expect(error?.facts).toMatchObject({ population: "x", remedy: expect.any(String) });
  });

  it("answers questions about models", async () => {
    const sim = remote();
    expect(await sim.ask("rheobase", "lif")).toBeGreaterThan(0);
    expect(Object.keys(await sim.ask("restingState", "adex"))).toEqual(["v", "w"]);
    const field = await sim.ask("vectorField", "izhikevich", { v: [-80, 30], w: [-20, 20], points: 10 });
    expect(field).toMatchObject({});
    await expect(sim.ask("rheobase", "lift")).rejects.toThrow(/unknown model "lift"/);
  });

  it("describes models, own ones too, and says what is wrong with them", async () => {
    const sim = remote();
    const own = {
      name: "leaky",
      current: "pA",
      equations: "dv/dt = (g*(E - v) + I)/C : mV",
      params: { C: "200 pF", g: "10 nS", E: "-70 mV" },
      threshold: "v > -50*mV",
      reset: "v = E",
      init: { v: "E" },
    };
    expect(await sim.ask("model", own)).toMatchObject({
      id: "leaky",
      current: "pA",
      states: { v: "mV" },
      params: { C: { default: 200, unit: "pF" } },
    });
    const { methods, latex } = await sim.ask("model", own);
    expect(methods[0]).toBe("exact");
    expect(latex).toContain("\\frac{\\mathrm{d}v}{\\mathrm{d}t}");
    const adex = await sim.ask("model", "adex");
    expect(adex.states).toEqual({ v: "mV", w: "pA" });
    expect(adex.example?.current).toBeGreaterThan(0);
    await expect(sim.ask("model", { ...own, equations: "dv/dt = (g*(e - v) + I)/C : mV" })).rejects.toMatchObject({
      code: "equation",
      facts: { diagnostics: [{ source: "equations", line: 1, column: 13, length: 1, fix: "E" }] },
    });
  });

  it("checks the text of a model file, and gives it as an object", async () => {
    const sim = remote();
    const document = (await sim.ask("parse", JSON.stringify(network))) as typeof network;
    expect(document.populations.map(({ name }) => name)).toEqual(["exc", "inh"]);
    await expect(sim.ask("open", document)).resolves.toMatchObject({ name: "pair", seed: 7 });
    await expect(sim.ask("parse", '{ "dt": 0.1, "dt": 0.2 }')).rejects.toThrow(/dt/);
    await expect(sim.ask("parse", "{")).rejects.toMatchObject({ code: "document" });
  });

  it("rejects what is asked of a worker that was ended", async () => {
    const sim = remote();
    await sim.ask("open", network);
    const pending = sim.ask("advance", 1e6);
    sim.terminate();
    await expect(pending).rejects.toMatchObject({ code: "worker" });
    await expect(sim.ask("reached")).rejects.toThrow(/worker is gone: it was ended/);
  });
});
