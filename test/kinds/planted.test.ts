/**
 * A new kind is one record: each list of kinds gets one more here, as if it stood in its file, and the new one is read,
 * written, suggested, in the schema and in the tables of the documentation, and computed, without another line
 * anywhere.
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it, vi } from "vitest";
import type { Loose } from "../model/networks.js";

/** A constant current times a factor, as a kind of its own: the core's constant. */
vi.mock("../../src/kinds/backgrounds.js", async (original) => {
  const known: Loose = await original();
  const { number, quantity } =
    await vi.importActual<typeof import("../../src/kinds/field.js")>("../../src/kinds/field.js");
  known.backgrounds.scaledCurrent = {
    text: "A current times a factor",
    fields: {
      height: quantity("current", { text: "Current", meaning: (unit: string) => `the height in ${unit}` }),
      factor: number({ text: "What it is multiplied with", default: 2, range: "> 0" }),
    },
    argument: "height",
    core: "constant",
    lower: ({ height, factor }: Loose) => ({ a: height * factor, b: 0 }),
    mean: ({ height, factor }: Loose) => height * factor,
  };
  return known;
});

vi.mock("../../src/kinds/receptors.js", async (original) => {
  const known: Loose = await original();
  known.receptors.halfLife = {
    text: "A jump and a decay by half in a time",
    fields: {
      half: { ...known.receptors.exponential.fields.tau, text: "Time of a decay by half" },
      E_rev: known.receptors.exponential.fields.E_rev,
    },
    core: "exponential",
    lower: ({ half }: Loose) => ({ decay: half / Math.LN2 }),
  };
  return known;
});

vi.mock("../../src/kinds/plasticity.js", async (original) => {
  const known: Loose = await original();
  const { A_plus, tau_plus, w_min, w_max } = known.plasticities.stdp.fields;
  known.plasticities.balancedStdp = {
    text: "Pairs of spikes with one amplitude",
    fields: { A: A_plus, tau: tau_plus, w_min, w_max },
    rule: () => ({
      synapse: ["dx/dt = -x/tau : 1 (source)", "dy/dt = -y/tau : 1 (target)"],
      onPre: ["w -= A*w_max*y", "x += 1"],
      onPost: ["w += A*w_max*x", "y += 1"],
    }),
  };
  return known;
});

vi.mock("../../src/kinds/rules.js", async (original) => {
  const known: Loose = await original();
  known.rules.fixedShare = {
    text: "a share of the sources onto each neuron of the target",
    fields: { share: { ...known.rules.fixedProbability.fields.p, text: "share of the sources" } },
    multapses: "default",
    core: "fixedProbability",
    lower: ({ share }: Loose) => ({ p: share }),
    least: () => 0,
    onto: ({ share }: Loose, { sources }: Loose) => share * sources,
  };
  return known;
});

vi.mock("../../src/kinds/layouts.js", async (original) => {
  const known: Loose = await original();
  known.layouts.column = {
    text: "Above each other",
    fields: { height: { ...known.layouts.line.fields.length, text: "Height of the column" } },
    place: ({ height }: Loose, { size, fill }: Loose) => ({
      x: new Float64Array(size),
      y: fill((i: number) => ((i + 0.5) * height) / size),
      period: [0, height],
    }),
    closes: () => true,
  };
  return known;
});

vi.mock("../../src/kinds/distributions.js", async (original) => {
  const known: Loose = await original();
  known.distributions.around = {
    arguments: [{ name: "middle" }, { name: "width", range: ">= 0" }],
    single: false,
    core: "uniform",
    lower: ([middle, width]: number[]) => [
      (middle as number) - (width as number) / 2,
      (middle as number) + (width as number) / 2,
      0,
      0,
    ],
    moments: ([middle, width]: number[]) => [middle, width],
    extreme: ([middle, width]: number[], sign: number) => (middle as number) + (sign * (width as number)) / 2,
  };
  return known;
});

const { background, Simulation, receptor, SpikeletError, toDocument } = await import("../../src/index.js");
const { parseDocument } = await import("../../src/model/parse.js");
const { kindTables, modelSchema } = await import("../../scripts/generate/docs.js");
const { models, sources } = await import("../../src/models/index.js");

/** A network of the planted kinds, and one that says the same with the kinds that it has always had. */
function network(planted: boolean): Loose {
  const weight = 30;
  const changing = { w_min: 0, w_max: 60 };
  return {
    version: 1,
    name: "planted",
    dt: 0.1,
    duration: 200,
    seed: 3,
    populations: [
      {
        name: "a",
        model: "lif",
        size: 20,
        params: { tau_m: planted ? { around: [15, 10] } : { uniform: [10, 20] } },
        receptors: { in: planted ? { kernel: "halfLife", half: 5 } : { kernel: "exponential", tau: 5 / Math.LN2 } },
        background: [
          planted ? { kind: "scaledCurrent", height: 250, factor: 2 } : { kind: "constant", amplitude: 500 },
        ],
        positions: planted
          ? { column: { height: 20 } }
          : Array.from({ length: 20 }, (_, i) => [0, ((i + 0.5) * 20) / 20]),
      },
    ],
    projections: [
      {
        source: "a",
        target: "a",
        receptor: "in",
        ...(planted
          ? { rule: "fixedShare", share: 0.5, multapses: false }
          : { rule: "fixedProbability", p: 0.5, autapses: true }),
        weight,
        delay: 1,
        plasticity: planted
          ? { kind: "balancedStdp", A: 0.1, tau: 20, ...changing }
          : {
              kind: "stdp",
              A_plus: 0.1,
              A_minus: 0.1,
              tau_plus: 20,
              tau_minus: 20,
              ...changing,
              weightDependence: "additive",
              pairing: "all",
            },
      },
      {
        source: "a",
        target: "a",
        receptor: "in",
        rule: "distance",
        kernel: "gaussian",
        scale: 5,
        weight: 10,
        delay: 1,
      },
    ],
    record: [],
  };
}

async function spikesOf(document: Loose): Promise<unknown> {
  const sim = await Simulation.fromSpec(parseDocument(document));
  const spikes = sim.record([...sim.populations.values()][0] as Loose, "spikes") as Loose;
  await sim.run(200);
  return [
    Array.from(spikes.times),
    Array.from(spikes.neurons),
    ...sim.projections.map((projection) => Array.from(projection.weights())),
  ];
}

function message(edit: (d: Loose) => void): string {
  const document = network(true);
  edit(document);
  try {
    parseDocument(document);
  } catch (error) {
    expect(error).toBeInstanceOf(SpikeletError);
    return (error as Error).message;
  }
  throw new Error("it was accepted");
}

describe("a planted kind of each sort", () => {
  it("is read, with its defaults", () => {
    const document = network(true);
    delete document.populations[0].background[0].factor;
    const { populations, projections } = parseDocument(document) as Loose;
    expect(populations[0].background).toEqual([{ kind: "scaledCurrent", height: 250, factor: 2 }]);
    expect(populations[0].receptors).toEqual({ in: { kernel: "halfLife", half: 5 } });
    expect(populations[0].params.tau_m).toEqual({ around: [15, 10] });
    expect(populations[0].positions).toEqual({ kind: "column", height: 20 });
    expect(projections[0].rule).toEqual({ rule: "fixedShare", share: 0.5 });
    expect(projections[0].plasticity).toEqual({ kind: "balancedStdp", A: 0.1, tau: 20, w_min: 0, w_max: 60 });
  });

  it("is written as it was read", () => {
    expect(toDocument(parseDocument(network(true)))).toMatchObject(network(true));
    expect(parseDocument(toDocument(parseDocument(network(true))))).toEqual(parseDocument(network(true)));
  });

  it("has a function in the API", () => {
    expect((background as Loose).scaledCurrent(5, { start: 1 })).toEqual({
      kind: "scaledCurrent",
      height: 5,
      start: 1,
    });
    expect((receptor as Loose).halfLife({ half: 3 })).toEqual({ kernel: "halfLife", half: 3 });
  });

  it.each([
    [
      "background",
      (d: Loose) => (d.populations[0].background[0].kind = "scaledCurent"),
      'did you mean "scaledCurrent"',
    ],
    ["receptor", (d: Loose) => (d.populations[0].receptors.in.kernel = "halflife"), 'did you mean "halfLife"'],
    ["distribution", (d: Loose) => (d.populations[0].params.tau_m = { arround: [1, 2] }), 'did you mean "around"'],
    ["layout", (d: Loose) => (d.populations[0].positions = { colum: {} }), 'did you mean "column"'],
    ["rule", (d: Loose) => (d.projections[0].rule = "fixedShar"), 'did you mean "fixedShare"'],
    ["plasticity", (d: Loose) => (d.projections[0].plasticity.kind = "balancedStpd"), 'did you mean "balancedStdp"'],
  ])("is suggested: %s", (_, edit, hint) => {
    expect(message(edit)).toContain(hint);
  });

  it.each([
    [
      "a missing field",
      (d: Loose) => delete d.populations[0].background[0].height,
      '$.populations[0].background[0]: the key "height" is missing; it must be the height in pA.',
    ],
    [
      "a range",
      (d: Loose) => (d.populations[0].background[0].factor = 0),
      "$.populations[0].background[0].factor: 0; it must be > 0.",
    ],
    [
      "a misspelt field",
      (d: Loose) => (d.populations[0].receptors.in = { kernel: "halfLife", halv: 5 }),
      'unknown key "halv" of a halfLife receptor; did you mean "half"?',
    ],
    [
      "a number of a distribution",
      (d: Loose) => (d.populations[0].params.tau_m = { around: [1, -2] }),
      "$.populations[0].params.tau_m.around[1]: -2 ms; it must be >= 0 ms.",
    ],
    [
      "a field of a layout",
      (d: Loose) => (d.populations[0].positions = { column: {} }),
      '$.populations[0].positions.column: the key "height" is missing',
    ],
    [
      "a key of another rule",
      (d: Loose) => (d.projections[0].k = 5),
      'the key "k" belongs to the rules fixedIndegree and fixedOutdegree, not to fixedShare.',
    ],
    [
      "a field of plasticity",
      (d: Loose) => (d.projections[0].plasticity.A = -1),
      "$.projections[0].plasticity.A: -1; it must be >= 0.",
    ],
    ["bounds", (d: Loose) => (d.projections[0].plasticity.w_min = 70), "w_max"],
  ])("has errors like the others: %s", (_, edit, text) => {
    expect(message(edit)).toContain(text);
  });

  it("is in the schema", () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, strictTuples: false });
    const validate = ajv.compile(modelSchema(Object.values(models), Object.values(sources)));
    expect(validate(network(true)), JSON.stringify(validate.errors)).toBe(true);
    const wrong: readonly ((d: Loose) => unknown)[] = [
      (d) => delete d.populations[0].background[0].height,
      (d) => (d.populations[0].receptors.in.half = 0),
      (d) => (d.populations[0].params.tau_m = { around: [1] }),
      (d) => (d.populations[0].positions.column = { height: 0 }),
      (d) => delete d.projections[0].share,
      (d) => (d.projections[0].plasticity.A = -1),
    ];
    for (const edit of wrong) {
      const document = network(true);
      edit(document);
      expect(validate(document)).toBe(false);
    }
  });

  it("is in the tables of the documentation", () => {
    const tables = Object.values(kindTables()).join("\n");
    for (const name of ["scaledCurrent", "halfLife", "balancedStdp", "fixedShare", "column", "around"])
      expect(tables).toContain(`\`${name}\``);
    expect(tables).toContain("| `factor` | What it is multiplied with; 2 when left out. |");
    expect(tables).toContain("| `half` (required) | Time of a decay by half. |");
  });

  it("computes what the kinds that it stands for compute", async () => {
    const spikes = await spikesOf(network(true));
    expect(spikes).toEqual(await spikesOf(network(false)));
    expect((spikes as number[][])[0]?.length).toBeGreaterThan(100);
  });
});
