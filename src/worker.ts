/**
 * Simulations in workers: the page stays smooth while a network runs.
 *
 * @module spikelet/worker
 */
export type {
  Endpoint,
  Frame,
  FrameSpikes,
  FrameState,
  FrameTrace,
  ModelFacts,
  NetworkFacts,
  OpenOptions,
  PlayOptions,
  PopulationFacts,
  Standing,
  Watch,
} from "./worker/protocol.js";
export { type Events, RemoteError, RemoteSimulation } from "./worker/remote.js";
export { type Operation, type Operations, serve } from "./worker/serve.js";
