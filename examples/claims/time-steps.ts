/**
 * Claim: the rules on time steps and time constants keep a simulation from blowing up.
 *
 * For each code of the check: one network within the limit and one just beyond, and what the run does. Not all of them
 * blow up: some rules are about accuracy, and one changes nothing where the equations are clipped.
 *
 *   npx tsx examples/claims/time-steps.ts
 */
import {
  adex,
  background,
  hodgkinHuxley,
  InstabilityError,
  izhikevich,
  lif,
  type ModelRecord,
  poisson,
  receptor,
  Simulation,
  SpikeletError,
} from "spikelet";
import { publish, type Results, tableOf } from "./page.js";

export interface Rule {
  readonly code: string;
  /** What is measured, with its unit. */
  readonly measure: string;
  readonly within: string;
  readonly beyond: string;
  /** The measure in both; Infinity where the run becomes unstable, NaN where it is refused. */
  readonly values: readonly [within: number, beyond: number];
  /** The codes that the check gives in both. */
  readonly codes: readonly [readonly string[], readonly string[]];
  readonly note: string;
}

/** A network, and a number that its run gives. */
interface Trial {
  readonly codes: readonly string[];
  readonly value: number;
}

async function trial(dt: number, duration: number, build: (sim: Simulation) => () => number): Promise<Trial> {
  const sim = await Simulation.create({ dt, seed: 1, threads: 1 });
  const value = build(sim);
  const codes = sim.check().map(({ code }) => code);
  try {
    await sim.run(duration);
    return { codes, value: value() };
  } catch (error) {
    if (error instanceof InstabilityError) return { codes, value: Number.POSITIVE_INFINITY };
    throw error;
  }
}

/** The number of a network that cannot be made: NaN, with the code of the check that would have been. */
async function refused(
  code: string,
  make: (sim: Simulation) => unknown,
): Promise<Trial & { readonly message: string }> {
  const sim = await Simulation.create({ dt: 0.1 });
  try {
    make(sim);
    return { codes: [], value: 0, message: "" };
  } catch (error) {
    if (!(error instanceof SpikeletError)) throw error;
    return { codes: [code], value: Number.NaN, message: error.message };
  }
}

function rule(facts: Omit<Rule, "values" | "codes">, within: Trial, beyond: Trial): Rule {
  return { ...facts, values: [within.value, beyond.value], codes: [within.codes, beyond.codes] };
}

/** A leaky membrane that falls from -60 to -70 mV. */
function decay(tau_m: number, look: (v: Float64Array) => number, method = "euler", duration = 40): Promise<Trial> {
  return trial(0.1, duration, (sim) => {
    const cell = sim.population("cell", lif, 1, {
      method: method as "euler",
      params: { tau_m, V_th: 1e6 },
      init: { v: -60 },
    });
    const v = sim.record(cell, "v");
    return () => look(v.values(0));
  });
}

const overshoot = (v: Float64Array): number => Math.max(0, -70 - Math.min(...v));

/** Percent by which v has fallen too far after one time constant. */
const decayError = (tau: number) => (v: Float64Array) => {
  const at = (v[Math.round(tau / 0.1)] as number) + 70;
  return 100 * (1 - at / 10 / Math.exp(-1));
};

/** Percent of an input that is gone after 5 ms. */
const forgotten = (v: Float64Array): number => 100 * (1 - ((v[50] as number) + 70) / 10);

function neuron<M extends ModelRecord>(
  model: M,
  dt: number,
  options: object,
  current: number,
  look: (times: Float64Array) => number,
  duration = 1000,
) {
  return trial(dt, duration, (sim) => {
    const cell = sim.population("cell", model, 1, { ...options, background: [background.constant(current)] } as object);
    const spikes = sim.record(cell, "spikes", { interpolate: true });
    return () => look(spikes.times);
  });
}

const interval = (times: Float64Array): number =>
  ((times.at(-1) as number) - (times[1] as number)) / (times.length - 2);
const count = (times: Float64Array): number => times.length;
const off = (reference: number) => (look: (times: Float64Array) => number) => (times: Float64Array) =>
  100 * Math.abs(look(times) / reference - 1);

/** Depolarisation in mV by one spike through a receptor. */
function response(tau: number): Promise<Trial> {
  return trial(0.1, 60, (sim) => {
    const cell = sim.population("cell", lif, 1, {
      params: { tau_m: 20 },
      receptors: { exc: receptor.exponential({ tau }) },
    });
    const source = sim.population("source", lif, 1, {
      background: [background.pulses({ amplitude: 1e5, start: 5, width: 1 })],
    });
    sim.connect(source, cell, { rule: "allToAll", weight: 100 });
    const v = sim.record(cell, "v");
    return () => Math.max(...v.values(0)) + 70;
  });
}

function gap(weight: number): Promise<Trial> {
  return trial(0.1, 20, (sim) => {
    const both = sim.population("both", lif, 2, { method: "euler", init: { v: [-60, -70] } });
    sim.connect(both, both, { rule: "allToAll", autapses: false, weight, gapJunction: true });
    const v = sim.record(both, "v");
    return () => Math.max(0, -70 - Math.min(...v.values(0), ...v.values(1)));
  });
}

/** Rate in Hz of a cell with Poisson inputs under additive STDP, from 5 to 10 s (08-stdp.ts). */
function learned(dt: number): Promise<Trial> {
  return trial(dt, 10_000, (sim) => {
    const cell = sim.population("cell", lif, 1, {
      params: { C_m: 200, tau_m: 10, E_L: -74, V_th: -54, V_reset: -60, t_ref: 0 },
      receptors: { exc: receptor.exponential({ tau: 5, E_rev: 0 }) },
    });
    const inputs = sim.population("inputs", poisson, 1000, { params: { rate: 15 } });
    sim.connect(inputs, cell, {
      rule: "allToAll",
      weight: { uniform: [0, 0.2] },
      plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.0105, tau_plus: 20, tau_minus: 20, w_max: 0.2 },
    });
    const spikes = sim.record(cell, "spikes", { from: 5000 });
    return () => spikes.rate();
  });
}

export async function measure(): Promise<Rule[]> {
  const zero = await refused("time-constant", (sim) => sim.population("cell", lif, 1, { params: { tau_m: 0 } }));
  const fast = await refused("rate-too-high", (sim) => sim.population("cell", poisson, 1, { params: { rate: 1e10 } }));
  const fine: Trial = { codes: [], value: 0 };
  const hh = { method: "rk4" };
  const { value: period } = await neuron(hodgkinHuxley, 0.01, hh, 10, interval);
  const { value: bursts } = await neuron(izhikevich, 0.01, { method: "rk4", preset: "CH" }, 10, count);
  const { value: published } = await neuron(izhikevich, 1, { method: "halfStep" }, 10, count);
  const { value: adapting } = await neuron(adex, 0.1, { method: "euler" }, 800, interval);
  const slow = await response(5);
  const { value: wild } = await decay(0.045, overshoot, "euler", 1000);
  return [
    rule(
      {
        code: "time-constant",
        measure: "-",
        within: "lif, tau_m 10 ms",
        beyond: "tau_m 0",
        note: `refused: ${zero.message}`,
      },
      fine,
      zero,
    ),
    rule(
      {
        code: "dt-above-tau",
        measure: "overshoot below rest (mV)",
        within: "lif, euler, dt 0.1, tau_m 2 ms",
        beyond: "tau_m 0.09 ms",
        note: `v swings around its rest with every step; at dt > 2 tau (0.045 ms) the swings grow ${wild === Number.POSITIVE_INFINITY ? "until the run is stopped" : `to ${wild} mV`}`,
      },
      await decay(2, overshoot),
      await decay(0.09, overshoot),
    ),
    rule(
      {
        code: "tau-below-3dt",
        measure: "decay too fast after one tau (%)",
        within: "lif, euler, dt 0.1, tau_m 2 ms",
        beyond: "tau_m 0.2 ms",
        note: "a wrong time constant",
      },
      await decay(2, decayError(2)),
      await decay(0.2, decayError(0.2)),
    ),
    rule(
      {
        code: "tau-below-10dt",
        measure: "decay too fast after one tau (%)",
        within: "lif, euler, dt 0.1, tau_m 2 ms",
        beyond: "tau_m 0.5 ms",
        note: "the same, smaller",
      },
      await decay(2, decayError(2)),
      await decay(0.5, decayError(0.5)),
    ),
    rule(
      {
        code: "membrane-tau-below-10",
        measure: "of an input gone after 5 ms (%)",
        within: "lif, exact, tau_m 20 ms",
        beyond: "tau_m 5 ms",
        note: "inputs hardly add up",
      },
      await decay(20, forgotten, "exact"),
      await decay(5, forgotten, "exact"),
    ),
    rule(
      {
        code: "membrane-tau-below-1",
        measure: "of an input gone after 5 ms (%)",
        within: "lif, exact, tau_m 20 ms",
        beyond: "tau_m 0.9 ms",
        note: "each input is alone",
      },
      await decay(20, forgotten, "exact"),
      await decay(0.9, forgotten, "exact"),
    ),
    rule(
      {
        code: "receptor-tau-below-3",
        measure: "response lost, against tau 5 ms (%)",
        within: "exponential, tau 4 ms",
        beyond: "tau 0.5 ms",
        note: "the transmitter is gone before much has been transmitted",
      },
      ...((await Promise.all([4, 0.5].map(response))).map(({ codes, value }) => ({
        codes,
        value: 100 * (1 - value / slow.value),
      })) as [Trial, Trial]),
    ),
    rule(
      {
        code: "dt-above-method-limit",
        measure: "mean interval off (%)",
        within: "hodgkinHuxley, euler, dt 0.05 ms",
        beyond: "dt 0.08 ms",
        note: "v runs away during the first spike and the run is stopped; at 0.07 ms it goes on, with intervals 7 % too short",
      },
      await neuron(hodgkinHuxley, 0.05, { method: "euler" }, 10, off(period)(interval)),
      await neuron(hodgkinHuxley, 0.08, { method: "euler" }, 10, off(period)(interval)),
    ),
    rule(
      {
        code: "exponential-euler-accuracy",
        measure: "mean interval off (%)",
        within: "hodgkinHuxley, exponentialEuler, dt 0.02 ms",
        beyond: "dt 0.1 ms",
        note: "bounded, and too slow",
      },
      await neuron(hodgkinHuxley, 0.02, { method: "exponentialEuler" }, 10, off(period)(interval)),
      await neuron(hodgkinHuxley, 0.1, { method: "exponentialEuler" }, 10, off(period)(interval)),
    ),
    rule(
      {
        code: "strang-splitting-accuracy",
        measure: "mean interval off (%)",
        within: "hodgkinHuxley, strangSplitting, dt 0.05 ms",
        beyond: "dt 0.2 ms",
        note: "bounded, and too slow",
      },
      await neuron(hodgkinHuxley, 0.05, { method: "strangSplitting" }, 10, off(period)(interval)),
      await neuron(hodgkinHuxley, 0.2, { method: "strangSplitting" }, 10, off(period)(interval)),
    ),
    rule(
      {
        code: "dt-above-0.1",
        measure: "spikes lost (%)",
        within: "izhikevich CH, euler, dt 0.1 ms",
        beyond: "dt 1 ms",
        note: "spikes come late, and some of a burst are lost",
      },
      await neuron(izhikevich, 0.1, { method: "euler", preset: "CH" }, 10, off(bursts)(count)),
      await neuron(izhikevich, 1, { method: "euler", preset: "CH" }, 10, off(bursts)(count)),
    ),
    rule(
      {
        code: "half-step-dt",
        measure: "spikes off the published scheme's (%)",
        within: "izhikevich RS, halfStep, dt 1 ms",
        beyond: "dt 0.1 ms",
        note: "the scheme has an error of its own at 1 ms, which the published rates contain",
      },
      await neuron(izhikevich, 1, { method: "halfStep" }, 10, off(published)(count)),
      await neuron(izhikevich, 0.1, { method: "halfStep" }, 10, off(published)(count)),
    ),
    rule(
      {
        code: "exponential-overflow",
        measure: "mean interval off (%)",
        within: "adex, euler, V_peak 20 mV",
        beyond: "V_peak 1500 mV",
        note: "next to nothing: the equations are clipped at V_peak, and v is reset in the step in which it overflows",
      },
      await neuron(adex, 0.1, { method: "euler" }, 800, off(adapting)(interval)),
      await neuron(adex, 0.1, { method: "euler", params: { V_peak: 1500 } }, 800, off(adapting)(interval)),
    ),
    rule(
      {
        code: "gap-junctions-too-strong",
        measure: "overshoot past both neurons (mV)",
        within: "two lif, dt 0.1 ms, 400 nS",
        beyond: "3000 nS",
        note: "both neurons swing past each other",
      },
      await gap(400),
      await gap(3000),
    ),
    rule(
      {
        code: "stdp-dt-above-0.1",
        measure: "rate of the cell after 5 s (Hz)",
        within: "lif with 1000 Poisson inputs, stdp, dt 0.1 ms",
        beyond: "dt 0.5 ms",
        note: "spikes in one step count as pairs without a delay, which potentiate",
      },
      await learned(0.1),
      await learned(0.5),
    ),
    rule(
      {
        code: "rate-too-high",
        measure: "-",
        within: "poisson, 1000 Hz",
        beyond: "1e10 Hz",
        note: `refused: ${fast.message}`,
      },
      fine,
      fast,
    ),
  ];
}

const shown = (x: number): string =>
  Number.isNaN(x) ? "refused" : x === Number.POSITIVE_INFINITY ? "unstable" : Number(x.toPrecision(2)).toString();

async function run(): Promise<Results> {
  const rules = await measure();
  const head = ["rule", "within", "beyond", "measured", "within", "beyond", "what happens"];
  const rows = rules.map(({ code, within, beyond, measure: what, values, note }) => [
    `\`${code}\``,
    within,
    beyond,
    what,
    what === "-" ? "runs" : shown(values[0]),
    shown(values[1]),
    note,
  ]);
  return { text: tableOf(head, rows), figures: {} };
}

await publish(import.meta.url, "time-steps", run);
