/** The core's own bound on the steps between two drains, for those who drive it without the host. */
import { expect, it } from "vitest";
import { LONGEST_CHUNK, STATUS } from "../../src/core/abi.js";
import type { Core } from "../../src/core/core.js";
import { Simulation } from "../../src/index.js";

it("a call comes back when as many steps are done as the counts of spikes have room for", async () => {
  const document = { dt: 0.1, duration: 1, populations: [{ name: "quiet", model: "lif", size: 3 }], record: [] };
  const simulation = await Simulation.fromDocument(document, { threads: 1 });
  simulation.build();
  const { exports } = (simulation as unknown as { engine: { cores: Core[] } }).engine.cores[0] as Core;
  const most = LONGEST_CHUNK;
  for (let drain = 1; drain <= 2; drain++) {
    expect([exports.run(most + 100), exports.stepsDone()]).toEqual([STATUS.full, drain * most]);
    exports.drained();
  }
  expect([exports.run(most - 1), exports.run(1), exports.run(1)]).toEqual([STATUS.done, STATUS.done, STATUS.full]);
});
