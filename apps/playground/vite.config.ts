/**
 * The playground as static files, in apps/playground/dist. The worker is an entry of its own, so that it shares files
 * with the page.
 */
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Programs of workers, which are files of their own. */
const WORKERS = ["worker", "jobs", "tools"];

/** With these a page has threads. */
const isolated = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/**
 * Makes an entry import all files that those it imports do: a worker, which no page preloads anything for, gets them at
 * once and not one after the other.
 */
const flatImports: Plugin = {
  name: "flat-imports",
  generateBundle(_, bundle) {
    const chunk = (file: string) => bundle[file] as { readonly imports: readonly string[] };
    for (const entry of Object.values(bundle)) {
      if (entry.type !== "chunk" || !WORKERS.includes(entry.name)) continue;
      const all = new Set(entry.imports);
      // what is added while it is gone through comes later
      for (const file of all) for (const further of chunk(file).imports) all.add(further);
      const missing = [...all].filter((file) => !entry.imports.includes(file));
      entry.code = missing.map((file) => `import"./${posix.basename(file)}";`).join("") + entry.code;
    }
  },
};

/** Lets the page's own files come while the script that starts a worker has its turn. */
const preloadMain: Plugin = {
  name: "preload-main",
  transformIndexHtml: {
    order: "post",
    handler(_, { bundle }) {
      const main = Object.values(bundle ?? {}).find((one) => one.type === "chunk" && one.name === "main");
      if (main?.type !== "chunk") return [];
      return [main.fileName, ...main.imports].map((file) => ({
        tag: "link",
        attrs: { rel: "modulepreload", crossorigin: true, href: `./${file}` },
        injectTo: "head",
      }));
    },
  },
};

export default defineConfig({
  plugins: [preloadMain, flatImports],
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
        jobs: path("src/net/jobs-worker.ts"),
        tools: path("src/net/tools-worker.ts"),
      },
      output: {
        entryFileNames: ({ name }) =>
          WORKERS.includes(name) ? "assets/[name].js" : "assets/[name]-[hash].js",
      },
    },
  },
  server: { headers: isolated },
  preview: { headers: isolated },
});
