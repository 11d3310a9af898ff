/**
 * HDF5 files: what is written is read back, and what is broken, hostile or of another kind is an error with its place.
 */
import { beforeAll, describe, expect, it } from "vitest";
import {
  dataset,
  fixedText,
  group,
  type Group,
  type GroupReader,
  hardLink,
  loadHdf5,
  numbers,
  readHdf5,
  scalar,
  variableText,
  writeHdf5,
} from "../../src/io/hdf5.js";

type H5 = Awaited<ReturnType<typeof loadHdf5>>;

const FILE = "file.h5";
let library: H5;

beforeAll(async () => {
  library = await loadHdf5();
});

const read = <T>(bytes: Uint8Array, work: (root: GroupReader) => T): Promise<T> => readHdf5(bytes, FILE, work);

/** A file by the library itself, for what the writer never writes. */
function foreign(make: (file: InstanceType<H5["File"]>) => void): Uint8Array {
  const file = new library.File("/foreign.h5", "w");
  make(file);
  file.close();
  const system = library.FS as unknown as { readFile(path: string): Uint8Array; unlink(path: string): void };
  const bytes = system.readFile("/foreign.h5");
  system.unlink("/foreign.h5");
  return bytes;
}

/** Names in the library's file system. */
const namesThere = (): string[] => (library.FS as unknown as { readdir(path: string): string[] }).readdir("/");

async function errorOf(work: Promise<unknown>): Promise<Error & { code?: string; path?: string }> {
  return work.then(
    () => {
      throw new Error("no error");
    },
    (error: Error) => error,
  );
}

const TREE: Group = group(
  {
    ids: dataset(numbers(BigUint64Array.of(0n, 5n, 2n ** 40n)), { units: fixedText("ms") }),
    table: dataset(numbers(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2])),
    names: dataset(variableText(["häufig", "", "b"])),
    codes: dataset(fixedText(["one", "three"])),
    alone: dataset(scalar(Float32Array.of(0.5))),
    none: dataset(numbers(new Float64Array(0))),
    grown: { data: numbers(Int16Array.of(-3, 4)), chunks: [2], maxShape: [null] },
    deep: group({ deeper: group({ bytes: dataset(numbers(Uint8Array.of(255))) }), again: hardLink("/ids") }),
  },
  {
    version: scalar(Uint32Array.of(7)),
    pair: numbers(Int8Array.of(-1, 1)),
    title: variableText("a title"),
    target: { reference: "/table" },
  },
);

describe("a file", () => {
  it("is read as it was written", async () => {
    const bytes = await writeHdf5(TREE, FILE);
    const found = await read(bytes, (root) => ({
      names: root.keys(),
      ids: [...root.dataset("ids").numbers(3)],
      units: root.dataset("ids").text("units"),
      table: [root.dataset("table").shape, [...root.dataset("table").numbers()]],
      texts: [root.dataset("names").texts(), root.dataset("codes").texts()],
      alone: [root.dataset("alone").shape, [...root.dataset("alone").numbers(1)]],
      none: [...root.dataset("none").numbers()],
      grown: [...root.dataset("grown").integers([-3, 4])],
      bytes: [...root.group("deep").group("deeper").dataset("bytes").numbers()],
      again: [...root.group("deep").dataset("again").numbers()],
      attributes: [root.numbersOf("version"), root.numbersOf("pair"), root.text("title")],
      nothing: [root.text("other"), root.numbersOf("other"), root.groupIfAny("other"), root.datasetIfAny("other")],
    }));
    expect(found).toEqual({
      names: ["alone", "codes", "deep", "grown", "ids", "names", "none", "table"],
      ids: [0, 5, 2 ** 40],
      units: "ms",
      table: [
        [3, 2],
        [1, 2, 3, 4, 5, 6],
      ],
      texts: [
        ["häufig", "", "b"],
        ["one", "three"],
      ],
      alone: [[], [0.5]],
      none: [],
      grown: [-3, 4],
      bytes: [255],
      again: [0, 5, 2 ** 40],
      attributes: [Float64Array.of(7), Float64Array.of(-1, 1), "a title"],
      nothing: [undefined, undefined, undefined, undefined],
    });
  });

  it("has the types, the references and the links that were asked for", async () => {
    const bytes = await writeHdf5(TREE, FILE);
    (library.FS as unknown as { writeFile(path: string, bytes: Uint8Array): void }).writeFile("/seen.h5", bytes);
    const file = new library.File("/seen.h5", "r");
    const dtype = (path: string): unknown => (file.get(path) as InstanceType<H5["Dataset"]>).dtype;
    const paths = ["ids", "table", "names", "codes", "alone", "grown", "deep/deeper/bytes", "deep/again"];
    expect(paths.map(dtype)).toEqual(["<Q", "<d", "S", "S5", "<f", "<h", "<B", "<Q"]);
    expect((file.get("ids") as InstanceType<H5["Dataset"]>).attrs.units?.dtype).toBe("S2");
    expect((file.get("grown") as InstanceType<H5["Dataset"]>).metadata).toMatchObject({
      chunks: [2],
      maxshape: [2 ** 64],
    });
    const target = file.attrs.target?.value as InstanceType<H5["Reference"]>[];
    expect(file.dereference(target[0] as InstanceType<H5["Reference"]>)).toMatchObject({ path: "/table" });
    file.close();
    (library.FS as unknown as { unlink(path: string): void }).unlink("/seen.h5");
  });

  it("is the same for the same content, and leaves nothing behind", async () => {
    const before = namesThere();
    const [a, b] = [await writeHdf5(TREE, FILE), await writeHdf5(TREE, FILE)];
    expect(Buffer.from(a).equals(Buffer.from(b))).toBe(true);
    await read(a, (root) => root.keys());
    await errorOf(read(a, (root) => root.group("missing")));
    await errorOf(read(Uint8Array.of(1, 2, 3), () => 0));
    expect(namesThere()).toEqual(before);
  });

  it.each<[string, Group, string]>([
    [
      "a shape that does not fit",
      group({ a: group({ x: dataset(numbers(new Int8Array(5), [2, 3])) }) }),
      "file.h5:/a/x: 5 numbers do not make the shape [2, 3].",
    ],
    ["a name with a slash", group({ "a/b": group({}) }), 'file.h5:/a/b: "a/b" is no name of an object.'],
    [
      "an empty text of fixed length",
      group({}, { units: fixedText("") }),
      "file.h5:/@units: a text of fixed length cannot be empty.",
    ],
    ["a link to nothing", group({ a: hardLink("/b") }), "file.h5:/a: the link to /b was not made."],
    ["a reference to nothing", group({}, { a: { reference: "/b" } }), "file.h5:/@a: there is no /b."],
    [
      "a null character",
      group({ a: dataset(variableText("x\0y")) }),
      "file.h5:/a: a text with a null character cannot be written.",
    ],
    [
      "chunks that do not fit",
      group({ a: { data: numbers(new Int8Array(4)), chunks: [2, 2] } }),
      "file.h5:/a: the dataset was not made.",
    ],
  ])("with %s is refused", async (_, tree, message) => {
    expect((await errorOf(writeHdf5(tree, FILE))).message).toBe(message);
  });
});

describe("a file of others", () => {
  it("may be compressed", async () => {
    const data = Float64Array.from({ length: 1000 }, (_, i) => i % 7);
    const bytes = foreign((file) => {
      file.create_dataset({ name: "x", data, shape: [1000], chunks: [100], compression: "gzip", compression_opts: 9 });
    });
    expect(bytes.byteLength).toBeLessThan(8000);
    expect(await read(bytes, (root) => root.dataset("x").numbers())).toEqual(data);
  });

  it("that is no HDF5 file is said to be none", async () => {
    const message = async (bytes: Uint8Array): Promise<string> =>
      (await errorOf(read(bytes, (root) => root.keys()))).message;
    expect(await message(new Uint8Array(0))).toBe("file.h5: it is empty.");
    expect(await message(new TextEncoder().encode('{ "a": 1 }'))).toBe("file.h5: it is no HDF5 file.");
    const whole = await writeHdf5(TREE, FILE);
    expect(await message(whole.slice(0, 100))).toBe("file.h5: it is a broken or truncated HDF5 file.");
    expect(await message(whole.slice(0, -1))).toBe("file.h5: it is a broken or truncated HDF5 file.");
  });

  it("whose heap of texts is broken is refused before the library follows its sizes", async () => {
    const bytes = Uint8Array.from(await writeHdf5(group({ x: dataset(variableText(["a", "bc"])) }), FILE));
    const heap = Buffer.from(bytes).indexOf("GCOL");
    expect(heap).toBeGreaterThan(0);
    // The size of the first object, which stands behind the heads of the heap and of the object.
    new DataView(bytes.buffer).setBigUint64(heap + 24, 2n ** 40n, true);
    expect((await errorOf(read(bytes, (root) => root.dataset("x").texts()))).message).toBe(`file.h5: the heap of its texts at byte ${heap} is broken.`);
    // Texts and numbers that look like a heap are none.
    const alike = Uint8Array.from(Buffer.from("GCOL\x01 is no heap, GCOL neither: GCOL"));
    expect(
      await read(await writeHdf5(group({ x: dataset(numbers(alike)) }), FILE), (root) => root.dataset("x").length),
    ).toBe(alike.length);
  });

  it("is an error with the place where it is not as it was asked for", async () => {
    const bytes = foreign((file) => {
      file.create_dataset({ name: "half", data: Float64Array.of(1, 2.5), shape: [2] });
      file.create_dataset({ name: "big", data: BigInt64Array.of(0n, 2n ** 60n), shape: [2] });
      file.create_dataset({ name: "text", data: ["a"], shape: [1] });
      file.create_dataset({ name: "pairs", data: new Map([["a", Int32Array.of(1)]]), shape: [1] });
      file.create_group("g");
      file.create_attribute("n", Int32Array.of(1), []);
      file.create_soft_link("/g", "soft");
      file.create_soft_link("/nowhere", "broken");
      file.create_external_link("other.h5", "/x", "external");
      file.create_soft_link("/second", "first");
      file.create_soft_link("/first", "second");
    });
    const cases: [(root: GroupReader) => unknown, string, string][] = [
      [
        (r) => r.group("nodes"),
        "missing-key",
        'file.h5:/: the group "nodes" is missing. There: big, broken, external, first, g, half, n',
      ],
      [(r) => r.group("g").dataset("x"), "missing-key", 'file.h5:/g: the dataset "x" is missing. It is empty.'],
      [(r) => r.group("half"), "value-type", "file.h5:/half: expected a group, got a dataset."],
      [(r) => r.dataset("g"), "value-type", "file.h5:/g: expected a dataset, got a group."],
      [(r) => r.dataset("half").numbers(3), "length", "file.h5:/half: expected 3 elements, got 2."],
      [
        (r) => r.dataset("half").integers([0, 9]),
        "value-range",
        "file.h5:/half[1]: 2.5 is not allowed; expected a whole number from 0 to 9.",
      ],
      [
        (r) => r.dataset("half").integers([2, 9]),
        "value-range",
        "file.h5:/half[0]: 1 is not allowed; expected a whole number from 2 to 9.",
      ],
      [
        (r) => r.dataset("big").numbers(),
        "value-range",
        "file.h5:/big[1]: 1152921504606847000 is beyond the whole numbers that a double holds.",
      ],
      [(r) => r.dataset("text").numbers(), "value-type", "file.h5:/text: expected numbers, got texts."],
      [(r) => r.dataset("half").texts(), "value-type", "file.h5:/half: expected texts, got numbers."],
      [
        (r) => r.dataset("pairs").numbers(),
        "value-type",
        "file.h5:/pairs: expected numbers or texts, got the type compound.",
      ],
      [(r) => r.text("n"), "value-type", "file.h5:/@n: expected a text, got a typed array."],
      [(r) => r.dataset("broken"), "missing-key", 'file.h5:/: the dataset "broken" is missing.'],
      [(r) => r.group("external"), "missing-key", 'file.h5:/: the group "external" is missing.'],
      [(r) => r.group("first"), "missing-key", 'file.h5:/: the group "first" is missing.'],
    ];
    for (const [work, code, message] of cases) {
      const error = await errorOf(read(bytes, work));
      expect(error.message.slice(0, message.length - 1)).toBe(message.slice(0, -1));
      expect(error.code).toBe(code);
      expect(error.path).toMatch(/^(file\.h5:)?\//);
    }
    expect(await read(bytes, (root) => root.group("soft").keys())).toEqual([]);
  });

  it("with a circle of links ends", async () => {
    const bytes = foreign((file) => {
      file.create_group("a");
      file.create_hard_link("/a", "a/a");
    });
    const down = (at: GroupReader): GroupReader => down(at.group("a"));
    expect((await errorOf(read(bytes, down))).message).toMatch(
      /^file\.h5:(\/a){33}: more than 32 groups deep; its links go/,
    );
  });

  it("that claims more than it has is refused before anything is allocated", async () => {
    const made = (shape: number[], chunks: number[]): Uint8Array =>
      foreign((file) => {
        const small = shape.map(() => 1);
        const maxshape = shape.map(() => null);
        const x = file.create_dataset({ name: "x", data: new Float64Array(1), shape: small, maxshape, chunks });
        x.resize(shape);
      });
    const message = async (bytes: Uint8Array): Promise<string> =>
      (await errorOf(read(bytes, (root) => root.dataset("x").numbers()))).message;
    expect(await message(made([2 ** 40], [64]))).toMatch(
      /^file\.h5:\/x: it claims to have 1099511627776 elements of 8 bytes; an/,
    );
    expect(await message(made([2 ** 40, 2 ** 40], [4, 4]))).toMatch(
      /^file\.h5:\/x: it claims to have 1\.2089258196146292e\+24/,
    );
    expect(await message(made([2 ** 24], [64]))).toMatch(
      /^file\.h5:\/x: it claims 134217728 bytes, and the whole file has \d{4}\.$/,
    );
  });
});

describe("the library", () => {
  it("that is not installed is named, with the remedy", async () => {
    const load = (code: string) => (): Promise<H5> => Promise.reject(Object.assign(new Error("gone"), { code }));
    const error = await errorOf(loadHdf5(load("ERR_MODULE_NOT_FOUND")));
    expect(error.message).toBe(
      'HDF5 files need the package "h5wasm", which is not installed; install it beside spikelet: npm install h5wasm.',
    );
    expect(error.code).toBe("unavailable");
    expect((await errorOf(loadHdf5(load("EACCES")))).message).toBe("gone");
  });
});
