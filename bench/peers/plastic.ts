/**
 * 10,000 neurons with 10 million plastic synapses: pair-based STDP as a rule of the user's own, written as text here
 * and in Brian2, with traces of neurons (what the text of here says) and, to compare like with like, of each synapse.
 */
import {
  background,
  definePlasticityRule,
  lif,
  type Projection,
  receptor,
  Simulation,
  type SpikeRecording,
} from "../../src/index.js";
import type { Job } from "./brian2.js";
import { lcg } from "./lcg.js";

export const SIZE = 10_000;
const INDEGREE = 1000;
const DT = 0.1;
const DELAY = 1.5;

const CELL = { C_m: 250, tau_m: 20, E_L: -70, V_th: -50, V_reset: -60, t_ref: 2 };
/** Current in pA, white noise in pA sqrt(ms), weights in pA. */
const DRIVE = { I_0: 205, sigma: 175, tau_exc: 5, w_0: 0.5 };
const RULE = { A_plus: 0.01, A_minus: 0.0105, tau_plus: 20, tau_minus: 20 };

/** The rule with its traces in the neurons, or in each synapse. */
export function pairs(traces: "neurons" | "synapses") {
  const [source, target] = traces === "neurons" ? [" (source)", " (target)"] : ["", ""];
  return definePlasticityRule({
    name: "pairs",
    params: { A_plus: RULE.A_plus, A_minus: RULE.A_minus, tau_plus: "20 ms", tau_minus: "20 ms" },
    synapse: `dx/dt = -x/tau_plus : 1${source}\ndy/dt = -y/tau_minus : 1${target}`,
    onPre: "w -= y\nx += A_plus",
    onPost: "w += x\ny += A_minus",
    bounds: { w: [0, 1] },
  });
}

export async function plastic(
  traces: "neurons" | "synapses",
  threads: number,
): Promise<{ simulation: Simulation; spikes: SpikeRecording[]; projection: Projection }> {
  const simulation = await Simulation.create({ dt: DT, seed: 1, name: "plastic", threads });
  const cells = simulation.population("cells", lif, SIZE, {
    method: "euler",
    params: CELL,
    init: { v: { uniform: [-70, -50] } },
    receptors: { exc: receptor.exponential({ tau: DRIVE.tau_exc }) },
    background: [background.constant(DRIVE.I_0), background.whiteNoise({ sigma: DRIVE.sigma })],
  });
  const projection = simulation.connect(cells, cells, {
    rule: "fixedIndegree",
    k: INDEGREE,
    weight: DRIVE.w_0,
    delay: DELAY,
    plasticity: { kind: pairs(traces) },
  });
  return { simulation, spikes: [simulation.record(cells, "spikes")], projection };
}

export function plasticJob(options: Pick<Job, "duration" | "warmUp" | "flags" | "threads">): Job {
  return {
    ...options,
    script: "plastic",
    params: { ...CELL, ...DRIVE, ...RULE },
    size: SIZE,
    method: "euler",
    dt: DT,
    seed: 1,
    matched: [],
    init: { v: "-70 + 20*rand()" },
    more: { indegree: INDEGREE, delay: DELAY },
  };
}

/** The same in plain JavaScript, with traces of neurons that all decay in each step. */
export class PlasticTwin {
  private readonly rows = new Uint32Array(SIZE + 1);
  private readonly targets = new Uint32Array(SIZE * INDEGREE);
  private readonly incoming = new Uint32Array(SIZE * INDEGREE);
  private readonly origins = new Uint32Array(SIZE * INDEGREE);
  private readonly weights = new Float64Array(SIZE * INDEGREE).fill(DRIVE.w_0);
  private readonly v = new Float64Array(SIZE);
  private readonly g = new Float64Array(SIZE);
  private readonly x = new Float64Array(SIZE);
  private readonly y = new Float64Array(SIZE);
  private readonly until = new Int32Array(SIZE);
  private readonly ring = Array.from({ length: Math.round(DELAY / DT) + 1 }, () => new Float64Array(SIZE));
  private readonly random = lcg(7);
  private step = 0;
  private spikes = 0;

  constructor() {
    const { random, rows, targets, incoming, origins, v } = this;
    const sources = Uint32Array.from({ length: targets.length }, () => Math.floor(random() * SIZE));
    for (const s of sources) rows[s + 1] = (rows[s + 1] as number) + 1;
    for (let s = 0; s < SIZE; s++) rows[s + 1] = (rows[s + 1] as number) + (rows[s] as number);
    const next = rows.slice();
    for (let k = 0; k < sources.length; k++) {
      const s = sources[k] as number;
      const j = next[s] as number;
      next[s] = j + 1;
      targets[j] = Math.floor(k / INDEGREE);
      incoming[k] = j;
      origins[k] = s;
    }
    for (let n = 0; n < SIZE; n++) v[n] = -70 + 20 * random();
  }

  run(steps: number): void {
    for (let k = 0; k < steps; k++) this.one();
  }

  private one(): void {
    const { v, g, x, y, until, ring, random, weights, targets, incoming, origins, rows } = this;
    const { C_m, tau_m, E_L, V_th, V_reset, t_ref } = CELL;
    const arriving = ring[this.step % ring.length] as Float64Array;
    const sent = ring[(this.step + ring.length - 1) % ring.length] as Float64Array;
    const decay = Math.exp(-DT / DRIVE.tau_exc);
    const [faded, calmed] = [Math.exp(-DT / RULE.tau_plus), Math.exp(-DT / RULE.tau_minus)];
    const noise = (DRIVE.sigma * Math.sqrt(DT)) / C_m;
    const fired: number[] = [];
    for (let n = 0; n < SIZE; n++) {
      x[n] = (x[n] as number) * faded;
      y[n] = (y[n] as number) * calmed;
      if ((until[n] as number) <= this.step) {
        const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
        const current = DRIVE.I_0 + (g[n] as number);
        const moved = (v[n] as number) + DT * ((E_L - (v[n] as number)) / tau_m + current / C_m) + noise * normal;
        v[n] = moved >= V_th ? V_reset : moved;
        if (moved >= V_th) {
          fired.push(n);
          until[n] = this.step + 1 + Math.round(t_ref / DT);
        }
      }
      g[n] = (g[n] as number) * decay + (arriving[n] as number);
      arriving[n] = 0;
    }
    for (const s of fired) {
      for (let j = rows[s] as number; j < (rows[s + 1] as number); j++) {
        const t = targets[j] as number;
        sent[t] = (sent[t] as number) + (weights[j] as number);
        weights[j] = Math.max(0, (weights[j] as number) - (y[t] as number));
      }
      x[s] = (x[s] as number) + RULE.A_plus;
    }
    for (const t of fired) {
      for (let k = t * INDEGREE; k < (t + 1) * INDEGREE; k++) {
        const j = incoming[k] as number;
        weights[j] = Math.min(1, (weights[j] as number) + (x[origins[k] as number] as number));
      }
      y[t] = (y[t] as number) + RULE.A_minus;
    }
    this.spikes += fired.length;
    this.step++;
  }

  take(): number {
    const { spikes } = this;
    this.spikes = 0;
    return spikes;
  }
}
