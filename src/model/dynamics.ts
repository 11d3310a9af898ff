/** Reads how the synapses of a projection change: short-term plasticity, spike-timing dependent plasticity, scaling. */
import {
  checkKeys,
  field,
  fieldOr,
  type Fields,
  itemPath,
  keyPath,
  outOfRange,
  type Range,
  readInterval,
  readName,
  readNumber,
  readObject,
  requiredField,
} from "./check.js";
import { ConnectionError, placeText, quantityText } from "./errors.js";
import type { PlasticitySpec, ProjectionSpec, SynapseValue } from "./spec.js";

type ShortTermSpec = NonNullable<ProjectionSpec["shortTerm"]>;
type ScalingSpec = NonNullable<ProjectionSpec["scaling"]>;

const DIVISION = "dendriticDelayFraction";

/** Keys of each kind of plasticity, in the order of the documentation. */
export const PLASTICITY_KEYS = {
  stdp: ["A_plus", "A_minus", "tau_plus", "tau_minus", "w_min", "w_max", "weightDependence", "pairing", DIVISION],
  tripletStdp: ["A2_plus", "A3_plus", "A2_minus", "A3_minus", "tau_plus", "tau_minus", "tau_x", "tau_y", "w_min", "w_max", DIVISION],
  inhibitoryStdp: ["eta", "rho_0", "tau", "w_max", DIVISION],
} as const;
const PLASTICITY_KINDS = ["stdp", "tripletStdp", "inhibitoryStdp"] as const;

/** Readers of numbers of one object. */
function numbers(object: Fields, path: string) {
  return {
    required: (key: string, meaning: string, unit: string, range: Range): number =>
      readNumber(requiredField(object, key, path, meaning), keyPath(path, key), unit, range),
    optional: (key: string, otherwise: number, unit: string, range: Range): number =>
      readNumber(fieldOr(object, key, otherwise), keyPath(path, key), unit, range),
  };
}

/** Reads short-term plasticity: `{ U, tau_rec, tau_facil? }`. */
export function parseShortTerm(input: unknown, path: string): ShortTermSpec {
  const object = readObject(input, path, 'an object such as { "U": 0.5, "tau_rec": 800, "tau_facil": 0 }');
  checkKeys(object, path, ["U", "tau_rec", "tau_facil"], "key of shortTerm");
  const { required, optional } = numbers(object, path);
  return {
    U: required("U", "the share of the resources that a spike uses, above 0 and at most 1", "", "> 0 to 1"),
    tau_rec: required("tau_rec", "the time constant of the recovery in ms", "ms", "> 0"),
    tau_facil: optional("tau_facil", 0, "ms", ">= 0"),
  };
}

/** Bounds of a weight, in its unit. */
function readBounds(object: Fields, path: string, unit: string): { readonly w_min: number; readonly w_max: number } {
  const { required, optional } = numbers(object, path);
  const w_max = required("w_max", `the largest weight${unit === "" ? "" : ` in ${unit}`}`, unit, "> 0");
  const w_min = optional("w_min", 0, unit, ">= 0");
  if (!(w_min < w_max)) outOfRange(w_min, unit, keyPath(path, "w_min"), `< w_max = ${quantityText(w_max, unit)}`);
  return { w_min, w_max };
}

/**
 * Reads plasticity.
 *
 * @param unit of the projection's weights
 */
export function parsePlasticity(input: unknown, path: string, unit: string): PlasticitySpec {
  const object = readObject(input, path, 'an object such as { "kind": "stdp", "A_plus": 0.01, ... }');
  const at = (key: string): string => keyPath(path, key);
  const kinds = PLASTICITY_KINDS.join(", ");
  const kind = readName(requiredField(object, "kind", path, `one of ${kinds}`), at("kind"), "kind of plasticity", PLASTICITY_KINDS);
  checkKeys(object, path, ["kind", ...PLASTICITY_KEYS[kind]], `key of ${kind}`);
  const { required } = numbers(object, path);
  const amplitude = (key: string, of: string): number => required(key, `the amplitude of ${of}, in units of w_max`, "", ">= 0");
  const tau = (key: string, of: string): number => required(key, `the time constant of ${of} in ms`, "ms", "> 0");
  const choice = <N extends string>(key: string, what: string, known: readonly [N, ...N[]]): N =>
    readName(fieldOr(object, key, known[0]), at(key), what, known);
  const fraction = field(object, DIVISION);
  const division = fraction === undefined ? {} : { dendriticDelayFraction: readNumber(fraction, at(DIVISION), "", "0 to 1") };
  switch (kind) {
    case "stdp":
      return {
        kind,
        A_plus: amplitude("A_plus", "potentiation"),
        A_minus: amplitude("A_minus", "depression"),
        tau_plus: tau("tau_plus", "potentiation"),
        tau_minus: tau("tau_minus", "depression"),
        ...readBounds(object, path, unit),
        weightDependence: choice("weightDependence", "weight dependence", ["additive", "multiplicative"]),
        pairing: choice("pairing", "pairing", ["all", "nearest"]),
        ...division,
      };
    case "tripletStdp":
      return {
        kind,
        A2_plus: amplitude("A2_plus", "potentiation by pairs"),
        A3_plus: amplitude("A3_plus", "potentiation by triplets"),
        A2_minus: amplitude("A2_minus", "depression by pairs"),
        A3_minus: amplitude("A3_minus", "depression by triplets"),
        tau_plus: tau("tau_plus", "the source's fast trace"),
        tau_minus: tau("tau_minus", "the target's fast trace"),
        tau_x: tau("tau_x", "the source's slow trace"),
        tau_y: tau("tau_y", "the target's slow trace"),
        ...readBounds(object, path, unit),
        ...division,
      };
    case "inhibitoryStdp":
      return {
        kind,
        eta: required("eta", `the change of the weight at a pair of spikes${unit === "" ? "" : ` in ${unit}`}`, unit, ">= 0"),
        rho_0: required("rho_0", "the rate in Hz that the targets are brought to", "Hz", ">= 0"),
        tau: tau("tau", "both traces"),
        w_max: readBounds(object, path, unit).w_max,
        ...division,
      };
  }
}

/** The bounds that plasticity keeps weights within. */
export function plasticBounds(plasticity: PlasticitySpec): { readonly w_min: number; readonly w_max: number } {
  return { w_min: plasticity.kind === "inhibitoryStdp" ? 0 : plasticity.w_min, w_max: plasticity.w_max };
}

/**
 * Reads synaptic scaling: `{ rho_0, rate, interval, w_min?, w_max }`.
 *
 * @param unit of the projection's weights
 * @param dt the interval is a multiple of it
 * @param plasticity of the same projection: both keep to one pair of bounds, which need not be said twice
 */
export function parseScaling(input: unknown, path: string, unit: string, dt: number | undefined, plasticity?: PlasticitySpec): ScalingSpec {
  const object = readObject(input, path, 'an object such as { "rho_0": 5, "rate": 0.01, "interval": 1000, "w_max": 10 }');
  checkKeys(object, path, ["rho_0", "rate", "interval", "w_min", "w_max"], "key of scaling");
  const { required } = numbers(object, path);
  const known = plasticity && plasticBounds(plasticity);
  const { w_min, w_max } = readBounds(known ? { w_min: known.w_min, w_max: known.w_max, ...defined(object) } : object, path, unit);
  for (const [key, value, other] of [["w_min", w_min, known?.w_min], ["w_max", w_max, known?.w_max]] as const) {
    if (other !== undefined && value !== other) outOfRange(value, unit, keyPath(path, key), `${quantityText(other, unit)}, the ${key} of the plasticity`);
  }
  return {
    rho_0: required("rho_0", "the rate in Hz that the targets are brought to", "Hz", "> 0"),
    rate: required("rate", "the relative change of the weights per interval", "", "> 0"),
    interval: readInterval(requiredField(object, "interval", path, "the time in ms from one scaling to the next"), keyPath(path, "interval"), dt),
    w_min,
    w_max,
  };
}

/** An object without the keys that are undefined. */
export function defined(object: Fields): Fields {
  return Object.fromEntries(Object.keys(object).flatMap((key) => (field(object, key) === undefined ? [] : [[key, field(object, key)]])));
}

/**
 * Checks that weights which will change start within their bounds. Random weights of distributions without an end are drawn
 * later; src/sim checks them with this function too.
 */
export function checkPlasticWeights(weight: SynapseValue, path: string, unit: string, bounds: { readonly w_min: number; readonly w_max: number }): void {
  const { w_min, w_max } = bounds;
  const check = (value: number, place: () => string): void => {
    if (value >= w_min && value <= w_max) return;
    const allowed = `from w_min = ${quantityText(w_min, unit)} to w_max = ${quantityText(w_max, unit)}, as plastic weights are`;
    const remedy = value < 0 ? "; plastic inhibition needs a receptor with E_rev" : "";
    throw new ConnectionError(`${placeText(place(), quantityText(value, unit))}; it must be ${allowed}${remedy}.`, { path: place(), value, allowed });
  };
  if (typeof weight === "number") check(weight, () => path);
  else if (weight instanceof Float64Array) {
    for (let i = 0; i < weight.length; i++) check(weight[i] as number, () => itemPath(path, i));
  } else if (typeof weight === "object") {
    if ("uniform" in weight) weight.uniform.forEach((end, i) => { check(end, () => itemPath(keyPath(path, "uniform"), i)); });
    if ("truncatedNormal" in weight) {
      weight.truncatedNormal.slice(2).forEach((end, i) => { check(end, () => itemPath(keyPath(path, "truncatedNormal"), i + 2)); });
    }
  }
}
