/**
 * The playground as static files, in apps/playground/dist. The worker is an entry of its own, so that it shares files
 * with the page.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** With these a page has threads. */
const isolated = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export default defineConfig({
  root: path("."),
  base: "./",
  build: {
    outDir: path("dist"),
    emptyOutDir: true,
    target: "es2022",
    // the worker of tools imports when it is asked for something, and has no document to put preloads into
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, files, { hostType }) => (hostType === "html" ? files : []),
    },
    // the worker holds the core
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      // nothing that the page offers needs HDF5, which is larger than all the rest
      external: ["h5wasm"],
      input: {
        index: path("index.html"),
        worker: path("src/net/worker.ts"),
        tools: path("src/net/tools-worker.ts"),
      },
      output: {
        entryFileNames: ({ name }) =>
          ["worker", "tools"].includes(name) ? "assets/[name].js" : "assets/[name]-[hash].js",
      },
    },
  },
  server: { headers: isolated },
  preview: { headers: isolated },
});
