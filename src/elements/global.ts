/** The file for one line in a page: it registers the elements by itself. It is a script and a module alike. */
import { defineWith } from "./define.js";
import { isWorker, ownMeans, serveHere } from "./program.js";

if (isWorker()) serveHere();
else {
  const { src } = (globalThis.document?.currentScript ?? {}) as { readonly src?: string };
  // of another server's file no worker can be made
  defineWith(ownMeans(src?.startsWith(`${globalThis.location?.origin}/`) ? src : undefined));
}
