/** Work that pauses: a generator yields where events may have their turn, or where it waits for other threads. */

/** Does the work without a pause; events have to wait. */
export function settle<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value as T;
  }
}

/** Does the work, letting events have their turn where it yields. */
export async function patiently<T>(work: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value as T;
    await pause();
  }
}

let paused = 0;

/** ms since this program last let events have their turn here. */
export function sincePause(): number {
  return performance.now() - paused;
}

/** Lets timers, input and painting have their turn. */
export async function pause(): Promise<void> {
  await turn();
  paused = performance.now();
}

function turn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(0);
  });
}
