import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { modelExample, modelIndex, modelPage, modelSchema } from "../../scripts/generate/docs.js";
import { parseModelFile, toDocument } from "../../src/io/document.js";
import { libraryModels } from "../../src/model/library.js";
import { parseDocument } from "../../src/model/parse.js";
import type { ModelRecord } from "../../src/model/record.js";
import { models, sources } from "../../src/models/index.js";
import { coba, everything, least, type Loose, synapses } from "./networks.js";

const list: readonly ModelRecord[] = Object.values(models);
const others: readonly ModelRecord[] = Object.values(sources);
const ajv = new Ajv2020({
  strict: true,
  strictRequired: false,
  strictTypes: false,
  strictTuples: false,
  allErrors: false,
});
const validate = ajv.compile(modelSchema(list, others));

function accepted(document: unknown): boolean {
  try {
    parseDocument(document);
    return true;
  } catch {
    return false;
  }
}

const change = (edit: (d: Loose) => unknown): Loose => {
  const document = coba();
  edit(document);
  return document;
};
/** A network with a plastic projection, and an entry that records its weights. */
const recordWeights = (entry: object) =>
  change((d) => {
    d.projections[0].plasticity = { kind: "inhibitoryStdp", eta: 1, rho_0: 1, tau: 1, w_max: 9 };
    d.record = [{ projection: 0, variables: ["weight"], ...entry }];
  });
const pair = { source: "exc", target: "exc", receptor: "exc", weight: 1 };
const background = (entry: object) => change((d) => (d.populations[0].background = [entry]));
const population = (entry: object) => ({ dt: 0.1, duration: 1, populations: [{ name: "a", size: 2, ...entry }] });

/** A network with a receptor kernel of its own. */
const ownKernel = (kernel: object = {}, receptor: object = {}) => ({
  ...population({ model: "lif", receptors: { a: { kernel: "own", ...receptor } }, init: { s_a: [1, 2] } }),
  receptorKernels: [{ name: "own", equations: "ds/dt = -s/ms : 1", onSpike: "s += w", output: "s*pA", ...kernel }],
});

const valid: readonly (readonly [string, unknown])[] = [
  ["the documentation's example", coba()],
  ["the least network", least()],
  ["everything", everything()],
  ["sources and synapses", synapses()],
  ["a source without parameters", population({ model: "poisson" })],
  ["a source with a rate of each neuron", population({ model: "poisson", params: { rate: [1, "2 Hz"] } })],
  ["no spikes", population({ model: "spikeTrain", params: { times: [], neurons: [] } })],
  [
    "every kernel",
    population({ model: "izhikevich", receptors: { a: { kernel: "alpha", tau: 1 }, b: { kernel: "nmda", Mg: 0 } } }),
  ],
  [
    "a current for some neurons for a while",
    background({ kind: "whiteNoise", sigma: 1, neurons: [3], start: 0, stop: 5 }),
  ],
  ["a kernel of its own", ownKernel()],
  ["a kernel with everything", ownKernel({
    text: "a", references: ["b"], current: "pA", weight: "nS", params: { tau: { default: "5 ms", range: "> 0" } },
    equations: ["ds/dt = -s/tau : nS"], reads: { v: "mV" }, onSpike: ["s += w"], init: { s: 0 }, method: "rk4",
    output: "s*(0*mV - v)",
  })],
  ["texts with units", change((d) => Object.assign(d, { dt: "100 us", duration: "1 s" }))],
  ["a parameter in another unit", change((d) => (d.populations[0].params.C_m = "0.2nF"))],
  ["a rate with a unit", population({ model: "izhikevich", params: { a: "0.02 1/ms" } })],
  ["a list of values", population({ model: "lif", params: { C_m: [100, "200 pF"] } })],
  [
    "every distribution",
    population({ model: "lif", init: { v: { lognormal: [1, 2] } }, params: { tau_m: { exponential: 3 } } }),
  ],
  [
    "a model without units",
    population({
      model: "fitzhughNagumo",
      receptors: { x: { kernel: "exponential", tau: 1, E_rev: 2 } },
      background: [{ kind: "constant", amplitude: 1 }],
    }),
  ],
  ["no projections", change((d) => delete d.projections)],
  ["all to all", change((d) => (d.projections = [{ ...pair, rule: "allToAll" }]))],
  ["one to one", change((d) => (d.projections = [{ ...pair, rule: "oneToOne" }]))],
  ["fixed indegree", change((d) => (d.projections = [{ ...pair, rule: "fixedIndegree", k: 3, multapses: false }]))],
  ["a list", change((d) => (d.projections = [{ ...pair, rule: "list", pairs: [[1, 2]], weight: [3] }]))],
  [
    "a list as two columns",
    change((d) => (d.projections = [{ ...pair, rule: "list", pairs: { sources: [1], targets: [2] }, weight: [3] }])),
  ],
  ["a preset", population({ model: "adex", preset: "transient" })],
  ["a current", change((d) => (d.populations[0].init = { g_exc: 1 }))],
  ["endless pulses", background({ kind: "pulses", amplitude: 1, width: 1, period: 2 })],
  ["recorded weights", recordWeights({ synapses: [0, 7], every: 1, from: "1 s" })],
  ["recorded weights of a projection by its name", recordWeights({ projection: "exc -> exc (exc)" })],
  ["one pulse", background({ kind: "pulses", amplitude: 1, width: 1, count: 1 })],
];

const invalid: readonly (readonly [string, unknown])[] = [
  ["a list", []],
  ["null", null],
  ["an unknown key", change((d) => (d.populatons = []))],
  ["no dt", change((d) => delete d.dt)],
  ["no duration", change((d) => delete d.duration)],
  ["no populations", change((d) => delete d.populations)],
  ["an empty network", change((d) => (d.populations = []))],
  ["dt 0", change((d) => (d.dt = 0))],
  ["dt without a unit", change((d) => (d.dt = "0.1"))],
  ["a negative dt with a unit", change((d) => (d.dt = "-1 ms"))],
  ["a negative duration", change((d) => (d.duration = -1))],
  ["a fraction as seed", change((d) => (d.seed = 0.5))],
  ["another version", change((d) => (d.version = 2))],
  ["a name with a comma", population({ model: "lif", name: "a,b" })],
  ["a name of Object", population({ model: "lif", name: "constructor" })],
  ["no model", population({})],
  ["an unknown model", population({ model: "liff" })],
  ["an unknown key of a population", population({ model: "lif", sise: 2 })],
  ["size 0", population({ model: "lif", size: 0 })],
  ["a huge size", population({ model: "lif", size: 1e8 })],
  ["a method of another model", population({ model: "lif", method: "halfStep" })],
  ["a preset of another model", population({ model: "izhikevich", preset: "tonic" })],
  ["a preset of a model without", population({ model: "lif", preset: "tonic" })],
  ["a parameter of another model", population({ model: "lif", params: { g_L: 1 } })],
  ["a parameter out of range", population({ model: "lif", params: { tau_m: 0 } })],
  ["a list with a value out of range", population({ model: "lif", params: { tau_m: [1, -1] } })],
  ["a unit for a pure number", population({ model: "izhikevich", params: { b: "1 mV" } })],
  ["a parameter that is true", population({ model: "lif", params: { tau_m: true } })],
  ["two distributions", population({ model: "lif", params: { tau_m: { uniform: [1, 2], exponential: 1 } } })],
  ["an unknown distribution", population({ model: "lif", params: { tau_m: { beta: [1, 2] } } })],
  ["a distribution of three numbers", population({ model: "lif", params: { tau_m: { uniform: [1, 2, 3] } } })],
  ["a distribution out of range", population({ model: "lif", params: { tau_m: { uniform: [0, 3] } } })],
  ["a state of another model", population({ model: "lif", init: { w: 1 } })],
  ["an unknown kernel", change((d) => (d.populations[0].receptors.exc.kernel = "beta"))],
  ["a kernel that is not defined", { ...ownKernel(), receptorKernels: undefined }],
  ["a kernel without an output", ownKernel({ output: undefined })],
  ["an unknown key of a kernel", ownKernel({ onPre: "s += w" })],
  ["an unknown method of a kernel", ownKernel({ method: "rk5" })],
  ["a parameter that is true", ownKernel({ params: { tau: "5 ms" } }, { tau: true })],
  ["a receptor without a time constant", change((d) => delete d.populations[0].receptors.exc.tau)],
  ["a delta with a time constant", change((d) => (d.populations[0].receptors.exc = { kernel: "delta", tau: 1 }))],
  ["a receptor with a strange name", change((d) => (d.populations[0].receptors["a-b"] = { kernel: "delta" }))],
  ["a receptor of Object", change((d) => (d.populations[0].receptors.valueOf = { kernel: "delta" }))],
  ["an unknown kind", background({ kind: "square" })],
  ["no kind", background({ amplitude: 1 })],
  ["no amplitude", background({ kind: "constant" })],
  ["an unknown key of a current", background({ kind: "constant", amplitude: 1, phase: 0 })],
  ["a row of one", background({ kind: "piecewise", points: [[1]] })],
  ["a row of four", background({ kind: "piecewise", points: [[1, 2, 3, 4]] })],
  ["pulses without a period", background({ kind: "pulses", amplitude: 1, width: 1, count: 2 })],
  ["negative noise", background({ kind: "whiteNoise", sigma: -1 })],
  ["noise without memory", background({ kind: "ornsteinUhlenbeck", sigma: 1, tau: 0 })],
  ["a current that is a number", background({ kind: "expression", I: 5 })],
  ["a current without a text", background({ kind: "expression" })],
  ["samples and a file", background({ kind: "samples", dt: 1, values: [1], file: "x" })],
  ["an unknown rule", change((d) => (d.projections[0].rule = "some"))],
  ["no probability", change((d) => delete d.projections[0].p)],
  ["a probability above 1", change((d) => (d.projections[0].p = 2))],
  ["a key of another rule", change((d) => (d.projections[0].k = 2))],
  ["no weight", change((d) => delete d.projections[0].weight)],
  ["a list of weights without a list", change((d) => (d.projections[0].weight = [1]))],
  ["a list without pairs", change((d) => (d.projections = [{ ...pair, rule: "list" }]))],
  ["a pair of three", change((d) => (d.projections = [{ ...pair, rule: "list", pairs: [[1, 2, 3]] }]))],
  [
    "sources without targets",
    change((d) => (d.projections = [{ ...pair, rule: "list", pairs: { sources: [1] }, weight: 1 }])),
  ],
  ["a negative delay", change((d) => (d.projections[0].delay = -1))],
  ["multapses all to all", change((d) => (d.projections = [{ ...pair, rule: "allToAll", multapses: true }]))],
  ["an unknown key of a projection", change((d) => (d.projections[0].wieght = 1))],
  ["plasticity of no kind", change((d) => (d.projections[0].plasticity = {}))],
  ["a source with a method", population({ model: "poisson", method: "euler" })],
  ["a source with receptors", population({ model: "poisson", receptors: {} })],
  ["a source with a background", population({ model: "poisson", background: [] })],
  ["a negative rate", population({ model: "poisson", params: { rate: -1 } })],
  ["rows of a negative rate", population({ model: "poisson", params: { rate: { points: [[0, -1]] } } })],
  [
    "rows of a rate and more",
    population({ model: "poisson", params: { rate: { points: [[0, 1]], uniform: [0, 1] } } }),
  ],
  ["spikes without parameters", population({ model: "spikeTrain" })],
  ["spikes without neurons", population({ model: "spikeTrain", params: { times: [1] } })],
  ["spikes and a file", population({ model: "spikeTrain", params: { times: [1], neurons: [0], file: "x" } })],
  ["spikes before the start", population({ model: "spikeTrain", params: { times: [-1], neurons: [0] } })],
  ["magnesium without volts", population({ model: "fitzhughNagumo", receptors: { x: { kernel: "nmda" } } })],
  [
    "an alpha with two time constants",
    population({ model: "lif", receptors: { x: { kernel: "alpha", tau: 1, tau_rise: 1 } } }),
  ],
  [
    "a rise without a decay",
    population({ model: "lif", receptors: { x: { kernel: "dualExponential", tau_rise: 1 } } }),
  ],
  ["a step of no length", population({ model: "lif", receptors: { x: { kernel: "step", duration: 0 } } })],
  ["a truncated normal of two numbers", population({ model: "lif", params: { tau_m: { truncatedNormal: [1, 2] } } })],
  ["a gamma of no shape", population({ model: "lif", params: { tau_m: { gamma: [0, 2] } } })],
  ["events without a rate", background({ kind: "poisson", weight: 1, receptor: "exc" })],
  ["a scope twice", background({ kind: "constant", amplitude: 1, neurons: [1, 1] })],
  ["a scope of no length", background({ kind: "constant", amplitude: 1, stop: 0 })],
  ["positions of two layouts", population({ model: "lif", positions: { line: { length: 1 }, disc: { radius: 1 } } })],
  ["positions in space", population({ model: "lif", positions: [[1, 2, 3], [1, 2, 3]] })],
  ["a grid without columns", population({ model: "lif", positions: { grid: { spacing: 1 } } })],
  ["no number of targets", change((d) => (d.projections = [{ ...pair, rule: "fixedOutdegree" }]))],
  [
    "single pairs of a total number",
    change((d) => (d.projections = [{ ...pair, rule: "fixedTotalNumber", n: 1, multapses: false }])),
  ],
  ["distances without a kernel", change((d) => (d.projections = [{ ...pair, rule: "distance", scale: 1 }]))],
  ["a scale for another rule", change((d) => (d.projections[0].scale = 1))],
  ["no use of resources", change((d) => (d.projections[0].shortTerm = { U: 0, tau_rec: 1 }))],
  ["release above 1", change((d) => (d.projections[0].release = 1.5))],
  [
    "plasticity without a bound",
    change((d) => (d.projections[0].plasticity = { kind: "stdp", A_plus: 0, A_minus: 0, tau_plus: 1, tau_minus: 1 })),
  ],
  [
    "a divided delay that is drawn",
    change((d) =>
      Object.assign(d.projections[0], {
        delay: { uniform: [1, 2] },
        plasticity: { kind: "inhibitoryStdp", eta: 1, rho_0: 1, tau: 1, w_max: 9, dendriticDelayFraction: 1 },
      }),
    ),
  ],
  [
    "a share of the delay above 1",
    change(
      (d) =>
        (d.projections[0].plasticity = {
          kind: "inhibitoryStdp",
          eta: 1,
          rho_0: 1,
          tau: 1,
          w_max: 9,
          dendriticDelayFraction: 1.1,
        }),
    ),
  ],
  [
    "a key of another plasticity",
    change(
      (d) => (d.projections[0].plasticity = { kind: "inhibitoryStdp", eta: 1, rho_0: 1, tau: 1, w_max: 9, w_min: 0 }),
    ),
  ],
  [
    "plastic weights with few digits",
    change((d) =>
      Object.assign(d.projections[0], {
        scaling: { rho_0: 1, rate: 1, interval: 1, w_max: 9 },
        weightPrecision: "float32",
      }),
    ),
  ],
  ["scaling without a bound", change((d) => (d.projections[0].scaling = { rho_0: 1, rate: 1, interval: 1 }))],
  ["a gap junction on a receptor", change((d) => (d.projections = [{ ...pair, rule: "allToAll", gapJunction: true }]))],
  [
    "a plastic gap junction",
    change(
      (d) => (d.projections = [{ ...pair, receptor: undefined, rule: "allToAll", gapJunction: true, release: 0.5 }]),
    ),
  ],
  ["nothing to record", change((d) => (d.record[0].variables = []))],
  ["a variable twice", change((d) => (d.record[0].variables = ["v", "v"]))],
  ["a neuron twice", change((d) => (d.record[1].neurons = [1, 1]))],
  ["an interval of 0", change((d) => (d.record[1].every = 0))],
  ["weights of a projection before the first", recordWeights({ projection: -1 })],
  ["weights of a population and a projection", recordWeights({ population: "exc" })],
  ["another variable of a projection", recordWeights({ variables: ["delay"] })],
  ["no variable of a projection", recordWeights({ variables: [] })],
  ["neurons of a projection", recordWeights({ neurons: [0] })],
  ["a synapse twice", recordWeights({ synapses: [1, 1] })],
  ["no synapses", recordWeights({ synapses: [] })],
  ["an unknown key of a recording", change((d) => (d.record[1].each = 1))],
];

describe("the JSON Schema of model files", () => {
  it.each(valid)("accepts %s, as the reader does", (_, document) => {
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(accepted(document)).toBe(true);
  });

  it.each(invalid)("refuses %s, as the reader does", (_, document) => {
    expect(validate(document)).toBe(false);
    expect(accepted(document)).toBe(false);
  });

  it("accepts what toDocument writes", () => {
    for (const make of [coba, least, everything, synapses])
      expect(validate(toDocument(parseDocument(make())))).toBe(true);
  });

  it("knows every parameter, state, method and preset of every model", () => {
    for (const model of list) {
      const params = Object.fromEntries(
        Object.entries(model.params).map(([name, record]) => [
          name,
          record.unit === "" ? record.default : `${record.default} ${record.unit}`,
        ]),
      );
      const init = Object.fromEntries(Object.keys(model.states).map((name) => [name, 0.5]));
      for (const method of model.methods) {
        for (const preset of [undefined, ...Object.keys(model.presets)]) {
          const document = population({
            model: model.id,
            method,
            ...(preset === undefined ? {} : { preset }),
            params,
            init,
          });
          expect(validate(document), `${model.id}: ${JSON.stringify(validate.errors)}`).toBe(true);
          expect(accepted(document)).toBe(true);
        }
      }
    }
  });

  it("closes every object", () => {
    const open: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== "object" || node === null) return;
      const schema = node as Record<string, unknown>;
      if (
        schema.type === "object" &&
        typeof schema.properties === "object" &&
        schema.additionalProperties === undefined
      )
        open.push(path);
      for (const [key, child] of Object.entries(schema)) visit(child, `${path}/${key}`);
    };
    visit(modelSchema(list, others), "#");
    expect(open).toEqual([]);
  });

  it("is the one in the repository", () => {
    const file = new URL("../../schema/model.schema.json", import.meta.url);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(modelSchema(list, others))));
  });
});

describe("the model pages", () => {
  it.each([...list, ...others].map((model) => [model.id, model] as const))(
    "of %s shows everything and an example that can be read",
    (id, model) => {
    const page = modelPage(model);
      for (const name of [
        ...Object.keys(model.params),
        ...Object.keys(model.states),
        ...Object.keys(model.presets),
        ...Object.keys(model.inputs ?? {}),
        ...model.methods,
      ])
        expect(page).toContain(`\`${name}\``);
      for (const text of [...Object.values(model.equations), ...model.references, model.text, model.summary])
        expect(page).toContain(text);
    const example = /```json\n([^`]+)```/.exec(page)?.[1] ?? "";
    expect(example.trim()).toBe(modelExample(model));
    expect(parseModelFile(example).populations[0]?.model.id).toBe(id);
    expect(validate(JSON.parse(example))).toBe(true);
    const accuracy = readFileSync(new URL("../../docs/numerics.md", import.meta.url), "utf8");
    const measured = modelPage(model, accuracy);
    expect(measured).not.toMatch(/undefined|NaN|\[object/);
    expect(readFileSync(new URL(`../../docs/models/${id}.md`, import.meta.url), "utf8")).toBe(measured);
  });

  it("are all in the index", () => {
    const index = modelIndex(list, others, libraryModels());
    for (const model of [...list, ...others]) expect(index).toContain(`(${model.id}.md)`);
    expect(readFileSync(new URL("../../docs/models/README.md", import.meta.url), "utf8")).toBe(index);
  });
});
