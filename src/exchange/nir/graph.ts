/** NIR graphs as plain data: what `nir.read` gives, without a file and without Python. */

/** Numbers row by row; shape [] is a single number. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** What a node or a graph says beside its numbers; NIR gives it no meaning. */
export type NirMetadata = Readonly<Record<string, string | number | Float64Array>>;

export interface NirLeaf {
  readonly type: NodeType;
  readonly arrays: Readonly<Record<string, Tensor>>;
  readonly metadata?: NirMetadata;
}

export interface NirGraph {
  readonly type: "NIRGraph";
  readonly nodes: Readonly<Record<string, NirNode>>;
  /** What a node is given is the sum of what its edges bring. */
  readonly edges: readonly (readonly [source: string, target: string])[];
  readonly metadata?: NirMetadata;
}

export type NirNode = NirLeaf | NirGraph;

/** A type of node that is read and written here. */
interface NodeRecord {
  /** Arrays that it must have. */
  readonly arrays: readonly string[];
  /** Arrays that it may have. */
  readonly optional?: readonly string[];
  /** What it is for a network here. */
  readonly role: "input" | "output" | "neurons" | "linear" | "pass";
}

/** The types of NIR 1.0 that are read; `Linear`, `Scale` and `Flatten` are not written. */
export const NODE_TYPES = {
  Input: { arrays: ["shape"], role: "input" },
  Output: { arrays: ["shape"], role: "output" },
  LIF: { arrays: ["tau", "r", "v_leak", "v_threshold"], optional: ["v_reset"], role: "neurons" },
  CubaLIF: {
    arrays: ["tau_syn", "tau_mem", "r", "v_leak", "v_threshold"],
    optional: ["v_reset", "w_in"],
    role: "neurons",
  },
  IF: { arrays: ["r", "v_threshold"], optional: ["v_reset"], role: "neurons" },
  Affine: { arrays: ["weight", "bias"], role: "linear" },
  Linear: { arrays: ["weight"], role: "linear" },
  Scale: { arrays: ["scale"], role: "linear" },
  Flatten: { arrays: [], optional: ["start_dim", "end_dim", "input_type"], role: "pass" },
} as const satisfies Readonly<Record<string, NodeRecord>>;

export type NodeType = keyof typeof NODE_TYPES;

/** The types of NIR 1.0 that have nothing like them here, and why. */
export const REFUSED_TYPES = {
  LI: "a leaky integrator without spikes has no counterpart",
  CubaLI: "a leaky integrator without spikes has no counterpart",
  I: "an integrator without spikes has no counterpart",
  Threshold: "a threshold without a neuron has no counterpart",
  Delay: "delays of signals other than spikes have no counterpart",
  Conv1d: "convolutions are not unrolled",
  Conv2d: "convolutions are not unrolled",
  AvgPool2d: "pooling has no counterpart",
  SumPool2d: "pooling has no counterpart",
} as const satisfies Readonly<Record<string, string>>;

/** Time step in s that readers take where a file says none: snnTorch's, and SpikingJelly's default. */
export const USUAL_STEP = 1e-4;

/** Most weights of a graph, all matrices together. */
export const MAX_WEIGHTS = 2 ** 25;

/** A column of numbers. */
export const vector = (values: Float64Array): Tensor => ({ shape: [values.length], values });
/** The same number for so many neurons: NIR's arrays have the shape of the neurons, a single number breaks readers. */
export const same = (value: number, size: number): Tensor => vector(new Float64Array(size).fill(value));
/** Number of elements of a shape. */
export const count = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
