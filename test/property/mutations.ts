/** Hostile documents: good ones with a few places broken, and what must hold of each. */
import { parseModelFile, Simulation, SpikeletError } from "../../src/index.js";
import { coba, type Loose, synapses } from "../model/networks.js";

/** Numbers from 0 to 1 that follow from a seed. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const VALUES: readonly string[] = [
  "null", "true", "0", "-0", "1", "-1", "2", "0.5", "1e-300", "1e308", "1e400", "-1e400", "4294967295", "4294967296",
  "2147483648", "9007199254740993", "1e15", "100000", '""', '"20 ms"', '"-5 nA"', '"1e400 ms"', '"NaN"', '"Infinity"',
  '"\\ud800"', '"\\u0000"', '"__proto__"', '"constructor"', '"toString"', '"exc"', '"lif"', '"poisson"', '"exact"',
  '"v = 0*mV"',
  '"g > 1"',
  '"dv/dt = -v/(5*ms) : mV"',
  '"x : 1"',
  '"1 nS"',
  '"third"',
  '"5*pA*t"',
  '"1e308*pA*(t/ms + 1)"',
  '"2*pA*i/N"',
  "[]", "{}", "[[]]", "[null]", "[1,2]", "[0,1,2]", "[1e400]", '{"__proto__":1}', '{"uniform":[0,1]}',
  '{"uniform":[1,0]}', '{"normal":[0,-1]}', '{"normal":[0,1e308]}', '{"lognormal":[700,9]}', '{"exponential":-1}',
  '{"gamma":[1e-9,1e9]}', '{"gamma":[0,0]}', '{"truncatedNormal":[0,1,50,60]}', '{"truncatedNormal":[0,1,-1,1]}',
  '{"constructor":{"prototype":{"polluted":1}}}', '{"__proto__":{"polluted":1}}', '{"points":[[0,1]]}',
  '{"points":[[0,1e9],[1,-5]]}', '{"grid":{"columns":1e9,"spacing":1}}', '{"line":{"length":1e-300}}',
  '{"kind":"stdp","A_plus":1e9,"A_minus":0,"tau_plus":1e-9,"tau_minus":1e9,"w_max":1}',
  '[{"name":"own","equations":"ds/dt = -s/ms : 1","onSpike":"s += w","output":"s*pA"}]', '{"kernel":"own"}',
  '{"kernel":"delta"}', '{"kernel":"nmda","Mg":1e300}', '{"kernel":"alpha","tau":1e-300}',
  '{"kernel":"step","duration":1e12}',
];
const KEYS: readonly string[] = [
  "__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "params", "size", "rule", "weight", "delay",
  "plasticity", "shortTerm", "scaling", "release", "gapJunction", "positions", "neurons", "every", "from", "init",
  "receptor",
  "method",
  "event",
  "state",
  "I",
  "models",
  "receptorKernels",
  "onSpike",
  "output",
  "equations",
  "threshold",
  "reset",
  "refractory",
  "events",
  "rates",
  "exact",
  "file",
  "pairs",
  "targets",
  "times",
  "\ud800",
  "",
];

const FACTORS: readonly number[] = [-1, 0, 0.01, 0.1, 0.5, 2, 3, 10, 100, 1000, 1e4];

/** JSON as a tree whose keys may be anything and may be repeated. */
type Tree =
  | { kind: "text"; text: string }
  | { kind: "list"; items: Tree[] }
  | { kind: "object"; items: [string, Tree][] };

function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: "list", items: value.map(treeOf) };
  if (typeof value === "object" && value !== null) {
    return { kind: "object", items: Object.entries(value).map(([key, item]) => [key, treeOf(item)]) };
  }
  return { kind: "text", text: JSON.stringify(value) };
}

function textOf(tree: Tree): string {
  if (tree.kind === "text") return tree.text;
  if (tree.kind === "list") return `[${tree.items.map(textOf).join(",")}]`;
  return `{${tree.items.map(([key, item]) => `${JSON.stringify(key)}:${textOf(item)}`).join(",")}}`;
}

/** The built examples in a small size, so that the good parts of a document cost little. */
function bases(): Loose[] {
  const small = coba();
  small.populations[0].size = 12;
  small.duration = 2;
  const all = synapses();
  all.duration = 2;
  // Tables are not at hand.
  for (const list of [all.projections, ...all.populations.map((p: Loose) => p.background ?? [])]) {
    for (let i = list.length - 1; i >= 0; i--) if (list[i].file !== undefined) list.splice(i, 1);
  }
  return [small, all, own()];
}

/** A network of an own model, with a current as a text, synapses onto a state and an event. */
function own(): Loose {
  return {
    dt: 0.1,
    duration: 2,
    models: [
      {
        name: "own",
        current: "pA",
        equations: [
          "dv/dt = (g_L*(E_L - v) + k*g + I)/C : mV (unless refractory)",
          "dg/dt = -g/tau : mV (unless refractory)",
          "k = g_L*(1 + z) : nS",
          "z : 1",
        ],
        params: {
          g_L: "10 nS",
          E_L: "-70 mV",
          C: { default: "200 pF", range: "> 0", text: "x" },
          tau: "5 ms",
          V_th: "-50 mV",
        },
        threshold: "v > V_th",
        reset: ["v = E_L", "g = 0*mV", "z += 1"],
        refractory: "2 ms",
        events: [{ name: "third", condition: "z >= 3", reset: "z = 0" }],
        init: { v: "E_L + 15*mV*rand()", g: 0 },
      },
    ],
    populations: [
      {
        name: "a",
        model: "own",
        size: 12,
        method: "rk4",
        params: { tau: { uniform: [4, 6] } },
        receptors: { onto: { kernel: "delta", state: "g" }, exc: { kernel: "exponential", tau: 5 } },
        background: [
          { kind: "expression", I: "5*pA*sin(2*pi*8*Hz*t)*(i < 100) + 600*pA", neurons: [0, 1, 5], start: 0.5 },
          { kind: "expression", I: "20*pA*randn()" },
          { kind: "poisson", rate: 500, weight: "2 mV", receptor: "onto" },
        ],
      },
    ],
    projections: [
      { source: "a", target: "a", receptor: "onto", rule: "allToAll", weight: 0.5, delay: 0.5 },
      { source: "a", event: "third", target: "a", receptor: "exc", rule: "fixedIndegree", k: 3, weight: 20 },
    ],
    record: [{ population: "a", variables: ["spikes", "v", "g", "I_background"] }],
  };
}

/** A document with one to four places broken. */
export function hostile(random: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const tree = treeOf(pick(bases()));
  const nodes: Exclude<Tree, { kind: "text" }>[] = [];
  const leaves: { text: string }[] = [];
  const collect = (node: Tree): void => {
    if (node.kind === "text") return void leaves.push(node);
    if (node.items.length > 0) nodes.push(node);
    for (const item of node.items) collect(node.kind === "list" ? (item as Tree) : (item as [string, Tree])[1]);
  };
  for (let count = 1 + Math.floor(random() ** 3 * 4); count > 0; count--) {
    nodes.length = 0;
    leaves.length = 0;
    collect(tree);
    // Half of the time a number becomes another one: such documents get far, and some of them run.
    const numbers = leaves.filter(({ text }) => !Number.isNaN(Number(text)));
    const leaf = random() < 0.5 && numbers.length > 0 ? pick(numbers) : undefined;
    if (leaf) {
      leaf.text = String(Number(leaf.text) * pick(FACTORS) + pick([0, 0, 0, 1]));
      continue;
    }
    const node = pick(nodes);
    const at = Math.floor(random() * node.items.length);
    const value = (): Tree => {
      return random() < 0.7 ? { kind: "text", text: pick(VALUES) } : structuredClone(pick(nodes) as Tree);
    };
    const action = random();
    if (action < 0.1) node.items.splice(at, 1);
    else if (node.kind === "list") {
      if (action < 0.25) node.items.push(structuredClone(node.items[at] as Tree));
      else node.items[at] = value();
    } else if (action < 0.2) node.items.push(structuredClone(node.items[at] as [string, Tree]));
    else if (action < 0.3) node.items[at] = [pick(KEYS), (node.items[at] as [string, Tree])[1]];
    else if (action < 0.45) node.items.push([pick(KEYS), value()]);
    else node.items[at] = [(node.items[at] as [string, Tree])[0], value()];
  }
  return textOf(tree);
}

const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Number.prototype];

/** Names and values of everything that all objects share. */
export function shared(): string {
  return PROTOTYPES.map((p) => Reflect.ownKeys(p).map(String).join()).join("|");
}

/** Wall time after which a run is stopped. */
const PATIENCE_MS = 200;

/** Largest network that is built. */
const NEURONS = 3000;

/**
 * What became of a document: "ran", "large" (right, but not built), or the class of the SpikeletError. Any other error
 * is passed on.
 */
export async function outcome(text: string, core?: WebAssembly.Module): Promise<string> {
  try {
    const spec = parseModelFile(text);
    const neurons = spec.populations.reduce((sum, { size }) => sum + size, 0);
    // A good document of a large network is work, not harm.
    if (neurons > NEURONS) return "large";
    const simulation = await Simulation.fromSpec(spec, core);
    simulation.check();
    simulation.toDocument();
    // What asks for much work may take long, if it can be stopped.
    const started = performance.now();
    const controller = new AbortController();
    await simulation.run(Math.min(spec.duration, 20 * spec.dt), {
      chunk: spec.dt,
      signal: controller.signal,
      onProgress: () => {
        if (performance.now() - started > PATIENCE_MS) controller.abort();
      },
    });
    return "ran";
  } catch (error) {
    if (error instanceof SpikeletError) return error.name;
    throw error;
  }
}
