/** How synapses change: rules of spike-timing dependent plasticity, short-term plasticity, scaling. */
import {
  checkKeys,
  type Fields as Given,
  keyPath,
  outOfRange,
  readInterval,
  readName,
  readObject,
  requiredField,
} from "../model/check.js";
import { quantityText } from "../model/errors.js";
import {
  type At,
  choice,
  type Context,
  type Fields,
  type Flat,
  inUnit,
  type InputOf,
  number,
  quantity,
  readFields,
  type SpecOf,
  unitText,
  writeFields,
} from "./field.js";

/** Bounds of weights that change. */
export interface Bounds {
  readonly w_min: number;
  readonly w_max: number;
}

/** What a rule does, as a rule as text says it (docs/plasticity-rules.md): the fields are its parameters. */
export type PlasticityText = Readonly<Record<"synapse" | "onPre" | "onPost", readonly string[]>>;

export interface PlasticityRecord<F extends Fields = Fields> {
  /** What it is, a sentence. */
  readonly text: string;
  readonly source?: string;
  readonly fields: F;
  /** Its window has no edge at 0, where pairs within a step would count in full. */
  readonly symmetric?: true;
  rule(spec: SpecOf<F>): PlasticityText;
}

function plasticity<const F extends Fields>(record: PlasticityRecord<F>): PlasticityRecord<F> {
  return record;
}

/** An amplitude in units of w_max. */
function amplitude(text: string, of: string) {
  return number({
    text: `${text}, in units of w_max`,
    meaning: `the amplitude of ${of}, in units of w_max`,
    range: ">= 0",
  });
}

/** A time constant. */
function tau(text: string, of: string) {
  return quantity("ms", { text, meaning: `the time constant of ${of} in ms`, range: "> 0" });
}

const w_max = quantity("weight", {
  text: "Largest weight",
  meaning: (unit: string) => `the largest weight${inUnit(unit)}`,
  range: "> 0",
});

const bounds = {
  /** 0 by default. */
  w_min: quantity("weight", {
    text: "Least weight",
    default: 0,
    range: ">= 0",
    after: ["w_max"],
    check(least, at: At<Context>) {
      const { path, get } = at;
      const most = get("w_max") as number;
      const unit = unitText("weight", at);
      if (!(least < most)) outOfRange(least, unit, path, `< w_max = ${quantityText(most, unit)}`);
    },
  }),
  w_max,
} as const;

export const plasticities = {
  stdp: plasticity({
    text: "Pairs of spikes",
    source: "Song S, Miller KD, Abbott LF (2000). Nat Neurosci 3:919",
    fields: {
      A_plus: amplitude("Potentiation", "potentiation"),
      A_minus: amplitude("Depression", "depression"),
      tau_plus: tau("Time constant of the potentiation", "potentiation"),
      tau_minus: tau("Time constant of the depression", "depression"),
      ...bounds,
      /** additive by default. */
      weightDependence: choice("weight dependence", ["additive", "multiplicative"], {
        text: "",
        default: "additive",
        fixed: true,
      }),
      /** all by default. */
      pairing: choice("pairing", ["all", "nearest"], { text: "Which spikes pair", default: "all", fixed: true }),
    },
    rule({ weightDependence, pairing }) {
      const [less, more] =
        weightDependence === "additive"
          ? ["A_minus*w_max*y", "A_plus*w_max*x"]
          : ["A_minus*w*y", "A_plus*(w_max - w)*x"];
      const counts = pairing === "all" ? "+= 1" : "= 1";
      return {
        synapse: ["dx/dt = -x/tau_plus : 1 (source)", "dy/dt = -y/tau_minus : 1 (target)"],
        onPre: [`w -= ${less}`, `x ${counts}`],
        onPost: [`w += ${more}`, `y ${counts}`],
      };
    },
  }),
  tripletStdp: plasticity({
    text: "Triplets of spikes (Pfister & Gerstner 2006)",
    source: "Pfister J-P, Gerstner W (2006). J Neurosci 26:9673",
    fields: {
      A2_plus: amplitude("Potentiation by pairs", "potentiation by pairs"),
      A3_plus: amplitude("Potentiation by triplets", "potentiation by triplets"),
      A2_minus: amplitude("Depression by pairs", "depression by pairs"),
      A3_minus: amplitude("Depression by triplets", "depression by triplets"),
      tau_plus: tau("Fast trace of the source", "the source's fast trace"),
      tau_minus: tau("Fast trace of the target", "the target's fast trace"),
      tau_x: tau("Slow trace of the source", "the source's slow trace"),
      tau_y: tau("Slow trace of the target", "the target's slow trace"),
      ...bounds,
    },
    rule: () => ({
      synapse: [
        "dx/dt = -x/tau_plus : 1 (source)",
        "dx2/dt = -x2/tau_x : 1 (source)",
        "dy/dt = -y/tau_minus : 1 (target)",
        "dy2/dt = -y2/tau_y : 1 (target)",
      ],
      // The own spike counts after the change: a triplet looks at the earlier ones.
      onPre: ["w -= w_max*y*(A2_minus + A3_minus*x2)", "x += 1", "x2 += 1"],
      onPost: ["w += w_max*x*(A2_plus + A3_plus*y2)", "y += 1", "y2 += 1"],
    }),
  }),
  /** `eta` is in the unit of the weight, `rho_0` in Hz. */
  inhibitoryStdp: plasticity({
    text: "Inhibitory plasticity (Vogels et al. 2011); weights are at least 0",
    source: "Vogels TP, Sprekeler H, Zenke F, Clopath C, Gerstner W (2011). Science 334:1569",
    fields: {
      eta: quantity("weight", {
        text: "Change of the weight at a pair of spikes",
        meaning: (unit: string) => `the change of the weight at a pair of spikes${inUnit(unit)}`,
        range: ">= 0",
      }),
      rho_0: quantity("Hz", {
        text: "Rate that the targets are brought to",
        meaning: "the rate in Hz that the targets are brought to",
        range: ">= 0",
      }),
      tau: tau("Time constant of both traces", "both traces"),
      w_max,
    },
    symmetric: true,
    rule: () => ({
      synapse: ["dx/dt = -x/tau : 1 (source)", "dy/dt = -y/tau : 1 (target)"],
      onPre: ["w += eta*(y - 2*rho_0*tau)", "x += 1"],
      onPost: ["w += eta*x", "y += 1"],
    }),
  }),
} as const;

/** Fields of every kind of plasticity. */
export const divisionFields = {
  /**
   * Share of the delay, one for all synapses, that lies in the dendrite: a target's spike counts at the synapse that
   * much later, a source's the rest of the delay later (both in whole steps). Without it both count when they happen.
   */
  dendriticDelayFraction: number({
    text: "Share of the delay, one for all synapses, that lies in the dendrite. Left out: both spikes count when they happen.",
    optional: true,
    range: "0 to 1",
    fixed: true,
  }),
} as const;

/** Short-term plasticity of Tsodyks and Markram. */
export const shortTermFields = {
  U: number({
    text: "Share of the resources that a first spike uses",
    meaning: "the share of the resources that a spike uses, above 0 and at most 1",
    range: "> 0 to 1",
  }),
  tau_rec: quantity("ms", {
    text: "Time constant of the recovery",
    meaning: "the time constant of the recovery in ms",
    range: "> 0",
  }),
  tau_facil: quantity("ms", {
    text: "Time constant of the facilitation; 0 (the default) for none.",
    default: 0,
    range: ">= 0",
  }),
} as const;

/** Synaptic scaling. */
export const scalingFields = {
  rho_0: quantity("Hz", {
    text: "Rate that the targets are brought to",
    meaning: "the rate in Hz that the targets are brought to",
    range: "> 0",
  }),
  rate: number({
    text: "Relative change per interval",
    meaning: "the relative change of the weights per interval",
    range: "> 0",
  }),
  interval: quantity("ms", {
    text: "Time from one scaling to the next, a multiple of dt",
    meaning: "the time in ms from one scaling to the next",
    range: "> 0",
    read: (given, { path, context }) => readInterval(given, path, context.dt),
  }),
  ...bounds,
} as const;

type Records = typeof plasticities;
export type PlasticityName = keyof Records;

/** Amplitudes are positive, in units of w_max; see docs/synapses.md. */
export type PlasticitySpec = {
  [K in PlasticityName]: Flat<{ readonly kind: K } & SpecOf<Records[K]["fields"]> & SpecOf<typeof divisionFields>>;
}[PlasticityName];

/** Spike-timing dependent plasticity. Amplitudes are positive and in units of w_max. */
export type PlasticityInput = {
  [K in PlasticityName]: Flat<{ readonly kind: K } & InputOf<Records[K]["fields"]> & InputOf<typeof divisionFields>>;
}[PlasticityName];

export type ShortTermSpec = SpecOf<typeof shortTermFields>;
export type ScalingSpec = SpecOf<typeof scalingFields>;

/** The record of a kind of plasticity. */
export function plasticityOf({ kind }: { readonly kind: PlasticityName }): PlasticityRecord {
  return plasticities[kind];
}

/** The bounds that plasticity keeps weights within. */
export function plasticBounds(plasticity: PlasticitySpec): Bounds {
  const { w_min = 0, w_max: most } = plasticity as Partial<Bounds> & Pick<Bounds, "w_max">;
  return { w_min, w_max: most };
}

/** The fields of plasticity that cannot change any more, and its kind. */
export function fixedFields(): readonly string[] {
  const all = Object.values<PlasticityRecord>(plasticities).flatMap(({ fields }) => Object.entries(fields));
  const fixed = [...all, ...Object.entries<Fields[string]>(divisionFields)].filter(([, field]) => field.fixed);
  return ["kind", ...new Set(fixed.map(([key]) => key))];
}

function contextOf(unit: string, dt: number | undefined): Context {
  return { units: { weight: () => unit }, size: 0, dt };
}

/** Reads short-term plasticity: `{ U, tau_rec, tau_facil? }`. */
export function parseShortTerm(input: unknown, path: string): ShortTermSpec {
  const object = readObject(input, path, 'an object such as { "U": 0.5, "tau_rec": 800, "tau_facil": 0 }');
  checkKeys(object, path, Object.keys(shortTermFields), "key of shortTerm");
  return readFields(shortTermFields, object, path, contextOf("", undefined)) as unknown as ShortTermSpec;
}

/**
 * Reads plasticity.
 *
 * @param unit of the projection's weights
 * @param others names of rules that are read elsewhere: they are known, too
 */
export function parsePlasticity(
  input: unknown,
  path: string,
  unit: string,
  others: readonly string[] = [],
): PlasticitySpec {
  const object = readObject(input, path, 'an object such as { "kind": "stdp", "A_plus": 0.01, ... }');
  const names = Object.keys(plasticities) as PlasticityName[];
  const kind = readName(
    requiredField(object, "kind", path, `one of ${names.join(", ")}`),
    keyPath(path, "kind"),
    "kind of plasticity",
    [...names, ...(others as PlasticityName[])],
  );
  const { fields } = plasticityOf({ kind });
  checkKeys(object, path, ["kind", ...Object.keys(fields), ...Object.keys(divisionFields)], `key of ${kind}`);
  const context = contextOf(unit, undefined);
  const division = readFields(divisionFields, object, path, context);
  return { kind, ...readFields(fields, object, path, context), ...division } as unknown as PlasticitySpec;
}

/**
 * Reads synaptic scaling: `{ rho_0, rate, interval, w_min?, w_max }`.
 *
 * @param unit of the projection's weights
 * @param dt the interval is a multiple of it
 * @param plasticity of the same projection: both keep to one pair of bounds, which need not be said twice
 */
export function parseScaling(
  input: unknown,
  path: string,
  unit: string,
  dt: number | undefined,
  plasticity?: PlasticitySpec,
): ScalingSpec {
  const object = readObject(
    input,
    path,
    'an object such as { "rho_0": 5, "rate": 0.01, "interval": 1000, "w_max": 10 }',
  );
  checkKeys(object, path, Object.keys(scalingFields), "key of scaling");
  const known = plasticity && plasticBounds(plasticity);
  const context = contextOf(unit, dt);
  const own = known === undefined ? object : { ...known, ...defined(object) };
  const { w_min, w_max: most } = readFields(bounds, own, path, context) as unknown as Bounds;
  for (const [key, value] of [
    ["w_min", w_min],
    ["w_max", most],
  ] as const) {
    const other = known?.[key];
    if (other !== undefined && value !== other)
      outOfRange(value, unit, keyPath(path, key), `${quantityText(other, unit)}, the ${key} of the plasticity`);
  }
  return readFields(scalingFields, own, path, context) as unknown as ScalingSpec;
}

/** An object without the keys that are undefined. */
export function defined(object: Given): Given {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** Plasticity as model files have it. */
export function writePlasticity(spec: PlasticitySpec): Record<string, unknown> {
  return { kind: spec.kind, ...writeFields({ ...plasticityOf(spec).fields, ...divisionFields }, spec) };
}
