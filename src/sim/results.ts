/** What a simulation records, and the tables of it: all that is held, or what has come since the last look. */
import type { ProjectionWeights, RecordedScope, ResultTables, WeightTrace } from "../analysis/tables.js";
import type { PopulationSpikes, PopulationTrace, Span } from "../analysis/types.js";
import { firstStepFrom, intervalSteps, stepsOf } from "../model/grid.js";
import { receptorVariables } from "../kinds/receptors.js";
import type { RecordSpec, WeightRecordSpec } from "../model/spec.js";
import type { Network } from "./network.js";
import type { Population } from "./population.js";
import type { Projection } from "./projection.js";
import { type SampleTimes, SpikeRecording, TraceRecording, WeightRecording } from "./recording.js";

/** @internal A variable that is sampled. */
export interface SampledTrace {
  readonly recording: TraceRecording;
  readonly population: Population;
  readonly times: SampleTimes;
}

/** @internal Weights that are sampled. */
export interface SampledWeights {
  readonly recording: WeightRecording;
  readonly projection: Projection;
  readonly times: SampleTimes;
}

/**
 * The results of a simulation as tables with names and units. What `take` hands out is forgotten here, so that a run of
 * any length needs no more memory than what comes between two looks; a run takes by itself with its option `sink`.
 */
export class Results {
  private readonly network: Network;
  /** @internal */
  readonly traces: SampledTrace[] = [];
  /** @internal */
  readonly weightTraces: SampledWeights[] = [];
  /** @internal First spike recording of each population that has one. */
  readonly firstSpikes = new Map<string, SpikeRecording>();

  /** @internal */
  constructor(network: Network) {
    this.network = network;
  }

  /** Bytes that the recordings hold. */
  get bytes(): number {
    let bytes = 0;
    for (const { recordings } of this.network.emitters) {
      for (const { count } of recordings)
        bytes += count * (Float64Array.BYTES_PER_ELEMENT + Uint32Array.BYTES_PER_ELEMENT);
    }
    for (const { recording } of this.sampled) bytes += recording.view().byteLength;
    return bytes;
  }

  /**
   * Everything that is recorded and still here; valid until the next run. Several recordings of one population are put
   * together, and events of own models are called `POPULATION.EVENT`.
   */
  tables(): ResultTables {
    return { spikes: this.spikes(), traces: this.traces.map(traceTable), weightTraces: this.weightTables() };
  }

  /** Hands out what was recorded since the last look, and forgets it; recording goes on. */
  take(): ResultTables {
    const tables = this.tables();
    this.forget();
    return tables;
  }

  /** The present weights of the projections whose weights change; none before the network is built. */
  weights(): ProjectionWeights[] {
    return this.network.projections.flatMap((projection) => {
      if (!projection.plastic || !projection.isBuilt) return [];
      const { sources, targets, weights } = projection.read();
      return [{ name: projection.name, unit: projection.unit, sources, targets, weights }];
    });
  }

  /**
   * Which neurons, over what time and in which units everything is recorded since the start, whatever has been taken
   * since.
   *
   * @param until end of what tables hold in ms, where they do not hold all of it
   */
  scope(until = Number.POSITIVE_INFINITY): RecordedScope {
    const { emitters, projections } = this.network;
    const cut = (spans: readonly Span[]): Span[] =>
      spans.filter(([from]) => from < until).map(([from, to]) => [from, Math.min(to, until)]);
    return {
      spikes: emitters.flatMap(({ name: population, recordedTime }) => {
        // Recorded later than the run went: that there is nothing is known.
        const groups = recordedTime?.length === 0 ? [{ neurons: undefined, spans: [] }] : (recordedTime ?? []);
        return groups.map(({ neurons, spans }) => {
          return { population, ...(neurons && { neurons: Array.from(neurons) }), spans: cut(spans) };
        });
      }),
      traces: this.traces.map(({ recording: { population, variable, unit } }) => ({ population, variable, unit })),
      weights: [
        ...projections.flatMap(({ name, unit, plastic }) => (plastic ? [{ projection: name, unit }] : [])),
        ...this.weightTraces.flatMap(({ recording: { label, variable, unit } }) =>
          variable === "weight" ? [] : [{ projection: label, unit }],
        ),
      ],
    };
  }

  /** @internal Forgets what is recorded so far, which has gone elsewhere; recording goes on. */
  forget(): void {
    for (const { recordings } of this.network.emitters) for (const recording of recordings) recording.flush();
    for (const { recording } of this.sampled) recording.forget();
  }

  /** @internal Forgets all samples: time begins again. Spikes are the populations'. */
  restart(): void {
    for (const { recording } of this.sampled) recording.forget();
  }

  /** @internal Records what an entry of a document says. */
  add(spec: RecordSpec, window: number | undefined): (SpikeRecording | SampledTrace)[] {
    const population = this.network.populations.get(spec.population) as Population;
    this.network.addRecord(spec);
    return spec.variables.map((variable) => {
      if (variable === "spikes") {
        const recording = this.addSpikes(population, spec, window);
        if (!this.firstSpikes.has(population.name)) this.firstSpikes.set(population.name, recording);
        return recording;
      }
      const all = spec.neurons ?? Uint32Array.from({ length: population.size }, (_, i) => i);
      const times = sampleTimes(spec, window, this.network.dt);
      const recording = new TraceRecording(population.name, variable, unitOf(population, variable), all, times);
      const trace = { recording, population, times };
      this.traces.push(trace);
      return trace;
    });
  }

  /** @internal Records spikes of a population, or what happens as if it were spikes. */
  addSpikes(population: Population, spec: RecordSpec, window: number | undefined): SpikeRecording {
    const { from, neurons, interpolate } = spec;
    const { dt } = this.network;
    const { name, size, recordings } = population;
    const interpolated = interpolate === true;
    const recording = new SpikeRecording(name, size, { from, neurons, interpolated, window, dt });
    recordings.push(recording);
    if (interpolated) population.interpolates = true;
    return recording;
  }

  /** @internal Makes a recording of weights, which is there once it is `keep`t. */
  sampleWeights(spec: WeightRecordSpec, window: number | undefined): SampledWeights {
    const projection = this.network.projections[spec.projection] as Projection;
    const times = sampleTimes(spec, window, this.network.dt);
    const { variable = "weight" } = spec;
    const record = projection.description.ownPlasticity?.rule.variables[variable];
    const unit = record?.unit ?? projection.unit;
    const recording = new WeightRecording(projection.name, variable, unit, spec.synapses, times);
    return { recording, projection, times };
  }

  /** @internal */
  keep(spec: WeightRecordSpec, weights: SampledWeights): void {
    this.network.addWeightRecord(spec);
    this.weightTraces.push(weights);
  }

  private get sampled(): readonly (SampledTrace | SampledWeights)[] {
    return [...this.traces, ...this.weightTraces];
  }

  private spikes(): PopulationSpikes[] {
    return this.network.emitters.flatMap((population) => {
      const spikes = population.recordedSpikes();
      return spikes === undefined ? [] : [{ name: population.name, size: population.size, spikes }];
    });
  }

  private weightTables(): WeightTrace[] {
    const ends = new Map<Projection, ReturnType<Projection["read"]>>();
    return this.weightTraces.map(({ recording, projection }) => {
      // There are no samples before the network is built.
      const held = recording.length > 0;
      const all = held ? (ends.get(projection) ?? projection.read()) : undefined;
      if (all) ends.set(projection, all);
      const synapses = held ? recording.synapses : new Uint32Array(0);
      return {
        name: recording.label,
        unit: recording.unit,
        synapses,
        sources: synapses.map((k) => all?.sources[k] ?? 0),
        targets: synapses.map((k) => all?.targets[k] ?? 0),
        ...recording.held,
      };
    });
  }
}

/** A copy of what a recording is now, so that what is sampled or forgotten later does not change it. */
function traceTable({ recording }: SampledTrace): PopulationTrace {
  const { population, variable, unit, neurons, held } = recording;
  return { population, variable, unit, neurons: neurons.slice(), ...held };
}

function sampleTimes(
  { from, every }: { readonly from: number; readonly every?: number },
  window: number | undefined,
  dt: number,
): SampleTimes {
  const steps = every === undefined ? 1 : intervalSteps(every, dt);
  const most = window === undefined ? undefined : Math.max(1, Math.floor(stepsOf(window, dt) / steps));
  return { first: firstStepFrom(from, dt), every: steps, dt, most };
}

function unitOf(population: Population, variable: string): string {
  const { model, receptors } = population.description;
  const state = Object.hasOwn(model.states, variable) ? model.states[variable] : undefined;
  if (state) return state.unit;
  for (const [name, receptor] of Object.entries(receptors)) {
    const found = receptorVariables(name, receptor, model).find((one) => one.name === variable);
    if (found !== undefined) return found.unit;
  }
  return model.current;
}
