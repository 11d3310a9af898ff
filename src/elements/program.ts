/** The library inside of the files of one piece: a function, whose text is the program of workers too. */
import type { Means } from "./host.js";
import type * as Library from "./library.js";

/** What the build puts in front of the files of one piece (scripts/build/single.mjs). */
declare const spikeletLibrary: () => typeof Library;

/** Whether this thread is a worker that was started with this very file. */
export const isWorker = (): boolean =>
  typeof document === "undefined" && typeof (globalThis as { importScripts?: unknown }).importScripts === "function";

/** Makes this thread the worker of a page. */
export function serveHere(): void {
  spikeletLibrary().serveShared();
}

/** @param address of this file, where it may be the program of a worker */
export function ownMeans(address?: string): Means {
  return {
    program: () =>
      URL.createObjectURL(new Blob([`(${spikeletLibrary})().serveShared();`], { type: "text/javascript" })),
    address,
    serve: (endpoint) => spikeletLibrary().serve(endpoint),
  };
}
