/** NIR graphs in HDF5, as the package nir lays them out: /version, and /node with its nodes and edges. */
import { nearestName } from "../../model/suggest.js";
import {
  type Children,
  dataset,
  type DatasetReader,
  type Group,
  group,
  type GroupReader,
  numbers,
  readHdf5,
  scalar,
  variableText,
  writeHdf5,
} from "../../io/hdf5.js";
import { ExchangeError } from "../report.js";
import {
  MAX_WEIGHTS,
  NODE_TYPES,
  type NirGraph,
  type NirLeaf,
  type NirMetadata,
  type NirNode,
  type NodeType,
  REFUSED_TYPES,
  type Tensor,
} from "./graph.js";

/** The version of nir whose files these are. */
export const NIR_VERSION = "1.0.8";

/** Arrays of whole numbers. */
const WHOLE = ["shape", "neurons"];

/** Most nodes, edges, and numbers beside weights that are read. */
const MAX_KEYS = 4096;
const MAX_EDGES = 2 ** 18;

function arrayOf(name: string, values: Float64Array, shape: readonly number[]): ReturnType<typeof numbers> {
  return numbers(WHOLE.includes(name) ? BigInt64Array.from(values, (x) => BigInt(x)) : values, shape);
}

function metadataOf(metadata: NirMetadata): Group {
  const children = Object.entries(metadata).map(([name, value]) => {
    if (typeof value === "string") return [name, dataset(variableText(value))] as const;
    if (typeof value === "number") return [name, dataset(scalar(Float64Array.of(value)))] as const;
    return [name, dataset(arrayOf(name, value, [value.length]))] as const;
  });
  return group(Object.fromEntries(children));
}

function nodeGroup(node: NirNode): Group {
  const { type, metadata } = node;
  const content: Children =
    node.type === "NIRGraph"
      ? {
          nodes: group(Object.fromEntries(Object.entries(node.nodes).map(([name, inner]) => [name, nodeGroup(inner)]))),
          edges: dataset(variableText(node.edges.flat(), [node.edges.length, 2])),
        }
      : Object.fromEntries(
          Object.entries(node.arrays).map(([name, { values, shape }]) => [name, dataset(arrayOf(name, values, shape))]),
        );
  return group({ type: dataset(variableText(type)), ...content, ...(metadata && { metadata: metadataOf(metadata) }) });
}

/** The bytes of a file. */
export function writeGraph(graph: NirGraph, title: string): Promise<Uint8Array> {
  return writeHdf5(group({ version: dataset(variableText(NIR_VERSION)), node: nodeGroup(graph) }), title);
}

/** Reads what is there, and counts how much. */
class Loader {
  private weights = 0;

  private tensor(from: DatasetReader): Tensor {
    this.weights += from.length;
    if (this.weights > MAX_WEIGHTS) {
      throw new ExchangeError(`${from.place}: more than ${MAX_WEIGHTS} numbers in the graph.`, [], {
        path: from.place,
        value: this.weights,
      });
    }
    return { shape: from.shape, values: from.numbers() };
  }

  private type(from: GroupReader): NodeType | "NIRGraph" {
    const place = from.dataset("type");
    const [type = ""] = place.texts(1);
    if (type === "NIRGraph" || Object.hasOwn(NODE_TYPES, type)) return type as NodeType | "NIRGraph";
    const known = ["NIRGraph", ...Object.keys(NODE_TYPES)];
    const why = Object.hasOwn(REFUSED_TYPES, type) ? REFUSED_TYPES[type as keyof typeof REFUSED_TYPES] : undefined;
    const nearest = nearestName(type, known);
    const hint = why ?? `there is no such type${nearest === undefined ? "" : `; did you mean ${nearest}`}`;
    const message = `${place.place}: a node of type ${JSON.stringify(type)}: ${hint}. Read are ${known.join(", ")}.`;
    throw new ExchangeError(message, [], { path: place.place, value: type });
  }

  node(from: GroupReader): NirNode {
    const type = this.type(from);
    const metadata = this.metadata(from);
    if (type === "NIRGraph") return { type, ...this.content(from), ...(metadata && { metadata }) };
    const { arrays, optional = [] }: { readonly arrays: readonly string[]; readonly optional?: readonly string[] } =
      NODE_TYPES[type];
    const found: Record<string, Tensor> = {};
    for (const name of arrays) found[name] = this.tensor(from.dataset(name));
    for (const name of optional) {
      const there = from.datasetIfAny(name);
      // None in Python may become an empty text or number, and what a Flatten says is not looked at
      if (there && type !== "Flatten") found[name] = this.tensor(there);
    }
    const leaf: NirLeaf = { type, arrays: found };
    return metadata ? { ...leaf, metadata } : leaf;
  }

  private content(from: GroupReader): Pick<NirGraph, "nodes" | "edges"> {
    const inner = from.group("nodes");
    const names = inner.keys();
    if (names.length > MAX_KEYS) {
      throw new ExchangeError(`${inner.place}: ${names.length} nodes; at most ${MAX_KEYS} are read.`, [], {
        path: inner.place,
        value: names.length,
      });
    }
    const nodes = Object.fromEntries(names.map((name) => [name, this.node(inner.group(name))]));
    const edges = from.dataset("edges");
    const { shape } = edges;
    const none = edges.length === 0;
    if (!none && (shape.length !== 2 || shape[1] !== 2 || edges.length > 2 * MAX_EDGES)) {
      const allowed = `[number of edges, 2], at most ${MAX_EDGES} edges`;
      const message = `${edges.place}: the shape [${shape.join(", ")}]; it must be ${allowed}.`;
      throw new ExchangeError(message, [], { path: edges.place, value: shape });
    }
    const texts = none ? [] : edges.texts();
    const pairs = Array.from(
      { length: texts.length / 2 },
      (_, i) => [texts[2 * i], texts[2 * i + 1]] as [string, string],
    );
    return { nodes, edges: pairs };
  }

  /** Texts and single numbers; what else there is says nothing here. */
  private metadata(from: GroupReader): NirMetadata | undefined {
    if (from.kindOf("metadata") !== "group") return undefined;
    const inner = from.group("metadata");
    const found: Record<string, string | number> = {};
    for (const name of ["population", "network", "dt", "duration"]) {
      if (inner.kindOf(name) !== "dataset") continue;
      const there = inner.dataset(name);
      if (there.length !== 1) continue;
      found[name] =
        name === "population" || name === "network" ? (there.texts(1)[0] as string) : (there.numbers(1)[0] as number);
    }
    return found;
  }
}

/**
 * The graph of a file. A file with a single node of neurons is a graph of it.
 *
 * @throws SpikeletError with the file and the path in it
 */
export function readGraph(bytes: Uint8Array, title: string): Promise<NirGraph> {
  return readHdf5(bytes, title, (root) => {
    const node = new Loader().node(root.group("node"));
    return node.type === "NIRGraph" ? node : { type: "NIRGraph", nodes: { node }, edges: [] };
  });
}
