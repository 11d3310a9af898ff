/** Rates of populations in bins of time, from spikes as they come. */
import type { FrameSpikes } from "spikelet/worker";

export class Rates {
  private readonly bin: number;
  private readonly sizes: ReadonlyMap<string, number>;
  private counts: number[];
  private begin: number;

  /** @param bin its width in ms */
  constructor(populations: readonly { readonly name: string; readonly size: number }[], bin: number, time: number) {
    this.bin = bin;
    this.sizes = new Map(populations.map(({ name, size }) => [name, size]));
    this.counts = populations.map(() => 0);
    this.begin = time;
  }

  /** Takes what fired until `time`; the bins that are whole now: their ends, and of each population its rates in Hz. */
  take(spikes: readonly FrameSpikes[], time: number): { readonly time: number[]; readonly rates: number[][] } {
    const names = [...this.sizes.keys()];
    const ends: number[] = [];
    const rates: number[][] = names.map(() => []);
    const cursor = names.map(() => 0);
    const trains = names.map((name) => spikes.find(({ population }) => population === name));
    for (;;) {
      const end = this.begin + this.bin;
      const whole = end <= time + 1e-9;
      const until = whole ? end + 1e-9 : Number.POSITIVE_INFINITY;
      trains.forEach((train, k) => {
        let at = cursor[k] as number;
        while (train && at < train.times.length && (train.times[at] as number) <= until) at++;
        this.counts[k] = (this.counts[k] as number) + at - (cursor[k] as number);
        cursor[k] = at;
      });
      if (!whole) return { time: ends, rates };
      ends.push(end);
      names.forEach((name, k) =>
        rates[k]?.push((1000 * (this.counts[k] as number)) / (this.bin * (this.sizes.get(name) as number))),
      );
      this.counts = names.map(() => 0);
      this.begin = end;
    }
  }
}
