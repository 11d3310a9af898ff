/** Connection rules: which pairs of neurons have synapses. */
import {
  checkKeys,
  checkLast,
  field as own,
  type Fields as Given,
  itemPath,
  keyPath,
  outOfRange,
  readList,
  readObject,
  requiredField,
  wrongType,
} from "../model/check.js";
import { ConnectionError, LengthError, ValueRangeError } from "../model/errors.js";
import { type PairTable, type ParseOptions, tableFile } from "../model/files.js";
import {
  type At,
  choice,
  type Context,
  type Fields,
  type Flat,
  flag,
  type InputOf,
  integer,
  number,
  readFields,
  special,
  type SpecOf,
  text,
  writeFields,
} from "./field.js";
import { closes, type PositionsSpec } from "./layouts.js";

/** A population at an end of a projection. */
export interface End {
  readonly name: string;
  readonly size: number;
  readonly positions?: PositionsSpec;
}

/** The populations at both ends. */
interface Ends {
  readonly source: End;
  readonly target: End;
}

/** Which pairs a rule may make. */
export interface PairOptions {
  readonly autapses: boolean;
  readonly multapses: boolean;
}

interface RuleContext extends Context, PairOptions, Ends {
  readonly options: ParseOptions;
  /** The pairs of a list, with the columns of its file: found by reading it. */
  table?: PairTable;
}

/** The core's parameters of a rule. */
export interface RuleNumbers {
  readonly p?: number;
  readonly k?: number;
}

/** Numbers of pairs and neurons that a rule chooses from. */
export interface Numbers {
  /** Pairs, without autapses where there are none. */
  readonly pairs: number;
  readonly sources: number;
  readonly targets: number;
}

export interface RuleRecord<F extends Fields = Fields, C extends string = string, S = SpecOf<F>> {
  /** Which pairs it connects. */
  readonly text: string;
  readonly fields: F;
  /**
   * Whether a pair of neurons may have several synapses: by default, or always, or where it is said; never when left
   * out.
   */
  readonly multapses?: "default" | "always" | "allowed";
  /** Makes no autapses within one population unless it is told to. */
  readonly withoutAutapses?: true;
  /** Both ends need positions. */
  readonly positions?: true;
  /** Its pairs are listed, so that weights and delays may be too. */
  readonly listed?: true;
  /** Refuses ends that it cannot connect. */
  check?(context: RuleContext, entry: string): void;
  /** The checked rule, where that is not its fields. */
  make?(read: Readonly<Record<string, unknown>>, context: RuleContext): S;
  /** The rule as model files have it, where that is not its fields. */
  write?(spec: S): object;
  /** Its name in the core, and its numbers there. */
  readonly core: C;
  lower(spec: S): RuleNumbers;
  /** A number of synapses that it makes for sure (up to one chance in 10^15). */
  least(spec: S, numbers: Numbers): number;
  /** Synapses onto a neuron: the most for a list, else on average; 0 where that is not known. */
  onto(spec: S, numbers: Numbers): number;
}

function rule<const F extends Fields, const C extends string>(record: RuleRecord<F, C>): RuleRecord<F, C> {
  return record;
}

/** Pairs of neurons: each by itself, or the sources of all and the targets of all, typed arrays for one. */
export type PairsInput =
  | readonly (readonly [source: number, target: number])[]
  | { readonly sources: ArrayLike<number>; readonly targets: ArrayLike<number> };

/** The pairs of a list as checked data. */
interface ListSpec {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly file?: string;
  /** What else the file gave. */
  readonly columns?: readonly ("weight" | "delay")[];
}

function listRule<const F extends Fields, const C extends string>(
  record: RuleRecord<F, C, ListSpec>,
): RuleRecord<F, C, ListSpec> {
  return record;
}

const LARGEST = 0xffffffff;

function isWithin({ source, target }: RuleContext): boolean {
  return source.name === target.name;
}

/** A number of synapses of each neuron, with as many partners as it needs. */
function degree(text: string, each: string, partners: string, otherEnd: "source" | "target") {
  return integer(0, () => LARGEST, {
    text,
    meaning: `the number of synapses ${each}`,
    check(k, { path, context }: At<RuleContext>) {
      const others = context[otherEnd];
      const without = isWithin(context) && !context.autapses;
      const candidates = others.size - (without ? 1 : 0);
      if (k <= (context.multapses ? (candidates > 0 ? k : 0) : candidates)) return;
      const which = `${context.multapses ? "" : "without multapses "}${without ? "without autapses " : ""}`;
      throw new ConnectionError(
        `${path}: ${k} synapses ${each} ${which}need at least as many ${partners}; ${JSON.stringify(others.name)} has ${candidates}.`,
        {
          path,
          value: k,
          allowed: `at most ${candidates}`,
        },
      );
    },
  });
}

/** Only a layout that closes on itself has a short way round. */
function checkPeriodic(periodic: boolean, { path, context: { target } }: At<RuleContext>): void {
  const found = !periodic || (target.positions && closes(target.positions, target.size));
  if (found === true || found === undefined) return;
  throw new ConnectionError(
    `${path}: distances the short way round need a target on a line or on a grid of full rows; ${JSON.stringify(target.name)} ${found}.`,
    {
      path,
      value: true,
      allowed: "false",
    },
  );
}

export const rules = {
  allToAll: rule({
    text: "every pair",
    fields: {},
    core: "allToAll",
    lower: () => ({}),
    least: (_, { pairs }) => pairs,
    onto: (_, { sources }) => sources,
  }),
  oneToOne: rule({
    text: "neuron i onto neuron i; populations of one size",
    fields: {},
    check({ source, target, autapses }, entry) {
      const names = [source.name, target.name].map((name) => JSON.stringify(name));
      if (source.size !== target.size) {
        throw new ConnectionError(
          `${entry}: oneToOne needs populations of one size; ${names[0]} has ${source.size} neurons, ${names[1]} has ${target.size}.`,
          { path: entry, value: source.size, allowed: String(target.size) },
        );
      }
      if (source.name === target.name && !autapses) {
        throw new ConnectionError(
          `${entry}: oneToOne within ${names[0]} makes autapses only, and "autapses" is false.`,
          { path: entry },
        );
      }
    },
    core: "oneToOne",
    lower: () => ({}),
    least: (_, { targets }) => targets,
    onto: () => 1,
  }),
  /** Each pair with the probability p. */
  fixedProbability: rule({
    text: "each pair with the probability p",
    fields: {
      p: number({
        text: "probability of each pair",
        meaning: "the probability of a synapse, from 0 to 1",
        range: "0 to 1",
      }),
    },
    withoutAutapses: true,
    core: "fixedProbability",
    lower: ({ p }) => ({ p }),
    least: ({ p }, { pairs }) => (p === 1 ? pairs : Math.round(pairs * p - 8 * Math.sqrt(pairs * p))),
    onto: ({ p }, { sources }) => p * sources,
  }),
  /** k synapses onto each neuron of the target. */
  fixedIndegree: rule({
    text: "k synapses onto each neuron of the target",
    fields: { k: degree("synapses onto each neuron of the target", "onto each neuron", "sources", "source") },
    multapses: "default",
    core: "fixedIndegree",
    lower: ({ k }) => ({ k }),
    least: ({ k }, { targets }) => targets * k,
    onto: ({ k }) => k,
  }),
  /** k synapses from each neuron of the source. */
  fixedOutdegree: rule({
    text: "k synapses from each neuron of the source",
    fields: { k: degree("synapses from each neuron of the source", "from each neuron", "targets", "target") },
    multapses: "default",
    core: "fixedOutdegree",
    lower: ({ k }) => ({ k }),
    least: ({ k }, { sources }) => sources * k,
    onto: ({ k }, { sources, targets }) => (k * sources) / targets,
  }),
  /** n synapses in all. */
  fixedTotalNumber: rule({
    text: "n synapses in all, both ends drawn anew for each",
    fields: {
      n: integer(0, () => LARGEST, {
        text: "synapses in all",
        meaning: "the number of synapses",
        check(n, { entry, context }: At<RuleContext>) {
          const { source, autapses } = context;
          if (n === 0 || !isWithin(context) || autapses || source.size !== 1) return;
          throw new ConnectionError(
            `${entry}: fixedTotalNumber within ${JSON.stringify(source.name)}, which has one neuron, makes autapses only, and "autapses" is false.`,
            { path: entry },
          );
        },
      }),
    },
    multapses: "always",
    core: "fixedTotalNumber",
    lower: ({ n }) => ({ k: n }),
    least: ({ n }) => n,
    onto: ({ n }, { targets }) => n / targets,
  }),
  /**
   * Each pair with the probability p times the kernel at (distance / scale): box (1 up to 1), linear (1 - d), gaussian
   * exp(-d^2/2), exponential exp(-d). Both populations need positions.
   */
  distance: rule({
    text: "each pair with the probability p times the kernel at its distance over scale",
    fields: {
      kernel: choice("kernel", ["box", "linear", "gaussian", "exponential"], {
        text: "how the probability falls with d = distance / scale: box (1 up to 1), linear (1 - d), gaussian exp(-d^2/2), exponential exp(-d)",
      }),
      scale: number({
        text: "the length that distances are divided by",
        meaning: "the length that distances are divided by",
        range: "> 0",
      }),
      /** 1 by default. */
      p: number({ text: "probability where the kernel is 1", default: 1, range: "0 to 1" }),
      /** Distances the short way round the target's line or grid; false by default. */
      periodic: flag({
        text: "whether distances go the short way round the target's line or grid",
        default: false,
        check: checkPeriodic,
      }),
    },
    positions: true,
    core: "distance",
    lower: ({ p }) => ({ p }),
    // Both depend on the positions.
    least: () => 0,
    onto: () => 0,
  }),
  list: listRule({
    text: "the given pairs",
    fields: {
      pairs: special<unknown, PairsInput>()("pairs", {
        text: "pairs [source, target] of neurons, counted from 0; or { sources, targets }, two arrays of one length",
        always: true,
        read: (_, at: At<RuleContext>) => readPairs(at),
      }),
      file: text({
        text: "a CSV file with the columns source, target and, if wanted, weight and delay; or an npz archive (.npz) with arrays of these names",
        file: true,
      }),
    },
    multapses: "allowed",
    listed: true,
    make({ file }, { table }) {
      const { sources, targets, weights, delays } = table as PairTable;
      if (file === undefined) return { sources, targets };
      const columns: readonly ("weight" | "delay")[] = [
        ...(weights ? (["weight"] as const) : []),
        ...(delays ? (["delay"] as const) : []),
      ];
      return { sources, targets, file: file as string, ...(columns.length === 0 ? {} : { columns }) };
    },
    write: ({ file, sources, targets }) =>
      file === undefined ? { pairs: Array.from(sources, (source, i) => [source, targets[i]]) } : { file },
    core: "list",
    lower: () => ({}),
    least: ({ sources }) => sources.length,
    onto({ targets: all }, { targets }) {
      const counts = new Uint32Array(targets);
      let most = 0;
      for (const t of all) {
        const count = (counts[t] as number) + 1;
        counts[t] = count;
        most = Math.max(most, count);
      }
      return most;
    },
  }),
} as const;

type Records = typeof rules;
export type RuleName = keyof Records;
type SpecIn<K extends RuleName> = Records[K] extends RuleRecord<infer _F, infer _C, infer S> ? S : never;

export type RuleSpec = { [K in RuleName]: Flat<{ readonly rule: K } & SpecIn<K>> }[RuleName];

/** Which pairs of neurons are connected. */
export type RuleInput = { [K in RuleName]: Flat<{ readonly rule: K } & InputOf<Records[K]["fields"]>> }[RuleName];

type AnyRule = RuleRecord<Fields, Records[RuleName]["core"], never>;

/** The record of a rule. */
export function ruleOf(name: RuleName): AnyRule {
  return rules[name] as unknown as AnyRule;
}

/** The core's parameters of a rule. */
export function ruleNumbers(spec: RuleSpec): RuleNumbers {
  return ruleOf(spec.rule).lower(spec as never);
}

/** A number of synapses that a rule makes for sure (up to one chance in 10^15). */
export function leastSynapses(spec: RuleSpec, numbers: Numbers): number {
  return ruleOf(spec.rule).least(spec as never, numbers);
}

/** Synapses onto a neuron: the most for a list, else on average; 0 where that depends on positions. */
export function synapsesOnto(spec: RuleSpec, numbers: Numbers): number {
  return ruleOf(spec.rule).onto(spec as never, numbers);
}

/** Names of rules. */
export function ruleNames(): RuleName[] {
  return Object.keys(rules) as RuleName[];
}

/** Keys of rules in a projection, each once. */
export function allRuleKeys(): string[] {
  return [...new Set(ruleNames().flatMap((name) => Object.keys(ruleOf(name).fields)))];
}

/** Whether a rule makes several synapses between the same two neurons unless the projection says otherwise. */
export function multapsesDefault(rule: RuleName): boolean {
  const { multapses } = ruleOf(rule);
  return multapses === "default" || multapses === "always";
}

/** Whether a rule connects a neuron to itself unless the projection says otherwise. */
export function autapsesDefault(rule: RuleName, source: string, target: string): boolean {
  return !(ruleOf(rule).withoutAutapses && source === target);
}

/**
 * Reads a rule out of a projection, whose keys are known to be the rule's.
 *
 * @returns the rule and, of a list, its pairs with the columns of its file
 */
export function readRule(
  name: RuleName,
  object: Given,
  entry: string,
  ends: Ends & PairOptions,
  options: ParseOptions,
): { readonly rule: RuleSpec; readonly table: PairTable | undefined } {
  const record = ruleOf(name);
  const context: RuleContext = { ...ends, options, size: 0, units: {} };
  for (const end of record.positions ? [ends.source, ends.target] : []) checkPlaced(name, end, entry);
  record.check?.(context, entry);
  const read = readFields(record.fields, object, entry, context);
  const made: object = record.make ? record.make(read, context) : read;
  return { rule: { rule: name, ...made } as unknown as RuleSpec, table: context.table };
}

function checkPlaced(name: string, end: End, entry: string): void {
  if (end.positions) return;
  throw new ConnectionError(
    `${entry}: the rule ${name} needs positions; population ${JSON.stringify(end.name)} has none, such as "positions": { "grid": { "columns": 10, "spacing": 1 } }.`,
    {
      path: entry,
      value: end.name,
    },
  );
}

/** A rule as model files have it. */
export function writeRule(spec: RuleSpec): Record<string, unknown> {
  const record = ruleOf(spec.rule);
  return { rule: spec.rule, ...(record.write ? record.write(spec as never) : writeFields(record.fields, spec, false)) };
}

/** Reads the pairs of a list into `table` of the context. */
function readPairs({ object, entry, context }: At<RuleContext>): unknown {
  const { source, target, autapses, multapses, options } = context;
  const file = own(object, "file");
  if (file !== undefined && own(object, "pairs") !== undefined) {
    throw new ValueRangeError(`${entry}: both "pairs" and "file"; it must be one of them.`, {
      path: entry,
      allowed: "pairs or file",
    });
  }
  const place = keyPath(entry, file === undefined ? "pairs" : "file");
  let table: PairTable;
  if (file === undefined) {
    const pairs = requiredField(object, "pairs", entry, 'an array of pairs [source, target], or "file" with them');
    table = readPairsGiven(pairs, place, source, target);
  } else {
    const reader = tableFile(file, place, options);
    table = reader.files.pairs(reader.file, source.size, target.size);
  }
  const { sources, targets } = table;
  if (source.name === target.name && !autapses) {
    const i = sources.findIndex((neuron, row) => neuron === targets[row]);
    if (i >= 0)
      throw new ConnectionError(`${itemPath(place, i)}: neuron ${sources[i]} onto itself, and "autapses" is false.`, {
        path: itemPath(place, i),
        value: sources[i],
      });
  }
  if (!multapses) refuseRepeated(sources, targets, place, { source, target });
  context.table = table;
  return undefined;
}

const PAIRS = "an array of pairs [source, target], or { sources, targets }";

/** Pairs one by one, or as two columns. */
function readPairsGiven(value: unknown, path: string, source: End, target: End): PairTable {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    return readPairList(readList(value, path, PAIRS), path, source, target);
  const columns = readObject(value, path, PAIRS);
  checkKeys(columns, path, ["sources", "targets"]);
  const [sources, targets] = (["sources", "targets"] as const).map((key) =>
    readIndices(
      requiredField(columns, key, path, "an array with one neuron per pair"),
      keyPath(path, key),
      key === "sources" ? source : target,
    ),
  ) as [Uint32Array, Uint32Array];
  if (sources.length !== targets.length) {
    throw new LengthError(
      `${path}: ${sources.length} sources and ${targets.length} targets; they must be as many, one of each per pair.`,
      { path, value: targets.length, allowed: String(sources.length) },
    );
  }
  return { sources, targets };
}

/** A column of neurons. */
function readIndices(value: unknown, path: string, population: End): Uint32Array {
  const list = readList(value, path, "an array of neurons");
  checkLast(list, (neuron, i) => readIndex(neuron, itemPath(path, i), population));
  const { size } = population;
  if (list instanceof Uint32Array) {
    // one loop over numbers of one kind is several times as fast as any that asks what they are
    for (let i = 0; i < list.length; i++) {
      if ((list[i] as number) >= size) readIndex(list[i], itemPath(path, i), population);
    }
    return list.slice();
  }
  const indices = new Uint32Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const neuron = list[i];
    indices[i] = isIndex(neuron, population) ? neuron : readIndex(neuron, itemPath(path, i), population);
  }
  return indices;
}

function readPairList(list: ArrayLike<unknown>, path: string, source: End, target: End): PairTable {
  checkLast(list, (pair, i) => readList(pair, itemPath(path, i), "a pair [source, target]"));
  const sources = new Uint32Array(list.length);
  const targets = new Uint32Array(list.length);
  for (let i = 0; i < list.length; i++) {
    // the path is only written where it is needed: lists are long
    const pair: ArrayLike<unknown> = Array.isArray(list[i])
      ? (list[i] as unknown[])
      : readList(list[i], itemPath(path, i), "a pair [source, target]");
    if (pair.length !== 2) {
      const where = itemPath(path, i);
      throw new LengthError(`${where}: ${pair.length} numbers; it must be 2: [source, target].`, {
        path: where,
        value: pair.length,
        allowed: "2",
      });
    }
    sources[i] = isIndex(pair[0], source) ? pair[0] : readIndex(pair[0], itemPath(itemPath(path, i), 0), source);
    targets[i] = isIndex(pair[1], target) ? pair[1] : readIndex(pair[1], itemPath(itemPath(path, i), 1), target);
  }
  return { sources, targets };
}

function isIndex(value: unknown, population: End): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < population.size;
}

/** An index of a neuron of the population. */
export function readIndex(value: unknown, path: string, population: End): number {
  if (isIndex(value, population)) return value + 0;
  const allowed = `a neuron of ${JSON.stringify(population.name)}: an integer from 0 to ${population.size - 1}`;
  if (typeof value !== "number") wrongType(value, path, allowed);
  return outOfRange(value, "", path, allowed);
}

/** In time and memory that grow with the pairs alone: for each source, which targets it has had. */
function refuseRepeated(sources: Uint32Array, targets: Uint32Array, path: string, { source, target }: Ends): void {
  const order = bySource(sources, source.size);
  // of each target the source, plus 1, that had it last
  const last = new Uint32Array(target.size);
  for (let i = 0; i < sources.length; i++) {
    const pair = order ? (order[i] as number) : i;
    const [from, to] = [sources[pair] as number, targets[pair] as number];
    if (last[to] !== from + 1) {
      last[to] = from + 1;
      continue;
    }
    throw new ConnectionError(
      `${path}: the pair [${from}, ${to}] is listed twice; "multapses": true allows it.`,
      { path, value: [from, to] },
    );
  }
}

/** The numbers of the pairs in the order of their sources; nothing where they have it already. */
function bySource(sources: Uint32Array, size: number): Uint32Array | undefined {
  let i = 1;
  while (i < sources.length && (sources[i] as number) >= (sources[i - 1] as number)) i++;
  if (i >= sources.length) return undefined;
  const next = new Uint32Array(size + 1);
  for (const source of sources) next[source + 1] = (next[source + 1] as number) + 1;
  for (let s = 1; s <= size; s++) next[s] = (next[s] as number) + (next[s - 1] as number);
  const order = new Uint32Array(sources.length);
  for (let pair = 0; pair < sources.length; pair++) {
    const source = sources[pair] as number;
    const place = next[source] as number;
    next[source] = place + 1;
    order[place] = pair;
  }
  return order;
}
