/**
 * Random streams that are told apart. A stream has a number of 32 bits, a hash of what it is for, so that two names may
 * meet: "liquid" and "costarring" do. Where streams of two populations or projections would be the same, those of one
 * are named otherwise. Which one depends on the names alone, and all other numbers stay as they are.
 */
import { isOwn } from "../kinds/receptors.js";
import type { NetworkSpec, PopulationSpec } from "../model/spec.js";
import { streamNumber } from "./values.js";

/**
 * Streams of background entries that are looked at beside those that there are: lists may grow while the network runs.
 */
const MORE_ENTRIES = 8;

/**
 * The labels (names of populations, of projections) whose streams need another name, with that name.
 *
 * @param projections labels of the projections
 */
export function separateLabels(spec: NetworkSpec, projections: readonly string[]): Map<string, string> {
  const purposes = new Map<string, readonly (readonly (string | number)[])[]>();
  for (const population of spec.populations) purposes.set(population.name, purposesOf(population));
  for (const label of projections) purposes.set(label, [[], ["release"]]);
  const taken = new Set<number>();
  const renamed = new Map<string, string>();
  for (const label of [...purposes.keys()].sort()) {
    const all = purposes.get(label) as readonly (readonly (string | number)[])[];
    let numbers: number[];
    for (let attempt = 0; ; attempt++) {
      const name = attempt === 0 ? label : `${label}\u0001${attempt}`;
      numbers = all.map((purpose) => streamNumber(name, ...purpose));
      if (new Set(numbers).size < numbers.length || numbers.some((x) => taken.has(x))) continue;
      if (attempt > 0) renamed.set(label, name);
      break;
    }
    for (const x of numbers) taken.add(x);
  }
  return renamed;
}

/** What a population draws random numbers for. */
function purposesOf({
  model,
  params,
  receptors,
  background,
  source,
}: PopulationSpec): (readonly (string | number)[])[] {
  const positions = [["position", "angle"], ["position", "radius"]];
  if (source) return [["source"], ["rate"], ...positions];
  const values = ["amplitude", "fraction", "from", "to", "offset", "sigma", "mean", "rate", "weight"];
  const states = [
    ...Object.keys(model.states),
    ...Object.entries(receptors).flatMap(([name, receptor]) =>
      isOwn(receptor)
        ? Object.keys(receptor.kernel.states).map((state) => `${state}_${name}`)
        : [`g_${name}`, `i_${name}`],
    ),
  ];
  const entries = Array.from({ length: background.length + MORE_ENTRIES }, (_, id) => ["background", id] as const);
  return [
    ...Object.keys(params).map((name) => [name]),
    ...states.map((name) => [`init ${name}`]),
    ...positions,
    ...entries.flatMap((entry) => [entry, ...values.map((what) => [...entry, what])]),
  ];
}
