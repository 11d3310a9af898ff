/** Links: the view and its state in the fragment, as compressed JSON. What comes from a link is untrusted. */

/** Longest fragment that is read, in characters. */
const LONGEST = 2_000_000;
/** Largest state that a fragment may unpack to, in bytes. */
const LARGEST = 8_000_000;

export interface Link {
  readonly view: string;
  readonly state: unknown;
}

/** A link that cannot be read, for people. */
export class LinkError extends Error {}

async function through(
  bytes: Uint8Array,
  stream: { readable: ReadableStream; writable: WritableStream },
  most: number,
): Promise<Uint8Array> {
  const reader = new Blob([bytes as never])
    .stream()
    .pipeThrough(stream as never)
    .getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) throw new LinkError("This link holds more than a page should read.");
    parts.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const toText = (bytes: Uint8Array): string => {
  let text = "";
  for (let k = 0; k < bytes.length; k += 0x8000) text += String.fromCharCode(...bytes.subarray(k, k + 0x8000));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

/** The fragment of a link, without `#`. */
export async function writeLink({ view, state }: Link): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  const packed = await through(bytes, new CompressionStream("deflate-raw"), Number.POSITIVE_INFINITY);
  return `${encodeURIComponent(view)}/${toText(packed)}`;
}

/**
 * What a fragment says; undefined where there is none.
 *
 * @throws LinkError what is wrong with it
 */
export async function readLink(fragment: string): Promise<Link | undefined> {
  const text = fragment.replace(/^#/, "");
  if (text === "") return undefined;
  if (text.length > LONGEST) throw new LinkError("This link is too long.");
  const [view = "", packed = ""] = text.split("/", 2);
  if (packed === "") return { view: decodeURIComponent(view), state: undefined };
  try {
    const binary = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
    const json = await through(bytes, new DecompressionStream("deflate-raw"), LARGEST);
    return { view: decodeURIComponent(view), state: JSON.parse(new TextDecoder().decode(json)) };
  } catch (error) {
    if (error instanceof LinkError) throw error;
    throw new LinkError("This link is damaged: a part of it may be missing. The page shows its beginning instead.");
  }
}
