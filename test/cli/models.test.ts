/** Models as text on the command line. */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, called, single } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const model = {
  name: "leaky",
  text: "A leak and a threshold.",
  current: "pA",
  equations: "dv/dt = ((E_L - v)*g_L + I)/C_m : mV",
  params: { E_L: "-70 mV", g_L: "10 nS", C_m: "200 pF" },
  threshold: "v > -50*mV",
  reset: "v = E_L",
  init: { v: "E_L" },
};
const file = (name: string, change: object = {}): string =>
  bench.file(
    name,
    single(
      { model: "leaky", background: [{ kind: "constant", amplitude: 300 }] },
      { models: [{ ...model, ...change }] },
    ),
  );

describe("a file with models of its own", () => {
  it("is run", async () => {
    const { status, err } = await called([
      "run",
      file("fine.json"),
      "--no-plots",
      "--quiet",
      "--out",
      bench.path("results"),
    ]);
    expect([status, err]).toEqual([0, ""]);
  });

  it("is checked: a mistake is shown in its line, with a caret", async () => {
    const equations = "dv/dt = ((E_L - v)*g_L + I) : mV";
    const { status, err } = await called(["check", file("wrong.json", { equations })]);
    expect(status).toBe(2);
    expect(err).toContain("wrong.json: Model leaky: ");
    expect(err).toMatch(/equations:1:\d+: /);
    expect(err).toMatch(/1 \| dv\/dt = .*\n +\| +\^+/);
  });

  it("is checked: warnings are findings", async () => {
    const { status, out } = await called([
      "check",
      file("warned.json", { params: { ...model.params, unused: "1 mV" } }),
    ]);
    expect(status).toBe(0);
    expect(out).toMatch(/warning: leaky, params.unused:1:1: /);
  });

  it("tells its models", async () => {
    const { status, out } = await called(["models", file("told.json")]);
    expect(status).toBe(0);
    expect(out).toContain("A leak and a threshold.");
    expect(out).toContain("spike: v > -50*mV; then v = E_L");
    const json = await called(["models", file("told.json"), "--json"]);
    expect((JSON.parse(json.out) as { id: string; definition: object }[])[0]).toMatchObject({
      id: "leaky",
      definition: model,
    });
  });

  it("says why an intermediate equation cannot be recorded", async () => {
    const equations = "dv/dt = (drive + I)/C_m : mV\ndrive = (E_L - v)*g_L : pA";
    const population = { model: "leaky", background: [{ kind: "constant", amplitude: 300 }] };
    const own = {
      models: [{ ...model, equations, reset: "v -= 20*mV + 1*mV" }],
      record: [{ population: "p", variables: ["drive"] }],
    };
    const path = bench.file("intermediate.json", single(population, own));
    const { status, err } = await called(["check", path]);
    expect(status).toBe(2);
    expect(err).toMatch(/record\[0\]\.variables\[0\]: "drive"; it is an intermediate equation of leaky, .* not kept\. Known: spikes, v, I_background\./);
    expect(
      (await called(["models", bench.file("reset.json", single(population, { models: own.models }))])).out,
    ).toContain("then v = v - (20*mV + 1*mV)");
  });

  it("writes its models as LaTeX", async () => {
    const { status, out } = await called(["models", file("latex.json"), "--latex"]);
    expect(status).toBe(0);
    expect(out).toBe(
      [
        "% leaky",
        "\\begin{aligned}",
        "\\frac{\\mathrm{d}v}{\\mathrm{d}t} &= \\frac{\\left(E_{L} - v\\right) g_{L} + I}{C_{m}} \\\\",
        "&\\text{spike at } v \\gt -50 \\thinspace \\mathrm{mV}:\\quad v \\leftarrow E_{L}",
        "\\end{aligned}",
        "",
      ].join("\n"),
    );
    expect((await called(["models", "poisson", "--latex"])).out).toBe("% poisson\n% a source of spikes has no equations\n");
    expect((await called(["models", "--latex"])).out.match(/^% /gm)?.length).toBeGreaterThan(12);
    const both = await called(["models", "lif", "--latex", "--json"]);
    expect([both.status, both.err]).toEqual([2, expect.stringMatching(/--latex.*cannot be used with.*--json/)]);
  });
});

describe("a file with receptor kernels of its own", () => {
  const kernel = {
    name: "saturating",
    text: "A conductance that saturates.\nSpikes open what is still closed.",
    references: ["A source (2000)"],
    params: { tau: "100 ms", g_max: { default: "2 nS", range: ">= 0", text: "largest conductance" } },
    equations: ["ds/dt = -s/tau : 1", "open = s**2 : 1"],
    onSpike: "s += w*(1 - s)",
    output: "g_max*open*(0*mV - v)",
  };
  const withKernel = (name: string, change: object = {}): string => {
    const populations = [
      { name: "in", model: "poisson", size: 10, params: { rate: 50 } },
      { name: "p", model: "lif", size: 2, receptors: { slow: { kernel: "saturating", g_max: "3 nS" } } },
    ];
    const projections = [{ source: "in", target: "p", rule: "allToAll", weight: 0.5, delay: 1 }];
    const receptorKernels = [{ ...kernel, ...change }];
    const record = [{ population: "p", variables: ["s_slow", "g_slow"], every: 1 }];
    const network = { dt: 0.1, duration: 50, receptorKernels, populations, projections, record };
    return bench.file(name, network);
  };

  it("is run and its variables are recorded", async () => {
    const out = bench.path("kernels");
    const { status, err } = await called(["run", withKernel("kernel.json"), "--no-plots", "--quiet", "--out", out]);
    expect([status, err]).toEqual([0, ""]);
    const rows = readFileSync(`${out}/traces.csv`, "utf8").trim().split("\n").slice(1);
    const last = (variable: string): number => {
      const row = rows.filter((one) => one.includes(`,${variable},`)).at(-1);
      return Number(row?.split(",")[4]);
    };
    expect(last("s_slow")).toBeGreaterThan(0.5);
    expect(last("g_slow")).toBeCloseTo(3 * last("s_slow") ** 2, 10);
  });

  it("is checked: mistakes are shown in their lines, with a caret; warnings are findings", async () => {
    const { status, err } = await called(["check", withKernel("wrong.json", { onSpike: "s += w*(1 - r)" })]);
    expect(status).toBe(2);
    expect(err).toContain("wrong.json: Receptor kernel saturating: 1 mistake.");
    expect(err).toContain('onSpike:1:13: unknown name "r".');
    expect(err).toMatch(/1 \| s \+= w\*\(1 - r\)\n +\| +\^/);
    const params = { ...kernel.params, unused: 1 };
    expect((await called(["check", withKernel("warned.json", { params })])).out).toMatch(
      /warning: receptor kernel saturating, params.unused:1:1: nothing uses the parameter unused\./,
    );
    const equations = ["ds/dt = -s**2/tau : 1", "open = s : 1"];
    const noted = withKernel("noted.json", { method: "exponentialEuler", equations });
    expect((await called(["check", noted])).out).toContain(
      "p: receptor slow, s: its equation is not linear in s; exponentialEuler takes it by euler.",
    );
  });

  it("tells its kernels, also as JSON and LaTeX", async () => {
    const path = withKernel("listed.json");
    const { status, out } = await called(["models", path]);
    expect(status).toBe(0);
    for (const line of [
      "saturating: receptor kernel, a conductance",
      "A conductance that saturates.",
      "  g_max        2  nS    >= 0   largest conductance",
      "  open = s**2",
      "  ds/dt = -s/tau",
      "  when w arrives: s += w*(1 - s)",
      "  current into the cell: g_max*open*(0*mV - v)",
      "  weight w: no unit; current of the models it is for: pA",
      "  it reads v in mV",
      "  exact",
      "  A source (2000)",
    ])
      expect(out).toContain(line);
    const json = JSON.parse((await called(["models", path, "--json"])).out) as object[];
    expect(json).toMatchObject([
      {
        receptorKernel: "saturating",
        conductance: true,
        states: { s: "" },
        params: { tau: { default: 100, unit: "ms" } },
        definition: kernel,
      },
    ]);
    expect((await called(["models", path, "--latex"])).out).toBe(
      [
        "% saturating",
        "\\begin{aligned}",
        "\\frac{\\mathrm{d}s}{\\mathrm{d}t} &= -\\frac{s}{\\tau} \\\\",
        "\\mathrm{open} &= s^{2} \\\\",
        "I &= g_{\\mathrm{max}} \\thinspace \\mathrm{open} \\thinspace \\left(0 \\thinspace \\mathrm{mV} - v\\right) \\\\",
        "&\\text{when } w \\text{ arrives}:\\quad s \\leftarrow s + w \\left(1 - s\\right)",
        "\\end{aligned}",
        "",
      ].join("\n"),
    );
  });
});
