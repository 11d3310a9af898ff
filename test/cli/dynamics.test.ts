/** Figures of equations, through the command line. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, called, single } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const oscillator = {
  name: "oscillator",
  current: "1",
  equations: ["dv/dt = (v - v**3/3 - w + I)/ms : 1", "dw/dt = eps*(v + 0.7 - 0.8*w)/ms : 1"],
  params: { eps: 0.08 },
};
const file = (): string =>
  bench.file("own.json", single({ model: "oscillator", params: { eps: 0.1 } }, { models: [oscillator] }));

async function plotted(...words: string[]): ReturnType<typeof called> {
  return called(["plot", ...words, "--out", bench.path("figures")]);
}

function figure(name: string): string {
  return readFileSync(bench.path("figures", name), "utf8");
}

describe("plot MODEL", () => {
  it("--bifurcation tells what happens where, and draws it", async () => {
    const { status, out, err } = await plotted(
      "morrisLecar",
      "--bifurcation",
      "--preset",
      "snic",
      "--range",
      "-20..150",
    );
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(/^fold +39\.963153/m);
    expect(out).toMatch(/^hopf +97\.787889 .*period 24\.914 ms, subcritical$/m);
    expect(out).toMatch(/^snic +39\.963153/m);
    expect(figure("morrisLecar-bifurcation.svg")).toContain("stable cycles");
  });

  it("takes the model of a population of a file with its parameters", async () => {
    const { status, out } = await plotted(file(), "--bifurcation", "--range", "0..1");
    expect(status).toBe(0);
    // v^2 = 1 - 0.8 eps of the file's eps
    const v = -Math.sqrt(1 - 0.08);
    expect(out).toContain(`hopf            ${Number(((v + 0.7) / 0.8 - v + v ** 3 / 3).toPrecision(8))}`);
    const other = await plotted(file(), "--bifurcation", "--range", "0..1", "--population", "nobody");
    expect([other.status, other.err]).toEqual([2, expect.stringContaining('--population "nobody"; it must be one of')]);
  });

  it("--phase-plane, --fi and --prc, several at once, in colours and sizes of one's own", async () => {
    const words = ["--phase-plane", "--fi", "--prc", "--current", "0.5", "--range", "0..1", "--size", "800x500"];
    const { status, out } = await plotted("fitzhughNagumo", ...words, "--colors", "#123456,#654321");
    expect(status).toBe(0);
    expect(out).toContain("unstable focus at v = -0.804848");
    expect(out).toContain("period 39.474415 ms");
    for (const name of ["phase-plane", "fi", "prc"]) {
      const svg = figure(`fitzhughNagumo-${name}.svg`);
      expect(svg).toContain('width="800" height="500"');
      expect(svg).toContain("#123456");
    }
  });

  it("says what is wrong", async () => {
    for (const [words, message] of [
      [["hodgkinHuxley", "--phase-plane"], "has 4 states"],
      [["lif", "--prc", "--current", "1"], "does not spike"],
      [["lif", "--fi", "--range", "5..1"], '--range: "5..1"'],
      [[file(), "--fi"], "--range: it is missing"],
      [["lif", "--bifurcation", "--parameter", "taum", "--range", "1..2"], 'unknown parameter "taum"; did you mean "tau_m"?'],
      [["lif", "--bifurcation", "--parameter", "taum"], 'unknown parameter "taum"; did you mean "tau_m"?'],
      [["lif", "--bifurcation", "--parameter", "tau_m"], "--range: it is missing"],
      [["lif", "--fi", "--param", "C_m"], '--param: "C_m"'],
      [["lif", "--prc", "--current", "many"], '--current: "many"; it must be a number in pA'],
      [["lfi", "--fi"], 'did you mean "lif"?'],
      [["poisson", "--fi", "--range", "0..1"], "source of spikes"],
    ] as const) {
      const { status, err } = await plotted(...words);
      expect([status, err]).toEqual([2, expect.stringContaining(message)]);
    }
    expect(existsSync(bench.path("figures", "hodgkinHuxley-phase-plane.svg"))).toBe(false);
  });
});
