/** What to try with each model, and currents and starts with which presets show what they are named for. */
import type { Entry } from "./neuron.js";

export const ADVICE: Readonly<Record<string, string>> = {
  lif: "Turn the amplitude down to 375 pA, the rheobase: below it the potential only comes near the threshold. Then make t_ref longer and see how it limits the rate.",
  adaptiveLif:
    "Watch w step up at each spike and hold the neuron back: the intervals grow. Set b to 0, and they are all the same.",
  qif: "The spike takes off by itself: there is no sharp threshold. Just above the rheobase the potential lingers before it does.",
  eif: "Make Delta_T smaller: the onset of the spike gets sharper, until the neuron is a leaky one with a threshold at V_T.",
  adex: "Go through the presets: the same two equations adapt, burst, start late or fire irregularly. In the phase plane a spike moves the point up by b.",
  izhikevich:
    "Go through the presets. In the phase plane look where the reset puts the point: inside the parabola it fires on in a burst, outside it recovers first.",
  fitzhughNagumo:
    "Raise the amplitude slowly from 0: near 0.33 the equilibrium loses its stability and firing begins, near 1.42 it ends again.",
  morrisLecar:
    "Compare the presets: with hopf firing begins at a finite rate, with snic as slowly as you like. The f-I curve shows both.",
  hodgkinHuxley:
    "Between about 6 and 10 uA/cm2 the neuron can rest or fire: where it starts decides. Take a ramp, and see that it begins later than a step. Then try rk4 at dt = 0.1.",
  traubMiles: "Compare it with the squid axon: it fires faster and from lower currents on. Make phi smaller: a colder cell is slower.",
};

/** Currents, and states at time 0 where the model's own start will not do. */
export interface Shown {
  readonly background: readonly Entry[];
  readonly init?: Readonly<Record<string, number>>;
}

const constant = (amplitude: number): Shown => ({ background: [{ kind: "constant", amplitude }] });
const ramp = (from: number, to: number, end: number): Shown => ({
  background: [{ kind: "ramp", start: 0, end, from, to }],
});
const pulse = (amplitude: number, width: number, more: Readonly<Record<string, number>> = {}): Entry => ({
  kind: "pulses",
  amplitude,
  start: 20,
  width,
  ...more,
});
const pulses = (...background: readonly Entry[]): Shown => ({ background });

/** By model and preset. */
export const SHOWN: Readonly<Record<string, Readonly<Record<string, Shown>>>> = {
  izhikevich: {
    TC: constant(3),
    RZ: constant(0.5),
    tonicSpiking: constant(14),
    phasicSpiking: constant(0.5),
    tonicBursting: constant(15),
    phasicBursting: constant(0.6),
    spikeFreqAdapt: constant(30),
    class1: ramp(0, 38, 500),
    class2: ramp(-0.5, 7, 500),
    spikeLatency: pulses(pulse(7.04, 3)),
    subthreshOsc: pulses(pulse(2, 5)),
    resonator: pulses(
      pulse(0.65, 4, { start: 40, period: 40, count: 2 }),
      pulse(0.65, 4, { start: 240, period: 20, count: 2 }),
    ),
    integrator: pulses(pulse(9, 2, { period: 5, count: 2 })),
    reboundSpike: pulses(pulse(-15, 5)),
    reboundBurst: pulses(pulse(-15, 5)),
    thresholdVariability: pulses(
      pulse(1, 5, { start: 10 }),
      pulse(-6, 5, { start: 70 }),
      pulse(1, 5, { start: 80 }),
    ),
    bistability: {
      background: [{ kind: "constant", amplitude: 0.24 }, pulse(1, 5, { start: 37 })],
      init: { v: -61, u: -15.86 },
    },
    DAP: pulses(pulse(20, 2)),
    accommodation: pulses(
      { kind: "ramp", start: 0, end: 200, from: 0, to: 8, stop: 200 },
      { kind: "ramp", start: 300, end: 312.5, from: 0, to: 4, stop: 312.5 },
    ),
    inhibitionSpiking: {
      background: [{ kind: "constant", amplitude: 80 }, pulse(-5, 200, { start: 50 })],
      init: { v: -63.8, u: 63.8 },
    },
    inhibitionBursting: { ...constant(80), init: { v: -63.8, u: 63.8 } },
  },
  morrisLecar: { snic: constant(45), homoclinic: constant(45) },
};
