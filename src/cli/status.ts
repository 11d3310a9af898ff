/** Exit statuses of the command line: a fixed contract. */
export const Status = {
  done: 0,
  /** A fault of the program. */
  internal: 1,
  /** A thread died or fell silent, or the core trapped; results so far are written. */
  failed: 1,
  /** The call, the model file or the place of the results is at fault. */
  input: 2,
  /** The run became unstable; results so far are written. */
  unstable: 3,
  /** Cancelled by Ctrl-C or a request to end; results so far are written. */
  cancelled: 130,
} as const;
