/**
 * Floating-point operations that a step does, counted while it runs: the core's text (build/core.wat) gets counters, and the
 * same simulations run in it. So stages, tables, exponentials and blocks that are left early count as often as they happen.
 *
 * An addition, subtraction, multiplication, division or square root of f64 is one operation, of f64x2 two. Comparisons,
 * selections, conversions and what is done on the bits of numbers are none.
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
  ["add", "sub", "mul", "div", "sqrt"].flatMap((name) => [[`f64.${name}`, 1], [`f64x2.${name}`, 2]] as const),
);

/** Instructions before or after which the path may part or join; what stands between two of them runs as a whole. */
const PARTINGS = new Set(["block", "loop", "if", "else", "end", "br", "br_if", "br_table", "return", "unreachable"]);

/** Which part of a step a function belongs to, by its name; what is inlined belongs to the function around it. */
const PARTS = ["neurons", "receptors", "delivery"] as const;
export type Part = (typeof PARTS)[number];

function partOf(name: string): Part {
  if (name.includes("assembly/synapses/projection/")) return "delivery";
  if (name.includes("assembly/receptors/") || name.includes("assembly/network/receiveAll")) return "receptors";
  return "neurons";
}

/** The text of a module, one instruction per line as asc writes it, with a counter for each part of a step. */
export function withCounters(text: string): string {
  const counters = PARTS.map((part) => ` (global $operations_${part} (export "operations_${part}") (mut f64) (f64.const 0))`);
  const lines: string[] = [];
  let part: Part = "neurons";
  let pending = 0;
  for (const line of text.split("\n")) {
    const [word = ""] = line.trimStart().split(/\s/, 1);
    if (counters.length > 0 && /^ \((global|memory|data|table|elem|func|export) /.test(line)) lines.push(...counters.splice(0));
    if (line.startsWith(" (func ")) part = partOf(line);
    if (pending > 0 && (PARTINGS.has(word) || line === " )")) {
      const counter = `$operations_${part}`;
      lines.push(`global.get ${counter}`, `f64.const ${pending}`, "f64.add", `global.set ${counter}`);
      pending = 0;
    }
    pending += COST.get(word) ?? 0;
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

export type Operations = Readonly<Record<Part, number>>;

/** Operations that a simulation in the core with counters has done so far. */
function done(simulation: Simulation): Operations {
  const exports = simulation["cores"][0]?.exports as unknown as Record<string, WebAssembly.Global | undefined>;
  const read = (part: Part): number => {
    const counter = exports[`operations_${part}`];
    if (counter === undefined) throw new Error("this core has no counters");
    return Number(counter.value);
  };
  return { neurons: read("neurons"), receptors: read("receptors"), delivery: read("delivery") };
}

/** Operations while a simulation runs for `duration` ms, after others. */
function during(simulation: Simulation, settle: number, duration: number): Operations {
  simulation.runSync(settle);
  const before = done(simulation);
  simulation.runSync(duration);
  const after = done(simulation);
  return {
    neurons: after.neurons - before.neurons,
    receptors: after.receptors - before.receptors,
    delivery: after.delivery - before.delivery,
  };
}

/** Work of one neuron in one step: operations, and bytes of memory traffic. */
export interface Work {
  readonly operations: number;
  readonly bytes: number;
}

/** Neurons of a count, whole blocks, and its steps. */
const SIZE = 1024;
const STEPS = 1000;

/** Work of a model of the main table. */
export async function modelWork(entry: ModelCase, core: Uint8Array<ArrayBuffer>): Promise<Work> {
  const { simulation } = await entry.simulation(SIZE, entry.method, core);
  const { neurons } = during(simulation, 10 * entry.dt, STEPS * entry.dt);
  return { operations: neurons / (SIZE * STEPS), bytes: columnBytes(entry.model) };
}

/** Work of COBA with its receptors and its events. */
export async function cobaWork(core: Uint8Array<ArrayBuffer>): Promise<Work & { readonly parts: Operations }> {
  const start = cobaStart(1);
  const { simulation, excitatory, inhibitory } = await cobaSimulation(start, "given", core);
  const neurons = COBA.excitatory + COBA.inhibitory;
  const spikes = () => excitatory.count + inhibitory.count;
  simulation.runSync(100);
  const before = spikes();
  const total = during(simulation, 0, STEPS * COBA.dt);
  const events = ((spikes() - before) * start.targets.length) / neurons;
  const each = (x: number): number => x / (neurons * STEPS);
  const parts = { neurons: each(total.neurons), receptors: each(total.receptors), delivery: each(total.delivery) };
  return {
    operations: parts.neurons + parts.receptors + parts.delivery,
    bytes: columnBytes(lif) + 2 * RECEPTOR_BYTES + each(events) * BYTES_PER_EVENT,
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
  simulation.connect(cells, cells, { rule: "allToAll", weight: 0.001, delay: 1.5 });
  const spikes = simulation.record(cells, "spikes");
  const { delivery } = during(simulation, 0, 100);
  const { synapses } = simulation.runSync(0);
  return { operations: delivery / ((spikes.count * synapses) / size), bytes: BYTES_PER_EVENT };
}
