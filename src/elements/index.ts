/**
 * Neurons and networks as elements of a page: `<spikelet-neuron>` and `<spikelet-network>`.
 *
 * @module spikelet/elements
 */
import { serve } from "../worker/serve.js";
import { defineWith, type ElementOptions } from "./define.js";

export type { ElementOptions } from "./define.js";
export type { WorkerSource } from "./host.js";
export { SpikeletNetwork } from "./network.js";
export { SpikeletNeuron } from "./neuron.js";

/**
 * Registers `<spikelet-neuron>` and `<spikelet-network>`; a second call does nothing. Without a worker networks run in
 * the page itself, in short slices.
 */
export function defineElements(options: ElementOptions = {}): void {
  defineWith({ serve }, options);
}
