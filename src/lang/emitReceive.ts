/**
 * From the plan of a receptor's step (receive.ts) to a WebAssembly module. It exports `receive(receptor, pack,
 * arriving, stages, folds)`, the slot of assembly/slots.ts: it adds what the receptor contributes to the columns of the
 * block, brings its states to the end of the step and takes in what arrives. `stages` and `folds` are known when it is
 * made. Or it exports `output(receptor, pack, into, 0, 0)`, the slot of that name: it writes the only contribution to
 * the place `into`.
 *
 * At `params` (of an output: `outputParams`) of the receptor stand the plan's uniforms, 8 bytes each, then the
 * addresses (u32) of the columns of its states, then those of the plan's columns. Imports, from "core": as emit.ts, and
 * `receptorRunaway(receptor, pack, n, state, value, before)` for a state that is not finite.
 */
import { type Access, type Body, Module, type ValueType } from "./encode.js";
import {
  COLUMN_BYTES,
  condition,
  type Dialect,
  type Finder,
  type PackLayout,
  type Place,
  SCALAR,
  Scope,
  sharedValues,
  SIMD,
  usesOf,
} from "./emit.js";
import { type Expr, type FunctionName, FUNCTIONS, type InputColumn } from "./ir.js";
import type { Loop, Plan } from "./plan.js";
import { RECEIVED } from "./receive.js";

export interface ReceiveLayout {
  readonly pack: Pick<PackLayout, "first" | "count" | "now" | "dt" | "size" | "states" | "offset">;
  /** Offset of the field of a receptor that names its numbers. */
  readonly params: number;
  /** Columns of the block in work, and one that holds zeros. */
  readonly columns: Readonly<Record<InputColumn, number>>;
  readonly zeros: number;
  /** Scratch columns of the block, as many as `scratchOf` says. */
  readonly scratch: number;
}

export interface ReceiveOptions {
  readonly simd: boolean;
  /** Functions that the core has for whole columns. */
  readonly blocks: readonly FunctionName[];
  /** Number of states of the receptor. */
  readonly own: number;
  /** The slot that it is for. */
  readonly slot: "receive" | "output";
  /** Places of the states that it reads among those of its neurons. */
  readonly reads: readonly number[];
}

/** Scratch columns that a module needs. */
export function scratchOf(plan: Plan, own: number): number {
  return plan.scratch + own;
}

export function emitReceive(plan: Plan, layout: ReceiveLayout, options: ReceiveOptions): Uint8Array<ArrayBuffer> {
  return new ReceiveCode(plan, layout, options).module();
}

const [RECEPTOR, PACK, ARRIVING] = [0, 1, 2];
const PARAMS: readonly ValueType[] = ["i32", "i32", "i32", "i32", "i32"];

class ReceiveCode {
  private readonly plan: Plan;
  private readonly layout: ReceiveLayout;
  private readonly options: ReceiveOptions;
  private readonly dialect: Dialect;
  private readonly code = new Module();
  private readonly imported = new Map<string, number>();
  private readonly slots: ReadonlyMap<Expr, number>;
  private readonly ownColumns: ReadonlyMap<Expr, number>;
  private readonly once: ReadonlySet<Expr>;
  /** Locals of what is had ahead of the loops. */
  private ready: ReadonlyMap<Expr, number> = new Map();
  /** Addresses of the block's start in the columns, by a name. */
  private readonly starts = new Map<string, number>();
  private body!: Body;
  private params = -1;
  private first = -1;
  private index = -1;

  constructor(plan: Plan, layout: ReceiveLayout, options: ReceiveOptions) {
    this.plan = plan;
    this.layout = layout;
    this.options = options;
    this.dialect = options.simd ? SIMD : SCALAR;
    this.slots = new Map(plan.uniforms.map((e, i) => [e, i]));
    this.ownColumns = new Map(plan.columns.map((e, i) => [e, i]));
    this.once = new Set(plan.once);
  }

  module(): Uint8Array<ArrayBuffer> {
    const { plan, options } = this;
    this.declare();
    this.body = this.code.function({ params: PARAMS, results: [] }, options.slot);
    const report = this.code.function({ params: ["i32", "i32", "i32"], results: [] });
    const each = new Map<FunctionName, number>();
    for (const { calls } of plan.loops) {
      for (const { name } of calls)
        if (!options.blocks.includes(name) && !each.has(name)) each.set(name, this.each(name));
    }
    this.report(report);
    this.receive(report.index, each);
    return this.code.encode();
  }

  /** Imports what the plan needs. */
  private declare(): void {
    const { plan, options } = this;
    const take = (name: string, params: readonly ValueType[], results: readonly ValueType[]): void => {
      this.imported.set(name, this.code.import(name, params, results));
    };
    const numbers = (name: FunctionName): ValueType[] => new Array<ValueType>(FUNCTIONS[name]).fill("f64");
    take("receptorRunaway", ["i32", "i32", "i32", "i32", "f64", "f64"], []);
    for (const e of plan.once) if (e.op === "call") take(e.name, numbers(e.name as FunctionName), ["f64"]);
    for (const { name, columns } of plan.loops.flatMap(({ calls }) => calls)) {
      if (options.blocks.includes(name)) take(`${name}Block`, new Array<ValueType>(columns.length + 1).fill("i32"), []);
      else take(name, numbers(name), ["f64"]);
    }
  }

  private get isOutput(): boolean {
    return this.options.slot === "output";
  }

  private imports(name: string): number {
    const index = this.imported.get(name);
    if (index === undefined) throw new RangeError(`${name} is not imported`);
    return index;
  }

  private scratch(column: number): number {
    return this.layout.scratch + column * COLUMN_BYTES;
  }

  /** Address of the list of the columns of the receptor's states, and of those of the plan, from `params` on. */
  private get statesAt(): number {
    return 8 * this.plan.uniforms.length;
  }

  private get columnsAt(): number {
    return this.statesAt + 4 * this.options.own;
  }

  private field(body: Body, name: keyof ReceiveLayout["pack"], access: Access): Body {
    return body.get(PACK).access(access, this.layout.pack[name] as number);
  }

  /** A function of one number after the other, for columns that the core does not take as a whole. */
  private each(name: FunctionName): number {
    const count = FUNCTIONS[name];
    const body = this.code.function({ params: new Array<ValueType>(count + 1).fill("i32"), results: [] });
    const end = body.local("i32");
    body.get(0).get(count).i32(3).op("i32.shl").op("i32.add").set(end);
    body.repeatWhile(() => {
      body.get(0);
      for (let j = 0; j < count; j++) body.get(j).access("f64.load", 0);
      body.call(this.imports(name)).access("f64.store", 0);
      for (let j = 0; j < count; j++) body.get(j).i32(8).op("i32.add").set(j);
      body.get(0).get(end).op("i32.lt_u");
    });
    return body.index;
  }

  /**
   * Reports what is not finite among the neurons of a turn that begins at byte i of the block: a function (receptor,
   * pack, i). The new states stand in scratch columns, the old ones are where they were.
   */
  private report(body: Body): void {
    const { plan, layout } = this;
    const at = 2;
    const neurons = (plan.loops.at(-1)?.unroll ?? 1) * this.dialect.lanes;
    const [n, end, base] = [body.local("i32"), body.local("i32"), body.local("i32")];
    const value = body.local("f64");
    body
      .get(at)
      .i32(8 * neurons)
      .op("i32.add")
      .set(end);
    body.repeatWhile(() => {
      this.field(body, "first", "i32.load").get(at).i32(3).op("i32.shr_u").op("i32.add").tee(n);
      this.field(body, "size", "i32.load").op("i32.lt_s");
      body.when(() => {
        for (const [j, { state }] of plan.changed.entries()) {
          body
            .get(at)
            .access("f64.load", this.scratch(plan.scratch + j))
            .tee(value);
          body.op("f64.abs").f64(Number.MAX_VALUE).op("f64.le").op("i32.eqz");
          body.when(() => {
            body
              .get(RECEPTOR)
              .access("i32.load", layout.params)
              .access("i32.load", this.statesAt + 4 * state);
            body.get(n).i32(3).op("i32.shl").op("i32.add").set(base);
            body.get(RECEPTOR).get(PACK).get(n).i32(state).get(value).get(base).access("f64.load", 0);
            body.call(this.imports("receptorRunaway"));
          });
        }
      });
      body.get(at).i32(8).op("i32.add").tee(at).get(end).op("i32.lt_u");
    });
  }

  private receive(report: number, each: ReadonlyMap<FunctionName, number>): void {
    const { body, plan, dialect } = this;
    const [count, end, i] = [body.local("i32"), body.local("i32"), body.local("i32")];
    this.first = body.local("i32");
    this.params = body.local("i32");
    this.field(body, "first", "i32.load").set(this.first);
    this.field(body, "count", "i32.load").tee(count).i32(3).op("i32.shl").set(end);
    body.get(RECEPTOR).access("i32.load", this.layout.params).set(this.params);
    // Where nothing can arrive, zeros stand for it, and stay so.
    if (!this.isOutput) body.get(ARRIVING).i32(this.layout.zeros).get(ARRIVING).op("select").set(ARRIVING);
    this.prologue();
    for (const loop of plan.loops) {
      body.i32(0).set(i);
      body.repeatWhile(() => {
        this.turn(loop, i, report);
        body
          .get(i)
          .i32(loop.unroll * dialect.bytes)
          .op("i32.add")
          .tee(i)
          .get(end)
          .op("i32.lt_u");
      });
      for (const { name, columns } of loop.calls) {
        for (const column of columns) body.i32(this.scratch(column));
        body.get(count).call(each.get(name) ?? this.imports(`${name}Block`));
      }
    }
  }

  private roots(loop: Loop): Expr[] {
    const { plan } = this;
    const stored = loop.stores.map((s) => s.value);
    if (loop !== plan.loops.at(-1)) return stored;
    return [...stored, ...plan.changed.map((c) => c.value), ...plan.received.map((r) => r.value)];
  }

  private isThere(loop: Loop, e: Expr): boolean {
    return loop.loads.has(e) || this.slots.has(e) || this.ownColumns.has(e) || this.once.has(e);
  }

  /** Loads what the loops share, and the addresses of their columns. */
  private prologue(): void {
    const { body, plan, options } = this;
    const used = new Set<Expr>();
    for (const loop of plan.loops) {
      for (const e of usesOf(this.roots(loop), (node) => this.isThere(loop, node)).keys()) used.add(e);
    }
    this.ready = sharedValues(
      body,
      this.dialect,
      plan,
      used,
      (e, scalars) => this.single(e, scalars),
      (name) => this.imports(name),
      (slot, access) => void body.get(this.params).access(access, 8 * slot),
    );
    const start = (name: string, push: () => void): void => {
      if (this.starts.has(name)) return;
      push();
      body.get(this.first).i32(3).op("i32.shl").op("i32.add");
      const local = body.local("i32");
      body.set(local);
      this.starts.set(name, local);
    };
    for (let j = 0; j < options.own; j++)
      start(`state ${j}`, () => body.get(this.params).access("i32.load", this.statesAt + 4 * j));
    for (const e of used) {
      const column = this.ownColumns.get(e);
      if (column !== undefined)
        start(`column ${column}`, () => body.get(this.params).access("i32.load", this.columnsAt + 4 * column));
      else if (e.op === "state" && e.value >= options.own)
        start(`state ${e.value}`, () => {
          this.field(body, "states", "i32.load");
          body.access("i32.load", 4 * (options.reads[e.value - options.own] as number));
        });
      else if (e.op === "index" && this.index < 0) {
        this.index = body.local("i32");
        this.field(body, "offset", "i32.load").get(this.first).op("i32.add").set(this.index);
      }
    }
  }

  /** Values of what is computed once. */
  private single(e: Expr, scalars: ReadonlyMap<Expr, number>): ReturnType<Finder> {
    const { body } = this;
    const known = scalars.get(e);
    const slot = this.slots.get(e);
    if (known !== undefined) {
      body.get(known);
      return "local";
    }
    if (slot !== undefined) {
      body.get(this.params).access("f64.load", 8 * slot);
      if (e.type === "boolean") body.f64(0).op("f64.ne");
    } else if (e.op === "t") {
      this.field(body, "now", "f64.load");
      this.field(body, "dt", "f64.load").op("f64.mul");
    } else return undefined;
    return "loaded";
  }

  /** One turn of a loop, from byte `i` of the block's columns on. */
  private turn(loop: Loop, i: number, report: number): void {
    const { body, plan, dialect, layout } = this;
    const isLast = loop === plan.loops.at(-1);
    const roots = this.roots(loop);
    const uses = usesOf(roots, (e) => this.isThere(loop, e));
    const places = new Map<string, number>();
    const place = (name: string, copy: number): Place => {
      let base = places.get(name);
      if (base === undefined) {
        base = body.local("i32");
        body
          .get(name === "arriving" ? ARRIVING : (this.starts.get(name) as number))
          .get(i)
          .op("i32.add")
          .set(base);
        places.set(name, base);
      }
      return { base, offset: copy * dialect.bytes };
    };
    const fixed = (address: number, copy: number): Place => ({ base: i, offset: address + copy * dialect.bytes });
    if (isLast) {
      // Ahead of the branch in which some are used first.
      place("arriving", 0);
      for (const { state } of plan.changed) place(`state ${state}`, 0);
    }
    const copies = Array.from({ length: loop.unroll }, (_, copy) => {
      const found: Finder = (e) => this.found(loop, e, copy, i, place, fixed);
      const scope = new Scope(body, dialect, found, (name) => this.imports(name), uses);
      return new Map(roots.map((e) => [e, scope.keep(e)]));
    });
    const store = (to: (copy: number) => Place, e: Expr): void => {
      for (const [copy, values] of copies.entries()) this.put(to(copy), e, values.get(e) as number);
    };
    for (const { value, column } of loop.stores) store((copy) => fixed(this.scratch(column), copy), value);
    if (!isLast) return;
    this.guard(copies, () => {
      for (const [j, { value }] of plan.changed.entries())
        store((copy) => fixed(this.scratch(plan.scratch + j), copy), value);
      body.get(RECEPTOR).get(PACK).get(i).call(report);
    });
    for (const { state, value } of plan.changed) store((copy) => place(`state ${state}`, copy), value);
    if (this.isOutput) {
      for (const { value } of plan.received) store((copy) => place("arriving", copy), value);
      return;
    }
    for (const { receptor, value } of plan.received) {
      const address = layout.columns[RECEIVED[receptor] as InputColumn];
      store((copy) => fixed(address, copy), value);
    }
    for (let copy = 0; copy < loop.unroll; copy++) {
      const { base, offset } = place("arriving", copy);
      body.get(base);
      if (this.options.simd) body.f64x2(0, 0);
      else body.f64(0);
      body.access(dialect.store, offset);
    }
  }

  /** Does something where a new state of the turn is not finite. */
  private guard(copies: readonly ReadonlyMap<Expr, number>[], otherwise: () => void): void {
    const { body, plan, options } = this;
    const locals = copies.flatMap((values) => plan.changed.map(({ value }) => values.get(value) as number));
    if (locals.length === 0) return;
    for (const [k, local] of locals.entries()) {
      body.get(local);
      if (options.simd) body.op("f64x2.abs").f64x2(Number.MAX_VALUE, Number.MAX_VALUE).op("f64x2.le");
      else body.op("f64.abs").f64(Number.MAX_VALUE).op("f64.le");
      if (k > 0) body.op(options.simd ? "v128.and" : "i32.and");
    }
    if (options.simd) body.op("i64x2.bitmask").i32(3).op("i32.ne");
    else body.op("i32.eqz");
    body.when(otherwise);
  }

  /** Stores a value; a condition becomes a mask of 64 bits. */
  private put({ base, offset }: Place, e: Expr, local: number): void {
    const { body, dialect, options } = this;
    body.get(base);
    if (e.type === "number" || options.simd) body.get(local).access(dialect.store, offset);
    else body.i32(0).get(local).op("i32.sub").op("i64.extend_i32_s").access("i64.store", offset);
  }

  /** Pushes what a loop has without computing it. */
  private found(
    loop: Loop,
    e: Expr,
    copy: number,
    i: number,
    place: (name: string, copy: number) => Place,
    fixed: (address: number, copy: number) => Place,
  ): ReturnType<Finder> {
    const { body, dialect, layout, options } = this;
    const load = ({ base, offset }: Place, as: Expr = e): void => {
      body.get(base);
      if (as.type === "number" || options.simd) body.access(dialect.load, offset);
      else body.access("i64.load", offset).op("i64.eqz").op("i32.eqz");
    };
    const ready = this.ready.get(e);
    const scratch = loop.loads.get(e);
    const column = this.ownColumns.get(e);
    if (ready !== undefined) {
      body.get(ready);
      return "local";
    }
    if (scratch !== undefined) load(fixed(this.scratch(scratch), copy));
    else if (column !== undefined) {
      const { base, offset } = place(`column ${column}`, copy);
      body.get(base).access(dialect.load, offset);
      if (e.type === "boolean") condition(body, this.dialect);
    } else if (e.op === "state") load(place(`state ${e.value}`, copy));
    else if (e.op === "column")
      load(e.name === "a0" ? place("arriving", copy) : fixed(layout.columns[e.name as InputColumn], copy));
    else if (e.op === "index") {
      body.get(this.index).get(i).i32(3).op("i32.shr_u").op("i32.add").op("f64.convert_i32_s");
      if (options.simd)
        body
          .op("f64x2.splat")
          .f64x2(2 * copy, 2 * copy + 1)
          .op("f64x2.add");
      else body.f64(copy).op("f64.add");
    } else return undefined;
    return "loaded";
  }
}
