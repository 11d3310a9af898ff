/**
 * Random small networks as documents, and what a run of one gives. The networks keep to steps at which their methods
 * are stable, so that a run ends regularly; everything else of the format may occur.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { type CoreSource, type Method, type ModelRecord, models, type Report, Simulation } from "../../src/index.js";
import { cases } from "../cases.js";
import { stepped } from "../methods.js";

export type Loose = any;

/** Seed of all properties: fixed, so that a failure stays a failure. Another one is tried with PROPERTY_SEED=n. */
export const SEED = Number(process.env.PROPERTY_SEED ?? 20260801);

/**
 * `fc.assert` with the seed of all properties. Shrinking takes minutes: it is done with PROPERTY_SHRINK=1.
 *
 * @param usual number of cases, as in `cases`
 */
export function holds<T>(property: fc.IAsyncProperty<T>, usual: number): Promise<void> {
  const endOnFailure = process.env.PROPERTY_SHRINK === undefined;
  return fc.assert(property, { seed: SEED, numRuns: cases(usual), endOnFailure });
}

export const MODELS: readonly ModelRecord[] = Object.values(models);

/** A constant current that makes the model fire. */
export function strongCurrent(model: ModelRecord): number {
  return model.example?.current ?? 10;
}

/** A conductance whose current at 50 mV from its reversal is a tenth of the strong current. */
export function weakConductance(model: ModelRecord): number {
  return strongCurrent(model) / (model.states.v?.unit === "mV" ? 500 : 20);
}

/** Whether a method of a model stays bounded at a step. */
export function isStable(model: ModelRecord, method: Method, dt: number): boolean {
  return dt <= (model.maxStep?.[method] ?? Number.POSITIVE_INFINITY);
}

/** Sizes around the borders of vectors (2), padding (16) and blocks (256). */
export const sizes = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(2, 15, 16, 17, 31, 33, 255, 256, 257) },
);

const factor = fc.double({ min: 0.5, max: 1.5, noNaN: true });

/** A number, one per neuron, or a distribution, around a middle. */
export function values(middle: number, spread: number, size: number): fc.Arbitrary<unknown> {
  const [low, high] = [middle - spread, middle + spread];
  const one = fc.double({ min: low, max: high, noNaN: true });
  return fc.oneof(
    { weight: 2, arbitrary: one },
    { weight: 2, arbitrary: fc.array(one, { minLength: size, maxLength: size }) },
    { weight: 1, arbitrary: fc.constant({ uniform: [low, high] }) },
    { weight: 1, arbitrary: fc.constant({ normal: [middle, spread / 10] }) },
    { weight: 1, arbitrary: fc.constant({ truncatedNormal: [middle, spread, low, high] }) },
  );
}

const rates = (size: number, highest: number): fc.Arbitrary<unknown> =>
  fc.oneof(
    values(highest / 2, highest / 4, size),
    fc.constant({
      points: [
        [0, highest],
        [4, highest / 2, -highest / 100],
        [10, highest],
      ],
    }),
  );

/** Where and when an entry acts: everywhere and always, mostly. */
function scopes(size: number, ownStart: boolean): fc.Arbitrary<object> {
  const limits: Record<string, fc.Arbitrary<unknown>> = {
    neurons: fc.subarray(range(size), { minLength: 1 }),
    stop: fc.constantFrom(8, 14.3),
  };
  if (!ownStart) limits.start = fc.constantFrom(1, 3.33);
  const some: fc.Arbitrary<object> = fc.record(limits, { requiredKeys: [] });
  return fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: some });
}

const range = (n: number): number[] => Array.from({ length: n }, (_, k) => k);

/** Currents as text: the same for all neurons or not, changing or not. */
function expressions({ current }: ModelRecord, strong: number): string[] {
  const unit = `${strong}*${current === "" ? "1" : current}`;
  return [
    `${unit}*(0.6 + 0.4*sin(2*pi*40*Hz*t))`,
    `${unit}*exp(-i/N)`,
    `${unit}*(0.5 + 0.5*cos(t/(2*ms) + i))`,
    `${unit}*(0.5 + 0.3*randn()) if t > 2.5*ms else 0`,
  ];
}

/** Background currents of every kind, each weak enough that several of them do no harm. */
export function backgrounds(model: ModelRecord, size: number, receptors: Loose): fc.Arbitrary<Loose[]> {
  const strong = strongCurrent(model);
  const amplitude = values(0.6 * strong, 0.4 * strong, size);
  const fields: Record<string, Record<string, fc.Arbitrary<unknown>>> = {
    constant: { amplitude },
    piecewise: {
      points: fc.constant([
        [0, 0],
        [3, strong],
        [7.3, strong, -strong / 20],
      ]),
    },
    pulses: {
      amplitude,
      start: fc.constantFrom(0, 2.5),
      width: fc.constantFrom(1, 0.33),
      period: fc.constantFrom(3, 7.7),
    },
    ramp: { start: fc.constant(1), end: fc.constantFrom(5, 17.77), from: fc.constant(0), to: amplitude },
    sine: {
      amplitude,
      frequency: fc.constantFrom(8, 40, 137),
      phase: fc.constantFrom(0, 1),
      offset: values(0.5 * strong, 0.1 * strong, size),
    },
    expression: { I: fc.constantFrom(...expressions(model, strong)) },
    whiteNoise: { sigma: values(0.5 * strong, 0.2 * strong, size), mean: fc.constant(0.5 * strong) },
    ornsteinUhlenbeck: { mean: amplitude, sigma: fc.constant(0.2 * strong), tau: fc.constantFrom(1, 5, 30) },
    samples: { dt: fc.constantFrom(0.5, 1.7), values: fc.constant([0, strong, 0.3 * strong]) },
  };
  const names = Object.keys(receptors);
  const kinds = fc.constantFrom(...Object.keys(fields), ...(names.length > 0 ? ["poisson"] : []));
  const entry = kinds.chain((kind): fc.Arbitrary<Loose> => {
    const scope = scopes(size, kind === "pulses" || kind === "ramp");
    const content =
      kind === "poisson"
        ? fc.constantFrom(...names).chain((receptor) => {
            const unit = unitWeight(model, receptors[receptor]);
            const positive = values(0.5 * unit, 0.4 * unit, size);
            return fc.record({ receptor: fc.constant(receptor), rate: rates(size, 500), weight: positive });
          })
        : fc.record(fields[kind] as Record<string, fc.Arbitrary<unknown>>);
    return fc.tuple(content, scope).map(([own, where]) => ({ kind, ...(own as object), ...where }));
  });
  return fc.array(entry, { minLength: 0, maxLength: 3 });
}

/** A receptor of any kernel with a reversal potential in the range of the model's v, or none. */
function receptor(model: ModelRecord): fc.Arbitrary<Loose> {
  const inMillivolt = model.states.v?.unit === "mV";
  const reversal = fc.constantFrom<Loose[]>({}, { E_rev: inMillivolt ? 0 : 2 }, { E_rev: inMillivolt ? -80 : -2 });
  const kernels: Loose[] = [
    { kernel: "exponential", tau: 5 },
    { kernel: "exponential", tau: 20 },
    { kernel: "alpha", tau: 2 },
    { kernel: "dualExponential", tau_rise: 1, tau_decay: 6 },
    { kernel: "step", duration: 1.5 },
  ];
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant({ kernel: "delta" }) },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(...kernels), reversal).map(([kernel, E]) => ({ ...kernel, ...E })),
    },
    ...(inMillivolt ? [{ weight: 1, arbitrary: fc.constant({ kernel: "nmda" }) }] : []),
  );
}

const isConductance = (r: Loose): boolean => r.kernel === "nmda" || "E_rev" in r;

/** A weight whose single effect is felt and does no harm. */
function unitWeight(model: ModelRecord, r: Loose): number {
  if (r.kernel === "delta") return 0.5;
  return isConductance(r) ? weakConductance(model) : strongCurrent(model) / 10;
}

/** A parameter that may vary by a few percent without harm. */
function jitteredParams(model: ModelRecord, size: number): fc.Arbitrary<Record<string, unknown>> {
  const names = Object.entries(model.params)
    .filter(([name, p]) => p.default !== 0 && !["V_reset", "c"].includes(name))
    .map(([name]) => name);
  return fc.subarray(names, { maxLength: 2 }).chain((chosen) =>
    fc.record(
      Object.fromEntries(
        chosen.map((name) => {
          const middle = model.params[name]?.default as number;
          return [name, values(middle, Math.abs(middle) / 100, size)];
        }),
      ),
    ),
  );
}

const positions = (size: number): fc.Arbitrary<Loose> =>
  fc.constantFrom<Loose[]>(
    { line: { length: 10 } },
    { grid: { columns: Math.ceil(size / 3), spacing: 2 } },
    { disc: { radius: 5 } },
    range(size).map((n) => [n % 7, n / 5]),
  );

/** A population with any model and method that is stable at dt. */
export function population(name: string, dt: number): fc.Arbitrary<Loose> {
  return fc.record({ model: fc.constantFrom(...MODELS), size: sizes }).chain(({ model, size }) =>
    fc.array(receptor(model), { maxLength: 4 }).chain((kinds) => {
      const receptors = Object.fromEntries(kinds.map((kind, k) => [`${kind.kernel}${k}`, kind]));
      const conducts = kinds.some(isConductance);
      const methods = stepped(model).filter((m) => isStable(model, m, dt) && !(m === "exact" && conducts));
      return fc.record({
        name: fc.constant(name),
        model: fc.constant(model.id),
        size: fc.constant(size),
        method: fc.constantFrom(...methods),
        params: jitteredParams(model, size),
        receptors: fc.constant(receptors),
        background: backgrounds(model, size, receptors),
        positions: positions(size),
      });
    }),
  );
}

/** A population that plays spikes. */
function source(name: string): fc.Arbitrary<Loose> {
  const models = fc.constantFrom("poisson", "spikeTrain", "poisson", "spikeTrain", "renewal", "correlated");
  return fc.tuple(sizes, models).chain(([size, model]): fc.Arbitrary<Loose> => {
    const spikes = fc.array(fc.tuple(fc.double({ min: 0, max: 30, noNaN: true }), fc.nat(size - 1)), { maxLength: 60 });
    const trains = spikes.map((list) => ({ times: list.map(([t]) => t), neurons: list.map(([, n]) => n) }));
    const rate = fc.double({ min: 0, max: 300, noNaN: true });
    const intervals = fc.constantFrom(
      { kind: "gamma", shape: 3 },
      { kind: "lognormal", cv: 0.7 },
      { kind: "refractory", dead: 2 },
    );
    const params: Readonly<Record<string, fc.Arbitrary<Loose>>> = {
      poisson: fc.record({ rate: rates(size, 400) }),
      spikeTrain: trains,
      renewal: fc.tuple(rate, intervals).map(([r, numbers]) => ({ rate: r, ...numbers })),
      correlated: fc.record({
        kind: fc.constantFrom("multiple", "single"),
        rate,
        correlation: fc.constantFrom(0.02, 0.2, 1),
        tau: fc.constantFrom(0, 2),
      }),
    };
    return fc.record({
      name: fc.constant(name),
      model: fc.constant(model),
      size: fc.constant(size),
      params: params[model] as fc.Arbitrary<Loose>,
      positions: positions(size),
    });
  });
}

/** What may happen to the synapses of a projection with weights from 0 to w_max. */
function dynamics(w_max: number): fc.Arbitrary<object> {
  const stdp = { A_plus: 0.05, A_minus: 0.06, tau_plus: 20, tau_minus: 15, w_max };
  const plasticity = fc.constantFrom<Loose[]>(
    { kind: "stdp", ...stdp },
    { kind: "stdp", ...stdp, weightDependence: "multiplicative", pairing: "nearest" },
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
      w_max,
    },
    { kind: "inhibitoryStdp", eta: w_max / 50, rho_0: 10, tau: 20, w_max },
  );
  const all = {
    shortTerm: fc.constantFrom({ U: 0.5, tau_rec: 50 }, { U: 0.1, tau_rec: 20, tau_facil: 100 }),
    release: fc.constantFrom(0.2, 0.7),
    plasticity,
    scaling: fc.constant({ rho_0: 20, rate: 0.1, interval: 3, w_max }),
  };
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record(all, { requiredKeys: [] }) },
  );
}

/** A projection between two of the populations; undefined where nobody has receptors. */
function projection(populations: readonly Loose[], dt: number): fc.Arbitrary<Loose> {
  const targets = populations.filter((p) => Object.keys(p.receptors ?? {}).length > 0);
  if (targets.length === 0) return fc.constant(undefined);
  return fc.record({ from: fc.constantFrom(...populations), to: fc.constantFrom(...targets) }).chain(({ from, to }) => {
    const model = models[to.model as keyof typeof models] as ModelRecord;
    const rule = fc.constantFrom<Loose[]>(
      { rule: "allToAll" },
      { rule: "fixedProbability", p: 0.3 },
      { rule: "fixedIndegree", k: 3 },
      { rule: "fixedOutdegree", k: 4 },
      { rule: "fixedTotalNumber", n: 50 },
      { rule: "distance", kernel: "gaussian", scale: 3, p: 0.8 },
      { rule: "distance", kernel: "box", scale: 2.5 },
      from.size === to.size ? { rule: "oneToOne" } : { rule: "allToAll" },
    );
    return fc.constantFrom(...Object.keys(to.receptors)).chain((name) => {
      // All sources together may drive a target, not blow it up.
      const unit = unitWeight(model, to.receptors[name]) / Math.max(1, from.size / 10);
      const delay = fc.oneof(
        fc.integer({ min: 1, max: 40 }).map((steps) => steps * dt),
        fc.constant({ uniform: [dt, 4] }),
        fc.constant({ exponential: 2 }),
        fc.constant({ gamma: [3, 0.5] }),
      );
      return dynamics(2 * unit).chain((changes) => {
        const changing = "plasticity" in changes || "scaling" in changes;
        const weight = fc.oneof(
          factor.map((f) => f * unit),
          fc.constant({ uniform: [0.5 * unit, unit] }),
          fc.constant(changing ? { truncatedNormal: [unit, unit, 0, 2 * unit] } : { lognormal: [Math.log(unit), 0.3] }),
        );
        const weightPrecision = changing ? fc.constant("float64") : fc.constantFrom("float32", "float64");
        return fc.record({ rule, weight, delay, weightPrecision }).map(({ rule: kind, ...rest }) => ({
          source: from.name,
          target: to.name,
          receptor: name,
          ...kind,
          ...rest,
          ...changes,
        }));
      });
    });
  });
}

/** Gap junctions between two populations whose potentials have the same unit; undefined where there are none. */
function gapJunction(populations: readonly Loose[]): fc.Arbitrary<Loose> {
  const neurons = populations.filter((p) => p.background !== undefined);
  const modelOf = (p: Loose): ModelRecord => models[p.model as keyof typeof models];
  return fc.tuple(fc.constantFrom(...neurons), fc.constantFrom(...neurons), fc.boolean()).map(([from, to, wanted]) => {
    if (!wanted || modelOf(from).states.v?.unit !== modelOf(to).states.v?.unit) return undefined;
    const weight = weakConductance(modelOf(to)) / Math.max(1, from.size / 10);
    return { source: from.name, target: to.name, rule: "fixedProbability", p: 0.2, gapJunction: true, weight };
  });
}

/** A whole network of one to three populations, perhaps with a source, with everything recorded. */
export const networks: fc.Arbitrary<Loose> = fc
  .record({
    dt: fc.constantFrom(0.05, 0.1, 0.025),
    seed: fc.nat(),
    count: fc.integer({ min: 1, max: 3 }),
    played: fc.boolean(),
  })
  .chain(({ dt, seed, count, played }) =>
    fc
      .tuple(...["a", "b", "c"].slice(0, count).map((name) => population(name, dt)), ...(played ? [source("s")] : []))
      .chain((populations) =>
        fc
          .tuple(fc.array(projection(populations, dt), { maxLength: 4 }), gapJunction(populations))
          .map(([projections, gap]) => ({
            name: "property",
            dt,
            duration: 400 * dt,
            seed,
            populations,
            projections: [...projections, gap].filter((p) => p !== undefined),
            record: populations.flatMap((p: Loose) => recordAll(p, dt)),
          })),
      ),
  );

/** Entries that record spikes, all states, receptor states and currents of a population. */
export function recordAll(p: Loose, dt: number): Loose[] {
  const model = models[p.model as keyof typeof models] as ModelRecord | undefined;
  if (!model) return [{ population: p.name, variables: ["spikes"] }];
  const receptorStates = Object.entries<Loose>(p.receptors ?? {})
    .filter(([, r]) => r.kernel !== "delta")
    .map(([key, r]) => `${isConductance(r) ? "g" : "i"}_${key}`);
  return [
    { population: p.name, variables: ["spikes", ...Object.keys(model.states), ...receptorStates] },
    { population: p.name, variables: ["I_background"], neurons: [p.size - 1], every: 3 * dt, from: 7.5 * dt },
  ];
}

/** What a run gave, one hash per series: equal bits, equal hashes; a difference is named. */
export type Fingerprint = Readonly<Record<string, string>>;

export function hashOf(...arrays: readonly (Float64Array | Uint32Array)[]): string {
  const hash = createHash("sha256");
  for (const a of arrays) hash.update(new Uint8Array(a.buffer, a.byteOffset, a.byteLength)).update("|");
  return `${arrays[0]?.length} numbers ${hash.digest("hex").slice(0, 16)}`;
}

/** All recordings, weights and final states of a simulation. */
export function fingerprint(simulation: Simulation): Fingerprint {
  const result: Record<string, string> = {};
  for (const [name, spikes] of simulation.recordings.spikes)
    result[`${name} spikes`] = hashOf(spikes.times, spikes.neurons);
  for (const [k, trace] of simulation.recordings.traces.entries()) {
    result[`${trace.population}.${trace.variable} trace ${k}`] = hashOf(trace.view(), trace.time);
  }
  for (const projection of simulation.projections) result[`${projection.name} weights`] = hashOf(projection.weights());
  for (const [k, trace] of simulation.recordings.weights.entries()) {
    result[`${trace.projection} weight trace ${k}`] = hashOf(trace.view(), trace.time);
  }
  return { ...result, ...stateHashes(simulation) };
}

/** The numbers of a report that follow from the network alone. */
export function reportNumbers({
  wallMs: _wall,
  realTimeFactor: _factor,
  ...numbers
}: Report): Omit<Report, "wallMs" | "realTimeFactor"> {
  return numbers;
}

/** The final states of a simulation. */
export function stateHashes(simulation: Simulation): Fingerprint {
  const result: Record<string, string> = {};
  for (const population of simulation.populations.values()) {
    for (const state of Object.keys(population.model.states)) {
      result[`${population.name}.${state} at the end`] = hashOf(population.state(state as "v"));
    }
  }
  return result;
}

/** Makes a simulation of a document and runs it for its duration. */
export async function run(document: Loose, core?: CoreSource): Promise<Simulation> {
  const simulation = await Simulation.fromDocument(document, core === undefined ? {} : { core });
  await simulation.run(document.duration);
  return simulation;
}

/** Number of spikes of all recorded populations. */
export function spikeCount(simulation: Simulation): number {
  return [...simulation.recordings.spikes.values()].reduce((sum, r) => sum + r.count, 0);
}
