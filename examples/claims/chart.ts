/** Small charts as SVG: lines with error bars, and maps of a grid. Same data, same text. */

const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c510a"];
const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [720, 380, 70, 44, 54];

export interface Line {
  readonly name: string;
  /** Rows [x, y] or [x, y, half the length of the error bar]; what is not finite is left out. */
  readonly points: readonly (readonly [x: number, y: number, error?: number])[];
  readonly dashed?: boolean;
}

export interface Axes {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly logX?: boolean;
  /** Range of y; that of the points by default. */
  readonly range?: readonly [number, number];
}

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const round = (x: number): string => String(Math.round(10 * x) / 10);

function text(x: number, y: number, content: string, more = ""): string {
  return `<text x="${round(x)}" y="${round(y)}" ${more}>${escaped(content)}</text>`;
}

/** Round numbers between two, about five of them. */
function ticks(low: number, high: number): number[] {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= raw) as number);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function frame(title: string, body: readonly string[]): string {
  const style = 'font-family="sans-serif" font-size="13" fill="#222"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" ${style}>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 24, title, 'font-size="15" font-weight="bold"'),
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

/** Lines with error bars and a legend at the right. */
export function lineChart({ title, x, y, logX = false, range }: Axes, lines: readonly Line[]): string {
  const finite = lines.map(({ points }) => points.filter((p) => Number.isFinite(p[0]) && Number.isFinite(p[1])));
  const all = finite.flat();
  const scaleX = (value: number): number => (logX ? Math.log10(value) : value);
  const [x0, x1] = [Math.min(...all.map(([a]) => scaleX(a))), Math.max(...all.map(([a]) => scaleX(a)))];
  const ends = all.flatMap(([, b, e = 0]) => [b - e, b + e]);
  const [y0, y1] = range ?? [Math.min(...ends), Math.max(...ends)];
  const [right, bottom] = [WIDTH - 160, HEIGHT - BOTTOM];
  const px = (a: number): number => LEFT + ((scaleX(a) - x0) / (x1 - x0)) * (right - LEFT);
  const py = (b: number): number => bottom - ((Math.min(y1, Math.max(y0, b)) - y0) / (y1 - y0)) * (bottom - TOP);
  const xTicks = logX ? [...new Set(all.map(([a]) => a))].sort((a, b) => a - b) : ticks(x0, x1);
  const body = [
    ...ticks(y0, y1).flatMap((b) => [
      `<line x1="${LEFT}" x2="${right}" y1="${round(py(b))}" y2="${round(py(b))}" stroke="${b === 0 ? "#888" : "#ddd"}"/>`,
      text(LEFT - 8, py(b) + 4, String(b), 'text-anchor="end"'),
    ]),
    ...xTicks
      .filter((a, i) => i === 0 || px(a) - px(xTicks[i - 1] as number) > 24)
      .map((a) => text(px(a), bottom + 18, String(a), 'text-anchor="middle" font-size="11"')),
    text((LEFT + right) / 2, HEIGHT - 14, x, 'text-anchor="middle"'),
    text(-(TOP + bottom) / 2, 18, y, 'text-anchor="middle" transform="rotate(-90)"'),
    ...lines.flatMap(({ name, dashed }, k) => {
      const colour = COLOURS[k % COLOURS.length] as string;
      const points = finite[k] as Line["points"];
      const path = points.map(([a, b]) => `${round(px(a))},${round(py(b))}`).join(" ");
      const at = TOP + 12 + 20 * k;
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="5 4"' : ""}/>`,
        ...points.map(([a, b]) => `<circle cx="${round(px(a))}" cy="${round(py(b))}" r="3" fill="${colour}"/>`),
        ...points
          .filter(([, , e = 0]) => e > 0)
          .map(([a, b, e = 0]) => {
            return `<line x1="${round(px(a))}" x2="${round(px(a))}" y1="${round(py(b - e))}" y2="${round(py(b + e))}" stroke="${colour}"/>`;
          }),
        `<line x1="${right + 14}" x2="${right + 36}" y1="${at}" y2="${at}" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="5 4"' : ""}/>`,
        text(right + 42, at + 4, name),
      ];
    }),
  ];
  return frame(title, body);
}

/** A grid of cells, each with a colour and a short text. */
export function mapChart(
  { title, x, y }: Axes,
  columns: readonly (string | number)[],
  rows: readonly (string | number)[],
  cell: (column: number, row: number) => { readonly colour: string; readonly text: string },
  legend: Readonly<Record<string, string>>,
): string {
  const [right, bottom] = [WIDTH - 160, HEIGHT - BOTTOM];
  const [w, h] = [(right - LEFT) / columns.length, (bottom - TOP) / rows.length];
  const body = [
    ...rows.flatMap((_, r) =>
      columns.flatMap((_, c) => {
        const { colour, text: content } = cell(c, r);
        // the first row is the lowest
        const [left, top] = [LEFT + c * w, bottom - (r + 1) * h];
        return [
          `<rect x="${round(left)}" y="${round(top)}" width="${round(w)}" height="${round(h)}" fill="${colour}" stroke="#fff"/>`,
          text(left + w / 2, top + h / 2 + 4, content, 'text-anchor="middle" font-size="10"'),
        ];
      }),
    ),
    ...columns.map((c, i) => text(LEFT + (i + 0.5) * w, bottom + 18, String(c), 'text-anchor="middle" font-size="11"')),
    ...rows.map((r, i) => text(LEFT - 8, bottom - (i + 0.5) * h + 4, String(r), 'text-anchor="end" font-size="11"')),
    text((LEFT + right) / 2, HEIGHT - 14, x, 'text-anchor="middle"'),
    text(-(TOP + bottom) / 2, 18, y, 'text-anchor="middle" transform="rotate(-90)"'),
    ...Object.entries(legend).flatMap(([name, colour], k) => [
      `<rect x="${right + 14}" y="${TOP + 22 * k}" width="16" height="16" fill="${colour}"/>`,
      text(right + 36, TOP + 22 * k + 13, name),
    ]),
  ];
  return frame(title, body);
}
