/** The browser that checks of pages need. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** Its path: the variable CHROMIUM, or a usual name on the PATH. Without one the process ends with status 3. */
export function chromiumPath(): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const usual = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = [process.env["CHROMIUM"] ?? "", ...usual].find((path) => path !== "" && existsSync(path));
  if (found !== undefined) return found;
  console.error(
    "No browser could be had: install Chromium (Debian: apt-get install chromium), or set CHROMIUM to its path.",
  );
  process.exit(3);
}

/** Headers with which a page is cross-origin isolated: it may have threads. */
export const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** Types of files by their endings. */
export const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};
