/** NeuroML: what is written, what jNeuroML made of it, what is refused, and what is read back. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  exportNetwork,
  ExchangeError,
  type FileSource,
  importNetwork,
  type ReportEntry,
} from "../../src/exchange/index.js";
import {
  isPresent,
  type BackgroundName,
  type KernelName,
  type ModelName,
  type PlasticityName,
  type RuleName,
} from "../../src/exchange/mapping.js";
import { rests } from "../../src/exchange/neuroml/cells.js";
import { mapping } from "../../src/exchange/neuroml/mapping.js";
import { Ids } from "../../src/exchange/neuroml/names.js";
import { decimal, readQuantity, spelled } from "../../src/exchange/neuroml/quantity.js";
import { readNetwork } from "../../src/exchange/neuroml/read.js";
import { MAX_DEPTH, readXml } from "../../src/exchange/neuroml/read-xml.js";
import { xmlText } from "../../src/exchange/neuroml/write-xml.js";
import { izhikevich, models, parseDocument, Simulation } from "../../src/index.js";
import { OWN } from "./kernel.js";

type Document = Record<string, unknown>;

const folder = new URL("neuroml/", import.meta.url);
const stored = (name: string): string => readFileSync(new URL(name, folder), "utf8");
const small = JSON.parse(stored("small.json")) as Document;

/** A network of a document with all that is drawn. */
async function explicit(document: Document): Promise<ReturnType<Simulation["explicit"]>> {
  const rest = { name: "n", dt: 0.1, duration: 100, receptorKernels: [OWN] };
  const simulation = await Simulation.fromDocument({ ...rest, ...document });
  const network = simulation.explicit();
  simulation.close();
  return network;
}

async function written(
  document: Document,
  strict = false,
): Promise<{ readonly nml: string; readonly lems: string; readonly report: readonly ReportEntry[] }> {
  const { files, report } = await exportNetwork(await explicit(document), { to: "neuroml", strict });
  const [lems = "", nml = ""] = files.map(({ content }) => content as string);
  return { nml, lems, report };
}

/** Files by their names; the first one is asked for. */
function source(files: Readonly<Record<string, string>>): FileSource {
  const text = (path: string): Promise<string> => {
    const content = files[path];
    return content === undefined ? Promise.reject(new Error(`no file ${path}`)) : Promise.resolve(content);
  };
  return {
    path: Object.keys(files)[0] as string,
    text,
    bytes: async (path) => new TextEncoder().encode(await text(path)),
  };
}

const read = (files: Readonly<Record<string, string>>): ReturnType<typeof importNetwork> =>
  importNetwork(source(files), { from: "neuroml" });

type Times = Record<string, number[]>;

async function spikesOf(simulation: Simulation, duration: number): Promise<Times> {
  const recordings = [...simulation.populations.values()].map(
    (population) => [population.name, simulation.record(population, "spikes")] as const,
  );
  await simulation.run(duration);
  const spikes: Times = {};
  for (const [name, { times, neurons }] of recordings)
    times.forEach((time, i) => void (spikes[`${name} ${neurons[i]}`] ??= []).push(time));
  simulation.close();
  return spikes;
}

const lif = (more: Document = {}): Document => ({ name: "p", model: "lif", size: 2, ...more });
const exp = { kernel: "exponential", tau: 5, E_rev: 0 };
const train = { name: "in", model: "spikeTrain", size: 2, params: { times: [5, 10], neurons: [0, 1] } };

describe("what is written", () => {
  it("is the stored text, for a small network", async () => {
    const { nml, lems } = await written(small);
    expect(nml).toBe(stored("small.net.nml"));
    expect(lems).toBe(stored("LEMS_small.xml"));
  });

  it("has the spikes that jNeuroML found in it: all where it is exact, within its Euler error elsewhere", async () => {
    const { times_ms: there } = JSON.parse(stored("small.spikes.json")) as { times_ms: Times };
    const { report } = await written(small);
    const here = await spikesOf(await Simulation.fromDocument(small), 100);
    const exact = (small.populations as { name: string }[]).filter((_, i) =>
      report.some(({ path, fidelity }) => path === `$.populations[${i}]` && fidelity === "exact"),
    );
    expect(exact.map(({ name }) => name)).toEqual(["iaf", "RS cell", "CH", "qif"]);
    for (const [key, times] of Object.entries(here)) {
      const theirs = there[key.replace("RS cell", "RS_cell")] ?? [];
      expect(theirs).toHaveLength(times.length);
      const bound = exact.some(({ name }) => key.startsWith(name)) ? 1e-9 : 0.6;
      times.forEach((time, i) => expect(Math.abs(time - (theirs[i] as number))).toBeLessThanOrEqual(bound));
    }
  });

  it("has names that NeuroML allows, each once", () => {
    const ids = new Ids();
    expect(["a", "a", "L2/3 pyr", "4", "Zelle ü", ""].map((name) => ids.of(name))).toEqual([
      "a",
      "a_2",
      "L2_3_pyr",
      "_4",
      "Zelle__",
      "_",
    ]);
  });

  it("has numbers and units of NeuroML's grammar", () => {
    expect([1e21, -1e-7, 0.1, -0, 5].map(decimal)).toEqual(["1e21", "-1e-7", "0.1", "0", "5"]);
    expect(["nS/mV", "1/ms", "pF"].map(spelled)).toEqual(["nS_per_mV", "per_ms", "pF"]);
    expect(readQuantity("0.04 uS_per_V", "nS/mV", "k")).toBeCloseTo(0.04, 15);
    expect(readQuantity("20per_s", "1/ms", "a")).toBeCloseTo(0.02, 15);
    expect(readQuantity("1e-1nF", "pF", "C")).toBe(100);
  });

  it("escapes what XML does not take", () => {
    expect(xmlText({ name: "a", attributes: { x: '<&>"\n' } })).toContain('<a x="&lt;&amp;&gt;&quot;&#10;"/>');
  });

  it("is one population for each set of parameters", async () => {
    const { nml, report } = await written({
      populations: [lif({ size: 4, params: { V_th: [-50, -55, -50, -55], t_ref: 0 }, method: "euler" })],
    });
    expect(nml.match(/<population [^>]*/g)).toEqual([
      '<population id="p_0" component="p_0_cell" size="2"/',
      '<population id="p_1" component="p_1_cell" size="2"/',
    ]);
    expect(report).toEqual([
      {
        fidelity: "exact",
        path: "$.populations[0]",
        message: "2 populations, one for each set of parameters of iafCell",
      },
    ]);
  });

  it("starts where the neurons start, or says where", async () => {
    const { nml } = await written({ populations: [lif({ init: { v: -61 } })] });
    expect(nml).toContain(
      '<IF_curr_exp id="p_cell" cm="0.25" tau_m="10" v_rest="-70" v_thresh="-55" v_reset="-70" tau_refrac="2" i_offset="0" tau_syn_E="1" tau_syn_I="1" v_init="-61"/>',
    );
    const { report } = await written({ populations: [{ name: "p", model: "adex", size: 1, init: { w: 30 } }] });
    expect(report[0]).toMatchObject({ fidelity: "approximate", path: "$.populations[0]" });
    expect(report[0]?.message).toContain("starts with w = 0, here 30");
  });
});

describe("izhikevich as izhikevich2007Cell", () => {
  it("has the same polynomial and recovery, for all presets that have a rest", () => {
    const names = Object.keys(izhikevich.presets) as (keyof typeof izhikevich.presets)[];
    let tried = 0;
    for (const name of names) {
      const defaults = Object.fromEntries(Object.entries(izhikevich.params).map(([key, { default: x }]) => [key, x]));
      const p = { ...defaults, ...izhikevich.presets[name].params } as Record<string, number>;
      for (const { vr, vt, s } of p.k_u === 1 ? rests(p) : []) {
        tried++;
        const { k_2, k_1, k_0, b, V_u } = p as Record<"k_2" | "k_1" | "k_0" | "b" | "V_u", number>;
        for (const [v, u] of [
          [-80, -10],
          [-50, 3],
          [20, 9],
        ] as const) {
          expect(k_2 * (v - vr) * (v - vt) - (u - s)).toBeCloseTo(k_2 * v * v + k_1 * v + k_0 - u, 8);
          expect(b * (v - vr) - (u - s)).toBeCloseTo(b * (v - V_u) - u, 8);
        }
      }
    }
    expect(tried).toBeGreaterThan(30);
  });

  it("is izhikevichCell where u starts elsewhere on b v, and says so where neither fits", async () => {
    const cell = (init: Document, more: Document = {}): Promise<string> =>
      written({ populations: [{ name: "p", model: "izhikevich", size: 1, init, method: "euler", ...more }] }).then(
        ({ nml, report }) => `${/<(izhikevich\w+)/.exec(nml)?.[1]} ${report[0]?.fidelity}`,
      );
    expect(await cell({})).toBe("izhikevich2007Cell exact");
    expect(await cell({ v: -65 })).toBe("izhikevich2007Cell exact");
    expect(await cell({ v: -60, u: -12 })).toBe("izhikevichCell exact");
    expect(await cell({ v: -60, u: 0 })).toBe("izhikevich2007Cell approximate");
  });
});

/** A network with each kind. A kind that is new does not compile here before it is tried. */
const MODELS: Record<ModelName | "poisson" | "spikeTrain", Document> = {
  ...(Object.fromEntries(Object.keys(models).map((model) => [model, { name: "p", model, size: 2 }])) as Record<
    string,
    Document
  > as Record<ModelName, Document>),
  poisson: { name: "p", model: "poisson", size: 2, params: { rate: [10, 0] } },
  spikeTrain: { ...train, name: "p" },
};
const RECEPTORS: Record<KernelName, Document> = {
  delta: { kernel: "delta" },
  exponential: exp,
  alpha: { kernel: "alpha", tau: 3, E_rev: 0 },
  dualExponential: { kernel: "dualExponential", tau_rise: 1, tau_decay: 5, E_rev: 0 },
  step: { kernel: "step", duration: 3 },
  nmda: { kernel: "nmda" },
  own: { kernel: "own" },
};
const BACKGROUNDS: Record<BackgroundName, Document> = {
  constant: { kind: "constant", amplitude: [100, 120] },
  piecewise: {
    kind: "piecewise",
    points: [
      [0, 10],
      [20, 30, 2],
    ],
  },
  pulses: { kind: "pulses", amplitude: 50, start: 5, width: 2, period: 10 },
  ramp: { kind: "ramp", start: 10, end: 50, from: 0, to: [50, 60] },
  sine: { kind: "sine", amplitude: 50, frequency: 10, offset: 5 },
  expression: { kind: "expression", I: "5*pA" },
  whiteNoise: { kind: "whiteNoise", sigma: 10 },
  ornsteinUhlenbeck: { kind: "ornsteinUhlenbeck", mean: 0, sigma: 10, tau: 5 },
  samples: { kind: "samples", dt: 10, values: [1, 1, 2, 0] },
  rheobase: { kind: "rheobase", fraction: 0.5 },
  poisson: { kind: "poisson", rate: [100, 200], weight: 1, receptor: "r" },
};
const POSITIONS = { positions: { line: { length: 2 } } };
const RULES: Record<RuleName, Document> = {
  allToAll: { rule: "allToAll" },
  oneToOne: { rule: "oneToOne" },
  fixedProbability: { rule: "fixedProbability", p: 0.9 },
  fixedIndegree: { rule: "fixedIndegree", k: 2 },
  fixedOutdegree: { rule: "fixedOutdegree", k: 2 },
  fixedTotalNumber: { rule: "fixedTotalNumber", n: 3 },
  distance: { rule: "distance", kernel: "box", scale: 2 },
  list: { rule: "list", pairs: [[0, 1]] },
};
const taus = { tau_plus: 20, tau_minus: 20, w_max: 5 };
const PLASTICITY: Record<PlasticityName, Document> = {
  stdp: { plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.01, ...taus } },
  tripletStdp: {
    plasticity: {
      kind: "tripletStdp",
      A2_plus: 0.1,
      A3_plus: 0.1,
      A2_minus: 0.1,
      A3_minus: 0.1,
      tau_x: 50,
      tau_y: 60,
      ...taus,
    },
  },
  inhibitoryStdp: { plasticity: { kind: "inhibitoryStdp", eta: 0.1, rho_0: 5, tau: 20, w_max: 5 } },
  shortTerm: { shortTerm: { U: 0.5, tau_rec: 100, tau_facil: 20 } },
  scaling: { scaling: { rho_0: 5, rate: 0.1, interval: 10, w_min: 0, w_max: 5 } },
  release: { release: 0.5 },
};
const joined = (receptor: Document, more: Document): Document => ({
  populations: [{ ...train, ...POSITIONS }, lif({ receptors: { r: receptor }, ...POSITIONS })],
  projections: [{ source: "in", target: "p", rule: "allToAll", weight: 1, delay: 1, ...more }],
});
const KINDS: readonly (readonly [string, { absent?: string } | object, string, Document])[] = [
  ...Object.entries(MODELS).map(
    ([name, population]) =>
      [name, mapping.models[name as ModelName], "$.populations[0]", { populations: [population] }] as const,
  ),
  ...Object.entries(RECEPTORS).map(
    ([name, receptor]) =>
      [`receptor ${name}`, mapping.receptors[name as KernelName], "$.projections[0]", joined(receptor, {})] as const,
  ),
  ...Object.entries(BACKGROUNDS).map(
    ([name, entry]) =>
      [
        `background ${name}`,
        mapping.backgrounds[name as BackgroundName],
        "$.populations[0].background[0]",
        { populations: [lif({ receptors: { r: exp }, background: [entry] })] },
      ] as const,
  ),
  ...Object.entries(RULES).map(
    ([name, rule]) => [`rule ${name}`, mapping.rules[name as RuleName], "$.projections[0]", joined(exp, rule)] as const,
  ),
  ...Object.entries(PLASTICITY).map(
    ([name, rule]) =>
      [
        name,
        mapping.plasticity[name as PlasticityName],
        "$.projections[0]",
        joined(RECEPTORS.dualExponential, rule),
      ] as const,
  ),
];

describe("every kind is written and reported, or refused by its name", () => {
  it.each(KINDS)("%s", async (_, counterpart, path, document) => {
    if (isPresent(counterpart as never)) {
      const { report } = await written(document);
      expect(report.filter((entry) => entry.path === path)).toHaveLength(1);
      return;
    }
    const error = await written(document).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ExchangeError);
    expect((error as ExchangeError).message).toContain("NeuroML cannot say this network:");
    expect((error as ExchangeError).message).toContain((counterpart as { absent: string }).absent);
    expect((error as ExchangeError).entries.map((entry) => entry.path)).toContain(path);
  });
});

describe("what is refused", () => {
  const cases: readonly (readonly [string, Document, string])[] = [
    [
      "a refractory period of izhikevich",
      { populations: [{ name: "p", model: "izhikevich", size: 1, params: { t_ref: 1 } }] },
      "a refractory period (t_ref)",
    ],
    [
      "k_u",
      { populations: [{ name: "p", model: "izhikevich", preset: "accommodation", size: 1 }] },
      "k_u other than 1",
    ],
    [
      "a current of two time constants",
      joined({ kernel: "dualExponential", tau_rise: 1, tau_decay: 5 }, {}),
      "dualExponential without E_rev",
    ],
    [
      "short-term plasticity of one exponential",
      joined(exp, { shortTerm: { U: 0.5, tau_rec: 100 } }),
      "shortTerm onto another receptor",
    ],
    [
      "a gap junction in one direction",
      {
        populations: [lif()],
        projections: [{ source: "p", target: "p", gapJunction: true, rule: "list", pairs: [[0, 1]], weight: 1 }],
      },
      "from neuron 0 to 1 without one of the same weight back",
    ],
    [
      "a rate with a slope",
      { populations: [{ name: "p", model: "poisson", size: 1, params: { rate: { points: [[0, 5, 1]] } } }] },
      "a rate that changes",
    ],
    [
      "an own model",
      {
        models: [
          { name: "own", current: "pA", equations: "dv/dt = I/(10*pF) : mV", threshold: "v > 1*mV", reset: "v = 0*mV" },
        ],
        populations: [{ name: "p", model: "own", size: 1 }],
      },
      "an own model",
    ],
    [
      "too many pulses",
      { duration: 1e5, populations: [lif({ background: [{ kind: "pulses", amplitude: 5, width: 1, period: 2 }] })] },
      "generators are the most",
    ],
  ];
  it.each(cases)("%s", async (_, document, message) => {
    await expect(written(document)).rejects.toThrow(message);
  });

  it("names all that stands in the way", async () => {
    const error = (await written({
      populations: [
        lif({ background: [BACKGROUNDS.whiteNoise, BACKGROUNDS.expression] }),
        { name: "q", model: "morrisLecar", size: 1 },
      ],
    }).catch((caught: unknown) => caught)) as ExchangeError;
    expect(error.entries.map(({ path }) => path)).toEqual([
      "$.populations[1]",
      "$.populations[0].background[0]",
      "$.populations[0].background[1]",
    ]);
  });

  it("a network that is still to be drawn", async () => {
    const network = parseDocument({
      dt: 0.1,
      duration: 10,
      populations: [lif({ params: { C_m: { uniform: [200, 300] } } })],
    });
    await expect(exportNetwork(network, { to: "neuroml" })).rejects.toThrow(
      "$.populations[0].params.C_m: a distribution; NeuroML holds numbers: draw them first (Simulation.explicit()).",
    );
  });

  it("anything but exact, with strict", async () => {
    const exact = {
      populations: [lif({ params: { t_ref: 0 }, method: "euler", background: [{ kind: "constant", amplitude: 500 }] })],
    };
    expect((await written(exact, true)).report.every(({ fidelity }) => fidelity === "exact")).toBe(true);
    await expect(written({ populations: [lif()] }, true)).rejects.toThrow(
      "$.populations[0]: approximate: a population of iafRefCell;",
    );
    await expect(
      written({ populations: [lif({ params: { t_ref: 0 }, method: "euler", receptors: { r: exp } })] }, true),
    ).rejects.toThrow("$.populations[0].receptors.r: dropped: nothing acts on it");
  });
});

describe("what is read back", () => {
  it("has the same spikes, with populations by their parameters", async () => {
    const document: Document = {
      duration: 150,
      populations: [
        {
          name: "exc",
          model: "lif",
          size: 8,
          init: { v: -65 },
          receptors: { e: exp, i: { kernel: "alpha", tau: 4 } },
          background: [
            { kind: "sine", amplitude: 200, offset: 450, frequency: 20, start: 15 },
            { kind: "constant", amplitude: 80, neurons: [1, 4], start: 5, stop: 70 },
          ],
        },
        {
          name: "start",
          model: "lif",
          size: 1,
          background: [{ kind: "ramp", start: 20, end: 90, from: 100, to: 700 }],
        },
        {
          name: "ad",
          model: "adaptiveLif",
          size: 2,
          background: [{ kind: "constant", amplitude: 700 }],
          receptors: {
            e: { kernel: "dualExponential", tau_rise: 1, tau_decay: 5, E_rev: 0 },
            c: { kernel: "exponential", tau: 6 },
          },
        },
        {
          name: "eif",
          model: "eif",
          size: 1,
          background: [{ kind: "pulses", amplitude: 900, start: 10, width: 30, period: 50 }],
        },
        {
          name: "adex",
          model: "adex",
          size: 1,
          params: { a: 0 },
          background: [
            {
              kind: "piecewise",
              points: [
                [0, 900],
                [50, 700, 3],
                [90, 0],
              ],
            },
          ],
          receptors: { n: { kernel: "nmda" } },
        },
        {
          name: "leaky",
          model: "adex",
          size: 1,
          params: { a: 0 },
          init: { v: -60 },
          background: [{ kind: "constant", amplitude: 900 }],
        },
        {
          name: "iz",
          model: "izhikevich",
          size: 2,
          background: [{ kind: "constant", amplitude: [10, 7] }],
          receptors: { e: { kernel: "exponential", tau: 4, E_rev: 0 } },
        },
        {
          name: "iz3",
          model: "izhikevich",
          preset: "FS",
          size: 1,
          init: { v: -60, u: -12 },
          background: [{ kind: "samples", dt: 20, values: [5, 9, 9, 20, 7] }],
        },
        { name: "qif", model: "qif", size: 1, background: [{ kind: "constant", amplitude: 80 }] },
        { name: "in", model: "spikeTrain", size: 1, params: { times: [5, 20, 35, 50, 80], neurons: [0, 0, 0, 0, 0] } },
      ],
      projections: [
        {
          source: "in",
          target: "exc",
          receptor: "e",
          rule: "allToAll",
          weight: { uniform: [5, 20] },
          delay: { uniform: [1, 5] },
        },
        { source: "exc", target: "exc", receptor: "i", rule: "fixedIndegree", k: 3, weight: -30, delay: 1.5 },
        {
          source: "in",
          target: "ad",
          receptor: "e",
          rule: "allToAll",
          weight: 20,
          delay: 2,
          shortTerm: { U: 0.4, tau_rec: 50, tau_facil: 30 },
        },
        { source: "exc", target: "ad", receptor: "c", rule: "allToAll", weight: 20, delay: 2 },
        { source: "in", target: "iz", rule: "allToAll", weight: 0.1, delay: 1 },
        { source: "exc", target: "adex", rule: "allToAll", weight: 2, delay: 1 },
        { source: "ad", target: "ad", gapJunction: true, rule: "allToAll", autapses: false, weight: 2 },
      ],
      record: [{ population: "exc", variables: ["v"], neurons: [0, 2] }],
    };
    const network = await explicit(document);
    const { files } = await exportNetwork(network, { to: "neuroml" });
    const { network: back, report } = await read(
      Object.fromEntries(files.map(({ path, content }) => [path, content as string])),
    );
    expect(report.filter(({ fidelity }) => fidelity !== "exact")).toEqual([]);
    expect(back).toMatchObject({ dt: 0.1, duration: 150, seed: 1, name: "n" });
    const [there, here] = [
      await spikesOf(await Simulation.fromSpec(back), 150),
      await spikesOf(await Simulation.fromSpec(network), 150),
    ];
    expect(Object.keys(here).length).toBeGreaterThan(15);
    expect(there).toEqual(here);
    const recorded = back.record.find(({ variables }) => variables.includes("v"));
    expect([recorded?.population, [...(recorded?.neurons ?? [])]]).toEqual(["exc", [0, 2]]);
  });

  it("has sources and random input", async () => {
    const { files } = await exportNetwork(
      await explicit({
        populations: [
          { name: "s", model: "poisson", size: 3, params: { rate: 20 } },
          {
            name: "t",
            model: "poisson",
            size: 1,
            params: {
              rate: {
                points: [
                  [10, 50],
                  [60, 0],
                ],
              },
            },
          },
          lif({
            receptors: { r: exp },
            background: [{ kind: "poisson", rate: 300, weight: [1, 2], receptor: "r", start: 5 }],
          }),
        ],
        projections: [{ source: "s", target: "p", rule: "allToAll", weight: 1, delay: 1 }],
      }),
      { to: "neuroml" },
    );
    const { network } = await read(Object.fromEntries(files.map(({ path, content }) => [path, content as string])));
    expect(network.populations.map(({ source: played }) => played)).toMatchObject([
      { kind: "poisson", rate: 20 },
      {
        kind: "poisson",
        rate: [
          [10, 50, 0],
          [60, 0, 0],
        ],
      },
      undefined as never,
    ]);
    expect(network.populations[2]?.background).toMatchObject([
      { kind: "poisson", rate: 300, weight: 1, scope: { start: 5 } },
      { kind: "poisson", weight: 2 },
    ]);
  });
});

const cell =
  '<iafCell id="c" C="0.25 nF" leakReversal="-70mV" thresh="-55 mV" reset="-0.07V" leakConductance="0.025uS"/>';
const nml = (inside: string, components = cell): string =>
  `<neuroml id="d">\n${components}\n<network id="n">\n${inside}\n</network>\n</neuroml>`;
const p = '<population id="p" component="c" size="2"/>';

describe("documents of others", () => {
  it("are read with their units, paths and lists of instances", async () => {
    const { network, report } = await read({
      "a.nml": nml(
        `<notes>text</notes><region id="r"/>
         <population id="p" type="populationList" component="c" size="2"><instance id="7"><location x="1" y="2" z="0"/></instance><instance id="3"><location x="3" y="4" z="0"/></instance></population>
         <population id="q" component="s" size="1"/>
         <projection id="pr" presynapticPopulation="q" postsynapticPopulation="p" synapse="x"><connection id="0" preCellId="../q[0]" postCellId="../p/3/c"/></projection>
         <explicitInput target="p[1]" input="g"/>`,
        `${cell}<expOneSynapse id="x" gbase="0.5nS" erev="0mV" tauDecay="0.003 s"/><Component id="g" type="pulseGenerator" delay="5ms" duration="1s" amplitude="0.1nA"/><spikeGenerator id="s" period="20ms"/>`,
      ),
    });
    const [cells, source] = network.populations;
    expect(cells?.params).toMatchObject({ C_m: 250, tau_m: 10, E_L: -70, V_th: -55, V_reset: -70, t_ref: 0 });
    expect(cells?.background).toMatchObject([
      { kind: "constant", amplitude: 100, scope: { neurons: new Uint32Array([1]), start: 5 } },
    ]);
    expect(cells?.positions).toMatchObject({ x: new Float64Array([1, 3]), y: new Float64Array([2, 4]) });
    expect([...((source?.source as { times: Float64Array }).times ?? [])].slice(0, 2)).toEqual([20, 40]);
    expect(network.projections[0]).toMatchObject({
      receptor: "x",
      weight: 0.5,
      delay: 0.1,
      rule: { targets: new Uint32Array([1]) },
    });
    expect(
      report.filter(({ fidelity }) => fidelity !== "exact").map(({ fidelity, path }) => `${fidelity} ${path}`),
    ).toEqual(["approximate a.nml", "approximate a.nml:7: connection 0", "dropped a.nml:4: region r"]);
  });

  it("are found beside the file, core types and files that were read aside", async () => {
    const lems =
      '<Lems><Target component="s"/><Include file="Cells.xml"/><Include file="../NeuroML2CoreTypes/PyNN.xml"/><Include file="sub/net.nml"/><Simulation id="s" target="n" length="20ms" step="0.05ms" seed="9"/></Lems>';
    const { network } = await read({
      "LEMS.xml": lems,
      "sub/net.nml": nml(p, '<include href="../cells/c.nml"/>'),
      "cells/c.nml": `<neuroml id="c1"><include href="../sub/net.nml"/>${cell}</neuroml>`,
    });
    expect(network).toMatchObject({ dt: 0.05, duration: 20, seed: 9, populations: [{ size: 2 }] });
  });

  const faults: readonly (readonly [string, string, string])[] = [
    [
      "another unit",
      nml(p, cell.replace("0.25 nF", "0.25 nA")),
      'f.nml:2: iafCell c.C = "0.25 nA"; "nA" cannot be converted to pF.',
    ],
    ["no unit", nml(p, cell.replace("0.25 nF", "0.25")), 'f.nml:2: iafCell c.C = "0.25" has no unit'],
    ["an unknown unit", nml(p, cell.replace("0.25 nF", "1 furlong")), 'unknown unit "furlong", expected pF'],
    [
      "a missing attribute",
      nml(p, cell.replace("thresh", "tresh")),
      "f.nml:2: iafCell c: the attribute thresh is missing; did you mean it by tresh?",
    ],
    [
      "an unknown component",
      nml('<population id="p" component="cc" size="2"/>'),
      'f.nml:4: population p: unknown component "cc". Did you mean c? Known: c.',
    ],
    [
      "a cell that is none",
      nml('<population id="p" component="c" size="2"/>', '<pulseGenerator id="c"/>'),
      "f.nml:2: pulseGenerator c: no cell that has a form in Spikelet. Known: iafCell,",
    ],
    [
      "an own cell type",
      nml(p, '<ComponentType name="own"/><own id="c"/>'),
      "own c: no cell that has a form in Spikelet.",
    ],
    [
      "a number that is none",
      nml('<population id="p" component="c" size="many"/>'),
      'size = "many"; it must be a number without a unit.',
    ],
    ["a huge size", nml('<population id="p" component="c" size="1e300"/>'), "it must be a whole number from 0 to"],
    [
      "an index out of range",
      nml(
        `${p}<explicitInput target="p[2]" input="g"/>`,
        `${cell}<pulseGenerator id="g" delay="0ms" duration="1ms" amplitude="1nA"/>`,
      ),
      "target = p[2]; population p has 2 cells, counted from 0.",
    ],
    [
      "a path that is none",
      nml(`${p}<explicitInput target="p" input="c"/>`),
      'target = "p"; it must be a path to a cell, such as ../pop[0] or ../pop/0/cell.',
    ],
    [
      "a synapse that is none",
      nml(
        `${p}<projection id="x" presynapticPopulation="p" postsynapticPopulation="p" synapse="c"><connection id="0" preCellId="p[0]" postCellId="p[1]"/></projection>`,
      ),
      "iafCell c: no synapse that has a form in Spikelet.",
    ],
    [
      "an input that is none",
      nml(`${p}<explicitInput target="p[0]" input="v"/>`, `${cell}<voltageClamp id="v"/>`),
      "voltageClamp v: no input that has a form in Spikelet. Known: pulseGenerator,",
    ],
    [
      "a current of another kind",
      nml(
        `${p}<explicitInput target="p[0]" input="v"/>`,
        `${cell}<pulseGeneratorDL id="v" delay="0ms" duration="1ms" amplitude="1"/>`,
      ),
      "population p takes currents in A.",
    ],
    ["an id that is taken", nml(p, cell + cell), "another component has this id: f.nml:2: iafCell c."],
    ["no network", `<neuroml id="d">${cell}</neuroml>`, "f.nml: no network in it."],
    ["something else", "<html/>", "f.nml:1: html: it must be a document of NeuroML 2 (neuroml) or LEMS (Lems)."],
    [
      "what Spikelet refuses",
      nml(p, cell.replace("-55 mV", "-80 mV")),
      "f.nml:4: population p: as a network of Spikelet:",
    ],
    ["an address", nml(p, '<include href="https://example.org/c.nml"/>'), "only files beside this one are read"],
    ["an absolute path", nml(p, '<include href="/etc/passwd"/>'), "only files beside this one are read"],
  ];
  it.each(faults)("with a fault are refused: %s", async (_, text, message) => {
    await expect(read({ "f.nml": text })).rejects.toThrow(message);
  });
});

describe("hostile XML", () => {
  const bomb = `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n<neuroml>&b;</neuroml>`;
  const cases: readonly (readonly [string, string, string])[] = [
    ["entities that expand", bomb, "f.nml:1: a document type (<!DOCTYPE>); NeuroML has none, and none is read."],
    [
      "a file as an entity",
      '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><neuroml>&f;</neuroml>',
      "a document type",
    ],
    ["an unknown entity", "<neuroml>\n<a x='&f;'/></neuroml>", "f.nml:2: not well formed XML: undefined entity."],
    ["depth", `<neuroml>${"<a>".repeat(100_000)}`, `elements within elements, more than ${MAX_DEPTH} deep.`],
    [
      "tags that do not match",
      "<neuroml>\n<network>\n</neuroml>",
      "f.nml:3: not well formed XML: unexpected close tag.",
    ],
    ["an attribute twice", "<neuroml id='a' id='b'/>", "not well formed XML: duplicate attribute: id."],
    ["an end that is missing", "<neuroml><network", "f.nml:1: not well formed XML: unclosed tag: neuroml"],
    ["nothing", "", "f.nml:1: not well formed XML: document must contain a root element."],
    ["bytes that are no text", "\u0000\u0001", "f.nml:1: not well formed XML: disallowed character."],
  ];
  it.each(cases)("%s", async (_, text, message) => {
    await expect(read({ "f.nml": text })).rejects.toThrow(message);
  });

  it("keys of Object are attributes like others", async () => {
    const { attributes } = await readXml('<a __proto__="1" constructor="2"/>', "f");
    expect([...attributes]).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
    ]);
  });

  it("files that include each other without an end are read once, and no more than 200", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 250 }, (_, i) => [`f${i}.nml`, `<neuroml id="d"><include href="f${i + 1}.nml"/></neuroml>`]),
    );
    await expect(read(files)).rejects.toThrow("f199.nml:1: include: more than 200 files.");
  });

  it("says which package is missing", async () => {
    const missing = (): Promise<never> =>
      Promise.reject(Object.assign(new Error("not found"), { code: "ERR_MODULE_NOT_FOUND" }));
    await expect(readNetwork(source({ "f.nml": "<neuroml/>" }), missing)).rejects.toThrow("npm install saxes");
  });
});
