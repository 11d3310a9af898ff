/** The second neuron that follows the first one, and experiments that run to their end, in workers as in pages. */
import { MessageChannel } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { Simulation } from "../../src/index.js";
import { type Frame, serve } from "../../src/worker.js";
import { Lab } from "../../apps/playground/src/net/lab.js";
import { beginning, neuronDocument, sweepDocument } from "../../apps/playground/src/net/neuron.js";
import { Twin } from "../../apps/playground/src/net/twin.js";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

function worker(): never {
  const { port1, port2 } = new MessageChannel();
  serve(port1 as never);
  open.push(() => port1.close());
  return port2 as never;
}

const spikesOf = (frames: readonly Frame[]): number[] => frames.flatMap(({ spikes }) => [...(spikes[0]?.times ?? [])]);
const background = [{ kind: "constant", amplitude: 800 }];

describe("the neuron at half the step", () => {
  it("does what the first one is told at the same times", async () => {
    const document = neuronDocument(beginning("lif"), 0.05);
    const frames: Frame[] = [];
    const errors: Error[] = [];
    const twin = new Twin((frame) => void frames.push(frame), (error) => void errors.push(error), worker());
    await twin.open(document, ["v"], 0.1);
    void twin.follow(7);
    void twin.follow(33);
    const acted = twin.at(40, (remote) => remote.ask("setBackground", "neuron", background));
    void twin.follow(60);
    void twin.follow(90);
    await acted;
    await twin.follow(100);
    expect(twin.behind).toBe(0);

    const alone = await Simulation.fromDocument(document);
    await alone.run(40);
    alone.populations.get("neuron")!.setBackground(background as never);
    await alone.run(60);
    expect(spikesOf(frames)).toEqual([...alone.recordings.spikes.get("neuron")!.times]);
    expect(frames.flatMap(({ traces }) => [...traces[0]!.time]).length).toBe(1001);

    frames.length = 0;
    await twin.reset();
    await twin.follow(20);
    expect(frames.at(-1)!.time).toBeCloseTo(20, 9);
    expect(errors).toEqual([]);
    twin.close();
  });

  it("tells what went wrong, and goes on with another document", async () => {
    const errors: Error[] = [];
    const twin = new Twin(() => undefined, (error) => void errors.push(error), worker());
    const wild = { ...beginning("hodgkinHuxley"), method: "rk4", dt: 0.5 };
    await twin.open(neuronDocument(wild), ["v"], 0.5);
    await twin.follow(100);
    expect(errors.map(({ name }) => name)).toEqual(["InstabilityError"]);
    await twin.open(neuronDocument(beginning("lif")), ["v"], 0.1);
    await twin.follow(10);
    expect([errors.length, twin.behind]).toEqual([1, 0]);
    twin.close();
  });
});

describe("a laboratory", () => {
  const experiment = (currents: readonly number[], duration: number) => ({
    document: sweepDocument(beginning("lif"), currents),
    duration,
    variables: ["v"],
    neurons: [0],
    every: 1,
  });

  it("gives up an experiment for the next one, whose frames it gives alone", async () => {
    const lab = new Lab(worker);
    const [first, second]: [Frame[], Frame[]] = [[], []];
    const long = lab.run(experiment([600, 700], 1e6), (frame) => void first.push(frame));
    const short = lab.run(experiment([600], 50), (frame) => void second.push(frame));
    expect(await Promise.all([long, short])).toEqual([false, true]);
    expect(second.map(({ time }) => time).at(-1)).toBeCloseTo(50, 9);
    expect(second.flatMap(({ traces }) => [...traces[0]!.time]).length).toBe(51);
    const only = await lab.run(experiment([600], 50), () => undefined);
    expect(only).toBe(true);
    lab.close();
  });

  it("goes on after a mistake", async () => {
    const lab = new Lab(worker);
    const wrong = { ...experiment([600], 10), document: { populations: 3 } };
    await expect(lab.run(wrong, () => undefined)).rejects.toThrow("dt");
    expect(await lab.run(experiment([600], 10), () => undefined)).toBe(true);
    lab.close();
  });
});
