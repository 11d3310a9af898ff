/** Texts of the equation language and places in them. */

/** Offsets in a text: from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The smallest span that holds both. */
export function joined(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** Line and column of an offset, both counted from 1; columns in UTF-16 units, as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Longest piece of a line that a frame shows. */
const WIDTH = 96;

/** A text of a model: its equations, its reset, ... */
export class Source {
  /** What the text is, as messages call it: "equations", "init.v". */
  readonly name: string;
  readonly text: string;
  private readonly starts: number[] = [0];

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.starts.push(at + 1);
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }

  slice(span: Span): string {
    return this.text.slice(span.start, span.end);
  }

  /** Text of a line, counted from 1, without its end. */
  line(number: number): string {
    const start = this.starts[number - 1] ?? this.text.length;
    const next = this.starts[number];
    return this.text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, "");
  }

  /**
   * The line of a span with carets below. A span over several lines is marked to the end of its first. Long lines are
   * cut on both sides of the mark. Control characters become spaces: the frame may go to a terminal.
   */
  frame(span: Span): string {
    const { line, column } = this.position(span.start);
    const text = this.line(line);
    const first = column - 1;
    const last = Math.max(first + 1, Math.min(first + (span.end - span.start), text.length));
    let from = 0;
    let to = text.length;
    if (text.length > WIDTH) {
      from = Math.max(0, Math.min(first - WIDTH / 3, text.length - WIDTH));
      to = from + WIDTH;
    }
    const before = from > 0 ? "..." : "";
    const after = to < text.length ? "..." : "";
    const shown = `${before}${plain(text.slice(from, to))}${after}`;
    const indent = before.length + [...text.slice(from, first)].length;
    const marks = Math.max(1, [...text.slice(first, Math.min(last, to))].length);
    const gutter = String(line);
    return `  ${gutter} | ${shown}\n  ${" ".repeat(gutter.length)} | ${" ".repeat(indent)}${"^".repeat(marks)}`;
  }
}

function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, " ");
}

/** A piece of text for a message. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 40 ? `${line.slice(0, 37)}...` : line;
}
