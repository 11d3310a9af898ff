/** What a written page gets beyond TypeDoc's own: a policy, links of the site, equations, live neurons. */
import katex from "katex";

/**
 * What a page may load. TypeDoc needs its own files only, once its one inline script is a file; WebAssembly and workers
 * are for the live neurons.
 */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  // TypeDoc's program makes a style element that stays empty; this is the hash of nothing
  `style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='`,
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const INLINE = /<script>([^<]+)<\/script>/g;

/** The programs that stand in a page itself. */
export function inlineScripts(html: string): string[] {
  return [...html.matchAll(INLINE)].map(([, program = ""]) => program);
}

/** From a page to the folder of the documentation: "../" for each folder it is in. */
export function baseOf(url: string): string {
  return "../".repeat(url.split("/").length - 1);
}

/** A page with something below its heading. */
export function withLive(text: string, live: string): string {
  return live === "" ? text : text.replace(/^# .+$/m, `$&\n\n${live}`);
}

/** A page as it is written. Addresses that begin with `site:` are below the folder of the documentation. */
export function finish(html: string, url: string): string {
  const base = baseOf(url);
  return html
    .replace(INLINE, `<script src="${base}assets/start.js"></script>`)
    .replace(
      /<\/head>/,
      html.includes("<spikelet-") ? `<script defer src="${base}assets/elements.js"></script>$&` : "$&",
    )
    .replace(
      '<meta charset="utf-8"/>',
      `$&<meta http-equiv="Content-Security-Policy" content="${POLICY}"/><link rel="icon" href="data:,"/>`,
    )
    .replace(/style="text-align:(\w+)"/g, 'class="$1"')
    .replace(/(href|src)="site:/g, `$1="${base}`);
}

/** Equations between lines of `$$` as MathML, which browsers show without any program. */
export function withEquations(text: string): string {
  return text.replace(/^\$\$\n([\s\S]*?)\n\$\$$/gm, (_, tex: string) => {
    const math = katex.renderToString(tex, { displayMode: true, output: "mathml", strict: "error" });
    return `<div class="equations">${math}</div>`;
  });
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** A file of the sources as a page with an anchor for each line. */
export function sourcePage(path: string, text: string, url: string): string {
  const lines = text.trimEnd().split("\n");
  const numbered = lines.map((line, k) => `<span id="L${k + 1}" class="line">${escaped(line)}</span>`);
  const base = baseOf(url);
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/>\
<meta http-equiv="Content-Security-Policy" content="${POLICY}"/>\
<meta name="viewport" content="width=device-width, initial-scale=1"/><title>${escaped(path)} - Spikelet</title>\
<link rel="icon" href="data:,"/><link rel="stylesheet" href="${base}assets/style.css"/>\
<link rel="stylesheet" href="${base}assets/custom.css"/></head><body class="source"><main class="tsd-typography">\
<p><a href="${base}index.html">Documentation</a> / ${escaped(path)}</p><pre><code>${numbered.join("\n")}\n</code></pre>\
<script src="${base}assets/start.js"></script></main></body></html>`;
}
