/** A projection: what the caller holds, and its synapses once the network is built. */
import type { Core } from "../core/core.js";
import { checkPlasticWeights, plasticBounds } from "../model/dynamics.js";
import { ConnectionError, describe, StateError } from "../model/errors.js";
import { isConductance, weightUnit } from "../model/population.js";
import type { ProjectionSpec } from "../model/spec.js";
import type { Population } from "./population.js";
import { isPlastic, Synapses } from "./synapses.js";

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
  private built: Synapses | undefined;

  /** @internal */
  constructor(spec: ProjectionSpec, name: string, target: Population) {
    this.spec = spec;
    this.name = name;
    const { model, receptors } = target.description;
    const receptor = spec.gapJunction ? undefined : receptors[spec.receptor];
    this.unit = receptor ? weightUnit(model, receptor) : model.conductance;
    this.conductance = !receptor || isConductance(receptor);
  }

  /** @internal */
  get description(): ProjectionSpec {
    return this.spec;
  }

  /** Number of synapses; 0 before the network is built (at the first run). */
  get synapses(): number {
    return this.built?.count ?? 0;
  }

  /** Whether the weights change by plasticity or scaling. */
  get plastic(): boolean {
    return isPlastic(this.spec);
  }

  /** Sources, targets, weights and delays (in steps of dt) of all synapses, by source, then delay, then target. */
  read(): { sources: Uint32Array; targets: Uint32Array; weights: Float64Array; delays: Uint32Array } {
    return this.inMemory().read();
  }

  /** The present weights of all synapses, in the order of `read` (a copy). */
  weights(): Float64Array {
    return this.inMemory().readWeights();
  }

  /**
   * Changes the common weight, before the first run or between runs. Plastic weights all start from it again.
   *
   * @throws StateError when the synapses have weights of their own
   */
  setWeight(weight: number): void {
    const { spec, name, unit } = this;
    if (!Number.isFinite(weight))
      throw new ConnectionError(`${name}: the weight is ${describe(weight)}; it must be a finite number.`, { value: weight });
    if (typeof spec.weight !== "number") throw new StateError(`${name}: the synapses have weights of their own.`);
    if (weight < 0 && this.conductance) {
      throw new ConnectionError(`${name}: the weight is ${weight}; a conductance must be >= 0.`, { value: weight });
    }
    for (const bounds of [spec.plasticity && plasticBounds(spec.plasticity), spec.scaling]) {
      if (bounds) checkPlasticWeights(weight, `${name}.weight`, unit, bounds);
    }
    this.spec = { ...spec, weight };
    this.built?.setCommonWeight(weight);
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
    if (!this.plastic)
      throw new StateError(`${this.name}: the weights do not change; give the projection "plasticity" or "scaling".`);
    this.learning = learning;
    this.built?.setLearning(learning);
  }

  private inMemory(): Synapses {
    if (!this.built)
      throw new StateError(`${this.name}: the network is not built yet; it is at the first run, or call build().`);
    return this.built;
  }

  /** @internal Address of the weights' column of a plastic projection. */
  get weightColumn(): number {
    return this.inMemory().weights;
  }

  /** @internal */
  build(core: Core, source: Population, target: Population, dt: number): void {
    const { spec } = this;
    const receptor = spec.gapJunction ? undefined : target.cells.receptors[spec.receptor];
    if (!receptor && !spec.gapJunction) throw new RangeError(`no receptor ${spec.receptor}`);
    this.built = new Synapses(
      core,
      spec,
      {
        sourceAddress: source.core.address,
        sourceSize: source.size,
        targetAddress: target.core.address,
        targetSize: target.size,
        receptorAddress: receptor?.address ?? 0,
        gapColumn: spec.gapJunction ? target.gapColumn() : 0,
        conductance: this.conductance,
        unit: this.unit,
        sourcePositions: source.core.positions,
        targetPositions: target.core.positions,
      },
      dt,
      this.name,
    );
    receptor?.reserve(this.built.longest);
    if (!this.learning) this.built.setLearning(false);
  }
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
