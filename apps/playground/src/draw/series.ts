/** Lines that move with time: uPlot over the last ms of some series. */
import uPlot from "uplot";
import { colorOf } from "./colors.js";

export interface Line {
  readonly label: string;
  readonly color: string;
}

/** The range of an axis: values that hardly differ are not spread over all of it, which axes have no numbers for. */
function rangeOf(low: number | null, high: number | null): [number | null, number | null] {
  if (low === null || high === null) return [0, 1];
  const least = 0.02 * Math.max(Math.abs(low), Math.abs(high)) || 1;
  const more = Math.max(0, least - (high - low)) / 2;
  const from = low >= 0 ? Math.max(0, low - more) : low - more;
  return uPlot.rangeNum(from, high + more, 0.1, true);
}

/** Least wall ms between two paintings of rates and of a trace that stand beside a network's raster. */
export const RATES = 50;
export const TRACE = 30;

/** A plot of lines over one axis of time. */
export class Series {
  private readonly host: HTMLElement;
  private plot: uPlot | undefined;
  private time: number[] = [];
  private values: number[][] = [];
  private readonly span: number;
  private marks: number[][] = [];
  private colors: readonly string[] = [];
  private readonly every: number;
  private painted = Number.NEGATIVE_INFINITY;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param span ms that are shown
   * @param every least wall ms between two paintings: beside a network a slower line leaves the page its time
   */
  constructor(host: HTMLElement, span: number, every = 0) {
    this.host = host;
    this.span = span;
    this.every = every;
  }

  /** Begins anew with these lines; `keeps` leaves what they were given before. */
  lay(lines: readonly Line[], unit: string, keeps = false): void {
    if (!keeps || lines.length !== this.values.length) {
      this.time = [];
      this.values = lines.map(() => []);
      this.marks = lines.map(() => []);
    }
    this.colors = lines.map(({ color }) => color);
    this.plot?.destroy();
    const { host } = this;
    const ink = colorOf(host, "--ink-soft");
    const grid = { stroke: colorOf(host, "--line"), width: 1 };
    const font = "11px system-ui, sans-serif";
    this.plot = new uPlot(
      {
        width: host.clientWidth,
        height: host.clientHeight,
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false, auto: false, range: () => this.shown() },
          y: { range: (_, low, high) => rangeOf(low, high) as [number, number] },
        },
        axes: [
          { stroke: ink, grid, ticks: grid, font, size: 28, label: "ms", labelFont: font, labelSize: 12, labelGap: -2 },
          { stroke: ink, grid, ticks: grid, font, size: 52, space: 28, label: unit, labelFont: font, labelSize: 14 },
        ],
        series: [
          {},
          ...lines.map(({ label, color }) => ({ label, stroke: color, width: 1.25, points: { show: false } })),
        ],
        hooks: { draw: [(plot) => this.drawMarks(plot)] },
      },
      [[], ...lines.map(() => [])] as never,
      host,
    );
  }

  private shown(): [number, number] {
    const end = this.time.at(-1) ?? 0;
    return [Math.max(0, end - this.span), Math.max(end, this.span)];
  }

  /** Adds samples: times, and of each line the values beside them. */
  add(time: ArrayLike<number>, values: readonly ArrayLike<number>[]): void {
    for (let k = 0; k < time.length; k++) {
      this.time.push(time[k] as number);
      values.forEach((line, i) => this.values[i]?.push(line[k] as number));
    }
    const least = (this.time.at(-1) ?? 0) - this.span;
    let first = 0;
    while (first < this.time.length && (this.time[first] as number) < least) first++;
    // not each time: what is left over is not shown
    if (first > 512) {
      this.time.splice(0, first);
      for (const line of this.values) line.splice(0, first);
    }
  }

  /** Gives a line its values at times that were added before; times of which there are none are left out. */
  fill(line: number, time: ArrayLike<number>, values: ArrayLike<number>): void {
    const mine = this.values[line];
    if (mine === undefined || time.length === 0) return;
    let at = this.time.length;
    while (at > 0 && (this.time[at - 1] as number) > (time[0] as number) - 1e-6) at--;
    for (let k = 0; k < time.length; k++) {
      while (at < this.time.length && (this.time[at] as number) < (time[k] as number) - 1e-6) at++;
      if (Math.abs((this.time[at] ?? Number.NaN) - (time[k] as number)) < 1e-6) mine[at] = values[k] as number;
    }
  }

  /** Marks times of a line at the top of the plot, such as its spikes. */
  mark(line: number, times: ArrayLike<number>): void {
    const mine = this.marks[line];
    for (let k = 0; k < times.length; k++) mine?.push(times[k] as number);
  }

  private drawMarks({ ctx, bbox, valToPos }: uPlot): void {
    const [least] = this.shown();
    const length = 9 * uPlot.pxRatio;
    ctx.save();
    ctx.lineWidth = 1.5 * uPlot.pxRatio;
    this.marks.forEach((times, line) => {
      while (times.length > 0 && (times[0] as number) < least) times.shift();
      ctx.strokeStyle = this.colors[line] ?? "#888";
      ctx.beginPath();
      for (const time of times) {
        const x = valToPos(time, "x", true);
        ctx.moveTo(x, bbox.top + line * (length + 2));
        ctx.lineTo(x, bbox.top + line * (length + 2) + length);
      }
      ctx.stroke();
    });
    ctx.restore();
  }

  paint(): void {
    if (this.waiting !== undefined) return;
    const early = this.painted + this.every - performance.now();
    if (early <= 0) return this.paintNow();
    this.waiting = setTimeout(() => this.paintNow(), early);
  }

  private paintNow(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.painted = performance.now();
    this.plot?.setData([this.time, ...this.values] as never);
  }

  resize(): void {
    this.plot?.setSize({ width: this.host.clientWidth, height: this.host.clientHeight });
  }

  close(): void {
    clearTimeout(this.waiting);
    this.plot?.destroy();
    this.plot = undefined;
  }
}
