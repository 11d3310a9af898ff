/** Ways to run the same network that must give the same bits. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BACKGROUND, RULE } from "../../src/core/abi.js";
import { models, type Progress, Simulation, sources } from "../../src/index.js";
import { timeOf } from "../../src/model/grid.js";
import { METHODS } from "../../src/model/record.js";
import { cases } from "../cases.js";
import { fingerprint, holds, type Loose, networks, recordAll, run, SEED, spikeCount, stateHashes } from "./networks.js";

describe("one network, many ways to run it", () => {
  it("the random networks do something: most fire, every model and kind of current occurs", async () => {
    const seen = new Set<string>();
    for (const document of fc.sample(networks, { seed: SEED, numRuns: 600 })) {
      for (const p of document.populations) {
        seen.add(p.model).add(p.method ?? "source");
        for (const b of p.background ?? []) seen.add(b.kind).add("neurons" in b || "stop" in b ? "scope" : "all");
        for (const r of Object.values<Loose>(p.receptors ?? {})) seen.add(`${r.kernel} ${"E_rev" in r}`);
      }
      for (const p of document.projections) {
        seen.add(p.gapJunction ? "gap" : p.rule);
        if (p.plasticity) seen.add(p.plasticity.kind);
        for (const key of ["shortTerm", "release", "scaling"]) if (p[key]) seen.add(key);
      }
    }
    // No random network has a list of pairs.
    const kernels = ["exponential", "alpha", "dualExponential", "step"].flatMap((k) => [`${k} true`, `${k} false`]);
    const expected = new Set([
      ...[...Object.keys(models), ...Object.keys(sources), "source"],
      ...METHODS.filter((method) => method !== "eventDriven"),
      ...[...Object.keys(BACKGROUND), "all", "scope"],
      ...[...kernels, "delta false", "nmda false"],
      ...[...Object.keys(RULE).filter((rule) => rule !== "list"), "gap"],
      ...["stdp", "tripletStdp", "inhibitoryStdp", "shortTerm", "release", "scaling"],
    ]);
    expect([...seen].sort()).toEqual([...expected].sort());
    let fired = 0;
    await holds(
      fc.asyncProperty(networks, async (document) => {
        if (spikeCount(await run(document)) > 0) fired++;
      }),
      60,
    );
    expect(fired).toBeGreaterThan(cases(36));
  });

  it("the same seed gives the same bits, another seed other bits where anything is drawn", async () => {
    let drawn = 0;
    await holds(
      fc.asyncProperty(networks, async (document) => {
        const first = fingerprint(await run(document));
        expect(fingerprint(await run(document))).toEqual(first);
        const noisy = document.populations.some((p: Loose) =>
          p.background?.some((b: Loose) => ["whiteNoise", "ornsteinUhlenbeck"].includes(b.kind)),
        );
        const other = fingerprint(await run({ ...document, seed: document.seed + 1 }));
        if (noisy) {
          drawn++;
          expect(other).not.toEqual(first);
        }
      }),
      25,
    );
    expect(drawn).toBeGreaterThan(cases(6));
  });

  it("run(a) then run(b) equals run(a + b), with every trace", async () => {
    await holds(
      fc.asyncProperty(
        networks,
        fc.array(fc.integer({ min: 0, max: 160 }), { maxLength: 5 }),
        async (document, cuts) => {
          const whole = fingerprint(await run(document));
          const pieces = await Simulation.fromDocument(document);
          let left = 400;
          for (const steps of cuts) {
            const part = Math.min(steps, left);
            await pieces.run(part * document.dt);
            left -= part;
          }
          await pieces.run(left * document.dt);
          expect(fingerprint(pieces)).toEqual(whole);
        },
      ),
      25,
    );
  });

  it("the chunk makes no difference", async () => {
    await holds(
      fc.asyncProperty(networks, fc.integer({ min: 1, max: 130 }), async (document, chunk) => {
        const whole = fingerprint(await run(document));
        const chunked = await Simulation.fromDocument(document);
        await chunked.run(document.duration, { chunk: chunk * document.dt });
        expect(fingerprint(chunked)).toEqual(whole);
        const sync = await Simulation.fromDocument(document);
        sync.runSync(document.duration);
        expect(fingerprint(sync)).toEqual(whole);
      }),
      20,
    );
  });

  it("cancelling keeps the results so far, and going on afterwards equals never having stopped", async () => {
    await holds(
      fc.asyncProperty(networks, fc.integer({ min: 1, max: 399 }), async (document, stopAt) => {
        const whole = await run(document);
        const stopped = await Simulation.fromDocument(document);
        const controller = new AbortController();
        const onProgress = ({ time }: Progress): void => {
          if (time >= timeOf(stopAt, document.dt)) controller.abort();
        };
        const report = await stopped.run(document.duration, {
          signal: controller.signal,
          chunk: document.dt,
          onProgress,
        });
        expect([report.status, stopped.time]).toEqual(["cancelled", timeOf(stopAt, document.dt)]);
        for (const [name, spikes] of stopped.recordings.spikes) {
          const all = whole.recordings.spikes.get(name);
          expect(spikes.times).toEqual(all?.times.subarray(0, spikes.count));
          expect((all?.times[spikes.count] ?? Number.POSITIVE_INFINITY) > stopped.time).toBe(true);
        }
        for (const [k, trace] of stopped.recordings.traces.entries()) {
          expect(trace.view()).toEqual(whole.recordings.traces[k]?.view().subarray(0, trace.view().length));
        }
        await stopped.run((400 - stopAt) * document.dt);
        expect(fingerprint(stopped)).toEqual(fingerprint(whole));
      }),
      25,
    );
  });

  it("recordings change nothing", async () => {
    await holds(
      fc.asyncProperty(networks, async (document) => {
        const recorded = await run(document);
        const bare = await run({ ...document, record: [] });
        expect(stateHashes(bare)).toEqual(stateHashes(recorded));
        const twice = await run({ ...document, record: [...document.record, ...document.record] });
        expect(stateHashes(twice)).toEqual(stateHashes(recorded));
      }),
      20,
    );
  });

  it("another population beside it changes nothing", async () => {
    await holds(
      fc.asyncProperty(networks, networks, fc.boolean(), async (document, other, first) => {
        const alone = await run(document);
        const stranger = { ...other.populations[0], name: "stranger", method: undefined, background: [] };
        const populations = first ? [stranger, ...document.populations] : [...document.populations, stranger];
        const beside = await run({ ...document, populations, record: document.record });
        const { "stranger.v at the end": v, ...rest } = fingerprint(beside);
        expect(v).toBeDefined();
        expect(rest).toMatchObject(fingerprint(alone));
      }),
      20,
    );
  });

  it("a document of the simulation gives the same simulation", async () => {
    await holds(
      fc.asyncProperty(networks, async (document) => {
        const original = await run(document);
        const written = original.toDocument();
        const again = await run(JSON.parse(JSON.stringify(written)));
        expect(fingerprint(again)).toEqual(fingerprint(original));
        expect(again.toDocument()).toEqual(written);
      }),
      25,
    );
  });
});

describe("one value in several forms gives the same bits", () => {
  const array = (x: unknown, size: number): unknown => (typeof x === "number" ? new Array(size).fill(x) : x);

  it("a number and an array of that number as a parameter", async () => {
    await holds(
      fc.asyncProperty(networks, async (document) => {
        const uniform = document.populations.map((p: Loose) => {
          const params = Object.entries(p.params).filter(([, x]) => typeof x === "number");
          return p.background ? { ...p, params: { ...Object.fromEntries(params), ...oneParameter(p) } } : p;
        });
        const perNeuron = uniform.map((p: Loose) => {
          const params = Object.entries(p.params).map(([key, x]) => [key, array(x, p.size)]);
          return p.background ? { ...p, params: Object.fromEntries(params) } : p;
        });
        const expected = fingerprint(await run({ ...document, populations: uniform }));
        expect(fingerprint(await run({ ...document, populations: perNeuron }))).toEqual(expected);
      }),
      25,
    );
  });

  // Of several currents the common ones are added up first, so that the last bit of the sum may depend on the form.
  it("a number and an array of that number in a current", async () => {
    const perNeuron = ["amplitude", "sigma", "mean", "from", "to", "offset"];
    await holds(
      fc.asyncProperty(networks, async (document) => {
        const one = (p: Loose): Loose => (p.background ? { ...p, background: p.background.slice(0, 1) } : p);
        const spread = (p: Loose): Loose => ({
          ...p,
          background: p.background?.map((b: Loose) =>
            Object.fromEntries(
              Object.entries(b).map(([key, x]) => [key, perNeuron.includes(key) ? array(x, p.size) : x]),
            ),
          ),
        });
        const populations = document.populations.map(one);
        const expected = fingerprint(await run({ ...document, populations }));
        expect(fingerprint(await run({ ...document, populations: populations.map(spread) }))).toEqual(expected);
      }),
      20,
    );
  });

  /** One parameter that chooses the kernel for neurons of their own when it is an array. */
  function oneParameter(p: Loose): Record<string, number> {
    const known: Record<string, Record<string, number>> = {
      lif: { t_ref: 1 },
      adaptiveLif: { t_ref: 1 },
      qif: { t_ref: 1 },
      eif: { t_ref: 1 },
      adex: { t_ref: 1 },
      izhikevich: { d: 6 },
      fitzhughNagumo: { a: 0.7 },
      morrisLecar: { E_L: -60 },
      hodgkinHuxley: { phi: 1 },
      traubMiles: { g_K: 6 },
    };
    return known[p.model] as Record<string, number>;
  }

  it("a text with its unit and the number in the model's unit", async () => {
    const base = (dt: unknown, duration: unknown, C_m: unknown, delay: unknown, amplitude: unknown): Loose => ({
      dt,
      duration,
      populations: [
        {
          name: "a",
          model: "lif",
          size: 3,
          params: { C_m },
          receptors: { in: { kernel: "exponential", tau: 5 } },
          background: [{ kind: "constant", amplitude }],
        },
      ],
      projections: [{ source: "a", target: "a", rule: "allToAll", weight: 10, delay }],
      record: recordAll({ name: "a", model: "lif", size: 3, receptors: { in: { kernel: "exponential" } } }, 0.1),
    });
    const numbers = await run(base(0.1, 100, 250, 1.5, 500));
    const texts = base("100 us", "0.1 s", "0.25 nF", "1.5 ms", "0.5 nA");
    const simulation = await Simulation.fromDocument(texts);
    await simulation.run("0.1 s");
    expect(spikeCount(numbers)).toBeGreaterThan(10);
    expect(fingerprint(simulation)).toEqual(fingerprint(numbers));
  });
});
