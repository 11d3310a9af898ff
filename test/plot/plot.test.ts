import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ValueRangeError } from "../../src/model/errors.js";
import { PALETTE, rasterFigure, rateFigure, tracesFigure, withColours } from "../../src/plot/index.js";
import { linePath, stepPath } from "../../src/plot/path.js";
import { base64, encodePng } from "../../src/plot/png.js";
import { niceTicks, timeAxis } from "../../src/plot/scale.js";
import { escapeXml, fitted, fittedName, grouped, px, textWidth } from "../../src/plot/svg.js";
import { NO_SPIKES, poisson, random, train } from "../analysis/generators.js";
import { decodePng, elements, paths, pictures } from "./reading.js";

const HOSTILE = [
  "<script>alert(1)</script>",
  "a\"b'c&amp;",
  "\u0000\u0007\uD800",
  "]]>",
  "x".repeat(5000),
  "日本語",
  "",
];

/** Uniform spikes without sorting the neurons of a step: quick for a million. */
function many(size: number, count: number, duration: number) {
  const next = random(7);
  const times = Float64Array.from({ length: count }, (_, i) => ((i + 1) / count) * duration);
  return { times, neurons: Uint32Array.from({ length: count }, () => Math.floor(next() * size)) };
}

const exc = { name: "exc", size: 80, spikes: poisson(80, 10, 1000, 1) };
const inh = { name: "inh", size: 20, spikes: poisson(20, 20, 1000, 2) };

describe("names", () => {
  it("that are too long lose their middle, so that they still differ", () => {
    const names = Array.from({ length: 10 }, (_, i) => `a population with quite a long name[${i}]`);
    const shown = names.map((name) => fittedName(name, 150, 12));
    expect(new Set(shown).size).toBe(10);
    expect(shown[3]).toMatch(/^a pop.*….*\[3\]$/);
    for (const name of shown) expect(textWidth(name, 12)).toBeLessThanOrEqual(150);
    expect(fittedName("short", 150, 12)).toBe("short");
    expect(fittedName("xxxx", 1, 12)).toBe("…");
    const traces = [
      {
        population: names[0] as string,
        variable: "v",
        unit: "mV",
        neurons: Uint32Array.of(0, 1),
        time: Float64Array.of(0, 1),
        values: () => Float64Array.of(0, 1),
      },
    ];
    const svg = tracesFigure({ traces, duration: 1 });
    expect(svg).toMatch(/….*\[0\]<\/text>/);
  });
});

describe("colours and sizes", () => {
  it("are those that were asked for, also in pictures, and only there", () => {
    const draw = (): string => rasterFigure({ populations: [exc, inh], duration: 1000, width: 700, height: 500 });
    const svg = withColours(["#123456"], draw);
    expect(svg).toContain('stroke="#123456"');
    expect(svg).not.toContain(PALETTE[0]);
    expect(svg).toContain('width="700" height="500"');
    expect(withColours(PALETTE, draw)).toBe(draw());
    expect(() => withColours(["#123456"], () => rasterFigure({ populations: [], duration: -1 }))).toThrow(
      ValueRangeError,
    );
    expect(draw()).toContain(PALETTE[0]);
    expect(() => withColours(["red"], draw)).toThrow('colours[0] = "red"; it must be of the form #rrggbb.');
    expect(() => withColours([], draw)).toThrow(ValueRangeError);
  });

  it("panels of traces share the height of a figure", () => {
    const trace = (variable: string) => ({
      population: "p",
      variable,
      unit: "",
      neurons: Uint32Array.of(0),
      time: Float64Array.of(0, 1),
      values: () => Float64Array.of(0, 1),
    });
    const svg = tracesFigure({ traces: ["v", "w", "u"].map(trace), duration: 1, height: 600 });
    expect(svg).toMatch(/<svg[^>]* height="600"/);
    expect(() => tracesFigure({ traces: ["v", "w", "u"].map(trace), duration: 1, height: 200 })).toThrow(
      "height = 200 px; it must be >= ",
    );
  });
});

describe("axes", () => {
  it("have ticks at round numbers within their ends", () => {
    expect(niceTicks(0, 1000, 10).labels).toEqual([
      "0",
      "100",
      "200",
      "300",
      "400",
      "500",
      "600",
      "700",
      "800",
      "900",
      "1000",
    ]);
    expect(niceTicks(-72, -49, 4).labels).toEqual(["−70", "−65", "−60", "−55", "−50"]);
    expect(niceTicks(0, 0.3, 3).labels).toEqual(["0", "0.1", "0.2", "0.3"]);
    expect(niceTicks(0, 3e-7, 3).labels).toEqual(["0", "1e−7", "2e−7", "3e−7"]);
    expect(niceTicks(-3e12, 1e12, 4).labels).toEqual(["−3e12", "−2e12", "−1e12", "0", "1e12"]);
    expect(niceTicks(0, 3, 10, 1).values).toEqual([0, 1, 2, 3]);
  });

  it("have about as many ticks as wanted, whatever the range", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        fc.integer({ min: 2, max: 12 }),
        (low, span, count) => {
          const { values, labels } = niceTicks(low, low + span, count);
          expect(values.length).toBeGreaterThanOrEqual(Math.floor(count / 2) - 1);
          expect(values.length).toBeLessThanOrEqual(2 * count + 1);
          expect(new Set(labels).size).toBe(labels.length);
          for (const value of values) {
            expect(value).toBeGreaterThanOrEqual(low - 1e-6 * span);
            expect(value).toBeLessThanOrEqual(low + 1.000001 * span);
          }
        },
      ),
    );
  });

  it("are in seconds from 10 s on", () => {
    expect(timeAxis(0, 9999).unit).toBe("ms");
    expect(timeAxis(9000, 1000).unit).toBe("s");
    expect(timeAxis(100, 200).position(200, 50)).toBe(25);
  });
});

describe("SVG text", () => {
  it("escapes what XML does not take", () => {
    expect(escapeXml('<a & "b">\u0000\uD800')).toBe("&lt;a &amp; &quot;b&quot;&gt;\uFFFD\uFFFD");
    expect(escapeXml("日本 😀\n")).toBe("日本 😀\n");
  });

  it("fits and formats", () => {
    expect(fitted("short", 100, 12)).toBe("short");
    const cut = fitted("x".repeat(500), 100, 12);
    expect(cut.endsWith("…")).toBe(true);
    expect(textWidth(cut, 12)).toBeLessThanOrEqual(100);
    expect(grouped(1234567)).toBe("1,234,567");
    expect(grouped(999)).toBe("999");
    expect(px(-0.001)).toBe("0");
    expect(px(1.005 * 2)).toBe("2.01");
  });
});

describe("lines", () => {
  const scale = { start: 0, end: 100, low: 0, high: 1, width: 100, height: 10 };
  const time = (n: number) => Float64Array.from({ length: n }, (_, i) => (100 * i) / n);

  it("keep the lowest and the highest sample of every px", () => {
    const n = 100_000;
    const next = random(3);
    const values = Float64Array.from({ length: n }, () => 0.25 + 0.5 * next());
    values[33_333] = 1;
    values[77_777] = 0;
    const d = linePath(time(n), values, scale);
    expect(d.length).toBeLessThan(4000);
    let [x, y] = [0, 0];
    const points: [number, number][] = [];
    const numbers = Array.from(d.matchAll(/-?\d+/g), Number);
    for (let i = 0; i < numbers.length; i += 2) {
      [x, y] =
        i === 0
          ? [numbers[0] as number, numbers[1] as number]
          : [x + (numbers[i] as number), y + (numbers[i + 1] as number)];
      points.push([x, y]);
    }
    expect(points).toContainEqual([333, 0]);
    expect(points).toContainEqual([778, 100]);
    for (let i = 1; i < points.length; i++) expect(points[i]?.[0]).toBeGreaterThanOrEqual(points[i - 1]?.[0] as number);
  });

  it("break at values that are not finite, and show a sample alone", () => {
    const t = Float64Array.of(0, 10, 20, 30, 40, 50);
    const v = Float64Array.of(0, 1, Number.NaN, 0.5, Number.POSITIVE_INFINITY, 1);
    expect(linePath(t, v, scale)).toBe("M0 100l100-100M300 50h1M500 0h1");
    expect(linePath(t, v.fill(Number.NaN), scale)).toBe("");
    expect(linePath(new Float64Array(0), new Float64Array(0), scale)).toBe("");
  });

  it("leave out what is not on the axis of time", () => {
    const t = Float64Array.of(-5, 0, 100, 105);
    expect(linePath(t, Float64Array.of(0, 0, 1, 1), scale)).toBe("M0 100l1000-100");
  });

  it("step from edge to edge", () => {
    expect(stepPath(Float64Array.of(0, 10, 20, 25), Float64Array.of(0, 1, 1), { ...scale, end: 25 })).toBe(
      "M0 100h400v-100h400h200",
    );
  });
});

describe("PNG", () => {
  it("gives back its pixels, also for odd widths and equal rows", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
        (width, rows) => {
          const pixels = new Uint8Array(width * rows.length);
          for (let i = 0; i < pixels.length; i++) pixels[i] = rows[Math.floor(i / width)] ? (i % width) % 8 : 7;
          const picture = decodePng(encodePng(pixels, width, rows.length, Array(8).fill([1, 2, 3, 4])));
          expect(picture).toEqual({ width, height: rows.length, pixels, alpha: Array(8).fill(4) });
        },
      ),
    );
  });

  it("has right check sums", () => {
    const png = encodePng(Uint8Array.of(1), 1, 1, [
      [0, 0, 0, 0],
      [1, 2, 3, 255],
    ]);
    // The last chunk is the same in every PNG.
    expect([...png.subarray(-12)]).toEqual([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
  });

  it("is base64 as everyone writes it", () => {
    for (let n = 0; n < 10; n++) {
      const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 97 + 200) & 255);
      expect(base64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    }
  });
});

describe("rasterFigure", () => {
  it("draws every spike as a mark, one path per population", () => {
    const svg = rasterFigure({ populations: [exc, inh], duration: 1000, title: "A & B" });
    const counts = elements(svg);
    expect(counts.get("image")).toBeUndefined();
    const strokes = paths(svg).map((d) => d.match(/m/g)?.length ?? 0);
    expect(strokes).toContain(exc.spikes.times.length);
    expect(strokes).toContain(inh.spikes.times.length);
    expect(svg).toContain("<title>A &amp; B</title>");
    expect(svg).toContain("Raster plot from 0 to 1000 ms");
    expect(svg).toContain(`80 neurons, ${exc.spikes.times.length} spikes`);
    expect(svg).toContain("Time (ms)");
    expect(rasterFigure({ populations: [exc, inh], duration: 1000, title: "A & B" })).toBe(svg);
  });

  it("puts the first population at the bottom and neuron 0 at the bottom of it", () => {
    const first = {
      name: "a",
      size: 2,
      spikes: train([
        [50, 0],
        [50, 1],
      ]),
    };
    const svg = rasterFigure({ populations: [first, { name: "b", size: 2, spikes: train([[50, 0]]) }], duration: 100 });
    expect(svg.indexOf(">a<")).toBeLessThan(svg.indexOf(">b<"));
    const starts = Array.from(svg.matchAll(/translate\(74 ([\d.]+)\) scale\(.1\)" d="([^"]*)"/g));
    const [a, b] = starts.map((match) => Number(match[1]));
    expect(a).toBeGreaterThan(b as number);
    const [, y0, , y1] = Array.from((starts[0]?.[2] ?? "").matchAll(/-?\d+/g), Number).filter((_, i) => i % 3 !== 2);
    expect(y0).toBeGreaterThan(0);
    expect(y1).toBeLessThan(0);
  });

  it("leaves out spikes before the start and after the end", () => {
    const svg = rasterFigure({ populations: [exc], start: 200, duration: 300 });
    const inside = exc.spikes.times.filter((t) => t >= 200 && t <= 500).length;
    expect(svg).toContain(`${inside} spikes`);
    expect(paths(svg).map((d) => d.match(/m/g)?.length ?? 0)).toContain(inside);
  });

  it("stays below 500 kB for a million spikes", () => {
    for (const size of [10, 4000, 1_000_000]) {
      const svg = rasterFigure({ populations: [{ name: "p", size, spikes: many(size, 1e6, 1000) }], duration: 1000 });
      expect(svg.length).toBeLessThan(500_000);
      expect(elements(svg).get("image")).toBe(1);
    }
  });

  it("stays below 500 kB for the largest number of marks", () => {
    const svg = rasterFigure({
      populations: [{ name: "p", size: 1e6, spikes: many(1e6, 20_000, 1000) }],
      duration: 1000,
    });
    expect(elements(svg).get("image")).toBeUndefined();
    expect(svg.length).toBeLessThan(500_000);
  });

  it("keeps a lone spike visible among a million neurons and a small population beside a large one", () => {
    const size = 1_000_000;
    const noise = many(size / 2, 30_000, 400);
    const times = Float64Array.from([...noise.times, 990]);
    const neurons = Uint32Array.from([...noise.neurons, 999_999]);
    const one = { name: "one", size: 1, spikes: train([[500, 0]]) };
    const svg = rasterFigure({ populations: [{ name: "p", size, spikes: { times, neurons } }, one], duration: 1000 });
    const [picture] = pictures(svg);
    if (picture === undefined) throw new Error("no picture");
    const { width, height, pixels, alpha } = picture;
    const shade = pixels[Math.floor(0.99 * width)] as number;
    expect(shade).toBeGreaterThan(0);
    expect(alpha[0]).toBe(0);
    expect(alpha[shade]).toBeGreaterThan(60);
    expect(pixels.subarray(width, (width * height) / 2 - width).every((pixel) => pixel === 0)).toBe(true);
    // The other one is drawn in the same way.
    const small = pictures(svg)[1];
    const shades = new Set(Array.from(small?.pixels ?? [], (pixel) => small?.alpha[pixel]));
    expect([...shades].sort()).toEqual([0, 255]);
  });

  it("draws populations of one rate in about the same darkness, whatever their sizes, and a higher rate darker", () => {
    const inkOf = (populations: Parameters<typeof rasterFigure>[0]["populations"]): number[] =>
      pictures(rasterFigure({ populations, duration: 1000 })).map(({ pixels, alpha }) => {
        return pixels.reduce((sum, pixel) => sum + (alpha[pixel] as number), 0) / pixels.length;
      });
    const of = (name: string, size: number, rate: number) => ({ name, size, spikes: many(size, size * rate, 1000) });
    // 800 spikes beside 20,000: fewer than the marks there may be.
    const [small = 0, large = 0] = inkOf([of("small", 80, 10), of("large", 2000, 10)]);
    // Gaps between the rows of the small one take a part of it.
    expect(Math.max(small / large, large / small)).toBeLessThan(2.5);
    const [low = 0, high = 0] = inkOf([of("low", 1000, 10), of("high", 1000, 40)]);
    expect(high / low).toBeGreaterThan(2);
    expect(high / low).toBeLessThan(5);
  });

  it("shows all neurons of few rows and their gaps", () => {
    const spikes = many(4, 40_000, 1000);
    const [picture] = pictures(rasterFigure({ populations: [{ name: "p", size: 4, spikes }], duration: 1000 }));
    if (picture === undefined) throw new Error("no picture");
    const { width, height, pixels } = picture;
    const filled = Array.from({ length: height }, (_, y) =>
      pixels.subarray(y * width, (y + 1) * width).some((p) => p > 0),
    );
    expect(filled.filter((row, y) => row && !filled[y - 1]).length).toBe(4);
  });

  it("says so when there is nothing to see", () => {
    const silent = { name: "p", size: 10, spikes: NO_SPIKES };
    expect(rasterFigure({ populations: [silent], duration: 100 })).toContain(">No spikes<");
    expect(rasterFigure({ populations: [], duration: 100 })).toContain(">No population recorded<");
    for (const populations of [[silent], [], [{ ...silent, size: 0 }]]) {
      elements(rasterFigure({ populations, duration: 0 }));
    }
  });

  it("is well-formed whatever the names and however many populations", () => {
    for (const title of HOSTILE) {
      const populations = HOSTILE.map((name, i) => ({ name, size: 10 ** (i % 5), spikes: train([[1, 0]]) }));
      expect(rasterFigure({ populations, duration: 10, title })).not.toContain("<script");
      elements(rasterFigure({ populations, duration: 10, title }));
    }
    const crowd = Array.from({ length: 500 }, (_, i) => ({ name: `p${i}`, size: 5, spikes: train([[i, 1]]) }));
    const svg = rasterFigure({ populations: crowd, duration: 1000 });
    elements(svg);
    expect(svg.length).toBeLessThan(500_000);
  });

  it("refuses what makes no sense", () => {
    expect(() => rasterFigure({ populations: [exc], duration: -1 })).toThrow("duration = -1 ms; it must be >= 0 ms.");
    expect(() => rasterFigure({ populations: [exc], duration: Number.NaN })).toThrow(ValueRangeError);
    expect(() => rasterFigure({ populations: [{ ...exc, size: 5 }], duration: 1 })).toThrow(
      "below the population's size 5",
    );
    expect(() => rasterFigure({ populations: [exc], duration: 1, width: 100 })).toThrow("width = 100 px");
    expect(() => rasterFigure({ populations: [exc], duration: 1, height: Number.NaN })).toThrow("height = NaN px");
  });
});

describe("rateFigure", () => {
  it("gives more than six populations a panel each, with a scale of its own", () => {
    const crowd = Array.from({ length: 16 }, (_, i) => ({
      name: `p${i}`,
      size: 10,
      spikes: poisson(10, 2 + 10 * i, 1000, i),
    }));
    const svg = rateFigure({ populations: crowd, duration: 1000, bin: 20 });
    elements(svg);
    const groups = [...svg.matchAll(/<g transform="translate\(74 ([\d.]+)\) scale\(\.1\)"[^>]*>(.*?)<\/g>/g)];
    expect(groups.length).toBe(16);
    const tops = groups.map(([, y]) => Number(y));
    expect(new Set(tops).size).toBe(16);
    expect(groups.every(([, , content]) => content?.split("<path").length === 2)).toBe(true);
    const together = rateFigure({ populations: crowd.slice(0, 6), duration: 1000 });
    expect([...together.matchAll(/scale\(\.1\)/g)].length).toBe(1);
    expect(svg).toContain(">p15<");
    // Of very many several share a panel, and the figure stays within bounds.
    const many = Array.from({ length: 200 }, (_, i) => ({ name: `p${i}`, size: 1, spikes: NO_SPIKES }));
    expect(Number(/height="(\d+)"/.exec(rateFigure({ populations: many, duration: 10 }))?.[1])).toBeLessThan(2500);
  });

  it("draws a stepped line per population in its colour", () => {
    const svg = rateFigure({ populations: [exc, inh], duration: 1000, bin: 10 });
    elements(svg);
    expect(svg).toContain("Rate (Hz per neuron)");
    expect(svg).toContain("bins of 10 ms");
    expect(svg).toContain(`stroke="${PALETTE[0]}"`);
    expect(svg).toContain(`stroke="${PALETTE[1]}"`);
    expect(paths(svg).filter((d) => (d.match(/h/g)?.length ?? 0) === 100).length).toBe(2);
    const mean = Number(((1000 * exc.spikes.times.length) / 80 / 1000).toPrecision(3));
    expect(svg).toContain(`>${mean} Hz on average<`);
  });

  it("stays small for many bins and many populations", () => {
    const svg = rateFigure({ populations: [exc], duration: 1000, bin: 0.01 });
    elements(svg);
    expect(svg.length).toBeLessThan(100_000);
    const crowd = Array.from({ length: 100 }, (_, i) => ({ ...exc, name: `p${i}` }));
    elements(rateFigure({ populations: crowd, duration: 1000 }));
    elements(rateFigure({ populations: crowd.slice(0, 20), duration: 1000, smooth: 10 }));
  });

  it("says so when there is nothing to see", () => {
    expect(rateFigure({ populations: [{ ...exc, spikes: NO_SPIKES }], duration: 100 })).toContain(">No spikes<");
    expect(rateFigure({ populations: [], duration: 0 })).toContain(">No population recorded<");
  });

  it("is well-formed whatever the names", () => {
    elements(rateFigure({ populations: HOSTILE.map((name) => ({ ...exc, name })), duration: 1000, title: "<&>" }));
  });

  it("refuses a bin of no width", () => {
    expect(() => rateFigure({ populations: [exc], duration: 10, bin: 0 })).toThrow("bin = 0 ms; it must be > 0 ms.");
  });
});

describe("tracesFigure", () => {
  const time = Float64Array.from({ length: 1000 }, (_, i) => i + 1);
  const trace = (population: string, variable: string, unit: string, neurons: number) => ({
    population,
    variable,
    unit,
    neurons: Uint32Array.from({ length: neurons }, (_, i) => 3 * i),
    time,
    values: (n: number) => time.map((t) => Math.sin(t / 50 + n)),
  });

  it("has a panel per variable and unit and a line per neuron", () => {
    const traces = [trace("exc", "v", "mV", 2), trace("inh", "v", "mV", 1), trace("exc", "w", "pA", 1)];
    const svg = tracesFigure({ traces, duration: 1000 });
    elements(svg);
    for (const text of [">v (mV)<", ">w (pA)<", ">exc[0]<", ">exc[3]<", ">inh[0]<", "4 traces"])
      expect(svg).toContain(text);
    expect(paths(svg).filter((d) => /^M\d+ \d+l/.test(d)).length).toBe(4);
  });

  it("draws at most ten lines in a panel, some of every population", () => {
    const traces = [trace("exc", "v", "mV", 50), trace("inh", "v", "mV", 3)];
    const svg = tracesFigure({ traces, duration: 1000 });
    elements(svg);
    expect(paths(svg).filter((d) => /^M\d+ \d+l/.test(d)).length).toBe(10);
    expect(svg).toContain(">10 of 53 shown<");
    expect(svg).toContain(">exc[18]<");
    expect(svg).toContain(">inh[6]<");
    expect(svg).not.toContain(">exc[21]<");
  });

  it("marks the spikes of the drawn neurons above the panel of v alone", () => {
    const spikes = [
      {
        name: "exc",
        spikes: train([
          [100, 0],
          [200, 0],
          [200, 1],
          [300, 3],
        ]),
      },
    ];
    const svg = tracesFigure({
      traces: [trace("exc", "v", "mV", 2), trace("exc", "w", "pA", 2)],
      spikes,
      duration: 1000,
    });
    elements(svg);
    const rows = paths(svg).filter((d) => d.startsWith("m"));
    expect(rows.map((d) => d.match(/m/g)?.length)).toEqual([2, 1]);
    expect(svg.match(/>spikes</g)?.length).toBe(1);
  });

  it("stays small for a million samples", () => {
    const n = 1_000_000;
    const next = random(5);
    const values = Float64Array.from({ length: n }, () => next());
    const long = {
      ...trace("p", "v", "mV", 1),
      time: Float64Array.from({ length: n }, (_, i) => 0.1 * i),
      values: () => values,
    };
    expect(tracesFigure({ traces: [long], duration: 1e5 }).length).toBeLessThan(40_000);
  });

  it("says so when there is nothing to see", () => {
    expect(tracesFigure({ traces: [], duration: 100 })).toContain(">No trace recorded<");
    const nan = { ...trace("p", "v", "mV", 1), values: () => time.map(() => Number.NaN) };
    expect(tracesFigure({ traces: [nan], duration: 1000 })).toContain(">No finite value<");
    elements(tracesFigure({ traces: [trace("p", "v", "mV", 0)], duration: 0 }));
  });

  it("takes constant, tiny and huge values", () => {
    for (const level of [0, 0.5, -65, 1e-300, 1e300, Number.MAX_VALUE, 5e-324]) {
      for (const sign of [0, 1, -1]) {
        const values = time.map((_, i) => (i % 2 ? level : sign * level));
        elements(tracesFigure({ traces: [{ ...trace("p", "x", "", 1), values: () => values }], duration: 1000 }));
      }
    }
  });

  it("is well-formed whatever the names", () => {
    const traces = HOSTILE.map((name) => trace(name, name, name, 1));
    elements(tracesFigure({ traces, duration: 1000, title: "<&>" }));
  });
});
