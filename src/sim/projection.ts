/** A projection: what the caller holds, and its synapses once the network is built. */
import { isConductance, weightUnit, responseOf } from "../kinds/receptors.js";
import { defined, parsePlasticity, plasticBounds, fixedFields } from "../kinds/plasticity.js";
import {
  checkKeys,
  type Fields,
  itemPath,
  readInteger,
  readName,
  readNumber,
  readNumbers,
  readObject,
} from "../model/check.js";
import { checkPlasticWeights } from "../model/dynamics.js";
import { ConnectionError, describe, InstabilityError, StateError } from "../model/errors.js";
import { membraneScale } from "../model/own.js";
import type { RuleUse } from "../lang/rule.js";
import { checkedRule, type OwnPlasticitySpec, parseOwnPlasticity,
  ruleAt, type RuleVariableRecord } from "../model/ownRule.js";
import { isPlastic, useOf } from "../model/projection.js";
import type { ProjectionSpec } from "../model/spec.js";
import { type Change, type Live, prepareAll } from "./live.js";
import type { Part } from "./part.js";
import type { BuiltReceptor } from "./receptors.js";
import type { Population } from "./population.js";
import { intervalSteps, timeOf } from "../model/grid.js";
import { type Ends, layGraph, leastCount, LONGEST_DELAY, type Together, tooLong } from "./connect.js";
import type { PlasticityChange, Quantity } from "./options.js";
import type { RuleColumns } from "./ruleColumns.js";
import { boundsOf, type RuleEnds, Synapses, type SynapseTable } from "./synapses.js";
import { merged } from "../kinds/value.js";

/** Synapses from one population to another. Made by `Simulation.connect`. */
export class Projection {
  /** Source, target and receptor, numbered where there are several alike: unique in the simulation. */
  readonly name: string;
  /** Unit of the weights. */
  readonly unit: string;
  private spec: ProjectionSpec;
  /** The receptor is a conductance: weights must be >= 0. */
  private readonly conductance: boolean;
  private learning = true;
  private readonly live: Live;
  private readonly dt: number;
  /** Weights were given one by one. */
  private single = false;
  /** What the synapses end on, in each core. */
  private receptors: readonly BuiltReceptor[] = [];
  /** The sources that keep spikes for it, in each core; none where spikes are on the ring from the start. */
  private keepers: readonly Part[] = [];
  /** Numbers of sources and targets, once the network is built. */
  private ends = { source: 0, target: 0 };
  /** What its own rule knows of its ends; undefined without one. */
  private readonly use: RuleUse | undefined;
  /** The synapses in each core; empty before the network is built. */
  private built: readonly Synapses[] = [];

  /** @internal */
  constructor(spec: ProjectionSpec, name: string, source: Population, target: Population, dt: number, live: Live) {
    this.dt = dt;
    this.spec = spec;
    this.live = live;
    this.name = name;
    const { model, receptors } = target.description;
    const receptor = spec.gapJunction ? undefined : receptors[spec.receptor];
    this.unit = receptor ? weightUnit(model, receptor) : model.conductance;
    this.conductance = !receptor || isConductance(receptor);
    this.use = ruleAt(spec) && useOf(this.unit, source.description, target.description);
  }

  /** @internal */
  get description(): ProjectionSpec {
    return this.spec;
  }

  /** Number of synapses; 0 before the network is built (at the first run). */
  get synapses(): number {
    return this.built.reduce((sum, { count }) => sum + count, 0);
  }

  /** @internal Whether it is laid out in memory. */
  get isBuilt(): boolean {
    return this.built.length > 0;
  }

  /** @internal Whether its own rule reads states of the sources. */
  get readsSources(): boolean {
    const {
      use,
      spec: { ownPlasticity },
    } = this;
    if (!use || !ownPlasticity) return false;
    return checkedRule(ownPlasticity.rule, use).variables.some(
      ({ kind, level }) => kind === "read" && level === "source",
    );
  }

  /** Whether its synapses are gap junctions. */
  get isGapJunction(): boolean {
    return this.spec.gapJunction === true;
  }

  /** Whether the weights change by plasticity or scaling. */
  get plastic(): boolean {
    return isPlastic(this.spec);
  }

  /** Sources, targets, weights and delays (in steps of dt) of all synapses, by source, then delay, then target. */
  read(): SynapseTable {
    this.live.mustStand(this.name);
    const tables = this.inMemory().map((synapses) => synapses.read());
    if (tables.length === 1) return tables[0] as SynapseTable;
    const { part, index } = merge(tables);
    const pick = <A extends Uint32Array | Float64Array>(out: A, key: keyof SynapseTable): A => {
      for (let j = 0; j < out.length; j++)
        out[j] = (tables[part[j] as number] as SynapseTable)[key][index[j] as number] as number;
      return out;
    };
    const { length } = part;
    return {
      sources: pick(new Uint32Array(length), "sources"),
      targets: pick(new Uint32Array(length), "targets"),
      weights: pick(new Float64Array(length), "weights"),
      delays: pick(new Uint32Array(length), "delays"),
    };
  }

  /** The present weights of all synapses, in the order of `read` (a copy). */
  weights(): Float64Array {
    this.live.mustStand(this.name);
    const built = this.inMemory();
    return built.length === 1 ? (built[0] as Synapses).readWeights() : this.read().weights;
  }

  /**
   * Changes the common weight, before the first run or between runs. Plastic weights all start from it again. Spikes
   * that are on their way keep the weight that they had.
   *
   * @throws StateError when the synapses have weights of their own
   */
  setWeight(weight: number): void {
    const { spec, name, unit } = this;
    this.live.mustBeLaidOut(name);
    if (!Number.isFinite(weight))
      throw new ConnectionError(`${name}: the weight is ${describe(weight)}; it must be a finite number.`, {
        value: weight,
      });
    if (typeof spec.weight !== "number") throw new StateError(`${name}: the synapses have weights of their own.`);
    if (weight < 0 && this.conductance) {
      throw new ConnectionError(`${name}: the weight is ${weight}; a conductance must be >= 0.`, { value: weight });
    }
    for (const bounds of this.bounds) checkPlasticWeights(weight, `${name}.weight`, unit, bounds);
    const send = this.prepareSending().accept();
    this.spec = { ...spec, weight };
    this.single = false;
    this.live.make(() => {
      send();
      for (const synapses of this.built) synapses.setCommonWeight(weight);
    });
  }

  /**
   * Gives synapses weights of their own, between runs: plastic ones go on from them, and a common weight is then that
   * of the others only. Where all weights are drawn or given, the other ones stay as they are. Spikes that are on their
   * way keep the weight that they had.
   *
   * @param weights in `unit`: one for each of `synapses`
   * @param synapses by their place in `read`; all by default
   * @throws SpikeletError when there is no such synapse, or a weight is not finite, negative onto a conductance or out
   *   of the bounds of the plasticity; nothing is changed then
   */
  setWeights(weights: ArrayLike<number>, synapses?: ArrayLike<number>): void {
    const { name, unit, conductance, live } = this;
    live.mustBeLaidOut(name);
    const built = this.inMemory();
    const total = this.synapses;
    const path = `${name}.weights`;
    const chosen =
      synapses === undefined
        ? Uint32Array.from({ length: total }, (_, j) => j)
        : readPlaces(synapses, `${name}.synapses`, total);
    const count = {
      length: chosen.length,
      meaning: synapses === undefined ? "one per synapse" : "one for each of the synapses",
    };
    const values = readNumbers(weights, path, unit, count, conductance ? ">= 0" : undefined);
    for (const bounds of this.bounds) checkPlasticWeights(values, path, unit, bounds);
    if (built.some(({ isSingle }) => isSingle)) {
      const j = values.findIndex((w) => !Number.isFinite(Math.fround(w)));
      if (j >= 0)
        throw new ConnectionError(
          `${itemPath(path, j)} = ${values[j]}; too large for float32, as the weights are stored.`,
          { path, value: values[j] },
        );
    }
    const { part, index } = this.locator()(chosen);
    const own = [...built.entries()].map(([k, synapses]) => () => {
      const here = Uint32Array.from(chosen, (_, i) => i).filter((i) => part[i] === k);
      return synapses.prepareWeights(
        here.map((i) => index[i] as number),
        Float64Array.from(here, (i) => values[i] as number),
      );
    });
    const write = prepareAll([() => this.prepareSending(), ...own], (prepare) => prepare()).accept();
    this.single = true;
    live.make(write);
  }

  /**
   * Changes numbers of the plasticity, before the first run or between runs: amplitudes, time constants, bounds. Traces
   * of past spikes stay; with another time constant they decay by it from now on.
   *
   * @param changes what is to be different, under the names of the rule that the projection has
   * @throws SpikeletError when there is no plasticity or no such number, a value is out of range, another rule is
   *   named, or present weights are out of the new bounds; nothing is changed then
   */
  setPlasticity(changes: PlasticityChange): void {
    const { spec, name, unit, live } = this;
    live.mustBeLaidOut(name);
    const path = `${name}.plasticity`;
    const { plasticity: old, ownPlasticity } = spec;
    if (ownPlasticity)
      throw new StateError(
        `${name}: the projection has a rule of its own, ${ownPlasticity.rule.name}; set() changes its parameters.`,
        { path },
      );
    if (old === undefined)
      throw new StateError(`${name}: the projection has no plasticity; its layout is fixed when it is made.`, { path });
    const given = readObject(changes, path, "an object with numbers of the plasticity");
    const plasticity = parsePlasticity({ ...old, ...defined(given) }, path, unit);
    for (const key of fixedFields()) {
      const [was, now] = [(old as Fields)[key], (plasticity as Fields)[key]];
      if (was === now) continue;
      throw new StateError(
        `${path}.${key} is ${was === undefined ? "not given" : JSON.stringify(was)}; it is fixed when the projection is made.`,
        { path: `${path}.${key}`, value: now, allowed: String(was) },
      );
    }
    const bounds = plasticBounds(plasticity);
    const before = plasticBounds(old);
    const moved = bounds.w_min !== before.w_min || bounds.w_max !== before.w_max;
    if (moved && spec.scaling) {
      throw new StateError(
        `${path}: the scaling has the same bounds, ${before.w_min} to ${before.w_max}; they are fixed when the projection is made.`,
        { path },
      );
    }
    if (moved) {
      if (this.built.length > 0) live.mustStand(name);
      checkPlasticWeights(this.built.length > 0 ? this.weights() : spec.weight, `${name}.weight`, unit, bounds);
    }
    this.spec = { ...spec, plasticity };
    live.make(() => {
      for (const synapses of this.built) synapses.setRule(plasticity);
    });
  }

  /**
   * Changes parameters of the rule (`definePlasticityRule`), before the first run or between runs. Variables stay; what
   * decays does so by the new numbers from now on.
   *
   * @param changes in the parameters' units, or texts with units
   * @throws SpikeletError when there is no such parameter, a value is out of range, or present weights are out of the
   *   new bounds; nothing is changed then
   */
  set(changes: Readonly<Record<string, Quantity>>): void {
    const { spec, name, unit, live, use } = this;
    live.mustBeLaidOut(name);
    const path = `${name}.plasticity`;
    const old = this.ownPlasticity("whose parameters could be changed");
    const given = readObject(changes, path, "an object with parameters of the rule");
    const { rule, params, ...fixed } = old;
    checkKeys(given, path, Object.keys(params), `parameter of ${rule.name}`);
    const merged = { kind: rule.name, ...params, ...defined(given), ...fixed };
    const own = parseOwnPlasticity(
      merged,
      path,
      rule,
      use as RuleUse,
      old.modulator === undefined ? [] : [old.modulator],
    );
    const changed = { ...spec, ownPlasticity: own };
    const weights = this.built.length > 0 ? this.weights() : spec.weight;
    for (const bounds of boundsOf(changed, use)) checkPlasticWeights(weights, `${name}.weight`, unit, bounds);
    this.spec = changed;
    live.make(() => {
      for (const { rule: columns, core } of this.built) columns?.change(own, core.exports.stepsDone());
    });
  }

  /**
   * The present values of a variable of the rule (`definePlasticityRule`): one for each synapse, in the order of
   * `read`, for each source or each target, or one that all share. In the variable's unit (a copy).
   *
   * @throws SpikeletError when the projection has no such variable
   */
  values(variable: string): Float64Array {
    this.live.mustStand(this.name);
    if (variable === "w") return this.weights();
    const { level } = this.variableRecord(variable);
    const built = this.inMemory();
    const all = built.map(({ rule }) => (rule as RuleColumns).read(variable));
    if (level === "source" || level === "shared" || built.length === 1) return all[0] as Float64Array;
    if (level === "target") return Float64Array.from(all.flatMap((values) => [...values]));
    const { part, index } = merge(built.map((b) => b.read()));
    return Float64Array.from(part, (k, j) => (all[k] as Float64Array)[index[j] as number] as number);
  }

  /**
   * Gives a variable of the rule other values, before the first run or between runs: a third factor, for example.
   *
   * @param values in the variable's unit: one for all, or as many as `values` gives
   * @throws SpikeletError when the projection has no such variable, or the values are too few, too many or not finite
   */
  setValues(variable: string, values: number | ArrayLike<number>): void {
    const { name, live } = this;
    live.mustBeLaidOut(name);
    if (variable === "w") return typeof values === "number" ? this.setWeight(values) : this.setWeights(values);
    const { level, unit } = this.variableRecord(variable);
    const path = `${name}.${variable}`;
    const built = this.inMemory();
    if (typeof values === "number") {
      const x = readNumber(values, path, unit);
      live.make(() => {
        for (const { rule } of built) rule?.write(variable, x);
      });
      return;
    }
    const count = { synapse: this.synapses, source: this.ends.source, target: this.ends.target, shared: 1 }[level];
    const meaning = level === "shared" ? "one for the projection" : `one per ${level}`;
    const numbers = readNumbers(values, path, unit, { length: count, meaning });
    let parts: readonly ArrayLike<number>[] = built.map(() => numbers);
    if (level === "target") {
      let first = 0;
      parts = built.map((b) => numbers.subarray(first, (first += b.targets)));
    } else if (level === "synapse" && built.length > 1) {
      const { part, index } = merge(built.map((b) => b.read()));
      const own = built.map((b) => new Float64Array(b.count));
      part.forEach((k, j) => ((own[k] as Float64Array)[index[j] as number] = numbers[j] as number));
      parts = own;
    }
    live.make(() => {
      for (const [k, { rule }] of built.entries()) rule?.write(variable, parts[k] as ArrayLike<number>);
    });
  }

  /** @internal The first value of its rule that is no finite number, or of a conductance a weight below 0. */
  runaway(time: number): InstabilityError | undefined {
    for (const synapses of this.built) {
      const found = synapses.runaway(this.conductance);
      if (!found || !synapses.rule) continue;
      const { variable, level, place, value } = found;
      const { sources, targets } = synapses.read();
      const from = level === "synapse" ? sources[place] : level === "source" ? place : undefined;
      const to = level === "synapse" ? targets[place] : level === "target" ? place + synapses.firstTarget : undefined;
      const ends = [...(from === undefined ? [] : [`source ${from}`]), ...(to === undefined ? [] : [`target ${to}`])];
      const weight =
        variable === "w" && value < 0 ? "A conductance is at least 0: limit w by bounds in the rule" : undefined;
      const unit = variable === "w" ? this.unit : (this.spec.ownPlasticity?.rule.variables[variable]?.unit ?? "");
      return new InstabilityError({
        population: this.name,
        neuron: place,
        variable,
        place: ends.length === 0 ? `${this.name}.${variable}` : `${this.name}.${variable}[${ends.join(", ")}]`,
        time,
        value,
        lastFinite: Number.NaN,
        unit,
        remedy: weight ?? "Limit what its statements add, by bounds or a smaller change",
      });
    }
    return undefined;
  }

  private ownPlasticity(what: string): OwnPlasticitySpec {
    const {
      name,
      spec: { ownPlasticity },
    } = this;
    if (ownPlasticity) return ownPlasticity;
    throw new StateError(`${name}: the projection has no rule of its own (definePlasticityRule), ${what}.`);
  }

  private variableRecord(variable: string): RuleVariableRecord {
    const { name } = this;
    const { variables } = this.ownPlasticity("whose variables could be read").rule;
    return variables[readName(variable, name, "variable of its rule", Object.keys(variables))] as RuleVariableRecord;
  }

  /**
   * Changes the common delay, before the first run or between runs. Spikes that are on their way arrive when they would
   * have.
   *
   * @param delay in ms; whole steps, at least one
   * @throws SpikeletError when the synapses have delays of their own or none, the plasticity divides the delay, or the
   *   value is out of range
   */
  setDelay(delay: Quantity): void {
    const { spec, name, live, dt } = this;
    live.mustBeLaidOut(name);
    const path = `${name}.delay`;
    if (spec.gapJunction) throw new StateError(`${name}: gap junctions have no delay.`, { path });
    if (typeof spec.delay !== "number")
      throw new StateError(`${name}: the synapses have delays of their own, which are fixed when they are made.`, {
        path,
      });
    if ((spec.plasticity ?? spec.ownPlasticity)?.dendriticDelayFraction !== undefined) {
      throw new StateError(
        `${name}: the delay is divided by plasticity.dendriticDelayFraction, and fixed when the projection is made.`,
        { path },
      );
    }
    const ms = readNumber(delay, path, "ms", ">= 0");
    const steps = intervalSteps(ms, dt);
    if (steps > LONGEST_DELAY) tooLong(name, steps, dt);
    if (this.built.length > 0) {
      const room = [() => this.prepareSending(), ...this.keepers.map((part) => () => part.prepareKept(steps))];
      const rings = this.receptors.map((receptor) => () => receptor.prepareDelay(steps));
      const write = prepareAll(this.keepers.length > 0 ? room : rings, (prepare) => prepare()).accept();
      live.make(() => {
        write();
        live.shorten(steps);
        for (const synapses of this.built) synapses.setDelay(steps);
      });
    }
    this.spec = { ...spec, delay: ms };
  }

  /** Sends spikes that wait to the ring: what changes next concerns later spikes only. */
  private prepareSending(): Change {
    const { keepers, spec, dt } = this;
    if (keepers.length === 0) return { accept: () => () => undefined, cancel: () => undefined };
    const room = prepareAll(this.receptors, (receptor) =>
      receptor.prepareDelay(intervalSteps(spec.delay as number, dt)),
    );
    const accept = (): (() => void) => {
      const write = room.accept();
      return () => {
        write();
        for (const synapses of this.built) synapses.sendWaiting();
      };
    };
    return { ...room, accept };
  }

  /** Bounds of weights that change. */
  private get bounds(): { readonly w_min: number; readonly w_max: number }[] {
    return boundsOf(this.spec, this.use);
  }

  /** @internal What a model file says of the projection: a list of synapses, where weights were given one by one. */
  get written(): ProjectionSpec {
    const { spec, dt } = this;
    if (!this.single) return spec;
    const { sources, targets, weights, delays } = this.read();
    const precision = this.built.some(({ isSingle }) => isSingle) ? spec.weightPrecision : "float64";
    return {
      ...spec,
      rule: { rule: "list", sources, targets },
      weight: weights,
      delay: typeof spec.delay === "number" ? spec.delay : Float64Array.from(delays, (steps) => timeOf(steps, dt)),
      autapses: true,
      multapses: true,
      weightPrecision: precision,
    };
  }

  /** @internal The projection as a list of its synapses. */
  get drawn(): ProjectionSpec {
    const { sources, targets, weights, delays } = this.read();
    return {
      ...this.spec,
      rule: { rule: "list", sources, targets },
      weight: merged(weights),
      delay: this.isGapJunction ? 0 : merged(Float64Array.from(delays, (steps) => timeOf(steps, this.dt))),
      autapses: true,
      multapses: true,
    };
  }

  /** @internal Forgets all spikes: traces, resources, counts. Weights stay. */
  reset(): void {
    for (const synapses of this.built) synapses.forget();
  }

  /** Keeps plastic weights as they are from now on, until `learn`. Traces of spikes go on. */
  freeze(): void {
    this.setLearning(false);
  }

  /** Lets plastic weights change again after `freeze`. */
  learn(): void {
    this.setLearning(true);
  }

  private setLearning(learning: boolean): void {
    this.live.mustBeLaidOut(this.name);
    if (!this.plastic)
      throw new StateError(`${this.name}: the weights do not change; give the projection "plasticity" or "scaling".`);
    this.learning = learning;
    this.live.make(() => {
      for (const synapses of this.built) synapses.setLearning(learning);
    });
  }

  private inMemory(): readonly Synapses[] {
    if (this.built.length === 0)
      throw new StateError(`${this.name}: the network is not built yet; it is at the first run, or call build().`);
    return this.built;
  }

  /** @internal Shortest and longest delay in steps. */
  get delays(): { readonly shortest: number; readonly longest: number } {
    const built = this.inMemory();
    return {
      shortest: Math.min(...built.map((synapses) => synapses.shortestDelay())),
      longest: Math.max(...built.map(({ laid }) => laid.longest)),
    };
  }

  /**
   * @internal What finds where synapses, numbered as in `read`, lie: number of the core, place in its column of
   *   weights.
   */
  locator(): (synapses: Uint32Array) => { readonly part: Uint32Array; readonly index: Uint32Array } {
    const built = this.inMemory();
    if (built.length === 1) return (synapses) => ({ part: new Uint32Array(synapses.length), index: synapses });
    const { part, index } = merge(built.map((b) => b.read()));
    return (synapses) => ({
      part: synapses.map((j) => part[j] as number),
      index: synapses.map((j) => index[j] as number),
    });
  }

  /** @internal The synapses in the cores. */
  get inCores(): readonly Synapses[] {
    return this.inMemory();
  }

  /** @internal Synapses that it will have at least: what part of building it is. */
  expected(source: Population, target: Population): number {
    return Math.max(
      leastCount(this.spec, { sourceSize: source.size, targetSize: target.size }),
      source.size + target.size,
    );
  }

  /** @internal Forgets what was built. */
  unbuild(): void {
    this.built = [];
    this.keepers = [];
  }

  /** @internal Lets the receptors know whether they will have a ring. */
  announce(source: Population, target: Population): void {
    const { spec } = this;
    if (spec.gapJunction || (mayWait(spec, source, target) && !byEvents(target))) return;
    for (const { cells } of target.parts) cells?.receptors[spec.receptor]?.foresee();
  }

  /** @internal Yields now and then; a caller that does not go on leaves the cores half built. */
  *build(
    source: Population,
    target: Population,
    dt: number,
    together: Together,
    listened: Listened,
  ): Generator<undefined, void> {
    const { spec, unit, conductance, use } = this;
    this.ends = { source: source.size, target: target.size };
    const ends: Ends[] = target.parts.map((part) => {
      const receptor = spec.gapJunction ? undefined : part.cells?.receptors[spec.receptor];
      if (!receptor && !spec.gapJunction) throw new RangeError(`no receptor ${spec.receptor}`);
      return {
        core: part.core,
        sourceAddress: source.partIn(part.core).address,
        sourceSize: source.size,
        targetAddress: part.address,
        targetSize: target.size,
        own: part.slice,
        receptorAddress: receptor?.address ?? 0,
        gapColumn: spec.gapJunction ? part.gapColumn() : 0,
        membraneScale: membraneScale(target.model),
        conductance,
        unit,
        sourcePositions: source.inCore.positions,
        targetPositions: target.inCore.positions,
      };
    });
    const laid = yield* layGraph(ends, spec, dt, this.name, together);
    const uses = target.parts.map(
      ({ core }): RuleEnds | undefined =>
        use && {
          use,
          late: target.parts.length > 1 ? listened.late : 0,
          stateOf: (level, state) => {
            const population = level === "source" ? source : target;
            return { column: population.columnOf(state, core).column, length: population.cellsIn(core).neurons.padded };
          },
          eventOf: (event) => listened.events.get(event)?.partIn(core).address ?? 0,
          modulator: listened.modulator?.partIn(core).address ?? 0,
        },
    );
    this.built = yield* Synapses.make(laid, spec, ends, dt, this.name, uses);
    this.receptors = target.parts.flatMap(({ cells }) => cells?.receptors[spec.receptor] ?? []);
    if (mayWait(spec, source, target)) {
      this.keepers = target.parts.map(({ core }) => source.partIn(core));
      for (const synapses of this.built) synapses.letWait();
      for (const [i, { longest }] of laid.entries()) this.keepers[i]?.keep(longest);
      if (byEvents(target)) for (const receptor of this.receptors) receptor.reserve(1);
    } else {
      for (const [i, { longest }] of laid.entries()) this.receptors[i]?.reserve(longest);
    }
    if (!this.learning) for (const synapses of this.built) synapses.setLearning(false);
  }
}

/** What a rule listens to beside the spikes of its ends: events of the target's model, and a modulator. */
export interface Listened {
  readonly events: ReadonlyMap<string, Population>;
  readonly modulator: Population | undefined;
  /** Steps that delivery may come behind a step at most, with several cores. */
  readonly late: number;
}

/** Sources for each target beyond which keeping their spikes may take several times the memory of a ring. */
const MOST_SOURCES = 8;

/** Neurons that are advanced by events take all that arrives from a ring, as it tells for whom something has come. */
function byEvents(target: Population): boolean {
  return target.description.method === "eventDriven";
}

/**
 * Whether spikes wait for their delay at the source and then act on the receptor's states at once, instead of lying on
 * its ring as weights: where there is one delay, and what a spike does to a state follows from the weight alone.
 * docs/synapses.md.
 */
function mayWait(spec: ProjectionSpec, source: Population, target: Population): boolean {
  const receptor = spec.gapJunction ? undefined : target.description.receptors[spec.receptor];
  const hasState =
    receptor !== undefined && (byEvents(target) || responseOf(receptor).decay !== undefined);
  const changes = isPlastic(spec) || spec.shortTerm !== undefined || (spec.release ?? 1) < 1;
  return typeof spec.delay === "number" && hasState && !changes && source.size <= MOST_SOURCES * target.size;
}

/** Reads places of synapses. */
function readPlaces(places: ArrayLike<number>, path: string, total: number): Uint32Array {
  const numbers = readNumbers(places, path, "", undefined);
  return Uint32Array.from(numbers, (j, i) => readInteger(j, itemPath(path, i), 0, total - 1));
}

/**
 * The common order of the synapses of several shards, by source, then delay, then target: which table each one is in,
 * and where. Each table has this order already, and the targets of one come before those of the next.
 */
function merge(tables: readonly SynapseTable[]): { part: Uint32Array; index: Uint32Array } {
  const length = tables.reduce((sum, t) => sum + t.sources.length, 0);
  const part = new Uint32Array(length);
  const index = new Uint32Array(length);
  const next = tables.map(() => 0);
  for (let j = 0; j < length; j++) {
    let best = -1;
    let least: readonly [number, number] = [0, 0];
    for (const [k, { sources, delays }] of tables.entries()) {
      const at = next[k] as number;
      if (at >= sources.length) continue;
      const [source, delay] = [sources[at] as number, delays[at] as number];
      if (best < 0 || source < least[0] || (source === least[0] && delay < least[1])) {
        best = k;
        least = [source, delay];
      }
    }
    part[j] = best;
    index[j] = next[best] as number;
    next[best] = (next[best] as number) + 1;
  }
  return { part, index };
}

/** Numbers of weights in classes of equal width. */
export interface WeightHistogram {
  /** Limits of the classes, ascending: one more than classes. */
  readonly edges: Float64Array;
  readonly counts: Uint32Array;
}

/**
 * How the weights of a projection are distributed, between its bounds if it is plastic, else between the smallest and
 * the largest.
 *
 * @param bins number of classes
 */
export function weightHistogram(projection: Projection, bins = 20): WeightHistogram {
  if (!(Number.isInteger(bins) && bins >= 1))
    throw new RangeError(`weightHistogram: ${bins} bins; it must be an integer of at least 1`);
  const weights = projection.weights();
  const { plasticity, scaling } = projection.description;
  const bounds = plasticity ? plasticBounds(plasticity) : scaling;
  const low = bounds?.w_min ?? weights.reduce((least, w) => Math.min(least, w), Number.POSITIVE_INFINITY);
  const high = bounds?.w_max ?? weights.reduce((most, w) => Math.max(most, w), Number.NEGATIVE_INFINITY);
  // All weights alike (or none at all) still need a class that holds them.
  const from = Number.isFinite(low) ? low : 0;
  const width = high > low ? (high - low) / bins : 1;
  const counts = new Uint32Array(bins);
  for (const w of weights) {
    const bin = Math.min(bins - 1, Math.floor((w - from) / width));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { edges: Float64Array.from({ length: bins + 1 }, (_, i) => from + i * width), counts };
}
