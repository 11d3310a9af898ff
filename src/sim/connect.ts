/**
 * Building synapses: the graph is sampled in the cores, shard by shard side by side, with what the host alone knows
 * filled in between placing and sorting.
 */
import { DISTANCE_KERNEL, ORIGIN, RULE, WEIGHTS } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { ConnectionError } from "../model/errors.js";
import { intervalSteps, timeOf } from "../model/grid.js";
import { isPlastic } from "../model/projection.js";
import { leastSynapses, ruleNumbers, ruleOf } from "../kinds/rules.js";
import type { ProjectionSpec, RuleSpec, SynapseValue } from "../model/spec.js";
import type { Positions } from "./positions.js";
import { distributionNumbers, type Slice, streamOf } from "./values.js";

/** Longest delay in steps: the ring of arrivals holds a column per step. */
export const LONGEST_DELAY = 1_000_000;

/** Most synapses of a projection that a shard can count, and bytes that it can have. */
const MOST_SYNAPSES = 0xfffffff0;
const MOST_BYTES = 4.2e9;

/** What building a projection needs to know of its ends in one shard. */
export interface Ends {
  readonly core: Core;
  readonly sourceAddress: number;
  readonly sourceSize: number;
  readonly targetAddress: number;
  readonly targetSize: number;
  /** The targets that are here. */
  readonly own: Slice;
  /** 0 for gap junctions. */
  readonly receptorAddress: number;
  /** Gap junctions: the target's column of their current. */
  readonly gapColumn: number;
  /** Gap junctions: by what differences of v are multiplied to go with the conductances. */
  readonly membraneScale: number;
  /** The receptor is a conductance: weights must be >= 0. */
  readonly conductance: boolean;
  /** Unit of the weights. */
  readonly unit: string;
  readonly sourcePositions: Positions | undefined;
  readonly targetPositions: Positions | undefined;
}

/** Where a graph lies in a core, and what it is made of. */
export interface Laid {
  readonly count: number;
  readonly rows: number;
  readonly targets: number;
  /** Targets are u32, else u16. */
  readonly wide: boolean;
  readonly weightKind: number;
  /** Address of the weights' column; 0 for a common weight. */
  readonly weights: number;
  /** Delay in steps; 0 where synapses have their own. */
  readonly commonDelay: number;
  readonly segmentRows: number;
  readonly segmentTable: number;
  /** How many bits of a segment are the delay. */
  readonly delayBits: number;
  /** Longest delay in steps. */
  readonly longest: number;
}

/** Synapses that the host looks at before events have their turn. */
export const HOST_SLICE = 1 << 17;

/**
 * Steps of building that every core takes; whether each had the memory for it. Yields now and then, as all of building
 * does.
 */
export type Together = (step: "graphPlace" | "graphSort") => Generator<undefined, readonly boolean[]>;

/**
 * Samples the graph of a projection in all shards.
 *
 * @param label what the projection is called in errors, and the name of its random stream
 */
export function* layGraph(
  ends: readonly Ends[],
  spec: ProjectionSpec,
  dt: number,
  label: string,
  together: Together,
): Generator<undefined, Laid[]> {
  const drafts = ends.map((e) => new Draft(e, spec, dt, label));
  for (const draft of drafts) draft.describe();
  const placed = yield* together("graphPlace");
  for (const [i, draft] of drafts.entries()) yield* draft.fillIn(placed[i] as boolean);
  const sorted = yield* together("graphSort");
  return drafts.map((draft, i) => draft.finish(sorted[i] as boolean));
}

/** A graph in the making, in one core. */
class Draft {
  private readonly core: Core;
  private readonly ends: Ends;
  private readonly spec: ProjectionSpec;
  private readonly dt: number;
  private readonly label: string;
  private readonly weightKind: number;
  private readonly commonDelay: number;
  private count = 0;
  private wide = false;

  constructor(ends: Ends, spec: ProjectionSpec, dt: number, label: string) {
    this.core = ends.core;
    this.ends = ends;
    this.spec = spec;
    this.dt = dt;
    this.label = label;
    const plastic = isPlastic(spec);
    const perSynapse = typeof spec.weight !== "number" || plastic;
    const double = spec.weightPrecision === "float64" || plastic || spec.gapJunction === true;
    this.weightKind = perSynapse ? (double ? WEIGHTS.float64 : WEIGHTS.float32) : WEIGHTS.common;
    this.commonDelay = typeof spec.delay === "number" ? intervalSteps(spec.delay, dt) : 0;
    if (this.commonDelay > LONGEST_DELAY) tooLong(label, this.commonDelay, dt);
  }

  /** Tells the core what to build. What cannot fit is refused here: counting 10^12 synapses would take hours. */
  describe(): void {
    const { core, label, spec, ends } = this;
    const { exports } = core;
    const { rule } = spec;
    const { first, size } = ends.own;
    const { p = 0, k = 0 } = ruleNumbers(rule);
    const all = leastCount(spec, ends);
    const share = size / ends.targetSize;
    if (all * share > MOST_SYNAPSES || this.bytes(all) * share > MOST_BYTES) {
      const about = p > 0 && p < 1 ? "about " : "";
      core.exhausted(`${label}: ${about}${all} synapses`, this.bytes(all));
    }
    exports.graphRule(
      RULE[ruleOf(rule.rule).core],
      ends.sourceSize,
      ends.targetSize,
      first,
      first + size,
      p,
      k,
      // Between populations there are no autapses to leave out.
      spec.autapses || spec.source !== spec.target,
      spec.multapses,
      streamOf(core, label),
    );
    if (rule.rule === "list") {
      const column = (indices: Uint32Array): number => core.indices(indices, `${label}: list`);
      exports.graphPairs(column(rule.sources), column(rule.targets), rule.sources.length);
    }
    if (rule.rule === "distance") this.placeNeurons(rule);
    const wide = isPlastic(spec) || spec.gapJunction === true;
    exports.graphWeights(this.weightKind, wide, ...this.origin(spec.weight, (given) => this.weightColumn(given)));
    if (this.commonDelay === 0)
      exports.graphDelays(...this.origin(spec.delay, (given) => this.delayColumn(given)), LONGEST_DELAY);
  }

  /** Bytes that synapses take, without what the delays' segments do. */
  private bytes(synapses: number): number {
    const weight = this.weightKind === WEIGHTS.common ? 0 : this.weightKind === WEIGHTS.float32 ? 4 : 8;
    const target = isPlastic(this.spec) || this.ends.own.size > 0x10000 ? 4 : 2;
    return synapses * (target + weight + (isPlastic(this.spec) ? 8 : 0));
  }

  private exhausted(): never {
    const { core, label, count } = this;
    return count === 0 ? core.exhausted(label) : core.exhausted(`${label}: ${count} synapses`, this.bytes(count));
  }

  /** Where weights or delays come from; those of a function are filled in later. */
  private origin(
    value: SynapseValue,
    columnOf: (given: Float64Array) => number,
  ): [origin: number, kind: number, a: number, b: number, low: number, high: number, column: number] {
    if (typeof value === "number" || typeof value === "function") return [ORIGIN.notHere, 0, 0, 0, 0, 0, 0];
    if (value instanceof Float64Array) return [ORIGIN.given, 0, 0, 0, 0, 0, columnOf(value)];
    return [ORIGIN.drawn, ...distributionNumbers(value), 0];
  }

  private weightColumn(given: Float64Array): number {
    // the place is only written where it is needed: lists are long
    for (let i = 0; i < given.length; i++) {
      const w = given[i] as number;
      if (!this.isWeight(w)) this.checkWeight(w, `number ${i}`);
    }
    const { core } = this;
    const what = `${this.label}: ${given.length} weights`;
    if (this.weightKind !== WEIGHTS.float32) return core.column(given, given.length, what);
    const address = core.allocate(given.length * 4, what);
    new Float32Array(core.memory.buffer, address, given.length).set(given);
    return address;
  }

  private delayColumn(given: Float64Array): number {
    const steps = Uint32Array.from(given, (ms, i) => this.delaySteps(ms, `number ${i}`));
    return this.core.indices(steps, `${this.label}: ${given.length} delays`);
  }

  private isWeight(w: number): boolean {
    return Number.isFinite(this.weightKind === WEIGHTS.float32 ? Math.fround(w) : w);
  }

  private checkWeight(w: number, place: string): void {
    const { label } = this;
    if (!Number.isFinite(w)) {
      throw new ConnectionError(`${label}: the weight ${place} is ${w}; it must be a finite number.`, {
        path: label,
        value: w,
      });
    }
    if (!this.isWeight(w)) {
      throw new ConnectionError(
        `${label}: the weight ${place} is ${w}, too large for float32; use "weightPrecision": "float64".`,
        { path: label, value: w },
      );
    }
  }

  private delaySteps(ms: number, place: string): number {
    const { label, dt } = this;
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      throw new ConnectionError(`${label}: the delay ${place} is ${ms} ms; it must be >= 0 ms.`, {
        path: label,
        value: ms,
      });
    }
    const steps = intervalSteps(ms, dt);
    if (steps > LONGEST_DELAY) tooLong(label, steps, dt);
    return steps;
  }

  /**
   * Fills in what the core leaves to the host: weights that all start alike but change, weights and delays of
   * functions.
   */
  *fillIn(placed: boolean): Generator<undefined, void> {
    const { core, spec, weightKind, ends } = this;
    const { exports } = core;
    this.count = exports.graphCount() >>> 0;
    if (!placed) this.exhausted();
    this.wide = exports.graphWide() !== 0;
    const { weight, delay } = spec;
    const { buffer } = exports.memory;
    const { count } = this;
    if (weightKind !== WEIGHTS.common && (typeof weight === "number" || typeof weight === "function")) {
      const address = exports.graphWeightColumn() >>> 0;
      const weights =
        weightKind === WEIGHTS.float32
          ? new Float32Array(buffer, address, count)
          : new Float64Array(buffer, address, count);
      if (typeof weight === "number") weights.fill(weight);
      else {
        yield* this.visit((j, source, target) => {
          const w = weight(source, target);
          this.checkWeight(w, `of ${source} -> ${target}`);
          if (ends.conductance) this.refuseNegative(w);
          weights[j] = w;
        });
      }
    }
    if (typeof delay === "function") {
      const delays = new Uint32Array(buffer, exports.graphDelayColumn() >>> 0, count);
      yield* this.visit((j, source, target) => {
        delays[j] = this.delaySteps(delay(source, target), `of ${source} -> ${target}`);
      });
    }
  }

  /** Goes through the synapses as they lie in the core before they are sorted by delay. */
  private *visit(f: (synapse: number, source: number, target: number) => void): Generator<undefined, void> {
    const { core, count, ends } = this;
    const { sourceSize, own } = ends;
    const rows = core.readU32(core.exports.graphRowTable() >>> 0, sourceSize + 1);
    const targets = readTargets(core, core.exports.graphTargetColumn() >>> 0, count, this.wide);
    for (let s = 0, next = HOST_SLICE; s < sourceSize; s++) {
      const end = rows[s + 1] as number;
      for (let j = rows[s] as number; j < end; j++) f(j, s, own.first + (targets[j] as number));
      if (end < next) continue;
      next = end + HOST_SLICE;
      yield;
    }
  }

  private placeNeurons(rule: RuleSpec & { readonly rule: "distance" }): void {
    const { core, label, ends } = this;
    const { sourcePositions: source, targetPositions: target } = ends;
    if (!source || !target) throw new RangeError(`${label}: no positions`);
    const column = ({ x, y }: Positions): number =>
      core.column([...x, ...y], x.length + y.length, `${label}: positions`);
    const [periodX, periodY] = rule.periodic ? target.period : [0, 0];
    core.exports.graphSpace(column(source), column(target), DISTANCE_KERNEL[rule.kernel], rule.scale, periodX, periodY);
  }

  /** Weights onto a conductance are positive; `least` is one of them, or infinite without any. */
  private refuseNegative(least: number): void {
    const { label } = this;
    if (least >= 0) return;
    throw new ConnectionError(
      `${label}: a weight is ${least}; the receptor is a conductance, whose weights must be >= 0. ` +
        "An inhibitory synapse has a positive weight and a low E_rev.",
      { path: label, value: least, allowed: ">= 0" },
    );
  }

  finish(sorted: boolean): Laid {
    const { core, ends, count, wide, weightKind, commonDelay } = this;
    const { exports } = core;
    if (!sorted) this.exhausted();
    if (ends.conductance) this.refuseNegative(exports.graphLeast());
    return {
      count,
      rows: exports.graphRowTable() >>> 0,
      targets: exports.graphTargetColumn() >>> 0,
      wide,
      weightKind,
      weights: exports.graphWeightColumn() >>> 0,
      commonDelay,
      segmentRows: exports.graphSegmentRows() >>> 0,
      segmentTable: exports.graphSegmentTable() >>> 0,
      delayBits: exports.graphDelayBits(),
      longest: commonDelay === 0 ? exports.graphLongest() >>> 0 : commonDelay,
    };
  }
}

/** A copy of a column of targets, counted from the first one in the core. */
export function readTargets(core: Core, address: number, count: number, wide: boolean): Uint32Array {
  if (wide) return core.readU32(address, count);
  return Uint32Array.from(new Uint16Array(core.exports.memory.buffer, address, count));
}

/** A number of synapses that a rule makes for sure (up to one chance in 10^15). */
export function leastCount(spec: ProjectionSpec, ends: Pick<Ends, "sourceSize" | "targetSize">): number {
  const { rule } = spec;
  const { sourceSize, targetSize } = ends;
  const pairs = sourceSize * targetSize - (spec.autapses || spec.source !== spec.target ? 0 : sourceSize);
  return leastSynapses(rule, { pairs, sources: sourceSize, targets: targetSize });
}

/** Refuses a delay that a ring cannot hold. */
export function tooLong(label: string, steps: number, dt: number): never {
  throw new ConnectionError(
    `${label}: a delay of ${timeOf(steps, dt)} ms is ${steps} steps of ${dt} ms; it must be at most ${LONGEST_DELAY} steps.`,
    { path: label, value: timeOf(steps, dt), allowed: `at most ${timeOf(LONGEST_DELAY, dt)} ms` },
  );
}
