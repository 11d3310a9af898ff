/** Kernels of populations that are advanced by events (the method eventDriven): modules, and the numbers they read. */
import { OWN_COLUMNS } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { type Differing, emitEvents, MARGIN, placesOf, recordOf } from "../lang/emitEvents.js";
import {
  equilibrium,
  type EventForm,
  eventForm,
  type EventSystem,
  extremes,
  heldMatrix,
  powers,
  wholeMatrix,
} from "../lang/events.js";
import { type Environment, evaluate, type Expr, Ir } from "../lang/ir.js";
import { modesOf, modeTable } from "../lang/modes.js";
import { coefficients, plan } from "../lang/plan.js";
import { UnavailableError, ValueRangeError } from "../model/errors.js";
import { remembered } from "../model/matrix.js";
import type { ModelRecord } from "../model/record.js";
import { lowered, mathematicsOf, sameForAll } from "./compiled.js";
import { layoutOf } from "./layout.js";
import { numberAt, type Numbers } from "./values.js";
import type { KernelModule, Laid, Variant } from "./variant.js";

/** Numbers that are kept of tables that were computed: 8 MB. */
const KNOWN = 1_000_000;

/** The kernel of a linear model for a variant. */
export function compileEvents(record: ModelRecord, core: Core, variant: Variant): KernelModule {
  const { differing, inputs } = variant;
  const math = mathematicsOf(core);
  const ir = new Ir(math);
  const names = Object.keys(record.params);
  const form = eventForm(ir, lowered(record, ir), inputs.events ?? []);
  const made = plan(form.program, { perNeuron: differing.map((name) => names.indexOf(name)) });
  const title = `${record.id}, eventDriven`;
  if (made.scratch >= OWN_COLUMNS) throw new UnavailableError(`${title}: it has too many states.`, { path: title });
  const kind = kindOf(
    ir,
    form,
    differing.map((name) => names.indexOf(name)),
    inputs.current !== "common",
  );
  const ownColumns = { nothing: 0, rest: form.states, threshold: form.states + 1 }[kind];
  const columns = made.columns.length + ownColumns;
  const tables = remembered((x) => tablesOf(form, x), KNOWN);
  return {
    module: emitEvents(form, made, layoutOf(core), kind),
    uniforms: made.uniforms.length + placesOf(form).count,
    columns,
    whole: true,
    takes: true,
    // The current goes into the equilibrium: the kernel does not read it.
    recordBytes: recordOf(form, kind).bytes,
    sums: { modes: modesOf(form), elements: form.size, at: made.uniforms.length + placesOf(form).modes },
    *numbers(population) {
      const {
        core: here,
        dt,
        params,
        slice: { first, size },
        whole,
      } = population;
      const ordered = names.map((name) => params[name] as Numbers);
      if (size === 0) {
        const uniforms = new Float64Array(made.uniforms.length + placesOf(form).count);
        return { uniforms, columns: new Array<number>(columns).fill(0) };
      }
      const own = yield* coefficients(made, { params: ordered, dt, size, whole, offset: first }, math);
      const env = (n: number): Environment => ({
        params: ordered.map((numbers) => numberAt(numbers, n)),
        index: first + n,
        size: whole,
        dt,
        math,
      });
      const system = systemOf(form, env(0));
      const times = (population.inputs.events ?? []).map((receptor) => receptor.times);
      const sources = [
        dt,
        ...system.matrix.flat(),
        ...system.input,
        ...system.line,
        ...times.flatMap((t) => [t.decay, t.rise, t.gain]),
      ];
      const currents = currentsOf(here, population);
      const standing = new Standing(form, system, record.id);
      const offsets = [...form.rows.map(({ offset }) => offset), ...(form.line ? [form.line.offset] : [])];
      const alike = offsets.every((e) => sameForAll(ir, e, ordered));
      const added = standing.added(env(0));
      const stood = (n: number): readonly number[] =>
        standing.at(alike ? added : standing.added(env(n)), numberAt(currents, n));
      const rests = Array.from({ length: ownColumns }, () => new Float64Array(size));
      for (let n = 0; n < size && kind !== "nothing"; n++) {
        const at = stood(n);
        for (const [j, column] of rests.entries()) column[n] = at[j] as number;
        if (n % 1000 === 0) yield;
      }
      const gains = times.map(({ gain }) => gain);
      const none = new Array<number>(form.states).fill(0);
      // Where thresholds are common z follows from where a neuron stands.
      const theta = form.line === undefined ? -1 : withRoom(added[form.states] as number);
      const shared = kind === "nothing" ? stood(0) : [...none, theta];
      return {
        uniforms: Float64Array.from([own.uniforms, shared, system.line, gains, tables(sources)].flatMap((x) => [...x])),
        columns: [...own.columns, ...rests],
      };
    },
  };
}

/** Coefficients that must be common to all neurons, of any one. */
function systemOf({ rows, line, states }: EventForm, env: Environment): EventSystem {
  const known = new Map<Expr, number>();
  const value = (e: Expr): number => evaluate(e, env, known);
  return {
    matrix: rows.map(({ slopes }) => slopes.slice(0, states).map(value)),
    input: rows.map(({ slopes }) => value(slopes[states] as Expr)),
    line: line?.slopes.map(value) ?? new Array<number>(states).fill(0),
  };
}

/** Extremes, powers and modes, from the numbers of the system. */
function tablesOf(form: EventForm, [dt = 0, ...sources]: readonly number[]): number[] {
  const { states, size, receptors } = form;
  const take = (count: number): number[] => sources.splice(0, count);
  const matrix = Array.from({ length: states }, () => take(states));
  const system = { matrix, input: take(states), line: take(states) };
  const times = receptors.map(() => {
    const [decay = 1, rise = 1, gain = 1] = take(3);
    return { decay, rise, gain };
  });
  const whole = wholeMatrix(form, system, times);
  const c = [...system.line, ...new Array<number>(size - states).fill(0)];
  const held = form.held.length > 0 ? powers(heldMatrix(form, whole), size, dt, form.still) : [];
  const bounds = extremes(whole, size, dt, c);
  const gains = times.map(({ gain }) => gain);
  const modes = modeTable(form, whole, dt, gains, bounds[0] as number[], c);
  return [...bounds.flat(), ...powers(whole, size, dt, form.free), ...held, ...modes];
}

/** A term of z, nearer to the threshold than it is. */
function withRoom(term: number): number {
  return term + MARGIN * Math.abs(term);
}

/** What differs between neurons. */
function kindOf(ir: Ir, { line }: EventForm, params: readonly number[], currents: boolean): Differing {
  const own = (leaf: Expr): boolean => leaf.op === "index" || (leaf.op === "param" && params.includes(leaf.value));
  if (line !== undefined && [...ir.leaves(line.offset)].some(own)) return "threshold";
  return currents || params.length > 0 ? "rest" : "nothing";
}

/** The equilibria of neurons of one system: where a neuron stands at its current, and z there. */
class Standing {
  private readonly form: EventForm;
  private readonly system: EventSystem;
  private readonly model: string;
  /** Equilibria for what is added to each equation alone; undefined where there is none. */
  private readonly units: readonly (readonly number[] | undefined)[];

  constructor(form: EventForm, system: EventSystem, model: string) {
    this.form = form;
    this.system = system;
    this.model = model;
    this.units = form.rows.map((_, i) =>
      equilibrium(
        form,
        system,
        form.rows.map((__, k) => (k === i ? 1 : 0)),
      ),
    );
  }

  /** What is added to each equation beside the current, and behind it theta. */
  added(env: Environment): number[] {
    const { rows, line } = this.form;
    const known = new Map<Expr, number>();
    return [...rows.map(({ offset }) => offset), ...(line ? [line.offset] : [])].map((e) => evaluate(e, env, known));
  }

  /** The states, and z behind them. */
  at(added: readonly number[], current: number): readonly number[] {
    const { form, system, units } = this;
    const x = new Array<number>(form.states).fill(0);
    for (const [i, unit] of units.entries()) {
      const all = (added[i] as number) + (system.input[i] as number) * current;
      if (all === 0) continue;
      if (unit === undefined) return this.refuse(current);
      for (let j = 0; j < x.length; j++) x[j] = (x[j] as number) + all * (unit[j] as number);
    }
    // A model that does not spike stays below any threshold.
    if (form.line === undefined) return [...x, -1];
    let z = withRoom(added[form.states] as number);
    for (let j = 0; j < form.states; j++) z += withRoom((x[j] as number) * (system.line[j] as number));
    return [...x, z];
  }

  private refuse(current: number): never {
    const { model } = this;
    const allowed = "a model whose states come to rest at a constant current";
    throw new ValueRangeError(
      `${model}, eventDriven: its equations have no equilibrium at the current ${current}; it needs ${allowed}. Use exact.`,
      { path: model, value: current, allowed },
    );
  }
}

/** The constant background of each neuron. */
function currentsOf(core: Core, { address, inputs, currentColumn, slice: { size } }: Laid): Numbers {
  if (currentColumn === undefined) return 0;
  core.exports.currentsInto(address, currentColumn);
  const all = core.readF64(currentColumn, size);
  return inputs.current === "common" ? (all[0] as number) : all;
}
