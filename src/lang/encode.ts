/**
 * The binary format of WebAssembly (specification 2.0, chapter 5), as far as kernels need it: sections, numbers in
 * LEB128, and instructions by their names in the text format.
 */

export type ValueType = "i32" | "i64" | "f64" | "v128";

const TYPE: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b };
const EMPTY = 0x40;

/** Instructions without immediates. Those of vectors have a prefix. */
const PLAIN = {
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  "i32.eqz": 0x45,
  "i32.eq": 0x46,
  "i32.ne": 0x47,
  "i32.lt_s": 0x48,
  "i32.lt_u": 0x49,
  "i32.gt_u": 0x4b,
  "i64.eqz": 0x50,
  "f64.eq": 0x61,
  "f64.ne": 0x62,
  "f64.lt": 0x63,
  "f64.gt": 0x64,
  "f64.le": 0x65,
  "f64.ge": 0x66,
  "i32.ctz": 0x68,
  "i32.add": 0x6a,
  "i32.sub": 0x6b,
  "i32.mul": 0x6c,
  "i32.and": 0x71,
  "i32.or": 0x72,
  "i32.xor": 0x73,
  "i32.shl": 0x74,
  "i32.shr_u": 0x76,
  "i64.or": 0x84,
  "f64.abs": 0x99,
  "f64.neg": 0x9a,
  "f64.ceil": 0x9b,
  "f64.floor": 0x9c,
  "f64.trunc": 0x9d,
  "f64.sqrt": 0x9f,
  "f64.add": 0xa0,
  "f64.sub": 0xa1,
  "f64.mul": 0xa2,
  "f64.div": 0xa3,
  "f64.min": 0xa4,
  "f64.max": 0xa5,
  "i32.wrap_i64": 0xa7,
  "i32.trunc_f64_s": 0xaa,
  "i32.trunc_f64_u": 0xab,
  "i64.trunc_f64_u": 0xb1,
  "f64.convert_i32_s": 0xb7,
  "f64.convert_i32_u": 0xb8,
  "i64.extend_i32_s": 0xac,
} as const;

const VECTOR = {
  "i64x2.splat": 18,
  "f64x2.splat": 20,
  "f64x2.eq": 71,
  "f64x2.ne": 72,
  "f64x2.lt": 73,
  "f64x2.gt": 74,
  "f64x2.le": 75,
  "f64x2.ge": 76,
  "v128.not": 77,
  "v128.and": 78,
  "v128.andnot": 79,
  "v128.or": 80,
  "v128.bitselect": 82,
  "f64x2.ceil": 116,
  "f64x2.floor": 117,
  "f64x2.trunc": 122,
  "i64x2.all_true": 195,
  "i64x2.bitmask": 196,
  "f64x2.abs": 236,
  "f64x2.neg": 237,
  "f64x2.sqrt": 239,
  "f64x2.add": 240,
  "f64x2.sub": 241,
  "f64x2.mul": 242,
  "f64x2.div": 243,
  "f64x2.pmin": 246,
  "f64x2.pmax": 247,
} as const;

export type Instruction = keyof typeof PLAIN | keyof typeof VECTOR;

/** Loads and stores: code, whether it is a vector instruction, alignment as a power of two, bytes. */
const ACCESS = {
  "i32.load": [0x28, false, 2, 4],
  "i64.load": [0x29, false, 3, 8],
  "f64.load": [0x2b, false, 3, 8],
  "i32.load8_u": [0x2d, false, 0, 1],
  "i32.load16_u": [0x2f, false, 1, 2],
  "i32.store": [0x36, false, 2, 4],
  "i64.store": [0x37, false, 3, 8],
  "f64.store": [0x39, false, 3, 8],
  "i32.store8": [0x3a, false, 0, 1],
  "i32.store16": [0x3b, false, 1, 2],
  "v128.load": [0, true, 4, 16],
  "v128.load64_splat": [10, true, 3, 8],
  "v128.store": [11, true, 4, 16],
} as const;

/** Instructions on one lane of a vector: loads and stores of 8 bytes, and numbers into and out of it. */
const LANE = {
  "v128.load64_lane": [87, true],
  "v128.store64_lane": [91, true],
  "f64x2.extract_lane": [33, false],
  "f64x2.replace_lane": [34, false],
} as const;

export type Access = keyof typeof ACCESS;

/** Bytes that a load or a store touches. */
export function bytesOf(access: Access): number {
  return ACCESS[access][3];
}

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128 of an i32. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const low = rest & 127;
    // The last byte's bit 6 is the sign of all that follows.
    if (rest >> 6 === 0 || rest >> 6 === -1) return [...bytes, low];
    bytes.push(low | 128);
  }
}

function text(name: string): number[] {
  const bytes = [...new TextEncoder().encode(name)];
  return [...unsigned(bytes.length), ...bytes];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

const scratch = new DataView(new ArrayBuffer(8));

function float(value: number): number[] {
  scratch.setFloat64(0, value, true);
  return Array.from({ length: 8 }, (_, i) => scratch.getUint8(i));
}

/** A function's parameters and results. */
export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** The body of a function; instructions are appended in order. */
export class Body {
  readonly index: number;
  readonly signature: Signature;
  private readonly code: number[] = [];
  private readonly locals: ValueType[] = [];

  constructor(index: number, signature: Signature) {
    this.index = index;
    this.signature = signature;
  }

  /** A new local variable. */
  local(type: ValueType): number {
    this.locals.push(type);
    return this.signature.params.length + this.locals.length - 1;
  }

  op(name: Instruction): this {
    if (name in PLAIN) this.code.push(PLAIN[name as keyof typeof PLAIN]);
    else this.code.push(0xfd, ...unsigned(VECTOR[name as keyof typeof VECTOR]));
    return this;
  }

  get(local: number): this {
    this.code.push(0x20, ...unsigned(local));
    return this;
  }

  set(local: number): this {
    this.code.push(0x21, ...unsigned(local));
    return this;
  }

  tee(local: number): this {
    this.code.push(0x22, ...unsigned(local));
    return this;
  }

  i32(value: number): this {
    this.code.push(0x41, ...signed(value));
    return this;
  }

  i64(value: number): this {
    this.code.push(0x42, ...signed(value));
    return this;
  }

  f64(value: number): this {
    this.code.push(0x44, ...float(value));
    return this;
  }

  /** A vector of two numbers. */
  f64x2(first: number, second: number): this {
    this.code.push(0xfd, ...unsigned(12), ...float(first), ...float(second));
    return this;
  }

  access(name: Access, offset: number): this {
    const [code, isVector, alignment] = ACCESS[name];
    this.code.push(...(isVector ? [0xfd, ...unsigned(code)] : [code]), alignment, ...unsigned(offset));
    return this;
  }

  /** An instruction on lane 0 or 1; `offset` is that of the access. */
  lane(name: keyof typeof LANE, lane: 0 | 1, offset = 0): this {
    const [code, isAccess] = LANE[name];
    this.code.push(0xfd, ...unsigned(code), ...(isAccess ? [3, ...unsigned(offset)] : []), lane);
    return this;
  }

  call(index: number): this {
    this.code.push(0x10, ...unsigned(index));
    return this;
  }

  /** Repeats what `inside` appends as long as it leaves an i32 that is not 0. */
  repeatWhile(inside: () => void): this {
    this.code.push(0x03, EMPTY);
    inside();
    this.code.push(0x0d, 0, 0x0b);
    return this;
  }

  /** Takes an i32; appends what runs if it is not 0, and what runs otherwise. */
  when(yes: () => void, no?: () => void): this {
    this.code.push(0x04, EMPTY);
    yes();
    if (no !== undefined) {
      this.code.push(0x05);
      no();
    }
    this.code.push(0x0b);
    return this;
  }

  encode(): number[] {
    // Runs of one type share an entry.
    const runs: [number, ValueType][] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last?.[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    const body = [...vector(runs.map(([count, type]) => [...unsigned(count), TYPE[type]])), ...this.code, 0x0b];
    return [...unsigned(body.length), ...body];
  }
}

/** A module that imports its memory and functions from "core". All imports come ahead of the first function. */
export class Module {
  private readonly types: string[] = [];
  private readonly typeBytes: number[][] = [];
  private readonly imports: { readonly name: string; readonly type: number }[] = [];
  private readonly bodies: { readonly body: Body; readonly type: number; readonly exported: string }[] = [];

  /** Index of an imported function. */
  import(name: string, params: readonly ValueType[], results: readonly ValueType[]): number {
    if (this.bodies.length > 0) throw new RangeError("imports come first");
    const known = this.imports.findIndex((i) => i.name === name);
    if (known >= 0) return known;
    this.imports.push({ name, type: this.type({ params, results }) });
    return this.imports.length - 1;
  }

  /** A new function, exported if it has a name. */
  function(signature: Signature, exported = ""): Body {
    const body = new Body(this.imports.length + this.bodies.length, signature);
    this.bodies.push({ body, type: this.type(signature), exported });
    return body;
  }

  private type({ params, results }: Signature): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.types.indexOf(key);
    if (known >= 0) return known;
    this.types.push(key);
    const list = (types: readonly ValueType[]): number[] => vector(types.map((t) => [TYPE[t]]));
    this.typeBytes.push([0x60, ...list(params), ...list(results)]);
    return this.types.length - 1;
  }

  encode(shared = false): Uint8Array<ArrayBuffer> {
    const section = (id: number, items: readonly (readonly number[])[]): number[] => {
      const content = vector(items);
      return [id, ...unsigned(content.length), ...content];
    };
    // A memory with a maximum, as any shared one has: the host makes the shared form of this by one bit (core/code.ts).
    const memory = [...text("core"), ...text("memory"), 0x02, shared ? 3 : 1, 1, ...unsigned(65536)];
    const imports = this.imports.map((i) => [...text("core"), ...text(i.name), 0x00, ...unsigned(i.type)]);
    const exported = this.bodies.filter((b) => b.exported !== "");
    return Uint8Array.from([
      0x00,
      0x61,
      0x73,
      0x6d,
      0x01,
      0x00,
      0x00,
      0x00,
      ...section(1, this.typeBytes),
      ...section(2, [memory, ...imports]),
      ...section(
        3,
        this.bodies.map((b) => unsigned(b.type)),
      ),
      ...section(
        7,
        exported.map((b) => [...text(b.exported), 0x00, ...unsigned(b.body.index)]),
      ),
      ...section(
        10,
        this.bodies.map((b) => b.body.encode()),
      ),
    ]);
  }
}
