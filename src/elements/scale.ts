/** Round numbers, and numbers for people. */

/** The next smaller of 1, 2 or 5 times a power of ten. */
function roundDown(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x) + 1e-9);
  const digit = x / power + 1e-9;
  return Number(((digit >= 5 ? 5 : digit >= 2 ? 2 : 1) * power).toPrecision(1));
}

/** Round numbers from `low` to `high`, about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  if (!(high > low) || !Number.isFinite(high - low)) return [];
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((digit) => digit * power >= rough * 0.999) ?? 10) * power;
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** Where a slider begins and ends, and its step. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** A slider in round steps over a range. */
export function boundsOf(low: number, high: number): Bounds {
  const step = roundDown((high - low) / 150);
  const to = (x: number, whole: (x: number) => number): number =>
    Number((whole(Number((x / step).toPrecision(12))) * step).toPrecision(12));
  return { min: to(low, Math.floor), max: to(high, Math.ceil), step };
}

/**
 * A slider for a current.
 *
 * @param value where it begins
 * @param usual a current that makes the neuron fire
 * @param given ends that somebody has chosen
 */
export function currentBounds(
  value: number,
  usual: number,
  given: { readonly min?: number | undefined; readonly max?: number | undefined } = {},
): Bounds {
  const size = Math.max(Math.abs(usual), Math.abs(value)) || 1;
  const low = given.min ?? Math.min(0, value < 0 ? -2 * size : 0);
  const high = given.max ?? Math.max(2 * size, low);
  return boundsOf(low, high > low ? high : low + size);
}

/** A number with as many digits as a slider's step makes sensible. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A quantity for people: `500 pA`, `1.2`. */
export function quantityText(value: number, unit: string): string {
  return unit === "" ? numberText(value) : `${numberText(value)} ${unit}`;
}

/** A variable as an axis has it: `v (mV)`. */
export function axisText(name: string, unit: string): string {
  return unit === "" ? name : `${name} (${unit})`;
}

/** What the clock says: simulated time, and how fast it goes while it does. */
export function clockText(time: number, realTime: number | undefined): string {
  const at = time < 10_000 ? `${time.toFixed(0)} ms` : `${(time / 1000).toFixed(1)} s`;
  return realTime === undefined ? at : `${at}, ${speedText(realTime)} x real time`;
}

function speedText(speed: number): string {
  return speed >= 10 ? speed.toFixed(0) : speed >= 0.1 ? speed.toFixed(1) : speed.toPrecision(1);
}

/** How fast a clock goes: simulated ms per ms of the last second. */
export class Pace {
  private recent: (readonly [simulated: number, passed: number])[] = [];

  /** @param simulated ms, and `passed` ms of wall time that they took */
  add(simulated: number, passed: number): void {
    this.recent.push([simulated, passed]);
    let all = this.recent.reduce((sum, [, ms]) => sum + ms, 0);
    while (this.recent.length > 1 && all - (this.recent[0] as readonly [number, number])[1] >= 1000)
      all -= (this.recent.shift() as readonly [number, number])[1];
  }

  clear(): void {
    this.recent = [];
  }

  /** undefined before anything has passed */
  get realTime(): number | undefined {
    const [simulated, passed] = this.recent.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
    return passed > 0 ? simulated / passed : undefined;
  }
}
