/** Receptors as synapses of NeuroML. */
import { isPresent, type Present } from "../mapping.js";
import { isOwn, kernelKind } from "../../kinds/receptors.js";
import type { ProjectionSpec, ReceptorSpec } from "../../model/spec.js";
import { mapping } from "./mapping.js";
import { computed, decimal, quantity } from "./quantity.js";
import { type Element, element } from "./write-xml.js";

export interface Synapse {
  readonly element: Element;
  /** A weight there is one here times this. */
  readonly factor: number;
}

export interface NoSynapse {
  readonly refused: string;
}

/** The magnesium block: 1/(1 + Mg/3.57 exp(-0.062 v)), mM and 1/mV. */
export const BLOCK = { scalingConc: 3.57, perVolt: 0.062 } as const;

/** Units of the attributes of synapses. */
export const SYNAPSE_UNITS: Readonly<Record<string, string>> = {
  gbase: "nS",
  ibase: "pA",
  erev: "mV",
  tau: "ms",
  tauDecay: "ms",
  tauRise: "ms",
};

/** Weights are conductances in nS or currents in pA: the synapse itself is of one unit. */
const UNIT: Readonly<Record<string, string>> = { gbase: quantity(1, "nS"), ibase: quantity(1, "pA") };

function timesOf(spec: ReceptorSpec): Record<string, string> {
  const { params = {} } = mapping.receptors[kernelKind(spec)] as Present;
  const given = spec as unknown as Readonly<Record<string, number | undefined>>;
  return Object.fromEntries(
    Object.entries(params).flatMap(([ours, theirs]) => {
      const value = given[ours];
      const name = typeof theirs === "string" ? theirs : theirs.name;
      return value === undefined ? [] : [[name, quantity(value, SYNAPSE_UNITS[name] as string)]];
    }),
  );
}

/**
 * The synapse of a receptor, for one projection onto it.
 *
 * @param id its identifier
 */
export function synapseOf(
  spec: ReceptorSpec,
  id: string,
  shortTerm?: ProjectionSpec["shortTerm"],
): Synapse | NoSynapse {
  const counterpart = mapping.receptors[kernelKind(spec)];
  if (!isPresent(counterpart)) return { refused: counterpart.absent };
  if (isOwn(spec)) return { refused: `the kernel ${spec.kernel.id} of the network's own` };
  const { gbase = "", ibase = "" } = UNIT;
  const conducts = "E_rev" in spec && spec.E_rev !== undefined;
  const equal = spec.kernel === "dualExponential" && spec.tau_rise === spec.tau_decay;
  if (shortTerm && (equal || !conducts || !("tau_rise" in spec))) {
    return {
      refused: "shortTerm onto another receptor than dualExponential with E_rev and two time constants, or nmda",
    };
  }
  if (spec.kernel === "nmda" && spec.tau_rise === spec.tau_decay)
    return { refused: "equal tau_rise and tau_decay: expTwoSynapse divides by their difference" };
  if (!conducts) {
    if (spec.kernel === "exponential")
      return { element: element("expCurrSynapse", { id, tau_syn: decimal(spec.tau) }), factor: 0.001 };
    if (spec.kernel === "alpha")
      return { element: element("alphaCurrentSynapse", { id, tau: quantity(spec.tau, "ms"), ibase }), factor: 1 };
    if (equal) return synapseOf({ kernel: "alpha", tau: (spec as { tau_rise: number }).tau_rise }, id);
    return { refused: `${spec.kernel} without E_rev: NeuroML has no such current` };
  }
  if (equal) {
    const { tau_rise: tau, E_rev } = spec as { tau_rise: number; E_rev: number };
    return synapseOf({ kernel: "alpha", tau, E_rev }, id);
  }
  const mechanisms = [
    ...(shortTerm ? [plasticity(shortTerm)] : []),
    ...(spec.kernel === "nmda" ? [block(spec.Mg)] : []),
  ];
  const name = mechanisms.length > 0 ? (mapping.receptors.nmda as Present).name : counterpart.name;
  const children = mechanisms.length > 0 ? mechanisms : undefined;
  return { element: element(name, { id, gbase, ...timesOf(spec) }, children), factor: 1 };
}

function block(Mg: number): Element {
  return element("blockMechanism", {
    type: "voltageConcDepBlockMechanism",
    species: "mg",
    blockConcentration: quantity(Mg, "mM"),
    scalingConc: quantity(BLOCK.scalingConc, "mM"),
    scalingVolt: quantity(computed(1 / BLOCK.perVolt), "mV"),
  });
}

function plasticity({ U, tau_rec, tau_facil }: NonNullable<ProjectionSpec["shortTerm"]>): Element {
  return element("plasticityMechanism", {
    type: tau_facil > 0 ? "tsodyksMarkramDepFacMechanism" : "tsodyksMarkramDepMechanism",
    initReleaseProb: decimal(U),
    tauRec: quantity(tau_rec, "ms"),
    ...(tau_facil > 0 && { tauFac: quantity(tau_facil, "ms") }),
  });
}
