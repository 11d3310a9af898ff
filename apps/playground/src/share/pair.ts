/** Two snapshots as one, for the link of two branches. */

const MAGIC = "SPIKPAIR";
/** Bytes of the magic, and of the length of the first snapshot behind it. */
const [BEGIN, HEAD] = [MAGIC.length, MAGIC.length + 4];

export function pairOf(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(HEAD + a.length + b.length);
  all.set(new TextEncoder().encode(MAGIC));
  new DataView(all.buffer).setUint32(BEGIN, a.length, true);
  all.set(a, HEAD);
  all.set(b, HEAD + a.length);
  return all;
}

/**
 * The snapshots of two branches: those of a pair, or one for both.
 *
 * @param bytes untrusted; the snapshots are checked by who opens them
 */
export function branchesOf(bytes: Uint8Array): readonly [a: Uint8Array, b: Uint8Array] {
  if (new TextDecoder("latin1").decode(bytes.subarray(0, BEGIN)) !== MAGIC || bytes.length < HEAD) return [bytes, bytes];
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(BEGIN, true);
  return [bytes.slice(HEAD, HEAD + length), bytes.slice(HEAD + length)];
}
