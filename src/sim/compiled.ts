/** Models that are defined by equations: their kernels for a core, and what the host asks of the equations itself. */
import { BLOCK, OWN_COLUMNS, STAGE } from "../core/abi.js";
import type { Core } from "../core/core.js";
import type { CheckedCurrent } from "../lang/check.js";
import { derivative } from "../lang/differentiate.js";
import { millivolts } from "../lang/dimensions.js";
import { emit } from "../lang/emit.js";
import { currentProgram, integrate, type StepMethod, type StepProgram } from "../lang/integrate.js";
import {
  type Environment,
  evaluate,
  type Expr,
  type FunctionName,
  FUNCTIONS,
  inOrder,
  Ir,
  type IrModel,
  type Mathematics,
  type RandomKind,
} from "../lang/ir.js";
import { lowerCurrent, lowerModel } from "../lang/lower.js";
import { coefficients, plan, type PlanOptions } from "../lang/plan.js";
import { UnavailableError } from "../model/errors.js";
import { builtInEquations, checkCurrent, checkRateText, equationsOf } from "../model/own.js";
import type { ModelRecord } from "../model/record.js";
import { layoutOf } from "./layout.js";
import type { KernelModule, Laid, Variant } from "./variant.js";
import { drawNumbers, type Numbers, numberAt, type Slice, streamOf } from "./values.js";

export const NAMES = Object.keys(FUNCTIONS) as FunctionName[];

/** The core's elementary functions. */
export function mathematicsOf({ exports }: Core): Mathematics {
  return Object.fromEntries(NAMES.map((name) => [name, exports[name]])) as Mathematics;
}

/** The model as expressions; bounds are those of its record. */
export function lowered(record: ModelRecord, ir: Ir): IrModel {
  const checked = equationsOf(record) ?? builtInEquations(record);
  const model = lowerModel(checked, ir);
  return {
    ...model,
    states: model.states.map((state) => ({ ...state, bounds: record.states[state.name]?.bounds ?? NO_BOUNDS })),
  };
}

/**
 * The derivative of each state's slope (rows, in its unit per ms) by each state (columns, in its unit), by the
 * equations
 * themselves.
 *
 * @param at values of what the equations are made of, in the record's units and order
 */
export function linearized(record: ModelRecord, core: Core, at: Environment): number[][] {
  const math = mathematicsOf(core);
  const ir = new Ir(math);
  const { states } = lowered(record, ir);
  const env = { ...at, math };
  return states.map(({ derivative: slope }) =>
    states.map((_, j) => (slope === undefined ? 0 : evaluate(derivative(ir, slope, ir.state(j)), env))),
  );
}

const NO_BOUNDS: readonly [number, number] = [-Number.MAX_VALUE, Number.MAX_VALUE];

/** The same without spikes and noise: what the right-hand sides say, and nothing else. */
function silenced(model: IrModel): IrModel {
  return {
    ...model,
    states: model.states.map((state) => ({ ...state, noise: [] })),
    threshold: undefined,
    reset: [],
    refractory: { kind: "none" },
    events: [],
  };
}

/**
 * The kernel of a model for a variant.
 *
 * @param silent no neuron spikes, and there is no noise: to probe the equations
 */
export function compileKernel(record: ModelRecord, core: Core, variant: Variant, silent: boolean): KernelModule {
  const { method, differing, conducts, zero, inputs, landings = [], tabulates = false } = variant;
  const math = mathematicsOf(core);
  const ir = new Ir(math);
  const whole = lowered(record, ir);
  const names = Object.keys(record.params);
  const model = silent ? silenced(whole) : whole;
  const integrated = (receptors: typeof inputs.receptors): StepProgram => {
    // The receptors' numbers follow the model's parameters.
    const numbers = (receptors ?? []).flatMap((receptor) => receptor.numbers);
    const none = numbers.flatMap((x, j) => (x === 0 ? [names.length + j] : []));
    const zeros = [...zero.map((name) => names.indexOf(name)), ...none];
    return integrate(ir, model, method as StepMethod, { conducts, jumps: true, landings, receptors, zero: zeros });
  };
  const wanted = integrated(inputs.receptors);
  // What conditions and resets see of the input is in columns of the block, where a kernel that takes receptors has
  // none.
  const takes = inputs.receptors !== undefined && !readsReceptors(ir, wanted);
  const program = takes ? wanted : integrated(undefined);
  const current = takes ? inputs.current : "any";
  const uniform = current === "common" ? INPUT_COLUMNS : [];
  const still = current === "still";
  const options = { perNeuron: differing.map((name) => names.indexOf(name)), uniform, lists: true, tables: tabulates };
  const made = assemble(core, program, names, options, `${record.id}, ${method}`, still);
  return { ...made, whole: current !== "any", takes, still, autonomous: isAutonomous(program) };
}

/** Whether what a step does depends on neither time nor random numbers. */
export function isAutonomous({ ir, next, hold, rearm, threshold, reset, events, receptors }: StepProgram): boolean {
  const resets = [reset, ...events.map((e) => e.reset)].flat().map((r) => r.value);
  const received = receptors.map((receptor) => receptor.next);
  const all = [...next, hold, rearm, threshold, ...resets, ...events.map((e) => e.condition), ...received];
  return all.every((e) => e === undefined || !ir.dependsOn(e, "t", "random"));
}

/** The kernel of a program whose parameters are a population's of these names. */
function assemble(
  core: Core,
  program: StepProgram,
  names: readonly string[],
  options: PlanOptions,
  title: string,
  still = false,
): KernelModule {
  const math = mathematicsOf(core);
  const made = plan(program, options);
  if (made.scratch > OWN_COLUMNS) {
    const allowed = `at most ${OWN_COLUMNS}`;
    const message = `${title}: a step needs ${made.scratch} columns of ${BLOCK} numbers; a kernel has ${allowed}. Use fewer functions, or a method with fewer stages.`;
    throw new UnavailableError(message, { path: title, value: made.scratch, allowed });
  }
  const blocks = NAMES.filter((name) => `${name}Block` in core.exports);
  const module = emit(made, layoutOf(core), { simd: core.exports.neuronsPerVector() === 2, blocks, still });
  return {
    module,
    uniforms: made.uniforms.length,
    columns: made.columns.length,
    lists: [...made.listed.keys()],
    tables: [
      ...made.tables.map(({ potential, gates }) => ({
        states: gates.map(({ state }) => state),
        functions: 0,
        unit: unitOfPotential(program, potential),
      })),
      ...made.lookups.map(({ potential, functions }) => ({
        states: [],
        functions: functions.length,
        unit: unitOfPotential(program, potential),
      })),
    ],
    numbers: (population) => numbersOf(population),
  };

  function* numbersOf({
    params,
    dt,
    slice: { first, size },
    whole: all,
    inputs: now,
  }: Laid): ReturnType<KernelModule["numbers"]> {
    // A shard may have no neuron of a small population.
    if (size === 0) return { uniforms: made.uniforms.map(() => 0), columns: made.columns.map(() => 0) };
    const ordered = names.map((name) => params[name] as Numbers);
    const received = (now.receptors ?? []).flatMap(({ numbers }) => numbers);
    return yield* coefficients(made, { params: [...ordered, ...received], dt, size, whole: all, offset: first }, math);
  }
}

/** The stored unit of a potential, in mV. */
function unitOfPotential({ model }: StepProgram, state: number): number {
  return millivolts(model.states[state]?.unit ?? "") as number;
}

const INPUT_COLUMNS = ["I0", "I1", "I2"] as const;

/** Whether something beside the step itself depends on what receptors contribute. */
function readsReceptors(ir: Ir, { threshold, rearm, reset, events }: StepProgram): boolean {
  const resets = [reset, ...events.map((e) => e.reset)].flat().map((r) => r.value);
  const values = [threshold, rearm, ...events.map((e) => e.condition), ...resets];
  const isReceptor = (leaf: Expr): boolean => leaf.op === "column" && /^[ga]/.test(leaf.name);
  return values.some((e) => e !== undefined && [...ir.leaves(e)].some(isReceptor));
}

/** A background current as text: the numbers of one that does not change, or what computes it in each step. */
export type WrittenCurrent =
  | { readonly fixed: Numbers }
  | {
      readonly fixed?: undefined;
      readonly kernel: KernelModule;
      /** It differs between neurons; else the kernel is for one neuron. */
      readonly differs: boolean;
    };

/** Parameter of the kernel of a current: whether it acts on a neuron. */
export const ACTS = "acts";

/**
 * The kernel of a background current. Its states are the current at the start, the middle and the end of a step.
 *
 * @param stages bits of STAGE of the method that it is for
 * @param size number of neurons of the whole population
 * @param some it acts on some neurons only: the parameter `ACTS` is 1 for them, else 0
 */
export function compileWritten(
  record: ModelRecord,
  text: string,
  core: Core,
  stages: number,
  size: number,
  some: boolean,
): WrittenCurrent {
  return compileQuantity(checkCurrent(record, text, "I"), core, stages, size, some);
}

/** The kernel of a source's rate in Hz, of which the middle of the step is looked at. */
export function compileRate(text: string, core: Core, size: number): WrittenCurrent {
  return compileQuantity(checkRateText(text, "rate"), core, STAGE.middle, size, false);
}

function compileQuantity(
  checked: CheckedCurrent,
  core: Core,
  stages: number,
  size: number,
  some: boolean,
): WrittenCurrent {
  const math = mathematicsOf(core);
  const ir = new Ir(math);
  const value = lowerCurrent(checked, ir);
  const differs = ir.dependsOn(value, "index", "random");
  const wanted = [true, (stages & (STAGE.middle | STAGE.startIsMiddle)) !== 0, (stages & STAGE.end) !== 0];
  if (!ir.dependsOn(value, "t", "random")) {
    const still = currentProgram(ir, value, wanted).next[0] as Expr;
    const of = (index: number): number => evaluate(still, { index, size, math });
    return { fixed: differs ? Float64Array.from({ length: size }, (_, n) => of(n)) : of(0) };
  }
  const acting = ir.select(ir.compare("ne", ir.param(0), ir.const(0)), value, ir.const(0));
  const program = currentProgram(ir, some && differs ? acting : value, wanted);
  return { kernel: assemble(core, program, [ACTS], { perNeuron: [0], unguarded: true }, "I"), differs };
}

/** What detects the spikes of a model beside its threshold. */
export interface Detection {
  /** A spike makes the neuron refractory for a time. */
  readonly holds: boolean;
  /** A spike needs a detector that is armed. */
  readonly arms: boolean;
}

/** A neuron in the eyes of an expression. */
interface Neuron {
  readonly states: readonly number[];
  readonly params: readonly number[];
  readonly index: number;
  readonly size: number;
  readonly dt: number;
  readonly t: number;
}

/** The detector of a model with equations. */
export class Detector implements Detection {
  readonly holds: boolean;
  readonly arms: boolean;
  private readonly program: StepProgram;
  private readonly math: Mathematics;

  constructor(record: ModelRecord, core: Core) {
    this.math = mathematicsOf(core);
    const ir = new Ir(this.math);
    // Threshold and detector are the same under every method.
    this.program = integrate(ir, lowered(record, ir), "euler", { conducts: false, jumps: false });
    this.holds = this.program.hold !== undefined;
    this.arms = this.program.rearm !== undefined;
  }

  /** The states that the condition of a spike depends on: a neuron that is put where it holds has not crossed it. */
  get watches(): readonly number[] {
    const { ir, threshold } = this.program;
    return threshold === undefined
      ? []
      : [...ir.leaves(threshold)].filter((leaf) => leaf.op === "state").map(({ value }) => value);
  }

  /** Whether a neuron that stands there is armed again after a spike. */
  isReady(neuron: Neuron): boolean {
    return this.holdsTrue(this.program.rearm, neuron);
  }

  /** Whether the condition of a spike holds there. */
  isAbove(neuron: Neuron): boolean {
    return this.holdsTrue(this.program.threshold, neuron);
  }

  private holdsTrue(condition: Expr | undefined, neuron: Neuron): boolean {
    if (condition === undefined) return false;
    // What is not known between steps: input is taken as absent, random conditions as not fulfilled.
    return (
      evaluate(condition, {
        ...neuron,
        columns: { I0: 0 },
        random: () => Number.NaN,
        armed: true,
        refractory: false,
        math: this.math,
      }) !== 0
    );
  }
}

const detectors = new WeakMap<object, WeakMap<ModelRecord, Detector>>();

/** The detector of a model with equations, made once for a build of the core. */
export function detectorOf(record: ModelRecord, core: Core): Detector {
  const known = detectors.get(core.build) ?? new WeakMap<ModelRecord, Detector>();
  detectors.set(core.build, known);
  const detector = known.get(record) ?? new Detector(record, core);
  known.set(record, detector);
  return detector;
}

/** Neurons of a population that start. */
export interface Starting {
  readonly slice: Slice;
  /** Neurons of the whole population. */
  readonly whole: number;
  /** The population's name, from which its random streams follow. */
  readonly label: string;
}

/** Where the states of a model with equations start: its `init`, drawn and computed for some of its neurons. */
export function startOf(
  core: Core,
  record: ModelRecord,
  params: Readonly<Record<string, Numbers>>,
  { slice, whole, label }: Starting,
): Record<string, Numbers> {
  const math = mathematicsOf(core);
  const ir = new Ir(math);
  const { init, states } = lowered(record, ir);
  const { first, size } = slice;
  const draws = new Map<Expr, Numbers>();
  for (const leaf of inOrder(init)) {
    if (leaf.op !== "random") continue;
    const stream = streamOf(core, label, "init", leaf.name, leaf.value);
    const distribution = leaf.name === "normal" ? ({ normal: [0, 1] } as const) : ({ uniform: [0, 1] } as const);
    draws.set(leaf, drawNumbers(core, distribution, slice, stream));
  }
  const ordered = Object.keys(record.params).map((name) => params[name] as Numbers);
  const drawn = (n: number) => (kind: RandomKind, stream: number) =>
    numberAt(draws.get(ir.random(kind, stream)) as Numbers, n);
  const environment = (n: number): Environment => ({
    params: ordered.map((numbers) => numberAt(numbers, n)),
    index: first + n,
    size: whole,
    random: drawn(n),
    math,
  });
  return Object.fromEntries(
    states.map(({ name }, j) => {
      const e = init[j] as Expr;
      if (size > 0 && sameForAll(ir, e, ordered)) return [name, evaluate(e, environment(0))];
      return [name, Float64Array.from({ length: size }, (_, n) => evaluate(e, environment(n)))];
    }),
  );
}

/** A linear system: d(state)/dt = matrix state + input I + constant, rows in the order of the states. */
export interface LinearSystem {
  readonly matrix: readonly number[];
  readonly input: readonly number[];
}

/** The coefficients of a linear model's neurons. */
export interface LinearSystems {
  /** Those of all neurons are the same. */
  readonly isCommon: boolean;
  of(n: number): LinearSystem;
}

/** The coefficients of a model's equations; undefined where they are not linear. */
export function linearSystems(
  core: Core,
  record: ModelRecord,
  params: Readonly<Record<string, Numbers>>,
  { slice: { first, size }, whole }: Starting,
): LinearSystems | undefined {
  const math = mathematicsOf(core);
  const ir = new Ir(math);
  const { states } = lowered(record, ir);
  const leaves = [...states.keys()].map((j) => ir.state(j));
  const rows: (readonly Expr[])[] = [];
  for (const { derivative } of states) {
    const form = ir.linear(derivative ?? ir.const(0), [...leaves, ir.input]);
    if (form === undefined) return undefined;
    rows.push(form.slopes);
  }
  const ordered = Object.keys(record.params).map((name) => params[name] as Numbers);
  const isCommon = rows.flat().every((e) => sameForAll(ir, e, ordered));
  const of = (n: number): LinearSystem => {
    // A shard may have no neuron of a small population: then the numbers are not used.
    const own = ordered.map((numbers) => (size === 0 && typeof numbers !== "number" ? 1 : numberAt(numbers, n)));
    const env: Environment = { params: own, index: first + n, size: whole, math };
    const known = new Map<Expr, number>();
    const value = (e: Expr): number => evaluate(e, env, known);
    return {
      matrix: rows.flatMap((row) => row.slice(0, -1).map(value)),
      input: rows.map((row) => value(row.at(-1) as Expr)),
    };
  };
  return { isCommon, of };
}

/** Whether nothing tells the neurons from each other in an expression. */
export function sameForAll(ir: Ir, e: Expr, params: readonly Numbers[]): boolean {
  return [...ir.leaves(e)].every(
    (leaf) =>
      leaf.op !== "index" && leaf.op !== "random" && (leaf.op !== "param" || typeof params[leaf.value] === "number"),
  );
}
