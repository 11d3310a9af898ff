/** What became of a network on its way to another tool, or from one: nothing is changed or left out without a word. */
import { SpikeletError } from "../model/errors.js";
import type { NetworkSpec } from "../model/spec.js";

/**
 * - `exact`: the other tool computes the same, but for the rounding of sums;
 * - `approximate`: it computes something close, and `message` says what differs;
 * - `dropped`: it has no such thing, so what was written goes without it.
 */
export type Fidelity = "exact" | "approximate" | "dropped";

/** All of them, the best first. */
export const FIDELITIES: readonly Fidelity[] = ["exact", "approximate", "dropped"];

/** One part of the network and what became of it. */
export interface ReportEntry {
  readonly fidelity: Fidelity;
  /** Where it stands in the model file: `$.populations[0].background[1]`. */
  readonly path: string;
  /** What it became, and what differs. */
  readonly message: string;
}

/** An export that must be exact, and is not; or a network that a format cannot say at all. */
export class ExchangeError extends SpikeletError {
  override readonly name = "ExchangeError";
  override readonly code = "exchange";
  /** What stands in the way. */
  readonly entries: readonly ReportEntry[];

  constructor(
    message: string,
    entries: readonly ReportEntry[] = [],
    details: { readonly path?: string; readonly value?: unknown } = {},
  ) {
    super(message, details);
    this.entries = entries;
  }
}

/** Collects entries while a network is written or read. Equal ones are kept once. */
export class Report {
  private readonly list: ReportEntry[] = [];
  private readonly seen = new Set<string>();

  /** A report on writing a network, with what no other tool takes. */
  static of({ projections }: NetworkSpec): Report {
    const report = new Report();
    for (const [i, { ownPlasticity }] of projections.entries()) {
      if (!ownPlasticity) continue;
      const message = `the rule ${ownPlasticity.rule.name} is text for Spikelet; the weights stay as they are`;
      report.dropped(`$.projections[${i}].plasticity`, message);
    }
    return report;
  }

  exact(path: string, message: string): void {
    this.add("exact", path, message);
  }

  approximate(path: string, message: string): void {
    this.add("approximate", path, message);
  }

  dropped(path: string, message: string): void {
    this.add("dropped", path, message);
  }

  private add(fidelity: Fidelity, path: string, message: string): void {
    const key = `${fidelity} ${path} ${message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.list.push({ fidelity, path, message });
  }

  get entries(): readonly ReportEntry[] {
    return this.list;
  }

  /**
   * @param tool what the network was written for
   * @throws ExchangeError when an entry is not exact
   */
  static mustBeExact(entries: readonly ReportEntry[], tool: string): void {
    const loose = entries.filter(({ fidelity }) => fidelity !== "exact");
    if (loose.length === 0) return;
    const shown = loose.slice(0, 8).map(({ fidelity, path, message }) => `\n  ${path}: ${fidelity}: ${message}`);
    const more = loose.length > 8 ? `\n  and ${loose.length - 8} more` : "";
    throw new ExchangeError(`the network is not exact in ${tool}:${shown.join("")}${more}`, loose);
  }
}
