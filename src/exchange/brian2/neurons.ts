/** A population as a NeuronGroup: its equations, numbers, start and what is done in each step. */
import { children, type Expression, isComparison, namesIn } from "../../lang/ast.js";
import { type CheckedModel, compileModel } from "../../lang/check.js";
import { type Dimension, over, parseUnit, same } from "../../lang/dimensions.js";
import type { ModelDefinition } from "../../model/definition.js";
import { stepsOf, timeOf } from "../../model/grid.js";
import { isConductance, receptorVariable } from "../../kinds/receptors.js";
import { isDistribution, merged } from "../../kinds/value.js";
import { checkCurrent, definitionOf, equationsOf, methodNotes } from "../../model/own.js";
import type { Method, ModelRecord } from "../../model/record.js";
import type { BackgroundSpec, Distribution, PopulationSpec, ReceptorSpec, Value } from "../../model/spec.js";
import { startingStates } from "../start.js";
import { handed, meanHanded, peakGain, type Propagator, propagators, type Shares } from "./linear.js";
import { EQUATIONS, METHODS } from "./mapping.js";
import { baseUnitText, dimensionText, factor, inUnit, numeral, quantity, unitText, Variables, type Writing, Writer } from "./text.js";
import type { ModelName } from "../mapping.js";
import { type Arrays, text } from "../python.js";
import { ExchangeError, type Report } from "../report.js";

/** What all parts of a script share. */
export interface Shared {
  readonly dt: number;
  readonly report: Report;
  readonly arrays: Arrays;
  /** Names of functions of Python that the script needs. */
  readonly helpers: Set<string>;
  /** Jumps come before thresholds: synapses act earlier in a step than Brian2 has them. */
  readonly early: boolean;
}

/** When a method looks at its input. */
type Looks = "start" | "stages" | "middle";

const LOOKS: Readonly<Record<Method, Looks>> = {
  euler: "start", exponentialEuler: "start", exact: "start", halfStep: "start",
  heun: "stages", rk4: "stages", rosenbrock: "stages", strangSplitting: "middle",
};

/** Where the weight of a spike goes. */
export interface Landing {
  /** Variable of the target. */
  readonly variable: string;
  /** Its unit, as it is written here. */
  readonly unit: string;
  /** It is taken away again so many steps later. */
  readonly ends?: number;
}

/** A group, and what of it others need. */
export interface Group {
  /** Name in Python. */
  readonly variable: string;
  readonly spec: PopulationSpec;
  /** Lines that make it. */
  readonly lines: readonly string[];
  readonly landings: Readonly<Record<string, Landing>>;
  /** Variable of each quantity that can be recorded, with its unit. */
  readonly recorded: Readonly<Record<string, { readonly variable: string; readonly unit: string }>>;
  readonly spikes: boolean;
  /** Names of its variables and numbers. */
  readonly taken: ReadonlySet<string>;
}

/** What projections add to a population. */
export interface Extras {
  /** Currents of gap junctions, by name. */
  readonly currents: readonly string[];
  /** Counters of spikes. */
  readonly counters: readonly string[];
}

/** The method that a population has: with conductances there is no exact one. */
export function methodOf({ model, receptors, method }: PopulationSpec): Method {
  const list = Object.values(receptors);
  const many = model.definition !== undefined && Object.keys(model.states).length > 2;
  const changing = many && list.some(({ kernel }) => kernel !== "delta" && kernel !== "step");
  return method === "exact" && (list.some(isConductance) || changing) ? "exponentialEuler" : method;
}

/** The equations of a model with units. */
function checkedOf(record: ModelRecord, sharp: boolean): CheckedModel {
  const own = equationsOf(record);
  if (own !== undefined) return own;
  const definition = definitionOf(record);
  const patches: Readonly<Record<string, string>> = EQUATIONS[record.id as ModelName] ?? {};
  const lines = (definition.equations as readonly string[]).map((line) => {
    const [, left = "", name = "", right = "", unit = ""] = /^(d?(\w+?)(?:\/dt)?) = (.*) : (.*)$/.exec(line) ?? [];
    const state = left.endsWith("/dt");
    const patch = patches[name];
    const written = patch ?? right;
    return `${state ? `d${name}/dt` : name} = ${sharp ? withoutExponential(written) : written} : ${unit}`.replaceAll("^", "**");
  });
  const threshold = sharp ? "v >= V_T" : (definition.threshold as string);
  return compileModel({ ...definition, equations: lines, threshold } as ModelDefinition);
}

/** eif and adex without their exponential, which is their limit for Delta_T = 0. */
function withoutExponential(rhs: string): string {
  return rhs.replace(/ \+ g_L \* Delta_T \* exp\(.*?\) \/ Delta_T\)/, "").replace(/v_c/g, "v");
}

/** Numbers that numpy draws from a distribution. */
export function drawnText(value: Distribution, size: string, helpers: Set<string>): string {
  if ("uniform" in value) return `rng.uniform(${value.uniform.map(numeral).join(", ")}, ${size})`;
  if ("normal" in value) return `rng.normal(${value.normal.map(numeral).join(", ")}, ${size})`;
  if ("lognormal" in value) return `rng.lognormal(${value.lognormal.map(numeral).join(", ")}, ${size})`;
  if ("exponential" in value) return `rng.exponential(${numeral(value.exponential)}, ${size})`;
  if ("gamma" in value) return `rng.gamma(${value.gamma.map(numeral).join(", ")}, ${size})`;
  helpers.add("truncated_normal");
  return `truncated_normal(${value.truncatedNormal.map(numeral).join(", ")}, ${size})`;
}

/** Builds one group. */
export class NeuronBuilder {
  private readonly spec: PopulationSpec;
  private readonly path: string;
  private readonly shared: Shared;
  private readonly extras: Extras;
  private readonly variable: string;
  private readonly checked: CheckedModel;
  private readonly method: Method;
  private readonly looks: Looks;
  private readonly names = new Variables();
  /** Names of the model in Brian2. */
  private readonly renamed = new Map<string, string>();
  private readonly equations: string[] = [];
  private readonly frozen: string[] = [];
  private readonly namespace: [name: string, value: string][] = [];
  private readonly settings: string[] = [];
  private readonly runners: string[] = [];
  private readonly landings: Record<string, Landing> = {};
  private readonly recorded: Record<string, { variable: string; unit: string }> = {};
  private readonly before: string[] = [];
  /** Text of a frozen expression and its name. */
  private readonly known = new Map<string, string>();
  /** Numbers of parameters; undefined where they are drawn. */
  private readonly numbers: readonly (number | Float64Array | undefined)[];
  private started = false;
  private held = false;

  constructor(spec: PopulationSpec, path: string, variable: string, shared: Shared, extras: Extras) {
    this.spec = spec;
    this.path = path;
    this.variable = variable;
    this.shared = shared;
    this.extras = extras;
    this.method = methodOf(spec);
    this.looks = LOOKS[this.method];
    const sharp = spec.model.clipped === true && this.sharpness();
    this.checked = checkedOf(spec.model, sharp);
    this.numbers = this.checked.params.map(({ name }) => {
      const value = merged(spec.params[name] ?? 0);
      return isDistribution(value) ? undefined : value;
    });
    for (const { name } of [...this.checked.states, ...this.checked.params, ...this.checked.intermediates]) {
      this.renamed.set(name, this.names.of(name));
    }
    for (const name of ["I", "I_background", ...extras.currents, ...extras.counters]) this.names.of(name);
  }

  /** Whether the exponential of eif and adex is gone. */
  private sharpness(): boolean {
    const value = merged(this.spec.params.Delta_T ?? 1);
    if (value === 0) return true;
    if (value instanceof Float64Array && value.includes(0)) {
      throw new ExchangeError(`${this.path}.params.Delta_T: neurons with Delta_T 0 beside others; in Brian2 they need a population of their own.`, [], {
        path: `${this.path}.params.Delta_T`,
      });
    }
    return false;
  }

  private get v(): string {
    return this.nameOf("v");
  }

  private get vUnit(): string {
    return this.checked.states[0]?.unit ?? "1";
  }

  private nameOf(name: string): string {
    return this.renamed.get(name) ?? name;
  }

  private unitOf(name: string): string {
    const { states, params } = this.checked;
    return states.find((s) => s.name === name)?.unit ?? params.find((p) => p.name === name)?.unit ?? "1";
  }

  private get currentUnit(): string {
    return this.spec.model.current === "" ? "1" : this.spec.model.current;
  }

  build(): Group {
    const { spec, shared, path, checked } = this;
    this.parameters();
    const refractory = this.refractory();
    const writing: Writing = { name: (name) => this.writtenName(name) };
    const writer = new Writer(checked.scope, writing);
    this.modelEquations();
    this.receptors();
    this.background();
    this.input();
    for (const name of this.extras.counters) this.equations.push(`${name} : 1`);
    const reset = this.reset(writer);
    const threshold = checked.threshold && this.condition(checked.threshold, writer);
    const { method, lines: methodLines } = this.methodText();
    const events = checked.events.map((event) => ({
      name: event.name,
      condition: this.condition(event.condition, writer),
      reset: event.reset.map((one) => this.statement(one, writer)),
    }));
    this.start();
    if (checked.crossing && threshold !== undefined) {
      this.settings.push(`${this.variable}.not_refractory = ${text(`not (${threshold})`)}  # who starts above it has not crossed it`);
    }
    const all = [...this.equations, ...this.frozen];
    const options = [
      ...(threshold === undefined ? [] : [`threshold=${text(threshold)}`]),
      ...(reset === undefined ? [] : [`reset=${text(reset)}`]),
      ...(refractory === undefined ? [] : [`refractory=${refractory}`]),
      ...(events.length === 0 ? [] : [`events={${events.map(({ name, condition }) => `${text(name)}: ${text(condition)}`).join(", ")}}`]),
      ...(checked.states.some(({ derivative }) => derivative) ? [`method=${method}`] : []),
      "namespace=" + (this.namespace.length === 0 ? "{}" : `${this.variable}_params`),
    ];
    const dictionary =
      this.namespace.length === 0 ? [] : [`${this.variable}_params = dict(`, ...this.namespace.map(([name, value]) => `    ${name}=${value},`), ")"];
    const lines = [
      ...this.before,
      ...methodLines,
      ...dictionary,
      `${this.variable} = NeuronGroup(`,
      `    ${spec.size},`,
      '    """',
      ...all.map((line) => `    ${line}`),
      '    """,',
      `    ${options.join(",\n    ")},`,
      ")",
      ...this.settings,
      ...this.runners,
      ...events.flatMap(({ name, reset: code }) => (code.length === 0 ? [] : [`${this.variable}.run_on_event(${text(name)}, ${text(code.join("\n"))})`])),
    ];
    shared.report.exact(`${path}.model`, `NeuronGroup with the equations of ${spec.model.id}`);
    return { variable: this.variable, spec, lines, landings: this.landings, recorded: this.recorded, spikes: threshold !== undefined, taken: this.names.taken };
  }

  private writtenName(name: string): string | undefined {
    const { scope } = this.checked;
    const kind = scope.lookup(name)?.kind;
    if (kind === "noise") return this.noise(name);
    return this.renamed.get(name);
  }

  private noise(name: string): string {
    return name;
  }

  // Parameters

  private parameters(): void {
    for (const { name, unit } of this.checked.params) {
      if (name === "t_ref" || this.unused(name)) continue;
      this.setParameter(this.nameOf(name), merged(this.spec.params[name] ?? 0), unit, `${this.path}.params.${name}`);
    }
  }

  /** Parameters that nothing in the checked equations uses, such as Delta_T of a sharp adex. */
  private unused(name: string): boolean {
    const { states, intermediates, threshold, reset, refractory, events } = this.checked;
    const texts: (Expression | undefined)[] = [
      ...states.map(({ derivative }) => derivative),
      ...states.map(({ init }) => (init?.kind === "expression" ? init.value : undefined)),
      ...intermediates.map(({ value }) => value),
      threshold,
      ...[reset, ...events.map((event) => event.reset)].flat().map(({ value }) => value),
      ...events.map(({ condition }) => condition),
      refractory.kind !== "none" && typeof refractory.value !== "number" ? refractory.value : undefined,
    ];
    return !texts.some((one) => one !== undefined && [...namesIn(one)].some((node) => node.name === name));
  }

  /** A number for all is a constant of the namespace, else a variable. */
  private setParameter(name: string, value: Value, unit: string, path: string): void {
    if (typeof value === "number") {
      this.namespace.push([name, quantity(value, unit)]);
      return;
    }
    this.equations.push(`${name} : ${baseUnitText(unit)} (constant)`);
    this.settings.push(`${this.variable}.${name} = ${this.valueText(value, name, unit)}`);
    if (isDistribution(value)) this.shared.report.approximate(path, "drawn by numpy from the same distribution: other numbers");
  }

  /** What a variable of the group is set to. */
  private valueText(value: Value, name: string, unit: string): string {
    const { shared, spec, variable } = this;
    if (typeof value === "number") return quantity(value, unit);
    if (isDistribution(value)) return inUnit(drawnText(value, String(spec.size), shared.helpers), unit);
    return inUnit(shared.arrays.of(`${variable}_${name}`, value, "np.array").text, unit);
  }

  /** A factor in an expression: a number in its unit, or a variable. */
  private amplitude(wanted: string, value: Value, unit: string, path: string): string {
    const one = merged(value);
    if (typeof one === "number") return factor(quantity(one, unit));
    const name = this.names.of(wanted);
    this.setParameter(name, one, unit, path);
    return name;
  }

  // Refractoriness

  private refractory(): string | undefined {
    const { checked, spec, path } = this;
    const { refractory, threshold } = checked;
    if (threshold === undefined) return undefined;
    if (refractory.kind === "none") return checked.crossing ? text(this.condition(threshold, this.plain())) : undefined;
    if (refractory.kind === "condition") return text(this.condition(refractory.value, this.plain()));
    const { value } = refractory;
    const { dt } = this.shared;
    if (typeof value === "object" && value.kind === "name" && value.name === "t_ref" && spec.model.definition === undefined) {
      const given = merged(spec.params.t_ref ?? 0);
      if (typeof given === "number") return this.fixedHold(stepsOf(given, dt));
      this.held = true;
      const name = this.names.of("t_ref");
      const rounded = given instanceof Float64Array ? given.map((x) => timeOf(stepsOf(x, dt), dt)) : given;
      this.setParameter(name, rounded, "ms", `${path}.params.t_ref`);
      if (isDistribution(given)) this.settings.push(`${this.variable}.${name} = (np.floor(${this.variable}.${name}/defaultclock.dt + 0.5))*defaultclock.dt`);
      return text(`${name} + dt`);
    }
    if (typeof value === "number") return this.fixedHold(stepsOf(value, dt));
    this.held = true;
    const writer = this.plain();
    const steps = `(floor((${writer.text(value)})/dt + 0.5 + 1e-9) + 1)*dt`;
    const changes = [...namesIn(value)].some(({ name }) => ["state", "intermediate", "time", "input"].includes(checked.scope.lookup(name)?.kind ?? ""));
    if (!changes) return text(steps);
    const name = this.names.of("hold");
    this.equations.push(`${name} : second`);
    this.holdStatement = `${name} = ${steps}`;
    return text(name);
  }

  private holdStatement: string | undefined;

  private fixedHold(steps: number): string | undefined {
    if (steps === 0) return undefined;
    this.held = true;
    const { dt } = this.shared;
    this.namespace.push(["t_ref", `${numeral(timeOf(steps, dt))}*ms`]);
    this.names.of("t_ref");
    // Brian2 holds from step k + 1 to k + n - 1 where n steps are asked for, Spikelet to k + n.
    return text("t_ref + dt");
  }

  private plain(): Writer {
    return new Writer(this.checked.scope, { name: (name) => this.writtenName(name) });
  }

  /** Whether a state keeps its value while the neuron is refractory. */
  private stands(j: number): boolean {
    const { states, refractory, threshold } = this.checked;
    if (threshold === undefined || refractory.kind === "none") return false;
    if (refractory.kind === "time" && !this.held) return false;
    if (states.some(({ flags }) => flags.includes("unless refractory"))) return states[j]?.flags.includes("unless refractory") === true;
    return refractory.kind === "time" && j === 0;
  }

  private condition(node: Expression, writer: Writer): string {
    if ([...namesIn(node)].some(({ name }) => this.checked.scope.lookup(name)?.kind === "input")) {
      this.shared.report.approximate(`${this.path}.model`, "a condition sees I at the end of the step in Brian2, at its start in Spikelet");
    }
    return writer.text(node);
  }

  private statement(one: CheckedModel["reset"][number], writer: Writer): string {
    const dimension = this.checked.scope.lookup(one.name)?.dimension;
    const value = writer.text(one.value, one.operator === undefined || one.operator === "+" || one.operator === "-" ? dimension : undefined);
    return `${this.nameOf(one.name)} ${one.operator ?? ""}= ${value}`;
  }

  private reset(writer: Writer): string | undefined {
    const { checked, extras } = this;
    const lines = [
      ...checked.reset.map((one) => this.statement(one, writer)),
      ...(this.holdStatement === undefined ? [] : [this.holdStatement]),
      ...extras.counters.map((name) => `${name} += 1`),
    ];
    return lines.length === 0 ? undefined : lines.join("\n");
  }

  // Equations of the model

  private modelEquations(): void {
    const { checked, method } = this;
    const relaxing = method === "exponentialEuler";
    const notes = relaxing ? methodNotes(this.spec.model, method) : [];
    const still = relaxing ? this.stillIntermediates() : new Set<string>();
    for (const [j, state] of checked.states.entries()) {
      const name = this.nameOf(state.name);
      const unit = baseUnitText(state.unit);
      this.recorded[state.name] = { variable: name, unit: state.unit };
      if (state.derivative === undefined) {
        this.equations.push(`${name} : ${unit}`);
        continue;
      }
      const slope = over(checked.scope.lookup(state.name)?.dimension ?? parseUnit("1")!.dimension, parseUnit("ms")!.dimension);
      const byEuler = notes.some((note) => note.startsWith(`${state.name}: `) && note.includes("by euler"));
      const noisy = this.hasNoise(state.derivative);
      const own = new Writer(checked.scope, {
        name: (one) => (checked.scope.lookup(one)?.kind === "noise" ? this.noiseName(one, state.name, state.derivative as Expression) : this.renamed.get(one)),
        node: (node) => this.frozenNode(node, relaxing && !byEuler ? state.name : undefined, still),
      });
      let rhs = own.text(state.derivative, slope);
      if (byEuler) rhs = this.freeze(`slope_${name}`, rhs, slope);
      if (noisy && method === "exponentialEuler") {
        this.shared.report.approximate(`${this.path}.method`, `the noise of ${state.name} is integrated with its relaxation; Spikelet adds it whole at the end of the step`);
      }
      this.equations.push(`d${name}/dt = ${rhs} : ${unit}${this.stands(j) ? " (unless refractory)" : ""}`);
    }
    for (const one of checked.intermediates) {
      const name = this.nameOf(one.name);
      const own = new Writer(checked.scope, { name: (n) => this.writtenName(n), node: (node) => this.frozenNode(node, undefined, still) });
      const dimension = checked.scope.lookup(one.name)?.dimension;
      const unit = one.condition ? "boolean" : baseUnitText(one.unit);
      this.equations.push(`${name} = ${own.text(one.value, dimension)} : ${unit}${still.has(one.name) ? " (constant over dt)" : ""}`);
    }
  }

  private hasNoise(node: Expression): boolean {
    return [...namesIn(node)].some(({ name }) => this.checked.scope.lookup(name)?.kind === "noise");
  }

  /** xi where Brian2's method can have it; else a number that is held for the step, which is what the methods here have. */
  private noiseName(name: string, state: string, derivative: Expression): string {
    const { method, shared, path } = this;
    shared.report.approximate(`${path}.model`, "noise with random numbers of its own");
    const own = name === "xi" ? `xi_${this.nameOf(state)}` : name;
    const depends = [...namesIn(derivative)].some((one) => one.name === state);
    const others = this.checked.states.some((s) => s.name !== state && [...namesIn(derivative)].some((one) => one.name === s.name));
    if (method === "euler" && !others && (!depends || this.isAdditive(derivative))) return own;
    return this.freezeNamed(own.replace(/^xi/, "noise"), "randn()/sqrt(dt)", "hertz**0.5");
  }

  /** Whether noise stands in terms with parameters and numbers only. */
  private isAdditive(node: Expression): boolean {
    if (node.kind === "binary" && (node.operator === "+" || node.operator === "-")) return this.isAdditive(node.left) && this.isAdditive(node.right);
    if (!this.hasNoise(node)) return true;
    return [...namesIn(node)].every(({ name }) => ["noise", "parameter", "constant"].includes(this.checked.scope.lookup(name)?.kind ?? ""));
  }

  /** Intermediate equations whose functions of a state stand still in a step of exponentialEuler, so that nothing else is left of it. */
  private stillIntermediates(): Set<string> {
    const { checked } = this;
    const found = new Set<string>();
    for (const { name, value, condition } of checked.intermediates) {
      if (condition) continue;
      const users = checked.states.filter(({ name: state, derivative }) => derivative && this.dependsOn(value, state) && this.uses(derivative, name));
      if (users.length > 0 && users.every(({ name: state }) => this.onlyInCalls(value, state, found))) found.add(name);
    }
    return found;
  }

  private uses(node: Expression, intermediate: string): boolean {
    return [...namesIn(node)].some(({ name }) => {
      if (name === intermediate) return true;
      const value = this.checked.intermediates.find((one) => one.name === name)?.value;
      return value !== undefined && this.uses(value, intermediate);
    });
  }

  private dependsOn(node: Expression, state: string): boolean {
    return this.uses(node, state);
  }

  /** Whether an expression depends on a state, and through functions alone. */
  private onlyInCalls(node: Expression, state: string, still: ReadonlySet<string>): boolean {
    if (!this.dependsOn(node, state)) return true;
    if (node.kind === "call") return node.name !== "min" && node.name !== "max";
    if (node.kind === "name") {
      if (still.has(node.name)) return true;
      const value = this.checked.intermediates.find((one) => one.name === node.name)?.value;
      return value !== undefined && this.onlyInCalls(value, state, still);
    }
    return children(node).every((child) => this.onlyInCalls(child, state, still));
  }

  /** Random numbers, and under exponentialEuler functions of the state itself, are the same for the whole step. */
  private frozenNode(node: Expression, state: string | undefined, still: ReadonlySet<string>): string | undefined {
    const { checked } = this;
    if (node.kind === "call" && (node.name === "randn" || node.name === "rand")) {
      this.shared.report.approximate(`${this.path}.model`, `${node.name}() with random numbers of its own`);
      return this.freezeNamed(this.names.of(`${node.name}_${this.frozen.length + 1}`), `${node.name}()`, "1");
    }
    if (state === undefined || !this.dependsOn(node, state)) return undefined;
    if (node.kind === "call" && node.name !== "min" && node.name !== "max") {
      const text = this.plain().text(node);
      const dimension = this.plain().dimension(node);
      return this.freeze(`${node.name}_${this.nameOf(state)}`, text, dimension);
    }
    if (node.kind === "call" && node.args.some((arg) => arg.kind === "name" && arg.name === state)) {
      const others = node.args.filter((arg) => !(arg.kind === "name" && arg.name === state));
      if (others.every((arg) => !this.dependsOn(arg, state))) return this.nameOf(state);
    }
    if (node.kind === "name" && !still.has(node.name)) {
      const value = checked.intermediates.find((one) => one.name === node.name)?.value;
      if (value === undefined) return undefined;
      const inlined = new Writer(checked.scope, { name: (n) => this.writtenName(n), node: (n) => this.frozenNode(n, state, still) }).text(value);
      const asIs = new Writer(checked.scope, { name: (n) => this.writtenName(n) }).text(value);
      return inlined === asIs ? undefined : /^\w+$/.test(inlined) ? inlined : `(${inlined})`;
    }
    return undefined;
  }

  private freeze(wanted: string, value: string, dimension: Dimension | undefined): string {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    const name = this.names.of(wanted);
    this.known.set(value, name);
    return this.freezeNamed(name, value, dimension === undefined ? "1" : dimensionText(dimension));
  }

  /** A quantity that is computed once, at the start of the step. */
  private freezeNamed(name: string, value: string, unit: string): string {
    const line = `${name} = ${value} : ${unit} (constant over dt)`;
    if (!this.frozen.includes(line)) this.frozen.push(line);
    return name;
  }

  // Receptors

  /** Terms of I. */
  private readonly terms: string[] = [];
  /** Of linear models: what receptors add in the exact step, to the first and the second state. */
  private readonly exactTerms: [v: string, w: string][] = [];

  private receptors(): void {
    const { spec, path, shared } = this;
    const decays: string[] = [];
    for (const [name, receptor] of Object.entries(spec.receptors)) {
      if (receptor.kernel === "delta") {
        const state = receptor.state ?? "v";
        this.landings[name] = { variable: this.nameOf(state), unit: this.unitOf(state) };
        shared.report.exact(`${path}.receptors.${name}`, `jumps of ${this.nameOf(state)}`);
        continue;
      }
      this.receptor(name, receptor, decays);
      shared.report.exact(`${path}.receptors.${name}`, `equations of ${receptor.kernel}`);
    }
    if (decays.length > 0) this.runners.push(`${this.variable}.run_regularly(`, '    """', ...decays.map((line) => `    ${line}`), '    """,', '    when="groups", order=1,', ")");
  }

  private receptor(name: string, receptor: Exclude<ReceptorSpec, { kernel: "delta" }>, decays: string[]): void {
    const { spec, method, shared } = this;
    const { dt } = shared;
    const conducts = isConductance(receptor);
    const unit = conducts ? (spec.model.conductance === "" ? "1" : spec.model.conductance) : this.currentUnit;
    const base = baseUnitText(unit);
    const official = receptorVariable(name, receptor) as string;
    const g = this.names.of(official);
    const suffix = g.replace(/^[gi]_/, "");
    this.recorded[official] = { variable: g, unit };
    const constant = (wanted: string, value: string): string => {
      const made = this.names.of(wanted);
      this.namespace.push([made, value]);
      return made;
    };
    let now = g;
    if (receptor.kernel === "step") {
      this.equations.push(`${g} : ${base}`);
      this.landings[name] = { variable: g, unit, ends: Math.max(1, stepsOf(receptor.duration, dt)) };
    } else if (receptor.kernel === "exponential") {
      this.landings[name] = { variable: g, unit };
      const tau = constant(`tau_${suffix}`, `${numeral(receptor.tau)}*ms`);
      if (this.looks === "stages") {
        now = `${g}*exp(-(t - ${this.stepStart()})/${tau})`;
        this.equations.push(`${g} : ${base}`);
        decays.push(`${g} *= exp(-dt/${tau})`);
      } else {
        if (method === "euler") {
          const steep = constant(`tau_${suffix}_euler`, `${numeral(-dt / Math.expm1(-dt / receptor.tau))}*ms`);
          this.equations.push(`d${g}/dt = -${g}/${steep} : ${base}`);
        } else if (method === "exponentialEuler" || (method === "exact" && this.isSingle)) {
          this.equations.push(`d${g}/dt = -${g}/${tau} : ${base}`);
        } else {
          this.equations.push(`${g} : ${base}`);
          decays.push(`${g} *= exp(-dt/${tau})`);
        }
        now = this.shareOf(suffix, g, undefined, receptor.tau, undefined);
      }
    } else {
      const rise = receptor.kernel === "alpha" ? receptor.tau : receptor.tau_rise;
      const decay = receptor.kernel === "alpha" ? receptor.tau : receptor.tau_decay;
      const h = this.names.of(`h_${suffix}`);
      this.landings[name] = { variable: h, unit };
      this.equations.push(`${g} : ${base}`, `${h} : ${base}`);
      const gain = peakGain(rise, decay);
      const tauRise = constant(`tau_rise_${suffix}`, `${numeral(rise)}*ms`);
      const tauDecay = decay === rise ? tauRise : constant(`tau_decay_${suffix}`, `${numeral(decay)}*ms`);
      const hand = constant(`handed_${suffix}`, numeral(gain * handed(rise, decay, dt)));
      decays.push(`${g} = ${g}*exp(-dt/${tauDecay}) + ${h}*${hand}`, `${h} *= exp(-dt/${tauRise})`);
      if (this.looks === "stages") {
        const peak = constant(`gain_${suffix}`, `${numeral(gain)}/ms`);
        const since = `(t - ${this.stepStart()})`;
        const [slow, fast] = rise > decay ? [tauRise, tauDecay] : [tauDecay, tauRise];
        const gap = slow === fast ? "" : `*exprel(${since}*(1/${slow} - 1/${fast}))`;
        now = `(${g}*exp(-${since}/${tauDecay}) + ${h}*${peak}*${since}*exp(-${since}/${slow})${gap})`;
      } else {
        now = this.shareOf(suffix, g, h, decay, rise);
      }
    }
    if (receptor.kernel === "nmda") {
      const slope = this.vUnit === "1" || this.vUnit === "" ? `0.062*${this.v}` : `0.062*${this.v}/mV`;
      const block = this.freezeNamed(this.names.of(`block_${suffix}`), `1/(1 + ${numeral(receptor.Mg / 3.57)}*exp(-${slope}))`, "1");
      now = `${block}*${now}`;
    }
    if (!conducts) {
      this.terms.push(now);
      return;
    }
    const E = constant(`E_${suffix}`, quantity(receptor.E_rev ?? 0, this.vUnit));
    this.terms.push(`${now}*(${E} - ${this.v})`);
  }

  private stepStart(): string {
    if (!this.started) {
      this.started = true;
      this.names.of("t_start");
      this.freezeNamed("t_start", "t", "second");
    }
    return "t_start";
  }

  private get isSingle(): boolean {
    return this.checked.states.length === 1;
  }

  /** What of a decaying state acts in a step, for a method that looks at the start only. */
  private shareOf(suffix: string, g: string, h: string | undefined, tau: number, rise: number | undefined): string {
    const { dt } = this.shared;
    const gain = rise === undefined ? 1 : peakGain(rise, tau);
    if (this.method === "exact") {
      const shares = this.propagated().map((p) => p.share(tau, rise));
      const of = (which: keyof Shares, by: number): string => this.numbersText(`share_${which}_${suffix}`, shares.map((s) => s[which] * by), "1");
      const v = `${of("vx", 1)}*${g}${h === undefined ? "" : ` + ${of("vy", gain)}*${h}`}`;
      if (!this.isSingle) this.exactTerms.push([v, `${of("wx", 1)}*${g}${h === undefined ? "" : ` + ${of("wy", gain)}*${h}`}`]);
      return h === undefined ? v : `(${v})`;
    }
    const share = this.names.of(`share_${suffix}`);
    this.namespace.push([share, numeral((-Math.expm1(-dt / tau) * tau) / dt)]);
    if (h === undefined || rise === undefined) return `${share}*${g}`;
    const second = this.names.of(`share_h_${suffix}`);
    this.namespace.push([second, numeral(gain * meanHanded(rise, tau, dt))]);
    return `(${share}*${g} + ${second}*${h})`;
  }

  /** Numbers of the exact method, one for all or one for each neuron. */
  private numbersText(wanted: string, values: readonly number[], unit: string): string {
    const name = this.names.of(wanted);
    const first = values[0] ?? 0;
    if (values.every((x) => x === first)) this.namespace.push([name, quantity(first, unit)]);
    else this.setParameter(name, Float64Array.from(values), unit, this.path);
    return name;
  }

  private propagatorsFound: readonly Propagator[] | undefined;

  /** One for each neuron, or one for all. */
  private propagated(): readonly Propagator[] {
    if (this.propagatorsFound) return this.propagatorsFound;
    const { checked, spec, shared, numbers, path } = this;
    if (numbers.includes(undefined)) {
      throw new ExchangeError(
        `${path}.params: under the method exact numbers of the script depend on parameters that are drawn; export with --explicit (Simulation.explicit), which has their values.`,
        [],
        { path: `${path}.params` },
      );
    }
    const still = [...checked.states.keys()].filter((j) => this.stands(j));
    const of = propagators(checked, still, shared.dt);
    const same = numbers.every((x) => typeof x === "number");
    const at = (i: number): number[] => numbers.map((x) => (typeof x === "number" ? x : ((x as Float64Array)[i] as number)));
    this.propagatorsFound = Array.from({ length: same ? 1 : spec.size }, (_, i) => of(at(i)));
    return this.propagatorsFound;
  }

  // Background

  private background(): void {
    const { spec, path, looks } = this;
    const terms: string[] = [];
    let varies = false;
    for (const [k, entry] of spec.background.entries()) {
      const where = `${path}.background[${k}]`;
      if (entry.kind === "poisson") {
        this.bombardment(entry, k, where);
        continue;
      }
      const term = this.backgroundTerm(entry, k, where);
      const scoped = this.scoped(entry, k, term.text, looks === "stages");
      const changes = term.varies || scoped !== term.text;
      varies ||= changes;
      const many = spec.background.filter(({ kind }) => kind !== "poisson").length > 1;
      if (!changes || !many || /^\w+$/.test(scoped)) {
        terms.push(scoped);
        continue;
      }
      const name = this.names.of(`I_${entry.kind}_${k}`);
      const unit = baseUnitText(this.currentUnit);
      this.equations.push(`${name} = ${scoped} : ${unit}${looks === "stages" ? "" : " (constant over dt)"}`);
      terms.push(name);
    }
    if (terms.length === 0) {
      this.recorded.I_background = { variable: "", unit: this.currentUnit };
      return;
    }
    const frozen = varies && looks !== "stages";
    this.recorded.I_background = { variable: "I_background", unit: this.currentUnit };
    const line = `I_background = ${terms.join(" + ")} : ${baseUnitText(this.currentUnit)}`;
    this.equations.push(frozen ? `${line} (constant over dt)` : line);
    this.terms.unshift("I_background");
    if (!this.checked.usesInput) this.shared.report.exact(path, "the equations leave I out, so background currents do nothing");
  }

  /** The time at which a smooth function of it is looked at. */
  private get time(): string {
    return this.looks === "middle" ? "(t + 0.5*dt)" : "t";
  }

  private onGrid(ms: number): string {
    const { dt } = this.shared;
    return `${numeral(timeOf(stepsOf(ms, dt), dt))}*ms`;
  }

  /** 1 between two times, edges at the nearest steps. */
  private window(start: number | undefined, stop: number | undefined): string {
    const conditions = [
      ...(start === undefined ? [] : [`t + 0.5*dt >= ${this.onGrid(start)}`]),
      ...(stop === undefined ? [] : [`t + 0.5*dt < ${this.onGrid(stop)}`]),
    ];
    return `int(${conditions.join(" and ")})`;
  }

  /** The term where and when the entry acts. */
  private scoped({ scope }: BackgroundSpec, k: number, term: string, staged: boolean): string {
    const { spec } = this;
    let out = term;
    const wrap = (): string => (/ [+-] /.test(out) ? `(${out})` : out);
    if (scope?.start !== undefined || scope?.stop !== undefined) {
      const window = this.window(scope.start, scope.stop);
      out = `${wrap()}*${staged ? this.freezeNamed(this.names.of(`acts_${k}`), window, "1") : window}`;
    }
    if (scope?.neurons) {
      const acts = new Float64Array(spec.size);
      for (const i of scope.neurons) acts[i] = 1;
      const name = this.names.of(`has_${k}`);
      this.equations.push(`${name} : 1 (constant)`);
      this.settings.push(`${this.variable}.${name} = ${this.valueText(acts, name, "1")}`);
      out = `${wrap()}*${name}`;
    }
    return out;
  }

  private backgroundTerm(entry: Exclude<BackgroundSpec, { kind: "poisson" }>, k: number, where: string): { text: string; varies: boolean } {
    const { shared } = this;
    const unit = this.currentUnit;
    const { dt } = shared;
    const amount = (key: string, value: Value): string => this.amplitude(`I_${key}_${k}`, value, unit, `${where}.${key}`);
    const staged = this.looks === "stages";
    const exact = (what: string): void => shared.report.exact(where, what);
    switch (entry.kind) {
      case "constant":
        exact("a constant");
        return { text: amount("amplitude", entry.amplitude), varies: false };
      case "rheobase":
        throw new ExchangeError(`${where}: rheobase is found by simulation; export with --explicit (Simulation.explicit), which has each neuron's current.`, [], { path: where });
      case "piecewise":
        exact("an expression of t");
        return { text: this.piecewise(entry.points, unit, `${this.variable}_piecewise_${k}`, staged), varies: true };
      case "samples": {
        exact("a TimedArray");
        const rows = Array.from(entry.values, (value, n) => [n * entry.dt, value, 0] as const);
        return { text: this.table(rows, unit, `${this.variable}_samples_${k}`, staged), varies: true };
      }
      case "pulses": {
        exact("an expression of t");
        const { start, width, period, count } = entry;
        const since = `(t + 0.5*dt - ${numeral(start)}*ms)`;
        const limit = Number.isFinite(count) && period > 0 ? ` and ${since} < ${numeral(count)}*${numeral(period)}*ms` : "";
        const phase = period > 0 ? `${since} - floor(${since}/(${numeral(period)}*ms))*${numeral(period)}*ms` : since;
        const on = `int(${since} >= 0*ms${limit} and ${phase} < ${numeral(width)}*ms)`;
        const acts = staged ? this.freezeNamed(this.names.of(`on_${k}`), on, "1") : on;
        return { text: `${amount("amplitude", entry.amplitude)}*${acts}`, varies: true };
      }
      case "ramp": {
        exact("an expression of t");
        const { start, end } = entry;
        const from = amount("from", entry.from);
        const to = amount("to", entry.to);
        const rising = entry.from === 0 ? [to] : [from, `(${to} - ${from})`];
        return { text: `${rising.join(" + ")}*clip((${this.time} - ${numeral(start)}*ms)/(${numeral(end - start)}*ms), 0, 1)`, varies: true };
      }
      case "sine": {
        exact("an expression of t");
        const offset = merged(entry.offset) === 0 ? "" : `${amount("offset", entry.offset)} + `;
        const phase = entry.phase === 0 ? "" : ` + ${numeral(entry.phase)}`;
        return { text: `${offset}${amount("amplitude", entry.amplitude)}*sin(2*pi*${numeral(entry.frequency)}*Hz*${this.time}${phase})`, varies: true };
      }
      case "expression": {
        const current = checkCurrent(this.spec.model, entry.I, `${where}.I`);
        let random = false;
        const writer = new Writer(current.scope, {
          name: (name) => (name === "t" ? this.time : undefined),
          node: (node) => {
            if (node.kind !== "call" || (node.name !== "rand" && node.name !== "randn")) return undefined;
            random = true;
            return staged ? this.freezeNamed(this.names.of(`${node.name}_${k}`), `${node.name}()`, "1") : undefined;
          },
        });
        const written = writer.text(current.value, parseUnit(unit)?.dimension);
        if (random) shared.report.approximate(where, "random numbers of its own");
        else exact("an expression");
        const isCondition = current.value.kind === "binary" && isComparison(current.value.operator);
        return { text: isCondition ? `int(${written})` : / [+-] /.test(written) ? `(${written})` : written, varies: true };
      }
      case "whiteNoise": {
        shared.report.approximate(where, "random numbers of its own, of the same distribution");
        const root = unit === "1" ? "ms**0.5" : `${unitText(unit)}*ms**0.5`;
        const mean = merged(entry.mean) === 0 ? "" : `${amount("mean", entry.mean)} + `;
        const sigma = this.noiseAmplitude(entry.sigma, k, where, root);
        const noise = `${sigma}*randn()/sqrt(${this.noiseTime()})`;
        return { text: `${mean}${staged ? this.freezeNamed(this.names.of(`noise_${k}`), noise, baseUnitText(unit)) : noise}`, varies: true };
      }
      case "ornsteinUhlenbeck": {
        shared.report.approximate(where, "random numbers of its own, of the same process");
        const x = this.names.of(`I_noise_${k}`);
        const mean = amount("mean", entry.mean);
        const sigma = amount("sigma", entry.sigma);
        this.equations.push(`${x} : ${baseUnitText(unit)}`);
        const kept = Math.exp(-dt / entry.tau);
        this.settings.push(`${this.variable}.${x} = ${text(`${mean} + ${sigma}*randn()`)}  # from its stationary distribution`);
        this.runners.push(
          `${this.variable}.run_regularly(  # exact update`,
          `    ${text(`${x} = ${mean} + (${x} - ${mean})*${numeral(kept)} + ${sigma}*${numeral(Math.sqrt(-Math.expm1((-2 * dt) / entry.tau)))}*randn()`)},`,
          '    when="end",',
          ")",
        );
        return { text: x, varies: true };
      }
    }
  }

  private noiseAmplitude(sigma: Value, k: number, where: string, unit: string): string {
    const one = merged(sigma);
    if (typeof one === "number") return `${numeral(one)}*${unit}`;
    const name = this.names.of(`sigma_${k}`);
    const { spec, shared } = this;
    const base = this.currentUnit === "1" ? "second**0.5" : `${baseUnitText(this.currentUnit)}*second**0.5`;
    this.equations.push(`${name} : ${base} (constant)`);
    const data = isDistribution(one) ? drawnText(one, String(spec.size), shared.helpers) : shared.arrays.of(`${this.variable}_${name}`, one, "np.array").text;
    this.settings.push(`${this.variable}.${name} = ${data}*${unit}`);
    if (isDistribution(one)) shared.report.approximate(`${where}.sigma`, "drawn by numpy from the same distribution: other numbers");
    return name;
  }

  /** What a random current that is held for a step is divided by the root of, so that its effect does not depend on dt. */
  private noiseTime(): string {
    if (this.method !== "exact") return "dt";
    const { dt } = this.shared;
    const times = this.propagated().map(({ tau }) => (tau > 0 && Number.isFinite(tau) ? 2 * tau * Math.tanh(dt / (2 * tau)) : dt));
    return this.numbersText("noise_time", times, "ms");
  }

  /** A quantity that changes at given times. Few pieces stand in the expression, many in a TimedArray. */
  private piecewise(points: readonly (readonly [number, number, number])[], unit: string, name: string, staged: boolean): string {
    if (points.length > 8) return this.table(points, unit, name, staged);
    const pieces = points.map(([t, value, slope], i) => {
      const next = points[i + 1];
      const window = this.window(t, next?.[0]);
      const acts = staged ? this.freezeNamed(this.names.of(`piece_${i + 1}`), window, "1") : window;
      if (slope === 0) return value === 0 ? "" : `${factor(quantity(value, unit))}*${acts}`;
      const rise = inUnit(numeral(slope), unit);
      return `(${quantity(value, unit)} + ${factor(`${rise}/ms`)}*(${this.time} - ${numeral(t)}*ms))*${acts}`;
    });
    const acting = pieces.filter((piece) => piece !== "");
    return acting.length === 0 ? `0*${unitText(unit)}` : acting.length === 1 ? (acting[0] as string) : `(${acting.join(" + ")})`;
  }

  /** The same by TimedArrays, sampled where the pieces begin. */
  private table(points: readonly (readonly [number, number, number])[], unit: string, name: string, staged: boolean): string {
    const { shared } = this;
    const { dt } = shared;
    const steps = points.map(([t]) => stepsOf(t, dt));
    const last = steps.at(-1) ?? 0;
    const every = steps.reduce((a, b) => gcd(a, b), last) || 1;
    const count = last / every + 1;
    if (count > 1e7) throw new ExchangeError(`${this.path}: a table of ${count} steps is too long for a TimedArray.`, [], { path: this.path });
    const column = (pick: (row: readonly [number, number, number]) => number): Float64Array => {
      const out = new Float64Array(count);
      let row = -1;
      for (let n = 0; n < count; n++) {
        while (row + 1 < steps.length && (steps[row + 1] as number) <= n * every) row++;
        out[n] = row < 0 ? 0 : pick(points[row] as readonly [number, number, number]);
      }
      return out;
    };
    const width = `${numeral(timeOf(every, dt))}*ms`;
    const timed = (what: string, data: Float64Array, text: string): string => {
      const made = `${name}${what}`;
      this.before.push(`${made} = TimedArray(${inUnit(shared.arrays.of(made, data, "np.array").text, text)}, dt=${width})`);
      this.namespace.push([made, made]);
      return `${made}(t)`;
    };
    const value = timed("", column(([, x]) => x), unit);
    const hold = (text: string, what: string, base: string): string => (staged ? this.freezeNamed(this.names.of(`${name}_${what}`), text, base) : text);
    const now = hold(value, "now", baseUnitText(unit));
    if (points.every(([, , slope]) => slope === 0)) return now;
    const perMs = unit === "1" ? "1/ms" : `${unit}/ms`;
    const slope = hold(timed("_slope", column(([, , s]) => s), perMs), "slope_now", baseUnitText(perMs));
    const from = hold(timed("_from", column(([t]) => t), "ms"), "from_now", "second");
    return `(${now} + ${slope}*(${this.time} - ${from}))`;
  }

  private bombardment(entry: Extract<BackgroundSpec, { kind: "poisson" }>, k: number, where: string): void {
    const { shared } = this;
    const landing = this.landings[entry.receptor] as Landing;
    if (landing.ends !== undefined) {
      throw new ExchangeError(`${where}: Poisson input onto the receptor ${entry.receptor} of kernel step has no counterpart in Brian2; a population poisson has.`, [], { path: where });
    }
    const rate = Array.isArray(entry.rate)
      ? this.piecewiseRate(entry.rate as readonly (readonly [number, number, number])[], `${this.variable}_rate_${k}`)
      : this.amplitude(`rate_${k}`, entry.rate as Value, "Hz", `${where}.rate`);
    const weight = this.amplitude(`weight_${k}`, entry.weight, landing.unit, `${where}.weight`);
    const scoped = this.scoped({ ...entry, kind: "constant", amplitude: 0 } as BackgroundSpec, k, `${weight}*poisson(${rate}*dt)`, false);
    this.runners.push(`${this.variable}.run_regularly(${text(`${landing.variable} += ${scoped}`)}, when="synapses")`);
    shared.report.approximate(where, "random numbers of its own: counts of the same distribution");
  }

  private piecewiseRate(points: readonly (readonly [number, number, number])[], name: string): string {
    if (points.length > 8) return this.table(points, "Hz", name, false).replaceAll("(t - ", "(t + 0.5*dt - ");
    return this.piecewise(points, "Hz", name, false).replaceAll("(t - ", "(t + 0.5*dt - ");
  }

  // Input

  private input(): void {
    const { checked, extras, method } = this;
    const unit = baseUnitText(this.currentUnit);
    for (const name of extras.currents) this.equations.push(`${name} : ${unit}`);
    if (!checked.usesInput) return;
    const frozen = method === "halfStep" && this.terms.some((term) => term !== "I_background");
    const all = [...this.terms, ...extras.currents];
    if (frozen) {
      const synaptic = this.freezeNamed(this.names.of("I_start"), this.terms.join(" + "), unit);
      this.equations.push(`I = ${[synaptic, ...extras.currents].join(" + ")} : ${unit}`);
      return;
    }
    const zero = this.currentUnit === "1" ? "0" : `0*${unitText(this.currentUnit)}`;
    this.equations.push(`I = ${all.length === 0 ? zero : all.join(" + ")} : ${unit}`);
  }

  // Method

  private methodText(): { method: string; lines: string[] } {
    const { method, shared, path, checked } = this;
    const at = `${path}.method`;
    switch (method) {
      case "euler":
      case "rk4":
      case "exponentialEuler":
        shared.report.exact(at, `method "${METHODS[method]}"`);
        return { method: text(METHODS[method]), lines: [] };
      case "heun":
      case "halfStep":
      case "strangSplitting": {
        const name = { heun: "heun", halfStep: "half_step", strangSplitting: "strang_splitting" }[method];
        shared.helpers.add(name);
        if (method === "halfStep" && Object.values(this.spec.receptors).some(({ kernel }) => kernel === "delta")) {
          shared.report.approximate(at, "u does not see the jumps of v of its own step");
        } else {
          shared.report.exact(at, `${name}, a state updater of the script${method === "strangSplitting" ? "; gates are evaluated, not taken from tables (1e-10)" : ""}`);
        }
        return { method: name, lines: [] };
      }
      case "rosenbrock":
        shared.report.approximate(
          at,
          "rk4 with resets at the end of a step: Brian2 has no Rosenbrock step that resets within it; spikes come up to some steps later",
        );
        return { method: text("rk4"), lines: [] };
      case "exact":
        if (checked.states.length === 1) {
          shared.report.exact(at, 'method "exponential_euler", which is the exact solution of one linear equation');
          return { method: text("exponential_euler"), lines: [] };
        }
        shared.report.exact(at, "propagators, a state updater of the script");
        return this.linearMethod();
    }
  }

  /** x gains K x + q I + r, by numbers that are computed here. */
  private linearMethod(): { method: string; lines: string[] } {
    const { checked, extras } = this;
    const all = this.propagated();
    const { states } = checked;
    const n = states.length;
    const held = (all[0]?.held.length ?? 0) > 0;
    const background = [...(this.terms.includes("I_background") ? ["I_background"] : []), ...extras.currents];
    const steps = this.terms.filter((term) => term !== "I_background" && !this.exactTerms.some(([v]) => term === v || term === `(${v})`));
    const inputs = [0, 1].map((i) => [...background, ...steps, ...this.exactTerms.map((pair) => pair[i] as string)].join(" + "));
    const usedInput = inputs.some((input) => input !== "");
    const code: string[] = usedInput && checked.usesInput ? inputs.slice(0, Math.min(2, n)).map((input, i) => `I_${this.nameOf(states[i]?.name ?? "")}_in = ${input}`) : [];
    const row = (i: number, which: "free" | "held"): string => {
      const state = states[i] as CheckedModel["states"][number];
      const unitFor = (j: number): string => ratio(state.unit, j < n ? ((states[j] as CheckedModel["states"][number]).unit) : j === n ? this.currentUnit : "1");
      const terms: string[] = [];
      for (let j = 0; j < n + 2; j++) {
        const values = all.map((p) => (p[which][i] as readonly number[])[j] as number);
        if (values.every((x) => x === 0)) continue;
        const to = j < n ? this.nameOf(states[j]?.name ?? "") : j === n ? "I" : "1";
        const k = this.numbersText(`${which === "held" ? "H" : "K"}_${this.nameOf(state.name)}_${to}`, values, unitFor(j));
        if (j < n) terms.push(`${k}*${to}`);
        else if (j > n) terms.push(k);
        else if (code.length > 0) terms.push(`${k}*I_${this.nameOf(states[Math.min(i, 1)]?.name ?? "")}_in`);
      }
      return terms.length === 0 ? `0*${dimensionText((parseUnit(state.unit) ?? parseUnit("mV")!).dimension)}` : terms.join(" + ");
    };
    const moving = states.flatMap((state, i) => (state.derivative === undefined ? [] : [i]));
    for (const i of moving) {
      const name = this.nameOf((states[i] as CheckedModel["states"][number]).name);
      const free = row(i, "free");
      const gain = held && !this.stands(i) ? `int(not_refractory)*(${free}) + int(not not_refractory)*(${row(i, "held")})` : free;
      code.push(`${name}_gain = ${gain}`);
    }
    for (const i of moving) {
      const name = this.nameOf((states[i] as CheckedModel["states"][number]).name);
      code.push(`${name} += ${name}_gain`);
    }
    const name = `exact_${this.variable}`;
    const lines = [
      "",
      `def ${name}(equations, variables, method_options=None):`,
      `    """The exact solution of the linear equations over a step of ${numeral(this.shared.dt)} ms, by propagators."""`,
      '    return "\\n".join([',
      ...code.map((line) => `        ${text(line)},`),
      "    ])",
      "",
      "",
    ];
    return { method: name, lines };
  }

  // Start

  private start(): void {
    const { spec, checked, path } = this;
    const given = Object.entries(spec.init);
    const set = new Set<string>();
    const computed = this.starts();
    for (const { name, unit } of checked.states) {
      const value = spec.init[name];
      if (value !== undefined) this.setStart(this.nameOf(name), merged(value), unit, `${path}.init.${name}`);
      else if (computed?.[name] !== undefined) this.setStart(this.nameOf(name), merged(computed[name] as Value), unit, path);
      else continue;
      set.add(name);
    }
    // Those that are texts, each behind the states that it needs.
    const open = checked.states.filter(({ name, init }) => !set.has(name) && init !== undefined);
    const writer = this.plain();
    while (open.length > 0) {
      const names = new Set(open.map(({ name }) => name));
      const i = Math.max(0, open.findIndex(({ init }) => init?.kind === "number" || !this.needs((init as { value: Expression }).value, names)));
      const [state] = open.splice(i, 1) as [CheckedModel["states"][number]];
      const { init } = state;
      if (init?.kind === "number") this.setStart(this.nameOf(state.name), init.value, state.unit, path);
      else if (init) {
        const dimension = checked.scope.lookup(state.name)?.dimension;
        this.settings.push(`${this.variable}.${this.nameOf(state.name)} = ${text(writer.text(init.value, dimension))}`);
        const random = [...callsIn(init.value)].some((name) => name === "rand" || name === "randn");
        if (random) this.shared.report.approximate(`${path}.init.${state.name}`, "drawn with random numbers of its own");
      }
    }
    for (const [name, value] of given) {
      const receptor = this.recorded[name];
      if (receptor === undefined || checked.states.some((state) => state.name === name)) continue;
      const one = merged(value);
      if (one === 0) continue;
      const kernel = Object.entries(spec.receptors).find(([key, r]) => receptorVariable(key, r) === name)?.[1].kernel;
      if (kernel === "step") {
        this.shared.report.dropped(`${path}.init.${name}`, "what a step receptor starts with would never end in Brian2: it starts at 0");
        continue;
      }
      this.setStart(receptor.variable, one, receptor.unit, `${path}.init.${name}`);
    }
  }

  private needs(node: Expression, names: ReadonlySet<string>): boolean {
    return [...namesIn(node)].some(({ name }) => {
      if (names.has(name)) return true;
      const value = this.checked.intermediates.find((one) => one.name === name)?.value;
      return value !== undefined && this.needs(value, names);
    });
  }

  private setStart(name: string, value: Value, unit: string, path: string): void {
    if (value === 0) return;
    this.settings.push(`${this.variable}.${name} = ${this.valueText(value, `${name}_start`, unit)}`);
    if (isDistribution(value)) this.shared.report.approximate(path, "drawn by numpy from the same distribution: other numbers");
  }

  /** Where built-in models start that begin at rest or with states in equilibrium. */
  private starts(): Record<string, Value> | undefined {
    const { spec, checked, numbers, path } = this;
    const { model } = spec;
    const names = checked.states.map(({ name }) => name);
    const waits = model.init === "rest" || Object.values(model.init).includes("equilibrium");
    if (model.definition !== undefined || !waits || names.every((name) => spec.init[name] !== undefined)) return undefined;
    if (numbers.includes(undefined)) {
      this.shared.report.approximate(`${path}.init`, "the rest of neurons whose parameters are drawn is not known: they start at that of the default parameters");
    }
    const same = numbers.every((x) => typeof x === "number" || x === undefined);
    const at = (i: number): number[] =>
      numbers.map((x, j) => (x === undefined ? (checked.params[j]?.default ?? 0) : typeof x === "number" ? x : (x[i] as number)));
    const rows = Array.from({ length: same ? 1 : spec.size }, (_, i) =>
      startingStates(model, Object.fromEntries(at(i).map((x, j) => [checked.params[j]?.name ?? "", x]))),
    );
    return Object.fromEntries(names.map((name) => [name, merged(Float64Array.from(rows, (row) => row[name] as number))]));
  }
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** A unit over another. */
function ratio(a: string, b: string): string {
  const [x, y] = [parseUnit(a), parseUnit(b)];
  if (x && y && same(x.dimension, y.dimension) && x.power === y.power) return "1";
  if (b === "1" || b === "") return a;
  return `${a === "" ? "1" : a}/(${b})`;
}

function* callsIn(node: Expression): Generator<string> {
  if (node.kind === "call") yield node.name;
  for (const child of children(node)) yield* callsIn(child);
}
