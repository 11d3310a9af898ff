/** The synapses of a projection in the core. */
import { RULE, WEIGHTS } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { ConnectionError } from "../model/errors.js";
import type { ProjectionSpec, SynapseValue } from "../model/spec.js";
import { distributionNumbers, streamNumber } from "./values.js";

/** Longest delay in steps: the ring of arrivals holds a column per step. */
export const LONGEST_DELAY = 1_000_000;

/** What building a projection needs to know of its ends. */
export interface Ends {
  readonly sourceAddress: number;
  readonly sourceSize: number;
  readonly targetAddress: number;
  readonly targetSize: number;
  readonly receptorAddress: number;
  /** The receptor is a conductance: weights must be >= 0. */
  readonly conductance: boolean;
}

/** Synapses in memory. */
export class Synapses {
  readonly count: number;
  /** Longest delay in steps. */
  readonly longest: number;
  private readonly core: Core;
  private readonly rows: number;
  private readonly targets: number;
  private readonly sources: number;
  private readonly weights: number;
  private readonly weightKind: number;
  private common: number;
  private readonly commonDelay: number;
  private readonly segmentRows: number;
  private readonly segmentTable: number;
  /** Address of the projection in the core. */
  private readonly address: number;

  /**
   * Samples the graph, draws weights and delays and hands the projection to the core.
   *
   * @param label what the projection is called in errors, and the name of its random stream
   */
  constructor(core: Core, spec: ProjectionSpec, ends: Ends, dt: number, label: string) {
    this.core = core;
    this.sources = ends.sourceSize;
    const { exports } = core;
    const { rule } = spec;
    const stream = streamNumber(label);
    const listed = rule.rule === "list";
    // What cannot fit is refused before the graph is sampled: counting 10^12 synapses would take hours.
    const bytesEach = 4 + (typeof spec.weight === "number" ? 0 : spec.weightPrecision === "float64" ? 8 : 4);
    const refuseTooMany = (synapses: number, about = ""): void => {
      if (synapses > 0xffffffff || synapses * bytesEach > 4.2e9) core.exhausted(`${label}: ${about}${synapses} synapses`, synapses * bytesEach);
    };
    const expected = expectedCount(spec, ends);
    if (rule.rule === "fixedProbability" && rule.p < 1) refuseTooMany(Math.round(expected - 8 * Math.sqrt(expected)), "about ");
    else refuseTooMany(expected);
    const count = exports.graphCount(
      RULE[rule.rule],
      ends.sourceSize,
      ends.targetSize,
      rule.rule === "fixedProbability" ? rule.p : 0,
      rule.rule === "fixedIndegree" ? rule.k : 0,
      // Between populations there are no autapses to leave out.
      spec.autapses || spec.source !== spec.target,
      spec.multapses,
      stream,
      listed ? core.indices(rule.sources, `${label}: list`) : 0,
      listed ? core.indices(rule.targets, `${label}: list`) : 0,
      listed ? rule.sources.length : 0,
    );
    if (count < 0) core.exhausted(label);
    refuseTooMany(count);
    this.count = count;
    const keepOrder = typeof spec.weight !== "number" || typeof spec.delay !== "number";
    if (!exports.graphPlace(keepOrder)) core.exhausted(`${label}: ${count} synapses`, count * bytesEach);
    this.rows = exports.graphRows() >>> 0;
    this.targets = exports.graphTargets() >>> 0;
    const order = exports.graphOrder() >>> 0;

    const wide = spec.weightPrecision === "float64";
    this.common = typeof spec.weight === "number" ? spec.weight : 0;
    this.weightKind = typeof spec.weight === "number" ? WEIGHTS.common : wide ? WEIGHTS.float64 : WEIGHTS.float32;
    this.weights = this.makeWeights(spec.weight, wide, order, label);
    if (ends.conductance) this.refuseNegative(label);

    if (typeof spec.delay === "number") {
      this.commonDelay = Math.max(1, Math.round(spec.delay / dt));
      this.longest = this.commonDelay;
      if (this.longest > LONGEST_DELAY) tooLong(label, this.longest, dt);
      this.segmentRows = 0;
      this.segmentTable = 0;
    } else {
      this.commonDelay = 0;
      const delays = this.makeDelays(spec.delay, dt, order, label);
      const weightBytes = this.weightKind === WEIGHTS.common ? 0 : wide ? 8 : 4;
      const greatest = exports.graphSegments(delays, this.weights, weightBytes, this.greatest(delays));
      if (greatest < 0) core.exhausted(`${label}: delays of ${count} synapses`);
      this.longest = Math.max(1, greatest);
      this.segmentRows = exports.graphSegmentRows() >>> 0;
      this.segmentTable = exports.graphSegmentTable() >>> 0;
    }
    const built = exports.addProjection(
      ends.sourceAddress,
      ends.targetAddress,
      ends.receptorAddress,
      this.rows,
      this.targets,
      this.commonDelay,
      this.weightKind,
      this.common,
      this.weights,
      this.segmentRows,
      this.segmentTable,
    );
    if (built === 0) core.exhausted(label);
    this.address = built >>> 0;
  }

  /** Sources, targets, weights and delays (steps) of all synapses, in the order of memory: by source, delay, target. */
  read(): { sources: Uint32Array; targets: Uint32Array; weights: Float64Array; delays: Uint32Array } {
    const { core, count } = this;
    const rows = core.readU32(this.rows, this.sources + 1);
    const sources = new Uint32Array(count);
    for (let s = 0; s < this.sources; s++) sources.fill(s, rows[s], rows[s + 1]);
    const delays = new Uint32Array(count).fill(this.commonDelay);
    if (this.commonDelay === 0) {
      const segmentRows = core.readU32(this.segmentRows, this.sources + 1);
      const table = core.readU32(this.segmentTable, 2 * (segmentRows[this.sources] as number));
      let from = 0;
      for (let k = 0; k < table.length; k += 2) {
        delays.fill(table[k] as number, from, table[k + 1]);
        from = table[k + 1] as number;
      }
    }
    return { sources, targets: core.readU32(this.targets, count), weights: this.readWeights(), delays };
  }

  private readWeights(): Float64Array {
    const { core, count, weights } = this;
    if (this.weightKind === WEIGHTS.common) return new Float64Array(count).fill(this.common);
    if (this.weightKind === WEIGHTS.float64) return core.readF64(weights, count);
    return Float64Array.from(new Float32Array(core.exports.memory.buffer, weights, count));
  }

  private refuseNegative(label: string): void {
    if (this.weightKind === WEIGHTS.common) return;
    const negative = this.readWeights().find((w) => w < 0);
    if (negative === undefined) return;
    throw new ConnectionError(
      `${label}: a weight is ${negative}; the receptor is a conductance, whose weights must be >= 0. An inhibitory synapse has a positive weight and a low E_rev.`,
      { path: label, value: negative, allowed: ">= 0" },
    );
  }

  private makeWeights(weight: SynapseValue, wide: boolean, order: number, label: string): number {
    if (typeof weight === "number" || this.count === 0) return 0;
    const { core, count } = this;
    if (typeof weight === "object" && !(weight instanceof Float64Array)) {
      const address = core.exports.graphWeights(...distributionNumbers(weight), wide);
      if (address === 0) core.exhausted(`${label}: ${count} weights`);
      return address >>> 0;
    }
    const address = core.allocate(count * (wide ? 8 : 4), `${label}: ${count} weights`);
    const { buffer } = core.exports.memory;
    const view = wide ? new Float64Array(buffer, address, count) : new Float32Array(buffer, address, count);
    this.fill(view, weight, order, (x, place) => {
      if (!Number.isFinite(x)) throw new ConnectionError(`${label}: the weight ${place} is ${x}; it must be a finite number.`, { path: label, value: x });
      if (!wide && !Number.isFinite(Math.fround(x))) {
        throw new ConnectionError(`${label}: the weight ${place} is ${x}, too large for float32; use "weightPrecision": "float64".`, { path: label, value: x });
      }
      return x;
    });
    return address;
  }

  private makeDelays(delay: SynapseValue, dt: number, order: number, label: string): number {
    const { core, count } = this;
    if (typeof delay === "object" && !(delay instanceof Float64Array)) {
      const address = core.exports.graphDelays(...distributionNumbers(delay), LONGEST_DELAY);
      if (address === 0 && count > 0) core.exhausted(`${label}: ${count} delays`);
      return address >>> 0;
    }
    const address = core.allocate(count * 4, `${label}: ${count} delays`);
    const view = new Uint32Array(core.exports.memory.buffer, address, count);
    this.fill(view, delay, order, (x, place) => {
      if (!(x >= 0 && x < Number.POSITIVE_INFINITY)) {
        throw new ConnectionError(`${label}: the delay ${place} is ${x} ms; it must be >= 0 ms.`, { path: label, value: x });
      }
      const steps = Math.max(1, Math.round(x / dt));
      if (steps > LONGEST_DELAY) tooLong(label, steps, dt);
      return steps;
    });
    return address;
  }

  /** Fills a column by synapse from an array in the order of creation or from a function of source and target. */
  private fill(
    view: Float64Array | Float32Array | Uint32Array,
    value: SynapseValue,
    order: number,
    check: (x: number, place: string) => number,
  ): void {
    const { core, count } = this;
    if (typeof value === "function") {
      const rows = core.readU32(this.rows, this.sources + 1);
      const targets = core.readU32(this.targets, count);
      for (let s = 0; s < this.sources; s++) {
        for (let j = rows[s] as number; j < (rows[s + 1] as number); j++) {
          view[j] = check(value(s, targets[j] as number), `of ${s} -> ${targets[j]}`);
        }
      }
      return;
    }
    const given = value as Float64Array;
    const created = core.readU32(order, count);
    for (let j = 0; j < count; j++) view[j] = check(given[created[j] as number] as number, `number ${created[j]}`);
  }

  private greatest(delays: number): number {
    let most = 1;
    const steps = new Uint32Array(this.core.exports.memory.buffer, delays, this.count);
    for (let j = 0; j < steps.length; j++) if ((steps[j] as number) > most) most = steps[j] as number;
    return most;
  }

  /** Replaces the common weight. */
  setCommonWeight(weight: number): void {
    this.common = weight;
    this.core.exports.setWeights(this.address, WEIGHTS.common, weight, 0);
  }
}

/** Number of synapses that a rule makes; for random graphs its mean. */
function expectedCount(spec: ProjectionSpec, ends: Ends): number {
  const { rule } = spec;
  const { sourceSize, targetSize } = ends;
  const pairs = sourceSize * targetSize - (spec.autapses || spec.source !== spec.target ? 0 : sourceSize);
  switch (rule.rule) {
    case "allToAll":
      return pairs;
    case "oneToOne":
      return targetSize;
    case "fixedProbability":
      return pairs * rule.p;
    case "fixedIndegree":
      return targetSize * rule.k;
    case "list":
      return rule.sources.length;
  }
}

function tooLong(label: string, steps: number, dt: number): never {
  throw new ConnectionError(
    `${label}: a delay of ${steps * dt} ms is ${steps} steps of ${dt} ms; it must be at most ${LONGEST_DELAY} steps.`,
    { path: label, value: steps * dt, allowed: `at most ${LONGEST_DELAY * dt} ms` },
  );
}
