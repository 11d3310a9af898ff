/** The reference networks, and the statistics by which they are compared. */
import {
  background,
  lif,
  meanCv,
  type ModelRecord,
  type Population,
  receptor,
  Simulation,
  type SpikeRecording,
  type Spikes,
  traubMiles,
} from "../../src/index.js";
import { moments } from "./harness.js";

/** A network that has run, with the spikes of its excitatory and inhibitory neurons. */
export interface Network {
  readonly simulation: Simulation;
  readonly exc: SpikeRecording;
  readonly inh: SpikeRecording;
}

interface Options {
  readonly seed: number;
  readonly dt?: number;
  readonly method?: (typeof lif.methods)[number];
}

const EXCITATORY = 3200;
const INHIBITORY = 800;

/** Connects both populations with both, each pair with probability p. */
function connectAll<M extends ModelRecord, R extends string>(
  simulation: Simulation,
  exc: Population<M, R>,
  inh: Population<M, R>,
  projections: Readonly<Record<"exc" | "inh", { readonly receptor: R; readonly weight: number }>>,
  p: number,
  delay: number,
): void {
  for (const [source, { receptor: name, weight }] of [
    [exc, projections.exc],
    [inh, projections.inh],
  ] as const) {
    for (const target of [exc, inh]) {
      simulation.connect(source, target, { rule: "fixedProbability", p, receptor: name, weight, delay });
    }
  }
}

/** COBA: conductance-based benchmark 1 of Brette et al. 2007; activity keeps itself up without input. */
export async function coba({ seed, dt = 0.1, method = "euler" }: Options): Promise<Network> {
  const simulation = await Simulation.create({ dt, seed });
  const options = {
    method,
    params: { C_m: 200, tau_m: 20, E_L: -60, V_th: -50, V_reset: -60, t_ref: 5 },
    init: { v: { normal: [-65, 5] }, g_exc: { normal: [40, 15] }, g_inh: { normal: [200, 120] } },
    receptors: {
      exc: receptor.exponential({ tau: 5, E_rev: 0 }),
      inh: receptor.exponential({ tau: 10, E_rev: -80 }),
    },
  } as const;
  const exc = simulation.population("exc", lif, EXCITATORY, options);
  const inh = simulation.population("inh", lif, INHIBITORY, options);
  const synapses = { exc: { receptor: "exc", weight: 6 }, inh: { receptor: "inh", weight: 67 } } as const;
  connectAll(simulation, exc, inh, synapses, 0.02, dt);
  return { simulation, exc: simulation.record(exc, "spikes"), inh: simulation.record(inh, "spikes") };
}

/** CUBA: current-based benchmark 2 of Brette et al. 2007; E_L above the threshold drives it. */
export async function cuba({ seed, dt = 0.1, method = "exact" }: Options): Promise<Network> {
  const simulation = await Simulation.create({ dt, seed });
  const [C_m, tau_m] = [200, 20];
  const options = {
    method,
    params: { C_m, tau_m, E_L: -49, V_th: -50, V_reset: -60, t_ref: 5 },
    init: { v: { uniform: [-60, -50] } },
    receptors: { exc: receptor.exponential({ tau: 5 }), inh: receptor.exponential({ tau: 10 }) },
  } as const;
  const exc = simulation.population("exc", lif, EXCITATORY, options);
  const inh = simulation.population("inh", lif, INHIBITORY, options);
  // Peak drives of 1.62 and -9 mV: as currents, times C_m / tau_m.
  const weights = { exc: (1.62 * C_m) / tau_m, inh: (-9 * C_m) / tau_m };
  const synapses = {
    exc: { receptor: "exc", weight: weights.exc },
    inh: { receptor: "inh", weight: weights.inh },
  } as const;
  connectAll(simulation, exc, inh, synapses, 0.02, dt);
  return { simulation, exc: simulation.record(exc, "spikes"), inh: simulation.record(inh, "spikes") };
}

/** COBAHH: benchmark 3 of Brette et al. 2007, COBA's graph with cells of the Hodgkin-Huxley type. */
export async function cobahh({ seed, dt = 0.1 }: Options): Promise<Network> {
  const simulation = await Simulation.create({ dt, seed });
  const options = {
    method: "exponentialEuler",
    init: { v: { normal: [-65, 5] }, g_exc: { normal: [40, 15] }, g_inh: { normal: [200, 120] } },
    receptors: {
      exc: receptor.exponential({ tau: 5, E_rev: 0 }),
      inh: receptor.exponential({ tau: 10, E_rev: -80 }),
    },
  } as const;
  const exc = simulation.population("exc", traubMiles, EXCITATORY, options);
  const inh = simulation.population("inh", traubMiles, INHIBITORY, options);
  const synapses = { exc: { receptor: "exc", weight: 6 }, inh: { receptor: "inh", weight: 67 } } as const;
  connectAll(simulation, exc, inh, synapses, 0.02, 0.1);
  return { simulation, exc: simulation.record(exc, "spikes"), inh: simulation.record(inh, "spikes") };
}

/** Statistics of a network as the entries name them. */
export interface Statistics {
  readonly rateE: number;
  readonly rateI: number;
  readonly rate: number;
  readonly cv: number;
  /** Variance over mean of the number of spikes of all neurons in bins of 1 ms. */
  readonly fano1ms: number;
  /** Frequency in Hz at which the power of the population's activity is greatest. */
  readonly fpeak: number;
}

/**
 * Least number of interspike intervals of a neuron that counts for the CV. The references do not say theirs; this one
 * gives their values of both COBA (0.8 s, 1.60) and CUBA (1.8 s, 0.60).
 */
export const LEAST_INTERVALS = 6;

/** Statistics between two times in ms. */
export function statisticsOf({ exc, inh }: Network, from: number, to: number): Statistics {
  const seconds = (to - from) / 1000;
  const spikes: { readonly t: number; readonly n: number }[] = [];
  for (const [recording, first] of [
    [exc, 0],
    [inh, exc.size],
  ] as const) {
    const { times, neurons } = recording.view();
    for (const [i, t] of times.entries()) if (t > from && t <= to) spikes.push({ t, n: first + (neurons[i] ?? NaN) });
  }
  spikes.sort((a, b) => a.t - b.t);
  const size = exc.size + inh.size;
  const counts = new Float64Array(Math.round(to - from));
  for (const { t } of spikes) {
    // Bins hold their right edge; times are multiples of dt up to rounding.
    const bin = Math.max(0, Math.ceil(t - from - 1e-6) - 1);
    counts[bin] = (counts[bin] ?? NaN) + 1;
  }
  const { mean, sd } = moments(counts);
  const ofExc = spikes.filter(({ n }) => n < exc.size).length;
  const all: Spikes = {
    times: Float64Array.from(spikes, ({ t }) => t),
    neurons: Uint32Array.from(spikes, ({ n }) => n),
  };
  return {
    rateE: ofExc / exc.size / seconds,
    rateI: (spikes.length - ofExc) / inh.size / seconds,
    rate: spikes.length / size / seconds,
    cv: meanCv(all, size, LEAST_INTERVALS),
    fano1ms: sd ** 2 / mean,
    fpeak: peakFrequency(counts, mean),
  };
}

/**
 * Frequency in Hz, to 1 Hz, at which counts in bins of 1 ms have the most power, up to 500 Hz: mean of the spectra of
 * overlapping pieces of 1 s; a shorter record is padded.
 */
function peakFrequency(counts: Float64Array, mean: number): number {
  const n = 1000;
  const cosine = Float64Array.from({ length: n }, (_, j) => Math.cos((2 * Math.PI * j) / n));
  const sine = Float64Array.from({ length: n }, (_, j) => Math.sin((2 * Math.PI * j) / n));
  const pieces = Math.max(1, Math.ceil(counts.length / (n / 2)) - 1);
  const stride = pieces === 1 ? 0 : (counts.length - n) / (pieces - 1);
  const power = new Float64Array(n / 2 + 1);
  for (let piece = 0; piece < pieces; piece++) {
    const first = Math.round(piece * stride);
    const part = counts.subarray(first, first + n);
    for (let k = 1; k <= n / 2; k++) {
      let [re, im] = [0, 0];
      for (let j = 0; j < part.length; j++) {
        const x = (part[j] as number) - mean;
        re += x * (cosine[(j * k) % n] as number);
        im += x * (sine[(j * k) % n] as number);
      }
      power[k] = (power[k] as number) + re ** 2 + im ** 2;
    }
  }
  return power.indexOf(Math.max(...power));
}

/** Protocol of open-claim-background: a volley into a network with a background, as strong as its synapses allow. */
export interface Volley {
  /** Synaptic strength in mV. */
  readonly J: number;
  /** Mean and intensity of the background in mV. */
  readonly Ibg: number;
  readonly sigma: number;
  readonly seed: number;
  /** End of the run in ms. */
  readonly end: number;
}

export const VOLLEY = { size: 1000, excitatory: 800, cells: 40, at: 300 } as const;

/** What the volley did. */
export interface Response {
  /** Rate in Hz in the 200 ms before it. */
  readonly baseRate: number;
  /** Spikes within 30 ms beyond those of the base rate and the volley's own. */
  readonly evoked: number;
  /** Rate in Hz from 100 to 400 ms after it (to the end of the run, if that comes earlier). */
  readonly tailRate: number;
  /** Most spikes in 1 ms after it. */
  readonly peak: number;
}

export async function volley({ J, Ibg, sigma, seed, end }: Volley): Promise<Response> {
  const dt = 0.1;
  const [C_m, tau_m] = [250, 20];
  const simulation = await Simulation.create({ dt, seed });
  const options = {
    params: { C_m, tau_m, E_L: -70, V_th: -50, V_reset: -60, t_ref: 3 },
    init: { v: { uniform: [-70, -60] } },
    receptors: { jump: receptor.delta() },
  } as const;
  const noise = background.whiteNoise({ mean: (Ibg * C_m) / tau_m, sigma: (sigma * C_m) / Math.sqrt(tau_m) });
  // One step of a current that lifts any cell over its threshold.
  const amplitude = Array.from({ length: VOLLEY.excitatory }, (_, i) => (i < VOLLEY.cells ? (100 * C_m) / dt : 0));
  const pulse = background.pulses({ amplitude, start: VOLLEY.at, width: dt });
  const exc = simulation.population("exc", lif, VOLLEY.excitatory, { ...options, background: [noise, pulse] });
  const inh = simulation.population("inh", lif, VOLLEY.size - VOLLEY.excitatory, { ...options, background: [noise] });
  const synapses = { exc: { receptor: "jump", weight: J }, inh: { receptor: "jump", weight: -5 * J } } as const;
  connectAll(simulation, exc, inh, synapses, 0.1, 1.5);
  const recordings = [simulation.record(exc, "spikes"), simulation.record(inh, "spikes")];
  simulation.runSync(end);
  const times = recordings.flatMap((recording) => Array.from(recording.view().times));
  const count = (from: number, to: number): number => times.filter((t) => t > from + 1e-6 && t <= to + 1e-6).length;
  const perCell = (from: number, to: number): number => (1000 * count(from, to)) / (to - from) / VOLLEY.size;
  const { at } = VOLLEY;
  const baseRate = perCell(at - 200, at);
  const bins = Array.from({ length: 30 }, (_, k) => count(at + k, at + k + 1));
  return {
    baseRate,
    evoked: count(at, at + 30) - VOLLEY.cells - (baseRate * VOLLEY.size * 30) / 1000,
    tailRate: end > at + 100 ? perCell(at + 100, Math.min(end, at + 400)) : 0,
    peak: Math.max(...bins),
  };
}
