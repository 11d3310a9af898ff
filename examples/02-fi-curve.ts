/**
 * f-I curves: the firing rate as a function of a constant current, many currents at once.
 *
 * Shows: one population in which every neuron has a current of its own; the rheobase.
 * - lif has a closed form, f = 1 / (t_ref + tau_m ln((D - V_reset) / (D - V_th))) with D = E_L + I tau_m / C_m.
 *   A spike is found at the end of its step, so an interval is the exact one rounded up to a multiple of dt.
 * - adex has a closed form for the current at which rest becomes unstable (Touboul & Brette 2008): below it the neuron
 *   falls silent, above it it keeps firing. A step of current makes one spike earlier, because w lags behind: that is
 *   the rheobase.
 *
 *   npx tsx examples/02-fi-curve.ts
 */
import { adex, background, lif, rheobase, Simulation } from "spikelet";

const dt = 0.05;
const duration = 4000; // ms; rates are taken from the last three quarters
const from = duration / 4;
const fractions = [0.98, 1.02, 1.1, 1.25, 1.5, 2, 3, 4];

/** Rate of lif in Hz by the closed form, default parameters. */
function lifRate(current: number): number {
  const { tau_m, C_m, E_L, V_th, V_reset, t_ref } = lif.params;
  const drive = E_L.default + (current * tau_m.default) / C_m.default;
  if (drive <= V_th.default) return 0;
  const climb = tau_m.default * Math.log((drive - V_reset.default) / (drive - V_th.default));
  return 1000 / (t_ref.default + climb);
}

/** Current in pA at which the rest of adex becomes unstable (a Hopf bifurcation), default parameters. */
function adexOnset(): number {
  const { C_m, g_L, E_L, V_T, Delta_T, a, tau_w } = adex.params;
  const ratio = C_m.default / g_L.default / tau_w.default;
  const height = V_T.default - E_L.default - Delta_T.default + Delta_T.default * Math.log(1 + ratio);
  return (g_L.default + a.default) * height + Delta_T.default * (a.default - g_L.default * ratio);
}

/** Rate in Hz from the mean interval between one neuron's spikes. */
function rate(times: Float64Array): number {
  const n = times.length;
  return n < 2 ? 0 : (1000 * (n - 1)) / ((times[n - 1] as number) - (times[0] as number));
}

const lifOnset = await rheobase(lif); // (V_th - E_L) C_m / tau_m
const lifCurrents = fractions.map((f) => f * lifOnset);
const adexCurrents = fractions.map((f) => f * adexOnset());

const sim = await Simulation.create({ dt });
const lifs = sim.population("lif", lif, fractions.length, { background: [background.constant(lifCurrents)] });
const adexs = sim.population("adex", adex, fractions.length, {
  method: "rk4",
  background: [background.constant(adexCurrents)],
});
const lifSpikes = sim.record(lifs, "spikes", { from });
const adexSpikes = sim.record(adexs, "spikes", { from });
await sim.run(duration);

console.log(`lif:  rheobase ${lifOnset.toFixed(2)} pA`);
console.log(`adex: rheobase ${(await rheobase(adex)).toFixed(2)} pA, keeps firing from ${adexOnset().toFixed(2)} pA\n`);
console.log("I / onset    lif Hz   closed form   difference   adex Hz");
for (const [i, fraction] of fractions.entries()) {
  const measured = rate(lifSpikes.of(i));
  const exact = lifRate(lifCurrents[i] as number);
  const difference = exact === 0 ? measured : measured / exact - 1;
  if (Math.abs(difference) > 0.01) throw new Error("lif does not follow its closed form");
  const adexRate = rate(adexSpikes.of(i));
  if (adexRate > 0 !== fraction > 1) throw new Error("adex does not start to fire where its closed form says");
  const cells = [
    fraction.toFixed(2).padStart(9),
    measured.toFixed(2).padStart(9),
    exact.toFixed(2).padStart(13),
    `${(100 * difference).toFixed(2)} %`.padStart(12),
    adexRate.toFixed(2).padStart(9),
  ];
  console.log(cells.join(" "));
}
