/** What a suite is and what it gives back. */
import type { MeasureOptions } from "../measure.js";

export interface Settings extends MeasureOptions {
  /** Smaller and fewer measurements, to see that everything works. */
  readonly quick: boolean;
}

/** A table of results. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Checks that failed: the twin does not compute what the core computes. They make the run fail. */
  readonly failures: readonly string[];
  /** Targets that were missed. They are reported only. */
  readonly shortfalls: readonly string[];
  /** The numbers behind the table. */
  readonly data: unknown;
}

export interface Suite {
  /** Names that `--only` takes; each selects this suite, or a part of it. */
  readonly names: readonly string[];
  run(selected: ReadonlySet<string>, settings: Settings): Promise<Section>;
}
