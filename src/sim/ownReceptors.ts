/** Receptors with kernels of the user's own: their states in the core, and the module that advances them. */
import { isOwn, type OwnReceptor as OwnSpec, type ReceptorSpec } from "../kinds/receptors.js";
import { BLOCK, OWN_COLUMNS, PACK, RECEPTOR, RECEPTOR_PACK, SCRATCH, STAGE } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { FOLDS } from "../core/methods.js";
import { emitReceive, type ReceiveLayout, scratchOf } from "../lang/emitReceive.js";
import { evaluate, type Environment, Ir } from "../lang/ir.js";
import { type Coefficients, coefficients, type Plan, plan } from "../lang/plan.js";
import { linearKernel, type LinearKernel, type Look, outputProgram, receiveProgram } from "../lang/receive.js";
import { lowerKernel } from "../lang/lower.js";
import { UnavailableError, ValueRangeError } from "../model/errors.js";
import { kernelFor, type ReceptorKernelRecord } from "../model/receptorKernel.js";
import type { ModelRecord } from "../model/record.js";
import { isAutonomous, mathematicsOf, NAMES } from "./compiled.js";
import type { Change } from "./live.js";
import type { Neurons } from "./neurons.js";
import { linearResponse } from "./propagators.js";
import { BuiltReceptor, CoreReceptor, linearSystemsOf } from "./receptors.js";
import type { Numbers } from "./values.js";
import { settle } from "./work.js";

/** A receptor of a population in a core. */
export function builtReceptor(neurons: Neurons, spec: ReceptorSpec, label: string, dt: number): BuiltReceptor {
  return isOwn(spec) ? new OwnReceptor(neurons, spec, label, dt) : new CoreReceptor(neurons, spec, label, dt);
}

/** A compiled kernel, for the neurons of one model under one method. */
interface Compiled {
  readonly module: Uint8Array;
  readonly plan: Plan;
  /** Where the neuron's step is exact: what the kernel's current is made of. */
  readonly linear: LinearKernel | undefined;
  /** That is not the same for all neurons. */
  readonly differs: boolean;
  /** Contributions that each neuron has numbers of its own for, behind the parameters of the kernel. */
  readonly shares: number;
}

const known = new WeakMap<object, WeakMap<ReceptorKernelRecord, Map<string, Compiled>>>();

/** The kernel for a model and a way to look at it, compiled once for a build of the core. */
function compiledFor(core: Core, kernel: ReceptorKernelRecord, model: ModelRecord, look: Look): Compiled {
  const ofBuild = known.get(core.build) ?? new WeakMap<ReceptorKernelRecord, Map<string, Compiled>>();
  known.set(core.build, ofBuild);
  const ofKernel = ofBuild.get(kernel) ?? new Map<string, Compiled>();
  ofBuild.set(kernel, ofKernel);
  const { checked, reads, scales } = kernelFor(kernel, model);
  const key = JSON.stringify([model.current, reads, scales, look]);
  const before = ofKernel.get(key);
  if (before !== undefined) return before;
  const ir = new Ir(mathematicsOf(core));
  const program = receiveProgram(ir, checked, scales, look);
  const own = checked.states.length;
  const shares = (look.exact?.equations ?? 0) * (own + 1);
  const first = checked.params.length;
  const made = plan(program, {
    perNeuron: Array.from({ length: shares }, (_, k) => first + k),
    unguarded: true,
  });
  const scratch = scratchOf(made, own);
  if (scratch > OWN_COLUMNS) {
    const allowed = `at most ${OWN_COLUMNS}`;
    const message = `receptor kernel ${kernel.id}: a step needs ${scratch} columns of ${BLOCK} numbers; a kernel has ${allowed}. Use fewer functions, or a method with fewer stages.`;
    throw new UnavailableError(message, { path: kernel.id, value: scratch, allowed });
  }
  const blocks = NAMES.filter((name) => `${name}Block` in core.exports);
  const simd = core.exports.neuronsPerVector() === 2;
  const module = emitReceive(made, layoutOf(core, "params"), { simd, blocks, own, reads, slot: "receive" });
  const linear = look.exact && linearKernel(ir, checked, scales);
  const parts = linear && [linear.matrix.flat(), linear.offsets, linear.current, linear.constant].flat();
  const differs = parts?.some((e) => ir.dependsOn(e, "index")) === true;
  const compiled = { module, plan: made, linear, differs, shares };
  ofKernel.set(key, compiled);
  return compiled;
}

/** What computes the output of a kernel. */
function compiledOutput(core: Core, kernel: ReceptorKernelRecord, model: ModelRecord): Output {
  const { checked, reads, scales } = kernelFor(kernel, model);
  const made = plan(outputProgram(new Ir(mathematicsOf(core)), checked, scales), { unguarded: true });
  const blocks = NAMES.filter((name) => `${name}Block` in core.exports);
  const options = { simd: core.exports.neuronsPerVector() === 2, blocks, own: checked.states.length, reads };
  return { plan: made, module: emitReceive(made, layoutOf(core, "outputParams"), { ...options, slot: "output" }) };
}

type Output = Pick<Compiled, "module" | "plan">;

function layoutOf({ exports }: Core, params: "params" | "outputParams"): ReceiveLayout {
  const at = (number: number): number => exports.scratchColumn(number) >>> 0;
  const { I0, I1, I2, G0, G1, G2, ZEROS, OWN } = SCRATCH;
  return {
    pack: PACK,
    params: RECEPTOR_PACK[params],
    columns: { I0: at(I0), I1: at(I1), I2: at(I2), G0: at(G0), G1: at(G1), G2: at(G2) },
    zeros: at(ZEROS),
    scratch: at(OWN),
  };
}

/** When the method of neurons looks at receptors. */
function lookOf({ method, model, stages }: Neurons): Look {
  if (method === "exact") {
    const equations = Object.keys(model.states).length === 1 ? 1 : 2;
    return { middle: false, end: false, folds: false, exact: { equations } };
  }
  return {
    middle: (stages & STAGE.middle) !== 0,
    end: (stages & STAGE.end) !== 0,
    folds: FOLDS.includes(method),
  };
}

/** Where the numbers stand that a module reads (lang/emitReceive.ts), and the columns of those that each neuron has. */
interface Place {
  readonly block: number;
  readonly columns: readonly number[];
}

/** A receptor whose kernel is a module. */
export class OwnReceptor extends BuiltReceptor {
  declare spec: OwnSpec & ReceptorSpec;
  readonly states: readonly number[];
  private readonly place: Place;
  /** Where the output is written, and the numbers that it is computed of; made when it is first asked for. */
  private output: (Place & { readonly column: number }) | undefined;

  constructor(neurons: Neurons, spec: OwnSpec, label: string, dt: number) {
    const { core, padded, address } = neurons;
    const { exports } = core;
    const built = exports.addReceptor(address, RECEPTOR.own, spec.kernel.conductance, 0, 0, 0);
    super(neurons, spec as OwnSpec & ReceptorSpec, label, dt, built);
    const { module, plan: made } = compiledFor(core, spec.kernel, neurons.model, lookOf(neurons));
    this.states = Object.keys(spec.kernel.states).map(() => core.allocate(padded * 8, `${label}: states`));
    this.place = this.roomFor(made);
    const list = this.place.block + 8 * made.uniforms.length;
    exports.setReceptorStates(this.address, list, this.states.length, isAutonomous(made.program));
    const { receive } = core.addKernels(module);
    exports.setReceive(this.address, receive as number, this.place.block);
    if (neurons.method !== "exact") this.writeKernel();
  }

  private roomFor(made: Plan): Place {
    const { neurons, states, label } = this;
    const { core, padded } = neurons;
    const columns = made.columns.map(() => core.allocate(padded * 8, label));
    const lists = 8 * made.uniforms.length;
    const block = core.allocate(lists + 4 * (states.length + columns.length), label);
    core.u32.set([...states, ...columns], (block + lists) / 4);
    return { block, columns };
  }

  /** Address of a column that the core fills with the output of the present state, when it is asked to. */
  outputColumn(): number {
    const { neurons, spec, output, label } = this;
    if (output !== undefined) return output.column;
    const { core, padded } = neurons;
    const { plan: made, module } = compiledOutput(core, spec.kernel, neurons.model);
    const place = this.roomFor(made);
    this.output = { ...place, column: core.allocate(padded * 8, `${label}: output`) };
    const indices = core.addKernels(module);
    core.exports.setOutput(this.address, indices.output as number, place.block);
    this.put(place, settle(this.outputNumbers(spec)));
    return this.output.column;
  }

  /** Fills that column. */
  fillOutput(): void {
    const { neurons, address, output } = this;
    if (output !== undefined) neurons.core.exports.fillOutput(neurons.address, address, output.column);
  }

  private get compiled(): Compiled {
    const { neurons, spec } = this;
    return compiledFor(neurons.core, spec.kernel, neurons.model, lookOf(neurons));
  }

  taken(): undefined {
    return undefined;
  }

  byEvents(): never {
    throw new RangeError(`${this.label}: no kernel takes it that is advanced by events`);
  }

  makeRoom(): void {
    // Each number that differs between neurons has its column from the start.
  }

  *updateFactors(): Generator<undefined, void> {
    // Under other methods nothing depends on the parameters of the neurons.
    if (this.neurons.method === "exact") yield* this.write();
  }

  protected writeKernel(): void {
    settle(this.write());
  }

  override prepare(spec: ReceptorSpec): Change {
    const numbers = settle(this.numbers(spec));
    const ofOutput = this.output && settle(this.outputNumbers(spec));
    const accept = (): (() => void) => {
      this.spec = spec as OwnSpec & ReceptorSpec;
      return () => {
        this.put(this.place, numbers);
        if (this.output && ofOutput) this.put(this.output, ofOutput);
      };
    };
    return { accept, cancel: () => undefined };
  }

  private *write(): Generator<undefined, void> {
    this.put(this.place, yield* this.numbers(this.spec));
  }

  /** What the module reads with these parameters. */
  private *numbers(spec: ReceptorSpec): Generator<undefined, Coefficients> {
    const { compiled: { plan: made, shares } } = this;
    const params = paramsOf(spec as OwnSpec);
    const own = shares === 0 || this.neurons.size === 0 ? [] : yield* this.shares(params);
    return yield* this.numbersOf(made, [...params, ...own]);
  }

  private outputNumbers(spec: ReceptorSpec): Generator<undefined, Coefficients> {
    const { core, model } = this.neurons;
    return this.numbersOf(compiledOutput(core, this.spec.kernel, model).plan, paramsOf(spec as OwnSpec));
  }

  private *numbersOf(made: Plan, params: readonly Numbers[]): Generator<undefined, Coefficients> {
    const { neurons, dt, label } = this;
    const { core, size, whole, slice } = neurons;
    if (size === 0) return { uniforms: new Float64Array(0), columns: [] };
    const given = { params, dt, size, whole, offset: slice.first };
    const numbers = yield* coefficients(made, given, mathematicsOf(core));
    const all = [numbers.uniforms, ...numbers.columns];
    if (!all.every((list) => list.every((x) => Number.isFinite(x)))) {
      const message = `${label}: the parameters of the kernel ${this.spec.kernel.id} lead to a number that is none, or is infinite; a time constant may be 0.`;
      throw new ValueRangeError(message, { path: label });
    }
    return numbers;
  }

  private put({ block, columns }: Place, numbers: Coefficients): void {
    const { neurons } = this;
    const { core, size } = neurons;
    core.f64.set(numbers.uniforms, block / 8);
    for (const [j, values] of numbers.columns.entries()) {
      const column = columns[j] as number;
      core.f64.set(values, column / 8);
      // Padding gets the last neuron's.
      core.f64.fill(values[size - 1] as number, column / 8 + size, column / 8 + neurons.padded);
    }
  }

  /** What the states contribute to neurons with an exact step. */
  private *shares(params: readonly number[]): Generator<undefined, Numbers[]> {
    const { neurons, dt, compiled: { linear, shares, differs } } = this;
    const { core, size, slice, whole } = neurons;
    if (linear === undefined) throw new RangeError(`${this.spec.kernel.id} is not linear`);
    const { isCommon, of } = linearSystemsOf(neurons);
    const out = Array.from({ length: shares }, () => new Float64Array(size));
    const math = mathematicsOf(core);
    let row: readonly number[] = [];
    for (let n = 0; n < size; n++) {
      if (n === 0 || !isCommon || differs) {
        const env: Environment = { params, dt, size: whole, index: slice.first + n, math };
        const receptor = {
          matrix: linear.matrix.map((list) => list.map((e) => evaluate(e, env))),
          offsets: linear.offsets.map((e) => evaluate(e, env)),
          current: linear.current.map((e) => evaluate(e, env)),
          constant: evaluate(linear.constant, env),
        };
        row = linearResponse(of(n), receptor, dt).flat();
      }
      for (const [k, column] of out.entries()) column[n] = row[k] as number;
      yield;
    }
    return out;
  }

  override clear(): void {
    super.clear();
    for (const column of this.states) this.blank(column, 1);
  }

  start(): void {
    const { neurons, spec } = this;
    const { core, model, size, slice, whole } = neurons;
    const params = paramsOf(spec);
    const { checked, scales } = kernelFor(spec.kernel, model);
    if (checked.states.every(({ init }) => init === undefined)) return;
    const math = mathematicsOf(core);
    const ir = new Ir(math);
    const { init } = lowerKernel(checked, ir, scales).model;
    for (const [j, e] of init.entries()) {
      const at = (n: number): number => evaluate(e, { params, index: slice.first + n, size: whole, math });
      const count = ir.dependsOn(e, "index") ? size : 1;
      const values = Float64Array.from({ length: Math.min(count, size) }, (_, n) => at(n));
      this.fill(this.states[j] as number, values.length === size ? values : (values[0] as number));
    }
  }

  writeState(values: Numbers, i: number): void {
    this.fill(this.states[i] as number, values);
  }

  /** The first state that is not finite among the neurons here. */
  runaway(): { readonly state: number; readonly neuron: number; readonly value: number } | undefined {
    const { core, size, slice } = this.neurons;
    for (const [state, column] of this.states.entries()) {
      const values = core.f64.subarray(column / 8, column / 8 + size);
      const n = values.findIndex((x) => !Number.isFinite(x));
      if (n >= 0) return { state, neuron: slice.first + n, value: values[n] as number };
    }
    return undefined;
  }
}

/** The parameters of a receptor in the order of its kernel. */
function paramsOf(spec: OwnSpec): readonly number[] {
  const numbers = spec as unknown as Readonly<Record<string, number>>;
  return Object.keys(spec.kernel.params).map((name) => numbers[name] as number);
}
