/** The gallery: networks with a title and words, each a file of its own, loaded when it is opened. */

/** What the page says of an entry. */
export interface GalleryWords {
  readonly name: string;
  readonly title: string;
  /** What is seen, and what to try. */
  readonly words: string;
  /** The file of the examples that shows the same as a program, or "". */
  readonly program: string;
}

interface Entry extends Omit<GalleryWords, "name"> {
  /** Of the entry itself; null where it is the file of that name in the folder of examples. */
  readonly document: object | null;
}

const named = <T>(all: Readonly<Record<string, T>>): Map<string, T> =>
  new Map(Object.entries(all).map(([path, value]) => [path.replace(/^.*\/|\.json$/g, ""), value]));

const entries = named(import.meta.glob<Entry>("../gallery/*.json", { import: "default", eager: true }));
const examples = named(import.meta.glob<object>("../../../examples/*.json", { import: "default" }));

/** All entries in the order of their programs, those without one last. */
export const GALLERY: readonly GalleryWords[] = [...entries]
  .map(([name, { title, words = "", program = "" }]) => ({ name, title, words, program }))
  .sort((a, b) => (a.program || "~").localeCompare(b.program || "~", "en") || a.title.localeCompare(b.title, "en"));

/** The document of an entry; undefined where there is none of that name. */
export async function galleryDocument(name: string): Promise<object | undefined> {
  return entries.get(name)?.document ?? (await examples.get(name)?.());
}
