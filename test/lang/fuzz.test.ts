/** Texts that are no model's: whatever they are, they are refused with diagnostics, and soon. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCurrent, compileModel } from "../../src/lang/check.js";
import type { ModelDefinition } from "../../src/model/definition.js";
import { EquationError, MAX_DIAGNOSTICS } from "../../src/lang/diagnostics.js";
import { Ir } from "../../src/lang/ir.js";
import { lowerCurrent, lowerModel } from "../../src/lang/lower.js";
import { integrate, refusal, STEP_METHODS } from "../../src/lang/integrate.js";
import { plan } from "../../src/lang/plan.js";
import { cases } from "../cases.js";
import { random } from "../reference/random.js";
import { type Form, Machine, type Neurons, type Outcome } from "./machine.js";
import { exchanged, exchanges, mutated, mutations, rubbish } from "./texts.js";
import { records, withUnits } from "./builtin.js";
import { published } from "./published.js";

/** FUZZ=100000 tries that many. */
const RUNS = Number(process.env.FUZZ ?? cases(2000));

const bases: readonly ModelDefinition[] = [...published, ...records.map(withUnits)];

/** Compiles and lowers, or is refused as it should be. */
function attempt(given: ModelDefinition | string): "model" | "refused" {
  try {
    if (typeof given === "string") lowerCurrent(compileCurrent(given, "pA"), new Ir());
    else lowerModel(compileModel(given), new Ir());
    return "model";
  } catch (error) {
    if (!(error instanceof EquationError)) throw error;
    expect(error.diagnostics.length).toBeGreaterThan(0);
    expect(error.diagnostics.length).toBeLessThanOrEqual(MAX_DIAGNOSTICS);
    for (const one of error.diagnostics) {
      expect(one.line).toBeGreaterThan(0);
      expect(one.message).not.toMatch(/undefined|\[object|NaN/);
    }
    return "refused";
  }
}

const joined = (text: ModelDefinition["equations"]): string => (typeof text === "string" ? text : text.join("\n"));

describe("random texts", () => {
  it("in place of equations, conditions and resets are refused or understood", () => {
    const run = fc.property(rubbish, rubbish, (a, b) => {
      attempt(a);
      attempt({ name: "rubbish", equations: a, threshold: b, reset: a, refractory: b, init: { v: b } });
      attempt({
        name: "rubbish",
        equations: "dv/dt = -v/ms : 1",
        params: { p: a },
        threshold: a,
        reset: b,
        refractory: a,
        init: { v: a },
      });
    });
    fc.assert(run, { numRuns: RUNS / 2 });
  });

  it("made from models by a few changes are refused or understood", () => {
    const counts = { model: 0, refused: 0 };
    const run = fc.property(fc.constantFrom(...bases), mutations, mutations, (base, a, b) => {
      const threshold = base.threshold ?? "v > 0";
      const changed: ModelDefinition = {
        ...base,
        equations: mutated(joined(base.equations), a),
        threshold: mutated(threshold, b),
      };
      counts[attempt(changed)]++;
      if (base.reset !== undefined) counts[attempt({ ...base, reset: mutated(joined(base.reset), a) })]++;
    });
    fc.assert(run, { numRuns: RUNS });
    // both ends are reached
    expect(counts.model).toBeGreaterThan(RUNS / 50);
    expect(counts.refused).toBeGreaterThan(RUNS / 2);
  });
});

describe("models of which words are exchanged for others of their kind", () => {
  const size = 35;

  /** Everything that a few steps have done, every bit of it. */
  const bits = ({ states, until, armed, spikes, fractions, events, runaways }: Outcome): string =>
    JSON.stringify([
      states.map((x) =>
        [...new BigInt64Array(x.slice().buffer)].map((b, n) => (Number.isNaN(x[n]) ? "NaN" : String(b))),
      ),
      [...until].map(String),
      armed,
      spikes,
      fractions.map(String),
      events,
      runaways.map(({ n, state, value }) => [n, state, String(value)]),
    ]);

  it("are refused, or run within their own columns, to the same bits in each form", async () => {
    const machine = await Machine.create();
    const counts = { model: 0, refused: 0 };
    const neuronsOf = (
      params: readonly { readonly default?: number | undefined }[],
      states: number,
      seed: number,
    ): Neurons => {
      const next = random(seed);
      const column = (scale: number): number[] => Array.from({ length: size }, () => scale * (next() - 0.5));
      return {
        size, dt: 0.1, bounds: [-1e6, 1e6],
        params: params.map((p) => p.default ?? 1),
        states: Array.from({ length: states }, (_, j) => column(j === 0 ? 120 : 2)),
        inputs: { I0: column(200), I1: column(200), I2: column(200), jumps: column(1) },
        until: column(4), armed: column(1).map((x) => x > 0),
      };
    };
    const run = fc.property(
      fc.constantFrom(...bases),
      exchanges,
      exchanges,
      fc.nat(STEP_METHODS.length - 1),
      fc.nat(1e6),
      (base, a, b, m, seed) => {
      const changed: ModelDefinition = {
        ...base,
        equations: exchanged(joined(base.equations), a),
        ...(base.reset === undefined ? {} : { reset: exchanged(joined(base.reset), b) }),
      };
      counts[attempt(changed)]++;
      let checked: ReturnType<typeof compileModel>;
      try {
        checked = compileModel(changed);
      } catch {
        return;
      }
      const ir = new Ir(machine.math);
      const model = lowerModel(checked, ir);
      const possible = STEP_METHODS.filter((method) => refusal(ir, model, method) === undefined);
        const program = integrate(ir, model, possible[m % possible.length] as (typeof possible)[number], {
          conducts: false,
          jumps: true,
        });
      const outcomes = [{}, { lists: true }].flatMap((options) => {
        const built = plan(program, options);
        const neurons = neuronsOf(checked.params, model.states.length, seed);
        const forms: Form[] = ["checked", "scalar", "twin"];
        return forms.map((form) => machine.within(() => bits(machine.load(built, neurons, form).run(3))));
      });
      expect(new Set(outcomes).size).toBe(1);
    });
    fc.assert(run, { numRuns: RUNS / 8 });
    expect(counts.model).toBeGreaterThan(RUNS / 80);
  });
});

describe("background currents", () => {
  it("made from others by a few changes are refused or understood", () => {
    const counts = { model: 0, refused: 0 };
    const currents = ["5*pA*sin(2*pi*8*Hz*t)*(i < 100)", "0.2*nA*exp(-((i - 5)/N)**2) if t > 2*ms else 3*pA*randn()"];
    const run = fc.property(
      fc.constantFrom(...currents),
      mutations,
      (text, a) => void counts[attempt(mutated(text, a))]++,
    );
    fc.assert(run, { numRuns: RUNS });
    expect(counts.model).toBeGreaterThan(RUNS / 50);
    expect(counts.refused).toBeGreaterThan(RUNS / 2);
  });
});

describe("long texts", () => {
  const longest = 60_000;
  const times = (piece: string): string => piece.repeat(Math.floor(longest / piece.length));

  it.each([
    ["names", times("abc ")],
    ["unknown names", Array.from({ length: 8000 }, (_, i) => `n${i}`).join("+")],
    ["lines", Array.from({ length: 490 }, (_, i) => `x${i} = ${"y + ".repeat(20)}1 : 1`).join("\n")],
    ["lines without a colon", times("x = 1\n")],
    ["brackets", times("(")],
    ["closed brackets", times("()")],
    ["divisions", times("1 / 2*")],
    ["blanks", times(" ")],
    ["ends of lines", times("\n")],
    ["open brackets and ends of lines", times("(\n")],
    ["comments", times("#\n")],
    ["points", times(".1.")],
    ["signs", times("=")],
    ["quotes", times("'")],
    ["surrogates", times("\ud800")],
    ["one long name", times("a")],
    ["one long number", times("1")],
    ["colons", times("x:")],
    ["flags", `x : 1 (${times("a ")}`],
    ["arguments", `x = max(${times("1,")}1) : 1`],
    ["squares of squares", Array.from({ length: 240 }, (_, i) => `x${i + 1} = x${i}*x${i} : 1`).join("\n")],
    [
      "noise in noise",
      ["x0 = xi*sqrt(ms) : 1", ...Array.from({ length: 240 }, (_, i) => `x${i + 1} = x${i} + x${i} : 1`)].join("\n"),
    ],
  ])("of %s end soon", (_, text) => {
    attempt({ name: "long", equations: text });
    attempt({ name: "long", equations: `dv/dt = -v/ms : 1\n${text}`, init: { v: 0 } });
    attempt({ name: "long", equations: "dv/dt = -v/ms : 1", threshold: "v > 1", reset: text.slice(0, 40_000) });
  });
});
