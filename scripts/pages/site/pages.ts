/**
 * Which pages the documentation has, in which groups and order: what docs/README.md, docs/models/README.md and
 * examples/README.md link to. Pure: texts in, records out.
 */
import { posix } from "node:path";

/** A page of the documentation. */
export interface Page {
  /** Its file in the repository. */
  readonly path: string;
  readonly title: string;
  readonly group: string;
  /** Where it is written, without its ending. */
  readonly url: string;
}

/** Reads a file of the repository. */
export type Read = (path: string) => string;

const CONTENTS = "docs/README.md";
const MODELS = "docs/models/README.md";
const EXAMPLES = "examples/README.md";
/** Examples that are pages of their own; others are files beside the pages. */
const PROGRAM = /^examples\/.*\.(ts|json|html)$/;

/** The files that a text links to, in their order, as paths in the repository. */
export function linked(path: string, text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target = ""]) => target);
  const files = targets.filter((target) => !/^\w+:/.test(target));
  return [...new Set(files.map((file) => posix.join(posix.dirname(path), file)))];
}

/** The sections of the table of contents: "For using Spikelet:" and the list below it. */
export function sections(text: string): { readonly group: string; readonly text: string }[] {
  return [...text.matchAll(/^For (.*):\n\n((?:[- ].*\n)+)/gm)].map(([, name = "", list = ""]) => ({
    group: name.charAt(0).toUpperCase() + name.slice(1),
    text: list,
  }));
}

/** The heading of a page, as plain text; its file's name where it has none. */
export function titleOf(path: string, text: string): string {
  const [, title] = /^# (.+)$/m.exec(path.endsWith(".md") ? text : "") ?? [];
  return title?.replace(/[`*]/g, "") ?? posix.basename(path);
}

/** A page's address: the folder docs is the site's own; a README is the index of its folder. */
export function urlOf(path: string): string {
  const inside = path.replace(/^docs\//, "").replace(/\.md$/, "");
  if (path === CONTENTS) return "contents";
  return inside.replace(/(^|\/)README$/, "$1index").replace(/^[A-Z]+$/, (name) => name.toLowerCase());
}

/** All pages but the first, README.md; the groups in their order. */
export function pagesOf(read: Read): Page[] {
  const contents = read(CONTENTS);
  const page = (group: string) => (path: string) => ({
    path,
    title: titleOf(path, read(path)),
    group,
    url: urlOf(path),
  });
  const models = linked(MODELS, read(MODELS)).filter((path) => posix.dirname(path) === posix.dirname(MODELS));
  const documents = [
    page("Start")(CONTENTS),
    ...sections(contents).flatMap(({ group, text }) =>
      linked(CONTENTS, text)
        .filter((path) => path.endsWith(".md") && !["README.md", MODELS, EXAMPLES].includes(path))
        .map(page(group)),
    ),
    ...[MODELS, ...models].map(page("Models")),
    page("Examples")(EXAMPLES),
  ];
  // those in the order of their own list come first, then what other pages lead to
  const leading = [EXAMPLES, "README.md", ...documents.map(({ path }) => path)];
  const programs = leading.flatMap((path) => linked(path, read(path))).filter((path) => PROGRAM.test(path));
  const all = [...documents, ...programs.map(page("Examples"))];
  return all.filter(({ path }, k) => all.findIndex((other) => other.path === path) === k);
}

/** The pages in docs that no list leads to. */
export function forgotten(pages: readonly Page[], files: readonly string[]): string[] {
  const known = new Set(pages.map(({ path }) => path));
  return files.filter((file) => !known.has(file));
}
