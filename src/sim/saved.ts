/** A simulation in a snapshot and out of one: the objects that are saved, and what stands for cores and models. */
import { ABI_VERSION } from "../core/abi.js";
import { Core, type CoreSource } from "../core/core.js";
import { canShare } from "../core/crew.js";
import { reasonOf } from "../core/shard.js";
import { readModelDefinition } from "../model/own.js";
import { isPlasticityRule, knownRule, type PlasticityRule } from "../model/ownRule.js";
import { kernelRecord, readKernelDefinition, type ReceptorKernelRecord } from "../model/receptorKernel.js";
import type { ModelRecord } from "../model/record.js";
import { SpikeStatistics } from "../analysis/index.js";
import { VERSION } from "../version.js";
import { Backgrounds } from "./background.js";
import { Engine } from "./engine.js";
import { Live, Pool } from "./live.js";
import { KNOWN, Network } from "./network.js";
import { Neurons } from "./neurons.js";
import { type Graph, readGraph, SnapshotError, writeGraph } from "./objectGraph.js";
import { Part } from "./part.js";
import { Population } from "./population.js";
import { Projection } from "./projection.js";
import { OwnReceptor } from "./ownReceptors.js";
import { CoreReceptor } from "./receptors.js";
import { RuleColumns } from "./ruleColumns.js";
import { RECORDING_CLASSES } from "./recording.js";
import { Results } from "./results.js";
import { Shards } from "./shards.js";
import { packSnapshot, restorePages, type SnapshotHeader, unpackSnapshot } from "./snapshot.js";
import { BuiltSource } from "./sources.js";
import { Synapses } from "./synapses.js";
import { Tap } from "./tap.js";

/** What a simulation is made of. */
export interface Saved {
  readonly network: Network;
  readonly results: Results;
  readonly live: Live;
  readonly engine: Engine;
  /** A text of the program's own. */
  readonly note: string | undefined;
}

/** What a snapshot holds. */
interface Root extends Saved {
  /**
   * Modules of kernels of own models, in the order in which the cores have them: the memory holds indices of their
   * functions.
   */
  readonly kernels: readonly Uint8Array[];
}

/** A simulation that stands between two runs, as bytes. */
export function saveImage({ network, results, live, engine, note }: Saved): Uint8Array {
  const { cores, time } = engine;
  const { kernels, identity } = engine.shards.first;
  const root: Root = { network, results, live, engine, note, kernels: kernels.bytes };
  const { text, binary } = writeGraph(root, graphWith(cores));
  return packSnapshot(
    { version: VERSION, abi: ABI_VERSION, core: identity, name: network.name, time },
    text,
    binary,
    cores.map((core) => ({ allocated: core.exports.allocated(), memory: new Uint8Array(core.memory.buffer) })),
  );
}

/**
 * What `saveImage` saved, in cores of its own.
 *
 * @throws SnapshotError when the bytes are no snapshot, are damaged, or come from another version of the package
 */
export async function restoreImage(bytes: Uint8Array, source: CoreSource | undefined): Promise<Saved> {
  const { header, table, arrays, memories } = unpackSnapshot(bytes);
  const core = await Core.create(source);
  const here = { version: VERSION, abi: ABI_VERSION, core: core.identity };
  if (builtText(header) !== builtText(here)) {
    throw new SnapshotError(
      `the snapshot was written by ${builtText(header)}; this is ${builtText(here)}. ` +
        "Snapshots are exact images and fit the version that wrote them only.",
      { value: header.version, allowed: VERSION },
    );
  }
  const cores = memories.length === 1 ? [core] : core.shards(memories.length, canShare());
  for (const [i, image] of memories.entries()) {
    const { exports } = cores[i] as Core;
    if (!exports.restore(image.bytes)) core.exhausted("snapshot", image.bytes);
    const memory = new Uint8Array(exports.memory.buffer);
    // What a fresh instance has written by itself goes: the memory must be the snapshot's, page for page.
    memory.fill(0);
    restorePages(image, memory);
  }
  const { kernels, ...saved } = readGraph(table, arrays, graphWith(cores)) as Partial<Root>;
  if (!isSaved(saved) || !Array.isArray(kernels)) throw new SnapshotError("the snapshot holds no simulation.");
  addKernels(cores[0] as Core, kernels);
  for (const one of cores) one.labels = saved.engine.labels;
  return saved;
}

function isSaved(saved: Partial<Saved>): saved is Saved {
  const { network, results, live, engine, note } = saved;
  const parts = network instanceof Network && results instanceof Results && live instanceof Live;
  const whole = parts && engine instanceof Engine && engine.shards instanceof Shards;
  return whole && (note === undefined || typeof note === "string");
}

/** The version of everything that an image of the memory depends on. */
function builtText({ version, abi, core }: Pick<SnapshotHeader, "version" | "abi" | "core">): string {
  return `version ${version} (layout ${abi.toString(16)}, core ${core})`;
}

/** Gives the cores of a snapshot's simulation the kernels that it had. */
function addKernels(core: Core, kernels: readonly unknown[]): void {
  for (const bytes of kernels) {
    try {
      core.addKernels(bytes as Uint8Array);
    } catch (error) {
      throw new SnapshotError(`the snapshot is damaged: it holds a kernel that does not fit (${reasonOf(error)}).`);
    }
  }
}

/** Stands ahead of the definition of a model as text. */
const DEFINED = "equations ";

/** Stands ahead of the definition of a rule of plasticity as text. */
const RULE = "rule ";

/** Stands ahead of the definition of a receptor kernel. */
const KERNEL = "kernel ";

/** The classes of a snapshot's objects. */
const CLASSES = {
  Network,
  Results,
  Engine,
  Shards,
  Population,
  Projection,
  RuleColumns,
  Neurons,
  Backgrounds,
  CoreReceptor,
  OwnReceptor,
  BuiltSource,
  Live,
  Pool,
  Synapses,
  Part,
  Tap,
  SpikeStatistics,
  ...RECORDING_CLASSES,
} as const;

/** The classes, and what stands for the cores and the models. */
function graphWith(cores: readonly Core[]): Graph {
  const defined = new Map<string, ModelRecord>();
  const rules = new Map<string, PlasticityRule>();
  const kernels = new Map<string, ReceptorKernelRecord>();
  return {
    classes: CLASSES,
    nameOf: (object) => {
      const shard = cores.indexOf(object as Core);
      if (shard >= 0) return `core ${shard}`;
      const kernel = kernelRecord(object);
      if (kernel !== undefined) return `${KERNEL}${JSON.stringify(kernel.definition)}`;
      const model = Object.values(KNOWN).find((m) => m === object);
      if (model !== undefined) return `model ${model.id}`;
      if (isPlasticityRule(object)) return `${RULE}${JSON.stringify(object.definition)}`;
      const { definition } = object as Partial<ModelRecord>;
      return definition === undefined ? undefined : `${DEFINED}${JSON.stringify(definition)}`;
    },
    named: (name) => {
      if (name.startsWith("core ")) return cores[Number(name.slice("core ".length))];
      if (name.startsWith(DEFINED)) {
        const model = defined.get(name) ?? readModelDefinition(JSON.parse(name.slice(DEFINED.length)));
        defined.set(name, model);
        return model;
      }
      if (name.startsWith(RULE)) {
        const rule = rules.get(name) ?? knownRule(JSON.parse(name.slice(RULE.length)));
        rules.set(name, rule);
        return rule;
      }
      if (name.startsWith(KERNEL)) {
        const kernel = kernels.get(name) ?? readKernelDefinition(JSON.parse(name.slice(KERNEL.length)));
        kernels.set(name, kernel);
        return kernel;
      }
      const id = name.slice("model ".length);
      return name.startsWith("model ") && Object.hasOwn(KNOWN, id) ? KNOWN[id] : undefined;
    },
  };
}
