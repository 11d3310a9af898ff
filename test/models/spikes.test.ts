/** Spike times of single neurons against reference solutions of their equations. */
import { beforeAll, describe, expect, it } from "vitest";
import { InstabilityError, models, Simulation } from "../../src/index.js";
import {
  load,
  METHOD_OF,
  type NaiveError,
  populationOf,
  type Run,
  type SpikeEntry,
  spikeTimes,
  translate,
} from "../reference/harness.js";

const entries = load<SpikeEntry>("spike-times");

/** Judged by what a plain implementation of the same scheme makes at the same dt. */
interface Case extends Run {
  readonly naive: NaiveError;
}

function casesOf(entry: SpikeEntry): Case[] {
  const cases: Case[] = [];
  for (const [scheme, byStep] of Object.entries(entry.tolerance.naive_fixed_step_errors ?? {})) {
    const method = METHOD_OF[scheme];
    if (method === undefined) throw new RangeError(`${entry.id}: unknown scheme ${scheme}`);
    for (const [step, naive] of Object.entries(byStep)) {
      const dt = Number(step);
      cases.push({ name: `${entry.id} ${method} ${dt}`, entry, method, dt, naive });
      const { model, params } = translate(entry);
      if (model === models.adex && params.a === 0 && params.b === 0) {
        // Without adaptation it is the exponential integrate-and-fire neuron.
        const { a: _a, b: _b, tau_w: _w, ...rest } = params;
        cases.push({
          name: `${entry.id} as eif ${method} ${dt}`,
          entry: { ...entry, init: entry.init?.slice(0, 1) ?? [] },
          method,
          dt,
          naive,
          as: { model: models.eif, params: rest },
        });
      }
    }
  }
  return cases;
}

describe("fixed steps", () => {
  const all = entries.flatMap(casesOf);
  const bounded = all.filter(({ naive }) => naive.bounded);
  let trains = new Map<string, Float64Array>();

  beforeAll(async () => {
    trains = await spikeTimes(bounded);
  });

  it("cover every entry that lists errors", () => {
    expect(new Set(all.map(({ entry }) => entry.id)).size).toBe(29);
    expect(bounded.length).toBeGreaterThan(100);
  });

  it.each(bounded.map((test) => [test.name, test] as const))("%s", (name, { entry, dt, naive }) => {
    const times = trains.get(name) ?? expect.fail("no spikes");
    const reference = entry.expected.spike_times_ms ?? [];
    const count = entry.expected.n_spikes ?? NaN;
    // A chaotic train has no count to hit: only its first spikes are a target.
    const chaotic = entry.expected.valid_spikes !== count;
    if (!chaotic) expect(Math.abs(times.length - count)).toBeLessThanOrEqual(Math.abs(naive.n - count));
    const valid = Math.min(entry.expected.valid_spikes ?? 0, times.length);
    expect(valid).toBeGreaterThan(0);
    for (let k = 0; k < valid; k++) {
      const error = Math.abs((times[k] ?? NaN) - (reference[k] ?? NaN));
      expect(error, `spike ${k}`).toBeLessThanOrEqual(2 * naive.max_err_ms + dt);
    }
  });

  const unbounded = all.filter(({ naive }) => !naive.bounded);
  it.each(unbounded.map((test) => [test.name, test] as const))("%s is refused by the check", async (_name, test) => {
    const simulation = await Simulation.create({ dt: test.dt });
    populationOf(simulation, test.entry, "cell", test.method);
    const codes = simulation.check().filter(({ level }) => level === "error");
    expect(codes.map(({ code }) => code)).toEqual(["dt-above-method-limit"]);
    expect(codes[0]?.limit).toBeLessThan(test.dt);
  });
});

describe("the exact method", () => {
  const leaky = entries.filter((entry) => entry.model === "LIF");
  it.each(leaky.flatMap((entry) => [0.1, 0.05, 0.01].map((dt) => [entry.id, dt, entry] as const)))(
    "%s at %d ms: spike k within (k + 2) dt",
    async (id, dt, entry) => {
      const times = (await spikeTimes([{ name: id, entry, method: "exact", dt }])).get(id) ?? expect.fail(id);
      const reference = entry.expected.spike_times_ms ?? [];
      expect(times.length).toBe(reference.length);
      for (const [k, t] of times.entries()) {
        expect(Math.abs(t - (reference[k] ?? NaN)), `spike ${k}`).toBeLessThan((k + 2) * dt);
      }
    },
  );
});

describe("Izhikevich 2003: the published scheme", () => {
  const published = entries.filter((entry) => entry.expected.izh2003_spike_times_ms !== undefined);
  it("is given for the seven kinds of neurons", () => {
    expect(published.length).toBe(7);
  });

  it.each(published.map((entry) => [entry.id, entry] as const))("%s", async (id, entry) => {
    const { T_ms } = entry.protocol;
    const times = (await spikeTimes([{ name: id, entry, method: "halfStep", dt: 1 }])).get(id) ?? expect.fail(id);
    // The script looks for spikes at the start of a step: it never sees the one that its last step ends with.
    const seen = Array.from(times).filter((t) => t < T_ms);
    expect(seen).toEqual(entry.expected.izh2003_spike_times_ms);
    expect(seen.length).toBe(entry.expected.scheme_counts?.["izh2003_2x0.5ms"]);
  });
});

describe("Izhikevich 2004: the patterns of the equations", () => {
  const patterns = entries.filter((entry) => entry.id.startsWith("open-izh2004"));
  const finite = patterns.filter((entry) => entry.expected.ode_diverges !== true);
  /** A spike is found up to a step late, and the delays add up along the train: so many steps per spike. */
  const LATE = 6;
  /** 0.001 ms, or less where the last spike is so close to the end of the run that it would be lost at that step. */
  const fine = (entry: SpikeEntry): number => {
    const times = entry.expected.spike_times_ms ?? [];
    const margin = entry.protocol.T_ms - (times[times.length - 1] ?? NaN);
    return margin > LATE * times.length * 0.001 ? 0.001 : 0.0002;
  };
  const all = finite.flatMap((entry) =>
    (["euler", "heun", "rk4"] as const).flatMap((method): Run[] => {
      const steps = fine(entry) === 0.001 ? [0.01, 0.001] : [0.0002];
      return steps.map((dt) => ({ name: `${entry.id} ${method} ${dt}`, entry, method, dt }));
    }),
  );
  let trains = new Map<string, Float64Array>();
  beforeAll(async () => {
    trains = await spikeTimes(all);
  });

  it("are all there", () => {
    expect(finite.length).toBe(9);
    expect(all.length).toBe(51);
  });

  it.each(all.map((run) => [run.name, run] as const))("%s", (name, { entry, dt }) => {
    const times = trains.get(name) ?? expect.fail(name);
    const reference = entry.expected.spike_times_ms ?? [];
    expect(times.length).toBe(entry.expected.n_ode);
    for (const [k, t] of times.entries()) {
      expect(Math.abs(t - (reference[k] ?? NaN)), `spike ${k}`).toBeLessThan(LATE * (k + 1) * dt);
    }
  });

  const divergent = patterns.filter((entry) => entry.expected.ode_diverges === true);
  const attempts = divergent.flatMap((entry) =>
    (["euler", "heun", "rk4", "halfStep"] as const).flatMap((method) =>
      [0.5, 0.1, 0.01].map((dt) => [entry.id, method, dt, entry] as const),
    ),
  );
  it.each(attempts)("%s (a < 0: no bounded solution) is flagged: %s at %d ms", async (_id, method, dt, entry) => {
    const simulation = await Simulation.create({ dt });
    populationOf(simulation, entry, "cell", method);
    try {
      const { findings } = simulation.runSync(entry.protocol.T_ms);
      expect(findings.map(({ code }) => code)).toContain("seizure");
    } catch (error) {
      expect(error).toBeInstanceOf(InstabilityError);
    }
  });
});
