/**
 * A network as a NIR graph. Potentials are in mV above E_L, so that v_leak is 0 and neurons start at rest; time
 * constants are in s; a spike is a 1 in one time step, so with r = tau / dt a weight is the jump of v in mV (LIF, IF),
 * or with w_in = tau_syn / dt that of the current (CubaLIF).
 *
 * Names of nodes are in the order in which readers must meet them, since files list them by name: input, then layer by
 * layer what leads into neurons and the neurons, output, and last what leads back. Readers on nirtorch then give each
 * connection within a loop a delay of one time step.
 */
import { isOwn, kernelKind, kernelName } from "../../kinds/receptors.js";
import { itemPath, keyPath } from "../../model/check.js";
import type { BackgroundSpec, NetworkSpec, PopulationSpec, ProjectionSpec, Value } from "../../model/spec.js";
import type { Counterpart } from "../mapping.js";
import { ExchangeError, Report, type ReportEntry } from "../report.js";
import { MAX_WEIGHTS, type NirGraph, type NirLeaf, same, vector } from "./graph.js";
import { nirMapping } from "./mapping.js";

/** Most distinct sets of parameters: each is a node, and each pair of them may have a matrix. */
export const MAX_GROUPS = 64;

/** Neurons of a population that have the same parameters: a node. */
interface Group {
  readonly population: string;
  /** Number among the groups of its population; undefined where it is the only one. */
  readonly part: number | undefined;
  /** Their indices in the population. */
  readonly neurons: Uint32Array;
  readonly node: NirLeaf;
  /** Jump of each in a time step by the constant current, mV. */
  readonly bias: Float64Array;
}

/** What projections and outputs need of a population. */
interface Placed {
  readonly spec: PopulationSpec;
  readonly path: string;
  /** A source: its first channel of the input. */
  readonly channel: number | undefined;
  readonly groups: readonly Group[];
  /** Group and place in it of each neuron. */
  readonly groupOf: Uint32Array;
  readonly placeOf: Uint32Array;
  /** What a weight is multiplied with to be that of the graph, per neuron. */
  readonly gain: Float64Array;
}

/** Weights of the synapses between two groups, target by source; source -1 is the input. */
interface Matrix {
  readonly source: number;
  readonly target: number;
  readonly values: Float64Array;
}

const at = (value: Value | undefined, i: number): number =>
  typeof value === "number" ? value : value instanceof Float64Array ? (value[i] as number) : Number.NaN;

/** Collects what NIR cannot say, so that all of it is told at once. */
class Refusals {
  private readonly entries: ReportEntry[] = [];

  add(path: string, message: string): void {
    this.entries.push({ fidelity: "dropped", path, message });
  }

  /** Notes what has no counterpart. */
  absent(path: string, name: string, counterpart: Counterpart): void {
    if ("absent" in counterpart) this.add(path, `${name}: ${counterpart.absent}`);
  }

  raise(): void {
    if (this.entries.length === 0) return;
    const shown = this.entries.slice(0, 8).map(({ path, message }) => `\n  ${path}: ${message}`);
    const more = this.entries.length > 8 ? `\n  and ${this.entries.length - 8} more` : "";
    throw new ExchangeError(`${nirMapping.tool} cannot say this network:${shown.join("")}${more}`, this.entries);
  }
}

function isDistribution(value: Value): boolean {
  return typeof value !== "number" && !(value instanceof Float64Array);
}

const NOT_EXPLICIT = "it is drawn from the seed; give the explicit network (Simulation.explicit)";

/** What a population is made of that NIR has no word for. */
function checkPopulation(spec: PopulationSpec, path: string, dt: number, refusals: Refusals): void {
  const known = nirMapping.models as Readonly<Record<string, Counterpart>>;
  const absent = { absent: "NIR's neurons are leaky or perfect integrators with a fixed threshold" };
  const isOwn = spec.model.definition !== undefined;
  refusals.absent(keyPath(path, "model"), spec.model.id, (isOwn ? undefined : known[spec.model.id]) ?? absent);
  for (const [i, entry] of spec.background.entries())
    checkBackground(entry, itemPath(keyPath(path, "background"), i), refusals);
  if (spec.model.id !== "lif" || isOwn) return;
  for (const [name, value] of Object.entries(spec.params)) {
    if (isDistribution(value)) refusals.add(`${path}.params.${name}`, NOT_EXPLICIT);
  }
  const t_ref = spec.params.t_ref;
  for (let i = 0; i < spec.size; i++) {
    if (!(Math.round(at(t_ref, i) / dt) > 0)) continue;
    refusals.add(`${path}.params.t_ref`, `${at(t_ref, i)} ms: NIR's neurons have no refractory period; it must be 0`);
    break;
  }
}

function checkBackground(entry: BackgroundSpec, path: string, refusals: Refusals): void {
  const { kind, scope = {} } = entry;
  refusals.absent(path, kind, nirMapping.backgrounds[kind]);
  if (kind !== "constant") return;
  for (const key of ["start", "stop"] as const) {
    if (scope[key] !== undefined)
      refusals.absent(keyPath(path, key), `${kind} with a ${key}`, nirMapping.backgrounds.piecewise);
  }
  if (isDistribution(entry.amplitude)) refusals.add(keyPath(path, "amplitude"), NOT_EXPLICIT);
}

/** What a projection has that NIR has no word for. */
function checkProjection(
  spec: ProjectionSpec,
  path: string,
  dt: number,
  target: PopulationSpec,
  refusals: Refusals,
): void {
  if (spec.gapJunction) return refusals.add(path, "gap junctions: nodes of a NIR graph exchange nothing but spikes");
  if (spec.event !== undefined) refusals.add(keyPath(path, "event"), `${spec.event}: NIR's neurons have no events but spikes`);
  if (spec.plasticity)
    refusals.absent(keyPath(path, "plasticity"), spec.plasticity.kind, nirMapping.plasticity[spec.plasticity.kind]);
  if (spec.ownPlasticity) {
    const { name } = spec.ownPlasticity.rule;
    refusals.add(keyPath(path, "plasticity"), `${name}: weights of a NIR graph do not change`);
  }
  for (const key of ["shortTerm", "scaling", "release"] as const) {
    if (spec[key] !== undefined) refusals.absent(keyPath(path, key), key, nirMapping.plasticity[key]);
  }
  if (spec.rule.rule !== "list") return refusals.add(keyPath(path, "rule"), `${spec.rule.rule}: ${NOT_EXPLICIT}`);
  for (const key of ["weight", "delay"] as const) {
    const value = spec[key];
    if (typeof value === "function" || isDistribution(value)) return refusals.add(keyPath(path, key), NOT_EXPLICIT);
  }
  const { length } = spec.rule.sources;
  for (let i = 0; i < length; i++) {
    const delay = at(spec.delay as Value, i);
    if (Math.round(delay / dt) <= 1) continue;
    refusals.add(keyPath(path, "delay"), `${delay} ms: readers of NIR have no delays; it must be one time step, ${dt} ms`);
    break;
  }
  const receptor = target.receptors[spec.receptor];
  const place = `${keyPath(path, "receptor")} (${spec.target}.${spec.receptor})`;
  if (receptor === undefined) return;
  refusals.absent(place, kernelName(receptor), nirMapping.receptors[kernelKind(receptor)]);
  if (!isOwn(receptor) && "E_rev" in receptor && receptor.E_rev !== undefined && receptor.kernel !== "nmda") {
    refusals.absent(place, `${receptor.kernel} with E_rev`, nirMapping.receptors.nmda);
  }
}

/** Time constant in ms of the synapses of a population, undefined where they are jumps. */
function synapticTime(
  spec: PopulationSpec,
  used: readonly string[],
  path: string,
  refusals: Refusals,
): number | undefined {
  const receptors = used.map((name) => ({ name, receptor: spec.receptors[name] }));
  const times = new Set(
    receptors.map(({ receptor }) => (receptor?.kernel === "exponential" ? receptor.tau : undefined)),
  );
  if (times.size > 1) {
    const named = receptors.map(
      ({ name, receptor }) =>
        `${name} ${receptor?.kernel === "exponential" ? `tau ${receptor.tau} ms` : receptor?.kernel}`,
    );
    refusals.add(keyPath(path, "receptors"), `${named.join(", ")}: synapses onto a NIR neuron are all of one kind and time constant`);
  }
  return [...times].find((time) => time !== undefined);
}

/** Constant current per neuron. */
function constantCurrent(spec: PopulationSpec): Float64Array {
  const sum = new Float64Array(spec.size);
  for (const entry of spec.background) {
    if (entry.kind !== "constant") continue;
    for (const i of entry.scope?.neurons ?? sum.keys()) sum[i] = (sum[i] as number) + at(entry.amplitude, i);
  }
  return sum;
}

/** Whether a step's leak is lost in rounding: a perfect integrator. */
const isPerfect = (tau: number, dt: number): boolean => 1 - dt / tau === 1;

/** Places of neurons by what their nodes have in common. */
function grouped(size: number, keyOf: (neuron: number) => string): Uint32Array[] {
  const lists = new Map<string, number[]>();
  for (let i = 0; i < size; i++) {
    const key = keyOf(i);
    const list = lists.get(key);
    if (list) list.push(i);
    else lists.set(key, [i]);
  }
  return [...lists.values()].map((list) => Uint32Array.from(list));
}

/** Neurons of a population as nodes. */
function placeNeurons(
  spec: PopulationSpec,
  path: string,
  dt: number,
  tauSyn: number | undefined,
  refusals: Refusals,
): Placed {
  const { size, params, name } = spec;
  const current = constantCurrent(spec);
  const gain = new Float64Array(size).fill(1);
  const jump = new Float64Array(size);
  const numbers = (i: number): readonly number[] => {
    const tau = at(params.tau_m, i);
    const rest = at(params.E_L, i);
    const leak = tauSyn === undefined ? 0 : ((current[i] as number) * tau) / at(params.C_m, i);
    return [tau, at(params.V_th, i) - rest, at(params.V_reset, i) - rest, leak];
  };
  for (let i = 0; i < size; i++) {
    const perStep = dt / at(params.C_m, i);
    if (tauSyn === undefined) jump[i] = (current[i] as number) * perStep;
    else gain[i] = perStep;
  }
  const lists = grouped(size, (i) => String(numbers(i)));
  const most = Math.min(lists.length, MAX_GROUPS + 1);
  if (most > MAX_GROUPS) {
    const message = `${lists.length} different sets of parameters; each needs a node of its own, and at most ${MAX_GROUPS} are written`;
    refusals.add(keyPath(path, "params"), message);
  }
  const groupOf = new Uint32Array(size);
  const placeOf = new Uint32Array(size);
  const groups = lists.slice(0, most).map((neurons, part): Group => {
    neurons.forEach((neuron, place) => {
      groupOf[neuron] = part;
      placeOf[neuron] = place;
    });
    const [tau = 1, threshold = 0, reset = 0, leak = 0] = numbers(neurons[0] as number);
    const all = (value: number): ReturnType<typeof same> => same(value, neurons.length);
    const thresholds = { v_threshold: all(threshold), ...(reset === 0 ? {} : { v_reset: all(reset) }) };
    const metadata = {
      population: name,
      neurons: Float64Array.from(neurons),
      E_L: Float64Array.from(neurons, (i) => at(params.E_L, i)),
    };
    const membrane = { r: all(tau / dt), v_leak: all(leak), ...thresholds };
    const node: NirLeaf =
      tauSyn !== undefined
        ? {
            type: "CubaLIF",
            arrays: { tau_mem: all(tau / 1000), tau_syn: all(tauSyn / 1000), w_in: all(tauSyn / dt), ...membrane },
            metadata,
          }
        : isPerfect(tau, dt)
          ? { type: "IF", arrays: { r: all(1000 / dt), ...thresholds }, metadata }
          : { type: "LIF", arrays: { tau: all(tau / 1000), ...membrane }, metadata };
    return {
      population: name,
      part: lists.length === 1 ? undefined : part,
      neurons,
      node,
      bias: Float64Array.from(neurons, (i) => jump[i] as number),
    };
  });
  return { spec, path, channel: undefined, groups, groupOf, placeOf, gain };
}

/** Which of the groups reach which, by connections. */
function reaching(size: number, matrices: readonly Matrix[]): boolean[][] {
  const reach = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  for (const { source, target } of matrices) if (source >= 0) (reach[source] as boolean[])[target] = true;
  for (let via = 0; via < size; via++) {
    for (const row of reach) {
      if (!row[via]) continue;
      for (const [target, there] of (reach[via] as boolean[]).entries()) if (there) row[target] = true;
    }
  }
  return reach;
}

/** Names that Python and torch can have: letters, digits and _. */
function plainName(name: string): string {
  return name.normalize("NFKD").replace(/[^A-Za-z0-9_]+/g, "_");
}

/** Gives names that differ, by numbers behind them. */
class Names {
  private readonly taken = new Set<string>();

  name(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.taken.has(name); n++) name = `${wanted}_${n}`;
    this.taken.add(name);
    return name;
  }
}

const affine = (values: Float64Array, bias: Float64Array): NirLeaf => ({
  type: "Affine",
  arrays: { weight: { shape: [bias.length, values.length / bias.length], values }, bias: vector(bias) },
});

function identity(size: number): Float64Array {
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) values[i * (size + 1)] = 1;
  return values;
}

/** What the synapses are, checked; their weights as matrices. */
function matricesOf(
  network: NetworkSpec,
  placed: ReadonlyMap<string, Placed>,
  first: ReadonlyMap<string, number>,
  groups: readonly Group[],
  channels: number,
): Matrix[] {
  const matrices = new Map<number, Matrix>();
  let total = 0;
  const matrix = (source: number, target: number): Matrix => {
    const key = (source + 1) * groups.length + target;
    const known = matrices.get(key);
    if (known) return known;
    const columns = source < 0 ? channels : (groups[source] as Group).neurons.length;
    total += columns * (groups[target] as Group).neurons.length;
    if (total > MAX_WEIGHTS) {
      const message = `the matrices of this network have more than ${MAX_WEIGHTS} weights; NIR has no sparse ones.`;
      throw new ExchangeError(message, [], { path: "$.projections", value: total });
    }
    const made = { source, target, values: new Float64Array(columns * (groups[target] as Group).neurons.length) };
    matrices.set(key, made);
    return made;
  };
  for (const { source, target, rule, weight } of network.projections) {
    const from = placed.get(source) as Placed;
    const to = placed.get(target) as Placed;
    if (rule.rule !== "list") continue;
    rule.sources.forEach((s, i) => {
      const t = rule.targets[i] as number;
      const isInput = from.channel !== undefined;
      const sourceGroup = isInput ? -1 : (first.get(source) as number) + (from.groupOf[s] as number);
      const column = isInput ? (from.channel as number) + s : (from.placeOf[s] as number);
      const { values } = matrix(sourceGroup, (first.get(target) as number) + (to.groupOf[t] as number));
      const columns = isInput ? channels : (from.groups[from.groupOf[s] as number] as Group).neurons.length;
      const place = (to.placeOf[t] as number) * columns + column;
      values[place] = (values[place] as number) + at(weight as Value, i) * (to.gain[t] as number);
    });
  }
  return [...matrices.values()];
}

/** What became of a population's neurons. */
function reportNeurons({ spec, path, groups }: Placed, tauSyn: number | undefined, report: Report): void {
  const types = [...new Set(groups.map(({ node }) => node.type))].join(" and ");
  const nodes = groups.length === 1 ? "a node" : `${groups.length} nodes, one for each set of parameters`;
  const steps = spec.method === "euler" ? "" : `; readers step by Euler, here ${spec.method}`;
  const syn = tauSyn === undefined ? "" : "; readers let the current decay by 1 - dt/tau_syn in a step, here by exp(-dt/tau_syn)";
  report.approximate(path, `${types}, ${nodes}: a neuron fires where v > v_threshold, here where v >= V_th${steps}${syn}`);
  for (const [name, value] of Object.entries(spec.init)) {
    const rest = (i: number): number => (name === "v" ? at(spec.params.E_L, i) : 0);
    const starts = Array.from({ length: spec.size }, (_, i) => isDistribution(value) || at(value, i) !== rest(i));
    if (starts.includes(true)) report.dropped(`${path}.init.${name}`, `neurons of a NIR graph start at rest`);
  }
  for (const [i] of spec.background.entries()) {
    const became = tauSyn === undefined ? "the bias of an Affine" : "v_leak";
    report.exact(itemPath(keyPath(path, "background"), i), `constant current: ${became}`);
  }
}

/**
 * The graph of an explicit network.
 *
 * @throws ExchangeError with all that NIR cannot say
 */
export function graphOf(network: NetworkSpec): { readonly graph: NirGraph; readonly report: readonly ReportEntry[] } {
  const { dt } = network;
  const refusals = new Refusals();
  const report = new Report();
  const specs = new Map(network.populations.map((spec) => [spec.name, spec]));
  for (const [i, spec] of network.populations.entries())
    checkPopulation(spec, itemPath("$.populations", i), dt, refusals);
  for (const [i, spec] of network.projections.entries()) {
    checkProjection(spec, itemPath("$.projections", i), dt, specs.get(spec.target) as PopulationSpec, refusals);
  }
  refusals.raise();

  let channels = 0;
  const placed = new Map<string, Placed>();
  const times = new Map<string, number | undefined>();
  const groups: Group[] = [];
  const first = new Map<string, number>();
  for (const [i, spec] of network.populations.entries()) {
    const path = itemPath("$.populations", i);
    if (spec.source) {
      const none = new Uint32Array(0);
      placed.set(spec.name, {
        spec,
        path,
        channel: channels,
        groups: [],
        groupOf: none,
        placeOf: none,
        gain: new Float64Array(0),
      });
      const counterpart = nirMapping.models[spec.source.kind === "poisson" ? "poisson" : "spikeTrain"];
      const differs = "differs" in counterpart ? counterpart.differs : "";
      report.dropped(path, `channels ${channels} to ${channels + spec.size - 1} of the input; ${differs}`);
      channels += spec.size;
      continue;
    }
    const used = network.projections.filter(({ target }) => target === spec.name).map(({ receptor }) => receptor);
    const tauSyn = synapticTime(spec, [...new Set(used)], path, refusals);
    const made = placeNeurons(spec, path, dt, tauSyn, refusals);
    placed.set(spec.name, made);
    times.set(spec.name, tauSyn);
    first.set(spec.name, groups.length);
    groups.push(...made.groups);
    reportNeurons(made, tauSyn, report);
    if (spec.positions) report.dropped(keyPath(path, "positions"), "neurons of a NIR graph have no places");
  }
  if (groups.length === 0) refusals.add("$.populations", "there are no neurons, and a NIR graph needs some");
  if (groups.length > MAX_GROUPS) refusals.add("$.populations", `${groups.length} sets of parameters in all; at most ${MAX_GROUPS} nodes of neurons are written`);
  refusals.raise();
  // a graph without an input is none for its readers
  const inputs = Math.max(channels, 1);
  const matrices = matricesOf(network, placed, first, groups, inputs);
  const played = network.populations.filter(({ source }) => source !== undefined);
  const [only] = played;
  const input: NirLeaf = {
    type: "Input",
    arrays: { shape: vector(Float64Array.of(inputs)) },
    ...(only && played.length === 1 && { metadata: { population: only.name } }),
  };
  const { nodes, edges, loops } = wired(groups, matrices, input, outputsOf(network, first, placed));
  reportProjections(network, report, loops);
  reportRecordings(network, placed, report);
  if (channels === 0) report.exact("$", "the input has one channel that leads nowhere: give it zeros");
  return {
    graph: {
      type: "NIRGraph",
      nodes,
      edges,
      metadata: {
        writer: "spikelet",
        network: network.name,
        dt: dt / 1000,
        duration: network.duration / 1000,
        unit_of_time: "s",
        unit_of_v: "mV above E_L",
      },
    },
    report: report.entries,
  };
}

/** A group whose spikes are put out, and the channel of the output of the first neuron of its population. */
interface PutOut {
  readonly group: number;
  readonly channel: number;
}

/** What is put out: the populations that record spikes, or all, one after the other. */
function outputsOf(
  network: NetworkSpec,
  first: ReadonlyMap<string, number>,
  placed: ReadonlyMap<string, Placed>,
): PutOut[] {
  const recorded = new Set(
    network.record.filter(({ variables }) => variables.includes("spikes")).map(({ population }) => population),
  );
  const names = [...first.keys()];
  const chosen = names.filter((name) => recorded.has(name));
  let channel = 0;
  return (chosen.length === 0 ? names : chosen).flatMap((name) => {
    const start = first.get(name) as number;
    const { groups, spec } = placed.get(name) as Placed;
    const made = groups.map((_, i) => ({ group: start + i, channel }));
    channel += spec.size;
    return made;
  });
}

interface Wired {
  readonly nodes: Record<string, NirLeaf>;
  readonly edges: [string, string][];
  /** Whether there are connections within loops, and others between neurons. */
  readonly loops: { readonly within: boolean; readonly without: boolean };
}

/** Nodes with their names, and edges. */
function wired(
  groups: readonly Group[],
  matrices: readonly Matrix[],
  inputNode: NirLeaf,
  outputs: readonly PutOut[],
): Wired {
  const reach = reaching(groups.length, matrices);
  const isBack = ({ source, target }: Matrix): boolean => source >= 0 && reach[target]?.[source] === true;
  const layers = layersOf(groups.length, matrices.filter((m) => !isBack(m)), reach);
  const digits = String(Math.max(0, ...layers)).length;
  const prefix = (group: number): string => `layer${String(layers[group]).padStart(digits, "0")}`;
  const names = new Names();
  const plain = groups.map(({ population, part }) => plainName(population) + (part === undefined ? "" : `_${part}`));
  const nodes: Record<string, NirLeaf> = {};
  const edges: [string, string][] = [];
  const put = (wanted: string, node: NirLeaf): string => {
    const name = names.name(wanted);
    nodes[name] = node;
    return name;
  };
  const input = put("input", inputNode);
  const [inputs = 1] = inputNode.arrays.shape?.values ?? [];
  const neurons = groups.map(({ node }, i) => put(`${prefix(i)}_neurons_${plain[i]}`, node));
  const biased = new Set<number>();
  const connect = (matrix: Matrix): void => {
    const { source, target, values } = matrix;
    const from = source < 0 ? "input" : (plain[source] as string);
    const { bias } = groups[target] as Group;
    const carries = source < 0 && !biased.has(target);
    if (carries) biased.add(target);
    const wanted = isBack(matrix) ? `recurrent_${from}_to_${plain[target]}` : `${prefix(target)}_from_${from}_to_${plain[target]}`;
    const name = put(wanted, affine(values, carries ? bias : new Float64Array(bias.length)));
    edges.push([source < 0 ? input : (neurons[source] as string), name], [name, neurons[target] as string]);
  };
  for (const matrix of matrices) connect(matrix);
  for (const [target, { bias, neurons: { length } }] of groups.entries()) {
    const into = matrices.filter((m) => m.target === target);
    // the bias is brought by the input's matrix; and neurons of a loop need something that comes from before it
    const needed = bias.some((x) => x !== 0) || into.every(isBack);
    if (needed && !biased.has(target)) connect({ source: -1, target, values: new Float64Array(length * inputs) });
  }
  const size = outputs.reduce((sum, { group }) => sum + (groups[group] as Group).neurons.length, 0);
  const output = put("output", { type: "Output", arrays: { shape: vector(Float64Array.of(size)) } });
  const [only] = outputs;
  if (only && outputs.length === 1) edges.push([neurons[only.group] as string, output]);
  else {
    const total = put("readout", affine(identity(size), new Float64Array(size)));
    for (const { group, channel } of outputs) {
      const places = (groups[group] as Group).neurons;
      const values = new Float64Array(size * places.length);
      for (const [i, neuron] of places.entries()) values[(channel + neuron) * places.length + i] = 1;
      const name = put(`readout_${plain[group]}`, affine(values, new Float64Array(size)));
      edges.push([neurons[group] as string, name], [name, total]);
    }
    edges.push([total, output]);
  }
  const between = matrices.filter(({ source }) => source >= 0);
  return { nodes, edges, loops: { within: between.some(isBack), without: between.some((m) => !isBack(m)) } };
}

/** Longest way of each group from the input, loops counting as one place. */
function layersOf(size: number, forward: readonly Matrix[], reach: readonly (readonly boolean[])[]): number[] {
  const layers = new Array<number>(size).fill(1);
  const sameLoop = (a: number, b: number): boolean => a === b || (reach[a]?.[b] === true && reach[b]?.[a] === true);
  for (let round = 0; round < size; round++) {
    for (const { source, target } of forward) {
      if (source < 0) continue;
      const layer = (layers[source] as number) + 1;
      for (let i = 0; i < size; i++) if (sameLoop(i, target) && (layers[i] as number) < layer) layers[i] = layer;
    }
  }
  return layers;
}

function reportProjections(network: NetworkSpec, report: Report, loops: Wired["loops"]): void {
  for (const [i] of network.projections.entries())
    report.exact(keyPath(itemPath("$.projections", i), "weight"), "weights of Affine nodes");
  if (network.projections.length === 0) return;
  const inside = loops.within ? " but for those within a loop" : "";
  const cuba = "a current acts in the step in which it comes, here from the next one";
  const currents = network.populations.some((p) =>
    Object.values(p.receptors).some(({ kernel }) => kernel === "exponential"),
  );
  report.approximate(
    "$.projections",
    `readers bring spikes to their targets within the time step${inside}, here a step later${currents ? `; ${cuba}` : ""}`,
  );
}

function reportRecordings(network: NetworkSpec, placed: ReadonlyMap<string, Placed>, report: Report): void {
  for (const [i, entry] of network.record.entries()) {
    const path = itemPath("$.record", i);
    const spec = placed.get(entry.population)?.spec;
    const others = entry.variables.filter((name) => name !== "spikes");
    if (others.length > 0) report.dropped(path, `${others.join(", ")}: a NIR graph says nothing about what is recorded`);
    if (entry.variables.includes("spikes")) {
      const source = spec?.source !== undefined;
      if (source) report.dropped(path, "the spikes of the input are known to whoever feeds them");
      else report.exact(path, entry.neurons ? "the spikes of all neurons are put out" : "the spikes are put out");
    }
  }
}
