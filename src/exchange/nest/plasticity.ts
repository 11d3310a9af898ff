/** Synapses that change: models of NEST with parameters of their own. */
import { isDistribution } from "../../kinds/value.js";
import { projectionNames } from "../../model/projection.js";
import type { ProjectionSpec } from "../../model/spec.js";
import { isPresent } from "../mapping.js";
import { float, literal, text } from "../python.js";
import { mapping } from "./mapping.js";
import type { Plan, Port, Script, Synapse } from "./script.js";

/** The synapse's model, its own where it has parameters. */
export function synapseModel(
  script: Script,
  projection: ProjectionSpec,
  port: Port,
  source: Plan,
  target: Plan,
  path: string,
): Synapse {
  const { plasticity, shortTerm, release, scaling } = projection;
  if (scaling) script.report.dropped(`${path}.scaling`, (mapping.plasticity.scaling as { absent: string }).absent);
  const sorts = [
    plasticity && "plasticity",
    shortTerm && "shortTerm",
    release !== undefined && release < 1 && "release",
  ].filter((sort) => typeof sort === "string");
  for (const sort of sorts.slice(1))
    script.report.dropped(`${path}.${sort}`, `a synapse of NEST changes in one way only; this one has ${sorts[0]}`);
  if (sorts.length === 0) return {};
  const [base, params]: readonly [string, Readonly<Record<string, number>>] = plasticity
    ? plasticModel(script, projection, plasticity, port, target, path)
    : shortTerm
      ? ([
          "tsodyks2_synapse",
          { U: shortTerm.U, u: shortTerm.U, x: 1, tau_rec: shortTerm.tau_rec, tau_fac: shortTerm.tau_facil },
        ] as const)
      : (["bernoulli_synapse", { p_transmit: release as number }] as const);
  if (!plasticity && !shortTerm)
    script.report.approximate(`${path}.release`, "bernoulli_synapse: other random numbers");
  if (!plasticity && shortTerm) script.report.exact(`${path}.shortTerm`, "tsodyks2_synapse");
  // NEST compares the signs of the weight and its bound, and its own default is 1.
  const given =
    "Wmax" in params && (params.Wmax as number) < 0 ? { ...params, weight: params.Wmax as number } : params;
  const name = script.names.of(`${source.variable}_${target.variable}_synapse`);
  script.sections.connections.push(
    `nest.CopyModel(${text(base)}, ${text(name)}, ${literal(given, 0, 30 + base.length + name.length)})`,
  );
  if (plasticity) {
    const ours = projectionNames(script.network.projections)[script.network.projections.indexOf(projection)] as string;
    script.lists.plastic.push(
      `(${text(ours)}, ${source.variable}, ${target.variable}, ${text(name)}, ${float(port.factor)})`,
    );
  }
  return { synapse_model: name };
}

function plasticModel(
  script: Script,
  projection: ProjectionSpec,
  rule: NonNullable<ProjectionSpec["plasticity"]>,
  port: Port,
  target: Plan,
  path: string,
): readonly [string, Record<string, number>] {
  const where = `${path}.plasticity`;
  const known = mapping.plasticity[rule.kind];
  if (isPresent(known) && known.differs !== undefined)
    script.report.approximate(where, `${known.name}: ${known.differs}`);
  if (rule.dendriticDelayFraction !== 1) {
    script.report.approximate(
      where,
      "NEST counts the whole delay as dendritic, as dendriticDelayFraction 1 does here; a pair is later or sooner by the rest",
    );
  }
  if (rule.kind !== "inhibitoryStdp" && rule.w_min !== 0)
    script.report.approximate(where, `the least weight is 0 in NEST, not ${rule.w_min}`);
  if (isDistribution(projection.delay) || projection.delay instanceof Float64Array)
    script.report.approximate(where, "each synapse has its own dendritic delay in NEST");
  const sign = port.factor;
  switch (rule.kind) {
    case "stdp": {
      traceOf(script, target, "tau_minus", rule.tau_minus, where);
      const mu = rule.weightDependence === "additive" ? 0 : 1;
      const name = rule.pairing === "all" ? "stdp_synapse" : "stdp_nn_symm_synapse";
      if (rule.pairing !== "all")
        script.report.approximate(
          where,
          "stdp_nn_symm_synapse takes other spikes for the nearest in part: weights of a check parted by up to 3 % of w_max",
        );
      const alpha = rule.A_plus === 0 ? 0 : rule.A_minus / rule.A_plus;
      if (rule.A_plus === 0 && rule.A_minus !== 0) {
        script.report.approximate(
          where,
          "NEST has the ratio of the amplitudes: without potentiation there is no depression either",
        );
      }
      return [
        name,
        { lambda: rule.A_plus, alpha, tau_plus: rule.tau_plus, mu_plus: mu, mu_minus: mu, Wmax: sign * rule.w_max },
      ];
    }
    case "tripletStdp": {
      traceOf(script, target, "tau_minus", rule.tau_minus, where);
      traceOf(script, target, "tau_minus_triplet", rule.tau_y, where);
      const most = Math.abs(sign) * rule.w_max;
      return [
        "stdp_triplet_synapse",
        {
          tau_plus: rule.tau_plus,
          tau_plus_triplet: rule.tau_x,
          Aplus: rule.A2_plus * most,
          Aplus_triplet: rule.A3_plus * most,
          Aminus: rule.A2_minus * most,
          Aminus_triplet: rule.A3_minus * most,
          Wmax: sign * rule.w_max,
        },
      ];
    }
    case "inhibitoryStdp":
      traceOf(script, target, "tau_minus", rule.tau, where);
      return [
        "vogels_sprekeler_synapse",
        {
          eta: rule.eta * Math.abs(sign),
          alpha: (2 * rule.rho_0 * rule.tau) / 1000,
          tau: rule.tau,
          Wmax: sign * rule.w_max,
        },
      ];
  }
}

/** A time constant that NEST's neurons have for all synapses onto them. */
function traceOf(script: Script, { traces, spec }: Plan, name: string, value: number, path: string): void {
  const other = traces[name];
  if (other !== undefined && other !== value) {
    script.report.approximate(
      path,
      `all synapses onto ${spec.name} have one ${name} in NEST: ${other} ms, not ${value}`,
    );
  } else traces[name] = value;
}
