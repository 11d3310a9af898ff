/**
 * The tables of SONATA as HDF5 trees: nodes, edges with their indices, spikes for PyNN. Each is written as all readers
 * take it: text attributes of fixed length, no compression, indices under both of their names, delays at both of their
 * places.
 */
import { dataset, fixedText, group, type Group, hardLink, numbers } from "../../io/hdf5.js";
import { type PopulationTrain, ROOT } from "../../io/sonata.js";

/** The cells of a population. */
export interface Nodes {
  readonly name: string;
  /** Type of each cell. */
  readonly types: Uint32Array;
  /** Numbers of each cell that are parameters there. */
  readonly dynamics?: Readonly<Record<string, Float64Array>>;
}

/** The file of a population of cells. */
export function nodesTree({ name, types, dynamics = {} }: Nodes): Group {
  const size = types.length;
  const own = Object.entries(dynamics).map(([key, values]) => [key, dataset(numbers(values))] as const);
  const attributes = own.length === 0 ? {} : { dynamics_params: group(Object.fromEntries(own)) };
  const children = {
    node_type_id: dataset(numbers(types)),
    node_id: dataset(numbers(upTo(size))),
    node_group_id: dataset(numbers(new Uint32Array(size))),
    node_group_index: dataset(numbers(upTo(size))),
    0: group(attributes),
  };
  return group({ nodes: group({ [name]: group(children) }) }, ROOT);
}

/** Synapses between two populations, in any order. */
export interface Edges {
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights: Float64Array;
  /** ms */
  readonly delays: Float64Array;
  /** Type of all of them. */
  readonly type: number;
  /** Cells of the two populations. */
  readonly sizes: readonly [source: number, target: number];
}

/** The file of a population of edges, sorted by target and source. */
export function edgesTree(edges: Edges): Group {
  const { name, source, target, type, sizes } = edges;
  const order = upTo(edges.sources.length).sort(
    (a, b) => at(edges.targets, a) - at(edges.targets, b) || at(edges.sources, a) - at(edges.sources, b) || a - b,
  );
  const count = order.length;
  const sources = order.map((k) => at(edges.sources, k));
  const targets = order.map((k) => at(edges.targets, k));
  const sorted = (values: Float64Array): Float64Array => Float64Array.from(order, (k) => at(values, k));
  const delays = dataset(numbers(sorted(edges.delays)));
  const path = `/edges/${name}`;
  const children = {
    source_node_id: dataset(numbers(sources), { node_population: fixedText(source) }),
    target_node_id: dataset(numbers(targets), { node_population: fixedText(target) }),
    edge_type_id: dataset(numbers(new Uint32Array(count).fill(type))),
    edge_group_id: dataset(numbers(new Uint32Array(count))),
    edge_group_index: dataset(numbers(upTo(count))),
    0: group({
      syn_weight: dataset(numbers(sorted(edges.weights))),
      delay: delays,
      dynamics_params: group({ delay: hardLink(`${path}/0/delay`) }),
    }),
    indices: group({
      source_to_target: indexOf(sources, sizes[0], `${path}/indices/source_to_target`),
      target_to_source: indexOf(targets, sizes[1], `${path}/indices/target_to_source`),
    }),
  };
  return group({ edges: group({ [name]: group(children) }) }, ROOT);
}

/**
 * For each node the ranges of edges that it has: rows [first, end) of the second table, whose rows are [first, end).
 */
function indexOf(ids: Uint32Array, size: number, path: string): Group {
  const { ofNode, ranges } = rangesOf(ids, size);
  return group({
    node_id_to_ranges: dataset(numbers(ofNode, [size, 2])),
    node_id_to_range: hardLink(`${path}/node_id_to_ranges`),
    range_to_edge_id: dataset(numbers(ranges, [ranges.length / 2, 2])),
  });
}

/** Runs of equal ids, put together by id. */
export function rangesOf(
  ids: Uint32Array,
  size: number,
): { readonly ofNode: BigUint64Array; readonly ranges: BigUint64Array } {
  const starts: number[] = [];
  for (let k = 0; k < ids.length; k++) if (k === 0 || ids[k] !== ids[k - 1]) starts.push(k);
  const runs = upTo(starts.length).sort((a, b) => at(ids, starts[a] as number) - at(ids, starts[b] as number) || a - b);
  const ofNode = new BigUint64Array(2 * size);
  const ranges = new BigUint64Array(2 * runs.length);
  let row = 0;
  for (let node = 0; node < size; node++) {
    ofNode[2 * node] = BigInt(row);
    for (; row < runs.length && at(ids, starts[at(runs, row)] as number) === node; row++) {
      const run = at(runs, row);
      ranges[2 * row] = BigInt(starts[run] as number);
      ranges[2 * row + 1] = BigInt(starts[run + 1] ?? ids.length);
    }
    ofNode[2 * node + 1] = BigInt(row);
  }
  return { ofNode, ranges };
}

/** Spikes of one population, as PyNN reads them. */
export function flatSpikesTree({ times, neurons }: PopulationTrain): Group {
  return group(
    {
      spikes: group({
        timestamps: dataset(numbers(times), { units: fixedText("ms") }),
        gids: dataset(numbers(neurons)),
      }),
    },
    ROOT,
  );
}

const at = (values: Uint32Array | Float64Array, k: number): number => values[k] as number;

const upTo = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);
