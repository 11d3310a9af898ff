import type { Spikes } from "../../src/analysis/index.js";

/** A small random generator, the same numbers in every test run (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Spikes from pairs, put in order of time. */
export function train(pairs: readonly (readonly [time: number, neuron: number])[]): Spikes {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return {
    times: Float64Array.from(sorted, ([time]) => time),
    neurons: Uint32Array.from(sorted, ([, neuron]) => neuron),
  };
}

/** A Poisson process of `rate` Hz in each neuron. */
export function poisson(size: number, rate: number, duration: number, seed = 1): Spikes {
  const next = random(seed);
  const spikes: [number, number][] = [];
  for (let neuron = 0; neuron < size; neuron++) {
    let time = 0;
    for (;;) {
      time -= (1000 / rate) * Math.log(1 - next());
      if (time > duration) break;
      spikes.push([time, neuron]);
    }
  }
  return train(spikes);
}

/** Every neuron spikes with the same period, shifted by its index. */
export function regular(size: number, period: number, duration: number): Spikes {
  const spikes: [number, number][] = [];
  for (let neuron = 0; neuron < size; neuron++) {
    for (let k = 1; k * period + neuron <= duration; k++) spikes.push([k * period + neuron, neuron]);
  }
  return train(spikes);
}

export const NO_SPIKES: Spikes = { times: new Float64Array(0), neurons: new Uint32Array(0) };

/** A derivative. */
export type F = (v: number, w: number) => number;

/** A field on a square grid. */
export function field(f: F, g: F, [low, high]: readonly [number, number], points: number) {
  const v = Float64Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
  const at = (i: number) => v[i] as number;
  const on = (h: F) =>
    Float64Array.from({ length: points * points }, (_, k) => h(at(k % points), at(Math.floor(k / points))));
  return { v, w: v, dv: on(f), dw: on(g) };
}
