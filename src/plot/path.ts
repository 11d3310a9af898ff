/** Lines as SVG path data in tenths of a px, small whatever the number of samples. */

/** Whether a value can be drawn: it is finite, and not so near the largest number that differences overflow. */
export function drawable(value: number): boolean {
  return Math.abs(value) <= 1e300;
}

/** Values from `low` (bottom) to `high` (top) and times from `start` to `end` over a box of `width` by `height` px. */
export interface LineScale {
  readonly start: number;
  readonly end: number;
  readonly low: number;
  readonly high: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A line through samples. Of each column of one px only the first, the lowest, the highest and the last sample are
 * kept, which draws the same picture (M4: Jugel et al., Proc. VLDB Endowment 7:797, 2014). A value that is not
 * finite breaks the line; a sample between two breaks is a dot. Samples before `start` and after `end` are left
 * out.
 *
 * @param time times of the samples in ms, ascending
 * @param values the samples, as many as `time`
 * @returns path data in tenths of a px, from the top left corner of the box; "" when there is nothing to draw
 */
export function linePath(time: Float64Array, values: Float64Array, scale: LineScale): string {
  const { start, end, low, high, width, height } = scale;
  const n = Math.min(time.length, values.length);
  const perMs = width / (end - start);
  const perUnit = (10 * height) / (high - low);
  const pieces: string[] = [];
  // The pen, in tenths of a px; a run of finite samples begins with `fresh`.
  let penX = 0;
  let penY = 0;
  let fresh = true;
  let alone = false;
  const put = (i: number) => {
    const x = Math.round(10 * ((time[i] as number) - start) * perMs);
    const y = Math.round((high - (values[i] as number)) * perUnit);
    if (fresh) {
      pieces.push(`M${x} ${y}`);
      fresh = false;
      alone = true;
    } else if (x !== penX || y !== penY) {
      pieces.push(`${alone ? "l" : ""}${signed(x - penX, !alone)}${signed(y - penY, true)}`);
      alone = false;
    }
    penX = x;
    penY = y;
  };

  let column = -1;
  let first = -1;
  let last = -1;
  let least = -1;
  let most = -1;
  const flush = () => {
    if (first < 0) return;
    put(first);
    const [a, b] = least < most ? [least, most] : [most, least];
    if (a > first && a < last) put(a);
    if (b > a && b > first && b < last) put(b);
    if (last > first) put(last);
    first = -1;
  };
  const lift = () => {
    flush();
    if (alone) pieces.push("h1");
    fresh = true;
    alone = false;
  };
  for (let i = 0; i < n; i++) {
    const t = time[i] as number;
    if (t < start || t > end) continue;
    const value = values[i] as number;
    if (!drawable(value)) {
      lift();
      continue;
    }
    const c = Math.floor((t - start) * perMs);
    if (c !== column || first < 0) {
      flush();
      column = c;
      first = i;
      least = i;
      most = i;
    } else {
      if (value < (values[least] as number)) least = i;
      if (value > (values[most] as number)) most = i;
    }
    last = i;
  }
  lift();
  return pieces.join("");
}

/**
 * A stepped line: the value `values[k]` from `edges[k]` to `edges[k + 1]`; values that are not a number leave a gap.
 *
 * @returns path data in tenths of a px, from the top left corner of the box
 */
export function stepPath(edges: Float64Array, values: Float64Array, scale: LineScale): string {
  const { start, end, low, high, width, height } = scale;
  const xOf = (t: number) => Math.round((10 * (t - start) * width) / (end - start));
  const yOf = (v: number) => Math.round((10 * (high - v) * height) / (high - low));
  let d = "";
  // The pen, where it is down.
  let x = 0;
  let y = Number.NaN;
  for (let k = 0; k < values.length; k++) {
    const level = yOf(values[k] as number);
    if (Number.isNaN(y) && !Number.isNaN(level)) d += `M${(x = xOf(edges[k] as number))} ${level}`;
    else if (!Number.isNaN(level) && level !== y) d += `v${level - y}`;
    y = level;
    if (Number.isNaN(level)) continue;
    const next = xOf(edges[k + 1] as number);
    d += `h${next - x}`;
    x = next;
  }
  return d;
}

/**
 * Vertical strokes for spikes.
 *
 * @param x positions in tenths of a px
 * @param y tops of the strokes in tenths of a px
 * @param count number of strokes
 * @param length length of a stroke in tenths of a px
 * @returns path data in tenths of a px
 */
export function strokesPath(x: Int32Array, y: Int32Array, count: number, length: number): string {
  const pieces: string[] = [];
  let penX = 0;
  let penY = 0;
  for (let i = 0; i < count; i++) {
    const left = x[i] as number;
    const top = y[i] as number;
    pieces.push(`m${left - penX}${signed(top - penY, true)}v${length}`);
    penX = left;
    penY = top + length;
  }
  return pieces.join("");
}

/** A number after another one: its sign parts them, or a blank does. */
function signed(value: number, follows: boolean): string {
  return value < 0 || !follows ? String(value) : ` ${value}`;
}
