/** What is wrong with a model's text, with the place. */
import { SpikeletError } from "../model/errors.js";
import type { Source, Span } from "./source.js";

export type Severity = "error" | "warning";

/** One mistake, or one thing to look at, in a model's text. */
export interface Diagnostic {
  /** Stable identifier of the kind of mistake, such as "missing-unit". */
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong and what to do, without the place. */
  readonly message: string;
  /** Which text of the model: "equations", "threshold", "init.v", ... */
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Length of the marked text; 0 where something is missing. */
  readonly length: number;
  /** What to write in place of the marked text, where that is known. */
  readonly fix?: string;
  /** The line with a mark below the place. */
  readonly frame: string;
}

/** Most errors, and most warnings, that are reported of one model. */
export const MAX_DIAGNOSTICS = 20;

/** Collects what the passes find. */
export class Diagnostics {
  private readonly found: Diagnostic[] = [];
  private readonly places = new Set<string>();
  private readonly counts = { error: 0, warning: 0 };

  error(source: Source, span: Span, code: string, message: string, fix?: string): void {
    this.add("error", source, span, code, message, fix);
  }

  warning(source: Source, span: Span, code: string, message: string, fix?: string): void {
    this.add("warning", source, span, code, message, fix);
  }

  private add(severity: Severity, source: Source, span: Span, code: string, message: string, fix?: string): void {
    // one place, one complaint: what follows from the first is noise
    const place = `${severity} ${source.name} ${span.start} ${span.end}`;
    if (this.places.has(place)) return;
    this.places.add(place);
    if (++this.counts[severity] > MAX_DIAGNOSTICS) return;
    const { line, column } = source.position(span.start);
    this.found.push({
      code,
      severity,
      message,
      source: source.name,
      line,
      column,
      length: span.end - span.start,
      ...(fix === undefined ? {} : { fix }),
      frame: source.frame(span),
    });
  }

  /** No further error will be shown: what makes messages helpful can be left out. */
  get full(): boolean {
    return this.counts.error >= MAX_DIAGNOSTICS;
  }

  get failed(): boolean {
    return this.counts.error > 0;
  }

  /** Errors by text and place, in the order in which the texts were read. */
  get errors(): readonly Diagnostic[] {
    return inOrder(this.found.filter((one) => one.severity === "error"));
  }

  get warnings(): readonly Diagnostic[] {
    return inOrder(this.found.filter((one) => one.severity === "warning"));
  }

  /** Throws all errors at once, if there are any; `path` and `what` as in EquationError. */
  check(name: string, path?: string, what?: string): void {
    if (this.failed) throw new EquationError(name, this.errors, this.counts.error, path, what);
  }
}

function inOrder(list: readonly Diagnostic[]): readonly Diagnostic[] {
  const texts = [...new Set(list.map((one) => one.source))];
  return [...list].sort(
    (a, b) => texts.indexOf(a.source) - texts.indexOf(b.source) || a.line - b.line || a.column - b.column,
  );
}

/** A diagnostic as it is shown: place, message, frame. */
export function diagnosticText(one: Diagnostic): string {
  return placedText(one, one.severity === "warning" ? "warning: " : "");
}

/** The same without its severity, for lists that say it themselves. `word` stands before the message. */
export function placedText({ source, line, column, message, frame }: Diagnostic, word = ""): string {
  return `${source}:${line}:${column}: ${word}${message}\n${frame}`;
}

/**
 * The text of a model or of a current is wrong. `diagnostics` has each mistake; the message shows all of them in their
 * lines.
 */
export class EquationError extends SpikeletError {
  override readonly name = "EquationError";
  override readonly code = "equation";
  readonly diagnostics: readonly Diagnostic[];
  /** Mistakes in all, of which `diagnostics` has the first. */
  readonly count: number;

  /**
   * @param path where the model stands, in a model file
   * @param what what is wrong, as the message calls it
   */
  constructor(
    model: string,
    diagnostics: readonly Diagnostic[],
    count = diagnostics.length,
    path = model,
    what = `Model ${model}`,
  ) {
    const rest = count - diagnostics.length;
    const more = rest > 0 ? `\n\nand ${rest} more` : "";
    const many = count === 1 ? "1 mistake" : `${count} mistakes`;
    super(`${what}: ${many}.\n\n${diagnostics.map(diagnosticText).join("\n\n")}${more}`, { path });
    this.diagnostics = diagnostics;
    this.count = count;
  }
}
