/**
 * A NIR graph as a network: a population of `lif` for each node of neurons, its matrices as lists of synapses. The
 * numbers of a graph are those of the step by Euler that its readers take, so the method is `euler`.
 */
import { quantityText } from "../../model/errors.js";
import { parseDocument } from "../../model/parse.js";
import type { NetworkSpec, ProjectionSpec } from "../../model/spec.js";
import { ExchangeError, Report, type ReportEntry } from "../report.js";
import { count, MAX_WEIGHTS, NODE_TYPES, type NirGraph, type NirLeaf, type Tensor, USUAL_STEP } from "./graph.js";

/** Most nodes of a graph, those of graphs within it too. */
export const MAX_NODES = 4096;
/** Most multiplications by which matrices behind each other become one. */
const MAX_PRODUCT = 2 ** 32;
/** Time constant in ms of a perfect integrator: its leak is lost in rounding. */
const PERFECT = 1e30;
/** pF, what lif has by default; it scales currents only. */
const C_M = 250;
const RECEPTOR = "syn";

/** A node of a graph without graphs in it; inputs and outputs of inner graphs only pass on. */
interface Flat {
  readonly leaf: NirLeaf;
  readonly role: (typeof NODE_TYPES)[keyof typeof NODE_TYPES]["role"];
  readonly sources: string[];
}

/** What a node gives, in terms of neurons and inputs. */
interface Signal {
  readonly size: number;
  /** What does not depend on spikes; undefined for 0. */
  readonly bias?: Float64Array;
  readonly maps: ReadonlyMap<string, LinearMap>;
}

/** A matrix, row by row; where it is undefined, each element is passed on. */
interface LinearMap {
  readonly rows: number;
  readonly columns: number;
  readonly values?: Float64Array;
}

function fail(node: string, what: string, value?: unknown): never {
  throw new ExchangeError(`${placeOf(node)}: ${what}.`, [], { path: placeOf(node), value });
}

/** Where a node is in the file. */
const placeOf = (node: string): string => `/node/nodes/${node.replaceAll("\u0000", "/nodes/")}`;

/** The nodes of all graphs with what leads into each. */
function flattened(graph: NirGraph): Map<string, Flat> {
  const flat = new Map<string, Flat>();
  const walk = (inner: NirGraph, prefix: string): void => {
    /** What stands for a node where edges begin or end. */
    const ends = new Map<string, { readonly into: string; readonly out: string }>();
    for (const [name, node] of Object.entries(inner.nodes)) {
      const whole = prefix + name;
      if (node.type === "NIRGraph") {
        walk(node, `${whole}\u0000`);
        ends.set(name, { into: theOne(node, whole, "Input"), out: theOne(node, whole, "Output") });
        continue;
      }
      const { role } = NODE_TYPES[node.type];
      const passes = prefix !== "" && (role === "input" || role === "output");
      flat.set(whole, { leaf: node, role: passes ? "pass" : role, sources: [] });
      ends.set(name, { into: whole, out: whole });
      if (flat.size > MAX_NODES) fail(whole, `more than ${MAX_NODES} nodes`);
    }
    const seen = new Set<string>();
    for (const [source, target] of inner.edges) {
      const [from, to] = [source, target].map((name) => ends.get(name));
      if (from === undefined || to === undefined) {
        const missing = from === undefined ? source : target;
        const place = `/node${prefix === "" ? "" : `/nodes/${prefix.slice(0, -1).replaceAll("\u0000", "/nodes/")}`}/edges`;
        const known = [...ends.keys()].slice(0, 12).join(", ");
        throw new ExchangeError(
          `${place}: an edge names ${JSON.stringify(missing)}, and there is no such node. There: ${known}.`,
          [],
          { path: place, value: missing },
        );
      }
      const key = JSON.stringify([source, target]);
      if (seen.has(key)) fail(prefix + target, `there are two edges from ${JSON.stringify(source)}`);
      seen.add(key);
      (flat.get(to.into) as Flat).sources.push(from.out);
    }
  };
  walk(graph, "");
  return flat;
}

/** The only input or output of an inner graph. */
function theOne(graph: NirGraph, name: string, type: "Input" | "Output"): string {
  const found = Object.entries(graph.nodes).filter(([, node]) => node.type === type);
  if (found.length !== 1) fail(name, `a graph within a graph must have one ${type}; it has ${found.length}`);
  return `${name}\u0000${(found[0] as [string, unknown])[0]}`;
}

/** Number of neurons of a node as its arrays say it; undefined where they are single numbers. */
function ownSize(name: string, { arrays }: NirLeaf): number | undefined {
  const shapes = Object.values(arrays).filter(({ shape }) => shape.length > 0);
  const sizes = new Set(shapes.map(({ shape }) => count(shape)));
  if (sizes.size > 1 && sizes.has(1)) sizes.delete(1);
  if (sizes.size > 1) fail(name, `its arrays have ${[...sizes].join(" and ")} elements; all must have as many as it has neurons`);
  return [...sizes][0];
}

class Reader {
  private readonly nodes: ReadonlyMap<string, Flat>;
  private readonly signals = new Map<string, Signal>();
  private readonly open = new Set<string>();

  constructor(nodes: ReadonlyMap<string, Flat>) {
    this.nodes = nodes;
  }

  private flat(name: string): Flat {
    return this.nodes.get(name) as Flat;
  }

  /** Number of elements that a node of neurons has. */
  private readonly sizes = new Map<string, number>();

  size(name: string): number {
    const known = this.sizes.get(name);
    if (known !== undefined) return known;
    const { leaf } = this.flat(name);
    const size = leaf.type === "Input" ? shapeOf(name, leaf) : (ownSize(name, leaf) ?? this.sizeBefore(name));
    if (size < 1 || size > MAX_WEIGHTS) fail(name, `it has ${size} neurons`, size);
    this.sizes.set(name, size);
    return size;
  }

  /** Neurons whose parameters are single numbers are as many as what leads into them. */
  private sizeBefore(name: string): number {
    const before = this.flat(name).sources.find((source) => this.flat(source).role !== "neurons");
    if (before === undefined) return 1;
    const { leaf, role } = this.flat(before);
    if (leaf.type === "Affine" || leaf.type === "Linear") return (leaf.arrays.weight as Tensor).shape.at(-2) ?? 1;
    if (leaf.type === "Scale") return count((leaf.arrays.scale as Tensor).shape);
    if (role === "input") return shapeOf(before, leaf);
    if (leaf.arrays.shape) return shapeOf(before, leaf);
    return fail(name, "its parameters are single numbers, and what leads into it does not say how many neurons there are");
  }

  /** What leads into a node, summed up. */
  incoming(name: string): Signal {
    const { sources } = this.flat(name);
    const signals = sources.map((source) => this.outgoing(source));
    const size = signals[0]?.size ?? 0;
    const odd = signals.findIndex((signal) => signal.size !== size);
    if (odd > 0) fail(name, `${shown(sources[0])} brings ${size} elements and ${shown(sources[odd])} ${signals[odd]?.size}`);
    return signals.length === 1 ? (signals[0] as Signal) : sum(name, size, signals);
  }

  private outgoing(name: string): Signal {
    const known = this.signals.get(name);
    if (known) return known;
    const { role, leaf } = this.flat(name);
    if (role === "input" || role === "neurons") {
      const size = this.size(name);
      const signal: Signal = { size, maps: new Map([[name, { rows: size, columns: size }]]) };
      this.signals.set(name, signal);
      return signal;
    }
    if (role === "output") return fail(name, "an edge leads away from an output");
    if (this.open.has(name)) return fail(name, "it is in a loop without neurons");
    this.open.add(name);
    const before = this.incoming(name);
    const signal = role === "pass" ? before : transformed(name, leaf, before);
    this.open.delete(name);
    this.signals.set(name, signal);
    return signal;
  }
}

const shown = (name = ""): string => JSON.stringify(name.replaceAll("\u0000", "/"));

function shapeOf(name: string, { arrays }: NirLeaf): number {
  const size = count([...(arrays.shape as Tensor).values]);
  if (!Number.isInteger(size) || size < 1 || size > MAX_WEIGHTS) fail(name, `its shape has ${size} elements`, size);
  return size;
}

function sum(name: string, size: number, signals: readonly Signal[]): Signal {
  const maps = new Map<string, LinearMap>();
  let bias: Float64Array | undefined;
  for (const signal of signals) {
    if (signal.bias) bias = bias ? bias.map((x, i) => x + (signal.bias?.[i] as number)) : signal.bias;
    for (const [source, map] of signal.maps) {
      const other = maps.get(source);
      maps.set(source, other === undefined ? map : added(name, other, map));
    }
  }
  return { size, ...(bias && { bias }), maps };
}

function dense(name: string, { rows, columns, values }: LinearMap): Float64Array {
  if (values) return values;
  room(name, rows, columns);
  const made = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) made[i * (columns + 1)] = 1;
  return made;
}

function room(name: string, rows: number, columns: number): void {
  if (rows * columns > MAX_WEIGHTS) fail(name, `a matrix of ${rows} by ${columns}; at most ${MAX_WEIGHTS} weights are read`);
}

function added(name: string, a: LinearMap, b: LinearMap): LinearMap {
  const [x, y] = [dense(name, a), dense(name, b)];
  return { rows: a.rows, columns: a.columns, values: x.map((value, i) => value + (y[i] as number)) };
}

/** What a node of numbers makes of what leads into it. */
function transformed(name: string, leaf: NirLeaf, before: Signal): Signal {
  const { weight, bias, scale } = leaf.arrays;
  if (scale) {
    const { values } = scale;
    if (values.length !== before.size && values.length !== 1) fail(name, `${values.length} factors for ${before.size} elements`);
    const factor = (row: number): number => values[values.length === 1 ? 0 : row] as number;
    const maps = [...before.maps].map(([source, map]): [string, LinearMap] => [
      source,
      { ...map, values: dense(name, map).map((x, i) => x * factor(Math.floor(i / map.columns))) },
    ]);
    return {
      size: before.size,
      ...(before.bias && { bias: before.bias.map((x, i) => x * factor(i)) }),
      maps: new Map(maps),
    };
  }
  const { shape, values } = weight as Tensor;
  if (shape.length !== 2) fail(name, `weights of ${shape.length} dimensions; they must have 2`, shape);
  const [rows = 0, columns = 0] = shape;
  if (columns !== before.size) fail(name, `weights for ${columns} elements, and ${before.size} lead into it`, shape);
  if (bias && bias.values.length !== rows && bias.values.length !== 1) fail(name, `a bias of ${bias.values.length} elements; it must have ${rows}`);
  const matrix: LinearMap = { rows, columns, values };
  const maps = [...before.maps].map(([source, map]): [string, LinearMap] => [source, product(name, matrix, map)]);
  const own = Float64Array.from({ length: rows }, (_, i) =>
    bias ? (bias.values[bias.values.length === 1 ? 0 : i] as number) : 0,
  );
  if (before.bias) {
    const through = product(name, matrix, { rows: columns, columns: 1, values: before.bias }).values as Float64Array;
    for (const [i, x] of through.entries()) own[i] = (own[i] as number) + x;
  }
  return { size: rows, ...(own.some((x) => x !== 0) && { bias: own }), maps: new Map(maps) };
}

function product(name: string, a: LinearMap, b: LinearMap): LinearMap {
  if (!b.values) return a;
  if (!a.values) return b;
  room(name, a.rows, b.columns);
  if (a.rows * a.columns * b.columns > MAX_PRODUCT) fail(name, "matrices behind each other that are too large to become one");
  const values = new Float64Array(a.rows * b.columns);
  for (let row = 0; row < a.rows; row++) {
    for (let k = 0; k < a.columns; k++) {
      const factor = a.values[row * a.columns + k] as number;
      if (factor === 0) continue;
      for (let column = 0; column < b.columns; column++) {
        const place = row * b.columns + column;
        values[place] = (values[place] as number) + factor * (b.values[k * b.columns + column] as number);
      }
    }
  }
  return { rows: a.rows, columns: b.columns, values };
}

/** A parameter of each neuron. */
function perNeuron(name: string, leaf: NirLeaf, key: string, size: number, missing?: number): Float64Array {
  const array = leaf.arrays[key];
  if (array === undefined) return new Float64Array(size).fill(missing ?? Number.NaN);
  const { values } = array;
  const numbers = values.length === 1 ? new Float64Array(size).fill(values[0] as number) : values;
  const bad = numbers.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) fail(name, `${key}[${bad}] is ${numbers[bad]}; it must be a finite number`, numbers[bad]);
  return numbers;
}

function positive(name: string, key: string, numbers: Float64Array): Float64Array {
  const bad = numbers.findIndex((x) => !(x > 0));
  if (bad >= 0) fail(name, `${key}[${bad}] is ${numbers[bad]} s; it must be > 0 s`, numbers[bad]);
  return numbers;
}

/** Numbers that are all the same are one. */
const merged = (numbers: Float64Array): number | number[] =>
  numbers.every((x) => x === numbers[0]) ? (numbers[0] as number) : Array.from(numbers);

/** What becomes of a node of neurons. */
interface Made {
  readonly population: Readonly<Record<string, unknown>>;
  /** By which a weight is multiplied, per neuron. */
  readonly gain: Float64Array;
}

function neuronsOf(
  node: string,
  name: string,
  leaf: NirLeaf,
  size: number,
  incoming: Signal,
  dt: number,
  report: Report,
): Made {
  const get = (key: string, missing?: number): Float64Array => perNeuron(node, leaf, key, size, missing);
  const { type } = leaf;
  const threshold = get("v_threshold");
  const reset = get("v_reset", 0);
  const bad = threshold.findIndex((x, i) => !((reset[i] as number) < x));
  if (bad >= 0)
    fail(node, `v_reset[${bad}] is ${reset[bad]}; it must be below v_threshold, ${threshold[bad]}`, reset[bad]);
  const r = get("r");
  const tau =
    type === "IF"
      ? undefined
      : positive(node, type === "LIF" ? "tau" : "tau_mem", get(type === "LIF" ? "tau" : "tau_mem"));
  const leak = type === "IF" ? new Float64Array(size) : get("v_leak");
  /** mV/s by a current of 1. */
  const slope = r.map((x, i) => (tau ? x / (tau[i] as number) : x));
  const pA = slope.map((x) => (x * C_M) / 1000);
  let gain = slope.map((x) => x * dt);
  let receptor: Readonly<Record<string, unknown>> = { kernel: "delta" };
  let inject = pA;
  if (type === "CubaLIF") {
    const syn = positive(node, "tau_syn", get("tau_syn"));
    const other = syn.findIndex((x) => x !== syn[0]);
    if (other > 0)
      fail(
        node,
        `tau_syn[${other}] is ${syn[other]} s and tau_syn[0] ${syn[0]} s; synapses of a population have one time constant`,
        syn[other],
      );
    const w_in = get("w_in", 1);
    receptor = { kernel: "exponential", tau: (syn[0] as number) * 1000 };
    gain = pA.map((x, i) => (x * (w_in[i] as number) * dt) / (syn[0] as number));
    inject = pA.map((x, i) => x * (w_in[i] as number));
  }
  const place = placeOf(node);
  const steps =
    type === "CubaLIF" ? `; readers let the current decay by 1 - dt/tau_syn in a step, here by exp(-dt/tau_syn)` : "";
  report.approximate(place, `population ${JSON.stringify(name)}: a neuron fires where v >= V_th, in NIR where v > v_threshold${steps}`);
  if (leak.some((x) => x !== 0)) report.approximate(place, "NIR has no initial values, and its readers start at 0; neurons start at v_leak");
  const { bias } = incoming;
  const background = bias
    ? [{ kind: "constant", amplitude: merged(bias.map((x, i) => x * (inject[i] as number))) }]
    : [];
  if (bias && type === "CubaLIF") report.approximate(place, "what biases bring rises with tau_syn in NIR; here it is a current from the start");
  else if (bias) report.exact(place, "biases are a constant current");
  return {
    gain,
    population: {
      name,
      model: "lif",
      size,
      method: "euler",
      params: {
        C_m: C_M,
        tau_m: tau ? merged(tau.map((x) => x * 1000)) : PERFECT,
        E_L: merged(leak),
        V_th: merged(threshold),
        V_reset: merged(reset),
        t_ref: 0,
      },
      ...(incoming.maps.size > 0 && { receptors: { [RECEPTOR]: receptor } }),
      ...(background.length > 0 && { background }),
    },
  };
}

/** Synapses of a matrix: its weights that are not 0. */
function synapses(
  node: string,
  map: LinearMap,
  gain: Float64Array,
): { readonly sources: Uint32Array; readonly targets: Uint32Array; readonly weight: Float64Array } {
  const { rows, columns, values } = map;
  const sources: number[] = [];
  const targets: number[] = [];
  const weights: number[] = [];
  const add = (target: number, source: number, value: number): void => {
    const weight = value * (gain[target] as number);
    if (!Number.isFinite(weight))
      fail(node, `the weight from ${source} to ${target} is ${weight}; it must be a finite number`, weight);
    if (weight === 0) return;
    sources.push(source);
    targets.push(target);
    weights.push(weight);
  };
  if (values) values.forEach((value, i) => add(Math.floor(i / columns), i % columns, value));
  else for (let i = 0; i < rows; i++) add(i, i, 1);
  return { sources: Uint32Array.from(sources), targets: Uint32Array.from(targets), weight: Float64Array.from(weights) };
}

/** Names of populations: what the graph says, as far as populations may be called so. */
function namesOf(nodes: ReadonlyMap<string, Flat>): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [node, { leaf, role }] of nodes) {
    if (role !== "neurons" && role !== "input") continue;
    const said = leaf.metadata?.population;
    const wanted = typeof said === "string" && said !== "" ? said : node.replaceAll("\u0000", "_");
    const plain = wanted.replace(/[^\p{L}\p{N}_]+/gu, "_").slice(0, 56) || "neurons";
    const free = plain in Object.prototype ? `${plain}_` : plain;
    let name = free;
    for (let n = 2; taken.has(name); n++) name = `${free}_${n}`;
    taken.add(name);
    names.set(node, name);
  }
  return names;
}

/** Whether each element that is put out is one that came, and none comes twice. */
function isSelection({ rows, columns, values }: LinearMap): boolean {
  if (!values) return true;
  const seen = new Uint8Array(columns);
  for (let row = 0; row < rows; row++) {
    let found = false;
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column];
      if (value === 0) continue;
      if (value !== 1 || found || seen[column]) return false;
      found = true;
      seen[column] = 1;
    }
  }
  return true;
}

/** A number of the graph's metadata in s, as ms. */
function milliseconds(graph: NirGraph, key: string): number | undefined {
  const value = graph.metadata?.[key];
  if (value === undefined) return undefined;
  const place = `/node/metadata/${key}`;
  if (typeof value !== "number" || !(value > 0) || !Number.isFinite(value)) {
    throw new ExchangeError(`${place}: ${JSON.stringify(value)}; it must be a number > 0, in s.`, [], {
      path: place,
      value,
    });
  }
  // 1e-4 s is 0.1 ms
  return Number((value * 1000).toPrecision(15));
}

/**
 * The network of a graph.
 *
 * @param name what the network is called unless the graph says
 * @throws ExchangeError with the node that has no counterpart, or is wrong
 */
export function networkOf(
  graph: NirGraph,
  name: string,
): { readonly network: NetworkSpec; readonly report: readonly ReportEntry[] } {
  const report = new Report();
  const nodes = flattened(graph);
  const reader = new Reader(nodes);
  const names = namesOf(nodes);
  const given = milliseconds(graph, "dt");
  const dt = given ?? USUAL_STEP * 1000;
  if (given === undefined) report.approximate("/node", `it says no time step; ${quantityText(dt, "ms")}, as its readers take it`);
  const populations: unknown[] = [];
  const projections: ProjectionSpec[] = [];
  const record = new Set<string>();
  const inputs = new Map<string, number>();
  for (const [node, { leaf, role, sources }] of nodes) {
    if (role === "input") inputs.set(node, reader.size(node));
    if (role !== "neurons" && role !== "output") continue;
    const incoming =
      sources.length === 0 ? { size: reader.size(node), maps: new Map<string, LinearMap>() } : reader.incoming(node);
    if (role === "output") {
      putOut(node, incoming, names, nodes, record, report);
      continue;
    }
    const size = reader.size(node);
    if (incoming.size !== size)
      fail(node, `${size} neurons, and ${incoming.size} elements lead into it`, incoming.size);
    const target = names.get(node) as string;
    const { population, gain } = neuronsOf(node, target, leaf, size, incoming, dt / 1000, report);
    populations.push(population);
    for (const [from, map] of incoming.maps) {
      const { sources: list, targets, weight } = synapses(node, map, gain);
      if (list.length === 0) continue;
      const rule = { rule: "list" as const, sources: list, targets };
      const source = names.get(from) as string;
      projections.push({
        source,
        target,
        receptor: RECEPTOR,
        rule,
        weight,
        delay: dt,
        autapses: true,
        multapses: false,
        weightPrecision: "float64",
      });
    }
  }
  if (populations.length === 0)
    throw new ExchangeError("/node/nodes: there are no neurons in the graph.", [], { path: "/node/nodes" });
  for (const [node, size] of inputs) {
    const source = names.get(node) as string;
    if (!projections.some((projection) => projection.source === source)) {
      report.exact(placeOf(node), "an input that leads nowhere is left out");
      continue;
    }
    populations.push({ name: source, model: "spikeTrain", size, params: { times: [], neurons: [] } });
    report.approximate(placeOf(node), `population ${JSON.stringify(source)}, without spikes so far: give it some; an input of numbers other than 0 and 1 has no counterpart`);
  }
  if (projections.length > 0) report.approximate("/node/edges", "spikes reach their targets a time step later, the smallest delay; in NIR at once");
  const title = graph.metadata?.network;
  const document = {
    name: typeof title === "string" && title !== "" ? title : name,
    dt,
    duration: milliseconds(graph, "duration") ?? 1000,
    populations,
    projections: [],
    record: [...record].map((population) => ({ population, variables: ["spikes"] })),
  };
  return { network: { ...parseDocument(document), projections }, report: report.entries };
}

function putOut(
  node: string,
  { maps, bias }: Signal,
  names: ReadonlyMap<string, string>,
  nodes: ReadonlyMap<string, Flat>,
  record: Set<string>,
  report: Report,
): void {
  if (bias) report.dropped(placeOf(node), "a bias of what is put out");
  for (const [source, map] of maps) {
    const name = names.get(source) as string;
    if (nodes.get(source)?.role === "input") {
      report.dropped(placeOf(node), `the input ${shown(source)}, which is put out as it comes`);
      continue;
    }
    record.add(name);
    if (!isSelection(map)) report.dropped(placeOf(node), `the weights of what is put out of ${shown(source)}; its spikes are recorded`);
  }
}
