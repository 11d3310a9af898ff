/**
 * The check before a run: the rules on time steps and time constants that keep a simulation from blowing up. An error
 * makes the run meaningless; a warning says what is lost; a note is worth knowing.
 */
import { placedText } from "../lang/diagnostics.js";
import { kernelNotes } from "../lang/receive.js";
import {
  checkCurrent,
  equationsOf,
  inputGain,
  membraneScale,
  methodNotes,
  parameterScale,
  readsInput,
} from "../model/own.js";
import { kernelEquations } from "../model/receptorKernel.js";
import { type Method, type ModelRecord, SOLVING } from "../model/record.js";
import type { NetworkSpec, PopulationSpec, ReceptorSpec, Value } from "../model/spec.js";
import { quantityText, ValueRangeError } from "../model/errors.js";
import { checkRate } from "../model/points.js";
import { backgroundOf, textOf } from "../kinds/backgrounds.js";
import { plasticityOf } from "../kinds/plasticity.js";
import { isOwn, kernelOf, ownKernels, responseOf } from "../kinds/receptors.js";
import { synapsesOnto } from "../kinds/rules.js";
import { type Finding, sortFindings } from "../model/findings.js";
import { EXPLICIT_LIMIT } from "./limits.js";
import { checkedRule, worksInSteps } from "../model/ownRule.js";
import { leastCount } from "./connect.js";
import { checkStep } from "./stepCheck.js";
import { checkTimes } from "./times.js";
import { extreme } from "./values.js";

interface Context {
  readonly dt: number;
  readonly population: PopulationSpec;
  readonly add: (finding: Omit<Finding, "population">) => void;
}

/** Whether the method extrapolates with the slope at hand, so that it has a limit on dt. */
function isExplicit(method: Method): boolean {
  return EXPLICIT_LIMIT[method] !== undefined;
}

/** Membrane time constants of the model's parameters: name of what sets it, and its smallest value in ms. */
function membraneTime(
  model: ModelRecord,
  params: PopulationSpec["params"],
): { name: string; value: number } | undefined {
  const scaled = (name: string, side: 1 | -1): number =>
    extreme(params[name] as Value, side) * parameterScale(model, name);
  if (params.tau_m !== undefined) return { name: "tau_m", value: scaled("tau_m", -1) };
  if (model.current === "pA" && params.C_m !== undefined && params.g_L !== undefined) {
    return { name: "C_m / g_L", value: scaled("C_m", -1) / scaled("g_L", 1) };
  }
  return undefined;
}

function checkTimeConstant(context: Context, name: string, tau: number): void {
  const { dt, population, add } = context;
  const { method } = population;
  if (!(Number.isFinite(tau) && tau > 0)) {
    add({
      level: "error",
      code: "time-constant",
      message: `${name} = ${tau} ms; a time constant must be finite and > 0 ms.`,
      parameter: name,
      value: tau,
      limit: 0,
    });
    return;
  }
  if (!isExplicit(method)) return;
  if (dt >= tau) {
    add({
      level: "error",
      code: "dt-above-tau",
      message: `dt = ${dt} ms is not below ${name} = ${quantityText(tau, "ms")}: ${method} overshoots at every step. Use dt <= ${quantityText(tau / 10, "ms")}, or ${implicitOf(population.model)}.`,
      parameter: name,
      value: tau,
      limit: dt,
    });
  } else if (dt > tau / 3) {
    add({
      level: "warning",
      code: "tau-below-3dt",
      message: `${name} = ${quantityText(tau, "ms")} is less than three steps of dt = ${dt} ms: ${method} decays by ${percent(decayError(dt / tau))} too fast over one time constant. Use dt <= ${quantityText(tau / 10, "ms")}.`,
      parameter: name,
      value: tau,
      limit: 3 * dt,
    });
  } else if (dt > tau / 10) {
    add({
      level: "warning",
      code: "tau-below-10dt",
      message: `${name} = ${quantityText(tau, "ms")} is less than ten steps of dt = ${dt} ms: ${method === "euler" ? `euler decays by ${percent(decayError(dt / tau))} too fast over one time constant` : "accuracy suffers"}. Use dt <= ${quantityText(tau / 10, "ms")}.`,
      parameter: name,
      value: tau,
      limit: 10 * dt,
    });
  }
}

/** Relative error of Euler's decay after one time constant: (1 - z)^(1/z) against 1/e. */
function decayError(z: number): number {
  return 1 - (1 - z) ** (1 / z) * Math.E;
}

/** A number with that many significant digits. */
function quantityRound(x: number, digits: number): number {
  return Number(x.toPrecision(digits));
}

/** Whether the parameters have the values of the model's record, or of the preset that was chosen. */
function isPublished({ model, params, preset }: PopulationSpec, names: readonly string[]): boolean {
  const chosen = preset === undefined ? undefined : model.presets[preset]?.params;
  return names.every((name) => params[name] === (chosen?.[name] ?? model.params[name]?.default));
}

function percent(x: number): string {
  return `${Math.round(1000 * x) / 10} %`;
}

function implicitOf(model: ModelRecord): string {
  const bounded = model.methods.find((method) => !isExplicit(method));
  return bounded === undefined ? "a model with a slower time constant" : `the method ${bounded}, which has no limit`;
}

function checkPopulation(spec: NetworkSpec, population: PopulationSpec, findings: Finding[]): void {
  const { dt } = spec;
  const { model, params, method, name } = population;
  const context: Context = { dt, population, add: (finding) => findings.push({ ...finding, population: name }) };
  const { add } = context;

  const membrane = membraneTime(model, params);
  if (membrane) checkTimeConstant(context, membrane.name, quantityRound(membrane.value, 12));
  for (const [parameter, record] of Object.entries(model.params)) {
    if (record.unit !== "ms" || parameter === "t_ref" || parameter === "tau_m") continue;
    // What a time of an own model means is known by its name only.
    if (model.definition !== undefined && !/^(?:tau|t_m)/.test(parameter)) continue;
    checkTimeConstant(context, parameter, extreme(params[parameter] as Value, -1));
  }
  if (membrane && membrane.value > 0) {
    const { name: parameter, value } = membrane;
    const shown = quantityText(quantityRound(value, 4), "ms");
    if (value < 1) {
      add({
        level: "warning",
        code: "membrane-tau-below-1",
        message: `${parameter} = ${shown}: membrane time constants below 1 ms are unphysiological and close to instability; 10 ms or more is usual.`,
        parameter,
        value,
        limit: 1,
      });
    } else if (value < 10 && !isPublished(population, parameter.split(" / "))) {
      add({
        level: "note",
        code: "membrane-tau-below-10",
        message: `${parameter} = ${shown}: 10 ms or more is usual for a membrane.`,
        parameter,
        value,
        limit: 10,
      });
    }
  }

  const most = model.maxStep?.[method];
  if (most !== undefined && dt > most) {
    const bounded = model.methods.find((m) => !isExplicit(m));
    const remedy = bounded === undefined ? "" : ` or the method ${bounded}, which stays bounded`;
    add({
      level: "error",
      code: "dt-above-method-limit",
      message: `dt = ${dt} ms: ${method} of ${model.id} is known to stay bounded up to ${most} ms only. Use dt <= ${most} ms${remedy}.`,
      parameter: "dt",
      value: dt,
      limit: most,
    });
  }
  const { accuracy } = model;
  // of 1 %, with some room for the rounding of dt
  const accurate = accuracy && quantityRound(0.01 / accuracy.exponentialEuler, 3);
  if (accuracy && accurate !== undefined && method === "exponentialEuler" && dt > accurate) {
    const slope = accuracy.exponentialEuler;
    const { rk4 } = accuracy;
    add({
      level: "note",
      code: "exponential-euler-accuracy",
      message:
        `dt = ${dt} ms: exponentialEuler stays bounded, but is of first order: interspike intervals of ${model.id} are ` +
        `about ${percent(slope)} per ms of dt too long, ${percent(slope * dt)} here; 1 % needs dt <= ${accurate} ms. ` +
        `rk4 is within ${quantityText(100 * rk4.error)} % with dt <= ${rk4.dt} ms.`,
      parameter: "dt",
      value: dt,
      limit: accurate,
    });
  }
  if (accuracy && method === "strangSplitting") {
    const { strangSplitting: curvature, rk4 } = accuracy;
    const limit = Math.floor(1000 * Math.sqrt(0.01 / curvature)) / 1000;
    if (dt > limit) {
      add({
        level: "note",
        code: "strang-splitting-accuracy",
        message:
          `dt = ${dt} ms: strangSplitting stays bounded, but interspike intervals of ${model.id} are about ` +
          `${percent(curvature * dt * dt)} too long; 1 % needs dt <= ${limit} ms. ` +
          `rk4 is within ${quantityText(100 * rk4.error)} % with dt <= ${rk4.dt} ms.`,
        parameter: "dt",
        value: dt,
        limit,
      });
    }
  }
  const grids = method !== "halfStep" && method !== "rosenbrock" && !SOLVING.includes(method);
  if (model.family === "resets" && dt > 0.1 && grids) {
    add({
      level: "warning",
      code: "dt-above-0.1",
      message: `dt = ${dt} ms: models that diverge and reset want dt <= 0.1 ms; spikes come late and some are lost at larger steps.`,
      parameter: "dt",
      value: dt,
      limit: 0.1,
    });
  }
  if (method === "halfStep" && dt !== 1) {
    add({
      level: "note",
      code: "half-step-dt",
      message: `dt = ${dt} ms: halfStep is Izhikevich's published scheme for dt 1 ms; use euler, heun or rk4 at other steps.`,
      parameter: "dt",
      value: dt,
      limit: 1,
    });
  }
  if (params.Delta_T !== undefined && params.V_peak !== undefined && params.V_T !== undefined) {
    const height = (extreme(params.V_peak, 1) - extreme(params.V_T, -1)) / extreme(params.Delta_T, -1);
    // Without an exponential, or followed in closed form, nothing overflows.
    if (height > 100 && Number.isFinite(height) && method !== "rosenbrock") {
      add({
        level: "warning",
        code: "exponential-overflow",
        message: `(V_peak - V_T)/Delta_T = ${quantityText(Math.round(height * 10) / 10)}: the exponential reaches e^${Math.round(height)} at the peak${height > 709 ? " and overflows" : ""}. Lower V_peak to V_T + 20 Delta_T or so; spike times hardly change.`,
        parameter: "V_peak",
        value: height,
        limit: 100,
      });
    }
  }
  // what is known to blow up needs no trial
  if (!(most !== undefined && dt > most)) for (const finding of checkStep(spec, population)) add(finding);
  for (const [receptor, kernel] of Object.entries(population.receptors)) checkReceptor(context, receptor, kernel);
  if (population.methodIsDefault && method === "exponentialEuler" && model.methods[0] === "exact") {
    add({
      level: "note",
      code: "method-changed",
      message: `the default method exact needs current receptors; with conductances ${model.id} uses exponentialEuler. Name a method to choose another.`,
      parameter: "method",
      value: null,
      limit: null,
    });
  }
}

/** Time constants of a receptor below 3 ms, and what the grid loses of the shape. */
function checkReceptor({ dt, add }: Context, receptor: string, kernel: ReceptorSpec): void {
  const response = responseOf(kernel);
  if (response.decay === undefined) return;
  const taus = Object.entries(kernelOf(kernel).fields).filter(
    ([, field]) => field.type === "number" && field.unit === "ms",
  );
  for (const [name] of taus) {
    const tau = (kernel as unknown as Readonly<Record<string, number>>)[name] as number;
    if (!(tau < 3)) continue;
    const steps = `${quantityText(Math.round((10 * tau) / dt) / 10)} steps per time constant`;
    const below = response.rise === undefined ? 0 : 1 - gridPeak(response.rise, response.decay, dt);
    const lost = below < 0.0005 ? "" : `, and its largest value on the grid is ${percent(below)} below its peak`;
    const why =
      name === "tau_rise" ? "the rise is hardly resolved" : "the transmitter is gone before much has been transmitted";
    add({
      level: "warning",
      code: "receptor-tau-below-3",
      message:
        `receptor ${receptor}: ${name} = ${quantityText(tau, "ms")}; below 3 ms ${why}, and at dt = ${dt} ms the ` +
        `response has ${steps}${lost}. The update itself is exact at any time constant.`,
      parameter: `${receptor}.${name}`,
      value: tau,
      limit: 3,
    });
  }
}

/** The largest value of a kernel of peak 1 at the grid points. */
function gridPeak(rise: number, decay: number, dt: number): number {
  // Nearly equal time constants have the peak of equal ones.
  const equal = Math.abs(decay - rise) < 1e-6 * rise;
  const top = equal ? rise : (rise * decay * Math.log(decay / rise)) / (decay - rise);
  const at = (t: number): number => (equal ? t * Math.exp(-t / rise) : Math.exp(-t / decay) - Math.exp(-t / rise));
  const before = Math.floor(top / dt) * dt;
  return Math.max(at(before), at(before + dt)) / at(top);
}

/** Gap junctions act from the potentials at the start of the step: too strong ones make neighbours overshoot. */
function checkGapJunctions(spec: NetworkSpec, findings: Finding[]): void {
  const sums = new Map<string, number>();
  const population = (name: string): PopulationSpec => spec.populations.find((p) => p.name === name) as PopulationSpec;
  for (const { gapJunction, source, target, rule, weight } of spec.projections) {
    if (!gapJunction || typeof weight === "function") continue;
    const [sources, targets] = [population(source).size, population(target).size];
    const count = synapsesOnto(rule, { pairs: sources * targets, sources, targets });
    sums.set(target, (sums.get(target) ?? 0) + count * extreme(weight, 1));
  }
  for (const [name, sum] of sums) {
    const factor = spec.dt * sum * gapGain(population(name), spec.dt);
    if (!(factor > 0.5)) continue;
    findings.push({
      level: factor >= 1 ? "error" : "warning",
      code: "gap-junctions-too-strong",
      message:
        `${name}: gap junctions of about ${quantityText(sum)} onto a neuron move v by ${percent(factor)} of its distance ` +
        `from its neighbours in a step of dt = ${spec.dt} ms${factor >= 1 ? ": it overshoots" : ""}. Use a smaller dt, ` +
        "or less conductance.",
      population: name,
      parameter: "dt",
      value: spec.dt,
      limit: (0.5 * spec.dt) / factor,
    });
  }
}

/** What a gap junction of conductance 1 adds to dv/dt per difference of v, at most; 0 where it is not known. */
function gapGain({ model, params }: PopulationSpec, dt: number): number {
  const { C_m } = params;
  if (model.definition === undefined) return 1 / (C_m === undefined ? 1 : extreme(C_m, -1));
  const gains = ([-1, 1] as const).map(
    (side) => inputGain(model, (name) => extreme(params[name] as Value, side), dt) ?? 0,
  );
  return Math.max(...gains) * membraneScale(model);
}

/** Largest dt (ms) at which spikes that fall into one step are few enough to count as pairs without delay. */
const STDP_STEP = 0.1;

/** Spikes of both sides in one step are a pair with the time 0 between them, which potentiates in full. */
function checkPlasticity(spec: NetworkSpec, findings: Finding[]): void {
  const { dt } = spec;
  if (!(dt > STDP_STEP)) return;
  for (const { source, target, plasticity } of spec.projections) {
    // A symmetric window has no edge at 0.
    if (plasticity === undefined || plasticityOf(plasticity).symmetric) continue;
    findings.push({
      level: "warning",
      code: "stdp-dt-above-0.1",
      message:
        `${source} -> ${target}: dt = ${dt} ms: spikes of both sides in one step count as a pair without delay, which ` +
        `potentiates in full, so that weights grow with dt: the cell of Song et al. 2000 fires at 50 Hz with dt 0.5 ms ` +
        `and at 23 Hz with 0.1 ms. Use dt <= ${STDP_STEP} ms.`,
      population: target,
      parameter: "dt",
      value: dt,
      limit: STDP_STEP,
    });
  }
}

/** Rates that rise beyond what a step can hold before the end: the run would be refused. */
function checkSources({ populations, dt, duration }: NetworkSpec, findings: Finding[]): void {
  for (const { name, size, source } of populations) {
    if (source?.kind !== "poisson") continue;
    try {
      checkRate(source.rate, `${name}.rate`, size, dt, true, duration);
    } catch (error) {
      if (!(error instanceof ValueRangeError)) throw error;
      const { message, value } = error;
      const rate = typeof value === "number" ? value : null;
      findings.push({
        level: "error",
        code: "rate-too-high",
        message,
        population: name,
        parameter: "rate",
        value: rate,
        limit: null,
      });
    }
  }
}

/** What the compiler has to say of models as text: warnings with their places, and how a method treats some states. */
function checkEquations({ models = [], receptorKernels = [], populations }: NetworkSpec): Finding[] {
  const facts = { parameter: null, value: null, limit: null };
  const all = new Set([...models, ...populations.map(({ model }) => model)]);
  const warnings = [...all].flatMap((model) =>
    (equationsOf(model)?.warnings ?? []).map((one): Finding => {
      const message = `${model.id}, ${placedText(one)}`;
      return { level: "warning", code: `equation-${one.code}`, message, population: null, ...facts };
    }),
  );
  const used = populations.flatMap(({ receptors }) => ownKernels(receptors));
  const kernels = [...new Set([...receptorKernels, ...used])].flatMap((kernel) =>
    kernelEquations(kernel).warnings.map((one): Finding => {
      const message = `receptor kernel ${kernel.id}, ${placedText(one)}`;
      return { level: "warning", code: `equation-${one.code}`, message, population: null, ...facts };
    }),
  );
  const kernelNotesOf = populations.flatMap(({ name, receptors }) =>
    Object.entries(receptors).flatMap(([key, receptor]) =>
      (isOwn(receptor) ? kernelNotes(kernelEquations(receptor.kernel)) : []).map((note): Finding => {
        const message = `receptor ${key}, ${note}.`;
        return { level: "note", code: "equation-method", message, population: name, ...facts };
      }),
    ),
  );
  const currents = populations.flatMap(({ name, model, background }) =>
    background.flatMap((entry, i) => {
      const place = `background[${i}]`;
      const key = backgroundOf(entry).expression;
      const found = key === undefined ? [] : checkCurrent(model, textOf(entry), `${name}.${place}.${key}`).warnings;
      return found.map((one): Finding => {
        const message = `${name}.${place}, ${placedText(one)}`;
        return {
          ...facts,
          level: "warning",
          code: `equation-${one.code}`,
          message,
          population: name,
          parameter: `${place}.${key}`,
        };
      });
    }),
  );
  const notes = populations.flatMap(({ name, model, method }) =>
    methodNotes(model, method).map((note): Finding => {
      return { level: "note", code: "equation-method", message: `${note}.`, population: name, ...facts };
    }),
  );
  const deaf = populations.flatMap(({ name, model, background, receptors }): Finding[] => {
    const currents =
      background.some((entry) => !backgroundOf(entry).events) ||
      Object.values(receptors).some((receptor) => kernelOf(receptor).core !== "delta");
    if (!currents || readsInput(model)) return [];
    const message = `the equations of ${model.id} do not contain I, so that the currents of its background and receptors do nothing.`;
    return [{ level: "warning", code: "no-input", message, population: name, ...facts }];
  });
  return [...warnings, ...kernels, ...currents, ...deaf, ...notes, ...kernelNotesOf];
}

/** What the compiler has to say of rules of plasticity as text, and what those cost that work in each step. */
function checkRules({ plasticityRules = [], projections, populations }: NetworkSpec): Finding[] {
  const facts = { parameter: null, value: null, limit: null };
  const rules = new Set([...plasticityRules, ...projections.flatMap(({ ownPlasticity }) => ownPlasticity?.rule ?? [])]);
  const warnings = [...rules].flatMap((rule) =>
    checkedRule(rule).warnings.map((one): Finding => {
      const message = `${rule.name}, ${placedText(one)}`;
      return { level: "warning", code: `equation-${one.code}`, message, population: null, ...facts };
    }),
  );
  const sizes = new Map(populations.map(({ name, size }) => [name, size]));
  const costs = projections.flatMap((spec): Finding[] => {
    const { source, target, ownPlasticity } = spec;
    if (!ownPlasticity || !worksInSteps(ownPlasticity.rule)) return [];
    const ends = { sourceSize: sizes.get(source) ?? 0, targetSize: sizes.get(target) ?? 0 };
    const synapses = Math.round(leastCount(spec, ends));
    const message =
      `${source} -> ${target}: the rule ${ownPlasticity.rule.name} passes over all synapses (about ${synapses}) in each ` +
      "step, for equations that are (clock-driven) or for onStep; a step takes about 2 ns for each of them.";
    return [{ level: "note", code: "rule-every-step", message, population: target, ...facts, value: synapses }];
  });
  return [...warnings, ...costs];
}

/** The findings on a network, the worst first. */
export function checkStability(spec: NetworkSpec): Finding[] {
  const findings: Finding[] = [];
  for (const population of spec.populations) if (!population.source) checkPopulation(spec, population, findings);
  checkSources(spec, findings);
  checkGapJunctions(spec, findings);
  findings.push(...checkEquations(spec));
  findings.push(...checkRules(spec));
  findings.push(...checkTimes(spec));
  checkPlasticity(spec, findings);
  return sortFindings(findings);
}
