/**
 * Snapshots: a simulation as bytes. The core's memory holds the whole network (states, rings, traces, weights, step),
 * the host's objects hold addresses, recordings and statistics; random numbers are functions of the step. So a snapshot
 * is the memory and the objects, and going on from it equals never having stopped, bit for bit.
 *
 * Layout, little-endian: 8 bytes "SPIKELET", u32 format, u32 length of the header text, u32 length of the table text,
 * f64 length of the binary part, u32 CRC-32 of everything behind these 32 bytes; header text (JSON), table text (JSON),
 * binary part (the table's arrays, then the memory's pages that are not zero).
 */
import { crc32 } from "../model/crc32.js";
import { SnapshotError } from "./objectGraph.js";

const MAGIC = "SPIKELET";
const FORMAT = 4;
const FIXED = 32;
/** Memory is written in pages of this many bytes, those that are all zero only by their absence. */
const PAGE = 4096;

/** What a snapshot says of itself. */
export interface SnapshotHeader {
  /** Version of the package that wrote it. */
  readonly version: string;
  /** Version of what host and core share: the memory's layout. */
  readonly abi: number;
  /** Identity of the core's code: addresses of functions are part of the memory. */
  readonly core: string;
  readonly name: string;
  /** Simulated time in ms. */
  readonly time: number;
  /** The memories of the shards. */
  readonly memories: readonly MemoryHeader[];
  /** Bytes of the table's arrays ahead of the pages. */
  readonly arrayBytes: number;
}

interface MemoryHeader {
  /** Bytes of the memory and what its allocator has handed out. */
  readonly bytes: number;
  readonly allocated: number;
  /** Numbers of the pages that follow, as runs [first, count]. */
  readonly pages: readonly (readonly [first: number, count: number])[];
}

/** A shard's memory out of a snapshot. */
export interface MemoryImage extends MemoryHeader {
  /** The pages' bytes. */
  readonly content: Uint8Array;
}

/** A shard's memory as it is. */
export interface LiveMemory {
  readonly allocated: number;
  readonly memory: Uint8Array;
}

/** Runs of pages of a memory that are not all zero. */
export function usedPages(memory: Uint8Array): [first: number, count: number][] {
  const bits = new Uint32Array(memory.buffer, memory.byteOffset, memory.byteLength >> 2);
  const runs: [number, number][] = [];
  const perPage = PAGE >> 2;
  for (let page = 0; page * PAGE < memory.length; page++) {
    let used = false;
    for (let i = page * perPage; i < (page + 1) * perPage && i < bits.length; i++) {
      if (bits[i] !== 0) {
        used = true;
        break;
      }
    }
    if (!used) continue;
    const last = runs[runs.length - 1];
    if (last && last[0] + last[1] === page) last[1]++;
    else runs.push([page, 1]);
  }
  return runs;
}

/** Puts the parts of a snapshot together. */
export function packSnapshot(
  header: Omit<SnapshotHeader, "memories" | "arrayBytes">,
  table: string,
  arrays: readonly Uint8Array[],
  shards: readonly LiveMemory[],
): Uint8Array {
  const memories = shards.map(({ allocated, memory }) => ({
    bytes: memory.byteLength,
    allocated,
    pages: usedPages(memory),
  }));
  const arrayBytes = arrays.reduce((sum, a) => sum + a.length, 0);
  const encoder = new TextEncoder();
  const headerBytes = encoder.encode(JSON.stringify({ ...header, memories, arrayBytes }));
  const tableBytes = encoder.encode(table);
  const slices = memories.flatMap(({ pages }, k) =>
    pages.map(([first, count]) => (shards[k] as LiveMemory).memory.subarray(first * PAGE, (first + count) * PAGE)),
  );
  const binaryBytes = arrayBytes + slices.reduce((sum, s) => sum + s.length, 0);
  const out = new Uint8Array(FIXED + headerBytes.length + tableBytes.length + binaryBytes);
  let at = FIXED;
  for (const part of [headerBytes, tableBytes, ...arrays, ...slices]) {
    out.set(part, at);
    at += part.length;
  }
  out.set(encoder.encode(MAGIC), 0);
  const view = new DataView(out.buffer);
  view.setUint32(8, FORMAT, true);
  view.setUint32(12, headerBytes.length, true);
  view.setUint32(16, tableBytes.length, true);
  view.setFloat64(20, binaryBytes, true);
  // The lengths are covered too: the checksum runs over them and the content.
  view.setUint32(28, crc32([out.subarray(0, 28), out.subarray(FIXED)]), true);
  return out;
}

/** Takes a snapshot apart, after all checks that need no core. */
export function unpackSnapshot(given: Uint8Array): {
  header: SnapshotHeader;
  table: string;
  arrays: Uint8Array;
  memories: MemoryImage[];
} {
  // A Buffer of Node slices without copying: only the plain array is taken apart.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const decoder = new TextDecoder();
  if (bytes.length < FIXED || decoder.decode(bytes.subarray(0, 8)) !== MAGIC) {
    throw new SnapshotError("these bytes are no snapshot of Spikelet.");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = view.getUint32(8, true);
  if (format !== FORMAT)
    throw new SnapshotError(`the snapshot has the format ${format}; this version reads format ${FORMAT}.`, {
      value: format,
      allowed: String(FORMAT),
    });
  const headerBytes = view.getUint32(12, true);
  const tableBytes = view.getUint32(16, true);
  const binaryBytes = view.getFloat64(20, true);
  const expected = FIXED + headerBytes + tableBytes + binaryBytes;
  if (bytes.length !== expected) {
    throw new SnapshotError(
      `the snapshot has ${bytes.length} bytes; it must have ${expected}: it is ${bytes.length < expected ? "cut off" : "too long"}.`,
      { value: bytes.length },
    );
  }
  if (crc32([bytes.subarray(0, 28), bytes.subarray(FIXED)]) !== view.getUint32(28, true)) {
    throw new SnapshotError("the snapshot is damaged: its checksum does not fit.");
  }
  const header = JSON.parse(decoder.decode(bytes.subarray(FIXED, FIXED + headerBytes))) as SnapshotHeader;
  const tableAt = FIXED + headerBytes;
  const binaryAt = tableAt + tableBytes;
  let at = binaryAt + header.arrayBytes;
  const memories = header.memories.map((memory): MemoryImage => {
    const length = memory.pages.reduce((sum, [, count]) => sum + count * PAGE, 0);
    at += length;
    return { ...memory, content: bytes.subarray(at - length, at) };
  });
  return {
    header,
    table: decoder.decode(bytes.subarray(tableAt, binaryAt)),
    arrays: bytes.subarray(binaryAt, binaryAt + header.arrayBytes),
    memories,
  };
}

/** Writes the pages into a memory that is zero. */
export function restorePages(image: MemoryImage, memory: Uint8Array): void {
  let at = 0;
  for (const [first, count] of image.pages) {
    const part = image.content.subarray(at, at + count * PAGE);
    memory.set(part, first * PAGE);
    at += part.length;
  }
}
