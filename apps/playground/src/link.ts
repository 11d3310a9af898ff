/**
 * Links: the view, its state as compressed JSON, and where wished a compressed snapshot, in the fragment:
 * `VIEW/STATE/SNAPSHOT`. What comes from a link is untrusted.
 */

/** Longest fragment that is read, in characters. */
const LONGEST = 2_000_000;
/** Largest state that a fragment may unpack to, in bytes. */
const LARGEST = 8_000_000;
/** Largest snapshot that a link is made with, compressed, and that one may unpack to, in bytes. */
export const SNAPSHOT_PACKED = 200_000;
const SNAPSHOT_UNPACKED = 64_000_000;

export interface Link {
  readonly view: string;
  readonly state: unknown;
  /** The network as it was, with all that is under way in it. */
  readonly snapshot?: Uint8Array;
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

const fromText = (text: string): Uint8Array => {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
};

/**
 * The fragment of a link, without `#`.
 *
 * @param largest bytes that the compressed snapshot may have
 * @throws LinkError where a snapshot is too large for a link
 */
export async function writeLink({ view, state, snapshot }: Link, largest = SNAPSHOT_PACKED): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  const packed = await through(bytes, new CompressionStream("deflate-raw"), Number.POSITIVE_INFINITY);
  const text = `${encodeURIComponent(view)}/${toText(packed)}`;
  if (snapshot === undefined) return text;
  const network = await through(snapshot, new CompressionStream("deflate"), Number.POSITIVE_INFINITY);
  if (network.length > largest) {
    const [is, most] = [network.length, largest].map((length) => `${Math.round(length / 1000)} kB`);
    throw new LinkError(`The state is ${is}, too large for a link (${most} at most): save it as a file instead.`);
  }
  return `${text}/${toText(network)}`;
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
  const [view = "", packed = "", network = ""] = text.split("/");
  const part = async <T>(name: string, read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (error instanceof LinkError) throw error;
      throw new LinkError(
        `This link is damaged: its ${name} cannot be read, a part may be missing. The page shows its beginning instead.`,
      );
    }
  };
  const name = await part("view", async () => decodeURIComponent(view));
  if (packed === "") return { view: name, state: undefined };
  const state: unknown = await part("settings", async () => {
    const json = await through(fromText(packed), new DecompressionStream("deflate-raw"), LARGEST);
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  });
  if (network === "") return { view: name, state };
  const snapshot = await part("saved state of the network", () =>
    through(fromText(network), new DecompressionStream("deflate"), SNAPSHOT_UNPACKED),
  );
  return { view: name, state, snapshot };
}
