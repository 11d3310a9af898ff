/** Background currents and Poisson input of a population: what is always there, and the sources that come and go. */
import { itemPath, keyPath } from "../../model/check.js";
import { stepsOf, timeOf } from "../../model/grid.js";
import type { BackgroundSpec, Points, PopulationSpec, Value } from "../../model/spec.js";
import { hasCourse, termsOf as coursesOf, windowOf as scopeOf } from "../courses.js";
import { isPresent } from "../mapping.js";
import { MILLI, pynn } from "./mapping.js";
import { signOf, type Receptors } from "./cells.js";
import {
  call,
  code,
  type Code,
  float,
  indexOf,
  int,
  isDistribution,
  numbersOf,
  populationPath,
  randomDistribution,
  distributionOf,
  refuse,
  scaled,
  type Script,
  text,
  valueOf,
  variableOf,
} from "./script.js";

/** A change of a Poisson source's rate while the simulation runs. */
export interface RateChange {
  readonly time: number;
  readonly source: string;
  readonly rate: number;
}

export interface Inputs {
  /** The current from the start on, for `i_offset`. */
  readonly offset: Code | undefined;
  /** Lines before the population is made: numbers that are drawn. */
  readonly before: readonly string[];
  /** Currents that come and go, once the population is there. */
  readonly sources: readonly string[];
}

/** A current that is an amplitude of each neuron times a course in time, with one number a step. */
interface Term {
  readonly amplitude: Value;
  readonly course: Float64Array;
}

/** The first step that an entry acts in, and the first one after, as far as the network runs. */
function windowOf(script: Script, entry: BackgroundSpec): readonly [number, number] {
  const [from, to] = scopeOf(entry.scope ?? {}, script.network.dt);
  return [Math.min(from, script.steps), Math.min(to, script.steps)];
}

/** The terms of an entry whose course is known, at the starts of the steps; undefined for other kinds. */
function termsOf(script: Script, entry: BackgroundSpec): readonly Term[] | undefined {
  if (!hasCourse(entry)) return undefined;
  const [from, to] = windowOf(script, entry);
  return coursesOf(entry, script.network.dt).map(({ scale, at }) => ({
    amplitude: scale,
    course: Float64Array.from({ length: script.steps }, (_, k) => (k >= from && k < to ? at(k) : 0)),
  }));
}

/** All background entries of a population but the Poisson ones. */
export function inputsOf(script: Script, population: PopulationSpec): Inputs {
  const { size, background } = population;
  const variable = variableOf(script, population.name);
  const path = keyPath(populationPath(script, population), "background");
  const before: string[] = [];
  const sources: string[] = [];
  const offset = new Offset(script, `${variable}_i_offset`, size);
  for (const [i, entry] of background.entries()) {
    const place = itemPath(path, i);
    const counterpart = pynn.backgrounds[entry.kind];
    if (entry.kind === "poisson") continue;
    if (entry.kind === "rheobase") refuse(
      place,
      "PyNN finds no rheobase; export the network with --explicit, which has its current as a number.",
      entry.kind,
    );
    if (!isPresent(counterpart)) {
      script.report.dropped(place, `${counterpart.absent}: the current "${entry.kind}" is left out`);
      continue;
    }
    const target =
      entry.scope?.neurons === undefined
        ? variable
        : `${variable}[${indexOf(script, `${variable}_background_${i}_neurons`, entry.scope.neurons).text}]`;
    const count = entry.scope?.neurons?.length ?? size;
    const name = `${variable}_background_${i}`;
    if (hasCourse(entry)) {
      const terms = (termsOf(script, entry) as readonly Term[]).map(({ amplitude, course }, n): Named => {
        const own = scopedNumbers(amplitude, entry);
        if (typeof own === "number") return { amplitude: own, course, text: float(scaled(own, MILLI)) };
        const label = script.names.of(`${name}_amplitudes${n === 0 ? "" : `_${n + 1}`}`);
        const steady = course.every((x) => x === course[0]);
        // one distribution that is drawn for i_offset alone stays a distribution there
        if (steady && isDistribution(own)) return { amplitude: own, course, text: label };
        before.push(`${label} = ${numbersOf(script, label, own, count, MILLI).text}`);
        return { amplitude: own, course, text: label };
      });
      for (const term of terms) offset.add(term, entry);
      const line = courseLines(script, name, target, terms);
      sources.push(...line);
      script.report.exact(
        place,
        line.length === 0 ? "i_offset" : line.some(
          (one) => one.includes("DCSource"),
        ) ? "DCSource" : "StepCurrentSource",
      );
      if (entry.kind === "ramp" || (entry.kind === "piecewise" && entry.points.some(([, , slope]) => slope !== 0))) {
        script.report.exact(place, "one value for each step, that of its start");
      }
    } else {
      const [from] = windowOf(script, entry);
      sources.push(...otherLines(script, population, entry, { name, target, count }));
      const { differs, name: named } = counterpart;
      if (from >= 2 || differs === undefined) script.report.exact(place, named);
      else script.report.approximate(place, `${named}: ${differs}`);
    }
  }
  return { offset: offset.text(before), before, sources };
}

/** A term with its amplitude as Python, in nA. */
interface Named extends Term {
  readonly text: string;
}

/** An amplitude of the neurons that an entry names: arrays have one number for each of the population. */
function scopedNumbers(value: Value, entry: BackgroundSpec): Value {
  const neurons = entry.scope?.neurons;
  if (neurons === undefined || !(value instanceof Float64Array)) return value;
  return Float64Array.from(neurons, (neuron) => value[neuron] as number);
}

/** The sum of all that is there from the first step on. Numbers are added here, what is drawn in Python. */
class Offset {
  private readonly script: Script;
  private readonly name: string;
  private readonly size: number;
  private common = 0;
  private numbers: Float64Array | undefined;
  private readonly drawn: {
    readonly text: string;
    readonly value: Value | undefined;
    readonly neurons: Uint32Array | undefined;
    readonly factor: number;
  }[] = [];

  constructor(script: Script, name: string, size: number) {
    this.script = script;
    this.name = name;
    this.size = size;
  }

  add({ amplitude, course, text: label }: Named, entry: BackgroundSpec): void {
    const first = course[0] ?? 0;
    if (first === 0) return;
    const neurons = entry.scope?.neurons;
    if (isDistribution(amplitude)) {
      const steady = course.every((x) => x === first);
      this.drawn.push({ text: label, value: steady ? amplitude : undefined, neurons, factor: first });
    } else if (typeof amplitude === "number" && neurons === undefined) this.common += amplitude * first;
    else {
      this.numbers ??= new Float64Array(this.size);
      const count = neurons?.length ?? this.size;
      for (let i = 0; i < count; i++) {
        const at = neurons?.[i] ?? i;
        this.numbers[at] =
          (this.numbers[at] as number) + (typeof amplitude === "number" ? amplitude : (amplitude[i] as number)) * first;
      }
    }
  }

  /** @param before lines that are needed first */
  text(before: string[]): Code | undefined {
    const { script, name, size, drawn, common, numbers } = this;
    const known = numbers === undefined ? common : numbers.map((x) => x + common);
    if (drawn.length === 0) return known === 0 ? undefined : valueOf(script, name, known, MILLI);
    const [only] = drawn;
    if (
      drawn.length === 1 &&
      only !== undefined &&
      known === 0 &&
      only.neurons === undefined &&
      only.factor === 1 &&
      only.value !== undefined &&
      isDistribution(only.value)
    ) {
      return randomDistribution(distributionOf(only.value, MILLI));
    }
    const total = script.names.of(name);
    const start =
      typeof known === "number"
        ? `np.full(${size}, ${float(scaled(known, MILLI))})`
        : valueOf(script, name, known, MILLI).text;
    before.push(`${total} = ${start}`);
    for (const [i, { text: label, value, neurons, factor }] of drawn.entries()) {
      const where = neurons === undefined ? ":" : indexOf(script, `${name}_${i}_neurons`, neurons).text;
      const made = value === undefined ? label : numbersOf(script, label, value, neurons?.length ?? size, MILLI).text;
      before.push(`${total}[${where}] += ${factor === 1 ? made : `${float(factor)} * ${made}`}`);
    }
    return code(total);
  }
}

/** Sources for what changes after the first step: relative to it, because `i_offset` holds that. */
function courseLines(script: Script, name: string, target: string, terms: readonly Named[]): string[] {
  const { dt } = script.network;
  const relative = terms.map(
    (term) => ({ ...term, course: term.course.map((x) => x - (term.course[0] as number)) }),
  ).filter(({ course }) => course.some((x) => x !== 0));
  if (relative.length === 0) return [];
  const edges = [...relative[0]?.course.keys() ?? []].filter(
    (k) => k > 0 && relative.some(({ course }) => course[k] !== course[k - 1]),
  );
  const times = edges.map((k) => timeOf(k, dt));
  const single = relative.length === 1 ? relative[0] : undefined;
  const each = relative.every(({ amplitude }) => typeof amplitude === "number");
  const step = (amplitudes: string): string => call(
    "sim.StepCurrentSource",
    { times: code(timesText), amplitudes: code(amplitudes) },
  );
  const loop = (source: string): string[] => {
    const list = relative.filter(({ amplitude }) => typeof amplitude !== "number").map(({ text: label }) => label);
    const letters = list.map((_, i) => (i === 0 ? "amplitude" : `amplitude_${i + 1}`));
    return [
      `for cell, ${letters.join(", ")} in zip(${target}, ${list.join(", ")}):`,
      `    ${source}.inject_into([cell])`,
    ];
  };
  // on and off again
  if (single !== undefined && edges.length <= 2) {
    const value = single.course[edges[0] as number] as number;
    const off = edges[1] === undefined || (single.course[edges[1]] as number) === 0;
    if (off) {
      const amplitude = each
        ? float(scaled((single.amplitude as number) * value, MILLI))
        : value === 1
          ? "amplitude"
          : `${float(value)} * amplitude`;
      const source = call(
        "sim.DCSource",
        {
          amplitude: code(amplitude),
          start: times[0] as number,
          ...(times[1] === undefined ? {} : { stop: times[1] }),
        },
      );
      return each ? [`${source}.inject_into(${target})`] : loop(source);
    }
  }
  const timesText = script.arrays.of(`${name}_times`, Float64Array.from(times)).text;
  if (each) {
    const sum = Float64Array.from(
      edges,
      (k) => relative.reduce(
        (total, { amplitude, course }) => total + scaled((amplitude as number) * (course[k] as number), MILLI),
        0,
      ),
    );
    return [`${step(script.arrays.of(`${name}_amplitudes`, sum).text)}.inject_into(${target})`];
  }
  const own = relative.filter(({ amplitude }) => typeof amplitude !== "number");
  const before: string[] = [];
  const parts = relative.map(({ amplitude, course }, n) => {
    const shape = script.names.of(`${name}_course${n === 0 ? "" : `_${n + 1}`}`);
    const factor = typeof amplitude === "number" ? scaled(amplitude, MILLI) : 1;
    before.push(
      `${shape} = ${script.arrays.of(shape, Float64Array.from(edges, (k) => factor * (course[k] as number)), "np.array").text}`,
    );
    const place = own.findIndex((term) => term.course === course);
    return typeof amplitude === "number" ? shape : `${place === 0 ? "amplitude" : `amplitude_${place + 1}`} * ${shape}`;
  });
  return [...before, ...loop(step(parts.join(" + ")))];
}

interface Place {
  readonly name: string;
  readonly target: string;
  readonly count: number;
}

/** Sine and noise. */
function otherLines(
  script: Script,
  population: PopulationSpec,
  entry: BackgroundSpec,
  { name, target, count }: Place,
): string[] {
  const { dt, duration } = script.network;
  const [from, to] = windowOf(script, entry);
  const when = { start: timeOf(from, dt), stop: to >= script.steps ? code("DURATION") : timeOf(to, dt) };
  const before: string[] = [];
  const vary: string[] = [];
  const values: string[] = [];
  /** A number, or a name that a loop over the cells gives. */
  const part = (key: string, value: Value, factor = MILLI): Code => {
    const own = scopedNumbers(value, entry);
    if (typeof own === "number") return code(float(scaled(own, factor)));
    const label = script.names.of(`${name}_${key}`);
    before.push(`${label} = ${numbersOf(script, label, own, count, factor).text}`);
    vary.push(key);
    values.push(label);
    return code(key);
  };
  const cells = (source: string, always: boolean): string[] =>
    !always && vary.length === 0
      ? [...before, `${source}.inject_into(${target})`]
      : vary.length === 0
        ? [...before, `for cell in ${target}:`, `    ${source}.inject_into([cell])`]
        : [
          ...before,
          `for cell, ${vary.join(", ")} in zip(${target}, ${values.join(", ")}):`,
          `    ${source}.inject_into([cell])`,
        ];
  switch (entry.kind) {
    case "sine": {
      const phase = entry.phase + (2 * Math.PI * entry.frequency * when.start) / 1000;
      const args = {
        amplitude: part("amplitude", entry.amplitude),
        offset: part("offset", entry.offset),
        frequency: entry.frequency,
        phase: Number(((phase * 180) / Math.PI).toPrecision(15)),
      };
      return cells(call("sim.ACSource", { ...args, ...when }), false);
    }
    case "whiteNoise": {
      const stdev = part("stdev", entry.sigma, MILLI / Math.sqrt(dt));
      return cells(
        call("sim.NoisyCurrentSource", { mean: part("mean", entry.mean), stdev, dt: code("DT"), ...when }),
        true,
      );
    }
    case "ornsteinUhlenbeck": {
      script.helpers.add("ornsteinUhlenbeck");
      const label = script.names.of(`${name}_currents`);
      const sigma = numbersOf(script, `${name}_sigma`, scopedNumbers(entry.sigma, entry), count, MILLI);
      const made = call(
        "ornstein_uhlenbeck",
        { mean: scaled(entry.mean as number, MILLI), sigma, tau: entry.tau },
        [int(count), int(to - from)],
      );
      const times = `np.arange(${from}, ${to}) * DT`;
      return [
        `${label} = ${made}`,
        `for cell, current in zip(${target}, ${label}):`,
        `    sim.StepCurrentSource(times=${times}, amplitudes=current).inject_into([cell])`,
      ];
    }
    default:
      return refuse(name, `no source for ${entry.kind} of ${population.name}, ${duration} ms.`);
  }
}

/** A rate in time as pieces: [start, rate], a slope in pieces of 10 ms with the rate of their middle. */
export function piecesOf(script: Script, points: Points): readonly (readonly [time: number, rate: number])[] {
  const { dt } = script.network;
  const pieces: [number, number][] = [];
  for (const [i, [t, value, slope]] of points.entries()) {
    const end = Math.min(points[i + 1]?.[0] ?? Infinity, timeOf(script.steps, dt));
    const from = Math.max(0, t);
    if (end <= from) continue;
    const count = slope === 0 ? 1 : Math.ceil((end - from) / 10);
    for (let n = 0; n < count; n++) {
      const start = from + 10 * n;
      const middle = slope === 0 ? start : (start + Math.min(start + 10, end)) / 2;
      pieces.push([timeOf(stepsOf(start, dt), dt), Math.max(0, value + slope * (middle - t))]);
    }
  }
  return pieces[0]?.[0] === 0 ? pieces : [[0, 0], ...pieces];
}

/** Rates above 0: pyNN.neuron divides by them. */
function positive(rate: Value): Value {
  const least = 1e-9;
  if (typeof rate === "number") return Math.max(rate, least);
  return rate instanceof Float64Array ? rate.map((x) => Math.max(x, least)) : rate;
}

/** A rate in Hz, and its changes later on. */
export function rateOf(
  script: Script,
  variable: string,
  rate: Value | Points,
  path: string,
  changes: RateChange[],
): Code {
  if (!Array.isArray(rate)) return valueOf(script, `${variable}_rate`, positive(rate as Value));
  const pieces = piecesOf(script, rate as Points);
  if (script.backend === "brian2" && pieces.length > 1) {
    refuse(path, "pyNN.brian2 keeps the first rate of a SpikeSourcePoisson: a rate that changes cannot be run.");
  }
  for (const [time, value] of pieces.slice(1)) changes.push({ time, source: variable, rate: Math.max(value, 1e-9) });
  const slopes = (rate as Points).some(([, , slope]) => slope !== 0) ? ", slopes in pieces of 10 ms" : "";
  script.report.approximate(
    path,
    `the rate is set anew while the simulation runs, up to 3 steps late in NEST${slopes}`,
  );
  return code(float(Math.max((pieces[0] as readonly [number, number])[1], 1e-9)));
}

/** Poisson input: a source for each neuron, with a synapse onto it. */
export function poissonLines(
  script: Script,
  population: PopulationSpec,
  receptors: Receptors,
  unit: number,
  changes: RateChange[],
): string[] {
  const lines: string[] = [];
  const variable = variableOf(script, population.name);
  for (const [i, entry] of population.background.entries()) {
    if (entry.kind !== "poisson") continue;
    const path = itemPath(keyPath(populationPath(script, population), "background"), i);
    const neurons = entry.scope?.neurons;
    const count = neurons?.length ?? population.size;
    const source = script.names.of(`${variable}_poisson${i === 0 ? "" : `_${i + 1}`}`);
    const scoped = Array.isArray(entry.rate) ? (entry.rate as Points) : scopedNumbers(entry.rate as Value, entry);
    const rate = rateOf(script, source, scoped, keyPath(path, "rate"), changes);
    const [from, to] = windowOf(script, entry);
    const { dt } = script.network;
    const when = from === 0 && to === script.steps ? {} : { start: timeOf(from, dt), duration: timeOf(to - from, dt) };
    const target =
      neurons === undefined ? variable : `${variable}[${indexOf(script, `${source}_neurons`, neurons).text}]`;
    const weight = scopedNumbers(entry.weight, entry);
    const slot = receptors.slotOf(entry.receptor, signOf(weight));
    const list = weight instanceof Float64Array;
    const connector = list
      ? `sim.FromListConnector(np.column_stack([np.arange(${count}), np.arange(${count}), ${valueOf(script, `${source}_weights`, weight, unit).text}]), column_names=["weight"])`
      : count === 1
        ? "sim.AllToAllConnector(safe=False)"
        : "sim.OneToOneConnector(safe=False)";
    const synapse = call(
      "sim.StaticSynapse",
      { ...(list ? {} : { weight: valueOf(script, `${source}_weight`, weight, unit) }), delay: code("DT") },
    );
    lines.push(
      `${source} = sim.Population(${count}, ${call("sim.SpikeSourcePoisson", { rate, ...when })}, label=${text(source)})`,
      `sim.Projection(${source}, ${target}, ${connector}, ${synapse}, receptor_type=${text(slot)})`,
    );
    script.report.exact(path, "SpikeSourcePoisson, one for each cell: the same law, numbers of the simulator's own");
  }
  return lines;
}
