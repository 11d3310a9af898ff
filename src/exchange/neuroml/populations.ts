/** Populations as populations of NeuroML: one for each set of parameters, since all cells of one are alike. */
import { DocumentError } from "../../model/errors.js";
import type { PopulationSpec, Value } from "../../model/spec.js";
import { models } from "../../models/index.js";
import { isPresent } from "../mapping.js";
import { type Cell, cellOf, type Numbers } from "./cells.js";
import { mapping } from "./mapping.js";
import type { Ids } from "./names.js";
import { computed, quantity } from "./quantity.js";
import { type Element, element } from "./write-xml.js";

/** Cells that are alike, in the order of their neurons. */
export interface Part {
  /** Identifier of the population. */
  readonly id: string;
  readonly component: Element;
  readonly neurons: readonly number[];
  /** None for a source. */
  readonly cell?: Cell;
}

export interface Laid {
  readonly spec: PopulationSpec;
  /** Identifier of the whole, which names files. */
  readonly id: string;
  readonly parts: readonly Part[];
  /** Part of each neuron, and its place in it. */
  readonly partOf: Uint32Array;
  readonly placeOf: Uint32Array;
}

/** `pop[3]`: a neuron as NeuroML's paths name it. */
export function pathOf({ parts, partOf, placeOf }: Laid, neuron: number): string {
  return `${(parts[partOf[neuron] as number] as Part).id}[${placeOf[neuron]}]`;
}

/** What becomes of a part of the network that has no form in NeuroML. */
export type Refuse = (message: string) => void;

/** A value as numbers. */
function numbers(value: Value, what: string): number | Float64Array {
  if (typeof value === "number" || value instanceof Float64Array) return value;
  throw new DocumentError(`${what}: a distribution; NeuroML holds numbers: draw them first (Simulation.explicit()).`, {
    value,
  });
}

export function at(value: number | Float64Array, i: number): number {
  return typeof value === "number" ? value : (value[i] as number);
}

/** Neurons by what they have in common. */
function alike<T>(
  size: number,
  keyOf: (neuron: number) => { readonly key: string; readonly make: () => T },
): { readonly made: T; readonly neurons: number[] }[] {
  const groups = new Map<string, { made: T; neurons: number[] }>();
  for (let i = 0; i < size; i++) {
    const { key, make } = keyOf(i);
    const group = groups.get(key);
    if (group) group.neurons.push(i);
    else groups.set(key, { made: make(), neurons: [i] });
  }
  return [...groups.values()];
}

function laid(
  spec: PopulationSpec,
  id: string,
  groups: readonly { made: { readonly component: (id: string) => Element; readonly cell?: Cell }; neurons: number[] }[],
  ids: Ids,
): Laid {
  const partOf = new Uint32Array(spec.size);
  const placeOf = new Uint32Array(spec.size);
  const parts = groups.map(({ made: { component, cell }, neurons }, part) => {
    for (const [place, neuron] of neurons.entries()) {
      partOf[neuron] = part;
      placeOf[neuron] = place;
    }
    const own = groups.length === 1 ? id : ids.of(`${id}_${part}`);
    return { id: own, component: component(ids.of(`${own}_cell`)), neurons, ...(cell && { cell }) };
  });
  return { spec, id, parts, partOf, placeOf };
}

/**
 * A population of neurons.
 *
 * @param setting whether it has receptors that something acts on, and the time step in ms
 */
export function neuronsOf(
  spec: PopulationSpec,
  path: string,
  { receives, dt }: { readonly receives: boolean; readonly dt: number },
  ids: Ids,
  refuse: Refuse,
): Laid | undefined {
  const { model, size } = spec;
  if ((models as Readonly<Record<string, unknown>>)[model.id] !== model) {
    refuse("an own model: NeuroML's core types have no such cell");
    return undefined;
  }
  const params = Object.entries(spec.params).map(
    ([name, value]) => [name, numbers(value, `${path}.params.${name}`)] as const,
  );
  const init = Object.keys(model.states).flatMap((name) => {
    const value = spec.init[name];
    return value === undefined ? [] : [[name, numbers(value, `${path}.init.${name}`)] as const];
  });
  const of = (list: typeof params, i: number): Numbers =>
    Object.fromEntries(list.map(([name, value]) => [name, at(value, i)]));
  const varying = [...params, ...init].map(([, value]) => value).filter((value) => typeof value !== "number");
  const groups = alike(size, (i) => ({
    key: varying.map((value) => (value as Float64Array)[i]).join(" "),
    make: () => cellOf(model.id, { params: of(params, i), init: of(init, i), receives, dt }),
  }));
  const refused = groups.flatMap(({ made }) => ("refused" in made ? [made.refused] : []));
  if (refused.length > 0) {
    for (const reason of new Set(refused)) refuse(`${model.id}: ${reason}`);
    return undefined;
  }
  const made = groups.map(({ made: cell, neurons }) => {
    const { type, attributes } = cell as Cell;
    return { made: { cell: cell as Cell, component: (id: string) => element(type, { id, ...attributes }) }, neurons };
  });
  return laid(spec, ids.of(spec.name), made, ids);
}

/** A population that plays spikes. */
export function sourceOf(spec: PopulationSpec, path: string, ids: Ids, refuse: Refuse): Laid | undefined {
  const { source, size } = spec;
  const silent = { component: (id: string) => element("spikeArray", { id }) };
  if (source?.kind === "spikeTrain") {
    const trains = Array.from({ length: size }, () => [] as number[]);
    source.neurons.forEach((neuron, i) => (trains[neuron] as number[]).push(source.times[i] as number));
    const groups = alike(size, (i) => {
      const times = trains[i] as number[];
      const spikes = times.map((time, id) => element("spike", { id: String(id), time: quantity(time, "ms") }));
      return {
        key: times.join(" "),
        make: () =>
          times.length === 0 ? silent : { component: (id: string) => element("spikeArray", { id }, spikes) },
      };
    });
    return laid(spec, ids.of(spec.name), groups, ids);
  }
  if (source?.kind !== "poisson") {
    refuse(`a source ${source?.kind ?? ""} has no form in NeuroML`);
    return undefined;
  }
  if (Array.isArray(source.rate)) {
    const table = source.rate as readonly (readonly [number, number, number])[];
    const [[from, rate, slope] = [0, 0, 0], next, ...more] = table;
    const ends = next === undefined || (next[1] === 0 && next[2] === 0 && more.length === 0);
    if (!ends || slope !== 0) {
      refuse("a rate that changes more than from 0 and back: SpikeSourcePoisson has one rate");
      return undefined;
    }
    const end = next?.[0] ?? PERMANENT;
    const attributes = {
      start: quantity(from, "ms"),
      duration: quantity(computed(end - from), "ms"),
      rate: quantity(rate, "Hz"),
    };
    const one =
      rate === 0 ? silent : { component: (id: string) => element("SpikeSourcePoisson", { id, ...attributes }) };
    return laid(
      spec,
      ids.of(spec.name),
      alike(size, () => ({ key: "", make: () => one })),
      ids,
    );
  }
  const rate = numbers(source.rate as Value, `${path}.params.rate`);
  const { name } = mapping.models.poisson as { name: string };
  const groups = alike(size, (i) => {
    const hz = at(rate, i);
    return {
      key: String(hz),
      make: () =>
        hz === 0 ? silent : { component: (id: string) => element(name, { id, averageRate: quantity(hz, "Hz") }) },
    };
  });
  return laid(spec, ids.of(spec.name), groups, ids);
}

/** A rate without an end, in ms. */
const PERMANENT = 1e9;

/** What a population became, for the report, and whether that is exact. */
export function told({ spec, parts }: Laid): { readonly exact: boolean; readonly message: string } {
  const types = [...new Set(parts.map(({ component }) => component.name))].join(", ");
  const several = parts.length > 1 ? `${parts.length} populations, one for each set of parameters` : `a population`;
  const differs = new Set(parts.flatMap(({ cell }) => cell?.differs ?? []));
  if (spec.source) {
    const name = spec.source.kind === "poisson" ? "poisson" : "spikeTrain";
    const counterpart = mapping.models[name];
    if (isPresent(counterpart) && counterpart.differs !== undefined) differs.add(counterpart.differs);
  } else if (spec.method !== "euler") differs.add(`jNeuroML steps by forward Euler, here ${spec.method}`);
  return { exact: differs.size === 0, message: [`${several} of ${types}`, ...differs].join("; ") };
}
