/**
 * The names of kinds in other tools, as data: what a model, receptor, background current, connection rule or rule of
 * plasticity is called there, how its parameters are, what differs. Exporters, importers and docs/other-simulators.md
 * follow from these.
 */
import type { kernelKind } from "../kinds/receptors.js";
import type { BackgroundKind, PlasticitySpec, RuleSpec } from "../model/spec.js";
import type { models } from "../models/index.js";

/** A parameter as another tool has it. */
export interface Renamed {
  readonly name: string;
  /** Its number there is ours times this: 0.001 where pF become nF. 1 when left out. */
  readonly factor?: number;
}

/** Something that another tool has. */
export interface Present {
  /** What it is called there. */
  readonly name: string;
  /** Ours by name: a new name, or with a factor. Those that are not listed are not there. */
  readonly params?: Readonly<Record<string, string | Renamed>>;
  /** Numbers or words that the other one must be given beside them. */
  readonly fixed?: Readonly<Record<string, number | string | boolean>>;
  /** What differs, in sentences; left out where the other tool computes the same. */
  readonly differs?: string;
  /** How this is known: "run" (both were run and compared), or "names" (from that version's documentation). */
  readonly checked: "run" | "names";
}

/** Something that another tool does not have, and what that means. */
export interface Absent {
  readonly absent: string;
}

export type Counterpart = Present | Absent;

export function isPresent(counterpart: Counterpart): counterpart is Present {
  return !("absent" in counterpart);
}

export type ModelName = keyof typeof models;
/** Kernels, of which all that are defined as text are one kind. */
export type KernelName = ReturnType<typeof kernelKind>;
export type BackgroundName = BackgroundKind["kind"];
export type RuleName = RuleSpec["rule"];
export type PlasticityName = PlasticitySpec["kind"] | "shortTerm" | "scaling" | "release";

/** All kinds in one tool: a kind that is new here does not compile before each tool says what it is there. */
export interface Mapping {
  /** The tool and its version. */
  readonly tool: string;
  readonly models: Readonly<Record<ModelName | "poisson" | "spikeTrain", Counterpart>>;
  readonly receptors: Readonly<Record<KernelName, Counterpart>>;
  readonly backgrounds: Readonly<Record<BackgroundName, Counterpart>>;
  readonly rules: Readonly<Record<RuleName, Counterpart>>;
  readonly plasticity: Readonly<Record<PlasticityName, Counterpart>>;
}

/** The parameters of a present counterpart with their numbers there. */
export function translated(
  counterpart: Present,
  params: Readonly<Record<string, number | Float64Array>>,
): Record<string, number | Float64Array> {
  const out: Record<string, number | Float64Array> = {};
  for (const [ours, theirs] of Object.entries(counterpart.params ?? {})) {
    const value = params[ours];
    if (value === undefined) continue;
    const { name, factor = 1 } = typeof theirs === "string" ? { name: theirs } : theirs;
    out[name] = typeof value === "number" ? value * factor : value.map((x) => x * factor);
  }
  return out;
}
