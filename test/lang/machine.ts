/** Emitted kernels at work in the memory of a core: a Pack and its columns laid out by hand. */
import { readFileSync } from "node:fs";
import { PACK, SCRATCH } from "../../src/core/abi.js";
import { Core } from "../../src/core/core.js";
import { COLUMN_BYTES, emit, heldBytes, type Layout, type PackLayout, savedAt } from "../../src/lang/emit.js";
import { type ColumnName, type FunctionName, FUNCTIONS, type Mathematics, type RandomKind } from "../../src/lang/ir.js";
import { coefficients, type PerNeuron, type Plan } from "../../src/lang/plan.js";
import { settle } from "../../src/sim/work.js";
import { twin } from "./twin.js";

const BLOCK = 256;
const SEED = [11, 22] as const;

/** Neurons with all that a step needs to know of them; a number stands for all. */
export interface Neurons {
  readonly size: number;
  readonly dt: number;
  readonly params: readonly PerNeuron[];
  readonly states: readonly PerNeuron[];
  readonly inputs?: Readonly<Partial<Record<ColumnName, PerNeuron>>>;
  /** I0, which is I1 and I2 as well, stands in one column of all neurons. */
  readonly still?: boolean;
  /** Receptors that the kernel takes; what arrives does so in the first step. */
  readonly receptors?: readonly { readonly state: PerNeuron; readonly arriving: PerNeuron }[];
  /** Jumps that arrive in each step, by state. */
  readonly landings?: Readonly<Record<number, PerNeuron>>;
  readonly until?: PerNeuron;
  readonly armed?: readonly boolean[];
  readonly now?: number;
  readonly offset?: number;
  readonly bounds?: readonly [number, number];
}

/** What steps have done. */
export interface Outcome {
  readonly states: Float64Array[];
  readonly receptors: Float64Array[];
  readonly until: Float64Array;
  readonly armed: boolean[];
  readonly spikes: number[];
  readonly fractions: number[];
  readonly events: number[][];
  readonly runaways: { readonly n: number; readonly state: number; readonly value: number; readonly before: number }[];
}

export type Form = "simd" | "scalar" | "checked" | "twin";

const FIELDS: PackLayout = PACK;
const PACK_BYTES = Math.max(...Object.values(PACK)) + 8;

export class Machine {
  readonly core: Core;
  readonly math: Mathematics;
  readonly layout: Layout;

  private constructor(core: Core) {
    this.core = core;
    const { exports } = core as unknown as { exports: Record<string, (...x: number[]) => number> };
    const known = Object.keys(FUNCTIONS).filter((name) => name in exports);
    this.math = Object.fromEntries(known.map((name) => [name, exports[name]]));
    const columns = (["I0", "I1", "I2", "G0", "G1", "G2"] as const).map((name) => [
      name,
      core.allocate(COLUMN_BYTES, name),
    ]);
    this.layout = {
      pack: FIELDS,
      columns: Object.fromEntries(columns) as Layout["columns"],
      scratch: core.allocate(64 * COLUMN_BYTES, "scratch"),
      pairs: exports.scratchColumn?.(SCRATCH.PAIRS) ?? 0,
      events: core.allocate(BLOCK, "events"),
    };
  }

  static async create(scalar = false): Promise<Machine> {
    return new Machine(await Core.create(readFileSync(scalar ? "build/core.scalar.wasm" : "build/core.wasm")));
  }

  /** Functions for whole columns that the core has. */
  get blocks(): FunctionName[] {
    return (Object.keys(FUNCTIONS) as FunctionName[]).filter((name) => `${name}Block` in this.core.exports);
  }

  /** Gives back what `f` has taken of the memory. */
  within<T>(f: () => T): T {
    const mark = this.core.exports.allocated();
    const result = f();
    this.core.exports.release(mark);
    return result;
  }

  /** A population that `run` advances, in one of the forms. */
  load(plan: Plan, neurons: Neurons, form: Form): { readonly run: (steps?: number) => Outcome } {
    return form === "twin" ? this.loadTwin(plan, neurons) : this.loadKernel(plan, neurons, form);
  }

  private outcome(plan: Plan, neurons: Neurons): Outcome {
    const { size } = neurons;
    return {
      states: neurons.states.map((x) => spread(x, size)),
      receptors: (neurons.receptors ?? []).map(({ state }) => spread(state, size)),
      until: spread(neurons.until ?? -1, size),
      armed: Array.from({ length: size }, (_, n) => neurons.armed?.[n] ?? true),
      spikes: [],
      fractions: [],
      events: plan.program.events.map(() => []),
      runaways: [],
    };
  }

  private random(kind: RandomKind, stream: number, n: number, now: number): number {
    const { gaussian, uniform } = this.core.exports as unknown as Record<string, (...x: number[]) => number>;
    return ((kind === "normal" ? gaussian : uniform) as typeof Math.hypot)(n, ...SEED, stream, now);
  }

  private loadTwin(plan: Plan, neurons: Neurons): { readonly run: (steps?: number) => Outcome } {
    const { size, dt, offset = 0, bounds = [-1e9, 1e9], inputs = {}, landings = {} } = neurons;
    const step = twin(plan, this.math);
    const outcome = this.outcome(plan, neurons);
    const armed = Uint8Array.from(outcome.armed, Number);
    const values = settle(coefficients(plan, neurons, this.math));
    let now = neurons.now ?? 0;
    const columns = Object.fromEntries([
      ...Object.entries(inputs).map(([name, x]) => [name, spread(x as PerNeuron, size)] as const),
      ...outcome.receptors.map((x, r) => [`g${r}`, x] as const),
      ...(neurons.receptors ?? []).map(({ arriving }, r) => [`a${r}`, spread(arriving, size)] as const),
    ]);
    const run = (steps = 1): Outcome => {
      for (let s = 0; s < steps; s++, now++) {
        step({
          now,
          dt,
          size,
          offset,
          lowest: bounds[0],
          highest: bounds[1],
          states: outcome.states,
          until: outcome.until,
          armed,
          coefficients: values,
          columns,
          landing: (state, n) => at(landings[state] ?? 0, n),
          random: (kind, stream, n) => this.random(kind, stream, offset + n, now),
          spike: (n, fraction) => void (outcome.spikes.push(n), outcome.fractions.push(fraction)),
          event: (e, n) => void outcome.events[e]?.push(n),
          runaway: (n, state, value, before) => void outcome.runaways.push({ n, state, value, before }),
        });
      }
      return { ...outcome, armed: Array.from(armed, Boolean) };
    };
    return { run };
  }

  private loadKernel(plan: Plan, neurons: Neurons, form: Form): { readonly run: (steps?: number) => Outcome } {
    const { core, layout } = this;
    const { size, dt, offset = 0, bounds = [-1e9, 1e9], inputs = {}, landings = {}, still = false } = neurons;
    const { pack } = layout;
    const allowed: [start: number, end: number, writable: boolean][] = [];
    const take = (bytes: number, writable: boolean): number => {
      const address = core.allocate(Math.max(bytes, 16), "test");
      allowed.push([address, address + bytes, writable]);
      return address;
    };
    for (const address of Object.values(layout.columns)) allowed.push([address, address + COLUMN_BYTES, false]);
    allowed.push(
      [layout.scratch, layout.scratch + plan.scratch * COLUMN_BYTES, true],
      [layout.events, layout.events + BLOCK, true],
    );
    const padded = Math.ceil(size / 16) * 16;
    const column = (content: ArrayLike<number>, writable = false): number => {
      const address = take(padded * 8, writable);
      core.f64.set(content, address / 8);
      core.f64.fill(content[size - 1] ?? 0, address / 8 + size, address / 8 + padded);
      return address;
    };
    const list = (addresses: readonly number[], writable = false): number => {
      const address = take(addresses.length * 4, writable);
      core.u32.set(addresses, address / 4);
      return address;
    };
    const first = this.outcome(plan, neurons);
    const values = settle(coefficients(plan, neurons, this.math));
    const states = first.states.map((x) => column(x, true));
    const until = column(first.until, true);
    const armed = take(padded * 8, true);
    for (let n = 0; n < padded; n++)
      core.u32.fill(first.armed[Math.min(n, size - 1)] ? 0xffffffff : 0, armed / 4 + 2 * n, armed / 4 + 2 * n + 2);
    const params = take(values.uniforms.length * 8, false);
    core.f64.set(values.uniforms, params / 8);
    const ownColumns = list(values.columns.map((x) => column(x)));
    const stateList = list(states);
    const LOG = 4 * 4000;
    const log = take(LOG, true);
    const fractions = take(2 * LOG, true);
    const logs = plan.program.events.map(() => take(LOG, true));
    const ends = logs.map((log) => list([log], true));
    const eventList = list(ends);
    const landingList = list(states.map((_, j) => (landings[j] === undefined ? 0 : column(spread(landings[j], size)))));
    const received = first.receptors.map((x) => column(x, true));
    const arriving = (neurons.receptors ?? []).map((r) => column(spread(r.arriving, size), true));
    const receptorColumns = list(received.flatMap((g, r) => [g, arriving[r] as number]));
    const jumps = take(COLUMN_BYTES, false);
    const currents = still ? column(spread(inputs.I0 ?? 0, size)) : 0;
    const listed = [...plan.listed.keys()];
    const bytes = heldBytes(listed.length);
    const held = take((Math.ceil(size / BLOCK) * bytes + 15) & ~15, true);
    for (let n = 0; n < size; n++) {
      if (!((first.until[n] as number) >= (neurons.now ?? 0))) continue;
      const record = held + Math.floor(n / BLOCK) * bytes;
      const place = core.u32[record / 4] as number;
      new Uint16Array(core.memory.buffer)[(record + 4) / 2 + place] = n % BLOCK;
      for (const [k, j] of listed.entries())
        core.f64[(record + savedAt(k)) / 8 + place] = (first.states[j] as Float64Array)[n] as number;
      core.u32[record / 4] = (core.u32[record / 4] as number) + 1;
    }
    const k = take(PACK_BYTES, true);
    const u32 = (field: keyof PackLayout, x: number): void => void (core.u32[(k + (pack[field] as number)) / 4] = x);
    const f64 = (field: keyof PackLayout, x: number): void => void (core.f64[(k + (pack[field] as number)) / 8] = x);
    for (const [field, x] of Object.entries({
      size,
      params,
      until,
      armed,
      jumps,
      log,
      fractions,
      states: stateList,
      columns: ownColumns,
      offset,
      events: eventList,
      landings: landingList,
      held,
      receptorColumns,
      currents,
    })) {
      u32(field as keyof PackLayout, x);
    }
    f64("dt", dt);
    f64("lowest", bounds[0]);
    f64("highest", bounds[1]);

    const check = (address: number, bytes: number, isStore: number): void => {
      if (
        allowed.some(
          ([start, end, writable]) => address >= start && address + bytes <= end && (writable || isStore === 0),
        )
      )
        return;
      throw new RangeError(`${isStore ? "store" : "load"} of ${bytes} bytes at ${address}`);
    };
    const { exports } = core as unknown as { exports: Record<string, (...x: number[]) => number> };
    let now = neurons.now ?? 0;
    const block =
      (name: string) =>
      (_: number, stream: number, address: number): void =>
        void exports[name]?.(
          address,
          offset + (core.u32[(k + pack.first) / 4] as number),
          core.u32[(k + pack.count) / 4] as number,
          ...SEED,
          stream,
          now,
        );
    const module = new WebAssembly.Module(
      emit(plan, layout, { simd: form !== "scalar", blocks: this.blocks, checked: form === "checked", still }),
    );
    const imports = {
      ...exports,
      memory: core.memory as unknown as WebAssembly.Memory,
      check,
      normalOf: (_: number, stream: number, n: number) => this.random("normal", stream, offset + n, now),
      uniformOf: (_: number, stream: number, n: number) => this.random("uniform", stream, offset + n, now),
      normalsOf: block("gaussianBlock"),
      uniformsOf: block("uniformBlock"),
      runaway: (_: number, n: number, state: number, value: number, before: number) =>
        void first.runaways.push({ n, state, value, before }),
    };
    const instance = new WebAssembly.Instance(module, { core: imports });
    const step = instance.exports.step as (k: number) => void;
    const fill = (from: number): void => {
      for (const [name, x] of Object.entries(inputs)) {
        if (still && /^I[012]$/.test(name)) continue;
        const address = name === "jumps" ? jumps : layout.columns[name as "I0"];
        for (let n = 0; n < BLOCK; n++)
          core.f64[address / 8 + n] = from + n < size || typeof x === "number" ? at(x as PerNeuron, from + n) : 0;
      }
    };
    const run = (steps = 1): Outcome => {
      for (let s = 0; s < steps; s++, now++) {
        f64("now", now);
        // Where no column of a block differs from that of another, the kernel goes through all blocks itself.
        const length = Object.values(inputs).every((x) => still || typeof x === "number") ? padded : BLOCK;
        for (let from = 0; from < padded; from += length) {
          fill(from);
          u32("first", from);
          u32("count", Math.min(length, padded - from));
          step(k);
        }
      }
      const count = ((core.u32[(k + pack.log) / 4] as number) - log) / 4;
      return {
        states: states.map((x) => core.readF64(x, size)),
        receptors: received.map((x) => core.readF64(x, size)),
        until: core.readF64(until, size),
        armed: Array.from({ length: size }, (_, n) => core.u32[armed / 4 + 2 * n] !== 0),
        spikes: [...core.readU32(log, count)],
        fractions: [...core.readF64(fractions, count)],
        events: logs.map((start, e) => [
          ...core.readU32(start, ((core.u32[(ends[e] as number) / 4] as number) - start) / 4),
        ]),
        runaways: first.runaways,
      };
    };
    return { run };
  }
}

function at(x: PerNeuron, n: number): number {
  return typeof x === "number" ? x : (x[n] as number);
}

function spread(x: PerNeuron, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, n) => at(x, n));
}
