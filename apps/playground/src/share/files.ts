/** What a file is that was dropped or chosen: by its content, whatever its name says. */

const MAGIC = "SPIKELET";

export type FileKind = "snapshot" | "lesson" | "document" | "other";

/** Bytes that are enough to tell. */
export function kindOf(bytes: Uint8Array): FileKind {
  const begin = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (begin === MAGIC) return "snapshot";
  const text = new TextDecoder().decode(bytes.subarray(0, 4096)).replace(/^\uFEFF/, "").trimStart();
  if (!text.startsWith("{")) return "other";
  return /^\{\s*"lesson"\s*:/.test(text) ? "lesson" : "document";
}
