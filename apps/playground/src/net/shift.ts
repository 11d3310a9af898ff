/** How far the spikes of two runs of one neuron lie apart: the k-th of one beside the k-th of the other. */
export class Pairs {
  /** Spikes that have no partner yet; one of the lists is empty. */
  private readonly waiting: readonly [coarse: number[], fine: number[]] = [[], []];
  /** ms; earlier spikes do not count. */
  private readonly since: number;
  /** Spikes that both have. */
  count = 0;
  /** How much later the spike of the first run is than that of the second: of the last pair, and the largest, in ms. */
  last = 0;
  largest = 0;

  constructor(since = 0) {
    this.since = since;
  }

  /** @param run 0 at the whole step, 1 at half of it */
  add(run: 0 | 1, times: ArrayLike<number>): void {
    for (let k = 0; k < times.length; k++) {
      if ((times[k] as number) > this.since) this.waiting[run].push(times[k] as number);
    }
    const [coarse, fine] = this.waiting;
    while (coarse.length > 0 && fine.length > 0) {
      this.last = (coarse.shift() as number) - (fine.shift() as number);
      if (Math.abs(this.last) > Math.abs(this.largest)) this.largest = this.last;
      this.count++;
    }
  }

  /** The same in words. */
  words(dt: number, isNoisy: boolean): string {
    const { count, last, largest } = this;
    const noise = isNoisy
      ? " Noise is drawn anew in every step, so the two differ by more than the error of the step."
      : "";
    if (count === 0) return `No spike in both yet.${noise}`;
    const spikes = `${count} spike${count === 1 ? "" : "s"}`;
    if (Math.abs(largest) < 1e-9) return `All ${spikes} at the same times at dt = ${dt} ms and at ${dt / 2} ms.${noise}`;
    const side = Math.abs(last) < 1e-9 ? "at the same time as" : `${ms(last)} ${last > 0 ? "later" : "earlier"} than`;
    const most = `of ${spikes} none is more than ${ms(largest)} away`;
    return `Spike ${count} at dt = ${dt} ms is ${side} at ${dt / 2} ms; ${most}.${noise}`;
  }
}

const ms = (x: number): string => `${Number(Math.abs(x).toPrecision(2))} ms`;
