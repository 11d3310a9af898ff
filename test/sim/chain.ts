/**
 * An own model with five states, compiled by hand: v follows the current with the time constant tau, a follows v, b
 * follows a, and so on, each by x <- x + (y - x) (1 - exp(-dt/tau)). The bytes of its kernels are put together here,
 * because nothing else than the interface of the core should have a part in them.
 */
import { PACK, SCRATCH } from "../../src/core/abi.js";
import { Core } from "../../src/core/core.js";
import { defineModel, type KernelRecord, type ModelRecord } from "../../src/model/record.js";

type Code = readonly (number | Code)[];

const flat = (code: Code): number[] => code.flatMap((x) => (typeof x === "number" ? [x] : flat(x)));

/** LEB128, for numbers that are not negative. */
function leb(x: number): number[] {
  return x < 128 ? [x] : [(x & 127) | 128, ...leb(x >>> 7)];
}

/** A number of i32.const: signed, so that its last byte leaves the sign bit free. */
function signed(x: number): number[] {
  return x < 64 ? [x] : [(x & 127) | 128, ...signed(x >>> 7)];
}

const sized = (bytes: number[]): number[] => [...leb(bytes.length), ...bytes];
const list = (items: readonly number[][]): number[] => [...leb(items.length), ...items.flat()];
const section = (id: number, items: readonly number[][]): number[] => [id, ...sized(list(items))];
const text = (name: string): number[] => sized([...new TextEncoder().encode(name)]);

/* Instructions */
const I32 = 0x7f;
const F64 = 0x7c;
const EMPTY = 0x40;
const get = (x: number): number[] => [0x20, x];
const set = (x: number): number[] => [0x21, x];
const word = (address: Code, offset = 0): Code => [address, 0x28, 2, leb(offset)];
const number = (address: Code, offset = 0): Code => [address, 0x2b, 3, leb(offset)];
const store = (address: Code, value: Code, offset = 0): Code => [address, value, 0x39, 3, leb(offset)];
const constant = (x: number): Code => [0x41, signed(x)];
const real = (x: number): Code => [0x44, [...new Uint8Array(Float64Array.of(x).buffer)]];
const binary = (code: number) => (a: Code, b: Code): Code => [a, b, code];
const [sum, difference, shifted, atLeast] = [binary(0x6a), binary(0x6b), binary(0x74), binary(0x4e)];
const [add, subtract, multiply, divide] = [binary(0xa0), binary(0xa1), binary(0xa2), binary(0xa3)];
const [below, notAbove, notBelow, both] = [binary(0x63), binary(0x65), binary(0x66), binary(0x71)];
const not = (a: Code): Code => [a, 0x45];
const negative = (a: Code): Code => [a, 0x9a];
const call = (f: number, ...given: Code[]): Code => [given, 0x10, f];
const when = (condition: Code, yes: Code, no: Code): Code => [condition, 0x04, EMPTY, yes, 0x05, no, 0x0b];

/* Functions that are imported, in the order of the import section. */
const [LOG_SPIKE, RUNAWAY, EXP] = [0, 1, 2];

/* Locals of both functions. */
const [K, N, END, AT, V, BEFORE] = [0, 1, 2, 3, 4, 5];
const LOCALS = [[3, I32], [2, F64]];

const field = (name: keyof typeof PACK): Code => word(get(K), PACK[name]);

/** A loop over the neurons from `first` to END, with N and its bytes AT. */
const each = (first: Code, end: Code, body: Code): Code => [
  [first, set(N)],
  [end, set(END)],
  [0x02, EMPTY, 0x03, EMPTY],
  [atLeast(get(N), get(END)), 0x0d, 1],
  [shifted(get(N), constant(3)), set(AT)],
  body,
  [sum(get(N), constant(1)), set(N)],
  [0x0c, 0, 0x0b, 0x0b],
];

/** Which numbers a kernel reads from where. */
type Names = Pick<KernelRecord, "uniforms" | "columns">;

/** Address of a number, of the neuron in work where it has a column, and the distance from there. */
function place(name: string, { uniforms, columns = [] }: Names): [address: Code, offset: number] {
  if (columns.includes(name)) return [sum(word(field("columns"), 4 * columns.indexOf(name)), get(AT)), 0];
  return [field("params"), 8 * uniforms.indexOf(name)];
}

const parameter = (name: string, names: Names): Code => number(...place(name, names));

function step(I0: number, names: Names): Code {
  const column = (j: number): Code => sum(word(field("states"), 4 * j), get(AT));
  const leak = parameter("leak", names);
  const towards = (x: Code, y: Code): Code => add(x, multiply(subtract(y, x), leak));
  const size = field("size");
  const last = sum(field("first"), field("count"));
  // The block's last neuron, or the population's: padding has no spikes.
  const end: Code = [size, last, atLeast(last, size), 0x1b];
  const current = number(shifted(difference(get(N), field("first")), constant(3)), I0);
  return each(field("first"), end, [
    [4, 3, 2, 1].map((j) => store(column(j), towards(number(column(j)), number(column(j - 1))))),
    [number(column(0)), set(BEFORE)],
    [towards(get(BEFORE), current), set(V)],
    store(column(0), get(V)),
    when(
      not(below(get(V), parameter("V_th", names))),
      when(
        both(notBelow(get(V), number(get(K), PACK.lowest)), notAbove(get(V), number(get(K), PACK.highest))),
        [call(LOG_SPIKE, get(K), get(N), real(1)), store(column(0), parameter("V_reset", names))],
        call(RUNAWAY, get(K), get(N), constant(0), get(V), get(BEFORE)),
      ),
      [],
    ),
  ]);
}

function prepare(names: Names): Code {
  const tau = parameter("tau", names);
  const leak = subtract(real(1), call(EXP, negative(divide(number(get(K), PACK.dt), tau))));
  const [address, offset] = place("leak", names);
  const write = store(address, leak, offset);
  return names.columns?.includes("leak") ? each(constant(0), field("size"), write) : write;
}

/** The module of a kernel; `I0` is the address of the current's column. */
function moduleOf(I0: number, names: Names): Uint8Array {
  const functions = [step(I0, names), prepare(names)];
  const imported = (name: string, what: number[]): number[] => [...text("core"), ...text(name), ...what];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      [0x60, ...list([[I32]]), 0],
      [0x60, ...list([[I32], [I32], [F64]]), 0],
      [0x60, ...list([[F64]]), ...list([[F64]])],
      [0x60, ...list([[I32], [I32], [I32], [F64], [F64]]), 0],
    ]),
    ...section(2, [
      imported("memory", [2, 1, 1, ...leb(65536)]),
      imported("logSpike", [0, 1]),
      imported("runaway", [0, 3]),
      imported("exp", [0, 2]),
    ]),
    ...section(3, [[0], [0]]),
    ...section(7, [[...text("step"), 0, 3], [...text("prepare"), 0, 4]]),
    ...section(10, functions.map((code) => sized([...list(LOCALS), ...flat(code), 0x0b]))),
  ]);
}

/** The model, for the core that is built into the package. */
export async function chain(): Promise<ModelRecord> {
  const core = await Core.create();
  const I0 = core.exports.scratchColumn(SCRATCH.I0);
  const kernel = (names: Names): KernelRecord => ({ method: "euler", ...names, module: moduleOf(I0, names) });
  const state = { unit: "", bounds: [-1e6, 1e6], text: "state" } as const;
  return defineModel({
    id: "chain",
    title: "Chain",
    family: "resets",
    summary: "A chain of low-pass filters.",
    text: "",
    current: "",
    conductance: "",
    states: { v: state, a: state, b: state, c: state, d: state },
    params: {
      tau: { default: 10, unit: "ms", range: "> 0", text: "time constant" },
      V_th: { default: 1, unit: "", text: "threshold" },
      V_reset: { default: 0, unit: "", text: "v after a spike" },
    },
    coefficients: {},
    equations: { v: "(I - v) / tau", a: "(v - a) / tau", b: "(a - b) / tau", c: "(b - c) / tau", d: "(c - d) / tau" },
    threshold: "V_th",
    reset: { v: "V_reset" },
    init: { v: "V_reset", a: "0", b: "0", c: "0", d: "0" },
    methods: ["euler"],
    exponentials: 0,
    kernels: [
      kernel({ uniforms: ["V_th", "V_reset", "tau", "leak"] }),
      kernel({ uniforms: ["V_th", "V_reset"], columns: ["tau", "leak"] }),
    ],
    presets: {},
    references: [],
  });
}
