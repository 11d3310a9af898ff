/** How spikes reach the receptors of a neuron of NEST, and what it is told of them. */
import type { PopulationSpec, ReceptorSpec, SynapseValue } from "../../model/spec.js";
import { float, int, type PythonValue } from "../python.js";
import { type Cell, halfStep } from "./mapping.js";
import type { Base, Plan, Port, Script, Synapse } from "./script.js";
import { rangeOf } from "./values.js";

/** How each receptor is reached; undefined where the neuron cannot tell them apart. */
export function portsOf(
  base: Base,
  spec: PopulationSpec,
  receptors: readonly [string, ReceptorSpec][],
  cell: Cell,
): Map<string, Port> | undefined {
  const { factor = 1, ports, conductance } = cell;
  const unit = (port: Omit<Port, "factor">, sign = 1): Port => ({ ...port, factor: sign * factor });
  if (ports === "one") {
    // Under consistent_integration false a weight is a current of one step.
    const jump = cell === halfStep ? 1 / base.dt : 1;
    return new Map(receptors.map(([name]) => [name, { factor: jump }]));
  }
  if (ports === "listed") {
    const letter = conductance ? "g" : "I_syn";
    return new Map(
      receptors.map(([name], i) => [name, unit({ receptorType: i + 1, shown: [1, `${letter}_${i + 1}`] })]),
    );
  }
  if (receptors.length > 2) return undefined;
  if (conductance) {
    const byReversal = [...receptors].sort(([, a], [, b]) => reversalOf(b) - reversalOf(a));
    const sides = [
      ["g_ex", 1],
      ["g_in", -1],
    ] as const;
    return new Map(
      byReversal.map(([name], i) => [
        name,
        unit({ shown: [1, (sides[i] as (typeof sides)[number])[0]] }, sides[i]?.[1]),
      ]),
    );
  }
  return signedCurrents(base, spec, receptors, cell);
}

/** Two currents can be told apart where the weights of one are never negative and those of the other never positive. */
function signedCurrents(
  base: Base,
  spec: PopulationSpec,
  receptors: readonly [string, ReceptorSpec][],
  cell: Cell,
): Map<string, Port> | undefined {
  const { factor = 1 } = cell;
  const flipped = cell.name.startsWith("aeif_") ? -1 : 1;
  const ex = (...more: string[]): Port => ({ factor, shown: [1 / factor, "I_syn_ex", ...more] });
  const inh: Port = { factor, shown: [flipped / factor, "I_syn_in"] };
  const ranges = receptors.map(([name]) => weightRange(base, spec, name));
  if (receptors.length < 2) {
    return new Map(
      receptors.map(([name], i) => {
        const [low, high] = ranges[i] as [number, number];
        if (high <= 0 && low < 0) return [name, inh];
        return [name, low < 0 && flipped === 1 ? ex("I_syn_in") : low < 0 ? { factor } : ex()];
      }),
    );
  }
  const [[lowA, highA], [lowB, highB]] = ranges as [[number, number], [number, number]];
  const [[a], [b]] = receptors as [[string, ReceptorSpec], [string, ReceptorSpec]];
  if (lowA >= 0 && highB <= 0)
    return new Map([
      [a, ex()],
      [b, inh],
    ]);
  if (highA <= 0 && lowB >= 0)
    return new Map([
      [a, inh],
      [b, ex()],
    ]);
  return undefined;
}

/** The least and greatest weight onto a receptor. */
function weightRange(base: Base, { name, background }: PopulationSpec, receptor: string): [number, number] {
  const weights: SynapseValue[] = base.network.projections
    .filter((p) => p.target === name && p.receptor === receptor && p.gapJunction !== true)
    .flatMap((p) => [p.weight, ...(p.plasticity ? [p.plasticity.w_max, 0] : [])]);
  for (const entry of background)
    if (entry.kind === "poisson" && entry.receptor === receptor) weights.push(entry.weight);
  let [low, high] = [0, 0];
  for (const weight of weights) {
    const [least, most] = typeof weight === "function" ? [-Infinity, Infinity] : rangeOf(weight);
    low = Math.min(low, least);
    high = Math.max(high, most);
  }
  return [low, high];
}

/** What a neuron is told of its receptors. */
export function receptorParameters(
  script: Script,
  { spec, ports, path }: Plan,
  cell: Cell,
): Record<string, PythonValue> {
  const out: Record<string, PythonValue> = {};
  const beta = cell.name.includes("_beta");
  for (const name of beta ? ports.keys() : []) {
    if (spec.receptors[name]?.kernel !== "exponential") continue;
    script.report.approximate(
      `${path}.receptors.${name}`,
      `${cell.name} has no instantaneous rise: it takes ${float(script.dt / 10)} ms there`,
    );
  }
  const known = [...ports].map(([name, port]) => [spec.receptors[name] as ReceptorSpec, port] as const);
  if (cell.ports === "listed") {
    const list = (f: (r: ReceptorSpec) => number): PythonValue => known.map(([receptor]) => f(receptor));
    if (known.length === 0) return out;
    if (!cell.conductance) return { tau_syn: list((r) => timesOf(r, script.dt)[1]) };
    return {
      E_rev: list(reversalOf),
      tau_rise: list((r) => timesOf(r, script.dt)[0]),
      tau_decay: list((r) => timesOf(r, script.dt)[1]),
    };
  }
  if (cell.ports === "one") return out;
  const put = (side: "ex" | "in", receptor: ReceptorSpec): void => {
    const [rise, decay] = timesOf(receptor, script.dt);
    if (beta) Object.assign(out, { [`tau_rise_${side}`]: rise, [`tau_decay_${side}`]: decay });
    else out[`tau_syn_${side}`] = decay;
    if (cell.conductance) out[`E_${side}`] = reversalOf(receptor);
  };
  for (const [receptor, port] of known) {
    const side = sideOf(port);
    put(side, receptor);
    // One current of both signs.
    if (known.length === 1 && !cell.conductance) put(side === "ex" ? "in" : "ex", receptor);
  }
  return out;
}

/** Which of a neuron's two sides a receptor is reached by. */
export function sideOf({ shown }: Port): "ex" | "in" {
  return shown?.[1]?.endsWith("in") ? "in" : "ex";
}

/** What a synapse onto a receptor is told of it. */
export function receptorOf({ receptorType }: Port): Synapse {
  return receptorType === undefined ? {} : { receptor_type: int(receptorType) };
}

/** Rise and decay; a jump is a rise that is much shorter than a step. */
function timesOf(receptor: ReceptorSpec, dt: number): readonly [rise: number, decay: number] {
  switch (receptor.kernel) {
    case "exponential":
      return [dt / 10, receptor.tau];
    case "alpha":
      return [receptor.tau, receptor.tau];
    case "dualExponential":
    case "nmda":
      return [receptor.tau_rise, receptor.tau_decay];
    default:
      return [0, 0];
  }
}

function reversalOf(receptor: ReceptorSpec): number {
  return "E_rev" in receptor ? (receptor.E_rev ?? 0) : 0;
}
