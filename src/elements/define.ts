/** Registers the elements. */
import type { WorkerSource, Means } from "./host.js";
import { LiveElement, setMeans } from "./live.js";
import { SpikeletNetwork } from "./network.js";
import { SpikeletNeuron } from "./neuron.js";

/** How elements run. */
export interface ElementOptions {
  /**
   * A worker for each element, whose program calls `serve` of `spikelet/worker`: its address, or a function that makes
   * it. An element may have another one as its property `worker`.
   */
  readonly worker?: WorkerSource | undefined;
}

/** Registers the elements with what networks run with; where they are registered already, nothing happens. */
export function defineWith(means: Means, { worker }: ElementOptions = {}): void {
  // a page with two copies has the elements of the first
  if (globalThis.customElements === undefined || customElements.get("spikelet-neuron") !== undefined) return;
  setMeans(means);
  if (worker !== undefined) LiveElement.worker = worker;
  customElements.define("spikelet-neuron", SpikeletNeuron);
  customElements.define("spikelet-network", SpikeletNetwork);
}
