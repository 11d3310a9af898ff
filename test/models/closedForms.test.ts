/** Results with a closed form, or known to more digits than needed, through whole runs. */
import { describe, expect, it } from "vitest";
import { background, eif, lif, type Population, qif, receptor, rheobase, Simulation } from "../../src/index.js";
import { entryOf, forcedSource, type SpikeEntry, translate } from "../reference/harness.js";

describe("rates without noise", () => {
  it("lif: interspike intervals within a step of the closed form (open-lif-fI)", async () => {
    const entry = entryOf<SpikeEntry & { expected: { I: number; rate_Hz: number }[] }>("closed-forms", "open-lif-fI");
    const { params } = translate(entry);
    const rows = entry.expected;
    for (const dt of [0.1, 0.01]) {
      const simulation = await Simulation.create({ dt });
      const cells = simulation.population("cells", lif, rows.length, {
        params,
        background: [background.constant(rows.map(({ I }) => I))],
      });
      const spikes = simulation.record(cells, "spikes");
      simulation.runSync(1000);
      for (const [i, { rate_Hz }] of rows.entries()) {
        const times = spikes.of(i);
        if (rate_Hz === 0) expect(times.length).toBe(0);
        else expect(times.length).toBeGreaterThan(5);
        for (let k = 1; k < times.length; k++) {
          const interval = (times[k] ?? NaN) - (times[k - 1] ?? NaN);
          expect(Math.abs(interval - 1000 / rate_Hz)).toBeLessThan(dt * (1 + 1e-9));
        }
      }
    }
  });

  it("qif: the period from reset to peak is 2 atan(V_peak / sqrt I) / sqrt I (open-theta-period)", async () => {
    const entry = entryOf<{ expected: { period: Record<string, number> } }>("closed-forms", "open-theta-period");
    const currents = Object.keys(entry.expected.period).map(Number);
    const V_peak = 100;
    const dt = 1e-3;
    const params = { C_m: 1, k: 1, V_r: 0, V_t: 0, V_peak, V_reset: -V_peak };
    for (const method of ["euler", "heun", "rk4"] as const) {
      const simulation = await Simulation.create({ dt });
      const cells = simulation.population("cells", qif, currents.length, {
        method,
        params,
        init: { v: -V_peak },
        background: [background.constant(currents)],
      });
      const spikes = simulation.record(cells, "spikes");
      simulation.runSync(100);
      for (const [i, I] of currents.entries()) {
        const root = Math.sqrt(I);
        const finite = (2 * Math.atan(V_peak / root)) / root;
        const times = spikes.of(i);
        expect(times.length).toBeGreaterThan(2);
        const mean = (times[times.length - 1] ?? NaN) / times.length;
        // One step for the end of the last step before the peak; euler lags in the steep parts of the flight.
        expect(Math.abs(mean - finite)).toBeLessThan(method === "euler" ? 10 * dt : 1.5 * dt);
        // The theta neuron's period is that of a peak at infinity: 2 / V_peak more.
        expect(finite + 2 / V_peak).toBeCloseTo(entry.expected.period[I.toFixed(I < 0.1 ? 2 : 1)] ?? NaN, 4);
      }
    }
  });
});

describe("latency of the first spike (open-claim-latency-wb)", () => {
  interface Reduced {
    readonly C: number;
    readonly gL: number;
    readonly EL: number;
    readonly VT: number;
    readonly DT: number;
    readonly k: number;
    readonly Vr: number;
    readonly Vc: number;
    readonly Vpeak: number;
    readonly Vreset: number;
  }
  interface Latencies {
    readonly I_over_rheo: number;
    readonly target: number;
    readonly LIF: number;
    readonly QIF: number;
    readonly QIF_FT2003: number;
    readonly EIF: number;
  }
  const { expected } = entryOf<{
    expected: {
      rest: number;
      tau_eff: number;
      rheobase_2s: number;
      lif_threshold: number;
      eif: Reduced;
      qif: Reduced;
      latency_ms: Latencies[];
    };
  }>("closed-forms", "open-claim-latency-wb");
  const { rest, eif: e, qif: q, latency_ms: rows } = expected;
  const exponential = { C_m: e.C, g_L: e.gL, E_L: e.EL, V_T: e.VT, Delta_T: e.DT, V_peak: e.Vpeak, V_reset: e.Vr };
  const quadratic = { C_m: q.C, k: q.k, V_r: q.Vr, V_t: q.Vc, V_peak: q.Vpeak, V_reset: q.Vreset };
  // The curvature of the exponential at V_T, the same rest and rheobase; its flight ends at infinity.
  const k = e.gL / (2 * e.DT);
  const width = 2 * Math.sqrt(expected.rheobase_2s / k);
  const sharp = { C_m: 1, k, V_r: rest, V_t: rest + width, V_peak: 5000, V_reset: rest };
  const leaky = { C_m: 1, tau_m: expected.tau_eff, E_L: rest, V_th: expected.lif_threshold, V_reset: rest, t_ref: 0 };

  it("the reduced models have the rheobase of the conductance-based neuron", async () => {
    expect(await rheobase(eif, { params: exponential })).toBeCloseTo(expected.rheobase_2s, 12);
    expect(await rheobase(qif, { params: quadratic })).toBeCloseTo(expected.rheobase_2s, 12);
    expect(await rheobase(qif, { params: sharp })).toBeCloseTo(expected.rheobase_2s, 12);
    expect(await rheobase(lif, { params: leaky })).toBeCloseTo(expected.rheobase_2s, 12);
  });

  it.each(["euler", "heun", "rk4"] as const)(
    "%s: each within 1 %, LIF too early, QIF too late, EIF about right",
    async (method) => {
      const simulation = await Simulation.create({ dt: 0.01 });
      const I = background.constant(rows.map((row) => row.I_over_rheo * expected.rheobase_2s));
      const n = rows.length;
      const built = {
        EIF: simulation.population("EIF", eif, n, { method, params: exponential, background: [I] }),
        QIF: simulation.population("QIF", qif, n, { method, params: quadratic, background: [I] }),
        QIF_FT2003: simulation.population("sharp", qif, n, { method, params: sharp, background: [I] }),
        LIF: simulation.population("LIF", lif, n, { method, params: leaky, background: [I] }),
      };
      const recorded = Object.entries(built).map(
        ([name, population]) =>
          [name as keyof typeof built, simulation.record(population as Population, "spikes")] as const,
      );
      simulation.runSync(400);
      for (const [i, row] of rows.entries()) {
        const latency = Object.fromEntries(recorded.map(([name, spikes]) => [name, spikes.of(i)[0] ?? NaN]));
        for (const [name] of recorded) {
          const error = Math.abs((latency[name] ?? NaN) / row[name] - 1);
          // The quadratic neuron's unbounded flight is one that euler cannot follow.
          expect(error, `${name} at ${row.I_over_rheo}`).toBeLessThan(
            name === "QIF_FT2003" && method === "euler" ? 0.02 : 0.01,
          );
        }
        expect((latency.LIF ?? NaN) / row.target).toBeLessThan(0.26);
        expect((latency.QIF ?? NaN) / row.target).toBeGreaterThan(1.45);
        expect((latency.EIF ?? NaN) / row.target).toBeGreaterThan(0.89);
        expect((latency.EIF ?? NaN) / row.target).toBeLessThan(0.96);
      }
    },
  );
});

describe("postsynaptic potentials", () => {
  const entry = entryOf<{
    params: { taum: number; taus: number; C: number; w: number };
    expected: { t_peak_ms: number; V_peak_mV: number };
  }>("closed-forms", "open-psp-exp");
  const { taum, taus, C, w } = entry.params;
  const rest = { C_m: C, tau_m: taum, E_L: 0, V_th: 100, V_reset: -1 };
  /** The potential at a time after the arrival of a current of peak w. */
  const potential = (tau: number, t: number): number => {
    const rate = 1 / taum - 1 / tau;
    const overlap = Math.abs(rate * t) < 1e-9 ? t * (1 - (rate * t) / 2) : -Math.expm1(-rate * t) / rate;
    return (w / C) * Math.exp(-t / tau) * overlap;
  };

  it("exact: current of an exponential receptor at any dt, its peak where it belongs (open-psp-exp)", async () => {
    const { t_peak_ms, V_peak_mV } = entry.expected;
    // The peak lies on each of these grids; the spike comes in the first step and takes two steps to arrive.
    for (const parts of [2, 16, 200]) {
      const dt = t_peak_ms / parts;
      const simulation = await Simulation.create({ dt });
      const source = forcedSource(simulation, [0], 10);
      const cell = simulation.population("cell", lif, 1, {
        params: rest,
        receptors: { syn: receptor.exponential({ tau: taus }) },
      });
      simulation.connect(source, cell, { rule: "allToAll", weight: w, delay: 2 * dt });
      const v = simulation.record(cell, "v");
      simulation.runSync(10 * t_peak_ms);
      const trace = v.values(0);
      for (const [step, x] of trace.entries()) {
        const t = Math.max(0, step - 3) * dt;
        expect(Math.abs(x - potential(taus, t))).toBeLessThan(1e-13);
      }
      const peak = trace.indexOf(Math.max(...trace));
      expect(peak).toBe(parts + 3);
      expect(Math.abs((trace[peak] ?? NaN) - V_peak_mV)).toBeLessThan(1e-13);
    }
  });

  it("euler: the peak within 2 % at dt = tau / 20 (open-psp-exp)", async () => {
    const dt = taus / 20;
    const simulation = await Simulation.create({ dt });
    const cell = simulation.population("cell", lif, 1, {
      method: "euler",
      params: rest,
      receptors: { syn: receptor.exponential({ tau: taus }) },
      init: { i_syn: w },
    });
    const v = simulation.record(cell, "v");
    simulation.runSync(10);
    const peak = Math.max(...v.values(0));
    expect(Math.abs(peak / entry.expected.V_peak_mV - 1)).toBeLessThan(0.02);
    expect(Math.abs(peak / entry.expected.V_peak_mV - 1)).toBeGreaterThan(1e-4);
  });

  it("equal and nearly equal time constants of receptor and membrane give no NaN and no loss of digits", async () => {
    const distances = [0, 1e-16, 1e-14, 1e-12, 1e-9, 1e-6, 1e-4, 1e-2, -1e-15, -1e-10, -1e-3];
    const dt = 0.1;
    const simulation = await Simulation.create({ dt });
    const built = distances.map((distance) => {
      const tau = taum * (1 + distance);
      const cell = simulation.population(`at ${distance}`, lif, 1, {
        params: rest,
        receptors: { syn: receptor.exponential({ tau }) },
        init: { i_syn: w },
      });
      return { tau, v: simulation.record(cell, "v") };
    });
    simulation.runSync(50);
    for (const { tau, v } of built) {
      for (const [step, x] of v.values(0).entries()) {
        expect(Math.abs(x - potential(tau, step * dt))).toBeLessThan(1e-12);
      }
    }
  });

  it("rk4: conductance of an exponential receptor to 1e-6 (open-coba-epsp)", async () => {
    const { params, expected } = entryOf<{
      params: { taum: number; EL: number; E: number; taus: number; g_over_gL: number };
      expected: { t_peak_ms: number; dV_peak_mV: number; V_end: number };
    }>("closed-forms", "open-coba-epsp");
    const dt = 0.01;
    const g_L = 10;
    const simulation = await Simulation.create({ dt });
    const source = forcedSource(simulation, [0], 10);
    const cell = simulation.population("cell", lif, 1, {
      method: "rk4",
      params: { C_m: g_L * params.taum, tau_m: params.taum, E_L: params.EL, V_th: 0, V_reset: params.EL },
      receptors: { syn: receptor.exponential({ tau: params.taus, E_rev: params.E }) },
    });
    simulation.connect(source, cell, { rule: "allToAll", weight: params.g_over_gL * g_L });
    const v = simulation.record(cell, "v");
    simulation.runSync(60 + 2 * dt);
    const trace = v.values(0).slice(2);
    const peak = trace.indexOf(Math.max(...trace));
    expect(Math.abs(peak * dt - expected.t_peak_ms)).toBeLessThan(dt);
    // The top is flat: half a step beside it is 1e-7 mV lower.
    expect(Math.abs((trace[peak] ?? NaN) - params.EL - expected.dV_peak_mV)).toBeLessThan(1e-6);
    expect(Math.abs((trace[6000] ?? NaN) - expected.V_end)).toBeLessThan(1e-9);
  });

  it("a delta receptor lifts v by the weight at the end of the step of arrival", async () => {
    const dt = 0.1;
    const simulation = await Simulation.create({ dt });
    const source = forcedSource(simulation, [4], 20);
    const cell = simulation.population("cell", lif, 1, { params: rest, receptors: { jump: receptor.delta() } });
    simulation.connect(source, cell, { rule: "allToAll", weight: 3.5, delay: 0.7 });
    const v = simulation.record(cell, "v");
    simulation.runSync(2);
    for (const [step, x] of v.values(0).entries()) {
      expect(x).toBeCloseTo(step < 12 ? 0 : 3.5 * Math.exp((-dt * (step - 12)) / taum), 13);
    }
  });
});
