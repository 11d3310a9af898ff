/** A picture of a few colours as PNG (ISO/IEC 15948), for densities that would be too many marks. */
import { zlibSync } from "fflate";
import { crc32 } from "../model/crc32.js";

/**
 * Writes a PNG with a palette of up to 16 colours.
 *
 * @param pixels indices into the palette, row by row from the top; `width * height` of them
 * @param width px
 * @param height px
 * @param palette red, green, blue, alpha (0 to 255) of each colour, at most 16 colours
 * @returns the bytes of the file
 */
export function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  palette: readonly (readonly [number, number, number, number])[],
): Uint8Array {
  // Two pixels in a byte. A row equal to the one above becomes zeros by filter 2, of which compression leaves nothing.
  const stride = (width + 1) >> 1;
  const raw = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const out = y * (stride + 1);
    let same = y > 0;
    for (let x = 0; same && x < width; x++) same = pixels[row + x] === pixels[row - width + x];
    if (same) {
      raw[out] = 2;
      continue;
    }
    for (let x = 0; x < width; x += 2) {
      const right = x + 1 < width ? (pixels[row + x + 1] as number) : 0;
      raw[out + 1 + (x >> 1)] = ((pixels[row + x] as number) << 4) | right;
    }
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  // Bit depth 4, colour type 3 (palette), no interlacing.
  header.set([4, 3, 0, 0, 0], 8);
  return joined([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("PLTE", Uint8Array.from(palette.flatMap((c) => c.slice(0, 3)))),
    chunk(
      "tRNS",
      Uint8Array.from(palette, (c) => c[3]),
    ),
    chunk("IDAT", zlibSync(raw, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes as base64 (RFC 4648). */
export function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    pieces.push(
      (ALPHABET[word >> 18] as string) +
        (ALPHABET[(word >> 12) & 63] as string) +
        (left > 1 ? ALPHABET[(word >> 6) & 63] : "=") +
        (left > 2 ? ALPHABET[word & 63] : "="),
    );
  }
  return pieces.join("");
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32([bytes.subarray(4, data.length + 8)]));
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
