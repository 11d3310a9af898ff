import { describe, expect, it } from "vitest";
import { NpzError, npyHeader, npzChunks, readNpz, spikesMembers, tracesMembers, writeNpz } from "../../src/io/npz.js";

const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

describe("npyHeader", () => {
  it("is that of NumPy's format 1.0, padded to 64 bytes", () => {
    const header = npyHeader("float64", [3]);
    expect(header.length).toBe(128);
    expect([...header.subarray(0, 10)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
    expect(text(header.subarray(10))).toMatch(/^\{'descr': '<f8', 'fortran_order': False, 'shape': \(3,\), \} *\n$/);
    for (const n of [1, 1e3, 1e6, 1e9, 1e12]) {
      const h = npyHeader("uint32", [n, n]);
      expect(h.length % 64).toBe(0);
      expect(text(h)).toContain(`'shape': (${n}, ${n}), }`);
      expect((h[8] as number) + 256 * (h[9] as number)).toBe(h.length - 10);
    }
  });

  it("refuses other shapes", () => {
    expect(() => npyHeader("uint8", [])).toThrow(NpzError);
    expect(() => npyHeader("uint8", [1, 2, 3])).toThrow(NpzError);
    expect(() => npyHeader("uint8", [-1])).toThrow("the shape [-1]");
  });
});

describe("npz", () => {
  const members = {
    "exc/spikes/times": Float64Array.of(0.1, Number.NaN, -0),
    "exc/spikes/neurons": Uint32Array.of(0, 4294967295),
    small: Float32Array.of(1.5),
    bytes: { data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
    empty: new Float64Array(0),
  };

  it("reads back what it wrote", async () => {
    const { arrays, meta } = await readNpz(await writeNpz(members, { names: ["exc"], é: 1 }));
    expect(Object.keys(arrays)).toEqual(Object.keys(members));
    expect(arrays["exc/spikes/times"]).toEqual({ data: members["exc/spikes/times"], shape: [3] });
    expect(arrays["exc/spikes/neurons"]).toEqual({ data: members["exc/spikes/neurons"], shape: [2] });
    expect(arrays.small).toEqual({ data: members.small, shape: [1] });
    expect(arrays.bytes).toEqual(members.bytes);
    expect(arrays.empty).toEqual({ data: new Float64Array(0), shape: [0] });
    expect(meta).toEqual({ names: ["exc"], é: 1 });
    expect((await readNpz(await writeNpz({}))).meta).toBeUndefined();
  });

  it("stores members without compression, the same bytes each time", async () => {
    const bytes = await writeNpz(members);
    expect(await writeNpz(members)).toEqual(bytes);
    const view = new DataView(bytes.buffer);
    expect(view.getUint32(0, true)).toBe(0x04034b50);
    expect(view.getUint16(8, true)).toBe(0);
    const name = view.getUint16(26, true);
    expect(text(bytes.subarray(30, 30 + name))).toBe("exc/spikes/times.npy");
    expect(text(bytes.subarray(31 + name + view.getUint16(28, true), 36 + name))).toBe("NUMPY");
  });

  it("does not read beyond a view of a larger buffer", async () => {
    const large = Float64Array.of(1, 2, 3, 4, 5);
    const { arrays } = await readNpz(await writeNpz({ a: large.subarray(1, 3) }));
    expect(arrays.a?.data).toEqual(Float64Array.of(2, 3));
    const shifted = new Uint8Array(3 + 1000);
    const bytes = await writeNpz({ a: Float64Array.of(7) });
    shifted.set(bytes, 3);
    expect((await readNpz(shifted.subarray(3, 3 + bytes.length))).arrays.a?.data).toEqual(Float64Array.of(7));
  });

  it("streams long arrays in chunks", async () => {
    let chunks = 0;
    let length = 0;
    for await (const chunk of npzChunks({ a: new Float64Array(500_000) })) {
      chunks++;
      length += chunk.length;
    }
    expect(chunks).toBeGreaterThan(4);
    expect(length).toBeGreaterThan(4_000_000);
    expect(length).toBeLessThan(4_001_000);
  });

  it("writes spikes and traces under the names of their populations", async () => {
    const times = Float64Array.of(0.1, 0.2);
    const neurons = Uint32Array.of(1, 0);
    const trace = {
      population: "exc",
      variable: "v",
      unit: "mV",
      neurons: Uint32Array.of(4, 7),
      time: Float64Array.of(0.1, 0.2, 0.3),
      values: (n: number) => Float64Array.of(n, n + 0.5, -n),
    };
    const bytes = await writeNpz({
      ...spikesMembers([
        { name: "exc", spikes: { times, neurons } },
        { name: "../a/b", spikes: { times, neurons } },
        { name: "__proto__", spikes: { times, neurons } },
      ]),
      ...tracesMembers([trace, trace]),
    });
    const { arrays } = await readNpz(bytes);
    expect(Object.keys(arrays)).toEqual([
      "exc/spikes/times",
      "exc/spikes/neurons",
      "%2E%2E%2Fa%2Fb/spikes/times",
      "%2E%2E%2Fa%2Fb/spikes/neurons",
      "__proto__/spikes/times",
      "__proto__/spikes/neurons",
      "exc/v/time",
      "exc/v/neurons",
      "exc/v/values",
      "exc/v#2/time",
      "exc/v#2/neurons",
      "exc/v#2/values",
    ]);
    expect(arrays["exc/v/values"]).toEqual({ data: Float64Array.of(0, 0.5, -0, 1, 1.5, -1), shape: [2, 3] });
  });

  it("reads integers of every width as numbers", async () => {
    const types = [
      ["<i8", BigInt64Array.of(-5n, 2n ** 53n)],
      ["<u8", BigUint64Array.of(5n, 2n ** 53n)],
      ["<i4", Int32Array.of(-5, 7)],
      ["<i2", Int16Array.of(-5, 7)],
      ["<u2", Uint16Array.of(65_000, 7)],
      ["|i1", Int8Array.of(-5, 7)],
    ] as const;
    for (const [descr, values] of types) {
      const bytes = new Uint8Array(values.buffer);
      // What NumPy writes: the bytes under a header that names the type and the number of elements.
      const written = await writeNpz({ a: bytes });
      const header = text(written).slice(text(written).indexOf("{'descr'"), text(written).indexOf("}") + 1);
      const numpy = header
        .replace("|u1", descr)
        .replace(`(${bytes.length},)`, `(${values.length},)`)
        .padEnd(header.length);
      written.set(new TextEncoder().encode(numpy), text(written).indexOf("{'descr'"));
      expect((await readNpz(written)).arrays.a).toEqual({ data: Float64Array.from(values, Number), shape: [2] });
    }
  });

  it("refuses what cannot be written", async () => {
    await expect(writeNpz({ "": new Uint8Array(1) })).rejects.toThrow(NpzError);
    await expect(writeNpz({ "../a": new Uint8Array(1) })).rejects.toThrow("relative path");
    await expect(writeNpz({ "/a": new Uint8Array(1) })).rejects.toThrow("relative path");
    await expect(writeNpz({ a: { data: new Uint8Array(5), shape: [2, 3] } })).rejects.toThrow(
      '"a": the shape [2, 3] does not fit 5 elements.',
    );
    await expect(writeNpz({ a: new Int16Array(1) as unknown as Uint8Array })).rejects.toThrow("Float64Array");
    const rows = { type: "float64", shape: [2, 3], row: () => new Float64Array(2) } as const;
    await expect(writeNpz({ a: rows })).rejects.toThrow("row 0 has 16 bytes");
    const huge = { type: "float64", shape: [1e6, 1e6], row: () => new Float64Array(1e6) } as const;
    await expect(writeNpz({ huge })).rejects.toThrow("below 4 GiB");
  });

  it("refuses what cannot be read", async () => {
    await expect(readNpz(new Uint8Array(100))).rejects.toThrow(NpzError);
    const bytes = await writeNpz({ a: new Float64Array(1000) }, {});
    await expect(readNpz(bytes, 1000)).rejects.toThrow("more than 1000 bytes");
    await expect(readNpz(bytes.subarray(0, 500))).rejects.toThrow(NpzError);
    const other = (await writeNpz({ a: Float64Array.of(1) })).map((byte) => byte);
    const at = text(other).indexOf("<f8");
    other.set(new TextEncoder().encode("<c8"), at);
    await expect(readNpz(other)).rejects.toThrow("\"a\": element type '<c8'; it must be one of <f8, <f4, <u4, |u1, |i1");
    const cut = (await writeNpz({ a: Float64Array.of(1) })).map((byte) => byte);
    cut.set(new TextEncoder().encode("(9,)"), text(cut).indexOf("(1,)"));
    await expect(readNpz(cut)).rejects.toThrow("its shape needs 72");
  });
});
