/**
 * Exported networks in jNeuroML: each document is validated by libNeuroML, runs, and its spikes are compared with
 * those of `spikelet run` at two time steps. jNeuroML steps by forward Euler and shifts some events by a step, so what
 * must hold is: what is reported as exact has the same spikes; else the numbers of spikes agree, and the distance of
 * spike times shrinks with dt.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Check, Seen } from "./check.js";

const REQUIREMENTS = ["pyNeuroML==1.3.22"];

const VALIDATE = `
import sys
from neuroml.utils import validate_neuroml2
for path in sys.argv[1:]:
    validate_neuroml2(path)
print("valid", len(sys.argv) - 1)
`;

const FIND = `
import glob, os, pyneuroml
print(glob.glob(os.path.join(os.path.dirname(pyneuroml.__file__), "lib", "jNeuroML*.jar"))[0])
`;

interface Case {
  readonly name: string;
  readonly network: Readonly<Record<string, unknown>>;
  /** Time steps in ms, the larger first. */
  readonly steps?: readonly [number, number];
  /** All spikes are equal. */
  readonly exact?: boolean;
  /** Largest distance of spike times at the smaller step, in ms. */
  readonly within?: number;
  /** Random numbers differ: rates agree to this share. */
  readonly rates?: number;
}

const train = (times: readonly number[]): Record<string, unknown> => ({
  name: "in",
  model: "spikeTrain",
  size: 1,
  params: { times, neurons: times.map(() => 0) },
});
const drive = (amplitude: unknown): Record<string, unknown> => ({ kind: "constant", amplitude });
const regular = Array.from({ length: 18 }, (_, i) => 5 + 10 * i);

const CASES: readonly Case[] = [
  {
    name: "iaf",
    exact: true,
    network: {
      populations: [
        {
          name: "p",
          model: "lif",
          size: 3,
          method: "euler",
          params: { t_ref: 0, V_th: [-55, -56, -55] },
          background: [drive([500, 450, 400])],
        },
      ],
    },
  },
  {
    name: "izhikevich",
    exact: true,
    network: {
      populations: ["RS", "IB", "CH", "FS", "TC", "RZ", "LTS", "class1"].map((preset) => ({
        name: preset,
        preset,
        model: "izhikevich",
        size: 1,
        method: "euler",
        background: [drive(12)],
      })),
    },
  },
  {
    name: "izhikevich_start",
    exact: true,
    network: {
      populations: [
        {
          name: "p",
          model: "izhikevich",
          size: 2,
          method: "euler",
          init: { v: -65, u: -13 },
          background: [drive([8, 10])],
        },
      ],
    },
  },
  {
    name: "qif",
    exact: true,
    network: {
      populations: [
        { name: "p", model: "qif", size: 2, method: "euler", init: { v: [-70, -60] }, background: [drive([60, 80])] },
      ],
    },
  },
  {
    name: "iaf_refractory",
    within: 0.4,
    network: { populations: [{ name: "p", model: "lif", size: 2, background: [drive([500, 600])] }] },
  },
  {
    name: "iaf_start",
    within: 0.4,
    network: { populations: [{ name: "p", model: "lif", size: 2, init: { v: [-60, -75] }, background: [drive(500)] }] },
  },
  {
    name: "adaptive",
    within: 0.4,
    network: { populations: [{ name: "p", model: "adaptiveLif", size: 1, background: [drive(600)] }] },
  },
  {
    name: "adex",
    within: 1.5,
    network: {
      populations: [
        ...["tonic", "adapting", "initialBurst"].map((preset) => ({
          name: preset,
          preset,
          model: "adex",
          size: 1,
          background: [drive(500)],
        })),
        { name: "started", model: "adex", size: 1, init: { v: -60 }, background: [drive(1000)] },
        { name: "eif", model: "eif", size: 1, background: [drive(700)] },
        { name: "leaky", model: "adex", size: 1, params: { Delta_T: 0 }, background: [drive(1000)] },
      ],
    },
  },
  {
    name: "currents",
    within: 0.5,
    network: {
      populations: [
        {
          name: "sine",
          model: "lif",
          size: 1,
          background: [{ kind: "sine", amplitude: 200, offset: 400, frequency: 20, phase: 1, start: 13 }],
        },
        {
          name: "ramp",
          model: "lif",
          size: 1,
          background: [{ kind: "ramp", start: 20, end: 150, from: 100, to: 700 }],
        },
        {
          name: "pulses",
          model: "lif",
          size: 1,
          background: [{ kind: "pulses", amplitude: 900, start: 10, width: 12, period: 30 }],
        },
        {
          name: "rows",
          model: "lif",
          size: 1,
          background: [
            {
              kind: "piecewise",
              points: [
                [10, 500],
                [60, 0],
                [80, 300, 4],
                [140, 600],
              ],
            },
          ],
        },
        {
          name: "samples",
          model: "lif",
          size: 1,
          background: [{ kind: "samples", dt: 25, values: [0, 500, 500, 300, 600, 450, 0, 900] }],
        },
        {
          name: "base",
          model: "lif",
          size: 1,
          background: [{ kind: "rheobase", fraction: 1.5, start: 30, stop: 170 }],
        },
      ],
    },
  },
  {
    name: "conductances",
    within: 0.5,
    network: {
      populations: [
        train(regular),
        ...Object.entries({
          exponential: { kernel: "exponential", tau: 3, E_rev: 0 },
          alpha: { kernel: "alpha", tau: 3, E_rev: 0 },
          two: { kernel: "dualExponential", tau_rise: 1, tau_decay: 6, E_rev: 0 },
          nmda: { kernel: "nmda", tau_decay: 30 },
        }).map(([name, receptor]) => ({
          name,
          model: "lif",
          size: 2,
          receptors: { r: receptor },
          background: [drive(250)],
        })),
      ],
      projections: [
        ["exponential", 27],
        ["alpha", 10],
        ["two", 8],
        ["nmda", 12],
      ].map(([target, weight]) => ({
        source: "in",
        target,
        rule: "list",
        pairs: [
          [0, 0],
          [0, 1],
        ],
        weight: [weight, Number(weight) * 1.3],
        delay: [1, 2.5],
      })),
    },
  },
  {
    name: "currents_of_synapses",
    within: 0.5,
    network: {
      populations: [
        train(regular),
        {
          name: "e",
          model: "lif",
          size: 1,
          receptors: { r: { kernel: "exponential", tau: 4 } },
          background: [drive(250)],
        },
        { name: "a", model: "lif", size: 1, receptors: { r: { kernel: "alpha", tau: 4 } }, background: [drive(250)] },
        {
          name: "iz",
          model: "izhikevich",
          size: 1,
          receptors: { r: { kernel: "exponential", tau: 4 } },
          background: [drive(3)],
        },
        {
          name: "izg",
          model: "izhikevich",
          size: 1,
          receptors: { r: { kernel: "exponential", tau: 4, E_rev: 0 } },
          background: [drive(3)],
        },
      ],
      projections: [
        ["e", 500],
        ["a", 250],
        ["iz", 8],
        ["izg", 0.12],
      ].map(([target, weight]) => ({ source: "in", target, rule: "allToAll", weight, delay: 1.5 })),
    },
  },
  {
    name: "short_term",
    within: 0.6,
    network: {
      populations: [
        train(Array.from({ length: 60 }, (_, i) => 3 + 3 * i)),
        ...["depressing", "facilitating"].map((name) => ({
          name,
          model: "lif",
          size: 1,
          receptors: { r: { kernel: "dualExponential", tau_rise: 1, tau_decay: 6, E_rev: 0 } },
          background: [drive(280)],
        })),
      ],
      projections: [
        {
          source: "in",
          target: "depressing",
          rule: "allToAll",
          weight: 18,
          delay: 1,
          shortTerm: { U: 0.5, tau_rec: 80 },
        },
        {
          source: "in",
          target: "facilitating",
          rule: "allToAll",
          weight: 30,
          delay: 1,
          shortTerm: { U: 0.15, tau_rec: 20, tau_facil: 200 },
        },
      ],
    },
  },
  {
    name: "recurrent",
    within: 0.8,
    network: {
      populations: [
        {
          name: "exc",
          model: "lif",
          size: 20,
          receptors: {
            e: { kernel: "exponential", tau: 5, E_rev: 0 },
            i: { kernel: "exponential", tau: 10, E_rev: -80 },
          },
          background: [drive({ uniform: [420, 520] })],
        },
        {
          name: "inh",
          model: "adex",
          size: 5,
          receptors: { e: { kernel: "alpha", tau: 3, E_rev: 0 } },
          background: [drive(750)],
        },
      ],
      projections: [
        {
          source: "exc",
          target: "exc",
          receptor: "e",
          rule: "fixedProbability",
          p: 0.2,
          weight: { uniform: [0.05, 0.15] },
          delay: { uniform: [1, 4] },
        },
        { source: "exc", target: "inh", rule: "fixedIndegree", k: 6, weight: 0.3, delay: 1.5 },
        { source: "inh", target: "exc", receptor: "i", rule: "allToAll", weight: 0.3, delay: 1 },
      ],
    },
  },
  {
    name: "gap_junctions",
    within: 0.4,
    network: {
      populations: [
        { name: "p", model: "lif", size: 4, params: { t_ref: 0 }, background: [drive([520, 400, 300, 0])] },
      ],
      projections: [{ source: "p", target: "p", gapJunction: true, rule: "allToAll", autapses: false, weight: 1.5 }],
    },
  },
  {
    name: "poisson",
    rates: 0.1,
    network: {
      duration: 1000,
      populations: [
        { name: "source", model: "poisson", size: 20, params: { rate: 40 } },
        {
          name: "p",
          model: "lif",
          size: 40,
          receptors: { r: { kernel: "exponential", tau: 5, E_rev: 0 } },
          background: [drive(300), { kind: "poisson", rate: 800, weight: 1, receptor: "r" }],
        },
        {
          name: "q",
          model: "lif",
          size: 40,
          receptors: { r: { kernel: "exponential", tau: 5, E_rev: 0 } },
          background: [drive(300)],
        },
      ],
      projections: [{ source: "source", target: "q", rule: "allToAll", weight: 1, delay: 1 }],
    },
  },
];

/** The stored result of test/exchange/neuroml, which the tests compare with: this is where it comes from. */
const STORED = fileURLToPath(new URL("../../test/exchange/neuroml/", import.meta.url));

/** Times in ms by population and neuron. */
type Spikes = Map<string, number[]>;

function put(spikes: Spikes, key: string, time: number): void {
  const list = spikes.get(key);
  if (list) list.push(time);
  else spikes.set(key, [time]);
}

function theirs(folder: string): Spikes {
  const spikes: Spikes = new Map();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".spikes"))) {
    for (const line of readFileSync(join(folder, file), "utf8").split("\n").filter(Boolean)) {
      const [neuron, seconds] = line.trim().split(/\s+/);
      put(spikes, `${file.replace(".spikes", "")} ${neuron}`, 1000 * Number(seconds));
    }
  }
  return spikes;
}

function ours(file: string): Spikes {
  const spikes: Spikes = new Map();
  for (const line of readFileSync(file, "utf8").split("\n").slice(1).filter(Boolean)) {
    const [time, population, neuron] = line.split(",");
    put(spikes, `${population} ${neuron}`, Number(time));
  }
  return spikes;
}

/** Spikes in all of both, and the largest distance of those of the same number; infinite where the numbers differ. */
function distance(a: Spikes, b: Spikes): { readonly here: number; readonly there: number; readonly most: number } {
  const count = (spikes: Spikes): number => [...spikes.values()].reduce((sum, { length }) => sum + length, 0);
  let most = 0;
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const [x, y] = [a.get(key) ?? [], b.get(key) ?? []];
    if (x.length !== y.length) most = Number.POSITIVE_INFINITY;
    x.forEach((time, i) => void (most = Math.max(most, Math.abs(time - (y[i] ?? Number.POSITIVE_INFINITY)))));
  }
  return { here: count(a), there: count(b), most };
}

export const checks: readonly Check[] = [
  {
    name: "neuroml",
    requirements: REQUIREMENTS,
    pythons: ["3.11", "3.12", "3.13"],
    programs: ["java"],
    *run({ folder, python, run, spikelet }) {
      const jar = run(python, ["-c", FIND]).trim();
      const documents: string[] = [];
      const runBoth = (name: string, network: object, dt: number): ReturnType<typeof distance> => {
        const own = join(folder, `${name}_${String(dt).replace(".", "_")}`);
        mkdirSync(own);
        const file = join(own, "network.json");
        const { populations } = network as { populations: readonly { name: string }[] };
        const record = populations.map((population) => ({ population: population.name, variables: ["spikes"] }));
        writeFileSync(file, JSON.stringify({ name, dt, duration: 200, seed: 3, record, ...network }));
        spikelet("export", file, "--to", "neuroml", "--out", join(own, "there"));
        spikelet("run", file, "--out", join(own, "here"), "--no-plots", "--quiet");
        documents.push(join(own, "there", `${name}.net.nml`));
        run("java", ["-Xmx1g", "-jar", jar, `LEMS_${name}.xml`, "-nogui"], { cwd: join(own, "there") });
        return distance(ours(join(own, "here", "spikes.csv")), theirs(join(own, "there")));
      };
      for (const { name, network, steps = [0.1, 0.01], exact = false, within, rates } of CASES) {
        const [coarse, fine] = steps;
        const first = runBoth(name, network, coarse);
        if (rates !== undefined) {
          const off = Math.abs(first.there - first.here) / first.here;
          yield {
            what: name,
            ok: first.here > 100 && off < rates,
            text: `${first.here} spikes here, ${first.there} there`,
          };
          continue;
        }
        const second = runBoth(name, network, fine);
        const shrinks = second.most <= (within ?? 0) && (second.most < first.most || first.most === 0);
        const text = `${second.here} spikes here, ${second.there} there; largest distance ${first.most.toFixed(3)} ms at dt ${coarse}, ${second.most.toFixed(4)} at ${fine}`;
        const same = (seen: typeof first): boolean => seen.here > 0 && seen.most < 1e-9;
        yield {
          what: name,
          ok: second.here > 0 && (exact ? same(first) && same(second) : shrinks),
          text,
        } satisfies Seen;
      }
      const small = runBoth("small", JSON.parse(readFileSync(join(STORED, "small.json"), "utf8")) as object, 0.1);
      const file = readdirSync(folder).find((name) => name.startsWith("small")) ?? "";
      const { times_ms: kept } = JSON.parse(readFileSync(join(STORED, "small.spikes.json"), "utf8")) as {
        times_ms: Record<string, number[]>;
      };
      const apart = distance(new Map(Object.entries(kept)), theirs(join(folder, file, "there")));
      yield {
        what: "the stored result of the tests",
        ok: small.there > 0 && apart.most < 1e-6,
        text: `${apart.here} spikes, largest distance ${apart.most}`,
      };
      const valid =
        run(python, ["-c", VALIDATE, ...documents])
          .trim()
          .split("\n")
          .at(-1) ?? "";
      yield { what: "libNeuroML", ok: valid === `valid ${documents.length}`, text: valid };
    },
  },
];
