/** Membrane traces of models that reset, with their action potentials drawn in. */
import type { PopulationSpikes, PopulationTrace } from "../analysis/types.js";
import { drawable } from "./path.js";
import { tracesFigure } from "./traces.js";

/** What a figure of membrane potentials shows. */
export interface MembraneOptions {
  /** Recorded variables; the action potentials are drawn into those of `v`. */
  readonly traces: readonly PopulationTrace[];
  /** Spike trains of the populations. */
  readonly spikes: readonly Pick<PopulationSpikes, "name" | "spikes">[];
  /** Length of the axis of time in ms. */
  readonly duration: number;
  /** Start of the axis of time in ms; 0 when left out. */
  readonly start?: number;
  /** Height of the action potentials, in the unit of v; 20 for mV, otherwise the highest sample, when left out. */
  readonly peak?: number;
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of each panel in px; 120 when left out. */
  readonly panelHeight?: number;
  /** Height of the figure in px, which the panels share; by their number when left out. */
  readonly height?: number;
}

const NO_SPIKES: PopulationSpikes["spikes"] = { times: new Float64Array(0), neurons: new Uint32Array(0) };

/** More panels than this make the figure too tall. */
const MAX_PANELS = 12;

/**
 * Traces as SVG, one panel each (of the first twelve neurons), in which a spike is a vertical stroke from the sample
 * before it up to `peak` and down to the sample after it. A model that resets has no action potential in its trace: `v`
 * jumps from the threshold to the reset potential.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when the duration is negative or not finite, or the figure is too small
 */
export function membraneFigure(options: MembraneOptions): string {
  const { traces, spikes, title = "Membrane potential", panelHeight = 120, ...rest } = options;
  const drawn: PopulationTrace[] = [];
  for (const trace of traces) {
    const train = spikes.find(({ name }) => name === trace.population)?.spikes ?? NO_SPIKES;
    const left = MAX_PANELS - drawn.length;
    if (left <= 0) break;
    drawn.push(...(trace.variable === "v" ? withSpikes(trace, train, left, options.peak) : [trace]));
  }
  return tracesFigure({ ...rest, title, panelHeight, panels: "trace", traces: drawn });
}

/** One trace per neuron, of the first `most`, because each has samples of its own at its spikes. */
function withSpikes(
  trace: PopulationTrace,
  spikes: PopulationSpikes["spikes"],
  most: number,
  peak: number | undefined,
): PopulationTrace[] {
  const { time } = trace;
  return Array.from(trace.neurons.slice(0, most), (neuron, position) => {
    const own = spikes.times.filter((_, i) => spikes.neurons[i] === neuron);
    const values = trace.values(position);
    const highest = values.reduce((most, value) => (drawable(value) ? Math.max(most, value) : most), -1e300);
    const top = Math.max(peak ?? (trace.unit === "mV" ? 20 : highest), highest);
    const drawn = insert(time, values, own, top);
    return { ...trace, neurons: Uint32Array.of(neuron), time: drawn.time, values: () => drawn.values };
  });
}

function insert(time: Float64Array, values: Float64Array, spikes: Float64Array, top: number) {
  const n = Math.min(time.length, values.length);
  const outTime = new Float64Array(n + 3 * spikes.length);
  const outValues = new Float64Array(n + 3 * spikes.length);
  let length = 0;
  const put = (t: number, value: number) => {
    outTime[length] = t;
    outValues[length++] = value;
  };
  let s = 0;
  for (let i = 0; i < n; i++) {
    const t = time[i] as number;
    for (; s < spikes.length && (spikes[s] as number) <= t + 1e-9 * Math.abs(t); s++) {
      // Spikes before the first sample belong to no part of the trace.
      if (i === 0) continue;
      const at = Math.min(spikes[s] as number, t);
      put(at, values[i - 1] as number);
      put(at, top);
      put(at, values[i] as number);
    }
    put(t, values[i] as number);
  }
  return { time: outTime.subarray(0, length), values: outValues.subarray(0, length) };
}
