/** Firing rates over a constant input, by simulation. */
import { outOfRange, readInteger, readNumber, readNumbers } from "../model/check.js";
import type { Method, ModelRecord } from "../model/record.js";
import { background } from "../sim/options.js";
import { Simulation } from "../sim/simulation.js";
import { type ModelAt, readGiven } from "./given.js";

/** Which currents are tried, and for how long. */
export interface FiCurveChoice<M extends ModelRecord> extends Omit<ModelAt<M>, "current"> {
  /** Currents in the model's unit; or `from` and `to`, with `points` of them. */
  readonly currents?: ArrayLike<number>;
  readonly from?: number | string;
  readonly to?: number | string;
  /** 50 by default. */
  readonly points?: number;
  /** Time that is counted, in ms, behind `settle`; 1000 by default. */
  readonly duration?: number | string;
  /** Time ahead of it; 500 ms by default. */
  readonly settle?: number | string;
  /** ms; 0.02 by default. */
  readonly dt?: number | string;
  /** The model's default when left out. */
  readonly method?: Method;
}

/** Firing rate over current. */
export interface FiCurve {
  readonly current: Float64Array;
  /** Hz: of the intervals within the time that is counted; 0 with fewer than two spikes. */
  readonly rate: Float64Array;
}

/**
 * The firing rates of a neuron at constant currents, each switched on where the neuron starts: one population, all
 * currents at once.
 */
export async function fiCurve<M extends ModelRecord>(model: M, options: FiCurveChoice<M>): Promise<FiCurve> {
  const path = "fiCurve";
  const keys = ["currents", "from", "to", "points", "duration", "settle", "dt", "method"];
  const { fields, choice } = await readGiven(model, options, path, keys);
  const unit = model.current;
  const time = (key: string, otherwise: number): number =>
    readNumber(fields[key] ?? otherwise, `${path}.${key}`, "ms", "> 0");
  const [duration, settle, dt] = [time("duration", 1000), time("settle", 500), time("dt", 0.02)];
  const current =
    fields.currents === undefined ? evenly() : readNumbers(fields.currents, `${path}.currents`, unit, undefined);
  const sim = await Simulation.create({ dt });
  const { method } = fields as { method?: never };
  const cells = sim.population("cells", model as ModelRecord, current.length, {
    ...choice,
    ...(method !== undefined && { method }),
    background: [background.constant(current)],
  });
  const spikes = sim.record(cells, "spikes", { from: settle });
  const { signal, onProgress } = options;
  await sim.run(settle + duration, {
    report: false,
    ...(signal && { signal }),
    ...(onProgress && { onProgress: ({ fraction }: { readonly fraction: number }) => onProgress(fraction) }),
  });
  signal?.throwIfAborted();
  const [count, first, last] = [0, 1, 2].map(() => new Float64Array(current.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const { times, neurons } = spikes;
  for (let k = 0; k < times.length; k++) {
    const neuron = neurons[k] as number;
    if (count[neuron] === 0) first[neuron] = times[k] as number;
    count[neuron] = (count[neuron] as number) + 1;
    last[neuron] = times[k] as number;
  }
  sim.close();
  const rate = count.map((spikes_, i) =>
    spikes_ < 2 ? 0 : (1000 * (spikes_ - 1)) / ((last[i] as number) - (first[i] as number)),
  );
  return { current, rate };

  function evenly(): Float64Array {
    const points = readInteger(fields.points ?? 50, `${path}.points`, 2, 100_000);
    const [from, to] = [readNumber(fields.from ?? 0, `${path}.from`, unit), readNumber(fields.to, `${path}.to`, unit)];
    if (!(to > from)) outOfRange(to, unit, `${path}.to`, `above from, ${from}`);
    return Float64Array.from({ length: points }, (_, k) => from + ((to - from) * k) / (points - 1));
  }
}
