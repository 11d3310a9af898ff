/** `spikelet export` and `import`: files in a folder of their own, a report, and mistakes that leave nothing behind. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, called, network, single } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());
const file = bench.file("net.json", network({ duration: 10 }));
const cells = bench.file("cells.json", single({ background: [{ kind: "constant", amplitude: 400 }] }, { record: [] }));
const call = (...words: string[]) => called(words, { cwd: bench.folder });

describe("spikelet export", () => {
  it("writes files, and export.json with what became of each part", async () => {
    const { status, out, err } = await call("export", cells, "--to", "nest", "--explicit", "--strict", "--out", "nest");
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("0 approximate, 0 dropped.\n");
    const { format, files, report } = JSON.parse(await bench.read("nest", "export.json"));
    expect([format, files]).toEqual(["nest", ["network.py"]]);
    expect(report.every(({ fidelity }: { fidelity: string }) => fidelity === "exact")).toBe(true);
    expect(await bench.read("nest", "network.py")).toContain('nest.Create("iaf_psc');
  });

  it("replaces the files of an earlier export, and no others", async () => {
    await call("export", cells, "--to", "nest", "--out", "again");
    expect((await call("export", cells, "--to", "brian2", "--out", "again")).status).toBe(0);
    expect(readdirSync(bench.path("again")).sort()).toEqual(["export.json", "network.py"]);
    writeFileSync(bench.path("again", "mine.txt"), "mine");
    const { status, err } = await call("export", cells, "--to", "nest", "--out", "again");
    expect([status, err]).toEqual([2, expect.stringContaining('something else than an earlier export ("mine.txt")')]);
    expect(readFileSync(bench.path("again", "network.py"), "utf8")).toContain("brian2");
  });

  it("writes an explicit model file that runs to the same spikes, with the options' values", async () => {
    expect(
      (await call("export", file, "--to", "spikelet", "--explicit", "--seed", "9", "--out", "explicit")).status,
    ).toBe(0);
    await call("run", file, "--seed", "9", "--out", "drawn", "--no-plots", "-q");
    await call("run", bench.path("explicit", "network.json"), "--out", "listed", "--no-plots", "-q");
    expect(await bench.read("listed", "spikes.csv")).toBe(await bench.read("drawn", "spikes.csv"));
  });

  it.each([
    [["--to", "nset"], /^error: --to: unknown format "nset"; did you mean "nest"\? Known: spikelet, nest, brian2,/],
    [["--to", "sonata", "--flavour", "nets"], /^error: --flavour: unknown flavour "nets" of sonata; did you mean "nest"\? Known: nest, pynn\.\n$/],
    [["--to", "nest", "--strict"], /net\.json: the network is not exact in NEST 3\.10:\n {2}\$\.populations\[0\]/],
    [["--to", "nir"], /net\.json: NIR 1\.0 cannot say this network:\n {2}\$\.populations\[0\]/],
    [["--to", "nest", "--dt", "-1"], /--dt: -1 ms; it must be > 0 ms\./],
  ])("refuses %j and writes nothing", async (words, message) => {
    const { status, out, err } = await call("export", file, ...words, "--out", "never");
    expect([status, out, bench.has("never")]).toEqual([2, "", false]);
    expect(err).toMatch(message);
  });
});

describe("spikelet import", () => {
  it("reads what was exported, and says what became of it", async () => {
    expect((await call("export", cells, "--to", "neuroml", "--out", "xml")).status).toBe(0);
    const nml = readdirSync(bench.path("xml")).find((name) => name.endsWith(".nml")) as string;
    const { status, out } = await call("import", bench.path("xml", nml), "--from", "neuroml", "--out", "back.json");
    expect([status, out]).toEqual([0, expect.stringContaining("back.json: 1 population, 0 projections of")]);
    expect((await call("run", "back.json", "--duration", "20", "--no-plots", "-q")).status).toBe(0);
  });

  it.each([
    [["--from", "nest"], /^error: .*cells\.json: NEST 3\.10 can only be written\. Formats that are read: sonata, nir, neuroml\.\n$/],
    [["--from", "neurml"], /^error: --from: unknown format "neurml"; did you mean "neuroml"\?/],
    [["--from", "sonata"], /^error: cells\.json: it has neither "networks"/],
    [["--from", "nir"], /^error: .*cells\.json: it is no HDF5 file\.\n$/],
  ])("refuses %j and writes nothing", async (words, message) => {
    const { status, err } = await call("import", "cells.json", ...words, "--out", "never.json");
    expect([status, bench.has("never.json")]).toEqual([2, false]);
    expect(err).toMatch(message);
  });
});
