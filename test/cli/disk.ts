/** A disk that is full, or that refuses to write, in place of the machine's: every test can have one. */
import fs, { readdirSync, statSync } from "node:fs";
import promises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join, resolve } from "node:path";

const real = { openSync: fs.openSync, writeSync: fs.writeSync, copyFileSync: fs.copyFileSync, open: promises.open };

function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test, write`), { code, syscall: "write" });
}

/** Bytes of all files in a folder and those below it. */
function used(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? used(path) : (statSync(path, { throwIfNoEntry: false })?.size ?? 0));
  }, 0);
}

/**
 * While `work` goes on, files in a folder are on a disk of so many bytes. What does not fit is written in part, as a
 * system does it.
 *
 * @param code what a write is refused with
 */
export async function onDisk<T>(folder: string, bytes: number, work: () => Promise<T>, code = "ENOSPC"): Promise<T> {
  const root = resolve(folder);
  const inside = (path: unknown): boolean => typeof path === "string" && resolve(path).startsWith(root);
  const files = new Set<number>();
  const free = (): number => Math.max(0, bytes - used(root));
  fs.openSync = (path, ...rest) => {
    const handle = real.openSync(path, ...rest);
    if (inside(path)) files.add(handle);
    else files.delete(handle);
    return handle;
  };
  const write = (
    handle: number,
    buffer: Uint8Array,
    offset = 0,
    length = buffer.length - offset,
    position?: number,
  ): number => {
    if (!files.has(handle)) return real.writeSync(handle, buffer, offset, length, position);
    const room = free();
    if (room === 0 && length > 0) throw refusal(code);
    return real.writeSync(handle, buffer, offset, Math.min(length, room), position);
  };
  fs.writeSync = write as typeof fs.writeSync;
  fs.copyFileSync = (from, to, mode) => {
    if (inside(to) && statSync(from).size > free()) throw refusal(code);
    real.copyFileSync(from, to, mode);
  };
  promises.open = async (path, ...rest) => {
    const handle = await real.open(path, ...rest);
    if (!inside(path)) return handle;
    const append = handle.appendFile.bind(handle);
    handle.appendFile = async (data: string | Uint8Array) => {
      const content = Buffer.from(data as string);
      const room = free();
      await append(content.subarray(0, room));
      if (content.length > room) throw refusal(code);
    };
    return handle as FileHandle;
  };
  syncBuiltinESMExports();
  try {
    return await work();
  } finally {
    Object.assign(fs, { openSync: real.openSync, writeSync: real.writeSync, copyFileSync: real.copyFileSync });
    promises.open = real.open;
    syncBuiltinESMExports();
  }
}
