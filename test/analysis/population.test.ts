import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  meanCorrelation,
  pairCorrelations,
  populationSpectrum,
  powerSpectrum,
  type Spikes,
  spectralPeak,
  spikeSynchrony,
  traceSynchrony,
} from "../../src/analysis/index.js";
import { LengthError, ValueRangeError } from "../../src/model/errors.js";
import { Fft } from "../../src/analysis/fft.js";
import { random, sampleDistinct } from "../../src/analysis/random.js";
import { NO_SPIKES, poisson, random as noise, train } from "./generators.js";

/** Every neuron has the spikes of one train. */
function copies(size: number, times: ArrayLike<number>): Spikes {
  return train(Array.from(times).flatMap((time) => Array.from({ length: size }, (_, n) => [time, n] as const)));
}

/** Poisson neurons, each with a part of its spikes from one common train. */
function shared(size: number, rate: number, part: number, duration: number, seed: number): Spikes {
  const own = poisson(size, rate * (1 - part), duration, seed);
  const common = copies(size, poisson(1, rate * part, duration, seed + 1).times);
  const pairs = ({ times, neurons }: Spikes) => Array.from(times, (time, i) => [time, neurons[i] ?? 0] as const);
  return train([...pairs(own), ...pairs(common)]);
}

const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;

describe("correlation", () => {
  it("is 1 for copies, 0 for independent neurons, and the shared part else", () => {
    const options = { duration: 50_000, bin: 5 };
    expect(meanCorrelation(copies(5, poisson(1, 20, 5000).times), 5, { duration: 5000, bin: 5 })).toBeCloseTo(1, 12);
    expect(Math.abs(meanCorrelation(poisson(50, 20, 50_000, 2), 50, options))).toBeLessThan(0.002);
    for (const part of [0.1, 0.5]) {
      const spikes = shared(20, 20, part, 100_000, 3);
      expect(Math.abs(meanCorrelation(spikes, 20, { duration: 100_000, bin: 5 }) - part)).toBeLessThan(0.03);
    }
  });

  it("is -1 for two neurons that alternate", () => {
    const spikes = train(Array.from({ length: 100 }, (_, k) => [10 * k + 5, k % 2] as const));
    expect(meanCorrelation(spikes, 2, { duration: 1000, bin: 10 })).toBeCloseTo(-1, 12);
    expect([...pairCorrelations(spikes, 2, { duration: 1000, bin: 10 }).values]).toEqual([-1]);
  });

  it("has a mean that is exactly that of all pairs", () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(6)), { maxLength: 150 });
    fc.assert(
      fc.property(pairs, (list) => {
        const spikes = train(list.map(([step, neuron]) => [step * 0.1, neuron]));
        const options = { duration: 100, bin: 7 };
        const { values, complete } = pairCorrelations(spikes, 7, options);
        expect(complete).toBe(true);
        if (values.length === 0) expect(meanCorrelation(spikes, 7, options)).toBeNaN();
        else expect(meanCorrelation(spikes, 7, options)).toBeCloseTo(mean(values), 10);
        for (const value of values) expect(Math.abs(value)).toBeLessThan(1 + 1e-12);
      }),
    );
  });

  it("draws different pairs, the same for the same seed", () => {
    const spikes = shared(200, 20, 0.3, 5000, 5);
    const options = { duration: 5000, bin: 5, pairs: 500 };
    const sample = pairCorrelations(spikes, 200, options);
    expect([sample.values.length, sample.complete]).toEqual([500, false]);
    expect(new Set(Array.from(sample.first, (a, i) => `${a} ${sample.second[i]}`)).size).toBe(500);
    expect(sample.first.every((a, i) => a < (sample.second[i] as number))).toBe(true);
    expect(pairCorrelations(spikes, 200, options)).toEqual(sample);
    expect(pairCorrelations(spikes, 200, { ...options, seed: 2 })).not.toEqual(sample);
    expect(Math.abs(mean(sample.values) - meanCorrelation(spikes, 200, options))).toBeLessThan(0.01);
  });

  it("leaves out neurons whose count never varies; NaN without a pair", () => {
    expect(meanCorrelation(NO_SPIKES, 5, { duration: 100, bin: 10 })).toBeNaN();
    const { values, first, second } = pairCorrelations(train([[5, 1], [25, 3]]), 5, { duration: 100, bin: 10 });
    expect([values.length, first[0], second[0]]).toEqual([1, 1, 3]);
    expect(values[0]).toBeCloseTo(-1 / 9, 12);
  });

  it("counts in the analysed part only", () => {
    const spikes = train([[5, 0], [5, 1], [105, 0], [125, 1], [900, 0]]);
    const part = { start: 100, duration: 100, bin: 10 };
    expect(meanCorrelation(spikes, 2, part)).toBeCloseTo(-1 / 9, 12);
  });

  it("takes a million spikes", () => {
    const next = noise(3);
    const times = Float64Array.from({ length: 1e6 }, (_, i) => (i + 1) * 0.01);
    const spikes = { times, neurons: Uint32Array.from(times, () => Math.floor(next() * 5000)) };
    const options = { duration: 10_000, bin: 5 };
    expect(Math.abs(meanCorrelation(spikes, 5000, options))).toBeLessThan(0.001);
    expect(pairCorrelations(spikes, 5000, options).values.length).toBe(10_000);
    expect(spikeSynchrony(spikes, 5000, options)).toBeLessThan(0.02);
    expect(populationSpectrum(spikes, 5000, { duration: 10_000, bin: 0.1 }).power.every(Number.isFinite)).toBe(true);
  });

  it("refuses what makes no sense", () => {
    const one = train([[1, 0]]);
    expect(() => meanCorrelation(one, 1, { duration: 10, bin: 6 })).toThrow("bin = 6 ms; it must be at most 5 ms");
    expect(() => meanCorrelation(one, 1, { duration: 10, bin: 1e-9 })).toThrow("at least");
    expect(() => meanCorrelation(train([[1, 3]]), 3, { duration: 10, bin: 1 })).toThrow(ValueRangeError);
    expect(() => pairCorrelations(one, 1, { duration: 10, bin: 1, pairs: -1 })).toThrow("pairs = -1");
    expect(() => pairCorrelations(one, 1, { duration: 10, bin: 1, seed: 0.5 })).toThrow("seed = 0.5");
    const back = { times: Float64Array.of(9, 1), neurons: new Uint32Array(2) };
    expect(() => meanCorrelation(back, 1, { duration: 10, bin: 1 })).toThrow("times[1] = 1 ms");
  });
});

describe("samples of whole numbers", () => {
  it("are different, below the limit and equally likely", () => {
    const next = random(1);
    const counts = new Float64Array(10);
    for (let round = 0; round < 5000; round++) {
      const sample = sampleDistinct(10, 4, next);
      expect(new Set(sample).size).toBe(4);
      for (const k of sample) counts[k] = (counts[k] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(150);
    expect([...sampleDistinct(3, 3, next)]).toEqual([0, 1, 2]);
  });
});

describe("synchrony", () => {
  it("is 1 for copies and 1/sqrt(size) for independent neurons", () => {
    const options = { duration: 20_000, bin: 5 };
    expect(spikeSynchrony(copies(30, poisson(1, 20, 20_000).times), 30, options)).toBe(1);
    for (const size of [25, 100]) {
      const chi = spikeSynchrony(poisson(size, 20, 20_000, 6), size, options);
      expect(Math.abs(chi * Math.sqrt(size) - 1)).toBeLessThan(0.1);
    }
    expect(spikeSynchrony(NO_SPIKES, 5, options)).toBeNaN();
  });

  it("of traces is that of their phases", () => {
    const wave = (phase: number) =>
      Float64Array.from({ length: 1000 }, (_, k) => -60 + 5 * Math.sin((2 * Math.PI * k) / 100 + phase));
    const waves = (phases: readonly number[]) => ({
      neurons: Uint32Array.from(phases, (_, n) => n),
      values: (n: number) => wave(phases[n] as number),
    });
    expect(traceSynchrony(waves([0, 0, 0]))).toBeCloseTo(1, 12);
    expect(traceSynchrony(waves([0, Math.PI]))).toBeLessThan(1e-12);
    expect(traceSynchrony(waves([0, Math.PI / 2]))).toBeCloseTo(Math.SQRT1_2, 10);
    expect(traceSynchrony(waves([]))).toBeNaN();
    expect(traceSynchrony({ neurons: new Uint32Array(2), values: () => new Float64Array(9) })).toBeNaN();
    const broken = { neurons: new Uint32Array(2), values: () => Float64Array.of(1, Number.NaN) };
    expect(traceSynchrony(broken)).toBeNaN();
    const ragged = { neurons: new Uint32Array(2), values: (n: number) => new Float64Array(5 + n) };
    expect(() => traceSynchrony(ragged)).toThrow(LengthError);
  });
});

describe("the Fourier transform", () => {
  it("is the sum it stands for", () => {
    for (const size of [2, 4, 8, 64]) {
      const next = noise(size);
      const [re, im] = [Float64Array.from({ length: size }, next), Float64Array.from({ length: size }, next)];
      const [outRe, outIm] = [re.slice(), im.slice()];
      new Fft(size).transform(outRe, outIm);
      for (let k = 0; k < size; k++) {
        let [x, y] = [0, 0];
        for (let j = 0; j < size; j++) {
          const angle = (-2 * Math.PI * j * k) / size;
          x += (re[j] as number) * Math.cos(angle) - (im[j] as number) * Math.sin(angle);
          y += (re[j] as number) * Math.sin(angle) + (im[j] as number) * Math.cos(angle);
        }
        expect(outRe[k]).toBeCloseTo(x, 11);
        expect(outIm[k]).toBeCloseTo(y, 11);
      }
    }
  });
});

describe("power spectra", () => {
  it("are those of scipy.signal.welch", () => {
    // x = np.sin(i*i*0.013) + 0.3*i; welch(x, 2000, nperseg=40, nfft=64), scipy 1.17.1
    const x = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i * i * 0.013) + 0.3 * i);
    const { frequency, power, segments } = powerSpectrum(x, 0.5, { segment: 20 });
    const expected = [
      0.00024522733215712883, 0.040545676449719244, 0.04298321710418833, 0.006728395009542424, 0.0006213712980226362,
      0.0007919088561701748,
    ];
    expected.forEach((value, k) => {
      expect(power[k]).toBeCloseTo(value, 12);
    });
    expect([frequency[1], frequency.at(-1), power.length, segments]).toEqual([31.25, 1000, 33, 4]);
  });

  it("have the frequency and the power of a sine", () => {
    for (const hz of [7.3, 40, 123.4]) {
      const x = Float64Array.from({ length: 8000 }, (_, i) => 5 + 3 * Math.sin(2 * Math.PI * hz * i * 1e-3));
      const spectrum = powerSpectrum(x, 1, { segment: 2000 });
      const peak = spectralPeak(spectrum);
      expect(Math.abs(peak.frequency - hz)).toBeLessThan(0.05);
      const spacing = spectrum.frequency[1] as number;
      expect(Math.abs(mean(spectrum.power) * spectrum.power.length * spacing - 4.5)).toBeLessThan(0.01);
    }
  });

  it("of Poisson neurons are flat, at twice the rate over the size", () => {
    const { power, frequency } = populationSpectrum(poisson(50, 40, 50_000, 3), 50, { duration: 50_000, bin: 1 });
    expect(frequency.at(-1)).toBe(500);
    expect(Math.abs(mean(power.subarray(5)) - 1.6)).toBeLessThan(0.05);
  });

  it("find the modulation of a rate", () => {
    const next = noise(8);
    const pairs: [number, number][] = [];
    for (let k = 1; k <= 20_000; k++) {
      const rate = 20 * (1 + 0.8 * Math.sin((2 * Math.PI * 37 * k) / 1000));
      for (let n = 0; n < 20; n++) if (next() < rate / 1000) pairs.push([k, n]);
    }
    const options = { duration: 20_000, bin: 1, segment: 1000 };
    const peak = spectralPeak(populationSpectrum(train(pairs), 20, options), { from: 10, to: 100 });
    expect(Math.abs(peak.frequency - 37)).toBeLessThan(0.3);
  });

  it("have no peak where there is no power", () => {
    const flat = powerSpectrum(new Float64Array(100).fill(3), 1);
    expect(Math.max(...flat.power)).toBeLessThan(1e-20);
    expect(spectralPeak({ frequency: Float64Array.of(0, 1), power: Float64Array.of(9, 0) }).frequency).toBeNaN();
    expect(spectralPeak(flat, { from: 9000 }).power).toBeNaN();
    expect(powerSpectrum(new Float64Array(100).fill(Number.NaN), 1).power[3]).toBeNaN();
  });

  it("refuse what makes no sense", () => {
    expect(() => powerSpectrum(new Float64Array(3), 1)).toThrow("the number of samples = 3");
    expect(() => powerSpectrum(new Float64Array(10), 1, { segment: 11 })).toThrow("from 4 to 10 ms");
    expect(() => powerSpectrum(new Float64Array(10), 1, { overlap: 1 })).toThrow("overlap = 1");
    expect(() => powerSpectrum(new Float64Array(10), 0)).toThrow("interval = 0 ms");
    expect(() => populationSpectrum(train([[1, 2]]), 2, { duration: 10, bin: 1 })).toThrow(ValueRangeError);
  });
});
