/**
 * Findings on populations that never fired although something reaches them: how near they came, and what stays silent
 * before them.
 */
import { kernelOf, responseOf, reversalOf } from "../kinds/receptors.js";
import { driveOf } from "../model/drive.js";
import { quantityText } from "../model/errors.js";
import type { BackgroundSpec, ReceptorSpec } from "../model/spec.js";
import type { Finding } from "../model/findings.js";
import type { Population } from "./population.js";
import type { Projection } from "./projection.js";
import { closedRheobase } from "./rheobase.js";

/** Neurons of a population whose input is looked at, evenly spaced. */
const LOOKED_AT = 16;

/** Synapses of a projection whose weights are added up for a finding: some milliseconds. */
const ADDED_UP = 5_000_000;

/**
 * @internal Findings on a run of `time` ms, from the populations' counts of spikes: the same for any threads and
 *   chunks.
 */
export function silenceFindings(
  populations: readonly Population[],
  projections: readonly Projection[],
  time: number,
): Finding[] {
  if (!(time > 0)) return [];
  const byName = new Map(populations.map((p) => [p.name, p]));
  const incoming = new Map<string, Projection[]>();
  for (const projection of projections) {
    const { target } = projection.description;
    const list = incoming.get(target);
    if (list) list.push(projection);
    else incoming.set(target, [projection]);
  }
  return populations.flatMap((population) => {
    const { source, background } = population.description;
    if (source !== undefined || population.statistics.spikes > 0) return [];
    const onto = (incoming.get(population.name) ?? []).filter(({ synapses }) => synapses > 0);
    // A current of 0 is kept for later, to be raised between runs.
    if (onto.length === 0 && background.every((entry) => entry.kind === "constant" && entry.amplitude === 0)) return [];
    return [silence(population, onto, byName, time)];
  });
}

function silence(
  population: Population,
  onto: readonly Projection[],
  populations: ReadonlyMap<string, Population>,
  time: number,
): Finding {
  const { name, model } = population;
  const sourceOf = ({ description: { source } }: Projection): Population => populations.get(source) as Population;
  const synaptic = onto.filter((p) => !p.isGapJunction && p.description.event === undefined).map(sourceOf);
  const mute = [...new Set(synaptic)].filter((p) => p !== population && p.statistics.spikes === 0);
  const reached = inputOf(population, onto, sourceOf, time);
  const ratio = reached && `${quantityText(Number((reached.input / reached.rheobase).toPrecision(2)))} of the rheobase`;
  const current = (x: number): string => quantityText(Number(x.toPrecision(3)), model.current);
  const near = reached
    ? `its input reaches ${ratio} (${current(reached.input)} of ${current(reached.rheobase)}: the background where it is highest, without noise, and the mean of what spikes bring)`
    : "something reaches it, but not enough";
  const before = mute.length === 0 ? "" : `; nothing came from ${mute.map((p) => p.name).join(", ")}, which never fired either`;
  const low = reached === undefined || reached.input < reached.rheobase;
  const remedy = low
    ? "Raise its background, the weights onto it, or the rates of its sources"
    : "A longer run, or less inhibition, may make it fire";
  return {
    level: "note",
    code: "silent",
    message: `${name} never fired; ${near}${before}. ${remedy}.`,
    population: name,
    parameter: reached ? "I" : null,
    value: reached ? Number(reached.input.toPrecision(6)) : null,
    limit: reached ? Number(reached.rheobase.toPrecision(6)) : null,
  };
}

interface Reached {
  /** Current, on average over the neurons. */
  readonly input: number;
  readonly rheobase: number;
}

/**
 * The background at its highest and the mean synaptic current of a run, beside the rheobase. Conductances count with
 * their current at the voltage from which the neuron takes off: at the rheobase of `lif` the two balance there.
 *
 * @returns undefined where one of them is not known in closed form
 */
function inputOf(
  population: Population,
  onto: readonly Projection[],
  sourceOf: (projection: Projection) => Population,
  time: number,
): Reached | undefined {
  const { size, model, description, parameters } = population;
  const { background, receptors } = description;
  const poisson = background.filter((entry) => entry.kind === "poisson");
  // What spikes bring per neuron, in weight per ms.
  const rates: { readonly receptor: ReceptorSpec; readonly flow: number }[] = [];
  for (const projection of onto) {
    const { receptor, shortTerm, release = 1 } = projection.description;
    const source = sourceOf(projection);
    const { spikes } = source.statistics;
    if (projection.isGapJunction || projection.description.event !== undefined) return undefined;
    if (spikes === 0) continue;
    if (shortTerm !== undefined || projection.synapses > ADDED_UP) return undefined;
    const total = projection.inCores.reduce((sum, synapses) => sum + synapses.totalWeight(), 0);
    const each = spikes / source.size / time;
    rates.push({ receptor: receptors[receptor] as ReceptorSpec, flow: (release * each * total) / size });
  }
  for (const entry of poisson) {
    const flow = poissonFlow(entry, size, time);
    if (flow === undefined) return undefined;
    rates.push({ receptor: receptors[entry.receptor] as ReceptorSpec, flow });
  }
  const looked = Math.min(size, LOOKED_AT);
  let [input, rheobase] = [0, 0];
  for (let k = 0; k < looked; k++) {
    const neuron = Math.floor((k * size) / looked);
    const critical = closedRheobase(model, parameters, neuron);
    const drive = critical && driveOf(description, neuron, [0, time], critical.current);
    if (critical === undefined || drive === undefined) return undefined;
    input += drive.most;
    rheobase += critical.current;
    const C_m = parameters.C_m as number | Float64Array;
    for (const { receptor, flow } of rates) {
      const charge = chargeOf(receptor, critical.v, typeof C_m === "number" ? C_m : (C_m[neuron] as number));
      if (charge === undefined) return undefined;
      input += flow * charge;
    }
  }
  return { input: input / looked, rheobase: rheobase / looked };
}

/** Mean weight per ms and neuron of Poisson background; undefined where its rate changes or its numbers are drawn. */
function poissonFlow(
  { rate, weight, scope }: Extract<BackgroundSpec, { kind: "poisson" }>,
  size: number,
  time: number,
): number | undefined {
  if (typeof rate !== "number" || typeof weight !== "number") return undefined;
  const { neurons, start = 0, stop = time } = scope ?? {};
  const share = (Math.max(0, Math.min(stop, time) - Math.max(start, 0)) / time) * ((neurons?.length ?? size) / size);
  return (rate / 1000) * weight * share;
}

/** What a spike of weight 1 brings in current times ms at a membrane potential. */
function chargeOf(receptor: ReceptorSpec, v: number, C_m: number): number | undefined {
  if (kernelOf(receptor).core === "delta") return C_m;
  const { rise, decay, duration, block } = responseOf(receptor);
  const reversal = reversalOf(receptor);
  const force = reversal === undefined ? 1 : reversal - v;
  if (block !== undefined) return undefined;
  if (duration !== undefined) return force * duration;
  if (decay === undefined) return undefined;
  if (rise === undefined) return force * decay;
  if (rise === decay) return force * Math.E * decay;
  const peak = ((rise * decay) / (decay - rise)) * Math.log(decay / rise);
  return (force * (decay - rise)) / (Math.exp(-peak / decay) - Math.exp(-peak / rise));
}
