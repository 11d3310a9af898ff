/** The column at the right of a figure that names its series. */
import { element, escapeXml, fitted, fittedName, INK, label, textWidth } from "./svg.js";

/** One series: its mark, its name and a fact about it. */
export interface LegendEntry {
  readonly name: string;
  readonly note?: string;
  readonly colour: string;
  readonly dashes?: string | undefined;
  /** How the series is drawn: a line when left out, a filled or an open circle. */
  readonly mark?: "line" | "dot" | "ring";
}

const MARK = 16;
const GAP = 7;

/** Width in px that the names and notes need, between 60 and `most`. */
export function legendWidth(entries: readonly LegendEntry[], most = 190): number {
  let width = 0;
  for (const { name, note = "" } of entries) width = Math.max(width, textWidth(name, 12), textWidth(note, 11));
  return Math.min(most, Math.max(60, Math.ceil(width) + MARK + GAP));
}

/** One entry with its name's middle at the height y; the note stands below when there is `room` for it. */
export function legendEntry(entry: LegendEntry, x: number, y: number, width: number, room: boolean): string {
  const { name, note } = entry;
  const wide = width - MARK - GAP;
  const shown = fittedName(name, wide, 12);
  const both = room && note !== undefined && note !== "";
  const top = both ? y - 8 : y;
  return (
    markOf(entry, x, top) +
    element(
      "text",
      { x: x + MARK + GAP, y: top + 4, "font-size": "12", fill: INK.title },
      `${wholeName(name, shown)}${escapeXml(shown)}`,
    ) +
    (both ? label(fitted(note, wide, 11), x + MARK + GAP, top + 19, { fill: INK.faint }) : "")
  );
}

function markOf({ colour, dashes, mark = "line" }: LegendEntry, x: number, y: number): string {
  if (mark === "line") {
    const attributes = { stroke: colour, "stroke-width": "3", "stroke-dasharray": dashes };
    return element("path", { d: `M${x} ${y}h${MARK}`, ...attributes });
  }
  return circle(x + MARK / 2, y, colour, mark === "dot");
}

/** A point: filled, or open for one that is not reached. */
export function circle(x: number, y: number, colour: string, filled: boolean): string {
  const fill = filled ? colour : INK.paper;
  return element("circle", { cx: x, cy: y, r: 4.5, fill, stroke: colour, "stroke-width": "1.8" });
}

/** Entries one below the other from the top of a column; those that do not fit are counted. */
export function legendColumn(
  entries: readonly LegendEntry[],
  x: number,
  y: number,
  width: number,
  height: number,
): string {
  const notes = entries.some(({ note }) => note !== undefined) && entries.length * 36 <= height;
  const row = notes ? 36 : entries.length * 18 <= height ? 18 : 15;
  const fits = Math.max(1, Math.floor(height / row));
  const shown = entries.length <= fits ? entries.length : fits - 1;
  let text = "";
  for (let i = 0; i < shown; i++) {
    text += legendEntry(entries[i] as LegendEntry, x, y + row * i + row / 2, width, notes);
  }
  if (shown < entries.length) {
    text += label(`and ${entries.length - shown} more`, x, y + row * shown + row / 2 + 4, { fill: INK.faint });
  }
  return text;
}

/** The whole name, for pointing at, when only its ends are shown. */
function wholeName(name: string, shown: string): string {
  return name === shown ? "" : element("title", {}, escapeXml(name));
}
