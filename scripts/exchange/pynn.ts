/**
 * Networks as PyNN scripts, run under NEST, NEURON and Brian2, and what their spikes have in common with those here.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bench, type Check, NotHere, type Seen } from "./check.js";

type Backend = "nest" | "neuron" | "brian2";

/**
 * How a backend's spikes are compared: `exact`, all of them are the same and the export passes --strict; `same`, all of
 * them; `close`, the counts differ by this share at most; `law`, the same for networks that draw their own numbers
 * there.
 */
type Expected = "exact" | "same" | { readonly close: number } | { readonly law: number };

interface Network {
  readonly name: string;
  readonly document: object;
  readonly expected: Readonly<Partial<Record<Backend, Expected>>>;
}

const STORED = new URL("../../test/exchange/", import.meta.url);

const lif = { C_m: 200, tau_m: 20, E_L: -60, V_th: -50, V_reset: -60, t_ref: 5 };
const range = { v: { uniform: [-60, -50] } };
const spikes = (...names: string[]): object[] => names.map((population) => ({ population, variables: ["spikes"] }));
const graph = (
  receptor: readonly [string, string],
  weight: readonly [number, number],
  delay: unknown = 1.5,
): object[] =>
  ["exc", "inh"].flatMap((source, i) =>
    ["exc", "inh"].map((target) => ({
      source,
      target,
      receptor: receptor[i],
      rule: "fixedProbability",
      p: 0.1,
      weight: weight[i],
      delay,
    })),
  );
const pair = (population: object, sizes: readonly [number, number] = [160, 40]): object[] =>
  ["exc", "inh"].map((name, i) => ({ name, size: sizes[i], ...population }));

const currents = {
  name: "every current of a known course",
  document: {
    dt: 0.1, duration: 200, seed: 3,
    populations: [
      {
        name: "exc", model: "lif", size: 40, params: { ...lif, t_ref: { uniform: [1, 3] } }, init: range,
        receptors: { e: { kernel: "exponential", tau: 5 }, i: { kernel: "exponential", tau: 10 } },
        background: [
          { kind: "constant", amplitude: { normal: [110, 5] } },
          { kind: "constant", amplitude: 30, start: 50, stop: 80, neurons: [0, 1, 2, 5] },
          { kind: "constant", amplitude: 20, stop: 60, neurons: [7] },
          { kind: "pulses", amplitude: { uniform: [10, 50] }, start: 20, width: 5, period: 40 },
          { kind: "sine", amplitude: 20, frequency: 20, start: 10, phase: 0.3 },
          { kind: "sine", amplitude: { uniform: [5, 9] }, frequency: 33, start: 10, stop: 150, offset: 3 },
          { kind: "ramp", start: 30, end: 60, from: { uniform: [0, 10] }, to: 20 },
          { kind: "piecewise", points: [[0, 10], [40, -5, 0.1], [90, 0]] },
          { kind: "samples", dt: 10, values: [0, 20, -20, 10] },
        ],
      },
    ],
    record: spikes("exc"),
  },
  expected: { nest: "exact", neuron: { close: 0.05 } },
} satisfies Network;

interface Document {
  readonly populations: readonly { readonly name: string; readonly params?: object }[];
  readonly projections?: readonly object[];
}

/**
 * The same with one number for all cells where the parameter is given, as pyNN.brian2 has it; without a population that
 * it cannot run.
 */
function simplified(
  { name, document }: Network,
  params: Readonly<Record<string, number>>,
  expected: Expected,
  without?: string,
): Network {
  const { populations, projections = [], ...rest } = document as Document;
  const given = (one: Document["populations"][number]): object =>
    Object.fromEntries(Object.entries(params).filter(([key]) => key in (one.params ?? {})));
  const keeps = (one: object): boolean => without === undefined || !Object.values(one).includes(without);
  return {
    name: `${name}, one number for all cells`,
    document: {
      ...rest,
      populations: populations.filter(keeps).map((one) => ({ ...one, params: { ...one.params, ...given(one) } })),
      projections: projections.filter(keeps),
      record: populations.filter(keeps).flatMap((one) => spikes(one.name)),
    },
    expected: { brian2: expected },
  };
}

function alphaCurrents(name: string, tau: number): Pick<Network, "name" | "document"> {
  return {
    name,
    document: {
      dt: 0.1, duration: 300, seed: 4,
      populations: pair(
        {
          model: "lif",
          params: lif,
          init: range,
          receptors: { e: { kernel: "alpha", tau: 1 }, i: { kernel: "alpha", tau } },
          background: [{ kind: "constant", amplitude: 115 }],
        },
      ),
      projections: graph(["e", "i"], [20, -50]),
      record: spikes("exc", "inh"),
    },
  };
}

const NETWORKS: readonly Network[] = [
  {
    name: "stored",
    document: JSON.parse(readFileSync(new URL("pynn-network.json", STORED), "utf8")) as object,
    expected: { nest: "exact", neuron: { close: 0.1 }, brian2: "same" },
  },
  currents,
  { ...alphaCurrents("alpha currents", 2), expected: { nest: "exact", neuron: { close: 0.1 } } },
  { ...alphaCurrents("alpha currents of one time constant", 1), expected: { brian2: "same" } },
  {
    name: "jumps",
    document: {
      dt: 0.1, duration: 300, seed: 5,
      populations: pair(
        {
          model: "lif",
          params: { ...lif, t_ref: 2 },
          init: range,
          receptors: { jump: { kernel: "delta" } },
          background: [{ kind: "constant", amplitude: 110 }],
        },
      ),
      projections: graph(["jump", "jump"], [0.3, -1.2], { uniform: [0.5, 3] }),
      record: [...spikes("exc", "inh"), { population: "exc", variables: ["v"], neurons: [0, 1] }],
    },
    expected: { nest: "exact", brian2: { close: 0.1 } },
  },
  {
    name: "Izhikevich",
    document: {
      dt: 0.1, duration: 300, seed: 6,
      populations: [
        {
          name: "exc",
          model: "izhikevich",
          size: 160,
          params: { d: { uniform: [6, 8] } },
          init: { v: { uniform: [-70, -60] }, u: -13 },
          receptors: { jump: { kernel: "delta" } },
          background: [{ kind: "constant", amplitude: { uniform: [4, 9] } }],
        },
        {
          name: "inh",
          model: "izhikevich",
          preset: "FS",
          size: 40,
          init: { v: -65, u: -13 },
          receptors: { jump: { kernel: "delta" } },
          background: [{ kind: "constant", amplitude: 4.5 }],
        },
      ],
      projections: graph(["jump", "jump"], [0.5, -1]),
      record: spikes("exc", "inh"),
    },
    expected: { nest: "exact", neuron: { close: 0.15 } },
  },
  {
    name: "COBA",
    document: {
      dt: 0.1, duration: 300, seed: 7,
      populations: pair(
        {
          model: "lif",
          params: lif,
          init: range,
          receptors: {
            e: { kernel: "exponential", tau: 5, E_rev: 0 },
            i: { kernel: "exponential", tau: 10, E_rev: -80 },
          },
          background: [{ kind: "constant", amplitude: 120 }],
        },
      ),
      projections: graph(["e", "i"], [0.6, 6]),
      record: spikes("exc", "inh"),
    },
    expected: { nest: { close: 0.02 }, neuron: { close: 0.1 }, brian2: { close: 0.1 } },
  },
  {
    name: "alpha conductances",
    document: {
      dt: 0.1, duration: 300, seed: 8,
      populations: pair(
        {
          model: "lif",
          params: lif,
          init: range,
          receptors: { e: { kernel: "alpha", tau: 1, E_rev: 0 }, i: { kernel: "alpha", tau: 3, E_rev: -80 } },
          background: [{ kind: "constant", amplitude: 120 }],
        },
      ),
      projections: graph(["e", "i"], [0.8, 5]),
      record: spikes("exc", "inh"),
    },
    expected: { nest: { close: 0.02 }, neuron: { close: 0.1 }, brian2: { close: 0.1 } },
  },
  {
    name: "AdEx, EIF, adaptive LIF",
    document: {
      dt: 0.1, duration: 300, seed: 9,
      populations: [
        {
          name: "exc",
          model: "adex",
          size: 160,
          params: { V_reset: -60, V_peak: -40, b: { uniform: [40, 80] }, t_ref: 2 },
          init: { v: { uniform: [-70, -55] }, w: 20 },
          receptors: {
            e: { kernel: "exponential", tau: 3, E_rev: 0 },
            i: { kernel: "exponential", tau: 6, E_rev: -80 },
          },
          background: [{ kind: "constant", amplitude: 750 }],
        },
        {
          name: "inh",
          model: "eif",
          size: 40,
          params: { V_reset: -60, V_peak: -40, g_L: { normal: [30, 1] }, t_ref: 1 },
          receptors: { e: { kernel: "alpha", tau: 2, E_rev: 0 }, i: { kernel: "alpha", tau: 4, E_rev: -80 } },
          background: [{ kind: "constant", amplitude: 650 }],
        },
        {
          name: "slow",
          model: "adaptiveLif",
          size: 20,
          receptors: { e: { kernel: "exponential", tau: 3, E_rev: 0 } },
          background: [{ kind: "constant", amplitude: { uniform: [550, 700] } }],
        },
      ],
      projections: [
        ...graph(["e", "i"], [0.8, 3]),
        { source: "exc", target: "slow", receptor: "e", rule: "fixedIndegree", k: 8, weight: 0.5, delay: 1 },
      ],
      record: spikes("exc", "inh", "slow"),
    },
    expected: { nest: { close: 0.02 }, neuron: { close: 0.15 } },
  },
  {
    name: "Traub and Miles",
    document: {
      dt: 0.05, duration: 200, seed: 10,
      populations: pair(
        {
          model: "traubMiles",
          init: { v: { uniform: [-65, -60] } },
          receptors: {
            e: { kernel: "exponential", tau: 5, E_rev: 0 },
            i: { kernel: "exponential", tau: 10, E_rev: -80 },
          },
          background: [{ kind: "constant", amplitude: { uniform: [50, 150] } }],
        },
        [40, 10],
      ),
      projections: graph(["e", "i"], [2, 10]),
      record: spikes("exc", "inh"),
    },
    expected: { nest: { close: 0.03 }, neuron: { close: 0.1 } },
  },
  {
    name: "spike-timing dependent plasticity",
    document: {
      dt: 0.1, duration: 1000, seed: 11,
      populations: [
        {
          name: "in",
          model: "spikeTrain",
          size: 40,
          params: {
            times: Array.from({ length: 1600 }, (_, i) => 1 + ((i * 7919) % 9900) / 10),
            neurons: Array.from({ length: 1600 }, (_, i) => i % 40),
          },
        },
        {
          name: "exc",
          model: "lif",
          size: 10,
          params: { ...lif, t_ref: 2 },
          receptors: { e: { kernel: "exponential", tau: 3 } },
          background: [{ kind: "constant", amplitude: 60 }],
        },
        {
          name: "soft",
          model: "lif",
          size: 10,
          params: { ...lif, t_ref: 2 },
          receptors: { e: { kernel: "exponential", tau: 3 } },
          background: [{ kind: "constant", amplitude: 60 }],
        },
      ],
      projections: ["exc", "soft"].map((target, i) => ({
        source: "in",
        target,
        receptor: "e",
        rule: "fixedProbability",
        p: 0.5,
        weight: { uniform: [20, 80] },
        delay: 1,
        weightPrecision: "float64",
        plasticity: {
          kind: "stdp",
          A_plus: 0.01,
          A_minus: 0.008,
          tau_plus: 15,
          tau_minus: 30,
          w_max: 120,
          weightDependence: ["additive", "multiplicative"][i],
          dendriticDelayFraction: 1,
        },
      })),
      record: spikes("exc", "soft"),
    },
    expected: { nest: { close: 0.1 }, neuron: { close: 0.2 }, brian2: { close: 0.2 } },
  },
  {
    name: "short-term plasticity and release",
    document: {
      dt: 0.1, duration: 1000, seed: 12,
      populations: [
        { name: "in", model: "poisson", size: 60, params: { rate: { uniform: [20, 40] } } },
        { name: "changing", model: "poisson", size: 60, params: { rate: { points: [[0, 10], [300, 40], [600, 20]] } } },
        {
          name: "short",
          model: "lif",
          size: 50,
          params: lif,
          receptors: { e: { kernel: "exponential", tau: 5 } },
          background: [{ kind: "constant", amplitude: 80 }],
        },
        {
          name: "chance",
          model: "lif",
          size: 50,
          params: lif,
          receptors: { e: { kernel: "exponential", tau: 5 } },
          background: [{ kind: "constant", amplitude: 80 }],
        },
      ],
      projections: [
        {
          source: "in",
          target: "short",
          receptor: "e",
          rule: "fixedIndegree",
          k: 30,
          weight: 40,
          delay: 1,
          shortTerm: { U: 0.3, tau_rec: 100, tau_facil: 50 },
        },
        {
          source: "changing",
          target: "chance",
          receptor: "e",
          rule: "fixedOutdegree",
          k: 20,
          weight: 20,
          delay: 1,
          release: 0.5,
          multapses: false,
        },
      ],
      record: spikes("in", "changing", "short", "chance"),
    },
    expected: { nest: { law: 0.1 }, neuron: { law: 0.15 } },
  },
  {
    name: "Poisson input, noise, distances",
    document: {
      dt: 0.1, duration: 500, seed: 13,
      populations: [
        {
          name: "exc", model: "lif", size: 150, params: lif, init: range, positions: { line: { length: 30 } },
          receptors: {
            e: { kernel: "exponential", tau: 5, E_rev: 0 },
            i: { kernel: "exponential", tau: 10, E_rev: -80 },
          },
          background: [{ kind: "poisson", rate: 1200, weight: 1, receptor: "e" }, { kind: "whiteNoise", sigma: 60 }],
        },
        {
          name: "inh", model: "lif", size: 49, params: lif, init: range, positions: { disc: { radius: 4 } },
          receptors: {
            e: { kernel: "exponential", tau: 5, E_rev: 0 },
            i: { kernel: "exponential", tau: 10, E_rev: -80 },
          },
          background: [
            { kind: "ornsteinUhlenbeck", mean: 105, sigma: { uniform: [30, 50] }, tau: 10 },
            {
              kind: "poisson",
              rate: { uniform: [200, 400] },
              weight: { uniform: [0.5, 1] },
              receptor: "e",
              neurons: [0, 1, 2, 3, 4, 5],
              start: 100,
              stop: 400,
            },
          ],
        },
      ],
      projections: [
        {
          source: "exc",
          target: "exc",
          receptor: "e",
          rule: "distance",
          kernel: "gaussian",
          scale: 2,
          p: 0.5,
          periodic: true,
          weight: { lognormal: [-1, 0.3] },
          delay: { normal: [1, 0.4] },
        },
        {
          source: "exc",
          target: "inh",
          receptor: "e",
          rule: "distance",
          kernel: "linear",
          scale: 10,
          p: 0.3,
          weight: { gamma: [4, 0.1] },
          delay: { exponential: 1 },
        },
        {
          source: "inh",
          target: "exc",
          receptor: "i",
          rule: "fixedTotalNumber",
          n: 1500,
          weight: { truncatedNormal: [3, 1, 1, 5] },
          delay: 1,
        },
        {
          source: "inh",
          target: "inh",
          receptor: "i",
          rule: "distance",
          kernel: "box",
          scale: 3,
          p: 0.4,
          weight: 2,
          delay: 1,
        },
      ],
      record: spikes("exc", "inh"),
    },
    expected: { nest: { law: 0.15 }, neuron: { law: 0.2 } },
  },
];

const named = (name: string): Network => NETWORKS.find((one) => one.name === name) as Network;

/** Networks that pyNN.brian2 would run as others, so that their export is refused, in a form that it can run. */
const SIMPLIFIED: readonly Network[] = [
  simplified(currents, { t_ref: 2 }, "same"),
  simplified(named("Izhikevich"), { d: 8 }, { close: 0.1 }),
  simplified(named("AdEx, EIF, adaptive LIF"), { b: 60 }, { close: 0.2 }, "slow"),
];

/** Rows of a table of spikes, sorted, each as often as it is there. */
function rowsOf(file: string): string[] {
  return readFileSync(file, "utf8").trim().split("\n").slice(1).sort();
}

/** How many rows two tables have in common. */
function common(ours: readonly string[], theirs: readonly string[]): number {
  const left = new Map<string, number>();
  for (const row of ours) left.set(row, (left.get(row) ?? 0) + 1);
  let both = 0;
  for (const row of theirs) {
    const n = left.get(row) ?? 0;
    if (n === 0) continue;
    left.set(row, n - 1);
    both++;
  }
  return both;
}

/** Spikes by population. */
function counts(rows: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const row of rows) {
    const name = row.split(",")[1] as string;
    found.set(name, (found.get(name) ?? 0) + 1);
  }
  return found;
}

function judge(
  expected: Expected,
  ours: readonly string[],
  theirs: readonly string[],
): { readonly ok: boolean; readonly text: string } {
  const both = common(ours, theirs);
  if (expected === "exact" || expected === "same") {
    return {
      ok: ours.length > 0 && ours.length === theirs.length && both === ours.length,
      text: `${both} of ${ours.length} spikes the same, ${theirs.length} there`,
    };
  }
  const limit = "close" in expected ? expected.close : expected.law;
  const here = counts(ours);
  const there = counts(theirs);
  const parts = [...here].map(([name, n]) => ({ name, n, m: there.get(name) ?? 0 }));
  const ok = ours.length > 0 && parts.every(
    ({ n, m }) => Math.abs(m - n) <= limit * n + 2 * Math.sqrt("law" in expected ? n : 1),
  );
  const same = "close" in expected ? `, ${both} of ${ours.length} in the same step` : "";
  return { ok, text: `${parts.map(({ name, n, m }) => `${name} ${n} here, ${m} there`).join("; ")}${same}` };
}

function* run(backends: readonly Backend[], { folder, python, run: call, spikelet }: Bench): Generator<Seen> {
  // compiled code is not worth its time for networks of this size
  writeFileSync(join(folder, "brian_preferences"), 'codegen.target = "numpy"\n');
  // NEURON's nrnivmodl must be found: PyNN compiles its mechanisms with it when it is first imported
  const env = { PATH: `${dirname(python)}${delimiter}${process.env.PATH ?? ""}`, PYTHONWARNINGS: "ignore" };
  const here = new Map<Backend, string>();
  for (const backend of backends) {
    try {
      call(python, ["-c", `import pyNN.${backend}`], { env, cwd: folder, seconds: 600 });
    } catch (error) {
      here.set(backend, (error as Error).message.split("\n").at(-1) ?? "");
    }
  }
  if (here.size === backends.length) throw new NotHere(
    `${backends.map((backend) => `pyNN.${backend}`).join(" and ")} cannot be imported: ${[...here.values()].join("; ")}`,
  );
  for (const { name, document, expected } of [...NETWORKS, ...SIMPLIFIED]) {
    const base = name.replace(/\W+/g, "-");
    const file = join(folder, `${base}.json`);
    writeFileSync(file, JSON.stringify({ name, ...document }));
    spikelet("run", file, "--out", join(folder, `${base}-here`), "--quiet", "--no-plots");
    const ours = rowsOf(join(folder, `${base}-here`, "spikes.csv"));
    for (const backend of backends) {
      const how = expected[backend];
      if (how === undefined) continue;
      const what = `${name}, ${backend}`;
      const missing = here.get(backend);
      if (missing !== undefined) {
        yield { what, ok: true, text: `not run, pyNN.${backend} cannot be imported: ${missing}` };
        continue;
      }
      const results = join(folder, `${base}-${backend}-results`);
      mkdirSync(results, { recursive: true });
      try {
        const out = join(folder, `${base}-${backend}`);
        const explicit = typeof how === "object" && "law" in how ? [] : ["--explicit"];
        const strict = how === "exact" ? ["--strict"] : [];
        spikelet("export", file, "--to", "pynn", "--flavour", backend, "--out", out, ...explicit, ...strict);
        call(python, [join(out, "network.py"), backend, results], { env, cwd: folder, seconds: 600 });
      } catch (error) {
        yield { what, ok: false, text: (error as Error).message };
        continue;
      }
      const theirs = rowsOf(join(results, "spikes.csv"));
      const { ok, text } = judge(how, ours, theirs);
      yield { what, ok, text };
      if (name === "stored" && backend === "nest") {
        const stored = fileURLToPath(new URL("pynn-nest-spikes.csv", STORED));
        if (process.env.WRITE === "1") writeFileSync(stored, readFileSync(join(results, "spikes.csv")));
        const known = rowsOf(stored);
        yield {
          what: "the spikes that test/exchange keeps",
          ok: common(known, theirs) === known.length && known.length === theirs.length,
          text: `${known.length}`,
        };
      }
    }
  }
}

export const checks: readonly Check[] = [
  {
    name: "pynn",
    requirements: ["PyNN==0.13.0", "nest-simulator==3.10.0", "neuron==9.0.2"],
    pythons: ["3.13", "3.12"],
    run: (bench) => run(["nest", "neuron"], bench),
  },
  {
    name: "pynn-brian2",
    requirements: ["PyNN==0.13.0", "brian2==2.11.0"],
    pythons: ["3.13", "3.12"],
    run: (bench) => run(["brian2"], bench),
  },
];
