/** Which pages the documentation has: what its tables of contents lead to. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { forgotten, linked, pagesOf, sections, titleOf, urlOf } from "../../scripts/pages/site/pages.js";

const pages = pagesOf((path) => readFileSync(path, "utf8"));

describe("the pages of the documentation", () => {
  it("are all of docs", () => {
    const files = readdirSync("docs", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
    expect(
      forgotten(
        pages,
        files.map((name) => `docs/${name.replaceAll("\\", "/")}`),
      ),
    ).toEqual([]);
    expect(forgotten(pages, ["docs/units.md", "docs/nowhere.md"])).toEqual(["docs/nowhere.md"]);
  });

  it("have an address of their own, and a title", () => {
    const urls = pages.map(({ url }) => url.toLowerCase());
    expect(new Set(urls).size).toBe(urls.length);
    expect(pages.find(({ path }) => path === "docs/units.md")).toEqual({
      path: "docs/units.md",
      title: "Units",
      group: "Using Spikelet",
      url: "units",
    });
    expect(pages.filter(({ title }) => title.trim() === "")).toEqual([]);
  });

  it("stand in groups, in the order of the table of contents", () => {
    const groups = [...new Set(pages.map(({ group }) => group))];
    expect(groups).toEqual(["Start", "Using Spikelet", "Judging its results", "Changing it", "Models", "Examples"]);
    const examples = pages.filter(({ group }) => group === "Examples").map(({ path }) => path);
    expect(examples.slice(0, 2)).toEqual(["examples/README.md", "examples/01-one-neuron.ts"]);
    expect(examples).toEqual(expect.arrayContaining(["examples/coba.json", "examples/embed.html"]));
  });
});

describe("reading a table of contents", () => {
  it("takes its sections and their links", () => {
    const text =
      "# T\n\nFor using it:\n\n- [A](a.md): one, [b](../b.md)\n- [C](c.md#d)\n  more\n\nFor changing it:\n\n- [D](d.md)\n";
    const [using, changing] = sections(text);
    expect([using?.group, changing?.group]).toEqual(["Using it", "Changing it"]);
    expect(linked("docs/README.md", using?.text ?? "")).toEqual(["docs/a.md", "b.md", "docs/c.md"]);
    expect(linked("docs/README.md", changing?.text ?? "")).toEqual(["docs/d.md"]);
    expect(linked("docs/README.md", "[x](https://example.org) [y](#here)")).toEqual([]);
  });

  it("takes titles from headings, and addresses from files", () => {
    expect(titleOf("docs/a.md", "<!-- x -->\n\n# The `a` of *b*\n\n# c\n")).toBe("The a of b");
    expect(titleOf("examples/a.ts", "# no heading")).toBe("a.ts");
    expect(["docs/README.md", "docs/models/README.md", "docs/models/lif.md", "CHANGELOG.md"].map(urlOf)).toEqual([
      "contents",
      "models/index",
      "models/lif",
      "changelog",
    ]);
  });
});
