/** Uses of the API that must compile. Never run: the compiler is the test. */
import {
  adex,
  background,
  defineReceptorKernel,
  hodgkinHuxley,
  InstabilityError,
  izhikevich,
  lif,
  type ModelRecord,
  models,
  type Population,
  receptor,
  type Report,
  rheobase,
  Simulation,
  type SpikeRecording,
  type TraceRecording,
} from "../../src/index.js";

export async function everything(): Promise<Report> {
  const sim = await Simulation.create({ dt: "100 us", seed: 42, name: "typed" });
  const exc = sim.population("exc", izhikevich, 800, {
    preset: "RS",
    method: "halfStep",
    params: { a: 0.02, d: (i) => 8 - 6 * (i / 800) ** 2, c: { uniform: [-66, -64] }, b: new Float64Array(800) },
    init: { v: { uniform: [-70, -60] }, u: -14, g_ampa: 0, i_slow: [1, 2] },
    receptors: { ampa: receptor.exponential({ tau: 5, E_rev: 0 }), slow: receptor.exponential({ tau: "50 ms" }) },
    background: [
      background.constant(4),
      background.whiteNoise({ sigma: 5, mean: "1" }),
      background.pulses({ amplitude: [1, 2], width: 1, period: "5 ms", count: 3 }),
      background.piecewise([
        [0, 1],
        ["5 ms", 2, 0.5],
      ]),
      { kind: "sine", amplitude: 3, frequency: "40 Hz" },
      background.rheobase(0.95),
      background.samples({ dt: 1, values: Float64Array.of(1, 2) }),
    ],
  });
  const saturating = defineReceptorKernel({
    name: "saturating",
    params: { tau: "100 ms", g_max: { default: "2 nS", range: ">= 0" } },
    equations: ["ds/dt = -s/tau : 1"],
    onSpike: "s += w*(1 - s)",
    output: "g_max*s*(0*mV - v)",
  });
  const saturated = sim.population("saturated", lif, 2, {
    init: { s_slow: 0.5 },
    receptors: { slow: saturating({ tau: "80 ms" }), fast: { kernel: saturating } },
  });
  sim.record(saturated, "s_slow");
  sim.record(saturated, "g_fast");
  saturated.setReceptor("slow", { g_max: "3 nS" });
  const one = sim.population("one", lif, 1, { receptors: { in: receptor.delta() } });
  const bare = sim.population("bare", adex, 3);
  sim.population("gates", hodgkinHuxley, 2, { rates: "exact" });
  sim.connect(exc, exc, { rule: "fixedProbability", p: 0.1, receptor: "ampa", weight: 0.5, delay: "1.5 ms" });
  sim.connect(exc, one, { rule: "allToAll", weight: (source, target) => source - target, delay: { uniform: [1, 2] } });
  sim.connect(one, exc, { rule: "list", pairs: [[0, 1]], receptor: "slow", weight: [1], weightPrecision: "float64" });

  const spikes: SpikeRecording = sim.record(exc, "spikes", { interpolate: true });
  const traces: TraceRecording[] = [
    sim.record(exc, "v", { neurons: [0, 1], every: 0.5 }),
    sim.record(exc, "u"),
    sim.record(exc, "g_ampa"),
    sim.record(exc, "i_slow"),
    sim.record(exc, "I_background"),
    sim.record(bare, "w"),
  ];
  exc.set({ d: 6, t_ref: "1 ms" });
  exc.setBackground([background.constant(1)]);
  const report = await sim.run("1 s", {
    chunk: 10,
    signal: new AbortController().signal,
    onProgress: ({ time, fraction }) => console.log(time + fraction),
  });
  exc.setState("u", new Float64Array(800));
  const state: Float64Array = exc.state("g_ampa");
  const times: Float64Array = spikes.times;
  const neurons: Uint32Array = spikes.neurons;
  const spikesOfExc: number | undefined = report.populations.exc?.spikes;
  const threshold: number = await rheobase(hodgkinHuxley, { params: { g_Na: 110 } });
  console.log(state, times, neurons, traces, spikesOfExc, threshold);
  return report;
}

/** What an unstable run leaves behind is a report. */
export function rateSoFar(error: unknown): number | undefined {
  return error instanceof InstabilityError ? error.report.populations.exc?.rate : undefined;
}

/** A model chosen at run time loses its names, not its use. */
export async function anyModel(id: keyof typeof models): Promise<Population> {
  const sim = await Simulation.create({ dt: 0.1 });
  const model: ModelRecord = models[id];
  const population = sim.population("any", model, 10, { params: { V_th: -50 } });
  sim.record(population, "v");
  return population;
}
