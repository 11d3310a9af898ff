/** A fly's brain (Shiu et al. 2024), on the synthetic graph: docs/fly.md. */
import * as library from "../../src/index.js";
import { DT, flyBrain, type Spikelet, type Spikes } from "../../examples/fly/brain.js";
import { cut, type Graph } from "../../examples/fly/graph.js";
import { FLY, syntheticFly, type SyntheticFly } from "../../examples/fly/synthetic.js";
import type { Job } from "./brian2.js";
import { lcg } from "./lcg.js";

/** Weight of a synapse in mV: of the published experiment, and one with which most of the brain fires. */
export const REGIMES = { published: 0.275, seizure: 0.7 } as const;
export type Regime = keyof typeof REGIMES;

export const SIZE = FLY.size;

/** Its package and this one are the same code; their types have private parts, which differ in name. */
const spikelet = library as unknown as Spikelet;

let made: SyntheticFly | undefined;

function wholeBrain(): SyntheticFly {
  return (made ??= syntheticFly());
}

interface Running {
  readonly simulation: library.Simulation;
  readonly recordings: readonly library.SpikeRecording[];
  spikes(): Spikes;
}

/** The brain at full size in Spikelet: 20 cells stimulated at 150 Hz. */
export async function fly(regime: Regime, threads: number): Promise<Running> {
  const graph = wholeBrain();
  // By events where most of the brain is silent, step by step where most of it fires: each as is fastest.
  const method = regime === "published" ? "eventDriven" : "exact";
  const experiment = { stimulated: graph.sensory, w_syn: REGIMES[regime], method, threads } as const;
  return (await flyBrain(spikelet, graph, experiment)) as unknown as Running;
}

type Options = Pick<Job, "duration" | "warmUp" | "flags" | "threads">;

function jobFor(
  graph: Graph,
  stimulated: Uint32Array,
  w_syn: number,
  options: Options,
  more: Partial<Job> = {},
): Job {
  return {
    script: "fly",
    params: {
      v_0: -52,
      v_rst: -52,
      v_th: -45,
      t_mbr: 20,
      tau: 5,
      t_rfc: 2.2,
      w_syn,
      t_dly: 1.8,
      r_poi: 150,
      f_poi: 250,
    },
    size: graph.size,
    method: "exact",
    dt: DT,
    seed: 1,
    matched: [],
    init: {},
    ...options,
    ...more,
    arrays: {
      sources: Int32Array.from(graph.sources),
      targets: Int32Array.from(graph.targets),
      counts: graph.counts,
      stimulated: Int32Array.from(stimulated),
      ...more.arrays,
    },
  };
}

/** The same in Brian2. */
export function flyJob(regime: Regime, options: Options): Job {
  const graph = wholeBrain();
  return jobFor(graph, graph.sensory, REGIMES[regime], options);
}

/* A cut, with given stimuli */

const CUT = 400;

/** The sensory cells, those onto which they have most synapses, and those onto which these have most. */
function small(): { readonly graph: Graph; readonly stimulated: Uint32Array } {
  const whole = syntheticFly({ size: 20_000 });
  const drive = Float64Array.from({ length: whole.size }, (_, n) => (n < whole.sensory.length ? 1e6 : 0));
  const chosen = [...whole.sensory];
  for (const wanted of [CUT / 4, CUT]) {
    const isChosen = new Set(chosen);
    for (let pair = 0; pair < whole.counts.length; pair++) {
      if (!isChosen.has(whole.sources[pair] as number)) continue;
      const target = whole.targets[pair] as number;
      drive[target] = (drive[target] as number) + Math.abs(whole.counts[pair] as number);
    }
    const order = Array.from(drive.keys()).filter((n) => !isChosen.has(n));
    order.sort((a, b) => (drive[b] as number) - (drive[a] as number) || a - b);
    chosen.push(...order.slice(0, wanted - chosen.length));
  }
  return { graph: cut(whole, chosen), stimulated: whole.sensory };
}

/** Steps and cells of stimuli at 150 Hz. */
function stimuli(cells: number, duration: number): { readonly steps: number[]; readonly neurons: number[] } {
  const random = lcg(19);
  const [steps, neurons]: number[][] = [[], []];
  for (let step = 1; step < Math.round(duration / DT) - 1; step++) {
    for (let cell = 0; cell < cells; cell++) {
      if (random() >= (150 * DT) / 1000) continue;
      steps?.push(step);
      neurons?.push(cell);
    }
  }
  return { steps: steps as number[], neurons: neurons as number[] };
}

/** The cut in Spikelet. */
export async function flyCut(duration: number, method?: library.Method): Promise<Running> {
  const { graph, stimulated } = small();
  const { steps, neurons } = stimuli(stimulated.length, duration);
  const made = await flyBrain(spikelet, graph, {
    stimulated,
    // Brian2 has what arrives in a step behind the spikes of that step: it is there as of the end of the step.
    stimulus: { times: steps.map((step) => Number((step * DT).toFixed(6))), neurons },
    ...(method && { method }),
  });
  return made as unknown as Running;
}

/** The cut in Brian2. */
export function flyCutJob(options: Options): Job {
  const { graph, stimulated } = small();
  const { steps, neurons } = stimuli(stimulated.length, options.duration);
  return jobFor(graph, stimulated, REGIMES.published, options, {
    arrays: { stimulus_steps: Int32Array.from(steps), stimulus_neurons: Int32Array.from(neurons) },
    more: { list: true },
  });
}
