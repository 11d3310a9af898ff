/** WebAssembly code: compiled as it is, and once more for memory that threads share, where its bytes are known. */
export interface Code {
  readonly module: WebAssembly.Module;
  readonly shared: (() => WebAssembly.Module) | undefined;
}

/** Compiles bytes without waiting for it elsewhere: for large code. */
export async function compile(source: BufferSource): Promise<Code> {
  return codeOf(await WebAssembly.compile(source), source);
}

/** Compiles bytes at once. */
export function compileNow(source: BufferSource): Code {
  return codeOf(new WebAssembly.Module(source), source);
}

function codeOf(module: WebAssembly.Module, source: BufferSource): Code {
  let shared: WebAssembly.Module | undefined;
  return { module, shared: () => (shared ??= new WebAssembly.Module(declareShared(source))) };
}

/** What stands for an import of a function, and of a memory (WebAssembly specification 5.5.5). */
const FUNCTION = 0;
const MEMORY = 2;

/** The same code, importing a shared memory: one bit of the binary (WebAssembly specification 5.3.12). */
function declareShared(source: BufferSource): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(source);
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = number() + at;
    if (section === 2) {
      for (let count = number(); count > 0; count--) {
        for (let name = 0; name < 2; name++) {
          const length = number();
          at += length;
        }
        const kind = bytes[at++];
        if (kind === MEMORY && bytes[at] === 1) {
          bytes[at] = 3;
          return bytes;
        }
        if (kind !== FUNCTION) break;
        number();
      }
    }
    at = end;
  }
  throw new TypeError("the module imports no memory with a most number of pages, behind functions only");
}

function bytesOf(source: BufferSource): Uint8Array<ArrayBuffer> {
  if (!ArrayBuffer.isView(source)) return new Uint8Array(source).slice();
  return new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength).slice();
}
