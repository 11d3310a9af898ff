/** What neurons with different currents do: rates, and least and greatest potentials, from frames as they come. */
import type { Frame } from "spikelet/worker";

/** `count` numbers from one to another. */
export function spread(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));
}

export class Sweep {
  /** ms that are not counted, and that are. */
  readonly transient: number;
  readonly counted: number;
  readonly spikes: number[];
  readonly least: number[];
  readonly most: number[];
  private done = 0;

  constructor(neurons: number, transient: number, counted: number) {
    [this.transient, this.counted] = [transient, counted];
    this.spikes = Array.from({ length: neurons }, () => 0);
    this.least = Array.from({ length: neurons }, () => Number.POSITIVE_INFINITY);
    this.most = Array.from({ length: neurons }, () => Number.NEGATIVE_INFINITY);
  }

  take({ spikes, traces, time }: Frame): void {
    this.done = time;
    for (const { times, neurons } of spikes) {
      for (let k = 0; k < times.length; k++) {
        const neuron = neurons[k] as number;
        if ((times[k] as number) > this.transient) this.spikes[neuron] = (this.spikes[neuron] as number) + 1;
      }
    }
    for (const { time: at, values, neurons } of traces) {
      let first = 0;
      while (first < at.length && (at[first] as number) <= this.transient) first++;
      values.forEach((samples, i) => {
        const neuron = neurons[i] as number;
        for (let k = first; k < samples.length; k++) {
          const x = samples[k] as number;
          if (x < (this.least[neuron] as number)) this.least[neuron] = x;
          if (x > (this.most[neuron] as number)) this.most[neuron] = x;
        }
      });
    }
  }

  /** Done part, from 0 to 1. */
  get fraction(): number {
    return this.done / (this.transient + this.counted);
  }

  /** Hz, each over what was counted. */
  get rates(): number[] {
    return this.spikes.map((count) => (1000 * count) / this.counted);
  }
}

/** Where a neuron rests on the way up and fires on the way down, for people; "" where it does not. */
export function memoryWords(
  currents: readonly number[],
  up: readonly number[],
  down: readonly number[],
  unit: string,
): string {
  const both = currents.filter((_, k) => up[k] === 0 && (down[k] as number) > 0);
  const [first, last] = [both[0], both.at(-1)];
  if (first === undefined || last === undefined) return "";
  const [from, to] = [first, last].map((x) => Number(x.toPrecision(3)));
  const where = from === to ? `At ${from}` : `From ${from} to ${to}`;
  return ` ${where}${unit === "" ? "" : ` ${unit}`} it rests or fires, by where it comes from.`;
}

/** What an f-I curve shows, for people. */
export function curveWords(currents: readonly number[], rates: readonly number[], unit: string): string {
  const first = rates.findIndex((rate) => rate > 0);
  const inUnit = (x: number): string => `${Number(x.toPrecision(3))}${unit === "" ? "" : ` ${unit}`}`;
  if (first < 0) return `No current from ${inUnit(currents[0] ?? 0)} to ${inUnit(currents.at(-1) ?? 0)} keeps it firing.`;
  const last = rates.reduce((found, rate, k) => (rate > 0 ? k : found), first);
  const most = rates.reduce((top, rate) => Math.max(top, rate), 0);
  const begins =
    first === 0
      ? `It fires from the first current on (${inUnit(currents[0] as number)}).`
      : `It keeps firing from about ${inUnit(currents[first] as number)} on, at ${(rates[first] as number).toFixed(0)} Hz.`;
  const ends = last < rates.length - 1 ? ` Above ${inUnit(currents[last] as number)} it falls silent.` : "";
  return `${begins} Highest rate: ${most.toFixed(0)} Hz.${ends}`;
}
