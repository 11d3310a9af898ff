/**
 * One case per model: the same parameters, starting values and constant background current for the core and its
 * twins.
 */
import {
  adaptiveLif,
  adex,
  background,
  type CoreSource,
  eif,
  fitzhughNagumo,
  hodgkinHuxley,
  izhikevich,
  lif,
  type Method,
  type ModelRecord,
  morrisLecar,
  qif,
  Simulation,
  type SpikeRecording,
  traubMiles,
} from "../../src/index.js";
import type { Agreement } from "../agree.js";
import { AdexTwin } from "../baseline/adex.js";
import { FitzhughNagumoTwin } from "../baseline/fitzhughNagumo.js";
import { HodgkinHuxleyTwin, HodgkinHuxleyTwoExponentialsTwin } from "../baseline/hodgkinHuxley.js";
import { IzhikevichTwin } from "../baseline/izhikevich.js";
import { LifTwin } from "../baseline/lif.js";
import { MorrisLecarTwin, MorrisLecarTwoExponentialsTwin } from "../baseline/morrisLecar.js";
import { NoisyLifTwin } from "../baseline/noise.js";
import { QifTwin } from "../baseline/qif.js";
import { BoxMuller, Ziggurat } from "../baseline/random.js";
import { TraubMilesTwin, TraubMilesTwoExponentialsTwin } from "../baseline/traubMiles.js";
import type { Twin, TwinOptions } from "../baseline/twin.js";

type Names<T> = Extract<keyof T, string>;

interface CaseOptions<M extends ModelRecord> {
  /** Name on the command line. */
  readonly name: string;
  readonly model: M;
  readonly method: M["methods"][number];
  /** Time step in ms. */
  readonly dt: number;
  /** Parameters that differ from the model's defaults. */
  readonly params?: Readonly<Partial<Record<Names<M["params"]>, number>>>;
  /** Background current of all neurons. */
  readonly current: number;
  /** Strength of white noise on top of it, in the current's unit times sqrt(ms). */
  readonly sigma?: number;
  /** Starting values of all states. */
  readonly init: (size: number) => Readonly<Record<Names<M["states"]>, Float64Array>>;
  /** How many times faster than the plain twin the core shall be. */
  readonly target?: number;
  readonly agreement: Agreement;
  /** The model as a good JavaScript programmer writes it from the publication. */
  readonly plain?: (options: TwinOptions<Record<Names<M["params"]>, number>, Names<M["states"]>>) => Twin;
  /** The same with a trick, and what the trick is. */
  readonly trick?: (options: TwinOptions<Record<Names<M["params"]>, number>, Names<M["states"]>>) => Twin;
  readonly trickLabel?: string;
}

/** A case as the suites see it. */
export interface ModelCase {
  readonly name: string;
  readonly model: ModelRecord;
  readonly method: Method;
  readonly dt: number;
  readonly target: number | undefined;
  readonly agreement: Agreement;
  readonly trickLabel: string | undefined;
  readonly which: readonly ("plain" | "trick")[];
  /** All parameters, the background current of all neurons, and the noise on top of it if there is any. */
  readonly params: Readonly<Record<string, number>>;
  readonly current: number;
  readonly sigma: number | undefined;
  /** Starting values of all states. */
  init(size: number): Readonly<Record<string, Float64Array>>;
  twin(which: "plain" | "trick", size: number, capacity: number): Twin;
  /** The same population in the core, by another method or in another build of the core if one is given. */
  simulation(size: number, method?: Method, core?: CoreSource): Promise<ModelSimulation>;
}

export interface ModelSimulation {
  readonly simulation: Simulation;
  readonly spikes: SpikeRecording;
}

function define<M extends ModelRecord>(options: CaseOptions<M>): ModelCase {
  const { name, model, method, dt, current, sigma, init, target, agreement, plain, trick, trickLabel } = options;
  const defaults = Object.entries(model.params).map(([key, parameter]) => [key, parameter.default]);
  const params = { ...Object.fromEntries(defaults), ...options.params } as Record<Names<M["params"]>, number>;
  return {
    name,
    model,
    method,
    dt,
    target,
    agreement,
    trickLabel,
    which: [...(plain ? (["plain"] as const) : []), ...(trick ? (["trick"] as const) : [])],
    params,
    current,
    sigma,
    init,
    twin(which, size, capacity) {
      const make = which === "plain" ? plain : trick;
      if (!make) throw new Error(`${name} has no twin "${which}".`);
      return make({ dt, params, current, init: init(size), capacity });
    },
    async simulation(size, otherMethod = method, core) {
      const simulation = await Simulation.create({ dt, seed: 42, threads: 1, ...(core && { core }) });
      const noise = sigma === undefined ? [] : [background.whiteNoise({ sigma })];
      const population = simulation.population<ModelRecord>(name, model, size, {
        method: otherMethod,
        params,
        init: init(size),
        background: [background.constant(current), ...noise],
      });
      return { simulation, spikes: simulation.record(population, "spikes") };
    },
  };
}

/** Values spread evenly over [low, high) without a pattern: multiples of the golden ratio. */
export function spread(size: number, low: number, high: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => low + ((i * 0.618033988749895) % 1) * (high - low));
}

function same(size: number, value: number): Float64Array {
  return new Float64Array(size).fill(value);
}

const refractory = { t_ref: 2 };
const TWO_EXPONENTIALS = "all rates from two exponentials";
const SIGMA = 400;

/** The models that have twins. Currents make the neurons fire at 10 to 40 Hz; the squid's axon cannot below 50 Hz. */
export const MODEL_CASES: readonly ModelCase[] = [
  define({
    name: "lif",
    model: lif,
    method: "exact",
    dt: 0.1,
    params: refractory,
    current: 400,
    init: (size) => ({ v: spread(size, -70, -55) }),
    target: 3,
    agreement: "bits",
    plain: (options) => new LifTwin(options),
  }),
  define({
    name: "qif",
    model: qif,
    method: "euler",
    dt: 0.1,
    params: refractory,
    current: 55,
    init: (size) => ({ v: spread(size, -65, -50) }),
    target: 3,
    agreement: "bits",
    plain: (options) => new QifTwin(options),
  }),
  define({
    name: "izhikevich",
    model: izhikevich,
    method: "euler",
    dt: 0.1,
    params: refractory,
    current: 10,
    init: (size) => ({ v: spread(size, -70, -60), u: same(size, -13) }),
    target: 3,
    agreement: "bits",
    plain: (options) => new IzhikevichTwin(options),
  }),
  define({
    name: "adex",
    model: adex,
    method: "euler",
    dt: 0.1,
    params: refractory,
    current: 1000,
    init: (size) => ({ v: spread(size, -70, -55), w: same(size, 0) }),
    target: 4,
    agreement: "step",
    plain: (options) => new AdexTwin(options),
  }),
  define({
    name: "fitzhughNagumo",
    model: fitzhughNagumo,
    method: "rk4",
    dt: 0.1,
    current: 0.5,
    init: (size) => ({ v: spread(size, -1.5, -0.5), w: same(size, -0.6) }),
    target: 5,
    agreement: "bits",
    plain: (options) => new FitzhughNagumoTwin(options),
  }),
  define({
    name: "morrisLecar",
    model: morrisLecar,
    method: "rk4",
    dt: 0.1,
    current: 100,
    init: (size) => ({ v: spread(size, -40, -20), w: same(size, 0.1) }),
    target: 5,
    agreement: "step",
    plain: (options) => new MorrisLecarTwin(options),
    trick: (options) => new MorrisLecarTwoExponentialsTwin(options),
    trickLabel: TWO_EXPONENTIALS,
  }),
  define({
    name: "hodgkinHuxley",
    model: hodgkinHuxley,
    method: "exponentialEuler",
    dt: 0.05,
    current: 10,
    init: (size) => ({ v: spread(size, -70, -60), m: same(size, 0.05), h: same(size, 0.6), n: same(size, 0.32) }),
    target: 3,
    agreement: "step",
    plain: (options) => new HodgkinHuxleyTwin(options),
    trick: (options) => new HodgkinHuxleyTwoExponentialsTwin(options),
    trickLabel: TWO_EXPONENTIALS,
  }),
  define({
    name: "traubMiles",
    model: traubMiles,
    method: "exponentialEuler",
    dt: 0.05,
    current: 50,
    init: (size) => ({ v: spread(size, -70, -60), m: same(size, 0.02), h: same(size, 0.9), n: same(size, 0.05) }),
    target: 3,
    agreement: "step",
    plain: (options) => new TraubMilesTwin(options),
    trick: (options) => new TraubMilesTwoExponentialsTwin(options),
    trickLabel: TWO_EXPONENTIALS,
  }),
  define({
    name: "noise",
    model: lif,
    method: "exact",
    dt: 0.1,
    params: refractory,
    current: 300,
    sigma: SIGMA,
    init: (size) => ({ v: spread(size, -70, -55) }),
    target: 4,
    agreement: "rate",
    plain: (options) => new NoisyLifTwin({ ...options, sigma: SIGMA, source: new BoxMuller(1) }),
    trick: (options) => new NoisyLifTwin({ ...options, sigma: SIGMA, source: new Ziggurat(1) }),
    trickLabel: "ziggurat in place of Box-Muller",
  }),
];

/** The two models without a twin, for the comparison of methods. */
export const MORE_MODELS: readonly ModelCase[] = [
  define({
    name: "adaptiveLif",
    model: adaptiveLif,
    method: "exact",
    dt: 0.1,
    params: refractory,
    current: 500,
    init: (size) => ({ v: spread(size, -70, -55), w: same(size, 0) }),
    agreement: "bits",
  }),
  define({
    name: "eif",
    model: eif,
    method: "euler",
    dt: 0.1,
    params: refractory,
    current: 800,
    init: (size) => ({ v: spread(size, -70, -55) }),
    agreement: "step",
  }),
];

/** Models with noise that other simulators are compared by. */
export const NOISY_MODELS: readonly ModelCase[] = [
  define({
    name: "izhikevichNoise",
    model: izhikevich,
    method: "euler",
    dt: 0.1,
    params: refractory,
    current: 5,
    sigma: 5,
    init: (size) => ({ v: spread(size, -70, -60), u: same(size, -13) }),
    agreement: "rate",
  }),
  define({
    name: "adexNoise",
    model: adex,
    method: "euler",
    dt: 0.1,
    params: refractory,
    current: 800,
    sigma: 400,
    init: (size) => ({ v: spread(size, -70, -55), w: same(size, 0) }),
    agreement: "rate",
  }),
  define({
    name: "hodgkinHuxleyNoise",
    model: hodgkinHuxley,
    method: "euler",
    dt: 0.05,
    current: 10,
    sigma: 2,
    init: (size) => ({ v: spread(size, -70, -60), m: same(size, 0.05), h: same(size, 0.6), n: same(size, 0.32) }),
    agreement: "rate",
  }),
];

/** The case of a name. */
export function modelCase(name: string): ModelCase {
  const found = [...MODEL_CASES, ...MORE_MODELS, ...NOISY_MODELS].find((entry) => entry.name === name);
  if (!found) throw new Error(`no case ${name}`);
  return found;
}
