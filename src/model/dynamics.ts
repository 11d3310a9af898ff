/** Weights that change, by plasticity or scaling. */
import { partsOf } from "../kinds/distributions.js";
import type { Bounds } from "../kinds/plasticity.js";
import { itemPath, keyPath } from "./check.js";
import { ConnectionError, placeText, quantityText } from "./errors.js";
import type { SynapseValue } from "./spec.js";

/**
 * Checks that weights which will change start within their bounds. Random weights of distributions without an end are
 * drawn later; src/sim checks them with this function too.
 */
export function checkPlasticWeights(weight: SynapseValue, path: string, unit: string, bounds: Bounds): void {
  const { w_min, w_max } = bounds;
  const check = (value: number, place: () => string): void => {
    if (value >= w_min && value <= w_max) return;
    const allowed = `from w_min = ${quantityText(w_min, unit)} to w_max = ${quantityText(w_max, unit)}, as plastic weights are`;
    const remedy = value < 0 ? "; plastic inhibition needs a receptor with E_rev" : "";
    throw new ConnectionError(`${placeText(place(), quantityText(value, unit))}; it must be ${allowed}${remedy}.`, {
      path: place(),
      value,
      allowed,
    });
  };
  if (typeof weight === "number") check(weight, () => path);
  else if (weight instanceof Float64Array) {
    for (let i = 0; i < weight.length; i++) check(weight[i] as number, () => itemPath(path, i));
  } else if (typeof weight === "object") {
    const { name, record, numbers } = partsOf(weight);
    for (const i of record.ends ?? []) check(numbers[i] as number, () => itemPath(keyPath(path, name), i));
  }
}
