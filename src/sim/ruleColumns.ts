/** What a rule of one's own has in a core: the columns of its variables and the numbers of its module. */
import type { Core } from "../core/core.js";
import { eventName } from "../lang/emitRule.js";
import type { Level, RuleUse } from "../lang/rule.js";
import type { OwnPlasticitySpec } from "../model/ownRule.js";
import { installRule, restsOf, type RuleKernel, ruleKernel, startsOf, uniformsOf } from "./ruleKernel.js";

/** Where a rule is at work: the ends of its projection in a core. */
export interface RulePlace {
  readonly label: string;
  readonly synapses: number;
  readonly sources: number;
  readonly targets: number;
  readonly firstTarget: number;
  /** Synapses of the longest row. */
  readonly longestRow: number;
  /** Steps that delivery may come behind a step at most. */
  readonly late: number;
  /** Column of a state of the neurons of an end, and its length in numbers. */
  stateOf(level: Level, state: string): { readonly column: number; readonly length: number };
  /** Address of what stands for an event of the target's model; of the modulator. */
  eventOf(event: string): number;
  readonly modulator: number;
  /** Bounds that the guard holds weights to. */
  readonly least: number;
  readonly most: number;
}

/** A column of numbers as it lies in memory: x = rest + y factor. */
export interface RuleColumn {
  readonly level: Level;
  readonly column: number;
  /** Address of the factor; 0 where numbers are as they are. */
  readonly factor: number;
  readonly rest: number;
}

/** What begins anew when a simulation is reset. */
export interface RuleMemory {
  readonly address: number;
  readonly count: number;
  readonly start: number;
}

/** A value that stopped a run. */
export interface Runaway {
  readonly variable: string;
  readonly level: Level;
  /** Synapse, source or target here. */
  readonly place: number;
  readonly value: number;
}

export class RuleColumns {
  private readonly core: Core;
  /** Address of the plasticity, and of the module's numbers. */
  private readonly plasticity: number;
  private readonly params: number;
  private readonly columns: readonly number[];
  private readonly counts: Readonly<Record<Level, number>>;
  private readonly use: RuleUse;
  private readonly dt: number;
  private spec: OwnPlasticitySpec;

  /** Lays the rule out and fills the slots of the plasticity with its functions. */
  constructor(core: Core, plasticity: number, spec: OwnPlasticitySpec, use: RuleUse, dt: number, place: RulePlace) {
    this.core = core;
    this.plasticity = plasticity;
    this.spec = spec;
    this.use = use;
    this.dt = dt;
    this.counts = { synapse: place.synapses, source: place.sources, target: place.targets, shared: 1 };
    const { program, made } = this.kernel;
    const { places } = made;
    const { variables } = program.rule;
    const what = `${place.label}: the rule ${spec.rule.name}`;
    this.params = core.allocate(8 * (places.uniforms + made.uniforms.length), what);
    this.columns = variables.map(({ kind, level }, k) => {
      if (!["equation", "variable", "constant"].includes(kind) || level === "shared") return 0;
      const column = core.allocate(8 * this.counts[level], `${what}, ${variables[k]?.name}`);
      this.word(places.address(k), column);
      return column;
    });
    this.word(places.sources, place.sources);
    this.word(places.synapses, place.synapses);
    core.f64[this.params / 8 + places.firstTarget] = place.firstTarget;
    this.writeUniforms();
    for (const memory of this.memories(true)) this.fill(memory);
    this.plant(place, what);
    this.watch(place, what);
  }

  private get kernel(): RuleKernel {
    return ruleKernel(this.spec.rule, this.core, this.use);
  }

  private word(slot: number, value: number): void {
    this.core.u32[this.params / 4 + 2 * slot] = value;
  }

  private fill({ address, count, start }: RuleMemory): void {
    this.core.f64.fill(start, address / 8, address / 8 + count);
  }

  private plant({ eventOf, modulator, longestRow, least, most }: RulePlace, what: string): void {
    const { core, plasticity, kernel } = this;
    const { program } = kernel;
    const { exports } = core;
    const { onPre = 0, onPost = 0, onRow = 0, everyStep = 0, ...events } = installRule(core, kernel);
    exports.setRuleSlots(plasticity, onPre, onPost, everyStep, this.params, least, most);
    const transmitted = program.rule.variables.findIndex(({ kind }) => kind === "transmitted");
    const transmits = (changes: readonly { variable: number }[]): boolean =>
      changes.some(({ variable }) => variable === transmitted);
    const pre = program.blocks.some(({ kind, changes }) => kind === "onPre" && transmits(changes));
    const row = transmits(program.row);
    const effects = pre || row ? core.allocate(8 * longestRow, what) : 0;
    exports.setRuleRows(plasticity, onRow, effects, pre, row);
    for (const [k, { kind, event }] of program.blocks.entries()) {
      const slot = events[eventName(k)];
      if (slot === undefined) continue;
      const isModulator = kind === "onModulator";
      const from = isModulator ? modulator : eventOf(event as string);
      if (!exports.addHook(plasticity, from, slot, isModulator)) core.exhausted(what);
    }
  }

  /** Lets the rule see states of neurons. */
  private watch({ stateOf, late }: RulePlace, what: string): void {
    const {
      core,
      plasticity,
      kernel: { program, made },
    } = this;
    for (const [k, { kind, level, state }] of program.rule.variables.entries()) {
      if (kind !== "read") continue;
      const { column, length } = stateOf(level, state as string);
      const ring = late > 0 ? core.allocate(8 * length * (late + 1), `${what}, ${state} of the last ${late} steps`) : 0;
      const into = this.params + 8 * made.places.address(k);
      if (!core.exports.addWatch(plasticity, column, ring, late + 1, late > 0 ? 8 * length : 0, into))
        core.exhausted(what);
    }
  }

  private writeUniforms(): void {
    const { core, params, kernel, spec, dt } = this;
    core.f64.set(uniformsOf(kernel, spec, core, dt), params / 8 + kernel.made.places.uniforms);
  }

  /** What begins anew: variables but the constant ones, and factors. */
  memories(all = false): RuleMemory[] {
    const { core, params, kernel, spec, dt, columns, counts } = this;
    const {
      program,
      made: { places },
    } = kernel;
    const starts = startsOf(kernel, spec, core, dt);
    const variables = program.rule.variables.flatMap(({ kind, level }, k): RuleMemory[] => {
      if (kind !== "equation" && kind !== "variable" && !(all && kind === "constant")) return [];
      const address = level === "shared" ? params + 8 * places.value(k) : (columns[k] as number);
      return [{ address, count: counts[level], start: starts[k] as number }];
    });
    const factors = program.rates.flatMap((_, g): RuleMemory[] => {
      const address = params + 8 * places.factor(g);
      return [
        { address, count: 2, start: 1 },
        { address: address + 16, count: 1, start: 0 },
      ];
    });
    return [...variables, ...factors];
  }

  /** Other parameters from now on, after so many steps; what has decayed so far did so by the old ones. */
  change(spec: OwnPlasticitySpec, step: number): void {
    const { core, plasticity, kernel, params, columns, counts, dt } = this;
    const {
      program,
      made: { places },
    } = kernel;
    const { settle } = installRule(core, kernel);
    if (settle !== undefined)
      (core.exports.table.get(settle) as (rule: number, step: number) => void)(plasticity, step);
    const before = restsOf(kernel, this.spec, core, dt);
    const after = restsOf(kernel, spec, core, dt);
    this.spec = spec;
    this.writeUniforms();
    // What decays goes to another value from where it is.
    for (const [k, { level }] of program.rule.variables.entries()) {
      const moved = (before[k] as number) - (after[k] as number);
      if (moved === 0) continue;
      const at = (level === "shared" ? params + 8 * places.value(k) : (columns[k] as number)) / 8;
      for (let n = 0; n < counts[level]; n++) core.f64[at + n] = (core.f64[at + n] as number) + moved;
    }
  }

  /** Where a variable lies. */
  columnOf(name: string): RuleColumn {
    const { core, params, kernel, spec, dt, columns } = this;
    const {
      program,
      made: { places },
    } = kernel;
    const k = program.rule.variables.findIndex((variable) => variable.name === name);
    const { level } = program.rule.variables[k] as { level: Level };
    const lazy = program.lazy[k];
    return {
      level,
      column: level === "shared" ? params + 8 * places.value(k) : (columns[k] as number),
      factor: lazy === undefined ? 0 : params + 8 * places.factor(lazy.group),
      rest: restsOf(kernel, spec, core, dt)[k] as number,
    };
  }

  /** The present values of a variable: one for each synapse, source or target here, or one. */
  read(name: string): Float64Array {
    const { core, counts } = this;
    const { level, column, factor, rest } = this.columnOf(name);
    const numbers = core.readF64(column, counts[level]);
    if (factor === 0) return numbers;
    const E = core.f64[factor / 8] as number;
    return numbers.map((y) => rest + y * E);
  }

  /** Gives a variable other values: all, or those at some places. */
  write(name: string, values: number | ArrayLike<number>): void {
    const { core, counts } = this;
    const { level, column, factor, rest } = this.columnOf(name);
    const inverse = factor === 0 ? 1 : (core.f64[factor / 8 + 1] as number);
    for (let n = 0; n < counts[level]; n++) {
      const x = typeof values === "number" ? values : (values[n] as number);
      core.f64[column / 8 + n] = factor === 0 ? x : (x - rest) * inverse;
    }
  }

  /** The first variable with a value that is no finite number, and its place. */
  runaway(): Runaway | undefined {
    const { core, kernel, columns, params, counts } = this;
    const {
      program,
      made: { places },
    } = kernel;
    for (const [k, { name, level, kind }] of program.rule.variables.entries()) {
      if (kind !== "equation" && kind !== "variable") continue;
      const at = (level === "shared" ? params + 8 * places.value(k) : (columns[k] as number)) / 8;
      for (let place = 0; place < counts[level]; place++) {
        const value = core.f64[at + place] as number;
        if (!Number.isFinite(value)) return { variable: name, level, place, value };
      }
    }
    return undefined;
  }
}
