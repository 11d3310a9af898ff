/** Lines over an axis that is no time, such as rates over currents. */
import uPlot from "uplot";
import { colorOf } from "./colors.js";
import type { Line } from "./series.js";

export class Curve {
  private readonly host: HTMLElement;
  private plot: uPlot | undefined;

  constructor(host: HTMLElement) {
    this.host = host;
  }

  /** Draws lines: `x` ascending, and the values of each line beside it; `points` for lines without joins. */
  draw(
    x: readonly number[],
    lines: readonly (Line & { readonly values: readonly number[]; readonly points?: boolean })[],
    labels: readonly [string, string],
  ): void {
    this.plot?.destroy();
    const { host } = this;
    const ink = colorOf(host, "--ink-soft");
    const grid = { stroke: colorOf(host, "--line"), width: 1 };
    const font = "11px system-ui, sans-serif";
    const axis = { stroke: ink, grid, ticks: grid, font, labelFont: font };
    this.plot = new uPlot(
      {
        width: host.clientWidth,
        height: host.clientHeight,
        cursor: { show: false },
        legend: { show: false },
        scales: { x: { time: false } },
        axes: [
          { ...axis, size: 28, label: labels[0], labelSize: 14, labelGap: -2 },
          { ...axis, size: 52, label: labels[1], labelSize: 14 },
        ],
        series: [
          {},
          ...lines.map(({ label, color, points = false }) => ({
            label,
            stroke: color,
            width: points ? 0 : 1.5,
            points: { show: points, size: 4, fill: color },
          })),
        ],
      },
      [[...x], ...lines.map(({ values }) => values.map((y) => (Number.isFinite(y) ? y : null)))] as never,
      host,
    );
  }

  close(): void {
    this.plot?.destroy();
    this.plot = undefined;
  }
}
