/** Times and steps, against whole numbers of any length: a decimal is a BigInt and a power of ten. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstStepAfter, firstStepFrom, isOnGrid, stepsOf, timeOf } from "../../src/model/grid.js";

/** units / 10^power */
interface Decimal {
  readonly units: bigint;
  readonly power: number;
}

const numberOf = ({ units, power }: Decimal): number => Number(`${units}e${-power}`);

/** a/b as a fraction of whole numbers, the denominator above 0. */
function quotient(a: Decimal, b: Decimal): readonly [bigint, bigint] {
  return [a.units * 10n ** BigInt(b.power), b.units * 10n ** BigInt(a.power)];
}

function floor(above: bigint, below: bigint): bigint {
  const whole = above / below;
  return above % below < 0n ? whole - 1n : whole;
}

const exact = {
  nearest: (ms: Decimal, dt: Decimal): bigint => {
    const [above, below] = quotient(ms, dt);
    return floor(2n * above + below, 2n * below);
  },
  from: (ms: Decimal, dt: Decimal): bigint => {
    const [above, below] = quotient(ms, dt);
    return -floor(-above, below);
  },
  after: (ms: Decimal, dt: Decimal): bigint => {
    const [above, below] = quotient(ms, dt);
    return floor(above, below) + 1n;
  },
  on: (ms: Decimal, dt: Decimal): boolean => {
    const [above, below] = quotient(ms, dt);
    return above % below === 0n;
  },
};

const steps: fc.Arbitrary<Decimal> = fc.record({
  units: fc.bigInt(1n, 99_999n),
  power: fc.integer({ min: 0, max: 9 }),
});

/** Any time of up to 9 digits, before 0 too. */
const anyTime: fc.Arbitrary<Decimal> = fc.record({
  units: fc.bigInt(-999_999_999n, 999_999_999n),
  power: fc.integer({ min: 0, max: 9 }),
});

/** A time on a step or in the middle between two, or nearly: where the rules differ from each other. */
const border = fc
  .tuple(steps, fc.bigInt(-200_000n, 200_000n), fc.constantFrom(-1n, 0n, 0n, 0n, 1n))
  .map(([dt, half, aside]): readonly [Decimal, Decimal] => {
    const power = dt.power + 1;
    return [dt, { units: dt.units * half * 5n + aside, power }];
  });

const pairs = fc.oneof(border, fc.tuple(steps, anyTime));

describe("times and steps", () => {
  it("is the arithmetic of decimals", () => {
    fc.assert(
      fc.property(pairs, ([dt, ms]) => {
        const [step, time] = [numberOf(dt), numberOf(ms)];
        const [above, below] = quotient(ms, dt);
        fc.pre(above < 2n ** 48n && -above < 2n ** 48n && below < 2n ** 48n);
        expect(stepsOf(time, step) + 0).toBe(Number(exact.nearest(ms, dt)));
        expect(firstStepFrom(time, step) + 0).toBe(Number(exact.from(ms, dt)));
        expect(firstStepAfter(time, step) + 0).toBe(Number(exact.after(ms, dt)));
        expect(isOnGrid(time, step)).toBe(exact.on(ms, dt));
      }),
      { numRuns: 3000 },
    );
  });

  it("times of steps are the nearest numbers to the decimals, and lead back to their steps", () => {
    fc.assert(
      fc.property(
        steps,
        fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 2 ** 31 })),
        (dt, step) => {
        const time = timeOf(step, numberOf(dt));
        expect(time).toBe(numberOf({ units: dt.units * BigInt(step), power: dt.power }));
        expect(stepsOf(time, numberOf(dt))).toBe(step);
        expect(firstStepFrom(time, numberOf(dt))).toBe(step);
        expect(firstStepAfter(time, numberOf(dt))).toBe(step + 1);
      }),
      { numRuns: 3000 },
    );
  });

  it("any dt has steps in order, each found again from its time", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e3, noNaN: true }), fc.integer({ min: 0, max: 2 ** 40 }), (dt, step) => {
        expect(timeOf(step + 1, dt)).toBeGreaterThan(timeOf(step, dt));
        expect(stepsOf(timeOf(step, dt), dt)).toBe(step);
        expect(timeOf(step, dt) / (step * dt || 1)).toBeCloseTo(step === 0 ? 0 : 1, 14);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [0.35, 0.1, 4],
    [0.25, 0.1, 3],
    [0.05, 0.1, 1],
    [0.15, 0.1, 2],
    [0.04, 0.1, 0],
    [25, 10, 3],
    [1e9, 0.1, 1e10],
    [4.7, 0.1, 47],
    [-0.05, 0.1, 0],
    [0.5, 1 / 3, 2],
    [1e300, 1, 1e300],
    [2 ** 52 + 1, 1, 2 ** 52 + 1],
  ])("%d ms at dt %d are %d steps", (ms, dt, count) => {
    expect(stepsOf(ms, dt) + 0).toBe(count);
  });

  it.each([
    [701, 0.1, 70.1],
    [3, 0.1, 0.3],
    [42_914, 0.1, 4291.4],
    [7, 1e-7, 7e-7],
    [3, 2e22, 6e22],
    [3, 1 / 3, 1],
    [2 ** 52, 0.3, 2 ** 52 * 0.3],
  ])("%d steps of %d ms end at %d ms", (step, dt, time) => {
    expect(timeOf(step, dt)).toBe(time);
  });
});
