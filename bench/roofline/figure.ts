/**
 * The roofline figure, drawn from bench/results/latest.json alone: Williams, Waterman & Patterson, Commun. ACM 52:65
 * (2009).
 */
import { COBA } from "../baseline/coba.js";
import type { Work } from "./operations.js";
import type { Roofs } from "./roofs.js";
import { chart, inPlane, logAxis, orbitPath, type Plane, place } from "../../src/plot/chart.js";
import { circle } from "../../src/plot/legend.js";
import { colour } from "../../src/plot/palette.js";
import { element, INK, label, px, short, textWidth } from "../../src/plot/svg.js";

/** What is read of the stored results; suites that have not been run are missing. */
export interface StoredResults {
  readonly machine: { readonly cpu: string; readonly node: string; readonly date: string };
  readonly results: {
    readonly models?: readonly {
      readonly name: string;
      readonly method: string;
      readonly core: { readonly median: number };
    }[];
    readonly coba?: { readonly core: { readonly median: number } };
    readonly networks?: readonly {
      readonly name: string;
      readonly events: number;
      readonly one: readonly { readonly simulate: number }[];
    }[];
    readonly roofline?: {
      readonly machine: { readonly cpu: string; readonly node: string; readonly date: string };
      readonly roofs: Roofs;
      readonly work: { readonly models: Readonly<Record<string, Work>>; readonly coba: Work; readonly event: Work };
    };
  };
}

/** What to do about results from before there were roofs. */
export const NO_ROOFS =
  "bench/results/latest.json has no roofs, so docs/images/roofline.svg is not drawn: npm run bench -- --only roofline --write";

/** Kinds of points: their colours, and open circles for what is not the core but the machine. */
const GROUPS = {
  neurons: { name: "10,000 neurons", note: "without synapses", colour: colour(0), mark: "dot" },
  network: { name: "a network", note: "neurons, receptors, delivery", colour: colour(1), mark: "dot" },
  delivery: { name: "delivery of spikes", note: "all time per event", colour: colour(2), mark: "dot" },
  scattered: { name: "scattered additions", note: "alone: the machine's limit", colour: colour(2), mark: "ring" },
} as const;
type Group = keyof typeof GROUPS;

export interface Point {
  readonly name: string;
  readonly group: Group;
  /** Operations per byte. */
  readonly intensity: number;
  /** 10^9 operations per second. */
  readonly rate: number;
}

/** Steps of all neurons of COBA in a second of biological time. */
const COBA_STEPS = (COBA.excitatory + COBA.inhibitory) * (1000 / COBA.dt);

/** The network whose time is delivery; its times are wall times. */
const DRIVE = "brunelDrive";

/** All points whose times and work are known. */
export function pointsOf({ results }: StoredResults): Point[] {
  const { models = [], coba, networks = [], roofline } = results;
  if (roofline === undefined) return [];
  const { work, roofs } = roofline;
  const points: Point[] = [];
  const add = (name: string, group: Group, { operations, bytes }: Work, ns: number): void => {
    points.push({ name, group, intensity: operations / bytes, rate: operations / ns });
  };
  for (const { name, method, core } of models) {
    const known = work.models[name];
    if (known) add(name === "noise" ? "lif with noise" : `${name} ${method}`, "neurons", known, core.median);
  }
  if (coba) add("COBA", "network", work.coba, (coba.core.median * 1e9) / COBA_STEPS);
  const drive = networks.find(({ name }) => name === DRIVE);
  if (drive && drive.events > 0) {
    const times = drive.one.map(({ simulate }) => simulate).sort((a, b) => a - b);
    add("Brunel's network", "delivery", work.event, ((times[times.length >> 1] as number) * 1e9) / drive.events);
  }
  add("in the L2 cache", "scattered", work.event, 1 / roofs.near.scatter.best);
  add("in memory", "scattered", work.event, 1 / roofs.far.scatter.best);
  return points;
}

/** The figure; undefined when the results have no roofs. */
export function rooflineFigure(stored: StoredResults): string | undefined {
  const { roofline } = stored.results;
  if (roofline === undefined) return undefined;
  const { roofs, machine } = roofline;
  const points = pointsOf(stored);
  const peak = roofs.arithmetic.best;
  const bandwidths: readonly Bandwidth[] = [
    { name: "L2 cache", slope: roofs.near.update.best, dashes: undefined },
    { name: "memory", slope: roofs.far.update.best, dashes: [6, 4] },
  ];
  const least = (values: readonly number[]): number => Math.min(...values);
  const most = (values: readonly number[]): number => Math.max(...values);
  const intensities = [...points.map(({ intensity }) => intensity), ...bandwidths.map(({ slope }) => peak / slope)];
  const rates = [...points.map(({ rate }) => rate), peak];
  const groups = (Object.keys(GROUPS) as Group[]).filter((key) => points.some(({ group }) => group === key));
  const dates = machine.date === stored.machine.date ? machine.date : `points ${stored.machine.date}, roofs ${machine.date}`;
  return chart({
    width: 900,
    height: 520,
    title: "Roofline of one thread",
    subtitle: `${machine.cpu}, Node ${machine.node}, WebAssembly with f64x2; ${dates}`,
    description: [
      `Floating-point operations per second over operations per byte. Multiplications and additions: ${short(peak)} GFLOP/s`,
      ...bandwidths.map(({ name, slope }) => `${name}, read and written: ${short(slope)} GB/s`),
      ...points.map(({ name, group, intensity, rate }) =>
        `${group === "scattered" ? "scattered additions " : ""}${name}: ${short(intensity)} operations per byte, ${short(rate)} GFLOP/s`),
    ].join("; "),
    x: logAxis(least(intensities) / 2, most(intensities) * 4, "Floating-point operations per byte of memory traffic"),
    y: logAxis(least(rates) / 2, most(rates) * 2, "10⁹ floating-point operations per second"),
    legend: [
      { name: "multiply and add", note: `${short(peak)} GFLOP/s`, colour: INK.title },
      ...bandwidths.map(({ name, slope, dashes }) => ({
        name: `${name}, read and write`,
        note: `${short(slope)} GB/s`,
        colour: INK.faint,
        dashes: dashes?.join(" "),
      })),
      ...groups.map((group) => GROUPS[group]),
    ],
    draw: (plane) => {
      const taken: Rectangle[] = [];
      return roofLines(plane, peak, bandwidths, taken) + marks(plane, points, taken);
    },
  });
}

interface Bandwidth {
  readonly name: string;
  /** GB/s */
  readonly slope: number;
  readonly dashes: readonly number[] | undefined;
}

/** The roofs with their names along them; `taken` gets the places that they cover. */
function roofLines(plane: Plane, peak: number, bandwidths: readonly Bandwidth[], taken: Rectangle[]): string {
  const { box, x } = plane;
  const at = (intensity: number, rate: number): readonly [number, number] => {
    const [left, top] = place(plane, intensity, rate);
    return [box.x + left, box.y + top];
  };
  const cover = ([x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number]): void => {
    const pieces = Math.ceil(Math.hypot(x1 - x0, y1 - y0) / 6);
    for (let k = 0; k <= pieces; k++) {
      const [left, top] = [x0 + ((x1 - x0) * k) / pieces, y0 + ((y1 - y0) * k) / pieces];
      taken.push({ x: left - 3, y: top - 3, width: 6, height: 6 });
    }
  };
  const [start, end] = [10 ** x.low, 10 ** x.high];
  const ridge = peak / Math.max(...bandwidths.map(({ slope }) => slope));
  let lines = element("path", { d: orbitPath(plane, [ridge, end], [peak, peak]), stroke: INK.title });
  cover(at(ridge, peak), at(end, peak));
  const [right, top] = at(end, peak);
  let names = label(`${short(peak)} GFLOP/s`, right - 6, top - 7, { "font-size": "12", "text-anchor": "end" });
  for (const { name, slope, dashes } of bandwidths) {
    const d = orbitPath(plane, [start, peak / slope], [start * slope, peak]);
    lines += element("path", {
      d,
      stroke: INK.faint,
      "stroke-dasharray": dashes?.map((length) => 10 * length).join(" "),
    });
    const [from, to] = [at(start, start * slope), at(peak / slope, peak)];
    cover(from, to);
    const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
    // Above the line, from a little way up.
    const text = `${name}: ${short(slope)} GB/s`;
    const along = (far: number) =>
      [
        from[0] + far * Math.cos(angle) + 6 * Math.sin(angle),
        from[1] + far * Math.sin(angle) - 6 * Math.cos(angle),
      ] as const;
    const [tx, ty] = along(14);
    const transform = `translate(${px(tx)} ${px(ty)}) rotate(${px((angle * 180) / Math.PI)})`;
    names += label(text, 0, 0, { "font-size": "12", transform });
    cover(along(14), along(14 + textWidth(text, 12)));
  }
  return inPlane(plane, lines, 18) + names;
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a name stands. */
interface Place extends Rectangle {
  /** Distance from its point in px. */
  readonly reach: number;
}

/** `textWidth` errs on the wide side. */
const TIGHT = 0.93;

/**
 * A place for each name in this order: the nearest to its point where it covers nothing that is taken. What finds none
 * within reach stays away.
 */
function placesOf(points: readonly NamedAt[], { box }: Plane, covered: readonly Rectangle[]): Map<NamedAt, Place> {
  const taken = [...covered];
  const apart = (a: Rectangle, b: Rectangle): boolean =>
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  const inside = (a: Rectangle): boolean =>
    a.x >= box.x && a.x + a.width <= box.x + box.width && a.y >= box.y && a.y + a.height <= box.y + box.height;
  const places = new Map<NamedAt, Place>();
  for (const point of points) {
    const [width, height] = [TIGHT * textWidth(point.name, 12), 14];
    candidates: for (let reach = 9; reach < FARTHEST; reach += 3) {
      for (const turn of [0, 1, -1, 4, 3, -3, 2, -2]) {
        const angle = (turn * Math.PI) / 4;
        const [x, y] = [point.x + reach * Math.cos(angle), point.y + reach * Math.sin(angle)];
        const left = Math.abs(turn) < 2 ? x : Math.abs(turn) === 2 ? x - width / 2 : x - width;
        const place = { x: left, y: y - height / 2, width, height, reach };
        if (!inside(place) || !taken.every((other) => apart(place, other))) continue;
        taken.push(place);
        places.set(point, place);
        break candidates;
      }
    }
  }
  return places;
}

const FARTHEST = 120;

/** A point of the figure, in px. */
interface NamedAt extends Point {
  readonly x: number;
  readonly y: number;
}

/** The points with their names; a line leads to a name that is far off. */
function marks(plane: Plane, points: readonly Point[], covered: readonly Rectangle[]): string {
  const { box } = plane;
  const named = points.map((point): NamedAt => {
    const [x, y] = place(plane, point.intensity, point.rate);
    return { ...point, x: box.x + x, y: box.y + y };
  });
  const taken = [...covered, ...named.map(({ x, y }) => ({ x: x - 6, y: y - 6, width: 12, height: 12 }))];
  // Who comes first takes the place: of some orders, the one whose names stand nearest to their points.
  const orders = named.flatMap((_, i) => {
    const turned = [...named.slice(i), ...named.slice(0, i)];
    return [turned, [...turned].reverse()];
  });
  const far = (places: Map<NamedAt, Place>): number =>
    named.reduce((sum, point) => sum + (places.get(point)?.reach ?? 2 * FARTHEST) ** 2, 0);
  const places = orders
    .map((order) => placesOf(order, plane, taken))
    .reduce((a, b) => (far(b) < far(a) ? b : a), new Map());
  let circles = "";
  let text = "";
  for (const point of named) {
    const { x, y, name, group } = point;
    const at = places.get(point);
    if (at) {
      const [tx, ty] = [Math.min(Math.max(x, at.x), at.x + at.width), Math.min(Math.max(y, at.y), at.y + at.height)];
      if (Math.hypot(tx - x, ty - y) > 12)
        text += element("path", { d: `M${px(x)} ${px(y)}L${px(tx)} ${px(ty)}`, stroke: INK.axis });
      text += label(name, at.x, at.y + 11, { "font-size": "12", fill: INK.title });
    }
    const { colour: ink, mark } = GROUPS[group];
    // A light rim parts points that overlap.
    if (mark === "dot")
      circles += element("circle", { cx: x, cy: y, r: 5, fill: ink, stroke: INK.paper, "stroke-width": "1.2" });
    else circles += circle(x, y, ink, false);
  }
  return text + circles;
}
