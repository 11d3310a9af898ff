import { holdSteps, notRefractory, Twin, type TwinOptions } from "./twin.js";

export interface IzhikevichParams {
  a: number;
  b: number;
  c: number;
  d: number;
  V_peak: number;
  t_ref: number;
}

/**
 * Repeats `izhikevich` with the method `euler` and the published constants (0.04, 5, 140): the same operations in the
 * same order, so that the spikes are the same bits. u goes on while v is held.
 */
export class IzhikevichTwin extends Twin<IzhikevichParams> {
  readonly u: Float64Array;
  readonly #until: Int32Array;

  constructor(options: TwinOptions<IzhikevichParams, "v" | "u">) {
    super(options);
    this.#until = notRefractory(this.size);
    this.u = options.init.u.slice();
  }

  protected override advance(step: number): void {
    const { size, v, u, spikes } = this;
    const { times, neurons } = spikes;
    const { a, b, c, d, V_peak, t_ref } = this.params;
    const until = this.#until;
    const dt = this.dt;
    const current = this.current;
    const ab = a * b;
    const hold = holdSteps(t_ref, dt);
    let count = spikes.count;
    const time = (step + 1) * dt;
    for (let i = 0; i < size; i++) {
      const before = v[i] as number;
      const recovery = u[i] as number;
      const next = recovery + dt * (ab * before - a * recovery);
      u[i] = next;
      if ((until[i] as number) >= step) continue;
      const after = before + dt * ((0.04 * before + 5) * before + 140 + (current - recovery));
      if (after >= V_peak) {
        v[i] = c;
        u[i] = next + d;
        until[i] = step + hold;
        times[count] = time;
        neurons[count++] = i;
      } else {
        v[i] = after;
      }
    }
    spikes.count = count;
  }
}
