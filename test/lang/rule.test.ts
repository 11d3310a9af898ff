/** Rules of plasticity as text: every mistake with its place, what the program makes of equations, and its modules. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RULE_PACK } from "../../src/core/abi.js";
import { EquationError } from "../../src/lang/diagnostics.js";
import { emitRule, type RuleModule } from "../../src/lang/emitRule.js";
import { evaluate, type Mathematics, print } from "../../src/lang/ir.js";
import { compileRule, type RuleUse } from "../../src/lang/rule.js";
import { type RuleProgram, ruleProgram } from "../../src/lang/ruleProgram.js";
import type { PlasticityRuleDefinition } from "../../src/model/definition.js";
import { SpikeletError } from "../../src/model/errors.js";
import { definePlasticityRule } from "../../src/model/ownRule.js";
import { HOST } from "../../src/model/own.js";
import { cases } from "../cases.js";

type Rule = Omit<PlasticityRuleDefinition, "name">;

/** What is said of a rule: the first mistake without its frame, the mark below the line, warnings. */
function said(rule: Rule, use?: RuleUse): string[] {
  try {
    const checked = compileRule({ name: "r", ...rule }, "rule", use);
    ruleProgram(checked, HOST, use);
    return checked.warnings.map(({ source, line, column, message }) => `~${source}:${line}:${column}: ${message}`);
  } catch (error) {
    if (!(error instanceof EquationError)) return [(error as Error).message];
    return error.diagnostics.map(({ source, line, column, message }) => `${source}:${line}:${column}: ${message}`);
  }
}

const USE: RuleUse = { weight: "nS", source: {}, target: { v: "mV", u: "pA" }, events: ["plateau", "burst"] };

describe("a mistake is told with its place", () => {
  const TAU = { params: { tau: "20 ms" } };
  const mistakes: readonly (readonly [name: string, rule: Rule, said: readonly string[], use?: RuleUse])[] = [
    ["nothing", {}, ["rule: the rule does nothing; it must have synapse, onPre, onPost or another text."]],
    [
      "an unknown key",
      { onPree: "w += 1" } as Rule,
      [
        'rule: unknown key "onPree" of a rule of plasticity; did you mean "onPre"? Known: name, text, references, params, synapse, onPre, onPost, onStep, onInterval, interval, onEvents, onModulator, bounds, init, method.',
      ],
    ],
    [
      "an unknown name",
      { ...TAU, synapse: "dx/dt = -x/tauu : 1", onPre: "w += x" },
      ['synapse:1:12: unknown name "tauu". Did you mean tau?'],
    ],
    [
      "an unknown variable in a statement",
      { ...TAU, synapse: "dx/dt = -x/tau : 1", onPre: "w += x\ny += 1" },
      ['onPre:2:1: unknown variable "y". Variables: w, x, transmitted.'],
    ],
    [
      "a unit that does not fit",
      { ...TAU, synapse: "dx/dt = -x/tau : mV", onPre: "w += x" },
      ["onPre:1:6: w is a pure number; this is mV."],
    ],
    [
      "an unknown flag",
      { ...TAU, synapse: "dx/dt = -x/tau : 1 (pre)", onPre: "w += x" },
      [
        'synapse:1:21: unknown flag "pre"; there are (source), (target), (shared), (constant), (event-driven), (clock-driven).',
      ],
    ],
    [
      "two levels",
      { ...TAU, synapse: "dx/dt = -x/tau : 1 (source, target)", onPre: "w += x" },
      ["synapse:1:1: x is (source) and (target); it can be one of them."],
    ],
    [
      "constant for an equation",
      { ...TAU, synapse: "dx/dt = -x/tau : 1 (constant)", onPre: "w += x" },
      [
        "synapse:1:21: (constant) has no meaning for a differential equation, which may have (source) and (target) and (shared) and (event-driven) and (clock-driven).",
      ],
    ],
    [
      "the weight of a neuron",
      { synapse: "w : 1 (source)", onPre: "w += 1" },
      ["synapse:1:8: (source) has no meaning for the weight, which each synapse has; it may be (clock-driven)."],
    ],
    [
      "a weight between events",
      { ...TAU, synapse: "dw/dt = -w/tau : 1" },
      ["synapse:1:1: the weight is integrated in each step: write (clock-driven) behind its unit."],
    ],
    [
      "what is transmitted as a name",
      { synapse: "transmitted : 1", onPre: "w += 1" },
      ["synapse:1:1: transmitted cannot be defined: it is what a spike transmits; take another name."],
    ],
    [
      "w as a parameter",
      { params: { w: 1 }, onPre: "w += 1" },
      ["params.w:1:1: w cannot be defined: w is the weight; take another name."],
    ],
    [
      "reading what is transmitted",
      { onPre: "w += transmitted" },
      ["onPre:1:6: transmitted is written, not read: a statement gives it its value."],
    ],
    [
      "transmitting more",
      { onPre: "transmitted *= w" },
      ["onPre:1:1: transmitted has no value to which something is done: write transmitted = ...."],
    ],
    [
      "transmitting at a target's spike",
      { onPost: "transmitted = w\nw += 1" },
      ["onPost:1:1: onPost transmits nothing: transmitted belongs into onPre, or into onStep."],
    ],
    [
      "a target's variable at a source's spike",
      { synapse: "y : 1 (target)", onPre: "y += 1\nw += y" },
      [
        "onPre:1:1: y belongs to each target: onPre may change what belongs to each synapse and each source and the projection.",
      ],
    ],
    [
      "what is shared at a target's spike",
      { synapse: "D : 1 (shared)", onPost: "D += 1\nw += D" },
      [
        "onPost:1:1: D belongs to the projection: each thread knows its own targets only; onPre and onModulator change what is shared.",
      ],
    ],
    [
      "a source's variable from a synapse's",
      { synapse: "x : 1 (source)", onPre: "x += w\nw += 1" },
      ["onPre:1:6: x belongs to each source, and w to each synapse: there are many of them."],
    ],
    [
      "the same through another",
      { synapse: "x : 1 (source)\ng = 2*w : 1", onPre: "x += g\nw += 1" },
      ["onPre:1:6: x belongs to each source, and g to each synapse: there are many of them."],
    ],
    [
      "a target's equation with a source's variable",
      { ...TAU, synapse: "x : 1 (source)\ndy/dt = (x - y)/tau : 1 (target)", onPre: "x += 1\nw += y" },
      ["synapse:2:10: the equation of y belongs to each target, and x to each source: there are many of them."],
    ],
    [
      "an equation that is not linear",
      { ...TAU, synapse: "dx/dt = -x*x/tau : 1", onPre: "w += x" },
      [
        "synapse:1:1: the equation of x cannot be solved from one event to the next: it is not linear in x. Write (clock-driven) behind its unit, and it is integrated in each step, which costs a pass over all synapses.",
      ],
    ],
    [
      "an equation that depends on another",
      { ...TAU, synapse: "dx/dt = -x/tau : 1\ndy/dt = (x - y)/tau : 1", onPre: "x += 1\nw += y" },
      [
        "synapse:2:1: the equation of y cannot be solved from one event to the next: it depends on x / tau, which changes. Write (clock-driven) behind its unit, and it is integrated in each step, which costs a pass over all synapses.",
      ],
    ],
    [
      "an equation without a decay",
      { ...TAU, synapse: "dx/dt = 1/tau : 1", onPre: "w += x" },
      [
        "synapse:1:1: the equation of x cannot be solved from one event to the next: x does not decay. Write (clock-driven) behind its unit, and it is integrated in each step, which costs a pass over all synapses.",
      ],
    ],
    [
      "a source's equation that must be event-driven",
      { ...TAU, synapse: "dx/dt = -x**2/tau : 1 (source, event-driven)", onPre: "w += x" },
      [
        "synapse:1:1: the equation of x cannot be solved from one event to the next: it is not linear in x. Write (clock-driven) behind its unit, and it is integrated in each step.",
      ],
    ],
    [
      "noise",
      { ...TAU, synapse: "dx/dt = -x/tau + xi/sqrt(tau) : 1 (clock-driven)", onPre: "w += x" },
      ["synapse:1:18: rules have no noise."],
    ],
    [
      "random numbers",
      { onPre: "w += rand()" },
      ["onPre:1:6: rules have no random numbers: rand() has no place here."],
    ],
    [
      "the current of a neuron",
      { onPre: "w += I/pA" },
      ["onPre:1:6: I has no meaning in a rule, which knows t, i, j, its own variables and states such as v_post."],
    ],
    [
      "a change of a neuron's state",
      { onPre: "v_post += 1*mV\nw += 1" },
      ["onPre:1:1: v_post is a state of a neuron, which rules read only."],
    ],
    [
      "a change of a constant",
      { synapse: "a : 1 (constant)", onPre: "a += 1\nw += a" },
      ["onPre:1:1: a is (constant)."],
    ],
    ["a change of a number", { onPre: "j += 1\nw += 1" }, ["onPre:1:1: j is the number of a neuron."]],
    [
      "an interval without statements",
      { onPre: "w += 1", interval: "1 s" },
      ['rule: interval needs "onInterval": statements for the end of each interval.'],
    ],
    [
      "statements without an interval",
      { onInterval: "w *= 0.5" },
      ['rule: onInterval needs "interval": a time, such as "1 s".'],
    ],
    [
      "an interval of another unit",
      { onInterval: "w *= 0.5", interval: "3 mV" },
      ["interval:1:1: the interval is ms; this is mV."],
    ],
    ["an interval of nothing", { onInterval: "w *= 0.5", interval: 0 }, ["interval:1:1: an interval is above 0."]],
    [
      "an interval that changes",
      { onInterval: "w *= 0.5", interval: "w*ms" },
      ["interval:1:1: the interval is made of parameters and numbers."],
    ],
    [
      "bounds of nothing",
      { onPre: "w += 1", bounds: { ww: [0, 1] } },
      ['bounds.ww[0]:1:1: "ww" is no variable. Did you mean w?'],
    ],
    [
      "bounds in disorder",
      { onPre: "w += 1", bounds: { w: [2, 1] } },
      ["bounds.w[0]:1:1: 2 is the least value of w; it must be below 1."],
    ],
    [
      "bounds that are no pair",
      { onPre: "w += 1", bounds: { w: [2] as never } },
      ["rule.bounds.w: 1 bounds; there must be two, the least and the largest value."],
    ],
    [
      "a bound of another unit",
      { synapse: "w : nS", onPre: "w += 1*nS", bounds: { w: [0, "3 mV"] } },
      ["bounds.w[1]:1:1: a bound of w is nS; this is mV."],
    ],
    [
      "an initial weight",
      { onPre: "w += 1", init: { w: 1 } },
      ["init.w:1:1: w has no initial value here: weights start as the projection says."],
    ],
    [
      "an initial value of another",
      { synapse: "x : 1\ny : 1", onPre: "w += x + y\nx += 1\ny += 1", init: { x: "2*y", y: 1 } },
      ["init.x:1:3: an initial value is made of parameters and numbers."],
    ],
    [
      "an unknown method",
      { onPre: "w += 1", method: "rk5" },
      ['rule.method: unknown method "rk5" of a rule; did you mean "rk4"? Known: euler, heun, rk4, exponentialEuler.'],
    ],
    [
      "what does nothing",
      { ...TAU, synapse: "x : 1", onPre: "x += 1" },
      [
        "~synapse:1:1: nothing changes the weight w, and nothing says what is transmitted.",
        "~params.tau:1:1: nothing uses the parameter tau.",
      ],
    ],
    [
      "what nothing changes",
      { synapse: "x : 1", onPre: "w += x" },
      ["~synapse:1:1: nothing changes x: make it a parameter in params, or write (constant) behind its unit."],
    ],
    [
      "a weight of another unit than the projection's",
      { synapse: "w : mV", onPre: "w += 1*mV" },
      ["synapse:1:5: the weights of the projection are nS; w : 1 stands for any unit."],
      USE,
    ],
    ["a state that the target has not", { onPre: "w += vv_post/mV" }, ['onPre:1:6: unknown name "vv_post".'], USE],
    ["a state of a source without any", { onPre: "w += v_pre/mV" }, ['onPre:1:6: unknown name "v_pre".'], USE],
    ["a state of another unit", { onPre: "w += v_post" }, ["onPre:1:6: w is a pure number; this is mV."], USE],
    [
      "an event that the target has not",
      { onEvents: { bursts: "w += 1" } },
      ['onEvents.bursts:1:1: the target\'s model has no event "bursts"; it has plateau, burst. Did you mean burst?'],
      USE,
    ],
  ];

  it.each(mistakes.map(([name, rule, wanted, use]) => ({ name, rule, wanted, use })))(
    "$name",
    ({ rule, wanted, use }) => {
      const found = said(rule, use);
      expect(found.length).toBeGreaterThanOrEqual(wanted.length);
      for (const [k, text] of wanted.entries()) expect(found[k]?.startsWith(text.replace(/\.$/, ""))).toBe(true);
    },
  );

  it("has a case for every code that rule.ts and ruleProgram.ts give", () => {
    const texts = ["rule", "ruleProgram"].map((name) =>
      readFileSync(`src/lang/${name}.ts`, "utf8").replace(/\s+/g, " "),
    );
    const codes = new Set(
      texts.flatMap((text) =>
        [...text.matchAll(/(?:error|warning)\((?:[^()"]|\([^()]*\))*?"([a-z]+(?:-[a-z]+)*)"/g)].map(([, code]) => code),
      ),
    );
    const seen = new Set<string | undefined>();
    for (const [, rule, , use] of mistakes) {
      try {
        for (const { code } of compileRule({ name: "r", ...rule }, "rule", use).warnings) seen.add(code);
        ruleProgram(compileRule({ name: "r", ...rule }, "rule", use));
      } catch (error) {
        if (error instanceof EquationError) for (const { code } of error.diagnostics) seen.add(code);
      }
    }
    // "too-many" takes more variables than a table would show.
    expect([...codes].filter((code) => !seen.has(code) && code !== "too-many")).toEqual([]);
    const many = Array.from({ length: 70 }, (_, k) => `x${k} : 1`).join("\n");
    expect(said({ synapse: many, onPre: "w += 1" })[0]).toContain("a rule has at most 64 variables");
  });
});

const RULES: readonly PlasticityRuleDefinition[] = [
  {
    name: "pairs",
    params: { A: 0.01, tau: "20 ms" },
    synapse: "dx/dt = -x/tau : 1 (source)\ndy/dt = -y/tau : 1 (target)",
    onPre: "w -= A*y\nx += 1",
    onPost: "w += A*x\ny += 1",
    bounds: { w: [0, 1] },
  },
  {
    name: "all",
    params: { a: 0.02, tau: "10 ms", wish: "1 ms" },
    synapse: `dc/dt = (a - c)/tau : 1
      dq/dt = (q*q*0.1 - q + c)/tau : 1 (clock-driven)
      k : 1
      dz/dt = (0.01*z*z - z)/tau : 1 (target)
      ds/dt = -s/(3*ms) : 1 (source)
      dD/dt = (0.1 - D)/(40*ms) : 1 (shared)
      dF/dt = (D - F*F)/tau : 1 (shared)
      g = 1 + 0.1*D*exp(-q) : 1
      n : 1 (source)
      m : 1 (target)`,
    onPre: "c += 0.1*g\nw += a*(0.2 - 0.001*m)*(1 + z)\nn += 1\nD += 0.001\ntransmitted = w*s\ns = 1",
    onPost: "c += 0.05\nw -= 0.01*n + 0.0001*(i - j) if w > 0.5 else s\nm += 1\nz = 1",
    onStep: "k = 0.9*k + 0.1*q\nw += 1e-4*k*dt/ms*log1p(abs(n))",
    interval: "wish",
    onInterval: "w *= 0.999\nm = 0.5*m",
    onModulator: "D += 0.2\nF = min(F, 3)",
    onEvents: { plateau: "w += 0.01\nm = m*0.5" },
    init: { q: 0.3 },
    bounds: { w: [0, 4], k: [-1, "5*a"] },
  },
];

const WILD: RuleUse = { weight: "", source: {}, target: { v: "mV" }, events: ["plateau"] };

/** A rule's module beside columns in a memory of its own, and what it has to keep away from. */
class Bench {
  readonly program: RuleProgram;
  readonly made: RuleModule;
  readonly memory = new WebAssembly.Memory({ initial: 2, maximum: 65536 });
  readonly functions: Record<string, (...args: number[]) => void>;
  /** Bytes that a rule may write: [from, to). */
  readonly own: (readonly [number, number])[] = [];
  runaways = 0;

  static readonly SOURCES = 3;
  static readonly TARGETS = 4;
  static readonly ROWS = [0, 4, 4, 7];
  static readonly TARGET_OF = [0, 1, 2, 3, 0, 2, 3];
  static readonly HEAD = 1024;
  static readonly PARAMS = 2048;
  static readonly WEIGHTS = 16384;

  constructor(program: RuleProgram, simd: boolean) {
    this.program = program;
    this.made = emitRule(program, RULE_PACK, simd);
    const module = new WebAssembly.Module(this.made.module);
    const math = Object.fromEntries(Object.entries(HOST as Mathematics));
    const core = { memory: this.memory, ...math, ruleRunaway: () => void this.runaways++ };
    this.functions = new WebAssembly.Instance(module, { core } as never).exports as never;
    this.lay();
  }

  private lay(): void {
    const { program, made } = this;
    const { places } = made;
    const bytes = new Uint8Array(this.memory.buffer);
    const [f64, u32] = [new Float64Array(this.memory.buffer), new Uint32Array(this.memory.buffer)];
    bytes.fill(0x5a);
    let free = Bench.WEIGHTS;
    const column = (count: number, value: (n: number) => number): number => {
      const at = free;
      for (let n = 0; n < count; n++) f64[at / 8 + n] = value(n);
      this.own.push([at, at + 8 * count]);
      free += 8 * count + 64;
      return at;
    };
    const list = (numbers: readonly number[]): number => {
      const at = free;
      u32.set(numbers, at / 4);
      free += 8 * Math.ceil(numbers.length / 2) + 64;
      return at;
    };
    const weights = column(7, (n) => 0.3 + 0.1 * n);
    const incoming = Array.from({ length: Bench.TARGETS }, (_, t) =>
      Bench.TARGET_OF.flatMap((x, j) => (x === t ? [j] : [])),
    );
    const sourceOf = (j: number): number => Bench.ROWS.findIndex((_, s) => j < (Bench.ROWS[s + 1] as number));
    const rows = incoming.reduce((ends, l) => [...ends, (ends.at(-1) as number) + l.length], [0]);
    const head = (field: keyof typeof RULE_PACK, value: number): void =>
      void (u32[(Bench.HEAD + RULE_PACK[field]) / 4] = value);
    bytes[Bench.HEAD + RULE_PACK.learning] = 1;
    f64[(Bench.HEAD + RULE_PACK.least) / 8] = -1e9;
    f64[(Bench.HEAD + RULE_PACK.most) / 8] = 1e9;
    head("incomingRows", list(rows));
    head("incoming", list(incoming.flat()));
    head("sources", list(incoming.flat().map(sourceOf)));
    head("targetCount", Bench.TARGETS);
    head("params", Bench.PARAMS);
    head(
      "effects",
      column(4, () => 0),
    );
    const counts = { synapse: 7, source: Bench.SOURCES, target: Bench.TARGETS, shared: 1 };
    const env = { params: program.rule.model.params.map((p) => p.default), dt: 0.1, math: HOST };
    for (const [k, { kind, level }] of program.rule.variables.entries()) {
      const start = evaluate(program.init[k] as never, env);
      f64[Bench.PARAMS / 8 + places.value(k)] = start;
      if (["equation", "variable", "constant", "read"].includes(kind) && level !== "shared")
        u32[Bench.PARAMS / 4 + 2 * places.address(k)] = column(counts[level], (n) => start + 0.01 * n);
    }
    for (const g of program.rates.keys()) f64.set([1, 1, 0], Bench.PARAMS / 8 + places.factor(g));
    u32[Bench.PARAMS / 4 + 2 * places.sources] = Bench.SOURCES;
    u32[Bench.PARAMS / 4 + 2 * places.synapses] = 7;
    f64[Bench.PARAMS / 8 + places.firstTarget] = 10;
    f64.set(
      made.uniforms.map((e) => evaluate(e, env)),
      Bench.PARAMS / 8 + places.uniforms,
    );
    this.own.push([Bench.PARAMS, Bench.PARAMS + 8 * places.address(0)]);
    this.targets = list(Bench.TARGET_OF);
    this.weights = weights;
  }

  private targets = 0;
  private weights = 0;

  /** Some steps with spikes of both sides. */
  play(steps: number): void {
    const { onPre, onPost, onRow, everyStep, settle, ...others } = this.functions as Record<string, never>;
    const call = (f: ((...args: number[]) => void) | undefined, ...args: number[]): void => f?.(Bench.HEAD, ...args);
    for (let step = 0; step < steps; step++) {
      const t = 0.1 * step;
      const s = step % 3;
      const row = (source: number): number[] => [
        source,
        Bench.ROWS[source] as number,
        Bench.ROWS[source + 1] as number,
      ];
      call(onPre, ...row(s), this.targets, this.weights, t);
      call(onPost, (step * 7) % 4, this.weights, t);
      for (const [k, { kind }] of this.program.blocks.entries()) {
        if (step % 5 === 0 && kind === "onEvent") call(others[`event${k}`], step % 4, this.weights, t);
        if (step % 9 === 0 && kind === "onModulator") call(others[`event${k}`], 0, this.weights, t);
      }
      for (let source = 0; source < 3; source++) call(onRow, ...row(source), this.targets, this.weights, t);
      call(everyStep, this.weights, step);
    }
    call(settle, steps);
  }

  /** Places outside of its own columns and numbers that are not as they were. */
  strayed(before: Uint8Array): number[] {
    const now = new Uint8Array(this.memory.buffer);
    const found: number[] = [];
    for (let at = 0; at < now.length && found.length < 5; at++) {
      if (now[at] !== before[at] && !this.own.some(([from, to]) => at >= from && at < to)) found.push(at);
    }
    return found;
  }

  get image(): Uint8Array {
    return new Uint8Array(this.memory.buffer).slice();
  }
}

function programOf(definition: PlasticityRuleDefinition): RuleProgram {
  return ruleProgram(compileRule(definition, "rule", WILD), HOST, WILD);
}

describe("the program of a rule", () => {
  it("adds to what decays without looking at it, and knows what it goes to", () => {
    const { blocks, rates, lazy } = programOf(RULES[0] as PlasticityRuleDefinition);
    expect(rates).toHaveLength(1);
    expect(evaluate(rates[0] as never, { params: [0.01, 20] })).toBe(-1 / 20);
    const added = blocks[0]?.changes.find(({ variable }) => variable === 1);
    expect(print(added?.value as never)).toBe("before(x1) + derived1");
    expect(lazy.map((l) => l?.group)).toEqual([undefined, 0, 0, undefined, undefined, undefined]);
  });

  it("integrates all other equations in each step", () => {
    const { row, clocks, rule } = programOf(RULES[1] as PlasticityRuleDefinition);
    const names = (changes: readonly { variable: number }[]): (string | undefined)[] =>
      changes.map(({ variable }) => rule.variables[variable]?.name);
    expect(names(row)).toEqual(["k", "w", "q"]);
    expect([names(clocks.source), names(clocks.target), names(clocks.shared)]).toEqual([[], ["z"], ["F"]]);
  });
});

describe("modules", () => {
  it.each(RULES.map((rule) => [rule.name, rule] as const))("of %s have the same bits in both forms", (_, rule) => {
    const program = programOf(rule);
    const [vector, single] = [new Bench(program, true), new Bench(program, false)];
    const before = vector.image;
    for (const bench of [vector, single]) bench.play(400);
    expect(vector.image).toEqual(single.image);
    expect(vector.strayed(before)).toEqual([]);
    expect([vector.runaways, single.runaways]).toEqual([0, 0]);
    expect(vector.image).not.toEqual(before);
  });

  it("report what is no finite number, in both forms", () => {
    const program = programOf({ name: "bad", onPre: "w = 1/(w - w)", onPost: "w += 1" });
    for (const simd of [true, false]) {
      const bench = new Bench(program, simd);
      bench.play(3);
      expect(bench.runaways).toBeGreaterThan(0);
    }
  });
});

/** Text that was changed somewhere: characters, words; or one of its words for another of the same kind. */
function mutated(text: string, edits: readonly (readonly [number, number, string])[], exchanges: boolean): string {
  return edits.reduce((now, [at, remove, put]) => {
    if (!exchanges) {
      const from = Math.floor(at * (now.length + 1));
      return now.slice(0, from) + put + now.slice(from + remove);
    }
    const tokens = [...now.matchAll(/[A-Za-z_]\w*|[\d.]+|[-+*/]=?/g)];
    const token = tokens[Math.floor(at * tokens.length)];
    if (token === undefined) return now;
    const kind = KINDS.find((one) => one.test(token[0])) as RegExp;
    const others = WORDS.filter((word) => kind.test(word));
    const other = others[remove % others.length] as string;
    return now.slice(0, token.index) + other + now.slice(token.index + token[0].length);
  }, text);
}

const KINDS = [/^[A-Za-z_]\w*$/, /^[\d.]+(e\d+)?$/, /^[-+*/]=$/, /^[-+*/]$/, /./] as const;

const WORDS = [
  "w",
  "x",
  "y",
  "c",
  "q",
  "z",
  "D",
  "n",
  "m",
  "v_post",
  "v_pre",
  "transmitted",
  "i",
  "j",
  "t",
  "dt",
  "exp(",
  ")",
  "(",
  "+",
  "-",
  "*",
  "/",
  "**",
  "=",
  "+=",
  "-=",
  "*=",
  "3",
  "0.5",
  "k",
  "s",
  "F",
  "g",
  ":",
  "\n",
  "1",
  "0",
  "1e300",
  "ms",
  "mV",
  "nS",
  " (clock-driven)",
  " (source)",
  " (target)",
  " (shared)",
  "dx/dt",
  "if ",
  " else ",
  "> 0",
  "and ",
  "min(",
  ",",
  "#",
  "log(",
  "sqrt(",
  "",
  " ",
  "tau",
  "1/0",
  "xi",
  "rand()",
];

const edit = fc.tuple(fc.double({ min: 0, max: 0.999999, noNaN: true }), fc.nat(60), fc.constantFrom(...WORDS));

describe("mutated rules", () => {
  const texts = ["synapse", "onPre", "onPost", "onStep", "onInterval", "onModulator"] as const;
  // FUZZ=100000 tries that many.
  const runs = Number(process.env.FUZZ ?? cases(1500));
  const mutations = fc.tuple(
    fc.constantFrom(...RULES),
    fc.constantFrom(...texts),
    fc.array(edit, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  );

  it("are refused with a clear error, or run without leaving their columns", { timeout: 600_000 }, () => {
    let [refused, ran] = [0, 0];
    fc.assert(
      fc.property(mutations, ([rule, key, edits, exchanges]) => {
        const given = rule[key];
        const changed = { ...rule, [key]: mutated(typeof given === "string" ? given : "w += 1", edits, exchanges) };
        let program: RuleProgram;
        try {
          definePlasticityRule(changed);
          program = programOf(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(SpikeletError);
          expect((error as Error).message.length).toBeLessThan(20_000);
          refused++;
          return;
        }
        const [vector, single] = [new Bench(program, true), new Bench(program, false)];
        const before = vector.image;
        for (const bench of [vector, single]) bench.play(12);
        expect(vector.strayed(before)).toEqual([]);
        expect(vector.runaways > 0).toBe(single.runaways > 0);
        if (vector.runaways === 0) expect(Buffer.compare(vector.image, single.image)).toBe(0);
        ran++;
      }),
      { numRuns: runs },
    );
    expect(Math.min(refused, ran)).toBeGreaterThan(runs / 20);
  });
});
