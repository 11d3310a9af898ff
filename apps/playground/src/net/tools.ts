/** The page's side of the toolbox: a worker that begins with the first question, for all views. */
import { startTools } from "./start.js";
import type { Toolbox } from "./toolbox.js";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

let worker: Worker | undefined;
let calls = 0;
const waiting = new Map<number, Waiting>();

function connect(): Worker {
  const made = startTools();
  made.addEventListener("message", ({ data }) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error === undefined) asked?.resolve(data.value);
    else asked?.reject(new Error(data.error));
  });
  made.addEventListener("error", ({ message }) => {
    for (const { reject } of waiting.values()) reject(new Error(`The worker that reads files is gone: ${message}`));
    waiting.clear();
    if (worker === made) worker = undefined;
  });
  return made;
}

/**
 * Asks for something of the toolbox.
 *
 * @throws Error with the message of the library
 */
export function ask<T extends keyof Toolbox>(
  tool: T,
  ...args: Parameters<Toolbox[T]>
): Promise<Awaited<ReturnType<Toolbox[T]>>> {
  worker ??= connect();
  return new Promise((resolve, reject) => {
    waiting.set(++calls, { resolve: resolve as (value: unknown) => void, reject });
    worker?.postMessage({ id: calls, tool, args });
  });
}
