/**
 * Rules of plasticity of one's own, as papers have them: the text of each is in rules.ts, its protocol in ruleRuns.ts.
 * Prints the numbers of a figure of each paper; docs/rules-of-papers.md says what they mean.
 *
 *   npx tsx examples/22-plasticity-rules.ts
 */
import * as runs from "./ruleRuns.js";

const row = (values: Iterable<number>, digits: number, width = 8): string =>
  Array.from(values, (x) => x.toFixed(digits).padStart(width)).join("");

// 1. Graupner and Brunel 2012, figure 2: the change of the strength over the shift between two spikes

const shifts = [-60, -40, -25, -10, 0, 5, 20, 40];
const outcomes = await runs.calciumPairs(shifts);
console.log(`calcium: shift (ms)      ${row(shifts, 0)}`);
console.log(`  change of the strength ${row(outcomes.map((o) => runs.calciumFormula(o, 60_000).strength), 2)}`);
const few = [-25, 0, 5, 20];
console.log(`  with noise: shift (ms) ${row(few, 0)}`);
console.log(`  300 synapses for each  ${row(await runs.noisyCalciumPairs(few, 300), 2)}`);
// Figure 4, with the parameters of cortical slices: 75 pairs, over their rate

const set = runs.CORTICAL_SLICES;
const pairRates = [1, 10, 20, 40, 50];
console.log(`  cortex: rate (Hz)      ${row(pairRates, 0)}`);
for (const shift of [10, -10]) {
  const strengths: number[] = [];
  for (const rate of pairRates) {
    const [outcome] = await runs.calciumPairs([shift], { set, rate, count: 75 });
    strengths.push(runs.calciumFormula(outcome as runs.CalciumOutcome, 75_000 / rate, set).strength);
  }
  console.log(`  strength at ${shift > 0 ? "+" : "-"}10 ms     ${row(strengths, 2)}`);
}

// 2. Clopath et al. 2010, figure 2b: weights after pairs at some rates

const rates = [0.1, 10, 20, 40, 50];
console.log(`voltage: rate (Hz)       ${row(rates, 1)}`);
console.log(`  weight (%), +10 ms     ${row(await runs.voltagePairs(rates, 10), 0)}`);
console.log(`  weight (%), -10 ms     ${row(await runs.voltagePairs(rates, -10), 0)}`);

// 3. Izhikevich 2007, figure 1: the synapse whose pairs come before the reward

const waits = [500, 1000, 2000, 3000];
const rewarded = await runs.delayedReward(waits);
console.log(`dopamine: reward (ms)    ${row(waits, 0)}`);
console.log(`  change by one pair     ${row(rewarded.map(({ change }) => change), 3)}`);
const { weights } = await runs.reinforcement("modulator");
const others = weights.slice(1);
const most = Math.max(...others);
console.log(`  after 80 rewards       ${row([weights[0] as number], 2)}, the other 49 at most ${row([most], 2, 0)}`);

// 4. Morrison, Aertsen and Diesmann 2007: the stationary distribution

const { weight, spread } = runs.powerLawFixedPoint(0.1);
const stationary = await runs.powerLawWeights(20, { seconds: 40 });
const mean = stationary.reduce((sum, w) => sum + w, 0) / stationary.length;
const deviation = Math.sqrt(stationary.reduce((sum, w) => sum + (w - mean) ** 2, 0) / stationary.length);
console.log(`power law: mean (pA)     ${row([mean], 1)}, closed form ${row([weight], 1, 0)}`);
console.log(`  deviation (pA)         ${row([deviation], 1)}, closed form ${row([weight * spread], 1, 0)}`);

// 5. Zenke, Agnes and Gerstner 2015: two stable values

const starts = [0.05, 0.2, 0.3, 0.45];
const settled = await runs.consolidation(starts);
console.log(`consolidation: start     ${row(starts, 2)}`);
console.log(`  weight after 300 s     ${row(settled.weights.map((w) => w.at(-1) as number), 2)}`);

// 6. Tsodyks and Markram: released shares of a train at 20 Hz, and of a spike half a second later

const udf = { U: 0.05, D: 130, F: 530 };
const times = [...Array.from({ length: 10 }, (_, k) => 20 + 50 * k), 970];
const { rule } = await runs.releases(udf, times);
const map = runs.releaseMap(udf, times);
const some = [0, 1, 4, 9, 10];
console.log(`nmda: spike              ${row(some.map((k) => k + 1), 0)}`);
console.log(`  g_nmda at its peak     ${row(some.map((k) => rule[k] as number), 3)}`);
console.log(`  released, by the map   ${row(some.map((k) => map[k] as number), 3)}`);

// 7. Wang and Rinzel 1992, figure 1: two cells that take turns

const { crossings: [one, two] } = await runs.halfCentre();
const period = (one.at(-1) as number) - (one.at(-2) as number);
const behind = (two.filter((t) => t < (one.at(-1) as number)).at(-1) as number) - (one.at(-2) as number);
console.log(`graded: period (ms)      ${row([period], 1)}, the other cell ${row([behind / period], 2, 0)} of it later`);

// 8. Gap junctions with a delay

const delays = [0.5, 1.3, 1.8, 3, 4.5, 5, 6];
console.log(`gap junction: delay (ms) ${row(delays, 1)}`);
console.log(`  phase between the two  ${row((await runs.phaseBetween(delays)).map(({ phase }) => phase), 2)}`);
console.log(`  cosine of the delay    ${row(delays.map(Math.cos), 2)}`);
