/** `spikelet plot MODEL --bifurcation` and the like: figures of a model's equations, without a run. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  background,
  fiCurveFigure,
  type ModelRecord,
  type PhasePlaneOptions,
  phasePlaneFigure,
  Simulation,
  SpikeletError,
  vectorField,
  withColours,
} from "../index.js";
import {
  type BifurcationDiagram,
  bifurcationDiagram,
  bifurcationFigure,
  CycleError,
  fiCurve,
  fixedPoints,
  phaseResponse,
  phaseResponseFigure,
  separatrix,
} from "../dynamics/index.js";
import { writeFileAtomic } from "../io/folder.js";
import { InputError } from "./errors.js";
import { converter, type ImageFormat } from "./image.js";
import { loadModel } from "./input.js";
import { findModel } from "./models.js";
import { numberOrText } from "./range.js";
import { Status } from "./status.js";
import { plain, table } from "./terminal.js";

/** The figures of equations, by their options. */
const VIEWS = ["phasePlane", "bifurcation", "fi", "prc"] as const;
type View = (typeof VIEWS)[number];

/** How figures are drawn and written. */
export interface Drawing {
  readonly format: ImageFormat;
  readonly size: { readonly width?: number; readonly height?: number };
  readonly colours: readonly string[] | undefined;
}

type Given = Readonly<Record<string, unknown>>;

/** What is asked about. */
interface Asked {
  readonly model: ModelRecord;
  readonly choice: { readonly preset?: never; readonly params?: Readonly<Record<string, number | string>> };
  readonly current: number;
  readonly given: Given;
  readonly drawing: Drawing;
}

/** A figure, and what is to be said about it. */
interface Answer {
  readonly svg: string;
  readonly lines: readonly string[];
}

/**
 * Draws what a model's equations do and writes the figures.
 *
 * @param name id of a built-in model, or a model file
 * @returns the exit status
 */
export async function plotEquations(name: string, given: Given, drawing: Drawing): Promise<number> {
  const { model, params } = await modelOf(name, given.population);
  const choice = {
    ...(given.preset !== undefined && { preset: given.preset as never }),
    params: { ...params, ...pairsOf(given.param, "--param") },
  };
  const current = typeof given.current === "string" ? numberOrText(given.current) : 0;
  if (typeof current === "string") {
    const unit = model.current === "" ? "a number" : `a number in ${model.current}`;
    throw new InputError(`--current: ${JSON.stringify(current)}; it must be ${unit}.`);
  }
  const asked = { model, choice, current, given, drawing };
  const convert = await converter(drawing.format);
  const directory = typeof given.out === "string" ? given.out : ".";
  for (const view of VIEWS.filter((one) => given[one] === true)) {
    const { svg, lines } = await answered(view, asked);
    await mkdir(directory, { recursive: true });
    const file = join(directory, `${model.id}-${FILES[view]}.${drawing.format}`);
    await writeFileAtomic(file, await convert(svg));
    process.stdout.write(plain([...lines, `${file}`, ""].join("\n")));
  }
  return Status.done;
}

const FILES: Readonly<Record<View, string>> = {
  phasePlane: "phase-plane",
  bifurcation: "bifurcation",
  fi: "fi",
  prc: "prc",
};

async function answered(view: View, asked: Asked): Promise<Answer> {
  const draw = { phasePlane, bifurcation, fi, prc }[view];
  try {
    return await draw(asked);
  } catch (error) {
    if (error instanceof CycleError) throw new InputError(error.message, { cause: error });
    if (!(error instanceof SpikeletError)) throw error;
    // the functions' names are no words of the command line
    throw new InputError(error.message.replace(/^\w+\.(?=[a-z]+\b)/, "--"), { cause: error });
  }
}

/** A built-in model, or that of a population of a file with its parameters. */
async function modelOf(
  name: string,
  wanted: unknown,
): Promise<{ readonly model: ModelRecord; readonly params: Readonly<Record<string, number>> }> {
  if (name !== "-" && !/\.json$/i.test(name)) return { model: findModel(name), params: {} };
  const { label, spec } = await loadModel(name);
  const cells = spec.populations.filter(({ source }) => source === undefined);
  const population = wanted === undefined ? cells[0] : cells.find((one) => one.name === wanted);
  if (population === undefined) {
    const known =
      cells.length === 0 ? "the file has no neurons" : `it must be one of ${cells.map((one) => one.name).join(", ")}`;
    throw new InputError(
      `${label}: ${wanted === undefined ? known : `--population ${JSON.stringify(wanted)}; ${known}`}.`,
    );
  }
  const params = Object.entries(population.params).flatMap(([key, value]) => {
    if (value instanceof Float64Array) return [[key, value[0] as number] as const];
    return typeof value === "number" ? [[key, value] as const] : [];
  });
  return { model: population.model, params: Object.fromEntries(params) };
}

/** Words such as g_L=10 or v=-80..40 as names with texts. */
function pairsOf(words: unknown, option: string): Record<string, number | string> {
  return Object.fromEntries(
    (Array.isArray(words) ? (words as string[]) : []).map((word) => {
      const at = word.indexOf("=");
      if (at > 0) return [word.slice(0, at).trim(), numberOrText(word.slice(at + 1).trim())];
      throw new InputError(
        `${option}: ${JSON.stringify(word)}; it must be a name and a value with = between, such as g_L=10.`,
      );
    }),
  );
}

/** The two ends of a text such as 0..20. */
function endsOf(text: unknown, option: string): readonly [number, number] {
  const [, from, to] = /^\s*([-+\d.e]+?)\s*\.\.\s*([-+\d.e]+)\s*$/i.exec(String(text)) ?? [];
  const ends = [Number(from), Number(to)] as const;
  if (from !== undefined && to !== undefined && ends.every(Number.isFinite) && ends[1] > ends[0]) return ends;
  throw new InputError(
    `${option}: ${JSON.stringify(text)}; it must be two numbers such as 0..20, the second above the first.`,
  );
}

/** From where to where: as given, or from 0 to twice the current that makes a built-in model fire. */
function rangeOf({ model, given }: Asked, parameter: string): readonly [number, number] {
  if (given.range !== undefined) return endsOf(given.range, "--range");
  if (parameter === "I" && model.example !== undefined) return [0, 2 * model.example.current];
  // A name that the model has not is told first, by what takes it.
  if (parameter !== "I" && !Object.hasOwn(model.params, parameter)) return [0, 1];
  throw new InputError(`--range: it is missing; give the ends of ${parameter}, such as --range 0..20.`);
}

function boxOf({ given }: Asked): Record<string, readonly [number, number]> {
  const pairs = pairsOf(given.box, "--box");
  return Object.fromEntries(Object.entries(pairs).map(([name, text]) => [name, endsOf(text, `--box ${name}`)]));
}

/** The name of a state with its unit. */
function stateText({ states }: ModelRecord, name: string): string {
  const unit = states[name]?.unit ?? "";
  return unit === "" ? name : `${name} (${unit})`;
}

function drawnWith<T>({ drawing }: Asked, draw: () => T): T {
  return drawing.colours === undefined ? draw() : withColours(drawing.colours, draw);
}

async function bifurcation(asked: Asked): Promise<Answer> {
  const { model, choice, current, given, drawing } = asked;
  const parameter = typeof given.parameter === "string" ? given.parameter : "I";
  const [from, to] = rangeOf(asked, parameter);
  const box = boxOf(asked);
  const diagram = await bifurcationDiagram(model, {
    ...choice,
    current,
    parameter,
    from,
    to,
    ...(Object.keys(box).length > 0 && { box }),
  });
  const [variable = "v"] = diagram.variables;
  const unit = model.states[variable]?.unit ?? "";
  const title = `${model.id}: bifurcation diagram`;
  const svg = drawnWith(asked, () => bifurcationFigure({ diagram, unit, title, ...drawing.size }));
  return { svg, lines: bifurcationLines(diagram, variable) };
}

function bifurcationLines({ parameter, unit, branches, cycles }: BifurcationDiagram, variable: string): string[] {
  const short = (x: number): string => String(Number(x.toPrecision(8)));
  const points = branches.flatMap(({ bifurcations }) =>
    bifurcations.map(({ type, value, state, period, lyapunov }) => [
      type,
      short(value),
      short(state[variable] as number),
      period === undefined
        ? ""
        : `period ${short(Number(period.toPrecision(5)))} ms, ${(lyapunov as number) < 0 ? "supercritical" : "subcritical"}`,
    ]),
  );
  const turns = cycles.flatMap(({ bifurcations, ends, end, points: all }) => [
    ...bifurcations.map(({ type, value, period }) => [
      type === "fold" ? "fold of cycles" : type,
      short(value),
      "",
      `period ${short(Number(period.toPrecision(5)))} ms`,
    ]),
    ...(ends === "homoclinic" || ends === "snic"
      ? [
          [
            ends,
            short(end),
            "",
            `period ${short(Number((all.at(-1)?.period ?? Number.NaN).toPrecision(5)))} ms and rising`,
          ],
        ]
      : []),
  ]);
  const rows = [...points, ...turns];
  if (rows.length === 0) return ["no bifurcation in this range"];
  const name = unit === "" ? parameter : `${parameter} (${unit})`;
  return table([["bifurcation", name, variable, ""], ...rows], [1, 2]);
}

async function fi(asked: Asked): Promise<Answer> {
  const { model, choice, drawing } = asked;
  const [from, to] = rangeOf(asked, "I");
  const { current, rate } = await fiCurve(model, { ...choice, from, to, points: 100 });
  const title = `${model.id}: f-I curve`;
  const options = { curves: [{ name: model.id, current, rate }], unit: model.current, title, ...drawing.size };
  const first = rate.findIndex((x) => x > 0);
  const highest = Number(Math.max(...rate).toPrecision(4));
  const line =
    first < 0
      ? "it does not fire in this range"
      : `fires from ${Number((current[first] as number).toPrecision(4))} ${model.current} on, with up to ${highest} Hz`;
  return { svg: drawnWith(asked, () => fiCurveFigure(options)), lines: [line] };
}

async function prc(asked: Asked): Promise<Answer> {
  const { model, choice, current, drawing } = asked;
  const { period, time, response } = await phaseResponse(model, { ...choice, current });
  const [[variable, values]] = Object.entries(response) as [[string, Float64Array]];
  const unit = model.states[variable]?.unit ?? "";
  const title = `${model.id}: phase response`;
  const options = {
    curves: [{ name: model.id, period, time, response: values }],
    unit: unit === "" ? "ms" : `ms/${unit}`,
    title,
    ...drawing.size,
  };
  return {
    svg: drawnWith(asked, () => phaseResponseFigure(options)),
    lines: [`period ${Number(period.toPrecision(8))} ms`],
  };
}

/** How long the neuron is followed whose path is drawn, in ms. */
const FOLLOWED = 500;

async function phasePlane(asked: Asked): Promise<Answer> {
  const { model, choice, current, drawing } = asked;
  const names = Object.keys(model.states);
  if (names.length !== 2)
    throw new InputError(`--phase-plane: ${model.id} has ${names.length} states; it must have 2.`);
  const [first = "", second = ""] = names;
  const box = boxOf(asked);
  const path = await followed(asked, first, second);
  const around = (values: Float64Array): readonly [number, number] => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = Math.max(0.15 * (high - low), 1e-3 * Math.max(1, Math.abs(high)));
    return [low - room, high + room];
  };
  const points = await fixedPoints(model, { ...choice, current, box: { ...box } });
  const of = (name: string, values: Float64Array): readonly [number, number] =>
    box[name] ?? around(Float64Array.from([...values, ...points.points.map(({ state }) => state[name] as number)]));
  const [v, w] = [of(first, path.v), of(second, path.w)];
  const numbers = choice.params as never;
  const field = await vectorField(model, { ...choice, params: numbers, v, w, current });
  const curves = await separatrix(model, { ...choice, current, box: { [first]: v, [second]: w } });
  const trajectories: PhasePlaneOptions["trajectories"] = [
    { name: "from rest", ...path },
    ...curves.map(({ stable: [one, other] }) => ({
      name: "separatrix",
      // from one end to the other
      v: Float64Array.from([...one.v.slice().reverse(), ...other.v]),
      w: Float64Array.from([...one.w.slice().reverse(), ...other.w]),
    })),
  ];
  const equilibria = points.points
    .map(({ state, kind, stable }) => ({
      v: state[first] as number,
      w: state[second] as number,
      kind: kind === "saddle" ? kind : stable ? ("stable" as const) : ("unstable" as const),
    }))
    .filter((point) => point.v >= v[0] && point.v <= v[1] && point.w >= w[0] && point.w <= w[1]);
  const labels = [stateText(model, first), stateText(model, second)] as const;
  const title = `${model.id}: phase plane`;
  const subtitle = `I = ${current} ${model.current}`.trim();
  const options = { field, equilibria, trajectories, names: labels, title, subtitle, ...drawing.size };
  const lines = points.points.map(({ kind, state }) => {
    const place = names.map((name) => `${name} = ${Number((state[name] as number).toPrecision(6))}`).join(", ");
    return `${kind} at ${place}`;
  });
  return {
    svg: drawnWith(asked, () => phasePlaneFigure(options)),
    lines: lines.length === 0 ? ["no fixed point"] : lines,
  };
}

/** The path of a neuron from where it starts, with the current switched on. */
async function followed(
  { model, choice, current }: Asked,
  first: string,
  second: string,
): Promise<{ readonly v: Float64Array; readonly w: Float64Array; readonly resets: readonly number[] }> {
  const dt = 0.05;
  const sim = await Simulation.create({ dt });
  const cell = sim.population("cell", model, 1, {
    ...choice,
    background: [background.constant(current)],
  } as never);
  const [v, w] = [first, second].map((name) => sim.record(cell, name, { every: dt }));
  const spikes = sim.record(cell, "spikes");
  await sim.run(FOLLOWED);
  const time = v?.time ?? new Float64Array(0);
  const resets = model.family !== "resets" ? [] : Array.from(spikes.of(0), (t) => time.findIndex((x) => x >= t - 1e-9));
  return {
    v: v?.values(0) as Float64Array,
    w: w?.values(0) as Float64Array,
    resets: resets.filter((k) => k >= 0),
  };
}
