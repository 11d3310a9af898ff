/**
 * Claim: the second variable makes bursts. It goes up with every spike until the burst ends, and down until the next
 * begins.
 *
 * Three models that burst, each as it is, and with its slow variable held: at its value before a burst the cell fires
 * on and on without a pause, at its value at the end of one it is silent.
 *
 *   npx tsx examples/claims/bursting.ts
 */
import {
  adex,
  background,
  defineModel,
  findBursts,
  izhikevich,
  type ModelRecord,
  Simulation,
  tracesFigure,
} from "spikelet";
import { mean, publish, type Results, tableOf } from "./page.js";

/** Hindmarsh and Rose (1984), see 14-hindmarsh-rose.ts; `slow` 0 holds z. */
const hindmarshRose = defineModel({
  name: "hindmarshRose",
  current: "1",
  equations: `
    dv/dt = (y - v**3 + 3*v**2 - z + I)/ms : 1
    dy/dt = (1 - 5*v**2 - y)/ms : 1
    dz/dt = r*(4*(v + 1.6) - z)/ms : 1
  `,
  params: { r: 0.001 },
  threshold: "v > 1",
  refractory: "v > 0.5",
  init: { v: -1.6, y: "1 - 5*v**2", z: 0 },
});

interface Case {
  readonly name: string;
  readonly model: ModelRecord;
  readonly options: object;
  readonly current: number;
  /** The second variable, and parameters that hold it. */
  readonly slow: string;
  readonly held: Readonly<Record<string, number>>;
  readonly dt: number;
  /** Longest interval within a burst, ms. */
  readonly within: number;
}

export const cases: readonly Case[] = [
  {
    name: "izhikevich (CH)",
    model: izhikevich,
    options: { preset: "CH", method: "rk4" },
    current: 10,
    slow: "u",
    held: { a: 0, d: 0 },
    dt: 0.05,
    within: 8,
  },
  {
    name: "adex (regularBursting)",
    model: adex,
    options: { preset: "regularBursting", method: "rk4" },
    current: 210,
    slow: "w",
    held: { a: 0, b: 0, tau_w: 1e9 },
    dt: 0.05,
    within: 40,
  },
  {
    name: "Hindmarsh-Rose",
    model: hindmarshRose,
    options: { method: "rk4" },
    current: 2,
    slow: "z",
    held: { r: 0 },
    dt: 0.02,
    within: 60,
  },
];

export interface Bursting {
  readonly name: string;
  readonly slow: string;
  /** Bursts per second, and spikes in each; NaN without any. */
  readonly rate: number;
  readonly spikes: number;
  /** Mean of the slow variable in the step after the first and after the last spike of a burst, and before the next. */
  readonly begin: number;
  readonly end: number;
  readonly next: number;
  /** With the slow variable held as before a burst: spikes per second, and pauses among them; as at its end: spikes. */
  readonly lowRate: number;
  readonly lowPauses: number;
  readonly highRate: number;
}

const [WARM, DURATION] = [1000, 3000];

async function simulate({ model, options, current, slow, dt }: Case, params: object, init: object) {
  const sim = await Simulation.create({ dt });
  const cell = sim.population("cell", model, 1, {
    ...options,
    params,
    init,
    background: [background.constant(current)],
  } as object);
  const spikes = sim.record(cell, "spikes", { from: WARM });
  const v = sim.record(cell, "v", { from: WARM });
  const second = sim.record(cell, slow as "v", { from: WARM });
  await sim.run(WARM + DURATION);
  return { spikes, v, second };
}

export async function measure(one: Case): Promise<Bursting & { readonly figure: string }> {
  const { name, slow, within, dt } = one;
  const { spikes, v, second } = await simulate(one, {}, {});
  const values = second.values(0);
  const at = (time: number): number => values[Math.round((time - WARM) / dt)] as number;
  const find = (train: typeof spikes) =>
    findBursts(train, 1, { maxStart: within, maxInterval: within, minSpikes: 2 }).bursts;
  // the first and the last may be cut
  const bursts = find(spikes).slice(1, -1);
  const next = mean(bursts.slice(1).map(({ start }) => at(start - dt)));
  const end = mean(bursts.map((burst) => at(burst.end)));
  const [low, high] = [await simulate(one, one.held, { [slow]: next }), await simulate(one, one.held, { [slow]: end })];
  const { times } = low.spikes;
  const pauses = times.subarray(1).filter((t, i) => t - (times[i] as number) > within).length;
  const perSecond = ({ spikes: { times: all } }: typeof low): number => (1000 * all.length) / DURATION;
  return {
    name,
    slow,
    rate: bursts.length === 0 ? 0 : (1000 * bursts.length) / ((bursts.at(-1)?.end ?? 0) - (bursts[0]?.start ?? 0)),
    spikes: mean(bursts.map((burst) => burst.spikes)),
    begin: mean(bursts.map(({ start }) => at(start))),
    end,
    next,
    lowRate: perSecond(low),
    lowPauses: pauses,
    highRate: perSecond(high),
    figure: tracesFigure({ title: `${name}: v and ${slow}`, traces: [v, second], start: WARM, duration: 800 }),
  };
}

async function run(): Promise<Results> {
  const all = await Promise.all(cases.map(measure));
  const rows = all.map(({ name, slow, rate, spikes, begin, end, next, lowRate, lowPauses, highRate }) => [
    name,
    rate.toFixed(1),
    spikes.toFixed(1),
    `${slow}: ${[begin, end, next].map((x) => x.toPrecision(3)).join(" → ")}`,
    `${lowRate.toFixed(0)} spikes/s, ${lowPauses} pauses`,
    `${highRate.toFixed(0)} spikes/s`,
  ]);
  const head = [
    "model",
    "bursts/s",
    "spikes per burst",
    "second variable: first spike → last spike → before the next burst",
    "held as before a burst",
    "held as at its end",
  ];
  const figures = all.map(
    ({ figure }, i) => [`bursting-${["izhikevich", "adex", "hindmarsh-rose"][i]}.svg`, figure] as const,
  );
  return { text: tableOf(head, rows), figures: Object.fromEntries(figures) };
}

await publish(import.meta.url, "bursting", run);
