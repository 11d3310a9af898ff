/**
 * Draws the figures of docs/rules-of-papers.md: docs/images/rules-*.svg, one for each paper. Run it after a change of
 * examples/rules.ts: npx tsx scripts/pages/rules-figures.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import * as runs from "../../examples/ruleRuns.js";
import { weightsFigure } from "../../src/index.js";
import { chart, inPlane, linearAxis, orbitPath, type Plane, place } from "../../src/plot/chart.js";
import { colour, dashes } from "../../src/plot/palette.js";
import { element, px } from "../../src/plot/svg.js";

function write(name: string, svg: string): void {
  mkdirSync("docs/images", { recursive: true });
  writeFileSync(`docs/images/rules-${name}.svg`, svg);
  console.log(`docs/images/rules-${name}.svg  ${(svg.length / 1024).toFixed(0)} kB`);
}

interface Curve {
  readonly name: string;
  readonly note?: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Points instead of a line, with these errors where there are any. */
  readonly marks?: boolean;
  readonly errors?: readonly number[];
  /** The colour of an earlier curve. */
  readonly like?: number;
  /** Part of the curve before it, without an entry of its own. */
  readonly silent?: boolean;
}

interface Lines {
  readonly title: string;
  readonly subtitle: string;
  readonly x: string;
  readonly y: string;
  readonly low: number;
  readonly high: number;
  readonly curves: readonly Curve[];
  readonly height?: number;
}

function drawn(plane: Plane, { x, y, marks, errors, like }: Curve, index: number): string {
  const stroke = colour(like ?? index);
  if (!marks) {
    const path = element("path", { d: orbitPath(plane, x, y), stroke, "stroke-dasharray": dashes(like ?? index, 10) });
    return inPlane(plane, path, 14);
  }
  const { box } = plane;
  const dots = x.map((value, k) => {
    const [left, top] = place(plane, value, y[k] as number);
    return `M${px(box.x + left)} ${px(box.y + top)}h0`;
  });
  const bars = (errors ?? []).map((error, k) => {
    const ends = [-error, error].map((by) => place(plane, x[k] as number, (y[k] as number) + by));
    const [[left, bottom], [, top]] = ends as [readonly [number, number], readonly [number, number]];
    return `M${px(box.x + left)} ${px(box.y + bottom)}V${px(box.y + top)}`;
  });
  return (
    element("path", { d: dots.join(""), stroke, "stroke-width": "7", "stroke-linecap": "round" }) +
    (bars.length === 0 ? "" : element("path", { d: bars.join(""), stroke, "stroke-width": "1.5", fill: "none" }))
  );
}

function lines({ title, subtitle, x, y, low, high, curves, height = 340 }: Lines): string {
  const xs = curves.flatMap((curve) => curve.x);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const named = curves.map((curve, i) => ({ curve, i })).filter(({ curve }) => curve.silent !== true);
  return chart({
    width: 900,
    height,
    title,
    subtitle,
    description: `${title}. ${named.map(({ curve }) => curve.name).join("; ")}.`,
    x: linearAxis(left - 0.02 * (right - left), right + 0.02 * (right - left), x, 8),
    y: linearAxis(low, high, y, 6),
    legend: named.map(({ curve: { name, note = "", like, marks }, i }) => ({
      name,
      note,
      ...(marks ? { mark: "dot" as const } : {}),
      colour: colour(like ?? i),
      dashes: dashes(like ?? i),
    })),
    draw: (plane) => curves.map((curve, i) => drawn(plane, curve, i)).join(""),
  });
}

async function calcium(): Promise<void> {
  const x = Array.from({ length: 101 }, (_, k) => 2 * k - 100);
  const y = (await runs.calciumPairs(x, { dt: 0.2 })).map((o) => runs.calciumFormula(o, 60_000).strength);
  // From the authors' simulations of 1000 synapses, in their repository mgraupe/CalciumBasedPlasticityModel.
  const shifts = [-100, -80, -60, -50, -40, -30, -25, -20, -15, -10, -5, 0, 5, 10, 15, 20, 30, 40, 60, 80, 100];
  const theirs = [
    0.981, 0.963, 0.935, 0.891, 0.827, 0.767, 0.719, 0.76, 0.8, 0.885, 0.941, 0.994, 1.237, 1.227, 1.178, 1.188, 1.127,
    1.083, 1.025, 1.003, 0.993,
  ];
  write("calcium", lines({
    title: "Change of the synaptic strength by 60 pairs at 1 Hz (DP)",
    subtitle: "Graupner & Brunel 2012, figure 2",
    x: "Target's spike after the source's (ms)",
    y: "Strength after / before",
    low: 0.6,
    high: 1.4,
    curves: [
      { name: "rule", note: "and the closed form", x, y },
      { name: "authors", note: "simulated with noise", x: shifts, y: theirs, marks: true },
    ],
  }));
}

async function voltage(): Promise<void> {
  const x = [0.1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50];
  const [plus, minus] = [await runs.voltagePairs(x, 10), await runs.voltagePairs(x, -10)];
  const rates = [0.1, 10, 20, 40, 50];
  write("voltage", lines({
    title: "Weight after pairs of spikes at some rates",
    subtitle: "Clopath et al. 2010, figure 2b; data of Sjöström et al. 2001",
    x: "Rate of the pairs (Hz)",
    y: "Weight (%)",
    low: 20,
    high: 210,
    curves: [
      { name: "+10 ms", note: "source before target", x, y: plus },
      { name: "-10 ms", note: "target before source", x, y: minus },
      { name: "data +10 ms", x: rates, y: [96, 114, 129, 153, 156], errors: [5, 10, 14, 11, 26], marks: true, like: 0 },
      { name: "data -10 ms", x: rates, y: [71, 59, 66, 156, 175], errors: [8, 11, 10, 32, 19], marks: true, like: 1 },
    ],
  }));
}

async function dopamine(): Promise<void> {
  const { time, traces } = await runs.reinforcement("modulator");
  // A third of the points, and some of the others, make a line as well.
  const thinned = (values: readonly number[]): number[] => values.filter((_, k) => k % 3 === 0);
  const x = thinned(time).map((t) => t / 1000);
  write("dopamine", lines({
    title: "Weights while dopamine comes 1 to 3 s after pairs at one synapse",
    subtitle: "Izhikevich 2007, figure 1, reduced: 50 synapses, 80 rewards",
    x: "Time (s)",
    y: "Weight",
    low: 0,
    high: 4.2,
    curves: [
      { name: "rewarded", x, y: thinned(traces[0] as number[]) },
      ...traces.slice(1, 26).map((y, k) => ({ name: "25 others", x, y: thinned(y), like: 1, silent: k > 0 })),
    ],
  }));
}

async function powerLaw(): Promise<void> {
  const projections = [];
  for (const start of [20, 90]) {
    const weights = await runs.powerLawWeights(start, { seconds: 40, seed: start });
    projections.push({ name: `from ${start} pA`, weights });
  }
  const { weight, spread } = runs.powerLawFixedPoint(0.1);
  const title = `Weights after 40 s; closed form ${weight.toFixed(1)} ± ${(weight * spread).toFixed(1)} pA`;
  write("power-law", weightsFigure({ projections, unit: "pA", title, bins: 30, low: 30, high: 60, height: 300 }));
}

async function consolidation(): Promise<void> {
  const starts = [0.05, 0.15, 0.22, 0.28, 0.35, 0.45];
  const { time, weights } = await runs.consolidation(starts);
  const x = time.map((t) => t / 1000);
  write("consolidation", lines({
    title: "Weights that start with their references at some values",
    subtitle: "Zenke et al. 2015: consolidation, with tau_cons 60 s instead of 1200 s; means of 10 synapses at 10 Hz",
    x: "Time (s)",
    y: "Weight",
    low: -0.02,
    high: 0.6,
    curves: weights.map((y, k) => ({ name: `from ${starts[k]}`, x, y })),
  }));
}

async function release(): Promise<void> {
  const times = [...Array.from({ length: 20 }, (_, k) => 20 + 50 * k), 1470];
  const kinds = { facilitating: { U: 0.05, D: 130, F: 530 }, depressing: { U: 0.5, D: 800, F: 20 } };
  const curves: Curve[] = [];
  for (const [name, params] of Object.entries(kinds)) {
    const { rule } = await runs.releases(params, times);
    const like = curves.length;
    curves.push({ name, note: "the map", x: times, y: runs.releaseMap(params, times) });
    curves.push({ name: `${name}, rule`, note: "peaks of g_nmda", x: times, y: rule, marks: true, like });
  }
  write("release", lines({
    title: "Released share of a train at 20 Hz and of a spike 500 ms later",
    subtitle: "Tsodyks, Pawelzik & Markram 1998",
    x: "Time (ms)",
    y: "Released",
    low: 0,
    high: 0.55,
    curves,
  }));
}

async function halfCentre(): Promise<void> {
  const { time, v } = await runs.halfCentre({ duration: 500 });
  write("half-centre", lines({
    title: "Two cells that inhibit each other through graded synapses",
    subtitle: "Wang & Rinzel 1992, figure 1A",
    x: "Time (ms)",
    y: "v (mV)",
    low: -85,
    high: -10,
    curves: v.map((y, k) => ({ name: `cell ${k + 1}`, x: time, y })),
  }));
}

async function gap(): Promise<void> {
  const x = Array.from({ length: 63 }, (_, k) => 0.1 * (k + 1));
  const fine = Array.from({ length: 631 }, (_, k) => 0.01 * k);
  const locked = await runs.phaseBetween(x);
  write("gap", lines({
    title: "Phase between two oscillators of van der Pol with a delayed gap junction",
    subtitle: "Together where the cosine of the delay is above 0, opposite where it is below",
    x: "Delay (ms); the period is 6.28 ms",
    y: "Phase (periods)",
    low: -0.02,
    high: 0.55,
    curves: [
      { name: "after 600 ms", x, y: locked.map(({ phase }) => phase), marks: true },
      { name: "weak coupling", x: fine, y: fine.map((d) => (Math.cos(d) < 0 ? 0.5 : 0)) },
    ],
  }));
}

await calcium();
await voltage();
await dopamine();
await powerLaw();
await consolidation();
await release();
await halfCentre();
await gap();
