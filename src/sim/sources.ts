/**
 * Source populations in the core: Poisson trains, given spikes, renewal trains, trains that share spikes, and the
 * events of another population, which that one's kernel logs. They have no states, receptors or currents.
 */
import { BACKGROUND, INTERVALS_OF, PADDING, SOURCE, STAGE } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { stepsOf } from "../model/grid.js";
import { rateBounds } from "../model/own.js";
import { isPoints, rowsPerStep } from "../kinds/value.js";
import type { Points, SourceSpec } from "../model/spec.js";
import { layExpression, plotExpression } from "./background.js";
import { compileRate, type WrittenCurrent } from "./compiled.js";
import { type Kernels, ModuleKernels } from "./kernels.js";
import type { Block, Change, Pool } from "./live.js";
import { numberAt, type Numbers, part, type Slice, streamOf } from "./values.js";

/** Number of the step at whose end a spike lies that is given for the time t. */
export function stepOf(t: number, dt: number): number {
  return Math.max(0, stepsOf(t, dt) - 1);
}

interface Contents {
  readonly column?: Float64Array;
  readonly form?: Float64Array;
  readonly table?: ArrayLike<number>;
  readonly neurons?: Uint32Array;
  /** Bytes of what the core keeps there. */
  readonly kept?: number;
}

interface Blocks {
  column: Block | undefined;
  form: Block | undefined;
  table: Block | undefined;
  neurons: Block | undefined;
  kept: Block | undefined;
}

const KEYS = ["column", "form", "table", "neurons", "kept"] as const;

/** Kinds of sources by what they are in the core. */
const CORE_KINDS = { ...SOURCE, poissonText: SOURCE.poisson } as const;

type Renewal = Extract<SourceSpec, { kind: "renewal" }>;
type Correlated = Extract<SourceSpec, { kind: "correlated" }>;

/** Delays of correlated trains are cut at so many of their mean. */
const LONGEST_DELAY = 20;

/** A rate as text that changes in time: its kernels. */
type Compiled =
  | { readonly fixed: Numbers }
  | { readonly fixed?: undefined; readonly kernels: Kernels; readonly differs: boolean };

/** What was compiled, by the code of the core, the text and the number of neurons. */
const compiled = new WeakMap<object, Map<string, Compiled>>();

function compiledRate(core: Core, text: string, size: number): Compiled {
  const known = compiled.get(core.build) ?? new Map<string, Compiled>();
  compiled.set(core.build, known);
  const key = `${size} ${text}`;
  const made: WrittenCurrent | Compiled = known.get(key) ?? compileRate(text, core, size);
  const kept: Compiled =
    "kernel" in made
      ? { kernels: new ModuleKernels(`rate ${text}`, () => made.kernel), differs: made.differs }
      : (made as Compiled);
  known.set(key, kept);
  return kept;
}

/** What a source plays, in numbers of the whole population. */
export interface Play {
  readonly spec: SourceSpec;
  /** Rates in Hz of a Poisson or renewal source, unless they are rows in time or a text. */
  readonly rate: Numbers;
  /** Renewal sources: the number of the distribution. */
  readonly form?: Numbers;
}

export class BuiltSource {
  /** Address of the population in the core. */
  readonly address: number;
  private readonly core: Core;
  private readonly slice: Slice;
  /** Neurons of the whole population. */
  private readonly whole: number;
  private readonly dt: number;
  private readonly label: string;
  private readonly pool: Pool;
  private readonly entry: number;
  private spec: SourceSpec;
  /** Expected spikes of all neurons in a step at a rate that does not change; the most of a step of given spikes. */
  private expected = 0;
  /**
   * Rates of each neuron; numbers of its distribution; rows of rates in time, or the steps of given spikes; their
   * neurons; what the core keeps: where renewal trains stand, spikes to come, the kernel of a text.
   */
  private column: Block | undefined;
  private form: Block | undefined;
  private table: Block | undefined;
  private neurons: Block | undefined;
  private kept: Block | undefined;

  constructor(core: Core, spec: SourceSpec, slice: Slice, whole: number, pool: Pool, label: string, dt: number) {
    this.core = core;
    this.spec = spec;
    this.slice = slice;
    this.whole = whole;
    this.pool = pool;
    this.dt = dt;
    this.label = label;
    const { exports } = core;
    const { first, size } = slice;
    const address = exports.addPopulation(size, first, 0, STAGE.start, false);
    if (address === 0) core.exhausted(label);
    this.address = address >>> 0;
    exports.setSource(this.address, CORE_KINDS[spec.kind], size);
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
  prepare({ spec, rate, form = 0 }: Play): Change {
    if (spec.kind === "spikeTrain") return this.play(spec);
    if (spec.kind === "event") throw new RangeError("events are not played");
    if (spec.kind === "renewal") return this.renew(spec, part(rate, this.slice), part(form, this.slice));
    if (spec.kind === "correlated") return this.share(spec);
    if (spec.kind === "poissonText") return this.compute(spec);
    if (isPoints(spec.rate)) {
      const rows = rowsPerStep(spec.rate, this.dt);
      return this.change(spec, { table: rows }, 0, ({ table }) => {
        this.link(BACKGROUND.poisson);
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
        this.link(BACKGROUND.poisson);
        exports.setShape(entry, 0, 0, 0, 0, 0, 0);
        exports.setAmplitude(entry, 0, mean, 0, 0);
      });
    }
    const means = rate.map((hz) => (hz * dt) / 1000);
    const sum = means.reduce((all, x) => all + x, 0);
    return this.change(spec, { column: means }, sum, ({ column }) => {
      this.link(BACKGROUND.poisson);
      exports.setShape(entry, 0, 0, 0, 0, 0, 0);
      exports.setAmplitude(entry, column?.address ?? 0, 0, 0, 0);
    });
  }

  /** Makes the source's entry one of this kind. */
  private link(kind: number): void {
    const { exports } = this.core;
    exports.clearBackground(this.address);
    exports.linkBackground(this.address, this.entry, kind, this.stream);
  }

  private get stream(): number {
    return streamOf(this.core, this.label, "source");
  }

  /** A rate as text. */
  private compute(spec: SourceSpec & { readonly kind: "poissonText" }): Change {
    const { core, dt, entry, slice, whole } = this;
    const made = compiledRate(core, spec.rate, whole);
    if (made.fixed !== undefined) {
      const rate = part(made.fixed, slice);
      return this.fire(spec, typeof rate === "number" ? Math.max(0, rate) : rate.map((hz) => Math.max(0, hz)));
    }
    const { differs } = made;
    const padded = Math.ceil(slice.size / PADDING) * PADDING;
    const plot = plotExpression(core, made, padded, slice);
    return this.change(spec, { kept: plot.bytes }, 0, ({ kept }) => {
      this.link(BACKGROUND.expression);
      layExpression(core, entry, kept as Block, plot, { differs, dt, whole, stream: this.stream, acts: 1 });
      core.exports.setAmplitude(entry, 0, dt / 1000, 0, 0);
    });
  }

  private renew(spec: Renewal, rate: Numbers, form: Numbers): Change {
    const { core, dt, entry, slice } = this;
    const perStep = scaled(rate, dt / 1000);
    const numbers = spec.intervals === "refractory" ? scaled(form, 1 / dt) : form;
    const contents = {
      ...(typeof perStep === "number" ? {} : { column: perStep }),
      ...(typeof numbers === "number" ? {} : { form: numbers }),
      kept: 16 * slice.size,
    };
    let mean = 0;
    let spread = 0;
    for (let n = 0; n < slice.size; n++) {
      const own = numberAt(perStep, n);
      mean += own;
      spread += own * Math.max(1, dispersion(spec, numberAt(form, n)));
    }
    // so many that more come with a probability below 1e-30; what is beyond comes in the next step
    const expected = Math.ceil(mean + 12 * Math.sqrt(spread) + 64);
    return this.change(spec, contents, expected, (blocks) => {
      const address = (key: "column" | "form", one: Numbers): [number, number] =>
        typeof one === "number" ? [0, one] : [blocks[key]?.address ?? 0, 0];
      core.exports.setShape(entry, INTERVALS_OF[spec.intervals], 0, 0, 0, blocks.kept?.address ?? 0, 0);
      core.exports.setAmplitude(entry, ...address("column", perStep), ...address("form", numbers));
      this.restart();
    });
  }

  private share(spec: Correlated): Change {
    const { core, dt, entry, slice } = this;
    const { process, rate, correlation, tau } = spec;
    const mean = (rate * dt) / 1000;
    const isSingle = process === "single";
    const common = isSingle ? mean * correlation : mean / correlation;
    const own = isSingle ? mean * (1 - correlation) : 0;
    const rows = tau === 0 ? 1 : Math.ceil((LONGEST_DELAY * tau) / dt) + 1;
    const padded = Math.ceil(slice.size / PADDING) * PADDING;
    // all neurons may have some common spikes at once
    const most = Math.ceil(slice.size * (mean + 12 * Math.sqrt(mean) + 2)) + 64;
    return this.change(spec, { kept: rows * padded }, most, ({ kept }) => {
      core.exports.setShape(entry, isSingle ? 1 : correlation, tau / dt, 0, 0, kept?.address ?? 0, rows);
      core.exports.setAmplitude(entry, 0, own, 0, common);
      this.restart();
    });
  }

  /** Lets trains that remember begin anew. */
  restart(): void {
    const { kind } = this.spec;
    if (kind === "renewal" || kind === "correlated") this.core.exports.startSource(this.address, SOURCE[kind]);
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
    const { column, form, table, neurons, kept } = this;
    const old: Blocks = { column, form, table, neurons, kept };
    const blocks: Blocks = { ...old };
    const cancel = (): void => {
      for (const block of taken) pool.give(block);
    };
    try {
      for (const key of KEYS) {
        const given = contents[key];
        const each = key === "neurons" ? 4 : 8;
        const bytes = typeof given === "number" ? given : (given?.length ?? 0) * each;
        if (bytes <= (old[key]?.bytes ?? 0)) continue;
        const block = pool.takeTable(bytes, `${label}: ${bytes} bytes`);
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
        if (blocks.form && contents.form) core.f64.set(contents.form, blocks.form.address / 8);
        if (blocks.table && contents.table) core.f64.set(contents.table, blocks.table.address / 8);
        if (blocks.neurons && contents.neurons) core.u32.set(contents.neurons, blocks.neurons.address / 4);
        point(blocks);
        for (const key of KEYS) if (old[key] && old[key] !== blocks[key]) pool.give(old[key]);
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
    if (spec.kind === "spikeTrain" || spec.kind === "renewal" || spec.kind === "correlated") return this.expected;
    if (spec.kind === "event") return this.slice.size;
    const most =
      spec.kind === "poissonText"
        ? Math.max(0, rateBounds(spec.rate, this.whole, from, to)[1])
        : isPoints(spec.rate)
          ? highest(spec.rate, from, to)
          : undefined;
    const mean = most === undefined ? this.expected : (this.slice.size * most * this.dt) / 1000;
    return Math.ceil(mean + 12 * Math.sqrt(mean) + 64);
  }

  /** Makes a step add at most so many spikes: the log has room for them. */
  reserve(spikes: number): void {
    this.core.exports.setSource(this.address, CORE_KINDS[this.spec.kind], spikes);
  }
}

function scaled(numbers: Numbers, factor: number): Numbers {
  return typeof numbers === "number" ? numbers * factor : numbers.map((x) => x * factor);
}

/** The square of the coefficient of variation of renewal intervals, where it may be above 1. */
function dispersion({ intervals }: Renewal, form: number): number {
  return intervals === "gamma" ? 1 / form : intervals === "lognormal" ? form * form : 1;
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
