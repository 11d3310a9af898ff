/**
 * Claim: the region of brain-like activity, between silence and seizure, is small.
 *
 * 800 excitatory and 200 inhibitory `lif` neurons as in 07-balance.ts, over the background (in rheobases) and the
 * inhibition (its weight relative to that of the excitation): rate, CV of the intervals, synchrony.
 *
 *   npx tsx examples/claims/seizure-map.ts
 */
import { background, lif, meanCv, receptor, Simulation, spikeSynchrony } from "spikelet";
import { mapChart } from "./chart.js";
import { publish, type Results, tableOf } from "./page.js";

const [WARM, DURATION, SIZE] = [100, 1500, 800];
const LIMIT = { t_ref: 2 };

export interface Activity {
  readonly rate: number;
  readonly cv: number;
  /** Of spike counts in 3 ms: 1 when all do the same, 1/sqrt(800) = 0.035 when all are independent. */
  readonly synchrony: number;
  readonly state: State;
}

export type State = "quiet" | "irregular" | "regular" | "seizure";

/** What it looks like from outside; a seizure is more than a fifth of the ceiling of 1/t_ref. */
export function stateOf(rate: number, cv: number): State {
  if (rate < 1) return "quiet";
  if (rate > 0.2 * (1000 / LIMIT.t_ref)) return "seizure";
  return cv > 0.6 && rate <= 20 ? "irregular" : "regular";
}

export async function activity(drive: number, inhibition: number, duration = DURATION): Promise<Activity> {
  const sim = await Simulation.create({ dt: 0.1, seed: 5 });
  const options = {
    params: { tau_m: 20, E_L: -70, V_th: -50, V_reset: -65, ...LIMIT },
    receptors: { jump: receptor.delta() },
    background: [background.rheobase(drive), background.whiteNoise({ sigma: 250 })],
  };
  const exc = sim.population("exc", lif, SIZE, options);
  const inh = sim.population("inh", lif, SIZE / 4, options);
  for (const target of [exc, inh]) {
    sim.connect(exc, target, { rule: "fixedProbability", p: 0.1, weight: 1, delay: 1.5 });
    sim.connect(inh, target, { rule: "fixedProbability", p: 0.1, weight: -inhibition, delay: 1.5 });
  }
  const spikes = sim.record(exc, "spikes", { from: WARM });
  await sim.run(WARM + duration);
  const rate = spikes.rate();
  const cv = meanCv(spikes, SIZE);
  return {
    rate,
    cv,
    synchrony: spikeSynchrony(spikes, SIZE, { start: WARM, duration, bin: 3 }),
    state: stateOf(rate, cv),
  };
}

export async function map(
  drives: readonly number[],
  inhibitions: readonly number[],
  duration = DURATION,
): Promise<Activity[][]> {
  const rows: Activity[][] = [];
  for (const inhibition of inhibitions) {
    const row: Activity[] = [];
    for (const drive of drives) row.push(await activity(drive, inhibition, duration));
    rows.push(row);
  }
  return rows;
}

const COLOURS: Readonly<Record<State, string>> = {
  quiet: "#d9e6f2",
  irregular: "#7fcf9f",
  regular: "#f2d98c",
  seizure: "#e08a7a",
};

async function run(): Promise<Results> {
  const drives = [0.2, 0.4, 0.6, 0.8, 0.9, 1, 1.2, 1.5, 2];
  const inhibitions = [0, 1, 2, 3, 4, 5, 6, 8];
  const grid = await map(drives, inhibitions);
  const cells = grid.flat();
  const share = (state: State): number => cells.filter((c) => c.state === state).length;
  const show = ({ rate, cv, synchrony }: Activity): string => {
    const irregularity = Number.isNaN(cv) ? "-" : cv.toFixed(2);
    return `${rate.toFixed(rate < 10 ? 1 : 0)} / ${irregularity} / ${Number.isNaN(synchrony) ? "-" : synchrony.toFixed(2)}`;
  };
  const bold = (cell: Activity): string => (cell.state === "irregular" ? `**${show(cell)}**` : show(cell));
  const rows = inhibitions.map((inhibition, r) => [String(inhibition), ...(grid[r] as Activity[]).map(bold)]);
  const counts = Object.keys(COLOURS).map((state) => `${share(state as State)} ${state}`);
  const axes = { x: "background / rheobase", y: "inhibition / excitation" };
  const at = (c: number, r: number): Activity => (grid[r] as Activity[])[c] as Activity;
  return {
    text: [
      "Rate in Hz / CV / synchrony of the excitatory neurons; columns: background in rheobases, rows: inhibition / excitation",
      "",
      tableOf(["", ...drives.map(String)], rows),
      "",
      `Of ${cells.length} networks: ${counts.join(", ")} (quiet below 1 Hz, seizure above 100 Hz, irregular up to 20 Hz with a CV above 0.6).`,
    ].join("\n"),
    figures: {
      "seizure-map.svg": mapChart(
        { ...axes, title: "Rate in Hz" },
        drives,
        inhibitions,
        (c, r) => {
          const { rate, state } = at(c, r);
          return { colour: COLOURS[state], text: rate.toFixed(rate < 10 ? 1 : 0) };
        },
        COLOURS,
      ),
    },
  };
}

await publish(import.meta.url, "seizure-map", run);
