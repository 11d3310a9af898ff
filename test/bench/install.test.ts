import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { install, newPython, REQUIREMENTS, requirementsOf } from "../../bench/peers/install.js";
import { pythonOf } from "../../bench/peers/python.js";

/** A program that answers as Python, venv and pip do: no package index is asked. */
const FAKE = `#!/bin/sh
case "$*" in
  *version_info*) echo VERSION ;;
  *"-m venv"*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python3" ;;
  *pip*second==*) echo "ERROR: some detail" >&2; echo "ERROR: No matching distribution found for second==2.0" >&2; exit 1 ;;
  *"import third"*) echo "ImportError: libthird.so: cannot open shared object file" >&2; exit 1 ;;
esac
`;

let folder: string;
const python = (version: string): string => {
  const path = join(folder, `python-${version.replaceAll(" ", "-")}`);
  writeFileSync(path, FAKE.replace("VERSION", version));
  chmodSync(path, 0o755);
  return path;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "spikelet-install-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the Python to install with", () => {
  it("is the one that PYTHON names, or the first that is new enough", () => {
    const [old, fits, newer] = [python("3 11 2"), python("3 13 0"), python("3 14 1")];
    expect(newPython(fits, [newer])).toBe(fits);
    expect(newPython(undefined, [old, join(folder, "none"), newer, fits])).toBe(newer);
    expect(newPython("", [fits])).toBe(fits);
  });

  it("is missed with what was found instead", () => {
    const [old, none] = [python("3 9 18"), join(folder, "none")];
    expect(() => newPython(undefined, [old, none])).toThrow(
      `need Python 3.13 or newer with the module venv: ${old} is 3.9.18, ${none} is not there. The variable PYTHON`,
    );
    expect(() => newPython(old, [python("3 13 0")])).toThrow(`${old} is 3.9.18.`);
  });
});

describe("what is installed", () => {
  it("is each simulator by itself; one that cannot be does not cost the others", async () => {
    const requirements = join(folder, "requirements.txt");
    writeFileSync(
      requirements,
      "# peers\nfirst==1.0  # import first\nsecond==2.0  # import second\nthird==3.0  # import third\nfourth==4.0  # import fourth\nnumbers==5.0\n",
    );
    const said: string[] = [];
    const environment = join(folder, "environment");
    const missing = await install({
      python: python("3 13 0"),
      folder: environment,
      requirements,
      say: (line) => void said.push(line),
    });
    expect(missing).toEqual(["second", "third"]);
    expect(said).toEqual([
      "first 1.0: installed",
      "second 2.0: could not be installed: ERROR: No matching distribution found for second==2.0",
      "third 3.0: could not be installed: ImportError: libthird.so: cannot open shared object file",
      "fourth 4.0: installed",
    ]);
    expect(readFileSync(pythonOf(environment), "utf8")).toContain("version_info");
  });

  it("are pinned versions", () => {
    const list = requirementsOf(readFileSync(REQUIREMENTS, "utf8"));
    expect(list.flatMap(({ module }) => module ?? [])).toEqual(["brian2", "neuron", "nest"]);
    for (const { version } of list) expect(version).toMatch(/^\d+\.\d+/);
    expect(() => requirementsOf("brian2>=2\n")).toThrow('"brian2>=2" is not NAME==VERSION');
  });
});
