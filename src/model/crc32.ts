let crcTable: Uint32Array | undefined;

/** CRC-32 (IEEE 802.3): any single flipped bit, and any burst of up to 32, changes it. */
export function crc32(parts: readonly Uint8Array[]): number {
  crcTable ??= Uint32Array.from({ length: 2048 }, () => 0);
  const table = crcTable;
  if (table[1] === 0) {
    // Slicing by 8: eight tables let eight bytes be taken at once.
    for (let n = 0; n < 256; n++) {
      let c = n;
      for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
      table[n] = c >>> 0;
    }
    for (let n = 0; n < 256; n++) {
      for (let k = 1; k < 8; k++) {
        const before = table[(k - 1) * 256 + n] as number;
        table[k * 256 + n] = (before >>> 8) ^ (table[before & 255] as number);
      }
    }
  }
  const at = (k: number, x: number): number => table[k * 256 + (x & 255)] as number;
  let crc = 0xffffffff;
  for (const bytes of parts) {
    let i = 0;
    for (; i + 8 <= bytes.length; i += 8) {
      const low = crc ^ word(bytes, i);
      const high = word(bytes, i + 4);
      crc =
        at(7, low) ^ at(6, low >>> 8) ^ at(5, low >>> 16) ^ at(4, low >>> 24) ^
        at(3, high) ^ at(2, high >>> 8) ^ at(1, high >>> 16) ^ at(0, high >>> 24);
    }
    for (; i < bytes.length; i++) crc = (crc >>> 8) ^ at(0, crc ^ (bytes[i] as number));
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function word(bytes: Uint8Array, i: number): number {
  return (
    (bytes[i] as number) |
    ((bytes[i + 1] as number) << 8) |
    ((bytes[i + 2] as number) << 16) |
    ((bytes[i + 3] as number) << 24)
  );
}
