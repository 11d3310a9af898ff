/**
 * The core as the host sees it: an instance of the WebAssembly module with its own memory. The only file that knows the
 * loader. Typed views of the memory are made anew whenever it has grown, because growing detaches them.
 */
import { instantiateSync } from "@assemblyscript/loader";
import { SpikeletError } from "../model/errors.js";
import type { CoreExports } from "./exports.js";

/** The core does not fit into the 4 GiB that WebAssembly can address, or the machine has no memory left. */
export class MemoryError extends SpikeletError {
  override readonly name = "MemoryError";
  override readonly code = "memory";
}

/** Where the core's code may come from: its bytes, a compiled module, a response of fetch, or an address to fetch. */
export type CoreSource = BufferSource | WebAssembly.Module | Response | Promise<Response> | URL;

let inlined: Promise<WebAssembly.Module> | undefined;

/** The module that is built into the package, compiled once per process. */
async function inlinedModule(): Promise<WebAssembly.Module> {
  inlined ??= import("./generated/wasm.js").then(({ wasmBase64 }) => WebAssembly.compile(decode(wasmBase64)));
  return inlined;
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

async function moduleOf(source: CoreSource | undefined): Promise<WebAssembly.Module> {
  if (source === undefined) return inlinedModule();
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof URL) return moduleOf(await fetch(source));
  const given = await source;
  if (typeof Response !== "undefined" && given instanceof Response) return WebAssembly.compile(await given.arrayBuffer());
  return WebAssembly.compile(given as BufferSource);
}

/** Identities of modules, which take some milliseconds to compute. */
const identities = new WeakMap<WebAssembly.Module, string>();

/** An instance of the core. */
export class Core {
  readonly exports: CoreExports;
  private doubles: Float64Array;
  private words: Uint32Array;

  private readonly module: WebAssembly.Module;

  private constructor(module: WebAssembly.Module, exports: CoreExports) {
    this.module = module;
    this.exports = exports;
    this.doubles = new Float64Array(exports.memory.buffer);
    this.words = new Uint32Array(exports.memory.buffer);
  }

  /** A new instance with a memory of its own. */
  static async create(source?: CoreSource): Promise<Core> {
    const module = await moduleOf(source);
    // Synchronously: the module is compiled, and the loader's other way looks at Response, which makes Node load its fetch (18 ms).
    const instance = instantiateSync<CoreExports>(module);
    return new Core(module, instance.exports as unknown as CoreExports);
  }

  /** Another instance of the same code, for computations beside the network (rest, rheobase). */
  sibling(): Core {
    const instance = instantiateSync<CoreExports>(this.module);
    return new Core(this.module, instance.exports as unknown as CoreExports);
  }

  /**
   * Identity of the core's code for snapshots, whose memory holds addresses of it: names and counts of what it exports, and
   * where its own data ends. Changes with any change of layout or of the function table.
   */
  get identity(): string {
    const known = identities.get(this.module);
    if (known !== undefined) return known;
    const fresh = this.sibling().exports;
    const content = new Uint8Array(fresh.memory.buffer).subarray(0, fresh.allocated());
    let hash = 0x811c9dc5;
    const take = (x: number): void => {
      hash = Math.imul(hash ^ x, 0x01000193) >>> 0;
    };
    for (const byte of content) take(byte);
    for (const { name, kind } of WebAssembly.Module.exports(this.module)) {
      for (const character of name + kind) take(character.charCodeAt(0));
    }
    for (let code = 0; code < 16 * 256; code++) take(fresh.kernelIndex(code >> 8, (code >> 4) & 15, code & 15));
    const identity = `${hash.toString(16)}-${fresh.allocated()}-${fresh.neuronsPerVector()}`;
    identities.set(this.module, identity);
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
