/** Power spectra of signals and of population activity. */
import { type BinOptions, Bins } from "./bins.js";
import { Fft } from "./fft.js";
import { checkObserved, observedCount } from "./observed.js";
import { checkPositive, checkSpikes, neuronError, rangeError, type Spikes } from "./types.js";

/** How a spectrum is estimated. */
export interface SpectrumOptions {
  /** Length of a segment in ms: the resolution is about 2000 / segment Hz. By default there are eight segments. */
  readonly segment?: number;
  /** Part of a segment that the next one repeats, from 0 to below 1; 0.5 when left out. */
  readonly overlap?: number;
}

/** A one-sided power spectral density. */
export interface Spectrum {
  /** Frequencies in Hz, from 0 to half the sampling rate. */
  readonly frequency: Float64Array;
  /** Power per Hz: the square of the signal's unit per Hz. Its integral is the signal's variance. */
  readonly power: Float64Array;
  /** Number of segments that were averaged. */
  readonly segments: number;
}

/**
 * Power spectrum by Welch's method (IEEE Trans. Audio Electroacoust. 15:70, 1967): overlapping segments, each without
 * its mean and under a Hann window, are transformed and the squares averaged. Segments are filled up with zeros to a
 * power of two. The same numbers as `scipy.signal.welch(x, fs, nperseg=N, nfft=M)`, N and M being the lengths before
 * and after.
 *
 * @param values samples at equal distances
 * @param interval distance of the samples in ms
 * @returns power spectral density at frequencies from 0 on; NaN where a sample is not finite
 * @throws ValueRangeError when there are fewer than 4 samples, or a segment has fewer or more than there are
 */
export function powerSpectrum(values: Float64Array, interval: number, options: SpectrumOptions = {}): Spectrum {
  checkPositive("interval", interval);
  const { overlap = 0.5 } = options;
  if (!(overlap >= 0 && overlap < 1)) throw rangeError("overlap", overlap, "", ">= 0 and < 1");
  const length = segmentLength(values.length, interval, overlap, options.segment);
  const step = Math.max(1, length - Math.floor(overlap * length));
  const fft = new Fft(2 ** Math.ceil(Math.log2(length)));
  const window = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length));
  let norm = 0;
  for (let i = 0; i < length; i++) norm += (window[i] as number) ** 2;

  const half = fft.size / 2;
  const power = new Float64Array(half + 1);
  const re = new Float64Array(fft.size);
  const im = new Float64Array(fft.size);
  let segments = 0;
  for (let first = 0; first + length <= values.length; first += step) {
    let mean = 0;
    for (let i = 0; i < length; i++) mean += (values[first + i] as number) / length;
    re.fill(0);
    im.fill(0);
    for (let i = 0; i < length; i++) re[i] = (window[i] as number) * ((values[first + i] as number) - mean);
    fft.transform(re, im);
    for (let k = 0; k <= half; k++) {
      power[k] = (power[k] as number) + (re[k] as number) ** 2 + (im[k] as number) ** 2;
    }
    segments++;
  }
  const rate = 1000 / interval;
  const frequency = power.map((_, k) => (k * rate) / fft.size);
  for (let k = 0; k <= half; k++) {
    const sides = k === 0 || k === half ? 1 : 2;
    power[k] = (sides * (power[k] as number)) / (segments * rate * norm);
  }
  return { frequency, power, segments };
}

/** Samples in a segment: what was asked for, or as many as make eight segments. */
function segmentLength(samples: number, interval: number, overlap: number, segment: number | undefined): number {
  if (samples < 4) throw rangeError("the number of samples", samples, "", ">= 4");
  if (segment === undefined) return Math.max(4, Math.floor(samples / (1 + 7 * (1 - overlap))));
  const length = Math.round(segment / interval);
  if (!(length >= 4 && length <= samples)) {
    throw rangeError("segment", segment, " ms", `from ${4 * interval} to ${samples * interval} ms`);
  }
  return length;
}

/**
 * Power spectrum of the population rate in Hz per neuron; per observed neuron where the spikes say what was.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @param options the analysed part and its bins (frequencies go up to 500 / bin Hz), and those of `powerSpectrum`
 * @returns power spectral density in Hz^2/Hz; independent Poisson neurons of rate r have 2 r / size at all frequencies
 * @throws ValueRangeError when a neuron index is not below `size`, there are fewer than 4 bins, a segment is longer
 *   than the analysed part, or the spikes say that what is analysed was not observed
 */
export function populationSpectrum(spikes: Spikes, size: number, options: BinOptions & SpectrumOptions): Spectrum {
  checkSpikes(spikes, size);
  const bins = new Bins(options, 4);
  const rate = new Float64Array(bins.count);
  checkObserved(spikes, bins.start, bins.end);
  const seen = observedCount(spikes.observed, size);
  const { times, neurons } = spikes;
  for (let i = 0; i < times.length; i++) {
    const neuron = neurons[i] as number;
    if (neuron >= size) throw neuronError(i, neuron, size);
    const k = bins.at(times[i] as number);
    if (k >= 0) rate[k] = (rate[k] as number) + 1000 / (seen * options.bin);
  }
  return powerSpectrum(rate, options.bin, options);
}

/** The highest point of a spectrum. */
export interface SpectralPeak {
  /** Hz */
  readonly frequency: number;
  /** Power spectral density there. */
  readonly power: number;
}

/**
 * The highest point of a spectrum within a band, refined by a parabola through the logarithms of the three highest
 * samples. The mean of the signal (frequency 0) is no peak.
 *
 * @param spectrum what `powerSpectrum` gives
 * @param band lowest and highest frequency in Hz; all above 0 when left out
 * @returns frequency in Hz and power; NaN for both when nothing in the band has power
 */
export function spectralPeak(
  spectrum: Pick<Spectrum, "frequency" | "power">,
  band: { readonly from?: number; readonly to?: number } = {},
): SpectralPeak {
  const { frequency, power } = spectrum;
  const { from = 0, to = Number.POSITIVE_INFINITY } = band;
  let peak = -1;
  for (let k = 1; k < power.length; k++) {
    const f = frequency[k] as number;
    if (f < from || f > to || !((power[k] as number) > 0)) continue;
    if (peak < 0 || (power[k] as number) > (power[peak] as number)) peak = k;
  }
  if (peak < 0) return { frequency: Number.NaN, power: Number.NaN };
  const [left, top, right] = [peak - 1, peak, peak + 1].map((k) => Math.log(power[k] ?? 0)) as [number, number, number];
  const curvature = left - 2 * top + right;
  const shift = (left - right) / (2 * curvature);
  // At an end of the band or on a plateau the sample itself is the peak.
  if (!(curvature < 0 && Math.abs(shift) <= 0.5)) {
    return { frequency: frequency[peak] as number, power: power[peak] as number };
  }
  const spacing = (frequency[1] as number) - (frequency[0] as number);
  return {
    frequency: (frequency[peak] as number) + shift * spacing,
    power: Math.exp(top - ((left - right) * shift) / 4),
  };
}
