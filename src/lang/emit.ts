/**
 * From a plan to a WebAssembly module. It exports `step(k)`: one step of the block of neurons that the Pack at address
 * k names. The SIMD form takes two neurons per vector, the scalar form one; both do the same operations on each.
 *
 * Imports, all from "core": `memory`; the elementary functions by their names, of one number, and with "Block" behind
 * the name of a whole column (address, count) where the core has that; `normalOf(k, stream, n)` and
 * `uniformOf(k, stream, n)`, a random number of neuron n in this step, and `normalsOf(k, stream, address)`,
 * `uniformsOf(k, stream, address)`, the same numbers for the block; `runaway(k, n, state, value, before)`;
 * `advanceGates(k, table, address)`, a step of the gates of a table with the potentials in a column; `lookUp(k, table,
 * address, to)`, its functions of the potentials, into columns from `to` on. For each table it
 * exports a function (k, v), `pairsName`, that writes what the table holds, as assembly/integrators/rateTable.ts says.
 */
import { type Access, type Body, bytesOf, type Instruction, Module, type ValueType } from "./encode.js";
import { type Expr, type FunctionName, FUNCTIONS, type InputColumn, type IrReset, type Op } from "./ir.js";
import type { Loop, Plan } from "./plan.js";

/**
 * Offsets of the fields of a Pack (assembly/pack.ts) that kernels use. `states` and `columns` are addresses of lists of
 * addresses (u32): of the columns of all states, and of the plan's columns. `events` is the address of a list, by
 * event, of the addresses of the words that say where the next entry of its log goes (0: nobody listens), or 0.
 * `offset` is the number of the first neuron in the whole population. At `params` stand the plan's uniforms, 8 bytes
 * each. At `held`, where a plan has lists, stands for each block of 256 neurons a record of `heldBytes`: how many of
 * its neurons are refractory (u32) and their numbers within the block (u16), in any order, and from `savedAt` on their
 * states; a neuron whose `until` is past may be among them, every other one must.
 */
export interface PackLayout {
  readonly first: number;
  readonly count: number;
  readonly now: number;
  readonly dt: number;
  readonly size: number;
  readonly params: number;
  readonly until: number;
  readonly armed: number;
  readonly lowest: number;
  readonly highest: number;
  readonly jumps: number;
  readonly log: number;
  readonly fractions: number;
  readonly states: number;
  readonly columns: number;
  readonly offset: number;
  /** Absent where nobody listens to events: then they do their resets only. */
  readonly events?: number;
  /** Absent where the host keeps no lists. */
  readonly held?: number;
  /** Absent where the core takes the receptors: the list (u32) of the columns of their states and of what arrives. */
  readonly receptorColumns?: number;
  /** For populations that are advanced by events: address of what the kernel keeps of each neuron. */
  readonly records?: number;
  /** The same: address of what has arrived for each neuron since it was touched. */
  readonly sums?: number;
  /** Absent where no current stands still: address of its column. */
  readonly currents?: number;
  /** Address of the list, by state, of the columns of jumps. Absent where they arrive for v only. */
  readonly landings?: number;
}

/** Addresses that are the same in all instances of a core. */
export interface Layout {
  readonly pack: PackLayout;
  /** Columns of the block in work. */
  readonly columns: Readonly<Record<InputColumn, number>>;
  /** Scratch columns of the block, as many as the plan needs, one behind the other, 16-byte aligned. */
  readonly scratch: number;
  /** Where the numbers of gates go, see assembly/integrators/rateTable.ts. */
  readonly pairs: number;
  /** 256 bytes, zero between the blocks: what happened to a group of neurons stands at the place of its first one. */
  readonly events: number;
}

/** Neurons of a block, and bytes of its scratch columns. */
const BLOCK = 256;
export const COLUMN_BYTES = 8 * BLOCK;

/** Bytes of a block's list of refractory neurons with so many states each, and where those of one state begin. */
export function heldBytes(states: number): number {
  return savedAt(states);
}

export function savedAt(state: number): number {
  return 8 + 2 * BLOCK + state * COLUMN_BYTES;
}

export interface EmitOptions {
  readonly simd: boolean;
  /** Functions that the core has for whole columns. */
  readonly blocks: readonly FunctionName[];
  /** I0 to I2 are one column of all neurons, `currents`, instead of columns of the block. */
  readonly still?: boolean;
  /** The memory is shared by threads. */
  readonly shared?: boolean;
  /** Calls the import `check(address, bytes, isStore)` ahead of every access: for tests. */
  readonly checked?: boolean;
}

/** The export that computes the gates of table number `table`. */
export function pairsName(table: number): string {
  return `pairs${table}`;
}

export function emit(plan: Plan, layout: Layout, options: EmitOptions): Uint8Array<ArrayBuffer> {
  return new Emitter(plan, layout, options).module();
}

/** A form of the arithmetic: two numbers per value and masks, or one number and conditions. */
export interface Dialect {
  readonly value: ValueType;
  readonly truth: ValueType;
  readonly bytes: number;
  readonly lanes: number;
  readonly load: Access;
  readonly store: Access;
}

export const SIMD: Dialect = {
  value: "v128",
  truth: "v128",
  bytes: 16,
  lanes: 2,
  load: "v128.load",
  store: "v128.store",
};
export const SCALAR: Dialect = { value: "f64", truth: "i32", bytes: 8, lanes: 1, load: "f64.load", store: "f64.store" };

/** Where something stands: an address in a local, and a constant distance from there. */
export interface Place {
  readonly base: number;
  readonly offset: number;
}

/** Arithmetic and conditions that are one instruction in both forms. */
const DIRECT: Readonly<Partial<Record<Op, readonly [simd: Instruction, scalar: Instruction]>>> = {
  neg: ["f64x2.neg", "f64.neg"],
  abs: ["f64x2.abs", "f64.abs"],
  sqrt: ["f64x2.sqrt", "f64.sqrt"],
  floor: ["f64x2.floor", "f64.floor"],
  ceil: ["f64x2.ceil", "f64.ceil"],
  trunc: ["f64x2.trunc", "f64.trunc"],
  add: ["f64x2.add", "f64.add"],
  sub: ["f64x2.sub", "f64.sub"],
  mul: ["f64x2.mul", "f64.mul"],
  div: ["f64x2.div", "f64.div"],
  lt: ["f64x2.lt", "f64.lt"],
  le: ["f64x2.le", "f64.le"],
  gt: ["f64x2.gt", "f64.gt"],
  ge: ["f64x2.ge", "f64.ge"],
  eq: ["f64x2.eq", "f64.eq"],
  ne: ["f64x2.ne", "f64.ne"],
  and: ["v128.and", "i32.and"],
  or: ["v128.or", "i32.or"],
  not: ["v128.not", "i32.eqz"],
};

/** Appends what is there already and says how: it was in a local, it had to be loaded, or it must be computed. */
export type Finder = (e: Expr) => "local" | "loaded" | undefined;

/**
 * Values of expressions in a stretch of code: `found` gives those that are there already or are loaded, all else is
 * computed. What is used more than once is kept in a local.
 */
export class Scope {
  readonly body: Body;
  readonly dialect: Dialect;
  private readonly found: Finder;
  private readonly calls: (name: FunctionName) => number;
  private readonly locals = new Map<Expr, number>();
  private readonly uses: ReadonlyMap<Expr, number>;

  constructor(
    body: Body,
    dialect: Dialect,
    found: Finder,
    calls: (name: FunctionName) => number,
    uses: ReadonlyMap<Expr, number>,
  ) {
    this.body = body;
    this.dialect = dialect;
    this.found = found;
    this.calls = calls;
    this.uses = uses;
  }

  /** Computes a value into a local. */
  keep(e: Expr): number {
    const known = this.locals.get(e);
    if (known !== undefined) return known;
    if (this.found(e) === undefined) this.compute(e);
    const local = this.body.local(this.type(e));
    this.body.set(local);
    this.locals.set(e, local);
    return local;
  }

  /** Leaves a value on the stack. */
  push(e: Expr): void {
    const known = this.locals.get(e);
    if (known !== undefined) {
      this.body.get(known);
      return;
    }
    const found = this.found(e);
    if (found === "local") return;
    if (found === undefined) this.compute(e);
    if ((this.uses.get(e) ?? 0) < 2) return;
    const local = this.body.local(this.type(e));
    this.body.tee(local);
    this.locals.set(e, local);
  }

  private type(e: Expr): ValueType {
    return e.type === "boolean" ? this.dialect.truth : this.dialect.value;
  }

  private compute(e: Expr): void {
    const { body } = this;
    const simd = this.dialect === SIMD;
    const direct = DIRECT[e.op];
    const [a, b, c] = e.args as [Expr, Expr, Expr];
    // What stands below a value that is there already is not to be had.
    const turned =
      simd && e.op === "and" ? [b, a].find((x) => x.op === "not" && this.uses.has(x.args[0] as Expr)) : undefined;
    if (turned !== undefined) {
      // a and not b is one instruction.
      this.push(turned === b ? a : b);
      this.push(turned.args[0] as Expr);
      body.op("v128.andnot");
    } else if (direct !== undefined) {
      for (const arg of e.args) this.push(arg);
      body.op(direct[simd ? 0 : 1]);
    } else if (e.op === "select" && simd && isZero(b)) {
      this.push(c);
      this.push(a);
      body.op("v128.andnot");
    } else if (e.op === "select" && simd && isZero(c)) {
      this.push(b);
      this.push(a);
      body.op("v128.and");
    } else if (e.op === "select") {
      this.push(b);
      this.push(c);
      this.push(a);
      body.op(simd ? "v128.bitselect" : "select");
    } else if ((e.op === "min" || e.op === "max") && simd) {
      this.push(a);
      this.push(b);
      body.op(e.op === "min" ? "f64x2.pmin" : "f64x2.pmax");
    } else if (e.op === "min" || e.op === "max") {
      // min is b < a ? b : a, max a < b ? b : a
      const [x, y] = [this.keep(a), this.keep(b)];
      body.get(y).get(x);
      if (e.op === "min") body.get(y).get(x);
      else body.get(x).get(y);
      body.op("f64.lt").op("select");
    } else if (e.op === "call" && !simd) {
      for (const arg of e.args) this.push(arg);
      body.call(this.calls(e.name as FunctionName));
    } else if (e.op === "call") {
      this.callLanes(e);
    } else if (e.op === "const" || e.op === "boolean") {
      this.constant(e);
    } else {
      throw new RangeError(`no code for ${e.op} ${e.name}`);
    }
  }

  /** A function of single numbers, for one lane after the other. */
  private callLanes(e: Expr): void {
    const { body } = this;
    const args = e.args.map((arg) => this.keep(arg));
    for (const lane of [0, 1] as const) {
      for (const arg of args) body.get(arg).lane("f64x2.extract_lane", lane);
      body.call(this.calls(e.name as FunctionName));
      if (lane === 0) body.op("f64x2.splat");
      else body.lane("f64x2.replace_lane", 1);
    }
  }

  private constant(e: Expr): void {
    const { body, dialect } = this;
    if (e.op === "const" && dialect === SIMD) body.f64x2(e.value, e.value);
    else if (e.op === "const") body.f64(e.value);
    else if (dialect === SIMD) body.i64(e.value === 0 ? 0 : -1).op("i64x2.splat");
    else body.i32(e.value);
  }
}

function isZero(e: Expr): boolean {
  return e.op === "const" && Object.is(e.value, 0);
}

/** How often each node is used under some roots; `stop` says which are not looked into. */
export function usesOf(roots: readonly Expr[], stop: (e: Expr) => boolean): Map<Expr, number> {
  const uses = new Map<Expr, number>();
  const visit = (e: Expr): void => {
    const count = uses.get(e) ?? 0;
    uses.set(e, count + 1);
    if (count === 0 && !stop(e)) for (const a of e.args) visit(a);
  };
  for (const e of roots) visit(e);
  return uses;
}

/** Pushes a single number or condition, which is in a local, in the form of a dialect. */
export function spread(body: Body, { lanes }: Dialect, local: number, isCondition: boolean): void {
  if (lanes === 1) body.get(local);
  else if (isCondition) body.i32(0).get(local).op("i32.sub").op("i64.extend_i32_s").op("i64x2.splat");
  else body.get(local).op("f64x2.splat");
}

/** From a number on the stack, which is 1 or 0, to a condition. */
export function condition(body: Body, { lanes }: Dialect): void {
  if (lanes === 1) body.f64(0).op("f64.ne");
  else body.f64x2(0, 0).op("f64x2.ne");
}

/** A new local that takes the value of an expression from the stack. */
export function kept(body: Body, dialect: Dialect, e: Expr): number {
  const local = body.local(e.type === "boolean" ? dialect.truth : dialect.value);
  body.set(local);
  return local;
}

/**
 * Locals of what the loops share, in their form: what is computed once in a step, then what the host has computed.
 *
 * @param used what the loops use
 * @param found gives single numbers; the map has those that were computed before
 * @param load pushes a number that the host has computed, by its slot
 */
export function sharedValues(
  body: Body,
  dialect: Dialect,
  plan: Pick<Plan, "once" | "uniforms">,
  used: ReadonlySet<Expr>,
  found: (e: Expr, scalars: ReadonlyMap<Expr, number>) => ReturnType<Finder>,
  calls: (name: FunctionName) => number,
  load: (slot: number, access: Access) => void,
): Map<Expr, number> {
  const ready = new Map<Expr, number>();
  const scalars = new Map<Expr, number>();
  const scalar = new Scope(body, SCALAR, (e) => found(e, scalars), calls, new Map());
  for (const e of plan.once) {
    const local = scalar.keep(e);
    scalars.set(e, local);
    if (!used.has(e)) continue;
    spread(body, dialect, local, e.type === "boolean");
    ready.set(e, kept(body, dialect, e));
  }
  for (const [slot, e] of plan.uniforms.entries()) {
    if (!used.has(e)) continue;
    load(slot, dialect.lanes === 1 ? "f64.load" : "v128.load64_splat");
    if (e.type === "boolean") condition(body, dialect);
    ready.set(e, kept(body, dialect, e));
  }
  return ready;
}

/** What the functions of a kernel share: its imports, where its numbers stand. */
export class Emitter {
  private readonly plan: Plan;
  private readonly layout: Layout;
  private readonly options: EmitOptions;
  readonly code = new Module();
  private readonly imported = new Map<string, number>();
  private readonly slots: ReadonlyMap<Expr, number>;
  private readonly ownColumns: ReadonlyMap<Expr, number>;
  private readonly once: ReadonlySet<Expr>;
  /** Temporary of `checked`, by function. */
  private readonly temporaries = new Map<Body, number>();

  constructor(plan: Plan, layout: Layout, options: EmitOptions) {
    this.plan = plan;
    this.layout = layout;
    this.options = options;
    this.slots = new Map(plan.uniforms.map((e, i) => [e, i]));
    this.ownColumns = new Map(plan.columns.map((e, i) => [e, i]));
    this.once = new Set(plan.once);
  }

  module(): Uint8Array<ArrayBuffer> {
    this.declare();
    const step = this.code.function({ params: ["i32"], results: [] }, "step");
    const happened = this.code.function({ params: ["i32", "i32"], results: [] });
    const handle = this.code.function({ params: ["i32", "i32"], results: [] });
    const each = new Map<FunctionName, Body>();
    for (const loop of this.plan.loops) {
      for (const { name } of loop.calls)
        if (!this.options.blocks.includes(name) && !each.has(name)) each.set(name, this.each(name));
    }
    new EventCode(this, happened).write();
    for (const [t, values] of this.tabled().entries()) {
      this.pairs(this.code.function({ params: ["i32", "f64"], results: [] }, pairsName(t)), values);
    }
    this.handle(handle, happened);
    new StepCode(this, step, handle, each).write();
    return this.code.encode(this.options.shared);
  }

  /** Imports what the plan needs. */
  declare(): void {
    const { plan, options } = this;
    const take = (name: string, params: readonly ValueType[], results: readonly ValueType[]): void => {
      this.imported.set(name, this.code.import(name, params, results));
    };
    take("runaway", ["i32", "i32", "i32", "f64", "f64"], []);
    if (options.checked) take("check", ["i32", "i32", "i32"], []);
    const scalar = (roots: readonly Expr[]): void => {
      const visit = (e: Expr): void => {
        if (this.slots.has(e) || this.ownColumns.has(e)) return;
        if (e.op === "call") take(e.name, new Array<ValueType>(FUNCTIONS[e.name as FunctionName]).fill("f64"), ["f64"]);
        if (e.op === "random") take(`${e.name}Of`, ["i32", "i32", "i32"], ["f64"]);
        for (const a of e.args) visit(a);
      };
      for (const e of roots) visit(e);
    };
    scalar(plan.handled);
    scalar(plan.once);
    if (plan.tables.length > 0) take("advanceGates", ["i32", "i32", "i32"], []);
    if (plan.lookups.length > 0) take("lookUp", ["i32", "i32", "i32", "i32"], []);
    for (const { kind } of plan.randoms) take(`${kind}sOf`, ["i32", "i32", "i32"], []);
    for (const loop of plan.loops) {
      for (const { name, columns } of loop.calls) {
        if (options.blocks.includes(name))
          take(`${name}Block`, new Array<ValueType>(columns.length + 1).fill("i32"), []);
        else take(name, new Array<ValueType>(columns.length).fill("f64"), ["f64"]);
      }
    }
  }

  /** The values of each table: a and b of its gates, or its functions. */
  private tabled(): (readonly Expr[])[] {
    const { tables, lookups } = this.plan;
    return [
      ...tables.map(({ gates }) => gates.flatMap(({ a, b }) => [a, b])),
      ...lookups.map(({ functions }) => functions),
    ];
  }

  /** Values of a table, as functions of a potential: a function (k, v) of single numbers. */
  private pairs(body: Body, roots: readonly Expr[]): void {
    const params = this.fieldLocal(body, "params", "i32");
    const at = body.local("i32");
    body.i32(this.layout.pairs).set(at);
    const uses = usesOf(roots, (e) => this.slot(e) !== undefined);
    const found: Finder = (e) => {
      const slot = this.slot(e);
      if (slot === undefined && e.op !== "state") return undefined;
      if (slot === undefined) body.get(1);
      else this.load(body, { base: params, offset: 8 * slot }, "f64.load");
      return slot === undefined ? "local" : "loaded";
    };
    const scope = new Scope(body, SCALAR, found, (name) => this.index(name), uses);
    for (const [j, e] of roots.entries())
      this.store(body, { base: at, offset: 8 * j }, "f64.store", () => scope.push(e));
    // The core takes them in pairs.
    if (roots.length % 2 === 1)
      this.store(body, { base: at, offset: 8 * roots.length }, "f64.store", () => body.f64(0));
  }

  index(name: string): number {
    const index = this.imported.get(name);
    if (index === undefined) throw new RangeError(`${name} is not imported`);
    return index;
  }

  get parts(): { plan: Plan; layout: Layout; options: EmitOptions } {
    return { plan: this.plan, layout: this.layout, options: this.options };
  }

  get dialect(): Dialect {
    return this.options.simd ? SIMD : SCALAR;
  }

  /** Neurons whose events are bits of one byte. */
  private get noted(): number {
    return (this.plan.loops.at(-1)?.unroll ?? 1) * this.dialect.lanes;
  }

  slot(e: Expr): number | undefined {
    return this.slots.get(e);
  }

  /** Whether it is a current that has a column of all neurons. */
  isStill(e: Expr): boolean {
    return this.parts.options.still === true && e.op === "column" && /^I[012]$/.test(e.name);
  }

  column(e: Expr): number | undefined {
    return this.ownColumns.get(e);
  }

  isOnce(e: Expr): boolean {
    return this.once.has(e);
  }

  scratch(column: number): number {
    return this.layout.scratch + column * COLUMN_BYTES;
  }

  /** Pushes the address of an access, which is checked where that is asked for. */
  private address(body: Body, { base, offset }: Place, access: Access, isStore: boolean): void {
    body.get(base);
    if (!this.options.checked) return;
    let temporary = this.temporaries.get(body);
    if (temporary === undefined) this.temporaries.set(body, (temporary = body.local("i32")));
    body.tee(temporary).get(temporary).i32(offset).op("i32.add");
    body
      .i32(bytesOf(access))
      .i32(isStore ? 1 : 0)
      .call(this.index("check"));
  }

  load(body: Body, place: Place, access: Access): void {
    this.address(body, place, access, false);
    body.access(access, place.offset);
  }

  /** Stores what `value` pushes. */
  store(body: Body, place: Place, access: Access, value: () => void): void {
    this.address(body, place, access, true);
    value();
    body.access(access, place.offset);
  }

  /** A field of the Pack in local 0, on the stack. */
  field(body: Body, name: keyof PackLayout, access: Access): void {
    const offset = this.layout.pack[name];
    if (offset === undefined) throw new RangeError(`the layout has no ${name}`);
    this.load(body, { base: 0, offset }, access);
  }

  /** The same in a new local. */
  fieldLocal(body: Body, name: keyof PackLayout, type: "i32" | "f64"): number {
    this.field(body, name, `${type}.load`);
    const local = body.local(type);
    body.set(local);
    return local;
  }

  /** Entry j of the list of addresses that a field points to, on the stack. */
  entry(body: Body, list: number, j: number): void {
    this.load(body, { base: list, offset: 4 * j }, "i32.load");
  }

  /** A function of one number after the other, for columns that the core does not take as a whole. */
  private each(name: FunctionName): Body {
    const count = FUNCTIONS[name];
    const body = this.code.function({ params: new Array<ValueType>(count + 1).fill("i32"), results: [] });
    const end = body.local("i32");
    body.get(0).get(count).i32(3).op("i32.shl").op("i32.add").set(end);
    body.repeatWhile(() => {
      this.store(body, { base: 0, offset: 0 }, "f64.store", () => {
        for (let j = 0; j < count; j++) this.load(body, { base: j, offset: 0 }, "f64.load");
        body.call(this.index(name));
      });
      for (let j = 0; j < count; j++) body.get(j).i32(8).op("i32.add").set(j);
      body.get(0).get(end).op("i32.lt_u");
    });
    return body;
  }

  /** Goes through what was noted of the block: a bit of the mask for each eight neurons; padding is passed over. */
  private handle(body: Body, happened: Body): void {
    const { events } = this.layout;
    const mask = 1;
    const first = this.fieldLocal(body, "first", "i32");
    const size = this.fieldLocal(body, "size", "i32");
    const [i, group, bits, n] = [body.local("i32"), body.local("i32"), body.local("i32"), body.local("i32")];
    body.repeatWhile(() => {
      body.get(mask).op("i32.ctz").i32(3).op("i32.shl").tee(i).set(group);
      body.repeatWhile(() => {
        this.load(body, { base: group, offset: events }, "i32.load8_u");
        body.tee(bits).when(() => {
          this.store(body, { base: group, offset: events }, "i32.store8", () => body.i32(0));
          body.repeatWhile(() => {
            body.get(group).get(bits).op("i32.ctz").op("i32.add").tee(n).get(first).op("i32.add").get(size);
            body.op("i32.lt_s").when(() => body.get(0).get(n).call(happened.index));
            body.get(bits).i32(1).op("i32.sub").get(bits).op("i32.and").tee(bits);
          });
        });
        body.get(group).i32(this.noted).op("i32.add").tee(group).get(i).i32(8).op("i32.add").op("i32.lt_s");
      });
      body.get(mask).i32(1).op("i32.sub").get(mask).op("i32.and").tee(mask);
    });
  }
}

/** The function `step`. */
class StepCode {
  private readonly emitter: Emitter;
  private readonly body: Body;
  private readonly handle: Body;
  private readonly each: ReadonlyMap<FunctionName, Body>;
  private readonly plan: Plan;
  private readonly layout: Layout;
  private readonly dialect: Dialect;
  /** Locals of what is had ahead of the loops, as vectors. */
  private ready: ReadonlyMap<Expr, number> = new Map();
  /** Addresses of the block's start in the columns, by a name. */
  private readonly starts = new Map<string, number>();
  private readonly simd: boolean;
  /** `now` in all lanes, for refractoriness. */
  private now = -1;
  private first = -1;
  private count = -1;
  private offset = -1;
  /** A local for an address that is used once. */
  private address = -1;
  /** Locals of `starts` and of the addresses of the whole columns. */
  private readonly bases: (readonly [start: number, base: number])[] = [];

  constructor(emitter: Emitter, body: Body, handle: Body, each: ReadonlyMap<FunctionName, Body>) {
    this.emitter = emitter;
    this.body = body;
    this.handle = handle;
    this.each = each;
    this.plan = emitter.parts.plan;
    this.layout = emitter.parts.layout;
    this.dialect = emitter.dialect;
    this.simd = emitter.parts.options.simd;
  }

  /** The neurons from `first` on, `count` of them, block by block. */
  write(): void {
    const { body, emitter, layout } = this;
    const { first, count } = layout.pack;
    this.first = emitter.fieldLocal(body, "first", "i32");
    this.count = emitter.fieldLocal(body, "count", "i32");
    const end = body.local("i32");
    body.get(this.first).get(this.count).op("i32.add").set(end);
    this.prologue();
    body.repeatWhile(() => {
      body.get(end).get(this.first).op("i32.sub").tee(this.count);
      body.i32(BLOCK).get(this.count).i32(BLOCK).op("i32.lt_s").op("select").set(this.count);
      emitter.store(body, { base: 0, offset: first }, "i32.store", () => body.get(this.first));
      emitter.store(body, { base: 0, offset: count }, "i32.store", () => body.get(this.count));
      this.block();
      body.get(this.first).i32(BLOCK).op("i32.add").tee(this.first).get(end).op("i32.lt_s");
    });
  }

  private block(): void {
    const { body, emitter, plan, count } = this;
    const end = body.local("i32");
    body.get(count).i32(3).op("i32.shl").set(end);
    for (const [start, base] of this.bases) {
      body.get(base).get(this.first).i32(3).op("i32.shl").op("i32.add").set(start);
    }
    for (const { kind, stream, column } of plan.randoms) {
      body
        .get(0)
        .i32(stream)
        .i32(emitter.scratch(column))
        .call(emitter.index(`${kind}sOf`));
    }
    for (const [f, { potential, column }] of plan.lookups.entries()) {
      body
        .get(0)
        .i32(plan.tables.length + f)
        .get(this.starts.get(`state ${potential}`) as number);
      body.i32(emitter.scratch(column)).call(emitter.index("lookUp"));
    }
    const i = body.local("i32");
    const seen = body.local("i32");
    body.i32(0).set(seen);
    for (const [n, loop] of plan.loops.entries()) {
      const isLast = n === plan.loops.length - 1;
      body.i32(0).set(i);
      body.repeatWhile(() => {
        this.turn(loop, i, isLast ? seen : -1);
        body
          .get(i)
          .i32(loop.unroll * this.dialect.bytes)
          .op("i32.add")
          .tee(i)
          .get(end)
          .op("i32.lt_u");
      });
      for (const { name, columns } of loop.calls) {
        for (const column of columns) body.i32(emitter.scratch(column));
        body.get(count).call(this.each.get(name)?.index ?? emitter.index(`${name}Block`));
      }
    }
    for (const [t, { column }] of plan.tables.entries()) {
      body.get(0).i32(t).i32(emitter.scratch(column)).call(emitter.index("advanceGates"));
    }
    if (plan.listed.size > 0) this.hold();
    body.get(seen).when(() => body.get(0).get(seen).call(this.handle.index));
  }

  /** Gives the refractory neurons of the block their states back, and strikes off those that are not any more. */
  private hold(): void {
    const { body, emitter, plan } = this;
    const held = [...plan.listed.keys()];
    const [record, count, left, until] = [body.local("i32"), body.local("i32"), body.local("i32"), body.local("i32")];
    const [entry, saved, at, from] = [body.local("i32"), body.local("i32"), body.local("i32"), body.local("i32")];
    const now = body.local("f64");
    emitter.field(body, "held", "i32.load");
    body.get(this.first).i32(8).op("i32.shr_u").i32(heldBytes(held.length)).op("i32.mul").op("i32.add").set(record);
    emitter.load(body, { base: record, offset: 0 }, "i32.load");
    body.tee(left).when(() => {
      body.get(left).set(count);
      emitter.field(body, "until", "i32.load");
      body.get(this.first).i32(3).op("i32.shl").op("i32.add").set(until);
      emitter.field(body, "now", "f64.load");
      body.set(now).get(record).set(entry).get(record).set(saved);
      body.repeatWhile(() => {
        emitter.load(body, { base: entry, offset: 4 }, "i32.load16_u");
        body.i32(3).op("i32.shl").tee(at).get(until).op("i32.add").set(from);
        emitter.load(body, { base: from, offset: 0 }, "f64.load");
        body.get(now).op("f64.ge");
        body.when(
          () => {
            for (const [k, state] of held.entries()) {
              body
                .get(this.starts.get(`state ${state}`) as number)
                .get(at)
                .op("i32.add")
                .set(from);
              emitter.store(body, { base: from, offset: 0 }, "f64.store", () =>
                emitter.load(body, { base: saved, offset: savedAt(k) }, "f64.load"),
              );
            }
            body.get(entry).i32(2).op("i32.add").set(entry);
            body.get(saved).i32(8).op("i32.add").set(saved);
          },
          () => {
            // The last one takes its place, and its turn.
            body.get(count).i32(1).op("i32.sub").tee(count).i32(1).op("i32.shl").get(record).op("i32.add").set(from);
            emitter.store(body, { base: entry, offset: 4 }, "i32.store16", () =>
              emitter.load(body, { base: from, offset: 4 }, "i32.load16_u"),
            );
            body.get(count).i32(3).op("i32.shl").get(record).op("i32.add").set(from);
            for (const k of held.keys()) {
              emitter.store(body, { base: saved, offset: savedAt(k) }, "f64.store", () =>
                emitter.load(body, { base: from, offset: savedAt(k) }, "f64.load"),
              );
            }
          },
        );
        body.get(left).i32(1).op("i32.sub").tee(left);
      });
      emitter.store(body, { base: record, offset: 0 }, "i32.store", () => body.get(count));
    });
  }

  /** Roots of a loop's turn. */
  private roots(loop: Loop): Expr[] {
    const { plan } = this;
    const stored = loop.stores.map((s) => s.value);
    if (loop !== plan.loops.at(-1)) return stored;
    return [
      ...stored,
      ...plan.changed.map((c) => c.value),
      ...plan.received.map((r) => r.value),
      ...(plan.armed === undefined ? [] : [plan.armed]),
      plan.quiet,
    ];
  }

  private isThere(loop: Loop, e: Expr): boolean {
    return (
      loop.loads.has(e) ||
      this.emitter.slot(e) !== undefined ||
      this.emitter.column(e) !== undefined ||
      this.emitter.isOnce(e)
    );
  }

  /** Loads what the loops share, and the addresses of their columns. */
  private prologue(): void {
    const { body, emitter, plan } = this;
    const used = new Set<Expr>();
    for (const loop of plan.loops) {
      for (const e of usesOf(this.roots(loop), (node) => this.isThere(loop, node)).keys()) used.add(e);
    }
    const params = emitter.fieldLocal(body, "params", "i32");
    this.address = body.local("i32");
    this.ready = sharedValues(
      body,
      this.dialect,
      plan,
      used,
      (e, scalars) => this.scalarValue(e, params, scalars),
      (name) => emitter.index(name),
      (slot, access) => emitter.load(body, { base: params, offset: 8 * slot }, access),
    );
    this.columns(used);
  }

  /** Values of what is computed once. */
  private scalarValue(e: Expr, params: number, scalars: ReadonlyMap<Expr, number>): ReturnType<Finder> {
    const { body, emitter } = this;
    const known = scalars.get(e);
    const slot = emitter.slot(e);
    if (known !== undefined) {
      body.get(known);
      return "local";
    }
    if (slot !== undefined) {
      emitter.load(body, { base: params, offset: 8 * slot }, "f64.load");
      if (e.type === "boolean") body.f64(0).op("f64.ne");
    } else if (e.op === "t") {
      emitter.field(body, "now", "f64.load");
      emitter.field(body, "dt", "f64.load");
      body.op("f64.mul");
    } else if (e.op === "bound") {
      emitter.field(body, e.value === 0 ? "lowest" : "highest", "f64.load");
    } else if (e.op === "column") {
      // One that holds the same number in all places.
      body.i32(this.layout.columns[e.name as InputColumn]).set(this.address);
      emitter.load(body, { base: this.address, offset: 0 }, "f64.load");
    } else {
      return undefined;
    }
    return "loaded";
  }

  private columns(used: ReadonlySet<Expr>): void {
    const { body, emitter, plan } = this;
    const start = (name: string, push: () => void, isScratch = false): void => {
      if (this.starts.has(name)) return;
      push();
      const base = body.local("i32");
      body.set(base);
      const local = isScratch ? base : body.local("i32");
      if (!isScratch) this.bases.push([local, base]);
      this.starts.set(name, local);
    };
    const receptor = (name: string, r: number, which: 0 | 1): void =>
      start(name, () => emitter.entry(body, emitter.fieldLocal(body, "receptorColumns", "i32"), 2 * r + which));
    const states = emitter.fieldLocal(body, "states", "i32");
    const state = (j: number): void => start(`state ${j}`, () => emitter.entry(body, states, j));
    for (const { state: j } of plan.changed) state(j);
    for (const j of plan.kept.keys()) state(j);
    for (const j of plan.listed.keys()) state(j);
    for (const { potential } of plan.lookups) state(potential);
    for (const e of used) {
      const column = emitter.column(e);
      if (column !== undefined)
        start(`column ${column}`, () => emitter.entry(body, emitter.fieldLocal(body, "columns", "i32"), column));
      else if (e.op === "state") state(e.value);
      else if (e.op === "column" && e.name === "jumps")
        start("jumps", () => emitter.field(body, "jumps", "i32.load"), true);
      else if (emitter.isStill(e)) start("currents", () => emitter.field(body, "currents", "i32.load"));
      else if (e.op === "column" && /^[ga]/.test(e.name))
        receptor(e.name, Number(e.name.slice(1)), e.name[0] === "g" ? 0 : 1);
      else if (e.op === "landing")
        start(`landing ${e.value}`, () => emitter.entry(body, emitter.fieldLocal(body, "landings", "i32"), e.value));
      else if (e.op === "index" && this.offset < 0) this.offset = emitter.fieldLocal(body, "offset", "i32");
      else if (e.op === "refractory") {
        start("until", () => emitter.field(body, "until", "i32.load"));
        if (this.now >= 0) continue;
        emitter.field(body, "now", "f64.load");
        if (this.simd) body.op("f64x2.splat");
        this.now = body.local(this.dialect.value);
        body.set(this.now);
      }
    }
    for (const { receptor: r } of plan.received) receptor(`g${r}`, r, 0);
    for (const [r, { arrives }] of plan.program.receptors.entries()) if (arrives) receptor(`a${r}`, r, 1);
    if (plan.armed !== undefined) start("armed", () => emitter.field(body, "armed", "i32.load"));
  }

  /** One turn of a loop, from byte `i` of the block's columns on. The last loop notes events and sets `seen`. */
  private turn(loop: Loop, i: number, seen: number): void {
    const { body, emitter, plan, dialect } = this;
    const roots = this.roots(loop);
    const uses = usesOf(roots, (e) => this.isThere(loop, e));
    const places = new Map<string, number>();
    const place = (name: string, copy: number): Place => {
      let base = places.get(name);
      if (base === undefined) {
        base = body.local("i32");
        body
          .get(this.starts.get(name) as number)
          .get(i)
          .op("i32.add")
          .set(base);
        places.set(name, base);
      }
      return { base, offset: copy * dialect.bytes };
    };
    const fixed = (address: number, copy: number): Place => ({ base: i, offset: address + copy * dialect.bytes });
    if (seen >= 0) {
      // Ahead of the branch in which some are used first.
      for (const { state } of plan.changed) place(`state ${state}`, 0);
      for (const { receptor } of plan.received) place(`g${receptor}`, 0);
      for (const [r, { arrives }] of plan.program.receptors.entries()) if (arrives) place(`a${r}`, 0);
      for (const state of plan.kept.keys()) place(`state ${state}`, 0);
      if (plan.armed !== undefined) place("armed", 0);
    }

    const scopeOf = (copy: number, found: Finder, counts: ReadonlyMap<Expr, number>): Scope =>
      new Scope(
        body,
        dialect,
        (e) => found(e) ?? this.loopValue(loop, e, copy, i, place, fixed),
        (name) => emitter.index(name),
        counts,
      );
    const kept = roots.filter((e) => seen < 0 || e !== plan.quiet);
    const all = body.local(dialect.truth);
    const copies = Array.from({ length: loop.unroll }, (_, copy) => {
      const scope = scopeOf(copy, () => undefined, uses);
      const values = new Map(kept.map((e) => [e, scope.keep(e)]));
      if (seen >= 0) {
        scope.push(plan.quiet);
        if (copy > 0) body.get(all).op(this.simd ? "v128.and" : "i32.and");
        body.set(all);
      }
      return values;
    });
    const of = (copy: number, e: Expr): number => (copies[copy] as Map<Expr, number>).get(e) as number;

    const each = (f: (copy: number) => void): void => {
      for (let copy = 0; copy < loop.unroll; copy++) f(copy);
    };
    for (const { value, column } of loop.stores) {
      each((copy) => this.put(fixed(emitter.scratch(column), copy), value, of(copy, value)));
    }
    if (seen < 0) return;
    body.get(all);
    if (this.simd) body.op("i64x2.bitmask").i32(3).op("i32.ne");
    else body.op("i32.eqz");
    body.when(() => {
      // Once more for each vector: it is rare, and keeping them apart would take registers.
      const counts = usesOf([plan.quiet], (e) => this.isThere(loop, e) || kept.includes(e));
      this.note(i, loop.unroll, (copy) => {
        const found = (e: Expr): ReturnType<Finder> => {
          const local = copies[copy]?.get(e);
          if (local === undefined) return undefined;
          body.get(local);
          return "local";
        };
        scopeOf(copy, found, counts).push(plan.quiet);
      });
      for (const [state, column] of plan.kept)
        each((copy) => this.copy(place(`state ${state}`, copy), fixed(emitter.scratch(column), copy)));
      if (plan.keptArmed >= 0)
        each((copy) => this.copy(place("armed", copy), fixed(emitter.scratch(plan.keptArmed), copy)));
      // A bit for each eight neurons of the block.
      body.get(seen).i32(1);
      body.get(i).i32(6).op("i32.shr_u").op("i32.shl").op("i32.or").set(seen);
    });
    for (const { state, value } of plan.changed)
      each((copy) => this.put(place(`state ${state}`, copy), value, of(copy, value)));
    for (const { receptor, value } of plan.received)
      each((copy) => this.put(place(`g${receptor}`, copy), value, of(copy, value)));
    for (const [r, { arrives }] of plan.program.receptors.entries()) {
      if (arrives) each((copy) => emitter.store(body, place(`a${r}`, copy), dialect.store, () => this.zero()));
    }
    const { armed } = plan;
    if (armed !== undefined) each((copy) => this.put(place("armed", copy), armed, of(copy, armed)));
  }

  private zero(): void {
    if (this.simd) this.body.f64x2(0, 0);
    else this.body.f64(0);
  }

  /** Keeps which neurons of a group had events, as the bits of a byte. */
  private note(i: number, unroll: number, quiet: (copy: number) => void): void {
    const { body, emitter, simd } = this;
    const { lanes } = this.dialect;
    const at = body.local("i32");
    body.get(i).i32(3).op("i32.shr_u").set(at);
    emitter.store(body, { base: at, offset: this.layout.events }, "i32.store8", () => {
      for (let copy = 0; copy < unroll; copy++) {
        quiet(copy);
        if (simd) body.op("i64x2.bitmask");
        if (copy > 0)
          body
            .i32(copy * lanes)
            .op("i32.shl")
            .op("i32.or");
      }
      body.i32((1 << (unroll * lanes)) - 1).op("i32.xor");
    });
  }

  private copy(from: Place, to: Place): void {
    const { body, emitter, dialect } = this;
    emitter.store(body, to, dialect.store, () => emitter.load(body, from, dialect.load));
  }

  /** Stores a value; a condition becomes a mask of 64 bits. */
  private put(place: Place, e: Expr, local: number): void {
    const { body, emitter, dialect, simd } = this;
    if (e.type === "number" || simd) emitter.store(body, place, dialect.store, () => body.get(local));
    else emitter.store(body, place, "i64.store", () => body.i32(0).get(local).op("i32.sub").op("i64.extend_i32_s"));
  }

  /** Pushes what a loop has without computing it. */
  private loopValue(
    loop: Loop,
    e: Expr,
    copy: number,
    i: number,
    place: (name: string, copy: number) => Place,
    fixed: (address: number, copy: number) => Place,
  ): ReturnType<Finder> {
    const { body, emitter, dialect, layout } = this;
    const ready = this.ready.get(e);
    const scratch = loop.loads.get(e);
    const column = emitter.column(e);
    if (ready !== undefined) {
      body.get(ready);
      return "local";
    }
    if (scratch !== undefined) {
      this.loadAs(e, fixed(emitter.scratch(scratch), copy));
    } else if (column !== undefined) {
      emitter.load(body, place(`column ${column}`, copy), dialect.load);
      if (e.type === "boolean") condition(body, dialect);
    } else if (e.op === "state") {
      emitter.load(body, place(`state ${e.value}`, copy), dialect.load);
    } else if (e.op === "column") {
      const own = e.name === "jumps" || e.name.startsWith("g") || e.name.startsWith("a");
      const at = emitter.isStill(e)
        ? place("currents", copy)
        : own
          ? place(e.name, copy)
          : fixed(layout.columns[e.name as InputColumn], copy);
      emitter.load(body, at, dialect.load);
    } else if (e.op === "landing") {
      emitter.load(body, place(`landing ${e.value}`, copy), dialect.load);
    } else if (e.op === "refractory") {
      emitter.load(body, place("until", copy), dialect.load);
      body.get(this.now).op(this.simd ? "f64x2.ge" : "f64.ge");
    } else if (e.op === "armed") {
      this.loadAs(e, place("armed", copy));
    } else if (e.op === "index") {
      body
        .get(this.offset)
        .get(this.first)
        .op("i32.add")
        .get(i)
        .i32(3)
        .op("i32.shr_u")
        .op("i32.add")
        .op("f64.convert_i32_s");
      if (this.simd)
        body
          .op("f64x2.splat")
          .f64x2(2 * copy, 2 * copy + 1)
          .op("f64x2.add");
      else body.f64(copy).op("f64.add");
    } else {
      return undefined;
    }
    return "loaded";
  }

  /** A value as `put` has stored it. */
  private loadAs(e: Expr, place: Place): void {
    const { body, emitter, dialect, simd } = this;
    if (e.type === "number" || simd) emitter.load(body, place, dialect.load);
    else {
      emitter.load(body, place, "i64.load");
      body.op("i64.eqz").op("i32.eqz");
    }
  }
}

/** What happens to neuron n of the block: a function (k, n) of single numbers, as it is rare. */
export class EventCode {
  private readonly emitter: Emitter;
  private readonly body: Body;
  private readonly plan: Plan;
  private readonly layout: Layout;
  private readonly states = new Map<number, { readonly local: number; readonly base: number }>();
  private params = -1;
  private now = -1;
  /** Bytes from the start of a column to the neuron, of the block's column and of the whole one. */
  private near = -1;
  private far = -1;
  private number = -1;

  constructor(emitter: Emitter, body: Body) {
    this.emitter = emitter;
    this.body = body;
    this.plan = emitter.parts.plan;
    this.layout = emitter.parts.layout;
  }

  write(): void {
    const { body, emitter, plan } = this;
    const { program } = plan;
    this.params = emitter.fieldLocal(body, "params", "i32");
    this.now = emitter.fieldLocal(body, "now", "f64");
    [this.near, this.far, this.number] = [body.local("i32"), body.local("i32"), body.local("i32")];
    body.get(1).i32(3).op("i32.shl").set(this.near);
    emitter.field(body, "first", "i32.load");
    body.get(1).op("i32.add").tee(this.number).i32(3).op("i32.shl").set(this.far);
    const list = emitter.fieldLocal(body, "states", "i32");
    for (const j of program.model.states.keys()) {
      const base = body.local("i32");
      emitter.entry(body, list, j);
      body.get(this.far).op("i32.add").set(base);
      const local = body.local("f64");
      emitter.load(body, { base, offset: 0 }, "f64.load");
      body.set(local);
      this.states.set(j, { local, base });
    }
    for (const j of plan.guarded) this.guard(j);
    this.happenings();
  }

  /** Reports a state that is out of bounds, and does nothing else then. */
  private guard(j: number): void {
    const { body, emitter, plan } = this;
    const { local } = this.states.get(j) as { local: number };
    const bounds = plan.program.model.states[j]?.bounds ?? [-Number.MAX_VALUE, Number.MAX_VALUE];
    const bound = (which: 0 | 1): void => {
      if (j === 0) emitter.field(body, which === 0 ? "lowest" : "highest", "f64.load");
      else body.f64(bounds[which]);
    };
    body.get(local);
    bound(0);
    body.op("f64.ge").get(local);
    bound(1);
    body
      .op("f64.le")
      .op("i32.and")
      .op("i32.eqz")
      .when(() => {
        body.get(0).get(this.number).i32(j).get(local);
        emitter.load(body, { base: this.near, offset: emitter.scratch(plan.kept.get(j) as number) }, "f64.load");
        body.call(emitter.index("runaway")).op("return");
      });
  }

  /** All conditions are those of the step's end; then come the resets, each over what the ones before it left. */
  private happenings(): void {
    const { body, plan } = this;
    const { program } = plan;
    const all = [
      ...(program.threshold === undefined ? [] : [program.threshold]),
      ...program.events.map((e) => e.condition),
    ];
    const conditions = this.scope(...all);
    let spiked = -1;
    if (program.threshold !== undefined) {
      conditions.push(program.threshold);
      if (program.rearm !== undefined) {
        this.emitter.load(body, { base: this.near, offset: this.emitter.scratch(plan.keptArmed) }, "i64.load");
        body.op("i64.eqz").op("i32.eqz").op("i32.and");
      }
      if (program.hold !== undefined) {
        this.refractory();
        body.op("i32.eqz").op("i32.and");
      }
      spiked = body.local("i32");
      body.set(spiked);
    }
    const occurred = program.events.map((e) => {
      conditions.push(e.condition);
      const local = body.local("i32");
      body.set(local);
      return local;
    });
    if (spiked >= 0) body.get(spiked).when(() => this.spike());
    for (const [e, { reset }] of program.events.entries()) {
      body.get(occurred[e] as number).when(() => {
        if (this.layout.pack.events !== undefined) this.logEvent(e);
        this.reset(reset);
      });
    }
  }

  private spike(): void {
    const { body, emitter, plan, layout } = this;
    const { program } = plan;
    const log = emitter.fieldLocal(body, "log", "i32");
    emitter.store(body, { base: log, offset: 0 }, "i32.store", () => body.get(this.number));
    emitter.store(body, { base: 0, offset: layout.pack.log }, "i32.store", () => body.get(log).i32(4).op("i32.add"));
    const fractions = emitter.fieldLocal(body, "fractions", "i32");
    body.get(fractions).when(() => {
      emitter.store(body, { base: fractions, offset: 0 }, "f64.store", () => this.push(program.fraction as Expr));
      emitter.store(body, { base: 0, offset: layout.pack.fractions }, "i32.store", () =>
        body.get(fractions).i32(8).op("i32.add"),
      );
    });
    this.reset(program.reset);
    const { hold, rearm } = program;
    if (hold !== undefined) {
      this.store("until", "f64.store", () => {
        body.get(this.now);
        this.push(hold);
        body.op("f64.add");
      });
      if (plan.listed.size > 0) this.suspend();
    }
    if (rearm !== undefined && program.reset.length > 0) {
      this.store("armed", "i64.store", () => {
        body.i32(0);
        this.push(rearm);
        body.op("i32.sub").op("i64.extend_i32_s");
      });
    }
  }

  /** Adds the neuron to the block's list of refractory ones, on which it is not yet. */
  private suspend(): void {
    const { body, emitter } = this;
    const held = [...this.plan.listed.keys()];
    const [record, count, entry] = [body.local("i32"), body.local("i32"), body.local("i32")];
    emitter.field(body, "held", "i32.load");
    body.get(this.number).i32(8).op("i32.shr_u").i32(heldBytes(held.length)).op("i32.mul").op("i32.add").set(record);
    emitter.load(body, { base: record, offset: 0 }, "i32.load");
    body.tee(count).i32(1).op("i32.shl").get(record).op("i32.add").set(entry);
    emitter.store(body, { base: entry, offset: 4 }, "i32.store16", () => body.get(1));
    body.get(count).i32(3).op("i32.shl").get(record).op("i32.add").set(entry);
    for (const [k, state] of held.entries()) {
      const { local } = this.states.get(state) as { local: number };
      emitter.store(body, { base: entry, offset: savedAt(k) }, "f64.store", () => body.get(local));
    }
    emitter.store(body, { base: record, offset: 0 }, "i32.store", () => body.get(count).i32(1).op("i32.add"));
  }

  /** Stores into a column of the Pack. */
  private store(name: "until" | "armed", access: Access, value: () => void): void {
    const { body, emitter } = this;
    emitter.field(body, name, "i32.load");
    const base = body.local("i32");
    body.get(this.far).op("i32.add").set(base);
    emitter.store(body, { base, offset: 0 }, access, value);
  }

  private logEvent(e: number): void {
    const { body, emitter } = this;
    const list = emitter.fieldLocal(body, "events", "i32");
    const [word, place] = [body.local("i32"), body.local("i32")];
    body.get(list).when(() => {
      emitter.entry(body, list, e);
      body.tee(word).when(() => {
        emitter.load(body, { base: word, offset: 0 }, "i32.load");
        body.set(place);
        emitter.store(body, { base: place, offset: 0 }, "i32.store", () => body.get(this.number));
        emitter.store(body, { base: word, offset: 0 }, "i32.store", () => body.get(place).i32(4).op("i32.add"));
      });
    });
  }

  private reset(statements: readonly IrReset[]): void {
    const { body, emitter } = this;
    const scope = this.scope(...statements.map((r) => r.value));
    const values = statements.map(({ state, value }) => {
      const local = body.local("f64");
      scope.push(value);
      body.set(local);
      return { state, local };
    });
    for (const { state, local } of values) {
      const own = this.states.get(state) as { local: number; base: number };
      emitter.store(body, { base: own.base, offset: 0 }, "f64.store", () => body.get(local));
      body.get(local).set(own.local);
    }
  }

  /**
   * Values of some roots. Nothing is kept from one stretch to the next: resets change states, and a stretch may not
   * have run.
   */
  private scope(...roots: readonly Expr[]): Scope {
    const { body, emitter } = this;
    const uses = usesOf(roots, (e) => emitter.slot(e) !== undefined || emitter.column(e) !== undefined);
    return new Scope(
      body,
      SCALAR,
      (e) => this.value(e),
      (name) => emitter.index(name),
      uses,
    );
  }

  private push(e: Expr): void {
    this.scope(e).push(e);
  }

  private refractory(): void {
    const { body, emitter } = this;
    emitter.field(body, "until", "i32.load");
    const base = body.local("i32");
    body.get(this.far).op("i32.add").set(base);
    emitter.load(body, { base, offset: 0 }, "f64.load");
    body.get(this.now).op("f64.ge");
  }

  private value(e: Expr): ReturnType<Finder> {
    const { body, emitter, layout, plan } = this;
    const slot = emitter.slot(e);
    const column = emitter.column(e);
    if (slot !== undefined || column !== undefined) {
      this.coefficient(slot, column);
      if (e.type === "boolean") body.f64(0).op("f64.ne");
      return "loaded";
    }
    switch (e.op) {
      case "state":
        body.get((this.states.get(e.value) as { local: number }).local);
        return "local";
      case "before":
        emitter.load(body, { base: this.near, offset: emitter.scratch(plan.kept.get(e.value) as number) }, "f64.load");
        return "loaded";
      case "column":
        if (emitter.isStill(e)) {
          emitter.field(body, "currents", "i32.load");
          const base = body.local("i32");
          body.get(this.far).op("i32.add").set(base);
          emitter.load(body, { base, offset: 0 }, "f64.load");
          return "loaded";
        }
        if (!Object.hasOwn(layout.columns, e.name)) return undefined;
        emitter.load(body, { base: this.near, offset: layout.columns[e.name as InputColumn] }, "f64.load");
        return "loaded";
      case "t":
        body.get(this.now);
        emitter.field(body, "dt", "f64.load");
        body.op("f64.mul");
        return "loaded";
      case "index":
        emitter.field(body, "offset", "i32.load");
        body.get(this.number).op("i32.add").op("f64.convert_i32_s");
        return "loaded";
      case "random":
        body
          .get(0)
          .i32(e.value)
          .get(this.number)
          .call(emitter.index(`${e.name}Of`));
        return "loaded";
      case "refractory":
        this.refractory();
        return "loaded";
      case "armed":
        emitter.load(body, { base: this.near, offset: emitter.scratch(plan.keptArmed) }, "i64.load");
        body.op("i64.eqz").op("i32.eqz");
        return "loaded";
      default:
        return undefined;
    }
  }

  private coefficient(slot: number | undefined, column: number | undefined): void {
    const { body, emitter } = this;
    if (slot !== undefined) {
      emitter.load(body, { base: this.params, offset: 8 * slot }, "f64.load");
      return;
    }
    const base = body.local("i32");
    emitter.entry(body, emitter.fieldLocal(body, "columns", "i32"), column as number);
    body.get(this.far).op("i32.add").set(base);
    emitter.load(body, { base, offset: 0 }, "f64.load");
  }
}
