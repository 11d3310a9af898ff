/**
 * The choice between threads and one thread, on made-up machines: what a run takes in all beside what the better way
 * takes.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pace } from "../../src/core/pace.js";

/**
 * A machine: ms per step of both ways at a time in ms, steps from one exchange to the next, and for which part of the
 * time threads have processors, where it tells that.
 */
interface Machine {
  readonly beside: (time: number) => number;
  readonly inTurn: (time: number) => number;
  readonly interval: number;
  readonly share?: (time: number, beside: boolean) => number;
}

/**
 * Runs for so many ms of the machine's time; the time, and what one thread alone would have taken for the same steps.
 */
function run(
  { beside, inTurn, interval, share }: Machine,
  duration: number,
  chunk = 800,
  begins = true,
): { time: number; alone: number; threaded: number; changes: number } {
  const pace = new Pace(begins);
  let time = 0;
  let alone = 0;
  let threaded = 0;
  let changes = 0;
  let last = begins;
  while (time < duration) {
    const stretch = pace.next();
    const started = time;
    let steps = 0;
    // As crews do: to the end of the interval in which the time is over, or of the chunk.
    do {
      time += interval * (stretch.beside ? beside(time) : inTurn(time));
      alone += interval * inTurn(time);
      steps += interval;
    } while (steps < chunk && time - started <= stretch.ms);
    if (stretch.beside) threaded += time - started;
    if (stretch.beside !== last) changes++;
    last = stretch.beside;
    pace.done(stretch.beside, steps, time - started, share?.(time, stretch.beside));
  }
  return { time, alone, threaded, changes };
}

/** Steady noise around 1, from a number. */
const jitter = (time: number): number => 1 + 0.3 * Math.sin(time * 12.9898);

describe("the choice between threads and one thread", () => {
  const machines = fc.record({
    step: fc.double({ min: 0.01, max: 2, noNaN: true }),
    factor: fc.double({ min: 0.5, max: 30, noNaN: true }),
    interval: fc.constantFrom(1, 3, 15, 32),
  });

  it("takes at most 1.25 times what the better way takes, over some seconds", () => {
    fc.assert(
      fc.property(machines, ({ step, factor, interval }) => {
        const machine = {
          beside: (t: number) => step * factor * jitter(t),
          inTurn: (t: number) => step * jitter(t),
          interval,
        };
        const { time, alone } = run(machine, 6000);
        expect(time / (alone * Math.min(1, factor))).toBeLessThan(1.25);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it("leaves threads that pay nearly alone", () => {
    const { time, alone } = run(
      { beside: (t) => 0.055 * jitter(t), inTurn: (t) => 0.1 * jitter(t), interval: 15 },
      10_000,
    );
    expect(time / (0.55 * alone)).toBeLessThan(1.01);
  });

  it("begins with one thread where no processor seems free, and takes threads within a quarter of a second", () => {
    const machine = { beside: () => 0.055, inTurn: () => 0.1, interval: 1 };
    const { time, alone, threaded } = run(machine, 1000, 800, false);
    expect(time - threaded).toBeLessThan(280);
    expect(time / (0.55 * alone)).toBeLessThan(1.14);
  });

  it("costs a short run little that begins so where threads do not pay", () => {
    const machine = { beside: () => 0.2, inTurn: () => 0.1, interval: 1 };
    const { time, alone } = run(machine, 200, 800, false);
    expect(time / alone).toBe(1);
    // Twice as slow from the first step on, and not known beforehand.
    const surprised = run(machine, 200, 800, true);
    expect(surprised.time / surprised.alone).toBeLessThan(1.3);
  });

  it("does not try threads while one of them has no whole processor, whatever the clock says", () => {
    // Threads seem fast because two get more of the processors than one, by luck.
    const starved = { beside: () => 0.05, inTurn: () => 0.1, interval: 1, share: () => 0.5 };
    expect(run(starved, 5000, 800, false)).toMatchObject({ threaded: 0, changes: 0 });
    const until = (time: number): number => (time < 3000 ? 0.5 : 1);
    const { threaded } = run({ ...starved, share: until }, 5000, 800, false);
    expect(threaded).toBeGreaterThan(1800);
  });

  it("leaves threads that wait for processors without a trial, and takes them when they have some", () => {
    const share = (time: number, beside: boolean): number => (beside && time < 3000 ? 0.6 : 1);
    const machine = { beside: () => 0.08, inTurn: () => 0.1, interval: 1, share };
    const starved = run(machine, 3000);
    // The system tells a thread's CPU time late: each time that the clock is lucky costs a tenth of a second.
    expect(starved.threaded).toBeLessThan(700);
    expect(run(machine, 12_000).threaded).toBeGreaterThan(6000);
  });

  it("keeps threads that are plainly faster where the system tells their CPU time late", () => {
    // Two processors of their own, of which a third seems to be missing once a trial has shown what one thread takes.
    const machine = {
      beside: () => 0.055,
      inTurn: () => 0.1,
      interval: 1,
      share: (time: number, beside: boolean) => (beside && time > 400 ? 0.62 : 1),
    };
    const { threaded, time } = run(machine, 5000);
    expect(threaded).toBeGreaterThan(0.95 * time);
  });

  it("does not leave threads that have their processors while what they run is compiled", () => {
    const machine = {
      beside: (time: number) => (time < 190 ? 0.5 : 0.055),
      inTurn: (time: number) => (time < 40 ? 0.3 : 0.1),
      interval: 1,
      share: () => 1,
    };
    expect(run(machine, 1000).threaded).toBeGreaterThan(950);
    // Where nobody tells CPU time they are tried sooner, and come back.
    const { threaded } = run({ ...machine, share: () => Number.NaN }, 2000);
    expect(threaded).toBeGreaterThan(1400);
  });

  it("sees that threads become slow within a tenth of a second, and that they are fast again within some seconds", () => {
    const loaded = (t: number): boolean => t > 3000 && t < 9000;
    const machine = { beside: (t: number) => (loaded(t) ? 1 : 0.055), inTurn: () => 0.1, interval: 10 };
    const before = run(machine, 3000);
    const within = run(machine, 9000);
    const after = run(machine, 25_000);
    expect(within.threaded - before.threaded).toBeLessThan(400);
    expect(after.threaded - within.threaded).toBeGreaterThan(10_000);
  });

  it("is not moved by a network that becomes more active", () => {
    const activity = (t: number): number => (t % 4000 < 2000 ? 1 : 8);
    const machine = {
      beside: (t: number) => 0.055 * activity(t),
      inTurn: (t: number) => 0.1 * activity(t),
      interval: 5,
    };
    const { time, threaded } = run(machine, 12_000);
    expect(threaded / time).toBeGreaterThan(0.95);
  });

  it("is not moved to and fro by luck: threads that are fast for moments only are tried rarely", () => {
    // Every tenth of a second the other program pauses for a trial's time.
    const machine = { beside: (t: number) => (t % 100 < 12 ? 0.05 : 0.8), inTurn: () => 0.1, interval: 1 };
    const { time, alone } = run(machine, 20_000);
    expect(time / alone).toBeLessThan(1.25);
  });
});
