/** The hashes of test/golden, computed by the built package in the browser. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";
import type { compute } from "../../../test/golden/networks.js";
import { assert, type Place } from "./place.js";

type Computed = Awaited<ReturnType<typeof compute>>;

/** The networks of test/golden with the package as it is published, as one script that leaves `golden` behind. */
async function script(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: 'import { compute } from "./test/golden/networks.js"; globalThis.golden = compute;',
      resolveDir: ".",
    },
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    plugins: [
      {
        name: "built",
        setup: ({ onResolve }) =>
          onResolve({ filter: /\/src\/index\.js$/ }, () => ({ path: resolve("dist/index.js") })),
      },
    ],
  });
  return (outputFiles[0] as { readonly text: string }).text;
}

/** Every model with every method, and the two networks of many neurons: the hashes are those of golden.json. */
export async function golden({ open }: Place): Promise<string> {
  const page = await open("#gallery");
  await page.evaluate(await script());
  const found = await page.evaluate(() => (globalThis as unknown as { golden: typeof compute }).golden());
  const pinned = JSON.parse(readFileSync("test/golden/golden.json", "utf8")) as Computed;
  const different = Object.entries(pinned).flatMap(([network, hashes]) =>
    Object.keys({ ...hashes, ...found[network as keyof Computed] })
      .filter((name) => found[network as keyof Computed][name] !== hashes[name])
      .map((name) => `${network}, ${name}`),
  );
  assert(different.length === 0, `other hashes than golden.json has: ${different.join("; ")}`);
  const count = Object.values(found).reduce((sum, hashes) => sum + Object.keys(hashes).length, 0);
  assert(count > 50, `only ${count} hashes were computed`);
  await page.close();
  return `${count} hashes as in test/golden/golden.json`;
}
