/**
 * Floating-point operations that a step does, counted while it runs: the core's text (build/core.wat) and that of
 * compiled kernels get counters, and the same simulations run in them. So stages, tables, exponentials and blocks that
 * are left early count as often as they happen.
 *
 * An addition, subtraction, multiplication, division or square root of f64 or f32 is one operation, of f64x2 two, of
 * f32x4 four. Comparisons,
 * selections, conversions and what is done on the bits of numbers are none. All vector instructions are counted beside
 * them, which says how much of the work is arithmetic.
 */
import { readFileSync } from "node:fs";
import binaryen from "assemblyscript/binaryen";
import { background, lif, receptor, Simulation } from "../../src/index.js";
import { COBA, cobaStart } from "../baseline/coba.js";
import { cobaSimulation } from "../cases/coba.js";
import type { ModelCase } from "../cases/models.js";
import { BYTES_PER_EVENT, columnBytes, RECEPTOR_BYTES } from "./bytes.js";

/** What an instruction counts. */
const COST: ReadonlyMap<string, number> = new Map(
  ["add", "sub", "mul", "div", "sqrt"].flatMap(
    (name) => [[`f64.${name}`, 1], [`f64x2.${name}`, 2], [`f32.${name}`, 1], [`f32x4.${name}`, 4]] as const,
  ),
);

/** Instructions before or after which the path may part or join; what stands between two of them runs as a whole. */
const PARTINGS = new Set(["block", "loop", "if", "else", "end", "br", "br_if", "br_table", "return", "unreachable"]);

/** Which part of a step a function belongs to, by its name; what is inlined belongs to the function around it. */
const PARTS = ["neurons", "receptors", "delivery"] as const;
type Part = (typeof PARTS)[number];

/** Counters: operations of each part, and vector instructions of all. */
const COUNTERS = [...PARTS, "vectors"] as const;
export type Counts = Readonly<Record<(typeof COUNTERS)[number], number>>;
const VECTOR = /^(v128|[if]\d+x\d+)\./;

function partOf(name: string): Part {
  if (name.includes("assembly/synapses/projection/")) return "delivery";
  if (name.includes("assembly/receptors/") || name.includes("assembly/network/receiveAll")) return "receptors";
  return "neurons";
}

/**
 * The text of a module, one instruction per line as asc writes it, with counters as exported globals, or with those
 * that the core exports.
 */
export function withCounters(text: string, imports = false): string {
  const globals = COUNTERS.map((name) =>
    imports
      ? ` (import "core" "count_${name}" (global $count_${name} (mut f64)))`
      : ` (global $count_${name} (export "count_${name}") (mut f64) (f64.const 0))`,
  );
  const lines: string[] = [];
  let part: Part = "neurons";
  let operations = 0;
  let vectors = 0;
  const count = (name: string, amount: number): void => {
    if (amount > 0)
      lines.push(`global.get $count_${name}`, `f64.const ${amount}`, "f64.add", `global.set $count_${name}`);
  };
  for (const line of text.split("\n")) {
    const [word = ""] = line.trimStart().split(/\s/, 1);
    // Imports come first, and globals behind them.
    const place = imports ? /^ \((type|import|global|memory|data|table|elem|func|export) / : /^ \((global|memory|data|table|elem|func|export) /;
    if (globals.length > 0 && place.test(line)) lines.push(...globals.splice(0));
    if (line.startsWith(" (func ")) part = partOf(line);
    if (PARTINGS.has(word) || line === " )") {
      count(part, operations);
      count("vectors", vectors);
      operations = vectors = 0;
    }
    operations += COST.get(word) ?? 0;
    if (VECTOR.test(word)) vectors++;
    lines.push(line);
  }
  return lines.join("\n");
}

/** The module of such a text. */
export function assemble(text: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(binaryen.Features.All);
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}

/** The core with counters. */
export function countingCore(): Uint8Array<ArrayBuffer> {
  return assemble(withCounters(readFileSync(new URL("../../build/core.wat", import.meta.url), "utf8")));
}

/** A compiled kernel that counts in the counters of such a core. Its receptors are part of the neurons' pass. */
function countingKernel(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = binaryen.readBinaryWithFeatures(bytes, binaryen.Features.All);
  try {
    return assemble(withCounters(module.emitStackIR(), true));
  } finally {
    module.dispose();
  }
}

/** Lets the kernels count that a simulation in such a core compiles. */
function countKernels(simulation: Simulation): void {
  const [core] = simulation["engine"].cores;
  if (core === undefined) return;
  const add = core.addKernels.bind(core);
  core.addKernels = (bytes) => add(countingKernel(bytes));
}

/** What the counters of a simulation in such a core say. */
function countsOf(simulation: Simulation): Counts {
  const exports = simulation["engine"].cores[0]?.exports as unknown as Record<string, WebAssembly.Global | undefined>;
  const read = (name: keyof Counts): number => {
    const counter = exports[`count_${name}`];
    if (counter === undefined) throw new Error("this core has no counters");
    return Number(counter.value);
  };
  return {
    neurons: read("neurons"),
    receptors: read("receptors"),
    delivery: read("delivery"),
    vectors: read("vectors"),
  };
}

/** Counts while a simulation runs for `duration` ms, each by `divisor`. */
function during(simulation: Simulation, duration: number, divisor: number): Counts {
  const before = countsOf(simulation);
  simulation.runSync(duration);
  const after = countsOf(simulation);
  const each = (name: keyof Counts): number => (after[name] - before[name]) / divisor;
  return {
    neurons: each("neurons"),
    receptors: each("receptors"),
    delivery: each("delivery"),
    vectors: each("vectors"),
  };
}

/**
 * Work of one neuron in one step: operations, the vector instructions around and in them, and bytes of memory traffic.
 */
export interface Work {
  readonly operations: number;
  readonly vectors: number;
  readonly bytes: number;
}

/** Neurons of a count, whole blocks, and its steps. */
const SIZE = 1024;
const STEPS = 1000;

/** Work of a model of the main table. */
export async function modelWork(entry: ModelCase, core: Uint8Array<ArrayBuffer>): Promise<Work> {
  const { simulation } = await entry.simulation(SIZE, entry.method, core);
  countKernels(simulation);
  // The first run makes tables and columns.
  simulation.runSync(10 * entry.dt);
  const { neurons, vectors } = during(simulation, STEPS * entry.dt, SIZE * STEPS);
  return { operations: neurons, vectors, bytes: columnBytes(entry.model, entry.method) };
}

/** Work of COBA with its receptors and its events. */
export async function cobaWork(
  core: Uint8Array<ArrayBuffer>,
): Promise<Work & { readonly parts: Omit<Counts, "vectors"> }> {
  const start = cobaStart(1);
  const { simulation, excitatory, inhibitory } = await cobaSimulation(start, "given", core);
  countKernels(simulation);
  const size = COBA.excitatory + COBA.inhibitory;
  const spikes = () => excitatory.count + inhibitory.count;
  simulation.runSync(100);
  const before = spikes();
  const { vectors, ...parts } = during(simulation, STEPS * COBA.dt, size * STEPS);
  const events = ((spikes() - before) * start.targets.length) / size / (size * STEPS);
  return {
    operations: parts.neurons + parts.receptors + parts.delivery,
    vectors,
    bytes: columnBytes(lif, "euler") + 2 * RECEPTOR_BYTES + events * BYTES_PER_EVENT,
    parts,
  };
}

/** Work of a synaptic event, in a small network in which each spike reaches everybody. */
export async function eventWork(core: Uint8Array<ArrayBuffer>): Promise<Work> {
  const simulation = await Simulation.create({ dt: 0.1, seed: 1, core });
  const size = 200;
  const cells = simulation.population("cells", lif, size, {
    params: { tau_m: 20, C_m: 250, E_L: 0, V_th: 20, V_reset: 10, t_ref: 2 },
    init: { v: Float64Array.from({ length: size }, (_, i) => (20 * i) / size) },
    receptors: { jump: receptor.delta() },
    background: [background.constant(500)],
  });
  countKernels(simulation);
  const projection = simulation.connect(cells, cells, { rule: "allToAll", weight: 0.001, delay: 1.5 });
  const spikes = simulation.record(cells, "spikes");
  simulation.build();
  const { delivery } = during(simulation, 100, 1);
  return { operations: delivery / ((spikes.count * projection.synapses) / size), vectors: 0, bytes: BYTES_PER_EVENT };
}
