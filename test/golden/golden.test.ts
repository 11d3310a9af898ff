/** The bits of three networks, pinned on every engine and for every version: README.md says when they may change. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { compute } from "./networks.js";

type Computed = Awaited<ReturnType<typeof compute>>;

const golden = JSON.parse(readFileSync("test/golden/golden.json", "utf8")) as Computed;

describe("spike times, spiking neurons and final states of every population have the hashes of golden.json", () => {
  let computed: Computed;

  beforeAll(async () => {
    computed = await compute();
  });

  it("coba: 400 lif neurons with conductances, drawn weights, delays and initial states, 200 ms", () => {
    expect(computed.coba).toEqual(golden.coba);
  });

  it("mixed: izhikevich, adex and hodgkinHuxley with white noise, Ornstein-Uhlenbeck and sine currents, 300 ms", () => {
    expect(computed.mixed).toEqual(golden.mixed);
  });

  it.each(Object.keys(golden.kernels))("kernels: %s parameters, constant current and noise, 100 ms", (name) => {
    expect(computed.kernels[name]).toBe(golden.kernels[name]);
  });

  it("every kernel is pinned, and every population fires", () => {
    const all = { ...computed.coba, ...computed.mixed, ...computed.kernels };
    expect(Object.keys(computed.kernels)).toEqual(Object.keys(golden.kernels));
    expect(Object.entries(all).filter(([, hash]) => hash.startsWith("0 spikes"))).toEqual([]);
  });

  it("another seed has other hashes", async () => {
    const again = await compute(1);
    expect(again.coba.exc).not.toBe(golden.coba.exc);
    expect(again.mixed.adex).not.toBe(golden.mixed.adex);
  });
});
