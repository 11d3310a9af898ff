/** Which neuron of NEST stands for a population. */
import { isConductance, kernelKind, kernelName, landingOf } from "../../kinds/receptors.js";
import type { PopulationSpec, ReceptorSpec } from "../../model/spec.js";
import { isPresent, type ModelName } from "../mapping.js";
import { ExchangeError } from "../report.js";
import { cells, halfStep, mapping } from "./mapping.js";
import { portsOf } from "./receptors.js";
import type { Base, Plan } from "./script.js";

/** A population, and the neuron of NEST that stands for it. */
export function planOf(base: Base, spec: PopulationSpec, path: string): Plan {
  const variable = base.names.of(spec.name);
  const known = { spec, path, variable, levels: [], traces: {} };
  if (spec.source)
    return {
      ...known,
      cell: undefined,
      ports: new Map(),
      plays: spec.source.kind === "spikeTrain" && isHeardDirectly(base, spec),
    };
  if (spec.model.definition !== undefined) {
    const message = `${spec.model.id} is a model of the network's own, as text; NEST has none that it could be.`;
    throw new ExchangeError(`${path}.model: ${message}`, [], { path: `${path}.model`, value: spec.model.id });
  }
  const receptors = Object.entries(spec.receptors).filter(([name, receptor]) => isThere(base, name, receptor, path));
  const chosen = chosenCell(base, spec, receptors, path);
  return { ...known, ...chosen, plays: false };
}

function isHeardDirectly(base: Base, { name }: PopulationSpec): boolean {
  return base.network.projections.every(
    (p) => p.source !== name || (!p.plasticity && !p.shortTerm && p.release === undefined),
  );
}

function isThere(base: Base, name: string, receptor: ReceptorSpec, path: string): boolean {
  const counterpart = mapping.receptors[kernelKind(receptor)];
  if (isPresent(counterpart)) return true;
  base.report.dropped(`${path}.receptors.${name}`, `${counterpart.absent}; what leads to it goes too`);
  return false;
}

function chosenCell(
  base: Base,
  spec: PopulationSpec,
  receptors: readonly [string, ReceptorSpec][],
  path: string,
): Pick<Plan, "cell" | "ports"> {
  const all = cells[spec.model.id as ModelName];
  const counterpart = mapping.models[spec.model.id as ModelName];
  if (!isPresent(counterpart)) {
    throw new ExchangeError(`${path}.model: ${spec.model.id}: ${counterpart.absent}.`, [], {
      path: `${path}.model`,
      value: spec.model.id,
    });
  }
  const wantsGaps = base.network.projections.some(
    (p) => p.gapJunction === true && (p.source === spec.name || p.target === spec.name),
  );
  const candidates = spec.method === "halfStep" ? [halfStep] : all;
  const inOrder = wantsGaps ? [...candidates.filter((cell) => cell.gaps), ...candidates] : candidates;
  for (const cell of inOrder) {
    const fits = receptors.every(
      ([, r]) => cell.kernels.includes(kernelKind(r)) && isConductance(r) === cell.conductance,
    );
    if (!fits || receptors.some(([, r]) => landingOf(r) !== undefined && landingOf(r) !== "v")) continue;
    const ports = portsOf(base, spec, receptors, cell);
    if (ports) return { cell, ports };
  }
  const has = receptors.map(
    ([name, r]) =>
      `${name} (${kernelName(r)}${isConductance(r) ? " conductance" : r.kernel === "delta" ? "" : " current"})`,
  );
  const known = all.map(({ name, kernels, conductance }) => {
    const takes = kernels.length === 0 ? "no receptors" : `${kernels.join(", ")}${conductance ? " with E_rev" : ""}`;
    return `${name} (${takes})`;
  });
  const hint =
    receptors.length > 1 ? " Two currents of one neuron are told apart by the sign of their weights there." : "";
  throw new ExchangeError(
    `${path}.receptors: ${spec.model.id} with the receptors ${has.join(", ")} has no neuron in NEST. ` +
      `Neurons that it has, with the kernels that they take: ${known.join("; ")}.${hint}`,
    [],
    { path: `${path}.receptors`, value: has },
  );
}
