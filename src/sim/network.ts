/**
 * What is to be simulated: populations, projections and what is recorded of them, checked and under their names.
 * Documents and exporters see this and nothing else; how it is carried out is the engine's.
 */
import { type ModelDocument, toDocument } from "../io/document.js";
import { checkKeys, readNumber, readObject } from "../model/check.js";
import { StateError, UnavailableError, ValueRangeError } from "../model/errors.js";
import { firstStepAfter, timeOf } from "../model/grid.js";
import { eventsOf } from "../model/own.js";
import { parsePopulation, parseProjection, parseRecord, parseWeightRecord } from "../model/parse.js";
import { isConductance, isOwn, type ReceptorSpec } from "../kinds/receptors.js";
import { projectionName } from "../model/projection.js";
import { isLinearKernel } from "../model/receptorKernel.js";
import { type ModelRecord, SOLVING } from "../model/record.js";
import type { NetworkSpec, PopulationSpec, ProjectionSpec, RecordSpec, WeightRecordSpec } from "../model/spec.js";
import { models, sources } from "../models/index.js";
import { type Finding, sortFindings } from "../model/findings.js";
import type { RecordOptions } from "./options.js";
import { checkEventDriven, checkReadByProjection } from "./eventDriven.js";
import { kernelsOf } from "./kernels.js";
import type { Live } from "./live.js";
import { Population } from "./population.js";
import { type Listened, Projection } from "./projection.js";
import type { WeightRecordOptions } from "./recording.js";
import { checkStability } from "./stability.js";
import { durationFindings } from "./times.js";

/** Every model that populations may have. */
export const KNOWN: Readonly<Record<string, ModelRecord>> = { ...models, ...sources };

/** A recording that was asked for, checked. */
export interface Wanted<S> {
  readonly spec: S;
  /** Time in ms that is kept; undefined for all. */
  readonly window: number | undefined;
}

export class Network {
  readonly name: string;
  /** Time step in ms. */
  readonly dt: number;
  /** The seed that the network was made with. */
  readonly seed: number;
  /** Of the document, ms. */
  readonly duration: number | undefined;
  readonly populations = new Map<string, Population>();
  readonly projections: Projection[] = [];
  /** What stands for the events of populations with own models: by population, then by event. */
  private readonly events = new Map<string, ReadonlyMap<string, Population>>();
  /** Number of projections between the same two populations and receptor. */
  private readonly alike = new Map<string, number>();
  private readonly record: RecordSpec[] = [];
  private readonly recordWeights: WeightRecordSpec[] = [];
  private readonly live: Live;

  constructor(given: Pick<NetworkSpec, "name" | "dt" | "seed"> & { readonly duration?: number }, live: Live) {
    const { name, dt, seed, duration } = given;
    this.name = name;
    this.dt = dt;
    this.seed = seed;
    this.duration = duration;
    this.live = live;
  }

  /** A population's data out of what a user gives. */
  readPopulation(name: unknown, model: unknown, size: unknown, options: object): PopulationSpec {
    const path = typeof name === "string" ? name : "population";
    const taken = new Set(this.populations.keys());
    return parsePopulation({ ...readObject(options, path), name, model, size }, path, { taken, dt: this.dt });
  }

  addPopulation(spec: PopulationSpec): Population {
    if (!spec.source && kernelsOf(spec.model) === undefined) {
      const known = Object.keys(KNOWN);
      throw new UnavailableError(
        `${spec.name}: the model ${JSON.stringify(spec.model.id)} is not one of the built-in models and brings no kernels; ` +
          `without kernels there are those only: ${known.join(", ")}.`,
        { path: spec.name, value: spec.model.id, allowed: known },
      );
    }
    const fitting = withMethodForReceptors(spec);
    checkEventDriven(fitting);
    const population = new Population(fitting, this.dt, this.live);
    this.populations.set(spec.name, population);
    const events = eventsOf(spec.model).map((event) => [event, this.eventPopulation(spec, event)] as const);
    this.events.set(spec.name, new Map(events));
    return population;
  }

  private eventPopulation({ name, size }: PopulationSpec, event: string): Population {
    const none = {
      method: "exact",
      methodIsDefault: true,
      params: {},
      init: {},
      receptors: {},
      background: [],
    } as const;
    const source = { kind: "event" } as const;
    return new Population(
      { name: `${name}.${event}`, model: sources.spikeTrain, size, ...none, source },
      this.dt,
      this.live,
    );
  }

  /** A projection's data out of what a user gives. */
  readProjection(source: Population, target: Population, options: object): ProjectionSpec {
    this.mustOwn(source);
    this.mustOwn(target);
    const path = `${source.name} -> ${target.name}`;
    const given = { ...readObject(options, path), source: source.name, target: target.name };
    return parseProjection(given, path, this.specs(), { dt: this.dt });
  }

  addProjection(spec: ProjectionSpec): Projection {
    // Several projections between the same two populations and receptor have random streams of their own.
    const name = projectionName(spec);
    const number = (this.alike.get(name) ?? 0) + 1;
    this.alike.set(name, number);
    const target = this.populations.get(spec.target) as Population;
    const source = this.populations.get(spec.source) as Population;
    const label = number === 1 ? name : `${name} #${number}`;
    for (const end of [source, target]) checkReadByProjection(end.description, spec, label);
    const projection = new Projection(spec, label, source, target, this.dt, this.live);
    this.projections.push(projection);
    return projection;
  }

  /**
   * A recording's data out of what a user gives.
   *
   * @param step steps that are done
   * @returns with the `event` that is to be recorded, if it is one
   */
  readRecord(
    population: Population,
    variable: string,
    options: RecordOptions,
    step: number,
  ): Wanted<RecordSpec> & { readonly event: Population | undefined } {
    this.mustOwn(population);
    const { name } = population;
    const path = `record ${name}`;
    const { window: kept, from = timeOf(step, this.dt), ...rest } = readObject(options, path) as RecordOptions;
    const event = this.events.get(name)?.get(variable);
    const input = { ...rest, from, population: name, variables: [event === undefined ? variable : "spikes"] };
    const spec = parseRecord(input, path, this.specs(), { dt: this.dt });
    this.mustCome(spec.from, path, step);
    const window = readWindow(kept, path);
    if (event !== undefined && spec.interpolate) {
      const message = `${path}.interpolate = true; ${event.name} is an event, which happens at the end of a step.`;
      throw new ValueRangeError(message, { path: `${path}.interpolate`, value: true, allowed: "false" });
    }
    return { spec, window, event };
  }

  addRecord(spec: RecordSpec): void {
    this.record.push(spec);
  }

  /** The data of a recording of weights out of what a user gives, after so many steps. */
  readWeightRecord(projection: Projection, options: WeightRecordOptions, step: number): Wanted<WeightRecordSpec> {
    const place = this.projections.indexOf(projection);
    if (place < 0) {
      throw new StateError(`the projection ${JSON.stringify(projection?.name)} belongs to another simulation.`);
    }
    const path = `recordWeights ${projection.name}`;
    if (!projection.plastic) {
      throw new StateError(`${path}: the weights do not change; give the projection "plasticity" or "scaling".`);
    }
    const start = timeOf(step, this.dt);
    const given = readObject(options, path) as WeightRecordOptions;
    const { variable = "weight", synapses, every, from = start, window, ...unknown } = given;
    checkKeys(unknown, path, ["variable", "synapses", "every", "from", "window"], "option");
    const input = { synapses, every, from, projection: place, variables: [variable] };
    const specs = this.projections.map((p) => p.description);
    const spec = parseWeightRecord(input, path, specs, { dt: this.dt });
    this.mustCome(spec.from, path, step);
    return { spec, window: readWindow(window, path) };
  }

  addWeightRecord(spec: WeightRecordSpec): void {
    this.recordWeights.push(spec);
  }

  /** All that has spikes, in the order in which the cores have it: events are logged by the population behind them. */
  get emitters(): readonly Population[] {
    return [...this.populations].flatMap(([name, population]) => [...this.eventsOf(name), population]);
  }

  eventsOf(name: string): readonly Population[] {
    return [...(this.events.get(name)?.values() ?? [])];
  }

  /** What a projection listens to, and its target. */
  endsOf({ description: { source, event, target } }: Projection): [source: Population, target: Population] {
    const from = event === undefined ? this.populations.get(source) : this.events.get(source)?.get(event);
    return [from as Population, this.populations.get(target) as Population];
  }

  /** What the rule of a projection listens to beside the spikes of its ends. */
  listenedBy({ description: { target, ownPlasticity } }: Projection): Omit<Listened, "late"> {
    const modulator = ownPlasticity?.modulator;
    return {
      events: new Map(
        Object.keys(ownPlasticity?.rule.definition.onEvents ?? {}).map((event) => [
          event,
          this.events.get(target)?.get(event) as Population,
        ]),
      ),
      modulator: modulator === undefined ? undefined : this.populations.get(modulator),
    };
  }

  /** The network as checked data. */
  get spec(): NetworkSpec {
    return {
      name: this.name,
      dt: this.dt,
      duration: this.duration ?? 1000,
      seed: this.seed,
      populations: [...this.populations.values()].map((p) => p.description),
      projections: this.projections.map((p) => p.description),
      record: this.record,
      recordWeights: this.recordWeights,
    };
  }

  /** The network as checked data with all that was drawn, once it is built. */
  get drawn(): NetworkSpec {
    return {
      ...this.spec,
      populations: [...this.populations.values()].map((p) => p.drawn),
      projections: this.projections.map((p) => p.drawn),
    };
  }

  /** The network as a model file's content. */
  get document(): ModelDocument {
    return toDocument({ ...this.spec, projections: this.projections.map((p) => p.written) });
  }

  /** Findings on the network as it stands, the worst first. */
  check(): Finding[] {
    const planned = this.duration === undefined ? [] : durationFindings(this.duration, this.dt);
    return sortFindings([...checkStability(this.spec), ...planned]);
  }

  private specs(): Map<string, PopulationSpec> {
    return new Map([...this.populations].map(([name, p]) => [name, p.description]));
  }

  private mustOwn(population: Population | undefined): void {
    const name = population?.name;
    if (name === undefined)
      throw new StateError("a population is needed here: what population() of this simulation gave.");
    if (this.populations.get(name) !== population) {
      throw new StateError(`the population ${JSON.stringify(name)} belongs to another simulation.`);
    }
  }

  /** Refuses a recording that begins before the present time. */
  private mustCome(from: number, path: string, step: number): void {
    if (firstStepAfter(from, this.dt) > step) return;
    const allowed = `at least the present time, ${timeOf(step, this.dt)} ms`;
    throw new ValueRangeError(`${path}.from = ${from} ms; it must be ${allowed}: what was not recorded is gone.`, {
      path: `${path}.from`,
      value: from,
      allowed,
    });
  }
}

/** The time that a recording keeps, in ms. */
function readWindow(value: unknown, path: string): number | undefined {
  return value === undefined ? undefined : readNumber(value, `${path}.window`, "ms", "> 0");
}

/** Whether a current of a kernel of one's own is none that exact steps can have. */
function isBent(receptor: ReceptorSpec, model: ModelRecord): boolean {
  return isOwn(receptor) && !receptor.kernel.conductance && !isLinearKernel(receptor.kernel, model);
}

/**
 * With conductance receptors the exact method does not exist: the default changes, a choice is refused. The same where
 * an own model has more than two states and receptors whose current changes within a step.
 */
function withMethodForReceptors(spec: PopulationSpec): PopulationSpec {
  const receptors = Object.values(spec.receptors);
  const conducts = receptors.some(isConductance);
  const many = spec.model.definition !== undefined && Object.keys(spec.model.states).length > 2;
  const changing = many && receptors.some(({ kernel }) => kernel !== "delta" && kernel !== "step");
  const bent = Object.entries(spec.receptors).find(([, receptor]) => isBent(receptor, spec.model));
  if (spec.method !== "exact" || !(conducts || changing || bent)) return spec;
  if (spec.methodIsDefault) return { ...spec, method: "exponentialEuler" };
  const allowed = spec.model.methods.filter((method) => !SOLVING.includes(method));
  const why = conducts
    ? "with conductance receptors (E_rev) the equation is not linear with constant coefficients"
    : bent
      ? `the current of the receptor ${bent[0]} is not linear in its states with constant coefficients`
      : "a model with more than two states has no exact step for receptors";
  throw new ValueRangeError(`${spec.name}.method = "exact"; ${why}. Use one of: ${allowed.join(", ")}.`, {
    path: `${spec.name}.method`,
    value: "exact",
    allowed,
  });
}
