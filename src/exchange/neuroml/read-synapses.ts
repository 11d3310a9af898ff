/** Synapses of NeuroML as receptors. */
import { amount, plain, text, wrong } from "./attributes.js";
import type { Node } from "./read-xml.js";
import { BLOCK } from "./synapses.js";

export interface Receptor {
  /** As in a model file. */
  readonly spec: Readonly<Record<string, number | string>>;
  /** Weight of 1, in nS or pA. */
  readonly base: number;
  readonly shortTerm?: Readonly<Record<string, number>>;
}

type Reader = (node: Node) => Receptor;

const conductance = (node: Node): number => amount(node, "gbase", "nS");
const reversal = (node: Node): number => amount(node, "erev", "mV");

/** Two time constants; what is in it may block or weaken it. */
const two: Reader = (node) => {
  const [tau_rise, tau_decay] = [amount(node, "tauRise", "ms"), amount(node, "tauDecay", "ms")];
  const mechanism = node.children.find(({ name }) => name === "plasticityMechanism");
  const block = node.children.find(({ name }) => name === "blockMechanism");
  const spec = {
    kernel: block ? "nmda" : "dualExponential",
    tau_rise,
    tau_decay,
    E_rev: reversal(node),
    ...(block && { Mg: magnesium(block) }),
  };
  return { spec, base: conductance(node), ...(mechanism && { shortTerm: shortTerm(mechanism) }) };
};

/** The block has the constants of Jahr and Stevens here. */
function magnesium(node: Node): number {
  if (text(node, "type") !== "voltageConcDepBlockMechanism")
    wrong(node, `type = ${text(node, "type")}; the block that is read is voltageConcDepBlockMechanism.`);
  const [scale, volt] = [amount(node, "scalingConc", "mM"), amount(node, "scalingVolt", "mV")];
  if (Math.abs(volt * BLOCK.perVolt - 1) > 1e-6)
    wrong(node, `scalingVolt = ${volt} mV; the block of a receptor nmda has ${1 / BLOCK.perVolt} mV.`, volt);
  // only the ratio counts
  return (amount(node, "blockConcentration", "mM") * BLOCK.scalingConc) / scale;
}

function shortTerm(node: Node): Record<string, number> {
  const facilitates = text(node, "type") === "tsodyksMarkramDepFacMechanism";
  if (!facilitates && text(node, "type") !== "tsodyksMarkramDepMechanism")
    wrong(node, `unknown type ${text(node, "type")}.`);
  return {
    U: plain(node, "initReleaseProb"),
    tau_rec: amount(node, "tauRec", "ms"),
    ...(facilitates && { tau_facil: amount(node, "tauFac", "ms") }),
  };
}

/** PyNN's synapses have weights in uS and nA. */
const THOUSAND = 1000;

const READERS: Readonly<Record<string, Reader>> = {
  expOneSynapse: (node) => ({
    spec: { kernel: "exponential", tau: amount(node, "tauDecay", "ms"), E_rev: reversal(node) },
    base: conductance(node),
  }),
  alphaSynapse: (node) => ({
    spec: { kernel: "alpha", tau: amount(node, "tau", "ms"), E_rev: reversal(node) },
    base: conductance(node),
  }),
  expTwoSynapse: two,
  blockingPlasticSynapse: two,
  alphaCurrentSynapse: (node) => ({
    spec: { kernel: "alpha", tau: amount(node, "tau", "ms") },
    base: amount(node, "ibase", "pA"),
  }),
  expCondSynapse: (node) => ({
    spec: { kernel: "exponential", tau: plain(node, "tau_syn"), E_rev: plain(node, "e_rev") },
    base: THOUSAND,
  }),
  alphaCondSynapse: (node) => ({
    spec: { kernel: "alpha", tau: plain(node, "tau_syn"), E_rev: plain(node, "e_rev") },
    base: THOUSAND,
  }),
  expCurrSynapse: (node) => ({ spec: { kernel: "exponential", tau: plain(node, "tau_syn") }, base: THOUSAND }),
  alphaCurrSynapse: (node) => ({ spec: { kernel: "alpha", tau: plain(node, "tau_syn") }, base: THOUSAND }),
};

/** Types of synapses that are read. */
export const SYNAPSE_TYPES: readonly string[] = Object.keys(READERS);

/** The receptor of a synapse; undefined where its type is another one. */
export function receptorOf(node: Node): Receptor | undefined {
  return Object.hasOwn(READERS, node.name) ? (READERS[node.name] as Reader)(node) : undefined;
}
