/** Links of written pages. */
import { describe, expect, it } from "vitest";
import { brokenLinks, targetsOf } from "../../scripts/pages/site/links.js";

const broken = (html: string): string[] =>
  brokenLinks({
    pages: new Map([
      ["docs/a/one.html", html],
      ["docs/two.html", '<h2 id="here">x</h2>'],
    ]),
    files: new Set(["index.html", "docs/a/one.html", "docs/two.html", "docs/media/x.svg"]),
  });

describe("links of pages", () => {
  it("that lead to files, anchors and other hosts are good", () => {
    const good = '<a href="../two.html#here">a</a><img src="../media/x.svg"/><a href="https://example.org/x#y">b</a>';
    expect(broken(`${good}<a href="../../index.html#any">c</a><i id="me"></i><a href="#me">d</a>`)).toEqual([]);
  });

  it.each([
    ["../three.html", "is not there"],
    ["../two.html#nowhere", "has no such anchor"],
    ["#nowhere", "has no such anchor"],
    ["/two.html", "is no address in the folder"],
    ["site:two.html", "is no address in the folder"],
    ["../", "is not there"],
  ])("%s %s", (target, wrong) => {
    expect(broken(`<a class="x" href="${target}">a</a>`)).toEqual([
      `docs/a/one.html: ${JSON.stringify(target)} ${wrong}`,
    ]);
  });

  it("are those of elements, not those that a program's text names", () => {
    const html = '<script src="a.js">const x = \'<a href="b.html">\';</script><a href="c.html?x=1&amp;y">c</a>';
    expect(targetsOf(html)).toEqual(["c.html?x=1&y", "a.js"]);
  });
});
