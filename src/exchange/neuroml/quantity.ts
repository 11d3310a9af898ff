/** Numbers and quantities as NeuroML writes them: "250pF", "0.04nS_per_mV", "0.02per_ms". */
import { parseQuantity } from "../../model/units.js";

/** The shortest decimal text of a number. NeuroML's grammar has no plus sign in an exponent. */
export function decimal(x: number): string {
  return String(x + 0).replace("e+", "e");
}

/** A number that was computed, without the rounding noise of its last digits. */
export function computed(x: number): number {
  return Number(x.toPrecision(15));
}

/** Our unit as NeuroML spells it: nS/mV is nS_per_mV, 1/ms is per_ms. */
export function spelled(unit: string): string {
  return unit.replace(/^1\//, "per_").replace("/", "_per_");
}

/** A number with one of our units, as an attribute. */
export function quantity(x: number, unit: string): string {
  return `${decimal(x)}${spelled(unit)}`;
}

/** A current, which has no unit where the cell's membrane has none. */
export function currentText(x: number, dimensionless: boolean): string {
  return dimensionless ? decimal(x) : quantity(x, "pA");
}

/**
 * Reads an attribute in one of our units, by the rules of dimension of model files.
 *
 * @param place where it stands, for the error
 * @throws UnitError where the unit is missing, unknown or of another dimension
 */
export function readQuantity(text: string, unit: string, place: string): number {
  const [, number = "", given = ""] = /^\s*([+-]?[\d.]*(?:[eE][+-]?\d+)?)\s*(.*?)\s*$/s.exec(text) ?? [];
  if (number === "" || given === "") return parseQuantity(text, unit, place);
  const [head = "", ...rest] = given.split("_per_");
  const ours = [head.startsWith("per_") ? `1/${head.slice(4)}` : head, ...rest].join("/");
  // What is no unit of NeuroML is told as it stands there.
  return parseQuantity(`${number} ${ours}`, unit, place);
}
