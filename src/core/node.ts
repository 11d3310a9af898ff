/** Modules of Node, without imports that bundlers for the browser would stumble over. */

interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: string): unknown;
}

/** What older versions give by import only. */
const imported = new Map<string, unknown>();

function nodeProcess(): NodeProcess | undefined {
  return (globalThis as { process?: NodeProcess }).process;
}

/** Makes modules available to `node` where it cannot get them by itself: before Node 20.16 and 22.3. */
export async function prepareNode(): Promise<void> {
  const process = nodeProcess();
  if (process?.versions?.node === undefined || process.getBuiltinModule || imported.size > 0) return;
  for (const name of ["node:worker_threads", "node:os"]) {
    try {
      imported.set(name, await import(/* webpackIgnore: true */ /* @vite-ignore */ name));
    } catch {
      // What only looks like Node has no such module.
      imported.set(name, undefined);
    }
  }
}

/** A module of Node; undefined elsewhere. */
export function node<T>(name: string): T | undefined {
  return (nodeProcess()?.getBuiltinModule?.(name) ?? imported.get(name)) as T | undefined;
}
