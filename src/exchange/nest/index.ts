/**
 * Networks as scripts for NEST 3.10. Connection rules and distributions are NEST's own; what is in lists, as in an explicit network,
 * goes into arrays. Devices have a delay in NEST, so what they do is written earlier by it.
 */
import { intervalSteps, stepsOf, timeOf } from "../../model/grid.js";
import { isConductance, landingOf, receptorVariable } from "../../kinds/receptors.js";
import { isDistribution, merged } from "../../kinds/value.js";
import { projectionNames } from "../../model/projection.js";
import type {
  BackgroundSpec,
  Distribution,
  NetworkSpec,
  Points,
  PopulationSpec,
  ProjectionSpec,
  ReceptorSpec,
  RecordSpec,
  SynapseValue,
  Value,
} from "../../model/spec.js";
import type { ModelRecord } from "../../model/record.js";
import { VERSION } from "../../version.js";
import { windowOf } from "../courses.js";
import type { Export, Format } from "../format.js";
import { isPresent, type ModelName } from "../mapping.js";
import { type Cell, cells, halfStep, mapping } from "./mapping.js";
import { type Part, partsOf, ratesOf, type Staircase, type TimedKind } from "./currents.js";
import { CONNECT_PAIRS, CREATE, ending, PLAY, preamble, START_OF } from "./text.js";
import {
  Drawn,
  Each,
  nestDistribution,
  numbersCode,
  numpyDistribution,
  rangeOf,
  times,
} from "./values.js";
import { Arrays, Code, code, comment, float, header, int, literal, Names, type PythonValue, text } from "../python.js";
import { ExchangeError, Report, type ReportEntry } from "../report.js";
import { startingStates } from "../start.js";

export const nest: Format = {
  name: "nest",
  title: "NEST 3.10",
  summary: "A Python script for NEST, with threads and MPI; with --explicit the same synapses and initial values.",
  mapping,
  write: async (network) => Promise.resolve(new Script(network).made()),
};

const SCRIPT = "network.py";
const EXPLICIT = "With --explicit (Simulation.explicit()) it is written as numbers.";
const OTHER = "NEST draws other random numbers from the same distribution";

/** How a receptor is reached there. */
interface Port {
  /** Our weight times this. */
  readonly factor: number;
  readonly receptorType?: number;
  /** NEST's variables whose sum is the receptor's state, and what that is times to be ours. */
  readonly shown?: readonly [factor: number, ...names: readonly string[]];
}

/** A current from the start on, into all neurons or some. */
interface Level {
  readonly value: Value | Code;
  readonly neurons: Uint32Array | undefined;
}

/** A population and what is known of it. */
interface Plan {
  readonly spec: PopulationSpec;
  readonly path: string;
  /** Its name in the script. */
  readonly variable: string;
  /** Undefined for sources. */
  readonly cell: Cell | undefined;
  readonly ports: ReadonlyMap<string, Port>;
  /** A source of given spikes that others listen to directly. */
  readonly plays: boolean;
  readonly levels: Level[];
  /** Parameters of the neuron that synapses onto it need. */
  readonly traces: Record<string, number>;
}

type Synapse = Record<string, PythonValue>;

class Script {
  private readonly network: NetworkSpec;
  private readonly report = new Report();
  private readonly arrays = new Arrays();
  private readonly names = new Names([
    "args",
    "parser",
    "rng",
    "load",
    "create",
    "write",
    "merge",
    "connect_pairs",
    "pairs_by_distance",
    "play",
    "spikes",
    "traces",
    "recorders",
    "meters",
    "given",
    "plastic",
    "weights",
    "end",
    "nodes",
    "in_ms",
    "start_of",
    "truncated_normal",
    "steps",
    "suffix",
    "Path",
    "DT",
    "DURATION",
    "SEED",
    "POPULATIONS",
    "HEADERS",
  ]);
  private readonly plans: readonly Plan[];
  /** Delay of devices, in steps. */
  private readonly lead: number;
  private readonly sections = {
    populations: [] as string[],
    currents: [] as string[],
    connections: [] as string[],
    recordings: [] as string[],
  };
  private readonly lists = {
    recorders: [] as string[],
    given: [] as string[],
    meters: [] as string[],
    plastic: [] as string[],
  };
  private readonly uses = {
    draws: false,
    truncated: false,
    distance: false,
    pairs: false,
    play: false,
    each: false,
    given: false,
    meters: false,
  };

  constructor(network: NetworkSpec) {
    this.network = network;
    this.plans = network.populations.map((spec, i) => this.plan(spec, `$.populations[${i}]`));
    this.lead = this.leadOfDevices();
  }

  private get dt(): number {
    return this.network.dt;
  }

  private get grid() {
    return { dt: this.dt, steps: stepsOf(this.network.duration, this.dt) };
  }

  private get leadMs(): number {
    return timeOf(this.lead, this.dt);
  }

  made(): Export {
    const { sections, network } = this;
    for (const plan of this.plans) {
      for (const [j, entry] of plan.spec.background.entries())
        this.current(plan, entry, `${plan.path}.background[${j}]`, j);
    }
    for (const [i, projection] of network.projections.entries()) this.project(projection, `$.projections[${i}]`);
    for (const plan of this.plans) this.population(plan);
    this.recordings();
    const { draws, truncated, distance, pairs, play, each, given, meters } = this.uses;
    const top = preamble({
      dt: float(this.dt),
      duration: float(timeOf(this.grid.steps, this.dt)),
      seed: String(this.seed()),
      populations: literal(
        network.populations.map(({ name }) => name),
        0,
        14,
      ),
      arrays: this.arrays.files.length > 0,
      draws: draws || truncated || distance,
      truncated,
      distance,
    });
    const functions = [each ? CREATE : "", pairs ? CONNECT_PAIRS : "", play ? PLAY : "", meters ? START_OF : ""].join(
      "",
    );
    const part = (title: string, lines: readonly string[]): string =>
      lines.length === 0 ? "" : `\n# ${title}\n${lines.join("\n")}\n`;
    const script = [
      this.head(),
      top,
      functions === "" ? "" : `${functions}\n`,
      part("Populations", sections.populations),
      part("Background", sections.currents),
      part("Connections", sections.connections),
      part("Recordings", sections.recordings),
      ending({ traces: meters, given, weights: this.lists.plastic.length > 0 }),
    ].join("");
    const usage = [`python3 ${SCRIPT} --threads 2`, `mpirun -n 2 python3 ${SCRIPT}; python3 ${SCRIPT} --merge`];
    return { files: [{ path: SCRIPT, content: script }, ...this.arrays.files], report: this.entries(), usage };
  }

  /** The report in the order of the network's parts. */
  private entries(): readonly ReportEntry[] {
    const place = ({ path }: ReportEntry): number =>
      ["populations", "projections", "record"].findIndex((key) => path.startsWith(`$.${key}`));
    return [...this.report.entries].sort((a, b) => place(a) - place(b));
  }

  private head(): string {
    const differs = new Map<string, string[]>();
    for (const { fidelity, path, message } of this.entries()) {
      const said = `${fidelity}: ${message}`;
      if (fidelity !== "exact") differs.set(said, [...(differs.get(said) ?? []), path]);
    }
    return header(`${this.network.name}: a network for NEST 3.10, written by Spikelet ${VERSION}.`, {
      "How it is run": [
        `python3 ${SCRIPT} [--threads N] [--time MS] [--seed N] [--out DIR]`,
        `mpirun -n 2 python3 ${SCRIPT}, where NEST was built with MPI: each process writes its own spikes-RANK.csv`,
        `python3 ${SCRIPT} --merge [--out DIR] makes one spikes.csv of these`,
      ],
      Units: ["ms, mV, pF, nS, pA, spikes/s"],
      "Differs from the network in Spikelet": [...differs].map(([said, paths]) => `${paths.join(", ")}: ${said}`),
    });
  }

  /** NEST's seeds go from 1 to 2^32 - 2. */
  private seed(): number {
    return (this.network.seed % (2 ** 32 - 2)) + (this.network.seed % (2 ** 32 - 2) === 0 ? 1 : 0);
  }

  // Which neuron of NEST stands for a population

  private plan(spec: PopulationSpec, path: string): Plan {
    const variable = this.names.of(spec.name);
    const base = { spec, path, variable, levels: [], traces: {} };
    if (spec.source)
      return {
        ...base,
        cell: undefined,
        ports: new Map(),
        plays: spec.source.kind === "spikeTrain" && this.isHeardDirectly(spec),
      };
    if (spec.model.definition !== undefined) {
      const message = `${spec.model.id} is a model of the network's own, as text; NEST has none that it could be.`;
      throw new ExchangeError(`${path}.model: ${message}`, [], { path: `${path}.model`, value: spec.model.id });
    }
    const receptors = Object.entries(spec.receptors).filter(([name, receptor]) => this.isThere(name, receptor, path));
    const chosen = this.choose(spec, receptors, path);
    return { ...base, ...chosen, plays: false };
  }

  private isThere(name: string, receptor: ReceptorSpec, path: string): boolean {
    const counterpart = mapping.receptors[receptor.kernel];
    if (isPresent(counterpart)) return true;
    this.report.dropped(`${path}.receptors.${name}`, `${counterpart.absent}; what leads to it goes too`);
    return false;
  }

  private isHeardDirectly({ name }: PopulationSpec): boolean {
    return this.network.projections.every(
      (p) => p.source !== name || (!p.plasticity && !p.shortTerm && p.release === undefined),
    );
  }

  private choose(
    spec: PopulationSpec,
    receptors: readonly [string, ReceptorSpec][],
    path: string,
  ): Pick<Plan, "cell" | "ports"> {
    const all = cells[spec.model.id as ModelName];
    const counterpart = mapping.models[spec.model.id as ModelName];
    if (!isPresent(counterpart)) {
      throw new ExchangeError(`${path}.model: ${spec.model.id}: ${counterpart.absent}.`, [], {
        path: `${path}.model`,
        value: spec.model.id,
      });
    }
    const wantsGaps = this.network.projections.some(
      (p) => p.gapJunction === true && (p.source === spec.name || p.target === spec.name),
    );
    const candidates = spec.method === "halfStep" ? [halfStep] : all;
    const inOrder = wantsGaps ? [...candidates.filter((cell) => cell.gaps), ...candidates] : candidates;
    for (const cell of inOrder) {
      const fits = receptors.every(([, r]) => cell.kernels.includes(r.kernel) && isConductance(r) === cell.conductance);
      if (!fits || receptors.some(([, r]) => landingOf(r) !== undefined && landingOf(r) !== "v")) continue;
      const ports = this.portsOf(spec, receptors, cell);
      if (ports) return { cell, ports };
    }
    const has = receptors.map(
      ([name, r]) =>
        `${name} (${r.kernel}${isConductance(r) ? " conductance" : r.kernel === "delta" ? "" : " current"})`,
    );
    const known = all.map(({ name, kernels, conductance }) => {
      const takes = kernels.length === 0 ? "no receptors" : `${kernels.join(", ")}${conductance ? " with E_rev" : ""}`;
      return `${name} (${takes})`;
    });
    const hint = receptors.length > 1 ? " Two currents of one neuron are told apart by the sign of their weights there." : "";
    throw new ExchangeError(
      `${path}.receptors: ${spec.model.id} with the receptors ${has.join(", ")} has no neuron in NEST. ` +
        `Neurons that it has, with the kernels that they take: ${known.join("; ")}.${hint}`,
      [],
      { path: `${path}.receptors`, value: has },
    );
  }

  private portsOf(
    spec: PopulationSpec,
    receptors: readonly [string, ReceptorSpec][],
    cell: Cell,
  ): Map<string, Port> | undefined {
    const { factor = 1, ports, conductance } = cell;
    const unit = (port: Omit<Port, "factor">, sign = 1): Port => ({ ...port, factor: sign * factor });
    if (ports === "one") {
      // Under consistent_integration false a weight is a current of one step.
      const jump = cell === halfStep ? 1 / this.dt : 1;
      return new Map(receptors.map(([name]) => [name, { factor: jump }]));
    }
    if (ports === "listed") {
      const letter = conductance ? "g" : "I_syn";
      return new Map(
        receptors.map(([name], i) => [name, unit({ receptorType: i + 1, shown: [1, `${letter}_${i + 1}`] })]),
      );
    }
    if (receptors.length > 2) return undefined;
    if (conductance) {
      const byReversal = [...receptors].sort(([, a], [, b]) => reversalOf(b) - reversalOf(a));
      const sides = [
        ["g_ex", 1],
        ["g_in", -1],
      ] as const;
      return new Map(
        byReversal.map(([name], i) => [
          name,
          unit({ shown: [1, (sides[i] as (typeof sides)[number])[0]] }, sides[i]?.[1]),
        ]),
      );
    }
    return this.signedCurrents(spec, receptors, cell);
  }

  /** Two currents can be told apart where the weights of one are never negative and those of the other never positive. */
  private signedCurrents(
    spec: PopulationSpec,
    receptors: readonly [string, ReceptorSpec][],
    cell: Cell,
  ): Map<string, Port> | undefined {
    const { factor = 1 } = cell;
    const flipped = cell.name.startsWith("aeif_") ? -1 : 1;
    const ex = (...more: string[]): Port => ({ factor, shown: [1 / factor, "I_syn_ex", ...more] });
    const inh: Port = { factor, shown: [flipped / factor, "I_syn_in"] };
    const ranges = receptors.map(([name]) => this.weightRange(spec, name));
    if (receptors.length < 2) {
      return new Map(
        receptors.map(([name], i) => {
          const [low, high] = ranges[i] as [number, number];
          if (high <= 0 && low < 0) return [name, inh];
          return [name, low < 0 && flipped === 1 ? ex("I_syn_in") : low < 0 ? { factor } : ex()];
        }),
      );
    }
    const [[lowA, highA], [lowB, highB]] = ranges as [[number, number], [number, number]];
    const [[a], [b]] = receptors as [[string, ReceptorSpec], [string, ReceptorSpec]];
    if (lowA >= 0 && highB <= 0)
      return new Map([
        [a, ex()],
        [b, inh],
      ]);
    if (highA <= 0 && lowB >= 0)
      return new Map([
        [a, inh],
        [b, ex()],
      ]);
    return undefined;
  }

  /** The least and greatest weight onto a receptor. */
  private weightRange({ name, background }: PopulationSpec, receptor: string): [number, number] {
    const weights: SynapseValue[] = this.network.projections
      .filter((p) => p.target === name && p.receptor === receptor && p.gapJunction !== true)
      .flatMap((p) => [p.weight, ...(p.plasticity ? [p.plasticity.w_max, 0] : [])]);
    for (const entry of background)
      if (entry.kind === "poisson" && entry.receptor === receptor) weights.push(entry.weight);
    let [low, high] = [0, 0];
    for (const weight of weights) {
      const [least, most] = typeof weight === "function" ? [-Infinity, Infinity] : rangeOf(weight);
      low = Math.min(low, least);
      high = Math.max(high, most);
    }
    return [low, high];
  }

  /**
   * The delay of devices: as long as the shortest one of the network, which NEST's processes and threads exchange spikes by, unless
   * something happens sooner.
   */
  private leadOfDevices(): number {
    let lead = Infinity;
    for (const { delay, gapJunction } of this.network.projections) {
      if (gapJunction === true) continue;
      lead = Math.min(lead, typeof delay === "function" ? 0 : isDistribution(delay) ? 1 : rangeOf(delay)[0] / this.dt);
    }
    let first = Infinity;
    for (const { spec, plays } of this.plans) {
      for (const entry of spec.background) first = Math.min(first, this.firstEdge(entry, spec));
      if (spec.source?.kind === "spikeTrain" && !plays) {
        for (const t of spec.source.times) first = Math.min(first, Math.max(1, stepsOf(t, this.dt)));
      }
    }
    const steps = Number.isFinite(lead) ? Math.max(1, stepsOf(lead * this.dt, this.dt)) : 1;
    return Math.max(1, Math.min(steps, first - 1));
  }

  /** The first step that a device acts from, where that matters. */
  private firstEdge(entry: BackgroundSpec, spec: PopulationSpec): number {
    if (entry.kind === "sine") return windowOf(entry.scope ?? {}, this.dt)[0];
    const parts = isTimed(entry) ? (partsOf(entry, entry.scope ?? {}, spec, this.grid) ?? []) : [];
    return parts.reduce((least, { stairs }) => Math.min(least, stairs.steps.find((k) => k > 0) ?? Infinity), Infinity);
  }

  // Populations

  private population(plan: Plan): void {
    const { spec, path, variable, cell } = plan;
    const { populations } = this.sections;
    if (cell === undefined) return this.source(plan);
    const params = this.parameters(plan, cell);
    const before = variable.length + cell.name.length + 30;
    if (Object.values(params).some((value) => value instanceof Each)) {
      // Numbers of each neuron are given node by node, so that each process can take those of its own.
      this.uses.each = true;
      const entries = Object.entries(params).map(
        ([name, value]) =>
          [name, value instanceof Drawn ? this.numpyEach(value.distribution, spec.size, value.factor) : value] as const,
      );
      const [common, each] = [false, true].map((own) =>
        Object.fromEntries(entries.filter(([, value]) => value instanceof Each === own)),
      );
      populations.push(
        `${variable} = create(${text(cell.name)}, ${spec.size}, ${literal(common as never, 0, before)}, ${literal(each as never, 0, before)})`,
      );
    } else
      populations.push(
        `${variable} = nest.Create(${text(cell.name)}, ${spec.size}, params=${literal(params, 0, before)})`,
      );
    const drawn = [...Object.values(spec.params), ...Object.values(spec.init)].some(isDistribution);
    const same =
      cell.same.includes(spec.method) && cell !== halfStep ? true : cell === halfStep && plan.ports.size === 0;
    if (!same) this.report.approximate(path, `${cell.name}: ${cell.differs}`);
    if (drawn) this.report.approximate(path, `${cell.name}: ${OTHER}`);
    if (same && !drawn) this.report.exact(path, cell.name);
  }

  private parameters(plan: Plan, cell: Cell): Record<string, PythonValue> {
    const { spec, path } = plan;
    const out: Record<string, PythonValue> = {};
    for (const [name, needed] of Object.entries(cell.constants ?? {})) {
      const value = merged(spec.params[name] as Value);
      if (value === needed) continue;
      throw new ExchangeError(`${path}.params.${name}: ${cell.name} of NEST has ${needed} for it, as a constant.`, [], {
        path: `${path}.params.${name}`,
        value,
      });
    }
    for (const [ours, to] of Object.entries(cell.params)) {
      const { name, factor = 1 } = typeof to === "string" ? { name: to } : to;
      out[name] = ours === "tau_m" && name === "g_L" ? this.leak(plan) : this.parameter(plan, ours, factor);
    }
    Object.assign(out, cell.fixed);
    if (cell.fixed?.Delta_T === 0) out.V_peak = out.V_th as PythonValue;
    Object.assign(out, this.receptorParameters(plan, cell), this.starts(plan, cell), plan.traces);
    const level = this.level(plan);
    if (level !== undefined) out.I_e = level;
    return out;
  }

  private shared = new Map<string, Code>();

  /** A parameter's number, array or distribution; one that several places need is drawn once, by NumPy. */
  private parameter(plan: Plan, key: string, factor = 1): PythonValue {
    const { spec, path, variable } = plan;
    const value = merged(spec.params[key] as Value);
    if (key === "t_ref") return this.refractory(plan, value);
    const known = this.shared.get(`${variable} ${key}`);
    if (known) return known;
    const scaled = times(value, factor);
    if (scaled === undefined || isDistribution(scaled)) {
      const sharedHere = (key === "E_L" && this.startsAt(plan, "v") === undefined) || key === "C_m" || key === "tau_m";
      if (sharedHere) return this.sharedDraw(plan, key);
      return this.distribution(value, spec.size, factor, `${path}.params.${key}`);
    }
    return numbersCode(scaled, `${variable}_${key}`, this.arrays);
  }

  private sharedDraw(plan: Plan, key: string): Code {
    const { spec, variable } = plan;
    const place = `${variable} ${key}`;
    const known = this.shared.get(place);
    if (known) return known;
    const value = merged(spec.params[key] as Value);
    const name = this.names.of(`${variable}_${key}`);
    const drawn = isDistribution(value)
      ? this.numpy(value, String(spec.size))
      : typeof value === "number"
        ? `np.full(${spec.size}, ${float(value)})`
        : numbersCode(value, name, this.arrays).text;
    this.sections.populations.push(`${name} = ${drawn}`);
    const made = new Each(name);
    this.shared.set(place, made);
    return made;
  }

  private numpy(value: Value, size: string): string {
    if (!isDistribution(value)) return float(value as number);
    const { text: drawn, truncated } = numpyDistribution(value, size);
    this.uses.draws = true;
    this.uses.truncated ||= truncated;
    return drawn;
  }

  /** A distribution for the neurons of a population: NEST's, or NumPy's where it has none. */
  private distribution(value: Value, size: number, factor: number, path: string): Code {
    if (!isDistribution(value)) throw new ExchangeError(`${path}: no distribution`);
    const there = nestDistribution(value);
    if (there !== undefined) return new Drawn(there, value, factor);
    return this.numpyEach(value, size, factor);
  }

  private numpyEach(value: Distribution, size: number, factor: number): Each {
    const drawn = this.numpy(value, String(size));
    return new Each(factor === 1 ? drawn : `${drawn} * ${float(factor)}`);
  }

  private refractory({ path, variable, spec }: Plan, value: Value): PythonValue {
    if (isDistribution(value)) {
      this.report.approximate(
        `${path}.params.t_ref`,
        "NEST takes the next larger whole number of steps, Spikelet the nearest",
      );
      return this.distribution(value, spec.size, 1, path);
    }
    const onGrid =
      typeof value === "number"
        ? timeOf(stepsOf(value, this.dt), this.dt)
        : value.map((t) => timeOf(stepsOf(t, this.dt), this.dt));
    return numbersCode(onGrid, `${variable}_t_ref`, this.arrays);
  }

  /** g_L of a model that has tau_m. */
  private leak(plan: Plan): PythonValue {
    const [C, tau] = [merged(plan.spec.params.C_m as Value), merged(plan.spec.params.tau_m as Value)];
    if (isDistribution(C) || isDistribution(tau)) {
      return new Each(`${this.sharedDraw(plan, "C_m").text} / ${this.sharedDraw(plan, "tau_m").text}`);
    }
    const at = (x: number | Float64Array, i: number): number => (typeof x === "number" ? x : (x[i] as number));
    if (typeof C === "number" && typeof tau === "number") return C / tau;
    return numbersCode(
      Float64Array.from({ length: plan.spec.size }, (_, i) => at(C, i) / at(tau, i)),
      `${plan.variable}_g_L`,
      this.arrays,
    );
  }

  private receptorParameters({ spec, ports, path }: Plan, cell: Cell): Record<string, PythonValue> {
    const out: Record<string, PythonValue> = {};
    for (const name of cell.name.includes("_beta") ? ports.keys() : []) {
      if (spec.receptors[name]?.kernel !== "exponential") continue;
      this.report.approximate(
        `${path}.receptors.${name}`,
        `${cell.name} has no instantaneous rise: it takes ${float(this.dt / 10)} ms there`,
      );
    }
    const known = [...ports].map(([name, port]) => [spec.receptors[name] as ReceptorSpec, port] as const);
    if (cell.ports === "listed") {
      const list = (f: (r: ReceptorSpec) => number): PythonValue => known.map(([receptor]) => f(receptor));
      if (known.length === 0) return out;
      if (!cell.conductance) return { tau_syn: list((r) => timesOf(r, this.dt)[1]) };
      return {
        E_rev: list(reversalOf),
        tau_rise: list((r) => timesOf(r, this.dt)[0]),
        tau_decay: list((r) => timesOf(r, this.dt)[1]),
      };
    }
    if (cell.ports === "one") return out;
    const beta = cell.name.includes("_beta");
    const put = (side: "ex" | "in", receptor: ReceptorSpec): void => {
      const [rise, decay] = timesOf(receptor, this.dt);
      if (beta) Object.assign(out, { [`tau_rise_${side}`]: rise, [`tau_decay_${side}`]: decay });
      else out[`tau_syn_${side}`] = decay;
      if (cell.conductance) out[`E_${side}`] = reversalOf(receptor);
    };
    for (const [receptor, port] of known) {
      const side = port.shown?.[1]?.endsWith("in") ? "in" : "ex";
      put(side, receptor);
      // One current of both signs.
      if (known.length === 1 && !cell.conductance) put(side === "ex" ? "in" : "ex", receptor);
    }
    return out;
  }

  /** The value that was given for the start of a state. */
  private startsAt({ spec }: Plan, state: string): Value | undefined {
    const value = spec.init[state];
    return value === undefined ? undefined : merged(value);
  }

  private starts(plan: Plan, cell: Cell): Record<string, PythonValue> {
    const { spec, path, variable } = plan;
    const out: Record<string, PythonValue> = {};
    const defaults = this.defaultStarts(plan);
    for (const [ours, theirs] of Object.entries(cell.states)) {
      const given = this.startsAt(plan, ours);
      if (given === undefined) out[theirs] = defaults(ours);
      else if (isDistribution(given)) out[theirs] = this.distribution(given, spec.size, 1, `${path}.init.${ours}`);
      else out[theirs] = numbersCode(given, `${variable}_${theirs}`, this.arrays);
    }
    for (const [name, port] of plan.ports) {
      const key = receptorVariable(name, spec.receptors[name] as ReceptorSpec);
      const given = key === undefined ? undefined : this.startsAt(plan, key);
      if (given === undefined || given === 0) continue;
      const side = port.shown?.[1]?.endsWith("in") ? 1 : 0;
      const theirs = cell.synapticStates?.[side];
      const where = `${path}.init.${key}`;
      if (theirs === undefined) this.report.dropped(where, `${cell.name} of NEST starts without synaptic input`);
      else if (isDistribution(given)) out[theirs] = this.distribution(given, spec.size, 1, where);
      else out[theirs] = numbersCode(given, `${variable}_${theirs}`, this.arrays);
    }
    return out;
  }

  /** Where the states start that nothing is said of. */
  private defaultStarts(plan: Plan): (state: string) => PythonValue {
    const { spec, path, variable } = plan;
    const record: ModelRecord = spec.model;
    const params = Object.entries(spec.params).map(([key, value]) => [key, merged(value)] as const);
    const drawn = params.find(([, value]) => isDistribution(value));
    const differ = params.some(([, value]) => value instanceof Float64Array);
    let neurons: Record<string, number>[] | undefined;
    return (state) => {
      const written = record.init === "rest" ? undefined : (record.init[state] as string);
      if (written !== undefined && spec.params[written] !== undefined) return this.parameter(plan, written);
      if (written !== undefined && Number.isFinite(Number(written))) return Number(written);
      if (drawn) {
        const where = `${path}.init.${state}`;
        throw new ExchangeError(
          `${where}: it follows from parameters that are drawn (${drawn[0]}), and NEST has none for it. ${EXPLICIT}`,
          [],
          { path: where },
        );
      }
      neurons ??= Array.from({ length: differ ? spec.size : 1 }, (_, i) =>
        startingStates(
          record,
          Object.fromEntries(
            params.map(([key, value]) => [key, value instanceof Float64Array ? value[i] : value]),
          ) as Record<string, number>,
        ),
      );
      const values = Float64Array.from(neurons, (one) => one[state] as number);
      return differ ? numbersCode(values, `${variable}_${state}`, this.arrays) : (values[0] as number);
    };
  }

  /** The sum of the currents that are always there. */
  private level({ spec, levels, variable }: Plan): PythonValue | undefined {
    if (levels.length === 0) return undefined;
    const plain = levels.every(({ value }) => typeof value === "number" || value instanceof Float64Array);
    if (plain) {
      const sum = new Float64Array(spec.size);
      for (const { value, neurons } of levels) {
        const of = (i: number, j: number): number =>
          typeof value === "number" ? value : ((value as Float64Array)[neurons ? j : i] as number);
        if (neurons) neurons.forEach((i, j) => (sum[i] = (sum[i] as number) + of(i, j)));
        else for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + of(i, i);
      }
      return numbersCode(merged(sum) as number | Float64Array, `${variable}_I_e`, this.arrays);
    }
    const [only] = levels as [Level];
    if (levels.length === 1 && only.neurons === undefined) return this.valueCode(only.value, variable, spec.size);
    const name = this.names.of(`${variable}_I_e`);
    const lines = [`${name} = np.zeros(${spec.size})`];
    for (const { value, neurons } of levels) {
      const place = neurons ? `[${this.arrays.of(`${variable}_neurons`, neurons).text}]` : "[:]";
      lines.push(
        `${name}${place} += ${isDistribution(value) ? this.numpy(value, String(neurons?.length ?? spec.size)) : this.valueCode(value, variable, spec.size).text}`,
      );
    }
    this.sections.populations.push(...lines);
    return new Each(name);
  }

  private valueCode(value: Value | Code, name: string, size: number): Code {
    if (typeof value === "number" || value instanceof Float64Array)
      return numbersCode(value, `${name}_I_e`, this.arrays);
    return isCode(value) ? value : this.distribution(value, size, 1, name);
  }

  private source(plan: Plan): void {
    const { spec, path, variable, plays } = plan;
    const { populations } = this.sections;
    const { source } = spec;
    if (source?.kind === "spikeTrain") {
      this.uses.play = true;
      const steps = source.times.map((t) => Math.max(1, stepsOf(t, this.dt)));
      const [neurons, at] = plays ? [source.neurons, steps] : this.sooner(source.neurons, steps, path);
      const times = this.arrays.of(
        `${variable}_times`,
        at.map((k) => timeOf(k, this.dt)),
        "np.array",
      );
      const cells_ = this.arrays.of(`${variable}_neurons`, neurons, "np.array");
      const generators = plays ? variable : this.names.of(`${variable}_generators`);
      populations.push(
        `${generators} = nest.Create("spike_generator", ${spec.size})`,
        `play(${generators}, ${times.text}, ${cells_.text}${plays ? "" : `, sooner=${float(this.leadMs)}`})`,
      );
      if (!plays) this.parrots(plan, generators, "one_to_one");
      return this.report.exact(path, plays ? "spike_generator" : "spike_generator and parrot_neuron");
    }
    if (source?.kind !== "poisson") throw new ExchangeError(`${path}: a source of this kind is not for networks.`);
    const generators = this.names.of(`${variable}_generators`);
    const { create, oneEach } = this.poissonGenerators(source.rate, {}, spec.size, `${variable}_rate`);
    populations.push(`${generators} = ${create}`);
    this.parrots(plan, generators, oneEach ? "one_to_one" : "all_to_all");
    this.report.approximate(
      path,
      `poisson_generator and parrot_neuron: other random numbers, and the first spikes come ${float(this.leadMs)} ms later`,
    );
  }

  private parrots({ spec, variable }: Plan, generators: string, rule: string): void {
    const { populations } = this.sections;
    populations.push(
      `${variable} = nest.Create("parrot_neuron", ${spec.size})`,
      `nest.Connect(${generators}, ${variable}, ${text(rule)}, {"delay": ${float(this.leadMs)}})`,
    );
  }

  /** A parrot repeats a spike a delay later; one of the first steps would have to be given before the start. */
  private sooner(neurons: Uint32Array, steps: Float64Array, path: string): [Uint32Array, Float64Array] {
    const kept = Uint32Array.from(steps.keys()).filter((i) => (steps[i] as number) > this.lead);
    const lost = steps.length - kept.length;
    if (lost > 0) {
      const message = `${lost} ${lost === 1 ? "spike" : "spikes"} at ${float(this.leadMs)} ms or before: sources of synapses that change repeat the spikes of a generator, a step later at least`;
      this.report.dropped(path, message);
    }
    return [Uint32Array.from(kept, (i) => neurons[i] as number), Float64Array.from(kept, (i) => steps[i] as number)];
  }

  private poissonGenerators(
    rate: Value | Points,
    window: { start?: number; stop?: number },
    size: number,
    name: string,
  ): { create: string; oneEach: boolean } {
    const [first, last] = windowOf(window, this.dt);
    if (isPoints(rate)) {
      // What begins before a device can act begins when it can: only the last of those rates is left.
      const { steps, values } = lastOf(ratesOf(rate, window, this.grid), this.lead + 1);
      const params = { rate_times: this.times(steps, name), rate_values: this.arrays.of(`${name}_values`, values) };
      return {
        create: `nest.Create("inhomogeneous_poisson_generator", params=${literal(params, 0, 60)})`,
        oneEach: false,
      };
    }
    const value = merged(rate);
    const when = this.window(first, last);
    if (typeof value === "number")
      return {
        create: `nest.Create("poisson_generator", params=${literal({ rate: value, ...when }, 0, 50)})`,
        oneEach: false,
      };
    this.uses.each = true;
    const rates = isDistribution(value) ? this.numpyEach(value, size, 1) : numbersCode(value, name, this.arrays);
    return { create: `create("poisson_generator", ${size}, ${literal(when)}, {"rate": ${rates.text}})`, oneEach: true };
  }

  // Background

  private current(plan: Plan, entry: BackgroundSpec, path: string, place: number): void {
    const counterpart = mapping.backgrounds[entry.kind];
    if (entry.kind === "ornsteinUhlenbeck") {
      this.timed(plan, { kind: "constant", amplitude: entry.mean }, entry.scope ?? {}, path, place);
      return this.report.dropped(
        path,
        `${(counterpart as { absent: string }).absent}; its mean goes in as a constant current`,
      );
    }
    if (!isPresent(counterpart)) return this.report.dropped(path, counterpart.absent);
    switch (entry.kind) {
      case "poisson":
        return this.bombard(plan, entry, path, place);
      case "whiteNoise":
        return this.noise(plan, entry, path, place);
      case "sine":
        return this.sine(plan, entry, path, place);
      case "rheobase":
        return;
      default:
        return this.timed(plan, entry, entry.scope ?? {}, path, place);
    }
  }

  private timed(
    plan: Plan,
    entry: TimedKind,
    scope: NonNullable<BackgroundSpec["scope"]>,
    path: string,
    place: number,
    quiet = false,
  ): void {
    const parts = partsOf(entry, scope, plan.spec, this.grid);
    if (parts === undefined) {
      return this.report.dropped(
        path,
        "the expression has random numbers, or differs between too many neurons and steps to be written one by one",
      );
    }
    const each = parts.length === plan.spec.size && entry.kind === "expression" && /\bi\b/.test(entry.I);
    let late = false;
    for (const [i, part] of parts.entries()) {
      const neurons = each ? Uint32Array.of(i) : sorted(scope.neurons);
      if (each && scope.neurons && !scope.neurons.includes(i)) continue;
      late = this.part(plan, part, neurons, `${plan.variable}_current_${place}`) || late;
    }
    if (quiet) return;
    const drawn = Object.values(entry).some((value) => isDistribution(value));
    const sampled =
      entry.kind === "expression" ||
      (entry.kind === "piecewise" && entry.points.some(([, , slope]) => slope !== 0)) ||
      entry.kind === "ramp";
    const name = parts.every(({ stairs }) => stairs.steps.length === 1 && stairs.steps[0] === 0)
      ? "I_e"
      : "step_current_generator";
    if (drawn) this.report.approximate(path, `${name}: ${OTHER}`);
    if (late)
      this.report.approximate(
        path,
        `${name}: what changes in the second step changes one step later, since a device has a delay`,
      );
    if (sampled && plan.spec.method !== "exact")
      this.report.approximate(
        path,
        `${name}: sampled at the start of each step; ${plan.spec.method} looks at other times within a step`,
      );
    if (entry.kind === "expression")
      this.report.approximate(path, `${name}: sampled at the start of each step, with the host's functions`);
    if (!drawn && !late && !(sampled && plan.spec.method !== "exact") && entry.kind !== "expression")
      this.report.exact(path, name);
  }

  /** A part of a current; true when a change of it is late. */
  private part(plan: Plan, { scale, stairs }: Part, neurons: Uint32Array | undefined, name: string): boolean {
    const { factor = 1 } = plan.cell as Cell;
    const { steps, values } = stairs;
    if (steps.length === 0) return false;
    const start = steps[0] === 0 ? (values[0] as number) * factor : 0;
    const changes = Array.from(steps, (k, i) => [k, (values[i] as number) * factor - start] as const).filter(
      ([k]) => k > 0,
    );
    let weight: Value | Code = merged(
      neurons && scale instanceof Float64Array ? Float64Array.from(neurons, (i) => scale[i] as number) : scale,
    );
    if (isDistribution(weight) && (changes.length > 0 || start !== 1))
      weight = this.drawnOnce(weight, neurons?.length ?? plan.spec.size, name);
    if (start !== 0) plan.levels.push({ value: product(weight, start), neurons });
    if (changes.length === 0) return false;
    const first = this.lead + 1;
    const early = changes.filter(([k]) => k < first).length;
    const kept = changes
      .slice(Math.max(0, early - (changes[early]?.[0] === first ? 0 : 1)))
      .map(([k, value]) => [Math.max(k, first), value] as const);
    this.device(plan, this.stepGenerator(kept, name), weight, neurons, name);
    return early > 0;
  }

  private stepGenerator(changes: readonly (readonly [step: number, value: number])[], name: string): string {
    const [[on, amplitude], off] = changes as [readonly [number, number], (readonly [number, number])?];
    if (changes.length === 1 || (changes.length === 2 && off?.[1] === 0)) {
      const params = { amplitude, ...this.window(on, off?.[0] ?? Infinity) };
      return `nest.Create("dc_generator", params=${literal(params, 0, 45)})`;
    }
    const params = {
      amplitude_times: this.times(
        Float64Array.from(changes, ([k]) => k),
        name,
      ),
      amplitude_values: this.arrays.of(
        `${name}_values`,
        Float64Array.from(changes, ([, value]) => value),
      ),
    };
    return `nest.Create("step_current_generator", params=${literal(params, 0, 55)})`;
  }

  /** Times at which a device must do what shall act from these steps on. */
  private times(steps: Float64Array, name: string): Code {
    return this.arrays.of(
      `${name}_times`,
      steps.map((k) => timeOf(Math.max(1, k - this.lead), this.dt)),
    );
  }

  private window(first: number, last: number): Record<string, number> {
    return {
      ...(first > this.lead && { start: timeOf(first - this.lead, this.dt) }),
      ...(Number.isFinite(last) && { stop: timeOf(Math.max(0, last - this.lead), this.dt) }),
    };
  }

  private drawnOnce(value: Value, size: number, wanted: string): Code {
    const name = this.names.of(wanted);
    this.sections.populations.push(`${name} = ${this.numpy(value, String(size))}`);
    return code(name);
  }

  /** A device and its connection to the neurons that it acts on. */
  private device(
    plan: Plan,
    create: string,
    weight: Value | Code,
    neurons: Uint32Array | undefined,
    name: string,
    more: Synapse = {},
    rule = "all_to_all",
  ): void {
    const { currents } = this.sections;
    const variable = this.names.of(name);
    const synapse: Synapse = { ...this.deviceWeight(weight, name, rule), delay: this.leadMs, ...more };
    currents.push(
      `${variable} = ${create}`,
      `nest.Connect(${variable}, ${this.targets(plan, neurons)}, ${text(rule)}, ${literal(synapse, 0, 40 + 2 * variable.length)})`,
    );
  }

  private deviceWeight(weight: Value | Code, name: string, rule: string): Synapse {
    if (weight === 1) return {};
    if (typeof weight === "number") return { weight };
    const column = rule === "all_to_all" ? ".reshape(-1, 1)" : "";
    if (weight instanceof Float64Array)
      return { weight: code(`${this.arrays.of(`${name}_weight`, weight, "np.array").text}${column}`) };
    if (isCode(weight)) return { weight: code(`${weight.text}${column}`) };
    return { weight: code(nestDistribution(weight) ?? `${this.numpy(weight, "1")}`) };
  }

  private targets({ variable }: Plan, neurons: Uint32Array | undefined): string {
    if (neurons === undefined) return variable;
    const list = this.arrays.of(`${variable}_neurons`, neurons).text;
    return `${variable}[${list.startsWith("[") ? list : `${list}.tolist()`}]`;
  }

  private sine(plan: Plan, entry: Extract<BackgroundSpec, { kind: "sine" }>, path: string, place: number): void {
    const { amplitude, frequency, phase, offset, scope = {} } = entry;
    const { factor = 1 } = plan.cell as Cell;
    const name = `${plan.variable}_current_${place}`;
    if (offset !== 0) this.timed(plan, { kind: "constant", amplitude: offset }, scope, path, place, true);
    const [first, last] = windowOf(scope, this.dt);
    // The generator's time is that of its sending: what arrives now is its sine of a delay ago.
    const degrees = ((phase * 180) / Math.PI + 0.36 * frequency * this.leadMs) % 360;
    const number = typeof amplitude === "number";
    const params = {
      amplitude: number ? amplitude * factor : factor,
      frequency,
      phase: degrees,
      ...this.window(first, last),
    };
    const neurons = sorted(scope.neurons);
    const weight = number
      ? 1
      : merged(
          neurons && amplitude instanceof Float64Array
            ? Float64Array.from(neurons, (i) => amplitude[i] as number)
            : amplitude,
        );
    this.device(plan, `nest.Create("ac_generator", params=${literal(params, 0, 45)})`, weight, neurons, name);
    const acts = Math.max(first, this.lead + 1);
    if (isDistribution(amplitude) || isDistribution(offset)) this.report.approximate(path, `ac_generator: ${OTHER}`);
    if (acts > first)
      this.report.approximate(
        path,
        `ac_generator: it acts from ${float(timeOf(acts, this.dt))} ms on, since a device has a delay`,
      );
    if (plan.spec.method !== "exact")
      this.report.approximate(
        path,
        `ac_generator: NEST takes the value at the start of a step; ${plan.spec.method} looks at other times within it`,
      );
    else if (acts === first && !isDistribution(amplitude) && !isDistribution(offset))
      this.report.exact(path, "ac_generator");
  }

  private noise(plan: Plan, entry: Extract<BackgroundSpec, { kind: "whiteNoise" }>, path: string, place: number): void {
    const { sigma, mean, scope = {} } = entry;
    const { factor = 1 } = plan.cell as Cell;
    const tau = plan.spec.params.tau_m;
    // As here, so that the deviation of v does not depend on dt where the equation is solved exactly.
    const exact = plan.cell?.same.includes("exact") === true && typeof tau === "number";
    const perStep = factor / Math.sqrt(exact ? 2 * tau * Math.tanh(this.dt / (2 * tau)) : this.dt);
    if (mean !== 0) this.timed(plan, { kind: "constant", amplitude: mean }, scope, path, place, true);
    const number = typeof sigma === "number";
    const params = {
      std: number ? sigma * perStep : perStep,
      dt: this.dt,
      ...this.window(...windowOf(scope, this.dt)),
    };
    const neurons = sorted(scope.neurons);
    const weight = number
      ? 1
      : merged(
          neurons && sigma instanceof Float64Array ? Float64Array.from(neurons, (i) => sigma[i] as number) : sigma,
        );
    this.device(
      plan,
      `nest.Create("noise_generator", params=${literal(params, 0, 45)})`,
      weight,
      neurons,
      `${plan.variable}_noise_${place}`,
    );
    this.report.approximate(path, "noise_generator with the resolution as its dt: other random numbers");
  }

  private bombard(plan: Plan, entry: Extract<BackgroundSpec, { kind: "poisson" }>, path: string, place: number): void {
    const { rate, receptor, scope = {} } = entry;
    const port = plan.ports.get(receptor);
    if (port === undefined) return this.report.dropped(path, `its receptor ${receptor} is not there`);
    const neurons = sorted(scope.neurons);
    const size = neurons?.length ?? plan.spec.size;
    const chosen =
      neurons && rate instanceof Float64Array ? Float64Array.from(neurons, (i) => rate[i] as number) : rate;
    const name = `${plan.variable}_input_${place}`;
    const { create, oneEach } = this.poissonGenerators(chosen, scope, size, `${name}_rate`);
    const own =
      neurons && entry.weight instanceof Float64Array
        ? Float64Array.from(neurons, (i) => (entry.weight as Float64Array)[i] as number)
        : entry.weight;
    const weight = scaled(merged(own), port.factor);
    if (weight === undefined)
      throw new ExchangeError(`${path}.weight: NEST has no gamma distribution for weights. ${EXPLICIT}`, [], {
        path: `${path}.weight`,
      });
    this.device(plan, create, weight, neurons, name, receptorOf(port), oneEach ? "one_to_one" : "all_to_all");
    this.report.approximate(
      path,
      `poisson_generator: other random numbers, and the first events come ${float(this.leadMs)} ms later`,
    );
  }

  // Connections

  private project(projection: ProjectionSpec, path: string): void {
    const plan = (name: string): Plan => this.plans.find(({ spec }) => spec.name === name) as Plan;
    const [source, target] = [plan(projection.source), plan(projection.target)];
    const { connections } = this.sections;
    if (projection.gapJunction === true) return this.gap(projection, source, target, path);
    const port = target.ports.get(projection.receptor);
    if (port === undefined) return this.report.dropped(path, `its receptor ${projection.receptor} is not there`);
    const model = this.synapseModel(projection, port, source, target, path);
    const { rule } = projection;
    if (rule.rule === "list" || rule.rule === "distance") {
      const arrays =
        rule.rule === "list"
          ? this.listed(rule, source, target)
          : this.byDistance(projection, rule, source, target, path);
      const synapse = {
        ...model,
        weight: this.synapseNumbers(
          projection.weight,
          port.factor,
          arrays.count,
          `${source.variable}_${target.variable}_weight`,
          `${path}.weight`,
        ),
        ...this.delays(projection, arrays.count, source, target, path),
        ...receptorOf(port),
      };
      this.uses.pairs = true;
      connections.push(
        ...arrays.lines,
        `connect_pairs(${source.variable}, ${target.variable}, ${arrays.sources}, ${arrays.targets}, ${literal(synapse, 0, 60)})`,
      );
    } else {
      const weight = this.ruleValue(
        projection.weight,
        port.factor,
        target.cell?.conductance === true ? 0 : undefined,
        `${path}.weight`,
      );
      const synapse = {
        ...model,
        weight,
        ...this.delays(projection, undefined, source, target, path),
        ...receptorOf(port),
      };
      const connection = this.rule(projection, path);
      connections.push(
        `nest.Connect(${source.variable}, ${target.variable}, ${literal(connection)}, ${literal(synapse, 0, 50)})`,
      );
    }
    this.reportProjection(projection, path);
  }

  private reportProjection(projection: ProjectionSpec, path: string): void {
    const { rule, weight, delay } = projection;
    const counterpart = mapping.rules[rule.rule];
    if (!isPresent(counterpart)) return;
    const drawn = isDistribution(weight) || isDistribution(delay);
    if (counterpart.differs !== undefined) this.report.approximate(path, `${counterpart.name}: ${counterpart.differs}`);
    if (drawn) this.report.approximate(path, `${counterpart.name}: weights or delays: ${OTHER}`);
    if (counterpart.differs === undefined && !drawn) this.report.exact(path, counterpart.name);
  }

  private rule({ rule, source, target, autapses, multapses }: ProjectionSpec, path: string): PythonValue {
    const own = source === target && !autapses ? { allow_autapses: false } : {};
    const several = multapses ? {} : { allow_multapses: false };
    switch (rule.rule) {
      case "allToAll":
        return source === target && !autapses ? { rule: "all_to_all", ...own } : "all_to_all";
      case "oneToOne":
        return "one_to_one";
      case "fixedProbability":
        return { rule: "pairwise_bernoulli", p: rule.p, ...own };
      case "fixedIndegree":
        return { rule: "fixed_indegree", indegree: int(rule.k), ...own, ...several };
      case "fixedOutdegree":
        return { rule: "fixed_outdegree", outdegree: int(rule.k), ...own, ...several };
      case "fixedTotalNumber":
        if (!multapses)
          this.report.approximate(
            path,
            "fixed_total_number makes several synapses between two neurons where they are drawn",
          );
        return { rule: "fixed_total_number", N: int(rule.n), ...own };
      default:
        throw new ExchangeError(`${path}.rule: ${rule.rule}`);
    }
  }

  /** A weight or delay for a rule of NEST. */
  private ruleValue(value: SynapseValue, factor: number, least: number | undefined, path: string): PythonValue {
    if (typeof value === "number") return value * factor;
    if (typeof value === "function" || value instanceof Float64Array) {
      throw new ExchangeError(
        `${path}: it is computed for each synapse, and NEST draws the synapses. ${EXPLICIT}`,
        [],
        { path },
      );
    }
    const drawn = nestDistribution(value);
    if (drawn === undefined)
      throw new ExchangeError(`${path}: NEST has no gamma distribution for synapses. ${EXPLICIT}`, [], { path, value });
    const bounded =
      least !== undefined && rangeOf(value)[0] < least ? `nest.math.max(${drawn}, ${float(least)})` : drawn;
    return code(factor === 1 ? bounded : `${bounded} * ${float(factor)}`);
  }

  /** A weight or delay for a list. */
  private synapseNumbers(value: SynapseValue, factor: number, count: string, name: string, path: string): PythonValue {
    if (typeof value === "function")
      throw new ExchangeError(`${path}: it is computed for each synapse. ${EXPLICIT}`, [], { path });
    const one = merged(value);
    if (typeof one === "number") return one * factor;
    if (one instanceof Float64Array)
      return this.arrays.of(name, factor === 1 ? one : one.map((x) => x * factor), "np.array");
    const drawn = this.numpy(one, count);
    return code(factor === 1 ? drawn : `${drawn} * ${float(factor)}`);
  }

  private delays(
    { delay }: ProjectionSpec,
    count: string | undefined,
    source: Plan,
    target: Plan,
    path: string,
  ): Synapse {
    const onGrid = (ms: number): number => timeOf(intervalSteps(ms, this.dt), this.dt);
    if (typeof delay === "number") return { delay: onGrid(delay) };
    if (delay instanceof Float64Array)
      return {
        delay: this.synapseNumbers(
          delay.map(onGrid),
          1,
          "",
          `${source.variable}_${target.variable}_delay`,
          `${path}.delay`,
        ),
      };
    if (count === undefined) return { delay: this.ruleValue(delay, 1, this.dt, `${path}.delay`) };
    const drawn = this.synapseNumbers(delay, 1, count, "", `${path}.delay`) as Code;
    return { delay: code(`np.maximum(${drawn.text}, DT)`) };
  }

  private listed(rule: Extract<ProjectionSpec["rule"], { rule: "list" }>, source: Plan, target: Plan) {
    const base = `${source.variable}_${target.variable}`;
    const [sources, targets] = [
      this.arrays.of(`${base}_sources`, rule.sources),
      this.arrays.of(`${base}_targets`, rule.targets),
    ];
    return { lines: [] as string[], sources: sources.text, targets: targets.text, count: String(rule.sources.length) };
  }

  private byDistance(
    { autapses }: ProjectionSpec,
    rule: Extract<ProjectionSpec["rule"], { rule: "distance" }>,
    source: Plan,
    target: Plan,
    path: string,
  ) {
    this.uses.distance = true;
    this.uses.draws = true;
    const [sources, targets] = [
      this.names.of(`${source.variable}_sources`),
      this.names.of(`${target.variable}_targets`),
    ];
    const d = `d / ${float(rule.scale)}`;
    const kernel = {
      box: `(${d} <= 1)`,
      linear: `np.maximum(1 - ${d}, 0)`,
      gaussian: `np.exp(-((${d}) ** 2) / 2)`,
      exponential: `np.exp(-${d})`,
    }[rule.kernel];
    const period = rule.periodic ? periodOf(target.spec) : [0, 0];
    const own = source !== target || autapses ? "True" : "False";
    const call = `pairs_by_distance(${this.positions(source, path)}, ${this.positions(target, path)}, lambda d: ${float(rule.p)} * ${kernel}, ${literal(period)}, ${own})`;
    return { lines: [`${sources}, ${targets} = ${call}`], sources, targets, count: `len(${sources})` };
  }

  /** Where neurons are, as the name of an array with a row each. */
  private positions(plan: Plan, path: string): string {
    const key = `${plan.variable} positions`;
    const known = this.shared.get(key);
    if (known) return known.text;
    const { spec, variable } = plan;
    if (spec.positions === undefined) throw new ExchangeError(`${path}: ${spec.name} has no positions.`);
    const name = this.names.of(`${variable}_positions`);
    const { positions } = spec;
    if (positions.kind === "disc") {
      this.uses.draws = true;
      this.sections.populations.push(
        `${name}_angle, ${name}_radius = 2 * np.pi * rng.random(${spec.size}), ${float(positions.radius)} * np.sqrt(rng.random(${spec.size}))`,
        `${name} = np.column_stack((${name}_radius * np.cos(${name}_angle), ${name}_radius * np.sin(${name}_angle)))`,
      );
    } else {
      const [x, y] = coordinates(spec);
      this.sections.populations.push(
        `${name} = np.column_stack((${this.arrays.of(`${name}_x`, x).text}, ${this.arrays.of(`${name}_y`, y).text}))`,
      );
    }
    this.shared.set(key, code(name));
    return name;
  }

  /** The synapse's model, its own where it has parameters. */
  private synapseModel(projection: ProjectionSpec, port: Port, source: Plan, target: Plan, path: string): Synapse {
    const { plasticity, shortTerm, release, scaling } = projection;
    if (scaling) this.report.dropped(`${path}.scaling`, (mapping.plasticity.scaling as { absent: string }).absent);
    const sorts = [
      plasticity && "plasticity",
      shortTerm && "shortTerm",
      release !== undefined && release < 1 && "release",
    ].filter((sort) => typeof sort === "string");
    for (const sort of sorts.slice(1))
      this.report.dropped(`${path}.${sort}`, `a synapse of NEST changes in one way only; this one has ${sorts[0]}`);
    if (sorts.length === 0) return {};
    const [base, params]: readonly [string, Readonly<Record<string, number>>] = plasticity
      ? this.plastic(projection, plasticity, port, target, path)
      : shortTerm
        ? ([
            "tsodyks2_synapse",
            { U: shortTerm.U, u: shortTerm.U, x: 1, tau_rec: shortTerm.tau_rec, tau_fac: shortTerm.tau_facil },
          ] as const)
        : (["bernoulli_synapse", { p_transmit: release as number }] as const);
    if (!plasticity && !shortTerm)
      this.report.approximate(`${path}.release`, "bernoulli_synapse: other random numbers");
    if (!plasticity && shortTerm) this.report.exact(`${path}.shortTerm`, "tsodyks2_synapse");
    // NEST compares the signs of the weight and its bound, and its own default is 1.
    const given =
      "Wmax" in params && (params.Wmax as number) < 0 ? { ...params, weight: params.Wmax as number } : params;
    const name = this.names.of(`${source.variable}_${target.variable}_synapse`);
    this.sections.connections.push(
      `nest.CopyModel(${text(base)}, ${text(name)}, ${literal(given, 0, 30 + base.length + name.length)})`,
    );
    if (plasticity) {
      const ours = projectionNames(this.network.projections)[this.network.projections.indexOf(projection)] as string;
      this.lists.plastic.push(
        `(${text(ours)}, ${source.variable}, ${target.variable}, ${text(name)}, ${float(port.factor)})`,
      );
    }
    return { synapse_model: name };
  }

  private plastic(
    projection: ProjectionSpec,
    rule: NonNullable<ProjectionSpec["plasticity"]>,
    port: Port,
    target: Plan,
    path: string,
  ): readonly [string, Record<string, number>] {
    const where = `${path}.plasticity`;
    const known = mapping.plasticity[rule.kind];
    if (isPresent(known) && known.differs !== undefined)
      this.report.approximate(where, `${known.name}: ${known.differs}`);
    if (rule.dendriticDelayFraction !== 1) {
      this.report.approximate(
        where,
        "NEST counts the whole delay as dendritic, as dendriticDelayFraction 1 does here; a pair is later or sooner by the rest",
      );
    }
    if (rule.kind !== "inhibitoryStdp" && rule.w_min !== 0)
      this.report.approximate(where, `the least weight is 0 in NEST, not ${rule.w_min}`);
    if (isDistribution(projection.delay) || projection.delay instanceof Float64Array)
      this.report.approximate(where, "each synapse has its own dendritic delay in NEST");
    const sign = port.factor;
    switch (rule.kind) {
      case "stdp": {
        this.trace(target, "tau_minus", rule.tau_minus, where);
        const mu = rule.weightDependence === "additive" ? 0 : 1;
        const name = rule.pairing === "all" ? "stdp_synapse" : "stdp_nn_symm_synapse";
        if (rule.pairing !== "all")
          this.report.approximate(
            where,
            "stdp_nn_symm_synapse takes other spikes for the nearest in part: weights of a check parted by up to 3 % of w_max",
          );
        const alpha = rule.A_plus === 0 ? 0 : rule.A_minus / rule.A_plus;
        if (rule.A_plus === 0 && rule.A_minus !== 0) {
          this.report.approximate(
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
        this.trace(target, "tau_minus", rule.tau_minus, where);
        this.trace(target, "tau_minus_triplet", rule.tau_y, where);
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
        this.trace(target, "tau_minus", rule.tau, where);
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
  private trace({ traces, spec }: Plan, name: string, value: number, path: string): void {
    const other = traces[name];
    if (other !== undefined && other !== value) {
      this.report.approximate(
        path,
        `all synapses onto ${spec.name} have one ${name} in NEST: ${other} ms, not ${value}`,
      );
    } else traces[name] = value;
  }

  private gap(projection: ProjectionSpec, source: Plan, target: Plan, path: string): void {
    if (source.cell?.gaps !== true || target.cell?.gaps !== true) {
      return this.report.dropped(
        path,
        "NEST has gap junctions between neurons of hh_cond_beta_gap_traub only (traubMiles here)",
      );
    }
    const { rule, weight } = projection;
    if (rule.rule !== "list")
      throw new ExchangeError(
        `${path}.rule: gap junctions of NEST must be symmetric where it draws them. ${EXPLICIT}`,
        [],
        { path: `${path}.rule` },
      );
    const { sources, targets, count } = this.listed(rule, source, target);
    const synapse = {
      synapse_model: "gap_junction",
      weight: this.synapseNumbers(weight, 1, count, `${source.variable}_${target.variable}_gap`, `${path}.weight`),
    };
    this.uses.pairs = true;
    this.sections.connections.push(
      `connect_pairs(${source.variable}, ${target.variable}, ${sources}, ${targets}, ${literal(synapse, 0, 60)})`,
    );
    this.report.approximate(
      path,
      "gap_junction: NEST iterates over the potentials within a step, Spikelet takes those of its start",
    );
  }

  // Recordings

  private recordings(): void {
    const { record, recordWeights } = this.network;
    const lines = this.sections.recordings;
    const entries = record.map((entry, i) => ({ entry, path: `$.record[${i}]` }));
    const none = !record.some(({ variables }) => variables.includes("spikes"));
    if (none) {
      lines.push(comment("No spikes are recorded in the network, so all are."));
      for (const plan of this.plans)
        this.spikesOf(plan, { population: plan.spec.name, variables: ["spikes"], from: 0 }, "$.record");
    }
    for (const { entry, path } of entries) {
      const plan = this.plans.find(({ spec }) => spec.name === entry.population) as Plan;
      if (entry.variables.includes("spikes")) this.spikesOf(plan, entry, path);
      const variables = entry.variables.filter((name) => name !== "spikes");
      if (variables.length > 0) this.meter(plan, entry, variables, path);
    }
    for (const i of recordWeights.keys()) {
      this.report.dropped(
        `$.record[${record.length + i}]`,
        "weights over time: NEST's weight_recorder notes a weight when a spike passes, not at given times",
      );
    }
    for (const [name, list] of Object.entries(this.lists)) {
      if (list.length > 0 || name === "recorders")
        lines.push(`${name} = [${list.length === 0 ? "" : `\n    ${list.join(",\n    ")},\n`}]`);
    }
  }

  private spikesOf(plan: Plan, { neurons, from, interpolate }: RecordSpec, path: string): void {
    const lines = this.sections.recordings;
    const { spec, variable } = plan;
    const chosen = sorted(neurons);
    if (interpolate === true) this.report.approximate(path, "spike times are those of the grid");
    else this.report.exact(path, "spike_recorder");
    if (plan.plays) {
      const source = spec.source as Extract<PopulationSpec["source"], { kind: "spikeTrain" }>;
      const kept = Uint32Array.from(source.times.keys()).filter(
        (i) => chosen?.includes(source.neurons[i] as number) ?? true,
      );
      const at = Float64Array.from(kept, (i) =>
        timeOf(Math.max(1, stepsOf(source.times[i] as number, this.dt)), this.dt),
      );
      const of = Uint32Array.from(kept, (i) => source.neurons[i] as number);
      this.uses.given = true;
      this.lists.given.push(
        `(${text(spec.name)}, ${this.arrays.of(`${variable}_recorded_times`, at).text}, ${this.arrays.of(`${variable}_recorded_neurons`, of).text}, ${float(from)})`,
      );
      return;
    }
    const params = from > 0 ? `, params={"start": ${float(timeOf(stepsOf(from, this.dt), this.dt))}}` : "";
    const recorder = this.names.of(`${variable}_spikes`);
    lines.push(
      `${recorder} = nest.Create("spike_recorder"${params})`,
      `nest.Connect(${this.targets(plan, chosen)}, ${recorder})`,
    );
    this.lists.recorders.push(`(${text(spec.name)}, ${variable}, ${recorder})`);
  }

  private meter(plan: Plan, { neurons, every, from }: RecordSpec, variables: readonly string[], path: string): void {
    const lines = this.sections.recordings;
    const { spec, variable, cell } = plan;
    const shown: Record<string, PythonValue> = {};
    const asked = new Set<string>();
    for (const name of variables) {
      const there = this.shownAs(plan, name);
      if (there === undefined) {
        this.report.dropped(path, `${name}: ${cell === undefined ? "a source" : cell.name} of NEST does not show it`);
        continue;
      }
      const [factor, ...theirs] = there;
      for (const one of theirs) asked.add(one);
      shown[name] = [factor, ...theirs];
    }
    if (asked.size === 0) return;
    this.uses.meters = true;
    const step = every === undefined ? 1 : intervalSteps(every, this.dt);
    const first = Math.max(0, stepsOf(from, this.dt));
    const params: Record<string, PythonValue> = { record_from: [...asked], interval: timeOf(step, this.dt) };
    if (first > 0) params.start = timeOf(first - 1, this.dt);
    if (first % step > 0) params.offset = timeOf(first % step, this.dt);
    const nodes = this.targets(plan, sorted(neurons));
    const meter = this.names.of(`${variable}_meter`);
    lines.push(
      `${meter} = nest.Create("multimeter", params=${literal(params, 0, meter.length + 36)})`,
      `nest.Connect(${meter}, ${nodes})`,
    );
    this.lists.meters.push(
      `(${text(spec.name)}, ${variable}, ${nodes}, ${meter}, ${literal(shown, 4)}, ${first === 0 ? "True" : "False"})`,
    );
    this.report.exact(path, "multimeter");
  }

  private shownAs({ spec, cell, ports }: Plan, name: string): readonly [number, ...string[]] | undefined {
    const state = cell?.states[name];
    if (state !== undefined) return [1, state];
    const receptor = Object.keys(spec.receptors).find(
      (key) => receptorVariable(key, spec.receptors[key] as ReceptorSpec) === name,
    );
    return receptor === undefined
      ? undefined
      : (ports.get(receptor)?.shown as readonly [number, ...string[]] | undefined);
  }
}

/** Steps with what comes before the first that is possible put there. */
function lastOf({ steps, values }: Staircase, first: number): Staircase {
  const early = steps.filter((k) => k <= first).length;
  const from = Math.max(0, early - 1);
  return { steps: steps.slice(from).map((k) => Math.max(k, first)), values: values.slice(from) };
}

function reversalOf(receptor: ReceptorSpec): number {
  return "E_rev" in receptor ? (receptor.E_rev ?? 0) : 0;
}

/** Rise and decay; a jump is a rise that is much shorter than a step. */
function timesOf(receptor: ReceptorSpec, dt: number): readonly [rise: number, decay: number] {
  switch (receptor.kernel) {
    case "exponential":
      return [dt / 10, receptor.tau];
    case "alpha":
      return [receptor.tau, receptor.tau];
    case "dualExponential":
    case "nmda":
      return [receptor.tau_rise, receptor.tau_decay];
    default:
      return [0, 0];
  }
}

function receptorOf({ receptorType }: Port): Synapse {
  return receptorType === undefined ? {} : { receptor_type: int(receptorType) };
}

function isTimed(entry: BackgroundSpec): entry is BackgroundSpec & TimedKind {
  return ["constant", "piecewise", "pulses", "ramp", "samples", "expression"].includes(entry.kind);
}

function isPoints(rate: Value | Points): rate is Points {
  return Array.isArray(rate);
}

function isCode(value: unknown): value is Code {
  return value instanceof Code;
}

/** Where the neurons of a line or grid are, or were said to be. */
function coordinates({ positions, size }: PopulationSpec): readonly [x: Float64Array, y: Float64Array] {
  const fill = (f: (i: number) => number): Float64Array => Float64Array.from({ length: size }, (_, i) => f(i));
  switch (positions?.kind) {
    case "line":
      return [fill((i) => ((i + 0.5) * positions.length) / size), fill(() => 0)];
    case "grid":
      return [
        fill((i) => ((i % positions.columns) + 0.5) * positions.spacing),
        fill((i) => (Math.floor(i / positions.columns) + 0.5) * positions.spacing),
      ];
    case "given":
      return [positions.x, positions.y];
    default:
      return [fill(() => 0), fill(() => 0)];
  }
}

/** After how much a line or grid begins again; 0 for never. */
function periodOf({ positions, size }: PopulationSpec): readonly number[] {
  if (positions?.kind === "line") return [positions.length, 0];
  if (positions?.kind !== "grid") return [0, 0];
  return [positions.columns * positions.spacing, Math.ceil(size / positions.columns) * positions.spacing];
}

function sorted(neurons: Uint32Array | undefined): Uint32Array | undefined {
  return neurons && Uint32Array.from(new Set(neurons)).sort();
}

/** A value times a number. */
function product(value: Value | Code, factor: number): Value | Code {
  if (factor === 1) return value;
  if (isCode(value)) return code(`${value.text} * ${float(factor)}`);
  const made = times(value, factor);
  return made ?? code(`${nestDistribution(value as never) ?? ""} * ${float(factor)}`);
}

function scaled(value: Value, factor: number): Value | Code | undefined {
  const made = times(value, factor);
  if (made !== undefined && !isDistribution(made)) return made;
  const drawn = isDistribution(value) ? nestDistribution(value) : undefined;
  return drawn === undefined ? undefined : code(factor === 1 ? drawn : `${drawn} * ${float(factor)}`);
}
