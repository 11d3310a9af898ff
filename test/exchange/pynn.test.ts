/** Networks as scripts for PyNN: what each kind becomes, what is said of it, what is refused. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ExchangeError, exportNetwork, type ReportEntry } from "../../src/exchange/index.js";
import { isPresent } from "../../src/exchange/mapping.js";
import { BACKENDS, pynn } from "../../src/exchange/pynn/mapping.js";
import { parseDocument, Simulation } from "../../src/index.js";
import { models } from "../../src/models/index.js";
import { OWN } from "./kernel.js";

type Document = Readonly<Record<string, unknown>>;

async function exported(
  document: Document,
  flavour = "nest",
): Promise<{ script: string; files: Map<string, string | Uint8Array>; report: readonly ReportEntry[] }> {
  const { files, report } = await exportNetwork(parseDocument(document), { to: "pynn", flavour });
  const byPath = new Map(files.map(({ path, content }) => [path, content]));
  return { script: byPath.get("network.py") as string, files: byPath, report };
}

const network = (populations: readonly object[], projections: readonly object[] = [], more: object = {}): Document => ({
  name: "n",
  dt: 0.1,
  duration: 100,
  seed: 5,
  populations,
  projections,
  ...more,
});

/** A population p onto whose receptor r a source s fires. */
function driven(population: object, projection: object = {}): Document {
  return network(
    [
      { name: "s", model: "spikeTrain", size: 2, params: { times: [1], neurons: [0] } },
      { name: "p", size: 2, ...population },
    ],
    [{ source: "s", target: "p", receptor: "r", rule: "allToAll", weight: 1, delay: 1, ...projection }],
  );
}

const current = { r: { kernel: "exponential", tau: 5 } };
/** A script on one line, as if no call were folded. */
const unfolded = (script: string): string =>
  script.replace(/\s+/g, " ").replaceAll("( ", "(").replaceAll(/,? \)/g, ")").replaceAll(",)", ")");
const said = (report: readonly ReportEntry[], path: string): ReportEntry[] =>
  report.filter((entry) => entry.path === path);

describe("a script for PyNN", () => {
  it("says the network in the words and units of PyNN", async () => {
    const { script, report } = await exported(
      network(
        [
          {
            name: "exc",
            model: "lif",
            size: 80,
            params: {
              C_m: 200,
              tau_m: 20,
              E_L: -60,
              V_th: -50,
              V_reset: -60,
              t_ref: 5,
            },
            init: { v: { normal: [-55, 2] } },
            receptors: {
              ampa: { kernel: "exponential", tau: 5, E_rev: 0 },
              gaba: { kernel: "exponential", tau: 10, E_rev: -80 },
            },
            background: [
              { kind: "constant", amplitude: 3.3 },
              { kind: "poisson", rate: 500, weight: 0.5, receptor: "ampa" },
            ],
          },
          { name: "inh 1", model: "izhikevich", size: 20, receptors: { jump: { kernel: "delta" } } },
        ],
        [
          {
            source: "exc",
            target: "exc",
            receptor: "ampa",
            rule: "fixedProbability",
            p: 0.1,
            weight: 3.3,
            delay: 1.55,
          },
          {
            source: "inh 1",
            target: "exc",
            receptor: "gaba",
            rule: "fixedIndegree",
            k: 5,
            weight: 6,
            delay: 0.04,
            multapses: false,
          },
          {
            source: "exc",
            target: "inh 1",
            receptor: "jump",
            rule: "fixedOutdegree",
            k: 3,
            weight: { lognormal: [0, 0.5] },
            delay: 1,
          },
        ],
        { record: [{ population: "exc", variables: ["spikes", "v", "g_gaba"], neurons: [0, 1, 2, 7], every: 0.5 }] },
      ),
    );
    for (const line of [
      "        cm=0.2, v_rest=-60.0, v_reset=-60.0, tau_refrac=5.0, tau_m=20.0, v_thresh=-50.0,",
      "        tau_syn_E=5.0, e_rev_E=0.0, tau_syn_I=10.0, e_rev_I=-80.0, i_offset=0.0033,",
      '    initial_values={"v": RandomDistribution("normal", mu=-55.0, sigma=2.0, rng=rng)},',
      'exc_poisson_2 = sim.Population(80, sim.SpikeSourcePoisson(rate=500.0), label="exc_poisson_2")',
      "    sim.Izhikevich(a=0.02, b=0.2, c=-65.0, d=8.0),",
      '    initial_values={"v": -70.0, "u": -14.0},',
      "    sim.FixedProbabilityConnector(0.1, allow_self_connections=False, rng=rng),",
      "    sim.StaticSynapse(weight=0.0033, delay=1.6),",
      "    sim.FixedNumberPreConnector(5, rng=rng),",
      "    sim.StaticSynapse(weight=0.006, delay=0.1),",
      "    sim.FixedNumberPostConnector(3, with_replacement=True, rng=rng),",
      '        weight=RandomDistribution("lognormal", mu=0.0, sigma=0.5, rng=rng), delay=1.0,',
      'exc[[0, 1, 2, 7]].record("spikes")',
      'exc[[0, 1, 2, 7]].record(["v", "gsyn_inh"], sampling_interval=0.5)',
      "sim.setup(timestep=DT, min_delay=DT, max_delay=1.6, **extra.get(backend, {}))",
    ]) {
      expect(script.split("\n")).toContain(line);
    }
    expect(report.filter(({ fidelity }) => fidelity !== "exact").map(({ path }) => path)).toEqual(["$.populations[0]"]);
    expect(script.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  it("puts what is long into files, and names populations as Python can", async () => {
    const sources = Array.from({ length: 50 }, (_, i) => i % 4);
    const { script, files } = await exported(
      network(
        [
          { name: "class", model: "lif", size: 4, receptors: current },
          { name: "in-1", model: "lif", size: 50, receptors: current },
        ],
        [
          {
            source: "class",
            target: "in-1",
            receptor: "r",
            rule: "list",
            pairs: sources.map((i, j) => [i, j]),
            weight: sources.map((i) => i + 1),
            delay: 1,
          },
        ],
      ),
    );
    expect([...files.keys()]).toEqual([
      "network.py",
      "arrays/class__in_1_r_weights.npy",
      "arrays/class__in_1_r_sources.npy",
      "arrays/class__in_1_r_targets.npy",
    ]);
    expect(script).toContain("in_1 = sim.Population(");
    expect(script).toContain('label="in-1"');
    const bytes = files.get("arrays/class__in_1_r_weights.npy") as Uint8Array;
    expect([...new Float64Array(bytes.slice(-50 * 8).buffer)].slice(0, 4)).toEqual([0.001, 0.002, 0.003, 0.004]);
  });

  it("has spikes of NEST by PyNN, step by step", async () => {
    const read = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
    const simulation = await Simulation.fromDocument(JSON.parse(read("pynn-network.json")));
    const recordings = ["exc", "inh", "input"].map((name) => {
      const population = simulation.populations.get(name);
      return [name, simulation.record(population as NonNullable<typeof population>, "spikes")] as const;
    });
    await simulation.run(150);
    const rows = recordings.flatMap(([name, { times, neurons }]) =>
      Array.from(times, (t, i) => `${Number(t.toFixed(6))},${name},${neurons[i]}`),
    );
    simulation.close();
    const kept = read("pynn-nest-spikes.csv").trim().split("\n").slice(1);
    expect(kept.length).toBeGreaterThan(100);
    expect(rows.sort()).toEqual(kept.sort());
  });
});

describe("each kind", () => {
  const receptorsFor: Readonly<Record<string, object>> = { izhikevich: { r: { kernel: "delta" } }, lif: current };
  const conductance = { r: { kernel: "exponential", tau: 5, E_rev: 0 } };

  it.each(Object.entries(pynn.models).filter(([id]) => id in models))("model %s", async (id, counterpart) => {
    const document = driven({ model: id, receptors: receptorsFor[id] ?? conductance });
    if (!isPresent(counterpart))
      return void (await expect(exported(document)).rejects.toThrow(
        `$.populations[1].model: ${id}: ${counterpart.absent}`,
      ));
    const { script, report } = await exported(document);
    const [entry] = said(report, "$.populations[1]");
    expect(["exact", "approximate"]).toContain(entry?.fidelity);
    const cell = /sim\.(\w+)\(/.exec(
      script.slice(script.indexOf("p = sim.Population(")).replace("sim.Population(", ""),
    )?.[1] as string;
    expect(counterpart.name).toContain(id === "lif" ? "IF_curr_exp" : cell);
    expect(entry?.message).toContain(cell);
    if (counterpart.differs !== undefined) expect(entry?.message).toContain(counterpart.differs);
  });

  it("starts at the rest here, since PyNN does not know it", async () => {
    const start = async (population: object): Promise<string> =>
      unfolded((await exported(network([{ name: "p", size: 2, ...population }]))).script);
    expect(await start({ model: "izhikevich", params: { b: [0.2, 0.25] } })).toContain(
      'initial_values={"v": np.array([-70.0, -64.',
    );
    expect(await start({ model: "izhikevich", init: { v: -60 } })).toContain('initial_values={"v": -60.0, "u": -12.0}');
    expect(await start({ model: "lif", params: { E_L: { uniform: [-70, -60] } } })).toContain(
      'p.initialize(v=p.get("v_rest"))',
    );
    expect(await start({ model: "adex", init: { w: 20 } })).toContain(
      'initial_values={"v": -70.6, "w": NATIVE * 0.02}',
    );
    expect(await start({ model: "traubMiles" })).toContain('p.initialize(v=p_v, **gates(p_v, p.get("v_offset")))');
  });

  it.each(["poisson", "spikeTrain"] as const)("source %s", async (kind) => {
    const params = kind === "poisson" ? { rate: 10 } : { times: [1], neurons: [0] };
    const { script, report } = await exported(network([{ name: "s", model: kind, size: 2, params }]));
    const counterpart = pynn.models[kind];
    expect(script).toContain(`sim.${isPresent(counterpart) ? counterpart.name : ""}(`);
    expect(said(report, "$.populations[0]")[0]?.fidelity).toBe("exact");
  });

  const kernels: Readonly<Record<keyof typeof pynn.receptors, object>> = {
    delta: {},
    exponential: { tau: 5 },
    alpha: { tau: 5 },
    dualExponential: { tau_rise: 1, tau_decay: 5 },
    step: { duration: 2 },
    nmda: {},
    own: {},
  };
  it.each(Object.entries(pynn.receptors))("receptor %s", async (kernel, counterpart) => {
    const receptors = { r: { kernel, ...kernels[kernel as keyof typeof kernels] } };
    const document = { ...driven({ model: "lif", receptors }), receptorKernels: [OWN] };
    if (!isPresent(counterpart))
      return void (await expect(exported(document)).rejects.toThrow(
        `$.populations[1].receptors.r: the kernel "${kernel}" has no counterpart in PyNN`,
      ));
    const { script } = await exported(document);
    expect(script).toContain(`sim.IF_curr_${{ exponential: "exp" }[kernel] ?? kernel}(`);
    if (kernel === "delta") return void expect(script).toContain("sim.StaticSynapse(weight=1.0, delay=1.0)");
    const { script: other } = await exported(
      driven({ model: "lif", receptors: { r: { kernel, tau: 5, E_rev: -80 } } }),
    );
    expect(other).toContain(`sim.IF_cond_${{ exponential: "exp" }[kernel] ?? kernel}(`);
    expect(other).toContain('receptor_type="inhibitory"');
  });

  const backgrounds: Readonly<Record<keyof typeof pynn.backgrounds, readonly [object, string, string]>> = {
    constant: [
      { amplitude: 50, start: 10, stop: 20 },
      "exact",
      "sim.DCSource(amplitude=0.05, start=10.0, stop=20.0).inject_into(p)",
    ],
    piecewise: [
      {
        points: [
          [0, 10],
          [20, 30],
          [50, 0],
        ],
      },
      "exact",
      "sim.StepCurrentSource(times=[20.0, 50.0], amplitudes=[0.02, -0.01]).inject_into(p)",
    ],
    pulses: [
      { amplitude: 5, start: 10, width: 5, period: 50 },
      "exact",
      "sim.StepCurrentSource(times=[10.0, 15.0, 60.0, 65.0], amplitudes=[0.005, 0.0, 0.005, 0.0]).inject_into(p)",
    ],
    ramp: [{ start: 10, end: 20, from: 0, to: 50 }, "exact", 'amplitudes=load("p_background_0_amplitudes.npy")'],
    sine: [
      { amplitude: 5, frequency: 10, start: 50 },
      "exact",
      "amplitude=0.005, offset=0.0, frequency=10.0, phase=180.0, start=50.0, stop=DURATION)",
    ],
    samples: [
      { dt: 10, values: [0, 5, 6] },
      "exact",
      "sim.StepCurrentSource(times=[10.0, 20.0], amplitudes=[0.005, 0.006]).inject_into(p)",
    ],
    whiteNoise: [{ sigma: 10 }, "approximate", "stdev=0.0316227"],
    ornsteinUhlenbeck: [
      { mean: 1, sigma: 10, tau: 5 },
      "approximate",
      "p_background_0_currents = ornstein_uhlenbeck(2, 1000, mean=0.001, sigma=0.01, tau=5.0)",
    ],
    expression: [{ I: "5*pA" }, "dropped", ""],
    poisson: [{ rate: 100, weight: 2, receptor: "r" }, "exact", "sim.SpikeSourcePoisson(rate=100.0)"],
    rheobase: [{ fraction: 0.9 }, "refused", "--explicit"],
  };
  it.each(Object.entries(backgrounds))("background %s", async (kind, [fields, fidelity, line]) => {
    const document = network([
      { name: "p", model: "lif", size: 2, receptors: current, background: [{ kind, ...fields }] },
    ]);
    if (fidelity === "refused") return void (await expect(exported(document)).rejects.toThrow(line));
    const { script, report } = await exported(document);
    expect(said(report, "$.populations[0].background[0]").map((entry) => entry.fidelity)).toContain(fidelity);
    expect(unfolded(script)).toContain(line);
  });
  it("knows all backgrounds", () =>
    expect(Object.keys(backgrounds).sort()).toEqual(Object.keys(pynn.backgrounds).sort()));

  const rules: Readonly<Record<keyof typeof pynn.rules, object>> = {
    allToAll: {},
    oneToOne: {},
    fixedProbability: { p: 0.5 },
    fixedIndegree: { k: 1 },
    fixedOutdegree: { k: 1 },
    fixedTotalNumber: { n: 3 },
    distance: { kernel: "gaussian", scale: 2, p: 0.5 },
    list: {
      pairs: [
        [0, 1],
        [1, 1],
      ],
    },
  };
  it.each(Object.entries(pynn.rules))("rule %s", async (rule, counterpart) => {
    const positions = { line: { length: 3 } };
    const document = network(
      [
        { name: "s", model: "poisson", size: 2, params: { rate: 5 }, positions },
        { name: "p", model: "lif", size: 2, receptors: current, positions },
      ],
      [{ source: "s", target: "p", receptor: "r", rule, ...rules[rule as keyof typeof rules], weight: 1, delay: 1 }],
    );
    const { script, report } = await exported(document);
    const connector = /sim\.(\w+Connector)\(/.exec(script)?.[1] as string;
    expect(isPresent(counterpart) && counterpart.name).toContain(connector);
    expect(said(report, "$.projections[0]")[0]?.message).toContain(connector);
  });

  const stdp = {
    kind: "stdp",
    A_plus: 0.01,
    A_minus: 0.012,
    tau_plus: 20,
    tau_minus: 30,
    w_max: 2,
    dendriticDelayFraction: 1,
  };
  const plastic: Readonly<Record<keyof typeof pynn.plasticity, readonly [object, readonly string[], string]>> = {
    stdp: [
      { plasticity: stdp },
      ["approximate", "approximate", "approximate"],
      "SpikePairRule(tau_plus=20.0, tau_minus=30.0, A_plus=0.01, A_minus=0.012)",
    ],
    tripletStdp: [
      {
        plasticity: {
          kind: "tripletStdp",
          A2_plus: 0.01,
          A3_plus: 0.01,
          A2_minus: 0.01,
          A3_minus: 0,
          tau_plus: 17,
          tau_minus: 34,
          tau_x: 100,
          tau_y: 120,
          w_max: 2,
        },
      },
      ["dropped", "dropped", "dropped"],
      "sim.StaticSynapse(",
    ],
    inhibitoryStdp: [
      { plasticity: { kind: "inhibitoryStdp", eta: 0.1, rho_0: 5, tau: 20, w_max: 2 } },
      ["dropped", "approximate", "dropped"],
      "sim.S",
    ],
    shortTerm: [
      { shortTerm: { U: 0.2, tau_rec: 100, tau_facil: 50 } },
      ["approximate", "approximate", "dropped"],
      "sim.",
    ],
    release: [{ release: 0.4 }, ["exact", "exact", "dropped"], "sim."],
    scaling: [
      { scaling: { rho_0: 5, rate: 0.01, interval: 100, w_max: 2 } },
      ["dropped", "dropped", "dropped"],
      "sim.StaticSynapse(",
    ],
  };
  it.each(Object.entries(plastic))("plasticity %s", async (kind, [fields, fidelities, line]) => {
    const key = Object.keys(fields)[0] as string;
    for (const [i, backend] of BACKENDS.entries()) {
      const { script, report } = await exported(
        driven({ model: "lif", receptors: { r: { kernel: "exponential", tau: 5, E_rev: -80 } } }, fields),
        backend,
      );
      expect([kind, backend, said(report, `$.projections[0].${key}`).map(({ fidelity }) => fidelity)]).toEqual([
        kind,
        backend,
        [fidelities[i]],
      ]);
      expect(unfolded(script)).toContain(line);
    }
  });
  it("knows all plasticity", () => expect(Object.keys(plastic).sort()).toEqual(Object.keys(pynn.plasticity).sort()));
});

describe("what PyNN cannot say", () => {
  it.each([
    [
      "two kinds",
      { a: { kernel: "exponential", tau: 5 }, b: { kernel: "alpha", tau: 5 } },
      [1, 1],
      "a (exponential, current), b (alpha, current); the two receptors of a standard cell of PyNN are of one kind",
    ],
    [
      "a current and a conductance",
      { a: { kernel: "exponential", tau: 5 }, b: { kernel: "exponential", tau: 5, E_rev: 0 } },
      [1, 1],
      "b (exponential, conductance)",
    ],
    [
      "currents of one sign",
      { a: { kernel: "exponential", tau: 5 }, b: { kernel: "exponential", tau: 9 } },
      [1, 1],
      "a and b have different time constants",
    ],
    [
      "three receptors",
      {
        a: { kernel: "exponential", tau: 5, E_rev: 0 },
        b: { kernel: "exponential", tau: 9, E_rev: 0 },
        c: { kernel: "exponential", tau: 9, E_rev: -80 },
      },
      [1, 1, 1],
      "3 receptors with different numbers",
    ],
  ])("%s", async (_, receptors, weights, message) => {
    const names = Object.keys(receptors);
    const document = network(
      [
        { name: "s", model: "poisson", size: 2 },
        { name: "p", model: "lif", size: 2, receptors },
      ],
      names.map((receptor, i) => ({
        source: "s",
        target: "p",
        receptor,
        rule: "allToAll",
        weight: weights[i],
        delay: 1,
      })),
    );
    await expect(exported(document)).rejects.toThrow(ExchangeError);
    await expect(exported(document)).rejects.toThrow(message);
  });

  it("leaves out receptors that nothing reaches, and shares slots between equal ones", async () => {
    const receptors = {
      r: { kernel: "exponential", tau: 5 },
      same: { kernel: "exponential", tau: 5 },
      idle: { kernel: "nmda" },
    };
    const { script, report } = await exported(driven({ model: "lif", receptors }, { weight: -3 }));
    expect(said(report, "$.populations[1].receptors.idle")[0]?.fidelity).toBe("exact");
    expect(script).toContain("tau_syn_E=5.0, tau_syn_I=5.0");
    expect(script).toContain('receptor_type="inhibitory"');
  });

  it.each([
    [
      "own models",
      network([{ name: "p", model: "own", size: 1 }], [], {
        models: [
          {
            name: "own",
            current: "pA",
            equations: "dv/dt = -v/(10*ms) : mV",
            threshold: "v > 1*mV",
            reset: "v = 0*mV",
            init: { v: "0 mV" },
          },
        ],
      }),
      "own is a model of its own",
    ],
    [
      "parameters that a cell has not",
      network([{ name: "p", model: "izhikevich", size: 1, params: { V_peak: 35 } }]),
      "$.populations[0].params.V_peak: Izhikevich of PyNN has V_peak = 30",
    ],
    ["currents into AdEx", driven({ model: "adex", receptors: current }), "has conductances only"],
    [
      "a rest that is drawn",
      network([{ name: "p", model: "izhikevich", size: 1, params: { b: { uniform: [0.1, 0.2] } } }]),
      "--explicit",
    ],
  ])("%s", async (_, document, message) => {
    await expect(exported(document)).rejects.toThrow(ExchangeError);
    await expect(exported(document)).rejects.toThrow(message);
  });

  it("differs between simulators", async () => {
    const jumps = driven({ model: "lif", receptors: { r: { kernel: "delta" } } });
    await expect(exported(jumps, "neuron")).rejects.toThrow("pyNN.neuron has no IF_curr_delta");
    for (const backend of BACKENDS) {
      const { report, script } = await exported(driven({ model: "lif", receptors: current }), backend);
      expect(said(report, "$.populations[1]")[0]?.fidelity).toBe(backend === "nest" ? "exact" : "approximate");
      expect(script).toContain(`else "${backend}"`);
    }
    await expect(exportNetwork(parseDocument(jumps), { to: "pynn", flavour: "nets" })).rejects.toThrow("nets");
  });

  it("gives pyNN.brian2 a refractory period and spike times that mean the same there", async () => {
    const cell = { model: "lif", params: { t_ref: 1.33 }, receptors: current };
    const { script, report } = await exported(driven(cell), "brian2");
    expect(unfolded(script)).toContain("tau_refrac=1.3 + HELD");
    expect(script).toContain('HELD = DT if backend == "brian2" else 0.0');
    expect(said(report, "$.populations[0]")[0]?.fidelity).toBe("exact");
    expect(script).not.toContain("defaultclock");
    expect((await exported({ ...driven(cell), dt: 0.05 }, "brian2")).script).toContain("defaultclock.dt = DT");
    expect((await exported(driven(cell))).script).not.toContain("HELD");
    const train = { name: "s", model: "spikeTrain", size: 2, params: { times: [1, 1.04, 1], neurons: [0, 0, 1] } };
    expect(said((await exported(network([train]), "brian2")).report, "$.populations[0]")[0]?.fidelity).toBe("dropped");
  });

  it.each([
    ["lif", { params: { t_ref: [1, 2] } }, "$.populations[1].params.t_ref: pyNN.brian2 has one t_ref for all cells"],
    ["izhikevich", { params: { d: [6, 8] } }, "$.populations[1].params.d: pyNN.brian2 has one d for all cells"],
    ["adex", { params: { b: [1, 2] } }, "$.populations[1].params.b: pyNN.brian2 has one b for all cells"],
    ["traubMiles", {}, "$.populations[1].model: pyNN.brian2 takes each step of HH_cond_exp above -40 mV for a spike"],
    ["adaptiveLif", {}, "$.populations[1].model: pyNN.brian2 divides by delta_T"],
  ])("refuses %s where pyNN.brian2 would run another network", async (model, more, message) => {
    const kind = model === "izhikevich" ? { kernel: "delta" } : { kernel: "exponential", tau: 5, E_rev: 0 };
    const document = driven({ model, receptors: { r: kind }, ...more });
    await expect(exported(document, "brian2")).rejects.toThrow(message);
    await exported(document);
  });

  it("refuses currents and rates that pyNN.brian2 takes for others", async () => {
    const alphas = { r: { kernel: "alpha", tau: 1 }, i: { kernel: "alpha", tau: 2 } };
    const both = driven({ model: "lif", receptors: alphas });
    (both.projections as object[]).push({ ...(both.projections as object[])[0], receptor: "i", weight: -1 });
    await expect(exported(both, "brian2")).rejects.toThrow(
      "$.populations[1].receptors: pyNN.brian2 gives the inhibitory current of IF_curr_alpha the time constant of the excitatory one: 2 ms would be 1.",
    );
    const equal = driven({ model: "lif", params: { tau_m: [5, 10] }, receptors: current });
    await expect(exported(equal, "brian2")).rejects.toThrow(
      "$.populations[1].receptors: Brian2's exact solution divides",
    );
    await exported(equal);
    const rates = network([
      {
        name: "s",
        model: "poisson",
        size: 1,
        params: {
          rate: {
            points: [
              [0, 5],
              [50, 9],
            ],
          },
        },
      },
    ]);
    await expect(exported(rates, "brian2")).rejects.toThrow(
      "$.populations[0].params.rate: pyNN.brian2 keeps the first",
    );
    await exported(rates);
  });

  it("is refused where it must be exact", async () => {
    const strict = (document: Document, flavour: string): Promise<unknown> =>
      exportNetwork(parseDocument(document), { to: "pynn", flavour, strict: true });
    const exact = driven({ model: "lif", receptors: current });
    await strict(exact, "nest");
    await expect(strict(exact, "neuron")).rejects.toThrow(
      "$.populations[1]: approximate: IF_curr_exp: NEURON integrates implicitly",
    );
    await expect(
      strict(driven({ model: "lif", receptors: { r: { kernel: "exponential", tau: 5, E_rev: 0 } } }), "nest"),
    ).rejects.toThrow("adaptive steps");
    const gap = network(
      [{ name: "p", model: "lif", size: 3 }],
      [{ source: "p", target: "p", gapJunction: true, rule: "allToAll", weight: 1 }],
    );
    await expect(strict(gap, "nest")).rejects.toThrow("$.projections[0]: dropped");
  });

  it("says what recordings become", async () => {
    const { report, script } = await exported(
      network(
        [{ name: "p", model: "lif", size: 3, receptors: current }],
        [
          {
            source: "p",
            target: "p",
            rule: "allToAll",
            weight: 1,
            delay: 1,
            plasticity: { kind: "stdp", A_plus: 0.1, A_minus: 0.1, tau_plus: 20, tau_minus: 20, w_max: 2 },
          },
        ],
        {
          record: [
            { population: "p", variables: ["spikes", "v", "i_r", "I_background"], interpolate: true },
            { projection: 0, variables: ["weight"] },
          ],
        },
      ),
    );
    const dropped = report
      .filter(({ fidelity, path }) => fidelity === "dropped" && path.startsWith("$.record"))
      .map(({ message }) => message);
    expect(dropped).toEqual([
      "spikes are on the grid there",
      "PyNN does not record i_r of this cell",
      "PyNN does not record I_background of this cell",
      "PyNN records no weights over time: entry 1 of those with a projection",
    ]);
    expect(script).toContain('p.record(["v"], sampling_interval=0.1)');
  });
});
