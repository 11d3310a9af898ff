/** Text for people: colours where the terminal has them, numbers, tables. */

function coloured(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && process.env.NO_COLOR === undefined && process.env.TERM !== "dumb";
}

function style(stream: NodeJS.WriteStream, code: string, text: string): string {
  return coloured(stream) ? `\u001b[${code}m${text}\u001b[0m` : text;
}

/**
 * Characters that steer a terminal or turn the direction of writing, where a name or a file of somebody else's has
 * them.
 */
const STEERING = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\p{Surrogate}]/gu;

/** A text that may be somebody else's, as it can be printed: what would steer the terminal is written as `\u001b`. */
export function plain(text: string): string {
  return text.replace(STEERING, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** An error message for standard error. */
export function errorText(message: string): string {
  return `${style(process.stderr, "1;31", "error:")} ${plain(message)}`;
}

/** Text of less weight for standard error. */
export function dim(text: string): string {
  return style(process.stderr, "2", text);
}

/** A heading for standard output. */
export function bold(text: string): string {
  return style(process.stdout, "1", text);
}

const LEVEL_STYLES: Readonly<Record<string, string>> = { error: "1;31", warning: "1;33", note: "36" };

/** The name of a level of findings, in its colour. */
export function levelText(level: string, stream: NodeJS.WriteStream): string {
  return style(stream, LEVEL_STYLES[level] ?? "0", level);
}

/** A whole number with commas between thousands. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** So many things: `1 file`, `4,000 files`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A number with about three digits. */
export function brief(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1000) return grouped(value);
  if (size >= 10) return value.toFixed(size >= 100 ? 0 : 1);
  return size >= 0.01 ? value.toFixed(2) : value.toPrecision(2);
}

/** A span of wall time. */
export function wallText(ms: number): string {
  if (!Number.isFinite(ms)) return "-";
  if (ms < 1000) return `${brief(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return h > 0 ? `${h} h ${m} min` : `${m} min ${s} s`;
}

/** Simulated time: ms, or s from 10 s on. Rounding noise of step times dt is cut. */
export function timeText(ms: number): string {
  return ms >= 10_000 ? `${Number((ms / 1000).toPrecision(9))} s` : `${Number(ms.toPrecision(9))} ms`;
}

/** How far a run came, both times in the unit of the longer one. */
export function reachedText(ms: number, whole: number): string {
  const reached = whole >= 10_000 ? Number((ms / 1000).toPrecision(9)) : Number(ms.toPrecision(9));
  return `${reached} of ${timeText(whole)}`;
}

/**
 * Lines of a table with aligned columns.
 *
 * @param rows cells; the first row is the heading
 * @param right columns whose cells stand at the right
 */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => (row[c] ?? "").length)));
  return rows.map((row, r) => {
    const cells = row.map((cell, c) => {
      const width = widths[c] ?? 0;
      return right.includes(c) ? cell.padStart(width) : cell.padEnd(width);
    });
    const line = cells.join("  ").trimEnd();
    return r === 0 ? bold(line) : line;
  });
}

/** Breaks a text into lines of at most `width` characters, the later ones indented. */
export function wrap(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.join("\n");
}

/** Characters per line of a stream; 100 where it is no terminal. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return Math.max(40, stream.isTTY === true ? (stream.columns ?? 80) : 100);
}
