/**
 * Comma-separated values (RFC 4180): results out, number columns and connection lists in. Works on strings only, in any
 * host; writers hand out chunks so that no result needs one giant string.
 */
import type { ProjectionWeights, WeightTrace } from "../analysis/tables.js";
import type { PopulationSpikes, PopulationTrace } from "../analysis/types.js";
import { SpikeletError } from "../model/errors.js";
import { formatTime } from "../model/grid.js";
import { nearestName } from "../model/suggest.js";

/** First line of a file of spikes. */
export const SPIKES_HEADER = "time_ms,population,neuron";

/** First line of a file of traces. */
export const TRACES_HEADER = "time_ms,population,neuron,variable,value";

/** First line of a file of weights. */
export const WEIGHTS_HEADER = "projection,source,target,weight";

/** First line of a file of weights over time. */
export const WEIGHT_TRACES_HEADER = "time_ms,projection,synapse,source,target,weight";

/** Length at which a chunk is handed out, in UTF-16 code units. */
const CHUNK = 1 << 16;

/** A text that is not the table it should be. Carries the place and the value. */
export class CsvError extends SpikeletError {
  override readonly name = "CsvError";
  override readonly code = "csv";
  /** Line of the text, from 1; 0 when the whole text is meant. */
  readonly line: number;
  /** Name of the column, or its number from 1 where the table has no header; undefined when the whole line is meant. */
  readonly column: string | number | undefined;
  /** The field as it stands in the text; undefined when the whole line is meant. */
  override readonly value: string | undefined;

  constructor(message: string, place: CsvPlace) {
    const { file, line, column, value, allowed, nearest } = place;
    const path = [
      ...(file === undefined ? [] : [file]),
      ...(line === 0 ? [] : [`line ${line}`]),
      ...(column === undefined ? [] : [`column ${typeof column === "number" ? column : quoted(column)}`]),
    ].join(", ");
    super(path === "" ? message : `${path}: ${message}`, {
      ...(path !== "" && { path }),
      ...(allowed !== undefined && { allowed }),
      ...(nearest !== undefined && { nearest }),
    });
    this.line = line;
    this.column = column;
    this.value = value;
  }
}

/** Where in a table a mistake is. */
export interface CsvPlace {
  readonly line: number;
  readonly column?: string | number;
  readonly value?: string;
  readonly file?: string | undefined;
  readonly allowed?: string | readonly string[];
  readonly nearest?: string | undefined;
}

/**
 * A text as one CSV field: in quotes, with inner quotes doubled, when it holds a comma, a quote, a line break, or
 * blanks at an end, or would be read as a comment.
 */
export function csvField(text: string): string {
  return /[",\r\n]|^[\s#\uFEFF]|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Spikes as CSV with the columns `time_ms,population,neuron`. Rows are ordered by time, then by population in the order
 * given, then by neuron.
 *
 * @param populations spike trains with the names of their populations
 * @yields chunks of about 64 kB; joined they are the file
 */
export function* spikesCsv(populations: readonly Pick<PopulationSpikes, "name" | "spikes">[]): Generator<string> {
  const middles = populations.map((population) => `,${csvField(population.name)},`);
  const positions = new Uint32Array(populations.length);
  const heads = new Float64Array(populations.length);
  for (let p = 0; p < populations.length; p++) {
    heads[p] = (populations[p] as PopulationSpikes).spikes.times[0] ?? Number.POSITIVE_INFINITY;
  }
  let text = `${SPIKES_HEADER}\n`;
  for (;;) {
    const p = earliest(heads);
    if (p < 0) break;
    const { times, neurons } = (populations[p] as PopulationSpikes).spikes;
    const time = heads[p] as number;
    const from = positions[p] as number;
    let to = from + 1;
    let sorted = true;
    while (to < times.length && times[to] === time) {
      if ((neurons[to] as number) < (neurons[to - 1] as number)) sorted = false;
      to++;
    }
    const group = sorted ? neurons : neurons.slice(from, to).sort();
    const shift = sorted ? 0 : from;
    const start = formatTime(time) + (middles[p] as string);
    for (let i = from; i < to; i++) {
      text += `${start}${group[i - shift] as number}\n`;
      if (text.length >= CHUNK) {
        yield text;
        text = "";
      }
    }
    positions[p] = to;
    heads[p] = times[to] ?? Number.POSITIVE_INFINITY;
  }
  if (text !== "") yield text;
}

/**
 * Traces as CSV with the columns `time_ms,population,neuron,variable,value`. Rows are ordered by time, then by
 * trace in the order given, then by the neuron's position in its trace. Values are written with all their digits; a
 * value that is not finite is written `NaN`, `Infinity` or `-Infinity`.
 *
 * @param traces recorded variables with the names of their populations
 * @yields chunks of about 64 kB; joined they are the file
 */
export function* tracesCsv(traces: readonly PopulationTrace[]): Generator<string> {
  const middles = traces.map((trace) => {
    const [population, variable] = [csvField(trace.population), csvField(trace.variable)];
    return Array.from(trace.neurons, (neuron) => `,${population},${neuron},${variable},`);
  });
  yield* samplesCsv(TRACES_HEADER, traces, middles);
}

/**
 * Weights as CSV with the columns `projection,source,target,weight`, in the order given: row k of a projection is its
 * synapse k. Weights are written with all their digits.
 *
 * @yields chunks of about 64 kB; joined they are the file
 */
export function* weightsCsv(projections: readonly ProjectionWeights[]): Generator<string> {
  let text = `${WEIGHTS_HEADER}\n`;
  for (const { name, sources, targets, weights } of projections) {
    const start = csvField(name);
    for (let k = 0; k < weights.length; k++) {
      text += `${start},${sources[k] as number},${targets[k] as number},${weights[k] as number}\n`;
      if (text.length >= CHUNK) {
        yield text;
        text = "";
      }
    }
  }
  if (text !== "") yield text;
}

/**
 * Weights over time as CSV with the columns `time_ms,projection,synapse,source,target,weight`. Rows are ordered by
 * time, then by trace in the order given, then by the synapse's position in its trace.
 *
 * @yields chunks of about 64 kB; joined they are the file
 */
export function* weightTracesCsv(traces: readonly WeightTrace[]): Generator<string> {
  const middles = traces.map(({ name, synapses, sources, targets }) => {
    const projection = csvField(name);
    return Array.from(synapses, (synapse, k) => `,${projection},${synapse},${sources[k] as number},${targets[k] as number},`);
  });
  yield* samplesCsv(WEIGHT_TRACES_HEADER, traces, middles);
}

/** Samples of several traces by time; `middles` has what stands between time and value, by trace and position in it. */
function* samplesCsv(
  header: string,
  traces: readonly Pick<WeightTrace, "time" | "values">[],
  middles: readonly (readonly string[])[],
): Generator<string> {
  const columns = traces.map((trace, t) =>
    (middles[t] as readonly string[]).map((_, position) => trace.values(position)),
  );
  const positions = new Uint32Array(traces.length);
  // Read once: a recording makes its times anew at each look.
  const times = traces.map((trace) => trace.time);
  const heads = Float64Array.from(times, (time) => time[0] ?? Number.POSITIVE_INFINITY);
  let text = `${header}\n`;
  for (;;) {
    const t = earliest(heads);
    if (t < 0) break;
    const time = formatTime(heads[t] as number);
    const position = positions[t] as number;
    const values = columns[t] as Float64Array[];
    const middle = middles[t] as readonly string[];
    for (let n = 0; n < values.length; n++) {
      text += `${time}${middle[n] as string}${(values[n] as Float64Array)[position] as number}\n`;
      if (text.length >= CHUNK) {
        yield text;
        text = "";
      }
    }
    positions[t] = position + 1;
    heads[t] = times[t]?.[position + 1] ?? Number.POSITIVE_INFINITY;
  }
  if (text !== "") yield text;
}

/** Position of the smallest finite entry, the first among equals; -1 when none is left. */
function earliest(heads: Float64Array): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let p = 0; p < heads.length; p++) {
    const head = heads[p] as number;
    if (head < least) {
      least = head;
      best = p;
    }
  }
  return best;
}

/** One record of a CSV text. */
export interface CsvRow {
  /** Line on which the record starts, from 1. */
  readonly line: number;
  /** Fields, without quotes; blanks around unquoted fields are taken off. */
  readonly fields: readonly string[];
}

/**
 * The records of a CSV text. Lines may end in LF or CRLF; blank lines and lines that start with `#` are left out,
 * and so is a byte order mark. Quoted fields may hold commas, doubled quotes and line breaks.
 *
 * @param text the whole text
 * @param file name of the file for messages
 * @throws CsvError when a quote is not closed or text follows a closed one
 */
export function* csvRows(text: string, file?: string): Generator<CsvRow> {
  let line = 1;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    let end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    const content = text.slice(at, end).trim();
    if (content === "" || content.charCodeAt(0) === 35) {
      line++;
      at = end + 1;
    } else if (!content.includes('"')) {
      const fields = content.split(",");
      for (let i = 0; i < fields.length; i++) fields[i] = (fields[i] as string).trim();
      yield { line, fields };
      line++;
      at = end + 1;
    } else {
      const record = quotedRecord(text, at, line, file);
      yield { line, fields: record.fields };
      line = record.line;
      at = record.at;
    }
  }
}

/** Reads a record that holds a quote, which may go on over several lines. */
function quotedRecord(
  text: string,
  start: number,
  startLine: number,
  file: string | undefined,
): { fields: string[]; at: number; line: number } {
  const fields: string[] = [];
  let at = start;
  let line = startLine;
  for (;;) {
    while (text[at] === " " || text[at] === "\t") at++;
    if (text[at] === '"') {
      const opened = line;
      let field = "";
      at++;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) {
          throw new CsvError("a quoted field begins here and its closing quote is missing.", {
            line: opened,
            column: fields.length + 1,
            value: shortened(text.slice(at)),
            file,
          });
        }
        const piece = text.slice(at, quote);
        field += piece;
        for (let i = piece.indexOf("\n"); i >= 0; i = piece.indexOf("\n", i + 1)) line++;
        at = quote + 1;
        if (text[at] !== '"') break;
        field += '"';
        at++;
      }
      fields.push(field);
      while (text[at] === " " || text[at] === "\t" || (text[at] === "\r" && text[at + 1] === "\n")) at++;
      if (at < text.length && text[at] !== "," && text[at] !== "\n") {
        throw new CsvError(
          `text follows the closing quote of ${quoted(field)}; a quote inside a field must be doubled.`,
          { line, column: fields.length, value: shortened(field), file },
        );
      }
    } else {
      const from = at;
      while (at < text.length && text[at] !== "," && text[at] !== "\n") at++;
      fields.push(text.slice(from, at).trim());
    }
    if (text[at] === ",") {
      at++;
    } else {
      return { fields, at: at + 1, line: line + 1 };
    }
  }
}

/** How to read a column of numbers. */
export interface NumbersOptions {
  /** Header of the column to read, or its place, counted from 0; needed when the table has several columns. */
  readonly column?: string | number;
  /** Name of the file for messages. */
  readonly file?: string;
}

/**
 * Reads one column of finite numbers: a table of a single column, with or without a header, or the column of a
 * table that `options.column` names or counts.
 *
 * @param text the whole text
 * @returns the numbers, in the order of the rows
 * @throws CsvError with line, column and value when the column is missing, a field is no finite number, a row is
 *   longer or shorter than the first, or there is no number at all
 */
export function readNumbers(text: string, options: NumbersOptions = {}): Float64Array {
  const { column, file } = options;
  let values = new Float64Array(1024);
  let count = 0;
  let width = -1;
  let index = 0;
  let name: string | number = 1;
  for (const { line, fields } of csvRows(text, file)) {
    if (width < 0) {
      width = fields.length;
      const header = isHeader(fields);
      if (typeof column === "number") {
        if (column >= width) {
          const places = width === 1 ? "only column 0" : `the columns 0 to ${width - 1}`;
          throw new CsvError(`there is no column ${column}; the table has ${places}.`, {
            line,
            value: String(column),
            allowed: places,
            file,
          });
        }
        index = column;
        name = column;
      } else if (column !== undefined) {
        index = columnOf(fields, [column], line, file);
      } else if (width > 1) {
        throw new CsvError(
          `the table has ${width} columns${header ? ` (${list(fields)})` : ""}; say which one to read with ` +
            `"column": ${header ? `${JSON.stringify(fields[0])} or another of these` : "0 or another place"}.${header ? "" : DECIMAL_POINT}`,
          { line, file },
        );
      }
      if (header) {
        name = fields[index] as string;
        continue;
      }
    }
    checkWidth(fields, width, line, file);
    if (count === values.length) values = grown(values);
    values[count++] = number(fields[index] as string, line, name, file);
  }
  if (count === 0) throw new CsvError("there is no number in the table.", { line: 0, file });
  return values.slice(0, count);
}

/** The place of a column in a header: the first of these names that it has; an error names the first one. */
export function columnOf(
  header: readonly string[],
  names: readonly [string, ...string[]],
  line: number,
  file: string | undefined,
): number {
  const [column] = names;
  if (!isHeader(header)) {
    throw new CsvError(`the table needs a header line that names the column ${quoted(column)}.`, { line, file });
  }
  const index = header.findIndex((name) => names.includes(name));
  if (index >= 0) return index;
  const nearest = nearestName(column, header);
  const hint = nearest === undefined ? "" : ` Did you mean ${quoted(nearest)}?`;
  throw new CsvError(`there is no column ${quoted(column)}; the columns are ${list(header)}.${hint}`, {
    line,
    value: column,
    allowed: header,
    nearest,
    file,
  });
}

/** How to read a list of connections. */
export interface PairsOptions {
  /** Number of neurons in the source population: an index that is not below it is an error. */
  readonly sources?: number;
  /** Number of neurons in the target population: an index that is not below it is an error. */
  readonly targets?: number;
  /** Name of the file for messages. */
  readonly file?: string;
}

/** Connections, one per row. All arrays have the same length. */
export interface Pairs {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  /** Present when the table has a column of weights. */
  readonly weights?: Float64Array;
  /** Delays in ms; present when the table has a column of delays. */
  readonly delays?: Float64Array;
}

/**
 * Reads a list of connections: columns source, target, and if present weight and delay. Without a header the
 * columns stand in this order; with a header that names `source` and `target` they may stand in any, and other
 * columns are left out.
 *
 * @param text the whole text
 * @returns indices from 0, weights in the projection's unit, delays in ms; empty arrays for a table without rows
 * @throws CsvError with line, column and value when a field is no neuron index or no finite number, a row is longer or
 *   shorter than the first, or the columns are not these
 */
export function readPairs(text: string, options: PairsOptions = {}): Pairs {
  const { file } = options;
  const limits = [options.sources ?? 2 ** 32, options.targets ?? 2 ** 32] as const;
  const kinds = ["source", "target", "weight", "delay"] as const;
  // Position of each kind in a row and what a message calls it; -1: the table does not have it.
  const index = [0, 1, -1, -1];
  const names: (string | number)[] = [1, 2, 3, 4];
  let sources = new Uint32Array(1024);
  let targets = new Uint32Array(1024);
  let weights = new Float64Array(0);
  let delays = new Float64Array(0);
  let count = 0;
  let width = -1;
  for (const { line, fields } of csvRows(text, file)) {
    if (width < 0) {
      width = fields.length;
      const header = isHeader(fields);
      if (header) {
        for (let k = 0; k < 4; k++) {
          const kind = kinds[k] as string;
          index[k] = fields.indexOf(kind);
          names[k] = kind;
        }
        if ((index[0] as number) < 0 || (index[1] as number) < 0) {
          throw new CsvError(
            `the header must name "source" and "target" (and may name "weight" and "delay"); it has ${list(fields)}.`,
            { line, value: fields.join(","), file },
          );
        }
      } else {
        if (width < 2 || width > 4) {
          throw new CsvError(
            `a row has 2 to 4 numbers separated by commas: source, target, weight, delay; this one has ${width}.`,
            { line, value: fields.join(","), file },
          );
        }
        for (let k = 2; k < width; k++) index[k] = k;
      }
      if ((index[2] as number) >= 0) weights = new Float64Array(1024);
      if ((index[3] as number) >= 0) delays = new Float64Array(1024);
      if (header) continue;
    }
    checkWidth(fields, width, line, file);
    if (count === sources.length) {
      sources = grown(sources);
      targets = grown(targets);
      weights = grown(weights);
      delays = grown(delays);
    }
    for (let k = 0; k < 4; k++) {
      const position = index[k] as number;
      if (position < 0) continue;
      const field = fields[position] as string;
      const column = names[k] as string | number;
      const value = number(field, line, column, file);
      if (k >= 2) {
        (k === 2 ? weights : delays)[count] = value;
        continue;
      }
      const limit = limits[k] as number;
      if (!(Number.isInteger(value) && value >= 0 && value < limit)) {
        throw new CsvError(
          `${kinds[k]} ${quoted(field)} is not a neuron index; it must be a whole number from 0 to ${limit - 1}.`,
          { line, column, value: field, file },
        );
      }
      (k === 0 ? sources : targets)[count] = value;
    }
    count++;
  }
  return {
    sources: sources.slice(0, count),
    targets: targets.slice(0, count),
    ...((index[2] as number) >= 0 && { weights: weights.slice(0, count) }),
    ...((index[3] as number) >= 0 && { delays: delays.slice(0, count) }),
  };
}

/** A header has words where numbers would stand; a word that begins like a number is taken for a wrong number. */
/** A hint on a table from a place where decimals have a comma. */
const DECIMAL_POINT = " Decimals are written with a point, 0.5, not 0,5.";

function isHeader(fields: readonly string[]): boolean {
  return fields.every((field) => /^[^\d.+-]/.test(field) && !/^(nan|inf|infinity)$/i.test(field));
}

/** A field as a finite number; an error names the place. */
export function number(field: string, line: number, column: string | number, file: string | undefined): number {
  const value = Number(field);
  if (Number.isFinite(value) && field !== "" && !/^0[xob]/i.test(field)) return value;
  const problem =
    field === ""
      ? "the field is empty; it must be a number."
      : /^[+-]?(inf|infinity)$/i.test(field) || Math.abs(value) === Number.POSITIVE_INFINITY
        ? `${quoted(field)} must be finite.`
        : `${quoted(field)} is not a number.${/[;\t]/.test(field) ? ` Columns are separated by commas.${DECIMAL_POINT}` : /^[+-]?\d*,\d+$/.test(field) ? DECIMAL_POINT : ""}`;
  throw new CsvError(problem, { line, column, value: field, file });
}

/** Refuses a row that is longer or shorter than the first. */
export function checkWidth(fields: readonly string[], width: number, line: number, file: string | undefined): void {
  if (fields.length === width) return;
  const commas = fields.length >= 2 * width && fields.every((field) => /^[+-]?\d+(e[+-]?\d+)?$/i.test(field));
  throw new CsvError(`the row has ${count(fields.length)}, the first one has ${count(width)}.${commas ? DECIMAL_POINT : ""}`, {
    line,
    value: shortened(fields.join(",")),
    file,
  });
}

function count(fields: number): string {
  return fields === 1 ? "1 field" : `${fields} fields`;
}

function grown<T extends Float64Array | Uint32Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(2 * array.length);
  larger.set(array);
  return larger;
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}

function list(fields: readonly string[]): string {
  const shown = fields.slice(0, 12).map(quoted).join(", ");
  return fields.length > 12 ? `${shown}, and ${fields.length - 12} more` : shown;
}
