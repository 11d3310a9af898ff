/**
 * HDF5 files as bytes, both ways, and the only place that knows the library that does it: h5wasm, an optional peer that
 * is loaded when the first file is written or read. Where the library fails, it writes nothing, or gives what happens
 * to lie in its memory, and says so on standard error or not at all; here each step is checked, and a failure is an
 * error with the file and the path in it.
 */
import {
  describe,
  type ErrorDetails,
  DocumentError,
  LengthError,
  MissingKeyError,
  SpikeletError,
  UnavailableError,
  ValueRangeError,
  ValueTypeError,
} from "../model/errors.js";

type H5 = typeof import("h5wasm");
type Metadata = import("h5wasm").Metadata;

// ----------------------------------------------------------------------------------------------------- what is written

export type NumberArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Numbers, of the type of the array. */
export interface Numbers {
  readonly numbers: NumberArray;
  /** [] for a single number; [length] when left out. */
  readonly shape?: readonly number[];
}

/** Text, or a list of texts. */
export interface Text {
  readonly text: string | readonly string[];
  /** `fixed`: as many bytes as the longest has in UTF-8, without an end mark; `variable`: each of its own length. */
  readonly length: "fixed" | "variable";
  /** Of a list; [number of texts] when left out. */
  readonly shape?: readonly number[];
}

/** An object reference. */
export interface ReferenceTo {
  /** Path of the object from the root, such as /units/spike_times. */
  readonly reference: string;
}

export type Attributes = Readonly<Record<string, Numbers | Text | ReferenceTo>>;

export interface Dataset {
  readonly data: Numbers | Text;
  readonly attributes?: Attributes;
  /** Elements of a chunk in each dimension; contiguous when left out. */
  readonly chunks?: readonly number[];
  /** Largest shape, null where there is none; needs chunks. */
  readonly maxShape?: readonly (number | null)[];
}

export interface Group {
  readonly children: Children;
  readonly attributes?: Attributes;
}

/** Another name of an object. */
export interface HardLink {
  /** Path of the object from the root. */
  readonly link: string;
}

export type Children = Readonly<Record<string, Dataset | Group | HardLink>>;

/** Text of a fixed length. */
export const fixedText = (text: string | readonly string[]): Text => ({ text, length: "fixed" });
/** Text of variable length. */
export const variableText = (text: string | readonly string[], shape?: readonly number[]): Text => ({
  text,
  length: "variable",
  ...(shape && { shape }),
});
/** Numbers. */
export const numbers = (array: NumberArray, shape?: readonly number[]): Numbers => ({
  numbers: array,
  shape: shape ?? [array.length],
});
/** One number, as the type of its array. */
export const scalar = (array: NumberArray): Numbers => ({ numbers: array, shape: [] });
/** A dataset. */
export const dataset = (data: Numbers | Text, attributes: Attributes = {}): Dataset => ({ data, attributes });
/** A group. */
export const group = (children: Children, attributes: Attributes = {}): Group => ({ children, attributes });
/** Another name of an object that has a path from the root. */
export const hardLink = (link: string): HardLink => ({ link });

/** Largest array that is written or read, in bytes: h5wasm has 2 GiB of memory, for other things too. */
const MAX_ARRAY_BYTES = 2 ** 30;

/** Message and details of an error at a place. */
function told(place: string, what: string, details: ErrorDetails = {}): [string, ErrorDetails] {
  return [`${place}: ${what}.`, { path: place, ...details }];
}

// --------------------------------------------------------------------------------------------------------- the library

let loaded: Promise<H5> | undefined;
/** The file that the library broke on. */
let trapped: string | undefined;

/**
 * The library.
 *
 * @param load what imports it
 * @throws UnavailableError when it is not installed, or broke on an earlier file
 */
export async function loadHdf5(load?: () => Promise<H5>): Promise<H5> {
  if (load !== undefined) return start(load);
  if (trapped !== undefined) {
    throw new UnavailableError(`h5wasm broke on ${trapped}; start the program anew to read other HDF5 files.`);
  }
  loaded ??= start(() => import("h5wasm"));
  try {
    return await loaded;
  } catch (error) {
    loaded = undefined;
    throw error;
  }
}

async function start(load: () => Promise<H5>): Promise<H5> {
  let library: H5;
  try {
    library = await load();
  } catch (error) {
    // Node's error has the code, that of a browser is a TypeError.
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND" && !(error instanceof TypeError)) throw error;
    const remedy = "install it beside spikelet: npm install h5wasm";
    throw new UnavailableError(`HDF5 files need the package "h5wasm", which is not installed; ${remedy}.`, {
      value: "h5wasm",
    });
  }
  await library.ready;
  return library;
}

interface Stream {
  readonly path: string;
  stream_ops: { write(stream: object, buffer: Uint8Array, offset: number, length: number): number };
}

/** The library's file system, as far as it is used; h5wasm's own typings know no streams. */
interface FileSystem {
  readFile(path: string): Uint8Array;
  writeFile(path: string, bytes: Uint8Array): void;
  unlink(path: string): void;
  analyzePath(path: string): { readonly exists: boolean };
  getStream(descriptor: number): Stream | null;
  readonly streams: readonly (Stream | null)[];
  close(stream: Stream): void;
}

const fileSystem = (library: H5): FileSystem => library.FS as unknown as FileSystem;

let files = 0;

/** Works on a file of the library's file system, which is gone afterwards; the library is silent on standard error. */
function withFile<T>(library: H5, work: (name: string) => T): T {
  const system = fileSystem(library);
  const name = `/spikelet-${++files}.h5`;
  const errors = system.getStream(2);
  const operations = errors?.stream_ops;
  if (errors && operations) errors.stream_ops = { ...operations, write: (_stream, _buffer, _offset, length) => length };
  try {
    return work(name);
  } finally {
    if (system.analyzePath(name).exists) system.unlink(name);
    if (errors && operations) errors.stream_ops = operations;
  }
}

/** What the library threw, in words; it throws texts too. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the library's code ended where it stood, so that its memory is in no state that it could go on from. */
function isTrap(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || typeof error === "number";
}

// ------------------------------------------------------------------------------------------------------------- writing

/**
 * The bytes of a file.
 *
 * @param root children and attributes of the root
 * @param title what the file is called in errors
 * @throws UnavailableError when h5wasm is not installed; SpikeletError with the path of what cannot be written
 */
export async function writeHdf5(root: Group, title: string): Promise<Uint8Array> {
  const library = await loadHdf5();
  return withFile(library, (name) => {
    const file = new library.File(name, "w");
    if (file.file_id < 0n) throw new SpikeletError(...told(title, "the file cannot be made"));
    try {
      new Writer(library, file, title).write(root);
      file.flush();
    } finally {
      file.close();
    }
    return fileSystem(library).readFile(name);
  });
}

type Place = InstanceType<H5["Group"]> | InstanceType<H5["Dataset"]>;

/** What the library takes. */
interface Prepared {
  readonly values: NumberArray | string[];
  readonly shape: number[];
  readonly dtype: string;
}

class Writer {
  private readonly later: (() => void)[] = [];
  private readonly library: H5;
  private readonly root: InstanceType<H5["Group"]>;
  private readonly title: string;

  constructor(library: H5, root: InstanceType<H5["Group"]>, title: string) {
    this.library = library;
    this.root = root;
    this.title = title;
  }

  /** All objects, then what points to them. */
  write({ children, attributes = {} }: Group): void {
    this.attributes(this.root, "/", attributes);
    this.children(this.root, "/", children);
    for (const step of this.later) step();
  }

  private fail(path: string, what: string): never {
    throw new SpikeletError(...told(`${this.title}:${path}`, what));
  }

  /** Runs a step of the library; a failure gets its place. */
  private step<T>(path: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof SpikeletError) throw error;
      return this.fail(path, `it cannot be written: ${reasonOf(error)}`);
    }
  }

  private children(parent: InstanceType<H5["Group"]>, at: string, children: Children): void {
    for (const [name, child] of Object.entries(children)) {
      const path = pathOf(at, name);
      this.checkName(path, name);
      if ("children" in child) {
        const made = this.step(path, () => parent.create_group(name));
        if (!(made instanceof this.library.Group)) this.fail(path, "the group was not made");
        this.attributes(made, path, child.attributes ?? {});
        this.children(made, path, child.children);
      } else if ("data" in child) this.dataset(parent, path, name, child);
      else this.later.push(() => this.link(parent, path, name, child.link));
    }
  }

  private checkName(path: string, name: string): void {
    if (name === "" || name === "." || /[/\0]/.test(name)) this.fail(path, `${describe(name)} is no name of an object`);
  }

  private dataset(parent: InstanceType<H5["Group"]>, path: string, name: string, given: Dataset): void {
    const { data, attributes = {}, chunks, maxShape } = given;
    const { values, shape, dtype } = this.prepared(path, data);
    const layout = { ...(chunks && { chunks: [...chunks] }), ...(maxShape && { maxshape: [...maxShape] }) };
    const made = this.step(path, () => parent.create_dataset({ name, data: values, shape, dtype, ...layout }));
    if (!(made instanceof this.library.Dataset)) return this.fail(path, "the dataset was not made");
    if (String(made.shape) !== String(shape)) this.fail(path, "the dataset has another shape than it was given");
    this.attributes(made, path, attributes);
  }

  private link(parent: InstanceType<H5["Group"]>, path: string, name: string, target: string): void {
    const status = this.step(path, () => parent.create_hard_link(target, name));
    if (status < 0 || parent.get(name) === null) this.fail(path, `the link to ${target} was not made`);
  }

  private attributes(owner: Place, path: string, attributes: Attributes): void {
    for (const [name, value] of Object.entries(attributes)) {
      const place = `${path}@${name}`;
      if ("reference" in value) this.later.push(() => this.referenceAttribute(owner, place, name, value.reference));
      else {
        const { values, shape, dtype } = this.prepared(place, value);
        this.step(place, () => owner.create_attribute(name, values, shape, dtype));
        this.checkAttribute(owner, place, name);
      }
    }
  }

  private referenceAttribute(owner: Place, place: string, name: string, target: string): void {
    const object = this.root.get(target);
    const { Group: Groups, Dataset: Datasets } = this.library;
    if (!(object instanceof Groups || object instanceof Datasets)) this.fail(place, `there is no ${target}`);
    this.step(place, () => owner.create_attribute(name, object.create_reference(), [], "Reference"));
    this.checkAttribute(owner, place, name);
  }

  private checkAttribute(owner: Place, place: string, name: string): void {
    if (!this.step(place, () => Object.hasOwn(owner.attrs, name))) this.fail(place, "the attribute was not made");
  }

  private prepared(path: string, value: Numbers | Text): Prepared {
    if ("numbers" in value) {
      const { numbers: array, shape = [array.length] } = value;
      const size = shape.reduce((product, n) => product * n, 1);
      if (size !== array.length) this.fail(path, `${array.length} numbers do not make the shape [${shape.join(", ")}]`);
      const bytes = array.byteLength;
      if (bytes > MAX_ARRAY_BYTES) this.fail(path, `it has ${bytes} bytes, and an array can have ${MAX_ARRAY_BYTES}`);
      return { values: array, shape: [...shape], dtype: typeOf(array) };
    }
    const list = typeof value.text === "string" ? [value.text] : [...value.text];
    const shape = typeof value.text === "string" ? [] : [...(value.shape ?? [list.length])];
    const size = shape.reduce((product, n) => product * n, 1);
    if (size !== list.length) this.fail(path, `${list.length} texts do not make the shape [${shape.join(", ")}]`);
    if (list.some((text) => text.includes("\0"))) this.fail(path, "a text with a null character cannot be written");
    if (value.length === "variable") return { values: list, shape, dtype: "S" };
    const encoder = new TextEncoder();
    const longest = list.reduce((most, text) => Math.max(most, encoder.encode(text).length), 0);
    if (longest === 0) this.fail(path, "a text of fixed length cannot be empty");
    return { values: list, shape, dtype: `S${longest}` };
  }
}

/** h5wasm's word for the type of an array. */
function typeOf(array: NumberArray): string {
  if (array instanceof Float64Array) return "<d";
  if (array instanceof Float32Array) return "<f";
  if (array instanceof Int32Array) return "<i";
  if (array instanceof Uint32Array) return "<I";
  if (array instanceof BigInt64Array) return "<q";
  if (array instanceof BigUint64Array) return "<Q";
  if (array instanceof Int16Array) return "<h";
  if (array instanceof Uint16Array) return "<H";
  if (array instanceof Int8Array) return "<b";
  return "<B";
}

function pathOf(parent: string, name: string): string {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}

// ------------------------------------------------------------------------------------------------------------- reading

/** Groups in groups; a file of any format has a few, a cycle of links has as many as one asks for. */
const MAX_DEPTH = 32;
/** Largest attribute, in bytes. */
const MAX_ATTRIBUTE_BYTES = 2 ** 20;
/** Most texts in a dataset of variable text, each of which is an object of its own. */
const MAX_TEXTS = 2 ** 20;
/** Deflate makes at most so many bytes of one. */
const MAX_INFLATION = 1032;

/**
 * Reads a file.
 *
 * @param bytes the file; filters of the HDF5 library itself (gzip, shuffle, checksum) are undone
 * @param title what it is called in errors
 * @param read what reads; groups and datasets live as long as it runs, and it is not asynchronous
 * @throws UnavailableError when h5wasm is not installed; DocumentError when it is no HDF5 file, or a broken one; an
 * error with the file and the path in it for all that is not as it was asked for
 */
export async function readHdf5<T>(bytes: Uint8Array, title: string, read: (root: GroupReader) => T): Promise<T> {
  const library = await loadHdf5();
  const broken = brokenHeap(bytes);
  if (broken !== undefined) throw new DocumentError(...told(title, `the heap of its texts at byte ${broken} is broken`));
  return withFile(library, (name) => {
    fileSystem(library).writeFile(name, bytes);
    const file = guarded(title, "/", () => new library.File(name, "r"));
    if (file.file_id < 0n) throw new DocumentError(...told(title, whyNot(bytes)));
    try {
      return read(new GroupReader({ library, id: file.file_id, title, bytes: bytes.byteLength }, "/", 0));
    } finally {
      if (trapped === undefined) file.close();
    }
  });
}

/** Signature and version of a heap of texts, and the bytes before its first object and of each object's head. */
const HEAP = [0x47, 0x43, 0x4f, 0x4c, 1];
const HEAD = 16;
const LEAST_HEAP = 4096;

/**
 * Where a heap of texts begins whose objects do not lie one behind the other within it; undefined where there is none.
 * The library goes from object to object by their sizes, and trusts them.
 */
function brokenHeap(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = bytes.indexOf(0x47); at >= 0; at = bytes.indexOf(0x47, at + 1)) {
    if (at + HEAD > bytes.length || HEAP.some((byte, k) => bytes[at + k] !== byte)) continue;
    const length = Number(view.getBigUint64(at + 8, true));
    const end = at + length;
    // One that is shorter, or longer than the file, the library refuses itself; numbers may look like one.
    if (length < LEAST_HEAP || end > bytes.length) continue;
    for (let object = at + HEAD; object + HEAD <= end; ) {
      const index = view.getUint16(object, true);
      const size = Number(view.getBigUint64(object + 8, true));
      // The last one, with index 0, is the free space with its head.
      const taken = index === 0 ? size : HEAD + Math.ceil(size / 8) * 8;
      if (taken === 0 || object + taken > end) return at;
      object += taken;
    }
  }
  return undefined;
}

/** Why the library does not open it. */
function whyNot(bytes: Uint8Array): string {
  const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
  if (bytes.byteLength === 0) return "it is empty";
  if (signature.some((byte, i) => bytes[i] !== byte)) return "it is no HDF5 file";
  return "it is a broken or truncated HDF5 file";
}

interface Opened {
  readonly library: H5;
  readonly id: bigint;
  readonly title: string;
  /** Size of the whole file. */
  readonly bytes: number;
}

/** Runs a step of the library; what it throws becomes an error with the place. */
function guarded<T>(title: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SpikeletError) throw error;
    if (isTrap(error)) trapped = title;
    const what = isTrap(error) ? "the file is broken" : `it cannot be read (${reasonOf(error)})`;
    throw new DocumentError(...told(`${title}:${path}`, what));
  }
}

/** What groups and datasets have in common: a place, and attributes. */
abstract class ObjectReader {
  protected readonly file: Opened;
  /** Path from the root. */
  readonly path: string;

  constructor(file: Opened, path: string) {
    this.file = file;
    this.path = path;
  }

  /** File and path, as errors name it: nodes.h5:/nodes/cortex. */
  get place(): string {
    return `${this.file.title}:${this.path}`;
  }

  protected guard<T>(work: () => T): T {
    return guarded(this.file.title, this.path, work);
  }

  protected get module(): H5["Module"] {
    return this.file.library.Module;
  }

  /** Names of the attributes. */
  attributes(): string[] {
    return this.guard(() => this.module.get_attribute_names(this.file.id, this.path));
  }

  /**
   * Text of an attribute; undefined when there is none of the name.
   *
   * @throws ValueTypeError when it is something else than one text
   */
  text(name: string): string | undefined {
    const found = this.attribute(name);
    if (found === undefined) return undefined;
    const { value } = found;
    if (Array.isArray(value) && value.length === 1) return value[0] as string;
    const what = `expected a text, got ${describe(value)}`;
    throw new ValueTypeError(...told(`${this.place}@${name}`, what, { value, allowed: "a text" }));
  }

  /**
   * Numbers of an attribute; undefined when there is none of the name.
   *
   * @throws ValueTypeError when it is something else
   */
  numbersOf(name: string): Float64Array | undefined {
    const found = this.attribute(name);
    if (found === undefined) return undefined;
    const { value } = found;
    if (value instanceof Float64Array) return value;
    throw new ValueTypeError(...told(`${this.place}@${name}`, "expected numbers, got texts", { allowed: "numbers" }));
  }

  private attribute(name: string): { readonly value: Float64Array | string[] } | undefined {
    if (!this.attributes().includes(name)) return undefined;
    const place = `${this.path}@${name}`;
    const { id, title } = this.file;
    return guarded(title, place, () => {
      const metadata = this.module.get_attribute_metadata(id, this.path, name);
      const size = sizeOf(metadata, `${title}:${place}`, MAX_ATTRIBUTE_BYTES);
      const read = (at: bigint): number => this.module.get_attribute_data(id, this.path, name, at);
      const reclaim = (at: bigint): number => this.module.reclaim_vlen_memory(id, this.path, name, at);
      return { value: valuesOf(this.file, { metadata, size, place: `${title}:${place}`, read, reclaim }) };
    });
  }
}

/** A group of a file. */
export class GroupReader extends ObjectReader {
  private readonly depth: number;

  constructor(file: Opened, path: string, depth: number) {
    super(file, path);
    this.depth = depth;
  }

  /** Names of what is in it. */
  keys(): string[] {
    return this.guard(() => this.module.get_names(this.file.id, this.path, false));
  }

  /** What a name stands for. Links into other files count as nothing. */
  kindOf(name: string): "group" | "dataset" | undefined {
    const path = pathOf(this.path, name);
    const { id } = this.file;
    if (!this.keys().includes(name)) return undefined;
    const { H5G_GROUP, H5G_DATASET } = this.module;
    const type = this.guard(() => this.module.get_type(id, path));
    // For a link that leads nowhere the library's answer is what lay in its memory, so the object is opened.
    const opens = (open: () => unknown): boolean => {
      try {
        guarded(this.file.title, path, open);
        return true;
      } catch (error) {
        if (trapped !== undefined) throw error;
        return false;
      }
    };
    if (type === H5G_GROUP && opens(() => this.module.get_names(id, path, false))) return "group";
    if (type === H5G_DATASET && opens(() => this.module.get_dataset_metadata(id, path))) return "dataset";
    return undefined;
  }

  /** A group in it; undefined when there is none of the name. */
  groupIfAny(name: string): GroupReader | undefined {
    const kind = this.kindOf(name);
    if (kind === undefined) return undefined;
    const path = pathOf(this.path, name);
    const place = `${this.file.title}:${path}`;
    if (kind !== "group") throw new ValueTypeError(...told(place, "expected a group, got a dataset"));
    if (this.depth + 1 > MAX_DEPTH) {
      throw new DocumentError(...told(place, `more than ${MAX_DEPTH} groups deep; its links go in a circle`));
    }
    return new GroupReader(this.file, path, this.depth + 1);
  }

  /** @throws MissingKeyError when there is none of the name */
  group(name: string): GroupReader {
    return this.groupIfAny(name) ?? this.missing(name, "group");
  }

  /** A dataset in it; undefined when there is none of the name. */
  datasetIfAny(name: string): DatasetReader | undefined {
    const kind = this.kindOf(name);
    if (kind === undefined) return undefined;
    const path = pathOf(this.path, name);
    const place = `${this.file.title}:${path}`;
    if (kind !== "dataset") throw new ValueTypeError(...told(place, "expected a dataset, got a group"));
    return new DatasetReader(this.file, path);
  }

  /** @throws MissingKeyError when there is none of the name */
  dataset(name: string): DatasetReader {
    return this.datasetIfAny(name) ?? this.missing(name, "dataset");
  }

  private missing(name: string, what: string): never {
    const names = this.keys();
    const some = `${names.slice(0, 12).join(", ")}${names.length > 12 ? ", ..." : ""}`;
    const shown = names.length === 0 ? "It is empty" : `There: ${some}`;
    const message = `the ${what} ${describe(name)} is missing. ${shown}`;
    throw new MissingKeyError(...told(this.place, message, { allowed: names }));
  }
}

/** A dataset of a file. */
export class DatasetReader extends ObjectReader {
  private readonly metadata: Metadata;
  /** Its dimensions; [] for a single value. */
  readonly shape: readonly number[];

  constructor(file: Opened, path: string) {
    super(file, path);
    this.metadata = this.guard(() => this.module.get_dataset_metadata(file.id, path));
    this.shape = this.metadata.shape ?? [];
  }

  /** Number of elements. */
  get length(): number {
    return this.metadata.shape === null ? 0 : this.shape.reduce((product, n) => product * n, 1);
  }

  /** Whether its elements are numbers. */
  get isNumeric(): boolean {
    return NUMERIC.includes(TYPES[this.metadata.type] ?? "");
  }

  /**
   * Its numbers, row by row; whole numbers of 64 bits as long as a double holds them.
   *
   * @param length how many there must be; any number when left out
   */
  numbers(length?: number): Float64Array {
    const value = this.values(length);
    if (value instanceof Float64Array) return value;
    throw new ValueTypeError(...told(this.place, "expected numbers, got texts", { allowed: "numbers" }));
  }

  /**
   * Its whole numbers, row by row.
   *
   * @param range smallest and largest that is allowed
   * @param length how many there must be; any number when left out
   */
  integers([least, most]: readonly [number, number], length?: number): Float64Array {
    const values = this.numbers(length);
    values.forEach((value, i) => {
      if (Number.isInteger(value) && value >= least && value <= most) return;
      const allowed = `a whole number from ${least} to ${most}`;
      const what = `${value} is not allowed; expected ${allowed}`;
      throw new ValueRangeError(...told(`${this.place}[${i}]`, what, { value, allowed }));
    });
    return values;
  }

  /** Its texts. */
  texts(length?: number): string[] {
    const value = this.values(length);
    if (Array.isArray(value)) return value;
    throw new ValueTypeError(...told(this.place, "expected texts, got numbers", { allowed: "texts" }));
  }

  private values(length?: number): Float64Array | string[] {
    const { id, bytes, title } = this.file;
    if (length !== undefined && this.length !== length) {
      const what = `expected ${length} elements, got ${this.length}`;
      throw new LengthError(...told(this.place, what, { value: this.length, allowed: `${length} elements` }));
    }
    const { metadata, place } = this;
    const size = sizeOf(metadata, place, MAX_ARRAY_BYTES);
    if (size > MAX_INFLATION * bytes) throw this.claims(`${size} bytes`);
    const chunk = (metadata.chunks ?? []).reduce((product, n) => product * n, metadata.size);
    if (chunk > MAX_ARRAY_BYTES) throw this.claims(`chunks of ${chunk} bytes`);
    if (metadata.virtual_sources !== undefined) {
      throw new UnavailableError(...told(place, "its data are in other files, which are not looked for"));
    }
    return guarded(title, this.path, () =>
      valuesOf(this.file, {
        metadata,
        size,
        place,
        read: (at) => this.module.get_dataset_data(id, this.path, null, null, null, at),
        reclaim: (at) => this.module.reclaim_vlen_memory(id, this.path, "", at),
        filters: () => this.module.get_dataset_filters(id, this.path).map(({ name }) => name),
      }),
    );
  }

  private claims(what: string): Error {
    return new DocumentError(...told(this.place, `it claims ${what}, and the whole file has ${this.file.bytes}`));
  }
}

/** Bytes of an array in memory, before anything is allocated for it. */
function sizeOf({ shape, size }: Metadata, place: string, limit: number): number {
  const elements = shape === null ? 0 : shape.reduce((product, n) => product * n, 1);
  const bytes = elements * size;
  if (Number.isFinite(bytes) && bytes <= limit && (size > 0 || elements === 0)) return bytes;
  const allowed = `${limit} bytes at most`;
  const what = `it claims to have ${elements} elements of ${size} bytes; an array may have ${allowed}`;
  throw new ValueRangeError(...told(place, what, { value: bytes, allowed }));
}

/** How an array is read. */
interface Source {
  readonly metadata: Metadata;
  /** Bytes of all elements. */
  readonly size: number;
  readonly place: string;
  /** Copies the elements to an address; negative when it fails. */
  read(address: bigint): number;
  /** Gives back what the elements at an address point to. */
  reclaim(address: bigint): number;
  filters?(): string[];
}

/** Classes of types, by the numbers of H5T_class_t. */
const TYPES = [
  ...["integer", "float", "time", "text", "bit field", "opaque", "compound"],
  ...["reference", "enumeration", "list of variable length", "array"],
];

const NUMERIC = ["integer", "float", "enumeration"];

function valuesOf({ library: { Module } }: Opened, source: Source): Float64Array | string[] {
  const { metadata, size, place, read, reclaim, filters } = source;
  const type = TYPES[metadata.type] ?? "unknown";
  const isText = type === "text";
  const isNumber = NUMERIC.includes(type);
  if (!isText && !isNumber) {
    const what = `expected numbers or texts, got the type ${type}`;
    throw new ValueTypeError(...told(place, what, { value: type, allowed: "numbers or texts" }));
  }
  if (size === 0) return isText ? [] : new Float64Array(0);
  if (isText && metadata.vlen && size / metadata.size > MAX_TEXTS) {
    const what = `it claims ${size / metadata.size} texts; at most ${MAX_TEXTS} are read`;
    throw new ValueRangeError(...told(place, what, { allowed: `${MAX_TEXTS} texts` }));
  }
  const address = Module._malloc(size);
  if (address === 0) throw new DocumentError(...told(place, `there is no memory for its ${size} bytes`));
  try {
    if (read(BigInt(address)) < 0) {
      const names = filters?.() ?? [];
      const stored = `they are stored with ${names.join(", ")}, or the file is broken`;
      const how = names.length === 0 ? "the file is broken or truncated" : stored;
      throw new DocumentError(...told(place, `its data cannot be read: ${how}`));
    }
    const bytes = Module.HEAPU8.slice(address, address + size);
    if (!isText) return numbersIn(bytes, metadata, type === "float", place);
    if (!metadata.vlen) return textsIn(bytes, metadata.size);
    try {
      const pointers = new Uint32Array(bytes.buffer);
      return Array.from(pointers, (pointer) => (pointer === 0 ? "" : Module.UTF8ToString(pointer)));
    } finally {
      reclaim(BigInt(address));
    }
  } finally {
    Module._free(address);
  }
}

/** Texts of a fixed length, up to the null or without the spaces at the end. */
function textsIn(bytes: Uint8Array, size: number): string[] {
  const decoder = new TextDecoder();
  return Array.from({ length: bytes.length / size }, (_, i) => {
    const part = bytes.subarray(i * size, (i + 1) * size);
    const end = part.indexOf(0);
    return decoder.decode(end < 0 ? part : part.subarray(0, end)).replace(/ +$/, "");
  });
}

function numbersIn(bytes: Uint8Array<ArrayBuffer>, metadata: Metadata, float: boolean, place: string): Float64Array {
  const { buffer } = bytes;
  const { size, signed } = metadata;
  if (float && size === 8) return new Float64Array(buffer);
  if (float && size === 4) return Float64Array.from(new Float32Array(buffer));
  if (!float && size === 4) return Float64Array.from(signed ? new Int32Array(buffer) : new Uint32Array(buffer));
  if (!float && size === 2) return Float64Array.from(signed ? new Int16Array(buffer) : new Uint16Array(buffer));
  if (!float && size === 1) return Float64Array.from(signed ? new Int8Array(buffer) : new Uint8Array(buffer));
  if (float || size !== 8) {
    const got = `${float ? "floating-point" : "whole"} numbers of ${size} bytes`;
    throw new UnavailableError(...told(place, `${got} cannot be read`, { value: got }));
  }
  const low = new Uint32Array(buffer);
  const high = signed ? new Int32Array(buffer) : low;
  return Float64Array.from({ length: low.length / 2 }, (_, i) => {
    const value = (high[2 * i + 1] as number) * 2 ** 32 + (low[2 * i] as number);
    if (Number.isSafeInteger(value)) return value;
    const what = `${value} is beyond the whole numbers that a double holds`;
    throw new ValueRangeError(...told(`${place}[${i}]`, what, { value, allowed: "-2^53 to 2^53" }));
  });
}
