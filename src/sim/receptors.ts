/**
 * Receptors of a population in the core: states, decays, what a state contributes within a step, rings of arrivals.
 *
 * Kernels that rise and decay have two states: a spike raises y, y decays with tau_rise and feeds x, x
 * decays with tau_decay. x is the conductance or current (for nmda before the magnesium factor), y is scaled so that x
 * peaks at the weight.
 */
import {
  type BuiltInReceptor,
  isConductance,
  kernelOf,
  landingOf,
  responseOf as kernelNumbers,
  reversalOf,
} from "../kinds/receptors.js";
import { RECEPTOR, STAGE } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { intervalSteps } from "../model/grid.js";
import { expm1Matrix, remembered } from "../model/matrix.js";
import { membraneScale } from "../model/own.js";
import type { ReceptorSpec } from "../model/spec.js";
import { type LinearSystem, type LinearSystems, linearSystems } from "./compiled.js";
import type { Change } from "./live.js";
import type { Neurons } from "./neurons.js";
import { adaptiveSystem, type Response, responseOf } from "./propagators.js";
import { map, numberAt, type Numbers } from "./values.js";
import type { TakenByEvents, TakenReceptor } from "./variant.js";
import { settle } from "./work.js";

/** Time constants of the kernels with two states. */
interface RiseAndDecay {
  readonly rise: number;
  readonly decay: number;
}

function riseAndDecay(spec: ReceptorSpec): RiseAndDecay | undefined {
  const { rise, decay } = kernelNumbers(spec);
  return rise === undefined || decay === undefined ? undefined : { rise, decay };
}

/**
 * What is at x a time t after a unit at y: the difference of two exponentials over the difference of their rates, in
 * the form t exp(-t/slow) exprel(-t difference), which has no singularity at equal time constants and cannot overflow.
 */
function handed(core: Core, { rise, decay }: RiseAndDecay, t: number): number {
  const slow = Math.max(rise, decay);
  const fast = Math.min(rise, decay);
  return t * core.exports.exp(-t / slow) * core.exports.exprel(t * (1 / slow - 1 / fast));
}

/** Jump of y per weight that makes x peak at the weight: the peak is at rise decay log(decay/rise)/(decay - rise). */
function peakGain(core: Core, times: RiseAndDecay): number {
  const excess = (times.decay - times.rise) / times.rise;
  const peak = times.decay * (excess === 0 ? 1 : core.exports.log1p(excess) / excess);
  return 1 / handed(core, times, peak);
}

/** Mean of `handed` over a step, from the system of (integral of x, x, y). */
function meanHanded({ rise, decay }: RiseAndDecay, dt: number): number {
  const system = [0, 1, 0, 0, -1 / decay, 1, 0, 0, -1 / rise];
  return (
    (expm1Matrix(
      system.map((x) => x * dt),
      3,
    )[2] as number) / dt
  );
}

/** A receptor in a core, whatever its kernel: its states, its ring, and what it contributes. */
export abstract class BuiltReceptor {
  spec: ReceptorSpec;
  /** Address of the receptor in the core. */
  readonly address: number;
  /** Columns of the states that its population shows, in the order of its variables. */
  abstract readonly states: readonly number[];
  protected readonly neurons: Neurons;
  protected readonly label: string;
  protected readonly dt: number;
  /** Spikes are sent to the ring in every step. */
  protected fed = false;
  /** The core has the ring. */
  protected attached = false;
  private slots = 0;
  private ring = 0;
  /** A larger ring that a change took which was not made. */
  private spare: { readonly address: number; readonly slots: number } | undefined;

  /** @param address of the receptor in the core; 0 where memory is exhausted */
  constructor(neurons: Neurons, spec: ReceptorSpec, label: string, dt: number, address: number) {
    this.neurons = neurons;
    this.spec = spec;
    this.label = label;
    this.dt = dt;
    if (address === 0) neurons.core.exhausted(label);
    this.address = address >>> 0;
  }

  /** What a kernel must know to take it, if one can; `foreseen` if its ring is yet to come. */
  abstract taken(foreseen: boolean): TakenReceptor | undefined;

  /** The same for a kernel that is advanced by events. */
  abstract byEvents(foreseen: boolean): TakenByEvents;

  /** Brings the numbers of the kernel into the core. */
  protected abstract writeKernel(): void;

  /** Takes the memory that the factors need with these parameters. */
  abstract makeRoom(params: Readonly<Record<string, Numbers>>): void;

  /**
   * Computes what the states contribute at the stages of the method; again after a change of parameters. It yields
   * where that takes long.
   */
  abstract updateFactors(): Generator<undefined, void>;

  /** Gives the states the first values that the kernel itself names. */
  abstract start(): void;

  /** Gives state number i its first values. */
  abstract writeState(values: Numbers, i: number): void;

  /** Forgets all spikes that have arrived or are on their way. */
  clear(): void {
    const { ring, slots, slotBytes } = this;
    if (ring !== 0) this.neurons.core.f64.fill(0, ring / 8, (ring + slots * slotBytes) / 8);
  }

  /** Where the bitmap of a ring's column stands behind its start; 0 without one. */
  private get marks(): number {
    return this.neurons.watch === undefined ? 0 : this.neurons.padded * 8;
  }

  /** Bytes from one of the ring's columns to the next. */
  private get slotBytes(): number {
    const { core, padded } = this.neurons;
    return padded * 8 + (this.marks === 0 ? 0 : core.exports.markBytes(padded));
  }

  protected blank(address: number, columns: number): void {
    const { core, padded } = this.neurons;
    if (address !== 0) core.f64.fill(0, address / 8, address / 8 + columns * padded);
  }

  protected fill(column: number, values: Numbers): void {
    const { core, size } = this.neurons;
    const view = core.f64.subarray(column / 8, column / 8 + size);
    if (typeof values === "number") view.fill(values);
    else view.set(values);
  }

  /** Other numbers of the same kernel; the states stay as they are. */
  prepare(spec: ReceptorSpec): Change {
    const accept = (): (() => void) => {
      this.spec = spec;
      return () => {
        this.writeKernel();
        settle(this.updateFactors());
      };
    };
    return { accept, cancel: () => undefined };
  }

  /** Room on the ring for spikes that arrive up to `steps` steps later, while the network runs. */
  prepareDelay(steps: number): Change {
    const { neurons, address } = this;
    const { core, size } = neurons;
    const cancel = (): void => undefined;
    if (this.ring !== 0 && steps <= this.slots) return { accept: () => () => this.attachRing(), cancel };
    // A delay that grows again and again moves the ring a few times only.
    const slots = 2 ** Math.ceil(Math.log2(steps));
    if (this.spare === undefined || this.spare.slots < slots) {
      const ring = core.allocate(slots * this.slotBytes, `${this.label}: ${slots} steps of delay for ${size} neurons`);
      this.spare = { address: ring, slots };
    }
    const { spare } = this;
    const accept = (): (() => void) => {
      this.ring = spare.address;
      this.slots = spare.slots;
      this.spare = undefined;
      return () => {
        core.exports.setRing(address, spare.address, spare.slots, this.slotBytes, this.marks);
        this.attached = true;
      };
    };
    return { accept, cancel };
  }

  /** Spikes will be sent to a ring. */
  foresee(): void {
    this.fed = true;
  }

  /** Makes room for spikes that are sent to the ring and arrive up to `steps` steps later. */
  reserve(steps: number): void {
    this.fed = true;
    if (steps > this.slots) this.slots = steps;
  }

  /** Allocates the ring, when all projections are known; later calls change nothing. */
  allocateRing(): void {
    const { core, size } = this.neurons;
    if (this.slots === 0 || this.ring !== 0) return;
    this.ring = core.allocate(
      this.slots * this.slotBytes,
      `${this.label}: ${this.slots} steps of delay for ${size} neurons`,
    );
  }

  /** Gives the core its ring, if there is one. */
  attachRing(): void {
    const { neurons, ring, slots } = this;
    const { exports } = neurons.core;
    if (ring === 0) return;
    if (!this.attached) exports.setRing(this.address, ring, slots, this.slotBytes, this.marks);
    this.attached = true;
    if (this.fed) exports.openRing(this.address);
  }
}

/** A receptor with a kernel of the core. */
export class CoreReceptor extends BuiltReceptor {
  declare spec: BuiltInReceptor;
  readonly states: readonly number[];
  /** Column of its state; 0 for delta receptors. */
  private readonly column: number;
  /** Column of the rise, or of the number of steps that are on. */
  private readonly second: number;
  /** step: what ends in each of the coming steps. */
  private ending = 0;
  /** What a unit of its state contributes in a step, if it is the same for all neurons. */
  private share: number | undefined;
  private readonly columns = { vx: 0, vy: 0, wx: 0, wy: 0 };

  constructor(neurons: Neurons, spec: BuiltInReceptor, label: string, dt: number) {
    const { core, padded, address } = neurons;
    const { exports } = core;
    const kernel = kernelOf(spec).core;
    const { duration } = kernelNumbers(spec);
    const times = riseAndDecay(spec);
    const column = kernel === "delta" ? 0 : core.allocate(padded * 8, `${label}: states`);
    const second = times || duration !== undefined ? core.allocate(padded * 8, `${label}: states`) : 0;
    const state = landingOf(spec);
    const landing = state === undefined ? undefined : neurons.landing(state);
    const from = landing?.column ?? column;
    super(neurons, spec, label, dt, exports.addReceptor(address, RECEPTOR[kernel], isConductance(spec), from, 0, 0));
    this.column = column;
    this.second = second;
    this.states = kernel === "delta" ? [] : [column];
    if (landing) exports.setLanding(address, this.address, landing.list, landing.state, landing.isFirst);
    this.writeKernel();
    if (duration !== undefined) {
      const steps = intervalSteps(duration, dt);
      this.ending = core.allocate(
        steps * padded * 8,
        `${label}: ${steps} steps of duration for ${neurons.size} neurons`,
      );
      exports.setEnding(this.address, this.second, this.ending, steps);
      // A step that has begun must end, even if no spike ever arrives.
      this.reserve(1);
    }
    this.makeRoom(neurons.params);
  }

  /** Time constants, reversal potential and magnesium of the kernel. */
  protected writeKernel(): void {
    const { spec, neurons, dt, address } = this;
    const { core } = neurons;
    const { exports } = core;
    const times = riseAndDecay(spec);
    const { decay, block } = kernelNumbers(spec);
    exports.setDecay(address, decay === undefined ? 0 : exports.exp(-dt / decay), reversalOf(spec) ?? 0);
    if (!times) return;
    // Without magnesium there is no block, and the factor is 1 exactly.
    const slope = (block?.slope ?? 0) * membraneScale(neurons.model);
    const strength = block?.strength ?? 0;
    exports.setRise(
      address,
      this.second,
      exports.exp(-dt / times.rise),
      handed(core, times, dt),
      peakGain(core, times),
      strength,
      slope,
    );
  }

  byEvents(foreseen: boolean): TakenByEvents {
    const { neurons, spec } = this;
    const arrives = this.fed && (this.attached || foreseen);
    const times = riseAndDecay(spec);
    if (times) return { kind: "rise", state: 0, arrives, times: { ...times, gain: peakGain(neurons.core, times) } };
    const { decay = 1 } = kernelNumbers(spec);
    const state = Math.max(0, Object.keys(neurons.model.states).indexOf(landingOf(spec) ?? ""));
    const kind = kernelOf(spec).core === "delta" ? "jumps" : "decay";
    return { kind, state, arrives, times: { decay, rise: 1, gain: 1 } };
  }

  taken(foreseen: boolean): TakenReceptor | undefined {
    const { spec, neurons, share } = this;
    const arrives = this.fed && (this.attached || foreseen);
    if (landingOf(spec) !== undefined) return undefined;
    const { core } = kernelOf(spec);
    if (core === "delta") return { kind: "jumps", arrives, numbers: [0, 0, 0] };
    const { decay: tau } = kernelNumbers(spec);
    if (core !== "exponential" || tau === undefined || share === undefined) return undefined;
    if ((neurons.stages & (STAGE.middle | STAGE.end)) !== 0) return undefined;
    const decay = neurons.core.exports.exp(-this.dt / tau);
    const kind = isConductance(spec) ? "conductance" : "current";
    return { kind, arrives, numbers: [share, decay, reversalOf(spec) ?? 0] };
  }

  /**
   * By what the contributions are multiplied: conductances are in current per mV, and the core multiplies them with
   * E_rev - v in the unit in which v is kept.
   */
  private get unit(): number {
    const { spec, neurons } = this;
    return isConductance(spec) ? membraneScale(neurons.model) : 1;
  }

  override clear(): void {
    super.clear();
    this.blank(this.column, 1);
    this.blank(this.second, 1);
    const { duration } = kernelNumbers(this.spec);
    if (duration !== undefined) this.blank(this.ending, intervalSteps(duration, this.dt));
  }

  start(): void {
    // All start at 0.
  }

  /** Gives the state its first values; a step that is on lasts its whole duration. */
  writeState(values: Numbers): void {
    const { core, size } = this.neurons;
    this.fill(this.column, values);
    const { duration } = kernelNumbers(this.spec);
    if (duration === undefined) return;
    const steps = intervalSteps(duration, this.dt);
    this.fill(this.ending + (steps - 1) * this.neurons.padded * 8, values);
    for (let i = 0; i < size; i++) core.f64[this.second / 8 + i] = numberAt(values, i) === 0 ? 0 : 1;
  }

  makeRoom(params: Readonly<Record<string, Numbers>>): void {
    const { neurons, spec } = this;
    if (neurons.method !== "exact" || kernelNumbers(spec).decay === undefined) return;
    if (propagatorNames(neurons).every((name) => typeof params[name] === "number")) return;
    const states = riseAndDecay(spec) ? (["x", "y"] as const) : (["x"] as const);
    const onto = Object.keys(neurons.model.states).length === 1 ? (["v"] as const) : (["v", "w"] as const);
    for (const which of states.flatMap((state) => onto.map((to) => `${to}${state}` as const))) {
      this.columns[which] ||= neurons.core.allocate(neurons.padded * 8, `${this.label}: propagators`);
    }
  }

  *updateFactors(): Generator<undefined, void> {
    const { spec, neurons, dt, unit } = this;
    if (kernelOf(spec).core === "delta") return;
    const { core, method } = neurons;
    const { exp, expm1, setFactors, setRiseFactors } = core.exports;
    const { address } = this;
    const { decay: tau } = kernelNumbers(spec);
    if (tau === undefined) return setFactors(address, unit, unit, unit, 0, 0);
    const times = riseAndDecay(spec);
    if (method === "exact") {
      const response = yield* exactFactors(neurons, tau, times?.rise, dt);
      const [vx, wx] = [this.put("vx", response.vx), this.put("wx", response.wx)];
      this.share = typeof response.vx === "number" ? response.vx : undefined;
      setFactors(address, numberAt(response.vx, 0), numberAt(response.wx, 0), 0, vx, wx);
      if (!times) return;
      const [vy, wy] = [this.put("vy", response.vy), this.put("wy", response.wy)];
      return setRiseFactors(address, numberAt(response.vy, 0), numberAt(response.wy, 0), 0, vy, wy);
    }
    // A method that looks at the start of the step only takes the mean over the step: then the synapse's whole charge
    // arrives, where the value at the start would bring dt/(2 tau) too much.
    const single = (neurons.stages & (STAGE.middle | STAGE.end)) === 0;
    const start = unit * (single ? (-expm1(-dt / tau) * tau) / dt : 1);
    this.share = start;
    const middle = (neurons.stages & STAGE.middle) !== 0;
    setFactors(address, start, middle ? unit * exp(-dt / (2 * tau)) : 0, unit * exp(-dt / tau), 0, 0);
    if (!times) return;
    const startRise = single ? unit * meanHanded(times, dt) : 0;
    const [middleRise, endRise] = [middle ? unit * handed(core, times, dt / 2) : 0, unit * handed(core, times, dt)];
    setRiseFactors(address, startRise, middleRise, endRise, 0, 0);
  }

  /** Address of a column with these numbers; 0 for a common number. */
  private put(which: keyof Response, numbers: Numbers): number {
    if (typeof numbers === "number") return 0;
    this.neurons.core.f64.set(numbers, this.columns[which] / 8);
    return this.columns[which];
  }
}

/** Parameters that the exact method's factors depend on. */
function propagatorNames({ model }: Neurons): readonly string[] {
  if (model.definition !== undefined) return Object.keys(model.params);
  return model.id === "lif" ? ["tau_m"] : ["tau_m", "C_m", "a", "tau_w"];
}

/** The equations of neurons whose method is exact. */
export function linearSystemsOf(neurons: Neurons): LinearSystems {
  const { core, size, model, params, slice, whole } = neurons;
  if (model.definition !== undefined) {
    const systems = linearSystems(core, model, params, { slice, whole, label: model.id });
    if (systems === undefined) throw new RangeError(`${model.id} is not linear`);
    return { isCommon: size === 0 || systems.isCommon, of: systems.of };
  }
  const args = propagatorNames(neurons).map((name) => params[name] as Numbers);
  const of = (n: number): LinearSystem => {
    const [m, C = 1, a = 0, w = 1] = args.map((numbers) => numberAt(numbers, n)) as [number, number?, number?, number?];
    return adaptiveSystem(C, m, a, w);
  };
  return { isCommon: args.every((numbers) => typeof numbers === "number"), of };
}

/** What a receptor does, for all neurons or for each. */
type Responses = Readonly<Record<keyof Response, Numbers>>;

/**
 * The exact method's factors: a receptor current changes within the step, so it moves v by P_vx x + P_vy y, not by what
 * a constant current would; the factors are these over the propagator of a constant current. The same for w.
 */
function* exactFactors(
  neurons: Neurons,
  tau: number,
  rise: number | undefined,
  dt: number,
): Generator<undefined, Responses> {
  const { core, size, model, params } = neurons;
  const { exp, expm1, exprel } = core.exports;
  const { isCommon, of: systemOf } = linearSystemsOf(neurons);
  const count = isCommon ? 1 : size;
  const respond = (): Generator<undefined, readonly Response[]> =>
    responsesOf(count, systemOf, (system) => responseOf(system, tau, rise, dt));
  const risen = rise !== undefined;
  if (model.definition !== undefined) {
    const take = taking(yield* respond(), isCommon);
    // Columns are there for what acts only: see makeRoom.
    const alone = Object.keys(model.states).length === 1;
    return {
      vx: take("vx"),
      vy: risen ? take("vy") : 0,
      wx: alone ? 0 : take("wx"),
      wy: alone || !risen ? 0 : take("wy"),
    };
  }
  if (model.id !== "lif") {
    const take = taking(yield* respond(), isCommon);
    return { vx: take("vx"), vy: risen ? take("vy") : 0, wx: take("wx"), wy: risen ? take("wy") : 0 };
  }
  const vy = risen ? taking(yield* respond(), isCommon)("vy") : 0;
  // integral of exp(-(dt - s)/tau_m) exp(-s/tau) ds, without a singularity at tau = tau_m
  const vx = map(
    size,
    (m) => (exp(-dt / m) * dt * exprel(dt * (1 / m - 1 / tau))) / (-expm1(-dt / m) * m),
    params.tau_m as Numbers,
  );
  return { vx, vy, wx: 0, wy: 0 };
}

/** The responses of neurons, computed once for equal systems. */
function* responsesOf(
  count: number,
  systemOf: (n: number) => LinearSystem,
  respond: (system: LinearSystem) => Response,
): Generator<undefined, readonly Response[]> {
  const known = remembered((x) => {
    const states = Math.round(Math.sqrt(x.length + 0.25) - 0.5);
    const { vx, vy, wx, wy } = respond({ matrix: x.slice(0, states * states), input: x.slice(states * states) });
    return [vx, vy, wx, wy];
  }, 4 * count);
  const all: Response[] = [];
  for (let n = 0; n < count; n++) {
    const { matrix, input } = systemOf(n);
    const [vx, vy, wx, wy] = known([...matrix, ...input]) as [number, number, number, number];
    all.push({ vx, vy, wx, wy });
    yield;
  }
  return all;
}

function taking(all: readonly Response[], isCommon: boolean): (which: keyof Response) => Numbers {
  return (which) => (isCommon ? (all[0] as Response)[which] : Float64Array.from(all, (response) => response[which]));
}
