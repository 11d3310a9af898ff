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

const named = <T>(all: Readonly<Record<string, T>>): Map<string, T> =>
  new Map(Object.entries(all).map(([path, value]) => [path.replace(/^.*\/|\.json$/g, ""), value]));

const titles = named(import.meta.glob<string>("../gallery/*.json", { import: "title", eager: true }));
const words = named(import.meta.glob<string>("../gallery/*.json", { import: "words", eager: true }));
const programs = named(import.meta.glob<string>("../gallery/*.json", { import: "program", eager: true }));
/** Documents: of the entry itself, or the file of that name in the folder of examples. */
const own = named(import.meta.glob<object | null>("../gallery/*.json", { import: "document" }));
const examples = named(import.meta.glob<object>("../../../examples/*.json", { import: "default" }));

/** All entries in the order of their programs, those without one last. */
export const GALLERY: readonly GalleryWords[] = [...titles]
  .map(([name, title]) => ({ name, title, words: words.get(name) ?? "", program: programs.get(name) ?? "" }))
  .sort((a, b) => (a.program || "~").localeCompare(b.program || "~", "en") || a.title.localeCompare(b.title, "en"));

/** The document of an entry; undefined where there is none of that name. */
export async function galleryDocument(name: string): Promise<object | undefined> {
  return (await own.get(name)?.()) ?? (await examples.get(name)?.());
}
