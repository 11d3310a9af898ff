/**
 * Source populations in the core: Poisson trains, given spikes, and the events of another population, which that one's
 * kernel logs. They have no states, receptors or currents.
 */
import { BACKGROUND, SOURCE, STAGE } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { stepsOf } from "../model/grid.js";
import { isPoints, rowsPerStep } from "../kinds/value.js";
import type { Points, SourceSpec } from "../model/spec.js";
import type { Block, Change, Pool } from "./live.js";
import { type Numbers, part, type Slice, streamOf } from "./values.js";

/** Number of the step at whose end a spike lies that is given for the time t. */
export function stepOf(t: number, dt: number): number {
  return Math.max(0, stepsOf(t, dt) - 1);
}

interface Contents {
  readonly column?: Float64Array;
  readonly table?: ArrayLike<number>;
  readonly neurons?: Uint32Array;
}

interface Blocks {
  column: Block | undefined;
  table: Block | undefined;
  neurons: Block | undefined;
}

/** What a source plays, in numbers of the whole population. */
export interface Play {
  readonly spec: SourceSpec;
  /** Rates in Hz of a Poisson source, unless they are rows in time. */
  readonly rate: Numbers;
}

export class BuiltSource {
  /** Address of the population in the core. */
  readonly address: number;
  private readonly core: Core;
  private readonly slice: Slice;
  private readonly dt: number;
  private readonly label: string;
  private readonly pool: Pool;
  private readonly entry: number;
  private spec: SourceSpec;
  /** Expected spikes of all neurons in a step at a rate that does not change; the most of a step of given spikes. */
  private expected = 0;
  /** Rates of each neuron; rows of rates in time, or the steps of given spikes; their neurons. */
  private column: Block | undefined;
  private table: Block | undefined;
  private neurons: Block | undefined;

  constructor(core: Core, spec: SourceSpec, slice: Slice, pool: Pool, label: string, dt: number) {
    this.core = core;
    this.spec = spec;
    this.slice = slice;
    this.pool = pool;
    this.dt = dt;
    this.label = label;
    const { exports } = core;
    const { first, size } = slice;
    const address = exports.addPopulation(size, first, 0, STAGE.start, false);
    if (address === 0) core.exhausted(label);
    this.address = address >>> 0;
    exports.setSource(this.address, SOURCE[spec.kind], size);
    this.entry = 0;
    if (spec.kind === "event") return;
    const entry = exports.addBackground(
      this.address,
      spec.kind === "poisson" ? BACKGROUND.poisson : BACKGROUND.constant,
      streamOf(core, label, "source"),
    );
    if (entry === 0) core.exhausted(label);
    this.entry = entry >>> 0;
  }

  /** Replaces what the source plays. */
  prepare({ spec, rate }: Play): Change {
    if (spec.kind === "spikeTrain") return this.play(spec);
    if (spec.kind === "event") throw new RangeError("events are not played");
    if (isPoints(spec.rate)) {
      const rows = rowsPerStep(spec.rate, this.dt);
      return this.change(spec, { table: rows }, 0, ({ table }) => {
        this.core.exports.setShape(this.entry, 0, 0, 0, 0, table?.address ?? 0, rows.length / 3);
        this.core.exports.setAmplitude(this.entry, 0, 1, 0, 0);
      });
    }
    return this.fire(spec, part(rate, this.slice));
  }

  private fire(spec: SourceSpec, rate: Numbers): Change {
    const { core, dt, entry } = this;
    const { exports } = core;
    if (typeof rate === "number") {
      const mean = (rate * dt) / 1000;
      return this.change(spec, {}, (this.slice.size * rate * dt) / 1000, () => {
        exports.setShape(entry, 0, 0, 0, 0, 0, 0);
        exports.setAmplitude(entry, 0, mean, 0, 0);
      });
    }
    const means = rate.map((hz) => (hz * dt) / 1000);
    const sum = means.reduce((all, x) => all + x, 0);
    return this.change(spec, { column: means }, sum, ({ column }) => {
      exports.setShape(entry, 0, 0, 0, 0, 0, 0);
      exports.setAmplitude(entry, column?.address ?? 0, 0, 0, 0);
    });
  }

  /** A spike at t lies at the end of the step that the nearest grid point ends; steps count from 0. */
  private play(spec: SourceSpec & { readonly kind: "spikeTrain" }): Change {
    const { first, size } = this.slice;
    const own = (_: number, i: number): boolean =>
      (spec.neurons[i] as number) >= first && (spec.neurons[i] as number) < first + size;
    const neurons = spec.neurons.filter(own).map((neuron) => neuron - first);
    const steps = spec.times.filter(own).map((t) => stepOf(t, this.dt));
    const order = Uint32Array.from(steps, (_, i) => i);
    // Different times that fall into one step: spikes of a step are delivered by neuron.
    const compare = (a: number, b: number): number =>
      (steps[a] as number) - (steps[b] as number) || (neurons[a] as number) - (neurons[b] as number);
    if (order.some((i) => i > 0 && compare(i - 1, i) > 0)) order.sort(compare);
    let most = 0;
    for (let i = 0, from = 0; i < order.length; i++) {
      if (steps[order[i] as number] !== steps[order[from] as number]) from = i;
      most = Math.max(most, i - from + 1);
    }
    const contents = {
      table: Float64Array.from(order, (i) => steps[i] as number),
      neurons: Uint32Array.from(order, (i) => neurons[i] as number),
    };
    return this.change(spec, contents, most, (blocks) => {
      this.core.exports.setShape(this.entry, 0, 0, 0, 0, blocks.table?.address ?? 0, order.length);
      this.core.exports.setAmplitude(this.entry, 0, 0, blocks.neurons?.address ?? 0, 0);
    });
  }

  /** The change to other contents of the tables; `point` makes the core look at them. */
  private change(spec: SourceSpec, contents: Contents, expected: number, point: (blocks: Blocks) => void): Change {
    const { core, pool, label } = this;
    const taken: Block[] = [];
    const old: Blocks = { column: this.column, table: this.table, neurons: this.neurons };
    const blocks: Blocks = { ...old };
    const cancel = (): void => {
      for (const block of taken) pool.give(block);
    };
    const keys = ["column", "table", "neurons"] as const;
    try {
      for (const key of keys) {
        const bytes = contents[key] ? contents[key].length * (key === "neurons" ? 4 : 8) : 0;
        if (bytes <= (old[key]?.bytes ?? 0)) continue;
        const block = pool.takeTable(bytes, `${label}: ${contents[key]?.length} numbers`);
        taken.push(block);
        blocks[key] = block;
      }
    } catch (error) {
      cancel();
      throw error;
    }
    const accept = (): (() => void) => {
      this.spec = spec;
      this.expected = expected;
      Object.assign(this, blocks);
      return () => {
        if (blocks.column && contents.column) core.f64.set(contents.column, blocks.column.address / 8);
        if (blocks.table && contents.table) core.f64.set(contents.table, blocks.table.address / 8);
        if (blocks.neurons && contents.neurons) core.u32.set(contents.neurons, blocks.neurons.address / 4);
        point(blocks);
        for (const key of keys) if (old[key] && old[key] !== blocks[key]) pool.give(old[key]);
      };
    };
    return { accept, cancel };
  }

  /**
   * Spikes that a step may add to the log, in the time from `from` to `to` ms: for Poisson trains so many that more
   * come with a probability below 1e-30.
   */
  mostSpikes(from: number, to: number): number {
    const { spec } = this;
    if (spec.kind === "spikeTrain") return this.expected;
    if (spec.kind === "event") return this.slice.size;
    const mean = isPoints(spec.rate)
      ? (this.slice.size * highest(spec.rate, from, to) * this.dt) / 1000
      : this.expected;
    return Math.ceil(mean + 12 * Math.sqrt(mean) + 64);
  }

  /** Makes a step add at most so many spikes: the log has room for them. */
  reserve(spikes: number): void {
    this.core.exports.setSource(this.address, SOURCE[this.spec.kind], spikes);
  }
}

/** The highest rate between two times. */
function highest(points: Points, from: number, to: number): number {
  let most = 0;
  for (const [i, [t, rate, slope]] of points.entries()) {
    const end = Math.min(to, points[i + 1]?.[0] ?? to);
    const start = Math.max(t, from);
    if (end <= start) continue;
    most = Math.max(most, rate + slope * (start - t), rate + slope * (end - t));
  }
  return most;
}
