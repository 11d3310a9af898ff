/** The names of a model and what they stand for. */
import { type Dimension, isPure, NUMBER, type Scale, type Unit, unitName, UnitSystem } from "./dimensions.js";
import { isFunction } from "./functions.js";
import { MAX_NAME } from "./limits.js";
import { WORDS } from "./parser.js";

/** What the value of an expression depends on, as bits. */
export const Uses = {
  STATE: 1,
  INPUT: 2,
  TIME: 4,
  INDEX: 8,
  RANDOM: 16,
  NOISE: 32,
  STEP: 64,
  PARAMETER: 128,
} as const;

export type EntryKind =
  | "state"
  | "parameter"
  | "intermediate"
  /** I */
  | "input"
  /** t */
  | "time"
  /** dt */
  | "step"
  /** i */
  | "index"
  /** N */
  | "size"
  /** xi and xi_NAME */
  | "noise"
  /** pi, or a unit: a number that is known */
  | "constant"
  /** True, False */
  | "condition"
  /** not_refractory */
  | "ready"
  /** Receptors: a state of the neuron, which they read; `index` counts these. */
  | "read"
  /** Receptors: w, what arrives. */
  | "weight";

export interface Entry {
  readonly kind: EntryKind;
  /** Place among the states, parameters or intermediates; 1 of True. */
  readonly index: number;
  /** undefined where units are not checked, or the name's own text is at fault. */
  readonly dimension: Dimension | undefined;
  /** From the unit that the value is kept in to the coherent system. */
  readonly scale: Scale;
  readonly uses: number;
  /** The value is a condition. */
  readonly condition: boolean;
  /** Value of pi. */
  readonly value?: number;
}

/** By what numbers are multiplied that are kept in coherent units. */
export const UNSCALED: Scale = { power: 0, factor: 1 };

export class Scope {
  readonly system: UnitSystem;
  /** Numbers and names have no units, as in the records of src/models. */
  readonly bare: boolean;
  private readonly own = new Map<string, Entry>();
  private readonly given: ReadonlyMap<string, Entry>;
  private readonly units = new Map<string, Entry | undefined>();

  /** @param known whether the unit of the current is known */
  constructor(system: UnitSystem, bare: boolean, known = true) {
    this.system = system;
    this.bare = bare;
    const second = { ...NUMBER, dimension: system.time };
    const current = system.currentUnit;
    this.given = new Map<string, Entry>([
      ["I", { ...this.entry("input", current, Uses.INPUT), ...(known ? {} : { dimension: undefined }) }],
      ["t", this.entry("time", { ...second, power: -3 }, Uses.TIME)],
      ["dt", this.entry("step", { ...second, power: -3 }, Uses.STEP)],
      ["i", this.entry("index", NUMBER, Uses.INDEX)],
      ["N", this.entry("size", NUMBER, 0)],
      ["pi", { ...this.entry("constant", NUMBER, 0), value: Math.PI }],
      ["True", { ...this.entry("condition", NUMBER, 0), index: 1, condition: true }],
      ["False", { ...this.entry("condition", NUMBER, 0), condition: true }],
      ["not_refractory", { ...this.entry("ready", NUMBER, Uses.STATE), condition: true }],
    ]);
  }

  private entry(kind: EntryKind, unit: Unit, uses: number): Entry {
    const dimension = this.bare ? undefined : unit.dimension;
    return { kind, index: 0, dimension, scale: this.bare ? UNSCALED : this.system.scale(unit), uses, condition: false };
  }

  /** Adds a name of the model; one that is there stays. */
  add(name: string, entry: Entry): void {
    if (!this.own.has(name)) this.own.set(name, entry);
  }

  /** Gives a name of the model what is known of it now. */
  replace(name: string, entry: Entry): void {
    this.own.set(name, entry);
  }

  /** Forgets a name of the model. */
  remove(name: string): void {
    this.own.delete(name);
  }

  /** What to write where I should have a unit and the model names none; "" where that is not it. */
  missingCurrent(wanted: Dimension): string {
    const unit = this.bare || !isPure(this.system.currentUnit.dimension) ? undefined : UnitSystem.currentOf(wanted);
    return unit === undefined ? "" : ` "current" names the unit of I, here none: write "current": "${unit}".`;
  }

  /** A name that the model defines. */
  defined(name: string): Entry | undefined {
    return this.own.get(name);
  }

  /** What a name stands for: the model's own first, then what every model has, then units. */
  lookup(name: string): Entry | undefined {
    return this.own.get(name) ?? this.given.get(name) ?? this.noise(name) ?? this.unit(name);
  }

  private noise(name: string): Entry | undefined {
    if (name !== "xi" && !name.startsWith("xi_")) return undefined;
    const dimension = this.bare ? undefined : ([0, 0, -0.5, 0, 0, 0, 0] as const);
    return { kind: "noise", index: 0, dimension, scale: UNSCALED, uses: Uses.NOISE, condition: false };
  }

  private unit(name: string): Entry | undefined {
    if (this.bare) return undefined;
    if (!this.units.has(name)) {
      const unit = unitName(name);
      this.units.set(name, unit && { ...this.entry("constant", unit, 0), value: 1 });
    }
    return this.units.get(name);
  }

  /** All names but those of units. */
  get names(): string[] {
    return [...this.own.keys(), ...this.given.keys(), "xi"];
  }
}

/** Units that no model may take as a name: `5*ms` would mean something else. Single letters and rarer ones give way. */
const KEPT_UNITS: ReadonlySet<string> = new Set(
  (
    "mV uV ms us pA nA uA mA nS uS mS pS pF nF uF mF Hz kHz mM uM nM MOhm kOhm GOhm um cm2 um2 mm2 " +
    "volt amp second siemens farad"
  ).split(" "),
);

/** Names of variables that recordings have. */
const RECORDED: ReadonlySet<string> = new Set(["spikes", "I_background"]);

/** Why a model cannot give something this name; undefined where it can. */
export function badName(name: string): string | undefined {
  if (WORDS.has(name)) return "it is a word of the language";
  if (isFunction(name)) return "it is a function";
  if (name === "I") return "I is the sum of all background currents and receptors";
  if (name === "t") return "t is the time";
  if (name === "dt") return "dt is the time step";
  if (name === "i" || name === "N") return "i is the number of a neuron and N the size of its population";
  if (name === "pi" || name === "True" || name === "False") return "it is a constant";
  if (name === "not_refractory") return "it is the condition that a neuron is not refractory";
  if (name === "xi" || name.startsWith("xi_")) return "xi and xi_NAME are white noise";
  if (KEPT_UNITS.has(name)) return "it is a unit";
  if (RECORDED.has(name)) return "recordings have a variable of this name";
  if (name.length > MAX_NAME) return `names have at most ${MAX_NAME} characters`;
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || name in Object.prototype) {
    return "names are made of letters a to z, digits and _, and begin with a letter";
  }
  return undefined;
}
