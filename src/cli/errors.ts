/** A mistake in the call, or a file that cannot be read. The message names the place, the value and what is allowed. */
export class InputError extends Error {
  override readonly name = "InputError";
}
