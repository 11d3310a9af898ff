import { SpikeletError } from "../../src/model/errors.js";

/** Class and message of the error that a call throws: the two things a fixture of a mistake asserts. */
export function failure(call: () => unknown): [unknown, string] {
  const error = thrown(call);
  return [error.constructor, error.message];
}

/** The error that a call throws, which must be one of the library's own. */
export function thrown(call: () => unknown): SpikeletError {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    if (error instanceof SpikeletError) return error;
    throw error;
  }
  throw new Error(`nothing was thrown; the result is ${JSON.stringify(result)?.slice(0, 200)}`);
}
