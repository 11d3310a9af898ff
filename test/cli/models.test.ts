/** Models as text on the command line. */
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
