/** A check of an exchange format against the real tool: what it needs, and what it saw. */

/** One thing that was compared. */
export interface Seen {
  readonly what: string;
  readonly ok: boolean;
  /** Numbers, in a line. */
  readonly text: string;
}

/** What a check is given. */
export interface Bench {
  /** Folder for its files, empty. */
  readonly folder: string;
  /** A Python that has the check's requirements. */
  readonly python: string;
  /**
   * Runs a program; throws with its last lines when it fails or takes longer than so many seconds. Its standard output.
   */
  run(
    command: string,
    args: readonly string[],
    options?: { readonly seconds?: number; readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
  ): string;
  /** Runs `spikelet` of dist. */
  spikelet(...args: readonly string[]): string;
}

export interface Check {
  readonly name: string;
  /** The tools with their versions, as pip takes them. */
  readonly requirements: readonly string[];
  /** Oldest and newest Python that they have wheels for, such as ["3.12", "3.13"]. */
  readonly pythons: readonly string[];
  /** How long the requirements may take to install, in s; 1200 when left out. */
  readonly installSeconds?: number;
  /** A part of another check: runs only where it is named. */
  readonly part?: true;
  /** Other programs that must be there (java, mpiexec). */
  readonly programs?: readonly string[];
  run(bench: Bench): Iterable<Seen> | AsyncIterable<Seen>;
}

/** Why a check cannot be made on this machine. */
export class NotHere extends Error {}
