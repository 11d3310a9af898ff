/**
 * From the program of a rule of plasticity to a WebAssembly module with functions for the slots of a projection
 * (assembly/slots.ts): `onPre`, `onPost`, `onRow`, `everyStep`, a function for each event that the rule listens to, and
 * `settle(rule, step)`, which lets the columns take in their factors.
 *
 * Synapses of a row, or onto a target, are done in pairs: no two have a number in common, since what belongs to neurons
 * is read in these loops and written behind them. The scalar form does the same operations.
 *
 * At `params` of the rule lie numbers of 8 bytes: three for each factor, E, 1/E and the step at which E was 1; then one
 * for each variable, that of the shared ones; the address (u32) of each variable's column; the numbers of sources and
 * synapses (u32), and that of the first target here; then what is common to all, `uniforms`.
 */
import { type Dialect, type Finder, SCALAR, Scope, SIMD, spread, usesOf } from "./emit.js";
import { type Access, type Body, Module, type ValueType } from "./encode.js";
import { type Expr, type FunctionName, FUNCTIONS, inOrder } from "./ir.js";
import type { Level } from "./rule.js";
import { type Change, columnOf, isCommon, type RuleProgram } from "./ruleProgram.js";

/** Offsets in the head of a rule (RULE_PACK of the table of host and core). */
export interface RuleLayout {
  readonly learning: number;
  readonly least: number;
  readonly most: number;
  readonly incomingRows: number;
  readonly incoming: number;
  readonly sources: number;
  readonly targetCount: number;
  readonly params: number;
  readonly effects: number;
}

export interface RuleModule {
  readonly module: Uint8Array<ArrayBuffer>;
  /** What the host writes from `uniformsAt` on. */
  readonly uniforms: readonly Expr[];
  /** Places at `params`, in numbers of 8 bytes. */
  readonly places: RulePlaces;
  /** Functions that there are. */
  readonly exports: ReadonlySet<string>;
}

/** Where the numbers of a rule lie, in numbers of 8 bytes. */
export interface RulePlaces {
  factor(group: number): number;
  value(variable: number): number;
  address(variable: number): number;
  readonly sources: number;
  readonly synapses: number;
  readonly firstTarget: number;
  readonly uniforms: number;
}

export function placesOf({ rates, rule }: RuleProgram): RulePlaces {
  const [groups, count] = [rates.length, rule.variables.length];
  const counts = 3 * groups + 2 * count;
  return {
    factor: (group) => 3 * group,
    value: (variable) => 3 * groups + variable,
    address: (variable) => 3 * groups + count + variable,
    sources: counts,
    synapses: counts + 1,
    firstTarget: counts + 2,
    uniforms: counts + 3,
  };
}

/** E within e^-16 to e^16: products with it keep their digits, and are far from the ends of the numbers. */
const FARTHEST = 16;
/** What has decayed so far has no effect, and would become subnormal. */
const GONE = 1e-150;

/** The name of the function for the block with this place among the rule's blocks. */
export function eventName(block: number): string {
  return `event${block}`;
}

export function emitRule(program: RuleProgram, layout: RuleLayout, simd: boolean): RuleModule {
  return new RuleEmitter(program, layout, simd).module();
}

const PRE: readonly ValueType[] = ["i32", "i32", "i32", "i32", "i32", "i32", "f64"];
const POST: readonly ValueType[] = ["i32", "i32", "i32", "f64"];

class RuleEmitter {
  readonly program: RuleProgram;
  readonly layout: RuleLayout;
  readonly simd: boolean;
  readonly places: RulePlaces;
  private readonly code = new Module();
  private readonly imported = new Map<string, number>();
  private readonly uniforms = new Map<Expr, number>();
  private readonly exported = new Set<string>();

  constructor(program: RuleProgram, layout: RuleLayout, simd: boolean) {
    this.program = program;
    this.layout = layout;
    this.simd = simd;
    this.places = placesOf(program);
  }

  module(): RuleModule {
    const { program } = this;
    const { blocks, row, rates } = program;
    this.declare();
    const of = (kind: string): readonly Change[] => blocks.find((b) => b.kind === kind)?.changes ?? [];
    const [pre, post] = [of("onPre"), of("onPost")];
    if (pre.length > 0) this.row(this.function(PRE, "onPre"), pre);
    if (row.length > 0) this.row(this.function(PRE, "onRow"), row);
    if (post.length > 0) this.incoming(this.function(POST, "onPost"), post);
    for (const [k, { kind, changes }] of blocks.entries()) {
      if (kind === "onEvent" && changes.length > 0) this.incoming(this.function(POST, eventName(k)), changes);
      if (kind === "onModulator" && changes.length > 0) this.shared(this.function(POST, eventName(k)), changes);
    }
    const interval = of("onInterval");
    const intervals = interval.length > 0 ? this.code.function({ params: POST, results: [] }) : undefined;
    if (intervals) this.incoming(intervals, interval);
    const rebases = rates.map((_, g) => {
      const body = this.code.function({ params: ["i32", "f64"], results: [] });
      this.rebase(body, g);
      return body;
    });
    const clocked = Object.values(program.clocks).some((changes) => changes.length > 0);
    if (intervals || clocked || rates.length > 0) {
      this.everyStep(this.function(["i32", "i32", "f64"], "everyStep"), intervals, rebases);
    }
    if (rates.length > 0) this.settle(this.function(["i32", "f64"], "settle"), rebases);
    return {
      module: this.code.encode(),
      uniforms: [...this.uniforms.keys()],
      places: this.places,
      exports: this.exported,
    };
  }

  private function(params: readonly ValueType[], name: string): Body {
    this.exported.add(name);
    return this.code.function({ params, results: [] }, name);
  }

  private declare(): void {
    const { program } = this;
    const { blocks, row, clocks, ir } = program;
    const changes = [...blocks.flatMap((b) => b.changes), ...row, ...Object.values(clocks).flat()];
    const take = (name: string, params: readonly ValueType[], results: readonly ValueType[]): void => {
      this.imported.set(name, this.code.import(name, params, results));
    };
    take("ruleRunaway", ["i32"], []);
    take("exp", ["f64"], ["f64"]);
    for (const e of inOrder(changes.map(({ value }) => value))) {
      if (e.op !== "call" || isCommon(ir, e)) continue;
      take(e.name, new Array<ValueType>(FUNCTIONS[e.name as FunctionName]).fill("f64"), ["f64"]);
    }
  }

  index(name: string): number {
    const index = this.imported.get(name);
    if (index === undefined) throw new RangeError(`${name} is not imported`);
    return index;
  }

  /** Place of a value that is common to all, in bytes. */
  uniform(e: Expr): number {
    let slot = this.uniforms.get(e);
    if (slot === undefined) this.uniforms.set(e, (slot = this.uniforms.size));
    return 8 * (this.places.uniforms + slot);
  }

  levelOf(variable: number): Level {
    return (this.program.rule.variables[variable] as { level: Level }).level;
  }

  kindOf(variable: number): string {
    return (this.program.rule.variables[variable] as { kind: string }).kind;
  }

  /** onPre and onRow: a row of synapses, then what belongs to its source and to all. */
  private row(body: Body, changes: readonly Change[]): void {
    const f = new Frame(this, body, { neuron: 1, level: "source", weights: 5, t: 6 });
    const scalars = f.scalars(changes.filter(({ variable }) => this.levelOf(variable) !== "synapse"));
    const own = changes.filter(({ variable }) => this.levelOf(variable) === "synapse");
    if (own.length > 0) new LoopCode(this, f, own, { kind: "row", first: 2, end: 3, targets: 4 }).write();
    f.store(scalars);
  }

  /** What happens at a target: its incoming synapses, then what belongs to it. */
  private incoming(body: Body, changes: readonly Change[]): void {
    const f = new Frame(this, body, { neuron: 1, level: "target", weights: 2, t: 3 });
    const scalars = f.scalars(changes.filter(({ variable }) => this.levelOf(variable) !== "synapse"));
    const own = changes.filter(({ variable }) => this.levelOf(variable) === "synapse");
    if (own.length > 0) {
      const { incomingRows } = this.layout;
      const [first, end, at] = [body.local("i32"), body.local("i32"), body.local("i32")];
      body.get(0).access("i32.load", incomingRows).get(1).i32(2).op("i32.shl").op("i32.add").tee(at);
      body.access("i32.load", 0).set(first).get(at).access("i32.load", 4).set(end);
      new LoopCode(this, f, own, { kind: "incoming", first, end, targets: -1 }).write();
    }
    f.store(scalars);
  }

  private shared(body: Body, changes: readonly Change[]): void {
    const f = new Frame(this, body, { neuron: -1, level: "shared", weights: 2, t: 3 });
    f.store(f.scalars(changes));
  }

  private everyStep(body: Body, interval: Body | undefined, rebases: readonly Body[]): void {
    const { program, layout, places } = this;
    const { ir, clocks, rates } = program;
    const f = new Frame(this, body, { neuron: -1, level: "shared", weights: 1, t: -1 });
    const STEP = 2;
    const done = body.local("f64");
    body.get(STEP).f64(1).op("f64.add").tee(done);
    f.uniform(ir.dt);
    body.op("f64.mul").set(f.t);
    const neurons = (level: Level): number => {
      const count = body.local("i32");
      if (level === "target") body.get(0).access("i32.load", layout.targetCount).set(count);
      else
        body
          .get(f.params)
          .access("i32.load", 8 * (level === "source" ? places.sources : places.synapses))
          .set(count);
      return count;
    };
    if (interval && program.interval) {
      const steps = ir.max(ir.floor(ir.add(ir.div(program.interval, ir.dt), ir.const(0.5))), ir.const(1));
      const [every, target, count] = [body.local("f64"), body.local("i32"), neurons("target")];
      f.uniform(steps);
      body.set(every).get(done).get(done).get(every).op("f64.div").op("f64.floor").get(every).op("f64.mul");
      body.op("f64.eq").when(() => {
        body.get(count).when(() => {
          body.i32(0).set(target);
          body.repeatWhile(() => {
            body.get(0).get(target).get(1).get(f.t).call(interval.index);
            body.get(target).i32(1).op("i32.add").tee(target).get(count).op("i32.lt_u");
          });
        });
      });
    }
    // What is shared is seen by neurons as it was at the start of the step.
    const shared = f.scalars(clocks.shared);
    for (const level of ["source", "target"] as const) {
      if (clocks[level].length === 0) continue;
      const first = body.local("i32");
      body.i32(0).set(first);
      new LoopCode(this, f, clocks[level], { kind: level, first, end: neurons(level), targets: -1 }).write();
    }
    f.store(shared);
    for (const [g, rate] of rates.entries()) {
      const at = 8 * places.factor(g);
      const [exponent, E] = [body.local("f64"), body.local("f64")];
      f.uniform(ir.mul(rate, ir.dt));
      body
        .get(done)
        .get(f.params)
        .access("f64.load", at + 16)
        .op("f64.sub")
        .op("f64.mul")
        .tee(exponent);
      body.call(this.index("exp")).set(E);
      body.get(exponent).op("f64.abs").f64(FARTHEST).op("f64.ge");
      body.when(
        () => {
          body
            .get(0)
            .get(E)
            .call((rebases[g] as Body).index);
          body
            .get(f.params)
            .get(done)
            .access("f64.store", at + 16);
          body.get(f.params).f64(1).access("f64.store", at);
          body
            .get(f.params)
            .f64(1)
            .access("f64.store", at + 8);
        },
        () => {
          body.get(f.params).get(E).access("f64.store", at);
          body
            .get(f.params)
            .f64(1)
            .get(E)
            .op("f64.div")
            .access("f64.store", at + 8);
        },
      );
    }
  }

  /** Lets all columns take in their factors, so that other numbers can hold from here on. */
  private settle(body: Body, rebases: readonly Body[]): void {
    const params = body.local("i32");
    body.get(0).access("i32.load", this.layout.params).set(params);
    for (const [g, rebase] of rebases.entries()) {
      const at = 8 * this.places.factor(g);
      body.get(0).get(params).access("f64.load", at).call(rebase.index);
      body
        .get(params)
        .get(1)
        .access("f64.store", at + 16);
      body.get(params).f64(1).access("f64.store", at);
      body
        .get(params)
        .f64(1)
        .access("f64.store", at + 8);
    }
  }

  /** Multiplies the columns of a factor by a number. */
  private rebase(body: Body, group: number): void {
    const { program, places, layout, simd } = this;
    const params = body.local("i32");
    const [at, end, pairs] = [body.local("i32"), body.local("i32"), body.local("i32")];
    const value = body.local("f64");
    const vector = simd ? body.local("v128") : -1;
    body.get(0).access("i32.load", layout.params).set(params);
    for (const [k, lazy] of program.lazy.entries()) {
      if (lazy?.group !== group) continue;
      const level = this.levelOf(k);
      if (level === "shared") {
        body.get(params);
        body
          .get(params)
          .access("f64.load", 8 * places.value(k))
          .get(1)
          .op("f64.mul");
        body.access("f64.store", 8 * places.value(k));
        continue;
      }
      body
        .get(params)
        .access("i32.load", 8 * places.address(k))
        .tee(at);
      if (level === "target") body.get(0).access("i32.load", layout.targetCount);
      else body.get(params).access("i32.load", 8 * (level === "source" ? places.sources : places.synapses));
      body.i32(3).op("i32.shl").op("i32.add").set(end);
      if (simd) {
        body.get(end).i32(15).op("i32.sub").set(pairs);
        body
          .get(at)
          .get(pairs)
          .op("i32.lt_u")
          .when(() => {
            body.repeatWhile(() => {
              body.get(at);
              body.get(at).access("v128.load", 0).get(1).op("f64x2.splat").op("f64x2.mul").tee(vector);
              body.get(vector).op("f64x2.abs").f64x2(GONE, GONE).op("f64x2.lt").op("v128.andnot");
              body.access("v128.store", 0);
              body.get(at).i32(16).op("i32.add").tee(at).get(pairs).op("i32.lt_u");
            });
          });
      }
      body
        .get(at)
        .get(end)
        .op("i32.lt_u")
        .when(() => {
          body.repeatWhile(() => {
            body.get(at).access("f64.load", 0).get(1).op("f64.mul").set(value);
            body.get(at).f64(0).get(value).get(value).op("f64.abs").f64(GONE).op("f64.lt").op("select");
            body.access("f64.store", 0);
            body.get(at).i32(8).op("i32.add").tee(at).get(end).op("i32.lt_u");
          });
        });
    }
  }
}

/** What a function knows: local variables of its head, and the neuron that it is about. */
interface Head {
  /** Local of the neuron's number; -1 without one. */
  readonly neuron: number;
  readonly level: Level;
  readonly weights: number;
  /** Local of t; -1 where the function computes it. */
  readonly t: number;
}

/** A function of the module: single numbers, and the addresses of columns. */
class Frame {
  readonly emitter: RuleEmitter;
  readonly body: Body;
  readonly params: number;
  readonly t: number;
  private readonly head: Head;
  private readonly far: number;
  private readonly bases = new Map<number, number>();

  constructor(emitter: RuleEmitter, body: Body, head: Head) {
    this.emitter = emitter;
    this.body = body;
    this.head = head;
    this.params = body.local("i32");
    this.t = head.t >= 0 ? head.t : body.local("f64");
    this.far = body.local("i32");
    body.get(0).access("i32.load", emitter.layout.params).set(this.params);
    if (head.neuron >= 0) body.get(head.neuron).i32(3).op("i32.shl").set(this.far);
  }

  /** Pushes a value that is common to all. */
  uniform(e: Expr): void {
    if (e.op === "const") this.body.f64(e.value);
    else this.body.get(this.params).access("f64.load", this.emitter.uniform(e));
  }

  /** A local with the address of a variable's column. */
  base(variable: number): number {
    if (this.emitter.kindOf(variable) === "weight") return this.head.weights;
    let local = this.bases.get(variable);
    if (local === undefined) {
      local = this.body.local("i32");
      this.body
        .get(this.params)
        .access("i32.load", 8 * this.emitter.places.address(variable))
        .set(local);
      this.bases.set(variable, local);
    }
    return local;
  }

  /** Whether a number is one for the whole function. */
  isFixed(e: Expr): boolean {
    const { emitter, head } = this;
    return [...emitter.program.ir.leaves(e)].every((leaf) => {
      if (leaf.op !== "before") return true;
      const level = emitter.levelOf(leaf.value);
      return level === "shared" || (level === head.level && head.neuron >= 0);
    });
  }

  /** Computes single numbers, ahead of everything that is stored. */
  scalars(changes: readonly Change[]): readonly { readonly variable: number; readonly local: number }[] {
    const scope = this.scope(changes.map(({ value }) => value));
    return changes.map(({ variable, value }) => ({ variable, local: scope.keep(value) }));
  }

  /** A scope for single numbers. */
  scope(roots: readonly Expr[]): Scope {
    const { emitter } = this;
    const { ir } = emitter.program;
    const uses = usesOf(roots, (e) => isCommon(ir, e));
    return new Scope(
      this.body,
      SCALAR,
      (e) => this.found(e),
      (name) => emitter.index(name),
      uses,
    );
  }

  private found(e: Expr): ReturnType<Finder> {
    const { body, emitter, params, head } = this;
    const { places, program } = emitter;
    if (e.op === "const" || e.op === "boolean") return undefined;
    if (isCommon(program.ir, e)) {
      this.uniform(e);
      if (e.type === "boolean") body.f64(0).op("f64.ne");
      return "loaded";
    }
    if (e.op === "t") {
      body.get(this.t);
      return "local";
    }
    if (e.op === "derived") {
      body.get(params).access("f64.load", 8 * (places.factor(e.value >> 1) + (e.value & 1)));
      return "loaded";
    }
    if (e.op !== "before") return undefined;
    const variable = e.value;
    if (emitter.levelOf(variable) === "shared") {
      body.get(params).access("f64.load", 8 * places.value(variable));
    } else if (emitter.kindOf(variable) === "number") {
      body.get(head.neuron);
      this.number(variable);
    } else {
      body.get(this.base(variable)).get(this.far).op("i32.add").access("f64.load", 0);
    }
    return "loaded";
  }

  /** From the number of a neuron here, on the stack, to that in its population. */
  number(variable: number): void {
    const { body, emitter, params } = this;
    body.op("f64.convert_i32_u");
    if (emitter.levelOf(variable) === "target") {
      body
        .get(params)
        .access("f64.load", 8 * emitter.places.firstTarget)
        .op("f64.add");
    }
  }

  /** Stores single numbers, and reports one that is none. */
  store(scalars: readonly { readonly variable: number; readonly local: number }[]): void {
    const { body, emitter, params } = this;
    for (const { variable, local } of scalars) {
      if (emitter.levelOf(variable) === "shared") {
        body
          .get(params)
          .get(local)
          .access("f64.store", 8 * emitter.places.value(variable));
      } else {
        body.get(this.base(variable)).get(this.far).op("i32.add").get(local).access("f64.store", 0);
      }
      body.get(local).op("f64.abs").f64(Number.MAX_VALUE).op("f64.le").op("i32.eqz");
      body.when(() => this.report());
    }
  }

  report(): void {
    this.body.get(0).call(this.emitter.index("ruleRunaway"));
  }
}

/** What a loop runs over: a row of synapses, the synapses onto a target, the neurons of an end. */
interface Range {
  readonly kind: "row" | "incoming" | "source" | "target";
  /** Locals. */
  readonly first: number;
  readonly end: number;
  readonly targets: number;
}

/** A local with a number or condition, and one with the vector of it. */
interface Both {
  readonly single: number;
  readonly vector: number;
}

const NOWHERE: Both = { single: -1, vector: -1 };

/** A loop over synapses or neurons, in pairs as long as there are two. */
class LoopCode {
  private readonly emitter: RuleEmitter;
  private readonly frame: Frame;
  private readonly body: Body;
  private readonly changes: readonly Change[];
  private readonly range: Range;
  private readonly i: number;
  /** Locals of what the loop has from outside, single and as vectors. */
  private readonly fixed = new Map<Expr, Both>();
  private readonly learns: boolean;
  /** Whether weights change, as a condition of either form, and their bounds. */
  private learning = NOWHERE;
  private least = NOWHERE;
  private most = NOWHERE;
  private effects = -1;
  private list = -1;
  private others = -1;

  constructor(emitter: RuleEmitter, frame: Frame, changes: readonly Change[], range: Range) {
    this.emitter = emitter;
    this.frame = frame;
    this.body = frame.body;
    this.changes = changes;
    this.range = range;
    this.i = frame.body.local("i32");
    this.learns = changes.some(({ variable }) => emitter.kindOf(variable) === "weight");
  }

  write(): void {
    const { body, range, emitter, i } = this;
    this.prologue();
    body.get(range.first).set(i);
    if (emitter.simd) {
      const pairs = body.local("i32");
      // Without a synapse `end` may be 0.
      body
        .get(range.first)
        .get(range.end)
        .op("i32.lt_u")
        .when(() => {
          body.get(range.end).i32(1).op("i32.sub").set(pairs);
          body
            .get(i)
            .get(pairs)
            .op("i32.lt_u")
            .when(() => this.loop(SIMD, pairs, 2));
        });
    }
    body
      .get(i)
      .get(range.end)
      .op("i32.lt_u")
      .when(() => this.loop(SCALAR, range.end, 1));
  }

  private loop(dialect: Dialect, end: number, count: number): void {
    const { body, i } = this;
    const ok = body.local(dialect.truth);
    if (dialect === SIMD) body.i64(-1).op("i64x2.splat").set(ok);
    else body.i32(1).set(ok);
    body.repeatWhile(() => {
      this.turn(dialect, ok);
      body.get(i).i32(count).op("i32.add").tee(i).get(end).op("i32.lt_u");
    });
    body.get(ok);
    if (dialect === SIMD) body.op("i64x2.all_true");
    body.op("i32.eqz").when(() => this.frame.report());
  }

  /** What the loop has from outside. */
  private prologue(): void {
    const { body, emitter, frame, range, changes } = this;
    const { layout } = emitter;
    const roots = changes.map(({ value }) => value);
    const outside = new Set<Expr>();
    const bases = new Set<number>(changes.map(({ variable }) => variable));
    const visit = (e: Expr): void => {
      if (e.op === "const" || e.op === "boolean" || outside.has(e)) return;
      if (this.isOutside(e)) outside.add(e);
      else if (e.op === "before") bases.add(e.value);
      else for (const a of e.args) visit(a);
    };
    for (const e of roots) visit(e);
    const scope = frame.scope([...outside]);
    for (const e of outside) this.fixed.set(e, this.both(scope.keep(e), e.type === "boolean"));
    for (const k of bases) if (!["transmitted", "number"].includes(emitter.kindOf(k))) frame.base(k);
    const word = (offset: number, access: Access = "i32.load"): number => {
      const local = body.local("i32");
      body.get(0).access(access, offset).set(local);
      return local;
    };
    const bound = (offset: number): Both => {
      const local = body.local("f64");
      body.get(0).access("f64.load", offset).set(local);
      return this.both(local, false);
    };
    if (this.learns) {
      this.learning = this.both(word(layout.learning, "i32.load8_u"), true);
      this.least = bound(layout.least);
      this.most = bound(layout.most);
    }
    if (changes.some(({ variable }) => emitter.kindOf(variable) === "transmitted")) this.effects = word(layout.effects);
    if (range.kind === "incoming") {
      this.list = word(layout.incoming);
      if (this.reads("source")) this.others = word(layout.sources);
    } else if (range.kind === "row" && this.reads("target")) {
      this.others = range.targets;
    }
  }

  /** A vector beside a single number or condition, where there are vectors. */
  private both(single: number, isCondition: boolean): Both {
    const { body, emitter } = this;
    if (!emitter.simd) return { single, vector: -1 };
    const vector = body.local("v128");
    spread(body, SIMD, single, isCondition);
    body.set(vector);
    return { single, vector };
  }

  private isOutside(e: Expr): boolean {
    const { emitter, frame, range } = this;
    if (range.kind !== "source" && range.kind !== "target") return frame.isFixed(e);
    return [...emitter.program.ir.leaves(e)].every(
      (leaf) => leaf.op !== "before" || emitter.levelOf(leaf.value) === "shared",
    );
  }

  /** Whether the loop reads what belongs to the other end. */
  private reads(level: Level): boolean {
    const { ir } = this.emitter.program;
    return this.changes.some(({ value }) =>
      [...ir.leaves(value)].some((leaf) => leaf.op === "before" && this.emitter.levelOf(leaf.value) === level),
    );
  }

  /** One synapse or neuron, or two. */
  private turn(dialect: Dialect, ok: number): void {
    const { body, emitter, changes, range, i, frame } = this;
    const lanes = dialect === SIMD ? 2 : 1;
    const places = (list: number): number[] =>
      Array.from({ length: lanes }, (_, lane) => {
        const local = body.local("i32");
        body
          .get(list)
          .get(i)
          .i32(2)
          .op("i32.shl")
          .op("i32.add")
          .access("i32.load", 4 * lane);
        body.i32(3).op("i32.shl").set(local);
        return local;
      });
    const own = range.kind === "incoming" ? places(this.list) : undefined;
    const other = this.others >= 0 ? places(this.others) : undefined;
    const offset = body.local("i32");
    body.get(i).i32(3).op("i32.shl").set(offset);
    const around = { dialect, own, other, offset };
    const roots = changes.map(({ value }) => value);
    const weight = columnOf(emitter.program.ir, 0);
    const uses = usesOf([...roots, ...(this.learns ? [weight] : [])], (e) => this.fixed.has(e));
    const scope = new Scope(
      body,
      dialect,
      (e) => this.found(e, around),
      (name) => emitter.index(name),
      uses,
    );
    if (this.learns) scope.keep(weight);
    const values = roots.map((e) => scope.keep(e));
    for (const [n, { variable }] of changes.entries()) {
      const value = values[n] as number;
      const kind = emitter.kindOf(variable);
      this.guard(dialect, ok, value, kind === "weight");
      if (kind === "weight") {
        const stored = body.local(dialect.value);
        body.get(value).get(scope.keep(weight)).get(this.of(this.learning, dialect));
        body.op(dialect === SIMD ? "v128.bitselect" : "select").set(stored);
        this.put(around, frame.base(variable), stored);
      } else if (kind === "transmitted") {
        body.get(this.effects).get(i).get(range.first).op("i32.sub").i32(3).op("i32.shl").op("i32.add");
        body.get(value).access(dialect.store, 0);
      } else {
        this.put(around, frame.base(variable), value);
      }
    }
  }

  private of({ single, vector }: Both, dialect: Dialect): number {
    return dialect === SIMD ? vector : single;
  }

  /** ok and whether a value is a finite number, and a weight within its bounds. */
  private guard(dialect: Dialect, ok: number, value: number, isWeight: boolean): void {
    const { body } = this;
    const simd = dialect === SIMD;
    body.get(ok);
    if (isWeight) {
      body
        .get(value)
        .get(this.of(this.least, dialect))
        .op(simd ? "f64x2.ge" : "f64.ge");
      body.op(simd ? "v128.and" : "i32.and");
      body
        .get(value)
        .get(this.of(this.most, dialect))
        .op(simd ? "f64x2.le" : "f64.le");
    } else if (simd) {
      body.get(value).op("f64x2.abs").f64x2(Number.MAX_VALUE, Number.MAX_VALUE).op("f64x2.le");
    } else {
      body.get(value).op("f64.abs").f64(Number.MAX_VALUE).op("f64.le");
    }
    body.op(simd ? "v128.and" : "i32.and").set(ok);
  }

  private found(e: Expr, around: Around): ReturnType<Finder> {
    const { body, emitter, frame } = this;
    const known = this.fixed.get(e);
    if (known !== undefined) {
      body.get(this.of(known, around.dialect));
      return "local";
    }
    if (e.op !== "before") return undefined;
    const level = emitter.levelOf(e.value);
    const places = this.placesOf(level, around);
    if (emitter.kindOf(e.value) === "number") {
      this.numbers(e.value, places, around);
      return "loaded";
    }
    this.load(around, frame.base(e.value), places);
    return "loaded";
  }

  /** Where the numbers of a level lie in their columns, in bytes; undefined where they follow one another. */
  private placesOf(level: Level, { own, other }: Around): readonly number[] | undefined {
    return level === "synapse" || level === this.range.kind ? own : other;
  }

  /** Numbers of neurons as numbers. */
  private numbers(variable: number, places: readonly number[] | undefined, { dialect }: Around): void {
    const { body, frame, i } = this;
    const push = (lane: number): void => {
      if (places)
        body
          .get(places[lane] as number)
          .i32(3)
          .op("i32.shr_u");
      else body.get(i).i32(lane).op("i32.add");
      frame.number(variable);
    };
    push(0);
    if (dialect !== SIMD) return;
    body.op("f64x2.splat");
    push(1);
    body.lane("f64x2.replace_lane", 1);
  }

  private load({ dialect, offset }: Around, base: number, places: readonly number[] | undefined): void {
    const { body } = this;
    if (!places) {
      body.get(base).get(offset).op("i32.add").access(dialect.load, 0);
    } else if (dialect === SIMD) {
      const [a, b] = places as [number, number];
      body.get(base).get(b).op("i32.add");
      body.get(base).get(a).op("i32.add").access("v128.load64_splat", 0).lane("v128.load64_lane", 1);
    } else {
      body
        .get(base)
        .get(places[0] as number)
        .op("i32.add")
        .access("f64.load", 0);
    }
  }

  private put({ dialect, own, offset }: Around, base: number, value: number): void {
    const { body } = this;
    if (!own) {
      body
        .get(base)
        .get(offset)
        .op("i32.add")
        .get(value)
        .access(dialect.store satisfies Access, 0);
    } else if (dialect === SIMD) {
      for (const lane of [0, 1] as const) {
        body
          .get(base)
          .get(own[lane] as number)
          .op("i32.add")
          .get(value)
          .lane("v128.store64_lane", lane);
      }
    } else {
      body
        .get(base)
        .get(own[0] as number)
        .op("i32.add")
        .get(value)
        .access("f64.store", 0);
    }
  }
}

/** A turn of a loop: where its numbers lie. */
interface Around {
  readonly dialect: Dialect;
  /** Places of the synapses, and of the neurons at their other ends, in bytes. */
  readonly own: readonly number[] | undefined;
  readonly other: readonly number[] | undefined;
  /** Place in columns whose numbers follow one another. */
  readonly offset: number;
}
