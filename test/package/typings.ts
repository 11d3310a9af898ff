/**
 * Compiles a program that uses the package as programs of users are compiled, the package's typings checked too: with
 * the platform's types from TypeScript's DOM library, from @types/node, and with neither.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = process.cwd();

/** What `correct.ts` uses of the platform beside the package. */
const BARE = `
declare const console: { log(...texts: unknown[]): void };
declare class AbortController {
  readonly signal: { readonly aborted: boolean };
}
`;
/** Every source that a core may come from. */
const SOURCES = `
import type { CoreSource } from "spikelet";
export const sources: CoreSource[] = [new URL("a:b"), fetch("a"), new Uint8Array(1), new ArrayBuffer(1)];
`;
/** Were the typings not found, everything would be `any` and this mistake none. */
const MISTAKE = `
// @ts-expect-error a class is no number
export const x: number = Simulation;
`;

const NODE = { module: "NodeNext", moduleResolution: "NodeNext" };
const BUNDLER = { module: "ESNext", moduleResolution: "Bundler" };

export interface Setting {
  readonly name: string;
  readonly options: object;
  /** Lines that the program has beside its own. */
  readonly platform: string;
}

export const SETTINGS: readonly Setting[] = [
  { name: "the DOM library", options: { ...NODE, lib: ["ES2022", "DOM"], types: [] }, platform: SOURCES },
  {
    name: "a bundler and the DOM library",
    options: { ...BUNDLER, lib: ["ES2022", "DOM"], types: [] },
    platform: SOURCES,
  },
  { name: "@types/node", options: { ...NODE, lib: ["ES2022"], types: ["node"] }, platform: SOURCES },
  { name: "both", options: { ...NODE, lib: ["ES2022", "DOM"], types: ["node"] }, platform: SOURCES },
  { name: "neither", options: { ...NODE, lib: ["ES2022"], types: [] }, platform: BARE },
];

/**
 * What the compiler says, nothing if all is well.
 *
 * @param folder a folder from which `spikelet` can be imported
 * @param typescript folder of the package typescript
 */
export function compilerErrors(
  { options, platform }: Setting,
  folder: string,
  typescript = join(root, "node_modules/typescript"),
): string {
  const correct = readFileSync(join(root, "test/types/correct.ts"), "utf8").replace(
    '"../../src/index.js"',
    '"spikelet"',
  );
  writeFileSync(join(folder, "consumer.ts"), correct + platform + MISTAKE);
  const strict = {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
  };
  const rest = { noEmit: true, target: "ES2022", typeRoots: [join(root, "node_modules/@types")] };
  const config = { compilerOptions: { ...strict, ...rest, ...options }, files: ["consumer.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { status, stdout, error } = spawnSync(process.execPath, [join(typescript, "bin/tsc"), "-p", folder], {
    encoding: "utf8",
  });
  return status === 0 ? "" : `${error?.message ?? ""}${stdout}` || `tsc ended with status ${status}`;
}
