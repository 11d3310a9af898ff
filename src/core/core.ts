/**
 * The core as the host sees it: an instance of the WebAssembly module with its own memory. The only file that knows the
 * loader. Typed views of the memory are made anew whenever it has grown, because growing detaches them.
 */
import { instantiateSync } from "@assemblyscript/loader";
import { inflateSync } from "fflate";
import { DocumentError, SpikeletError } from "../model/errors.js";
import { ABI_VERSION, type CoreExports } from "./abi.js";
import { type Code, compile } from "./code.js";
// Not by import(): bundlers of classic workers cannot split what they build.
import { deflatedCore } from "./generated/wasm.js";
import { type Indices, KernelModules } from "./kernels.js";
import { node, prepareNode } from "./node.js";
import type { Address, Bytes, FetchResponse, WasmMemory, WasmModule } from "./platform.js";
import { install } from "./shard.js";

/** The core does not fit into the 4 GiB that WebAssembly can address, or the machine has no memory left. */
export class MemoryError extends SpikeletError {
  override readonly name = "MemoryError";
  override readonly code = "memory";
}

/** Where the core's code may come from: its bytes, a compiled module, a response of fetch, or an address to fetch. */
export type CoreSource = Bytes | WasmModule | FetchResponse | Promise<FetchResponse> | Address;

let inlined: Promise<Code> | undefined;

/** The code that is built into the package, compiled once per process. */
function inlinedCode(): Promise<Code> {
  return (inlined ??= inflate(decode(deflatedCore)).then(compile));
}

/** By what the platform has for it, several times faster than a program that has just been loaded. */
async function inflate(deflated: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const zlib = node<{ inflateRawSync(deflated: Uint8Array): Uint8Array<ArrayBuffer> }>("node:zlib");
  if (zlib) return zlib.inflateRawSync(deflated);
  try {
    const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    // Chromium before 103 and others that do not know the format.
    return inflateSync(deflated);
  }
}

interface NodeBuffer {
  readonly Buffer: { from(text: string, encoding: string): Uint8Array<ArrayBuffer> };
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const buffer = node<NodeBuffer>("node:buffer");
  if (buffer) return buffer.Buffer.from(base64, "base64");
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

async function fetched(address: URL): Promise<Response> {
  try {
    return await fetch(address);
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause;
    const reason = [error, cause].flatMap((e) => (e instanceof Error ? [e.message] : [])).join(": ");
    throw new DocumentError(`core: ${address.href} cannot be fetched (${reason}).`, {
      path: "core",
      value: address.href,
    });
  }
}

function statusText({ status, statusText: text }: Response): string {
  return `${status}${text === "" ? "" : ` ${text}`}`;
}

async function codeOf(source: CoreSource | undefined): Promise<Code> {
  if (source === undefined) return inlinedCode();
  if (source instanceof WebAssembly.Module) return { module: source, shared: undefined };
  if (source instanceof URL) return codeOf(await fetched(source));
  const given = await source;
  // Bytes first: a look at Response makes Node load its fetch (20 ms of CPU time).
  if (ArrayBuffer.isView(given) || given instanceof ArrayBuffer) return compile(given as BufferSource);
  if (typeof Response !== "undefined" && given instanceof Response) {
    if (!given.ok)
      throw new DocumentError(
        `core: ${given.url === "" ? "the response" : given.url} answered with ${statusText(given)}.`,
        { path: "core", value: given.status },
      );
    return compile(await given.arrayBuffer());
  }
  return compile(given as unknown as BufferSource);
}

/**
 * Pages of 64 KiB that a memory may grow to: all that 32 bits address, or less where a system does not reserve so much
 * (phones).
 */
const MOST_PAGES = [65536, 32768, 16384, 8192, 4096];

/** A memory as the core imports it (asconfig.json): grows from 1 MiB. */
function newMemory(shared: boolean): WebAssembly.Memory {
  let refusal: unknown;
  for (const maximum of MOST_PAGES) {
    try {
      return new WebAssembly.Memory({ initial: 16, maximum, shared });
    } catch (error) {
      refusal = error;
    }
  }
  const error = new MemoryError(
    "the system gives no further WebAssembly memory, each of which takes about 10 GB of addresses, though not of memory: a simulation " +
      "has one for each shard, and a check another one. Let go of simulations that are not needed any more (a page of Chromium holds " +
      "about 120), use one thread, raise the limit on addresses (ulimit -v) to 10 GB for each shard and 20 GB besides, or start Node " +
      "22.2 or newer with --disable-wasm-trap-handler, which needs no such reserve and is slower.",
  );
  error.cause = refusal;
  throw error;
}

/** Refuses a core of another version, whose numbers and layouts would be taken for others. */
function mustFit({ abiVersion }: Partial<CoreExports>): void {
  const version = abiVersion === undefined ? undefined : abiVersion() >>> 0;
  if (version === ABI_VERSION) return;
  const theirs = version === undefined ? "no layout version" : `the layout version ${version.toString(16)}`;
  throw new DocumentError(
    `core: this WebAssembly module has ${theirs}, and the program ${ABI_VERSION.toString(16)}; ` +
      "use the core.wasm of the same package.",
    { path: "core", value: version },
  );
}

/** The clock of profiles, in ms. */
function now(): number {
  return performance.now();
}

/** Identities of modules, which take some milliseconds to compute. */
const identities = new WeakMap<WebAssembly.Module, string>();

/** An instance of the core. */
export class Core {
  readonly exports: CoreExports;
  private doubles: Float64Array;
  private words: Uint32Array;

  private readonly code: Code;
  /** What modules of kernels may import: all that the core exports, as it comes from the engine. */
  private readonly imports: WebAssembly.Exports;
  /** Kernels beside the core's own, which all cores of a network have. */
  readonly kernels: KernelModules;
  /** What the instance was made of. */
  readonly module: WasmModule;
  /** Threads can share the memory. */
  readonly isShared: boolean;
  /** What random streams are named by in place of a label whose streams would be those of another. */
  labels: ReadonlyMap<string, string> = new Map();

  private constructor(code: Code, shared: boolean, kernels: KernelModules) {
    this.code = code;
    this.kernels = kernels;
    this.isShared = shared && code.shared !== undefined;
    const module = this.isShared ? (code.shared as () => WebAssembly.Module)() : code.module;
    this.module = module;
    // Synchronously: the module is compiled, and the loader's other way looks at Response, which makes Node load its
    // fetch (18 ms).
    const env = { memory: newMemory(this.isShared), now };
    const { instance } = instantiateSync<CoreExports>(module, { env });
    // The engine's own: through the loader's functions a call takes half a microsecond longer, as long as some steps.
    this.imports = instance.exports;
    this.exports = instance.exports as unknown as CoreExports;
    mustFit(this.exports);
    kernels.join(this);
    this.doubles = new Float64Array(this.exports.memory.buffer);
    this.words = new Uint32Array(this.exports.memory.buffer);
  }

  /** A new instance with a memory of its own. */
  static async create(source?: CoreSource): Promise<Core> {
    await prepareNode();
    return new Core(await codeOf(source), false, new KernelModules());
  }

  /** Another instance of the same code, for computations beside the network (rest, rheobase). */
  sibling(): Core {
    return new Core(this.code, false, new KernelModules());
  }

  /**
   * Instances for the shards of a network; threads can share their memories if `shared` and the code's bytes are known.
   */
  shards(count: number, shared: boolean): Core[] {
    const kernels = new KernelModules();
    return Array.from({ length: count }, () => new Core(this.code, shared, kernels));
  }

  get memory(): WasmMemory {
    return this.exports.memory;
  }

  /**
   * Adds the functions that a module of kernels exports to the function tables of this core and of the others of its
   * network; their indices by name. A module that is there already is not added again.
   *
   * @param bytes may import what the core exports, as `core`: its memory, with 65536 pages at most, and functions
   */
  addKernels(bytes: Uint8Array): Indices {
    return this.kernels.add(bytes);
  }

  /** What instances of the same code have in common. */
  get build(): object {
    return this.code;
  }

  /** Calls a function of the function table that takes one address. */
  call(index: number, address: number): void {
    (this.exports.table.get(index) as (address: number) => void)(address);
  }

  /** @internal See KernelModules. */
  install(module: WebAssembly.Module): Indices {
    return install(this.imports, module);
  }

  /**
   * Identity of the core's code for snapshots, whose memory holds addresses of it: the hash that the build has put into
   * it, names and counts of what it exports, and where its own data ends. Changes with any change of the code, its
   * layout or its function table.
   */
  get identity(): string {
    const known = identities.get(this.code.module);
    if (known !== undefined) return known;
    const fresh = this.sibling().exports;
    const content = new Uint8Array(fresh.memory.buffer).subarray(0, fresh.allocated());
    let hash = 0x811c9dc5;
    const take = (x: number): void => {
      hash = Math.imul(hash ^ x, 0x01000193) >>> 0;
    };
    for (const byte of content) take(byte);
    for (const section of WebAssembly.Module.customSections(this.module, "spikelet")) {
      for (const byte of new Uint8Array(section)) take(byte);
    }
    for (const { name, kind } of WebAssembly.Module.exports(this.module)) {
      for (const character of name + kind) take(character.charCodeAt(0));
    }
    for (let code = 0; code < 16 * 256; code++) take(fresh.kernelIndex(code >> 8, (code >> 4) & 15, code & 15));
    const identity = `${hash.toString(16)}-${fresh.allocated()}-${fresh.neuronsPerVector()}`;
    identities.set(this.code.module, identity);
    return identity;
  }

  /** The memory as f64; valid until the next allocation. */
  get f64(): Float64Array {
    if (this.doubles.buffer !== this.exports.memory.buffer) this.doubles = new Float64Array(this.exports.memory.buffer);
    return this.doubles;
  }

  /** The memory as u32; valid until the next allocation. */
  get u32(): Uint32Array {
    if (this.words.buffer !== this.exports.memory.buffer) this.words = new Uint32Array(this.exports.memory.buffer);
    return this.words;
  }

  /** Address of `bytes` zeroed bytes, 16-byte aligned. `what` names them in the error when there is no room. */
  allocate(bytes: number, what: string): number {
    const address = this.exports.allocate(bytes);
    if (address === 0 && bytes > 0) this.exhausted(what, bytes);
    // Addresses beyond 2 GiB arrive as negative numbers.
    return address >>> 0;
  }

  /** Throws the error of an allocation that failed. */
  exhausted(what: string, bytes?: number): never {
    const held = this.exports.allocated();
    throw new MemoryError(
      `${what}: ${bytes === undefined ? "more memory" : sizeText(bytes)} needed beside ${sizeText(held)} in use; a WebAssembly memory holds at most 4 GiB, ` +
        "and this machine may have less left. Use fewer neurons or synapses, shorter delays, or one common weight.",
      { value: bytes },
    );
  }

  /** A column of f64 with the given content, padded with zeros to `length` numbers. */
  column(content: ArrayLike<number>, length: number, what: string): number {
    const address = this.allocate(length * 8, what);
    this.f64.set(content, address / 8);
    return address;
  }

  /** A column of u32 with the given content. */
  indices(content: ArrayLike<number>, what: string): number {
    const address = this.allocate(content.length * 4, what);
    this.u32.set(content, address / 4);
    return address;
  }

  /** A copy of `count` f64 at an address. */
  readF64(address: number, count: number): Float64Array {
    return this.f64.slice(address / 8, address / 8 + count);
  }

  /** A copy of `count` u32 at an address. */
  readU32(address: number, count: number): Uint32Array {
    return this.u32.slice(address / 4, address / 4 + count);
  }
}

function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
