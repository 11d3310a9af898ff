/** How shards count what they wait for, and how long they wait. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ABI_VERSION } from "../../src/core/abi.js";
import { Control, reasonOf, serve, SHARD } from "../../src/core/shard.js";

/** Cells of the control block before and of each shard; the first of a shard counts its intervals. */
const STRIDE = 16;

describe("the control block", () => {
  it.each([0, 41, 2 ** 31 - 2, 2 ** 31 - 1, -1])("knows who is behind when %d intervals are done", (done) => {
    const control = Control.create(2, 1);
    const cells = new Int32Array(control.buffer, 0, 3 * STRIDE);
    for (const shard of [0, 1]) cells[STRIDE * (1 + shard)] = done;
    for (let interval = 0; interval < 3; interval++) {
      const phase = control.publish(0, SHARD.going);
      expect(control.allAt(0, phase, 0)).toBe(false);
      control.publish(1, SHARD.full);
      expect(control.allAt(0, phase, 0)).toBe(true);
      expect(control.worst(phase)).toBe(SHARD.full);
    }
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
    const waiting = control.untilAllAt(1, 1);
    for (let k = 0; k < 30; k++) expect(waiting.next().done).toBe(false);
    expect(now).toBeGreaterThan(2 * control.patience);
    control.publish(0, SHARD.going);
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
