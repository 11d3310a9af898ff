/** The programs that read NIR graphs, and where they part from the graph: what was seen when they were run. */
import { NODE_TYPES, type NirGraph, type NirLeaf, USUAL_STEP } from "./graph.js";

/** What of a graph decides how it is read. */
export interface GraphFacts {
  /** s */
  readonly dt: number;
  readonly types: ReadonlySet<string>;
  /** Neurons that a matrix leads back to themselves. */
  readonly loops: boolean;
  /** A v_reset that is not 0. */
  readonly resets: boolean;
  /** A v_leak that is not 0. */
  readonly leaks: boolean;
}

export interface Caveat {
  readonly applies: (facts: GraphFacts) => boolean;
  /** What happens, in half a sentence. */
  readonly text: string;
}

export interface Reader {
  readonly name: string;
  /** How the file is read, one line of Python. */
  readonly call: (path: string, dt: number) => string;
  readonly caveats: readonly Caveat[];
}

export const READERS: readonly Reader[] = [
  {
    name: "snnTorch 1.0.0",
    call: (path) => `import nir; from snntorch.import_nir import import_from_nir; net = import_from_nir(nir.read("${path}"))`,
    caveats: [
      { applies: ({ dt }) => dt !== USUAL_STEP, text: "its time step is 0.1 ms whatever the file says" },
      { applies: ({ loops }) => loops, text: "it sends the input through the weights of a loop, so that spikes are others" },
      { applies: ({ resets }) => resets, text: "it ignores v_reset and resets to 0" },
      { applies: ({ leaks }) => leaks, text: "it refuses v_leak other than 0" },
      { applies: ({ types }) => types.has("IF"), text: "it refuses IF unless r is 1, and makes it leaky" },
    ],
  },
  {
    name: "SpikingJelly 2.0.0",
    call: (path, dt) =>
      `from spikingjelly.activation_based.nir_exchange import import_from_nir; net = import_from_nir("${path}", dt=${dt})`,
    caveats: [
      { applies: ({ resets, types }) => resets && types.has("LIF"), text: "it refuses a LIF whose v_leak is not v_reset" },
      { applies: ({ leaks }) => leaks, text: "it refuses a CubaLIF with v_leak other than 0" },
    ],
  },
  {
    name: "sinabs 3.1.3",
    call: (path) => `import nir, sinabs.nir; net = sinabs.nir.from_nir(nir.read("${path}"))`,
    caveats: [
      { applies: () => true, text: "it needs nir 1.0.4 and takes inputs many times too strong: 2000 spikes instead of 14" },
    ],
  },
];

function leaves(graph: NirGraph): NirLeaf[] {
  return Object.values(graph.nodes).flatMap((node) => (node.type === "NIRGraph" ? leaves(node) : [node]));
}

/** What of a graph decides how it is read. */
export function factsOf(graph: NirGraph, dt: number): GraphFacts {
  const all = leaves(graph);
  const nonzero = (name: string): boolean =>
    all.some(({ arrays }) => arrays[name]?.values.some((x) => x !== 0) ?? false);
  const neurons = Object.entries(graph.nodes).filter(
    ([, { type }]) => type !== "NIRGraph" && NODE_TYPES[type].role === "neurons",
  );
  const goes = (from: string, to: string): boolean =>
    graph.edges.some(([source, target]) => source === from && target === to);
  const loops = neurons.some(([name]) => graph.edges.some(([source, target]) => source === name && goes(target, name)));
  return {
    dt,
    types: new Set(all.map(({ type }) => type)),
    loops,
    resets: nonzero("v_reset"),
    leaks: nonzero("v_leak"),
  };
}

/** How a file is read, with what to mind for this graph. */
export function readingHints(graph: NirGraph, path: string, dt: number): string[] {
  const facts = factsOf(graph, dt);
  return READERS.flatMap(({ name, call, caveats }) => {
    const here = caveats.filter(({ applies }) => applies(facts)).map(({ text }) => `${name}: ${text}`);
    return name.startsWith("sinabs") ? here : [call(path, dt), ...here];
  });
}
