import { nearestName } from "../model/suggest.js";

/** A mistake in the call, or a file that cannot be read. The message names the place, the value and what is allowed. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Whether an error comes from a trap in the core, which no input should bring about. */
export function isFault(error: Error): boolean {
  return error.cause instanceof WebAssembly.RuntimeError;
}

/** A word of an option that is none of those it may be, with the nearest of them. */
export function wrongWord(option: string, word: unknown, allowed: readonly string[]): InputError {
  const nearest = typeof word === "string" ? nearestName(word, allowed) : undefined;
  const hint = nearest === undefined ? "." : `; did you mean ${JSON.stringify(nearest)}?`;
  const words = allowed.join(", ").replace(/, (?=[^,]*$)/, " or ");
  return new InputError(`${option}: ${JSON.stringify(word)}; it must be ${words}${hint}`);
}
