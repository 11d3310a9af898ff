/**
 * Every mistake that a user can make in a kind (receptor, background current, distribution, layout, rule, plasticity),
 * field by field, with the class, message and facts of its error: in a model file and in a call. They are kept in
 * mistakes.json; what changes there changes for users. `npx vitest run test/model/mistakes.test.ts -u` writes it anew.
 */
import { describe, expect, it } from "vitest";
import { defineModel, receptor, Simulation, SpikeletError } from "../../src/index.js";
import { crc32 } from "../../src/model/crc32.js";
import {
  parseDocument,
  parsePopulation,
  parseProjection,
  parseReceptor,
  parseBackground,
} from "../../src/model/parse.js";
import type { ModelRecord } from "../../src/model/record.js";
import { fitzhughNagumo, lif } from "../../src/models/index.js";
import type { Loose } from "./networks.js";

/** Values of which each is wrong for some field. */
const VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ["null", null],
  ["true", true],
  ["a text", "five"],
  ["an empty text", ""],
  ["a number as text", "5"],
  ["5 ms", "5 ms"],
  ["5 mV", "5 mV"],
  ["5 furlong", "5 furlong"],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["0", 0],
  ["-1", -1],
  ["1.5", 1.5],
  ["1e12", 1e12],
  ["an empty list", []],
  ["a list", [1, 2]],
  ["a list with a text", [1, "x", 3, 4]],
  ["an object", {}],
  ["an unknown distribution", { unifrom: [0, 1] }],
  ["a reversed distribution", { uniform: [2, 1] }],
  ["a negative distribution", { uniform: [-2, 1] }],
  ["a function", () => Number.NaN],
];

/** Keys that say which kind an entry is. */
const NAMES = ["kernel", "kind", "rule"];

interface Entry {
  /** What a user may write that is right. */
  readonly right: Loose;
  /** Optional fields that `right` does not name. */
  readonly more?: readonly string[];
  /** Mistakes between fields. */
  readonly wrong?: readonly Loose[];
}

const all = (key: string, entries: Readonly<Record<string, Entry>>): readonly Entry[] =>
  Object.entries(entries).map(([name, entry]) => ({
    ...entry,
    right: { [key]: name, ...entry.right },
    wrong: (entry.wrong ?? []).map((wrong) => ({ [key]: name, ...wrong })),
  }));

const RECEPTORS = all("kernel", {
  delta: { right: {}, more: ["state", "tau", "E_rev"], wrong: [{ state: "v" }, { state: "w" }] },
  exponential: {
    right: { tau: 5, E_rev: 0 },
    wrong: [{}, { E_rev: 0 }, { tau: -1, E_rev: "x" }, { tau: 5, tau_rise: 1 }],
  },
  alpha: { right: { tau: 5, E_rev: 0 }, wrong: [{ tau: 5, duration: 1 }, { tau_decay: 5 }] },
  dualExponential: {
    right: { tau_rise: 1, tau_decay: 5, E_rev: 0 },
    wrong: [{}, { tau_rise: 6, tau_decay: 5 }, { tau_rise: 6, tau_decay: 5, E_rev: "x" }, { tau_rise: 6 }, { tau: 5 }],
  },
  step: { right: { duration: 5, E_rev: 0 }, wrong: [{}, { tau: 5 }] },
  nmda: {
    right: { tau_rise: 1, tau_decay: 5, E_rev: 0, Mg: 1 },
    wrong: [{ tau_rise: 200 }, { tau_decay: 1 }, { tau_decay: 1, Mg: -1 }, { mg: 1 }, { tau: 1 }],
  },
});

const BACKGROUNDS = all("kind", {
  constant: {
    right: { amplitude: 5, neurons: [0], start: 1, stop: 2 },
    wrong: [{}, { amplitude: 1, start: 5, stop: 5 }, { amplitude: 1, stop: 0 }],
  },
  piecewise: {
    right: { points: [[0, 1], [5, 2, 0.5]], start: 1 },
    wrong: [
      ...[
        [],
        [[0]],
        [[0, 1, 2, 3]],
        [
          [0, 1],
          [0, 2],
        ],
        [["0 mV", 1]],
        [[0, "1 ms"]],
        [[0, 1, "1 pA"]],
        [5],
        [[0, null]],
        { 0: 1 },
      ].map((points) => ({ points })),
      {},
    ],
  },
  pulses: {
    right: { amplitude: 5, start: 1, width: 2, period: 5, count: 3, stop: 9 },
    wrong: [
      {},
      { amplitude: 5 },
      { width: 5 },
      { amplitude: "x", width: -1 },
      { amplitude: "x", width: 5, period: 1 },
      { amplitude: 5, width: 5, period: 1 },
      { amplitude: 5, width: 5, count: 2 },
      { amplitude: 5, width: 5, count: Number.POSITIVE_INFINITY },
      { amplitude: 5, width: 5, stop: 0 },
    ],
  },
  ramp: {
    right: { start: 1, end: 5, from: 0, to: 1, stop: 3 },
    wrong: [
      {},
      { start: 5, end: 5, from: 0, to: 1 },
      { end: 0, from: 0, to: 1 },
      { start: 5, end: 1, from: "x", to: 1 },
      { end: 5, from: 1 },
    ],
  },
  sine: {
    right: { amplitude: 5, frequency: 8, phase: 1, offset: 2, start: 0 },
    wrong: [{}, { amplitude: 5 }, { amplitude: 5, freq: 8 }],
  },
  expression: {
    right: { I: "1*pA*sin(t/ms)", stop: 5 },
    wrong: [
      {},
      { I: "1*pA*(" },
      { I: "5*mV" },
      { I: "x*pA" },
      { I: "5*pA*" + "1*".repeat(60_000) + "1" },
      { I: ["5*pA"] },
    ],
  },
  whiteNoise: { right: { sigma: 5, mean: 1 }, wrong: [{}, { mean: 1 }, { sigma: [-1, 1, 1] }, { sigma: "5 pA" }] },
  ornsteinUhlenbeck: {
    right: { mean: 1, sigma: 5, tau: 4 },
    wrong: [{}, { sigma: 1 }, { tau: 1 }, { sigma: -1, tau: -1 }],
  },
  poisson: {
    right: { rate: 5, weight: 1, receptor: "one", start: 0 },
    wrong: [
      {},
      { receptor: "two", weight: -1 },
      { receptor: "two", rate: 1, weight: -1 },
      { receptor: "one", rate: 1 },
      { rate: 1, weight: 1 },
      { rate: 1, weight: 1, receptor: "on" },
      { rate: 1e12, weight: 1, receptor: "one" },
      ...[
        { points: [] },
        { points: [[0, -1]] },
        { points: [[0, 1, -1]] },
        { point: [] },
        {
          points: [
            [0, 1, -1],
            [5, 0],
          ],
        },
      ].map((rate) => ({ rate, weight: 1, receptor: "one" })),
    ],
  },
  samples: {
    right: { dt: 1, values: [1, 2] },
    more: ["file", "column"],
    wrong: [
      {},
      { dt: 1 },
      { values: [1] },
      { dt: 1, values: [1], file: "x.csv" },
      { dt: 1, file: "x.csv" },
      { dt: 1, file: 5 },
      { dt: 1, file: "x.csv", column: -1 },
      { dt: 1, file: "x.csv", column: {} },
      { dt: 1, values: [1], column: "x" },
      { dt: 1, values: ["1 mV"] },
    ],
  },
  rheobase: { right: { fraction: 0.9 }, wrong: [{}, { fraction: "0.9 pA" }] },
});

const DISTRIBUTIONS: readonly Loose[] = [
  { uniform: 5 },
  { uniform: [1] },
  { uniform: [1, 2, 3] },
  { uniform: ["1 ms", 2] },
  { uniform: [1, "x"] },
  { uniform: [0, 1] },
  { uniform: [2, 1] },
  { normal: [1] },
  { normal: [1, -1] },
  { normal: ["1 mV", 1] },
  { lognormal: [1, -1] },
  { lognormal: ["1 ms", 1] },
  { lognormal: 1 },
  { exponential: 0 },
  { exponential: "1 mV" },
  { exponential: [1] },
  { truncatedNormal: [1, 2, 3] },
  { truncatedNormal: [1, -2, 3, 4] },
  { truncatedNormal: [1, 2, 4, 3] },
  { truncatedNormal: [1, 0, 3, 4] },
  { truncatedNormal: [1e9, 1, 3, 4] },
  { truncatedNormal: [1, 2, -3, 4] },
  { truncatedNormal: [1, 2, 3, "4 mV"] },
  { gamma: [0, 1] },
  { gamma: [1, 0] },
  { gamma: ["1 ms", 1] },
  { gamma: [1] },
  { uniform: [1, 2], normal: [1, 2] },
  { gama: [1, 2] },
  { uniform: undefined },
];

const LAYOUTS: readonly Loose[] = [
  null,
  5,
  "line",
  {},
  { lin: { length: 1 } },
  { line: { length: 1 }, disc: { radius: 1 } },
  { line: 5 },
  { line: {} },
  { line: { length: 0 } },
  { line: { length: "1 mV" } },
  { line: { lenght: 1 } },
  { line: { radius: 1 } },
  { grid: {} },
  { grid: { columns: 2 } },
  { grid: { columns: 1.5, spacing: 1 } },
  { grid: { columns: 9, spacing: 1 } },
  { grid: { columns: "2", spacing: 1 } },
  { grid: { columns: 2, spacing: -1 } },
  { grid: { column: 2, spacing: 1 } },
  { disc: {} },
  { disc: { radius: 0 } },
  { disc: { radius: null } },
  [],
  [[0, 0]],
  [[0, 0], [0], [0, 0], [0, 0]],
  [[0, 0], 5, [0, 0], [0, 0]],
  [[0, "x"], [0, 0], [0, 0], [0, 0]],
];

const RULES = all("rule", {
  allToAll: { right: {}, wrong: [{ p: 1 }, { k: 1 }, { multapses: true }, { pairs: [] }] },
  oneToOne: { right: {}, wrong: [{ target: "small" }, { target: "a", source: "a", autapses: false }, { n: 5 }] },
  fixedProbability: { right: { p: 0.5 }, wrong: [{}, { p: 2 }, { p: 0.5, k: 5 }, { p: 0.5, multapses: true }] },
  fixedIndegree: {
    right: { k: 2 },
    wrong: [
      {},
      { k: 9, multapses: false },
      { k: 4, multapses: false, source: "a", target: "a", autapses: false },
      { k: 1, source: "one", target: "one", autapses: false },
      { k: 2, n: 1 },
    ],
  },
  fixedOutdegree: {
    right: { k: 2 },
    wrong: [
      {},
      { k: 9, multapses: false },
      { k: 4, multapses: false, source: "a", target: "a", autapses: false },
      { p: 1 },
    ],
  },
  fixedTotalNumber: {
    right: { n: 5 },
    wrong: [{}, { n: 5, multapses: false }, { n: 1, source: "one", target: "one", autapses: false }, { k: 5 }],
  },
  distance: {
    right: { kernel: "box", scale: 1, p: 0.5, periodic: true },
    wrong: [
      {},
      { kernel: "box" },
      { kernel: "bx", scale: 1 },
      { scale: 1 },
      { kernel: "box", scale: 1, target: "small" },
      { kernel: "box", scale: 1, target: "disc", periodic: true },
      { kernel: "box", scale: 1, target: "ragged", periodic: true },
      { kernel: "box", scale: 1, target: "given", periodic: true },
      { kernel: "box", scale: 1, k: 5 },
    ],
  },
  list: {
    right: { pairs: [[0, 1], [1, 0]] },
    more: ["file"],
    wrong: [
      {},
      { pairs: [[0, 1]], file: "x.csv" },
      { file: "x.csv" },
      { file: 5 },
      ...[
        [[0]],
        [[0, 1, 2]],
        [5],
        [[0, 9]],
        [[9, 0]],
        [["0", 1]],
        [[0.5, 1]],
        [
          [0, 1],
          [0, 1],
        ],
        { length: 2 },
        null,
      ].map((pairs) => ({ pairs })),
      { pairs: [[1, 1]], source: "a", target: "a", autapses: false },
      { pairs: [[0, 1]], p: 1 },
      { pairs: [[0, 1], [1, 0]], weight: [1] },
    ],
  },
});

const PLASTICITY = all("kind", {
  stdp: {
    right: {
      A_plus: 0.01,
      A_minus: 0.01,
      tau_plus: 20,
      tau_minus: 20,
      w_min: 0,
      w_max: 5,
      weightDependence: "additive",
      pairing: "all",
      dendriticDelayFraction: 0.5,
    },
    wrong: [
      {},
      { A_plus: 1 },
      { A2_plus: 1 },
      { dendriticDelayFraction: 2 },
      { A_plus: 1, A_minus: 1, tau_plus: 1, tau_minus: 1, w_min: 5, w_max: 5 },
      { A_plus: 1, A_minus: 1, tau_plus: 1, tau_minus: 1, w_min: "x" },
    ],
  },
  tripletStdp: {
    right: {
      A2_plus: 1,
      A3_plus: 1,
      A2_minus: 1,
      A3_minus: 1,
      tau_plus: 1,
      tau_minus: 1,
      tau_x: 1,
      tau_y: 1,
      w_min: 0,
      w_max: 5,
      dendriticDelayFraction: 0.5,
    },
    wrong: [{}, { A_plus: 1 }, { pairing: "all" }],
  },
  inhibitoryStdp: {
    right: { eta: 1, rho_0: 5, tau: 20, w_max: 5, dendriticDelayFraction: 0.5 },
    wrong: [{}, { w_min: 1 }, { eta: 1, rho_0: 1, tau: 1, w_max: 0.5 }],
  },
});

const OTHERS: Readonly<Record<string, Entry>> = {
  shortTerm: { right: { U: 0.5, tau_rec: 100, tau_facil: 50 }, wrong: [{}, { U: 1 }, { u: 1, tau_rec: 1 }] },
  scaling: {
    right: { rho_0: 5, rate: 0.1, interval: 1, w_min: 0, w_max: 5 },
    wrong: [
      {},
      { rho_0: 5, rate: 0.1, interval: 1 },
      { rho_0: 5, rate: 0.1, interval: 0.15, w_max: 5 },
      { rho_0: 5, rate: 0.1, interval: 1, w_min: 5, w_max: 5 },
    ],
  },
};

/** Wrong forms of an entry: a field left out, of a wrong value, misspelt, of another kind. */
function* mistakes({ right, more = [], wrong = [] }: Entry): Generator<readonly [name: string, entry: Loose]> {
  const fields = Object.keys(right);
  for (const key of fields) {
    yield [
      `without ${key}`,
      Object.fromEntries(fields.filter((other) => other !== key).map((other) => [other, right[other]])),
    ];
    yield [
      `${key} misspelt`,
      Object.fromEntries(fields.map((other) => [other === key ? `${key}x` : other, right[other]])),
    ];
  }
  const own = [...fields, ...more].filter(
    (key) => !NAMES.includes(key) || (key === "kernel" && right.rule !== undefined),
  );
  for (const key of own) for (const [name, value] of VALUES) yield [`${key}: ${name}`, { ...right, [key]: value }];
  for (const key of ["foo", "tau", "__proto__x"]) yield [`with ${key}`, { ...right, [key]: 1 }];
  for (const entry of wrong) yield [shown(entry), entry];
}

function shown(entry: unknown): string {
  return (JSON.stringify(entry) ?? "undefined").slice(0, 120);
}

const own = defineModel({
  name: "own",
  current: "pA",
  equations: ["dv/dt = (-70*mV - v + 1*mV/pA*I)/(10*ms) : mV", "dw/dt = -w/(50*ms) : pA"],
  threshold: "v > -50*mV",
  reset: "v = -70*mV",
});

const one = { one: { kernel: "exponential", tau: 5 }, two: { kernel: "exponential", tau: 5, E_rev: 0 } };
const grid = { grid: { columns: 2, spacing: 1 } };

function network(edit: (d: Loose) => void): Loose {
  const document: Loose = {
    dt: 0.1,
    duration: 10,
    populations: [
      { name: "a", model: "lif", size: 4, receptors: { in: one.two }, positions: grid },
      { name: "b", model: "lif", size: 4, receptors: { in: one.two }, positions: grid },
      { name: "small", model: "lif", size: 3, receptors: { in: one.one } },
      { name: "one", model: "lif", size: 1, receptors: { in: one.one } },
      { name: "disc", model: "lif", size: 4, receptors: { in: one.one }, positions: { disc: { radius: 1 } } },
      { name: "ragged", model: "lif", size: 3, receptors: { in: one.one }, positions: grid },
      { name: "given", model: "lif", size: 2, receptors: { in: one.one }, positions: [[0, 0], [1, 1]] },
    ],
    projections: [],
  };
  edit(document);
  return document;
}

const network_ = parseDocument(network(() => undefined));
const populations = new Map(network_.populations.map((p) => [p.name, p]));
const dt = 0.1;

/** What becomes of an input: class, message and facts of the error, or "right". */
function outcome(call: () => unknown): unknown {
  try {
    call();
    return "right";
  } catch (error) {
    // what is not the library's own is a fault of it
    if (!(error instanceof SpikeletError)) throw error;
    const { name, message, path, allowed, nearest } = error;
    // what the message says too is left out; lists of all names are long
    const facts = Object.entries({
      path,
      allowed: typeof allowed === "object" ? allowed.join(", ") : allowed,
      nearest,
    });
    const more = facts.flatMap(([key, fact]) =>
      fact === undefined || message.includes(fact) ? [] : [` ${key}: ${fact}`],
    );
    return short(`${name} ${message}${more.join("")}`);
  }
}

/** A long text as its start, its length and a number that changes with any of its letters. */
function short(text: string): string {
  if (text.length <= 260) return text;
  return `${text.slice(0, 200)}... ${text.length} ${crc32([new TextEncoder().encode(text)])}`;
}

type Read = (entry: Loose) => unknown;

/** How each sort of entry is read: from a document, and from a call. */
const readers: readonly (readonly [sort: string, entries: readonly Entry[], ways: Readonly<Record<string, Read>>])[] = [
  [
    "receptors",
    RECEPTORS,
    {
      document: (entry) => parseDocument(network((d) => (d.populations[0].receptors = { in: entry }))),
      call: (entry) => parseReceptor(entry, "exc.in", lif),
      "call, pure numbers": (entry) => parseReceptor(entry, "exc.in", fitzhughNagumo),
      "call, own model": (entry) => parseReceptor(entry, "exc.in", own as ModelRecord),
    },
  ],
  [
    "backgrounds",
    BACKGROUNDS,
    {
      document: (entry) =>
        parseDocument(
          network((d) =>
            Object.assign(d.populations[2], {
              receptors: one,
              background: [{ kind: "constant", amplitude: 1 }, entry],
            }),
          ),
        ),
      call: (entry) => parseBackground(entry, "exc.background[0]", lif, 3, { receptors: one, dt } as Loose),
      "call, pure numbers": (entry) => parseBackground(entry, "exc.background[0]", fitzhughNagumo, 3, {}),
    },
  ],
  [
    "rules",
    RULES,
    {
      document: (entry) =>
        parseDocument(network((d) => d.projections.push({ source: "a", target: "b", weight: 1, ...entry }))),
      call: (entry) =>
        parseProjection({ source: "a", target: "b", weight: 1, ...entry }, "a -> b", populations, { dt }),
    },
  ],
  [
    "plasticity",
    PLASTICITY,
    {
      document: (plasticity) =>
        parseDocument(
          network((d) => d.projections.push({ source: "a", target: "b", rule: "allToAll", weight: 1, plasticity })),
        ),
      call: (plasticity) =>
        parseProjection({ source: "a", target: "b", rule: "allToAll", weight: 1, plasticity }, "a -> b", populations, {
          dt,
        }),
    },
  ],
  ...Object.entries(OTHERS).map(([key, entry]): (typeof readers)[number] => [
    key,
    [entry],
    {
      document: (other) =>
        parseDocument(
          network((d) => d.projections.push({ source: "a", target: "b", rule: "allToAll", weight: 1, [key]: other })),
        ),
      call: (other) =>
        parseProjection(
          { source: "a", target: "b", rule: "allToAll", weight: 1, [key]: other },
          "a -> b",
          populations,
          { dt },
        ),
    },
  ]),
];

/** Mistakes that are not of one field: no object, no name, a misspelt name. */
function names(key: string, names: readonly string[]): readonly Loose[] {
  return [
    null,
    5,
    "constant",
    [],
    {},
    { [key]: 5 },
    { [key]: null },
    { [key]: "zzzzzz" },
    ...names.map((name) => ({ [key]: `${name.slice(1)}s` })),
    { [key]: "toString" },
  ];
}

function collect(): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const add = (place: string, call: () => unknown): void => {
    found[place] = outcome(call);
  };
  for (const [sort, entries, ways] of readers) {
    for (const [way, read] of Object.entries(ways)) {
      for (const entry of entries) {
        const name = String(entry.right.kernel ?? entry.right.kind ?? sort);
        const kind = sort === "rules" ? String(entry.right.rule) : name;
        add(`${sort}, ${way}: ${kind}`, () => read(entry.right));
        for (const [mistake, wrong] of mistakes(entry)) add(`${sort}, ${way}: ${kind}: ${mistake}`, () => read(wrong));
      }
      const key = sort === "receptors" ? "kernel" : sort === "rules" ? "rule" : "kind";
      if (OTHERS[sort] === undefined) {
        for (const wrong of names(key, entries.map(({ right }) => String(right[key])))) {
          if (sort === "rules" && (typeof wrong !== "object" || wrong === null)) continue;
          add(`${sort}, ${way}: ${shown(wrong)}`, () => read(wrong));
        }
      } else for (const wrong of [null, 5, []]) add(`${sort}, ${way}: ${shown(wrong)}`, () => read(wrong));
    }
  }
  for (const wrong of LAYOUTS) {
    add(`positions, document: ${shown(wrong)}`, () =>
      parseDocument(network((d) => (d.populations[1].positions = wrong))),
    );
    add(`positions, call: ${shown(wrong)}`, () =>
      parsePopulation({ name: "exc", model: lif, size: 4, positions: wrong }, "exc"),
    );
  }
  for (const wrong of DISTRIBUTIONS) {
    add(`distributions, document: ${shown(wrong)}`, () =>
      parseDocument(network((d) => (d.populations[0].params = { t_ref: wrong }))),
    );
    add(`distributions, call: ${shown(wrong)}`, () =>
      parsePopulation({ name: "exc", model: lif, size: 4, params: { tau_m: wrong } }, "exc"),
    );
    add(`distributions, weight: ${shown(wrong)}`, () =>
      parseProjection({ source: "a", target: "b", rule: "allToAll", weight: wrong }, "a -> b", populations, { dt }),
    );
    add(`distributions, init: ${shown(wrong)}`, () =>
      parsePopulation({ name: "exc", model: lif, size: 4, init: { v: wrong } }, "exc"),
    );
    const plasticity = PLASTICITY[0]?.right;
    add(`distributions, plastic weight: ${shown(wrong)}`, () =>
      parseProjection(
        { source: "a", target: "b", rule: "allToAll", weight: wrong, plasticity },
        "a -> b",
        populations,
        { dt },
      ),
    );
  }
  for (const weight of [
    -1,
    6,
    { uniform: [1, 9] },
    { uniform: [0, 9] },
    { truncatedNormal: [1, 1, 0, 9] },
    { normal: [1, 1] },
    { gamma: [1, 1] },
  ]) {
    for (const [name, changes] of Object.entries({
      stdp: { plasticity: PLASTICITY[0]?.right },
      inhibitory: { plasticity: PLASTICITY[2]?.right },
      scaling: { scaling: OTHERS.scaling?.right },
    })) {
      for (const receptor of ["b", "small"]) {
        const input = { source: "a", target: receptor, rule: "allToAll", weight, delay: 1, ...changes };
        add(`weights that change, ${name} onto ${receptor}: ${shown(weight)}`, () =>
          parseProjection(input, "a -> b", populations, { dt }),
        );
      }
    }
  }
  const stdp = PLASTICITY[0]?.right;
  for (const scaling of [{}, { w_max: 5 }, { w_max: 4 }, { w_min: 1 }, { w_min: 0, w_max: 5 }, { w_min: null }]) {
    const input = {
      source: "a",
      target: "b",
      rule: "allToAll",
      weight: 1,
      plasticity: stdp,
      scaling: { rho_0: 5, rate: 0.1, interval: 1, ...scaling },
    };
    add(`scaling beside plasticity: ${shown(scaling)}`, () => parseProjection(input, "a -> b", populations, { dt }));
  }
  for (const more of [
    { delay: { uniform: [1, 2] } },
    { weightPrecision: "float32" },
    { gapJunction: true },
    { release: 0 },
    { release: 2 },
    { autapses: 1 },
    { multapses: 1 },
  ]) {
    const input = { source: "a", target: "b", rule: "allToAll", weight: 1, plasticity: stdp, ...more };
    add(`beside plasticity: ${shown(more)}`, () => parseProjection(input, "a -> b", populations, { dt }));
  }
  return found;
}

/** The text of a mistake in a call as it is in a document, where places are other ones and a colon follows them. */
function inDocument(what: unknown): unknown {
  if (typeof what !== "string") return what;
  const places = {
    "exc.in": "$.populations[0].receptors.in",
    "exc.background[0]": "$.populations[2].background[1]",
    "a -> b": "$.projections[0]",
  };
  const found = Object.entries(places).find(([place]) => what.includes(place));
  if (!found) return what;
  const [place, other] = found;
  const [head, ...rest] = what.split(place);
  return [head, ...rest.map((part) => part.replace(/^([^ :]*) = /, "$1: "))].join(other);
}

/** One line per mistake, so that changes are read line by line. */
function text(found: Record<string, unknown>): string {
  const groups = new Map<string, string[]>();
  for (const [place, what] of Object.entries(found)) {
    const [, group = "", mistake = ""] = /^(.*?): (.*)$/s.exec(place) ?? [];
    // the same mistake elsewhere, with the same words, says nothing new
    const called = found[place.replace(/, call, [a-z ]+:/, ", call:")];
    if (/, call, /.test(group) && called === what) continue;
    if (group.endsWith(", document") && inDocument(found[place.replace(", document:", ", call:")]) === what) continue;
    groups.set(group, [...(groups.get(group) ?? []), `${JSON.stringify(mistake)}: ${JSON.stringify(what)}`]);
  }
  const parts = [...groups].map(([group, lines]) => `${JSON.stringify(group)}: {\n${lines.join(",\n")}\n}`);
  return `{\n${parts.join(",\n")}\n}\n`;
}

/** Mistakes in what may change between runs, and in whole calls. */
async function called(): Promise<Record<string, unknown>> {
  const sim = await Simulation.create({ dt });
  const receptors = {
    jump: receptor.delta(),
    fast: receptor.exponential({ tau: 2, E_rev: 0 }),
    pulse: receptor.step({ duration: 2 }),
    slow: receptor.dualExponential({ tau_rise: 1, tau_decay: 5 }),
    nmda: receptor.nmda(),
  };
  const a: Loose = sim.population("a", lif, 4, { receptors });
  const plain: Loose = sim.connect(a, a, { rule: "allToAll", receptor: "fast", weight: 1 });
  const [pairs, triplets, inhibition]: Loose[] = PLASTICITY.map(({ right }) =>
    sim.connect(a, a, { rule: "allToAll", receptor: "fast", weight: 1, delay: 1, plasticity: right }),
  );
  const found: Record<string, unknown> = {};
  const changes: readonly Loose[] = [
    ...[
      null,
      5,
      {},
      { tau: 0 },
      { tau: "x" },
      { tau: 3 },
      { tau_rise: 9 },
      { tau_decay: 0.5 },
      { E_rev: -70 },
      { E_rev: "1 ms" },
    ],
    ...[
      { Mg: -1 },
      { Mg: 2 },
      { duration: 5 },
      { kernel: "alpha" },
      { kernel: "exponential", tau: 5 },
      { state: "v" },
      { tua: 5 },
    ],
  ];
  for (const name of [...Object.keys(receptors), "nmd"]) {
    for (const change of changes)
      found[`setReceptor ${name}: ${shown(change)}`] = outcome(() => a.setReceptor(name, change));
  }
  const numbers: readonly Loose[] = [
    ...[
      null,
      5,
      {},
      { A_plus: -1 },
      { A_plus: "x" },
      { A_plus: 1 },
      { tau: 0 },
      { tau_plus: 0 },
      { w_max: 0.5 },
      { w_max: -1 },
    ],
    ...[
      { w_min: 2 },
      { w_min: 9 },
      { kind: "stdp" },
      { kind: "tripletStdp" },
      { pairing: "all" },
      { pairing: "nearest" },
    ],
    ...[
      { weightDependence: "multiplicative" },
      { dendriticDelayFraction: 1 },
      { dendriticDelayFraction: undefined },
      { eta: -1 },
      { rho: 1 },
    ],
  ];
  for (const [name, projection] of Object.entries({ plain, pairs, triplets, inhibition })) {
    for (const change of numbers)
      found[`setPlasticity ${name}: ${shown(change)}`] = outcome(() => projection.setPlasticity(change));
  }
  const entries: readonly Loose[] = [
    null,
    [null],
    [{}],
    [{ kind: "sin" }],
    [{ kind: "poisson", rate: 1, weight: 1 }],
    [{ kind: "constant" }],
    [{ kind: "rheobase", fraction: [1] }],
  ];
  for (const entry of entries) found[`setBackground: ${shown(entry)}`] = outcome(() => a.setBackground(entry));
  const calls: Readonly<Record<string, () => unknown>> = {
    receptor: () => sim.population("b", lif, 4, { receptors: { in: { kernel: "alfa", tau: 1 } as Loose } }),
    background: () => sim.population("b", lif, 4, { background: [{ kind: "constant", amplitude: 1, start: -1 }] }),
    distribution: () => sim.population("b", lif, 4, { params: { tau_m: { gauss: [1, 2] } as Loose } }),
    positions: () => sim.population("b", lif, 4, { positions: { ring: { radius: 1 } } as Loose }),
    rule: () => sim.connect(a, a, { rule: "fixedIndegre", receptor: "fast", weight: 1 } as Loose),
    "key of another rule": () => sim.connect(a, a, { rule: "allToAll", k: 1, receptor: "fast", weight: 1 } as Loose),
    plasticity: () =>
      sim.connect(a, a, { rule: "allToAll", receptor: "fast", weight: 1, plasticity: { kind: "stpd" } as Loose }),
  };
  for (const [name, call] of Object.entries(calls)) found[`calls: ${name}`] = outcome(call);
  return found;
}

describe("mistakes in kinds", () => {
  const found = collect();

  it("are many, and most are refused", () => {
    const refused = Object.values(found).filter((what) => what !== "right").length;
    expect(Object.keys(found).length).toBeGreaterThan(4000);
    expect(refused).toBeGreaterThan(3000);
  });

  it("have the errors that they had", async () => {
    const calls = await called();
    expect(Object.keys(calls).length).toBeGreaterThan(150);
    await expect(text({ ...found, ...calls })).toMatchFileSnapshot("mistakes.json");
  });
});
