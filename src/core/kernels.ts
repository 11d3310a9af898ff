/**
 * Kernels beside the core's own: WebAssembly modules whose functions go into the function table of every core of a
 * network, all in the same order, so that an index means the same kernel in each shard, in its worker and after a
 * snapshot.
 */
import { type Code, compileNow } from "./code.js";
import type { WasmModule } from "./platform.js";

/**
 * Indices of a module's functions in the table, by their names: `step`, `receive`, `onPre`, `onPost` and `everyStep`
 * are what slots are filled with (assembly/slots.ts says what each gets), `prepare` what the host calls.
 */
export type Indices = Readonly<Record<string, number>>;

/** A core that kernels can be installed in. */
interface Host {
  readonly isShared: boolean;
  /** Adds the functions of a module to the function table. */
  install(module: WasmModule): Indices;
}

interface Entry {
  readonly bytes: Uint8Array;
  readonly code: Code;
  /** The same in all cores. */
  readonly indices: Indices;
}

/** Code by its bytes: models compile once, however many cores and simulations use them. */
const compiled = new WeakMap<Uint8Array, Code>();

function codeOf(bytes: Uint8Array): Code {
  const known = compiled.get(bytes);
  if (known !== undefined) return known;
  const code = compileNow(bytes as Uint8Array<ArrayBuffer>);
  compiled.set(bytes, code);
  return code;
}

export class KernelModules {
  private readonly cores: Host[] = [];
  private readonly entries: Entry[] = [];

  /** Takes a core in, ahead of the first module. */
  join(core: Host): void {
    this.cores.push(core);
  }

  /** Installs a module in all cores, unless it is there already; where its functions are. */
  add(bytes: Uint8Array): Indices {
    const known = this.entries.find((entry) => equal(entry.bytes, bytes));
    if (known !== undefined) return known.indices;
    const code = codeOf(bytes);
    const places = this.cores.map((core) => core.install(fitting(code, core.isShared)));
    const indices = places[0] as Indices;
    this.entries.push({ bytes, code, indices });
    return indices;
  }

  /** The modules' bytes in order: what a snapshot needs of them. */
  get bytes(): readonly Uint8Array[] {
    return this.entries.map(({ bytes }) => bytes);
  }

  /** The modules in order, for the worker of a core. */
  modulesFor({ isShared }: Host): readonly WasmModule[] {
    return this.entries.map(({ code }) => fitting(code, isShared));
  }

  get count(): number {
    return this.entries.length;
  }
}

function fitting({ module, shared }: Code, isShared: boolean): WebAssembly.Module {
  return isShared && shared !== undefined ? shared() : module;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((x, i) => x === b[i]));
}
