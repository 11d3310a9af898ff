/**
 * From a linear model to the module of a kernel that is advanced by events (assembly/events.ts, events.ts). It exports,
 * all for neuron n of the population of the Pack at address k: `touch(k, n)`, which brings it to the end of step `now`
 * and answers in which steps it has to be looked at; `begin(k, n)`, which takes it as its columns are, at the start of
 * that step; `settle(k, n)`, which brings it and its columns there; and `look(k, n, to)`, which writes what they would
 * be, the receptors' behind those of the model, and changes nothing. In between it is kept in a record, so that a touch
 * finds it in one line of the cache.
 *
 * The host's numbers follow the plan's uniforms at `params`: the equilibrium of each state, z there, the gains of the
 * receptors, the extremes and the powers of P (events.ts), then the powers for held states. Where the first two differ
 * between neurons they are columns behind the plan's. `receptorColumns` has three addresses for each receptor: of its
 * first state, of what arrives in this step, and of its second state.
 */
import { type Body, type ValueType } from "./encode.js";
import { Emitter, EventCode, type Layout, SCALAR, Scope, usesOf } from "./emit.js";
import { DIGITS, type EventForm, landsAt, LEVELS, PERIODS } from "./events.js";
import type { Expr } from "./ir.js";
import { modePlaces, modesOf } from "./modes.js";
import type { Plan } from "./plan.js";

/** The answers of `touch` (WATCH of assembly/abi.ts): the first is that for every step, one for each period, never. */
const NEVER = PERIODS.length + 1;

/** By how much of |c x| and theta z counts as nearer to the threshold than it is: far more than rounding. */
export const MARGIN = 1e-9;

/** What differs between neurons: nothing, where they stand without arrivals, their thresholds too. */
export type Differing = "nothing" | "rest" | "threshold";

/** Where in its record a neuron has what, in bytes, and how long that is: half a line of 64 bytes, or whole ones. */
export interface EventRecord {
  /** The number of the step (u32), as far as 32 bits say it, and from there on how many it is refractory (u32). */
  readonly stands: number;
  readonly held: number;
  readonly y: number;
  /** The equilibrium of each of the model's states, and z there, where they differ between neurons. */
  readonly rest: number;
  readonly z: number;
  readonly bytes: number;
}

export function recordOf({ states, size }: EventForm, differing: Differing): EventRecord {
  const rest = 8 + 8 * size;
  const z = rest + (differing === "nothing" ? 0 : 8 * states);
  const least = z + (differing === "threshold" ? 8 : 0);
  const bytes = least <= 32 ? 32 : Math.ceil(least / 64) * 64;
  return { stands: 0, held: 4, y: 8, rest, z, bytes };
}

/** Steps in 32 bits; a neuron that is refractory for as many or more is so for ever. */
const MOST_STEPS = 2 ** 32 - 1;

/** Where the numbers behind the plan's uniforms stand, counted from their start. */
export interface EventPlaces {
  readonly rest: number;
  /** z at equilibrium; where that differs and thresholds do not, theta, and `line` the slopes of z over the states. */
  readonly z: number;
  readonly line: number;
  readonly gains: number;
  readonly extremes: number;
  readonly free: number;
  readonly still: number;
  /** Those of modes.ts. */
  readonly modes: number;
  readonly count: number;
}

export function placesOf(form: EventForm): EventPlaces {
  const { states, size, receptors, free, still, held } = form;
  const count = (pattern: EventForm["free"]): number => pattern.flat().filter((yes) => yes).length;
  const z = states;
  const line = z + 1;
  const gains = line + states;
  const extremes = gains + receptors.length;
  const powers = extremes + 2 * size * NEVER;
  const second = powers + LEVELS * DIGITS * count(free);
  const modes = second + (held.length > 0 ? LEVELS * DIGITS * count(still) : 0);
  const all = modes + modePlaces(form).count;
  return { rest: 0, z, line, gains, extremes, free: powers, still: second, modes, count: all };
}

export function emitEvents(form: EventForm, plan: Plan, layout: Layout, differing: Differing): Uint8Array<ArrayBuffer> {
  const emitter = new Emitter(plan, layout, { simd: false, blocks: [] });
  emitter.declare();
  const { code } = emitter;
  const of = (params: readonly ValueType[], results: readonly ValueType[], name = ""): Body =>
    code.function({ params, results }, name);
  const touch = of(["i32", "i32"], ["i32"], "touch");
  const begin = of(["i32", "i32"], [], "begin");
  const settle = of(["i32", "i32"], [], "settle");
  const look = of(["i32", "i32", "i32"], [], "look");
  const happened = of(["i32", "i32"], []);
  new EventCode(emitter, happened).write();
  const writer = (body: Body, isKept = true): Writer => new Writer(emitter, body, form, differing, isKept);
  writer(touch).touch(look, happened);
  writer(begin, false).begin();
  writer(settle).settle();
  writer(look).look();
  return code.encode();
}

/** The states on which z depends. */
function slopesOf({ line, program }: EventForm): number[] {
  const zero = program.ir.const(0);
  return (line?.slopes ?? []).flatMap((slope, j) => (slope === zero ? [] : [j]));
}

/** More steps than the digits of a number of steps can say. */
const FAR = DIGITS ** LEVELS;

/** One of the functions: k is local 0, n local 1. */
class Writer {
  private readonly emitter: Emitter;
  private readonly body: Body;
  private readonly form: EventForm;
  private readonly plan: Plan;
  private readonly places: EventPlaces;
  private readonly record: EventRecord;
  private readonly differing: Differing;
  /** Bytes from the start of a column to the neuron. */
  private readonly far: number;
  private readonly params: number;
  private readonly now: number;
  /** Address of the neuron's record. */
  private readonly own: number;
  /** The step at whose start the neuron stands. */
  private readonly stands: number;
  /** How far the elements of the vector are from equilibrium, and the equilibrium of each of the model's states. */
  private readonly y: readonly number[];
  private readonly rest: readonly number[];
  /** The last step in which the neuron is refractory; undefined where none ever is. */
  private readonly until: number | undefined;
  /** How many sums of what has arrived it has, and the address of its slack, which they follow (assembly/sums.ts). */
  private readonly modes: number;
  private readonly slack: number;

  /** @param isKept the record holds the neuron; its values are in locals then */
  constructor(emitter: Emitter, body: Body, form: EventForm, differing: Differing, isKept: boolean) {
    this.emitter = emitter;
    this.body = body;
    this.form = form;
    this.differing = differing;
    this.plan = emitter.parts.plan;
    this.places = placesOf(form);
    const record = recordOf(form, differing);
    this.record = record;
    this.far = body.local("i32");
    body.get(1).i32(3).op("i32.shl").set(this.far);
    this.params = emitter.fieldLocal(body, "params", "i32");
    this.now = emitter.fieldLocal(body, "now", "f64");
    emitter.field(body, "records", "i32.load");
    body.get(1).i32(record.bytes).op("i32.mul").op("i32.add");
    this.own = this.kept("i32");
    const load = (offset: number): number => {
      if (!isKept) return body.local("f64");
      emitter.load(body, { base: this.own, offset }, "f64.load");
      return this.kept("f64");
    };
    const { states, size } = form;
    this.modes = isKept ? modesOf(form) : 0;
    this.slack = body.local("i32");
    if (this.modes > 0) {
      emitter.field(body, "sums", "i32.load");
      body
        .get(1)
        .i32(8 * (1 + this.modes))
        .op("i32.mul")
        .op("i32.add")
        .set(this.slack);
    }
    this.stands = body.local("f64");
    this.until = form.program.hold === undefined ? undefined : body.local("f64");
    if (isKept) this.loadSteps();
    this.y = Array.from({ length: size }, (_, j) => load(record.y + 8 * j));
    this.rest = Array.from({ length: states }, (_, j) => {
      if (differing !== "nothing") return load(record.rest + 8 * j);
      this.number(this.places.rest + j);
      return this.kept("f64");
    });
  }

  /** Pushes z at equilibrium. Where thresholds are common it follows from where the neuron stands. */
  private pushZ(): void {
    const { body, differing, form, places, rest } = this;
    if (differing === "threshold") {
      this.emitter.load(body, { base: this.own, offset: this.record.z }, "f64.load");
      return;
    }
    this.number(places.z);
    if (differing === "nothing") return;
    const term = body.local("f64");
    for (const j of slopesOf(form)) {
      this.number(places.line + j);
      body
        .get(rest[j] as number)
        .op("f64.mul")
        .tee(term)
        .op("f64.add");
      body.get(term).op("f64.abs").f64(MARGIN).op("f64.mul").op("f64.add");
    }
  }

  /** Pushes the lower 32 bits of `now`. */
  private low(): void {
    this.body.get(this.now).op("i64.trunc_f64_u").op("i32.wrap_i64");
  }

  /** Takes `stands` and `until` from the record. */
  private loadSteps(): void {
    const { body, emitter, now, own, record, stands, until } = this;
    body.get(now);
    this.low();
    emitter.load(body, { base: own, offset: record.stands }, "i32.load");
    body.op("i32.sub").op("f64.convert_i32_u").op("f64.sub").set(stands);
    if (until === undefined) return;
    const held = body.local("f64");
    body.get(stands);
    emitter.load(body, { base: own, offset: record.held }, "i32.load");
    body.op("f64.convert_i32_u").tee(held).op("f64.add").f64(1).op("f64.sub");
    body.f64(Number.POSITIVE_INFINITY).get(held).f64(MOST_STEPS).op("f64.lt").op("select").set(until);
  }

  /** Lets the neuron stand at the start of a step so many after `now`. */
  private keepSteps(after: 0 | 1): void {
    const { body, emitter, now, own, record, until } = this;
    emitter.store(body, { base: own, offset: record.stands }, "i32.store", () => {
      this.low();
      if (after > 0) body.i32(after).op("i32.add");
    });
    if (until === undefined) return;
    emitter.store(body, { base: own, offset: record.held }, "i32.store", () => {
      body
        .get(until)
        .get(now)
        .op("f64.sub")
        .f64(1 - after)
        .op("f64.add")
        .f64(0)
        .op("f64.max")
        .f64(MOST_STEPS);
      body.op("f64.min").op("i32.trunc_f64_u");
    });
  }

  /** Addresses of the neuron in the columns of the vector's elements. */
  private columns(): readonly number[] {
    const { body, emitter, form } = this;
    const { states, receptors } = form;
    const list = emitter.fieldLocal(body, "states", "i32");
    const addresses = Array.from({ length: states }, (_, j) => this.within(() => emitter.entry(body, list, j)));
    const own = receptors.length > 0 ? emitter.fieldLocal(body, "receptorColumns", "i32") : -1;
    for (const [r, { kind }] of receptors.entries()) {
      if (kind === "jumps") continue;
      addresses.push(this.within(() => emitter.entry(body, own, 3 * r)));
      if (kind === "rise") addresses.push(this.within(() => emitter.entry(body, own, 3 * r + 2)));
    }
    return addresses;
  }

  /** Address of the neuron in the column `until`. */
  private untilAt(): number {
    return this.within(() => this.emitter.field(this.body, "until", "i32.load"));
  }

  /** A new local that takes what is on the stack. */
  private kept(type: ValueType): number {
    const local = this.body.local(type);
    this.body.set(local);
    return local;
  }

  /** Address of the neuron in the column whose address is pushed. */
  private within(push: () => void): number {
    push();
    this.body.get(this.far).op("i32.add");
    return this.kept("i32");
  }

  private loaded(at: number): number {
    this.emitter.load(this.body, { base: at, offset: 0 }, "f64.load");
    return this.kept("f64");
  }

  private store(at: number, push: () => void): void {
    this.emitter.store(this.body, { base: at, offset: 0 }, "f64.store", push);
  }

  /** Stores into the record. */
  private keep(offset: number, push: () => void): void {
    this.emitter.store(this.body, { base: this.own, offset }, "f64.store", push);
  }

  private placeOf(number: number): number {
    return 8 * (this.plan.uniforms.length + number);
  }

  /** Pushes one of the numbers behind the uniforms. */
  private number(number: number): void {
    this.emitter.load(this.body, { base: this.params, offset: this.placeOf(number) }, "f64.load");
  }

  /** The neuron as it is after the steps from where it stands to the step whose number is pushed. */
  private advanceTo(push: () => void): void {
    const { body, form, until, places, stands } = this;
    push();
    body.get(stands).op("f64.sub");
    const steps = this.kept("f64");
    if (until !== undefined) {
      body.get(until).f64(1).op("f64.add").get(stands).op("f64.sub").get(steps).op("f64.min");
      body.f64(0).op("f64.max");
      const held = this.kept("f64");
      body.get(steps).get(held).op("f64.sub").set(steps);
      this.advance(held, places.still, form.still, form.held);
    }
    this.advance(steps, places.free, form.free, []);
  }

  /** y <- P^n y, with the powers from a number on; elements that are held stay. */
  private advance(steps: number, powers: number, pattern: EventForm["free"], held: readonly number[]): void {
    const { body } = this;
    const bytes = 8 * pattern.flat().filter((yes) => yes).length;
    const [left, base, at, digit] = [body.local("i32"), body.local("i32"), body.local("i32"), body.local("i32")];
    const longest = (DIGITS - 1) * DIGITS ** (LEVELS - 1);
    body
      .get(steps)
      .f64(FAR)
      .op("f64.ge")
      .when(() => {
        body
          .get(this.params)
          .i32(this.placeOf(powers) + (LEVELS * DIGITS - 1) * bytes)
          .op("i32.add")
          .set(at);
        body.repeatWhile(() => {
          this.apply(at, pattern, held);
          body.get(steps).f64(longest).op("f64.sub").tee(steps).f64(FAR).op("f64.ge");
        });
      });
    body
      .get(steps)
      .op("i32.trunc_f64_s")
      .tee(left)
      .when(() => {
        body.get(this.params).i32(this.placeOf(powers)).op("i32.add").set(base);
        body.repeatWhile(() => {
          body
            .get(left)
            .i32(DIGITS - 1)
            .op("i32.and")
            .tee(digit)
            .when(() => {
              body.get(digit).i32(bytes).op("i32.mul").get(base).op("i32.add").set(at);
              this.apply(at, pattern, held);
            });
          body
            .get(base)
            .i32(DIGITS * bytes)
            .op("i32.add")
            .set(base);
          body.get(left).i32(Math.log2(DIGITS)).op("i32.shr_u").tee(left);
        });
      });
  }

  /** y <- M y, with M's elements at an address. */
  private apply(at: number, pattern: EventForm["free"], held: readonly number[]): void {
    const { body, emitter, y } = this;
    let offset = 0;
    for (const [i, row] of pattern.entries()) {
      let isFirst = true;
      for (const [j, yes] of row.entries()) {
        if (!yes) continue;
        if (!held.includes(i)) {
          emitter.load(body, { base: at, offset }, "f64.load");
          body.get(y[j] as number).op("f64.mul");
          if (!isFirst) body.op("f64.add");
        }
        isFirst = false;
        offset += 8;
      }
    }
    for (const i of [...y.keys()].reverse()) if (!held.includes(i)) body.set(y[i] as number);
  }

  /** What has been summed acts, at the start of step `now` (0) or at its end (1). */
  private addSums(at: 0 | 1): void {
    const { body, emitter, form, modes, places, slack, y } = this;
    const sum = body.local("f64");
    const factors = places.modes + modePlaces(form).factors;
    for (let i = 0; i < modes; i++) {
      emitter.load(body, { base: slack, offset: 8 + 8 * i }, "f64.load");
      body
        .tee(sum)
        .f64(0)
        .op("f64.ne")
        .when(() => {
          for (const [j, local] of y.entries()) {
            body.get(sum);
            this.number(factors + (at * modes + i) * form.size + j);
            body.op("f64.mul").get(local).op("f64.add").set(local);
          }
        });
    }
  }

  /** Nothing is summed, and the neuron has to be touched by whatever comes. */
  private clearSums(): void {
    const { body, emitter, modes, slack } = this;
    for (let i = 0; i <= modes && modes > 0; i++)
      emitter.store(body, { base: slack, offset: 8 * i }, "f64.store", () =>
        body.f64(i === 0 ? Number.NEGATIVE_INFINITY : 0),
      );
  }

  begin(): void {
    const { body, differing, emitter, form, plan, record, rest, y } = this;
    if (differing !== "nothing") {
      const list = emitter.fieldLocal(body, "columns", "i32");
      const count = form.states + (differing === "threshold" ? 1 : 0);
      for (let j = 0; j < count; j++) {
        const at = this.within(() => emitter.entry(body, list, plan.columns.length + j));
        this.keep(record.rest + 8 * j, () => emitter.load(body, { base: at, offset: 0 }, "f64.load"));
      }
      for (const [j, local] of rest.entries()) {
        emitter.load(body, { base: this.own, offset: record.rest + 8 * j }, "f64.load");
        body.set(local);
      }
    }
    this.readColumns();
    for (const [j, local] of y.entries()) this.keep(record.y + 8 * j, () => body.get(local));
    this.keepSteps(0);
  }

  /** Takes y and `until` from the columns. */
  private readColumns(): void {
    const { body, emitter, rest, until, y } = this;
    for (const [j, at] of this.columns().entries()) {
      emitter.load(body, { base: at, offset: 0 }, "f64.load");
      if (j < rest.length) body.get(rest[j] as number).op("f64.sub");
      body.set(y[j] as number);
    }
    if (until === undefined) return;
    emitter.load(body, { base: this.untilAt(), offset: 0 }, "f64.load");
    body.set(until);
  }

  settle(): void {
    const { body, now, record, until, y } = this;
    this.advanceTo(() => body.get(now));
    this.addSums(0);
    this.clearSums();
    for (const [j, at] of this.columns().entries()) this.store(at, () => this.pushState(j));
    if (until !== undefined) this.store(this.untilAt(), () => body.get(until));
    for (const [j, local] of y.entries()) this.keep(record.y + 8 * j, () => body.get(local));
    this.keepSteps(0);
  }

  look(): void {
    const to = 2;
    this.advanceTo(() => this.body.get(this.now));
    this.addSums(0);
    for (const j of this.y.keys())
      this.emitter.store(this.body, { base: to, offset: 8 * j }, "f64.store", () => this.pushState(j));
  }

  /** Element j of the vector as it stands in its column. */
  private pushState(j: number): void {
    const { body, rest, y } = this;
    if (j < rest.length)
      body
        .get(rest[j] as number)
        .get(y[j] as number)
        .op("f64.add");
    else body.get(y[j] as number);
  }

  touch(look: Body, happened: Body): void {
    const { body, emitter, form, plan, record, rest, until, y } = this;
    this.advanceTo(() => body.get(this.now).f64(1).op("f64.add"));
    this.addSums(1);
    for (const r of form.receptors.keys()) this.arrive(r);
    const x = rest.map((_, j) => {
      this.pushState(j);
      return this.kept("f64");
    });
    this.pushQuiet(x);
    body.op("i32.eqz").when(() => {
      const before = emitter.scratch(plan.scratch);
      const zero = body.local("i32");
      // The record is still that of before the step.
      body.i32(0).set(zero).get(0).get(1).i32(before).call(look.index);
      for (const [state, column] of plan.kept) {
        emitter.store(body, { base: zero, offset: emitter.scratch(column) }, "f64.store", () =>
          emitter.load(body, { base: zero, offset: before + 8 * state }, "f64.load"),
        );
      }
      for (const [j, at] of this.columns().entries()) this.store(at, () => body.get((x[j] ?? y[j]) as number));
      if (until !== undefined) this.store(this.untilAt(), () => body.get(until));
      emitter.store(body, { base: 0, offset: emitter.parts.layout.pack.first }, "i32.store", () => body.get(1));
      body.get(0).i32(0).call(happened.index);
      this.readColumns();
    });
    for (const [j, local] of y.entries()) this.keep(record.y + 8 * j, () => body.get(local));
    this.keepSteps(1);
    this.clearSums();
    this.classify();
  }

  /** What has come for receptor r joins its state; jumps of what is held are lost. */
  private arrive(r: number): void {
    const { body, emitter, form, until, y } = this;
    const { kind, state, arrives } = form.receptors[r] as EventForm["receptors"][number];
    if (!arrives) return;
    const list = emitter.fieldLocal(body, "receptorColumns", "i32");
    const at = this.within(() => emitter.entry(body, list, 3 * r + 1));
    const come = this.loaded(at);
    const into = y[landsAt(form, r)] as number;
    body
      .get(come)
      .f64(0)
      .op("f64.ne")
      .when(() => {
        this.store(at, () => body.f64(0));
        const add = (): void => {
          this.number(this.places.gains + r);
          body.get(come).op("f64.mul").get(into).op("f64.add").set(into);
        };
        if (until === undefined || kind !== "jumps" || !form.held.includes(state)) return add();
        body.get(until).get(this.now).op("f64.lt").when(add);
      });
  }

  /** Whether nothing happens to a neuron whose states are in locals. */
  private pushQuiet(x: readonly number[]): void {
    const { body, emitter, plan } = this;
    const found = (e: Expr): "local" | "loaded" | undefined => {
      const slot = emitter.slot(e);
      const column = emitter.column(e);
      if (e.op === "state") {
        body.get(x[e.value] as number);
        return "local";
      }
      if (slot !== undefined) emitter.load(body, { base: this.params, offset: 8 * slot }, "f64.load");
      else if (column !== undefined) {
        const at = this.within(() => emitter.entry(body, emitter.fieldLocal(body, "columns", "i32"), column));
        emitter.load(body, { base: at, offset: 0 }, "f64.load");
      } else if (e.op === "bound") emitter.field(body, e.value === 0 ? "lowest" : "highest", "f64.load");
      else return undefined;
      if (e.type === "boolean") body.f64(0).op("f64.ne");
      return "loaded";
    };
    const isThere = (e: Expr): boolean => emitter.slot(e) !== undefined || emitter.column(e) !== undefined;
    const uses = usesOf([plan.quiet], isThere);
    new Scope(body, SCALAR, found, (name) => emitter.index(name), uses).push(plan.quiet);
  }

  /** The answer of `touch`: from where the states lead by themselves, once the neuron is not refractory any more. */
  private classify(): void {
    const { body, emitter, form, modes, until, places, slack, y } = this;
    const { free, held, line, size, still } = form;
    if (line === undefined) {
      body.i32(NEVER);
      return;
    }
    let left = -1;
    if (until !== undefined) {
      body.get(until).get(this.now).op("f64.sub");
      left = this.kept("f64");
      const steps = body.local("f64");
      body
        .get(left)
        .tee(steps)
        .f64(0)
        .op("f64.gt")
        .when(() => this.advance(steps, places.still, still, held));
    }
    const acts = [...y.keys()].filter((j) => slopesOf(form).some((s) => free[s]?.[j]));
    for (const [k, period] of [undefined, ...[...PERIODS].reverse()].entries()) {
      const at = places.extremes + 2 * size * k;
      this.pushZ();
      for (const j of acts) {
        this.number(at + j);
        body.get(y[j] as number).op("f64.mul");
        this.number(at + size + j);
        body
          .get(y[j] as number)
          .op("f64.mul")
          .op("f64.max")
          .op("f64.add");
      }
      const z = this.kept("f64");
      body.get(z).f64(0).op("f64.lt");
      if (left >= 0 && period !== undefined) body.get(left).f64(period).op("f64.ge").op("i32.or");
      body.when(() => {
        // While states are held, what arrives acts otherwise.
        if (period === undefined && modes > 0)
          emitter.store(body, { base: slack, offset: 0 }, "f64.store", () => {
            body.get(z).op("f64.neg");
            if (left >= 0) body.f64(Number.NEGATIVE_INFINITY).get(left).f64(0).op("f64.le").op("select");
          });
        body.i32(NEVER - k).op("return");
      });
    }
    body.i32(0);
  }
}
