/** Protocols of the papers whose rules are in rules.ts, as functions that return numbers. */
import {
  background,
  lif,
  type PlasticityRule,
  poisson,
  receptor,
  Simulation,
  spikeTrain,
} from "spikelet";
import {
  calcium,
  clopathCell,
  dopamine,
  farSideOfGap,
  graded,
  lateGap,
  leakOfGap,
  noisyCalcium,
  noisyCell,
  orchestrated,
  powerLaw,
  reboundCell,
  releaseUDF,
  vanDerPol,
  voltageBased,
} from "./rules.js";

/** Spike times by neuron, as `spikeTrain` takes them. */
function trains(times: readonly (readonly number[])[]): { times: number[]; neurons: number[] } {
  const spikes = times.flatMap((own, neuron) => own.map((time) => ({ time, neuron })));
  spikes.sort((a, b) => a.time - b.time);
  return { times: spikes.map(({ time }) => time), neurons: spikes.map(({ neuron }) => neuron) };
}

/** Pairs of spikes `interval` apart, the target's `shift` after the source's, from `start` on. */
function pairs(count: number, interval: number, shift: number, start: number): { pre: number[]; post: number[] } {
  const at = Array.from({ length: count }, (_, k) => start + k * interval);
  return { pre: at.map((t) => t + Math.max(0, -shift)), post: at.map((t) => t + Math.max(0, shift)) };
}

/** A cell that fires in the step in which 100 mV arrive; its capacitance keeps other input from having an effect. */
const puppet = {
  params: { C_m: 1e12, t_ref: 0 },
  receptors: { force: receptor.delta(), exc: receptor.exponential({ tau: 5 }) },
};

// 1. Calcium

/** A set of the paper's parameters, the delay of the source's calcium in ms, and the noise. */
export interface CalciumSet {
  readonly params: Readonly<Record<string, number>>;
  readonly delay: number;
  readonly sigma: number;
}

/** Sets of the paper's figure 2. */
export const DP: CalciumSet = { params: {}, delay: 13.7, sigma: 2.8284 };
export const P: CalciumSet = { params: { C_pre: 2, gamma_d: 160, gamma_p: 257.447 }, delay: 0, sigma: 2.8284 };
export const DPD: CalciumSet = {
  params: { C_pre: 0.9, C_post: 0.9, gamma_d: 250, gamma_p: 550 },
  delay: 4.6,
  sigma: 2.8284,
};
export const D: CalciumSet = {
  params: { C_pre: 0.6, C_post: 0.6, gamma_d: 500, gamma_p: 550 },
  delay: 0,
  sigma: 5.6568,
};

/** The fit to cortical slices (Sjoestroem et al. 2001). */
export const CORTICAL_SLICES: CalciumSet = {
  params: {
    tau_Ca: 22.6936, C_pre: 0.5617539, C_post: 1.23964, gamma_d: 331.909, gamma_p: 725.085, tau: 346.3615,
    b: 5.40988,
  },
  delay: 4.6098,
  sigma: 3.3501,
};

const param = ({ params }: CalciumSet, name: string): number =>
  params[name] ?? (calcium.params[name] as { default: number }).default;

/** What the mean dynamics left of rho = 0 and rho = 1, and the shares of the time with calcium above the thresholds. */
export interface CalciumOutcome {
  readonly shift: number;
  readonly fromDown: number;
  readonly fromUp: number;
  readonly above_d: number;
  readonly above_p: number;
}

/** Pairs: how many, at which rate (Hz), in steps of dt (ms). */
export interface CalciumProtocol {
  readonly set?: CalciumSet;
  readonly count?: number;
  readonly rate?: number;
  readonly dt?: number;
}

/** Pairs at a rate, for each shift (ms) of the target's spike, by the mean dynamics. */
export async function calciumPairs(
  shifts: readonly number[],
  { set = DP, count = 60, rate = 1, dt = 0.1 }: CalciumProtocol = {},
): Promise<CalciumOutcome[]> {
  const interval = 1000 / rate;
  const start = 20;
  const sim = await Simulation.create({ dt });
  const spikes = shifts.map((shift) => pairs(count, interval, shift, start));
  const source = sim.population("source", spikeTrain, shifts.length, { params: trains(spikes.map(({ pre }) => pre)) });
  const driver = sim.population("driver", spikeTrain, shifts.length, {
    params: trains(spikes.map(({ post }) => post.map((t) => t - dt))),
  });
  const cells = sim.population("cells", lif, shifts.length, puppet);
  sim.connect(driver, cells, { rule: "oneToOne", receptor: "force", weight: 100, delay: dt });
  // All of the delay is in the axon, so that the source's calcium comes late.
  const plasticity = { kind: calcium, ...set.params, dendriticDelayFraction: 0 };
  const options = { rule: "oneToOne", receptor: "exc", weight: 1, delay: set.delay, plasticity } as const;
  const [down, up] = [sim.connect(source, cells, options), sim.connect(source, cells, options)];
  sim.build();
  up.setValues("rho", 1);
  const duration = count * interval;
  await sim.run(start + duration);
  const [fromDown, fromUp] = [down.values("rho"), up.values("rho")];
  const [above_d, above_p] = [down.values("above_d"), down.values("above_p")];
  sim.close();
  return shifts.map((shift, k) => ({
    shift,
    fromDown: fromDown[k] as number,
    fromUp: fromUp[k] as number,
    above_d: (above_d[k] as number) / duration,
    above_p: (above_p[k] as number) / duration,
  }));
}

/** The error function by its series, for analysis. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-16 * Math.abs(sum); n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
    if (n > 200) break;
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/**
 * The paper's closed form for given shares of the time above the thresholds: means of rho from 0 and 1, and the change
 * of the synaptic strength once all synapses have gone to rho = 0 or 1, half of them from each.
 */
export function calciumFormula(
  { above_d, above_p }: Pick<CalciumOutcome, "above_d" | "above_p">,
  duration: number,
  set: CalciumSet = DP,
): { readonly fromDown: number; readonly fromUp: number; readonly strength: number } {
  const [up, down, b] = [param(set, "gamma_p") * above_p, param(set, "gamma_d") * above_d, param(set, "b")];
  if (up + down === 0) return { fromDown: 0, fromUp: 1, strength: 1 };
  const mean = up / (up + down);
  const decay = Math.exp((-duration * (up + down)) / (1000 * param(set, "tau")));
  const variance = (set.sigma ** 2 * (above_p + above_d) * (1 - decay ** 2)) / (up + down);
  const [fromDown, fromUp] = [mean * (1 - decay), mean + (1 - mean) * decay];
  // At the end of the protocol rho is normally distributed; above rho_star it goes to 1.
  const highShare = (rho: number): number => (1 + erf((rho - 0.5) / Math.sqrt(variance))) / 2;
  const high = (highShare(fromDown) + highShare(fromUp)) / 2;
  return { fromDown, fromUp, strength: (2 * (1 + (b - 1) * high)) / (1 + b) };
}

/** Shares of the time above the thresholds for pairs so far apart that calcium is gone in between. */
export function aboveThresholds(
  shift: number,
  rate: number,
  set: CalciumSet = DP,
): { above_d: number; above_p: number } {
  const tau = param(set, "tau_Ca");
  const [C_pre, C_post] = [param(set, "C_pre"), param(set, "C_post")];
  const between = shift - set.delay;
  const [first, second] = between > 0 ? [C_pre, C_post] : [C_post, C_pre];
  const gap = Math.abs(between);
  const both = first * Math.exp(-gap / tau) + second;
  const stay = (c: number, theta: number): number => tau * Math.max(0, Math.log(c / theta));
  const above = (theta: number): number => (Math.min(gap, stay(first, theta)) + stay(both, theta)) * rate * 1e-3;
  return { above_d: above(param(set, "theta_d")), above_p: above(param(set, "theta_p")) };
}

/**
 * The paper's figure 2 (DP) with noise: the change of the strength of `count` synapses for each shift, half from each
 * side. Times above the thresholds are whole steps: at dt 0.5 the strength is off by up to 0.03.
 */
export async function noisyCalciumPairs(shifts: readonly number[], count: number, dt = 0.25): Promise<number[]> {
  const [start, presentations] = [20, 60];
  const sim = await Simulation.create({ dt, seed: 1 });
  const spikes = shifts.map((shift) => pairs(presentations, 1000, shift, start));
  const source = sim.population("source", spikeTrain, shifts.length, { params: trains(spikes.map(({ pre }) => pre)) });
  const driver = sim.population("driver", spikeTrain, shifts.length, {
    params: trains(spikes.map(({ post }) => post.map((t) => t - dt))),
  });
  const cells = sim.population("cells", noisyCell, shifts.length * count, {
    receptors: { force: receptor.delta(), exc: receptor.exponential({ tau: 5 }) },
  });
  const links = shifts.flatMap((_, k) =>
    Array.from({ length: count }, (__, n): [number, number] => [k, k * count + n]),
  );
  sim.connect(driver, cells, { rule: "list", pairs: links, receptor: "force", weight: 100, delay: dt });
  const learned = sim.connect(source, cells, {
    rule: "list",
    pairs: links,
    receptor: "exc",
    weight: 1,
    delay: DP.delay,
    plasticity: { kind: noisyCalcium, dendriticDelayFraction: 0 },
  });
  sim.build();
  const { targets } = learned.read();
  learned.setValues("rho", Float64Array.from(targets, (target) => target % 2));
  await sim.run(start + presentations * 1000);
  const rho = learned.values("rho");
  sim.close();
  const b = param(DP, "b");
  return shifts.map((_, k) => {
    const own = rho.filter((_x, s) => Math.floor((targets[s] as number) / count) === k);
    const high = own.filter((x) => x > 0.5).length / own.length;
    return (2 * (1 + (b - 1) * high)) / (1 + b);
  });
}

// 2. Voltage

/**
 * Normalized weight in percent after the protocol of Sjoestroem et al. (2001): five pairs at `rate` (Hz), fifteen times
 * (one pair, fifty times, at 0.1 Hz), with ten seconds in between, after which everything but the weight is at rest.
 */
export async function voltagePairs(rates: readonly number[], shift: number, dt = 0.1, params = {}): Promise<number[]> {
  const sim = await Simulation.create({ dt });
  const spikes = rates.map((rate) => pairs(rate < 1 ? 1 : 5, 1000 / rate, shift, 50));
  const [before, after] = [spikes.map(({ pre }) => pre), spikes.map(({ post }) => post)];
  const source = sim.population("source", spikeTrain, rates.length, { params: trains(before) });
  const driver = sim.population("driver", spikeTrain, rates.length, {
    params: trains(after.map((times) => times.map((t) => t - dt))),
  });
  const cells = sim.population("cells", clopathCell, rates.length, {
    params,
    method: "euler",
    receptors: { force: receptor.delta(), exc: receptor.exponential({ tau: 5 }) },
  });
  sim.connect(driver, cells, { rule: "oneToOne", receptor: "force", weight: 200, delay: dt });
  const weight = 0.5;
  const learned = sim.connect(source, cells, {
    rule: "oneToOne",
    receptor: "exc",
    weight,
    // What a synapse transmits is left out, as in the paper: all of it comes after the end.
    delay: 1000,
    plasticity: { kind: voltageBased },
  });
  await sim.run(700);
  const change = learned.weights().map((w, k) => ((w - weight) / weight) * ((rates[k] as number) < 1 ? 50 : 15));
  sim.close();
  return Array.from(change, (x) => 100 * (1 + x));
}

// 3. Dopamine

/** A reward `after` ms behind one pair of spikes: the change of the weight, and the eligibility that the pair left. */
export async function delayedReward(
  after: readonly number[],
  { shift = 10, dt = 1 }: { shift?: number; dt?: number } = {},
): Promise<{ change: number; eligibility: number }[]> {
  return Promise.all(
    after.map(async (wait) => {
      const sim = await Simulation.create({ dt });
      const { pre, post } = pairs(1, 1, shift, 100);
      const source = sim.population("source", spikeTrain, 1, { params: trains([pre]) });
      const driver = sim.population("driver", spikeTrain, 1, { params: trains([post.map((t) => t - dt)]) });
      const last = Math.max(pre[0] as number, post[0] as number);
      const reward = sim.population("reward", spikeTrain, 1, { params: trains([[last + wait]]) });
      const cell = sim.population("cell", lif, 1, puppet);
      sim.connect(driver, cell, { rule: "oneToOne", receptor: "force", weight: 100, delay: dt });
      const plasticity = { kind: dopamine, D_0: 0, modulator: "reward" };
      const options = { rule: "oneToOne", receptor: "exc", weight: 1, delay: dt, plasticity } as const;
      const learned = sim.connect(source, cell, options);
      await sim.run(last + dt);
      const eligibility = learned.values("c")[0] as number;
      await sim.run(wait + 10_000);
      const change = (learned.weights()[0] as number) - 1;
      void reward;
      sim.close();
      return { change, eligibility };
    }),
  );
}

/** Numbers between 0 and 1 that are the same in each run. */
function* numbers(state: number): Generator<number, never> {
  for (let x = state; ; ) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield x / 2 ** 32;
  }
}

/**
 * The paper's figure 1, reduced: synapses between cells that fire at random at 1 Hz. The cells of the first also fire
 * in the order source, target every 7.5 s, and 1 to 3 s after that dopamine comes, to all synapses.
 *
 * @param by who gives the reward: spikes of a modulator, or the host between runs, as D += dose
 */
export async function reinforcement(
  by: "modulator" | "host",
  { synapses = 50, seconds = 600, seed = 7 } = {},
): Promise<{ weights: Float64Array; time: number[]; traces: number[][]; rewards: number[] }> {
  const dt = 1;
  const random = numbers(seed);
  const draw = (): number[][] =>
    Array.from({ length: synapses }, () => {
      const times: number[] = [];
      for (let t = 10; t < 1000 * seconds; t++) if (random.next().value < 0.001) times.push(t);
      return times;
    });
  const [before, after] = [draw(), draw()];
  const made = Array.from({ length: Math.floor(seconds / 7.5) }, (_, k) => 7500 * k + 1003);
  const joined = (times: readonly number[], more: readonly number[]): number[] =>
    [...new Set([...times, ...more])].sort((a, b) => a - b);
  before[0] = joined(before[0] as number[], made);
  after[0] = joined(after[0] as number[], made.map((t) => t + 10));
  const rewards = made.map((t) => t + 1010 + Math.floor(2000 * random.next().value));
  const sim = await Simulation.create({ dt });
  const source = sim.population("source", spikeTrain, synapses, { params: trains(before) });
  const driver = sim.population("driver", spikeTrain, synapses, {
    params: trains(after.map((times) => times.map((t) => t - dt))),
  });
  sim.population("reward", spikeTrain, 1, { params: trains([by === "modulator" ? rewards : []]) });
  const cells = sim.population("cells", lif, synapses, puppet);
  sim.connect(driver, cells, { rule: "oneToOne", receptor: "force", weight: 100, delay: dt });
  const learned = sim.connect(source, cells, {
    rule: "oneToOne",
    receptor: "exc",
    weight: 0,
    delay: dt,
    plasticity: { kind: dopamine, modulator: "reward" },
  });
  const recorded = sim.recordWeights(learned, { every: 2000 });
  let now = 0;
  if (by === "host") {
    const dose = dopamine.params.dose?.default as number;
    for (const t of rewards) {
      // A spike at t is one at the end of the step that begins dt before.
      await sim.run(t - dt - now);
      learned.setValues("D", (learned.values("D")[0] as number) + dose);
      now = t - dt;
    }
  }
  await sim.run(1000 * (seconds + 5) - now);
  const weights = learned.weights();
  const time = [...recorded.time];
  const traces = Array.from(weights, (_, k) => [...recorded.values(k)]);
  sim.close();
  return { weights, time, traces, rewards };
}

// 4. Power law

/** Weights (pA) after some time with independent Poisson spikes on both sides, all from one weight. */
export async function powerLawWeights(
  weight: number,
  { seconds = 20, rate = 50, dt = 0.1, sources = 50, targets = 20, seed = 4 } = {},
): Promise<Float64Array> {
  const sim = await Simulation.create({ dt, seed });
  const source = sim.population("source", poisson, sources, { params: { rate } });
  const driver = sim.population("driver", poisson, targets, { params: { rate } });
  const cells = sim.population("cells", lif, targets, puppet);
  sim.connect(driver, cells, { rule: "oneToOne", receptor: "force", weight: 100, delay: dt });
  const learned = sim.connect(source, cells, {
    rule: "allToAll",
    receptor: "exc",
    weight,
    delay: dt,
    plasticity: { kind: powerLaw },
  });
  await sim.run(1000 * seconds);
  const weights = learned.weights();
  sim.close();
  return weights;
}

/**
 * The weight whose mean drift is 0 for independent spikes, and the standard deviation around it over that weight. Pairs
 * in one step potentiate, so that the sum over steps is exp(dt/tau_minus) times as large.
 */
export function powerLawFixedPoint(dt = 0): { weight: number; spread: number } {
  const [lambda, alpha, mu, w_0, tau_plus, tau_minus] = ["lambda", "alpha", "mu", "w_0", "tau_plus", "tau_minus"].map(
    (name) => (powerLaw.params[name] as { default: number }).default,
  ) as [number, number, number, number, number, number];
  const [plus, minus] = dt === 0
    ? [tau_plus, tau_minus]
    : [dt / (1 - Math.exp(-dt / tau_plus)), dt / (Math.exp(dt / tau_minus) - 1)];
  const weight = w_0 * (plus / (alpha * minus)) ** (1 / (1 - mu));
  const [up, down] = [lambda * (weight / w_0) ** (mu - 1), lambda * alpha];
  return { weight, spread: Math.sqrt((up + down) / (4 * (1 - mu))) };
}

// 5. Orchestrated plasticity

/** Rates of both sides in Hz, times in s. */
export interface ConsolidationProtocol {
  readonly seconds?: number;
  readonly rate?: number;
  readonly tau_cons?: number;
  readonly copies?: number;
  readonly reference?: number;
}

/**
 * Weights and references over time, means of some copies: synapses start with their weights at each of `starts`, and
 * with the reference at the same value or another. The paper's tau_cons is 1200 s; here it is shorter.
 */
export async function consolidation(
  starts: readonly number[],
  { seconds = 300, rate = 10, tau_cons = 60, copies = 10, reference }: ConsolidationProtocol = {},
): Promise<{ time: number[]; weights: number[][]; references: number[][] }> {
  const dt = 1;
  const sim = await Simulation.create({ dt, seed: 5 });
  const count = starts.length * copies;
  const source = sim.population("source", poisson, count, { params: { rate } });
  const driver = sim.population("driver", poisson, count, { params: { rate } });
  const cells = sim.population("cells", lif, count, puppet);
  sim.connect(driver, cells, { rule: "oneToOne", receptor: "force", weight: 100, delay: dt });
  const start = (i: number): number => starts[Math.floor(i / copies)] as number;
  const learned = sim.connect(source, cells, {
    rule: "oneToOne",
    receptor: "exc",
    weight: start,
    delay: dt,
    plasticity: { kind: orchestrated, tau_cons, every: tau_cons / 1000 },
  });
  const w = sim.recordWeights(learned, { every: 5000 });
  const ref = sim.recordWeights(learned, { variable: "ref", every: 5000 });
  sim.build();
  learned.setValues("ref", Float64Array.from(learned.read().sources, (i) => reference ?? start(i)));
  await sim.run(1000 * seconds);
  const mean = (of: typeof w): number[][] =>
    starts.map((_, k) => {
      const own = Array.from({ length: copies }, (__, n) => of.values(k * copies + n));
      return Array.from(of.time, (__, t) => own.reduce((sum, x) => sum + (x[t] as number), 0) / copies);
    });
  const out = { time: [...w.time], weights: mean(w), references: mean(ref) };
  sim.close();
  return out;
}

/**
 * For independent spikes at `rate` Hz, in the mean: what w - ref goes to, and at which rate (1/s). That w - ref itself
 * is less in bursts is left out.
 */
export function meanOfWeight(rate: number): { offset: number; rate: number } {
  const value = (name: string): number => (orchestrated.params[name] as { default: number }).default;
  const nu = rate / 1000;
  const [y, x, slow] = [nu * value("tau_minus"), nu * value("tau_plus"), nu * value("tau_slow")];
  const drift = nu * (value("A") * x * slow + value("delta") - value("A") * y);
  // Third moment of a Poisson trace, by its cumulants nu tau/n.
  const third = y / 3 + (3 * y * y) / 2 + y ** 3;
  const relaxation = nu * value("beta") * third;
  return { offset: drift / relaxation, rate: 1000 * relaxation };
}

/** Fixed points of the reference for a given w - ref: where offset = P ref (w_P/2 - ref) (w_P - ref). */
export function referenceFixedPoints(offset: number): number[] {
  const [P, w_P] = [orchestrated.params.P?.default as number, orchestrated.params.w_P?.default as number];
  const f = (x: number): number => offset - P * x * (w_P / 2 - x) * (w_P - x);
  const roots: number[] = [];
  for (let k = -1000; k < 2000; k++) {
    let [a, b] = [k / 1000 + 0.00037, (k + 1) / 1000 + 0.00037];
    if (f(a) * f(b) > 0) continue;
    for (let n = 0; n < 60; n++) {
      const m = (a + b) / 2;
      if (f(a) * f(m) <= 0) b = m;
      else a = m;
    }
    roots.push(a);
  }
  return roots;
}

// 6. Release onto nmda

/** Released shares of a train, as peaks of an nmda conductance: by the rule, and by the built-in `shortTerm`. */
export async function releases(
  params: { U: number; D: number; F: number },
  times: readonly number[],
): Promise<{ rule: number[]; builtIn: number[] }> {
  const dt = 0.1;
  const sim = await Simulation.create({ dt });
  const source = sim.population("source", spikeTrain, 1, { params: trains([times]) });
  const { U, D, F } = params;
  const kinds = {
    rule: { plasticity: { kind: releaseUDF, ...params } },
    builtIn: { shortTerm: { U, tau_rec: D, tau_facil: F } },
  };
  // A decay that is short beside the intervals, so that each release stands alone; Mg 0 leaves the voltage out.
  const nmda = receptor.nmda({ tau_rise: 0.5, tau_decay: 1, Mg: 0 });
  const traces = Object.entries(kinds).map(([name, kind]) => {
    const cell = sim.population(name, lif, 1, { receptors: { nmda } });
    sim.connect(source, cell, { rule: "oneToOne", weight: 1, delay: 1, ...kind });
    return sim.record(cell, "g_nmda");
  });
  await sim.run((times.at(-1) as number) + 20);
  const peaks = traces.map((trace) =>
    times.map((t) => {
      const g = trace.values(0);
      let most = 0;
      for (const [k, time] of trace.time.entries()) {
        if (time > t && time < t + 12) most = Math.max(most, g[k] as number);
      }
      return most;
    }),
  );
  sim.close();
  return { rule: peaks[0] as number[], builtIn: peaks[1] as number[] };
}

/** The map from spike to spike, and what a regular train goes to. */
export function releaseMap({ U, D, F }: { U: number; D: number; F: number }, times: readonly number[]): number[] {
  let [u, R] = [U, 1];
  return times.map((t, k) => {
    if (k > 0) {
      const since = t - (times[k - 1] as number);
      u = U + (u - U) * Math.exp(-since / F);
      R = 1 + (R - 1) * Math.exp(-since / D);
    }
    const released = u * R;
    R -= u * R;
    u += U * (1 - u);
    return released;
  });
}

export function steadyRelease({ U, D, F }: { U: number; D: number; F: number }, interval: number): number {
  const [f, d] = [Math.exp(-interval / F), Math.exp(-interval / D)];
  const u = (U * (1 - f) + U * f) / (1 - (1 - U) * f);
  return (u * (1 - d)) / (1 - (1 - u) * d);
}

// 7. A graded synapse

/** Two cells that inhibit each other: their potentials, and the times at which each comes above the threshold. */
export async function halfCentre(
  { dt = 0.05, duration = 1500, g_syn = 0.3 } = {},
): Promise<{ time: number[]; v: [number[], number[]]; crossings: [number[], number[]] }> {
  const sim = await Simulation.create({ dt });
  const cells = sim.population("cells", reboundCell, 2, {
    method: "rk4",
    init: { v: [-60, -75], h: [0.1, 0.4] },
    receptors: { inh: receptor.step({ duration: dt, E_rev: -80 }) },
  });
  const pairs: [number, number][] = [[0, 1], [1, 0]];
  sim.connect(cells, cells, { rule: "list", pairs, weight: g_syn, delay: dt, plasticity: { kind: graded } });
  const v = sim.record(cells, "v", { every: 0.5 });
  const spikes = sim.record(cells, "spikes");
  await sim.run(duration);
  const out = {
    time: [...v.time],
    v: [[...v.values(0)], [...v.values(1)]] as [number[], number[]],
    crossings: [spikes.of(0), spikes.of(1)].map((times) => [...times]) as [number[], number[]],
  };
  sim.close();
  return out;
}

/** Potential of a leaky cell at rest behind a graded synapse from cells that a current holds at some potentials. */
export async function staticTransfer(potentials: readonly number[], weight = 10): Promise<number[]> {
  const dt = 0.1;
  const sim = await Simulation.create({ dt });
  const [C_m, tau_m, E_L] = [250, 10, -70];
  const own = { C_m, tau_m, E_L, V_th: 1000 };
  const source = sim.population("source", lif, potentials.length, {
    params: own,
    background: [background.constant(potentials.map((v) => ((v - E_L) * C_m) / tau_m))],
  });
  const cells = sim.population("cells", lif, potentials.length, {
    params: own,
    receptors: { inh: receptor.step({ duration: dt, E_rev: -80 }) },
  });
  sim.connect(source, cells, { rule: "oneToOne", weight, delay: dt, plasticity: { kind: graded } });
  const v = sim.record(cells, "v", { every: 400 });
  await sim.run(400);
  const values = potentials.map((_, k) => v.values(k).at(-1) as number);
  sim.close();
  return values;
}

// 8. Gap junctions with a delay

/** Two leaky cells from rest, with a current into the first from t = 0: their potentials. */
export async function delayedGap(
  rule: "far" | "late",
  { delay = 5, weight = 5, current = 100, duration = 60, dt = 0.01 } = {},
): Promise<{ time: number[]; v: [number[], number[]] }> {
  const sim = await Simulation.create({ dt });
  const step = { duration: dt };
  const cells = sim.population("cells", lif, 2, {
    params: { C_m: 250, tau_m: 10, E_L: -70, V_th: 1000 },
    init: { v: -70 },
    background: [background.constant([current, 0])],
    receptors: { far: receptor.step(step), near: receptor.step({ ...step, E_rev: 0 }) },
  });
  const pairs: [number, number][] = [[0, 1], [1, 0]];
  const join = (receptorName: "far" | "near", kind: PlasticityRule): void => {
    sim.connect(cells, cells, { rule: "list", pairs, receptor: receptorName, weight, delay, plasticity: { kind } });
  };
  if (rule === "late") join("far", lateGap);
  else {
    join("far", farSideOfGap);
    join("near", leakOfGap);
  }
  const v = sim.record(cells, "v", { every: 10 * dt });
  await sim.run(duration);
  const out = { time: [...v.time], v: [[...v.values(0)], [...v.values(1)]] as [number[], number[]] };
  sim.close();
  return out;
}

/**
 * Pairs of oscillators of van der Pol, joined by a gap junction with each of the delays: the phase between them at the
 * end, as a share of the period from 0 (together) to 0.5 (opposite), from a start at 0.2. With a weak coupling w it
 * goes by phi' = -w cos(delay) sin(phi), with the delay as a phase (2 pi ms is a period).
 */
export async function phaseBetween(
  delays: readonly number[],
  { weight = 0.05, duration = 600, dt = 0.02 } = {},
): Promise<{ phase: number; time: number }[]> {
  const sim = await Simulation.create({ dt });
  const n = delays.length;
  const angle = (i: number): number => (i < n ? 0 : 0.4 * Math.PI);
  const receptors = { far: receptor.step({ duration: dt }), near: receptor.step({ duration: dt, E_rev: 0 }) };
  const cells = sim.population("cells", vanDerPol, 2 * n, {
    init: {
      v: Array.from({ length: 2 * n }, (_, i) => 2 * Math.cos(angle(i))),
      y: Array.from({ length: 2 * n }, (_, i) => 2 * Math.sin(angle(i))),
    },
    receptors,
  });
  const pairs = delays.flatMap((_, k): [number, number][] => [[k, n + k], [n + k, k]]);
  const late = (i: number, j: number): number => delays[Math.min(i, j)] as number;
  const join = (receptorName: "far" | "near", kind: PlasticityRule, delay: number | typeof late): void => {
    sim.connect(cells, cells, { rule: "list", pairs, receptor: receptorName, weight, delay, plasticity: { kind } });
  };
  join("far", farSideOfGap, late);
  join("near", leakOfGap, dt);
  const spikes = sim.record(cells, "spikes");
  await sim.run(duration);
  const phases = delays.map((_, k) => {
    const [a, b] = [spikes.of(k), spikes.of(n + k)];
    const [last, before] = [a.at(-2) as number, a.at(-3) as number];
    const period = last - before;
    const nearest = b.reduce((best, t) => Math.min(best, Math.abs(t - last)), Infinity);
    return { phase: Math.min(nearest, period - nearest) / period, time: last };
  });
  sim.close();
  return phases;
}
