/** `spikelet fit`: documents and words, processes that share the work, what is written, mistakes. */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, called, spikelet } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());
const call = (...words: string[]) => called(["fit", ...words], { cwd: bench.folder });
const apart = (...words: string[]) => spikelet(["fit", ...words], { cwd: bench.folder });
const json = (name: string) => JSON.parse(readFileSync(bench.path(name), "utf8"));

// lif with C_m 310 pF, tau_m 14 ms
bench.file("rates.csv", "current_pA,rate_Hz\n400,19.4175\n500,31.3480\n700,51.6796\n1000,78.3699\n");
bench.file("bare.csv", "400,19.4175\n500,31.3480\n700,51.6796\n1000,78.3699\n");
bench.file("spikes.csv", "time_ms\n40\n80\n120\n160\n");
bench.file("current.csv", "t,I\n0,400\n1,400\n2,400\n");
const search = { population: 16, generations: 6, refinements: 10 };
const vary = { C_m: [100, 600], tau_m: ["5 ms", "40 ms"] };
bench.file("rates.json", { model: "lif", comment: "a cell", vary, to: { fi: "rates.csv" }, search });
bench.file("both.json", {
  model: "lif",
  vary,
  seed: 4,
  search,
  to: {
    fi: { points: "bare.csv", duration: 500, weight: 2 },
    spikes: [{ times: "spikes.csv", current: { dt: 60, file: "current.csv", column: "I" } }],
  },
});

describe("spikelet fit", () => {
  it("finds the parameters of a model by words, and prints them", async () => {
    const words = [
      "lif",
      "--vary",
      "C_m=100..600",
      "--vary",
      "tau_m=5 ms..40 ms",
      "--set",
      "V_reset=-75",
      "--to",
      "rates.csv",
    ];
    const { status, out, err } = await call(...words, "--jobs", "1", "--quiet", "--generations", "12");
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /^lif: error [\d.e-]+, (not )?converged \(\d+ generations?, \d+ refinements?, [\d,]+ candidates\)$/m,
    );
    expect(out).toMatch(/^C_m +[\d.]+ {2}pF {4}100 to 600/m);
    expect(out).toMatch(/^current \(pA\) {2}rate \(Hz\) {2}model \(Hz\)$/m);
    expect(out).toMatch(/^"params": \{"C_m":[\d.]+,"tau_m":[\d.]+\}$/m);
  });

  it("reads a document with the tables that it names, and writes what it found", async () => {
    const { status, out } = await call("both.json", "--jobs", "1", "--out", "found.json", "--quiet");
    expect(status).toBe(0);
    expect(out).toMatch(/^4 spikes, \d+ of the model, coincidence factor [\d.-]+$/m);
    const found = json("found.json");
    expect(found).toMatchObject({ model: "lif", seed: 4, dt: 0.1, vary, fi: { current: [400, 500, 700, 1000] } });
    expect(Object.keys(found.params)).toEqual(["C_m", "tau_m"]);
    expect(found.spikes[0].times.length).toBeGreaterThan(0);
    const printed = await call("both.json", "--jobs", "1", "--json", "--quiet");
    expect(JSON.parse(printed.out)).toEqual(found);
  });

  it("gives the same bits for any number of processes", async () => {
    for (const jobs of ["1", "2", "3"]) {
      const { status, err } = await apart("both.json", "--jobs", jobs, "--out", `jobs-${jobs}.json`, "--quiet");
      expect([status, err]).toEqual([0, ""]);
    }
    expect(json("jobs-2.json")).toEqual(json("jobs-1.json"));
    expect(json("jobs-3.json")).toEqual(json("jobs-1.json"));
  });

  it("fits a model that the document defines", async () => {
    const leaky = {
      name: "leaky",
      current: "pA",
      equations: "dv/dt = (g*(E - v) + I)/C : mV",
      params: { C: "200 pF", g: "20 nS", E: "-70 mV" },
      threshold: "v > -50*mV",
      reset: "v = -70*mV",
      init: { v: "E" },
    };
    const file = bench.file("own.json", {
      models: [leaky],
      model: "leaky",
      vary: { C: [100, 600] },
      to: { fi: "rates.csv" },
      search,
    });
    const { status, out } = await apart(file, "--jobs", "2", "--quiet", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ model: "leaky", models: [{ name: "leaky" }] });
  });

  it("ends on a signal with the best so far, and leaves no process behind", async () => {
    const long = bench.file("long.json", {
      model: "lif",
      vary,
      to: { fi: { points: "rates.csv", duration: 20_000 } },
      search: { generations: 10_000, tolerance: 0 },
    });
    const { status, out } = await spikelet(["fit", long, "--jobs", "2"], {
      cwd: bench.folder,
      during: (child) => {
        child.stderr?.once("data", () => child.kill("SIGINT"));
      },
    });
    expect(status).toBe(130);
    expect(out).toMatch(/^lif: error [\d.e-]+, cancelled/);
  });

  it.each<[string[], RegExp]>([
    [[], /^error: missing required argument 'file'/],
    [["liff", "--vary", "C_m=1..2", "--to", "rates.csv"], /^error: unknown model "liff"; did you mean "lif"\?/],
    [["lif", "--vary", "Cm=1..2", "--to", "rates.csv"], /^error: --vary: unknown parameter "Cm"; did you mean "C_m"\?/],
    [
      ["lif", "--vary", "C_m=5..2", "--to", "rates.csv"],
      /^error: --vary C_m\[1\] = 2 pF; it must be above the lower bound 5\./,
    ],
    [["lif", "--vary", "C_m=5", "--to", "rates.csv"], /^error: --vary C_m: "5"; it must be bounds LOW\.\.HIGH/],
    [["lif", "--vary", "C_m", "--to", "rates.csv"], /^error: --vary: "C_m"; it must be NAME=LOW\.\.HIGH/],
    [["lif", "--vary", "C_m=1..2"], /^error: fit: the key "to" is missing/],
    [["lif", "--to", "rates.csv"], /^error: fit: the key "vary" is missing/],
    [["lif", "--vary", "C_m=1..2", "--to", "none.csv"], /^error: none\.csv: there is no such file\./],
    [["lif", "--vary", "C_m=1..2", "--to", "spikes.csv"], /^error: spikes\.csv, line 1: there is no column 1/],
    [
      ["lif", "--vary", "C_m=1..2", "--to", "rates.csv", "--jobs", "0"],
      /^error: --jobs: "0"; it must be an integer from 1 to 1024\./,
    ],
    [["rates.json", "--seed", "x"], /^error: rates\.json: \$\.seed/],
    [["rates.json", "--set", "E_L=-60 pF"], /^error: rates\.json: \$\.params\.E_L/],
  ])("refuses %j", async (words, message) => {
    const { status, err, out } = await call(...words);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
  });

  it("names the document and the place of a mistake in it", async () => {
    const refused = async (content: unknown): Promise<string> => {
      bench.file("wrong.json", content);
      const { status, err } = await call("wrong.json");
      expect(status).toBe(2);
      return err;
    };
    expect(await refused("{")).toMatch(/^error: wrong\.json: this is not JSON/);
    expect(await refused("[]")).toMatch(/^error: wrong\.json: it must be an object/);
    expect(await refused({ vary })).toMatch(/^error: wrong\.json: the key "model" is missing/);
    expect(await refused({ model: "lif", vary, too: 1 })).toMatch(
      /^error: wrong\.json: \$: unknown option "too"; did you mean "to"\?/,
    );
    expect(await refused({ model: "lif", vary, to: { fi: [[1, "x"]] } })).toMatch(
      /^error: wrong\.json: \$\.to\.fi\[0\]\[1\]/,
    );
  });
});
