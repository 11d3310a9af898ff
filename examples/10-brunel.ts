/**
 * Brunel's network (J. Comput. Neurosci. 8:183, 2000): sparsely connected excitatory and inhibitory integrate-and-fire
 * neurons under Poisson input, in the four states of its figure 8. g is the strength of the inhibition relative to the
 * excitation, the external rate is given in units of the rate that brings a neuron to threshold by itself.
 *
 * The network has 4000 + 1000 neurons instead of 10000 + 2500. The connection probability stays 0.1, so a neuron has
 * 400 excitatory inputs instead of 1000, and the weight is 0.25 mV instead of 0.1 mV: the mean input is the same, its
 * variance is 2.5 times as large. The states stay what they are. What changes: single neurons fire more irregularly
 * (CV of B, C, D 0.82, 0.41, 0.41 at full size), most where they are driven by fluctuations alone (D: 6 Hz at full
 * size); the oscillations of B and C are slower (177 and 144 Hz).
 *
 * `FULL` in the environment runs the paper's size (16 million synapses; about half a minute).
 *
 *   npx tsx examples/10-brunel.ts
 */
import { background, lif, meanCv, populationSpectrum, receptor, Simulation } from "spikelet";
import { spectralPeak, spikeSynchrony } from "spikelet";

const full = process.env.FULL !== undefined;
const N = full ? 10000 : 4000;
const C = N / 10; // excitatory inputs of a neuron
const J = 100 / C; // mV
const theta = 20; // mV above rest
const tau_m = 20;
const [warmUp, duration] = [200, 500];

interface State {
  readonly name: string;
  readonly g: number;
  /** External rate over the threshold rate. */
  readonly external: number;
}

const states: State[] = [
  { name: "A  synchronous regular", g: 3, external: 2 },
  { name: "B  fast oscillation, irregular", g: 6, external: 4 },
  { name: "C  asynchronous irregular", g: 5, external: 2 },
  { name: "D  slow oscillation, irregular", g: 4.5, external: 0.9 },
];

async function run({ g, external }: State): Promise<string[]> {
  const sim = await Simulation.create({ dt: 0.1, seed: 11 });
  // Events per second of all external inputs of a neuron: at the threshold rate they bring v to theta on average.
  const rate = (1000 * external * theta) / (J * tau_m);
  const options = {
    params: { tau_m, E_L: 0, V_th: theta, V_reset: 10, t_ref: 2 },
    init: { v: { uniform: [0, theta] } },
    receptors: { jump: receptor.delta() },
    background: [background.poisson({ rate, weight: J })],
  } as const;
  const exc = sim.population("exc", lif, N, options);
  const inh = sim.population("inh", lif, N / 4, options);
  for (const target of [exc, inh]) {
    sim.connect(exc, target, { rule: "fixedIndegree", k: C, weight: J, delay: 1.5 });
    sim.connect(inh, target, { rule: "fixedIndegree", k: C / 4, weight: -g * J, delay: 1.5 });
  }
  const spikes = sim.record(exc, "spikes", { from: warmUp });
  const report = await sim.run(warmUp + duration);
  const bins = { duration, start: warmUp };
  const spectrum = populationSpectrum(spikes, exc.size, { ...bins, bin: 0.5, segment: 250 });
  const peak = spectralPeak(spectrum, { from: 10, to: 500 });
  return [
    spikes.rate().toFixed(1).padStart(9),
    meanCv(spikes, exc.size).toFixed(2).padStart(7),
    spikeSynchrony(spikes, exc.size, { ...bins, bin: 1 }).toFixed(2).padStart(11),
    `${peak.frequency.toFixed(0)} Hz`.padStart(13),
    `${(report.wallMs.simulate / 1000).toFixed(1)} s`.padStart(10),
  ];
}

console.log(`${N} + ${N / 4} neurons, ${C} + ${C / 4} inputs each, weight ${J} mV, ${warmUp} + ${duration} ms\n`);
console.log("                                  g   external   rate Hz     CV   synchrony   oscillation   computing");
for (const state of states) {
  const cells = await run(state);
  const given = `${state.g.toFixed(1).padStart(3)} ${state.external.toFixed(1).padStart(10)}`;
  console.log(`${state.name.padEnd(31)} ${given} ${cells.join(" ")}`);
}
