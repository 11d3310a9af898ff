/** A mistake in the call, or a file that cannot be read. The message names the place, the value and what is allowed. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Whether an error comes from a trap in the core, which no input should bring about. */
export function isFault(error: Error): boolean {
  return error.cause instanceof WebAssembly.RuntimeError;
}
