/** Links between the files of a folder of pages: each must lead to a file, and to an anchor that is there. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

const attribute = (html: string, name: string): string[] =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value = ""]) =>
    value
      .replace(/&amp;/g, "&")
      .replace(/&#x27;|&#39;/g, "'")
      .replace(/&quot;/g, '"'),
  );

/** Where a page leads to, by links, pictures and programs. */
export function targetsOf(html: string): string[] {
  const text = html.replace(/<script[^>]*>[\s\S]*?<\/script>/g, (script) => script.slice(0, script.indexOf(">") + 1));
  return [...new Set([...attribute(text, "href"), ...attribute(text, "src")])];
}

/** A folder of pages. */
export interface Folder {
  /** Text of each page by its path in the folder, with slashes. */
  readonly pages: ReadonlyMap<string, string>;
  /** Paths of all files. */
  readonly files: ReadonlySet<string>;
}

/** Reads a folder whose pages are below one of its folders. */
export function readFolder(root: string, below: string): Folder {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map(({ parentPath, name }) =>
    posix.relative(root, join(parentPath, name).replaceAll("\\", "/")),
  );
  const pages = files.filter((file) => file.startsWith(`${below}/`) && file.endsWith(".html"));
  return { files: new Set(files), pages: new Map(pages.map((file) => [file, readFileSync(join(root, file), "utf8")])) };
}

/** Links of a folder's pages that lead nowhere, as sentences. */
export function brokenLinks({ pages, files }: Folder): string[] {
  const anchors = new Map([...pages].map(([path, html]) => [path, new Set(attribute(html, "id"))]));
  return [...pages].flatMap(([path, html]) =>
    targetsOf(html).flatMap((target) => {
      const wrong = mistake(path, target, files, anchors);
      return wrong === undefined ? [] : [`${path}: ${JSON.stringify(target)} ${wrong}`];
    }),
  );
}

function mistake(
  path: string,
  target: string,
  files: ReadonlySet<string>,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  // other hosts are not asked; a page may hold data
  if (/^(https?|mailto|data):/.test(target)) return undefined;
  if (/^\w+:|^\//.test(target)) return "is no address in the folder";
  const [address = "", fragment] = target.split("#");
  const inside = posix.join(posix.dirname(path), decodeURIComponent(address.split("?")[0] ?? ""));
  const file = address === "" ? path : inside.endsWith("/") ? `${inside}index.html` : inside;
  if (!files.has(file)) return "is not there";
  const known = anchors.get(file);
  // the playground's fragments are states of the page
  if (fragment === undefined || fragment === "" || known === undefined || file === "index.html") return undefined;
  return known.has(decodeURIComponent(fragment)) ? undefined : "has no such anchor";
}
