/**
 * The claims of examples/claims, smaller: each test fails when a claim's sign turns. The scripts use the package as it
 * is built, as a reader would.
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { kinds, measure as backgrounds } from "../../examples/claims/background.js";
import { cases, measure as bursting } from "../../examples/claims/bursting.js";
import { map } from "../../examples/claims/seizure-map.js";
import { measure as spikeTimes } from "../../examples/claims/spike-times.js";
import { measure as timeSteps, type Rule } from "../../examples/claims/time-steps.js";

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;

describe("who fires when", () => {
  it("lif too soon, qif too late with the same membrane; the exponential onset nearest, same or fitted", async () => {
    const { latencies, same, fits } = await spikeTimes({
      generations: 10,
      duration: 2000,
      seeds: 3,
      steps: [1.1, 1.5, 2, 3],
    });
    const late = Object.fromEntries(same.map((one) => [one.name, one.late])) as Record<string, number[]>;
    expect(latencies.every((time, i) => i === 0 || time < (latencies[i - 1] as number))).toBe(true);
    for (const i of latencies.keys()) {
      const at = (name: string): number => late[name]?.[i] as number;
      expect(at("lif")).toBeLessThan(-2);
      expect(at("qif")).toBeGreaterThan(2);
      // against the claim: its own membrane is fast
      expect(at("izhikevich")).toBeLessThan(-2);
      expect(Math.abs(at("eif"))).toBeLessThan(Math.abs(at("lif")));
      expect(Math.abs(at("eif"))).toBeLessThan(Math.abs(at("qif")));
    }
    const gamma = Object.fromEntries(
      fits.map((one) => [one.name, mean(one.gamma.map((x) => (Number.isNaN(x) ? 0 : x)))]),
    );
    for (const good of ["eif", "adex"]) {
      for (const other of ["lif", "qif", "izhikevich"])
        expect(gamma[good]).toBeGreaterThan((gamma[other] as number) + 0.1);
    }
  });
});

describe("background", () => {
  it.each(kinds)("brings a small input closer to a spike: $name", async (kind) => {
    const rows = await backgrounds(kind, 100, [0, 0.5, 0.95]);
    const [none, half, near] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]];
    expect(none.evoked).toBe(0);
    expect(near.evoked).toBeGreaterThan(0.3);
    expect(half.least).toBeLessThan(none.least);
    expect(near.least).toBeLessThan(0.5 * half.least);
    expect(near.spontaneous).toBeLessThan(0.1);
  });
});

describe("the map", () => {
  it("goes from quiet through irregular to seizure, and irregular is the smallest part", async () => {
    const grid = await map([0.2, 0.6, 1.2, 2], [0, 2, 4, 8], 600);
    const states = grid.map((row) => row.map(({ state }) => state));
    expect(states.map(([first]) => first)).toEqual(["quiet", "quiet", "quiet", "quiet"]);
    expect(states[0]?.slice(1)).toEqual(["seizure", "seizure", "seizure"]);
    const count = (state: string): number => states.flat().filter((one) => one === state).length;
    expect(count("irregular")).toBeGreaterThan(0);
    expect(count("irregular")).toBeLessThan(count("seizure"));
    // more inhibition never makes it faster by more than noise, more background never slower
    for (const [r, row] of grid.entries()) {
      for (const [c, { rate }] of row.entries()) {
        if (r > 0) expect(rate).toBeLessThan((grid[r - 1]?.[c]?.rate ?? 0) * 1.1 + 1);
        if (c > 0) expect(rate).toBeGreaterThan((row[c - 1]?.rate ?? 0) * 0.9 - 1);
      }
    }
  });
});

describe("bursts", () => {
  it.each(cases)("come and go with the second variable: $name", async (one) => {
    const { spikes, begin, end, next, lowRate, lowPauses, highRate } = await bursting(one);
    expect(spikes).toBeGreaterThanOrEqual(2);
    expect(end).toBeGreaterThan(begin);
    expect(next).toBeLessThan(end);
    expect(lowRate).toBeGreaterThan(20);
    expect([lowPauses, highRate]).toEqual([0, 0]);
  });
});

describe("rules on time steps", () => {
  it("prevent what happens beyond them, and the check knows where they are", async () => {
    const rules = await timeSteps();
    const worse = ({ values: [within, beyond] }: Rule): boolean =>
      Number.isNaN(beyond) || Math.abs(beyond) > 2 * Math.abs(within) + 0.1;
    const exceptions = ["stdp-dt-above-0.1"];
    for (const rule of rules) {
      const { code, codes, values } = rule;
      expect([code, codes[0].includes(code), codes[1].includes(code)]).toEqual([code, false, true]);
      if (exceptions.includes(code)) expect(values[1]).toBeGreaterThan(1.2 * values[0]);
      else expect([code, values, worse(rule)]).toEqual([code, values, true]);
    }
    const unstable = rules.filter(({ values }) => values[1] === Number.POSITIVE_INFINITY).map(({ code }) => code);
    expect(unstable).toEqual(["dt-above-method-limit"]);
    // all codes of the check that are about time steps and time constants
    const source = readFileSync("src/sim/stability.ts", "utf8");
    const known = [...source.matchAll(/code: "([\w.-]+)"/g)].map(([, code]) => code as string);
    const others = ["method-changed", "equation-method", "no-input", "rule-every-step"];
    expect(known.filter((code) => !others.includes(code)).sort()).toEqual(rules.map(({ code }) => code).sort());
  });
});

describe("the page", () => {
  it("has the tables of all claims, and its figures are there", () => {
    const text = readFileSync("examples/claims/README.md", "utf8");
    for (const name of ["spike-times", "background", "seizure-map", "bursting", "time-steps"]) {
      expect(text).toMatch(new RegExp(`<!-- ${name} -->\\n[\\s\\S]*\\| --- \\|[\\s\\S]*<!-- end of ${name} -->`));
      expect(existsSync(`examples/claims/${name}.ts`)).toBe(true);
    }
    const figures = [...text.matchAll(/\]\((figures\/[^)]+)\)/g)].map(([, path]) => `examples/claims/${path}`);
    expect(figures.length).toBeGreaterThan(7);
    expect(figures.filter((path) => !existsSync(path))).toEqual([]);
  });
});
