/**
 * Random small networks as documents, and what a run of one gives. The networks keep to steps at which their methods
 * are stable, so that a run ends regularly; everything else of the format may occur.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { type CoreSource, type Method, type ModelRecord, models, Simulation } from "../../src/index.js";

export type Loose = any;

/** Seed of all properties: fixed, so that a failure stays a failure. Another one is tried with PROPERTY_SEED=n. */
export const SEED = Number(process.env.PROPERTY_SEED ?? 20260801);

/** `fc.assert` with the seed of all properties. Shrinking takes minutes: it is done with PROPERTY_SHRINK=1. */
export function holds<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> {
  return fc.assert(property, { seed: SEED, numRuns, endOnFailure: process.env.PROPERTY_SHRINK === undefined });
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

/** Sizes around the borders of vectors (2), padding (16) and blocks (128). */
export const sizes = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(2, 15, 16, 17, 31, 33, 127, 128, 129) },
);

const factor = fc.double({ min: 0.5, max: 1.5, noNaN: true });

/** A number, one per neuron, or a distribution, around a middle. */
export function values(middle: number, spread: number, size: number): fc.Arbitrary<unknown> {
  const one = fc.double({ min: middle - spread, max: middle + spread, noNaN: true });
  return fc.oneof(
    one,
    fc.array(one, { minLength: size, maxLength: size }),
    fc.constant({ uniform: [middle - spread, middle + spread] }),
    fc.constant({ normal: [middle, spread / 10] }),
  );
}

/** Background currents of every kind, each weak enough that several of them do no harm. */
export function backgrounds(model: ModelRecord, size: number): fc.Arbitrary<Loose[]> {
  const strong = strongCurrent(model);
  const amplitude = values(0.6 * strong, 0.4 * strong, size);
  const entry = fc.oneof(
    fc.record({ kind: fc.constant("constant"), amplitude }),
    fc.record({
      kind: fc.constant("piecewise"),
      points: fc.constant([
        [0, 0],
        [3, strong],
        [7.3, strong, -strong / 20],
      ]),
    }),
    fc.record({
      kind: fc.constant("pulses"),
      amplitude,
      start: fc.constantFrom(0, 2.5),
      width: fc.constantFrom(1, 0.33),
      period: fc.constantFrom(3, 7.7),
    }),
    fc.record({
      kind: fc.constant("ramp"),
      start: fc.constant(1),
      end: fc.constantFrom(5, 17.77),
      from: fc.constant(0),
      to: amplitude,
    }),
    fc.record({
      kind: fc.constant("sine"),
      amplitude,
      frequency: fc.constantFrom(8, 40, 137),
      phase: fc.constantFrom(0, 1),
      offset: values(0.5 * strong, 0.1 * strong, size),
    }),
    fc.record({
      kind: fc.constant("whiteNoise"),
      sigma: values(0.5 * strong, 0.2 * strong, size),
      mean: fc.constant(0.5 * strong),
    }),
    fc.record({
      kind: fc.constant("ornsteinUhlenbeck"),
      mean: amplitude,
      sigma: fc.constant(0.2 * strong),
      tau: fc.constantFrom(1, 5, 30),
    }),
    fc.record({
      kind: fc.constant("samples"),
      dt: fc.constantFrom(0.5, 1.7),
      values: fc.constant([0, strong, 0.3 * strong]),
    }),
  );
  return fc.array(entry, { minLength: 0, maxLength: 3 });
}

const receptorNames = ["delta", "current", "conductance", "slow"] as const;
/** Receptors with reversal potentials in the range of the model's v. */
function receptorKind(name: (typeof receptorNames)[number], model: ModelRecord): object {
  const inMillivolt = model.states.v?.unit === "mV";
  switch (name) {
    case "delta":
      return { kernel: "delta" };
    case "current":
      return { kernel: "exponential", tau: 5 };
    case "conductance":
      return { kernel: "exponential", tau: 3, E_rev: inMillivolt ? 0 : 2 };
    case "slow":
      return { kernel: "exponential", tau: 20, E_rev: inMillivolt ? -80 : -2 };
  }
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

/** A population with any model and method that is stable at dt. */
export function population(name: string, dt: number): fc.Arbitrary<Loose> {
  return fc
    .record({ model: fc.constantFrom(...MODELS), size: sizes, receptors: fc.subarray([...receptorNames]) })
    .chain(({ model, size, receptors }) => {
      const conducts = receptors.includes("conductance") || receptors.includes("slow");
      const methods = model.methods.filter((m) => isStable(model, m, dt) && !(m === "exact" && conducts));
      return fc.record({
        name: fc.constant(name),
        model: fc.constant(model.id),
        size: fc.constant(size),
        method: fc.constantFrom(...methods),
        params: jitteredParams(model, size),
        receptors: fc.constant(Object.fromEntries(receptors.map((key) => [key, receptorKind(key, model)]))),
        background: backgrounds(model, size),
      });
    });
}

/** A projection between two of the populations; undefined where the target has no receptors. */
function projection(populations: readonly Loose[], dt: number): fc.Arbitrary<Loose> {
  const targets = populations.filter((p) => Object.keys(p.receptors).length > 0);
  if (targets.length === 0) return fc.constant(undefined);
  return fc.record({ source: fc.constantFrom(...populations), target: fc.constantFrom(...targets) }).chain((ends) => {
    const { source, target } = ends;
    const model = models[target.model as keyof typeof models] as ModelRecord;
    const rule = fc.oneof(
      fc.constant({ rule: "allToAll" }),
      fc.constant({ rule: "fixedProbability", p: 0.3 }),
      fc.constant({ rule: "fixedIndegree", k: 3 }),
      fc.constant(source.size === target.size ? { rule: "oneToOne" } : { rule: "allToAll" }),
    );
    return fc.constantFrom(...Object.keys(target.receptors)).chain((receptor) => {
      const conductance = "E_rev" in target.receptors[receptor];
      const weak = receptor === "delta" ? 0.5 : conductance ? weakConductance(model) : strongCurrent(model) / 10;
      // All sources together may drive a target, not blow it up.
      const unit = weak / Math.max(1, source.size / 10);
      return fc
        .record({
          rule,
          weight: fc.oneof(
            factor.map((f) => f * unit),
            fc.constant({ uniform: [0.5 * unit, unit] }),
            fc.constant({ lognormal: [Math.log(unit), 0.3] }),
          ),
          delay: fc.oneof(
            fc.integer({ min: 1, max: 40 }).map((steps) => steps * dt),
            fc.constant({ uniform: [dt, 4] }),
            fc.constant({ exponential: 2 }),
          ),
          weightPrecision: fc.constantFrom("float32", "float64"),
        })
        .map(({ rule: kind, ...rest }) => ({ source: source.name, target: target.name, receptor, ...kind, ...rest }));
    });
  });
}

/** A whole network of one to three populations with everything recorded. */
export const networks: fc.Arbitrary<Loose> = fc
  .record({ dt: fc.constantFrom(0.05, 0.1, 0.025), seed: fc.nat(), count: fc.integer({ min: 1, max: 3 }) })
  .chain(({ dt, seed, count }) =>
    fc.tuple(...["a", "b", "c"].slice(0, count).map((name) => population(name, dt))).chain((populations) =>
      fc.array(projection(populations, dt), { maxLength: 4 }).map((projections) => ({
        name: "property",
        dt,
        duration: 400 * dt,
        seed,
        populations,
        projections: projections.filter((p) => p !== undefined),
        record: populations.flatMap((p: Loose) => recordAll(p, dt)),
      })),
    ),
  );

/** Entries that record spikes, all states, receptor states and currents of a population. */
export function recordAll(p: Loose, dt: number): Loose[] {
  const model = models[p.model as keyof typeof models] as ModelRecord;
  const receptorStates = Object.entries(p.receptors ?? {})
    .filter(([, r]) => (r as Loose).kernel !== "delta")
    .map(([key, r]) => `${"E_rev" in (r as object) ? "g" : "i"}_${key}`);
  return [
    { population: p.name, variables: ["spikes", ...Object.keys(model.states), ...receptorStates] },
    { population: p.name, variables: ["I_background"], neurons: [p.size - 1], every: 3 * dt, from: 7.5 * dt },
  ];
}

/** What a run gave, one hash per series: equal bits, equal hashes; a difference is named. */
export type Fingerprint = Readonly<Record<string, string>>;

function hashOf(...arrays: readonly (Float64Array | Uint32Array)[]): string {
  const hash = createHash("sha256");
  for (const a of arrays) hash.update(new Uint8Array(a.buffer, a.byteOffset, a.byteLength)).update("|");
  return `${arrays[0]?.length} numbers ${hash.digest("hex").slice(0, 16)}`;
}

/** All recordings and final states of a simulation. */
export function fingerprint(simulation: Simulation): Fingerprint {
  const result: Record<string, string> = {};
  for (const [name, spikes] of simulation.recordings.spikes)
    result[`${name} spikes`] = hashOf(spikes.times, spikes.neurons);
  for (const [k, trace] of simulation.recordings.traces.entries()) {
    result[`${trace.population}.${trace.variable} trace ${k}`] = hashOf(trace.view(), trace.time);
  }
  return { ...result, ...stateHashes(simulation) };
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
