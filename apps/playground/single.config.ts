/**
 * The playground as one HTML file that works from a disk, apps/playground/dist/spikelet.html: scripts and styles stand
 * in it, and the workers' program as text. Its policy names them by their hashes, and allows nothing from anywhere.
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The contents of a page's elements of that name, as a policy names them. */
function hashes(html: string, name: "script" | "style"): string {
  const all = [...html.matchAll(new RegExp(`<${name}\\b[^>]*>([\\s\\S]*?)</${name}>`, "g"))];
  return all.map(([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" ");
}

function policy(html: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashes(html, "script")} 'wasm-unsafe-eval'`,
    `style-src ${hashes(html, "style")}`,
    "img-src blob: data:",
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** Puts the policy of a page whose parts are all inside it in the place of that of the page in files. */
function hashedPolicy(): Plugin {
  return {
    name: "hashed-policy",
    enforce: "post",
    transformIndexHtml: {
      order: "pre",
      handler: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, "<!-- policy -->"),
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const page of Object.values(bundle)) {
          if (page.type !== "asset" || typeof page.source !== "string" || !page.fileName.endsWith(".html")) continue;
          const meta = `<meta http-equiv="Content-Security-Policy" content="${policy(page.source)}" />`;
          page.source = page.source.replace("<!-- policy -->", meta);
        }
      },
    },
  };
}

export default defineConfig({
  root: path("."),
  // the page offers neither itself nor the documentation beside it
  mode: "single",
  resolve: { alias: [{ find: /^\.\/launch\.js$/, replacement: path("src/net/launch-single.ts") }] },
  build: {
    outDir: path("dist"),
    emptyOutDir: false,
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: { external: ["h5wasm"] },
  },
  // a module cannot be read from memory by a page that comes from a disk
  worker: { format: "iife", rolldownOptions: { external: ["h5wasm"], output: { codeSplitting: false } } },
  plugins: [
    viteSingleFile({ useRecommendedBuildConfig: true, deleteInlinedFiles: true, outputFileName: "spikelet.html" }),
    hashedPolicy(),
  ],
});
