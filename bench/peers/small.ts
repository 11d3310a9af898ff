/**
 * Small networks without any random numbers during a run, whose graphs and starts come from `lcg`: Brian2's results for
 * them are stored, and a test compares.
 */
import { modelCase } from "../cases/models.js";
import { DIFFERENCES, type Difference, type Job, jobOf } from "./brian2.js";
import { flyCut, flyCutJob } from "./fly.js";
import { lcg, randomSynapses } from "./lcg.js";
import {
  brunel,
  coba,
  cobahh,
  cuba,
  inSpikelet,
  type Network,
  type Start,
  train,
  type Train,
  trainOf,
} from "./networks.js";
import { inputs, learning, learningJob } from "./stdp.js";

/** What a run gave. */
export interface Result {
  readonly train: Train;
  /** Plastic weights at the end. */
  readonly weights?: Float64Array;
}

export interface SmallCase {
  readonly name: string;
  readonly what: string;
  /** ms */
  readonly duration: number;
  readonly dt: number;
  /** The differences between the simulators that are at work in it. */
  readonly differences: readonly Difference[];
  spikelet(): Promise<Result>;
  job(matched: readonly Difference[]): Job;
}

const strict = { warmUp: 0, flags: "strict", threads: 0 } as const;

/** Fewer neurons with as many synapses each, delays up to 3 ms, and states from `low` to `high`. */
function recurrent(
  name: string,
  network: Network,
  { what, duration, seed, differences, states, weight = network.weight, drive = 0 }: {
    readonly what: string;
    readonly duration: number;
    readonly seed: number;
    readonly differences: readonly Difference[];
    readonly states: Readonly<Record<string, readonly [low: number, high: number]>>;
    readonly weight?: Network["weight"];
    /** Added to E_L, so that a small network does not fall silent. */
    readonly drive?: number;
  },
): SmallCase {
  const size = { exc: 160, inh: 40 };
  const E_L = (network.params.E_L as number) + drive;
  const small: Network = {
    ...network,
    size,
    weight,
    params: { ...network.params, E_L },
    elsewhere: { ...network.elsewhere, params: { ...network.elsewhere.params, E_L } },
  };
  const start = (): Start => {
    const random = lcg(seed);
    const column = ([low, high]: readonly [number, number]) =>
      Float64Array.from({ length: 200 }, () => low + (high - low) * random());
    return {
      states: Object.fromEntries(Object.entries(states).map(([state, range]) => [state, column(range)])),
      synapses: {
        exc: randomSynapses(random, [0, 160], 200, { p: 0.4, weight: weight.exc, longest: 30 }),
        inh: randomSynapses(random, [160, 200], 200, { p: 0.4, weight: weight.inh, longest: 30 }),
      },
    };
  };
  return {
    name,
    what,
    duration,
    dt: network.dt,
    differences,
    async spikelet() {
      const running = await inSpikelet(small, start());
      running.simulation.runSync(duration);
      return { train: trainOf(running, network.dt) };
    },
    job: (matched) => jobOf(small, start(), { ...strict, duration, matched }),
  };
}

/** Neurons without synapses under the background current of the benchmark's case. */
function alone(name: string, duration: number, differences: readonly Difference[]): SmallCase {
  const entry = modelCase(name);
  return {
    name,
    what: `50 neurons, constant current, ${entry.method}`,
    duration,
    dt: entry.dt,
    differences,
    async spikelet() {
      const { simulation, spikes } = await entry.simulation(50);
      simulation.runSync(duration);
      const { times, neurons } = spikes.view();
      return { train: train(Array.from(times, (t) => Math.round(t / entry.dt) - 1), neurons) };
    },
    job: (matched) => neuronsJob(name, 50, { ...strict, duration, matched }),
  };
}

/** Neurons of a benchmark's case in Brian2. */
export function neuronsJob(
  name: string,
  size: number,
  options: Pick<Job, "duration" | "warmUp" | "flags" | "threads" | "matched"> & Partial<Pick<Job, "method">>,
): Job {
  const { model, method, dt, params, current, sigma, init } = modelCase(name);
  return {
    script: "neurons",
    params: { ...params, I: current, sigma: sigma ?? 0 },
    size,
    method,
    dt,
    seed: 1,
    init: init(size),
    more: { model: model.id, noise: sigma !== undefined },
    ...options,
  };
}

function plastic(duration: number): SmallCase {
  return {
    name: "stdp",
    what: "100 inputs with additive STDP onto one neuron",
    duration,
    dt: 0.1,
    differences: ["share", "delay"],
    async spikelet() {
      const { simulation, spikes, projection } = await learning(inputs(7, 100, duration));
      simulation.runSync(duration);
      const steps = Array.from(spikes.view().times, (t) => Math.round(t / 0.1) - 1);
      return { train: train(steps, new Int32Array(steps.length)), weights: projection.weights() };
    },
    job: (matched) => learningJob(inputs(7, 100, duration), { ...strict, duration, matched }),
  };
}

/** Of the fly's brain nothing is matched: its program in Spikelet does what Brian2 does. */
function brain(duration: number): SmallCase {
  return {
    name: "fly",
    what: "400 neurons of the synthetic fly's brain, given stimuli",
    duration,
    dt: 0.1,
    differences: [],
    async spikelet() {
      const { simulation, spikes } = await flyCut(duration);
      simulation.runSync(duration);
      const { times, neurons } = spikes();
      return { train: train(Array.from(times, (t) => Math.round(t / 0.1) - 1), neurons) };
    },
    job: () => flyCutJob({ ...strict, duration }),
  };
}

const g = { v: [-65, -50], g_exc: [0, 80], g_inh: [0, 400] } as const;

export const SMALL: readonly SmallCase[] = [
  recurrent("coba", coba("exponentialEuler"), {
    what: "200 neurons, conductances, exponentialEuler",
    duration: 300,
    seed: 1,
    differences: ["share", "refractory"],
    states: g,
    drive: 30,
  }),
  recurrent("cobaEuler", coba("euler"), {
    what: "200 neurons, conductances, euler",
    duration: 300,
    seed: 2,
    differences: ["share", "decay", "refractory"],
    states: g,
    drive: 30,
  }),
  recurrent("cuba", cuba(), {
    what: "200 neurons, currents, exact",
    duration: 500,
    seed: 3,
    differences: ["refractory"],
    states: { v: [-60, -50], i_exc: [0, 10], i_inh: [-40, 0] },
    drive: 2,
  }),
  recurrent("cobahh", cobahh(), {
    what: "200 neurons of Hodgkin-Huxley type, conductances, exponentialEuler",
    duration: 300,
    seed: 4,
    differences: ["share", "hysteresis"],
    states: { ...g, v: [-75, -60], m: [0, 0.1], h: [0.8, 1], n: [0, 0.1] },
  }),
  recurrent("brunel", brunel("constant"), {
    what: "200 neurons, jumps, exact",
    duration: 80,
    seed: 5,
    differences: ["refractory", "order"],
    states: { v: [0, 20] },
    weight: { exc: 0.4, inh: -2 },
  }),
  plastic(5000),
  brain(500),
  alone("lif", 500, ["refractory"]),
  alone("izhikevich", 500, ["refractory"]),
  alone("adex", 500, ["refractory"]),
  alone("hodgkinHuxley", 200, ["hysteresis"]),
];

/** All differences but these. */
export function matchedBut(left: readonly Difference[]): readonly Difference[] {
  return DIFFERENCES.filter((difference) => !left.includes(difference));
}
