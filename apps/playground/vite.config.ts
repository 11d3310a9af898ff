/**
 * The playground as static files, in apps/playground/dist. Workers are entries of their own: those for jobs and tools
 * share files; that for networks, which the first picture waits for, is one file with what it needs and nothing else.
 */
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { build, defineConfig, type Plugin } from "vite";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Programs of workers that share files. */
const WORKERS = ["jobs", "tools"];
/** Nothing that the page offers needs HDF5, which is larger than all the rest. */
const external = ["h5wasm"];

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

/** Builds the program of the workers with a network. */
const networkWorker: Plugin = {
  name: "network-worker",
  apply: "build",
  async closeBundle() {
    await build({
      configFile: false,
      root: path("."),
      logLevel: "warn",
      build: {
        outDir: path("dist/assets"),
        emptyOutDir: false,
        target: "es2022",
        chunkSizeWarningLimit: 1000,
        rolldownOptions: {
          external,
          input: { worker: path("src/net/worker.ts") },
          output: { codeSplitting: false, entryFileNames: "[name].js" },
        },
      },
    });
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
  plugins: [preloadMain, flatImports, networkWorker],
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
    // it holds the core
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      external,
      input: {
        index: path("index.html"),
        jobs: path("src/net/jobs-worker.ts"),
        tools: path("src/net/tools-worker.ts"),
      },
      output: {
        entryFileNames: ({ name }) => (WORKERS.includes(name) ? "assets/[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
  server: { headers: isolated },
  preview: { headers: isolated },
});
