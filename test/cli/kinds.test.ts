/** Kinds on the command line. */
import { describe, expect, it } from "vitest";
import { izhikevich, kinds, lif } from "../../src/index.js";
import { called } from "./spikelet.js";

const all = Object.entries(kinds());

describe("kinds", () => {
  it("lists every kind of every sort", async () => {
    const { status, out } = await called(["kinds"]);
    expect(status).toBe(0);
    for (const [sort, { title, kinds: of }] of all) {
      expect(out).toMatch(new RegExp(`^${sort} +${title}$`, "m"));
      for (const { name, text } of of)
        expect(out.split("\n").some((line) => line.startsWith(`  ${name} `) && line.endsWith(text))).toBe(true);
    }
  });

  it.each(all)("tells all fields of %s", async (sort, { kinds: of, common }) => {
    const { out } = await called(["kinds", sort]);
    for (const { name, fields } of [...of, { name: sort, fields: common }]) {
      for (const field of fields) {
        const line = out.split("\n").find((one) => one.startsWith(`  ${field.name}${field.required ? " " : "? "}`));
        expect(line, `${name}.${field.name}`).toBeDefined();
      }
    }
  });

  it("names units as they are for a model", async () => {
    expect((await called(["kinds", "whiteNoise", "--model", "lif"])).out).toMatch(/sigma +value +pA\*sqrt\(ms\) +>= 0/);
    expect((await called(["kinds", "whiteNoise", "--model", "izhikevich"])).out).toMatch(
      /sigma +value +sqrt\(ms\) +>= 0/,
    );
    expect((await called(["kinds", "whiteNoise"])).out).toContain("the unit of the current times sqrt(ms)");
  });

  it("prints what the API says, also of a name that two sorts have", async () => {
    const { out } = await called(["kinds", "exponential", "--json", "--model", "lif"]);
    const { receptors, distributions } = kinds(lif);
    const named = ({ name }: { readonly name: string }): boolean => name === "exponential";
    expect(JSON.parse(out)).toEqual({
      receptors: { ...receptors, kinds: receptors.kinds.filter(named) },
      distributions: { ...distributions, kinds: distributions.kinds.filter(named) },
    });
  });

  it("suggests the nearest name of a kind and of a model", async () => {
    const kind = await called(["kinds", "ornsteinUhlenbek"]);
    expect([kind.status, kind.err]).toEqual([
      2,
      expect.stringContaining('unknown kind "ornsteinUhlenbek"; did you mean "ornsteinUhlenbeck"?'),
    ]);
    const model = await called(["kinds", "sine", "--model", "izhikevic"]);
    expect([model.status, model.err]).toEqual([2, expect.stringContaining('did you mean "izhikevich"?')]);
  });
});

describe("the listing", () => {
  it("has defaults, ranges and words as forms need them", () => {
    const stdp = kinds(izhikevich).plasticity.kinds.find(({ name }) => name === "stdp");
    const field = (name: string) => stdp?.fields.find((one) => one.name === name);
    expect(field("w_min")).toMatchObject({ type: "number", required: false, default: 0, range: ">= 0" });
    expect(field("tau_plus")).toMatchObject({ unit: "ms", required: true, range: "> 0" });
    expect(field("pairing")).toMatchObject({ type: "choice", choices: ["all", "nearest"], default: "all" });
  });
});
