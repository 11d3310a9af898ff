/** The SIMD build of the core against the build with scalar lanes: the same bits for kernels, receptors, currents. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Method, type ModelRecord, restingState } from "../../src/index.js";
import { some } from "../cases.js";
import {
  fingerprint,
  holds,
  isStable,
  type Loose,
  MODELS,
  networks,
  recordAll,
  run,
  spikeCount,
  strongCurrent,
  weakConductance,
} from "./networks.js";
import { stepped } from "../methods.js";

// Compiled once, as the built-in core is.
const scalar = await WebAssembly.compile(readFileSync("build/core.scalar.wasm"));

/** Odd, and more than a block of the core: the last vector and the last block are not full. */
const SIZE = 133;

function currents(model: ModelRecord, method: Method, strong: number): Loose[] {
  const ramp = Array.from({ length: SIZE }, (_, n) => strong * (0.5 + n / SIZE));
  return [
    { kind: "constant", amplitude: strong },
    { kind: "constant", amplitude: ramp },
    {
      kind: "piecewise",
      points: [
        [0, 0],
        [3, strong],
        [7.3, strong, -strong / 20],
      ],
    },
    { kind: "pulses", amplitude: ramp, start: 1, width: 2, period: 5, count: 2 },
    { kind: "ramp", start: 1, end: 8, from: 0, to: ramp },
    { kind: "sine", amplitude: strong / 2, frequency: 83, phase: 1, offset: ramp },
    { kind: "whiteNoise", sigma: strong / 2, mean: ramp },
    { kind: "ornsteinUhlenbeck", sigma: strong / 3, mean: strong, tau: 3 },
    { kind: "samples", dt: 1.7, values: [0, strong, strong / 3] },
    { kind: "expression", I: `${strong}*${model.current === "" ? "1" : model.current}*(0.5 + i/N)*sin(t/(4*ms))**2` },
    // The search takes longer than the run. The default neuron of one model fires without input and has no rheobase.
    method === model.methods[0] && model.id !== "traubMiles"
      ? { kind: "rheobase", fraction: 1.2 }
      : { kind: "constant", amplitude: 1.5 * strong },
  ];
}

/** One network with everything that can be attached to a model with this method, in as many populations. */
async function everything(model: ModelRecord, method: Method): Promise<Loose> {
  const dt = isStable(model, method, 0.1) ? 0.1 : 0.05;
  const strong = strongCurrent(model);
  const inMillivolt = model.states.v?.unit === "mV";
  const kinds: Record<string, Loose> = {
    delta: { kernel: "delta" },
    current: { kernel: "exponential", tau: 5 },
    ...(method === "exact"
      ? { other: { kernel: "exponential", tau: 2 } }
      : {
          excitatory: { kernel: "exponential", tau: 3, E_rev: inMillivolt ? 0 : 2 },
          inhibitory: { kernel: "exponential", tau: 10, E_rev: inMillivolt ? -80 : -2 },
        }),
  };
  const weight = (key: string): number => {
    if (key === "delta") return 0.3;
    return "E_rev" in kinds[key] ? weakConductance(model) / 2 : strong / 20;
  };
  const [first] = Object.keys(model.params) as [string];
  const own = Array.from({ length: SIZE }, (_, n) => (model.params[first]?.default as number) * (1 + n / 100 / SIZE));
  const populations: Loose[] = [];
  // The rest of neurons of their own takes longer to find than the run: of one population it is enough.
  const rest = await restingState(model);
  const receptorSets = [[], ...Object.keys(kinds).map((key) => [key]), Object.keys(kinds)];
  for (const params of [{}, { [first]: own }]) {
    const kernel = params[first] ? "own" : "common";
    for (const set of receptorSets) {
      populations.push({
        name: `${kernel} ${set.join(" ")}`.trim(),
        params,
        ...(params[first] && set.length > 0 && { init: rest }),
        receptors: Object.fromEntries(set.map((key) => [key, kinds[key]])),
        background: [currents(model, method, 0.5 * strong)[1], currents(model, method, 0.2 * strong)[6]],
      });
    }
  }
  for (const [k, entry] of currents(model, method, strong).entries()) {
    populations.push({ name: `${k} ${entry.kind}`, background: [entry] });
  }
  populations.push({ name: "all currents", background: currents(model, method, strong / 8) });
  const common = { model: model.id, method, size: SIZE };
  return {
    dt,
    duration: 150 * dt,
    seed: 5,
    populations: populations.map((p) => ({ ...common, ...p })),
    projections: populations.flatMap((p) =>
      Object.keys(p.receptors ?? {}).map((key, k) => ({
        source: "0 constant",
        target: p.name,
        receptor: key,
        rule: "fixedIndegree",
        k: 10,
        weight: k % 2 === 0 ? weight(key) : { uniform: [0, weight(key)] },
        delay: { uniform: [dt, 3] },
      })),
    ),
    record: populations.flatMap((p) => recordAll({ ...common, ...p }, dt)),
  };
}

describe("SIMD lanes and scalar lanes give the same bits", () => {
  const kernels = MODELS.flatMap((model) => stepped(model).map((method) => ({ name: model.id, model, method })));

  it.each(some(kernels))(
    "$name $method: common and own parameters, all receptors, all currents",
    async ({ model, method }) => {
      const document = await everything(model, method);
      const simd = await run(document);
      expect(spikeCount(simd)).toBeGreaterThan(SIZE);
      expect(fingerprint(await run(document, scalar))).toEqual(fingerprint(simd));
    },
  );

  it("random networks", async () => {
    await holds(
      fc.asyncProperty(networks, async (document) => {
        expect(fingerprint(await run(document, scalar))).toEqual(fingerprint(await run(document)));
      }),
      25,
    );
  });

  it("the two cores are two: one has vectors, the other has none", async () => {
    const lanes = async (module: WebAssembly.Module): Promise<number> => {
      const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
      const { exports } = await WebAssembly.instantiate(module, { env: { memory, now: () => performance.now() } });
      return (exports.neuronsPerVector as () => number)();
    };
    const simd = await WebAssembly.compile(readFileSync("build/core.wasm"));
    expect([await lanes(simd), await lanes(scalar)]).toEqual([2, 1]);
  });
});
