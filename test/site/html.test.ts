/** What a written page gets beyond TypeDoc's own. */
import { describe, expect, it } from "vitest";
import { finish, inlineScripts, POLICY, sourcePage, withEquations, withLive } from "../../scripts/pages/site/html.js";
import { latexOf, models } from "../../src/index.js";

const page = (body: string): string => `<html><head><meta charset="utf-8"/></head><body>${body}</body></html>`;

describe("a page of the documentation", () => {
  it("has a policy, and no program of its own", () => {
    const html = finish(page("<script>start()</script><p>text</p>"), "api/classes/X.html");
    expect(html).toContain(`content="${POLICY}"`);
    expect(POLICY).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|https?:/);
    expect(html).toContain('<script src="../../assets/start.js"></script>');
    expect(inlineScripts(page("<script>start()</script>"))).toEqual(["start()"]);
    expect(inlineScripts(html)).toEqual([]);
  });

  it("has the site's own addresses from where it stands", () => {
    expect(finish('<a href="site:../index.html">', "units.html")).toContain('href="../index.html"');
    expect(finish('<a href="site:../index.html">', "models/lif.html")).toContain('href="../../index.html"');
  });

  it("has no style in its elements", () => {
    expect(finish(page('<td style="text-align:right">1</td>'), "a.html")).toContain('<td class="right">1</td>');
  });

  it("loads the elements where it has one", () => {
    expect(finish(page("text"), "a.html")).not.toContain("elements.js");
    const html = finish(page('<spikelet-neuron model="lif"></spikelet-neuron>'), "models/lif.html");
    expect(html).toContain('<script defer src="../assets/elements.js"></script></head>');
  });
});

describe("a text of the documentation", () => {
  it.each(Object.keys(models))("has the equations of %s as MathML", (name) => {
    const html = withEquations(`a\n\n$$\n${latexOf(models[name as keyof typeof models])}\n$$\n\nb`);
    expect(html).toMatch(/^a\n\n<div class="equations">.*<\/div>\n\nb$/s);
    expect(html).toContain("<mtable");
    expect(html).not.toMatch(/\sstyle=|katex-error/);
  });

  it("with equations that are none is an error", () => {
    expect(() => withEquations("$$\n\\frac{a\n$$")).toThrow(/KaTeX/);
  });

  it("has what runs below its heading", () => {
    expect(withLive("# A\n\ntext\n\n# B", "<b></b>")).toBe("# A\n\n<b></b>\n\ntext\n\n# B");
    expect(withLive("# A\n", "")).toBe("# A\n");
  });
});

it("a page of a source has an anchor for each line, and shows its text", () => {
  const html = sourcePage("src/a.ts", 'const x = "<b>" && 1;\nend\n', "source/src/a.ts.html");
  expect(html).toContain('<span id="L1" class="line">const x = &#34;&#60;b&#62;&#34; &#38;&#38; 1;</span>');
  expect(html).toContain('id="L2"');
  expect(html).not.toContain('id="L3"');
  expect(html).toContain('href="../../assets/style.css"');
});
