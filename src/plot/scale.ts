/** Axes: round numbers for ticks, their labels, and the axis of time. */
import { rangeError } from "../analysis/types.js";
import { element, INK, label } from "./svg.js";

/** Positions and labels of the ticks of an axis. */
export interface Ticks {
  readonly values: readonly number[];
  readonly labels: readonly string[];
}

/**
 * Ticks at multiples of 1, 2 or 5 times a power of ten.
 *
 * @param low lower end of the axis
 * @param high upper end, above `low`
 * @param count number of ticks wanted; there will be about as many
 * @param least smallest distance of ticks, such as 1 where only whole numbers make sense
 */
export function niceTicks(low: number, high: number, count: number, least = 0): Ticks {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = raw / power;
  let step = (factor < Math.SQRT2 ? 1 : factor < Math.sqrt(10) ? 2 : factor < Math.sqrt(50) ? 5 : 10) * power;
  if (step < least) step = least;
  const values: number[] = [];
  const tolerance = 1e-9 * (high - low);
  for (let k = Math.ceil((low - tolerance) / step); k * step <= high + tolerance; k++) {
    values.push(k === 0 ? 0 : k * step);
    if (values.length > 1000) break;
  }
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const labels = values.map((value) => tickLabel(value, step, largest));
  return { values, labels };
}

function tickLabel(value: number, step: number, largest: number): string {
  if (Math.abs(value) < step / 2) return "0";
  const power = Math.floor(Math.log10(step) + 1e-9);
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  const text =
    largest >= 1e6 || largest < 1e-3
      ? value.toExponential(Math.min(15, Math.max(0, exponent - power)))
      : value.toFixed(Math.min(20, Math.max(0, -power)));
  return text.replace("e+", "e").replaceAll("-", "−");
}

/** A span of time and how its axis is written. */
export interface TimeAxis {
  /** ms */
  readonly start: number;
  /** ms */
  readonly end: number;
  readonly unit: "ms" | "s";
  /** Position within `width` px of a time in ms, not limited to the axis. */
  position(time: number, width: number): number;
}

/**
 * The axis of time of a figure, in ms or, from 10 s on, in s.
 *
 * @param start start in ms
 * @param duration length in ms; 0 (a run that stopped at once) gives an axis of 1 ms
 * @throws ValueRangeError when a number is not finite or the duration negative
 */
export function timeAxis(start: number, duration: number): TimeAxis {
  if (!Number.isFinite(start)) throw rangeError("start", start, " ms", "finite");
  if (!(Number.isFinite(duration) && duration >= 0)) throw rangeError("duration", duration, " ms", ">= 0 ms");
  const span = duration === 0 ? 1 : duration;
  return {
    start,
    end: start + span,
    unit: start + span >= 10_000 ? "s" : "ms",
    position: (time, width) => ((time - start) / span) * width,
  };
}

/** A rectangle in px. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Grid lines of the axis of time through a box. */
export function timeGrid(axis: TimeAxis, box: Box): string {
  let d = "";
  for (const time of timeTicks(axis, box.width).times) {
    d += `M${Math.round(box.x + axis.position(time, box.width)) + 0.5} ${box.y}v${box.height}`;
  }
  return d === "" ? "" : element("path", { d, stroke: INK.grid, fill: "none" });
}

/** The axis of time below a box: line, ticks, labels and name. */
export function timeAxisBelow(axis: TimeAxis, box: Box): string {
  const { times, labels } = timeTicks(axis, box.width);
  const bottom = box.y + box.height;
  let d = `M${box.x} ${bottom + 0.5}h${box.width}`;
  let text = "";
  times.forEach((time, i) => {
    const x = Math.round(box.x + axis.position(time, box.width)) + 0.5;
    d += `M${x} ${bottom + 0.5}v5`;
    text += label(labels[i] as string, x, bottom + 18, { "text-anchor": "middle" });
  });
  return (
    element("path", { d, stroke: INK.axis, fill: "none" }) +
    text +
    label(`Time (${axis.unit})`, box.x + box.width / 2, bottom + 36, {
      "text-anchor": "middle",
      "font-size": "12",
    })
  );
}

function timeTicks(axis: TimeAxis, width: number): { times: number[]; labels: readonly string[] } {
  const scale = axis.unit === "s" ? 1000 : 1;
  const { values, labels } = niceTicks(axis.start / scale, axis.end / scale, Math.max(2, width / 90));
  return { times: values.map((value) => value * scale), labels };
}

/** The axis of values at the left of a box: grid lines, line, labels, and its name turned upwards at `nameX`. */
export function valueAxisLeft(ticks: Ticks, box: Box, low: number, high: number, name: string, nameX: number): string {
  let grid = "";
  let text = "";
  ticks.values.forEach((value, i) => {
    const y = Math.round(box.y + ((high - value) / (high - low)) * box.height) + 0.5;
    grid += `M${box.x} ${y}h${box.width}`;
    text += label(ticks.labels[i] as string, box.x - 7, y + 3.5, { "text-anchor": "end" });
  });
  return (
    (grid === "" ? "" : element("path", { d: grid, stroke: INK.grid, fill: "none" })) +
    element("path", { d: `M${box.x - 0.5} ${box.y}v${box.height}`, stroke: INK.axis, fill: "none" }) +
    text +
    turned(name, nameX, box.y + box.height / 2)
  );
}

/** A text that runs upwards, centred on (x, y). */
export function turned(text: string, x: number, y: number): string {
  return label(text, 0, 0, {
    transform: `translate(${x} ${Math.round(y)}) rotate(-90)`,
    "text-anchor": "middle",
    "font-size": "12",
  });
}

/** A sentence in the middle of a box, for a figure without data. */
export function message(text: string, box: Box): string {
  return label(text, box.x + box.width / 2, box.y + box.height / 2 + 5, {
    "text-anchor": "middle",
    "font-size": "14",
    fill: INK.faint,
  });
}
