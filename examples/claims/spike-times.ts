/**
 * Claim: under the same input, integrate-and-fire fires too soon, quadratic and Izhikevich's neurons too late, and AdEx
 * comes nearest to a detailed neuron.
 *
 * Twice, since it depends on what "the same" is:
 * - the same membrane: capacitance, input conductance, rest and rheobase of the detailed neuron, nothing fitted;
 * - all parameters fitted to the detailed neuron's f-I curve and to its spikes under a noisy current. Measured are the
 *   latency of the first spike after a step of current, and the coincidence factor under noisy currents that the fit
 *   has not seen.
 *
 *   npx tsx examples/claims/spike-times.ts
 */
import {
  background,
  coincidenceFactor,
  eif,
  izhikevich as plain,
  lif,
  qif,
  rheobase,
  Simulation,
  traubMiles,
} from "spikelet";
import { lineChart } from "./chart.js";
import {
  cell,
  detailed,
  type Fitted,
  fitted,
  inPicoampere,
  MODELS,
  type Neuron,
  noises,
  onset,
  training,
  underNoise,
  underSteps,
} from "./neurons.js";
import { mean, publish, type Results, standardError, tableOf } from "./page.js";

/** Mean and standard deviation of the noisy currents, in rheobases. */
const [MEAN, SIGMA] = [1, 0.8];
/** Spikes at most so many ms apart coincide. */
const WINDOW = 4;

export interface Scale {
  readonly generations: number;
  /** ms of noise, for the fit and in each test. */
  readonly duration: number;
  readonly seeds: number;
  /** Steps of current, in rheobases. */
  readonly steps: readonly number[];
}

export const whole: Scale = {
  generations: 40,
  duration: 4000,
  seeds: 8,
  steps: [1.02, 1.05, 1.1, 1.25, 1.5, 2, 3, 5],
};

export interface Measured {
  readonly name: string;
  /** Latency minus that of the detailed neuron in ms, for each step; NaN where the model stays silent. */
  readonly late: readonly number[];
  /** For each seed; not where nothing was run. */
  readonly gamma: readonly number[];
  /** Mean time in ms by which its spikes follow those of the detailed neuron that they coincide with. */
  readonly lag: readonly number[];
}

export interface Outcome {
  /** Latencies of the detailed neuron, ms. */
  readonly latencies: readonly number[];
  readonly same: readonly Measured[];
  readonly fits: readonly (Measured & { readonly fit: Fitted })[];
}

/** The input conductance of the detailed neuron at rest in nS, and its rest in mV, by a small current. */
async function membrane(): Promise<{ readonly g: number; readonly rest: number }> {
  const sim = await Simulation.create({ dt: 0.05 });
  const both = sim.population("n", traubMiles, 2, {
    params: cell,
    method: "rk4",
    background: [background.constant([0, -5])],
  });
  await sim.run(500);
  const [rest, below] = [...both.state("v")] as [number, number];
  return { g: 5 / (rest - below), rest };
}

/** Models with the membrane of the detailed neuron, as far as they have one. */
async function sameMembrane(sharpness: number): Promise<Neuron[]> {
  const { g, rest } = await membrane();
  const C_m = 200;
  const V_th = rest + onset / g;
  const unit = (await rheobase(plain)) / onset;
  return [
    {
      name: "lif",
      model: lif,
      params: { C_m, tau_m: C_m / g, E_L: rest, V_th, V_reset: rest },
      method: "exact",
      dt: 0.1,
    },
    // g = k (V_t - V_r) at rest, rheobase = k (V_t - V_r)^2 / 4
    {
      name: "qif",
      model: qif,
      method: "rk4",
      dt: 0.1,
      params: {
        C_m,
        k: (g * g) / (4 * onset),
        V_r: rest,
        V_t: rest + (4 * onset) / g,
        V_peak: rest + (40 * onset) / g,
        V_reset: rest,
      },
    },
    // has a membrane of its own; only the rheobase is the same
    {
      name: "izhikevich",
      model: inPicoampere,
      params: { a: 0.02, b: 0.2, c: -65, d: 8, g: unit },
      method: "rk4",
      dt: 0.1,
    },
    // rheobase = g (V_T - E_L - Delta_T); adex without its second variable is the same
    {
      name: "eif",
      model: eif,
      method: "rosenbrock",
      dt: 0.1,
      params: {
        C_m,
        g_L: g,
        E_L: rest,
        Delta_T: sharpness,
        V_T: V_th + sharpness,
        V_peak: V_th + 15 * sharpness,
        V_reset: rest,
      },
    },
  ];
}

const first = (trains: readonly Float64Array[]): number[] => trains.map(([time = Number.NaN]) => time);

/** Mean lag of the spikes of one train behind the nearest of the other, of those within the window. */
function lagOf(times: Float64Array, reference: Float64Array): number {
  const lags = [...times].flatMap((t) => {
    const nearest = reference.reduce(
      (best, r) => (Math.abs(r - t) < Math.abs(best - t) ? r : best),
      Number.POSITIVE_INFINITY,
    );
    return Math.abs(nearest - t) <= WINDOW ? [t - nearest] : [];
  });
  return lags.length === 0 ? Number.NaN : mean(lags);
}

export async function measure({ generations, duration, seeds, steps }: Scale): Promise<Outcome> {
  const currents = steps.map((x) => x * onset);
  const tests = await noises(
    Array.from({ length: seeds }, (_, k) => k + 1),
    MEAN * onset,
    SIGMA * onset,
    duration,
  );
  const reference = await underNoise(detailed, tests);
  const latencies = first(await underSteps(detailed, currents, 1500));
  const look = async (neuron: Neuron): Promise<Measured> => {
    const own = first(await underSteps(neuron, currents, 1500));
    const trains = await underNoise(neuron, tests);
    return {
      name: neuron.name,
      late: own.map((time, i) => time - (latencies[i] as number)),
      gamma: trains.map((train, i) =>
        coincidenceFactor(train, reference[i] as Float64Array, { window: WINDOW, duration }),
      ),
      lag: trains.map((train, i) => lagOf(train, reference[i] as Float64Array)),
    };
  };
  const data = await training(duration, MEAN, SIGMA);
  const fits: (Measured & { readonly fit: Fitted })[] = [];
  for (const name of MODELS) {
    // adex without its second variable is eif
    const without = fits.find((one) => one.name === "eif")?.fit.result.params;
    const start = name === "adex" && without !== undefined ? { ...without, a: 0, b: 0 } : undefined;
    const fit = await fitted(name, data, generations, start);
    fits.push({ ...(await look(fit)), fit });
  }
  const sharpness = fits.find(({ name }) => name === "eif")?.fit.params.Delta_T as number;
  const same: Measured[] = [];
  for (const neuron of await sameMembrane(sharpness)) same.push(await look(neuron));
  return { latencies, same, fits };
}

const signed = (x: number): string => (Number.isNaN(x) ? "silent" : `${x > 0 ? "+" : ""}${x.toFixed(1)}`);
const withError = (values: readonly number[], digits: number): string => {
  const known = values.filter((x) => !Number.isNaN(x));
  return known.length < 2 ? "-" : `${mean(known).toFixed(digits)} ± ${standardError(known).toFixed(digits)}`;
};

async function run(): Promise<Results> {
  const { steps } = whole;
  const { latencies, same, fits } = await measure(whole);
  const head = ["model", ...steps.map((x) => `${x}`), "coincidence factor", "lag (ms)"];
  const row = ({ name, late, gamma, lag }: Measured): string[] => {
    return [name, ...late.map(signed), withError(gamma, 3), withError(lag, 2)];
  };
  const detail = ["detailed neuron (ms)", ...latencies.map((x) => x.toFixed(1)), "1", "0"];
  const parameters = fits.map(({ name, fit }) => {
    const { error, coincidence } = {
      error: fit.result.fi?.error as number,
      coincidence: fit.result.spikes[0]?.coincidence as number,
    };
    const found = Object.entries(fit.result.params).map(([key, x]) => `${key} ${Number(x.toPrecision(3))}`);
    return [name, error.toFixed(1), coincidence.toFixed(3), found.join(", ")];
  });
  const text = [
    "The same membrane: latency minus that of the detailed neuron in ms, for steps of so many rheobases",
    "",
    tableOf(head, [detail, ...same.map(row)]),
    "",
    "All parameters fitted:",
    "",
    tableOf(head, fits.map(row)),
    "",
    "The fits: error of the f-I curve, coincidence factor with the spikes that were fitted, parameters found",
    "",
    tableOf(["model", "rates (Hz)", "coincidence", "parameters"], parameters),
  ].join("\n");
  const lines = (list: readonly Measured[]) =>
    list.map(({ name, late }) => ({ name, points: late.map((y, i) => [steps[i] as number, y] as const) }));
  const axes = { x: "step / rheobase", y: "latency - detailed neuron (ms)", logX: true } as const;
  return {
    text,
    figures: {
      "latency-same.svg": lineChart(
        { ...axes, title: "First spike, same membrane (cut at 60 ms)", range: [-60, 60] },
        lines(same),
      ),
      "latency-fitted.svg": lineChart(
        { ...axes, title: "First spike, fitted models (cut at 40 ms)", range: [-40, 40] },
        lines(fits),
      ),
      "coincidence.svg": lineChart(
        {
          title: "Coincidence factor under new noise (mean and standard error)",
          x: "number of parameters fitted",
          y: "Gamma",
          range: [0, 1],
        },
        fits.map(({ name, gamma, fit }) => {
          const known = gamma.filter((x) => !Number.isNaN(x));
          return {
            name,
            points: [[Object.keys(fit.result.params).length, mean(known), standardError(known)] as const],
          };
        }),
      ),
    },
  };
}

await publish(import.meta.url, "spike-times", run);
