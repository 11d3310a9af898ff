import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnitError, ValueRangeError } from "../../src/model/errors.js";
import { failure } from "./failure.js";
import { parseQuantity, parseUnit, sameDimension } from "../../src/model/units.js";

describe("parseQuantity", () => {
  it.each([
    ["20 ms", "ms", 20],
    ["20ms", "ms", 20],
    ["  1.5 s ", "ms", 1500],
    ["250 us", "ms", 0.25],
    ["250 µs", "ms", 0.25],
    ["-65 mV", "mV", -65],
    ["+0.03 V", "mV", 30],
    ["0.5 nA", "pA", 500],
    ["1e-3 uA", "pA", 1000],
    ["10 nS", "nS", 10],
    ["0.01 uS", "nS", 10],
    ["200 pF", "pF", 200],
    ["0.2 nF", "pF", 200],
    ["3 kHz", "Hz", 3000],
    ["20 Hz", "1/ms", 0.02],
    ["0.04 /ms", "1/ms", 0.04],
    ["0.5 nS/mV", "nS/mV", 0.5],
    ["2 uA/cm2", "uA/cm2", 2],
    ["2 µA/cm^2", "uA/cm2", 2],
    ["2 μA/cm²", "uA/cm2", 2],
    ["2 uA*cm^-2", "uA/cm2", 2],
    ["0.02 A/m2", "uA/cm2", 2],
    ["1 uF/cm^2", "uF/cm2", 1],
    ["120 mS/cm2", "mS/cm2", 120],
    ["5 pA*sqrt(ms)", "pA*sqrt(ms)", 5],
    ["4 pA * sqrt(ms)", "pA*sqrt(ms)", 4],
    ["3 sqrt(ms)", "sqrt(ms)", 3],
    ["1 pA*ms/ms", "pA", 1],
    ["1.57 rad", "rad", 1.57],
    ["180 deg", "rad", Math.PI],
    ["1 kOhm", "Ohm", 1000],
    ["1 MΩ", "Ohm", 1e6],
    ["2 mS*mV", "uA", 2],
    ["-0 mV", "mV", 0],
    ["250 mrad", "rad", 0.25],
    ["2 s-1", "Hz", 2],
    ["2 s^-1", "1/ms", 0.002],
    ["2 ms^+2", "ms2", 2],
    // the words of Brian2, and symbols of chemistry
    ["0.02 volt", "mV", 20],
    ["20 mV", "volt", 0.02],
    ["20 mvolt", "V", 0.02],
    ["300 pA", "amp", 3e-10],
    ["300 pampere", "namp", 0.3],
    ["3 nsiemens", "pS", 3000],
    ["0.1 second", "ms", 100],
    ["2 nfarad", "pF", 2000],
    ["2 khertz", "1/second", 2000],
    ["1.5 minute", "ms", 90_000],
    ["2 hour", "h", 2],
    ["20 uM", "mM", 0.02],
    ["20 umolar", "mol/m3", 0.02],
    ["3 mmole", "mol", 0.003],
    ["1 mM", "mol/l", 0.001],
    ["2 J", "W*s", 2],
    ["2 kjoule", "watt*second", 2000],
    ["300 K", "kelvin", 300],
    ["6.3 degC", "celsius", 6.3],
    ["1 cmetre", "m", 0.01],
    ["2 uA/cm**2", "uA/cm2", 2],
    ["2 uamp/(cmeter**2)", "uA/cm2", 2],
    ["3 1/(mV*ms)", "1/(V*s)", 3e6],
    ["3 mV**2", "mV2", 3],
    ["3 ms**-0.5", "1/sqrt(ms)", 3],
    ["3 mV*ms**-0.5", "mV/sqrt(ms)", 3],
  ])("reads %s in %s", (text, unit, value) => {
    expect(parseQuantity(text, unit, "$.x")).toBe(value);
  });

  it("converts half powers of ten", () => {
    expect(parseQuantity("1 pA*sqrt(s)", "pA*sqrt(ms)", "$.x")).toBeCloseTo(Math.sqrt(1000), 12);
    expect(parseQuantity("1 nA*sqrt(us)", "pA*sqrt(ms)", "$.x")).toBeCloseTo(1000 / Math.sqrt(1000), 12);
  });

  it.each([
    ["5", "ms", '$.x: "5" has no unit; write a number in ms without quotes, or a text with its unit: "5 ms".'],
    ["5 mV", "ms", '$.x: "5 mV"; "mV" cannot be converted to ms.'],
    ["5 pA", "uA/cm2", '$.x: "5 pA"; "pA" cannot be converted to uA/cm2.'],
    ["5 blah", "ms", '$.x: "5 blah"; unknown unit "blah", expected ms.'],
    ["5 ms/", "ms", '$.x: "5 ms/"; unknown unit "ms/", expected ms.'],
    ["0.5*nA", "pA", '$.x: "0.5*nA"; a number with its unit has no * between them: write "0.5 nA".'],
    ["5 * blah", "ms", '$.x: "5 * blah"; unknown unit "* blah", expected ms.'],
    ["5 ms mV", "ms", '$.x: "5 ms mV"; unknown unit "ms mV", expected ms.'],
    ["5 constructor", "ms", '$.x: "5 constructor"; unknown unit "constructor", expected ms.'],
    ["five ms", "ms", '$.x: "five ms"; it must be a number or a text such as "10 ms".'],
    ["", "ms", '$.x: ""; it must be a number or a text such as "10 ms".'],
    ["ms", "ms", '$.x: "ms"; it must be a number or a text such as "10 ms".'],
    ["3", "", '$.x: "3"; it is a pure number without a unit: write a number without quotes.'],
    ["3 pA", "", '$.x: "3 pA"; it is a pure number without a unit: write a number without quotes.'],
    ["5 rad/s", "Hz", '$.x: "5 rad/s"; "rad/s" cannot be converted to Hz.'],
    ["5 rad", "ms/s", '$.x: "5 rad"; "rad" cannot be converted to ms/s.'],
    ["300 K", "degC", '$.x: "300 K"; "K" cannot be converted to degC.'],
    ["5 volt", "amp", '$.x: "5 volt"; "volt" cannot be converted to amp.'],
    ["5 Volt", "mV", '$.x: "5 Volt"; unknown unit "Volt", expected mV.'],
    ["5 1", "mV", '$.x: "5 1"; unknown unit "1", expected mV.'],
    ["1 deg^2", "rad", '$.x: "1 deg^2"; unknown unit "deg^2", expected rad.'],
  ])("refuses %s for %s", (text, unit, message) => {
    expect(failure(() => parseQuantity(text, unit, "$.x"))).toEqual([UnitError, message]);
  });

  it("refuses what is not finite", () => {
    expect(failure(() => parseQuantity("1e999 ms", "ms", "$.x"))).toEqual([ValueRangeError, '$.x: "1e999 ms"; it must be a finite number.']);
    expect(() => parseQuantity("NaN ms", "ms", "$.x")).toThrow(UnitError);
    expect(() => parseQuantity("Infinity ms", "ms", "$.x")).toThrow(UnitError);
  });

  it("gives back every number exactly, and shifts decimal points without error", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(parseQuantity(`${x} mV`, "mV", "x")).toBe(x + 0);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), (n) => {
        expect(parseQuantity(`${n} pA`, "nA", "x")).toBe(n / 1000 + 0);
      }),
    );
  });

  it("ends on any text, with a number or an own error", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("ms", "", "uA/cm2", "pA*sqrt(ms)"), (text, unit) => {
        try {
          expect(Number.isFinite(parseQuantity(text, unit, "x"))).toBe(true);
        } catch (error) {
          expect(error instanceof UnitError || error instanceof ValueRangeError).toBe(true);
        }
      }),
    );
    expect(() => parseQuantity(`1 ${"m*".repeat(1e6)}m`, "ms", "x")).toThrow(UnitError);
  });
});

describe("parseUnit", () => {
  it("knows a pure number and refuses nonsense", () => {
    expect(parseUnit("")).toEqual({ dimension: [0, 0, 0, 0, 0, 0, 0], power: 0, factor: 1, angle: 0 });
    for (const text of [
      "1",
      "*ms",
      "ms**",
      "ms**x",
      "ms-",
      "ms+1-",
      "sqrt(sqrt(ms))",
      "()",
      "m s",
      "mmV",
      "__proto__",
      "x",
    ])
      expect(parseUnit(text), text).toBeUndefined();
  });

  it("tells dimensions apart", () => {
    const same = (a: string, b: string) => sameDimension(parseUnit(a) ?? fail(a), parseUnit(b) ?? fail(b));
    expect(same("nS*mV", "pA")).toBe(true);
    expect(same("pA/pF", "mV/ms")).toBe(true);
    expect(same("Hz", "1/s")).toBe(true);
    expect(same("mS", "ms")).toBe(false);
    expect(same("rad", "")).toBe(false);
  });
});

function fail(text: string): never {
  throw new Error(`${text} is no unit`);
}
