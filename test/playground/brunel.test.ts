/** The cells of Brunel's map: criteria, order, and what the network does where the paper says what it does. */
import { expect, it } from "vitest";
import {
  type Activity,
  BORDERS,
  brunelDocument,
  CELL,
  EXTERNALS,
  fillOrder,
  GS,
  type Place,
  stateOf,
} from "../../apps/playground/src/net/brunel.js";
import { meanCv, Simulation, spikeSynchrony } from "../../src/index.js";

it("calls an activity by its rate, its CV and its synchrony", () => {
  const clocks = { rate: 300, cv: 0.05 };
  const noise = { rate: 30, cv: 0.9 };
  expect(stateOf({ ...clocks, synchrony: 0.5 })).toBe("SR");
  expect(stateOf({ ...clocks, synchrony: 0.03 })).toBe("AR");
  expect(stateOf({ ...noise, synchrony: 0.2 })).toBe("SI");
  expect(stateOf({ ...noise, synchrony: 0.03 })).toBe("AI");
  expect(stateOf({ rate: 30, cv: BORDERS.cv, synchrony: BORDERS.synchrony })).toBe("SI");
  expect(stateOf({ rate: 0, cv: Number.NaN, synchrony: Number.NaN })).toBe("Q");
  expect(stateOf({ rate: Number.NaN, cv: 1, synchrony: 1 })).toBe("Q");
  // too few spikes for intervals
  expect(stateOf({ rate: 1, cv: Number.NaN, synchrony: Number.NaN })).toBe("AI");
});

it("fills every cell once, and a coarse map first", () => {
  const order = fillOrder(GS.length, EXTERNALS.length);
  expect(new Set(order.map(String)).size).toBe(GS.length * EXTERNALS.length);
  expect(order).toHaveLength(GS.length * EXTERNALS.length);
  const quarter = order.slice(0, order.length / 4);
  expect(quarter.every(([column, row]) => column % 2 === 0 && row % 2 === 0)).toBe(true);
});

/** As a cell is measured, for a shorter time. */
const [WARM_UP, MEASURED] = [100, 150];

async function activityAt(place: Place): Promise<Activity> {
  const sim = await Simulation.fromDocument(brunelDocument(place, 1));
  const exc = sim.populations.get("exc");
  if (exc === undefined) throw new Error("no population exc");
  const spikes = sim.record(exc, "spikes", { from: WARM_UP });
  await sim.run(WARM_UP + MEASURED);
  const bins = { start: WARM_UP, duration: MEASURED, bin: CELL.bin };
  const found = {
    rate: spikes.rate(),
    cv: meanCv(spikes, exc.size),
    synchrony: spikeSynchrony(spikes, exc.size, bins),
  };
  sim.close();
  return found;
}

it.each([
  { g: 3, external: 2, state: "SR", low: 200, high: 450 },
  { g: 6, external: 2, state: "AI", low: 10, high: 60 },
  { g: 4.5, external: 0.9, state: "SI", low: 2, high: 50 },
  { g: 6, external: 0.5, state: "Q", low: -1, high: 0.5 },
])("is $state at g = $g and a drive of $external", async ({ g, external, state, low, high }) => {
  const activity = await activityAt({ g, external });
  expect(activity.rate).toBeGreaterThan(low);
  expect(activity.rate).toBeLessThan(high);
  expect(stateOf(activity), JSON.stringify(activity)).toBe(state);
});
