import { afterAll, describe, expect, it } from "vitest";
import { models, sources, type TimeStepComparison } from "../../src/index.js";
import { libraryNames } from "../../src/model/library.js";
import { Bench, called, network, single, spikelet } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

describe("spikelet check", () => {
  it("says what the file holds and that nothing was found", async () => {
    const path = bench.file("fine.json", network());
    const { status, out, err } = await called(["check", path]);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("fine.json: pair, 2 populations, 50 neurons, 2 projections, 100 ms in steps of 0.1 ms\n");
    expect(out).toContain("It can be run: nothing was found.\n");
  });

  it("prints warnings with status 0 and errors with status 2", async () => {
    const warned = await called([
      "check",
      bench.file("warned.json", single({ model: "adex", method: "euler" }, { dt: 0.25 })),
    ]);
    expect(warned.status).toBe(0);
    expect(warned.out).toMatch(/^warning: p: dt = 0.25 ms/m);
    expect(warned.out).toMatch(/It can be run: 1 warning/);
    const fast = bench.file("fast.json", single({ params: { tau_m: 0.05 }, method: "euler" }));
    const wrong = await called(["check", fast, "--compare"]);
    expect(wrong.status).toBe(2);
    expect(wrong.out).toMatch(/^error: p: dt = 0.1 ms is not below tau_m/m);
    expect(wrong.out).toMatch(/It cannot be run: 1 error/);
    expect(wrong.out).not.toContain("dt/2");
  });

  it("prints JSON", async () => {
    const path = bench.file("hh.json", single({ model: "hodgkinHuxley", method: "euler" }));
    const { status, out } = await called(["check", path, "--json"]);
    expect(status).toBe(2);
    const content = JSON.parse(out) as { findings: object[] };
    expect(content).toMatchObject({
      file: path,
      name: "single",
      ok: false,
      dt: 0.1,
      duration: 50,
      seed: 1,
      populations: { p: { model: "hodgkinHuxley", size: 3, method: "euler" } },
    });
    expect(Object.keys(content.findings[0] ?? {})).toEqual([
      "level", "code", "message", "population", "parameter", "value", "limit",
    ]);
  });

  it("compares time steps, also with tables in files", async () => {
    bench.file("I.csv", "800\n900\n");
    bench.file("pairs.csv", "0,1,2.5\n1,2,2.5\n");
    const model = single(
      { receptors: { e: { kernel: "delta" } }, background: [{ kind: "samples", dt: 10, file: "I.csv" }] },
      { projections: [{ source: "p", target: "p", rule: "list", file: "pairs.csv", delay: 1 }] },
    );
    const path = bench.file("compare.json", model);
    const { status, out } = await called(["check", path, "--compare", "--json"], { cwd: "/" });
    expect(status).toBe(0);
    const { comparison } = JSON.parse(out) as { comparison: TimeStepComparison[] };
    expect(comparison).toHaveLength(1);
    const [{ population, spikes, largestShift }] = comparison as [TimeStepComparison];
    expect(population).toBe("p");
    expect(spikes[0]).toBeGreaterThan(0);
    expect(largestShift).toBeLessThanOrEqual(0.1);
    const text = await called(["check", path, "--compare"]);
    expect(text.out).toMatch(/dt = 0.1 ms and 0.05 ms over 50 ms/);
  });

  it("shows where in a model's text a warning is, and names a population once", async () => {
    const model = { name: "m", equations: "dv/dt = x/(exp(x) - 1)/ms - v**3/ms : 1\nx = v : 1", init: { v: 1 } };
    const path = bench.file(
      "text.json",
      single({ model: "m", method: "exponentialEuler", params: {}, background: [] }, { models: [model] }),
    );
    const { out } = await called(["check", path]);
    expect(out).toMatch(/^warning: m, equations:1:9: 0\/0 where .*\n {2}1 \| dv\/dt = .*\n {4}\| {9}\^+\n/m);
    expect(out).toMatch(/^note: p: v: its equation is not linear/m);
  });

  it("reads standard input", async () => {
    const { status, out } = await spikelet(["check", "-"], { input: JSON.stringify(network()) });
    expect(status).toBe(0);
    expect(out).toContain("standard input: pair");
  });
});

describe("spikelet models", () => {
  it("lists every model with its summary", async () => {
    const { status, out } = await called(["models"]);
    expect(status).toBe(0);
    const lines = out.split("\n").map((line) => line.replace(/ {2,}/, ": "));
    for (const { id, summary } of Object.values(models)) expect(lines).toContain(`${id}: ${summary}`);
  });

  it("describes a model", async () => {
    const { out } = await called(["models", "morrisLecar"]);
    const texts = ["States", "g_Ca", "uA/cm2", "dv/dt", "m_inf = ", "spike: v crosses V_th", "rk4, ", "snic", "doi:"];
    for (const text of texts) expect(out).toContain(text);
  });

  it("prints JSON with a stable shape", async () => {
    const list = JSON.parse((await called(["models", "--json"])).out) as { id: string }[];
    expect(list.map(({ id }) => id)).toEqual([...Object.keys(models), ...Object.keys(sources), ...libraryNames()]);
    const one = JSON.parse((await called(["models", "adex", "--json"])).out) as Record<string, unknown>;
    expect(one).toEqual(list.find(({ id }) => id === "adex"));
    expect(Object.keys(one)).toEqual([
      "id", "title", "family", "summary", "current", "conductance", "states", "params", "functions", "equations",
      "threshold", "reset", "init", "methods", "defaultMethod", "presets", "references",
    ]);
    const { C_m } = one.params as Record<string, unknown>;
    expect(C_m).toEqual({ unit: "pF", default: 281, range: "> 0", text: "membrane capacitance" });
  });
});
