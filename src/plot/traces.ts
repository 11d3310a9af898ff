/** Traces of variables over time. */
import type { PopulationSpikes, PopulationTrace } from "../analysis/types.js";
import { type LegendEntry, legendColumn, legendWidth } from "./legend.js";
import { colour, dashes } from "./palette.js";
import { drawable, type LineScale, linePath, strokesPath } from "./path.js";
import {
  type Box,
  message,
  niceTicks,
  type TimeAxis,
  type Ticks,
  timeAxis,
  timeAxisBelow,
  timeGrid,
  valueAxisLeft,
} from "./scale.js";
import { checkFrame, element, fitted, frame, grouped, HEAD, INK, label, short } from "./svg.js";

/** What a figure of traces shows. */
export interface TracesOptions {
  /** Recorded variables; those of one name and unit share a panel. */
  readonly traces: readonly PopulationTrace[];
  /** Spike trains: spikes of the drawn neurons are marked above the panels of `v`. */
  readonly spikes?: readonly Pick<PopulationSpikes, "name" | "spikes">[];
  /** Length of the axis of time in ms. */
  readonly duration: number;
  /** Start of the axis of time in ms; 0 when left out. */
  readonly start?: number;
  /** What shares a panel: traces of one variable and unit when left out, or the neurons of one trace. */
  readonly panels?: "variable" | "trace";
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of each panel in px, more where its spikes or its legend need it; 150 when left out. */
  readonly panelHeight?: number;
  /** Height of the figure in px, which the panels share; by their number when left out. */
  readonly height?: number;
}

/** More lines than this in a panel cannot be told apart. */
const MAX_LINES = 10;

/** Space between panels in px. */
const GAP = 18;

/** Height in px of the row of spike marks of one line. */
const SPIKE_ROW = 7;

interface Line {
  readonly population: string;
  readonly neuron: number;
  readonly time: Float64Array;
  readonly values: Float64Array;
  readonly spikes: Float64Array;
}

interface Panel {
  readonly variable: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  /** Lines there would be if all were drawn. */
  readonly total: number;
}

/**
 * Traces as SVG: one panel per variable and unit, one line per neuron, at most ten lines in a panel (the first of each
 * recording). Lines are simplified to what the picture can show, so the figure stays small for any number of samples.
 * Values that are not finite leave a gap.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when the duration is negative or not finite, or the figure is too small
 */
export function tracesFigure(options: TracesOptions): string {
  const { traces, spikes = [], start = 0, panels: per, title = "Traces", width = 900 } = options;
  const axis = timeAxis(start, options.duration);
  const panels = gather(traces, spikes, axis, per === "trace");
  const count = Math.max(1, panels.length);
  const panelHeight =
    options.height === undefined
      ? (options.panelHeight ?? 150)
      : (options.height - HEAD - 54 - (count - 1) * GAP) / count;
  // A panel of less than 44 px cannot be read.
  if (options.height === undefined) checkFrame(width, HEAD + panelHeight + 54);
  else checkFrame(width, options.height, HEAD + 54 + count * 44 + (count - 1) * GAP);
  const entries = panels.map(({ lines }) => lines.map((line, i) => legendOf(line, i)));
  const side = legendWidth(entries.flat());

  let content = "";
  let y = HEAD;
  const place = (height: number): Box => ({ x: 80, y, width: width - 80 - 20 - side - 14, height });
  panels.forEach((panel, i) => {
    const strip = SPIKE_ROW * panel.lines.filter((line) => line.spikes.length > 0).length;
    const legend = 15 * panel.lines.length + (panel.lines.length < panel.total ? 16 : 0);
    const box = place(options.height === undefined ? Math.max(panelHeight + strip, legend) : panelHeight);
    content += drawPanel(panel, axis, box, entries[i] as LegendEntry[], side);
    y += box.height + GAP;
  });
  if (panels.length === 0) {
    const box = place(panelHeight);
    content += timeGrid(axis, box) + message("No trace recorded", box) + timeAxisBelow(axis, box);
    y += box.height + GAP;
  } else {
    content += timeAxisBelow(axis, { ...place(0), y: y - GAP });
  }
  const height = y - GAP + 54;

  const variables = [...new Set(panels.map(({ variable, unit }) => named(variable, unit)))].join(", ");
  const drawn = panels.reduce((sum, { lines }) => sum + lines.length, 0);
  const total = panels.reduce((sum, panel) => sum + panel.total, 0);
  const shown =
    drawn < total
      ? `${grouped(drawn)} of ${grouped(total)} traces shown`
      : `${grouped(total)} trace${total === 1 ? "" : "s"}`;
  const subtitle = variables === "" ? shown : `${shown} · ${variables}`;
  const description =
    `Traces from ${short(axis.start)} to ${short(axis.end)} ms` +
    (panels.length === 0 ? ": none recorded." : `, one panel per variable. ${panels.map(describe).join(" ")}`);
  return frame({ width, height, title, subtitle, description }, content);
}

function gather(
  traces: readonly PopulationTrace[],
  spikes: readonly Pick<PopulationSpikes, "name" | "spikes">[],
  axis: TimeAxis,
  apart: boolean,
): Panel[] {
  const groups = new Map<string, PopulationTrace[]>();
  for (const [i, trace] of traces.entries()) {
    const key = JSON.stringify([trace.variable, trace.unit, apart ? i : 0]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [trace]);
    else group.push(trace);
  }
  return Array.from(groups.values(), (group) => {
    const { variable, unit } = group[0] as PopulationTrace;
    // The first neuron of each trace, then the second of each, and so on, put back in the order of the traces.
    const chosen = group.map(() => 0);
    let left = MAX_LINES;
    for (let position = 0; left > 0; position++) {
      const more = group.flatMap((trace, t) => (position < trace.neurons.length ? [t] : []));
      if (more.length === 0) break;
      for (const t of more.slice(0, left)) chosen[t] = position + 1;
      left -= more.length;
    }
    const lines = group.flatMap((trace, t) =>
      Array.from({ length: chosen[t] as number }, (_, position) => {
        const neuron = trace.neurons[position] as number;
        return {
          population: trace.population,
          neuron,
          time: trace.time,
          values: trace.values(position),
          spikes: variable === "v" ? spikesOf(spikes, trace.population, neuron, axis) : new Float64Array(0),
        };
      }),
    );
    return { variable, unit, lines, total: group.reduce((sum, trace) => sum + trace.neurons.length, 0) };
  });
}

function spikesOf(
  trains: readonly Pick<PopulationSpikes, "name" | "spikes">[],
  population: string,
  neuron: number,
  axis: TimeAxis,
): Float64Array {
  const own = trains.find(({ name }) => name === population);
  if (own === undefined) return new Float64Array(0);
  const { times, neurons } = own.spikes;
  return times.filter((time, i) => neurons[i] === neuron && time >= axis.start && time <= axis.end);
}

function drawPanel(panel: Panel, axis: TimeAxis, box: Box, entries: readonly LegendEntry[], side: number): string {
  const { variable, unit, lines, total } = panel;
  const spiking = lines.filter((line) => line.spikes.length > 0);
  const strip = SPIKE_ROW * spiking.length;
  const plot = { ...box, y: box.y + strip, height: box.height - strip };
  const range = valueRange(lines, axis);
  const { low, high, ticks } = valueAxis(range, plot.height);
  const scale: LineScale = { start: axis.start, end: axis.end, low, high, width: plot.width, height: plot.height };
  const paths = lines.map((line, i) =>
    element("path", {
      d: linePath(line.time, line.values, scale),
      stroke: colour(i),
      "stroke-dasharray": dashes(i, 10),
    }),
  );
  const rows = spiking.map((line, row) =>
    element("path", {
      d: spikeRow(line.spikes, axis, box.width, row),
      stroke: colour(lines.indexOf(line)),
      "stroke-linecap": "butt",
    }),
  );
  const space = unit === "" ? variable : named(variable, unit);
  const more =
    lines.length < total
      ? label(`${grouped(lines.length)} of ${grouped(total)} shown`, box.x + box.width + 14, box.y + box.height - 2, {
          fill: INK.faint,
        })
      : "";
  const legendHeight = box.height - (more === "" ? 0 : 14);
  return (
    timeGrid(axis, box) +
    valueAxisLeft(ticks, plot, low, high, fitted(space, box.height, 12), 24) +
    (strip > 0 ? label("spikes", box.x - 7, box.y + strip / 2 + 3, { "text-anchor": "end", fill: INK.faint }) : "") +
    element("path", { d: `M${box.x} ${box.y + box.height + 0.5}h${box.width}`, stroke: INK.axis, fill: "none" }) +
    element(
      "g",
      {
        transform: `translate(${plot.x} ${plot.y}) scale(.1)`,
        "stroke-width": lines.length > 4 ? "10" : "12",
        "stroke-linejoin": "round",
        "stroke-linecap": "round",
        fill: "none",
      },
      paths.join("") + element("g", { transform: `translate(0 ${-10 * strip})` }, rows.join("")),
    ) +
    legendColumn(entries, box.x + box.width + 14, box.y, side, legendHeight) +
    more +
    (range === undefined ? message("No finite value", plot) : "")
  );
}

function spikeRow(times: Float64Array, axis: TimeAxis, width: number, row: number): string {
  const x = new Int32Array(times.length);
  let n = 0;
  for (let i = 0; i < times.length; i++) {
    const position = Math.round(10 * axis.position(times[i] as number, width));
    // Marks closer than half a px are one.
    if (n === 0 || position - (x[n - 1] as number) >= 5) x[n++] = position;
  }
  return strokesPath(x, new Int32Array(n).fill(10 * SPIKE_ROW * row + 5), n, 10 * SPIKE_ROW - 20);
}

/** Lowest and highest finite value on the axis of time; undefined when there is none. */
function valueRange(lines: readonly Line[], axis: TimeAxis): { least: number; most: number } | undefined {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const { time, values } of lines) {
    const n = Math.min(time.length, values.length);
    for (let i = 0; i < n; i++) {
      const value = values[i] as number;
      const t = time[i] as number;
      if (!drawable(value) || t < axis.start || t > axis.end) continue;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return least <= most ? { least, most } : undefined;
}

/** Ends and ticks of the axis of values: a margin of 5 %, and some width for a constant. */
function valueAxis(
  range: { least: number; most: number } | undefined,
  height: number,
): { low: number; high: number; ticks: Ticks } {
  let { least, most } = range ?? { least: 0, most: 1 };
  const size = Math.max(Math.abs(least), Math.abs(most));
  if (most - least <= Math.max(1e-9 * size, 1e-290)) {
    const margin = size < 1e-280 ? 1 : 0.05 * size;
    least -= margin;
    most += margin;
  }
  const margin = 0.05 * (most - least);
  const low = least - margin;
  const high = most + margin;
  return { low, high, ticks: niceTicks(low, high, Math.max(2, height / 34)) };
}

function legendOf(line: Line, index: number): LegendEntry {
  return { name: `${line.population}[${line.neuron}]`, colour: colour(index), dashes: dashes(index) };
}

function named(variable: string, unit: string): string {
  return unit === "" ? variable : `${variable} (${unit})`;
}

function describe({ variable, unit, lines, total }: Panel): string {
  const names = lines.map(({ population, neuron }) => `${population}[${neuron}]`).join(", ");
  return `${named(variable, unit)}: ${lines.length} of ${total} traces, ${names}.`;
}
