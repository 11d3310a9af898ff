/**
 * The gallery's files: each is a network (scripts/checks/playground.ts runs them), and every example that is a model
 * file is in it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { forPage } from "../../apps/playground/src/net/scaling.js";
import { parseModelFile, Simulation } from "../../src/index.js";

const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const namesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [file.replace(/\.json$/, "")] : []));
const GALLERY = namesIn("apps/playground/gallery");
const EXAMPLES = namesIn("examples");

describe("the gallery", () => {
  it("has all examples that are model files", () => {
    expect(EXAMPLES.length).toBeGreaterThan(1);
    expect(GALLERY).toEqual(expect.arrayContaining(EXAMPLES));
  });

  it.each(GALLERY)("%s has words, and a network without errors", async (name) => {
    const { title, words, program, document, ...rest } = read(`apps/playground/gallery/${name}.json`);
    expect(rest).toEqual({});
    expect(title.length).toBeGreaterThan(5);
    expect(words.length).toBeGreaterThan(40);
    if (program !== "") expect(readdirSync("examples")).toContain(program);
    const content = document ?? read(`examples/${name}.json`);
    parseModelFile(JSON.stringify(content));
    const sim = await Simulation.fromDocument(forPage(content));
    expect(sim.check().filter(({ level }) => level === "error")).toEqual([]);
    sim.close();
  });
});
