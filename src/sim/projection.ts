/** A projection: what the caller holds, and its synapses once the network is built. */
import type { Core } from "../core/core.js";
import { ConnectionError, describe, StateError } from "../model/errors.js";
import type { ProjectionSpec } from "../model/spec.js";
import type { Population } from "./population.js";
import { Synapses } from "./synapses.js";

/** Synapses from one population to another. Made by `Simulation.connect`. */
export class Projection {
  /** Source, target and receptor, numbered where there are several alike: unique in the simulation. */
  readonly name: string;
  private spec: ProjectionSpec;
  /** The receptor is a conductance: weights must be >= 0. */
  private readonly conductance: boolean;
  private built: Synapses | undefined;

  /** @internal */
  constructor(spec: ProjectionSpec, name: string, conductance: boolean) {
    this.spec = spec;
    this.name = name;
    this.conductance = conductance;
  }

  /** @internal */
  get description(): ProjectionSpec {
    return this.spec;
  }

  /** Number of synapses; 0 before the network is built (at the first run). */
  get synapses(): number {
    return this.built?.count ?? 0;
  }

  /** Sources, targets, weights and delays (in steps of dt) of all synapses, by source, then delay, then target. */
  read(): { sources: Uint32Array; targets: Uint32Array; weights: Float64Array; delays: Uint32Array } {
    if (!this.built) throw new StateError(`${this.name}: the network is not built yet; it is at the first run, or call build().`);
    return this.built.read();
  }

  /**
   * Changes the common weight, before the first run or between runs.
   *
   * @throws StateError when the synapses have weights of their own
   */
  setWeight(weight: number): void {
    if (!Number.isFinite(weight)) throw new ConnectionError(`${this.name}: the weight is ${describe(weight)}; it must be a finite number.`, { value: weight });
    if (typeof this.spec.weight !== "number") throw new StateError(`${this.name}: the synapses have weights of their own.`);
    if (weight < 0 && this.conductance) {
      throw new ConnectionError(`${this.name}: the weight is ${weight}; a conductance must be >= 0.`, { value: weight });
    }
    this.spec = { ...this.spec, weight };
    this.built?.setCommonWeight(weight);
  }

  /** @internal */
  build(core: Core, source: Population, target: Population, dt: number): void {
    const receptor = target.core.receptors[this.spec.receptor];
    if (!receptor) throw new RangeError(`no receptor ${this.spec.receptor}`);
    this.built = new Synapses(
      core,
      this.spec,
      {
        sourceAddress: source.core.neurons.address,
        sourceSize: source.size,
        targetAddress: target.core.neurons.address,
        targetSize: target.size,
        receptorAddress: receptor.address,
        conductance: this.conductance,
      },
      dt,
      this.name,
    );
    receptor.reserve(this.built.longest);
  }
}
