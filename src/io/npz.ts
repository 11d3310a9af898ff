/**
 * NumPy's npz: a zip archive of .npy arrays (NEP 1), stored without compression, which `numpy.load` opens. The
 * archive is written as a stream of chunks that are views of the arrays, so that no second copy of a result exists.
 */
import { unzipSync, Zip, ZipPassThrough } from "fflate";
import type { ProjectionWeights, WeightTrace } from "../analysis/tables.js";
import type { PopulationSpikes, PopulationTrace } from "../analysis/types.js";
import { SpikeletError } from "../model/errors.js";

/** Element types that are written and read: float64, float32, uint32, uint8. */
export type NpyData = Float64Array | Float32Array | Uint32Array | Uint8Array;

/** An array with a shape of one or two dimensions, row by row. */
export interface NpyArray {
  readonly data: NpyData;
  readonly shape: readonly number[];
}

/** An array whose rows are made one at a time, when they are written. */
export interface NpyRows {
  readonly type: "float64" | "float32" | "uint32" | "uint8";
  readonly shape: readonly [rows: number, columns: number];
  row(index: number): NpyData;
}

/** What a member of an archive may be: a 1-D typed array, an array with a shape, or rows. */
export type NpzMember = NpyData | NpyArray | NpyRows;

/** The content of an archive. */
export interface NpzContent {
  /** Arrays by their keys, without `.npy`. */
  readonly arrays: Record<string, NpyArray>;
  /** The JSON value in the member `meta.json`; undefined when there is none. */
  readonly meta: unknown;
}

/** An archive that cannot be written or read. */
export class NpzError extends SpikeletError {
  override readonly name = "NpzError";
  override readonly code = "npz";
  /** Key of the array, or undefined when the whole archive is meant. */
  readonly key: string | undefined;

  constructor(message: string, key?: string, place: { readonly file?: string; readonly value?: unknown } = {}) {
    const parts = [
      ...(place.file === undefined ? [] : [place.file]),
      ...(key === undefined ? [] : [JSON.stringify(key)]),
    ];
    const path = place.file ?? key;
    super([...parts, message].join(": "), { ...(path !== undefined && { path }), value: place.value });
    this.key = key;
  }
}

const META = "meta.json";

/** Sizes in a zip archive without its 64-bit extension have 32 bits; some room is left for the directory. */
const MAX_ARCHIVE = 2 ** 32 - 2 ** 20;

const TYPES = {
  float64: { descr: "<f8", bytes: 8, array: Float64Array },
  float32: { descr: "<f4", bytes: 4, array: Float32Array },
  uint32: { descr: "<u4", bytes: 4, array: Uint32Array },
  uint8: { descr: "|u1", bytes: 1, array: Uint8Array },
} as const;

type TypeName = keyof typeof TYPES;

/** Bytes of an element of the other integers that NumPy writes. */
const INTEGERS: Readonly<Record<string, number>> = { "|i1": 1, "<i2": 2, "<u2": 2, "<i4": 4, "<i8": 8, "<u8": 8 };

/**
 * The header of a .npy file, version 1.0: padded so that the data begin at a multiple of 64 bytes.
 *
 * @param type element type
 * @param shape one or two whole numbers
 * @throws NpzError when the shape is not of that kind
 */
export function npyHeader(type: TypeName, shape: readonly number[]): Uint8Array {
  if (shape.length < 1 || shape.length > 2 || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new NpzError(`the shape [${shape.join(", ")}] is not one or two whole numbers >= 0.`);
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${TYPES[type].descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = new Uint8Array(length).fill(0x20);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  for (let i = 0; i < text.length; i++) header[10 + i] = text.charCodeAt(i);
  header[length - 1] = 0x0a;
  return header;
}

/**
 * Writes an archive. The same content gives the same bytes.
 *
 * @param members arrays by their keys; a key may hold slashes and becomes the member `KEY.npy`
 * @param meta a JSON value for the member `meta.json`, which `json.loads(numpy.load(FILE)["meta.json"])` reads;
 *   left out when undefined
 * @yields chunks of the file; they may be views of the arrays, so write or copy them before changing those
 * @throws NpzError when a key is empty, doubled or no relative path, a shape does not fit its data, or the archive
 *   would exceed 4 GiB
 */
export async function* npzChunks(
  members: Readonly<Record<string, NpzMember>>,
  meta?: unknown,
): AsyncGenerator<Uint8Array> {
  const entries = Object.entries(members).map(([key, member]) => checkedMember(key, member));
  let total = 0;
  for (const { header, bytes } of entries) total += header.length + bytes + 512;
  if (total > MAX_ARCHIVE) {
    throw new NpzError(`the archive would hold ${total} bytes; it must stay below 4 GiB. Record less, or write CSV.`);
  }
  const chunks: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error !== null) failure = error;
    else if (chunk.length > 0) chunks.push(chunk);
  });
  const begin = (name: string) => {
    const file = new ZipPassThrough(name);
    file.mtime = new Date(1980, 0, 1);
    zip.add(file);
    return file;
  };
  function* written(): Generator<Uint8Array> {
    if (failure !== null) throw new NpzError(failure.message);
    yield* chunks.splice(0);
  }

  for (const { key, header, parts } of entries) {
    const file = begin(`${key}.npy`);
    file.push(header);
    for (const part of parts()) {
      for (let at = 0; at < part.length; at += 1 << 20) {
        file.push(part.subarray(at, at + (1 << 20)));
        yield* written();
      }
    }
    file.push(new Uint8Array(0), true);
    yield* written();
  }
  if (meta !== undefined) begin(META).push(new TextEncoder().encode(JSON.stringify(meta)), true);
  zip.end();
  yield* written();
}

/**
 * Writes an archive into one array. See `npzChunks`.
 *
 * @param members arrays by their keys
 * @param meta a JSON value for the member `meta.json`
 * @throws NpzError as `npzChunks` does
 */
export async function writeNpz(members: Readonly<Record<string, NpzMember>>, meta?: unknown): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of npzChunks(members, meta)) {
    chunks.push(chunk);
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Reads an archive written here or by `numpy.savez` and `numpy.savez_compressed`. Integers of other types than uint32
 * and uint8 are given as Float64Array.
 *
 * @param bytes the whole archive
 * @param maxBytes refuses an archive whose members are larger than this together; 1 GiB when left out
 * @throws NpzError when it is no zip archive, is larger than `maxBytes`, or holds an array of another element type
 */
export async function readNpz(bytes: Uint8Array, maxBytes?: number): Promise<NpzContent> {
  return unpackNpz(bytes, maxBytes);
}

/** `readNpz` as a function that does not wait. */
export function unpackNpz(bytes: Uint8Array, maxBytes = 2 ** 30): NpzContent {
  let total = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter(file) {
        total += file.originalSize;
        if (total > maxBytes) {
          throw new NpzError(`the archive unpacks to more than ${maxBytes} bytes.`, file.name);
        }
        return file.name.endsWith(".npy") || file.name === META;
      },
    });
  } catch (error) {
    if (error instanceof NpzError) throw error;
    throw new NpzError(`this is no readable npz archive (${error instanceof Error ? error.message : String(error)}).`);
  }
  const arrays: Record<string, NpyArray> = Object.create(null) as Record<string, NpyArray>;
  let meta: unknown;
  for (const [name, content] of Object.entries(files)) {
    if (name === META) meta = readMeta(content);
    else arrays[name.slice(0, -4)] = readNpy(content, name.slice(0, -4));
  }
  return { arrays, meta };
}

/**
 * Spike trains as the members of an archive: `NAME/spikes/times` (float64, ms) and `NAME/spikes/neurons` (uint32)
 * of each population. In keys, slashes, backslashes, "%", control characters and leading dots of a
 * name are percent-encoded.
 */
export function spikesMembers(
  populations: readonly Pick<PopulationSpikes, "name" | "spikes">[],
): Record<string, NpzMember> {
  const members: Record<string, NpzMember> = Object.create(null) as Record<string, NpzMember>;
  for (const { name, spikes } of populations) {
    const key = unusedKey(`${keyPart(name)}/spikes`, (prefix) => `${prefix}/times` in members);
    members[`${key}/times`] = spikes.times;
    members[`${key}/neurons`] = spikes.neurons;
  }
  return members;
}

/**
 * Traces as the members of an archive: `NAME/VARIABLE/time` (float64, ms), `NAME/VARIABLE/neurons` (uint32) and
 * `NAME/VARIABLE/values` (float64, one row per recorded neuron). A second trace of the same variable gets `VARIABLE#2`.
 */
export function tracesMembers(traces: readonly PopulationTrace[]): Record<string, NpzMember> {
  const members: Record<string, NpzMember> = Object.create(null) as Record<string, NpzMember>;
  for (const trace of traces) {
    const base = `${keyPart(trace.population)}/${keyPart(trace.variable)}`;
    const key = unusedKey(base, (prefix) => `${prefix}/time` in members);
    members[`${key}/time`] = trace.time;
    members[`${key}/neurons`] = trace.neurons;
    members[`${key}/values`] = {
      type: "float64",
      shape: [trace.neurons.length, trace.time.length],
      row: (position) => trace.values(position),
    };
  }
  return members;
}

/**
 * Weights as the members of an archive: `NAME/source`, `NAME/target` (uint32) and `NAME/weight` (float64) of each
 * projection.
 */
export function weightsMembers(projections: readonly ProjectionWeights[]): Record<string, NpzMember> {
  const members: Record<string, NpzMember> = Object.create(null) as Record<string, NpzMember>;
  for (const { name, sources, targets, weights } of projections) {
    const key = keyPart(name);
    members[`${key}/source`] = sources;
    members[`${key}/target`] = targets;
    members[`${key}/weight`] = weights;
  }
  return members;
}

/**
 * Weights over time as the members of an archive: `NAME/time` (float64, ms), `NAME/synapse`, `NAME/source` and
 * `NAME/target` (uint32) and `NAME/weight` (float64, one row per recorded synapse) of each recording. A second
 * recording of the same projection gets `NAME#2`.
 */
export function weightTracesMembers(traces: readonly WeightTrace[]): Record<string, NpzMember> {
  const members: Record<string, NpzMember> = Object.create(null) as Record<string, NpzMember>;
  for (const trace of traces) {
    const key = unusedKey(keyPart(trace.name), (prefix) => `${prefix}/time` in members);
    members[`${key}/time`] = trace.time;
    members[`${key}/synapse`] = trace.synapses;
    members[`${key}/source`] = trace.sources;
    members[`${key}/target`] = trace.targets;
    members[`${key}/weight`] = {
      type: "float64",
      shape: [trace.synapses.length, trace.time.length],
      row: (position) => trace.values(position),
    };
  }
  return members;
}

/**
 * A name as a part of a key. Slashes divide the parts of a key, dots at the start could climb out of a folder the
 * archive is unpacked into, and a number at the end counts recordings of one name (`unusedKey`; that of a projection, "
 * #2", stands apart); whatever else a name holds, such as "a -> b (exc)", a reader finds the array by.
 */
export function keyPart(name: string): string {
  return name.replace(/[\p{Cc}%/\\]|^\.+|\p{Surrogate}|(?<! )#(?=\d+$)/gu, (text) =>
    Array.from(text, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

/** The number that `unusedKey` puts behind a key, if any. */
export const COUNTED = /(?<! )#\d+$/;

function unusedKey(key: string, used: (key: string) => boolean): string {
  let free = key;
  for (let n = 2; used(free); n++) free = `${key}#${n}`;
  return free;
}

interface CheckedMember {
  readonly key: string;
  readonly header: Uint8Array;
  readonly bytes: number;
  readonly parts: () => Iterable<Uint8Array>;
}

function checkedMember(key: string, member: NpzMember): CheckedMember {
  if (key === "" || key.length > 1000 || /^\/|\\|(^|\/)\.\.(\/|$)/.test(key)) {
    throw new NpzError("a key must be a relative path of 1 to 1000 characters.", key);
  }
  if (!ArrayBuffer.isView(member) && "row" in member) {
    const { type, shape } = member;
    const header = npyHeader(type, shape);
    const [rows, columns] = shape;
    const width = columns * TYPES[type].bytes;
    return {
      key,
      header,
      bytes: rows * width,
      *parts() {
        for (let i = 0; i < rows; i++) {
          const row = bytesOf(member.row(i));
          if (row.length !== width) {
            throw new NpzError(`row ${i} has ${row.length} bytes; ${columns} of type ${type} have ${width}.`, key);
          }
          yield row;
        }
      },
    };
  }
  const { data, shape } = ArrayBuffer.isView(member) ? { data: member, shape: [member.length] } : member;
  const header = npyHeader(typeOf(data, key), shape);
  if (shape.reduce((product, n) => product * n, 1) !== data.length) {
    throw new NpzError(`the shape [${shape.join(", ")}] does not fit ${data.length} elements.`, key);
  }
  return { key, header, bytes: data.byteLength, parts: () => [bytesOf(data)] };
}

function typeOf(data: NpyData, key: string): TypeName {
  for (const type of Object.keys(TYPES) as TypeName[]) {
    if (data instanceof TYPES[type].array) return type;
  }
  throw new NpzError("an array must be a Float64Array, Float32Array, Uint32Array or Uint8Array.", key);
}

function bytesOf(data: NpyData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function readMeta(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(content));
  } catch {
    throw new NpzError("the member is no JSON.", META);
  }
}

function readNpy(content: Uint8Array, key: string): NpyArray {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  const version = content[6] ?? 0;
  const start = version === 1 ? 10 : 12;
  if (content.length < start || !magic.every((byte, i) => content[i] === byte) || version < 1 || version > 3) {
    throw new NpzError("the member is no .npy array of version 1 to 3.", key);
  }
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder().decode(content.subarray(start, Math.min(end, content.length)));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (descr === undefined || shapeText === undefined) throw new NpzError("the .npy header cannot be read.", key);
  const type = (Object.keys(TYPES) as TypeName[]).find((name) => TYPES[name].descr === descr);
  const width = INTEGERS[descr];
  if (type === undefined && width === undefined) {
    const known = [...Object.values(TYPES).map((t) => t.descr), ...Object.keys(INTEGERS)];
    throw new NpzError(`element type '${descr}'; it must be one of ${known.join(", ")}.`, key);
  }
  const shape = shapeText.split(",").flatMap((n) => (n.trim() === "" ? [] : [Number(n)]));
  if (shape.length > 1 && /'fortran_order':\s*True/.test(header)) {
    throw new NpzError("the array is stored by columns; save numpy.ascontiguousarray of it.", key);
  }
  const length = shape.reduce((product, n) => product * n, 1);
  const bytes = type === undefined ? (width as number) : TYPES[type].bytes;
  if (content.length - end !== length * bytes) {
    throw new NpzError(`the array has ${content.length - end} bytes; its shape needs ${length * bytes}.`, key);
  }
  // A copy, because typed arrays need an aligned start.
  const { buffer } = content.slice(end);
  return { data: type === undefined ? integers(descr, buffer) : new TYPES[type].array(buffer), shape };
}

function integers(descr: string, buffer: ArrayBuffer): Float64Array {
  switch (descr) {
    case "|i1":
      return Float64Array.from(new Int8Array(buffer));
    case "<i2":
      return Float64Array.from(new Int16Array(buffer));
    case "<u2":
      return Float64Array.from(new Uint16Array(buffer));
    case "<i4":
      return Float64Array.from(new Int32Array(buffer));
    case "<i8":
      return Float64Array.from(new BigInt64Array(buffer), Number);
    default:
      return Float64Array.from(new BigUint64Array(buffer), Number);
  }
}
