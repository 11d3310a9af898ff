import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ConnectionError,
  DocumentError,
  DuplicateNameError,
  InstabilityError,
  LengthError,
  MissingKeyError,
  SpikeletError,
  StateError,
  UnavailableError,
  UnitError,
  UnknownKeyError,
  UnknownNameError,
  ValueRangeError,
  ValueTypeError,
} from "../../src/model/errors.js";
import {
  checkParameters,
  MAX_SIZE,
  parseBackground,
  parseDocument,
  parseParameter,
  parsePopulation,
  parseProjection,
  parseRate,
  parseReceptor,
  parseRecord,
  parseWeightRecord,
  projectionNames,
  recordableVariables,
} from "../../src/model/parse.js";
import type { PopulationSpec } from "../../src/model/spec.js";
import { libraryNames } from "../../src/model/library.js";
import { lif, models, poisson, sources, spikeTrain } from "../../src/models/index.js";
import { cases } from "../cases.js";
import { failure, thrown } from "./failure.js";
import { coba, everything, least, type Loose, synapses } from "./networks.js";

const MODELS = [...Object.keys(models), ...Object.keys(sources), ...libraryNames()].join(", ");

describe("a valid network", () => {
  it("becomes checked data with defaults filled in", () => {
    expect(parseDocument(least())).toEqual({
      name: "network",
      dt: 0.1,
      duration: 10,
      seed: 1,
      populations: [
        {
          name: "a",
          model: lif,
          size: 3,
          method: "exact",
          methodIsDefault: true,
          params: { C_m: 250, tau_m: 10, E_L: -70, V_th: -55, V_reset: -70, t_ref: 2 },
          init: {},
          receptors: {},
          background: [],
        },
      ],
      projections: [],
      record: [],
      recordWeights: [],
    });
  });

  it("keeps what the documentation's example says", () => {
    const spec = parseDocument(coba());
    expect(spec.populations[0]).toMatchObject({
      method: "euler",
      methodIsDefault: false,
      params: { C_m: 200, t_ref: 5 },
      init: { v: { normal: [-60, 5] } },
    });
    expect(spec.projections).toEqual([
      {
        source: "exc",
        target: "exc",
        receptor: "exc",
        rule: { rule: "fixedProbability", p: 0.02 },
        weight: 6,
        delay: 0.1,
        autapses: false,
        multapses: false,
        weightPrecision: "float32",
      },
    ]);
    expect(spec.record).toEqual([
      { population: "exc", variables: ["spikes"], from: 0 },
      { population: "exc", variables: ["v"], neurons: Uint32Array.of(0, 1), every: 0.5, from: 0 },
    ]);
  });

  it("reads everything that the format offers", () => {
    const spec = parseDocument(everything());
    expect(spec).toMatchObject({ name: "everything at once", dt: 0.1, duration: 200, seed: 0 });
    const [a, izh, hh] = spec.populations as [PopulationSpec, PopulationSpec, PopulationSpec];
    expect(a.preset).toBe("regularBursting");
    expect(a.params).toMatchObject({
      C_m: 200,
      g_L: 10,
      E_L: -58,
      V_reset: Float64Array.of(-46, -47, -48, -49),
      tau_w: { uniform: [100, 140] },
      b: { lognormal: [4, 0.1] },
    });
    expect(a.init).toEqual({ v: Float64Array.of(-60, -61, -62, -63), w: { exponential: 3 }, g_exc: 1, i_slow: -2 });
    expect(a.receptors).toEqual({
      exc: { kernel: "exponential", tau: 5, E_rev: 0 },
      slow: { kernel: "exponential", tau: 100 },
      kick: { kernel: "delta" },
    });
    expect(a.background).toEqual([
      { kind: "constant", amplitude: 100 },
      { kind: "piecewise", points: [[0, 10, 0], [50, 20, 0.5], [60, 0, -1]] },
      { kind: "pulses", amplitude: Float64Array.of(1, 2, 3, 4), start: 10, width: 1, period: 5, count: 3 },
      { kind: "pulses", amplitude: 1, start: 0, width: 2, period: 2, count: 1 },
      { kind: "pulses", amplitude: 1, start: 0, width: 2, period: 20, count: Number.POSITIVE_INFINITY },
      { kind: "ramp", start: 5, end: 50, from: 0, to: { normal: [100, 10] } },
      { kind: "sine", amplitude: 5, frequency: 40, phase: Math.PI / 2, offset: 2 },
      { kind: "whiteNoise", sigma: 20, mean: 1 },
      { kind: "ornsteinUhlenbeck", mean: 3, sigma: 2, tau: 10 },
      { kind: "samples", dt: 1, values: Float64Array.of(1, 2, 3) },
      { kind: "rheobase", fraction: { uniform: [0.8, 1.2] } },
    ]);
    expect(izh.params).toMatchObject({ a: 0.1, d: 2 });
    expect(hh.method).toBe("strangSplitting");
    expect(spec.projections[0]).toMatchObject({ receptor: "exc", weight: 2, delay: 0.1, autapses: true });
    expect(spec.projections[3]).toMatchObject({
      receptor: "in",
      rule: { rule: "fixedIndegree", k: 7 },
      delay: { uniform: [1, 2] },
      multapses: true,
    });
    expect(spec.projections[5]).toMatchObject({
      rule: { rule: "list", sources: Uint32Array.of(0, 2), targets: Uint32Array.of(1, 0) },
      weight: Float64Array.of(0.1, 0.2),
      delay: Float64Array.of(1, 2),
      weightPrecision: "float64",
    });
    expect(spec.record[0]).toEqual({
      population: "hh",
      variables: ["spikes", "v", "m", "I_background", "g_in"],
      every: 0.2,
      from: 10,
    });
  });

  it("reads sources, receptors, positions and backgrounds", () => {
    const spec = parseDocument(synapses());
    const [noise, steps, quiet, own, played, exc, hh, placed] = spec.populations as [
      PopulationSpec,
      PopulationSpec,
      PopulationSpec,
      PopulationSpec,
      PopulationSpec,
      PopulationSpec,
      PopulationSpec,
      PopulationSpec,
    ];
    expect(noise).toEqual({
      name: "noise",
      model: poisson,
      size: 6,
      method: "exact",
      methodIsDefault: true,
      params: {},
      init: {},
      receptors: {},
      background: [],
      source: { kind: "poisson", rate: 20 },
      positions: { kind: "grid", columns: 2, spacing: 50 },
    });
    expect(steps.source).toEqual({ kind: "poisson", rate: [[0, 10, 0], [50, 20, -0.4], [100, 0, 0]] });
    expect(quiet.source).toEqual({ kind: "poisson", rate: 10 });
    expect(own.source).toEqual({ kind: "poisson", rate: Float64Array.of(1, 2) });
    expect(own.positions).toEqual({ kind: "line", length: 3 });
    expect(played.source).toEqual({
      kind: "spikeTrain",
      times: Float64Array.of(1, 2, 3, 3),
      neurons: Uint32Array.of(1, 2, 0, 2),
    });
    expect(exc.params).toMatchObject({ V_th: { truncatedNormal: [-50, 2, -55, -45] }, tau_m: { gamma: [4, 5] } });
    expect(exc.receptors).toEqual({
      ampa: { kernel: "alpha", tau: 2, E_rev: 0 },
      slow: { kernel: "dualExponential", tau_rise: 1, tau_decay: 5, E_rev: -80 },
      kick: { kernel: "step", duration: 2 },
      nmda: { kernel: "nmda", tau_rise: 2, tau_decay: 100, E_rev: 0, Mg: 1 },
      full: { kernel: "nmda", tau_rise: 3, tau_decay: 80, E_rev: 5, Mg: 0.5 },
      jump: { kernel: "delta" },
      wave: { kernel: "alpha", tau: 4 },
    });
    expect(exc.background).toEqual([
      {
        kind: "poisson",
        rate: 100,
        weight: 0.5,
        receptor: "ampa",
        scope: { neurons: Uint32Array.of(0, 2), start: 10, stop: 20 },
      },
      { kind: "poisson", rate: [[0, 5, 0], [10, 6, 0]], weight: { uniform: [-1, 1] }, receptor: "wave" },
      { kind: "poisson", rate: Float64Array.of(1, 2, 3, 4, 5, 6), weight: 0.1, receptor: "jump", scope: { stop: 5 } },
      { kind: "constant", amplitude: 100, scope: { start: 5 } },
      {
        kind: "pulses",
        amplitude: 100,
        start: 5,
        width: 1,
        period: 1,
        count: 1,
        scope: { neurons: Uint32Array.of(1), stop: 50 },
      },
      { kind: "ramp", start: 0, end: 10, from: 0, to: 5, scope: { stop: 8 } },
    ]);
    expect(hh.positions).toEqual({ kind: "disc", radius: 2 });
    expect(placed.positions).toEqual({ kind: "given", x: Float64Array.of(0, 2.5), y: Float64Array.of(1, -3) });
    expect(recordableVariables(noise)).toEqual(["spikes"]);
    expect(recordableVariables(exc)).toEqual([
      "spikes",
      "v",
      "g_ampa",
      "g_slow",
      "i_kick",
      "g_nmda",
      "g_full",
      "i_wave",
      "I_background",
    ]);
  });

  it("reads rules, and synapses that change", () => {
    const { projections } = parseDocument(synapses());
    expect(projections.map((p) => p.rule.rule)).toEqual(synapses().projections.map((p: Loose) => p.rule));
    expect(projections[0]).toMatchObject({
      rule: { k: 9 },
      multapses: true,
      weightPrecision: "float32",
      shortTerm: { U: 0.5, tau_rec: 800, tau_facil: 0 },
    });
    expect(projections[1]).toMatchObject({
      multapses: false,
      weight: { gamma: [2, 0.5] },
      shortTerm: { U: 1, tau_rec: 100, tau_facil: 50 },
    });
    expect(projections[2]).toMatchObject({ rule: { n: 20 }, multapses: true, release: 0.3 });
    expect(projections[3]).toMatchObject({
      rule: { kernel: "gaussian", scale: 100, p: 1, periodic: true },
      autapses: true,
      multapses: false,
    });
    expect(projections[4]).toMatchObject({
      rule: { kernel: "box", scale: 1, p: 0.5, periodic: false },
      autapses: false,
    });
    expect(projections[5]).toMatchObject({
      weightPrecision: "float64",
      plasticity: {
        kind: "stdp",
        A_plus: 0.01,
        A_minus: 0.012,
        tau_plus: 20,
        tau_minus: 20,
        w_min: 0,
        w_max: 3,
        weightDependence: "additive",
        pairing: "all",
      },
      scaling: { rho_0: 5, rate: 0.1, interval: 1000, w_min: 0, w_max: 3 },
    });
    expect(projections[6]?.plasticity).toMatchObject({
      w_min: 0.5,
      weightDependence: "multiplicative",
      pairing: "nearest",
    });
    expect(projections[7]?.plasticity).toEqual({ ...synapses().projections[7].plasticity, w_min: 0 });
    expect(projections[8]?.plasticity).toEqual({ kind: "inhibitoryStdp", eta: 0.001, rho_0: 3, tau: 20, w_max: 5 });
    expect(projections[9]).toMatchObject({
      weightPrecision: "float64",
      scaling: { rho_0: 5, rate: 1, interval: 10, w_min: 0.5, w_max: 2 },
    });
    expect(projections[10]).toEqual({
      source: "exc",
      target: "hh",
      receptor: "",
      rule: { rule: "oneToOne" },
      weight: 0.01,
      delay: 0,
      autapses: true,
      multapses: false,
      weightPrecision: "float32",
      gapJunction: true,
    });
    expect(projections[11]).toMatchObject({ receptor: "", gapJunction: true, weight: 1, autapses: false });
    expect(projections[12]).not.toHaveProperty("gapJunction");
  });

  it("sorts given spikes by time, then by neuron", () => {
    const spikes = fc.array(fc.tuple(fc.nat(5), fc.nat(3)), { maxLength: 40 });
    fc.assert(
      fc.property(spikes, (list) => {
        const params = { times: list.map(([t]) => t), neurons: Float64Array.from(list, ([, n]) => n) };
        const { source } = parsePopulation({ name: "a", model: spikeTrain, size: 4, params }, "a");
        const sorted = [...list].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(source).toEqual({
          kind: "spikeTrain",
          times: Float64Array.from(sorted, ([t]) => t),
          neurons: Uint32Array.from(sorted, ([, n]) => n),
        });
      }),
    );
  });

  it("takes a rate that falls to 0 in time, whatever its rounding", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (rate, time) => {
        const points = [[0, rate, -rate / time], [time, 0]];
        expect(parseRate({ points }, "in.rate", 1)).toHaveLength(2);
      }),
    );
  });

  it("takes every model, method and preset", () => {
    for (const model of Object.values(models)) {
      for (const method of model.methods) {
        for (const preset of [undefined, ...Object.keys(model.presets)]) {
          const spec = parsePopulation({ name: "a", model: model.id, size: 1, method, preset }, "$");
          expect(spec).toMatchObject({ method, methodIsDefault: false });
        }
      }
    }
  });

  it("takes a dt of any size with recording intervals that are multiples of it", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 10, noNaN: true }), fc.integer({ min: 1, max: 100_000 }), (dt, n) => {
        const every = n * dt;
        const spec = parseDocument({ ...least(), dt, record: [{ population: "a", variables: ["v"], every }] });
        expect(spec.record[0]?.every).toBe(every);
      }),
    );
  });
});

/** A change of the documentation's network, the class of the error it makes, and the whole message. */
type Fixture = readonly [string, (d: Loose) => unknown, unknown, string];
const population = (change: (p: Loose) => unknown) => (d: Loose) => change(d.populations[0]);
const projection = (change: (p: Loose) => unknown) => (d: Loose) => change(d.projections[0]);
const background = (entry: unknown) => (d: Loose) => {
  d.populations[0].background = [entry];
};
const second = (d: Loose, more: object = {}) => d.populations.push({ name: "inh", model: "lif", size: 800, ...more });

const fixtures: readonly Fixture[] = [
  // the document
  ["an unknown key of the document", (d) => (d.projectons = []), UnknownKeyError, '$: unknown key "projectons"; did you mean "projections"? Known: $schema, version, name, dt, duration, seed, models, plasticityRules, receptorKernels, populations, projections, record.'],
  ["no dt", (d) => delete d.dt, MissingKeyError, '$: the key "dt" is missing; it must be the time step in ms.'],
  ["no duration", (d) => delete d.duration, MissingKeyError, '$: the key "duration" is missing; it must be the time to simulate in ms.'],
  ["no populations", (d) => delete d.populations, MissingKeyError, '$: the key "populations" is missing; it must be an array of populations.'],
  ["an empty network", (d) => (d.populations = []), LengthError, "$.populations: an empty array; a network has at least one population."],
  ["populations by name", (d) => (d.populations = {}), ValueTypeError, "$.populations: an object; it must be an array of populations."],
  ["dt 0", (d) => (d.dt = 0), ValueRangeError, "$.dt: 0 ms; it must be > 0 ms."],
  ["dt NaN", (d) => (d.dt = Number.NaN), ValueRangeError, "$.dt: NaN; it must be a finite number."],
  ["dt null", (d) => (d.dt = null), ValueTypeError, '$.dt: null; it must be a number in ms or a text such as "10 ms".'],
  ["dt in volts", (d) => (d.dt = "1 mV"), UnitError, '$.dt: "1 mV"; "mV" cannot be converted to ms.'],
  ["dt without a unit", (d) => (d.dt = "0.1"), UnitError, '$.dt: "0.1" has no unit; write a number in ms without quotes, or a text with its unit: "0.1 ms".'],
  ["a negative duration", (d) => (d.duration = -1), ValueRangeError, "$.duration: -1 ms; it must be >= 0 ms."],
  ["an infinite duration", (d) => (d.duration = Number.POSITIVE_INFINITY), ValueRangeError, "$.duration: Infinity; it must be a finite number."],
  ["a broken seed", (d) => (d.seed = 1.5), ValueRangeError, "$.seed: 1.5; it must be an integer from 0 to 9007199254740991."],
  ["a seed of words", (d) => (d.seed = "lucky"), ValueTypeError, '$.seed: "lucky"; it must be an integer from 0 to 9007199254740991.'],
  ["a later format", (d) => (d.version = 2), ValueTypeError, "$.version: 2; it must be 1, the only version of the format."],
  ["a name of control characters", (d) => (d.name = "a\nb"), ValueTypeError, '$.name: "a\\nb"; it must be a text of 1 to 200 characters without control characters.'],
  // populations
  ["a population that is text", (d) => (d.populations[0] = "exc"), ValueTypeError, '$.populations[0]: "exc"; it must be an object.'],
  ["an unknown key of a population", population((p) => (p.modle = "lif")), UnknownKeyError, '$.populations[0]: unknown key "modle"; did you mean "model"? Known: name, model, preset, size, method, rates, params, init, receptors, background, positions.'],
  ["no model", population((p) => delete p.model), MissingKeyError, `$.populations[0]: the key "model" is missing; it must be a model: ${MODELS}.`],
  ["an unknown model", population((p) => (p.model = "lfi")), UnknownNameError, `$.populations[0].model: unknown model "lfi"; did you mean "lif"? Known: ${MODELS}.`],
  ["a model from Object's prototype", population((p) => (p.model = "constructor")), UnknownNameError, `$.populations[0].model: unknown model "constructor". Known: ${MODELS}.`],
  ["a model that is half a record", population((p) => (p.model = { id: "lif" })), ValueTypeError, "$.populations[0].model: an object; it must be the name of a model or a model record made by defineModel."],
  [
    "an unknown preset",
    population((p) => Object.assign(p, { model: "adex", preset: "tonik", params: {}, method: "euler" })),
    UnknownNameError,
    '$.populations[0].preset: unknown preset "tonik" of adex; did you mean "tonic"? Known: tonic, adapting, initialBurst, regularBursting, delayedAccelerating, delayedRegularBursting, transient, irregular.',
  ],
  ["a preset of a model without", population((p) => (p.preset = "tonic")), UnknownNameError, '$.populations[0].preset: unknown preset "tonic" of lif. Known: none.'],
  ["size 0", population((p) => (p.size = 0)), ValueRangeError, "$.populations[0].size: 0; it must be an integer from 1 to 10000000."],
  ["a huge size", population((p) => (p.size = MAX_SIZE + 1)), ValueRangeError, "$.populations[0].size: 10000001; it must be an integer from 1 to 10000000."],
  ["a size of words", population((p) => (p.size = "ten")), ValueTypeError, '$.populations[0].size: "ten"; it must be an integer from 1 to 10000000.'],
  ["a method of another model", population((p) => (p.method = "halfStep")), ValueRangeError, '$.populations[0].method: "halfStep"; lif offers: exact, exponentialEuler, euler, heun, rk4, eventDriven.'],
  ["rates of a model without gates", population((p) => (p.rates = "exact")), ValueRangeError, '$.populations[0].rates: "exact"; lif has no gates with rates.'],
  ["an unknown way to compute rates", population((p) => (p.rates = "tabel")), UnknownNameError, '$.populations[0].rates: unknown way to compute rates "tabel"; did you mean "table"? Known: table, exact.'],
  ["an unknown method", population((p) => (p.method = "eulre")), UnknownNameError, '$.populations[0].method: unknown method "eulre"; did you mean "euler"? Known: exact, exponentialEuler, euler, heun, rk4, eventDriven.'],
  ["two populations of one name", (d) => second(d, { name: "exc" }), DuplicateNameError, '$.populations[1].name: "exc"; another population has this name.'],
  ["a name with a comma", population((p) => (p.name = "a,b")), ValueRangeError, '$.populations[0].name: "a,b"; the name of a population is letters, digits and _ - + . or spaces between them, at most 64 characters, and no name that JavaScript reserves.'],
  ["a name that leaves its folder", population((p) => (p.name = "a/../../b")), ValueRangeError, '$.populations[0].name: "a/../../b"; the name of a population is letters, digits and _ - + . or spaces between them, at most 64 characters, and no name that JavaScript reserves.'],
  ["a name of Object", population((p) => (p.name = "__proto__")), ValueRangeError, '$.populations[0].name: "__proto__"; the name of a population is letters, digits and _ - + . or spaces between them, at most 64 characters, and no name that JavaScript reserves.'],
  // parameters
  ["a time constant below 0", population((p) => (p.params.tau_m = -5)), ValueRangeError, "$.populations[0].params.tau_m: -5 ms; it must be > 0 ms."],
  ["a time constant below 0 with a unit", population((p) => (p.params.tau_m = "-5000 us")), ValueRangeError, "$.populations[0].params.tau_m: -5 ms; it must be > 0 ms."],
  ["a negative refractory period", population((p) => (p.params.t_ref = -1)), ValueRangeError, "$.populations[0].params.t_ref: -1 ms; it must be >= 0 ms."],
  ["an unknown parameter", population((p) => (p.params.tau_mm = 5)), UnknownKeyError, '$.populations[0].params: unknown parameter "tau_mm"; did you mean "tau_m"? Known: C_m, tau_m, E_L, V_th, V_reset, t_ref.'],
  ["a state among the parameters", population((p) => (p.params.v = -70)), UnknownKeyError, '$.populations[0].params: "v" is a state of lif, not a parameter; its start is set by "init": { "v": ... }.'],
  [
    "a parameter of Object",
    population((p) => (p.params = JSON.parse('{"__proto__": {"tau_m": 5}}'))),
    UnknownKeyError,
    '$.populations[0].params: unknown parameter "__proto__". Known: C_m, tau_m, E_L, V_th, V_reset, t_ref.',
  ],
  ["a parameter that is true", population((p) => (p.params.C_m = true)), ValueTypeError, '$.populations[0].params.C_m: true; it must be a number in pF or a text such as "10 pF", an array of 3200 numbers, or a distribution.'],
  ["a parameter that is null", population((p) => (p.params.C_m = null)), ValueTypeError, '$.populations[0].params.C_m: null; it must be a number in pF or a text such as "10 pF", an array of 3200 numbers, or a distribution.'],
  ["a list that is too short", population((p) => (p.params.C_m = [1, 2])), LengthError, "$.populations[0].params.C_m: an array of 2 numbers; it must have 3200, one per neuron of the population."],
  [
    "a list with text in it",
    population((p) => Object.assign(p, { size: 2, params: { ...p.params, C_m: [1, "x"] } })),
    UnitError,
    '$.populations[0].params.C_m[1]: "x"; it must be a number or a text such as "10 pF".',
  ],
  [
    "a list with a value out of range",
    population((p) => Object.assign(p, { size: 2, params: { ...p.params, C_m: [1, 0] } })),
    ValueRangeError,
    "$.populations[0].params.C_m[1]: 0 pF; it must be > 0 pF.",
  ],
  [
    "a list with a hole",
    population((p) => Object.assign(p, { size: 2, params: { ...p.params, C_m: new Array(2) } })),
    ValueTypeError,
    '$.populations[0].params.C_m[0]: undefined; it must be a number in pF or a text such as "10 pF".',
  ],
  ["a reset above the threshold", population((p) => (p.params.V_reset = -40)), ValueRangeError, "$.populations[0].params.V_reset: -40 mV; it must be < V_th = -50 mV."],
  [
    "a reset at the threshold of one neuron",
    population((p) => Object.assign(p, { size: 2, params: { ...p.params, V_th: [-50, -60] } })),
    ValueRangeError,
    "$.populations[0].params.V_reset[1]: -60 mV; it must be < V_th = -60 mV.",
  ],
  [
    "a peak below the take-off",
    population((p) => Object.assign(p, { model: "eif", method: "euler", params: { V_peak: -55 } })),
    ValueRangeError,
    "$.populations[0].params.V_T: -50.4 mV; it must be < V_peak = -55 mV.",
  ],
  // distributions
  ["an unknown distribution", population((p) => (p.params.C_m = { unifrom: [1, 2] })), UnknownKeyError, '$.populations[0].params.C_m: unknown distribution "unifrom"; did you mean "uniform"? Known: uniform, normal, lognormal, exponential, truncatedNormal, gamma.'],
  ["no distribution", population((p) => (p.params.C_m = {})), ValueTypeError, "$.populations[0].params.C_m: a distribution of no kind; it must be exactly one of uniform, normal, lognormal, exponential, truncatedNormal, gamma."],
  ["two distributions", population((p) => (p.params.C_m = { uniform: [1, 2], exponential: 3 })), ValueTypeError, "$.populations[0].params.C_m: a distribution of uniform and exponential; it must be exactly one of uniform, normal, lognormal, exponential, truncatedNormal, gamma."],
  ["a reversed interval", population((p) => (p.params.C_m = { uniform: [2, 1] })), ValueRangeError, "$.populations[0].params.C_m.uniform[1]: 1 pF; it must be >= 2 pF, the lowest value."],
  ["an interval that reaches out of range", population((p) => (p.params.C_m = { uniform: [0, 1] })), ValueRangeError, "$.populations[0].params.C_m.uniform[0]: 0 pF; it must be > 0 pF."],
  ["three numbers for two", population((p) => (p.init.v = { normal: [1, 2, 3] })), LengthError, "$.populations[0].init.v.normal: 3 numbers; it must be 2: [mean, standard deviation]."],
  ["a negative standard deviation", population((p) => (p.init.v = { normal: [1, -2] })), ValueRangeError, "$.populations[0].init.v.normal[1]: -2 mV; it must be >= 0 mV."],
  ["a lognormal with a unit", population((p) => (p.init.v = { lognormal: ["1 mV", 2] })), UnitError, '$.populations[0].init.v.lognormal[0]: "1 mV"; it is a pure number without a unit: write a number without quotes.'],
  ["an exponential of mean 0", population((p) => (p.init.v = { exponential: 0 })), ValueRangeError, "$.populations[0].init.v.exponential: 0 mV; it must be > 0 mV."],
  // initial values
  ["an unknown state", population((p) => (p.init = { u: 1 })), UnknownKeyError, '$.populations[0].init: unknown state "u". Known: v, g_exc, g_inh.'],
  ["a negative conductance at the start", population((p) => (p.init = { g_exc: -1 })), ValueRangeError, "$.populations[0].init.g_exc: -1 nS; it must be >= 0 nS."],
  // receptors
  ["an unknown kernel", population((p) => (p.receptors.exc.kernel = "exponental")), UnknownNameError, '$.populations[0].receptors.exc.kernel: unknown kernel "exponental"; did you mean "exponential"? Known: delta, exponential, alpha, dualExponential, step, nmda.'],
  ["a receptor without a time constant", population((p) => delete p.receptors.exc.tau), MissingKeyError, '$.populations[0].receptors.exc: the key "tau" is missing; it must be the time constant in ms.'],
  ["a receptor with a time constant of 0", population((p) => (p.receptors.exc.tau = 0)), ValueRangeError, "$.populations[0].receptors.exc.tau: 0 ms; it must be > 0 ms."],
  [
    "a delta with a time constant",
    population((p) => (p.receptors.exc = { kernel: "delta", tau: 5 })),
    UnknownKeyError,
    '$.populations[0].receptors.exc: unknown key "tau" of a delta receptor. Known: kernel, state.',
  ],
  [
    "a receptor of Object",
    population((p) => (p.receptors = JSON.parse('{"__proto__": {"kernel": "delta"}}'))),
    ValueRangeError,
    '$.populations[0].receptors.__proto__: "__proto__"; the name of a receptor is letters, digits and _, not starting with a digit, at most 64 characters, and no name that JavaScript reserves.',
  ],
  ["a receptor with a strange name", population((p) => (p.receptors["a b"] = { kernel: "delta" })), ValueRangeError, '$.populations[0].receptors["a b"]: "a b"; the name of a receptor is letters, digits and _, not starting with a digit, at most 64 characters, and no name that JavaScript reserves.'],
  // background
  ["an unknown kind", background({ kind: "constnat" }), UnknownNameError, '$.populations[0].background[0].kind: unknown background kind "constnat"; did you mean "constant"? Known: constant, piecewise, pulses, ramp, sine, expression, whiteNoise, ornsteinUhlenbeck, poisson, samples, rheobase.'],
  ["a current without an amplitude", background({ kind: "constant" }), MissingKeyError, '$.populations[0].background[0]: the key "amplitude" is missing; it must be the current in pA.'],
  ["an unknown key of a current", background({ kind: "constant", amplitud: 1 }), UnknownKeyError, '$.populations[0].background[0]: unknown key "amplitud" of constant; did you mean "amplitude"? Known: kind, amplitude, neurons, start, stop.'],
  ["a current in volts", background({ kind: "constant", amplitude: "1 mV" }), UnitError, '$.populations[0].background[0].amplitude: "1 mV"; "mV" cannot be converted to pA.'],
  ["rows out of order", background({ kind: "piecewise", points: [[5, 1], [5, 2]] }), ValueRangeError, "$.populations[0].background[0].points[1][0]: 5 ms; it must be > 5 ms, the time of the row before."],
  ["a row of four", background({ kind: "piecewise", points: [[5, 1, 2, 3]] }), LengthError, "$.populations[0].background[0].points[0]: 4 numbers; it must be 2 or 3: [time, amplitude, slope]."],
  ["no rows", background({ kind: "piecewise", points: [] }), LengthError, "$.populations[0].background[0].points: 0 rows; it must have 1 to 1000000."],
  ["pulses that overlap", background({ kind: "pulses", amplitude: 1, width: 5, period: 2 }), ValueRangeError, "$.populations[0].background[0].period: 2 ms; it must be >= width = 5 ms."],
  [
    "several pulses without a period",
    background({ kind: "pulses", amplitude: 1, width: 5, count: 2 }),
    MissingKeyError,
    '$.populations[0].background[0]: the key "period" is missing; it must be the time in ms from one pulse to the next.',
  ],
  ["half a pulse", background({ kind: "pulses", amplitude: 1, width: 5, count: 0.5 }), ValueRangeError, "$.populations[0].background[0].count: 0.5; it must be an integer from 1 to 9007199254740991."],
  [
    "a ramp that ends before it starts",
    background({ kind: "ramp", start: 5, end: 5, from: 0, to: 1 }),
    ValueRangeError,
    "$.populations[0].background[0].end: 5 ms; it must be > start = 5 ms.",
  ],
  ["a negative frequency", background({ kind: "sine", amplitude: 1, frequency: -1 }), ValueRangeError, "$.populations[0].background[0].frequency: -1 Hz; it must be >= 0 Hz."],
  ["negative noise", background({ kind: "whiteNoise", sigma: -1 }), ValueRangeError, "$.populations[0].background[0].sigma: -1 pA*sqrt(ms); it must be >= 0 pA*sqrt(ms)."],
  ["noise in pA", background({ kind: "whiteNoise", sigma: "1 pA" }), UnitError, '$.populations[0].background[0].sigma: "1 pA"; "pA" cannot be converted to pA*sqrt(ms).'],
  ["noise without memory", background({ kind: "ornsteinUhlenbeck", sigma: 1, tau: 0 }), ValueRangeError, "$.populations[0].background[0].tau: 0 ms; it must be > 0 ms."],
  ["no samples", background({ kind: "samples", dt: 1, values: [] }), LengthError, "$.populations[0].background[0].values: 0 numbers; it must have 1 to 100000000."],
  ["samples twice", background({ kind: "samples", dt: 1, values: [1], file: "x.csv" }), ValueRangeError, '$.populations[0].background[0]: both "values" and "file"; it must be one of them.'],
  ["a file where none can be read", background({ kind: "samples", dt: 1, file: "x.csv" }), DocumentError, '$.populations[0].background[0].file: "x.csv"; files can only be read from the command line and by the loader for Node.'],
  ["a background by name", population((p) => (p.background = { kind: "constant" })), ValueTypeError, "$.populations[0].background: an object; it must be an array of background currents."],
  // projections
  ["an unknown key of a projection", projection((p) => (p.wieght = 1)), UnknownKeyError, '$.projections[0]: unknown key "wieght"; did you mean "weight"? Known: source, target, event, receptor, rule, weight, delay, autapses, multapses, weightPrecision, gapJunction, shortTerm, release, plasticity, scaling, p, k, n, kernel, scale, periodic, pairs, file.'],
  [
    "an unknown source, and no receptor",
    projection((p) => Object.assign(p, { receptor: undefined, source: "ecx" })),
    UnknownNameError,
    '$.projections[0].source: unknown population "ecx"; did you mean "exc"? Known: exc.',
  ],
  [
    "an unknown target, and no receptor",
    projection((p) => Object.assign(p, { receptor: undefined, target: "ecx" })),
    UnknownNameError,
    '$.projections[0].target: unknown population "ecx"; did you mean "exc"? Known: exc.',
  ],
  ["no receptor where there are two", projection((p) => delete p.receptor), MissingKeyError, '$.projections[0]: the key "receptor" is missing; population "exc" has 2 receptors: exc, inh.'],
  [
    "no receptor where there is none",
    (d) => second(d) && Object.assign(d.projections[0], { target: "inh", receptor: undefined }),
    ConnectionError,
    '$.projections[0]: population "inh" has no receptors; give it one, such as "receptors": { "exc": { "kernel": "exponential", "tau": 5 } }.',
  ],
  ["an unknown receptor", projection((p) => (p.receptor = "inhh")), UnknownNameError, '$.projections[0].receptor: unknown receptor "inhh" of population "exc"; did you mean "inh"? Known: exc, inh.'],
  ["no rule", projection((p) => delete p.rule), MissingKeyError, '$.projections[0]: the key "rule" is missing; it must be one of allToAll, oneToOne, fixedProbability, fixedIndegree, fixedOutdegree, fixedTotalNumber, distance, list.'],
  ["an unknown rule", projection((p) => (p.rule = "all-to-al")), UnknownNameError, '$.projections[0].rule: unknown rule "all-to-al"; did you mean "allToAll"? Known: allToAll, oneToOne, fixedProbability, fixedIndegree, fixedOutdegree, fixedTotalNumber, distance, list.'],
  ["a key of another rule", projection((p) => (p.k = 10)), UnknownKeyError, '$.projections[0]: the key "k" belongs to the rules fixedIndegree and fixedOutdegree, not to fixedProbability.'],
  ["no probability", projection((p) => delete p.p), MissingKeyError, '$.projections[0]: the key "p" is missing; it must be the probability of a synapse, from 0 to 1.'],
  ["a probability above 1", projection((p) => (p.p = 1.5)), ValueRangeError, "$.projections[0].p: 1.5; it must be from 0 to 1."],
  ["no weight", projection((p) => delete p.weight), MissingKeyError, '$.projections[0]: the key "weight" is missing; it must be the weight in nS.'],
  ["a negative conductance", projection((p) => (p.weight = -6)), ValueRangeError, "$.projections[0].weight: -6 nS; it must be >= 0 nS."],
  ["negative conductances", projection((p) => (p.weight = { uniform: [-1, 1] })), ValueRangeError, "$.projections[0].weight.uniform[0]: -1 nS; it must be >= 0 nS."],
  ["a weight in pA for a conductance", projection((p) => (p.weight = "6 pA")), UnitError, '$.projections[0].weight: "6 pA"; "pA" cannot be converted to nS.'],
  ["a weight that is null", projection((p) => (p.weight = null)), ValueTypeError, "$.projections[0].weight: null; it must be a number, a text with a unit, a distribution, an array or a function of source and target."],
  ["a list of weights for a random rule", projection((p) => (p.weight = [1, 2])), ValueTypeError, "$.projections[0].weight: an array of 2 elements; it must be a number, a text with a unit or a distribution; an array needs the rule list, with one number per pair."],
  ["a negative delay", projection((p) => (p.delay = -1)), ValueRangeError, "$.projections[0].delay: -1 ms; it must be >= 0 ms."],
  ["an unknown precision", projection((p) => (p.weightPrecision = "float16")), UnknownNameError, '$.projections[0].weightPrecision: unknown weight precision "float16"; did you mean "float32"? Known: float32, float64.'],
  ["multapses of a rule that makes none", projection((p) => (p.multapses = true)), ConnectionError, "$.projections[0].multapses: the rule fixedProbability makes at most one synapse per pair of neurons; only fixedIndegree, fixedOutdegree, fixedTotalNumber and list can make more."],
  ["autapses that are 1", projection((p) => (p.autapses = 1)), ValueTypeError, "$.projections[0].autapses: 1; it must be true or false."],
  [
    "one to one of different sizes",
    (d) =>
      second(d) &&
      Object.assign(d, {
        projections: [{ source: "inh", target: "exc", receptor: "inh", rule: "oneToOne", weight: 1 }],
      }),
    ConnectionError,
    '$.projections[0]: oneToOne needs populations of one size; "inh" has 800 neurons, "exc" has 3200.',
  ],
  [
    "one to one without autapses",
    (d) =>
      (d.projections[0] = {
        source: "exc",
        target: "exc",
        receptor: "inh",
        rule: "oneToOne",
        weight: 1,
        autapses: false,
      }),
    ConnectionError,
    '$.projections[0]: oneToOne within "exc" makes autapses only, and "autapses" is false.',
  ],
  [
    "more different sources than there are",
    (d) =>
      (d.projections[0] = {
        source: "exc",
        target: "exc",
        receptor: "inh",
        rule: "fixedIndegree",
        k: 3200,
        weight: 1,
        multapses: false,
        autapses: false,
      }),
    ConnectionError,
    '$.projections[0].k: 3200 synapses onto each neuron without multapses without autapses need at least as many sources; "exc" has 3199.',
  ],
  [
    "a fraction of a synapse",
    (d) =>
      (d.projections[0] = { source: "exc", target: "exc", receptor: "inh", rule: "fixedIndegree", k: 0.1, weight: 1 }),
    ValueRangeError,
    "$.projections[0].k: 0.1; it must be an integer from 0 to 4294967295.",
  ],
  [
    "a pair out of range",
    (d) =>
      (d.projections[0] = {
        source: "exc",
        target: "exc",
        receptor: "inh",
        rule: "list",
        pairs: [[0, 3200]],
        weight: 1,
      }),
    ValueRangeError,
    '$.projections[0].pairs[0][1]: 3200; it must be a neuron of "exc": an integer from 0 to 3199.',
  ],
  [
    "a pair of three",
    (d) =>
      (d.projections[0] = {
        source: "exc",
        target: "exc",
        receptor: "inh",
        rule: "list",
        pairs: [[0, 1, 2]],
        weight: 1,
      }),
    LengthError,
    "$.projections[0].pairs[0]: 3 numbers; it must be 2: [source, target].",
  ],
  ...(
    [
      ["a column of targets that is missing", { sources: [0] }, MissingKeyError, ': the key "targets" is missing; it must be an array with one neuron per pair.'],
      ["columns of two lengths", { sources: [0, 1], targets: [1] }, LengthError, ": 2 sources and 1 targets; they must be as many, one of each per pair."],
      ["a source out of range", { sources: [0, 3200], targets: [1, 1] }, ValueRangeError, '.sources[1]: 3200; it must be a neuron of "exc": an integer from 0 to 3199.'],
      ["a target in a typed array out of range", { sources: [0, 1], targets: Uint32Array.of(1, 3200) }, ValueRangeError, '.targets[1]: 3200; it must be a neuron of "exc": an integer from 0 to 3199.'],
      ["a target that is no integer", { sources: [0, 1], targets: Float64Array.of(1.5, 2) }, ValueRangeError, '.targets[0]: 1.5; it must be a neuron of "exc": an integer from 0 to 3199.'],
      ["a source that is no number", { sources: ["0"], targets: [1] }, ValueTypeError, '.sources[0]: "0"; it must be a neuron of "exc": an integer from 0 to 3199.'],
      ["columns with weights", { sources: [0], targets: [1], weights: [1] }, UnknownKeyError, ': unknown key "weights". Known: sources, targets.'],
      ["a pair twice in columns", { sources: [7, 0, 7], targets: [9, 1, 9] }, ConnectionError, ': the pair [7, 9] is listed twice; "multapses": true allows it.'],
      ["a pair twice in sorted columns", { sources: [0, 7, 7, 7], targets: [1, 9, 8, 9] }, ConnectionError, ': the pair [7, 9] is listed twice; "multapses": true allows it.'],
    ] as const
  ).map(([name, pairs, error, message]): Fixture => [
    name,
    (d) => (d.projections[0] = { source: "exc", target: "exc", receptor: "inh", rule: "list", pairs, weight: 1 }),
    error,
    `$.projections[0].pairs${message}`,
  ]),
  [
    "a pair twice",
    (d) =>
      (d.projections[0] = {
        source: "exc",
        target: "exc",
        receptor: "inh",
        rule: "list",
        pairs: [
          [7, 9],
          [0, 1],
          [7, 9],
        ],
        weight: 1,
      }),
    ConnectionError,
    '$.projections[0].pairs: the pair [7, 9] is listed twice; "multapses": true allows it.',
  ],
  [
    "a forbidden autapse",
    (d) =>
      (d.projections[0] = {
        source: "exc",
        target: "exc",
        receptor: "inh",
        rule: "list",
        pairs: [
          [7, 9],
          [3, 3],
        ],
        weight: 1,
        autapses: false,
      }),
    ConnectionError,
    '$.projections[0].pairs[1]: neuron 3 onto itself, and "autapses" is false.',
  ],
  [
    "weights that do not fit the pairs",
    (d) =>
      (d.projections[0] = {
        source: "exc",
        target: "exc",
        receptor: "inh",
        rule: "list",
        pairs: [[7, 9]],
        weight: [1, 2],
      }),
    LengthError,
    "$.projections[0].weight: an array of 2 numbers; it must have 1, one per pair of the list.",
  ],
  // recordings
  ["an unknown population to record", (d) => (d.record[0].population = "ex"), UnknownNameError, '$.record[0].population: unknown population "ex"; did you mean "exc"? Known: exc.'],
  ["an unknown variable", (d) => (d.record[0].variables = ["g_ex"]), UnknownNameError, '$.record[0].variables[0]: unknown variable "g_ex" of population "exc"; did you mean "g_exc"? Known: spikes, v, g_exc, g_inh, I_background.'],
  ["a variable twice", (d) => (d.record[0].variables = ["v", "v"]), DuplicateNameError, '$.record[0].variables[1]: "v"; it is named twice.'],
  ["no variables", (d) => (d.record[0].variables = []), LengthError, "$.record[0].variables: an empty array; it must name at least one of: spikes, v, g_exc, g_inh, I_background."],
  ["a neuron out of range", (d) => (d.record[1].neurons = [0, 3200]), ValueRangeError, '$.record[1].neurons[1]: 3200; it must be a neuron of "exc": an integer from 0 to 3199.'],
  ["a neuron twice", (d) => (d.record[1].neurons = [5, 5]), DuplicateNameError, "$.record[1].neurons[1]: 5; the neuron is named twice."],
  ["an interval between steps", (d) => (d.record[1].every = 0.25), ValueRangeError, "$.record[1].every: 0.25 ms; it must be a multiple of dt = 0.1 ms; the nearest are 0.2 ms and 0.3 ms."],
  ["an interval below a step", (d) => (d.record[1].every = 0.05), ValueRangeError, "$.record[1].every: 0.05 ms; it must be a multiple of dt = 0.1 ms, at least 0.1 ms."],
  ["a start before the run", (d) => (d.record[1].from = -1), ValueRangeError, "$.record[1].from: -1 ms; it must be >= 0 ms."],
];

/**
 * Changes of the network of sources and synapses: by its populations and projections, in the order they stand there.
 */
const source = (params: unknown, more: object = {}) => (d: Loose) => {
  d.populations[0] = { name: "noise", model: "poisson", size: 6, params, ...more };
};
const train = (params: unknown) => source(params, { model: "spikeTrain" });
const positions = (layout: unknown) => (d: Loose) => (d.populations[0].positions = layout);
const receptor = (entry: unknown) => (d: Loose) => (d.populations[5].receptors.ampa = entry);
const entry = (given: unknown) => (d: Loose) => (d.populations[5].background = [given]);
const connect = (entry: unknown) => (d: Loose) => (d.projections = [entry]);
const onto = { source: "noise", target: "exc", receptor: "ampa", rule: "allToAll", weight: 1 };
const stdp = { kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_max: 2 };
const scaling = { rho_0: 5, rate: 0.1, interval: 100, w_max: 2 };
const gap = { source: "exc", target: "hh", rule: "allToAll", gapJunction: true, weight: 1 };

const synapseFixtures: readonly Fixture[] = [
  // sources
  ["a source with a method", source({}, { method: "euler" }), UnknownKeyError, '$.populations[0]: the key "method" belongs to neurons; the source poisson takes name, model, size, params, positions.'],
  ["a source with receptors", source({}, { receptors: {} }), UnknownKeyError, '$.populations[0]: the key "receptors" belongs to neurons; the source poisson takes name, model, size, params, positions.'],
  ["a source with initial values", source({}, { init: { v: 0 } }), UnknownKeyError, '$.populations[0]: the key "init" belongs to neurons; the source poisson takes name, model, size, params, positions.'],
  ["a source with a preset", source({}, { preset: "tonic" }), UnknownKeyError, '$.populations[0]: the key "preset" belongs to neurons; the source poisson takes name, model, size, params, positions.'],
  ["a source with a background", source({}, { model: "spikeTrain", background: [] }), UnknownKeyError, '$.populations[0]: the key "background" belongs to neurons; the source spikeTrain takes name, model, size, params, positions.'],
  ["spikes without parameters", (d) => Object.assign(d.populations[4], { params: undefined }), MissingKeyError, '$.populations[4].params: the key "times" is missing; it must be an array of spike times in ms, or "file" with them.'],
  ["an unknown parameter of a source", source({ rates: 1 }), UnknownKeyError, '$.populations[0].params: unknown parameter "rates"; did you mean "rate"? Known: rate.'],
  ["an unknown parameter of given spikes", train({ time: [1] }), UnknownKeyError, '$.populations[0].params: unknown parameter "time"; did you mean "times"? Known: times, neurons, file, population.'],
  [
    "a negative rate",
    source({ rate: -1 }),
    ValueRangeError,
    "$.populations[0].params.rate: -1 Hz; it must be >= 0 Hz.",
  ],
  ["a rate in ms", source({ rate: "1 ms" }), UnitError, '$.populations[0].params.rate: "1 ms"; "ms" cannot be converted to Hz.'],
  ["rates that do not fit the size", source({ rate: [1, 2] }), LengthError, "$.populations[0].params.rate: an array of 2 numbers; it must have 6, one per neuron of the population."],
  ["rates in rows and more", source({ rate: { points: [[0, 1]], slope: 1 } }), UnknownKeyError, '$.populations[0].params.rate: unknown key "slope" of a rate. Known: points.'],
  ["a rate of no rows", source({ rate: { points: [] } }), LengthError, "$.populations[0].params.rate.points: 0 rows; it must have 1 to 1000000."],
  ["a negative rate in a row", source({ rate: { points: [[0, 1], [10, -1]] } }), ValueRangeError, "$.populations[0].params.rate.points[1][1]: -1 Hz; it must be >= 0 Hz."],
  ["a rate that falls below 0", source({ rate: { points: [[0, 10, "-1 Hz/ms"], [11, 0]] } }), ValueRangeError, "$.populations[0].params.rate.points[0][2]: -1 Hz/ms; it must be >= 0 Hz/ms, or the next row must come in time; the rate is 10 Hz at 0 ms, so the rate is below 0 Hz before the next row at 11 ms."],
  ["a rate that falls for ever", source({ rate: { points: [[0, 10, -1]] } }), ValueRangeError, "$.populations[0].params.rate.points[0][2]: -1 Hz/ms; it must be >= 0 Hz/ms, or the next row must come in time; the rate is 10 Hz at 0 ms, and no row ends the fall."],
  ["spikes before the start", train({ times: [1, -1], neurons: [0, 1] }), ValueRangeError, "$.populations[0].params.times[1]: -1 ms; it must be >= 0 ms."],
  ["spikes without neurons", train({ times: [1] }), MissingKeyError, '$.populations[0].params: the key "neurons" is missing; it must be an array with the neuron of each spike.'],
  ["spikes of no neuron", train({ times: [1, 2], neurons: [0, 6] }), ValueRangeError, "$.populations[0].params.neurons[1]: 6; it must be an integer from 0 to 5."],
  ["spikes of half a neuron", train({ times: [1, 2], neurons: [0.5, 1] }), ValueRangeError, "$.populations[0].params.neurons[0]: 0.5; it must be an integer from 0 to 5."],
  ["fewer neurons than spikes", train({ times: [1, 2], neurons: [0] }), LengthError, "$.populations[0].params.neurons: an array of 1 numbers; it must have 2, one per spike."],
  ["spikes and a file", train({ times: [1], file: "x.csv" }), ValueRangeError, '$.populations[0].params: both "times" and "file"; it must be "times" with "neurons", or "file".'],
  ["spikes from a file where none can be read", train({ file: "x.csv" }), DocumentError, '$.populations[0].params.file: "x.csv"; files can only be read from the command line and by the loader for Node.'],
  ["a state of a source", (d) => (d.record[0].variables = ["v"]), UnknownNameError, '$.record[0].variables[0]: unknown variable "v" of population "noise". Known: spikes.'],
  ["the background of a source", (d) => (d.record[0].variables = ["I_background"]), UnknownNameError, '$.record[0].variables[0]: unknown variable "I_background" of population "noise". Known: spikes.'],
  // positions
  ["positions of an unknown layout", positions({ circle: { radius: 1 } }), UnknownKeyError, '$.populations[0].positions: unknown layout "circle". Known: line, grid, disc.'],
  ["positions of no layout", positions({}), ValueTypeError, "$.populations[0].positions: no layout; it must be exactly one of line, grid, disc."],
  ["positions of two layouts", positions({ line: { length: 1 }, disc: { radius: 1 } }), ValueTypeError, "$.populations[0].positions: line and disc; it must be exactly one of line, grid, disc."],
  ["positions by word", positions("line"), ValueTypeError, '$.populations[0].positions: "line"; it must be an object such as { "grid": { "columns": 10, "spacing": 1 } }, or an array of 6 positions [x, y].'],
  ["a line without a length", positions({ line: {} }), MissingKeyError, '$.populations[0].positions.line: the key "length" is missing; it must be the length of the line.'],
  ["a line with rows", positions({ line: { length: 1, columns: 2 } }), UnknownKeyError, '$.populations[0].positions.line: unknown key "columns" of a line. Known: length.'],
  ["a disc of no size", positions({ disc: { radius: 0 } }), ValueRangeError, "$.populations[0].positions.disc.radius: 0; it must be > 0."],
  ["a grid wider than the population", positions({ grid: { columns: 7, spacing: 1 } }), ValueRangeError, "$.populations[0].positions.grid.columns: 7; it must be an integer from 1 to 6."],
  ["too few positions", positions([[0, 0]]), LengthError, "$.populations[0].positions: an array of 1 positions; it must have 6, one per neuron of the population."],
  ["positions in space", positions([[0, 0], [1, 1], [2, 2], [3, 3, 3], [4, 4], [5, 5]]), LengthError, "$.populations[0].positions[3]: 3 numbers; it must be 2: [x, y]."],
  [
    "a position without end",
    positions([
      [0, 0],
      [1, Number.POSITIVE_INFINITY],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
    ]),
    ValueRangeError,
    "$.populations[0].positions[1][1]: Infinity; it must be a finite number.",
  ],
  // receptors
  ["an alpha without a time constant", receptor({ kernel: "alpha", E_rev: 0 }), MissingKeyError, '$.populations[5].receptors.ampa: the key "tau" is missing; it must be the time constant in ms.'],
  ["an alpha with the wrong time constant", receptor({ kernel: "alpha", tau_rise: 2 }), UnknownKeyError, '$.populations[5].receptors.ampa: unknown key "tau_rise" of an alpha receptor. Known: kernel, tau, E_rev.'],
  ["an alpha of no length", receptor({ kernel: "alpha", tau: 0 }), ValueRangeError, "$.populations[5].receptors.ampa.tau: 0 ms; it must be > 0 ms."],
  ["a rise without a decay", receptor({ kernel: "dualExponential", tau_rise: 2 }), MissingKeyError, '$.populations[5].receptors.ampa: the key "tau_decay" is missing; it must be the time constant of the decay in ms.'],
  [
    "a rise slower than the decay",
    receptor({ kernel: "dualExponential", tau_rise: 5, tau_decay: 2 }),
    ValueRangeError,
    "$.populations[5].receptors.ampa.tau_rise: 5 ms; it must be <= tau_decay = 2 ms.",
  ],
  ["an nmda rise slower than its default decay", receptor({ kernel: "nmda", tau_rise: 200 }), ValueRangeError, "$.populations[5].receptors.ampa.tau_rise: 200 ms; it must be <= tau_decay = 100 ms."],
  ["a step without a duration", receptor({ kernel: "step" }), MissingKeyError, '$.populations[5].receptors.ampa: the key "duration" is missing; it must be the length of the step in ms.'],
  ["a step with a time constant", receptor({ kernel: "step", duration: 1, tau: 2 }), UnknownKeyError, '$.populations[5].receptors.ampa: unknown key "tau" of a step receptor. Known: kernel, duration, E_rev.'],
  ["negative magnesium", receptor({ kernel: "nmda", Mg: -1 }), ValueRangeError, "$.populations[5].receptors.ampa.Mg: -1; it must be >= 0."],
  [
    "magnesium without volts",
    (d) =>
      (d.populations[7] = { name: "placed", model: "fitzhughNagumo", size: 2, receptors: { in: { kernel: "nmda" } } }),
    ValueRangeError,
    '$.populations[7].receptors.in.kernel: "nmda"; the magnesium block needs a membrane potential in mV, and v of fitzhughNagumo is a pure number.',
  ],
  // background
  ["events on a receptor of many", entry({ kind: "poisson", rate: 1, weight: 1 }), MissingKeyError, '$.populations[5].background[0]: the key "receptor" is missing; the population has 7 receptors: ampa, slow, kick, nmda, full, jump, wave.'],
  [
    "events on an unknown receptor",
    entry({ kind: "poisson", rate: 1, weight: 1, receptor: "apma" }),
    UnknownNameError,
    '$.populations[5].background[0].receptor: unknown receptor "apma"; did you mean "ampa"? Known: ampa, slow, kick, nmda, full, jump, wave.',
  ],
  [
    "events without receptors",
    (d) =>
      Object.assign(d.populations[5], {
        receptors: {},
        init: {},
        background: [{ kind: "poisson", rate: 1, weight: 1 }],
      }),
    ConnectionError,
    '$.populations[5].background[0]: the kind poisson acts on a receptor, and the population has none; give it one, such as "receptors": { "exc": { "kernel": "exponential", "tau": 5 } }.',
  ],
  ["events without a rate", entry({ kind: "poisson", weight: 1, receptor: "ampa" }), MissingKeyError, '$.populations[5].background[0]: the key "rate" is missing; it must be the rate in Hz.'],
  ["events without a weight", entry({ kind: "poisson", rate: 1, receptor: "ampa" }), MissingKeyError, '$.populations[5].background[0]: the key "weight" is missing; it must be the weight of an event in nS.'],
  [
    "events of negative conductance",
    entry({ kind: "poisson", rate: 1, weight: -1, receptor: "ampa" }),
    ValueRangeError,
    "$.populations[5].background[0].weight: -1 nS; it must be >= 0 nS.",
  ],
  [
    "events at a negative rate",
    entry({ kind: "poisson", rate: [1, 2, 3, 4, 5, -6], weight: 1, receptor: "ampa" }),
    ValueRangeError,
    "$.populations[5].background[0].rate[5]: -6 Hz; it must be >= 0 Hz.",
  ],
  ["a current on no neurons", entry({ kind: "constant", amplitude: 1, neurons: [] }), LengthError, "$.populations[5].background[0].neurons: an empty array; leave it out for all neurons."],
  ["a current on an unknown neuron", entry({ kind: "constant", amplitude: 1, neurons: [0, 6] }), ValueRangeError, "$.populations[5].background[0].neurons[1]: 6; it must be an integer from 0 to 5."],
  ["a current on a neuron twice", entry({ kind: "constant", amplitude: 1, neurons: [1, 1] }), DuplicateNameError, "$.populations[5].background[0].neurons[1]: 1; the neuron is named twice."],
  [
    "a current that stops before it starts",
    entry({ kind: "constant", amplitude: 1, start: 5, stop: 5 }),
    ValueRangeError,
    "$.populations[5].background[0].stop: 5 ms; it must be > start = 5 ms.",
  ],
  [
    "a current that stops at once",
    entry({ kind: "ramp", start: 5, end: 6, from: 0, to: 1, stop: 0 }),
    ValueRangeError,
    "$.populations[5].background[0].stop: 0 ms; it must be > 0 ms.",
  ],
  ["a current that starts before the run", entry({ kind: "constant", amplitude: 1, start: -5 }), ValueRangeError, "$.populations[5].background[0].start: -5 ms; it must be >= 0 ms."],
  // rules
  ["a source as a target", connect({ ...onto, target: "noise" }), ConnectionError, '$.projections[0].target: "noise"; a population of the source poisson takes no input, it only sends spikes.'],
  ["given spikes as a target", connect({ ...onto, source: "exc", target: "played" }), ConnectionError, '$.projections[0].target: "played"; a population of the source spikeTrain takes no input, it only sends spikes.'],
  [
    "more different targets than there are",
    connect({ ...onto, rule: "fixedOutdegree", k: 7, multapses: false }),
    ConnectionError,
    '$.projections[0].k: 7 synapses from each neuron without multapses need at least as many targets; "exc" has 6.',
  ],
  ["no number of targets", connect({ ...onto, rule: "fixedOutdegree" }), MissingKeyError, '$.projections[0]: the key "k" is missing; it must be the number of synapses from each neuron.'],
  ["no number of synapses", connect({ ...onto, rule: "fixedTotalNumber" }), MissingKeyError, '$.projections[0]: the key "n" is missing; it must be the number of synapses.'],
  ["a number of synapses for another rule", connect({ ...onto, n: 5 }), UnknownKeyError, '$.projections[0]: the key "n" belongs to the rule fixedTotalNumber, not to allToAll.'],
  [
    "single pairs of a total number",
    connect({ ...onto, rule: "fixedTotalNumber", n: 5, multapses: false }),
    ConnectionError,
    "$.projections[0].multapses: the rule fixedTotalNumber draws each synapse without regard to the others, so a pair may come twice; use fixedProbability or list for single ones.",
  ],
  [
    "a total number of forbidden autapses",
    (d) => {
      Object.assign(d.populations[7], { size: 1, positions: undefined });
      d.projections = [
        { source: "placed", target: "placed", rule: "fixedTotalNumber", n: 5, weight: 1, autapses: false },
      ];
    },
    ConnectionError,
    '$.projections[0]: fixedTotalNumber within "placed", which has one neuron, makes autapses only, and "autapses" is false.',
  ],
  [
    "distances without positions",
    connect({ ...onto, source: "quiet", rule: "distance", kernel: "box", scale: 1 }),
    ConnectionError,
    '$.projections[0]: the rule distance needs positions; population "quiet" has none, such as "positions": { "grid": { "columns": 10, "spacing": 1 } }.',
  ],
  [
    "an unknown kernel of distances",
    connect({ ...onto, rule: "distance", kernel: "gausian", scale: 1 }),
    UnknownNameError,
    '$.projections[0].kernel: unknown kernel "gausian"; did you mean "gaussian"? Known: box, linear, gaussian, exponential.',
  ],
  ["distances without a scale", connect({ ...onto, rule: "distance", kernel: "box" }), MissingKeyError, '$.projections[0]: the key "scale" is missing; it must be the length that distances are divided by.'],
  ["distances over nothing", connect({ ...onto, rule: "distance", kernel: "box", scale: 0 }), ValueRangeError, "$.projections[0].scale: 0; it must be > 0."],
  [
    "multapses of distances",
    connect({ ...onto, rule: "distance", kernel: "box", scale: 1, multapses: true }),
    ConnectionError,
    "$.projections[0].multapses: the rule distance makes at most one synapse per pair of neurons; only fixedIndegree, fixedOutdegree, fixedTotalNumber and list can make more.",
  ],
  [
    "a disc that closes on itself",
    connect({
      ...onto,
      source: "exc",
      target: "hh",
      receptor: "in",
      rule: "distance",
      kernel: "box",
      scale: 1,
      periodic: true,
    }),
    ConnectionError,
    '$.projections[0].periodic: distances the short way round need a target on a line or on a grid of full rows; "hh" is on a disc.',
  ],
  [
    "points that close on themselves",
    connect({ ...onto, target: "placed", receptor: "in", rule: "distance", kernel: "box", scale: 1, periodic: true }),
    ConnectionError,
    '$.projections[0].periodic: distances the short way round need a target on a line or on a grid of full rows; "placed" is at given positions.',
  ],
  [
    "a grid with a gap that closes on itself",
    (d) => {
      d.populations[5].positions = { grid: { columns: 4, spacing: 1 } };
      d.projections = [{ ...onto, rule: "distance", kernel: "box", scale: 1, periodic: true }];
    },
    ConnectionError,
    '$.projections[0].periodic: distances the short way round need a target on a line or on a grid of full rows; "exc" has 6 neurons, no multiple of its 4 columns.',
  ],
  // distributions
  ["a truncated normal of two numbers", connect({ ...onto, weight: { truncatedNormal: [1, 2] } }), LengthError, "$.projections[0].weight.truncatedNormal: 2 numbers; it must be 4: [mean, standard deviation, lowest, highest]."],
  [
    "a truncated normal of negative conductance",
    connect({ ...onto, weight: { truncatedNormal: [1, 2, -1, 3] } }),
    ValueRangeError,
    "$.projections[0].weight.truncatedNormal[2]: -1 nS; it must be >= 0 nS.",
  ],
  [
    "a truncated normal without room",
    connect({ ...onto, weight: { truncatedNormal: [1, 2, 3, 3] } }),
    ValueRangeError,
    "$.projections[0].weight.truncatedNormal[3]: 3 nS; it must be > 3 nS, the lowest value.",
  ],
  [
    "a truncated normal too far from its mean",
    connect({ ...onto, weight: { truncatedNormal: [5e6, 1, 1, 3] } }),
    ValueRangeError,
    "$.projections[0].weight.truncatedNormal[0]: 5000000 nS; it must be at most 1000000 standard deviations of 1 nS from the range 1 nS to 3 nS.",
  ],
  [
    "a truncated normal without spread",
    connect({ ...onto, weight: { truncatedNormal: [5, 0, 1, 3] } }),
    ValueRangeError,
    "$.projections[0].weight.truncatedNormal[0]: 5 nS; it must be from 1 nS to 3 nS, as the standard deviation is 0.",
  ],
  ["a gamma with a unit for its shape", connect({ ...onto, weight: { gamma: ["1 nS", 2] } }), UnitError, '$.projections[0].weight.gamma[0]: "1 nS"; it is a pure number without a unit: write a number without quotes.'],
  ["a gamma without scale", connect({ ...onto, weight: { gamma: [1, 0] } }), ValueRangeError, "$.projections[0].weight.gamma[1]: 0 nS; it must be > 0 nS."],
  // synapses that change
  ["no use of resources", connect({ ...onto, shortTerm: { U: 0, tau_rec: 100 } }), ValueRangeError, "$.projections[0].shortTerm.U: 0; it must be > 0 and at most 1."],
  ["more than all resources", connect({ ...onto, shortTerm: { U: 1.1, tau_rec: 100 } }), ValueRangeError, "$.projections[0].shortTerm.U: 1.1; it must be > 0 and at most 1."],
  ["no recovery", connect({ ...onto, shortTerm: { U: 1 } }), MissingKeyError, '$.projections[0].shortTerm: the key "tau_rec" is missing; it must be the time constant of the recovery in ms.'],
  [
    "a misspelt key of short-term plasticity",
    connect({ ...onto, shortTerm: { U: 1, tau_rec: 1, tau_fac: 1 } }),
    UnknownKeyError,
    '$.projections[0].shortTerm: unknown key "tau_fac" of shortTerm; did you mean "tau_facil"? Known: U, tau_rec, tau_facil.',
  ],
  ["short-term plasticity by word", connect({ ...onto, shortTerm: true }), ValueTypeError, '$.projections[0].shortTerm: true; it must be an object such as { "U": 0.5, "tau_rec": 800, "tau_facil": 0 }.'],
  ["no release", connect({ ...onto, release: 0 }), ValueRangeError, "$.projections[0].release: 0; it must be > 0 and at most 1."],
  ["plasticity of no kind", connect({ ...onto, plasticity: {} }), MissingKeyError, '$.projections[0].plasticity: the key "kind" is missing; it must be one of stdp, tripletStdp, inhibitoryStdp.'],
  ["an unknown kind of plasticity", connect({ ...onto, plasticity: { kind: "triplet" } }), UnknownNameError, '$.projections[0].plasticity.kind: unknown kind "triplet" of plasticity. Known: stdp, tripletStdp, inhibitoryStdp.'],
  ["a key of another plasticity", connect({ ...onto, plasticity: { ...stdp, tau_x: 1 } }), UnknownKeyError, '$.projections[0].plasticity: unknown key "tau_x" of stdp. Known: kind, A_plus, A_minus, tau_plus, tau_minus, w_min, w_max, weightDependence, pairing, dendriticDelayFraction.'],
  ["plasticity without a bound", connect({ ...onto, plasticity: { ...stdp, w_max: undefined } }), MissingKeyError, '$.projections[0].plasticity: the key "w_max" is missing; it must be the largest weight in nS.'],
  ["a negative amplitude", connect({ ...onto, plasticity: { ...stdp, A_minus: -0.01 } }), ValueRangeError, "$.projections[0].plasticity.A_minus: -0.01; it must be >= 0."],
  ["a trace of no length", connect({ ...onto, plasticity: { ...stdp, tau_plus: 0 } }), ValueRangeError, "$.projections[0].plasticity.tau_plus: 0 ms; it must be > 0 ms."],
  ["bounds the wrong way round", connect({ ...onto, plasticity: { ...stdp, w_min: 2 } }), ValueRangeError, "$.projections[0].plasticity.w_min: 2 nS; it must be < w_max = 2 nS."],
  ["a bound in pA", connect({ ...onto, plasticity: { ...stdp, w_max: "2 pA" } }), UnitError, '$.projections[0].plasticity.w_max: "2 pA"; "pA" cannot be converted to nS.'],
  ["an unknown pairing", connect({ ...onto, plasticity: { ...stdp, pairing: "near" } }), UnknownNameError, '$.projections[0].plasticity.pairing: unknown pairing "near". Known: all, nearest.'],
  [
    "a triplet without its slow trace",
    connect({
      ...onto,
      plasticity: {
        kind: "tripletStdp",
        A2_plus: 0,
        A3_plus: 1,
        A2_minus: 1,
        A3_minus: 0,
        tau_plus: 1,
        tau_minus: 1,
        w_max: 2,
      },
    }),
    MissingKeyError,
    '$.projections[0].plasticity: the key "tau_x" is missing; it must be the time constant of the source\'s slow trace in ms.',
  ],
  [
    "inhibition without a rate",
    connect({ ...onto, plasticity: { kind: "inhibitoryStdp", eta: 1, tau: 20, w_max: 5 } }),
    MissingKeyError,
    '$.projections[0].plasticity: the key "rho_0" is missing; it must be the rate in Hz that the targets are brought to.',
  ],
  ["a weight above its bound", connect({ ...onto, weight: 3, plasticity: stdp }), ConnectionError, "$.projections[0].weight: 3 nS; it must be from w_min = 0 nS to w_max = 2 nS, as plastic weights are."],
  [
    "a random weight above its bound",
    connect({ ...onto, weight: { uniform: [1, 3] }, plasticity: stdp }),
    ConnectionError,
    "$.projections[0].weight.uniform[1]: 3 nS; it must be from w_min = 0 nS to w_max = 2 nS, as plastic weights are.",
  ],
  [
    "a truncated weight above its bound",
    connect({ ...onto, weight: { truncatedNormal: [1, 1, 0, 3] }, plasticity: stdp }),
    ConnectionError,
    "$.projections[0].weight.truncatedNormal[3]: 3 nS; it must be from w_min = 0 nS to w_max = 2 nS, as plastic weights are.",
  ],
  [
    "a listed weight below its bound",
    connect({
      ...onto,
      rule: "list",
      pairs: [
        [0, 0],
        [0, 1],
      ],
      weight: [1, 0.1],
      plasticity: { ...stdp, w_min: 0.5 },
    }),
    ConnectionError,
    "$.projections[0].weight[1]: 0.1 nS; it must be from w_min = 0.5 nS to w_max = 2 nS, as plastic weights are.",
  ],
  [
    "plasticity of a negative current",
    connect({ ...onto, receptor: "kick", weight: -1, plasticity: stdp }),
    ConnectionError,
    "$.projections[0].weight: -1 pA; it must be from w_min = 0 pA to w_max = 2 pA, as plastic weights are; plastic inhibition needs a receptor with E_rev.",
  ],
  [
    "plastic weights with few digits",
    connect({ ...onto, plasticity: stdp, weightPrecision: "float32" }),
    ConnectionError,
    '$.projections[0].weightPrecision: "float32"; weights that change are stored as float64.',
  ],
  ["scaling without a bound", connect({ ...onto, scaling: { ...scaling, w_max: undefined } }), MissingKeyError, '$.projections[0].scaling: the key "w_max" is missing; it must be the largest weight in nS.'],
  [
    "scaling with other bounds than plasticity",
    connect({ ...onto, plasticity: stdp, scaling: { ...scaling, w_max: 3 } }),
    ValueRangeError,
    "$.projections[0].scaling.w_max: 3 nS; it must be 2 nS, the w_max of the plasticity.",
  ],
  ["scaling between steps", connect({ ...onto, scaling: { ...scaling, interval: 0.25 } }), ValueRangeError, "$.projections[0].scaling.interval: 0.25 ms; it must be a multiple of dt = 0.1 ms; the nearest are 0.2 ms and 0.3 ms."],
  ["scaling to silence", connect({ ...onto, scaling: { ...scaling, rho_0: 0 } }), ValueRangeError, "$.projections[0].scaling.rho_0: 0 Hz; it must be > 0 Hz."],
  ["scaling of a weight above its bound", connect({ ...onto, weight: 3, scaling }), ConnectionError, "$.projections[0].weight: 3 nS; it must be from w_min = 0 nS to w_max = 2 nS, as plastic weights are."],
  // gap junctions
  ["gap junctions by number", connect({ ...gap, gapJunction: 1 }), ValueTypeError, "$.projections[0].gapJunction: 1; it must be true or false."],
  ["a plastic gap junction", connect({ ...gap, plasticity: stdp }), ConnectionError, '$.projections[0].plasticity: gap junctions are no synapses and have no "plasticity"; they have a weight, the conductance.'],
  ["a gap junction on a receptor", connect({ ...gap, receptor: "in" }), ConnectionError, '$.projections[0].receptor: gap junctions are no synapses and have no "receptor"; they have a weight, the conductance.'],
  ["a gap junction with a delay", connect({ ...gap, delay: 1 }), ConnectionError, '$.projections[0].delay: gap junctions are no synapses and have no "delay"; they have a weight, the conductance.'],
  ["a gap junction with a source", connect({ ...gap, source: "noise" }), ConnectionError, '$.projections[0].source: "noise"; a population of the source poisson has no membrane for gap junctions.'],
  [
    "a gap junction between different units",
    (d) => {
      d.populations[7] = { name: "placed", model: "fitzhughNagumo", size: 2 };
      d.projections = [{ ...gap, target: "placed" }];
    },
    ConnectionError,
    "$.projections[0]: gap junctions need potentials in one unit; v of lif is mV, v of fitzhughNagumo is a pure number.",
  ],
  ["a negative gap junction", connect({ ...gap, weight: -1 }), ValueRangeError, "$.projections[0].weight: -1 mS/cm2; it must be >= 0 mS/cm2."],
  ["a gap junction of no conductance", connect({ ...gap, weight: undefined }), MissingKeyError, '$.projections[0]: the key "weight" is missing; it must be the conductance in mS/cm2.'],
];

describe("each kind of mistake with sources and synapses", () => {
  it.each(synapseFixtures)("%s", (_, change, kind, message) => {
    const document = synapses();
    document.record = document.record.slice(0, 1);
    change(document);
    expect(failure(() => parseDocument(document))).toEqual([kind, message]);
  });

  it("null where something may be left out", () => {
    const places: readonly (readonly [number, string])[] = [
      [0, "shortTerm"],
      [2, "release"],
      [3, "periodic"],
      [4, "p"],
      [5, "plasticity"],
      [5, "scaling"],
      [10, "gapJunction"],
    ];
    for (const [i, key] of places) {
      const document = synapses();
      document.projections[i][key] = null;
      expect(() => parseDocument(document), key).toThrow(ValueTypeError);
    }
    for (const key of ["neurons", "start", "stop", "receptor"]) {
      const document = synapses();
      document.populations[5].background[0][key] = null;
      expect(() => parseDocument(document), key).toThrow(ValueTypeError);
    }
    for (const value of [{ rate: null }, null]) {
      const document = synapses();
      document.populations[0].params = value;
      expect(() => parseDocument(document)).toThrow(ValueTypeError);
    }
  });
});

describe("each kind of mistake", () => {
  it.each(fixtures)("%s", (_, change, kind, message) => {
    const document = coba();
    change(document);
    expect(failure(() => parseDocument(document))).toEqual([kind, message]);
  });

  it.each([
    [[], "an array of 0 elements"],
    [null, "null"],
    ["{}", '"{}"'],
    [7, "7"],
    [new Float64Array(1), "a typed array"],
    [parseDocument, "a function"],
  ])("a document that is %s", (input, found) => {
    const message = `$: ${found}; it must be an object with the keys name, dt, duration, seed, models, plasticityRules, receptorKernels, populations, projections, record.`;
    expect(failure(() => parseDocument(input))).toEqual([ValueTypeError, message]);
  });

  it("null where something may be left out", () => {
    for (const key of ["name", "seed", "version", "projections", "record", "$schema"])
      expect(() => parseDocument({ ...coba(), [key]: null }), key).toThrow(ValueTypeError);
    for (const key of ["method", "rates", "preset", "params", "init", "receptors", "background"]) {
      const document = coba();
      document.populations[0][key] = null;
      expect(() => parseDocument(document), key).toThrow(ValueTypeError);
    }
    for (const key of ["receptor", "delay", "autapses", "multapses", "weightPrecision"]) {
      const document = coba();
      document.projections[0][key] = null;
      expect(() => parseDocument(document), key).toThrow(ValueTypeError);
    }
    for (const key of ["neurons", "every", "from"]) {
      const document = coba();
      document.record[1][key] = null;
      expect(() => parseDocument(document), key).toThrow(ValueTypeError);
    }
  });

  it("carries its facts as fields", () => {
    const document = coba();
    document.populations[0].params.tau_mm = 3;
    expect(thrown(() => parseDocument(document))).toMatchObject({
      name: "UnknownKeyError",
      code: "unknown-key",
      path: "$.populations[0].params.tau_mm",
      value: "tau_mm",
      allowed: ["C_m", "tau_m", "E_L", "V_th", "V_reset", "t_ref"],
      nearest: "tau_m",
    });
    expect(thrown(() => parseDocument({ ...coba(), dt: -1 }))).toMatchObject({
      code: "value-range",
      path: "$.dt",
      value: -1,
      allowed: "> 0 ms",
      nearest: undefined,
    });
  });

  it("has a class with a name and a code of its own", () => {
    const classes = [
      UnknownNameError,
      UnknownKeyError,
      MissingKeyError,
      ValueTypeError,
      ValueRangeError,
      LengthError,
      UnitError,
      DuplicateNameError,
      DocumentError,
      ConnectionError,
      UnavailableError,
      StateError,
    ];
    const errors = classes.map((Class) => new Class("m"));
    for (const [i, error] of errors.entries()) {
      expect(error).toBeInstanceOf(SpikeletError);
      expect(error).toBeInstanceOf(Error);
      expect(error.name).toBe(classes[i]?.name);
    }
    expect(new Set(errors.map((error) => error.code)).size).toBe(classes.length);
    expect(new SpikeletError("m")).toMatchObject({ name: "SpikeletError", code: "error", message: "m" });
  });

  it("says what is known of an unstable run", () => {
    const error = new InstabilityError({
      population: "exc",
      neuron: 17,
      variable: "v",
      time: 12.3,
      value: Number.NaN,
      lastFinite: 99.5,
      unit: "mV",
      remedy: "Take a smaller dt",
    });
    expect(error.message).toBe("exc.v[17] = NaN mV at 12.3 ms, after 99.5 mV: the run is unstable. Take a smaller dt.");
    expect(error).toMatchObject({
      code: "instability",
      population: "exc",
      neuron: 17,
      variable: "v",
      time: 12.3,
      lastFinite: 99.5,
      remedy: "Take a smaller dt",
    });
  });
});

describe("untrusted input", () => {
  it("cannot overflow the stack", () => {
    for (const open of [(inner: unknown) => [inner], (inner: unknown) => ({ a: inner })]) {
      let deep: unknown = 0;
      for (let i = 0; i < 1e6; i++) deep = open(deep);
      const document = coba();
      document.populations[0].init = deep;
      expect(failure(() => parseDocument(document))).toEqual([DocumentError, "$: nested deeper than 64 levels; a network needs 6."]);
      expect(() => parsePopulation(document.populations[0], "$")).toThrow(SpikeletError);
    }
    const circle = coba();
    circle.record.push(circle);
    expect(() => parseDocument(circle)).toThrow(DocumentError);
  });

  it("cannot reach Object's prototype", () => {
    expect(() => parseDocument(JSON.parse('{"__proto__": {"dt": 1}, "duration": 1}'))).toThrow(UnknownKeyError);
    const inherited = Object.create({ dt: 0.1, duration: 1, populations: [] });
    expect(failure(() => parseDocument(inherited))[0]).toBe(MissingKeyError);
    for (const key of ["constructor", "toString", "hasOwnProperty", "__proto__", "valueOf"]) {
      const make: ((d: Loose) => unknown)[] = [
        (d) => (d.populations[0].name = key),
        (d) => (d.populations[0].preset = key),
        (d) => (d.populations[0].method = key),
        (d) => Object.defineProperty(d.populations[0].receptors, key, { value: { kernel: "delta" }, enumerable: true }),
        (d) => Object.defineProperty(d.populations[0].params, key, { value: 1, enumerable: true }),
        (d) => Object.defineProperty(d.populations[0].init, key, { value: 1, enumerable: true }),
        (d) => (d.projections[0].source = key),
        (d) => (d.projections[0].receptor = key),
        (d) => (d.projections[0].rule = key),
        (d) => (d.record[0].variables = [key]),
        (d) => (d.populations[0].background[0].kind = key),
        (d) => (d.populations[0].model = key),
        (d) => (d.populations[0].positions = JSON.parse(`{"${key}": {"length": 1}}`)),
        (d) => (d.populations[0].background = [{ kind: "poisson", rate: 1, weight: 1, receptor: key }]),
        (d) =>
          (d.populations[0] = { ...d.populations[0], model: "poisson", params: JSON.parse(`{"rate": {"${key}": 1}}`) }),
        (d) => (d.projections[0].plasticity = JSON.parse(`{"kind": "${key}"}`)),
        (d) => (d.projections[0].shortTerm = JSON.parse(`{"U": 1, "tau_rec": 1, "${key}": 1}`)),
        (d) => (d.projections[0].scaling = JSON.parse(`{"${key}": 1}`)),
      ];
      for (const change of make) {
        const document = coba();
        change(document);
        expect(() => parseDocument(document), `${key} ${change}`).toThrow(SpikeletError);
      }
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("never brings anything but an own error, wherever a value is replaced", () => {
    const strange = [
      null,
      undefined,
      true,
      -1,
      0,
      1.5,
      Number.NaN,
      1e308,
      "",
      "x",
      "1 ms",
      [],
      {},
      [[]],
      [null],
      { a: 1 },
      { uniform: [0, 1] },
      10n,
      Symbol("s"),
      () => 1,
      new Date(0),
      new Float64Array(2),
      new BigInt64Array(2),
      new DataView(new ArrayBuffer(8)),
      new Map(),
    ];
    const places = (node: Loose, found: (readonly [Loose, string])[] = []): (readonly [Loose, string])[] => {
      for (const key of Object.keys(node)) {
        found.push([node, key]);
        if (typeof node[key] === "object" && node[key] !== null) places(node[key], found);
      }
      return found;
    };
    for (const make of [everything, synapses]) {
      const document = make();
      for (const [place, [node, key]] of places(document).entries()) {
        const before = node[key];
        for (const [k, value] of strange.entries()) {
          // Of the values each place has as many as are wanted, in turn.
          if ((place + k) % strange.length >= cases(strange.length)) continue;
          node[key] = value;
          try {
            parseDocument(document);
          } catch (error) {
            if (!(error instanceof SpikeletError)) throw error;
          }
        }
        node[key] = before;
      }
      expect(document).toEqual(make());
    }
  });

  it("writes no huge value into its message", () => {
    const error = thrown(() => parseDocument({ ...coba(), seed: "x".repeat(1e6) }));
    expect(error.message.length).toBeLessThan(200);
    const key = thrown(() => parseDocument({ ...coba(), ["y".repeat(1e6)]: 1 }));
    expect(key.message.length).toBeLessThan(400);
  });

  it("takes model records only where the caller allows it", () => {
    const document = least();
    document.populations[0].model = lif;
    expect(parseDocument(document).populations[0]?.model).toBe(lif);
    expect(failure(() => parseDocument(document, { namesOnly: true }))).toEqual([ValueTypeError, `$.populations[0].model: an object; it must be the name of a model: ${MODELS}.`]);
  });
});

describe("calls of the API", () => {
  const populations = new Map([
    ["exc", parsePopulation({ name: "exc", model: lif, size: 20, receptors: { in: { kernel: "delta" } } }, "exc")],
  ]);

  it("take functions and typed arrays", () => {
    const spec = parsePopulation(
      {
        name: "exc",
        model: lif,
        size: 3,
        params: { C_m: (i: number) => 100 + i, V_th: Float32Array.of(-50, -51, -52) },
        init: { v: new Float64Array([-60, -61, -62]) },
        method: undefined,
      },
      "exc",
    );
    expect(spec.params.C_m).toEqual(Float64Array.of(100, 101, 102));
    expect(spec.params.V_th).toEqual(Float64Array.of(-50, -51, -52));
    expect(spec.methodIsDefault).toBe(true);
    const weight = (source: number, target: number) => source - target;
    const projection = parseProjection(
      { source: "exc", target: "exc", rule: "allToAll", weight, delay: 1 },
      "exc->exc",
      populations,
    );
    expect(projection.weight).toBe(weight);
  });

  it("copy the arrays they are given", () => {
    const v = Float64Array.of(1, 2, 3);
    const spec = parsePopulation({ name: "exc", model: lif, size: 3, init: { v } }, "exc");
    v[0] = 100;
    expect(spec.init.v).toEqual(Float64Array.of(1, 2, 3));
  });

  it("name the population in their errors", () => {
    const size = 20;
    const tau = Float64Array.from({ length: size }, (_, i) => (i === 17 ? -5 : 10));
    const cases: readonly (readonly [object, string])[] = [
      [{ tau_m: tau }, "lif.tau_m[17] = -5 ms; it must be > 0 ms."],
      [{ tau_m: (i: number) => 17 - i }, "lif.tau_m[17] = 0 ms; it must be > 0 ms."],
      [{ tau_m: Number.NaN }, "lif.tau_m = NaN; it must be a finite number."],
      [{ V_reset: -50 }, "lif.V_reset = -50 mV; it must be < V_th = -55 mV."],
    ];
    for (const [params, message] of cases) {
      expect(failure(() => parsePopulation({ name: "lif", model: lif, size, params }, "lif"))).toEqual([
        ValueRangeError,
        message,
      ]);
    }
    expect(
      failure(() => parsePopulation({ name: "lif", model: lif, size, params: { C_m: () => "1" } }, "lif")),
    ).toEqual([ValueTypeError, 'lif.C_m[0] = "1"; it must be a number, which the function must return.']);
    expect(failure(() => parsePopulation({ name: "lif", model: lif, size, params: { tau_mm: 1 } }, "lif"))[1]).toBe('lif: unknown parameter "tau_mm"; did you mean "tau_m"? Known: C_m, tau_m, E_L, V_th, V_reset, t_ref.');
    expect(failure(() => parsePopulation({ name: "lif", model: lif, size: 0 }, "lif"))[1]).toBe("lif.size = 0; it must be an integer from 1 to 10000000.");
    expect(
      failure(() => parsePopulation({ name: "exc", model: lif, size }, "exc", { taken: new Set(["exc"]) }))[0],
    ).toBe(DuplicateNameError);
    expect(
      failure(() =>
        parseProjection({ source: "exc", target: "exc", rule: "allToAll", weight: 1 }, "exc->exc", populations),
      )[0],
    ).toBe(MissingKeyError);
    expect(
      failure(() =>
        parseRecord({ population: "exc", variables: ["v"], every: 0.15 }, "exc", populations, { dt: 0.1 }),
      )[0],
    ).toBe(ValueRangeError);
  });

  it("record weights of plastic projections", () => {
    const plasticity = { kind: "inhibitoryStdp", eta: 1, rho_0: 1, tau: 1, w_max: 9 };
    const one = (more: object = {}) =>
      parseProjection(
        { source: "exc", target: "exc", rule: "allToAll", weight: 1, delay: 1, ...more },
        "$",
        populations,
      );
    const list = [one(), one({ plasticity }), one({ scaling: { rho_0: 1, rate: 1, interval: 1, w_max: 9 } })];
    const read = (entry: object) => () =>
      parseWeightRecord({ projection: 1, variables: ["weight"], ...entry }, "$.record[0]", list, { dt: 0.1 });
    expect(read({})()).toEqual({ projection: 1, from: 0 });
    const name = projectionNames(list)[2] as string;
    expect(name).toMatch(/^exc -> exc \(\w+\) #3$/);
    expect(read({ projection: name, synapses: [4, 0], every: "0.2 ms", from: 5 })()).toEqual({
      projection: 2,
      synapses: Uint32Array.of(4, 0),
      every: 0.2,
      from: 5,
    });
    const mistakes: readonly (readonly [object, unknown, string])[] = [
      [{ projection: 3 }, ValueRangeError, "$.record[0].projection: 3; it must be an integer from 0 to 2."],
      [{ projection: null }, ValueTypeError, "$.record[0].projection: null; it must be the place of a projection in the list, from 0, or its name."],
      [{ projection: name.replace("#3", "#2").replace("exc (", "exk (") }, UnknownNameError, `$.record[0].projection: unknown projection "${name.replace("#3", "#2").replace("exc (", "exk (")}"; did you mean "${name.replace("#3", "#2")}"? Known: ${projectionNames(list).join(", ")}.`],
      [{ projection: 0 }, ConnectionError, `$.record[0].projection: "${projectionNames(list)[0]}"; the weights do not change; give the projection "plasticity" or "scaling".`],
      [{ population: "exc" }, ValueRangeError, '$.record[0]: both "population" and "projection"; it must be one of them.'],
      [{ variables: ["wieght"] }, UnknownNameError, '$.record[0].variables[0]: unknown variable "wieght" of a projection; did you mean "weight"? Known: weight.'],
      [{ variables: ["weight", "weight"] }, LengthError, '$.record[0].variables: 2 names; of a projection there is one: ["weight"].'],
      [{ synapse: [0] }, UnknownKeyError, '$.record[0]: unknown key "synapse"; did you mean "synapses"? Known: projection, variables, synapses, every, from.'],
      [{ synapses: [] }, LengthError, "$.record[0].synapses: an empty array; leave it out for all synapses."],
      [{ synapses: [2, 2] }, DuplicateNameError, "$.record[0].synapses[1]: 2; the synapse is named twice."],
      [{ synapses: [-1] }, ValueRangeError, "$.record[0].synapses[0]: -1; it must be an integer from 0 to 4294967295."],
      [{ every: 0.15 }, ValueRangeError, "$.record[0].every: 0.15 ms; it must be a multiple of dt = 0.1 ms; the nearest are 0.1 ms and 0.2 ms."],
    ];
    for (const [entry, kind, message] of mistakes) expect(failure(read(entry))).toEqual([kind, message]);
    expect(failure(() => parseWeightRecord({ projection: 0, variables: ["weight"] }, "$.record[0]", []))[1]).toBe("$.record[0].projection: 0; the network has no projections.");
    expect(failure(() => parseDocument({ ...least(), record: [{ variables: ["v"] }] }))[1]).toContain('the name of a population (for weights: "projection")');
  });

  it("can be checked piece by piece", () => {
    expect(parseReceptor({ kernel: "exponential", tau: "5 ms" }, "exc.in", lif)).toEqual({
      kernel: "exponential",
      tau: 5,
    });
    expect(parseBackground({ kind: "constant", amplitude: [1, 2] }, "exc.background", lif, 2)).toEqual({
      kind: "constant",
      amplitude: Float64Array.of(1, 2),
    });
    expect(parseParameter("20 ms", "exc.tau_m", lif, "tau_m", 2)).toBe(20);
    expect(
      recordableVariables(
        parsePopulation(
          {
            name: "a",
            model: "adex",
            size: 1,
            receptors: { x: { kernel: "exponential", tau: 1 }, y: { kernel: "delta" } },
          },
          "a",
        ),
      ),
    ).toEqual(["spikes", "v", "w", "i_x", "I_background"]);
    expect(() => parseParameter(1, "exc", lif, "nothing", 1)).toThrow(RangeError);
  });

  it("check drawn parameters like given ones", () => {
    const params = { ...parsePopulation({ name: "a", model: lif, size: 2 }, "a").params };
    checkParameters(lif, params, 2, "a");
    params.V_reset = { normal: [-70, 5] };
    checkParameters(lif, params, 2, "a");
    params.V_reset = Float64Array.of(-70, -54);
    expect(failure(() => checkParameters(lif, params, 2, "a"))[1]).toBe("a.V_reset[1] = -54 mV; it must be < V_th = -55 mV.");
    params.tau_m = Float64Array.of(10, 0);
    expect(failure(() => checkParameters(lif, params, 2, "a"))[1]).toBe("a.tau_m[1] = 0 ms; it must be > 0 ms.");
  });

  it("name sources in their errors", () => {
    expect(
      failure(() =>
        parsePopulation({ name: "in", model: poisson, size: 2, params: { rate: (i: number) => -i } }, "in"),
      ),
    ).toEqual([ValueRangeError, "in.rate[1] = -1 Hz; it must be >= 0 Hz."]);
    expect(
      failure(() =>
        parsePopulation({ name: "in", model: spikeTrain, size: 2, params: { times: [1], neurons: [2] } }, "in"),
      )[1],
    ).toBe("in.neurons[0] = 2; it must be an integer from 0 to 1.");
    expect(failure(() => parsePopulation({ name: "in", model: spikeTrain, size: 2 }, "in"))[1]).toBe('in: the key "times" is missing; it must be an array of spike times in ms, or "file" with them.');
    const { receptors } = parsePopulation(
      { name: "a", model: lif, size: 2, receptors: { in: { kernel: "delta" } } },
      "a",
    );
    expect(parseBackground({ kind: "poisson", rate: 5, weight: 1 }, "a.background[0]", lif, 2, { receptors })).toEqual({
      kind: "poisson",
      rate: 5,
      weight: 1,
      receptor: "in",
    });
    expect(failure(() => parseBackground({ kind: "poisson", rate: 5, weight: 1 }, "a.background[0]", lif, 2))[0]).toBe(
      ConnectionError,
    );
  });

  it("accept no sources but the built-in ones", () => {
    const mine = { ...poisson, id: "mine" };
    expect(failure(() => parsePopulation({ name: "a", model: mine, size: 1 }, "a"))).toEqual([ValueTypeError, "a.model = an object; it must be the name of a model or a model record made by defineModel."]);
    expect(parsePopulation({ name: "a", model: "poisson", size: 1 }, "$", { models: { lif } }).model).toBe(poisson);
  });

  it("accept models of the caller", () => {
    const mine = { ...lif, id: "mine" };
    expect(parsePopulation({ name: "a", model: "mine", size: 1 }, "$", { models: { mine } }).model).toBe(mine);
    expect(() => parsePopulation({ name: "a", model: "lif", size: 1 }, "$", { models: { mine } })).toThrow(
      UnknownNameError,
    );
  });
});
