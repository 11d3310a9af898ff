/** Figures as PNG and PDF, through the command line, by the packages that make them. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { converter } from "../../src/cli/image.js";
import { Bench, called, network } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

beforeAll(async () => {
  const file = bench.file("pair.json", network());
  expect((await called(["run", file, "--out", bench.path("pair"), "--quiet", "--no-plots"])).status).toBe(0);
});

async function drawn(format: string): Promise<Buffer> {
  const { status, out } = await called(["plot", bench.path("pair"), "--format", format, "--size", "800x450"]);
  expect(status).toBe(0);
  expect(out).toContain(`activity.${format}`);
  return readFile(bench.path("pair", `activity.${format}`));
}

describe("plot --format", () => {
  it("png: two pixels per px, and not one colour alone", async () => {
    const png = await drawn("png");
    expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    expect(png.toString("latin1", 12, 16)).toBe("IHDR");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1600, 900]);
    expect(png.length).toBeGreaterThan(10_000);
  });

  it("pdf: one page of the figure's size, with text as text", async () => {
    const pdf = (await drawn("pdf")).toString("latin1");
    expect(pdf.slice(0, 5)).toBe("%PDF-");
    expect(pdf.trimEnd().endsWith("%%EOF")).toBe(true);
    expect(/\/MediaBox \[([^\]]*)\]/.exec(pdf)?.[1]).toBe("0 0 600 337.5");
    expect(pdf.match(/\/Type \/Page\n/g)).toHaveLength(1);
    expect(pdf).toContain("/Type /Font");
  });

  it("a package that is not installed is named with what installs it; other faults are no mistake of the user", async () => {
    const missing = (): Promise<never> =>
      Promise.reject(Object.assign(new Error("none"), { code: "ERR_MODULE_NOT_FOUND" }));
    await expect(converter("png", missing)).rejects.toThrow("npm install @resvg/resvg-js.");
    await expect(converter("pdf", missing)).rejects.toThrow("npm install pdfkit svg-to-pdfkit.");
    await expect(converter("png", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });
});
