/** What a sample says, in seconds of CPU time, or of wall time where several threads are at work. */
export interface Sample {
  readonly setup: number;
  readonly simulate: number;
  /** Spikes in the measured time. */
  readonly spikes: number;
  /** Mean interval between a neuron's spikes in that time, in ms, where it is asked for. */
  readonly interval?: number | undefined;
}
