import { unzlibSync } from "fflate";
import { expect } from "vitest";

/** Refuses a text that is not well-formed XML, as far as figures use it. Gives the number of each kind of element. */
export function elements(svg: string): Map<string, number> {
  const counts = new Map<string, number>();
  const open: string[] = [];
  expect(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]|\p{Surrogate}/u.exec(svg)?.index).toBeUndefined();
  const wrong = /NaN|undefined|Infinity/.exec(svg.replace(/base64,[^"]*/g, ""));
  expect(wrong?.[0]).toBeUndefined();
  let at = 0;
  while (at < svg.length) {
    const start = svg.indexOf("<", at);
    const text = svg.slice(at, start < 0 ? svg.length : start);
    expect(text.replace(/&(amp|lt|gt|quot);/g, "")).not.toMatch(/[&<>]/);
    if (start < 0) break;
    const end = svg.indexOf(">", start);
    const tag = svg.slice(start + 1, end);
    at = end + 1;
    if (tag.startsWith("/")) {
      expect(open.pop()).toBe(tag.slice(1));
      continue;
    }
    const parts = /^([a-z]+)((?: [a-zA-Z:-]+="[^"<]*")*)(\/?)$/.exec(tag);
    if (parts === null) throw new Error(`no tag: <${tag.slice(0, 200)}>`);
    const [, name = "", attributes = "", closed] = parts;
    expect(attributes.replace(/&(amp|lt|gt|quot);/g, "")).not.toContain("&");
    const names = Array.from(attributes.matchAll(/ ([a-zA-Z:-]+)="/g), (match) => match[1]);
    expect(new Set(names).size).toBe(names.length);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (closed === "") open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg.startsWith("<svg ")).toBe(true);
  expect(counts.get("svg")).toBe(1);
  return counts;
}

/** The path data of a figure that are drawn in tenths of a px. */
export function paths(svg: string): string[] {
  return Array.from(svg.matchAll(/ d="([^"]*)"/g), (match) => match[1] as string);
}

/** The pictures in a figure. */
export function pictures(svg: string): Picture[] {
  return Array.from(svg.matchAll(/data:image\/png;base64,([^"]*)"/g), (match) =>
    decodePng(Uint8Array.from(Buffer.from(match[1] as string, "base64"))),
  );
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Indices into the palette, row by row. */
  readonly pixels: Uint8Array;
  /** Alpha of each colour, 0 to 255. */
  readonly alpha: number[];
}

/** Reads a PNG of 4 bits per pixel with the filters 0 and 2. */
export function decodePng(bytes: Uint8Array): Picture {
  expect([...bytes.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const chunks = new Map<string, Uint8Array>();
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at);
    chunks.set(String.fromCharCode(...bytes.subarray(at + 4, at + 8)), bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
  const header = chunks.get("IHDR") as Uint8Array;
  const size = new DataView(header.buffer, header.byteOffset);
  const [width, height] = [size.getUint32(0), size.getUint32(4)];
  expect([...header.subarray(8)]).toEqual([4, 3, 0, 0, 0]);
  const raw = unzlibSync(chunks.get("IDAT") as Uint8Array);
  const stride = (width + 1) >> 1;
  expect(raw.length).toBe(height * (stride + 1));
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    expect(filter === 0 || filter === 2).toBe(true);
    for (let x = 0; x < width; x++) {
      const byte = raw[y * (stride + 1) + 1 + (x >> 1)] as number;
      const nibble = x & 1 ? byte & 15 : byte >> 4;
      pixels[y * width + x] = filter === 2 ? nibble ^ (pixels[(y - 1) * width + x] as number) : nibble;
    }
  }
  return { width, height, pixels, alpha: [...(chunks.get("tRNS") as Uint8Array)] };
}
