/** Receptors as equations. */
import { type BuiltInReceptor, isConductance, isOwn, receptorVariable } from "../../kinds/receptors.js";
import { stepsOf } from "../../model/grid.js";
import { ExchangeError } from "../report.js";
import { type Draft, freezeNamed, nameOf, unitOf } from "./group.js";
import { propagated } from "./integration.js";
import { handed, meanHanded, peakGain, type Shares } from "./linear.js";
import { numbersText } from "./parameters.js";
import { baseUnitText, numeral, quantity } from "./text.js";

/** Writes the receptors. */
export function receptorsOf(draft: Draft): void {
  const { spec, path, shared } = draft;
  const decays: string[] = [];
  for (const [name, receptor] of Object.entries(spec.receptors)) {
    if (isOwn(receptor)) {
      const { id } = receptor.kernel;
      const place = `${path}.receptors.${name}`;
      const message = `the kernel ${JSON.stringify(id)} is one of the network's own, as text, and equations of receptors are not written`;
      throw new ExchangeError(`${place}: ${message}.`, [], { path: place, value: id });
    }
    if (receptor.kernel === "delta") {
      const state = receptor.state ?? "v";
      draft.landings[name] = { variable: nameOf(draft, state), unit: unitOf(draft, state) };
      shared.report.exact(`${path}.receptors.${name}`, `jumps of ${nameOf(draft, state)}`);
      continue;
    }
    receptorOf(draft, name, receptor, decays);
    shared.report.exact(`${path}.receptors.${name}`, `equations of ${receptor.kernel}`);
  }
  if (decays.length > 0)
    draft.runners.push(
      `${draft.variable}.run_regularly(`,
      '    """',
      ...decays.map((line) => `    ${line}`),
      '    """,',
      '    when="groups", order=1,',
      ")",
    );
}

function receptorOf(
  draft: Draft,
  name: string,
  receptor: Exclude<BuiltInReceptor, { kernel: "delta" }>,
  decays: string[],
): void {
  const { spec, method, shared } = draft;
  const { dt } = shared;
  const conducts = isConductance(receptor);
  const unit = conducts ? (spec.model.conductance === "" ? "1" : spec.model.conductance) : draft.currentUnit;
  const base = baseUnitText(unit);
  const official = receptorVariable(name, receptor) as string;
  const g = draft.names.of(official);
  const suffix = g.replace(/^[gi]_/, "");
  draft.recorded[official] = { variable: g, unit };
  const constant = (wanted: string, value: string): string => {
    const made = draft.names.of(wanted);
    draft.namespace.push([made, value]);
    return made;
  };
  let now = g;
  if (receptor.kernel === "step") {
    draft.equations.push(`${g} : ${base}`);
    draft.landings[name] = { variable: g, unit, ends: Math.max(1, stepsOf(receptor.duration, dt)) };
  } else if (receptor.kernel === "exponential") {
    draft.landings[name] = { variable: g, unit };
    const tau = constant(`tau_${suffix}`, `${numeral(receptor.tau)}*ms`);
    if (draft.looks === "stages") {
      now = `${g}*exp(-(t - ${stepStart(draft)})/${tau})`;
      draft.equations.push(`${g} : ${base}`);
      decays.push(`${g} *= exp(-dt/${tau})`);
    } else {
      if (method === "euler") {
        const steep = constant(`tau_${suffix}_euler`, `${numeral(-dt / Math.expm1(-dt / receptor.tau))}*ms`);
        draft.equations.push(`d${g}/dt = -${g}/${steep} : ${base}`);
      } else if (method === "exponentialEuler" || (method === "exact" && draft.checked.states.length === 1)) {
        draft.equations.push(`d${g}/dt = -${g}/${tau} : ${base}`);
      } else {
        draft.equations.push(`${g} : ${base}`);
        decays.push(`${g} *= exp(-dt/${tau})`);
      }
      now = shareOf(draft, suffix, g, undefined, receptor.tau, undefined);
    }
  } else {
    const rise = receptor.kernel === "alpha" ? receptor.tau : receptor.tau_rise;
    const decay = receptor.kernel === "alpha" ? receptor.tau : receptor.tau_decay;
    const h = draft.names.of(`h_${suffix}`);
    draft.landings[name] = { variable: h, unit };
    draft.equations.push(`${g} : ${base}`, `${h} : ${base}`);
    const gain = peakGain(rise, decay);
    const tauRise = constant(`tau_rise_${suffix}`, `${numeral(rise)}*ms`);
    const tauDecay = decay === rise ? tauRise : constant(`tau_decay_${suffix}`, `${numeral(decay)}*ms`);
    const hand = constant(`handed_${suffix}`, numeral(gain * handed(rise, decay, dt)));
    decays.push(`${g} = ${g}*exp(-dt/${tauDecay}) + ${h}*${hand}`, `${h} *= exp(-dt/${tauRise})`);
    if (draft.looks === "stages") {
      const peak = constant(`gain_${suffix}`, `${numeral(gain)}/ms`);
      const since = `(t - ${stepStart(draft)})`;
      const [slow, fast] = rise > decay ? [tauRise, tauDecay] : [tauDecay, tauRise];
      const gap = slow === fast ? "" : `*exprel(${since}*(1/${slow} - 1/${fast}))`;
      now = `(${g}*exp(-${since}/${tauDecay}) + ${h}*${peak}*${since}*exp(-${since}/${slow})${gap})`;
    } else {
      now = shareOf(draft, suffix, g, h, decay, rise);
    }
  }
  if (receptor.kernel === "nmda") {
    const slope = draft.vUnit === "1" || draft.vUnit === "" ? `0.062*${draft.v}` : `0.062*${draft.v}/mV`;
    const block = freezeNamed(
      draft,
      draft.names.of(`block_${suffix}`),
      `1/(1 + ${numeral(receptor.Mg / 3.57)}*exp(-${slope}))`,
      "1",
    );
    now = `${block}*${now}`;
  }
  if (!conducts) {
    draft.terms.push(now);
    return;
  }
  const E = constant(`E_${suffix}`, quantity(receptor.E_rev ?? 0, draft.vUnit));
  draft.terms.push(`${now}*(${E} - ${draft.v})`);
}

function stepStart(draft: Draft): string {
  if (!draft.started) {
    draft.started = true;
    draft.names.of("t_start");
    freezeNamed(draft, "t_start", "t", "second");
  }
  return "t_start";
}

/** What of a decaying state acts in a step, for a method that looks at the start only. */
function shareOf(
  draft: Draft,
  suffix: string,
  g: string,
  h: string | undefined,
  tau: number,
  rise: number | undefined,
): string {
  const { dt } = draft.shared;
  const gain = rise === undefined ? 1 : peakGain(rise, tau);
  if (draft.method === "exact") {
    const shares = propagated(draft).map((p) => p.share(tau, rise));
    const of = (which: keyof Shares, by: number): string =>
      numbersText(
        draft,
        `share_${which}_${suffix}`,
        shares.map((s) => s[which] * by),
        "1",
      );
    const v = `${of("vx", 1)}*${g}${h === undefined ? "" : ` + ${of("vy", gain)}*${h}`}`;
    if (draft.checked.states.length > 1)
      draft.exactTerms.push([v, `${of("wx", 1)}*${g}${h === undefined ? "" : ` + ${of("wy", gain)}*${h}`}`]);
    return h === undefined ? v : `(${v})`;
  }
  const share = draft.names.of(`share_${suffix}`);
  draft.namespace.push([share, numeral((-Math.expm1(-dt / tau) * tau) / dt)]);
  if (h === undefined || rise === undefined) return `${share}*${g}`;
  const second = draft.names.of(`share_h_${suffix}`);
  draft.namespace.push([second, numeral(gain * meanHanded(rise, tau, dt))]);
  return `(${share}*${g} + ${second}*${h})`;
}
