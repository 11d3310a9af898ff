/** What the host says of the core is what the core has: numbers of kinds and rules, names and arguments of exports. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import * as abi from "../../src/core/abi.js";

type Numbers = Readonly<Record<string, number>>;

/** Whole-number constants of a file of the core by their names. */
function constants(file: string, exported = false): Map<string, number> {
  const text = readFileSync(`assembly/${file}`, "utf8");
  const found = text.matchAll(/^(?:@inline )?(?:export )?const ([A-Z]\w*): [iu]32 = (0x[\da-f]+|\d+);/gm);
  return new Map([...found].filter(([line]) => !exported || line.includes("export ")).map(([, name, value]) => [name as string, Number(value)]));
}

/** camelCase as the core writes constants. */
const upper = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** A group of abi.ts, the file of the core that has its numbers under names, and the names that differ. */
interface Group {
  readonly group: string;
  readonly numbers: Numbers;
  readonly file: string;
  readonly renamed?: Readonly<Record<string, string>>;
}

const GROUPS: readonly Group[] = [
  { group: "BACKGROUND", numbers: abi.BACKGROUND, file: "inputs/background.ts" },
  { group: "RECEPTOR", numbers: abi.RECEPTOR, file: "receptors/receptor.ts" },
  { group: "RULE", numbers: abi.RULE, file: "synapses/connect.ts" },
  {
    group: "DISTANCE_KERNEL",
    numbers: abi.DISTANCE_KERNEL,
    file: "synapses/space.ts",
    renamed: { exponential: "EXPONENTIAL_KERNEL" },
  },
  { group: "ORIGIN", numbers: abi.ORIGIN, file: "synapses/connect.ts" },
  { group: "DISTRIBUTION", numbers: abi.DISTRIBUTION, file: "draws.ts" },
  {
    group: "SEGMENT",
    numbers: abi.SEGMENT,
    file: "synapses/projection.ts",
    renamed: { bits: "DELAY_BITS", mask: "DELAY_MASK" },
  },
  { group: "WEIGHTS", numbers: abi.WEIGHTS, file: "synapses/projection.ts" },
  { group: "PLASTICITY", numbers: abi.PLASTICITY, file: "synapses/plasticity.ts" },
  { group: "STATUS", numbers: abi.STATUS, file: "network.ts" },
];

describe("numbers that host and core share", () => {
  it.each(GROUPS)("$group", ({ numbers, file, renamed = {} }) => {
    const theirs = constants(file);
    const ours = Object.entries(numbers).map(([name, value]): [string, number] => [renamed[name] ?? upper(name), value]);
    expect(ours.map(([name]) => [name, theirs.get(name)])).toEqual(ours);
  });

  it.each(["inputs/background.ts", "receptors/receptor.ts", "draws.ts", "synapses/plasticity.ts"])(
    "every kind of %s has its name in abi.ts",
    (file) => {
      const known = GROUPS.filter((g) => g.file === file).flatMap(({ numbers }) => Object.keys(numbers).map(upper));
      expect([...constants(file, true).keys()].filter((name) => !known.includes(name))).toEqual([]);
    },
  );
});

/** Functions that exports.ts declares, with the number of their arguments. */
function declarations(): Map<string, number> {
  const file = "src/core/exports.ts";
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const all = source.statements.find(ts.isInterfaceDeclaration)?.members ?? [];
  return new Map([...all].filter(ts.isMethodSignature).map((m) => [m.name.getText(), m.parameters.length]));
}

describe.each(["core.wasm", "core.scalar.wasm"])("what %s exports", (file) => {
  const module = new WebAssembly.Module(readFileSync(`build/${file}`));
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const declared = declarations();
  const { exports } = new WebAssembly.Instance(module, { env: { memory, now: () => 0 } });

  it("has every function that exports.ts declares, with as many arguments", () => {
    const ours = [...declared];
    expect(ours.length).toBeGreaterThan(80);
    expect(ours.map(([name]) => [name, (exports[name] as { length: number } | undefined)?.length])).toEqual(ours);
  });

  it("is declared there, but for mathematics and random numbers, which tests call", () => {
    const index = readFileSync("assembly/index.ts", "utf8");
    const tested = [...index.matchAll(/export \{([^}]*)\} from "\.\/(?:math|random)"/g)].flatMap(([, names = ""]) => names.split(/[\s,]+/));
    expect(tested.length).toBeGreaterThan(15);
    const names = WebAssembly.Module.exports(module).map((e) => e.name);
    expect(names.filter((name) => name !== "memory" && !declared.has(name) && !tested.includes(name))).toEqual([]);
  });
});
