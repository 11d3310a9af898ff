/** How shards count what they wait for, and how long they wait. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ABI_VERSION } from "../../src/core/abi.js";
import { COMMAND, Control, Driver, reasonOf, serve, SHARD, type ShardExports } from "../../src/core/shard.js";

/** Cells of the control block before and of each shard: the intervals made and claimed. */
const STRIDE = 32;
const CLAIM = 16;

describe("the control block", () => {
  it.each([0, 41, 2 ** 31 - 2, 2 ** 31 - 1, -1])("knows who is behind when %d intervals are done", (done) => {
    const control = Control.create(2, 1);
    const cells = new Int32Array(control.buffer, 0, 3 * STRIDE);
    for (const shard of [0, 1]) cells.fill(done, STRIDE * (1 + shard), STRIDE * (1 + shard) + CLAIM + 1);
    for (let interval = 1; interval <= 3; interval++) {
      const phase = (done + interval) | 0;
      for (const shard of [0, 1]) {
        expect(control.isFree(shard, phase)).toBe(true);
        expect(control.claim(shard, phase)).toBe(true);
        expect(control.isFree(shard, phase)).toBe(false);
        expect(control.claim(shard, phase)).toBe(false);
      }
      control.publish(0, phase, SHARD.going);
      expect([0, 1].map((shard) => control.hasMade(shard, phase))).toEqual([true, false]);
      control.publish(1, phase, SHARD.full);
      expect(control.hasMade(1, phase)).toBe(true);
      expect(control.worst(phase)).toBe(SHARD.full);
    }
    // Whoever is late learns nothing of intervals that others have left behind.
    expect(control.worst((done + 1) | 0)).toBe(SHARD.going);
  });
});

describe("threads that make intervals", () => {
  /** What a shard's core was asked for, and what it answers for an interval from a step on. */
  interface Fake {
    readonly made: (readonly [pending: number, steps: number, next: number])[];
    readonly core: ShardExports;
  }
  function fake(answer: (done: number) => number = () => SHARD.going, during: () => void = () => undefined): Fake {
    const made: [number, number, number][] = [];
    let done = 0;
    const turnOver = (pending: number, steps: number, next: number): number => {
      made.push([pending, steps, next]);
      done += steps;
      during();
      return steps === 0 ? SHARD.going : answer(done);
    };
    const rest = { graphPlace: () => 1, graphSort: () => 1, profiling: () => 0, addExchange: () => undefined };
    return { made, core: { turnOver, ...rest } };
  }
  const memories = [0, 1].map(() => new WebAssembly.Memory({ initial: 1 }));
  /** The calls of a run of so many steps: each delivers what the one before it advanced. */
  function calls(steps: number, interval: number): Fake["made"][number][] {
    const lengths: number[] = [];
    for (let left = steps; left > 0; left -= interval) lengths.push(Math.min(interval, left));
    const advanced = lengths.map((n, k) => [lengths[k - 1] ?? 0, n, lengths[k + 1] ?? 0] as const);
    return [...advanced, [lengths.at(-1) as number, 0, 0]];
  }

  it("one makes all where the others have no processor", () => {
    const control = Control.create(2, 0);
    const shards = [fake(), fake()];
    const driver = new Driver(shards.map(({ core }) => core), memories, control, 0);
    for (const [steps, interval] of [[10, 3], [4, 4], [1, 32]] as const) {
      for (const { made } of shards) made.length = 0;
      const number = control.command(COMMAND.run, steps, interval);
      driver.begin(control.order, number, false);
      expect(driver.goOn(0, Infinity)).toBe(SHARD.going);
      for (const { made } of shards) expect(made).toEqual(calls(steps, interval));
    }
  });

  it("one waits for what another is at, and takes it when it is there", () => {
    const control = Control.create(2, 0);
    const shards = [fake(), fake()];
    const driver = new Driver(shards.map(({ core }) => core), memories, control, 0);
    const number = control.command(COMMAND.run, 6, 2);
    driver.begin(control.order, number, false);
    // The other one loses its processor within the first interval.
    control.claim(1, 1);
    expect(driver.goOn(0, Infinity)).toBe(-1);
    expect(driver.goOn(0, Infinity)).toBe(-1);
    expect(shards.map(({ made }) => made.length)).toEqual([1, 0]);
    control.publish(1, 1, SHARD.full);
    expect(driver.goOn(0, Infinity)).toBe(SHARD.full);
    // All end with that interval, and deliver its spikes.
    expect(shards.map(({ made }) => made)).toEqual([[[0, 2, 2], [2, 0, 0]], [[2, 0, 0]]]);
  });

  it("one that comes late does nothing of a run that is over, however far the next one is", () => {
    for (let steps = 0; steps <= 12; steps++) {
      const control = Control.create(2, 0);
      const stops = (done: number): number => (done >= 4 ? SHARD.full : SHARD.going);
      const shards = [fake(stops), fake(stops)];
      const first = new Driver(shards.map(({ core }) => core), memories, control, 0);
      const number = control.command(COMMAND.run, 100, 2);
      const { order } = control;
      first.begin(order, number, false);
      expect(first.goOn(0, Infinity)).toBe(SHARD.full);
      const next = control.command(COMMAND.run, steps, 1);
      first.begin(control.order, next, false);
      expect(first.goOn(0, Infinity)).toBe(steps === 0 ? SHARD.going : SHARD.full);
      const late = fake();
      const second = new Driver([undefined, late.core], memories, control, 1);
      second.begin(order, number, false);
      expect(second.goOn(0, Infinity)).toBe(SHARD.going);
      expect(late.made).toEqual([]);
    }
  });

  it("makes each interval of each shard once, in order, whoever loses a processor where", () => {
    const turns = fc.array(fc.nat(2), { minLength: 1, maxLength: 60 });
    const upTo = (max: number) => fc.integer({ min: 1, max });
    const cases = fc.record({ steps: upTo(40), interval: upTo(7), turns });
    fc.assert(
      fc.property(cases, fc.option(fc.integer({ min: 1, max: 40 })), ({ steps, interval, turns: order }, full) => {
        const control = Control.create(2, 0);
        let turn = 0;
        const busy = [false, false];
        const drivers: Driver[] = [];
        // In the middle of an interval another thread may get on.
        const other = (): void => {
          const t = (order[turn++ % order.length] as number) - 1;
          if (t < 0 || busy[t]) return;
          go(t);
        };
        function go(t: number): number {
          busy[t] = true;
          const status = (drivers[t] as Driver).goOn(0, Infinity);
          busy[t] = false;
          return status;
        }
        const answer = (done: number): number => (full !== null && done >= full ? SHARD.full : SHARD.going);
        const shards = [fake(answer, other), fake(answer, other)];
        const [zero, one] = shards.map(({ core }) => core) as [ShardExports, ShardExports];
        drivers.push(new Driver([zero, one], memories, control, 0), new Driver([undefined, one], memories, control, 1));
        const number = control.command(COMMAND.run, steps, interval);
        for (const driver of drivers) driver.begin(control.order, number, false);
        let status = -1;
        for (let k = 0; status === -1 && k < 1000; k++) {
          go(1);
          status = go(0);
        }
        const ahead = full === null ? steps : Math.min(steps, Math.ceil(full / interval) * interval);
        const expected = calls(steps, interval).slice(0, Math.ceil(ahead / interval));
        const last = (expected.at(-1) as readonly number[])[1] as number;
        expect(status).toBe(full !== null && full <= steps ? SHARD.full : SHARD.going);
        for (const { made } of shards) expect(made).toEqual([...expected, [last, 0, 0]]);
        expect(go(1)).toBe(status);
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});

describe("waiting for a shard", () => {
  /** A control block whose clock says what the test says; every look at it is the end of a turn. */
  function watched(clock: () => number): Control {
    const control = Control.create(2, 1);
    control.patience = 1000;
    control.clock = clock;
    return control;
  }

  it("ends when it has been silent for too long", () => {
    let now = 0;
    let looks = 0;
    const control = watched(() => (looks++, (now += 10)));
    expect([...control.untilDone(1, 1, 0)].length).toBeGreaterThan(5);
    expect(control.failure).toEqual({ shard: 1, message: "no answer for 1 s" });
    expect(looks).toBeGreaterThan(100);
  });

  it("does not count time in which this thread stood still, however often", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 5, 20, 61_000, 1e9), { minLength: 10, maxLength: 60 }), (jumps) => {
        let now = 0;
        let next = 0;
        let counted = 0;
        const control = watched(() => {
          const jump = jumps[next++ % jumps.length] as number;
          // The first look is the start.
          if (next > 1) counted += Math.min(jump, 100);
          return (now += jump);
        });
        const waiting = control.untilDone(1, 1, 0);
        while (!waiting.next().done);
        expect(control.failure?.shard).toBe(1);
        expect(counted).toBeGreaterThan(1000);
        expect(counted).toBeLessThanOrEqual(1100);
      }),
      { numRuns: 5, seed: 2 },
    );
  });

  it("goes on for as long as a shard that builds gives signs of life", () => {
    let now = 0;
    const control = watched(() => (now += 50));
    const waiting = control.untilDone(1, 1, 0);
    for (let k = 0; k < 60; k++) {
      expect(waiting.next().done).toBe(false);
      control.beat(1);
    }
    expect(now).toBeGreaterThan(3000);
    control.answer(1, 1, 7);
    expect([waiting.next(), control.answerOf(1)]).toEqual([{ done: true, value: true }, 7]);
  });

  it("is for ever in workers: only the first thread ends a run", () => {
    let now = 0;
    const control = watched(() => (now += 100));
    const waiting = control.untilMade(0, 1, 1);
    for (let k = 0; k < 30; k++) expect(waiting.next().done).toBe(false);
    expect(now).toBeGreaterThan(2 * control.patience);
    control.publish(0, 1, SHARD.going);
    expect(waiting.next()).toEqual({ done: true, value: true });
  });

  it("keeps the text of a failure, whatever was thrown", () => {
    const texts = ["", "plain", "Grüße, 世界", "x".repeat(5000)];
    for (const text of texts) {
      const control = Control.create(2, 1);
      control.fail(1, text);
      control.fail(0, "a later one");
      expect(control.failure).toEqual({ shard: 1, message: text.slice(0, 2048) });
    }
    expect(reasonOf(new RangeError("far"))).toBe("far");
    expect(reasonOf(new RangeError())).toBe("RangeError");
    expect(reasonOf({ message: undefined })).not.toBe("undefined");
    expect(reasonOf("text")).toBe("text");
  });
});

describe("a worker's program", () => {
  const global = globalThis as { PROGRAM_VERSION?: number };

  it("refuses the orders of another version", () => {
    const control = Control.create(2, 1);
    const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    const memories = [0, 1].map(() => new WebAssembly.Memory({ initial: 1 }));
    global.PROGRAM_VERSION = 7;
    serve({ version: 8, module, kernels: [], memories, control: control.buffer, me: 1, spinMs: 0 });
    delete global.PROGRAM_VERSION;
    const message = "its program is of another version of Spikelet: serve the shard.js of the same package";
    expect(control.failure).toEqual({ shard: 1, message });
  });

  it.each(["src/core/generated/shardSource.ts", "build/shard.js"])("has the host's version: %s", (file) => {
    expect(readFileSync(file, "utf8")).toContain(`const PROGRAM_VERSION = ${ABI_VERSION};`);
  });
});
