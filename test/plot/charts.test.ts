import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { powerSpectrum } from "../../src/analysis/index.js";
import { ValueRangeError } from "../../src/model/errors.js";
import { linearAxis, logAxis, orbitPath, type Plane, place } from "../../src/plot/chart.js";
import {
  activityFigure,
  fiCurveFigure,
  isiFigure,
  membraneFigure,
  phasePlaneFigure,
  rasterFigure,
  spectrumFigure,
  weightsFigure,
} from "../../src/plot/index.js";
import { field, NO_SPIKES, poisson, random, train } from "../analysis/generators.js";
import { elements, paths } from "./reading.js";

const HOSTILE = ["<script>alert(1)</script>", "a\"b'c&amp;", "\u0000\uD800", "]]>", "x".repeat(3000), ""];
const exc = { name: "exc", size: 80, spikes: poisson(80, 10, 1000, 1) };
const inh = { name: "inh", size: 20, spikes: poisson(20, 20, 1000, 2) };
const silent = { name: "silent", size: 5, spikes: NO_SPIKES };

const plane: Plane = {
  box: { x: 0, y: 0, width: 100, height: 50 },
  x: linearAxis(0, 10, "x", 5),
  y: linearAxis(0, 5, "y", 5),
};

describe("axes of charts", () => {
  it("have logarithmic ticks at 1, 2, 5 or whole powers", () => {
    const axis = logAxis(1, 1000, "x");
    expect(axis.ticks.labels).toEqual(["1", "2", "5", "10", "20", "50", "100", "200", "500", "1000"]);
    expect(axis.of(100)).toBe(2);
    expect(logAxis(1e-6, 1e6, "x").ticks.labels).toEqual(["1e−6", "1e−4", "0.01", "1", "100", "10000", "1e6"]);
  });

  it("end at a tick if wanted", () => {
    expect(linearAxis(0, 41, "y", 4, true).high).toBe(50);
    expect(linearAxis(0, 41, "y", 4).high).toBe(41);
  });
});

describe("lines in any direction", () => {
  it("are clipped at the box", () => {
    expect(orbitPath(plane, [-5, 5], [2.5, 2.5])).toBe("M0 250L500 250");
    expect(orbitPath(plane, [5, 5], [-10, 10])).toBe("M500 500L500 0");
    expect(orbitPath(plane, [-5, -1], [0, 5])).toBe("");
    expect(place(plane, 10, 5)).toEqual([100, 0]);
  });

  it("break where asked and at values that are not finite", () => {
    expect(orbitPath(plane, [0, 1, 2, 3], [0, 0, 0, 0], (k) => k === 2)).toBe("M0 500L100 500M200 500L300 500");
    expect(orbitPath(plane, [0, 1, Number.NaN, 3, 4], [0, 0, 0, 0, 0])).toBe("M0 500L100 500M300 500L400 500");
  });

  it("never leave the box", () => {
    const number = fc.double({ min: -30, max: 30, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { maxLength: 50 }), (points) => {
        const d = orbitPath(plane, points.map(([x]) => x), points.map(([, y]) => y));
        for (const [, x, y] of d.matchAll(/[ML](-?\d+) (-?\d+)/g)) {
          expect(Number(x) >= 0 && Number(x) <= 1000 && Number(y) >= 0 && Number(y) <= 500).toBe(true);
        }
      }),
    );
  });

  it("stay small when they go round for ever", () => {
    const turns = (n: number) => Float64Array.from({ length: n }, (_, k) => (2 * Math.PI * k) / 200);
    const circle = (n: number) =>
      orbitPath(plane, turns(n).map((t) => 5 + 3 * Math.cos(t)), turns(n).map((t) => 2 + Math.sin(t)));
    expect(circle(1e6).length).toBeLessThan(1.5 * circle(400).length);
    const next = random(4);
    const noise = Float64Array.from({ length: 1e6 }, () => 10 * next());
    expect(orbitPath(plane, noise, noise.map(() => 5 * next())).length).toBeLessThan(1.2e6);
  });
});

describe("activityFigure", () => {
  it("has the raster above the rates, on one axis of time", () => {
    const svg = activityFigure({ populations: [exc, inh], duration: 1000, bin: 10, title: "net" });
    elements(svg);
    expect(svg.match(/>Time \(ms\)</g)?.length).toBe(1);
    for (const text of [">Neuron<", ">Rate (Hz)<", "bins of 10 ms", ">net<"]) expect(svg).toContain(text);
    const marks = paths(svg).map((d) => d.match(/m/g)?.length ?? 0);
    for (const { spikes } of [exc, inh]) expect(marks).toContain(spikes.times.length);
    expect(paths(svg).filter((d) => (d.match(/h/g)?.length ?? 0) === 100).length).toBe(2);
    const [raster] = paths(rasterFigure({ populations: [exc], duration: 1000 })).filter((d) => d.startsWith("m"));
    expect(paths(activityFigure({ populations: [exc], duration: 1000 }))).toContain(raster);
  });

  it("puts neurons in order of rate or first spike, silent ones last", () => {
    const spikes = train([[10, 3], [20, 1], [30, 1], [40, 1], [50, 3]]);
    const tops = (order: "index" | "rate" | "firstSpike") => {
      const svg = activityFigure({ populations: [{ name: "p", size: 4, spikes }], duration: 100, order });
      const d = paths(svg).find((path) => path.startsWith("m")) as string;
      let y = 0;
      return Array.from(d.matchAll(/m-?\d+ ?(-?\d+)v(\d+)/g), ([, dy, length]) => {
        const top = y + Number(dy);
        y = top + Number(length);
        return top;
      });
    };
    const rows = (tall: number[]) => tall.map((y) => [...new Set(tall)].sort((a, b) => b - a).indexOf(y));
    expect(rows(tops("rate"))).toEqual([1, 0, 0, 0, 1]);
    expect(rows(tops("firstSpike"))).toEqual([0, 1, 1, 1, 0]);
    expect(rows(tops("index"))).toEqual([1, 0, 0, 0, 1]);
    expect(Math.max(...tops("index"))).toBeLessThan(Math.max(...tops("rate")));
  });

  it("is well-formed for silence, strange names and a million spikes", () => {
    expect(activityFigure({ populations: [silent], duration: 100 })).toContain(">No spikes<");
    elements(activityFigure({ populations: [], duration: 0 }));
    elements(activityFigure({ populations: HOSTILE.map((name) => ({ ...exc, name })), duration: 1000, title: "<&>" }));
    const next = random(7);
    const times = Float64Array.from({ length: 1e6 }, (_, i) => (i + 1) * 1e-3);
    const spikes = { times, neurons: Uint32Array.from(times, () => Math.floor(4000 * next())) };
    const large = activityFigure({ populations: [{ name: "p", size: 4000, spikes }], duration: 1000, order: "rate" });
    expect(large.length).toBeLessThan(520_000);
    expect(() => activityFigure({ populations: [{ ...exc, size: 3 }], duration: 9, order: "rate" })).toThrow("size 3");
  });
});

describe("isiFigure", () => {
  it.each([
    [80, "1 ms"],
    [119, "1 ms"],
    [130, "2 ms"],
    [300, "5 ms"],
    [599, "5 ms"],
    [620, "10 ms"],
    [790, "10 ms"],
  ])("intervals of up to %d ms have bins of %s", (longest, bin) => {
    const spikes = train([[0, 0], [longest, 0]]);
    expect(isiFigure({ populations: [{ name: "p", size: 1, spikes }] })).toContain(`bins of ${bin}<`);
  });

  it("draws an outline per population, in percent", () => {
    const svg = isiFigure({ populations: [exc, inh], bin: 5, max: 500 });
    elements(svg);
    for (const text of ["Interspike interval (ms)", "Share of intervals (%)", "bins of 5 ms", "CV "]) {
      expect(svg).toContain(text);
    }
    expect(paths(svg).filter((d) => (d.match(/h/g)?.length ?? 0) === 100).length).toBe(4);
    elements(isiFigure({ populations: [exc, inh], scale: "log" }));
  });

  it("takes the spikes within the chosen time only", () => {
    const spikes = train([[10, 0], [20, 0], [120, 0], [125, 0], [300, 0]]);
    const svg = isiFigure({ populations: [{ name: "p", size: 1, spikes }], start: 100, duration: 100 });
    expect(svg).toContain(">1 interval ·");
    expect(svg).toContain("mean 5 ms");
  });

  it("says so when there is nothing to see, and is well-formed whatever the names", () => {
    for (const scale of ["linear", "log"] as const) {
      for (const populations of [[], [silent], [{ name: "p", size: 1, spikes: train([[5, 0], [5, 0]]) }]]) {
        elements(isiFigure({ populations, scale }));
      }
      expect(isiFigure({ populations: [silent], scale })).toContain(">No intervals<");
    }
    elements(isiFigure({ populations: HOSTILE.map((name) => ({ ...exc, name })), title: "<&>" }));
    expect(() => isiFigure({ populations: [exc], bin: 0 })).toThrow("bin = 0 ms");
    expect(() => isiFigure({ populations: [exc], max: -1 })).toThrow("max = -1 ms");
    expect(() => isiFigure({ populations: [exc], width: 10 })).toThrow(ValueRangeError);
  });
});

describe("weightsFigure", () => {
  it("draws all projections in the same bins", () => {
    const next = random(2);
    const weights = Float64Array.from({ length: 1e6 }, next);
    const svg = weightsFigure({ projections: [{ name: "a", weights }, { name: "b", weights: [0.5, 2] }], unit: "nS" });
    elements(svg);
    for (const text of ["Weight (nS)", "1,000,002 synapses", "mean 0.5 nS", "mean 1.25 nS"]) {
      expect(svg).toContain(text);
    }
    expect(svg.length).toBeLessThan(20_000);
  });

  it("takes one value, none, and values that are not finite", () => {
    for (const weights of [[], [0], [-3], [7, 7, 7], [Number.NaN], [1, Number.POSITIVE_INFINITY]]) {
      elements(weightsFigure({ projections: [{ name: "p", weights }] }));
    }
    expect(weightsFigure({ projections: [] })).toContain(">No synapses<");
    elements(weightsFigure({ projections: [{ name: "p", weights: [1, 2, 3] }], low: 0, high: 2, bins: 4 }));
  });
});

describe("fiCurveFigure", () => {
  it("draws lines with marks and says where firing begins", () => {
    const current = Float64Array.from({ length: 20 }, (_, k) => 50 * k);
    const rate = current.map((x) => Math.max(0, x - 375) / 5);
    const svg = fiCurveFigure({ curves: [{ name: "lif", current, rate }], unit: "pA" });
    elements(svg);
    for (const text of ["Current (pA)", "Rate (Hz)", "fires from 400 pA", "20 points"]) expect(svg).toContain(text);
    expect(paths(svg).some((d) => d.match(/h0/g)?.length === 20)).toBe(true);
  });

  it("takes gaps, single points and nothing", () => {
    elements(fiCurveFigure({ curves: [{ name: "x", current: [1, 2, 3, 4], rate: [1, Number.NaN, 3, 4] }] }));
    elements(fiCurveFigure({ curves: [{ name: "<x>", current: [1], rate: [0] }] }));
    expect(fiCurveFigure({ curves: [] })).toContain(">No point<");
  });
});

describe("spectrumFigure", () => {
  const x = Float64Array.from({ length: 4000 }, (_, i) => Math.sin(2 * Math.PI * 0.04 * i));

  it("draws a line per spectrum and names its peak", () => {
    for (const scale of ["log", "linear"] as const) {
      const svg = spectrumFigure({ spectra: [{ name: "p", ...powerSpectrum(x, 1) }], scale, maxFrequency: 200 });
      elements(svg);
      for (const text of ["Frequency (Hz)", "Power (Hz²/Hz)", "highest at 40 Hz"]) expect(svg).toContain(text);
    }
  });

  it("says so when there is no power, and stays small", () => {
    const none = { name: "p", ...powerSpectrum(new Float64Array(100), 1) };
    expect(spectrumFigure({ spectra: [none] })).toContain(">No power<");
    elements(spectrumFigure({ spectra: [] }));
    const next = random(1);
    const long = powerSpectrum(Float64Array.from({ length: 2 ** 18 }, next), 1, { segment: 2 ** 17 });
    const svg = spectrumFigure({ spectra: HOSTILE.map((name) => ({ name, ...long })) });
    elements(svg);
    expect(svg.length).toBeLessThan(300_000);
  });
});

describe("phasePlaneFigure", () => {
  const fhn = field((v, w) => v - v ** 3 / 3 - w + 0.5, (v, w) => (v + 0.7 - 0.8 * w) / 12.5, [-2.5, 2.5], 101);

  it("draws nullclines, equilibria, arrows and trajectories", () => {
    const svg = phasePlaneFigure({ field: fhn, trajectories: [{ v: [-2, 0, 2], w: [0, 1, 0] }], subtitle: "I = 0.5" });
    expect(elements(svg).get("circle")).toBe(2);
    for (const text of ["dv/dt = 0", "dw/dt = 0", ">trajectory<"]) expect(svg).toContain(text);
    expect(svg).toContain("I = 0.5 · unstable equilibrium at (−0.805, −0.131)");
    expect(phasePlaneFigure({ field: fhn, arrows: false }).length).toBeLessThan(0.7 * svg.length);
  });

  it("draws the jump of a reset apart", () => {
    const svg = phasePlaneFigure({ trajectories: [{ v: [0, 1, 2, 0, 1], w: [0, 0, 0, 1, 1], resets: [3] }] });
    elements(svg);
    const [jump, line] = paths(svg).filter((d) => /^M\d+ \d+L/.test(d));
    expect(jump?.match(/L/g)?.length).toBe(1);
    expect(line?.match(/L/g)?.length).toBe(3);
  });

  it("takes no trajectory, values that are not finite, and strange names", () => {
    expect(phasePlaneFigure({})).toContain(">No trajectory<");
    elements(phasePlaneFigure({ trajectories: [{ v: [Number.NaN, 1], w: [0, 1] }] }));
    elements(phasePlaneFigure({ field: field(() => Number.NaN, () => 1, [0, 1], 5) }));
    const trajectories = HOSTILE.map((name) => ({ name, v: [], w: [] }));
    elements(phasePlaneFigure({ field: fhn, names: ["<v> (mV)", "&w"], trajectories }));
  });
});

describe("membraneFigure", () => {
  const time = Float64Array.from({ length: 100 }, (_, k) => k + 1);
  const trace = (variable: string, neurons: number) => ({
    population: "p",
    variable,
    unit: variable === "v" ? "mV" : "pA",
    neurons: Uint32Array.from({ length: neurons }, (_, n) => n),
    time,
    values: () => time.map((t) => -65 + (t % 20)),
  });
  const spikes = [{ name: "p", spikes: train([[20, 0], [40, 0], [40, 1], [60.5, 0], [500, 0]]) }];

  it("draws each spike as a stroke up to the peak, in a panel for each neuron", () => {
    const svg = membraneFigure({ traces: [trace("v", 2)], spikes, duration: 100 });
    elements(svg);
    const lines = paths(svg).filter((d) => /^M\d+ \d+l/.test(d));
    expect(lines.length).toBe(2);
    const strokes = (d: string | undefined) => d?.match(/l?[- ]?0-\d{3}/g)?.length ?? 0;
    expect([strokes(lines[0]), strokes(lines[1])]).toEqual([3, 1]);
  });

  it("leaves other variables and populations without spikes as they are", () => {
    elements(membraneFigure({ traces: [trace("v", 1), trace("w", 1)], spikes, duration: 100 }));
    const svg = membraneFigure({ traces: [trace("v", 30)], spikes: [], duration: 100, peak: 50 });
    elements(svg);
    expect(svg.match(/>v \(mV\)</g)?.length).toBe(12);
    elements(membraneFigure({ traces: [], spikes, duration: 0 }));
  });
});
