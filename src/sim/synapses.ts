/** The synapses of a projection in the core. */
import { DISTANCE_KERNEL, PLASTICITY, RULE, WEIGHTS } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { checkPlasticWeights, plasticBounds } from "../model/dynamics.js";
import { ConnectionError } from "../model/errors.js";
import type { PlasticitySpec, ProjectionSpec, RuleSpec, SynapseValue } from "../model/spec.js";
import type { Positions } from "./positions.js";
import { distributionNumbers, streamNumber } from "./values.js";

/** Longest delay in steps: the ring of arrivals holds a column per step. */
export const LONGEST_DELAY = 1_000_000;

/** What building a projection needs to know of its ends. */
export interface Ends {
  readonly sourceAddress: number;
  readonly sourceSize: number;
  readonly targetAddress: number;
  readonly targetSize: number;
  /** 0 for gap junctions. */
  readonly receptorAddress: number;
  /** Gap junctions: the target's column of their current. */
  readonly gapColumn: number;
  /** The receptor is a conductance: weights must be >= 0. */
  readonly conductance: boolean;
  /** Unit of the weights. */
  readonly unit: string;
  readonly sourcePositions: Positions | undefined;
  readonly targetPositions: Positions | undefined;
}

/** Synapses in memory. */
export class Synapses {
  readonly count: number;
  /** Longest delay in steps. */
  readonly longest: number;
  /** Address of the weights' column; 0 for a common weight. */
  readonly weights: number;
  private readonly core: Core;
  private readonly label: string;
  private readonly spec: ProjectionSpec;
  private readonly rows: number;
  private readonly targets: number;
  private readonly sources: number;
  private readonly weightKind: number;
  private common: number;
  private readonly commonDelay: number;
  private readonly segmentRows: number;
  private readonly segmentTable: number;
  /** Address of the projection (or of the gap junctions) in the core, and of its plasticity; 0 without any. */
  private readonly address: number;
  private readonly plasticity: number;
  private readonly unit: string;

  /**
   * Samples the graph, draws weights and delays and hands the projection to the core.
   *
   * @param label what the projection is called in errors, and the name of its random stream
   */
  constructor(core: Core, spec: ProjectionSpec, ends: Ends, dt: number, label: string) {
    this.core = core;
    this.label = label;
    this.spec = spec;
    this.unit = ends.unit;
    this.sources = ends.sourceSize;
    const { exports } = core;
    const plastic = isPlastic(spec);
    const wide = spec.weightPrecision === "float64" || plastic || spec.gapJunction === true;
    const perSynapse = typeof spec.weight !== "number" || plastic;
    // What cannot fit is refused before the graph is sampled: counting 10^12 synapses would take hours.
    const bytesEach = 4 + (perSynapse ? (wide ? 8 : 4) : 0) + (plastic ? 8 : 0);
    const refuseTooMany = (synapses: number, about = ""): void => {
      if (synapses > 0xffffffff || synapses * bytesEach > 4.2e9)
        core.exhausted(`${label}: ${about}${synapses} synapses`, synapses * bytesEach);
    };
    const expected = expectedCount(spec, ends);
    if (spec.rule.rule === "fixedProbability" && spec.rule.p < 1)
      refuseTooMany(Math.round(expected - 8 * Math.sqrt(expected)), "about ");
    else refuseTooMany(expected);
    const count = this.countSynapses(ends);
    refuseTooMany(count);
    this.count = count;
    const keepOrder = typeof spec.weight !== "number" || typeof spec.delay !== "number";
    if (!exports.graphPlace(keepOrder)) core.exhausted(`${label}: ${count} synapses`, count * bytesEach);
    this.rows = exports.graphRows() >>> 0;
    this.targets = exports.graphTargets() >>> 0;
    const order = exports.graphOrder() >>> 0;

    this.common = perSynapse ? 0 : (spec.weight as number);
    this.weightKind = perSynapse ? (wide ? WEIGHTS.float64 : WEIGHTS.float32) : WEIGHTS.common;
    this.weights = perSynapse ? this.makeWeights(spec.weight, wide, order, label) : 0;
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
    const { sourceAddress, targetAddress } = ends;
    const { rows, targets, weights } = this;
    const built = spec.gapJunction
      ? exports.addGapJunctions(sourceAddress, targetAddress, rows, targets, this.common, weights, ends.gapColumn)
      : exports.addProjection(
          sourceAddress,
          targetAddress,
          ends.receptorAddress,
          rows,
          targets,
          this.commonDelay,
          this.weightKind,
          this.common,
          weights,
          this.segmentRows,
          this.segmentTable,
        );
    if (built === 0) core.exhausted(label);
    this.address = built >>> 0;
    if (spec.release !== undefined) exports.setRelease(this.address, spec.release, streamNumber(label, "release"));
    if (spec.shortTerm) this.addShortTerm(spec.shortTerm);
    this.plasticity = plastic ? this.addPlasticity(ends, dt) : 0;
  }

  /** Starts the graph: how many synapses the rule makes. */
  private countSynapses(ends: Ends): number {
    const { core, label, spec } = this;
    const { exports } = core;
    const { rule } = spec;
    const listed = rule.rule === "list";
    if (rule.rule === "distance") this.placeNeurons(rule, ends);
    const count = exports.graphCount(
      RULE[rule.rule],
      ends.sourceSize,
      ends.targetSize,
      rule.rule === "fixedProbability" || rule.rule === "distance" ? rule.p : 0,
      rule.rule === "fixedIndegree" || rule.rule === "fixedOutdegree"
        ? rule.k
        : rule.rule === "fixedTotalNumber"
          ? rule.n
          : 0,
      // Between populations there are no autapses to leave out.
      spec.autapses || spec.source !== spec.target,
      spec.multapses,
      streamNumber(label),
      listed ? core.indices(rule.sources, `${label}: list`) : 0,
      listed ? core.indices(rule.targets, `${label}: list`) : 0,
      listed ? rule.sources.length : 0,
    );
    if (count < 0) core.exhausted(label);
    return count;
  }

  private placeNeurons(rule: RuleSpec & { readonly rule: "distance" }, ends: Ends): void {
    const { core, label } = this;
    const { sourcePositions: source, targetPositions: target } = ends;
    if (!source || !target) throw new RangeError(`${label}: no positions`);
    const column = ({ x, y }: Positions): number =>
      core.column([...x, ...y], x.length + y.length, `${label}: positions`);
    const [periodX, periodY] = rule.periodic ? target.period : [0, 0];
    core.exports.graphSpace(column(source), column(target), DISTANCE_KERNEL[rule.kernel], rule.scale, periodX, periodY);
  }

  private addShortTerm({ U, tau_rec, tau_facil }: NonNullable<ProjectionSpec["shortTerm"]>): void {
    const { core, label, sources } = this;
    const column = (start: number): number => {
      const address = core.allocate(sources * 8, `${label}: short-term plasticity of ${sources} neurons`);
      core.f64.fill(start, address / 8, address / 8 + sources);
      return address;
    };
    // Before a first spike u is 0, the resources x are whole, and its time is none.
    if (!core.exports.setShortTerm(this.address, U, tau_rec, tau_facil, column(0), column(1), column(-1)))
      core.exhausted(label);
  }

  private addPlasticity(ends: Ends, dt: number): number {
    const { core, label, spec, count } = this;
    const { exports } = core;
    const bounds = spec.plasticity
      ? plasticBounds(spec.plasticity)
      : (spec.scaling as { w_min: number; w_max: number });
    checkPlasticWeights(this.readWeights(), `${label}.weight`, this.unit, bounds);
    const { sourceSize, targetSize } = ends;
    const pre = core.allocate(sourceSize * 24, `${label}: plasticity of ${sourceSize} sources`);
    const post = core.allocate(targetSize * 24, `${label}: plasticity of ${targetSize} targets`);
    const index = `${label}: plasticity of ${count} synapses`;
    const incomingRows = core.allocate((targetSize + 1) * 4, index);
    const incoming = core.allocate(count * 4, index);
    const sources = core.allocate(count * 4, index);
    this.indexByTarget(targetSize, incomingRows, incoming, sources);
    const { rule, numbers, nearest } = plasticityNumbers(spec.plasticity);
    const built = exports.setPlasticity(
      this.address,
      rule,
      nearest,
      ...numbers,
      bounds.w_min,
      bounds.w_max,
      pre,
      sourceSize * 8,
      post,
      targetSize * 8,
      incomingRows,
      incoming,
      sources,
    );
    if (built === 0) core.exhausted(label);
    const { scaling } = spec;
    if (scaling) {
      const steps = Math.max(1, Math.round(scaling.interval / dt));
      const counts = core.allocate(targetSize * 8, index);
      exports.setScaling(built >>> 0, steps, scaling.rate, (scaling.rho_0 * steps * dt) / 1000, counts);
    }
    return built >>> 0;
  }

  /** Fills the table of incoming synapses by target, and the source of each synapse. */
  private indexByTarget(targetSize: number, incomingRows: number, incoming: number, sources: number): void {
    const { core, count } = this;
    const rows = core.readU32(this.rows, this.sources + 1);
    const targets = core.readU32(this.targets, count);
    const next = new Uint32Array(targetSize + 1);
    const raise = (t: number): number => {
      const before = next[t] as number;
      next[t] = before + 1;
      return before;
    };
    for (let j = 0; j < count; j++) raise((targets[j] as number) + 1);
    for (let t = 0; t < targetSize; t++) next[t + 1] = (next[t + 1] as number) + (next[t] as number);
    const { u32 } = core;
    u32.set(next, incomingRows / 4);
    for (let j = 0; j < count; j++) u32[incoming / 4 + raise(targets[j] as number)] = j;
    for (let s = 0; s < this.sources; s++) {
      u32.fill(s, sources / 4 + (rows[s] as number), sources / 4 + (rows[s + 1] as number));
    }
  }

  /** Lets the weights change, or keeps them as they are. */
  setLearning(learning: boolean): void {
    this.core.exports.setLearning(this.plasticity, learning);
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

  /** The weights of all synapses, in the order of `read` (a copy). */
  readWeights(): Float64Array {
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
      `${label}: a weight is ${negative}; the receptor is a conductance, whose weights must be >= 0. ` +
        "An inhibitory synapse has a positive weight and a low E_rev.",
      { path: label, value: negative, allowed: ">= 0" },
    );
  }

  private makeWeights(weight: SynapseValue, wide: boolean, order: number, label: string): number {
    if (this.count === 0) return 0;
    const { core, count } = this;
    if (typeof weight === "number") {
      const address = core.allocate(count * 8, `${label}: ${count} weights`);
      core.f64.fill(weight, address / 8, address / 8 + count);
      return address;
    }
    if (typeof weight === "object" && !(weight instanceof Float64Array)) {
      const address = core.exports.graphWeights(...distributionNumbers(core, weight), wide);
      if (address === 0) core.exhausted(`${label}: ${count} weights`);
      return address >>> 0;
    }
    const address = core.allocate(count * (wide ? 8 : 4), `${label}: ${count} weights`);
    const { buffer } = core.exports.memory;
    const view = wide ? new Float64Array(buffer, address, count) : new Float32Array(buffer, address, count);
    this.fill(view, weight, order, (x, place) => {
      if (!Number.isFinite(x))
        throw new ConnectionError(`${label}: the weight ${place} is ${x}; it must be a finite number.`, {
          path: label,
          value: x,
        });
      if (!wide && !Number.isFinite(Math.fround(x))) {
        throw new ConnectionError(
          `${label}: the weight ${place} is ${x}, too large for float32; use "weightPrecision": "float64".`,
          { path: label, value: x },
        );
      }
      return x;
    });
    return address;
  }

  private makeDelays(delay: SynapseValue, dt: number, order: number, label: string): number {
    const { core, count } = this;
    if (typeof delay === "object" && !(delay instanceof Float64Array)) {
      const address = core.exports.graphDelays(...distributionNumbers(core, delay), LONGEST_DELAY);
      if (address === 0 && count > 0) core.exhausted(`${label}: ${count} delays`);
      return address >>> 0;
    }
    const address = core.allocate(count * 4, `${label}: ${count} delays`);
    const view = new Uint32Array(core.exports.memory.buffer, address, count);
    this.fill(view, delay, order, (x, place) => {
      if (!(x >= 0 && x < Number.POSITIVE_INFINITY)) {
        throw new ConnectionError(`${label}: the delay ${place} is ${x} ms; it must be >= 0 ms.`, {
          path: label,
          value: x,
        });
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

  /** Replaces the common weight; weights that change all start from it again. */
  setCommonWeight(weight: number): void {
    const { core, spec, weights, count } = this;
    if (spec.gapJunction) core.exports.setGapConductance(this.address, weight);
    else if (this.weightKind === WEIGHTS.common) core.exports.setWeights(this.address, WEIGHTS.common, weight, 0);
    else core.f64.fill(weight, weights / 8, weights / 8 + count);
    this.common = weight;
  }
}

/** Whether the weights change by themselves. */
export function isPlastic(spec: ProjectionSpec): boolean {
  return spec.plasticity !== undefined || spec.scaling !== undefined;
}

interface PlasticityNumbers {
  readonly rule: number;
  readonly nearest: boolean;
  /** A_plus, A_minus, A3_plus, A3_minus, tau_plus, tau_minus, tau_x, tau_y. */
  readonly numbers: readonly [number, number, number, number, number, number, number, number];
}

/** A rule as the core takes it; no rule (scaling alone) leaves the weights as they are. */
function plasticityNumbers(p: PlasticitySpec | undefined): PlasticityNumbers {
  if (p === undefined) return { rule: PLASTICITY.scaled, nearest: false, numbers: [0, 0, 0, 0, 1, 1, 1, 1] };
  switch (p.kind) {
    case "stdp":
      return {
        rule: p.weightDependence === "additive" ? PLASTICITY.pairAdditive : PLASTICITY.pairMultiplicative,
        nearest: p.pairing === "nearest",
        numbers: [p.A_plus, p.A_minus, 0, 0, p.tau_plus, p.tau_minus, 1, 1],
      };
    case "tripletStdp":
      return {
        rule: PLASTICITY.triplet,
        nearest: false,
        numbers: [p.A2_plus, p.A2_minus, p.A3_plus, p.A3_minus, p.tau_plus, p.tau_minus, p.tau_x, p.tau_y],
      };
    case "inhibitoryStdp":
      // The depression of each source spike: 2 rho_0 tau, with rho_0 per ms.
      return {
        rule: PLASTICITY.inhibitory,
        nearest: false,
        numbers: [p.eta, (2 * p.rho_0 * p.tau) / 1000, 0, 0, p.tau, p.tau, 1, 1],
      };
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
    case "fixedOutdegree":
      return sourceSize * rule.k;
    case "fixedTotalNumber":
      return rule.n;
    case "distance":
      // Depends on the positions.
      return 0;
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
