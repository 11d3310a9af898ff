/**
 * Loads a connectome from the user's own files: Parquet or CSV with a row per pair of neurons, and a CSV that lists the
 * neurons. docs/fly.md says where to get them. All that is wrong in a file is told with its place.
 */
import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from "node:fs";
import { createGunzip } from "node:zlib";
import {
  DocumentError,
  DuplicateNameError,
  MissingKeyError,
  UnavailableError,
  ValueRangeError,
  ValueTypeError,
} from "spikelet";
import type { Graph } from "./graph.js";

/** The columns, as Connectivity_783.parquet has them. Others are not read. */
export const COLUMNS = ["Presynaptic_Index", "Postsynaptic_Index", "Excitatory x Connectivity"] as const;

/** Whole numbers up to here are exact in float32, as which weights are kept. */
const LARGEST = 2 ** 24;
/** As a population. */
const MOST_NEURONS = 10_000_000;

/** Whole numbers as they come, in a column that grows. */
class Column {
  private numbers: Int32Array;
  length = 0;

  constructor(room: number) {
    this.numbers = new Int32Array(room);
  }

  push(value: number): void {
    if (this.length === this.numbers.length) {
      const larger = new Int32Array(Math.max(1024, 2 * this.length));
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[this.length++] = value;
  }

  take(): Int32Array {
    return this.length === this.numbers.length ? this.numbers : this.numbers.slice(0, this.length);
  }
}

function unreadable(file: string, error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
  throw new DocumentError(`${file}: ${reason}.`, { path: file });
}

/** The first bytes of a file, which must not be empty, as Latin-1. */
function beginning(file: string): string {
  let handle: number | undefined;
  try {
    if (statSync(file).isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    handle = openSync(file, "r");
    const bytes = Buffer.alloc(64);
    const read = readSync(handle, bytes);
    if (read === 0) throw new DocumentError(`${file}: the file is empty.`, { path: file });
    return bytes.toString("latin1", 0, read);
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    return unreadable(file, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** What stands where a whole number should. */
function noInteger(file: string, place: string, value: unknown, allowed: string): never {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  throw new ValueTypeError(`${file}, ${place} is ${text}; it must be ${allowed}.`, { path: file, value, allowed });
}

const ALLOWED = {
  Presynaptic_Index: "a whole number >= 0, the place of a neuron in the list of neurons",
  Postsynaptic_Index: "a whole number >= 0, the place of a neuron in the list of neurons",
  "Excitatory x Connectivity": "a whole number, the count of synapses, negative for an inhibitory neuron",
} as const;

function place(column: string, row: string): string {
  return `${row}: ${JSON.stringify(column)}`;
}

function isWithin(number: number, column: string): boolean {
  return column === COLUMNS[2] ? Math.abs(number) <= LARGEST : number >= 0 && number < MOST_NEURONS;
}

/** One number of a column, as it stands in a table. */
function checked(value: unknown, file: string, column: (typeof COLUMNS)[number], row: () => string): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  const allowed = ALLOWED[column];
  if (typeof number !== "number" || !Number.isInteger(number))
    return noInteger(file, place(column, row()), value, allowed);
  if (isWithin(number, column)) return number;
  const limits = column === COLUMNS[2] ? `from -${LARGEST} to ${LARGEST}` : `from 0 to ${MOST_NEURONS - 1}`;
  throw new ValueRangeError(`${file}, ${place(column, row())} is ${number}; it must be ${limits}.`, {
    path: file,
    value: number,
    allowed: limits,
  });
}

function missing(file: string, column: string, columns: readonly string[]): never {
  const known = columns.map((name) => JSON.stringify(name)).join(", ");
  throw new MissingKeyError(
    `${file}: there is no column ${JSON.stringify(column)}; it must have ${COLUMNS.map((name) => JSON.stringify(name)).join(", ")}. It has ${known || "none"}.`,
    { path: file, value: column, allowed: COLUMNS },
  );
}

/* Parquet */

type Packages = typeof import("hyparquet") & Pick<typeof import("hyparquet-compressors"), "compressors">;

/** The packages that read Parquet, which only those need who have such a file. */
async function packages(file: string): Promise<Packages> {
  try {
    const [hyparquet, { compressors }] = await Promise.all([import("hyparquet"), import("hyparquet-compressors")]);
    return { ...hyparquet, compressors };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UnavailableError(
      `${file}: Parquet files need the packages "hyparquet" and "hyparquet-compressors", which are not installed: ` +
        "npm install hyparquet hyparquet-compressors. CSV files need none.",
      { path: file, value: "hyparquet" },
    );
  }
}

async function readParquet(file: string): Promise<Int32Array[]> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetRead, compressors } = await packages(file);
  const broken = (error: unknown): never => {
    throw new DocumentError(`${file}: the Parquet file cannot be read (${(error as Error).message}).`, { path: file });
  };
  const buffer = await asyncBufferFromFile(file);
  const metadata = await parquetMetadataAsync(buffer).catch(broken);
  const names = metadata.row_groups[0]?.columns.map(({ meta_data }) => meta_data?.path_in_schema.join(".") ?? "") ?? [];
  const rows = Number(metadata.num_rows);
  const read: Int32Array[] = [];
  for (const column of COLUMNS) {
    if (rows > 0 && !names.includes(column)) missing(file, column, names);
    const numbers = new Int32Array(rows);
    let first = 0;
    // A group of rows at a time, and a column: as they come they are larger than what is kept.
    for (const { num_rows } of metadata.row_groups) {
      const end = first + Number(num_rows);
      const chunks: { readonly at: number; readonly data: ArrayLike<unknown> }[] = [];
      await parquetRead({
        file: buffer,
        metadata,
        compressors,
        columns: [column],
        rowStart: first,
        rowEnd: end,
        onChunk: ({ columnData, rowStart }) => void chunks.push({ at: rowStart, data: columnData }),
      }).catch(broken);
      let filled = 0;
      for (const { at, data } of chunks) {
        for (let i = 0; i < data.length; i++)
          numbers[at + i] = checked(data[i], file, column, () => `row ${at + i} from 0`);
        filled += data.length;
      }
      if (filled !== end - first) broken(new Error(`${filled} of ${end - first} rows of ${JSON.stringify(column)}`));
      first = end;
    }
    read.push(numbers);
  }
  return read;
}

/* CSV */

const [COMMA, NEWLINE, RETURN, MINUS, ZERO] = [44, 10, 13, 45, 48];

/** Columns of whole numbers out of a CSV file of any length. */
async function readCsv(file: string): Promise<Int32Array[]> {
  const stream = createReadStream(file, { highWaterMark: 1 << 20 });
  const bytes = file.endsWith(".gz") ? stream.pipe(createGunzip()) : stream;
  stream.on("error", (error) => bytes.destroy(error));
  const columns = COLUMNS.map(() => new Column(1 << 16));
  /** Which of the columns each field of a line is for, -1 for none; unknown before the header. */
  let wanted: Int32Array | undefined;
  let header = "";
  const decoder = new TextDecoder();
  let [line, field, value, sign, digits, seen] = [2, 0, 0, 1, 0, 0];
  /** What of the field stood in the last piece of the file, for messages. */
  let kept = "";
  const wrong = (index: number, text: string): never => {
    const column = COLUMNS[index] as (typeof COLUMNS)[number];
    return noInteger(file, place(column, `line ${line}`), text.replace(/\r$/, ""), ALLOWED[column]);
  };
  const endField = (text: () => string): void => {
    const index = (wanted as Int32Array)[field] ?? -1;
    if (index >= 0) {
      if (digits === 0 || digits > 15 || value < 0) wrong(index, text());
      const column = COLUMNS[index] as (typeof COLUMNS)[number];
      (columns[index] as Column).push(checked(sign * value, file, column, () => `line ${line}`));
      seen++;
    }
    [field, value, sign, digits] = [field + 1, 0, 1, 0];
  };
  const endLine = (text: () => string): void => {
    const blank = field === 0 && digits === 0 && text().trim() === "";
    if (!blank) {
      endField(text);
      if (seen !== COLUMNS.length) {
        const column = COLUMNS.find((_, i) => ((wanted as Int32Array).indexOf(i) as number) >= field) as string;
        throw new MissingKeyError(
          `${file}, line ${line}: ${field} fields; ${JSON.stringify(column)} is missing, field ${(wanted as Int32Array).indexOf(COLUMNS.indexOf(column as never)) + 1}.`,
          { path: file, value: field },
        );
      }
    }
    [line, field, value, sign, digits, seen] = [line + 1, 0, 0, 1, 0, 0];
  };
  const text = (piece: Uint8Array, from: number, to: number): string =>
    kept + Buffer.from(piece.buffer, piece.byteOffset + from, to - from).toString("latin1");
  const take = (piece: Uint8Array): void => {
    let [from, i] = [0, 0];
    if (!wanted) {
      const end = piece.indexOf(NEWLINE);
      header += decoder.decode(piece.subarray(0, end < 0 ? piece.length : end), { stream: end < 0 });
      if (end < 0) return;
      wanted = headerOf(header, file);
      from = i = end + 1;
    }
    for (; i < piece.length; i++) {
      const byte = piece[i] as number;
      if (byte === COMMA) {
        endField(() => text(piece, from, i));
        from = i + 1;
        kept = "";
      } else if (byte === NEWLINE) {
        endLine(() => text(piece, from, i));
        from = i + 1;
        kept = "";
      } else if (byte >= ZERO && byte <= ZERO + 9) {
        value = 10 * value + byte - ZERO;
        digits++;
      } else if (byte === MINUS && digits === 0 && sign === 1) sign = -1;
      else if (byte !== RETURN || (i + 1 < piece.length && piece[i + 1] !== NEWLINE)) value = Number.NEGATIVE_INFINITY;
    }
    kept = text(piece, from, piece.length);
  };
  try {
    for await (const piece of bytes) take(piece as Uint8Array);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined && error instanceof Error && "errno" in error)
      unreadable(file, error);
    throw error;
  }
  if (!wanted) wanted = headerOf(header, file);
  if (kept !== "") endLine(() => kept);
  return columns.map((column) => column.take());
}

/** The names of a header's fields. */
function namesOf(header: string): string[] {
  return header
    .replace(/^\uFEFF/, "")
    .replace(/\r$/, "")
    .split(",")
    .map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
}

function headerOf(header: string, file: string): Int32Array {
  const names = namesOf(header);
  for (const column of COLUMNS) if (!names.includes(column)) missing(file, column, names);
  return Int32Array.from(names, (name) => COLUMNS.indexOf(name as (typeof COLUMNS)[number]));
}

/**
 * The neurons of a brain in the order in which they are counted: the first column of a CSV file with a header, such as
 * Completeness_783.csv.
 *
 * @returns their ids, as text
 */
export function loadNeurons(file: string): string[] {
  beginning(file);
  const lines = readFileSync(file, "utf8").split(/\r?\n/);
  const [header = ""] = lines;
  if (/^\d+$/.test(namesOf(header)[0] as string)) {
    throw new DocumentError(`${file}, line 1: the file has no header; it must begin with the names of its columns.`, {
      path: file,
      value: header,
    });
  }
  const ids: string[] = [];
  const seen = new Map<string, number>();
  for (let i = 1; i < lines.length; i++) {
    if (lines[i] === "") continue;
    const [id = ""] = namesOf(lines[i] as string);
    if (!/^\d+$/.test(id)) noInteger(file, `line ${i + 1}: the id`, id, "a whole number, the id of a neuron");
    const before = seen.get(id);
    if (before !== undefined)
      throw new DuplicateNameError(`${file}, line ${i + 1}: the neuron ${id} is in line ${before} too.`, {
        path: file,
        value: id,
      });
    seen.set(id, i + 1);
    ids.push(id);
  }
  if (ids.length === 0) throw new DocumentError(`${file}: the file lists no neurons.`, { path: file });
  return ids;
}

/**
 * The graph of a connectome.
 *
 * @param connectivity a `.parquet`, `.csv` or `.csv.gz` file with the columns of COLUMNS
 * @param neurons the file that lists the neurons; without it there are as many as the largest index says, without ids
 * @throws SpikeletError with the file, the row, the value and what is allowed
 */
export async function loadGraph(connectivity: string, neurons?: string): Promise<Graph> {
  const ids = neurons === undefined ? undefined : loadNeurons(neurons);
  const start = beginning(connectivity);
  if (start.startsWith("version https://git-lfs")) {
    throw new DocumentError(
      `${connectivity}: this is a pointer of Git LFS, not the file itself; fetch that with "git lfs pull", or download it from the page of the file.`,
      { path: connectivity },
    );
  }
  const kind = /\.(parquet|csv|csv\.gz)$/.exec(connectivity)?.[1];
  if (kind === undefined) {
    const allowed = ".parquet, .csv or .csv.gz";
    throw new DocumentError(`${connectivity}: the name of the file must end with ${allowed}.`, {
      path: connectivity,
      allowed,
    });
  }
  if ((kind === "parquet") !== start.startsWith("PAR1")) {
    const what = kind === "parquet" ? "no Parquet file: those begin with PAR1" : "a Parquet file, not CSV";
    throw new DocumentError(`${connectivity}: this is ${what}.`, { path: connectivity, value: start.slice(0, 16) });
  }
  const [sources, targets, counts] = (await (kind === "parquet" ? readParquet : readCsv)(connectivity)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const pairs = counts.length;
  if (pairs === 0) throw new DocumentError(`${connectivity}: the file has no rows.`, { path: connectivity });
  let most = 0;
  for (let i = 0; i < pairs; i++) most = Math.max(most, sources[i] as number, targets[i] as number);
  const size = ids?.length ?? most + 1;
  if (most >= size) {
    const row = sources.findIndex((source, i) => source >= size || (targets[i] as number) >= size);
    const column = (sources[row] as number) >= size ? COLUMNS[0] : COLUMNS[1];
    const value = (column === COLUMNS[0] ? sources : targets)[row] as number;
    const where = kind === "parquet" ? `row ${row} from 0` : `pair ${row + 1}`;
    const allowed = `an integer from 0 to ${size - 1}`;
    throw new ValueRangeError(
      `${connectivity}, ${place(column, where)} is ${value}; it must be ${allowed}, since ${neurons} lists ${size} neurons.`,
      { path: connectivity, value, allowed },
    );
  }
  // Indices are not negative, so they are the same numbers without a sign.
  const unsigned = (column: Int32Array): Uint32Array => new Uint32Array(column.buffer, column.byteOffset, pairs);
  return { size, sources: unsigned(sources), targets: unsigned(targets), counts, ...(ids && { ids }) };
}
