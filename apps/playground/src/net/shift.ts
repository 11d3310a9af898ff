/** How far the spikes of two runs of one neuron lie apart. */

export interface Shift {
  /** Spikes that both have. */
  readonly pairs: number;
  /** How much later the spike of the first run is than that of the second: of the last pair, and the largest, in ms. */
  readonly last: number;
  readonly largest: number;
}

/** The k-th spike of one beside the k-th of the other. */
export function shiftOf(coarse: readonly number[], fine: readonly number[]): Shift {
  const pairs = Math.min(coarse.length, fine.length);
  let [last, largest] = [0, 0];
  for (let k = 0; k < pairs; k++) {
    last = (coarse[k] as number) - (fine[k] as number);
    if (Math.abs(last) > Math.abs(largest)) largest = last;
  }
  return { pairs, last, largest };
}

const ms = (x: number): string => `${Number(Math.abs(x).toPrecision(2))} ms`;

/** The same in words. */
export function shiftWords(coarse: readonly number[], fine: readonly number[], dt: number, isNoisy: boolean): string {
  const { pairs, last, largest } = shiftOf(coarse, fine);
  const noise = isNoisy ? " Noise is drawn anew in every step, so the two differ by more than the error of the step." : "";
  if (pairs === 0) return `No spike in both yet.${noise}`;
  const count = `${pairs} spike${pairs === 1 ? "" : "s"}`;
  if (Math.abs(largest) < 1e-9) return `All ${count} at the same times at dt = ${dt} ms and at ${dt / 2} ms.${noise}`;
  const direction = Math.abs(last) < 1e-9 ? "at the same time as" : `${ms(last)} ${last > 0 ? "later" : "earlier"} than`;
  return `Spike ${pairs} at dt = ${dt} ms is ${direction} at ${dt / 2} ms; of ${count} none is more than ${ms(largest)} away.${noise}`;
}
