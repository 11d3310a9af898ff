/** Receptor kernels as text: what is said of mistakes, what an output is, and that no text does harm. */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileKernelText } from "../../src/lang/receptor.js";
import { diagnosticText, EquationError, MAX_DIAGNOSTICS } from "../../src/lang/diagnostics.js";
import type { ReceptorKernelDefinition } from "../../src/model/definition.js";
import { adex, defineReceptorKernel, receptor, Simulation, SpikeletError, spikeTrain } from "../../src/index.js";
import { cases } from "../cases.js";
import { exchanged, exchanges, mutated, mutations, rubbish } from "./texts.js";

type Definition = ReceptorKernelDefinition;

const simple: Definition = {
  name: "k",
  weight: "nS",
  params: { tau: "5 ms", E_rev: "0 mV" },
  equations: "dg/dt = -g/tau : nS",
  onSpike: "g += w",
  output: "g*(E_rev - v)",
};

/** Everything that is said of a kernel; fixes behind an arrow. */
function said(change: Partial<Definition>): string {
  const definition = { ...simple, ...change };
  const shown = (found: EquationError["diagnostics"]): string =>
    found.map((one) => `${diagnosticText(one)}${one.fix === undefined ? "" : `\n  -> ${one.fix}`}`).join("\n");
  try {
    return shown(compileKernelText(definition).warnings);
  } catch (error) {
    if (!(error instanceof EquationError)) throw error;
    return shown(error.diagnostics);
  }
}

/** Fixtures: a line `# name`, the changed keys as JSON, and what is said. */
const FIXTURES = readFileSync("test/lang/kernel-mistakes.txt", "utf8")
  .split(/^# /m)
  .slice(1)
  .map((text) => {
    const [name = "", change = "", ...expected] = text.trimEnd().split("\n");
    return { name, change: JSON.parse(change) as Partial<Definition>, expected: expected.join("\n") };
  });

describe("mistakes", () => {
  it.each(FIXTURES)("$name", ({ change, expected }) => {
    expect(said(change).replace(/ +$/gm, "")).toBe(expected);
  });

  it("a kernel without mistakes has none", () => {
    expect(said({})).toBe("");
  });
});

describe("an output", () => {
  const kindOf = (output: string, params = {}): unknown => {
    const more = { ...simple.params, two: 2, R: "2 mV/pA", ...params };
    const found = compileKernelText({ ...simple, params: more, output }).output;
    if (found.kind === "current") return "current";
    return found.factors.map(({ operator, negative = false }) => `${operator}${negative ? "-" : ""}`).join("");
  };
  it.each([
    ["g*(E_rev - v)", "*"],
    ["(E_rev - v)*g", "*"],
    ["-g*(v - E_rev)", "*"],
    ["g*(v - E_rev)", "*-"],
    ["two*g*(-60*mV - v)/3", "**/"],
    ["(E_rev - v)/R", "*/"],
    ["(E_rev + 5*mV - v)*g", "*"],
    ["g*v", "current"],
    ["g*(E_rev - v) + 1*pA", "current"],
    ["g*(E_rev - two*v)", "current"],
    ["2*(g*(E_rev - v))", "**"],
    ["-two*(-(v - E_rev)*g/3)", "*-*/"],
    ["2*g/(E_rev - v)*5*mV**2", "current"],
    ["g*(g/nS*mV - v)", "current"],
  ])("%s", (output, kind) => {
    expect(kindOf(output)).toBe(kind);
  });
});

/** FUZZ=100000 tries that many. */
const RUNS = Number(process.env.FUZZ ?? cases(2000));

const bases: readonly Definition[] = [
  simple,
  {
    name: "gabaB",
    params: {
      K1: "0.5 1/(mM*ms)",
      K2: "0.0012 1/ms",
      K3: "0.1 uM/ms",
      K4: "0.034 1/ms",
      K_d: "100 uM**4",
      T: "0.5 mM",
      E_K: "-95 mV",
    },
    equations: ["dr/dt = -K2*r : 1", "ds/dt = K3*r - K4*s : uM", "ends = K1*T/(K1*T + K2) : 1"],
    onSpike: "r += w*(ends - r)*(1 - exp(-(K1*T + K2)*0.3*ms))",
    output: "2*nS*s**4/(s**4 + K_d)*(E_K - v)",
  },
  {
    name: "nmda",
    weight: "nS",
    params: { tau_rise: "2 ms", tau_decay: "100 ms", Mg: 1, alpha: "0.5 1/ms" },
    equations: ["ds/dt = -s/tau_decay + alpha*x*(1 - s) : 1", "dx/dt = -x/tau_rise : 1", "last : ms", "B = 1/(1 + Mg/3.57*exp(-0.062*v/mV)) : 1"],
    onSpike: ["x += w/nS", "last = t"],
    output: "3*nS*s*B*(0*mV - v) if last >= 0*ms else 0*pA",
    method: "exponentialEuler",
    init: { last: "-1 ms", s: "0.1*(i + 1)/N" },
  },
];

const joined = (text: Definition["equations"]): string => (typeof text === "string" ? text : text.join("\n"));

/** Compiles, or is refused as it should be. */
function attempt(given: Definition): Definition | undefined {
  try {
    compileKernelText(given);
    return given;
  } catch (error) {
    if (!(error instanceof EquationError)) throw error;
    expect(error.diagnostics.length).toBeGreaterThan(0);
    expect(error.diagnostics.length).toBeLessThanOrEqual(MAX_DIAGNOSTICS);
    for (const one of error.diagnostics) {
      expect(one.line).toBeGreaterThan(0);
      expect(one.message).not.toMatch(/undefined|\[object|NaN/);
    }
    return undefined;
  }
}

/** Every bit of a short run, in one form of the core; or the class of what stopped it. */
async function ran(definition: Definition, method: string, core?: WebAssembly.Module): Promise<string> {
  const sim = await Simulation.create({ dt: 0.1, seed: 1, ...(core && { core }) });
  try {
    const source = sim.population("source", spikeTrain, 20, {
      params: { times: [0.5, 0.5, 0.7, 1, 2], neurons: [0, 3, 17, 3, 0] },
    });
    const cells = sim.population("cells", adex, 20, {
      method: method as never,
      receptors: { own: defineReceptorKernel(definition)(), exc: receptor.exponential({ tau: 3, E_rev: 0 }) },
    });
    sim.connect(source, cells, { rule: "oneToOne", receptor: "own", weight: 2, delay: 0.1 });
    sim.connect(source, cells, { rule: "allToAll", receptor: "exc", weight: 1, delay: 0.3 });
    let stopped = "";
    await sim.run(3).catch((error: unknown) => {
      if (!(error instanceof SpikeletError)) throw error;
      stopped = error.message;
    });
    if (stopped !== "") return stopped;
    const own = compileKernelText(definition).states.map(({ name }) => cells.state(`${name}_own`));
    return JSON.stringify([cells.state("v"), ...own].map((x) => [...new BigInt64Array(x.slice().buffer)].map(String)));
  } catch (error) {
    if (!(error instanceof SpikeletError)) throw error;
    return error.message;
  } finally {
    sim.close();
  }
}

describe("random texts", () => {
  it("in place of any text of a kernel are refused or understood", () => {
    const run = fc.property(rubbish, rubbish, (a, b) => {
      attempt({ ...simple, equations: a, onSpike: b, output: a });
      attempt({ ...simple, onSpike: a, output: b, init: { g: a } });
      attempt({ ...simple, params: { tau: a }, weight: b, current: a, reads: { Ca: b } });
    });
    fc.assert(run, { numRuns: RUNS / 2 });
  });

  it("made from kernels by a few changes are refused or understood", () => {
    const counts = { kernel: 0, refused: 0 };
    const run = fc.property(fc.constantFrom(...bases), mutations, mutations, fc.nat(2), (base, a, b, which) => {
      const kernel = attempt({
        ...base,
        ...(which === 0 && { equations: mutated(joined(base.equations), a) }),
        ...(which === 1 && { onSpike: mutated(joined(base.onSpike), a) }),
        ...(which === 2 && { output: mutated(base.output, b) }),
      });
      counts[kernel ? "kernel" : "refused"]++;
    });
    fc.assert(run, { numRuns: RUNS });
    expect(counts.kernel).toBeGreaterThan(RUNS / 50);
    expect(counts.refused).toBeGreaterThan(RUNS / 3);
  });

  it("of which words are exchanged are refused, or run to the same bits in each form of the core", async () => {
    const scalar = await WebAssembly.compile(readFileSync("build/core.scalar.wasm"));
    const counts = { kernel: 0, refused: 0, finite: 0 };
    const methods = ["euler", "exponentialEuler", "rk4", "rosenbrock"];
    const run = fc.asyncProperty(fc.constantFrom(...bases), exchanges, exchanges, fc.nat(3), async (base, a, b, m) => {
      const kernel = attempt({
        ...base,
        equations: exchanged(joined(base.equations), a),
        onSpike: exchanged(joined(base.onSpike), b),
        output: m === 0 ? exchanged(base.output, a) : base.output,
      });
      if (kernel === undefined) return void counts.refused++;
      counts.kernel++;
      const outcome = await ran(kernel, methods[m] as string);
      if (outcome.startsWith("[")) counts.finite++;
      expect(await ran(kernel, methods[m] as string, scalar)).toBe(outcome);
    });
    await fc.assert(run, { numRuns: RUNS / 4 });
    expect(counts.kernel).toBeGreaterThan(RUNS / 40);
    expect(counts.finite).toBeGreaterThan(RUNS / 80);
  }, 120_000);
});
