/** Whether two simulations found the same spikes. */

/** Spikes in the order of time: what the recordings of both sides give. */
export interface SpikeTrain {
  readonly times: Float64Array;
  readonly neurons: Uint32Array;
}

/**
 * What a twin promises: `bits` the same spikes in the same steps; `step` the same number of spikes of every neuron,
 * each at most one step apart (an exponential may round its last bit another way); `rate` the same mean rate within 5
 * % (other random numbers).
 */
export type Agreement = "bits" | "step" | "rate";

/** Compares two spike trains of a population; returns what is wrong, or undefined. */
export function disagreement(
  expected: Agreement,
  core: SpikeTrain,
  twin: SpikeTrain,
  { size, dt }: { readonly size: number; readonly dt: number },
): string | undefined {
  const count = core.times.length;
  if (count === 0) return "the core found no spikes";
  if (expected === "rate") {
    const quotient = twin.times.length / count;
    return Math.abs(quotient - 1) < 0.05 ? undefined : `${twin.times.length} spikes instead of about ${count}`;
  }
  if (twin.times.length !== count) return `${twin.times.length} spikes instead of ${count}`;
  const mine = byNeuron(core, size);
  const other = byNeuron(twin, size);
  const slack = expected === "bits" ? 0 : 1;
  // A twin's times are steps times dt as binary numbers, the core's the decimals that are meant.
  const step = (time: number): number => Math.round(time / dt);
  for (let n = 0; n < size; n++) {
    const a = mine[n] as number[];
    const b = other[n] as number[];
    if (a.length !== b.length) return `neuron ${n}: ${b.length} spikes instead of ${a.length}`;
    for (let j = 0; j < a.length; j++) {
      const [t, s] = [a[j] as number, b[j] as number];
      if (Math.abs(step(t) - step(s)) > slack) return `neuron ${n}: a spike at ${s} ms instead of ${t} ms`;
    }
  }
  return undefined;
}

function byNeuron({ times, neurons }: SpikeTrain, size: number): number[][] {
  const lists = Array.from({ length: size }, (): number[] => []);
  for (let i = 0; i < times.length; i++) lists[neurons[i] as number]?.push(times[i] as number);
  return lists;
}
