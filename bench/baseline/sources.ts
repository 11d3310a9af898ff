import { SpikeList } from "./twin.js";

/** Poisson sources as one writes them in a loop: a source fires in a step where `Math.random()` is below its mean. */
export class SourcesTwin {
  readonly size: number;
  readonly spikes: SpikeList;
  readonly #mean: number;
  readonly #dt: number;
  #step = 0;

  /**
   * @param rate Hz
   * @param dt ms
   * @param capacity most spikes between two calls of `spikes.clear`
   */
  constructor(size: number, rate: number, dt: number, capacity: number) {
    this.size = size;
    this.spikes = new SpikeList(capacity);
    this.#mean = (rate * dt) / 1000;
    this.#dt = dt;
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) this.#advance(this.#step++);
  }

  #advance(step: number): void {
    const { size, spikes } = this;
    const { times, neurons } = spikes;
    const mean = this.#mean;
    const time = (step + 1) * this.#dt;
    let count = spikes.count;
    for (let i = 0; i < size; i++) {
      if (Math.random() >= mean) continue;
      times[count] = time;
      neurons[count++] = i;
    }
    spikes.count = count;
  }
}
