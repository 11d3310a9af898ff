/** The networks that all simulators run: parameters, starts and graphs, and the networks in Spikelet. */
import {
  background,
  type BackgroundInput,
  lif,
  type Method,
  type ModelRecord,
  receptor,
  type ReceptorInput,
  Simulation,
  type SpikeRecording,
  traubMiles,
  type ValueInput,
} from "../../src/index.js";
import type { Synapses } from "./lcg.js";

/** Excitatory and inhibitory synapses. */
export const KINDS = ["exc", "inh"] as const;
export type Kind = (typeof KINDS)[number];

/** A network of excitatory and inhibitory neurons that differ in nothing but their synapses. */
export interface Network {
  readonly name: string;
  readonly model: ModelRecord;
  readonly method: Method;
  /** ms */
  readonly dt: number;
  readonly size: Readonly<Record<Kind, number>>;
  readonly params: Readonly<Record<string, number>>;
  readonly receptors: Readonly<Record<string, ReceptorInput>>;
  /** The receptor of a kind of synapses. */
  readonly onto: Readonly<Record<Kind, string>>;
  readonly weight: Readonly<Record<Kind, number>>;
  /** Delay in ms where the graph is drawn. */
  readonly delay: number;
  /** Probability of a synapse, or their number per target. */
  readonly rule: { readonly p: number } | { readonly k: Readonly<Record<Kind, number>> };
  readonly init: Readonly<Record<string, ValueInput>>;
  /** Poisson events per second onto each neuron, with the weight of an excitatory synapse. */
  readonly poisson?: number;
  /** Constant drive in mV: what v would tend to, above E_L. */
  readonly drive?: number;
  /** For the scripts of other simulators: parameters under their names there, and first values as expressions. */
  readonly elsewhere: {
    readonly params: Readonly<Record<string, number>>;
    readonly init: Readonly<Record<string, string>>;
  };
}

const COBA = { C_m: 200, tau_m: 20, E_L: -60, V_th: -50, V_reset: -60, t_ref: 5 };
const conductances = { tau_exc: 5, tau_inh: 10, E_exc: 0, E_inh: -80, w_exc: 6, w_inh: 67 };
const started = { v: "-65 + 5*randn()", g_exc: "40 + 15*randn()", g_inh: "200 + 120*randn()" };

/** COBA, conductance-based benchmark 1 of Brette et al. 2007. */
export function coba(method: "exponentialEuler" | "euler"): Network {
  return {
    name: "coba",
    model: lif,
    method,
    dt: 0.1,
    size: { exc: 3200, inh: 800 },
    params: COBA,
    receptors: {
      exc: receptor.exponential({ tau: 5, E_rev: 0 }),
      inh: receptor.exponential({ tau: 10, E_rev: -80 }),
    },
    onto: { exc: "exc", inh: "inh" },
    weight: { exc: 6, inh: 67 },
    delay: 0.1,
    rule: { p: 0.02 },
    init: { v: { normal: [-65, 5] }, g_exc: { normal: [40, 15] }, g_inh: { normal: [200, 120] } },
    elsewhere: { params: { ...COBA, ...conductances }, init: started },
  };
}

/** CUBA, current-based benchmark 2. */
export function cuba(): Network {
  const params = { ...COBA, E_L: -49 };
  // Peak drives of 1.62 and -9 mV: as currents, times C_m / tau_m.
  const weight = { exc: 16.2, inh: -90 };
  return {
    ...coba("euler"),
    name: "cuba",
    method: "exact",
    params,
    receptors: { exc: receptor.exponential({ tau: 5 }), inh: receptor.exponential({ tau: 10 }) },
    weight,
    init: { v: { uniform: [-60, -50] } },
    elsewhere: {
      params: { ...params, tau_exc: 5, tau_inh: 10, w_exc: weight.exc, w_inh: weight.inh },
      init: { v: "-60 + 10*rand()" },
    },
  };
}

/** COBAHH, benchmark 3: COBA's graph with cells of the Hodgkin-Huxley type. */
export function cobahh(): Network {
  const params = Object.fromEntries(Object.entries(traubMiles.params).map(([key, { default: value }]) => [key, value]));
  return {
    ...coba("exponentialEuler"),
    name: "cobahh",
    model: traubMiles,
    params,
    elsewhere: { params: { ...params, ...conductances }, init: { ...started, m: "0.02", h: "0.95", n: "0.05" } },
  };
}

/**
 * Brunel 2000, the asynchronous irregular state of figure 8, with Poisson input or a constant drive of the same mean.
 * `scale` makes it smaller with the same mean input: fewer synapses per neuron, each stronger.
 */
export function brunel(input: "poisson" | "constant", scale = 1): Network {
  const k = { exc: Math.round(1000 * scale), inh: Math.round(250 * scale) };
  const J = 0.1 / scale;
  const params = { C_m: 250, tau_m: 20, E_L: 0, V_th: 20, V_reset: 10, t_ref: 2 };
  const weight = { exc: J, inh: -5 * J };
  return {
    name: "brunel",
    model: lif,
    method: "exact",
    dt: 0.1,
    size: { exc: 10 * k.exc, inh: 10 * k.inh },
    params,
    receptors: { in: receptor.delta() },
    onto: { exc: "in", inh: "in" },
    weight,
    delay: 1.5,
    rule: { k },
    init: { v: { uniform: [0, 20] } },
    ...(input === "poisson" ? { poisson: 20_000 * scale } : { drive: 40 }),
    elsewhere: {
      params: { ...params, w_exc: weight.exc, w_inh: weight.inh, drive: input === "poisson" ? 0 : 40 },
      init: { v: "20*rand()" },
    },
  };
}

/** Where a network begins, given as numbers: states of all neurons, first the excitatory ones, and its synapses. */
export interface Start {
  readonly states: Readonly<Record<string, Float64Array>>;
  readonly synapses: Readonly<Record<Kind, Synapses>>;
}

export interface Running {
  readonly simulation: Simulation;
  readonly spikes: Readonly<Record<Kind, SpikeRecording>>;
}

/** The network in Spikelet, from a start or with a graph and states that it draws from a seed. */
export async function inSpikelet(network: Network, from: Start | number, threads = 1): Promise<Running> {
  const { model, method, dt, size, params, receptors, init, poisson, drive, weight } = network;
  const simulation = await Simulation.create({
    dt,
    seed: typeof from === "number" ? from : 1,
    name: network.name,
    threads,
  });
  const first = { exc: 0, inh: size.exc };
  const entries: BackgroundInput[] = [];
  if (poisson !== undefined) entries.push(background.poisson({ rate: poisson, weight: weight.exc }));
  if (drive !== undefined) {
    entries.push(background.constant((drive * (params.C_m as number)) / (params.tau_m as number)));
  }
  const add = (kind: Kind) => {
    const part = (column: Float64Array) => column.slice(first[kind], first[kind] + size[kind]);
    return simulation.population<ModelRecord, Record<string, ReceptorInput>>(kind, model, size[kind], {
      method,
      params,
      receptors,
      background: entries,
      init:
        typeof from === "number"
          ? init
          : Object.fromEntries(Object.entries(from.states).map(([name, column]) => [name, part(column)])),
    });
  };
  const populations = { exc: add("exc"), inh: add("inh") };
  for (const source of KINDS) {
    for (const target of KINDS) {
      const common = { receptor: network.onto[source] };
      if (typeof from !== "number") {
        const within = (i: number, kind: Kind) => i >= first[kind] && i < first[kind] + size[kind];
        const { sources, targets, weights, delays } = from.synapses[source];
        const chosen = Array.from(sources.keys()).filter((n) => within(targets[n] as number, target));
        simulation.connect(populations[source], populations[target], {
          ...common,
          rule: "list",
          multapses: true,
          pairs: chosen.map((n) => [(sources[n] as number) - first[source], (targets[n] as number) - first[target]]),
          weight: chosen.map((n) => weights[n] as number),
          delay: chosen.map((n) => (delays[n] as number) * dt),
        });
      } else {
        const { rule } = network;
        const chosen =
          "p" in rule ? { rule: "fixedProbability", p: rule.p } : { rule: "fixedIndegree", k: rule.k[source] };
        simulation.connect(populations[source], populations[target], {
          ...common,
          ...(chosen as { rule: "fixedProbability"; p: number }),
          weight: weight[source],
          delay: network.delay,
        });
      }
    }
  }
  const spikes = {
    exc: simulation.record(populations.exc, "spikes"),
    inh: simulation.record(populations.inh, "spikes"),
  };
  return { simulation, spikes };
}

/** States and synapses of a network that Spikelet has drawn, before its first step. */
export function startOf(network: Network, { simulation }: Running): Start {
  simulation.build();
  const both = KINDS.map((kind) => simulation.populations.get(kind));
  const [exc, inh] = both;
  if (!exc || !inh) throw new Error(`${network.name} lacks a population`);
  const names = Object.keys({ ...network.model.states, ...network.init });
  const states = Object.fromEntries(
    names.map((name) => [name, Float64Array.from([...exc.state(name as "v"), ...inh.state(name as "v")])]),
  );
  // Projections are made source by source, in the order of KINDS.
  const graphs = simulation.projections.map((projection) => projection.read());
  const synapsesOf = (kind: Kind): Synapses => {
    const source = KINDS.indexOf(kind);
    const [a, b] = [graphs[2 * source], graphs[2 * source + 1]];
    if (!a || !b) throw new Error(`${network.name} lacks a projection`);
    const join = (one: Uint32Array, two: Uint32Array, plus: readonly [number, number]) => {
      const all = new Uint32Array(one.length + two.length);
      all.set(one.map((i) => i + plus[0]));
      all.set(
        two.map((i) => i + plus[1]),
        one.length,
      );
      return all;
    };
    const own = kind === "exc" ? 0 : network.size.exc;
    const weights = new Float64Array(a.weights.length + b.weights.length);
    weights.set(a.weights);
    weights.set(b.weights, a.weights.length);
    return {
      sources: join(a.sources, b.sources, [own, own]),
      targets: join(a.targets, b.targets, [0, network.size.exc]),
      weights,
      delays: join(a.delays, b.delays, [0, 0]),
    };
  };
  return { states, synapses: { exc: synapsesOf("exc"), inh: synapsesOf("inh") } };
}

/** Spikes as steps and neurons, in the order of steps and, within one, of neurons. */
export interface Train {
  readonly steps: Int32Array;
  readonly neurons: Int32Array;
}

/** Sorts spikes into a train. */
export function train(steps: ArrayLike<number>, neurons: ArrayLike<number>): Train {
  const order = Array.from({ length: steps.length }, (_, i) => i);
  order.sort((a, b) => (steps[a] as number) - (steps[b] as number) || (neurons[a] as number) - (neurons[b] as number));
  return {
    steps: Int32Array.from(order, (i) => steps[i] as number),
    neurons: Int32Array.from(order, (i) => neurons[i] as number),
  };
}

/** The spikes of both populations. A spike found in step k has the time (k + 1) dt. */
export function trainOf({ spikes }: Pick<Running, "spikes">, dt: number): Train {
  const [exc, inh] = [spikes.exc.view(), spikes.inh.view()];
  const steps = [...exc.times, ...inh.times].map((t) => Math.round(t / dt) - 1);
  return train(steps, [...exc.neurons, ...Array.from(inh.neurons, (i) => i + spikes.exc.size)]);
}

/** Where two trains part: the number of equal spikes before, and the step of the first that differs. */
export function parting(a: Train, b: Train): { readonly equal: number; readonly step: number | undefined } {
  const most = Math.max(a.steps.length, b.steps.length);
  for (let i = 0; i < most; i++) {
    if (a.steps[i] !== b.steps[i] || a.neurons[i] !== b.neurons[i]) {
      return { equal: i, step: Math.min(a.steps[i] ?? Infinity, b.steps[i] ?? Infinity) };
    }
  }
  return { equal: most, step: undefined };
}
