/** Membrane models: a spike is a crossing that happens, whatever is set between the steps. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { background, type ModelRecord, models, type Population, Simulation } from "../../src/index.js";
import { parameters } from "../contract/dynamics.js";

const membrane = (Object.values(models) as readonly ModelRecord[]).filter((model) => model.family === "membrane");

describe.each(membrane.map((model) => [model.id, model] as const))("%s", (_id, model) => {
  const level = model.params.V_th?.default ?? NaN;
  const span = model.id === "fitzhughNagumo" ? 1 : 20;

  it("does not fire when V_th passes v downwards, nor when it comes back", async () => {
    const simulation = await Simulation.create({ dt: 0.025 });
    // Held below rest: traubMiles fires by itself.
    const cells = simulation.population("cells", model, 20, {
      background: [background.constant(-0.2 * (model.example?.current ?? NaN))],
    }) as unknown as Population;
    const spikes = simulation.record(cells, "spikes");
    simulation.runSync(5);
    const v = cells.state("v")[0] ?? NaN;
    const before = spikes.count;
    cells.set({ V_th: v - span });
    simulation.runSync(5);
    cells.set({ V_th: level });
    simulation.runSync(5);
    cells.set({ V_th: Array.from({ length: 20 }, (_, i) => v - (i / 20) * span) });
    simulation.runSync(5);
    expect(spikes.count).toBe(before);
  });

  it("fires where a detector that is told all lines and potentials says so", async () => {
    const change = fc.record({
      steps: fc.integer({ min: 1, max: 60 }),
      what: fc.constantFrom("V_th", "hysteresis", "both", "v", "same v", "another", "nothing"),
      up: fc.double({ min: -2, max: 3, noNaN: true }),
      depth: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    let fired = 0;
    const [another] = Object.keys(model.params) as [string];
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 5, maxLength: 25 }), async (changes) => {
        const dt = model.id === "fitzhughNagumo" || model.id === "morrisLecar" ? 0.5 : 0.05;
        const drive = 1.5 * (model.example?.current ?? NaN);
        const simulation = await Simulation.create({ dt });
        const size = 3;
        const cells = simulation.population("cells", model, size, {
          background: [background.constant([drive, 1.2 * drive, 0])],
        }) as unknown as Population;
        const spikes = simulation.record(cells, "spikes");
        simulation.build();
        const defaults = parameters(model);
        let line = defaults.V_th ?? NaN;
        let depth = defaults.hysteresis ?? NaN;
        const armed = [...cells.state("v")].map((v) => v < line);
        const wanted: string[] = [];
        let step = 0;
        for (const { steps, what, up, depth: deep } of changes) {
          const before = cells.state("v");
          if (what === "V_th" || what === "both") line = level + up * span;
          if (what === "hysteresis" || what === "both") depth = deep * span;
          if (what === "another") cells.set({ [another]: defaults[another] ?? 1 } as never);
          if (what === "V_th") cells.set({ V_th: line });
          if (what === "hysteresis") cells.set({ hysteresis: depth });
          if (what === "both") cells.set({ V_th: line, hysteresis: depth });
          if (what === "v") cells.setState("v", before.map((x, i) => (i === 1 ? level + up * span : x)));
          if (what === "same v") cells.setState("v", before);
          for (const [i, v] of cells.state("v").entries()) {
            // Put elsewhere a neuron starts anew; else only a line may have moved.
            if (v !== before[i]) armed[i] = v < line;
            else armed[i] = v < line && (armed[i] === true || v < line - depth);
          }
          for (let k = 0; k < steps; k++) {
            simulation.runSync(dt);
            step++;
            for (const [i, v] of cells.state("v").entries()) {
              if (v >= line && armed[i]) wanted.push(`${step}: ${i}`);
              armed[i] = (armed[i] === true && v < line) || v < line - depth;
            }
          }
        }
        expect(Array.from(spikes.times, (t, j) => `${Math.round(t / dt)}: ${spikes.neurons[j]}`)).toEqual(wanted);
        fired += wanted.length;
      }),
      { numRuns: 12 },
    );
    expect(fired).toBeGreaterThan(10);
  });
});
