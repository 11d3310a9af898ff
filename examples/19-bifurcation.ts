/**
 * Where a neuron begins to fire, from its equations: the fixed points and cycles of a model over its input, without a
 * run, and then against runs. The model is text, Morris and Lecar's with the numbers of Rinzel and Ermentrout (in Koch
 * and Segev, Methods in Neuronal Modeling, 1998); with two of its parameters changed it begins to fire in each of three
 * ways. Writes the three bifurcation diagrams to results/examples/.
 *
 *   npx tsx examples/19-bifurcation.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { defineModel } from "spikelet";
import { bifurcationDiagram, bifurcationFigure, fiCurve } from "spikelet/dynamics";

const cell = defineModel({
  name: "morris-lecar",
  current: "uA/cm**2",
  equations: [
    "dv/dt = (I - g_Ca*m_inf*(v - 120*mV) - 8*mS/cm**2*w*(v + 84*mV) - 2*mS/cm**2*(v + 60*mV))/(20*uF/cm**2) : mV",
    "dw/dt = phi*cosh((v - V_3)/(2*V_4))*(w_inf - w) : 1",
    "m_inf = (1 + tanh((v + 1.2*mV)/(18*mV)))/2 : 1",
    "w_inf = (1 + tanh((v - V_3)/V_4))/2 : 1",
  ],
  params: { g_Ca: "4.4 mS/cm**2", V_3: "2 mV", V_4: "30 mV", phi: "0.04/ms" },
  threshold: "v > 0*mV",
  init: { v: "-60*mV", w: "0.015" },
});

const sets = {
  "at a Hopf point": {},
  "on an invariant circle": { g_Ca: 4, V_3: 12, V_4: 17.4, phi: 1 / 15 },
  "at a saddle": { g_Ca: 4, V_3: 12, V_4: 17.4, phi: 0.23 },
};

mkdirSync("results/examples", { recursive: true });
for (const [name, params] of Object.entries(sets)) {
  const diagram = await bifurcationDiagram(cell, { params, from: 0, to: 130 });
  const [branch] = diagram.cycles;
  // the least current at which there are stable cycles
  const firing = branch?.points.filter(({ stable }) => stable).map(({ value }) => value) ?? [];
  const from = Math.min(...firing);
  const rest = diagram.branches
    .flatMap(({ points }) => points)
    .filter(({ stable, state }) => stable && (state.v ?? 0) < -20);
  const until = Math.max(...rest.map(({ value }) => value));
  console.log(`Firing begins ${name}: stable cycles from ${from.toFixed(2)} uA/cm2, rest up to ${until.toFixed(2)}.`);
  const currents = [0.5 * from, until - 0.5, until + 0.5, until + 2, until + 10];
  const { rate } = await fiCurve(cell, { params, currents, duration: 4000, settle: 2000 });
  const list = currents.map((I, k) => `${I.toFixed(1)}: ${(rate[k] as number).toFixed(1)} Hz`);
  console.log(`  from rest, by simulation: ${list.join(", ")}`);
  const svg = bifurcationFigure({ diagram, unit: "mV", title: `Firing begins ${name}` });
  writeFileSync(`results/examples/bifurcation-${name.split(" ").at(-1)}.svg`, svg);
}
console.log("Figures: results/examples/bifurcation-*.svg");
