/** The synapses of a projection in one core, once they are built. */
import { plasticBounds } from "../kinds/plasticity.js";
import { PROJECTION_PHASE, SHORT_DELAY_BITS, WEIGHTS } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { checkPlasticWeights } from "../model/dynamics.js";
import { intervalSteps, stepsOf } from "../model/grid.js";
import { isPlastic } from "../model/projection.js";
import type { Level, RuleUse } from "../lang/rule.js";
import { type OwnPlasticitySpec, ruleAt, ruleOfPlasticity } from "../model/ownRule.js";
import type { PlasticitySpec, ProjectionSpec } from "../model/spec.js";
import { type Ends, HOST_SLICE, type Laid, readTargets } from "./connect.js";
import type { Change } from "./live.js";
import { RuleColumns, type RulePlace, type Runaway } from "./ruleColumns.js";
import { weightBounds } from "./ruleKernel.js";
import type { Probed } from "./tap.js";
import { streamOf } from "./values.js";

/** Synapses by source, then delay, then target: what `read` of a projection gives. */
export interface SynapseTable {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights: Float64Array;
  /** In steps. */
  readonly delays: Uint32Array;
}

/** Addresses of the table of incoming synapses by target, and of the source of each of them. */
interface Incoming {
  readonly targets: number;
  readonly rows: number;
  readonly list: number;
  readonly sources: number;
}

/** What a rule of one's own needs to know of the network around its projection, in one core. */
export interface RuleEnds extends Pick<RulePlace, "late" | "stateOf" | "eventOf" | "modulator"> {
  readonly use: RuleUse;
}

/** Bounds that weights which change must start within. */
export function boundsOf(
  { plasticity, ownPlasticity, scaling }: ProjectionSpec,
  use: RuleUse | undefined,
): { readonly w_min: number; readonly w_max: number }[] {
  const own = ownPlasticity && use ? weightBounds(ownPlasticity, use) : undefined;
  return [plasticity && plasticBounds(plasticity), own, scaling].filter((bounds) => bounds !== undefined);
}

export class Synapses {
  readonly core: Core;
  readonly laid: Laid;
  private readonly label: string;
  private readonly spec: ProjectionSpec;
  private readonly sources: number;
  readonly firstTarget: number;
  private common: number;
  /** Address of the projection (or of the gap junctions) in the core, and of its plasticity; 0 without any. */
  private readonly address: number;
  private readonly plasticity: number;
  private readonly incoming: Incoming | undefined;
  /** The rule of one's own. */
  readonly rule: RuleColumns | undefined;
  private readonly unit: string;
  /** What was laid out, or a column that came in place of a common weight. */
  private weightKind: number;
  private commonDelay: number;
  private weightColumn: number;
  /** Columns of what synapses remember, with the number that they start with. */
  private readonly memories: { readonly address: number; readonly count: number; readonly start: number }[] = [];

  /**
   * Hands a graph to the core's time loop.
   *
   * @param label what the projection is called in errors, and the name of its random stream
   */
  constructor(laid: Laid, spec: ProjectionSpec, ends: Ends, dt: number, label: string, use?: RuleEnds) {
    const { core } = ends;
    this.core = core;
    this.laid = laid;
    this.label = label;
    this.spec = spec;
    this.unit = ends.unit;
    this.sources = ends.sourceSize;
    this.firstTarget = ends.own.first;
    const { exports } = core;
    const { sourceAddress, targetAddress } = ends;
    const { rows, targets, weights, weightKind } = laid;
    this.weightKind = weightKind;
    this.commonDelay = laid.commonDelay;
    this.weightColumn = weights;
    this.common = weightKind === WEIGHTS.common ? (spec.weight as number) : 0;
    const built = spec.gapJunction
      ? exports.addGapJunctions(
          sourceAddress,
          targetAddress,
          rows,
          targets,
          this.common,
          weights,
          ends.gapColumn,
          ends.membraneScale,
        )
      : exports.addProjection(
          sourceAddress,
          targetAddress,
          ends.receptorAddress,
          rows,
          ends.sourceSize,
          targets,
          laid.wide,
          laid.commonDelay,
          weightKind,
          this.common,
          weights,
          laid.segmentRows,
          laid.segmentTable,
          laid.delayBits,
        );
    if (built === 0) core.exhausted(label);
    this.address = built >>> 0;
    if (spec.release !== undefined) exports.setRelease(this.address, spec.release, streamOf(core, label, "release"));
    if (spec.shortTerm) this.addShortTerm(spec.shortTerm);
    this.incoming = isPlastic(spec) ? this.makeIncoming(ends) : undefined;
    this.plasticity = this.incoming ? this.addPlasticity(ends, dt, this.incoming, use) : 0;
    const rule = ruleAt(spec);
    this.rule = use && rule ? this.addRule(rule, ends, dt, use) : undefined;
  }

  /** The synapses of a projection in all cores, with the tables that plasticity needs. */
  static *make(
    laid: readonly Laid[],
    spec: ProjectionSpec,
    ends: readonly Ends[],
    dt: number,
    label: string,
    uses: readonly (RuleEnds | undefined)[],
  ): Generator<undefined, Synapses[]> {
    const made = laid.map((l, i) => new Synapses(l, spec, ends[i] as Ends, dt, label, uses[i]));
    for (const synapses of made) yield* synapses.indexByTarget();
    return made;
  }

  private makeIncoming(ends: Ends): Incoming {
    const { core, label, count } = this;
    const targets = ends.own.size;
    const what = `${label}: plasticity of ${count} synapses`;
    const rows = core.allocate((targets + 1) * 4, what);
    const list = core.allocate(count * 4, what);
    return { targets, rows, list, sources: core.allocate(count * 4, what) };
  }

  get count(): number {
    return this.laid.count;
  }

  /** Targets that are here; of projections that change. */
  get targets(): number {
    return this.incoming?.targets ?? 0;
  }

  private addShortTerm({ U, tau_rec, tau_facil }: NonNullable<ProjectionSpec["shortTerm"]>): void {
    const { core, label, sources } = this;
    const column = (start: number): number => {
      const address = core.allocate(sources * 8, `${label}: short-term plasticity of ${sources} neurons`);
      core.f64.fill(start, address / 8, address / 8 + sources);
      this.memories.push({ address, count: sources, start });
      return address;
    };
    // Before a first spike u is 0, the resources x are whole, and its time is none.
    if (!core.exports.setShortTerm(this.address, U, tau_rec, tau_facil, column(0), column(1), column(-1)))
      core.exhausted(label);
  }

  private addPlasticity(ends: Ends, dt: number, incoming: Incoming, use: RuleEnds | undefined): number {
    const { core, label, spec } = this;
    const { exports } = core;
    for (const limits of boundsOf(spec, use?.use))
      checkPlasticWeights(this.readWeights(), `${label}.weight`, this.unit, limits);
    const { w_min, w_max } = spec.scaling ?? { w_min: 0, w_max: 0 };
    const { sourceSize } = ends;
    const targetSize = ends.own.size;
    const built = exports.setPlasticity(
      this.address,
      w_min,
      w_max,
      incoming.rows,
      incoming.list,
      incoming.sources,
      sourceSize,
    );
    if (built === 0) core.exhausted(label);
    const fraction = (spec.plasticity ?? spec.ownPlasticity)?.dendriticDelayFraction;
    if (fraction !== undefined) this.divideDelay(built >>> 0, fraction, sourceSize, targetSize);
    const { scaling } = spec;
    if (scaling) {
      const steps = intervalSteps(scaling.interval, dt);
      const counts = core.allocate(targetSize * 8, `${label}: plasticity of ${targetSize} targets`);
      this.memories.push({ address: counts, count: targetSize, start: 0 });
      exports.setScaling(built >>> 0, steps, scaling.rate, (scaling.rho_0 * steps * dt) / 1000, counts);
    }
    return built >>> 0;
  }

  private addRule(spec: OwnPlasticitySpec, ends: Ends, dt: number, around: RuleEnds): RuleColumns {
    const { core, label, count, laid, sources, plasticity } = this;
    const rows = core.u32.subarray(laid.rows / 4, laid.rows / 4 + sources + 1);
    let longestRow = 0;
    for (let s = 0; s < sources; s++) {
      longestRow = Math.max(longestRow, (rows[s + 1] as number) - (rows[s] as number));
    }
    return new RuleColumns(core, plasticity, spec, around.use, dt, {
      label,
      synapses: count,
      sources,
      targets: ends.own.size,
      firstTarget: ends.own.first,
      longestRow,
      late: around.late,
      stateOf: around.stateOf,
      eventOf: around.eventOf,
      modulator: around.modulator,
      // A conductance below 0 is none.
      least: ends.conductance ? 0 : -Number.MAX_VALUE,
      most: Number.MAX_VALUE,
    });
  }

  /** Rings of spikes that reach the synapses late. */
  private divideDelay(plasticity: number, fraction: number, sources: number, targets: number): void {
    const { core, label, commonDelay } = this;
    const ring = (steps: number, size: number): number => {
      if (steps === 0) return 0;
      const count = steps * size;
      const address = core.allocate(count * 8, `${label}: plasticity, ${steps} steps of delay for ${size} neurons`);
      this.memories.push({ address, count, start: 0 });
      return address;
    };
    const dendritic = stepsOf(fraction * commonDelay, 1);
    const axonal = commonDelay - dendritic;
    core.exports.divideDelay(plasticity, axonal, ring(axonal, sources), dendritic, ring(dendritic, targets));
  }

  /** Fills the table of incoming synapses by target, with their sources. */
  private *indexByTarget(): Generator<undefined, void> {
    const { core, count, laid, incoming } = this;
    if (!incoming) return;
    const rows = core.readU32(laid.rows, this.sources + 1);
    const targets = readTargets(core, laid.targets, count, laid.wide);
    const next = new Uint32Array(incoming.targets + 1);
    for (let j = 0; j < count; j++) {
      const above = (targets[j] as number) + 1;
      next[above] = (next[above] as number) + 1;
      if (j % HOST_SLICE === 0) yield;
    }
    for (let t = 0; t < incoming.targets; t++) next[t + 1] = (next[t + 1] as number) + (next[t] as number);
    const { u32 } = core;
    u32.set(next, incoming.rows / 4);
    const list = u32.subarray(incoming.list / 4, incoming.list / 4 + count);
    const sources = u32.subarray(incoming.sources / 4, incoming.sources / 4 + count);
    for (let s = 0; s < this.sources; s++) {
      const end = rows[s + 1] as number;
      for (let j = rows[s] as number; j < end; j++) {
        const t = targets[j] as number;
        const place = next[t] as number;
        list[place] = j;
        sources[place] = s;
        next[t] = place + 1;
        if (j % HOST_SLICE === 0) yield;
      }
    }
  }

  /** Where the values of some synapses, by their place here, are sampled: weights, or a variable of the rule. */
  probed(variable: string, places: Uint32Array): Pick<Probed, "column" | "places" | "scaled"> {
    if (variable === "weight") return { column: this.laid.weights, places };
    const { level, column, factor, rest } = (this.rule as RuleColumns).columnOf(variable);
    const { sources, targets } = level === "source" || level === "target" ? this.read() : { sources: [], targets: [] };
    const placed: Readonly<Record<Level, (j: number) => number>> = {
      synapse: (j) => j,
      source: (j) => sources[j] as number,
      target: (j) => (targets[j] as number) - this.firstTarget,
      shared: () => 0,
    };
    return { column, places: places.map(placed[level]), ...(factor === 0 ? {} : { scaled: { factor, rest } }) };
  }

  /** The first value that is no finite number, or a weight that is none of a conductance. */
  runaway(conductance: boolean): Runaway | undefined {
    const weights = this.readWeights();
    const place = weights.findIndex((w) => !Number.isFinite(w) || (conductance && w < 0));
    if (place >= 0) return { variable: "w", level: "synapse", place, value: weights[place] as number };
    return this.rule?.runaway();
  }

  /** Lets the weights change, or keeps them as they are. */
  setLearning(learning: boolean): void {
    this.core.exports.setLearning(this.plasticity, learning);
  }

  /** ms of a phase in timed steps; gap junctions have one phase. */
  time(phase: number): number {
    const { core, spec, address } = this;
    if (!spec.gapJunction) return core.exports.projectionTime(address, phase);
    return phase === PROJECTION_PHASE.delivery ? core.exports.gapTime(address) : 0;
  }

  /** The shortest delay in steps; infinite without synapses. */
  shortestDelay(): number {
    const { laid } = this;
    if (laid.count === 0) return Number.POSITIVE_INFINITY;
    if (this.commonDelay > 0) return this.commonDelay;
    let least = Number.POSITIVE_INFINITY;
    for (const segment of this.segments()) least = Math.min(least, segment & (2 ** laid.delayBits - 1));
    return least;
  }

  /** The segments of all rows (a view). */
  private segments(): Uint16Array | Uint32Array {
    const { core, laid } = this;
    const count = core.u32[laid.segmentRows / 4 + this.sources] as number;
    const { buffer } = core.memory;
    return laid.delayBits === SHORT_DELAY_BITS
      ? new Uint16Array(buffer, laid.segmentTable, count)
      : new Uint32Array(buffer, laid.segmentTable, count);
  }

  /** All synapses, in the order of memory. */
  read(): SynapseTable {
    const { core, count, laid, firstTarget } = this;
    const rows = core.readU32(laid.rows, this.sources + 1);
    const sources = new Uint32Array(count);
    for (let s = 0; s < this.sources; s++) sources.fill(s, rows[s], rows[s + 1]);
    const delays = new Uint32Array(count).fill(this.commonDelay);
    if (this.commonDelay === 0) {
      let from = 0;
      for (const segment of this.segments()) {
        const end = from + (segment >>> laid.delayBits);
        delays.fill(segment & (2 ** laid.delayBits - 1), from, end);
        from = end;
      }
    }
    const targets = readTargets(core, laid.targets, count, laid.wide);
    for (let j = 0; j < count; j++) targets[j] = (targets[j] as number) + firstTarget;
    return { sources, targets, weights: this.readWeights(), delays };
  }

  /** The weights of all synapses, in the order of `read` (a copy). */
  readWeights(): Float64Array {
    const { count, weightKind, common } = this;
    return weightKind === WEIGHTS.common ? new Float64Array(count).fill(common) : Float64Array.from(this.weightView());
  }

  /** The sum of all weights. */
  totalWeight(): number {
    const { count, weightKind, common } = this;
    if (weightKind === WEIGHTS.common) return count * common;
    const view = this.weightView();
    let sum = 0;
    for (let j = 0; j < view.length; j++) sum += view[j] as number;
    return sum;
  }

  /** Forgets all spikes; weights stay. */
  forget(): void {
    const memories = [...this.memories, ...(this.rule?.memories() ?? [])];
    for (const { address, count, start } of memories) this.core.f64.fill(start, address / 8, address / 8 + count);
  }

  /** Gives synapses, by their place in memory, weights of their own. */
  prepareWeights(places: Uint32Array, weights: Float64Array): Change {
    const { core, spec, count, label, common } = this;
    const none = { accept: () => () => undefined, cancel: () => undefined };
    if (places.length === 0) return none;
    const fresh = this.weightKind === WEIGHTS.common;
    const column = fresh ? core.allocate(count * 8, `${label}: ${count} weights`) : this.weightColumn;
    const accept = (): (() => void) => {
      // The others keep the common weight to the last bit.
      if (fresh) this.weightKind = WEIGHTS.float64;
      this.weightColumn = column;
      return () => {
        const view = this.weightView();
        if (fresh) {
          view.fill(common);
          if (spec.gapJunction) core.exports.setGapConductance(this.address, 0, column);
          else core.exports.setWeights(this.address, WEIGHTS.float64, 0, column);
        }
        for (const [i, place] of places.entries()) view[place] = weights[i] as number;
      };
    };
    return { ...none, accept };
  }

  /** Weights are stored in single precision. */
  get isSingle(): boolean {
    return this.weightKind === WEIGHTS.float32;
  }

  /** The column of weights, valid until the next allocation. */
  private weightView(): Float64Array | Float32Array {
    const { core, count, weightColumn } = this;
    const { buffer } = core.exports.memory;
    return this.isSingle
      ? new Float32Array(buffer, weightColumn, count)
      : new Float64Array(buffer, weightColumn, count);
  }

  /** Other numbers of the plasticity. */
  setRule(plasticity: PlasticitySpec): void {
    this.rule?.change(ruleOfPlasticity(plasticity), this.core.exports.stepsDone());
  }

  /** Lets spikes wait for the common delay, for which their source keeps them. */
  letWait(): void {
    this.core.exports.letWait(this.address);
  }

  /** Sends spikes that wait to the ring, with the weights and the delay that they have. */
  sendWaiting(): void {
    this.core.exports.sendWaiting(this.address);
  }

  /** Another common delay in steps. */
  setDelay(steps: number): void {
    this.core.exports.setDelay(this.address, steps);
    this.commonDelay = steps;
  }

  /** Gives all synapses one weight; weights that change all start from it again. */
  setCommonWeight(weight: number): void {
    const { core, spec, weightKind } = this;
    if (weightKind !== WEIGHTS.common) this.weightView().fill(weight);
    else if (spec.gapJunction) core.exports.setGapConductance(this.address, weight, 0);
    else core.exports.setWeights(this.address, WEIGHTS.common, weight, 0);
    this.common = weight;
  }
}
