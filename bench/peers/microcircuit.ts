/** The microcircuit of Potjans & Diesmann at a scale, for all simulators: that of examples/microcircuit. */
import { Simulation, type SpikeRecording } from "../../src/index.js";
import { microcircuit } from "../../examples/microcircuit/network.js";
import type { NestJob } from "./nest.js";

/** What is read of the document. */
interface Document {
  readonly populations: readonly {
    readonly name: string;
    readonly size: number;
    readonly params: Readonly<Record<string, number>>;
    readonly init: { readonly v: { readonly normal: readonly number[] } };
    readonly receptors: { readonly syn: { readonly tau: number } };
    readonly background: readonly {
      readonly kind: string;
      readonly rate?: number;
      readonly weight?: number;
      readonly amplitude?: number;
    }[];
  }[];
  readonly projections: readonly {
    readonly source: string;
    readonly target: string;
    readonly n: number;
    readonly weight: { readonly truncatedNormal: readonly number[] };
    readonly delay: { readonly truncatedNormal: readonly number[] };
  }[];
}

const documentOf = (scale: number, seed: number): Document => microcircuit({ scale, seed }) as unknown as Document;

export const microcircuitSize = (scale: number): number =>
  documentOf(scale, 1).populations.reduce((sum, { size }) => sum + size, 0);

export async function microcircuitHere(
  scale: number,
  seed: number,
  threads: number,
): Promise<{ simulation: Simulation; spikes: SpikeRecording[] }> {
  const simulation = await Simulation.fromDocument(microcircuit({ scale, seed }), { threads });
  return { simulation, spikes: [...simulation.populations.values()].map((one) => simulation.record(one, "spikes")) };
}

export function microcircuitJob(
  scale: number,
  seed: number,
  options: Pick<NestJob, "duration" | "warmUp" | "threads">,
): NestJob {
  const { populations, projections } = documentOf(scale, seed);
  const [first] = populations;
  if (first === undefined) throw new Error("the microcircuit has no population");
  return {
    ...options,
    script: "microcircuit",
    params: { ...first.params, tau_syn: first.receptors.syn.tau },
    size: microcircuitSize(scale),
    dt: 0.1,
    seed,
    init: {},
    more: {
      populations: populations.map(({ name, size, init, background }) => {
        const trains = background.find(({ kind }) => kind === "poisson");
        const current = background.find(({ kind }) => kind === "constant")?.amplitude ?? 0;
        return { name, size, v: init.v.normal, rate: trains?.rate ?? 0, weight: trains?.weight ?? 0, current };
      }),
      projections: projections.map(({ source, target, n, weight, delay }) => ({
        source,
        target,
        n,
        weight: weight.truncatedNormal,
        delay: delay.truncatedNormal,
      })),
    },
  };
}
