/** How shards count what they wait for. */
import { describe, expect, it } from "vitest";
import { Control, SHARD } from "../../src/core/shard.js";

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
