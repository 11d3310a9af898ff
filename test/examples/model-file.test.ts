/** The page of the model file names every key of the schema with its meaning. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Simulation } from "../../src/index.js";

interface Part {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly anyOf?: readonly Part[];
  readonly then?: Part;
  readonly else?: Part;
}

it("the example of the page runs, without a finding", async () => {
  const [, text = ""] = /```json\n([^]*?)```/.exec(readFileSync("docs/model-file.md", "utf8")) ?? [];
  const sim = await Simulation.fromDocument(JSON.parse(text));
  const { findings, populations } = await sim.run(1000);
  sim.close();
  expect(findings).toEqual([]);
  for (const { spikes } of Object.values(populations)) expect(spikes).toBeGreaterThan(0);
});

it("the page of the model file has the keys of the schema", () => {
  const schema = JSON.parse(readFileSync("schema/model.schema.json", "utf8")) as Part & { $defs: Record<string, Part> };
  const page = readFileSync("docs/model-file.md", "utf8");
  const { population, projection, record, receptor_mV, background_pA } = schema.$defs;
  const parts = [
    schema,
    population,
    projection,
    record?.then,
    record?.else,
    ...(receptor_mV?.anyOf ?? []),
    ...(background_pA?.anyOf ?? []),
  ];
  expect(parts.length).toBeGreaterThan(18);
  for (const part of parts) {
    for (const [key, { description }] of Object.entries(part?.properties ?? {})) {
      expect(page).toContain(`\`${key}\``);
      expect(page).toContain((description ?? "").replace(/\|/g, "\\|"));
    }
  }
});
